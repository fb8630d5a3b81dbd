"""What the docstring of make_course promises, counted out."""

import re
import time

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal, assert_series_equal
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sktrace import Sequences
from sktrace.datasets import make_course

ACTIVITY = ["study_hours", "videos_watched", "problems_attempted", "days_active"]


def draw(n_students=200, n_weeks=10, **parameters):
    """Return the weeks with what is hidden at their side, passed, and p."""
    weeks, passed, truth = make_course(
        n_students, n_weeks, return_truth=True, **{"random_state": 0, **parameters}
    )
    return weeks.join(truth.weeks), passed, truth.pass_probability


def by_week(weeks, column):
    """Return a column as an array with a row for each student."""
    return weeks.pivot(index="user_id", columns="week", values=column).to_numpy()


def assert_mean_close(values, expected, *, sigmas=4.5):
    """Compare the mean of independent values with what it should be."""
    error = np.std(values) / np.sqrt(np.size(values))
    assert_allclose(np.mean(values), expected, atol=sigmas * error)


# --- engagement and knowledge ------------------------------------------------------


@pytest.mark.parametrize("persistence", [0, 0.5, 0.8, 1])
def test_engagement_is_as_varied_and_as_lasting_in_each_week(persistence):
    weeks, _, _ = draw(20_000, 6, engagement_scale=1.5, persistence=persistence)
    engagement = by_week(weeks, "engagement")
    # Six standard errors of a standard deviation and of a correlation.
    assert_allclose(engagement.std(axis=0), 1.5, rtol=6 / np.sqrt(2 * 20_000))
    assert_allclose(engagement.mean(axis=0), 0, atol=6 * 1.5 / np.sqrt(20_000))
    apart = abs(np.subtract.outer(range(6), range(6)))
    correlation = np.corrcoef(engagement, rowvar=False)
    assert_allclose(correlation, float(persistence) ** apart, atol=6 / np.sqrt(20_000))


def test_surprises_are_independent_of_the_past():
    engagement = by_week(draw(20_000, 3)[0], "engagement")
    surprise = engagement[:, 2] - 0.8 * engagement[:, 1]
    assert_allclose(surprise.std(), 0.6, rtol=0.03)  # sqrt(1 - 0.8²)
    for week in (0, 1):
        assert abs(np.corrcoef(surprise, engagement[:, week])[0, 1]) < 0.03


def test_knowledge_is_ability_plus_what_is_left_of_efforts():
    weeks, _, _ = draw(2000, 8, ability_scale=2, learning=0.3)
    engagement, knowledge = by_week(weeks, "engagement"), by_week(weeks, "knowledge")
    ability = knowledge[:, 0] - 0.3 * engagement[:, 0]
    assert_allclose(ability.std(), 2, rtol=0.1)
    assert abs(np.corrcoef(ability, engagement[:, 0])[0, 1]) < 0.1
    for week in range(8):
        left = 0.7 ** (week - np.arange(week + 1))
        expected = ability + 0.3 * (engagement[:, : week + 1] @ left)
        assert_allclose(knowledge[:, week], expected, atol=1e-12)


def test_without_learning_knowledge_is_ability():
    knowledge = by_week(draw(learning=0)[0], "knowledge")
    assert_array_equal(knowledge, np.repeat(knowledge[:, :1], 10, axis=1))


def test_without_any_scale_all_are_alike():
    weeks, _, p = draw(ability_scale=0, engagement_scale=0)
    assert_array_equal(weeks[["engagement", "knowledge"]], 0)
    assert_allclose(p, expit(0.5))


# --- activity ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "mean", "variance"),
    [
        ("study_hours", lambda e: 4 * np.exp(e / 2), lambda m: m**2 / 4),
        ("videos_watched", lambda e: 5 * np.exp(e / 2), lambda m: m),
        ("problems_attempted", lambda e: 8 * np.exp(0.7 * e), lambda m: m),
        ("days_active", lambda e: 7 * expit(e), lambda m: m * (1 - m / 7)),
    ],
)
def test_activity_follows_engagement(column, mean, variance):
    weeks, _, _ = draw(20_000, 3)
    weeks = weeks[weeks["engagement"] < 3]  # beyond, the mean soon grows no more
    expected = mean(weeks["engagement"])
    surprise = (weeks[column] - expected) / np.sqrt(variance(expected))
    for _, part in surprise.groupby(pd.qcut(weeks["engagement"], 5)):
        assert_mean_close(part, 0)
        assert_mean_close(part**2, 1)


