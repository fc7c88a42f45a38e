"""The embedded store: one named graph for each file of a debate."""

from __future__ import annotations

import hashlib
from bisect import insort
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import NamedTuple, Protocol, TypeAlias, TypeVar
from urllib.parse import quote

import pyoxigraph as ox

from argraph import vocab
from argraph.diagnostics import Diagnostic, Report
from argraph.errors import BrokenGraph, ResourceMissing
from argraph.progress import Report as Progress
from argraph.progress import counted, silent
from argraph.rdf import turtle
from argraph.rdf.asserted import Asserted
from argraph.rdf.layers import Layers

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


class Amendment(NamedTuple):
    """What became of a store when files of it changed.

    Attributes:
        store: The store afterwards.
        gone: IRIs of the named graphs that were there, and are not any more or hold something else.
        new: IRIs of the named graphs that are there in their place.
    """

    store: Store
    gone: frozenset[str]
    new: frozenset[str]


class Filed(NamedTuple):
    """What a store knows of one file beside its triples.

    Attributes:
        path: Its path.
        graph: IRI of its named graph.
        claim: The contribution that its graph is named by, if it is free; else empty.
        digest: SHA-256 of its bytes, as hexadecimal digits; empty where it was not loaded from a file.
    """

    path: str
    graph: str
    claim: str
    digest: str


