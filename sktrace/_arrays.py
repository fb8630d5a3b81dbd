"""Arrays of ranges, as ragged data needs them, of objects and keys, and logits."""

import numpy as np
from scipy.special import logit

__all__ = ["CERTAIN", "as_objects", "concatenate_ranges", "log_odds", "number_keys"]

CERTAIN = 1e-6  # no prediction that is passed on is surer than this
FEW = 2**22  # places that may be many more than keys


def as_objects(values):
    """Return a list as an array of objects, of which some may be tuples.

    >>> as_objects([("a", 1), ("b", 2)]).shape
    (2,)
    """
    objects = np.empty(len(values), dtype=object)
    objects[:] = values
    return objects


def concatenate_ranges(starts, lengths):
    """Concatenate ``arange(start, start + length)`` over all pairs.

    >>> concatenate_ranges([3, 10], [2, 3]).tolist()
    [3, 4, 10, 11, 12]
    """
    lengths = np.asarray(lengths)
    ends = np.cumsum(lengths)
    shift = np.asarray(starts) - (ends - lengths)
    return np.repeat(shift, lengths) + np.arange(ends[-1] if len(ends) else 0)


def log_odds(p):
    """Return the logit of probabilities, which are read as never quite certain."""
    return logit(np.clip(p, CERTAIN, 1 - CERTAIN))


def number_keys(keys, n):
    """Number the different keys, whole numbers below n, in sorted order.

    >>> different, number = number_keys(np.array([7, 2, 7]), 9)
    >>> different.tolist(), number.tolist()
    ([2, 7], [1, 0, 1])
    """
    # To mark places is faster than to sort, unless they are more than keys by far.
    if n > max(4 * len(keys), min(FEW, 16 * len(keys))):
        return np.unique(keys, return_inverse=True)
    present = np.zeros(n, dtype=bool)
    present[keys] = True
    return np.flatnonzero(present), (np.cumsum(present) - 1)[keys]
