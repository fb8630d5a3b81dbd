"""Students who are held out, of a frame and of the same rows in portions."""

import numpy as np
import pandas as pd
import pytest

from sktrace._tracer import held_out
from sktrace._tracer.held_out import Examples, Students

CLASSES = np.array([0, 1])
WEIGHT = [1.0, 2.0, 0.0, 1.0, 1.0, 3.0]


@pytest.fixture
def frame():
    """Ann and Cy answer right and wrong, Bo right, and Di forgot to answer."""
    return pd.DataFrame(
        {
            "user_id": ["cy", "cy", "bo", "ann", "ann", "di"],
            "correct": [0, 1, 1, 1, 0, np.nan],
        }
    )


@pytest.fixture(params=["frame", "portions"])
def X(request, frame, tmp_path):
    """The same rows, in a frame and in two portions, one of which is a student."""
    if request.param == "frame":
        return frame
    pytest.importorskip("pyarrow")
    from tests.portions._logs import write

    return write([frame[:2], frame[2:].reset_index(drop=True)], tmp_path / "log")


def students_of(X, weight=None):
    examples = Examples.of(X, X["correct"], weight)
    return examples, Students.of(examples, "user_id", CLASSES)


def test_answers_with_weight_are_counted_by_student_and_class(X):
    _, students = students_of(X, np.array(WEIGHT))
    assert students.code.tolist() == [2, 2, 1, 0, 0, 3]  # in order of names
    assert students.weight.tolist() == [2.0, 0.0, 3.0, 0.0]
    assert students.n_answers.tolist() == [[1, 0, 1, 0], [1, 0, 1, 0]]


def test_the_rows_that_are_read_are_a_frame_whose_missing_answers_weigh_nothing(X):
    examples, _ = students_of(X, np.array(WEIGHT))
    rows = np.array([False, True, True, False, False, True])
    read, y, weight = examples.read(rows, ["user_id", "correct"])
    assert read["user_id"].tolist() == ["cy", "bo", "di"]
    np.testing.assert_array_equal(y, [1, 1, np.nan])
    assert weight.tolist() == [2.0, 0.0, 0.0]
    assert len(examples.take(rows).X) == 3


def test_students_without_weight_neither_teach_nor_are_asked(X):
    _, students = students_of(X, np.array(WEIGHT))
    others, asked = students.divide(np.array([0]))
    assert others.tolist() == [True, True, False, False, False, False]
    assert asked.tolist() == [False, False, False, True, True, False]


def test_nobody_is_asked_if_the_others_know_one_class_alone(X):
    _, students = students_of(X)
    assert students.divide(np.array([0, 2])) is None  # Bo was always right


@pytest.mark.parametrize(("most", "n_rows"), [(1, 1), (2, 1), (3, 3), (9, 4)])
def test_those_drawn_first_are_asked_while_their_rows_are_few(
    X, most, n_rows, monkeypatch
):
    monkeypatch.setattr(held_out, "_MOST_ROWS", most)
    _, students = students_of(X)
    others, asked = students.divide(np.array([1, 0, 3]))  # who have 1, 2 and 1 rows
    assert asked.sum() == n_rows
    assert asked[2]
    assert others.tolist() == [True, True, False, False, False, False]


def test_one_is_asked_at_least(X, monkeypatch):
    monkeypatch.setattr(held_out, "_MOST_ROWS", 1)
    _, students = students_of(X)
    assert students.divide(np.array([0, 1]))[1].tolist() == [
        *[False] * 3,
        True,
        True,
        0,
    ]


def test_columns_of_the_same_portions_are_taken_with_them(frame, tmp_path):
    pytest.importorskip("pyarrow")
    from tests.portions._logs import write

    X = write([frame], tmp_path / "log")
    X, y, _ = Examples.of(X, "correct", None).take(np.arange(len(X)) < 2)
    assert y.portions is X
