"""The M-step of items and groups against a general optimizer, on random counts."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logit

from sktrace._bkt.cells import Cells
from sktrace._bkt.limits import NAMES, read_limits
from sktrace._bkt.shrinkage import ALIKE, EDGE, MaximizationRule

N_ITEMS, SPREAD = 6, 0.7
PARAMETERS = ("guess", "slip")


@pytest.fixture
def cells():
    """One skill, all items of which were seen."""
    items = dict.fromkeys(PARAMETERS, np.arange(N_ITEMS))
    skills = dict.fromkeys(PARAMETERS, np.zeros(N_ITEMS, dtype=np.int64))
    return Cells(1, dict.fromkeys(PARAMETERS, "item"), skills, items)


def draw_counts(cells, seed):
    rng = np.random.default_rng(seed)
    trials = rng.uniform(0, 30, (len(cells.skill), 1))
    return trials * rng.uniform(0.1, 0.6, trials.shape), trials


def climb(rule, hits, trials, n_steps=10):
    """Return logits of the skill's own guess and slip, and the moves of the items."""
    rates = rule.clip(np.full(trials.shape, 0.3))
    for _ in range(n_steps):
        rates = rule.maximize(hits, trials, rates)
    own = logit(rates[[NAMES.index(name) for name in PARAMETERS], 0])
    items = logit(rates[rule.cells.n_own :, 0]).reshape(2, N_ITEMS)
    return np.append(own, items - own[:, np.newaxis])


def make_loss(rule, hits, trials):
    """Return minus what is to be maximized, written out."""
    variance = SPREAD**2 * np.array([[1, -ALIKE], [-ALIKE, 1]])

    def loss(x):
        own, moves = x[:2], x[2:].reshape(2, N_ITEMS)
        value = -np.sum(moves * np.linalg.solve(variance, moves)) / 2
        for name, logits, move in zip(PARAMETERS, own, moves, strict=True):
            cell, pairs = NAMES.index(name), rule.cells.pairs[name]
            p = np.append(expit(logits), expit(logits + move))
            right = np.append(hits[cell] + rule.hits[cell], hits[pairs])
            wrong = np.append(
                trials[cell] - hits[cell] + rule.misses[cell],
                trials[pairs] - hits[pairs],
            )
            value += np.sum(right * np.log(p) + wrong * np.log(1 - p))
        return -value

    return loss


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("bounds", [None, {"guess": (0.0, 0.22), "slip": (0.3, 0.9)}])
def test_the_m_step_is_the_top_of_a_logistic_regression(cells, bounds, seed):
    limits = read_limits(["a"], False, bounds, "weak", None)
    rule = MaximizationRule(cells, limits, SPREAD)
    hits, trials = draw_counts(cells, seed)
    found, loss = climb(rule, hits, trials), make_loss(rule, hits, trials)
    rows = [NAMES.index(name) for name in PARAMETERS]
    low, high = (
        logit(np.clip(e[rows, 0], EDGE, 1 - EDGE)) for e in (rule.low, rule.high)
    )
    edges = [*zip(low, high, strict=True)] + [(None, None)] * (2 * N_ITEMS)
    best = minimize(loss, np.zeros(len(found)), bounds=edges)
    np.testing.assert_allclose(found, best.x, atol=2e-3)
    assert loss(found) <= best.fun + 1e-8


def test_each_step_is_uphill_and_three_are_nearly_there(cells):
    rule = MaximizationRule(cells, read_limits(["a"], False, None, None, None), SPREAD)
    hits, trials = draw_counts(cells, 5)
    loss = make_loss(rule, hits, trials)
    losses = [loss(climb(rule, hits, trials, n_steps=n)) for n in range(6)]
    assert (np.diff(losses) <= 1e-10).all()
    assert losses[1] - losses[-1] < 1e-3


def test_moves_of_one_item_are_alike(cells):
    # Answers of those who know say that the item is easy, so others guess it, too.
    rule = MaximizationRule(
        cells, read_limits(["a"], False, None, "weak", None), SPREAD
    )
    hits, trials = np.zeros((2, len(cells.skill), 1))
    slips = cells.pairs["slip"]
    trials[slips] = 40
    hits[slips] = [[1], [4], [4], [4], [4], [12]]
    _, _, *moves = climb(rule, hits, trials)
    guess, slip = np.reshape(moves, (2, N_ITEMS))
    assert slip[0] < slip[1] < slip[5]
    assert guess[0] > guess[1] > guess[5]
    np.testing.assert_allclose(guess, -ALIKE * slip, rtol=1e-5)
