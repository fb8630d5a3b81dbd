"""What the columns of the common exports mean."""

import re
from typing import NamedTuple

from ._assistments import INTERACTION

# Models that DataShop makes for every data set: all steps one skill, each step its own.
_MADE_BY_DATASHOP = {"Single-KC", "Unique-step"}
_KC_COLUMN = re.compile(r"KC\s*\((.*)\)(\.\d+)?", re.IGNORECASE)  # .1: pandas wrote it

_TRANSACTION = ["Anon Student Id", "Time", "Outcome"]
_STEP = ["Anon Student Id", "First Transaction Time"]
_STEP_ANSWERS = ["Correct First Attempt", "First Attempt"]
_ATTEMPT = "Attempt At Step"

# Student, order, skill and answer of each ASSISTments release. A fifth column, which
# files of the second release may have as well, holds the numbers of the skills.
_SKILL_ID = "skill_id"
_ASSISTMENTS = {
    "2009-10": ["user_id", "order_id", "skill_name", "correct", _SKILL_ID],
    "2012-13": ["user_id", "start_time", "skill", "correct"],
    "2014-15": ["user_id", "log_id", "sequence_id", "correct"],
    "2017": ["studentId", "startTime", "skill", "correct"],
}


class Plan(NamedTuple):
    """Which columns of a file play which part, as positions in its header."""

    student: int
    order: int | None  # None: the rows stand in time order
    skills: list  # several, where a row's skills stand in columns of their own
    correct: int
    attempt: int | None = None  # counts a step's attempts; only the first are read
    skill_ids: int | None = None  # numbers of the skills, perhaps joined by "_"
    plain: bool = False  # a quotation mark in a cell is just a character

    @property
    def positions(self):
        """Every column that is read."""
        others = [self.order, self.attempt, self.skill_ids]
        found = [position for position in others if position is not None]
        return [self.student, self.correct, *self.skills, *found]


def make_plan(header, format, columns, skill_model, first_attempts):
    """Find the columns that a file's format names; raise ValueError where it cannot."""
    if format == "auto":
        format = "table" if columns is not None else recognise(header)
    if format is None:
        raise ValueError(
            f'format="auto" knows no export with the header {header}; expected one of '
            "DataShop or ASSISTments. Name the columns: columns={'user_id': ..., "
            "'order_id': ..., 'skill_name': ..., 'correct': ...}; None for order_id "
            "says that the rows stand in time order, None for skill_name that all are "
            "one skill."
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
    if format == "assistments":
        return _plan_assistments(header)
    if format == "datashop-transaction":
        names, attempt = _TRANSACTION, _ATTEMPT if first_attempts else None
    else:
        answers = [name for name in _STEP_ANSWERS if _has(header, [name])]
        names, attempt = [*_STEP, (answers or _STEP_ANSWERS)[0]], None
    return _plan_datashop(header, format, names, attempt, skill_model)


def recognise(header):
    """Return the format that a header tells, or None."""
    if _has(header, _TRANSACTION):
        return "datashop-transaction"
    if any(_has(header, [*_STEP, answers]) for answers in _STEP_ANSWERS):
        return "datashop-student-step"
    if any(_has(header, names) for names in _ASSISTMENTS.values()):
        return "assistments"
    return "table" if set(INTERACTION) <= set(header) else None


def _has(header, names):
    return all(_find(header, name) for name in names)


def _find(header, name):
    """Return the positions of a column, whatever the case of its letters."""
    return [at for at, other in enumerate(header) if other.lower() == name.lower()]


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
            "Further columns come along with keep=[...]."
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


def _plan_assistments(header):
    for names in _ASSISTMENTS.values():
        if _has(header, names):
            found = _locate(header, names, "assistments")
            student, order, skill, correct = found[:4]
            numbers = (_find(header, _SKILL_ID) or [None])[0]
            return Plan(student, order, [skill], correct, skill_ids=numbers)
    raise ValueError(
        'format="assistments" knows the columns '
        + " or ".join(f"{names} ({year})" for year, names in _ASSISTMENTS.items())
        + f"; got the columns {header}. Name yours: "
        'format="table", columns={...}.'
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
    return Plan(student, order, skills, correct, attempt, plain=True)


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
