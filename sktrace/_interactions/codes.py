"""Names to codes: of students, skills, items and whatever else is a category."""

from typing import NamedTuple

import numpy as np
import pandas as pd

__all__ = ["Categories", "check_categories", "factorize", "recode"]


class Categories(NamedTuple):
    """A column of names, coded."""

    codes: np.ndarray  # (n_rows,) int64, index into `names`; -1 where none is named
    names: np.ndarray  # sorted where they can be sorted


def check_categories(values, column, role):
    """Judge a further column of names, such as the item; any of them may be missing."""
    codes, names = factorize(values, column, role)
    # Dates as objects, which are the same in whatever unit a frame holds them.
    return Categories(codes, pd.Series(names).astype(object).to_numpy())


def factorize(values, column=None, role="skill"):
    """Code hashable values by sorted rank, or by first appearance if unsortable."""
    try:
        # As an array: a pandas Index would turn names that are tuples into levels.
        array = values.to_numpy() if values.dtype == object else values.array
        codes, uniques = pd.factorize(array, sort=False)
    except TypeError:
        raise TypeError(
            f"Column {column!r} ({role}) holds values that cannot be hashed, such as "
            f"{_first_unhashable(values)!r}; expected numbers or strings. Make them "
            f"strings: X[{column!r}].astype(str)."
        ) from None
    uniques = np.asarray(uniques)
    try:
        rank = np.argsort(uniques, kind="stable")
    except TypeError:  # mixed types have no order: keep that of first appearance
        return codes.astype(np.int64), uniques
    new_code = np.full(len(uniques) + 1, -1, dtype=np.int64)
    new_code[rank] = np.arange(len(uniques))
    return new_code[codes], uniques[rank]  # code -1 reads the last entry, -1


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
