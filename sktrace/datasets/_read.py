"""Logs in the files that tutoring systems and spreadsheets write."""

from numbers import Real
from os import PathLike

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from .._sklearn import StrOptions, validate_params
from .._words import count_rows, first_few
from ._assistments import INTERACTION
from ._read_formats import FURTHER, make_plan
from ._read_table import open_table
from ._read_values import (
    as_integers,
    as_numbers,
    read_answers,
    read_items,
    read_seconds,
    read_skills,
    read_times,
)

_FORMATS = [
    "auto",
    "datashop-transaction",
    "datashop-student-step",
    "assistments",
    "junyi",
    "table",
]


@validate_params(
    {
        "path": [str, PathLike],
        "format": [StrOptions(set(_FORMATS))],
        "columns": [dict, None],
        "item": [str, list, tuple, None],
        "time": [str, None],
        "skill_model": [str, None],
        "first_attempts": ["boolean"],
        "answers": [dict, None],
        "threshold": [Real, None],
        "time_format": [str, None],
        "time_unit": [StrOptions({"s", "ms", "us", "ns"}), None],
        "skill_sep": [str, None],
        "keep": [list, tuple],
        "drop_missing": ["boolean"],
        "sep": [str, None],
        "encoding": [str, None],
    },
    prefer_skip_nested_validation=True,
)
def read_interactions(
    path,
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
    sep=None,
    encoding=None,
):
    """Read a log of answers from a file, as the estimators expect it.

    DataShop's exports by transaction and by student-step are known, and so are the
    files of the KDD Cup 2010, of ASSISTments 2009-10, 2012-13, 2014-15 and 2017, and of
    Junyi 2015 and 2018-19; any other table is read once its columns are named.

    Parameters
    ----------
    path : str or path-like
        A text file with a header, gzipped if its name ends in ``.gz``, or a Parquet
        file (``.parquet`` or ``.pq``), which needs pyarrow.
    format : {"auto", "datashop-transaction", "datashop-student-step", \
"assistments", "junyi", "table"}, default="auto"
        What wrote the file. "auto" tells by the header, and reads a table if `columns`
        is given or if the columns have the names of the result.
    columns : dict, default=None
        For a table: the file's name of each column of the result, as in ``{"user_id":
        "pupil", "order_id": "when", "skill_name": "topic", "correct": "right"}``. One
        left out has the result's own name. None for `order_id` says that the rows
        stand in time order, None for `skill_name` that there is one skill.
    item : str, list of str or None, default="auto"
        The file's column of the problem, question or step answered; several name it
        together. "auto" takes those that the format is known to have, and the column
        item_id of a table, if there is one. None reads no items.
    time : str or None, default="auto"
        The file's column of when the answer was given; it may be that of the order.
        "auto" takes that which the format is known to have, and the column time of a
        table, if there is one. None reads no times.
    skill_model : str, default=None
        For DataShop: the model whose columns ``KC (model)`` name the skills. None
        means the only one, not counting Single-KC and Unique-step, which every
        data set has.
    first_attempts : bool, default=True
        For DataShop's transactions: read only the first attempt at each step, which
        decides whether the step counts as correct. If False, read every transaction;
        one without an outcome is a row without an answer.
    answers : dict, default=None
        What further values of the answers mean: 1, 0 or None, no answer; as in
        ``{"OK": 1, "BUG": 0, "hint": None}``. Goes before the meanings in the notes.
    threshold : float, default=None
        Credit from which a partly correct answer counts as correct. None refuses
        numbers other than 0 and 1.
    time_format : str, default=None
        How times are written, as in ``"%m/%d/%Y %H:%M"``. None means a number or an
        ISO 8601 date, such as ``2011-09-01 12:00:00.5``.
    time_unit : {"s", "ms", "us", "ns"}, default=None
        What the column `time` counts where it holds numbers. None tells by their size:
        seconds up to 1e11, which is the year 5138, milliseconds up to 1e14, and so on.
    skill_sep : str, default=None
        What joins several skills in a cell, such as ``;``; they are joined by ``~~``
        in the result.
    keep : list of str, default=()
        Further columns of the file to return, under their own names; as numbers where
        all are.
    drop_missing : bool, default=False
        If True, leave out rows without a student or a time rather than refuse them.
    sep : str, default=None
        What stands between two cells. None means a tab if the header has one, else
        the most frequent of ``,``, ``;`` and ``|``.
    encoding : str, default=None
        None means the first of UTF-8 and Windows-1252 that can read the file, and
        Latin-1 where neither can; UTF-16 where the file says so.

    Returns
    -------
    X : DataFrame of shape (n_rows, 4 to 6 + len(keep))
        One row per answer, in the order of the file: `user_id`, `order_id`,
        `skill_name` and `correct`; `item_id` and `time` where the file has them; then
        the columns of `keep`. Students, skills and items are int64 where all are whole
        numbers, else text. `correct` is 0 or 1, and NaN where there is no answer.
        `time` is in seconds, since 1970 where the file has dates, NaN where it is
        missing. The target is usually ``X["correct"]``.

    Raises
    ------
    ValueError
        If the format is not recognised, a column is missing, several models of skills
        are there to choose from, or a student, time or answer cannot be read.
    ImportError
        If the file is a Parquet file and pyarrow is not installed.

    Notes
    -----
    **Time.** `order_id` is DataShop's Time or First Transaction Time; the order_id,
    start_time, log_id or startTime of ASSISTments; the time_done or timestamp_TW of
    Junyi, which is rounded to quarters of an hour. Numbers stay as they are. Dates
    become microseconds since 1970; without a time zone they are read as UTC, and the
    column Time Zone of DataShop is not heeded. Rows of one student with the same time,
    such as two within a second, are one moment: neither sees the other's answer.
    `time` is the same column in seconds, where it tells the time: those of DataShop and
    Junyi, start_time and startTime.

    **Items.** `item_id` is DataShop's Problem Name and Step Name, joined by `` / ``,
    since problems share names of steps; the problem_id or problemId of ASSISTments,
    which has none in 2014-15; the upid of Junyi 2018-19. Junyi 2015 names the exercise,
    which is the skill here, and the template of its problem, problem_type: together
    they are the item, since problem_number counts the student's own attempts. Name the
    item to an estimator, ``item="item_id"``; it reads none by itself.

    **Answers.** In any case of letters, correct, right, true and yes mean 1;
    incorrect, wrong, false, no and hint mean 0.

    **Skills.** Several on one row, in DataShop's repeated columns, are joined by
    ``~~``. A row without a skill stays, with a missing one; "noskill" of ASSISTments
    2017 stays as it is. In ASSISTments 2009-10 and 2012-13, a skill without a name goes
    by its number, skill_id. The collapsed file of 2009-10 joins the names by commas,
    which stand in names, too: there, the numbers are taken apart, and each gets the
    name that it has where it stands alone.

    **Rows.** None are removed as duplicates, nor for being scaffolding: use
    ``keep=["original"]`` to choose. DataShop repeats what is in several samples: export
    one. Empty cells and those that pandas takes for missing, such as NA, are missing.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sktrace.datasets import read_interactions
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "log.csv"
    ...     _ = path.write_text("pupil;topic;right\\nann;add;yes\\nann;carry;no\\n")
    ...     columns = {"user_id": "pupil", "order_id": None, "skill_name": "topic"}
    ...     read_interactions(path, columns={**columns, "correct": "right"})
      user_id  order_id skill_name  correct
    0     ann         0        add        1
    1     ann         1      carry        0
    """
    table = open_table(path, sep, encoding)
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
    cells = cells[_choose_rows(cells, plan, header, drop_missing)]
    if len(cells) == 0:
        raise ValueError(
            f"{table.path.name} has no rows to read below its header {header}; "
            "expected at least one answer. Look at how it was written."
        )
    frame = pd.DataFrame({"user_id": as_integers(cells[plan.student])})
    if plan.order is None:
        frame["order_id"] = frame.groupby("user_id").cumcount()
    else:
        order, order_format = cells[plan.order], time_format
        if time_format is not None and plan.time not in (None, plan.order):
            order = as_numbers(order)  # the format is that of the times, then
            order_format = None if is_numeric_dtype(order) else time_format
        frame["order_id"] = read_times(order, header[plan.order], order_format)
    frame["skill_name"] = read_skills(cells, plan.skills, plan.skill_ids, skill_sep)
    frame["correct"] = read_answers(
        cells[plan.correct], header[plan.correct], answers, threshold
    )
    if plan.item:
        frame["item_id"] = read_items(cells, plan.item)
    if plan.time is not None:
        frame["time"] = read_seconds(
            cells[plan.time], header[plan.time], time_format, time_unit
        )
    for name, position in kept.items():
        frame[name] = as_numbers(cells[position])
    return frame.reset_index(drop=True)


