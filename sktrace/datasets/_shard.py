"""Logs larger than memory, dealt out to files of whole students."""

from contextlib import ExitStack
from numbers import Integral
from os import PathLike, fspath
from pathlib import Path
from typing import NamedTuple

from .._sklearn import Interval, StrOptions, validate_params
from .._versions import require_extra
from .._words import list_names
from ._read import READING
from ._read_open import open_table, refuse_unnamed
from ._read_parquet import ParquetTable
from ._read_problems import ReadingError
from ._shard_folder import saying_what_failed, written_whole
from ._shard_parts import MOST_PARTS, Parts
from ._shard_rows import FrameRows, open_folder, open_parquet
from ._shard_types import WiderTypesError
from ._shard_whole import open_rows

__all__ = ["Shards", "shard_interactions", "write_shards"]

ROWS_A_PART = 1_000_000


class Shards(NamedTuple):
    """What `shard_interactions` has written."""

    folder: Path
    student: str
    columns: list
    n_parts: int
    n_rows: int
    n_students: int
    n_bytes: int
    fewest_rows: int
    most_rows: int


@validate_params(
    {
        "source": "no_validation",
        "folder": [str, PathLike],
        "student": [str, None],
        "n_parts": [
            Interval(Integral, 1, MOST_PARTS, closed="both"),
            StrOptions({"auto"}),
        ],
        "overwrite": ["boolean"],
        **READING,
    },
    prefer_skip_nested_validation=True,
)
def shard_interactions(
    source,
    folder,
    *,
    student=None,
    n_parts="auto",
    overwrite=False,
    drop_missing=False,
    format="auto",
    columns=None,
    item="auto",
    time="auto",
    skill_model=None,
    first_attempts=True,
    answers=None,
    threshold=None,
    time_format=None,
    time_unit=None,
    skill_sep=None,
    sep=None,
    encoding=None,
    decimal=None,
):
    """Write a log as Parquet files of whole students, without loading it.

    Each student is in one file, whose rows keep their order. A text file is read as
    `read_interactions` reads it, some rows at a time: the rows of all parts together
    are those of the frame that it returns, with the same types, and further columns of
    the file beside them. What has types already, Parquet, Arrow or frames, is copied:
    all columns, names and values as they are.

    Parameters
    ----------
    source : str, path-like, pyarrow.dataset.Dataset or iterable of DataFrame
        A text file, perhaps gzipped, or a pipe; a Parquet file, or a folder of them; an
        Arrow dataset; or frames of the same columns, one after the other, of which one
        at a time is in memory. Rows of a student may stand in several files or frames.
    folder : str or path-like
        Where to write ``part-00000.parquet`` and so on. It is new or empty, and stands
        in a folder that is there.
    student : str, default=None
        Column that says whose row it is. None means ``user_id``; in a text file, the
        one that its format or `columns` names.
    n_parts : int or "auto", default="auto"
        Number of parts, up to 10,000. "auto" makes about a million rows a part, told by
        the size of the file and its first rows. A part that no student falls into is
        left out.
    overwrite : bool, default=False
        If True, replace a folder in which nothing is but what was written here.
    drop_missing : bool, default=False
        If True, leave out rows without a student, or in a text file without a time,
        rather than refuse them.
    format, columns, item, time, skill_model, first_attempts, answers, threshold, \
time_format, time_unit, skill_sep, sep, encoding, decimal
        How to read a text file, as in `read_interactions`.

    Returns
    -------
    Shards
        A named tuple: `folder`, `student`, the column of the students in the parts,
        `columns`, all of them, `n_parts`, `n_rows`, `n_students`, `n_bytes`, and the
        rows of the smallest and of the largest part, `fewest_rows` and `most_rows`.

    Raises
    ------
    ValueError
        If the source cannot be read, as in `read_interactions`; if its students have no
        column, or rows have no student; if the folder holds anything.
    OSError
        If the folder cannot be written; nothing is left of it then.
    ImportError
        If pyarrow is not installed.

    See Also
    --------
    read_interactions : Reads a log that fits memory.

    Notes
    -----
    **Parts.** A student falls into the part ``hash(name) % n_parts``, where the hash is
    that of the name's text: the same at every call, on every machine, and for 7, 7.0
    and "7". So two logs of one class, sharded into as many parts, agree on who is
    where.

    **Types.** Students, skills and items are whole numbers if all in the file are, and
    else text, so that "007" keeps its zeros; further columns are numbers if all of
    their values are. A first reading supposes that the first rows tell the types, and
    writes. Where a later row cannot be held, the file is read to its end for the types
    alone, and then once more: this takes up to twice as long. Frames have the types of
    the first; categories become text. Dates, decimals and answers in an unusual form
    are read by what all rows of the file tell, which takes one more reading.

    **Memory.** What is read waits in buffers of 128 MiB together, however many parts
    and rows there are; reading takes about as much. In addition, 16 bytes are kept of
    each student. Files are written into a hidden folder beside `folder`, which takes
    its place at the end; where this is interrupted, nothing is left under that name.

    **Read at once**, not by parts, are JSON, Excel and all layouts other than a row for
    each answer, as `read_interactions` reads them; so are ASSISTments' collapsed files,
    whose cells join several skills by numbers that are named elsewhere in the file:
    ``shard_interactions([read_interactions(path)], folder)``.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd
    >>> from sktrace.datasets import make_interactions, shard_interactions
    >>> X, y = make_interactions(100, 5, random_state=0)
    >>> with TemporaryDirectory() as place:
    ...     X.to_csv(Path(place) / "log.csv", index=False)
    ...     log, folder = Path(place) / "log.csv", Path(place) / "parts"
    ...     shards = shard_interactions(log, folder, n_parts=4)
    ...     parts = [pd.read_parquet(path) for path in sorted(folder.iterdir())]
    >>> shards.n_parts, shards.n_students, shards.n_rows == len(X)
    (4, 100, True)
    >>> sum(part["user_id"].nunique() for part in parts)
    100
    """
    reading = {
        "format": format,
        "columns": columns,
        "item": item,
        "time": time,
        "skill_model": skill_model,
        "first_attempts": first_attempts,
        "answers": answers,
        "threshold": threshold,
        "time_format": time_format,
        "time_unit": time_unit,
        "skill_sep": skill_sep,
        "decimal": decimal,
    }
    require_extra("parquet", "Writing Parquet files")
    with ExitStack() as stack:
        rows = _open(source, student, drop_missing, reading, sep, encoding, stack)
        return write_shards(rows, folder, n_parts, overwrite)


