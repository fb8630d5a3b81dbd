"""What a tracer learnt from, in a few numbers a student, and who is asked without it.

No name of a student is kept, only hashes.
"""

import sys
import warnings
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

import numpy as np

from .._arrays import concatenate_ranges
from .._plain import stored
from .._words import first_few
from .row_hashes import hash_entries, hash_names, read_times

__all__ = [
    "Learnt",
    "SplitStudentWarning",
    "find_split",
    "level_of_caller",
    "warn_of_split",
    "without_judging",
    "write_splitters",
]

_KEPT = 8  # rows of each student: of n others, one in (1 - 8/n)^m goes unnoticed
_LAST = np.uint64(2**32 - 1)
_HALF = np.uint64(32)
# The frames that a warning passes on its way to the line that somebody wrote.
_PASSED_ON_BY = {"sktrace", "sklearn", "skorch", "joblib"}

_judging = ContextVar("judging", default=True)


class SplitStudentWarning(UserWarning):
    """Rows of students are asked about without the rows of theirs that fit learnt from.

    The usual cause are scikit-learn's default folds, which are folds of rows and not of
    students. A tracer then lacks most of a student's history, and is scored by students
    who are no strangers: to what was learnt from them, and to folds that deal right and
    wrong answers of one student to different sides.

    A tracer remembers, of each student, the eight rows whose hashes are smallest, a
    bottom-k sketch [1]_. So it knows of every row with a hash below the eighth whether
    it learnt from it, and warns of a student if X holds an answer that it did not learn
    from and lacks one that it did. It never warns of the frame that it was fitted on,
    of any part of it, of all of it and new rows, or of new students. If m other rows
    are asked about of a student of whom n were learnt from, they go unnoticed with
    probability (1 - 8 / n)^m; that no student is noticed is rare.

    A row is known by its student, its order and its skill: if the order is counted
    anew, rows are others. Without an order it is known by its place among its
    student's. Rows without an answer are forecasts, of which nothing is scored.

    What it says can be turned into an error, or turned off, as any warning.

    References
    ----------
    .. [1] Cohen and Kaplan (2007). Summarizing data using bottom-k sketches. PODC,
       225-234.

    Examples
    --------
    >>> import warnings
    >>> from sklearn.model_selection import cross_val_score
    >>> from sktrace import MeanClassifier
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.model_selection import SplitStudentWarning, StudentKFold
    >>> X, y = make_interactions(n_students=20, random_state=0)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     rows = cross_val_score(MeanClassifier(), X, y, cv=3)
    >>> {warning.category for warning in caught} == {SplitStudentWarning}
    True
    >>> students = cross_val_score(MeanClassifier(), X, y, cv=StudentKFold(3))
    """


@contextmanager
def without_judging():
    """Let tracers be asked about rows that are written by hand, and score nothing."""
    before = _judging.set(False)
    try:
        yield
    finally:
        _judging.reset(before)


