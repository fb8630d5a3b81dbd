"""A value in one string of bytes: small, quick, and safe to read whatever it is.

::

    b"skt1"  checksum (4)  length of the head (4)  head  bytes of the arrays, in turn

The head is JSON, of the tree and of dtype, shape and, if it is Fortran's, the order of
each array. The checksum is a CRC-32 of all behind it. Numbers are little-endian.
"""

import json
import struct
import zlib

import numpy as np

from .arrays import check_array, read_dtype
from .tree import Writer, from_plain

__all__ = ["decode_json", "encode_json", "pack", "unpack"]

_MAGIC = b"skt1"
_START = len(_MAGIC) + 8
_encode = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


def _refuse(token):
    raise ValueError(f"{token} is no number of JSON")


_decode = json.JSONDecoder(parse_constant=_refuse).decode


def encode_json(tree):
    """Return a tree as ASCII."""
    return _encode(tree).encode("ascii")


def decode_json(text):
    """Return the tree of some bytes.

    Raises
    ------
    ValueError
        If they are no JSON, or nested beyond all reason.
    """
    try:
        return _decode(str(text, "ascii"))
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def pack(value):
    """Return a value as bytes.

    Parameters
    ----------
    value : object
        Made of what is registered, see `to_plain`.

    Returns
    -------
    bytes
        The same of equal values.

    Raises
    ------
    TypeError
        If something in it is of a type that is not registered.

    Examples
    --------
    >>> len(pack({"seen": 3}))
    40
    """
    writer = Writer()
    tree = writer.write(value)
    heads, parts = [], [b""]
    for values in writer.arrays:
        flags = values.flags
        in_turn = flags.f_contiguous and not flags.c_contiguous
        heads.append([values.dtype.str, values.shape, "F"][: 2 + in_turn])
        parts.append(values.tobytes("A"))
    head = encode_json([tree, heads])
    parts[0] = struct.pack("<I", len(head)) + head
    content = b"".join(parts)
    return _MAGIC + struct.pack("<I", zlib.crc32(content)) + content


def unpack(data):
    """Return the value of some bytes: of the same types, with the same bits.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    object

    Raises
    ------
    ValueError
        If they are not what `pack` returns.

    Examples
    --------
    >>> unpack(pack({"seen": 3}))
    {'seen': 3}
    """
    if data[:4] != _MAGIC or len(data) < _START:
        raise ValueError("these bytes are no packed value")
    checksum, n_head = struct.unpack_from("<II", data, 4)
    if zlib.crc32(memoryview(data)[8:]) != checksum:
        raise ValueError("these bytes are not those that were packed: checksums differ")
    place = _START + n_head
    head = decode_json(data[_START:place])
    if type(head) is not list or len(head) != 2 or type(head[1]) is not list:
        raise ValueError("these bytes have no head")
    arrays = []
    for described in head[1]:
        values, place = _read_array(data, place, described)
        arrays.append(values)
    if place != len(data):
        raise ValueError(f"{len(data):,} bytes, of which arrays end at {place:,}")
    return from_plain(head[0], arrays)


def _read_array(data, place, described):
    """Return the array that begins at some place, and where it ends."""
    if type(described) is not list or described[2:] not in ([], ["F"]):
        raise ValueError(f"{described!r:.60} describes no array")
    dtype, shape = read_dtype(described[0]), described[1]
    end = place + check_array(dtype, shape, len(data) - place)
    values = np.frombuffer(data[place:end], dtype).reshape(
        shape, order="F" if described[2:] else "C"
    )
    return values.copy("K"), end
