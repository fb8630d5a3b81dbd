"""What the docstring of make_interactions promises, counted out."""

import re
import time

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from scipy.special import logit
from sklearn.metrics import roc_auc_score

from sktrace.datasets import make_interactions


def mastery_logit(p, slip=0.1, guess=0.15):
    """Solve p = guess + (1 - guess - slip) * sigmoid(z) for z."""
    return logit((p - guess) / (1 - guess - slip))


def practice(X):
    """Count a student's earlier answers on the skill, the slow and plain way."""
    return X.groupby(["user_id", "skill_name"], observed=True).cumcount().to_numpy()


def run_lengths(X):
    """Count how many answers in a row stay on one skill."""
    skill = X["skill_name"].cat.codes
    starts = (skill != skill.shift()) | (X["order_id"] == 0)
    return np.diff(np.append(np.flatnonzero(starts), len(X)))


# The model


def test_answers_are_as_frequent_as_their_probabilities():
    _, y, p = make_interactions(4000, return_proba=True, random_state=0)
    bins = pd.cut(p, 20)
    observed = pd.Series(y).groupby(bins, observed=True).mean()
    expected = pd.Series(p).groupby(bins, observed=True).mean()
    variance = pd.Series(p * (1 - p)).groupby(bins, observed=True).agg(["sum", "size"])
    standard_error = np.sqrt(variance["sum"]) / variance["size"]
    assert (abs(observed - expected) < 4 * standard_error).all()


def test_logit_is_ability_minus_difficulty_plus_learning():
    # Without personal bents, students, skills and skills times log practice explain
    # the logit without a rest, and the learning rates lie where they should.
    X, _, p = make_interactions(
        60, 6, profile_scale=0, learning=0.8, return_proba=True, random_state=1
    )
    students = pd.get_dummies(X["user_id"], dtype=float)
    skills = pd.get_dummies(X["skill_name"], dtype=float)
    learnt = skills.mul(np.log1p(practice(X)), axis=0)
    design = np.hstack([students, skills, learnt])
    solution, *_ = np.linalg.lstsq(design, mastery_logit(p), rcond=None)
    assert_allclose(design @ solution, mastery_logit(p), atol=1e-9)
    rate = solution[-6:]
    assert ((rate >= 0.4) & (rate <= 1.2)).all()
    assert np.ptp(rate) > 0.1


def test_better_students_are_better_at_every_skill():
    X, _, p = make_interactions(
        30, 4, profile_scale=0, learning=0, return_proba=True, random_state=0
    )
    table = pd.DataFrame(X).assign(p=p)
    table = table.pivot_table("p", "user_id", "skill_name", observed=True).dropna()
    rank = table.rank()
    assert len(rank) > 10
    for skill in rank:
        assert_array_equal(rank[skill], rank.iloc[:, 0])


def test_a_personal_bent_breaks_the_common_ranking():
    X, _, p = make_interactions(
        30, 4, profile_scale=2, learning=0, return_proba=True, random_state=0
    )
    table = X.assign(p=p).pivot_table("p", "user_id", "skill_name", observed=True)
    assert table.dropna().corr("spearman").to_numpy().min() < 0.9


@pytest.mark.parametrize(
    ("parameter", "what"),
    [("ability_scale", "user_id"), ("difficulty_scale", "skill_name")],
)
def test_scales_are_standard_deviations_in_logits(parameter, what):
    # One answer for each of 4,000 students, or skills: nothing else varies.
    none = {"ability_scale": 0, "profile_scale": 0, "difficulty_scale": 0}
    X, _, p = make_interactions(
        4000,
        n_skills=4000,
        n_attempts=1,
        return_proba=True,
        random_state=0,
        **{**none, parameter: 1.5},
    )
    first = ~X.duplicated(what)
    z = mastery_logit(p)[first]
    # 6 % is four standard errors of a standard deviation from 2,500 numbers.
    assert_allclose(z.std(), 1.5, rtol=0.06)
    assert_allclose(z.mean(), 0, atol=4 * 1.5 / np.sqrt(z.size))


def test_practice_raises_the_probability_and_nothing_else_does():
    X, _, p = make_interactions(50, return_proba=True, random_state=0)
    gain = pd.Series(p).groupby([X["user_id"], X["skill_name"].astype(str)]).diff()
    assert (gain.dropna() > 0).all()
    _, _, p = make_interactions(50, learning=0, return_proba=True, random_state=0)
    gain = pd.Series(p).groupby([X["user_id"], X["skill_name"].astype(str)]).diff()
    assert (gain.dropna() == 0).all()


