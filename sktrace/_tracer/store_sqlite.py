"""States in a SQLite file, one transaction for an answer or for a batch of them."""

import contextlib
import os
import sqlite3
import threading
import weakref
from pathlib import Path

from .store import Kept, StateStore
from .student_keys import student_key, student_name

__all__ = ["SQLiteStore"]

_APPLICATION = 0x736B7472  # "sktr", in the header of the file
_FORMAT = 1
_PATIENCE = 30.0  # seconds to wait for another process that writes
_PAGES_IN_LOG = 4000  # of 4 KiB, before what is in the log is moved to the file
_CACHE = 2**15  # KiB of the file that are held in memory
_NAMES_AT_A_TIME = 500
_SYNCHRONOUS = ("NORMAL", "FULL")
_TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE students (
    student TEXT PRIMARY KEY, n_answers INTEGER NOT NULL, state BLOB NOT NULL
);
"""
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

    def __init__(self, path, synchronous="NORMAL"):
        if synchronous not in _SYNCHRONOUS:
            raise ValueError(
                f"synchronous={synchronous!r}; expected 'NORMAL', or 'FULL', which "
                "waits for the disk at every answer."
            )
        self.path, self.synchronous = Path(path), synchronous
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
        return {"path": self.path.absolute(), "synchronous": self.synchronous}

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
        with self._transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO about VALUES ('model', ?)", (model,)
            )
            known = _about(connection, "model")
        if known != model:
            raise ValueError(
                f"{str(self.path)!r} holds states of another model ({known[:8]}, not "
                f"{model[:8]}), which mean nothing to this one; expected the model "
                "that made them. Start anew from the log, in a file of its own: "
                "classifier.tracer(X, store=SQLiteStore(...)). Or load the other model."
            )

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
            self._is_whole = True
            try:
                yield
            finally:
                self._is_whole = False

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
                    self._connection = _open(self.path, self.synchronous)
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
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

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
            f"{_PATIENCE:.0f} seconds."
        )


def _open(path, synchronous):
    """Open a file, or make it, and see that it is one of ours."""
    # Transactions are begun and ended here alone; a lock sees to threads.
    connection = sqlite3.connect(
        path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute(f"PRAGMA wal_autocheckpoint = {_PAGES_IN_LOG}")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute(f"PRAGMA cache_size = -{_CACHE}")
        connection.execute("PRAGMA secure_delete = ON")
        if not _is_ours(connection, path):
            connection.execute("PRAGMA journal_mode = WAL")
            _make(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _make(connection, path):
    """Make the tables, unless another process was faster."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not _is_ours(connection, path):
            for statement in filter(str.strip, _TABLES.split(";")):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute(f"PRAGMA user_version = {_FORMAT}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _is_ours(connection, path):
    """Say whether a file is a store; False of an empty one, others are refused."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application == _APPLICATION:
        if version == _FORMAT:
            return True
        raise ValueError(
            f"{str(path)!r} is a store of format {version}; expected {_FORMAT}, which "
            "this version of sktrace writes. Start anew from the log, in a new file."
        )
    (n_tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if n_tables or application:
        raise ValueError(
            f"{str(path)!r} is a SQLite file of something else; expected a store of "
            "states. Name a file of its own."
        )
    return False


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


def _about(connection, name):
    row = connection.execute("SELECT value FROM about WHERE name = ?", (name,))
    return row.fetchone()[0]


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
