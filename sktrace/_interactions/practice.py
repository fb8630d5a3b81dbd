"""Who practised which skill, and how often before: entries, opportunities, counts.

Attempts are answers; opportunities are moments with an answer. Both are counted per
student and skill, and in strictly earlier moments only.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from .._arrays import concatenate_ranges
from .codes import factorize
from .vocabulary import split_cells

__all__ = [
    "COUNTS",
    "SCALES",
    "count_features",
    "count_practice",
    "entries_by_skill",
    "number_opportunities",
    "number_questions",
    "open_moments",
    "scale_counts",
    "skill_columns",
    "split_by_skill",
]

COUNTS = ("attempts", "successes", "failures")
SCALES = {"linear": np.asarray, "log": np.log1p}


def entries_by_skill(cells, separator):
    """Make an entry for each skill that a row names.

    Parameters
    ----------
    cells : Series of shape (n_rows,)
        A column of skills; a row whose cell is missing has no entry.
    separator : str or None
        What joins the skills of a question on several.

    Returns
    -------
    row, skill : ndarray of shape (n_entries,), int64
        Position of each entry's row, and the code of its skill.
    skills : ndarray of shape (n_skills,)
        Names of the skills in order of code, sorted if they can be.
    """
    cell, _ = factorize(cells, cells.name)
    rows = np.flatnonzero(cell >= 0)
    # Each cell is split once, however many rows it stands in.
    first, cell = np.unique(cell[rows], return_index=True, return_inverse=True)[1:]
    names, sizes = split_cells(cells.iloc[rows[first]].tolist(), separator)
    skill, skills = factorize(pd.Series(names, dtype=object), cells.name)
    n_entries, starts = sizes[cell], (np.cumsum(sizes) - sizes)[cell]
    entry = concatenate_ranges(starts, n_entries)
    return np.repeat(rows, n_entries), skill[entry], skills


def split_by_skill(log, timeline):
    """Split the timeline of each student into one for each skill.

    Returns
    -------
    Timeline
        In which ``student`` numbers the pairs of a student and a skill, and a moment
        holds the entries of one moment on one skill.
    """
    on_skill = timeline.split(log.skill[timeline.rows])
    return replace(on_skill, rows=timeline.rows[on_skill.rows])


def open_moments(timeline, marks):
    """Keep the first mark of each moment: what counts moments counts these.

    Parameters
    ----------
    timeline : Timeline
    marks : ndarray of shape (n_entries,), bool
        In time order.

    Returns
    -------
    ndarray of shape (n_entries,), bool
    """
    marked = np.flatnonzero(marks)
    opens = np.zeros(len(marks), dtype=bool)
    opens[marked] = np.diff(timeline.moment[marked], prepend=-1) != 0
    return opens


def number_opportunities(log, timeline):
    """Number the opportunities of each student on each skill, from 1.

    An opportunity is a moment with an answer on the skill, however many answers it
    holds. An entry without an answer has the number that an answer would have.

    Parameters
    ----------
    log : Log
        With coded skills.
    timeline : Timeline
        That of the log.

    Returns
    -------
    ndarray of shape (n_entries,), int64
        In the order of the log.
    """
    on_skill = split_by_skill(log, timeline)
    answered = ~np.isnan(log.correct[on_skill.rows])
    before = on_skill.count_before(open_moments(on_skill, answered))
    return on_skill.restore(before + 1)


def count_practice(log, timeline):
    """Count a student's earlier answers on the skill of each entry.

    Earlier means in a strictly earlier moment: an entry does not count its own answer,
    nor one that ties with it. Entries without an answer count nothing.

    Parameters
    ----------
    log : Log
        With coded skills; all unknown skills share a code, so they count as one.
    timeline : Timeline
        That of the log.

    Returns
    -------
    dict of str to ndarray of shape (n_entries,), int64
        ``attempts``, ``successes`` and ``failures``, in the order of the log.
    """
    on_skill = split_by_skill(log, timeline)
    correct = log.correct[on_skill.rows]
    successes, failures = (
        on_skill.restore(on_skill.count_before(correct == answer)) for answer in (1, 0)
    )
    return {
        "attempts": successes + failures,
        "successes": successes,
        "failures": failures,
    }


def count_features(log, timeline, counts, scale):
    """Return the named counts on a linear or logarithmic scale.

    Returns
    -------
    ndarray of shape (n_counts, n_entries), float64
        In the order of the log.
    """
    return scale_counts(count_practice(log, timeline), counts, scale)


def scale_counts(counted, counts, scale):
    """Return some of the counts by name, on a scale, one row each."""
    return np.array([SCALES[scale](counted[name]) for name in counts], dtype=float)


def skill_columns(log, features, n_skills):
    """Give each skill its own columns: an indicator and one per feature.

    A row that names several skills has entries in the columns of each. The unknown
    skill, whose code is `n_skills`, has no column.

    Parameters
    ----------
    log : Log
        With coded skills.
    features : ndarray of shape (n_features, n_entries)
    n_skills : int

    Returns
    -------
    csr_matrix of shape (n_rows, (1 + n_features) * n_skills), float64
        The indicators of all skills, then the first feature of all skills, and so on.
    """
    known = log.skill < n_skills
    blocks = np.vstack([np.ones(len(known)), features])[:, known]
    columns = log.skill[known] + n_skills * np.arange(len(blocks))[:, None]
    row_ends = np.cumsum(log.sum(known.astype(np.int64))) * len(blocks)
    matrix = sparse.csr_matrix(
        (blocks.T.ravel(), columns.T.ravel(), np.append(0, row_ends)),
        shape=(len(row_ends), len(blocks) * n_skills),
    )
    matrix.eliminate_zeros()
    return matrix


def number_questions(log, timeline):
    """Number the questions of a log: what is one answer, however many rows tell of it.

    Rows of one moment that name the same item are one question, and so are the entries
    of a row. Other rows are questions of their own, since clocks are coarse.

    Parameters
    ----------
    log : Log
        With coded items, or without items.
    timeline : Timeline
        That of the log.

    Returns
    -------
    ndarray of shape (n_entries,), int64
        From 0, in the order of the log.
    """
    if "item" not in log.known_before:
        return log.row
    item = log.known_before["item"]
    moment = timeline.restore(timeline.moment)
    # Without an item a row is its own, by a code that no item has.
    own = np.where(item == -1, item.max() + 1 + log.row, item) - item.min()
    key = moment * (own.max() + 1) + own
    return np.unique(key, return_inverse=True)[1].astype(np.int64)
