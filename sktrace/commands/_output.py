"""What a command puts out: files, whole or not there, and text that is only text."""

import contextlib
import csv
import os
import re
from pathlib import Path

from .._files import check_place, write_whole
from .._words import cut_middle, showable

__all__ = [
    "Screen",
    "as_csv",
    "check_output",
    "forget_kept",
    "printed",
    "remember_kept",
    "remembered",
    "say_written",
    "shorten_message",
    "write_output",
]

# What a spreadsheet takes for the beginning of a formula, wide letters as well.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_UP = re.compile(r"\n*(\x1b\[A)+")  # alone: from one progress bar to another
_LONGEST = 4000  # letters of a message; a header may have a hundred thousand
# Of this process, for a true last word of what is interrupted.
_WRITTEN = []  # files
_KEPT = []  # a sentence on what another run can go on from


def check_output(option, path, log, endings):
    """Return the path of a file to write, or say why it cannot be written."""
    path = Path(path)
    said = f"{option} {path}"
    if path.suffix.lower() not in endings:
        raise ValueError(
            f"{said}: expected a name that ends in {' or '.join(endings)}."
        )
    if path.is_dir() or not path.absolute().parent.is_dir():
        what = "this is a folder" if path.is_dir() else "there is no such folder"
        raise ValueError(f"{said}: {what}; expected a file in a folder that is there.")
    both = log is not None and path.exists() and Path(log).exists()
    if both and path.samefile(log):  # one that is missing is refused by who reads it
        raise ValueError(f"{said}: this is the log itself; expected another file.")
    try:
        check_place(path)
    except OSError as error:
        why = error.strerror or error
        raise ValueError(
            f"{said}: this place cannot be written to ({why}); name another."
        ) from error
    return path


def write_output(option, path, content):
    """Write a file, whole or not at all, and remember that it was written."""
    with remembered(option, path):
        write_whole(path, content)


@contextlib.contextmanager
def remembered(option, path):
    """Remember whether a file was written; name its option where it could not be."""
    before = _identify(path)
    try:
        yield
    except OSError as error:
        raise OSError(
            f"{option} {path}: this file could not be written "
            f"({error.strerror or error}); what was there before is as it was. Make "
            f"room, or name another place: {option} FILE."
        ) from error
    finally:
        if _identify(path) != before:
            _WRITTEN.append(str(path))


def remember_kept(said):
    """Remember what was kept of unfinished work, in a sentence without its end."""
    _KEPT[:] = [said]


def forget_kept():
    """Forget what was kept, when it is not needed any more."""
    _KEPT.clear()


def say_written(forget=False):
    """Say what was written; at the beginning of a command, nothing is."""
    if forget:
        _WRITTEN.clear()
        _KEPT.clear()
    written = f"{', '.join(_WRITTEN)} was written" if _WRITTEN else ""
    return "; ".join(filter(None, [written, *_KEPT])) or "nothing was written"


@contextlib.contextmanager
def printed(text):
    """Print, unless there is no text; where this fails, do what is to be done first."""
    failed = None
    try:
        if text is not None:
            print(text, flush=True)
    except OSError as error:
        failed = error
    yield
    if failed is not None:
        raise failed


def _identify(path):
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns


def as_csv(table):
    """Write a table as CSV in which names are names, to spreadsheets too.

    These take a text that begins with ``=``, ``+``, ``-`` or ``@`` for a formula, and
    some formulas start programs. So such a name, unless it is a number, gets a ``'``
    before it, as OWASP advises; one that begins so already gets one more, and names
    stay apart. All text is quoted, lest another separator begin a cell within it, and
    control characters are written out.

    Parameters
    ----------
    table : DataFrame

    Returns
    -------
    bytes
    """
    table = table.rename(index=_tame, columns=_tame).rename_axis(
        index=_tame, columns=_tame
    )
    for place in range(table.shape[1]):
        column = table.iloc[:, place]
        if column.dtype == object or column.dtype == "string":
            table.isetitem(place, column.astype(object).map(_tame))
    text = table.to_csv(quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    return text.encode("utf-8")


def _tame(name):
    """Return a name as a cell that is no formula; numbers are left alone."""
    if not isinstance(name, str):
        return name
    if _FORMULA.match(name) and not _NUMBER.fullmatch(name):
        name = f"'{name}"
    return showable(name, keep="\n")


@contextlib.contextmanager
def _saying_what_failed():
    try:
        yield
    except BrokenPipeError:  # who reads has read enough: no failure
        raise
    except OSError as error:
        raise OSError(f"What is printed cannot be written: {error.strerror}.") from None


class Screen:
    """A stream to a terminal that gets text only: no name can move its cursor.

    Parameters
    ----------
    stream : text stream
    keep : str
        Controls that are meant; progress bars go back to the beginning of a line.
    """

    def __init__(self, stream, keep="\n\t"):
        self._stream = stream
        self._keep = keep

    def write(self, text):
        """Write text, with what else a terminal would obey written out."""
        if not _UP.fullmatch(text):
            text = showable(text, self._keep)
        with _saying_what_failed():
            return self._stream.write(text)

    def flush(self):
        """Pass on what was written."""
        with _saying_what_failed():
            self._stream.flush()

    def __getattr__(self, name):
        return getattr(self._stream, name)


def shorten_message(message):
    """Return a message that a reader can take in."""
    return cut_middle(showable(message, keep="\n"), _LONGEST)
