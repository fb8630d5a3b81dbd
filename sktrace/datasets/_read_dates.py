"""The form of the dates of a column, told by all of them."""

import re

import numpy as np
import pandas as pd

from .._words import first_few, quote
from ._read_moments import take_apart, take_plain_apart
from ._read_problems import Argument, ReadingError
from ._read_values import count_cells

__all__ = [
    "MOST_DATES",
    "Split",
    "ask_which",
    "best_format",
    "choose_format",
    "describe_form",
    "read_dates",
    "refuse_mixed",
]

MOST_DATES = 50_000  # that differ; a log of more days is no log
_SAMPLE = 50  # dates by which forms are found, before all are tried
# In each of them the numbers of months that were names follow an M (`name_months`).
_FORMS = [
    form.replace("/", sep)
    for sep in "/.- "
    for form in ("%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d/%m/%y", "%m/%d/%y", "%y/%m/%d")
]
_FORMS += [
    form.replace(" ", sep)
    for sep in " -./"
    for form in ("%d M%m %Y", "%d M%m %y", "%Y M%m %d", "M%m %d %Y")
]
_FORMS += ["%d.M%m %Y", "%d.M%m.%y", "M%m %d, %Y", "%d M%m, %Y", "%Y%m%d"]
_SHAPES = {form: re.sub("(?:%[dmyY])+", "0", form) for form in _FORMS}
_SPANS = 10  # times as many days, from which on a two-digit year is no day
_TWO_YEARS = 730  # days
_CLOCK_FORM = re.compile(
    r"%[HI](?:[:.h]%M)?(?:[:.]%S)?(?:[.,]%f)?(?: ?%p)?(?: ?%[zZ])?|%[aA][.,]*|%T|%R"
)
_NO_TIME = pd.Timedelta(0)
_NO_DATES = ["now", "today"]  # which pandas takes for dates


def read_dates(values, time_format=None, form=None):
    """Return moments in UTC, NaT where a text is none.

    Parameters
    ----------
    values : Series
        Texts or dates, none missing.
    time_format : str, default=None
        How they are written. What fails is tried by its date alone: a zone may follow,
        and seconds may lack.
    form : str, default=None
        The form of the dates that was told by a whole column.
    """
    if form is not None:
        return Split(values).parse(form)
    times = pd.to_datetime(
        values, format=time_format or "ISO8601", utc=True, errors="coerce"
    )
    times = times.mask(values.isin(_NO_DATES))
    odd = times.isna()
    if time_format is not None and odd.any() and (date := _date_of(time_format)):
        more = Split(values[odd]).parse(date)
        times = times.astype("datetime64[us, UTC]").where(~odd, more)
    return times


def _date_of(time_format):
    """Return the form of the date in a format, or None if it has none."""
    date = _CLOCK_FORM.sub("", time_format).strip(" ,T")
    date = re.sub(r"\.\s+", ".", re.sub("%[bB]", "M%m", date)).rstrip(".")
    return date if re.search("%[yYm]", date) else None


class Split:
    """Texts taken apart into dates and times of the day, each of them once."""

    def __init__(self, values):
        self._index = values.index
        self._codes, uniques = pd.factorize(values)
        uniques = np.asarray(uniques, dtype=object).tolist()
        plain = take_plain_apart(uniques)
        if plain is None:
            dates, clocks = zip(*map(take_apart, uniques), strict=True)
        else:
            dates, clocks = plain
        self._days, dates = pd.factorize(np.array(dates, dtype=object))
        self.dates = dates.tolist()
        self._clocks = np.array(clocks, "timedelta64[us]")

    def parse(self, form):
        """Return moments by the form of their dates; NaT where a text is none."""
        dates = _parse(self.dates, form).astype("datetime64[us]").to_numpy()
        found = (dates[self._days] + self._clocks)[self._codes]
        return pd.Series(found, self._index).dt.tz_localize("UTC")


def _parse(dates, form):
    dates = pd.Series(dates, dtype=object)
    dates = dates.mask(dates.isin(_NO_DATES))
    return pd.to_datetime(dates, format=form, errors="coerce")


