"""Gradebooks and response matrices: which column of a table is a question."""

import re
from collections import defaultdict
from typing import NamedTuple

import numpy as np
import pandas as pd

from ._read_frame import MISSING, write
from ._read_names import is_answer, is_item, is_question, is_student, told_by

__all__ = ["Matrix", "find_matrix", "have_one_stem", "read_number"]

FEWEST = 3  # columns of questions
_MOST_ODD = 0.1  # of the cells of a question, in words that the reader asks about
_RIGHT = {"true", "wahr", "vrai", "correct", "right", "richtig", "korrekt", "✓", "✔"}
_WRONG = {"false", "falsch", "faux", "incorrect", "wrong", "inkorrekt", "✗", "✘"}
_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)\s*%?")
_POINTS = r"(?:p|pt|pts|point|points|pkt|punkt|punkte|puntos|punti|marks?)"
_MAXIMUM = re.compile(
    rf"\s*(?:/\s*(?P<slash>\d+(?:[.,]\d+)?)\s*(?:{_POINTS}\.?)?\s*\)?"
    rf"|[\[(]\s*(?:max(?:imum)?\.?:?\s*)?(?P<bracket>\d+(?:[.,]\d+)?)\s*{_POINTS}\.?\s*[\])]"
    rf"|[\[(]\s*max(?:imum)?\.?:?\s*(?P<max>\d+(?:[.,]\d+)?)\s*[\])])\s*$",
    re.IGNORECASE,
)
_SCORED = re.compile(
    r"\s*\[(?:score|punkte|punktzahl|points?|puntuaci[oó]n|punteggio)\]\s*$", re.I
)
_COUNTED = re.compile(r"\d+(?:[.,]\d+)*(?:[a-z](?![a-z]))?", re.IGNORECASE)


class Matrix(NamedTuple):
    """Which columns of a table are questions, and what says who answered them."""

    student: int | None  # None: nothing does, a row is a student
    questions: list
    maxima: dict | None  # full marks by question; None: cells are right or wrong
    turned: bool = False  # the rows are questions, and the columns students
    n_top: int = 0  # rows above the first student
    n_below: int = 0  # rows below the last one


def read_number(cell):
    """Return the number in a cell, with a point or a comma, or None.

    >>> [read_number(cell) for cell in ("0,50", "1.", "1,5,0", "50%", "1 / 2")]
    [0.5, 1.0, None, 0.5, 0.5]
    """
    if isinstance(cell, bool) or not isinstance(cell, str):
        return float(cell) if isinstance(cell, int | float | np.number) else None
    text = cell.strip()
    if "/" in text:
        parts = [read_number(part) for part in text.split("/", 1)]
        fits = None not in parts and 0 <= parts[0] <= parts[1] > 0
        return parts[0] / parts[1] if fits else None
    if not _NUMBER.fullmatch(text):
        return None
    share = text.endswith("%")
    number = float(text.rstrip("% \t").replace(",", "."))
    return number / 100 if share else number


def find_matrix(header, cells):
    """Tell a table with a column for each question.

    Parameters
    ----------
    header : list of str
    cells : DataFrame
        Its columns are numbered as in the header.

    Returns
    -------
    Matrix or None
        None if it is none, or that is not sure.
    """
    if len(header) < FEWEST or any(map(is_answer, header)):
        return None
    n_top, n_below = _find_summaries(header, cells)
    rows = cells.iloc[n_top : len(cells) - n_below]
    if len(rows) < 2:
        return None
    kinds = {at: _tell_kind(rows[at]) for at in cells}
    students = _find_students(header, rows)
    found = (
        _find_scored(header, rows, kinds, students)
        or _find_turned(header, rows, kinds)
        or _find_counted(header, rows, kinds, students)
        or _find_named(header, rows, kinds, students)
        or _find_points(header, rows, kinds, students)
    )
    if found is None:
        return None
    if n_top:
        maxima = _read_maxima(cells, found.questions)
        found = found._replace(maxima=None if set(maxima.values()) == {1} else maxima)
    return found._replace(n_top=n_top, n_below=n_below)


