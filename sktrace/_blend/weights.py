"""How much each member counts: logits of held-out answers, weighed by a regression."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_expit

from .._arrays import CERTAIN, log_odds

__all__ = ["blend_predictions", "guess_weights", "learn_weights"]

# What the first guess of weights counts for: this many answers.
_STRENGTH = 30.0


def blend_predictions(p, weights):
    r"""Blend predictions in logits.

    .. math:: \mathrm{logit}\, P = \sum_i w_i \, \mathrm{logit}\, p_i

    Parameters
    ----------
    p : sequence of n_members ndarrays of one shape
    weights : ndarray of shape (n_members,)

    Returns
    -------
    ndarray of that shape, float64
        Never surer than one in a million, and so are members as they are read.
    """
    total = sum(weight * log_odds(own) for weight, own in zip(weights, p, strict=True))
    return np.clip(expit(total), CERTAIN, 1 - CERTAIN)


def learn_weights(p, target, weight, student):
    r"""Learn how members are blended, from predictions they made out of sample.

    Weights minimize the log loss of answers, plus a penalty of their distance from a
    first guess, that of `guess_weights`:

    .. math::

        \sum_j v_j \log(1 + e^{-s_j \sum_i w_i l_{ij}})
        + \frac{\lambda}{2} \sum_i (w_i - w^0_i)^2, \quad w \ge 0

    with l the logits, s the answers as -1 and 1, and v their weights.

    Parameters
    ----------
    p : sequence of n_members ndarrays of shape (n_rows,)
    target : ndarray of shape (n_rows,)
        0 or 1.
    weight : ndarray of shape (n_rows,)
    student : ndarray of shape (n_rows,), int64

    Returns
    -------
    ndarray of shape (n_members,), float64
    """
    logits, sign = np.array([log_odds(own) for own in p]), 2.0 * target - 1
    # Sums have the same last bit in whatever order rows stand.
    rows = np.lexsort((*logits, sign, weight, student))
    rows = rows[weight[rows] > 0]
    logits, sign, weight = logits[:, rows], sign[rows], weight[rows]
    guess = guess_weights(-weight * log_expit(sign * logits), student[rows])

    def lose(w):
        margin = sign * (w @ logits)
        loss = -(weight * log_expit(margin)).sum()
        slope = -(logits * (weight * sign * expit(-margin))).sum(axis=1)
        off = w - guess
        return loss + _STRENGTH / 2 * off @ off, slope + _STRENGTH * off

    found = minimize(
        lose, guess, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(guess)
    )
    return found.x if found.x.any() else guess


def guess_weights(losses, student):
    r"""Guess weights from what members lose alone: near the best, if it is sure who is.

    .. math::

        w^0_i \propto e^{-z_i^2 / 2}, \qquad
        z_i = \frac{\sum_s d_{is}}{\sqrt{\sum_s d_{is}^2}}

    with d what member i loses of student s beyond the member that loses least in all.
    So z is the statistic by which students tell the two apart, and members of which
    nobody can tell who is better weigh the same.

    Parameters
    ----------
    losses : ndarray of shape (n_members, n_rows)
    student : ndarray of shape (n_rows,), int64

    Returns
    -------
    ndarray of shape (n_members,), of sum 1
    """
    code = np.unique(student, return_inverse=True)[1]
    by_student = np.array([np.bincount(code, own) for own in losses])
    more = by_student - by_student[by_student.sum(axis=1).argmin()]
    spread = np.sqrt((more**2).sum(axis=1))
    z = more.sum(axis=1) / np.where(spread > 0, spread, 1.0)
    guess = np.exp(-(z**2) / 2)
    return guess / guess.sum()
