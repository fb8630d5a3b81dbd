"""Tracers that do not know of whom they have learnt."""

import warnings

from sktrace import MeanClassifier
from sktrace.model_selection import SplitStudentWarning

__all__ = ["ForgetsWhomItMet", "SuspectsEverybody"]


class ForgetsWhomItMet(MeanClassifier):
    def fit(self, X, y, sample_weight=None):
        super().fit(X, y, sample_weight)
        del self._learnt_
        return self


class SuspectsEverybody(MeanClassifier):
    def predict_proba(self, X):
        warnings.warn("met before?", SplitStudentWarning, stacklevel=2)
        return super().predict_proba(X)
