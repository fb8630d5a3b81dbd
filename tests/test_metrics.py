"""Questions count once, skills by themselves."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_validate

from sktrace import MeanClassifier
from sktrace.metrics import (
    question_level,
    question_scorer,
    score_by_skill,
    skill_scorer,
)
from sktrace.model_selection import StudentKFold

from .conftest import make_log


@pytest.fixture(scope="module")
def fitted():
    log = make_log()
    return MeanClassifier(by="student").fit(log, log["correct"])


@pytest.fixture
def pages(log):
    """A log whose moments have one item each, and one answer or two."""
    return log.assign(page=log["user_id"] * 100 + log["order_id"])


def test_rows_of_a_question_become_one(pages):
    p = np.random.default_rng(0).uniform(size=len(pages))
    y_question, p_question = question_level(pages, pages["correct"], p, item="page")
    rows = pages.assign(p=p).groupby(["user_id", "order_id"])
    np.testing.assert_array_equal(y_question, rows["correct"].min())
    np.testing.assert_allclose(p_question, rows["p"].mean(), rtol=1e-15)
    # Answers that agree need no item to be one.
    agreed = rows["correct"].transform("min")
    y_agreed, p_agreed = question_level(pages, agreed, p)
    np.testing.assert_array_equal(y_agreed, y_question)
    np.testing.assert_array_equal(p_agreed, p_question)


def test_rows_that_tie_by_a_coarse_clock_are_no_question():
    X = pd.DataFrame(
        {
            "user_id": "ann",
            "order_id": [1, 1, 1, 1, 1, 1],
            "item_id": ["p", "p", "q", None, None, None],
        }
    )
    y, p = [1, 1, 1, 1, 1, 0], [0.1, 0.3, 0.4, 0.6, 0.8, 0.9]
    by_item = question_level(X, y, p, item="item_id")
    assert sorted(by_item[1]) == pytest.approx([0.2, 0.4, 0.6, 0.8, 0.9])
    assert question_level(X, y, p)[1].tolist() == p  # their answers differ
    agreed = question_level(X.iloc[3:5], y[3:5], p[3:5], item="item_id")
    assert agreed[1] == pytest.approx([0.7])
    with pytest.raises(ValueError, match=r"no column 'step' \(item\)"):
        question_level(X, y, p, item="step")


def test_a_scorer_of_questions_knows_items(fitted, pages):
    p = fitted.predict_proba(pages)[:, 1]
    y, p = question_level(pages, pages["correct"], p, item="page")
    score = question_scorer("neg_log_loss", item="page")(
        fitted, pages, pages["correct"]
    )
    assert score == pytest.approx(-log_loss(y, p), rel=1e-12)


def test_several_columns_tell_the_order_of_questions(log):
    p = np.random.default_rng(0).uniform(size=len(log))
    days = log.assign(day=log["order_id"] // 2, hour=log["order_id"] % 2)
    expected = question_level(log, log["correct"], p)
    told = question_level(days, log["correct"], p, order=["day", "hour"])
    np.testing.assert_array_equal(told, expected)


def test_without_ties_questions_are_rows():
    log = make_log(ties=False)
    p = np.random.default_rng(0).uniform(size=len(log))
    y_question, p_question = question_level(log, log["correct"], p)
    assert roc_auc_score(y_question, p_question) == roc_auc_score(log["correct"], p)


@pytest.mark.parametrize("scoring", ["roc_auc", "neg_log_loss", "accuracy"])
def test_a_question_scorer_scores_what_question_level_says(fitted, log, scoring):
    p = fitted.predict_proba(log)[:, 1]
    y_question, p_question = question_level(log, log["correct"], p)
    expected = {
        "roc_auc": roc_auc_score(y_question, p_question),
        "neg_log_loss": -log_loss(y_question, p_question),
        "accuracy": ((p_question > 0.5) == y_question).mean(),
    }[scoring]
    score = question_scorer(scoring)(fitted, log, log["correct"])
    assert score == pytest.approx(expected, rel=1e-12)


def test_a_question_written_twice_counts_once(fitted, log):
    log = log.drop_duplicates(["user_id", "order_id"])
    scorer = question_scorer("neg_log_loss")
    once = scorer(fitted, log, log["correct"])
    # Write every question of one student as three rows.
    own = log[log["user_id"] == log["user_id"].iloc[0]]
    thrice = pd.concat([log, own, own])
    # The history is the same, so look at the same predictions.
    p = pd.Series(fitted.predict_proba(log)[:, 1], log.index)

    class Same:
        classes_ = fitted.classes_

        def predict_proba(self, X):
            return np.column_stack([1 - p[X.index], p[X.index]])

    assert scorer(Same(), thrice, thrice["correct"]) == pytest.approx(once, rel=1e-12)


def test_skills_are_scored_by_themselves(fitted, log):
    scores = score_by_skill(fitted, log, log["correct"])
    p = pd.Series(fitted.predict_proba(log)[:, 1], log.index)
    assert scores.index.name == "skill_name"
    for skill, rows in log.groupby("skill_name"):
        expected = roc_auc_score(rows["correct"], p[rows.index])
        assert scores.loc[skill, "score"] == pytest.approx(expected, rel=1e-12)
        assert scores.loc[skill, "n_rows"] == len(rows)


def test_a_question_on_several_skills_is_a_row_of_each(fitted):
    X = pd.DataFrame(
        {
            "user_id": [1, 1, 2],
            "order_id": [0, 1, 0],
            "skill_name": ["a~~b", "b", "a"],
            "correct": [1, 0, 0],
        }
    )
    scores = score_by_skill(fitted, X, X["correct"], "accuracy")
    assert scores["n_rows"].to_dict() == {"a": 2, "b": 2}
    whole = score_by_skill(fitted, X, X["correct"], "accuracy", skill_separator=None)
    assert whole["n_rows"].to_dict() == {"a": 1, "a~~b": 1, "b": 1}
    assert whole["score"].isna().all()  # one answer cannot tell


def test_skills_count_alike_or_by_their_rows(fitted, log):
    scores = score_by_skill(fitted, log, log["correct"])
    alike = skill_scorer()(fitted, log, log["correct"])
    weighted = skill_scorer(weighted=True)(fitted, log, log["correct"])
    assert alike == pytest.approx(scores["score"].mean(), rel=1e-12)
    expected = np.average(scores["score"], weights=scores["n_rows"])
    assert weighted == pytest.approx(expected, rel=1e-12)


def test_rows_without_a_target_do_not_count(fitted, log):
    hidden = (log["order_id"] == 1).to_numpy()
    log["correct"] = log["correct"].where(~hidden)
    for scorer in (question_scorer(), skill_scorer(weighted=True)):
        with_gaps = scorer(fitted, log, log["correct"])
        assert np.isfinite(with_gaps)
    told = log[~hidden]
    assert question_scorer()(fitted, log, log["correct"]) == pytest.approx(
        question_scorer()(fitted, told, told["correct"]), rel=1e-12
    )


def test_y_is_matched_by_position_not_by_index(fitted, log):
    y = log["correct"].where(log["order_id"] != 1)
    X = log.set_axis([f"row {i}" for i in range(len(log))])
    for scorer in (question_scorer(), skill_scorer()):
        expected = scorer(fitted, log, y.to_numpy())
        assert scorer(fitted, X, y) == expected
        assert scorer(fitted, X, y.set_axis(y.index[::-1])) == expected


def test_rows_without_a_target_take_no_part_in_a_question():
    X = pd.DataFrame({"user_id": 1, "order_id": [0, 0, 1]})
    y, p = question_level(X, [1.0, np.nan, np.nan], [0.9, 0.1, 0.5])
    assert (y.tolist(), p.tolist()) == ([1.0], [0.9])


def test_without_an_order_every_row_is_a_question(fitted, log):
    p = fitted.predict_proba(log)[:, 1]
    score = question_scorer(order=None)(fitted, log, log["correct"])
    assert score == pytest.approx(roc_auc_score(log["correct"], p))


def test_skills_may_be_anything_hashable_or_missing(fitted, log):
    code = {f"skill {k}": ("a", k) for k in range(3)} | {"skill 3": None}
    X = log.assign(
        skill_name=pd.Series([code[n] for n in log["skill_name"]], dtype=object)
    )
    scores = score_by_skill(fitted, X, X["correct"])
    assert scores.index.tolist() == [("a", 0), ("a", 1), ("a", 2)]
    rows = log["skill_name"].value_counts().sort_index()
    assert scores["n_rows"].tolist() == rows.tolist()[:3]


def test_a_score_by_skill_needs_a_skill_with_both_classes(fitted, log):
    wrong = log[log["correct"] == 0]
    with pytest.warns(UndefinedMetricWarning, match="No skill has targets of both"):
        assert np.isnan(skill_scorer()(fitted, wrong, wrong["correct"]))


def test_what_cannot_be_scored_is_refused(fitted, log):
    with pytest.raises(ValueError, match=r"is missing in 1 row"):
        question_level(
            log.assign(order_id=log["order_id"].where(log.index > 0)),
            log["correct"],
            log["correct"],
        )
    with pytest.raises(ValueError, match=r"y holds 6; expected the classes"):
        question_scorer()(fitted, log, log["correct"] + 5)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        score_by_skill(fitted, log, log["correct"][:-1])


def test_labels_may_be_strings(fitted, log):
    y = np.where(log["correct"] == 1, "right", "not right")
    named = MeanClassifier(by="student").fit(log, y)
    for scorer in (question_scorer(), skill_scorer()):
        assert scorer(named, log, y) == pytest.approx(
            scorer(fitted, log, log["correct"]), rel=1e-12
        )


def test_scorers_go_wherever_scikit_learn_takes_one(log):
    scoring = {"question": question_scorer(), "skill": skill_scorer("neg_log_loss")}
    scores = cross_validate(
        MeanClassifier(),
        log,
        log["correct"],
        cv=StudentKFold(2),
        scoring=scoring,
        error_score="raise",
        n_jobs=2,
    )
    assert np.isfinite(scores["test_question"]).all()
    assert np.isfinite(scores["test_skill"]).all()
    search = GridSearchCV(
        MeanClassifier(),
        {"by": ["skill", "student"]},
        cv=StudentKFold(2),
        scoring=pickle.loads(pickle.dumps(question_scorer())),
    ).fit(log, log["correct"])
    assert np.isfinite(question_scorer()(search, log, log["correct"]))


def test_missing_columns_are_named(fitted, log):
    with pytest.raises(ValueError, match=r"X has no column 'topic' \(skill\)"):
        score_by_skill(fitted, log, log["correct"], skill="topic")
    with pytest.raises(ValueError, match=r"X has no column 'when' \(order\)"):
        question_level(log, log["correct"], log["correct"], order="when")
