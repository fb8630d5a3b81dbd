"""Students who are held out of a fit, and asked what the others taught.

A log may be a frame or stand in portions. Then the others teach from portions, too, and
only the rows of those who are asked are read into a frame, which is why they are few.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from .._interactions.columns import check_students
from .._interactions.target import as_column, check_sample_weight, encode_target
from .._portions.log import PortionColumn, Portions, as_column_of, as_portions, gather
from .._portions.pieces import InMemory
from .portions import number_students

__all__ = ["Examples", "Students"]

_MOST_ROWS = 500_000  # of those who are asked at a time: more would tell nothing new


class Examples(NamedTuple):
    """What fit is given: X, y and weights, of which rows can be taken."""

    X: object  # DataFrame or Portions
    y: object  # array, or a column of portions
    weight: object  # the same, or None: all weigh 1

    @classmethod
    def of(cls, X, y, sample_weight):
        """Return what fit was given, judged before, in one form."""
        portions = as_portions(X)
        if portions is None:
            y = as_column(y)
            if sample_weight is not None:
                sample_weight = check_sample_weight(sample_weight, len(y))
            return cls(X, y, sample_weight)
        beside = (y, "y"), (sample_weight, "sample_weight")
        return cls(portions, *(_to_take(portions, *column) for column in beside))

    def take(self, rows):
        """Return some rows, given a boolean for each."""
        X = self.X[rows]
        return Examples(X, *(self._take_beside(of, X, rows) for of in self[1:]))

    def _take_beside(self, column, X, rows):
        if column is None:
            return None
        if getattr(column, "portions", None) is self.X:
            return X[column.name]  # rows are told once, not once for every column
        return column[rows]

    def read(self, rows, columns):
        """Return some rows in memory.

        Parameters
        ----------
        rows : ndarray of shape (n_rows,), bool
        columns : list
            What is read of portions; a frame keeps what it has.

        Returns
        -------
        X : DataFrame
        y : ndarray
        weight : ndarray, float64
            0 where y is missing.
        """
        X, y, weight = self.take(rows)
        if isinstance(X, Portions):
            X = X.to_frame(columns)
        y = as_column(_in_memory(y))
        weight = check_sample_weight(_in_memory(weight), len(y), is_all=False)
        return X, y, weight * ~pd.isna(y)

    def scale_weights(self, factor):
        """Return examples with other weights, which are an array, if there are any."""
        if self.weight is None:
            return self
        weight = check_sample_weight(_in_memory(self.weight), len(self.X), is_all=False)
        return self._replace(weight=weight * factor)


class Students(NamedTuple):
    """Whose each row is, and how much students have answered."""

    code: np.ndarray  # (n_rows,) int32, numbers of students, in order of names
    weight: np.ndarray  # (n_students,) sum of weights of answers
    n_answers: np.ndarray  # (2, n_students) with weight, by class

    @classmethod
    def of(cls, examples, student, classes):
        """Number the students of a log, and count their answers.

        Parameters
        ----------
        examples : Examples
        student : hashable
            Column of X.
        classes : ndarray of shape (2,)
        """
        X = examples.X
        if isinstance(X, Portions):
            beside = (examples.y, "y"), (examples.weight, "sample_weight")
            beside = [_to_gather(X, *column) for column in beside]
            pieces, code = gather(X, [student], *beside), number_students(X, student)
            sizes = X.sizes[X.sizes > 0]
        else:
            pieces, code = InMemory([examples]), check_students(X, student)[0]
            sizes = [len(X)]
        own = np.split(code, np.cumsum(sizes)[:-1])
        n_students = int(code.max()) + 1
        weight, *n_answers = pieces.total(_count_answers, classes, n_students, each=own)
        return cls(code.astype(np.int32), weight, np.array(n_answers))

    def divide(self, held):
        """Return who teaches, and who is asked, where some students are held out.

        Parameters
        ----------
        held : ndarray of int
            Students, those first who are asked first: as many as have half a million
            rows together, one at least.

        Returns
        -------
        others, asked : ndarray of shape (n_rows,), bool
            Or None, if the others gave no right answers, or no wrong ones.
        """
        others = self.weight > 0
        others[held] = False
        if not self.n_answers[:, others].any(axis=1).all():
            return None
        n_rows = np.cumsum(np.bincount(self.code)[held])
        n_asked = max(1, np.searchsorted(n_rows, _MOST_ROWS, side="right"))
        asked = np.zeros(len(others), dtype=bool)
        asked[held[:n_asked]] = True
        return others[self.code], asked[self.code]


def _to_take(portions, column, name):
    """Return a column of portions, or an array, of which rows can be taken."""
    column = _to_gather(portions, column, name)
    return getattr(column, "values", column)


def _to_gather(portions, column, name):
    return None if column is None else as_column_of(portions, column, name)


def _in_memory(column):
    """Return the entries of a column of portions as a Series; others as they are."""
    return column.to_series() if isinstance(column, PortionColumn) else column


def _count_answers(piece, code, classes, n_students):
    """Sum up weights by student, and count answers with weight of either class."""
    _X, y, weight = piece
    y = as_column(y)
    told = ~pd.isna(y)
    weight = check_sample_weight(weight, len(y), is_all=False) * told
    target, counts = encode_target(y, told, classes), weight > 0
    by_class = (code[counts & (target == k)] for k in (0, 1))
    n_answers = (np.bincount(own, minlength=n_students) for own in by_class)
    return np.bincount(code, weight, n_students), *n_answers
