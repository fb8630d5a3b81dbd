"""Arguments that messages of the library advise, spelt as options of a command."""

import shlex

from ._roles import NEEDED

__all__ = ["as_options"]

_ROLES = {column: role for role, (column, _) in NEEDED.items()}
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
    if value is None:
        return f"{option} none" if name in ("item", "time") else f"no {option}"
    if value is ...:
        return f"{option} {_UNKNOWN.get(name, name.upper())}"
    return f"{option} {shlex.quote(str(value))}"


def _spell_column(part, column):
    named = {None: "none", ...: "COLUMN"}.get(column) or shlex.quote(column)
    return f"--{_ROLES[part]} {named}"


def _spell_answer(answer):
    return "" if answer is None else answer