class Store:
    """Quads in memory, filed by the path they came from.

    Attributes:
        raw: The quads, as a pyoxigraph store, or in layers where the store was amended. Iterators are bound
            to the thread that made them.
        digest: SHA-256 over the files that it was loaded from, as hexadecimal digits; empty when it was not.
    """

    def __init__(self) -> None:
        self.raw: ox.Store | Layers = ox.Store()
        self.digest = ""
        self._folder = Path()
        self._graphs: dict[str, str] = {}
        self._paths: dict[str, str] = {}
        self._claims: dict[str, str] = {}  # the contribution that a path's graph is named by, if it is free
        self._files: dict[str, str] = {}

    @classmethod
    def load(cls, folder: Path, report: Progress = silent) -> Store:
        """Read every `*.ttl` file below a folder, or one file.

        Args:
            folder: The folder or file.
            report: Is told how far it is.

        Raises:
            ResourceMissing: There is no such folder, or it holds no Turtle file.
            BrokenGraph: A file is not valid Turtle; the report names each place.
        """
        return cls.of(read_files(folder), folder, report)

    @classmethod
    def of(cls, files: Mapping[str, bytes], folder: Path, report: Progress = silent) -> Store:
        """Read files that are at hand.

        Args:
            files: Their bytes, by path.
            folder: Where they belong; only told in errors.
            report: Is told how far it is.

        Raises:
            BrokenGraph: As `load`.
        """
        store = cls()
        store._folder = folder
        read = _read(files, folder)
        for path, triples in counted(report, "Reading the files", read, total=len(files), unit="files"):
            store.put(path, triples)
            store._files[path] = sha256(files[path]).hexdigest()
        store.digest = fingerprint(store._files)
        return store

    @classmethod
    def published(cls, raw: ox.Store | Asserted, filed: Iterable[Filed], folder: Path) -> Store:
        """What was loaded before, read from the state that it was published in.

        Args:
            raw: The quads of the files.
            filed: As it was, in order.
            folder: Where the files are.
        """
        store = cls()
        store.raw = raw if isinstance(raw, ox.Store) else Layers.over(raw)
        store._folder = folder
        for path, graph, claim, digest in filed:
            store._graphs[path], store._paths[graph] = graph, path
            if claim:
                store._claims[path] = claim
            if digest:
                store._files[path] = digest
        if len(store._files) == len(store._graphs):
            store.digest = fingerprint(store._files)
        return store

    @property
    def filed(self) -> tuple[Filed, ...]:
        """What is known of each file, in order."""
        return tuple(
            Filed(path, graph, self._claims.get(path, ""), self._files.get(path, ""))
            for path, graph in self._graphs.items()
        )

    def amended(self, changes: Mapping[str, bytes | None]) -> Store:
        """The store as `of` would make it if files were other ones; this one must not change any more.

        It costs what the changed files cost, and little of what the store does: all else is shared.

        Args:
            changes: The bytes of the files, by path; None takes a file away.

        Raises:
            BrokenGraph: As `of`.
        """
        return self.amendment(changes).store

    def amendment(self, changes: Mapping[str, bytes | None]) -> Amendment:
        """The same, with the graphs that differ.

        The files are in the order of their paths, as `read_files` has them.

        Raises:
            BrokenGraph: As `of`.
        """
        digests = {p: sha256(data).hexdigest() for p, data in changes.items() if data is not None}
        files = {
            path: data
            for path, data in changes.items()
            if data is not None and digests[path] != self._files.get(path)
        }
        contents = dict(_read(files, self._folder))
        gone_paths = {path for path, data in changes.items() if data is None and path in self._graphs}
        other = Store()
        other._folder = self._folder
        order = [path for path in self._graphs if path not in gone_paths]
        for path in contents.keys() - self._graphs.keys():
            insort(order, path, key=PurePath)
        claims = {path: claim for path, claim in self._claims.items() if path not in gone_paths}
        for path, triples in contents.items():
            claims.pop(path, None)
            if claim := _claim(triples):
                claims[path] = claim
        # A name that a changed file had or wants goes to the first file that wants it.
        changed = {*contents, *gone_paths}
        open_names = {known[path] for known in (self._claims, claims) for path in changed if path in known}
        names = dict(self._graphs)
        taken = set[str]()
        for path in order:
            claim = claims.get(path, "")
            if claim in open_names or path in contents:
                first = bool(claim) and claim not in taken
                names[path] = claim if first else _file_graph(path)
                taken.add(claim)
        renamed = {path for path in order if path not in contents and names[path] != self._graphs[path]}
        gone = frozenset(self._graphs[path] for path in (*changed, *renamed) if path in self._graphs)
        added = ox.Store()
        for path, triples in contents.items():
            graph = ox.NamedNode(names[path])
            added.extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples)
        for path in renamed:
            was, graph = ox.NamedNode(self._graphs[path]), ox.NamedNode(names[path])
            quads = self.raw.quads_for_pattern(None, None, None, was)
            added.extend([ox.Quad(q.subject, q.predicate, q.object, graph) for q in quads])
        raw = Layers.over(self.raw).without(gone)
        other.raw = raw.beneath(added) if len(added) else raw
        other._claims = claims
        other._graphs = {path: names[path] for path in order}
        other._paths = {graph: path for path, graph in other._graphs.items()}
        found = {**self._files, **{path: digests[path] for path in contents}}
        other._files = {path: found[path] for path in order if path in found}
        if len(other._files) == len(order):
            other.digest = fingerprint(other._files)
        return Amendment(other, gone, frozenset(names[path] for path in (*contents, *renamed)))

    @property
    def files(self) -> Mapping[str, str]:
        """SHA-256 of each file that it was loaded from, as hexadecimal digits, by path."""
        return MappingProxyType(self._files)

    @property
    def graphs(self) -> Mapping[str, str]:
        """The IRI of the named graph of each path."""
        return MappingProxyType(self._graphs)

    @property
    def paths(self) -> Mapping[str, str]:
        """The path of each named graph, by its IRI."""
        return MappingProxyType(self._paths)

    def put(self, path: str, triples: Iterable[ox.Triple], *, beside: Container[str] | None = None) -> str:
        """File triples under a path, in place of what stood there; returns the IRI of their graph.

        The graph is named by the file's contribution when it describes exactly one that no other file
        describes, and that is none of the graphs that argraph adds; otherwise by the path.

        Args:
            path: The path.
            triples: What the file says.
            beside: IRIs of graphs that there are; without any, those of this store.
        """
        self.drop(path)
        triples = list(triples)
        claim = _claim(triples)
        graph = ox.NamedNode(_graph_name(path, claim, self._paths if beside is None else beside))
        if claim:
            self._claims[path] = claim
        self._graphs[path], self._paths[graph.value] = graph.value, path
        self.digest = ""
        quads = [ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples]
        if isinstance(self.raw, Layers):
            added = ox.Store()
            added.extend(quads)
            self.raw = self.raw.beneath(added)
        else:
            self.raw.extend(quads)
        return graph.value

    def drop(self, path: str) -> None:
        """Forget a path; nothing happens when it is unknown."""
        graph = self._graphs.pop(path, None)
        if graph is not None:
            del self._paths[graph]
            self._claims.pop(path, None)
            self._files.pop(path, None)
            self.digest = ""
            if isinstance(self.raw, Layers):
                self.raw = self.raw.without({graph})
            else:
                self.raw.remove_graph(ox.NamedNode(graph))

    def copy(self) -> Store:
        """An independent store with the same content."""
        other = Store()
        other.raw = ox.Store()
        other.raw.extend(self.raw)
        other._graphs, other._paths = dict(self._graphs), dict(self._paths)
        other._claims = dict(self._claims)
        return other

    def quads_of(self, graphs: Iterable[str]) -> Iterator[ox.Quad]:
        """The quads of named graphs, by their IRIs."""
        for graph in graphs:
            yield from self.raw.quads_for_pattern(None, None, None, ox.NamedNode(graph))

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
        self._kept = Layers.over(store.raw)
        self._dropped: set[str] = set()
        self._added = Store()

    def drop(self, path: str) -> None:
        """Leave out a path; nothing happens when it is unknown."""
        self._added.drop(path)
        graph = self._store.graphs.get(path)
        if graph is not None and graph not in self._dropped:
            self._dropped.add(graph)
            self._kept = self._kept.without({graph})

    def put(self, path: str, triples: Iterable[ox.Triple]) -> str:
        """File triples under a path, as `Store.put` does."""
        self.drop(path)
        return self._added.put(path, triples, beside=self)

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
        yield from self._kept.quads_for_pattern(subject, predicate, object, graph_name)
        yield from self._added.raw.quads_for_pattern(subject, predicate, object, graph_name)


