"""Tracing a student's ability, answer by answer, while skills are held fixed.

The model. A student answers correctly with the probability expit(logit + ability),
where the logit is what the row's skills and the student's practice say. Ability starts
as N(0, s²) and, from one moment with answers to the next, drifts without spreading::

    ability' = a ability + sqrt(1 - a²) s noise        noise ~ N(0, 1)

so that an answer given k moments ago weighs by a^k; a = 1 is one ability for good.

An item may weigh ability by a slope: then it is logit + slope · ability.

The filter. What is known of ability before a moment is kept as N(m, v). The answers of
a moment multiply this belief by their likelihood, which leaves no normal distribution.
Assumed-density filtering goes on with the normal one of the same mean and variance.
Both are integrals over N(m, v), here sums over the nodes of Gauss-Hermite quadrature
z_j with weights w_j::

    L_j ∝ w_j likelihood(m + sqrt(v) z_j)              sum of L_j = 1
    m' = m + sqrt(v) sum L_j z_j
    v' = v (sum L_j z_j² - (sum L_j z_j)²)

then the drift: m ← a m', v ← a² v' + (1 - a²) s². A prediction is the average of
expit(logit + ability) over N(m, v), by the same nodes.

All sums run element by element, never through BLAS, so that a student's numbers do not
depend, to the last bit, on which others are traced along.
"""

from itertools import pairwise

import numpy as np
from scipy.special import expit

from .._interactions.practice import open_moments

__all__ = ["drift", "predict_from_ability", "read_answers", "trace_ability"]

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
_NODES = _NODES[:, None]  # (n_nodes, 1): to be spread over rows
_POWERS = np.stack([_NODES**power for power in range(3)])
_WEIGHTS = (_WEIGHTS / _WEIGHTS.sum())[:, None]


def trace_ability(logit, answer, timeline, scale, persistence, slope=None):
    """Return what is known of ability before each row.

    Parameters
    ----------
    logit : ndarray of shape (n_rows,)
        Of the probability that a student of ability 0 is right; rows in time order.
    answer : ndarray of shape (n_rows,)
        1, 0, a number between for an answer that speaks for both, or NaN: no answer,
        no evidence and no drift.
    timeline : Timeline
        One entry per row.
    scale : float
        Standard deviation s of ability.
    persistence : float
        Autocorrelation a of ability between two moments with answers.
    slope : ndarray of shape (n_rows,), optional
        What ability is weighed by, 1 everywhere if there are none.

    Returns
    -------
    mean, variance : ndarray of shape (n_rows,)
    """
    evidence = np.flatnonzero(~np.isnan(answer))
    if slope is None:
        slope = np.ones(len(logit))
    opens = open_moments(timeline, ~np.isnan(answer))
    step = timeline.count_before(opens)
    n_steps = np.bincount(timeline.student, opens).astype(np.int64)
    # A student with answers in n moments has n + 1 states: before each, and at last.
    first_state = np.cumsum(n_steps + 1) - (n_steps + 1)
    mean = np.zeros(n_steps.sum() + len(n_steps))
    variance = np.full(len(mean), float(scale) ** 2)

    # Students with most steps first, so that those with a t-th step are the first few.
    longest = np.argsort(-n_steps, kind="stable")
    place = np.argsort(longest, kind="stable")[timeline.student]
    # Answers of a moment in an order of content, for the last bit of their sum.
    evidence = evidence[
        np.lexsort([values[evidence] for values in (slope, answer, logit, place, step)])
    ]
    student = place[evidence]
    # The first answer of each student at each step, and where steps begin among them.
    firsts = np.flatnonzero(_begins(student) | _begins(step[evidence]))
    bounds = np.searchsorted(step[evidence][firsts], np.arange(n_steps.max() + 1))
    m, v, state = np.zeros(len(longest)), variance[: len(longest)], first_state[longest]
    logit, answer, slope = (values[evidence] for values in (logit, answer, slope))
    edges = np.append(firsts, len(evidence))
    for first, last in pairwise(bounds.tolist()):
        n, start = last - first, edges[first]
        rows = slice(start, edges[last])
        alone = rows.stop - start == n  # one answer of each
        m, v = read_answers(
            logit[rows],
            answer[rows],
            firsts[first:last] - start,
            m[:n],
            v[:n],
            slice(None) if alone else student[rows],
            slope[rows],
        )
        m, v = drift(m, v, scale, persistence)
        state = state[:n] + 1
        mean[state], variance[state] = m, v
    before = first_state[timeline.student] + step
    return mean[before], variance[before]


def read_answers(logit, answer, starts, mean, variance, student=0, slope=1.0):
    """Return the belief after the answers of a moment, one moment per student.

    Parameters
    ----------
    logit, answer : ndarray of shape (n_answers,)
    starts : ndarray of shape (n_students,)
        The first answer of each student.
    mean, variance : ndarray of shape (n_students,)
        What was believed before.
    student : ndarray of shape (n_answers,), slice, or 0 for a single student
        Whose answer it is.
    slope : ndarray of shape (n_answers,), or float
        What ability is weighed by.

    Returns
    -------
    mean, variance : ndarray of shape (n_students,)
    """
    spread = np.sqrt(variance)
    x = logit + slope * (mean[student] + spread[student] * _NODES)
    # The last is log(1 + exp(x)); numpy's function for it takes four times as long.
    log_likelihood = answer * x - (np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))
    if len(starts) < len(logit):
        log_likelihood = np.add.reduceat(log_likelihood, starts, axis=1)
    posterior = _WEIGHTS * np.exp(log_likelihood - log_likelihood.max(axis=0))
    mass, shift, square = (_POWERS * posterior).sum(axis=1)
    shift, square = shift / mass, square / mass
    # Where all mass is at one node, the difference is rounding, of either sign.
    return mean + spread * shift, variance * np.maximum(square - shift**2, 0.0)


def _begins(codes):
    """Mark where a sorted array of codes has the next one."""
    return np.diff(codes, prepend=-1) != 0


def drift(mean, variance, scale, persistence):
    """Return the belief one moment later."""
    stays = persistence**2
    return persistence * mean, stays * variance + (1 - stays) * scale**2


def predict_from_ability(logit, mean, variance):
    """Average expit(logit + ability) over what is known of ability."""
    p = (_WEIGHTS * expit(logit + mean + np.sqrt(variance) * _NODES)).sum(axis=0)
    return np.minimum(p, 1.0)  # the weights sum to 1 but for rounding
