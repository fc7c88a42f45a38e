"""AIF in RDF: the dialects that are in use say the same."""

from __future__ import annotations

import json

import pyoxigraph as ox
import pytest

from argraph.errors import FormatError
from argraph.exchange import aif_rdf, registry

BEX = """
@prefix aif: <http://www.arg.dundee.ac.uk/aif#> .
@prefix n: <http://www.aifdb.org/nodes/> .
n:1 a aif:I-node ; aif:claimText "Fuel should be dearer." .
n:2 a aif:Statement ; aif:claimText "Roads wear out." .
n:3 a aif:RA-node ; aif:hasPremise n:2 ; aif:hasConclusion n:1 .
n:4 a aif:I-node ; aif:claimText "Weather wears them, too." .
n:5 a aif:Conflict ; aif:hasConflictingElement n:4 ; aif:hasConflictedElement n:3 .
n:6 a aif:I-node ; aif:claimText "Not on the plain." .
n:7 a aif:CA-node ; aif:hasConflictingElement n:6 ; aif:hasConflictedElement n:5 .
"""

AIFDB = """
@prefix aif: <http://www.arg.tech/aif#> .
@prefix n: <http://www.aifdb.org/nodes/> .
n:1 a aif:I-node ; aif:claimText "Fuel should be dearer." ; aif:Conclusion n:3 .
n:2 a aif:I-node ; aif:claimText "Roads wear out." ; aif:Premise n:3 .
n:3 a aif:RA-node ; aif:Premise n:2 ; aif:Conclusion n:1 ; aif:creationDate "2020" .
n:4 a aif:I-node ; aif:claimText "Weather wears them, too." ; aif:Premise n:5 .
n:5 a aif:CA-node ; aif:Premise n:4 ; aif:Conclusion n:3 .
n:6 a aif:I-node ; aif:claimText "Not on the plain." ; aif:Premise n:7 .
n:7 a aif:CA-node ; aif:Premise n:6 ; aif:Conclusion n:5 .
n:8 a aif:L-node ; aif:claimText "Ann: roads wear out" .
n:9 a aif:YA-node ; aif:Locution n:8 ; aif:IllocutionaryContent n:2 .
n:10 a aif:TA-node ; aif:StartLocution n:8 ; aif:EndLocution n:11 .
n:11 a aif:L-node ; aif:claimText "Ben: so what?" .
n:12 a aif:MA-node ; aif:Premise n:4 ; aif:Conclusion n:6 .
"""

STEPS = {"3": (("2",), "1"), "5": (("4",), "3"), "7": (("6",), "5")}


def steps(data: bytes, name: str = "x.ttl") -> dict[str, tuple[tuple[str, ...], str]]:
    model = registry.load(data, name, "aif-rdf").model
    return {name: (step.premises, step.end) for name, step in model.steps.items()}


@pytest.mark.parametrize(
    "text",
    [
        BEX,
        AIFDB,
        BEX.replace("www.arg.dundee", "arg.dundee"),
        AIFDB.replace("www.arg.tech/aif", "arg.tech/aif"),
        AIFDB.replace(
            "http://www.arg.tech/aif#", aif_rdf.BEX
        ),  # as found: one's namespace, the other's names
    ],
    ids=["Bex", "AIFdb", "no www", "no www either", "mixed"],
)
def test_every_dialect_says_the_same(text: str) -> None:
    assert steps(text.encode()) == STEPS


@pytest.mark.parametrize(
    ("form", "name"),
    [
        (ox.RdfFormat.RDF_XML, "x.rdf"),
        (ox.RdfFormat.N_TRIPLES, "x.nt"),
        (ox.RdfFormat.RDF_XML, "x.unknown"),
        (ox.RdfFormat.TURTLE, "x.unknown"),
    ],
)
def test_every_serialisation_is_read(form: ox.RdfFormat, name: str) -> None:
    triples = ox.parse(BEX.encode(), format=ox.RdfFormat.TURTLE)
    data = ox.serialize((q.triple for q in triples), format=form)
    assert data is not None
    assert steps(data, name) == STEPS


def test_the_dialogue_layer_keeps_its_directions() -> None:
    kept = registry.load(AIFDB.encode(), "x.ttl", "aif-rdf").model.kept["aif"]
    assert sorted((e["fromID"], e["toID"]) for e in kept["edges"]) == [
        ("10", "11"),
        ("12", "6"),
        ("4", "12"),
        ("8", "10"),
        ("8", "9"),
        ("9", "2"),
    ]


