"""Looking back from each row: the student's ability and averages before it."""

from typing import NamedTuple

import numpy as np

from .ability import trace_ability
from .design import Traced

__all__ = ["Looking", "look_back", "trace_rows"]


class Looking(NamedTuple):
    """How the past is looked at."""

    answer_means: np.ndarray  # mean target of wrong and of right answers
    decays: np.ndarray  # of averages
    student_scale: float | None  # standard deviation of ability; None: not traced
    persistence: float
    slopes: np.ndarray | None  # (n_items + 1,) of ability, where items weigh it


def look_back(rows, logit, looking):
    """Return mean and variance of ability, and averages, before each row.

    Parameters
    ----------
    rows : Rows
    logit : ndarray of shape (n_rows,)
        For ability 0.
    looking : Looking
    """
    answer = rows.answers(looking.answer_means)
    averages = rows.averages(logit, answer, looking.decays)
    if looking.student_scale is None:
        return np.zeros(len(logit)), np.zeros(len(logit)), averages
    timeline, slopes = rows.by_row[1], looking.slopes
    slope = None if slopes is None else slopes[rows.item][timeline.rows]
    logit, answer = rows.evidence(logit, answer)
    ability = trace_ability(
        logit[timeline.rows],
        answer[timeline.rows],
        timeline,
        looking.student_scale,
        looking.persistence,
        slope,
    )
    return (*map(timeline.restore, ability), averages)


def trace_rows(rows, effects, looking):
    """Return what is traced of the rows that a regression is fitted to.

    Parameters
    ----------
    rows : FitRows
    effects : Effects
    looking : Looking
    """
    logit = effects.logit(rows.known)
    mean, variance, averages = look_back(rows.every, logit, looking)
    chosen = rows.rows
    return Traced(mean[chosen], variance[chosen], averages[:, chosen])
