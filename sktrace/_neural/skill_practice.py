"""What a student did earlier on the asked skill, and on every skill. Numpy only."""

import numpy as np

from .._arrays import concatenate_ranges
from .._interactions.earlier import latest_before
from .._interactions.spans import SkillSpans

__all__ = ["SkillPractice", "practice_of_skill"]


def practice_of_skill(log, timeline):
    """Count a student's earlier answers on the skill of each entry.

    Returns
    -------
    ndarray of shape (n_entries, 3), int64
        In time order: how often it was answered right and wrong before, and whether it
        is a skill of the student's last answered moment.
    """
    on_skill = timeline.split(log.skill[timeline.rows])
    correct = log.correct[timeline.rows]
    moment = np.where(np.isnan(correct), np.nan, timeline.moment)
    last = latest_before(timeline, moment)[on_skill.rows]
    correct, moment = correct[on_skill.rows], moment[on_skill.rows]
    practice = np.empty((len(correct), 3), dtype=np.int64)
    practice[on_skill.rows] = np.column_stack(
        [
            on_skill.count_before(correct == 1),
            on_skill.count_before(correct == 0),
            latest_before(on_skill, moment) == last,
        ]
    )
    return practice


class SkillPractice:
    """What students have done on every skill, at any time.

    Parameters
    ----------
    log : Log
        With coded skills.
    timeline : Timeline
        That of the log.
    """

    def __init__(self, log, timeline):
        correct = log.correct[timeline.rows]
        self.moment, self.spans = timeline.moment, SkillSpans(log, timeline)
        counts = [self.spans.total(correct == answer) for answer in (1, 0)]
        answered = timeline.moment[~np.isnan(correct)]
        following = np.searchsorted(answered, self.spans.since, side="right")
        following = np.append(answered, len(timeline.moment))[following]
        self.practice = np.column_stack([*counts, following])

    def after(self, entries, skill):
        """Find what was done on some skills until after the moments of some entries.

        Parameters
        ----------
        entries : ndarray of shape (n_asked,)
            Places in time order.
        skill : ndarray of shape (n_questions,)
            Codes.

        Returns
        -------
        asked, question : ndarray of shape (n_found,)
            Places of the entries and of the skills that something was done on.
        practice : ndarray of shape (n_found, 3), int64
            What `practice_of_skill` would say of an entry that asks next.
        """
        asked, span = self.spans.after(entries)
        by_skill = np.argsort(skill, kind="stable")
        codes, own = skill[by_skill], self.spans.skill[span]
        first = np.searchsorted(codes, own)
        n_questions = np.searchsorted(codes, own, side="right") - first
        question = by_skill[concatenate_ranges(first, n_questions)]
        asked = np.repeat(asked, n_questions)
        practice = self.practice[np.repeat(span, n_questions)]
        practice[:, 2] = self.moment[entries[asked]] < practice[:, 2]
        return asked, question, practice
