"""Newton's method for a penalized logistic regression on many sparse columns."""

import warnings
from typing import NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from .._portions.pieces import total
from .curvature import Hessian

__all__ = ["Likelihood", "Newton", "logit_of"]

_MAX_STEPS = 500  # of conjugate gradients, for one Newton step
_CLOSE = 0.1  # how far these go: until the gradient left is this share of the first
_SHORTEST = 1e-6  # share of a Newton step: what is left to gain is lost in rounding
_ROUNDING = 1e-15  # of a sum, as a share of it


class Newton:
    """Finds the most probable coefficients b and intercept c under a prior.

    The logit of a row is ``damping · (offset + columns b + c)``; b is N(0, 1) a priori,
    and c is free. Newton steps are found by conjugate gradients, preconditioned by the
    diagonal of the Hessian: columns of a thousand answers stand beside columns of
    three, which without that takes three times as long.

    Parameters
    ----------
    tol : float
        A fit ends where no entry of the gradient, per unit of weight, is larger.
    max_iter : int
        Most Newton steps of one fit.
    """

    def __init__(self, tol, max_iter):
        self.tol, self.max_iter = tol, max_iter

    def fit(self, likelihood, x, bent=None):
        """Find the best coefficients.

        Parameters
        ----------
        likelihood : Likelihood
        x : ndarray of shape (n_columns + 1 + n_students,)
            Where to start: columns, the intercept, students.
        bent : Pieces of Bent, optional
            What parts tell there, if that is known.

        Returns
        -------
        x : ndarray of shape (n_columns + 1 + n_students,)
        n_steps : int
            The steps taken to it.
        bent : Pieces of Bent
        """
        total, n_steps = likelihood.weight, 0
        bend = likelihood.bend(x, bent)
        while True:
            steepest = np.abs(bend.gradient).max() / total
            if steepest <= self.tol:
                break
            if n_steps == self.max_iter:
                self._warn(steepest)
                break
            # The nearer the end, the closer: convergence is faster than linear.
            step = bend.step(min(_CLOSE, np.sqrt(steepest)))
            length, promised = 1.0, 1e-4 * (bend.gradient @ step)
            enough = bend.loss + _ROUNDING * abs(bend.loss)
            while length > _SHORTEST:
                there = likelihood.bend(x + length * step)
                if there.loss <= enough + length * promised:
                    break
                length /= 2
            else:
                break
            x, bend, n_steps = x + length * step, there, n_steps + 1
        return x, n_steps, bend.bent

    def _warn(self, steepest):
        warnings.warn(
            f"max_iter={self.max_iter} Newton steps were not enough: the gradient is "
            f"{steepest:.1e}, not tol={self.tol:.1e}. Allow more steps, or be content "
            f"with less: max_iter={2 * self.max_iter}, or tol={2 * steepest:.0e}.",
            ConvergenceWarning,
            stacklevel=2,
        )


class Likelihood:
    """Minus the logarithm of the posterior density, summed over the parts of a log.

    Effects are coefficients times the standard deviations of their priors, so that one
    penalty holds for all but the intercept. Those of students, which stand last, are
    known to their part alone.

    Parameters
    ----------
    parts : Pieces of Part
    scale : ndarray of shape (n_columns,)
    n_students : list of int
        How many each part has.
    student_scale : float
    """

    def __init__(self, parts, scale, n_students, student_scale):
        self.parts, self.student_scale = parts, student_scale
        self.scale = np.append(scale, 1.0)
        self.ends = len(self.scale) + np.cumsum(n_students)
        self.penalty = np.ones(self.ends[-1])
        self.penalty[len(scale)] = 0.0
        self.weight = parts.total(_sum_weight)

    def split(self, x):
        """Return the effects of students, part by part, and the others."""
        n = len(self.scale)
        own = np.split(x[n:] * self.student_scale, self.ends[:-1] - n)
        return own, x[:n] * self.scale

    def bend(self, x, bent=None):
        """Return what is known of the value nearby, a `Bend`."""
        if bent is None:
            own, shared = self.split(x)
            bent = self.parts.keep(_bend, shared, each=own)
        return Bend(self, bent, x)

    @property
    def scales(self):
        """What each coefficient is multiplied by to be an effect."""
        n_own = self.ends[-1] - len(self.scale)
        return np.append(self.scale, np.full(n_own, self.student_scale))


