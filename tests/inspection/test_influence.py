"""Influence of skill on skill is what Deep Knowledge Tracing defines it to be."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
)
from sktrace.inspection import skill_influence

from .._clusters import CLUSTER, make_clusters
from ..conftest import BELOW_HALF, CLOSE, DKTS, make_log

TRACERS = {
    "mean by skill": MeanClassifier(),
    "mean by student": MeanClassifier(by="student"),
    "AFM": AFMClassifier(),
    "PFA": PFAClassifier(),
    "PFA fixed students": PFAClassifier(student_effect="fixed"),
    "BKT": BKTClassifier(n_restarts=2, bounds=BELOW_HALF, random_state=0),
    **DKTS,
}


class Oracle(BaseEstimator):
    """Says after a first right answer on i what a table says of every skill."""

    def __init__(self, after, before, order="order_id", skill="skill_name"):
        self.after, self.before = after, before
        self.order, self.skill = order, skill
        self.student, self.correct = "user_id", "correct"

    def fit(self):
        self.skills_ = np.array(self.after.columns)
        return self

    def predict_next(self, X):
        assert X.columns.tolist() == list(
            filter(None, [self.student, self.order, self.skill, self.correct])
        )
        assert X["user_id"].is_unique
        answers = X.set_index("user_id")
        right = answers["correct"] == 1
        assert (right | answers["correct"].isna()).all()
        p = self.after.reindex(answers["skill_name"]).set_axis(answers.index)
        p[~right] = self.before
        return p.sort_index(ascending=False)  # a student's row is found by name


@pytest.fixture
def oracle():
    after = pd.DataFrame(
        [[0.8, 0.3, 0.5], [0.4, 0.6, 0.5], [0.4, 0.1, 0.5]],
        index=["add", "cut", "sum"],
        columns=["add", "cut", "sum"],
    )
    return Oracle(after, before=[0.5, 0.2, 0.5]).fit()


@pytest.fixture(scope="module", params=TRACERS)
def traced(request):
    log = make_log()
    return clone(TRACERS[request.param]).fit(log, log["correct"])


def as_matrix(influence, values="influence"):
    return influence.pivot(index="skill", columns="on", values=values).to_numpy()


def test_the_equation_by_hand(oracle):
    influence = skill_influence(oracle)
    assert influence.columns.tolist() == [
        "skill", "on", "p_before", "p_after", "influence", "lift",
    ]  # fmt: skip
    assert influence["skill"].tolist() == ["add"] * 3 + ["cut"] * 3 + ["sum"] * 3
    assert influence["on"].tolist() == ["add", "cut", "sum"] * 3
    assert influence["p_before"].tolist() == [0.5, 0.2, 0.5] * 3
    expected = [[0.8 / 1.6, 0.3, 1 / 3], [0.25, 0.6, 1 / 3], [0.25, 0.1, 1 / 3]]
    np.testing.assert_allclose(as_matrix(influence), expected)
    np.testing.assert_allclose(as_matrix(influence, "lift"), 3 * np.array(expected))


def test_a_choice_of_skills_leaves_the_numbers_as_they_are(oracle):
    every = skill_influence(oracle).set_index(["skill", "on"])
    some = skill_influence(oracle, ["sum", "add"])
    assert some["skill"].tolist() == ["sum", "sum", "add", "add"]
    assert some["on"].tolist() == ["sum", "add", "sum", "add"]
    some = some.set_index(["skill", "on"])
    pd.testing.assert_frame_equal(some, every.loc[some.index])
    assert len(skill_influence(oracle, "cut")) == 1


def test_no_order_column_is_made_up_where_none_is_read(oracle):
    expected = skill_influence(oracle)
    oracle.order = None
    pd.testing.assert_frame_equal(skill_influence(oracle), expected)


def test_a_skill_that_is_never_right_has_no_influences(oracle):
    oracle.after["cut"] = 0.0
    influence = skill_influence(oracle)
    on_cut = influence["on"] == "cut"
    assert influence.loc[on_cut, "influence"].isna().all()
    assert influence.loc[~on_cut, "influence"].notna().all()


def test_influences_on_a_skill_sum_to_one(traced):
    influence = skill_influence(traced)
    assert len(influence) == len(traced.skills_) ** 2
    total = influence.groupby("on")["influence"].sum()
    np.testing.assert_allclose(total, 1, rtol=1e-12)
    np.testing.assert_allclose(influence.groupby("on")["lift"].mean(), 1, rtol=1e-12)


def test_the_same_by_way_of_logs_of_one_row(traced):
    influence = skill_influence(traced)
    first = pd.DataFrame({"user_id": "ann", "order_id": 0}, index=[0])
    for _, pair in influence.iterrows():
        row = first.assign(skill_name=pair["on"], correct=np.nan)
        before = traced.predict_proba(row)[0, 1]
        np.testing.assert_allclose(pair["p_before"], before, **CLOSE)
        answered = first.assign(skill_name=pair["skill"], correct=1)
        log = pd.concat([answered, row.assign(order_id=1)])
        after = traced.predict_proba(log)[1, 1]
        np.testing.assert_allclose(pair["p_after"], after, **CLOSE)


@pytest.mark.parametrize("name", DKTS)
def test_the_same_by_way_of_the_live_tracer(name, log):
    dkt = clone(DKTS[name]).fit(log, log["correct"])
    for skill, rows in skill_influence(dkt).groupby("skill"):
        tracer = dkt.tracer()
        np.testing.assert_allclose(
            rows["p_before"], tracer.predict_proba("ann", rows["on"].tolist()), **CLOSE
        )
        tracer.update("ann", skill, 1)
        np.testing.assert_allclose(
            rows["p_after"], tracer.predict_proba("ann", rows["on"].tolist()), **CLOSE
        )


def test_skills_that_do_not_see_each_other_have_no_influence(log):
    bkt = clone(TRACERS["BKT"]).fit(log, log["correct"])
    others = skill_influence(bkt).query("skill != on")
    np.testing.assert_allclose(others["p_after"], others["p_before"], rtol=1e-12)
    assert others.groupby("on")["influence"].agg(np.ptp).max() < 1e-12
    mean = MeanClassifier().fit(log, log["correct"])
    np.testing.assert_allclose(skill_influence(mean)["lift"], 1, rtol=1e-12)


def test_a_trained_network_finds_the_clusters_of_skills():
    X = make_clusters()
    dkt = DKTClassifier(
        hidden_size=20, embedding_size=12, max_epochs=12, lr=0.01, random_state=0
    ).fit(X, X["correct"])
    lift = as_matrix(skill_influence(dkt), "lift")
    same = CLUSTER[:, None] == CLUSTER[None]
    others = ~np.eye(len(CLUSTER), dtype=bool)
    assert lift[same & others].mean() > lift[~same].mean() + 0.1
    # And what raises a skill most is one of its own; by chance, 3 in 11 would be.
    strongest = np.where(others, lift, 0).argmax(axis=0)
    assert (CLUSTER[strongest] == CLUSTER).mean() > 0.9


def test_names_of_columns_and_labels_mean_nothing(log):
    dkt = clone(DKTS["gru"]).fit(log, log["correct"])
    expected = skill_influence(dkt)
    names = {"user_id": "who", "order_id": 2, "skill_name": "what", "correct": "ok"}
    other = log.rename(columns=names)
    renamed = clone(dkt).set_params(student="who", order=2, skill="what", correct="ok")
    renamed.fit(other, other["ok"])
    pd.testing.assert_frame_equal(skill_influence(renamed), expected)
    labelled = clone(dkt).fit(log, np.array(["no", "yes"])[log["correct"]])
    pd.testing.assert_frame_equal(skill_influence(labelled), expected)


@pytest.mark.parametrize(
    "skills", [[1, 2, 3, 4], [("a", 1), ("a", 2), ("b", 1), ("b", 2)], [1, "b", 2.5, 9]]
)
def test_skills_may_be_anything_hashable(log, skills):
    code = dict(zip(sorted(log["skill_name"].unique()), skills, strict=True))
    names = pd.Series([code[name] for name in log["skill_name"]], dtype=object)
    log = log.assign(skill_name=names)
    pfa = PFAClassifier().fit(log, log["correct"])
    influence = skill_influence(pfa)
    assert influence["on"].tolist() == pfa.skills_.tolist() * 4
    some = skill_influence(pfa, [skills[2]])
    assert some[["skill", "on"]].to_numpy().tolist() == [[skills[2]] * 2]


# --- what is refused ---------------------------------------------------------------


def test_one_skill_influences_nothing(log):
    pfa = PFAClassifier(skill=None).fit(log, log["correct"])
    message = (
        "PFAClassifier was fitted with skill=None, which makes all rows one skill; "
        "expected several, to influence each other. Fit it with skill=..., the column "
        "that names them."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        skill_influence(pfa)


@pytest.mark.parametrize(
    ("skills", "got"),
    [
        (["new", "add"], r"1 skill\(s\) were not seen in fit: 'new'"),
        ([], "none at all"),
    ],
)
def test_unknown_skills_are_refused(oracle, skills, got):
    with pytest.raises(ValueError, match=f"{got}; expected some of the 3.*'add'"):
        skill_influence(oracle, skills)


def test_who_cannot_be_asked_is_told_who_can():
    for estimator in (DKTClassifier(task="many-to-one"), BaseEstimator()):
        with pytest.raises(TypeError, match="has no predict_next; expected a fitted"):
            skill_influence(estimator)
    with pytest.raises(ValueError, match="not fitted"):
        skill_influence(DKTClassifier())
