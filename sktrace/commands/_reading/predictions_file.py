"""A file of predictions beside a log: which probability is of which row."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from ..._words import count_rows, first_few, list_names, quote
from ...datasets._read_open import open_table
from ...datasets._read_times import read_times
from ...datasets._read_values import as_numbers, is_text, with_points
from .._roles import ROLES
from .columns import as_list

__all__ = ["PredictionsFile", "read_predictions"]

# Names of the column as people write them, the surest first.
_USUAL = "pcorrect p prob proba probability prediction predictions predicted pred "
_USUAL += "ypred yprob yhat yscore score"


class PredictionsFile(NamedTuple):
    """Probabilities of the rows of a log, NaN where the file has none."""

    p: np.ndarray
    fold: np.ndarray | None  # by which each row was predicted
    how: str  # the column, and how its rows were found, in a sentence


def read_predictions(options, log):
    """Read predictions, row by row or by the columns that name a row."""
    with open_table(options.predictions, None, None, None) as table:
        header, name = table.header, table.name
        column = _choose(header, options.probability, name)
        keys = _find_keys(header, log)
        fold = ["fold"] * ("fold" in header and "fold" not in _list_names(keys))
        wanted = dict.fromkeys([column, *_list_names(keys), *fold])
        places = [_locate(header, each, name) for each in wanted]
        cells = table.read(places).set_axis(list(wanted), axis=1)
    p = _read_probabilities(cells[column], column, name)
    fold = cells["fold"].to_numpy() if fold else None
    if len(cells) == len(log.X) and _agree(cells, log, keys):
        how = f"{column!r} of {name}, row by row"
        return PredictionsFile(p, fold, how)
    rows = _find(cells, log, keys, name)
    p = np.append(p, np.nan)[rows]
    fold = None if fold is None else np.append(fold.astype(object), None)[rows]
    named = ", ".join(map(repr, _list_names(keys)))
    return PredictionsFile(p, fold, f"{column!r} of {name}, by {named}")


def _locate(header, column, name):
    """Return the position of a column whose name must tell which it is."""
    if header.count(column) > 1:
        raise ValueError(
            f"{name} has {header.count(column)} columns {quote(column)}; expected "
            "names that differ. Rename all but the one that counts."
        )
    return header.index(column)


def _read_probabilities(cells, column, name):
    """Return probabilities, NaN where there is none."""
    p = as_numbers(_with_points(cells, column))
    if pd.api.types.is_numeric_dtype(p):
        p = p.astype(float)
        odd = p.notna() & ~p.between(0, 1)
        expected = "numbers from 0 to 1. Calibrate scores and logits, or name"
    else:
        odd = pd.to_numeric(p, errors="coerce").isna() & p.notna()
        expected = "probabilities from 0 to 1. Name"
    if odd.any():
        found = first_few(p[odd].unique().tolist())
        raise ValueError(
            f"Column {quote(column)} of {name} holds {found} in {count_rows(odd)}; "
            f"expected {expected} another column: --probability COLUMN."
        )
    if p.isna().all():
        raise ValueError(
            f"Column {quote(column)} of {name} holds nothing in any of {len(p):,} "
            "rows; expected probabilities from 0 to 1. Name another column: "
            "--probability COLUMN."
        )
    return p.to_numpy(float)


def _with_points(cells, column):
    """Write decimal commas as points: a probability has no thousands."""
    if not is_text(cells) or not cells.str.fullmatch(r"[01],\d+", na=False).any():
        return cells
    return with_points(cells, column, ",")


def _find_keys(header, log):
    """Return the columns that both files have, by role; of an order perhaps two."""
    keys = {}
    for role in ROLES:
        columns = as_list(log.columns.get(role))
        if role == "item" and len(columns) > 1:  # they name it together
            continue
        there = columns and all(column in header for column in columns)
        if there and ROLES[role][0] in log.X and role != "correct":
            keys[role] = columns
    return keys


def _list_names(keys):
    return [column for columns in keys.values() for column in columns]


def _read_keys(cells, log, keys):
    """Return the columns of both files that name a row, theirs and ours."""
    theirs, ours = [], []
    for role, (column, *clock) in keys.items():
        values = cells[column]
        if role == "order":
            clock = (cells[clock[0]], clock[0]) if clock else None
            time_format = log.settings.get("time_format")
            values = read_times(values, column, time_format, clock=clock)
        theirs.append(_plain(values))
        ours.append(_plain(log.X[ROLES[role][0]]))
    return theirs, ours


def _choose(header, named, name):
    """Return the column of probabilities."""
    if named is not None:
        if header.count(named) != 1:
            raise ValueError(
                f"--probability {named}: {name} has {header.count(named)} columns of "
                f"this name; expected one of {list_names(header)}."
            )
        return named
    if len(header) == 1:
        return header[0]
    plain = {"".join(filter(str.isalnum, column.lower())): column for column in header}
    for usual in _USUAL.split():
        if usual in plain:
            return plain[usual]
    raise ValueError(
        f"No column of {name} is named as probabilities are; got "
        f"{list_names(header)}. Name it: --probability COLUMN."
    )


def _agree(cells, log, keys):
    """Tell whether the columns that both files have are the same, row by row."""
    pairs = zip(*_read_keys(cells, log, keys), strict=True)
    return all(np.array_equal(theirs, ours) for theirs, ours in pairs)


def _find(cells, log, keys, name):
    """Return the row of the predictions of each row of the log; -1 where none is."""
    if not {"student", "order"} <= set(keys):
        raise ValueError(
            f"{name} has {len(cells):,} rows and the log {len(log.X):,}; expected a "
            "prediction for each row, in the same order, or columns that say which "
            f"rows are meant, called as in the log: "
            f"{[n for r in ('student', 'order') for n in as_list(log.columns.get(r))]}."
        )
    theirs, ours = map(pd.MultiIndex.from_arrays, _read_keys(cells, log, keys))
    if theirs.has_duplicates:
        twice = first_few(theirs[theirs.duplicated()][0])
        raise ValueError(
            f"{name} predicts {twice} twice; expected one prediction for each row. Add "
            "columns of the log that tell these rows apart, or predict every row in "
            "the order of the log."
        )
    rows = theirs.get_indexer(ours)
    if (rows < 0).all():
        raise ValueError(
            f"No row of {name} is a row of the log: it predicts "
            f"{first_few(theirs[0])}, the log has {first_few(ours[0])}; expected "
            f"{_list_names(keys)} alike."
        )
    return rows


def _plain(values):
    """Return names as texts, whole numbers alike however they are written."""
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.isna().any():
        return values.astype(str).to_numpy()
    if numbers.dtype.kind == "f" and (numbers.abs() >= 2**53).any():
        return values.astype(str).to_numpy()  # rounded, two names might be one
    return numbers.to_numpy()
