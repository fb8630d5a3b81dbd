"""The heat map of a class: sorted, marked where guessed, banded where large."""

import re
from itertools import pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from sktrace import BKTClassifier, PFAClassifier
from sktrace._interactions import portions
from sktrace.display import ClassMasteryDisplay

from ..conftest import BELOW_HALF, make_log

mpl.use("agg")
draw = ClassMasteryDisplay.from_estimator


@pytest.fixture(scope="module")
def pfa():
    log = make_log()
    return PFAClassifier().fit(log, log["correct"])


@pytest.fixture(scope="module")
def bkt():
    log = make_log()
    return BKTClassifier(bounds=BELOW_HALF, random_state=0).fit(log, log["correct"])


def many(n_students, n_skills):
    p = np.sort(np.random.default_rng(0).random((n_students, n_skills)), axis=0)
    names = [f"a skill with a really long name, number {k}" for k in range(n_skills)]
    return pd.DataFrame(p, columns=names)


def dots(display):
    return set(map(tuple, display.ax_.collections[0].get_offsets().astype(int)))


def test_it_holds_what_the_tracer_predicts_weakest_and_hardest_first(pfa, log):
    before = log.copy()
    display = draw(pfa, log)
    expected = pfa.predict_next(log)
    pd.testing.assert_frame_equal(
        display.mastery, expected.loc[display.mastery.index, display.mastery.columns]
    )
    assert sorted(display.mastery.index) == sorted(expected.index)
    assert (np.diff(display.mastery.mean(axis=1)) >= 0).all()
    assert (np.diff(display.mastery.mean(axis=0)) >= 0).all()
    np.testing.assert_array_equal(display.image_.get_array(), display.mastery)
    assert display.image_.get_clim() == (0, 1)
    pd.testing.assert_frame_equal(log, before)


def test_every_cell_that_was_never_practised_is_dotted(pfa, log):
    display = draw(pfa, log)
    pairs = set(zip(log["user_id"], log["skill_name"], strict=True))
    unpractised = set()
    for line, student in enumerate(display.mastery.index):
        for column, skill in enumerate(display.mastery.columns):
            done = (student, skill) in pairs
            assert display.practised.loc[student, skill] == done
            if not done:
                unpractised.add((column, line))
    assert unpractised
    assert dots(display) == unpractised
    legend = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert legend == ["not practised yet: a guess"]


def test_a_query_is_no_practice_and_a_joined_question_is_of_all_its_skills(frame):
    frame["skill_name"] = ["sum~~cut", "sum", "cut", "take"]
    frame["correct"] = [1.0, 0.0, np.nan, 0.0]  # ann's cut was not answered yet
    pfa = PFAClassifier().fit(frame, frame["correct"])
    display = draw(pfa, frame, skills=["cut", "sum", "take", "sum~~take"])
    practised = display.practised.loc[["ann", "bob"], ["cut", "sum", "take"]]
    assert practised.to_numpy().tolist() == [[False, True, False], [True, True, True]]
    assert display.practised["sum~~take"].loc[["ann", "bob"]].tolist() == [False, True]


def test_a_row_that_names_no_skill_is_practice_of_none(pfa, log):
    log.loc[log["user_id"] == 3, "skill_name"] = None
    assert not draw(pfa, log).practised.loc[3].any()


def test_one_skill_for_all(log):
    pfa = PFAClassifier(skill=None).fit(log, log["correct"])
    log.loc[log["user_id"] == 3, "correct"] = np.nan
    display = draw(pfa, log)
    assert display.mastery.columns.tolist() == ["all"]
    assert display.practised["all"].sum() == len(display.mastery) - 1


@pytest.mark.parametrize("at_once", [1, 10**7])
@pytest.mark.parametrize("order", ["order_id", None])
def test_known_is_the_state_after_the_last_row(log, at_once, order, monkeypatch):
    monkeypatch.setattr(portions, "CELLS_AT_ONCE", at_once)
    bkt = BKTClassifier(order=order, bounds=BELOW_HALF, random_state=0)
    bkt.fit(log, log["correct"])
    display = draw(bkt, log, what="known")
    for student, known in display.mastery.iterrows():
        own = log[log["user_id"] == student]
        own = own if order is None else own.sort_values(order)
        expected = bkt.knowledge_state(own).iloc[-1][known.index]
        np.testing.assert_array_equal(known, expected)
    assert display.figure_.axes[-1].get_ylabel() == "P(known)"


def test_chosen_students_skills_and_axes(pfa, log):
    figure, ax = plt.subplots()
    skills = ["skill 2", "skill 0"]
    display = draw(pfa, log, students=[3, 10], skills=skills, ax=ax, colorbar=False)
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert figure.axes == [ax]
    assert set(display.mastery.index) == {3, 10}
    assert set(display.mastery.columns) == set(skills)
    assert draw(pfa, log, students=3, skills="skill 2").mastery.shape == (1, 1)


def test_few_cells_show_their_numbers_in_print_that_is_legible():
    mastery = pd.DataFrame([[0.0, 1.0]], index=["ann"], columns=["sum", "cut"])
    display = ClassMasteryDisplay(mastery).plot()
    printed = [(text.get_text(), text.get_color()) for text in display.ax_.texts]
    assert printed == [("0.00", "white"), ("1.00", "black")]
    assert [t.get_text() for t in display.ax_.get_yticklabels()] == ["ann"]
    assert not display.ax_.collections  # all of it is practised, as far as it is told
    assert not display.plot(values=False).ax_.texts


