"""Probabilities against answers: by hand, by scikit-learn, and by the known truth."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss
from sklearn.model_selection import GridSearchCV, cross_val_predict

from sktrace import DKTClassifier, MeanClassifier, PFAClassifier, SequenceRegressor
from sktrace.datasets import make_interactions
from sktrace.inspection import calibration_by_skill
from sktrace.model_selection import StudentKFold

from ..conftest import make_log

NAN = np.nan


@pytest.fixture(scope="module")
def truth():
    return make_interactions(
        n_students=300, n_skills=4, return_proba=True, random_state=0
    )


@pytest.fixture
def small():
    X = pd.DataFrame({"skill_name": ["a", "a", "a", "a", "b", "b"]})
    return X, [1, 0, 1, 1, 0, 0], [0.9, 0.2, 0.8, 0.3, 0.5, 0.1]


def test_a_frame_counted_by_hand(small):
    X, y, p = small
    table = calibration_by_skill(p, X, y, n_bins=2)
    assert table.index.tolist() == ["a", "b"]
    assert table.index.name == "skill_name"
    a, b = table.loc["a"], table.loc["b"]
    # Bins of a: 0.2 and 0.3, of which one is right; 0.8 and 0.9, which both are.
    np.testing.assert_allclose(a["calibration_error"], (0.5 + 0.3) / 4)
    np.testing.assert_allclose(b["calibration_error"], (0.1 + 0.5) / 2)
    assert a[["n_rows", "observed"]].tolist() == [4, 0.75]
    np.testing.assert_allclose(a["predicted"], 0.55)
    np.testing.assert_allclose(a["gap"], -0.2)
    np.testing.assert_allclose(a["brier"], (0.01 + 0.04 + 0.04 + 0.49) / 4)
    # Wilson's interval of 3 in 4, and of 0 in 2.
    z = 1.959963984540054
    centre = (3 + z**2 / 2) / (4 + z**2)
    half = z / (4 + z**2) * np.sqrt(3 * 1 / 4 + z**2 / 4)
    np.testing.assert_allclose(
        a[["low", "high"]].astype(float), [centre - half, centre + half]
    )
    np.testing.assert_allclose(
        b[["low", "high"]].astype(float), [0, z**2 / (2 + z**2)], atol=1e-15
    )


@pytest.mark.parametrize("strategy", ["quantile", "uniform"])
def test_bins_are_those_of_scikit_learn(truth, strategy):
    X, y, p = truth
    p = p**1.5
    options = {"n_bins": 7, "strategy": strategy}
    table = calibration_by_skill(p, X, y, **options)
    for skill in table.index:
        own = (X["skill_name"] == skill).to_numpy()
        observed, predicted = calibration_curve(y[own], p[own], **options)
        cuts = np.linspace(0, 1, 8)
        if strategy == "quantile":
            cuts = np.quantile(p[own], cuts)
        counts, _ = np.histogram(p[own], cuts)
        error = np.average(np.abs(observed - predicted), weights=counts[counts > 0])
        assert table.loc[skill, "calibration_error"] == pytest.approx(error)
        assert table.loc[skill, "brier"] == pytest.approx(
            brier_score_loss(y[own], p[own])
        )


def test_with_one_bin_the_error_is_the_gap(truth):
    X, y, p = truth
    table = calibration_by_skill(p**2, X, y, n_bins=1)
    np.testing.assert_allclose(table["calibration_error"], table["gap"].abs())
    assert (table["gap"] < 0).all()


def test_the_truth_is_calibrated_and_its_intervals_cover_it():
    inside, gaps, errors = [], [], []
    for seed in range(12):
        X, y, p = make_interactions(n_students=60, return_proba=True, random_state=seed)
        table = calibration_by_skill(p, X, y)
        inside += table["predicted"].between(table["low"], table["high"]).tolist()
        gaps += table["gap"].tolist()
        p_mean = table["predicted"]
        by_chance = np.sqrt(2 * 10 * p_mean * (1 - p_mean) / (np.pi * table["n_rows"]))
        errors += (table["calibration_error"] / by_chance).tolist()
    # 120 intervals; answers of different p vary less than Wilson's interval expects.
    assert 0.93 <= np.mean(inside) <= 1
    assert abs(np.mean(gaps)) < 0.005
    assert 0.7 < np.mean(errors) < 1.05  # what the docstring says of chance


def test_one_line_over_all_rows(truth):
    X, y, p = truth
    table = calibration_by_skill(p, X, y, skill=None)
    assert table.index.tolist() == ["all"]
    assert table["n_rows"].item() == len(X)
    same = calibration_by_skill(p, X.assign(skill_name="one"), y)
    np.testing.assert_array_equal(table, same)


def test_an_estimator_or_its_probabilities(truth):
    X, y, _ = truth
    pfa = PFAClassifier().fit(X, y)
    expected = calibration_by_skill(pfa, X, y)
    p = pfa.predict_proba(X)
    search = GridSearchCV(MeanClassifier(), {"strength": [5.0]}, cv=StudentKFold(2))
    search.fit(X, y)
    for same in (p, p[:, 1], pd.Series(p[:, 1]), p[:, 1].tolist()):
        pd.testing.assert_frame_equal(calibration_by_skill(same, X, y), expected)
    pd.testing.assert_frame_equal(
        calibration_by_skill(search, X, y),
        calibration_by_skill(search.best_estimator_, X, y),
    )
    # Means of other students are calibrated on each skill, but for chance.
    p = cross_val_predict(
        MeanClassifier(), X, y, cv=StudentKFold(3), method="predict_proba"
    )
    assert (calibration_by_skill(p, X, y)["gap"].abs() < 0.05).all()


def test_the_order_of_rows_does_not_matter(truth):
    X, y, p = truth
    order = np.random.default_rng(0).permutation(len(X))
    pd.testing.assert_frame_equal(
        calibration_by_skill(p[order], X.iloc[order], y[order]),
        calibration_by_skill(p, X, y),
    )


def test_a_question_on_several_skills_is_a_row_of_each():
    X = pd.DataFrame({"topic": ["a~~b", "b", None]})
    table = calibration_by_skill([0.5, 0.25, 0.9], X, [1, 0, 1], skill="topic")
    assert table["n_rows"].to_dict() == {"a": 1, "b": 2}
    assert table.loc["b", "predicted"] == 0.375
    whole = calibration_by_skill(
        [0.5, 0.25, 0.9], X, [1, 0, 1], skill="topic", skill_separator=None
    )
    assert whole["n_rows"].to_dict() == {"a~~b": 1, "b": 1}


def test_rows_without_a_target_do_not_count(small):
    X, y, p = small
    hidden = calibration_by_skill([*p[:4], NAN, NAN], X, [*y[:4], NAN, NAN])
    assert hidden["n_rows"].tolist() == [4, 0]
    assert hidden.loc["b"].iloc[1:].isna().all()
    pd.testing.assert_series_equal(
        hidden.loc["a"], calibration_by_skill(p, X, y).loc["a"]
    )


def test_labels_may_be_strings_or_truths(small):
    X, y, p = small
    expected = calibration_by_skill(p, X, y)
    named = np.where(np.array(y) == 1, "yes", "no")
    for labels in (named, np.array(y, bool), pd.array(y, dtype="Int64")):
        pd.testing.assert_frame_equal(calibration_by_skill(p, X, labels), expected)


def test_nothing_is_changed(truth):
    X, y, p = (part.copy() for part in truth)
    p.flags.writeable = y.flags.writeable = False
    calibration_by_skill(p, X, y)
    pd.testing.assert_frame_equal(X, truth[0])


@pytest.mark.parametrize("y", [[1, 1], [True, True], [1.0, 1.0]])
def test_answers_that_are_all_right_have_two_classes(y):
    X = pd.DataFrame({"skill_name": ["a", "a", "b"]})
    table = calibration_by_skill([0.5, 1.0, 0.5], X, [*y, None])
    assert table.loc["a", "gap"] == -0.25
    assert calibration_by_skill([0.5, 1.0], X[:2], y).loc["a", "gap"] == -0.25
    with pytest.raises(ValueError, match="y holds one class only, 'right'"):
        calibration_by_skill([0.5, 1.0], X[:2], ["right", "right"])


@pytest.mark.parametrize(
    ("estimator", "error", "message"),
    [
        (
            [0.5] * 3,
            ValueError,
            "The probabilities have shape (3,); expected (6,) or (6, 2), those of the "
            "second class last, one row per row of X.",
        ),
        (
            [0.5] * 5 + [1.5],
            ValueError,
            "The probabilities hold 1.5 in 1 row (the first at position 5); expected "
            "numbers from 0 to 1.",
        ),
        ([NAN] * 6, ValueError, "The probabilities hold nan in 6 rows (the first at"),
        (
            SequenceRegressor(),
            TypeError,
            "estimator is 'SequenceRegressor', without predict_proba; "
            "calibration_by_skill expects a fitted classifier, or an array of its "
            'probabilities, such as cross_val_predict(..., method="predict_proba").',
        ),
        ("dkt", TypeError, "estimator is 'str', without predict_proba"),
    ],
)
def test_probabilities_that_are_none_are_refused(small, estimator, error, message):
    X, y, _ = small
    with pytest.raises(error, match=re.escape(message)):
        calibration_by_skill(estimator, X, y)


def test_what_cannot_be_compared_is_refused(small):
    X, y, p = small
    with pytest.raises(ValueError, match=r"X has no column 'topic' \(skill\)"):
        calibration_by_skill(p, X, y, skill="topic")
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        calibration_by_skill(p, X, y[1:])
    with pytest.raises(ValueError, match="y holds no target at all; calibration_by_"):
        calibration_by_skill(p, X, [NAN] * 6)
    with pytest.raises(ValueError, match="y holds 3 classes"):
        calibration_by_skill(p, X, [0, 1, 2, 0, 1, 2])
    with pytest.raises(ValueError, match="'strategy' parameter"):
        calibration_by_skill(p, X, y, strategy="equal")
    with pytest.raises(TypeError, match="X is 'dict'; expected a pandas DataFrame"):
        calibration_by_skill(p, {"skill_name": [1]}, y)
    log = make_log()
    clf = MeanClassifier().fit(log, log["correct"])
    with pytest.raises(ValueError, match="y holds 5; expected the classes"):
        calibration_by_skill(clf, log, np.full(len(log), 5))


def test_an_outcome_in_three_classes_is_refused():
    class Three:
        classes_ = np.arange(3)

        def predict_proba(self, X):
            return np.full((len(X), 3), 1 / 3)

    X = pd.DataFrame({"skill_name": ["a", "b"]})
    with pytest.raises(ValueError, match="The estimator predicts 3 classes; calibra"):
        calibration_by_skill(Three(), X, [0, 1])


def test_a_network_may_be_asked(log):
    dkt = DKTClassifier(hidden_size=4, max_epochs=1, random_state=0)
    dkt.fit(log, log["correct"])
    table = calibration_by_skill(dkt, log, log["correct"])
    assert table.index.tolist() == dkt.skills_.tolist()
    assert table["n_rows"].sum() == len(log)
