"""What validation looks at: which triples decide the results of a node, and which nodes a change can affect.

SHACL reaches from a focus node along paths. `Paths` reads those paths off a shapes graph once, as a small
automaton: its start is a focus node, its edges are the links that some shape follows from there. Walked
forwards from a node it finds all triples that the node's results depend on; walked backwards from the
subjects of changed triples it finds all nodes whose results may change. Both walks cost as much as what they
find, however large the graph.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias, cast

import pyoxigraph as ox

from argraph import vocab
from argraph.rdf.store import Node, Quads, Term

Triple: TypeAlias = tuple[Node, ox.NamedNode, Term]

EVERYWHERE = ox.NamedNode(vocab.URI_SPACE)
"""The property whose triples concern all nodes: what their names begin with."""

_TYPE = ox.NamedNode(vocab.TYPE)
_FIRST = ox.NamedNode(vocab.RDF + "first")
_REST = ox.NamedNode(vocab.RDF + "rest")
_NIL = ox.NamedNode(vocab.RDF + "nil")
_START = 0


def _sh(name: str) -> ox.NamedNode:
    return ox.NamedNode(vocab.SHACL + name)


_SHAPE = frozenset(map(_sh, ("node", "not", "property", "qualifiedValueShape")))
_SHAPES = frozenset(map(_sh, ("or", "and", "xone")))
_PAIR = frozenset(map(_sh, ("equals", "disjoint")))
_TARGET = tuple(map(_sh, ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")))
# Without minInclusive, lessThan and their like: pySHACL breaks on comparing a number with NaN.
_NOT_FURTHER = """
    datatype deactivated description flags group hasValue ignoredProperties in languageIn maxCount maxLength
    message minCount minLength name nodeKind order path pattern qualifiedMaxCount qualifiedMinCount severity
    uniqueLang
