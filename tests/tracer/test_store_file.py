"""Which file a store means, and what is left where it is interrupted."""

import functools
import gc
import os
import pickle
import random
import signal
import threading

import pytest

from sktrace import PFAClassifier
from sktrace.live import Kept, SQLiteStore

from ._classes import fit, make_class

ANN = ("ann", "a", 1)


@pytest.fixture(scope="module")
def pfa():
    return fit(PFAClassifier(), make_class(12, 8))


@pytest.mark.parametrize("name", ["class.db", ":memory:", "file:a.db?mode=ro", "a#%20"])
def test_a_file_is_the_same_wherever_the_process_goes(pfa, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pfa.tracer(store=SQLiteStore(name)) as tracer:
        tracer.update(*ANN)
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        for used in (tracer, pickle.loads(pickle.dumps(tracer))):
            used.close()  # and opened again, as after a fork
            assert used.n_answers("ann") == 1
            used.close()
    assert (tmp_path / name).is_file()
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_file_that_was_exchanged_is_judged_when_it_is_opened(pfa, tmp_path):
    path = tmp_path / "class.db"
    tracer = pfa.tracer(store=SQLiteStore(path))
    tracer.update(*ANN)
    tracer.close()
    path.unlink()
    other = fit(PFAClassifier(C_skill=0.1), make_class(12, 8))
    with other.tracer(store=SQLiteStore(path)) as others:
        others.update(*ANN)
    for used in (tracer, pickle.loads(pickle.dumps(tracer))):
        with pytest.raises(ValueError, match="holds states of another model"):
            used.predict_proba("ann")
        with pytest.raises(ValueError, match="holds states of another model"):
            used.update(*ANN)
    path.unlink()
    tracer.update(*ANN)  # a new file, which is this model's
    tracer.close()
    with pytest.raises(ValueError, match="holds states of another model"):
        other.tracer(store=SQLiteStore(path))


@pytest.mark.skipif(os.name != "posix", reason="an open file stays where it is here")
def test_no_answer_goes_into_a_file_that_is_gone(pfa, tmp_path):
    path, aside = tmp_path / "class.db", tmp_path / "aside.db"
    tracer = pfa.tracer(store=SQLiteStore(path))
    tracer.update(*ANN)
    path.rename(aside)
    with pytest.raises(OSError, match=r"class.db' was removed, .*call close\(\)"):
        tracer.update(*ANN)
    path.write_bytes(b"")
    with pytest.raises(OSError, match="or replaced by another file"):
        tracer.forget("ann")
    aside.rename(path)
    tracer.update(*ANN)  # as was advised
    assert tracer.n_answers("ann") == 2
    path.unlink()
    tracer.close()
    tracer.update(*ANN)
    assert tracer.n_answers("ann") == 1


def test_one_whole_within_another_is_part_of_it(tmp_path):
    store = SQLiteStore(tmp_path / "class.db")

    def keep(before):
        return [Kept(1, b"state")]

    def keep_two():
        with store.whole():
            with store.whole():
                store.change(["ann"], keep)
            store.change(["bob"], keep)
            raise MemoryError

    with pytest.raises(MemoryError):
        keep_two()
    assert list(store) == []
    store.change(["ann"], keep)
    assert list(store) == ["ann"]


def test_the_name_of_a_file_is_no_store(pfa, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for store in ("class.db", SQLiteStore):
        with pytest.raises(TypeError, match=r"such as SQLiteStore\('class.db'\)"):
            pfa.tracer(store=store)
    with pfa.tracer(store=SQLiteStore("class.db")) as tracer:
        tracer.update(*ANN)


def test_how_long_it_waits_for_others_is_said(pfa, tmp_path):
    store = SQLiteStore(tmp_path / "class.db", patience=0.01)
    waiting = pfa.tracer(store=pickle.loads(pickle.dumps(store)))
    with store._transaction(), pytest.raises(OSError, match=r"held .* for 0\.01 sec"):
        waiting.update(*ANN)
    waiting.update(*ANN)
    assert waiting.n_answers("ann") == 1


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timers")
@pytest.mark.parametrize("in_a_file", [False, True])
@pytest.mark.parametrize("students", [["ann"], ["ann", "bob", "cid"]])
def test_whenever_ctrl_c_comes_all_is_taken_in_or_nothing(
    pfa, in_a_file, students, tmp_path
):
    store = SQLiteStore(tmp_path / "class.db") if in_a_file else None
    tracer, n_returned, at_once = pfa.tracer(store=store), 0, random.Random(0)
    call = students, ["a"] * len(students), [1] * len(students)
    take_in = functools.partial(tracer.update_many, *call)
    for n_interrupted in range(1, 301):
        n_returned += call_until_interrupted(at_once.uniform(1e-5, 8e-4), take_in)
        known = {tracer.n_answers(student) for student in students}
        assert len(known) == 1
        assert n_returned <= known.pop() <= n_returned + n_interrupted
    # Nobody is left waiting, another thread neither.
    other = threading.Thread(target=take_in, daemon=True)
    other.start()
    other.join(20)
    assert not other.is_alive()


def call_until_interrupted(after, call):
    """Call again and again till Ctrl-C comes; return how many calls returned."""
    n_returned = 0

    def interrupt(*signaled):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    gc.disable()  # it calls what other libraries hang on to it, and drops errors there
    try:
        # Once; and once more, should the first come where nothing can be raised.
        signal.setitimer(signal.ITIMER_REAL, after, 1.0)
        while True:
            call()
            n_returned += 1
    except KeyboardInterrupt:
        return n_returned
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        gc.enable()
        signal.signal(signal.SIGALRM, before)
