"""Whether probabilities mean what they say, skill by skill."""

from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.metrics import brier_score_loss

from .._interactions.columns import check_frame
from .._interactions.log import Roles
from .._interactions.practice import entries_by_skill
from .._scores.intervals import wilson
from .._sklearn import Interval, StrOptions, validate_params
from ._predictions import read_predictions

__all__ = ["calibration_by_skill"]

_COLUMNS = [
    "n_rows",
    "observed",
    "predicted",
    "gap",
    "low",
    "high",
    "calibration_error",
    "brier",
]


@validate_params(
    {
        "n_bins": [Interval(Integral, 1, None, closed="left")],
        "strategy": [StrOptions({"quantile", "uniform"})],
    },
    prefer_skip_nested_validation=True,
)
def calibration_by_skill(
    estimator,
    X,
    y,
    *,
    skill="skill_name",
    skill_separator="~~",
    n_bins=10,
    strategy="quantile",
):
    r"""Compare predicted probabilities with the answers given, skill by skill.

    A tutor that acts on P(correct) = 0.95 needs it to be right in 95 % of cases, on
    each skill: a model that is too sure of one and too doubtful of another can be
    calibrated over all of them. The rows of a skill are put in bins of alike
    probability; their expected calibration error [1]_ [2]_ is

    .. math:: \sum_b \frac{n_b}{n} \, | \bar y_b - \bar p_b |

    with :math:`n_b` rows in bin :math:`b`, of which the share :math:`\bar y_b` is
    right and :math:`\bar p_b` was predicted on average.

    Parameters
    ----------
    estimator : fitted estimator with ``predict_proba``, or array of probabilities
        A tracer, a search or a stack, fitted on other students than those of X; or
        probabilities of the rows of X, of shape (n_rows,) or (n_rows, 2), such as
        ``cross_val_predict(..., method="predict_proba")``. Those of shape (n_rows,)
        are of the second class.
    X : DataFrame of shape (n_rows, n_columns)
    y : array of shape (n_rows,)
        Two classes, the second of which is right; rows where it is missing are left
        out.
    skill : str or None, default="skill_name"
        Column of X; rows that name no skill are left out. None for one line over all
        rows.
    skill_separator : str or None, default="~~"
        What joins the skills of a question on several, a row of each of them.
    n_bins : int, default=10
        Bins of `calibration_error`, at least 1; with 1 it is the size of the gap.
    strategy : {"quantile", "uniform"}, default="quantile"
        Bins that hold as many rows each, or that divide 0 to 1 in equal parts. Equal
        probabilities are always in one bin.

    Returns
    -------
    DataFrame of shape (n_skills, 8), indexed by skill
        ``n_rows``; ``observed``, the share of right answers; ``predicted``, the mean
        probability; ``gap = predicted - observed``, above 0 where the model expects
        too much; ``low`` and ``high``, Wilson's 95 % interval of the observed share
        [3]_; ``calibration_error``; ``brier``, the mean squared error of the
        probabilities. NaN for a skill whose rows have no target.

    Raises
    ------
    TypeError
        If X is not a DataFrame, or `estimator` has no probabilities.
    ValueError
        If the column is missing, y does not fit X or the classes, or probabilities do
        not fit X.

    See Also
    --------
    sktrace.metrics.score_by_skill : Any score of scikit-learn, by skill.

    Notes
    -----
    The interval takes answers as independent. Those of one student are not, so that it
    is too narrow where few students gave many answers each; `slice_report` resamples
    students.

    The calibration error is never negative, and above 0 even for the true
    probabilities, by about :math:`\sqrt{2 B p (1 - p) / (\pi n)}` with B bins: 0.11
    for 100 rows and 10 bins around p = 0.7. Look at it where there are rows enough, and
    at the gap elsewhere.

    References
    ----------
    .. [1] Naeini, Cooper and Hauskrecht (2015). Obtaining well calibrated probabilities
       using Bayesian binning. AAAI 29, 2901-2907.
    .. [2] Guo, Pleiss, Sun and Weinberger (2017). On calibration of modern neural
       networks. ICML, equation 3.
    .. [3] Wilson (1927). Probable inference, the law of succession, and statistical
       inference. Journal of the American Statistical Association 22, 209-212.

    Examples
    --------
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.inspection import calibration_by_skill
    >>> X, y, p = make_interactions(n_skills=2, return_proba=True, random_state=0)
    >>> too_sure = calibration_by_skill((1 + p) / 2, X, y)
    >>> bool((too_sure["predicted"] > too_sure["high"]).all())
    True
    >>> bool((calibration_by_skill(p, X, y)["gap"].abs() < 0.02).all())
    True
    """
    check_frame(X, Roles(skill=skill))
    found = read_predictions(estimator, X, y, "calibration_by_skill")
    if skill is None:
        table = [_describe(found.target, found.p, n_bins, strategy)]
        return pd.DataFrame(table, index=["all"], columns=_COLUMNS)
    row, code, skills = entries_by_skill(X[skill], skill_separator)
    place = np.full(len(X), -1)  # of each row of X among those with a target
    place[found.rows] = np.arange(len(found.rows))
    place = place[row]
    told, code = place[place >= 0], code[place >= 0]
    by_skill = pd.Series(told).groupby(code).indices
    table = []
    for number in range(len(skills)):
        rows = told[by_skill.get(number, [])]
        table.append(_describe(found.target[rows], found.p[rows], n_bins, strategy))
    index = pd.Index(skills, name=skill, tupleize_cols=False)
    return pd.DataFrame(table, index=index, columns=_COLUMNS)


def _describe(target, p, n_bins, strategy):
    """Return one line of the table."""
    if len(target) == 0:
        return 0, *[np.nan] * (len(_COLUMNS) - 1)
    observed, predicted = target.mean(), p.mean()
    return (
        len(target),
        observed,
        predicted,
        predicted - observed,
        *wilson(observed, len(target)),
        _calibration_error(target, p, n_bins, strategy),
        brier_score_loss(target, p, pos_label=1),
    )


def _calibration_error(target, p, n_bins, strategy):
    """Return the expected calibration error, in the bins of scikit-learn's curve."""
    cuts = np.linspace(0, 1, n_bins + 1)[1:-1]
    if strategy == "quantile":
        cuts = np.quantile(p, cuts)
    # What a bin expected beyond its right answers: n_b (p_b - y_b).
    beyond = np.bincount(np.searchsorted(cuts, p), p - target)
    return np.abs(beyond).sum() / len(p)
