"""Which of many numbers are unlike the others of their group."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtri

__all__ = ["FEWEST_OTHERS", "adjust", "compare_with_others"]

FEWEST_OTHERS = 3  # of a group; where there are fewer, all are the others
_REACH = 2.0  # standard deviations from the middle beyond which a number is pulled in
_ROUNDS = 5
_HALF_WITHIN = ndtri(0.75)  # standard deviations that hold half of a normal variable


def compare_with_others(value, se, group):
    r"""Standardize each number by the others of its group.

    .. math:: z_i = \frac{v_i - \bar v_{-i}}{\sqrt{s_i^2 + \tau^2 + Var(\bar v_{-i})}}

    where the mean of the others weighs each by its precision, and pulls those that lie
    far out to two standard deviations from the group's median, weighted alike, so that
    odd numbers do not make the others look odd. :math:`\tau`, by which numbers differ
    beyond what chance makes of them, is one for all groups: such that half of all z lie
    within 0.674, as half of a normal variable does, however wild the other half is.

    Parameters
    ----------
    value, se : ndarray of shape (n,)
    group : ndarray of shape (n,), int64
        From 0.

    Returns
    -------
    z : ndarray of shape (n,)
        0 where there is nothing to compare with.
    """
    if len(value) <= FEWEST_OTHERS:
        return np.zeros(len(value))
    spread = 0.0
    for _ in range(_ROUNDS):
        variance = se**2 + spread**2
        centre, centre_variance = _average_others(value, variance, group)
        distance = value - centre
        spread = _find_spread(distance, se**2 + centre_variance)
    return distance / np.sqrt(se**2 + spread**2 + centre_variance)


def _average_others(value, variance, group):
    """Return the mean of the others of each group, or of all, and its variance."""
    enough = (np.bincount(group) > FEWEST_OTHERS)[group]
    weight = 1 / variance
    middle = _medians(value, weight, group)[group]
    middle = np.where(enough, middle, _medians(value, weight, np.zeros_like(group)))
    reach = _REACH * np.sqrt(variance)
    value = np.clip(value, middle - reach, middle + reach)
    total, weights = np.bincount(group, weight * value), np.bincount(group, weight)
    total = np.where(enough, total[group], (weight * value).sum()) - weight * value
    weights = np.where(enough, weights[group], weight.sum()) - weight
    return total / weights, 1 / weights


def _medians(value, weight, group):
    """Return the weighted median of each group: half of the weight lies below it."""
    order = np.lexsort([value, group])
    below = np.cumsum(weight[order])
    ends = np.cumsum(np.bincount(group)) - 1
    starts = np.append(0, below[ends][:-1])
    half = (starts + below[ends]) / 2
    return value[order][np.searchsorted(below, half)]


def _find_spread(distance, variance):
    def beyond(spread):
        return (
            np.median(np.abs(distance) / np.sqrt(variance + spread**2)) - _HALF_WITHIN
        )

    if beyond(0.0) <= 0:
        return 0.0
    return brentq(beyond, 0.0, 1 + 2 * np.abs(distance).max())


def adjust(p_values):
    r"""Adjust p-values for their number, as Benjamini and Hochberg do.

    .. math:: q_{(i)} = \min_{j \ge i} \; p_{(j)} n / j

    Of those with :math:`q \le 0.05`, 5 % at most are expected to be there by chance.
    """
    n = len(p_values)
    order = np.argsort(p_values)[::-1]
    adjusted = np.empty(n)
    ratio = p_values[order] * n / np.arange(n, 0, -1)
    adjusted[order] = np.minimum(np.minimum.accumulate(ratio), 1)
    return adjusted
