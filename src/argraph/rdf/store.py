"""The embedded store: one named graph for each file of a debate."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from hashlib import file_digest, sha256
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, TypeAlias, TypeVar
from urllib.parse import quote

import pyoxigraph as ox

from argraph import vocab
from argraph.diagnostics import Diagnostic, Report
from argraph.errors import BrokenGraph, ResourceMissing
from argraph.rdf import turtle
from argraph.rdf.asserted import Asserted

Node: TypeAlias = ox.NamedNode | ox.BlankNode
Term: TypeAlias = Node | ox.Literal
T = TypeVar("T")

_TYPE = ox.NamedNode(vocab.TYPE)
_CONTRIBUTION = ox.NamedNode(vocab.CONTRIBUTION)
FILE_GRAPHS = "urn:argraph:file:"
"""Graph names of files that describe no contribution of their own."""


class Quads(Protocol):
    """What can be asked for quads by pattern, as a pyoxigraph store can."""

    def quads_for_pattern(
        self,
        subject: Node | None,
        predicate: ox.NamedNode | None,
        object: Term | None,
        graph_name: ox.NamedNode | None = None,
        /,
    ) -> Iterator[ox.Quad]:
        """The quads that match; None stands for anything."""


class Store:
    """Quads in memory, filed by the path they came from.

    Attributes:
        raw: The quads, in memory, or on disk as they were published. Iterators are bound to the thread that
            made them.
        digest: SHA-256 over the files that it was loaded from, as hexadecimal digits; empty when it was not.
    """

    def __init__(self) -> None:
        self.raw: ox.Store | Asserted = ox.Store()
        self.digest = ""
        self._graphs: dict[str, str] = {}
        self._paths: dict[str, str] = {}

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

    @classmethod
    def published(cls, raw: Asserted, graphs: Mapping[str, str], digest: str) -> Store:
        """What was loaded before, as it was published.

        Args:
            raw: The published state.
            graphs: As `Store.graphs` was.
            digest: As `Store.digest` was.
        """
        store = cls()
        store.raw, store.digest = raw, digest
        store._graphs, store._paths = dict(graphs), {graph: path for path, graph in graphs.items()}
        return store

    @property
    def graphs(self) -> Mapping[str, str]:
        """The IRI of the named graph of each path."""
        return MappingProxyType(self._graphs)

    @property
    def paths(self) -> Mapping[str, str]:
        """The path of each named graph, by its IRI."""
        return MappingProxyType(self._paths)

    def put(self, path: str, triples: Iterable[ox.Triple]) -> str:
        """File triples under a path, in place of what stood there; returns the IRI of their graph.

        The graph is named by the file's contribution when it describes exactly one that no other file
        describes, and that is none of the graphs that argraph adds; otherwise by the path.
        """
        self.drop(path)
        triples = list(triples)
        graph = _graph_name(path, triples, self._paths)
        self._graphs[path], self._paths[graph.value] = graph.value, path
        self._memory().extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples)
        return graph.value

    def drop(self, path: str) -> None:
        """Forget a path; nothing happens when it is unknown."""
        graph = self._graphs.pop(path, None)
        if graph is not None:
            del self._paths[graph]
            self._memory().remove_graph(ox.NamedNode(graph))

    def _memory(self) -> ox.Store:
        """The quads where they can be changed: in memory."""
        if not isinstance(self.raw, ox.Store):
            published, self.raw = self.raw, ox.Store()
            self.raw.bulk_extend(published)
        return self.raw

    def copy(self) -> Store:
        """An independent store with the same content."""
        other = Store()
        other._memory().extend(self.raw)
        other._graphs, other._paths = dict(self._graphs), dict(self._paths)
        return other

    def paths_of(self, subject: Node) -> list[str]:
        """The paths whose graphs say what a node is."""
        named = {
            getattr(quad.graph_name, "value", "") for quad in self.raw.quads_for_pattern(subject, _TYPE, None)
        }
        return sorted(path for graph in named if (path := self._paths.get(graph)) is not None)

    def paths_about(self, subject: Node) -> list[str]:
        """The paths whose graphs say anything of a node."""
        quads = self.raw.quads_for_pattern(subject, None, None)
        named = {getattr(quad.graph_name, "value", "") for quad in quads}
        return sorted(path for graph in named if (path := self._paths.get(graph)) is not None)


class Edition:
    """A store as it would be with some files dropped and others put in; the store itself stays as it is.

    Making one costs what the files cost, however large the store is. It must not change meanwhile.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._dropped: set[str] = set()
        self._added = Store()

    def drop(self, path: str) -> None:
        """Leave out a path; nothing happens when it is unknown."""
        self._added.drop(path)
        if (graph := self._store.graphs.get(path)) is not None:
            self._dropped.add(graph)

    def put(self, path: str, triples: Iterable[ox.Triple]) -> str:
        """File triples under a path, as `Store.put` does."""
        self.drop(path)
        triples = list(triples)
        graph = _graph_name(path, triples, self)
        self._added._graphs[path], self._added._paths[graph.value] = graph.value, path
        self._added._memory().extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples)
        return graph.value

    def __contains__(self, graph: object) -> bool:
        """Whether a file has a graph of this IRI."""
        return isinstance(graph, str) and self.path(graph) is not None

    def path(self, graph: str) -> str | None:
        """The path of a named graph, by its IRI."""
        if (path := self._added.paths.get(graph)) is not None:
            return path
        return None if graph in self._dropped else self._store.paths.get(graph)

    def quads_for_pattern(
        self,
        subject: Node | None,
        predicate: ox.NamedNode | None,
        object: Term | None,
        graph_name: ox.NamedNode | None = None,
        /,
    ) -> Iterator[ox.Quad]:
        """The quads that match; None stands for anything."""
        pattern = subject, predicate, object, graph_name
        if not self._dropped:
            yield from self._store.raw.quads_for_pattern(*pattern)
        else:
            for quad in self._store.raw.quads_for_pattern(*pattern):
                if getattr(quad.graph_name, "value", "") not in self._dropped:
                    yield quad
        yield from self._added.raw.quads_for_pattern(*pattern)


