"""What a node's page says, as RDF."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from argraph import vocab
from argraph.query.engine import Triples
from argraph.rdf.store import Quads

_ENDS = (vocab.PREMISE, vocab.CONCLUSION, vocab.TARGET, vocab.EVIDENCE_OF, vocab.BEARS_ON)
_NAMES = (vocab.TYPE, vocab.LABEL, vocab.NAME, vocab.DCTERMS + "title", vocab.RDFS + "label")


def describe(store: Quads, iri: str) -> Triples:
    """What is asserted about a node, in brief, each triple once.

    That is: the node's own triples; those of the steps that lead to it or start from it; the blank nodes in
    these, such as author lists; and kind and name of everything else that these mention. What argraph
    computes is left out, so that the answer can be a part of a contribution.
    """
    node = ox.NamedNode(iri)
    subjects: list[ox.NamedNode | ox.BlankNode] = [node]
    for name in _ENDS:
        steps = store.quads_for_pattern(None, ox.NamedNode(name), node)
        subjects += [quad.subject for quad in steps if isinstance(quad.subject, ox.NamedNode)]
    told: dict[ox.NamedNode | ox.BlankNode, None] = {}
    found: dict[ox.Triple, None] = {}
    while subjects:
        subject = subjects.pop()
        if subject in told:
            continue
        told[subject] = None
        for triple in _asserted(store, subject):
            found[triple] = None
            if isinstance(triple.object, ox.BlankNode):
                subjects.append(triple.object)
    mentioned = {t.object for t in found if isinstance(t.object, ox.NamedNode) and t.object not in told}
    for neighbour in mentioned:
        for name in _NAMES:
            found |= dict.fromkeys(_asserted(store, neighbour, name))
    return tuple(found)


def _asserted(
    store: Quads, subject: ox.NamedNode | ox.BlankNode, predicate: str | None = None
) -> Iterator[ox.Triple]:
    named = ox.NamedNode(predicate) if predicate else None
    for quad in store.quads_for_pattern(subject, named, None):
        yield ox.Triple(quad.subject, quad.predicate, quad.object)
