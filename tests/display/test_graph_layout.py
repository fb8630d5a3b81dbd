"""Where nodes of a graph stand: communities, likeness, distances, boxes."""

import numpy as np
import pytest

from sktrace.display._graph_layout import (
    find_communities,
    order_by_likeness,
    place_nodes,
    push_apart,
)


def modularity(weights, community):
    same = community[:, None] == community[None]
    share = weights / weights.sum()
    total = share.sum(axis=1)
    return ((share - np.outer(total, total)) * same).sum()


def test_communities_of_two_cliques_and_a_bridge():
    weights = np.kron(np.eye(2), np.ones((4, 4))) - np.eye(8)
    weights[3, 4] = weights[4, 3] = 1
    found = find_communities(weights, at_most=6)
    assert found.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert modularity(weights, found) == pytest.approx(12 / 13 - 0.5)
    assert find_communities(weights, at_most=1).tolist() == [0] * 8


def test_no_joining_of_two_communities_raises_modularity():
    rng = np.random.default_rng(0)
    weights = rng.uniform(size=(20, 20)) * (rng.uniform(size=(20, 20)) < 0.2)
    weights = weights + weights.T
    np.fill_diagonal(weights, 0)
    found = find_communities(weights, at_most=20)
    reached = modularity(weights, found)
    for one in range(found.max() + 1):
        for other in range(one):
            joined = np.where(found == one, other, found)
            assert modularity(weights, joined) <= reached + 1e-12


def test_too_many_parts_are_joined_and_the_largest_is_first():
    weights = np.zeros((9, 9))
    for i, j in [(0, 1), (2, 3), (3, 4), (4, 2), (5, 6), (7, 8)]:
        weights[i, j] = weights[j, i] = 1
    free = find_communities(weights, at_most=9)
    assert free[2:5].tolist() == [0, 0, 0]
    assert free.max() == 3
    assert find_communities(weights, at_most=3).max() == 2


def test_like_stands_by_like():
    x = np.array([3.0, 0, 2, 1, 4])
    likeness = -np.abs(x[:, None] - x[None])
    order = x[order_by_likeness(likeness, np.zeros(5, dtype=int))]
    assert np.abs(np.diff(order)).tolist() == [1] * 4
    apart = order_by_likeness(likeness, np.array([1, 0, 1, 0, 1]))
    assert set(apart[:2]) == {1, 3}


def test_a_path_is_drawn_as_a_line_of_equal_steps():
    length = np.diag(np.ones(4), 1)
    x = place_nodes(length, width=8, height=2)
    steps = np.diff(x[:, 0])
    np.testing.assert_allclose(np.abs(steps), 2, rtol=0.05)
    assert (np.sign(steps) == np.sign(steps[0])).all()
    np.testing.assert_allclose(x[:, 1], 1, atol=0.3)


def test_parts_and_twins_stand_apart():
    length = np.zeros((6, 6))
    length[0, 1:4] = length[4, 5] = 1  # a star of three equal leaves, and a pair
    x = place_nodes(length, 10, 10)
    apart = np.linalg.norm(x[:, None] - x[None], axis=2) + 99 * np.eye(6)
    assert apart.min() > 1
    assert np.isfinite(x).all()
    assert (x >= 0).all()
    assert (x <= 10 + 1e-9).all()
    np.testing.assert_array_equal(place_nodes(np.zeros((1, 1)), 4, 6), [[2, 3]])


def test_boxes_are_pushed_apart_within_their_frame():
    rng = np.random.default_rng(0)
    sizes = rng.uniform(1, 3, (20, 2))
    x = push_apart(np.full((20, 2), 10.0), sizes, (0, 0, 20, 20))
    low, high = x - sizes / 2, x + sizes / 2
    assert low.min() >= -1e-9
    assert high.max() <= 20 + 1e-9
    overlap = np.minimum(high[:, None], high[None]) - np.maximum(
        low[:, None], low[None]
    )
    covers = (overlap > 1e-5).all(axis=2)
    assert covers.sum() == 20
    free = np.array([[2.0, 2], [9, 9]])
    np.testing.assert_array_equal(
        push_apart(free, np.ones((2, 2)), (0, 0, 9.5, 9.5)), free
    )