def test_many_students_are_averaged_in_bands():
    mastery = many(403, 3)
    practised = mastery > 2
    practised.iloc[0, 1] = True
    display = ClassMasteryDisplay(mastery, practised).plot()
    assert [len(band) for band in display.bands_] == [11] * 3 + [10] * 37
    first = mastery.iloc[:11].mean().to_numpy()
    np.testing.assert_allclose(display.image_.get_array()[0], first)
    last = mastery.iloc[-10:].mean().to_numpy()
    np.testing.assert_allclose(display.image_.get_array()[-1], last)
    # A band is undotted as soon as one of its students has practised.
    assert dots(display) == {(c, r) for c in range(3) for r in range(40)} - {(1, 0)}
    labels = [t.get_text() for t in display.ax_.get_yticklabels()]
    assert labels == ["weakest 11", "25 %", "50 %", "75 %", "strongest 10"]
    assert display.ax_.get_ylabel() == (
        "403 students in bands of 10–11, weakest at the top"
    )


@pytest.mark.parametrize(
    ("max_lines", "names", "label"),
    [
        (1, ["all"], "61 students in one band"),
        (
            2,
            ["weakest 31", "strongest 30"],
            "61 students in bands of 30–31, weakest",
        ),
        (
            60,
            ["weakest 2", "25 %", "50 %", "75 %", "strongest 1"],
            "61 students in bands of 1–2, weakest at the top",
        ),
    ],
)
def test_bands_are_named_by_their_sizes(max_lines, names, label):
    ax = ClassMasteryDisplay(many(61, 3)).plot(max_lines=max_lines).ax_
    assert [t.get_text() for t in ax.get_yticklabels()] == names
    assert ax.get_ylabel().startswith(label)


@pytest.mark.parametrize("dtype", [object, "boolean"])
def test_what_was_practised_may_be_told_by_any_type(dtype):
    mastery = many(2, 2)
    told = pd.DataFrame([[True, False], [None, True]], columns=mastery.columns)
    display = ClassMasteryDisplay(mastery, told.astype(dtype)).plot()
    assert dots(display) == {(1, 0), (0, 1)}


def test_drawing_again_leaves_one_scale(pfa, log):
    figure, ax = plt.subplots(layout="constrained")
    display = draw(pfa, log, ax=ax)
    display.plot(ax=ax)
    assert len(figure.axes) == 2
    display.plot(ax=ax, colorbar=False)
    assert figure.axes == [ax]
    figure.canvas.draw()


def test_dots_of_a_large_class_keep_a_file_small(tmp_path):
    mastery = many(60, 110)
    display = ClassMasteryDisplay(mastery, mastery > 2).plot()
    display.figure_.savefig(tmp_path / "class.svg")
    assert (tmp_path / "class.svg").stat().st_size < 1e6
    wide = many(5, 600)  # on columns too narrow for a dot
    assert not ClassMasteryDisplay(wide, wide > 2).plot().ax_.collections


@pytest.mark.parametrize("n_students", [1, 60, 4000])
@pytest.mark.parametrize("n_skills", [1, 5, 110])
def test_no_name_overlaps_another_and_the_figure_is_bounded(n_students, n_skills):
    display = ClassMasteryDisplay(many(n_students, n_skills)).plot()
    display.figure_.canvas.draw()
    assert (display.figure_.get_size_inches() <= [16, 14]).all()
    names = [t for t in display.ax_.get_xticklabels() if t.get_text()]
    pitch = np.diff([t.get_window_extent().x1 for t in names])
    if names[0].get_rotation() == 90:
        assert (pitch >= names[0].get_window_extent().width).all()
    lines = [t.get_window_extent() for t in display.ax_.get_yticklabels()]
    assert all(a.y0 >= b.y1 for a, b in pairwise(lines))


def test_names_that_cannot_fit_are_thinned_and_it_says_so():
    _, ax = plt.subplots(figsize=(4, 3))
    display = ClassMasteryDisplay(many(10, 110)).plot(ax=ax)
    assert "(1 in 4 named)" in display.ax_.get_xlabel()
    assert len(display.ax_.get_xticks()) == 28


def test_another_class_is_not_called_weak(log):
    y = np.where(log["correct"] == 1, "right", "wrong")
    display = draw(PFAClassifier().fit(log, y), log)
    assert display.label == "P(wrong)"
    assert display.ax_.get_ylabel() == "students, lowest at the top"


def test_a_dark_notebook_has_a_light_dot_in_its_legend(pfa, log):
    with plt.style.context("dark_background"):
        (handle,) = draw(pfa, log).ax_.get_legend().legend_handles
    assert mpl.colors.same_color(handle.get_facecolor()[0], "white")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"what": "learnt"}, ValueError, "what is 'learnt'; expected 'correct' (right"),
        ({"what": "known"}, TypeError, "PFAClassifier has no P(known); expected BKT"),
        (
            {"students": [3, "zoe"]},
            ValueError,
            "X has no row of 1 student(s): 'zoe'; expected some of those in column "
            "'user_id', such as",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(pfa, log, options, error, message):
    with pytest.raises(error, match=re.escape(message)):
        draw(pfa, log, **options)


def test_only_a_tracer_can_be_asked(log):
    with pytest.raises(
        TypeError, match="object has no predict_next; expected a fitted"
    ):
        draw(object(), log)


def test_nothing_is_known_of_a_skill_that_fit_did_not_see(bkt, log):
    with pytest.raises(ValueError, match=r"1 skill\(s\) were not seen in fit: 'x'"):
        draw(bkt, log, what="known", skills=["x"])