@stored
class Learnt(NamedTuple):
    """What is kept of the rows of each student: those whose hashes are smallest."""

    students: np.ndarray  # (n_students,) uint64, hashes of their names, sorted
    sizes: np.ndarray  # (n_students,) uint8, how many rows are kept of each
    is_whole: np.ndarray  # (n_students,) bool, whether these are all
    row: np.ndarray  # (n_kept,) uint32, hashes, sorted within each student
    moment: np.ndarray  # (n_kept,) uint32, hashes of what happened together
    n_there: np.ndarray  # (n_kept,) uint16, how many different rows the moment had

    @classmethod
    def of(cls, log, times, order):
        """Remember the answers of a coded log.

        Parameters
        ----------
        log : Log
        times : ndarray of shape (n_rows,), uint64
            As `read_times` returns them.
        order : hashable, list of hashables or None
            The column of times; without one, a student's rows are one moment.
        """
        entries = np.flatnonzero(~np.isnan(log.correct))
        names, student = np.unique(hash_names(log.students), return_inverse=True)
        student = student[log.student[entries]].astype(np.uint64)
        row, moment = hash_entries(log, times, order, names[student], entries)
        rows = _sort_different(_join(student, row))
        kept = rows[_rank(student[rows]) <= _KEPT]  # one more tells that there are more
        moment = _join(student, moment)
        n_there = _count(np.sort(moment[rows]), moment[kept])
        if log.row_starts is not None:  # a row that names several skills is one row
            opening = np.sort(moment[log.opens_row[entries]])
            n_there = np.minimum(n_there, _count(opening, moment[kept]))
        everyone = np.ones(len(names), dtype=bool)
        return cls._keep(
            names, everyone, student[kept], row[kept], moment[kept], n_there
        )

    @classmethod
    def join(cls, parts):
        """Return what is kept of rows of different students."""
        if len(parts) == 1:
            return parts[0]
        students = np.concatenate([part.students for part in parts])
        sizes = np.concatenate([part.sizes for part in parts])
        order = np.argsort(students)
        ends = np.cumsum(sizes, dtype=np.int64)
        rows = concatenate_ranges((ends - sizes)[order], sizes[order].astype(np.int64))
        of_rows = (
            np.concatenate([getattr(part, name) for part in parts])[rows]
            for name in ("row", "moment", "n_there")
        )
        is_whole = np.concatenate([part.is_whole for part in parts])[order]
        return cls(students[order], sizes[order], is_whole, *of_rows)

    def merge(self, other):
        """Return what is kept of the rows of both."""
        names = np.union1d(self.students, other.students)
        everyone, student = np.ones(len(names), dtype=bool), []
        for one in (self, other):
            place = np.searchsorted(names, one.students)
            everyone[place] &= one.is_whole
            student.append(place.repeat(one.sizes).astype(np.uint64))
        student = np.concatenate(student)
        row, moment, n_there = (
            np.concatenate([getattr(self, name), getattr(other, name)])
            for name in ("row", "moment", "n_there")
        )
        # Of a row that both learnt the larger moment comes first, and is kept.
        larger = np.argsort(-n_there.astype(np.int64), kind="stable")
        kept = larger[_sort_different(_join(student, row)[larger], "stable")]
        return self._keep(
            names, everyone, student[kept], row[kept], moment[kept], n_there[kept]
        )

    @classmethod
    def _keep(cls, names, is_whole, student, row, moment, n_there):
        """Keep the first of each student's rows, which are sorted by their hashes."""
        n_rows = np.bincount(student.astype(np.int64), minlength=len(names))
        kept = _rank(student) < _KEPT
        taught = n_rows > 0
        return cls(
            names[taught],
            np.minimum(n_rows, _KEPT)[taught].astype(np.uint8),
            (is_whole & (n_rows <= _KEPT))[taught],
            row[kept],
            (moment[kept] & _LAST).astype(np.uint32),
            np.minimum(n_there[kept], 2**16 - 1).astype(np.uint16),
        )

    def find_split(self, log, times, order):
        """Mark students who are asked about without the rows that they taught by.

        Parameters
        ----------
        log, times, order
            As in `of`.

        Returns
        -------
        ndarray of shape (n_students,), bool
            In order of ``log.students``.
        """
        asked = hash_names(log.students)
        if len(self.students) == 0:
            return np.zeros(len(asked), dtype=bool)
        place = np.searchsorted(self.students, asked)
        place[place == len(self.students)] = 0  # any other will do
        is_split = self.students[place] == asked
        ends = np.cumsum(self.sizes, dtype=np.int64)
        for find in (self._find_other, self._find_absent):
            if not is_split.any():
                break
            entries = np.flatnonzero(is_split[log.student])
            student = log.student[entries]
            row, moment = hash_entries(log, times, order, asked[student], entries)
            found = find(ends, place[student], row, moment, log.correct[entries])
            is_split &= found[place]
        return is_split

    def _find_other(self, ends, student, row, moment, correct):
        """Mark the students of whom there is a row that was not learnt from."""
        highest = np.where(self.is_whole, _LAST, self.row[ends - 1])
        low = np.flatnonzero((row <= highest[student]) & ~np.isnan(correct))
        learnt = _join(np.arange(len(ends)).repeat(self.sizes), self.row)  # sorted
        own = _join(student[low], row[low])
        at = np.minimum(np.searchsorted(learnt, own), len(learnt) - 1)
        return np.bincount(student[low[learnt[at] != own]], minlength=len(ends)) > 0

    def _find_absent(self, ends, student, row, moment, correct):
        """Mark the students of whom a moment has fewer rows than were learnt of it.

        Who asks what would be, had a question been on another skill, leaves out none.
        """
        whose = np.arange(len(ends)).repeat(self.sizes)
        n_here = _count(np.sort(_join(student, moment)), _join(whose, self.moment))
        return np.bincount(whose[n_here < self.n_there], minlength=len(ends)) > 0


