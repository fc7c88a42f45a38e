"""What became of a debate over time: which accepted change did what to which file, and what it was before.

The record keeps the bytes of each version and those of the file that it took the place of. So every earlier
state can be had by undoing, from the files of now, and the story of each node told from what the versions say
of it. What was changed past the record, such as in git, shows only as a difference between two versions,
without a time of its own.
"""

from __future__ import annotations

import re
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from argraph import vocab
from argraph.contribution.lifecycle import Actor, Entry, Event, replay
from argraph.contribution.versions import (
    Difference,
    Said,
    dated_after,
    describes,
    differences,
    entered,
    literal,
)
from argraph.errors import ResourceMissing

if TYPE_CHECKING:
    from argraph.contribution.ledger import (
        Ledger,
    )  # what keeps it needs a Unix system; reading a debate does not

Act: TypeAlias = Literal["added", "changed", "removed"]

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_NOW: Final = "9999"  # sorts behind all times


@dataclass(frozen=True, slots=True)
class Change:
    """One acceptance: what it did to one file.

    Attributes:
        entry: The contribution, or request to retract, as it stands now.
        at: When it was accepted.
        reviewer: Who accepted it.
        path: The file, relative to the debate's folder, with “/”.
        before: SHA-256 of what the file held; None where there was none.
        after: SHA-256 of what it holds since; None where it was removed.
        replaces: Contributions whose place it took.
        retracts: The contribution that it took back; empty for a file.
    """

    entry: Entry
    at: datetime
    reviewer: Actor
    path: str
    before: str | None
    after: str | None
    replaces: tuple[str, ...] = ()
    retracts: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """What one change of a file did to one node.

    Attributes:
        iri: The node.
        act: Whether it came, changed or went.
        path: The file.
        change: The acceptance; None where it happened past the record.
        day: As the file itself dates its contribution, where there is no acceptance; may be empty.
        by: IRIs of whom the file itself names, likewise.
        graph: IRI of the contribution; may be empty.
        differences: By property. Of what came or went, all that was said.
    """

    iri: str
    act: Act
    path: str
    change: Change | None
    day: str
    by: tuple[str, ...]
    graph: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one change of a file did to the debate; `change`, `day` and `by` as of `Happening`.

    Attributes:
        path: The file.
        title: Of the contribution; may be empty.
        added: IRIs of nodes and steps that came.
        changed: IRIs of those that were changed.
        removed: IRIs of those that went.
    """

    path: str
    change: Change | None
    day: str
    by: tuple[str, ...]
    title: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


class _Stored:
    """Versions in a ledger that is open for them alone, and is closed with them."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __call__(self, digest: str) -> bytes:
        return self._ledger.stored(digest)


