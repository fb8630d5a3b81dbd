"""What a student answers, or is asked, at one moment, outside a frame."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from .._interactions.codes import Categories, check_categories, recode
from .._interactions.log import NONE
from .._interactions.vocabulary import as_list, is_several
from .questions import roles_of

__all__ = ["Moment", "MomentWriter"]


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
    def starts(self):
        """First entry of each row."""
        return np.cumsum(self.sizes) - self.sizes

    @property
    def row(self):
        """Which row each entry is of."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    def sum(self, values):
        """Give each row the sum of the values of its entries."""
        return np.add.reduceat(values, self.starts) if len(values) else values

    def average(self, values):
        """Give each row the mean of the values of its entries."""
        return self.sum(values) / self.sizes


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
        further = self._code(self.asked_with, further, len(items))
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
        coded = self._code(allowed, further, len(skills))
        entries = {role: v.repeat(sizes, axis=0) for role, v in coded.items()}
        return Moment(codes, sizes, None, entries)

    def _code(self, allowed, further, n):
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
