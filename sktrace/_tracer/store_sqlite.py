"""States in a SQLite file, one transaction for an answer or for a batch of them."""

import contextlib
import os
import sqlite3
import threading
import weakref
from pathlib import Path

from .store import Kept, StateStore
from .store_file import claim, open_file, take_back
from .student_keys import student_key, student_name

__all__ = ["SQLiteStore"]

_NAMES_AT_A_TIME = 500
_SYNCHRONOUS = ("NORMAL", "FULL")
_UPSERT = """
INSERT INTO students VALUES (?, ?, ?)
ON CONFLICT (student)
DO UPDATE SET n_answers = excluded.n_answers, state = excluded.state
"""


class SQLiteStore(StateStore):
    """Keeps the states of live students in a file, by SQLite.

    An answer is one transaction, and so is all of `LiveTracer.update_many`: what the
    student knew is read, the answer is taken in, and state and number of answers are
    written, while no other thread or process comes between. Several processes may open
    one file, on one machine; a process that forks, too, and so may a file that is
    pickled, by its path.

    What survives: when ``update`` has returned, the answer outlives the process,
    however it ends (kill -9, out of memory). With ``synchronous="FULL"`` it outlives
    the loss of power, too, as far as the disk keeps what it says it has written. With
    ``"NORMAL"``, power that fails may take the last answers along, back to a moment
    before which none is missing, and never damages the file.

    What is forgotten is overwritten in the file (``secure_delete``), and the log of
    changes beside it is emptied, unless another process reads just then; the last one
    that closes the file empties it in any case. What else the machine keeps, copies
    and blocks of a flash disk, is beyond it.

    Parameters
    ----------
    path : str or Path
        The file, which is made if there is none. Two more stand beside it while it is
        open, ``-wal`` and ``-shm``, which belong to it. It has to be on a disk of the
        machine, not of a network.
    synchronous : {"NORMAL", "FULL"}, default="NORMAL"
        Whether to wait for the disk at every answer.
    patience : float, default=30.0
        Seconds to wait for another process that writes, before an `OSError`.

    Raises
    ------
    ValueError
        If the file is no store of states, or is one of another format.
    OSError
        If the file cannot be opened, read or written. An answer for which it is raised
        was not taken in.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sktrace import PFAClassifier
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.live import SQLiteStore
    >>> X, y = make_interactions(n_students=20, n_skills=3, random_state=0)
    >>> pfa = PFAClassifier().fit(X, y)
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "class.db"
    >>> with pfa.tracer(store=SQLiteStore(path)) as tracer:
    ...     tracer.update("ann", "skill 1", 1)
    >>> with pfa.tracer(store=SQLiteStore(path)) as tracer:  # another day
    ...     tracer.n_answers("ann")
    1
    >>> folder.cleanup()
    """

    def __init__(self, path, synchronous="NORMAL", patience=30.0):
        if synchronous not in _SYNCHRONOUS:
            raise ValueError(
                f"synchronous={synchronous!r}; expected 'NORMAL', or 'FULL', which "
                "waits for the disk at every answer."
            )
        # It is opened more than once, also when the working directory is another.
        self.path = Path(path).absolute()
        self.synchronous, self.patience = synchronous, patience
        self._model = None
        self._renew()
        with self._connected():
            pass

    def _renew(self):
        """Begin without a connection; also in a forked child, whose parent has one."""
        self._lock, self._connection, self._is_whole = threading.RLock(), None, False
        _of_process.add(self)

    def __del__(self):
        connection = vars(self).get("_connection")
        if connection is not None:
            connection.close()

    def __getstate__(self):
        own = ("path", "synchronous", "patience", "_model")
        return {name: getattr(self, name) for name in own}

    def __setstate__(self, state):
        vars(self).update(state)
        self._renew()

    def __repr__(self):
        return f"SQLiteStore({str(self.path)!r}, synchronous={self.synchronous!r})"

    def claim(self, model):
        """Belong to a model, or raise if the states are another's.

        Parameters
        ----------
        model : str
            A fingerprint of what it has learnt.
        """
        with self._connected() as connection:
            claim(connection, self.path, model)
        self._model = model

    def read(self, student):
        """Return what is kept of a student.

        Parameters
        ----------
        student : hashable

        Returns
        -------
        Kept or None
        """
        with self._connected() as connection:
            row = connection.execute(
                "SELECT n_answers, state FROM students WHERE student = ?",
                (student_key(student),),
            ).fetchone()
        return row and Kept(*row)

    def change(self, students, step):
        """Replace what is kept of some students, in one transaction.

        Parameters
        ----------
        students : list of hashables
            Different ones.
        step : callable
            As `StateStore.change` says.
        """
        keys = [student_key(student) for student in students]
        with self._transaction() as connection:
            known = _read(connection, keys)
            after = step([known.get(key) for key in keys])
            changed = [
                (key, kept.n_answers, kept.state)
                for key, kept in zip(keys, after, strict=True)
                if kept is not None
            ]
            connection.executemany(_UPSERT, changed)

    def forget(self, student):
        """Delete what is kept of a student, and overwrite it.

        Parameters
        ----------
        student : hashable
        """
        key = (student_key(student),)
        with self._transaction() as connection:
            connection.execute("DELETE FROM students WHERE student = ?", key)
        with self._connected() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def __iter__(self):
        with self._connected() as connection:
            keys = connection.execute("SELECT student FROM students").fetchall()
        return iter([student_name(key) for (key,) in keys])

    def __len__(self):
        with self._connected() as connection:
            return connection.execute("SELECT count(*) FROM students").fetchone()[0]

    @contextlib.contextmanager
    def whole(self):
        """Make all that is changed in the block one transaction."""
        with self._transaction():
            before, self._is_whole = self._is_whole, True
            try:
                yield
            finally:
                self._is_whole = before

    def close(self):
        """Close the connection; what is called later opens another."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    @contextlib.contextmanager
    def _connected(self):
        """Lend the connection to one thread, and say what went wrong in its words."""
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._open()
                yield self._connection
            except sqlite3.Error as error:
                raise self._explain(error) from error

    @contextlib.contextmanager
    def _transaction(self):
        """Lend the connection for a transaction, which an error takes back."""
        with self._connected() as connection:
            if self._is_whole:
                yield connection
                return
            take_back(connection)  # what an interruption may have left
            self._refuse_another_file()
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            finally:
                take_back(connection)

    def _open(self):
        """Open the file, and see that it is of the model that it was of before."""
        connection = open_file(self.path, self.synchronous, self.patience)
        try:
            self._opened = os.stat(self.path)
            if self._model is not None:
                claim(connection, self.path, self._model)
        except BaseException:
            connection.close()
            raise
        return connection

    def _refuse_another_file(self):
        """Write nothing into a file that nobody would find any more."""
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.stat(self.path), self._opened):
                return
        raise OSError(
            f"{str(self.path)!r} was removed, or replaced by another file, while it "
            "was open; nothing of this call was taken in. Put it back, or call "
            "close(): what is called next opens the file that is there, or makes one."
        )

    def _explain(self, error):
        """Return what to raise in place of an error of SQLite."""
        name, code = str(self.path), getattr(error, "sqlite_errorname", "") or ""
        if isinstance(error, sqlite3.DatabaseError) and (
            code.startswith("SQLITE_NOTADB") or "not a database" in str(error)
        ):
            return ValueError(
                f"{name!r} is no SQLite file; expected a store of states, or the name "
                "of a file that is yet to be made."
            )
        if code.startswith("SQLITE_CORRUPT") or "malformed" in str(error):
            return ValueError(
                f"{name!r} is damaged: {error}. Start anew from the log, in a new "
                "file: classifier.tracer(X, store=SQLiteStore(...))."
            )
        return OSError(
            f"{name!r}: {error}. Nothing of this call was taken in, and what was there "
            "before stays. Call again once the cause is mended: a full or read-only "
            "disk, a folder that is missing, or another process that held the file for "
            f"{self.patience:g} seconds."
        )


def _read(connection, keys):
    """Return what is kept of students, by key."""
    known = {}
    for start in range(0, len(keys), _NAMES_AT_A_TIME):
        own = keys[start : start + _NAMES_AT_A_TIME]
        places = ",".join("?" * len(own))
        rows = connection.execute(
            "SELECT student, n_answers, state FROM students "
            f"WHERE student IN ({places})",
            own,
        )
        known.update((key, Kept(*kept)) for key, *kept in rows)
    return known


# --- forks -------------------------------------------------------------------------
#
# SQLite's locks are a process', and a child must neither use nor close what its parent
# has open: it would take the parent's locks for its own. So all is closed before a
# fork, when no thread is in a transaction, and opened again by whoever needs it.

_of_process = weakref.WeakSet()
_forking = []


def _before_fork():
    _forking[:] = sorted(_of_process, key=id)
    for store in _forking:
        store._lock.acquire()
        store.close()


def _after_fork_in_parent():
    for store in reversed(_forking):
        store._lock.release()
    _forking.clear()


def _after_fork_in_child():
    for store in _forking:
        store._renew()
    _forking.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork_in_parent,
        after_in_child=_after_fork_in_child,
    )
