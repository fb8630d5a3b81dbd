"""Moments as people write them: taken apart into a date, a time of the day, a zone."""

import re
from functools import lru_cache
from typing import NamedTuple

from .._words import fold

__all__ = [
    "Moment",
    "month_of",
    "name_months",
    "read_clock",
    "take_apart",
    "take_plain_apart",
]

LONGEST = 60  # letters; what is longer is no date
_KEPT = 100_000  # dates and clocks that are remembered: more than a day has seconds

_CLOCK = (
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d\d)(?:[:.m](?P<second>\d\d)s?"
    r"(?:[.,](?P<fraction>\d{1,9}))?)?|h|(?=\s?[ap]\.?\s?m\b))"
    r"\s?(?:Uhr|uur|(?P<half>[ap])\.?\s?m\.?)?"
)
_ZONE = (
    r"\s?(?:Z|UTC|GMT)?\s?(?:(?P<sign>[+-])(?P<zone>\d{1,2}(?::?\d\d)?))?(?: \(.*\))?"
)
# 22.9.2008, 12:20:00 UTC; and as Unix writes: Mon Sep 22 12:20:00 UTC 2008
_DATE_FIRST = re.compile(
    rf"(?P<date>.+?)(?:,\s*|\s+(?:at |um |à )?|(?<=\d)T){_CLOCK}{_ZONE}"
    r"(?: (?P<year>\d{4}))?",
    re.IGNORECASE,
)
_CLOCK_FIRST = re.compile(rf"{_CLOCK}{_ZONE},?\s+(?P<date>\S.*\d)", re.IGNORECASE)
_ALONE = re.compile(_CLOCK + _ZONE, re.IGNORECASE)
_ZONE_ALONE = re.compile(r"(?<=\d) ?(?:Z|UTC|GMT)", re.IGNORECASE)
_WEEKDAY = re.compile(r"([^\W\d_]{2,10})\.?,?\s+(?=\S+[\s./-]+\S+[\s./-]+\d)")
_WEEKDAYS = (
    "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch "
    "donnerstag freitag samstag sonnabend sonntag lundi mardi mercredi jeudi vendredi "
    "samedi dimanche lunes martes miercoles jueves viernes sabado domingo"
)
_MONTHS = [
    names.split()
    for names in (
        "january januar janvier enero gennaio janeiro januari",
        "february februar fevrier febrero febbraio fevereiro feber",
        "march marz mars marzo marco maart marts maerz mrz",
        "april avril abril aprile",
        "may mai mayo maggio maio mei maj",
        "june juni juin junio giugno junho",
        "july juli juillet julio luglio julho",
        "august aout agosto augustus augusti",
        "september septembre septiembre settembre setembro",
        "october oktober octobre octubre ottobre outubro",
        "november novembre noviembre novembro",
        "december dezember decembre diciembre dicembre dezembro desember",
    )
]
_WORD = re.compile(r"[^\W\d_]{3,}\.?")
_FILLER = re.compile(r"(?<=\d)(?:st|nd|rd|th|er)\b|\bde (?=\S)")  # 22nd; 22 de mayo
_PLAIN = re.compile(r"(.*\d),? (\d{1,2}:\d\d(?::\d\d)?(?: [AP]M)?)")
_PLAIN_DAY = re.compile(r"(.{0,40}\d),?")
_PLAIN_CLOCK = re.compile(r"\d{1,2}:\d\d(?::\d\d)?")
_PARTS = ("hour", "minute", "second")


class Moment(NamedTuple):
    """A date as it is written, and the time since its midnight in UTC."""

    date: str
    clock: int  # microseconds


def month_of(word):
    """Return the number of a month by its name, or by the begin of it; or None.

    >>> month_of("Sept"), month_of("März"), month_of("jui")
    (9, 3, None)
    """
    begin = fold(word)
    found = {
        number
        for number, names in enumerate(_MONTHS, start=1)
        if any(name.startswith(begin) for name in names)
    }
    return found.pop() if len(found) == 1 and len(begin) > 2 else None


