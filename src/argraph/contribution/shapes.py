"""The shapes: what SHACL demands of a contribution, checked by pySHACL, which nothing else imports."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import pyoxigraph as ox
import rdflib
from rdflib import RDF, SH

from argraph import vocab
from argraph.argument.graph import local_name
from argraph.contribution.neighbourhood import EVERYWHERE, Graph, Paths, Triple, triple
from argraph.contribution.screen import Screen
from argraph.diagnostics import Severity
from argraph.errors import ResourceMissing
from argraph.rdf.store import Node, Quads, Term
from argraph.rdf.terms import from_rdflib, to_rdflib

_SUBCLASS: Final = ox.NamedNode(vocab.SUBCLASS)
_SEVERITY: Final = {SH.Violation: Severity.VIOLATION, SH.Warning: Severity.WARNING, SH.Info: Severity.INFO}
_BY_KIND: Final = {SH.ClassConstraintComponent, SH.OrConstraintComponent, SH.NotConstraintComponent}
_NOT_OFFERED: Final = {vocab.TYPE, *vocab.DERIVED}
_OFFERED: Final = 10  # properties named as possible; the shapes list the usual ones first


@dataclass(frozen=True, slots=True)
class ShapeResult:
    """One SHACL validation result.

    Attributes:
        shape: IRI of the shape that found it.
        severity: As the shape declares it.
        message: What is wrong and what to write instead.
        focus: The node that was checked.
        path: The property concerned; of a path of several links the first. None where there is not one.
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

    Args:
        shapes: The shapes.
        ontology: What classes and concepts there are.
        screened: Whether nodes that are certainly in order are kept from pySHACL. It makes no difference but
            to the time that a validation takes.
    """

    def __init__(self, shapes: ox.Store, ontology: ox.Store, *, screened: bool = True) -> None:
        self._paths = Paths(shapes)
        self._shapes = _rdflib(map(triple, shapes))
        self._background = ox.Store()
        self._background.extend(filter(_has_part, ontology))
        self._screen = Screen(shapes, self._background)
        self._screened = screened
        self._compiled: Any = None
        self._lock = threading.Lock()

    @classmethod
    @cache
    def load(cls, shapes: Path, ontology: Path, *, screened: bool = True) -> ShapeSet:
        """Read all Turtle files of two folders; kept, since they do not change while the program runs.

        Of the ontology only what falls under which class, and what kind each concept (such as
        `arg:SchemeAnalogy`) is, takes part in validation.

        Raises:
            ResourceMissing: A folder holds no Turtle file.
            ValueError: A shape uses a construct that `neighbourhood.Paths` does not know.
        """
        return cls(_read(shapes), _read(ontology), screened=screened)

    def affected(self, store: Quads, focus: Iterable[Term], *, everywhere: bool = True) -> set[Term] | None:
        """The nodes whose results may differ because of triples with these subjects; None stands for all.

        For triples that were removed, `focus` holds their subjects and objects. A node with the property
        `EVERYWHERE`, which is the debate itself, affects all nodes, unless it is known that no value of that
        property differs: then `everywhere` is False.
        """
        focus = set(focus)
        graph = self._graph(store)
        if everywhere and any(subject in focus for subject, _, _ in graph.triples(None, EVERYWHERE, None)):
            return None
        return self._paths.affected(graph, focus)

    def validate(
        self, store: Quads, focus: Collection[Term] | None = None, *, everywhere: bool = True
    ) -> list[ShapeResult]:
        """What the shapes find in the union of a store's graphs (less the graph of derived links).

        With `focus`, exactly those results of a full validation whose focus node is among
        `affected(store, focus)`; only the surroundings of these nodes are looked at, so the cost does not
        grow with the store. The order of results is stable.
        """
        affected = None if focus is None else self.affected(store, focus, everywhere=everywhere)
        return in_order(self.results(store, self.targets(store) if affected is None else affected))

    def targets(self, store: Quads) -> list[Term]:
        """All nodes on which a validation may have results, in no particular order."""
        return self._screen.targets(self._graph(store))

    @property
    def follows_links(self) -> bool:
        """Whether a node of which nothing is said may have results, for what links to it."""
        return self._screen.follows_links

    def results(self, store: Quads, nodes: Collection[Term]) -> list[ShapeResult]:
        """Exactly those results of a full validation whose focus node is among some nodes, in no order."""
        graph = self._graph(store)
        left = set(self._screen.open(graph, nodes) if self._screened else nodes)
        if not left:
            return []
        triples = self._paths.triples(graph, left) | set(graph.triples(None, EVERYWHERE, None))
        data = _rdflib(self._with_axioms(triples))
        results = []
        for found in self._run(data):
            # A literal only if some shape takes its targets from the values of a property; argraph's do not.
            node = cast("Node", from_rdflib(found.one(SH.focusNode)))
            if node in left and not self._is_vocabulary(node, store):
                results.append(self._result(found, node, data))
        return results

    def _with_axioms(self, triples: Iterable[Triple]) -> Iterator[Triple]:
        """Triples with the ontology's class hierarchy and no other: no file changes what a class is."""
        yield from (found for found in triples if found[1] != _SUBCLASS)
        yield from map(triple, self._background.quads_for_pattern(None, _SUBCLASS, None))

    def _is_vocabulary(self, node: Node, store: Quads) -> bool:
        """Whether a node is a concept of the vocabulary that the store says nothing about."""
        return _knows(self._background, node) and not _knows(store, node)

    def _graph(self, store: Quads) -> Graph:
        return Graph(store, background=self._background)

    def _run(self, data: rdflib.Graph) -> Iterator[_Found]:
        # Importing pySHACL takes a fifth of a second, which only validation should pay.
        from pyshacl import Validator
        from pyshacl.graph_abstraction import DataGraph

        class Run(Validator):
            """A validation whose results are left as they were found.

            pySHACL's report graph also copies blank nodes out of the data, which could then pass for results.
            """

            @classmethod
            def create_validation_report(cls, sg: Any, conforms: bool, results: Any) -> Any:
                return results, ""

        with self._lock:
            # The class rather than pyshacl.validate(), which switches rdflib's global settings to and fro.
            options = {"inplace": True, "logger": logging.getLogger(__name__)}
            run = Run(DataGraph.from_rdflib(data), shacl_graph=self._shapes, options=options)
            # What pySHACL has understood of the shapes serves for every run; it would begin anew each time.
            self._compiled = run.shacl_graph = self._compiled or run.shacl_graph
            _, results, _ = run.run()  # type: ignore[no-untyped-call]
        for _, node, triples in results:
            yield _Found(node, triples)

    def _result(self, found: _Found, focus: Node, data: rdflib.Graph) -> ShapeResult:
        value = found.one(SH.value)
        path, inverse = self._first_link(found.one(SH.resultPath))
        return ShapeResult(
            shape=str(found.one(SH.sourceShape)),
            severity=_SEVERITY[found.one(SH.resultSeverity)],
            message=found.message,
            focus=focus,
            path=path,
            inverse=inverse,
            value=None if value is None else from_rdflib(value),
            component=str(found.one(SH.sourceConstraintComponent)),
            details=tuple(self._details(found, data)),
        )

    def _first_link(self, path: Any) -> tuple[str | None, bool]:
        """Property and direction of the first link of a path; nothing where there is a choice of links."""
        if path is None or isinstance(path, rdflib.URIRef):
            return (None if path is None else str(path)), False
        if (first := self._shapes.value(path, RDF.first)) is not None:
            return self._first_link(first)
        inverse = self._shapes.value(path, SH.inversePath)
        return (str(inverse), True) if isinstance(inverse, rdflib.URIRef) else (None, False)

    # -- reasons ----------------------------------------------------------------------------------------

    def _details(self, found: _Found, data: rdflib.Graph) -> Iterator[str]:
        shape, value = found.one(SH.sourceShape), found.one(SH.value)
        component = found.one(SH.sourceConstraintComponent)
        yield from sorted(nested.message for nested in found.nested())
        if component == SH.OrConstraintComponent:
            for alternative in self._list(shape, SH["or"]):
                yield from map(str, self._shapes.objects(alternative, SH.message))
        if component in _BY_KIND and self._asks_for_class(shape) and not isinstance(value, rdflib.Literal):
            yield _kind(data, value)
        if component == SH.ClosedConstraintComponent:
            allowed = [*self._list(shape, SH.ignoredProperties), *self._property_paths(shape)]
            names = [_shown(p) for p in allowed if str(p) not in _NOT_OFFERED]
            more = f" and {len(names) - _OFFERED} more" if len(names) > _OFFERED else ""
            yield f"Possible here are {', '.join(names[:_OFFERED])}{more}."
        if component == SH.InConstraintComponent:
            values = list(self._list(shape, SH["in"]))
            if not all(local_name(str(v)) in found.message for v in values):
                yield f"Known are {', '.join(map(_shown, values))}."

    def _list(self, shape: Any, predicate: rdflib.URIRef) -> Iterator[Any]:
        for head in self._shapes.objects(shape, predicate):
            yield from self._shapes.items(head)

    def _property_paths(self, shape: Any) -> Iterator[Any]:
        for other in self._shapes.objects(shape, SH.property):
            yield from self._shapes.objects(other, SH.path)

    def _asks_for_class(self, shape: Any) -> bool:
        asked = [shape, *self._list(shape, SH["or"]), *self._shapes.objects(shape, SH["not"])]
        return any((node, SH["class"], None) in self._shapes for node in asked)


