"""Networks trained on portions of a log, beside those trained on the log in memory."""

from itertools import chain

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from skorch.callbacks import Callback

from sktrace import DKTClassifier
from sktrace._neural import streams
from sktrace._neural.answer_steps import AnswerSteps
from sktrace._neural.column_summary import ColumnSummary
from sktrace._neural.streams import StepStream, Windows
from sktrace._portions.pieces import InMemory
from sktrace.datasets import make_interactions, scan_interactions

from ..conftest import make_log, proba, small_dkt
from .test_numbers_of_rows import ALL, add_columns

pytest.importorskip("pyarrow")

TO_ROUNDING = {"rtol": 1e-9, "atol": 1e-9}


def open_portions(log, folder, portion):
    """Write a portion for each different number; return it, and the log in its order.

    Numbers without rows are portions without rows.
    """
    portion = np.asarray(portion)
    parts = [log[portion == number] for number in range(portion.max() + 1)]
    for number, part in enumerate(parts):
        part.to_parquet(folder / f"{number:02}.parquet", index=False)
    return scan_interactions(folder), pd.concat(parts, ignore_index=True)


def deal(log, n):
    """Deal whole students to n portions, by turns."""
    return pd.factorize(log["user_id"])[0] % n


@pytest.fixture
def rows():
    log = add_columns(make_log(n_students=14, n_steps=12))
    two = np.random.default_rng(1).uniform(size=len(log)) < 0.2
    log.loc[two, "skill_name"] += "~~skill 9"
    return log.assign(weight=np.random.default_rng(2).integers(0, 3, len(log)))


@pytest.fixture
def few_at_once(monkeypatch):
    monkeypatch.setattr(streams, "ROWS_AT_ONCE", 60)


def losses(tracer):
    return tracer.history_.drop(columns="dur")


class Notes(Callback):
    """Notes what every batch of training is, and its learning rate."""

    def on_epoch_begin(self, net, dataset_train, dataset_valid, **kwargs):
        self.shares, self.rows, self.weights, self.n_windows = [], [], [], []
        self.batches = getattr(self, "batches", [])
        self.lrs = getattr(self, "lrs", [])
        self.valid_rows = 0

    def on_batch_begin(self, net, batch, training, **kwargs):
        X, target = batch
        if not training:
            self.valid_rows += len(X)
            return
        self.shares.append(X.share)
        self.n_windows.append(X.n_windows)
        self.weights.append(X.weight.numpy())
        asked = X.asked["before"].numpy()[:, 0] + X.weight.numpy()
        self.rows += np.round(asked + target.numpy(), 4).tolist()
        self.lrs.append(net.optimizer_.param_groups[0]["lr"])

    def on_epoch_end(self, net, **kwargs):
        self.batches.append(len(self.shares))


# --- as in memory ------------------------------------------------------------------


@pytest.mark.parametrize(
    "params", [{}, ALL, {"skill_numbers": False}, {"early_stopping": True}]
)
def test_one_portion_is_a_frame_to_the_last_bit(rows, tmp_path, params):
    X, log = open_portions(rows, tmp_path, deal(rows, 1))
    tracer = small_dkt(**params)
    in_memory = clone(tracer).fit(log, log["correct"], sample_weight=log["weight"])
    streamed = tracer.fit(X, X["correct"], sample_weight=X["weight"])
    pd.testing.assert_frame_equal(losses(streamed), losses(in_memory))
    np.testing.assert_array_equal(proba(streamed, log), proba(in_memory, log))
    assert streamed.best_epoch_ == in_memory.best_epoch_


@pytest.mark.parametrize("sizes", ["alike", "unlike"])
def test_what_is_learnt_before_training_is_what_the_frame_teaches(
    rows, tmp_path, sizes
):
    student = pd.factorize(rows["user_id"])[0]
    portion = deal(rows, 4) if sizes == "alike" else np.minimum(student, 2) * 2
    X, log = open_portions(rows, tmp_path, portion)
    assert (X.sizes == 0).any() == (sizes == "unlike")
    tracer = small_dkt(max_epochs=1, **ALL)
    streamed = clone(tracer).fit(X, X["correct"], sample_weight=X["weight"])
    in_memory = tracer.fit(log, log["correct"], sample_weight=log["weight"])
    found, expected = streamed._numbers_, in_memory._numbers_
    for kind in ("difficulty", "skills"):
        pairs = zip(getattr(found, kind), getattr(expected, kind), strict=True)
        for own, other in pairs:
            np.testing.assert_allclose(own, other, **TO_ROUNDING)
    for kind in ("before", "after"):
        pairs = zip(getattr(found, kind), getattr(expected, kind), strict=True)
        for own, other in pairs:
            np.testing.assert_allclose(own, other, **TO_ROUNDING)
    for own, other in zip(streamed._taught_, in_memory._taught_, strict=True):
        np.testing.assert_array_equal(own, other)
    pd.testing.assert_frame_equal(streamed.items_, in_memory.items_, rtol=1e-9)


