"""Hundreds of answers of one moment say what they say, though no float holds it."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from sktrace import BKTClassifier
from sktrace._bkt.evidence import Evidence

RATES = {"prior": 0.3, "learn": 0.1, "guess": 0.1, "slip": 0.1}


def log_of(*moments):
    """Return a log of one student: so many right and wrong answers at each moment."""
    rows = [
        (time, answer)
        for time, (right, wrong) in enumerate(moments)
        for answer in [1] * right + [0] * wrong
    ]
    order, correct = np.array(rows).T
    return pd.DataFrame(
        {"user_id": "ann", "order_id": order, "skill_name": "add", "correct": correct}
    )


def known_after(prior, right, wrong):
    """Return P(known) by Bayes' rule, in logits."""
    odds = right * np.log(0.9 / 0.1) + wrong * np.log(0.1 / 0.9)
    return expit(logit(prior) + odds)


def learn(known):
    """Return P(known) after another occasion to learn."""
    return known + (1 - known) * RATES["learn"]


@pytest.fixture(scope="module")
def bkt():
    X = log_of((1, 0), (0, 1))
    return BKTClassifier(fixed=RATES).fit(X, X["correct"])


@pytest.mark.parametrize("right", [0, 1, 299, 300, 301, 400, 5000])
def test_many_answers_of_a_moment_follow_bayes_rule(bkt, right):
    X = log_of((right, 300), (1, 0))
    expected = known_after(RATES["prior"], right, 300)
    expected = learn(known_after(learn(expected), 1, 0))
    state = bkt.knowledge_state(X)["add"]
    assert state.iloc[-1] == pytest.approx(expected, rel=1e-9)
    live = bkt.tracer()
    live.update("ann", ["add"] * (right + 300), [1] * right + [0] * 300)
    live.update("ann", "add", 1)
    assert live.knowledge_state("ann")["add"] == pytest.approx(state.iloc[-1], rel=1e-9)


def test_rates_are_recovered_from_moments_of_many_answers():
    """A class half of which knows the skill, and answers 400 questions at a time."""
    rng = np.random.default_rng(0)
    logs = []
    for student in range(40):
        right = rng.binomial(400, 0.9 if student % 2 else 0.2)
        logs.append(log_of((right, 400 - right)).assign(user_id=student))
    X = pd.concat(logs, ignore_index=True)
    bkt = BKTClassifier(beta_prior=None, random_state=0).fit(X, X["correct"])
    fitted = bkt.params_.loc["add"]
    assert fitted["prior"] == pytest.approx(0.5, abs=0.01)
    assert fitted["guess"] == pytest.approx(0.2, abs=0.01)
    assert fitted["slip"] == pytest.approx(0.1, abs=0.01)


def test_the_likelihood_of_many_answers_is_that_of_each():
    """Divided by the larger of both, whose logarithm is told."""
    evidence = Evidence(*map(np.array, ([0, 1], [0, 0], [1, 1], [0, 300], [0, 11])))
    *ratios, larger = evidence.answers_if(np.array([[0.2], [0.1]]))
    told = np.log(np.ravel(ratios)[[1, 3]]) + larger[1]
    each = 300 * np.log([0.8, 0.1]) + 11 * np.log([0.2, 0.9])
    np.testing.assert_allclose(told, each)
    assert larger[0] == 0
