"""The model of a course that the docstring of make_course promises, counted out."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ._course import ACTIVITY, assert_mean_close, draw


def by_week(weeks, column):
    """Return a column as an array with a row for each student."""
    return weeks.pivot(index="user_id", columns="week", values=column).to_numpy()


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
