"""What a class knows now, and what of it was ever practised: numbers, no picture."""

import numpy as np
import pandas as pd

from .._interactions.numbers import find_missing
from .._interactions.portions import split_students
from .._interactions.practice import entries_by_skill
from .._interactions.vocabulary import split_cells
from .._tracer.learnt import without_judging
from .._tracer.questions import check_method, check_skills, roles_of
from .._words import first_few

__all__ = ["check_what", "find_practised", "known_now", "rows_of"]


def check_what(estimator, what):
    """Refuse what cannot be asked of an estimator."""
    if what not in ("correct", "known"):
        raise ValueError(
            f"what is {what!r}; expected 'correct' (right now) or 'known'."
        )
    check_method(estimator)
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
    log, timeline = bkt._read_asked(X)
    student = log.first(log.student)
    last = log.row[timeline.rows[timeline.offsets[1:] - 1]]  # row of each student
    known = np.empty((len(last), len(bkt.skills_)))
    with without_judging():  # X has been judged as a whole
        for rows in split_students(student, len(bkt.skills_)):
            own = np.unique(student[rows])
            state = bkt.knowledge_state(X.iloc[rows]).to_numpy()
            known[own] = state[np.searchsorted(rows, last[own])]
    index = pd.Index(log.students, name=bkt.student, tupleize_cols=False)
    known = pd.DataFrame(known, index=index, columns=bkt._skill_index(bkt.skills_))
    return known[skills]


def find_practised(estimator, X, mastery):
    """Mark the skills that each student has answered on; of joined ones, on all."""
    # Not a count of practice: whether there is any answer, whenever it was given.
    roles = roles_of(estimator)
    answered = X[~find_missing(X[roles.correct])]
    student = mastery.index.get_indexer(answered[roles.student])
    if roles.skill is None:
        marks = np.zeros(mastery.shape, dtype=bool)
        marks[student] = True
        return pd.DataFrame(marks, index=mastery.index, columns=mastery.columns)
    separator = estimator.skill_separator
    parts, n_parts = split_cells(mastery.columns.tolist(), separator)
    asked = pd.Index(parts, tupleize_cols=False)
    wanted = asked.unique()
    row, skill, skills = entries_by_skill(answered[roles.skill], separator)
    column = wanted.get_indexer(pd.Index(skills.tolist(), tupleize_cols=False))[skill]
    marks = np.zeros((len(mastery), len(wanted)), dtype=bool)
    marks[student[row[column >= 0]], column[column >= 0]] = True
    marks = marks[:, wanted.get_indexer(asked)]
    marks = np.logical_and.reduceat(marks, np.cumsum(n_parts) - n_parts, axis=1)
    return pd.DataFrame(marks, index=mastery.index, columns=mastery.columns)
