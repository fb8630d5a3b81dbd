"""The curve of a student is what the tracer says after each answer."""

import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from sktrace import BKTClassifier, DKTClassifier, PFAClassifier
from sktrace.display import KnowledgeCurveDisplay
from sktrace.display._knowledge_curve import _spread

from ..conftest import BELOW_HALF, make_log

mpl.use("agg")
draw = KnowledgeCurveDisplay.from_estimator


@pytest.fixture(scope="module")
def bkt():
    log = make_log().assign(user_id=lambda X: -X["user_id"])  # other students
    return BKTClassifier(bounds=BELOW_HALF, random_state=0).fit(log, log["correct"])


@pytest.fixture(scope="module")
def dkt():
    log = make_log()
    return DKTClassifier(hidden_size=4, max_epochs=1, random_state=0).fit(
        log, log["correct"]
    )


@pytest.fixture
def student(log):
    return log["user_id"].value_counts().index[0]


def many(n_skills, n_answers=3):
    """A curve of skills with long names, the first of them practised most."""
    at = np.arange(n_answers + 1)
    part = {"opportunity": at, "correct": np.where(at, at % 2, np.nan)}
    name = "a skill with a really long name, number {}".format
    parts = [
        pd.DataFrame({"skill": name(k), **part, "knowledge": 0.5})
        for k in range(n_skills)
    ]
    return pd.concat(parts, ignore_index=True)


def answer_by_equations(bkt, skill, answers):
    """Corbett and Anderson's equations, answer by answer."""
    prior, learn, guess, slip, _ = bkt.params_.loc[skill]
    known = [prior]
    for answer in answers:
        if_known, if_not = (1 - slip, guess) if answer else (slip, 1 - guess)
        p = known[-1] * if_known
        p /= p + (1 - known[-1]) * if_not
        known.append(p + (1 - p) * learn)
    return known


def test_it_begins_with_the_prior_and_follows_the_equations(bkt, log, student):
    log["order_id"] = np.arange(len(log))
    before = log.copy()
    display = draw(bkt, log, student)
    own = log[log["user_id"] == student]
    assert set(display.curve["skill"]) == set(own["skill_name"])
    for skill, curve in display.curve.groupby("skill"):
        answers = own.loc[own["skill_name"] == skill, "correct"]
        assert curve["opportunity"].tolist() == list(range(len(answers) + 1))
        assert curve["correct"].iloc[1:].tolist() == answers.tolist()
        expected = answer_by_equations(bkt, skill, answers)
        np.testing.assert_allclose(curve["knowledge"], expected, rtol=1e-9)
    pd.testing.assert_frame_equal(log, before)


def test_the_most_practised_skill_stands_first(bkt, log, student):
    curve = draw(bkt, log, student).curve
    counts = curve.groupby("skill", sort=False)["correct"].count()
    assert (np.diff(counts) <= 0).all()


def test_of_dkt_it_begins_with_what_is_predicted_of_the_first_answer(dkt, log, student):
    curve = draw(dkt, log, student).curve
    p = pd.Series(dkt.predict_proba(log)[:, 1], index=log.index)
    own = log[log["user_id"] == student].sort_values("order_id", kind="stable")
    for skill, part in curve.groupby("skill"):
        first = own.index[own["skill_name"] == skill][0]
        assert part["knowledge"].iloc[0] == pytest.approx(p[first], abs=1e-6)


def test_answers_that_tie_are_one_opportunity_and_a_query_is_none(bkt):
    log = pd.DataFrame(
        {
            "user_id": 1,
            "order_id": [0, 0, 1, 2, 2],
            "skill_name": ["skill 0", "skill 0", "skill 0", "skill 0", "skill 1"],
            "correct": [1, 0, np.nan, 1, 1],
        }
    )
    display = draw(bkt, log, 1)
    curve = display.curve[display.curve["skill"] == "skill 0"]
    assert curve["opportunity"].tolist() == [0, 1, 1, 2]
    states = bkt.knowledge_state(log)["skill 0"]
    assert curve["knowledge"].tolist()[1:] == states[[0, 1, 3]].tolist()
    legend = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert legend == ["right", "wrong", "some of both", "mastery, 0.95"]


def test_rows_in_time_order_and_one_skill_for_all(log):
    bkt = BKTClassifier(skill=None, order=None, bounds=BELOW_HALF, random_state=0)
    bkt.fit(log, log["correct"])
    own = log[log["user_id"] == 3]
    display = draw(bkt, log, 3)
    assert display.curve["skill"].unique().tolist() == ["all"]
    assert display.curve["correct"].tolist()[1:] == own["correct"].tolist()


