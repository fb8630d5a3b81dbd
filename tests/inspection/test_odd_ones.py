"""Numbers against the others of their group, and how many are odd by chance."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from sktrace.inspection._odd_ones import adjust, compare_with_others


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_it_is_the_distance_from_the_mean_of_the_others():
    # Alike enough for the spread to be 0, and for nobody to be pulled in.
    value, se = np.array([0.1, -0.1, 0.2, 0.0, 0.5]), np.array([1, 2, 1, 0.5, 1.0])
    z = compare_with_others(value, se, np.zeros(5, dtype=int))
    for k in range(5):
        others = np.arange(5) != k
        w = se[others] ** -2.0
        mean = np.average(value[others], weights=w)
        expected = (value[k] - mean) / np.sqrt(se[k] ** 2 + 1 / w.sum())
        assert z[k] == pytest.approx(expected)


def test_groups_are_judged_by_themselves_and_small_ones_by_all(rng):
    group = np.repeat([0, 1, 2], [40, 40, 2])
    value = rng.normal(size=82) + 30 * (group == 1)
    z = compare_with_others(value, np.full(82, 1.0), group)
    assert np.abs(z[:80]).max() < 4
    assert np.abs(z).max() < 30  # the last two lie among all
    moved = compare_with_others(value + 7.0, np.full(82, 1.0), group)
    np.testing.assert_allclose(moved, z)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_numbers_have_no_others(n):
    assert compare_with_others(np.arange(n) * 9.0, np.ones(n), np.arange(n)).sum() == 0


def test_odd_numbers_do_not_hide_each_other(rng):
    value = rng.normal(size=200)
    value[:30] += 8
    z = compare_with_others(value, np.ones(200), np.zeros(200, dtype=int))
    assert (z[:30] > 3).all()
    assert np.abs(z[30:]).max() < 4


@pytest.mark.parametrize("spread", [0.0, 0.5, 3.0])
def test_z_is_standard_normal_whatever_numbers_differ_by(rng, spread):
    se = rng.uniform(0.2, 1.5, size=4000)
    value = 5 + rng.normal(size=4000) * np.sqrt(se**2 + spread**2)
    z = compare_with_others(value, se, np.arange(4000) // 20)
    assert z.mean() == pytest.approx(0, abs=0.05)
    assert z.std() == pytest.approx(1, abs=0.06)
    assert (np.abs(z) > 2.576).mean() == pytest.approx(0.01, abs=0.006)


def test_adjusted_p_values_are_those_of_scipy(rng):
    p = np.append(rng.uniform(size=50) ** 3, [0, 1, 1, 0.5, 0.5])
    np.testing.assert_allclose(adjust(p), false_discovery_control(p))
    assert adjust(np.array([])).size == 0
