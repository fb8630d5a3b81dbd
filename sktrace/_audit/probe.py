"""Rows that are asked again, changed in part, to see which predictions move."""

from typing import NamedTuple

import numpy as np
import pandas as pd

__all__ = ["Probe", "like"]


class Probe(NamedTuple):
    """The rows of some students, and what is predicted of them."""

    subject: object
    X: pd.DataFrame
    p: np.ndarray
    student: np.ndarray
    moment: np.ndarray
    noise: float  # how far apart two predictions of the same rows are
    allowed: float  # how far a prediction may move

    @classmethod
    def of(cls, subject, students, tolerance):
        """Ask twice for the rows of some students, given by their codes."""
        X = subject.X[np.isin(subject.place(subject.X)[0], students)]
        p = subject.ask(X)
        noise = _largest(p, subject.ask(X))
        return cls(subject, X, p, *subject.place(X), noise, tolerance + 2 * noise)

    def cut(self, share):
        """Return, for each row, the moment of its student from which all changes."""
        last = pd.Series(self.moment).groupby(self.student).transform("max").to_numpy()
        return np.floor(share * last).astype(np.int64)

    def moves(self, X, rows=None):
        """Return how far the prediction of each row moves; 0 of those not in X.

        Parameters
        ----------
        X : DataFrame
            The rows, changed; or some of them.
        rows : ndarray of int, optional
            Which of the probe's rows these are; all by default.
        """
        rows = np.arange(len(self.p)) if rows is None else rows
        moves = np.zeros(len(self.p))
        p, before = self.subject.ask(X), self.p[rows]
        moves[rows] = np.where(np.isnan(p) & np.isnan(before), 0, np.abs(p - before))
        return np.nan_to_num(moves, nan=1.0)  # one is missing that was there

    def swap_answers(self, hidden):
        """Return the rows, with the other answer where hidden."""
        column, (wrong, right) = self.subject.columns.correct, self.subject.answers
        values = self.X[column].astype(object).to_numpy(copy=True)
        was_right, was_wrong = hidden & (values == right), hidden & (values == wrong)
        values[was_right], values[was_wrong] = wrong, right
        return self.X.assign(**{column: like(self.X[column], values)})

    def shuffle(self, columns, hidden, rng):
        """Return the rows with another row's value in some columns, where hidden."""
        X, rows = self.X.copy(), np.flatnonzero(hidden)
        for column in columns:
            order = rng.permutation(rows)
            values = X[column].astype(object).to_numpy(copy=True)
            values[order] = values[np.roll(order, 1)]
            X[column] = like(X[column], values)
        return X


def like(column, values):
    """Return values as a column of the same type."""
    return pd.Series(values, index=column.index, name=column.name).astype(column.dtype)


def _largest(p, other):
    """Return how far predictions are apart at most."""
    apart = np.abs(p - other)
    return float(np.nanmax(apart)) if (~np.isnan(apart)).any() else 0.0
