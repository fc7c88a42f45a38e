"""What one version of a file says, node by node, and in what two versions differ."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, TypeAlias

import pyoxigraph as ox

from argraph import vocab
from argraph.rdf import turtle

Said: TypeAlias = Mapping[str, tuple[str, ...]]
"""What is said of a node: for each property its values, written as in N-Triples and sorted."""

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_CREATED, _CREATOR = vocab.DCTERMS + "created", vocab.DCTERMS + "creator"
_FIRST, _REST = vocab.RDF + "first", vocab.RDF + "rest"
_DEEPEST: Final = 20  # nodes without an IRI within one another that are told


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

    def written(term: object, above: frozenset[object]) -> str:
        if not isinstance(term, ox.BlankNode):
            return str(term)
        if term in above or len(above) > _DEEPEST:
            return "[ … ]"
        inner, seen = by_subject.get(term, []), set(above)
        if any(triple.predicate.value == _FIRST for triple in inner):
            members: list[str] = []
            cell: object = term
            while isinstance(cell, ox.BlankNode) and cell not in seen:
                seen.add(cell)
                said = {t.predicate.value: t.object for t in by_subject.get(cell, [])}
                members += [written(said[_FIRST], frozenset({*above, cell}))] if _FIRST in said else []
                cell = said.get(_REST)
            return f"( {' '.join(members)} )"
        seen.add(term)
        values = sorted(f"{t.predicate} {written(t.object, frozenset(seen))}" for t in inner)
        return f"[ {' ; '.join(values)} ]"

    said: dict[str, Said] = {}
    for subject, triples in by_subject.items():
        if isinstance(subject, ox.NamedNode):
            values: defaultdict[str, set[str]] = defaultdict(set)
            for triple in triples:
                values[triple.predicate.value].add(written(triple.object, frozenset()))
            said[subject.value] = {name: tuple(sorted(found)) for name, found in values.items()}
    return said


def _triples(data: bytes) -> Iterable[ox.Triple]:
    try:
        return [quad.triple for quad in ox.parse(data, format=ox.RdfFormat.TURTLE)]
    except (SyntaxError, ValueError):
        found = turtle.read(data, name="").triples
        return [ox.Triple(t.subject, t.predicate, t.object) for t in found]


def entered(data: bytes) -> tuple[str, tuple[str, ...], str]:
    """The day of a file's contribution, IRIs of who made it, and its own IRI; empty where it is silent."""
    kind = str(ox.NamedNode(vocab.CONTRIBUTION))
    for iri, said in describes(data).items():
        if kind in said.get(vocab.TYPE, ()):
            days = (_DATE.search(value) for value in said.get(_CREATED, ()))
            makers = (value[1:-1] for value in said.get(_CREATOR, ()) if value.startswith("<"))
            return next((day[0] for day in days if day), ""), tuple(makers), iri
    return "", (), ""


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


