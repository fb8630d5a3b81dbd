"""Times of the day that stand in a column beside their dates."""

import numpy as np
import pandas as pd

from .._words import first_few, quote
from ._read_moments import read_clock
from ._read_problems import Argument, ReadingError
from ._read_values import as_numbers, count_cells, is_text

_DAY = 86_400_000_000  # microseconds


def add_clocks(dates, clocks, name, moments, students=None):
    """Return microseconds since 1970, of dates and of times of the day.

    Parameters
    ----------
    dates, clocks : Series
        None missing.
    name : str
        Column of the clocks.
    moments : Moments
        How the dates are read; a time format that has the hours reads both together.
    students : Series, default=None
    """
    written = moments.time_format or ""
    if "%H" in written or "%I" in written:
        return moments.read(_as_texts(dates) + " " + _as_texts(clocks), students)
    if pd.api.types.is_numeric_dtype(dates):  # 20110901
        dates = _as_texts(dates)
    days = moments.read(dates, students)
    late = days % _DAY != 0
    if late.any():
        alone = Argument("time", moments.name)
        if moments.role == "order":
            alone = Argument("columns", {"order_id": moments.name})
        found = first_few(dates[late].unique().tolist())
        raise ReadingError(
            f"Column {quote(moments.name)} ({moments.role}) holds {found} in "
            f"{count_cells(late)}, with a time of the day, and {quote(name)} was named "
            "for it; expected one of them. Name the former alone: ",
            alone,
            ".",
        )
    return days + _read_clocks(clocks, name, moments.role)


def _as_texts(values):
    return values if is_text(values) else values.map(str, na_action="ignore")


def _read_clocks(clocks, name, role):
    """Return microseconds since midnight."""
    if clocks.dtype.kind == "m":
        return clocks.astype("timedelta64[us]").astype("int64")
    numbers = as_numbers(clocks)
    if pd.api.types.is_numeric_dtype(numbers):  # parts of a day, as Excel counts
        parts = numbers.astype("float64")
        if ((parts >= 0) & (parts < 1)).all():
            return (parts * _DAY).round(-3).astype("int64")
    codes, uniques = pd.factorize(_as_texts(clocks))
    found = list(map(read_clock, uniques.tolist()))
    odd = np.array([each is None for each in found], dtype=bool)
    if odd.any():
        marked = pd.Series(odd[codes], clocks.index)
        raise ReadingError(
            f"Column {quote(name)} ({role}, the time of the day) holds "
            f"{first_few(uniques[odd].tolist())} in {count_cells(marked)}; expected "
            "times such as '10:05', '10:05:33' or '3:05 PM'. Mend the file, or name "
            "the column of the dates alone."
        )
    return pd.Series(np.array(found, dtype=np.int64)[codes], clocks.index)