def _join(student, short):
    """Return numbers that sort by student first, and then by 32 bits."""
    return (student.astype(np.uint64) << _HALF) | short


def _sort_different(joined, kind="quicksort"):
    """Return where different numbers stand, sorted."""
    rows = np.argsort(joined, kind=kind)
    return rows[np.diff(joined[rows], prepend=~joined[rows[:1]]) != 0]


def _rank(student):
    """Count each student's rows, which stand together: 0, 1, 2 and so on."""
    n_rows = np.bincount(student.astype(np.int64))
    return concatenate_ranges(np.zeros_like(n_rows), n_rows)


def _count(among, numbers):
    """Count how often numbers occur among sorted ones."""
    last = np.searchsorted(among, numbers, "right")
    return last - np.searchsorted(among, numbers, "left")


class Split(NamedTuple):
    """Students who are asked about without the rows that they taught by."""

    n_split: int
    n_students: int
    names: list  # of two of them

    def __add__(self, other):
        counts = self.n_split + other.n_split, self.n_students + other.n_students
        return Split(*counts, (self.names + other.names)[:2])


def find_split(estimator, X, log):
    """Find students about whom a tracer is asked without what they taught it.

    Parameters
    ----------
    estimator : fitted tracer
    X : DataFrame
    log : Log
        X, judged and coded.

    Returns
    -------
    Split or None
        None where nobody asks.
    """
    learnt = getattr(estimator, "_learnt_", None)  # older files hold none
    if learnt is None or not _judging.get():
        return None
    order = estimator._roles.order
    times = read_times(X, order, log.first(log.student))
    is_split = learnt.find_split(log, times, order)
    n_students = len(np.unique(log.student))
    return Split(int(is_split.sum()), n_students, log.students[is_split][:2].tolist())


def warn_of_split(estimator, found):
    """Warn of a `Split`, if there is any, who asked."""
    if found is None or not found.n_split:
        return
    of_students, in_time = write_splitters(estimator)
    warnings.warn(
        f"X asks about {found.n_split} of its {found.n_students} students without rows "
        f"that fit learnt from, such as {first_few(found.names)}: their "
        "history is missing and they are no strangers, so that scores of these rows "
        f"mislead. Split by students: cv={of_students}. Or score later rows of the "
        f"same students, behind their earlier ones: cv={in_time} and "
        f"HistoryClassifier({type(estimator).__name__}(...)).",
        SplitStudentWarning,
        stacklevel=level_of_caller(),
    )


def write_splitters(roles):
    """Write the calls that split by students, and by time.

    Parameters
    ----------
    roles : Roles, or tracer
        With the names of columns, which are left out where splitters expect them.

    Returns
    -------
    of_students, in_time : str
    """
    student, order = roles.student, roles.order
    named = "" if student == "user_id" else f", student={student!r}"
    timed = "" if order == "order_id" else f", order={order!r}"
    return f"StudentKFold(5{named})", f"TimeSplit(5{named}{timed})"


def level_of_caller():
    """Count the frames up to the line that somebody wrote, as `warnings.warn` does."""
    frame, level = sys._getframe(1), 1
    while frame is not None:
        package = frame.f_globals.get("__name__", "").partition(".")[0]
        if package not in _PASSED_ON_BY:
            break
        frame, level = frame.f_back, level + 1
    return level