def test_right_is_solid_and_wrong_is_hollow_at_their_states():
    answers = pd.DataFrame(
        {
            "skill": "sum",
            "opportunity": [0, 1, 2, 3, 3],
            "correct": [np.nan, 1, 0, 1, 0],
            "knowledge": [0.1, 0.4, 0.3, 0.5, 0.5],
        }
    )
    display = KnowledgeCurveDisplay(answers).plot(mastery=None)
    curve, right, wrong, both = display.ax_.lines
    assert curve is display.lines_[0]
    assert curve.get_xydata().tolist() == [[0, 0.1], [1, 0.4], [2, 0.3], [3, 0.5]]
    assert right.get_xydata().tolist() == [[1, 0.4]]
    assert wrong.get_xydata().tolist() == [[2, 0.3]]
    assert both.get_xydata().tolist() == [[3, 0.5]]
    assert right.get_markerfacecolor() == curve.get_color()
    assert wrong.get_markerfacecolor() == mpl.rcParams["axes.facecolor"]
    assert both.get_fillstyle() == "left"


def test_mastery_is_a_line_of_what_is_known_only(bkt, dkt, log, student):
    for tracer, label, n_lines in ((bkt, "P(known)", 1), (dkt, "P(correct)", 0)):
        display = draw(tracer, log, student)
        dashed = [line for line in display.ax_.lines if line.get_linestyle() == "--"]
        assert len(dashed) == n_lines
        assert display.ax_.get_ylabel() == label
    (line,) = [
        line
        for line in draw(bkt, log, student, mastery=0.8).ax_.lines
        if line.get_linestyle() == "--"
    ]
    assert set(line.get_ydata()) == {0.8}


def test_chosen_skills_and_axes(bkt, log, student):
    figure, ax = plt.subplots()
    skill = log.loc[log["user_id"] == student, "skill_name"].iloc[0]
    display = draw(bkt, log, student, skills=skill, ax=ax)
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert [text.get_text() for text in ax.texts] == [skill]
    assert ax.get_xlabel() == "opportunity (answers on the skill so far)"
    assert ax.get_title(loc="left") == f"student {student}"


@pytest.mark.parametrize("n_skills", [1, 6])
def test_a_few_skills_share_a_panel_and_their_names_do_not_overlap(n_skills):
    display = KnowledgeCurveDisplay(many(n_skills)).plot()
    assert display.figure_.axes == [display.ax_]
    display.figure_.canvas.draw()
    boxes = [mpl.text.Text.get_window_extent(text) for text in display.ax_.texts]
    assert len(boxes) == n_skills
    bottoms = np.sort([box.y0 for box in boxes])
    assert (np.diff(bottoms) >= boxes[0].height).all()
    assert max(box.x1 for box in boxes) <= display.ax_.get_window_extent().x1


@pytest.mark.parametrize(("n_skills", "n_panels"), [(7, 7), (12, 12), (110, 12)])
def test_more_have_a_panel_each_up_to_12(n_skills, n_panels):
    display = KnowledgeCurveDisplay(many(n_skills), student="ann").plot()
    assert len(display.ax_) == len(display.figure_.axes) == n_panels
    numbers = [ax.get_title(loc="left").split()[-1] for ax in display.ax_]
    assert numbers == [str(k) for k in range(n_panels)]
    _, ax = plt.subplots()
    assert len(display.plot(ax=ax).lines_) == 6


def test_ink_is_light_in_a_dark_notebook():
    with plt.style.context("dark_background"):
        display = KnowledgeCurveDisplay(many(1)).plot()
    right, wrong, mastery = display.ax_.get_legend().legend_handles
    assert right.get_markerfacecolor() == mastery.get_color() == "white"
    assert wrong.get_markerfacecolor() == "black"
    assert wrong.get_markeredgecolor() == "white"


def test_names_are_moved_apart_and_stay_on_the_panel():
    rng = np.random.default_rng(0)
    for _ in range(100):
        heights = rng.random(rng.integers(1, 7)).round(1)
        spread = _spread(heights, 0.1)
        assert (np.diff(np.sort(spread)) >= 0.1 - 1e-12).all()
        assert spread.min() >= 0
        assert spread.max() <= 1 + 1e-12
        order = np.argsort(heights, kind="stable")
        assert (np.diff(spread[order]) > 0).all()
    assert _spread([0.2, 0.9], 0.1).tolist() == [0.2, 0.9]


def test_what_cannot_be_drawn_is_refused(bkt, log, student):
    never = r"no answer on 1 skill\(s\): 'x'; expected some of 'skill \d'"
    with pytest.raises(ValueError, match=never):
        draw(bkt, log, student, skills=["x"])
    with pytest.raises(ValueError, match="no row of student 'zoe'; expected one of"):
        draw(bkt, log, "zoe")
    with pytest.raises(ValueError, match="no answer on a skill that the estimator kn"):
        draw(bkt, log.assign(correct=np.nan), student)
    pfa = PFAClassifier().fit(log, log["correct"])
    with pytest.raises(TypeError, match=r"PFAClassifier keeps no state.*predict_next"):
        draw(pfa, log, student)
    message = "skills names 13; expected 1 to 12, as many as there is room to draw"
    curve = many(13)
    with pytest.raises(ValueError, match=re.escape(message)):
        KnowledgeCurveDisplay(curve).plot(skills=curve["skill"].unique().tolist())
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match="skills names 7; expected 1 to 6"):
        KnowledgeCurveDisplay(curve).plot(
            ax=ax, skills=curve["skill"].unique()[:7].tolist()
        )
