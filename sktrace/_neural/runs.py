"""Runs of steps cut out of many, and put one after the other. Numpy only."""

import numpy as np

from .._arrays import concatenate_ranges

__all__ = ["choose_rows", "join_offsets", "join_rows", "shorten"]


def choose_rows(row_step, starts, stops):
    """Find the rows asked of some runs of steps, once these are all there is.

    Parameters
    ----------
    row_step : ndarray of shape (n_rows,)
        The step that each row is asked of; never decreases.
    starts, stops : ndarray of shape (n_runs,)

    Returns
    -------
    rows : ndarray
        The places of the rows.
    row_step : ndarray
        The step that each of them is asked of then.
    offsets : ndarray of shape (n_runs + 1,)
        Where each run begins then.
    """
    offsets = np.append(0, np.cumsum(stops - starts))
    first, last = np.searchsorted(row_step, [starts, stops])
    rows = concatenate_ranges(first, last - first)
    shift = np.repeat(offsets[:-1] - starts, last - first)
    return rows, row_step[rows] + shift, offsets


def join_offsets(parts):
    """Return the offsets of several ragged arrays that stand one after the other."""
    lengths = [np.diff(offsets) for offsets in parts]
    return np.append(0, np.cumsum(np.concatenate(lengths), dtype=np.int64))


def join_rows(parts):
    """Return the offsets of several runs of steps, and the step that each row asks."""
    n_steps = np.cumsum([0] + [part.offsets[-1] for part in parts[:-1]])
    row_step = [part.row_step + n for part, n in zip(parts, n_steps, strict=True)]
    offsets = join_offsets([part.offsets for part in parts])
    return offsets, np.concatenate(row_step)


def shorten(whole):
    """Return whole numbers in half the bytes, where they fit."""
    if not len(whole) or np.abs(whole).max() <= np.iinfo(np.int32).max:
        return whole.astype(np.int32)
    return whole
