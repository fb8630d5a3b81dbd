"""A log of interactions as arrays, and which columns of a frame it was read from."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from .codes import Categories, recode

__all__ = ["Column", "Log", "Roles", "missing_of"]

NONE = {}  # never written to; a proxy that cannot be would not pickle


class Column(NamedTuple):
    """A further column of X that a model reads, or several that play one role."""

    name: Hashable | list
    check: Callable  # (values, name, role) to an array of numbers, or to Categories


@dataclass(frozen=True, kw_only=True)
class Roles:
    """Which column of X plays which part; ``None`` where no column does.

    Beyond the four that every log has, a model may read further columns by the name of
    their role: what is known before an answer, such as the item, and what is known
    only after it, such as the time it took, which later rows alone may see.
    """

    student: Hashable = None
    order: Hashable | list = None  # several are compared one after the other
    skill: Hashable = None
    correct: Hashable = None
    known_before: Mapping[str, Column] = field(default_factory=dict)
    known_after: Mapping[str, Column] = field(default_factory=dict)

    def items(self):
        """List each role that a column plays, and the name of that column."""
        every_log_has = ("student", "order", "skill", "correct")
        roles = [(role, getattr(self, role)) for role in every_log_has]
        roles += [(role, column.name) for role, column in self.further.items()]
        return [
            (role, column)
            for role, columns in roles
            for column in (columns if isinstance(columns, list) else [columns])
            if column is not None
        ]

    @property
    def further(self):
        """Further columns, whenever they are known."""
        return {**self.known_before, **self.known_after}

    @property
    def columns(self):
        """Names of the columns that are read, in the order of the roles."""
        return [column for _, column in self.items()]

    def columns_of(self, role):
        """Names of the columns that play a role, of which there may be several."""
        return [column for played, column in self.items() if played == role]


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
    known_before: Mapping[str, np.ndarray] = NONE  # further columns by role
    known_after: Mapping[str, np.ndarray] = NONE
    names: Mapping[str, np.ndarray] = NONE  # by role, those that are coded

    def take(self, rows):
        """Return the log of some entries; codes keep their meaning."""
        return self._replace(
            student=self.student[rows],
            order=None if self.order is None else self.order[rows],
            skill=self.skill[rows],
            correct=self.correct[rows],
            row_starts=None,
            known_before=_take(self.known_before, rows),
            known_after=_take(self.known_after, rows),
        )

    @property
    def further(self):
        """Further columns, whenever they are known."""
        return {**self.known_before, **self.known_after}

    @property
    def entries_per_row(self):
        """How many skills each row of X names."""
        if self.row_starts is None:
            return np.ones(len(self.skill), dtype=np.int64)
        return np.diff(self.row_starts, append=len(self.skill))

    @property
    def row(self):
        """Which row of X each entry is of."""
        return np.repeat(np.arange(len(self.entries_per_row)), self.entries_per_row)

    @property
    def opens_row(self):
        """Mark the first entry of each row: what counts rows counts these."""
        marks = np.zeros(len(self.skill), dtype=bool)
        marks[self.first(np.arange(len(marks)))] = True
        return marks

    def spread(self, values):
        """Give each entry the value of its row."""
        return values if self.row_starts is None else values[self.row]

    def first(self, values):
        """Give each row the value of its first entry."""
        return values if self.row_starts is None else values[self.row_starts]

    def sum(self, values):
        """Give each row the sum of the values of its entries."""
        if self.row_starts is None:
            return values
        return np.add.reduceat(values, self.row_starts)

    def with_present_names(self):
        """Return the log with no other skills, items, ... than those that occur."""
        log = self._with_present_skills()
        present = {
            role: self.names[role][np.unique(values[values >= 0])]
            for role, values in self.further.items()
            if role in self.names
        }
        return log.with_known_names(present)

    def _with_present_skills(self):
        present = np.unique(self.skill)  # in order of code; -1 where none is named
        present = present[present >= 0]
        new_code = np.full(len(self.skills) + 1, -1, dtype=np.int64)
        new_code[present] = np.arange(len(present))
        # Code -1, no skill named, reads the last entry and so stays -1.
        return self._replace(skill=new_code[self.skill], skills=self.skills[present])

    def with_known_names(self, names):
        """Return the log with further columns of categories coded by known names."""
        before, after = (
            {
                role: recode(Categories(values, self.names[role]), names[role])
                if role in self.names
                else values
                for role, values in known.items()
            }
            for known in (self.known_before, self.known_after)
        )
        return self._replace(known_before=before, known_after=after, names=names)

    def with_questions(self, student, order, skill, sizes, further=NONE):
        """Return the log with rows appended that ask, and that nobody has answered.

        Parameters
        ----------
        student, order, skill : ndarray of shape (n_new_entries,)
        sizes : ndarray of shape (n_new_rows,)
            How many of these entries, which stand together, each new row has.
        further : dict of str to ndarray of shape (n_new_entries, ...)
            Further columns by role; those that are not given are missing.
        """
        n_new = len(skill)
        starts = np.cumsum(np.append(self.entries_per_row, sizes))
        before, after = (
            {
                role: np.concatenate(
                    [values, further.get(role, missing_of(values, n_new))]
                )
                for role, values in known.items()
            }
            for known in (self.known_before, self.known_after)
        )
        return self._replace(
            student=np.append(self.student, student),
            order=np.append(self.order, order),
            skill=np.append(self.skill, skill),
            correct=np.append(self.correct, np.full(n_new, np.nan)),
            row_starts=np.append(0, starts[:-1]),
            known_before=before,
            known_after=after,
        )


def missing_of(values, n):
    """Return n missing values of the kind of some: NaN of numbers, -1 of codes."""
    missing = np.nan if values.dtype.kind == "f" else -1
    return np.full((n, *values.shape[1:]), missing, dtype=values.dtype)


def _take(columns, rows):
    return {role: values[rows] for role, values in columns.items()}
