"""A log in a file that names its columns as it likes."""

import hashlib
from collections import Counter
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ..._words import quote
from ...datasets import make_interactions
from ...datasets._read_answers import read_answers
from ...datasets._read_formats import KC_COLUMN, make_plan, recognise
from ...datasets._read_open import open_table, refuse_unnamed
from ...datasets._read_problems import Argument, ReadingError
from ...datasets._read_rows import read_rows
from ...datasets._read_table import TextTable
from .._roles import NEEDED, ROLES, SEVERAL
from .columns import as_list, guess_columns, take_columns
from .contents import Sample
from .items import leave_out_idle_items
from .mending import mended
from .stand_ins import StandIns
from .usual_names import tells_wrong

__all__ = [
    "LogFile",
    "choose_columns",
    "make_log",
    "read_log",
    "take_options",
    "try_opened",
]

NAMED, GUESSED, KNOWN = "named", "guessed", "known of the format"
# Options that read_interactions takes as they are.
SETTINGS = [
    *("sep", "encoding", "time_format", "time_unit", "skill_sep", "threshold"),
    *("skill_model", "decimal"),
]
OPENING = ("sep", "encoding")  # of these, what it takes to read the header


class LogFile(NamedTuple):
    """A log, and how its file was read."""

    X: pd.DataFrame  # user_id, order_id, skill_name, correct; perhaps item_id, time
    format: str
    columns: dict  # role to column of the file, to several of an item, or to None
    how: dict  # role to how its column was found
    settings: dict  # arguments of read_interactions that read it the same way
    file: dict  # what tells whether a file is the same one, label to text
    notes: list  # what was done to it, in whole sentences

    def describe_columns(self):
        """Return rows of role, column and how it was found, as texts."""
        for role, column in self.columns.items():
            several = isinstance(column, list)
            name = " / ".join(column) if several else column or "none"
            yield role, name, self.how[role]


def make_log(options):
    """Make a class up; return its log and the true P(correct) of each answer."""
    _refuse_columns(options)
    X, _, truth = make_interactions(
        n_students=500,
        n_skills=10,
        return_proba=True,
        random_state=options.seed,
    )
    return X, truth


def _refuse_columns(options):
    """Refuse to make a class up where columns were named: the log stands among them."""
    for role in ROLES:
        names = as_list(getattr(options, role))
        if names:
            log = names[-1] if role in SEVERAL and Path(names[-1]).is_file() else None
            columns = " ".join(names if log is None else names[:-1])
            raise ValueError(
                f"--{role} {' '.join(names)}, and no log is named; expected its file "
                f"before the columns: {log or 'LOG'} --{role} {columns}."
            )


def read_log(options, others=False):
    """Read a log by the columns that were named, the others guessed.

    With `others`, all further columns are kept as they are.
    """
    # Once: what comes through a pipe is gone when it was read.
    with _open(options) as table:
        try:
            return _read_opened(table, *take_options(options), others)
        except ReadingError as error:
            raise mended(error, options, partial(_try_reading, table)) from error


def _open(options):
    """Open a log, whose separator or encoding may be what is to be named."""
    _, settings = take_options(options)
    try:
        return open_table(options.log, *map(settings.get, OPENING))
    except ReadingError as error:
        if not Path(options.log).is_file():
            raise
        raise mended(error, options, partial(_try_reading, None)) from error


def _try_reading(table, options, unknown):
    """Return the log by other options; roles that are not known play no part in it."""
    given, settings = take_options(options)
    opening = [settings.get(name) for name in OPENING]
    if table is None or (any(opening) and Path(options.log).is_file()):
        with open_table(options.log, *opening) as table:
            return try_opened(table, given, settings, unknown)
    return try_opened(table, given, settings, unknown)


def try_opened(table, given, settings, unknown):
    """Return the log of a table that is open; stand-ins play roles that are unknown."""
    if unknown:
        table = StandIns(table, unknown)
        given |= table.names
    return _read_opened(table, given, settings, False).X


def take_options(options):
    """Return the columns that were named, by role, and arguments of the reader."""
    given = {role: getattr(options, role) for role in ROLES}
    settings = {
        name: getattr(options, name)
        for name in SETTINGS
        if getattr(options, name) is not None
    }
    if options.answers:
        settings["answers"] = dict(map(_read_meaning, options.answers))
    if options.drop_missing:
        settings["drop_missing"] = True
    if options.all_attempts:
        settings["first_attempts"] = False
    sep = settings.get("sep")
    if sep is not None:
        sep = settings["sep"] = {"tab": "\t", "\\t": "\t"}.get(sep, sep)
        if len(sep) != 1:
            raise ValueError(f"--sep {sep}: expected one character, or tab.")
    return given, settings


def _read_opened(table, given, settings, others):
    """Read a log that is open, by the columns named in it, or guessed."""
    format, columns, how = choose_columns(table, given, settings)
    if columns["time"] is None:
        del columns["time"], how["time"]
    if others:
        settings["keep"] = _list_others(table.header, columns)
    asked = {name: value for name, value in settings.items() if name not in OPENING}
    X = read_rows(table, **asked)
    X, idle = leave_out_idle_items(X)
    if idle:
        settings["item"] = None
    notes = list(dict.fromkeys([*getattr(table, "notes", []), *idle]))
    return LogFile(X, format, columns, how, settings, _identify(table.source), notes)


