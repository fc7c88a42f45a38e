"""Terms of the store (pyoxigraph) as terms of the exchange library (rdflib), and back.

The two disagree on when terms are equal. RDF 1.1 knows one literal `"a"`, which pyoxigraph has as a literal
of datatype `xsd:string`; rdflib has two that are not equal, the plain one and the typed one. rdflib also
rewrites literals to their canonical form (`"01"` to `"1"`). Terms that came through here are equal in one
library exactly when they are equal in the other.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import TypeAlias

import pyoxigraph as ox
import rdflib

from argraph.rdf.store import Term

RdflibTerm: TypeAlias = rdflib.URIRef | rdflib.BNode | rdflib.Literal

_STRING = str(rdflib.XSD.string)

# A literal such as "soon"^^xsd:date is the contributor's mistake and is reported as such; rdflib would also
# write a traceback to the log.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)


@lru_cache(maxsize=4096)
def _iri(value: str) -> rdflib.URIRef:
    return rdflib.URIRef(value)


def to_rdflib(term: Term) -> RdflibTerm:
    """The same term for rdflib: strings are plain literals, and no literal is rewritten.

    >>> to_rdflib(ox.Literal("01", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")))
    rdflib.term.Literal('01', datatype=rdflib.term.URIRef('http://www.w3.org/2001/XMLSchema#integer'))
    """
    if isinstance(term, ox.NamedNode):
        return _iri(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = term.datatype.value
    return rdflib.Literal(
        term.value, datatype=None if datatype == _STRING else _iri(datatype), normalize=False
    )


def from_rdflib(term: RdflibTerm) -> Term:
    """The same term for pyoxigraph.

    Raises:
        ValueError: The term is not RDF: an IRI or a language tag with characters that are not allowed.
    """
    if isinstance(term, rdflib.URIRef):
        return ox.NamedNode(term)
    if isinstance(term, rdflib.BNode):
        return ox.BlankNode(term)
    if term.language:
        return ox.Literal(str(term), language=term.language)
    return ox.Literal(str(term), datatype=ox.NamedNode(term.datatype or _STRING))
