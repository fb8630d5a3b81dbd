"""What a live model has learnt, in a few letters: equal numbers have equal ones."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from .._interactions.names import spell_name

__all__ = ["fingerprint"]


def fingerprint(*learnt):
    """Return letters and digits that tell apart what was learnt.

    Arrays count by type, shape and content, mappings and objects by what they hold;
    neither when nor where it was learnt, nor how it was read from a file.

    Returns
    -------
    str of 32 hexadecimal digits
    """
    told = hashlib.sha256()
    _tell(told, learnt)
    return told.hexdigest()[:32]


def _tell(told, value):
    """Tell one value: its kind first, so that no two run into each other."""
    if isinstance(value, pd.Series | pd.DataFrame):
        value = {"index": value.index.tolist(), "values": value.to_numpy()}
    elif isinstance(value, pd.Index):
        value = value.tolist()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray) and value.dtype != object:
        value = np.ascontiguousarray(value)
        told.update(f"array{value.dtype.str}{value.shape}".encode())
        told.update(value.tobytes())
    elif isinstance(value, list | tuple | np.ndarray):
        told.update(f"list{len(value)}".encode())
        for each in value:
            _tell(told, each)
    elif isinstance(value, Mapping):
        told.update(f"mapping{len(value)}".encode())
        # In whatever order they were learnt, also 7 and "7".
        for key in sorted(value, key=lambda key: (spell_name(key), type(key).__name__)):
            _tell(told, key)
            _tell(told, value[key])
    elif isinstance(value, set | frozenset):
        _tell(told, sorted(map(spell_name, value)))
    elif callable(value) and hasattr(value, "__qualname__"):
        told.update(f"function{value.__qualname__}".encode())
    elif hasattr(value, "__dict__") and not isinstance(value, str | pd.Timestamp):
        told.update(type(value).__name__.encode())
        _tell(told, _attributes(value))
    else:
        text = value if isinstance(value, str) else spell_name(value)
        told.update(f"{type(value).__name__}{len(text)}:".encode())
        told.update(text.encode("utf-8", "surrogatepass"))


def _attributes(value):
    """Return what an object holds, but for what it has worked out on the way."""
    if is_dataclass(value):
        return {each.name: getattr(value, each.name) for each in fields(value)}
    return {
        name: each
        for name, each in vars(value).items()
        if not isinstance(getattr(type(value), name, None), cached_property)
    }
