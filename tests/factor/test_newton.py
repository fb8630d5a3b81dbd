"""The solver, against scikit-learn's and against the equation that it solves."""

import numpy as np
import pytest
from scipy import sparse
from scipy.special import expit
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from sktrace._factor.columns import Columns
from sktrace._factor.curvature import Curvature
from sktrace._factor.design import Part
from sktrace._factor.newton import Likelihood, Newton
from sktrace._portions.pieces import InMemory


def likelihood_of(values, target, weight, offset=0.0, damping=1.0):
    values = values.toarray() if sparse.issparse(values) else values
    columns = Columns.of(np.column_stack([values, np.ones(len(target))]))
    nobody = np.zeros(len(target), dtype=np.int64)
    curvature = Curvature(columns, nobody, 0)
    of_rows = target, weight, nobody, 0, offset, damping, None, None
    part = Part(columns, curvature, {}, *of_rows)
    return Likelihood(InMemory([part]), np.ones(values.shape[1]), [0], 1.0)


def fit(*rows, tol=1e-10, max_iter=50):
    """Return coefficients, the intercept last, and the steps taken."""
    start = np.zeros(rows[0].shape[1] + 1)
    return Newton(tol, max_iter).fit(likelihood_of(*rows), start)[:2]


@pytest.fixture
def rows():
    """Columns of very different scales, a target, weights."""
    rng = np.random.default_rng(0)
    columns = sparse.random(400, 30, 0.2, random_state=0, format="csr")
    columns = (columns @ sparse.diags(10.0 ** rng.uniform(-1, 1, 30))).tocsr()
    return columns, rng.integers(0, 2, 400), rng.uniform(0.1, 3, 400)


def test_it_finds_what_scikit_learn_finds(rows):
    columns, target, weight = rows
    ours, n_steps = fit(columns, target, weight)
    theirs = LogisticRegression(solver="newton-cg", tol=1e-10, max_iter=1000)
    theirs.fit(columns, target, weight)
    found = np.append(theirs.coef_[0], theirs.intercept_)
    np.testing.assert_allclose(ours, found, rtol=0, atol=1e-6)
    assert n_steps < 15


def test_with_an_offset_and_damped_rows_the_gradient_is_0(rows):
    columns, target, weight = rows
    rng = np.random.default_rng(1)
    offset, damping = rng.normal(size=400), rng.uniform(0.5, 1, 400)
    (*effects, intercept), _ = fit(columns, target, weight, offset, damping, tol=1e-12)
    x = damping * (offset + columns @ effects + intercept)
    pull = weight * damping * (target - expit(x))
    np.testing.assert_allclose(columns.T @ pull, effects, rtol=0, atol=1e-8)
    assert pull.sum() == pytest.approx(0, abs=1e-8)


def test_a_second_fit_starts_from_the_first(rows):
    found, _ = fit(*rows, tol=1e-8)
    again, n_steps, _ = Newton(1e-8, 50).fit(likelihood_of(*rows), found)
    assert n_steps == 0
    np.testing.assert_array_equal(again, found)


def test_weights_are_counts(rows):
    columns, target, _ = rows
    weight = np.arange(400) % 3
    again = np.arange(400).repeat(weight)
    weighted, _ = fit(columns, target, weight)
    counted, _ = fit(columns[again], target[again], np.ones(len(again)))
    np.testing.assert_allclose(weighted, counted, rtol=0, atol=1e-8)


def test_what_can_be_told_for_sure_is_told_and_survived():
    columns = sparse.csr_matrix(np.repeat([[0.0], [50.0]], 30, axis=0))
    target = np.repeat([0, 1], 30)
    (effect, intercept), _ = fit(columns, target, np.ones(60), max_iter=100)
    p = expit(columns.toarray()[:, 0] * effect + intercept)
    assert np.isfinite(p).all()
    assert p[:30].max() < 0.01
    assert p[30:].min() > 0.99


def test_too_few_steps_are_told(rows):
    with pytest.warns(ConvergenceWarning, match=r"max_iter=1 Newton steps were not"):
        fit(*rows, tol=1e-9, max_iter=1)
