"""What the docstring of make_interactions promises of items and times."""

import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from sktrace.datasets import make_interactions

DAY = 86_400


def mastery_logit(p, slip=0.1, guess=0.15):
    """Solve p = guess + (1 - guess - slip) * sigmoid(z) for z."""
    return logit((p - guess) / (1 - guess - slip))


def make_items(*args, **params):
    return make_interactions(
        *args, return_proba=True, return_items=True, random_state=0, **params
    )


# Items


def test_without_items_and_times_the_class_is_that_of_earlier_releases():
    X, y, p = make_interactions(random_state=7, return_proba=True)
    assert list(X) == ["user_id", "order_id", "skill_name", "correct"]
    assert (len(X), y.sum(), X["skill_name"].cat.codes.sum()) == (9328, 6127, 43147)
    assert_allclose(p[:3], [0.8408129121, 0.8669563964, 0.8766958464], atol=1e-8)
    assert_allclose(p.sum(), 6120.789879030663, rtol=1e-12)


def test_each_item_belongs_to_one_skill():
    X, _, _, items = make_items(200, 4, n_items=30)
    assert list(X) == ["user_id", "order_id", "skill_name", "correct", "item_id"]
    assert list(X["item_id"].cat.categories) == [f"item {n:02d}" for n in range(1, 31)]
    assert_array_equal(items.index, X["item_id"].cat.categories)
    assert items.index.name == "item_id"
    assert items.groupby("skill_name", observed=True).size().tolist() == [8, 8, 7, 7]
    skill_of = X["item_id"].map(items["skill_name"].astype(str)).astype(str)
    assert_array_equal(skill_of, X["skill_name"].astype(str))
    assert X["item_id"].nunique() == 30


def test_one_item_a_skill_and_one_answer():
    X, _, _, items = make_items(1, 1, n_items=1, n_attempts=1)
    assert X.shape == (1, 5)
    assert len(items) == 1
    X, _, _, _ = make_items(50, 12, n_items=12)
    assert_array_equal(X["item_id"].cat.codes, X["skill_name"].cat.codes)


def test_some_items_are_given_more_often():
    X, _, _, _ = make_items(2000, 1, n_items=500)
    n_answers = X["item_id"].value_counts()
    assert n_answers.median() < 0.8 * n_answers.mean()
    assert n_answers.max() > 5 * n_answers.mean()


def test_the_logit_is_discrimination_times_knowledge_minus_difficulties():
    # The same class with items and without: what the student knows is what is left of
    # the logit without difficulties, and with items it is stretched and shifted.
    plain = {"n_students": 100, "n_skills": 5, "difficulty_scale": 0}
    _, _, p0 = make_interactions(**plain, return_proba=True, random_state=0)
    X, _, p, items = make_items(**plain, n_items=40)
    own = items.loc[X["item_id"].astype(str)]
    known = mastery_logit(p0)
    expected = own["discrimination"] * known - own["difficulty"]
    assert_allclose(mastery_logit(p), expected, atol=1e-9)


def test_items_without_differences_change_nothing():
    options = {"return_proba": True, "random_state": 0}
    X0, y0, p0 = make_interactions(100, **options)
    alike = {"item_scale": 0, "discrimination_scale": 0, "times": True}
    X, y, p = make_interactions(100, n_items=50, **alike, **options)
    assert_frame_equal(X[list(X0)], X0)
    assert_array_equal(y, y0)
    assert_allclose(p, p0, rtol=1e-12)


def test_scales_are_standard_deviations():
    _, _, _, items = make_items(n_items=4000, item_scale=1.5, discrimination_scale=0.4)
    # 6 % is more than four standard errors of a deviation of 4,000 numbers.
    assert_allclose(items["difficulty"].std(), 1.5, rtol=0.06)
    assert_allclose(np.log(items["discrimination"]).std(), 0.4, rtol=0.06)
    assert_allclose(items["difficulty"].mean(), 0, atol=4 * 1.5 / np.sqrt(4000))
    assert_allclose(items["discrimination"].median(), 1, atol=0.03)


def test_harder_items_of_a_skill_are_answered_wrong_more_often():
    X, _, _, items = make_items(2000, 5, n_items=50)
    right = X.groupby("item_id", observed=True)["correct"].mean()
    for _, own in items.groupby("skill_name", observed=True):
        order = own["difficulty"].corr(right[own.index], method="spearman")
        assert order < -0.8


