"""Score predictions that are at hand, by any scorer of scikit-learn."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

__all__ = ["predict_once", "score_given"]


class _GivenClasses(ClassifierMixin, BaseEstimator):
    """What scikit-learn's scorers ask of a classifier, with predictions at hand."""

    def __init__(self, classes_, p):
        self.classes_ = classes_
        self.p = p

    def predict_proba(self, X):
        return self.p

    def predict(self, X):
        return self.classes_[self.p.argmax(axis=1)]


class _GivenNumbers(RegressorMixin, BaseEstimator):
    """The same of a regressor."""

    def __init__(self, predictions):
        self.predictions = predictions

    def predict(self, X):
        return self.predictions


def predict_once(estimator, X):
    """Return what a scorer may need: probabilities, or numbers, and their classes."""
    if hasattr(estimator, "predict_proba"):
        return estimator.predict_proba(X), estimator.classes_
    return estimator.predict(X), None


def score_given(scorer, y, predictions, classes=None):
    """Score predictions that are at hand.

    Parameters
    ----------
    scorer : callable
        A scorer of scikit-learn.
    y : ndarray of shape (n_samples,)
    predictions : ndarray of shape (n_samples, n_classes) or (n_samples,)
        Probabilities of the classes, or numbers if there are none.
    classes : ndarray of shape (n_classes,), optional

    Returns
    -------
    float
    """
    if classes is None:
        given = _GivenNumbers(predictions)
    else:
        given = _GivenClasses(classes, predictions)
    return scorer(given, np.empty((len(y), 0)), y)