def _find_summaries(header, cells):
    """Return how many rows stand above the first student, and below the last one."""
    texts = [at for at in cells if not told_by(header[at], "total")][:4]

    def says(row, kind):
        said = [cells[at].iloc[row] for at in texts]
        said = [write(cell) for cell in said if not _is_missing(cell)]
        return any(told_by(cell, kind) for cell in said[:1])

    n_rows = len(cells)
    n_top = int(n_rows > 2 and says(0, "full marks"))
    n_below = 0
    while n_below < min(5, n_rows - n_top - 2) and says(-1 - n_below, "summary"):
        n_below += 1
    return n_top, n_below


def _is_missing(cell):
    return cell is None or (not isinstance(cell, str) and pd.isna(cell))


def _tell_kind(column):
    """Tell whether a column holds "right or wrong", "points", "nothing" or else."""
    counts = column.value_counts()
    n_odd = n_points = n_answers = 0
    for value, count in counts.items():
        kind = tell_cell(value)
        if kind in (0, 1):
            n_answers += count
        elif kind == "points":
            n_points += count
        elif kind == "odd":
            n_odd += count
    n_cells = n_answers + n_points + n_odd
    if n_cells == 0:
        return "nothing"
    if n_odd > _MOST_ODD * n_cells:
        return "else"
    return "points" if n_points else "right or wrong" if n_answers else "else"


def tell_cell(value):
    """Return what a cell says: 0, 1, "points", None for nothing, or "odd".

    >>> [tell_cell(cell) for cell in ("1,00", True, "0.5", "-", "x")]
    [1, 1, 'points', None, 'odd']
    """
    text = write(value).strip()
    if text in MISSING or text in ("-", "–", "—", "-1", "."):
        return None
    if text.lower() in _RIGHT or text.lower() in _WRONG:
        return int(text.lower() in _RIGHT)
    number = read_number(text)
    if number is None or number < 0:
        return "odd"
    return int(number) if number in (0, 1) else "points"


def _find_students(header, rows):
    """Return the column that says who answered, and whether its name says so."""
    for sets in (("student",), ("also",), ("mail",), ("person",)):
        for at in rows:
            if told_by(header[at], *sets) and _is_distinct(rows[at]):
                return at, True
    first = 0 if _is_distinct(rows[0]) and not is_item(header[0]) else None
    return first, False


def _is_distinct(column):
    given = column.dropna()
    return len(given) > 0.9 * len(column) and given.is_unique


def _find_scored(header, rows, kinds, students):
    """Find columns of scores beside those of answers, as Google's forms have them."""
    scored = [at for at in rows if _SCORED.search(header[at])]
    known = all(kinds[at] in ("right or wrong", "points", "nothing") for at in scored)
    if len(scored) < FEWEST or not known or not _hold_both(rows, scored):
        return None
    shares = any(kinds[at] == "points" for at in scored)
    student, named = students
    maxima = dict.fromkeys(scored, 1) if shares else None
    return Matrix(student if named else None, scored, maxima)


def _find_turned(header, rows, kinds):
    """Find a table of which each row is a question, and each column a student."""
    others = range(1, len(header))
    names = is_item(header[0]) or _hold_questions(header, rows)
    if not names or not _is_distinct(rows[0]) or len(others) < FEWEST:
        return None
    if any(map(is_student, header)) or len(set(header)) < len(header):
        return None
    asked = [at for at in others if not told_by(header[at], "total", "not asked")]
    if any(kinds[at] not in ("right or wrong", "nothing") for at in asked):
        return None
    if any(told_by(header[at], "order", "skill") for at in asked):
        return None
    return Matrix(0, asked, None, turned=True) if _hold_both(rows, asked) else None


def _hold_questions(header, rows):
    """Tell a first column of names such as Q1, and columns that have none."""
    if told_by(header[0], "student", "also"):
        return False
    labels = [*map(write, rows[0].dropna())]
    if len(labels) < len(rows) or not have_one_stem(labels):
        return False
    stems = map(_group, (labels, header), (range(len(labels)), rows))
    return [any(map(is_question, each)) for each in stems] == [True, False]


