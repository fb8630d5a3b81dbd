"""Columns of numbers, and those that are the answer in another form."""

import re

import numpy as np
import pandas as pd
import pytest

from sktrace._interactions.numbers import check_features, check_numbers, refuse_answers


def test_several_columns_become_one_table():
    X = pd.DataFrame({"week": [1, 2], "hint": [True, False], "hard": [0.5, None]})
    table = check_features(X, list(X), "features")
    np.testing.assert_array_equal(table, [[1, 1, 0.5], [2, 0, np.nan]])
    one = check_features(X["week"], "week", "features")
    np.testing.assert_array_equal(one, [[1], [2]])
    with pytest.raises(ValueError, match=r"'hard' \(features\) has dtype"):
        check_features(X[["hard", "week"]].astype(object), ["hard", "week"], "features")
    with pytest.raises(ValueError, match=r"'hard' \(features\) is infinite in 2 rows"):
        check_features(X / 0, ["hard"], "features")


@pytest.fixture
def correct():
    return np.random.default_rng(0).integers(0, 2, 400).astype(float)


DISGUISES = {
    "itself": lambda c, _: c,
    "the other": lambda c, _: 1 - c,
    "percent, often missing": lambda c, rng: np.where(
        rng.uniform(size=len(c)) < 0.7, np.nan, 100 * c
    ),
    "points": lambda c, rng: c * rng.uniform(1, 5, len(c)),
    "more time if wrong": lambda c, rng: 60 * (1 - c) + rng.uniform(0, 50, len(c)),
    "when it was first right": lambda c, _: np.where(c == 1, np.arange(len(c)), np.nan),
    "missing if wrong": lambda c, rng: np.where(
        c == 1, rng.integers(0, 9, len(c)), np.nan
    ),
    "codes": lambda c, rng: c + 2 * rng.integers(0, 3, len(c)),
    "but for one row": lambda c, _: np.append(1 - c[0], c[1:]),
}


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES)
def test_the_answer_in_another_form_is_refused(correct, disguise):
    rng = np.random.default_rng(1)
    column = disguise(np.repeat(correct, 3), rng)
    features = np.column_stack([rng.normal(size=len(column)), column])
    message = r"'b' \(features\) tells the answer.*past_features=\['b'\]"
    with pytest.raises(ValueError, match=message):
        refuse_answers(features, ["a", "b"], np.repeat(correct, 3))


def test_features_are_of_a_size_that_can_be_squared():
    X = pd.DataFrame({"large": [1e300, 0.0], "tiny": [0.0, 5e-300], "none": 0.0})
    assert check_features(X["none"], "none", "features").tolist() == [[0], [0]]
    for name in ("large", "tiny"):
        with pytest.raises(ValueError, match=rf"'{name}' \(features\) goes up") as told:
            check_features(X[name], name, "features")
        repair = re.search(r"unit: (.*)\.$", str(told.value)).group(1)
        exec(repair, {"X": X})
        assert np.abs(check_features(X[name], name, "features")).max() == 1


@pytest.mark.parametrize("kind", ["object", "category"])
def test_numbers_in_other_guises_are_refused_and_the_repair_works(kind):
    X = pd.DataFrame({"week": pd.Series([1, 2], dtype=kind)})
    with pytest.raises(ValueError, match=r"'week' \(features\) has dtype") as told:
        check_features(X["week"], "week", "features")
    repair = re.search(r"numeric: (.*)\.$", str(told.value)).group(1)
    exec(repair, {"X": X, "pd": pd})
    assert check_features(X["week"], "week", "features").tolist() == [[1], [2]]


def test_what_only_hints_at_the_answer_is_read(correct):
    rng = np.random.default_rng(1)
    hint = correct + rng.normal(size=len(correct))
    often = np.where(rng.uniform(size=len(correct)) < 0.02, 1 - correct, correct)
    own = np.arange(len(correct))  # tells each row from all others, and no answer
    constant = np.zeros(len(correct))
    missing = np.full(len(correct), np.nan)
    features = np.column_stack([hint, often, own, constant, missing])
    refuse_answers(features, list("abcde"), correct)


def test_a_few_rows_tell_nothing(correct):
    few = np.array([0, 1] * 9, dtype=float)
    refuse_answers(few[:, None], ["a"], few)
    same = np.ones_like(correct)
    refuse_answers(same[:, None], ["a"], same)
    # Rows to be forecast are no rows that tell.
    refuse_answers(correct[:, None], ["a"], np.full_like(correct, np.nan))


@pytest.mark.parametrize("dtype", ["complex128", "object"])
def test_complex_numbers_are_refused_and_the_advice_is_taken(dtype):
    X = pd.DataFrame({"n": pd.Series([1 + 0j, 2 + 0j]).astype(dtype)})
    with pytest.raises(ValueError, match="expected numbers") as refused:
        check_numbers(X["n"], "n", "features")
    if dtype == "complex128":
        assert "X['n'] = np.real(X['n'])" in str(refused.value)
        X["n"] = np.real(X["n"])
        assert check_numbers(X["n"], "n", "features").tolist() == [1, 2]
    else:
        assert "Leave it out, or encode it" in str(refused.value)
