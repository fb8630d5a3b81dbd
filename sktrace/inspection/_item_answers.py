"""The answers on items: what was expected of each, and how they go against that."""

from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

__all__ = ["Estimate", "fit_curves", "mean_squares", "sums_by"]

SURE = 1e-3  # no answer is thought less likely: it would drown the others of its item
SHIFT_PRIOR = 2.0  # standard deviation of an item's shift, in logits
SLOPE_PRIOR = 0.5  # and of its slope, around 1
_STEPS = 50  # of Newton's method; ten do


class Estimate(NamedTuple):
    """A number of each item, shrunk and as its answers alone would have it."""

    value: np.ndarray  # (n_items,), drawn to the mean of its prior
    se: np.ndarray
    alone: np.ndarray  # (n_items,), by one step without the prior
    alone_se: np.ndarray


def sums_by(item, n_items):
    """Return a function that sums values of answers by item."""
    return lambda values: np.bincount(item, values, n_items)


def mean_squares(item, y, p, n_items):
    r"""Compare the squared residuals of each item with what they should be.

    With :math:`w = p (1 - p)` the variance of an answer, the mean squares are

    .. math::

        outfit &= \frac{1}{n} \sum (y - p)^2 / w & Var &= \sum (1 / w - 4) / n^2 \\
        infit &= \frac{\sum (y - p)^2}{\sum w}   & Var &= \frac{\sum w (1 - 4 w)}
                                                           {(\sum w)^2}

    Parameters
    ----------
    item : ndarray of shape (n_answers,), int64
    y, p : ndarray of shape (n_answers,)
        The answer, 0 or 1, and its probability of 1.
    n_items : int

    Returns
    -------
    dict of str to ndarray of shape (n_items,)
        ``infit`` and ``outfit``, 1 as expected; ``infit_z`` and ``outfit_z``, about
        normal by the cube root of Wilson and Hilferty. NaN without answers.
    """
    p = np.clip(p, SURE, 1 - SURE)
    sums, w, squared = sums_by(item, n_items), p * (1 - p), (y - p) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        n, expected = sums(np.ones(len(p))), sums(w)
        infit, outfit = sums(squared) / expected, sums(squared / w) / n
        infit_sd = np.sqrt(sums(w * (1 - 4 * w))) / expected
        outfit_sd = np.sqrt(sums(1 / w - 4)) / n
    return {
        "infit": infit,
        "outfit": outfit,
        "infit_z": _standardize(infit, infit_sd),
        "outfit_z": _standardize(outfit, outfit_sd),
    }


def _standardize(mean_square, sd):
    # Where all is even, p = 1/2, the squares say nothing: they are what they must be.
    even = sd < 1e-9
    sd = np.where(even, 1, sd)
    z = (np.cbrt(mean_square) - 1) * 3 / sd + sd / 3
    return np.where(even, 0, z)


def fit_curves(item, y, p, n_items):
    r"""Fit to each item how its answers go with what was expected of them.

    .. math:: P(y = 1) = \sigma(m + a + b \, (logit(p) - m))

    with m the mean of logit(p) over the item's answers, weighted by p (1 - p): so a is
    the shift for those who meet the item, and the slope b is all but independent of
    it. Priors :math:`a \sim N(0, 2^2)` and :math:`b \sim N(1, 0.5^2)` keep
    few answers from saying much; the maximum is found by Newton's method, for all items
    at once.

    Parameters
    ----------
    item, y, p, n_items
        As in `mean_squares`.

    Returns
    -------
    shift, slope : Estimate
    """
    sums = sums_by(item, n_items)
    expected = logit(np.clip(p, SURE, 1 - SURE))
    w = expit(expected) * expit(-expected)
    with np.errstate(invalid="ignore"):
        m = np.nan_to_num(sums(w * expected) / sums(w))
    x = expected - m[item]
    a, b = np.zeros(n_items), np.ones(n_items)
    for _ in range(_STEPS):
        fitted = expit((m + a)[item] + b[item] * x)
        w = fitted * (1 - fitted)
        aa, ab, bb = sums(w), sums(w * x), sums(w * x**2)
        own_a, own_b = sums(y - fitted), sums((y - fitted) * x)
        step_a, step_b = _solve(
            (aa + SHIFT_PRIOR**-2, ab, bb + SLOPE_PRIOR**-2),
            (own_a - a * SHIFT_PRIOR**-2, own_b - (b - 1) * SLOPE_PRIOR**-2),
        )
        # No longer step than 1, from which Newton's method comes back.
        step_a, step_b = np.clip(step_a, -1, 1), np.clip(step_b, -1, 1)
        a, b = a + step_a, b + step_b
        if max(np.abs(step_a).max(), np.abs(step_b).max()) < 1e-8:
            break
    shift = _estimate(a, 0, SHIFT_PRIOR, _profile(aa, ab, bb, SLOPE_PRIOR))
    slope = _estimate(b, 1, SLOPE_PRIOR, _profile(bb, ab, aa, SHIFT_PRIOR))
    return shift, slope


def _solve(matrix, vector):
    """Solve two equations of a symmetric matrix, for each item."""
    (aa, ab, bb), (a, b) = matrix, vector
    determinant = aa * bb - ab**2
    return (bb * a - ab * b) / determinant, (aa * b - ab * a) / determinant


def _profile(own, cross, other, prior):
    """Return the information on one number when the other is fitted, too."""
    return np.maximum(own - cross**2 / (other + prior**-2), 0)


def _estimate(value, mean, prior, information):
    """Say how sure a shrunk number is, and what it would be without the prior."""
    told = np.maximum(information, 1e-12)
    alone = value + (value - mean) * prior**-2 / told
    return Estimate(value, (information + prior**-2) ** -0.5, alone, told**-0.5)
