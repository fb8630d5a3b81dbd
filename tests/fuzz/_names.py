"""Dresses of names: of students, skills, items, groups and labels."""

import datetime
import decimal
import enum
import fractions

import numpy as np
import pandas as pd
import pyarrow as pa

from ._dress import Dress, arrow, category, objects, with_nan

__all__ = ["NAMES", "PLAIN_NAMES"]

START = datetime.datetime(2024, 2, 28, 23, 59)
DAY = datetime.timedelta(days=1)
BERLIN = "Europe/Berlin"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Sorted; among them what is empty, what ends in NUL, and a lone surrogate.
ODD = ["", "\x00", " ", "=1+1", "a", "a\x00", "e\u0301", "\xe9", "\ud800", "\U0001f600"]
PLAIN_NAMES = Dress("plain", "integers", lambda codes: plain(codes))


class Colour(enum.Enum):
    RED, GREEN, BLUE, BLACK, WHITE, GREY = range(6)


def plain(codes):
    return with_nan(codes) if None in codes else np.array(codes, dtype=np.int64)


def masked(codes, value_of, dtype):
    return pd.array([pd.NA if c is None else value_of(c) for c in codes], dtype=dtype)


def hidden_nan(codes, value_of=float):
    """Write missing values as NaN that no mask marks."""
    values = with_nan(codes, value_of)
    return pd.Series(pd.arrays.FloatingArray(values, np.zeros(len(values), bool)))


def hidden_nan_of_arrow(codes, value_of=float):
    array = pa.array(with_nan(codes, value_of), from_pandas=False)
    return pd.Series(pd.arrays.ArrowExtensionArray(array))


def dictionary(codes):
    letters = [None if c is None else LETTERS[c] for c in codes]
    array = pa.array(letters, type=pa.string()).dictionary_encode()
    return pd.Series(pd.arrays.ArrowExtensionArray(array))


def any_number(code):
    """Return a number of some type, all of which are equal."""
    types = [int, float, np.int8, np.float16, decimal.Decimal, fractions.Fraction]
    return types[code % len(types)](code)


def _numbers():
    kind = "integers"
    for size in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint64"):
        yield Dress(size, kind, lambda c, s=size: np.array(c, dtype=s), missing=False)
    for size in ("float16", "float32", "float64"):
        yield Dress(size, kind, lambda c, s=size: with_nan(c, dtype=s))
    for size in ("Int64", "UInt8", "Float32", "Float64"):
        yield Dress(size, kind, lambda c, s=size: masked(c, int, s))
    for name in ("int8", "int64", "uint64", "float", "double"):
        as_type = float if name in ("float", "double") else int
        type_ = pa.type_for_alias(name)
        yield Dress(f"arrow {name}", kind, arrow(as_type, type_))
    yield Dress("hidden NaN", kind, hidden_nan)
    yield Dress("hidden NaN of Arrow", kind, hidden_nan_of_arrow)
    for missing in (None, np.nan, pd.NA, pd.NaT, float("nan")):
        yield Dress(f"objects or {missing}", kind, objects(int, missing))
    yield Dress("any numbers", kind, objects(any_number))
    yield Dress("decimals", kind, objects(decimal.Decimal))
    yield Dress("arrow decimal", kind, arrow(decimal.Decimal, pa.decimal128(9, 2)))
    yield Dress("category", kind, category(int, unused=(7, 8)))
    yield Dress("ordered category", kind, category(int, ordered=True))
    yield Dress("category of floats", kind, category(float))
    yield Dress("sparse", kind, lambda c: pd.arrays.SparseArray(with_nan(c)))
    yield Dress(
        "sparse int",
        kind,
        lambda c: pd.arrays.SparseArray(np.array(c, np.int64)),
        missing=False,
    )
    yield Dress("bool", kind, lambda c: np.array(c, bool), missing=False, most=1)
    yield Dress("boolean", kind, lambda c: masked(c, bool, "boolean"), most=1)
    yield Dress("arrow bool", kind, arrow(bool, pa.bool_()), most=1)
    yield Dress("bools or None", kind, objects(bool), most=1)
    yield Dress(
        "complex", "complex", lambda c: with_nan(c, complex, complex), sorted=False
    )


def _large_numbers():
    kind = "beyond floats"
    for size in ("int64", "uint64"):
        yield Dress(
            f"{size} {kind}",
            kind,
            lambda c, s=size: np.array([2**53 + k for k in c], dtype=s),
            missing=False,
        )
    yield Dress(
        f"Int64 {kind}", kind, lambda c: masked(c, lambda k: 2**53 + k, "Int64")
    )
    yield Dress(f"arrow {kind}", kind, arrow(lambda k: 2**53 + k, pa.int64()))
    yield Dress(f"objects {kind}", kind, objects(lambda k: 2**53 + k))
    yield Dress("beyond int64", "beyond int64", objects(lambda k: 2**70 + k))
    yield Dress("extremes", "extremes", lambda c: with_nan(c, lambda k: k * 1e300))
    yield Dress("denormals", "denormals", lambda c: with_nan(c, lambda k: k * 5e-324))


