"""Two states of what is said of some nodes, compared in words."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from argraph.contribution.difference import Difference, Value, Words, differences, said

PREFIXES = """\
@prefix arg: <https://w3id.org/argraph/ns#> .
@prefix ex: <https://example.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
WORDS = Words(
    node=lambda iri: f"the {iri.rpartition('/')[2]}", term=lambda iri: iri.rpartition("#")[2].lower()
)


def compared(before: str, after: str) -> list[Difference]:
    def read(text: str) -> Iterator[ox.Triple]:
        for quad in ox.parse(PREFIXES + text, format=ox.RdfFormat.TURTLE):
            yield quad.triple

    return list(differences(said(read(before)), said(read(after)), WORDS))


def told(found: list[Difference]) -> list[tuple[str, str, list[tuple[str, list[str], list[str]]]]]:
    return [
        (
            one.what,
            one.label,
            [(p.name, [v.text for v in p.before], [v.text for v in p.after]) for p in one.properties],
        )
        for one in found
    ]


def test_what_is_said_of_a_node_again_makes_no_difference() -> None:
    assert (
        compared('ex:a skos:prefLabel "A" . ex:a arg:b ex:c .', 'ex:a arg:b ex:c ; skos:prefLabel "A" .')
        == []
    )


def test_only_the_values_that_differ_are_told() -> None:
    before = 'ex:a a arg:Claim ; skos:prefLabel "A" ; arg:premise ex:x , ex:y .'
    after = 'ex:a a arg:Claim ; skos:prefLabel "B" ; arg:premise ex:y , ex:z .'
    assert told(compared(before, after)) == [
        ("changed", "the a", [("preflabel", ["A"], ["B"]), ("premise", ["the x"], ["the z"])])
    ]


def test_changed_nodes_come_first_then_new_ones_then_those_that_go() -> None:
    before = "ex:gone a arg:Claim . ex:same a arg:Study . ex:other a arg:Claim ; arg:assumed true ."
    after = "ex:new a arg:Claim . ex:same a arg:Study . ex:other a arg:Claim ; arg:assumed false ."
    found = compared(before, after)
    assert [(one.what, one.iri.rpartition("/")[2], one.kind) for one in found] == [
        ("changed", "other", "claim"),
        ("added", "new", "claim"),
        ("removed", "gone", "claim"),
    ]


def test_a_text_in_another_language_is_another_text() -> None:
    (one,) = compared('ex:a skos:prefLabel "Chat"@en .', 'ex:a skos:prefLabel "Chat"@fr .')
    assert one.properties[0].before == (Value("Chat", tag="en"),)
    assert one.properties[0].after == (Value("Chat", tag="fr"),)
    (one,) = compared('ex:a arg:b "1" .', "ex:a arg:b 1 .")
    assert one.properties[0].after == (Value("1", tag="integer"),)


def test_nodes_without_a_name_belong_to_what_names_them() -> None:
    before = 'ex:a arg:quote [ arg:exact "one" ; arg:prefix "x" ] ; arg:list ( ex:p ex:q ) .'
    assert compared(before, before) == []  # though a parser calls them otherwise each time
    after = before.replace('"one"', '"two"').replace("ex:p ex:q", "ex:q ex:p")
    assert told(compared(before, after)) == [
        (
            "changed",
            "the a",
            [
                ("list", ["the p, the q"], ["the q, the p"]),
                ("quote", ["exact: one; prefix: x"], ["exact: two; prefix: x"]),
            ],
        )
    ]


def test_what_leads_back_into_itself_comes_to_an_end() -> None:
    ring = "ex:a arg:b _:x . _:x arg:c _:y . _:y arg:c _:x ."
    rings = (
        "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . ex:a arg:b _:l . "
        "_:l rdf:first ex:one ; rdf:rest _:l ."
    )
    assert told(compared("", ring)) == [("added", "the a", [("b", [], ["c: c: c: c: …"])])]
    assert told(compared("", rings)) == [("added", "the a", [("b", [], ["the one"])])]


def test_an_empty_list_is_nothing() -> None:
    assert told(compared("", "ex:a arg:b () .")) == [("added", "the a", [("b", [], ["nothing"])])]
