"""EM and filtering of BKT against enumeration, published numbers and known truth."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sktrace._bkt import em
from sktrace._bkt.cells import Cells
from sktrace._bkt.expectation import ExpectedCounts
from sktrace._bkt.forest import Forest
from sktrace._bkt.limits import draw_starts, name_states, read_limits
from sktrace._bkt.shrinkage import MaximizationRule

from ..conftest import make_log
from ._histories import grow as grow_log
from ._histories import simulate
from ._models import one_student


def grow(X):
    """Return the histories of a log, its timeline, and each row's history before."""
    log, timeline, histories, before, _ = grow_log(X)
    return histories, timeline, before, log


# Without items and groups, rates are the parameters of skills and nothing else: theta,
# an array of shape (5, n_skills, n_starts).


def flat(theta):
    return theta.reshape(-1, theta.shape[-1])


def filter_known(histories, theta):
    """Return P(known) after each node's history, ready for the next opportunity."""
    nodes = np.arange(len(histories.parent))
    return em.Filter(histories, flat(theta)).known_next(
        nodes, nodes >= histories.n_roots
    )


def log_likelihood(histories, theta):
    return em.log_likelihood(histories, flat(theta))


def expect(histories):
    """Return what gives the expected counts of theta, (5, n_skills, n_starts)."""
    expected = ExpectedCounts(histories, 5 * histories.n_skills)

    def counts(theta):
        value, *counted = expected(flat(theta))
        return value, *(c.reshape(theta.shape) for c in counted)

    counts.flat = expected
    return counts


def rule(limits):
    return MaximizationRule(Cells(limits.low.shape[1]), limits, 1.0)


def em_step(expected, limits, theta):
    value, rates = em._em_step(expected.flat, rule(limits), flat(theta))
    return value, rates.reshape(theta.shape)


def cycle(expected, limits, theta, longest):
    rates, *more = em._cycle(expected.flat, rule(limits), flat(theta), longest)
    return rates.reshape(theta.shape), *more


def maximize(histories, starts, limits, tol, max_iter):
    forest = Forest.of(histories, Cells(histories.n_skills))
    rates, *more = em.maximize(forest, flat(starts), rule(limits), tol, max_iter)
    return rates.reshape(5, -1), *more


def free(n_skills=1, forget=True):
    return read_limits(list(range(n_skills)), forget, None, None, None)


def draw_theta(rng, n_skills, n_starts=1):
    return rng.uniform(0.05, 0.95, (5, n_skills, n_starts))


def enumerate_states(answers, theta):
    """Return P(answers) and P(known at the end and answers), over all state paths.

    `answers` holds, for each opportunity, the list of answers given in that moment.
    """
    prior, learn, guess, slip, forget = theta
    p_right = [guess, 1 - slip]
    change = [[1 - learn, learn], [forget, 1 - forget]]
    total, known = 0.0, 0.0
    for path in product([0, 1], repeat=len(answers) + 1):
        p = prior if path[0] else 1 - prior
        for state, following, moment in zip(path[:-1], path[1:], answers, strict=True):
            for answer in moment:
                p *= p_right[state] if answer else 1 - p_right[state]
            p *= change[state][following]
        total += p
        known += p * path[-1]
    return total, known


def moments(rows):
    """Return the answers of each moment, in time order."""
    return [m["correct"].tolist() for _, m in rows.groupby("order_id")]


# --- inference ---------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), ties=st.booleans())
def test_filtering_is_enumeration_of_hidden_states(seed, ties):
    X = make_log(n_students=6, n_skills=2, n_steps=9, seed=seed, ties=ties)
    histories, timeline, before, log = grow(X)
    theta = draw_theta(np.random.default_rng(seed), len(log.skills))
    known = timeline.restore(filter_known(histories, theta)[before, 0])
    own = ["user_id", "skill_name"]
    total = np.zeros(len(log.skills))
    for _, rows in X.groupby(own):
        skill = log.skill[rows.index[0]]
        p, _ = enumerate_states(moments(rows), theta[:, skill, 0])
        total[skill] += np.log(p)
        for i in rows.index:
            past = moments(rows[rows["order_id"] < rows["order_id"][i]])
            p, p_known = enumerate_states(past, theta[:, skill, 0])
            assert abs(known[i] - p_known / p) < 1e-10
    np.testing.assert_allclose(
        log_likelihood(histories, theta)[:, 0], total, rtol=0, atol=1e-10
    )


