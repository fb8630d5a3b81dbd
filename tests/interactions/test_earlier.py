"""What was done earlier, and how long ago, against plain loops."""

import numpy as np
import pytest

from sktrace._interactions.codes import check_categories
from sktrace._interactions.columns import check_interactions
from sktrace._interactions.earlier import latest_before, measure_gaps, practice_of_item
from sktrace._interactions.log import Column, Roles
from sktrace._interactions.timeline import Timeline
from sktrace._interactions.times import check_time

from ..conftest import make_log


def make_timed_log(seed=0):
    log, rng = make_log(n_students=15, n_steps=20, seed=seed), np.random.default_rng(7)
    log["item_id"] = rng.integers(0, 4, len(log))
    log["time"] = rng.integers(0, 30, len(log)) * 1.0 + log["order_id"] * 20
    log.loc[rng.uniform(size=len(log)) < 0.15, "item_id"] = np.nan
    log.loc[rng.uniform(size=len(log)) < 0.15, "time"] = np.nan
    log.loc[rng.uniform(size=len(log)) < 0.15, "correct"] = np.nan
    return log


@pytest.fixture
def frame():
    return make_timed_log()


def read(frame):
    further = {
        "item": Column("item_id", check_categories),
        "time": Column("time", check_time),
    }
    roles = Roles(
        student="user_id",
        order="order_id",
        skill="skill_name",
        correct="correct",
        known_before=further,
    )
    log = check_interactions(frame, roles)
    known = log.known_before["item"]
    if hasattr(known, "codes"):
        log = log._replace(
            known_before={**log.known_before, "item": known.codes},
            names={"item": known.names},
        )
    return log, Timeline.of(log)


def earlier_moments(frame, row):
    """Return the answered rows of each earlier moment of a row's student, in order."""
    own = frame[(frame["user_id"] == row.user_id) & (frame["order_id"] < row.order_id)]
    own = own[own["correct"].notna()]
    return [moment for _, moment in own.groupby("order_id")]


def test_counts_on_the_item_are_of_earlier_questions(frame):
    expected = []
    for row in frame.itertuples():
        right = wrong = again = 0
        for moment in earlier_moments(frame, row):
            on_item = moment[moment["item_id"] == row.item_id]
            again = int(len(on_item) > 0)
            right += again * int((on_item["correct"] == 1).all())
            wrong += again * int((on_item["correct"] == 0).any())
        expected.append([right, wrong, again])
    log, timeline = read(frame)
    got = timeline.restore(practice_of_item(log, timeline))
    np.testing.assert_array_equal(got, expected)
    assert got[frame["item_id"].isna()].max() == 0
    assert (got.max(axis=0) > [1, 1, 0]).all()


def test_gaps_are_since_the_last_answer_whose_time_is_known(frame):
    expected = []
    for row in frame.itertuples():
        last = [-np.inf, -np.inf, -np.inf]
        for moment in earlier_moments(frame, row):
            same = [
                moment["time"].notna(),
                moment["skill_name"] == row.skill_name,
                moment["item_id"] == row.item_id,
            ]
            for place, chosen in enumerate(same):
                time = moment["time"][chosen].max()
                last[place] = last[place] if np.isnan(time) else time
        expected.append(np.maximum(row.time - np.array(last), 0))
    log, timeline = read(frame)
    got = timeline.restore(measure_gaps(log, timeline))
    np.testing.assert_array_equal(got, expected)
    assert (got == 0).any()  # where clocks went backwards
    assert np.isnan(got[frame["time"].isna()]).all()


def test_without_items_there_are_two_gaps(frame):
    log, timeline = read(frame)
    gaps = measure_gaps(log, timeline)
    log = log._replace(known_before={"time": log.known_before["time"]})
    np.testing.assert_array_equal(measure_gaps(log, timeline), gaps[:, :2])


def test_the_latest_value_is_of_a_strictly_earlier_moment():
    student = np.array([0, 0, 0, 0, 1, 1])
    moment = np.array([0, 1, 1, 2, 3, 4])
    timeline = Timeline(np.arange(6), np.array([0, 4, 6]), student, moment)
    latest = latest_before(timeline, np.array([np.nan, 5.0, 6.0, 9.0, 1.0, 2.0]))
    np.testing.assert_array_equal(latest, [np.nan, np.nan, np.nan, 6.0, np.nan, 1.0])
