"""Derived links: what follows from the steps, and what does not."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from argraph import vocab
from argraph.argument import derived
from argraph.argument.evaluation import evaluate
from argraph.argument.graph import ArgumentGraph, Step
from argraph.argument.scores import Scores


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


@pytest.fixture
def store() -> ox.Store:
    """A claim with one reason that rests on a finding, and without a word of anything computed."""
    store = ox.Store()
    store.load(
        b"@prefix arg: <https://w3id.org/argraph/ns#> . @prefix : <x:> ."
        b":e a arg:Evidence ; arg:grade arg:High ; arg:verification arg:Verified ."
        b":l a arg:EvidenceLine ; arg:evidence :e ; arg:bearsOn :a ; arg:direction arg:For ."
        b":a a arg:Claim . :c a arg:Claim . :s a arg:Support ; arg:premise :a ; arg:conclusion :c .",
        format=ox.RdfFormat.TURTLE,
    )
    return store


def complete(store: ox.Store) -> None:
    argument = ArgumentGraph.of(store)
    verdicts = evaluate(argument, Scores.declared())
    derived.materialise(store, derived.statements(argument, verdicts, digest="ab", version="1"))


def test_computing_again_changes_nothing(store: ox.Store) -> None:
    complete(store)
    once = set(store)
    complete(store)
    assert set(store) == once


def test_status_reason_and_strength_are_in_the_derived_graph_with_their_origin(store: ox.Store) -> None:
    asserted = set(store)
    complete(store)
    assert set(store.quads_for_pattern(None, None, None, ox.DefaultGraph())) == asserted
    about = {
        quad.predicate.value.rpartition("#")[2]: quad.object.value
        for quad in store.quads_for_pattern(ox.NamedNode("x:a"), None, None, derived.GRAPH)
        if isinstance(quad.object, ox.Literal)
    }
    strength = 0.9**2 / (1 + 0.9**2)
    assert about["status"] == "accepted"
    assert about["reason"] == "supported"
    assert float(about["strength"]) == pytest.approx(strength, abs=1e-4)
    assert float(about["strengthLower"]) <= strength <= float(about["strengthUpper"])
    origin = ox.NamedNode(vocab.DCTERMS + "source")
    (source,) = store.quads_for_pattern(None, origin, None, derived.GRAPH)
    assert source.object == ox.NamedNode("urn:sha256:ab")
