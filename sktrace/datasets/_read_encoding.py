"""How the letters of a text file are written."""

import codecs
import io
import re

from .._words import first_few, quote
from ._read_problems import Argument, ReadingError
from ._read_scripts import find_neighbour, find_scripts, looks_western

# Windows-1252 leaves five bytes without a meaning; Latin-1 reads every byte.
_TRIED = ("utf-8-sig", "cp1252", "latin-1")
_HEAD = 100_000  # bytes by which other scripts are told
_MARKS = {  # longest first: that of UTF-32 begins as that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",  # what Excel calls Unicode text
    codecs.BOM_UTF16_BE: "utf-16",
}


def open_text(source, encoding):
    """Open a file as text, line ends as they are."""
    return io.TextIOWrapper(source.open(), encoding=encoding, newline="")


def find_encoding(source, encoding):
    """Return the first of some encodings, or of the one given, that fits every byte."""
    if encoding is not None:
        _check_encoding(encoding)
    marked = [name for mark, name in _MARKS.items() if source.head.startswith(mark)][:1]
    for name in [encoding] if encoding is not None else marked or _TRIED:
        if _fits(source, name):
            if name in _TRIED[1:] and encoding is None:
                _refuse_other_scripts(source)
            return name
    if encoding is None:
        raise ReadingError(
            f"{source.name} begins as {marked[0]!r} does and goes on otherwise; "
            "expected one encoding throughout. Save it again as UTF-8."
        )
    raise ReadingError(
        f"{source.name} is not written in {quote(encoding)}, the encoding given; ",
        Argument("encoding", None),
        " finds one that fits.",
    )


def _check_encoding(encoding):
    try:
        "".encode(encoding)
        b"".decode(encoding)
    except (LookupError, ValueError):
        raise ReadingError(
            Argument("encoding", encoding),
            " is not known; expected a name such as 'utf-8', 'cp1252' or 'latin-1'; ",
            Argument("encoding", None),
            " finds one that fits.",
        ) from None


def _fits(source, encoding):
    """Tell whether an encoding reads every byte; refuse what is no text in it."""
    try:
        with open_text(source, encoding) as lines:
            while text := lines.read(1 << 20):
                if "\0" in text:
                    _refuse_nul(source, encoding)
                if not text.isascii():
                    text.encode("utf-8")  # halves of letters, which pandas cannot hold
    except UnicodeError:
        return False
    return True


def _refuse_other_scripts(source):
    """Refuse to read letters of other scripts as accents and signs."""
    with source.open() as file:
        head = file.read(_HEAD)
    head = head[: head.rfind(b"\n") + 1] or head
    if looks_western(head):
        if another := find_neighbour(head):
            _ask_which(source, head, another)
        return
    found = [*find_scripts(head).items()][:3]
    parts = []
    for name, word in found:
        parts += [" or ", Argument("encoding", name), f" ({quote(word)})"]
    say = ["Say which: ", *parts[1:]]
    unknown = ["Name the encoding: ", Argument("encoding", ...)]
    raise ReadingError(
        f"{source.name} is not written in UTF-8, and its letters are no Latin ones; "
        "expected an encoding that tells of itself. ",
        *(say if found else unknown),
        ", or save it again as UTF-8.",
    )


def _ask_which(source, head, another):
    """Ask which of two Latin encodings a text has."""
    parts = []
    for name in (another, "cp1252"):
        words = re.findall(r"[^\W\d_]+", head.decode(name, "replace"))
        told = first_few([word for word in words if not word.isascii()][:3])
        parts += [" or ", Argument("encoding", name), f" ({told})"]
    raise ReadingError(
        f"{source.name} is not written in UTF-8; expected an encoding that tells of "
        "itself. Say which: ",
        *parts[1:],
        ", or save it again as UTF-8.",
    )


def _refuse_nul(source, encoding):
    with source.open() as file:
        begin = file.read(200)
    # A letter of UTF-16 is, as a rule, a byte and a zero, or a zero and a byte.
    halves = {"utf-16-le": begin[1::2], "utf-16-be": begin[::2]}
    wide = [name for name, half in halves.items() if half.count(0) > 0.8 * len(half)]
    if len(wide) == 1 and wide[0] != encoding:
        raise ReadingError(
            f"{source.name} looks like UTF-16 without the mark that tells so; expected "
            "it to begin with this mark. Say how it is written: ",
            Argument("encoding", wide[0]),
            ".",
        )
    raise ReadingError(
        f"{source.name} holds NUL characters, which no text has; expected a table as "
        "text, with a header. Is it another kind of file? Or save it again as UTF-8."
    )