def name_months(date):
    """Write the name of a month as M and its number.

    >>> name_months("22 Sept. 2008")
    '22 M9 2008'
    """

    def number(found):
        month = month_of(found[0].rstrip("."))
        return found[0] if month is None else f"M{month}"

    return _WORD.sub(number, date)


def take_apart(text):
    """Return the moment that a text tells; what is none has no clock, and stays.

    >>> take_apart("22.9.2008, 12:20 UTC")
    Moment(date='22.9.2008', clock=44400000000)
    """
    if not isinstance(text, str) or len(text) > LONGEST:
        return Moment(str(text)[:LONGEST], 0)
    text = text.strip()
    if plain := _PLAIN.fullmatch(text):  # quickly, as most are written
        clock = read_clock(plain[2])
        if clock is not None:
            return Moment(_tidy(plain[1]), clock)
    found = _DATE_FIRST.fullmatch(text) or _CLOCK_FIRST.fullmatch(text)
    clock = None if found is None else _tell_clock(found)
    if clock is None:
        return Moment(_tidy(_ZONE_ALONE.sub("", text)), 0)
    parts = found.groupdict()
    year = f" {parts['year']}" if parts.get("year") else ""
    return Moment(_tidy(parts["date"] + year), clock)


def take_plain_apart(texts):
    """Return the dates and clocks of many texts, each date and each clock told once.

    None unless all have a clock as most are written; it is as `take_apart` of each.

    >>> take_plain_apart(["22.9.2008 12:20", "23.9.2008 12:20"])
    (['22.9.2008', '23.9.2008'], [44400000000, 44400000000])
    """
    if not all(isinstance(text, str) for text in texts):
        return None
    texts = [text.strip() for text in texts]
    days = [text[: max(text.rfind(" "), 0)] for text in texts]
    clocks = [text[text.rfind(" ") + 1 :] for text in texts]
    told = {day: _PLAIN_DAY.fullmatch(day) for day in set(days)}
    read = {c: _PLAIN_CLOCK.fullmatch(c) and read_clock(c) for c in set(clocks)}
    if None in told.values() or None in read.values():
        return None
    told = {day: _tidy(found[1]) for day, found in told.items()}
    return [*map(told.get, days)], [*map(read.get, clocks)]


@lru_cache(_KEPT)
def read_clock(text):
    """Return the microseconds since midnight that a time of the day tells, or None.

    >>> read_clock("3:05 PM") == (15 * 60 + 5) * 60_000_000
    True
    """
    if not isinstance(text, str) or len(text) > LONGEST:
        return None
    found = _ALONE.fullmatch(text.strip())
    return None if found is None else _tell_clock(found)


def _tell_clock(found):
    """Return microseconds since midnight in UTC, or None if there is no such time."""
    hour, minute, second = (int(found[part] or 0) for part in _PARTS)
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (found["half"] in "pP")
    if hour > 23 or minute > 59 or second > 59:
        return None
    ahead = 0
    if found["sign"]:
        digits = found["zone"].replace(":", "")
        hours, minutes = (digits, 0) if len(digits) < 3 else (digits[:-2], digits[-2:])
        ahead = int(hours) * 60 + int(minutes)
        ahead = -ahead if found["sign"] == "-" else ahead
    minutes = hour * 60 + minute - ahead
    fraction = int((found["fraction"] or "").ljust(6, "0")[:6])
    return (minutes * 60 + second) * 1_000_000 + fraction


@lru_cache(_KEPT)
def _tidy(date):
    """Write a date without its weekday, blanks after points, and signs of East Asia."""
    date = date.strip().translate({0x5E74: "-", 0x6708: "-", 0x65E5: None})
    found = _WEEKDAY.match(date)
    if found and any(day.startswith(fold(found[1])) for day in _WEEKDAYS.split()):
        date = date[found.end() :]
    if any(c.isalpha() for c in date):
        date = name_months(_FILLER.sub("", date))
    return re.sub(r"\.\s+", ".", date).rstrip(". ,")
