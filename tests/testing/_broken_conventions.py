"""Tracers that break a convention of scikit-learn's estimators."""

import numpy as np

from sktrace import MeanClassifier

__all__ = [
    "ComputesInItsConstructor",
    "HidesItsName",
    "JudgesNothing",
    "PredictsUnfitted",
]


class ComputesInItsConstructor(MeanClassifier):
    def __init__(self, *, by="skill", strength=5.0):
        super().__init__(by=by, strength=strength + 1)


class JudgesNothing(MeanClassifier):
    def _validate_params(self):
        pass


class HidesItsName(MeanClassifier):
    def __repr__(self, N_CHAR_MAX=700):
        return "tracer"


class PredictsUnfitted(MeanClassifier):
    def predict(self, X):
        return np.zeros(len(X))
