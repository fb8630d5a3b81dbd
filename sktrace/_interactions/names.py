"""Names of whatever type: which of them are missing, the same, and before another."""

import datetime
import math
from decimal import Decimal
from fractions import Fraction
from numbers import Real

import numpy as np
import pandas as pd

from .._arrays import as_objects

__all__ = ["plain_name", "plain_names", "rank_names", "spell_name"]

_DATES = (np.datetime64, datetime.date, datetime.datetime)
_DURATIONS = (np.timedelta64, datetime.timedelta)
# Types whose values have an order of their own, whatever the values are.
_SORTED = (str, bytes, pd.Timestamp, pd.Timedelta, pd.Period)


def plain_names(names):
    """Return an array of names, equal ones alike, whatever held them.

    Dates and durations are those of pandas, in an array of objects: numpy counts them
    in units of its own, and two units are two numbers for one date. A missing name, of
    any type, is None.

    Parameters
    ----------
    names : array or ExtensionArray of shape (n,)

    Returns
    -------
    ndarray of shape (n,)
    """
    if isinstance(names, np.ndarray) and names.dtype.kind in "iufb":
        return names if not np.isnan(names).any() else _each(names.astype(object))
    if getattr(names.dtype, "kind", "O") in "iub" and not pd.isna(names).any():
        return np.asarray(names, dtype=getattr(names.dtype, "numpy_dtype", None))
    if getattr(names.dtype, "kind", "O") == "f":
        values = names.to_numpy(dtype=np.float64, na_value=np.nan)
        return plain_names(values)
    if not isinstance(names, np.ndarray) or names.dtype != object:
        names = pd.Series(names).astype(object).to_numpy()
    return _each(names)


def _each(names):
    return as_objects([plain_name(name) for name in names])


def plain_name(name):
    """Return a name as it is kept: a date as a Timestamp, a missing one as None."""
    if isinstance(name, str):
        return name
    try:
        if isinstance(name, _DATES):
            name = pd.Timestamp(name)
        elif isinstance(name, _DURATIONS):
            name = pd.Timedelta(name)
    except (ValueError, OverflowError):  # beyond the years that pandas knows
        return name
    return None if pd.api.types.is_scalar(name) and pd.isna(name) else name


def rank_names(names):
    """Return the places of names in sorted order, whatever order they stand in.

    Names of one type are sorted by value where it has an order. Those of others have
    none, or none that is of all of them: sets are ordered by what holds what. They are
    sorted by what type they are of, then by how they are written.
    """
    if names.dtype != object:
        return np.argsort(names, kind="stable")
    types = set(map(type, names))
    if len(types) == 1 and issubclass(next(iter(types)), _SORTED):
        try:
            return np.argsort(names, kind="stable")
        except TypeError:  # dates with a zone and without
            pass
    keys = list(map(_key, names))
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)


def _key(name):
    """Return what can be compared with the keys of names of all other types."""
    if isinstance(name, Real | Decimal):
        return "", float(name) if isinstance(name, Fraction) else name
    if isinstance(name, str | bytes):
        return type(name).__name__, name
    if isinstance(name, tuple):
        return "tuple", tuple(map(_key, name))
    return type(name).__name__, spell_name(name)


def spell_name(name):
    """Return the same text for names that are equal, in every process.

    >>> spell_name(True), spell_name(1.0), spell_name((2, frozenset("ba")))
    ('1', '1', '(2, {a, b})')
    """
    if isinstance(name, str):
        return name
    if isinstance(name, Real | Decimal):  # 1, 1.0 and True are one name, as in a dict
        is_whole = math.isfinite(name) and name == int(name)
        return str(int(name)) if is_whole else repr(float(name))
    if isinstance(name, pd.Timestamp) and name.tzinfo is not None:
        name = name.tz_convert("UTC")
    if isinstance(name, tuple):
        return f"({', '.join(map(spell_name, name))})"
    if isinstance(name, frozenset):
        return f"{{{', '.join(sorted(map(spell_name, name)))}}}"
    return repr(name)
