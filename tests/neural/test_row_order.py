"""What a network learns does not depend on the order in which rows stand."""

import numpy as np
import pandas as pd
import pytest

from sktrace import SequenceRegressor
from sktrace._neural import modules

from .._sequence_data import SMALL_BATCHES
from ..conftest import make_log, proba, small_dkt
from ._courses import make_weeks


@pytest.fixture(autouse=True)
def _as_large_nets(monkeypatch):
    """Let the small nets of these tests learn and predict as large ones do."""
    monkeypatch.setattr(modules, "LEAST_STEPS", 0)
    monkeypatch.setattr(modules, "LEAST_NUMBERS", 0)


def mix(names):
    """Call students by names of several types, which do not sort."""
    new = {
        name: [name, str(name), (name, "a"), name / 2][i % 4]
        for i, name in enumerate(sorted(set(names)))
    }
    return pd.Series([new[name] for name in names], index=names.index, dtype=object)


def make_tied():
    """Rows of one moment, some of which differ in nothing but y or weight."""
    log = make_log(n_students=12)
    log = log.assign(order_id=log["order_id"] // 2, skill_name="skill 0")
    log = pd.concat([log, log, make_log(n_students=12)], ignore_index=True)
    rng = np.random.default_rng(0)
    log["item_id"] = rng.choice(np.array([1, "y", (2,)], dtype=object), len(log))
    log["user_id"] = mix(log["user_id"])
    y = np.where(rng.uniform(size=len(log)) < 0.1, 1 - log["correct"], log["correct"])
    return log, y, rng.integers(0, 4, len(log)) / 3


@pytest.mark.parametrize(
    "params",
    [
        {"early_stopping": True},
        {"early_stopping": True, "item": "item_id", "readout": "mlp"},
        {"skill_numbers": False, "batch_size": 3},
    ],
)
def test_shuffled_rows_teach_the_same_to_the_last_bit(params):
    X, y, weight = make_tied()
    tracer = small_dkt(max_epochs=3, **params).fit(X, y, weight)
    more = tracer.partial_fit(X, y, sample_weight=weight)
    rows = np.random.default_rng(1).permutation(len(X))
    turned = X.iloc[rows], y[rows]
    other = small_dkt(max_epochs=3, **params).fit(*turned, weight[rows])
    other.partial_fit(*turned, sample_weight=weight[rows])
    np.testing.assert_array_equal(proba(more, X), proba(other, X))


@pytest.mark.parametrize("early_stopping", [False, True])
def test_shuffled_weeks_teach_the_same_to_the_last_bit(early_stopping):
    weeks = make_weeks()
    weeks["user_id"] = mix(weeks["user_id"])
    regressor = SequenceRegressor(
        past_features=["grade"],
        features=["hours"],
        early_stopping=early_stopping,
        **SMALL_BATCHES,
    )
    weight = np.arange(1, len(weeks) + 1)
    expected = regressor.fit(weeks, weeks["grade"], weight).predict(weeks)
    rows = np.random.default_rng(1).permutation(len(weeks))
    turned = weeks.iloc[rows]
    regressor.fit(turned, turned["grade"], weight[rows])
    np.testing.assert_array_equal(regressor.predict(weeks), expected)


def test_students_are_the_same_in_integers_and_floats(log):
    whole, broken = (
        small_dkt(early_stopping=True).fit(X, X["correct"])
        for X in (log, log.assign(user_id=log["user_id"].astype(float)))
    )
    np.testing.assert_array_equal(proba(whole, log), proba(broken, log))
