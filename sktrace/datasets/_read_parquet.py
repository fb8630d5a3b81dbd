"""Parquet files: only the columns that are wanted, and none that would not fit."""

import re
from collections import defaultdict

import pandas as pd

from .._words import first_few, list_names
from ._read_frame import join_lists, note_lists
from ._read_problems import ReadingError

_BYTES_PER_CELL = 8  # at least, once a column is in memory
# What pandas stores as columns although it is the index: positions, no data.
_INDEX = re.compile(r"__index_level_\d+__")
_LISTS = ("list.", "bag.", "array")  # how writers name the values of a list


class ParquetTable:
    """A Parquet file of which only the names of columns have been read."""

    sep = None  # nothing stands between the cells

    def __init__(self, source):
        self.source, self.name, self.notes = source, source.name, []
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
            lambda parquet, _: parquet.ParquetFile(self.source.content(), **options)
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.source.close()

    def read(self, positions, plain=False, lists=False):
        """Read some columns, named by their positions; they stay numbers and dates.

        Lists stay lists if asked for; else their values are joined, as skills are.
        """
        places = [self._places[position] for position in positions]
        names = list(dict.fromkeys(self._names[place] for place in places))
        self._refuse_nested(places)
        self._refuse_bomb(names, self._n_bytes(names))
        # A text that is repeated is kept once, as in the file, until its size is known.
        file = self._open(read_dictionary=self._find_flat(names))
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
            frame[position] = self._convert(column, name, lists)
        return pd.DataFrame(frame, columns=positions, index=range(len(table)))

    def read_first(self, n_rows):
        """Read the first rows of all columns, lists as they are; none of odd files."""
        places, names = self._places, self.header
        nested = any(_is_nested(self._types[place]) for place in places)
        if nested or len(set(self._names)) < len(self._names):
            return pd.DataFrame(columns=range(len(names)))
        self._refuse_bomb(names, self._n_bytes(names))
        file = self._open(read_dictionary=self._find_flat(names))
        rows = file.iter_batches(n_rows, columns=names)
        batch = self._try(lambda _, pyarrow: next(rows, None))
        if batch is None:
            return pd.DataFrame(columns=range(len(names)))
        table = self._try(lambda _, pyarrow: pyarrow.Table.from_batches([batch]))
        size = self._try(lambda *_: sum(map(_count_letters, table.columns)))
        self._refuse_bomb(names, size)
        return pd.DataFrame(
            {
                at: self._convert(table[name], name, lists=True)
                for at, name in enumerate(names)
            }
        )

    def _convert(self, column, name, lists):
        """Return a column as pandas has it; say so where lists are joined."""
        if not column.type.num_fields:
            return self._try(lambda *_: _as_pandas(column))
        values = self._try(lambda *_: column.to_pylist())
        if lists:
            return pd.Series(values, dtype=object)
        if note_lists(name) not in self.notes:
            self.notes.append(note_lists(name))
        return join_lists(values)

    def _find_flat(self, names):
        """Return the columns that hold no lists, which can be kept as they are."""
        pairs = zip(self._names, self._types, strict=True)
        lists = {name for name, kind in pairs if kind.num_fields}
        return [name for name in names if name not in lists]

    def _refuse_nested(self, places):
        """Refuse columns that hold structures."""
        nested = [place for place in places if _is_nested(self._types[place])]
        if not nested:
            return
        kinds = [self._types[place] for place in nested]
        names = [self._names[place] for place in nested]
        path = str(self.source.path)
        raise ReadingError(
            f"The columns {list_names(names)} of {self.name} hold "
            f"{first_few(list(map(str, kinds)))}; expected one value in each cell. "
            "Give each part a column of its own, and read that file: "
            "pyarrow.parquet.write_table(pyarrow.parquet.read_table("
            f"{path!r}).flatten(), 'flat.parquet')."
        )

    def _n_bytes(self, names):
        """Return the bytes of some columns as the file tells them, or more."""
        data, schema, names = self.file.metadata, self.file.schema, set(names)
        paths = [schema.column(at).path for at in range(len(schema))]
        lists = (tuple(f"{name}.{part}" for name in names for part in _LISTS),)
        packed = n_values = 0
        for group in range(data.num_row_groups):
            for at, path in enumerate(paths):
                if path in names or path.startswith(*lists):
                    column = data.row_group(group).column(at)
                    packed += column.total_uncompressed_size
                    n_values += column.num_values
        n_cells = max(n_values, data.num_rows * len(names))
        return max(packed, n_cells * _BYTES_PER_CELL)

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
                "pyarrow. Or save the table as CSV."
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


def _is_nested(kind):
    """Tell what holds structures from values and lists of values."""
    if not kind.num_fields:
        return False
    text = str(kind)
    return not text.startswith(("list", "large_list", "fixed_size_list")) or any(
        word in text for word in ("struct<", "map<", "union<")
    )


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