def test_activity_is_skewed_as_logs_are():
    weeks, _, _ = draw(5000)
    for column in ACTIVITY[:3]:
        assert weeks[column].median() < 0.9 * weeks[column].mean()
        assert (weeks[column] >= 0).all()
    assert set(weeks["days_active"]) == set(range(8))


def test_nobody_does_more_than_ten_times_the_usual():
    weeks, _, _ = draw(1000, engagement_scale=1e6)
    busy = weeks[weeks["engagement"] > 1e5]
    assert_mean_close(busy["study_hours"], 40)
    assert_mean_close(busy["videos_watched"], 50)
    assert_mean_close(busy["problems_attempted"], 80)
    assert (busy["days_active"] == 7).all()


def test_where_all_are_engaged_alike_activity_tells_nothing():
    weeks, passed, p = draw(4000, engagement_scale=0)
    total = weeks.groupby("user_id")[ACTIVITY].sum()
    missed = weeks["quiz_grade"].isna().groupby(weeks["user_id"]).sum()
    for count in [*(total[column] for column in ACTIVITY), missed]:
        assert abs(np.corrcoef(count, p)[0, 1]) < 4.5 / np.sqrt(4000)
        assert abs(roc_auc_score(passed, count) - 0.5) < 0.04


# --- quizzes -----------------------------------------------------------------------


def test_grades_average_what_is_expected():
    weeks, _, _ = draw(20_000)
    weeks = weeks.dropna()
    rest = weeks["quiz_grade"] - weeks["expected_grade"]
    parts = rest.groupby(pd.cut(weeks["expected_grade"], np.arange(11)))
    assert len(parts) == 10
    for _, part in parts:
        # Rounding moves the mean of a clipped grade, if by little.
        assert abs(part.mean()) < 4.5 * part.std() / np.sqrt(part.size) + 0.003


@pytest.mark.parametrize("noise", [0.5, 3, 1e5])
def test_expected_grade_is_the_mean_of_the_clipped_one(noise):
    # A million noises for each of a few scores, the slow and plain way.
    exact, _, _ = draw(6, 1, noise=0)
    noisy, _, _ = draw(6, 1, noise=noise)
    luck = np.random.RandomState(1).standard_normal(1_000_000)
    for score, expected in zip(
        exact["expected_grade"], noisy["expected_grade"], strict=True
    ):
        assert_mean_close(np.clip(score + noise * luck, 0, 10), expected)


def test_without_noise_a_grade_is_the_logistic_of_knowledge_less_difficulty():
    weeks, _, _ = draw(5, 400, noise=0, missing=0)
    assert_allclose(weeks["quiz_grade"], weeks["expected_grade"], atol=0.05 + 1e-9)
    difficulty = 1 + weeks["knowledge"] - logit(weeks["expected_grade"] / 10)
    by_quiz = difficulty.groupby(weeks["week"])
    assert (by_quiz.max() - by_quiz.min()).max() < 1e-6  # the same for all students
    assert_mean_close(by_quiz.first(), 0)
    assert_allclose(by_quiz.first().std(), 0.5, rtol=4.5 / np.sqrt(2 * 400))


@pytest.mark.parametrize("noise", [0, 1e-300, 1e-10, 1, 1e6])
def test_grades_stay_within_their_scale(noise):
    weeks, _, _ = draw(noise=noise, ability_scale=10)
    assert weeks["expected_grade"].between(0, 10).all()
    grade = weeks["quiz_grade"].dropna()
    assert grade.between(0, 10).all()
    assert_array_equal(grade, grade.round(1))


@pytest.mark.parametrize("engagement_scale", [0, 1, 4])
@pytest.mark.parametrize("missing", [0, 0.15, 0.6])
def test_the_share_asked_of_the_quizzes_is_missed(missing, engagement_scale):
    weeks, _, _ = draw(
        20_000, 4, missing=missing, engagement_scale=engagement_scale, persistence=0
    )
    assert_mean_close(weeks["quiz_grade"].isna(), missing)


def test_the_engaged_miss_fewer_quizzes():
    weeks, _, _ = draw(5000)
    missed = weeks["quiz_grade"].isna()
    rate = missed.groupby(pd.qcut(weeks["engagement"], 4, labels=False)).mean()
    assert rate.is_monotonic_decreasing
    assert rate.iloc[0] > 0.35
    assert rate.iloc[-1] < 0.02
    # So what is missing would have been worse.
    assert weeks["expected_grade"][missed].mean() < 6
    assert weeks["expected_grade"][~missed].mean() > 7


