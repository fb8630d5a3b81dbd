"""A device that is not the CPU: all that has to be is there, and comes back.

No test here has met a GPU. What they cannot see is cuDNN, and how a GPU rounds.
"""

import copy
import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from skorch.callbacks import Callback

from sktrace import DKTClassifier, load, save
from sktrace._neural import item_vectors
from sktrace._plain.tree import WRITERS

from ..conftest import make_log, small_dkt
from ._courses import (
    OF_OUTCOMES,
    TRACING,
    WHOLE,
    make_courses,
    make_histories,
    make_sequences,
    make_weeks,
)
from ._elsewhere import DEVICE, Elsewhere, Far, generators

CLOSE = {"rtol": 0, "atol": 1e-5}
WAYS = ["predict_proba", "knowledge_state", "predict_next", "predict"]

# Torch takes the numbers of a state for lost, since nothing on meta has any.
pytestmark = pytest.mark.filterwarnings("ignore:.*copying from a non-meta parameter")


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch):
    monkeypatch.setattr(torch, "meta", generators, raising=False)
    monkeypatch.setitem(WRITERS, Far, WRITERS[torch.Tensor])
    monkeypatch.setattr(item_vectors, "LEAST_SHARE", 0)  # few answers make a vector


def made_up(kind):
    """Return an estimator, and what it is fitted to."""
    log = make_log(n_students=5, n_steps=4)
    log["item_id"], log["hints"] = np.arange(len(log)) % 2, np.arange(len(log)) % 3
    numbers = {"item": "item_id", "features": "hints", "past_features": "hints"}
    weeks = make_weeks(n_students=5, n_weeks=4)
    _, histories, passed = make_histories()
    outcomes = DKTClassifier(**OF_OUTCOMES)
    estimator, X, y = {
        "skills": (small_dkt(skill_numbers=False), log, log["correct"]),
        "items": (small_dkt(**numbers), log, log["correct"]),
        "weeks": (clone(TRACING), weeks, weeks["grade"]),
        "sequences": (clone(WHOLE), *make_sequences(8, 3)),
        "outcomes": (outcomes, *make_courses(8, 3)),
        "histories": (outcomes, histories[:6], passed[:6]),
    }[kind]
    return estimator.set_params(max_epochs=1, batch_size=4), X, y


def answers(estimator, X):
    """Return what an estimator says of all that it can be asked, in a row."""
    of_whole = getattr(estimator, "task", None) == "many-to-one"
    ways = WAYS[::3] if of_whole else WAYS
    said = [getattr(estimator, way)(X) for way in ways if hasattr(estimator, way)]
    said = [np.asarray(each).ravel() for each in said]
    return np.concatenate([each for each in said if each.dtype.kind == "f"])


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("skills", {"cell": "lstm", "num_layers": 2, "early_stopping": True}),
        ("items", {"cell": "gru", "readout": "mlp"}),
        ("items", {"cell": "rnn", "readout": "linear", "optimizer": "sgd"}),
        ("weeks", {"cell": "gru", "early_stopping": True}),
        ("sequences", {"cell": "rnn", "num_layers": 2}),
        ("outcomes", {"cell": "lstm"}),
        ("histories", {"cell": "gru"}),
    ],
)
def test_fits_and_answers_are_those_of_the_cpu(kind, params):
    here, X, y = made_up(kind)
    here.set_params(**params)
    there = clone(here).set_params(device=DEVICE)
    here.fit(X, y)
    with Elsewhere():
        there.fit(X, y)
        weights = [*there.net_.module_.parameters()]
        assert all(type(own) is Far for own in weights)
        np.testing.assert_allclose(answers(there, X), answers(here, X), **CLOSE)


