"""One student of a log, traced: what the pictures of a student begin with."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from .._interactions.columns import check_frame
from .._interactions.practice import number_opportunities
from .._interactions.vocabulary import split_cells
from .._tracer.questions import check_method, roles_of
from .._words import first_few

__all__ = ["OneStudent", "follow_skills", "trace_student"]


class OneStudent(NamedTuple):
    """A student's rows in time order, and an entry for each skill that a row names."""

    rows: pd.DataFrame  # of X
    knowledge: pd.DataFrame  # state of every skill after each row
    row: np.ndarray  # which of the rows each entry belongs to
    skill: pd.Index  # of each entry
    correct: np.ndarray  # of each entry: 0, 1 or NaN


def trace_student(estimator, X, student):
    """Find a student's rows in a log and trace them.

    Raises
    ------
    TypeError
        If the tracer keeps no state of every skill, or `student` is several.
    ValueError
        If X has no row of this student, or cannot be read.
    """
    check_method(estimator, "knowledge_state")
    roles = roles_of(estimator)
    check_frame(X, roles)
    if not pd.api.types.is_hashable(student):
        raise TypeError(
            f"student={student!r}; expected one, as named in column "
            f"{roles.student!r}. Call once for each, or draw all of them by "
            "ClassMasteryDisplay."
        )
    own = X[X[roles.student].isin([student]).to_numpy()]  # a name may be a tuple
    if len(own) == 0:
        raise ValueError(
            f"X has no row of student {first_few([student])}; expected one of those in "
            f"column {roles.student!r}, such as "
            f"{first_few(X[roles.student].tolist()[:1])}."
        )
    if roles.order is not None:
        own = own.sort_values(roles.order, kind="stable")
    knowledge = estimator.knowledge_state(own)
    skill, sizes = knowledge.columns[:1].repeat(len(own)), 1
    if roles.skill is not None:
        cells = own[roles.skill].tolist()
        skill, sizes = split_cells(cells, estimator.skill_separator)
    correct = own[roles.correct].to_numpy(float, na_value=np.nan)
    return OneStudent(
        own,
        knowledge,
        np.repeat(np.arange(len(own)), sizes),
        pd.Index(skill, tupleize_cols=False),
        np.repeat(correct, sizes),
    )


def follow_skills(estimator, own):
    """Number a student's answers on each skill, and say what the tracer made of them.

    Returns
    -------
    DataFrame
        See `KnowledgeCurveDisplay`.
    """
    query = own.rows.iloc[:1].copy()
    query[estimator.correct] = np.nan  # leaves no trace: the state of the beginning
    states = np.vstack([estimator.knowledge_state(query), own.knowledge])
    log, timeline = estimator._read(own.rows)
    used = (log.skill < len(estimator.skills_)) & ~np.isnan(log.correct)
    if not used.any():
        raise ValueError(
            "The student has no answer on a skill that the estimator knows; expected "
            "one at least. What is expected of the student is in "
            "estimator.predict_next(X)."
        )
    row, skill = log.row[used], log.skill[used]
    n_before = timeline.count_before(log.opens_row[timeline.rows])  # rows, not answers
    n_before = timeline.restore(n_before)[used]
    curve = pd.DataFrame(
        {
            "skill": skill,
            "opportunity": number_opportunities(log, timeline)[used],
            "correct": log.correct[used],
            "knowledge": states[row + 1, skill],
        }
    )
    first = curve.drop_duplicates("skill")
    start = first.assign(
        opportunity=0,
        correct=np.nan,
        knowledge=states[n_before[first.index], first["skill"]],
    )
    curve = pd.concat([start, curve])
    curve["n"] = curve.groupby("skill")["skill"].transform("size")
    curve = curve.sort_values(
        ["n", "skill", "opportunity"], ascending=[False, True, True], kind="stable"
    )
    curve["skill"] = own.knowledge.columns.to_numpy()[curve["skill"]]
    return curve.drop(columns="n").reset_index(drop=True)
