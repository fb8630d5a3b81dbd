"""Outcomes and numbers on real courses; needs the folder that SKTRACE_DATA names."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score, root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sktrace import DKTClassifier, SequenceRegressor, Sequences
from sktrace.datasets import OULAD_ACTIVITY, OULAD_CALENDAR, fetch_oulad, oulad_weekly
from sktrace.model_selection import train_test_split_students
from sktrace.preprocessing import PerStep

ENROLMENT = ["code_module", "code_presentation", "id_student"]


@pytest.fixture(scope="module")
def course(data):
    """Ten weeks of one module that was presented twice: 748 enrolments."""
    weeks, enrolments = oulad_weekly(fetch_oulad(data / "oulad"), n_weeks=10)
    weeks = weeks[weeks["code_module"] == "AAA"].reset_index(drop=True)
    return weeks, enrolments.loc[["AAA"]]


def test_a_handful_of_students_is_enough_to_trace_their_quizzes(data):
    """30 students: far better than their running mean, on students not seen."""
    quizzes = pd.read_csv(data / "weekly_quiz_grades.csv.gz")
    train, test = train_test_split_students(
        quizzes, test_size=6, random_state=0, student="student"
    )
    reg = SequenceRegressor(
        student="student",
        order="week",
        features=["week", "studying_hours"],
        past_features=["quiz_grade"],
        random_state=0,
    )
    p = reg.fit(train, train["quiz_grade"]).predict(test)
    so_far = test.groupby("student")["quiz_grade"].transform(
        lambda own: own.expanding().mean().shift()
    )
    so_far = so_far.fillna(train["quiz_grade"].mean())
    rmse = root_mean_squared_error(test["quiz_grade"], p)
    assert rmse < 0.5 * root_mean_squared_error(test["quiz_grade"], so_far)


def test_passing_is_known_by_week_ten(course):
    weeks, enrolments = course
    X = Sequences.from_frame(weeks, by=ENROLMENT, order="week")
    y = enrolments["passed"].loc[X.ids].to_numpy()
    model = make_pipeline(
        PerStep(FunctionTransformer(np.nan_to_num)),
        DKTClassifier(task="many-to-one", hidden_size=16, random_state=0),
    )
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    p = model.fit(X_train, y_train).predict_proba(X_test)[:, 1]
    assert roc_auc_score(y_test, p) > 0.75
    alone = np.concatenate([model.predict_proba(X_test[[i]]) for i in range(20)])
    np.testing.assert_allclose(alone[:, 1], p[:20], atol=1e-6, rtol=0)


def test_scores_are_traced_blind_to_the_own_and_to_later_weeks(course):
    weeks, _ = course
    weeks = weeks.assign(enrolment=weeks.groupby(ENROLMENT).ngroup())
    past = [*OULAD_ACTIVITY, "score"]
    reg = SequenceRegressor(
        student="enrolment",
        order="week",
        features=list(OULAD_CALENDAR),
        past_features=past,
        hidden_size=16,
        random_state=0,
    ).set_params(max_epochs=3)
    p = reg.fit(weeks, weeks["score"]).predict(weeks)
    hidden = weeks.copy()
    hidden.loc[hidden["week"] >= 6, past] = -1.0
    seen = (weeks["week"] <= 6).to_numpy()
    q = reg.predict(hidden)
    np.testing.assert_array_equal(q[seen], p[seen])
    assert (q[~seen] != p[~seen]).any()
