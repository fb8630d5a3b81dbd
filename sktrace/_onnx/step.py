"""What a family of tracers says of one step, in formulas: `LiveModel`, as a graph."""

from abc import ABC, abstractmethod
from typing import NamedTuple

from .values import Value

__all__ = ["Answer", "StepModel"]


class Answer(NamedTuple):
    """One answer of each student, on one skill; values of shape (n, 1)."""

    skill: Value  # codes, n_skills of an unknown one
    right: Value  # 1.0, or 0.0
    item: Value | None  # codes, n_items of an unknown one; None where none are read


class StepModel(ABC):
    """A state is some fields, each of which has numbers for every student.

    All numbers are 0 in the state of a student who has not answered yet.

    Attributes
    ----------
    sizes : dict of str to int
        How many numbers each field of a state has.
    n_items : int or None
        Known items; None where items are not read.
    """

    n_items = None

    @abstractmethod
    def read(self, now, answer):
        """Return the fields after an `Answer`, given those before it."""

    @abstractmethod
    def ask(self, now, skill, item):
        """Return P(``classes_[1]``) of questions, given the fields of a state.

        Parameters
        ----------
        now : dict of str to Value of shape (n, size)
        skill : Value of shape (n, m), or None
            Codes; None: every one, that of unknown skills the last.
        item : Value of shape (n, m), or None
            Codes; None: the average item.

        Returns
        -------
        Value of shape (n, m), or array of shape (1, m)
        """

    def know(self, now):
        """Return P(known) of every code of a skill, if that is another question."""
        return None
