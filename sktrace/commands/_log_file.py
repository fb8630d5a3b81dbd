"""A log in a file that names its columns as it likes."""

import hashlib
import re
from argparse import ArgumentTypeError
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from .._neural.dkt import DKTClassifier
from ..datasets import make_interactions, read_interactions
from ..datasets._read_formats import recognise
from ..datasets._read_table import open_table
from ._columns import ROLES, guess_columns

__all__ = ["LogFile", "add_log", "as_options", "make_log", "read_log"]


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


def add_log(parser):
    """Add the log, how to read it, and what all that is done with it depends on."""
    parser.add_argument("log", nargs="?", help="a file; without it, a made-up class")
    add_reading_options(parser.add_argument_group("how to read the log"))
    parser.add_argument(
        "--epochs",
        type=at_least(1),
        default=DKTClassifier().max_epochs,
        help="how often DKT goes through the training students (%(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=at_least(0),
        default=0,
        help="another number deals other folds and starts DKT elsewhere (%(default)s)",
    )


def at_least(lowest):
    """Return what reads an option as a whole number that is not below another."""

    def read(text):
        number = int(text)
        if number < lowest:
            raise ArgumentTypeError(f"{text}; expected at least {lowest}")
        return number

    read.__name__ = "whole number"  # argparse says: invalid whole number value
    return read


def add_reading_options(parser):
    """Add what says how a log is to be read."""
    for role, (_, meaning) in ROLES.items():
        parser.add_argument(
            f"--{role}", metavar="COLUMN", help=f"column: {meaning} (default: guess)"
        )
    parser.add_argument(
        "--sep", help="what stands between two cells, such as ; or tab (default: guess)"
    )
    parser.add_argument(
        "--encoding", help="how letters are written, such as latin-1 (default: guess)"
    )
    parser.add_argument(
        "--time-format",
        help="how dates are written, such as %%d.%%m.%%Y (default: ISO)",
    )
    parser.add_argument(
        "--threshold", type=float, help="credit from which an answer counts as right"
    )
    parser.add_argument(
        "--answers",
        nargs="+",
        metavar="WORD=ANSWER",
        help="what answers mean that are not 0 or 1: 1, 0, or nothing for no answer, "
        "as in OK=1 BUG=0 skipped=",
    )
    parser.add_argument(
        "--skill-model", help="of a DataShop export with several: which names skills"
    )
    parser.add_argument(
        "--drop-missing",
        action="store_true",
        help="leave out rows without a student or a time",
    )


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


def as_options(message):
    """Spell the arguments that a message of the library advises as options."""
    message = re.sub(r"\bdrop_missing=True", "--drop-missing", message)
    meaning = r"\banswers=\{'?([^':}]*)'?: \.\.\.\}, 1, 0 or None"
    message = re.sub(meaning, r"--answers \1=1, \1=0 or \1= (no answer)", message)
    pattern = r"\b(time_format|threshold|skill_model|sep|encoding)=(?!None)"
    return re.sub(pattern, lambda m: f"--{m[1].replace('_', '-')} ", message)
