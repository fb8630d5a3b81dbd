"""Settings that no machine can hold, and memory that runs out on the way."""

import re

import numpy as np
import pytest
import torch
from sklearn.exceptions import NotFittedError
from skorch.callbacks import Callback

from sktrace import DKTClassifier, SequenceRegressor
from sktrace._neural.memory import memory_told

from .._sequence_data import ONE_EPOCH
from ..conftest import proba, small_dkt
from ._courses import make_courses


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"hidden_size": 10**9}, "hidden_size=1000000000, num_layers=1, .* makes a"),
        ({"hidden_size": 10**30}, r"a network of 3.0e\+60 weights, whose training"),
        (
            {"hidden_size": 10**5, "cell": "lstm"},
            "Pass a smaller hidden_size or num_la",
        ),
        ({"embedding_size": 10**9}, "expected less than the .* that device 'cpu' has"),
        ({"embedding_size": 10**400}, "embedding_size=1000000000.* makes a network"),
        ({"num_layers": 10**6}, r"'num_layers' .* in the range \[1, 1000\]"),
        ({"lr": 1e300}, r"'lr' .* in the range \(0.0, 1e\+30\]"),
        ({"lr": 10**400}, r"'lr' .* in the range \(0.0, 1e\+30\]"),
        ({"weight_decay": 1e300}, r"'weight_decay' .* in the range \[0.0, 1e\+30\]"),
        ({"weight_decay": 1e4}, "diverged: .* Lower weight_decay or lr, and fit again"),
        ({"optimizer": "sparseadam"}, "optimizer='sparseadam' is not known; expected"),
        ({"net_params": {"optimizer__foo": 1}}, "No net can be made of .* 'foo'"),
        ({"net_params": {"criterion": 3}}, "No net can be made of .*'criterion': 3"),
        ({"callbacks": [3]}, r"No net can be made of .*callbacks=\[3\]"),
    ],
)
def test_absurd_settings_are_refused_and_leave_the_earlier_model(log, params, message):
    tracer = small_dkt().fit(log, log["correct"])
    before = proba(tracer, log)
    tracer.set_params(device="cpu", **params)
    with pytest.raises(ValueError, match=message):
        tracer.fit(log, log["correct"])
    np.testing.assert_array_equal(proba(tracer, log), before)


@pytest.mark.parametrize("kind", [DKTClassifier, SequenceRegressor])
def test_absurd_settings_are_refused_of_sequences_of_numbers(kind):
    X, _ = make_courses()
    giant = kind(task="many-to-one", **ONE_EPOCH | {"hidden_size": 10**9})
    message = re.escape("Pass a smaller hidden_size or num_layers, such as those by")
    with pytest.raises(ValueError, match=message):
        giant.fit(X, np.arange(len(X)) % 2)


@pytest.mark.parametrize(
    "params",
    [
        {"batch_size": 2**70},
        {"max_length": 2**70},
        {"early_stopping": True, "patience": 2**70, "validation_fraction": 1e-300},
        {"early_stopping": True, "patience": 1, "max_epochs": 10**400, "lr": 1.0},
        {"dropout": 1 - 1e-16},
        {"hidden_size": np.int8(100), "num_layers": np.int64(1)},
        {"embedding_size": np.int8(4), "batch_size": np.int8(100)},
    ],
)
def test_large_numbers_that_do_no_harm_are_taken(log, params):
    assert np.isfinite(proba(small_dkt(**params).fit(log, log["correct"]), log)).all()


@pytest.mark.parametrize("scale", [1e-29, 1e29])
def test_the_unit_of_weights_does_not_matter(log, scale):
    weight = np.arange(len(log)) % 2
    tracers = (
        small_dkt().fit(log, log["correct"], own) for own in (weight, weight * scale)
    )
    expected, found = (proba(tracer, log) for tracer in tracers)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


# --- memory that runs out ------------------------------------------------------------


class Exhausting(Callback):
    def __init__(self, error):
        self.error = error

    def on_batch_end(self, net, **kwargs):
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:1] DefaultCPUAllocator: can't "
            "allocate memory: you tried to allocate 4000 bytes."
        ),
        torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"),
        MemoryError("Unable to allocate 3 GiB for an array"),
    ],
)
def test_memory_that_ran_out_is_told_in_our_words(log, error):
    tracer = small_dkt(callbacks=[Exhausting(error)], batch_size=7, device="cpu")
    message = (
        "The memory of device 'cpu' ran out while the network was trained; expected "
        "that it holds the network and a batch. Got hidden_size=6, num_layers=1, "
        "batch_size=7, max_length=200: pass smaller ones, or another device."
    )
    with pytest.raises(MemoryError) as raised:
        tracer.fit(log, log["correct"])
    assert str(raised.value) == message
    assert raised.value.__cause__ is error
    with pytest.raises(NotFittedError):
        proba(tracer, log)


def test_memory_that_ran_out_in_prediction_is_told(log, monkeypatch):
    tracer = small_dkt(device="cpu").fit(log, log["correct"])

    def exhaust(*args):
        raise RuntimeError("not enough memory: you tried to allocate 4 bytes")

    monkeypatch.setattr(type(tracer.net_.module_), "states", exhaust)
    for ask in (tracer.predict_proba, tracer.knowledge_state):
        with pytest.raises(MemoryError, match=r"rows were predicted; .* fewer stu"):
            ask(log)


def test_other_errors_are_not_taken_for_memory():
    told = memory_told("cpu", "it ran", "Nothing helps.")
    with pytest.raises(RuntimeError, match="a bug"), told:
        raise RuntimeError("a bug")
