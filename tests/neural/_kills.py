"""Fits that are killed at one moment of training, and what they are compared by."""

import multiprocessing
import os
import signal
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from skorch.callbacks import Callback

from sktrace import _files
from sktrace._neural.fingerprints import fingerprint

from ..conftest import make_log

__all__ = [
    "LONG",
    "Kill",
    "answers",
    "assert_same",
    "files_in",
    "fit_and_be_killed",
    "predict",
]

LONG = {"max_epochs": 4, "batch_size": 4}


class Kill(Callback):
    """Kills its process once, in an epoch; where the flag is, it does nothing."""

    def __init__(self, flag, epoch, moment="on_batch_end"):
        self.flag, self.epoch, self.moment = str(flag), epoch, moment

    def at(self, moment, net):
        if moment == self.moment and len(net.history) == self.epoch:
            kill_once(self.flag)

    def on_batch_end(self, net, **kwargs):
        if len(net.history[-1]["batches"]) > 1:  # in the midst of it
            self.at("on_batch_end", net)

    def on_grad_computed(self, net, **kwargs):
        self.at("on_grad_computed", net)

    def on_epoch_end(self, net, **kwargs):
        now = self.moment == "on_writing" and len(net.history) == self.epoch
        if now and not Path(self.flag).exists():
            _files.os.replace = lambda *paths: kill_once(self.flag)
        self.at("on_epoch_end", net)


def kill_once(flag):
    try:
        Path(flag).touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def _fit(estimator, data, weight):
    torch.set_num_threads(1)
    estimator.fit(*data, sample_weight=weight)


def fit_and_be_killed(estimator, data, weight=None):
    """Fit in another process, which must not come to the end."""
    context = multiprocessing.get_context("forkserver")
    # The last is what torch imports, in seconds, with the first optimizer.
    context.set_forkserver_preload([__name__, "sktrace._neural.dkt", "torch._dynamo"])
    process = context.Process(target=_fit, args=(estimator, data, weight))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL


def files_in(folder):
    return sorted(path.name for path in folder.glob("*.checkpoint"))


def predict(estimator, X):
    is_classifier = hasattr(estimator, "predict_proba")
    return estimator.predict_proba(X) if is_classifier else estimator.predict(X)


def assert_same(one, other, X):
    """All is alike that training has left, but for the seconds it took."""
    np.testing.assert_array_equal(predict(one, X), predict(other, X))
    pd.testing.assert_frame_equal(
        one.history_.drop(columns="dur"), other.history_.drop(columns="dur")
    )
    assert (one.n_iter_, one.best_epoch_) == (other.n_iter_, other.best_epoch_)
    for name in ("module_", "optimizer_"):
        states = [getattr(each.net_, name).state_dict() for each in (one, other)]
        assert fingerprint(states[0]) == fingerprint(states[1])
    batches = [each.net_.history[:, "batches"] for each in (one, other)]
    assert batches[0] == batches[1]
    assert fingerprint(one._random_) == fingerprint(other._random_)


def answers():
    log = make_log(n_students=9, n_steps=8)
    return log, log["correct"]
