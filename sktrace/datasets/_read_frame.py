"""Tables that are in memory, and columns out of values of several kinds."""

import datetime
import math

import pandas as pd

from .._words import quote
from ._read_values import SKILL_SEPARATOR

__all__ = ["MISSING", "FrameTable", "as_column", "join_lists", "note_lists", "write"]

# Texts that mean that there is nothing, as pandas.read_csv takes them.
MISSING = {
    *("", "#N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"),
    *("<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
}
_EXACT = 2**53  # beyond, a float skips whole numbers


class FrameTable:
    """A table that has been read whole, with the names of its columns beside it.

    Parameters
    ----------
    source : Source
    header : list of str
    columns : list of Series
        In the order of the header, of one index: 0, 1, 2, …
    notes : list of str
        What was done to the file.
    """

    def __init__(self, source, header, columns, notes=(), sep=None):
        self.source, self.name, self.sep = source, source.name, sep
        self.header, self.notes = list(map(str, header)), list(notes)
        self.frame = pd.DataFrame(dict(enumerate(columns)), columns=range(len(header)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.source.close()

    def read(self, positions, plain=False):
        """Return some columns, named by their positions."""
        return self.frame[list(positions)]

    def join_lists(self):
        """Join the values of lists, which are no sequences, as skills are."""
        for at in self.frame:
            if any(isinstance(value, list) for value in self.frame[at]):
                self.frame[at] = join_lists(self.frame[at])
                self.notes.append(note_lists(self.header[at]))

    def blocks(self, positions, plain=False, n_rows=None):
        """Yield the rows of some columns, so many at a time; by default, all."""
        n_rows = n_rows or max(len(self.frame), 1)
        for begin in range(0, max(len(self.frame), 1), n_rows):
            yield self.frame[list(positions)].iloc[begin : begin + n_rows]


def join_lists(column):
    """Join each list of a column as the skills of a row are joined."""
    return pd.Series([_join(value) for value in column])


def _join(value):
    if not isinstance(value, list):
        return None if value is None else write(value)
    given = [write(each) for each in value if each is not None]
    return SKILL_SEPARATOR.join(given) or None


def note_lists(name):
    """Say that lists were joined."""
    return f"Lists in column {quote(name)} are joined by {SKILL_SEPARATOR}, as skills."


def as_column(values, whole_floats=False):
    """Make a column of values of any kind: of one kind if they are, else of texts.

    Parameters
    ----------
    values : list
        Of None, bool, int, float, str, dates and times.
    whole_floats : bool, default=False
        Whether 7.0 is 7, as where all numbers are floats.

    Examples
    --------
    >>> as_column([2**53 + 1, None]).tolist()[0] == 2**53 + 1
    True
    >>> as_column(["ann", 7, 0.5, "NA"]).tolist()[:3]
    ['ann', '7', '0.5']
    """
    values = [_plain(value, whole_floats) for value in values]
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool} or not kinds:
        return pd.Series(values, dtype=object if None in values else bool)
    if kinds == {int} and all(abs(value) < 2**63 for value in values if value):
        return pd.Series(values, dtype="Int64" if None in values else "int64")
    if kinds == {float} or (kinds == {int, float} and _small(values)):
        return pd.Series(values, dtype=float)
    if kinds == {datetime.datetime}:
        return _as_dates(values)
    return pd.Series([None if value is None else write(value) for value in values])


def write(value):
    """Write a value as a text, as it stands in a file.

    >>> write(True), write(0.5), write(datetime.time(10, 5))
    ('true', '0.5', '10:05:00')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    return value if isinstance(value, str) else str(value)


def _plain(value, whole_floats):
    """Return a value of a few kinds, None where there is none."""
    if isinstance(value, str):
        value = value.strip()
        return None if value in MISSING else value
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if whole_floats and value.is_integer() and abs(value) < _EXACT:
            return int(value)
    if isinstance(value, datetime.datetime | datetime.time):
        # Excel's times are floats, some of them a microsecond too small.
        return value if isinstance(value, datetime.datetime) else write(value)
    if isinstance(value, datetime.date):
        return datetime.datetime.combine(value, datetime.time())
    if isinstance(value, datetime.timedelta):
        return str(value)
    return value


def _small(values):
    return all(abs(value) <= _EXACT for value in values if isinstance(value, int))


def _as_dates(values):
    try:
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object)))
    except (ValueError, OverflowError, TypeError):  # years that pandas cannot hold
        return pd.Series([None if value is None else write(value) for value in values])
