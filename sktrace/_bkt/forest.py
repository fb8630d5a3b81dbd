"""The histories of a whole log, however many pieces it is in, some skills at a time.

What EM expects of a skill is a sum over its trees, which none of another's enters. So
the chains of all pieces are dealt out by skill, grown into trees of as many skills as
memory allows, and kept: the trees are those of the log as a whole, and so are all sums.
"""

from functools import cached_property

import numpy as np

from .._interactions.timeline import Timeline
from .._portions.pieces import InMemory, total
from .em import log_likelihood
from .evidence import find_kinds, merge_evidence
from .expectation import ExpectedCounts
from .histories import Chains, find_roots, grow_chains
from .opportunities import read_opportunities

__all__ = ["ExpectedInForest", "Forest", "take_answers"]

AT_ONCE = 2**20  # opportunities whose states are held, 460 bytes each from five starts


class Forest:
    """Trees of histories, which are read some skills at a time.

    Parameters
    ----------
    trees : Pieces of Histories
        Of different skills, each with all roots.
    cells : Cells
    """

    def __init__(self, trees, cells):
        self.trees = trees
        self.n_skills, self.n_cells = cells.n_skills, len(cells.skill)
        n_nodes, self.practised = trees.total(_count_nodes)
        self.n_nodes = n_nodes + np.bincount(cells.skill[find_roots(cells)])

    @classmethod
    def grow(cls, pieces, cells, gap):
        """Grow the trees of all answers.

        Parameters
        ----------
        pieces : Pieces of tuples
            Logs of answers, with the weights of their entries.
        cells : Cells
        gap : float or None
            Seconds from which a skill may be forgotten.
        """
        read = pieces.keep(_read, cells, gap)
        evidence = merge_evidence(read.map(_get_evidence))
        keys = np.unique(np.concatenate(read.map(_number_steps, evidence, cells)))
        bounds = _cut_skills(read.total(_count_opportunities, cells))
        dealt = read.exchange(_deal, len(bounds) - 1, evidence, keys, cells, bounds)
        return cls(dealt.keep(_grow, evidence, keys, cells, gap is None), cells)

    @classmethod
    def of(cls, histories, cells):
        """Return the forest of trees that are grown."""
        return cls(InMemory([histories]), cells)

    def expect(self, skills=None):
        """Return the E-step of some skills, chosen by a mask, or of all."""
        if skills is None or skills.all():
            return self._expect_all
        return ExpectedInForest(self, skills)

    @cached_property
    def _expect_all(self):
        return ExpectedInForest(self, np.ones(self.n_skills, dtype=bool))

    def log_likelihood(self, rates):
        """Return the log-likelihood of each skill's answers, (n_skills, n_starts)."""
        return self.trees.total(log_likelihood, rates)


class ExpectedInForest:
    """The E-step of some skills of a forest; see `ExpectedCounts`.

    Parameters
    ----------
    forest : Forest
    chosen : ndarray of shape (n_skills,), bool
    """

    def __init__(self, forest, chosen):
        self.forest, self.chosen = forest, chosen
        trees = forest.trees
        if not chosen.all():
            trees = trees.keep(_take, chosen)
        trees = trees.choose(trees.map(_has_nodes))
        self.counts = trees.keep(ExpectedCounts, forest.n_cells)

    def __call__(self, rates):
        """Return the log-likelihood, hits and trials of `rates`."""
        n_starts = rates.shape[1]
        nothing = tuple(
            np.zeros((n, n_starts))
            for n in (self.forest.n_skills, *[self.forest.n_cells] * 2)
        )
        return total([nothing, *self.counts.map(ExpectedCounts.__call__, rates)])

    def share_of(self, skills):
        """Return which share of the nodes those of some skills are."""
        n_nodes = self.forest.n_nodes * self.chosen
        return n_nodes[skills].sum() / n_nodes.sum()


