"""All that is wrong with a file in one message, with a command that has been tried."""

from argparse import ArgumentParser, Namespace
from itertools import product, takewhile
from typing import NamedTuple

from ...datasets._read_problems import ReadingError, join_errors
from .. import _arguments
from .._roles import SEVERAL
from .._settings import write_command
from .advice import ROLE_OF, apply

__all__ = ["mended"]

MOST_ROUNDS = 12  # repairs, one after the other
MOST_COMMANDS = 4  # that are tried where the truth is open
_FILLS = {"answers": "ANSWER (1, 0 or nothing)"}  # what only the user knows
_CAVEATS = {  # what an option asserts that nothing in the file can prove
    "order": "--order none: only if each student's rows stand in time order.",
    "skill": "--skill none: all answers are taken for one skill.",
}


class Tried(NamedTuple):
    """Options that were tried, and what came of it."""

    options: Namespace
    unknown: dict  # role to the argument that only the user knows
    X: object = None  # the log, where it could be read
    chosen: tuple = ()  # of arguments among which one is meant, where that is open


def mended(error, options, read, part=""):
    """Return an error that says all that is wrong, and what repairs it.

    Parameters
    ----------
    error : ReadingError
        That was raised.
    options : Namespace
        Of the command, by which the file was read.
    read : callable
        Reads it by other options, stand-ins playing some roles, and returns the log.
    part : str, default=""
        Of the file, that is read: "its first 9 rows".

    Returns
    -------
    ReadingError
    """
    problems = {}
    tried = _try(error, Tried(options, {}), read, problems)
    found = list(problems.values())
    whole = found[0] if len(found) == 1 else join_errors(found)
    if tried is None or not (tried.unknown or vars(tried.options) != vars(options)):
        return whole
    commands = [tried, *_try_others(tried, read)]
    # All right or all wrong is not meant, if something else may be.
    commands = [*filter(_tells, commands)] or commands[:1]
    advised = ReadingError(*whole.parts, "\n" + _advise(commands, options, part))
    advised.errors = found
    return advised


def _try(error, tried, read, problems):
    """Apply repairs until the file reads; None if there is one that nobody knows."""
    for _ in range(MOST_ROUNDS):
        again = [each for each in error.errors if str(each) in problems]
        problems |= {str(each): each for each in error.errors}
        for each in error.errors:
            tried = None if each in again else _repair(tried, each)
            if tried is None:  # what was to repair it did not, or nobody knows
                return None
        try:
            return tried._replace(X=read(tried.options, tried.unknown))
        except ReadingError as other:
            error = other
        except (ImportError, OSError, TypeError, ValueError):
            return None
    return None


def _repair(tried, error):
    """Apply the likeliest repair, or note what only the user knows, or return None."""
    repairs = error.repairs
    for at, repair in enumerate(repairs):
        new = apply(tried.options, repair)
        if _is_blind(repair) or new is None or vars(new) == vars(tried.options):
            continue
        name = repair.name
        among = (*takewhile(lambda each, name=name: each.name == name, repairs[at:]),)
        chosen = tried.chosen + (among,) * (len(among) > 1)
        return tried._replace(options=new, chosen=chosen)
    asked = [a for a in error.unknown if a.name == "columns"]
    asked = {ROLE_OF[part]: a for a in asked for part in a.value}
    for each in filter(_is_blind, repairs):
        asked["correct"] = each
    return tried._replace(unknown=tried.unknown | asked) if asked else None


def _is_blind(repair):
    """Tell meanings of words that nobody can guess: all would be right."""
    if repair.name != "answers":
        return False
    return len(repair.value) > 1 and set(repair.value.values()) == {1}


def _tells(tried):
    return "correct" in tried.unknown or tried.X["correct"].nunique() > 1


def _try_others(tried, read):
    """Try what else may be meant where the truth is open."""
    for chosen in [*product(*tried.chosen)][1:MOST_COMMANDS]:
        options = tried.options
        for argument in chosen:
            options = apply(options, argument)
        try:
            yield Tried(options, tried.unknown, read(options, tried.unknown))
        except (ImportError, OSError, TypeError, ValueError):
            continue


def _advise(commands, options, part):
    """Write out what was tried."""
    first, *others = commands
    tried = f"has been tried{f' on {part}' * bool(part)}"
    fills = [_FILLS.get(a.name, "COLUMN") for a in first.unknown.values()]
    fills = f"Fill in {' and '.join(dict.fromkeys(fills))}; all else {tried}"
    if others:
        each = f"{fills}:" if first.unknown else f"Each {tried}:"
        lines = [f"Which of these is meant? {each}"]
    elif first.unknown:
        lines = [f"{fills}, and {_count(first)}:"]
    else:
        lines = [f"This {tried}, and {_count(first)}; look whether it is meant:"]
    for each in commands:
        lines += [f"  {_write(each)}", *[f"    {_count(each)}"] * bool(others)]
    for role, caveat in _CAVEATS.items():
        if _is_none(first.options, role) and not _is_none(options, role):
            lines.append(caveat)
    return "\n".join(lines)


def _is_none(options, role):
    return getattr(options, role) in ("none", ["none"])


def _count(tried):
    """Say what was read by it."""
    X, unknown = tried.X, tried.unknown
    n_answers, n_students = X["correct"].notna().sum(), X["user_id"].nunique()
    rows = _several(len(X), "row")
    answers = rows if "correct" in unknown else _several(n_answers, "answer")
    students = "" if "student" in unknown else f" of {_several(n_students, 'student')}"
    return f"reads {answers}{students}"


def _several(number, what):
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _write(tried):
    """Write the command line, without what is usual."""
    options = Namespace(**vars(tried.options))
    for role, argument in tried.unknown.items():
        if argument.name == "answers":
            words = [f"{word}=ANSWER" for word in argument.value]
            options.answers = [*(options.answers or []), *words]
        else:
            setattr(options, role, ["COLUMN"] if role in SEVERAL else "COLUMN")
    command = options.run.__name__.strip("_")
    parser = ArgumentParser()
    getattr(_arguments, f"add_{command}")(parser.add_subparsers())
    return write_command(command, options, vars(parser.parse_args([command, "log"])))
