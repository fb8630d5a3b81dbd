"""How messages name things and count rows; how words are compared."""

import re
import reprlib
import unicodedata

import numpy as np

__all__ = [
    "count_rows",
    "cut_middle",
    "first_few",
    "fold",
    "list_names",
    "quote",
    "showable",
]

MOST_NAMES = 40  # of a list, in a message
# What no page, picture or terminal shows as it stands: controls, which a terminal
# obeys and XML forbids; breaks of lines; marks that turn the order of letters around;
# halves of letters, by which Python stands for bytes that are no text.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
    "\ufeff\ufffe\uffff]"
)
_SHORT = reprlib.Repr()  # of a name, however long, its begin and its end
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 80


def quote(name):
    """Write a name as Python does, the middle of a very long one left out.

    >>> quote(np.str_("sum"))
    "'sum'"
    """
    plain = (np.bool_, np.number, np.str_)  # of numpy, which would write the type, too
    return _SHORT.repr(name.item() if isinstance(name, plain) else name)


def first_few(names):
    """Write out up to five names, and that there are more.

    >>> first_few([np.int64(3), np.str_("sum")])
    "3, 'sum'"
    """
    return ", ".join(map(quote, names[:5])) + ", …" * (len(names) > 5)


def list_names(names):
    """Write a list of names; of very many the first, and how many there are.

    >>> list_names(["user", "when"])
    "['user', 'when']"
    """
    more = f", … ({len(names):,} in all)" * (len(names) > MOST_NAMES)
    return f"[{', '.join(map(quote, names[:MOST_NAMES]))}{more}]"


def count_rows(mask):
    """Say how many rows a mask marks, and where the first stands."""
    rows = np.flatnonzero(mask)
    one = len(rows) == 1
    return f"{len(rows)} row{'' if one else 's'} (the first at position {rows[0]})"


def fold(text):
    """Write letters small and without accents.

    >>> fold("Août")
    'aout'
    """
    apart = unicodedata.normalize("NFKD", text)
    return "".join(c for c in apart if not unicodedata.combining(c)).casefold()


def showable(text, keep=""):
    """Write out letters that cannot be shown, but those to keep.

    >>> print(showable("red\\x1b[31m"))
    red\\x1b[31m
    """

    def write(found):
        letter = found[0]
        return letter if letter in keep else ascii(letter)[1:-1]

    return _HIDDEN.sub(write, text)


def cut_middle(text, length):
    """Cut the middle out of a long text: names of one kind differ at their ends.

    >>> cut_middle("a name that is too long", 11)
    'a nam… long'
    """
    half = length // 2
    return text if len(text) <= length else f"{text[:half]}…{text[1 - length + half :]}"
