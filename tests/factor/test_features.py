"""Numbers known before an answer, or only after it, as terms of the regression."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder

from sktrace import AFMClassifier, PFAClassifier
from sktrace.preprocessing import PriorCounts

from ..conftest import proba
from ._logs import TIGHT, with_columns


def last_hints(log):
    """Return the mean of the hints of a student's last earlier moment, by loops."""
    told = pd.Series(np.nan, log.index)
    for row in log.index:
        own = log[log["user_id"] == log["user_id"][row]]
        own = own[(own["order_id"] < log["order_id"][row]) & own["correct"].notna()]
        if len(own):
            last = own[own["order_id"] == own["order_id"].max()]
            told[row] = last["hints"].mean()
    return told


def test_features_are_columns_scaled_with_a_mark_where_they_are_missing():
    log = with_columns()
    afm = AFMClassifier(
        features=["week"],
        past_features=["hints"],
        student_effect=None,
        averages=None,
        slopes="shared",
        C_skill=1.0,
        **TIGHT,
    ).fit(log, log["correct"])
    values = pd.DataFrame({"week": log["week"], "hints": last_hints(log)})
    scaled = (values - values.mean()) / values.std(ddof=0)
    columns = sparse.hstack(
        [
            OneHotEncoder().fit_transform(log[["skill_name"]]),
            PriorCounts(counts=["attempts"], scale="log").fit_transform(log),
            scaled.fillna(0),
            values.isna(),
        ],
        format="csr",
    )
    by_hand = LogisticRegression(solver="newton-cg", **TIGHT)
    by_hand.fit(columns, log["correct"])
    expected = by_hand.predict_proba(columns)[:, 1]
    np.testing.assert_allclose(proba(afm, log), expected, rtol=0, atol=1e-6)
    table = afm.feature_effects_
    assert table.index.tolist() == ["week", "hints"]
    np.testing.assert_allclose(
        table[["effect", "missing"]].to_numpy().T.ravel(),
        by_hand.coef_[0, -4:],
        atol=1e-5,
    )
    np.testing.assert_allclose(table["mean"], values.mean(), rtol=1e-9)
    np.testing.assert_allclose(table["spread"], values.std(ddof=0), rtol=1e-9)


def test_units_of_features_mean_nothing():
    log = with_columns()
    tracer = PFAClassifier(item="item_id", features="week", past_features="hints")
    p = proba(tracer.fit(log, log["correct"]), log)
    other = log.assign(week=1e6 * log["week"] - 7e6, hints=log["hints"] / 1e6)
    q = proba(tracer.fit(other, log["correct"]), other)
    np.testing.assert_allclose(q, p, rtol=0, atol=1e-6)


def test_a_feature_that_never_changes_or_is_never_known_is_survived():
    log = with_columns().assign(week=3.0, hints=np.nan)
    tracer = PFAClassifier(features=["week"], past_features=["hints"])
    p = proba(tracer.fit(log, log["correct"]), log)
    assert np.isfinite(p).all()
    assert tracer.feature_effects_["effect"].abs().max() < 1e-9
    # Known at last, it says what it would if it were missing, or nothing new.
    q = proba(tracer, log.assign(week=np.nan))
    np.testing.assert_allclose(q, p, rtol=0, atol=1e-9)


def test_the_effect_of_a_feature_is_found():
    log = with_columns(n_students=600, n_steps=20)
    rng = np.random.default_rng(0)
    x = 0.8 * log["week"].fillna(0) - 1.0 * log["week"].isna() + 0.3
    log["correct"] = rng.binomial(1, expit(x))
    pfa = PFAClassifier(features=["week"], averages=None).fit(log, log["correct"])
    effect, missing, _, spread = pfa.feature_effects_.loc["week"]
    assert effect / spread == pytest.approx(0.8, abs=0.1)
    assert missing == pytest.approx(-1.0, abs=0.15)


def test_past_features_are_those_of_the_last_earlier_moment_with_an_answer():
    log = with_columns(seed=2)
    tracer = PFAClassifier(past_features=["hints"]).fit(log, log["correct"])
    asked = log.assign(correct=log["correct"].where(log["order_id"] != 1))
    # What a row without an answer told is never read.
    changed = asked.assign(hints=asked["hints"].where(asked["order_id"] != 1, 9.0))
    np.testing.assert_array_equal(proba(tracer, asked), proba(tracer, changed))
    told = last_hints(asked)
    rows = tracer._read(asked)
    from sktrace._factor.rows import Rows

    np.testing.assert_allclose(
        Rows(tracer._reading, *rows).features[0], told, atol=1e-12
    )
