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


def grow_histories(timeline, skill, correct, n_skills, weight=None):
    """Arrange the answers of a log as histories.

    Parameters
    ----------
    timeline : Timeline
    skill : ndarray of shape (n_entries,)
        Codes below `n_skills`, in the order of the log.
    correct : ndarray of shape (n_entries,)
        Answers 0, 1 or NaN; without an answer there is no opportunity.
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
    skill, correct = skill[timeline.rows], correct[timeline.rows]
    answered = ~np.isnan(correct)
    weight = answered * (1.0 if weight is None else weight[timeline.rows])

    opens, is_step, kinds, kind = _merge_moments(timeline, skill, correct, weight)

    # In the order of chains, the steps of a chain stand together, in time order.
    key = (timeline.student * n_skills + skill)[opens]
    by_chain = np.argsort(key, kind="stable")
    is_step, key = is_step[by_chain], key[by_chain]
    chain = np.cumsum(np.diff(key, prepend=-1) > 0) - 1
    n_before = np.cumsum(is_step) - is_step  # steps of this and of former chains
    lengths = np.bincount(chain, is_step).astype(np.int64)
    starts = np.cumsum(lengths) - lengths
    root = key[np.diff(chain, prepend=-1) > 0] % n_skills

    place = np.empty_like(by_chain)
    place[by_chain] = np.arange(len(by_chain))
    place = place[np.cumsum(opens) - 1]  # of each entry in the order of chains
    looked_at = np.bincount(chain[place], weight > 0)
    chain_weight = np.bincount(chain[place], weight) / np.maximum(looked_at, 1)

    evidence = kind[by_chain[is_step]]
    histories, leads_to = _grow(
        starts, lengths, root, evidence, kinds, chain_weight, n_skills
    )
    leads_to = np.append(leads_to, -1)  # so that the last step may have a next
    before = np.where(n_before == starts[chain], root[chain], leads_to[n_before - 1])
    after = np.where(is_step, leads_to[n_before], before)
    return histories, before[place], after[place]


def _merge_moments(timeline, skill, correct, weight):
    """Merge a moment's entries on one skill into one opportunity.

    Returns
    -------
    opens : ndarray of shape (n_entries,), bool
        The first entry of each opportunity; its others follow.
    is_step : ndarray of shape (n_opportunities,), bool
        Whether there is an answer.
    kinds : ndarray of shape (n_kinds, 2)
        Wrong and right answers that somebody looks at; none in the first kind, which
        is that of roots.
    kind : ndarray of shape (n_opportunities,)
        The kind of each opportunity.
    """
    new_moment = np.diff(timeline.moment, prepend=-1) != 0
    opens = new_moment | (np.diff(skill, prepend=-1) != 0)
    group = np.cumsum(opens) - 1
    is_step = np.bincount(group, ~np.isnan(correct)) > 0
    n_right = np.bincount(group, (correct == 1) & (weight > 0)).astype(np.int64)
    n_wrong = np.bincount(group, (correct == 0) & (weight > 0)).astype(np.int64)
    base = n_wrong.max() + 1
    codes, kind = np.unique(np.append(0, n_right * base + n_wrong), return_inverse=True)
    return opens, is_step, np.column_stack([codes % base, codes // base]), kind[1:]


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
