"""Answer histories as trees: what students have in common is computed once.

A student's answers on one skill are a chain of opportunities, one per moment. Chains
of a skill that begin alike share a path from a root, so a model whose state depends on
nothing but the skill and its history needs one state per node, which is less than half
of the rows of a real log; where items differ, histories do so sooner. Nothing here
knows a model.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .evidence import Evidence, number_rows
from .opportunities import read_opportunities

__all__ = [
    "Chains",
    "Histories",
    "Places",
    "find_roots",
    "grow_chains",
    "grow_histories",
]

NOTHING = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Histories:
    """A tree of histories per root, all of them level by level.

    Node k < n_roots is root k: nothing answered yet. There is one for each skill, or
    several where the prior differs by group. Every other node adds the answers of one
    opportunity to its parent's history.

    Attributes
    ----------
    n_skills : int
    levels : ndarray of shape (n_levels + 1,)
        Nodes ``levels[d]:levels[d + 1]`` lie d opportunities deep, sorted by parent.
    parent, skill : ndarray of shape (n_nodes,)
    prior : ndarray of shape (n_roots,)
        Cell of the rate at which each root's skill is known.
    kind : ndarray of shape (n_nodes,)
        Which kind of evidence a node adds.
    evidence : Evidence
    learn : ndarray of shape (n_nodes,)
        Cell of the rate at which the skill is learnt after the node's opportunity.
    forgets : ndarray of shape (n_nodes,), float64
        1 if the skill may be forgotten right before the node's opportunity, else 0.
    weight : ndarray of shape (n_nodes,)
        Weight of all chains that go through a node or end in it.
    """

    n_skills: int
    levels: np.ndarray
    parent: np.ndarray
    skill: np.ndarray
    prior: np.ndarray
    kind: np.ndarray
    evidence: Evidence
    learn: np.ndarray
    forgets: np.ndarray
    weight: np.ndarray

    @property
    def n_roots(self):
        """Number of trees."""
        return self.levels[1]

    @cached_property
    def slices(self):
        """The levels below the roots, as slices of nodes."""
        return [slice(*edges) for edges in pairwise(self.levels[1:])]

    def take(self, chosen):
        """Return the trees of the skills that a mask chooses, and all roots."""
        kept = chosen[self.skill]
        kept[: self.n_roots] = True
        new_node = np.append(np.cumsum(kept) - 1, -1)  # a root has no parent: -1
        sizes = np.add.reduceat(kept, self.levels[:-1], dtype=np.int64)
        return Histories(
            n_skills=self.n_skills,
            levels=np.append(0, np.cumsum(sizes[sizes > 0])),
            parent=new_node[self.parent[kept]],
            skill=self.skill[kept],
            prior=self.prior,
            kind=self.kind[kept],
            evidence=self.evidence,
            learn=self.learn[kept],
            forgets=self.forgets[kept],
            weight=self.weight[kept],
        )


class Places(NamedTuple):
    """Where the entries of a log stand in its histories, in time order."""

    before: np.ndarray  # (n_entries,) node of the history before each entry's moment
    after: np.ndarray  # (n_entries,) node of the history after it
    forgets: np.ndarray  # (n_entries,) 1 if the skill may be forgotten before it


def grow_histories(log, timeline, cells, weight=None, gap=None):
    """Arrange the answers of a log as histories.

    Parameters
    ----------
    log : Log
        Its skills are codes below `cells.n_skills`; without an answer there is no
        opportunity.
    timeline : Timeline
        That of the log.
    cells : Cells
        Which rates its entries read.
    weight : ndarray of shape (n_entries,), optional
        A chain weighs as much as its answers on average. Nobody looks at an answer
        of weight 0.
    gap : float, optional
        Seconds after an opportunity, by the log's ``time``, from which a skill may be
        forgotten. By default it may be after every one.

    Returns
    -------
    histories : Histories
    places : Places
    """
    opportunities, spots = read_opportunities(log, timeline, cells, weight, gap)
    roots = find_roots(cells)
    steps, step = number_rows(*opportunities.steps)
    chains = Chains(
        np.searchsorted(roots, opportunities.root),
        opportunities.lengths,
        step,
        opportunities.weight,
    )
    evidence, always = opportunities.evidence, gap is None
    histories, leads_to = grow_chains(chains, steps, roots, cells, evidence, always)
    leads_to = np.append(leads_to, -1)  # so that the last opportunity may have a next
    is_first = spots.n_before == opportunities.starts[spots.chain]
    root = chains.root[spots.chain]
    before = np.where(is_first, root, leads_to[spots.n_before - 1])
    after = np.where(spots.is_one, leads_to[spots.n_before], before)
    return histories, Places(before, after, spots.forgets.astype(np.float64))


class Chains(NamedTuple):
    """Chains of opportunities, one chain after the other, each in time order."""

    root: np.ndarray  # (n_chains,) in which tree each is
    lengths: np.ndarray  # (n_chains,)
    step: np.ndarray  # (n_opportunities,) the number of what each adds
    weight: np.ndarray  # (n_chains,)


def find_roots(cells):
    """Return the cell of the prior of each tree, in order of the trees."""
    pairs = cells.pairs.get("prior", slice(0, 0))
    return np.append(np.arange(cells.n_skills), np.arange(pairs.start, pairs.stop))


def grow_chains(chains, steps, roots, cells, evidence, always):
    """Grow trees level by level.

    Parameters
    ----------
    chains : Chains
    steps : ndarray of shape (n_steps, 3)
        What opportunities may differ in: the kind of evidence, the cell of the learn
        rate, and whether something may be forgotten before it.
    roots : ndarray of shape (n_roots,)
        As `find_roots` returns them.
    cells : Cells
    evidence : Evidence
    always : bool
        Something may be forgotten before every opportunity but the first.

    Returns
    -------
    histories : Histories
    leads_to : ndarray of shape (n_opportunities,)
        The node that each opportunity leads to.
    """
    n_roots = len(roots)
    longest_first = np.argsort(-chains.lengths, kind="stable")
    starts = (np.cumsum(chains.lengths) - chains.lengths)[longest_first]
    lengths, weight = chains.lengths[longest_first], chains.weight[longest_first]
    node = chains.root[longest_first]
    levels, parents, steps_added = [0, n_roots], [np.full(n_roots, -1)], [NOTHING]
    weights = [np.bincount(node, weight, n_roots)]
    leads_to = np.empty(len(chains.step), dtype=np.int64)
    for depth in range(lengths.max(initial=0)):
        n_chains = np.searchsorted(-lengths, -depth, side="left")  # longer than depth
        taken = starts[:n_chains] + depth
        key = node[:n_chains] * len(steps) + chains.step[taken]
        key, inverse = np.unique(key, return_inverse=True)
        node = levels[-1] + inverse
        leads_to[taken] = node
        parents.append(key // len(steps))
        steps_added.append(key % len(steps))
        weights.append(np.bincount(inverse, weight[:n_chains]))
        levels.append(levels[-1] + len(key))
    kind, learn, forgets = steps[np.concatenate(steps_added)].T
    kind = np.append(np.zeros(n_roots, dtype=np.int64), kind)
    skill = cells.skill[np.append(roots, learn)]
    parent = np.concatenate(parents)
    forgets = np.append(np.zeros(n_roots), forgets)
    if always:
        forgets = (parent >= n_roots).astype(np.float64)
    histories = Histories(
        n_skills=cells.n_skills,
        levels=np.array(levels),
        parent=parent,
        skill=skill,
        prior=roots,
        kind=kind,
        evidence=evidence,
        learn=np.append(cells.of_skill("learn", skill[:n_roots]), learn),
        forgets=forgets,
        weight=np.concatenate(weights),
    )
    return histories, leads_to
