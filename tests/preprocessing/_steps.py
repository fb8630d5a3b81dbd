"""The real steps of padded arrays, found by loops."""

import numpy as np


def stack(array):
    """Return the real steps of a padded array, by a loop."""
    return np.concatenate([own[: real_length(own)] for own in array])


def real_length(own):
    return max(t + 1 for t in range(len(own)) if not np.isnan(own[t]).all())
