"""The only place that judges the frame a user hands in; `target` judges y.

Every refusal says what was got, what was expected and the call that repairs it.
Nothing is mutated: X is read, never written.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from .._words import count_rows, list_names
from .codes import Categories, factorize
from .log import Log, Roles
from .numbers import as_numbers, drop_missing, find_missing, holds_numbers
from .times import read_order
from .vocabulary import is_several

__all__ = [
    "check_frame",
    "check_interactions",
    "check_students",
    "count_columns",
    "names_of",
    "number_moments",
    "read_column",
    "refuse_several",
]


def check_interactions(X, roles):
    """Read the columns that play a role and return them as a `Log`.

    Raises
    ------
    TypeError
        If X is not a DataFrame.
    ValueError
        If a column is missing, duplicated or holds values its role cannot have.
    """
    if roles.correct is None:
        raise ValueError(
            "correct=None; expected the name of the column of answers given, the "
            "history that later rows see."
        )
    check_frame(X, roles)
    student, students = check_students(X, roles.student)
    if roles.skill is None:
        skill, skills = np.zeros(len(X), dtype=np.int64), np.array(["all"], object)
    else:
        skill, skills = factorize(X[roles.skill], roles.skill, "skill")
    correct = _check_correct(X[roles.correct], roles.correct)
    order = read_order(X, roles.order)
    log = Log(student, students, order, skill, skills, correct)
    return _read_further(log, X, roles)


def _read_further(log, X, roles):
    """Return the log with further columns; those of categories are coded."""
    names, known = {}, {"known_before": {}, "known_after": {}}
    for time, columns in known.items():
        for role, column in getattr(roles, time).items():
            values = read_column(X, column, role)
            if isinstance(values, Categories):
                values, names[role] = values
            columns[role] = values
    return log._replace(names=names, **known)


def read_column(X, column, role):
    """Judge one further column of a frame, or several that play one role."""
    return column.check(X[column.name], column.name, role)


def check_students(X, column):
    """Return each row's student as a code, and the students in order of code."""
    if column is None:
        raise ValueError(
            "student=None; expected the name of the column that says whose row this is."
        )
    check_frame(X, Roles(student=column))
    codes, students = factorize(X[column], column, "student")
    if (codes < 0).any():
        raise ValueError(
            f"Column {column!r} names no student in {count_rows(codes < 0)}; expected "
            "a student in every row. Drop the rows that have none: "
            f"{drop_missing(X[column], column)}."
        )
    return codes, students


def check_frame(X, roles):
    """Refuse what is no frame, is empty or lacks a column that plays a role."""
    if not isinstance(X, pd.DataFrame):
        raise TypeError(
            f"X is {_describe_type(X)!r}; expected a pandas DataFrame with the columns "
            f"{roles.columns}, one row per interaction. {_make_frame(X)}"
        )
    if len(X) == 0:
        raise ValueError(
            "X has 0 rows; expected at least one interaction. Look at the filter that "
            "made it."
        )
    for role in ("student", "skill", "correct"):
        refuse_several(getattr(roles, role), role)
    for role, column in roles.items():
        if role in roles.known_before and column == roles.correct:
            raise ValueError(
                f"{role}={column!r} is the column of answers (correct), so that each "
                "row would see its own; expected what is known before the answer. "
                f"Pass another column, or {role}=None."
            )
        found = count_columns(X, column)
        if found == 0:
            _refuse_lacking(X, column, role)
        if found > 1:
            raise ValueError(
                f"X has {found} columns named {column!r} ({role}); expected one. Keep "
                "the first of each: X.loc[:, ~X.columns.duplicated()]."
            )


def _refuse_lacking(X, column, role):
    """Say which columns X has instead of one."""
    present = list_names(list(X.columns))
    if isinstance(column, tuple):
        raise ValueError(
            f"X has no column {column!r} ({role}), a name that is a tuple; got the "
            f"columns {present}. Name several columns by a list: "
            f"{role}={list(column)!r}."
        )
    raise ValueError(
        f"X has no column {column!r} ({role}); got the columns {present}. Name yours "
        f"with {role}=... of the estimator or splitter, or rename it: "
        f"X.rename(columns={{...: {column!r}}})."
    )


def refuse_several(name, role):
    """Refuse several columns for a role that one plays."""
    if is_several(name):
        several = ' + " " + '.join(f"X[{column!r}].astype(str)" for column in name)
        raise ValueError(
            f"{role}={list(name)!r}; expected the name of one column. Join several: "
            f"X[{role!r}] = {several}, and pass {role}={role!r}."
        )


def _describe_type(X):
    """Name a type, and where it is from: DataFrames are many libraries'."""
    home = type(X).__module__.partition(".")[0]
    return type(X).__name__ if home == "builtins" else f"{home}.{type(X).__name__}"


def _make_frame(X):
    """Say what makes a frame of something else."""
    if hasattr(X, "n_portions"):
        return "Read it into one, where memory allows: X.to_frame()."
    for calls in ("to_pandas", "collect to_pandas", "compute"):
        if hasattr(X, calls.split()[0]):  # polars, pyarrow, ...; lazy ones; dask
            return f"Convert it: X{''.join(f'.{call}()' for call in calls.split())}."
    if isinstance(X, Mapping):
        return "Make it one: pd.DataFrame(X)."
    return (
        "Behind a scikit-learn transformer, keep the names: "
        'transformer.set_output(transform="pandas"), with '
        "verbose_feature_names_out=False in a ColumnTransformer."
    )


def count_columns(X, name):
    """Count the columns of a name, which may be a tuple."""
    return list(X.columns).count(name)


def names_of(columns):
    """Return names of columns as an array; they may be tuples."""
    return pd.Index(columns, dtype=object, tupleize_cols=False).to_numpy()


def number_moments(X, student, order):
    """Return each row's student, as a code, and its moment there: 0, 1, 2 and so on."""
    students, _ = check_students(X, student)
    if order is None:
        return students, pd.Series(students).groupby(students).cumcount().to_numpy()
    check_frame(X, Roles(student=student, order=order))
    time = pd.Series(read_order(X, order))
    rank = time.groupby(students).rank(method="dense").to_numpy()
    return students, rank.astype(np.int64) - 1


def _check_correct(values, column):
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(object)
    missing = find_missing(values)
    given = as_numbers(values[~missing])
    if len(given) and not holds_numbers(given.dtype):
        raise ValueError(
            f"Column {column!r} (correct) has dtype {str(values.dtype)!r}, with values "
            f"such as {given.iloc[0]!r}; expected 0, 1 or NaN (not asked yet). "
            f"Convert it: X[{column!r}] = X[{column!r}].map({{...: 1, ...: 0}})."
        )
    correct = np.full(len(values), np.nan)
    correct[~missing] = given.to_numpy(dtype=np.float64)
    odd = ~(np.isnan(correct) | (correct == 0) | (correct == 1))
    if odd.any():
        raise ValueError(
            f"Column {column!r} (correct) holds {correct[odd].tolist()[0]!r} in "
            f"{count_rows(odd)}; expected 0, 1 or NaN (not asked yet). Partial credit "
            f"needs a threshold: X[{column!r}] = (X[{column!r}] >= 0.5).astype(float)."
        )
    return correct
