"""One thing for each portion of a log, wherever it is: in memory, on disk, on workers.

A model is fitted by functions of one portion each, whose results add up. Where these
functions run is said here alone: in this process, in those that joblib was told of by
``parallel_config``, or, with Dask, where the portions are. Results come in the order of
the portions, so that sums do not depend on who was first.
"""

import shutil
import tempfile
import weakref
from functools import partial
from itertools import compress
from pathlib import Path

from joblib import Parallel, delayed

from .stored import load, store

__all__ = ["InMemory", "OnDisk", "Pieces", "total"]

AT_ONCE = 16  # results that wait to be added up
HELD = 2**26  # bytes of all pieces together that are not worth a disk


class Pieces:
    """What there is of each portion of a log.

    Functions are called as ``function(piece, *shared)``, or, with `each`, as
    ``function(piece, own, *shared)``, where `each` has something for every piece. They
    are sent to other processes, where there are any, so they are those of a module.
    """

    def __init__(self, items):
        self.items = list(items)

    def __len__(self):
        return len(self.items)

    def map(self, function, *shared, each=None):
        """Return what a function returns of each piece, in a list."""
        return self._run(self.items, function, shared, self._own(each))

    def total(self, function, *shared, each=None):
        """Return the sum of what a function returns of each piece; see `total`."""
        own, so_far = self._own(each), []
        for first in range(0, len(self), AT_ONCE):
            some = slice(first, first + AT_ONCE)
            more = self._run(self.items[some], function, shared, own[some])
            so_far = [total([*so_far, *more])]
        return so_far[0]

    def _own(self, each):
        """Return the further arguments of each piece."""
        if each is None:
            return [()] * len(self)
        return [(own,) for own in each]

    def keep(self, function, *shared, each=None):
        """Let what a function returns of each piece stay where it was made."""
        raise NotImplementedError

    def exchange(self, function, n, *shared):
        """Return n new pieces: lists of what a function gives to each, of n things."""
        raise NotImplementedError

    def beside(self, other):
        """Return pieces that are pairs of these and others."""
        raise NotImplementedError

    def choose(self, chosen):
        """Return the pieces that a sequence of booleans chooses."""
        raise NotImplementedError

    def __iter__(self):
        raise NotImplementedError

    def _run(self, items, function, shared, own):
        raise NotImplementedError


class InMemory(Pieces):
    """Pieces that are here, such as the one of a log that is a frame."""

    def __iter__(self):
        return iter(self.items)

    def _run(self, items, function, shared, own):
        pairs = zip(items, own, strict=True)
        return [function(piece, *mine, *shared) for piece, mine in pairs]

    def keep(self, function, *shared, each=None):
        """Keep in memory what it returns."""
        return InMemory(self.map(function, *shared, each=each))

    def exchange(self, function, n, *shared):
        """Put together what the function gives to each of n."""
        given = self.map(function, *shared)
        return InMemory([own[k] for own in given] for k in range(n))

    def beside(self, other):
        """Pair them here."""
        return InMemory(zip(self.items, other.items, strict=True))

    def choose(self, chosen):
        """Return some pieces."""
        return InMemory(compress(self.items, chosen))


class OnDisk(Pieces):
    """Pieces that are read when they are needed, one at a time.

    What is kept of them is written to a temporary folder, which goes with the last
    reference to it: ``TMPDIR`` says where, and has to be a disk, not memory. What is
    small is held.

    Parameters
    ----------
    items : list of callables
        Each reads a piece; to be sent to other processes.
    folders : list of Folder
        In which they read.
    """

    def __init__(self, items, folders=()):
        super().__init__(items)
        self.folders = list(folders)

    def __iter__(self):
        return (read() for read in self.items)

    def _run(self, items, function, shared, own):
        call = delayed(_read_and_call)
        return Parallel()(
            call(read, mine, function, shared)
            for read, mine in zip(items, own, strict=True)
        )

    def keep(self, function, *shared, each=None):
        """Write what it returns to files, and return pieces that read these."""
        folder, paths = self._new_folder(1)
        self._run(self.items, _write, (function, shared), self._with(paths, each))
        readers = [partial(load, path) for (path,) in paths]
        if sum(path.stat().st_size for (path,) in paths) <= HELD:
            return OnDisk([partial(_hold, read()) for read in readers])
        return OnDisk(readers, [folder])

    def exchange(self, function, n, *shared):
        """Write what it gives to each of n, a file each."""
        folder, paths = self._new_folder(n)
        self._run(self.items, _write_all, (function, shared), self._with(paths))
        readers = [partial(_read_all, own) for own in zip(*paths, strict=True)]
        return OnDisk(readers, [folder])

    def _new_folder(self, n):
        """Make a temporary folder; return it, and n paths there for each piece."""
        folder = Folder()
        return folder, [
            [folder.path / f"{k}-{i}.piece" for i in range(n)] for k in range(len(self))
        ]

    def _with(self, paths, each=None):
        return [(own, mine) for own, mine in zip(paths, self._own(each), strict=True)]

    def beside(self, other):
        """Read both when they are needed."""
        pairs = zip(self.items, other.items, strict=True)
        readers = [partial(_read_pair, *pair) for pair in pairs]
        return OnDisk(readers, self.folders + other.folders)

    def choose(self, chosen):
        """Return some pieces, which read in the same folder."""
        return OnDisk(compress(self.items, chosen), self.folders)


class Folder:
    """A temporary folder that goes with the last reference to it, or at the end."""

    def __init__(self):
        self.path = Path(tempfile.mkdtemp(prefix="sktrace-"))
        # Windows keeps what is mapped still, and clears it away some day.
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def total(results):
    """Return the sum of results, which are numbers, arrays, or tuples of these."""
    first, *others = results
    if isinstance(first, tuple):
        return tuple(map(total, zip(*results, strict=True)))
    for other in others:
        first = first + other
    return first


def _read_and_call(read, own, function, shared):
    return function(read(), *own, *shared)


def _write(piece, paths, own, function, shared):
    """Write what a function makes of a piece."""
    _write_all(piece, paths, own, _alone, (function, shared, own))


def _alone(piece, function, shared, own):
    return [function(piece, *own, *shared)]


def _write_all(piece, paths, own, function, shared):
    """Write the things that a function makes of a piece, each to its path."""
    for thing, path in zip(function(piece, *shared), paths, strict=True):
        try:
            store(thing, path)
        except OSError as error:
            raise OSError(
                f"{str(path.parent)!r}, where what is kept of a log in portions is "
                f"written, takes no more ({error.strerror or error}); expected a disk "
                "with about as much room as the log has. Name another by the "
                "environment variable TMPDIR."
            ) from error


def _hold(piece):
    """Return a piece that is small enough to be here."""
    return piece


def _read_all(paths):
    return [load(path) for path in paths]


def _read_pair(first, second):
    return first(), second()
