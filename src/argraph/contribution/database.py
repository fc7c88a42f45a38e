"""The file that a data folder keeps its records in: opened, looked over, and changed in transactions.

SQLite with a write-ahead log, flushed to the disk with every transaction: what is recorded survives a kill
and a power cut, and what is not recorded whole is not recorded at all. A data folder belongs on a local disk.

There is one connection, and a lock around each transaction: SQLite has one writer at a time anyway, what is
read here is read in well under a millisecond, and threads then see each other's changes at once. Other
processes have a connection of their own, and wait for each other.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final, Literal, Self

from argraph.errors import LedgerFailed, ServerFailed

FILE: Final = "ledger.sqlite"
LOCK: Final = "server.lock"
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What a system says when there is no space left, or none for this user."""

_APPLICATION: Final = 0x61726731  # “arg1” in the head of the file: whose it is
_LAYOUT: Final = 1
_PATIENCE: Final = 10.0  # seconds to wait for another process's transaction
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


class Database:
    """The records of one data folder, for all threads of a process."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._connection = connection
        self._lock = threading.Lock()
        self._process = os.getpid()

    @classmethod
    def open(cls, folder: Path) -> Database:
        """Open the records of a folder, or begin them; every page of the file is looked at.

        Raises:
            LedgerFailed: The folder cannot be used, or its records are damaged, not argraph's, or newer.
        """
        with _explained(folder):
            _begin(folder)
            connection = _connect(folder / FILE)
        try:
            with _explained(folder):
                _look_over(folder, connection)
                (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
                if mode != "wal":
                    raise LedgerFailed(
                        f"The ledger in {folder} cannot keep a write-ahead log there: name a folder on a "
                        "local disk with --data."
                    )
        except BaseException:
            connection.close()
            raise
        return cls(folder, connection)

    def close(self) -> None:
        """Let go of the file; waits for a transaction of another thread. A second time does nothing."""
        if os.getpid() == self._process:
            with self._lock, _explained(self.folder):
                self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One state of the records for several queries."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Changes that are on the disk together when the block is left, or not made at all.

        Raises:
            LedgerFailed: They cannot be recorded.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: Literal["BEGIN", "BEGIN IMMEDIATE"]) -> Iterator[sqlite3.Connection]:
        if os.getpid() != self._process:  # a forked copy of a connection must not be used
            raise LedgerFailed(f"The ledger in {self.folder} was opened by another process: open it anew.")
        with self._lock, _explained(self.folder):
            connection = self._connection
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    with suppress(sqlite3.Error):  # the first error says what is the matter
                        connection.execute("ROLLBACK")
                raise


class Hold:
    """The right to be the one server of a data folder; it goes with the process, however that ends."""

    def __init__(self, folder: Path) -> None:
        """Take it.

        Raises:
            ServerFailed: Another process has it.
            LedgerFailed: The folder cannot be used.
        """
        with _explained(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(self._file, 20, 0).decode(errors="replace").strip()
            os.close(self._file)
            whose = f" (process {holder})" if holder.isdecimal() else ""
            raise ServerFailed(
                f"Another argraph{whose} serves with the data folder {folder} already. Stop it, or give this "
                "one a folder of its own with --data."
            ) from None
        self._open = True
        # A forked child has the lock as well, and would keep it when this process is gone.
        os.register_at_fork(after_in_child=self.release)
        with suppress(OSError):  # on a full disk the lock holds all the same, only without a name
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give it back; a second time does nothing."""
        if self._open:
            self._open = False
            os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


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
        for rest in (new, new.with_name(new.name + "-journal")):
            rest.unlink(missing_ok=True)
        os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        with closing(_connect(new)) as connection:
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
    for setting in (
        "synchronous = FULL",
        "cell_size_check = ON",
        "trusted_schema = OFF",
        "recursive_triggers = ON",
    ):
        connection.execute(f"PRAGMA {setting}")
    return connection


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
def _explained(folder: Path) -> Iterator[None]:
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
        "quota or failing, and start argraph again."
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
