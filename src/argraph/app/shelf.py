"""The saved queries that the server offers: the shipped ones, and those dropped into a folder meanwhile."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

import pyoxigraph as ox

from argraph.app.endpoint import Endpoint
from argraph.app.service import Facts
from argraph.diagnostics import Diagnostic, Report
from argraph.errors import ArgraphError, EndpointFailed, Overloaded, StoreFailed
from argraph.query import trial
from argraph.query.catalogue import Catalogue, Found, StoredQuery
from argraph.query.engine import Term
from argraph.workspace import Workspace

_PATIENCE: Final = 3.0  # seconds that a request waits for queries that are being tried
_EXAMPLES: Final = 5.0  # seconds to find examples in the debate, and most of them for one query
_LOG: Final = logging.getLogger("argraph.queries")


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered at one moment.

    Attributes:
        catalogue: The queries, and the faults of files that are not taken.
        trying: Names of queries that are being tried, or passed and are about to be offered.
    """

    catalogue: Catalogue
    trying: tuple[str, ...] = ()


@dataclass(slots=True)
class _Tried:
    """What became of queries when they were run: the first row of the answer, or what went wrong."""

    rows: dict[StoredQuery, Mapping[str, Term]] = field(default_factory=dict)
    faults: dict[StoredQuery, Diagnostic] = field(default_factory=dict)

    def __contains__(self, stored: StoredQuery) -> bool:
        return stored in self.rows or stored in self.faults

    def keep(self, queries: set[StoredQuery]) -> None:
        """Forget all others."""
        self.rows = {stored: row for stored, row in self.rows.items() if stored in queries}
        self.faults = {stored: fault for stored, fault in self.faults.items() if stored in queries}


