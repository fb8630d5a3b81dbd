"""Odd items are found, and others are not called odd."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from sklearn.model_selection import GridSearchCV

from sktrace import MeanClassifier
from sktrace._scores.intervals import wilson
from sktrace.datasets import make_interactions
from sktrace.inspection import item_fit
from sktrace.metrics import question_level
from sktrace.model_selection import StudentKFold

USUAL = "like the others"
ITEMS = {"item": "item_id"}


def draw(rng, n_items=120, n=80, n_skills=4):
    """Draw a log whose true probabilities are known."""
    item = np.tile(np.arange(n_items), n)
    p = expit(rng.normal(0.7, 1.2, size=len(item)))
    X = pd.DataFrame(
        {
            "user_id": np.arange(len(item)) // n_items,
            "order_id": np.arange(len(item)),
            "skill_name": item % n_skills,
            "item_id": [f"p{k}" for k in item],
        }
    )
    return X, answer(rng, p), p, item


def answer(rng, p):
    return (rng.uniform(size=len(p)) < p).astype(int)


@pytest.fixture
def rng():
    return np.random.default_rng(1)


# --- recovered truth ---------------------------------------------------------------


def test_each_kind_of_odd_item_is_found_and_named(rng):
    X, y, p, item = draw(rng, n=150)
    wrong_key, random, hard, easy = (item % 40 == k for k in (0, 9, 18, 27))
    y = np.where(wrong_key, 1 - y, y)
    y = np.where(random, rng.integers(2, size=len(y)), y)
    y = np.where(hard, answer(rng, expit(logit(p) - 2)), y)
    y = np.where(easy, answer(rng, expit(logit(p) + 2.5)), y)
    table = item_fit(p, X, y, **ITEMS)
    verdict = table.loc[[f"p{k}" for k in range(120)], "verdict"].to_numpy()
    found = {kind: set(np.flatnonzero(verdict == kind)) for kind in set(verdict)}
    assert found["backwards"] == {0, 40, 80}
    assert found["too noisy"] == {9, 49, 89}
    assert found["too hard"] == {18, 58, 98}
    assert found["too easy"] == {27, 67, 107}
    # The oddest come first.
    assert set(table.index[:12]) == {f"p{k}" for kind in found for k in found[kind]} - {
        f"p{k}" for k in found[USUAL]
    }
    assert table["p_adjusted"].is_monotonic_increasing


def test_among_usual_items_hardly_any_is_odd_by_chance(rng):
    by_chance = []
    for _ in range(40):
        X, y, p, _ = draw(rng, n_items=60, n=15)
        by_chance.append((item_fit(p, X, y, **ITEMS)["verdict"] != USUAL).any())
    assert np.mean(by_chance) < 0.1  # 5 % of them, give or take


def test_of_the_items_that_are_called_odd_few_are_not(rng):
    false, n_odd = 0, 0
    for _ in range(20):
        X, y, p, item = draw(rng, n_items=60, n=60)
        wrong = item < 6
        y = np.where(wrong, 1 - y, y)
        verdict = item_fit(p, X, y, rate=0.2, **ITEMS)["verdict"]
        odd = verdict.index[verdict != USUAL]
        false += (~odd.isin([f"p{k}" for k in range(6)])).sum()
        n_odd += len(odd)
    assert n_odd > 120
    assert false / n_odd < 0.2


def test_a_tracer_that_knows_no_items_has_no_odd_ones_for_that(rng):
    X, _, p, item = draw(rng, n=200)
    p_item = expit(logit(p) + rng.normal(0, 1, size=120)[item])
    table = item_fit(p, X, answer(rng, p_item), **ITEMS)
    assert (table["verdict"] == USUAL).mean() > 0.98
    assert table["harder"].std() == pytest.approx(1, abs=0.2)


def test_a_whole_skill_that_is_mistaken_is_not_the_fault_of_its_items(rng):
    X, _, p, _ = draw(rng)
    y = answer(rng, np.where(X["skill_name"] == 2, expit(logit(p) - 1.5), p))
    table = item_fit(p, X, y, **ITEMS)
    assert (table["verdict"] == USUAL).all()
    assert (table.loc[table["skill"] == 2, "harder"] > 0.5).all()


def test_items_and_discriminations_of_make_interactions_are_found_again():
    X, _, p, items = make_interactions(
        n_students=400,
        n_items=40,
        item_scale=0.5,
        discrimination_scale=0,
        return_proba=True,
        return_items=True,
        random_state=0,
    )
    flat = X["item_id"] == items.index[7]
    rng = np.random.default_rng(0)
    y = answer(rng, np.where(flat, p[flat].mean(), p))
    table = item_fit(p, X, y, **ITEMS)
    assert table.index[0] == items.index[7]
    assert table["verdict"].iloc[0] == "too noisy"
    assert (table["verdict"].iloc[1:] == USUAL).all()


# --- what is counted ---------------------------------------------------------------


@pytest.fixture
def small():
    X = pd.DataFrame(
        {
            "user_id": [1, 1, 1, 2, 2, 2, 2],
            "order_id": [0, 0, 1, 0, 1, 1, 2],
            "skill_name": ["a", "b", "a", "a~~c", "a", "b", "c"],
            "item_id": ["p", "p", "q", "p", "p", "q", None],
        }
    )
    return X, [1, 1, 0, 0, 1, 1, 1], [0.75, 0.25, 0.4, 0.6, 0.8, 0.5, 0.9]


def test_a_question_counts_once_and_an_item_has_its_most_frequent_skill(small):
    X, y, p = small
    table = item_fit(p, X, y, **ITEMS).loc[["p", "q"]]
    assert table["n_answers"].tolist() == [3, 2]
    assert table["skill"].tolist() == ["a", "a"]
    np.testing.assert_allclose(table["observed"], [2 / 3, 1 / 2])
    np.testing.assert_allclose(table["predicted"], [1.9 / 3, 0.45])
    np.testing.assert_allclose(
        table[["low", "high"]].T, wilson(table["observed"], table["n_answers"])
    )
    outfit = np.mean([1, 0.6 / 0.4, 0.2 / 0.8])  # of p = .5, .6 and .8
    assert table.loc["p", "outfit"] == pytest.approx(outfit)
    assert table.index.name == "item_id"
    assert (table["verdict"] == "too few answers").all()
    assert table[["p_adjusted", "harder_z", "discrimination_z"]].isna().all(axis=None)


def test_questions_are_those_of_question_level(rng):
    n = 500
    X = pd.DataFrame(rng.integers(5, size=(n, 3)), columns=["user_id", "order_id", "k"])
    X = X.assign(skill_name=rng.integers(3, size=n), item_id=X["k"].astype(str))
    y, p = rng.integers(2, size=n), rng.uniform(0.1, 0.9, size=n)
    table = item_fit(p, X, y, **ITEMS)
    for item, own in X.groupby("item_id"):
        target, mean = question_level(own, y[own.index], p[own.index], **ITEMS)
        counted = table.loc[item, ["n_answers", "observed", "predicted"]]
        expected = [len(target), target.mean(), mean.mean()]
        np.testing.assert_allclose(counted.astype(float), expected)


def test_rows_without_a_target_or_a_skill_are_no_error(small):
    X, y, p = small
    table = item_fit(p, X, [1, 1, np.nan, 0, 1, 1, 1], **ITEMS)
    assert table.loc["q", "n_answers"] == 1
    one_skill = item_fit(p, X.assign(skill_name=None), y, **ITEMS)
    assert one_skill["skill"].isna().all()
    assert one_skill["n_answers"].sum() == 5


def test_no_verdict_rests_on_few_answers(rng):
    X, y, p, item = draw(rng, n_items=30, n=12)
    y = np.where(item == 3, 0, y)
    kept = (item > 5) | (np.arange(len(item)) < 100)
    table = item_fit(p[kept], X[kept], y[kept], min_answers=12, **ITEMS)
    few = table["n_answers"] < 12
    assert few.sum() == 6
    assert (table.loc[few, "verdict"] == "too few answers").all()
    assert table.index[-6:].isin(table.index[few]).all()


def test_the_form_of_the_frame_means_nothing(rng):
    X, y, p, _ = draw(rng, n_items=20, n=20)
    expected = item_fit(p, X, y, **ITEMS)
    rows = rng.permutation(len(X))
    untouched = X.copy()
    other = X.iloc[rows].astype({"item_id": "category"})
    found = item_fit(p[rows], other, y[rows], **ITEMS)
    pd.testing.assert_frame_equal(found.sort_index(), expected.sort_index())
    pd.testing.assert_frame_equal(X, untouched)
    named = X.assign(item_id=[("p", k) for k in X["item_id"]])
    found = item_fit(p, named, y, **ITEMS)
    assert found.index.tolist() == [("p", k) for k in expected.index]


def test_an_estimator_says_which_columns_to_read(rng):
    X, y, _, _ = draw(rng, n_items=20, n=20)
    X = X.rename(columns={"user_id": "who", "order_id": "t", "skill_name": "kc"})
    X = X.assign(correct=y)
    roles = {"student": "who", "order": "t", "skill": "kc"}
    mean = MeanClassifier(**roles).fit(X, y)
    expected = item_fit(mean.predict_proba(X), X, y, **ITEMS, **roles)
    pd.testing.assert_frame_equal(item_fit(mean, X, y, **ITEMS), expected)
    cv = StudentKFold(2, student="who")
    search = GridSearchCV(mean, {"strength": [5.0]}, cv=cv).fit(X, y)
    pd.testing.assert_frame_equal(item_fit(search, X, y, **ITEMS), expected)
    words = np.where(y == 1, "yes", "no")
    worded = MeanClassifier(**roles).fit(X, words)
    pd.testing.assert_frame_equal(item_fit(worded, X, words, **ITEMS), expected)


# --- what is refused ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"item": None},
            "item=None, and ndarray reads no column of items; expected the name of "
            "one: item_fit(..., item=...).",
        ),
        ({"item": "problem"}, "X has no column 'problem' (item); got the columns"),
        ({"order": "time"}, "X has no column 'time' (order); got the columns"),
        (
            {"item": "empty"},
            "Column 'empty' (item) names none in the rows that have a target; expected "
            "the item that was answered. Name the column that holds it: item=...",
        ),
    ],
)
def test_what_names_no_item_is_refused(small, change, message):
    X, y, p = small
    X = X.assign(empty=None)
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        item_fit(np.array(p), X, y, **(ITEMS | change))


def test_what_is_no_number_of_answers_and_no_rate_is_refused(small):
    X, y, p = small
    for odd in ({"min_answers": 0}, {"rate": 0.0}, {"rate": 1}):
        with pytest.raises(ValueError, match=f"'{next(iter(odd))}' parameter"):
            item_fit(p, X, y, **ITEMS, **odd)
    with pytest.raises(TypeError, match="expected a pandas DataFrame"):
        item_fit(p, X.to_numpy(), y, **ITEMS)