def _read(files: Mapping[str, bytes], folder: Path) -> Iterator[tuple[str, list[ox.Triple]]]:
    """Paths and triples of files; blank nodes of different files are different ones."""
    faults: list[Diagnostic] = []
    for path, data in files.items():
        try:
            quads = ox.parse(data, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
            triples = [ox.Triple(q.subject, q.predicate, q.object) for q in quads]
        except (SyntaxError, ValueError):
            # The reader says where; what it accepts all the same, such as a byte order mark, is valid.
            document = turtle.read(data, name=path)
            faults.extend(document.diagnostics)
            triples = [ox.Triple(t.subject, t.predicate, t.object) for t in document.triples]
        yield path, triples
    if faults:
        report = Report.of(faults)
        first = next(iter(report))
        raise BrokenGraph(
            f"The graph in {folder} cannot be loaded: {first.location.path}:{first.location.line}:"
            f"{first.location.column}: {first.message} Run “argraph check {folder}” for all faults.",
            report,
        )


def fingerprint(files: Mapping[str, str]) -> str:
    """SHA-256 over those of files, in their order."""
    told = sha256()
    for digest in files.values():
        told.update(bytes.fromhex(digest))
    return told.hexdigest()


def _claim(triples: Collection[ox.Triple]) -> str:
    """The contribution that the graph of a file is to be named by; empty where there is none."""
    described = {t.subject for t in triples if t.predicate == _TYPE and t.object == _CONTRIBUTION}
    if len(described) == 1:
        (contribution,) = described
        if (
            isinstance(contribution, ox.NamedNode)
            and contribution.value not in vocab.ADDED_GRAPHS
            and not contribution.value.startswith(FILE_GRAPHS)
        ):
            return contribution.value
    return ""


def _graph_name(path: str, claim: str, taken: Container[str]) -> str:
    return claim if claim and claim not in taken else _file_graph(path)


def _file_graph(path: str) -> str:
    return FILE_GRAPHS + quote(path, safe="/")


def read_files(*places: Path) -> dict[str, bytes]:
    """The bytes of files, and of every `*.ttl` file below folders, by path and in order.

    Raises:
        ResourceMissing: A place does not exist or cannot be read, or a folder holds no Turtle file.
    """
    return {path: data for place in places for path, data in _of_each(place, Path.read_bytes)}


def digests(place: Path) -> dict[str, str]:
    """SHA-256 of each file that `read_files` reads, as hexadecimal digits, by path and in order.

    Raises:
        ResourceMissing: As `read_files`.
    """
    return dict(_of_each(place, file_digest))


def file_digest(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _of_each(place: Path, find: Callable[[Path], T]) -> Iterator[tuple[str, T]]:
    """What is found out about a file, or about each Turtle file below a folder, by path."""
    paths = sorted(p for p in place.rglob("*.ttl") if p.is_file()) if place.is_dir() else [place]
    if not paths:
        raise ResourceMissing(f"There is no Turtle file (*.ttl) in {place}.")
    for path in paths:
        try:
            yield str(path), find(path)
        except FileNotFoundError:
            raise ResourceMissing(f"There is no file or folder {place}.") from None
        except OSError as error:
            raise ResourceMissing(f"{path} cannot be read: {error.strerror}.") from error
