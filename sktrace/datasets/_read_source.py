"""The bytes of a file, of a pipe or of what is gzipped, up to a limit."""

import gzip
import io
import os
import shlex
import stat
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path

from ._read_problems import ReadingError

# Logs shrink to a tenth, very repetitive ones to a hundredth; gzip can do a thousandth.
MOST_RATIO = 200
UNPACKED_FREELY = 64 * 2**20  # bytes, whatever the ratio
UNPACKED_AT_MOST = 32 * 2**30  # bytes, whatever the size of the file
PIPED_AT_MOST = 8 * 2**30  # bytes: a pipe may never end

_CHUNK = 2**20
_GZIP = b"\x1f\x8b"
_PARQUET = b"PAR1"
# How other files begin, and what they are; no header begins so.
_OTHERS = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"PK\x05\x06": "an empty zip archive",
    b"\xd0\xcf\x11\xe0": "an Excel workbook of the old kind",
    b"\xfd7zXZ\x00": "packed by xz",
    b"\x28\xb5\x2f\xfd": "packed by zstd",
    b"\x04\x22\x4d\x18": "packed by lz4",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a": "a rar archive",
    b"ARROW1\0": "an Arrow or Feather file",
    b"SQLite format 3": "an SQLite database",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a NumPy array",
    b"%PDF-": "a PDF document",
    b'{"': "JSON",
    b"[{": "JSON",
    b"<!DOCTYPE": "an HTML page",
    b"<html": "an HTML page",
    b"<?xml": "XML",
}
_OTHERS |= {b"BZh%d1AY&SY" % level: "packed by bzip2" for level in range(1, 10)}


class Source:
    """A file that can be read several times, although a pipe can be read but once.

    `close` closes it.
    """

    def __init__(self, path):
        self.path = Path(path)
        self._file = _open(os.fspath(path), self.name)
        try:
            self.size = self._file.seek(0, io.SEEK_END)
            self.gzipped = self.raw().read(2) == _GZIP
            with self.open() as file:
                self.head = file.read(16)  # of what is packed, if it is
        except BaseException:
            self._file.close()
            raise

    @property
    def name(self):
        """The file's name in messages, which it must not break."""
        name = self.path.name or str(self.path)
        return name if name.isprintable() else ascii(name)

    @property
    def is_parquet(self):
        """Tell a Parquet file by how it begins and ends, as no column's name does."""
        if self.gzipped or not self.head.startswith(_PARQUET):
            return False
        self._file.seek(max(0, self.size - len(_PARQUET)))
        return self._named_parquet or self._file.read() == _PARQUET

    @property
    def _named_parquet(self):
        return self.path.suffix.lower() in (".parquet", ".pq")

    def close(self):
        """Close the file; the copy of a pipe is gone then."""
        self._file.close()

    def raw(self):
        """Return the file as it is, at its begin; it is not to be closed."""
        self._file.seek(0)
        return self._file

    def tell(self):
        """Return how many bytes of the file as it is have been read."""
        return self._file.tell()

    def chunks(self):
        """Yield the bytes of the file as it is, packed or not."""
        file = self.raw()
        while chunk := file.read(_CHUNK):
            yield chunk

    def open(self):
        """Open the bytes, unpacked if they are gzipped."""
        return io.BufferedReader(_Bytes(self), _CHUNK)

    @property
    def most_bytes(self):
        """How many bytes may come out of it."""
        ratio = max(UNPACKED_FREELY, MOST_RATIO * self.size)
        return min(UNPACKED_AT_MOST, ratio)

    def refuse_other_kinds(self):
        """Say what else than text or Parquet it is, if it tells."""
        if self.size == 0 or not self.head:
            raise ReadingError(
                f"{self.name} is empty; expected a header and at least one answer. "
                "Look at how it was written."
            )
        if self.gzipped and self.head.startswith((_GZIP, _PARQUET + b"\x15")):
            once = f"gzip -dc < {shlex.quote(self.path.name)} > unpacked"
            raise ReadingError(
                f"{self.name} holds another packed or Parquet file; expected a text "
                f"that is gzipped once. Unpack it, and read what comes out: {once}"
            )
        for begin, kind in _OTHERS.items():
            if self.head.startswith(begin):
                raise ReadingError(
                    f"{self.name} is {kind}; expected text, gzipped text or Parquet. "
                    "Unpack it, or save its table as CSV with the program that made it."
                )
        if self._named_parquet and not self.is_parquet:
            raise ReadingError(
                f"{self.name} is no Parquet file: it begins with {self.head[:4]!r}; "
                f"expected {_PARQUET!r}. If it is text, give it a name that ends in "
                ".csv."
            )


