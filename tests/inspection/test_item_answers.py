"""Numbers of items against loops, scipy's optimizer and what chance makes of them."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logit

from sktrace.inspection._item_answers import fit_curves, mean_squares

SEED = 3


@pytest.fixture
def answers():
    """Draw 7 items of 1 to 40 answers, and one without any."""
    rng = np.random.default_rng(SEED)
    sizes = [1, 2, 40, 5, 0, 17, 30, 12]
    item = rng.permutation(np.repeat(np.arange(8), sizes))
    p = rng.uniform(0.05, 0.95, size=len(item))
    y = (rng.uniform(size=len(item)) < p).astype(float)
    y[item == 5], y[item == 7] = 1, 1 - y[item == 7]
    return item, y, p, 8


def second_derivatives(loss, at, h=1e-3):
    """Return the matrix of second derivatives, by differences."""
    step = h * np.eye(2)
    return np.array(
        [
            [
                sum(i * j * loss(at + i * a + j * b) for i in (-1, 1) for j in (-1, 1))
                / (4 * h**2)
                for b in step
            ]
            for a in step
        ]
    )


def test_mean_squares_are_those_of_a_loop(answers):
    item, y, p, n_items = answers
    found = mean_squares(*answers)
    for k in range(n_items):
        own = item == k
        if not own.any():
            assert np.isnan([found[name][k] for name in found]).all()
            continue
        squared = [(a - b) ** 2 for a, b in zip(y[own], p[own], strict=True)]
        w = [b * (1 - b) for b in p[own]]
        outfit = np.mean([s / v for s, v in zip(squared, w, strict=True)])
        assert found["outfit"][k] == pytest.approx(outfit)
        assert found["infit"][k] == pytest.approx(sum(squared) / sum(w))


def test_infit_is_a_weighted_sum_of_residuals(answers):
    # The other way to the same number, which says what infit mixes.
    item, y, p, n_items = answers
    weighted = np.bincount(item, (y - p) * (1 - 2 * p), n_items)
    with np.errstate(invalid="ignore"):
        expected = 1 + weighted / np.bincount(item, p * (1 - p), n_items)
    np.testing.assert_allclose(mean_squares(*answers)["infit"], expected)


@pytest.mark.parametrize("name", ["infit", "outfit"])
def test_variances_are_those_of_all_patterns_of_answers(name):
    p = np.array([0.2, 0.7, 0.4, 0.9])
    patterns = (np.arange(16)[:, None] >> np.arange(4)) & 1
    chance = np.prod(np.where(patterns, p, 1 - p), axis=1)
    item = np.repeat(np.arange(16), 4)
    found = mean_squares(item, patterns.ravel().astype(float), np.tile(p, 16), 16)
    mean = chance @ found[name]
    sd = np.sqrt(chance @ (found[name] - mean) ** 2)
    assert mean == pytest.approx(1)
    expected = (np.cbrt(found[name]) - 1) * 3 / sd + sd / 3
    np.testing.assert_allclose(found[f"{name}_z"], expected)


def test_even_chances_say_nothing_of_fit():
    y = np.array([1.0, 1, 1, 1])
    found = mean_squares(np.zeros(4, dtype=int), y, np.full(4, 0.5), 1)
    assert [found[name].item() for name in found] == [1, 1, 0, 0]


def test_a_wrong_answer_to_a_sure_prediction_is_one_of_a_thousand():
    y = np.array([0.0, 1.0])
    found = mean_squares(np.array([0, 1]), y, np.array([1.0, 0.0]), 2)
    np.testing.assert_allclose(found["outfit"], 999)
    shift, slope = fit_curves(np.array([0, 1]), y, np.array([1.0, 0.0]), 2)
    np.testing.assert_allclose(shift.value[0], -shift.value[1])
    assert np.isfinite([*shift, *slope]).all()


def test_curves_are_where_an_optimizer_finds_them(answers):
    item, y, p, n_items = answers
    shift, slope = fit_curves(*answers)
    for k in range(n_items):
        own, x = item == k, logit(p[item == k])
        w = p[own] * (1 - p[own])
        m = (w @ x) / w.sum() if own.any() else 0

        def loss(number, own=own, x=x, m=m):
            a, b = number
            z = np.where(y[own] == 1, 1, -1) * (m + a + b * (x - m))
            return -np.log(expit(z)).sum() + a**2 / 8 + (b - 1) ** 2 / 0.5

        best = minimize(loss, [0, 1], method="BFGS", options={"gtol": 1e-8})
        found = [shift.value[k], slope.value[k]]
        np.testing.assert_allclose(found, best.x, atol=1e-6)
        covariance = np.linalg.inv(second_derivatives(loss, np.array(found)))
        se = [shift.se[k], slope.se[k]]
        np.testing.assert_allclose(se, np.diag(covariance) ** 0.5, rtol=1e-4)


def test_without_answers_an_item_is_as_expected(answers):
    shift, slope = fit_curves(*answers)
    assert (shift.value[4], shift.se[4]) == (0, pytest.approx(2))
    assert (slope.value[4], slope.se[4]) == (1, pytest.approx(0.5))
    assert shift.alone_se[4] > 1e5


def test_the_mean_of_answers_is_what_the_shift_makes_of_p():
    # One number fitted to one: all p alike, and a prior that hardly counts.
    y = np.repeat([1.0, 0.0], [3000, 1000])
    item = np.zeros(4000, dtype=int)
    shift, slope = fit_curves(item, y, np.full(4000, 0.5), 1)
    assert shift.value.item() == pytest.approx(np.log(3), abs=1e-3)
    assert shift.alone.item() == pytest.approx(np.log(3), abs=1e-6)
    assert (slope.value.item(), slope.se.item()) == (1, pytest.approx(0.5))


def test_drawn_curves_are_found_again():
    rng = np.random.default_rng(SEED)
    item = np.repeat(np.arange(300), 200)
    x = rng.normal(0.8, 1.2, size=len(item))
    a, b = rng.normal(0, 0.7, size=300), rng.normal(1, 0.4, size=300)
    y = rng.uniform(size=len(item)) < expit(0.8 + a[item] + b[item] * (x - 0.8))
    shift, slope = fit_curves(item, y.astype(float), expit(x), 300)
    w = expit(x) * expit(-x)
    m = np.bincount(item, w * x) / np.bincount(item, w)
    true_shift = a + (b - 1) * (m - 0.8)  # seen from the middle of each item
    for estimate, truth in ((shift, true_shift), (slope, b)):
        inside = np.abs(estimate.value - truth) < 1.96 * estimate.se
        assert 0.92 < inside.mean() < 0.98
        z = (estimate.alone - truth) / estimate.alone_se
        assert 0.9 < z.std() < 1.1
