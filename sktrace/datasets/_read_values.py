"""Students, times, skills and answers out of the cells of a file."""

import re

import numpy as np
import pandas as pd

from .._words import count_rows, first_few

SKILL_SEPARATOR = "~~"  # joins the skills of a row, as tracers take them apart
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
ITEM_SEPARATOR = " / "  # joins the columns that name an item together
_PER_SECOND = {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}
_INTEGER = r"0|-?[1-9]\d{0,17}"  # as int64 writes it, so that "007" stays a text


def _is_text(values):
    return values.dtype == object or isinstance(values.dtype, pd.StringDtype)


def as_integers(values):
    """Make numbers of texts if all are whole numbers; others might differ in zeros."""
    given = values.dropna()
    if len(given) == 0 or not _is_text(values):
        return values
    if not given.astype(str).str.fullmatch(_INTEGER).all():
        return values
    return values.astype("Int64" if len(given) < len(values) else "int64")


def as_numbers(values):
    """Make numbers of texts if all are numbers."""
    if not _is_text(values) or values.isna().all():
        return values
    numbers = pd.to_numeric(values, errors="coerce")
    return values if (numbers.isna() & values.notna()).any() else numbers


def read_times(values, name, time_format):
    """Return numbers that grow with time."""
    if time_format is None:
        values = as_numbers(values)
    if pd.api.types.is_numeric_dtype(values):
        return values
    if values.dtype.kind == "m":
        return values.astype("timedelta64[us]").astype("int64")
    times = _as_dates(values, name, "order", time_format)
    return times.astype("datetime64[us, UTC]").astype("int64")


def read_seconds(values, name, time_format, unit):
    """Return seconds, since 1970 where they are dates; missing ones stay missing."""
    if time_format is None:
        values = as_numbers(values)
    if pd.api.types.is_numeric_dtype(values):
        seconds = values.astype("float64")
        return seconds / _PER_SECOND[unit or _guess_unit(seconds)]
    if values.dtype.kind == "m":
        return values.dt.total_seconds()
    if values.isna().all():
        return pd.Series(np.nan, values.index)
    times = _as_dates(values.dropna(), name, "time", time_format)
    seconds = times.astype("datetime64[us, UTC]").astype("int64") / 1e6
    return seconds.reindex(values.index)


def _guess_unit(numbers):
    """Tell the unit of numbers by their size: in seconds, 1e11 is the year 5138."""
    size = numbers.abs().median()
    return (
        "ns" if size > 1e17 else "us" if size > 1e14 else "ms" if size > 1e11 else "s"
    )


def _as_dates(values, name, role, time_format):
    """Return dates in UTC, or say which values are none."""
    texts = values
    if time_format is None and _is_text(values):  # "UTC" after a blank is no ISO 8601
        texts = values.str.replace(r"\s+UTC$", "Z", regex=True)
    times = pd.to_datetime(
        texts, format=time_format or "ISO8601", utc=True, errors="coerce"
    )
    if times.isna().any():
        odd = values[times.isna()].unique().tolist()
        drop = " Or leave the times out: time=None." if role == "time" else ""
        raise ValueError(
            f"Column {name!r} ({role}) holds {first_few(odd)} in "
            f"{_count(times.isna())}; expected "
            + (
                "numbers or dates such as '2011-09-01 12:00:00'. Say how they are "
                'written: time_format="%m/%d/%Y %H:%M".'
                if time_format is None
                else f"times written as {time_format!r}, the time_format."
            )
            + drop
        )
    return times


def _count(mask):
    """Say how many rows a mask marks; their positions are those in the file."""
    return count_rows(mask.reindex(range(mask.index[-1] + 1), fill_value=False))


def read_skills(cells, columns, numbers, separator):
    """Return one skill per row, or several joined by `SKILL_SEPARATOR`."""
    if not columns:
        return "all"
    parts = [cells[column] for column in columns]
    if numbers is not None:
        parts[0] = _name_skills(parts[0], cells[numbers])
    skills = _join(parts, SKILL_SEPARATOR)
    if separator is not None and _is_text(skills):
        apart = rf"\s*{re.escape(separator)}\s*"
        skills = skills.str.replace(apart, SKILL_SEPARATOR, regex=True)
    return as_integers(skills)


def read_items(cells, columns):
    """Return one item per row; several columns name it together."""
    if len(columns) == 1:
        return as_integers(cells[columns[0]])
    parts = [cells[column].map(str, na_action="ignore") for column in columns]
    return _join(parts, ITEM_SEPARATOR)


def _join(parts, separator):
    """Join the texts of each row that are not missing."""
    first, *others = parts
    for other in others:
        joined = first + separator + other
        first = first.where(other.isna(), other).where(joined.isna(), joined)
    return first


def _name_skills(names, numbers):
    """Take apart numbers joined by "_"; a skill without a name goes by its number."""
    if not _is_text(numbers):
        numbers = numbers.astype("Int64").map(str, na_action="ignore")
    several = numbers.str.contains("_", na=False)
    alone = ~several & names.notna()
    name_of = dict(zip(numbers[alone], names[alone], strict=True))
    joined = {
        cell: SKILL_SEPARATOR.join(name_of.get(n, n) for n in cell.split("_"))
        for cell in numbers[several].unique()
    }
    return names.where(~several, numbers.map(joined)).fillna(numbers)


def read_answers(values, name, answers, threshold):
    """Return 0, 1 or NaN for each answer."""
    meaning = _WORDS | _check_answers(answers or {})
    codes, uniques = pd.factorize(values)
    correct, odd = np.full(len(uniques) + 1, np.nan), []  # code -1, missing, reads NaN
    for code, value in enumerate(uniques.tolist()):
        key = _plain(value)
        if key in meaning:
            correct[code] = meaning[key]
        elif isinstance(key, float) and (threshold is not None or key in (0, 1)):
            correct[code] = key if threshold is None else key >= threshold
        else:
            odd.append(value)
    if odd:
        _refuse_answers(values, name, odd, threshold)
    correct = correct[codes]
    return correct if np.isnan(correct).any() else correct.astype(np.int64)


def _check_answers(answers):
    """Return the meaning of each value as a number, NaN for no answer."""
    for value, answer in answers.items():
        if answer not in (0, 1, None):
            raise ValueError(
                f"answers= maps {value!r} to {answer!r}; expected 1 (correct), 0 (not) "
                "or None (no answer)."
            )
    return {
        _plain(value): np.nan if answer is None else float(answer)
        for value, answer in answers.items()
    }


def _plain(value):
    """Return a number where there is one, else text in lower case."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value).strip().lower()


def _refuse_answers(values, name, odd, threshold):
    numbers = all(isinstance(_plain(value), float) for value in odd)
    if numbers and threshold is None:
        full = max(1, *map(_plain, odd), 0)
        repair = (
            f"Partial credit needs a threshold: if {full:g} is full credit, "
            f"threshold={full:g} counts only that as correct, "
            f"threshold={full / 2:g} half of it as well. Codes need a meaning: "
        )
    else:
        repair = "Say what others mean: "
    raise ValueError(
        f"Column {name!r} (correct) holds {first_few(odd)} in "
        f"{_count(values.isin(odd))}; expected 0, 1, nothing or one of the words "
        f"{list(_WORDS)}. {repair}answers={{{odd[0]!r}: ...}}, 1, 0 or None."
    )
