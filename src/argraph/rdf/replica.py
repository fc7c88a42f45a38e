"""Published states of a graph on an existing SPARQL 1.1 engine.

The engine holds the named graphs under their own names, their merge as one more graph for each state, and one
graph with marks that say which state is there. Whoever asks reads the mark after the answer: an answer that
may be from two states is none. Graphs are written only where their content differs from what the marks say,
so several servers of the same files share one engine, and the second writes nothing.
"""

from __future__ import annotations

import random
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final
from uuid import uuid4

import pyoxigraph as ox

from argraph.errors import ArgraphError, BudgetExceeded, EndpointFailed, StoreFailed
from argraph.rdf.remote import BATCH, Engine, Graphs

MARKS: Final = "urn:argraph:store"
"""Named graph of the marks, and the thing that they are about."""
NOTHING: Final = "urn:argraph:store:nothing"
"""A graph that is never there."""
_TERM: Final = "urn:argraph:store#"
_PROBES: Final = ("urn:argraph:store:probe:1", "urn:argraph:store:probe:2")
_LOOK: Final = 0.5
_STALE: Final = 60.0  # seconds without a sign from whoever writes, until it counts as gone
_PATIENCE: Final = 3600.0
_KEPT: Final = 2  # merged states; the one before the newest is for servers that have yet to follow


class RemoteState:
    """A state on an engine; see `states.State`. It is kept until two newer ones are there."""

    def __init__(self, version: str, place: Mapping[str, Any]) -> None:
        self.version = version
        self.place = place

    def enter(self) -> None:
        """Readers are not counted: they notice when the state is gone."""

    def leave(self) -> None:
        """Likewise."""


class Overtaken(StoreFailed):
    """Another server has published something else since this one last looked, so that nothing was written."""


@dataclass(slots=True)
class _Held:
    """What the marks say.

    Attributes:
        graphs: Version that the named graphs are of; empty while they are being written.
        merged: The merged graph of each version that is complete, in the order they were written.
        begun: Merged graphs that are not complete.
        digests: Fingerprint of each named graph; empty where it is being written.
        merges: Whether the engine counts a triple once that two graphs state, when asked of both.
        writer: Who writes; nobody when empty.
        signs: The same, with the last sign that it has shown.
    """

    graphs: str = ""
    merged: dict[str, str] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    digests: dict[str, str] = field(default_factory=dict)
    merges: str = ""
    writer: frozenset[str] = frozenset()
    signs: frozenset[str] = frozenset()
    last: int = 0


