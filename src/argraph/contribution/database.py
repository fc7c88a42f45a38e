"""The file that a data folder keeps its records in: opened, looked over, and changed in transactions.

SQLite with a write-ahead log, flushed to the disk with every transaction: what is recorded survives a kill
and a power cut, and what is not recorded whole is not recorded at all. A data folder belongs on a local disk.

There is one connection that writes and one that reads, each with a lock around its transactions. SQLite has
one writer at a time anyway; a reader sees each change as soon as it is made, and never waits for the disk
that a writer waits for. Other processes have connections of their own; their writers wait for each other.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from argraph.errors import LedgerFailed

FILE: Final = "ledger.sqlite"
HEAD: Final = "ledger.head"
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What a system says when there is no space left, or none for this user."""

_APPLICATION: Final = 0x61726731  # “arg1” in the head of the file: whose it is
_LAYOUT: Final = 1
_PATIENCE: Final = 10.0  # seconds to wait for another process's transaction
_NEWEST: Final = "SELECT sequence, seal FROM event ORDER BY sequence DESC LIMIT 1"
_HEAD: Final = 20 + 1 + 64  # bytes
_SCHEMA: Final = (
    """CREATE TABLE event (
        sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, contribution TEXT NOT NULL, kind TEXT NOT NULL,
        body TEXT NOT NULL, previous BLOB NOT NULL, seal BLOB NOT NULL) STRICT""",
    "CREATE INDEX event_contribution ON event (contribution, sequence)",
    "CREATE TABLE content (digest TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT",
    """CREATE TABLE entry (
        id TEXT PRIMARY KEY, digest TEXT NOT NULL UNIQUE, first INTEGER NOT NULL UNIQUE, state TEXT NOT NULL,
        submitter TEXT NOT NULL, retracts TEXT, path TEXT, unwritten INTEGER NOT NULL) STRICT""",
    "CREATE INDEX entry_state ON entry (state, first)",
    "CREATE INDEX entry_submitter ON entry (submitter, first)",
    "CREATE INDEX entry_retracts ON entry (retracts)",
    "CREATE INDEX entry_path ON entry (path)",
    """CREATE TABLE token (
        digest BLOB PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, created INTEGER NOT NULL,
        expires INTEGER, revoked INTEGER, used INTEGER, seal BLOB NOT NULL) STRICT""",
    *(
        f"CREATE TRIGGER {table}_{change.lower()} BEFORE {change} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'what is recorded is never changed'); END"
        for table in ("event", "content")
        for change in ("UPDATE", "DELETE")
    ),
)
"""`event` and `content` are the record. `entry` follows from them and is there to be searched."""


