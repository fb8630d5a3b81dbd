"""Whether what a column holds agrees with the role that its name tells."""

import numpy as np
import pandas as pd

from ..._words import first_few
from ...datasets._read_answers import read_answers
from ...datasets._read_problems import ReadingError

__all__ = [
    "Sample",
    "find_growth",
    "judge",
    "judge_pair",
    "looks_like_answers",
    "looks_like_dates",
]

N_ROWS = 10_000  # at the head of a file, that are looked at
# In lower case, as the cells that are held against them.
_DATE = r"(?:\d{8}t\d{4,6}|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|.*\d.*[^\W\d]{3}.*\d{2}).*"
_SURE_DATE = r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{4}).*"
_CLOCK = r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?\s*(?:[ap]\.?m\.?)?"
_CHAPTERS = 50  # numbers such as 2.1 and 2.2, which may be names
_EPOCH = 1e8  # in seconds 1973: numbers as large count since 1970
_FEW = 8  # steps from a row to the next of a student: too few to judge by
_GAPS = 1.5  # numbers for each row, in a count of which some are missing
_SOME = 4  # of them, enough to see that nothing changes
_MOST = 0.9  # of the cells; others are mistakes, which are said where they are read
_MIXED = 0.25, 0.75  # of the steps that go down, neither sorted nor sorted backwards
_MANY = 10  # rows, of which some name the same skill or student


class Sample:
    """The first rows of some columns of a table, read when they are first asked for."""

    def __init__(self, table):
        self._table = table
        self._cells, self._verdicts = {}, {}

    def load(self, names):
        """Read columns that have not been read yet, at one time."""
        header = self._table.header
        new = [name for name in dict.fromkeys(names) if name not in self._cells]
        places = [header.index(name) for name in new]
        if not places:
            return
        if hasattr(self._table, "blocks"):
            cells = next(self._table.blocks(places, n_rows=N_ROWS))
        else:
            cells = self._table.read(places).head(N_ROWS)
        self._cells |= {n: cells[at] for n, at in zip(new, places, strict=True)}

    def __getitem__(self, name):
        self.load([name])
        return self._cells[name]

    def judge(self, role, name, student=None):
        """Say whether a column may play a role, as `judge` does, and remember it."""
        key = role, name, student
        if key not in self._verdicts:
            students = None if student is None else self[student]
            self._verdicts[key] = judge(role, self[name], students)
        return self._verdicts[key]


def judge(role, cells, students=None):
    """Say whether a column may play a role.

    Parameters
    ----------
    role : str
    cells : Series
    students : Series, default=None
        Who answered, in the same rows.

    Returns
    -------
    fits : bool or None
        None: it can be neither said nor ruled out.
    reason : str
        What speaks against it: "it is empty".
    """
    cells = cells.replace("", None) if cells.dtype == object else cells
    if cells.isna().all():
        return (True, "") if len(cells) == 0 else (False, "it is empty")
    if role == "correct":
        return _judge_answers(cells)
    if role == "order":
        return _judge_order(cells, students)
    return _judge_names(cells)


def judge_pair(dates, clocks, students):
    """Say whether one column holds dates and the other times of the day."""
    days = _without_midnight(dates)
    if not (_most_match(days, _DATE) and _most_match(clocks, _CLOCK)):
        return False
    if _most_match(dates, rf".*\d[t ]{_CLOCK}.*"):
        return False
    seconds = pd.to_timedelta(clocks.map(_as_clock), errors="coerce")
    days = students.astype(str) + " " + dates.astype(str)
    n_steps, share = find_growth(seconds.dt.total_seconds(), days)
    return n_steps < _FEW or not _MIXED[0] <= share <= _MIXED[1]


def looks_like_answers(cells):
    """Tell a column that holds right and wrong, and nothing else but gaps."""
    return cells.nunique() > 1 and _judge_answers(cells)[0] is True


def looks_like_dates(cells):
    """Tell a column of dates, perhaps with the time of the day."""
    return cells.dtype.kind == "M" or _most_match(cells, _SURE_DATE)


def find_growth(values, students):
    """Count the steps of students that change a value, and the share that go down."""
    known = values.notna().to_numpy()
    steps = values[known].groupby(students[known].to_numpy(), sort=False).diff()
    steps = steps[steps.notna() & (steps != 0)]
    return len(steps), float((steps < 0).mean()) if len(steps) else np.nan


