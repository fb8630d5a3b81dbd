"""Files that are written whole, or stay as they were."""

import contextlib
import os
import secrets
import stat
from pathlib import Path

__all__ = ["check_place", "write_whole"]

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def write_whole(path, content):
    """Write a file: all of it, or nothing, and then what was there stays.

    Another file, whose name nobody can foresee, is written beside it, kept by the
    disk, and takes its place and its permissions. A link stays, and what it leads to
    is replaced; a file's other names (hard links) keep what they had. Pipes, and
    devices such as ``/dev/null``, are written to.

    Parameters
    ----------
    path : str or path
    content : bytes

    Raises
    ------
    OSError
        If this cannot be done.
    """
    if _is_stream(path):
        with open(os.open(path, os.O_WRONLY | os.O_APPEND), "wb") as stream:
            stream.write(content)
        return
    target = Path(os.path.realpath(path))
    old = _read_status(target)
    with _part_of(target, old) as (part, file):
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        file.close()  # else Windows would not let it take a place
        os.replace(part, target)
    _keep_folder(target.parent)


def check_place(path):
    """Raise the OSError that `write_whole` would raise, as far as can be foreseen."""
    if _is_stream(path):
        return
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError("this is a folder")
    old = _read_status(target)
    if old is not None and not stat.S_ISREG(old.st_mode):
        raise OSError("this is neither a file nor a pipe")
    if old is not None and not os.access(target, os.W_OK):
        raise PermissionError("this file may not be written to")
    with _part_of(target, old):  # its folder is there, and takes files
        pass
    if old is not None and not _may_replace(old, os.stat(target.parent)):
        raise PermissionError(
            "in its folder, files are replaced by their owners only, and this one is "
            "somebody else's"
        )


def _is_stream(path):
    """Say whether a name leads to a pipe, a terminal or the like."""
    status = _read_status(path)
    if status is None:
        return False
    if stat.S_ISFIFO(status.st_mode) or stat.S_ISCHR(status.st_mode):
        return True
    # /dev/stdout may be a file, but one that others are writing to as well.
    path = os.path.abspath(path)
    while True:
        folder = os.path.realpath(os.path.dirname(path))
        if folder.startswith("/proc/"):
            return True
        if not os.path.islink(path):
            return False
        path = os.path.join(folder, os.readlink(path))


def _read_status(path):
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def _part_of(target, old):
    """Make a file beside another, readable to no more people; remove it at the end."""
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        # What is new gets what the umask leaves; nothing that is there is followed.
        mode = 0o666 if old is None else 0o600
        with open(os.open(part, _FLAGS, mode), "wb") as file:
            if old is not None and hasattr(os, "fchmod"):
                _take_after(old, file.fileno())
            yield part, file
    finally:
        part.unlink(missing_ok=True)


def _take_after(old, number):
    """Give a file the owner and permissions of another, as far as one is free to."""
    own = os.fstat(number)
    if (own.st_uid, own.st_gid) != (old.st_uid, old.st_gid):
        with contextlib.suppress(OSError):
            os.fchown(number, old.st_uid, old.st_gid)
    with contextlib.suppress(PermissionError):  # of disks that know of none
        os.fchmod(number, stat.S_IMODE(old.st_mode))


def _may_replace(old, folder):
    """Say whether a file may be replaced: in a sticky folder, by its owner."""
    if not hasattr(os, "geteuid") or not folder.st_mode & stat.S_ISVTX:
        return True
    return os.geteuid() in (0, old.st_uid, folder.st_uid)


def _keep_folder(folder):
    """Have the disk keep the new name as well, where a system can be asked to."""
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
