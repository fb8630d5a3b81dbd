"""Tracers of items that each break one promise."""

import numpy as np
import pandas as pd

from sktrace import MeanClassifier

__all__ = ["AsksTheAverageItem", "Items", "WondersAtNewItems"]


class Items(MeanClassifier):
    """Keeps all promises: the mean of each item."""


class WondersAtNewItems(Items):
    """Holds an item that fit did not see for a hard one."""

    def predict_proba(self, X):
        new = X[self.item].notna() & ~X[self.item].isin(self.items_.index)
        p = super().predict_proba(X)[:, 1] * np.where(new, 0.5, 1)
        return np.column_stack([1 - p, p])


class AsksTheAverageItem(Items):
    """Forgets which item was asked."""

    def predict_next(self, X, skills=None, items=None):
        if items is None:
            return super().predict_next(X, skills)
        asked = super().predict_next(X, self.skills_[:1].tolist() * len(items))
        return asked.set_axis(pd.Index(items, name=self.item), axis=1)
