"""Procedures that learn from, or choose by, the rows that they are scored on."""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ._regressions import RightSoFar

__all__ = [
    "EpochByTheTest",
    "Memory",
    "PickedByTheTest",
    "best_epoch_of_its_answers",
    "encodes_both",
    "scales_both",
]


class Memory(RightSoFar):
    """Looks up the answers of rows whose label it knows."""

    def __init__(self, by="index"):
        self.by = by

    def _key(self, X):
        return pd.Index(X.index if self.by == "index" else X[self.by])

    def fit(self, X, y):
        self.known_ = pd.Series(np.asarray(y, float), self._key(X))
        self.known_ = self.known_[~self.known_.index.duplicated()]
        return super().fit(X, y)

    def predict_proba(self, X):
        p = super().predict_proba(X)[:, 1]
        known = self._key(X).map(self.known_)
        p = np.where(known.isna(), p, 0.02 + 0.96 * known.fillna(0))
        return np.column_stack([1 - p, p])


def epochs(X, y, n_epochs=12):
    """Yield the coefficients of a regression by gradient steps, epoch by epoch."""
    rng, counts = np.random.default_rng(0), RightSoFar()
    counts.fit(X, y)
    design = counts._columns(X) / 5
    weight = rng.normal(scale=0.5, size=design.shape[1])
    for _ in range(n_epochs):
        p = 1 / (1 + np.exp(-design @ weight))
        weight = weight - 3 * design.T @ (p - y) / len(y)
        yield counts, weight.copy()


def sigmoid_of(state, X):
    counts, weight = state
    return 1 / (1 + np.exp(-counts._columns(X) / 5 @ weight))


def best_epoch_of_its_answers(X_train, y_train, X):
    """Keep the epoch that predicts the answers in X best."""
    states = list(epochs(X_train, np.asarray(y_train, float)))
    scores = [roc_auc_score(X["correct"], sigmoid_of(state, X)) for state in states]
    return sigmoid_of(states[int(np.argmax(scores))], X)


class EpochByTheTest(ClassifierMixin, BaseEstimator):
    """Is given the test, and keeps the epoch that predicts it best."""

    def __init__(self, X_test=None, y_test=None):
        self.X_test = X_test
        self.y_test = y_test

    def fit(self, X, y):
        self.classes_ = np.array([0, 1])
        states = list(epochs(X, np.asarray(y, float)))
        scores = [
            roc_auc_score(self.y_test, sigmoid_of(state, self.X_test))
            for state in states
        ]
        self.state_ = states[int(np.argmax(scores))]
        return self

    def predict_proba(self, X):
        p = sigmoid_of(self.state_, X)
        return np.column_stack([1 - p, p])


class PickedByTheTest:
    """A procedure that picks one of many seeds by answers it keeps for itself."""

    def __init__(self, y_test):
        self.y_test = np.asarray(y_test)

    def __call__(self, X_train, y_train, X):
        best, score = None, -1.0
        for seed in range(20):
            rng = np.random.default_rng(seed)
            weight = rng.normal(size=2)
            p = 1 / (1 + np.exp(-RightSoFar()._numbers(X).to_numpy() @ weight))
            if (found := roc_auc_score(self.y_test, p)) > score:
                best, score = p, found
        return best


def scales_both(X_train, y_train, X):
    """Fit the scaler on training and test rows together."""
    columns = ["rating", "n_before"]
    scaler = StandardScaler().fit(pd.concat([X_train, X])[columns])
    model = LogisticRegression().fit(scaler.transform(X_train[columns]), y_train)
    return model.predict_proba(scaler.transform(X[columns]))


def encodes_both(X_train, y_train, X):
    """Learn how hard items are from training and test rows together."""
    both = pd.concat([X_train, X])
    mean = both.groupby("item_id", observed=True)["correct"].mean()
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(X_train["item_id"].map(mean).to_numpy(float)[:, None], y_train)
    return model.predict_proba(X["item_id"].map(mean).to_numpy(float)[:, None])
