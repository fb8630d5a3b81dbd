"""What the network reads of a row; `sktrace.pretraining` has the table of its inputs.

All come from a fitted `PFAClassifier`, which traces the student, and from the order of
practice. Of a row that names several skills, numbers by skill are averaged.
"""

import numpy as np

from .._arrays import log_odds
from .._factor.rows import Rows
from .._interactions.earlier import latest_before
from .._interactions.practice import open_moments, split_by_skill

__all__ = ["DECAYS", "INPUTS", "means_right", "read_rows", "stack"]

DECAYS = (0.5, 0.8, 0.95)
INPUTS = (
    "logit",
    "average_student",
    "ability",
    "uncertainty",
    "successes",
    "failures",
    "since",
    "first",
    "again",
    "steps",
    "seen",
    *(f"{of} {decay}" for of in ("all", "skill") for decay in DECAYS),
)


def read_rows(factors, seen, log, timeline):
    """Return what the network reads of each row of a log.

    Parameters
    ----------
    factors : fitted PFAClassifier
        With averages of `DECAYS`.
    seen : ndarray of shape (n_skills + 1,)
        Answers on each skill in its fit, 0 of an unseen one.
    log : Log
        Coded by the factor model's skills.
    timeline : Timeline

    Returns
    -------
    ndarray of shape (n_rows, n_inputs)
        The first column is the factor model's logit of a right answer.
    """
    rows = Rows(factors._reading, log, timeline)
    traced = factors._trace(rows)
    step, since, first = _steps_since(log, timeline)

    def average(by_entry):
        return log.sum(by_entry) / log.entries_per_row

    return stack(
        traced,
        means_right(factors),
        practice=[average(count) for count in traced.known.counts],
        since=[
            average(timeline.restore(values))
            for values in (since, first, (since == 0) & ~first)
        ],
        steps=log.first(timeline.restore(step)),
        seen=average(np.log1p(seen)[log.skill]),
    )


def means_right(factors):
    """Say whether the second class, of which P is predicted, is a right answer."""
    if_wrong, if_right = factors.answer_means_
    return if_right >= if_wrong


def stack(traced, is_right, *, practice, since, steps, seen):
    """Stack the numbers of rows in the order of `INPUTS`, all of a right answer.

    Parameters
    ----------
    traced : Trace
    is_right : bool
        Whether the factor model predicts right answers, or wrong ones.
    practice, since : list of ndarrays of shape (n_rows,)
    steps, seen : ndarray of shape (n_rows,) or number
    """
    sign = 1.0 if is_right else -1.0
    columns = [
        sign * log_odds(traced.p),
        sign * traced.logit,
        sign * traced.mean,
        traced.variance,
        *practice,
        *since,
        np.log1p(steps),
        seen,
        *(sign * average for average in traced.averages),
    ]
    return np.array(np.broadcast_arrays(*columns), dtype=float).T


def _steps_since(log, timeline):
    """Return a student's steps so far, and those since the last one on the skill.

    Returns
    -------
    step : ndarray of shape (n_entries,)
        In time order, as all.
    since : ndarray of shape (n_entries,)
        The logarithm, 0 where there is no earlier one.
    first : ndarray of shape (n_entries,), bool
    """
    answered = ~np.isnan(log.correct[timeline.rows])
    step = timeline.count_before(open_moments(timeline, answered)).astype(float)
    on_skill = split_by_skill(log, timeline)
    done = timeline.restore(np.where(answered, step, np.nan))[on_skill.rows]
    last = on_skill.restore(latest_before(on_skill, done))[timeline.rows]
    first = np.isnan(last)
    since = np.log(np.where(first, 1.0, step - last))
    return step, since, first
