"""What an audit computes, what it leaves alone, and what it refuses."""

import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.svm import LinearSVC

from sktrace import MeanClassifier, PFAClassifier
from sktrace._audit.randomised import count_deviations
from sktrace.datasets import make_interactions
from sktrace.inspection import audit
from sktrace.model_selection import StudentKFold

from ._logs import BARE, lesson

FEW = {"n_students": 10, "n_repeats": 2}
COLUMNS = ["check", "verdict", "size", "finding", "rows", "repair"]


@pytest.fixture(scope="module")
def predicted():
    X = lesson(30)[BARE]
    y = X["correct"].to_numpy()
    cv = StudentKFold(3)
    p = cross_val_predict(PFAClassifier(), X, y, cv=cv, method="predict_proba")[:, 1]
    return X, y, p


def size(report, check):
    return report.loc[report["check"] == check, "size"].item()


def test_the_auc_is_the_mean_of_within_and_between_students(predicted):
    X, y, p = predicted
    report = audit(p, X, y)
    right, wrong = (
        pd.DataFrame({"p": p[y == answer], "student": X["user_id"][y == answer]})
        for answer in (1, 0)
    )
    pairs = right.merge(wrong, how="cross", suffixes=("", "_wrong"))
    ordered = (pairs["p"] > pairs["p_wrong"]) + (pairs["p"] == pairs["p_wrong"]) / 2
    own = pairs["student"] == pairs["student_wrong"]
    assert size(report, "AUC by row") == pytest.approx(roc_auc_score(y, p), abs=1e-12)
    within, between = (
        size(report, check) for check in ("AUC within student", "AUC between students")
    )
    assert within == pytest.approx(ordered[own].mean(), abs=1e-12)
    assert between == pytest.approx(ordered[~own].mean(), abs=1e-12)
    mean = own.mean() * within + (~own).mean() * between
    assert size(report, "AUC by row") == pytest.approx(mean, abs=1e-12)


def test_parts_are_scores_of_their_rows(predicted):
    X, y, p = predicted
    report = audit(p, X, y)
    first = (X.groupby("user_id").cumcount() == 0).to_numpy()
    attempt = (X.groupby(["user_id", "skill_name"]).cumcount() == 0).to_numpy()
    skill = X["skill_name"]
    again = (skill == skill.groupby(X["user_id"]).shift()).to_numpy()
    for check, rows in {
        "AUC of first rows": first,
        "AUC of first attempts": attempt,
        "AUC of repeated rows": again,
        "AUC of other rows": ~again,
    }.items():
        expected = roc_auc_score(y[rows], p[rows])
        assert size(report, check) == pytest.approx(expected, abs=1e-12), check
    gap = size(report, "calibration in the large")
    assert gap == pytest.approx(p.mean() - y.mean(), abs=1e-12)


def mean_so_far(tosses):
    before = np.cumsum(tosses) - tosses
    return (before + 1) / (np.arange(len(tosses)) + 2)


def test_tosses_and_honest_predictions_are_uncorrelated_over_all_tosses():
    """Over all 256 tosses of eight rows; their AUC is below one half meanwhile."""
    sums, variances, aucs = [], [], []
    for tosses in itertools.product([0, 1], repeat=8):
        tosses = np.array(tosses)
        p = mean_so_far(tosses)
        variance = ((p - 0.5) ** 2).sum() / 4
        sums.append(count_deviations(tosses, p) * np.sqrt(variance))
        variances.append(variance)
        if 0 < tosses.sum() < 8:
            aucs.append(roc_auc_score(tosses, p))
    assert np.mean(sums) == pytest.approx(0, abs=1e-12)
    assert np.mean(np.square(sums)) == pytest.approx(np.mean(variances), abs=1e-12)
    assert np.mean(aucs) < 0.45


def test_deviations_of_honest_predictions_have_unit_spread():
    rng = np.random.default_rng(0)
    deviations = []
    for _ in range(500):
        tosses = rng.integers(0, 2, (5, 40))
        p = np.apply_along_axis(mean_so_far, 1, tosses)
        deviations.append(count_deviations(tosses.ravel(), p.ravel()))
    assert np.std(deviations) == pytest.approx(1, abs=0.1)
    assert np.abs(deviations).max() < 4


def test_deviations_of_whoever_sees_the_toss_are_many():
    tosses = np.tile([0, 1], 50)
    assert count_deviations(tosses, 0.4 + 0.2 * tosses) == pytest.approx(10)
    assert count_deviations(tosses, np.full(100, 0.5)) == 0


