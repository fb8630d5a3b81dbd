"""What a file of states promises: all that was acknowledged, once, and no damage."""

import os
import pickle
import sqlite3

import numpy as np
import pytest

from sktrace import (
    BKTClassifier,
    BlendClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
    TransferClassifier,
)
from sktrace._plain import pack
from sktrace.live import LiveTracer, SQLiteStore
from sktrace.saving import load, save

from ..conftest import CLOSE, SMALL
from ._classes import fit, make_class

MODELS = {
    "mean": MeanClassifier(by="student"),
    "BKT": BKTClassifier(n_restarts=1, random_state=0),
    "PFA": PFAClassifier(),
    "transfer": TransferClassifier(),
    "DKT": DKTClassifier(**SMALL),
    "LSTM": DKTClassifier(cell="lstm", num_layers=2, skill_numbers=False, **SMALL),
    "blend": BlendClassifier(
        [("mean", MeanClassifier()), ("pfa", PFAClassifier())], weights=[0.5, 0.5]
    ),
}
pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning")


@pytest.fixture(scope="module")
def fitted():
    X = make_class(12, 8)
    return {name: fit(model, X) for name, model in MODELS.items()}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "class.db"


@pytest.fixture
def pfa(fitted):
    return fitted["PFA"]


def bits(tracer, student):
    return pack(tracer.states_[student])


@pytest.mark.parametrize("name", MODELS)
def test_a_store_holds_what_memory_would_to_the_last_bit(fitted, path, name):
    in_memory = fitted[name].tracer()
    answers = [("ann", "a", 1), ("bob", "b", 0), ("ann", "c", 0), ("ann", "new", 1)]
    for answer in answers:
        in_memory.update(*answer)
        with fitted[name].tracer(store=SQLiteStore(path)) as tracer:
            tracer.update(*answer)
    again = fitted[name].tracer(store=SQLiteStore(path))
    assert set(again.states_) == {"ann", "bob"}
    assert again.n_answers("ann") == 3
    for student in ("ann", "bob"):
        assert bits(again, student) == bits(in_memory, student)
        p = again.predict_proba(student), in_memory.predict_proba(student)
        np.testing.assert_array_equal(*p)


@pytest.mark.parametrize("name", MODELS)
def test_from_a_log_and_in_one_call_it_says_what_the_tracer_says(fitted, path, name):
    X, model = make_class(12, 8, seed=1).assign(user_id=lambda X: -1 - X.user_id), None
    model = fitted[name]
    from_log = model.tracer(X, store=SQLiteStore(path))
    in_one_call = model.tracer(store=SQLiteStore(path.with_name("other.db")))
    in_one_call.update_many(X["user_id"], X["skill_name"], X["correct"])
    for student, expected in model.predict_next(X).iterrows():
        assert from_log.n_answers(student) == in_one_call.n_answers(student) == 8
        for tracer in (from_log, in_one_call):
            np.testing.assert_allclose(tracer.predict_proba(student), expected, **CLOSE)


def test_a_log_is_not_taken_in_twice(pfa, path):
    X = make_class(3, 2)
    pfa.tracer(X, store=SQLiteStore(path))
    with pytest.raises(ValueError, match=r"holds 3 student\(s\), such as 0; expected"):
        pfa.tracer(X, store=SQLiteStore(path))
    assert pfa.tracer(store=SQLiteStore(path)).n_answers(0) == 2
    other = pfa.tracer(X, store=SQLiteStore(path.with_name("other.db")))
    assert other.n_answers(0) == 2


def test_a_log_that_fails_midway_leaves_an_empty_store(pfa, path, monkeypatch):
    monkeypatch.setattr("sktrace._tracer.live._STUDENTS_AT_A_TIME", 1)
    read_many, calls = type(pfa._live_model()).read_many, []

    def fail(self, states, moments):
        calls.append(1)
        if len(calls) == 3:
            raise MemoryError
        return read_many(self, states, moments)

    monkeypatch.setattr(type(pfa._live_model()), "read_many", fail)
    with pytest.raises(MemoryError):
        pfa.tracer(make_class(4, 2), store=SQLiteStore(path))
    assert len(pfa.tracer(store=SQLiteStore(path)).states_) == 0


def test_an_answer_with_its_number_is_taken_in_once(pfa, path):
    tracer = pfa.tracer(store=SQLiteStore(path))
    for number, correct in enumerate([1, 0, 1], start=1):
        tracer.update("ann", "a", correct, number=number)
    before = bits(tracer, "ann")
    tracer.update("ann", "a", 0, number=2)
    assert bits(tracer, "ann") == before
    gap = r"number=5 for student 'ann', of whom 3 answer\(s\) are known; expected 4"
    with pytest.raises(ValueError, match=gap):
        tracer.update("ann", "a", 0, number=5)
    for odd in (0, -1, 1.5, "1"):
        with pytest.raises(ValueError, match="expected which answer of the student"):
            tracer.update("ann", "a", 0, number=odd)
    assert tracer.n_answers("ann") == 3
    # A batch of which a part is known: the rest is taken in.
    tracer.update_many(["ann"] * 3, ["a"] * 3, [1, 0, 0], numbers=[3, 4, 5])
    assert tracer.n_answers("ann") == 5
    with pytest.raises(ValueError, match=r"number=7 .* expected 6"):
        tracer.update_many(["ann"], ["a"], [1], numbers=[7])
    with pytest.raises(ValueError, match="whole number from 1 for each of the 1"):
        tracer.update_many(["ann"], ["a"], [1], numbers=[0])
    expected = pfa.tracer()
    for correct in [1, 0, 1, 0, 0]:
        expected.update("ann", "a", correct)
    np.testing.assert_allclose(
        tracer.predict_proba("ann"), expected.predict_proba("ann"), **CLOSE
    )


