"""Which columns of a long frame SequenceRegressor reads, and frames it refuses."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from sktrace import SequenceRegressor, Sequences, sequences_to_frame

from .._sequence_data import SMALL_BATCHES
from ._courses import TRACING, make_sequences

# --- the columns it reads ----------------------------------------------------------


def test_features_are_by_default_the_numeric_columns_without_a_role(weeks):
    reg = SequenceRegressor(past_features=["grade"], **SMALL_BATCHES).fit(
        weeks, weeks["grade"]
    )
    assert reg.features_ == ["hours"]
    assert reg.feature_names_in_.tolist() == ["user_id", "order_id", "hours", "grade"]
    assert reg.n_features_in_ == 4
    with_week = clone(reg).set_params(features=["hours", "order_id"])
    assert with_week.fit(weeks, weeks["grade"]).features_ == ["hours", "order_id"]


def test_columns_may_be_an_index_and_names_may_be_tuples(weeks):
    p = clone(TRACING).fit(weeks, weeks["grade"]).predict(weeks)
    by_index = clone(TRACING).set_params(
        features=pd.Index(["hours"]), past_features=pd.Index(["grade"])
    )
    np.testing.assert_array_equal(by_index.fit(weeks, weeks["grade"]).predict(weeks), p)
    weeks = weeks.drop(columns="comment")
    weeks.columns = pd.MultiIndex.from_product([["week"], weeks.columns])
    reg = SequenceRegressor(
        student=("week", "user_id"),
        order=("week", "order_id"),
        past_features=[("week", "grade")],
        **SMALL_BATCHES,
    )
    y = weeks["week", "grade"]
    np.testing.assert_array_equal(reg.fit(weeks, y).predict(weeks), p)
    assert reg.features_ == [("week", "hours")]
    assert reg.feature_names_in_.shape == (4,)
    with pytest.raises(ValueError, match=r"X has no column \('week', 'year'\)"):
        reg.set_params(features=[("week", "year")]).fit(weeks, y)


def test_the_long_form_of_padded_arrays_is_what_tracing_reads():
    X, _ = make_sequences()
    y = np.arange(X.shape[0] * X.shape[1], dtype=float).reshape(X.shape[:2])
    frame, target = sequences_to_frame(X, y)
    reg = SequenceRegressor(**SMALL_BATCHES).fit(frame, target)
    assert reg.features_ == ["feature 0", "feature 1", "feature 2"]
    assert reg.predict(frame).shape == target.shape


# --- what is refused ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda X: X.assign(hours=X["hours"].mask(X.index == 4)),
            "Column 'hours' (feature) is missing in 1 row (the first at position 4); "
            "expected a number that is known when its row is predicted. If it is known "
            "only afterwards, pass past_features=['hours'], which may be missing.",
        ),
        (
            lambda X: X.assign(hours=np.inf),
            "Column 'hours' (feature) is infinite in 28 rows (the first at position 0)",
        ),
        (
            lambda X: X.assign(grade=X["grade"].replace(X["grade"].max(), np.inf)),
            "Column 'grade' (feature) is infinite in 1 row",
        ),
        (
            lambda X: X.assign(hours=X["hours"] * 1j),
            "Column 'hours' (feature) has dtype 'complex128'; expected numbers.",
        ),
        (
            lambda X: X.assign(hours="3 h"),
            "Column 'hours' (feature) has dtype",
        ),
        (
            lambda X: X.drop(columns="hours"),
            "X has no column 'hours'; got the columns ['user_id', 'order_id', 'grade', "
            "'comment'], expected one of each feature.",
        ),
        (
            lambda X: pd.concat([X, X[["hours"]]], axis=1),
            "X has 2 columns 'hours'",
        ),
        (
            lambda X: X.assign(order_id=X.index // 2, user_id=X.index // 2),
            "Rows at positions 0 and 1 are of one student and tie in 'order_id'",
        ),
        (lambda X: X.iloc[:0], "X has 0 rows"),
        (lambda X: X.assign(user_id=np.nan), "names no student in 28 rows"),
    ],
)
def test_frames_that_are_refused(tracing, weeks, change, message):
    odd = change(weeks)
    for call in (
        lambda: clone(TRACING).fit(odd, np.arange(len(odd), dtype=float)),
        lambda: tracing.predict(odd),
    ):
        with pytest.raises(ValueError, match=re.escape(message)):
            call()


def test_a_frame_without_numbers_is_refused(weeks):
    with pytest.raises(ValueError, match="X has no column of numbers to read"):
        SequenceRegressor().fit(weeks[["user_id", "order_id", "comment"]], weeks.index)


def test_sequences_where_a_frame_is_wanted_are_refused():
    X, y = make_sequences()
    for form in (
        X,
        list(X),
        tuple(X),
        tuple(x[:1] for x in X),
        Sequences.from_padded(X),
    ):
        with pytest.raises(TypeError, match=r"frame, y = sequences_to_frame\(X, y\)"):
            SequenceRegressor().fit(form, y)