def choose_format(dates):
    """Return the forms that fit all dates: one, if it can be told which is meant.

    Parameters
    ----------
    dates : list of str
        Dates that differ, without their times of the day.

    Returns
    -------
    forms : list of str
        None, one, or those between which nothing decides.
    """
    if not dates or len(dates) > MOST_DATES:
        return []
    some = dates[:: len(dates) // _SAMPLE + 1]
    shape, found = re.sub(r"\d+", "0", dates[0]), {}
    for form in _FORMS:
        if _SHAPES[form] == shape and _parse(some, form).notna().all():
            days = _parse(dates, form)
            if days.notna().all() and not any(map(days.equals, found.values())):
                found[form] = days
    return _leave_out_long_spans(found)


def _leave_out_long_spans(found):
    """Leave out years of two digits that are days: they go on for decades."""
    spans = {form: (days.max() - days.min()).days for form, days in found.items()}
    last = [spans[form] for form in found if form.endswith("%y")]
    first = [spans[form] for form in found if form.startswith("%y")]
    if not (first and last):
        return list(found)

    def long(span, others):
        return span > _TWO_YEARS and span > _SPANS * max(others)

    if long(min(first), last):
        return [form for form in found if not form.startswith("%y")]
    if long(min(last), first):
        return [form for form in found if not form.endswith("%y")]
    return list(found)


def best_format(dates):
    """Return the form that fits most of some dates, and for each whether it fits."""
    dates = dates[:: len(dates) // (20 * _SAMPLE) + 1]
    fits = {form: _parse(dates, form).notna().tolist() for form in _FORMS}
    form = max(fits, key=lambda form: sum(fits[form]))
    return form, dict(zip(dates, fits[form], strict=True))


def name_format(form, example=None):
    """Write a form as a time format, with the time of the day that an example has."""
    date = form.replace("M%m", "%b")
    if example is None:
        return date
    rest = re.search(
        r"[ T,]+(\d{1,2}):\d\d(:\d\d)?([.,]\d+)?( ?[ap]m)?", str(example), re.IGNORECASE
    )
    if rest is None:
        return date
    hour = "%I" if rest[4] else "%H"
    seconds = "%S" if rest[2] else ""
    clock = f"{hour}:%M{':' * bool(seconds)}{seconds}{'.%f' * bool(rest[3])}"
    return f"{date} {clock}{' %p' * bool(rest[4])}"


def describe_form(name, form, example):
    """Return a sentence on how dates are read, in a list; none if it is as usual."""
    written = name_format(form, example)
    if form == "%Y-%m-%d":
        return []
    first = {"%d": "day first, ", "%m": "month first, "}.get(form[:2], "")
    first = "" if "M%m" in form else first
    return [f"Dates of {quote(name)} are read {first}as {written}."]


def ask_which(forms, values, name, role, students=None):
    """Raise an error that asks for one of several forms."""
    forms = _grow_first(forms, values, students)
    example = values.iloc[0]
    first, *others = forms
    words = [_begins_with(form) for form in forms]
    parts = [
        f"Column {quote(name)} ({role}) holds dates such as "
        f"{first_few(values.drop_duplicates().tolist()[:3])}, all of which may have "
        f"{' or '.join(words)} first; expected a date that tells. Say which: ",
        Argument("time_format", name_format(first, example)),
        f" ({words[0]} first)",
    ]
    for form, word in zip(others, words[1:], strict=True):
        parts += [
            " or ",
            Argument("time_format", name_format(form, example)),
            f" ({word} first)",
        ]
    raise ReadingError(*parts, ".")


def _begins_with(form):
    return {"%d": "the day", "%m": "the month"}.get(form[:2], "the year")


def _grow_first(forms, values, students):
    """Put the form first by which moments grow with the rows, if one does more."""
    usual = sorted(forms, key=lambda form: "/" in form and form.startswith("%d"))
    values = values.iloc[:100_000]
    split, shares = Split(values), {}
    for form in usual:
        moments = split.parse(form)
        if students is not None:
            moments = moments.groupby(students.reindex(values.index))
        steps = moments.diff()
        grow, fall = (steps > _NO_TIME).sum(), (steps < _NO_TIME).sum()
        shares[form] = grow / max(grow + fall, 1)
    return sorted(usual, key=shares.get, reverse=True)


def refuse_mixed(values, split, name, role):
    """Raise an error if most dates have one form, and some another."""
    form, fits = best_format(split.dates)
    odd = split.parse(form).isna()
    if 2 * sum(fits.values()) <= len(fits) or not odd.any():
        return
    found, usual = first_few(values[odd].unique().tolist()), values[~odd].iloc[0]
    raise ReadingError(
        f"Column {quote(name)} ({role}) holds {found} in {count_cells(odd)} beside "
        f"dates such as {quote(usual)}; expected one form throughout, such as "
        f"{name_format(form)}. Write these dates as the others are."
    )
