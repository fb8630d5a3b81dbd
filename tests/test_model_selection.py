"""Splits of whole students."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.dummy import DummyRegressor
from sklearn.model_selection import GridSearchCV, cross_validate

from sktrace import MeanClassifier, Sequences
from sktrace.model_selection import (
    StudentKFold,
    StudentShuffleSplit,
    train_test_split_students,
)

SPLITTERS = [
    StudentKFold(4),
    StudentKFold(3, shuffle=True, random_state=0),
    StudentShuffleSplit(3, random_state=0),
    StudentShuffleSplit(2, test_size=0.5, random_state=0),
]


@pytest.fixture(params=SPLITTERS, ids=str)
def splitter(request):
    return request.param


def clone_splitter(splitter, **changes):
    return type(splitter)(**(vars(splitter) | changes))


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


# --- whole sequences, whose ids name the student -----------------------------------


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


@pytest.mark.parametrize("splitter", [StudentKFold(2), StudentShuffleSplit(1)])
def test_one_student_cannot_be_split(splitter):
    X = pd.DataFrame({"user_id": ["ann"] * 4})
    message = "X holds rows of 1 student ('user_id'); expected at least 2"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        next(splitter.split(X))
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        train_test_split_students(X)
