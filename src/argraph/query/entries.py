"""What a search index holds: an SQLite database (FTS5) of words, one state after the other.

A database is a file, kept where the caller says or else for as long as it is in use. Each state of a debate
has a connection of its own, which stands in a transaction and so sees the rows as they were when it was
opened (write-ahead log), while the next state is written beside it. Rows that an edit adds are numbered below
all others; where they belong among these is known of each.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import weakref
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeAlias

from argraph.argument.evaluation import Verdict
from argraph.argument.graph import ArgumentGraph
from argraph.errors import StoreFailed
from argraph.query.entry import STUDIES, Entry, Thing, rank_of, tags_of, themes_of
from argraph.query.stored import FIRST, PUT, SCHEMA, TAKE, Database, fill
from argraph.query.words import LONGEST, tokens

Key: TypeAlias = tuple[int, int, int, str]
_Words: TypeAlias = tuple[str, str, str]

_FEW: Final = 1_000  # rows that came later at least before all is made anew; or else a part of all:
_PART: Final = 16
_FIT: Final = "SELECT rowid, bm25(entries, 10.0, 2.0, 4.0, 0.0) FROM entries WHERE entries MATCH ?"


class Entries:
    """One state of what a search index holds; safe to be read from several threads.

    Attributes:
        themes: How much is on each theme, by IRI.
        numbers: The number of each theme, in its tag.
        later: The place of each row that an edit added, by number.
        next: The number of the next such row.
    """

    def __init__(
        self,
        database: Database,
        connection: sqlite3.Connection,
        later: Mapping[int, Key] | None = None,
        spellings: Sequence[str] | None = None,
    ) -> None:
        self._database = database
        self._state = database.head
        self._connection = connection
        self.later = later or {}
        self._spellings = spellings
        self._lock = Lock()
        weakref.finalize(self, connection.close)
        self._begin()
        about = dict(self._all("SELECT name, value FROM about"))
        self._count, self._first_count = int(about["count"]), int(about["first"])
        self._statements, self._findings = int(about["statements"]), int(about["findings"])
        self.next = int(about["next"])
        numbered = self._all("SELECT iri, number, count FROM themes")
        self.numbers: Mapping[str, int] = {iri: number for iri, number, _ in numbered}
        self.themes: Mapping[str, int] = {iri: count for iri, _, count in numbered if count}

    def __len__(self) -> int:
        return self._count

    @classmethod
    def made(
        cls,
        argument: ArgumentGraph,
        verdicts: Mapping[str, Verdict],
        path: Path | None = None,
        digest: str = "",
    ) -> Entries:
        """Those of a debate.

        Args:
            argument: The debate.
            verdicts: What stands in it.
            path: A file to keep them in, in place of what is there; none for one of their own, or memory
                where there is no place for such a file.
            digest: What `opened` asks for.

        Raises:
            StoreFailed: The file cannot be written.
        """
        if path is not None:
            fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
            try:
                fresh.unlink(missing_ok=True)
                with closing(Database(str(fresh)).connected()) as connection:
                    fill(connection, argument, verdicts, digest)
                with fresh.open("rb") as file:
                    os.fsync(file.fileno())
                fresh.replace(path)
                database = Database(str(path), kept=True)
                return cls(database, database.connected())
            except (OSError, sqlite3.Error) as error:
                raise StoreFailed(f"The search index {path} cannot be written: {_told(error)}.") from error
            finally:
                with suppress(OSError):
                    fresh.unlink(missing_ok=True)
        try:
            database = Database.temporary()
            with closing(database.connected()) as connection:
                fill(connection, argument, verdicts, digest)
                connection.execute("PRAGMA journal_mode = WAL")
            return cls(database, database.connected())
        except (OSError, sqlite3.OperationalError):
            database = Database(None)
            connection = database.connected()
            fill(connection, argument, verdicts, digest)
            return cls(database, connection)

    @classmethod
    def opened(cls, path: Path, digest: str = "") -> Entries:
        """Those that were kept in a file, which is not changed.

        Args:
            path: The file.
            digest: What they were made with.

        Raises:
            StoreFailed: There is no such file, it is damaged, it was written by another release, or it was
                made with another digest.
        """
        database = Database(str(path), kept=True)
        try:
            with closing(database.connected()) as connection:
                about = dict(connection.execute("SELECT name, value FROM about"))
                (pages,), (size,) = (
                    connection.execute(f"PRAGMA {what}").fetchone() for what in ("page_count", "page_size")
                )
            if path.stat().st_size != pages * size:
                raise StoreFailed(f"The search index {path} is damaged: it has lost its end. Make it anew.")
            if about["schema"] != SCHEMA:
                raise StoreFailed(f"The search index {path} was made by another release. Make it anew.")
            if about["digest"] != digest:
                raise StoreFailed(f"The search index {path} is of another debate. Make it anew.")
            return cls(database, database.connected())
        except (OSError, sqlite3.Error, KeyError, ValueError) as error:
            raise StoreFailed(f"The search index {path} cannot be read: {_told(error)}.") from error

    def amended(
        self,
        before: ArgumentGraph,
        after: ArgumentGraph,
        verdicts: Mapping[str, Verdict],
        touched: Iterable[str],
    ) -> Entries | None:
        """Those of an edited debate; none where all of it is better made anew.

        Args:
            before: The debate that these are of.
            after: The edited one.
            verdicts: What stands in that.
            touched: IRIs of all nodes, steps and studies that are described differently, and of all nodes
                whose status differs.
        """
        concerned = _concerned(before, after, touched)
        most = min(max(_FEW, self._count // _PART), FIRST - 1)
        if self._database.path is None or self.next > most:
            return None
        try:
            database = self._own()
            with database.writing:
                if database.head != (self._state if database is self._database else 0):
                    return None  # another state was made of this one, and went its own way
                if database is self._database:
                    self._rest()
                with closing(database.connected()) as connection:
                    edit = _Edit(self, connection, before, after, verdicts)
                    connection.execute("BEGIN IMMEDIATE")
                    for iri, is_study in sorted(concerned):
                        edit.consider(iri, is_study)
                    if edit.next > most:
                        return None
                    edit.write()
                    connection.execute("COMMIT")
                database.head += 1
                spellings = None if self._spellings is None else [*self._spellings, *edit.coined]
                return Entries(database, database.connected(), edit.later, spellings)
        except (OSError, sqlite3.Error):  # such as a full disk
            return None

    def _own(self) -> Database:
        """The database, or a copy where that is one that is kept."""
        if not self._database.kept:
            return self._database
        copy = Database.temporary()
        shutil.copyfile(str(self._database.path), str(copy.path))
        with closing(copy.connected()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        return copy

    def _begin(self) -> None:
        self._connection.execute("BEGIN")
        self._connection.execute("SELECT count(*) FROM about").fetchone()

    def _rest(self) -> None:
        """Leave the write-ahead log for a moment, so that it can begin anew; nobody writes meanwhile."""
        with self._lock:
            self._connection.execute("ROLLBACK")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # as far as others let it
            self._begin()

    def _all(self, question: str, *values: object) -> list[Any]:
        with self._lock:
            return self._connection.execute(question, values).fetchall()

    def things(self, numbers: Sequence[int]) -> list[tuple[str, bool]]:
        """The IRI of each of some rows, and whether it is there as a study."""
        found = (self._all("SELECT iri, rank FROM things WHERE number = ?", number) for number in numbers)
        return [(iri, rank == STUDIES) for ((iri, rank),) in found]

    def rows(self, expression: str, most: int) -> list[int]:
        """The numbers of rows that fit an expression, in order, and so many at most."""
        found = self._all(
            "SELECT rowid FROM entries WHERE entries MATCH ? LIMIT ?", expression, most + len(self.later)
        )
        numbers = [number for (number,) in found]
        if numbers and numbers[0] < FIRST:
            numbers.sort(key=self.place)
        return numbers[:most]

    def fits(self, expression: str) -> list[tuple[int, float]]:
        """The numbers of rows that fit an expression, each with how well (BM25; less is better)."""
        return self._all(_FIT, expression)

    def place(self, number: int) -> Key:
        """What rows are put in order by."""
        return self.later.get(number) or (number, 1, 0, "")

    def group(self, number: int) -> int:
        """0 for a statement, 1 for a finding, 2 for a study."""
        if number < FIRST:
            return self.later[number][2] >> 40
        return (number >= FIRST + self._statements) + (number >= FIRST + self._findings)

    def often(self, term: str) -> int:
        """How many rows have a word."""
        found = self._all("SELECT often FROM vocabulary WHERE term = ?", term)
        return int(found[0][0]) if found else 0

    def beginning(self, start: str, most: int) -> list[tuple[str, int]]:
        """Words that begin with some letters and how many rows have each, the most frequent first."""
        return self._all(
            "SELECT term, often FROM vocabulary WHERE term >= ? AND term < ? "
            "ORDER BY often DESC, term LIMIT ?",
            start,
            start + "\U0010ffff",
            most,
        )

    def spellings(self) -> Sequence[str]:
        """All words, and perhaps some that no row has any more; read when they are first asked for."""
        if self._spellings is None:
            self._spellings = [term for (term,) in self._all("SELECT term FROM vocabulary")]
        return self._spellings

    def before(self, key: tuple[int, str]) -> int:
        """The number of the first row of those that were there from the beginning that comes after a key."""

        def behind(number: int) -> tuple[bool, int, str]:
            found = self._all(
                "SELECT rank, iri FROM things WHERE number >= ? ORDER BY number LIMIT 1", number
            )
            return (False, *found[0]) if found else (True, 0, "")

        numbers = range(FIRST, FIRST + self._first_count)
        return FIRST + bisect_left(numbers, (False, *key), key=behind)


class _Edit:
    """The rows that an edit changes.

    Attributes:
        later: Where rows that were added belong, by number.
        next: The number of the next row to be added.
        coined: Words that no row had before.
    """

    def __init__(
        self,
        entries: Entries,
        connection: sqlite3.Connection,
        before: ArgumentGraph,
        after: ArgumentGraph,
        verdicts: Mapping[str, Verdict],
    ) -> None:
        self._entries, self._connection = entries, connection
        self._before, self._after, self._verdicts = before, after, verdicts
        self.later = dict(entries.later)
        self.coined: list[str] = []
        self.next, self._numbers = entries.next, dict(entries.numbers)
        self._taken: dict[int, tuple[_Words, str]] = {}
        self._put: dict[int, tuple[_Words, str, str, int]] = {}
        self._on: Counter[str] = Counter()
        self._often: Counter[str] = Counter()

    def consider(self, iri: str, is_study: bool) -> None:
        """Look whether the row of a thing is to be another one."""
        rows = self._connection.execute(
            "SELECT number, rank, tags FROM things WHERE iri = ? AND (rank = ?) = ? AND tags <> ''",
            (iri, STUDIES, is_study),
        )
        row = rows.fetchone()
        old, new = (
            graph.studies.get(iri) if is_study else graph.nodes.get(iri)
            for graph in (self._before, self._after)
        )
        was = Entry.of(self._before, old) if old else None
        now = Entry.of(self._after, new) if new else None
        rank = rank_of(self._after, new) if new else -1
        tags = self._tags(new) if new else ""
        if (row is None and new is None) or (row and (rank, tags, now) == (*row[1:], was)):
            return
        for graph, thing, sign in ((self._before, old, -1), (self._after, new, 1)):
            if thing:
                self._on.update(dict.fromkeys(themes_of(graph, thing), sign))
        number = 0
        if row and was:
            number = row[0]
            self._taken[number] = was.spelt(), row[2]
            if rank != row[1]:
                self.later.pop(number, None)
                number = 0
        if now:
            if not number:
                number, self.next = self.next, self.next + 1
                self.later[number] = (self._entries.before((rank, iri)), 0, rank, iri)
            self._put[number] = now.spelt(), tags, iri, rank

    def _tags(self, thing: Thing) -> str:
        on = [self._numbers.setdefault(theme, len(self._numbers)) for theme in themes_of(self._after, thing)]
        return tags_of(thing, on, self._verdicts)

    def write(self) -> None:
        """Change the database."""
        for number in sorted(
            self._taken.keys() | self._put.keys()
        ):  # FTS5 writes them in one go, if in order
            if number in self._taken:
                words, tags = self._taken[number]
                self._connection.execute(TAKE, (number, *words, tags))
                # It still tells where rows belong that come later.
                self._connection.execute("UPDATE things SET tags = '' WHERE number = ?", (number,))
                self._often.subtract(_terms(words))
            if number in self._put:
                words, tags, iri, rank = self._put[number]
                self._connection.execute(PUT, (number, *words, tags))
                self._connection.execute(
                    "INSERT OR REPLACE INTO things VALUES (?, ?, ?, ?)", (number, iri, rank, tags)
                )
                self._often.update(_terms(words))
        self._write_words()
        self._write_numbers()

    def _write_words(self) -> None:
        for term, more in self._often.items():
            known = self._entries.often(term) if more else 0
            if more and not known:
                self.coined.append(term)
            if more and known + more:
                self._connection.execute(
                    "INSERT OR REPLACE INTO vocabulary VALUES (?, ?)", (term, known + more)
                )
            elif more:
                self._connection.execute("DELETE FROM vocabulary WHERE term = ?", (term,))

    def _write_numbers(self) -> None:
        for iri, number in self._numbers.items():
            if more := self._on[iri]:
                count = self._entries.themes.get(iri, 0) + more
                self._connection.execute(
                    "INSERT OR REPLACE INTO themes VALUES (?, ?, ?)", (number, iri, count)
                )
        count = len(self._entries) + len(self._put) - len(self._taken)
        for name, value in (("count", count), ("next", self.next)):
            self._connection.execute("UPDATE about SET value = ? WHERE name = ?", (str(value), name))


def _concerned(before: ArgumentGraph, after: ArgumentGraph, touched: Iterable[str]) -> set[tuple[str, bool]]:
    """IRIs of things whose rows may be other ones, each with whether it is meant as a study."""
    found: set[tuple[str, bool]] = set()
    for iri in touched:
        for graph in (before, after):
            if iri in graph.nodes:
                found.add((iri, False))
            if iri in graph.studies:
                found.add((iri, True))
                found.update((finding.iri, False) for finding in before.reported(iri))
            if (step := graph.steps.get(iri)) is not None:
                found.add((step.end, False))
    return found


def _terms(words: _Words) -> set[str]:
    """The words of a row that are in the vocabulary."""
    return {term for part in words for term in tokens(part) if len(term.encode()) <= LONGEST}


def _told(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or str(error)
