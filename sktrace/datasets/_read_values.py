"""Students, skills, items and numbers out of the cells of a file."""

import re

import pandas as pd

from .._words import count_rows, first_few, quote
from ._read_problems import Argument, ReadingError

SKILL_SEPARATOR = "~~"  # joins the skills of a row, as tracers take them apart
ITEM_SEPARATOR = " / "  # joins the columns that name an item together
_COMMA_NUMBER = r"[+-]?\d*,\d+(?: ?%)?"
_HEAD = 100  # cells that are looked at first
_INTEGER = r"0|-?[1-9]\d{0,17}"  # as int64 writes it, so that "007" stays a text


def is_text(values):
    """Tell texts from numbers and dates."""
    if values.dtype == object:
        return pd.api.types.infer_dtype(values, skipna=True) in ("string", "empty")
    return isinstance(values.dtype, pd.StringDtype)


def as_integers(values):
    """Make numbers of texts if all are whole numbers; others might differ in zeros."""
    given = values.dropna()
    if len(given) == 0 or not is_text(values):
        return values
    if not given.astype(str).str.fullmatch(_INTEGER).all():
        return values
    return values.astype("Int64" if len(given) < len(values) else "int64")


def as_numbers(values):
    """Make numbers of texts if all are numbers."""
    if not is_text(values) or values.isna().all():
        return values
    whole = as_integers(values)  # far faster, where it can
    if whole.dtype == "int64":
        return whole
    head = values.dropna().iloc[:_HEAD]
    if pd.to_numeric(head, errors="coerce").isna().any():  # soon, as a rule
        return values
    numbers = pd.to_numeric(values, errors="coerce")
    return values if (numbers.isna() & values.notna()).any() else numbers


def with_points(values, name, decimal):
    """Write numbers that have a decimal comma with a point; leave other texts."""
    if decimal == "." or not is_text(values):
        return values
    commas = values.str.fullmatch(_COMMA_NUMBER, na=False).astype(bool)
    pointed = values.str.contains(".", na=False, regex=False).astype(bool)
    odd = pointed & pd.to_numeric(values, errors="coerce").notna()
    if odd.any():
        raise ReadingError(
            f"Column {quote(name)} holds {first_few(values[odd].unique().tolist())} in "
            f"{count_cells(odd)}, with a point, and ",
            Argument("decimal", ","),
            " says that numbers have a comma there; expected one of them. Leave it out "
            "if points are right, or write thousands without a mark.",
        )
    return values.where(~commas, values.str.replace(",", ".", regex=False))


def count_cells(mask):
    """Say how many rows a mask marks; their positions are those in the file."""
    return count_rows(mask.reindex(range(mask.index[-1] + 1), fill_value=False))


def has_comma(value):
    """Tell a number that has a comma instead of a point."""
    return isinstance(value, str) and re.fullmatch(_COMMA_NUMBER, value) is not None


def read_skills(cells, columns, numbers, separator):
    """Return one skill per row, or several joined by `SKILL_SEPARATOR`."""
    if not columns:
        return "all"
    parts = [cells[column] for column in columns]
    if numbers is not None:
        parts[0] = _name_skills(parts[0], cells[numbers])
    skills = _join(parts, SKILL_SEPARATOR)
    if separator is not None and is_text(skills):
        names = skills.dropna().unique()
        apart = {name: SKILL_SEPARATOR.join(_split(name, separator)) for name in names}
        skills = skills.map(apart)
    return as_integers(skills)


def _split(name, separator):
    if name[:1] + name[-1:] in ("[]", "()", "{}"):  # as a list is written
        return [part.strip(" '\"") for part in name[1:-1].split(separator)]
    first, *more = name.split(separator)
    if not more:
        return [name]
    return [first.rstrip(), *(part.strip() for part in more[:-1]), more[-1].lstrip()]


def read_items(cells, columns):
    """Return one item per row; several columns name it together."""
    if len(columns) == 1:
        return as_integers(cells[columns[0]])
    parts = [cells[column] for column in columns]
    texts = [p if is_text(p) else p.map(str, na_action="ignore") for p in parts]
    return _join(texts, ITEM_SEPARATOR)


def _join(parts, separator):
    """Join the texts of each row that are not missing."""
    first, *others = parts
    for other in others:
        joined = first + separator + other
        first = first.where(other.isna(), other).where(joined.isna(), joined)
    return first


def _name_skills(names, numbers):
    """Take apart numbers joined by "_"; a skill without a name goes by its number."""
    if not is_text(numbers):
        numbers = numbers.astype("Int64").map(str, na_action="ignore")
    several = numbers.str.contains("_", na=False)
    alone = ~several & names.notna()
    name_of = dict(zip(numbers[alone], names[alone], strict=True))
    joined = {
        cell: SKILL_SEPARATOR.join(name_of.get(n, n) for n in cell.split("_"))
        for cell in numbers[several].unique()
    }
    return names.where(~several, numbers.map(joined)).fillna(numbers)
