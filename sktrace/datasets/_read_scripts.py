"""Texts of other scripts than the Latin one, told by their bytes."""

import re
import unicodedata

__all__ = ["find_neighbour", "find_scripts", "looks_western"]

_RUN = re.compile(rb"[\x80-\xff]+")
# Letters of Polish, in which Windows-1252 has a sign: ł, ą, ż; or ś beside ć.
_SIGNS = re.compile(r"[^\W\d_][³¹¿]+[^\W\d_]|œæ")
_AROUND = "“”„‘’‚…–—«»‹›€°§\N{NO-BREAK SPACE}"  # signs that stand beside each other
_SOME = 10_000  # runs of bytes that are looked at
_SCRIPTS = {  # encodings, and the scripts that they are written for
    "gb18030": ("CJK",),
    "cp932": ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"),
    "big5": ("CJK",),
    "euc-kr": ("HANGUL",),
    "cp1251": ("CYRILLIC",),
    "koi8-r": ("CYRILLIC",),
    "cp1253": ("GREEK",),
    "cp1255": ("HEBREW",),
    "cp1256": ("ARABIC",),
}
# The characters that are used most stand together in these encodings.
_COMMON = {"gb18030": (0xB0A1, 0xD7F9), "big5": (0xA440, 0xC67E)}
_ENOUGH = 0.7  # of the words
_SURE = 0.9  # of the words
_AS_GOOD = 0.15  # of the words, less than the best


def looks_western(head):
    """Tell bytes whose letters beyond ASCII stand alone, as accents and umlauts do.

    >>> looks_western("Größe, Schüler, créée".encode("cp1252"))
    True
    >>> looks_western("ученик, навык".encode("cp1251"))
    False
    """
    runs = set(_RUN.findall(head)[:_SOME])
    odd = [run for run in runs if len(run) > 1 and _is_odd(run)]
    if 2 * len(odd) > len(runs):
        return False
    # The second byte of a character may be an ASCII one.
    lines = _list_lines(head)
    return all(_judge(lines, name)[0] < _SURE for name in ("cp932", "big5"))


def _is_odd(run):
    """Tell bytes that are no two letters as they follow each other in a word."""
    text = run.decode("cp1252", "replace").strip(_AROUND)
    plain = text.isalpha() and (text.islower() or "ß" in text)
    return len(text) > 2 or (len(text) == 2 and not plain)


def find_neighbour(head):
    """Return the Latin encoding other than Windows-1252 that a text has, or None.

    Its letters are signs there, or letters that do not go together in one language.

    >>> find_neighbour("Imię;Bład; żółw; łąka; książka".encode("cp1250"))
    'cp1250'
    >>> find_neighbour("Öğrenci;Doğru".encode("cp1254"))
    'cp1254'
    >>> find_neighbour("Schüler;10 m³;œuvre".encode("cp1252"))
    """
    text = head.decode("cp1252", "replace")
    letters = set(text.casefold())
    czech = "ø" in letters and letters & set("ìèùò") and "å" not in letters
    if czech or _SIGNS.search(text):
        return "cp1250"
    turkish = letters & set("ðþý") and not letters & set("áéíóúæ")
    return "cp1254" if turkish else None


def find_scripts(head):
    """Return encodings that make letters of bytes, the likeliest first.

    Parameters
    ----------
    head : bytes
        Of the file, whole lines.

    Returns
    -------
    dict
        Encoding to the first words of other letters that it makes.
    """
    lines = _list_lines(head)
    found = {name: _judge(lines, name) for name in _SCRIPTS}
    best = sorted(found, key=lambda name: -found[name][0])
    least = max(_ENOUGH, found[best[0]][0] - _AS_GOOD)
    return {name: found[name][1] for name in best if found[name][0] >= least}


def _list_lines(head):
    return [line for line in head.splitlines() if not line.isascii()][:_SOME]


def _judge(lines, encoding):
    """Return the share of words that are written as words are, and the first one."""
    try:
        text = b"\n".join(lines).decode(encoding)
    except UnicodeDecodeError:
        return 0, ""
    words = [word for word in re.findall(r"[^\W\d_]+", text) if not word.isascii()]
    good = sum(_suits(word, encoding) for word in words)
    return good / max(len(words), 1), words[0] if words else ""


def _suits(word, encoding):
    """Return how well a word suits an encoding, from 0 to 1."""
    first, last = _COMMON.get(encoding, (0, 0xFFFFFFFF))
    codes = (int.from_bytes(letter.encode(encoding), "big") for letter in word)
    names = (unicodedata.name(letter, "").split(" ")[0] for letter in word)
    known = all(name in _SCRIPTS[encoding] for name in names)
    # The small letters of one encoding are the capitals of another.
    if not known or not all(first <= code <= last for code in codes):
        return 0
    return 1 if word[1:] == word[1:].lower() else 0.9 if word.isupper() else 0
