"""Rows that have types already, as tables: of Parquet files, Arrow datasets, frames."""

import os
from collections.abc import Iterable, Sized
from pathlib import Path

import pandas as pd

from .._words import list_names, quote
from ._read_problems import Argument, ReadingError
from ._scan_files import open_files

__all__ = ["ArrowRows", "FrameRows", "open_folder", "open_parquet"]

ROWS_AT_ONCE = 2**17


class ArrowRows:
    """The rows of something that Arrow reads, with all columns, as they are.

    Parameters
    ----------
    name : str
        In messages.
    schema : pyarrow.Schema
    read : callable
        ``read(columns)`` yields record batches of these columns.
    n_rows : int
    student : str or callable
        Column of the students, or what finds it among the columns.
    drop_missing : bool
        Whether to leave out rows without a student.
    """

    def __init__(self, name, schema, read, n_rows, student, drop_missing):
        self.name, self.schema = name, schema
        self.student = student(schema.names) if callable(student) else student
        self._read, self._n_rows, self._drop = read, n_rows, drop_missing
        refuse_lacking(schema.names, self.student, name)

    def estimate_rows(self):
        """Return how many rows there are."""
        return self._n_rows

    def tables(self):
        """Yield tables of one schema, in the order in which the rows stand."""
        from pyarrow import Table

        for batch in self._batches(self.schema.names):
            table = Table.from_batches([batch], batch.schema)
            here, missing = take_named(table, self.student)
            if missing and not self._drop:
                self._refuse_missing()
            if here.num_rows:
                yield here.select(self.schema.names).cast(self.schema)

    def _refuse_missing(self):
        n_missing = sum(
            take_named(batch, self.student)[1]
            for batch in self._batches([self.student])
        )
        refuse_missing(self.name, self.student, n_missing, self._n_rows)

    def _batches(self, columns):
        import pyarrow as pa

        try:
            yield from self._read(columns)
        except (pa.ArrowException, OSError, UnicodeError) as error:
            raise ReadingError(
                f"{self.name} cannot be read to its end: {error}; expected Parquet "
                "files that are whole, with the same columns and types. Get them "
                "again, or write them anew."
            ) from error


def open_parquet(table, student, drop_missing):
    """Return the rows of a Parquet file that is open."""
    file = table.file
    return ArrowRows(
        table.name,
        file.schema_arrow,
        lambda columns: file.iter_batches(ROWS_AT_ONCE, columns=columns),
        file.metadata.num_rows,
        student,
        drop_missing,
    )


def open_folder(source, student, drop_missing):
    """Return the rows of a folder of Parquet files, or of an Arrow dataset."""
    import pyarrow as pa
    from pyarrow import dataset

    name = "the dataset"
    if not isinstance(source, dataset.Dataset):
        path = Path(source)
        name = f"The folder {path.name}"
        try:
            source = dataset.dataset(path, format="parquet")
            n_rows = source.count_rows()
        except (pa.ArrowException, OSError) as error:
            raise ReadingError(
                f"{name} is no folder of Parquet files: {str(error).splitlines()[0]} "
                "Name a folder with nothing else in it, or a file."
            ) from error
        if not source.files:
            raise ReadingError(
                f"{name} holds no files; expected Parquet files. Name another."
            )
        try:
            source = open_files(
                [os.path.abspath(file) for file in source.files], os.path.abspath(path)
            )
        except ValueError as error:
            raise ReadingError(str(error)) from error
    else:
        n_rows = source.count_rows()
    return ArrowRows(
        name,
        source.schema,
        # In the order of the files, few at a time, lest what is read fill memory.
        lambda columns: source.to_batches(
            columns=columns,
            batch_size=ROWS_AT_ONCE,
            batch_readahead=2,
            fragment_readahead=1,
        ),
        n_rows,
        student,
        drop_missing,
    )


