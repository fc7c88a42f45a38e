"""The debates that a graph describes, each with what the names of its nodes begin with."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyoxigraph as ox

from argraph import vocab
from argraph.rdf.store import Quads


@dataclass(frozen=True, slots=True)
class Debate:
    """A debate as its graph describes it.

    Attributes:
        iri: Its IRI.
        title: Its name.
        description: A sentence or two; may be empty.
        base: What the IRIs of its nodes begin with.
        prefix: Prefix for that base; may be empty.
        licence: Address of the terms it is published under; may be empty.
    """

    iri: str
    title: str
    description: str
    base: str
    prefix: str
    licence: str = ""

    @property
    def credit(self) -> str:
        """Its name and its terms in a line.

        >>> Debate("urn:d", "Naps", "", "urn:d/", "", "https://creativecommons.org/licenses/by/4.0/").credit
        'Naps · CC BY 4.0'
        """
        terms = re.fullmatch(r"https?://creativecommons\.org/licenses/([a-z-]+)/([\d.]+)/?", self.licence)
        licence = f"CC {terms[1].upper()} {terms[2]}" if terms else self.licence
        return f"{self.title} · {licence}" if licence else self.title


def described(store: Quads) -> tuple[Debate, ...]:
    """The debates that a store describes, by IRI; one without a base for its nodes is none."""
    found = set()
    for quad in store.quads_for_pattern(None, ox.NamedNode(vocab.TYPE), ox.NamedNode(vocab.DATASET)):
        base = literal(store, quad.subject, vocab.URI_SPACE)
        if isinstance(quad.subject, ox.NamedNode) and base:
            licences = store.quads_for_pattern(quad.subject, ox.NamedNode(vocab.DCTERMS + "license"), None)
            debate = Debate(
                iri=quad.subject.value,
                title=literal(store, quad.subject, vocab.DCTERMS + "title") or quad.subject.value,
                description=literal(store, quad.subject, vocab.DCTERMS + "description"),
                base=base,
                prefix=literal(store, quad.subject, vocab.VANN + "preferredNamespacePrefix"),
                licence=min(
                    (q.object.value for q in licences if isinstance(q.object, ox.NamedNode)), default=""
                ),
            )
            found.add(debate)
    return tuple(sorted(found, key=lambda debate: debate.iri))


def literal(store: Quads, subject: object, predicate: str) -> str:
    """The least wording that a property gives a node; empty without one."""
    quads = store.quads_for_pattern(subject, ox.NamedNode(predicate), None)  # type: ignore[arg-type]
    return min((quad.object.value for quad in quads if isinstance(quad.object, ox.Literal)), default="")