def test_expected_counts_are_the_gradient_of_the_likelihood():
    # d log P / d log parameter = hits, d log P / d log (1 - parameter) = trials - hits.
    X = make_log(n_students=40, n_skills=3, n_steps=12)
    histories, *_ = grow(X)
    theta = draw_theta(np.random.default_rng(0), 3, 2)
    value, hits, trials = expect(histories)(theta)
    np.testing.assert_allclose(value, log_likelihood(histories, theta), rtol=1e-12)
    gradient = hits / theta - (trials - hits) / (1 - theta)
    for name in range(5):
        up, down = theta.copy(), theta.copy()
        up[name] += 1e-6
        down[name] -= 1e-6
        slope = log_likelihood(histories, up) - log_likelihood(histories, down)
        np.testing.assert_allclose(slope / 2e-6, gradient[name], rtol=1e-4, atol=1e-4)


def test_thousands_of_right_answers_and_then_wrong_ones_are_counted():
    # Their odds are more than a float holds.
    answers = [1] * 700 + [0, 1] * 40
    histories, *_ = grow(one_student(answers))
    for forget in (0.0, 0.02):
        theta = np.reshape([0.3, 0.1, 0.1, 0.05, forget], (5, 1, 1))
        value, hits, trials = expect(histories)(theta)
        told = log_likelihood(histories, theta)
        np.testing.assert_allclose(value, told, rtol=1e-12)
        assert hits[:2].sum() > 1 - 1e-9  # once it was learnt, at least
        answered = trials[2] + trials[3]
        np.testing.assert_allclose(answered, len(answers), rtol=1e-12)


# --- maximization --------------------------------------------------------------------


@pytest.mark.parametrize("forget", [False, True])
@pytest.mark.parametrize("prior", [None, {"guess": (2, 5), "learn": (1, 9)}])
def test_likelihood_never_falls(forget, prior):
    # Students of one answer included: tools that forget them can lose likelihood.
    X = make_log(n_students=150, n_skills=3, n_steps=8)
    histories, *_ = grow(X)
    limits = read_limits([0, 1, 2], forget, None, prior, None)
    theta = limits.clip(draw_theta(np.random.default_rng(1), 3, 4))
    expected = expect(histories)
    longest = np.full((3, 4), 4.0)

    def value(theta):
        return log_likelihood(histories, theta) + limits.log_prior(theta)

    for _ in range(15):
        _, plain = em_step(expected, limits, theta)
        faster, bound, longest = cycle(expected, limits, theta, longest)
        assert (value(plain) - value(theta) > -1e-9).all()
        assert (value(faster) - value(plain) > -1e-9).all()
        assert (value(faster) - bound > -1e-9).all()
        theta = faster


PARITY = {
    # Twenty EM steps from one start, as pyBKT 1.4.3 publishes them: CAHLR/pyBKT,
    # tests/reference/em_parity.json, on answers simulated with seed 1.
    "learning": (
        {},
        0.0,
        [
            0.24569921910455528,
            0.1983087679584191,
            0.2054166610251747,
            0.11062105583972617,
            0.0,
        ],
    ),
    "forgetting": (
        {"forget": 0.05},
        0.1,
        [
            0.2758001615732124,
            0.2231925160140649,
            0.1813362623723062,
            0.10066123435986726,
            0.07744808192286638,
        ],
    ),
}


@pytest.mark.parametrize("case", PARITY)
def test_twenty_plain_em_steps_are_those_that_pybkt_publishes(case):
    truth, forget, published = PARITY[case]
    X = simulate(1, 200, 8, prior=0.3, learn=0.2, guess=0.2, slip=0.1, **truth)
    histories, *_ = grow(X)
    start = [
        0.46147936225293185,
        0.3122116705145822,
        0.04730977034757329,
        0.19197630639825713,
        forget,
    ]
    theta = np.reshape(start, (5, 1, 1))
    expected, limits = expect(histories), free()
    for _ in range(20):
        _, theta = em_step(expected, limits, theta)
    np.testing.assert_allclose(theta[:, 0, 0], published, rtol=1e-12, atol=1e-15)


def test_the_fit_is_likelier_than_what_pybkt_publishes():
    # tests/reference/model_outputs.json of pyBKT 1.4.3: best of two fits, 100 steps.
    X = simulate(6, 30, 5, prior=0.3, learn=0.2, guess=0.2, slip=0.1, forget=0.05)
    histories, *_ = grow(X)
    published = np.reshape(
        [0.15502743, 0.12429837, 0.30779643, 0.00102021, 0], (5, 1, 1)
    )
    starts = draw_starts(5, 1, np.random.RandomState(0))
    limits = free(forget=False)
    theta, _, _ = maximize(histories, limits.clip(starts), limits, 1e-6, 1000)
    ours = log_likelihood(histories, theta[:, :, np.newaxis])
    assert ours > log_likelihood(histories, np.reshape(published, (5, 1, 1)))
    np.testing.assert_allclose(ours, -90.7695, atol=1e-3)


