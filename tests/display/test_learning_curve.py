"""The learning curve equals a count by hand, band and pool included."""

import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from sktrace import PFAClassifier
from sktrace._scores.intervals import wilson
from sktrace.display import LearningCurveDisplay
from sktrace.model_selection import StudentKFold

from ..conftest import make_log

mpl.use("agg")
draw = LearningCurveDisplay.from_predictions


@pytest.fixture(scope="module")
def pfa():
    log = make_log()
    return PFAClassifier().fit(log, log["correct"])


def write(*rows):
    names = ["user_id", "order_id", "skill_name", "correct", "p"]
    return pd.DataFrame(rows, columns=names)


def curve_of(log, p=None, **options):
    options = {"min_students": 1, **options}
    p = log["p"] if p is None and "p" in log else p
    return draw(log, log["correct"], p, **options).curve


def points(curve, skill, column):
    own = curve[curve["skill"] == skill]
    return dict(zip(own["opportunity"], own[column], strict=True))


def count_by_hand(log):
    """Number answers with a loop, as one would with a pencil."""
    answers, seen = {}, {}
    log = log.dropna().sort_values("order_id", kind="stable")
    for row in log.itertuples():
        pair = row.user_id, row.skill_name
        moments = seen.setdefault(pair, [])
        if row.order_id not in moments:
            moments.append(row.order_id)
        key = row.skill_name, moments.index(row.order_id) + 1
        answers.setdefault(key, {}).setdefault(row.user_id, []).append(row.correct)
    return answers


def test_it_equals_a_count_by_hand(log):
    log["correct"] = log["correct"].where(log.index % 5 > 0)
    before = log.copy()
    curve = curve_of(log)
    expected = count_by_hand(log)
    by_skill = curve[curve["skill"] != "all skills"]
    assert len(by_skill) == len(expected)
    for row in by_skill.itertuples():
        voices = expected[row.skill, row.opportunity]
        assert row.n_students == len(voices)
        assert row.n_answers == sum(map(len, voices.values()))
        assert row.observed == pytest.approx(
            np.mean([np.mean(v) for v in voices.values()])
        )
    pd.testing.assert_frame_equal(log, before)


def test_answers_that_tie_are_one_opportunity_and_one_voice():
    log = write(
        ("ann", 1, "sum", 1, 0.8),
        ("ann", 1, "sum", 0, 0.6),
        ("ann", 2, "sum", 1, 0.5),
        ("bob", 7, "sum", 1, 0.9),
    )
    curve = curve_of(log)
    assert points(curve, "sum", "observed") == {1: 0.75, 2: 1}  # (½ + 1) / 2
    assert points(curve, "sum", "predicted") == pytest.approx({1: 0.8, 2: 0.5})
    assert points(curve, "sum", "n_students") == {1: 2, 2: 1}
    assert points(curve, "sum", "n_answers") == {1: 3, 2: 1}


def test_a_row_without_target_or_skill_is_no_opportunity():
    log = write(
        ("ann", 1, "sum", np.nan, 0.1),
        ("ann", 2, "sum", 1, 0.2),
        ("ann", 3, None, 0, 0.3),
        ("ann", 4, "sum", 0, 0.4),
    )
    curve = curve_of(log)
    assert points(curve, "sum", "observed") == {1: 1, 2: 0}
    assert points(curve, "sum", "predicted") == {1: 0.2, 2: 0.4}
    assert points(curve, "all skills", "n_answers") == {1: 1, 2: 1}


def test_a_question_on_several_skills_is_an_opportunity_of_each():
    log = write(
        ("ann", 1, "sum", 0, 0.1),
        ("ann", 2, "sum~~cut", 1, 0.2),
        ("ann", 3, "cut", 0, 0.3),
    )
    curve = curve_of(log)
    assert points(curve, "sum", "predicted") == {1: 0.1, 2: 0.2}
    assert points(curve, "cut", "predicted") == {1: 0.2, 2: 0.3}
    whole = curve_of(log, skill_separator=None)
    assert points(whole, "sum~~cut", "predicted") == {1: 0.2}


def test_without_order_rows_stand_in_time_and_without_skill_there_is_one():
    log = write(("ann", 9, "sum", 1, 0.1), ("ann", 3, "cut", 0, 0.2))
    curve = curve_of(log, order=None, skill=None)
    assert curve["skill"].tolist() == ["all skills"] * 2
    assert curve["observed"].tolist() == [1, 0]


@pytest.mark.parametrize(("right", "n"), [(0, 5), (3, 7), (11, 11), (250, 1000)])
def test_the_band_of_a_skill_is_wilsons_interval(right, n):
    expected = binomtest(right, n).proportion_ci(method="wilson")
    assert wilson(right / n, n) == pytest.approx((expected.low, expected.high))
    log = write(*((k, 0, "sum", int(k < right), 0.5) for k in range(n)))
    curve = curve_of(log)
    own = curve[curve["skill"] == "sum"]
    np.testing.assert_allclose(own["low"], expected.low, atol=1e-12)
    np.testing.assert_allclose(own["high"], expected.high, atol=1e-12)