def test_what_is_missed_tells_of_a_grade_by_engagement_alone():
    weeks, _, _ = draw(5000, learning=0)
    missed = weeks["quiz_grade"].isna()
    assert abs(np.corrcoef(missed, weeks["knowledge"])[0, 1]) < 0.05


# --- the exam ----------------------------------------------------------------------


def test_as_many_pass_as_their_probabilities_say():
    _, passed, p = draw(40_000, 4)
    decile = pd.qcut(p, 10, labels=False)
    observed, expected = passed.groupby(decile).mean(), p.groupby(decile).mean()
    error = np.sqrt((p * (1 - p)).groupby(decile).sum()) / decile.value_counts()
    assert (abs(observed - expected) < 4.5 * error).all()
    assert_mean_close(passed - p, 0)


def test_the_exam_asks_for_knowledge_after_the_last_week():
    weeks, _, p = draw(n_weeks=7)
    last = weeks[weeks["week"] == 7].set_index("user_id")["knowledge"]
    assert_allclose(logit(p), 2 * last + 0.5)


# --- what it is made for -----------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_default_course_is_worth_modelling(seed):
    weeks, passed, p = draw(2000, random_state=seed)
    assert 0.5 < passed.mean() < 0.65
    best = roc_auc_score(passed, p)
    assert 0.9 < best < 0.95

    early = weeks[weeks["week"] <= 5].fillna({"quiz_grade": 0})
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1))
    read = [*ACTIVITY, "quiz_grade"]
    each_week = early.pivot(index="user_id", columns="week", values=read)
    means = early.groupby("user_id")[read].mean()
    by_weeks, by_means = (
        cross_val_score(model, X, passed, cv=5, scoring="roc_auc").mean()
        for X in (each_week, means)
    )
    assert 0.7 < by_means < by_weeks < best - 0.05  # what came when matters

    taken = weeks.dropna()
    earlier = taken.groupby("user_id")["quiz_grade"]
    n, mean = earlier.cumcount(), taken["quiz_grade"].mean()
    so_far = (earlier.cumsum() - taken["quiz_grade"] + mean) / (n + 1)
    assert 0.83 < r2_score(taken["quiz_grade"], taken["expected_grade"]) < 0.9
    assert 0.35 < r2_score(taken["quiz_grade"], so_far) < 0.6


# --- the tables --------------------------------------------------------------------


def test_weeks_follow_the_contract():
    weeks, passed, truth = make_course(30, 6, return_truth=True, random_state=0)
    assert list(weeks.columns) == ["user_id", "week", *ACTIVITY, "quiz_grade"]
    floats = {"study_hours", "quiz_grade"}
    for column in weeks:
        assert weeks[column].dtype == (float if column in floats else np.int64)
    assert_array_equal(weeks.index, np.arange(180))
    assert_array_equal(weeks["user_id"], np.repeat(np.arange(30), 6))
    assert_array_equal(weeks["week"], np.tile(np.arange(1, 7), 30))
    assert not weeks.drop(columns="quiz_grade").isna().any(axis=None)

    index = pd.Index(np.arange(30), name="user_id")
    assert_array_equal(passed, passed.astype(bool))
    assert (passed.name, passed.dtype) == ("passed", np.int64)
    pd.testing.assert_index_equal(passed.index, index)

    assert set(truth) == {"weeks", "pass_probability"}
    names = ["engagement", "knowledge", "expected_grade"]
    assert list(truth.weeks.columns) == names
    pd.testing.assert_index_equal(truth.weeks.index, weeks.index)
    assert not truth.weeks.isna().any(axis=None)
    pd.testing.assert_index_equal(truth.pass_probability.index, index)


def test_passed_is_in_the_order_of_sequences():
    weeks, passed = make_course(30, 6, random_state=0)
    sequences = Sequences.from_frame(weeks, by="user_id", order="week")
    assert len(sequences) == 30
    assert_array_equal(passed.index, list(weeks.groupby("user_id").groups))


def test_without_return_truth_two_things_come_back():
    weeks, passed = make_course(random_state=0)
    again, passed_again, _ = make_course(random_state=0, return_truth=True)
    assert_frame_equal(weeks, again)
    assert_series_equal(passed, passed_again)


def test_smallest_course():
    weeks, passed, p = draw(1, 1)
    assert (weeks.shape, passed.shape, p.shape) == ((1, 10), (1,), (1,))


