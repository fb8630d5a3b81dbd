"""Live tracers that break a promise each."""

import numpy as np

from sktrace import MeanClassifier
from sktrace._means import LiveMeans

__all__ = [
    "AsksItsTracer",
    "CannotBePickledLive",
    "CountsOrder",
    "CountsTwice",
    "DoubtsJoinedNames",
    "ForgetsItsLog",
    "IsSurerLive",
    "KeepsAllAnswers",
    "KnowsAnother",
    "KnowsStrangers",
    "ReadsAnyAnswer",
    "ReadsTheLastOfMany",
    "SharesOneState",
]


class Live(MeanClassifier):
    """Has a live tracer by the model that a subclass names."""

    def _live_model(self):
        return self._model(self)


class IsSurerLive(Live):
    class _model(LiveMeans):
        def ask(self, state, moment):
            return np.sqrt(super().ask(state, moment))


class SharesOneState(Live):
    class _model(LiveMeans):
        def __init__(self, means):
            super().__init__(means)
            self.shared = np.zeros(2)

        def start(self, student):
            return self.shared

        def read(self, state, moment):
            state += super().read(np.zeros(2), moment)
            return state


class KeepsAllAnswers(Live):
    class _model(LiveMeans):
        def start(self, student):
            return ()

        def read(self, state, moment):
            return (*state, super().read(np.zeros(2), moment))

        def ask(self, state, moment):
            return super().ask(np.sum([np.zeros(2), *state], axis=0), moment)


class AsksItsTracer(Live):
    class _model(LiveMeans):
        def __init__(self, means):
            super().__init__(means)
            self.means = means

        def ask(self, state, moment):
            self.mean = self.means.mean_
            return super().ask(state, moment)


class CannotBePickledLive(Live):
    class _model(LiveMeans):
        def __reduce__(self):
            raise TypeError("not today")


class CountsOrder(Live):
    class _model(LiveMeans):
        def read(self, state, moment):
            return super().read(state, moment) + moment.correct[0] / 8


class DoubtsJoinedNames(Live):
    class _model(LiveMeans):
        def ask(self, state, moment):
            return super().ask(state, moment) / moment.sizes


class KnowsStrangers(Live):
    class _model(LiveMeans):
        def start(self, student):
            return np.ones(2)


class KnowsAnother(Live):
    class _model(LiveMeans):
        def knowledge(self, state):
            return np.sqrt(super().knowledge(state))


class ForgetsItsLog(MeanClassifier):
    def tracer(self, X=None):
        return super().tracer()


class ReadsAnyAnswer(MeanClassifier):
    def tracer(self, X=None):
        tracer = super().tracer(X)
        update = tracer.update
        tracer.update = lambda student, skill, correct: update(student, skill, 1)
        return tracer


class ReadsTheLastOfMany(Live):
    class _model(LiveMeans):
        def read_many(self, states, moments):
            last = np.array([len(moments.student) - 1])
            return super().read_many(states, moments.take(last))


class CountsTwice(MeanClassifier):
    def tracer(self, X=None):
        tracer = super().tracer(X)
        update = tracer.update
        tracer.update = lambda *answer, number=None: update(*answer)
        return tracer
