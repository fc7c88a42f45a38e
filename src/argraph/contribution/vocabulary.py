"""What the ontology and the shapes define, for rules that compare names with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from argraph import vocab


@dataclass(frozen=True)
class Vocabulary:
    """Names that stand for something, as IRIs.

    Attributes:
        classes: Classes, those of other vocabularies included.
        properties: Properties, likewise.
        concepts: Individuals such as `arg:Moderate`, with their class.
        ranges: The class of a property's values, where the ontology names one.
        implied: The grade that a method gives to evidence.
        allowed: The properties that a node of a class may have, where its shape is closed.
        reasons: Why each shape is there, by its local name.
    """

    classes: frozenset[str]
    properties: frozenset[str]
    concepts: Mapping[str, str]
    ranges: Mapping[str, str]
    implied: Mapping[str, str]
    allowed: Mapping[str, frozenset[str]]
    reasons: Mapping[str, str]

    def knows(self, iri: str) -> bool:
        """Whether the name stands for anything."""
        return iri in self.classes or iri in self.properties or iri in self.concepts

    @classmethod
    @cache
    def load(cls, ontology: Path, shapes: Path) -> Vocabulary:
        """Read the Turtle files of two folders; kept, since they do not change while the program runs."""
        store = ox.Store()
        for path in sorted([*ontology.rglob("*.ttl"), *shapes.rglob("*.ttl")]):
            store.bulk_load(path=str(path), format=ox.RdfFormat.TURTLE)
        types = _pairs(store, vocab.TYPE)
        return cls(
            classes=frozenset(name for name, kind in types if kind == vocab.OWL + "Class"),
            properties=frozenset(
                name for name, kind in types if kind.startswith(vocab.OWL) and kind.endswith("Property")
            ),
            concepts={name: kind for name, kind in types if kind.startswith(vocab.ARG)},
            ranges=dict(_pairs(store, vocab.RDFS + "range")),
            implied=dict(_pairs(store, vocab.ARG + "impliesGrade")),
            allowed=_allowed(store),
            reasons={
                quad.subject.value.removeprefix(vocab.ASH): quad.object.value  # type: ignore[union-attr]
                for quad in store.quads_for_pattern(None, ox.NamedNode(vocab.RDFS + "comment"), None)
            },
        )

    def bearers(self, name: str) -> list[str]:
        """The classes whose nodes may have a property, as the closed shapes say."""
        return sorted(kind for kind, properties in self.allowed.items() if name in properties)


def _pairs(store: ox.Store, predicate: str) -> list[tuple[str, str]]:
    """Subjects and objects of a property, where both are IRIs."""
    quads = store.quads_for_pattern(None, ox.NamedNode(predicate), None)
    return sorted(
        (quad.subject.value, quad.object.value)
        for quad in quads
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode)
    )


_ALLOWED = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT ?class ?path {
  ?shape sh:closed true ; sh:targetClass ?class .
  { ?shape sh:property/sh:path ?path } UNION { ?shape sh:ignoredProperties/rdf:rest*/rdf:first ?path }
  FILTER isIRI(?path)
}
"""


def _allowed(store: ox.Store) -> dict[str, frozenset[str]]:
    allowed: dict[str, set[str]] = {}
    for name, path in store.query(_ALLOWED, prefixes={"rdf": vocab.RDF}):  # type: ignore[union-attr]
        allowed.setdefault(name.value, set()).add(path.value)
    computed = {*vocab.DERIVED, vocab.TYPE}
    return {name: frozenset(paths - computed) for name, paths in allowed.items()}
