"""Text and Parquet files of which only some columns are read."""

import codecs
import csv
import gzip
import io
import zlib
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from .._words import count_rows

LONGEST_HEADER = 100_000  # letters; beyond, a file is no table


class Table(NamedTuple):
    """A file whose header is known and whose cells have not been read yet."""

    path: Path
    header: list
    sep: str | None = None  # None: Parquet
    encoding: str | None = None
    quoted: bool = True  # the header has quotation marks, or no tabs

    def read(self, positions, plain=False):
        """Read some columns, named by their positions; of a text file, as text."""
        if self.sep is None:
            frame = _read_parquet(self.path).iloc[:, positions]
            return frame.set_axis(positions, axis=1).reset_index(drop=True)
        beyond = len(self.header)  # a column more, which finds rows that are too long
        quoting = csv.QUOTE_NONE if plain and not self.quoted else csv.QUOTE_MINIMAL
        with _open_text(self.path, self.encoding) as lines:
            lines.readline()
            try:
                frame = pd.read_csv(
                    _WithHeader(self.sep * beyond + "\n", lines),
                    sep=self.sep,
                    quoting=quoting,
                    header=0,
                    names=range(beyond + 1),
                    usecols=[*positions, beyond],
                    index_col=False,
                    dtype=str,
                )
            except pd.errors.ParserError as error:
                raise ValueError(
                    f"{self.path.name} cannot be taken apart: {error}; expected a "
                    f"table with the separator {self.sep!r} and quotation marks in "
                    "pairs. Name another separator, sep=..., or mend the file."
                ) from error
        if frame[beyond].notna().any():
            raise ValueError(
                f"{self.path.name} has more cells than the {beyond} of its header in "
                f"{count_rows(frame[beyond].notna())}; expected cells with the "
                f"separator {self.sep!r} in them to be quoted. Name another separator, "
                "sep=..., or mend the file."
            )
        return frame[positions]


class _WithHeader:
    """Lines of a file after a header of our own: pandas takes the width from it."""

    def __init__(self, header, lines):
        self._header = header
        self._lines = lines

    def read(self, size=-1):
        header, self._header = self._header, ""
        return header or self._lines.read(size)

    def __iter__(self):  # pandas asks for it, and does not use it
        return iter(self._lines)


def open_table(path, sep, encoding):
    """Read the header of a text file, gzipped or not, or of a Parquet file."""
    path = Path(path)
    if path.suffix.lower() in (".parquet", ".pq"):
        return Table(path, [str(name) for name in _read_parquet(path).columns])
    try:
        encoding = _find_encoding(path, encoding)
    except (EOFError, zlib.error) as error:
        raise ValueError(
            f"{path.name} is no whole gzip file: {error}. Get it again, or unpack it."
        ) from error
    with _open_text(path, encoding) as lines:
        first = lines.readline().lstrip("\ufeff")
    if len(first) > LONGEST_HEADER or "\0" in first:
        raise ValueError(
            f"{path.name} does not begin with a line of names; expected a table as "
            "text, with a header. Is it another kind of file?"
        )
    if sep is None:
        sep = "\t" if "\t" in first else max(",;|", key=first.count)
    header = [name.strip() for name in next(csv.reader([first], delimiter=sep), [])]
    # DataShop quotes nothing, so a quotation mark in its cells must not open one that
    # swallows lines; R and Excel, which quote them, quote the header as well.
    return Table(path, header, sep, encoding, quoted=sep != "\t" or '"' in first)


def _open(path):
    return gzip.open(path) if path.suffix.lower() == ".gz" else open(path, "rb")


def _open_text(path, encoding):
    return io.TextIOWrapper(_open(path), encoding=encoding, newline="")


def _find_encoding(path, encoding):
    """Return the first of some encodings, or of the one given, that fits every byte."""
    with _open(path) as file:
        head = file.read(4)
    if head == b"PK\x03\x04":
        raise ValueError(
            f"{path.name} is a zip archive or an Excel workbook; expected text, "
            "gzipped text or Parquet. Unpack it, or save the sheet as CSV."
        )
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise ValueError(
                f"encoding={encoding!r} is not known; expected a name such as 'utf-8', "
                "'cp1252' or 'latin-1'. encoding=None finds one that fits."
            ) from None
        if not _fits(path, encoding):
            raise ValueError(
                f"{path.name} is not written in {encoding!r}, the encoding given; "
                "encoding=None finds one that fits."
            )
        return encoding
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"  # what Excel calls Unicode text
    # Windows-1252 leaves five bytes without a meaning; Latin-1 reads every byte.
    return next(
        name for name in ("utf-8-sig", "cp1252", "latin-1") if _fits(path, name)
    )


def _fits(path, encoding):
    try:
        with _open_text(path, encoding) as lines:
            while lines.read(1 << 20):
                pass
    except UnicodeError:
        return False
    return True


def _read_parquet(path):
    try:
        return pd.read_parquet(path)
    except ImportError as error:
        raise ImportError(
            f"Reading {path.name} needs pyarrow, not installed here: pip install "
            'pyarrow, or the extra: pip install "sktrace[parquet]". Or save the table '
            "as CSV."
        ) from error