def test_summaries_of_parts_add_up_to_that_of_the_whole():
    rng = np.random.default_rng(0)
    values = rng.normal([5.0, 1e6, 0.0, 3.0], [2.0, 1.0, 1.0, 0.0], (50, 4))
    values[rng.uniform(size=values.shape) < 0.3] = np.nan
    values[:, 2] = np.nan
    whole = ColumnSummary.of(values)
    parts = [ColumnSummary.of(part) for part in np.split(values, [0, 1, 20])]
    added = sum(parts[1:], parts[0])
    np.testing.assert_array_equal(added.n, (~np.isnan(values)).sum(axis=0))
    np.testing.assert_allclose(added.mean, whole.mean, rtol=1e-14)
    np.testing.assert_allclose(added.scale, whole.scale, rtol=1e-9)
    np.testing.assert_allclose(added.scale[:2], np.nanstd(values[:, :2], axis=0))
    assert np.isinf(added.scale[2:]).all()


# --- an epoch ----------------------------------------------------------------------


def test_an_epoch_has_each_row_once_and_as_many_batches_as_in_memory(
    rows, tmp_path, few_at_once
):
    X, log = open_portions(rows, tmp_path, deal(rows, 5))
    params = {"batch_size": 4, "max_length": 5, "lr": 0.1, "max_epochs": 3}
    notes = [Notes(), Notes()]
    for data, note in ((log, notes[0]), (X, notes[1])):
        tracer = small_dkt(callbacks=[note], **params)
        tracer.fit(data, data["correct"], sample_weight=data["weight"])
    expected, found = notes
    assert len(set(found.batches)) == 1
    assert found.batches == expected.batches
    assert sorted(found.rows) == sorted(expected.rows)
    assert sum(found.n_windows) == sum(expected.n_windows)
    assert found.n_windows.count(4) >= len(found.n_windows) - 1  # the last has the rest
    np.testing.assert_allclose(found.lrs, expected.lrs, rtol=1e-9)


def test_every_row_weighs_the_same_as_in_memory(rows, tmp_path, few_at_once):
    X, _ = open_portions(rows, tmp_path, deal(rows, 5))
    note = Notes()
    tracer = small_dkt(batch_size=3, max_length=5, callbacks=[note])
    tracer.fit(X, X["correct"], sample_weight=X["weight"])
    n_batches, n_rows = len(note.shares), sum(map(len, note.weights))
    sizes = [len(own) for own in note.weights]
    np.testing.assert_allclose(note.shares, np.array(sizes) * n_batches / n_rows)
    np.testing.assert_allclose(sum(note.shares), n_batches)
    np.testing.assert_allclose(np.concatenate(note.weights).mean(), 1, rtol=1e-6)


def test_windows_that_fill_no_batch_go_on_to_the_next_portions(monkeypatch):
    monkeypatch.setattr(streams, "ROWS_AT_ONCE", 1)  # a portion at a time
    sizes = [3, 0, 2, 7, 1]
    pieces = InMemory(
        make_windows(first, n)
        for first, n in zip(np.cumsum(sizes) - sizes, sizes, strict=True)
    )
    stream = StepStream(pieces, batch_size=4)
    assert (len(stream), stream.n_batches) == (13, 4)
    orders = []
    batches = stream.batches(np.random.RandomState(0))
    for _ in range(3):
        epoch = [batch.asked["skill"].tolist() for batch, _ in batches]
        assert sorted(map(len, epoch)) == [1, 4, 4, 4]
        assert sorted(chain(*epoch)) == list(range(13))
        orders.append(epoch)
    assert orders[0] != orders[1] != orders[2]
    again = stream.batches(np.random.RandomState(0))
    assert [batch.asked["skill"].tolist() for batch, _ in again] == orders[0]


def make_windows(first, n):
    """Windows of one step and one row each, that ask for different skills."""
    ones = np.arange(n + 1)
    skill = first + np.arange(n)
    steps = AnswerSteps(ones, ones, {"answer": skill}, ones[:-1], {"skill": skill})
    return Windows(steps, np.ones(n, np.float32), np.ones(n))