def test_what_others_write_is_read(pfa, path, monkeypatch):
    monkeypatch.setattr("sktrace._tracer.live._AT_HAND", 2)
    one, other = (pfa.tracer(store=SQLiteStore(path)) for _ in range(2))
    alone = pfa.tracer()
    for step in range(12):
        student = "abc"[step % 3]
        (one, other)[step % 2].update(student, "a", step % 2)
        alone.update(student, "a", step % 2)
        for tracer in (one, other):
            np.testing.assert_array_equal(
                tracer.predict_proba(student), alone.predict_proba(student)
            )


def test_students_are_known_by_equal_names(pfa, path):
    tracer = pfa.tracer(store=SQLiteStore(path))
    for name in (7, 7.0, np.int64(7), "7"):
        tracer.update(name, "a", 1)
    assert set(tracer.states_) == {7, "7"}
    assert tracer.n_answers(np.float64(7)) == 3
    assert tracer.n_answers("7") == 1
    tracer.update_many(np.array([7, 7]), ["a", "b"], [1, 1])
    assert tracer.n_answers(7) == 5


# --- whose states these are --------------------------------------------------------


def test_another_model_is_refused_and_starts_anew_from_the_log(pfa, path):
    X = make_class(12, 8)
    pfa.tracer(store=SQLiteStore(path)).update("ann", "a", 1)
    other = fit(PFAClassifier(C_skill=0.1), X)
    with pytest.raises(ValueError, match=r"holds states of another model .*anew"):
        other.tracer(store=SQLiteStore(path))
    with pytest.raises(ValueError, match="another model"):
        fit(MeanClassifier(), X).tracer(X, store=SQLiteStore(path))
    anew = other.tracer(X, store=SQLiteStore(path.with_name("other.db")))
    assert anew.n_answers(0) == 8


@pytest.mark.parametrize("name", MODELS)
def test_the_same_numbers_are_the_same_model(fitted, name, path):
    model = fitted[name]
    told = LiveTracer(model)._fingerprint()
    used = model.tracer()
    used.update("ann", "a", 1)
    used.update_many(["ann"], ["b"], [0])
    used.predict_proba("ann")
    assert used._fingerprint() == told
    assert LiveTracer(pickle.loads(pickle.dumps(model)))._fingerprint() == told
    save(model, path.with_suffix(".sktrace"))
    loaded = load(path.with_suffix(".sktrace"))
    assert LiveTracer(loaded)._fingerprint() == told
    again = fit(MODELS[name], make_class(12, 8))
    assert LiveTracer(again)._fingerprint() == told
    strict = pickle.loads(pickle.dumps(model)).set_params(handle_unknown="error")
    assert LiveTracer(strict)._fingerprint() == told
    other = fit(MODELS[name], make_class(12, 8, seed=5))
    assert LiveTracer(other)._fingerprint() != told


# --- files that are none, damage, and disks ----------------------------------------


def test_files_of_others_are_refused_and_left_alone(path):
    path.write_bytes(b"user_id,skill_name,correct\n" * 50)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="is no SQLite file"):
        SQLiteStore(path)
    assert path.read_bytes() == before
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE grades (student, grade)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(ValueError, match="is a SQLite file of something else"):
        SQLiteStore(path)
    assert path.read_bytes() == before


def test_a_format_of_the_future_is_refused(path):
    SQLiteStore(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(ValueError, match="a store of format 9; expected 1"):
        SQLiteStore(path)


def test_a_damaged_file_says_so(pfa, path):
    tracer = pfa.tracer(store=SQLiteStore(path))
    tracer.update_many(list(range(300)), ["a"] * 300, [1] * 300)
    tracer.close()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"is damaged: .*Start anew from the log"):
        pfa.tracer(store=SQLiteStore(path))


def test_a_damaged_state_is_forgotten_by_name(pfa, path):
    tracer = pfa.tracer(store=SQLiteStore(path))
    tracer.update_many(["ann", "bob"], ["a", "a"], [1, 1])
    with sqlite3.connect(path) as connection:
        connection.execute(
            "UPDATE students SET state = zeroblob(9) WHERE student = 't:ann'"
        )
    connection.close()
    with pytest.raises(ValueError, match=r"of student 'ann' cannot be read: .*forget"):
        tracer.predict_proba("ann")
    assert tracer.n_answers("bob") == 1
    tracer.predict_proba("bob")
    tracer.forget("ann")
    tracer.update("ann", "a", 1)