# --- randomness --------------------------------------------------------------------


def test_same_seed_same_course():
    first, second = make_course(random_state=5), make_course(random_state=5)
    assert_frame_equal(first[0], second[0])
    assert_series_equal(first[1], second[1])
    assert not make_course(random_state=6)[0].equals(first[0])


def test_a_generator_moves_on_from_call_to_call():
    rng = np.random.RandomState(5)
    first, second = make_course(random_state=rng), make_course(random_state=rng)
    assert_frame_equal(first[0], make_course(random_state=5)[0])
    assert not first[0].equals(second[0])


def test_numpys_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, second = make_course()[0], make_course()[0]
    make_course(random_state=0)
    assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    assert not first.equals(second)


def test_a_longer_course_begins_with_the_same_weeks():
    longer, _, _ = draw(n_weeks=10)
    shorter, _, _ = draw(n_weeks=5)
    begin = longer[longer["week"] <= 5].reset_index(drop=True)
    assert_frame_equal(begin, shorter)


@pytest.mark.parametrize(
    ("changed", "affected"),
    [
        ({"noise": 3}, {"expected_grade", "quiz_grade"}),
        ({"missing": 0.4}, {"quiz_grade"}),
        ({"learning": 2}, {"knowledge", "expected_grade", "quiz_grade"}),
        ({"ability_scale": 0}, {"knowledge", "expected_grade", "quiz_grade"}),
        (
            {"engagement_scale": 2},
            {*ACTIVITY, "engagement", "knowledge", "expected_grade", "quiz_grade"},
        ),
        (
            {"persistence": 0.1},
            {*ACTIVITY, "engagement", "knowledge", "expected_grade", "quiz_grade"},
        ),
    ],
)
def test_one_seed_makes_a_controlled_experiment(changed, affected):
    (before, *_), (after, *_) = draw(), draw(**changed)
    differs = {column for column in before if not before[column].equals(after[column])}
    assert differs == affected


def test_one_seed_shares_luck():
    # The same students are the engaged ones, only more so, and nobody's luck changes.
    once, twice = draw()[0], draw(engagement_scale=2)[0]
    assert_allclose(twice["engagement"], 2 * once["engagement"])
    up = once["engagement"] > 0
    for column in ACTIVITY:
        assert (twice[column] >= once[column])[up].all()
        assert (twice[column] <= once[column])[~up].all()
    often, seldom = draw(missing=0.4)[0], draw(missing=0.1)[0]
    missed = seldom["quiz_grade"].isna()
    assert often["quiz_grade"][missed].isna().all()
    taken = often["quiz_grade"].notna()
    assert_array_equal(often["quiz_grade"][taken], seldom["quiz_grade"][taken])


@pytest.mark.parametrize("changed", [{"learning": 1}, {"n_weeks": 14}])
def test_one_seed_shares_luck_in_the_exam(changed):
    _, passed, p = draw()
    _, passed_then, p_then = draw(**changed)
    better = p_then >= p
    assert (passed_then >= passed)[better].all()
    assert (passed_then <= passed)[~better].all()
    assert 0 < better.mean() < 1


# --- refusals ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        ("n_students", 0, "an int in the range [1, inf)"),
        ("n_students", 10.0, "an int in the range [1, inf)"),
        ("n_weeks", 0, "an int in the range [1, inf)"),
        ("ability_scale", -1, "a float in the range [0.0, inf)"),
        ("engagement_scale", np.inf, "a float in the range [0.0, inf)"),
        ("persistence", 1.1, "a float in the range [0.0, 1.0]"),
        ("persistence", -0.5, "a float in the range [0.0, 1.0]"),
        ("learning", "fast", "a float in the range [0.0, inf)"),
        ("noise", np.nan, "a float in the range [0.0, inf)"),
        ("missing", 1, "a float in the range [0.0, 1.0)"),
        ("missing", None, "a float in the range [0.0, 1.0)"),
    ],
)
def test_values_out_of_range_are_refused(parameter, value, expected):
    message = (
        f"The '{parameter}' parameter of make_course must be {expected}. "
        f"Got {value!r} instead."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        make_course(**{parameter: value})


# --- size --------------------------------------------------------------------------


def test_large_courses_are_quick_and_small():
    start = time.perf_counter()
    weeks, _ = make_course(10_000, 15, random_state=0)
    assert time.perf_counter() - start < 10  # 1 s on one idle core
    assert weeks.memory_usage(deep=True).sum() < 60 * len(weeks)