def take_answers(pieces, n_skills):
    """Return the answers on known skills in a log, and whether any of them counts.

    Parameters
    ----------
    pieces : Pieces of FitLog
    n_skills : int

    Returns
    -------
    pieces : Pieces of tuples
        Logs of answers, with the weights of their entries.
    counts : bool
    """
    pieces = pieces.keep(_take_answers, n_skills)
    has_answers, counts = zip(*pieces.map(_has_answers), strict=True)
    return pieces.choose(has_answers), any(counts)


def _take_answers(piece, n_skills):
    log, weight = piece.log, piece.weight
    used = (log.skill < n_skills) & ~np.isnan(log.correct)
    return log.take(used), weight[used]


def _has_answers(piece):
    """Say whether there are answers, and whether any of them counts."""
    weight = piece[1]
    return len(weight) > 0, bool((weight > 0).any())


def _read(piece, cells, gap):
    log, weight = piece
    return read_opportunities(log, Timeline.of(log), cells, weight, gap)[0]


def _get_evidence(opportunities):
    return opportunities.evidence


def _step_keys(opportunities, evidence, cells):
    """Return a number for what each opportunity adds, the same in all pieces."""
    kind, learn, forgets = opportunities.steps
    kind = find_kinds(opportunities.evidence, evidence)[kind]
    return (kind * len(cells.skill) + learn) * 2 + forgets


def _number_steps(opportunities, evidence, cells):
    return np.unique(_step_keys(opportunities, evidence, cells))


def _skills(opportunities, cells):
    """Return the skill of each chain."""
    return cells.skill[opportunities.root]


def _count_opportunities(opportunities, cells):
    skill = _skills(opportunities, cells)
    return np.bincount(skill, opportunities.lengths, cells.n_skills)


def _cut_skills(n_opportunities):
    """Cut the skills into runs whose trees are grown together."""
    run = np.maximum(np.cumsum(n_opportunities) - 1, 0) // AT_ONCE
    starts = np.flatnonzero(np.diff(run, prepend=run[0]))
    return np.concatenate([[0], starts, [len(run)]]).astype(np.int64)


def _deal(opportunities, evidence, keys, cells, bounds):
    """Deal the chains of a piece out by skill."""
    step = np.searchsorted(keys, _step_keys(opportunities, evidence, cells))
    root = np.searchsorted(find_roots(cells), opportunities.root)
    run = np.searchsorted(bounds, _skills(opportunities, cells), side="right") - 1
    of_step = run.repeat(opportunities.lengths)
    return [
        Chains(
            root[run == number].astype(np.int32),
            opportunities.lengths[run == number].astype(np.int32),
            step[of_step == number].astype(np.int32),
            opportunities.weight[run == number],
        )
        for number in range(len(bounds) - 1)
    ]


def _grow(dealt, evidence, keys, cells, always):
    """Grow the trees of some skills from the chains of all pieces."""
    root, lengths, step, weight = map(np.concatenate, zip(*dealt, strict=True))
    chains = Chains(root.astype(np.int64), lengths.astype(np.int64), step, weight)
    used, step = np.unique(step, return_inverse=True)
    key, forgets = np.divmod(keys[used], 2)
    kind, learn = np.divmod(key, len(cells.skill))
    steps = np.column_stack([kind, learn, forgets])
    chains = chains._replace(step=step)
    return grow_chains(chains, steps, find_roots(cells), cells, evidence, always)[0]


def _count_nodes(histories):
    """Count the nodes below the roots by skill, and what they weigh."""
    below = slice(histories.n_roots, None)
    skill, n_skills = histories.skill[below], histories.n_skills
    weight = np.bincount(skill, histories.weight[below], n_skills)
    return np.bincount(skill, minlength=n_skills), weight


def _take(histories, chosen):
    return histories.take(chosen)


def _has_nodes(histories):
    """Say whether there is anything but roots."""
    return len(histories.parent) > histories.n_roots
