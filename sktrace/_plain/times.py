"""Dates, times and spans as plain data, as names of students, skills and groups."""

import datetime
import re

import numpy as np
import pandas as pd

from .tree import READERS, WRITERS, register

__all__ = ["check_freq", "read_zone", "write_zone"]

_UNITS = ("s", "ms", "us", "ns")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")


def write_zone(zone):
    """Return what names a time zone: None, "UTC", an offset, or a name and by whom."""
    if zone is None:
        return None
    if zone is datetime.timezone.utc:
        return "UTC"
    if type(zone) is datetime.timezone:
        return zone.utcoffset(None).total_seconds()
    origin = type(zone).__module__.partition(".")[0]
    name = getattr(zone, "key", None) or getattr(zone, "zone", None)
    if origin not in ("zoneinfo", "pytz") or name is None:
        raise TypeError(f"times of zone {zone!r} are not kept as plain data")
    return [origin, name]


def read_zone(tree):
    """Return a time zone; those with a name are looked up by who knows them."""
    if tree is None:
        return None
    if tree == "UTC":
        return datetime.timezone.utc
    if type(tree) in (int, float):
        return datetime.timezone(datetime.timedelta(seconds=tree))
    if type(tree) is not list or [*map(type, tree)] != [str, str]:
        raise ValueError(f"{tree!r:.60} is no time zone")
    origin, name = tree
    if len(name) > 64 or not _ZONE.fullmatch(name):
        raise ValueError(f"{name!r:.60} is no time zone")
    try:
        if origin == "zoneinfo":
            from zoneinfo import ZoneInfo

            return ZoneInfo(name)
        if origin == "pytz":
            import pytz

            return pytz.timezone(name)
    except (ImportError, LookupError, OSError) as error:
        raise ValueError(
            f"time zone {name!r} of {origin} is not known here; expected the zones "
            "that were there when this was written. Install tzdata, or pytz."
        ) from error
    raise ValueError(f"{origin!r:.60} has no time zones")


def _write_stamp(writer, stamp):
    unit = stamp.unit
    return [int(stamp.asm8.view(np.int64)), unit, write_zone(stamp.tz)]


def _read_stamp(reader, tree):
    reader.check_list(tree, 3)
    zone = read_zone(tree[2])
    stamp = pd.Timestamp(_count(tree, "datetime64"))
    return stamp if zone is None else stamp.tz_localize("UTC").tz_convert(zone)


def _count(tree, kind):
    """Return so many of a unit."""
    count, unit = tree[:2]
    if type(count) is not int or not -(2**63) < count < 2**63 or unit not in _UNITS:
        raise ValueError(f"{tree!r:.60} is no {kind}")
    return np.int64(count).view(f"{kind}[{unit}]")


def _write_span(writer, span):
    return [int(span.asm8.view(np.int64)), span.unit]


def _read_span(reader, tree):
    reader.check_list(tree, 2)
    return pd.Timedelta(_count(tree, "timedelta64"))


def _write_datetime(writer, value):
    return [
        value.replace(tzinfo=None).isoformat(),
        value.fold,
        write_zone(value.tzinfo),
    ]


def _read_datetime(reader, tree):
    reader.check_list(tree, 3)
    text, fold, zone = tree
    return datetime.datetime.fromisoformat(text).replace(
        fold=fold, tzinfo=read_zone(zone)
    )


def _write_interval(writer, value):
    return [writer.write(value.left), writer.write(value.right), value.closed]


def _read_period(reader, tree):
    reader.check_list(tree, 2)
    ordinal, freq = tree
    if type(ordinal) is not int:
        raise ValueError(f"{tree!r:.60} is no period")
    return pd.Period(ordinal=ordinal, freq=check_freq(freq))


def check_freq(freq):
    """Return what names the length of periods, if it is short enough to be one."""
    if type(freq) is not str or len(freq) > 16:
        raise ValueError(f"{freq!r:.60} is no length of periods")
    return freq


register("Timestamp", pd.Timestamp, _write_stamp, _read_stamp)
register("Timedelta", pd.Timedelta, _write_span, _read_span)
register("datetime", datetime.datetime, _write_datetime, _read_datetime)
register(
    "date",
    datetime.date,
    lambda writer, value: value.isoformat(),
    lambda reader, text: datetime.date.fromisoformat(text),
)
register(
    "timedelta",
    datetime.timedelta,
    lambda writer, value: [value.days, value.seconds, value.microseconds],
    lambda reader, tree: datetime.timedelta(*reader.read_list(tree, 3)),
)
register(
    "Interval",
    pd.Interval,
    _write_interval,
    lambda reader, tree: pd.Interval(*reader.read_list(tree, 3)),
)
register(
    "Period",
    pd.Period,
    lambda writer, value: [value.ordinal, value.freqstr],
    _read_period,
)
for _name, _missing in (("NaT", pd.NaT), ("NA", pd.NA)):
    WRITERS[type(_missing)] = lambda writer, value, name=_name: {name: None}
    READERS[_name] = lambda reader, tree, missing=_missing: missing
