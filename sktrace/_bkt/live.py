"""Bayesian knowledge tracing as a live tracer uses it."""

import numpy as np

from .._interactions.target import mix_targets
from .em import answers_if, change_state, predict_answer, read_evidence

__all__ = ["LiveKnowledge"]


class LiveKnowledge:
    """Bayesian knowledge tracing as a live tracer uses it.

    A state holds P(unknown) and P(known) of each skill.
    """

    def __init__(self, theta, answer_means):
        self.theta = theta
        self.answer_means = answer_means
        self.start = np.array([1 - theta[0], theta[0]])

    def read(self, state, codes, answers):
        """Return the state after the answers of one moment."""
        _, learn, guess, slip, forget = self.theta
        right = np.bincount(codes, answers, state.shape[1])
        wrong = np.bincount(codes, 1 - answers, state.shape[1])
        _, *now = read_evidence(*state, *answers_if(wrong, right, guess, slip))
        then = np.array(change_state(*now, learn, forget))
        return np.where(right + wrong > 0, then, state)

    def knowledge(self, state):
        """Return P(known) of every known skill."""
        return state[1, :-1].copy()

    def ask(self, state, codes):
        """Return P(``classes_[1]``) of skills."""
        _, _, guess, slip, _ = self.theta[:, codes]
        return mix_targets(
            predict_answer(state[1, codes], guess, slip), self.answer_means
        )
