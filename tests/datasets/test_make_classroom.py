"""A class whose laws of learning are drawn."""

import numpy as np
import pandas as pd
import pytest

from sktrace.datasets import make_classroom
from sktrace.datasets._make_classroom import Students


def test_it_is_a_log():
    X, y = make_classroom(30, random_state=0)
    assert X.columns.tolist() == ["user_id", "order_id", "skill_name", "correct"]
    assert sorted(X["user_id"].unique()) == list(range(30))
    assert not X.duplicated(["user_id", "order_id"]).any()
    assert X["correct"].isin([0, 1]).all()
    pd.testing.assert_series_equal(y, X["correct"])
    steps = X.groupby("user_id")["order_id"]
    assert (steps.max() + 1 == steps.count()).all()


def test_a_seed_is_a_class():
    pd.testing.assert_frame_equal(
        make_classroom(10, random_state=3)[0], make_classroom(10, random_state=3)[0]
    )


def test_classes_differ():
    logs = [make_classroom(40, random_state=seed)[0] for seed in range(12)]
    means = [X["correct"].mean() for X in logs]
    assert np.ptp(means) > 0.2
    assert np.ptp([X["skill_name"].nunique() for X in logs]) > 20
    again = [
        (X["skill_name"].eq(X["skill_name"].shift()) & X["order_id"].gt(0)).mean()
        for X in logs
    ]
    assert np.ptp(again) > 0.3  # in blocks, or mixed


def test_practice_helps_where_it_is_gradual():
    students = Students(1, 2, np.random.default_rng(0))
    students.at_once[:], students.rate[:], students.forgetting = False, 0.5, 0.0
    who, skill = np.array([0]), np.array([1])
    before = students.logit(who, skill, 0)
    students.right[0, 1] = 3
    assert students.logit(who, skill, 0) - before == pytest.approx(0.5 * np.log(4))


def test_knowing_at_once_is_worth_the_height():
    students = Students(1, 2, np.random.default_rng(0))
    students.at_once[:], students.known[:] = True, False
    who, skill = np.array([0]), np.array([1])
    before = students.logit(who, skill, 0)
    students.known[0, 1] = True
    height = students.logit(who, skill, 0) - before
    assert height == pytest.approx(students.height)


def test_odd_numbers_are_refused():
    with pytest.raises(ValueError, match="n_students"):
        make_classroom(0)
