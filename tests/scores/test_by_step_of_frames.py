"""How well rows of a long frame are predicted, by their student's moment."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import (
    mean_squared_error,
    roc_auc_score,
)

from sktrace import DKTClassifier, MeanClassifier, SequenceRegressor
from sktrace.metrics import score_by_step

from ..conftest import make_log
from ._courses import NAN, TWO_EPOCHS


def score_slowly(X, y, p, score):
    """Group rows by the number of their student's moment."""
    moment = X.groupby("user_id")["order_id"].rank("dense").astype(int).to_numpy()
    y, told = np.asarray(y), pd.notna(y)
    rows = {n: np.flatnonzero(told & (moment == n)) for n in range(1, moment.max() + 1)}
    return pd.DataFrame(
        {
            "n_rows": {n: len(own) for n, own in rows.items()},
            "score": {n: score(y[own], p[own]) for n, own in rows.items()},
        }
    ).rename_axis("step")


def auc_or_nan(y, p):
    return roc_auc_score(y, p[:, 1]) if len(set(y)) > 1 else NAN


TRACERS = {
    "mean": MeanClassifier(),
    "DKT": DKTClassifier(embedding_size=4, **TWO_EPOCHS),
}


@pytest.fixture(scope="module", params=TRACERS)
def tracer(request):
    log = make_log(20).assign(user_id=lambda X: -X["user_id"])  # other students
    return clone(TRACERS[request.param]).fit(log, log["correct"])


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), ties=st.booleans(), name=st.sampled_from([*TRACERS]))
def test_rows_are_scored_by_their_students_moment(tracers, seed, ties, name):
    log = make_log(8, seed=seed, ties=ties)
    log["order_id"] = log["order_id"] * 3 + log["user_id"]  # only the rank counts
    scores = score_by_step(tracers[name], log, log["correct"], "roc_auc")
    p = tracers[name].predict_proba(log)
    expected = score_slowly(log, log["correct"], p, auc_or_nan)
    pd.testing.assert_frame_equal(scores, expected, check_index_type=False)


@pytest.fixture(scope="module")
def tracers():
    log = make_log(20).assign(user_id=lambda X: -X["user_id"])
    return {name: clone(t).fit(log, log["correct"]) for name, t in TRACERS.items()}


def test_rows_that_tie_are_one_step(tracer):
    log = make_log(20).assign(order_id=5)
    scores = score_by_step(tracer, log, log["correct"])
    assert scores.index.tolist() == [1]
    assert scores["n_rows"].tolist() == [len(log)]
    assert scores["score"].tolist() == [tracer.score(log, log["correct"])]


def test_rows_in_time_order_need_no_order(tracer):
    log = make_log(20, ties=False).sort_values("order_id")
    scores = score_by_step(tracer, log, log["correct"], "roc_auc")
    untimed = score_by_step(tracer, log, log["correct"], "roc_auc", order=None)
    pd.testing.assert_frame_equal(untimed, scores, check_index_type=False)


def test_times_may_be_large_numbers(tracer):
    """Nanoseconds since 1970 are beyond what a float tells apart."""
    log = make_log(20)
    late = log.assign(order_id=log["order_id"] + 2**60)
    pd.testing.assert_frame_equal(
        score_by_step(tracer, late, log["correct"], "roc_auc"),
        score_by_step(tracer, log, log["correct"], "roc_auc"),
    )


TARGETS = {
    "floats": lambda y: y,
    "array": lambda y: y.to_numpy(),
    "list": lambda y: y.tolist(),
    "Int64": lambda y: y.astype("Int64"),
    "Float32": lambda y: y.astype("Float32"),
    "boolean": lambda y: y.astype("Int64").astype("boolean"),
    "objects": lambda y: y.astype(object),
    "None": lambda y: y.astype(object).where(y.notna(), None),
    "bool and NaN": lambda y: y.map({0: False, 1: True}),
    "category": lambda y: y.astype("category"),
    "odd index": lambda y: y.set_axis([3] * len(y)),
}


