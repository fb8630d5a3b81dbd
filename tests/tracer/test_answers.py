"""Many answers are cut into moments and laid side by side without losing the order."""

import numpy as np
import pandas as pd
import pytest

from sktrace import MeanClassifier, PFAClassifier
from sktrace._interactions.timeline import Timeline
from sktrace._tracer import live_model
from sktrace._tracer.answers import Moments, Rounds

from ._classes import fit, make_class


def draw(n_students, n_moments, seed=0):
    rng = np.random.default_rng(seed)
    student = rng.integers(0, n_students, n_moments)
    skill, correct = rng.integers(0, 9, n_moments), rng.integers(0, 2, n_moments)
    rows = np.arange(n_moments)
    return Moments(n_students, student, np.arange(n_moments + 1), rows, skill, correct)


def test_rounds_hold_each_answer_in_its_turn():
    moments = draw(7, 40)
    rounds, told = Rounds(moments), [[] for _ in range(7)]
    for n, skill, correct in rounds:
        assert len(skill) == len(correct) == n
        for student, *answer in zip(rounds.students[:n], skill, correct, strict=True):
            told[student].append(tuple(answer))
    pairs = list(zip(moments.skill, moments.correct, strict=True))
    for student in range(7):
        expected = [pairs[k] for k in np.flatnonzero(moments.student == student)]
        assert told[student] == expected
    at = rounds.students[rounds.place]
    np.testing.assert_array_equal(np.bincount(at, minlength=7), moments.n_of_each)


@pytest.mark.parametrize("at_once", [1, 3, 7, 100])
def test_students_are_split_off_with_all_of_their_moments(at_once):
    moments, seen = draw(7, 40), 0
    for first, part in moments.split(at_once):
        own = (moments.student >= first) & (moments.student < first + at_once)
        np.testing.assert_array_equal(part.n_of_each.sum(), own.sum())
        for student in range(part.n_students):
            mine = moments.student == first + student
            np.testing.assert_array_equal(
                part.skill[part.student == student], moments.skill[mine]
            )
        seen += part.n_students
    assert seen == 7


def test_moments_of_a_log_are_those_of_its_timeline():
    X = pd.DataFrame(
        {
            "user_id": ["bob", "ann", "ann", "ann", "cid", "bob"],
            "order_id": [2, 1, 1, 2, 0, 1],
            "skill_name": ["a~~b", "a", "b", "c", "a", "c"],
            "correct": [1, 0, 1, np.nan, np.nan, 0],
        }
    )
    train = make_class(6, 6)
    log, timeline = fit(MeanClassifier(), train)._read(X)
    assert isinstance(timeline, Timeline)
    moments, students = Moments.of_log(log, timeline)
    assert log.students[students].tolist() == ["ann", "bob"]  # cid has no answer
    told = [moments.moment(number) for number in range(len(moments.student))]
    assert moments.student.tolist() == [0, 1, 1]
    assert [m.skill.tolist() for m in told] == [[0, 1], [2], [0, 1]]
    assert [m.sizes.tolist() for m in told] == [[1, 1], [1], [2]]
    assert [m.correct.tolist() for m in told] == [[0, 1], [0], [1, 1]]


def test_how_many_are_read_at_a_time_changes_nothing(monkeypatch):
    X = make_class(12, 8)
    pfa = fit(PFAClassifier(), X)
    whole = pfa.tracer(X)
    monkeypatch.setattr(live_model, "_BYTES_AT_A_TIME", 1)
    one_by_one = pfa.tracer(X)
    for student in range(12):
        np.testing.assert_array_equal(
            whole.predict_proba(student), one_by_one.predict_proba(student)
        )


def test_who_reads_otherwise_reads_many_otherwise():
    model = type(fit(MeanClassifier(by="student"), make_class(6, 6))._live_model())

    class CountsTwice(model):
        def read(self, state, moment):
            return super().read(super().read(state, moment), moment)

    assert model.read_rounds is not None
    assert CountsTwice.read_rounds is None
    means = fit(MeanClassifier(by="student"), make_class(6, 6))
    (after,) = CountsTwice(means).read_many([np.zeros(2)], draw(1, 5))
    assert after.sum() == 10
