"""The embedded store: one named graph for each file of a debate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias
from urllib.parse import quote

import pyoxigraph as ox

from argraph import vocab
from argraph.diagnostics import Diagnostic, Report
from argraph.errors import BrokenGraph, ResourceMissing
from argraph.rdf import turtle

Node: TypeAlias = ox.NamedNode | ox.BlankNode
Term: TypeAlias = Node | ox.Literal

_TYPE = ox.NamedNode(vocab.TYPE)
_CONTRIBUTION = ox.NamedNode(vocab.CONTRIBUTION)
FILE_GRAPHS = "urn:argraph:file:"
"""Graph names of files that describe no contribution of their own."""


class Store:
    """Quads in memory, filed by the path they came from.

    Attributes:
        raw: The pyoxigraph store. Its iterators are bound to the thread that made them.
        digest: SHA-256 over the files that it was loaded from, as hexadecimal digits; empty when it was not.
    """

    def __init__(self) -> None:
        self.raw = ox.Store()
        self.digest = ""
        self._graphs: dict[str, ox.NamedNode] = {}

    @classmethod
    def load(cls, folder: Path) -> Store:
        """Read every `*.ttl` file below a folder, or one file.

        Raises:
            ResourceMissing: There is no such folder, or it holds no Turtle file.
            BrokenGraph: A file is not valid Turtle; the report names each place.
        """
        return cls.of(read_files(folder), folder)

    @classmethod
    def of(cls, files: Mapping[str, bytes], folder: Path) -> Store:
        """Read files that are at hand.

        Args:
            files: Their bytes, by path.
            folder: Where they belong; only told in errors.

        Raises:
            BrokenGraph: As `load`.
        """
        store = cls()
        faults: list[Diagnostic] = []
        fingerprint = sha256()
        for path, data in files.items():
            fingerprint.update(sha256(data).digest())
            try:
                quads = ox.parse(data, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
                triples = [ox.Triple(q.subject, q.predicate, q.object) for q in quads]
            except (SyntaxError, ValueError):
                # The reader says where; what it accepts all the same, such as a byte order mark, is valid.
                document = turtle.read(data, name=path)
                faults.extend(document.diagnostics)
                triples = [ox.Triple(t.subject, t.predicate, t.object) for t in document.triples]
            store.put(path, triples)
        if faults:
            report = Report.of(faults)
            first = next(iter(report))
            raise BrokenGraph(
                f"The graph in {folder} cannot be loaded: {first.location.path}:{first.location.line}:"
                f"{first.location.column}: {first.message} Run “argraph check {folder}” for all faults.",
                report,
            )
        store.digest = fingerprint.hexdigest()
        return store

    @property
    def graphs(self) -> Mapping[str, str]:
        """The IRI of the named graph of each path."""
        return MappingProxyType({path: graph.value for path, graph in self._graphs.items()})

    def put(self, path: str, triples: Iterable[ox.Triple]) -> str:
        """File triples under a path, in place of what stood there; returns the IRI of their graph.

        The graph is named by the file's contribution when it describes exactly one that no other file
        describes, and that is none of the graphs that argraph adds; otherwise by the path.
        """
        self.drop(path)
        triples = list(triples)
        graph = self._name(path, triples)
        self._graphs[path] = graph
        self.raw.extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples)
        return graph.value

    def drop(self, path: str) -> None:
        """Forget a path; nothing happens when it is unknown."""
        graph = self._graphs.pop(path, None)
        if graph is not None:
            self.raw.remove_graph(graph)

    def copy(self) -> Store:
        """An independent store with the same content."""
        other = Store()
        other.raw.extend(self.raw)
        other._graphs = dict(self._graphs)
        return other

    def paths_of(self, subject: Node) -> list[str]:
        """The paths whose graphs say what a node is."""
        named = {quad.graph_name for quad in self.raw.quads_for_pattern(subject, _TYPE, None)}
        return [path for path, graph in self._graphs.items() if graph in named]

    def paths_about(self, subject: Node) -> list[str]:
        """The paths whose graphs say anything of a node."""
        named = {quad.graph_name for quad in self.raw.quads_for_pattern(subject, None, None)}
        return [path for path, graph in self._graphs.items() if graph in named]

    def _name(self, path: str, triples: list[ox.Triple]) -> ox.NamedNode:
        described = {t.subject for t in triples if t.predicate == _TYPE and t.object == _CONTRIBUTION}
        if len(described) == 1:
            (contribution,) = described
            taken = {*self._graphs.values(), *map(ox.NamedNode, vocab.ADDED_GRAPHS)}
            if isinstance(contribution, ox.NamedNode) and contribution not in taken:
                return contribution
        return ox.NamedNode(FILE_GRAPHS + quote(path, safe="/"))


def read_files(*places: Path) -> dict[str, bytes]:
    """The bytes of files, and of every `*.ttl` file below folders, by path and in order.

    Raises:
        ResourceMissing: A place does not exist or cannot be read, or a folder holds no Turtle file.
    """
    found: dict[str, bytes] = {}
    for place in places:
        paths = sorted(p for p in place.rglob("*.ttl") if p.is_file()) if place.is_dir() else [place]
        if not paths:
            raise ResourceMissing(f"There is no Turtle file (*.ttl) in {place}.")
        for path in paths:
            try:
                found[str(path)] = path.read_bytes()
            except FileNotFoundError:
                raise ResourceMissing(f"There is no file or folder {place}.") from None
            except OSError as error:
                raise ResourceMissing(f"{path} cannot be read: {error.strerror}.") from error
    return found
