"""Right or wrong, out of the cells of a file."""

import math
import re
from collections import Counter

import numpy as np
import pandas as pd

from .._words import first_few, quote
from ._read_problems import Argument, ReadingError
from ._read_values import count_cells, has_comma
from ._read_words import LETTERS, NONE, WORDS, plain_word

_SHARE = re.compile(r"(\d+(?:[.,]\d+)?) ?/ ?(\d+(?:[.,]\d+)?)")
_EXAMPLES = "'correct', 'wrong', 'yes', 'no'"
_MOST_MEANINGS = 10  # of values, in a message
_LONGEST = 60  # letters of a value that is written out
_MOST_KEPT = 10_000  # values that are counted; beyond, only partial credit may differ


class Answers:
    """What the values of a column of answers mean, told by all of them.

    Parameters
    ----------
    name : str
        The column, for messages.
    answers : dict, default=None
        What the user says that values mean.
    threshold : float, default=None
    """

    def __init__(self, name, answers=None, threshold=None):
        self.name, self._threshold = name, threshold
        self._given = _check_answers(answers or {})
        self._seen = Counter()
        self._n_rows, self._signs = 0, set()  # whether numbers are shares
        self._more = {}  # what was told: value to meaning
        self.told = False  # whether that depends on what else is in the column

    def add(self, values):
        """Count the values of some rows."""
        self._n_rows += len(values)
        for value, n in values.value_counts().items():
            key = _plain(value)
            if len(self._seen) < _MOST_KEPT or not _is_number(key):
                self._seen[key] += n
            if _is_number(key) and key != 0:
                self._signs.add(_is_share(value))

    def write_points(self):
        """Take commas in the values that were counted for points."""
        seen = Counter()
        for key, n in self._seen.items():
            seen[_plain(key.replace(",", ".")) if has_comma(key) else key] += n
        self._seen = seen

    def tell(self):
        """Settle what depends on the whole column."""
        keys = [key for key in self._seen if key not in self._given]
        letters = frozenset(
            key for key in keys if isinstance(key, str) and len(key) == 1
        ) - frozenset([*WORDS, *NONE])
        self._more = dict(LETTERS.get(letters, {}))
        numbers = set(filter(_is_number, keys))
        wrong = any(self._mean(key) == 0 for key in self._seen)
        if wrong and self._threshold is None and -1.0 in numbers <= {-1.0, 0.0, 1.0}:
            self._more[-1.0] = np.nan
        self.told = bool(self._more) or True in self._signs

    @property
    def notes(self):
        """Sentences about values that were taken for an answer, or for none."""
        found = []
        letters = {key: mean for key, mean in self._more.items() if mean == mean}
        if letters:
            right, wrong = sorted(letters, key=letters.get, reverse=True)
            found.append(
                f"In column {quote(self.name)}, {quote(right)} is read as right and "
                f"{quote(wrong)} as wrong."
            )
        for key, n in self._seen.items():
            none = key in NONE or (key in self._more and key not in letters)
            if none and key not in self._given:
                value = key if isinstance(key, str) else f"{key:g}"
                value = quote(value) if isinstance(key, str) else value
                found.append(
                    f"{value} in column {quote(self.name)} is read as no answer, in "
                    f"{n:,} of {self._n_rows:,} rows."
                )
        return found

    def read(self, values):
        """Return 0, 1 or NaN for each answer."""
        codes, uniques = pd.factorize(values)
        correct, odd = np.full(len(uniques) + 1, np.nan), {}  # -1, missing, reads NaN
        mixed = len(self._signs) > 1
        for code, value in enumerate(uniques.tolist()):
            key = _plain(value)
            meaning = self._mean(key)
            if meaning is None or (mixed and _is_number(key) and key != 0):
                odd[code] = value
            else:
                correct[code] = meaning
        if odd:
            marked = pd.Series(np.isin(codes, list(odd)), values.index)
            self._refuse(marked, list(odd.values()))
        correct = correct[codes]
        return correct if np.isnan(correct).any() else correct.astype(np.int64)

    def _mean(self, key):
        """Return 1, 0, NaN for no answer, or None where it cannot be told."""
        for meanings in (self._given, self._more, WORDS):
            if key in meanings:
                return meanings[key]
        if key in NONE:
            return np.nan
        if not _is_number(key):
            return None
        if self._threshold is None:
            return key if key in (0, 1) else None
        return float(key >= self._threshold) if _is_credit(key) else None

    def _refuse(self, marked, odd):
        held = (
            f"Column {quote(self.name)} (correct) holds {first_few(odd)} in "
            f"{count_cells(marked)}; expected 0, 1, nothing or words such as "
            f"{_EXAMPLES}. "
        )
        if all(map(has_comma, odd)):
            comma = Argument("decimal", ",")
            raise ReadingError(held + "Say that numbers have a comma: ", comma, ".")
        if len(self._signs) > 1:
            raise ReadingError(
                held + "Some of them have a percent sign or a slash, and some do not: "
                "write all of them alike."
            )
        if list(map(_plain, odd)) == [-1.0] and self._threshold is None:
            codes = {key for key in self._seen if _is_number(key)} - {-1.0}
            if codes <= {0.0, 1.0}:
                _ask_minus_one(held, odd[0])
        if list(map(_plain, odd)) == [2.0] and self._threshold is None:
            codes = {key for key in self._seen if _is_number(key)}
            if codes - {-1.0} == {1.0, 2.0}:
                _ask_one_or_two(held)
        told = [value for value in odd[:_MOST_MEANINGS] if len(str(value)) < _LONGEST]
        numbers = [key for key in map(_plain, odd) if _is_number(key)]
        few = len(odd) == len(told) == len(numbers)
        if numbers and all(key < 0 for key in numbers) and few:
            raise ReadingError(
                held + "A number below zero is no credit. Say what it means; as a "
                "rule, no answer: ",
                Argument("answers", {_as_key(value): None for value in odd}),
                ".",
            )
        if few and all(re.fullmatch("-?0*(7+|8+|9+)", f"{key:g}") for key in numbers):
            _ask_codes(held, odd)
        credit = len(numbers) == len(odd) and all(map(_is_credit, numbers))
        # Parts of one are credit, whatever a code beside them means.
        parts = [key for key in numbers if _is_credit(key)]
        credit = credit or any(key != int(key) for key in parts)
        ways = []
        if credit and self._threshold is None:
            ways = _ask_threshold(max(1, *parts, 0))
        means = set(map(self._mean, self._seen))
        word = 0 if 1 in means and 0 not in means else 1  # else none were wrong
        meanings = {_as_key(value): _guess(value, word) for value in told}
        if len(odd) == len(told) == 1 and not numbers:
            _ask_word(held, odd[0], word)
        raise ReadingError(
            held,
            *(ways or ["Say "]),
            "what each means, right, wrong or no answer, such as ",
            Argument("answers", meanings or ...),
            ", which is but a guess.",
        )


