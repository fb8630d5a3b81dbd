"""Threads within a fit; fits in several threads, or in a forked process."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
import torch
from joblib import Parallel, cpu_count, delayed
from sklearn.base import clone
from skorch.callbacks import Callback

from sktrace import DKTClassifier, SequenceRegressor
from sktrace._neural import batches, net, threads
from sktrace._neural.live_module import ModuleNetwork
from sktrace._neural.seeds import seeded
from sktrace._neural.threads import (
    each_batch,
    given_threads,
    predict_threads,
    train_threads,
)

from ..conftest import make_log, proba, small_dkt
from ._courses import OF_OUTCOMES, TRACING, WHOLE, make_courses, make_sequences
from ._courses import make_weeks as make_grades


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


class Count(Callback):
    """Counts the threads that torch has in each batch."""

    def __init__(self):
        self.seen = set()

    def on_batch_begin(self, net, **kwargs):
        self.seen.add(torch.get_num_threads())


@pytest.fixture
def two_threads():
    """Let torch have two threads, whatever the machine has."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def made_up(name):
    """Return an estimator and data of each kind that has a network."""
    log, weeks = make_log(), make_grades()
    return {
        "tracer": (small_dkt(), log, log["correct"]),
        "outcomes": (DKTClassifier(**OF_OUTCOMES), *make_courses()),
        "weeks": (clone(TRACING), weeks, weeks["grade"]),
        "sequences": (clone(WHOLE), *make_sequences()),
    }[name]


def predict(estimator, X):
    return getattr(estimator, "predict_proba", estimator.predict)(X)


KINDS = ["tracer", "outcomes", "weeks", "sequences"]


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize(
    ("kind", "asked", "given"),
    [
        *[(kind, "auto", 1) for kind in KINDS],
        ("sequences", 1, 1),
        ("sequences", 2, 2),
        ("outcomes", 99, 2),
    ],
)
def test_training_has_the_threads_it_is_given_and_leaves_those_of_torch(
    kind, asked, given
):
    estimator, X, y = made_up(kind)
    count = Count()
    estimator.set_params(n_threads=asked, callbacks=[count]).fit(X, y)
    assert count.seen == {given}
    assert torch.get_num_threads() == 2
    predict(estimator, X)
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("two_threads")
def test_a_partial_fit_takes_one_thread_too(log):
    count = Count()
    tracer = small_dkt(callbacks=[count]).partial_fit(log, log["correct"])
    assert count.seen == {1}
    assert torch.get_num_threads() == 2
    before = proba(tracer, log)
    torch.set_num_threads(1)
    again = small_dkt().partial_fit(log, log["correct"])
    np.testing.assert_array_equal(proba(again, log), before)


@pytest.mark.parametrize("kind", KINDS)
def test_by_default_the_threads_of_torch_change_no_bit(kind, two_threads):
    estimator, X, y = made_up(kind)
    p = predict(clone(estimator).fit(X, y), X)
    torch.set_num_threads(1)
    np.testing.assert_array_equal(predict(clone(estimator).fit(X, y), X), p)


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("kind", KINDS)
def test_batches_that_are_predicted_together_are_the_same_to_the_bit(kind, monkeypatch):
    estimator, X, y = made_up(kind)
    estimator.fit(X, y)
    monkeypatch.setattr(batches, "STEPS_PER_BATCH", 20)  # several batches
    met = set()
    estimator.net_.module_.register_forward_hook(
        lambda *_: met.add(threading.get_ident())
    )
    together = predict(estimator.set_params(n_threads=2), X)
    assert threading.get_ident() not in met
    met.clear()
    in_turn = predict(estimator.set_params(n_threads=1), X)
    assert met == {threading.get_ident()}
    np.testing.assert_array_equal(together, in_turn)


@pytest.mark.usefixtures("two_threads")
def test_knowledge_is_the_same_however_many_threads_are_asked(log, monkeypatch):
    tracer = small_dkt().fit(log, log["correct"])
    monkeypatch.setattr(batches, "STEPS_PER_BATCH", 20)
    for ask in ("knowledge_state", "predict_next"):
        one, two = (getattr(tracer.set_params(n_threads=n), ask)(log) for n in (1, 2))
        np.testing.assert_array_equal(one, two)


