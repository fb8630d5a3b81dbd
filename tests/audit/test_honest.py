"""What is honest raises no alarm, even where it looks like a fault."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    BlendClassifier,
    MeanClassifier,
    PFAClassifier,
    RaschClassifier,
    TransferClassifier,
)
from sktrace.datasets import make_classroom, make_interactions
from sktrace.inspection import audit
from sktrace.model_selection import HistoryClassifier, StudentKFold, TimeSplit
from sktrace.preprocessing import PriorCounts

from ._cases import small_dkt
from ._logs import BARE, lesson
from ._regressions import OnColumns, RightSoFar

FEW = {"n_students": 5, "n_repeats": 1}
TRACERS = {
    "AFM": AFMClassifier(),
    "PFA": PFAClassifier(
        item="item_id", features=["rating"], past_features=["response_time"]
    ),
    "BKT": BKTClassifier(n_restarts=1, bounds={"guess": (0, 0.5), "slip": (0, 0.5)}),
    "transfer": TransferClassifier(),
    "mean of the student": MeanClassifier(by="student"),
    "mean of the item": MeanClassifier(by="item", item="item_id"),
    "blend": BlendClassifier(
        [("pfa", PFAClassifier()), ("mean", MeanClassifier())], random_state=0
    ),
    "Rasch": RaschClassifier(),
    "DKT, items": small_dkt(item="item_id", max_epochs=2),
    "strangers' counts": RightSoFar(),
    "prior counts": make_pipeline(PriorCounts(), LogisticRegression()),
    "scaler in a pipeline": make_pipeline(
        make_column_transformer(
            (StandardScaler(), ["rating", "n_before"]),
            (OneHotEncoder(handle_unknown="ignore"), ["skill_name"]),
        ),
        LogisticRegression(),
    ),
    "search": GridSearchCV(
        PFAClassifier(), {"student_effect": ["online", None]}, cv=StudentKFold(2)
    ),
    "a function": lambda X, y, asked: MeanClassifier().fit(X, y).predict_proba(asked),
}


def alarms(*args, **more):
    report = audit(*args, **(FEW | more))
    raised = report["verdict"].isin(["fault", "look"])
    return report.loc[raised, ["check", "verdict", "finding"]].to_numpy().tolist()


@pytest.fixture(scope="module")
def log():
    return lesson(30)


@pytest.fixture
def made():
    return make_interactions(25, n_attempts=15, random_state=0)


@pytest.mark.parametrize("name", TRACERS)
def test_no_tracer_is_accused(name, log):
    """Columns that know the answer lie in the frame, and are not read."""
    assert alarms(TRACERS[name], log, log["correct"]) == []


def joined(X):
    extra = np.where(np.arange(len(X)) % 3 == 0, "~~more", "")
    return X.assign(skill_name=X["skill_name"].astype(str) + extra)


FORMS = {
    "dates": lambda X: X.assign(
        order_id=pd.Timestamp("2024-01-01", tz="UTC")
        + pd.to_timedelta(X["order_id"], unit="h")
    ),
    "joined skills": joined,
    "one skill": lambda X: X.assign(skill_name="all"),
    "answers not asked yet": lambda X: X.assign(
        correct=X["correct"].astype(float).where(np.arange(len(X)) % 7 > 0)
    ),
    "labels of rows": lambda X: X.set_axis([f"r{i}" for i in range(len(X))]),
    "one label for all rows": lambda X: X.set_axis(np.zeros(len(X), dtype=int)),
    "rows in any order": lambda X: X.sample(frac=1, random_state=0),
    "students named": lambda X: X.assign(user_id="s" + X["user_id"].astype(str)),
    "equally many rows": lambda X: X.groupby("user_id").head(6),
    "95 % right": lambda X: X.assign(
        correct=(np.random.default_rng(0).random(len(X)) < 0.95).astype(int)
    ),
    "nullable": lambda X: X.convert_dtypes(),
}


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_a_log_is_an_alarm(form, made):
    X = FORMS[form](made[0])
    assert alarms(PFAClassifier(), X, X["correct"]) == []


@pytest.mark.parametrize("order", [None, ["day", "order_id"]])
def test_rows_in_time_order_and_by_several_columns(order, made):
    X = made[0].assign(day=made[0]["order_id"] // 5)
    assert alarms(PFAClassifier(order=order), X, X["correct"]) == []


def test_y_may_be_words(made):
    X, y = made
    assert alarms(PFAClassifier(), X, np.where(y == 1, "right", "not")) == []


def test_a_classroom_is_no_alarm():
    assert alarms(PFAClassifier(), *make_classroom(random_state=0)) == []


@pytest.mark.parametrize("hardness", [-3, 0, 3])
@pytest.mark.parametrize("n_rows", [20, 60])
def test_a_course_that_is_the_same_for_all_is_no_alarm(hardness, n_rows):
    """Equally many rows of each student end in the same skill, easy or hard."""
    rng, step = np.random.default_rng(0), np.arange(n_rows)
    ability, difficulty = rng.normal(size=(30, 1)), rng.normal(size=n_rows)
    p = 1 / (1 + np.exp(hardness + difficulty - ability))
    X = pd.DataFrame(
        {
            "user_id": np.repeat(np.arange(30), n_rows),
            "order_id": np.tile(step, 30),
            "skill_name": np.tile(step * 5 // n_rows, 30),
            "correct": (rng.random(p.shape) < p).astype(int).ravel(),
        }
    )
    assert alarms(MeanClassifier(by="student"), X, X["correct"]) == []


def test_encodings_and_scales_of_training_rows_are_honest():
    log = lesson(60)
    train, test = next(StudentKFold(3).split(log))
    mean = log.iloc[train].groupby("item_id")["correct"].mean()
    scaler = StandardScaler().fit(log.iloc[train][["rating"]])
    coded = log[BARE].assign(
        encoded=log["item_id"].map(mean).fillna(0.5).astype(float),
        rating=scaler.transform(log[["rating"]])[:, 0],
    )
    X_train, X = coded.iloc[train], coded.iloc[test]
    given = {"X_train": X_train, "y_train": X_train["correct"]}
    model = OnColumns(["encoded", "rating"])
    assert alarms(model, X, X["correct"], **given) == []


def test_answers_before_the_row_may_be_read(log):
    right = log.groupby(["user_id", "skill_name"])["correct"].cumsum() - log["correct"]
    X = log[BARE].assign(before=right)
    assert alarms(OnColumns(["before"]), X, X["correct"]) == []


def test_what_is_fitted_may_stay_so(log):
    train, test = next(StudentKFold(3).split(log))
    X_train, X = log[BARE].iloc[train], log[BARE].iloc[test]
    frozen = FrozenEstimator(PFAClassifier().fit(X_train, X_train["correct"]))
    assert alarms(frozen, X, X["correct"]) == []
    given = {"X_train": X_train, "y_train": X_train["correct"]}
    assert alarms(frozen, X, X["correct"], **given) == []


def test_predictions_by_folds_of_students_are_no_alarm(log):
    y, cv = log["correct"], StudentKFold(3)
    model = PFAClassifier(item="item_id")
    p = cross_val_predict(model, log, y, cv=cv, method="predict_proba")
    assert alarms(p, log, y, item="item_id", cv=cv) == []
    assert alarms(p[:, 1], log, y) == []


def test_an_evaluation_over_time_is_noted_and_no_fault(made):
    X, y = made
    report = audit(HistoryClassifier(PFAClassifier()), X, y, cv=TimeSplit(3), **FEW)
    assert not report["verdict"].isin(["fault", "look"]).any()
    line = report[report["check"] == "students on both sides"].iloc[0]
    assert line["verdict"] == "note"


class NoFirstRows(PFAClassifier):
    def predict_proba(self, X):
        p = super().predict_proba(X)
        p[X["order_id"] == X.groupby("user_id")["order_id"].transform("min")] = np.nan
        return p


def test_rows_without_a_prediction_are_to_be_looked_at(made):
    X, y = made
    (line,) = alarms(NoFirstRows(), X, y)
    assert line[:2] == ["rows without a prediction", "look"]
    assert "all of them first rows" in line[2]


@pytest.mark.parametrize("seed", range(3))
def test_few_students_of_long_histories_are_no_alarm(seed):
    """Of two tosses of one student, the later is predicted from the earlier.

    So an honest tracer scores below one half on coin tosses.
    """
    X, y = make_interactions(10, n_attempts=60, random_state=seed)
    report = audit(MeanClassifier(by="student"), X, y, n_students=2, n_repeats=10)
    line = report[report["check"] == "randomised answers"].iloc[0]
    assert line["size"] < 0.5
    assert line["verdict"] == "passed"