"""
# A SPARQL constraint cannot be analysed: it may look at its node and at EVERYWHERE, and at nothing else.
_KNOWN = frozenset({*map(_sh, _NOT_FURTHER.split()), *_TARGET, _sh("sparql")})


class Link(NamedTuple):
    """One step of a path: a property, followed from subject to object, or against its direction."""

    predicate: ox.NamedNode
    inverse: bool = False


class Paths:
    """The paths along which a set of shapes looks from a focus node.

    All triples that have a focus node as their subject count as looked at, since closed shapes look at them.

    Raises:
        ValueError: A shape uses a construct whose reach is not known here.
    """

    def __init__(self, shapes: ox.Store) -> None:
        self._shapes = Graph(shapes)
        self._next: list[defaultdict[Link, set[int]]] = [defaultdict(set)]
        self._loops: dict[tuple[int, Link], int] = {}
        for target in _TARGET:
            for shape, _, value in self._shapes.triples(None, target, None):
                self._targets(target, value)
                self._shape(shape, {_START})
        self._previous: list[list[tuple[int, Link]]] = [[] for _ in self._next]
        self._inverse: defaultdict[ox.NamedNode, set[int]] = defaultdict(set)
        for state, edges in enumerate(self._next):
            for link, following in edges.items():
                if link.inverse:
                    self._inverse[link.predicate].add(state)
                for other in following:
                    self._previous[other].append((state, link))

    def triples(self, graph: Graph, nodes: Iterable[Term]) -> set[Triple]:
        """All triples of a graph that the results of some nodes depend on."""
        found: set[Triple] = set()
        seen: set[tuple[Term, int]] = set()
        waiting: deque[tuple[Term, int]] = deque((node, _START) for node in nodes)
        while waiting:
            if (place := waiting.popleft()) in seen:
                continue
            seen.add(place)
            term, state = place
            if state == _START:
                found.update(graph.triples(term, None, None))
            for link, following in self._next[state].items():
                for subject, predicate, value in graph.followed(term, link):
                    found.add((subject, predicate, value))
                    reached = subject if link.inverse else value
                    waiting.extend((reached, other) for other in following)
        return found

    def affected(self, graph: Graph, changed: Iterable[Term]) -> set[Term]:
        """All nodes whose results may differ because triples with these subjects were added.

        The subjects themselves; every node from which a shape follows links to one of them; and every node
        that one of their links leads to, where a shape follows that link backwards (an objection that is
        the premise of a new attack), with what leads there.
        """
        found: set[Term] = set()
        seen: set[tuple[Term, int]] = set()
        waiting: deque[tuple[Term, int]] = deque()
        inner = [state for state, edges in enumerate(self._next) if edges]
        for subject in changed:
            waiting.extend((subject, state) for state in inner)
            for _, predicate, value in graph.triples(subject, None, None):
                waiting.extend((value, state) for state in self._inverse.get(predicate, ()))
        while waiting:
            if (place := waiting.popleft()) in seen:
                continue
            seen.add(place)
            term, state = place
            if state == _START:
                found.add(term)
            for earlier, link in self._previous[state]:
                for subject, _, value in graph.followed(term, Link(link.predicate, not link.inverse)):
                    waiting.append((value if link.inverse else subject, earlier))
        return found

    # -- reading the shapes -------------------------------------------------------------------------------

    def _values(self, subject: Term, predicate: ox.NamedNode) -> list[Term]:
        return [value for _, _, value in self._shapes.triples(subject, predicate, None)]

    def _members(self, cell: Term) -> Iterator[Term]:
        while cell != _NIL:
            yield from self._values(cell, _FIRST)
            (cell,) = self._values(cell, _REST)

    def _targets(self, how: ox.NamedNode, value: Term) -> None:
        if how == _sh("targetClass"):
            self._step({_START}, Link(_TYPE))
        elif how != _sh("targetNode"):
            self._step({_START}, Link(_property(value), inverse=how == _sh("targetObjectsOf")))

    def _shape(self, shape: Term, starts: set[int]) -> None:
        paths = self._values(shape, _sh("path"))
        ends = self._path(paths[0], starts) if paths else starts
        for _, parameter, value in self._shapes.triples(shape, None, None):
            if parameter in _SHAPE:
                self._shape(value, ends)
            elif parameter in _SHAPES:
                for member in self._members(value):
                    self._shape(member, ends)
            elif parameter in _PAIR:
                self._step(starts, Link(_property(value)))
            elif parameter == _sh("class"):
                self._step(ends, Link(_TYPE))
            elif parameter == _sh("closed"):
                if ends != {_START}:
                    raise ValueError(f"{shape}: a closed shape must have targets of its own.")
            elif parameter.value.startswith(vocab.SHACL) and parameter not in _KNOWN:
                raise ValueError(f"{shape}: {parameter} is not supported.")

    def _path(self, path: Term, starts: set[int], *, inverse: bool = False) -> set[int]:
        if isinstance(path, ox.NamedNode):
            return self._step(starts, Link(path, inverse))
        if self._values(path, _FIRST):
            if inverse:  # pySHACL 0.40 walks it in the order of the sequence instead of backwards
                raise ValueError("The inverse of a sequence is not supported: write a sequence of inverses.")
            for step in self._members(path):
                starts = self._path(step, starts)
            return starts
        ((_, operator, operand),) = self._shapes.triples(path, None, None)
        if operator == _sh("inversePath"):
            return self._path(operand, starts, inverse=not inverse)
        if operator == _sh("alternativePath"):
            ways = [self._path(member, starts, inverse=inverse) for member in self._members(operand)]
            return set().union(*ways)
        if operator == _sh("zeroOrOnePath"):
            return starts | self._path(operand, starts, inverse=inverse)
        if operator == _sh("zeroOrMorePath"):
            return starts | {self._loop(start, Link(_property(operand), inverse)) for start in starts}
        if operator == _sh("oneOrMorePath"):
            return {self._loop(start, Link(_property(operand), inverse)) for start in starts}
        raise ValueError(f"A path with {operator} is not supported.")

    def _state(self) -> int:
        self._next.append(defaultdict(set))
        return len(self._next) - 1

    def _step(self, starts: set[int], link: Link) -> set[int]:
        """Where a link leads from some states; states are shared by all paths that begin alike."""
        for start in starts:
            if not self._next[start][link]:
                self._next[start][link].add(self._state())
        return {end for start in starts for end in self._next[start][link]}

    def _loop(self, start: int, link: Link) -> int:
        """Where a link leads when it is followed once or more."""
        if (start, link) not in self._loops:
            self._loops[start, link] = loop = self._state()
            self._next[start][link].add(loop)
            self._next[loop][link].add(loop)
        return self._loops[start, link]


def _property(term: Term) -> ox.NamedNode:
    if isinstance(term, ox.NamedNode):
        return term
    raise ValueError("A path that repeats more than one property is not supported.")


class Graph:
    """The union of a store's graphs over a fixed background.

    Args:
        store: Quads.
        background: Triples that are always there, such as the types of the vocabulary's concepts.
    """

    def __init__(self, store: Quads, *, background: Quads | None = None) -> None:
        self._store = store
        self._background = background

    def triples(
        self, subject: Term | None, predicate: ox.NamedNode | None, value: Term | None
    ) -> Iterator[Triple]:
        """Triples that match a pattern; one that stands in several graphs may come several times."""
        if isinstance(subject, ox.Literal):
            return
        yield from map(triple, self._store.quads_for_pattern(subject, predicate, value))
        if self._background is not None:
            yield from map(triple, self._background.quads_for_pattern(subject, predicate, value))

    def followed(self, term: Term, link: Link) -> Iterator[Triple]:
        """The triples that a link leads along from a term."""
        if link.inverse:
            return self.triples(None, link.predicate, term)
        return self.triples(term, link.predicate, None)


def triple(quad: ox.Quad) -> Triple:
    """A quad without its graph."""
    # Quoted triples are RDF 1.2, which the reader refuses.
    return cast("Triple", (quad.subject, quad.predicate, quad.object))
