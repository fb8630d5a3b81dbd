"""Scores of a log in portions, without an array of all its rows."""

from functools import partial

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss
from sklearn.utils.validation import check_is_fitted

from .._interactions.columns import number_moments
from .._interactions.target import encode_target
from .._portions.log import as_column_of, need_portions
from .._portions.pieces import total
from .._tracer.portions import ask_portions
from .questions import label_questions, merge_questions

__all__ = ["score_portions"]

BINS = 2**17  # of predictions, so that the AUC is known to some 1e-6


def score_portions(tracer, X, y, *, by_question=False):
    """Score a tracer on a log in portions, however many rows it has.

    scikit-learn's scorers take such a log, too, but hold a number for each of its rows.
    Here rows are counted by what is predicted of them, in 131,072 classes of equal
    width::

        roc_auc = (pairs told apart + pairs of one class / 2) / all pairs
        roc_auc_error = (pairs of one class / 2) / all pairs

    where a pair is a right and a wrong answer: the area under the ROC curve of all
    rows is no further from ``roc_auc`` than that.

    Parameters
    ----------
    tracer : fitted tracer
    X : Portions, pyarrow.dataset.Dataset or dask.dataframe.DataFrame
        See `sktrace.datasets.scan_interactions`.
    y : column of X, its name, or array of shape (n_rows,)
        Rows where it is missing are left out.
    by_question : bool, default=False
        Count rows of one moment that are one question once; see `question_level`.

    Returns
    -------
    Series
        ``roc_auc``, ``roc_auc_error``, ``log_loss`` (nats per row), ``brier`` (mean
        squared error of P), ``accuracy`` and ``n``, the number of rows or questions.

    Raises
    ------
    TypeError
        If X is no log in portions.
    ValueError
        If X or y cannot be read, or there are no right or no wrong answers.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from sktrace import MeanClassifier
    >>> from sktrace.datasets import make_interactions, scan_interactions
    >>> from sktrace.metrics import score_portions
    >>> log, y = make_interactions(n_students=40, random_state=0)
    >>> with TemporaryDirectory() as folder:
    ...     log.to_parquet(f"{folder}/part-0.parquet")
    ...     X = scan_interactions(folder)
    ...     tracer = MeanClassifier().fit(X, X["correct"])
    ...     scores = score_portions(tracer, X, X["correct"])
    >>> bool(scores["n"] == len(log))
    True
    """
    portions = need_portions(
        X,
        'A frame is scored by scikit-learn: get_scorer("roc_auc")(tracer, X, y).',
    )
    check_is_fitted(tracer)
    if not hasattr(tracer, "classes_"):
        raise TypeError(
            f"{type(tracer).__name__} predicts numbers; expected a tracer of right and "
            "wrong answers. Score it by scikit-learn: tracer.score(X, y)."
        )
    y = as_column_of(portions, y, "y")
    roles = _roles_of(tracer, by_question)
    score = partial(_count, classes=tracer.classes_, roles=roles)
    counts, sums = total(ask_portions(tracer, portions, score, y))
    if not counts.sum(axis=1).all():
        raise ValueError(
            f"y holds {counts.sum(axis=1).tolist()} rows of "
            f"{tracer.classes_.tolist()}; expected some of both classes. Score more "
            "students."
        )
    wrong, right = counts.astype(float)
    pairs = wrong.sum() * right.sum()
    tied = wrong @ right / pairs
    told = right @ (np.cumsum(wrong) - wrong) / pairs
    n = counts.sum()
    scores = {"roc_auc": told + tied / 2, "roc_auc_error": tied / 2}
    scores |= dict(zip(("log_loss", "brier", "accuracy"), sums / n, strict=True))
    return pd.Series(scores | {"n": n}, name=type(tracer).__name__)


def _roles_of(tracer, by_question):
    """Return the columns that tell questions, or None where rows count."""
    if not by_question:
        return None
    return tracer.student, tracer.order, getattr(tracer, "item", None)


def _count(X, p, y, own, *, classes, roles):
    """Count the rows of a portion by class and prediction, and sum up their losses."""
    y = np.asarray(y)
    told = ~pd.isna(y)
    target = encode_target(y, told, classes)[told]
    p = p[told]
    if roles is not None:
        target, p = _merge(X[told], target, p, *roles)
    place = np.minimum((p * BINS).astype(np.int64), BINS - 1)
    counts = np.array([np.bincount(place[target == k], minlength=BINS) for k in (0, 1)])
    if not len(p):
        return counts, np.zeros(3)
    loss = log_loss(target, p, labels=[0, 1], normalize=False)
    right = (target == (p > 0.5)).sum()
    return counts, np.array([loss, ((target - p) ** 2).sum(), right])


def _merge(X, target, p, student, order, item):
    """Merge the rows of a question."""
    students, moment = number_moments(X, student, order)
    named = np.full(len(X), -1)
    if item is not None:
        named = pd.factorize(X[item])[0]
    question = label_questions(students, moment, named, target)
    return merge_questions(question, target, p)