def _refuse_one_column(table):
    """Refuse a table that holds no log, perhaps since it was not taken apart."""
    name = table.header[0]
    parts = [
        f"{table.name} has one column, {quote(name)}; expected columns that say who "
        "answered, and whether that was right. "
    ]
    if isinstance(table, TextTable) and "  " in name:
        read = f"pandas.read_fwf({str(table.source.path)!r})"
        parts += [f"If blanks align them, {read}.to_csv('log.csv', index=False); else"]
    elif isinstance(table, TextTable) and " " in name:
        parts += ["If blanks stand between its cells: ", Argument("sep", " "), "; else"]
    else:
        parts += ["If something else than commas, semicolons or tabs does,"]
    raise ReadingError(
        *parts,
        " name what stands there: ",
        Argument("sep", ...),
        ", or save it as CSV.",
    )


def _refuse_wrong(name, sample):
    """Ask which answers are right in a column whose name says that they were wrong."""
    if not tells_wrong(name):
        return
    values = sample[name].dropna().drop_duplicates()
    try:
        right = dict(zip(map(str, values), read_answers(values, name), strict=True))
    except ReadingError:
        return  # what its values mean is asked for, anyway
    known = {value: int(each) for value, each in right.items() if each in (0, 1)}
    raise ReadingError(
        f"The name of {quote(name)} (correct) says which answers were wrong. Which "
        "value stands for a right one? ",
        Argument("answers", {value: 1 - each for value, each in known.items()}),
        " (as the name says) or ",
        Argument("answers", known),
        ".",
    )


def choose_columns(table, given, settings):
    """Find the column of each role, and add to the settings what reads these columns.

    Returns
    -------
    format : str
    columns, how : dict
        As in `LogFile`, the time among them.
    """
    refuse_unnamed(table, any(given.values()))
    header = table.header
    if len(header) == 1:
        _refuse_one_column(table)
    format = recognise(header) or "table"
    if format == "table":
        if "sample" not in vars(table):  # what is tried again is not read again
            table.sample = Sample(table)
        columns, guessed = guess_columns(header, given, table.sample)
        if "answers" not in settings:
            _refuse_wrong(columns["correct"], table.sample)
        names = {ROLES[role][0]: columns[role] for role in NEEDED}
        settings["columns"] = names
        how = {role: GUESSED if role in guessed else NAMED for role in columns}
        if columns["item"] or given["item"] or "item_id" in header:
            settings["item"] = _plainly(columns["item"])
    else:
        columns, how = _know_columns(header, format, given, settings)
    # Times are off unless named, even where the file is known to have them.
    if columns["time"] or format != "table" or "time" in header:
        settings["time"] = columns["time"]
    return format, columns, how


def _list_others(header, columns):
    """Return the columns that play no role, and whose names are free."""
    played = [name for role in columns.values() for name in as_list(role)]
    taken = {*played, *(name for name, _ in ROLES.values())}
    once = [name for name, n_times in Counter(header).items() if n_times == 1]
    return [name for name in once if name not in taken]


def _plainly(names):
    """Write one column without a list around it."""
    return names[0] if names is not None and len(names) == 1 else names


def _know_columns(header, format, given, settings):
    """Return the columns that a known format has, and how each was found."""
    model = KC_COLUMN.fullmatch(given["skill"] or "")
    by_model = model is not None and format.startswith("datashop")
    if by_model:  # a model has a column for each of the skills of a row
        settings.setdefault("skill_model", model[1].strip())
        given = {**given, "skill": None}
    named = take_columns(header, given)
    if "item" in named:
        settings["item"] = _plainly(named["item"])
    if any(role in named for role in NEEDED):  # other columns, by the format's rules
        settings["columns"] = {
            ROLES[role][0]: named[role] for role in NEEDED if role in named
        }
    plan = make_plan(
        header,
        format,
        settings.get("columns"),
        settings.get("skill_model"),
        settings.get("first_attempts", True),
        item=named.get("item", "auto"),
        time=named.get("time"),
    )
    columns = {
        "student": header[plan.student],
        "order": None if plan.order is None else header[plan.order],
        "skill": header[plan.skills[0]] if plan.skills else None,
        "correct": header[plan.correct],
        "item": [header[position] for position in plan.item] or None,
        "time": None if plan.time is None else header[plan.time],
    }
    how = {role: NAMED if role in named else KNOWN for role in columns}
    return columns, how | {"skill": NAMED} if by_model else how


def _identify(source):
    """Return what tells whether a file is the same one."""
    digest = hashlib.sha256()
    for chunk in source.chunks():
        digest.update(chunk)
    return {
        "file": f"{source.name}, {source.size:,} bytes",
        "SHA-256": digest.hexdigest(),
    }


def _read_meaning(option):
    word, equals, answer = option.rpartition("=")
    if not equals or answer not in ("0", "1", ""):
        raise ValueError(
            f"--answers {option}: expected WORD=1, WORD=0 or WORD= (no answer), such "
            "as OK=1."
        )
    return word, int(answer) if answer else None
