"""Which rows of a file are read, and which are left out."""

import numpy as np
import pandas as pd

from .._words import count_rows, first_few, quote
from ._read_problems import Argument, ReadingError
from ._read_values import is_text
from ._read_words import NONE, WORDS, plain_word

__all__ = [
    "FURTHER_ATTEMPTS",
    "choose_rows",
    "describe_left_out",
    "list_needed",
]

FURTHER_ATTEMPTS = "that are further attempts at a step, or none"
_FEWEST_CELLS = 3  # columns that are read, for a row to lack all but one of them


def choose_rows(cells, plan, header, drop_missing, problems, left_out):
    """Mark the rows to read: first attempts that have a student and a time.

    How many rows are not read is added to the counter `left_out`, by the reason.
    """
    repeated = _find_headers(cells, plan, header)
    left_out["that repeat the header"] += repeated.sum()
    described = _find_descriptions(cells, plan)
    left_out["that describe the columns, below the header"] += described.sum()
    repeated |= described
    chosen = ~repeated
    if plan.attempt is not None:
        attempts = cells.loc[chosen, plan.attempt]
        chosen[chosen] = _find_first_attempts(attempts, header[plan.attempt])
        left_out[FURTHER_ATTEMPTS] += (~chosen & ~repeated).sum()
    for role, part, position in list_needed(plan):
        missing = chosen & cells[position].isna().to_numpy()
        if missing.any() and not drop_missing:
            with problems.collect():
                remark = _remark_on(cells, missing, plan)
                _refuse_missing(header[position], role, part, missing, chosen, remark)
        left_out[f"without a value in column {quote(header[position])}"] += (
            missing.sum()
        )
        chosen = chosen & ~missing
    empty = chosen & _find_summaries(cells, plan)
    if empty.any() and not drop_missing:
        with problems.collect():
            _refuse_summaries(cells, plan, header, empty)
    left_out["that hold one cell alone"] += empty.sum()
    return chosen & ~empty


def list_needed(plan):
    """Return role, part and position of each column without which no row is read."""
    needed = [
        ("student", "user_id", plan.student),
        ("order", "order_id", plan.order),
        ("order", "order_id", plan.clock),
    ]
    return [(*names, position) for *names, position in needed if position is not None]


def describe_left_out(left_out, n_rows):
    """Return a sentence for each reason for which rows are not read."""
    return [
        f"{n:,} of {n_rows:,} row{'s are' if n_rows > 1 else ' is'} left out: those "
        f"{reason}."
        for reason, n in left_out.items()
        if n
    ]


def _find_headers(cells, plan, header):
    """Mark rows that are the header again, as in files that were put together."""
    found = np.ones(len(cells), dtype=bool)
    for position in dict.fromkeys(plan.positions):
        if not found.any() or not is_text(cells[position]):
            return np.zeros(len(cells), dtype=bool)
        found &= (cells[position] == header[position]).fillna(False).to_numpy(bool)
    return found


def _find_descriptions(cells, plan):
    """Mark a second line of names or of units: words in place of time and answer."""
    found = np.zeros(len(cells), dtype=bool)
    columns = [at for at in (plan.order, plan.correct) if at is not None]
    first = cells.iloc[: _FEWEST_CELLS + 1]
    if len(columns) < 2 or len(first) <= _FEWEST_CELLS or first.index[0] != 0:
        return found
    if not all(is_text(first[at]) for at in columns):
        return found
    worded = [first[at].str.fullmatch(r"\D*[^\W\d]\D*", na=False) for at in columns]
    order, answer = (column.to_numpy(bool) for column in worded)
    known = plain_word(str(first[plan.correct].iloc[0])) in {*WORDS, *NONE}
    found[0] = order[0] and answer[0] and not known and not order[1:].any()
    return found


def _find_first_attempts(attempts, name):
    attempt = pd.to_numeric(attempts, errors="coerce")
    chosen = (attempt == 1).fillna(False).to_numpy(dtype=bool)
    if len(attempts) and (not chosen.any() or (attempt < 1).any()):
        found = first_few(attempts.unique().tolist())
        raise ReadingError(
            f"Column {quote(name)} holds {found}; expected each step's first "
            "attempt to be 1. Read every attempt: ",
            Argument("first_attempts", False),
            ".",
        )
    return chosen


def _refuse_missing(name, role, part, missing, chosen, remark=""):
    """Refuse rows of nobody, or of no time."""
    held = (
        f"Column {quote(name)} ({role}) is missing in {count_rows(missing)}{remark}; "
    )
    if missing.sum() < chosen.sum():
        raise ReadingError(
            held + "expected one in every row. Leave such rows out: ",
            Argument("drop_missing", True),
            ".",
        )
    none = role == "order"
    raise ReadingError(
        held + "expected one in every row, and none has one. Name another column: ",
        Argument("columns", {part: ...}),
        *[", or none if the rows stand in time order: "] * none,
        *[Argument("columns", {part: None})] * none,
        ".",
    )


def _remark_on(cells, missing, plan):
    """Say what rows hold that are no answers, such as a sum below a table."""
    rows, alone = cells[missing], _find_lone_cells(cells, plan)[missing]
    if not alone.all():
        return ""
    found = [row.dropna().tolist() for _, row in rows.head(6).iterrows()]
    found = [value for row in found for value in row]
    hold = "holds" if len(rows) == 1 else "hold"
    return f", which {hold} nothing but {first_few(found)}" if found else ""


def _find_summaries(cells, plan):
    """Mark rows of which only the student is there, if time does not tell them.

    A line such as "Total: 30 answers" below a table looks so.
    """
    alone = _find_lone_cells(cells, plan)
    return alone if plan.order is None else np.zeros(len(cells), dtype=bool)


def _find_lone_cells(cells, plan):
    """Mark rows that hold one cell at most, of those that are read."""
    places = list(dict.fromkeys(plan.positions))
    few = cells[places].notna().sum(axis="columns") <= 1
    return few.to_numpy() & (len(places) >= _FEWEST_CELLS)


def _refuse_summaries(cells, plan, header, empty):
    found = first_few(cells.loc[empty, plan.student].unique().tolist())
    one = empty.sum() == 1
    raise ReadingError(
        f"Column {quote(header[plan.student])} (student) holds {found} in "
        f"{count_rows(empty)}, in which all else that is read is missing; expected "
        f"answers. Leave {'this row' if one else 'these rows'} out: ",
        Argument("drop_missing", True),
        ".",
    )
