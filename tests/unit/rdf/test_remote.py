"""Where engines have what, and how triples are portioned for them."""

from __future__ import annotations

from collections import Counter

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argraph.rdf.addresses import Address, recognised
from argraph.rdf.remote import batches

P = ox.NamedNode("urn:p")
NODES = st.one_of(
    st.integers(0, 5).map(lambda n: ox.BlankNode(f"b{n}")),
    st.integers(0, 9).map(lambda n: ox.NamedNode(f"urn:{n}")),
)


@given(st.lists(st.builds(ox.Triple, NODES, st.just(P), NODES), unique=True), st.integers(1, 6))
def test_portions_hold_every_triple_once_and_keep_what_a_blank_node_connects(
    triples: list[ox.Triple], size: int
) -> None:
    portions = list(batches(triples, size))
    assert Counter(triple for portion in portions for triple in portion) == Counter(triples)
    assert all(portions)
    place: dict[ox.BlankNode, int] = {}
    for number, portion in enumerate(portions):
        for triple in portion:
            for node in (triple.subject, triple.object):
                if isinstance(node, ox.BlankNode):
                    assert place.setdefault(node, number) == number


def test_portions_without_blank_nodes_are_of_the_size_asked_for() -> None:
    triples = [ox.Triple(ox.NamedNode(f"urn:{n}"), P, ox.Literal(n)) for n in range(25)]
    assert [len(portion) for portion in batches(triples, 10)] == [10, 10, 5]


@pytest.mark.parametrize(
    ("kind", "query", "update", "graphs"),
    [
        (
            "virtuoso",
            "http://h:8890/sparql",
            "http://h:8890/sparql-auth",
            "http://h:8890/sparql-graph-crud-auth",
        ),
        ("oxigraph", "http://h:7878/query", "http://h:7878/update", "http://h:7878/store"),
        (
            "graphdb",
            "http://h:7200/repositories/r",
            "http://h:7200/repositories/r/statements",
            "http://h:7200/repositories/r/rdf-graphs/service",
        ),
        ("stardog", "http://h:5820/db/query", "http://h:5820/db/update", "http://h:5820/db"),
        ("neptune", "https://h:8182/sparql", "https://h:8182/sparql", "https://h:8182/sparql/gsp/"),
        ("fuseki", "http://h:3030/ds/sparql", "http://h:3030/ds/update", "http://h:3030/ds/data"),
        ("other", "http://h/anything", "http://h/anything", ""),
        ("virtuoso", "http://h/behind/a/proxy", "http://h/behind/a/proxy", ""),
    ],
)
def test_each_kind_of_engine_has_its_usual_places(kind: str, query: str, update: str, graphs: str) -> None:
    found = Address.usual(query, kind)
    assert (found.update, found.graphs) == (update, graphs)
    assert Address(**found.told()) == found
    own = Address.usual(query, kind, update="http://h/u", graphs="http://h/g", cap=5)
    assert (own.update, own.graphs, own.cap) == ("http://h/u", "http://h/g", 5)


def test_an_engine_is_recognised_by_what_it_says_or_by_its_address() -> None:
    assert recognised("Virtuoso/07.20.3229 (Linux) x86_64-pc-linux-gnu  ", "http://h/sparql") == "virtuoso"
    assert recognised("oxigraph/0.5.13", "http://h/query") == "oxigraph"
    assert recognised("", "http://h:7200/repositories/r") == "graphdb"
    assert recognised("nginx", "http://h/sparql") == "other"
