"""Which columns of a file play which part, by its format."""

import re
from typing import NamedTuple

from .._words import list_names, quote
from ._assistments import INTERACTION
from ._read_exports import (
    ASSISTMENTS,
    DATASHOP_ITEM,
    JUNYI,
    STEP,
    STEP_ANSWERS,
    TRANSACTION,
)
from ._read_problems import Argument, Problems, ReadingError

FURTHER = ["item_id", "time"]  # columns of the result where the file has them

# Models that DataShop makes for every data set: all steps one skill, each step its own.
_MADE_BY_DATASHOP = {"Single-KC", "Unique-step"}
KC_COLUMN = re.compile(r"KC\s*\((.*)\)(\.\d+)?", re.IGNORECASE)  # .1: pandas wrote it
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
    clock: int | None = None  # the time of the day, where `order` is the date alone
    time_clock: int | None = None  # that of `time`

    @property
    def positions(self):
        """Every column that is read."""
        others = [self.order, self.clock, self.time, self.time_clock]
        others += [self.attempt, self.skill_ids]
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
    columns, clock = _take_clock(header, columns)
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
    time_clock = None
    if time == "auto":
        time = plan.time if plan.time is not None else (own_time or [None])[0]
    elif time is not None:
        times = [_take(header, name, "time") for name in _date_and_clock(time, "time")]
        time, time_clock = [*times, None][:2]
    return plan._replace(
        item=tuple(items), time=time, clock=clock, time_clock=time_clock
    )


def _take_clock(header, columns):
    """Return the columns that were named, and the position of the order's clock."""
    order = (columns or {}).get("order_id")
    if not isinstance(order, list | tuple):
        return columns, None
    date, *clock = _date_and_clock(order, "order_id")
    if not clock:
        return {**columns, "order_id": date}, None
    if header.count(clock[0]) != 1:
        raise ReadingError(
            f"order_id is read from the columns {quote(date)} and {quote(clock[0])}, "
            f"of which the file has {header.count(clock[0])}; expected one among "
            f"{list_names(header)}. Name them: ",
            Argument("columns", {"order_id": ...}),
            ".",
        )
    return {**columns, "order_id": date}, header.index(clock[0])


def _date_and_clock(names, part):
    """Return the names of one column, or of two: of the date and of the clock."""
    names = [names] if isinstance(names, str) else list(names)
    if not 1 <= len(names) <= 2 or len(set(names)) < len(names):
        raise ReadingError(
            f"{part} names the columns {list_names(names)}; expected one, or two that "
            "differ: that of the dates, then that of the times of the day."
        )
    return names


def _take(header, name, part):
    """Return the position of a column that was named."""
    if header.count(name) != 1:
        raise ReadingError(
            f"{part}= names {quote(name)}, of which the file has "
            f"{header.count(name)}; expected a column that occurs once among "
            f"{list_names(header)}, or None for none: ",
            Argument(part, None),
            ".",
        )
    return header.index(name)


def _plan_format(header, format, columns, skill_model, first_attempts):
    if format == "auto":
        # Who names a column of a known export means another column, not other rules.
        format = recognise(header) or (None if columns is None else "table")
    if format is None:
        raise ReadingError(
            f'format="auto" knows no export with the header {list_names(header)}; '
            "expected one of DataShop, ASSISTments or Junyi. Name the columns: ",
            Argument("columns", dict.fromkeys(INTERACTION, ...)),
            "; None for order_id says that the rows stand in time order, None for "
            "skill_name that all are one skill.",
        )
    if skill_model is not None and not format.startswith("datashop"):
        raise ReadingError(
            Argument("skill_model", skill_model),
            f" was given with format={format!r}; expected it with the DataShop formats "
            "only. Leave it out.",
        )
    named = _take_columns(header, format, columns or {})
    if format == "table":
        return _plan_table(named)
    if format in _EXPORTS:
        return _plan_export(header, format, named)
    if format == "datashop-transaction":
        names, attempt = TRANSACTION, _ATTEMPT if first_attempts else None
    else:
        answers = [name for name in STEP_ANSWERS if _has(header, [name])]
        names, attempt = [*STEP, (answers or STEP_ANSWERS)[0]], None
    return _plan_datashop(header, format, names, attempt, skill_model, named)


