"""The only place that judges a long frame of numbers, one row per step."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from .._interactions.columns import (
    check_frame,
    check_students,
    count_columns,
)
from .._interactions.log import Roles
from .._interactions.numbers import check_numbers
from .._interactions.times import read_order
from .._plain import stored
from .._words import count_rows

__all__ = [
    "Columns",
    "NumberFrame",
    "check_number_frame",
    "choose_columns",
    "refuse_own_target",
]

# Two columns that differ by less, relative to their mean deviation, are the same.
ROUNDING = 1e-6


class NumberFrame(NamedTuple):
    """The numbers of a long frame, student by student in time order."""

    values: np.ndarray  # (n_rows, n_inputs) in time order; NaN: not known
    offsets: np.ndarray  # student s owns the rows offsets[s]:offsets[s + 1]
    rows: np.ndarray  # (n_rows,) position in X of each of them


@stored
class Columns(NamedTuple):
    """The columns of numbers to read."""

    features: list  # known when a row is predicted
    past_features: list  # known only afterwards


def choose_columns(X, student, order, features, past_features):
    """Say which columns are read: without `features`, numbers of no other role."""
    past = [] if past_features is None else list(past_features)
    if features is not None:
        return Columns(list(features), past)
    check_frame(X, Roles(student=student, order=order))
    taken = {*Roles(student=student, order=order).columns, *past}
    features = [
        name
        for name, dtype in X.dtypes.items()
        if name not in taken and pd.api.types.is_numeric_dtype(dtype)
    ]
    return Columns(features, past)


def check_number_frame(X, student, order, columns):
    """Read the numbers of a long frame; past ones are moved one row on.

    A past feature becomes two inputs: its value in the row before, NaN if unknown,
    and whether it is known.

    Raises
    ------
    TypeError
        If X is not a DataFrame.
    ValueError
        If a column is missing or holds what its role cannot have, or rows tie.
    """
    code, _ = check_students(X, student)
    features, past_features = columns
    if not features and not past_features:
        raise ValueError(
            f"X has no column of numbers to read, but for student and order; got "
            f"{dict(X.dtypes.astype(str))}. Name columns by features=[...], known when "
            "a row is predicted, or past_features=[...], known only afterwards."
        )
    _check_present(X, [*features, *past_features])
    time = np.zeros(len(X)) if order is None else read_order(X, order)
    rows = np.lexsort((time, code))
    code, time = code[rows], time[rows]
    first = np.diff(code, prepend=-1) != 0
    if order is not None:
        _refuse_ties(X, rows, first | (np.diff(time, prepend=time[0]) != 0), order)

    now = [check_numbers(X[name], name, "feature")[rows] for name in features]
    for name, values in zip(features, now, strict=True):
        _refuse_unknown(values, name, rows)
    before = [check_numbers(X[name], name, "feature")[rows] for name in past_features]
    for values in before:
        values[1:] = values[:-1]
        values[first] = np.nan
    known = [np.isfinite(values).astype(np.float64) for values in before]
    values = np.column_stack([*now, *before, *known])
    return NumberFrame(values, np.append(np.flatnonzero(first), len(rows)), rows)


def refuse_own_target(features, values, target, weight):
    """Refuse a feature that is the target: each row would see its own answer.

    Rows without a weight say nothing: their y may be anything.
    """
    for column, name in enumerate(features):
        for own, told in zip(target.T, weight.T > 0, strict=True):
            if _are_same(values[told, column], own[told]):
                raise ValueError(
                    f"Column {name!r} (feature) is y itself, so that each row would "
                    "see its own answer. To read it from earlier rows only, pass "
                    f"past_features=[{name!r}]; else leave it out of features."
                )


def _are_same(x, y):
    """Say whether two columns are one, perhaps in different precision."""
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return False  # what never varies tells nothing
    with np.errstate(over="ignore", invalid="ignore"):
        if np.array_equal(x, y.astype(np.float32)):
            return True
        if np.array_equal(x.astype(np.float32), y):
            return True
        # Slack of their spread, not their size, which may be that of a year.
        spread = np.abs(y - y.mean()).mean()
        return np.abs(x - y).max() <= ROUNDING * spread < np.inf


def _check_present(X, columns):
    for name in columns:
        found = count_columns(X, name)
        if found != 1:
            raise ValueError(
                f"X has {found or 'no'} column{'s' * (found > 1)} {name!r}; got the "
                f"columns {list(X.columns)}, expected one of each feature. Name them "
                "by features=[...] and past_features=[...]."
            )


def _refuse_unknown(values, name, rows):
    unknown = np.zeros(len(rows), dtype=bool)
    unknown[rows] = np.isnan(values)
    if unknown.any():
        raise ValueError(
            f"Column {name!r} (feature) is missing in {count_rows(unknown)}; "
            "expected a number that is known when its row is predicted. If it is known "
            f"only afterwards, pass past_features=[{name!r}], which may be missing. "
            f"Else fill it, by X[{name!r}].fillna(...) or a SimpleImputer with "
            'set_output(transform="pandas").'
        )


def _refuse_ties(X, rows, new, order):
    tied = np.flatnonzero(~new)
    if len(tied):
        pair = sorted(rows[tied[0] - 1 : tied[0] + 1].tolist())
        raise ValueError(
            f"Rows at positions {pair[0]} and {pair[1]} are of one student and tie in "
            f"{order!r} ({len(tied)} such pairs); "
            "expected one row per student and time. Merge them: "
            "X.groupby([student, order], as_index=False).mean()."
        )
