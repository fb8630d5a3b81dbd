"""What is kept of a portion, as a file whose arrays are read where they are used."""

import mmap
import pickle

__all__ = ["load", "store"]

ALIGNED = 64  # bytes, as arrays are in memory


def store(thing, path):
    """Write a thing to a file: what it is, and then the arrays in it as they are."""
    buffers = []
    head = pickle.dumps(thing, protocol=5, buffer_callback=buffers.append)
    raw = [buffer.raw() for buffer in buffers]
    with open(path, "wb") as file:
        pickle.dump((head, [one.nbytes for one in raw]), file)
        for one in raw:
            file.write(bytes(-file.tell() % ALIGNED))
            file.write(one)


def load(path):
    """Read a thing; its arrays are pages of the file, and what changes them a copy.

    The file may be removed: it is kept for as long as an array is.
    """
    with open(path, "rb") as file:
        head, sizes = pickle.load(file)
        place, bounds = file.tell(), []
        for size in sizes:
            place += -place % ALIGNED
            bounds.append((place, place + size))
            place += size
        pages = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    return pickle.loads(head, buffers=[pages[a:b] for a, b in bounds])
