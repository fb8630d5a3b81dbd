"""Whether one tracer predicts better than another, from their scores on the same folds.

Every statement here is of a difference, fold by fold, so that folds that are hard for
all tracers do not count. Folds of one log share most of their training data; both the
test and the posterior below allow for that, by the same variance.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import stdtr

__all__ = [
    "INTERVAL",
    "ROPE",
    "SURE",
    "UNTOLD",
    "Chances",
    "chances",
    "corrected_t_test",
    "judge",
    "shares_of_samples",
]

ROPE = 0.005  # of an AUC or of an accuracy, or nats: less makes no difference
SURE = 0.95
INTERVAL = (0.025, 0.975)
UNTOLD = "not told apart"
_ROUNDING = 12  # decimals: sums of the same numbers in another order differ beyond


class Chances(NamedTuple):
    """How likely it is that the first of two tracers is worse, the same, or better."""

    worse: float
    same: float
    better: float


def corrected_t_test(differences, test_to_train):
    r"""Test whether two tracers differ, by the corrected resampled t-test.

    Of the differences :math:`d_1, \ldots, d_k` of two scores on k folds, of mean
    :math:`\bar d` and variance :math:`s^2` (k - 1 in the denominator),

    .. math:: t = \frac{\bar d}
        {\sqrt{\left( \frac1k + \frac{n_{test}}{n_{train}} \right) s^2}}

    with k - 1 degrees of freedom. The second summand is what folds owe to their common
    training data; without it a tenfold cross-validation calls far too much a finding.

    Parameters
    ----------
    differences : array of shape (n_folds,)
        NaN where a fold has no score.
    test_to_train : float
        Samples tested for one trained on: 1 / (k - 1) of k folds.

    Returns
    -------
    t, p : float
        p is two-sided. Both are NaN for fewer than two folds, and for differences that
        are all zero; t is infinite if they are all alike and not zero.

    References
    ----------
    Nadeau and Bengio (2003). Inference for the generalization error. Machine Learning
    52, 239-281.

    Examples
    --------
    >>> from sktrace._scores.paired import corrected_t_test
    >>> t, p = corrected_t_test([0.01, 0.02, 0.03], 1 / 2)
    >>> print(round(t, 3), round(p, 3))
    2.191 0.16
    """
    mean, scale, df = _student_t(differences, test_to_train)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.float64(mean) / scale
    return float(t), float(2 * stdtr(df, -abs(t))) if df > 0 else np.nan


def chances(differences, test_to_train, rope):
    r"""Return how likely a tracer is worse than another, the same, and better.

    By the correlated Bayesian t-test, what is known of the true difference after k
    folds, if nothing was known before, is a Student distribution of k - 1 degrees of
    freedom, with mean :math:`\bar d` and scale

    .. math:: \sqrt{\left( \frac1k + \frac{\rho}{1 - \rho} \right) s^2} ,
        \qquad \rho = \frac{n_{test}}{n_{train} + n_{test}}

    which is the scale of `corrected_t_test`. Its mass below -rope, from there to rope,
    and above it are the three chances.

    Parameters
    ----------
    differences : array of shape (n_folds,)
        Scores of the one tracer less those of the other; NaN where a fold has none.
    test_to_train : float
        Samples tested for one trained on.
    rope : float
        Half the width of the region of practical equivalence: scores that differ by
        less are the same to whoever chooses a tracer.

    Returns
    -------
    Chances
        ``worse``, ``same`` and ``better``. NaN for fewer than two folds; 0 and 1 if all
        differences are alike.

    References
    ----------
    Corani and Benavoli (2015). A Bayesian approach for comparing cross-validated
    algorithms on multiple data sets. Machine Learning 100, 285-304.

    Benavoli, Corani, Demšar and Zaffalon (2017). Time for a change: a tutorial for
    comparing multiple classifiers through Bayesian analysis. Journal of Machine
    Learning Research 18 (77), 1-36.

    Examples
    --------
    >>> from sktrace._scores.paired import chances
    >>> found = chances([0.01, 0.02, 0.03], 1 / 2, rope=0.005)
    >>> print([round(chance, 3) for chance in found])
    [0.056, 0.065, 0.879]
    """
    mean, scale, df = _student_t(differences, test_to_train)
    if not df > 0:
        return Chances(np.nan, np.nan, np.nan)
    if scale == 0:
        worse, better = float(mean < -rope), float(mean > rope)
    else:
        worse, better = stdtr(df, (np.array([-mean, mean]) - rope) / scale).tolist()
    return Chances(worse, max(1 - worse - better, 0.0), better)


def shares_of_samples(differences, rope):
    """Return the same of one split: shares of samples of its students.

    Parameters
    ----------
    differences : array of shape (n_bootstraps,)
        Of the scores of each sample.
    rope : float

    Returns
    -------
    Chances
        NaN where there are no samples.
    """
    known = differences[~np.isnan(differences)]
    if len(known) == 0:
        return Chances(np.nan, np.nan, np.nan)
    worse, better = float((known < -rope).mean()), float((known > rope).mean())
    return Chances(worse, max(1 - worse - better, 0.0), better)


def judge(found):
    """Say in words what is sure: at least 95 % likely.

    >>> from sktrace._scores.paired import Chances, judge
    >>> judge(Chances(0.0, 0.97, 0.03)), judge(Chances(0.3, 0.6, 0.1))
    ('same', 'not told apart')
    """
    sure = [word for word, p in found._asdict().items() if p >= SURE]
    return sure[0] if sure else UNTOLD


def _student_t(differences, test_to_train):
    """Return mean, scale and degrees of freedom of what is known of a difference."""
    known = np.asarray(differences, dtype=np.float64)
    known = np.round(known[~np.isnan(known)], _ROUNDING)
    k = len(known)
    if k < 2:
        return np.nan, np.nan, 0
    if (known == known[0]).all():  # else rounding would leave a little variance
        return known.mean(), 0.0, k - 1
    return known.mean(), np.sqrt((1 / k + test_to_train) * known.var(ddof=1)), k - 1