def _hold_both(rows, questions):
    """Tell whether there is a right and a wrong answer."""
    found = {
        tell_cell(value) for at in questions for value in rows[at].dropna().unique()
    }
    return {0, 1} <= found


def _find_counted(header, rows, kinds, students):
    """Find questions by names that count, such as Q1, Q2, Q3."""
    student, named = students
    groups = _group(header, [at for at in rows if at != student])
    questions = [
        at
        for stem, group in groups.items()
        if len(group) >= FEWEST and not told_by(stem, "not asked", "total", "order")
        if all(kinds[at] in ("right or wrong", "nothing") for at in group)
        for at in group
    ]
    questions.sort()
    if len(questions) < FEWEST or not _hold_both(rows, questions):
        return None
    told = _told_maxima(header, questions)
    if any(most != 1 for most in told.values()):
        return None  # 1 is not full marks
    others = [at for at in rows if at not in questions and at != student]
    # What else is right or wrong may tell of the person, and is left out.
    beside = (kinds[at] == "right or wrong" for at in others)
    known = named or all(
        each or _is_beside(header[at], kinds[at])
        for each, at in zip(beside, others, strict=True)
    )
    if not known:
        return None
    return Matrix(student, questions, None)


def _is_beside(name, kind):
    """Tell a column that is neither a question nor tells of a log in rows."""
    return kind == "nothing" or told_by(name, "total", "not asked", "person", "mail")


def _group(header, columns):
    """Group columns by their names without what is counted in them."""
    groups = defaultdict(list)
    for at in columns:
        stem, n_counts = _COUNTED.subn("", _without_maximum(header[at]))
        if n_counts:
            groups[re.sub(r"[\W_]+", " ", stem).strip().lower()].append(at)
    return groups


def have_one_stem(names):
    """Tell names that differ in what they count, such as Q1 and Q2."""
    grouped = _group(names, range(len(names)))
    return [len(group) for group in grouped.values()] == [len(names)]


def _without_maximum(name):
    return _MAXIMUM.sub("", name)


def _find_named(header, rows, kinds, students):
    """Find questions that have names of their own beside a known name of students."""
    student, named = students
    if student is None or not (named or header[student].lower() in ("", "id")):
        return None
    others = [at for at in rows if at != student]
    questions = [
        at
        for at in others
        if kinds[at] == "right or wrong" and not _is_beside(header[at], "")
    ]
    rest = [at for at in others if at not in questions]
    if len(questions) < FEWEST or not all(
        _is_beside(header[at], kinds[at]) for at in rest
    ):
        return None
    told = _told_maxima(header, questions)
    if not _hold_both(rows, questions) or any(most != 1 for most in told.values()):
        return None
    return Matrix(student, questions, None)


def _find_points(header, rows, kinds, students):
    """Find questions that give points, by names that count or tell full marks."""
    student, named = students
    if not named:
        return None
    scored = [at for at in rows if at != student and kinds[at] != "else"]
    told = _told_maxima(header, scored)
    questions = [
        at for at in told if not told_by(_without_maximum(header[at]), "total")
    ]
    if len(questions) < FEWEST:
        questions = sorted(
            at
            for stem, group in _group(header, scored).items()
            if len(group) >= FEWEST
            and (is_question(stem) or _are_counted(header, group))
            for at in group
        )
    scored = [at for at in questions if kinds[at] == "points" or told.get(at, 1) != 1]
    if len(questions) < FEWEST or not scored:
        return None
    return Matrix(student, questions, {at: told.get(at) for at in questions})


def _are_counted(header, group):
    """Tell names that are the numbers 1, 2, 3, … from years and the like."""
    return {header[at].strip() for at in group} == {
        str(number) for number in range(1, len(group) + 1)
    }


def _told_maxima(header, columns):
    """Return full marks by column, where its name tells them."""
    found = {at: _MAXIMUM.search(header[at]) for at in columns}
    return {
        at: read_number(next(filter(None, match.groups())))
        for at, match in found.items()
        if match
    }


def _read_maxima(cells, questions):
    """Return full marks by question, from the row above the first student."""
    return {at: read_number(write(cells[at].iloc[0])) for at in questions}