def test_slip_and_guess_bound_the_probability():
    extreme = {"ability_scale": 100, "return_proba": True, "random_state": 0}
    _, _, p = make_interactions(slip=0.05, guess=0.25, **extreme)
    assert p.min() >= 0.25
    assert p.max() <= 0.95
    assert_allclose([p.min(), p.max()], [0.25, 0.95], atol=1e-12)
    _, y, p = make_interactions(slip=0, guess=0, **extreme)
    assert_allclose([p.min(), p.max()], [0, 1], atol=1e-12)
    assert_array_equal(y[p < 1e-9], 0)


def test_one_seed_makes_a_controlled_experiment():
    # Only the effect differs between the two classes, so nobody does worse in the
    # class that learns.
    X0, y0, p0 = make_interactions(learning=0, return_proba=True, random_state=3)
    X1, y1, p1 = make_interactions(learning=1, return_proba=True, random_state=3)
    columns = ["user_id", "order_id", "skill_name"]
    assert_frame_equal(X0[columns], X1[columns])
    assert (p1 >= p0).all()
    assert (y1 >= y0).all()
    assert y1.sum() > y0.sum()


@pytest.mark.parametrize("seed", range(5))
def test_default_class_is_worth_modelling(seed):
    X, y, p = make_interactions(random_state=seed, return_proba=True)
    skill_mean = X["correct"].groupby(X["skill_name"].astype(str)).transform("mean")
    earlier = X.groupby("user_id")["correct"].cumsum() - y
    student_mean = (earlier + 5 * y.mean()) / (X["order_id"] + 5)
    true_auc = roc_auc_score(y, p)
    assert 0.75 < true_auc < 0.85
    assert roc_auc_score(y, skill_mean) < true_auc - 0.05
    assert 0.6 < roc_auc_score(y, student_mean) < true_auc - 0.05
    assert y[practice(X) >= 8].mean() > y[practice(X) == 0].mean() + 0.05


# The frame


@pytest.mark.parametrize("skill_order", ["blocked", "interleaved", "random"])
def test_frame_follows_the_contract(skill_order):
    X, y, p = make_interactions(
        40, 12, skill_order=skill_order, return_proba=True, random_state=0
    )
    assert list(X.columns) == ["user_id", "order_id", "skill_name", "correct"]
    assert_array_equal(X.index, np.arange(len(X)))
    assert X["user_id"].is_monotonic_increasing
    assert_array_equal(X["user_id"].unique(), np.arange(40))
    assert_array_equal(X["order_id"], X.groupby("user_id").cumcount())
    names = [f"skill {number:02d}" for number in range(1, 13)]
    assert list(X["skill_name"].cat.categories) == names
    assert set(X["skill_name"]) == set(names)
    assert isinstance(y, np.ndarray)
    assert (y.dtype, p.dtype) == (np.int64, np.float64)
    assert_array_equal(X["correct"], y)
    assert len(X) == len(y) == len(p)


def test_without_return_proba_two_things_come_back():
    X, y = make_interactions(random_state=0)
    X_again, y_again, _ = make_interactions(random_state=0, return_proba=True)
    assert_frame_equal(X, X_again)
    assert_array_equal(y, y_again)


def test_y_and_the_frame_share_no_memory():
    X, y = make_interactions(random_state=0)
    before = X["correct"].to_numpy(copy=True)
    y[:] = 1 - y
    assert_array_equal(X["correct"], before)


def test_skill_names_sort_by_number():
    X, _ = make_interactions(1, n_skills=1000, random_state=0)
    names = list(X["skill_name"].cat.categories)
    assert names == sorted(names)
    assert (names[0], names[-1]) == ("skill 0001", "skill 1000")


def test_numbers_of_answers_are_skewed():
    X, _ = make_interactions(5000, n_attempts=40, random_state=0)
    n_answers = X.groupby("user_id").size()
    assert_allclose(n_answers.mean(), 40, rtol=0.08)
    assert n_answers.min() >= 1
    assert n_answers.median() < 0.7 * n_answers.mean()
    assert n_answers.max() > 10 * n_answers.mean()


def test_one_answer_each():
    X, _ = make_interactions(7, n_attempts=1, random_state=0)
    assert_array_equal(X["user_id"], np.arange(7))