def _judge_answers(cells):
    try:
        read_answers(cells, "", None, None)
    except ReadingError:
        pass
    else:
        return True, ""
    values = cells.dropna().astype(str).str.strip().str.lower().unique()
    held = f"it holds {first_few(values.tolist())}"
    numbers = _as_numbers(pd.Series(values))
    given = pd.to_numeric(cells.dropna().astype(str), errors="coerce")
    if given.isin([0, 1]).mean() >= _MOST:
        return None, held
    if numbers is None:
        letters = all(len(value) == 1 for value in values)
        return (None if len(values) < 5 and not letters else False), held
    whole = (numbers == numbers.round()).all()
    if whole and (numbers.min() >= 1 or numbers.max() > 1_000) and len(values) > 2:
        return False, held  # numbers of options, or names
    return None, held


def _judge_order(cells, students):
    if pd.api.types.is_bool_dtype(cells):
        return False, "it holds true and false"
    numbers = _as_numbers(cells)
    if numbers is None and cells.dtype.kind not in "mM":
        return _judge_dates(cells, students)
    if cells.dtype.kind in "mM":
        numbers = cells.astype("int64").where(cells.notna())
        return _judge_constant(numbers, students)
    fits, reason = _judge_constant(numbers, students)
    if not fits or students is None or numbers.median() > _EPOCH:
        return fits, reason
    n_steps, share = find_growth(numbers, students)
    mixed = n_steps >= _FEW and _MIXED[0] <= share <= _MIXED[1]
    if mixed and not _count_rows(numbers, students):
        return None, (
            f"its numbers go down in {share:.0%} of a student's steps from a row to "
            "the next, as durations do"
        )
    return True, ""


def _count_rows(numbers, students):
    """Tell numbers that count the rows of students, which are shuffled."""
    by_student = numbers.groupby(students)
    n_rows, span = by_student.count(), by_student.max() - by_student.min() + 1
    once = by_student.nunique() == n_rows
    return bool((once & (span <= _GAPS * n_rows)).mean() >= _MOST)


def _judge_dates(cells, students):
    held = f"it holds {first_few(cells.dropna().astype(str).unique()[:6].tolist())}"
    if _most_match(cells, _CLOCK):
        return None, f"{held}, times of the day without a date, or durations"
    if not _most_match(cells, _DATE):
        return False, held
    codes = pd.Series(pd.factorize(cells)[0], cells.index)
    return _judge_constant(codes, students)


def _judge_constant(numbers, students):
    if students is None:
        return True, ""
    n_steps = (numbers.notna() & students.notna()).sum() - students.nunique()
    if n_steps >= _SOME and find_growth(numbers, students)[0] == 0:
        return None, "it is the same in all rows of each student"
    return True, ""


def _judge_names(cells):
    held = f"it holds {first_few(cells.dropna().unique()[:6].tolist())}"
    if cells.dtype.kind in "mM" or _most_match(cells, _SURE_DATE):
        return False, held
    numbers = _as_numbers(cells)
    parts = numbers is not None and (numbers.dropna() % 1 != 0).any()
    if parts and (numbers.max() <= 1 or numbers.nunique() > _CHAPTERS):
        return False, held
    if len(cells) >= _MANY and cells.nunique() == len(cells):
        return None, "it differs in all rows"
    return True, ""


def _as_numbers(cells):
    """Return numbers, written with a point or a comma; None unless most are."""
    if pd.api.types.is_numeric_dtype(cells):
        return cells.dropna().astype(float).reindex(cells.index)
    texts = cells.dropna().astype(str)
    commas = texts.str.fullmatch(r"\s*[+-]?\d+,\d+\s*").to_numpy(bool)
    texts = texts.where(~commas, texts.str.replace(",", ".", regex=False))
    numbers = pd.to_numeric(texts, errors="coerce")
    most = numbers.notna().mean() >= _MOST
    return numbers.reindex(cells.index) if most else None


def _most_match(cells, pattern):
    """Tell cells of which most are written in a way."""
    texts = cells.dropna().astype(str)
    texts = pd.Series(texts.unique()).str.strip().str.casefold()
    return bool(len(texts)) and bool(texts.str.fullmatch(pattern).mean() >= _MOST)


def _without_midnight(dates):
    return dates.astype(str).str.removesuffix(" 00:00:00").where(dates.notna())


def _as_clock(value):
    """Return a time of the day as pandas reads lengths of time."""
    text = str(value).replace("h", ":").strip()
    return f"{text}:00" if text.count(":") == 1 else text
