"""When answers were given, out of the cells of a file."""

import re

import numpy as np
import pandas as pd

from .._words import first_few, quote
from ._read_clocks import add_clocks
from ._read_dates import (
    Split,
    ask_which,
    choose_format,
    describe_form,
    read_dates,
    refuse_mixed,
)
from ._read_moments import read_clock
from ._read_problems import Argument, ReadingError
from ._read_values import as_numbers, count_cells, has_comma, is_text

PER_SECOND = {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}
_DAYS = {8: "%Y%m%d", 14: "%Y%m%d%H%M%S"}  # digits of numbers that write a date
_THOUSANDS = r"[+-]?\d{1,3}([ .,'\u00a0\u202f]\d{3})+([.,]\d*)?"


class Moments:
    """How one column of dates is read; `form` is told by the column, if not before."""

    def __init__(self, name, role, time_format=None, form=None, notes=None):
        self.name, self.role, self.time_format = name, role, time_format
        self.form, self._notes = form, notes

    def read(self, values, students=None):
        """Return microseconds since 1970 of texts or dates, none of them missing."""
        try:
            times = read_dates(values, self.time_format, self.form)
        except (OverflowError, TypeError, ValueError, re.error) as error:
            raise ReadingError(
                f"Column {quote(self.name)} ({self.role}) cannot be read by ",
                Argument("time_format", self.time_format),
                "; expected how its times are written, such as ",
                Argument("time_format", "%m/%d/%Y %H:%M"),
                f" for {first_few(values.dropna().unique().tolist())}.",
            ) from error
        odd = times.isna()
        untold = self.time_format is None and self.form is None
        if untold and odd.any() and is_text(values):
            split = Split(values)
            self.form = self._tell_form(values, split, odd, students)
            times = split.parse(self.form)
            self._note(values)
        elif odd.any():
            self._refuse(values, odd)
        return in_microseconds(times, "datetime64[us, UTC]", self.name, self.role)

    def _tell_form(self, values, split, odd, students):
        """Return the form that fits all dates; ask where several do, or none."""
        forms = choose_format(split.dates)
        if len(forms) > 1:
            ask_which(forms, values, self.name, self.role, students)
        if not forms:
            if odd.all():  # else most have the usual form
                refuse_mixed(values, split, self.name, self.role)
            self._refuse(values, odd)
        return forms[0]

    def _note(self, values):
        if self._notes is not None:
            self._notes += describe_form(self.name, self.form, values.iloc[0])

    def _refuse(self, values, odd):
        found = values[odd].unique().tolist()
        held = (
            f"Column {quote(self.name)} ({self.role}) holds {first_few(found)} in "
            f"{count_cells(odd)}; expected "
        )
        if self.time_format is not None:
            raise ReadingError(
                held + f"times written as {quote(self.time_format)}, the time_format. "
                "Name that in which they are written, such as ",
                Argument("time_format", "%m/%d/%Y %H:%M"),
                *or_without(self.role),
            )
        raise ReadingError(
            held + "numbers or dates such as '2011-09-01 12:00:00'. ",
            *_say_how(found, self.role),
        )


def read_times(
    values,
    name,
    time_format=None,
    *,
    clock=None,
    form=None,
    students=None,
    notes=None,
):
    """Return numbers that grow with time.

    Parameters
    ----------
    values : Series
        Numbers, dates or durations, perhaps as texts.
    name : str
        Column they stand in, for messages.
    time_format : str, default=None
        How dates are written.
    clock : tuple of Series and str, default=None
        The times of the day, which stand in a column of their own, and its name.
    form : str, default=None
        The form of dates that was told by the whole column, of which these are a part.
    students : Series, default=None
        Whose row each is.
    notes : list of str, default=None
        Takes a sentence about what was told.
    """
    moments = Moments(name, "order", time_format, form, notes)
    if clock is not None:
        return add_clocks(values, *clock, moments, students)
    if time_format is None:
        values = finite_numbers(values, name, "order")
    if pd.api.types.is_numeric_dtype(values):
        return values
    if values.dtype.kind == "m":
        return in_microseconds(values, "timedelta64[us]", name, "order")
    return moments.read(values, students)


