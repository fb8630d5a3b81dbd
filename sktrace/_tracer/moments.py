"""What a student answers, or is asked, at one moment, outside a frame."""

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from .._interactions.codes import Categories, check_categories, recode
from .._interactions.log import NONE
from .._interactions.vocabulary import as_list, is_several, split_cells
from .questions import roles_of

__all__ = ["Moment", "MomentWriter", "as_answers"]

# Of a single skill: what is never written to may be shared.
_ONE = np.ones(1, dtype=np.int64)
_ANSWERS = np.zeros(1, dtype=np.int64), _ONE
_MADE_ONCE = {"_single", "_every", "_index_of"}
_PLAIN_ANSWERS = {bool, int, np.bool_, np.int64, np.int32, np.int8}


def as_answers(correct):
    """Return answers as an array; what is none is found there, and named."""
    try:
        return np.asarray(correct)
    except ValueError:  # lists of several lengths
        return np.asarray(correct, dtype=object)


class Moment(NamedTuple):
    """What a student answers, or is asked, at one moment: rows of a log, in short.

    A row that names several skills has as many entries, which stand together.
    """

    skill: np.ndarray  # (n_entries,) codes
    sizes: np.ndarray  # (n_rows,) how many entries each row has
    correct: np.ndarray | None = None  # (n_entries,) 0 or 1; None: asked only
    further: Mapping[str, np.ndarray] = NONE  # further columns by role, by entry

    @classmethod
    def of_each_skill(cls, n_skills, further=NONE):
        """Ask for each skill once; further columns have one value for all."""
        spread = {role: v.repeat(n_skills, axis=0) for role, v in further.items()}
        sizes = np.ones(n_skills, dtype=np.int64)
        return cls(np.arange(n_skills), sizes, None, spread)

    @property
    def is_single(self):
        """Whether each row has one entry, and nothing is to be summed."""
        return len(self.sizes) == len(self.skill)

    @property
    def starts(self):
        """First entry of each row."""
        if self.is_single:
            return np.arange(len(self.sizes))
        return np.cumsum(self.sizes) - self.sizes

    @property
    def row(self):
        """Which row each entry is of."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    def sum(self, values):
        """Give each row the sum of the values of its entries."""
        if self.is_single:
            return values
        return np.add.reduceat(values, self.starts)

    def average(self, values):
        """Give each row the mean of the values of its entries."""
        return values if self.is_single else self.sum(values) / self.sizes


class MomentWriter:
    """Codes skills, items and further columns as a fitted tracer reads them.

    Parameters
    ----------
    tracer : fitted tracer
        What it has learnt is copied.
    """

    def __init__(self, tracer):
        roles = roles_of(tracer)
        self.skills, self.skill_name = tracer.skills_, roles.skill
        self.columns = roles.further
        self.asked_with = dict(roles.known_before)
        self.vocabulary = tracer._vocabulary()
        self.names = tracer._names_
        self.item_skills = getattr(tracer, "_item_skills_", None)

    def __getstate__(self):
        # What is made once is made anew: a file does not grow by it. Of a copy, since
        # another thread may make it just now.
        return {k: v for k, v in vars(self).copy().items() if k not in _MADE_ONCE}

    @cached_property
    def _single(self):
        """What is asked and answered most, by name: one known skill, and no more."""
        nothing = self.code((), {}, 1)
        names = self.skills.tolist()
        sizes = split_cells(names, self.vocabulary.separator)[1]
        return {
            name: Moment(np.array([code]), _ONE, None, nothing)
            for code, (name, size) in enumerate(zip(names, sizes.tolist(), strict=True))
            if size == 1
        }

    @cached_property
    def _every(self):
        return self.ask()

    @cached_property
    def _index_of(self):
        return {}  # by skill, once it was asked for

    def answered(self, skill, correct):
        """Write the plainest answer, of nothing but one known skill.

        Returns
        -------
        Moment or None
            None for what has to be judged first.
        """
        if type(correct) not in _PLAIN_ANSWERS or correct not in (0, 1):
            return None
        moment = self.single(skill)
        if moment is None:
            return None
        return Moment(moment.skill, _ONE, _ANSWERS[int(correct)], moment.further)

    def single(self, skill):
        """Write a question about one known skill; None if it is anything else."""
        try:
            return self._single.get(skill)
        except TypeError:  # a list of skills, or what is equal to nothing
            return None

    def every(self):
        """Write a question about each skill, and their names, as `ask` does."""
        moment, names = self._every
        return moment, names.view()  # the names of which may be set

    def one(self, skill):
        """Write a question about one known skill, as `ask` does; None of others."""
        moment = self.single(skill)
        if moment is None:
            return None
        names = self._index_of.get(skill)
        if names is None:
            names = self._index_of[skill] = self._index(as_list(skill), self.skill_name)
        return moment, names.view()

    def ask(self, skills=None, items=None, **further):
        """Write questions about skills, or about items.

        Returns
        -------
        moment : Moment
        names : Index of length n_rows
            The items, where they are given; else the skills.
        """
        if items is None:
            skills = self.skills if skills is None else as_list(skills)
            moment = self.write(list(skills), self.asked_with, further)
            return moment, self._index(skills, self.skill_name)
        if self.item_skills is None:
            raise ValueError(
                f"items={items!r} of a tracer that reads none; expected one that was "
                "told the column of items: pass item=... to its constructor, and fit."
            )
        items = as_list(items)
        index = self._index(items, self.columns["item"].name)
        if skills is not None:
            further = further | {"item": items}
            return self.write(as_list(skills), self.asked_with, further), index
        item, skill, sizes = self.item_skills.ask(items)
        further = self.code(self.asked_with, further, len(items))
        further["item"] = item
        entries = {role: v.repeat(sizes, axis=0) for role, v in further.items()}
        return Moment(skill, sizes, None, entries), index

    def write(self, skills, allowed, further):
        """Code skills, and judge the values of further columns.

        Parameters
        ----------
        skills : list
        allowed : collection of str
            Roles of which values may be given.
        further : dict of str to value, or list of values
            One for all skills, or one for each; the others are missing.
        """
        codes, sizes = self.vocabulary.encode(skills)
        coded = self.code(allowed, further, len(skills))
        entries = {role: v.repeat(sizes, axis=0) for role, v in coded.items()}
        return Moment(codes, sizes, None, entries)

    def code(self, allowed, further, n):
        """Return further columns of n rows as arrays; what is not given is missing."""
        odd = [role for role in further if role not in allowed]
        if odd:
            raise TypeError(
                f"{odd[0]!r} is no further column that is read here; expected "
                f"{list(allowed) or 'none'}, as the classifier was told."
            )
        coded = {}
        for role, (name, check) in self.columns.items():
            given = further.get(role, np.nan)
            if isinstance(name, list):
                values = _write_table(given, name, n, role)
            else:
                # Names stay what they are: a large integer is no float.
                named = check is check_categories
                values = _write_column(given, n, role, object if named else None)
            values = check(values, name, role)
            if isinstance(values, Categories):
                values = recode(values, self.names[role])
            coded[role] = values[:n]
        return coded

    def _index(self, names, column):
        return pd.Index(names, name=column, tupleize_cols=False)


def _write_column(given, n, role, dtype=None):
    """Return a column of n values, and a missing one behind them.

    That one, of which None and pd.NA are, too, gives the column a type that can miss
    some, also where nothing is asked.
    """
    values = as_list(given)
    if is_several(given) and len(values) != n:
        raise ValueError(
            f"{role}={values!r}; expected one value for all skills or one for "
            f"each of the {n}."
        )
    values = [np.nan if _is_missing(value) else value for value in values]
    values = [*(values if is_several(given) else values * n), np.nan]
    return pd.Series(values, dtype=dtype)


def _write_table(given, names, n, role):
    """Return several columns of n values, told by name or in their order."""
    if isinstance(given, pd.Series | pd.DataFrame):
        given = dict(given.items())
    if not isinstance(given, Mapping):
        values = np.full(len(names), np.nan) if _is_missing(given) else given
        values = np.atleast_1d(np.asarray(values, dtype=object))
        if values.shape not in {(len(names),), (n, len(names))}:
            raise ValueError(
                f"{role}={given!r}; expected the values of {names}, by name or in this "
                f"order, for all skills or for each of the {n}."
            )
        values = np.broadcast_to(values, (n, len(names)))
        given = {name: list(values[:, place]) for place, name in enumerate(names)}
    odd = [name for name in given if name not in names]
    if odd:
        raise ValueError(
            f"{role} names the column {odd[0]!r}; expected some of {names}, as the "
            "classifier was told."
        )
    columns = [_write_column(given.get(name, np.nan), n, role) for name in names]
    table = pd.concat(columns, axis=1)
    return table.set_axis(pd.Index(names, tupleize_cols=False), axis=1)


def _is_missing(value):
    return pd.api.types.is_scalar(value) and pd.isna(value)
