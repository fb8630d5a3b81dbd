"""The past teaches, the future is tested, and test rows see their students' past."""

import pickle
import re
from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks

from sktrace import BKTClassifier, MeanClassifier, PFAClassifier
from sktrace.metrics import question_scorer
from sktrace.model_selection import (
    HistoryClassifier,
    SplitStudentWarning,
    StudentKFold,
    TimeSplit,
)

from .conftest import BELOW_HALF, make_log, small_dkt

TRACERS = {
    "mean": MeanClassifier(by="student"),
    "PFA": PFAClassifier(),
    "BKT": BKTClassifier(n_restarts=2, bounds=BELOW_HALF, random_state=0),
    "DKT": small_dkt(),
}
reported = partial(pytest.warns, SplitStudentWarning)


@pytest.fixture
def log():
    return make_log(n_students=20, n_steps=12)


# --- blocks of time ----------------------------------------------------------------


def test_rows_in_time_order_are_split_as_by_scikit_learn():
    X = pd.DataFrame({"order_id": np.arange(60)})
    ours, theirs = TimeSplit(5).split(X), TimeSeriesSplit(5).split(X)
    for (train, test), (their_train, their_test) in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(train, their_train)
        np.testing.assert_array_equal(test, their_test)


@pytest.mark.parametrize("n_splits", [1, 2, 4])
@pytest.mark.parametrize("order", ["order_id", None])
def test_whatever_teaches_is_earlier_than_whatever_is_tested(log, n_splits, order):
    time = log["order_id"].to_numpy()
    if order is None:
        time = log.groupby("user_id").cumcount().to_numpy()
    splits = list(TimeSplit(n_splits, order=order).split(log))
    assert len(splits) == n_splits == TimeSplit(n_splits).get_n_splits()
    before = np.array([], dtype=int)
    for train, test in splits:
        assert time[train].max() < time[test].min()
        assert len(test) > 0
        if len(before):
            np.testing.assert_array_equal(np.sort(before), np.sort(train))
        before = np.append(train, test)
    assert len(before) == len(log)


def test_blocks_are_as_even_as_ties_allow():
    sizes = np.random.default_rng(0).integers(1, 9, 400)
    X = pd.DataFrame({"order_id": np.arange(400).repeat(sizes)})
    for _, test in TimeSplit(6).split(X.sample(frac=1, random_state=0)):
        assert abs(len(test) - len(X) / 7) < sizes.max()
    crowded = pd.DataFrame({"order_id": [0, *[1] * 50, 2, 3]})
    tested = [len(test) for _, test in TimeSplit(3).split(crowded)]
    assert tested == [50, 1, 1]


def test_moments_may_be_dates_or_several_columns(log):
    days = log.assign(
        order_id=pd.Timestamp("2024-02-29") + pd.to_timedelta(log["order_id"], "D"),
        day=log["order_id"] // 3,
        hour=log["order_id"] % 3,
    )
    expected = list(TimeSplit(3).split(log))
    for splits in (
        TimeSplit(3).split(days),
        TimeSplit(3, order=["day", "hour"]).split(days),
        TimeSplit(3).split(log.set_axis([0] * len(log))),
    ):
        for (train, test), (their_train, their_test) in zip(
            splits, expected, strict=True
        ):
            np.testing.assert_array_equal(train, their_train)
            np.testing.assert_array_equal(test, their_test)


def test_too_few_moments_are_refused_with_a_number_that_will_do(log):
    n_times = log["order_id"].nunique()
    message = re.escape(
        f"X has {n_times} different times (order='order_id'), too few to be cut into "
        "n_splits + 1 = 101 blocks; expected one at least for each. Ask for fewer: "
        f"TimeSplit({n_times - 1})."
    )
    with pytest.raises(ValueError, match=message):
        next(TimeSplit(100).split(log))
    assert len(list(TimeSplit(n_times - 1).split(log))) == n_times - 1
    with pytest.raises(ValueError, match=r"1 different times .*: StudentKFold\(5\)"):
        next(TimeSplit(2).split(log.assign(order_id=0)))
    with pytest.raises(ValueError, match=r"places in a student's rows \(order=None\)"):
        next(TimeSplit(40, order=None).split(log))
    with pytest.raises(ValueError, match="n_splits=0; expected a whole number"):
        TimeSplit(0)
    with pytest.raises(ValueError, match="no column 'when'"):
        next(TimeSplit(2, order="when").split(log))
    with pytest.raises(TypeError, match="expected a pandas DataFrame"):
        next(TimeSplit(2).split(log.to_numpy()))
    assert repr(TimeSplit(3)).startswith("TimeSplit(n_splits=3")