@pytest.mark.parametrize("kind", TARGETS)
def test_rows_without_a_target_are_left_out(tracer, kind):
    """They still count as moments."""
    log = make_log(20)
    y = log["correct"].where(np.arange(len(log)) % 5 > 0)
    expected = score_slowly(log, y, tracer.predict_proba(log), auc_or_nan)
    scores = score_by_step(tracer, log, TARGETS[kind](y), "roc_auc")
    pd.testing.assert_frame_equal(scores, expected, check_index_type=False)
    assert scores["n_rows"].sum() == y.notna().sum()
    hits = score_by_step(tracer, log, TARGETS[kind](y))["score"]
    accuracy = score_slowly(
        log, y, tracer.predict_proba(log), lambda y, p: (y == (p[:, 1] > 0.5)).mean()
    )["score"]
    mixed = expected["score"].notna()
    np.testing.assert_allclose(hits[mixed], accuracy[mixed])


def test_labels_may_be_strings(log):
    y = log["correct"].where(np.arange(len(log)) % 4 > 0)
    named = y.map({0: "no", 1: "yes"})
    tracer = MeanClassifier().fit(log, log["correct"])
    other = MeanClassifier().fit(log, log["correct"].map({0: "no", 1: "yes"}))
    expected = score_by_step(tracer, log, y, "roc_auc")
    for target in (named, named.astype(object), named.astype("category")):
        scores = score_by_step(other, log, target, "roc_auc")
        pd.testing.assert_frame_equal(scores, expected)


def test_steps_whose_targets_are_alike_have_no_score(tracer, log):
    y = log["correct"].where(log["order_id"] > 0, 1)
    for scoring in (None, "roc_auc", "neg_log_loss"):
        scores = score_by_step(tracer, log, y, scoring)
        assert np.isnan(scores["score"].loc[1])
        assert scores["n_rows"].loc[1] == (log["order_id"] == 0).sum()
    beyond = score_by_step(tracer, log, y, steps=[2, 99])
    assert beyond["n_rows"].tolist() == [(log["order_id"] == 1).sum(), 0]
    assert np.isnan(beyond["score"].loc[99])


@pytest.fixture(scope="module")
def weeks():
    rng = np.random.default_rng(0)
    weeks = make_log(15, ties=False).drop(columns=["skill_name", "correct"])
    weeks["hours"] = rng.normal(size=len(weeks))
    weeks["grade"] = weeks["hours"] + rng.normal(size=len(weeks))
    return weeks


def test_numbers_at_every_step(weeks):
    y = weeks["grade"].where(np.arange(len(weeks)) % 4 > 0)
    reg = SequenceRegressor(features=["hours"], **TWO_EPOCHS).fit(weeks, y)
    scores = score_by_step(reg, weeks, y, "neg_mean_squared_error")
    p = reg.predict(weeks)
    expected = score_slowly(
        weeks, y, p, lambda y, p: -mean_squared_error(y, p) if len(y) else NAN
    )
    pd.testing.assert_frame_equal(scores, expected, check_index_type=False)
    both = pd.DataFrame({"grade": y, "other": weeks["grade"] * 2})
    reg.fit(weeks, both)
    scores = score_by_step(reg, weeks, both, "neg_mean_squared_error")
    assert scores["n_rows"].sum() == y.notna().sum()


def test_a_step_of_one_row_has_no_explained_variance(weeks):
    """The longest student is often alone; that is no reason to warn."""
    reg = SequenceRegressor(features=["hours"], **TWO_EPOCHS)
    reg.fit(weeks, weeks["grade"])
    lengths = weeks.groupby("user_id").size()
    longest = weeks["user_id"].map(lengths) == lengths.max()
    alone = weeks[~longest | (weeks["user_id"] == lengths.idxmax())]
    with warnings.catch_warnings():
        warnings.simplefilter("error", UndefinedMetricWarning)
        scores = score_by_step(reg, alone, alone["grade"])
    assert scores["n_rows"].iloc[-1] == 1
    assert np.isnan(scores["score"].iloc[-1])


def test_columns_may_have_other_names(tracer):
    log = make_log(20)
    other = log.assign(who=log["user_id"], when=log["order_id"])
    there = score_by_step(tracer, other, log["correct"], student="who", order="when")
    pd.testing.assert_frame_equal(there, score_by_step(tracer, log, log["correct"]))
    with pytest.raises(ValueError, match=r"X has no column 'nobody' \(student\)"):
        score_by_step(tracer, log, log["correct"], student="nobody")
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        score_by_step(tracer, log, log["correct"][1:])


def test_a_log_is_left_as_it_was(tracer):
    log = make_log(20)
    before = log.copy(deep=True)
    score_by_step(tracer, log, log["correct"])
    pd.testing.assert_frame_equal(log, before)
