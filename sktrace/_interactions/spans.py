"""How long what a student has done on a skill stays the same.

A table of all skills after every row changes in one cell a row, so it is written span
by span. Numpy only.
"""

import numpy as np

from .._arrays import concatenate_ranges

__all__ = ["SkillSpans"]


class SkillSpans:
    """Spans of time in which no answer of a student on a skill comes.

    One begins after each moment with answers on the skill, and ends with the student's
    next one, or with the student's rows. So there are as many as such moments, however
    many skills there are.

    Parameters
    ----------
    log : Log
        With coded skills.
    timeline : Timeline
        That of the log.

    Attributes
    ----------
    skill : ndarray of shape (n_spans,)
    entry : ndarray of shape (n_spans,)
        The last answer before each: a place in time order.
    """

    def __init__(self, log, timeline):
        on_skill = timeline.split(log.skill[timeline.rows])
        counted = ~np.isnan(log.correct[timeline.rows[on_skill.rows]])
        pair = on_skill.student[counted]
        self.answers = on_skill.rows[counted]
        first = np.flatnonzero(np.diff(on_skill.moment[counted], prepend=-1))
        self.stops = np.append(first, len(pair))[1:]
        self.entry = self.answers[self.stops - 1]
        self.skill = log.skill[timeline.rows[self.entry]]
        self.since = timeline.moment[self.entry]
        student = timeline.student[self.entry]
        self.until = timeline.moment[timeline.offsets[1:] - 1][student] + 1
        pair = pair[first]
        goes_on = np.flatnonzero(pair[1:] == pair[:-1])
        self.until[goes_on] = self.since[goes_on + 1]
        self.opens = first[np.searchsorted(pair, pair)]  # first answer of each pair
        self.offsets = np.searchsorted(student, np.arange(len(timeline.offsets)))
        self.timeline = timeline

    def total(self, values):
        """Add up the values of a student's answers on the skill, until each span.

        Parameters
        ----------
        values : ndarray of shape (n_entries,)
            In time order; whole numbers or booleans, so that sums are exact.

        Returns
        -------
        ndarray of shape (n_spans,)
        """
        total = np.append(0, np.cumsum(values[self.answers]))
        return total[self.stops] - total[self.opens]

    def after(self, entries):
        """Find the spans that hold after the moments of some entries.

        Parameters
        ----------
        entries : ndarray of shape (n_asked,)
            Places in time order.

        Returns
        -------
        asked, span : ndarray of shape (n_found,)
            For each skill that the student of ``entries[asked]`` has answered on up to
            then, the span of the skill.
        """
        by_time = np.argsort(entries, kind="stable")
        entries = entries[by_time]
        student, moment = self.timeline.student[entries], self.timeline.moment[entries]
        student = student[np.diff(student, prepend=-1) > 0]
        first = self.offsets[student]
        span = concatenate_ranges(first, self.offsets[student + 1] - first)
        first = np.searchsorted(moment, self.since[span])
        n_asked = np.searchsorted(moment, self.until[span]) - first
        asked = concatenate_ranges(first, n_asked)
        return by_time[asked], np.repeat(span, n_asked)
