"""A first look at nodes: of most of them it is certain, at little cost, that SHACL has nothing to say.

`Screen` compiles shapes to plain functions that decide whether a node conforms, as pySHACL would decide it.
It makes no results: what does not pass, or what it cannot decide, is left to pySHACL. So a mistake here could
only ever hide something, and a property test holds the results equal to those without a screen.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache, partial
from typing import Final, TypeAlias

import pyoxigraph as ox
import rdflib

from argraph import vocab
from argraph.contribution.neighbourhood import EVERYWHERE, Graph
from argraph.rdf.store import Quads, Term
from argraph.rdf.terms import to_rdflib

_Values: TypeAlias = Collection[Term]
_Way: TypeAlias = Callable[["View", Term], _Values]
_Test: TypeAlias = Callable[["View", Term], bool]
_Whole: TypeAlias = Callable[["View", Term, _Values], bool]
_Plan: TypeAlias = tuple[_Test, ...]

_TYPE: Final = ox.NamedNode(vocab.TYPE)
_SUBCLASS: Final = ox.NamedNode(vocab.SUBCLASS)
_RESOURCE: Final = ox.NamedNode(vocab.RDFS + "Resource")
_MANY: Final = 200_000  # nodes whose classes are kept at hand

_PLANS: Final = 10_000  # sets of classes and properties

_BESIDE: Final = """
    closed description flags group ignoredProperties message name order path property qualifiedMaxCount
    qualifiedMinCount severity targetClass targetNode targetObjectsOf targetSubjectsOf
"""
"""Parameters that demand nothing of a value by themselves."""

_PYTHON: Final = {
    "integer": int,
    "float": float,
    "decimal": Decimal,
    "boolean": bool,
    "date": date,
    "time": time,
    "dateTime": datetime,
}
"""What rdflib makes of a well-formed literal of the datatypes that pySHACL looks into."""

_NAMES: Final = """SELECT $this ?base WHERE {
    ?debate <http://rdfs.org/ns/void#uriSpace> ?base . FILTER (isIRI($this))
    FILTER NOT EXISTS {
        ?any <http://rdfs.org/ns/void#uriSpace> ?space . FILTER (STRSTARTS(STR($this), STR(?space)))
    }
}"""
"""The one query that is understood: whether a node's name begins as a debate says that names begin."""


class _Open(Exception):
    """This cannot be decided here."""


class Screen:
    """Shapes as functions that tell whether a node conforms.

    Args:
        shapes: The shapes graph; a construct that is not known here leaves its targets open.
        background: The ontology's class hierarchy, which data does not change.
    """

    def __init__(self, shapes: ox.Store, background: Quads) -> None:
        self._shapes = Graph(shapes)
        self._above = _above(background)
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
        except _Open:
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
            raise _Open
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
        except (_Open, ValueError, re.error):
            return _Shape(None, (), (), open=True)
        finally:
            self._reading.discard(shape)

    def _understood(self, shape: Term) -> _Shape:
        path = self._one(shape, "path")
        if path is not None and self._all(shape, "property"):
            raise _Open  # its results are about other nodes than the one that is looked at
        each: list[_Test] = []
        whole: list[_Whole] = []
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
                raise _Open
        each += [self._shape(inner).conforms for inner in self._all(shape, "property")]
        if any(getattr(value, "value", "") == "true" for value in self._all(shape, "closed")):
            each.append(self._closed(shape))
        way = None if path is None else self._path(path)
        found = _Shape(way, tuple(each), tuple(whole))
        if isinstance(path, ox.NamedNode):
            found.only, found.vacuous = path, vacuous
        return found

    def _of_each(self, shape: Term, name: str, value: Term) -> _Test | None:
        """What a parameter demands of each value."""
        if (simple := _OF_EACH.get(name)) is not None:
            return simple(value)
        match name:
            case "in":
                return partial(_among, frozenset(self._members(value)))
            case "pattern":
                flags = str(getattr(self._one(shape, "flags"), "value", "")).lower()
                options = (re.I if "i" in flags else re.NOFLAG) | (re.M if "m" in flags else re.NOFLAG)
                return partial(_matches, re.compile(value.value, options))
            case "or" | "and":
                tests = tuple(self._shape(one).conforms for one in self._members(value))
                return partial(_any if name == "or" else _every, tests)
            case "node":
                return self._shape(value).conforms
            case "not":
                return partial(_differs, self._shape(value).conforms)
            case "sparql":
                return self._query(value)
            case _:
                return None

    def _of_all(self, shape: Term, name: str, value: Term) -> _Whole | None:
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
                return _languages_once if value.value == "true" else _nothing
            case "disjoint":
                return lambda view, focus, values: not set(values) & set(view.forth(value, focus))  # type: ignore[arg-type]
            case "equals":
                return lambda view, focus, values: set(values) == set(view.forth(value, focus))  # type: ignore[arg-type]
            case "qualifiedValueShape":
                inner = self._shape(value).conforms
                low, high = self._number(shape, "qualifiedMinCount"), self._number(shape, "qualifiedMaxCount")
                return partial(_qualified, inner, low, high)
            case _:
                return None

    def _closed(self, shape: Term) -> _Test:
        allowed = {term for head in self._all(shape, "ignoredProperties") for term in self._members(head)}
        allowed |= {path for inner in self._all(shape, "property") for path in self._all(inner, "path")}

        def test(view: View, focus: Term) -> bool:
            further = view.about(focus).keys() - allowed
            return not further or (further == {_TYPE} and set(view.about(focus)[_TYPE]) == {_RESOURCE})

        return test

    def _query(self, constraint: Term) -> _Test:
        text = self._one(constraint, "select")
        if text is None or " ".join(text.value.split()) != " ".join(_NAMES.split()):
            raise _Open
        return _named_well

    def _path(self, path: Term, *, inverse: bool = False) -> _Way:
        if isinstance(path, ox.NamedNode):
            if path == _SUBCLASS:
                raise _Open
            return partial(_back if inverse else _forth, path)
        if self._all(path, "first"):
            if inverse:
                raise _Open
            return partial(_in_turn, tuple(self._path(step) for step in self._members(path)))
        ((_, operator, operand),) = self._shapes.triples(path, None, None)
        match operator.value.removeprefix(vocab.SHACL):
            case "inversePath":
                return self._path(operand, inverse=not inverse)
            case "alternativePath":
                ways = tuple(self._path(one, inverse=inverse) for one in self._members(operand))
                return partial(_either, ways)
            case "zeroOrOnePath":
                return partial(_either, (_here, self._path(operand, inverse=inverse)))
            case "zeroOrMorePath":
                return partial(_onwards, self._path(operand, inverse=inverse), here=True)
            case "oneOrMorePath":
                return partial(_onwards, self._path(operand, inverse=inverse), here=False)
            case _:
                raise _Open


