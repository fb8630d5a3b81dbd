"""Rows of answers out of the cells of a table that is open."""

from collections import Counter

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from .._words import list_names, quote
from ._assistments import INTERACTION
from ._read_choice import choose_rows, describe_left_out
from ._read_formats import FURTHER, make_plan
from ._read_forms import Forms
from ._read_problems import Argument, Problems, ReadingError
from ._read_times import read_seconds, read_times
from ._read_values import as_integers, as_numbers, read_items, read_skills

__all__ = ["add_notes", "read_rows"]


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
    decimal=None,
    forms=None,
):
    """Read the interactions of a table that is open, as `read_interactions` does.

    What was done to the file is added to the table's notes. If the table is a part of a
    file, `forms` says how its cells are written; else they tell it themselves.
    """
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
    problems, left_out = Problems(), Counter()
    chosen = choose_rows(cells, plan, header, drop_missing, problems, left_out)
    notes, cells = describe_left_out(left_out, len(cells)), cells[chosen]
    if len(cells) == 0:
        problems.refuse()
        raise ReadingError(
            f"{table.name} has no rows to read below its header "
            f"{list_names(header)}; expected at least one answer. Look at how it was "
            "written."
        )
    forms = Forms(notes) if forms is None else forms
    cells = forms.write_points(cells, plan, kept, table, decimal)
    students = as_integers(cells[plan.student])
    frame = {"user_id": students}
    if plan.order is None:
        frame["order_id"] = students.groupby(students).cumcount()
    with problems.collect():
        if plan.order is not None:
            frame["order_id"] = _read_order(cells, plan, header, time_format, forms)
    frame["skill_name"] = read_skills(cells, plan.skills, plan.skill_ids, skill_sep)
    with problems.collect():
        frame["correct"] = forms.read_answers(
            cells[plan.correct], header[plan.correct], answers, threshold
        )
    if plan.item:
        frame["item_id"] = read_items(cells, plan.item)
    # What is wrong with one column is said once.
    same = (plan.time, plan.time_clock) == (plan.order, plan.clock)
    if plan.time is not None and ("order_id" in frame or not same):
        name, place = header[plan.time], (plan.time, plan.time_clock)
        with problems.collect():
            frame["time"] = read_seconds(
                cells[plan.time],
                name,
                time_format,
                time_unit,
                **_further(cells, plan, header, place, forms),
            )
    problems.refuse()
    add_notes(table, notes)
    for name, position in kept.items():
        frame[name] = as_numbers(cells[position])
    return pd.DataFrame(frame, index=cells.index).reset_index(drop=True)


def _read_order(cells, plan, header, time_format, forms):
    """Return the column of the order, as numbers that grow with time."""
    order = cells[plan.order]
    another = plan.time not in (None, plan.order) and plan.clock is None
    if time_format is not None and another:
        order = as_numbers(order)  # the format is that of the times, then
        time_format = None if is_numeric_dtype(order) else time_format
    further = _further(cells, plan, header, (plan.order, plan.clock), forms)
    return read_times(order, header[plan.order], time_format, **further)


def _further(cells, plan, header, place, forms):
    """Return what moments are read by, beside the column that tells them."""
    position, clock = place
    return {
        "clock": None if clock is None else (cells[clock], header[clock]),
        "form": forms.dates.get(position),
        "students": cells[plan.student],
        "notes": forms.notes,
    }


def add_notes(table, notes):
    """Add sentences to those of a table, each once."""
    known = table.notes
    known.extend(note for note in dict.fromkeys(notes) if note not in known)


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
