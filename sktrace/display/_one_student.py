"""One student of a log, traced: what the pictures of a student begin with."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from .._validation import check_frame
from .._vocabulary import split_cells

__all__ = ["OneStudent", "trace_student"]


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
        If the tracer keeps no state of every skill.
    ValueError
        If X has no row of this student, or cannot be read.
    """
    if not hasattr(estimator, "knowledge_state"):
        raise TypeError(
            f"{type(estimator).__name__} keeps no state of every skill; expected a "
            "tracer with knowledge_state, such as DKTClassifier or BKTClassifier. "
            "What students would get now is in estimator.predict_next(X)."
        )
    check_frame(X, estimator._roles)
    own = X[(X[estimator.student] == student).to_numpy(bool, na_value=False)]
    if len(own) == 0:
        raise ValueError(
            f"X has no row of student {student!r}; expected one of those in column "
            f"{estimator.student!r}, such as {X[estimator.student].iloc[0]!r}."
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
