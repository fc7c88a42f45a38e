"""Whether terms of a graph meet single constraints, as pySHACL would decide it; see `screen`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Final, TypeAlias

import pyoxigraph as ox
import rdflib

from argraph import vocab
from argraph.contribution.neighbourhood import EVERYWHERE, Graph
from argraph.rdf.store import Quads, Term
from argraph.rdf.terms import to_rdflib

Values: TypeAlias = Collection[Term]
Way: TypeAlias = Callable[["View", Term], Values]
"""How to get from a node to values."""
Test: TypeAlias = Callable[["View", Term], bool]
"""Whether one value meets a constraint."""
Whole: TypeAlias = Callable[["View", Term, Values], bool]
"""Whether all values of a node together meet one."""

_TYPE: Final = ox.NamedNode(vocab.TYPE)
_SUBCLASS: Final = ox.NamedNode(vocab.SUBCLASS)
_MANY: Final = 200_000  # nodes whose classes are kept at hand

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


class Open(Exception):
    """This cannot be decided here."""


class View:
    """A graph with what was found out about its nodes; it must not change meanwhile."""

    def __init__(self, graph: Graph, background: Quads, above: Mapping[Term, frozenset[Term]]) -> None:
        self._graph = graph
        self._background = background
        self._above = above
        self._term: Term | None = None
        self._about: dict[ox.NamedNode, dict[Term, None]] = {}
        self._kinds: dict[Term, frozenset[Term]] = {}

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

    @cached_property
    def spaces(self) -> tuple[str, ...]:
        """What the debates say that their nodes' names begin with."""
        return tuple({space for _, space in self.debates})

    @cached_property
    def debates(self) -> frozenset[tuple[Term, str]]:
        """Each debate with each beginning of names that it declares."""
        found = {(debate, space) for debate, _, space in self._graph.triples(None, EVERYWHERE, None)}
        if any(isinstance(space, ox.BlankNode) for _, space in found):
            raise Open
        return frozenset((debate, space.value) for debate, space in found)


def above(background: Quads) -> dict[Term, frozenset[Term]]:
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


def here(_view: View, term: Term) -> Values:
    """The node itself."""
    return (term,)


def forth(predicate: ox.NamedNode, view: View, term: Term) -> Values:
    """Along a property."""
    return view.forth(predicate, term)


def back(predicate: ox.NamedNode, view: View, term: Term) -> Values:
    """Along a property, against its direction."""
    return view.back(predicate, term)


def in_turn(ways: Iterable[Way], view: View, term: Term) -> Values:
    """Along one way after the other."""
    reached: Values = (term,)
    for way in ways:
        reached = {value for there in reached for value in way(view, there)}
    return reached


def either(ways: Iterable[Way], view: View, term: Term) -> Values:
    """Along each of several ways."""
    return {value for way in ways for value in way(view, term)}


def onwards(way: Way, view: View, term: Term, *, here: bool) -> Values:
    """Along a way once or more; not at all counts too where `here` says so."""
    found: set[Term] = {term} if here else set()
    waiting = [term]
    while waiting:
        new = set(way(view, waiting.pop())) - found
        found |= new
        waiting += new
    return found


# -- constraints --------------------------------------------------------------------------------------------


def is_a(kind: Term, view: View, value: Term) -> bool:
    """`sh:class`, with the classes below it."""
    return not isinstance(value, ox.Literal) and kind in view.kinds(value)


def of_datatype(wanted: str, _view: View, value: Term) -> bool:
    """`sh:datatype`."""
    return isinstance(value, ox.Literal) and well_formed(value, wanted)


@lru_cache(maxsize=4096)
def well_formed(literal: ox.Literal, wanted: str) -> bool:
    """Whether a literal is of a datatype, and one of its values as far as pySHACL looks."""
    if wanted in {vocab.RDFS + "Literal", vocab.RDFS + "Datatype"}:
        raise Open
    if literal.datatype.value != wanted:
        return False
    if wanted in {vocab.XSD + "string", vocab.RDF + "langString"}:
        return True
    known = to_rdflib(literal)
    assert isinstance(known, rdflib.Literal)  # noqa: S101 - for the type checker
    kind = _PYTHON.get(wanted.removeprefix(vocab.XSD))
    return known.ill_typed is not True and (kind is None or isinstance(known.value, kind))


def of_kind(kind: str, _view: View, value: Term) -> bool:
    """`sh:nodeKind`, by its local name."""
    name = "IRI" if isinstance(value, ox.NamedNode) else type(value).__name__
    return name in kind.replace("BlankNodeOrIRI", "BlankNode IRI").replace("Or", " ").split()


def among(members: Collection[Term], _view: View, value: Term) -> bool:
    """`sh:in`."""
    return value in members


def matches(pattern: re.Pattern[str], _view: View, value: Term) -> bool:
    """`sh:pattern`: anywhere in the text."""
    return not isinstance(value, ox.BlankNode) and pattern.search(value.value) is not None


def of_length(least: int, most: int | None, _view: View, value: Term) -> bool:
    """`sh:minLength` and `sh:maxLength`; a blank node has no text."""
    if isinstance(value, ox.BlankNode):
        return most is None and least == 0
    return least <= len(value.value) and (most is None or len(value.value) <= most)


def differs(test: Test, view: View, value: Term) -> bool:
    """`sh:not`."""
    return not test(view, value)


def any_of(tests: Iterable[Test], view: View, value: Term) -> bool:
    """`sh:or`."""
    return any(test(view, value) for test in tests)


def all_of(tests: Iterable[Test], view: View, value: Term) -> bool:
    """`sh:and`."""
    return all(test(view, value) for test in tests)


def named_well(view: View, value: Term) -> bool:
    """Whether a node's name begins as some debate says that names begin."""
    if not isinstance(value, ox.NamedNode):
        return True
    return not view.spaces or value.value.startswith(view.spaces)


def alone(view: View, value: Term) -> bool:
    """Whether no other debate declares another beginning of names."""
    own = {space for debate, space in view.debates if debate == value}
    others = {space for debate, space in view.debates if debate != value}
    return not own or not others or (own == others and len(own) == 1)


def languages_once(_view: View, _focus: Term, values: Values) -> bool:
    """`sh:uniqueLang`."""
    if len(values) < 2:
        return True
    languages = [v.language.lower() for v in values if isinstance(v, ox.Literal) and v.language]
    return len(set(languages)) == len(languages)


def nothing(_view: View, _focus: Term, _values: Values) -> bool:
    """A constraint that demands nothing."""
    return True


def qualified(
    test: Test, low: int | None, high: int | None, view: View, _focus: Term, values: Values
) -> bool:
    """`sh:qualifiedValueShape`: how many values conform."""
    number = sum(test(view, value) for value in values)
    return (low is None or number >= low) and (high is None or number <= high)
