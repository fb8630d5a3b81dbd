"""Factor models as a live tracer uses them."""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from .._interactions.practice import scale_counts
from .._tracer.live import LiveModel
from .._tracer.moments import Moment
from .ability import drift, predict_from_ability, read_answers

__all__ = ["LiveFactors"]


class Practice(NamedTuple):
    """What is kept of a student."""

    answers: np.ndarray  # (2, n_skills + 1) wrong and right ones so far
    mean: float  # what is known of ability: a normal belief
    variance: float


class LiveFactors(LiveModel):
    """A state holds counts of answers, and what is known of ability.

    Parameters
    ----------
    model : FactorModel
        Fitted; what it has learnt is copied.
    """

    def __init__(self, model):
        self.intercept = model.intercept_
        self.effects = model._effects()
        self.counts, self.scale = model._counts, model.counts
        self.answer_means = model.answer_means_
        self.effect, self.persistence = model.student_effect, model.persistence
        self.student_scale, self.known = 0.0, {}
        if self.effect == "online":
            self.student_scale = model.student_scale_
        elif self.effect == "fixed":
            self.known = model.student_effects_["effect"].to_dict()
        self._every = Moment.of_each_skill(len(model.skills_))

    def start(self, student):
        """Return the state without practice, of an ability of which little is known."""
        nothing = np.zeros((2, len(self.effects)), dtype=np.int64)
        return Practice(nothing, self.known.get(student, 0.0), self.student_scale**2)

    def read(self, state, moment):
        """Count the answers of one moment; learn of ability from those of its rows."""
        answers = state.answers.copy()
        np.add.at(answers, (moment.correct, moment.skill), 1)
        if self.effect != "online":
            return state._replace(answers=answers)
        logit = self._logit(state, moment)
        answer = self.answer_means[moment.correct[moment.starts]]
        order = np.lexsort((answer, logit))  # for the last bit of their sum
        first = np.zeros(1, dtype=np.int64)
        belief = (np.array([value]) for value in (state.mean, state.variance))
        belief = read_answers(logit[order], answer[order], first, *belief)
        mean, variance = drift(*belief, self.student_scale, self.persistence)
        return Practice(answers, mean[0], variance[0])

    def ask(self, state, moment):
        """Return P of rows, whose effects are sums over the skills that each names."""
        logit = self._logit(state, moment)
        if self.effect == "online":
            return predict_from_ability(logit, state.mean, state.variance)
        return expit(logit + state.mean)

    def knowledge(self, state):
        """Return P(``classes_[1]``) of every known skill."""
        return self.ask(state, self._every)

    def _logit(self, state, moment):
        """Return what skills and practice say of each row, for ability 0."""
        wrong, right = state.answers[:, moment.skill]
        counted = {"attempts": wrong + right, "successes": right, "failures": wrong}
        features = scale_counts(counted, self.counts, self.scale)
        logit, *slopes = self.effects[moment.skill].T
        for slope, feature in zip(slopes, features, strict=True):
            logit = logit + slope * feature
        return self.intercept + moment.sum(logit)
