"""Rows dealt out to Parquet files by their student, in bounded memory."""

import json

import numpy as np
import pandas as pd

__all__ = ["MOST_PARTS", "Parts", "Tally", "hash_students"]

OPEN_AT_MOST = 100  # files at once: systems allow a program 256 or more
MOST_PARTS = OPEN_AT_MOST**2
BUFFERED = 128 * 2**20  # bytes of rows that wait to be written, in all files together
ROW_GROUP = 2**20  # rows of a file that are written in one piece, at most


class Parts:
    """Writes tables as ``part-00000.parquet`` and so on, a student's rows in one part.

    Above `OPEN_AT_MOST` parts, rows are dealt out twice: to bundles of parts, and then
    from each bundle to its parts, so that few files are open, and not too few rows wait
    for each.

    Parameters
    ----------
    folder : Path
    n_parts : int
    student : str
        Column of the students, in which nothing is missing.
    schema : pyarrow.Schema
        Of every table.
    """

    def __init__(self, folder, n_parts, student, schema):
        self.folder, self.n_parts, self.student = folder, n_parts, student
        told = json.dumps({"by": student, "n_parts": n_parts}).encode()
        self.schema = schema.with_metadata(
            {**(schema.metadata or {}), b"sktrace": told}
        )
        self.tally = Tally()
        self._together = -(-n_parts // OPEN_AT_MOST)  # parts of a bundle
        name = "part-{:05d}.parquet" if self._together == 1 else "bundle-{:05d}"
        self._files = _Files(folder, name, self.schema)

    def add(self, table):
        """Deal out the rows of a table."""
        hashes = hash_students(table[self.student])
        self.tally.add(hashes)
        self._files.add(table, self._part_of(hashes) // self._together)

    def finish(self):
        """Write what waits; return the number of rows of each file."""
        n_rows = self._files.close()
        if self._together == 1:
            return n_rows
        from pyarrow import Table, parquet

        n_rows = {}
        for bundle in sorted(self.folder.glob("bundle-*")):
            files = _Files(self.folder, "part-{:05d}.parquet", self.schema)
            try:
                with parquet.ParquetFile(bundle) as stored:
                    for batch in stored.iter_batches():
                        table = Table.from_batches([batch]).cast(self.schema)
                        hashes = hash_students(table[self.student])
                        files.add(table, self._part_of(hashes))
                n_rows |= files.close()
            finally:
                files.abandon()
            bundle.unlink()
        return n_rows

    def abandon(self):
        """Close what is open, so that the folder can be removed."""
        self._files.abandon()

    def _part_of(self, hashes):
        return (hashes % np.uint64(self.n_parts)).astype(np.int64)


class _Files:
    """Parquet files that are written a piece at a time, when enough rows wait."""

    def __init__(self, folder, name, schema):
        self._folder, self._name, self._schema = folder, name, schema
        self._writers, self._waiting, self._n_bytes = {}, {}, 0
        self._n_rows = {}

    def add(self, table, number):
        """Append each row to the file of its number; rows keep their order."""
        table = table.combine_chunks()
        order = np.argsort(number, kind="stable")
        numbers, starts = np.unique(number[order], return_index=True)
        table = table.take(order)
        ends = [*starts[1:], len(order)]
        for n, start, end in zip(numbers.tolist(), starts.tolist(), ends, strict=True):
            self._waiting.setdefault(n, []).append(table.slice(start, end - start))
            self._n_rows[n] = self._n_rows.get(n, 0) + int(end) - start
        self._n_bytes += table.nbytes
        if self._n_bytes > BUFFERED:
            self._write()

    def close(self):
        """Write what waits; return the rows of each file, by its name."""
        self._write()
        while self._writers:
            self._writers.popitem()[1].close()
        return {self._name.format(n): self._n_rows[n] for n in sorted(self._n_rows)}

    def abandon(self):
        """Close the files, whatever is in them."""
        self._waiting.clear()
        while self._writers:
            try:
                self._writers.popitem()[1].close()
            except OSError:  # a disk that is full takes no end of a file, either
                continue

    def _write(self):
        from pyarrow import concat_tables, parquet

        for number in sorted(self._waiting):
            table = concat_tables(self._waiting.pop(number)).unify_dictionaries()
            if number not in self._writers:
                path = self._folder / self._name.format(number)
                self._writers[number] = parquet.ParquetWriter(path, self._schema)
            self._writers[number].write_table(table, row_group_size=ROW_GROUP)
        self._n_bytes = 0


class Tally:
    """Counts the rows of each student, known by a hash: 16 bytes a student."""

    def __init__(self):
        self.names = np.empty(0, dtype=np.uint64)
        self.counts = np.empty(0, dtype=np.int64)

    def __len__(self):
        return len(self.names)

    def add(self, hashes):
        """Count rows; return for each how many of its student there were before."""
        names, which, n_rows = np.unique(
            hashes, return_inverse=True, return_counts=True
        )
        place = np.searchsorted(self.names, names)
        known = np.append(self.names, 0)[place] == names
        known &= place < len(self.names)
        before = np.where(known, np.append(self.counts, 0)[place], 0)
        self.counts[place[known]] += n_rows[known]
        new = ~known
        self.names = np.insert(self.names, place[new], names[new])
        self.counts = np.insert(self.counts, place[new], n_rows[new])
        return before[which.reshape(-1)]


def hash_students(column):
    """Return 64 bits for each name, the same on every machine and in every release.

    Names that are one to the tracers have one hash, whatever type holds them: 7, 7.0
    and the text "7".

    Parameters
    ----------
    column : pyarrow.Array or pyarrow.ChunkedArray
        Without missing values.

    Returns
    -------
    ndarray of shape (n_rows,), uint64

    Examples
    --------
    >>> import pyarrow
    >>> a, b = (hash_students(pyarrow.array(names)) for names in ([7, 8], [7.0, 7.5]))
    >>> (a == b).tolist()
    [True, False]
    """
    from pyarrow import ChunkedArray

    if isinstance(column, ChunkedArray):
        column = column.combine_chunks()
        if isinstance(column, ChunkedArray):  # too long for one array, or empty
            return np.concatenate(
                [np.empty(0, np.uint64), *map(hash_students, column.chunks)]
            )
    coded = column.dictionary_encode()
    names = np.array([*_spell(coded.dictionary), None], dtype=object)[:-1]
    hashes = pd.util.hash_array(names, categorize=False)
    return hashes[coded.indices.to_numpy(zero_copy_only=False)]


def _spell(names):
    """Write names as texts, equal ones alike."""
    from pyarrow import types

    if types.is_boolean(names.type):
        names = names.cast("int8")
    if types.is_integer(names.type):
        return names.cast("string").to_pylist()
    if types.is_floating(names.type) or types.is_decimal(names.type):
        numbers = names.to_pylist()
        return [str(int(n)) if n == n // 1 else repr(float(n)) for n in numbers]
    return list(map(str, names.to_pandas()))
