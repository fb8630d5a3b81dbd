"""Threads share a live tracer: no answer is lost, and it is copied while in use."""

import copy
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from sktrace import DKTClassifier, MeanClassifier, PFAClassifier
from sktrace._plain import pack
from sktrace.live import SQLiteStore

from ..conftest import SMALL
from ._classes import fit, make_class

MODELS = {
    "mean": MeanClassifier(by="student"),
    "PFA": PFAClassifier(),
    "DKT": DKTClassifier(**SMALL),
}


@pytest.fixture(scope="module")
def fitted():
    return {name: fit(model, make_class(12, 8)) for name, model in MODELS.items()}


@pytest.fixture
def _often():
    """Let threads take turns whenever they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.fixture(params=["memory", "SQLite"])
def store(request, tmp_path):
    return SQLiteStore(tmp_path / "class.db") if request.param == "SQLite" else None


@pytest.mark.usefixtures("_often")
@pytest.mark.parametrize("name", MODELS)
def test_answers_of_one_student_are_all_taken_in(fitted, store, name):
    tracer, n = fitted[name].tracer(store=store), 60

    def tell(_):
        for _ in range(n):
            tracer.update("ann", "a", 1)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(tell, range(2)))
    assert tracer.n_answers("ann") == 2 * n
    # They are alike, so that they leave what they leave one after the other.
    alone = fitted[name].tracer()
    for _ in range(2 * n):
        alone.update("ann", "a", 1)
    assert pack(tracer.states_["ann"]) == pack(alone.states_["ann"])


@pytest.mark.usefixtures("_often")
def test_batches_that_share_students_wait_for_each_other(fitted, store):
    tracer = fitted["mean"].tracer(store=store)
    students = list(range(30))

    def tell(order):
        for _ in range(10):
            tracer.update_many(order, ["a"] * 30, [1] * 30)
            tracer.update(7, "a", 1)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(tell, [students, students[::-1]]))
    counts = [tracer.n_answers(student) for student in students]
    assert counts == [20 + 20 * (student == 7) for student in students]


@pytest.mark.usefixtures("_often")
def test_it_is_pickled_copied_and_looked_through_while_in_use(fitted):
    tracer, done = fitted["mean"].tracer(), []

    def tell(_):
        number = 0
        while not done:
            tracer.update_many([number, -1 - number], ["a", "a"], [1, 1])
            number += 1

    with ThreadPoolExecutor(2) as pool:
        telling = pool.submit(tell, 0)
        try:
            for _ in range(15):
                for copied in (
                    pickle.loads(pickle.dumps(tracer)),
                    copy.deepcopy(tracer),
                ):
                    # A batch is in it as a whole, or not at all.
                    students = set(copied.states_)
                    assert students == {-1 - student for student in students}
                assert len(dict(tracer.states_)) <= len(tracer.states_)
        finally:
            done.append(True)
        telling.result()


def test_a_copy_has_locks_of_its_own(fitted):
    tracer = fitted["PFA"].tracer()
    tracer.update("ann", "a", 1)
    copied = copy.deepcopy(tracer)

    def use_copy():
        copied.update("ann", "a", 0)
        copied.forget("bob")

    tracer.store._hold(range(64), use_copy)
    assert (tracer.n_answers("ann"), copied.n_answers("ann")) == (1, 2)


def test_states_are_a_view_that_pickles_as_a_dict(fitted):
    tracer = fitted["mean"].tracer()
    states = tracer.states_
    tracer.update("ann", "a", 1)
    np.testing.assert_array_equal(states["ann"], [0, 1])
    assert "bob" not in states
    assert states.get("bob") is None
    assert repr(states) == "<states of 1 students>"
    kept = pickle.loads(pickle.dumps(states))
    assert type(kept) is dict
    np.testing.assert_array_equal(kept["ann"], [0, 1])
    with pytest.raises(TypeError, match="does not support item assignment"):
        states["ann"] = states["ann"]
