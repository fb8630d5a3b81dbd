"""Arrays of ranges, as ragged data needs them."""

import numpy as np

__all__ = ["concatenate_ranges"]


def concatenate_ranges(starts, lengths):
    """Concatenate ``arange(start, start + length)`` over all pairs.

    >>> concatenate_ranges([3, 10], [2, 3]).tolist()
    [3, 4, 10, 11, 12]
    """
    lengths = np.asarray(lengths)
    ends = np.cumsum(lengths)
    shift = np.asarray(starts) - (ends - lengths)
    return np.repeat(shift, lengths) + np.arange(ends[-1] if len(ends) else 0)
