"""Whole students held out of fits, and how much each of their rows tells."""

import numpy as np
import pandas as pd

from .._interactions.codes import check_categories
from .._interactions.columns import number_moments

__all__ = ["hold_out", "share_questions"]


# So many students tell well enough which member is worth what.
_ENOUGH = 100


def hold_out(weight, n_folds, random):
    """Divide students into folds, and hold out so many of these as are needed.

    Parameters
    ----------
    weight : ndarray of shape (n_students,)
        That of a student's answers; those without any are not held out.
    n_folds : int
    random : RandomState

    Returns
    -------
    list of ndarrays of int
        Students who are held out, in the order in which they were drawn. One fold if it
        holds a hundred students, all of them in a small class. Where there is but one
        student, none.
    """
    drawn = random.permutation(np.flatnonzero(weight))
    n_folds = min(n_folds, len(drawn))
    if n_folds < 2:
        return []
    folds = [drawn[k::n_folds] for k in range(n_folds)]
    held_out = np.cumsum([len(fold) for fold in folds])
    return folds[: np.searchsorted(held_out, _ENOUGH) + 1]


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
