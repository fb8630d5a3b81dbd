"""Put the rows of a log in time order, student by student, and find the way back.

Numpy only: nothing here knows a column name, a model or padding.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

__all__ = ["Timeline", "sort_rows"]


def sort_rows(log, *keys):
    """Return the entries of a log by student and time, those of a moment by content.

    So every sum over a moment is, to the last bit, independent of the order in which
    the rows of X happen to stand. Without an order column they stand in that of time.

    Parameters
    ----------
    log : Log
    *keys : ndarray of shape (n_entries,)
        What entries may differ in beyond the columns of the log.

    Returns
    -------
    ndarray of shape (n_entries,), int64
    """
    if log.order is None:
        return np.argsort(log.student, kind="stable")
    further = [key for v in log.further.values() for key in np.atleast_2d(v.T)]
    keys = *keys, *further, log.correct, log.skill, log.order, log.student
    if _are_sorted(keys[::-1]):
        return np.arange(len(log.student))
    rows = np.lexsort((log.order, log.student))
    order, student = log.order[rows], log.student[rows]
    tied = (order[1:] == order[:-1]) & (student[1:] == student[:-1])
    # Few entries tie, and only these need all keys.
    tied = np.append(False, tied) | np.append(tied, False)
    own = rows[tied]
    rows[tied] = own[np.lexsort([key[own] for key in keys])]
    return rows


def _are_sorted(keys):
    """Tell whether entries stand in the order of keys, the first of which leads.

    Most logs do, and so does every log that a fit has sorted once: to see it takes a
    tenth of the time of sorting. NaN comes last, where numpy sorts it.
    """
    tied = np.arange(1, len(keys[0]))  # entries that tie with the one before
    for key in keys:
        before, own = key[tied - 1], key[tied]
        if not ((own >= before) | (own != own)).all():
            return False
        tied = tied[(own == before) | (before != before)]
    return True


@dataclass(frozen=True)
class Timeline:
    """Rows sorted by student and time, cut into moments.

    A moment is what one student does at one value of ``order``. Rows of the same
    moment happen together: none of them precedes another.

    Attributes
    ----------
    rows : ndarray of shape (n_rows,)
        ``rows[i]`` is the position in X of the i-th row in time order.
    offsets : ndarray of shape (n_students + 1,)
        Student s owns the sorted rows ``offsets[s]:offsets[s + 1]``.
    student : ndarray of shape (n_rows,)
        Whose row this is: the position of the student among those present.
    moment : ndarray of shape (n_rows,)
        Number of the moment of each sorted row, counted over all students.
    """

    rows: np.ndarray
    offsets: np.ndarray
    student: np.ndarray
    moment: np.ndarray

    @classmethod
    def of(cls, log):
        """Sort a log; rows of one moment are put in an order of their content."""
        keys = []
        if log.row_starts is not None:  # "a" and the "a" of "a~~b" weigh otherwise
            keys = [log.entries_per_row[log.row]]
        rows = sort_rows(log, *keys)
        code = log.student[rows]
        new_student = np.ones(len(rows), dtype=bool)
        new_student[1:] = code[1:] != code[:-1]
        new_moment = np.ones(len(rows), dtype=bool)
        if log.order is not None:
            order = log.order[rows]
            new_moment[1:] = new_student[1:] | (order[1:] != order[:-1])
        return cls(
            rows=rows,
            offsets=np.append(np.flatnonzero(new_student), len(rows)),
            student=np.cumsum(new_student) - 1,
            moment=np.cumsum(new_moment) - 1,
        )

    @cached_property
    def moment_starts(self):
        """Sorted position of the first row of each moment."""
        return np.flatnonzero(np.diff(self.moment, prepend=-1))

    def split(self, code):
        """Split the timeline of each student into one for each code of its rows.

        Parameters
        ----------
        code : ndarray of shape (n_rows,), int64
            Of each sorted row; rows with a code below 0 are left out.

        Returns
        -------
        Timeline
            In which ``student`` numbers the pairs of a student and a code, a moment
            holds the rows of one moment of one code, and ``rows`` are places among the
            sorted rows of this timeline.
        """
        kept = np.flatnonzero(code >= 0)
        pair = self.student[kept] * (code.max(initial=0) + 1) + code[kept]
        by_pair = np.argsort(pair, kind="stable")  # and within a pair by time, still
        rows = kept[by_pair]
        new_pair = np.diff(pair[by_pair], prepend=-1) != 0
        new_moment = new_pair | (np.diff(self.moment[rows], prepend=-1) != 0)
        return Timeline(
            rows=rows,
            offsets=np.append(np.flatnonzero(new_pair), len(rows)),
            student=np.cumsum(new_pair) - 1,
            moment=np.cumsum(new_moment) - 1,
        )

    def restore(self, values):
        """Return values given in time order as an array in the order of X's rows."""
        restored = np.empty_like(values)
        restored[self.rows] = values
        return restored

    def count_before(self, counted):
        """Count, at each sorted row, the counted rows of earlier moments.

        Parameters
        ----------
        counted : array of shape (n_rows,)
            What each sorted row adds (booleans or numbers).

        Returns
        -------
        ndarray of shape (n_rows,)
            Sum over the rows of the same student in strictly earlier moments.
        """
        total = np.concatenate([[0], np.cumsum(counted)])
        first_of_moment = self.moment_starts[self.moment]
        return total[first_of_moment] - total[self.offsets[self.student]]