class Bend:
    """The value at a point, its slope, and how it bends.

    Attributes
    ----------
    loss : float
    gradient : ndarray of shape (n_columns + 1 + n_students,)
    """

    def __init__(self, likelihood, bent, x):
        self.likelihood, self.bent = likelihood, bent
        scale, penalty = likelihood.scale, likelihood.penalty
        loss, slopes, self.shared = total(bent.map(_get_sums))
        self.loss = loss + 0.5 * (penalty * x) @ x
        own = np.concatenate(bent.map(_get_own))
        scaled = np.concatenate([scale * slopes, likelihood.student_scale * own])
        self.gradient = scaled + penalty * x

    def step(self, close):
        """Return the step that a Newton step is close to.

        Abilities follow from the other effects, so they are eliminated first; what is
        left is solved by conjugate gradients.
        """
        scale, own_scale = self.likelihood.scale, self.likelihood.student_scale
        n, penalty = len(scale), self.likelihood.penalty[: len(scale)]
        pull = np.split(self.gradient[n:] / own_scale, self.likelihood.ends[:-1] - n)
        precision = own_scale**-2.0
        taken, held = self.bent.total(_eliminate, precision, each=pull)

        def hessian(v):
            effects = scale * v
            through = self.bent.total(_through, effects, precision)
            return scale * (self.shared @ effects - through) + penalty * v

        gradient = self.gradient[:n] - scale * taken
        diagonal = scale**2 * (self.shared.diagonal() - held) + penalty
        shared = _conjugate_gradients(hessian, gradient, diagonal, close)
        own = self.bent.map(_follow, scale * shared, precision, each=pull)
        return np.append(shared, np.concatenate(own) / own_scale)


class Bent(NamedTuple):
    """What a part tells of the value near a point, priors apart."""

    loss: float
    slopes: np.ndarray  # (n_columns,) first derivatives
    own_slopes: np.ndarray  # (n_students,)
    hessian: Hessian


def _sum_weight(part):
    return part.weight.sum()


def logit_of(part, own, shared):
    """Return the logit of each row of a part.

    Parameters
    ----------
    part : Part
    own : ndarray of shape (n_students,)
        The effects of its students.
    shared : ndarray of shape (n_columns,)
        All others, the intercept last.
    """
    logit = part.offset + part.columns.product(shared)
    if part.n_students:
        logit = logit + own[part.student]
    return part.damping * logit


def _bend(part, own, shared):
    """Return the value of a part near a point, a `Bent`."""
    logit = logit_of(part, own, shared)
    # By exponentials, which numpy computes faster than the logistic function.
    small = np.exp(-np.abs(logit))
    p = np.where(logit < 0, small, 1.0) / (1 + small)
    loss = np.maximum(logit, 0) + np.log1p(small) - part.target * logit
    rows = part.damping * (part.weight * (p - part.target))
    own_slopes = np.empty(0)
    if part.n_students:
        own_slopes = np.bincount(part.student, rows, part.n_students)
    curvature = part.damping**2 * (part.weight * p * (1 - p))
    loss, slopes = (part.weight * loss).sum(), part.columns.gather(rows)
    return Bent(loss, slopes, own_slopes, part.curvature.of(curvature))


def _get_sums(bent):
    """Return what adds up over parts."""
    return bent.loss, bent.slopes, bent.hessian.shared


def _get_own(bent):
    return bent.own_slopes


def _eliminate(bent, pull, precision):
    """Return what abilities take off the gradient, and off the Hessian's diagonal."""
    across, freedom = bent.hessian.across, bent.hessian.freedom(precision)
    return across @ (freedom * pull), across.power(2) @ freedom


def _through(bent, effects, precision):
    """Return what abilities that follow from effects take off their Hessian."""
    told = bent.hessian
    return told.across @ (told.freedom(precision) * (told.crossed @ effects))


def _follow(bent, pull, effects, precision):
    """Return the steps of students who follow those of effects."""
    told = bent.hessian
    return -told.freedom(precision) * (pull + told.crossed @ effects)


def _conjugate_gradients(hessian, gradient, diagonal, close):
    """Return the step that a Newton step is close to."""
    step, left = np.zeros_like(gradient), -gradient
    curved = diagonal > 0  # where all rows are sure, the intercept is not
    diagonal = np.where(curved, diagonal, 1.0)
    scaled = curved * left / diagonal
    direction, size = scaled, left @ scaled
    enough = close**2 * size
    for _ in range(_MAX_STEPS):
        bent = hessian(direction)
        bend = direction @ bent
        if not bend > 0:  # no more is known than where to go
            break
        length = size / bend
        step = step + length * direction
        left = left - length * bent
        scaled = curved * left / diagonal
        before, size = size, left @ scaled
        if size <= enough:
            break
        direction = scaled + size / before * direction
    return step