class Shelf:
    """Looks at the folder when somebody asks, tries what is new there, and publishes what passed.

    All methods belong to the event loop that the endpoint was started in.

    Args:
        workspace: The state of the debate that is asked about.
        endpoint: Answers queries.
        before: The paused shelf of the state before, whose queries stay on offer until they are tried anew.
    """

    def __init__(self, workspace: Workspace, endpoint: Endpoint, before: Shelf | None = None) -> None:
        self._workspace = workspace
        self._endpoint = endpoint
        self._found: Found = before._found if before else Found()
        self._tried = _Tried()
        known: tuple[StoredQuery, ...] = before._published if before else ()
        self._published: tuple[StoredQuery, ...] = tuple(
            stored for stored in known if self._still_holds(stored)
        )
        self._paused = False
        self._publishing: asyncio.Task[None] | None = None
        self._facts: Facts | None = None
        self._reported: set[Diagnostic] = set()
        self._trying: asyncio.Task[None] | None = None
        self._until = 0.0
        self._examples: dict[StoredQuery, Mapping[str, str]] = {}
        self._searching = asyncio.Lock()

    def _still_holds(self, stored: StoredQuery) -> bool:
        """Whether the nodes that a query's header names are there."""
        try:
            return bool([*self._workspace.published([stored])])
        except ArgraphError:
            return False

    async def look(self) -> Offer:
        """What is offered now; waits a little for queries that have just come and are being tried."""
        if self._workspace.dropped is None:
            return Offer(self._workspace.shipped)
        if self._paused:
            return self._offer()
        self._found = await asyncio.to_thread(self._workspace.dropped.look)
        self._report(self._found.faults)
        if not self._paused and (self._pending() or self._passed() != self._published):
            if self._trying is None or self._trying.done():
                self._trying = asyncio.create_task(self._try())
                self._until = time.monotonic() + _PATIENCE
            await asyncio.wait({self._trying}, timeout=max(0.0, self._until - time.monotonic()))
            if self._trying.done() and not self._trying.cancelled():
                self._trying.result()  # a mistake of the server is not passed over
        return self._offer()

    async def pause(self) -> None:
        """Try and publish nothing more until `resume`: what is offered now stays on offer."""
        self._paused = True
        await self.stop()

    def resume(self) -> None:
        """Go on."""
        self._paused = False

    async def stop(self) -> None:
        """Give up what is being tried; what is being published is so to the end."""
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.gather(self._trying, return_exceptions=True)
        if self._publishing is not None:
            await asyncio.gather(self._publishing, return_exceptions=True)

    def _offer(self) -> Offer:
        others = {stored.name: stored for stored in self._published}
        failed = [self._tried.faults[s] for s in self._found.queries.values() if s in self._tried.faults]
        faults = Report.of([*self._found.faults, *failed])
        waiting = (s for s in self._found.queries.values() if s not in self._tried.faults)
        trying = tuple(stored.name for stored in waiting if stored not in self._published)
        return Offer(Catalogue({**self._workspace.shipped, **others}, faults), trying)

    def _pending(self) -> dict[str, StoredQuery]:
        return {path: one for path, one in self._found.queries.items() if one not in self._tried}

    def _passed(self) -> tuple[StoredQuery, ...]:
        return tuple(stored for stored in self._found.queries.values() if stored in self._tried.rows)

    async def _try(self) -> None:
        pending = self._pending()
        while pending:
            path, stored = next(iter(pending.items()))
            try:
                self._tried.rows[stored] = await self._run(stored)
            except (Overloaded, EndpointFailed):
                break  # the next who asks has it tried
            except ArgraphError as error:
                self._tried.faults[stored] = trial.verdict(path, stored, error)
                self._report([self._tried.faults[stored]])
            pending = self._pending()  # files may have come and gone meanwhile
        self._tried.keep({*self._found.queries.values()})
        self._publishing = asyncio.create_task(self._publish(self._passed()))
        try:
            await asyncio.shield(self._publishing)
        except StoreFailed as error:  # an engine elsewhere may be away for a while; the next who asks tries
            _LOG.warning("Saved queries cannot be published now: %s", error)

    async def _run(self, stored: StoredQuery, seconds: float | None = None) -> Mapping[str, Term]:
        space = self._workspace
        pool = self._endpoint.pool
        return await trial.run(pool, stored, prefixes=space.prefixes, resolve=space.term, seconds=seconds)

    async def _publish(self, passed: tuple[StoredQuery, ...]) -> None:
        """Make the dataset hold just these beside the shipped queries."""
        if passed == self._published:
            return
        before, after = (set(self._workspace.published(queries)) for queries in (self._published, passed))
        await self._endpoint.amend(before - after, after - before, self._version(passed))
        self._published = passed
        self._facts = None

    def _version(self, published: tuple[StoredQuery, ...]) -> str:
        told = json.dumps([self._workspace.version, [(stored.name, stored.text) for stored in published]])
        return sha256(told.encode()).hexdigest() if published else self._workspace.version

    @property
    def version(self) -> str:
        """Names the content of `quads`."""
        return self._version(self._published)

    def quads(self) -> Iterator[ox.Quad]:
        """All that can be asked about, with the queries that are offered."""
        yield from self._workspace.quads()
        yield from self._workspace.published(self._published)

    def difference(self, before: Shelf) -> tuple[set[ox.Quad], set[ox.Quad]]:
        """The quads that only another shelf has among its `quads`, and those that only this one has."""
        gone, new = self._workspace.difference(before._workspace)
        was = {*before._workspace.published(before._published)}
        now = {*self._workspace.published(self._published)}
        return gone | (was - now), new | (now - was)

    def facts(self) -> Facts:
        """Numbers of what is published."""
        if self._facts is None:
            queries = [*self._workspace.shipped.values(), *self._published]
            self._facts = Facts.of(self._workspace, list(self._workspace.published(queries)))
        return self._facts

    def _report(self, faults: Iterable[Diagnostic]) -> None:
        """Tell the log of each fault once."""
        for fault in faults:
            if fault not in self._reported:
                self._reported.add(fault)
                file, line = f"{self._workspace.queries}/{fault.location.path}", fault.location.line
                _LOG.warning("%s:%d: not taken as a saved query: %s", file, line, fault.message)

    async def examples(self, catalogue: Catalogue) -> Mapping[str, Mapping[str, str]]:
        """A value for each parameter for which there is an answer, as far as one is found in short time.

        It is the example or the default of the header, else the value in the first row of what the query
        answers without it.
        """
        async with self._searching:
            end = time.monotonic() + _EXAMPLES
            for stored in catalogue.values():
                wanting = any(p.example is None and p.default is None for p in stored.parameters)
                if wanting and stored not in self._examples and (left := end - time.monotonic()) > 0:
                    row = self._tried.rows.get(stored) or await self._first_row(stored, left)
                    self._examples[stored] = {name: self._name(term) for name, term in row.items()}
        return {
            stored.name: {
                p.name: value
                for p in stored.parameters
                if (value := p.example or p.default or self._examples.get(stored, {}).get(p.name))
            }
            for stored in catalogue.values()
        }

    async def _first_row(self, stored: StoredQuery, seconds: float) -> Mapping[str, Term]:
        try:
            return await self._run(stored, seconds)
        except ArgraphError:
            return {}

    def _name(self, term: Term) -> str:
        return self._workspace.key(term.value) if isinstance(term, ox.NamedNode) else term.value
