"""What a dataset holds is counted, and the counts are told as VoID."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from argraph import vocab
from argraph.rdf.statistics import DATASET, GRAPH, Statistics, Use

DATA = """
<urn:g1> {
  <urn:a> a <urn:Claim> , <urn:Text> ; <urn:says> "one" , "eins"@de ; <urn:for> <urn:b> .
  <urn:b> a <urn:Thesis> ; <urn:says> 2 .
}
<urn:g2> {
  <urn:a> a <urn:Claim> ; <urn:for> <urn:c> .
  <urn:c> <urn:says> "nobody knows what this is" .
}
"""
STRING, LANG, INTEGER = vocab.XSD + "string", vocab.RDF + "langString", vocab.XSD + "integer"


@pytest.fixture(scope="module")
def counted() -> Statistics:
    return Statistics.of(ox.parse(DATA, format=ox.RdfFormat.TRIG))


def test_a_triple_counts_once_for_the_union_and_once_for_each_graph(counted: Statistics) -> None:
    assert counted.graphs == {"urn:g1": 7, "urn:g2": 3}
    assert counted.triples == 9  # `a a Claim` is in both
    assert counted.subjects == 3
    assert counted.objects == 9


def test_classes_count_instances_and_properties_count_triples(counted: Statistics) -> None:
    assert counted.classes == {"urn:Claim": 1, "urn:Text": 1, "urn:Thesis": 1}
    assert counted.properties == {vocab.TYPE: 3, "urn:for": 2, "urn:says": 4}


def test_uses_say_what_follows_a_class_and_a_property(counted: Statistics) -> None:
    assert counted.uses["urn:Claim", "urn:for"] == Use(2, {"urn:Thesis": 1}, {})
    assert counted.uses["urn:Claim", "urn:says"] == Use(2, {}, {STRING: 1, LANG: 1})
    assert counted.uses["urn:Thesis", "urn:says"] == Use(1, {}, {INTEGER: 1})
    assert counted.uses["urn:Text", "urn:for"] == counted.uses["urn:Claim", "urn:for"]
    assert ("urn:Thesis", "urn:for") not in counted.uses


def test_nothing_is_counted_where_nothing_is() -> None:
    empty = Statistics.of([])
    assert (empty.triples, empty.subjects, empty.graphs, empty.uses) == (0, 0, {}, {})
    zeros = {quad.object for quad in empty.statements() if quad.predicate.value.startswith(vocab.VOID)}
    assert zeros == {ox.NamedNode(vocab.ARG), ox.Literal(0)}


def test_the_counts_are_told_as_partitions(counted: Statistics) -> None:
    store = ox.Store()
    store.extend(counted.statements())
    assert {quad.graph_name for quad in store} == {GRAPH}
    found = store.query(
        f"""PREFIX void: <{vocab.VOID}> PREFIX ext: <{vocab.VOID_EXT}>
        SELECT ?class ?entities ?property ?n ?to ?m {{
          <{DATASET}> void:classPartition ?c .
          ?c void:class ?class ; void:entities ?entities ; void:propertyPartition ?p .
          ?p void:property ?property ; void:triples ?n .
          OPTIONAL {{
            {{ ?p void:classPartition ?o . ?o void:class ?to }}
            UNION {{ ?p ext:datatypePartition ?o . ?o ext:datatype ?to }}
            ?o void:triples ?m
          }}
        }}""",
        use_default_graph_as_union=True,
    )
    assert isinstance(found, ox.QuerySolutions)
    rows = {tuple(None if value is None else value.value for value in row) for row in found}
    assert ("urn:Claim", "1", "urn:for", "2", "urn:Thesis", "1") in rows
    assert ("urn:Claim", "1", "urn:says", "2", LANG, "1") in rows
    assert ("urn:Thesis", "1", vocab.TYPE, "1", None, None) in rows
    assert len(rows) == 10


def test_each_partition_has_a_name_of_its_own(counted: Statistics) -> None:
    said = list(counted.statements())
    parts = [quad.object for quad in said if quad.predicate.value.endswith("Partition")]
    assert len(parts) == len(set(parts)) == 3 + 3 + 8 + 7
    assert len(said) == len(set(said))
