"""Names to codes: of students, skills, items and whatever else is a category."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from .names import plain_names, rank_names

__all__ = ["Categories", "check_categories", "factorize", "recode"]


class Categories(NamedTuple):
    """A column of names, coded."""

    codes: np.ndarray  # (n_rows,) int64, index into `names`; -1 where none is named
    names: np.ndarray  # sorted


def check_categories(values, column, role):
    """Judge a further column of names, such as the item; any of them may be missing."""
    return Categories(*factorize(values, column, role))


def factorize(values, column=None, role="skill"):
    """Code the names of a column by their rank; -1 is the code of those missing.

    Names are any hashable values. Those that compare equal are one, in whatever unit or
    type a frame holds them; dates and durations are those of pandas.

    Returns
    -------
    codes : ndarray of shape (n_rows,), int64
    names : ndarray of shape (n_names,)
        Sorted, also where types are mixed, so that the order of rows decides nothing.
    """
    try:
        # As an array: a pandas Index would turn names that are tuples into levels.
        plain = isinstance(values.dtype, np.dtype) and values.dtype.kind in "Oiufb"
        array = values.to_numpy() if plain else values.array
        codes, uniques = pd.factorize(array, sort=False)
    except (TypeError, NotImplementedError):  # pyarrow cannot code its lists
        raise TypeError(
            f"Column {column!r} ({role}) holds values that cannot be hashed, such as "
            f"{_first_unhashable(values)!r}; expected numbers or strings. Make them "
            f"strings: X[{column!r}].astype(str)."
        ) from None
    names = plain_names(uniques)
    _refuse_half_letters(names, column, role)
    # What was told apart may be equal, or missing, after all.
    merged, names = _merge(names)
    rank = rank_names(names)
    new_code = np.full(len(names) + 1, -1, dtype=np.int64)
    new_code[rank] = np.arange(len(names))
    codes = np.append(merged, -1)[codes]  # code -1 reads the last entry, -1
    return new_code[codes], names[rank]


def _refuse_half_letters(names, column, role):
    """Refuse texts with lone surrogates: neither pandas nor any file can hold them."""
    texts = [name for name in names if isinstance(name, str)]
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        cell = f"X[{column!r}]"
        decoded = 'map(lambda name: name.encode("utf-8", "replace").decode())'
        odd = next(
            text for text in texts if any("\ud800" <= c <= "\udfff" for c in text)
        )
        raise ValueError(
            f"Column {column!r} ({role}) holds {odd!r}, which was not decoded as it "
            "was encoded; expected text. Read the file with its own encoding, or put "
            f"question marks: {cell} = {cell}.{decoded}."
        ) from None


def _merge(names):
    """Return the place of each name among the different ones that are given."""
    if names.dtype != object:
        return np.arange(len(names)), names
    codes, different = pd.factorize(names)
    return codes.astype(np.int64), different


def recode(categories, names):
    """Code categories by the names that fit saw.

    Parameters
    ----------
    categories : Categories
    names : ndarray
        Those that are known, in order of their codes.

    Returns
    -------
    ndarray of shape (n_rows,), int64
        A code from 0 where the name is known, and -1 where none is given. Other names
        have codes from -2 down, so that two of them differ from each other.
    """
    known = {name: code for code, name in enumerate(names.tolist())}
    present = np.zeros(len(categories.names) + 1, dtype=bool)
    present[categories.codes] = True
    codes, n_unseen = [], 0
    for name, is_present in zip(categories.names.tolist(), present[:-1], strict=True):
        unseen = is_present and name not in known
        n_unseen += unseen
        codes.append(known.get(name, -1 - n_unseen))
    # Code -1, nothing named, reads the last entry.
    return np.array([*codes, -1], dtype=np.int64)[categories.codes]


def _first_unhashable(values):
    return next(value for value in values if not pd.api.types.is_hashable(value))