def test_the_pool_averages_skills_and_counts_a_student_as_one_voice():
    # Ann is first asked three skills, Bob one: 4 voices, as loud as 4² / (3² + 1²)
    log = write(
        ("ann", 1, "sum", 1, 0.1),
        ("ann", 2, "cut", 1, 0.2),
        ("ann", 3, "add", 0, 0.3),
        ("bob", 1, "sum", 0, 0.4),
    )
    (pool,) = curve_of(log).query("skill == 'all skills'").itertuples()
    assert (pool.n_students, pool.n_answers, pool.observed) == (2, 4, 0.5)
    assert pool.predicted == pytest.approx(0.25)
    assert (pool.low, pool.high) == pytest.approx(wilson(0.5, 1.6))


def test_a_curve_ends_where_few_students_are_left():
    log = write(*((k, at, "sum", 1, 0.5) for k in range(6) for at in range(k + 1)))
    for min_students, last in ((1, 6), (5, 2), (6, 1)):
        curve = curve_of(log, min_students=min_students)
        assert list(points(curve, "sum", "n_students")) == list(range(1, last + 1))
    assert curve_of(log, max_opportunity=4)["opportunity"].max() == 4
    long = write(*((0, at, "sum", 1, 0.5) for at in range(40)))
    assert curve_of(long)["opportunity"].max() == 30
    assert curve_of(long, max_opportunity=None)["opportunity"].max() == 40


def test_models_by_name_are_lines_over_the_observed(log):
    p = {"poor": np.full(len(log), 0.25), "good": np.full(len(log), 0.75)}
    display = draw(log, log["correct"], p)
    for (observed, *models), ax in zip(display.lines_, display.ax_, strict=True):
        skill = ax.get_title(loc="left")
        own = display.curve[display.curve["skill"] == skill]
        np.testing.assert_array_equal(observed.get_ydata(), own["observed"])
        assert [set(line.get_ydata()) for line in models] == [{0.25}, {0.75}]


def test_without_predictions_the_answers_alone_are_drawn(log):
    display = draw(log, log["correct"])
    assert display.curve.columns[-1] == "high"
    assert all(len(lines) == 1 for lines in display.lines_)


def test_panels_are_the_pool_and_the_most_practised(log):
    log = pd.concat([log, log[log["skill_name"] == "skill 2"]], ignore_index=True)
    display = draw(log, log["correct"], min_students=1)
    titles = [ax.get_title(loc="left") for ax in display.ax_]
    assert titles[:2] == ["all skills", "skill 2"]
    assert sorted(titles[1:]) == [f"skill {k}" for k in range(4)]
    some = draw(log, log["correct"], min_students=1, skills=["skill 3", "skill 0"])
    assert [ax.get_title(loc="left") for ax in some.ax_] == ["skill 3", "skill 0"]
    assert set(some.curve["skill"]) == set(display.curve["skill"])  # drawn or not


def test_axes_given_hold_one_skill_the_pool_by_default(log):
    figure, ax = plt.subplots()
    for skills, title in ((None, "all skills"), ("skill 1", "skill 1")):
        display = draw(log, log["correct"], skills=skills, min_students=1, ax=ax)
        assert display.ax_ is ax
        assert display.figure_ is figure
        assert ax.get_title(loc="left") == title
    assert ax.get_xlabel() == "opportunity (nth answer on the skill)"
    assert ax.get_ylabel() == "share right"


def test_a_tracer_says_itself_which_columns_play_which_role(pfa, log):
    display = LearningCurveDisplay.from_estimator(pfa, log, min_students=1)
    p = {"PFAClassifier": pfa.predict_proba(log)[:, 1]}
    expected = draw(log, log["correct"], p, min_students=1)
    pd.testing.assert_frame_equal(display.curve, expected.curve)
    renamed = log.rename(columns={"user_id": "who", "skill_name": "kc"})
    other = PFAClassifier(student="who", skill="kc").fit(renamed, renamed["correct"])
    display = LearningCurveDisplay.from_estimator(other, renamed, min_students=1)
    pd.testing.assert_frame_equal(display.curve, expected.curve)


def test_a_search_and_targets_with_other_labels(log):
    y = np.where(log["correct"] == 1, "yes", "no")
    folds = StudentKFold(2)
    search = GridSearchCV(PFAClassifier(), {"C_skill": [1.0]}, cv=folds).fit(log, y)
    display = LearningCurveDisplay.from_estimator(search, log, y, min_students=1)
    expected = curve_of(log)
    pd.testing.assert_series_equal(display.curve["observed"], expected["observed"])
    assert display.curve.columns[-1] == "PFAClassifier"


