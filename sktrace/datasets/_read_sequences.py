"""Cells that hold whole sequences, such as 1,0,1, given a row for each value."""

from itertools import chain

import numpy as np
import pandas as pd

from .._words import list_names, quote
from ._read_frame import FrameTable, as_column, write
from ._read_lines import join_numbers
from ._read_names import is_answer
from ._read_problems import ReadingError
from ._read_values import SKILL_SEPARATOR

__all__ = ["find_sequences", "is_row", "take_apart"]

_JOINTS = (",", ";", "|", "_", " ")
_AROUND = "[](){}"
_ANSWERS = {"0", "1", "-1", "0.0", "1.0", "-1.0", "true", "false", "", "nan", "none"}
_PADS = {"-1", "-1.0", "", "nan", "none"}
# Names of columns in published files of sequences.
_NAMES = {
    "correct": "responses response corrects correct correctness answers answer "
    "results outcomes outcome iscorrect labels scores",
    "skill": "concepts concept skills skill skillids skillname skillnames kcs kc",
    "item": "questions question items item problems problem exercises exercise",
    "time": "timestamps timestamp times time dates datetimes orderid order",
    "mask": "selectmasks selectmask masks mask",
    "repeat": "isrepeat isrepeats",
}
_NAMES = {part: set(names.split()) for part, names in _NAMES.items()}
_ORDER = "order_id"


def find_sequences(header, cells, sep=None):
    """Tell which columns of some rows hold sequences, one of them of answers.

    Parameters
    ----------
    header : list of str
    cells : DataFrame
        Texts or lists, the columns numbered as in the header.
    sep : str, default=None
        What stands between the cells of the file.

    Returns
    -------
    (joint, list of int) or None
        What stands between two values, and the columns, that of answers first.
    """
    lists = [at for at in cells if _is_listed(cells[at])]
    if lists:
        return _choose(header, cells, lists, None, sep)
    texts = {at: cells[at].dropna().astype(str) for at in cells if _is_text(cells[at])}
    for joint in _JOINTS:
        joined = [at for at, column in texts.items() if any(joint in c for c in column)]
        if joined and (found := _choose(header, cells, joined, joint, sep)):
            return found
    return None


def is_row(header, found):
    """Tell a first line whose cell holds a sequence of answers from one of names."""
    if found is None or found[0] is None:
        return False
    values = split(header[found[1][0]], found[0])
    return len(values) > 1 and {value.lower() for value in values} <= _ANSWERS


def _is_text(column):
    return column.dtype == object or isinstance(column.dtype, pd.StringDtype)


def _is_listed(column):
    """Tell a column of lists, as JSON and Parquet have them."""
    if column.dtype != object:
        return False
    kinds = set(map(type, column)) - {type(None), float}
    return bool(kinds) and kinds <= {list, tuple, np.ndarray}


def _choose(header, cells, joined, joint, sep):
    """Return the joint and the columns that go together, or None."""
    parts = {at: [split(cell, joint) for cell in cells[at]] for at in joined}
    lengths = {at: np.array(list(map(len, parts[at]))) for at in joined}
    answers = [at for at in joined if _holds_answers(parts[at], cells[at], joint, sep)]
    if not answers:
        return None
    answers.sort(key=lambda at: _plain(header[at]) not in _NAMES["correct"])
    first = answers[0]
    named = _plain(header[first]) in _NAMES["correct"]
    others = [
        at
        for at in joined
        if at != first
        and (_is_alike(lengths[at], lengths[first]) or _is_expected(header[at]))
        and not (joint == " " and cells[at].str.contains(r"\d[-/.:]\d").any())
    ]
    if not (others or named) or (not named and _has_answers(header, cells, joined)):
        return None
    return joint, [first, *others]


def _plain(name):
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _is_alike(lengths, others):
    """Tell sequences that go together, although a few rows may be broken."""
    several = others > 1
    share = (lengths == others)[several].mean() if several.any() else 0
    return share == 1 or (share >= 0.6 and len(set(others.tolist())) > 1)


def _is_expected(name):
    """Tell a column that is a sequence if the answers are, whatever is broken in it."""
    return any(_plain(name) in _NAMES[part] for part in ("skill", "item", "time"))


def _has_answers(header, cells, joined):
    """Tell whether another column holds an answer in each cell."""
    return any(
        (_plain(header[at]) in _NAMES["correct"] or is_answer(header[at]))
        and cells[at].dropna().astype(str).str.lower().isin(_ANSWERS).all()
        for at in cells
        if at not in joined
    )


def _holds_answers(parts, cells, joint, sep):
    """Tell sequences of answers from numbers with a comma and the like."""
    rows = [row for row in parts if row]
    values = {_lower(value) for row in rows for value in row}
    longest = max(map(len, rows), default=0)
    if longest < 2 or not values <= _ANSWERS or not values - _PADS:
        return False
    if joint != "," or longest > 2 or any(str(c)[:1] in _AROUND for c in cells if c):
        return True
    return sep == "," and any(row[1:] == ["1"] for row in rows)  # no decimals, then


