"""When something happened: columns of numbers, dates and durations as arrays."""

import warnings

import numpy as np
import pandas as pd

from .._words import count_rows
from .numbers import check_numbers, drop_missing, find_missing, holds_numbers

__all__ = ["check_order", "check_time", "read_order"]


def read_order(X, order):
    """Return when each row happened, as numbers that grow with time.

    Parameters
    ----------
    X : DataFrame
    order : hashable, list of hashables or None
        A column; or several, compared one after the other; or none, where rows stand
        in time order.

    Returns
    -------
    ndarray of shape (n_rows,) or None
        The column, dates as integers; of several columns, the rank of each row.
    """
    if order is None:
        return None
    if order == []:
        raise ValueError(
            "order=[] names no column; expected one or several, or order=None if the "
            "rows already stand in time order."
        )
    if not isinstance(order, list):
        return check_order(X[order], order)
    columns = [check_order(X[column], column) for column in order]
    rows = np.lexsort(columns[::-1])
    later = np.zeros(len(rows), dtype=bool)
    for values in columns:
        later[1:] |= values[rows[1:]] != values[rows[:-1]]
    rank = np.empty(len(rows), dtype=np.int64)
    rank[rows] = np.cumsum(later)
    return rank


def check_order(values, column):
    """Return times as an array of numbers; dates and durations as integers."""
    missing = find_missing(values)
    if missing.any():
        raise ValueError(
            f"Column {column!r} (order) is missing in {count_rows(missing)}; expected "
            f"a number or a date in every row. Drop these rows: "
            f"{drop_missing(values, column)}."
        )
    if values.dtype.kind in "mM":  # of whatever unit and zone
        return _out_of_arrow(values).astype("int64").to_numpy(dtype=np.int64)
    if not pd.api.types.is_any_real_numeric_dtype(values):
        raise ValueError(
            f"Column {column!r} (order) has dtype {str(values.dtype)!r}; expected "
            f"numbers or dates that grow with time. {_repair(values, column)}; or, if "
            "the rows already stand in time order, pass order=None."
        )
    if values.dtype.kind != "f":
        return values.to_numpy(dtype=getattr(values.dtype, "numpy_dtype", None))
    times = values.to_numpy(dtype=np.float64)  # float16 could not be ranked
    infinite = np.isinf(times)
    if infinite.any():
        raise ValueError(
            f"Column {column!r} (order) is infinite in {count_rows(infinite)}; "
            "expected finite numbers. Look at the division that made it, or drop these "
            f"rows: X[np.isfinite(X[{column!r}])]."
        )
    return times


def check_time(values, column, role):
    """Return seconds as float64: numbers as they are, dates since 1970, NaN if missing.

    Dates with a zone are compared in UTC, and those without are taken as UTC.
    """
    values = _out_of_arrow(values)
    if _is_date(values):
        since = pd.to_datetime(values, utc=True).dt.as_unit("us")
        values = (since - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    elif values.dtype.kind == "m":
        values = pd.to_timedelta(values).dt.total_seconds()
    elif not holds_numbers(values.dtype):
        raise ValueError(
            f"Column {column!r} ({role}) has dtype {str(values.dtype)!r}; expected "
            f"seconds or dates. {_repair(values, column)}; or, if it tells no time, "
            f"pass {role}=None."
        )
    return check_numbers(values, column, role)


def _out_of_arrow(values):
    """Return dates and durations of pyarrow as those of numpy."""
    if values.dtype.kind in "mM" and isinstance(values.dtype, pd.ArrowDtype):
        return values.array.__arrow_array__().to_pandas(date_as_object=False)
    return values


def _is_date(values):
    return values.dtype.kind == "M"


def _repair(values, column):
    """Say what makes a column of times one, having tried it."""
    name = f"X[{column!r}]"
    calls = [
        ("pd.to_numeric({})", pd.to_numeric),
        ("pd.to_datetime({})", pd.to_datetime),
        (
            "pd.to_datetime({}, utc=True)",
            lambda values: pd.to_datetime(values, utc=True),
        ),
        (
            'pd.to_datetime({}, format="mixed", utc=True)',
            lambda values: pd.to_datetime(values, format="mixed", utc=True),
        ),
        ("{}.dt.to_timestamp()", lambda values: values.dt.to_timestamp()),
        ('{}.astype("int64")', lambda values: values.astype("int64")),
    ]
    for call, change in calls:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                changed = change(values)
            except Exception:
                continue
        numeric = pd.api.types.is_any_real_numeric_dtype(changed)
        if numeric or changed.dtype.kind in "mM":
            return f"Make it one: {name} = {call.format(name)}"
    return f"Put a number for each time: {name} = {name}.map({{...: 0, ...: 1}})"
