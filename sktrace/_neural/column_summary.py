"""Mean and scale of columns of numbers, learnt part by part. Numpy only."""

from dataclasses import dataclass

import numpy as np

__all__ = ["ColumnSummary"]

# Values closer to each other, relative to their size, differ by rounding alone.
ROUNDING = 1e-13

# Rows looked at together, so that no long column is copied, such as one on disk.
ROWS_AT_ONCE = 2**20


@dataclass(frozen=True)
class ColumnSummary:
    """What is known of the columns of a table; those of two parts add up.

    The variance of two parts is that within them and that between them, as in Chan,
    Golub and LeVeque (1983), Algorithms for Computing the Sample Variance.

    Attributes
    ----------
    n : ndarray of shape (n_columns,)
        How many values are known, not NaN.
    mean, variance : ndarray of shape (n_columns,), float64
        Of the known values; 0 where there are none.
    least, most : ndarray of shape (n_columns,), float64
        NaN where there are none.
    """

    n: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    least: np.ndarray
    most: np.ndarray

    @classmethod
    def of(cls, values, chosen=None):
        """Look at a table.

        Parameters
        ----------
        values : ndarray of shape (n_rows, n_columns)
        chosen : ndarray of shape (n_rows,), bool, optional
            The rows to look at.

        Returns
        -------
        ColumnSummary
        """
        learnt = None
        for first in range(0, max(len(values), 1), ROWS_AT_ONCE):
            part = slice(first, first + ROWS_AT_ONCE)
            rows = slice(None) if chosen is None else chosen[part]
            more = cls._of_columns(column[rows] for column in values[part].T)
            learnt = more if learnt is None else learnt + more
        return learnt

    @classmethod
    def _of_columns(cls, columns):
        described = [_describe(column) for column in columns]
        return cls(*np.array(described, dtype=np.float64).reshape(-1, 5).T)

    def __add__(self, other):
        n = self.n + other.n
        share = other.n / np.maximum(n, 1)
        shift = other.mean - self.mean
        with np.errstate(over="ignore"):
            between = share * (1 - share) * shift**2
        within = (1 - share) * self.variance + share * other.variance
        return ColumnSummary(
            n,
            self.mean + share * shift,
            within + between,
            np.fmin(self.least, other.least),
            np.fmax(self.most, other.most),
        )

    @property
    def scale(self):
        """The standard deviation, infinite of a column that never varied."""
        varies = _varies(self.least, self.most)
        return np.where(varies, np.sqrt(self.variance), np.inf)


def _describe(column):
    """Return number, mean, variance and range of the known values of a column."""
    known = column[~np.isnan(column)]
    if not len(known):
        return 0, 0.0, 0.0, np.nan, np.nan
    mean, least, most = known.mean(dtype=np.float64), known.min(), known.max()
    # The square of a rounding error of 1e300 is no number.
    varies = _varies(least, most)
    variance = known.var(dtype=np.float64) if varies else 0.0
    return len(known), mean, variance, least, most


def _varies(least, most):
    size = np.maximum(np.abs(least), np.abs(most))
    return most - least > ROUNDING * size
