"""Predictions of a fitted estimator, or of cross-validation, beside their targets."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.utils import check_consistent_length

from .._interactions.target import as_column, check_classes, encode_target
from .._words import count_rows

__all__ = ["Predictions", "check_given", "read_predictions"]


class Predictions(NamedTuple):
    """What was predicted of the rows that have a target."""

    rows: np.ndarray  # positions in X
    target: np.ndarray  # 0 or 1, the index of the row's class
    p: np.ndarray  # P(classes[1])
    classes: np.ndarray


def read_predictions(estimator, X, y, caller):
    """Judge y, and the probabilities that an estimator or an array states of X.

    Raises
    ------
    TypeError
        If `estimator` neither predicts probabilities nor holds them.
    ValueError
        If y has no target or other classes than the estimator, or the array is not one
        probability, or two, per row of X.
    """
    y = as_column(y)
    check_consistent_length(X, y)
    has_target = ~pd.isna(y)
    if not has_target.any():
        raise ValueError(
            f"y holds no target at all; {caller} compares predictions with answers. "
            "Pass rows that have been answered."
        )
    if hasattr(estimator, "predict_proba"):
        p, classes = _of_two(estimator.predict_proba(X), caller), estimator.classes_
    else:
        p = check_given(estimator, len(X), has_target, caller)
        classes = _classes_in(y[has_target], caller)
    target = encode_target(y, has_target, classes)[has_target]
    return Predictions(np.flatnonzero(has_target), target, p[has_target], classes)


def _of_two(p, caller):
    if p.shape[1] != 2:
        raise ValueError(
            f"The estimator predicts {p.shape[1]} classes; {caller} expects two, wrong "
            "and right. Say which outcomes count as right, and fit on those."
        )
    return p[:, 1]


def check_given(p, n_rows, has_target, caller, may_miss=False):
    """Return the probabilities that were passed in place of an estimator."""
    try:
        given = np.asarray(p, dtype=np.float64)
    except (TypeError, ValueError):
        given = np.empty(())
    if given.ndim == 0:
        raise TypeError(
            f"estimator is {type(p).__name__!r}, without predict_proba; {caller} "
            "expects a fitted classifier, or an array of its probabilities, such as "
            'cross_val_predict(..., method="predict_proba").'
        )
    if given.shape not in ((n_rows,), (n_rows, 2)):
        raise ValueError(
            f"The probabilities have shape {given.shape}; expected ({n_rows},) or "
            f"({n_rows}, 2), those of the second class last, one row per row of X."
        )
    given = given if given.ndim == 1 else given[:, 1]
    odd = has_target & ~((given >= 0) & (given <= 1))  # NaN is odd, too
    if may_miss:
        odd &= ~np.isnan(given)
    if odd.any():
        raise ValueError(
            f"The probabilities hold {given[odd].tolist()[0]!r} in {count_rows(odd)}; "
            "expected numbers from 0 to 1. Scores and logits have to be calibrated "
            "first: CalibratedClassifierCV."
        )
    return given


def _classes_in(y, caller):
    """Return the two classes of y; answers that are all right or wrong have two."""
    if len(pd.unique(y)) == 1 and y[0] in (0, 1):
        return np.array([0, 1], dtype=y.dtype)
    return check_classes(y, caller)
