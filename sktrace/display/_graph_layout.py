"""Where skills stand in a picture of their influence, and which belong together.

Numpy and scipy only, without a draw of chance: the same numbers make the same picture.
"""

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.sparse.csgraph import shortest_path
from scipy.spatial import cKDTree
from scipy.spatial.distance import squareform

__all__ = ["find_communities", "order_by_likeness", "place_nodes", "push_apart"]


def find_communities(weights, at_most):
    """Join nodes into communities as long as that raises modularity.

    Modularity is the share of weight within communities, less what would be there if
    weight fell by the nodes' totals alone; every step joins the two communities that
    raise it most (Clauset, Newman & Moore 2004, Finding community structure in very
    large networks).

    Parameters
    ----------
    weights : ndarray of shape (n, n)
        Not negative, symmetric.
    at_most : int
        Go on joining till there are no more communities than this.

    Returns
    -------
    ndarray of shape (n,)
        Community of each node, from 0, the largest first.
    """
    n = len(weights)
    member = np.arange(n)
    share = weights / (weights.sum() or 1.0)
    alive = np.ones(n, dtype=bool)
    while alive.sum() > 1:
        total = share.sum(axis=1)
        gain = share - np.outer(total, total)
        gain[share == 0] -= 1  # what no edge ties comes last
        gain[~alive] = gain[:, ~alive] = -np.inf
        np.fill_diagonal(gain, -np.inf)
        i, j = sorted(np.unravel_index(gain.argmax(), gain.shape))
        if gain[i, j] <= 0 and alive.sum() <= at_most:
            break
        share[i] += share[j]
        share[:, i] += share[:, j]
        share[j] = share[:, j] = 0
        member[member == j] = i
        alive[j] = False
    found, member = np.unique(member, return_inverse=True)
    by_size = np.argsort(-np.bincount(member), kind="stable")
    rank = np.empty(len(found), dtype=np.int64)
    rank[by_size] = np.arange(len(found))
    return rank[member]


def order_by_likeness(likeness, community):
    """Return an order of nodes: communities together, and within them like by like."""
    n = len(likeness)
    if n < 3:
        return np.argsort(community, kind="stable")
    distance = likeness.max() - (likeness + likeness.T) / 2
    np.fill_diagonal(distance, 0)
    condensed = squareform(distance, checks=False)
    tree = optimal_leaf_ordering(linkage(condensed, "average"), condensed)
    leaves = leaves_list(tree)
    return leaves[np.argsort(community[leaves], kind="stable")]


def place_nodes(length, width, height):
    """Place nodes so that their distances are as the paths between them are long.

    That minimises the stress of Kamada & Kawai (1989), by majorization (Gansner, Koren
    & North 2005, Graph drawing by stress majorization), from where classical scaling
    puts the nodes.

    Parameters
    ----------
    length : ndarray of shape (n, n)
        Lengths of edges; 0 where there is none.
    width, height : float
        The box to fill.

    Returns
    -------
    ndarray of shape (n, 2)
    """
    n = len(length)
    box = np.array([width, height])
    if n == 1:
        return box[np.newaxis] / 2
    d = _keep_parts_apart(shortest_path(length, directed=False))
    return box * _spread(_lower_stress(_scale_classically(d), d))


def _keep_parts_apart(d):
    """Give nodes that no path joins a distance: as large as their parts are."""
    within = np.isfinite(d)
    reach = np.where(within, d, 0).sum(axis=1) / within.sum(axis=1)
    # The mean over each part, so that all its nodes are equally far from another.
    reach = (within @ reach) / within.sum(axis=1)
    return np.where(within, d, 1 + 0.8 * (reach[:, None] + reach[None]))


def _scale_classically(d):
    """Return the plane in which squared distances are kept best."""
    n = len(d)
    centre = np.eye(n) - 1 / n
    value, vector = np.linalg.eigh(-centre @ d**2 @ centre / 2)
    x = vector[:, -2:] * np.sqrt(np.maximum(value[-2:], 0))
    # An eigenvector's sign is free; and nodes with the same paths, say two leaves of
    # one branch, would stand on one spot for ever.
    x *= np.sign(x[np.abs(x).argmax(axis=0), [0, 1]] + 1e-12)
    turn = 2 * np.pi * np.arange(n) / n
    return x + 0.05 * np.column_stack([np.cos(turn), np.sin(turn)])


def _lower_stress(x, d, n_steps=200):
    """Move nodes to where the distances d, weighted by d ** -2, are kept better."""
    weight = 1 / np.where(d > 0, d, np.inf) ** 2
    laplacian = np.diag(weight.sum(axis=1)) - weight
    inverse = np.linalg.pinv(laplacian)
    for _ in range(n_steps):
        apart = np.linalg.norm(x[:, None] - x[None], axis=2)
        pull = -weight * d / np.where(apart > 0, apart, np.inf)
        np.fill_diagonal(pull, -pull.sum(axis=1))
        x = inverse @ (pull @ x)
    return x


def _spread(x):
    """Turn the longest side level, and let both sides run from 0 to 1.

    The short one stays in the middle if the nodes stand nearly in a line.
    """
    x = x - x.mean(axis=0)
    x = x @ np.linalg.svd(x, full_matrices=False)[2].T
    extent = np.ptp(x, axis=0)
    middle = (x.max(axis=0) + x.min(axis=0)) / 2
    return 0.5 + (x - middle) / np.maximum(extent, extent.max() / 4)


def push_apart(x, sizes, box, n_steps=500):
    """Move boxes till none covers another, each as little as may be, within a frame.

    Parameters
    ----------
    x : ndarray of shape (n, 2)
        Centres.
    sizes : ndarray of shape (n, 2)
        Width and height of each, with the gap that is to be left.
    box : (left, bottom, right, top)
        The frame.

    Returns
    -------
    ndarray of shape (n, 2)
        Centres; some boxes still overlap where they cannot all fit.
    """
    low, high = box[:2] + sizes / 2, np.asarray(box[2:]) - sizes / 2
    high = np.maximum(low, high)
    x = np.clip(x, low, high)
    for _ in range(n_steps):
        # Pairs whose centres are no further apart than the largest box is wide.
        near = cKDTree(x / sizes.max(axis=0)).query_pairs(1, np.inf, 0, "ndarray")
        apart = x[near[:, 0]] - x[near[:, 1]]
        overlap = (sizes[near[:, 0]] + sizes[near[:, 1]]) / 2 - np.abs(apart)
        covered = (overlap > 1e-6).all(axis=1)
        if not covered.any():
            break
        near, apart, overlap = near[covered], apart[covered], overlap[covered]
        # The short way out, and only part of it: others push, too. Of two on one spot,
        # the first goes left.
        short = overlap.argmin(axis=1)[:, np.newaxis] == np.arange(2)
        move = 0.35 * short * overlap * np.where(apart > 0, 1, -1)
        np.add.at(x, near[:, 0], move)
        np.add.at(x, near[:, 1], -move)
        x = np.clip(x, low, high)
    return x