class Replica:
    """The writer of states on an engine; one of several perhaps, of which one at a time writes.

    Args:
        engine: Where.
        rebuild: Write everything anew the first time, and take over graphs of the same names that argraph
            has not written.
        yields: Take what another one has published for newer than what this one knew of when its files were
            read: for servers that follow another, so that none of them brings an older state back.
    """

    def __init__(self, engine: Engine, *, rebuild: bool = False, yields: bool = False) -> None:
        self.engine = engine
        self.written: list[str] = []
        self._yields = yields
        self._known = ""
        """Version of the named graphs when this one last looked, which was before its files were read."""
        self._rebuild = rebuild
        self._current = ""
        self._own, self._beats = "", 0

    def publish(self, quads: Iterable[ox.Quad], version: str) -> RemoteState:
        """See `states.Publishing`; graph by graph, those only that differ.

        Raises:
            StoreFailed: The engine cannot be reached, refuses, or holds other graphs of the same names.
            Overtaken: Somebody has published something else, and this one yields: read the files again.
        """
        with self._explained():
            held = self._held()
            if self._overtaken(held, version):
                return self._state(version, held)
            if self._rebuild or not _done(held, version):
                groups: dict[str, list[ox.Triple]] = {}
                for quad in quads:
                    groups.setdefault(quad.graph_name.value, []).append(quad.triple)  # type: ignore[union-attr]
                with self._writing() as held:
                    overtaken = self._overtaken(held, version)
                    if self._rebuild or not (overtaken or _done(held, version)):
                        self._replace(groups, version, held)
                held = self._held()
            return self._state(version, held)

    def _overtaken(self, held: _Held, version: str) -> bool:
        """Whether this one yields to something else that was published meanwhile, and its version is there.

        Raises:
            Overtaken: Its version is not there.
        """
        if not self._yields or self._rebuild or held.graphs in {"", self._known, version}:
            return False
        first, self._known = not self._known, held.graphs
        if version in held.merged:
            return True
        if first:  # as any server that starts with other files than the last
            return False
        raise Overtaken(f"Another server has published a newer state to the engine at {self.engine.host}.")

    def amend(self, gone: Iterable[ox.Quad], new: Iterable[ox.Quad], version: str) -> RemoteState:
        """See `states.Publishing`; the quads may hold no blank nodes, which cannot be told apart from afar.

        Raises:
            StoreFailed: As `publish`; or another server has published something else meanwhile.
        """
        gone, new = tuple(gone), tuple(new)
        if any(isinstance(term, ox.BlankNode) for quad in (*gone, *new) for term in quad.triple):
            raise StoreFailed("A change with blank nodes cannot be made on an engine: publish all of it.")
        with self._explained():
            if not _done(self._held(), version):
                with self._writing() as held:
                    if not _done(held, version):
                        if held.graphs != self._current:
                            raise StoreFailed(
                                f"The engine at {self.engine.host} holds another state of the debate than "
                                "this server: another server has published a newer one. Restart this one."
                            )
                        self._change(gone, new, version, held)
            return self._state(version, self._held())

    def close(self) -> None:
        """Hang up; what was published stays."""
        self.engine.close()

    def _state(self, version: str, held: _Held) -> RemoteState:
        if version not in held.merged:
            raise StoreFailed(
                f"What was just written to the engine at {self.engine.host} is not there: another server, or "
                "somebody else, removed it."
            )
        self._current = version
        self._known = held.graphs
        self._rebuild = False
        place = {
            "engine": self.engine.address.told(),
            "version": version,
            "merged": held.merged[version],
            "graphs": sorted(held.digests),
            "merges": held.merges == "yes",
        }
        return RemoteState(version, place)

    def _replace(self, groups: Mapping[str, list[ox.Triple]], version: str, held: _Held) -> None:
        digests = {graph: _digest(triples) for graph, triples in groups.items()}
        before = {} if self._rebuild else held.digests
        self._mark_graphs("")
        for graph, triples in groups.items():
            if before.get(graph) != digests[graph]:
                if graph not in held.digests and not self._rebuild and self.engine.count(graph):
                    raise StoreFailed(
                        f"The engine at {self.engine.host} holds a graph <{graph}> that argraph has not "
                        "written. Name another engine, or have that graph replaced with --rebuild."
                    )
                self._mark_digest(graph, "")
                self.engine.put(graph, triples, between=self._beat)
                self._mark_digest(graph, digests[graph])
                self.written.append(graph)
        for graph in held.digests.keys() - digests.keys():
            self.engine.delete(graph)
            self.engine.update(f"DELETE WHERE {{ GRAPH <{MARKS}> {{ <{graph}> ?p ?o }} }}")
        everything = {triple for triples in groups.values() for triple in triples}
        self._finish(version, held, groups, len(everything))

    def _change(self, gone: Collection[ox.Quad], new: Collection[ox.Quad], version: str, held: _Held) -> None:
        self._mark_graphs("")
        touched = {quad.graph_name.value for quad in (*gone, *new)}  # type: ignore[union-attr]
        for graph in touched:
            self._mark_digest(graph, "")
        for verb, quads in (("DELETE", gone), ("INSERT", new)):
            for start in range(0, len(quads), BATCH):
                lines = "".join(
                    f"GRAPH {quad.graph_name} {{ {quad.triple} }}\n"
                    for quad in [*quads][start : start + BATCH]
                )
                self.engine.update(f"{verb} DATA {{\n{lines}}}")
        for graph in touched:
            self._mark_digest(graph, f"changed for {version}")
        self._finish(version, held, {**held.digests, **dict.fromkeys(touched)}, None)

    def _finish(self, version: str, held: _Held, graphs: Iterable[str], triples: int | None) -> None:
        """Merge all graphs into a new one unless that is there, mark what is complete, delete the rest."""
        kept = {} if self._rebuild else dict(held.merged)
        doomed = held.begun | (set(held.merged.values()) if self._rebuild else set())
        merged = kept.pop(version, "")
        if not merged:
            merged = f"{MARKS}:merged:{uuid4().hex}"
            self._mark(f'<{merged}> <{_TERM}version> "{version}"')
            for graph in graphs:
                self._beat()
                self.engine.update(f"ADD GRAPH <{graph}> TO GRAPH <{merged}>")
            held_now = self.engine.count(merged)
            most = sum(map(self.engine.count, graphs)) if triples is None else triples
            if held_now > most or (held_now == 0 and most):
                raise EndpointFailed(f"The engine at {self.engine.host} does not merge graphs.")
        kept[version] = merged
        self._mark(f'<{merged}> <{_TERM}number> "{held.last + 1}"', replacing=f"<{merged}> <{_TERM}number>")
        self._mark_graphs(version)
        doomed.update([*kept.values()][:-_KEPT])
        for old in doomed - {merged}:
            self.engine.update(f"DELETE WHERE {{ GRAPH <{MARKS}> {{ <{old}> ?p ?o }} }}")
            self.engine.delete(old)

    def _held(self) -> _Held:
        held = _Held()
        found = self.engine.select("SELECT ?s ?p ?o { ?s ?p ?o }", Graphs((MARKS,)))
        marks: dict[str, dict[str, list[str]]] = {}
        for subject, predicate, value in found.rows:
            name = predicate.value.removeprefix(_TERM) if predicate is not None else ""
            if subject is not None and value is not None:
                marks.setdefault(subject.value, {}).setdefault(name, []).append(value.value)
        own = marks.pop(MARKS, {})
        held.graphs, held.merges = (own.get(name, [""])[0] for name in ("graphs", "merges"))
        held.writer = frozenset(own.get("writer", ()))
        held.signs = held.writer | {f"sign {beat}" for beat in own.get("beat", ())}
        numbered = []
        for subject_, told in marks.items():
            if "digest" in told:
                held.digests[subject_] = told["digest"][0] if len(told["digest"]) == 1 else ""
            elif "number" in told:
                numbered.append((int(told["number"][0]), told["version"][0], subject_))
            else:
                held.begun.add(subject_)
        held.merged = {version: graph for _, version, graph in sorted(numbered)}
        held.last = max((number for number, _, _ in numbered), default=0)
        return held

    @contextmanager
    def _writing(self) -> Iterator[_Held]:
        """Be the only one who writes; by then another may have written the very version."""
        own = uuid4().hex
        self._claim(own)
        self._own, self._beats = own, 0
        try:
            held = self._held()
            if not held.merges:
                held.merges = self._probe()
            yield held
        finally:
            with suppress(ArgraphError):  # the error that led here says more
                self._retract(own)

    def _claim(self, own: str) -> None:
        """Say that this one writes, once nobody else says so.

        Two may say so at the same moment: then both see both, step back, and try again after different times.
        """
        seen, since, began = frozenset[str](), time.monotonic(), time.monotonic()
        while True:
            held = self._held()
            if not held.writer:
                self._mark(f'<{MARKS}> <{_TERM}writer> "{own}"')
                if self._held().writer == {own}:
                    return
                self._retract(own)
                time.sleep(random.uniform(0.1, 1.0))  # noqa: S311 - no secret
                continue
            now = time.monotonic()
            if held.signs != seen:
                seen, since = held.signs, now
            elif now - since > _STALE:
                for writer in held.writer:
                    self._retract(writer)
            if now - began > _PATIENCE:
                raise StoreFailed(f"Another server has been writing to {self.engine.host} for an hour.")
            time.sleep(_LOOK)

    def _retract(self, writer: str) -> None:
        self.engine.update(
            f'DELETE DATA {{ GRAPH <{MARKS}> {{ <{MARKS}> <{_TERM}writer> "{writer}" }} }} ;\n'
            f"DELETE WHERE {{ GRAPH <{MARKS}> {{ <{MARKS}> <{_TERM}beat> ?n }} }}"
        )

    def _beat(self) -> None:
        """A sign that this one still writes; an error when another has taken over."""
        self._beats += 1
        self._mark(f'<{MARKS}> <{_TERM}beat> "{self._beats}"', replacing=f"<{MARKS}> <{_TERM}beat>")
        mine = f'ASK {{ <{MARKS}> <{_TERM}writer> "{self._own}" }}'
        if not self.engine.ask(mine, Graphs((MARKS,))):
            raise StoreFailed(
                f"Another server has taken over the writing to {self.engine.host}: this one was silent for "
                "too long. Start it again."
            )

    def _probe(self) -> str:
        triple = [ox.Triple(ox.NamedNode(MARKS), ox.NamedNode(f"{_TERM}probe"), ox.Literal("probe"))]
        for probe in _PROBES:
            self.engine.put(probe, triple)
        found = self.engine.select("SELECT ?s { ?s ?p ?o }", Graphs(_PROBES))
        merges = "yes" if len(found.rows) == 1 else "no"
        self._mark(f'<{MARKS}> <{_TERM}merges> "{merges}"', replacing=f"<{MARKS}> <{_TERM}merges>")
        return merges

    def _mark(self, statement: str, *, replacing: str = "") -> None:
        old = f"DELETE WHERE {{ GRAPH <{MARKS}> {{ {replacing} ?o }} }} ;\n" if replacing else ""
        self.engine.update(f"{old}INSERT DATA {{ GRAPH <{MARKS}> {{ {statement} }} }}")

    def _mark_graphs(self, version: str) -> None:
        self._mark(f'<{MARKS}> <{_TERM}graphs> "{version}"', replacing=f"<{MARKS}> <{_TERM}graphs>")

    def _mark_digest(self, graph: str, digest: str) -> None:
        self._mark(f'<{graph}> <{_TERM}digest> "{digest}"', replacing=f"<{graph}> <{_TERM}digest>")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (EndpointFailed, BudgetExceeded) as error:
            raise StoreFailed(str(error)) from error


def still_there(merged: str, version: str, *, named: bool) -> str:
    """The question that is to be answered with yes after a query, for its answer to be from one state.

    Args:
        merged: Merged graph of the state.
        version: Its version.
        named: Whether the query asked named graphs, too.
    """
    graphs = f' . <{MARKS}> <{_TERM}graphs> "{version}"' if named else ""
    return f"ASK {{ <{merged}> <{_TERM}number> ?n{graphs} }}"


def _done(held: _Held, version: str) -> bool:
    return held.graphs == version and version in held.merged


def _digest(triples: Collection[ox.Triple]) -> str:
    """Fingerprint of a graph, equal however its blank nodes are called."""
    nodes = (term for triple in triples for term in (triple.subject, triple.object))
    if any(isinstance(node, ox.BlankNode) for node in nodes):
        dataset = ox.Dataset(ox.Quad(*triple) for triple in triples)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        triples = [quad.triple for quad in dataset]
    told = sha256()
    for line in sorted(map(str, triples)):
        told.update(line.encode())
        told.update(b"\n")
    return told.hexdigest()