def _open(source, student, drop_missing, reading, sep, encoding, stack):
    """Return the rows of whatever was given, to be read a table at a time."""
    from pyarrow.dataset import Dataset

    opening = {"sep": sep, "encoding": encoding}
    if isinstance(source, str | PathLike) and not Path(source).is_dir():
        layout = "auto" if reading["format"] == "auto" else None
        table = stack.enter_context(open_table(fspath(source), sep, encoding, layout))
        if not isinstance(table, ParquetTable):
            if student is not None:
                reading["columns"] = {**(reading["columns"] or {}), "user_id": student}
            refuse_unnamed(table, reading["columns"])
            return open_rows(table, drop_missing, **reading)
        _refuse_reading(reading | opening)
        return open_parquet(table, student or "user_id", drop_missing)
    _refuse_reading(reading | opening)
    if isinstance(source, str | PathLike | Dataset):
        return open_folder(source, student or "user_id", drop_missing)
    return FrameRows(source, student or "user_id", drop_missing)


def _refuse_reading(reading):
    """Refuse arguments that say how to read what is not read, but copied."""
    usual = {"format": "auto", "item": "auto", "time": "auto"}
    usual["first_attempts"] = True
    odd = [name for name, value in reading.items() if value != usual.get(name)]
    if odd:
        raise ReadingError(
            f"{list_names(odd)} say how to read a text file, and rows that have types "
            "are copied as they are; expected student= alone. Leave them out, and name "
            "columns to the tracers."
        )


def write_shards(rows, folder, n_parts="auto", overwrite=False):
    """Write rows that are open; see `shard_interactions`."""
    with written_whole(folder, overwrite) as part:
        try:
            parts, sizes = _write(rows, folder, part, n_parts)
        except WiderTypesError:  # which are known now
            parts, sizes = _write(rows, folder, part, n_parts)
        n_bytes = sum(path.stat().st_size for path in part.iterdir())
    return Shards(
        Path(folder),
        rows.student,
        parts.schema.names,
        len(sizes),
        sum(sizes.values()),
        len(parts.tally),
        n_bytes,
        min(sizes.values()),
        max(sizes.values()),
    )


def _write(rows, folder, part, n_parts):
    """Write all tables; leave nothing where this fails."""
    parts = None
    try:
        for table in rows.tables():
            if parts is None:
                if n_parts == "auto":
                    n_parts = round(rows.estimate_rows() / ROWS_A_PART)
                    n_parts = min(max(n_parts, 1), MOST_PARTS)
                parts = Parts(part, n_parts, rows.student, table.schema)
            with saying_what_failed(folder):
                parts.add(table)
        if parts is None:
            raise ReadingError(
                "The source has no rows; expected at least one answer. Look at how it "
                "was made."
            )
        with saying_what_failed(folder):
            return parts, parts.finish()
    except BaseException:
        if parts is not None:
            parts.abandon()
        for path in part.iterdir():
            path.unlink()
        raise