def test_the_axis_names_the_class_whose_share_is_drawn(log):
    y = np.where(log["correct"] == 1, "right", "wrong")
    pfa = PFAClassifier().fit(log, y)
    options = {"skills": "all skills", "min_students": 1}
    display = LearningCurveDisplay.from_estimator(pfa, log, y, **options)
    assert display.ax_.get_ylabel() == "share of 'wrong'"
    wrong = 1 - curve_of(log)["observed"]
    np.testing.assert_allclose(display.curve["observed"], wrong)
    pool = draw(log, log["correct"], skills="all skills", label="share of 1")
    assert pool.ax_.get_ylabel() == "share of 1"


@pytest.mark.parametrize("dtype", [bool, "boolean", "Int64", "category"])
def test_answers_of_x_are_the_targets_whatever_their_type(pfa, log, dtype):
    expected = LearningCurveDisplay.from_estimator(pfa, log, min_students=1).curve
    typed = log.assign(correct=log["correct"].astype(dtype))
    display = LearningCurveDisplay.from_estimator(pfa, typed, min_students=1)
    pd.testing.assert_frame_equal(display.curve, expected)
    of_bools = PFAClassifier().fit(log, log["correct"] == 1)
    display = LearningCurveDisplay.from_estimator(of_bools, typed, min_students=1)
    pd.testing.assert_frame_equal(display.curve, expected)
    assert display.label == "share right"


def test_which_label_an_answer_has_must_be_told(log):
    pfa = PFAClassifier().fit(log, np.where(log["correct"] == 1, "right", "wrong"))
    message = (
        "PFAClassifier was fitted on the labels ['right', 'wrong'], and column "
        "'correct' holds 0 and 1; expected to be told which label each row has. Pass "
        "y, labelled as in fit."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        LearningCurveDisplay.from_estimator(pfa, log)


def test_ink_is_light_in_a_dark_notebook(log):
    with plt.style.context("dark_background"):
        display = draw(log, log["correct"], min_students=1, skills="all skills")
    assert display.lines_[0][0].get_color() == "white"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"skills": ["x"]},
            "No curve of 1 skill(s): 'x'; expected some of 'all skills'",
        ),
        ({"skills": ["skill 1"] * 13}, "skills names 13; expected 1 to 12, as many as"),
        ({"skills": []}, "skills names 0; expected 1 to 12"),
        ({"min_students": 99}, "No skill was answered by min_students=99 students"),
        ({"p": np.ones((3, 2))}, "p has shape (3, 2); expected (n_rows,), the probab"),
        ({"p": [0.5, 1.5]}, "p holds 1.5; expected probabilities of 1, from 0 to 1"),
        ({"p": {"low": [0.5]}}, "p holds a model named 'low', which is a column of"),
        (
            {"y": ["right", "wrong"]},
            "y holds 'right'; expected targets 0 and 1, or NaN",
        ),
        ({"y": [0.0, 0.5]}, "y holds 0.5; expected targets 0 and 1, or NaN. Say which"),
        ({"y": [0, 1]}, "inconsistent numbers of samples"),
        ({"skill": "topic"}, "X has no column 'topic' (skill)"),
    ],
)
def test_what_cannot_be_drawn_is_refused(log, options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        draw(log, **{"y": log["correct"], **options})


def test_a_skill_that_is_called_as_the_pool_is_refused(log):
    message = (
        "Column 'skill_name' (skill) names a skill 'all skills', as the mean of all of "
        "them is called; expected another name. Rename it: X.replace({'skill_name': "
        "{'all skills': ...}})."
    )
    named = log.replace({"skill_name": {"skill 1": "all skills"}})
    with pytest.raises(ValueError, match=re.escape(message)):
        draw(named, log["correct"])
    alone = draw(log.assign(skill_name="all skills"), log["correct"])  # is the pool
    expected = draw(log, log["correct"], skill=None)
    pd.testing.assert_frame_equal(alone.curve, expected.curve)


def test_two_skills_on_axes_given_are_refused(log):
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match="skills names 2; expected 1 to 1"):
        draw(log, log["correct"], skills=["skill 1", "skill 2"], ax=ax)


def test_an_estimator_without_roles_is_told_what_to_call(log):
    with pytest.raises(
        TypeError, match=r"LogisticRegression does not say .*Call from_"
    ):
        LearningCurveDisplay.from_estimator(LogisticRegression(), log)


def test_a_long_log_takes_moments():
    rng = np.random.default_rng(0)
    n = 300_000
    log = pd.DataFrame(
        {
            "user_id": rng.integers(0, 4000, n),
            "order_id": np.arange(n),
            "skill_name": rng.integers(0, 110, n),
        }
    )
    curve = draw(log, rng.integers(0, 2, n), min_students=1, skills=3).curve
    assert curve["n_answers"].sum() == 2 * n
