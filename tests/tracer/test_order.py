"""Numbers, dates and several columns tell of one past, whatever form they have."""

import numpy as np
import pandas as pd
import pytest

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    DKTClassifier,
    MeanClassifier,
    SequenceRegressor,
    Sequences,
)
from sktrace.display import ClassMasteryDisplay, LearningCurveDisplay, MasteryDisplay
from sktrace.inspection import consistency_report, skill_influence, what_if

from ..conftest import proba

ORDERS = {"dates": "when", "zone": "there", "columns": ["day", "hour"]}
TRACERS = {
    "means": MeanClassifier(by="student"),
    "AFM": AFMClassifier(),
    "BKT": BKTClassifier(fixed={"guess": 0.2, "slip": 0.1}, n_restarts=1),
    "DKT": DKTClassifier(hidden_size=4, max_epochs=1, random_state=0),
}


@pytest.fixture
def log(log):
    when = pd.Timestamp("2024-03-30 22:00") + pd.to_timedelta(log["order_id"], unit="h")
    there = when.dt.tz_localize("UTC").dt.tz_convert("Europe/Zurich")
    day, hour = log["order_id"] // 2, log["order_id"] % 2
    return log.assign(when=when, there=there, day=day, hour=hour)


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("name", TRACERS)
def test_a_tracer_sees_the_same_past(log, name, order):
    told = TRACERS[name].set_params(order="order_id").fit(log, log["correct"])
    expected = proba(told, log), told.predict_next(log)
    more, influence = what_if(told, log, "skill 0", 1), skill_influence(told)
    tracer = TRACERS[name].set_params(order=order).fit(log, log["correct"])
    columns = tracer.feature_names_in_.tolist()
    assert columns[1:-2] == (order if isinstance(order, list) else [order])
    np.testing.assert_array_equal(proba(tracer, log), expected[0])
    pd.testing.assert_frame_equal(tracer.predict_next(log), expected[1])
    pd.testing.assert_frame_equal(what_if(tracer, log, "skill 0", 1), more)
    pd.testing.assert_frame_equal(skill_influence(tracer), influence)


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_displays_and_reports_see_the_same_past(log, order):
    tracers = [
        TRACERS["DKT"].set_params(order=column).fit(log, log["correct"])
        for column in ("order_id", order)
    ]
    student = log["user_id"].iloc[0]
    expected, drawn = (MasteryDisplay.from_estimator(t, log, student) for t in tracers)
    np.testing.assert_array_equal(drawn.knowledge, expected.knowledge)
    expected, drawn = (ClassMasteryDisplay.from_estimator(t, log) for t in tracers)
    np.testing.assert_array_equal(drawn.mastery, expected.mastery)
    expected, drawn = (
        LearningCurveDisplay.from_estimator(t, log, log["correct"]) for t in tracers
    )
    pd.testing.assert_frame_equal(drawn.curve, expected.curve)
    expected, told = (consistency_report(t, log) for t in tracers)
    pd.testing.assert_frame_equal(told, expected)


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_a_regressor_sees_the_same_past(log, order):
    weeks = log.drop_duplicates(["user_id", "order_id"]).assign(
        hours=lambda weeks: np.random.default_rng(0).normal(size=len(weeks))
    )
    small = {"hidden_size": 4, "max_epochs": 1, "random_state": 0}
    told, numbered = (
        SequenceRegressor(order=column, past_features=["hours"], features=[], **small)
        .fit(weeks, weeks["hours"])
        .predict(weeks)
        for column in (order, "order_id")
    )
    np.testing.assert_array_equal(told, numbered)


def test_sequences_keep_the_dates_of_their_steps(log):
    sequences = Sequences.from_frame(log, "user_id", order="there", features=["hour"])
    assert sequences.steps.index.name == "there"
    assert sequences.steps.index.dtype == log["there"].dtype
    assert sequences[0].index.is_monotonic_increasing
    outcomes = DKTClassifier(task="many-to-one", order="there", hidden_size=4)
    whole = Sequences.from_frame(log, "user_id", order="there")
    y = np.arange(len(whole)) % 2
    small = outcomes.set_params(max_epochs=1, random_state=0)
    numbered = Sequences.from_frame(log, "user_id", order="order_id")
    p = small.fit(whole, y).predict_proba(whole)
    q = small.set_params(order="order_id").fit(numbered, y).predict_proba(numbered)
    np.testing.assert_array_equal(p, q)
