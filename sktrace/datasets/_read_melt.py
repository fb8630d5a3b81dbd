"""A table with a column for each question, made one with a row for each answer."""

import re

import numpy as np
import pandas as pd

from .._words import MOST_NAMES, list_names, quote
from ._read_frame import FrameTable, write
from ._read_names import is_student
from ._read_problems import ReadingError
from ._read_wide import have_one_stem, read_number, tell_cell

__all__ = ["melt"]


def melt(table, cells, matrix):
    """Give each answer of a gradebook or response matrix a row of its own.

    Parameters
    ----------
    table : TextTable, ParquetTable or FrameTable
    cells : DataFrame
        All of its cells.
    matrix : Matrix
        Which of its columns are questions.

    Returns
    -------
    FrameTable
    """
    rows = cells.iloc[matrix.n_top : len(cells) - matrix.n_below]
    names = [table.header[at] for at in matrix.questions]
    names = _number_equals(names)
    maxima = matrix.maxima and _find_maxima(table, rows, matrix, names)
    answers = np.empty((len(rows), len(names)), dtype=object)
    for place, at in enumerate(matrix.questions):
        answers[:, place] = _read_cells(rows[at], maxima and maxima[at])
    if matrix.turned:
        students, items, answers = pd.Series(names), rows[matrix.student], answers.T
        items = items.reset_index(drop=True)
    else:
        items = pd.Series(names)
        students = pd.Series(np.arange(1, len(rows) + 1))
        if matrix.student is not None:
            students = rows[matrix.student].reset_index(drop=True)
    n_students, n_items = answers.shape
    flat = answers.ravel()
    given = np.flatnonzero(flat != None)  # noqa: E711, each cell of an array
    columns = {
        _name_students(table, matrix): students.iloc[given // n_items],
        "order_id": pd.Series(given % n_items),
        "item_id": items.iloc[given % n_items],
        "skill_name": pd.Series(["all"] * len(given)),
        "correct": pd.Series(flat[given].tolist()),
    }
    made = [column.reset_index(drop=True) for column in columns.values()]
    notes = _describe(table, rows, matrix, n_students, n_items, len(given))
    return FrameTable(table.source, columns, made, [*table.notes, *notes])


def _number_equals(names):
    """Tell questions of one name apart."""
    seen, made = {}, []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        made.append(f"{name} ({seen[name]})" if seen[name] > 1 else name)
    return made


def _name_students(table, matrix):
    """Return the name of the column of students: the file's own if it is known."""
    if matrix.student is None or matrix.turned:
        return "user_id"
    name = table.header[matrix.student]
    return name if is_student(name) else "user_id"


def _find_maxima(table, rows, matrix, names):
    """Return full marks by question, None where all have the same, which is not told.

    The reader asks for a threshold, then.
    """
    maxima = matrix.maxima
    most = {at: _find_most(rows[at]) for at in matrix.questions}
    if all(maxima.values()):
        odd = [at for at in maxima if most[at] > maxima[at]]
        if odd:
            raise ReadingError(
                f"Column {quote(table.header[odd[0]])} of {table.name} holds "
                f"{most[odd[0]]:g}; expected up to {maxima[odd[0]]:g}, the full marks "
                "that the table tells. Mend the cell, or the name of the column."
            )
        return maxima
    if len(set(most.values())) == 1 or _hold_codes(rows, matrix.questions):
        return dict.fromkeys(maxima)
    told = {
        name: f"{name} /{maxima[at] or most[at]:g}"
        for name, at in zip(names, matrix.questions, strict=True)
    }
    points = ", ".join(f"{each:g}" for each in [*most.values()][:5])
    raise ReadingError(
        f"The columns {list_names(names)} of {table.name} hold points, up to {points}; "
        "expected to be told the full marks of each by its name. "
        f"{_write_renaming(table, told)}"
    )


def _hold_codes(rows, questions):
    """Tell cells that are right, wrong, or such as 9, which the reader asks about."""
    values = {write(value) for at in questions for value in rows[at].dropna().unique()}
    others = [value.strip() for value in values if tell_cell(value) == "points"]
    return all(re.fullmatch(r"(7+|8+|9+)([.,]0*)?", value) for value in others)


def _find_most(column):
    numbers = [read_number(write(cell)) for cell in column.dropna().unique()]
    return max((number for number in numbers if number is not None), default=0)


def _write_renaming(table, names):
    """Return how to name the columns, as code where it is not long."""
    path, first = str(table.source.path), next(iter(names.values()))
    if table.notes or len(names) > MOST_NAMES or not hasattr(table, "encoding"):
        return f"Write them there, such as {quote(first)}."
    read = f"{path!r}, sep={table.sep!r}, encoding={table.encoding!r}, dtype=str"
    return (
        "If these are the full marks, name the columns so, and read that file: "
        f"pandas.read_csv({read}).rename(columns={names})"
        ".to_csv('log.csv', index=False)."
    )


def _read_cells(column, most):
    """Return cells as answers in text, None where there is none."""
    meanings = {}
    for value in column.dropna().unique():
        said = tell_cell(value)
        if said is None:
            meanings[value] = "-1" if write(value).strip() == "-1" else None
        elif most is not None and (number := read_number(write(value))) is not None:
            meanings[value] = f"{number / most:.6g}"
        elif said in (0, 1):
            meanings[value] = str(said)
        else:
            number = read_number(write(value))
            meanings[value] = write(value) if number is None else f"{number:g}"
    return [meanings.get(value) for value in column]


def _name(column):
    return quote(column) if column else "the first column"


def _describe(table, rows, matrix, n_students, n_items, n_given):
    """Say what was made of the table, and of what was left out."""
    who = (
        "the students are numbered by their rows"
        if matrix.student is None
        else f"{_name(table.header[matrix.student])} says who answered"
    )
    where = "from left to right"
    if matrix.turned:
        where = "from top to bottom"
        who = f"{_name(table.header[0])} names the questions"
    each = "student" if matrix.turned else "question"
    notes = [
        f"The table has a column for each {each}; it is read as {n_students:,} × "
        f"{n_items:,} answers, {who}. The questions are taken to have been asked "
        f"{where}: if they were not, how skills grow cannot be seen. All are one skill."
    ]
    if n_left := n_students * n_items - n_given:
        notes.append(
            f"Empty cells are no answers: {n_left:,} of {n_students * n_items:,}."
        )
    names = [table.header[at] for at in matrix.questions]
    if not matrix.turned and not have_one_stem(names):
        notes.append(f"Its questions are {list_names(names)}.")
    played = {matrix.student, *matrix.questions}
    others = [name for at, name in enumerate(table.header) if at not in played]
    if any(others):
        notes.append(f"No questions, and left out: the columns {list_names(others)}.")
    n_rows = matrix.n_top + matrix.n_below
    if n_rows:
        notes.append(f"Rows of sums, means or full marks are left out: {n_rows}.")
    if matrix.maxima and all(matrix.maxima.values()):
        notes.append("Points are read as the share of the full marks of each question.")
    return notes
