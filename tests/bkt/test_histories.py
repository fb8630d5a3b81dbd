"""Histories are the answers of a log, each distinct beginning once."""

import numpy as np
import pytest

from sktrace._interactions.columns import check_interactions

from ..conftest import ROLES, make_log
from ._histories import grow


def path(histories, node):
    """Return the evidence from a skill's root to a node."""
    evidence = []
    while histories.parent[node] >= 0:
        kinds, kind = histories.evidence, histories.kind[node]
        part = kinds.starts[kind]  # without items, the only one
        evidence.append((int(kinds.wrong[part]), int(kinds.right[part])))
        node = histories.parent[node]
    return int(node), evidence[::-1]


def evidence_of(rows):
    """Count wrong and right answers, moment by moment."""
    rows = rows.dropna(subset=["correct"])
    return [
        ((moment["correct"] == 0).sum(), (moment["correct"] == 1).sum())
        for _, moment in rows.groupby("order_id")
    ]


@pytest.fixture(params=[0, 1, 2])
def gappy(request):
    log = make_log(n_students=15, n_skills=2, n_steps=12, seed=request.param)
    rng = np.random.default_rng(request.param)
    log["correct"] = log["correct"].where(rng.uniform(size=len(log)) > 0.2)
    return log


def test_each_row_stands_between_its_past_and_its_moment(gappy):
    log, timeline, histories, before, after = grow(gappy)
    for i, row in enumerate(timeline.rows):
        own = gappy[
            (gappy["user_id"] == gappy["user_id"][row])
            & (gappy["skill_name"] == gappy["skill_name"][row])
        ]
        past = own[own["order_id"] < gappy["order_id"][row]]
        with_own = own[own["order_id"] <= gappy["order_id"][row]]
        assert path(histories, before[i]) == (log.skill[row], evidence_of(past))
        assert path(histories, after[i]) == (log.skill[row], evidence_of(with_own))


def test_nodes_are_distinct_and_level_by_level(gappy):
    _, _, histories, _, _ = grow(gappy)
    paths = [path(histories, node) for node in range(len(histories.parent))]
    assert len({str(p) for p in paths}) == len(paths)
    for depth, (first, last) in enumerate(
        zip(histories.levels[:-1], histories.levels[1:], strict=True)
    ):
        assert {len(p) for _, p in paths[first:last]} == {depth}
        assert (np.diff(histories.parent[first:last]) >= 0).all()
    assert [skill for skill, _ in paths] == histories.skill.tolist()


def test_a_node_weighs_as_much_as_the_chains_through_it(gappy):
    log, timeline, histories, _, after = grow(gappy)
    n_chains = np.zeros(len(histories.parent))
    last = {}
    for i, row in enumerate(timeline.rows):
        last[log.student[row], log.skill[row]] = after[i]
    for node in last.values():
        taken = node >= histories.n_skills  # else there is no answer in the chain
        while node >= 0:
            n_chains[node] += taken
            node = histories.parent[node]
    np.testing.assert_array_equal(histories.weight, n_chains)


def test_a_chain_weighs_as_its_answers_on_average(gappy):
    log = check_interactions(gappy, ROLES)
    weight = np.where(log.student % 2, 3.0, 0.5)
    _, _, histories, _, _ = grow(gappy, weight=weight)
    answered = ~np.isnan(log.correct)
    chains = np.unique(np.column_stack([log.student, log.skill])[answered], axis=0)
    expected = np.bincount(chains[:, 1], np.where(chains[:, 0] % 2, 3.0, 0.5))
    np.testing.assert_allclose(histories.weight[: histories.n_skills], expected)


def test_nobody_looks_at_an_answer_without_weight(frame):
    frame["correct"] = [1.0, 0.0, 1.0, 0.0]
    frame["skill_name"] = "sum"
    _, _, histories, _, after = grow(frame, weight=np.array([0.0, 1.0, 1.0, 1.0]))
    # ann: wrong, right; bob: wrong, then an opportunity (row 0) that was not looked at.
    paths = [path(histories, node)[1] for node in after]
    wrong, right, unseen = (1, 0), (0, 1), (0, 0)
    assert paths == [[wrong], [wrong, right], [wrong], [wrong, unseen]]


def test_some_skills_are_taken_with_their_trees(gappy):
    gappy["skill_name"] = gappy["skill_name"] + (gappy["user_id"] % 3).astype(str)
    _, _, histories, _, _ = grow(gappy)
    chosen = np.arange(histories.n_skills) % 2 == 1
    taken = histories.take(chosen)
    # All roots stay, so that skills keep their codes.
    kept = chosen[histories.skill] | (histories.parent < 0)
    assert taken.n_roots == histories.n_roots
    assert len(taken.parent) == kept.sum()
    for new, old in enumerate(np.flatnonzero(kept)):
        assert path(taken, new) == path(histories, old)
        assert taken.weight[new] == histories.weight[old]
    assert taken.levels[-1] == kept.sum()
    assert (np.diff(taken.levels) > 0).all()
