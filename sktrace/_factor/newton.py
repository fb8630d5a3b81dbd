"""Newton's method for a penalized logistic regression on many sparse columns."""

import warnings

import numpy as np
from scipy.special import expit
from sklearn.exceptions import ConvergenceWarning

from .._portions.pieces import total

__all__ = ["Likelihood", "Newton", "logit_of"]

_MAX_STEPS = 500  # of conjugate gradients, for one Newton step
_CLOSE = 0.1  # how far these go: until the gradient left is this share of the first
_SHORTEST = 1e-6  # share of a Newton step: what is left to gain is lost in rounding


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

    def fit(self, likelihood, x):
        """Return the best coefficients, the intercept last, and the steps taken to it.

        Parameters
        ----------
        likelihood : Likelihood
        x : ndarray of shape (n_columns + n_students + 1,)
            Where to start.
        """
        total, n_steps = likelihood.weight, 0
        while True:
            loss, gradient, hessian, diagonal = likelihood.bend(x)
            steepest = np.abs(gradient).max() / total
            if steepest <= self.tol:
                break
            if n_steps == self.max_iter:
                self._warn(steepest)
                break
            # The nearer the end, the closer: convergence is faster than linear.
            close = min(_CLOSE, np.sqrt(steepest))
            step = _conjugate_gradients(hessian, gradient, diagonal, close)
            length, promised = 1.0, 1e-4 * (gradient @ step)
            while length > _SHORTEST and not (
                likelihood.loss(x + length * step) <= loss + length * promised
            ):
                length /= 2
            if length <= _SHORTEST:
                break
            x, n_steps = x + length * step, n_steps + 1
        return x, n_steps

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
    penalty holds for all. Those of students are known to their part alone.

    Parameters
    ----------
    parts : Pieces of Part
    scale : ndarray of shape (n_columns,)
    n_students : list of int
        How many each part has.
    student_scale : float
    """

    def __init__(self, parts, scale, n_students, student_scale):
        self.parts, self.scale, self.student_scale = parts, scale, student_scale
        self.ends = len(scale) + np.cumsum(n_students)
        self.penalty = np.append(np.ones(self.ends[-1]), 0.0)
        self.weight = parts.total(_sum_weight)

    def split(self, x):
        """Return the effects of students, part by part, the others, the intercept."""
        n = len(self.scale)
        own = np.split(x[n:-1] * self.student_scale, self.ends[:-1] - n)
        return own, (x[:n] * self.scale, x[-1])

    def _join(self, gathered):
        """Return as coefficients what was gathered by the parts."""
        shared, own, sums = zip(*gathered, strict=True)
        shared, own = self.scale * total(shared), self.student_scale * np.hstack(own)
        return np.concatenate([shared, own, [total(sums)]])

    def loss(self, x):
        """Return its value."""
        own, shared = self.split(x)
        by_part = self.parts.total(_loss, *shared, each=own)
        return by_part + 0.5 * (self.penalty * x) @ x

    def bend(self, x):
        """Return the value, the gradient, what multiplies by the Hessian, its diagonal.

        The intercept stands last.
        """
        own, shared = self.split(x)
        bent = self.parts.keep(_bend, *shared, each=own)
        losses, slopes, squares = zip(*bent.map(_summary), strict=True)
        loss = total(losses) + 0.5 * (self.penalty * x) @ x
        gradient = self._join(slopes) + self.penalty * x
        # That of squares is scaled twice, by what _join scales once.
        diagonal = self._join(squares) * self.scales + self.penalty
        both = self.parts.beside(bent)

        def hessian(x):
            own, shared = self.split(x)
            return self._join(both.map(_turn, *shared, each=own)) + self.penalty * x

        return loss, gradient, hessian, diagonal

    @property
    def scales(self):
        """What each coefficient is multiplied by to be an effect."""
        n_own = self.ends[-1] - len(self.scale)
        return np.concatenate([self.scale, np.full(n_own, self.student_scale), [1.0]])


def _sum_weight(part):
    return part.weight.sum()


def product(part, own, shared, intercept):
    """Return what effects add up to in each row of a part, damped."""
    effects = part.columns @ shared
    if part.n_students:
        effects = effects + own[part.student]
    return part.damping * (effects + intercept)


def logit_of(part, own, shared, intercept):
    """Return the logit of each row of a part.

    Parameters
    ----------
    part : Part
    own : ndarray of shape (n_students,)
        The effects of its students.
    shared : ndarray of shape (n_columns,)
        All others.
    intercept : float
    """
    return part.damping * part.offset + product(part, own, shared, intercept)


def _gather(part, rows, columns=None):
    """Sum the values of rows by effect: shared ones, students', the intercept."""
    columns, own = part.columns if columns is None else columns, np.empty(0)
    if part.n_students:
        own = np.bincount(part.student, rows)
    return columns.T @ rows, own, rows.sum()


def _loss(part, own, shared, intercept):
    return _loss_of(part, logit_of(part, own, shared, intercept))


def _loss_of(part, logit):
    return part.weight @ (np.logaddexp(0, logit) - part.target * logit)


def _bend(part, own, shared, intercept):
    """Return the loss of a part, slopes, their squares, and the curvature of rows."""
    logit = logit_of(part, own, shared, intercept)
    p = expit(logit)
    loss = _loss_of(part, logit)
    slopes = _gather(part, part.damping * (part.weight * (p - part.target)))
    curvature = part.weight * p * (1 - p)
    columns = part.columns
    squared = (columns.data**2, columns.indices, columns.indptr)
    squared = type(columns)(squared, shape=columns.shape)
    return loss, slopes, _gather(part, part.damping**2 * curvature, squared), curvature


def _summary(bent):
    return bent[:3]


def _turn(pair, own, shared, intercept):
    """Multiply by the Hessian of a part."""
    part, (*_, curvature) = pair
    rows = curvature * product(part, own, shared, intercept)
    return _gather(part, part.damping * rows)


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
