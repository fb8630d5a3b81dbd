"""What the network reads of a row: numbers of practice, and no name of anything.

All come from a fitted `PFAClassifier`, which traces the student, and from the order of
practice; a step is a moment with answers. Of a row that names several skills, numbers
by skill are averaged.

=====================  ===============================================================
``logit``              of the factor model's prediction
``average_student``    its logit for ability 0
``ability``            mean of what is known of ability before the row
``uncertainty``        and variance
``successes``          log(1 + right answers so far on the skill)
``failures``           log(1 + wrong ones)
``since``              log of the steps since the last one on the skill
``first``              whether there is none
``again``              whether it was the step before
``steps``              log(1 + steps of the student so far)
``seen``               log(1 + answers on the skill in the log of the fit)
``all ...``            averages of how much better than expected answers were, by decay
``skill ...``          the same, of answers on the skill
=====================  ===============================================================
"""

import numpy as np
from scipy.special import logit

from .._factor.memory import last_before
from .._factor.rows import Rows
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
_CERTAIN = 1e-6  # logits end here


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
    rows = Rows(factors, log, timeline)
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
    return np.column_stack(np.broadcast_arrays(*columns)).astype(float)


def log_odds(p):
    """Return the logit of a probability that is never quite certain."""
    return logit(np.clip(p, _CERTAIN, 1 - _CERTAIN))


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
    by_entry = timeline.restore(step)[on_skill.rows]
    marks = ~np.isnan(log.correct[on_skill.rows])
    last = on_skill.restore(last_before(on_skill, by_entry[None], marks)[0])
    last = last[timeline.rows]
    first = np.isnan(last)
    since = np.log(np.where(first, 1.0, step - last))
    return step, since, first
