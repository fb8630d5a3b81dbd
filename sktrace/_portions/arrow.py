"""Portions that Arrow reads: Parquet files, folders of them, and datasets."""

import sys
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from .pieces import OnDisk

__all__ = ["ArrowParts", "is_dataset"]


def is_dataset(X):
    """Say whether something is a dataset of pyarrow, without importing it."""
    dataset = sys.modules.get("pyarrow.dataset")
    return dataset is not None and isinstance(X, dataset.Dataset)


class ArrowParts:
    """Reads one group of files after the other.

    Files of one hive partition, such as those in ``part=3/``, are a portion; any other
    file is one by itself.

    Parameters
    ----------
    groups : list of lists of pyarrow.dataset.Fragment
    schema : pyarrow.Schema
        Of all of them: what a file has as another type becomes this one.
    """

    def __init__(self, groups, schema):
        self.groups, self.schema = groups, schema

    @classmethod
    def of(cls, dataset):
        """Group the files of a dataset of pyarrow."""
        try:
            fragments = list(dataset.get_fragments())
        except ValueError as error:  # it is filtered, or of some columns
            raise ValueError(
                f"X is a dataset that chooses rows or columns ({error}); expected one "
                "as it was opened. Choose rows of the log: "
                "X = scan_interactions(dataset), X[np.asarray(X[column]) == value]."
            ) from error
        groups = {}
        for number, fragment in enumerate(fragments):
            partition = str(fragment.partition_expression)
            alone = partition == "true"  # it is in no partition
            groups.setdefault(number if alone else partition, []).append(fragment)
        return cls(list(groups.values()), dataset.schema)

    def __len__(self):
        return len(self.groups)

    @property
    def columns(self):
        """Names of the columns."""
        return self.schema.names

    @cached_property
    def sizes(self):
        """How many rows each portion has."""
        counts = [sum(f.count_rows() for f in group) for group in self.groups]
        return np.array(counts, dtype=np.int64)

    def empty(self):
        """Return a frame without rows."""
        return _to_frame(self.schema.empty_table())

    def stamps(self):
        """Return what changes where a file does: its name, size and time."""
        return [
            (Path(info.path).name, info.size, info.mtime_ns)
            for group in self.groups
            for fragment in group
            if hasattr(fragment, "path")  # what is in memory has none
            for info in [fragment.filesystem.get_file_info(fragment.path)]
        ]

    def read(self, number, columns=None):
        """Return a portion as a frame."""
        import pyarrow

        if columns is not None:
            _refuse_lacking(columns, self.columns)
        tables = [self._read_file(file, columns) for file in self.groups[number]]
        return _to_frame(pyarrow.concat_tables(tables))

    def _read_file(self, fragment, columns):
        from pyarrow import ArrowException

        try:
            return fragment.to_table(schema=self.schema, columns=columns)
        except FileNotFoundError:  # which says so
            raise
        except (ArrowException, OSError) as error:
            raise ValueError(
                f"{getattr(fragment, 'path', 'A table')!r} cannot be read ({error}); "
                "expected a Parquet file that is whole, has the types of the others, "
                "and has not changed since it was opened. Open it anew: "
                "scan_interactions(path)."
            ) from error

    def pieces(self, X, columns, beside, present):
        """Return pieces that are read when they are needed; see `gather`."""
        return OnDisk([partial(_read, X, columns, beside, k) for k in present])


def _to_frame(table):
    # Metadata may make an index of a column, and then it would be none.
    return table.to_pandas(ignore_metadata=True, date_as_object=False)


def _refuse_lacking(names, columns):
    """Refuse columns that are not there."""
    lacking = [name for name in names if name not in columns]
    if lacking:
        raise ValueError(
            f"X has no column {lacking[0]!r}; expected names among {columns}."
        )


def _read(X, columns, beside, number):
    others = (None if one is None else one.portion(number) for one in beside)
    return X.portion(number, columns), *others
