"""The regression behind factor models: on skills, counts of practice and students."""

from itertools import count

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from .._interactions.practice import skill_columns

__all__ = ["Regression"]

_C_SHARED = 1.0  # prior variance of the slopes that skills share: hardly any shrinkage
_STUDENT_SCALE = 1.0  # where the fit of the standard deviation of students starts
_CLOSE, _MAX_FITS = 0.03, 8  # and ends: when it moves by less, or fits are so many
_EM_STEPS = 30  # of that standard deviation, between two fits


class Regression:
    """The logistic regression behind a factor model, refitted until all is settled.

    Every block of columns is scaled by its prior's standard deviation, so that one
    penalty, C = 1, makes the fit the most probable one.

    Parameters
    ----------
    model : FactorModel
        Whose parameters say what is fitted.
    log : Log
        With coded skills.
    features : ndarray of shape (n_counts, n_entries)
        Counts of practice, on the scale on which slopes are linear.
    rows : ndarray of int
        Rows of the log to fit on.
    student : ndarray of shape (len(rows),)
        Whose they are: 0, 1, 2 and so on, none left out.
    """

    def __init__(self, model, log, features, rows, student):
        self.model, self.log, self.features = model, log, features
        self.rows, self.student = rows, student
        self.has_students = model.student_effect is not None
        # A slope that has to be 0 is that of a count that is never seen.
        self.active = np.ones((len(features), len(model.skills_) + 1), dtype=bool)
        # Learning makes right answers likelier, whichever of the classes they are.
        if_wrong, if_right = model.answer_means_
        self.direction = np.sign(if_right - if_wrong)
        self.n_iter = 0
        scale = model.C_student
        self.student_scale = _STUDENT_SCALE if scale is None else np.sqrt(scale)

    def fit(self, target, weight):
        """Fit, and again for as long as what was found calls for it."""
        model = self.model
        solver = LogisticRegression(
            solver="newton-cg", tol=model.tol, max_iter=model.max_iter, warm_start=True
        )
        columns = self._columns()
        for n_fits in count(1):
            solver.fit(columns, target, weight)
            self.n_iter += int(solver.n_iter_[0])
            self._read(solver)
            rescaled = reopened = False
            if self.has_students:
                p = solver.predict_proba(columns)[:, 1]
                rescaled = self._update_students(weight * p * (1 - p)) > _CLOSE
            if model.positive:
                falling = self.direction * self.slopes[0] < 0
                self.active[0] &= ~falling
                reopened = falling.any()
            if not reopened and not (rescaled and n_fits < _MAX_FITS):
                return self
            if reopened:
                columns = self._columns()
            if self.has_students:
                self._rescale(columns, solver)

    def _columns(self):
        """Build the columns: skills, their own slopes, shared slopes, students."""
        n_skills, n_rows = len(self.model.skills_), len(self.rows)
        features = self.features * self.active[:, self.log.skill]
        own = features if self.model.slopes == "per_skill" else features[:0]
        by_skill = skill_columns(self.log, own, n_skills)[self.rows]
        prior = [self.model.C_skill, *[self.model.C_slope] * len(own)]
        by_skill.data *= np.sqrt(prior).repeat(n_skills)[by_skill.indices]
        shared = np.column_stack([self.log.sum(feature) for feature in features])
        blocks = [by_skill, np.sqrt(_C_SHARED) * sparse.csr_matrix(shared[self.rows])]
        if self.has_students:
            own_column = (self.student, np.arange(n_rows + 1))
            scale = np.full(n_rows, self.student_scale)
            blocks.append(sparse.csr_matrix((scale, *own_column)))
        return sparse.hstack(blocks, format="csr")

    def _read(self, solver):
        """Read effects out of coefficients, those of the unknown skill last."""
        model, (n_counts, n_codes) = self.model, self.active.shape
        n_blocks = 1 + n_counts * (model.slopes == "per_skill")
        by_skill, shared, students = np.split(
            solver.coef_[0],
            np.cumsum([n_blocks * (n_codes - 1), n_counts]),
        )
        by_skill = np.pad(by_skill.reshape(n_blocks, -1), [(0, 0), (0, 1)])
        self.intercept = solver.intercept_[0]
        self.skill_effects = np.sqrt(model.C_skill) * by_skill[0]
        slopes = np.sqrt(_C_SHARED) * shared[:, None] * np.ones(n_codes)
        if model.slopes == "per_skill":
            slopes = slopes + np.sqrt(model.C_slope) * by_skill[1:]
        self.slopes = np.where(self.active, slopes, 0.0)
        self.student_effects = self.student_scale * students

    def _update_students(self, information):
        """Learn how much students differ; return the relative change of that.

        A student's answers are summed up by a normal likelihood of the ability, of this
        information and peaked where the shrunken effect says. Steps of EM on these::

            s² = mean(effect² + sd²)      1 / sd² = information + 1 / s²
        """
        information = np.bincount(self.student, information)
        before = self.student_scale
        pull = self.student_effects * (information + before**-2)
        self.n_answers = np.bincount(self.student)
        self.student_sds = (information + before**-2) ** -0.5
        if self.model.C_student is not None:
            return 0.0
        for _ in range(_EM_STEPS):
            variance = 1 / (information + self.student_scale**-2)
            self.student_scale = np.sqrt(np.mean((variance * pull) ** 2 + variance))
        return abs(self.student_scale / before - 1)

    def _rescale(self, columns, solver):
        """Scale the students' columns anew, and let the next fit start where we are."""
        columns.data[columns.indptr[1:] - 1] = self.student_scale  # last of each row
        n_students = len(self.student_effects)
        solver.coef_[0, -n_students:] = self.student_effects / self.student_scale
