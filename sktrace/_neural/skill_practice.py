"""What a student did earlier on the asked skill, and on every skill. Numpy only."""

import numpy as np

from .._interactions.earlier import latest_before
from .._interactions.practice import count_practice

__all__ = ["practice_after", "practice_of_skill"]


def practice_of_skill(log, timeline):
    """Count a student's earlier answers on the skill of each entry.

    Returns
    -------
    ndarray of shape (n_entries, 3), int64
        In time order: how often it was answered right and wrong before, and whether it
        is a skill of the student's last answered moment.
    """
    counts = count_practice(log, timeline)
    on_skill = timeline.split(log.skill[timeline.rows])
    answered = ~np.isnan(log.correct[timeline.rows])
    moment = np.where(answered, timeline.moment, np.nan)
    last = latest_before(timeline, moment)
    last_on_skill = on_skill.restore(latest_before(on_skill, moment[on_skill.rows]))
    columns = [counts[name][timeline.rows] for name in ("successes", "failures")]
    return np.column_stack([*columns, last_on_skill == last]).astype(np.int64)


def practice_after(log, timeline, entries, skill, n_skills):
    """Count what was done on some skills until after the moments of some entries.

    Parameters
    ----------
    log : Log
        With coded skills.
    timeline : Timeline
        That of the log.
    entries : ndarray of shape (n_asked,)
        Places in time order.
    skill : ndarray of shape (n_questions,)
        Codes, up to `n_skills`, which is that of all unknown ones.
    n_skills : int

    Returns
    -------
    ndarray of shape (n_asked, n_questions, 3), int32
        What `practice_of_skill` would say of an entry that asks next.
    """
    practice = np.zeros((len(entries), len(skill), 3), dtype=np.int32)
    by_student = np.argsort(timeline.student[entries], kind="stable")
    starts = np.flatnonzero(np.diff(timeline.student[entries[by_student]], prepend=-1))
    for places in np.split(by_student, starts[1:]) if len(entries) else ():
        own = entries[places]
        offset = timeline.student[own[0]]
        rows = np.arange(*timeline.offsets[offset : offset + 2])
        correct = log.correct[timeline.rows[rows]]
        rows, correct = rows[~np.isnan(correct)], correct[~np.isnan(correct)]
        moment = timeline.moment[rows]
        n_done = np.searchsorted(moment, timeline.moment[own], side="right")
        first = np.append(0, np.searchsorted(moment, moment))  # of the last moment
        done = np.zeros((len(rows) + 1, n_skills + 1, 2), dtype=np.int32)
        code = log.skill[timeline.rows[rows]]
        done[np.arange(len(rows)) + 1, code, (correct == 0).astype(int)] = 1
        done = np.cumsum(done, axis=0, dtype=np.int32)[:, skill]
        practice[places, :, :2] = done[n_done]
        again = done[n_done].sum(-1) > done[first[n_done]].sum(-1)
        practice[places, :, 2] = again
    return practice
