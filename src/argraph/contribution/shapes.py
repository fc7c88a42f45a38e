"""The shapes: what SHACL demands of a contribution, checked by pySHACL, which nothing else imports."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
import rdflib
from rdflib import RDF, SH

from argraph import vocab
from argraph.argument.derived import GRAPH as DERIVED
from argraph.argument.graph import local_name
from argraph.contribution.neighbourhood import EVERYWHERE, Graph, Paths, Triple
from argraph.diagnostics import Severity
from argraph.errors import ResourceMissing
from argraph.rdf.store import Node, Term
from argraph.rdf.terms import RdflibTerm, from_rdflib, to_rdflib

_SEVERITY: Final = {SH.Violation: Severity.VIOLATION, SH.Warning: Severity.WARNING, SH.Info: Severity.INFO}
_BY_KIND: Final = {SH.ClassConstraintComponent, SH.OrConstraintComponent, SH.NotConstraintComponent}
_NOT_OFFERED: Final = {vocab.TYPE, *vocab.DERIVED}


@dataclass(frozen=True, slots=True)
class ShapeResult:
    """One SHACL validation result.

    Attributes:
        shape: IRI of the shape that found it.
        severity: As the shape declares it.
        message: What is wrong and what to write instead.
        focus: The node that was checked.
        path: The property concerned; of a path of several links the first. None where there is no one property.
        inverse: Whether `path` leads to the node instead of from it.
        value: The offending value; None where something is missing.
        component: IRI of the SHACL constraint component.
        details: Why, where the message leaves that open: what the value is instead of what was wanted, why
            each of several ways to conform failed, or what is possible instead.
    """

    shape: str
    severity: Severity
    message: str
    focus: Node
    path: str | None
    inverse: bool
    value: Term | None
    component: str
    details: tuple[str, ...] = ()


class ShapeSet:
    """Shapes, read once, to validate graphs with.

    pySHACL is neither re-entrant nor tested for threads, so validations wait for each other.
    """

    def __init__(self, shapes: ox.Store, ontology: ox.Store) -> None:
        self._paths = Paths(shapes)
        self._shapes = _rdflib((q.subject, q.predicate, q.object) for q in shapes)  # type: ignore[misc]
        self._background = ox.Store()
        self._background.extend(filter(_has_part, ontology))
        self._compiled: Any = None
        self._lock = threading.Lock()

    @classmethod
    def load(cls, shapes: Path, ontology: Path) -> ShapeSet:
        """Read all Turtle files of two folders.

        Of the ontology only what falls under which class, and what kind each concept (such as
        `arg:SchemeAnalogy`) is, takes part in validation.

        Raises:
            ResourceMissing: A folder holds no Turtle file.
            ValueError: A shape uses a construct that `neighbourhood.Paths` does not know.
        """
        return cls(_read(shapes), _read(ontology))

    def affected(self, store: ox.Store, focus: Iterable[Node]) -> set[Term] | None:
        """The nodes whose results may differ because of triples with these subjects; None stands for all.

        For triples that were removed, `focus` holds their subjects and objects. A node that says something
        with a property of `EVERYWHERE` (the debate itself) affects all nodes.
        """
        focus = set(focus)
        graph = self._graph(store)
        for predicate in EVERYWHERE:
            if any(q.subject in focus for q in store.quads_for_pattern(None, predicate, None)):
                return None
        return self._paths.affected(graph, focus)

    def validate(self, store: ox.Store, focus: Collection[Node] | None = None) -> list[ShapeResult]:
        """What the shapes find in the union of a store's graphs (less the graph of derived links).

        With `focus`, exactly those results of a full validation whose focus node is among
        `affected(store, focus)`; only the surroundings of these nodes are looked at, so the cost does not
        grow with the store. The order of results is stable.
        """
        graph = self._graph(store)
        affected = None if focus is None else self.affected(store, focus)
        if affected is None:
            triples = set(graph.triples(None, None, None))
        else:
            nodes = [term for term in affected if not isinstance(term, ox.Literal)]
            triples = self._paths.triples(graph, nodes)
            for predicate in EVERYWHERE:
                triples.update(graph.triples(None, predicate, None))
        results = [
            result
            for result in self._results(_rdflib(triples))
            if (affected is None or result.focus in affected) and not self._is_vocabulary(result.focus, store)
        ]
        return sorted(results, key=lambda r: (r.focus.value, r.shape, r.path or "", str(r.value), r.message))

    def _is_vocabulary(self, node: Node, store: ox.Store) -> bool:
        """Whether a node is a concept of the vocabulary that the store says nothing about."""
        return _knows(self._background, node) and not _knows(store, node)

    def _graph(self, store: ox.Store) -> Graph:
        return Graph(store, without=DERIVED, background=self._background)

    def _results(self, data: rdflib.Graph) -> Iterator[ShapeResult]:
        # Importing pySHACL takes a quarter of a second, which only validation should pay.
        from pyshacl import Validator
        from pyshacl.graph_abstraction import DataGraph

        with self._lock:
            # The class rather than pyshacl.validate(), which switches rdflib's global settings to and fro.
            options = {"inplace": True, "logger": logging.getLogger(__name__)}
            validator = Validator(DataGraph.from_rdflib(data), shacl_graph=self._shapes, options=options)
            # What pySHACL has understood of the shapes serves for every run; it would begin anew each time.
            self._compiled = validator.shacl_graph = self._compiled or validator.shacl_graph
            _, report, _ = validator.run()
        for result in report.objects(None, SH.result):
            yield self._result(report, result, data)

    def _result(self, report: rdflib.Graph, result: Any, data: rdflib.Graph) -> ShapeResult:
        shape = report.value(result, SH.sourceShape)
        value = report.value(result, SH.value)
        path, inverse = _first_link(report, report.value(result, SH.resultPath))
        return ShapeResult(
            shape=str(shape),
            severity=_SEVERITY[report.value(result, SH.resultSeverity)],  # type: ignore[index]
            message=_message(report, result, SH.resultMessage),
            focus=from_rdflib(report.value(result, SH.focusNode)),  # type: ignore[arg-type]
            path=path,
            inverse=inverse,
            value=None if value is None else from_rdflib(value),  # type: ignore[arg-type]
            component=str(report.value(result, SH.sourceConstraintComponent)),
            details=tuple(self._details(report, result, data)),
        )

    # -- reasons ----------------------------------------------------------------------------------------------

    def _details(self, report: rdflib.Graph, result: Any, data: rdflib.Graph) -> Iterator[str]:
        shape = report.value(result, SH.sourceShape)
        component = report.value(result, SH.sourceConstraintComponent)
        value = report.value(result, SH.value)
        yield from sorted(
            _message(report, nested, SH.resultMessage) for nested in report.objects(result, SH.detail)
        )
        if component == SH.OrConstraintComponent:
            for alternative in self._list(shape, SH["or"]):
                if (alternative, SH.message, None) in self._shapes:
                    yield _message(self._shapes, alternative, SH.message)
        if component in _BY_KIND and self._asks_for_class(shape) and not isinstance(value, rdflib.Literal):
            yield _kind(data, value)
        if component == SH.ClosedConstraintComponent:
            properties = [*self._list(shape, SH.ignoredProperties), *self._property_paths(shape)]
            yield f"Possible here: {', '.join(_shown(p) for p in properties if str(p) not in _NOT_OFFERED)}."
        if component == SH.InConstraintComponent:
            values = list(self._list(shape, SH["in"]))
            message = _message(report, result, SH.resultMessage)
            if not all(local_name(str(v)) in message for v in values):
                yield f"Known are: {', '.join(map(_shown, values))}."

    def _list(self, shape: Any, predicate: rdflib.URIRef) -> Iterator[Any]:
        for head in self._shapes.objects(shape, predicate):
            yield from self._shapes.items(head)

    def _property_paths(self, shape: Any) -> Iterator[Any]:
        for other in self._shapes.objects(shape, SH.property):
            yield from (path for path in self._shapes.objects(other, SH.path) if isinstance(path, rdflib.URIRef))

    def _asks_for_class(self, shape: Any) -> bool:
        asked = [shape, *self._list(shape, SH["or"]), *self._shapes.objects(shape, SH["not"])]
        return any((node, SH["class"], None) in self._shapes for node in asked)


class _Data(rdflib.Graph):
    """A graph that parses each query text once: pySHACL asks the same one for every node."""

    def query(self, query_object: Any, *args: Any, **kwargs: Any) -> rdflib.query.Result:
        return super().query(_prepared(str(query_object)), *args, **kwargs)


@cache
def _prepared(text: str) -> Any:
    from rdflib.plugins.sparql import prepareQuery

    return prepareQuery(text)


def _read(folder: Path) -> ox.Store:
    store = ox.Store()
    paths = sorted(folder.rglob("*.ttl"))
    if not paths:
        raise ResourceMissing(f"There is no Turtle file (*.ttl) in {folder}.")
    for path in paths:
        store.load(path=path, format=ox.RdfFormat.TURTLE)
    return store


def _rdflib(triples: Iterable[Triple]) -> rdflib.Graph:
    graph = _Data(bind_namespaces="none")
    for triple in triples:
        graph.add(tuple(map(to_rdflib, triple)))  # type: ignore[arg-type]
    return graph


def _has_part(quad: ox.Quad) -> bool:
    """Whether a statement of the ontology takes part in validation."""
    if not isinstance(quad.subject, ox.NamedNode) or not isinstance(quad.object, ox.NamedNode):
        return False
    if quad.predicate.value == vocab.TYPE:
        return quad.object.value.startswith(vocab.ARG)
    return quad.predicate.value == vocab.SUBCLASS


def _knows(store: ox.Store, subject: Node) -> bool:
    return any(True for _ in store.quads_for_pattern(subject, None, None))


def _message(graph: rdflib.Graph, subject: Any, predicate: rdflib.URIRef) -> str:
    return min((str(text) for text in graph.objects(subject, predicate)), default="")


def _first_link(graph: rdflib.Graph, path: Any) -> tuple[str | None, bool]:
    """Property and direction of the first link of a path; nothing where there is a choice of links."""
    if path is None or isinstance(path, rdflib.URIRef):
        return (None if path is None else str(path)), False
    if (first := graph.value(path, RDF.first)) is not None:
        return _first_link(graph, first)
    inverse = graph.value(path, SH.inversePath)
    return (str(inverse), True) if isinstance(inverse, rdflib.URIRef) else (None, False)


def _shown(iri: Any) -> str:
    """An IRI as it is usually written.

    >>> _shown(vocab.TEXT)
    'schema:text'
    """
    for prefix, namespace in vocab.PREFIXES.items():
        if str(iri).startswith(namespace):
            return f"{prefix}:{str(iri).removeprefix(namespace)}"
    return f"<{iri}>"


def _kind(data: rdflib.Graph, node: Any) -> str:
    name = local_name(str(node)) if isinstance(node, rdflib.URIRef) else "this node"
    kinds = sorted(map(_shown, data.objects(node, RDF.type)))
    return f"{name} is {' and '.join(kinds)}." if kinds else f"Nothing says what {name} is."
