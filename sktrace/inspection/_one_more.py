"""A log to which one more answer of every student is appended."""

import numpy as np
import pandas as pd

from .._arrays import as_objects
from .._interactions.columns import check_interactions
from .._tracer.questions import write_log

__all__ = ["OneMore"]

# Roles of what is told of a student, alike in all rows; it holds for one more, too.
OF_STUDENTS = ("prior_group",)


class OneMore:
    """Writes a log again, each time with another answer of every student behind it.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
    roles : Roles
    """

    def __init__(self, X, roles):
        log = check_interactions(X, roles)
        own = np.unique(log.student, return_index=True)[1]  # a row of each student
        self.roles, self.n = roles, len(own)
        self.student = X[roles.student].iloc[np.append(np.arange(len(X)), own)]
        self.skill = [] if roles.skill is None else X[roles.skill].tolist()
        self.correct = log.correct
        self.order = None
        if roles.order is not None:
            later = _later(log.order, log.student, roles.order)
            self.order = np.append(log.order, later)
        # What is not known of that answer is missing.
        self.further = {
            role: X[column.name].iloc[np.append(np.arange(len(X)), own)]
            if role in OF_STUDENTS
            else _lengthen(X[column.name], len(self.student))
            for role, column in roles.further.items()
        }
        self.shared = _lengthen_order(X, roles, log)

    def __call__(self, skill, correct, **further):
        """Return the log with an answer; further columns are given by role."""
        further = {
            role: _end_with(self.further[role], value, self.n)
            for role, value in further.items()
        }
        X = write_log(
            self.roles,
            student=self.student,
            order=self.order,
            skill=[*self.skill, *[skill] * self.n],
            correct=np.append(self.correct, np.full(self.n, float(correct))),
            **(self.further | further),
        )
        for column, values in self.shared.items():
            X[column] = values
        return X


def _lengthen(values, n_rows):
    """Add missing values behind some, to a number of rows."""
    if isinstance(values, pd.DataFrame):
        return values.apply(_lengthen, n_rows=n_rows)
    if values.dtype.kind in "biu":
        values = values.convert_dtypes()  # which can miss some
    return values.set_axis(range(len(values))).reindex(range(n_rows))


def _end_with(values, value, n):
    """Put one name into the last rows of a column, of whatever type."""
    cells = values.astype(object).to_numpy(copy=True)
    end = as_objects([value] * n)
    cells[-n:] = end
    return pd.Series(cells)


def _lengthen_order(X, roles, log):
    """Return the columns of the order, where one of them is read as the time, too.

    Numbers in their place would tell another time. The appended answers come right
    after the last ones: at the next instant that the first column can tell.
    """
    columns = roles.columns_of("order")
    further = {name for role in roles.further for name in roles.columns_of(role)}
    if not further.intersection(columns):
        return {}
    last = np.lexsort([log.order, log.student])
    last = last[np.append(np.flatnonzero(np.diff(log.student[last])), len(last) - 1)]
    lengthened = {}
    for column in columns:
        values = X[column].reset_index(drop=True)
        end = values.iloc[last]
        if column == columns[0]:
            end = _next_instant(end, column)
        lengthened[column] = pd.concat([values, end], ignore_index=True).array
    return lengthened


def _next_instant(values, column):
    """Return the next values that a column can tell, of dates or of numbers."""
    if values.dtype.kind in "mM":
        unit = np.datetime_data(getattr(values.dtype, "base", values.dtype))[0]
        return values + pd.Timedelta(1, unit)
    later = _later(values.to_numpy(), np.arange(len(values)), column)
    return pd.Series(later)


def _later(order, student, column):
    """Return, for each student, a number behind all of the student's."""
    last = pd.Series(order).groupby(student).max().to_numpy()
    later = last + 1 if last.dtype.itemsize == 8 else last.astype("float64") + 1
    if last.dtype.kind == "f":  # where numbers are too far apart to count by one
        with np.errstate(over="ignore"):  # behind the largest is none
            later = np.maximum(later, np.nextafter(last, np.inf))
    stuck = ~((later > last) & np.isfinite(later))
    if stuck.any():
        raise ValueError(
            f"Column {column!r} (order) goes up to {last[stuck][0].item()!r}, so no "
            "number is left for one more answer; expected smaller ones. Count instead: "
            f"X[{column!r}] = X[{column!r}].rank()."
        )
    return later
