"""What stands before the decimals of a column, told by all of its numbers."""

import pandas as pd

from .._words import first_few, quote
from ._read_problems import Argument, ReadingError
from ._read_values import is_text

__all__ = ["Marks"]

_COMMA = r"[+-]?\d*,\d+ ?%?"
# Three digits after a comma may be thousands, unless nothing or a zero is before it.
_POINTED = r"[+-]?[\d.]+(?:[eE][+-]?\d+)? ?%?"
_HEAD = 100  # values that are looked at first
_POINT_THREE = r"[1-9]\d{0,2}\.\d{3}"
_THREE = r"[+-]?[1-9]\d{0,2},\d{3} ?%?"


class Marks:
    """The commas and points of one column, some rows at a time.

    Parameters
    ----------
    name : str
        The column, for messages.
    role : str, default=None
        What it is read as; None for a column that is kept, which may hold texts.
    sep : str, default=None
        What stands between two cells of the file.
    """

    def __init__(self, name, role=None, sep=None):
        self.name, self.role, self._sep = name, role, sep
        self._sure, self._open, self._pointed = {}, {}, {}  # examples
        self._has_texts = False
        self._thousands = [], []  # examples: with a point and three digits, with none
        self._decimals = role not in ("order", "time")  # whether a point is surely one

    def add(self, values):
        """Take some cells into account."""
        if not is_text(values):
            return
        commas = values.str.contains(",", na=False, regex=False).astype(bool)
        points = values.str.contains(".", na=False, regex=False).astype(bool)
        if self.role is None or commas.any():
            rest = values[~commas].str.rstrip("% ")
            odd = pd.to_numeric(rest, errors="coerce").isna() & rest.notna()
            self._has_texts |= bool(odd.any())
        if commas.any():
            self._add_commas(values[commas])
        if not self._decimals and points.any():
            self._add_points(values)
        if not self._pointed and points.any():
            some = values[points & ~commas]
            some = some[some.str.fullmatch(_POINTED).astype(bool)].drop_duplicates()
            numbers = pd.to_numeric(some.str.rstrip("% "), errors="coerce").notna()
            self._pointed |= dict.fromkeys(some[numbers].tolist()[:5])

    def _add_points(self, values):
        """Look for numbers such as 999 and 1.000, which count with thousands."""
        if len(values) > _HEAD:  # as a rule, few will do
            self._add_points(values.iloc[:_HEAD])
        if self._decimals:
            return
        three = values.str.fullmatch(_POINT_THREE, na=True).astype(bool)
        whole = values.str.fullmatch(r"\d{1,3}", na=True).astype(bool)
        self._decimals |= not (three | whole).all()
        for found, mask in zip(self._thousands, (three, whole), strict=True):
            found += values[mask].dropna().unique().tolist()[:1]

    def _add_commas(self, values):
        values = values.drop_duplicates()
        numbers = values.str.fullmatch(_COMMA).astype(bool)
        self._has_texts |= not numbers.all()
        three = values.str.fullmatch(_THREE).astype(bool)
        for found, mask in [(self._sure, numbers & ~three), (self._open, three)]:
            if len(found) < 5:
                found |= dict.fromkeys(values[mask].tolist()[:5])

    def tell(self):
        """Return whether numbers have a comma; ask where it cannot be told."""
        if not self._decimals and all(self._thousands):
            pair = first_few([found[0] for found in reversed(self._thousands)])
            raise ReadingError(
                f"Column {quote(self.name)} ({self.role}) holds {pair}; "
                "the point may stand before decimals or between thousands. If they are "
                "decimals, say so: ",
                Argument("decimal", "."),
                "; else write thousands without a mark.",
            )
        if not (self._sure or self._open):
            return False
        if self.role is None:  # as it is written, where in doubt
            comma = self._sure and not (self._has_texts or self._pointed)
            return bool(comma) and self._sep != ","
        held = f"Column {quote(self.name)} ({self.role}) holds "
        commas = first_few(list(self._sure | self._open)[:3])
        if self._pointed:
            points = first_few(list(self._pointed)[:3])
            raise ReadingError(
                held + f"{commas} and {points}; expected a comma before decimals "
                "throughout, or a point. Write all numbers alike, thousands without a "
                "mark."
            )
        if self._sep == "," or not self._sure:
            thousands = "" if self._sure else ", or between thousands"
            raise ReadingError(
                held + f"{commas}, in which the comma may stand before "
                f"decimals{thousands}; expected numbers that tell. If they are "
                "decimals, say so: ",
                Argument("decimal", ","),
                "; else mend the file.",
            )
        return True
