"""The files of the Open University data, in a folder or a zip, packed or not."""

import zlib
from pathlib import Path, PurePath
from zipfile import BadZipFile, ZipFile

import pandas as pd

__all__ = ["list_files", "read_table"]

ENDINGS = (".csv", ".csv.gz")


def list_files(path, tables):
    """Return, by the name of its table, how to open each file of a folder or zip.

    Raises
    ------
    OSError
        If a table is there twice, or what should be a zip is none.
    """
    known = {f"{name}{end}": name for name in tables for end in ENDINGS}
    if path.is_dir():
        found = sorted(path.rglob("*.csv*"))
        names = [str(file.relative_to(path)) for file in found]
    else:
        try:
            with ZipFile(path) as archive:
                names = archive.namelist()
        except BadZipFile:
            raise OSError(
                f"{str(path)!r} is no zip; expected the official one, or a folder with "
                "its tables."
            ) from None
        found = [(path, name) for name in names]
    files = {}
    # The shallowest wins: a copy of all in a folder beside them is none of ours.
    pairs = zip(names, found, strict=True)
    for name, file in sorted(pairs, key=lambda pair: _depth(pair[0])):
        table = known.get(PurePath(name).name)
        if table is None:
            continue
        first, _ = files.setdefault(table, (name, file))
        if first != name and _depth(first) == _depth(name):
            raise OSError(
                f"{str(path)!r} holds the table {table} twice, as {first!r} and "
                f"{name!r}; expected it once. Remove one of them."
            )
    return {table: file for table, (_, file) in files.items()}


def _depth(name):
    return len(PurePath(name).parts)


def read_table(name, file, columns):
    """Read one table."""
    options = {"na_values": ["?", ""], "keep_default_na": False}
    if isinstance(file, Path):
        return _parse(name, file, columns, **options)
    path, member = file
    compression = "gzip" if member.endswith(".gz") else None
    try:
        with ZipFile(path) as archive, archive.open(member) as stream:
            return _parse(name, stream, columns, compression=compression, **options)
    except (BadZipFile, RuntimeError) as error:  # encrypted, or packed in another way
        raise OSError(
            f"Cannot read {member!r} of {str(path)!r}: {error}. Expected a zip without "
            "a password. Unpack it, and point path to the folder."
        ) from error


def _parse(name, source, columns, **options):
    options.setdefault("compression", "infer")
    try:
        return pd.read_csv(source, usecols=list(columns), dtype=columns, **options)
    except ValueError as error:
        raise ValueError(
            f"{name}.csv is not as published: {error}. Expected the columns "
            f"{list(columns)}. Take the table from the official zip."
        ) from None
    except (BadZipFile, EOFError, OSError, zlib.error) as error:
        raise OSError(
            f"Cannot read {name}.csv: {error}. If it is damaged, take it again from "
            "the official zip."
        ) from error
