"""The regression behind factor models: on skills, items, counts, features, students."""

from itertools import count
from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from .._interactions.practice import skill_columns
from .effects import Effects, Readout
from .newton import Newton

__all__ = ["Regression", "Traced"]

_C_SHARED = 1.0  # prior variance of what all rows share: hardly any shrinkage
_STUDENT_SCALE = 1.0  # where the fit of the standard deviation of students starts
_ITEM_SCALE = 0.7  # and that of items
_CLOSE, _MAX_FITS = 0.03, 8  # and ends: when they move by less, or fits are so many
_EM_STEPS = 30  # of these standard deviations, between two fits
_FEW_LOGITS = 0.1  # what items of a smaller standard deviation differ by is nothing
_LEAST_ITEM_SCALE = 1e-3
_C_ABILITY = 0.04  # prior variance of the weight of ability, around 1
_C_AVERAGE = 0.1  # of averages: looser, classes of 15 students are overfitted
_C_DISCRIMINATION = 0.2  # of what an item differs by from an ability's weight


class Traced(NamedTuple):
    """What is traced of the rows of fit, for a regression that reads it."""

    mean: np.ndarray  # (n_rows,) of ability
    variance: np.ndarray
    averages: np.ndarray  # (n_averages, n_rows)
    discriminates: bool  # whether items weigh ability differently


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
    known : Known
        What is known of the rows of the log.
    rows : ndarray of int
        Rows of the log to fit on.
    student : ndarray of shape (len(rows),), optional
        Whose they are: 0, 1, 2 and so on, none left out. Without it, there are no
        effects of students.
    share : ndarray of shape (len(rows),), optional
        What share of a question each row is, if not all of it.
    """

    def __init__(self, model, log, known, rows, student=None, share=None):
        self.model, self.log, self.known, self.rows = model, log, known, rows
        self.student, self.share = student, share
        self.traced = self.started = None
        # A slope that has to be 0 is that of a count that is never seen.
        self.active = np.ones((len(known.counts), len(model.skills_) + 1), dtype=bool)
        # Learning makes right answers likelier, whichever of the classes they are.
        if_wrong, if_right = model.answer_means_
        self.direction = np.sign(if_right - if_wrong)
        self.n_iter = 0
        scale = model.C_student
        self.student_scale = _STUDENT_SCALE if scale is None else np.sqrt(scale)
        scale = model.C_item
        self.fits_items = known.item is not None and scale is None
        self.item_scale = _ITEM_SCALE if scale is None else np.sqrt(scale)
        self.fitted_item_scale = self.item_scale

    def beside(self, traced):
        """Return a regression on the same rows that reads what is traced of them.

        It starts where this one ended, and lets items differ as much as this one found.
        """
        other = Regression(self.model, self.log, self.known, self.rows)
        other.traced, other.active, other.started = traced, self.active, self.block
        other.intercept = self.intercept
        other.item_scale, other.fits_items = self.fitted_item_scale, False
        return other

    def fit(self, target, weight):
        """Fit, and again for as long as what was found calls for it."""
        model = self.model
        solver = self._solver()
        columns = self._columns()
        if self.started is not None:
            solver.intercept_ = np.array([self.intercept])
            solver.coef_ = np.zeros((1, columns.shape[1]))
            for name, place in self.place.items():
                solver.coef_[0, place] = self.started.get(name, 0.0)
        for n_fits in count(1):
            solver.fit(columns, target, weight)
            self.n_iter += int(solver.n_iter_[0])
            self._read(solver)
            rescaled = reopened = False
            if self.student is not None or self.known.item is not None:
                p = solver.predict_proba(columns)[:, 1]
                rescaled = self._update(weight * p * (1 - p)) > _CLOSE
            if model.positive:
                falling = self.direction * self.slopes[0] < 0
                self.active[0] &= ~falling
                reopened = falling.any()
            if not reopened and not (rescaled and n_fits < _MAX_FITS):
                return self
            if reopened:
                columns = self._columns()
            self._rescale(columns, solver)

    def _solver(self):
        tol, max_iter = self.model.tol, self.model.max_iter
        traced, known = self.traced, self.known
        if traced is not None:
            # The mean of expit(x + ability) over N(m, v) is close to that of a damped
            # logit, so that effects are those at a known ability.
            damping = (1 + np.pi * traced.variance / 8) ** -0.5
            return Newton(tol, max_iter, offset=traced.mean, damping=damping)
        if known.item is not None or known.features is not None:
            return Newton(tol, max_iter)
        # With few columns it is as fast, and what it found yesterday stays to the bit.
        return LogisticRegression(
            solver="newton-cg", tol=tol, max_iter=max_iter, warm_start=True
        )

    # --- columns -------------------------------------------------------------------

    def _columns(self):
        """Build the columns, block by block, and remember where each begins."""
        blocks = dict(self._blocks())
        widths = [block.shape[1] for block in blocks.values()]
        stops = np.cumsum(widths).tolist()
        starts = [0, *stops[:-1]]
        self.place = {
            name: slice(start, stop)
            for name, start, stop in zip(blocks, starts, stops, strict=True)
        }
        return sparse.hstack(list(blocks.values()), format="csr")

    def _blocks(self):
        """Yield skills and own slopes, shared slopes, items, ..., students at last."""
        model, known, rows = self.model, self.known, self.rows
        n_skills, shared = len(model.skills_), np.sqrt(_C_SHARED)
        counts = known.counts * self.active[:, self.log.skill]
        own = counts if model.slopes == "per_skill" else counts[:0]
        by_skill = skill_columns(self.log, own, n_skills)[rows]
        prior = [model.C_skill, *[model.C_slope] * len(own)]
        by_skill.data *= np.sqrt(prior).repeat(n_skills)[by_skill.indices]
        yield "skills", by_skill
        if len(counts):
            slopes = np.column_stack([known.sum(feature) for feature in counts])
            yield "slopes", shared * sparse.csr_matrix(slopes[rows])
        if known.item is not None:
            yield "items", self._by_item(np.full(len(rows), self.item_scale))
            yield "item_counts", shared * _dense(known.item_counts, rows)
        if known.features is not None:
            yield "features", shared * _dense(known.features, rows)
        if self.traced is not None:
            mean, _, averages, discriminates = self.traced
            yield "ability", _dense(np.sqrt(_C_ABILITY) * mean[None])
            yield "averages", _dense(np.sqrt(_C_AVERAGE) * averages)
            if discriminates:
                scale = np.sqrt(_C_DISCRIMINATION)
                yield "discriminations", self._by_item(scale * mean)
        if self.student is not None:
            own_column = (self.student, np.arange(len(rows) + 1))
            scale = np.full(len(rows), self.student_scale)
            yield "students", sparse.csr_matrix((scale, *own_column))

    def _by_item(self, values):
        """Give each item a column; that of an unseen one is left out."""
        item = self.known.item[self.rows]
        n_rows, n_items = len(self.rows), self._n_items
        matrix = sparse.csr_matrix(
            (values, item, np.arange(n_rows + 1)), shape=(n_rows, n_items + 1)
        )
        return matrix[:, :n_items]

    @property
    def _n_items(self):
        return len(self.model._names_["item"])

    # --- effects -------------------------------------------------------------------

    def _read(self, solver):
        """Read effects out of coefficients, those of unseen names last."""
        model, (n_counts, n_codes) = self.model, self.active.shape
        block = {name: solver.coef_[0, place] for name, place in self.place.items()}
        n_blocks = 1 + n_counts * (model.slopes == "per_skill")
        by_skill = np.pad(block["skills"].reshape(n_blocks, -1), [(0, 0), (0, 1)])
        shared = block.get("slopes", np.empty(0))
        self.intercept = solver.intercept_[0]
        self.skill_effects = np.sqrt(model.C_skill) * by_skill[0]
        slopes = np.sqrt(_C_SHARED) * shared[:, None] * np.ones(n_codes)
        if model.slopes == "per_skill":
            slopes = slopes + np.sqrt(model.C_slope) * by_skill[1:]
        self.slopes = np.where(self.active, slopes, 0.0)
        if self.student is not None:
            self.student_effects = self.student_scale * block["students"]
        if "items" in block:
            self.item_effects = self.item_scale * block["items"]
        self.block = block

    def effects(self, average_skill):
        """Return what was fitted, with the average skill for an unseen one."""
        skills = np.column_stack([self.skill_effects, *self.slopes])
        skills[-1] = average_skill(skills)
        items = item_counts = features = None
        if "items" in self.block:
            items = np.append(self.item_effects, 0.0)
            item_counts = np.sqrt(_C_SHARED) * self.block["item_counts"]
        if "features" in self.block:
            features = np.sqrt(_C_SHARED) * self.block["features"]
        return Effects(self.intercept, skills, items, item_counts, features)

    def readout(self, average_skill):
        """Return what was fitted beside what was traced."""
        weight = 1 + np.sqrt(_C_ABILITY) * self.block["ability"][0]
        discriminations = None
        if "discriminations" in self.block:
            differ = np.sqrt(_C_DISCRIMINATION) * self.block["discriminations"]
            discriminations = np.append(1 + differ / weight, 1.0)
        averages = np.sqrt(_C_AVERAGE) * self.block["averages"]
        effects = self.effects(average_skill)
        return Readout(effects, weight, discriminations, averages)

    # --- how much students differ, and items ---------------------------------------

    def _update(self, information):
        """Learn how much students and items differ; return the most that changed."""
        changes = [0.0]
        if self.student is not None:
            changes.append(self._update_students(information))
        if self.known.item is not None:
            changes.append(self._update_items(information))
        return max(changes)

    def _update_students(self, information):
        """Learn how much students differ; return the relative change of that.

        A student's answers are summed up by a normal likelihood of the ability, of this
        information and peaked where the shrunken effect says. Steps of EM on these::

            s² = mean(effect² + sd²)      1 / sd² = information + 1 / s²
        """
        information = np.bincount(self.student, information)
        before = self.student_scale
        pull = self.student_effects * (information + before**-2)
        self.n_answers = self._count_answers(self.student)
        self.student_sds = (information + before**-2) ** -0.5
        if self.model.C_student is not None:
            return 0.0
        self.student_scale = _refit_scale(before, information, pull)
        return abs(self.student_scale / before - 1)

    def _update_items(self, information):
        """Learn how much items differ, as students do."""
        item, n_items = self.known.item[self.rows], self._n_items
        information = np.bincount(item, information, n_items + 1)[:n_items]
        before = self.fitted_item_scale = self.item_scale
        self.item_sds = (information + before**-2) ** -0.5
        self.item_answers = self._count_answers(item, n_items + 1)[:n_items]
        if not self.fits_items:
            return 0.0
        seen = self.item_answers > 0
        if not seen.any():  # no row names an item
            return 0.0
        pull = (self.item_effects * (information + before**-2))[seen]
        scale = _refit_scale(before, information[seen], pull)
        self.item_scale = max(scale, _LEAST_ITEM_SCALE)
        return abs(self.item_scale - before) / max(before, _FEW_LOGITS)

    def _count_answers(self, code, n=0):
        if self.share is None:
            return np.bincount(code, minlength=n)
        return np.rint(np.bincount(code, self.share, n)).astype(np.int64)

    def _rescale(self, columns, solver):
        """Scale columns anew, and let the next fit start where we are."""
        if self.known.item is not None:
            place = self.place["items"]
            ratio = np.ones(columns.shape[1])
            ratio[place] = self.item_scale / self.fitted_item_scale
            columns.data *= ratio[columns.indices]
            solver.coef_[0, place] = self.item_effects / self.item_scale
        if self.student is not None:
            columns.data[columns.indptr[1:] - 1] = self.student_scale  # last of a row
            n_students = len(self.student_effects)
            solver.coef_[0, -n_students:] = self.student_effects / self.student_scale


def _refit_scale(scale, information, pull):
    """Return a standard deviation after some steps of EM."""
    for _ in range(_EM_STEPS):
        variance = 1 / (information + scale**-2)
        scale = np.sqrt(np.mean((variance * pull) ** 2 + variance))
    return scale


def _dense(values, rows=None):
    """Return a block whose columns are arrays, of some of their rows."""
    values = values if rows is None else values[:, rows]
    return sparse.csr_matrix(values.T)