class _Shape:
    """One shape: how to get from a focus node to values, and what holds of them."""

    def __init__(
        self, way: _Way | None, each: tuple[_Test, ...], whole: tuple[_Whole, ...], *, open: bool = False
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
            raise _Open
        values = (focus,) if self._way is None else self._way(view, focus)
        for test_all in self._whole:
            if not test_all(view, focus, values):
                return False
        return all(test(view, value) for test in self._each for value in values)


class View:
    """A graph with what was found out about its nodes; it must not change meanwhile."""

    def __init__(self, graph: Graph, background: Quads, above: Mapping[Term, frozenset[Term]]) -> None:
        self._graph = graph
        self._background = background
        self._above = above
        self._term: Term | None = None
        self._about: dict[ox.NamedNode, dict[Term, None]] = {}
        self._kinds: dict[Term, frozenset[Term]] = {}
        self._spaces: tuple[str, ...] | None = None

    def about(self, term: Term) -> Mapping[ox.NamedNode, Collection[Term]]:
        """The values of each property of a node."""
        if term != self._term:
            found: dict[ox.NamedNode, dict[Term, None]] = {}
            for _, predicate, value in self._graph.triples(term, None, None):
                found.setdefault(predicate, {})[value] = None
            if _SUBCLASS in found:  # which only the ontology says
                del found[_SUBCLASS]
                for quad in self._background.quads_for_pattern(term, _SUBCLASS, None):  # type: ignore[arg-type]
                    found.setdefault(_SUBCLASS, {})[quad.object] = None  # type: ignore[index]
            self._term, self._about = term, found
        return self._about

    def forth(self, predicate: ox.NamedNode, term: Term) -> Collection[Term]:
        """The values of one property."""
        if term == self._term:
            return self._about.get(predicate, {})
        return dict.fromkeys(value for _, _, value in self._graph.triples(term, predicate, None))

    def back(self, predicate: ox.NamedNode, term: Term) -> Collection[Term]:
        """The nodes of which a term is the value of one property."""
        return dict.fromkeys(subject for subject, _, _ in self._graph.triples(None, predicate, term))

    def kinds(self, term: Term) -> frozenset[Term]:
        """The classes of a node, and all above them."""
        if (known := self._kinds.get(term)) is not None:
            return known
        found: frozenset[Term] = frozenset()
        for kind in self.forth(_TYPE, term):
            found |= self._above.get(kind) or {kind}
        if len(self._kinds) >= _MANY:
            self._kinds.clear()
        self._kinds[term] = found
        return found

    @property
    def spaces(self) -> tuple[str, ...]:
        """What the debates say that their nodes' names begin with."""
        if self._spaces is None:
            values = {value for _, _, value in self._graph.triples(None, EVERYWHERE, None)}
            self._spaces = tuple(sorted(v.value for v in values if not isinstance(v, ox.BlankNode)))
            if len(self._spaces) < len(values):
                raise _Open
        return self._spaces


def _sh(name: str) -> ox.NamedNode:
    return ox.NamedNode(vocab.SHACL + name)


def _above(background: Quads) -> dict[Term, frozenset[Term]]:
    """Each class that has a class above it, with itself and all of those."""
    direct: defaultdict[Term, set[Term]] = defaultdict(set)
    for quad in background.quads_for_pattern(None, _SUBCLASS, None):
        direct[quad.subject].add(quad.object)  # type: ignore[index, arg-type]
    found = {}
    for kind in direct:
        seen, waiting = {kind}, [kind]
        while waiting:
            new = direct.get(waiting.pop(), set()) - seen
            seen |= new
            waiting += new
        found[kind] = frozenset(seen)
    return found


# -- paths --------------------------------------------------------------------------------------------------


def _here(_view: View, term: Term) -> _Values:
    return (term,)


def _forth(predicate: ox.NamedNode, view: View, term: Term) -> _Values:
    return view.forth(predicate, term)


def _back(predicate: ox.NamedNode, view: View, term: Term) -> _Values:
    return view.back(predicate, term)


def _in_turn(ways: Iterable[_Way], view: View, term: Term) -> _Values:
    reached: _Values = (term,)
    for way in ways:
        reached = {value for there in reached for value in way(view, there)}
    return reached


def _either(ways: Iterable[_Way], view: View, term: Term) -> _Values:
    return {value for way in ways for value in way(view, term)}


def _onwards(way: _Way, view: View, term: Term, *, here: bool) -> _Values:
    found: set[Term] = {term} if here else set()
    waiting = [term]
    while waiting:
        new = set(way(view, waiting.pop())) - found
        found |= new
        waiting += new
    return found


# -- constraints --------------------------------------------------------------------------------------------


def _is_a(kind: Term, view: View, value: Term) -> bool:
    return not isinstance(value, ox.Literal) and kind in view.kinds(value)


def _of_datatype(wanted: str, _view: View, value: Term) -> bool:
    return isinstance(value, ox.Literal) and _well_formed(value, wanted)


@lru_cache(maxsize=4096)
def _well_formed(literal: ox.Literal, wanted: str) -> bool:
    if wanted in {vocab.RDFS + "Literal", vocab.RDFS + "Datatype"}:
        raise _Open
    if literal.datatype.value != wanted:
        return False
    if wanted in {vocab.XSD + "string", vocab.RDF + "langString"}:
        return True
    known = to_rdflib(literal)
    assert isinstance(known, rdflib.Literal)  # noqa: S101 - for the type checker
    kind = _PYTHON.get(wanted.removeprefix(vocab.XSD))
    return known.ill_typed is not True and (kind is None or isinstance(known.value, kind))


def _of_kind(kind: str, _view: View, value: Term) -> bool:
    name = "IRI" if isinstance(value, ox.NamedNode) else type(value).__name__
    return name in kind.replace("BlankNodeOrIRI", "BlankNode IRI").replace("Or", " ").split()


def _among(members: Collection[Term], _view: View, value: Term) -> bool:
    return value in members


def _matches(pattern: re.Pattern[str], _view: View, value: Term) -> bool:
    return not isinstance(value, ox.BlankNode) and pattern.search(value.value) is not None


def _of_length(least: int, most: int | None, _view: View, value: Term) -> bool:
    if isinstance(value, ox.BlankNode):
        return most is None and least == 0
    return least <= len(value.value) and (most is None or len(value.value) <= most)


def _differs(test: _Test, view: View, value: Term) -> bool:
    return not test(view, value)


def _any(tests: Iterable[_Test], view: View, value: Term) -> bool:
    return any(test(view, value) for test in tests)


def _every(tests: Iterable[_Test], view: View, value: Term) -> bool:
    return all(test(view, value) for test in tests)


def _named_well(view: View, value: Term) -> bool:
    if not isinstance(value, ox.NamedNode):
        return True
    return not view.spaces or value.value.startswith(view.spaces)


def _languages_once(_view: View, _focus: Term, values: _Values) -> bool:
    if len(values) < 2:
        return True
    languages = [v.language.lower() for v in values if isinstance(v, ox.Literal) and v.language]
    return len(set(languages)) == len(languages)


def _nothing(_view: View, _focus: Term, _values: _Values) -> bool:
    return True


def _qualified(
    test: _Test, low: int | None, high: int | None, view: View, _focus: Term, values: _Values
) -> bool:
    number = sum(test(view, value) for value in values)
    return (low is None or number >= low) and (high is None or number <= high)


_OF_EACH: Final[Mapping[str, Callable[[Term], _Test]]] = {
    "class": lambda value: partial(_is_a, value),
    "datatype": lambda value: partial(_of_datatype, value.value),
    "nodeKind": lambda value: partial(_of_kind, value.value.removeprefix(vocab.SHACL)),
    "minLength": lambda value: partial(_of_length, int(value.value), None),
    "maxLength": lambda value: partial(_of_length, 0, int(value.value)),
}
