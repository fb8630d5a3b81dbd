"""Answers of many students in one call, judged and written as `Moments`."""

import numpy as np
import pandas as pd

from .._arrays import concatenate_ranges
from .._interactions.names import plain_name
from .._interactions.vocabulary import as_list, is_several
from .answers import Moments
from .moments import as_answers
from .student_keys import check_student

__all__ = ["GapError", "leave_out_known", "refuse_gap", "write_answers"]


def write_answers(writer, students, skills, correct, further):
    """Judge answers, one a row, and write them as moments.

    Parameters
    ----------
    writer : MomentWriter
    students, skills, correct : list or array of length n_rows
    further : dict of str to value, or list of values

    Returns
    -------
    names : list of length n_students
    moments : Moments
        In order of the rows, one each.
    """
    given = {"students": students, "skills": skills, "correct": correct}
    for name, values in given.items():
        if not is_several(values):
            raise TypeError(
                f"{name}={values!r}; expected a list or an array with an entry for "
                "each answer. To take in one answer, call update."
            )
    lengths = {name: len(values) for name, values in given.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(
            f"students, skills and correct have {', '.join(map(str, lengths.values()))}"
            " entries; expected one of each for every answer."
        )
    names, student = _number_students(students)
    answers = _check_answers(correct)
    cells, cell = _number(skills)
    codes, sizes = writer.vocabulary.encode(as_list(cells))
    starts, n_rows = np.cumsum(sizes) - sizes, len(cell)
    sizes = sizes[cell] if n_rows else sizes
    coded = writer.code(writer.columns, further, n_rows)
    skill = codes[concatenate_ranges(starts[cell], sizes)]
    moments = Moments(
        len(names),
        student,
        np.append(0, np.cumsum(sizes)),
        np.repeat(np.arange(n_rows), sizes),
        skill,
        answers.repeat(sizes),
        {role: values.repeat(sizes, axis=0) for role, values in coded.items()},
    )
    return names, moments


def leave_out_known(moments, numbers, n_known, names):
    """Leave out answers that were taken in before, and refuse gaps.

    Parameters
    ----------
    moments : Moments
    numbers : ndarray of shape (n_moments,)
        Which answer of its student each is, from 1.
    n_known : ndarray of shape (n_students,)
        How many answers of each student were taken in.
    names : list of length n_students
    """
    new = np.flatnonzero(numbers > n_known[moments.student])
    left, numbers = moments.take(new), numbers[new]
    expected = n_known[left.student] + left.n_before + 1
    odd = np.flatnonzero(numbers != expected)
    if len(odd):
        first, place = odd[0], left.student[odd[0]]
        refuse_gap(names[place], numbers[first], int(n_known[place]), expected[first])
    return left


class GapError(ValueError):
    """An answer before which others are missing."""

    n_answers = 0  # of the student, taken in so far


def refuse_gap(student, number, n_answers, expected):
    """Refuse an answer before which others are missing, in the store or in a batch."""
    error = GapError(
        f"number={number} for student {student!r}, of whom {n_answers} answer(s) are "
        f"known; expected {expected}. Take in the answers in order, from that which "
        "follows n_answers(student)."
    )
    error.n_answers = n_answers
    raise error


def _number_students(students):
    """Return the different students of rows, and which of them each row is of."""
    cells, cell = _number(students)
    names = []
    for place, student in enumerate(cells):
        try:
            names.append(check_student(student))
        except ValueError:
            row = int(np.flatnonzero(cell == place)[0])
            raise ValueError(
                f"students[{row}]={student!r} names nobody; expected one hashable "
                "name in every row, such as a number or a text."
            ) from None
    # What was told apart may be equal after all: dates of two types.
    names, merged = _number(names)
    return names, merged[cell]


def _number(values):
    """Return the different values of a list, and the place of each among them."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "iufbU":
        values = values.tolist()
    place = {}
    try:
        codes = [place.setdefault(value, len(place)) for value in values]
    except TypeError:
        as_list(list(values))  # which says which of them cannot be hashed
        raise
    return list(place), np.array(codes, dtype=np.int64)


def _check_answers(correct):
    """Return answers as integers, or say which is none."""
    answers = as_answers(correct)
    is_plain = answers.ndim == 1 and answers.dtype.kind in "iufb"
    told = np.isin(answers, (0, 1)) if is_plain else _each_is_an_answer(correct)
    if not told.all():
        row = int(np.flatnonzero(~told)[0])
        odd = list(correct)[row]
        raise ValueError(
            f"correct[{row}]={odd!r}; expected 0 or 1 in every row. None of the "
            "answers was taken in; leave out those that are missing."
        )
    return answers.astype(np.int64)


def _each_is_an_answer(correct):
    told = np.zeros(len(correct), dtype=bool)
    for row, value in enumerate(correct):
        is_scalar = pd.api.types.is_scalar(plain_name(value))
        told[row] = is_scalar and not pd.isna(value) and value in (0, 1)
    return told
