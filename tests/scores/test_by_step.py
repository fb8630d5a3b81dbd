"""How well the outcome of whole sequences is known, against scores made by hand."""

import re
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    log_loss,
    make_scorer,
    r2_score,
    roc_auc_score,
)
from sklearn.pipeline import make_pipeline

from sktrace import DKTClassifier, SequenceRegressor, Sequences
from sktrace._scores.by_step import first_steps
from sktrace._sequences.forms import as_sequences
from sktrace.metrics import score_by_step
from sktrace.model_selection import early_prediction_curve
from sktrace.preprocessing import PerStep

from .._sequence_data import make_forms, make_padded
from ..conftest import CLOSE, make_log
from ._courses import DKT, ESTIMATORS, FLAT, NAN, TWO_EPOCHS, N, cut, make_courses


@pytest.fixture(scope="module", params=ESTIMATORS)
def fitted(request):
    return clone(ESTIMATORS[request.param]).fit(*make_courses())


@pytest.mark.parametrize("scoring", [None, "roc_auc", "neg_log_loss", "callable"])
def test_each_cut_is_scored_as_by_hand(fitted, scoring):
    X, y = make_courses(seed=1)
    by_hand = {
        None: lambda Z: accuracy_score(y, fitted.predict(Z)),
        "roc_auc": lambda Z: roc_auc_score(y, fitted.predict_proba(Z)[:, 1]),
        "neg_log_loss": lambda Z: -log_loss(y, fitted.predict_proba(Z)),
        "callable": lambda Z: -brier_score_loss(y, fitted.predict_proba(Z)[:, 1]),
    }[scoring]
    if scoring == "callable":
        scoring = make_scorer(
            brier_score_loss, greater_is_better=False, response_method="predict_proba"
        )
    scores = score_by_step(fitted, X, y, scoring)
    assert scores.index.tolist() == [1, 2, 3, 4]
    assert scores.index.name == "step"
    assert scores.columns.tolist() == ["n_sequences", "score"]
    expected = [by_hand(cut(X, n)) for n in scores.index]
    np.testing.assert_allclose(scores["score"], expected, **CLOSE)
    lengths = Sequences.from_padded(X).lengths
    assert scores["n_sequences"].tolist() == [
        (lengths >= n).sum() for n in (1, 2, 3, 4)
    ]
    last = scores["score"].iloc[-1]
    assert last == pytest.approx(by_hand(X), abs=1e-6)


def test_numbers_are_scored_as_outcomes_are():
    X, _ = make_courses()
    y = np.arange(N, dtype=float)
    reg = SequenceRegressor(task="many-to-one", **TWO_EPOCHS).fit(X, y)
    scores = score_by_step(reg, X, pd.Series(y, index=[3] * N))
    expected = [r2_score(y, reg.predict(cut(X, n))) for n in range(1, 5)]
    np.testing.assert_allclose(scores["score"], expected, **CLOSE)
    several = clone(reg).fit(X, pd.DataFrame({"a": y, "b": -y}))
    scores = score_by_step(several, X, np.column_stack([y, -y]), "r2", steps=[2])
    assert np.isfinite(scores["score"]).all()


def test_all_forms_have_the_same_scores():
    X, y = make_courses()
    clf = clone(DKT).fit(X, y)
    named = clone(DKT).fit(make_forms(X)["list of frames"], y)
    expected = score_by_step(clf, X, y, "neg_log_loss")
    for name, form in make_forms(X).items():
        estimator = named if "rames" in name or "a frame" in name else clf
        scores = score_by_step(estimator, form, y, "neg_log_loss")
        pd.testing.assert_frame_equal(
            scores, expected, check_dtype=False, rtol=0, atol=1e-6, obj=name
        )


def test_sequences_keep_a_step_at_which_a_student_did_nothing():
    X, y = make_courses()
    X[:, 3] = 0.5
    X[0, 0] = NAN  # nothing in the first week
    X = Sequences.from_padded(X)
    fill = PerStep(SimpleImputer(add_indicator=True))
    pipeline = make_pipeline(fill, DKT).fit(X, y)
    scores = score_by_step(pipeline, X, y, "neg_log_loss")
    assert np.isfinite(scores["score"]).all()


@pytest.mark.parametrize("steps", [[3, 1], range(2, 4), np.array([1, 2]), (4, 2)])
def test_some_steps_are_those_of_all(fitted, steps):
    X, y = make_courses()
    every = score_by_step(fitted, X, y, "roc_auc")
    some = score_by_step(fitted, X, y, "roc_auc", iter(steps))
    assert len(some) == 2
    pd.testing.assert_frame_equal(some, every.loc[some.index], rtol=0, atol=1e-6)