def test_acceleration_ends_where_plain_em_ends_in_fewer_steps():
    X = simulate(2, 400, 10, prior=0.4, learn=0.15, guess=0.2, slip=0.1, forget=0.05)
    histories, *_ = grow(X)
    limits, start = free(), np.reshape([0.5, 0.1, 0.2, 0.1, 0.02], (5, 1, 1))
    fast, n_iter, converged = maximize(histories, start, limits, 1e-10, 3000)
    expected, theta = expect(histories), start
    for _ in range(3000):
        _, theta = em_step(expected, limits, theta)
    np.testing.assert_allclose(fast, theta[:, :, 0], atol=1e-4)
    assert converged.all()
    assert n_iter < 600


@pytest.mark.parametrize("forget", [0.0, 0.08])
def test_truth_is_recovered(forget):
    truth = {"prior": 0.3, "learn": 0.15, "guess": 0.2, "slip": 0.1, "forget": forget}
    X = simulate(3, 3000, 12, **truth)
    histories, *_ = grow(X)
    limits = free(forget=forget > 0)
    starts = limits.clip(draw_starts(5, 1, np.random.RandomState(0)))
    theta, _, converged = maximize(histories, starts, limits, 1e-4, 1000)
    assert converged.all()
    np.testing.assert_allclose(theta[:, 0], list(truth.values()), atol=0.03)


def test_mirrored_states_have_one_likelihood_and_one_name():
    X = make_log(n_students=60, n_skills=3)
    histories, *_ = grow(X)
    theta = draw_theta(np.random.default_rng(3), 3)
    theta[2:4, 0] = 0.7  # guess + slip > 1: the "known" state answers worse
    named = name_states(theta)
    prior, learn, guess, slip, forget = theta[:, 0, 0]
    mirrored = [1 - prior, forget, 1 - slip, 1 - guess, learn]
    np.testing.assert_allclose(named[:, 0, 0], mirrored, rtol=1e-14)
    assert (named[2] + named[3] <= 1).all()
    np.testing.assert_allclose(
        log_likelihood(histories, named), log_likelihood(histories, theta), rtol=1e-12
    )
    np.testing.assert_array_equal(name_states(named), named)


# --- what is stated ------------------------------------------------------------------


def test_bounds_are_the_best_that_is_allowed():
    X = simulate(4, 200, 6, prior=0.3, learn=0.2, guess=0.4, slip=0.3)
    histories, *_ = grow(X)
    limits = read_limits([0], False, {"guess": (0, 0.1)}, None, None)
    start = limits.clip(np.reshape([0.5, 0.1, 0.2, 0.1, 0.0], (5, 1, 1)))
    theta, _, _ = maximize(histories, start, limits, 1e-9, 3000)
    best = log_likelihood(histories, theta[:, :, np.newaxis])
    rng = np.random.default_rng(0)
    near = theta[:, :, np.newaxis] + rng.normal(0, 0.01, (5, 1, 500))
    near = limits.clip(np.clip(near, 1e-9, 1 - 1e-9))
    assert (log_likelihood(histories, near) <= best + 1e-6).all()
    assert theta[2, 0] == 0.1


def test_a_beta_prior_counts_as_answers_seen_before():
    X = simulate(5, 100, 5, prior=0.3, learn=0.2, guess=0.2, slip=0.1)
    histories, *_ = grow(X)
    theta = np.reshape([0.5, 0.1, 0.2, 0.1, 0.0], (5, 1, 1))
    _, hits, trials = expect(histories)(theta)
    none = dict.fromkeys(("prior", "learn", "slip"), (1, 1))
    limits = read_limits([0], False, None, none | {"guess": (4, 17)}, None)
    _, after = em_step(expect(histories), limits, theta)
    assert after[2] == (hits[2] + 3) / (trials[2] + 3 + 16)
    np.testing.assert_allclose(after[:2], (hits / trials)[:2], rtol=1e-14)


def test_starts_are_alike_for_all_skills_and_known_is_better():
    starts = draw_starts(7, 3, np.random.RandomState(0))
    assert starts.shape == (5, 3, 7)
    assert (starts == starts[:, :1]).all()
    assert ((starts > 0) & (starts < 1)).all()
    assert (starts[2] + starts[3] < 1).all()
    assert len(np.unique(starts[:, 0], axis=1).T) == 7
    for n in (1, 2, 3):
        few = draw_starts(n, 2, np.random.RandomState(0))
        np.testing.assert_array_equal(few[:, 0, :2], starts[:, 0, : min(n, 2)])
        assert few.shape == (5, 2, n)
