"""Rows of a log put behind earlier rows of the same students."""

import warnings

import numpy as np
import pandas as pd

from .._interactions.codes import factorize
from .._interactions.columns import check_frame
from .._interactions.numbers import find_missing
from .._interactions.times import read_order
from .._tracer.learnt import SplitStudentWarning, level_of_caller, write_splitters
from .._words import first_few

__all__ = ["put_behind"]


def put_behind(history, X, roles):
    """Put rows behind the history of their students, as far as they lack it.

    Parameters
    ----------
    history : DataFrame
        Rows that were learnt from.
    X : DataFrame
    roles : Roles

    Returns
    -------
    rows : DataFrame
        With the columns of X and a new index.
    n_before : int
        How many rows stand before those of X.

    Warns
    -----
    SplitStudentWarning
        If X holds rows that are earlier than those it lacks.
    """
    check_frame(X, roles)
    # A column that X lacks is for the tracer to refuse.
    history = history[[name for name in history.columns if name in X.columns]]
    is_asked = history[roles.student].isin(X[roles.student].unique()).to_numpy()
    if not is_asked.any():
        return X, 0
    rows = _concatenate(history[is_asked], X)
    n_before = int(is_asked.sum())
    student, _ = factorize(rows[roles.student])
    if roles.order is None:
        is_own = _begins_with_history(rows, student, n_before, roles)
    else:
        is_own = _is_on_both_sides(rows, student, n_before, roles)
        _warn_of_future(rows, student, n_before, is_own, roles)
    is_own[n_before:] = False
    rows = rows[~is_own]
    return rows.reset_index(drop=True), len(rows) - len(X)


def _concatenate(history, X):
    """Put frames behind each other; answers as numbers, where they are of two kinds."""
    frames = [history, X]
    for name in history.columns:
        is_bool = [pd.api.types.is_bool_dtype(frame[name]) for frame in frames]
        if is_bool[0] != is_bool[1]:
            place = is_bool.index(True)
            frames[place] = frames[place].copy()
            frames[place][name] = frames[place][name].astype("Int8")
    return pd.concat(frames, ignore_index=True)


def _is_on_both_sides(rows, student, n_before, roles):
    """Mark rows before X that X has, too, and those rows of X.

    Rows are the same if their student, order and skill are: an answer may have been
    flipped. Of several that are, those go together first that are alike in all.
    """
    marks = _pair(_number_rows(rows, roles.columns, student), n_before)
    left = np.flatnonzero(~marks)
    columns = [*roles.columns_of("order"), *roles.columns_of("skill")]
    row = _number_rows(rows, columns, student)
    marks[left] = _pair(row[left], np.searchsorted(left, n_before))
    return marks


def _pair(numbers, n_before):
    """Mark rows that have a partner of the same number on the other side, each one."""
    table = pd.DataFrame({"number": numbers, "is_after": np.arange(len(numbers))})
    table["is_after"] = table["is_after"] >= n_before
    table["nth"] = table.groupby(["number", "is_after"]).cumcount()
    return table.duplicated(["number", "nth"], keep=False).to_numpy(copy=True)


def _begins_with_history(rows, student, n_before, roles):
    """Mark rows of students whose rows in X begin with all those before X.

    Nothing but what rows hold, and where they stand, tells that they are the same.
    """
    place = np.empty(len(rows), dtype=np.int64)
    for side in (slice(n_before), slice(n_before, None)):
        place[side] = pd.Series(student[side]).groupby(student[side]).cumcount()
    row = _number_rows(rows, roles.columns, student, place)
    is_there = np.isin(row[:n_before], row[n_before:])
    lacks = np.bincount(student[:n_before], ~is_there, student.max() + 1) > 0
    return ~lacks[student]


def _number_rows(rows, columns, *numbers):
    """Return the same number for rows that are alike in columns and further numbers."""
    codes = [*numbers, *(factorize(rows[name], name)[0] for name in columns)]
    table = pd.DataFrame(np.column_stack(codes))
    return table.groupby([*range(len(codes))]).ngroup().to_numpy()


def _warn_of_future(rows, student, n_before, is_own, roles):
    """Warn of answers in X that are earlier than rows it lacks of their students."""
    answered = ~find_missing(rows[roles.correct])
    time = pd.Series(read_order(rows, roles.order))
    is_old, is_new = answered & ~is_own, answered & ~is_own
    is_old[n_before:], is_new[:n_before] = False, False
    last = time[is_old].groupby(student[is_old]).max()
    first = time[is_new].groupby(student[is_new]).min()
    odd = first.index[first < last.reindex(first.index)]
    if len(odd):
        own = np.unique(student, return_index=True)[1][odd[:2]]  # a row of each
        names = rows[roles.student].iloc[own].tolist()
        of_students, in_time = write_splitters(roles)
        warnings.warn(
            f"X holds answers of {len(odd)} of its students, such as "
            f"{first_few(names)}, that are earlier than others that fit learnt from: "
            "what came after them is known, so that scores of these rows "
            f"mislead. Test what came last, cv={in_time}, or students who were not "
            f"met, cv={of_students}.",
            SplitStudentWarning,
            stacklevel=level_of_caller(),
        )