def _open(path, name):
    """Open a file; of a pipe, a copy that can be read again."""
    try:
        # A pipe with a name waits here for its writer, as it does for any program.
        mode = os.stat(path).st_mode
        _refuse_places(mode, path, name)
        file = open(path, "rb")  # noqa: SIM115
    except FileNotFoundError:
        folder = os.path.dirname(path) or "."
        missing = "" if os.path.isdir(folder) else f", nor a folder {folder!r}"
        raise FileNotFoundError(
            f"There is no file {path!r}{missing}; expected the path of a log, taken "
            f"from here: {os.getcwd()!r}."
        ) from None
    except PermissionError:
        raise PermissionError(
            f"{path!r} must not be read by you; expected a file that may be. Ask its "
            "owner, or copy it as someone who may read it."
        ) from None
    except ReadingError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ReadingError(
            f"{name if len(name) < 256 else name[:60] + '…'} cannot be opened: "
            f"{reason}; expected the path of a file."
        ) from None
    if stat.S_ISREG(mode) and not path.startswith("/dev/"):
        return file
    with file:
        return _copy(file, name)


def _refuse_places(mode, path, name):
    if stat.S_ISDIR(mode):
        raise ReadingError(
            f"{path!r} is a folder; expected a file. Name the file in it; parts of one "
            f"Parquet table become one file: pandas.read_parquet({path!r})"
            '.to_parquet("whole.parquet"). One that is larger than memory is fitted by '
            f"scan_interactions({path!r})."
        )
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
        raise ReadingError(
            f"{path!r} is a device, not a file; expected a file or a pipe, such as "
            "/dev/stdin behind cat log.csv |."
        )


def _copy(pipe, name):
    """Copy what comes through a pipe into a file that goes when it is closed."""
    copy, size = tempfile.TemporaryFile(), 0  # noqa: SIM115
    try:
        while chunk := pipe.read(_CHUNK):
            size += len(chunk)
            if size > PIPED_AT_MOST:
                raise ReadingError(
                    f"More than {PIPED_AT_MOST:,} bytes came through the pipe {name}; "
                    "expected a log. Write it into a file, and read that."
                )
            copy.write(chunk)
        copy.flush()
    except BaseException as error:
        with suppress(OSError):  # it tries once more to write
            copy.close()
        if not isinstance(error, OSError):
            raise
        raise ReadingError(
            f"What came through the pipe {name} could not be kept in "
            f"{tempfile.gettempdir()!r}: {error.strerror}; expected a place for it. "
            "Write it into a file, and read that."
        ) from error
    return copy


class _Bytes(io.RawIOBase):
    """The bytes of a source from its begin on; what is wrong with them is said."""

    def __init__(self, source):
        self._source, self._done = source, 0
        raw = source.raw()
        self._stream = gzip.GzipFile(fileobj=raw) if source.gzipped else raw
        self._most = source.most_bytes if source.gzipped else None

    def readable(self):
        """Say that it can be read from, as `io` asks."""
        return True

    def readinto(self, buffer):
        """Read some bytes, as `io` asks."""
        name = self._source.name
        try:
            n = self._stream.readinto(buffer)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            early = isinstance(error, EOFError)
            what = "it ends too early" if early else "its bytes are not as written"
            raise ReadingError(
                f"{name} is no whole gzip file: {what}; expected one with which "
                "`gzip -t` finds no fault. Get it again."
            ) from error
        except OSError as error:
            raise ReadingError(
                f"{name} cannot be read: {error.strerror}; expected a file that can "
                "be. Copy it to another place, and read that."
            ) from error
        self._done += n
        if self._most is not None and self._done > self._most:
            quoted = shlex.quote(self._source.path.name)
            raise ReadingError(
                f"{name} has {self._source.size:,} bytes, and more than "
                f"{self._most:,} come out of it; expected no more than "
                f"{MOST_RATIO} times its size, nor than {UNPACKED_AT_MOST:,}. If you "
                f"trust it, unpack it, and read what comes out: gzip -dc < {quoted} > "
                "unpacked.csv"
            )
        return n
