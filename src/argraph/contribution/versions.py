"""What one version of a file says, node by node, and in what two versions differ."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Final, TypeAlias

import pyoxigraph as ox

from argraph import vocab
from argraph.rdf import turtle

Said: TypeAlias = Mapping[str, tuple[str, ...]]
"""What is said of a node: for each property its values, written as in N-Triples and sorted."""

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_CREATED, _CREATOR = vocab.DCTERMS + "created", vocab.DCTERMS + "creator"
_CONTRIBUTION: Final = ox.NamedNode(vocab.CONTRIBUTION)
_FIRST, _REST = vocab.RDF + "first", vocab.RDF + "rest"
_NIL: Final = ox.NamedNode(vocab.RDF + "nil")
_DEEPEST: Final = 20  # nodes without an IRI within one another that are told
_LONGEST: Final = 4_000  # characters of one of them
_UNTOLD: Final = "[ … ]"


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed in one property of a node; values as in N-Triples."""

    property: str
    gone: tuple[str, ...]
    new: tuple[str, ...]


def differences(old: Said, new: Said) -> Iterator[Difference]:
    """What differs between two versions of what is said of a node, by property."""
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name, ()), new.get(name, ())
        if was != now:
            yield Difference(
                name,
                tuple(value for value in was if value not in now),
                tuple(value for value in now if value not in was),
            )


@lru_cache(maxsize=512)
def describes(data: bytes) -> Mapping[str, Said]:
    """What a file says of each node that has an IRI; what cannot be read of it is left out.

    A list counts as one value, written `( … )`, and another node without an IRI as `[ … ]`.
    """
    by_subject: defaultdict[object, list[ox.Triple]] = defaultdict(list)
    for triple in _triples(data):
        by_subject[triple.subject].append(triple)
    known: dict[object, str] = {}

    def written(term: object, depth: int = 0) -> str:
        if not isinstance(term, ox.BlankNode):
            return "( )" if term == _NIL else str(term)
        if term not in known:
            known[term] = _UNTOLD  # for what comes round to it
            known[term] = _bounded(spelt(term, depth + 1)) if depth < _DEEPEST else _UNTOLD
        return known[term]

    def spelt(term: ox.BlankNode, depth: int) -> str:
        if not any(triple.predicate.value == _FIRST for triple in by_subject[term]):
            values = sorted(f"{t.predicate} {written(t.object, depth)}" for t in by_subject[term])
            return f"[ {' ; '.join(values)} ]"
        members, cell, seen = [], term, set[object]()
        while isinstance(cell, ox.BlankNode) and cell not in seen:
            seen.add(cell)
            inside = {t.predicate.value: t.object for t in by_subject[cell]}
            members += [written(inside[_FIRST], depth)] if _FIRST in inside else []
            cell = inside.get(_REST)  # type: ignore[assignment]
        return f"( {' '.join(members)} )"

    named = [subject for subject in by_subject if isinstance(subject, ox.NamedNode)]
    return {
        subject.value: _sorted((t.predicate.value, written(t.object)) for t in by_subject[subject])
        for subject in named
    }


def _sorted(pairs: Iterable[tuple[str, str]]) -> Said:
    values: defaultdict[str, set[str]] = defaultdict(set)
    for name, value in pairs:
        values[name].add(value)
    return {name: tuple(sorted(found)) for name, found in values.items()}


def _triples(data: bytes) -> Iterable[ox.Triple]:
    try:
        return [quad.triple for quad in ox.parse(data, format=ox.RdfFormat.TURTLE)]
    except (SyntaxError, ValueError):
        found = turtle.read(data, name="").triples
        return [ox.Triple(t.subject, t.predicate, t.object) for t in found]


def _bounded(text: str) -> str:
    """A text cut short, with a mark of what is missing, so that two that differ still do."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… {sha256(text.encode()).hexdigest()[:8]}"


@lru_cache(maxsize=512)
def entered(data: bytes) -> tuple[str, tuple[str, ...], str]:
    """The day of a file's contribution, IRIs of who made it, and its own IRI; empty where it is silent."""
    wanted: defaultdict[str, list[ox.Triple]] = defaultdict(list)
    contribution = ""
    for triple in _triples(data) if b"Contribution" in data else ():
        name = triple.predicate.value
        if name in {_CREATED, _CREATOR} and isinstance(triple.subject, ox.NamedNode):
            wanted[triple.subject.value].append(triple)
        elif (
            name == vocab.TYPE and triple.object == _CONTRIBUTION and isinstance(triple.subject, ox.NamedNode)
        ):
            contribution = min(filter(None, [contribution, triple.subject.value]))
    days, makers = [], []
    for triple in wanted[contribution]:
        if triple.predicate.value == _CREATED and isinstance(triple.object, ox.Literal):
            days += _DATE.findall(triple.object.value)[:1]
        elif triple.predicate.value == _CREATOR and isinstance(triple.object, ox.NamedNode):
            makers.append(triple.object.value)
    return min(days, default=""), tuple(sorted(makers)), contribution


def dated_after(data: bytes, day: date) -> bool:
    """Whether a file dates its contribution to a later day."""
    return entered(data)[0] > day.isoformat()


def literal(value: str) -> str:
    r"""The text of a literal that is written as in N-Triples; anything else as it is.

    >>> literal('"Say \\"no\\""@en')
    'Say "no"'
    """
    if not value.startswith('"'):
        return value
    (quad,) = ox.parse(f"<x:x> <x:x> {value} .", format=ox.RdfFormat.N_TRIPLES)
    return quad.object.value if isinstance(quad.object, ox.Literal) else value