def read_seconds(
    values,
    name,
    time_format=None,
    unit=None,
    *,
    clock=None,
    form=None,
    students=None,
    notes=None,
):
    """Return seconds, since 1970 where they are dates; missing ones stay missing."""
    moments = Moments(name, "time", time_format, form, notes)
    if clock is None and time_format is None:
        values = finite_numbers(values, name, "time")
    if clock is None and pd.api.types.is_numeric_dtype(values):
        if time_format is None or pd.api.types.is_float_dtype(values):
            _refuse_days(values, name, unit)
            seconds = values.astype("float64")
            return seconds / PER_SECOND[unit or _guess_unit(seconds)]
        values = values.astype("object").where(values.notna(), None)
        values = values.map(str, na_action="ignore")
    if values.dtype.kind == "m" and clock is None:
        return values.dt.total_seconds()
    there = values.notna() if clock is None else values.notna() & clock[0].notna()
    if not there.any():
        return pd.Series(np.nan, values.index)
    if clock is None:
        times = moments.read(values[there], students)
    else:
        clock = clock[0][there], clock[1]
        times = add_clocks(values[there], *clock, moments, students)
    return (times / 1e6).reindex(values.index)


def finite_numbers(values, name, role):
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
        *or_without(role, True),
    )


def or_without(role, unread=False):
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


def _refuse_days(numbers, name, unit):
    """Refuse numbers such as 20110901, which are dates rather than seconds."""
    given = numbers.dropna()
    if unit is not None or len(given) == 0 or (given % 1 != 0).any():
        return
    texts = given.astype("int64").astype(str)
    written = _DAYS.get(len(texts.iloc[0]))
    if written is None or texts.str.len().nunique() > 1:
        return
    days = pd.to_datetime(texts, format=written, errors="coerce")
    if days.notna().all() and days.dt.year.between(1970, 2099).all():
        raise ReadingError(
            f"Column {quote(name)} (time) holds {first_few(given.unique().tolist())}, "
            "all of which are dates if their digits are; expected seconds or dates. If "
            "they are dates: ",
            Argument("time_format", written),
            "; if they count seconds: ",
            Argument("time_unit", "s"),
            ".",
        )


def in_microseconds(values, dtype, name, role):
    """Make whole numbers of dates or durations."""
    try:
        return values.astype(dtype).astype("int64")
    except ValueError as error:
        found = " to ".join(map(str, [values.min(), values.max()]))
        raise ReadingError(
            f"Column {quote(name)} ({role}) goes from {found}; expected times "
            "within 290,000 years of 1970. Mend the file",
            *or_without(role, True),
        ) from error


def _say_how(odd, role):
    """Say how to tell what times are that have no form that is known."""
    texts = [value for value in odd[:100] if isinstance(value, str)]
    years = [year for year in map(_begins_with_year, texts) if year is not None]
    if any(not 1 <= year <= 9999 for year in years):
        return ("Years go from 1 to 9999. Mend the file", *or_without(role, True))
    if all(map(has_comma, odd)):
        argument = Argument("decimal", ",")
        return "Say that numbers have a comma: ", argument, *or_without(role)
    if texts and all(re.fullmatch(_THOUSANDS, text) for text in texts):
        return ("Write thousands without a mark", *or_without(role, True))
    if texts and all(read_clock(text) is not None for text in texts):
        column = "order_id" if role == "order" else "time"
        hint = f"Name the column of their dates, too: {column} may be [date, clock]"
        return (hint, *or_without(role, True))
    if role == "time":
        return ("Name another column", *or_without(role))
    argument = Argument("columns", {"order_id": ...})
    return "Name another column: ", argument, *or_without(role, True)


def _begins_with_year(value):
    """Return the year that a text seems to begin with, or None."""
    found = re.match(r"([+-]?\d{1,9})-\d", value)
    return None if found is None else int(found[1])
