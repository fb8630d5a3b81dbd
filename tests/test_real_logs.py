"""The main job on real logs; needs the folder that SKTRACE_DATA names."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
)
from sktrace.metrics import question_level
from sktrace.model_selection import train_test_split_students

from .conftest import BELOW_HALF

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


TRACERS = {
    "AFM": AFMClassifier(),
    "PFA": PFAClassifier(),
    "BKT": BKTClassifier(forget=True, bounds=BELOW_HALF, random_state=0),
    "DKT": DKTClassifier(hidden_size=16, max_epochs=2, random_state=0),
}


@pytest.fixture(scope="module", params=TRACERS)
def trained_on_ties(request, tied):
    return clone(TRACERS[request.param]).fit(tied, tied["correct"])


@pytest.mark.parametrize("cut", [0, 1, 5, 20, 100])
def test_own_tied_and_later_answers_are_invisible_to_the_last_bit(
    trained_on_ties, tied, cut
):
    flipped = tied.copy()
    hidden = tied["order_id"] >= cut
    flipped.loc[hidden, "correct"] = 1 - tied.loc[hidden, "correct"]
    change = trained_on_ties.predict_proba(flipped) - trained_on_ties.predict_proba(
        tied
    )
    seen = (tied["order_id"] <= cut).to_numpy()
    assert np.abs(change[seen]).max() == 0.0
    assert np.abs(change[~seen]).max() > 0.0


def test_tied_rows_of_one_skill_get_one_prediction(trained_on_ties, tied):
    p = pd.Series(trained_on_ties.predict_proba(tied)[:, 1], tied.index)
    spread = p.groupby([tied[c] for c in ("user_id", "order_id", "skill_name")]).agg(
        np.ptp
    )
    assert spread.max() == 0.0


def test_dkt_knows_more_than_either_mean(data):
    log = read(data, "assistments2009_skills.csv.gz", 400)
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


def test_questions_are_fewer_than_rows_and_scored_like_them(trained_on_ties, tied):
    p = trained_on_ties.predict_proba(tied)[:, 1]
    y_question, p_question = question_level(tied, tied["correct"], p)
    assert len(y_question) == len(tied.drop_duplicates(["user_id", "order_id"]))
    by_row = roc_auc_score(tied["correct"], p)
    assert abs(roc_auc_score(y_question, p_question) - by_row) < 0.05


@pytest.mark.filterwarnings("ignore:guess or slip:UserWarning")
@pytest.mark.parametrize(
    ("forget", "reference"),
    # pyBKT 1.4.3, the best of five fits: -127,432, and -126,760 with forgetting.
    [(False, -127_358), (True, -126_420)],
)
def test_bkt_is_likelier_than_the_reference(data, forget, reference):
    log = pd.read_csv(data / "assistments2009_skills.csv.gz").rename(columns=NAMES)
    log = log[log["split"] == "train"]
    bkt = BKTClassifier(forget=forget, beta_prior=None, random_state=0)
    bkt.fit(log, log["correct"])
    assert bkt.log_likelihood_.sum() > reference
    p = bkt.predict_proba(log)[np.arange(len(log)), log["correct"]]
    np.testing.assert_allclose(bkt.log_likelihood_.sum(), np.log(p).sum(), rtol=1e-9)


def test_ability_of_new_students_is_worth_tracing(data):
    log = read(data, "assistments2009_skills.csv.gz", 400)
    train, test = train_test_split_students(log, random_state=0)
    for model in (AFMClassifier, PFAClassifier):
        auc = {}
        for effect in ("online", None, "fixed"):
            tracer = model(student_effect=effect, averages=None)
            tracer.fit(train, train["correct"])
            p = tracer.predict_proba(test)[:, 1]
            auc[effect] = roc_auc_score(test["correct"], p)
        # Frozen at 0, as reference tools have it, is worse than none at all.
        assert auc["online"] > auc[None] + 0.01
        assert auc[None] > auc["fixed"]
