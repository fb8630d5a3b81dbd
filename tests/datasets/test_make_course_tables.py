"""The tables that make_course returns, their size, and settings that it refuses."""

import re
import time

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal, assert_series_equal

from sktrace import Sequences
from sktrace.datasets import make_course

from ._course import ACTIVITY, draw

# --- the tables --------------------------------------------------------------------


def test_weeks_follow_the_contract():
    weeks, passed, truth = make_course(30, 6, return_truth=True, random_state=0)
    assert list(weeks.columns) == ["user_id", "week", *ACTIVITY, "quiz_grade"]
    floats = {"study_hours", "quiz_grade"}
    for column in weeks:
        assert weeks[column].dtype == (float if column in floats else np.int64)
    assert_array_equal(weeks.index, np.arange(180))
    assert_array_equal(weeks["user_id"], np.repeat(np.arange(30), 6))
    assert_array_equal(weeks["week"], np.tile(np.arange(1, 7), 30))
    assert not weeks.drop(columns="quiz_grade").isna().any(axis=None)

    index = pd.Index(np.arange(30), name="user_id")
    assert_array_equal(passed, passed.astype(bool))
    assert (passed.name, passed.dtype) == ("passed", np.int64)
    pd.testing.assert_index_equal(passed.index, index)

    assert set(truth) == {"weeks", "pass_probability"}
    names = ["engagement", "knowledge", "expected_grade"]
    assert list(truth.weeks.columns) == names
    pd.testing.assert_index_equal(truth.weeks.index, weeks.index)
    assert not truth.weeks.isna().any(axis=None)
    pd.testing.assert_index_equal(truth.pass_probability.index, index)


def test_passed_is_in_the_order_of_sequences():
    weeks, passed = make_course(30, 6, random_state=0)
    sequences = Sequences.from_frame(weeks, by="user_id", order="week")
    assert len(sequences) == 30
    assert_array_equal(passed.index, list(weeks.groupby("user_id").groups))


def test_without_return_truth_two_things_come_back():
    weeks, passed = make_course(random_state=0)
    again, passed_again, _ = make_course(random_state=0, return_truth=True)
    assert_frame_equal(weeks, again)
    assert_series_equal(passed, passed_again)


def test_smallest_course():
    weeks, passed, p = draw(1, 1)
    assert (weeks.shape, passed.shape, p.shape) == ((1, 10), (1,), (1,))


# --- refusals ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        ("n_students", 0, "an int in the range [1, inf)"),
        ("n_students", 10.0, "an int in the range [1, inf)"),
        ("n_weeks", 0, "an int in the range [1, inf)"),
        ("ability_scale", -1, "a float in the range [0.0, inf)"),
        ("engagement_scale", np.inf, "a float in the range [0.0, inf)"),
        ("persistence", 1.1, "a float in the range [0.0, 1.0]"),
        ("persistence", -0.5, "a float in the range [0.0, 1.0]"),
        ("learning", "fast", "a float in the range [0.0, inf)"),
        ("noise", np.nan, "a float in the range [0.0, inf)"),
        ("missing", 1, "a float in the range [0.0, 1.0)"),
        ("missing", None, "a float in the range [0.0, 1.0)"),
    ],
)
def test_values_out_of_range_are_refused(parameter, value, expected):
    message = (
        f"The '{parameter}' parameter of make_course must be {expected}. "
        f"Got {value!r} instead."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        make_course(**{parameter: value})


# --- size --------------------------------------------------------------------------


def test_large_courses_are_quick_and_small():
    start = time.perf_counter()
    weeks, _ = make_course(10_000, 15, random_state=0)
    assert time.perf_counter() - start < 10  # 1 s on one idle core
    assert weeks.memory_usage(deep=True).sum() < 60 * len(weeks)
