"""A graph that answers questions in this process: saved ones, SPARQL, and what is wrong with files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

import pyoxigraph as ox

from argraph import resources
from argraph.names import Names
from argraph.rdf.snapshots import in_memory
from argraph.rdf.store import Store, read_files

if TYPE_CHECKING:
    from argraph.contribution.check import Edit
    from argraph.contribution.ground import Ground
    from argraph.contribution.shapes import ShapeSet
    from argraph.contribution.workers import Workers
    from argraph.diagnostics import Report
    from argraph.query.audit import Finding
    from argraph.query.catalogue import Catalogue, Folder, StoredQuery
    from argraph.query.engine import Result


class Asking(Names, ABC):
    """An opened graph that can be asked.

    Attributes:
        queries: Folder of saved queries beside the shipped ones; None without one.
    """

    def __init__(self, store: Store, *, queries: Path | None = None) -> None:
        super().__init__(store)
        self.queries = queries
        self._lock = RLock()
        self._complete: ox.Store | None = None

    @abstractmethod
    def quads(self) -> Iterator[ox.Quad]:
        """All that can be asked about, in named graphs."""

    @cached_property
    def ground(self) -> Ground:
        """What the gate knows of this graph."""
        from argraph.contribution.ground import Ground

        return Ground(self.store, lambda: self.argument)

    def check(self, *places: Path, workers: Workers | None = None) -> Report:
        """Run the gate over files and folders, against this graph.

        Args:
            places: Files and folders.
            workers: As in `check.check`.

        Raises:
            ResourceMissing: A place is not there or cannot be read.
            WorkerLost: As in `check.check`.
        """
        return self.check_files(read_files(*places), workers=workers)

    def check_files(self, files: Mapping[str, bytes], *, workers: Workers | None = None) -> Report:
        """Run the gate over files that are given by name; total on any bytes."""
        from argraph.contribution import check

        return check.check(files, against=self.ground, shapes=self.shapes, workers=workers)

    @cached_property
    def shapes(self) -> ShapeSet:
        """What SHACL demands of files; read once, and understood once in the first check."""
        from argraph.contribution.shapes import ShapeSet

        return ShapeSet.load(resources.shapes(), resources.ontology())

    def edit(self, files: Mapping[str, bytes]) -> tuple[Edit, Report]:
        """What files given by name would do to this graph, and the faults of syntax in the way."""
        from argraph.contribution import check

        return check.edit(files, against=self.ground)

    def published(self, queries: Iterable[StoredQuery]) -> Iterator[ox.Quad]:
        """Saved queries as RDF, in a named graph.

        Raises:
            QueryRefused: A value in a header names no node.
        """
        from argraph.query import published

        yield from published.statements(queries, prefixes=self.prefixes, resolve=self.term)

    def complete(self) -> ox.Store:
        """A store of `quads`, with their union as default graph; made the first time, from any thread."""
        with self._lock:
            if self._complete is None:
                self._complete = in_memory(self.quads())
        return self._complete

    @cached_property
    def shipped(self) -> Catalogue:
        """The saved queries that ship with argraph."""
        from argraph.query import catalogue

        return catalogue.load(resources.queries())

    @cached_property
    def dropped(self) -> Folder | None:
        """The folder of other saved queries."""
        from argraph.query.catalogue import Folder

        if self.queries is None:
            return None
        return Folder(self.queries, taken=self.shipped, prefixes=self.prefixes, resolve=self.term)

    @property
    def catalogue(self) -> Catalogue:
        """The saved queries, with those that are in the folder of others now."""
        return self.shipped.beside(self.dropped.look()) if self.dropped else self.shipped

    def tried(self) -> Report:
        """What keeps files of the folder of other saved queries from being taken; runs each query once."""
        from argraph.diagnostics import Report
        from argraph.query import trial

        if self.dropped is None:
            return Report()
        return trial.faults(self.dropped.look(), self.quads(), prefixes=self.prefixes, resolve=self.term)

    def query(self, text: str) -> Result:
        """Evaluate a SPARQL query in this process, with the union of all graphs as default graph.

        Raises:
            QueryRefused: It is malformed or not permitted.
        """
        from argraph.query import engine

        return engine.run(self.complete(), text, prefixes=self.prefixes)

    def ask(self, name: str, arguments: Mapping[str, str]) -> Result:
        """Evaluate a saved query with its parameters given as text.

        Raises:
            UnknownQuery: There is no such saved query.
            UnknownNode: A parameter names a node that does not exist.
            QueryRefused: A parameter is missing, unknown, or of the wrong type.
        """
        from argraph.query import engine

        stored = self.catalogue.get(name)
        bindings = stored.bind(arguments, resolve=self.term)
        return engine.run(self.complete(), stored.text, bindings=bindings, prefixes=self.prefixes)

    def audit(self) -> list[Finding]:
        """The answers to all shipped audit queries, in the order of their names, with IRIs shortened."""
        from argraph.query import audit

        return audit.findings(self.shipped.values(), self.complete(), prefixes=self.prefixes)
