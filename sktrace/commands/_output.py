"""Files that a command writes: refused before the work, and whole or not there."""

import os
from pathlib import Path

__all__ = ["check_output", "write_whole"]


def check_output(option, path, log, endings):
    """Return the path of a file to write, or say why it cannot be written."""
    path = Path(path)
    said = f"{option} {path}"
    if path.suffix.lower() not in endings:
        raise ValueError(
            f"{said}: expected a name that ends in {' or '.join(endings)}."
        )
    if path.is_dir() or not path.absolute().parent.is_dir():
        what = "this is a folder" if path.is_dir() else "there is no such folder"
        raise ValueError(f"{said}: {what}; expected a file in a folder that is there.")
    if log is not None and path.exists() and path.samefile(log):
        raise ValueError(f"{said}: this is the log itself; expected another file.")
    if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise ValueError(f"{said}: this place cannot be written to; name another.")
    return path


def write_whole(path, text):
    """Write a text file, whole or not at all."""
    part = path.with_name(f".sktrace-{os.getpid()}.part")
    try:
        part.write_text(text, "utf-8")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
