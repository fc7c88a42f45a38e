"""Saved queries as RDF, and as text that stands on its own."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from argraph import vocab
from argraph.errors import UnknownNode
from argraph.query import catalogue, engine, published
from argraph.query.catalogue import StoredQuery

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = catalogue.load(ROOT / "queries")
PREFIXES = vocab.PREFIXES | {"ex": "http://example.org/"}
TEXT = """\
#+ title: What is said of a node?
#+ summary: A row is a value.
#+ param node: iri, required, example a
#+ param most: integer, default 3
#+ param word: string, default say "x" \\ 'y'
#+ param free: boolean, optional
#+ column node: iri
#+ column most: integer
#+ column word: string
#+ column free: boolean
# a note of the author
SELECT ?node ?most ?word ?free { # where: WHERE { is in this comment
  ?node skos:prefLabel ?l ; ex:at ?most .
  BIND(CONCAT(?l, "WHERE {") AS ?x)
}
"""


def resolve(name: str) -> str:
    if name == "nobody":
        raise UnknownNode(name)
    return PREFIXES["ex"] + name


def stored(text: str = TEXT) -> StoredQuery:
    return catalogue.parse(text, name="said", kind="audit", prefixes=PREFIXES)


def told(*queries: StoredQuery) -> ox.Store:
    store = ox.Store()
    store.extend(published.statements(queries, prefixes=PREFIXES, resolve=resolve))
    return store


def test_the_text_stands_on_its_own() -> None:
    assert published.standalone(stored(), prefixes=PREFIXES, resolve=resolve) == (
        "# What is said of a node?\n"
        "PREFIX ex: <http://example.org/>\n"
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
        "# a note of the author\n"
        "SELECT ?node ?most ?word ?free {\n"
        "  VALUES ?node { <http://example.org/a> }\n"
        '  VALUES ?most { "3"^^<http://www.w3.org/2001/XMLSchema#integer> }\n'
        '  VALUES ?word { "say \\"x\\" \\\\ \'y\'" } # where: WHERE { is in this comment\n'
        "  ?node skos:prefLabel ?l ; ex:at ?most .\n"
        '  BIND(CONCAT(?l, "WHERE {") AS ?x)\n'
        "}\n"
    )


def test_values_stand_where_the_where_clause_begins() -> None:
    text = "#+ title: T?\n#+ summary: S.\n#+ param n: integer, default 1\n"
    text += "#+ column n: integer\n#+ column e: boolean\n"
    text += "SELECT ?n (EXISTS { ?x ?y ?n } AS ?e) FROM <urn:g> WHERE{ ?s ?p ?n }"
    found = published.standalone(stored(text), prefixes=PREFIXES, resolve=resolve)
    assert found.partition("WHERE{")[2].lstrip().startswith("VALUES ?n")


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_query_answers_the_same_on_its_own(name: str) -> None:
    store = ox.Store()
    for graph in ("one", "two"):
        named = ox.NamedNode("urn:" + graph)
        store.load(path=ROOT / "tests/contract/queries/debate.ttl", to_graph=named)
        store.load(path=ROOT / "tests/contract/queries/debate.ttl")
    query = SHIPPED[name]
    text = published.standalone(query, prefixes={}, resolve=resolve)
    assert "#+" not in text
    bindings = query.bind({}, resolve=resolve)
    assert engine.run(store, text, prefixes={}) == engine.run(store, query.text, bindings=bindings)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_query_names_no_node_of_its_own_since_it_is_for_any_debate(name: str) -> None:
    assert [p.name for p in SHIPPED[name].parameters if p.type == "iri" and (p.default or p.example)] == []


def test_a_query_is_an_executable_with_its_question_first() -> None:
    store = told(stored(), *SHIPPED.values())
    iri = ox.NamedNode(vocab.QUERIES_GRAPH + "/said")
    said = {quad.predicate.value: quad.object for quad in store.quads_for_pattern(iri, None, None)}
    assert said[vocab.RDFS + "label"] == ox.Literal("What is said of a node?", language="en")
    comment = "What is said of a node? A row is a value."
    assert said[vocab.RDFS + "comment"] == ox.Literal(comment, language="en")
    assert said[vocab.DCTERMS + "identifier"] == ox.Literal("said")
    assert said[vocab.SCHEMA + "keywords"] == ox.Literal("audit")
    text = published.standalone(stored(), prefixes=PREFIXES, resolve=resolve)
    assert said[vocab.SHACL + "select"] == ox.Literal(text)
    for kind in ("SPARQLExecutable", "SPARQLSelectExecutable"):
        typed = store.quads_for_pattern(None, ox.NamedNode(vocab.TYPE), ox.NamedNode(vocab.SHACL + kind))
        assert len(list(typed)) == len(SHIPPED) + 1
    assert {quad.graph_name for quad in store} == {published.GRAPH}


def test_its_parameters_are_told_as_those_of_a_shacl_function() -> None:
    found = told(stored()).query(
        f"""PREFIX sh: <{vocab.SHACL}>
        SELECT ?name ?kind ?optional ?default {{
          ?query sh:parameter ?p .
          ?p sh:name ?name ; sh:order ?order ; sh:optional ?optional ; sh:path ?path .
          FILTER(STRENDS(STR(?path), CONCAT("#", ?name)))
          {{ ?p sh:datatype ?kind }} UNION {{ ?p sh:nodeKind ?kind }}
          OPTIONAL {{ ?p sh:defaultValue ?default }}
        }} ORDER BY ?order""",
        use_default_graph_as_union=True,
    )
    assert isinstance(found, ox.QuerySolutions)
    assert [tuple(None if value is None else value.value for value in row) for row in found] == [
        ("node", vocab.SHACL + "IRI", "false", None),
        ("most", vocab.XSD + "integer", "true", "3"),
        ("word", vocab.XSD + "string", "true", "say \"x\" \\ 'y'"),
        ("free", vocab.XSD + "boolean", "true", None),
    ]


def test_every_prefix_is_declared_whatever_its_name() -> None:
    store = ox.Store()
    prefixes = {"ex": "http://example.org/", "od d/<": "urn:x:"}
    store.extend(published.statements([], prefixes=prefixes, resolve=resolve))
    found = store.query(
        f"SELECT ?p ?n {{ ?x <{vocab.SHACL}declare> ?d . ?d <{vocab.SHACL}prefix> ?p ; "
        f"<{vocab.SHACL}namespace> ?n }}",
        use_default_graph_as_union=True,
    )
    assert isinstance(found, ox.QuerySolutions)
    assert {row[0].value: row[1].value for row in found} == prefixes
