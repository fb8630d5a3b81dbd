"""What is audited: who predicts, of which rows, having learnt from which."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from .._interactions.codes import check_categories
from .._interactions.columns import check_frame, check_students, number_moments
from .._interactions.log import Column, Roles
from .._interactions.practice import entries_by_skill
from .._words import count_rows

__all__ = [
    "Columns",
    "Procedure",
    "Subject",
    "check_columns",
    "expect_right",
    "read_columns",
]

CLOSE = 1e-6  # as far as float32 may leave 0 to 1
USUAL = {
    "student": "user_id",
    "order": "order_id",
    "skill": "skill_name",
    "correct": "correct",
}


@dataclass(frozen=True)
class Columns:
    """Which column of X is what; None where there is none."""

    student: object
    order: object
    skill: object
    correct: object
    item: object = None
    past_features: tuple = ()
    skill_separator: str | None = "~~"
    before: tuple = ()  # columns that the estimator was told are known beforehand

    def others(self, X):
        """Columns of X that are neither who, when, what nor the answer."""
        order = self.order if isinstance(self.order, list) else [self.order]
        known = [self.student, *order, self.skill, self.correct, self.item]
        return [column for column in X if column not in known]


def read_columns(estimator, X, given):
    """Return the columns: as they were named, as the estimator calls them, or usual.

    Parameters
    ----------
    estimator : estimator, callable or array
    X : DataFrame
    given : dict of str to column
        None where it was not named.
    """
    told = _innermost(estimator)
    columns = {}
    for role, usual in USUAL.items():
        name = given[role]
        if name is None:
            name = getattr(told, role, usual if usual in X else None)
        columns[role] = name
    if columns["student"] is None:
        columns["student"] = USUAL["student"]  # which will be missed by its name
    item = given["item"] if given["item"] is not None else getattr(told, "item", None)
    past = given["past_features"]
    past = getattr(told, "past_features", None) if past is None else past
    before = _as_tuple(getattr(told, "features", None))
    before += _as_tuple(getattr(told, "time", None))
    return Columns(
        **columns,
        item=item,
        past_features=_as_tuple(past),
        skill_separator=getattr(told, "skill_separator", "~~"),
        before=before,
    )


def check_columns(X, columns):
    """Refuse a frame that lacks a column that was named."""
    named = {"item": columns.item, "past_features": list(columns.past_features)}
    further = {
        role: Column(name, check_categories)
        for role, name in named.items()
        if name is not None and name != []
    }
    told = {role: getattr(columns, role) for role in USUAL}
    check_frame(X, Roles(**told, known_after=further))
    check_students(X, columns.student)


def _innermost(estimator):
    """Return what reads the columns, within a pipeline, a search or a wrapper."""
    while not hasattr(estimator, "student"):
        if hasattr(estimator, "steps"):
            estimator = estimator.steps[-1][1]
        elif hasattr(estimator, "estimator"):
            estimator = estimator.estimator
        else:
            return None
    return estimator


def _as_tuple(names):
    if names is None:
        return ()
    return tuple(names) if isinstance(names, list | tuple | pd.Index) else (names,)


class Procedure(ClassifierMixin, BaseEstimator):
    """A function that learns from some rows and predicts others, as an estimator."""

    def __init__(self, function):
        self.function = function

    def fit(self, X, y):
        """Keep the rows: the function learns when it is asked."""
        self.X_, self.y_ = X, y
        self.classes_ = np.unique(y[~pd.isna(y)])
        return self

    def predict_proba(self, X):
        """Call the function."""
        p = np.asarray(self.function(self.X_, self.y_, X), dtype=np.float64)
        p = p[:, 1] if p.ndim == 2 and p.shape[1] == 2 else p
        if p.shape != (len(X),):
            name = getattr(self.function, "__name__", "The function")
            raise ValueError(
                f"{name} returned shape {p.shape} of {len(X)} rows; expected "
                f"({len(X)},), P(right) of each row of its third argument."
            )
        return np.column_stack([1 - p, p])


@dataclass
class Subject:
    """Rows that are predicted, and who predicts them.

    Attributes
    ----------
    X, y : DataFrame, ndarray
        The rows that are predicted, and their target, 0 or 1; NaN where there is none.
    columns : Columns
    classes : ndarray of shape (2,)
    p : ndarray of shape (n_rows,)
        P(classes[1]) of these rows; NaN where none was predicted.
    estimator : estimator or None
        Unfitted; None of mere predictions.
    fitted : estimator or None
        As it predicted these rows.
    X_train, y_train : DataFrame, ndarray; or None
        What it was fitted on.
    splits : list of (train, test) of DataFrame
        All splits that scores are made of.
    seconds : float
        What a fit takes of the processor.
    """

    X: pd.DataFrame
    y: np.ndarray
    columns: Columns
    classes: np.ndarray
    p: np.ndarray
    estimator: object = None
    fitted: object = None
    X_train: pd.DataFrame | None = None
    y_train: np.ndarray | None = None
    splits: list = field(default_factory=list)
    seconds: float = 0.0

    def fit(self, X, target):
        """Fit a clone on rows of which the target, 0, 1 or NaN, is told."""
        told = ~np.isnan(target)
        y = np.asarray(self.classes)[np.where(told, target, 0).astype(int)]
        if not told.all():
            y = pd.Series(y).where(told).to_numpy()
        return clone(self.estimator).fit(X, y)

    def ask(self, X, fitted=None):
        """Return P(classes[1]) of rows."""
        return expect_right(self.fitted if fitted is None else fitted, X)

    @cached_property
    def answers(self):
        """What the column of answers holds for wrong, and for right."""
        told = self.X[self.columns.correct], self.y
        mean = pd.Series(told[1]).groupby(told[0].to_numpy()).mean()
        wrong, right = mean.sort_values(kind="stable").index[[0, -1]]
        return wrong, right

    @cached_property
    def told(self):
        """Mark the rows that have a target, and a prediction to be judged by it."""
        return ~np.isnan(self.y) & ~np.isnan(self.p)

    @cached_property
    def everything(self):
        """The rows of training and test together, and their targets."""
        if self.X_train is None:
            return self.X, self.y
        both = pd.concat([self.X_train, self.X])
        return both, np.concatenate([self.y_train, self.y])

    @cached_property
    def everyone_in_time(self):
        """Of `everything`, the student of each row, and the rows in time order."""
        X, _ = self.everything
        return self.place(X)[0], self.in_time_order(X)

    def place(self, X):
        """Return the student of each row as a code, and the moment there, from 0."""
        return number_moments(X, self.columns.student, self.columns.order)

    def items_of(self, X):
        """Return the item of each row as a code; -1 where none is named."""
        return self._code(X, self.columns.item)

    def skills_of(self, X):
        """Return the cell of skills of each row as a code."""
        return self._code(X, self.columns.skill)

    def _code(self, X, column):
        if column is None:
            return np.full(len(X), -1)
        return check_categories(X[column], column, "column").codes

    def skill_entries(self, X):
        """Return the row and the skill of each entry."""
        if self.columns.skill is None:
            return np.arange(len(X)), np.zeros(len(X), dtype=np.int64)
        cells, separator = X[self.columns.skill], self.columns.skill_separator
        row, skill, _ = entries_by_skill(cells, separator)
        return row, skill

    def in_time_order(self, X):
        """Return positions of rows by student and time."""
        student, moment = self.place(X)
        return np.lexsort((np.arange(len(X)), moment, student))

    def label(self, X, rows):
        """Name some rows of X, given by their positions, as X's index does."""
        return X.index[np.asarray(rows, dtype=np.int64)].tolist()


def expect_right(estimator, X):
    """Return P(classes_[1]) of rows, which has to be one number per row."""
    p = np.asarray(estimator.predict_proba(X))
    if p.shape != (len(X), 2):
        raise ValueError(
            f"predict_proba returned shape {p.shape} of {len(X)} rows; expected "
            f"({len(X)}, 2), a row for each row of X, with NaN where it predicts none."
        )
    right = p[:, 1].astype(np.float64)
    odd = (right < -CLOSE) | (right > 1 + CLOSE)
    if odd.any():
        raise ValueError(
            f"predict_proba returned {right[odd].tolist()[0]!r} in {count_rows(odd)}; "
            "expected probabilities from 0 to 1. Pass scores through "
            "CalibratedClassifierCV."
        )
    return np.clip(right, 0, 1)
