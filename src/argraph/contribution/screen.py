"""A first look at nodes: of most of them it is certain, at little cost, that SHACL has nothing to say.

`Screen` compiles shapes to plain functions that decide whether a node conforms, as pySHACL would decide it.
It makes no results: what does not pass, or what it cannot decide, is left to pySHACL. So a mistake here could
only ever hide something, and a property test holds the results equal to those without a screen.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Final, TypeAlias

import pyoxigraph as ox

from argraph import vocab
from argraph.contribution.conformance import (
    Open,
    Test,
    View,
    Way,
    Whole,
    above,
    all_of,
    alone,
    among,
    any_of,
    back,
    differs,
    either,
    forth,
    here,
    in_turn,
    is_a,
    languages_once,
    matches,
    named_well,
    nothing,
    of_datatype,
    of_kind,
    of_length,
    onwards,
    qualified,
)
from argraph.contribution.neighbourhood import Graph
from argraph.rdf.store import Quads, Term

_Plan: TypeAlias = tuple[Test, ...]

_TYPE: Final = ox.NamedNode(vocab.TYPE)
_SUBCLASS: Final = ox.NamedNode(vocab.SUBCLASS)
_RESOURCE: Final = ox.NamedNode(vocab.RDFS + "Resource")
_PLANS: Final = 10_000  # sets of classes and properties

_BESIDE: Final = """
    closed description flags group ignoredProperties message name order path property qualifiedMaxCount
    qualifiedMinCount severity targetClass targetNode targetObjectsOf targetSubjectsOf
