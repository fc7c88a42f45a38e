"""The SQLite database (FTS5) of a search index: where it is, what is in it, and how it is filled."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import unicodedata
import weakref
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Final

from argraph import __version__
from argraph.argument.evaluation import Verdict
from argraph.argument.graph import ArgumentGraph
from argraph.query.entry import FINDINGS, MARK, Entry, Thing, rank_of, tags_of, themes_of
from argraph.query.words import LONGEST

SCHEMA: Final = f"1 {__version__} {unicodedata.unidata_version}"
"""Of which form a database is: one that was written by another release is made anew."""
FIRST: Final = 1 << 20
"""The number of the first row of those that were there from the beginning; those below came later."""
PUT: Final = "INSERT INTO entries(rowid, label, text, names, tags) VALUES (?, ?, ?, ?, ?)"
TAKE: Final = "INSERT INTO entries(entries, rowid, label, text, names, tags) VALUES ('delete', ?, ?, ?, ?, ?)"

_PENDING: Final = 8 << 20  # bytes of words that are gathered before they are written
_SEGMENTS: Final = 32  # of words that edits brought, before they are put together; more make searches slow
_TEMPORARY: Final = "argraph-index-"
_TABLES: Final = """
CREATE VIRTUAL TABLE entries USING
    fts5(label, text, names, tags, content='', tokenize='ascii', prefix='2 3');
CREATE TABLE things(number INTEGER PRIMARY KEY, iri TEXT NOT NULL, rank INTEGER NOT NULL, tags TEXT NOT NULL);
CREATE TABLE themes(number INTEGER PRIMARY KEY, iri TEXT NOT NULL, count INTEGER NOT NULL);
CREATE TABLE vocabulary(term TEXT PRIMARY KEY, often INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE about(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class Database:
    """A file, and who writes to it.

    Attributes:
        path: Where it is; none where it is in memory.
        kept: Whether it is to stay as it is.
        head: How many states were written to it after the first.
        writing: Held by who writes.
    """

    def __init__(self, path: str | None, *, kept: bool = False) -> None:
        self.path = path
        self.kept = kept
        self.head = 0
        self.writing = Lock()

    @classmethod
    def temporary(cls) -> Database:
        """A file that is deleted when nobody uses it any more.

        Raises:
            OSError: There is no place for it.
        """
        for left in Path(tempfile.gettempdir()).glob(f"{_TEMPORARY}*-*"):
            process = left.name.removeprefix(_TEMPORARY).partition("-")[0]
            if process.isdigit() and not _runs(int(process)):
                shutil.rmtree(left, ignore_errors=True)
        folder = tempfile.mkdtemp(prefix=f"{_TEMPORARY}{os.getpid()}-")
        database = cls(str(Path(folder, "index.sqlite")))
        weakref.finalize(database, _delete, folder, os.getpid())
        return database

    def connected(self) -> sqlite3.Connection:
        """A connection to it, which any thread may use."""
        place = Path(self.path).absolute().as_uri() if self.path else ":memory:"
        place += "?mode=ro&immutable=1" if self.kept else ""
        connection = sqlite3.connect(
            place, uri=True, check_same_thread=False, isolation_level=None, timeout=0
        )
        connection.execute("PRAGMA synchronous = OFF")  # what is lost is made anew
        return connection


def fill(
    connection: sqlite3.Connection,
    argument: ArgumentGraph,
    verdicts: Mapping[str, Verdict],
    digest: str,
) -> None:
    """Write an empty database."""
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA cache_size = -16384")
    connection.executescript(_TABLES)
    _set(connection, hashsize=_PENDING, automerge=0, crisismerge=1999)
    rank = partial(rank_of, argument)
    things: list[Thing] = sorted(argument.nodes.values(), key=rank)  # by IRI within a rank, as they come
    statements = bisect_left(things, FINDINGS, key=rank)
    findings = len(things)
    things += argument.studies.values()
    on = Counter(theme for thing in things for theme in themes_of(argument, thing))
    numbers = {iri: number for number, iri in enumerate(sorted(on))}
    told: dict[str, str] = {}  # things share their tags with many others
    tags: list[str] = []

    def rows() -> Iterator[tuple[int, str, str, str, str]]:
        for number, thing in enumerate(things, FIRST):
            tag = tags_of(thing, [numbers[theme] for theme in themes_of(argument, thing)], verdicts)
            tags.append(told.setdefault(tag, tag))
            yield number, *Entry.of(argument, thing).spelt(), tag

    connection.execute("BEGIN")
    connection.executemany(PUT, rows())
    connection.execute("INSERT INTO entries(entries) VALUES ('optimize')")
    _set(connection, crisismerge=_SEGMENTS)
    connection.executemany(
        "INSERT INTO things VALUES (?, ?, ?, ?)",
        (
            (number, thing.iri, rank(thing), tag)
            for number, (thing, tag) in enumerate(zip(things, tags, strict=True), FIRST)
        ),
    )
    connection.execute("CREATE INDEX things_iri ON things(iri)")
    connection.executemany(
        "INSERT INTO themes VALUES (?, ?, ?)", ((number, iri, on[iri]) for iri, number in numbers.items())
    )
    about = {"schema": SCHEMA, "digest": digest, "count": len(things), "first": len(things), "next": 1}
    about |= {"statements": statements, "findings": findings}
    connection.executemany("INSERT INTO about VALUES (?, ?)", [(k, str(v)) for k, v in about.items()])
    connection.execute("COMMIT")
    connection.execute("CREATE VIRTUAL TABLE temp.counted USING fts5vocab('main', 'entries', 'row')")
    connection.execute(
        "INSERT INTO vocabulary SELECT term, doc FROM counted "
        "WHERE substr(term, 1, 1) <> ? AND length(CAST(term AS BLOB)) <= ?",
        (MARK, LONGEST),
    )
    connection.execute("DROP TABLE temp.counted")


def _set(connection: sqlite3.Connection, **options: int) -> None:
    """Options of FTS5, which are kept with the database."""
    connection.executemany("INSERT INTO entries(entries, rank) VALUES (?, ?)", options.items())


def _runs(process: int) -> bool:
    """Whether a process of this number runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _delete(folder: str, process: int) -> None:
    """Delete a folder, unless this is a child of the process that made it."""
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)
