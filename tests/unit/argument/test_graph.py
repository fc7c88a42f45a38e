"""ArgumentGraph: reading a store, cycles, ways to the thesis."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from argraph.argument.graph import ArgumentGraph, Node, Step

PREFIXES = """
@prefix arg: <https://w3id.org/argraph/ns#> . @prefix : <https://example.org/d/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix schema: <https://schema.org/> .
@prefix bibo: <http://purl.org/ontology/bibo/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
BASE = "https://example.org/d/"


def read(turtle: str) -> ArgumentGraph:
    store = ox.Store()
    store.load((PREFIXES + turtle).encode(), format=ox.RdfFormat.TURTLE)
    return ArgumentGraph.of(store)


def graph(*supports: tuple[str, str]) -> ArgumentGraph:
    """Claims named by letters, each pair a support from the first to the second; `t` is the thesis."""
    names = sorted({name for pair in supports for name in pair})
    nodes = [Node(name, "thesis" if name == "t" else "claim", name, "") for name in names]
    steps = [Step(f"{a}>{b}", "support", (a,), b, favourable=True) for a, b in supports]
    return ArgumentGraph(nodes, steps)


def test_statement_is_read_with_english_before_other_languages() -> None:
    node = read(':c a arg:Claim ; skos:prefLabel "Kurz"@de, "Short"@en-GB ; schema:text "Long"@en .').nodes[
        BASE + "c"
    ]
    assert (node.kind, node.label, node.text) == ("claim", "Short", "Long")


def test_linked_premises_stay_together_in_one_step() -> None:
    argument = read(":s a arg:Support ; arg:premise :b, :a ; arg:conclusion :c .")
    assert argument.steps[BASE + "s"].premises == (BASE + "a", BASE + "b")
    assert argument.incoming(BASE + "c") == argument.outgoing(BASE + "a")


def test_contrary_evidence_line_speaks_against_its_statement() -> None:
    line = ":l a arg:EvidenceLine ; arg:evidence :e ; arg:bearsOn :c ; arg:direction arg:%s ."
    assert not read(line % "Against").steps[BASE + "l"].favourable
    assert read(line % "For").steps[BASE + "l"].favourable


@pytest.mark.parametrize(
    "incomplete", [":s a arg:Support ; arg:premise :a .", ":s a arg:Attack ; arg:target :a ."]
)
def test_step_without_premise_or_end_is_left_out(incomplete: str) -> None:
    assert not read(incomplete).steps


def test_study_keeps_the_order_of_its_authors() -> None:
    study = read(
        ':s a arg:Study ; schema:name "T"@en ; schema:datePublished "2023"^^xsd:gYear ;'
        ' bibo:authorList ( "Zeta, Zoe" "Alpha, Al" ) ; bibo:doi "10.1000/x" .'
    ).studies[BASE + "s"]
    assert study.authors == ("Zeta, Zoe", "Alpha, Al")
    assert study.citation == "Zeta and Alpha 2023"
    assert study.link == "https://doi.org/10.1000/x"


def test_author_list_that_runs_in_a_circle_ends() -> None:
    study = read(
        ':s a arg:Study ; bibo:authorList _:l . _:l <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> "A" ;'
        " <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:l ."
    ).studies[BASE + "s"]
    assert study.authors == ("A",)


def test_support_cycle_is_found_and_starts_at_its_least_name() -> None:
    assert graph(("b", "c"), ("c", "a"), ("a", "b"), ("a", "t")).support_cycles() == [["a", "b", "c"]]


def test_self_support_is_a_cycle() -> None:
    assert graph(("a", "a")).support_cycles() == [["a"]]


def test_tree_has_no_cycle() -> None:
    assert graph(("a", "t"), ("b", "t"), ("c", "a")).support_cycles() == []