"""
"""Parameters that demand nothing of a value by themselves."""


class Screen:
    """Shapes as functions that tell whether a node conforms.

    Args:
        shapes: The shapes graph; a construct that is not known here leaves its targets open.
        background: The ontology's class hierarchy, which data does not change.
    """

    def __init__(self, shapes: ox.Store, background: Quads) -> None:
        self._shapes = Graph(shapes)
        self._above = above(background)
        self._background = background
        self._by_target: dict[str, defaultdict[Term, list[_Shape]]] = {
            how: defaultdict(list) for how in ("Class", "Node", "SubjectsOf", "ObjectsOf")
        }
        self._reading: set[Term] = set()
        known: dict[Term, _Shape] = {}
        for how, by_value in self._by_target.items():
            for shape, _, value in self._shapes.triples(None, _sh(f"target{how}"), None):
                if shape not in known:
                    known[shape] = self._shape(shape)
                by_value[value].append(known[shape])
        self._plans: dict[tuple[frozenset[Term], frozenset[ox.NamedNode]], _Plan] = {}

    @property
    def follows_links(self) -> bool:
        """Whether a node can be looked at only for what links to it."""
        return bool(self._by_target["ObjectsOf"])

    def open(self, graph: Graph, nodes: Iterable[Term]) -> list[Term]:
        """Those of some nodes on which a validation of the graph may have results; all others have none."""
        view = View(graph, self._background, self._above)
        return [node for node in nodes if not self._passes(view, node)]

    def targets(self, graph: Graph) -> list[Term]:
        """All nodes of a graph on which a validation may have results, in no particular order."""
        found: dict[Term, None] = dict.fromkeys(self._by_target["Node"])
        for subject, _, _ in graph.triples(None, None, None):
            found[subject] = None
        for predicate in self._by_target["ObjectsOf"]:
            found.update(
                (value, None)
                for _, _, value in graph.triples(None, predicate, None)  # type: ignore[arg-type]
            )
        return list(found)

    def _passes(self, view: View, node: Term) -> bool:
        about = view.about(node)
        key = frozenset(about.get(_TYPE, ())), frozenset(about)
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= _PLANS:
                self._plans.clear()
            plan = self._plans[key] = self._plan(view, node, key[1])
        try:
            return all(test(view, node) for test in plan) and self._elsewhere(view, node)
        except Open:
            return False

    def _plan(self, view: View, node: Term, properties: Collection[ox.NamedNode]) -> _Plan:
        """What is to be tested of a node with such classes and properties."""
        shapes: dict[_Shape, None] = {}
        for kind in view.kinds(node):
            shapes.update(dict.fromkeys(self._by_target["Class"].get(kind, ())))
        for predicate in properties:
            shapes.update(dict.fromkeys(self._by_target["SubjectsOf"].get(predicate, ())))
        return tuple(
            shape.conforms
            for shape in shapes
            if shape.only is None or shape.only in properties or not shape.vacuous
        )

    def _elsewhere(self, view: View, node: Term) -> bool:
        """The same for the shapes that find a node by its name, or by what leads to it."""
        shapes = list(self._by_target["Node"].get(node, ()))
        for predicate, others in self._by_target["ObjectsOf"].items():
            if view.back(predicate, node):  # type: ignore[arg-type]
                shapes += others
        return all(shape.conforms(view, node) for shape in shapes)

    # -- reading the shapes -------------------------------------------------------------------------------

    def _all(self, subject: Term, name: str) -> list[Term]:
        predicate = ox.NamedNode(vocab.RDF + name) if name in {"first", "rest"} else _sh(name)
        return [value for _, _, value in self._shapes.triples(subject, predicate, None)]

    def _one(self, subject: Term, name: str) -> Term | None:
        found = self._all(subject, name)
        if len(found) > 1:
            raise Open
        return found[0] if found else None

    def _number(self, subject: Term, name: str) -> int | None:
        found = self._one(subject, name)
        return None if found is None else int(found.value)

    def _members(self, cell: Term) -> Iterator[Term]:
        while cell != ox.NamedNode(vocab.RDF + "nil"):
            (first,), (cell,) = self._all(cell, "first"), self._all(cell, "rest")
            yield first

    def _shape(self, shape: Term) -> _Shape:
        if shape in self._reading:  # a shape that refers to itself
            return _Shape(None, (), (), open=True)
        self._reading.add(shape)
        try:
            return self._understood(shape)
        except (Open, ValueError, re.error):
            return _Shape(None, (), (), open=True)
        finally:
            self._reading.discard(shape)

    def _understood(self, shape: Term) -> _Shape:
        path = self._one(shape, "path")
        if path is not None and self._all(shape, "property"):
            raise Open  # its results are about other nodes than the one that is looked at
        each: list[Test] = []
        whole: list[Whole] = []
        vacuous = True
        for _, parameter, value in self._shapes.triples(shape, None, None):
            name = parameter.value.removeprefix(vocab.SHACL)
            if name == parameter.value or name in _BESIDE.split():
                continue
            if (test := self._of_each(shape, name, value)) is not None:
                each.append(test)
            elif (test_all := self._of_all(shape, name, value)) is not None:
                whole.append(test_all)
                vacuous = vacuous and name in {"maxCount", "uniqueLang", "disjoint"}
            else:
                raise Open
        each += [self._shape(inner).conforms for inner in self._all(shape, "property")]
        if any(getattr(value, "value", "") == "true" for value in self._all(shape, "closed")):
            each.append(self._closed(shape))
        way = None if path is None else self._path(path)
        found = _Shape(way, tuple(each), tuple(whole))
        if isinstance(path, ox.NamedNode):
            found.only, found.vacuous = path, vacuous
        return found

    def _of_each(self, shape: Term, name: str, value: Term) -> Test | None:
        """What a parameter demands of each value."""
        if (simple := _OF_EACH.get(name)) is not None:
            return simple(value)
        match name:
            case "in":
                return partial(among, frozenset(self._members(value)))
            case "pattern":
                flags = str(getattr(self._one(shape, "flags"), "value", "")).lower()
                options = (re.I if "i" in flags else re.NOFLAG) | (re.M if "m" in flags else re.NOFLAG)
                return partial(matches, re.compile(value.value, options))
            case "or" | "and":
                tests = tuple(self._shape(one).conforms for one in self._members(value))
                return partial(any_of if name == "or" else all_of, tests)
            case "node":
                return self._shape(value).conforms
            case "not":
                return partial(differs, self._shape(value).conforms)
            case "sparql":
                return self._query(value)
            case _:
                return None

    def _of_all(self, shape: Term, name: str, value: Term) -> Whole | None:
        """What a parameter demands of the values together."""
        match name:
            case "minCount":
                least = int(value.value)
                return lambda _view, _focus, values: len(values) >= least
            case "maxCount":
                most = int(value.value)
                return lambda _view, _focus, values: len(values) <= most
            case "hasValue":
                return lambda _view, _focus, values: value in values
            case "uniqueLang":
                return languages_once if value.value == "true" else nothing
            case "disjoint":
                return lambda view, focus, values: not set(values) & set(view.forth(value, focus))  # type: ignore[arg-type]
            case "equals":
                return lambda view, focus, values: set(values) == set(view.forth(value, focus))  # type: ignore[arg-type]
            case "qualifiedValueShape":
                inner = self._shape(value).conforms
                low, high = self._number(shape, "qualifiedMinCount"), self._number(shape, "qualifiedMaxCount")
                return partial(qualified, inner, low, high)
            case _:
                return None

    def _closed(self, shape: Term) -> Test:
        allowed = {term for head in self._all(shape, "ignoredProperties") for term in self._members(head)}
        allowed |= {path for inner in self._all(shape, "property") for path in self._all(inner, "path")}

        def test(view: View, focus: Term) -> bool:
            further = view.about(focus).keys() - allowed
            return not further or (further == {_TYPE} and set(view.about(focus)[_TYPE]) == {_RESOURCE})

        return test

    def _query(self, constraint: Term) -> Test:
        text = self._one(constraint, "select")
        test = _QUERIES.get(" ".join(text.value.split())) if text is not None else None
        if test is None:
            raise Open
        return test

    def _path(self, path: Term, *, inverse: bool = False) -> Way:
        if isinstance(path, ox.NamedNode):
            if path == _SUBCLASS:
                raise Open
            return partial(back if inverse else forth, path)
        if self._all(path, "first"):
            if inverse:
                raise Open
            return partial(in_turn, tuple(self._path(step) for step in self._members(path)))
        ((_, operator, operand),) = self._shapes.triples(path, None, None)
        match operator.value.removeprefix(vocab.SHACL):
            case "inversePath":
                return self._path(operand, inverse=not inverse)
            case "alternativePath":
                ways = tuple(self._path(one, inverse=inverse) for one in self._members(operand))
                return partial(either, ways)
            case "zeroOrOnePath":
                return partial(either, (here, self._path(operand, inverse=inverse)))
            case "zeroOrMorePath":
                return partial(onwards, self._path(operand, inverse=inverse), here=True)
            case "oneOrMorePath":
                return partial(onwards, self._path(operand, inverse=inverse), here=False)
            case _:
                raise Open


class _Shape:
    """One shape: how to get from a focus node to values, and what holds of them."""

    def __init__(
        self, way: Way | None, each: tuple[Test, ...], whole: tuple[Whole, ...], *, open: bool = False
    ) -> None:
        self._way = way
        self._each = each
        self._whole = whole
        self._open = open
        self.only: ox.NamedNode | None = None
        """The property that is the whole path."""
        self.vacuous = False
        """Whether nothing is demanded where there is no value."""

    def conforms(self, view: View, focus: Term) -> bool:
        if self._open:
            raise Open
        values = (focus,) if self._way is None else self._way(view, focus)
        for test_all in self._whole:
            if not test_all(view, focus, values):
                return False
        return all(test(view, value) for test in self._each for value in values)


def _sh(name: str) -> ox.NamedNode:
    return ox.NamedNode(vocab.SHACL + name)


_OF_EACH: Final[Mapping[str, Callable[[Term], Test]]] = {
    "class": lambda value: partial(is_a, value),
    "datatype": lambda value: partial(of_datatype, value.value),
    "nodeKind": lambda value: partial(of_kind, value.value.removeprefix(vocab.SHACL)),
    "minLength": lambda value: partial(of_length, int(value.value), None),
    "maxLength": lambda value: partial(of_length, 0, int(value.value)),
}

_QUERIES: Final[Mapping[str, Test]] = {
    " ".join(query.split()): test
    for query, test in {
        """
        SELECT $this ?base WHERE {
            ?debate <http://rdfs.org/ns/void#uriSpace> ?base .
            FILTER (isIRI($this))
            FILTER NOT EXISTS {
                ?any <http://rdfs.org/ns/void#uriSpace> ?space .
                FILTER (STRSTARTS(STR($this), STR(?space)))
            }
        }""": named_well,
        """
        SELECT DISTINCT $this WHERE {
            $this  <http://rdfs.org/ns/void#uriSpace> ?own .
            ?other <http://rdfs.org/ns/void#uriSpace> ?space .
            FILTER (?other != $this && STR(?space) != STR(?own))
        }""": alone,
    }.items()
}
"""The queries that are understood, as they stand in the shapes; a test says that all of those are."""