# --- a fit -------------------------------------------------------------------------


def test_the_same_seed_draws_the_same_network(rows, tmp_path, few_at_once):
    X, log = open_portions(rows, tmp_path, deal(rows, 5))
    tracers = [
        small_dkt(item="item_id", random_state=seed).fit(X, X["correct"])
        for seed in (0, 0, 1)
    ]
    first, again, other = (proba(tracer, log) for tracer in tracers)
    np.testing.assert_array_equal(again, first)
    assert (other != first).any()
    streamed = tracers[0].predict_proba(X)[:, 1]
    np.testing.assert_allclose(streamed, first, rtol=0, atol=1e-6)


def test_early_stopping_holds_out_whole_students_of_all_portions(
    rows, tmp_path, few_at_once
):
    X, log = open_portions(rows, tmp_path, deal(rows, 5))
    note = Notes()
    params = {"early_stopping": True, "validation_fraction": 0.3, "patience": 1}
    tracer = small_dkt(max_epochs=30, lr=0.3, callbacks=[note], **params)
    tracer.fit(X, X["correct"])
    sizes = log.groupby("user_id").size() + two_skills(log)
    n_held_out = round(0.3 * len(sizes))
    assert note.valid_rows + sum(map(len, note.weights)) == sizes.sum()
    n_smallest = np.sort(sizes)[:n_held_out].sum()
    assert n_smallest <= note.valid_rows <= np.sort(sizes)[-n_held_out:].sum()
    valid = tracer.history_["valid_loss"]
    assert tracer.best_epoch_ == valid.idxmin() + 1 < tracer.n_iter_ < 30


def two_skills(log):
    """Count, of each student, the rows that have an entry more."""
    two = log["skill_name"].str.contains("~~")
    return two.groupby(log["user_id"]).sum()


def test_portions_teach_what_a_log_teaches(tmp_path, monkeypatch):
    log, _ = make_interactions(n_students=120, n_skills=5, random_state=0)
    is_test = log["user_id"] < 30
    X, train = open_portions(log[~is_test], tmp_path, deal(log[~is_test], 6))
    monkeypatch.setattr(streams, "ROWS_AT_ONCE", len(train) // 6)
    clf = DKTClassifier(hidden_size=16, max_epochs=4, random_state=0)
    test = log[is_test]
    aucs = [
        roc_auc_score(test["correct"], proba(clone(clf).fit(data, y), test))
        for data, y in ((train, train["correct"]), (X, X["correct"]))
    ]
    assert min(aucs) > 0.65
    assert abs(aucs[0] - aucs[1]) < 0.015


# --- what is refused ---------------------------------------------------------------


def test_what_reads_frames_refuses_portions_and_says_what_to_call(rows, tmp_path):
    X, _ = open_portions(rows, tmp_path, deal(rows, 2))
    tracer = small_dkt()
    with pytest.raises(TypeError, match=r"scan_interactions\(X\)\.portion\(0\)"):
        tracer.partial_fit(X, X["correct"])
    part = X.portion(0)
    tracer.partial_fit(part, part["correct"])
    with pytest.raises(TypeError, match="log in portions"):
        tracer.knowledge_state(X)
    outcomes = small_dkt(task="many-to-one")
    with pytest.raises(TypeError, match=r"Sequences\.from_frame\(scan_interactions"):
        outcomes.fit(X, [0, 1])


def test_a_student_in_two_portions_is_refused(rows, tmp_path):
    X, _ = open_portions(rows, tmp_path, np.arange(len(rows)) % 2)
    with pytest.raises(ValueError, match="in several portions"):
        small_dkt().fit(X, X["correct"])


def test_dask_holds_the_portions_too(rows, tmp_path):
    dask = pytest.importorskip("dask")
    frame = pytest.importorskip("dask.dataframe")
    X, _ = open_portions(rows, tmp_path, deal(rows, 3))
    parts = frame.from_map(X.portion, range(3))
    with dask.config.set(scheduler="threads"):
        held = small_dkt(item="item_id").fit(parts, parts["correct"])
    read = small_dkt(item="item_id").fit(X, X["correct"])
    np.testing.assert_allclose(
        held._numbers_.skills.difficulty, read._numbers_.skills.difficulty
    )
    pd.testing.assert_frame_equal(losses(held), losses(read))
