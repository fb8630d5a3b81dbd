"""Courses whose outcome is decided on the way, and models of it."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sktrace import DKTClassifier
from sktrace.preprocessing import PerStep

from .._sequence_data import ONE_EPOCH, make_padded

NAN = np.nan
TWO_EPOCHS = ONE_EPOCH | {"max_epochs": 2, "lr": 0.05}
N = 24


def averages(X):
    """One row per sequence, of plain numbers, for any classifier of scikit-learn."""
    return np.array([np.nanmean(np.asarray(own, float), axis=0) for own in X])


DKT = DKTClassifier(task="many-to-one", **TWO_EPOCHS)
FLAT = make_pipeline(FunctionTransformer(averages), LogisticRegression())
ESTIMATORS = {
    "DKT": DKT,
    "DKT behind PerStep": make_pipeline(PerStep(StandardScaler()), DKT),
    "averages": FLAT,
}


def make_courses(seed=0):
    X, _ = make_padded(seed, n=N, n_steps=4)
    y = np.arange(N) % 2
    X[:, 1:, 1] += y[:, None]
    return X, y


def cut(X, n):
    """Cut a padded array by a mask instead of a slice."""
    return np.where(np.arange(X.shape[1])[:, None] < n, X, NAN)
