"""``python -m sktrace audit`` on a log, with and without a file of predictions."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from sktrace import PFAClassifier
from sktrace.__main__ import main

from ..conftest import make_log

NAMES = {"user_id": "pupil", "order_id": "when", "skill_name": "topic"}


@pytest.fixture
def log(tmp_path, monkeypatch):
    """A log of 20 students whose rows the file holds in some other order."""
    monkeypatch.chdir(tmp_path)
    log = make_log(n_students=20, ties=False)
    log["correct"] = (np.random.default_rng(0).random(len(log)) < 0.6).astype(int)
    log.rename(columns=NAMES).to_csv("log.csv", index=False)
    return log


@pytest.fixture
def p(log):
    """Predictions of all rows by a tracer that learnt from half of the students."""
    half = log["user_id"].isin(log["user_id"].unique()[:10])
    tracer = PFAClassifier().fit(log[half], log["correct"][half])
    return log.assign(p=tracer.predict_proba(log)[:, 1])


def auc_in(out):
    return float(out.split("AUC by row ")[1].split(":")[0])


def test_a_tracer_of_ours_is_audited(log, capsys):
    assert main(["audit", "log.csv"]) == 0
    out, _ = capsys.readouterr()
    assert "audited: AFM, fitted on four fifths of the students" in out
    assert "ok prefix invariance: Predictions do not see own, tied and later" in out
    assert "Nothing was found that speaks against the score." in out
    page = Path("log-audit.html").read_text("utf-8")
    assert "What the AUC is made of" in page
    assert "{{" not in page
    assert "python -m sktrace audit log.csv" in page


def test_predictions_row_by_row_are_scored_as_they_are(log, p, capsys):
    p[["p"]].to_csv("p.csv", index=False)
    assert main(["audit", "log.csv", "--predictions", "p.csv"]) == 0
    out, _ = capsys.readouterr()
    assert "audited: 'p' of p.csv, row by row" in out
    assert auc_in(out) == pytest.approx(roc_auc_score(p["correct"], p["p"]), abs=6e-4)
    assert "Predictions alone cannot be asked again" in out


def test_predictions_are_found_by_student_and_time_in_any_order(log, p, capsys):
    tested = p[p["user_id"].isin(p["user_id"].unique()[10:])]
    shuffled = tested.sample(frac=1, random_state=0).rename(columns=NAMES)
    shuffled[["pupil", "when", "p"]].to_csv("p.csv", index=False)
    assert main(["audit", "log.csv", "--predictions", "p.csv"]) == 0
    out, _ = capsys.readouterr()
    expected = roc_auc_score(tested["correct"], tested["p"])
    assert auc_in(out) == pytest.approx(expected, abs=6e-4)
    assert "by 'pupil', 'when'; the" in out
    assert "ok students on both sides" in out


def test_folds_of_rows_are_found(log, p, capsys):
    p.assign(fold=np.arange(len(p)) % 4)[["p", "fold"]].to_csv("p.csv", index=False)
    assert main(["audit", "log.csv", "--predictions", "p.csv"]) == 0
    out, _ = capsys.readouterr()
    assert "!! students on both sides" in out
    assert "1 fault: until mended, do not compare the score with others." in out
    page = Path("log-audit.html").read_text("utf-8")
    assert "What speaks against the score" in page


def test_a_column_that_predictions_follow_is_kept_and_named(log, p, capsys):
    took = np.random.default_rng(0).lognormal(1 - 2 * log["correct"])
    frame = log.rename(columns=NAMES).assign(seconds=took)
    frame.to_csv("log.csv", index=False)
    known = 1 / (1 + np.log1p(took))
    pd.DataFrame({"p": known}).to_csv("p.csv", index=False)
    assert main(["audit", "log.csv", "--predictions", "p.csv"]) == 0
    out, _ = capsys.readouterr()
    assert "targets in the features: 'seconds'" in out
    p[["p"]].to_csv("p.csv", index=False)  # which does not
    assert main(["audit", "log.csv", "--predictions", "p.csv"]) == 0
    assert "'seconds'" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["when", "p"], r"p.csv has 10 rows and the log \d+; expected a prediction"),
        (["pupil", "when"], "No column of p.csv is named as probabilities are"),
        (["pupil", "when", "p", "p2"], "twice; expected one prediction for each row"),
        (["pupil", "when", "name"], "expected probabilities from 0 to 1"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_clear_line(log, p, capsys, columns, message):
    some = p.rename(columns=NAMES).head(10).assign(p2=0.5, name="ann")
    if "p2" in columns:
        some = pd.concat([some, some])
    options = ["--probability", "name"] if "name" in columns else []
    some[columns].to_csv("p.csv", index=False)
    assert main(["audit", "log.csv", "--predictions", "p.csv", *options]) == 2
    err = capsys.readouterr().err
    assert err.startswith("sktrace: ")
    assert err.count("\n") == 1
    assert re.search(message, err)


def test_predictions_of_other_rows_are_refused(log, p, capsys):
    others = p.rename(columns=NAMES).head(10)
    others.assign(pupil=others["pupil"] + 1_000)[["pupil", "when", "p"]].to_csv(
        "p.csv", index=False
    )
    assert main(["audit", "log.csv", "--predictions", "p.csv"]) == 2
    assert "No row of p.csv is a row of the log" in capsys.readouterr().err


def test_probabilities_are_numbers_from_0_to_1(log, p, capsys):
    (10 * p[["p"]]).to_csv("p.csv", index=False)
    assert main(["audit", "log.csv", "--predictions", "p.csv"]) == 2
    assert "expected numbers from 0 to 1" in capsys.readouterr().err