# --- history before rows -----------------------------------------------------------


@pytest.mark.parametrize("name", TRACERS)
def test_history_is_what_somebody_would_put_there_by_hand(log, name):
    early = log["order_id"] < 3
    past, future = log[early], log[~early]
    history = HistoryClassifier(TRACERS[name]).fit(past, past["correct"])
    tracer = clone(TRACERS[name]).fit(past, past["correct"])
    both = pd.concat([past, future])
    by_hand = tracer.predict_proba(both)[len(past) :]
    p = history.predict_proba(future)
    np.testing.assert_allclose(p, by_hand, rtol=0, atol=1e-7)
    with reported():
        alone = tracer.predict_proba(future)
    assert np.abs(alone - by_hand).max() > 1e-3
    whole = tracer.predict_proba(log)[~early]  # in company of who has no future
    np.testing.assert_allclose(p, whole, rtol=0, atol=1e-7)
    np.testing.assert_array_equal(
        history.predict(future), history.classes_[p.argmax(axis=1)]
    )
    now = history.predict_next(future)
    expected = tracer.predict_next(both).loc[now.index]
    np.testing.assert_allclose(now, expected, rtol=0, atol=1e-7)
    if name == "BKT":
        state = history.knowledge_state(future)
        pd.testing.assert_frame_equal(
            state, tracer.knowledge_state(both).iloc[len(past) :]
        )


def test_rows_that_are_in_x_are_not_taken_twice(log):
    tracer = HistoryClassifier(MeanClassifier(by="student"))
    tracer.fit(log, log["correct"])
    p = tracer.estimator_.predict_proba(log)
    np.testing.assert_array_equal(tracer.predict_proba(log), p)
    some = np.random.default_rng(0).uniform(size=len(log)) < 0.5
    np.testing.assert_array_equal(tracer.predict_proba(log[some]), p[some])
    later = log.assign(order_id=log["order_id"] + 100)
    both = tracer.predict_proba(pd.concat([log, later]))
    np.testing.assert_array_equal(both[: len(log)], p)
    np.testing.assert_array_equal(tracer.predict_proba(later), both[len(log) :])


def test_without_order_history_goes_before_unless_x_begins_with_it(log):
    log = log.sort_values(["user_id", "order_id"], kind="stable")
    tracer = MeanClassifier(by="student", order=None)
    splits = list(TimeSplit(1, order=None).split(log))
    (train, test), past = splits[0], log.iloc[splits[0][0]]
    history = HistoryClassifier(tracer).fit(past, past["correct"])
    whole = history.estimator_.predict_proba(log)
    np.testing.assert_array_equal(history.predict_proba(log.iloc[test]), whole[test])
    np.testing.assert_array_equal(history.predict_proba(past), whole[train])
    np.testing.assert_array_equal(history.predict_proba(log), whole)


def test_answers_to_come_are_invisible(log):
    early = log["order_id"] < 2
    history = HistoryClassifier(PFAClassifier()).fit(log[early], log["correct"][early])
    future = log[~early]
    later = (future["order_id"] >= 4).to_numpy()
    flipped = future.assign(correct=future["correct"].where(~later, 1 - future.correct))
    before, after = (history.predict_proba(X)[:, 1] for X in (future, flipped))
    tied = future["order_id"].to_numpy() <= 4
    np.testing.assert_array_equal(after[tied], before[tied])
    assert (after != before)[~tied].any()


def test_strangers_have_no_history(log):
    history = HistoryClassifier(PFAClassifier()).fit(log, log["correct"])
    others = log.assign(user_id=-log["user_id"])
    np.testing.assert_array_equal(
        history.predict_proba(others), history.estimator_.predict_proba(others)
    )


def test_types_may_differ_between_history_and_rows(log):
    early = log["order_id"] < 3
    history = HistoryClassifier(PFAClassifier()).fit(log[early], log["correct"][early])
    future, p = log[~early], history.predict_proba(log[~early])
    for other in (
        future.astype({"user_id": float, "order_id": float, "correct": float}),
        future.astype({"skill_name": "category", "user_id": "category"}),
        future.astype({"correct": bool}),
        future.convert_dtypes(),
        future.assign(order_id=future["order_id"].astype("int16"), more="?"),
        future[future.columns[::-1]],
    ):
        np.testing.assert_allclose(history.predict_proba(other), p, rtol=0, atol=1e-12)


def test_rows_before_what_was_learnt_are_reported(log):
    history = HistoryClassifier(MeanClassifier())
    with reported(match=r"earlier than others that fit .* cv=TimeSplit\(5\)") as got:
        cross_val_score(history, log, log["correct"], cv=2)
    assert got[0].filename == __file__
    late = log["order_id"] >= 3
    history.fit(log[late], log["correct"][late])
    for X in (log, log[~late].assign(correct=np.nan)):
        history.predict_proba(X)


