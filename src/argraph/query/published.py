"""The saved queries as RDF, so that whoever asks the endpoint for examples finds them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox

from argraph import vocab
from argraph.query.admission import admit
from argraph.query.catalogue import StoredQuery
from argraph.query.header import DATATYPES, Parameter

GRAPH: Final = ox.NamedNode(vocab.QUERIES_GRAPH)
"""The named graph of the saved queries."""


def standalone(stored: StoredQuery, *, prefixes: Mapping[str, str], resolve: Callable[[str], str]) -> str:
    """A saved query as text that any endpoint with the same data answers as it is.

    The header is left out but for the question, the prefixes that it uses are declared, and its defaults and
    needed examples stand in it as VALUES, at the beginning of the WHERE clause.

    Args:
        stored: The query.
        prefixes: Those that it may use without declaring them.
        resolve: Turns a name for a node into an IRI, or raises UnknownNode.

    Raises:
        QueryRefused: One of its values names no node.
    """
    values = tuple((name, str(term)) for name, term in stored.samples(resolve=resolve).items())
    return _written(stored.title, stored.text, values, frozenset(prefixes.items()))


@lru_cache(maxsize=2048)
def _written(
    title: str, text: str, values: tuple[tuple[str, str], ...], prefixes: frozenset[tuple[str, str]]
) -> str:
    lines = [line for line in text.removeprefix("\ufeff").splitlines() if not line.startswith("#+")]
    body = "\n".join(lines).strip()
    query, known = admit(body), dict(prefixes)
    declared = "".join(
        f"PREFIX {name}: <{known[name]}>\n" for name in sorted(query.prefixes) if name in known
    )
    given = "".join(f"\n  VALUES ?{name} {{ {term} }}" for name, term in values)
    at = query.opening
    return f"# {title}\n{declared}{body[:at]}{given}{body[at:]}\n"


def statements(
    queries: Iterable[StoredQuery], *, prefixes: Mapping[str, str], resolve: Callable[[str], str]
) -> Iterator[ox.Quad]:
    """Saved queries with all that can be told of them, as quads of `GRAPH`.

    Each is an `sh:SPARQLExecutable` with its text as `standalone` gives it; the graph itself declares all
    prefixes.

    Args:
        queries: The queries.
        prefixes: Those that are declared.
        resolve: As for `standalone`.

    Source:
        SHACL Advanced Features (2017), sections 5 and 6. How editors ask for examples: Bolleman et al. 2025,
        doi:10.1093/gigascience/giaf045.
    """
    home = GRAPH.value
    yield _say(home, vocab.TYPE, ox.NamedNode(vocab.OWL + "Ontology"))
    yield _say(home, vocab.RDFS + "label", ox.Literal("Saved queries", language="en"))
    for prefix, namespace in sorted(prefixes.items()):
        declaration = f"{home}#prefix-{quote(prefix, safe='')}"
        uri = ox.Literal(namespace, datatype=ox.NamedNode(vocab.XSD + "anyURI"))
        yield _say(home, vocab.SHACL + "declare", ox.NamedNode(declaration))
        yield _say(declaration, vocab.TYPE, ox.NamedNode(vocab.SHACL + "PrefixDeclaration"))
        yield _say(declaration, vocab.SHACL + "prefix", ox.Literal(prefix))
        yield _say(declaration, vocab.SHACL + "namespace", uri)
    for stored in queries:
        iri = address(stored.name)
        text = standalone(stored, prefixes=prefixes, resolve=resolve)
        for kind in ("SPARQLExecutable", "SPARQLSelectExecutable"):
            yield _say(iri, vocab.TYPE, ox.NamedNode(vocab.SHACL + kind))
        yield _say(iri, vocab.RDFS + "label", ox.Literal(stored.title, language="en"))
        comment = f"{stored.title} {stored.summary}"  # of an example, editors show nothing but the comment
        yield _say(iri, vocab.RDFS + "comment", ox.Literal(comment, language="en"))
        yield _say(iri, vocab.DCTERMS + "identifier", ox.Literal(stored.name))
        yield _say(iri, vocab.DCTERMS + "isPartOf", GRAPH)
        yield _say(iri, vocab.SCHEMA + "keywords", ox.Literal(stored.kind))
        yield _say(iri, vocab.SHACL + "prefixes", GRAPH)
        yield _say(iri, vocab.SHACL + "select", ox.Literal(text))
        for number, parameter in enumerate(stored.parameters):
            yield from _parameter(iri, number, parameter, resolve)


def address(name: str) -> str:
    """The IRI of a saved query."""
    return f"{GRAPH.value}/{name}"


def _parameter(
    query: str, number: int, parameter: Parameter, resolve: Callable[[str], str]
) -> Iterator[ox.Quad]:
    """A parameter as SHACL describes those of its functions: the path's local name is the variable."""
    iri = f"{query}#parameter-{parameter.name}"
    yield _say(query, vocab.SHACL + "parameter", ox.NamedNode(iri))
    yield _say(iri, vocab.TYPE, ox.NamedNode(vocab.SHACL + "Parameter"))
    yield _say(iri, vocab.SHACL + "path", ox.NamedNode(f"{query}#{parameter.name}"))
    yield _say(iri, vocab.SHACL + "name", ox.Literal(parameter.name))
    yield _say(iri, vocab.SHACL + "order", ox.Literal(number))
    yield _say(iri, vocab.SHACL + "optional", ox.Literal(not parameter.required))
    if parameter.type == "iri":
        yield _say(iri, vocab.SHACL + "nodeKind", ox.NamedNode(vocab.SHACL + "IRI"))
    else:
        datatype = min(DATATYPES[parameter.type] - {vocab.RDF + "langString"})
        yield _say(iri, vocab.SHACL + "datatype", ox.NamedNode(datatype))
    if parameter.default is not None:
        yield _say(iri, vocab.SHACL + "defaultValue", parameter.term(parameter.default, resolve))


def _say(subject: str, predicate: str, value: ox.NamedNode | ox.BlankNode | ox.Literal) -> ox.Quad:
    return ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), value, GRAPH)
