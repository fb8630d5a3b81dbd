"""The order of rows in time, against loops over students."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sktrace._arrays import concatenate_ranges
from sktrace._interactions.log import Log
from sktrace._interactions.timeline import Timeline, sort_rows


@st.composite
def logs(draw, ordered=None):
    """Draw a log of few students and few values of order, so that many rows tie."""
    n_rows = draw(st.integers(1, 12))

    def column(values):
        return np.array(draw(st.lists(values, min_size=n_rows, max_size=n_rows)))

    ordered = draw(st.booleans()) if ordered is None else ordered
    return Log(
        student=column(st.integers(0, 3)),
        students=np.arange(4),
        order=column(st.sampled_from([-1.5, 0.0, 2.0, 3.0])) if ordered else None,
        skill=column(st.integers(-1, 2)),
        skills=np.arange(3),
        correct=column(st.sampled_from([0.0, 1.0, np.nan])),
    )


def precedes(log, earlier, row):
    """Whether one row of a log is of the same student and strictly before another."""
    if log.student[earlier] != log.student[row]:
        return False
    if log.order is None:
        return earlier < row
    return log.order[earlier] < log.order[row]


def brute_force_count(log, counted):
    rows = range(len(log.student))
    return [sum(counted[i] for i in rows if precedes(log, i, row)) for row in rows]


@given(logs())
def test_rows_are_a_permutation_by_student_and_time(log):
    timeline = Timeline.of(log)
    assert sorted(timeline.rows.tolist()) == list(range(len(log.student)))
    for i, row in enumerate(timeline.rows):
        assert not any(precedes(log, row, before) for before in timeline.rows[:i])
    assert (np.diff(log.student[timeline.rows]) >= 0).all()


@given(logs(ordered=True), st.randoms(use_true_random=False))
def test_rows_that_are_sorted_stay_as_sorting_leaves_them(log, random):
    key = np.array([random.choice([0, 1]) for _ in log.student])
    columns = key, log.correct, log.skill, log.order, log.student
    rows = sort_rows(log, key)
    np.testing.assert_array_equal(rows, np.lexsort(columns))
    again = sort_rows(log.take(rows), key[rows])
    np.testing.assert_array_equal(again, np.arange(len(rows)))


@given(logs())
def test_offsets_bound_the_rows_of_each_present_student(log):
    timeline = Timeline.of(log)
    present = np.unique(log.student)
    assert len(timeline.offsets) == len(present) + 1
    for s, code in enumerate(present):
        own = slice(timeline.offsets[s], timeline.offsets[s + 1])
        assert set(timeline.rows[own]) == set(np.flatnonzero(log.student == code))
        assert (timeline.student[own] == s).all()
    assert timeline.offsets[-1] == len(log.student)


@given(logs())
def test_a_moment_is_one_student_at_one_value_of_order(log):
    timeline = Timeline.of(log)
    if log.order is None:
        assert timeline.moment.tolist() == list(range(len(log.student)))
        return
    moments = sorted(set(zip(log.student, log.order, strict=True)))
    expected = [moments.index((log.student[r], log.order[r])) for r in timeline.rows]
    assert timeline.moment.tolist() == expected
    assert timeline.moment_starts.tolist() == [
        expected.index(moment) for moment in range(len(moments))
    ]


@given(logs())
def test_rows_without_order_stand_in_time_order(log):
    timeline = Timeline.of(log._replace(order=None))
    for s in range(len(timeline.offsets) - 1):
        own = timeline.rows[timeline.offsets[s] : timeline.offsets[s + 1]]
        assert (np.diff(own) > 0).all()


@given(logs(ordered=True), st.randoms(use_true_random=False))
def test_time_order_depends_on_content_alone(log, random):
    shuffled = list(range(len(log.student)))
    random.shuffle(shuffled)
    log = log._replace(
        order=np.zeros(len(shuffled)) if log.order is None else log.order
    )
    one, other = log.take(Timeline.of(log).rows), log.take(np.array(shuffled))
    other = other.take(Timeline.of(other).rows)
    for name in ("student", "order", "skill", "correct"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@given(logs())
def test_restore_undoes_the_sorting(log):
    timeline = Timeline.of(log)
    values = np.arange(2 * len(log.student)).reshape(-1, 2)
    np.testing.assert_array_equal(timeline.restore(values[timeline.rows]), values)


@given(logs())
def test_count_before_is_a_loop_over_earlier_rows(log):
    timeline = Timeline.of(log)
    for counted in (log.correct == 1, log.skill == 0, np.arange(len(log.skill))):
        found = timeline.restore(timeline.count_before(counted[timeline.rows]))
        assert found.tolist() == brute_force_count(log, counted)


def test_count_before_sums_fractions():
    log = Log(np.zeros(3, int), None, np.arange(3), np.zeros(3, int), None, np.ones(3))
    counted = np.array([0.25, 0.5, 0.125])
    assert Timeline.of(log).count_before(counted).tolist() == [0, 0.25, 0.75]


@given(st.lists(st.tuples(st.integers(-5, 50), st.integers(0, 6)), max_size=8))
def test_concatenate_ranges_is_concatenate_of_ranges(pairs):
    starts = np.array([start for start, _ in pairs], dtype=int)
    lengths = np.array([length for _, length in pairs], dtype=int)
    ranges = [np.arange(start, start + length) for start, length in pairs]
    expected = np.concatenate([np.arange(0), *ranges])
    found = concatenate_ranges(starts, lengths)
    assert found.dtype.kind == "i"
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("lengths", [[], [0], [0, 0]])
def test_no_range_has_no_entry(lengths):
    found = concatenate_ranges(np.zeros(len(lengths), int), np.array(lengths, int))
    assert found.shape == (0,)
