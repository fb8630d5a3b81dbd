"""Arguments that messages of the library advise, spelt as options of a command."""

import shlex
from argparse import Namespace

from .._roles import NEEDED, SEVERAL

__all__ = ["ROLE_OF", "apply", "as_options"]

ROLE_OF = {column: role for role, (column, _) in NEEDED.items()}
_WITHOUT = {  # what says that an argument has another value than it has by default
    "drop_missing": "--drop-missing",
    "first_attempts": "--all-attempts",
    "overwrite": "--overwrite",
}
_UNKNOWN = {"sep": "CHARACTER", "student": "COLUMN", "time_format": "FORMAT"}


def as_options(error):
    """Return the message of an error, its arguments spelt as options.

    Only what was raised as an argument is spelt anew: a name in a file may look like
    one.
    """
    parts = getattr(error, "parts", (str(error),))
    return "".join(p if isinstance(p, str) else _spell(*p) for p in parts)


def apply(options, argument):
    """Return options with an argument of the library among them, or None if it is none.

    Parameters
    ----------
    options : Namespace
    argument : Argument
    """
    name, value = argument
    new = Namespace(**vars(options))
    if name == "columns":
        for part, column in value.items():
            _name_columns(new, ROLE_OF[part], column)
    elif name in SEVERAL:
        _name_columns(new, name, value)
    elif name == "answers":
        said = {word.rpartition("=")[0]: word for word in options.answers or []}
        said |= {str(w): f"{w}={_spell_answer(a)}" for w, a in value.items()}
        new.answers = list(said.values())
    elif name == "first_attempts":
        new.all_attempts = not value
    elif name in vars(options):
        setattr(new, name, value)
    else:
        return None
    return new


def _name_columns(options, role, columns):
    names = ["none"] if columns is None else columns
    names = [names] if isinstance(names, str) else list(names)
    setattr(options, role, names if role in SEVERAL else names[0])
    if role == "student" and getattr(options, "by", "student") != "student":
        options.by, options.student = names[0], None


def _spell(name, value):
    option = f"--{name.replace('_', '-')}"
    if name in _WITHOUT:
        return _WITHOUT[name]
    if name == "columns":
        return " ".join(map(_spell_column, value, value.values()))
    if name == "answers":  # a word that begins with a dash would be an option
        return " ".join(
            f"{option}={shlex.quote(f'{word}={_spell_answer(answer)}')}"
            for word, answer in value.items()
        )
    if name in SEVERAL:
        return _spell_names(option, value)
    if value is None:
        return f"no {option}"
    if value is ...:
        return f"{option} {_UNKNOWN.get(name, name.upper())}"
    return f"{option} {shlex.quote(str(value))}"


def _spell_column(part, column):
    return _spell_names(f"--{ROLE_OF[part]}", column)


def _spell_names(option, names):
    """Spell an option that names columns; one that begins with a dash needs a mark."""
    if names is None or names is ...:
        return f"{option} {'none' if names is None else 'COLUMN'}"
    names = names if isinstance(names, (list, tuple)) else [names]
    if any(name.startswith("-") for name in names):
        return " ".join(f"{option}={shlex.quote(name)}" for name in names)
    return " ".join([option, *map(shlex.quote, names)])


def _spell_answer(answer):
    return "" if answer is None else answer
