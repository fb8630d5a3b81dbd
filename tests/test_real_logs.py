"""The main job on real logs; needs the folder that SKTRACE_DATA names."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from sktrace import DKTClassifier, MeanClassifier
from sktrace.model_selection import train_test_split_students

NAMES = {"student": "user_id", "order": "order_id", "skill": "skill_name"}


def read(data, name, n_students):
    log = pd.read_csv(data / name).rename(columns=NAMES)
    students = log["user_id"].unique()[:: log["user_id"].nunique() // n_students]
    return log[log["user_id"].isin(students)]


@pytest.fixture(scope="module")
def tied(data):
    """Real multi-skill questions: rows that tie in order, with the same answer."""
    log = read(data, "assistments2009_problems.csv.gz", 200)
    assert log.duplicated(["user_id", "order_id"]).mean() > 0.05
    return log


@pytest.fixture(scope="module")
def dkt(tied):
    dkt = DKTClassifier(hidden_size=16, max_epochs=2, random_state=0)
    return dkt.fit(tied, tied["correct"])


@pytest.mark.parametrize("cut", [0, 1, 5, 20, 100])
def test_own_tied_and_later_answers_are_invisible_to_the_last_bit(dkt, tied, cut):
    flipped = tied.copy()
    hidden = tied["order_id"] >= cut
    flipped.loc[hidden, "correct"] = 1 - tied.loc[hidden, "correct"]
    change = dkt.predict_proba(flipped) - dkt.predict_proba(tied)
    seen = (tied["order_id"] <= cut).to_numpy()
    assert np.abs(change[seen]).max() == 0.0
    assert np.abs(change[~seen]).max() > 0.0


def test_tied_rows_of_one_skill_get_one_prediction(dkt, tied):
    p = pd.Series(dkt.predict_proba(tied)[:, 1], tied.index)
    spread = p.groupby([tied[c] for c in ("user_id", "order_id", "skill_name")]).agg(
        np.ptp
    )
    assert spread.max() == 0.0


def test_dkt_knows_more_than_either_mean(data):
    log = read(data, "assistments2009_skills.csv.gz", 800)
    train, test = train_test_split_students(log, random_state=0)
    tracers = {
        "skill": MeanClassifier(by="skill"),
        "student": MeanClassifier(by="student"),
        "dkt": DKTClassifier(hidden_size=64, max_epochs=5, random_state=0),
    }
    auc = {
        name: roc_auc_score(
            test["correct"],
            tracer.fit(train, train["correct"]).predict_proba(test)[:, 1],
        )
        for name, tracer in tracers.items()
    }
    assert auc["dkt"] > max(auc["skill"], auc["student"]) + 0.05
