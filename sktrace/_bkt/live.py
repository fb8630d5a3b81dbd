"""Bayesian knowledge tracing as a live tracer uses it."""

import numpy as np

from .._interactions.target import mix_targets
from .._tracer.live import LiveModel
from .em import answers_if, change_state, predict_answer, read_evidence

__all__ = ["LiveKnowledge"]


class LiveKnowledge(LiveModel):
    """A state holds P(unknown) and P(known) of each skill, the unknown skill last.

    Parameters
    ----------
    theta : ndarray of shape (5, n_skills + 1)
        Parameters of each skill, in the order of `NAMES`.
    answer_means : ndarray of shape (2,)
    """

    def __init__(self, theta, answer_means):
        self.theta = theta
        self.answer_means = answer_means
        self._start = np.array([1 - theta[0], theta[0]])

    def start(self, student):
        """Return the prior."""
        return self._start

    def read(self, state, moment):
        """Return the state after the answers of one moment."""
        _, learn, guess, slip, forget = self.theta
        codes, answers = moment.skill, moment.correct
        right = np.bincount(codes, answers, state.shape[1])
        wrong = np.bincount(codes, 1 - answers, state.shape[1])
        _, *now = read_evidence(*state, *answers_if(wrong, right, guess, slip))
        then = np.array(change_state(*now, learn, forget))
        return np.where(right + wrong > 0, then, state)

    def ask(self, state, moment):
        """Return the mean over the skills of each row."""
        _, _, guess, slip, _ = self.theta[:, moment.skill]
        p = predict_answer(state[1, moment.skill], guess, slip)
        return moment.average(mix_targets(p, self.answer_means))

    def knowledge(self, state):
        """Return P(known) of every known skill."""
        return state[1, :-1].copy()
