"""What is wrong with a file, and the arguments of the reader that repair it."""

from contextlib import contextmanager
from typing import Any, NamedTuple

from .._words import quote

__all__ = ["Argument", "Problems", "ReadingError", "join_errors"]


class Argument(NamedTuple):
    """An argument of the reader that a message advises.

    It is kept apart from the words around it, so that the command line can spell it as
    its own option, whatever a file's names look like. An ellipsis stands for a value
    that only the reader of the message knows.
    """

    name: str
    value: Any

    def __str__(self):
        return f"{self.name}={_write(self.value)}"

    @property
    def is_known(self):
        """Whether the value is written out in full."""
        value = self.value
        return (
            ... not in value.values() if isinstance(value, dict) else value is not ...
        )


def _write(value):
    if value is ...:
        return "..."
    if isinstance(value, dict):
        pairs = (f"{quote(key)}: {_write(each)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    return quote(value)


class ReadingError(ValueError):
    """A file cannot be read as asked; made of texts and of arguments to pass."""

    def __init__(self, *parts):
        super().__init__("".join(map(str, parts)))
        self.parts = parts
        self.errors = [self]  # those that it says at once

    @property
    def repairs(self):
        """Arguments that repair it, the likeliest first, whose values are known."""
        found = (part for part in self.parts if isinstance(part, Argument))
        return [argument for argument in found if argument.is_known]

    @property
    def unknown(self):
        """Arguments that it asks for, whose values only a person knows."""
        found = (part for part in self.parts if isinstance(part, Argument))
        return [argument for argument in found if not argument.is_known]


def join_errors(errors):
    """Make one error of several, which says all that is to be mended."""
    parts = [part for error in errors for part in ("\n- ", *error.parts)]
    joined = ReadingError(f"{len(errors)} things are to be mended:", *parts)
    joined.errors = errors
    return joined


class Problems:
    """Collects what is wrong with a file, so that all of it is said at once."""

    def __init__(self):
        self._found = []

    @contextmanager
    def collect(self):
        """Go on after an error, and remember it."""
        try:
            yield
        except ReadingError as error:
            self._found.extend(error.errors)

    @property
    def found(self):
        """Whether something is wrong."""
        return bool(self._found)

    def refuse(self):
        """Raise what was found, if anything."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            raise join_errors(self._found)
