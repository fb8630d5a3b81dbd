"""The regression behind factor models: on skills, items, counts, features, students."""

from copy import copy
from itertools import count
from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from .._arrays import concatenate_ranges
from .._interactions.practice import skill_columns
from .effects import Effects, Readout, add_columns
from .newton import Newton
from .scales import Scales, SkillInformation

__all__ = ["Regression", "Traced"]

# Standard deviations, in logits, where their fit starts: of students, of items, of the
# effects of skills, and of what their slopes make of the average count.
_STUDENTS, _ITEMS, _SKILLS, _SLOPES = 1.0, 0.7, 0.3, 0.05
_CLOSE, _MAX_FITS = 0.03, 8  # and ends: when they move by less, or fits are so many
_PRIOR = 2.0  # effects of such sizes are added to those that are found
_STATED = {  # standard deviations of what else is fitted
    # What all rows share is hardly shrunk.
    "slopes": (1.0,),
    "item_counts": (1.0,),
    "features": (1.0,),
    "ability": (0.1,),  # of its weight around what is expected of it
    "averages": (0.17,),  # looser, classes of 15 students are overfitted
    "discriminations": (0.45,),  # from item to item
}


class Traced(NamedTuple):
    """What is traced of the rows of fit, for a regression that reads it."""

    mean: np.ndarray  # (n_rows,) of ability
    variance: np.ndarray
    averages: np.ndarray  # (n_averages, n_rows)
    weight: float  # what ability counts, a priori
    expected: np.ndarray  # (n_averages,) what averages count, a priori
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
        self.scales = self.told = None
        # A slope that has to be 0 is that of a count that is never seen.
        self.active = np.ones((len(known.counts), len(model.skills_) + 1), dtype=bool)
        # Learning makes right answers likelier, whichever of the classes they are.
        if_wrong, if_right = model.answer_means_
        self.direction = np.sign(if_right - if_wrong)
        self.n_iter, self.n_answers, self.sds = 0, {}, {}
        self.own = known.counts  # counts by which slopes of each skill multiply
        if model.slopes == "shared":
            self.own = self.own[:0]

    def _start(self, weight):
        """Suppose how much skills, items and students differ, where it is not told."""
        model, log, rows = self.model, self.log, self.rows
        n_entries = log.entries_per_row
        entries = concatenate_ranges(
            (np.cumsum(n_entries) - n_entries)[rows], n_entries[rows]
        )
        row = np.repeat(np.arange(len(rows)), n_entries[rows])
        named = log.skill[entries] < len(model.skills_)
        entries, row = entries[named], row[named]
        counts = self.own[:, entries]
        size = counts**2 @ weight[row] / max(weight[row].sum(), np.finfo(float).tiny)
        slopes = _SLOPES / np.sqrt(np.where(size > 0, size, 1.0))
        C = [model.C_skill, *[model.C_slope] * len(counts)]
        self.scales = {
            "skills": Scales(C, [_SKILLS, *slopes], _PRIOR),
            # No prior: a skill's one item is nothing beside its skill.
            "items": Scales([model.C_item], [_ITEMS], 0.0),
            "students": Scales([model.C_student], [_STUDENTS], _PRIOR),
        }
        if self.scales["skills"].fits.any():
            columns = np.vstack([np.ones(len(row)), counts])
            self.told = SkillInformation(log.skill[entries], columns, row, self.student)

    def beside(self, traced):
        """Return a regression on the same rows that reads what is traced of them.

        It starts where this one ended, and believes what this one found of how much
        skills and items differ.
        """
        other = copy(self)
        other.student, other.n_iter = None, 0
        other.traced, other.started = traced, self.block
        return other

    def fit(self, target, weight):
        """Fit, and again for as long as what was found calls for it."""
        if self.scales is None:
            self._start(weight)
        solver, columns = self._solver(), self._columns()
        if self.started is not None:
            solver.intercept_ = np.array([self.intercept])
            self.effects_found = np.zeros(columns.shape[1])
            for name, place in self.place.items():
                self.effects_found[place] = self.started.get(name, 0.0)
            solver.coef_ = (self.effects_found / self.scale)[None]
        for n_fits in count(1):
            solver.fit(columns, target, weight)
            self.n_iter += int(solver.n_iter_[0])
            self._read(solver)
            moved = 0.0
            if self.traced is None:
                p = solver.predict_proba(columns)[:, 1]
                moved = self._update(weight * p * (1 - p))
            reopened = self.model.positive and self._close_falling()
            if not reopened and (moved <= _CLOSE or n_fits == _MAX_FITS):
                return self
            columns = self._columns() if reopened else self._rescale(columns)
            # The next fit starts where we are.
            solver.coef_ = (self.effects_found / self.scale)[None]

    def _close_falling(self):
        """Let slopes that came out negative be 0; say whether there were any."""
        falling = self.direction * self.slopes[0] < 0
        self.active[0] &= ~falling
        if self.told is not None:
            skill, n_own = self.told.skill, len(self.own)
            self.told.columns[1:] *= self.active[:n_own, skill]
        return falling.any()

    def _solver(self):
        tol, max_iter = self.model.tol, self.model.max_iter
        traced, known = self.traced, self.known
        if traced is not None:
            # The mean of expit(x + ability) over N(m, v) is close to that of a damped
            # logit, so that effects are those at a known ability.
            damping = (1 + np.pi * traced.variance / 8) ** -0.5
            offset = traced.weight * traced.mean
            offset = add_columns(offset, traced.expected, traced.averages)
            return Newton(tol, max_iter, offset=offset, damping=damping)
        if (
            self.told is not None
            or known.item is not None
            or known.features is not None
        ):
            return Newton(tol, max_iter)
        # What the classical model found yesterday stays to the bit.
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
        self.scale = np.ones(stops[-1])
        return self._rescale(sparse.hstack(list(blocks.values()), format="csr"))

    def _rescale(self, columns):
        """Scale each column by the standard deviation of its effect's prior."""
        scales = _STATED | {name: scale.values for name, scale in self.scales.items()}
        before, self.scale = self.scale, np.empty(columns.shape[1])
        for name, place in self.place.items():
            size = (place.stop - place.start) // max(len(scales[name]), 1)
            self.scale[place] = np.repeat(scales[name], size)
        columns.data *= (self.scale / before)[columns.indices]
        return columns

    def _blocks(self):
        """Yield skills and own slopes, shared slopes, items, ..., students at last."""
        known, rows = self.known, self.rows
        active = self.active[:, self.log.skill]
        counts = known.counts * active
        own = counts[: len(self.own)]
        yield "skills", skill_columns(self.log, own, len(self.model.skills_))[rows]
        if len(counts):
            slopes = np.column_stack([known.sum(feature) for feature in counts])
            yield "slopes", sparse.csr_matrix(slopes[rows])
        if known.item is not None:
            yield "items", self._by_item(np.ones(len(rows)))
            yield "item_counts", _dense(known.item_counts, rows)
        if known.features is not None:
            yield "features", _dense(known.features, rows)
        if self.traced is not None:
            traced = self.traced
            yield "ability", _dense(traced.mean[None])
            yield "averages", _dense(traced.averages)
            if traced.discriminates:
                yield "discriminations", self._by_item(traced.mean)
        if self.student is not None:
            own_column = (self.student, np.arange(len(rows) + 1))
            yield "students", sparse.csr_matrix((np.ones(len(rows)), *own_column))

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
        self.effects_found = solver.coef_[0] * self.scale
        self.intercept = solver.intercept_[0]
        self.block = {
            name: self.effects_found[place] for name, place in self.place.items()
        }
        by_skill = self.block["skills"].reshape(1 + len(self.own), -1)
        self.skill_effects, *own = np.pad(by_skill, [(0, 0), (0, 1)])
        n_codes = self.active.shape[1]
        slopes = self.block.get("slopes", np.empty(0))[:, None] * np.ones(n_codes)
        slopes[: len(own)] += np.reshape(own, (len(own), n_codes))
        self.slopes = np.where(self.active, slopes, 0.0)

    def effects(self, average_skill):
        """Return what was fitted, with the average skill for an unseen one."""
        skills = np.column_stack([self.skill_effects, *self.slopes])
        skills[-1] = average_skill(skills)
        items = None
        if "items" in self.block:
            items = np.append(self.block["items"], 0.0)
        item_counts, features = map(self.block.get, ("item_counts", "features"))
        return Effects(self.intercept, skills, items, item_counts, features)

    def readout(self, average_skill):
        """Return what was fitted beside what was traced."""
        weight = self.traced.weight + self.block["ability"][0]
        discriminations = None
        if "discriminations" in self.block:
            differ = self.block["discriminations"]
            discriminations = np.append(1 + differ / weight, 1.0)
        effects = self.effects(average_skill)
        averages = self.traced.expected + self.block["averages"]
        return Readout(effects, weight, discriminations, averages)

    # --- how much skills, items and students differ ----------------------------------

    def _update(self, curvature):
        """Learn how much effects differ; return the most that changed, relatively."""
        changes = []
        if self.told is not None:
            student_scale = self.scales["students"].values[0]
            seen, information = self.told.of(curvature, student_scale)
            by_skill = self.block["skills"].reshape(1 + len(self.own), -1).T
            changes.append(self.scales["skills"].update(by_skill[seen], information))
        if self.student is not None:
            n_students = len(self.block["students"])
            changes.append(
                self._update_names("students", self.student, n_students, curvature)
            )
        if self.known.item is not None:
            item = self.known.item[self.rows]
            changes.append(self._update_names("items", item, self._n_items, curvature))
        return max(changes, default=0.0)

    def _update_names(self, name, code, n, curvature):
        """Learn how much students or items differ, from those that have answers."""
        information = np.bincount(code, curvature, n + 1)[:n]
        n_answers = np.bincount(code, self.share, n + 1)[:n]
        self.n_answers[name] = np.rint(n_answers).astype(np.int64)
        self.sds[name] = (information + self.scales[name].values ** -2.0) ** -0.5
        seen = n_answers > 0
        effects = self.block[name][seen, None]
        return self.scales[name].update(effects, information[seen, None, None])


def _dense(values, rows=None):
    """Return a block whose columns are arrays, of some of their rows."""
    values = values if rows is None else values[:, rows]
    return sparse.csr_matrix(values.T)
