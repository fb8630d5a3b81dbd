"""States that follow answers, counted by hand and known from BKT's equations."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV

from sktrace import BKTClassifier, DKTClassifier, MeanClassifier, PFAClassifier
from sktrace._interactions import portions
from sktrace.inspection import consistency_report
from sktrace.model_selection import StudentKFold

from ..conftest import BELOW_HALF, SMALL, make_log

NAN = np.nan
TWO = ["a", "b"]


class Stated(MeanClassifier):
    """A tracer whose states stand in X: a column for each skill."""

    knowledge_label = "P(correct)"

    def knowledge_state(self, X):
        return X[self.skills_]


@pytest.fixture
def stated():
    rows = [
        # student, order, skill, correct, state of a, state of b
        (1, 0, "a", 1, 0.5, 0.5),
        (1, 1, "a", 1, 0.7, 0.5),  # right: up by 0.2
        (1, 2, "b", 1, 0.6, 0.4),  # right: down by 0.1
        (1, 3, "b", 0, 0.6, 0.8),  # wrong: up by 0.4
        (2, 0, "b", 0, 0.1, 0.2),
        (2, 1, "a", 0, 0.0, 0.2),  # wrong: down by 0.1
        (3, 0, "a", 0, 0.3, 0.3),  # her only answer
    ]
    return pd.DataFrame(
        rows, columns=["user_id", "order_id", "skill_name", "correct", *TWO]
    )


@pytest.fixture
def tracer(stated):
    return Stated().fit(stated, stated["correct"])


@pytest.fixture(scope="module")
def dkt():
    log = make_log()
    return DKTClassifier(**SMALL).fit(log, log["correct"])


@pytest.fixture(scope="module")
def bkt():
    log = make_log(n_students=40).assign(user_id=lambda X: -X["user_id"])
    clf = BKTClassifier(bounds=BELOW_HALF, random_state=0)
    return clf.fit(log, log["correct"])


def test_a_frame_counted_by_hand(tracer, stated):
    report = consistency_report(tracer, stated)
    assert report.index.tolist() == ["all"]
    line = report.loc["all"]
    expected = {
        "n_right": 2,
        "n_wrong": 2,
        "fall_after_right": 1 / 2,
        "rise_after_wrong": 1 / 2,
        "mean_fall": 0.1,
        "mean_rise": 0.4,
        "m1": 0.0,
        "m2": (0.2 - 0.1 - 0.4 + 0.1) / 4,
        "n_steps": 4,
        "w1": (0.2 + 0.2 + 0.4 + 0.1) / 8,
        "w2": np.sqrt((0.04 + 0.02 + 0.16 + 0.01) / 8),
        "auc_current": roc_auc_score(
            [1, 1, 1, 0, 0, 0, 0], [0.5, 0.7, 0.4, 0.8, 0.2, 0.0, 0.3]
        ),
    }
    assert list(line.index) == list(expected)
    np.testing.assert_allclose(line.astype(float), list(expected.values()), atol=1e-15)


def test_skills_counted_by_hand(tracer, stated):
    report = consistency_report(tracer, stated, by="skill")
    assert report.index.tolist() == TWO
    assert report.index.name == "skill_name"
    assert report["n_right"].tolist() == [1, 1]
    assert report["n_wrong"].tolist() == [1, 1]
    assert report["fall_after_right"].tolist() == [0, 1]
    assert report["rise_after_wrong"].tolist() == [0, 1]
    assert report["m1"].tolist() == [1, -1]
    assert report["n_steps"].tolist() == [4, 4]
    np.testing.assert_allclose(report["w1"], [0.4 / 4, 0.5 / 4])
    np.testing.assert_allclose(report["w2"] ** 2, [0.06 / 4, 0.17 / 4])


def test_students_counted_by_hand(tracer, stated):
    report = consistency_report(tracer, stated, by="student")
    assert report.index.tolist() == [1, 2, 3]
    assert report.index.name == "user_id"
    assert report["n_steps"].tolist() == [3, 1, 0]
    np.testing.assert_allclose(report["m1"], [-1 / 3, 1, NAN])
    np.testing.assert_allclose(report["w1"], [0.8 / 6, 0.1 / 2, NAN])
    assert report["auc_current"].isna().tolist() == [False, True, True]


def test_without_a_change_nothing_contradicts(tracer, stated):
    still = stated.assign(a=0.5, b=np.where(stated["order_id"] > 0, 0.5 + 1e-7, 0.5))
    line = consistency_report(tracer, still).loc["all"]
    zero = ["fall_after_right", "rise_after_wrong", "m1", "m2"]
    assert line[zero].tolist() == [0, 0, 0, 0]
    assert np.isnan(line["mean_fall"])


def test_an_answer_that_is_missing_is_none(tracer, stated):
    asked = stated.iloc[[1]].assign(order_id=1.5, correct=NAN, a=0.0, b=1.0)
    pd.testing.assert_frame_equal(
        consistency_report(tracer, pd.concat([stated, asked])),
        consistency_report(tracer, stated),
    )


def test_answers_that_tie_are_one_moment(stated):
    # Student 1 gives the answers on a and b of rows 1 and 2 at once.
    tied = stated.assign(order_id=[0, 1, 1, 3, 0, 1, 0])
    tied.loc[1, TWO] = tied.loc[2, TWO]
    tracer = Stated().fit(tied, tied["correct"])
    line = consistency_report(tracer, tied).loc["all"]
    assert line[["n_right", "n_wrong", "n_steps"]].tolist() == [2, 2, 3]
    np.testing.assert_allclose(line["m2"], (0.1 - 0.1 - 0.4 + 0.1) / 4)
    # An answer given twice is one; one both right and wrong has no direction.
    twice = pd.concat([tied, tied.loc[[1]]])
    both = pd.concat([tied, tied.loc[[1]].assign(correct=0)])
    assert consistency_report(tracer, twice).loc["all", "n_right"] == 2
    assert consistency_report(tracer, both).loc["all", "n_right"] == 1


def test_a_question_on_several_skills_counts_for_each(tracer, stated):
    joined = stated.assign(skill_name=["a", "a~~b", "b", "b", "b", "a", "a"])
    line = consistency_report(tracer, joined).loc["all"]
    assert line["n_right"] == 3  # b did not move at row 1
    np.testing.assert_allclose(line["fall_after_right"], 1 / 3)
    np.testing.assert_allclose(line["m1"], (1 + 0 - 1 - 1 + 1) / 5)


def test_a_skill_without_a_state_does_not_count(tracer, stated):
    new = stated.assign(skill_name=["a", "a", "new", "b", "b", None, "a"])
    line = consistency_report(tracer, new).loc["all"]
    assert line[["n_right", "n_wrong", "n_steps"]].tolist() == [1, 1, 4]


def test_where_nothing_follows_there_is_nothing_to_count(tracer, stated):
    alone = stated[stated["order_id"] == 0]
    for by, n_lines in ((None, 1), ("skill", 2), ("student", 3)):
        report = consistency_report(tracer, alone, by=by)
        counts = report[["n_right", "n_wrong", "n_steps"]].to_numpy()
        np.testing.assert_array_equal(counts, np.zeros((n_lines, 3)))
        assert report[["m1", "w1", "fall_after_right"]].isna().all(axis=None)
    unknown = consistency_report(tracer, stated.assign(skill_name="new"))
    assert unknown["n_right"].item() == 0
    assert unknown["w1"].item() > 0


def test_bkt_never_contradicts_a_right_answer(bkt):
    log = make_log(n_students=60, seed=1)
    report = consistency_report(bkt, log)
    assert report["n_right"].item() > 30
    assert report["fall_after_right"].item() == 0
    assert np.isnan(report["mean_fall"].item())


def test_bkt_that_learns_rises_after_wrong_answers():
    log = make_log(n_skills=1, n_students=30)
    fixed = {"prior": 0.1, "learn": 0.4, "guess": 0.4, "slip": 0.3}
    bkt = BKTClassifier(fixed=fixed).fit(log, log["correct"])
    bkt_still = BKTClassifier(fixed={**fixed, "learn": 0}).fit(log, log["correct"])
    assert consistency_report(bkt, log)["rise_after_wrong"].item() > 0.1
    still = consistency_report(bkt_still, log)
    assert still[["fall_after_right", "rise_after_wrong"]].to_numpy().tolist() == [
        [0, 0]
    ]
    assert still["m1"].item() == 1


def test_only_the_practised_skill_of_bkt_moves():
    log = make_log(ties=False)
    bkt = BKTClassifier(bounds=BELOW_HALF, random_state=0).fit(log, log["correct"])
    report = consistency_report(bkt, log)
    state = bkt.knowledge_state(log).assign(u=log["user_id"], t=log["order_id"])
    state = state.sort_values(["u", "t"])
    moved = state[bkt.skills_].diff().abs()[state["u"].duplicated()].to_numpy()
    assert ((moved > 1e-12).sum(axis=1) <= 1).all()
    np.testing.assert_allclose(report["w1"], moved.mean())
    np.testing.assert_allclose(report["w2"], np.sqrt((moved**2).mean()))


@pytest.mark.parametrize("by", [None, "skill", "student"])
@pytest.mark.parametrize("model", ["dkt", "bkt"])
def test_portions_and_the_order_of_rows_do_not_matter(
    model, by, request, log, monkeypatch
):
    tracer = request.getfixturevalue(model)
    whole = consistency_report(tracer, log, by=by)
    monkeypatch.setattr(portions, "CELLS_AT_ONCE", 20)
    shuffled = log.sample(frac=1, random_state=1).set_axis([0] * len(log))
    pd.testing.assert_frame_equal(
        consistency_report(tracer, shuffled, by=by), whole, rtol=0, atol=1e-5
    )


def test_lines_add_up_to_the_whole(dkt, log):
    whole = consistency_report(dkt, log).loc["all"]
    skills = consistency_report(dkt, log, by="skill")
    students = consistency_report(dkt, log, by="student")
    assert skills.index.tolist() == dkt.skills_.tolist()
    for part in (skills, students):
        assert part["n_right"].sum() == whole["n_right"]
        falls = (part["n_right"] * part["fall_after_right"]).sum()
        np.testing.assert_allclose(falls, whole["n_right"] * whole["fall_after_right"])
    np.testing.assert_allclose(skills["w1"].mean(), whole["w1"])
    steps = students["n_steps"]
    np.testing.assert_allclose(
        (steps * students["w1"]).sum(), steps.sum() * whole["w1"]
    )


def test_rows_may_stand_in_time_order_and_practise_one_skill(log):
    roles = {"order": None, "skill": None}
    dkt = DKTClassifier(**roles, **SMALL).fit(log, log["correct"])
    report = consistency_report(dkt, log, by="skill")
    assert report.index.tolist() == ["all"]
    assert report["n_steps"].item() == len(log) - log["user_id"].nunique()


def test_students_and_skills_may_be_anything_hashable(dkt, log):
    code = {user: ("s", user) for user in log["user_id"]}
    names = pd.Series([code[user] for user in log["user_id"]], dtype=object)
    expected = consistency_report(dkt, log, by="student")
    report = consistency_report(dkt, log.assign(user_id=names), by="student")
    assert report.index.tolist() == [code[user] for user in expected.index]
    pd.testing.assert_frame_equal(
        report.reset_index(drop=True), expected.reset_index(drop=True)
    )


def test_x_is_not_changed(dkt, log):
    before = log.copy()
    consistency_report(dkt, log, by="skill")
    pd.testing.assert_frame_equal(log, before)


def test_labels_of_bkt_do_not_matter_and_those_of_dkt_are_refused(bkt, log):
    y = np.where(log["correct"] == 1, "right", "wrong")
    train = make_log(n_students=40).assign(user_id=lambda X: -X["user_id"])
    named = clone(bkt).fit(train, np.where(train["correct"] == 1, "right", "wrong"))
    pd.testing.assert_frame_equal(
        consistency_report(named, log), consistency_report(bkt, log)
    )
    dkt = DKTClassifier(**SMALL).fit(log, y)
    message = (
        "The states of this DKTClassifier are P(wrong), of classes ['right', 'wrong']; "
        "expected P(correct) or P(known). Fit on the answers themselves: fit(X, "
        "X['correct'])."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        consistency_report(dkt, log)


def test_what_has_no_state_is_refused(log, dkt):
    message = (
        "PFAClassifier keeps no state of every skill; expected a fitted tracer with "
        'knowledge_state, DKTClassifier (task="many-to-many") or BKTClassifier. What '
        "others expect of students now is in estimator.predict_next(X). Of a pipeline, "
    )
    with pytest.raises(TypeError, match=re.escape(message)):
        consistency_report(PFAClassifier(), log)
    with pytest.raises(TypeError, match="GridSearchCV keeps no state"):
        consistency_report(GridSearchCV(dkt, {}, cv=StudentKFold(2)), log)
    with pytest.raises(TypeError, match="keeps no state"):
        consistency_report(DKTClassifier(task="many-to-one"), log)
    with pytest.raises(NotFittedError):
        consistency_report(DKTClassifier(), log)


def test_what_cannot_be_counted_is_refused(dkt, log):
    message = (
        "by='week'; expected None for one line, or 'skill' or 'student' for a line"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        consistency_report(dkt, log, by="week")
    with pytest.raises(
        ValueError, match=r"Column 'correct' \(correct\) holds no answer"
    ):
        consistency_report(dkt, log.assign(correct=NAN))
    with pytest.raises(ValueError, match=r"X has no column 'skill_name' \(skill\)"):
        consistency_report(dkt, log.drop(columns="skill_name"))
