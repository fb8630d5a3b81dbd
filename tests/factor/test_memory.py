"""What is remembered, against plain loops over earlier rows."""

import numpy as np
import pytest
from sklearn.base import clone

from sktrace import AFMClassifier, PFAClassifier
from sktrace._factor.memory import average_before, clock_of, count_before, last_before
from sktrace._factor.rows import Rows
from sktrace._interactions.columns import check_interactions
from sktrace._interactions.timeline import Timeline

from ..conftest import ROLES, proba
from ._logs import with_columns


@pytest.fixture(params=[0, 1, 2])
def remembered(request):
    """A log, its timeline, and of each row a value that may be missing and a time."""
    log = with_columns(seed=request.param, n_steps=14)
    rng = np.random.default_rng(request.param)
    value = np.where(
        rng.uniform(size=len(log)) < 0.3, np.nan, rng.normal(size=len(log))
    )
    time = np.where(
        rng.uniform(size=len(log)) < 0.4, np.nan, rng.integers(0, 99, len(log))
    )
    timeline = Timeline.of(check_interactions(log, ROLES))
    return log, timeline, value, time


def earlier_moments(log, row, told):
    """List the rows of each earlier moment of a row's student, in order."""
    own = log[(log["user_id"] == log["user_id"][row]) & told]
    own = own[own["order_id"] < log["order_id"][row]]
    return [rows.index for _, rows in own.groupby("order_id")]


def test_an_average_is_a_sum_that_fades_with_every_moment(remembered):
    log, timeline, value, _ = remembered
    decays = np.array([0.0, 0.5, 0.9])
    found = average_before(timeline, value[timeline.rows], decays)
    for row in log.index:
        moments = earlier_moments(log, row, ~np.isnan(value))
        ages = np.arange(len(moments))[::-1]
        means = np.array([value[rows].mean() for rows in moments])
        expected = [(1 - d) * np.sum(d**ages * means) for d in decays]
        at = timeline.restore(np.arange(len(log)))[row]
        np.testing.assert_allclose(found[:, at], expected, rtol=0, atol=1e-12)


def test_what_the_last_moment_told_is_its_mean(remembered):
    log, timeline, value, time = remembered
    answered = np.random.default_rng(0).uniform(size=len(log)) < 0.7
    values = np.array([value, time])[:, timeline.rows]
    found = last_before(timeline, values, answered[timeline.rows])
    for row in log.index:
        moments = earlier_moments(log, row, answered)
        expected = [np.nan, np.nan]
        if moments:
            told = [v[moments[-1]][~np.isnan(v[moments[-1]])] for v in (value, time)]
            expected = [v.mean() if len(v) else np.nan for v in told]
        at = timeline.restore(np.arange(len(log)))[row]
        np.testing.assert_allclose(found[:, at], expected, rtol=0, atol=1e-12)


def plain_clock(log, row, time, answered):
    """Return the latest time that is known, or else the first that will be, or 0."""
    moments = earlier_moments(log, row, answered)
    seen = [time[i] for rows in moments for i in rows] + [time[row]]
    if not np.isnan(seen).all():
        return np.nanmax(seen)
    own = log[(log["user_id"] == log["user_id"][row]) & answered & ~np.isnan(time)]
    first = own[own["order_id"] == own["order_id"].min()]
    return time[first.index].max() if len(first) else 0.0


def test_answers_fade_by_a_clock_that_never_goes_back(remembered):
    log, timeline, value, time = remembered
    answered, rows = ~np.isnan(value), timeline.rows
    clock = clock_of(time[rows], timeline, answered[rows])
    counted = count_before(timeline, value[rows][None], clock, 30.0)[0]
    for row in log.index:
        expected, now = 0.0, plain_clock(log, row, time, answered)
        own = (log["user_id"] == log["user_id"][row]) & answered & ~np.isnan(time)
        for moment in earlier_moments(log, row, answered) if own.any() else []:
            for i in moment:
                age = now - plain_clock(log, i, time, answered)
                expected += value[i] * 2 ** (-max(age, 0) / 30)
        if not own.any():  # nothing fades by times that no answer has
            expected = sum(value[i] for i in flat(earlier_moments(log, row, answered)))
        at = timeline.restore(np.arange(len(log)))[row]
        np.testing.assert_allclose(counted[at], expected, rtol=0, atol=1e-9)


