"""Scores of groups of students, and how sure they are."""

from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from .._arrays import as_objects
from .._interactions.codes import factorize
from .._interactions.columns import check_students
from .._interactions.numbers import find_missing
from .._scores.bootstrap import bootstrap_scores
from .._sklearn import Interval, validate_params
from .._words import first_few
from ._predictions import read_predictions

__all__ = ["slice_report"]

_INTERVAL = (0.025, 0.975)
_NO_GROUP = "(missing)"


@validate_params(
    {
        "n_bootstraps": [Interval(Integral, 0, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def slice_report(
    estimator,
    X,
    y,
    *,
    groups,
    scoring=("roc_auc", "neg_log_loss"),
    student="user_id",
    n_bootstraps=500,
    random_state=None,
):
    """Score a model on each group of students, with intervals.

    A model that is good on average may fail the students of one school, one language
    or one grade; or seem to, where there are few of them. Intervals are those of the
    bootstrap over students (percentiles 2.5 and 97.5) [1]_ [2]_: the answers of one
    student go together, so whole students are drawn, and a bootstrap over rows would
    call differences sure that are not.

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
    groups : str, list of str, Series or array of shape (n_rows,)
        A column of X; several, whose combinations are the groups, as tuples; a Series
        indexed by student, or by X's index; or the group of each row, as an array. A
        group may hold some rows of a student only.
    scoring : str, callable, list or dict, default=("roc_auc", "neg_log_loss")
        Scorers of scikit-learn. Those passed by name see y as 0 and 1, a scorer of your
        own sees its labels. None sees the columns of X, which those by question and
        by skill of `sktrace.metrics` need.
    student : str, default="user_id"
        Column of X.
    n_bootstraps : int, default=500
        Samples of students; 0 for no intervals.
    random_state : int, RandomState instance or None, default=None
        Seed of the samples. The same samples serve all metrics of a group.

    Returns
    -------
    DataFrame of shape ((1 + n_groups) * n_metrics, 8)
        ``group``, ``metric``, ``score``, ``low`` and ``high``, ``n_rows``,
        ``n_students``, and ``right``, the share of right answers. Group ``"all"`` comes
        first; rows without a group are ``"(missing)"`` and come last. Scores are NaN
        where the targets of a group are all alike, and intervals for a single student.

    Raises
    ------
    TypeError
        If X is not a DataFrame, or `estimator` has no probabilities.
    ValueError
        If `groups` does not fit X, y does not fit X or the classes, or probabilities do
        not fit X.

    See Also
    --------
    sktrace.metrics.score_by_skill : Scores by skill.
    calibration_by_skill : Whether probabilities are too high or too low.

    Notes
    -----
    Intervals of fewer than about 30 students are too narrow [2]_. Samples in which all
    targets are alike have no score and do not count. The scores ``"roc_auc"``,
    ``"neg_log_loss"``, ``"neg_brier_score"`` and ``"accuracy"`` take milliseconds per
    sample of 300,000 rows; others take what scikit-learn takes, tenths of a second.

    An AUC depends on how much the students of a group differ, and a log loss on how
    often they are right. Compare models within a group, or a group's score with that
    of `MeanClassifier`, before blaming the model.

    References
    ----------
    .. [1] Field and Welsh (2007). Bootstrapping clustered data. Journal of the Royal
       Statistical Society B 69, 369-390: the cluster bootstrap.
    .. [2] Cameron, Gelbach and Miller (2008). Bootstrap-based improvements for
       inference with clustered errors. Review of Economics and Statistics 90, 414-427.

    Examples
    --------
    >>> import pandas as pd
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.inspection import slice_report
    >>> X, y, p = make_interactions(n_students=40, return_proba=True, random_state=0)
    >>> school = pd.Series(["east", "west"] * 20, index=range(40))  # by student
    >>> report = slice_report(p, X, y, groups=school, random_state=0)
    >>> report["group"].unique().tolist()
    ['all', 'east', 'west']
    >>> bool((report["low"] < report["score"]).all())
    True
    """
    scoring = _name_scoring(scoring)
    students, names = check_students(X, student)
    code, labels = _read_groups(groups, X, students, names)
    found = read_predictions(estimator, X, y, "slice_report")
    rng = check_random_state(random_state)
    students, code = students[found.rows], code[found.rows]
    everyone = np.ones(len(code), dtype=bool)
    slices = [(labels[number], code == number) for number in np.unique(code)]
    return pd.DataFrame(
        {"group": group, **line}
        for group, own in [("all", everyone), *slices]
        for line in _score_group(found, own, students, scoring, n_bootstraps, rng)
    )


def _score_group(found, own, students, scoring, n_bootstraps, rng):
    """Return a line per metric of some rows."""
    whose, student = np.unique(students[own], return_inverse=True)
    target, p = found.target[own], found.p[own]
    scores = np.full(len(scoring), np.nan)
    low, high = np.full((2, len(scoring)), np.nan)
    if len(np.unique(target)) > 1:
        scores, samples = bootstrap_scores(
            list(scoring.values()), target, p, found.classes, student, n_bootstraps, rng
        )
        scored = samples[~np.isnan(samples).any(axis=1)]
        if len(scored) and len(whose) > 1:  # one student says nothing of others
            low, high = np.quantile(scored, _INTERVAL, axis=0)
    for number, metric in enumerate(scoring):
        yield {
            "metric": metric,
            "score": scores[number],
            "low": low[number],
            "high": high[number],
            "n_rows": len(target),
            "n_students": len(whose),
            "right": target.mean(),
        }


def _name_scoring(scoring):
    """Return what to score by, under the names it has in the report."""
    if isinstance(scoring, dict):
        return scoring
    several = isinstance(scoring, list | tuple | set)
    return {
        name if isinstance(name, str) else repr(name): name
        for name in (scoring if several else [scoring])
    }


def _read_groups(groups, X, students, names):
    """Return the code of each row's group, and the groups in order of code."""
    at = np.arange(len(X))  # each row has an entry of its own
    if isinstance(groups, pd.Series):
        group = groups
        if not groups.index.equals(X.index):
            at = _find_students(groups.index, names)[students]
    elif getattr(groups, "shape", ()):  # an array of any kind
        group = _check_length(groups, len(X))
    elif isinstance(groups, list):
        group = _combine([_read_column(X, column) for column in groups])
    else:
        group = _read_column(X, groups)
    if isinstance(group.dtype, pd.CategoricalDtype):  # which has an order of its own
        code, labels = group.cat.codes.to_numpy(np.int64), group.cat.categories
    else:
        code, labels = factorize(group, "groups", "group")
    code = np.append(code, -1)[at]
    return np.where(code < 0, len(labels), code), [*labels.tolist(), _NO_GROUP]


def _combine(columns):
    """Make tuples of several columns; one that lacks a part is missing."""
    missing = np.any([find_missing(column) for column in columns], axis=0)
    combined = as_objects(list(zip(*columns, strict=True)))
    combined[missing] = None
    return pd.Series(combined)


def _check_length(groups, n_rows):
    if groups.shape != (n_rows,):
        raise ValueError(
            f"groups has shape {groups.shape}; expected ({n_rows},), the group of each "
            "row of X. Groups of students can be a Series indexed by student."
        )
    return pd.Series(groups)


def _read_column(X, column):
    found = int((X.columns == column).sum())
    if found != 1:
        raise ValueError(
            f"groups names the column {column!r}, which X has {found} times; got the "
            f"columns {list(X.columns)}. Name one of them, or pass a Series indexed by "
            "student, or an array with the group of each row."
        )
    return X[column]


def _find_students(index, names):
    """Return where a Series names each student, -1 where it does not."""
    if index.has_duplicates:
        raise ValueError(
            f"groups is a Series that names {index[index.duplicated()].tolist()[0]!r} "
            "more than once; expected one entry per student, or the index of X: "
            "groups.groupby(level=0).first()."
        )
    place = index.get_indexer(pd.Index(names, tupleize_cols=False))
    if (place < 0).all():
        raise ValueError(
            f"groups is a Series indexed by {first_few(index.tolist())}; expected "
            f"students, such as {first_few(names.tolist())}, or the index of X. Set "
            "it: groups.set_axis(students)."
        )
    return place
