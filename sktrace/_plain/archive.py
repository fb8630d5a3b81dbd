"""A tree and its arrays as one file that other tools can look into.

It is a zip archive of members that are stored as they are::

    about.json        the format, versions, what it holds
    model.json        the tree
    arrays/0.npy ...  arrays, as numpy.save writes them
    sha256            of names, sizes and contents of all members before it

What is written is the same for the same content. What is read has to be what would be
written, member behind member: nothing compressed, nothing twice, nothing between them.
"""

import hashlib
import io
import re
import zipfile

import numpy as np

from .arrays import check_array, read_dtype
from .packed import decode_json, encode_json

__all__ = [
    "UnreadableError",
    "find_members",
    "join_members",
    "read_about",
    "read_archive",
    "write_archive",
]

ABOUT, MODEL, SEAL = "about.json", "model.json", "sha256"
_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip archive can tell
_LOCAL = 30  # bytes of a local header of zip, before its name
_NPY = b"\x93NUMPY\x01\x00"
_HEADER = re.compile(
    r"\{'descr': '([^']{2,40})', 'fortran_order': (True|False), "
    r"'shape': \(((?:\d{1,15}, )*(?:\d{1,15},?)?)\), \} *\n"
)


class UnreadableError(ValueError):
    """Bytes are no such archive."""


def write_archive(about, tree, arrays):
    """Return the bytes of an archive.

    Parameters
    ----------
    about : dict
        For JSON.
    tree : object
        For JSON.
    arrays : list of ndarray
        None of objects.
    """
    members = {ABOUT: encode_json(about) + b"\n", MODEL: encode_json(tree) + b"\n"}
    for place, values in enumerate(arrays):
        content = io.BytesIO()
        np.lib.format.write_array(content, values, version=(1, 0), allow_pickle=False)
        members[_name_array(place)] = content.getvalue()
    return join_members(members)


def join_members(members):
    """Return the bytes of an archive of members, contents by name, and their seal."""
    members = {**members, SEAL: _seal(members).encode("ascii")}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as writer:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system, info.external_attr = 3, 0o644 << 16  # on any system
            writer.writestr(info, content)
    return archive.getvalue()


def read_about(members):
    """Return what an archive says of itself, as a dict."""
    about = _read_json(members, ABOUT)
    if type(about) is not dict:
        raise UnreadableError(f"{ABOUT} says nothing about it")
    return about


def read_archive(members):
    """Return the tree and the arrays of an archive.

    Parameters
    ----------
    members : dict of str to memoryview
        As `find_members` returns them.

    Raises
    ------
    UnreadableError
        If they are not what `write_archive` writes.
    """
    contents = {name: own for name, own in members.items() if name != SEAL}
    if bytes(members[SEAL]) != _seal(contents).encode("ascii"):
        raise UnreadableError(
            "its content is not what was written: its SHA-256 is another"
        )
    arrays = [
        _read_array(members[_name_array(place)]) for place in range(len(contents) - 2)
    ]
    return _read_json(members, MODEL), arrays


def find_members(content):
    """Return the members of an archive by name; nothing is copied.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    dict of str to memoryview

    Raises
    ------
    UnreadableError
        If it is none, or one that was packed otherwise.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos, comment = archive.infolist(), archive.comment
            end = archive.start_dir
    except Exception as error:  # whatever a crafted directory brings about
        raise UnreadableError(f"it is no zip archive ({error})") from error
    names = [ABOUT, MODEL, *map(_name_array, range(len(infos) - 3)), SEAL]
    if [info.filename for info in infos] != names or comment:
        found = ", ".join(info.filename for info in infos)
        raise UnreadableError(f"its members are {found!r:.120}")
    members, place, view = {}, 0, memoryview(content)
    for info in infos:
        start = place + _LOCAL + len(info.filename)
        plain = info.compress_type == zipfile.ZIP_STORED and not info.flag_bits
        plain &= info.compress_size == info.file_size and not info.extra
        # What stands before a member is all that is read of it beside the directory.
        named = bytes(view[start - len(info.filename) : start])
        if not plain or info.header_offset != place or named != _ascii(info.filename):
            raise UnreadableError(f"its member {info.filename!r} is not stored plainly")
        place = start + info.file_size
        members[info.filename] = view[start:place]
    if place != end:
        raise UnreadableError("it holds more, or less, than its members")
    return members


def _name_array(place):
    return f"arrays/{place}.npy"


def _ascii(text):
    return text.encode("ascii", "replace")


def _seal(members):
    """Return a checksum of names, sizes and contents."""
    digest = hashlib.sha256()
    for name, content in members.items():
        digest.update(f"{name}\0{len(content)}\0".encode("ascii"))
        digest.update(content)
    return digest.hexdigest()


def _read_json(members, name):
    try:
        return decode_json(members[name])
    except ValueError as error:
        raise UnreadableError(f"{name} is no JSON ({error!s:.100})") from error


def _read_array(member):
    """Return an array; numpy's own reader would evaluate the header."""
    length = int.from_bytes(member[8:10], "little")
    found = None
    if bytes(member[:8]) == _NPY:
        found = _HEADER.fullmatch(str(member[10 : 10 + length], "latin-1"))
    if found is None or 10 + length > len(member):
        raise UnreadableError("an array has no header of numpy")
    dtype = read_dtype(found[1])
    shape = [int(size) for size in re.findall(r"\d+", found[3])]
    data = member[10 + length :]
    if check_array(dtype, shape, len(data)) != len(data):
        raise UnreadableError(f"an array of {dtype} and {shape} in {len(data)} bytes")
    order = "F" if found[2] == "True" else "C"
    return np.frombuffer(data, dtype).reshape(shape, order=order).copy("K")
