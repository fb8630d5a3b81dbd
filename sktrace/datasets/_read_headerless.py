"""Tables of text whose first line is a row: their columns go by their numbers."""

import re

import pandas as pd

from .._words import quote
from ._read_frame import MISSING
from ._read_names import is_known
from ._read_problems import Argument, ReadingError

__all__ = ["HeaderlessTable", "is_headerless"]

_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_CLOCK = re.compile(r"\d{1,2}:\d\d(?::\d\d.*)?")
_DATE = re.compile(
    r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:[T ].*)?|\d{1,2}:\d\d(?::\d\d.*)?"
)
_SHOWN = 80  # letters of the first row, in a message


def is_headerless(header, cells):
    """Tell a first line that is a row from one of names.

    Parameters
    ----------
    header : list of str
        The cells of the first line.
    cells : DataFrame
        Rows below it, as texts.

    Returns
    -------
    bool
        True only if no cell looks like a name, and at least half of them like data:
        they stand in their columns again, or are dates or numbers like those below.
    """
    if len(header) < 2 or len(cells) == 0:
        return False
    # Files that were put together have their header again among their rows.
    cells = cells[(cells != header).any(axis="columns").to_numpy()]
    told = [_judge(name, cells[at]) for at, name in enumerate(header) if name]
    sure = sum(each == "again" for each in told)
    if "name" in told or not sure:
        return False
    return 2 * (sure + told.count("alike")) >= len(told)


def _judge(name, column):
    """Return "name", or what makes a cell look like data: "again" or "alike"."""
    given = column.dropna().astype(str).str.strip()
    numbers, dates = _fit(given, _NUMBER), _fit(given, _DATE)
    if _DATE.fullmatch(name):
        return "again" if dates else "name"
    if (given == name).any():
        return "again"
    if is_known(name):
        return "name"
    if not _NUMBER.fullmatch(name):
        return "name" if numbers or dates else "unclear"
    if not numbers:
        return "unclear"
    values = given.str.replace(",", ".").astype(float)
    span = values.max() - values.min() + 1
    near = values.min() - span <= float(name.replace(",", ".")) <= values.max() + span
    return "alike" if near and values.nunique() > 2 else "name"


class HeaderlessTable:
    """A table of text, read with its first line as a row, and numbers as names.

    Attributes
    ----------
    unnamed : ReadingError
        To be raised where no column is named by its number.
    """

    def __init__(self, table, cells):
        self._table, self._first = table, table.header
        self.source, self.name, self.sep = table.source, table.name, table.sep
        self.encoding = table.encoding
        self.header = [str(place + 1) for place in range(len(table.header))]
        self.notes = [
            *table.notes,
            f"{table.name} has no header: its columns are called 1 to "
            f"{len(self.header)}, and the first line is a row.",
        ]
        first = self._join(cells, list(range(len(self.header))))
        self.unnamed = self.ask_for_names(self.header, first)

    def ask_for_names(self, header, cells):
        """Return an error that asks for names, and proposes some by what cells hold."""
        row = self.sep.join(self._first)
        named = _propose(header, cells)
        guess = ". By what they hold, which is a guess, they may be: "
        unknown = all(name is ... for name in named.values())
        return ReadingError(
            f"{self.name} has no header: its first line is {quote(row[:_SHOWN])}; "
            "expected the names of the columns there. Write them above, or name the "
            "columns by their places",
            ", such as: " if unknown else guess,
            Argument("columns", named),
            ".",
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.source.close()

    def read(self, positions, plain=False):
        """Read some columns, named by their positions, as text."""
        return self._join(self._table.read(positions, plain), positions)

    def blocks(self, positions, plain=False, n_rows=None):
        """Yield the rows of some columns, so many at a time; by default, all."""
        begun = False
        for cells in self._table.blocks(positions, plain, n_rows):
            if begun:
                yield cells.set_axis(cells.index + 1)
            else:
                yield self._join(cells, positions)
            begun = True

    def _join(self, cells, positions):
        """Put the first line above the cells."""
        first = {
            at: [None if self._first[at] in MISSING else self._first[at]]
            for at in positions
        }
        top = pd.DataFrame(first, columns=cells.columns).astype(cells.dtypes)
        return pd.concat([top, cells.set_axis(cells.index + 1)])


def _propose(header, cells):
    """Return a column for each role, told by what it holds; an ellipsis for none."""
    free = [at for at in cells if header[at] != "order_id"]
    answers = [at for at in free if set(cells[at].dropna()) == {"0", "1"}]
    repeated = [
        at
        for at in free
        if at not in answers and 1 < cells[at].nunique() < len(cells[at])
    ]
    found = {"correct": answers[0]} if len(answers) == 1 else {}
    for role in ("user_id", "skill_name"):
        if repeated:
            found[role] = repeated.pop(0 if role == "user_id" else -1)
    others = [at for at in free if at not in found.values()]
    who = cells[found.get("user_id", free[0])]
    clocks = [at for at in others if _fit(cells[at], _CLOCK)]
    timed = [at for at in others if at not in clocks and _grows(cells[at], who)]
    named = dict.fromkeys(["user_id", "order_id", "skill_name", "correct"], ...)
    named |= {role: header[at] for role, at in found.items()}
    if timed:
        dated = bool(clocks) and _fit(cells[timed[0]], _DATE)
        pair = [header[timed[0]], *(header[at] for at in clocks[:1])]
        named["order_id"] = pair if dated else pair[0]
    if "order_id" in header:
        named["order_id"] = "order_id"
    return named


def _grows(column, students):
    """Tell dates, or numbers of which most are larger than the student's last one."""
    if _fit(column, _DATE):
        return True
    if not _fit(column, _NUMBER):
        return False
    values = column.dropna().astype(str).str.replace(",", ".").astype(float)
    steps = values.groupby(students).diff().dropna()
    return len(steps) > 0 and (steps > 0).mean() > 0.5


def _fit(column, pattern):
    """Tell whether all of a column is written in one way."""
    given = column.dropna().astype(str).str.strip()
    return len(given) > 0 and bool(given.str.fullmatch(pattern.pattern).all())