def read_answers(values, name, answers=None, threshold=None, notes=None):
    """Return 0, 1 or NaN for each answer of a whole column."""
    how = Answers(name, answers, threshold)
    how.add(values)
    how.tell()
    correct = how.read(values)
    if notes is not None:
        notes.extend(how.notes)
    return correct


def _ask_minus_one(held, value):
    raise ReadingError(
        held + "Beside 1 and without a 0, -1 may be wrong or no answer. Say which: ",
        Argument("answers", {_as_key(value): 0}),
        " (wrong) or ",
        Argument("answers", {_as_key(value): None}),
        " (no answer).",
    )


def _ask_one_or_two(held):
    raise ReadingError(
        held + "Codes 1 and 2 may be wrong and right, or right and wrong. Say which: ",
        Argument("answers", {1: 0, 2: 1}),
        " or ",
        Argument("answers", {1: 1, 2: 0}),
        ".",
    )


def _ask_word(held, value, likelier):
    words = {1: " (right)", 0: " (wrong)", None: " (no answer)"}
    parts = []
    for meaning in [likelier, 1 - likelier, None]:
        parts += [" or ", Argument("answers", {value: meaning}), words[meaning]]
    raise ReadingError(held + "Say what it means: ", *parts[1:], ".")


def _ask_codes(held, odd):
    raise ReadingError(
        held + "Such a number often stands for no answer; if it does, say so: ",
        Argument("answers", {_as_key(value): None for value in odd}),
        ". If it is credit, say from which on an answer is right: ",
        Argument("threshold", _short(max(map(_plain, odd)))),
        ".",
    )


def _ask_threshold(full):
    return [
        f"Partial credit needs a threshold: if {full:g} is full credit, ",
        Argument("threshold", _short(full)),
        " counts only that as correct, ",
        Argument("threshold", _short(full / 2)),
        " half of it as well. Codes need a meaning: say ",
    ]


def _is_number(key):
    return isinstance(key, float)


def _is_credit(number):
    """Tell whether a number is credit for an answer; a code such as -1 is none."""
    return math.isfinite(number) and number >= 0


def _is_share(value):
    """Tell a share of full marks, such as 50% or 1/2."""
    text = value.strip() if isinstance(value, str) else ""
    return text.endswith("%") or _SHARE.fullmatch(text) is not None


def _check_answers(answers):
    """Return the meaning of each value as a number, NaN for no answer."""
    for value, answer in answers.items():
        if answer not in (0, 1, None):
            raise ReadingError(
                f"answers= maps {quote(value)} to {quote(answer)}; expected 1 "
                "(correct), 0 (not) or None (no answer)."
            )
    return {
        _plain(value): np.nan if answer is None else float(answer)
        for value, answer in answers.items()
    }


def _plain(value):
    """Return a number where there is one, else text in lower case."""
    text = str(value).strip()
    if text[:1] == "\N{MINUS SIGN}":  # as typesetters write it
        value = text = f"-{text[1:]}"
    try:
        if text.endswith("%"):
            return float(text[:-1].rstrip()) / 100
        if share := _SHARE.fullmatch(text):
            part, whole = (float(number.replace(",", ".")) for number in share.groups())
            return part / whole if part <= whole > 0 else text
        number = float(value)
    except (OverflowError, TypeError, ValueError):
        return plain_word(text)
    return text if "_" in text or math.isnan(number) else number


def _as_key(value):
    """Return a value as Python writes it, which infinity is not."""
    return value if value not in (math.inf, -math.inf) else str(value)


def _short(number):
    return int(number) if number == int(number) else number


def _guess(value, word):
    """Return what a value may mean: negative numbers stand for what is missing."""
    number = _plain(value)
    if not _is_number(number):
        return word
    return 1 if _is_credit(number) else None
