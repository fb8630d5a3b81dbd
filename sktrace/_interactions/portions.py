"""Some students at a time, so that a table of their states fits memory.

Numpy only: nothing here knows a column name or a model.
"""

import numpy as np

__all__ = ["split_students"]

CELLS_AT_ONCE = 2_000_000  # of rows × skills: 16 MB of states


def split_students(student, n_skills):
    """Yield the rows of as many students as may be traced together.

    A portion ends where it has `CELLS_AT_ONCE` cells, give or take those of a student:
    nobody is in two of them.

    Parameters
    ----------
    student : ndarray of shape (n_rows,)
        Whose row it is, as a code from 0.
    n_skills : int
        Cells that a row has.

    Yields
    ------
    ndarray of shape (n_rows_of_portion,)
        Positions, in ascending order.

    Examples
    --------
    >>> from sktrace._interactions.portions import split_students
    >>> [rows.tolist() for rows in split_students(np.array([1, 0, 1]), 1_500_000)]
    [[1], [0, 2]]
    """
    n_cells = np.cumsum(np.bincount(student)) * n_skills  # up to each student's last
    portion = (n_cells // CELLS_AT_ONCE)[student]
    by_portion = np.argsort(portion, kind="stable")
    ends = np.flatnonzero(np.diff(portion[by_portion])) + 1
    yield from np.split(by_portion, ends)
