"""What a training begins with in a few letters, the same in every process."""

import dataclasses
import functools
import hashlib
from collections.abc import Mapping
from types import CodeType, FunctionType, MethodType

import numpy as np
import pandas as pd
import torch
from skorch.callbacks import Callback

from .._portions.pieces import Pieces

__all__ = ["fingerprint"]

DEEPEST = 100
PLAIN = (type(None), bool, int, float, complex, str, bytes)


def fingerprint(*values):
    """Return 32 letters, which are others if a bit in the values is.

    They do not depend on where things lie in memory, so another process finds the same
    ones. Numbers, texts, arrays, tensors and what is made of them count by value;
    classes by their name, and functions by that and by their code; skorch's callbacks
    by their parameters, other objects by their attributes.

    Parameters
    ----------
    *values : object

    Returns
    -------
    str
        128 bits of BLAKE2b, in hexadecimal digits.

    Examples
    --------
    >>> fingerprint(1, "a") == fingerprint(np.int64(1), "a") != fingerprint(1, "b")
    True
    """
    digest = hashlib.blake2b(digest_size=16)
    for value in values:
        _feed(digest, value)
    return digest.hexdigest()


def _feed(digest, value, within=()):
    """Take a value in: what it is, how much it holds, and what; `within` are ids."""
    if id(value) in within or len(within) > DEEPEST:
        return  # it holds itself
    if isinstance(value, np.generic) and value.dtype.kind in "biufcSU":
        value = value.item()
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray) and value.dtype != object:
        digest.update(f"{value.dtype.str}{value.shape};".encode())
        digest.update(np.ascontiguousarray(value).reshape(-1).view(np.uint8))
    elif type(value) in PLAIN:
        text = repr(value).encode("utf-8", "surrogatepass")
        digest.update(f"{type(value).__name__}:{len(text)};".encode() + text)
    else:
        kind, parts = _take_apart(value)
        digest.update(f"{kind}:{len(parts)};".encode())
        for part in parts:
            _feed(digest, part, (*within, id(value)))


def _take_apart(value):
    """Return what a value is called, and the values that it is made of."""
    if isinstance(value, list | tuple):
        return type(value).__name__, value
    if isinstance(value, Mapping):
        by_name = sorted(value.items(), key=lambda item: repr(item[0]))
        return "mapping", [part for item in by_name for part in item]
    if isinstance(value, set | frozenset):
        return "set", sorted(map(fingerprint, value))
    if isinstance(value, np.ndarray):
        return "objects", [value.shape, *value.flat]
    if isinstance(value, pd.DataFrame):
        return "frame", [value.columns, *(column for _, column in value.items())]
    if isinstance(value, pd.Index | pd.Series):
        return "column", [value.name, value.to_numpy()]
    if isinstance(value, np.random.RandomState):
        return "generator", [value.get_state(legacy=False)]
    if isinstance(value, Pieces):
        return "pieces", value.map(fingerprint)
    if isinstance(value, CodeType):
        return "code", [value.co_code, value.co_names, value.co_consts]
    return _name_of(value), _attributes_of(value)


def _name_of(value):
    """Return the full name of a class, of a function, or of an object's class."""
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}.{named.__qualname__}"


def _attributes_of(value):
    """Return what there is to an object, a function or a class beside its name."""
    if isinstance(value, type):
        return []
    if isinstance(value, MethodType):
        return [value.__func__, value.__self__]
    if isinstance(value, FunctionType):
        closed = [cell.cell_contents for cell in value.__closure__ or ()]
        return [value.__code__, value.__defaults__, value.__kwdefaults__, closed]
    if isinstance(value, functools.partial):
        return [value.func, value.args, value.keywords]
    if dataclasses.is_dataclass(value):  # its attributes may hold what it has computed
        return [getattr(value, field.name) for field in dataclasses.fields(value)]
    if isinstance(value, Callback):
        return [value.get_params(deep=False)]
    if hasattr(value, "__dict__"):
        return [vars(value)]
    text = repr(value)
    return [] if " at 0x" in text else [text]  # which is another in each process
