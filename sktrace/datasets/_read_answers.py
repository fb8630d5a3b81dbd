"""Right or wrong, out of the cells of a file."""

import math

import numpy as np
import pandas as pd

from .._words import first_few, quote
from ._read_problems import Argument, ReadingError
from ._read_values import count_cells, has_comma

_WORDS = {
    "correct": 1.0,
    "right": 1.0,
    "true": 1.0,
    "yes": 1.0,
    "incorrect": 0.0,
    "wrong": 0.0,
    "false": 0.0,
    "no": 0.0,
    "hint": 0.0,  # DataShop's convention: who asks for help has not solved the step
}
_MOST_MEANINGS = 10  # of values, in a message
_LONGEST = 60  # letters of a value that is written out


def read_answers(values, name, answers, threshold):
    """Return 0, 1 or NaN for each answer."""
    meaning = _WORDS | _check_answers(answers or {})
    codes, uniques = pd.factorize(values)
    correct, odd = np.full(len(uniques) + 1, np.nan), {}  # code -1, missing, reads NaN
    for code, value in enumerate(uniques.tolist()):
        key = _plain(value)
        if key in meaning:
            correct[code] = meaning[key]
        elif isinstance(key, float) and (key in (0, 1) or _is_credit(key, threshold)):
            correct[code] = key if threshold is None else key >= threshold
        else:
            odd[code] = value
    if odd:
        marked = pd.Series(np.isin(codes, list(odd)), values.index)
        _refuse_answers(marked, name, list(odd.values()), threshold)
    correct = correct[codes]
    return correct if np.isnan(correct).any() else correct.astype(np.int64)


def _is_credit(number, threshold):
    """Tell whether a number is credit for an answer; a code such as -1 is none."""
    return threshold is not None and math.isfinite(number) and number >= 0


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
    try:
        number = float(value)
    except (OverflowError, TypeError, ValueError):
        return str(value).strip().lower()
    return str(value) if "_" in str(value) or math.isnan(number) else number


def _refuse_answers(marked, name, odd, threshold):
    held = (
        f"Column {quote(name)} (correct) holds {first_few(odd)} in "
        f"{count_cells(marked)}; expected 0, 1, nothing or one of the words "
        f"{list(_WORDS)}. "
    )
    if all(map(has_comma, odd)):
        raise ReadingError(
            held + "Say that numbers have a comma: ", Argument("decimal", ","), "."
        )
    numbers = [number for number in map(_plain, odd) if isinstance(number, float)]
    credit = len(numbers) == len(odd) and all(_is_credit(n, 0) for n in numbers)
    told = [value for value in odd[:_MOST_MEANINGS] if len(str(value)) < _LONGEST]
    meanings = {_as_key(value): _guess(value) for value in told}
    partial = []
    if credit and threshold is None:
        full = max(1, *numbers, 0)
        partial = [
            f"Partial credit needs a threshold: if {full:g} is full credit, ",
            Argument("threshold", _short(full)),
            " counts only that as correct, ",
            Argument("threshold", _short(full / 2)),
            " half of it as well. Codes need a meaning: say ",
        ]
    raise ReadingError(
        held,
        *(partial or ["Say "]),
        "what each means, right, wrong or no answer, such as ",
        Argument("answers", meanings or ...),
        ".",
    )


def _as_key(value):
    """Return a value as Python writes it, which infinity is not."""
    return value if value not in (math.inf, -math.inf) else str(value)


def _short(number):
    return int(number) if number == int(number) else number


def _guess(value):
    """Return what a value may mean: negative numbers stand for what is missing."""
    number = _plain(value)
    if not isinstance(number, float):
        return 1
    return 1 if math.isfinite(number) and number >= 0 else None
