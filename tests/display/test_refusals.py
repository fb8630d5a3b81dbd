"""Who and what pictures and tables of a tracer refuse, in the same words."""

import re

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sktrace import BKTClassifier, DKTClassifier, MeanClassifier
from sktrace.display import (
    ClassMasteryDisplay,
    KnowledgeCurveDisplay,
    MasteryDisplay,
    TrainingDisplay,
)
from sktrace.inspection import consistency_report, skill_influence, what_if

from ..conftest import BELOW_HALF, make_log

mpl.use("agg")
STUDENT = 80  # of make_log
ASK = {
    "class": ClassMasteryDisplay.from_estimator,
    "mastery": lambda e, X: MasteryDisplay.from_estimator(e, X, STUDENT),
    "knowledge": lambda e, X: KnowledgeCurveDisplay.from_estimator(e, X, STUDENT),
    "influence": lambda e, X: skill_influence(e),
    "what if": lambda e, X: what_if(e, X, "skill 0", 1),
    "consistency": consistency_report,
}


@pytest.fixture(scope="module")
def bkt():
    log = make_log()
    return BKTClassifier(bounds=BELOW_HALF, random_state=0).fit(log, log["correct"])


@pytest.mark.parametrize("ask", ASK)
def test_what_wraps_a_tracer_is_unwrapped_and_what_was_not_fitted_is_fitted(log, ask):
    dkt = DKTClassifier(hidden_size=2, max_epochs=1)
    way_out = (
        "Of a pipeline, pass its last step, pipeline[-1]; of a search, "
        "search.best_estimator_."
    )
    for wrapped in (make_pipeline(dkt), GridSearchCV(dkt, {})):
        with pytest.raises(TypeError, match=re.escape(way_out)):
            ASK[ask](wrapped, log)
    with pytest.raises(NotFittedError, match="DKTClassifier"):
        ASK[ask](dkt, log)
    with pytest.raises(TypeError, match=re.escape(way_out)):
        TrainingDisplay.from_estimator(
            make_pipeline(MeanClassifier()).fit(log, log["correct"])
        )


def mastery(bkt, log, student=STUDENT, **options):
    return MasteryDisplay.from_estimator(bkt, log, student, **options)


def draw_class(bkt, log, **options):
    return ClassMasteryDisplay.from_estimator(bkt, log, **options)


def ask_what_if(bkt, log, skill="skill 0", correct=1):
    return what_if(bkt, log, skill, correct)


KNOWN = "; expected some of the 4 in estimator.skills_, such as 'skill 0'."


@pytest.mark.parametrize(
    ("ask", "options", "message"),
    [
        (mastery, {"skills": "x"}, "1 skill(s) were not seen in fit: 'x'" + KNOWN),
        (mastery, {"skills": []}, "skills=[] names none at all" + KNOWN),
        (
            mastery,
            {"student": np.int64(99)},
            "X has no row of student 99; expected one of those in column 'user_id', "
            "such as 73.",
        ),
        (
            draw_class,
            {"skills": np.array(["x", "y"]), "what": "known"},
            "2 skill(s) were not seen in fit: 'x', 'y'" + KNOWN,
        ),
        (draw_class, {"skills": []}, "skills=[] names none at all" + KNOWN),
        (
            draw_class,
            {"students": []},
            "students=[] names none at all; expected some of those in column "
            "'user_id', such as 73.",
        ),
        (
            draw_class,
            {"students": np.array([98, 99])},
            "X has no row of 2 student(s): 98, 99; expected some of those in column "
            "'user_id', such as 73.",
        ),
        (
            draw_class,
            {"max_lines": 0},
            "max_lines=0; expected a whole number of at least 1.",
        ),
        (
            ask_what_if,
            {"skill": []},
            "skill=[] names none; expected at least one, such as 'skill 0'. What "
            "students would get without an answer is in estimator.predict_next(X).",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(bkt, log, ask, options, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        ask(bkt, log, **options)


def test_one_skill_is_a_list_of_one_and_comes_but_once(bkt, log):
    for skills in ("skill 2", ["skill 2"], ["skill 2", "skill 2"]):
        display = mastery(bkt, log, skills=skills)
        assert display.knowledge.columns.tolist() == ["skill 2"]


@pytest.mark.parametrize("ask", ["mastery", "knowledge"])
def test_several_students_are_refused_and_a_tuple_is_one(bkt, log, ask):
    draw = {"mastery": MasteryDisplay, "knowledge": KnowledgeCurveDisplay}[ask]
    message = "student=[80, 73]; expected one, as named in column 'user_id'. Call once"
    with pytest.raises(TypeError, match=re.escape(message)):
        draw.from_estimator(bkt, log, [80, 73])
    named = log.assign(user_id=[("class", k) for k in log["user_id"]])
    display = draw.from_estimator(bkt, named, ("class", STUDENT))
    assert display.student == ("class", STUDENT)


def test_a_student_whose_skills_are_all_new_needs_a_choice(bkt, log):
    log["skill_name"] = "new"
    message = f"No row of student {STUDENT} names a skill that fit saw; expected one"
    with pytest.raises(ValueError, match=message):
        mastery(bkt, log)
    assert mastery(bkt, log, skills="skill 2").knowledge.shape[1] == 1


@pytest.mark.parametrize("correct", [(0, 1), pd.Series([0, 1]), np.array([0, 1])])
def test_answers_may_come_as_any_list(bkt, log, correct):
    changed = ask_what_if(bkt, log, correct=correct)
    pd.testing.assert_frame_equal(changed, ask_what_if(bkt, log, correct=[0, 1]))
