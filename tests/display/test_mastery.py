"""What MasteryDisplay draws is what the tracer says."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from sktrace import DKTClassifier, PFAClassifier
from sktrace.display import MasteryDisplay

from ..conftest import make_log

mpl.use("agg")


@pytest.fixture(scope="module")
def dkt():
    log = make_log()
    return DKTClassifier(hidden_size=4, max_epochs=1, random_state=0).fit(
        log, log["correct"]
    )


@pytest.fixture
def student(log):
    return log["user_id"].value_counts().index[0]


def test_each_column_is_the_state_after_an_answer(dkt, log, student):
    display = MasteryDisplay.from_estimator(dkt, log, student)
    own = log[log["user_id"] == student].sort_values("order_id", kind="stable")
    expected = dkt.knowledge_state(own)[own["skill_name"].unique()]
    np.testing.assert_allclose(display.image_.get_array(), expected.to_numpy().T)
    assert [t.get_text() for t in display.ax_.get_yticklabels()] == list(expected)
    assert display.image_.get_clim() == (0, 1)


def test_answers_stand_in_their_cells(dkt, log, student):
    display = MasteryDisplay.from_estimator(dkt, log, student)
    own = log[log["user_id"] == student].sort_values("order_id", kind="stable")
    line = dict(zip(own["skill_name"].unique(), range(9), strict=False))
    for answer, marks in zip((1, 0), display.ax_.collections, strict=True):
        given = (own["correct"] == answer).to_numpy()
        at = np.column_stack([np.arange(1, len(own) + 1), own["skill_name"].map(line)])
        np.testing.assert_array_equal(marks.get_offsets(), at[given])


def test_chosen_skills_given_axes_and_no_colorbar(dkt, log, student):
    figure, ax = plt.subplots()
    skills = dkt.skills_[::-1]
    display = MasteryDisplay.from_estimator(
        dkt, log, student, skills=skills, ax=ax, colorbar=False
    )
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert figure.axes == [ax]
    assert display.knowledge.columns.tolist() == skills.tolist()


def test_one_skill_and_rows_in_time_order(log):
    dkt = DKTClassifier(
        skill=None, order=None, hidden_size=4, max_epochs=1, random_state=0
    ).fit(log, log["correct"])
    display = MasteryDisplay.from_estimator(dkt, log, log["user_id"].iloc[0])
    assert display.knowledge.shape[1] == 1


def test_the_colours_are_named_after_the_class_that_is_traced(dkt, log, student):
    named = clone(dkt).fit(log, np.where(log["correct"] == 1, "right", "wrong"))
    for tracer, label in ((dkt, "P(correct)"), (named, "P(wrong)")):
        display = MasteryDisplay.from_estimator(tracer, log, student)
        assert display.figure_.axes[-1].get_ylabel() == label


def test_drawing_again_leaves_one_scale(dkt, log, student):
    figure, ax = plt.subplots(layout="constrained")
    for _ in range(2):
        MasteryDisplay.from_estimator(dkt, log, student, ax=ax)
    assert len(figure.axes) == 2


def test_a_query_has_no_mark(dkt, log, student):
    own = log[log["user_id"] == student].assign(correct=np.nan)
    display = MasteryDisplay.from_estimator(dkt, own, student)
    assert all(len(marks.get_offsets()) == 0 for marks in display.ax_.collections)


def test_an_absent_student_is_refused(dkt, log):
    with pytest.raises(ValueError, match="no row of student 'zoe'; expected one of"):
        MasteryDisplay.from_estimator(dkt, log, "zoe")


def test_long_names_are_cut_and_many_answers_fit():
    names = [f"a skill with a really long name, number {k}" for k in range(110)]
    knowledge = pd.DataFrame(np.full((900, 110), 0.5), columns=names)
    display = MasteryDisplay(knowledge, names[:90] * 10, np.ones(900)).plot()
    labels = [t.get_text() for t in display.ax_.get_yticklabels()]
    assert max(map(len, labels)) == 32
    assert len(set(labels)) == 110  # what tells names apart may stand at their ends
    assert display.figure_.get_size_inches().tolist() == [16, 14]


def test_a_question_on_several_skills_is_marked_on_each(frame):
    frame["skill_name"] = ["sum~~cut", "sum", "cut", "cut"]
    frame["correct"] = [1, 0, 1, 0]
    dkt = DKTClassifier(hidden_size=2, max_epochs=1).fit(frame, frame["correct"])
    display = MasteryDisplay.from_estimator(dkt, frame, "bob")
    assert display.knowledge.shape == (2, 2)
    assert display.skill.tolist() == ["cut", "sum", "cut"]  # in time order
    assert display.answer.tolist() == [0, 1, 1]
    assert display.correct.tolist() == [0, 1, 1]


def test_a_tracer_without_states_is_refused_with_a_way_out(log):
    pfa = PFAClassifier().fit(log, log["correct"])
    with pytest.raises(TypeError, match=r"PFAClassifier keeps no state.*predict_next"):
        MasteryDisplay.from_estimator(pfa, log, log["user_id"].iloc[0])


def test_names_of_110_skills_do_not_overlap():
    names = [f"a skill with a really long name, number {k}" for k in range(110)]
    knowledge = pd.DataFrame(np.full((900, 110), 0.5), columns=names)
    display = MasteryDisplay(knowledge, names[:90] * 10, np.ones(900)).plot()
    display.figure_.canvas.draw()
    boxes = [t.get_window_extent() for t in display.ax_.get_yticklabels()]
    tops = np.array([box.y1 for box in boxes])
    bottoms = np.array([box.y0 for box in boxes])
    assert (tops[1:] <= bottoms[:-1]).all()


@pytest.mark.parametrize(("p", "ink"), [(0.0, "white"), (1.0, "black")])
def test_marks_are_legible_on_their_cells(p, ink):
    knowledge = pd.DataFrame({"sum": [p, p]})
    display = MasteryDisplay(knowledge, ["sum", "sum"], [1, 0]).plot()
    right, wrong = display.ax_.collections
    ink = mpl.colors.to_rgba(ink)
    np.testing.assert_array_equal(right.get_facecolor()[0], ink)
    np.testing.assert_array_equal(wrong.get_edgecolor()[0], ink)
    cell = display.image_.to_rgba(p)
    np.testing.assert_array_equal(wrong.get_facecolor()[0], cell)  # hollow


def test_a_right_answer_is_solid_in_a_dark_notebook_too():
    with plt.style.context("dark_background"):
        display = MasteryDisplay(pd.DataFrame({"sum": [0.5]}), ["sum"], [1]).plot()
    right, wrong = display.ax_.get_legend().legend_handles
    assert right.get_markerfacecolor() == wrong.get_markeredgecolor() == "white"
    assert wrong.get_markerfacecolor() == "none"


def test_a_column_that_is_missing_is_named(dkt, log, student):
    with pytest.raises(ValueError, match=r"no column 'skill_name' \(skill\)"):
        MasteryDisplay.from_estimator(dkt, log.drop(columns="skill_name"), student)
