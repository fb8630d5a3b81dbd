"""How much a student has practised a skill: the features of factor models.

Numpy and scipy only: nothing here knows a column name.
"""

import numpy as np
from scipy import sparse

__all__ = [
    "COUNTS",
    "SCALES",
    "count_features",
    "count_practice",
    "scale_counts",
    "skill_columns",
]

COUNTS = ("attempts", "successes", "failures")
SCALES = {"linear": np.asarray, "log": np.log1p}


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
    skill = log.skill[timeline.rows]
    pair = timeline.student * (skill.max() + 1) + skill
    by_pair = np.argsort(pair, kind="stable")  # and within a pair by time, still
    new_pair = np.diff(pair[by_pair], prepend=-1) != 0
    new_moment = new_pair | (np.diff(timeline.moment[by_pair], prepend=-1) != 0)
    pair_start = np.flatnonzero(new_pair)[np.cumsum(new_pair) - 1]
    moment_start = np.flatnonzero(new_moment)[np.cumsum(new_moment) - 1]
    entries = timeline.rows[by_pair]
    correct = log.correct[entries]

    def count(counted):
        total = np.append(0, np.cumsum(counted))
        before = np.empty(len(counted), dtype=np.int64)
        before[entries] = total[moment_start] - total[pair_start]
        return before

    successes, failures = count(correct == 1), count(correct == 0)
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
