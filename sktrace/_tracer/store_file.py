"""The SQLite file of a store: how it is opened, made, and told from others."""

import sqlite3

__all__ = ["claim", "open_file", "take_back"]

_APPLICATION = 0x736B7472  # "sktr", in the header of the file
_FORMAT = 1
_PAGES_IN_LOG = 4000  # of 4 KiB, before what is in the log is moved to the file
_CACHE = 2**15  # KiB of the file that are held in memory
_TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE students (
    student TEXT PRIMARY KEY, n_answers INTEGER NOT NULL, state BLOB NOT NULL
);
"""


def open_file(path, synchronous, patience):
    """Open a file, or make it, and see that it is one of ours."""
    # Transactions are begun and ended here alone; a lock sees to threads.
    connection = sqlite3.connect(
        path, timeout=patience, isolation_level=None, check_same_thread=False
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
    finally:
        take_back(connection)


def take_back(connection):
    """Take back what was begun, and has not come to its end."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


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


def claim(connection, path, model):
    """Write whose states a file holds, if it does not say so; refuse another's."""
    ask = "SELECT value FROM about WHERE name = 'model'"
    known = connection.execute(ask).fetchone()
    if known is None:  # unless another process is faster
        connection.execute("INSERT OR IGNORE INTO about VALUES ('model', ?)", (model,))
        known = connection.execute(ask).fetchone()
    if known[0] != model:
        raise ValueError(
            f"{str(path)!r} holds states of another model ({known[0][:8]}, not "
            f"{model[:8]}), which mean nothing to this one; expected the model that "
            "made them. Start anew from the log, in a file of its own: "
            "classifier.tracer(X, store=SQLiteStore(...)). Or load the other model."
        )
