"""A log of interactions as arrays, once its columns have been judged."""

from typing import NamedTuple

import numpy as np

__all__ = ["Log"]


class Log(NamedTuple):
    """The columns of an interaction frame as arrays, one entry per row of X.

    Once its skills are coded, a log has an entry for each skill that a row names; the
    entries of a row stand together.
    """

    student: np.ndarray  # int64, index into `students`
    students: np.ndarray  # sorted where they can be sorted
    order: np.ndarray | None  # numbers; None: rows stand in time order
    skill: np.ndarray  # int64, index into `skills`; -1 where no skill is named
    skills: np.ndarray  # sorted where they can be sorted
    correct: np.ndarray  # float64: 0, 1 or NaN
    row_starts: np.ndarray | None = None  # first entry of each row; None: one per row

    def take(self, rows):
        """Return the log of some entries; codes keep their meaning."""
        return self._replace(
            student=self.student[rows],
            order=None if self.order is None else self.order[rows],
            skill=self.skill[rows],
            correct=self.correct[rows],
            row_starts=None,
        )

    @property
    def entries_per_row(self):
        """How many skills each row of X names."""
        if self.row_starts is None:
            return np.ones(len(self.skill), dtype=np.int64)
        return np.diff(self.row_starts, append=len(self.skill))

    @property
    def opens_row(self):
        """Mark the first entry of each row: what counts rows counts these."""
        marks = np.zeros(len(self.skill), dtype=bool)
        marks[self.first(np.arange(len(marks)))] = True
        return marks

    def spread(self, values):
        """Give each entry the value of its row."""
        if self.row_starts is None:
            return values
        return np.repeat(values, self.entries_per_row)

    def first(self, values):
        """Give each row the value of its first entry."""
        return values if self.row_starts is None else values[self.row_starts]

    def sum(self, values):
        """Give each row the sum of the values of its entries."""
        if self.row_starts is None:
            return values
        return np.add.reduceat(values, self.row_starts)

    def with_present_skills(self):
        """Return the log with no other skills than those that occur in it."""
        present = np.unique(self.skill)  # in order of code; -1 where none is named
        present = present[present >= 0]
        new_code = np.full(len(self.skills) + 1, -1, dtype=np.int64)
        new_code[present] = np.arange(len(present))
        # Code -1, no skill named, reads the last entry and so stays -1.
        return self._replace(skill=new_code[self.skill], skills=self.skills[present])
