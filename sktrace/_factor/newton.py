"""Newton's method for a penalized logistic regression on many sparse columns."""

import warnings

import numpy as np
from scipy.special import expit
from sklearn.exceptions import ConvergenceWarning

__all__ = ["Newton"]

_MAX_STEPS = 500  # of conjugate gradients, for one Newton step
_CLOSE = 0.1  # how far these go: until the gradient left is this share of the first
_SHORTEST = 1e-6  # share of a Newton step: what is left to gain is lost in rounding


class Newton:
    """Fit coefficients b and an intercept c, the most probable ones under a prior.

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
    offset, damping : ndarray of shape (n_rows,) or float

    Attributes
    ----------
    coef_ : ndarray of shape (1, n_columns)
        A next fit starts from it.
    intercept_ : ndarray of shape (1,)
    n_iter_ : ndarray of shape (1,)
        Newton steps of the last fit.
    """

    def __init__(self, tol, max_iter, offset=0.0, damping=1.0):
        self.tol, self.max_iter = tol, max_iter
        self.offset, self.damping = offset, damping
        self.coef_ = None

    def fit(self, columns, target, weight):
        """Fit to targets of 0 and 1, from what an earlier fit has found."""
        if self.coef_ is None:
            self.coef_, self.intercept_ = np.zeros((1, columns.shape[1])), np.zeros(1)
        likelihood = _Likelihood(columns, target, weight, self.offset, self.damping)
        x = np.append(self.coef_[0], self.intercept_)
        logit = likelihood.logit(x)
        total, n_steps = weight.sum(), 0
        while True:
            gradient, hessian, diagonal = likelihood.bend(logit, x)
            steepest = np.abs(gradient).max() / total
            if steepest <= self.tol:
                break
            if n_steps == self.max_iter:
                self._warn(steepest)
                break
            # The nearer the end, the closer: convergence is faster than linear.
            close = min(_CLOSE, np.sqrt(steepest))
            step = _conjugate_gradients(hessian, gradient, diagonal, close)
            moved, length = likelihood.product(step), 1.0
            loss, promised = likelihood.loss(logit, x), 1e-4 * (gradient @ step)
            while length > _SHORTEST and not (
                likelihood.loss(logit + length * moved, x + length * step)
                <= loss + length * promised
            ):
                length /= 2
            if length <= _SHORTEST:
                break
            x, logit, n_steps = x + length * step, logit + length * moved, n_steps + 1
        self.coef_, self.intercept_ = x[None, :-1], x[-1:]
        self.n_iter_ = np.array([n_steps])
        return self

    def predict_proba(self, columns):
        """Return P(0) and P(1) of the rows that were fitted, as scikit-learn does."""
        x = columns @ self.coef_[0] + self.intercept_[0]
        p = expit(self.damping * (self.offset + x))
        return np.column_stack([1 - p, p])

    def _warn(self, steepest):
        warnings.warn(
            f"max_iter={self.max_iter} Newton steps were not enough: the gradient is "
            f"{steepest:.1e}, not tol={self.tol:.1e}. Allow more steps, or be content "
            f"with less: max_iter={2 * self.max_iter}, or tol={2 * steepest:.0e}.",
            ConvergenceWarning,
            stacklevel=2,
        )


class _Likelihood:
    """Minus the logarithm of the posterior density, and its derivatives."""

    def __init__(self, columns, target, weight, offset, damping):
        self.columns, self.target, self.weight = columns, target, weight
        self.transposed = columns.T.tocsr()
        self.squared = self.transposed.copy()
        self.squared.data **= 2
        self.damping = np.broadcast_to(damping, len(target))
        self.offset = self.damping * offset
        self.penalty = np.append(np.ones(columns.shape[1]), 0.0)

    def product(self, x):
        return self.damping * (self.columns @ x[:-1] + x[-1])

    def gather(self, rows):
        rows = self.damping * rows
        return np.append(self.transposed @ rows, rows.sum())

    def logit(self, x):
        return self.offset + self.product(x)

    def loss(self, logit, x):
        by_row = np.logaddexp(0, logit) - self.target * logit
        return self.weight @ by_row + 0.5 * (self.penalty * x) @ x

    def bend(self, logit, x):
        """Return the gradient, what multiplies by the Hessian, and its diagonal."""
        p = expit(logit)
        gradient = self.gather(self.weight * (p - self.target)) + self.penalty * x
        curvature = self.weight * p * (1 - p)
        damped = self.damping**2 * curvature
        diagonal = np.append(self.squared @ damped, damped.sum()) + self.penalty

        def hessian(x):
            return self.gather(curvature * self.product(x)) + self.penalty * x

        return gradient, hessian, diagonal


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
