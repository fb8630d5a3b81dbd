"""Training that was killed goes on, and nobody can tell afterwards."""

import signal
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.base import clone
from skorch.callbacks import EarlyStopping, Freezer, LRScheduler
from torch.optim.lr_scheduler import ReduceLROnPlateau

from sktrace import DKTClassifier, SequenceRegressor
from sktrace._neural import streams
from sktrace._neural.checkpoints import Checkpoint
from sktrace._neural.training import TrainedNetwork
from sktrace._neural.training_state import KeptHistory, read_state, write_state
from sktrace._plain import pack, unpack
from sktrace.datasets import scan_interactions

from .._sequence_data import SMALL_BATCHES
from ..conftest import proba, small_dkt
from ._courses import OF_OUTCOMES, make_courses, make_weeks
from ._kills import (
    LONG,
    Kill,
    answers,
    assert_same,
    files_in,
    fit_and_be_killed,
    predict,
)

needs_kill = pytest.mark.skipif(
    not hasattr(signal, "SIGKILL") or sys.platform == "darwin",
    reason="processes are killed by SIGKILL, and forked from one that is warm",
)


def plateau():
    return [
        ("slower", LRScheduler(ReduceLROnPlateau, monitor="train_loss", patience=0)),
        ("stop", EarlyStopping("train_loss", patience=3, sink=print)),
        ("freeze", Freezer("rnn.*")),  # in the first epoch
    ]


def grades():
    weeks = make_weeks()
    return weeks, weeks["grade"]


STOPPED = {"early_stopping": True, "patience": 2, "validation_fraction": 0.3}
OF_WEEKS = SMALL_BATCHES | {"features": ["hours"], "past_features": ["grade"]}
FITS = {
    "gru, cosine": (small_dkt(), answers, "on_batch_end"),
    "lstm, two layers, no schedule": (
        small_dkt(cell="lstm", num_layers=2, lr_schedule=None, skill_numbers=False),
        answers,
        "on_grad_computed",
    ),
    "rnn, early stopping": (
        small_dkt(cell="rnn", lr=0.5, skill_numbers=False, **STOPPED),
        answers,
        "on_epoch_end",
    ),
    "while it is written": (
        small_dkt(optimizer="rprop", skill_numbers=False),
        answers,
        "on_writing",
    ),
    "own callbacks": (
        small_dkt(lr_schedule=None, skill_numbers=False),
        answers,
        "on_batch_end",
    ),
    "outcomes": (DKTClassifier(**OF_OUTCOMES), make_courses, "on_batch_end"),
    "weeks": (SequenceRegressor(**OF_WEEKS), grades, "on_batch_end"),
}


@needs_kill
@pytest.mark.parametrize("kind", FITS)
def test_a_fit_that_was_killed_ends_as_if_it_had_not_been(kind, tmp_path):
    estimator, make, moment = FITS[kind]
    (X, y), flag, folder = make(), tmp_path / "flag", tmp_path / "kept"
    callbacks = [Kill(flag, epoch=3, moment=moment)]
    callbacks += plateau() if kind == "own callbacks" else []
    estimator = clone(estimator).set_params(
        **LONG, callbacks=callbacks, checkpoint=folder
    )
    weight = np.arange(len(y)) % 3.0 if kind == "gru, cosine" else None
    fit_and_be_killed(estimator, (X, y), weight)
    (name,) = files_in(folder)
    assert len(unpack((folder / name).read_bytes())["net"]["history"]) == 2
    gone_on = clone(estimator).fit(X, y, sample_weight=weight)
    assert files_in(folder) == [name]
    whole = clone(estimator).set_params(checkpoint=None)
    whole.fit(X, y, sample_weight=weight)
    assert_same(gone_on, whole, X)
    read = clone(estimator).fit(X, y, sample_weight=weight)
    assert_same(read, whole, X)
    if kind == "gru, cosine":
        assert_same(gone_on.partial_fit(X, y), whole.partial_fit(X, y), X)