def _locate_kept(header, keep, plan):
    """Return the position of each column to keep."""
    given = [*INTERACTION, *FURTHER[:1] * bool(plan.item)]
    given += FURTHER[1:] * (plan.time is not None)
    for name in keep:
        found = header.count(name)
        if name in given or found != 1:
            reason = (
                "which the result has already"
                if name in given
                else f"of which the file has {found}"
            )
            raise ValueError(
                f"keep= names {name!r}, {reason}; expected columns that occur once "
                f"among {header} and are none of {given}."
            )
    return {name: header.index(name) for name in keep}


def _choose_rows(cells, plan, header, drop_missing):
    """Mark the rows to read: first attempts that have a student and a time."""
    chosen = np.ones(len(cells), dtype=bool)
    if plan.attempt is not None:
        name = header[plan.attempt]
        attempt = pd.to_numeric(cells[plan.attempt], errors="coerce")
        chosen = (attempt == 1).to_numpy()
        if len(cells) and (not chosen.any() or (attempt < 1).any()):
            found = first_few(cells[plan.attempt].unique().tolist())
            raise ValueError(
                f"Column {name!r} holds {found}; expected each step's first attempt "
                "to be 1. Read every attempt, first_attempts=False, and choose with "
                f"keep=[{name!r}]."
            )
    for position, role in [(plan.student, "student"), (plan.order, "order")]:
        if position is None:
            continue
        missing = chosen & cells[position].isna().to_numpy()
        if drop_missing:
            chosen = chosen & ~missing
        elif missing.any():
            raise ValueError(
                f"Column {header[position]!r} ({role}) is missing in "
                f"{count_rows(missing)}; expected one in every row. Leave such rows "
                "out: drop_missing=True."
            )
    return chosen
