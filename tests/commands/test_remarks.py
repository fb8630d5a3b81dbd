"""What a log looks like that was read by a column that means something else."""

import numpy as np
import pytest

from sktrace.commands._reading.remarks import remark_on

from ._found import regular


def test_of_a_regular_log_nothing_is_said():
    X = regular()
    assert remark_on(X) == []
    assert remark_on(X[:0]) == []
    # Nor of one whose newest answers stand first, or of two skills in a row.
    assert remark_on(X[::-1]) == []
    assert remark_on(X.assign(skill_name="add~~cut")) == []


def test_a_duration_is_told_from_a_time():
    rng = np.random.default_rng(0)
    X = regular().assign(order_id=rng.integers(1, 90, 96))
    (said,) = remark_on(X)
    assert said.startswith("The order goes down in 5")
    assert "how long an answer took" in said
    assert "--order COLUMN" in said
    assert remark_on(X, ordered=False) == []
    down = X.sort_values(["user_id", "order_id"])
    assert remark_on(down) == []


def test_a_date_without_a_time_of_the_day_is_told():
    X = regular(12, 20)
    X["order_id"] = X["order_id"] // 10
    (said,) = remark_on(X)
    assert said.startswith("The order changes in 12 of 228 steps from a row")
    assert "--order DATE TIME" in said
    assert len(remark_on(X.assign(order_id=X.index % 20 // 5))) == 1
    assert remark_on(X.assign(order_id=X.index % 20 // 2)) == []


@pytest.mark.parametrize(
    ("spoil", "begins"),
    [
        (lambda X: X.assign(skill_name="all"), "All answers are on one skill"),
        (lambda X: X[X["user_id"] < 3], "The log has 3 students: with fewer than 10"),
        (lambda X: X[X["user_id"] < 1], "The log has 1 student: with fewer than 10"),
        (lambda X: X.assign(user_id=X.index), "96 of 96 students have one row each"),
        (lambda X: X.assign(user_id=X.index // 1.5), "32 of 64 students have one row"),
        (lambda X: X.assign(skill_name=X.index), "There are 96 skills in 96 rows"),
    ],
)
def test_what_is_odd_is_said_in_one_sentence(spoil, begins):
    said = remark_on(spoil(regular()))
    assert len(said) == 1
    assert said[0].startswith(begins)


def test_two_rows_of_students_are_enough():
    X = regular().assign(user_id=np.arange(96) // 2)
    assert remark_on(X) == []
