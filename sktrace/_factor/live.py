"""Factor models as a live tracer uses them."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from .._interactions.practice import scale_counts
from .._plain import stored
from .._tracer.live_model import LiveModel
from .._tracer.moments import Moment
from .ability import drift, predict_from_ability, read_answers
from .effects import Known, Trace
from .memory import fading

__all__ = ["LiveFactors"]


@stored
class Practice(NamedTuple):
    """What is kept of a student; what a model does not read is empty."""

    answers: np.ndarray  # (2, n_skills + 1) wrong and right ones so far, as they fade
    mean: float  # what is known of ability: a normal belief
    variance: float
    items: Mapping[int, np.ndarray]  # the same of each item that was answered
    clock: float  # when that was, NaN if unknown
    averages: np.ndarray  # (n_decays,) of residuals of all answers
    skill_averages: np.ndarray  # (n_decays, n_skills + 1) of those on each skill
    told: np.ndarray  # (n_past_features,) at the last moment


class LiveFactors(LiveModel):
    """A state holds counts of answers, and what is known of ability.

    Parameters
    ----------
    model : FactorModel
        Fitted; what it has learnt is copied.
    """

    def __init__(self, model):
        self.effects, self.readout = model._effects_, model._readout_
        self.scaling, self.decays = model._scaling_, model._decays_
        self.counts, self.scale = model._counts, model.counts
        self.half_life = model.half_life
        self.answer_means = model.answer_means_
        self.effect, self.persistence = model.student_effect, model._persistence_
        self.student_scale, self.known = 0.0, {}
        if self.effect == "online":
            self.student_scale = model.student_scale_
        elif self.effect == "fixed":
            self.known = model.student_effects_["effect"].to_dict()
        self.n_skills = len(model.skills_)
        if self.effects.items is not None or self.scaling is not None:
            self.read_rounds = None
        n_past = len(model._roles.columns_of("past_features"))
        n_features = len(model._roles.columns_of("features"))
        self.untold = np.full(n_past, np.nan)
        self.nothing = {  # known of a question that is made up
            "item": np.array([-1]),
            "time": np.array([np.nan]),
            "features": np.full((1, n_features), np.nan),
        }

    def start(self, student):
        """Return the state without practice, of an ability of which little is known."""
        n_codes = self.n_skills + 1
        return Practice(
            answers=np.zeros((2, n_codes)),
            mean=self.known.get(student, 0.0),
            variance=self.student_scale**2,
            items={},
            clock=np.nan,
            averages=np.zeros(len(self.decays)),
            skill_averages=np.zeros((len(self.decays), n_codes)),
            told=self.untold,
        )

    def read(self, state, moment):
        """Take in the answers of one moment, each question of which is one answer."""
        logit = self.effects.logit(self._known(state, moment))
        question = _number_questions(moment)
        n_rows = np.bincount(question)
        answer = self.answer_means[moment.correct[moment.starts]]
        if len(question) > 1:
            logit, answer = (np.bincount(question, v) / n_rows for v in (logit, answer))
        residual = answer - expit(logit)
        counted = self._count(state, moment, 1 / n_rows[question])
        averaged = self._average(state, moment, residual, question)
        believed = self._learn_ability(state, moment, logit, answer, question)
        told = {"told": self._tell(moment)}
        return state._replace(**counted, **averaged, **believed, **told)

    def read_rounds(self, states, rounds):
        """Return the states of many after single answers, side by side."""
        answers, mean, variance, averages, skill_averages = (
            np.array([getattr(own, name) for own in states])
            for name in ("answers", "mean", "variance", "averages", "skill_averages")
        )
        keep, ones = self.decays, np.ones(len(states))
        for n, skill, correct in rounds:
            own = np.arange(n)
            counts = self._scale(answers[own, :, skill].T)
            logit = self.effects.logit(Known(skill, counts, np.asarray))
            answer = self.answer_means[correct]
            answers[own, correct, skill] += 1
            if len(keep):
                new = (1 - keep) * (answer - expit(logit))[:, None]
                averages[:n] = keep * averages[:n] + new
                on_skill = skill_averages[own, :, skill]
                skill_averages[own, :, skill] = keep * on_skill + new
            if self.effect == "online":
                belief = mean[:n], variance[:n]
                belief = read_answers(logit, answer, own, *belief, own, ones[:n])
                belief = drift(*belief, self.student_scale, self.persistence)
                mean[:n], variance[:n] = belief
        arrays = (
            [own.copy() for own in v] for v in (answers, averages, skill_averages)
        )
        columns = zip(states, mean.tolist(), variance.tolist(), *arrays, strict=True)
        return [
            Practice(
                own, m, v, before.items, before.clock, average, on_skill, before.told
            )
            for before, m, v, own, average, on_skill in columns
        ]

    def ask(self, state, moment):
        """Return P of rows, whose effects are sums over the skills that each names."""
        return self.trace(state, moment).p

    def trace(self, state, moment):
        """Return what is known and traced of rows, and what it predicts."""
        known = self._known(state, moment)
        logit = self.effects.logit(known)
        averages = [*(np.full(len(moment.sizes), a) for a in state.averages)]
        averages += [moment.average(a[moment.skill]) for a in state.skill_averages]
        if self.readout is not None:
            p = self.readout.predict(known, state.mean, state.variance, averages)
        elif self.effect == "online":
            p = predict_from_ability(logit, state.mean, state.variance)
        else:
            p = expit(logit + state.mean)
        return Trace(known, logit, state.mean, state.variance, averages, p)

    def knowledge(self, state):
        """Return P(``classes_[1]``) of every known skill."""
        return self.ask(state, Moment.of_each_skill(self.n_skills, self.nothing))

    def _known(self, state, moment):
        """Return what is known of the rows of a moment before their answers."""
        fresh = 1.0  # what is left of counts since the last answer
        if "time" in moment.further:
            fresh = fading(self._since(state, moment.further["time"]), self.half_life)
        counts = self._scale(state.answers[:, moment.skill] * fresh)
        item = item_counts = features = None
        if self.effects.items is not None:
            item, none = self._items(moment), np.zeros(2)
            answers = np.array([state.items.get(i, none) for i in item.tolist()])
            if np.ndim(fresh):
                fresh = fresh[moment.starts]
            item_counts = self._scale(answers.reshape(-1, 2).T * fresh)
        if self.scaling is not None:
            now = moment.further.get("features", np.empty((len(moment.skill), 0)))
            now = now[moment.starts].T
            told = np.tile(state.told[:, None], len(moment.sizes))
            features = self.scaling.apply(np.vstack([now, told]))
        return Known(moment.skill, counts, moment.sum, item, item_counts, features)

    def _scale(self, answers):
        wrong, right = answers
        counted = {"attempts": wrong + right, "successes": right, "failures": wrong}
        counts = scale_counts(counted, self.counts, self.scale)
        return counts if self.counts else np.empty((0, len(wrong)))

    def _since(self, state, time):
        """Return seconds since the last answer, 0 where that is not known."""
        return np.maximum(np.nan_to_num(time - state.clock), 0.0)

    def _items(self, moment):
        """Return the code of each row's item, the last of which is any unseen one."""
        item = moment.further["item"][moment.starts]
        return np.where(item < 0, len(self.effects.items) - 1, item)

    def _count(self, state, moment, share):
        """Count the answers of a moment: by skill, and by item, a question once."""
        clock, left, faded = state.clock, 1.0, np.ones(len(moment.skill))
        if "time" in moment.further:
            told = np.fmax(moment.further["time"], state.clock)
            clock = float(np.fmax.reduce(told))
            left = fading(self._since(state, clock), self.half_life)
            faded = fading(np.nan_to_num(clock - told), self.half_life)
        answers = state.answers * left
        np.add.at(answers, (moment.correct, moment.skill), faded)
        items = state.items
        if self.effects.items is not None and self.counts:
            if left == 1:
                items = dict(items)
            else:
                items = {item: own * left for item, own in items.items()}
            counted = share * faded[moment.starts]
            is_right = np.eye(2)[moment.correct[moment.starts]]
            for row, item in enumerate(self._items(moment).tolist()):
                if item < len(self.effects.items) - 1:
                    items[item] = items.get(item, 0.0) + counted[row] * is_right[row]
        return {"answers": answers, "items": items, "clock": clock}

    def _learn_ability(self, state, moment, logit, answer, question):
        """Believe of ability what answers tell, and wait for the next moment."""
        if self.effect != "online":
            return {}
        slope = np.ones(len(logit))
        if self.readout is not None and self.readout.slopes is not None:
            slope[question] = self.readout.slopes[self._items(moment)]
        if len(logit) > 1:
            order = np.lexsort((slope, answer, logit))  # for the last bit of their sum
            logit, answer, slope = logit[order], answer[order], slope[order]
        first = np.zeros(1, dtype=np.int64)
        belief = (np.array([value]) for value in (state.mean, state.variance))
        belief = read_answers(logit, answer, first, *belief, 0, slope)
        mean, variance = drift(*belief, self.student_scale, self.persistence)
        return {"mean": mean[0], "variance": variance[0]}

    def _average(self, state, moment, residual, question):
        """Let averages move towards the residuals of the questions of a moment."""
        if not len(self.decays):
            return {}
        keep = self.decays
        averages = keep * state.averages + (1 - keep) * residual.mean()
        on, mean = moment.skill, residual
        if len(on) > 1:
            on, place = np.unique(moment.skill, return_inverse=True)
            by_entry = residual[question[moment.row]]
            mean = np.bincount(place, by_entry) / np.bincount(place)
        on_skill, keep = state.skill_averages.copy(), keep[:, None]
        on_skill[:, on] = keep * on_skill[:, on] + (1 - keep) * mean
        return {"averages": averages, "skill_averages": on_skill}

    def _tell(self, moment):
        """Return the mean of what each past feature was, NaN where nothing tells."""
        if not len(self.untold):
            return self.untold
        values = moment.further["past_features"][moment.starts]
        n_told = (~np.isnan(values)).sum(axis=0)
        mean = np.nansum(values, axis=0) / np.maximum(n_told, 1)
        return np.where(n_told > 0, mean, np.nan)


def _number_questions(moment):
    """Number the questions of a moment: rows that name one item are one question."""
    n_rows = len(moment.sizes)
    if "item" not in moment.further:
        return np.arange(n_rows)
    item = moment.further["item"][moment.starts]
    own = np.where(item == -1, item.max(initial=0) + 1 + np.arange(n_rows), item)
    return np.unique(own, return_inverse=True)[1]