class Chronicle:
    """The accepted changes of a debate, in order; safe to read from several threads.

    Attributes:
        changes: The changes, oldest first.
    """

    def __init__(
        self,
        changes: Iterable[Change] = (),
        stored: Callable[[str], bytes] | None = None,
        *,
        after: Chronicle | None = None,
    ) -> None:
        """Put one together.

        Args:
            changes: The changes, oldest first.
            stored: Gives the bytes of a version by their SHA-256.
            after: One that has some of the same changes; what it worked out of them is not done again.
        """
        self.changes = tuple(changes)
        self._stored = stored
        self._known: dict[tuple[str | None, str | None], frozenset[str]] = after._known if after else {}

    @classmethod
    def of(cls, ledger: Ledger, *, after: Chronicle | None = None) -> Chronicle:
        """What a ledger records, as of now; bytes are read from it when they are wanted.

        Args:
            ledger: The ledger.
            after: What it recorded at an earlier time, so that less is to be worked out.

        Raises:
            LedgerFailed: It cannot be read.
        """
        histories: defaultdict[str, list[Event]] = defaultdict(list)
        accepted = []
        replaced: defaultdict[str, list[str]] = defaultdict(list)
        for event in ledger.events():
            histories[event.contribution].append(event)
            if event.kind == "accepted":
                accepted.append(event)
            elif event.kind == "superseded":
                replaced[event.detail["by"]].append(event.contribution)
        changes = []
        for event in accepted:
            entry = replay(histories[event.contribution])
            assert entry is not None  # noqa: S101 - it has events
            changes.append(
                Change(
                    entry=entry,
                    at=event.at,
                    reviewer=event.actor,
                    path=event.detail["path"],
                    before=event.detail["prior"],
                    after=entry.digest if entry.kind == "file" else None,
                    replaces=tuple(replaced[entry.id]),
                    retracts=entry.retracts or "",
                )
            )
        return cls(changes, ledger.stored, after=after)

    @classmethod
    def read(cls, folder: Path) -> Chronicle:
        """What the ledger in a data folder records.

        Raises:
            ResourceMissing: There is no ledger in it.
            LedgerFailed: It cannot be read.
        """
        from argraph.contribution.database import FILE
        from argraph.contribution.ledger import Ledger

        if not (folder / FILE).is_file():
            raise ResourceMissing(
                f"There is no record of contributions in {folder}: --data names the folder that “argraph "
                "serve --data” keeps it in."
            )
        ledger = Ledger.open(folder)
        stored = _Stored(ledger)
        weakref.finalize(stored, ledger.close)
        return cls(cls.of(ledger).changes, stored)

    def until(self, when: datetime) -> Chronicle:
        """The same as it was at a moment."""
        return Chronicle((c for c in self.changes if c.at <= when), self._stored, after=self)

    def content(self, digest: str | None) -> bytes | None:
        """A version by its digest."""
        return None if digest is None or self._stored is None else self._stored(digest)

    def at(self, files: Mapping[str, bytes], when: datetime) -> dict[str, bytes]:
        """The files of a debate as they were at a moment, byte for byte, by path.

        What was accepted later is undone. A file that no acceptance until then speaks of is there unless its
        contribution is dated later.

        Args:
            files: As they are now, by path relative to the debate's folder, with “/”.
            when: The moment, in UTC.
        """
        found: dict[str, bytes | None] = dict(files)
        for change in self.changes:  # accepted, and the server was stopped before it had written
            if not change.entry.written and change is self._last[change.path]:
                found[change.path] = self.content(change.after)
        recorded = set()
        for change in reversed(self.changes):
            if change.at > when:
                found[change.path] = self.content(change.before)
            else:
                recorded.add(change.path)
        return {
            path: data
            for path, data in sorted(found.items())
            if data is not None and (path in recorded or not dated_after(data, when.date()))
        }

    @cached_property
    def _last(self) -> Mapping[str, Change]:
        return {change.path: change for change in self.changes}

    # -- the story of nodes ---------------------------------------------------------------------------------

    @cached_property
    def touched(self) -> Mapping[str, tuple[Change, ...]]:
        """The nodes that accepted changes speak of, by IRI, also those that are gone."""
        found: defaultdict[str, list[Change]] = defaultdict(list)
        for change in self.changes:
            for iri in self._touches(change):
                found[iri].append(change)
        return {iri: tuple(changes) for iri, changes in found.items()}

    def _touches(self, change: Change) -> frozenset[str]:
        """The nodes of which a change made something else be said."""
        versions = change.before, change.after
        if versions not in self._known:
            before, after = map(self._said, versions)
            differ = (iri for iri in before.keys() | after.keys() if before.get(iri) != after.get(iri))
            self._known[versions] = frozenset(differ)
        return self._known[versions]

    def of_node(self, iri: str, files: Mapping[str, bytes]) -> list[Happening]:
        """What happened to a node or step, oldest first.

        Args:
            iri: Its IRI.
            files: The files that speak of it now, by path relative to the debate's folder.
        """
        paths = {*files, *(change.path for change in self.touched.get(iri, ()))}
        told = [one for path in sorted(paths) for one in self._story(iri, path, files.get(path))]
        return [happening for _, happening in sorted(told, key=itemgetter(0))]

    def _story(self, iri: str, path: str, now: bytes | None) -> Iterator[tuple[str, Happening]]:
        """What happened to a node in one file, also between the changes that are recorded, to be sorted."""
        changes = [change for change in self.changes if change.path == path]
        first = self.content(changes[0].before) if changes else now
        if first is not None and iri in describes(first):
            begun = _happening(iri, path, None, None, first)
            yield min(begun.day, changes[0].at.isoformat() if changes else begun.day), begun
        last = first
        for change in changes:
            before, after = self.content(change.before), self.content(change.after)
            steps = (_happening(iri, path, None, last, before), _happening(iri, path, change, before, after))
            yield from ((change.at.isoformat(), one) for one in steps if one.differences)
            last = after
        if changes and changes[-1].entry.written:
            rest = _happening(iri, path, None, last, now)
            yield from [(_NOW, rest)] if rest.differences else []

    def turns(self, files: Mapping[str, bytes]) -> list[Turn]:
        """How the debate came about, newest first.

        Args:
            files: All files as they are now, by path relative to the debate's folder.
        """
        found = []
        begun: dict[str, bytes | None] = dict(files)
        for change in reversed(self.changes):
            begun[change.path] = self.content(change.before)
            old, new = self._said(change.before), self._said(change.after)
            found.append((change.at.isoformat(), _turn(change.path, change, old, new, change.entry.title)))
        for path, data in begun.items():
            if data is not None:
                day, by, graph = entered(data)
                titles = describes(data).get(graph, {}).get(vocab.DCTERMS + "title", ())
                title = next((literal(title) for title in titles), "")
                found.append((day, _turn(path, None, {}, describes(data), title, day, by)))
        return [turn for _, turn in sorted(found, key=itemgetter(0), reverse=True)]

    def _said(self, digest: str | None) -> Mapping[str, Said]:
        data = self.content(digest)
        return {} if data is None else describes(data)


