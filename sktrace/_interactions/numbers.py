"""Columns of numbers: known before an answer or only after it, one or several."""

from decimal import Decimal
from numbers import Real

import numpy as np
import pandas as pd

from .._words import count_rows

__all__ = [
    "LARGEST",
    "as_numbers",
    "check_features",
    "check_numbers",
    "drop_missing",
    "find_missing",
    "holds_numbers",
    "refuse_answers",
]

SMALLEST, LARGEST = 1e-100, 1e100  # of features
# A column that tells the answer of nearly all rows is the answer in another form.
TELLS, ROWS_OF_A_VALUE, ROWS_OF_AN_ANSWER = 0.999, 5, 10


def as_numbers(values):
    """Return numbers of whatever types in a column of objects as floats."""
    if values.dtype != object:
        return values
    are_numbers = all(isinstance(value, Real | Decimal) for value in values)
    return values.astype(float) if are_numbers else values


def holds_numbers(dtype):
    """Tell whether a column of some type holds real numbers, or truth values."""
    types = pd.api.types
    return types.is_any_real_numeric_dtype(dtype) or types.is_bool_dtype(dtype)


def find_missing(values):
    """Mark the missing values of a column, bool: pandas does not tell of all of them.

    Nullable columns, of pandas and of pyarrow, may hold NaN beside what is missing.
    """
    missing = values.isna().to_numpy(dtype=bool)
    if values.dtype.kind == "f":
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        missing = missing | np.isnan(numbers)
    return missing


def drop_missing(values, column):
    """Write the call that drops the rows where a column is missing."""
    if values.isna().sum() == values.astype(object).isna().sum():
        return f"X.dropna(subset=[{column!r}])"
    return f"X[X[{column!r}].astype(object).notna()]"  # dropna would not see all


def check_numbers(values, column, role):
    """Return finite numbers, NaN where they are missing, as a fresh float64 array."""
    if not holds_numbers(values.dtype):
        raise ValueError(
            f"Column {column!r} ({role}) has dtype {str(values.dtype)!r}; expected "
            f"numbers. {_repair(values, column)}"
        )
    numbers = np.array(values.to_numpy(dtype=np.float64, na_value=np.nan))
    infinite = np.isinf(numbers)
    if infinite.any():
        raise ValueError(
            f"Column {column!r} ({role}) is infinite in {count_rows(infinite)}; "
            "expected finite numbers. Look at the division that made it, or clip it: "
            f"X[{column!r}].clip(...)."
        )
    return numbers


def _repair(values, column):
    """Say what makes numbers of a column, having tried it."""
    name = f"X[{column!r}]"
    if values.dtype.kind == "c":
        return f"Take the part that is meant: {name} = np.real({name})."
    try:
        is_repaired = holds_numbers(pd.to_numeric(values.astype(object)).dtype)
    except (TypeError, ValueError):
        is_repaired = False
    if not is_repaired:
        return (
            "Leave it out, or encode it, by OneHotEncoder for one, with "
            'set_output(transform="pandas").'
        )
    return f"Make it numeric: {name} = pd.to_numeric({name}.astype(object))."


def check_features(values, columns, role):
    """Return several columns of numbers, shape (n_rows, n_columns)."""
    names = columns if isinstance(columns, list) else [columns]
    if isinstance(values, pd.Series):
        values = values.to_frame()
    numbers = [
        check_numbers(values.iloc[:, place], name, role)
        for place, name in enumerate(names)
    ]
    for column, name in zip(numbers, names, strict=True):
        size = np.nanmax(np.abs(column), initial=0.0)
        if size and not SMALLEST <= size <= LARGEST:
            raise ValueError(
                f"Column {name!r} ({role}) goes up to {size:g} in size; expected "
                f"{SMALLEST:g} to {LARGEST:g}, so that squares are numbers. Choose "
                f"another unit: X[{name!r}] = X[{name!r}] / {size:g}."
            )
    return np.column_stack(numbers)


def refuse_answers(features, names, correct):
    """Refuse a feature that is the answer in another form, as far as can be found out.

    It is if right and wrong answers lie on different sides of a threshold, if each of
    its values goes with right answers or with wrong ones, or if it is missing where
    answers are of one kind. All may have exceptions, of one row in a thousand.

    Parameters
    ----------
    features : ndarray of shape (n_rows, n_features)
        Known, as it is said, before the answer.
    names : list of length n_features
    correct : ndarray of shape (n_rows,)
        0, 1 or NaN.

    Raises
    ------
    ValueError
        With ten rows of either answer at least, and a column that tells.
    """
    told = ~np.isnan(correct)
    right = correct[told] == 1
    for name, values in zip(names, features[told].T, strict=True):
        missing = np.isnan(values).astype(float)
        if _splits(values, right) or _names(values, right) or _names(missing, right):
            raise ValueError(
                f"Column {name!r} (features) tells the answer: of the rows where it "
                "is known, right and wrong ones do not share values. Expected what is "
                "known before the answer. To read it of earlier rows only, pass "
                f"past_features=[{name!r}]; else leave it out of features."
            )


def _splits(values, right):
    """Say whether a threshold tells right answers from wrong ones: an AUC of 0 or 1."""
    known = ~np.isnan(values)
    values, right = values[known], right[known]
    n_right, n_wrong = right.sum(), (~right).sum()
    if min(n_right, n_wrong) < ROWS_OF_AN_ANSWER:
        return False
    below = pd.Series(values).rank().to_numpy()[right].sum()
    auc = (below - n_right * (n_right + 1) / 2) / (n_right * n_wrong)
    return max(auc, 1 - auc) >= TELLS


def _names(values, right):
    """Say whether each value that several rows have goes with one of the answers."""
    code, _ = pd.factorize(values, use_na_sentinel=False)
    counts = np.array([np.bincount(code, right == answer) for answer in (0, 1)])
    common = counts.sum(axis=0) >= ROWS_OF_A_VALUE
    if counts[:, common].sum() < TELLS * len(values):
        return False  # too many values of their own: all that is rare is pure
    usual, n = counts[:, common].max(axis=0).sum(), counts[:, common].sum(axis=1)
    return n.min() >= ROWS_OF_AN_ANSWER and usual >= TELLS * n.sum()