def test_a_net_goes_on_there_and_a_copy_leaves_it_alone():
    here, X, y = made_up("items")
    here.fit(X, y)
    with Elsewhere():
        there = clone(here).set_params(device=DEVICE).fit(X, y)
        before = there.predict_proba(X)
        more = copy.copy(there).partial_fit(X, y)
        warm = copy.copy(there).set_params(warm_start=True).fit(X, y)
        np.testing.assert_array_equal(there.predict_proba(X), before)
        assert len(more.history_) == len(warm.history_) == 2
        more_here = here.partial_fit(X, y).predict_proba(X)
        np.testing.assert_allclose(more.predict_proba(X), more_here, **CLOSE)


def test_what_was_fitted_there_is_read_where_it_is_not(tmp_path):
    tracer, X, y = made_up("items")
    with Elsewhere():
        there = tracer.set_params(device=DEVICE).fit(X, y)
        before = answers(there, X)
        save(there.set_params(device="auto"), tmp_path / "there")
        live = there.tracer()
    np.testing.assert_allclose(answers(load(tmp_path / "there"), X), before, **CLOSE)
    live.update("ann", X["skill_name"][0], 1, item=0, features=1, past_features=1)
    assert 0 < live.predict_proba("ann", X["skill_name"][:1], item=0, features=1)[0] < 1


def test_a_step_is_taken_where_the_weights_are():
    tracer, X, y = made_up("skills")
    with Elsewhere():
        module = tracer.set_params(device=DEVICE).fit(X, y).net_.module_
        memory = module.step({"answer": torch.tensor([0]).to(DEVICE)})
        assert type(module.state(memory)) is Far


KILLED = []


class Killed(Exception):
    """What ends a training."""


class End(Callback):
    """Ends a training in the midst of its second epoch."""

    def on_batch_begin(self, net, **kwargs):
        if len(net.history) == 2 and not KILLED:
            KILLED.append(True)
            raise Killed


def test_a_training_that_was_killed_goes_on_there(tmp_path):
    tracer, X, y = made_up("skills")
    tracer.set_params(device=DEVICE, max_epochs=3)
    kept = clone(tracer).set_params(checkpoint=tmp_path, callbacks=[End()])
    with Elsewhere():
        with pytest.raises(Killed):
            kept.fit(X, y)
        again = answers(kept.fit(X, y), X)
        np.testing.assert_array_equal(again, answers(tracer.fit(X, y), X))


def test_recurrent_weights_that_were_copied_are_laid_out_again(monkeypatch):
    """In one block, as cuDNN wants them, which warns at every call otherwise."""
    tracer, X, y = made_up("skills")
    tracer.fit(X, y)
    laid_out = []

    def lay_out(rnn):
        laid_out.append(rnn)

    monkeypatch.setattr(torch.nn.RNNBase, "flatten_parameters", lay_out)
    more = copy.copy(tracer).partial_fit(X, y)
    read = pickle.loads(pickle.dumps(tracer))
    for copied in (more, read, copy.deepcopy(tracer)):
        assert any(rnn is copied.net_.module_.rnn for rnn in laid_out)


def test_generators_are_written_after_every_epoch(monkeypatch):
    """From there cuDNN draws its dropout between layers, as if read from a file."""
    tracer, X, y = made_up("skills")
    written = []

    def write(state, device):
        written.append(device)

    monkeypatch.setattr(generators, "set_rng_state", write)
    with Elsewhere():
        tracer.set_params(device=DEVICE, max_epochs=3).fit(X, y)
    assert written.count(DEVICE) == 3


def test_two_devices_do_not_mix():
    """Else what passes here would show nothing."""
    near = torch.ones(2, 2)
    with Elsewhere():
        far = near.to(DEVICE, copy=True)
        for mix in (torch.add, torch.mm, torch.nn.functional.linear):
            with pytest.raises(RuntimeError, match="two devices"):
                mix(far, near)
        with pytest.raises(RuntimeError, match="numpy"):
            far.numpy()
        assert far.device == DEVICE
        assert torch.equal((far + 1).cpu(), near + 1)
