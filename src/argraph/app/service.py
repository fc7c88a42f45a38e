"""What the SPARQL endpoint says of itself: SPARQL 1.1 Service Description, and VoID for what it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from argraph import vocab
from argraph.query.engine import Triples
from argraph.rdf import statistics
from argraph.rdf.statistics import Statistics
from argraph.workspace import Workspace

SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_WRITES: Final = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "RDF_XML", "JSON-LD"),
)
PREFIXES: Final = {"sd": SD, "formats": _FORMATS}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the endpoint holds.

    Attributes:
        triples: In its default graph.
        graphs: Triples in each named graph, by its IRI.
        statistics: Of what the files say and what is computed from it.
    """

    triples: int
    graphs: Mapping[str, int]
    statistics: Statistics

    @classmethod
    def of(cls, workspace: Workspace, queries: Collection[ox.Quad]) -> Facts:
        """Count what is published.

        Args:
            workspace: What is published.
            queries: The saved queries as they are published.
        """
        counted, store = workspace.statistics, workspace.store.raw
        own = [*counted.statements(), *workspace.provenance(), *queries]
        graphs = Counter(dict(counted.graphs))
        graphs.update(quad.graph_name.value for quad in own)  # type: ignore[union-attr]
        new = sum(
            next(store.quads_for_pattern(quad.subject, quad.predicate, quad.object), None) is None
            for quad in own
        )
        return cls(counted.triples + new, dict(sorted(graphs.items())), counted)


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
    for number, (name, triples) in enumerate(facts.graphs.items()):
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
    yield say(dataset, vocab.VOID + "subset", statistics.DATASET)
    yield from (quad.triple for quad in facts.statistics.statements())


_NAMES: Final = {"turtle": "Turtle", "ntriples": "N-Triples", "nquads": "N-Quads"}