def test_difficulty_and_discrimination_are_recovered_from_the_answers():
    # With the students' knowledge given, a regression of each item's answers on it has
    # minus the difficulty as intercept and the discrimination as slope.
    plain = {"n_students": 4000, "n_skills": 1, "difficulty_scale": 0}
    sure = {"slip": 0, "guess": 0, "learning": 0, "random_state": 0}
    _, _, p0 = make_interactions(**plain, **sure, return_proba=True)
    X, y, items = make_interactions(**plain, **sure, n_items=10, return_items=True)
    found = []
    for item in items.index:
        rows = (X["item_id"] == item).to_numpy()
        model = LogisticRegression(C=1e6).fit(logit(p0[rows])[:, None], y[rows])
        found.append([-model.intercept_[0], model.coef_[0, 0]])
    assert_allclose(found, items[["difficulty", "discrimination"]], atol=0.2)


# Times


def test_times_increase_within_a_student_and_have_breaks():
    X, _ = make_interactions(500, times=True, random_state=0)
    assert list(X)[-1] == "time"
    assert X["time"].dtype == np.float64
    gap = X.groupby("user_id")["time"].diff().dropna()
    assert (gap > 0).all()
    assert 20 < gap.median() < 45
    rests = gap > DAY / 24
    assert_allclose(rests.mean(), 1 / 20, rtol=0.1)
    assert DAY / 2 < gap[rests].median() < 2 * DAY
    start = X.groupby("user_id")["time"].first()
    assert start.between(0, 30 * DAY).all()
    assert start.max() > 25 * DAY
    assert_array_equal(X["time"].round(3), X["time"])


def test_forgetting_takes_a_power_of_the_days_since_the_last_answer_on_the_skill():
    options = {"times": True, "return_proba": True, "random_state": 0}
    X0, y0, p0 = make_interactions(100, **options)
    X, y, p = make_interactions(100, forgetting=0.5, **options)
    assert_frame_equal(X.drop(columns="correct"), X0.drop(columns="correct"))
    days = X.groupby(["user_id", "skill_name"], observed=True)["time"].diff() / DAY
    lost = 0.5 * np.log1p(days.fillna(0))
    assert_allclose(mastery_logit(p), mastery_logit(p0) - lost, atol=1e-9)
    assert (y <= y0).all()
    assert lost.max() > 1


def test_discrimination_stretches_what_is_left_after_forgetting():
    options = {"n_items": 40, "times": True, "forgetting": 0.5}
    X, _, p, items = make_items(100, difficulty_scale=0, **options)
    alike = {"item_scale": 0, "discrimination_scale": 0}
    _, _, p0, _ = make_items(100, difficulty_scale=0, **options, **alike)
    own = items.loc[X["item_id"].astype(str)]
    expected = own["discrimination"] * mastery_logit(p0) - own["difficulty"]
    assert_allclose(mastery_logit(p), expected, atol=1e-9)


# Refusals


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"n_items": 9},
            "n_items=9 is below n_skills=10; expected an item for each skill at least: "
            "n_items=10 or more.",
        ),
        (
            {"return_items": True},
            "return_items=True was given without items; say how many: n_items=100.",
        ),
        (
            {"forgetting": 0.5},
            "forgetting=0.5 needs to know when answers were given; call with "
            "times=True.",
        ),
        ({"n_items": 0}, "The 'n_items' parameter of make_interactions must be"),
        ({"item_scale": -1}, "The 'item_scale' parameter of make_interactions must be"),
    ],
)
def test_what_does_not_go_together_is_refused(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        make_interactions(**options)


@pytest.mark.parametrize(
    ("options", "n_returned"),
    [
        ({"n_items": 20}, 2),
        ({"n_items": 20, "return_items": True}, 3),
        ({"n_items": 20, "return_items": True, "return_proba": True}, 4),
        ({"times": True, "forgetting": 1}, 2),
    ],
)
def test_repaired_calls_work_and_return_what_is_asked_for(options, n_returned):
    returned = make_interactions(5, **options, random_state=0)
    assert len(returned) == n_returned
    if n_returned > 2:
        assert isinstance(returned[-1], pd.DataFrame)
