"""The opportunities of each student on each skill, as codes that a model can count.

An opportunity is a moment with an answer on the skill. Its answers tell what is known,
and it is an occasion to learn; between it and the one before, something may be lost.
"""

from typing import NamedTuple

import numpy as np

from .._interactions.practice import number_questions, split_by_skill
from .._words import first_few
from .evidence import Evidence, read_evidence

__all__ = [
    "Opportunities",
    "Spots",
    "check_groups",
    "first_pairs",
    "read_opportunities",
]

NO_PAIR = np.iinfo(np.int64).max


class Opportunities(NamedTuple):
    """Chains of opportunities, one chain after the other, each in time order."""

    starts: np.ndarray  # (n_chains,) place of each chain's first opportunity
    lengths: np.ndarray  # (n_chains,) how many it has
    root: np.ndarray  # (n_chains,) the cell of the rate at which the skill is known
    weight: np.ndarray  # (n_chains,) mean weight of its answers
    kind: np.ndarray  # (n_opportunities,) of the evidence
    evidence: Evidence
    learn: np.ndarray  # (n_opportunities,) the cell of the rate at which it is learnt
    forgets: np.ndarray | None  # (n_opportunities,) bool; None: if there is one before

    @property
    def steps(self):
        """What opportunities may differ in: columns of codes."""
        forgets = self.forgets
        if forgets is None:
            forgets = np.zeros(len(self.kind))
        return self.kind, self.learn, forgets.astype(np.int64)


class Spots(NamedTuple):
    """Where the entries of a log stand among the opportunities, in time order."""

    chain: np.ndarray  # (n_entries,)
    n_before: np.ndarray  # (n_entries,) opportunities before it, of all chains
    is_one: np.ndarray  # (n_entries,) whether its moment is an opportunity
    forgets: np.ndarray  # (n_entries,) whether something may be lost just before it


def read_opportunities(log, timeline, cells, weight, gap):
    """Read opportunities from a log; see `grow_histories` for its parameters.

    Returns
    -------
    opportunities : Opportunities
    spots : Spots
    """
    chains = split_by_skill(log, timeline)
    answered = ~np.isnan(log.correct)
    weight = answered * (1.0 if weight is None else weight)
    is_one = np.bincount(chains.moment, answered[chains.rows]) > 0
    chain = chains.student[chains.moment_starts]
    n_before = np.cumsum(is_one) - is_one
    lengths = np.bincount(chain, is_one).astype(np.int64)
    starts = np.cumsum(lengths) - lengths

    place = chains.restore(chains.moment)[timeline.rows]  # of entries in time order
    weights = weight[timeline.rows]
    looked_at = np.bincount(chain[place], weights > 0)
    has_before = n_before > starts[chain]
    if gap is None:
        forgets, forgets_steps = has_before[place], None
    else:
        time = _times(log, chains, answered)[is_one]
        last = np.append(time, np.nan)[n_before - 1]  # of the opportunity before
        own = log.known_before["time"][timeline.rows]
        forgets = has_before[place] & (own - last[place] >= gap)
        forgets_steps = has_before[is_one] & (time - last[is_one] >= gap)
    evidence, kind = _read_answers(log, timeline, chains, cells, weight)
    opportunities = Opportunities(
        starts=starts,
        lengths=lengths,
        root=_find_roots(log, timeline, chains, cells),
        weight=np.bincount(chain[place], weights) / np.maximum(looked_at, 1),
        kind=kind[is_one],
        evidence=evidence,
        learn=_find_learn(log, chains, cells, answered)[is_one],
        forgets=forgets_steps,
    )
    return opportunities, Spots(chain[place], n_before[place], is_one[place], forgets)


def _read_answers(log, timeline, chains, cells, weight):
    """Return kinds of evidence, and that of each moment of the chains."""
    counts = weight[chains.rows] > 0
    moment, looked_at = chains.moment[counts], chains.rows[counts]
    skill = log.skill[looked_at]
    columns = {role: values[looked_at] for role, values in log.known_before.items()}
    question = None
    if "item" in columns and (np.diff(moment) == 0).any():
        question = number_questions(log, timeline)[looked_at]
    return read_evidence(
        moment,
        len(chains.moment_starts),
        log.correct[looked_at],
        cells.of_entries("guess", skill, columns),
        cells.of_entries("slip", skill, columns),
        question,
    )


def _times(log, chains, answered):
    """Return the time of the answers of each moment of the chains: the latest."""
    time = np.where(answered, log.known_before["time"], np.nan)
    return np.fmax.reduceat(time[chains.rows], chains.moment_starts)


def _find_learn(log, chains, cells, answered):
    """Return the cell of the learn rate after each moment of the chains."""
    own = cells.of_skill("learn", log.skill[chains.rows[chains.moment_starts]])
    if "learn" not in cells.roles:
        return own
    counts = answered[chains.rows]
    entries = log.take(chains.rows[counts])
    cell = cells.of_entries("learn", entries.skill, entries.known_before)
    return first_pairs(cell, chains.moment[counts], own, cells)


def first_pairs(cell, group, own, cells):
    """Choose one cell for each group of answers.

    Where they differ, it is the first in order of code that is a pair's.

    Parameters
    ----------
    cell, group : ndarray of shape (n_answers,)
        The cell of each, and which group it is in.
    own : ndarray of shape (n_groups,)
        The cell of a group that has no pair.
    cells : Cells
    """
    first = np.full(len(own), NO_PAIR)
    is_pair = cell >= cells.n_own
    np.minimum.at(first, group[is_pair], cell[is_pair])
    return np.where(first == NO_PAIR, own, first)


def _find_roots(log, timeline, chains, cells):
    """Return the cell of the prior of each chain."""
    groups = read_groups(log, timeline, cells)
    rows = chains.rows[chains.offsets[:-1]]
    student = timeline.restore(timeline.student)[rows]
    return cells.find("prior", log.skill[rows], groups[student])


def read_groups(log, timeline, cells):
    """Return the group of each student, which the first row tells; -1 if it does not.

    Students are in the order of the timeline.
    """
    first = timeline.rows[timeline.offsets[:-1]]
    if "prior" not in cells.roles:
        return np.full(len(first), -1)
    return log.known_before[cells.roles["prior"]][first]


def check_groups(log, column, student):
    """Refuse students who are in two groups, by the column ``prior_group``, if any."""
    group = log.known_before.get("prior_group")
    if group is None:
        return
    n_groups = group.max(initial=-1) + 2
    pairs = np.unique(log.student * n_groups + group + 1)
    students, n_own = np.unique(pairs // n_groups, return_counts=True)
    several = log.students[students[n_own > 1]]
    if len(several):
        cells = f"X[{column!r}]"
        raise ValueError(
            f"Column {column!r} (prior_group) differs between rows of {len(several)} "
            f"student(s): {first_few(several.tolist())}; expected one group in all of "
            f"a student's rows. Keep the first: {cells} = "
            f'{cells}.groupby(X[{student!r}]).transform("first").'
        )
