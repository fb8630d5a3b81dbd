"""Who is warned of split students: whoever scores them, with a repair that helps."""

import warnings
from functools import partial

import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    cross_val_predict,
    cross_val_score,
    learning_curve,
)

from sktrace import BKTClassifier, MeanClassifier, PFAClassifier
from sktrace._tracer import learnt
from sktrace.datasets import make_interactions
from sktrace.inspection import consistency_report, skill_influence, what_if
from sktrace.model_selection import SplitStudentWarning, StudentKFold

from ..conftest import BELOW_HALF
from ._classes import fit, make_class

BKT = BKTClassifier(n_restarts=2, bounds=BELOW_HALF, random_state=0)
reported = partial(pytest.warns, SplitStudentWarning)


@pytest.fixture
def class_log():
    return make_class()


@pytest.fixture(scope="module")
def early():
    """Return a tracer that learnt from the first halves of students."""
    log = make_class()
    return fit(MeanClassifier(), log[log["order_id"] < 10])


# --- what is not scored ------------------------------------------------------------


def test_live_tracers_never_warn(early, class_log):
    late = class_log["order_id"] >= 10
    live = early.tracer(class_log[late])
    live.update(0, "a", 1)
    live.predict_proba(0)
    live.knowledge_state(1)


def test_rows_that_are_made_up_are_not_judged(class_log):
    late = class_log["order_id"] >= 10
    tracer = fit(BKT, class_log[~late].assign(user_id=lambda X: X.user_id))
    few = class_log[class_log["order_id"] < 3]
    what_if(tracer, few, "a", [0, 1])
    what_if(tracer, class_log[late], "a", 1)
    skill_influence(tracer)
    with reported() as got:
        consistency_report(tracer, class_log[late])
    assert len(got) == 1


# --- scikit-learn's tools ----------------------------------------------------------


@pytest.fixture(scope="module")
def sorted_log():
    X, y = make_interactions(40, n_skills=3, n_attempts=8, random_state=0)
    assert X["user_id"].is_monotonic_increasing
    return X, y


def search(X, y, **cv):
    GridSearchCV(MeanClassifier(), {"strength": [1.0, 9.0]}, **cv).fit(X, y)


def stack(X, y, **cv):
    members = [("pfa", PFAClassifier()), ("mean", MeanClassifier())]
    StackingClassifier(members, LogisticRegression(), **cv).fit(X, y)


TOOLS = {
    "cross_val_score": lambda X, y, **cv: cross_val_score(PFAClassifier(), X, y, **cv),
    "cross_val_predict": lambda X, y, **cv: cross_val_predict(
        PFAClassifier(), X, y, **cv
    ),
    "grid search": search,
    "stacking": stack,
    "calibration": lambda X, y, **cv: CalibratedClassifierCV(PFAClassifier(), **cv).fit(
        X, y
    ),
    "learning curve": lambda X, y, **cv: learning_curve(
        PFAClassifier(), X, y, train_sizes=[0.5, 1.0], **cv
    ),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_default_folds_are_reported_and_folds_of_students_are_not(tool, sorted_log):
    with reported(match=r"Split by students: cv=StudentKFold\(5\)"):
        TOOLS[tool](*sorted_log)
    TOOLS[tool](*sorted_log, cv=StudentKFold(5))


def test_a_warning_names_the_line_of_the_caller(sorted_log):
    with reported() as got:
        cross_val_score(MeanClassifier(), *sorted_log, cv=3)
    assert {warning.filename for warning in got} == {__file__}


def test_the_repair_names_the_columns(class_log):
    log = class_log.rename(columns={"user_id": "pupil", "order_id": "when"})
    tracer = MeanClassifier(student="pupil", order="when")
    repair = r"cv=StudentKFold\(5, student='pupil'\)\. .* cv=TimeSplit\(5, "
    repair += r"student='pupil', order='when'\) and HistoryClassifier\(MeanClassifier"
    with reported(match=repair):
        cross_val_score(tracer, log, log["correct"], cv=2)
    folds = StudentKFold(5, student="pupil")
    cross_val_score(tracer, log, log["correct"], cv=folds)


def test_warnings_can_be_made_errors(early, class_log):
    with warnings.catch_warnings():
        warnings.simplefilter("error", SplitStudentWarning)
        with pytest.raises(SplitStudentWarning):
            early.predict_proba(class_log[class_log["order_id"] >= 10])


def test_a_context_ends_with_an_error():
    with pytest.raises(ZeroDivisionError), learnt.without_judging():
        1 / 0  # noqa: B018
    assert learnt._judging.get()
