"""Splits of whole students."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_validate

from sktrace import MeanClassifier
from sktrace.model_selection import (
    StudentKFold,
    StudentShuffleSplit,
    train_test_split_students,
)

from ._splitters import SPLITTERS, clone_splitter


@pytest.fixture(params=SPLITTERS, ids=str)
def splitter(request):
    return request.param


def students_of(X, rows):
    return set(X["user_id"].iloc[rows])


def test_no_student_is_on_both_sides(splitter, log):
    splits = list(splitter.split(log, log["correct"]))
    assert len(splits) == splitter.n_splits
    for train, test in splits:
        assert students_of(log, train).isdisjoint(students_of(log, test))
        assert sorted([*train, *test]) == list(range(len(log)))


def test_splits_are_positions_whatever_the_index(splitter, log):
    odd = log.set_axis(["row"] * len(log))
    for here, there in zip(splitter.split(log), splitter.split(odd), strict=True):
        np.testing.assert_array_equal(here[0], there[0])
        np.testing.assert_array_equal(here[1], there[1])


def test_a_seed_gives_the_same_splits(splitter, log):
    for here, there in zip(splitter.split(log), splitter.split(log), strict=True):
        np.testing.assert_array_equal(here[1], there[1])


def test_the_names_of_students_mean_nothing(splitter, log):
    names = log["user_id"].astype(str).str.zfill(3)  # in the same sorted order
    named = log.assign(user_id=names.astype("category"))
    for here, there in zip(splitter.split(log), splitter.split(named), strict=True):
        np.testing.assert_array_equal(here[1], there[1])


@pytest.mark.parametrize("shuffle", [False, True])
def test_every_row_is_tested_once(log, shuffle):
    seed = 0 if shuffle else None
    folds = StudentKFold(5, shuffle=shuffle, random_state=seed).split(log)
    tested = np.concatenate([test for _, test in folds])
    assert sorted(tested) == list(range(len(log)))


def test_folds_are_alike_in_rows():
    lengths = np.random.default_rng(0).integers(1, 100, 60)
    X = pd.DataFrame({"user_id": np.repeat(np.arange(60), lengths)})
    sizes = [len(test) for _, test in StudentKFold(5).split(X)]
    assert np.ptp(sizes) <= 0.02 * np.mean(sizes)


def test_shuffled_folds_differ_by_seed(log):
    def tested(seed):
        folds = StudentKFold(3, shuffle=True, random_state=seed).split(log)
        return [test.tolist() for _, test in folds]

    assert tested(0) == tested(0)
    assert tested(0) != tested(1)


@pytest.mark.parametrize(
    ("sizes", "n_train", "n_test"),
    [
        ({}, 9, 3),
        ({"test_size": 0.5}, 6, 6),
        ({"test_size": 2}, 10, 2),
        ({"train_size": 4}, 4, 8),
        ({"train_size": 0.25, "test_size": 1}, 3, 1),
    ],
)
def test_sizes_count_students(log, sizes, n_train, n_test):
    assert log["user_id"].nunique() == 12
    for train, test in StudentShuffleSplit(4, **sizes, random_state=0).split(log):
        assert len(students_of(log, train)) == n_train
        assert len(students_of(log, test)) == n_test
    X_train, X_test = train_test_split_students(log, **sizes, random_state=0)
    assert X_train["user_id"].nunique() == n_train
    assert X_test["user_id"].nunique() == n_test


def test_train_test_split_splits_all_arrays_alike(log):
    log = log.set_axis(np.arange(len(log))[::-1])
    rows = np.arange(len(log))
    parts = train_test_split_students(
        log, log["correct"], rows, rows.tolist(), random_state=0
    )
    X_train, X_test, y_train, y_test, rows_train, rows_test, *lists = parts
    assert students_of(log, rows_train).isdisjoint(students_of(log, rows_test))
    pd.testing.assert_frame_equal(X_train, log.iloc[rows_train])
    pd.testing.assert_frame_equal(X_test, log.iloc[rows_test])
    pd.testing.assert_series_equal(y_train, X_train["correct"])
    pd.testing.assert_series_equal(y_test, X_test["correct"])
    assert lists == [rows_train.tolist(), rows_test.tolist()]


def test_arrays_of_another_length_are_refused(log):
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        train_test_split_students(log, log["correct"][1:])


def test_the_student_column_may_have_another_name(splitter, log):
    other = log.rename(columns={"user_id": "who"})
    there = clone_splitter(splitter, student="who").split(other)
    for one, two in zip(splitter.split(log), there, strict=True):
        np.testing.assert_array_equal(one[1], two[1])
    X_train, X_test = train_test_split_students(other, student="who", random_state=0)
    assert set(X_train["who"]).isdisjoint(X_test["who"])


def test_a_frame_without_students_is_refused(splitter, log):
    with pytest.raises(ValueError, match=r"X has no column 'user_id' \(student\)"):
        next(splitter.split(log.drop(columns="user_id")))
    with pytest.raises(TypeError, match=r"X is 'numpy\.ndarray'; expected a pandas"):
        next(splitter.split(log.to_numpy()))
    with pytest.raises(ValueError, match="names no student in 1 row "):
        next(splitter.split(log.assign(user_id=log["user_id"].where(log.index > 0))))
    with pytest.raises(ValueError, match="X has no column 'user_id'"):
        train_test_split_students(log.drop(columns="user_id"))


def test_more_folds_than_students_are_refused(log):
    with pytest.raises(ValueError, match=r"n_splits=13, .*StudentKFold\(12\)"):
        next(StudentKFold(13).split(log))


@pytest.mark.parametrize(
    "options", [{"n_splits": 1}, {"n_splits": 2.5}, {"random_state": 0}]
)
def test_folds_that_make_no_sense_are_refused(options):
    with pytest.raises((TypeError, ValueError)):
        StudentKFold(**options)


def test_number_of_splits_needs_no_data(splitter):
    assert splitter.get_n_splits() == splitter.n_splits


def test_a_repr_is_the_call_that_makes_it(splitter):
    for kind in (splitter, clone_splitter(splitter, student="who")):
        assert vars(eval(repr(kind))) == vars(kind)


def test_splitters_nest(splitter, log):
    class Spy(MeanClassifier):
        """A mean that refuses to be tested on a student it was trained on."""

        def fit(self, X, y):
            self.trained_on_ = set(X["user_id"])
            return super().fit(X, y)

        def predict(self, X):
            self.tested_ = getattr(self, "tested_", 0) + 1
            assert self.trained_on_.isdisjoint(X["user_id"])
            return super().predict(X)

    search = GridSearchCV(
        Spy(),
        {"strength": [1.0, 9.0]},
        cv=clone_splitter(splitter),
        scoring="accuracy",
        error_score="raise",
    )
    scores = cross_validate(
        clone(search),
        log,
        log["correct"],
        cv=splitter,
        scoring="accuracy",
        error_score="raise",
        return_estimator=True,
    )
    assert len(scores["test_score"]) == splitter.n_splits
    assert all(e.best_estimator_.tested_ == 1 for e in scores["estimator"])


@pytest.mark.parametrize("splitter", [StudentKFold(2), StudentShuffleSplit(1)])
def test_one_student_cannot_be_split(splitter):
    X = pd.DataFrame({"user_id": ["ann"] * 4})
    message = "X holds rows of 1 student ('user_id'); expected at least 2"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        next(splitter.split(X))
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        train_test_split_students(X)
