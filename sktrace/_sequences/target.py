"""The only place that judges what is to be predicted of sequences."""

import numpy as np
import pandas as pd
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from .._interactions.target import as_array, check_sample_weight, sort_labels
from .._words import count_rows, first_few

__all__ = ["check_labels", "check_number_target", "check_weight"]

LONG_FORM = """\
   user_id  order_id  hours  score
0        0         0    4.0   10.0
1        0         1    3.0   20.0
2        1         0    5.0   30.0
frame, y = sequences_to_frame(X, y)"""


def check_labels(y, n_sequences):
    """Judge one label per sequence.

    Returns
    -------
    classes : ndarray of shape (n_classes,)
        Sorted, two or more.
    codes : ndarray of shape (n_sequences,), int64
    """
    y = _as_array(y)
    _refuse_target_per_step(y, may_be_several=False)
    y = column_or_1d(y, warn=True)
    _check_length(y, n_sequences)
    missing = pd.isna(y)
    if missing.any():
        raise ValueError(
            f"y contains NaN in {count_rows(missing)}; expected a label for each "
            "sequence. Leave the others out: keep = pd.notna(y); X[keep], y[keep]."
        )
    if y.dtype.kind == "f" and np.isinf(y).any():
        raise ValueError("Input y contains infinity; expected labels.")
    y, classes = sort_labels(y)
    check_classification_targets(y)
    codes = np.searchsorted(classes, y)
    if len(classes) < 2:
        raise ValueError(
            f"y holds one class only, {first_few(classes.tolist())}; expected at least "
            "two. Fit on more sequences."
        )
    return classes, codes


def check_number_target(y, n_rows, *, is_whole=False, n_steps=None):
    """Judge the numbers to predict, one or several per row.

    Parameters
    ----------
    y : array of shape (n_rows,) or (n_rows, n_targets)
    n_rows : int
    is_whole : bool, default=False
        Whether a row is a whole sequence, and needs all its targets; a row that is a
        step may lack them.
    n_steps : int, optional
        Steps of each sequence of an array X, padding included: as many targets of a
        sequence would be one for each step.

    Returns
    -------
    target : ndarray of shape (n_rows, n_targets), float64
        0 where there is none.
    has_target : ndarray of shape (n_rows, n_targets), bool
    one_column : bool
        Whether y has one dimension, and predictions will.
    """
    named = isinstance(y, pd.DataFrame)
    y = _as_array(y)
    if is_whole:
        per_step = y.ndim == 2 and y.shape[1] == n_steps and not named
        _refuse_target_per_step(y, may_be_several=not per_step)
    if y.ndim == 2 and y.shape[1] == 1 and not named:
        y = column_or_1d(y, warn=True)
    if y.ndim not in (1, 2):
        raise ValueError(
            f"y has shape {y.shape}; expected ({n_rows},), or ({n_rows}, n_targets)."
        )
    _check_length(y, n_rows)
    try:
        if y.dtype.kind in "mMc":  # times, and numbers that have no order
            raise TypeError
        target = y.astype(np.float64).reshape(n_rows, -1)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(
            f"y has dtype {str(y.dtype)!r}, with values such as "
            f"{first_few(y.ravel()[:1]):.60}; expected real numbers. For labels, take "
            'DKTClassifier(task="many-to-one").'
        ) from None
    has_target = ~np.isnan(target)
    if np.isinf(target).any():
        raise ValueError("Input y contains infinity; expected finite numbers.")
    if is_whole and not has_target.all():
        raise ValueError(
            f"Input y contains NaN in {count_rows(~has_target.all(axis=1))}; expected "
            "a number for each sequence. Leave the others out: keep = pd.notna(y); "
            "X[keep], y[keep]."
        )
    if not has_target.any(axis=0).all():
        raise ValueError(
            "y holds no number at all in some target; expected numbers to learn from."
        )
    return np.where(has_target, target, 0.0), has_target, y.ndim == 1


def check_weight(sample_weight, has_target):
    """Return the weight of every target; at least one has to count."""
    weight = check_sample_weight(sample_weight, len(has_target))
    weight = weight[:, None] * has_target
    if not weight.any(axis=0).all():
        raise ValueError(
            "sample_weight is 0 wherever y holds a number; expected a row that counts."
        )
    return weight


def _as_array(y):
    if y is None:
        raise ValueError(
            "This estimator requires y to be passed, but the target y is None; "
            "expected one target per row of X."
        )
    if isinstance(y, list) and len({np.shape(own) for own in y}) > 1:
        raise ValueError(_per_step("a list of arrays of unequal length"))
    return as_array(y)


def _refuse_target_per_step(y, may_be_several):
    if y.ndim == 3 or (y.ndim == 2 and y.shape[1] > 1 and not may_be_several):
        raise ValueError(_per_step(f"of shape {y.shape}"))


def _per_step(form):
    return (
        f"y is {form}, a target for each step; "
        'task="many-to-one" expects one per sequence. To trace every step, write one '
        'row per real step and fit task="many-to-many":\n'
        f"{LONG_FORM}\n"
        "(If these are several targets of the whole sequence, pass a regressor a "
        "DataFrame that names them.)"
    )


def _check_length(y, n_rows):
    if len(y) != n_rows:
        raise ValueError(
            f"X holds {n_rows} samples but y has {len(y)} entries; expected one target "
            "per sample, in the same order."
        )
