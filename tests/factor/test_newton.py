"""The solver, against scikit-learn's and against the equation that it solves."""

import numpy as np
import pytest
from scipy import sparse
from scipy.special import expit
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from sktrace._factor.newton import Newton


@pytest.fixture
def rows():
    """Columns of very different scales, a target, weights."""
    rng = np.random.default_rng(0)
    columns = sparse.random(400, 30, 0.2, random_state=0, format="csr")
    columns = (columns @ sparse.diags(10.0 ** rng.uniform(-1, 1, 30))).tocsr()
    return columns, rng.integers(0, 2, 400), rng.uniform(0.1, 3, 400)


def test_it_finds_what_scikit_learn_finds(rows):
    columns, target, weight = rows
    ours = Newton(tol=1e-10, max_iter=50).fit(columns, target, weight)
    theirs = LogisticRegression(solver="newton-cg", tol=1e-10, max_iter=1000)
    theirs.fit(columns, target, weight)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=0, atol=1e-6)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, rtol=0, atol=1e-6)
    np.testing.assert_allclose(
        ours.predict_proba(columns), theirs.predict_proba(columns), atol=1e-6
    )
    assert ours.n_iter_[0] < 15


def test_with_an_offset_and_damped_rows_the_gradient_is_0(rows):
    columns, target, weight = rows
    rng = np.random.default_rng(1)
    offset, damping = rng.normal(size=400), rng.uniform(0.5, 1, 400)
    solver = Newton(1e-12, 50, offset, damping).fit(columns, target, weight)
    x = damping * (offset + columns @ solver.coef_[0] + solver.intercept_[0])
    pull = weight * damping * (target - expit(x))
    np.testing.assert_allclose(columns.T @ pull, solver.coef_[0], rtol=0, atol=1e-8)
    assert pull.sum() == pytest.approx(0, abs=1e-8)
    np.testing.assert_allclose(solver.predict_proba(columns)[:, 1], expit(x))


def test_a_second_fit_starts_from_the_first(rows):
    solver = Newton(tol=1e-8, max_iter=50).fit(*rows)
    found = solver.coef_
    assert solver.fit(*rows).n_iter_[0] == 0
    np.testing.assert_array_equal(solver.coef_, found)


def test_weights_are_counts(rows):
    columns, target, _ = rows
    weight = np.arange(400) % 3
    again = np.arange(400).repeat(weight)
    weighted = Newton(1e-10, 50).fit(columns, target, weight)
    counted = Newton(1e-10, 50).fit(columns[again], target[again], np.ones(len(again)))
    np.testing.assert_allclose(weighted.coef_, counted.coef_, rtol=0, atol=1e-8)


def test_what_can_be_told_for_sure_is_told_and_survived():
    columns = sparse.csr_matrix(np.repeat([[0.0], [50.0]], 30, axis=0))
    target = np.repeat([0, 1], 30)
    solver = Newton(tol=1e-10, max_iter=100).fit(columns, target, np.ones(60))
    assert np.isfinite(solver.coef_).all()
    p = solver.predict_proba(columns)[:, 1]
    assert p[:30].max() < 0.01
    assert p[30:].min() > 0.99


def test_too_few_steps_are_told(rows):
    with pytest.warns(ConvergenceWarning, match=r"max_iter=1 Newton steps were not"):
        Newton(tol=1e-9, max_iter=1).fit(*rows)