def in_order(results: Iterable[ShapeResult]) -> list[ShapeResult]:
    """Results in a stable order."""
    return sorted(results, key=lambda r: (r.focus.value, r.shape, r.path or "", str(r.value), r.message))


class _Found:
    """A result as pySHACL states it: triples, about itself and about the results nested in it."""

    def __init__(self, node: Any, triples: Any) -> None:
        self._node = node
        self._triples = triples

    def all(self, predicate: rdflib.URIRef) -> Iterator[Any]:
        for subject, known, value in self._triples:
            if subject == self._node and known == predicate:
                yield value[1] if isinstance(value, tuple) else value  # nodes come with their graph

    def one(self, predicate: rdflib.URIRef) -> Any:
        return next(self.all(predicate), None)

    def nested(self) -> Iterator[_Found]:
        for node in self.all(SH.detail):
            yield _Found(node, self._triples)

    @property
    def message(self) -> str:
        return min(map(str, self.all(SH.resultMessage)), default="")


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
    for subject, predicate, value in triples:
        graph.add((to_rdflib(subject), to_rdflib(predicate), to_rdflib(value)))
    return graph


def _has_part(quad: ox.Quad) -> bool:
    """Whether a statement of the ontology takes part in validation."""
    if not isinstance(quad.subject, ox.NamedNode) or not isinstance(quad.object, ox.NamedNode):
        return False
    if quad.predicate.value == vocab.TYPE:
        return quad.object.value.startswith(vocab.ARG)
    return quad.predicate == _SUBCLASS


def _knows(store: Quads, subject: Term) -> bool:
    return any(True for _ in Graph(store).triples(subject, None, None))


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
