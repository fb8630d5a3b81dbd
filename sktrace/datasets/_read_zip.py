"""Zip archives: of one file, which is read, or a workbook of Excel, which is one."""

import shutil
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import PurePosixPath

from .._words import list_names, quote
from ._read_problems import ReadingError

__all__ = ["is_zip", "opened_zip", "refuse_large", "take_member"]

_BEGINS = (b"PK\x03\x04", b"PK\x05\x06")
_WORKBOOK = "xl/workbook.xml"
# What other programs write as archives, by a file that is in each.
_DOCUMENTS = {
    "xl/workbook.bin": "a binary Excel workbook (.xlsb)",
    "content.xml": "an OpenDocument file",
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a PowerPoint file",
    "Index/Document.iwa": "a file of Numbers or Pages",
}
# Files that hold no table, or what systems leave in archives.
_JUNK = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_TABLES = {".csv", ".tsv", ".tab", ".txt", ".dat", ".json", ".jsonl", ".ndjson"}
_TABLES |= {".gz", ".xlsx", ".parquet", ".pq", ".log"}


def is_zip(head):
    """Tell a zip archive by its first bytes."""
    return head.startswith(_BEGINS)


def take_member(source):
    """Return the one table in an archive and its name, or None if it is a workbook.

    Returns
    -------
    (file, str) or None
        A file that goes when it is closed.
    """
    with opened_zip(source) as archive:
        files = [info for info in archive.infolist() if not info.is_dir()]
        names = [info.filename for info in files]
        if _WORKBOOK in names:
            return None
        for inner, kind in _DOCUMENTS.items():
            if inner in names:
                raise ReadingError(
                    f"{source.name} is {kind}; expected text, Parquet, JSON or an "
                    "Excel workbook (.xlsx). Save its table as CSV with the program "
                    "that made it."
                )
        files = [info for info in files if not _is_junk(info.filename)]
        tables = [info for info in files if _suffix(info) in _TABLES] or files
        if len(tables) != 1:
            _refuse_several(source, [info.filename for info in tables])
        refuse_large(source, tables)
        if tables[0].flag_bits & 1:
            raise ReadingError(
                f"{quote(tables[0].filename)} in {source.name} has a password; "
                "expected one that can be read. Unpack it, and read what comes out."
            )
        copy = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            with archive.open(tables[0]) as member:
                shutil.copyfileobj(member, copy, 2**20)
            copy.flush()
        except BaseException:
            copy.close()
            raise
        return copy, tables[0].filename


def _is_junk(name):
    path = PurePosixPath(name)
    return name.startswith(_JUNK[0]) or path.name in _JUNK or path.name[:2] == "._"


def _suffix(info):
    return PurePosixPath(info.filename).suffix.lower()


def _refuse_several(source, names):
    path = str(source.path)
    if not names:
        raise ReadingError(
            f"{source.name} is a zip archive without a file in it; expected one table. "
            "Look at how it was written."
        )
    raise ReadingError(
        f"{source.name} is a zip archive of {len(names)} files, {list_names(names)}; "
        "expected one table. Unpack the one that counts, and read that: "
        f"zipfile.ZipFile({path!r}).extract({names[0]!r})."
    )


def refuse_large(source, files):
    """Refuse what becomes far larger than the archive is, before it is unpacked."""
    size = sum(info.file_size for info in files)
    if size > source.most_bytes:
        raise ReadingError(
            f"{source.name} has {source.size:,} bytes, and {size:,} come out of it; "
            f"expected no more than {source.most_bytes:,}. If you trust it, unpack it, "
            "or save its table as CSV, and read that."
        )


@contextmanager
def opened_zip(source):
    """Open an archive; say what is wrong with it in our words."""
    try:
        with zipfile.ZipFile(source.content()) as archive:
            yield archive
    except (ReadingError, MemoryError):
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,  # a way of packing that Python lacks
        RuntimeError,
        OSError,
        ValueError,
    ) as error:
        raise ReadingError(
            f"{source.name} is no whole zip archive or Excel workbook; expected one "
            "that other programs can open. Get it again, or save its table as CSV."
        ) from error
