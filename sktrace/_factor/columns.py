"""The columns of a regression, of which each row reads a few, and sums over rows.

A row reads the columns of its skill, or of each of its skills, those of its item, and
those that all rows share: so products with the matrix of all columns are sums by codes.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["Columns", "Group", "sort_codes"]


class Group(NamedTuple):
    """Columns of which every entry of a row reads those of its code.

    Its values say by what the effects of these columns are multiplied.
    """

    row: np.ndarray | None  # (n_entries,) ascending; None: each row has one entry
    code: np.ndarray  # (n_entries,)
    values: np.ndarray  # (n_kinds, n_entries)
    places: np.ndarray  # (n_kinds, n_codes) of the columns

    @property
    def is_shared(self):
        """Whether all rows read the same columns."""
        return self.row is None and self.places.shape[1] == 1

    @property
    def is_single(self):
        """Whether no row has several entries."""
        return self.row is None or bool((np.diff(self.row) > 0).all())


class Columns:
    """A matrix, by what rows have of it.

    Parameters
    ----------
    groups : list of Group
    n_rows, n_columns : int
    """

    def __init__(self, groups, n_rows, n_columns):
        self.groups, self.n_rows, self.n_columns = groups, n_rows, n_columns

    @classmethod
    def of(cls, values):
        """Return those of an array of shape (n_rows, n_columns)."""
        n_rows, n_columns = values.shape
        places = np.arange(n_columns)[:, None]
        code = np.zeros(n_rows, dtype=np.int64)
        group = Group(None, code, np.ascontiguousarray(values.T), places)
        return cls([group], n_rows, n_columns)

    def product(self, effects):
        """Return what effects add up to in each row."""
        total = np.zeros(self.n_rows)
        for group in self.groups:
            if group.is_shared:
                total += np.einsum("k,kn", effects[group.places[:, 0]], group.values)
                continue
            entries = 0.0
            for values, places in zip(group.values, group.places, strict=True):
                entries = entries + values * effects[places][group.code]
            if group.row is not None:
                entries = np.bincount(group.row, entries, self.n_rows)
            total += entries
        return total

    def gather(self, rows):
        """Sum the values of rows by column."""
        sums = np.zeros(self.n_columns)
        for group in self.groups:
            if group.is_shared:
                sums[group.places[:, 0]] = np.einsum("kn,n", group.values, rows)
                continue
            own = rows if group.row is None else rows[group.row]
            for values, places in zip(group.values, group.places, strict=True):
                sums[places] = np.bincount(group.code, values * own, len(places))
        return sums


def sort_codes(codes):
    """Return what sorts codes, and leaves those that tie as they stand."""
    if codes.max(initial=0) < 2**16:  # which numpy sorts ten times as fast
        codes = codes.astype(np.uint16)
    return np.argsort(codes, kind="stable")
