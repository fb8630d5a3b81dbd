"""What a class knows now, and what of it was ever practised: numbers, no picture."""

import numpy as np
import pandas as pd

from .._interactions.columns import check_order, check_students, factorize
from .._interactions.vocabulary import split_cells
from .._tracer.questions import check_skills, check_tracer
from .._words import first_few

__all__ = ["check_what", "find_practised", "known_now", "rows_of"]

STATES_AT_ONCE = 10_000_000  # cells of rows × skills: 80 MB of states in memory


def check_what(estimator, what):
    """Refuse what cannot be asked of an estimator."""
    if what not in ("correct", "known"):
        raise ValueError(
            f"what is {what!r}; expected 'correct' (right now) or 'known'."
        )
    check_tracer(estimator)
    if what == "known" and getattr(estimator, "knowledge_label", None) != "P(known)":
        raise TypeError(
            f"{type(estimator).__name__} has no P(known); expected BKTClassifier, "
            "whose knowledge_state holds it. What students would get right now: "
            "what='correct'."
        )


def rows_of(X, column, students):
    """Return the rows of some students, all of whom must be there."""
    present = set(X[column])
    absent = [student for student in students if student not in present]
    if absent or not students:
        got = f"X has no row of {len(absent)} student(s): {first_few(absent)}"
        raise ValueError(
            f"{got if students else 'students=[] names none at all'}; expected some "
            f"of those in column {column!r}, such as "
            f"{first_few(X[column].tolist()[:1])}."
        )
    return X[X[column].isin(students)]


def known_now(bkt, X, skills):
    """Return P(known) after the last row of each student, a few students at a time."""
    skills = check_skills(bkt, skills, " Of others, there is what='correct'.")
    code, students = check_students(X, bkt.student)
    rows = np.argsort(code, kind="stable")
    if bkt.order is not None:
        rows = np.lexsort((check_order(X[bkt.order], bkt.order), code))
    ends = np.cumsum(np.bincount(code))
    known = np.empty((len(students), len(bkt.skills_)))
    batch = ends * len(bkt.skills_) // STATES_AT_ONCE
    first = 0
    for own in np.split(np.arange(len(ends)), np.flatnonzero(np.diff(batch)) + 1):
        last = ends[own] - 1 - first
        part = X.iloc[rows[first : ends[own[-1]]]]
        known[own] = bkt.knowledge_state(part).to_numpy()[last]
        first = ends[own[-1]]
    index = pd.Index(students, name=bkt.student, tupleize_cols=False)
    known = pd.DataFrame(known, index=index, columns=bkt._skill_index(bkt.skills_))
    return known[skills]


def find_practised(estimator, X, mastery):
    """Mark the skills that each student has answered on; of joined ones, on all."""
    answered = X[X[estimator.correct].notna().to_numpy()]
    student = mastery.index.get_indexer(answered[estimator.student])
    if estimator.skill is None:
        marks = np.zeros(mastery.shape, dtype=bool)
        marks[student] = True
        return pd.DataFrame(marks, index=mastery.index, columns=mastery.columns)
    separator = estimator.skill_separator
    parts, n_parts = split_cells(mastery.columns.tolist(), separator)
    asked = pd.Index(parts, tupleize_cols=False)
    wanted = asked.unique()
    cell, cells = factorize(answered[estimator.skill], estimator.skill)
    student, cell = np.unique([student, cell], axis=1)
    student, cell = student[cell >= 0], cell[cell >= 0]
    names, sizes = split_cells(cells[cell].tolist(), separator)
    student = np.repeat(student, sizes)
    column = wanted.get_indexer(pd.Index(names, tupleize_cols=False))
    marks = np.zeros((len(mastery), len(wanted)), dtype=bool)
    marks[student[column >= 0], column[column >= 0]] = True
    marks = marks[:, wanted.get_indexer(asked)]
    marks = np.logical_and.reduceat(marks, np.cumsum(n_parts) - n_parts, axis=1)
    return pd.DataFrame(marks, index=mastery.index, columns=mastery.columns)
