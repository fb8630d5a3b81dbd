"""Whole students held out of fits, and how much each of their rows tells."""

import numpy as np
import pandas as pd

from .._interactions.codes import check_categories
from .._interactions.columns import check_students, number_moments

__all__ = ["hold_out", "share_questions"]


# So many students tell well enough which member is worth what.
_ENOUGH = 100


def hold_out(X, weight, student, n_folds, random):
    """Divide students into folds, and hold out so many of these as are needed.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
    weight : ndarray of shape (n_rows,)
        Students without any are neither held out nor among the others.
    student : str
        Column of X.
    n_folds : int
    random : RandomState

    Returns
    -------
    list of (held, others) : ndarrays of shape (n_rows,), bool
        One fold if it holds a hundred students, all of them in a small class. Where
        there is but one student, none.
    """
    code, students = check_students(X, student)
    counted = np.flatnonzero(np.bincount(code, weight, len(students)))
    n_folds = min(n_folds, len(counted))
    if n_folds < 2:
        return []
    fold = np.full(len(students), -1)
    fold[random.permutation(counted)] = np.arange(len(counted)) % n_folds
    held_out = np.cumsum(np.bincount(fold[counted]))
    n_needed = min(np.searchsorted(held_out, _ENOUGH) + 1, n_folds)
    fold = fold[code]
    return [(fold == k, (fold != k) & (fold >= 0)) for k in range(n_needed)]


def share_questions(X, target, *, student, order, item=None):
    """Return one over the number of rows that tell of the same answer.

    Rows of one moment are one question if they name the same item, or if none is named
    and their targets agree; see `sktrace.metrics.question_level`.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
    target : ndarray of shape (n_rows,)
    student, order, item
        Columns of X.

    Returns
    -------
    ndarray of shape (n_rows,), float64
    """
    students, moment = number_moments(X, student, order)
    named = np.full(len(X), -1)
    if item is not None:
        named = check_categories(X[item], item, "item").codes
    rows = pd.DataFrame({"student": students, "moment": moment, "item": named})
    # Answers to one item are one answer, whatever rows say of it.
    rows["target"] = np.where(named == -1, target, -1)
    return 1 / rows.groupby([*rows])["item"].transform("size").to_numpy()
