"""One fit in several processes: each batch is shared, and nothing else differs."""

import copy
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone

from sktrace import _versions
from sktrace._neural import devices, training
from sktrace._neural.devices import refuse_devices, take_part, train_on_devices

from ..conftest import make_log, proba, small_dkt
from ._courses import TRACING, WHOLE, make_sequences
from ._courses import make_weeks as make_grades

pytest.importorskip("accelerate")

# Sums of float32 in another order.
SAME_SUMS = {"rtol": 1e-5, "atol": 1e-7}
EXACT = {"dropout": 0.0, "max_epochs": 3}


class Kept(Exception):
    """What was to be trained on."""


def batches_of(estimator, X, y, monkeypatch):
    """Return an untrained net of an estimator, and the batches of an epoch."""

    def keep(net, dataset, *args, **kwargs):
        raise Kept(net, dataset)

    monkeypatch.setattr(training, "train", keep)
    with pytest.raises(Kept) as raised:
        estimator.fit(X, y)
    net, dataset = raised.value.args
    return net, list(dataset.batches())


def gradient(net, batch, target):
    """Return the gradient and the loss of a batch, or of a part of one."""
    net.optimizer_.zero_grad()
    loss = net.train_step_single((batch, target))["loss"].item()
    return [p.grad.clone() for p in net.module_.parameters()], loss


def made_up(kind):
    log = make_log(n_students=9, ties=True)
    log["item_id"] = np.arange(len(log)) % 5
    log["hints"] = np.arange(len(log)) % 3 / 2
    numbers = {"item": "item_id", "features": "hints", "past_features": "hints"}
    weeks = make_grades()
    targets = weeks[["grade"]].assign(square=weeks["grade"] ** 2)
    return {
        "answers": (small_dkt(), log, log["correct"]),
        "items": (small_dkt(readout="mlp", **numbers), log, log["correct"]),
        "weeks": (clone(TRACING), weeks, targets),
        "sequences": (clone(WHOLE), *make_sequences()),
    }[kind]


@pytest.mark.parametrize("n_devices", [2, 3])
@pytest.mark.parametrize("batch_size", [1, 5])
@pytest.mark.parametrize("kind", ["answers", "items", "weeks", "sequences"])
def test_the_mean_of_the_gradients_of_parts_is_that_of_the_batch(
    kind, batch_size, n_devices, monkeypatch
):
    estimator, X, y = made_up(kind)
    estimator.set_params(dropout=0, batch_size=batch_size)
    net, batches = batches_of(estimator, X, y, monkeypatch)
    for batch, target in batches:
        whole, loss = gradient(net, batch, target)
        parts = [take_part(batch, target, k, n_devices) for k in range(n_devices)]
        assert {len(part) for part, _ in parts} == {len(batch)}
        gradients, losses = zip(*[gradient(net, *part) for part in parts], strict=True)
        np.testing.assert_allclose(np.mean(losses), loss, **SAME_SUMS)
        for mean, expected in zip(zip(*gradients, strict=True), whole, strict=True):
            mean = torch.stack(mean).mean(0)
            torch.testing.assert_close(mean, expected, rtol=1e-4, atol=1e-6)


def test_parts_are_all_rows_once(monkeypatch):
    _, batches = batches_of(*made_up("items"), monkeypatch)
    for batch, target in batches:
        parts = [take_part(batch, target, k, 2) for k in range(2)]
        if batch.n_windows > 1:
            rows = np.concatenate([part.rows for part, _ in parts])
            np.testing.assert_array_equal(rows, batch.rows)
            assert torch.equal(torch.cat([own for _, own in parts]), target)


def test_a_part_without_rows_teaches_nothing(monkeypatch):
    """A mean of none were no number, and the others wait for a gradient."""
    estimator, *data = made_up("weeks")
    net, batches = batches_of(estimator.set_params(dropout=0), *data, monkeypatch)
    batch, target = max(batches, key=lambda one: one[0].n_windows)
    own = batch.row_cell < len(batch.numbers) // batch.n_windows  # of the first student
    rows = {"row_cell": batch.row_cell[own], "weight": batch.weight[own]}
    batch = replace(batch, rows=batch.rows[own.numpy()], **rows)
    whole, loss = gradient(net, batch, target[own])
    parts = [gradient(net, *take_part(batch, target[own], k, 2)) for k in range(2)]
    assert parts[1][1] == 0
    assert all((g == 0).all() for g in parts[1][0])
    assert parts[0][1] == pytest.approx(2 * loss, rel=1e-6)
    assert any((g != 0).any() for g in whole)


@pytest.fixture(scope="module")
def shared():
    """A tracer fitted by two processes, and its log."""
    log = make_log(n_students=20)
    tracer = small_dkt(n_devices=2, early_stopping=True, batch_size=5, **EXACT)
    return tracer.fit(log, log["correct"]), log


def test_two_processes_learn_what_one_does(shared):
    two, log = shared
    one = clone(two).set_params(n_devices=1).fit(log, log["correct"])
    losses = ["epoch", "train_loss", "valid_loss"]
    assert [*two.history_] == [*one.history_]
    np.testing.assert_allclose(two.history_[losses], one.history_[losses], **SAME_SUMS)
    assert two.best_epoch_ == one.best_epoch_
    np.testing.assert_allclose(proba(two, log), proba(one, log), rtol=0, atol=1e-5)
    # And it goes on as one does: weights, momentum, and the order of batches.
    one, two = (
        copy.deepcopy(tracer).set_params(n_devices=1).partial_fit(log, log["correct"])
        for tracer in (one, two)
    )
    np.testing.assert_allclose(proba(two, log), proba(one, log), rtol=0, atol=1e-5)


