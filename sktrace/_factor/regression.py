"""The regression behind factor models: on skills, items, counts, features, students."""

from copy import copy
from itertools import count
from operator import attrgetter

import numpy as np

from .._portions.pieces import total
from .design import Design, build, sum_squares, tell
from .effects import Effects, Readout
from .newton import Likelihood, Newton
from .scales import Scales

__all__ = ["Regression"]

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


class Regression:
    """The logistic regression behind a factor model, refitted until all is settled.

    Every block of columns is scaled by its prior's standard deviation, so that one
    penalty, C = 1, makes the fit the most probable one.

    Parameters
    ----------
    model : FactorModel
        Whose parameters say what is fitted.
    rows : Pieces of FitRows
    """

    def __init__(self, model, rows):
        self.model, self.rows, self.traced = model, rows, None
        self.n_students = np.array(rows.map(_count_students))
        n_skills, n_counts = len(model.skills_), len(model._counts)
        C = ("C_skill", "C_slope")[: 1 + (model.slopes == "per_skill" and n_counts > 0)]
        self.design = Design(
            n_skills=n_skills,
            n_items=0 if model.item is None else len(model._names_["item"]),
            # A slope that has to be 0 is that of a count that is never seen.
            active=np.ones((n_counts, n_skills + 1), dtype=bool),
            n_own=n_counts if model.slopes == "per_skill" else 0,
            has_students=bool(self.n_students.sum()),
            tells_skills=any(getattr(model, name) == "auto" for name in C),
        )
        # Learning makes right answers likelier, whichever of the classes they are.
        if_wrong, if_right = model.answer_means_
        self.direction = np.sign(if_right - if_wrong)
        self.n_iter, self.n_answers, self.sds = 0, {}, {}
        self.scales = self._suppose()

    def _suppose(self):
        """Suppose how much skills, items and students differ, where it is not told."""
        model, n_own = self.model, self.design.n_own
        squares, weight = self.rows.total(sum_squares, n_own, self.design.n_skills)
        size = squares / max(weight, np.finfo(float).tiny)
        slopes = _SLOPES / np.sqrt(np.where(size > 0, size, 1.0))
        C = [model.C_skill, *[model.C_slope] * n_own]
        return {
            "skills": Scales(C, [_SKILLS, *slopes], _PRIOR),
            # No prior: a skill's one item is nothing beside its skill.
            "items": Scales([model.C_item], [_ITEMS], 0.0),
            "students": Scales([model.C_student], [_STUDENTS], _PRIOR),
        }

    def beside(self, traced, weight, expected, discriminates):
        """Return a regression on the same rows that reads what is traced of them.

        It starts where this one ended, and believes what this one found of how much
        skills and items differ.

        Parameters
        ----------
        traced : Pieces of Traced
        weight : float
            What ability counts, a priori.
        expected : ndarray of shape (n_averages,)
            What averages count, a priori.
        discriminates : bool
            Whether items weigh ability differently.
        """
        other = copy(self)
        other.traced, other.n_iter = traced, 0
        other.n_students = np.zeros_like(self.n_students)
        other.design = self.design._replace(
            has_students=False,
            tells_skills=False,
            weight=weight,
            expected=expected,
            discriminates=discriminates,
        )
        return other

    def fit(self):
        """Fit, and again for as long as what was found calls for it."""
        newton = Newton(self.model.tol, self.model.max_iter)
        parts, effects, bent = self._build(), self._start(), None
        for n_fits in count(1):
            scale, student_scale = self._scale()
            likelihood = Likelihood(parts, scale, self.n_students, student_scale)
            x, n_steps, bent = newton.fit(likelihood, effects / likelihood.scales, bent)
            self.n_iter += n_steps
            effects = x * likelihood.scales
            self._read(effects)
            moved = self._update(parts, bent) if self.traced is None else 0.0
            reopened = self.model.positive and self._close_falling()
            if not reopened and (moved <= _CLOSE or n_fits == _MAX_FITS):
                return self
            if reopened:
                parts, bent = self._build(), None

    def _build(self):
        """Build the columns of all pieces."""
        rows = self.rows if self.traced is None else self.rows.beside(self.traced)
        parts = rows.keep(build, self.design)
        self._place_columns(parts.map(attrgetter("widths"))[0])
        return parts

    def _start(self):
        """Return the effects where a first fit starts, students last."""
        effects = np.zeros(self.n_columns + 1 + self.n_students.sum())
        if self.traced is not None:
            for name, found in self.block.items():
                if name != "students":
                    effects[self.place[name]] = found
            effects[self.n_columns] = self.intercept
        return effects

    def _close_falling(self):
        """Let slopes that came out negative be 0; say whether there were any."""
        falling = self.direction * self.slopes[0] < 0
        active = self.design.active.copy()
        active[0] &= ~falling
        self.design = self.design._replace(active=active)
        return falling.any()

    # --- columns -------------------------------------------------------------------

    def _place_columns(self, widths):
        """Remember where blocks are: columns, then the intercept, then students."""
        stops = np.cumsum([*widths.values()]).tolist()
        starts = [0, *stops[:-1]]
        self.place = {
            name: slice(start, stop)
            for name, start, stop in zip(widths, starts, stops, strict=True)
        }
        self.n_columns = stops[-1]
        self.place["students"] = slice(self.n_columns + 1, None)

    def _scale(self):
        """Return standard deviations of priors: of each effect, and of students."""
        scales = _STATED | {name: scale.values for name, scale in self.scales.items()}
        scale = np.empty(self.n_columns)
        for name, place in self.place.items():
            if name != "students":
                size = (place.stop - place.start) // max(len(scales[name]), 1)
                scale[place] = np.repeat(scales[name], size)
        return scale, scales["students"][0]

    # --- effects -------------------------------------------------------------------

    def _read(self, effects):
        """Read effects by block, those of unseen names last."""
        self.intercept = effects[self.n_columns]
        self.block = {name: effects[place] for name, place in self.place.items()}
        by_skill = self.block["skills"].reshape(1 + self.design.n_own, -1)
        self.skill_effects, *own = np.pad(by_skill, [(0, 0), (0, 1)])
        n_codes = self.design.active.shape[1]
        slopes = self.block.get("slopes", np.empty(0))[:, None] * np.ones(n_codes)
        slopes[: len(own)] += np.reshape(own, (len(own), n_codes))
        self.slopes = np.where(self.design.active, slopes, 0.0)

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
        weight = self.design.weight + self.block["ability"][0]
        discriminations = None
        if "discriminations" in self.block:
            differ = self.block["discriminations"]
            discriminations = np.append(1 + differ / weight, 1.0)
        effects = self.effects(average_skill)
        averages = self.design.expected + self.block["averages"]
        return Readout(effects, weight, discriminations, averages)

    # --- how much skills, items and students differ ----------------------------------

    def _update(self, parts, bent):
        """Learn how much effects differ; return the most that changed, relatively."""
        precision = self.scales["students"].values[0] ** -2.0
        told = parts.beside(bent).map(tell, precision, self.design, self.place)
        skills, items, students = zip(*told, strict=True)
        changes = []
        if self.design.tells_skills:
            n_answers, information = total(skills)
            by_skill = self.block["skills"].reshape(1 + self.design.n_own, -1).T
            seen = n_answers > 0
            changes.append(
                self.scales["skills"].update(by_skill[seen], information[seen])
            )
        if self.design.has_students:
            changes.append(self._update_names("students", *np.hstack(students)))
        if self.model.item is not None:
            changes.append(self._update_names("items", *total(items)))
        return max(changes, default=0.0)

    def _update_names(self, name, information, n_answers):
        """Learn how much students or items differ, from those that have answers."""
        self.n_answers[name] = np.rint(n_answers).astype(np.int64)
        self.sds[name] = (information + self.scales[name].values ** -2.0) ** -0.5
        seen = n_answers > 0
        effects = self.block[name][seen, None]
        return self.scales[name].update(effects, information[seen, None, None])


def _count_students(rows):
    return len(rows.students)