def _lower(value):
    return str(write(value)).lower() if value is not None else ""


def split(cell, joint):
    """Return the values of a cell, none where it is missing.

    >>> split("[1, 0, 1]", ","), split("'a' 'b'", " ")
    (['1', '0', '1'], ['a', 'b'])
    """
    if isinstance(cell, list | tuple | np.ndarray):
        return list(cell)
    if not isinstance(cell, str):
        return []
    text = cell.strip().strip(_AROUND).strip()
    if joint == " ":
        return [part.strip("'\"") for part in text.split()]
    text = text.removesuffix(joint)
    return [part.strip().strip("'\"") for part in text.split(joint)] if text else []


def take_apart(table, cells, joint, columns):
    """Give each value of some columns a row of its own, and repeat the others.

    Parameters
    ----------
    table : TextTable, ParquetTable or FrameTable
    cells : DataFrame
        All of its cells.
    joint : str or None
        What stands between two values of a text.
    columns : list of int
        Those that hold sequences.

    Returns
    -------
    FrameTable
    """
    header = table.header
    parts = {at: [split(cell, joint) for cell in cells[at]] for at in columns}
    lengths = _measure(table, parts, cells)
    flat = {at: list(chain.from_iterable(parts[at])) for at in columns}
    kept = _find_real(header, flat)
    rows = np.repeat(np.arange(len(cells)), lengths)[kept]
    made = [
        _as_values(header[at], flat[at], kept)
        if at in flat
        else cells[at].iloc[rows].reset_index(drop=True)
        for at in range(len(header))
    ]
    names = list(header)
    notes = [
        f"Cells of the columns {list_names([header[at] for at in sorted(columns)])} "
        f"hold sequences; they are read as a row for each value: {len(cells):,} rows "
        f"as {len(rows):,} answers."
    ]
    if not any(_plain(header[at]) in _NAMES["time"] for at in columns):
        if _ORDER in names:
            names[names.index(_ORDER)] = f"{_ORDER} of the row"
        names.append(_ORDER)
        made.append(pd.Series(_count(header, flat, kept)))
        notes.append(f"{_ORDER!r} counts them in the order in which they stand.")
    if n_left := len(kept) - kept.sum():
        notes.append(
            "Values that are padding, or masked, are left out: "
            f"{n_left:,} of {len(kept):,}."
        )
    return FrameTable(table.source, names, made, [*table.notes, *notes])


def _measure(table, parts, cells):
    """Return how many values each row has; refuse rows that do not agree."""
    columns = list(parts)
    lengths = {at: np.array(list(map(len, parts[at])), int) for at in columns}
    first = lengths[columns[0]]
    for at in columns[1:]:
        odd = np.flatnonzero(lengths[at] != first)
        if len(odd):
            row = odd[0]
            raise ReadingError(
                f"Cells of {table.name} hold sequences, and in {len(odd):,} "
                f"row{'s' * (len(odd) > 1)} (the first at position "
                f"{cells.index[row]}) {quote(table.header[at])} has "
                f"{lengths[at][row]} values and {quote(table.header[columns[0]])} has "
                f"{first[row]}; expected as many. Mend or delete such rows."
            )
    return first


def _find_real(header, flat):
    """Mark the values that are neither padding nor masked."""
    n_values = len(next(iter(flat.values())))
    padding = np.ones(n_values, bool)
    masked = np.zeros(n_values, bool)
    for at, values in flat.items():
        pads = np.array([_lower(value) in _PADS for value in values], bool)
        padding &= pads
        if _plain(header[at]) in _NAMES["mask"]:
            masked |= pads
    return ~(padding | masked)


def _as_values(name, values, kept):
    """Return the values of a column as cells."""
    values = [value for value, keep in zip(values, kept, strict=True) if keep]
    values = [_as_value(value) for value in values]
    if _plain(name) in _NAMES["skill"]:
        values = [join_numbers(v) if isinstance(v, str) else v for v in values]
    return as_column(values)


def _as_value(value):
    """Return a value as Python has it; a list of skills as joined texts."""
    if isinstance(value, list | tuple | np.ndarray):
        return SKILL_SEPARATOR.join(map(str, value)) or None
    return value.item() if isinstance(value, np.generic) else value


def _count(header, flat, kept):
    """Return the place of each value; the skills of one question share theirs."""
    again = [at for at in flat if _plain(header[at]) in _NAMES["repeat"]]
    first = np.ones(len(kept), bool)
    for at in again:
        repeats = [_lower(value) in ("1", "1.0", "true") for value in flat[at]]
        first &= ~np.array(repeats, bool)
    return np.cumsum(first[kept]) - 1
