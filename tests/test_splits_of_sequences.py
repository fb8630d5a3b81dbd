"""Splits of whole sequences, whose ids name the student."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.model_selection import GridSearchCV, cross_validate

from sktrace import Sequences
from sktrace.model_selection import (
    StudentKFold,
    train_test_split_students,
)

from ._splitters import SPLITTERS, clone_splitter


@pytest.fixture(params=SPLITTERS, ids=str)
def splitter(request):
    return request.param


def make_enrolments(seed=0, n_students=12):
    """Sequences of a log: some students took several courses, others one."""
    rng = np.random.default_rng(seed)
    courses = np.concatenate([np.arange(n) for n in rng.integers(1, 5, n_students)])
    students = np.cumsum(courses == 0) * 7 + 3
    rows = rng.permutation(len(students))
    index = pd.MultiIndex.from_arrays(
        [courses[rows], students[rows]], names=["course", "user_id"]
    )
    steps = np.arange(2.0 * len(rows))[:, None]
    return Sequences(steps, 2 * np.arange(len(rows) + 1), index)


def students_of_sequences(X, rows):
    return set(X[rows].ids.get_level_values("user_id"))


def test_no_student_of_sequences_is_on_both_sides(splitter):
    X = make_enrolments()
    splits = list(splitter.split(X, np.zeros(len(X))))
    assert len(splits) == splitter.n_splits
    for train, test in splits:
        sides = [students_of_sequences(X, rows) for rows in (train, test)]
        assert sides[0].isdisjoint(sides[1])
        assert sorted([*train, *test]) == list(range(len(X)))
        assert isinstance(X[train], Sequences)


def test_sequences_are_split_as_the_rows_of_their_ids(splitter):
    """Two routes: the ids of sequences, and the same students in a frame."""
    X = make_enrolments()
    frame = X.ids.to_frame(index=False)
    for here, there in zip(splitter.split(X), splitter.split(frame), strict=True):
        np.testing.assert_array_equal(here[0], there[0])
        np.testing.assert_array_equal(here[1], there[1])


def test_the_order_of_sequences_means_nothing(splitter):
    """The same seed puts the same students to the test, shuffled or not."""
    X = make_enrolments()
    rows = np.random.default_rng(0).permutation(len(X))
    frame = X.ids.to_frame(index=False)
    for shuffled, whole in ((frame.iloc[rows], frame), (X[rows], X)):
        ids = [
            Z["user_id"].to_numpy()
            if isinstance(Z, pd.DataFrame)
            else Z.ids.get_level_values("user_id").to_numpy()
            for Z in (shuffled, whole)
        ]
        pairs = zip(splitter.split(shuffled), splitter.split(whole), strict=True)
        for here, there in pairs:
            assert set(ids[0][here[1]]) == set(ids[1][there[1]])


@pytest.mark.parametrize("kind", ["index", "level", "category", "strings", "mixed"])
def test_ids_of_any_kind_name_students(splitter, kind):
    X = make_enrolments()
    students = X.ids.get_level_values("user_id")
    if kind == "category":
        students = pd.CategoricalIndex(students)
    elif kind == "strings":
        students = students.astype(str)
    elif kind == "mixed":
        students = students.map(lambda s: s if s % 2 else f"student {s}")
    ids = students.rename("user_id") if kind != "level" else X.ids
    X = Sequences(X.steps, X.offsets, ids)
    codes = pd.factorize(students)[0]
    for train, test in splitter.split(X):
        assert set(codes[train]).isdisjoint(codes[test])
        assert len(train) + len(test) == len(X)


def test_another_level_may_name_the_student(splitter):
    X = make_enrolments()
    by_course = clone_splitter(StudentKFold(3), student="course")
    for train, test in by_course.split(X):
        courses = [
            set(X[rows].ids.get_level_values("course")) for rows in (train, test)
        ]
        assert courses[0].isdisjoint(courses[1])
    renamed = Sequences(X.steps, X.offsets, X.ids.set_names(["course", "who"]))
    there = clone_splitter(splitter, student="who").split(renamed)
    for one, two in zip(splitter.split(X), there, strict=True):
        np.testing.assert_array_equal(one[1], two[1])


def test_every_student_of_a_log_is_tested_once(log):
    """A splitter reads the student wherever from_frame has put it."""
    X = Sequences.from_frame(log, by="user_id", order="order_id")
    tested = [X[test].ids.tolist() for _, test in StudentKFold(4).split(X)]
    assert sorted(np.concatenate(tested)) == sorted(log["user_id"].unique())


def test_train_test_split_of_sequences():
    X = make_enrolments()
    y = pd.Series(np.arange(len(X)), index=X.ids)
    weight = np.arange(len(X)) * 2
    parts = train_test_split_students(X, y, weight, test_size=3, random_state=0)
    X_train, X_test, y_train, y_test, weight_train, weight_test = parts
    assert isinstance(X_train, Sequences)
    assert X_test.ids.get_level_values("user_id").nunique() == 3
    assert not {*X_train.ids.get_level_values(1)} & {*X_test.ids.get_level_values(1)}
    for side, target, own in (
        (X_train, y_train, weight_train),
        (X_test, y_test, weight_test),
    ):
        pd.testing.assert_index_equal(target.index, side.ids)
        np.testing.assert_array_equal(own, target * 2)
        for steps, i in zip(side, target, strict=True):
            assert steps.ravel().tolist() == [2 * i, 2 * i + 1]
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        train_test_split_students(X, y[1:])


def test_searches_over_sequences_never_mix_students(splitter):
    class Spy(DummyRegressor):
        """A mean that refuses to be tested on a student it was trained on."""

        def fit(self, X, y):
            self.trained_on_ = students_of_sequences(X, slice(None))
            return super().fit(X, y)

        def predict(self, X):
            assert self.trained_on_.isdisjoint(students_of_sequences(X, slice(None)))
            return super().predict(X)

    X = make_enrolments()
    search = GridSearchCV(
        Spy(), {"strategy": ["mean", "median"]}, cv=splitter, error_score="raise"
    ).set_params(scoring="neg_mean_squared_error")
    scores = cross_validate(
        search,
        X,
        np.arange(len(X), dtype=float),
        cv=splitter,
        scoring="neg_mean_squared_error",
        error_score="raise",
    )
    assert len(scores["test_score"]) == splitter.n_splits


@pytest.mark.parametrize("names", [None, "student", ["course", "who"]])
def test_sequences_that_name_no_student_are_refused(splitter, names):
    X = make_enrolments()
    if isinstance(names, list):
        ids = X.ids.set_names(names)
    else:
        ids, names = X.ids.get_level_values(1).rename(names), [names]
    X = Sequences(X.steps, X.offsets, ids)
    message = (
        f"The ids of these Sequences are named {names}; expected 'user_id' (student) "
        "among them. Pass student=..., or name them: Sequences.from_frame(frame, "
        "by='user_id'). If each sequence is another student, a plain KFold keeps "
        "students apart."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        next(splitter.split(X))
    with pytest.raises(ValueError, match=re.escape(message)):
        train_test_split_students(X)


def test_sequences_of_an_unknown_student_are_refused(splitter):
    """As rows of a frame are: two unknown students may be one or two."""
    X = make_enrolments()
    students = X.ids.get_level_values("user_id")
    unknown = students.where(students > students.min()).rename("user_id")
    X = Sequences(X.steps, X.offsets, unknown)
    with pytest.raises(ValueError, match="no student in"):
        next(splitter.split(X))
    nameless = Sequences(X.steps, X.offsets)
    with pytest.raises(ValueError, match="student=None; expected"):
        next(clone_splitter(splitter, student=None).split(nameless))


def test_more_folds_than_students_of_sequences_are_refused():
    X = make_enrolments(n_students=4)
    assert len(X) > 5
    with pytest.raises(ValueError, match=r"n_splits=5, .*StudentKFold\(4\)"):
        next(StudentKFold(5).split(X))


def test_lists_and_arrays_of_sequences_name_no_student(splitter):
    for X in (np.zeros((9, 3, 2)), [np.zeros((3, 2))] * 9):
        with pytest.raises(TypeError, match="expected a pandas DataFrame"):
            next(splitter.split(X))
