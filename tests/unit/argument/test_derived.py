"""Derived links: what follows from the steps, and what does not."""

from __future__ import annotations

import pyoxigraph as ox

from argraph import vocab
from argraph.argument import derived
from argraph.argument.graph import ArgumentGraph, Step


def links(*steps: Step) -> set[tuple[str, str, str]]:
    found = list(derived.links(ArgumentGraph([], steps)))
    assert found == sorted(set(found))
    return {(start, link.removeprefix(vocab.ARG), end) for start, link, end in found}


def attack(name: str, premise: str, end: str) -> Step:
    return Step(name, "attack", (premise,), end, favourable=False)


def test_every_linked_premise_supports_the_conclusion() -> None:
    assert links(Step("s", "support", ("a", "b"), "c", favourable=True)) == {
        ("a", "supports", "c"),
        ("b", "supports", "c"),
    }


def test_favourable_evidence_supports_and_contrary_evidence_derives_nothing() -> None:
    assert links(
        Step("l", "evidence line", ("e",), "c", favourable=True),
        Step("m", "evidence line", ("f",), "c", favourable=False),
    ) == {("e", "supports", "c")}


def test_attack_on_a_step_undercuts_it() -> None:
    assert links(Step("s", "support", ("a",), "c", favourable=True), attack("u", "o", "s")) == {
        ("a", "supports", "c"),
        ("o", "attacks", "s"),
        ("o", "undercuts", "s"),
    }


def test_reply_to_an_objection_defends_what_it_attacked() -> None:
    assert ("r", "defends", "c") in links(attack("x", "o", "c"), attack("y", "r", "o"))


def test_undercutting_an_attack_defends_its_target() -> None:
    assert ("r", "defends", "c") in links(attack("x", "o", "c"), attack("y", "r", "x"))


def test_support_for_an_objection_defends_nothing() -> None:
    found = links(attack("x", "o", "c"), Step("s", "support", ("a",), "o", favourable=True))
    assert not any(link == "defends" for _, link, _ in found)


def test_materialising_twice_changes_nothing() -> None:
    store = ox.Store()
    store.load(
        b"@prefix arg: <https://w3id.org/argraph/ns#> . @prefix : <x:> ."
        b":s a arg:Support ; arg:premise :a ; arg:conclusion :c .",
        format=ox.RdfFormat.TURTLE,
    )
    derived.materialise(store)
    once = set(store)
    derived.materialise(store)
    assert set(store) == once
    assert len(list(store.quads_for_pattern(None, None, None, derived.GRAPH))) == 1
