"""Scores of groups, and intervals over students that keep what they promise."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import (
    f1_score,
    get_scorer,
    log_loss,
    make_scorer,
    roc_auc_score,
)
from sklearn.model_selection import GridSearchCV, cross_val_predict

from sktrace import MeanClassifier, PFAClassifier
from sktrace.datasets import make_interactions
from sktrace.inspection import slice_report
from sktrace.model_selection import StudentKFold

NAN = np.nan
FEW = {"n_bootstraps": 20, "random_state": 0}
FAST = ["roc_auc", "neg_log_loss", "neg_brier_score", "accuracy"]


@pytest.fixture(scope="module")
def truth():
    X, y, p = make_interactions(
        n_students=60, n_attempts=20, return_proba=True, random_state=0
    )
    return X.assign(school=np.where(X["user_id"] % 3 == 0, "east", "west")), y, p


@pytest.fixture
def by_student():
    return pd.Series(np.where(np.arange(60) % 3 == 0, "east", "west"))


def test_scores_are_those_of_the_rows_of_a_group(truth):
    X, y, p = truth
    report = slice_report(p, X, y, groups="school", **FEW)
    assert report.columns.tolist() == [
        *["group", "metric", "score", "low", "high", "n_rows", "n_students", "right"]
    ]
    assert report["group"].tolist() == ["all", "all", "east", "east", "west", "west"]
    for group, lines in report.groupby("group"):
        own = ((X["school"] == group) | (group == "all")).to_numpy()
        auc, loss = roc_auc_score(y[own], p[own]), log_loss(y[own], p[own])
        assert lines["metric"].tolist() == ["roc_auc", "neg_log_loss"]
        np.testing.assert_allclose(lines["score"], [auc, -loss])
        assert lines["n_rows"].unique() == [own.sum()]
        assert lines["n_students"].unique() == [X.loc[own, "user_id"].nunique()]
        assert lines["right"].unique() == [y[own].mean()]


def test_intervals_contain_the_score_and_are_reproducible(truth):
    X, y, p = truth
    report = slice_report(p, X, y, groups="school", n_bootstraps=200, random_state=1)
    assert (report["low"] < report["score"]).all()
    assert (report["score"] < report["high"]).all()
    again = slice_report(p, X, y, groups="school", n_bootstraps=200, random_state=1)
    pd.testing.assert_frame_equal(report, again)
    other = slice_report(p, X, y, groups="school", n_bootstraps=200, random_state=2)
    assert (other["low"] != report["low"]).all()


def test_intervals_cover_what_students_would_score():
    """Students differ, so that their rows are worth less than as many students."""
    rng = np.random.default_rng(0)
    covered = {"student": [], "row": []}
    for _ in range(150):
        rate = rng.beta(2, 2, 40)
        X = pd.DataFrame({"student": np.repeat(np.arange(40), 15), "row": range(600)})
        y = rng.binomial(1, rate[X["student"]])
        for unit, inside in covered.items():
            # Whoever expects right answers is accurate in the share of them: 0.5.
            report = slice_report(
                np.full(600, 0.9),
                X,
                y,
                groups=np.zeros(600),
                scoring="accuracy",
                student=unit,
                n_bootstraps=100,
                random_state=0,
            )
            inside.append(report["low"].iloc[0] <= 0.5 <= report["high"].iloc[0])
    assert 0.89 <= np.mean(covered["student"]) <= 0.98
    assert np.mean(covered["row"]) < 0.75


@pytest.mark.parametrize(
    "form", ["rows", "array", "values", "by student", "categorical", "list"]
)
def test_groups_may_be_passed_in_any_form(form, truth, by_student):
    X, y, p = truth
    expected = slice_report(p, X, y, groups="school", **FEW)
    columns = X.set_axis([f"row {i}" for i in range(len(X))])
    groups = {
        "rows": columns["school"],
        "array": X["school"].to_numpy(),
        "values": pd.Categorical(X["school"]),
        "by student": by_student[::-1],
        "categorical": by_student.astype("category").cat.add_categories("north"),
        "list": ["school"],
    }[form]
    report = slice_report(p, columns, y, groups=groups, **FEW)
    if form == "list":
        assert report["group"].tolist()[2:4] == [("east",), ("east",)]
        report["group"] = expected["group"]
    pd.testing.assert_frame_equal(report, expected)


def test_several_columns_are_combined(truth):
    X, y, p = truth
    X = X.assign(year=X["user_id"] % 2)
    X.loc[X["user_id"] == 0, "year"] = pd.NA
    report = slice_report(p, X, y, groups=["school", "year"], scoring="accuracy", **FEW)
    assert report["group"].tolist() == [
        "all",
        *[("east", 0), ("east", 1), ("west", 0), ("west", 1)],
        "(missing)",
    ]
    assert report["n_rows"].iloc[1:].sum() == len(X)
    assert report["n_students"].iloc[-1] == 1


def test_whoever_has_no_group_is_a_group(truth, by_student):
    X, y, p = truth
    known = by_student.drop([1, 2]).astype(object)
    known[4] = None
    report = slice_report(p, X, y, groups=known, scoring="accuracy", **FEW)
    assert report["group"].tolist() == ["all", "east", "west", "(missing)"]
    assert report["n_students"].tolist() == [60, 20, 37, 3]
    numbers = pd.Series([1, 2] * 20, index=range(40))
    report = slice_report(p, X, y, groups=numbers, scoring="accuracy", **FEW)
    assert report["group"].tolist() == ["all", 1, 2, "(missing)"]  # not 1.0


def test_categories_stand_in_their_order(truth):
    X, y, p = truth
    n_answers = X["user_id"].value_counts()
    size = pd.cut(n_answers, [0, 9, 19, 999], labels=["to 9", "10 to 19", "more"])
    report = slice_report(p, X, y, groups=size, scoring="accuracy", **FEW)
    assert report["group"].tolist() == ["all", "to 9", "10 to 19", "more"]
    assert (
        report["n_students"].iloc[1:].tolist() == size.value_counts(sort=False).tolist()
    )


def test_a_group_may_hold_some_rows_of_a_student(truth):
    X, y, p = truth
    report = slice_report(p, X, y, groups="skill_name", scoring="accuracy", **FEW)
    assert report["n_rows"].iloc[1:].sum() == len(X)
    assert report["n_students"].iloc[1:].sum() > 60


def test_the_order_of_rows_does_not_matter(truth):
    X, y, p = truth
    order = np.random.default_rng(0).permutation(len(X))
    pd.testing.assert_frame_equal(
        slice_report(p[order], X.iloc[order], y[order], groups="school", **FEW),
        slice_report(p, X, y, groups="school", **FEW),
    )


def test_an_estimator_or_its_probabilities(truth):
    X, y, _ = truth
    pfa = PFAClassifier().fit(X, y)
    p = cross_val_predict(pfa, X, y, cv=StudentKFold(3), method="predict_proba")
    expected = slice_report(pfa, X, y, groups="school", **FEW)
    same = slice_report(pfa.predict_proba(X), X, y, groups="school", **FEW)
    pd.testing.assert_frame_equal(same, expected)
    honest = slice_report(p, X, y, groups="school", **FEW)
    assert honest["score"].iloc[1] < expected["score"].iloc[1]
    search = GridSearchCV(MeanClassifier(), {"strength": [5.0]}, cv=StudentKFold(2))
    report = slice_report(search.fit(X, y), X, y, groups="school", **FEW)
    assert report["score"].notna().all()


def test_labels_may_be_strings_and_scorers_any_of_scikit_learn(truth):
    X, y, p = truth
    named = np.where(y == 1, "yes", "no")
    scoring = [*FAST, "f1", "average_precision"]
    report = slice_report(p, X, named, groups="school", scoring=scoring, **FEW)
    expected = slice_report(p, X, y, groups="school", scoring=scoring, **FEW)
    pd.testing.assert_frame_equal(report, expected)
    own = {"AUC": "roc_auc", "F1 of no": make_scorer(f1_score, pos_label="no")}
    report = slice_report(p, X, named, groups="school", scoring=own, **FEW)
    assert report["metric"].tolist() == ["AUC", "F1 of no"] * 3
    assert report["score"][1] == f1_score(named == "no", p <= 0.5)
    # A name is but a name: what is scored by is what it stands for.
    odd = {"accuracy": "roc_auc", "roc_auc": get_scorer("accuracy")}
    report = slice_report(p, X, y, groups="school", scoring=odd, **FEW)
    auc, accuracy = roc_auc_score(y, p), ((p > 0.5) == y).mean()
    np.testing.assert_allclose(report["score"][:2], [auc, accuracy])
    assert report["low"][0] < auc < report["high"][0]
    assert report["low"][1] < accuracy < report["high"][1]


def test_rows_without_a_target_do_not_count(truth):
    X, y, p = truth
    hidden = (X["user_id"] < 30).to_numpy()
    part = slice_report(
        np.where(hidden, NAN, p), X, np.where(hidden, NAN, y), groups="school", **FEW
    )
    expected = slice_report(p[~hidden], X[~hidden], y[~hidden], groups="school", **FEW)
    pd.testing.assert_frame_equal(part, expected)


def test_targets_all_alike_have_no_score_and_one_student_no_interval():
    X = pd.DataFrame({"user_id": [1, 1, 2, 2, 3], "g": ["a", "a", "b", "b", "c"]})
    report = slice_report(
        [0.1, 0.2, 0.8, 0.7, 0.5], X, [1, 0, 1, 1, 0], groups="g", **FEW
    )
    assert report["score"].isna().tolist() == [False] * 4 + [True] * 4
    assert report["low"].isna().tolist() == [False] * 2 + [True] * 6
    assert report["right"].tolist() == [0.6, 0.6, 0.5, 0.5, 1, 1, 0, 0]


def test_intervals_may_be_left_out(truth):
    X, y, p = truth
    report = slice_report(p, X, y, groups="school", n_bootstraps=0)
    assert report[["low", "high"]].isna().all(axis=None)
    assert report["score"].notna().all()


def test_nothing_is_changed(truth, by_student):
    X, y, p = (part.copy() for part in truth)
    groups = by_student.copy()
    p.flags.writeable = y.flags.writeable = False
    slice_report(p, X, y, groups=groups, **FEW)
    pd.testing.assert_frame_equal(X, truth[0])
    pd.testing.assert_series_equal(groups, by_student)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (
            "class",
            "groups names the column 'class', which X has 0 times; got the columns "
            "['user_id', 'g']. Name one of them, or pass a Series indexed by student, "
            "or an array with the group of each row.",
        ),
        (["g", "class"], "groups names the column 'class', which X has 0 times"),
        (
            np.array(["a", "b"]),
            "groups has shape (2,); expected (3,), the group of each row of X. Groups "
            "of students can be a Series indexed by student.",
        ),
        (
            pd.Series(["a", "b"], index=["ann", "bob"]),
            "groups is a Series indexed by 'ann', 'bob'; expected students, such as 1, "
            "2, or the index of X. Set it: groups.set_axis(students).",
        ),
        (
            pd.Series(["a", "b", "b"], index=[1, 1, 2]),
            "groups is a Series that names 1 more than once; expected one entry per "
            "student, or the index of X: groups.groupby(level=0).first().",
        ),
    ],
)
def test_groups_that_do_not_fit_are_refused(groups, message):
    X = pd.DataFrame({"user_id": [1, 1, 2], "g": ["a", "a", "b"]})
    with pytest.raises(ValueError, match=re.escape(message)):
        slice_report([0.5] * 3, X, [0, 1, 1], groups=groups)


def test_what_cannot_be_scored_is_refused(truth):
    X, y, p = truth
    with pytest.raises(ValueError, match=r"X has no column 'pupil' \(student\)"):
        slice_report(p, X, y, groups="school", student="pupil")
    with pytest.raises(ValueError, match="'n_bootstraps' parameter"):
        slice_report(p, X, y, groups="school", n_bootstraps=-1)
    with pytest.raises(ValueError, match="'how good' is not a valid scoring value"):
        slice_report(p, X, y, groups="school", scoring="how good")
    with pytest.raises(ValueError, match="The probabilities have shape"):
        slice_report(p[1:], X, y, groups="school")
    with pytest.raises(TypeError, match=r"X is 'numpy\.ndarray'"):
        slice_report(p, X.to_numpy(), y, groups="school")
