"""Dresses of what is a number, or grows like one: orders, times, answers, features."""

from dataclasses import replace
from datetime import timezone

import numpy as np
import pandas as pd
import pyarrow as pa

from ._dress import Dress, arrow, category, objects, with_nan
from ._names import DAY, NAMES, START

__all__ = ["ANSWERS", "CONTAINERS", "LABELS", "NUMBERS", "ORDERS", "SKILLS", "TIMES"]

TRULY_NUMBERS = {
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint64"),
    *("float16", "float32", "float64", "Int64", "UInt8", "Float32", "Float64"),
    *("arrow int8", "arrow int64", "arrow uint64", "arrow float", "arrow double"),
    *("hidden NaN", "hidden NaN of Arrow", "sparse", "sparse int"),
}
BOOLS = {"bool", "boolean", "arrow bool"}


def among(kinds, must):
    """Take dresses of some kinds; those not in `must` may be refused."""
    return [
        replace(dress, must=dress.name in must)
        for dress in NAMES
        if dress.kind in kinds
    ]


def _orders():
    large = {d.name for d in NAMES if d.kind == "beyond floats"} - {
        "objects beyond floats"
    }
    dates = DATES | {d.name for d in NAMES if d.name.startswith("timedelta64")}
    dates |= {d.name for d in NAMES if d.name.startswith("arrow timestamp")}
    yield from among(
        {d.kind for d in NAMES} - {"lists", "dicts", "structs"},
        TRULY_NUMBERS | large | dates | {"extremes", "denormals"},
    )
    yield Dress(
        "first int64",
        "first int64",
        lambda c: np.array([-(2**63) + k for k in c], dtype=np.int64),
        missing=False,
    )
    yield Dress(
        "last uint64",
        "last uint64",
        lambda c: np.array([2**64 - 100 + k for k in c], dtype=np.uint64),
        missing=False,
    )
    yield Dress(
        "infinite",
        "infinite",
        lambda c: with_nan(c, lambda k: [-np.inf, -1.0, 0.5, np.inf][min(k, 3)]),
        most=3,
        must=False,
    )


def _times():
    """Seconds, which are one day apart where they are dates."""
    yield from among({"integers"}, TRULY_NUMBERS)
    dates = among({"dates", "instants"}, DATES)
    yield from (replace(dress, plain=SECONDS) for dress in dates)


def _skills():
    """Names, and strings that join several."""
    yield from NAMES
    last = len(JOINED) - 1
    for name, write in (
        ("objects", objects(JOINED.__getitem__)),
        ("arrow", arrow(JOINED.__getitem__, pa.large_string())),
        ("categories", category(JOINED.__getitem__)),
        (
            "str",
            lambda c: pd.array(
                [None if k is None else JOINED[k] for k in c], dtype="str"
            ),
        ),
    ):
        yield Dress(f"joined {name}", "joined", write, most=last, plain=JOINED_PLAINLY)


JOINED = ["a", "a~~b", "b~~a", "b", "~~", "c~~"]
JOINED_PLAINLY = Dress("plain joined", "joined", objects(JOINED.__getitem__), most=5)
SECONDS = Dress(
    "seconds",
    "dates",
    lambda c: with_nan(
        c, lambda k: (START + k * DAY).replace(tzinfo=timezone.utc).timestamp()
    ),
)
DATES = {
    d.name for d in NAMES if d.kind in ("dates", "instants") and "64" in d.name
} | {"UTC in s", "Europe/Berlin in ns"}
SKILLS = list(_skills())
ORDERS = list(_orders())
TIMES = list(_times())
# Labels may be any that sort; sklearn refuses some, which are not what is asked here.
LABELS = among(
    {"integers", "strings", "dates", "bytes", "complex", "tuples", "beyond floats"},
    TRULY_NUMBERS | BOOLS | {"letters or None", "str", "arrow string", "np.str_"},
)


def as_index(column):
    """Return a column as an index, unless pandas has none of its type."""
    half = column.dtype == np.float16
    return column if half else pd.Index(column, tupleize_cols=False)


CONTAINERS = {
    "Series": lambda column: column,
    "odd index": lambda column: column.set_axis([5] * len(column)),
    "extension": lambda column: column.array,
    "array": lambda column: column.to_numpy(),
    "list": lambda column: column.tolist(),
    "index": as_index,
}
ANSWERS = among(
    {"integers", "complex", "strings"},
    TRULY_NUMBERS | BOOLS | {"category", "category of floats", "bools or None"},
)
NUMBERS = among({"integers", "complex", "strings"}, TRULY_NUMBERS | BOOLS)
