"""Parquet files: only the columns that are wanted, and none that would not fit."""

import re
from collections import defaultdict

import pandas as pd

from .._words import first_few, list_names
from ._read_problems import ReadingError

_BYTES_PER_CELL = 8  # at least, once a column is in memory
# What pandas stores as columns although it is the index: positions, no data.
_INDEX = re.compile(r"__index_level_\d+__")


class ParquetTable:
    """A Parquet file of which only the names of columns have been read."""

    sep = None  # nothing stands between the cells

    def __init__(self, source):
        self.source, self.name = source, source.name
        self.file = self._open()
        schema = self._try(lambda *_: self.file.schema_arrow)
        self._names, self._types = list(map(str, schema.names)), schema.types
        self._places = [
            place
            for place, name in enumerate(self._names)
            if not _INDEX.fullmatch(name)
        ]
        self.header = [self._names[place] for place in self._places]

    def _open(self, **options):
        return self._try(
            lambda parquet, _: parquet.ParquetFile(self.source.raw(), **options)
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.source.close()

    def read(self, positions, plain=False):
        """Read some columns, named by their positions; they stay numbers and dates."""
        places = [self._places[position] for position in positions]
        names = list(dict.fromkeys(self._names[place] for place in places))
        self._refuse_nested(places)
        self._refuse_bomb(names, self._n_bytes(names))
        # A text that is repeated is kept once, as in the file, until its size is known.
        file = self._open(read_dictionary=names)
        table = self._try(lambda *_: file.read(columns=names))
        size = self._try(lambda *_: sum(map(_count_letters, table.columns)))
        self._refuse_bomb(names, size)
        found = defaultdict(list)
        for column, name in zip(table.columns, table.schema.names, strict=True):
            found[name].append(column)
        frame = {}
        for position, place in zip(positions, places, strict=True):
            name = self._names[place]
            which = self._names[:place].count(name) if len(found[name]) > 1 else 0
            column = found[name][which]
            frame[position] = self._try(lambda *_, column=column: _as_pandas(column))
        return pd.DataFrame(frame, columns=positions, index=range(len(table)))

    def _refuse_nested(self, places):
        """Refuse columns that hold lists and the like."""
        nested = [place for place in places if self._types[place].num_fields]
        if not nested:
            return
        kinds = [self._types[place] for place in nested]
        names = [self._names[place] for place in nested]
        path = str(self.source.path)
        repair = (
            "Give each value a row of its own, and read that file: "
            f"pandas.read_parquet({path!r}).explode({names}).to_parquet('long.parquet')"
            if all(str(kind).startswith(("list", "large_list")) for kind in kinds)
            else "Give each part a column of its own, and read that file: "
            "pyarrow.parquet.write_table(pyarrow.parquet.read_table("
            f"{path!r}).flatten(), 'flat.parquet')"
        )
        raise ReadingError(
            f"The columns {list_names(names)} of {self.name} hold "
            f"{first_few(list(map(str, kinds)))}; expected one value in each cell. "
            f"{repair}."
        )

    def _n_bytes(self, names):
        """Return the bytes of some columns as the file tells them, or more."""
        data, schema, names = self.file.metadata, self.file.schema, set(names)
        wanted = [at for at in range(len(schema)) if schema.column(at).path in names]
        packed = sum(
            data.row_group(group).column(at).total_uncompressed_size
            for group in range(data.num_row_groups)
            for at in wanted
        )
        return max(packed, data.num_rows * len(names) * _BYTES_PER_CELL)

    def _refuse_bomb(self, names, size):
        """Refuse what takes far more memory than the file is large."""
        n_rows = self.file.metadata.num_rows
        if size > self.source.most_bytes:
            raise ReadingError(
                f"{self.name} has {self.source.size:,} bytes, and {n_rows:,} rows of "
                f"{len(names)} columns, {size:,} bytes, would come out of it; "
                f"expected no more than {self.source.most_bytes:,}. If you trust it, "
                "write it as text, and read that: "
                f"pandas.read_parquet({str(self.source.path)!r})"
                '.to_csv("log.csv", index=False).'
            )

    def _try(self, call):
        """Do something with pyarrow; say what is wrong with the file in our words."""
        try:
            import pyarrow
            from pyarrow import parquet
        except ImportError as error:
            raise ImportError(
                f"Reading {self.name} needs pyarrow, not installed here: pip install "
                'pyarrow, or the extra: pip install "sktrace[parquet]". Or save the '
                "table as CSV."
            ) from error
        try:
            return call(parquet, pyarrow)
        except MemoryError:
            raise
        except (pyarrow.ArrowException, OSError, UnicodeError, ValueError) as error:
            raise ReadingError(
                f"{self.name} is no whole Parquet file, or of a kind that pyarrow "
                "cannot read; expected one that pandas.read_parquet can. Get it again, "
                "or save its table as CSV."
            ) from error


def _count_letters(column):
    """Return the bytes of a column of repeated texts once they are written out."""
    import pyarrow
    from pyarrow import compute, types

    if not types.is_dictionary(column.type):
        return 0
    try:
        lengths = [compute.binary_length(chunk.dictionary) for chunk in column.chunks]
    except pyarrow.ArrowNotImplementedError:  # no texts
        return 0
    pairs = zip(column.chunks, lengths, strict=True)
    sums = [compute.sum(each.take(chunk.indices)).as_py() for chunk, each in pairs]
    return sum(filter(None, sums))


def _as_pandas(column):
    """Return a column as pandas reads it, each value as a number, date or text."""
    import pyarrow
    from pyarrow import types

    if types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = column.type
    if types.is_integer(kind) and column.null_count:  # exact beside missing ones
        unsigned = types.is_unsigned_integer(kind)
        exact = pd.UInt64Dtype() if unsigned else pd.Int64Dtype()
        table = pyarrow.table({"": column.cast("uint64" if unsigned else "int64")})
        return table.to_pandas(types_mapper=lambda _: exact)[""]
    if types.is_float16(kind):
        column = column.cast("float32")
    elif types.is_decimal(kind) or types.is_time(kind) or _is_binary(types, kind):
        column = column.cast("string")
    column.validate(full=True)  # bytes that are no letters would fail far from here
    return column.to_pandas(date_as_object=False)


def _is_binary(types, kind):
    """Tell bytes, as which some programs write their texts."""
    return (
        types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_fixed_size_binary(kind)
    )
