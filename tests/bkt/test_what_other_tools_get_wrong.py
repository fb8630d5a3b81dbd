"""Logs that other tools (pyBKT 1.4.3) get wrong, and BKTClassifier does not."""

import numpy as np
import pandas as pd
import pytest

from sktrace import BKTClassifier

from ..conftest import CLOSE
from ._models import bkt, one_student


@pytest.mark.parametrize("name", ["a+b", "f(x", "a.c", "x|y", "[", "^$", "*"])
def test_names_of_skills_are_names_not_patterns(class_log, name):
    renamed = class_log.replace({"skill_name": {"easy": name, "hard": "abc"}})
    model = bkt().fit(renamed, renamed["correct"])
    plain = bkt().fit(class_log, class_log["correct"])
    np.testing.assert_allclose(
        model.predict_proba(renamed), plain.predict_proba(class_log), **CLOSE
    )


def test_students_of_one_answer_count():
    # 60 students answer once, right, and two answer four times: 61 of 62 first answers
    # are right, of which a tool that drops sequences of length one knows little.
    ones = [one_student([1], student=f"s{i}") for i in range(60)]
    fours = [
        one_student(answers, student=f"t{i}")
        for i, answers in enumerate([[0, 0, 0, 1], [1, 0, 0, 1]])
    ]
    X = pd.concat([*ones, *fours], ignore_index=True)
    model = bkt(forget=True, beta_prior=None).fit(X, X["correct"])
    p = model.predict_proba(X)[:, 1]
    first = (X["order_id"] == 0).to_numpy()
    np.testing.assert_allclose(p[first], 61 / 62, atol=0.02)


def test_under_a_stated_prior_a_skill_does_not_depend_on_the_others(class_log):
    together = bkt(beta_prior="weak").fit(class_log, class_log["correct"]).params_
    for skill, rows in class_log.groupby("skill_name"):
        alone = bkt(beta_prior="weak").fit(rows, rows["correct"]).params_
        # Skills stop together or apart; what they stop at differs by less than tol.
        pd.testing.assert_frame_equal(alone, together.loc[[skill]], rtol=0, atol=1e-9)


def test_fitting_again_changes_nothing(class_log):
    model = bkt().fit(class_log, class_log["correct"])
    first = model.params_.copy()
    pd.testing.assert_frame_equal(
        model.fit(class_log, class_log["correct"]).params_, first
    )


def test_a_row_of_nobody_is_refused_not_guessed(class_log):
    model = bkt().fit(class_log, class_log["correct"])
    X = class_log.assign(user_id=class_log["user_id"].astype(object))
    X.loc[3, "user_id"] = None
    with pytest.raises(ValueError, match="names no student in 1 row"):
        model.predict_proba(X)


def test_answers_that_parameters_rule_out_are_evidence_all_the_same():
    # slip = 0 and learn = 0: a wrong answer proves that the skill is not known.
    fixed = {"prior": 0.5, "learn": 0.0, "guess": 0.2, "slip": 0.0}
    X = one_student([0, 1])
    model = BKTClassifier(fixed=fixed).fit(X, X["correct"])
    assert model.knowledge_state(X)["a"].iloc[0] < 1e-100
    assert model.predict_proba(X)[1, 1] == 0.2
    # ... and where nothing can explain an answer, numbers stay numbers.
    X = one_student([0, 1, 0])
    model = BKTClassifier(fixed=fixed | {"guess": 0.0}).fit(X, X["correct"])
    assert np.isfinite(model.predict_proba(X)).all()
