"""How much skills, items and students differ: standard deviations, fitted by EM.

The effects b of a skill, its easiness and its own slopes, are N(0, D) a priori, where D
is diagonal and the same for all skills. What answers say of them is summed up by a
normal likelihood, of the information A that they hold and peaked where the most
probable b says: Laplace's approximation. With it, steps of EM [1]_ maximize the
marginal likelihood of D, in which effects are integrated out::

    V = (A + D^-1)^-1      m = V (A + D_before^-1) b
    D = (sum over skills (m² + diagonal of V) + prior · typical²) / (n_skills + prior)

so that a variance is the mean of squared effects, what is not known of them included.
A weak prior counts as a few effects of a typical size, which decide where a class has
three skills, and are outvoted by fifty. Items and students have one effect each.

.. [1] Laird, N. M. and Ware, J. H. (1982). Random-effects models for longitudinal data.
   Biometrics, 38(4). Of binary answers: Stiratelli, R., Laird, N. and Ware, J. H.
   (1984). Random-effects models for serial observations with binary response.
   Biometrics, 40(4).
"""

import numpy as np

__all__ = ["Scales", "held_on_skills"]

# Beyond these variances nothing, and anything, is expected; their inverses are numbers.
_NARROWEST, _WIDEST = 1e-200, 1e6
_EM_STEPS = 30  # between two fits
_LEAST = 1e-3  # share of the typical size: less is nothing, and could not grow again
_MOST = 10.0  # times the typical size: more would be certain of what comes next
_CLOSE = 0.1  # share of the typical size below which changes do not matter


class Scales:
    """Standard deviations of the effects of skills, of items or of students.

    Parameters
    ----------
    variances : sequence of float, None or "auto"
        Those that are stated; None and "auto" are fitted.
    typical : sequence of float
        Of each kind of effect, the size of a typical one, where the fit starts.
    prior : float
        How many effects of typical size are added to those of the log.
    """

    def __init__(self, variances, typical, prior):
        self.typical, self.prior = np.array(typical, dtype=float), prior
        self.fits = np.array([variance in (None, "auto") for variance in variances])
        stated = np.where(self.fits, self.typical**2, variances).astype(float)
        self.values = np.sqrt(np.clip(stated, _NARROWEST, _WIDEST))

    def update(self, effects, information):
        """Take steps of EM; return how much the values have changed.

        Parameters
        ----------
        effects : ndarray of shape (n, n_kinds)
            The most probable ones under the present values.
        information : ndarray of shape (n, n_kinds, n_kinds)
            What the answers hold on them, the prior apart.

        Returns
        -------
        float
            Relative to the values, or to a share of their typical size.
        """
        if not (self.fits.any() and len(effects)):
            return 0.0
        before = self.values
        pull = ((information + np.diag(before**-2.0)) @ effects[..., None])[..., 0]
        values = before
        for _ in range(_EM_STEPS):
            variance = _invert(information + np.diag(values**-2.0))
            mean = (variance @ pull[..., None])[..., 0]
            total = (mean**2 + np.diagonal(variance, axis1=1, axis2=2)).sum(axis=0)
            total = total + self.prior * self.typical**2
            fitted = np.sqrt(total / (len(effects) + self.prior))
            fitted = np.clip(fitted, _LEAST * self.typical, _MOST * self.typical)
            values = np.where(self.fits, fitted, before)
        self.values = values
        moved = np.abs(values - before) / np.maximum(before, _CLOSE * self.typical)
        return float(moved[self.fits].max())


def _invert(matrices):
    """Return inverses, those of numbers without the detour that thousands take."""
    return 1 / matrices if matrices.shape[-1] == 1 else np.linalg.inv(matrices)


def held_on_skills(told, precision, n_kinds, n_skills):
    """Return what answers hold on the effects of each skill.

    An answer of curvature w = p (1 - p) to a question on a skill with columns x holds
    w x xᵀ. Part of that speaks of the student instead, whose ability is unknown too,
    and is taken off: with sums over the answers of student i on the skill, and over all
    answers of i in the denominator::

        A = sum w x xᵀ - sum over i (sum w x) (sum w x)ᵀ / (sum w + 1 / student_scale²)

    Parameters
    ----------
    told : Hessian
        In which columns of skills stand first, kind by kind.
    precision : float
        1 / student_scale².
    n_kinds, n_skills : int

    Returns
    -------
    ndarray of shape (n_skills, n_kinds, n_kinds)
    """
    kinds = [slice(k * n_skills, (k + 1) * n_skills) for k in range(n_kinds)]
    by_skill = [told.crossed[:, kind].tocsc() for kind in kinds]
    skill = np.repeat(np.arange(n_skills), np.diff(by_skill[0].indptr))
    freedom = told.freedom(precision)[by_skill[0].indices]
    held = np.zeros((n_skills, n_kinds, n_kinds))
    for i, j in zip(*np.tril_indices(n_kinds), strict=True):
        lost = by_skill[i].data * by_skill[j].data * freedom
        cell = told.shared[kinds[i], kinds[j]].diagonal()
        cell = cell - np.bincount(skill, lost, n_skills)
        held[:, i, j] = held[:, j, i] = cell
    return held
