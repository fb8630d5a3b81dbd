"""Files that are no rows of text nor Parquet's own: read at once, then dealt out."""

from ._read_frame import FrameTable
from ._read_rows import read_rows
from ._shard_rows import FrameRows
from ._shard_text import TextRows, list_others, plan_reading

__all__ = ["open_rows"]


def open_rows(table, drop_missing, **reading):
    """Return the rows of a table that is read by the names of its columns.

    Parameters
    ----------
    table : TextTable, HeaderlessTable or FrameTable
        One of texts is read some rows at a time; one in memory, at once.
    drop_missing : bool
    **reading
        Arguments of `read_rows`.
    """
    if not isinstance(table, FrameTable):
        return TextRows(table, drop_missing, **reading)
    plan = plan_reading(table.header, reading)
    reading = {**reading, "keep": list(list_others(table.header, plan))}
    X = read_rows(table, drop_missing=drop_missing, **reading)
    return FrameRows([X], TextRows.student, False)
