"""What is wrong with a file, and the arguments of the reader that repair it."""

from contextlib import contextmanager
from typing import Any, NamedTuple

from .._words import quote

__all__ = ["Argument", "Problems", "ReadingError"]


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
            self._found.append(error)

    def refuse(self):
        """Raise what was found, if anything."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            parts = [part for error in self._found for part in ("\n- ", *error.parts)]
            raise ReadingError(f"{len(self._found)} things are to be mended:", *parts)
