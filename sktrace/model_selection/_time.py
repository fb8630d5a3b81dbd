"""Splits by time: what came before teaches, what comes after is tested."""

from numbers import Integral

import numpy as np
from sklearn.model_selection import BaseCrossValidator

from .._interactions.columns import check_frame, number_moments
from .._interactions.log import Roles
from .._interactions.times import read_order

__all__ = ["TimeSplit"]


class TimeSplit(BaseCrossValidator):
    """Split a log by time: each block of rows is predicted by what came before it.

    Rows are cut, in time order, into ``n_splits + 1`` blocks of about as many rows
    each; fold i is tested on block i and trained on all blocks before it, as
    `sklearn.model_selection.TimeSeriesSplit` does with rows that already stand in time
    order. Rows of one moment, of whatever students, are never cut apart, and no row is
    trained on that is as late as a tested one.

    So it answers another question than folds of students: how well a tracer predicts
    what comes next on a platform whose students, most of them, it knows already. Test
    rows lack what their students answered before; pass the tracer within a
    `HistoryClassifier`, which lets them see it.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 1; there is one block more.
    student : str, default="user_id"
        Column of X that names the student; only read with ``order=None``.
    order : str, list of str or None, default="order_id"
        Column of the time, of whatever type an order may have, or several that are
        compared one after the other. If it counts the answers of each student, a fold
        is tested on the next answers of everybody. With None, rows stand in time order
        within each student, and are counted.

    See Also
    --------
    HistoryClassifier : Lets test rows see what their students answered before.
    StudentKFold : Tests students whom a tracer has not met.

    Examples
    --------
    >>> import pandas as pd
    >>> from sktrace.model_selection import TimeSplit
    >>> X = pd.DataFrame({"user_id": ["ann", "bob", "ann", "bob"]})
    >>> X["order_id"] = [1, 2, 2, 3]
    >>> for train, test in TimeSplit(2).split(X):
    ...     print(train, test)
    [0] [1 2]
    [0 1 2] [3]

    Predicting the answers to come of students whose earlier ones are known:

    >>> from sklearn.model_selection import cross_val_score
    >>> from sktrace import PFAClassifier
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.model_selection import HistoryClassifier
    >>> X, y = make_interactions(n_students=30, random_state=0)
    >>> tracer = HistoryClassifier(PFAClassifier())
    >>> cross_val_score(tracer, X, y, cv=TimeSplit(2), scoring="roc_auc").shape
    (2,)
    """

    def __init__(self, n_splits=5, *, student="user_id", order="order_id"):
        if not isinstance(n_splits, Integral) or n_splits < 1:
            raise ValueError(
                f"n_splits={n_splits!r}; expected a whole number of folds of at least "
                "1, such as TimeSplit(n_splits=5)."
            )
        self.n_splits = n_splits
        self.student = student
        self.order = order

    def split(self, X, y=None, groups=None):
        """Generate the row positions of earlier and later rows.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)
            Rows with the columns of the time.
        y, groups : ignored
            Present for scikit-learn's sake.

        Yields
        ------
        train, test : ndarrays of int
            Row positions; every row of the former is earlier than any of the latter.

        Raises
        ------
        TypeError
            If X is not a DataFrame.
        ValueError
            If it lacks a column, or has fewer different times than there are blocks.
        """
        moment = self._number_times(X)
        first = cut_evenly(np.bincount(moment), self.n_splits + 1, self.order)
        block = np.searchsorted(first, moment, "right") - 1
        for tested in range(1, self.n_splits + 1):
            yield np.flatnonzero(block < tested), np.flatnonzero(block == tested)

    def get_n_splits(self, X=None, y=None, groups=None):
        """Return the number of splits.

        Parameters
        ----------
        X, y, groups : ignored
            Present for scikit-learn's sake.

        Returns
        -------
        int
        """
        return self.n_splits

    def _number_times(self, X):
        """Return the rank of each row's time among the different times of all rows."""
        if self.order is None:
            return number_moments(X, self.student, None)[1]
        check_frame(X, Roles(order=self.order))
        return np.unique(read_order(X, self.order), return_inverse=True)[1]


def cut_evenly(n_rows, n_blocks, order):
    """Return where blocks begin: the first of the times that each of them holds.

    Parameters
    ----------
    n_rows : ndarray of shape (n_times,)
        How many rows have each time.
    n_blocks : int
        Each begins where the rows before it are nearest to an even share, and holds
        one time at least.
    order
        The column of times, to be named.
    """
    if len(n_rows) < n_blocks:
        times = "places in a student's rows" if order is None else "times"
        raise ValueError(
            f"X has {len(n_rows)} different {times} (order={order!r}), too few to be "
            f"cut into n_splits + 1 = {n_blocks} blocks; expected one at least for "
            f"each. {_repair(len(n_rows))}"
        )
    before = np.append(0, np.cumsum(n_rows))  # rows before each time
    first = np.zeros(n_blocks, dtype=np.int64)
    for block in range(1, n_blocks):
        even = before[-1] * block / n_blocks
        lowest, highest = first[block - 1] + 1, len(n_rows) - (n_blocks - block)
        near = lowest + np.argmin(np.abs(before[lowest : highest + 1] - even))
        first[block] = near
    return first


def _repair(n_times):
    if n_times < 2:
        return (
            "Name a column that grows with time, order=..., or test students whom the "
            "tracer has not met: StudentKFold(5)."
        )
    return f"Ask for fewer: TimeSplit({n_times - 1})."