def _strings():
    kind, letter = "strings", LETTERS.__getitem__
    for missing in (None, np.nan, pd.NA, pd.NaT):
        yield Dress(f"letters or {missing}", kind, objects(letter, missing))
    yield Dress("np.str_", kind, objects(lambda k: np.str_(LETTERS[k])))
    for dtype in ("str", "string[python]", "string[pyarrow]"):
        yield Dress(dtype, kind, lambda c, d=dtype: masked(c, letter, d))
    yield Dress("arrow string", kind, arrow(letter, pa.string()))
    yield Dress("arrow large_string", kind, arrow(letter, pa.large_string()))
    yield Dress("dictionary", kind, dictionary)
    yield Dress("category of strings", kind, category(letter, unused=(24, 25)))
    last = len(ODD) - 1
    yield Dress("odd strings", "odd strings", objects(ODD.__getitem__), most=last)
    yield Dress(
        "category of odd strings",
        "odd strings",
        category(ODD.__getitem__),
        most=last,
    )
    yield Dress("bytes", "bytes", objects(lambda k: bytes([k, 255])))
    yield Dress("arrow binary", "bytes", arrow(lambda k: bytes([k, 255]), pa.binary()))


def _dates():
    def moment(code):
        return START + DAY * code

    def series(dtype):
        return lambda c: pd.Series(
            [None if k is None else moment(k) for k in c], dtype="datetime64[us]"
        ).astype(dtype)

    def aware(code):
        return pd.Timestamp(moment(code), tz="UTC")

    kind = "dates"
    for unit in ("s", "ms", "us", "ns"):
        yield Dress(f"datetime64[{unit}]", kind, series(f"datetime64[{unit}]"))
        yield Dress(f"arrow timestamp {unit}", kind, arrow(moment, pa.timestamp(unit)))
    yield Dress("Timestamps", kind, objects(lambda k: pd.Timestamp(moment(k)), pd.NaT))
    yield Dress("datetimes", kind, objects(moment))
    yield Dress("category of dates", kind, category(moment))
    kind = "instants"
    for unit, zone in (("s", "UTC"), ("ns", BERLIN)):
        yield Dress(
            f"{zone} in {unit}",
            kind,
            lambda c, u=unit, z=zone: (
                series(f"datetime64[{u}]")(c).dt.tz_localize("UTC").dt.tz_convert(z)
            ),
        )
    yield Dress("aware Timestamps", kind, objects(aware))
    yield Dress("arrow instants", kind, arrow(aware, pa.timestamp("us", BERLIN)))
    kind = "days"
    yield Dress("days", kind, objects(lambda k: moment(k).date()))
    yield Dress("arrow date32", kind, arrow(lambda k: moment(k).date(), pa.date32()))
    yield Dress(
        "np.datetime64", "np.datetime64", objects(lambda k: np.datetime64(k, "D"))
    )
    kind = "durations"
    for unit in ("s", "ms", "us", "ns"):
        yield Dress(
            f"timedelta64[{unit}]",
            kind,
            lambda c, u=unit: pd.Series(
                [None if k is None else k * DAY for k in c], dtype=f"timedelta64[{u}]"
            ),
        )
    yield Dress("timedeltas", kind, objects(lambda k: k * DAY))
    yield Dress("arrow duration", kind, arrow(lambda k: k * DAY, pa.duration("ms")))
    kind = "periods"
    yield Dress("periods", kind, objects(lambda k: pd.Period(START, "D") + k))
    yield Dress(
        "period[D]",
        kind,
        lambda c: pd.Series(
            [pd.NaT if k is None else pd.Period(START, "D") + k for k in c],
            dtype="period[D]",
        ),
    )


def _others():
    yield Dress("intervals", "intervals", objects(lambda k: pd.Interval(k, k + 1)))
    yield Dress(
        "interval[int64]",
        "intervals",
        lambda c: pd.Series(
            [None if k is None else pd.Interval(k, k + 1) for k in c],
            dtype="interval[float64]" if None in c else "interval[int64]",
        ),
    )
    yield Dress("tuples", "tuples", objects(lambda k: (k, "x")))
    yield Dress("tuples with NaN", "tuples with NaN", objects(lambda k: (k, np.nan)))
    odd = {"missing": True, "sorted": False}
    yield Dress(
        "frozensets", "frozensets", objects(lambda k: frozenset([k, -1])), **odd
    )
    yield Dress("enums", "enums", objects(lambda k: list(Colour)[k]), most=5, **odd)
    yield Dress(
        "types", "types", objects([int, str, Dress, list].__getitem__), most=3, **odd
    )
    mixed = [1, "y", (2, 3), b"z", 0.5, START]
    yield Dress("mixed", "mixed", objects(mixed.__getitem__), most=5, **odd)
    yield Dress("lists", "lists", objects(lambda k: [k]), must=False)
    yield Dress("dicts", "dicts", objects(lambda k: {k: k}), must=False)
    yield Dress(
        "arrow lists", "lists", arrow(lambda k: [k], pa.list_(pa.int64())), must=False
    )
    struct = pa.struct([("k", pa.int64())])
    yield Dress(
        "arrow structs", "structs", arrow(lambda k: {"k": k}, struct), must=False
    )


NAMES = [*_numbers(), *_large_numbers(), *_strings(), *_dates(), *_others()]
