"""Every planted fault is found, by a check made for it, and can be repaired."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, TargetEncoder

from sktrace import PFAClassifier
from sktrace.inspection import audit
from sktrace.model_selection import StudentKFold

from ._logs import BARE, lesson, on_several_skills, padded
from ._planted import MADE_FOR, PLANTED
from ._regressions import NextAnswer, OnColumns, RightSoFar

WORSE = ["nothing", "look", "fault"]
FEW = {"n_students": 5, "n_repeats": 1}
SLOW = {  # benchmarks/audit.py has them, too
    "future key: RNN from both ends",
    "unrolled questions: DKT that reads items",
    "padding: a skill of its own, BKT",
    "best test epoch: a procedure that looks into X",
}
QUICK = [p for p in PLANTED if p.name not in SLOW and p.seen != "nothing"]
SOME = [  # one in four of each kind
    planted
    for fault in MADE_FOR
    for planted in [p for p in QUICK if p.fault == fault][::4]
]


@pytest.mark.parametrize(
    "planted",
    SOME,
    ids=lambda planted: planted.name,
)
@pytest.mark.filterwarnings("ignore")  # of strangers' code
def test_a_planted_fault_is_found(planted):
    arguments, more = planted.arguments(n_students=40)
    report = audit(*arguments, **FEW, **more)
    assert WORSE.index(planted.found(report)) >= WORSE.index(planted.seen), report


def verdict(report, check):
    verdicts = report.loc[report["check"] == check, "verdict"].tolist()
    return next((v for v in ("fault", "look") if v in verdicts), "nothing")


def only(report, verdict="fault"):
    return report.loc[report["verdict"] == verdict, "check"].unique().tolist()


def test_what_a_fault_names_is_the_first_row_that_moved():
    X = lesson(20)[BARE]
    X.index = [f"row {i}" for i in range(len(X))]
    report = audit(NextAnswer(), X, X["correct"], **FEW)
    line = report[(report["check"] == "prefix invariance")].iloc[0]
    moment = X.groupby("user_id").cumcount()
    # The row before the first that was changed; all change from moment 0 on, too.
    assert line["verdict"] == "fault"
    assert moment[line["rows"][0]] == 0
    assert f"of {X.loc[line['rows'][0], 'user_id']} " in line["finding"]
    ranks = moment[line["rows"]].to_numpy()
    assert (np.diff(ranks) >= 0).all()


def test_folds_of_students_repair_folds_of_rows():
    X = lesson(20)[BARE]
    found = audit(PFAClassifier(), X, X["correct"], cv=5, **FEW)
    line = found[found["check"] == "students on both sides"].iloc[0]
    assert line["verdict"] == "fault"
    assert "cv=StudentKFold(5)" in line["repair"]
    mended = audit(PFAClassifier(), X, X["correct"], cv=StudentKFold(5), **FEW)
    assert only(mended) == []


def test_folds_name_the_column_of_students():
    X = lesson(20)[BARE].rename(columns={"user_id": "pupil"})
    model = PFAClassifier(student="pupil")
    found = audit(model, X, X["correct"], cv=5, **FEW)
    (repair,) = found.loc[found["verdict"] == "fault", "repair"]
    assert "StudentKFold(5, student='pupil')" in repair
    cv = StudentKFold(5, student="pupil")
    assert only(audit(model, X, X["correct"], cv=cv, **FEW)) == []


def test_past_features_repair_the_time_of_the_own_row():
    X = lesson(40)[[*BARE, "response_time"]]
    model = PFAClassifier(features=["response_time"])
    found = audit(model, X, X["correct"], **FEW)
    (repair,) = found.loc[found["verdict"] == "fault", "repair"]
    assert "past_features=['response_time']" in repair
    mended = PFAClassifier(past_features=["response_time"])
    assert only(audit(mended, X, X["correct"], **FEW)) == []


def test_encoders_in_a_pipeline_repair_those_before_it():
    X = lesson(40)
    X = X[[*BARE, "rating"]].assign(
        encoded=X.groupby("item_id")["correct"].transform("mean"),
        rating=StandardScaler().fit_transform(X[["rating"]])[:, 0],
    )
    found = audit(OnColumns(["encoded", "rating"]), X, X["correct"], **FEW)
    assert verdict(found, "targets in the features") == "fault"
    assert verdict(found, "scaled on all rows") == "fault"
    model = make_pipeline(
        make_column_transformer(
            (TargetEncoder(), ["item_id"]), (StandardScaler(), ["rating"])
        ),
        LogisticRegression(),
    )
    X = lesson(40)[[*BARE, "rating"]]
    assert only(audit(model, X, X["correct"], **FEW)) == []


def test_one_order_for_a_question_repairs_what_was_unrolled():
    X = on_several_skills(lesson(40))[BARE]
    found = audit(PFAClassifier(item="item_id"), X, X["correct"], **FEW)
    line = found[found["check"] == "unrolled questions"].iloc[0]
    assert line["verdict"] == "fault"
    _, code = line["repair"].split(": ", 1)
    code = code.rstrip(".")
    X = X.copy()
    exec(code, {"X": X})
    mended = audit(PFAClassifier(item="item_id"), X, X["correct"], **FEW)
    assert verdict(mended, "unrolled questions") == "nothing"


def test_real_rows_alone_repair_padding():
    X = padded(lesson(40))
    found = audit(PFAClassifier(), X, X["correct"], **FEW)
    line = found[found["check"] == "padding"].iloc[0]
    assert line["verdict"] == "fault"
    assert (X.loc[line["rows"], "skill_name"] == "PAD").all()
    X = X[X["skill_name"] != "PAD"]
    assert only(audit(PFAClassifier(), X, X["correct"], **FEW)) == []


def test_strangers_are_asked_without_a_word():
    X = lesson(20)[BARE]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = audit(RightSoFar(), X, X["correct"], **FEW)
    assert only(report) == []
    assert isinstance(report, pd.DataFrame)
