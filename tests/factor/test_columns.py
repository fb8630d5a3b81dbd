"""Columns by the codes of rows, against the matrix that they stand for."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from sktrace._factor.columns import Columns, Group
from sktrace._factor.curvature import Curvature

N_ROWS, N_SKILLS, N_ITEMS, N_STUDENTS = 60, 4, 7, 5


def draw(seed, joined, n_rows=N_ROWS):
    """Draw columns of skills, of items that some rows lack, and of all; and students.

    Returns
    -------
    columns : Columns
    matrix : ndarray of shape (n_rows, n_columns)
        The same, written out.
    student : ndarray of shape (n_rows,)
    """
    rng = np.random.default_rng(seed)
    n_own = rng.integers(0, 4, n_rows) if joined else np.ones(n_rows, dtype=int)
    row = np.repeat(np.arange(n_rows), n_own)
    seen = np.sort(rng.permutation(n_rows)[: n_rows - 9])
    everyone = np.zeros(n_rows, dtype=np.int64)
    shapes = [
        (row if joined else None, rng.integers(0, N_SKILLS, len(row)), 2, N_SKILLS),
        (seen, rng.integers(0, N_ITEMS, len(seen)), 1, N_ITEMS),
        (None, everyone, 3, 1),
    ]
    groups, matrix, stop = [], [], 0
    for own, code, n_kinds, n_codes in shapes:
        start, stop = stop, stop + n_kinds * n_codes
        places = np.arange(start, stop).reshape(n_kinds, n_codes)
        group = Group(own, code, rng.normal(size=(n_kinds, len(code))), places)
        block = np.zeros((n_rows, n_kinds, n_codes))
        rows = np.arange(n_rows) if own is None else own
        np.add.at(block, (rows, slice(None), code), group.values.T)
        groups.append(group)
        matrix.append(block.reshape(n_rows, -1))
    student = rng.permutation(np.arange(n_rows) % N_STUDENTS)
    return Columns(groups, n_rows, stop), np.hstack(matrix), student


@pytest.mark.parametrize("joined", [False, True])
def test_products_are_those_of_the_matrix(joined):
    columns, matrix, _ = draw(0, joined)
    rng = np.random.default_rng(1)
    effects, rows = rng.normal(size=matrix.shape[1]), rng.normal(size=N_ROWS)
    np.testing.assert_allclose(columns.product(effects), matrix @ effects, atol=1e-13)
    np.testing.assert_allclose(columns.gather(rows), matrix.T @ rows, atol=1e-13)


# Summed one by one; by sets of skills where many rows have the same; and in runs.
@pytest.mark.parametrize("n_rows", [N_ROWS, 600, 9000])
@pytest.mark.parametrize("joined", [False, True])
def test_the_hessian_is_that_of_the_matrix_and_students(joined, n_rows):
    columns, matrix, student = draw(2, joined, n_rows)
    weight = np.random.default_rng(3).uniform(0, 1, n_rows)
    told = Curvature(columns, student, N_STUDENTS).of(weight)
    both = np.hstack([matrix, np.eye(N_STUDENTS)[student]])
    hessian, n = both.T @ (weight[:, None] * both), matrix.shape[1]
    np.testing.assert_allclose(told.shared.toarray(), hessian[:n, :n], atol=1e-9)
    np.testing.assert_allclose(told.crossed.toarray(), hessian[n:, :n], atol=1e-9)
    np.testing.assert_allclose(np.diag(told.own), hessian[n:, n:], atol=1e-9)


def test_without_students_there_is_nothing_of_theirs():
    columns, matrix, student = draw(4, joined=True)
    told = Curvature(columns, student, 0).of(np.ones(N_ROWS))
    np.testing.assert_allclose(told.shared.toarray(), matrix.T @ matrix, atol=1e-12)
    assert told.crossed.shape == (0, matrix.shape[1])
    assert told.own.shape == (0,)


def test_no_product_is_long_enough_for_a_second_thread():
    rng, n_rows, n_own, n_codes = np.random.default_rng(0), 5000, 10, 20
    sets = np.array([rng.permutation(n_codes)[:n_own] for _ in range(3)])
    code = sets[rng.integers(len(sets), size=n_rows)].ravel()
    row = np.repeat(np.arange(n_rows), n_own)
    places = np.arange(3 * n_codes).reshape(3, n_codes)
    group = Group(row, code, rng.normal(size=(3, len(row))), places)
    curvature = Curvature(Columns([group], n_rows, places.size), row[:n_rows] * 0, 0)
    told = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads):
            told.append(curvature.of(np.ones(n_rows)).shared.toarray())
    np.testing.assert_array_equal(*told)
