"""How values are written: the same column in many dresses.

A column is drawn as codes, 0, 1, 2 and so on, None where a value is missing. A
`Dress` writes codes as the column of a frame. Dresses of one kind write a code as
equal values (1, 1.0 and True; a date in seconds and in nanoseconds), so that a model
fitted in one of them must know the names of another.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

__all__ = ["Dress", "arrow", "category", "objects", "with_nan"]


@dataclass(frozen=True)
class Dress:
    """A way to write codes.

    Attributes
    ----------
    name, kind : str
    write : callable
        From a list of codes, None where missing, to an array or a Series.
    missing : bool
        Whether it can hold missing values.
    most : int
        The largest code it can hold.
    must : bool
        Whether it must be read wherever plain numbers are; else it may be refused.
    sorted : bool
        Whether values sort as their codes do.
    plain : Dress, optional
        How the same is written plainly, if not as codes.
    """

    name: str
    kind: str
    write: Callable
    missing: bool = True
    most: int = 99
    must: bool = True
    sorted: bool = True
    plain: "Dress | None" = None

    def __repr__(self):
        return f"<{self.name}>"

    def _repr_pretty_(self, printer, cycle):
        printer.text(repr(self))  # Hypothesis would print all of a dataclass

    def fits(self, codes):
        given = [code for code in codes if code is not None]
        enough = self.missing or len(given) == len(codes)
        return enough and max(given, default=0) <= self.most

    def column(self, codes):
        written = self.write(list(codes))
        if isinstance(written, pd.Series):
            return written
        if isinstance(written, np.ndarray) and written.dtype != object:
            written.flags.writeable = False
        return pd.Series(written)


def objects(value_of, missing=None):
    """Write codes as objects; `missing` is what stands for None."""

    def write(codes):
        values = np.empty(len(codes), dtype=object)
        for place, code in enumerate(codes):
            values[place] = missing if code is None else value_of(code)
        return pd.Series(values, dtype=object)

    return write


def arrow(value_of, type_):
    """Write codes as an Arrow-backed column, nulls where None."""

    def write(codes):
        values = [None if code is None else value_of(code) for code in codes]
        return pd.Series(pd.arrays.ArrowExtensionArray(pa.array(values, type=type_)))

    return write


def category(value_of, *, ordered=False, unused=()):
    """Write codes as categories, which stand in reverse order."""

    def write(codes):
        seen = sorted({code for code in codes if code is not None} | set(unused))[::-1]
        index = pd.Index([value_of(code) for code in seen], tupleize_cols=False)
        places = [-1 if code is None else seen.index(code) for code in codes]
        return pd.Series(pd.Categorical.from_codes(places, index, ordered=ordered))

    return write


def with_nan(codes, value_of=float, dtype=np.float64):
    """Write codes as floats of numpy, NaN where None."""
    return np.array([np.nan if c is None else value_of(c) for c in codes], dtype=dtype)
