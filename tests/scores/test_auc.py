"""The AUC as a share of pairs, of all and of those within groups."""

import itertools

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sktrace._scores.auc import auc_of_pairs, count_pairs


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    return rng.integers(0, 2, 60), rng.integers(0, 8, 60) / 8, rng.integers(0, 7, 60)


def pairs_one_by_one(target, p, group):
    ordered = n_pairs = 0
    for i, j in itertools.product(range(len(target)), repeat=2):
        if target[i] == 1 and target[j] == 0 and group[i] == group[j]:
            n_pairs += 1
            ordered += (p[i] > p[j]) + (p[i] == p[j]) / 2
    return ordered, n_pairs


def test_pairs_are_those_of_a_group(rows):
    target, p, group = rows
    assert count_pairs(target, p, group) == pairs_one_by_one(target, p, group)
    everyone = np.zeros(60)
    assert count_pairs(target, p) == pairs_one_by_one(target, p, everyone)
    assert count_pairs(target, p, everyone) == count_pairs(target, p)


def test_the_auc_is_that_of_scikit_learn(rows):
    target, p, _ = rows
    assert auc_of_pairs(target, p) == pytest.approx(roc_auc_score(target, p), abs=1e-14)


def test_the_auc_is_the_mean_of_within_and_between(rows):
    target, p, group = rows
    ordered, n_pairs = count_pairs(target, p)
    inside, own = count_pairs(target, p, group)
    different = [
        (p[i] > p[j]) + (p[i] == p[j]) / 2
        for i, j in itertools.product(
            np.flatnonzero(target), np.flatnonzero(1 - target)
        )
        if group[i] != group[j]
    ]
    assert len(different) == n_pairs - own
    mean = (own * (inside / own) + (n_pairs - own) * np.mean(different)) / n_pairs
    assert ordered / n_pairs == pytest.approx(mean, abs=1e-14)


@pytest.mark.parametrize("target", [[1, 1, 1], [0, 0, 0]])
def test_without_a_pair_there_is_no_auc(target):
    target, p = np.array(target), np.array([0.1, 0.5, 0.5])
    assert np.isnan(auc_of_pairs(target, p))
    assert np.isnan(auc_of_pairs(target, p, np.arange(3)))