def test_smallest_class():
    X, y, p = make_interactions(1, 1, n_attempts=1, return_proba=True, random_state=0)
    assert (X.shape, y.shape, p.shape) == ((1, 4), (1,), (1,))


# The order of the skills


def test_blocks_have_the_length_asked_for():
    X, _ = make_interactions(2000, block_length=8, random_state=0)
    # The end of a student's log cuts the last block short.
    last = np.append(np.diff(X["user_id"]) != 0, True)
    whole = ~last[np.cumsum(run_lengths(X)) - 1]
    # Long blocks are cut more often, so the mean of the whole ones is below 8.
    assert 6 < run_lengths(X)[whole].mean() < 8
    rate_of_leaving = whole.sum() / (len(X) - 2000)
    assert_allclose(rate_of_leaving, 1 / 8, rtol=0.03)


def test_interleaved_takes_turns():
    X, _ = make_interactions(50, 5, skill_order="interleaved", random_state=0)
    step = X["skill_name"].cat.codes.groupby(X["user_id"]).diff().dropna()
    assert_array_equal(step.to_numpy() % 5, 1)


def test_blocks_of_one_answer_take_turns_too():
    X, _ = make_interactions(50, 5, block_length=1, random_state=0)
    assert (run_lengths(X) == 1).all()


def test_random_order_draws_each_skill_alike():
    X, _ = make_interactions(1000, 5, skill_order="random", random_state=0)
    share = X["skill_name"].value_counts(normalize=True)
    assert_allclose(share, 0.2, atol=4 * np.sqrt(0.2 * 0.8 / len(X)))
    stays = X["skill_name"].cat.codes.diff() == 0
    assert_allclose(stays.mean(), 0.2, atol=4 * np.sqrt(0.2 * 0.8 / len(X)))


# Randomness


def test_same_seed_same_frame():
    assert_frame_equal(
        make_interactions(random_state=5)[0], make_interactions(random_state=5)[0]
    )
    assert not make_interactions(random_state=6)[0].equals(
        make_interactions(random_state=5)[0]
    )


def test_a_generator_moves_on_from_call_to_call():
    rng = np.random.RandomState(5)
    first, second = (
        make_interactions(random_state=rng),
        make_interactions(random_state=rng),
    )
    assert_frame_equal(first[0], make_interactions(random_state=5)[0])
    assert not first[0].equals(second[0])


def test_numpys_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, second = make_interactions()[0], make_interactions()[0]
    make_interactions(random_state=0)
    assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    assert not first.equals(second)


# Refusals


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        ("n_students", 0, "an int in the range [1, inf)"),
        ("n_students", 10.0, "an int in the range [1, inf)"),
        ("n_skills", -2, "an int in the range [1, inf)"),
        ("n_attempts", 0.5, "a float in the range [1.0, inf)"),
        ("n_attempts", np.inf, "a float in the range [1.0, inf)"),
        ("ability_scale", -1, "a float in the range [0.0, inf)"),
        ("profile_scale", np.nan, "a float in the range [0.0, inf)"),
        ("difficulty_scale", -0.1, "a float in the range [0.0, inf)"),
        ("learning", "fast", "a float in the range [0.0, inf)"),
        ("block_length", 0, "a float in the range [1.0, inf)"),
        ("slip", -0.1, "a float in the range [0.0, 1.0)"),
        ("guess", None, "a float in the range [0.0, 1.0)"),
    ],
)
def test_values_out_of_range_are_refused(parameter, value, expected):
    message = (
        f"The '{parameter}' parameter of make_interactions must be {expected}. "
        f"Got {value!r} instead."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        make_interactions(**{parameter: value})


def test_unknown_order_of_skills_is_refused():
    with pytest.raises(ValueError, match=r"'skill_order' .* Got 'spiral' instead"):
        make_interactions(skill_order="spiral")


def test_masters_must_answer_better_than_guessers():
    message = "slip + guess must be below 1, got slip=0.85 and guess=0.15."
    with pytest.raises(ValueError, match=re.escape(message)):
        make_interactions(slip=0.85)


# Size


def test_a_million_rows_are_quick_and_small():
    start = time.perf_counter()
    X, _ = make_interactions(20_000, 100, n_attempts=50, random_state=0)
    assert time.perf_counter() - start < 10  # 0.4 s on one idle core
    assert len(X) > 900_000
    assert X.memory_usage(deep=True).sum() < 30 * len(X)