def test_a_folder_that_is_missing_is_an_error_of_the_system(path):
    with pytest.raises(OSError, match="Nothing of this call was taken in"):
        SQLiteStore(path / "missing" / "class.db")


def test_a_full_disk_acknowledges_nothing_and_the_state_stays(pfa, path):
    tracer = pfa.tracer(store=SQLiteStore(path))
    tracer.update("ann", "a", 1)
    before = bits(tracer, "ann")
    with tracer.store._connected() as connection:
        n_pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {n_pages}")
    many = [f"student {n}" for n in range(200)]
    with pytest.raises(OSError, match="database or disk is full"):
        tracer.update_many([*many, "ann"], ["a"] * 201, [1] * 201)
    assert set(tracer.states_) == {"ann"}
    assert bits(tracer, "ann") == before
    with tracer.store._connected() as connection:
        connection.execute("PRAGMA max_page_count = 100000")
    tracer.update_many([*many, "ann"], ["a"] * 201, [1] * 201)
    assert tracer.n_answers("ann") == 2


def test_a_store_that_may_not_be_written_acknowledges_nothing(pfa, path):
    tracer = pfa.tracer(store=SQLiteStore(path))
    tracer.update("ann", "a", 1)
    with tracer.store._connected() as connection:
        connection.execute("PRAGMA query_only = ON")
    with pytest.raises(OSError, match="readonly database"):
        tracer.update("ann", "a", 1)
    assert tracer.n_answers("ann") == 1
    tracer.close()  # and opened again
    tracer.update("ann", "a", 1)
    assert tracer.n_answers("ann") == 2


def test_what_is_refused_changes_nothing(pfa, path):
    tracer = pfa.tracer(store=SQLiteStore(path))
    with pytest.raises(ValueError, match="correct=2"):
        tracer.update("ann", "a", 2)
    with pytest.raises(ValueError, match=r"correct\[1\]=None"):
        tracer.update_many(["ann", "bob"], ["a", "b"], [1, None])
    with pytest.raises(ValueError, match=r"students\[1\]=nan names nobody"):
        tracer.update_many(["ann", np.nan], ["a", "b"], [1, 1])
    with pytest.raises(ValueError, match="have 2, 1, 2 entries"):
        tracer.update_many(["ann", "bob"], ["a"], [1, 1])
    with pytest.raises(TypeError, match=r"students='ann'; .* call update"):
        tracer.update_many("ann", ["a"], [1])
    with pytest.raises(TypeError, match="names nothing, since it cannot be hashed"):
        tracer.update_many(["ann"], [["a", "b"]], [1])
    tracer.update_many([], [], [])
    assert len(tracer.states_) == 0


def test_synchronous_is_one_of_two(path):
    with pytest.raises(ValueError, match="synchronous='OFF'; expected 'NORMAL', or"):
        SQLiteStore(path, synchronous="OFF")
    assert "FULL" in repr(SQLiteStore(path, synchronous="FULL"))


# --- forgetting --------------------------------------------------------------------


def test_a_forgotten_student_is_in_no_file(pfa, path):
    tracer = pfa.tracer(store=SQLiteStore(path))
    name = "somebody whose name is nowhere else"
    tracer.update("ann", "a", 1)
    tracer.update(name, "a", 1)
    files = [path, path.with_name("class.db-wal")]
    assert any(name.encode() in file.read_bytes() for file in files)
    tracer.forget(name)
    tracer.forget("nobody")
    assert not any(name.encode() in file.read_bytes() for file in files)
    tracer.close()
    assert [file.name for file in path.parent.iterdir()] == ["class.db"]
    assert name.encode() not in path.read_bytes()
    assert set(tracer.states_) == {"ann"}


# --- processes ---------------------------------------------------------------------


def test_a_tracer_is_pickled_with_the_path_of_its_store(pfa, path):
    tracer = pfa.tracer(store=SQLiteStore(path))
    tracer.update("ann", "a", 1)
    copied = pickle.loads(pickle.dumps(tracer))
    copied.update("ann", "a", 0)
    assert tracer.n_answers("ann") == 2
    assert bits(copied, "ann") == bits(tracer, "ann")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_processes_share_a_store_and_a_child_opens_its_own(pfa, path):
    tracer = pfa.tracer(store=SQLiteStore(path))
    tracer.update("ann", "a", 1)
    children = []
    for student in ("bob", "cid"):
        child = os.fork()
        if not child:
            try:
                for step in range(20):
                    tracer.update("ann", "a", step % 2)
                    tracer.update(student, "b", 1)
            finally:
                os._exit(0)
        children.append(child)
    for _ in range(20):
        tracer.update("ann", "a", 1)
    tracer.close()  # while the others go on
    for child in children:
        os.waitpid(child, 0)
    assert tracer.n_answers("ann") == 61
    assert tracer.n_answers("bob") == tracer.n_answers("cid") == 20
