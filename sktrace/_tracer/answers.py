"""Answers of many students at once: moment after moment, or side by side."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from .._arrays import concatenate_ranges
from .._interactions.log import NONE
from .moments import Moment

__all__ = ["Moments", "Rounds"]


class Moments(NamedTuple):
    """Moments with answers of several students; those of each stand in time order."""

    n_students: int
    student: np.ndarray  # (n_moments,) whose each is, from 0
    starts: np.ndarray  # (n_moments + 1,) the first entry of each
    row: np.ndarray  # (n_entries,) number of its row; those of a row stand together
    skill: np.ndarray  # (n_entries,) codes
    correct: np.ndarray  # (n_entries,) 0 or 1
    further: Mapping[str, np.ndarray] = NONE  # further columns by role, by entry

    @classmethod
    def of_log(cls, log, timeline):
        """Cut the answers of a coded log into moments.

        Returns
        -------
        moments : Moments
        students : ndarray of shape (n_students,)
            Which of the log's students have answered: those that are numbered.
        """
        entries = timeline.rows
        answered = ~np.isnan(log.correct[entries])
        entries, moment = entries[answered], timeline.moment[answered]
        entries = entries[np.lexsort((log.row[entries], moment))]
        starts = np.flatnonzero(np.diff(moment, prepend=-1))
        students, student = np.unique(log.student[entries[starts]], return_inverse=True)
        further = {role: values[entries] for role, values in log.further.items()}
        moments = cls(
            len(students),
            student,
            np.append(starts, len(entries)),
            log.row[entries],
            log.skill[entries],
            log.correct[entries].astype(np.int64),
            further,
        )
        return moments, students

    @property
    def sizes(self):
        """How many entries each moment has."""
        return np.diff(self.starts)

    @property
    def n_of_each(self):
        """How many moments each student has."""
        return np.bincount(self.student, minlength=self.n_students)

    @property
    def n_before(self):
        """How many earlier moments of the same student each has."""
        n_own, number = self.n_of_each, np.empty(len(self.student), dtype=np.int64)
        by_student = np.argsort(self.student, kind="stable")
        number[by_student] = concatenate_ranges(np.zeros_like(n_own), n_own)
        return number

    def moment(self, number):
        """Return one of the moments, as a `Moment`."""
        own = slice(*self.starts[number : number + 2])
        row = self.row[own]
        sizes = np.diff(np.flatnonzero(np.diff(row, prepend=-1, append=-1)))
        further = {role: values[own] for role, values in self.further.items()}
        return Moment(self.skill[own], sizes, self.correct[own], further)

    def take(self, numbers):
        """Return some of the moments, of the same students.

        Parameters
        ----------
        numbers : ndarray of shape (n_taken,), int64
        """
        first = self.starts[numbers]
        sizes = self.starts[numbers + 1] - first
        entries = concatenate_ranges(first, sizes)
        return self._replace(
            student=self.student[numbers],
            starts=np.append(0, np.cumsum(sizes)),
            row=self.row[entries],
            skill=self.skill[entries],
            correct=self.correct[entries],
            further={role: values[entries] for role, values in self.further.items()},
        )

    def split(self, at_once):
        """Yield so many students at a time: the first, and the moments of them."""
        order = np.argsort(self.student, kind="stable")
        firsts = np.arange(0, self.n_students, at_once)
        bounds = np.searchsorted(
            self.student[order], np.append(firsts, firsts + at_once)
        )
        starts, stops = np.split(bounds, 2)
        for first, start, stop in zip(firsts.tolist(), starts, stops, strict=True):
            own = self.take(order[start:stop])
            n = min(at_once, self.n_students - first)
            yield first, own._replace(n_students=n, student=own.student - first)


class Rounds:
    """Single answers of many students side by side: the first of each, the second, ...

    Iterating yields of each round how many students take part in it, the codes of their
    skills and their answers. Students with most answers are first, so those of a round
    are the first few.

    Parameters
    ----------
    moments : Moments
        Of one entry each.

    Attributes
    ----------
    students : ndarray of shape (n,)
        Those who have answers, in this order.
    place, skill, correct : ndarray of shape (n_answers,)
        All answers, round by round: the place of whose it is in this order, the code of
        its skill, 0 or 1.
    """

    def __init__(self, moments):
        n_own = moments.n_of_each
        first = np.argsort(-n_own, kind="stable")
        self.students = first[: np.count_nonzero(n_own)]
        place = np.empty(len(first), dtype=np.int64)
        place[first] = np.arange(len(first))
        place, number = place[moments.student], moments.n_before
        side_by_side = np.lexsort((place, number))
        self.place = place[side_by_side]
        self.skill = moments.skill[side_by_side]
        self.correct = moments.correct[side_by_side]
        self.sizes = np.bincount(number)

    def __iter__(self):
        stops = np.cumsum(self.sizes).tolist()
        for n, stop in zip(self.sizes.tolist(), stops, strict=True):
            own = slice(stop - n, stop)
            yield n, self.skill[own], self.correct[own]