@pytest.mark.usefixtures("two_threads")
def test_a_module_that_is_stepped_by_torch_takes_one_thread(log):
    network = ModuleNetwork(
        small_dkt(skill_numbers=False).fit(log, log["correct"]).net_.module_
    )
    seen = set()
    rnn = network.module.rnn
    rnn.register_forward_hook(lambda *_: seen.add(torch.get_num_threads()))
    network.step({"answer": np.array([1])}, network.begin())
    assert seen == {1}
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("two_threads")
def test_calls_at_a_time_take_no_more_threads_than_torch_has():
    with given_threads(1), ThreadPoolExecutor(1) as pool:
        own = threading.get_ident()
        ids = pool.submit(each_batch, _who, [1, 2, 3], 4).result()
        assert len(set(ids)) == 1  # one is left of two
        assert own not in ids
    assert len(set(each_batch(_meet(2), [1, 2], 4))) == 2


@pytest.mark.usefixtures("two_threads")
def test_blocks_that_overlap_leave_what_was_there_before_the_first():
    inside, done = threading.Event(), threading.Event()

    def block():
        with given_threads(1):
            inside.set()
            done.wait(5)
        return torch.get_num_threads()

    with ThreadPoolExecutor(2) as pool:
        with given_threads(1):
            first = pool.submit(block)
            inside.wait(5)
            with given_threads(2):
                assert torch.get_num_threads() == 2
            assert torch.get_num_threads() == 1
            assert train_threads(2) == 2  # of those that torch had
        assert torch.get_num_threads() == 2
        done.set()
        assert first.result() == 2
        assert pool.submit(torch.get_num_threads).result() == 2  # one that is new


def test_a_failure_in_a_thread_is_told_and_leaves_what_was_there(two_threads):
    def fail(batch):
        raise ValueError("no batch")

    with pytest.raises(ValueError, match="no batch"):
        each_batch(fail, [1, 2, 3], 2)
    assert torch.get_num_threads() == 2


def test_by_default_only_long_predictions_are_shared_and_on_a_cpu():
    assert predict_threads("auto", "cpu", 2**31) == 1
    assert predict_threads("auto", "cpu", 2**32) == 4
    assert predict_threads(3, "cpu", 1) == 3
    assert predict_threads(3, "cuda", 2**40) == 1


@pytest.mark.usefixtures("two_threads")
def test_a_long_prediction_is_shared_by_default(log, monkeypatch):
    tracer = small_dkt().fit(log, log["correct"])
    asked = []

    def each(work, batches, n_threads):
        asked.append(n_threads)
        return each_batch(work, batches, n_threads)

    monkeypatch.setattr(net, "each_batch", each)
    n_weights = sum(w.numel() for w in tracer.net_.module_.rnn.parameters())
    n_steps = len(log.drop_duplicates(["user_id", "order_id"]))  # the start is one
    for enough in (n_weights * n_steps, n_weights * n_steps + 1):
        monkeypatch.setattr(threads, "ENOUGH", enough)
        tracer.predict_proba(log)
    assert asked == [4, 1]


def test_jobs_share_the_cores(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    job = delayed(train_threads)(99)
    assert max(Parallel(n_jobs=2)([job, job])) <= max(1, cpu_count() // 2)


def test_fewer_than_one_thread_is_refused(log):
    with pytest.raises(ValueError, match="'n_threads' parameter"):
        small_dkt(n_threads=0).fit(log, log["correct"])
    with pytest.raises(ValueError, match="'n_threads' parameter"):
        SequenceRegressor(n_threads="all").fit(log, log["correct"])


def _who(batch):
    return threading.get_ident()


def _meet(n):
    """Return work that ends only where `n` threads are at it."""
    barrier = threading.Barrier(n)

    def work(batch):
        barrier.wait(5)
        return threading.get_ident()

    return work
