"""Factor models, as formulas of a graph."""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from .._factor.ability import drift
from .step import StepModel
from .values import Value, at, put

__all__ = ["FactorStep", "Traced"]

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


class Traced(NamedTuple):
    """What is known and traced of questions; values of shape (n, m) or (n, 1)."""

    p: Value
    logit: Value  # for ability 0
    mean: Value | float  # of what is known of ability, 0 where it is not traced
    variance: Value | float
    counts: list  # practice of the skill, scaled
    averages: list  # of residuals: of all answers, then of those on the skill


class FactorStep(StepModel):
    """Counts of practice, averages, and what is known of ability.

    ``told`` is what answers have told of ability: its variance at first less that now.

    Parameters
    ----------
    model : FactorModel
        Without times and features.
    """

    def __init__(self, model):
        self.effects, self.readout = model._effects_, model._readout_
        self.counts, self.logarithmic = model._counts, model.counts == "log"
        self.decays, self.answer_means = model._decays_, model.answer_means_
        self.online = model.student_effect == "online"
        self.fixed = model.student_effect == "fixed"
        self.persistence = model._persistence_
        self.student_scale = model.student_scale_ if self.online else 0.0
        self.n_codes = len(self.effects.skills)
        self.sizes = dict.fromkeys(self.counts, self.n_codes)
        if self.effects.items is not None:
            n_codes = len(self.effects.items)
            self.n_items = n_codes - 1
            self.sizes |= {f"{name} on item": n_codes for name in self.counts}
        if self.online or self.fixed:
            self.sizes["ability"] = 1
        if self.online:
            self.sizes["told"] = 1
        for decay in self.decays:
            self.sizes |= {f"average {decay}": 1, f"on skill {decay}": self.n_codes}
        if not self.sizes:  # a state without a number would be none
            self.sizes = {"answers": 1}

    def read(self, now, answer):
        """Count an answer, average its residual, and learn of ability."""
        skill, item, right = answer.skill, answer.item, answer.right
        logit = self._logit(self.effects, now, skill, item)
        if_wrong, if_right = self.answer_means
        target = if_wrong * (1 - right) + if_right * right
        then = self._count(now, answer)
        if "answers" in now:
            then["answers"] = now["answers"] + 1.0
        residual = target - expit(logit)
        for keep in self.decays:
            overall, on_skill = f"average {keep}", f"on skill {keep}"
            then[overall] = keep * now[overall] + (1 - keep) * residual
            moved = keep * at(now[on_skill], skill) + (1 - keep) * residual
            then[on_skill] = put(now[on_skill], skill, moved)
        if self.fixed:
            then["ability"] = now["ability"]
        if self.online:
            then |= self._learn_ability(now, logit, target, item)
        return then

    def ask(self, now, skill, item):
        """Return P of questions."""
        return self.trace(now, skill, item).p

    def trace(self, now, skill, item):
        """Return what is known and traced of questions, and what it predicts."""
        logit = self._logit(self.effects, now, skill, item)
        mean = now["ability"] if self.online or self.fixed else 0.0
        variance = self._variance(now) if self.online else 0.0
        averages = [now[f"average {decay}"] for decay in self.decays]
        averages += [at(now[f"on skill {decay}"], skill) for decay in self.decays]
        predicted, ability = logit, mean
        if self.readout is not None:
            ability = self.readout.weight * mean
            if self.readout.discriminations is not None and item is not None:
                ability = at(self.readout.discriminations, item) * ability
            predicted = self._logit(self.readout.effects, now, skill, item)
            effects = self.readout.averages
            for effect, average in zip(effects, averages, strict=True):
                predicted = predicted + effect * average
        predicted = predicted + ability
        if self.online:
            nodes = predicted.unsqueeze(-1) + np.sqrt(variance).unsqueeze(-1) * _NODES
            p = np.minimum((expit(nodes) * _WEIGHTS).sum(-1), 1.0)
        else:
            p = expit(predicted)
        counts = [self._scaled(now, name, skill) for name in self.counts]
        return Traced(p, logit, mean, variance, counts, averages)

    def _logit(self, effects, now, skill, item):
        """Return what skill, item and practice say, for ability 0."""
        intercept, *slopes = effects.skills.T
        logit = effects.intercept + at(intercept, skill)
        for slope, name in zip(slopes, self.counts, strict=True):
            logit = logit + at(slope, skill) * self._scaled(now, name, skill)
        if item is None and self.n_items is not None:
            return logit + effects.items[-1]
        if self.n_items is not None:
            logit = logit + at(effects.items, item)
            item_counts = () if effects.item_counts is None else effects.item_counts
            for slope, name in zip(item_counts, self.counts, strict=True):
                logit = logit + slope * self._scaled(now, f"{name} on item", item)
        return logit

    def _variance(self, now):
        return np.maximum(self.student_scale**2 - now["told"], 0.0)

    def _scaled(self, now, name, code):
        counts = at(now[name], code)
        return np.log1p(counts) if self.logarithmic else counts

    def _count(self, now, answer):
        """Count an answer on its skill, and on its item, if that is known."""
        right = answer.right
        counted = {"attempts": 1.0, "successes": right, "failures": 1 - right}
        then = {}
        for name in self.counts:
            on_skill = at(now[name], answer.skill) + counted[name]
            then[name] = put(now[name], answer.skill, on_skill)
            if self.n_items is not None:
                field, known = f"{name} on item", np.less(answer.item, self.n_items)
                on_item = at(now[field], answer.item)
                on_item = on_item + counted[name] * known.astype(on_item.dtype)
                then[field] = put(now[field], answer.item, on_item)
        return then

    def _learn_ability(self, now, logit, target, item):
        """Believe of ability what an answer tells, and wait for the next moment.

        As `sktrace._factor.ability` says, by the same nodes of quadrature.
        """
        mean, variance = now["ability"], self._variance(now)
        ability = mean + np.sqrt(variance) * _NODES
        if self.readout is not None and self.readout.slopes is not None:
            ability = at(self.readout.slopes, item) * ability
        x = logit + ability
        log_likelihood = target * x - np.logaddexp(0, x)
        likelihood = np.exp(log_likelihood - log_likelihood.max(-1)) * _WEIGHTS
        total = likelihood.sum(-1).unsqueeze(-1)
        shift = (likelihood * _NODES).sum(-1).unsqueeze(-1) / total
        square = (likelihood * _NODES**2).sum(-1).unsqueeze(-1) / total
        belief = mean + np.sqrt(variance) * shift, variance * (square - shift * shift)
        mean, variance = drift(*belief, self.student_scale, self.persistence)
        return {"ability": mean, "told": self.student_scale**2 - variance}