class FrameRows:
    """The rows of frames, one after the other, with all columns, as they are.

    Parameters
    ----------
    frames : iterable of DataFrame
    student : str
    drop_missing : bool
    """

    def __init__(self, frames, student, drop_missing):
        if isinstance(frames, pd.DataFrame):
            frames = [frames]
        if not isinstance(frames, Iterable) or isinstance(frames, dict):
            raise TypeError(
                f"source is {type(frames).__name__!r}; expected the name of a file or "
                "folder, an Arrow dataset, or an iterable of DataFrames. Of one frame, "
                "make a list: [frame]."
            )
        self.student, self._drop = student, drop_missing
        self._n_rows = None
        if isinstance(frames, Sized):
            self._n_rows = sum(map(len, frames))
        self._frames = frames

    def estimate_rows(self):
        """Return how many rows there are."""
        if self._n_rows is None:
            raise ValueError(
                "n_parts='auto' needs to know how many rows there are, which a "
                "generator does not tell; pass n_parts, one for each million rows."
            )
        return self._n_rows

    def tables(self):
        """Yield tables of the schema of the first."""
        schema = None
        for place, frame in enumerate(self._frames):
            if not isinstance(frame, pd.DataFrame):
                raise TypeError(
                    f"Frame {place} is {type(frame).__name__!r}; expected a DataFrame."
                )
            table = _as_table(frame, place)
            if schema is None:
                refuse_lacking(table.schema.names, self.student, "the first frame")
                schema = table.schema
            table = self._fit(table, schema, place)
            here, missing = take_named(table, self.student)
            if missing and not self._drop:
                what = f"Frame {place}"
                refuse_missing(what, self.student, missing, len(frame))
            if here.num_rows:
                yield here

    def _fit(self, table, schema, place):
        import pyarrow as pa

        try:
            return table.select(schema.names).cast(schema)
        except (pa.ArrowException, KeyError, ValueError) as error:
            got = dict(
                zip(table.schema.names, map(str, table.schema.types), strict=True)
            )
            first = dict(zip(schema.names, map(str, schema.types), strict=True))
            odd = [name for name in first if got.get(name) != first[name]]
            raise ReadingError(
                f"Frame {place} does not go on as frame 0: the columns "
                f"{list_names(odd)} were {[first[name] for name in odd]} and are "
                f"{[got.get(name, 'not there') for name in odd]}; expected one type "
                "for each, which holds all. Make them alike, such as "
                f"frame.astype({{{odd[0]!r}: str}})."
            ) from error


def _as_table(frame, place):
    """Return a frame as a table; categories, which frames need not share, as values."""
    import pyarrow as pa

    plain = {
        name: dtype.categories.dtype
        for name, dtype in frame.dtypes.items()
        if isinstance(dtype, pd.CategoricalDtype)
    }
    try:
        return pa.Table.from_pandas(frame.astype(plain), preserve_index=False)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise ReadingError(
            f"Frame {place} cannot be written as Parquet: {error}; expected columns "
            "whose values are of one type each. Make them texts: frame.astype(str)."
        ) from error


def take_named(table, student):
    """Return the rows that name a student, and how many do not."""
    from pyarrow import compute

    named = compute.invert(compute.is_null(table[student], nan_is_null=True))
    n_missing = table.num_rows - (compute.sum(named).as_py() or 0)
    return (table.filter(named) if n_missing else table), n_missing


def refuse_lacking(names, student, where):
    """Refuse what has no column of students, or several."""
    if names.count(student) != 1:
        raise ReadingError(
            f"The column of students, {quote(student)}, is there "
            f"{names.count(student)} times; {where} has the columns "
            f"{list_names(names)}. Name the one that says whose row it is: ",
            Argument("student", ...),
            ".",
        )


def refuse_missing(where, student, n_missing, n_rows):
    """Refuse rows of nobody."""
    raise ReadingError(
        f"{where}: column {quote(student)} (student) is missing in {n_missing:,} of "
        f"{n_rows:,} rows; expected one in every row. Leave such rows out: ",
        Argument("drop_missing", True),
        ".",
    )
