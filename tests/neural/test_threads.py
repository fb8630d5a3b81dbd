"""Networks that are fitted by several threads, or in a forked process."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
import torch
from sklearn.base import clone
from skorch.callbacks import Callback

from sktrace._neural.seeds import seeded

from ..conftest import proba, small_dkt


class Meet(Callback):
    """Waits for a batch of another fit, or shows that it has not begun."""

    def __init__(self, barrier):
        self.barrier = barrier

    def on_batch_begin(self, net, **kwargs):
        with suppress(threading.BrokenBarrierError):
            self.barrier.wait(timeout=0.05)


def test_two_fits_at_a_time_are_two_fits_in_turn(log):
    tracers = [small_dkt(random_state=seed, num_layers=2) for seed in (0, 1)]
    expected = [proba(clone(one).fit(log, log["correct"]), log) for one in tracers]
    before = torch.get_rng_state()
    barrier = threading.Barrier(2)  # they would meet, were both at work
    for one in tracers:
        one.set_params(callbacks=[Meet(barrier)])
    with ThreadPoolExecutor(2) as pool:
        fitted = list(pool.map(lambda one: one.fit(log, log["correct"]), tracers))
    for one, p in zip(fitted, expected, strict=True):
        np.testing.assert_array_equal(proba(one, log), p)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_fit_within_a_fit_does_not_wait_for_itself(log):
    class Another(Callback):
        def on_train_begin(self, net, **kwargs):
            self.p = proba(small_dkt().fit(log, log["correct"]), log)

    another = Another()
    outer = small_dkt(callbacks=[another]).fit(log, log["correct"])
    np.testing.assert_array_equal(another.p, proba(outer, log))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_child_of_a_process_that_trains_is_not_locked_out():
    inside, done = threading.Event(), threading.Event()

    def train():
        with seeded(0, "cpu"):
            inside.set()
            done.wait()

    thread = threading.Thread(target=train)
    thread.start()
    inside.wait()
    child = os.fork()
    if child == 0:
        signal.alarm(5)  # ends a child that waits
        with seeded(0, "cpu"):
            os._exit(0)
    done.set()
    thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
