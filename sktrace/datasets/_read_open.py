"""Files of all kinds, opened as tables of which only some columns are read."""

from ._read_parquet import ParquetTable
from ._read_problems import Argument, ReadingError
from ._read_source import Source
from ._read_table import TextTable

__all__ = ["open_table"]


def open_table(path, sep, encoding):
    """Read the header of a text file, gzipped or not, or of a Parquet file.

    Returns
    -------
    TextTable or ParquetTable
        With `header`, the names of the columns; `name`, that of the file in messages;
        `source`, its bytes; `read(positions)`. The end of a with-block closes it.
    """
    _check_sep(sep)
    source = Source(path)
    try:
        source.refuse_other_kinds()
        if source.is_parquet:
            return ParquetTable(source)
        return TextTable(source, sep, encoding)
    except BaseException:
        source.close()
        raise


def _check_sep(sep):
    if sep is not None and (len(sep) != 1 or not sep.isascii() or sep in '\r\n\0"'):
        raise ReadingError(
            Argument("sep", sep),
            ": expected one ASCII character that stands between two cells, such as ",
            Argument("sep", ";"),
            ", or none to have it guessed.",
        )
