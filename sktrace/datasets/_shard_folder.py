"""A folder of parts that is written whole, or not at all."""

import os
import re
import secrets
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path

from .._words import quote
from ._read_problems import Argument, ReadingError

__all__ = ["check_folder", "saying_what_failed", "written_whole"]

_PART = re.compile(r"part-\d{5}\.parquet")


def check_folder(folder, overwrite):
    """Refuse a folder that is none, or that holds what may not be replaced."""
    target = Path(os.path.realpath(folder))
    if target.exists() and not target.is_dir():
        raise ReadingError(
            f"{quote(str(folder))} is a file; expected a folder, new or empty. Name "
            "another."
        )
    if not target.parent.is_dir():
        raise ReadingError(
            f"There is no folder {quote(str(target.parent))} to put "
            f"{quote(target.name)} into; expected one. Make it first."
        )
    if not target.exists() or not any(target.iterdir()):
        return
    if not _is_ours(target):
        raise ReadingError(
            f"The folder {quote(str(folder))} holds other files than those of "
            "shard_interactions; expected a folder that is new or empty. Name another."
        )
    if not overwrite:
        raise ReadingError(
            f"The folder {quote(str(folder))} holds the parts of a log already; "
            "expected a folder that is new or empty. Name another, or replace them: ",
            Argument("overwrite", True),
            ".",
        )


def _is_ours(target):
    """Tell whether a folder holds nothing but what was written here."""
    from pyarrow import ArrowException, parquet

    for path in target.iterdir():
        if not _PART.fullmatch(path.name) or not path.is_file():
            return False
        try:
            if b"sktrace" not in (parquet.read_schema(path).metadata or {}):
                return False
        except (ArrowException, OSError):
            return False
    return True


@contextmanager
def written_whole(folder, overwrite):
    """Yield a folder beside the one that is wanted, whose place it takes at the end.

    Where anything goes wrong, it is removed, and what was there before stays.
    """
    check_folder(folder, overwrite)
    target = Path(os.path.realpath(folder))
    part = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")
    try:
        with saying_what_failed(folder):
            part.mkdir()
        yield part
        check_folder(folder, overwrite)  # somebody may have come in between
        with saying_what_failed(folder):
            for path in [*part.iterdir(), part]:
                _keep(path)
            _take_place(part, target)
            _keep(target.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def saying_what_failed(folder):
    """Say which folder cannot be written, and that nothing has changed."""
    try:
        yield
    except OSError as error:
        raise OSError(
            f"{quote(str(folder))} could not be written ({error.strerror or error}); "
            "what was there before is as it was. Make room, or name another place."
        ) from error


def _take_place(part, target):
    old = part.with_suffix(".old")
    if target.exists():
        target.rename(old)
    try:
        part.rename(target)
    except BaseException:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _keep(path):
    """Have the disk keep a file, or the names in a folder where it can be asked to."""
    if path.is_dir():
        with suppress(OSError):
            number = os.open(path, os.O_RDONLY)
            try:
                os.fsync(number)
            finally:
                os.close(number)
        return
    with open(path, "rb+") as file:
        os.fsync(file.fileno())
