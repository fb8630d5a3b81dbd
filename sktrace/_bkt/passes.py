"""Forward-backward over trees of histories, in odds.

With o the odds that a skill is known before an opportunity, P(known) / P(unknown), and
L the likelihood ratio of the answers of one who knows and of one who does not, the odds
after them are o L, and before the next opportunity, where it is learnt with probability
l and forgotten with f ::

    o' = (o L (1 - f) + l) / (1 - l + o L f)

so that one number is carried from node to node. Backwards, the weight of the chains
through a node is divided between the two states, by all that their answers tell; of
those who know at the next node, the share l / (o L (1 - f) + l) has just learnt.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from .evidence import sum_by

__all__ = ["SURE", "Passes", "Steps", "read_levels", "sort_levels"]

MOST = 1e200  # odds: a state that is ruled out is as good as impossible
SURE = 1e-50  # and so is, of rates, what leaves products of odds with them numbers
MANY = 8  # children: more are added up by a matrix


class Steps(NamedTuple):
    """What rates say of what nodes add: arrays of shape (n_steps, n_starts)."""

    learn: np.ndarray  # P(learnt right before)
    missed: np.ndarray  # P(not learnt)
    forget: np.ndarray | None  # P(forgotten right before); None: nothing ever is
    ratio: np.ndarray  # of P(answers | known) to P(answers | unknown)
    log_unknown: np.ndarray  # the logarithm of the latter


class Level(NamedTuple):
    """Nodes of one depth, and how they hang on those above."""

    nodes: slice
    above: slice  # where parents are
    parent: np.ndarray | None  # (n_nodes,) None: one each, in the order of the nodes
    children: list  # of their first children, their second ones, and so on: whose
    # these are, a slice of nodes above, and which nodes below, None for all
    by_parent: csr_array | None  # adds up over children, if few have most of them


class Passes:
    """Passes over trees, from roots to leaves and back, in arrays that are used again.

    Parameters
    ----------
    levels : list of Level
    step : ndarray of shape (n_nodes,)
        Which of `Steps` each node takes.
    n_starts : int

    Attributes
    ----------
    odds : ndarray of shape (n_nodes, n_starts)
        That the skill is known, after the answers of a node.
    before : ndarray of shape (n_nodes, n_starts)
        Before them, as a multiple of what P(unknown) was after the answers before.
    unknown : ndarray of shape (n_nodes, n_starts)
        What that became, where something is forgotten.
    """

    def __init__(self, levels, step, n_starts):
        self.step, shape = step, (len(step), n_starts)
        self.odds, self.before = np.empty(shape), np.ones(shape)
        self.learn, self.factor = np.empty(shape), np.empty(shape)
        self.forget, self.unknown = np.zeros((2, *shape))
        self.states, self.forgets = np.empty((2, *shape)), False
        self.levels = [LevelOf(level, self) for level in levels]

    def go(self, steps, first):
        """Go from the odds before any opportunity, of the roots, to the leaves."""
        self.forgets, factor = steps.forget is not None, steps.ratio
        if self.forgets:
            self._spread(steps.forget, self.forget)
            self._spread(steps.missed, self.unknown)
        else:
            factor = factor / steps.missed
        self._spread(steps.learn, self.learn)
        self._spread(factor, self.factor)
        np.minimum(first, MOST, out=self.odds[: len(first)])
        for level in self.levels:
            level.go_down(self.forgets)

    def _spread(self, values, out):
        """Give nodes the values of their steps."""
        values.take(self.step, axis=0, out=out, mode="clip")

    def beyond(self, n_roots):
        """Return the log-likelihood of nodes that odds at the ends do not tell.

        That of what is forgotten, and of odds that were cut.
        """
        beyond = np.log(self.unknown) if self.forgets else 0.0
        if self.odds.max() == MOST:
            cut = np.maximum(self.before * self.factor / MOST, 1.0)
            cut[:n_roots] = 1.0
            beyond = beyond + np.log(cut)
        return beyond

    def divide(self, ends, ending):
        """Divide the weight of each node between the states at its opportunity.

        From the leaves to the roots; it uses up what was found on the way there.

        Parameters
        ----------
        ends : ndarray of shape (n_ends,)
            Nodes where chains end.
        ending : ndarray of shape (n_ends, 1)
            The weight of those.

        Returns
        -------
        known, unknown : ndarray of shape (n_nodes, n_starts)
        learnt, forgotten : ndarray of shape (n_nodes, n_starts)
            How much of that has changed right before; None if nothing is forgotten.
        """
        (known, unknown), odds = self.states, self.odds[ends]
        self.states.fill(0.0)
        unknown[ends] = never = ending / (1 + odds)
        known[ends] = never * odds
        self.learn /= self.before
        if self.forgets:
            self.forget /= self.unknown
        for level in reversed(self.levels):
            level.go_up(self.forgets)
        return known, unknown, self.learn, self.forget if self.forgets else None


class LevelOf:
    """One level of passes: its parts of their arrays, which are looked up but once."""

    def __init__(self, level, passes):
        nodes, above = level.nodes, level.above
        self.parent, self.by_parent = level.parent, level.by_parent
        self.above, self.odds = passes.odds[above], passes.odds[nodes]
        self.before, self.learn = passes.before[nodes], passes.learn[nodes]
        self.factor = passes.factor[nodes]
        self.forget, self.unknown = passes.forget[nodes], passes.unknown[nodes]
        self.states = passes.states[:, nodes]
        self.states_above = passes.states[:, above]
        self.children = [
            (passes.states[:, parents], children)
            for parents, children in level.children
        ]

    def go_down(self, forgets):
        """Go from the opportunities of one level to those of the next."""
        above, odds = self.above, self.odds
        if self.parent is not None:
            above = above.take(self.parent, axis=0)
        if forgets:
            gone = np.multiply(self.forget, above, out=self.forget)
            above = above - gone
            self.unknown += gone
            self.factor /= self.unknown
        np.add(above, self.learn, out=self.before)
        np.multiply(self.before, self.factor, out=odds)
        np.minimum(odds, MOST, out=odds)

    def go_up(self, forgets):
        """Hand the weight of nodes up to their parents, as it was before changes."""
        known, unknown = self.states
        change = np.multiply(self.learn, known, out=self.learn)
        if forgets:
            change = change - np.multiply(self.forget, unknown, out=self.forget)
        weight = np.stack([known - change, unknown + change])
        for states, children in self.children:
            states += weight if children is None else weight.take(children, axis=1)
        if self.by_parent is not None:
            for states, own in zip(self.states_above, weight, strict=True):
                states += self.by_parent @ own


def sort_levels(histories):
    """Return the nodes, level by level, by how many children they have.

    Those who have most stand in front, and of these, those below whom are most levels.
    So parents of a second child are the first few, and where each has one child,
    children stand as their parents do: no node has to be looked for.
    """
    parent, n_nodes = histories.parent, len(histories.parent)
    n_children = np.bincount(parent[histories.n_roots :], minlength=n_nodes)
    below = np.zeros(n_nodes, dtype=np.int64)
    for level in reversed(histories.slices):
        first = np.flatnonzero(np.diff(parent[level], prepend=-1))
        below[parent[level][first]] = 1 + np.maximum.reduceat(below[level], first)
    depth = np.repeat(np.arange(len(histories.levels) - 1), np.diff(histories.levels))
    order = np.lexsort((-below, -n_children, depth))
    order[: histories.n_roots] = np.arange(histories.n_roots)  # as rates know them
    return order


def read_levels(edges, parent):
    """Return the `Level` of each depth below the roots.

    Parameters
    ----------
    edges : ndarray of shape (n_levels + 1,)
        Between the nodes of one depth and of the next.
    parent : ndarray of shape (n_nodes - n_roots,)
        Of every node but the roots, which stand in front.
    """
    edges, levels = edges.tolist(), []
    for start, middle, end in zip(edges, edges[1:], edges[2:], strict=False):
        own = parent[middle - edges[1] : end - edges[1]] - start
        levels.append(_read_level(own, start, middle, end))
    return levels


def _read_level(parent, start, middle, end):
    """Return the `Level` between two edges, below those from the edge before."""
    nodes, above = slice(middle, end), slice(start, middle)
    n_children = np.bincount(parent, minlength=middle - start)
    most = n_children.max()
    if most == 1 and (parent == np.arange(len(parent))).all():
        above = slice(start, start + len(parent))
        return Level(nodes, above, None, [(above, None)], None)
    if most > MANY or (np.diff(n_children) > 0).any():
        return Level(nodes, above, parent, [], sum_by(parent, middle - start))
    by_parent = np.argsort(parent, kind="stable")
    first = np.cumsum(n_children) - n_children
    children = []
    for number in range(most):
        n_parents = np.count_nonzero(n_children > number)
        below = by_parent[first[:n_parents] + number]
        children.append((slice(start, start + n_parents), below))
    return Level(nodes, above, parent, children, None)
