"""Killed at any moment, a tutor finds all that it has acknowledged, and nothing twice.

`python benchmarks/live.py kills` does this a thousand times.
"""

import os
import select
import signal
import time

import numpy as np
import pytest

from sktrace import PFAClassifier
from sktrace._plain import pack
from sktrace.live import SQLiteStore

from ._classes import fit, make_class

STUDENTS = 5
pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def pfa():
    return fit(PFAClassifier(), make_class(12, 8))


def answer(student, number):
    """Return the answer of this number: both processes know it."""
    return "abcd"[(student + 3 * number) % 4], (student + number * number // 3) % 2


def tell_one(tracer, pipe):
    while True:
        for student in range(STUDENTS):
            number = tracer.n_answers(student)
            tracer.update(student, *answer(student, number), number=number + 1)
            os.write(pipe, bytes([student]))


def tell_all(tracer, pipe):
    while True:
        number = tracer.n_answers(0)
        answers = [answer(student, number) for student in range(STUDENTS)]
        tracer.update_many(
            list(range(STUDENTS)), *map(list, zip(*answers, strict=True))
        )
        os.write(pipe, bytes([0]))


def kill(tracer, tell, seconds):
    """Let a child tell answers, kill it, and return what it acknowledged."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        try:
            tell(tracer, theirs)
        finally:
            os._exit(1)
    os.close(theirs)
    select.select([ours], [], [], 30)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(ours, "rb") as pipe:
        return list(pipe.read())


@pytest.mark.parametrize("tell", [tell_one, tell_all])
def test_all_that_is_acknowledged_is_there_once(pfa, tmp_path, tell):
    tracer = pfa.tracer(store=SQLiteStore(tmp_path / "class.db"))
    acknowledged, total = np.zeros(STUDENTS, dtype=int), 0
    for seconds in (0.0, 0.001, 0.005, 0.01, 0.02):
        got = kill(tracer, tell, seconds)
        total += len(got)
        for student in got:
            acknowledged[student if tell is tell_one else slice(None)] += 1
        there = np.array([tracer.n_answers(student) for student in range(STUDENTS)])
        ahead = there - acknowledged  # one could not be acknowledged any more
        if tell is tell_one:
            assert ahead.min() >= 0
            assert ahead.sum() <= 1
        else:
            assert set(ahead) in ({0}, {1})  # of a batch all, or nothing
        acknowledged = there
    assert total >= 5
    expected = pfa.tracer()
    for student in range(STUDENTS):
        for number in range(there[student]):
            if tell is tell_one:
                expected.update(student, *answer(student, number))
            else:
                told = answer(student, number)
                expected.update_many(*([value] for value in (student, *told)))
        p = tracer.predict_proba(student), expected.predict_proba(student)
        if tell is tell_one:
            state = tracer.states_[student], expected.states_[student]
            assert pack(state[0]) == pack(state[1])
        np.testing.assert_allclose(*p, rtol=0, atol=1e-6)
