"""Tracers that do not know of whom they have learnt, or what rows weigh."""

import warnings

import numpy as np

from sktrace import MeanClassifier
from sktrace.model_selection import SplitStudentWarning

__all__ = ["ForgetsWhomItMet", "LearnsTheFirstWeights", "SuspectsEverybody"]


class ForgetsWhomItMet(MeanClassifier):
    def fit(self, X, y, sample_weight=None):
        super().fit(X, y, sample_weight)
        del self._learnt_
        return self


class SuspectsEverybody(MeanClassifier):
    def predict_proba(self, X):
        warnings.warn("met before?", SplitStudentWarning, stacklevel=2)
        return super().predict_proba(X)


class LearnsTheFirstWeights(MeanClassifier):
    def fit(self, X, y, sample_weight=None):
        super().fit(X, y, sample_weight)
        if sample_weight is not None:
            self.mean_ = np.mean(sample_weight[: len(X) // 2]) / np.max(sample_weight)
        return self