def test_steps_behind_the_longest_score_whole_sequences(fitted):
    X, y = make_courses()
    scores = score_by_step(fitted, X, y, "roc_auc", steps=[4, 99])
    assert scores["n_sequences"].tolist()[1] == 0
    assert scores["score"].loc[4] == pytest.approx(scores["score"].loc[99], abs=1e-6)


@pytest.mark.parametrize("steps", [[], [0], [1, -2], [1.5], 3, ["a"]])
@pytest.mark.parametrize("call", [score_by_step, early_prediction_curve])
def test_steps_that_are_refused(call, steps):
    X, y = make_courses()
    clf = clone(FLAT).fit(X, y)
    message = (
        f"steps={steps!r}; expected one or more numbers of steps, each at least 1, "
        "such as range(1, 11)."
    )
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        call(clf, X, y, steps=steps)


@pytest.mark.parametrize("call", [score_by_step, early_prediction_curve])
def test_sequences_that_are_refused(call):
    X, y = make_courses()
    clf = clone(DKT).fit(X, y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        call(clf, X, y[1:])
    with pytest.raises(ValueError, match=re.escape("X holds 0 sequences")):
        call(clf, Sequences.from_padded(X)[:0], [])
    with pytest.raises(ValueError, match=re.escape("X holds 0 sequences")):
        call(clf, [], [])


def test_a_frame_is_no_whole_sequences_to_draw_a_curve_of(log):
    with pytest.raises(TypeError, match=re.escape("Sequences.from_frame(X, by=...)")):
        early_prediction_curve(DKT, log, log["correct"])


def make_histories():
    log = make_log(n_students=N, n_steps=5, ties=False)
    X = Sequences.from_frame(log, by="user_id", order="order_id")
    return log, X, (X.ids.to_numpy() // 7) % 2


def test_of_interactions_the_first_answers_are_scored():
    log, X, y = make_histories()
    clf = DKTClassifier(embedding_size=4, task="many-to-one", **TWO_EPOCHS).fit(X, y)
    scores = score_by_step(clf, X, y, "roc_auc")
    for n, score in scores["score"].items():
        early = log[log["order_id"] < n]
        p = clf.predict_proba(Sequences.from_frame(early, "user_id", "order_id"))
        assert score == pytest.approx(roc_auc_score(y, p[:, 1]), abs=1e-6)


def test_frames_of_interactions_may_stand_in_any_row_order():
    """Their first answers are the earliest ones, not those of the first rows."""
    log, X, y = make_histories()
    clf = DKTClassifier(embedding_size=4, task="many-to-one", **TWO_EPOCHS).fit(X, y)
    frames = [log[log["user_id"] == student] for student in X.ids]  # shuffled rows
    np.testing.assert_allclose(clf.predict_proba(frames), clf.predict_proba(X), **CLOSE)
    np.testing.assert_allclose(
        score_by_step(clf, frames, y, "neg_log_loss")["score"],
        score_by_step(clf, X, y, "neg_log_loss")["score"],
        **CLOSE,
    )


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 6))
def test_first_steps_are_slices_and_the_form_stays(seed, n):
    X, _ = make_padded(seed, n_features=1)
    expected = np.concatenate([own[:n] for own in Sequences.from_padded(X)])
    for name, form in make_forms(X).items():
        some = first_steps(form, n)
        assert isinstance(some, list if isinstance(form, tuple) else type(form))
        assert len(some) == len(form)
        if isinstance(form, list):
            assert {type(own) for own in some} == {type(own) for own in form}
        steps = as_sequences(some).steps
        np.testing.assert_array_equal(steps, expected, err_msg=name)


@pytest.mark.parametrize(
    "index",
    [
        np.arange(4) + 10.0,
        np.arange(4) / 10,
        pd.Index([9, 9, 8, 8]),
        pd.Index(list("abcd")),
        pd.date_range("2024", periods=4),
        pd.Index([3, 2, 1, 0], dtype="Int64"),
    ],
    ids=lambda index: str(index.dtype) + str(index[0]),
)
def test_first_steps_are_rows_whatever_the_index(index):
    """Pandas 2 reads ``frame[:2]`` by label if the index holds floats."""
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0]}, index=index)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (some,) = first_steps([frame], 2)
        pd.testing.assert_frame_equal(some, frame.iloc[:2])
        (some,) = first_steps([frame["a"]], 2)
    np.testing.assert_array_equal(some, [1, 2])
