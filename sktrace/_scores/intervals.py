"""How sure a share is."""

import numpy as np
from scipy.special import ndtri

__all__ = ["wilson"]


def wilson(share, n, confidence=0.95):
    r"""Return the limits of Wilson's interval of a share.

    Of n answers, of which the share p is right, they are

    .. math:: \frac{2 n p + z^2 \pm z \sqrt{4 n p (1 - p) + z^2}}{2 (n + z^2)}

    with z the normal quantile of the confidence. They stay in 0 to 1, and meet the
    ends where the share does.

    Parameters
    ----------
    share : float or array
    n : float or array
        Above 0; it need not be whole, as Kish's effective number is not.
    confidence : float, default=0.95

    Returns
    -------
    low, high : float or ndarray

    References
    ----------
    Wilson (1927). Probable inference, the law of succession, and statistical
    inference. Journal of the American Statistical Association 22, 209-212.

    Examples
    --------
    >>> from sktrace._scores.intervals import wilson
    >>> low, high = wilson(1.0, 10)
    >>> print(round(low, 3), round(high, 3))
    0.722 1.0
    """
    z = ndtri(0.5 + confidence / 2)
    scale = 2 * (n + z**2)
    middle = (2 * n * share + z**2) / scale
    half = z / scale * np.sqrt(4 * n * share * (1 - share) + z**2)
    # At the ends the limit is the end itself, which the difference misses by a bit.
    low = np.where(share == 0, 0.0, np.maximum(middle - half, 0.0))
    high = np.where(share == 1, 1.0, np.minimum(middle + half, 1.0))
    return low[()], high[()]  # a number of a number