def _take_columns(header, format, columns):
    """Return the positions of the columns that were named; None where None was."""
    odd = [name for name in columns if name not in INTERACTION]
    if odd:
        raise ReadingError(
            f"columns= names {quote(odd[0])}; expected its keys among {INTERACTION}. "
            "Items and times are named by item= and time=; further columns come along "
            "with keep=[...]."
        )
    if format == "table":
        columns = {name: columns.get(name, name) for name in INTERACTION}
    found, problems = {}, Problems()
    for name, column in columns.items():
        optional = name in ("order_id", "skill_name")
        with problems.collect():
            if column is None and optional:
                found[name] = None
                continue
            if header.count(column) != 1:
                raise ReadingError(
                    f"{name} is read from the column {quote(column)}, of which the "
                    f"file has {header.count(column)}; expected one among "
                    f"{list_names(header)}. Name it: ",
                    Argument("columns", {name: ...}),
                    f"{', None if there is none' * optional}.",
                )
            found[name] = header.index(column)
    problems.refuse()
    return found


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


def _locate(header, names, format, named):
    """Return one position for each part: of the column named, or known by its name."""
    missing = [
        (part, name)
        for part, name in names.items()
        if part not in named and not _find(header, name)
    ]
    if missing:
        part, name = missing[0]
        raise ReadingError(
            f"format={format!r} needs the column {name!r}; got the columns "
            f"{list_names(header)}. Name the one that takes its part: ",
            Argument("columns", {part: ...}),
            ", or read the file as another format.",
        )
    return [
        named[part] if part in named else _find(header, name)[0]
        for part, name in names.items()
    ]


def _plan_table(named):
    student, order, skill, correct = (named[name] for name in INTERACTION)
    return Plan(student, order, [] if skill is None else [skill], correct)


def _plan_export(header, format, named):
    exports = _EXPORTS[format]
    for export in exports.values():
        names = dict(zip(INTERACTION, export.needed, strict=True))
        if _has(header, [name for part, name in names.items() if part not in named]):
            student, order, skill, correct = _locate(header, names, format, named)
            own = "skill_name" in named  # whose numbers are not those of the format
            time = None if export.time is None else _find(header, export.time)
            return Plan(
                student,
                order,
                [] if skill is None else [skill],
                correct,
                item=_find_all(header, export.item),
                time=(time or [None])[0],
                skill_ids=None if own else (_find(header, _SKILL_ID) or [None])[0],
            )
    known = " or ".join(f"{export.needed} ({y})" for y, export in exports.items())
    raise ReadingError(
        f'format="{format}" knows the columns {known}; got the columns '
        f"{list_names(header)}. Name yours: ",
        Argument("columns", dict.fromkeys(INTERACTION, ...)),
        ".",
    )


def _plan_datashop(header, format, names, attempt, skill_model, named):
    parts = [part for part in INTERACTION if part != "skill_name"]
    names = dict(zip(parts, names, strict=True))
    student, order, correct = _locate(header, names, format, named)
    if attempt is not None and not _find(header, attempt):
        raise ReadingError(
            f"first_attempts=True needs the column {attempt!r}; got the columns "
            f"{list_names(header)}. Read every attempt: ",
            Argument("first_attempts", False),
            ".",
        )
    if "skill_name" in named:
        skills = [] if named["skill_name"] is None else [named["skill_name"]]
    else:
        skills = _find_skills(header, skill_model)
    attempt = None if attempt is None else _find(header, attempt)[0]
    return Plan(
        student,
        order,
        skills,
        correct,
        item=_find_all(header, DATASHOP_ITEM),
        time=(_find(header, names["order_id"]) or [None])[0],
        attempt=attempt,
        plain=True,
    )


def _find_skills(header, skill_model):
    """Return the columns of one model of skills."""
    models = {}
    for position, name in enumerate(header):
        if found := KC_COLUMN.fullmatch(name):
            models.setdefault(found[1].strip(), []).append(position)
    return models[_choose_model(models, skill_model, header)]


def _choose_model(models, skill_model, header):
    if not models:
        raise ReadingError(
            "The file has no column KC (...), which would name the skills; expected at "
            f"least one among {list_names(header)}. Name another column: ",
            Argument("columns", {"skill_name": ...}),
            ", or say that all are one skill: ",
            Argument("columns", {"skill_name": None}),
            ".",
        )
    choice = [model for model in models if model not in _MADE_BY_DATASHOP]
    if skill_model in models:
        return skill_model
    if skill_model is None and len(choice) == 1:
        return choice[0]
    raise ReadingError(
        Argument("skill_model", skill_model),
        ", and the file names the skills of the models "
        f"{list_names(list(models))}; expected one of these, as in ",
        Argument("skill_model", (choice or list(models))[0]),
        ".",
    )
