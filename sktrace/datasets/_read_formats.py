"""Which columns of a file play which part, by its format."""

import re
from typing import NamedTuple

from ._assistments import INTERACTION
from ._read_exports import (
    ASSISTMENTS,
    DATASHOP_ITEM,
    JUNYI,
    STEP,
    STEP_ANSWERS,
    TRANSACTION,
)

FURTHER = ["item_id", "time"]  # columns of the result where the file has them

# Models that DataShop makes for every data set: all steps one skill, each step its own.
_MADE_BY_DATASHOP = {"Single-KC", "Unique-step"}
_KC_COLUMN = re.compile(r"KC\s*\((.*)\)(\.\d+)?", re.IGNORECASE)  # .1: pandas wrote it
_ATTEMPT = "Attempt At Step"
_SKILL_ID = "skill_id"  # numbers of ASSISTments' skills, in files that have them
_EXPORTS = {"assistments": ASSISTMENTS, "junyi": JUNYI}


class Plan(NamedTuple):
    """Which columns of a file play which part, as positions in its header."""

    student: int
    order: int | None  # None: the rows stand in time order
    skills: list  # several, where a row's skills stand in columns of their own
    correct: int
    item: tuple = ()  # together they name the item
    time: int | None = None  # when the answer was given
    attempt: int | None = None  # counts a step's attempts; only the first are read
    skill_ids: int | None = None  # numbers of the skills, perhaps joined by "_"
    plain: bool = False  # a quotation mark in a cell is just a character

    @property
    def positions(self):
        """Every column that is read."""
        others = [self.order, self.time, self.attempt, self.skill_ids]
        found = [position for position in others if position is not None]
        return [self.student, self.correct, *self.skills, *self.item, *found]


def make_plan(
    header,
    format,
    columns=None,
    skill_model=None,
    first_attempts=True,
    item="auto",
    time="auto",
):
    """Find the columns that a file's format names; raise ValueError where it cannot."""
    plan = _plan_format(header, format, columns, skill_model, first_attempts)
    # A column with the result's own name is read where the format knows no other.
    own_item, own_time = (
        [header.index(name)] if header.count(name) == 1 else [] for name in FURTHER
    )
    if item == "auto":
        items = plan.item or own_item
    else:
        names = [] if item is None else [item] if isinstance(item, str) else item
        items = [_take(header, name, "item") for name in names]
    if time != "auto":
        time = None if time is None else _take(header, time, "time")
    else:
        time = plan.time if plan.time is not None else (own_time or [None])[0]
    return plan._replace(item=tuple(items), time=time)


def _take(header, name, part):
    """Return the position of a column that was named."""
    if header.count(name) != 1:
        raise ValueError(
            f"{part}= names {name!r}, of which the file has {header.count(name)}; "
            f"expected a column that occurs once among {header}, or None for none."
        )
    return header.index(name)


def _plan_format(header, format, columns, skill_model, first_attempts):
    if format == "auto":
        format = "table" if columns is not None else recognise(header)
    if format is None:
        raise ValueError(
            f'format="auto" knows no export with the header {header}; expected one of '
            "DataShop, ASSISTments or Junyi. Name the columns: columns={'user_id': "
            "..., 'order_id': ..., 'skill_name': ..., 'correct': ...}; None for "
            "order_id says that the rows stand in time order, None for skill_name that "
            "all are one skill."
        )
    if columns is not None and format != "table":
        raise ValueError(
            f"columns= was given with format={format!r}, which knows its columns; "
            'expected format="table", or no columns=.'
        )
    if skill_model is not None and not format.startswith("datashop"):
        raise ValueError(
            f"skill_model={skill_model!r} was given with format={format!r}; expected "
            "it with the DataShop formats only. Leave it out."
        )
    if format == "table":
        return _plan_table(header, columns or {})
    if format in _EXPORTS:
        return _plan_export(header, format)
    if format == "datashop-transaction":
        names, attempt = TRANSACTION, _ATTEMPT if first_attempts else None
    else:
        answers = [name for name in STEP_ANSWERS if _has(header, [name])]
        names, attempt = [*STEP, (answers or STEP_ANSWERS)[0]], None
    return _plan_datashop(header, format, names, attempt, skill_model)