def test_the_same_seed_gives_the_same_table_and_leaves_the_frame():
    X, y = make_interactions(20, n_attempts=10, random_state=0)
    before, tracer = X.copy(), MeanClassifier(by="student")
    one, other = (audit(tracer, X, y, random_state=3, **FEW) for _ in range(2))
    pd.testing.assert_frame_equal(one, other)
    pd.testing.assert_frame_equal(X, before)
    assert not hasattr(tracer, "classes_")  # a clone was fitted
    assert one.columns.tolist() == COLUMNS
    kinds = {"fault", "look", "passed", "note", "not checked"}
    assert set(one["verdict"]) <= kinds
    raised = one["verdict"].isin(["fault", "look"])
    assert (one.loc[raised, "repair"] != "").all()


def test_predictions_have_one_column_or_two(predicted):
    X, y, p = predicted
    both = np.column_stack([1 - p, p])
    pd.testing.assert_frame_equal(audit(p, X, y), audit(both, X, y))
    pd.testing.assert_frame_equal(audit(p, X, y), audit(p.tolist(), X, y))


def test_what_is_not_told_is_not_checked(predicted):
    X, y, p = predicted
    report = audit(p, X, y).set_index("check")
    for check in ("randomised answers", "prefix invariance", "company"):
        assert report.loc[check, "verdict"] == "not checked"
        assert "pass the estimator" in report.loc[check, "finding"]
    assert report.loc["students on both sides", "verdict"] == "not checked"


def alone(X, y):
    own = X["user_id"] == X["user_id"].iloc[0]
    return X[own], y[own]


REFUSED = {
    "no frame": (
        lambda X, y, p: audit(PFAClassifier(), X.to_numpy(), y),
        TypeError,
        "X is 'numpy.ndarray'; expected a pandas DataFrame",
    ),
    "no estimator": (
        lambda X, y, p: audit("pfa", X, y),
        TypeError,
        "estimator is 'str', without predict_proba",
    ),
    "no probabilities": (
        lambda X, y, p: audit(LinearSVC(), X, y),
        TypeError,
        "estimator is 'LinearSVC', without predict_proba",
    ),
    "too few": (
        lambda X, y, p: audit(p[:5], X, y),
        ValueError,
        r"The probabilities have shape \(5,\); expected \(\d+,\)",
    ),
    "logits": (
        lambda X, y, p: audit(p + 1, X, y),
        ValueError,
        "expected numbers from 0 to 1",
    ),
    "no students": (
        lambda X, y, p: audit(PFAClassifier(), X.drop(columns="user_id"), y),
        ValueError,
        r"X has no column 'user_id' \(student\)",
    ),
    "no such item": (
        lambda X, y, p: audit(PFAClassifier(), X, y, item="problem"),
        ValueError,
        "X has no column 'problem'",
    ),
    "no such skill": (
        lambda X, y, p: audit(p, X, y, skill="topic"),
        ValueError,
        "X has no column 'topic'",
    ),
    "no such past feature": (
        lambda X, y, p: audit(p, X, y, past_features="seconds"),
        ValueError,
        "X has no column 'seconds'",
    ),
    "padding in y": (
        lambda X, y, p: audit(PFAClassifier(), X, np.r_[-1, y[1:]]),
        ValueError,
        r"y holds -1 in 1 row .* leave these rows out: X\[y != -1\]",
    ),
    "one answer": (
        lambda X, y, p: audit(PFAClassifier(), X, np.ones(len(y))),
        ValueError,
        "y holds 1 class.* needs right and wrong answers",
    ),
    "one student": (
        lambda X, y, p: audit(PFAClassifier(), *alone(X, y)),
        ValueError,
        "X holds 1 student; .* Pass X_train=..., y_train=... of other students",
    ),
    "no students asked": (
        lambda X, y, p: audit(PFAClassifier(), X, y, n_students=0),
        ValueError,
        "'n_students' parameter of audit must be an int in the range",
    ),
    "one number per row": (
        lambda X, y, p: audit(lambda *three: None, X, y),
        ValueError,
        "expected",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refusals_say_what_was_expected(what, predicted):
    call, error, message = REFUSED[what]
    with pytest.raises(error, match=message):
        call(*predicted)


def test_what_the_refusals_advise_is_accepted(predicted):
    X, y, _ = predicted
    padded = np.r_[-1, y[1:]]
    real = padded != -1
    audit(PFAClassifier(), X[real], padded[real], **FEW)
    one = X["user_id"] == X["user_id"].iloc[0]
    others = {"X_train": X[~one], "y_train": y[~one]}
    report = audit(PFAClassifier(), X[one], y[one], **others, **FEW)
    assert "fault" not in report["verdict"].tolist()
