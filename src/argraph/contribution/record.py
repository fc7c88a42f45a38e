"""Events that are written once, and what follows from them.

Each event carries a seal over itself and over the seal of the event before it, so that a change, a gap or a
foreign event shows when it is read. Bytes stand beside them under their SHA-256. What a contribution is now
follows from its events (`lifecycle.after`); a table of states exists to be searched, and is compared with the
events whenever it is used.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from argraph.contribution import lifecycle
from argraph.contribution.database import damaged
from argraph.contribution.lifecycle import Actor, Entry, Event, Mark
from argraph.errors import UnknownContribution

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Times are kept in microseconds from here."""

_START: Final = bytes(32)  # what the first event has for the seal of the one before it
_COLUMNS: Final = "sequence, at, contribution, kind, body, previous, seal"


class Record:
    """Events, bytes and states; every method takes the connection of the transaction that it belongs to."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._clock = clock

    # -- events ---------------------------------------------------------------------------------------------

    def add(
        self,
        db: sqlite3.Connection,
        id: str,
        kind: str,
        actor: Actor,
        comment: str = "",
        marks: tuple[Mark, ...] = (),
        *,
        detail: Mapping[str, Any] | None = None,
    ) -> Entry:
        """Add one event and return the contribution after it.

        Its time is never before that of the event before it, whatever the clock says.
        """
        row = db.execute("SELECT sequence, at, seal FROM event ORDER BY sequence DESC LIMIT 1").fetchone()
        sequence, last, previous = row or (0, 0, _START)
        at = max((self._clock() - EPOCH) // timedelta(microseconds=1), last)
        body = _text([actor.name, actor.role, comment, marks, detail or {}])
        values = (sequence + 1, at, id, kind, body, previous)
        db.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)", (*values, _seal(*values)))
        entry = self._replayed(self.history(db, id))
        first = ":first" if kind == "submitted" else "(SELECT first FROM entry WHERE id = :id)"
        db.execute(
            f"INSERT OR REPLACE INTO entry VALUES "  # noqa: S608
            f"(:id, :digest, {first}, :state, :submitter, :retracts, :path, :unwritten)",
            {**_shadow(entry), "first": sequence + 1},
        )
        return entry

    def history(self, db: sqlite3.Connection, id: str) -> list[Event]:
        """The events of a contribution, in order.

        Raises:
            UnknownContribution: There is none.
        """
        rows = db.execute(
            f"SELECT {_COLUMNS} FROM event WHERE contribution = ? ORDER BY sequence",  # noqa: S608
            (id if id.isascii() else "",),
        ).fetchall()
        if not rows:
            raise UnknownContribution(id)
        return [self._event(row) for row in rows]

    def portion(self, db: sqlite3.Connection, since: int, limit: int) -> list[Event]:
        """Events of all contributions after the one with that number, in order, at most so many."""
        rows = db.execute(
            f"SELECT {_COLUMNS} FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?",  # noqa: S608
            (since, limit),
        ).fetchall()
        return [self._event(row) for row in rows]

    def entry(self, db: sqlite3.Connection, id: str) -> Entry:
        """A contribution as it stands.

        Raises:
            UnknownContribution: There is none.
        """
        return self._compared(db, self.history(db, id))

    def compare(self, db: sqlite3.Connection) -> None:
        """Read all events: none is missing, none changed, and the table of states follows from them.

        Raises:
            LedgerFailed: It is not so.
        """
        histories: dict[str, list[Event]] = {}
        previous = _START
        rows = db.execute(f"SELECT {_COLUMNS} FROM event ORDER BY sequence")  # noqa: S608
        for number, row in enumerate(rows, start=1):
            event = self._event(row)
            if event.sequence != number or row[5] != previous:
                raise damaged(self._folder, f"event {number} is missing")
            previous = row[6]
            histories.setdefault(event.contribution, []).append(event)
        (entries,) = db.execute("SELECT count(*) FROM entry").fetchone()
        if entries != len(histories):
            raise damaged(self._folder, "there are not as many contributions as were handed in")
        for events in histories.values():
            self._compared(db, events)

    def _event(self, row: tuple[Any, ...]) -> Event:
        *values, seal = row
        if _seal(*values) != seal:
            raise damaged(self._folder, f"event {row[0]} is not as it was recorded")
        sequence, at, id, kind, body, _ = values
        name, role, comment, marks, detail = json.loads(body)
        when = EPOCH + timedelta(microseconds=at)
        return Event(sequence, when, id, kind, Actor(name, role), comment, tuple(marks), detail)

    def _replayed(self, events: list[Event]) -> Entry:
        try:
            entry = lifecycle.replay(events)
        except (ValueError, KeyError) as error:
            raise damaged(self._folder, str(error)) from error
        assert entry is not None  # noqa: S101 (there are events)
        return entry

    def _compared(self, db: sqlite3.Connection, events: list[Event]) -> Entry:
        entry = self._replayed(events)
        shadow = _shadow(entry)
        row = db.execute(f"SELECT {', '.join(shadow)} FROM entry WHERE id = ?", (entry.id,)).fetchone()  # noqa: S608
        if row != tuple(shadow.values()):
            raise damaged(self._folder, f"the state of {entry.id} does not follow from its history")
        return entry

    # -- bytes ----------------------------------------------------------------------------------------------

    def keep(self, db: sqlite3.Connection, data: bytes) -> str:
        """Keep bytes, once however often they come; returns their SHA-256."""
        digest = sha256(data).hexdigest()
        db.execute("INSERT OR IGNORE INTO content VALUES (?, ?)", (digest, data))
        return digest

    def keep_document(self, db: sqlite3.Connection, document: Mapping[str, Any] | None) -> str | None:
        """Keep data as JSON; returns the SHA-256 of that."""
        return None if document is None else self.keep(db, _text(document).encode())

    def content(self, db: sqlite3.Connection, digest: str) -> bytes:
        """Bytes as they were kept."""
        row = db.execute("SELECT data FROM content WHERE digest = ?", (digest,)).fetchone()
        if row is None or sha256(row[0]).hexdigest() != digest:
            raise damaged(
                self._folder, f"the bytes with the digest {digest[:16]}… are not as they were recorded"
            )
        return bytes(row[0])

    def document(self, db: sqlite3.Connection, id: str, which: str) -> dict[str, Any] | None:
        """The newest data of that name among the events of a contribution.

        Raises:
            UnknownContribution: There is none.
        """
        digests = [event.detail[which] for event in self.history(db, id) if which in event.detail]
        if digests[-1] is None:
            return None
        found: dict[str, Any] = json.loads(self.content(db, digests[-1]))
        return found


def new_id(db: sqlite3.Connection, digest: str) -> str:
    """The beginning of a digest that no contribution has, even if somebody sought two files with the same."""
    for length in (16, 24, 32):
        if db.execute("SELECT 1 FROM entry WHERE id = ?", (digest[:length],)).fetchone() is None:
            return digest[:length]
    return digest


def plain(text: str) -> str:
    """Text that can be written in UTF-8, with “?” for what cannot, and for zero characters."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")


def _shadow(entry: Entry) -> dict[str, Any]:
    """What the table of states holds of a contribution."""
    return {
        "id": entry.id,
        "digest": entry.digest,
        "state": entry.state,
        "submitter": plain(entry.submitter.name),
        "retracts": entry.retracts,
        "path": entry.path,
        "unwritten": int(entry.state == "accepted" and not entry.written),
    }


def _text(data: Any) -> str:
    """JSON in ASCII: any string can be kept in it, and comes back as it was."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"))


def _seal(*values: Any) -> bytes:
    """SHA-256 over an event and the seal of the one before it."""
    *told, previous = values
    return sha256(previous + _text(told).encode()).digest()
