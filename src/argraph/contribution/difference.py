"""What differs between two states of what is said, node by node and in words instead of triples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import pyoxigraph as ox

from argraph import vocab
from argraph.argument.graph import local_name

Node: TypeAlias = ox.NamedNode | ox.BlankNode
Term: TypeAlias = Node | ox.Literal
Said: TypeAlias = Mapping[Node, Mapping[str, Iterable[Term]]]
What: TypeAlias = Literal["added", "changed", "removed"]

_FIRST, _REST, _NIL = (ox.NamedNode(vocab.RDF + name) for name in ("first", "rest", "nil"))
_PLAIN: Final = {vocab.XSD + "string", vocab.RDF + "langString"}
_DEPTH: Final = 4  # blank nodes within blank nodes
_MEMBERS: Final = 1000  # of a list, which may lead back into itself
_ORDER: Final = (vocab.TYPE, vocab.LABEL, vocab.NAME, vocab.DCTERMS + "title", vocab.TEXT)
_KINDS: Final[dict[What, int]] = {"changed": 0, "added": 1, "removed": 2}


@dataclass(frozen=True, slots=True, order=True)
class Value:
    """What is said of a node by one property.

    Attributes:
        text: The value in words; of a list its members; of a node without a name all that it says.
        node: IRI of the node that it is; empty for a text.
        tag: Language of a text, or kind of a number or date; may be empty.
    """

    text: str
    node: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Property:
    """A property with those of its values that differ.

    Attributes:
        iri: Its IRI.
        name: Its name in words.
        before: Values that only the first state has.
        after: Values that only the second state has.
    """

    iri: str
    name: str
    before: tuple[Value, ...]
    after: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A node that differs.

    Attributes:
        what: Whether it is `added`, `changed` or `removed`.
        iri: Its IRI.
        label: What it is called, in the second state if it is there.
        kind: What it is, in words; may be empty.
        properties: What differs.
    """

    what: What
    iri: str
    label: str
    kind: str
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """How things are called.

    Attributes:
        node: The label of an IRI, in the second state if it is there.
        term: The word for a class or property.
    """

    node: Callable[[str], str]
    term: Callable[[str], str]


def said(triples: Iterable[ox.Triple]) -> dict[Node, dict[str, dict[Term, None]]]:
    """What is said of each node, by property, each value once."""
    found: defaultdict[Node, dict[str, dict[Term, None]]] = defaultdict(dict)
    for triple in triples:
        if isinstance(triple.subject, ox.NamedNode | ox.BlankNode) and not isinstance(
            triple.object, ox.Triple
        ):
            found[triple.subject].setdefault(triple.predicate.value, {})[triple.object] = None
    return dict(found)


def differences(before: Said, after: Said, words: Words) -> Iterator[Difference]:
    """The nodes with a name of which something else is said, changed ones first, then by kind and label.

    Nodes without a name belong to what the named ones say, so that it does not matter how a parser calls
    them.

    Args:
        before: What was said of these nodes, as `said` has it.
        after: What is said of them then.
        words: How things are called.
    """
    nodes = {node for node in (*before, *after) if isinstance(node, ox.NamedNode)}
    found = []
    for node in nodes:
        old, new = before.get(node, {}), after.get(node, {})
        properties = []
        for iri in {*old, *new}:
            was = {_value(term, before, words) for term in old.get(iri, ())}
            becomes = {_value(term, after, words) for term in new.get(iri, ())}
            if was != becomes:
                gone, come = tuple(sorted(was - becomes)), tuple(sorted(becomes - was))
                properties.append(Property(iri, words.term(iri), gone, come))
        if properties:
            what: What = "added" if not old else "changed" if new else "removed"
            kind = ", ".join(sorted(_kinds(new or old, words)))
            properties.sort(key=lambda p: (_place(p.iri), p.name, p.iri))
            found.append(Difference(what, node.value, words.node(node.value), kind, tuple(properties)))
    yield from sorted(found, key=lambda d: (_KINDS[d.what], d.kind, d.label, d.iri))


def _place(iri: str) -> int:
    return _ORDER.index(iri) if iri in _ORDER else len(_ORDER)


def _kinds(properties: Mapping[str, Iterable[Term]], words: Words) -> set[str]:
    return {words.term(t.value) for t in properties.get(vocab.TYPE, ()) if isinstance(t, ox.NamedNode)}


def _value(term: Term, where: Said, words: Words, depth: int = _DEPTH) -> Value:
    if isinstance(term, ox.Literal):
        plain = term.datatype.value in _PLAIN
        return Value(term.value, tag=term.language or ("" if plain else local_name(term.datatype.value)))
    if isinstance(term, ox.NamedNode):
        return Value("nothing" if term == _NIL else words.node(term.value), node=term.value)
    content = where.get(term, {})
    if not depth or not content:
        return Value("…" if content else "something without a name")
    if _FIRST.value in content:
        return Value(", ".join(_value(item, where, words, depth - 1).text for item in _members(term, where)))
    parts = []
    for iri, terms in content.items():
        values = sorted(_value(value, where, words, depth - 1).text for value in terms)
        parts.append(f"{words.term(iri)}: {', '.join(values)}")
    return Value("; ".join(sorted(parts)))


def _members(cell: Term, where: Said) -> Iterator[Term]:
    """The members of a list, up to where it leads back into itself."""
    seen: set[Term] = set()
    while isinstance(cell, ox.BlankNode) and cell not in seen and len(seen) < _MEMBERS:
        seen.add(cell)
        content = where.get(cell, {})
        yield from content.get(_FIRST.value, ())
        cell = next(iter(content.get(_REST.value, ())), _NIL)
