"""How numbers to predict are scaled, and refused where float32 cannot hold them."""

import numpy as np

__all__ = ["learn_target_scale", "scale_target"]


def learn_target_scale(target, weight):
    """Return the weighted mean and standard deviation of each target.

    Parameters
    ----------
    target, weight : ndarray of shape (n_samples, n_targets)

    Returns
    -------
    mean, scale : ndarray of shape (n_targets,)
        A target with a single value has the scale 1.
    """
    share = weight / weight.sum(axis=0)
    mean = (share * target).sum(axis=0)
    with np.errstate(over="ignore"):
        squares = (target - mean) ** 2
    variance = (share * squares).sum(axis=0)
    return mean, np.where(variance > 0, np.sqrt(variance), 1.0)


def scale_target(target, mean, scale):
    """Return targets as a network is to predict them, float32.

    Raises
    ------
    ValueError
        If float32 cannot hold them.
    """
    with np.errstate(over="ignore"):
        scaled = ((target - mean) / scale).astype(np.float32)
    if not np.isfinite(scaled).all() or not np.isfinite(scale).all():
        raise ValueError(
            f"y holds numbers from {target.min():.3g} to {target.max():.3g}; "
            "expected such as float32 can hold. Divide y, or take its logarithm."
        )
    return scaled
