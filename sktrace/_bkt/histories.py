"""Answer histories as trees: what students have in common is computed once.

A student's answers on one skill are a chain of opportunities, one per moment. Chains
of a skill that begin alike share a path from the skill's root, so a model whose state
depends on nothing but the skill and its history needs one state per node, which is
less than half of the rows of a real log. Numpy only: nothing here knows a model.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from .._interactions.practice import split_by_skill

__all__ = ["Histories", "grow_histories"]


@dataclass(frozen=True)
class Histories:
    """A tree of histories per skill, all of them level by level.

    Node k < n_skills is the root of skill k: nothing answered yet. Every other node
    adds the answers of one opportunity to its parent's history.

    Attributes
    ----------
    levels : ndarray of shape (n_levels + 1,)
        Nodes ``levels[d]:levels[d + 1]`` lie d opportunities deep, sorted by parent.
    parent, skill : ndarray of shape (n_nodes,)
    evidence : ndarray of shape (n_nodes,)
        Which kind of evidence a node adds.
    kinds : ndarray of shape (n_kinds, 2)
        Wrong and right answers in each kind of evidence: one answer, or several of
        one moment, or none, where an opportunity was taken but nobody looked.
    weight : ndarray of shape (n_nodes,)
        Weight of all chains that go through a node or end in it.
    """

    levels: np.ndarray
    parent: np.ndarray
    skill: np.ndarray
    evidence: np.ndarray
    kinds: np.ndarray
    weight: np.ndarray

    @property
    def n_skills(self):
        """Number of trees."""
        return self.levels[1]

    @cached_property
    def slices(self):
        """The levels below the roots, as slices of nodes."""
        return [slice(*edges) for edges in pairwise(self.levels[1:])]

    @cached_property
    def cell(self):
        """Skill and kind of evidence of each node as one code."""
        return self.skill * len(self.kinds) + self.evidence

    def take(self, chosen):
        """Return the trees of the skills that a mask chooses."""
        kept = chosen[self.skill]
        new_node, new_skill = np.cumsum(kept) - 1, np.cumsum(chosen) - 1
        new_node = np.append(new_node, -1)  # a root's parent, -1, stays none
        sizes = np.add.reduceat(kept, self.levels[:-1], dtype=np.int64)
        return Histories(
            levels=np.append(0, np.cumsum(sizes[sizes > 0])),
            parent=new_node[self.parent[kept]],
            skill=new_skill[self.skill[kept]],
            evidence=self.evidence[kept],
            kinds=self.kinds,
            weight=self.weight[kept],
        )


def grow_histories(log, timeline, n_skills, weight=None):
    """Arrange the answers of a log as histories.

    Parameters
    ----------
    log : Log
        Its skills are codes below `n_skills`; without an answer there is no
        opportunity.
    timeline : Timeline
        That of the log.
    n_skills : int
    weight : ndarray of shape (n_entries,), optional
        A chain weighs as much as its answers on average. Nobody looks at an answer
        of weight 0.

    Returns
    -------
    histories : Histories
    before, after : ndarray of shape (n_entries,)
        Node of the history before and after the moment of each entry, in time order.
    """
    chains = split_by_skill(log, timeline)
    answered = ~np.isnan(log.correct)
    weight = answered * (1.0 if weight is None else weight)
    is_step, kinds, kind = _merge_moments(
        chains, log.correct[chains.rows], weight[chains.rows]
    )
    chain = chains.student[chains.moment_starts]
    # No opportunity number but a place among the steps of all chains, which stand
    # together, in time order.
    n_before = np.cumsum(is_step) - is_step
    lengths = np.bincount(chain, is_step).astype(np.int64)
    starts = np.cumsum(lengths) - lengths
    root = log.skill[chains.rows[chains.offsets[:-1]]]

    place = chains.restore(chains.moment)[timeline.rows]
    weight = weight[timeline.rows]
    looked_at = np.bincount(chain[place], weight > 0)
    chain_weight = np.bincount(chain[place], weight) / np.maximum(looked_at, 1)

    histories, leads_to = _grow(
        starts, lengths, root, kind[is_step], kinds, chain_weight, n_skills
    )
    leads_to = np.append(leads_to, -1)  # so that the last step may have a next
    before = np.where(n_before == starts[chain], root[chain], leads_to[n_before - 1])
    after = np.where(is_step, leads_to[n_before], before)
    return histories, before[place], after[place]


def _merge_moments(chains, correct, weight):
    """Merge a moment's entries on one skill into one opportunity.

    Parameters
    ----------
    chains : Timeline
        Of each student on each skill.
    correct, weight : ndarray of shape (n_entries,)
        In its order.

    Returns
    -------
    is_step : ndarray of shape (n_opportunities,), bool
        Whether there is an answer.
    kinds : ndarray of shape (n_kinds, 2)
        Wrong and right answers that somebody looks at; none in the first kind, which
        is that of roots.
    kind : ndarray of shape (n_opportunities,)
        The kind of each opportunity.
    """
    is_step = np.bincount(chains.moment, ~np.isnan(correct)) > 0
    n_right, n_wrong = (
        np.bincount(chains.moment, (correct == answer) & (weight > 0)).astype(np.int64)
        for answer in (1, 0)
    )
    base = n_wrong.max() + 1
    codes, kind = np.unique(np.append(0, n_right * base + n_wrong), return_inverse=True)
    return is_step, np.column_stack([codes % base, codes // base]), kind[1:]


def _grow(starts, lengths, root, evidence, kinds, chain_weight, n_skills):
    """Grow the trees level by level; return them, and where each step leads."""
    longest_first = np.argsort(-lengths, kind="stable")
    starts, lengths = starts[longest_first], lengths[longest_first]
    node, weight = root[longest_first], chain_weight[longest_first]
    skill = node
    levels, parents, skills = (
        [0, n_skills],
        [np.full(n_skills, -1)],
        [np.arange(n_skills)],
    )
    weights = [np.bincount(skill, weight, n_skills)]
    kinds_added = [np.zeros(n_skills, dtype=np.int64)]
    leads_to = np.empty(len(evidence), dtype=np.int64)
    for depth in range(lengths[0]):
        n_chains = np.searchsorted(-lengths, -depth, side="left")  # longer than depth
        steps = starts[:n_chains] + depth
        key = node[:n_chains] * len(kinds) + evidence[steps]
        key, one, inverse = np.unique(key, return_index=True, return_inverse=True)
        node = levels[-1] + inverse
        leads_to[steps] = node
        parents.append(key // len(kinds))
        kinds_added.append(key % len(kinds))
        skills.append(skill[one])
        weights.append(np.bincount(inverse, weight[:n_chains]))
        levels.append(levels[-1] + len(key))
    histories = Histories(
        levels=np.array(levels),
        parent=np.concatenate(parents),
        skill=np.concatenate(skills),
        evidence=np.concatenate(kinds_added),
        kinds=kinds,
        weight=np.concatenate(weights),
    )
    return histories, leads_to