def _happening(
    iri: str, path: str, change: Change | None, before: bytes | None, after: bytes | None
) -> Happening:
    old = {} if before is None else describes(before).get(iri, {})
    new = {} if after is None else describes(after).get(iri, {})
    day, by, graph = ("", (), "") if after is None else entered(after)
    return Happening(
        iri=iri,
        act="added" if not old else "removed" if not new else "changed",
        path=path,
        change=change,
        day=day if not old else "",
        by=by if not old else (),
        graph=(change.entry.graph or "") if change else graph,
        differences=tuple(differences(old, new)),
    )


def _turn(
    path: str,
    change: Change | None,
    old: Mapping[str, Said],
    new: Mapping[str, Said],
    title: str,
    day: str = "",
    by: tuple[str, ...] = (),
) -> Turn:
    changed = (iri for iri in old.keys() & new.keys() if old[iri] != new[iri])
    return Turn(
        path=path,
        change=change,
        day=day,
        by=by,
        title=title,
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(sorted(changed)),
        removed=tuple(sorted(old.keys() - new.keys())),
    )


def moment(text: str) -> datetime:
    """A day (its end, in UTC) or a moment (in UTC unless it says otherwise), in the form of ISO 8601.

    Raises:
        ValueError: It is neither.

    >>> moment("2026-01-31").isoformat()
    '2026-01-31T23:59:59.999999+00:00'
    >>> moment("2026-01-31T12:00+01:00").isoformat()
    '2026-01-31T11:00:00+00:00'
    """
    text = text.strip()
    if _DATE.fullmatch(text):
        return datetime.combine(date.fromisoformat(text), time.max, UTC)
    if not text.isascii() or not _DATE.match(text):
        raise ValueError(text)
    found = datetime.fromisoformat(text)
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        raise ValueError(text) from None