def flat(moments):
    return [row for rows in moments for row in rows]


def test_without_times_nothing_fades(remembered):
    log, timeline, value, _ = remembered
    nothing = np.full(len(log), np.nan)
    clock = clock_of(nothing, timeline, ~np.isnan(value[timeline.rows]))
    plain, timed = (
        count_before(timeline, value[timeline.rows][None], c, 30.0)
        for c in (None, clock)
    )
    np.testing.assert_array_equal(plain, timed)


# --- in the models -----------------------------------------------------------------


@pytest.mark.parametrize("half_life", [1e-3, 1e12])
def test_counts_that_fade_at_once_or_never_are_none_or_all(half_life):
    log = with_columns(seed=5)
    plain = AFMClassifier(student_effect=None, averages=None)
    timed = clone(plain).set_params(time="time", half_life=half_life)
    plain.fit(log, log["correct"])
    timed.fit(log, log["correct"])
    if half_life > 1:
        np.testing.assert_allclose(proba(timed, log), proba(plain, log), atol=1e-6)
    else:  # moments lie more than a second apart, so that nothing is counted
        by_skill = log.assign(p=proba(timed, log)).groupby("skill_name")["p"]
        assert by_skill.agg(np.ptp).max() < 1e-9
        assert (timed.skill_effects_["slope_attempts"].abs() < 1e-6).all()


def test_the_unit_of_time_is_that_of_the_half_life():
    log = with_columns(seed=5)
    tracer = PFAClassifier(time="time", half_life=60.0).fit(log, log["correct"])
    hours = log.assign(time=log["time"] / 3600 + 1000)
    in_hours = PFAClassifier(time="time", half_life=1 / 60).fit(hours, log["correct"])
    np.testing.assert_allclose(
        proba(in_hours, hours), proba(tracer, log), rtol=0, atol=1e-6
    )


def test_residuals_are_answers_less_what_ability_0_would_get():
    log = with_columns(seed=6, ties=False).sort_values(["user_id", "order_id"])
    log = log.reset_index(drop=True)
    tracer = PFAClassifier(item="item_id", averages=(0.7,)).fit(log, log["correct"])
    coded, timeline = tracer._read(log)
    rows = Rows(tracer._reading, coded, timeline)
    logit = tracer._effects_.logit(rows.known())
    answer = rows.answers(tracer.answer_means_)
    overall, on_skill = rows.averages(logit, answer, np.array([0.7]))
    log["residual"] = log["correct"] - 1 / (1 + np.exp(-logit))
    for row in log.index:
        own = log[(log["user_id"] == log["user_id"][row])].loc[: row - 1]
        for found, of in (
            (overall[row], own),
            (on_skill[row], own[own["skill_name"] == log["skill_name"][row]]),
        ):
            average = 0.0
            for residual in of["residual"]:
                average = 0.7 * average + 0.3 * residual
            assert found == pytest.approx(average, abs=1e-12)


def test_averages_tell_who_has_come_to_know_better():
    past = (
        with_columns(n_students=1, n_steps=1)
        .iloc[[0] * 21]
        .assign(user_id=1, order_id=range(21), correct=[0] * 10 + [1] * 10 + [np.nan])
    )
    late = past.assign(user_id=2, correct=[1] * 10 + [0] * 10 + [np.nan])
    rng = np.random.default_rng(7)
    log = with_columns(n_students=200, n_steps=30, ties=False)
    log = log.sort_values(["user_id", "order_id"])
    # Half of the students know all of a sudden, at a step of their own.
    turn = log["user_id"].map({u: rng.integers(0, 40) for u in log["user_id"].unique()})
    knows = (log["order_id"] >= turn).to_numpy()
    log["correct"] = (rng.uniform(size=len(log)) < np.where(knows, 0.9, 0.3)).astype(
        int
    )
    gain = []
    for averages in (None, "auto"):
        tracer = AFMClassifier(item="item_id", persistence=1.0, averages=averages)
        tracer.fit(log, log["correct"])
        gain.append(proba(tracer, past)[20] - proba(tracer, late)[20])
    assert gain[1] > gain[0] + 0.2
