"""Files of all kinds, opened as tables with a row for each answer."""

from ._read_excel import open_workbook
from ._read_frame import FrameTable
from ._read_headerless import HeaderlessTable, is_headerless
from ._read_json import open_json
from ._read_lines import open_lines
from ._read_melt import melt
from ._read_parquet import ParquetTable
from ._read_problems import Argument, ReadingError
from ._read_sequences import find_sequences, is_row, take_apart
from ._read_source import Source
from ._read_table import TextTable
from ._read_wide import find_matrix

__all__ = ["open_table", "refuse_unnamed"]

_SAMPLE = 100  # rows by which a layout is told
_MOST_COLUMNS = 5_000  # of a table that may have another layout than a row an answer


def open_table(path, sep, encoding, layout="auto"):
    """Open a file of any kind, and read the names of its columns.

    Parameters
    ----------
    path : str or path-like
    sep, encoding : str or None
        Of a text.
    layout : "auto" or None, default="auto"
        None leaves a table with a column for each question, or without a header, as it
        is; "auto" makes a row of each answer.

    Returns
    -------
    TextTable, ParquetTable, FrameTable or HeaderlessTable
        With `header`, the names of the columns; `name`, that of the file in messages;
        `source`, its bytes; `notes`, sentences on what was done to it;
        `read(positions)`. The end of a with-block closes it.
    """
    _check_sep(sep)
    source = Source(path)
    try:
        source.refuse_other_kinds()
        table = _open(source, sep, encoding)
        table.notes[:0] = source.notes
        return _arrange(table, layout)
    except BaseException:
        source.close()
        raise


def _open(source, sep, encoding):
    """Open a file as what it is; lines of several kinds are looked at first."""
    if source.is_parquet:
        return ParquetTable(source)
    if source.is_workbook:
        return open_workbook(source)
    if source.is_json:
        return open_json(source, encoding)
    lines = open_lines(source, encoding) if sep is None else None
    return TextTable(source, sep, encoding) if lines is None else lines


def _arrange(table, layout):
    """Make a row of each answer, where the table has another layout."""
    n_columns = len(table.header)
    if not 1 < n_columns <= _MOST_COLUMNS:
        return table
    try:
        cells = _sample(table)
    except ReadingError:
        return table  # what is wrong with its rows is said where they are read
    found = find_sequences(table.header, cells, table.sep)
    named = layout is None or not isinstance(table, TextTable)
    if not named and (
        is_headerless(table.header, cells) or is_row(table.header, found)
    ):
        table = HeaderlessTable(table, cells)
        cells = _sample(table)
        found = find_sequences(table.header, cells, table.sep)
    if found:
        long = take_apart(table, _read_all(table), *found)
        if isinstance(table, HeaderlessTable):
            long.unnamed = table.ask_for_names(long.header, long.frame)
        return long
    if isinstance(table, FrameTable):
        table.join_lists()
        cells = _sample(table)
    if layout is None or len(cells) == 0:
        return table
    if find_matrix(table.header, cells):
        whole = _read_all(table)
        if matrix := find_matrix(table.header, whole):
            return melt(table, whole, matrix)
    return table


def _sample(table):
    """Read the first rows of all columns."""
    columns = list(range(len(table.header)))
    if isinstance(table, ParquetTable):
        return table.read_first(_SAMPLE)
    return next(table.blocks(columns, n_rows=_SAMPLE))


def _read_all(table):
    """Read all columns, lists as they are."""
    columns = list(range(len(table.header)))
    if isinstance(table, ParquetTable):
        return table.read(columns, lists=True)
    return table.read(columns)


def refuse_unnamed(table, named):
    """Refuse a table without a header, unless a column is named."""
    unnamed = getattr(table, "unnamed", None)
    if unnamed is not None and not named:
        raise unnamed


def _check_sep(sep):
    if sep is not None and (len(sep) != 1 or not sep.isascii() or sep in '\r\n\0"'):
        raise ReadingError(
            Argument("sep", sep),
            ": expected one ASCII character that stands between two cells, such as ",
            Argument("sep", ";"),
            ", or none to have it guessed.",
        )
