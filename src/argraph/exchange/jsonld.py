"""JSON-LD with a context of our own: the debate as it is written in Turtle, for programs that speak JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

import pyoxigraph as ox

from argraph import vocab
from argraph.argument.graph import ArgumentGraph
from argraph.errors import FormatError
from argraph.exchange.model import JSON, Imported, LossReport, Model
from argraph.exchange.reading import model_of
from argraph.exchange.turtle import Place, described

_TEXTS: Final = ("arg:venue", "bibo:doi", "fabio:hasArXivId", "void:uriSpace", "dcterms:format")
_PREFIXES: Final = ("bibo", "dcterms", "fabio", "prov", "rdf", "schema", "skos", "void", "xsd")
CONTEXT: Final[Mapping[str, JSON]] = {
    "arg": vocab.ARG,
    **{prefix: vocab.PREFIXES[prefix] for prefix in _PREFIXES},
    **{term: {"@id": term, "@language": None} for term in _TEXTS},
    "bibo:authorList": {"@id": "bibo:authorList", "@container": "@list", "@language": None},
}
"""What the names in a file stand for; with it goes `@base`, what the names of nodes begin with."""


def load(data: bytes, name: str) -> tuple[Model, LossReport]:
    """Read a debate in the vocabulary of argraph, with whatever context stands in the file.

    Raises:
        FormatError: It is no JSON-LD, asks for a context elsewhere, or holds nothing of a debate.
    """
    try:
        quads = list(ox.parse(data, format=ox.RdfFormat.JSON_LD, base_iri="https://example.org/file/"))
    except (SyntaxError, ValueError) as fault:
        if "LoadDocumentCallback" in str(fault):
            reason = "It names a context by its address, and none is fetched. Put the context into the file."
            raise FormatError(reason, name=name) from None
        raise FormatError(f"This is no JSON-LD: {fault}", name=name) from None
    store = ox.Store()
    store.extend(ox.Quad(q.subject, q.predicate, q.object) for q in quads)
    graph = ArgumentGraph.of(store)
    if not graph.nodes:
        raise FormatError(f"No statement of the vocabulary <{vocab.ARG}> is in this file.", name=name)
    spaces = [q.object.value for q in quads if q.predicate.value == vocab.URI_SPACE]
    base = spaces[0] if spaces else _common(list(graph.nodes))
    model, losses = model_of(graph, store, lambda iri: iri.removeprefix(base) or iri)
    return model, LossReport(losses)


def _common(iris: list[str]) -> str:
    stems = {iri[: max(iri.rfind("/"), iri.rfind("#")) + 1] for iri in iris}
    return stems.pop() if len(stems) == 1 else ""


def dump(model: Model, base: str) -> bytes:
    """Write a debate; its nodes get the addresses that they have in the debate of that base."""
    place = Place(base)
    triples = described(Imported(model, LossReport(), "export", "jsonld"), place)
    document = {
        "@context": {**CONTEXT, "@base": base, "@language": place.language},
        "@graph": _graph(triples, base),
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _graph(triples: Iterable[ox.Triple], base: str) -> list[JSON]:
    subjects: dict[str, dict[str, list[JSON]]] = {}
    cells: dict[str, dict[str, ox.Triple]] = {}
    for triple in triples:
        if isinstance(triple.subject, ox.BlankNode):
            cells.setdefault(triple.subject.value, {})[triple.predicate.value] = triple
            continue
        if isinstance(triple.subject, ox.NamedNode):
            told = subjects.setdefault(triple.subject.value, {})
            told.setdefault(triple.predicate.value, []).append(triple.object)
    graph = []
    for iri, said in subjects.items():
        node: dict[str, JSON] = {"@id": _address(iri, base)}
        for predicate, values in said.items():
            if predicate == vocab.TYPE:
                node["@type"] = _one([_short(value.value) for value in values])
            else:
                key = _short(predicate)
                node[key] = _one([_value(key, value, base, cells) for value in values])
        graph.append(node)
    return graph


def _value(key: str, value: object, base: str, cells: Mapping[str, Mapping[str, ox.Triple]]) -> JSON:
    if isinstance(value, ox.NamedNode):
        return {"@id": _address(value.value, base)}
    if isinstance(value, ox.BlankNode):
        return _members(value.value, cells)
    if not isinstance(value, ox.Literal):
        return None
    if value.language:
        return value.value if value.language == "en" else {"@value": value.value, "@language": value.language}
    kind = value.datatype.value
    if kind == vocab.XSD + "boolean":
        return value.value == "true"
    if key in CONTEXT and kind == vocab.XSD + "string":
        return value.value
    return {"@value": value.value, "@type": _short(kind)}


def _members(cell: str, cells: Mapping[str, Mapping[str, ox.Triple]]) -> list[str]:
    members = []
    while cell in cells:
        members.append(str(getattr(cells[cell][vocab.RDF + "first"].object, "value", "")))
        cell = getattr(cells[cell][vocab.RDF + "rest"].object, "value", "")
    return members


def _one(values: list[JSON]) -> JSON:
    return values[0] if len(values) == 1 else values


def _address(iri: str, base: str) -> str:
    local = iri.removeprefix(base)
    return (
        local
        if local != iri and local and ":" not in local and not local.startswith(("/", "?"))
        else _short(iri)
    )


def _short(iri: str) -> str:
    for prefix, space in vocab.PREFIXES.items():
        if prefix in CONTEXT and iri.startswith(space) and iri != space:
            return f"{prefix}:{iri.removeprefix(space)}"
    return iri
