"""Tracing against integrals over ability, done by brute force."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from sktrace._factor.ability import predict_from_ability, read_answers, trace_ability
from sktrace._interactions.columns import check_interactions
from sktrace._interactions.timeline import Timeline

from ..conftest import ROLES, make_log


def timeline_of(log):
    return Timeline.of(check_interactions(log, ROLES))


def predict(logit, answer, timeline, scale, persistence):
    """Predict rows of X by tracing; what traces sees rows in time order."""
    rows = timeline.rows
    ability = trace_ability(logit[rows], answer[rows], timeline, scale, persistence)
    return timeline.restore(predict_from_ability(logit[rows], *ability))


def predict_on_a_grid(logit, answer, order, scale, persistence):
    """Filter one student's ability as a hidden Markov model on a fine grid."""
    grid = np.linspace(-6, 6, 601) * scale
    prior = np.exp(-0.5 * (grid / scale) ** 2)
    spread = scale * np.sqrt(1 - persistence**2)
    if spread:
        drift = np.exp(
            -0.5 * ((grid[None] - persistence * grid[:, None]) / spread) ** 2
        )
        drift /= drift.sum(axis=1, keepdims=True)
    belief, p = prior / prior.sum(), np.empty(len(logit))
    for moment in np.unique(order):
        answers = 0
        before = belief
        for row in np.flatnonzero(order == moment):
            right = expit(logit[row] + grid)
            p[row] = before @ right
            if not np.isnan(answer[row]):
                belief = belief * right ** answer[row]
                belief = belief * (1 - right) ** (1 - answer[row])
                answers += 1
        belief = belief / belief.sum()
        if answers and spread:
            belief = belief @ drift
    return p


@pytest.fixture
def traced():
    """Rows of several students, some tied, some without an answer, and logits."""
    log = make_log(n_students=15, n_steps=40)
    rng = np.random.default_rng(0)
    answer = log["correct"].where(rng.uniform(size=len(log)) > 0.2).to_numpy()
    return log, rng.normal(size=len(log)), answer


@pytest.mark.parametrize("persistence", [1.0, 0.98, 0.7, 0.0])
@pytest.mark.parametrize(
    ("scale", "tolerance"), [(0.5, 0.002), (1.0, 0.015), (1.5, 0.03)]
)
def test_tracing_is_the_integral_over_ability(traced, scale, tolerance, persistence):
    log, logit, answer = traced
    p = predict(logit, answer, timeline_of(log), scale, persistence)
    expected = np.empty(len(log))
    for _, own in log.groupby("user_id"):
        i = own.index
        expected[i] = predict_on_a_grid(
            logit[i], answer[i], own["order_id"].to_numpy(), scale, persistence
        )
    # What is lost is that a belief is not quite normal.
    np.testing.assert_allclose(p, expected, rtol=0, atol=tolerance)
    assert np.abs(p - expected).mean() < tolerance / 5


def test_a_soft_answer_speaks_for_both(traced):
    log, logit, answer = traced
    soft = np.where(answer == 1, 0.8, np.where(answer == 0, 0.3, np.nan))
    own = log[log["user_id"] == log["user_id"].mode()[0]]
    i = own.index
    p = predict(logit[i], soft[i], timeline_of(own.reset_index(drop=True)), 1.0, 0.9)
    order = own["order_id"].to_numpy()
    expected = predict_on_a_grid(logit[i], soft[i], order, 1.0, 0.9)
    np.testing.assert_allclose(p, expected, rtol=0, atol=0.005)


def test_one_answer_is_read_exactly():
    log = pd.DataFrame(
        {"user_id": 1, "order_id": [1, 2], "skill_name": "a", "correct": [1, 1]}
    )
    timeline = timeline_of(log)
    logit, answer = np.zeros(2), np.array([1.0, np.nan])
    _, variance = trace_ability(logit, answer, timeline, 1.0, 1.0)
    mean, _ = trace_ability(logit, answer, timeline, 1.0, 1.0)
    ability = np.linspace(-9, 9, 4001)
    posterior = np.exp(-(ability**2) / 2) * expit(ability)
    posterior /= posterior.sum()
    m = posterior @ ability
    np.testing.assert_allclose(mean, [0, m], rtol=0, atol=1e-4)
    np.testing.assert_allclose(
        variance, [1, posterior @ (ability - m) ** 2], rtol=0, atol=1e-3
    )


def test_a_query_leaves_no_trace_to_the_last_bit(traced):
    log, logit, answer = traced
    answered = ~np.isnan(answer)
    p = predict(logit, answer, timeline_of(log), 1.0, 0.9)
    alone = predict(
        logit[answered], answer[answered], timeline_of(log[answered]), 1.0, 0.9
    )
    np.testing.assert_array_equal(p[answered], alone)


def test_ability_that_does_not_persist_is_always_new(traced):
    log, logit, answer = traced
    mean, variance = trace_ability(logit, answer, timeline_of(log), 1.3, 0.0)
    np.testing.assert_array_equal(mean, 0)
    np.testing.assert_allclose(variance, 1.3**2, rtol=1e-12)


def test_the_surest_surprise_is_survived():
    log = make_log(n_students=1, n_steps=30, ties=False)
    for logit in (-800.0, 800.0):
        logits = np.full(len(log), logit)
        for answer in (0.0, 1.0):
            answers = np.full(len(log), answer)
            p = predict(logits, answers, timeline_of(log), 1.0, 0.98)
            assert ((p >= 0) & (p <= 1)).all()


def test_a_variance_of_nothing_is_not_below():
    # Of a belief so wide, two answers between which it lies leave one node.
    sd = np.linspace(1000.0, 2000.0, 200)
    logit, answer = np.outer(sd, [-3.0, -4.5]).ravel(), np.tile([1.0, 0.0], 200)
    starts, student = np.arange(0, 400, 2), np.repeat(np.arange(200), 2)
    mean, variance = read_answers(logit, answer, starts, np.zeros(200), sd**2, student)
    assert ((mean > 3 * sd) & (mean < 4.5 * sd)).all()
    assert ((variance >= 0) & (variance < 1e-6)).all()


def test_answers_of_a_moment_have_no_order():
    log = make_log(n_students=1, n_steps=30).assign(order_id=0)
    log.loc[len(log)] = [log["user_id"][0], 1, "skill 0", 0]
    rng = np.random.default_rng(0)
    logit, answer = rng.normal(size=len(log)), rng.integers(0, 2, len(log)) * 1.0
    p = predict(logit, answer, timeline_of(log), 1.0, 0.98)
    rows = rng.permutation(len(log))
    q = predict(logit[rows], answer[rows], timeline_of(log.iloc[rows]), 1.0, 0.98)
    np.testing.assert_array_equal(q, p[rows])
