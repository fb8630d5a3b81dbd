"""One student of a log, traced: what the pictures of a student begin with."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from .._interactions.columns import check_frame, check_order
from .._interactions.vocabulary import split_cells
from .._tracer.questions import check_tracer
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
    check_tracer(estimator, "knowledge_state")
    check_frame(X, estimator._roles)
    if not pd.api.types.is_hashable(student):
        raise TypeError(
            f"student={student!r}; expected one, as named in column "
            f"{estimator.student!r}. Call once for each, or draw all of them by "
            "ClassMasteryDisplay."
        )
    own = X[X[estimator.student].isin([student]).to_numpy()]  # a name may be a tuple
    if len(own) == 0:
        raise ValueError(
            f"X has no row of student {first_few([student])}; expected one of those in "
            f"column {estimator.student!r}, such as "
            f"{first_few(X[estimator.student].tolist()[:1])}."
        )
    if estimator.order is not None:
        own = own.sort_values(estimator.order, kind="stable")
    knowledge = estimator.knowledge_state(own)
    skill, sizes = knowledge.columns[:1].repeat(len(own)), 1
    if estimator.skill is not None:
        cells = own[estimator.skill].tolist()
        skill, sizes = split_cells(cells, estimator.skill_separator)
    correct = own[estimator.correct].to_numpy(float, na_value=np.nan)
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
    times = np.arange(len(own.rows))
    if estimator.order is not None:
        times = check_order(own.rows[estimator.order], estimator.order)
    before = np.searchsorted(times, times)  # how many rows precede each row's moment
    skill = own.knowledge.columns.get_indexer(own.skill)
    used = (skill >= 0) & ~np.isnan(own.correct)
    if not used.any():
        raise ValueError(
            "The student has no answer on a skill that the estimator knows; expected "
            "one at least. What is expected of the student is in "
            "estimator.predict_next(X)."
        )
    row, skill = own.row[used], skill[used]
    curve = pd.DataFrame(
        {
            "skill": skill,
            "opportunity": before[row],
            "correct": own.correct[used],
            "knowledge": states[row + 1, skill],
        }
    )
    curve["opportunity"] = curve.groupby("skill")["opportunity"].rank("dense")
    first = curve.drop_duplicates("skill")
    start = first.assign(
        opportunity=0,
        correct=np.nan,
        knowledge=states[before[row[first.index]], first["skill"]],
    )
    curve = pd.concat([start, curve]).astype({"opportunity": int})
    curve["n"] = curve.groupby("skill")["skill"].transform("size")
    curve = curve.sort_values(
        ["n", "skill", "opportunity"], ascending=[False, True, True], kind="stable"
    )
    curve["skill"] = own.knowledge.columns.to_numpy()[curve["skill"]]
    return curve.drop(columns="n").reset_index(drop=True)
