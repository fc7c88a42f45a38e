"""What the SPARQL endpoint says of itself: SPARQL 1.1 Service Description, and VoID for what it holds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from argraph import vocab
from argraph.query.engine import Triples
from argraph.workspace import Workspace

SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_WRITES: Final = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "RDF_XML", "JSON-LD"),
)
_TYPE = ox.NamedNode(vocab.TYPE)
PREFIXES: Final = {"sd": SD, "formats": _FORMATS}


@dataclass(frozen=True, slots=True)
class Facts:
    """Numbers of a dataset.

    Attributes:
        triples: In its default graph.
        subjects: Different subjects there.
        objects: Different objects there.
        graphs: Triples in each named graph, by its IRI.
        classes: Instances of each class, by its IRI.
        properties: Triples with each property, by its IRI.
    """

    triples: int
    subjects: int
    objects: int
    graphs: tuple[tuple[str, int], ...]
    classes: tuple[tuple[str, int], ...]
    properties: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, quads: Iterable[ox.Quad]) -> Facts:
        """Count quads of named graphs."""
        graphs: Counter[str] = Counter()
        triples = set()
        for quad in quads:
            graphs[quad.graph_name.value] += 1  # type: ignore[union-attr]
            triples.add(quad.triple)
        properties = Counter(triple.predicate.value for triple in triples)
        instances: defaultdict[str, set[object]] = defaultdict(set)
        for triple in triples:
            if triple.predicate == _TYPE and isinstance(triple.object, ox.NamedNode):
                instances[triple.object.value].add(triple.subject)
        return cls(
            triples=len(triples),
            subjects=len({triple.subject for triple in triples}),
            objects=len({triple.object for triple in triples}),
            graphs=tuple(sorted(graphs.items())),
            classes=tuple(sorted((name, len(found)) for name, found in instances.items())),
            properties=tuple(sorted(properties.items())),
        )


def description(workspace: Workspace, facts: Facts, *, endpoint: str, dumps: str) -> Triples:
    """The description of the endpoint.

    Args:
        workspace: What is asked about.
        facts: Its numbers.
        endpoint: Address of the endpoint.
        dumps: Address where the whole debate is had.
    """
    return tuple(dict.fromkeys(_told(workspace, facts, endpoint, dumps)))


def _told(workspace: Workspace, facts: Facts, endpoint: str, dumps: str) -> Iterator[ox.Triple]:
    def say(
        subject: ox.NamedNode | ox.BlankNode, predicate: str, value: str | int | ox.BlankNode
    ) -> ox.Triple:
        term: ox.NamedNode | ox.BlankNode | ox.Literal
        if isinstance(value, int):
            term = ox.Literal(value)
        else:
            term = ox.NamedNode(value) if isinstance(value, str) else value
        return ox.Triple(subject, ox.NamedNode(predicate), term)

    service, dataset, default = (
        ox.NamedNode(endpoint),
        ox.NamedNode(endpoint + "#dataset"),
        ox.BlankNode("default"),
    )
    yield say(service, vocab.TYPE, SD + "Service")
    yield say(service, SD + "endpoint", endpoint)
    yield say(service, SD + "supportedLanguage", SD + "SPARQL11Query")
    yield say(service, SD + "feature", SD + "UnionDefaultGraph")
    for name in _WRITES:
        yield say(service, SD + "resultFormat", _FORMATS + name)
    yield say(service, SD + "defaultDataset", dataset.value)
    yield say(dataset, vocab.TYPE, SD + "Dataset")
    yield say(dataset, SD + "defaultGraph", default)
    yield say(default, vocab.TYPE, SD + "Graph")
    yield say(default, vocab.VOID + "triples", facts.triples)
    for number, (name, triples) in enumerate(facts.graphs):
        named, graph = ox.BlankNode(f"named{number}"), ox.BlankNode(f"graph{number}")
        yield say(dataset, SD + "namedGraph", named)
        yield say(named, vocab.TYPE, SD + "NamedGraph")
        yield say(named, SD + "name", name)
        yield say(named, SD + "graph", graph)
        yield say(graph, vocab.TYPE, SD + "Graph")
        yield say(graph, vocab.VOID + "triples", triples)
    yield say(dataset, vocab.TYPE, vocab.DATASET)
    for debate in workspace.debates:
        yield ox.Triple(dataset, ox.NamedNode(vocab.DCTERMS + "title"), ox.Literal(debate.title))
        yield say(dataset, vocab.VOID + "subset", debate.iri)
        yield ox.Triple(dataset, ox.NamedNode(vocab.URI_SPACE), ox.Literal(debate.base))
    yield say(dataset, vocab.VOID + "sparqlEndpoint", endpoint)
    yield say(dataset, vocab.VOID + "vocabulary", vocab.ARG)
    for form in ("turtle", "ntriples", "nquads"):
        yield say(dataset, vocab.VOID + "dataDump", f"{dumps}?format={form}")
        yield say(dataset, vocab.VOID + "feature", _FORMATS + _NAMES[form])
    yield say(dataset, vocab.VOID + "triples", facts.triples)
    yield say(dataset, vocab.VOID + "distinctSubjects", facts.subjects)
    yield say(dataset, vocab.VOID + "distinctObjects", facts.objects)
    yield say(dataset, vocab.VOID + "classes", len(facts.classes))
    yield say(dataset, vocab.VOID + "properties", len(facts.properties))
    for number, (name, count) in enumerate(facts.classes):
        part = ox.BlankNode(f"class{number}")
        yield say(dataset, vocab.VOID + "classPartition", part)
        yield say(part, vocab.VOID + "class", name)
        yield say(part, vocab.VOID + "entities", count)
    for number, (name, count) in enumerate(facts.properties):
        part = ox.BlankNode(f"property{number}")
        yield say(dataset, vocab.VOID + "propertyPartition", part)
        yield say(part, vocab.VOID + "property", name)
        yield say(part, vocab.VOID + "triples", count)


_NAMES: Final = {"turtle": "Turtle", "ntriples": "N-Triples", "nquads": "N-Quads"}