def _graph_name(path: str, triples: list[ox.Triple], taken: Container[str]) -> ox.NamedNode:
    described = {t.subject for t in triples if t.predicate == _TYPE and t.object == _CONTRIBUTION}
    if len(described) == 1:
        (contribution,) = described
        if (
            isinstance(contribution, ox.NamedNode)
            and contribution.value not in taken
            and contribution.value not in vocab.ADDED_GRAPHS
        ):
            return contribution
    return ox.NamedNode(FILE_GRAPHS + quote(path, safe="/"))


def read_files(*places: Path) -> dict[str, bytes]:
    """The bytes of files, and of every `*.ttl` file below folders, by path and in order.

    Raises:
        ResourceMissing: A place does not exist or cannot be read, or a folder holds no Turtle file.
    """
    return {str(path): _read(path, Path.read_bytes) for place in places for path in turtle_files(place)}


def digests(place: Path) -> dict[str, str]:
    """SHA-256 of each file that `read_files` reads, as hexadecimal digits, by path and in order.

    Raises:
        ResourceMissing: As `read_files`.
    """
    return {str(path): _read(path, _digest) for path in turtle_files(place)}


def fingerprint(files: Iterable[str]) -> str:
    """The digest of a store of files with these digests, in order."""
    return sha256(b"".join(map(bytes.fromhex, files))).hexdigest()


def turtle_files(place: Path) -> list[Path]:
    """A file, or the `*.ttl` files below a folder, in order.

    Raises:
        ResourceMissing: There is none.
    """
    paths = sorted(p for p in place.rglob("*.ttl") if p.is_file()) if place.is_dir() else [place]
    if not paths:
        raise ResourceMissing(f"There is no Turtle file (*.ttl) in {place}.")
    return paths


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _read(path: Path, how: Callable[[Path], T]) -> T:
    try:
        return how(path)
    except FileNotFoundError:
        raise ResourceMissing(f"There is no file or folder {path}.") from None
    except OSError as error:
        raise ResourceMissing(f"{path} cannot be read: {error.strerror}.") from error