def recognise(header):
    """Return the format that a header tells, or None."""
    if _has(header, TRANSACTION):
        return "datashop-transaction"
    if any(_has(header, [*STEP, answers]) for answers in STEP_ANSWERS):
        return "datashop-student-step"
    own = set(INTERACTION) <= set(header)  # the names of ASSISTments 2009-10, as well
    if own and not any(_has(header, [name]) for name in (_SKILL_ID, "problem_id")):
        return "table"
    for format, exports in _EXPORTS.items():
        if any(_has(header, export.needed) for export in exports.values()):
            return format
    return None


def _has(header, names):
    return all(_find(header, name) for name in names)


def _find(header, name):
    """Return the positions of a column, whatever the case of its letters."""
    return [at for at, other in enumerate(header) if other.lower() == name.lower()]


def _find_all(header, names):
    """Return the position of each column that is there."""
    return tuple(_find(header, name)[0] for name in names if _find(header, name))


def _locate(header, names, format):
    """Return one position for each name."""
    missing = [name for name in names if not _find(header, name)]
    if missing:
        raise ValueError(
            f"format={format!r} needs the column {missing[0]!r}; got the columns "
            f"{header}. Read the file as another format, or name its columns: "
            'format="table", columns={...}.'
        )
    return [_find(header, name)[0] for name in names]


def _plan_table(header, columns):
    odd = [name for name in columns if name not in INTERACTION]
    if odd:
        raise ValueError(
            f"columns= names {odd[0]!r}; expected its keys among {INTERACTION}. "
            "Items and times are named by item= and time=; further columns come along "
            "with keep=[...]."
        )
    named = {name: columns.get(name, name) for name in INTERACTION}
    for name, column in named.items():
        optional = name in ("order_id", "skill_name")
        if column is None and optional:
            continue
        if header.count(column) != 1:
            raise ValueError(
                f"{name} is read from the column {column!r}, of which the file has "
                f"{header.count(column)}; expected one among {header}. Name it: "
                f"columns={{{name!r}: ...}}{', None if there is none' * optional}."
            )
    at = {
        name: None if column is None else header.index(column)
        for name, column in named.items()
    }
    skills = [] if at["skill_name"] is None else [at["skill_name"]]
    return Plan(at["user_id"], at["order_id"], skills, at["correct"])


def _plan_export(header, format):
    exports = _EXPORTS[format]
    for export in exports.values():
        if _has(header, export.needed):
            student, order, skill, correct = _locate(header, export.needed, format)
            return Plan(
                student,
                order,
                [skill],
                correct,
                item=_find_all(header, export.item),
                time=None if export.time is None else _find(header, export.time)[0],
                skill_ids=(_find(header, _SKILL_ID) or [None])[0],
            )
    known = " or ".join(f"{export.needed} ({y})" for y, export in exports.items())
    raise ValueError(
        f'format="{format}" knows the columns {known}; got the columns {header}. Name '
        'yours: format="table", columns={...}.'
    )


def _plan_datashop(header, format, names, attempt, skill_model):
    student, order, correct = _locate(header, names, format)
    if attempt is not None and not _find(header, attempt):
        raise ValueError(
            f"first_attempts=True needs the column {attempt!r}; got the columns "
            f"{header}. Read every attempt: first_attempts=False."
        )
    models = {}
    for position, name in enumerate(header):
        if found := _KC_COLUMN.fullmatch(name):
            models.setdefault(found[1].strip(), []).append(position)
    skills = models[_choose_model(models, skill_model)]
    attempt = None if attempt is None else _find(header, attempt)[0]
    return Plan(
        student,
        order,
        skills,
        correct,
        item=_find_all(header, DATASHOP_ITEM),
        time=order,
        attempt=attempt,
        plain=True,
    )


def _choose_model(models, skill_model):
    if not models:
        raise ValueError(
            "The file has no column KC (...), which would name the skills; expected at "
            'least one. Name another column: format="table", columns={...}.'
        )
    choice = [model for model in models if model not in _MADE_BY_DATASHOP]
    if skill_model in models:
        return skill_model
    if skill_model is None and len(choice) == 1:
        return choice[0]
    raise ValueError(
        f"skill_model={skill_model!r}, and the file names the skills of the models "
        f"{list(models)}; expected one of these, as in "
        f"skill_model={(choice or list(models))[0]!r}."
    )
