"""DKTClassifier(task="many-to-one") in scikit-learn's searches, folds and pipelines."""

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import StackingClassifier
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline

from sktrace import DKTClassifier, Sequences
from sktrace.model_selection import StudentKFold
from sktrace.preprocessing import PerStep

from ._courses import OF_OUTCOMES, make_courses, make_histories


def test_scorers_searches_calibration_and_stacks():
    X, y = make_courses(60)
    clf = DKTClassifier(**OF_OUTCOMES)
    scoring = ["accuracy", "balanced_accuracy", "roc_auc_ovr", "neg_log_loss"]
    for form in (X, Sequences.from_padded(X), list(X)):
        scores = cross_validate(clf, form, y, cv=3, scoring=scoring)
        assert all(np.isfinite(scores[f"test_{name}"]).all() for name in scoring)
    search = GridSearchCV(clf, {"cell": ["rnn", "lstm"]}, cv=2).fit(X, y)
    assert search.predict(X).shape == (60,)
    calibrated = CalibratedClassifierCV(clf, cv=2).fit(X, y)
    assert calibrated.predict_proba(X).shape == (60, 4)
    stack = StackingClassifier([("a", clf), ("b", clone(clf))], cv=2)
    assert stack.fit(X, y).predict_proba(X).shape == (60, 4)


def test_missing_weeks_are_filled_in_a_pipeline():
    X, y = make_courses(n_classes=2)
    X[::4, 0, 1] = np.nan
    clf = DKTClassifier(**OF_OUTCOMES)
    fill = PerStep(SimpleImputer(add_indicator=True))
    pipeline = make_pipeline(fill, clf).fit(X, y)
    assert pipeline[-1].n_features_in_ == 4
    assert np.isfinite(pipeline.predict_proba(X)).all()


def test_folds_of_students_with_several_enrolments():
    weeks = pd.DataFrame(
        {
            "course": np.repeat(["a", "b"], 60),
            "student": np.tile(np.repeat(np.arange(20), 3), 2),
            "week": np.tile([1, 2, 3], 40),
            "clicks": np.arange(120.0) % 7,
        }
    )
    X = Sequences.from_frame(weeks, by=["course", "student"], order="week")
    y = X.ids.get_level_values("student").to_numpy() % 2
    for train, test in StudentKFold(4, student="student").split(X):
        sides = [set(X[rows].ids.get_level_values("student")) for rows in (train, test)]
        assert not sides[0] & sides[1]
    scores = cross_validate(
        DKTClassifier(**OF_OUTCOMES), X, y, cv=StudentKFold(4, student="student")
    )
    assert np.isfinite(scores["test_score"]).all()


def test_early_stopping_holds_out_sequences():
    for X, y in (make_courses(), make_histories()[1:]):
        clf = DKTClassifier(**OF_OUTCOMES).set_params(
            early_stopping=True, max_epochs=20
        )
        assert clf.fit(X, y).history_["valid_loss"].notna().all()


def test_answers_that_only_held_out_sequences_hold_are_the_average_answer():
    log, _, y = make_histories()
    student = log["user_id"] // 7
    log["skill_name"] = "skill " + student.astype(str)  # each student's own
    X = Sequences.from_frame(log, by="user_id", order="order_id")
    clf = DKTClassifier(**OF_OUTCOMES).set_params(early_stopping=True, max_epochs=1)
    module = clf.fit(X, y).net_.module_
    table = module.answers.weight.detach().numpy()
    average = table[-3:-1]  # of the unknown skill: wrong, right
    untaught = [(table[2 * k : 2 * k + 2] == average).all() for k in range(20)]
    assert sum(untaught) >= 2  # 2 of 20 are held out; some gave one answer only