def test_a_script_without_a_guard_repeats_it_to_the_bit(shared, tmp_path):
    """Torch's threads have been at work there, too, and its callbacks are its own."""
    two, log = shared
    log.to_pickle(tmp_path / "log.pkl")
    params = {name: repr(value) for name, value in two.get_params().items()}
    script = tmp_path / "script.py"
    script.write_text(
        "import pandas as pd, torch\n"
        "from skorch.callbacks import Callback\n"
        "from sktrace import DKTClassifier\n"
        "class Count(Callback):\n"
        "    def on_epoch_end(self, net, **kwargs):\n"
        "        net.history.record('threads', torch.get_num_threads())\n"
        "torch.set_num_threads(2)\n"
        "torch.ones(999, 999) @ torch.ones(999, 999)\n"
        "log = pd.read_pickle('log.pkl')\n"
        f"tracer = DKTClassifier({', '.join(f'{k}={v}' for k, v in params.items())})\n"
        "tracer.set_params(callbacks=[Count()]).fit(log, log['correct'])\n"
        "assert set(tracer.history_['threads']) == {1} and tracer.n_devices == 2\n"
        "pd.DataFrame(tracer.predict_proba(log)).to_pickle('p.pkl')\n"
    )
    subprocess.run([sys.executable, script.name], cwd=tmp_path, check=True, timeout=300)
    p = pd.read_pickle(tmp_path / "p.pkl").to_numpy()
    np.testing.assert_array_equal(p, two.predict_proba(log))


def test_two_processes_learn_numbers_as_one_does():
    X, y = make_sequences()
    one, two = (clone(WHOLE).set_params(n_devices=n, **EXACT).fit(X, y) for n in (1, 2))
    losses = ["epoch", "train_loss"]
    np.testing.assert_allclose(two.history_[losses], one.history_[losses], **SAME_SUMS)
    np.testing.assert_allclose(two.predict(X), one.predict(X), rtol=1e-5, atol=0)


def work_as(job, tmp_path, monkeypatch):
    """Let processes do something short instead of training; return how it ends."""
    monkeypatch.setattr(devices, "_take_part", job)
    how = {"n_devices": 2, "seed": 0, "n_threads": 1}
    net = SimpleNamespace(folder=str(tmp_path), optimizer_=None)
    train_on_devices(net, None, None, **how)


def ended(folder):
    """Say whether all processes that wrote down their number have ended."""
    pids = [int(file.name) for file in Path(folder).iterdir()]
    return len(pids) == 2 and not any(Path("/proc", str(pid)).exists() for pid in pids)


@pytest.fixture
def _heard():
    """Hear Ctrl-C, which a process in the background of a shell may ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are not listed")
@pytest.mark.usefixtures("_heard")
@pytest.mark.parametrize("how", ["dies", "fails", "Ctrl-C"])
def test_what_ends_one_process_ends_all(how, tmp_path, monkeypatch):
    parent = os.getpid()

    def job(net, rank, *more):
        import os
        import signal
        import time
        from pathlib import Path

        Path(net.folder, str(os.getpid())).touch()
        while len(list(Path(net.folder).iterdir())) < 2:
            time.sleep(0.01)
        if rank == 1 and how == "dies":
            os._exit(1)
        if rank == 1 and how == "fails":
            raise ValueError("no such number")
        if rank == 1 and how == "Ctrl-C":
            os.kill(parent, signal.SIGINT)
        time.sleep(600)

    expected = {
        "dies": (RuntimeError, "ended before its training did"),
        "fails": (ValueError, "no such number"),
        "Ctrl-C": (KeyboardInterrupt, None),
    }
    error, message = expected[how]
    with pytest.raises(error, match=message):
        work_as(job, tmp_path, monkeypatch)
    assert ended(tmp_path)


def test_a_fit_whose_process_ended_is_none(log, monkeypatch):
    def end(*args, **kwargs):
        raise RuntimeError("A process ended")

    tracer = small_dkt().fit(log, log["correct"])
    before = proba(tracer, log)
    monkeypatch.setattr(training, "train_on_devices", end)
    tracer.set_params(n_devices=2)
    for fit in (tracer.fit, tracer.partial_fit):
        with pytest.raises(RuntimeError, match="A process ended"):
            fit(log, log["correct"])
    np.testing.assert_array_equal(proba(tracer, log), before)


def test_what_is_not_there_is_refused(log, monkeypatch):
    with pytest.raises(ValueError, match=r"n_devices=2 with device=.mps.*n_devices=1"):
        refuse_devices(2, "mps")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    refuse_devices(2, "cuda")
    with pytest.raises(ValueError, match=r"torch finds 2.*Pass n_devices=2"):
        refuse_devices(3, "cuda")
    with pytest.raises(ValueError, match=r"'cuda:1'.*Pass n_devices=1"):
        refuse_devices(2, "cuda:1")
    with pytest.raises(ValueError, match=r'LBFGS.*Pass optimizer="adamw"'):
        small_dkt(n_devices=2, optimizer="LBFGS").fit(log, log["correct"])
    with pytest.raises(ValueError, match="'n_devices' parameter"):
        small_dkt(n_devices=0).fit(log, log["correct"])
    monkeypatch.setattr(_versions.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"accelerate.*\.\[devices\]"):
        small_dkt(n_devices=2).fit(log, log["correct"])
    refuse_devices(1, "cpu")
