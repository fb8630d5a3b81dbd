"""Live tracers over thousands of calls; see `_soak`."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    BlendClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
    RaschClassifier,
    TransferClassifier,
)

from ._settings import asked_for
from ._soak import Tutor, make_class

FURTHER = {
    "item": "item_id",
    "time": "when",
    "features": ["hints"],
    "past_features": ["past"],
}
SMALL = {"hidden_size": 4, "embedding_size": 3, "max_epochs": 1, "random_state": 0}
TRACERS = {
    "means": MeanClassifier(by="student"),
    "AFM": AFMClassifier(item="item_id"),
    "PFA": PFAClassifier(**FURTHER),
    "Rasch": RaschClassifier(skill="skill_name"),
    "BKT": BKTClassifier(item="item_id", n_restarts=1, max_iter=300, tol=1e-3),
    "DKT": DKTClassifier(**FURTHER, **SMALL),
    "DKT without columns": DKTClassifier(readout="mlp", cell="lstm", **SMALL),
    "transfer": TransferClassifier(item="item_id"),
    "blend": BlendClassifier([("mean", MeanClassifier()), ("PFA", PFAClassifier())]),
}
CALLS = 60  # of each tracer in the ordinary tests


@pytest.fixture(scope="module")
def fitted():
    X = make_class()
    X["past"] = X["hints"]
    bounded = {"bounds": {"guess": (0, 0.5), "slip": (0, 0.5)}}
    TRACERS["BKT"].set_params(**bounded)
    return {name: tracer.fit(X, X["correct"]) for name, tracer in TRACERS.items()}


@pytest.mark.parametrize("name", TRACERS)
def test_a_live_tracer_is_the_batch_after_any_calls(fitted, name):
    n_calls = asked_for() or CALLS
    tutor = Tutor(fitted[name], seed=0)
    for number in range(n_calls):
        tutor.call()
        if number % 500 == 40:
            tutor.check()
    tutor.check()


@pytest.mark.parametrize("name", ["PFA", "BKT", "DKT"])
def test_states_do_not_grow(fitted, name):
    live, sizes = fitted[name].tracer(), []
    for n_answers in (20, asked_for() or 100):
        for step in range(n_answers):
            live.update("ann", ["add", "new"][step % 2], step % 2)
        sizes.append(len(pickle.dumps(live)))
    assert sizes[1] <= 1.1 * sizes[0]


@pytest.mark.parametrize("name", ["PFA", "BKT", "DKT"])
def test_threads_may_serve_different_students_at_once(fitted, name):
    def serve(live, student):
        rng = np.random.default_rng(student)
        for _ in range(10):
            live.update(student, "add", int(rng.integers(0, 2)))
            p = live.predict_proba(student).to_numpy()
        return p

    together, alone = fitted[name].tracer(), fitted[name].tracer()
    with ThreadPoolExecutor(4) as pool:
        served = list(pool.map(lambda student: serve(together, student), range(8)))
    for student, p in enumerate(served):
        np.testing.assert_array_equal(p, serve(alone, student))
