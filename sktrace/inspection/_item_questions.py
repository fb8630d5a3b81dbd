"""What was answered on each item: a question once, however many rows tell of it."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from .._interactions.codes import check_categories
from .._interactions.columns import check_frame, check_students, read_column
from .._interactions.log import Column, Log, Roles
from .._interactions.practice import entries_by_skill, number_questions
from .._interactions.timeline import Timeline
from .._interactions.times import read_order
from ._predictions import read_predictions

__all__ = ["ItemQuestions", "read_questions"]


class ItemQuestions(NamedTuple):
    """The answers that name an item, each with its prediction."""

    item: np.ndarray  # (n_questions,) code
    y: np.ndarray  # (n_questions,) 0 or 1; of rows that differ, the least
    p: np.ndarray  # (n_questions,) mean of P(1) of the question's rows
    items: pd.Index  # names, in order of code
    skill: np.ndarray  # (n_items,) code of each item's most frequent skill; -1: none
    skills: np.ndarray  # in order of code


def read_questions(estimator, X, y, caller, **columns):
    """Predict a log, and merge the rows of each question on an item.

    Parameters
    ----------
    estimator, X, y, caller
        As in `read_predictions`.
    **columns : hashable or None
        ``student``, ``order``, ``skill``, ``item`` and ``skill_separator``; None takes
        the estimator's own.
    """
    roles, separator = _find_roles(estimator, caller, **columns)
    check_frame(X, roles)
    found = read_predictions(estimator, X, y, caller)
    item = read_column(X, roles.known_before["item"], "item")
    named = item.codes[found.rows] >= 0
    if not named.any():
        raise ValueError(
            f"Column {roles.columns_of('item')[0]!r} (item) names "
            "none in the rows that have a target; expected the item that was answered. "
            "Name the column that holds it: item=..."
        )
    rows, target, p = found.rows[named], found.target[named], found.p[named]
    present, code = np.unique(item.codes[rows], return_inverse=True)
    question = _number(X, roles, rows, code)
    first, question = np.unique(question, return_index=True, return_inverse=True)[1:]
    right = np.ones(len(first), dtype=np.int64)
    np.minimum.at(right, question, target)
    items = pd.Index(
        item.names[present], name=roles.columns_of("item")[0], tupleize_cols=False
    )
    skill, skills = _most_frequent_skill(X, roles.skill, separator, rows, code)
    return ItemQuestions(
        item=code[first],
        y=right.astype(np.float64),
        p=np.bincount(question, p) / np.bincount(question),
        items=items,
        skill=skill,
        skills=skills,
    )


def _find_roles(estimator, caller, student, order, skill, item, skill_separator):
    """Return the columns to read: those given, or those that a tracer reads."""
    tracer = getattr(estimator, "best_estimator_", estimator)
    own = {"student": "user_id", "order": "order_id", "skill": "skill_name"}
    own["item"] = None
    separator = "~~"
    if hasattr(tracer, "_roles"):
        own = {role: getattr(tracer, role, None) for role in own}
        separator = tracer.skill_separator
    given = {"student": student, "order": order, "skill": skill, "item": item}
    own |= {role: name for role, name in given.items() if name is not None}
    item = own.pop("item")
    if item is None:
        raise ValueError(
            f"item=None, and {type(tracer).__name__} reads no column of items; "
            f"expected the name of one: {caller}(..., item=...)."
        )
    if skill_separator is None:
        skill_separator = separator
    known = {"item": Column(item, check_categories)}
    return Roles(**own, known_before=known), skill_separator


def _number(X, roles, rows, code):
    """Number the questions that some rows tell of."""
    student, students = check_students(X, roles.student)
    order = read_order(X, roles.order)
    none = np.zeros(len(rows), dtype=np.int64)
    log = Log(
        student=student[rows],
        students=students,
        order=None if order is None else order[rows],
        skill=none,
        skills=np.array(["all"], dtype=object),
        correct=none.astype(np.float64),
        known_before={"item": code},
    )
    return number_questions(log, Timeline.of(log))


def _most_frequent_skill(X, column, separator, rows, code):
    """Return the skill that each item is most often practised with."""
    n_items = code.max() + 1
    if column is None:
        return np.zeros(n_items, dtype=np.int64), np.array(["all"], dtype=object)
    entry, skill, skills = entries_by_skill(X[column].iloc[rows], separator)
    pair = code[entry] * len(skills) + skill
    pair, counts = np.unique(pair, return_counts=True)
    most = np.lexsort([pair, -counts])  # and of these the first of each item
    item, skill = np.divmod(pair[most], max(len(skills), 1))
    item, at = np.unique(item, return_index=True)
    found = np.full(n_items, -1)
    found[item] = skill[at]
    return found, skills
