"""Which arrays are plain: those whose bytes are all that there is to them."""

import re

import numpy as np

__all__ = ["check_array", "read_dtype"]

# Booleans, numbers, texts and times of numpy; no objects, no fields, no number before
# the unit of a time, for numpy divides by it, and dies of a zero.
_PLAIN = re.compile(r"[<>|][biufcSUMm][0-9]{1,9}(\[(Y|M|W|D|h|m|s|ms|us|ns)\])?")
MOST_DIMENSIONS = 32  # as numpy 1.26 has them
LONGEST = 2**48
MOST_EMPTY = 2**16  # bytes of an item of which there is none
_known = {}  # what was read before


def read_dtype(text):
    """Return the dtype that a text names.

    Raises
    ------
    ValueError
        If it names none, or one of objects.
    """
    dtype = _known.get(text)
    if dtype is None:
        if not isinstance(text, str) or not _PLAIN.fullmatch(text):
            raise ValueError(f"{text!r:.60} names no dtype of plain arrays")
        try:
            dtype = np.dtype(text)
        except TypeError as error:
            raise ValueError(f"{text!r} names no dtype: {error}") from error
        if len(_known) < 1000:
            _known[text] = dtype
    return dtype


def check_array(dtype, shape, n_there):
    """Return how many bytes an array takes, of those that there are.

    Parameters
    ----------
    dtype : dtype
    shape : list
        As it stands in a file.
    n_there : int

    Raises
    ------
    ValueError
        If it takes more; before anything is allocated.
    """
    if type(shape) is not list or len(shape) > MOST_DIMENSIONS:
        raise ValueError(f"{shape!r:.60} is no shape of an array")
    n_items = n_beside_none = 1
    for size in shape:
        if type(size) is not int or not 0 <= size <= LONGEST:
            raise ValueError(f"{shape!r:.60} is no shape of an array")
        n_items *= size
        n_beside_none *= size or 1
    n_bytes = n_items * dtype.itemsize
    # Of an array of nothing numpy allocates an item, and multiplies its other sizes.
    beyond = dtype.itemsize > MOST_EMPTY or n_beside_none > LONGEST
    if n_bytes > n_there or (beyond and not n_bytes):
        raise ValueError(
            f"an array of {dtype} and of shape {shape!r:.60} in {n_there:,} bytes"
        )
    return n_bytes