def test_what_is_written_of_it_says_the_same_again() -> None:
    imported = registry.load(AIFDB.encode(), "x.ttl", "aif-rdf")
    exported = registry.dump(imported.model, "aif-rdf")
    assert steps(exported.data) == STEPS
    again = registry.load(exported.data, "y.ttl", "aif-rdf").model
    assert again.nodes == imported.model.nodes
    for key in ("nodes", "edges"):
        assert sorted(again.kept["aif"][key], key=str) == sorted(imported.model.kept["aif"][key], key=str)


def test_two_conflicts_that_each_name_the_other_as_conclusion_on_both_ends_cannot_be_told_apart() -> None:
    text = """
        @prefix aif: <http://www.arg.tech/aif#> .
        @prefix n: <http://www.aifdb.org/nodes/> .
        n:1 a aif:I-node ; aif:claimText "It is." . n:2 a aif:I-node ; aif:claimText "It is not." .
        n:3 a aif:I-node ; aif:claimText "Both." .
        n:4 a aif:RA-node ; aif:Premise n:1 ; aif:Conclusion n:3 , n:5 .
        n:5 a aif:CA-node ; aif:Premise n:2 ; aif:Conclusion n:4 .
    """
    imported = registry.load(text.encode(), "x.ttl", "aif-rdf")
    assert {n: (s.kind, s.end) for n, s in imported.model.steps.items()} == {
        "4": ("support", "3"),
        "5": ("attack", "4"),
    }
    assert [loss.kind for loss in imported.losses.losses] == ["changed"]


def test_schemes_of_the_ontology_are_steps_that_name_them() -> None:
    text = """
        @prefix aif: <http://www.arg.dundee.ac.uk/aif#> .
        <urn:a> a aif:I-node ; aif:claimText "It is." . <urn:b> a aif:I-node ; aif:claimText "She says so." .
        <urn:c> a aif:ExpertOpinion_Inference ; aif:hasPremise <urn:b> ; aif:hasConclusion <urn:a> .
    """
    (step,) = registry.load(text.encode(), "x.ttl", "aif-rdf").model.steps.values()
    assert (step.kind, step.scheme, step.end) == ("support", "SchemeExpertOpinion", "urn:a")


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"@prefix a: <b> .\n{", "x.ttl", "cannot be read as RDF"),
        (b"<rdf:RDF", "x.rdf", "cannot be read as RDF"),
        (b"<urn:a> <urn:b> <urn:c> .", "x.nt", "No node here"),
    ],
)
def test_what_is_no_aif_is_refused(data: bytes, name: str, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        registry.load(data, name, "aif-rdf")


def test_what_others_say_of_a_node_is_kept_and_written_back() -> None:
    text = """
        @prefix aif: <http://www.arg.dundee.ac.uk/aif#> .
        @prefix foaf: <http://xmlns.com/foaf/0.1/> .
        <http://www.aifdb.org/nodes/1> a aif:I-node ; aif:claimText "It is." ;
            foaf:page <https://example.org/a> ;
            foaf:name "it"@en , "2"^^<http://www.w3.org/2001/XMLSchema#integer> .
    """
    imported = registry.load(text.encode(), "x.ttl", "aif-rdf")
    assert {(loss.what, loss.kind) for loss in imported.losses.losses} == {
        ("page of nodes", "kept"),
        ("name of nodes", "kept"),
    }
    written = {
        q.triple for q in ox.parse(registry.dump(imported.model, "aif-rdf").data, format=ox.RdfFormat.TURTLE)
    }
    assert written == {q.triple for q in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE)}


INJECTED = "<urn:c> .\n<urn:d> <urn:e> <urn:f>"


def test_keys_of_json_that_are_no_addresses_do_no_harm() -> None:
    nodes = [
        {
            "nodeID": "1",
            "type": "I",
            "text": "It is.",
            "a://<b>": ["<urn:c>"],
            "urn://x": [INJECTED, 7],
            "x": ["y"],
        }
    ]
    imported = registry.load(json.dumps({"nodes": nodes, "edges": []}).encode(), "x.json", "aif")
    written = list(ox.parse(registry.dump(imported.model, "aif-rdf").data, format=ox.RdfFormat.TURTLE))
    assert {str(q.subject) for q in written} == {"<http://www.aifdb.org/nodes/1>"}
