"""Arrays of ranges, as ragged data needs them, of objects, and logits."""

import numpy as np
from scipy.special import logit

__all__ = ["CERTAIN", "as_objects", "concatenate_ranges", "log_odds"]

CERTAIN = 1e-6  # no prediction that is passed on is surer than this


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
