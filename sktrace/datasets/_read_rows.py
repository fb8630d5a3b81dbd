"""Rows of answers out of the cells of a table that is open."""

from collections import Counter

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from .._words import count_rows, first_few, list_names, quote
from ._assistments import INTERACTION
from ._read_answers import read_answers
from ._read_formats import FURTHER, make_plan
from ._read_problems import Argument, Problems, ReadingError
from ._read_sequences import refuse_sequences
from ._read_times import read_seconds, read_times
from ._read_values import (
    as_integers,
    as_numbers,
    read_items,
    read_skills,
    with_points,
)


def read_rows(
    table,
    format="auto",
    *,
    columns=None,
    item="auto",
    time="auto",
    skill_model=None,
    first_attempts=True,
    answers=None,
    threshold=None,
    time_format=None,
    time_unit=None,
    skill_sep=None,
    keep=(),
    drop_missing=False,
    decimal=".",
):
    """Read the interactions of a table that is open, as `read_interactions` does."""
    _check_settings(threshold, skill_sep)
    header = table.header
    # Who keeps a column called so gets it as it is.
    item, time = (
        None if named == "auto" and name in keep else named
        for name, named in zip(FURTHER, [item, time], strict=True)
    )
    plan = make_plan(header, format, columns, skill_model, first_attempts, item, time)
    kept = _locate_kept(header, keep, plan)
    wanted = list(dict.fromkeys([*plan.positions, *kept.values()]))
    cells = table.read(wanted, plan.plain)
    refuse_sequences(table, cells, plan)
    problems = Problems()
    cells = cells[choose_rows(cells, plan, header, drop_missing, problems)]
    if len(cells) == 0:
        problems.refuse()
        raise ReadingError(
            f"{table.name} has no rows to read below its header "
            f"{list_names(header)}; expected at least one answer. Look at how it was "
            "written."
        )
    cells = _write_points(cells, plan, kept, header, decimal)
    students = as_integers(cells[plan.student])
    frame = {"user_id": students}
    if plan.order is None:
        frame["order_id"] = students.groupby(students).cumcount()
    else:
        order, order_format = cells[plan.order], time_format
        if time_format is not None and plan.time not in (None, plan.order):
            order = as_numbers(order)  # the format is that of the times, then
            order_format = None if is_numeric_dtype(order) else time_format
        with problems.collect():
            frame["order_id"] = read_times(order, header[plan.order], order_format)
    frame["skill_name"] = read_skills(cells, plan.skills, plan.skill_ids, skill_sep)
    with problems.collect():
        frame["correct"] = read_answers(
            cells[plan.correct], header[plan.correct], answers, threshold
        )
    if plan.item:
        frame["item_id"] = read_items(cells, plan.item)
    if plan.time is not None:
        with problems.collect():
            frame["time"] = read_seconds(
                cells[plan.time], header[plan.time], time_format, time_unit
            )
    problems.refuse()
    for name, position in kept.items():
        frame[name] = as_numbers(cells[position])
    return pd.DataFrame(frame, index=cells.index).reset_index(drop=True)


def _write_points(cells, plan, kept, header, decimal):
    """Write decimal commas as points in the columns that may hold numbers."""
    if decimal == ".":
        return cells
    cells, problems = cells.copy(), Problems()
    positions = [plan.order, plan.time, plan.correct, *kept.values()]
    for position in dict.fromkeys(positions):
        with problems.collect():
            if position is not None:
                name = header[position]
                cells[position] = with_points(cells[position], name, decimal)
    problems.refuse()
    return cells


def _check_settings(threshold, skill_sep):
    """Refuse what no column could be read by."""
    if threshold is not None and not np.isfinite(threshold):
        raise ReadingError(
            Argument("threshold", threshold),
            ": expected the credit from which an answer counts as right, such as ",
            Argument("threshold", 0.5),
            ".",
        )
    if skill_sep == "":
        raise ReadingError(
            Argument("skill_sep", skill_sep),
            ": expected what joins several skills in a cell, such as ",
            Argument("skill_sep", ";"),
            "; or leave it out.",
        )


def _locate_kept(header, keep, plan):
    """Return the position of each column to keep."""
    given = [*INTERACTION, *FURTHER[:1] * bool(plan.item)]
    given += FURTHER[1:] * (plan.time is not None)
    found, places = Counter(header), {name: at for at, name in enumerate(header)}
    for name in keep:
        if name in given or found[name] != 1:
            reason = (
                "which the result has already"
                if name in given
                else f"of which the file has {found[name]}"
            )
            raise ReadingError(
                f"keep= names {quote(name)}, {reason}; expected columns that occur "
                f"once among {list_names(header)} and are none of {given}."
            )
    return {name: places[name] for name in keep}


def choose_rows(cells, plan, header, drop_missing, problems):
    """Mark the rows to read: first attempts that have a student and a time."""
    chosen = np.ones(len(cells), dtype=bool)
    if plan.attempt is not None:
        name = header[plan.attempt]
        attempt = pd.to_numeric(cells[plan.attempt], errors="coerce")
        chosen = (attempt == 1).fillna(False).to_numpy(dtype=bool)
        if len(cells) and (not chosen.any() or (attempt < 1).any()):
            found = first_few(cells[plan.attempt].unique().tolist())
            raise ReadingError(
                f"Column {quote(name)} holds {found}; expected each step's first "
                "attempt to be 1. Read every attempt: ",
                Argument("first_attempts", False),
                ".",
            )
    parts = {"student": ("user_id", plan.student), "order": ("order_id", plan.order)}
    for role, (part, position) in parts.items():
        if position is None:
            continue
        missing = chosen & cells[position].isna().to_numpy()
        if missing.any() and not drop_missing:
            with problems.collect():
                _refuse_missing(header[position], role, part, missing, chosen)
        chosen = chosen & ~missing
    return chosen


def _refuse_missing(name, role, part, missing, chosen):
    held = f"Column {quote(name)} ({role}) is missing in {count_rows(missing)}; "
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
