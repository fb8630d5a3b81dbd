"""What ``update_many`` may be called with."""

import numpy as np
import pandas as pd
import pytest

from sktrace import PFAClassifier

from ._classes import fit, make_class

STUDENTS, SKILLS, CORRECT = ["ann", "bob", "ann"], ["a", "b", "a"], [1, 0, 1]


@pytest.fixture(scope="module")
def pfa():
    return fit(PFAClassifier(), make_class(12, 8))


@pytest.mark.parametrize(
    ("students", "skills", "correct", "numbers"),
    [
        (np.array(STUDENTS), np.array(SKILLS), np.array(CORRECT, bool), [1, 1, 2]),
        (*map(pd.Categorical, (STUDENTS, SKILLS, CORRECT)), np.uint8([1, 1, 2])),
        (
            pd.array(STUDENTS, "string"),
            pd.Series(SKILLS, [7, 7, 7], "category"),
            pd.array(CORRECT, "boolean"),
            pd.array([1, 1, 2], "Int64"),
        ),
        (
            pd.Index(STUDENTS),
            np.array(SKILLS, object),
            pd.array(CORRECT, "Int8"),
            np.array([1, 1, 2], object),
        ),
        (STUDENTS, SKILLS, [1.0, np.float32(0), True], np.uint64([1, 1, 2])),
    ],
)
def test_a_column_of_any_type_is_a_list(pfa, students, skills, correct, numbers):
    tracer, expected = pfa.tracer(), pfa.tracer()
    for _ in range(2):  # by their numbers, once
        tracer.update_many(students, skills, correct, numbers=numbers)
    for answer in zip(STUDENTS, SKILLS, CORRECT, strict=True):
        expected.update(*answer)
    assert set(tracer.states_) == {"ann", "bob"}
    for student in tracer.states_:
        p = tracer.predict_proba(student), expected.predict_proba(student)
        np.testing.assert_allclose(*p, rtol=0, atol=1e-12)


@pytest.mark.parametrize("empty", [[], np.array([]), pd.Series(dtype=object)])
def test_no_answers_are_no_error(pfa, empty):
    tracer = pfa.tracer()
    tracer.update_many(empty, empty, empty, numbers=empty)
    assert len(tracer.states_) == 0


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (np.array([1, 1, 2**63 + 5], np.uint64), "number=9223372036854775807 for stud"),
        ([1, 1, 1], "number=1 for student 'ann', of whom 0 .* are known; expected 2"),
        ([2, 1, 1], "number=2 for student 'ann', of whom 0 .* are known; expected 1"),
        ([1, 1], "expected a whole number from 1 for each of the 3"),
        ([1.0, 1.0, 2.0], "expected a whole number"),
        ([True, True, True], "expected a whole number"),
        ([1, 1, None], "expected a whole number"),
        (np.array([1, 1, 1.5], object), "expected a whole number"),
        ([1, 1, 10**30], "expected a whole number"),
        ([1, 1, -2], "expected a whole number"),
        ([[1, 1, 2]], "expected a whole number"),
    ],
)
def test_numbers_that_do_not_count_answers_are_refused(pfa, numbers, said):
    tracer = pfa.tracer()
    with pytest.raises(ValueError, match=said):
        tracer.update_many(STUDENTS, SKILLS, CORRECT, numbers=numbers)
    assert len(tracer.states_) == 0


def test_answers_that_are_lists_are_none(pfa):
    tracer = pfa.tracer()
    for correct in ([[1, 0], 0, 1], [[1], [0], [1]], np.ones((3, 1))):
        with pytest.raises(ValueError, match=r"correct\[0\]=.*; expected 0 or 1"):
            tracer.update_many(STUDENTS, SKILLS, correct)
    with pytest.raises(ValueError, match=r"correct=\[\[1, 0\], 0\] .*expected 0 or 1"):
        tracer.update("ann", ["a", "b"], [[1, 0], 0])
    with pytest.raises(TypeError, match=r"array\('a', .* names nothing"):
        tracer.update("ann", np.array("a"), 1)
    assert len(tracer.states_) == 0
