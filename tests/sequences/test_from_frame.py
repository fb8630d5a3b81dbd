"""Sequences.from_frame makes the groups of a long frame, or says what it lacks."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sktrace import Sequences, sequences_to_frame

from .._sequence_data import assert_same, make_weeks
from ._arrow import needs_arrow

# --- from a long frame -------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n_rows=st.integers(1, 40),
    by=st.sampled_from(["user_id", "course", ["user_id"], ["course", "user_id"]]),
    order=st.sampled_from(["week", None]),
)
def test_sequences_are_the_groups_of_a_frame_in_time_order(seed, n_rows, by, order):
    weeks = make_weeks(seed, n_rows)
    X = Sequences.from_frame(weeks, by, order=order)
    groups = weeks.groupby(by)
    pd.testing.assert_index_equal(X.ids, groups.size().index)
    np.testing.assert_array_equal(X.lengths, groups.size())
    features = weeks.columns.drop([*np.atleast_1d(by)]).drop(order or [])
    for own, (_, rows) in zip(X, groups, strict=True):
        if order is not None:  # rows that tie keep their order
            rows = rows.sort_values(order, kind="stable").set_index(order)
        else:
            rows = rows.reset_index(drop=True)
            own = own.reset_index(drop=True)
        pd.testing.assert_frame_equal(own, rows[features])


def test_shuffled_rows_make_the_same_sequences(weeks):
    weeks = weeks.drop_duplicates(["user_id", "week"])
    shuffled = weeks.sample(frac=1, random_state=0)
    assert_same(
        Sequences.from_frame(shuffled, "user_id", order="week"),
        Sequences.from_frame(weeks, "user_id", order="week"),
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda X: X.set_axis([7] * len(X)),
        lambda X: X.set_axis([f"row {i}" for i in range(len(X))]),
        lambda X: X.rename_axis("week"),
        lambda X: X.set_index("week", drop=False),
        lambda X: X.set_index("user_id", drop=False),
        lambda X: X.set_index(["course", "user_id"], drop=False),
    ],
    ids=["repeated", "strings", "named", "week", "student", "both"],
)
def test_an_odd_index_makes_no_difference(weeks, change):
    assert_same(
        Sequences.from_frame(change(weeks), "user_id", order="week"),
        Sequences.from_frame(weeks, "user_id", order="week"),
    )


@pytest.mark.parametrize("dtype", ["category", object, "string", "string[pyarrow]"])
def test_the_dtype_of_ids_makes_no_difference(weeks, dtype):
    needs_arrow(dtype)
    X = Sequences.from_frame(weeks.astype({"user_id": dtype}), "user_id", "week")
    expected = Sequences.from_frame(weeks, "user_id", "week")
    assert X.ids.tolist() == expected.ids.tolist()
    pd.testing.assert_frame_equal(X.steps, expected.steps)


def test_categories_without_rows_are_nobody_and_say_the_order(weeks):
    kind = pd.CategoricalDtype(["zoe", "dan", "cid", "bob", "ann", "Eve"])
    X = Sequences.from_frame(weeks.astype({"user_id": kind}), "user_id")
    assert X.ids.tolist() == ["dan", "cid", "bob", "ann", "Eve"]
    assert (X.lengths > 0).all()


@pytest.mark.parametrize("dtype", ["Int64", "Float32", "float32", "int64[pyarrow]"])
def test_the_dtype_of_the_order_makes_no_difference(weeks, dtype):
    needs_arrow(dtype)
    X = Sequences.from_frame(weeks.astype({"week": dtype}), "user_id", "week")
    expected = Sequences.from_frame(weeks, "user_id", "week")
    np.testing.assert_array_equal(X.steps.to_numpy(), expected.steps.to_numpy())
    np.testing.assert_array_equal(X.steps.index, expected.steps.index)


def test_columns_may_be_numbers(weeks):
    numbered = weeks.set_axis(range(5), axis=1)
    X = Sequences.from_frame(numbered, by=0, order=2)
    expected = Sequences.from_frame(weeks, "user_id", "week")
    np.testing.assert_array_equal(X.steps, expected.steps)
    assert X.ids.name == 0
    assert X.steps.columns.tolist() == [1, 3, 4]
    back = Sequences.from_frame(X.to_frame(), by=0, order=2)
    np.testing.assert_array_equal(back.steps, X.steps)


def test_steps_keep_their_dtypes_and_the_index_says_when(weeks):
    X = Sequences.from_frame(weeks, "user_id", order="week", features=["clicks"])
    assert X.steps.dtypes.tolist() == [np.dtype("int64")]
    assert X.steps.index.name == "week"
    for own in X:
        assert own.index.is_monotonic_increasing
    assert Sequences.from_frame(weeks, "user_id").steps.index.name is None


def test_a_frame_is_left_as_it_was(weeks):
    weeks = weeks.astype({"user_id": "category", "clicks": "Int64"})
    before = weeks.copy(deep=True)
    X = Sequences.from_frame(weeks, ["course", "user_id"], order="week")
    X.to_frame()
    X.to_padded()
    sequences_to_frame(X)
    pd.testing.assert_frame_equal(weeks, before)


def test_outcomes_line_up_by_ids(weeks):
    X = Sequences.from_frame(weeks, ["course", "user_id"], order="week")
    outcome = weeks.groupby(["user_id", "course"])["hours"].sum()
    y = outcome.swaplevel().loc[X.ids]
    np.testing.assert_allclose([own["hours"].sum() for own in X], y, rtol=1e-12)


# --- frames that are refused -------------------------------------------------------


@pytest.mark.parametrize(
    "null",
    [
        lambda ids: ids.mask(ids == "ann"),
        lambda ids: ids.mask(ids == "ann").astype("category"),
        lambda ids: ids.mask(ids == "ann").astype(object),
        lambda ids: ids.map({"dan": 1.0, "cid": 2.0, "bob": 3.0, "Eve": 4.0}),
        lambda ids: ids.map({"dan": 1, "cid": 2, "bob": 3, "Eve": 4}).astype("Int64"),
    ],
    ids=["str", "category", "object", "float", "Int64"],
)
def test_a_row_without_a_student_is_refused(weeks, null):
    n = (weeks["user_id"] == "ann").sum()
    weeks["user_id"] = null(weeks["user_id"])
    message = (
        f"{n} row(s) have no 'user_id'; expected to know whose each row is. Drop "
        "them: frame.dropna(subset=['user_id'])."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        Sequences.from_frame(weeks, "user_id", order="week")
    with pytest.raises(ValueError, match=re.escape("dropna(subset=['course', 'user")):
        Sequences.from_frame(weeks, ["course", "user_id"], order="week")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"by": "who"}, "frame has no column 'who'; got the columns ['user_id', 'cour"),
        ({"by": ["user_id", "term"]}, "frame has no column 'term'"),
        ({"by": "user_id", "order": "day"}, "frame has no column 'day'"),
        ({"by": "user_id", "features": ["grade"]}, "frame has no column 'grade'"),
    ],
)
def test_a_missing_column_is_refused(weeks, call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Sequences.from_frame(weeks, **call)


def test_features_that_are_no_list_are_not_read_letter_by_letter(weeks):
    with pytest.raises((TypeError, ValueError), match=re.escape("features='hours'")):
        Sequences.from_frame(weeks, "user_id", features="hours")


@pytest.mark.parametrize("name", ["user_id", "week", "hours"])
def test_a_repeated_column_is_refused(weeks, name):
    twice = pd.concat([weeks, weeks[[name]]], axis=1)
    with pytest.raises(ValueError, match=re.escape(f"2 columns named {name!r}")):
        Sequences.from_frame(twice, "user_id", order="week")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w.mask(w == 3), "Column 'week' (order) is missing in"),
        (lambda w: w.astype(str), "Column 'week' (order) has dtype"),
        (lambda w: "week " + w.astype(str), ".map({...: 0, ...: 1})"),
    ],
)
def test_an_order_that_is_no_number_is_refused(weeks, change, message):
    weeks["week"] = change(weeks["week"])
    with pytest.raises(ValueError, match=re.escape(message)):
        Sequences.from_frame(weeks, "user_id", order="week")


def test_what_is_no_frame_or_no_array_is_refused(weeks):
    with pytest.raises(TypeError, match=r"Call Sequences.from_padded for an array."):
        Sequences.from_frame(weeks.to_numpy(), "user_id")
    with pytest.raises(ValueError, match=re.escape("array has shape (3,); expected")):
        Sequences.from_padded(np.zeros(3))
