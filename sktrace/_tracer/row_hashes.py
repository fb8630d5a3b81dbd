"""Rows by numbers that are the same in whatever frame they stand: 32 bits each.

A row is known by its student, its time and its skill, not by its answer: an answer may
be flipped to see what would follow.
"""

import numpy as np
import pandas as pd

from .._arrays import concatenate_ranges
from .._interactions.names import plain_names, spell_name
from .._interactions.times import check_time

__all__ = ["hash_entries", "hash_names", "read_times"]

_ODD = np.uint64(0x9E3779B97F4A7C15)
_ODDER = np.uint64(0xC2B2AE3D27D4EB4F)
_ODDEST = np.uint64(0xFF51AFD7ED558CCD)
_HALF = np.uint64(32)


def read_times(X, order, student):
    """Return a number for when each row happened, the same in whatever frame it stands.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
    order : hashable, list of hashables or None
        Numbers or dates of whatever type, unit and zone, which have been judged.
    student : ndarray of shape (n_rows,), int64
        Of each row; without an order, a row's time is its place among its student's.

    Returns
    -------
    ndarray of shape (n_rows,), uint64
    """
    if order is None:
        rows = np.argsort(student, kind="stable")
        n_rows = np.bincount(student)
        place = np.empty(len(rows), dtype=np.uint64)
        place[rows] = concatenate_ranges(np.zeros_like(n_rows), n_rows)
        return place
    times = np.zeros(len(X), dtype=np.uint64)
    for column in order if isinstance(order, list) else [order]:
        values = X[column]
        if values.dtype.kind in "mM":
            seconds = check_time(values, column, "order")
        else:
            seconds = values.to_numpy(dtype=np.float64)
        times *= _ODD
        times += (seconds + 0.0).view(np.uint64)  # -0 is 0
    return times


def hash_names(names):
    """Return 64 bits for each name, the same whatever type of column holds it."""
    spelt = [  # a text is not the number that it spells
        f"'{name}" if isinstance(name, str) else spell_name(name)
        for name in plain_names(names).tolist()
    ]
    return pd.util.hash_array(np.array(spelt, dtype=object), categorize=False)


def hash_entries(log, times, order, name, entries):
    """Return 32 bits for each entry of a coded log, and for its moment.

    Parameters
    ----------
    log, times, order
        As in `Learnt.of`.
    name : ndarray of shape (n_entries,), uint64
        Hash of each entry's student.
    entries : ndarray of shape (n_entries,)
        Those that are meant.
    """
    time, skill = log.spread(times), log.skill
    if len(entries) < len(skill):
        time, skill = time[entries], skill[entries]
    time = time * _ODD
    time ^= name
    row = _mix(time)
    moment = name if order is None else row
    skill = skill.astype(np.uint64)
    skill *= _ODDER
    skill += row
    return _shorten(_mix(skill)), _shorten(moment)


def _mix(bits):
    """Let each of the upper 32 bits depend on all: fold, and multiply."""
    bits = bits ^ (bits >> _HALF)
    bits *= _ODDEST
    return bits


def _shorten(bits):
    return (bits >> _HALF).astype(np.uint32)
