"""What is remembered of strictly earlier moments: averages, and counts that fade.

Both are linear recursions from one moment with answers to the next::

    memory' = keep · memory + value

and a row reads the memory before its own moment. All sums run element by element, so
that a student's numbers do not depend, to the last bit, on who is traced along.
"""

import numpy as np

from .._interactions.practice import open_moments

__all__ = ["average_before", "clock_of", "count_before", "last_before"]


class Steps:
    """The moments with answers of each student, or of each pair of student and skill.

    Parameters
    ----------
    timeline : Timeline
    marks : ndarray of shape (n_rows,), bool
        Which rows hold an answer; in time order, as all arrays here.
    """

    def __init__(self, timeline, marks):
        opens = open_moments(timeline, marks)
        self.step = timeline.count_before(opens)  # of each row: how many are earlier
        self.student = timeline.student
        self.n_steps = np.bincount(timeline.student, opens).astype(np.int64)
        self.starts = np.flatnonzero(opens[marks])  # first answer of each moment
        # A student with n moments has n + 1 memories: before each, and at last.
        self.first = np.cumsum(self.n_steps + 1) - (self.n_steps + 1)
        self.before = self.first[self.student] + self.step  # the memory a row reads
        # The last earlier moment of each row; of no meaning if there is none.
        before = (np.cumsum(self.n_steps) - self.n_steps)[self.student]
        self.last = np.maximum(before + self.step - 1, 0)

    def mean(self, values):
        """Return the mean of each moment, of values of shape (..., n_answers)."""
        n = np.diff(self.starts, append=values.shape[-1])
        if not len(n):
            return values
        return np.add.reduceat(values, self.starts, axis=-1) / n

    def run(self, values, keep):
        """Return what every row remembers.

        Parameters
        ----------
        values : ndarray of shape (n_memories, n_moments)
        keep : ndarray of shape (n_memories, n_moments) or (n_memories, 1)
            What is left, when a moment comes, of what there was.

        Returns
        -------
        ndarray of shape (n_memories, n_rows)
        """
        keep = np.broadcast_to(keep, values.shape)
        longest = np.argsort(-self.n_steps, kind="stable")
        moment = (np.cumsum(self.n_steps) - self.n_steps)[longest]
        state = self.first[longest]
        n_steps = self.n_steps[longest]
        memory = np.zeros((len(values), (self.n_steps + 1).sum()))
        now = np.zeros((len(values), len(longest)))
        # Those with a t-th moment are the first.
        going_on = np.searchsorted(-n_steps, -np.arange(n_steps.max(initial=0)))
        for t, n in enumerate(going_on.tolist()):
            own = moment[:n] + t
            now = keep[:, own] * now[:, :n] + values[:, own]
            memory[:, state[:n] + t + 1] = now
        return memory[:, self.before]


def average_before(timeline, values, decays):
    """Average a student's values of earlier moments, the latest of which weigh most.

    The average of decay d after moments whose means are r_1, ..., r_t is
    (1 - d) (r_t + d r_(t-1) + d² r_(t-2) + ...): 0, which is neutral, at the start.

    Parameters
    ----------
    timeline : Timeline
    values : ndarray of shape (n_rows,)
        NaN where there is none.
    decays : ndarray of shape (n_decays,)

    Returns
    -------
    ndarray of shape (n_decays, n_rows)
    """
    marks = ~np.isnan(values)
    steps = Steps(timeline, marks)
    keep = decays[:, None]
    return steps.run((1 - keep) * steps.mean(values[marks]), keep)


def clock_of(time, timeline, answered):
    """Return when each row is, as far as the student's answers tell.

    A clock never goes back: it shows the latest time of the answers of earlier moments,
    or that of the row, whatever is later. Where nothing is known yet it shows the first
    time that will be, so that nothing fades until then.

    Parameters
    ----------
    time : ndarray of shape (n_rows,)
        Seconds, NaN where they are missing.
    timeline : Timeline
    answered : ndarray of shape (n_rows,), bool

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    values, rank = np.unique(time, return_inverse=True)  # NaN, if any, is the last
    known = ~np.isnan(time)
    if not known.any():
        return np.zeros(len(time))
    rank = np.where(known, rank + 1, 0)  # 0: nothing known
    told = np.where(answered, rank, 0)
    latest = np.zeros(timeline.moment[-1] + 1, dtype=np.int64)
    np.maximum.at(latest, timeline.moment, told)
    student = timeline.student[timeline.moment_starts]
    ranked = student * (len(values) + 1)
    so_far = np.maximum.accumulate(ranked + latest) - ranked
    first = np.diff(student, prepend=-1) != 0
    earlier = np.where(first, 0, np.append(0, so_far[:-1]))
    # The first known time of an answer, or 0 where no answer has one.
    none = len(values) + 1
    first_known = np.full(student.max() + 1, none)
    opening = (so_far > 0) & (earlier == 0)
    np.minimum.at(first_known, student[opening], so_far[opening])
    now = np.maximum(rank, earlier[timeline.moment])
    now = np.where(now > 0, now, first_known[timeline.student])
    seconds = np.concatenate([[0.0], values, [0.0]])[now]
    return np.where(first_known[timeline.student] == none, 0.0, seconds)


def count_before(timeline, counted, clock, half_life):
    """Count a student's earlier answers, which fade with time if there is a clock.

    An answer counts 2^(-age / half_life).

    Parameters
    ----------
    timeline : Timeline
    counted : ndarray of shape (n_counts, n_rows)
        What each answer adds; NaN in rows without one.
    clock : ndarray of shape (n_rows,) or None
    half_life : float

    Returns
    -------
    ndarray of shape (n_counts, n_rows)
    """
    marks = ~np.isnan(counted[0])
    steps = Steps(timeline, marks)
    if not len(steps.starts):
        return np.zeros(counted.shape)
    if clock is None:
        clock = np.zeros(len(marks))
    told = clock[marks]
    latest = np.maximum.reduceat(told, steps.starts)  # of each moment
    age = np.repeat(latest, np.diff(steps.starts, append=len(told))) - told
    values = counted[:, marks] * fading(age, half_life)
    values = np.add.reduceat(values, steps.starts, axis=1)
    # What comes before a first moment is another student's, of whom nothing is kept.
    keep = fading(np.diff(latest, prepend=latest[0]), half_life)
    counts = steps.run(values, keep[None])
    gone = np.where(steps.step > 0, clock - latest[steps.last], 0.0)
    return counts * fading(gone, half_life)


def fading(seconds, half_life):
    """Return what is left of a count after some seconds."""
    return np.exp2(-np.maximum(seconds, 0.0) / half_life)


def last_before(timeline, values, marks):
    """Return the mean of what the last earlier moment with an answer told.

    Parameters
    ----------
    timeline : Timeline
    values : ndarray of shape (n_values, n_rows)
        NaN where a row does not tell.
    marks : ndarray of shape (n_rows,), bool
        Which rows hold an answer.

    Returns
    -------
    ndarray of shape (n_values, n_rows)
        NaN where there was no such moment, or where it told nothing.
    """
    steps = Steps(timeline, marks)
    if not len(steps.starts):
        return np.full(values.shape, np.nan)
    values = values[:, marks]
    told = ~np.isnan(values)
    n_told = np.add.reduceat(told.astype(float), steps.starts, axis=1)
    total = np.add.reduceat(np.where(told, values, 0.0), steps.starts, axis=1)
    mean = np.where(n_told > 0, total / np.maximum(n_told, 1), np.nan)
    return np.where(steps.step > 0, mean[:, steps.last], np.nan)
