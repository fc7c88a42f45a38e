"""What query editors ask an endpoint for by themselves: examples, prefixes, classes and properties.

They are the questions of the editor of the Swiss Institute of Bioinformatics (@sib-swiss/sparql-editor),
pattern by pattern; it sends them by GET with a parameter of its own, and gives up after five seconds.
"""

from __future__ import annotations

from typing import Any

import httpx
import pyoxigraph as ox

from argraph import vocab
from argraph.query import engine
from argraph.workspace import Workspace

EXAMPLES = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX spex: <https://purl.expasy.org/sparql-examples/ontology#>
SELECT DISTINCT ?example ?told ?text {
  ?example a sh:SPARQLExecutable ; rdfs:comment ?told ; sh:select|sh:ask|sh:construct|spex:describe ?text
} ORDER BY ?example
"""
PREFIXES = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?prefix ?namespace { [] sh:prefix ?prefix ; sh:namespace ?namespace } ORDER BY ?prefix
"""
SCHEMA = """
PREFIX ext: <http://ldf.fi/void-ext#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
PREFIX void: <http://rdfs.org/ns/void#>
SELECT DISTINCT ?graph ?subject ?property ?object ?datatype ?count ?label {
  {
    OPTIONAL { ?graph sd:graph ?described . ?described void:classPartition ?part }
    ?part void:class ?subject ; void:propertyPartition ?with .
    OPTIONAL { ?subject rdfs:label ?label }
    ?with void:property ?property .
    OPTIONAL { ?with void:triples ?count }
    OPTIONAL {
      { ?with void:classPartition [ void:class ?object ] }
      UNION
      { ?with ext:datatypePartition [ ext:datatype ?datatype ] }
    }
  } UNION {
    ?links void:subjectsTarget [ void:class ?subject ] ; void:linkPredicate ?property ;
      void:objectsTarget [ void:class ?object ]
  }
} ORDER BY ?subject ?object ?datatype ?graph ?count
"""


def ask(client: httpx.Client, query: str) -> list[dict[str, str]]:
    headers = {"accept": "application/sparql-results+json", "origin": "https://editor.example"}
    answer = client.get("/sparql", params={"ac": "1", "query": query}, headers=headers, timeout=5)
    assert answer.status_code == 200, answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    found: dict[str, Any] = answer.json()
    return [{name: cell["value"] for name, cell in row.items()} for row in found["results"]["bindings"]]


def test_editors_find_every_saved_query_and_it_runs_as_it_is(
    client: httpx.Client, shipped: Workspace
) -> None:
    found = ask(client, EXAMPLES)
    assert [row["example"] for row in found] == sorted(f"{vocab.QUERIES_GRAPH}/{n}" for n in shipped.shipped)
    for row in found:
        name = row["example"].rpartition("/")[2]
        assert row["told"].startswith(shipped.shipped[name].title)
        # Without any prefix that argraph declares by itself, as an endpoint elsewhere would have it.
        assert engine.run(shipped.complete(), row["text"], prefixes={}) == shipped.ask(name, {}), name
        answer = client.get("/sparql", params={"query": row["text"]})
        assert answer.json() == client.get(f"/queries/{name}").json()


def test_editors_find_the_prefixes(client: httpx.Client, shipped: Workspace) -> None:
    found = {row["prefix"]: row["namespace"] for row in ask(client, PREFIXES)}
    assert found == dict(shipped.prefixes)
    assert found["osai"] == "https://w3id.org/argraph/open-source-ai/"


def test_editors_find_what_may_follow_a_class(client: httpx.Client, shipped: Workspace) -> None:
    found = ask(client, SCHEMA)
    after = {(row["subject"], row["property"], row.get("object") or row.get("datatype")) for row in found}
    assert (vocab.OBJECTION, vocab.ATTACKS, vocab.CLAIM) in after
    assert (vocab.CLAIM, vocab.LABEL, vocab.RDF + "langString") in after
    assert (vocab.CLAIM, vocab.STRENGTH, vocab.XSD + "decimal") in after
    counted = "SELECT (COUNT(*) AS ?n) { ?x a arg:Objection ; arg:attacks ?y }"
    count = client.get("/sparql", params={"query": counted, "format": "csv"}).text.split()[1]
    (row,) = (
        row
        for row in found
        if (row["subject"], row["property"], row.get("object"))
        == (vocab.OBJECTION, vocab.ATTACKS, vocab.CLAIM)
    )
    assert row["count"] == count
    classes = {row["subject"] for row in found}
    assert classes == set(shipped.statistics.classes)
    assert vocab.SHACL + "SPARQLExecutable" not in classes, "only the debate is counted"


def test_the_statistics_say_what_the_graphs_hold(client: httpx.Client, shipped: Workspace) -> None:
    void = vocab.VOID
    query = f"SELECT ?n {{ <{vocab.STATISTICS_GRAPH}#dataset> <{void}triples> ?n }}"
    (row,) = ask(client, query)
    counted = {(q.subject, q.predicate, q.object) for q in shipped.argued()}
    assert int(row["n"]) == len(counted)
    others = " ".join(f"<{graph}>" for graph in vocab.ADDED_GRAPHS if graph != vocab.DERIVED_GRAPH)
    own = f"SELECT (COUNT(*) AS ?n) {{ VALUES ?g {{ {others} }} GRAPH ?g {{ ?s ?p ?o }} }}"
    (added,) = ask(client, own)
    (union,) = ask(client, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert int(union["n"]) == int(row["n"]) + int(added["n"])


def test_the_service_description_counts_all_and_tells_the_statistics(client: httpx.Client) -> None:
    store = ox.Store()
    store.load(client.get("/sparql?format=ntriples").content, format=ox.RdfFormat.N_TRIPLES)
    (union,) = ask(client, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    sd = "http://www.w3.org/ns/sparql-service-description#"
    text = f"SELECT ?n {{ ?d <{sd}defaultGraph>/<{vocab.VOID}triples> ?n ; <{vocab.VOID}subset> ?s }}"
    assert {row[0].value for row in store.query(text)} == {union["n"]}  # type: ignore[union-attr]
    told = client.get("/graph", params={"graph": vocab.STATISTICS_GRAPH, "format": "ntriples"})
    for quad in ox.parse(told.content, format=ox.RdfFormat.N_TRIPLES):
        assert ox.Quad(*quad.triple) in store


def test_what_is_asserted_comes_without_the_graphs_that_argraph_adds(
    client: httpx.Client, shipped: Workspace
) -> None:
    found = {
        quad.graph_name
        for quad in ox.parse(client.get("/graph?format=nquads").content, format=ox.RdfFormat.N_QUADS)
    }
    assert {graph.value for graph in found} == set(shipped.store.graphs.values())
    for graph in vocab.ADDED_GRAPHS:
        answer = client.get("/graph", params={"graph": graph})
        assert answer.status_code == 200
        assert len(answer.content) > 1000
