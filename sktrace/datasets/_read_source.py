"""The bytes of a file, of a pipe or of what is gzipped, up to a limit."""

import gzip
import io
import os
import re
import shlex
import stat
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path

from ._read_problems import ReadingError
from ._read_zip import is_zip, take_member

# Logs shrink to a tenth, very repetitive ones to a hundredth; gzip can do a thousandth.
MOST_RATIO = 200
UNPACKED_FREELY = 64 * 2**20  # bytes, whatever the ratio
UNPACKED_AT_MOST = 32 * 2**30  # bytes, whatever the size of the file
PIPED_AT_MOST = 8 * 2**30  # bytes: a pipe may never end

_CHUNK = 2**20
_GZIP = b"\x1f\x8b"
_HEAD = 256  # bytes by which a kind of file is told
_PARQUET = b"PAR1"
_IN_GZIP = (_GZIP, _PARQUET + b"\x15", b"PK\x03\x04")
_JSON = re.compile(rb'\s*(?:\{\s*["}]|\[\s*(?:[{\[]|\]\s*$))')
# How other files begin, and what they are; no header begins so.
_OTHERS = {
    b"\xd0\xcf\x11\xe0": "an Excel workbook of the old kind (.xls), or with a password",
    b"\xfd7zXZ\x00": "packed by xz",
    b"\x28\xb5\x2f\xfd": "packed by zstd",
    b"\x04\x22\x4d\x18": "packed by lz4",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a": "a rar archive",
    b"ARROW1\0": "an Arrow or Feather file",
    b"SQLite format 3": "an SQLite database",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a NumPy array",
    b"$FL2": "an SPSS file",
    b"<stata_dta>": "a Stata file",
    b"RDX3\n": "an R workspace",
    b"%PDF-": "a PDF document",
    b"<!DOCTYPE": "an HTML page",
    b"<html": "an HTML page",
    b"<table": "an HTML page",
    b"<?xml": "XML",
}
_OTHERS |= {b"BZh%d1AY&SY" % level: "packed by bzip2" for level in range(1, 10)}


class Source:
    """A file that can be read several times, although a pipe can be read but once.

    Of an archive of one file, that file is the content. `notes` says so. `close`
    closes it.
    """

    def __init__(self, path):
        self.path, self.notes, self._member = Path(path), [], None
        self._file = self._content = _open(os.fspath(path), self.name)
        try:
            self.size = self._file.seek(0, io.SEEK_END)
            self.is_workbook = is_zip(self.raw().read(4)) and self._take_member()
            self.gzipped = self.content().read(2) == _GZIP
            with self.open() as file:
                self.head = file.read(_HEAD)  # of what is packed, if it is
        except BaseException:
            self.close()
            raise

    def _take_member(self):
        """Go into an archive as deep as a workbook in it; tell whether it is one."""
        for _ in range(2):
            found = take_member(self)
            if found is None:
                return True
            if self._content is not self._file:
                self._content.close()
            self._content, self._member = found
            self.notes = [f"Of the zip archive, {self._member!r} is read."]
            if not is_zip(self.content().read(4)):
                return False
        raise ReadingError(
            f"{self.name} holds an archive in an archive; expected one table. Unpack "
            "it, and read what comes out."
        )

    @property
    def name(self):
        """The file's name in messages, which it must not break."""
        name = self.path.name or str(self.path)
        return name if name.isprintable() else ascii(name)

    @property
    def inner_path(self):
        """The path, or that of the file that is in the archive, once it is unpacked."""
        return self._member or str(self.path)

    @property
    def is_parquet(self):
        """Tell a Parquet file by how it begins and ends, as no column's name does."""
        if self.gzipped or not self.head.startswith(_PARQUET):
            return False
        end = self._content.seek(0, io.SEEK_END)
        self._content.seek(max(0, end - len(_PARQUET)))
        return self._named_parquet or self._content.read() == _PARQUET

    @property
    def is_json(self):
        """Tell JSON by how it begins: an object, or a list of objects or of lists."""
        begin = self.head.removeprefix(b"\xef\xbb\xbf")
        return _JSON.match(begin) is not None

    @property
    def _named_parquet(self):
        name = self._member or self.path.name
        return name.lower().endswith((".parquet", ".pq"))

    def close(self):
        """Close the file; copies of a pipe and of what was packed are gone then."""
        self._content.close()
        self._file.close()

    def raw(self):
        """Return the file as it is, at its begin; it is not to be closed."""
        self._file.seek(0)
        return self._file

    def content(self):
        """Return the file, or the one that is in the archive, at its begin."""
        self._content.seek(0)
        return self._content

    def tell(self):
        """Return how many bytes of the file as it is have been read, about."""
        done = self._content.tell()
        if self._member is None:
            return done
        end = self._content.seek(0, io.SEEK_END)
        self._content.seek(done)
        return round(self.size * done / max(end, 1))

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
        """Say what else than text, Parquet, JSON or Excel it is, if it tells."""
        if self.size == 0 or not self.head:
            raise ReadingError(
                f"{self.name} is empty; expected a header and at least one answer. "
                "Look at how it was written."
            )
        if self.gzipped and self.head.startswith(_IN_GZIP):
            once = f"gzip -dc < {shlex.quote(self.path.name)} > unpacked"
            raise ReadingError(
                f"{self.name} holds another packed or Parquet file; expected a text "
                f"that is gzipped once. Unpack it, and read what comes out: {once}"
            )
        for begin, kind in _OTHERS.items():
            if self.head.startswith(begin):
                raise ReadingError(
                    f"{self.name} is {kind}; expected text, gzipped text, Parquet, "
                    "JSON or an Excel workbook (.xlsx). Unpack it, or save its table "
                    "as CSV with the program that made it."
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
        file = source.content()
        self._stream = gzip.GzipFile(fileobj=file) if source.gzipped else file
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
