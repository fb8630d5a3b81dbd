"""What a student did earlier, and how long ago: on an item, on a skill, at all.

Earlier means in a strictly earlier moment. Arrays are in time order, one entry per
entry of the log. Numpy only.
"""

import numpy as np

from .practice import number_questions

__all__ = ["latest_before", "measure_gaps", "open_questions", "practice_of_item"]


def latest_before(timeline, values):
    """Return the latest known value among a student's strictly earlier moments.

    Parameters
    ----------
    timeline : Timeline
    values : ndarray of shape (n_entries,), float64
        In time order, NaN where nothing is known. A moment has the largest of its own.

    Returns
    -------
    ndarray of shape (n_entries,), float64
        NaN where no earlier moment has a value.

    Examples
    --------
    >>> import numpy as np
    >>> from sktrace._interactions.timeline import Timeline
    >>> steps = np.arange(4)
    >>> timeline = Timeline(steps, np.array([0, 3, 4]), np.array([0, 0, 0, 1]), steps)
    >>> latest_before(timeline, np.array([5.0, np.nan, 7.0, 8.0])).tolist()
    [nan, 5.0, 5.0, nan]
    """
    starts = timeline.moment_starts
    latest = np.fmax.reduceat(values, starts)  # of each moment
    own = np.where(np.isnan(latest), -1, np.arange(len(starts)))
    before = np.append(-1, np.maximum.accumulate(own)[:-1])
    first = timeline.moment[timeline.offsets[timeline.student[starts]]]
    found = np.where(before >= first, latest[before], np.nan)
    return found[timeline.moment]


def open_questions(log, timeline):
    """Find the answer of each question on a known item, and where it is counted.

    Rows of one moment that name the same item are one question, which is right if all
    of them are.

    Parameters
    ----------
    log : Log
        With coded skills and items.
    timeline : Timeline
        That of the log.

    Returns
    -------
    right, wrong : ndarray of shape (n_entries,), bool
        Of each question that has an answer, the first entry is marked in one of them.
    """
    question = number_questions(log, timeline)[timeline.rows]
    correct, item = log.correct[timeline.rows], log.known_before["item"][timeline.rows]
    counted = (item >= 0) & ~np.isnan(correct)
    least = np.ones(question.max() + 1)
    np.minimum.at(least, question[counted], correct[counted])
    opens = np.zeros(len(question), dtype=bool)
    opens[np.unique(question, return_index=True)[1]] = True
    answered = np.zeros(len(least), dtype=bool)
    answered[question[counted]] = True
    opens &= answered[question]
    right = opens & (least[question] == 1)
    return right, opens & ~right


def practice_of_item(log, timeline):
    """Count a student's earlier answers on the item of each entry.

    Returns
    -------
    ndarray of shape (n_entries, 3), int64
        How often it was answered right and wrong before, and whether it is an item of
        the student's last answered moment. An item that is not known has zeros.
    """
    item = log.known_before["item"][timeline.rows]
    on_item = timeline.split(np.maximum(item, -1) + 1)
    right, wrong = open_questions(log, timeline)
    counts = [
        on_item.restore(on_item.count_before(v[on_item.rows])) for v in (right, wrong)
    ]
    answered = ~np.isnan(log.correct[timeline.rows])
    moment = np.where(answered, timeline.moment, np.nan)
    last = latest_before(timeline, moment)
    last_on_item = on_item.restore(latest_before(on_item, moment[on_item.rows]))
    practice = np.column_stack([*counts, last_on_item == last]).astype(np.int64)
    practice[item < 0] = 0
    return practice


def measure_gaps(log, timeline):
    """Return the seconds since a student's last answer: at all, on the skill, the item.

    Parameters
    ----------
    log : Log
        With coded skills, times and perhaps items.
    timeline : Timeline
        That of the log.

    Returns
    -------
    ndarray of shape (n_entries, 2) or, with items, (n_entries, 3), float64
        NaN where the time of the entry is missing, infinite where no earlier answer
        has a time. Clocks that went backwards count as 0.
    """
    rows = timeline.rows
    time = log.known_before["time"][rows]
    answered = np.where(np.isnan(log.correct[rows]), np.nan, time)
    lines = [timeline, timeline.split(log.skill[rows])]
    if "item" in log.known_before:
        item = log.known_before["item"][rows]
        lines.append(timeline.split(np.maximum(item, -1) + 1))
    gaps = []
    for number, line in enumerate(lines):
        # All but the first are split: their rows are places in time order.
        values = answered if number == 0 else answered[line.rows]
        last = latest_before(line, values)
        last = last if number == 0 else line.restore(last)
        if number == 2:
            last[item < 0] = np.nan  # items that are not known are not one item
        gaps.append(since(time, last))
    return np.column_stack(gaps)


def since(time, last):
    """Return the seconds from one time to another; infinite if there was none."""
    gap = np.maximum(time - np.where(np.isnan(last), -np.inf, last), 0)
    return np.where(np.isnan(time), np.nan, gap)
