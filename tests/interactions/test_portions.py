"""Students in portions that fit memory."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sktrace._interactions import portions
from sktrace._interactions.portions import split_students


@pytest.mark.parametrize("at_once", [1, 7, 20, 10**6])
@given(student=st.lists(st.integers(0, 6), min_size=1, max_size=30))
def test_every_row_is_in_one_portion_and_no_student_in_two(at_once, student):
    student = np.unique(student, return_inverse=True)[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(portions, "CELLS_AT_ONCE", at_once)
        split = list(split_students(student, n_skills=3))
    assert sorted(np.concatenate(split)) == list(range(len(student)))
    own = [set(student[rows]) for rows in split]
    assert sum(map(len, own)) == len(set(student))
    assert all((np.diff(rows) > 0).all() for rows in split)


def test_a_portion_has_as_many_cells_as_fit_give_or_take_a_student(monkeypatch):
    monkeypatch.setattr(portions, "CELLS_AT_ONCE", 100)
    student = np.repeat(np.arange(50), 4)
    *full, last = map(len, split_students(student, n_skills=5))
    assert set(full) == {16, 20}  # 4 or 5 students of 20 cells
    assert last <= 20