@needs_kill
def test_portions_go_on(tmp_path, monkeypatch):
    pytest.importorskip("pyarrow")
    monkeypatch.setattr(streams, "ROWS_AT_ONCE", 40)
    log, _ = answers()
    (tmp_path / "log").mkdir()
    for k in range(3):
        part = log[log["user_id"] % 3 == k]
        part.to_parquet(tmp_path / "log" / f"{k}.parquet", index=False)
    X = scan_interactions(tmp_path / "log")
    weeks, _ = grades()
    weeks.to_parquet(tmp_path / "weeks.parquet", index=False)
    of_weeks = scan_interactions(tmp_path / "weeks.parquet")
    for estimator, own, y in [
        (small_dkt(early_stopping=True), X, "correct"),
        (SequenceRegressor(**OF_WEEKS), of_weeks, "grade"),
    ]:
        callbacks = [Kill(tmp_path / f"flag of {y}", epoch=2)]
        folder = tmp_path / y
        estimator.set_params(
            **LONG | {"batch_size": 2}, callbacks=callbacks, checkpoint=folder
        )
        data = own, own[y]
        fit_and_be_killed(estimator, data)
        gone_on = clone(estimator).fit(*data)
        whole = clone(estimator).set_params(checkpoint=None).fit(*data)
        np.testing.assert_array_equal(predict(gone_on, own), predict(whole, own))
        assert len(files_in(folder)) == 1


@needs_kill
def test_what_is_drawn_without_a_seed_stands_in_the_file(tmp_path, monkeypatch):
    log, y = answers()
    tracer = small_dkt(
        random_state=None,
        early_stopping=True,
        callbacks=[Kill(tmp_path / "flag", epoch=3)],
        checkpoint=tmp_path / "kept",
        **LONG,
    )
    fit_and_be_killed(tracer, (log, y))
    (name,) = files_in(tmp_path / "kept")
    seed = unpack((tmp_path / "kept" / name).read_bytes())["seed"]
    gone_on = clone(tracer).fit(log, y)
    other = clone(tracer).fit(log, y)
    assert files_in(tmp_path / "kept") == [name]
    monkeypatch.setattr(TrainedNetwork, "_draw_seed", lambda self: seed)
    whole = clone(tracer).set_params(checkpoint=None).fit(log, y)
    assert_same(gone_on, whole, log)
    # That one has ended, so the next one is another.
    assert not np.array_equal(proba(other, log), proba(whole, log))


def test_a_generator_draws_a_training_for_each_fit(tmp_path):
    log, y = answers()
    whole = [small_dkt(random_state=rng) for rng in [np.random.RandomState(3)] * 2]
    whole = [tracer.fit(log, y) for tracer in whole]
    for _ in range(2):  # the second reads what the first has written
        rng = np.random.RandomState(3)
        tracer = small_dkt(random_state=rng, checkpoint=tmp_path)
        for one in whole:
            assert_same(tracer.fit(log, y), one, log)
    assert len(files_in(tmp_path)) == 2


def test_each_process_that_trains_has_its_generator_back(tmp_path, monkeypatch):
    """`benchmarks/kills.py --only "two devices"` kills real ones."""
    log, y = answers()
    tracer = small_dkt(dropout=0.5).fit(log, y)
    net = tracer.net_
    own, other = torch.get_rng_state(), torch.Generator().manual_seed(3).get_state()

    def all_gather(states, state):
        assert torch.equal(state, own)
        states[0].copy_(state)
        states[1].copy_(other)

    monkeypatch.setattr(torch.distributed, "all_gather", all_gather)
    net.accelerator = SimpleNamespace(num_processes=2, process_index=0)
    state = unpack(pack(read_state(net, KeptHistory())))
    with torch.random.fork_rng(devices=[]):
        for rank, expected in enumerate([own, other]):
            net.accelerator.process_index = rank
            write_state(net, state)
            assert torch.equal(torch.get_rng_state(), expected)
    kept = Checkpoint(tmp_path / "kept", None, seed=0)
    kept.compare_start(net)
    kept.write_end(net, None)
    assert not (tmp_path / "kept").exists()  # the first one writes for all
    net.accelerator.process_index = 0
    kept.write_end(net, None)
    assert (tmp_path / "kept").exists()