# --- in scikit-learn ---------------------------------------------------------------


@pytest.mark.parametrize("name", TRACERS)
def test_tracers_are_scored_over_time_without_a_warning(log, name):
    y = log["correct"]
    for scoring in ("neg_log_loss", question_scorer("neg_brier_score")):
        scores = cross_val_score(
            HistoryClassifier(TRACERS[name]), log, y, cv=TimeSplit(2), scoring=scoring
        )
        assert np.isfinite(scores).all()
    by_students = cross_val_score(
        HistoryClassifier(TRACERS[name]), log, y, cv=StudentKFold(2)
    )
    alone = cross_val_score(TRACERS[name], log, y, cv=StudentKFold(2))
    np.testing.assert_array_equal(by_students, alone)
    with reported(match="HistoryClassifier"):
        cross_val_score(TRACERS[name], log, y, cv=TimeSplit(2))


def test_searches_set_what_is_wrapped(log):
    found = GridSearchCV(
        HistoryClassifier(MeanClassifier(by="student")),
        {"estimator__strength": [1.0, 50.0]},
        cv=TimeSplit(3),
        scoring="neg_log_loss",
        error_score="raise",
    ).fit(log, log["correct"])
    assert found.best_params_ == {"estimator__strength": 50.0}
    within = GridSearchCV(MeanClassifier(), {"strength": [1.0]}, cv=StudentKFold(2))
    p = HistoryClassifier(within).fit(log, log["correct"]).predict_proba(log)
    assert p.shape == (len(log), 2)


def test_a_pipeline_may_be_wrapped_and_wrap(log):
    early = log["order_id"] < 3
    keep = FunctionTransformer(lambda X: X.assign(skill_name=X["name"]))
    X = log.rename(columns={"skill_name": "name"}).assign(skill_name="?")
    plain = HistoryClassifier(PFAClassifier()).fit(log[early], log["correct"][early])
    p = plain.predict_proba(log[~early])
    for piped in (
        HistoryClassifier(make_pipeline(keep, PFAClassifier())),
        make_pipeline(keep, HistoryClassifier(PFAClassifier())),
    ):
        piped.fit(X[early], log["correct"][early])
        np.testing.assert_allclose(
            piped.predict_proba(X[~early]), p, rtol=0, atol=1e-12
        )


def test_weights_are_passed_on_and_weightless_rows_are_history(log):
    early = log["order_id"] < 3
    past = log[early]
    weight = np.where(past["order_id"] > 0, 1.0, 0.0)
    tracer = MeanClassifier(by="student")
    history = HistoryClassifier(tracer).fit(past, past["correct"], weight)
    by_hand = clone(tracer).fit(past, past["correct"], sample_weight=weight)
    future = log[~early]
    np.testing.assert_array_equal(
        history.predict_proba(future),
        by_hand.predict_proba(pd.concat([past, future]))[len(past) :],
    )


def test_fitted_attributes_and_copies(log):
    history = HistoryClassifier(MeanClassifier())
    with pytest.raises(NotFittedError):
        history.predict_proba(log)
    X = log.assign(extra=1)
    history.fit(X, np.where(log["correct"], "yes", "no"))
    assert history.classes_.tolist() == ["no", "yes"]
    assert history.n_features_in_ == 4
    assert [*history.feature_names_in_] == [*history.estimator_.feature_names_in_]
    X["correct"] = 0  # which is the caller's own
    p = history.predict_proba(log)
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(history)).predict_proba(log), p
    )
    assert not hasattr(clone(history), "classes_")
    assert not hasattr(history, "knowledge_state")
    assert history.get_params()["estimator__strength"] == 5.0


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (DummyClassifier(), "names no column of students; expected a tracer"),
        (make_pipeline(DummyClassifier()), "names no column of students"),
        (small_dkt(task="many-to-one"), "predicts one outcome of a whole sequence"),
    ],
)
def test_what_is_no_tracer_is_refused(log, estimator, message):
    with pytest.raises(TypeError, match=message):
        HistoryClassifier(estimator).fit(log, log["correct"])


# Those of scikit-learn's checks that need no array.
@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_estimator_cloneable,
        estimator_checks.check_estimator_repr,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_parameters_default_constructible,
        estimator_checks.check_set_params,
        estimator_checks.check_valid_tag_types,
    ],
)
def test_scikit_learn_checks(check):
    check("HistoryClassifier", HistoryClassifier(MeanClassifier()))