class _Channel:
    """A connection, and the lock that a thread has while it uses it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.lock = threading.Lock()


class Database:
    """The records of one data folder, for all threads of a process."""

    def __init__(self, folder: Path, writer: _Channel, reader: _Channel, head: int) -> None:
        self.folder = folder
        self._writer = writer
        self._reader = reader
        self._head = head
        self._process = os.getpid()

    @classmethod
    def open(cls, folder: Path) -> Database:
        """Open the records of a folder, or begin them; every page of the file is looked at.

        Raises:
            LedgerFailed: The folder cannot be used, or its records are damaged, not argraph's, or newer.
        """
        with ExitStack() as opened, explained(folder):
            _begin(folder)
            writer, reader = (opened.enter_context(closing(_connect(folder / FILE))) for _ in range(2))
            _look_over(folder, writer)
            reader.execute("PRAGMA query_only = ON")
            head = os.open(folder / HEAD, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            opened.pop_all()
        return cls(folder, _Channel(writer), _Channel(reader), head)

    def close(self) -> None:
        """Let go of the file; waits for a transaction of another thread. A second time does nothing."""
        if os.getpid() != self._process:
            return
        with self._writer.lock, self._reader.lock, explained(self.folder):
            self._reader.connection.close()
            self._writer.connection.close()
            if self._head >= 0:
                os.close(self._head)
                self._head = -1

    def head(self) -> tuple[int, bytes] | None:
        """Number and seal of an event that was recorded, so that the record goes at least so far.

        It stands in a file of its own, written after each transaction: a write-ahead log that is damaged ends
        early, and nothing else would tell that it went on. None where that file says nothing.
        """
        number, _, seal = os.pread(self._head, _HEAD, 0).partition(b" ")
        try:
            return int(number), bytes.fromhex(seal.decode("ascii"))
        except ValueError:
            return None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One state of the records for several queries."""
        with self._transaction(self._reader, "BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Changes that are on the disk together when the block is left, or not made at all.

        Raises:
            LedgerFailed: They cannot be recorded.
        """
        with self._transaction(self._writer, "BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _transaction(self, channel: _Channel, begin: str) -> Iterator[sqlite3.Connection]:
        if os.getpid() != self._process:  # a forked copy of a connection must not be used
            raise LedgerFailed(f"The ledger in {self.folder} was opened by another process: open it anew.")
        with channel.lock, explained(self.folder):
            connection = channel.connection
            connection.execute(begin)
            newest = None
            try:
                yield connection
                if channel is self._writer:
                    newest = connection.execute(_NEWEST).fetchone()
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    with suppress(sqlite3.Error):  # the first error says what is the matter
                        connection.execute("ROLLBACK")
                raise
            if newest is not None:
                with suppress(OSError):  # it is recorded all the same
                    os.pwrite(self._head, b"%020d %s" % (newest[0], newest[1].hex().encode()), 0)


# -- opening ------------------------------------------------------------------------------------------------


def _begin(folder: Path) -> None:
    """Make the folder and the file where they are missing; the file appears whole or not at all."""
    if sqlite3.sqlite_version_info < (3, 37):
        raise LedgerFailed(
            f"Contributions need SQLite 3.37, and this Python has {sqlite3.sqlite_version}: use a newer "
            "Python."
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place, new = folder / FILE, folder / (FILE + ".new")
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)  # of several processes, one makes the file
        if place.exists():
            if not place.stat().st_size:
                raise damaged(folder, f"{FILE} is empty")
            return
        if place.with_name(FILE + "-wal").exists():
            raise damaged(folder, f"{FILE} is missing, and its {FILE}-wal is there")
        for rest in ("", "-journal", "-wal", "-shm"):  # of a process that was killed right here
            new.with_name(new.name + rest).unlink(missing_ok=True)
        os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        with closing(_connect(new)) as connection:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
            if mode != "wal":
                raise LedgerFailed(
                    f"The ledger in {folder} cannot keep a write-ahead log there: name a folder on a local "
                    "disk with --data."
                )
            connection.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute(f"PRAGMA user_version = {_LAYOUT}")
            connection.execute("COMMIT")
        new.rename(place)
        os.fsync(handle)
    finally:
        os.close(handle)


def _connect(place: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(place, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        _set(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _set(connection: sqlite3.Connection) -> None:
    for setting in (
        "synchronous = FULL",
        "cell_size_check = ON",
        "trusted_schema = OFF",
        "recursive_triggers = ON",
    ):
        connection.execute(f"PRAGMA {setting}")


def _look_over(folder: Path, connection: sqlite3.Connection) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (layout,) = connection.execute("PRAGMA user_version").fetchone()
    if application != _APPLICATION:
        raise LedgerFailed(
            f"The {FILE} in {folder} is damaged, or not one of argraph's: put back a copy, or name another "
            "folder with --data."
        )
    if layout > _LAYOUT:
        raise LedgerFailed(
            f"The ledger in {folder} was written by a newer argraph (layout {layout}, and this one knows "
            f"{_LAYOUT}): use the newer argraph, or name another folder with --data."
        )
    found = {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")}
    if layout != _LAYOUT or found != set(_SCHEMA):
        raise damaged(folder, "its tables are not as argraph made them")
    (fault,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if fault != "ok":
        raise damaged(folder, " ".join(fault.split()))


# -- what went wrong ----------------------------------------------------------------------------------------


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn errors of SQLite and of the system into one line that names the folder and says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _failed(folder, error) from error
    except OSError as error:
        if error.errno in FULL:
            raise _no_space(folder) from error
        raise LedgerFailed(
            f"The data folder {folder} cannot be used: {error.strerror}. Make it a folder that this user may "
            "write, or name another one with --data."
        ) from error


def _failed(folder: Path, error: sqlite3.Error) -> LedgerFailed:
    if isinstance(error, sqlite3.ProgrammingError):
        return LedgerFailed(f"The ledger in {folder} is closed: argraph is stopping. Start it again.")
    name = getattr(error, "sqlite_errorname", "")
    for beginning, explain in _EXPLANATIONS.items():
        if name.startswith(beginning):
            return explain(folder)
    return damaged(folder, str(error))


def damaged(folder: Path, how: str) -> LedgerFailed:
    """The error for records that are not as they were written."""
    return LedgerFailed(
        f"The ledger in {folder} is damaged ({how}). Nothing was changed. Put back a copy of {FILE}, or keep "
        "this folder for whoever repairs it and name another one with --data; what was accepted stands in "
        "the debate's own folder."
    )


def _no_space(folder: Path) -> LedgerFailed:
    return LedgerFailed(
        f"There is no space left for the ledger in {folder}, so nothing was recorded: make space on that "
        "disk, and try again.",
        full=True,
    )


def _not_writable(folder: Path) -> LedgerFailed:
    return LedgerFailed(
        f"The ledger in {folder} cannot be written: let the user that argraph runs as write the folder and "
        "the files in it, or name another folder with --data."
    )


def _not_recorded(folder: Path) -> LedgerFailed:
    return LedgerFailed(
        f"The disk did not take or give what the ledger in {folder} wanted: see whether it is full, over a "
        "quota or failing, and start argraph again. Whether the last change was recorded shows then."
    )


def _busy(folder: Path) -> LedgerFailed:
    return LedgerFailed(
        f"Another process has kept the ledger in {folder} for more than {_PATIENCE:g} s, so nothing was "
        "recorded: try again."
    )


_EXPLANATIONS: Final[dict[str, Callable[[Path], LedgerFailed]]] = {
    "SQLITE_FULL": _no_space,
    "SQLITE_READONLY": _not_writable,
    "SQLITE_CANTOPEN": _not_writable,
    "SQLITE_PERM": _not_writable,
    "SQLITE_BUSY": _busy,
    "SQLITE_LOCKED": _busy,
    "SQLITE_IOERR": _not_recorded,
}
