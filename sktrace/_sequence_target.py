"""The only place that judges what is to be predicted of sequences."""

import numpy as np
import pandas as pd
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from ._target import check_sample_weight
from ._validation import count_rows, first_few

__all__ = ["check_labels", "check_number_target", "check_weight"]

LONG_FORM = """\
   user_id  order_id  hours  score
0        0         0    4.0   10.0
1        0         1    3.0   20.0
2        1         0    5.0   30.0
frame, y = sequences_to_frame(X, y)"""


def check_labels(y, n_sequences, longest):
    """Judge one label per sequence.

    Returns
    -------
    classes : ndarray of shape (n_classes,)
        Sorted, two or more.
    codes : ndarray of shape (n_sequences,), int64
    """
    y = _as_array(y)
    _refuse_target_per_step(y, longest, one_target=True)
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
    check_classification_targets(y)
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(
            f"y holds one class only, {first_few(classes.tolist())}; expected at least "
            "two. Fit on more sequences."
        )
    return classes, codes


def check_number_target(y, n_rows, *, longest=None):
    """Judge the numbers to predict, one or several per row.

    Parameters
    ----------
    y : array of shape (n_rows,) or (n_rows, n_targets)
    n_rows : int
    longest : int, optional
        Steps of the longest sequence, where a row is a whole sequence and needs all
        its targets; a row that is a step may lack them.

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
    if longest is not None:
        _refuse_target_per_step(y, longest, one_target=False, named=named)
    if y.ndim == 2 and y.shape[1] == 1 and not named:
        y = column_or_1d(y, warn=True)
    if y.ndim not in (1, 2):
        raise ValueError(
            f"y has shape {y.shape}; expected ({n_rows},), or ({n_rows}, n_targets)."
        )
    _check_length(y, n_rows)
    try:
        target = y.astype(np.float64).reshape(n_rows, -1)
    except (TypeError, ValueError):
        raise ValueError(
            f"y has dtype {str(y.dtype)!r}, with values such as {y.ravel()[0]!r}; "
            "expected numbers. For labels, take "
            'DKTClassifier(task="many-to-one").'
        ) from None
    has_target = ~np.isnan(target)
    if np.isinf(target).any():
        raise ValueError("Input y contains infinity; expected finite numbers.")
    if longest is not None and not has_target.all():
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
    dtype = getattr(getattr(y, "dtype", None), "numpy_dtype", None)
    if dtype is not None and dtype.kind in "iufb":  # nullable numbers of pandas
        y = y.to_numpy(float, na_value=np.nan) if y.isna().any() else y.astype(dtype)
    return np.asarray(y)


def _refuse_target_per_step(y, longest, *, one_target, named=False):
    if y.ndim == 3 or (
        y.ndim == 2
        and y.shape[1] > 1
        and not named
        and (one_target or y.shape[1] == longest)
    ):
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
