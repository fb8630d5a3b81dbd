"""A pretrained tracer as a live tracer uses it."""

from typing import NamedTuple

import numpy as np

from .._plain import stored
from .._tracer.live_model import LiveModel
from .._tracer.moments import Moment
from .inputs import means_right, stack

__all__ = ["LiveTransfer"]


@stored
class Progress(NamedTuple):
    """What is kept of a student."""

    practice: object  # the state of the factor model
    steps: int  # moments with answers so far
    last: np.ndarray  # (n_skills + 1,) step of the last answer on each skill, NaN: none


class LiveTransfer(LiveModel):
    """A state is that of the factor model, and when each skill was practised last.

    Parameters
    ----------
    tracer : TransferClassifier
        Fitted; what it has learnt is copied.
    """

    def __init__(self, tracer):
        self.factors = tracer.factors_._live_model()
        self.network, self.trust = tracer.network_, tracer.trust_
        self.is_right = means_right(tracer.factors_)
        self.seen = np.log1p(tracer._seen_)
        if self.factors.read_rounds is None:
            self.read_rounds = None

    def start(self, student):
        """Return the state of one who has not answered yet."""
        last = np.full(len(self.seen), np.nan)
        return Progress(self.factors.start(student), 0, last)

    def read(self, state, moment):
        """Take in the answers of one moment."""
        last = state.last.copy()
        last[moment.skill] = state.steps
        return Progress(
            self.factors.read(state.practice, moment), state.steps + 1, last
        )

    def read_rounds(self, states, rounds):
        """Return the states of many after single answers, side by side."""
        practice = self.factors.read_rounds([own.practice for own in states], rounds)
        steps = np.array([own.steps for own in states])
        last = np.array([own.last for own in states])
        for n, skill, _ in rounds:
            last[np.arange(n), skill] = steps[:n]
            steps[:n] += 1
        last = [own.copy() for own in last]
        return list(map(Progress, practice, steps.tolist(), last))

    def ask(self, state, moment):
        """Return P of rows."""
        traced = self.factors.trace(state.practice, moment)
        last = state.last[moment.skill]
        first = np.isnan(last)
        since = np.log(np.where(first, 1.0, state.steps - last))
        inputs = stack(
            traced,
            self.is_right,
            practice=[moment.average(count) for count in traced.known.counts],
            since=[*map(moment.average, (since, first, (since == 0) & ~first))],
            steps=state.steps,
            seen=moment.average(self.seen[moment.skill]),
        )
        return self.network.predict(inputs, self.trust, self.is_right)

    def knowledge(self, state):
        """Return P(``classes_[1]``) of every known skill."""
        nothing = self.factors.nothing
        return self.ask(state, Moment.of_each_skill(len(self.seen) - 1, nothing))
