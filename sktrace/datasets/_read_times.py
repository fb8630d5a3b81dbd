"""When answers were given, out of the cells of a file."""

import re

import numpy as np
import pandas as pd

from .._words import first_few, quote
from ._read_problems import Argument, ReadingError
from ._read_values import as_numbers, count_cells, has_comma, is_text

# How people write dates and times of the day, in the order in which they are tried.
_DATES = (
    *("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%m-%d-%Y", "%d-%m-%Y", "%Y.%m.%d"),
    *("%m/%d/%y", "%d/%m/%y", "%d.%m.%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y"),
    *("%B %d, %Y", "%b %d %Y", "%d-%b-%Y"),
)
_CLOCKS = (" %H:%M", "", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
_SAMPLE = 1_000  # values that are tried
PER_SECOND = {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}


def read_times(values, name, time_format):
    """Return numbers that grow with time."""
    if time_format is None:
        values = _finite_numbers(values, name, "order")
    if pd.api.types.is_numeric_dtype(values):
        return values
    if values.dtype.kind == "m":
        return _in_microseconds(values, "timedelta64[us]", name, "order")
    return _as_dates(values, name, "order", time_format)


def read_seconds(values, name, time_format, unit):
    """Return seconds, since 1970 where they are dates; missing ones stay missing."""
    if time_format is None:
        values = _finite_numbers(values, name, "time")
    if pd.api.types.is_numeric_dtype(values):
        seconds = values.astype("float64")
        return seconds / PER_SECOND[unit or _guess_unit(seconds)]
    if values.dtype.kind == "m":
        return values.dt.total_seconds()
    if values.isna().all():
        return pd.Series(np.nan, values.index)
    times = _as_dates(values.dropna(), name, "time", time_format)
    return (times / 1e6).reindex(values.index)


def _finite_numbers(values, name, role):
    """Make numbers of texts if all are; refuse those that a number cannot hold."""
    numbers = as_numbers(values)
    if not pd.api.types.is_numeric_dtype(numbers):
        return numbers
    if pd.api.types.is_bool_dtype(numbers) or numbers.dtype.kind == "c":
        odd, what = numbers.notna(), "numbers or dates"
    else:
        odd = numbers.notna() & ~np.isfinite(numbers.astype("float64"))
        what = "finite numbers"
        # Beyond 64 bits whole numbers are rounded, and moments would become one.
        if role == "order" and is_text(values) and numbers.dtype.kind == "f":
            whole = values.str.fullmatch(r"[+-]?\d+", na=False).astype(bool)
            large = whole & (numbers.abs() >= 2**53)
            if large.any() and not odd.any():
                odd, what = large, "whole numbers below 2**63, or all below 2**53"
    if not odd.any():
        return numbers
    found = first_few(values[odd].unique().tolist())
    raise ReadingError(
        f"Column {quote(name)} ({role}) holds {found} in {count_cells(odd)}; expected "
        f"{what}. Mend the file",
        *_or_without(role, True),
    )


def _or_without(role, unread=False):
    """End a sentence; say how a log is read without a column of times."""
    if role == "time":
        return ". Or leave the times out: ", Argument("time", None), "."
    if not unread:
        return (".",)
    return (
        ". Or leave the column out, if the rows stand in time order: ",
        Argument("columns", {"order_id": None}),
        ".",
    )


def _guess_unit(numbers):
    """Tell the unit of numbers by their size: in seconds, 1e11 is the year 5138."""
    size = numbers.abs().median()
    return (
        "ns" if size > 1e17 else "us" if size > 1e14 else "ms" if size > 1e11 else "s"
    )


def _as_dates(values, name, role, time_format):
    """Return microseconds since 1970, or say which values are no dates."""
    texts = values
    if time_format is None and is_text(values):  # "UTC" after a blank is no ISO 8601
        zoned = values.str.endswith(" UTC", na=False).astype(bool)
        texts = values.where(~zoned, values.str[:-4].str.rstrip() + "Z")
    try:
        times = pd.to_datetime(
            texts, format=time_format or "ISO8601", utc=True, errors="coerce"
        )
    except (OverflowError, TypeError, ValueError, re.error) as error:
        raise ReadingError(
            f"Column {quote(name)} ({role}) cannot be read by ",
            Argument("time_format", time_format),
            "; expected how its times are written, such as ",
            Argument("time_format", "%m/%d/%Y %H:%M"),
            f" for {first_few(values.dropna().unique().tolist())}.",
        ) from error
    if times.isna().any():
        odd = values[times.isna()].unique().tolist()
        held = (
            f"Column {quote(name)} ({role}) holds {first_few(odd)} in "
            f"{count_cells(times.isna())}; expected "
        )
        if time_format is not None:
            raise ReadingError(
                held + f"times written as {quote(time_format)}, the time_format. Name "
                "that in which they are written, such as ",
                Argument("time_format", "%m/%d/%Y %H:%M"),
                *_or_without(role),
            )
        raise ReadingError(
            held + "numbers or dates such as '2011-09-01 12:00:00'. ",
            *_say_how(values, odd, role),
        )
    return _in_microseconds(times, "datetime64[us, UTC]", name, role)


def _in_microseconds(values, dtype, name, role):
    try:
        return values.astype(dtype).astype("int64")
    except ValueError as error:
        found = " to ".join(map(str, [values.min(), values.max()]))
        raise ReadingError(
            f"Column {quote(name)} ({role}) goes from {found}; expected times "
            "within 290,000 years of 1970. Mend the file",
            *_or_without(role, True),
        ) from error


def _say_how(values, odd, role):
    """Say how to tell what times are that are no ISO 8601."""
    years = [year for year in map(_begins_with_year, odd[:100]) if year is not None]
    if any(not 1 <= year <= 9999 for year in years):
        return ("Years go from 1 to 9999. Mend the file", *_or_without(role, True))
    if all(map(has_comma, odd)):
        argument = Argument("decimal", ",")
        return "Say that numbers have a comma: ", argument, *_or_without(role)
    if formats := is_text(values) and _find_formats(values):
        argument = Argument("time_format", formats[0])
        day_first = [f" ({each!r} if the day is first)" for each in formats[1:]]
        return "Say how they are written: ", argument, *day_first, *_or_without(role)
    if role == "time":
        return ("Name another column", *_or_without(role))
    argument = Argument("columns", {"order_id": ...})
    return "Name another column: ", argument, *_or_without(role, True)


def _find_formats(values):
    """Return the formats that fit, of those that people use."""
    values = values.dropna().drop_duplicates()
    values = values.iloc[:: len(values) // _SAMPLE + 1]
    found = [
        date + clock
        for clock in _CLOCKS
        for date in _DATES
        if pd.to_datetime(values, format=date + clock, errors="coerce").notna().all()
    ]
    american = bool(found) and found[0].startswith("%m")
    return found[:1] + [each for each in found if american and each[:2] == "%d"][:1]


def _begins_with_year(value):
    """Return the year that a text seems to begin with, or None."""
    found = re.match(r"([+-]?\d{1,9})-\d", value) if isinstance(value, str) else None
    return None if found is None else int(found[1])
