"""A log in a file that names its columns as it likes."""

import hashlib
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ..datasets import make_interactions, read_interactions
from ..datasets._read_formats import recognise
from ..datasets._read_table import open_table
from ._columns import ROLES, guess_columns

__all__ = ["LogFile", "make_log", "read_log"]


class LogFile(NamedTuple):
    """A log, and how its file was read."""

    X: pd.DataFrame  # user_id, order_id, skill_name, correct
    format: str
    columns: dict  # role to column of the file; empty if the format knows them
    guessed: set  # roles whose column was told by its name
    settings: dict  # arguments of read_interactions that read it the same way
    file: dict  # what tells whether a file is the same one, label to text


def make_log(seed):
    """Make a class up; return its log and the true P(correct) of each answer."""
    X, _, truth = make_interactions(
        n_students=500, n_skills=10, return_proba=True, random_state=seed
    )
    return X, truth


def read_log(options):
    """Read a log by the columns that were named, the others guessed."""
    given = {role: getattr(options, role) for role in ROLES}
    settings = {
        name: getattr(options, name)
        for name in ("sep", "encoding", "time_format", "threshold", "skill_model")
        if getattr(options, name) is not None
    }
    if options.answers:
        settings["answers"] = dict(map(_read_meaning, options.answers))
    if options.drop_missing:
        settings["drop_missing"] = True
    sep = settings.get("sep")
    if sep is not None:
        sep = settings["sep"] = {"tab": "\t", "\\t": "\t"}.get(sep, sep)
        if len(sep) != 1:
            raise ValueError(f"--sep {sep}: expected one character, or tab.")
    header = open_table(options.log, sep, options.encoding).header
    if not any(header):
        raise ValueError(
            f"{Path(options.log).name}: the first line is empty; expected the names of "
            "the columns there."
        )
    format, columns, guessed = recognise(header), {}, set()
    if format is None or any(given.values()):
        format = "table"
    if format == "table":
        columns, guessed = guess_columns(header, given)
        names = {ROLES[role][0]: column for role, column in columns.items()}
        settings["columns"] = {name: names[name] for name, _ in ROLES.values()}
    X = read_interactions(options.log, **settings)
    return LogFile(X, format, columns, guessed, settings, _identify(options.log))


def _identify(path):
    content = Path(path).read_bytes()
    return {
        "file": f"{Path(path).name}, {len(content):,} bytes",
        "SHA-256": hashlib.sha256(content).hexdigest(),
    }


def _read_meaning(option):
    word, equals, answer = option.rpartition("=")
    if not equals or answer not in ("0", "1", ""):
        raise ValueError(
            f"--answers {option}: expected WORD=1, WORD=0 or WORD= (no answer), such "
            "as OK=1."
        )
    return word, int(answer) if answer else None
