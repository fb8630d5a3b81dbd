"""Pictures and tables of tracers that read items, time and other columns."""

from functools import cache

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from sktrace import BKTClassifier, DKTClassifier, PFAClassifier
from sktrace.display import (
    ClassMasteryDisplay,
    ItemDisplay,
    KnowledgeCurveDisplay,
    LearningCurveDisplay,
    MasteryDisplay,
    SkillGraphDisplay,
)
from sktrace.inspection import (
    calibration_by_skill,
    consistency_report,
    item_fit,
    skill_influence,
    slice_report,
    what_if,
)

from ..conftest import BELOW_HALF, SMALL, make_log

mpl.use("agg")
STUDENT = 80  # of make_log
NUMBERS = {"features": ["week", "seconds"], "past_features": "hints"}
TRACERS = {
    "DKT": (DKTClassifier(**SMALL), NUMBERS),
    "PFA": (PFAClassifier(), NUMBERS),
    "BKT": (BKTClassifier(bounds=BELOW_HALF, random_state=0), {}),
}
ASK = {
    "class": lambda e, X: ClassMasteryDisplay.from_estimator(e, X).mastery,
    "curve": lambda e, X: (
        LearningCurveDisplay.from_estimator(e, X, min_students=1).curve
    ),
    "items": lambda e, X: ItemDisplay.from_estimator(e, X).items,
    "graph": lambda e, X: SkillGraphDisplay.from_estimator(e, threshold=0).edges_,
    "calibration": lambda e, X: calibration_by_skill(e, X, X["correct"]),
    "slices": lambda e, X: slice_report(
        e, X, X["correct"], groups="week", n_bootstraps=3, random_state=0
    ),
    "fit": lambda e, X: item_fit(e, X, X["correct"]),
    "influence": lambda e, X: skill_influence(e),
    "what if": lambda e, X: what_if(e, X, "skill 0", 1, item="p1", items=["p0"]),
}
OF_STATES = {
    "mastery": lambda e, X: MasteryDisplay.from_estimator(e, X, STUDENT).knowledge,
    "knowledge": lambda e, X: KnowledgeCurveDisplay.from_estimator(e, X, STUDENT).curve,
    "consistency": consistency_report,
}


@pytest.fixture(scope="module")
def log():
    log, rng = make_log(), np.random.default_rng(0)
    return log.assign(
        item_id=[f"p{k % 5}" for k in range(len(log))],
        at=pd.Timestamp("2024-03-01", tz="UTC") + pd.to_timedelta(log["order_id"], "h"),
        week=log["order_id"] // 2,
        seconds=rng.exponential(30.0, size=len(log)),
        hints=rng.integers(3, size=len(log)),
    )


def fit(name, log, **columns):
    tracer, numbers = TRACERS[name]
    tracer = clone(tracer).set_params(item="item_id", time="at", **(numbers | columns))
    return tracer.fit(log, log["correct"])


ORDERS = {"time": "at", "two columns": ["week", "order_id"], "of its own": "o"}


@pytest.fixture(scope="module")
def fitted(log):
    """Return a function that fits a tracer by an order once, and remembers it."""
    apart = log.assign(o=log["order_id"])
    return cache(lambda name, order: fit(name, apart, order=ORDERS[order]))


CASES = [(name, ask) for name in TRACERS for ask in (ASK | OF_STATES)]
CASES = [case for case in CASES if case not in [("PFA", ask) for ask in OF_STATES]]


@pytest.mark.parametrize("order", ["time", "two columns"])
@pytest.mark.parametrize(("name", "ask"), CASES)
def test_they_are_drawn_whatever_columns_play_two_roles(log, fitted, name, ask, order):
    ask = (ASK | OF_STATES)[ask]
    untouched = log.copy(deep=True)
    found = ask(fitted(name, order), log)
    pd.testing.assert_frame_equal(log, untouched)
    assert len(found) > 0
    if ask in [ASK["influence"], ASK["what if"], ASK["graph"]]:
        return  # which write rows by hand, in which what is no order is missing
    apart = log.assign(o=log["order_id"])
    pd.testing.assert_frame_equal(found, ask(fitted(name, "of its own"), apart))
