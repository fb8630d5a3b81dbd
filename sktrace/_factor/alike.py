"""Rows that name the same codes, such as those of one question on several skills."""

import numpy as np

from .._arrays import number_keys
from .columns import Group

__all__ = ["split"]

_ALIKE = 16  # rows of the same codes, from which a block of their own pays


def split(group):
    """Take rows that are alike in several codes for rows of one, which stands for all.

    A row of k codes meets itself in k² pairs of them, but only once in its set of
    codes, with k times as many kinds of values.

    Parameters
    ----------
    group : Group

    Returns
    -------
    list of Group
        That of rows in which no set is named often, and one for each size of sets. They
        share no row.
    """
    if group.is_single:
        return [group]
    n_own = np.bincount(group.row)
    first = np.cumsum(n_own) - n_own
    rest, alike = np.ones(len(group.row), dtype=bool), []
    for size in np.unique(n_own[n_own > 1]):
        entries = first[n_own == size, None] + np.arange(size)
        order = np.argsort(group.code[entries], axis=1)
        entries = np.take_along_axis(entries, order, axis=1)
        number = _number(group.code[entries], group.places.shape[1])
        often = np.bincount(number)[number] >= _ALIKE
        if often.any():
            entries = entries[often]
            rest[entries] = False
            alike.append(_join(group, entries, number[often]))
    others = group.row[rest], group.code[rest], group.values[:, rest], group.places
    return [Group(*others), *alike]


def _number(codes, n_codes):
    """Return the number of the set of codes in each row."""
    number = np.zeros(len(codes), dtype=np.int64)
    for own in codes.T:
        _, number = number_keys(number * n_codes + own, (number.max() + 1) * n_codes)
    return number


def _join(group, entries, number):
    """Return rows of such entries as rows of one entry, of the code of their set."""
    _, first, number = np.unique(number, return_index=True, return_inverse=True)
    codes = group.code[entries[first]]  # (n_sets, size)
    values = np.concatenate([group.values[:, own] for own in entries.T])
    places = np.concatenate([group.places[:, own] for own in codes.T])
    return Group(group.row[entries[:, 0]], number, values, places)
