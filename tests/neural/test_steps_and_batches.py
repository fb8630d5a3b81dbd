"""What the network reads and when it is asked; and that batches lose nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sktrace._interactions.columns import check_interactions
from sktrace._interactions.timeline import Timeline
from sktrace._neural import batches as _batches
from sktrace._neural.answer_steps import (
    AnswerSteps,
    answer_codes,
    encode_steps,
    n_answer_codes,
)
from sktrace._neural.batches import Batches, StepDataset

from ..conftest import ROLES, make_log

N_SKILLS = 4
START = 2 * N_SKILLS + 2


def read(seed=0, queries=0.3, **options):
    """Make a log in which some answers are missing, and its timeline."""
    frame = make_log(seed=seed, n_skills=N_SKILLS, **options)
    hidden = np.random.default_rng(seed).uniform(size=len(frame)) < queries
    log = check_interactions(
        frame.assign(correct=frame["correct"].where(~hidden)), ROLES
    )
    return log, Timeline.of(log)


def encode(log, timeline, after=False):
    return encode_steps(log, timeline, N_SKILLS, after=after)


def dataset(seed=0, queries=0.3, batch_size=3, max_length=None, **options):
    log, timeline = read(seed, queries, **options)
    rng = np.random.default_rng(seed)
    return StepDataset(
        encode(log, timeline),
        target=rng.integers(0, 2, len(log.skill)),
        weight=rng.uniform(size=len(log.skill)),
        batch_size=batch_size,
        max_length=max_length,
    )


def brute_force_readings(log, after):
    """List, per row of X, the bags of codes read before the row is asked."""
    readings = []
    for student, order in zip(log.student, log.order, strict=True):
        own = log.student == student
        bags = [[START]]
        for moment in np.unique(log.order[own]):
            if moment > order or (moment == order and not after):
                break
            here = own & (log.order == moment) & ~np.isnan(log.correct)
            codes = 2 * log.skill[here] + log.correct[here].astype(int)
            if len(codes):
                bags.append(sorted(codes.tolist()))
        readings.append(bags)
    return readings


def readings(steps, timeline):
    """List, per row of X, the bags of codes read up to the step the row is asked of."""
    found = np.empty(len(steps.row_step), dtype=object)
    for i, (step, s) in enumerate(zip(steps.row_step, timeline.student, strict=True)):
        read = range(steps.offsets[s], step + 1)
        found[i] = [
            sorted(steps.inputs["answer"][steps.bags[t] : steps.bags[t + 1]].tolist())
            for t in read
        ]
    return timeline.restore(found).tolist()


# --- steps -------------------------------------------------------------------------


def test_codes_are_distinct_for_every_skill_and_answer():
    skill, correct = (
        np.repeat(np.arange(N_SKILLS + 1), 2),
        np.tile([0, 1], N_SKILLS + 1),
    )
    codes = [*answer_codes(skill, correct).tolist(), START]
    assert codes == list(range(n_answer_codes(N_SKILLS)))


@settings(deadline=None)
@given(
    seed=st.integers(0, 10**6),
    queries=st.sampled_from([0, 0.3, 0.8, 1]),
    after=st.booleans(),
)
def test_a_row_has_read_its_students_earlier_moments(seed, queries, after):
    log, timeline = read(seed, queries, n_students=4)
    steps = encode(log, timeline, after)
    assert readings(steps, timeline) == brute_force_readings(log, after)
    np.testing.assert_array_equal(timeline.restore(steps.asked["skill"]), log.skill)


@pytest.mark.parametrize("after", [False, True])
def test_every_step_is_read_by_some_row_or_a_later_step(after):
    log, timeline = read()
    steps = encode(log, timeline, after)
    assert (np.diff(steps.row_step) >= 0).all()
    last_row = timeline.offsets[1:] - 1
    np.testing.assert_array_equal(steps.row_step[last_row] + 1, steps.offsets[1:])
    assert (np.diff(steps.bags) > 0).all()
    assert steps.bags[-1] == len(steps.inputs["answer"])


def test_a_query_makes_no_step():
    log, timeline = read(queries=1)
    steps = encode(log, timeline)
    assert steps.inputs["answer"].tolist() == [START] * (len(timeline.offsets) - 1)
    np.testing.assert_array_equal(steps.row_step, timeline.student)


# --- windows -----------------------------------------------------------------------


@pytest.mark.parametrize("max_length", [1, 2, 3, 100, None])
def test_windows_cover_every_step_and_row_once(max_length):
    windows = dataset(max_length=max_length)
    steps = [
        np.arange(*pair) for pair in zip(windows.starts, windows.stops, strict=True)
    ]
    rows = [
        np.arange(*pair)
        for pair in zip(windows.row_starts, windows.row_stops, strict=True)
    ]
    assert np.concatenate(steps).tolist() == list(range(windows.steps.offsets[-1]))
    assert np.concatenate(rows).tolist() == list(range(len(windows.target)))
    assert windows.lengths.min() >= 1
    assert windows.lengths.max() <= (max_length or np.inf)
    assert min(map(len, rows)) >= 1
    student = np.searchsorted(windows.steps.offsets, windows.starts, side="right")
    last = np.searchsorted(windows.steps.offsets, windows.stops - 1, side="right")
    np.testing.assert_array_equal(student, last)


def test_whole_sequences_are_one_window_per_student():
    windows = dataset()
    np.testing.assert_array_equal(windows.lengths, np.diff(windows.steps.offsets))


# --- batches -----------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    batch_size=st.sampled_from([None, 1, 3, 50]),
    max_length=st.sampled_from([None, 1, 2]),
    shuffled=st.booleans(),
)
def test_an_epoch_has_every_row_once(seed, batch_size, max_length, shuffled):
    data = dataset(seed, batch_size=batch_size, max_length=max_length)
    generator = np.random.RandomState(seed) if shuffled else None
    batches = list(Batches(data, generator))
    rows = np.concatenate([batch.rows for batch, _ in batches])
    assert sorted(rows.tolist()) == list(range(len(data.target)))
    target = np.concatenate([y.numpy() for _, y in batches])
    weight = np.concatenate([batch.weight.numpy() for batch, _ in batches])
    skill = np.concatenate([batch.asked["skill"].numpy() for batch, _ in batches])
    np.testing.assert_array_equal(target, data.target[rows])
    np.testing.assert_allclose(weight, data.weight[rows], rtol=1e-6)
    np.testing.assert_array_equal(skill, data.steps.asked["skill"][rows])
    assert all(len(batch) == len(y) for batch, y in batches)


@pytest.mark.parametrize("max_length", [None, 2])
def test_a_rows_cell_follows_the_codes_its_window_has_read(max_length):
    data = dataset(max_length=max_length, batch_size=5)
    steps = data.steps
    for windows in np.array_split(np.random.default_rng(0).permutation(len(data)), 3):
        batch, _ = data[windows]
        width = len(batch.bags) // batch.n_windows
        assert width == data.lengths[windows].max()
        bags = np.split(batch.inputs["answer"].numpy(), batch.bags.numpy()[1:])
        for row, cell in zip(batch.rows, batch.row_cell.tolist(), strict=True):
            window, step = divmod(cell, width)
            start = data.starts[windows[window]]
            assert start + step == steps.row_step[row]
            for t in range(step + 1):
                first, last = steps.bags[start + t], steps.bags[start + t + 1]
                expected = steps.inputs["answer"][first:last]
                np.testing.assert_array_equal(bags[window * width + t], expected)


def test_padded_cells_are_empty():
    data = dataset()
    batch, _ = data[np.arange(len(data))]
    sizes = np.diff(np.append(batch.bags.numpy(), len(batch.inputs["answer"])))
    sizes = sizes.reshape(batch.n_windows, -1)
    real = np.arange(sizes.shape[1]) < data.lengths[:, None]
    assert (sizes[real] > 0).all()
    assert (sizes[~real] == 0).all()


@pytest.mark.parametrize("batch_size", [1, 4, 5, 100])
def test_shares_are_parts_of_an_epoch(batch_size):
    data = dataset(batch_size=batch_size)
    batches = list(Batches(data, np.random.RandomState(0)))
    assert len(batches) == data.n_batches == -(-len(data) // batch_size)
    shares = [batch.share for batch, _ in batches]
    np.testing.assert_allclose(sum(shares), data.n_batches, rtol=1e-12)
    mean_rows = len(data.target) / data.n_batches
    np.testing.assert_allclose(shares, [len(b) / mean_rows for b, _ in batches])


@pytest.mark.parametrize("shuffled", [True, False])
def test_batches_of_skewed_lengths_are_hardly_padded(shuffled):
    rng = np.random.default_rng(0)
    lengths = np.ceil(rng.lognormal(3, 1, 1000)).astype(int)
    offsets = np.append(0, np.cumsum(lengths))
    bags = np.arange(offsets[-1] + 1)
    steps = AnswerSteps(
        offsets=offsets,
        bags=bags,
        inputs={"answer": bags[:-1]},
        row_step=bags[:-1],
        asked={"skill": np.zeros(offsets[-1], dtype=np.int64)},
    )
    data = StepDataset(steps, batch_size=20)
    generator = np.random.RandomState(0) if shuffled else None
    cells = sum(len(batch.bags) for batch, _ in Batches(data, generator))
    assert 1 - offsets[-1] / cells < 0.25
    at_random = np.array_split(rng.permutation(1000), 50)
    cells_at_random = sum(len(w) * lengths[w].max() for w in at_random)
    assert 1 - offsets[-1] / cells_at_random > 0.7


def test_batches_are_those_of_the_generator():
    data = dataset(batch_size=2)

    def epochs(seed, n=2):
        batches = Batches(data, np.random.RandomState(seed))
        return [[b.rows.tolist() for b, _ in batches] for _ in range(n)]

    assert epochs(0) == epochs(0)
    assert epochs(0) != epochs(1)
    first, second = epochs(0)
    assert first != second
    still = Batches(data)
    assert [b.rows.tolist() for b, _ in still] == [b.rows.tolist() for b, _ in still]


def test_batches_come_in_random_order():
    data = dataset(batch_size=1, n_students=30, n_steps=30)
    batches = Batches(data, np.random.RandomState(0))
    widths = [len(batch.bags) for batch, _ in batches]
    assert abs(np.corrcoef(widths, np.arange(len(widths)))[0, 1]) < 0.5


def test_whole_sequences_fill_batches_of_bounded_size(monkeypatch):
    monkeypatch.setattr(_batches, "STEPS_PER_BATCH", 12)
    data = dataset(batch_size=None, n_students=30)
    for batch, _ in Batches(data):
        assert len(batch.bags) <= 12 or batch.n_windows == 1


def test_a_batch_moves_to_a_device_whole():
    batch, _ = dataset()[np.array([0, 1])]
    moved = batch.to("meta")
    assert moved.inputs["answer"].device.type == moved.weight.device.type == "meta"
    assert moved.rows is batch.rows
    assert len(moved) == len(batch)
