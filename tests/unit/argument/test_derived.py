"""Derived links: what follows from the steps, and what does not."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from argraph import vocab
from argraph.argument import derived
from argraph.argument.chains import chains
from argraph.argument.dependence import dependence
from argraph.argument.evaluation import Framework
from argraph.argument.graph import ArgumentGraph, Node, Step
from argraph.argument.scores import Scores
from argraph.workspace import Workspace


def links(*steps: Step) -> set[tuple[str, str, str]]:
    found = list(derived.links(ArgumentGraph([], steps)))
    assert len(found) == len(set(found))
    assert found == list(derived.links(ArgumentGraph([], reversed(steps))))
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


def test_attack_on_a_statement_rebuts_it_and_undermines_each_step_that_starts_from_it() -> None:
    found = links(
        Step("s", "support", ("a", "b"), "c", favourable=True), attack("x", "a", "d"), attack("y", "o", "a")
    )
    assert {link for link in found if link[0] == "o"} == {
        ("o", "attacks", "a"),
        ("o", "rebuts", "a"),
        ("o", "undermines", "s"),
        ("o", "undermines", "x"),
        ("o", "defends", "d"),
    }


def test_attack_on_a_finding_undermines_its_lines_and_rebuts_nothing() -> None:
    line = Step("l", "evidence line", ("e",), "c", favourable=False)
    finding = Node("e", "evidence", "", "")
    found = set(derived.links(ArgumentGraph([finding], [line, attack("x", "o", "e")])))
    assert found == {("o", vocab.ATTACKS, "e"), ("o", vocab.UNDERMINES, "l")}


def sides(*steps: Step) -> dict[str, str]:
    """The side of each node towards the thesis t: `for`, `against`, or both."""
    names = {name for step in steps for name in (*step.premises, step.end)} - {step.iri for step in steps}
    nodes = [Node(name, "thesis" if name == "t" else "claim", "", "") for name in names]
    found: dict[str, str] = {}
    for name, favourable in sorted(derived.positions(ArgumentGraph(nodes, steps), "t")):
        found[name] = found.get(name, "") + ("for" if favourable else "against")
    return found


def test_side_turns_with_every_attack_and_contrary_line() -> None:
    assert sides(
        Step("s", "support", ("a",), "t", favourable=True),
        attack("x", "o", "a"),
        attack("y", "r", "o"),
        Step("l", "evidence line", ("e",), "r", favourable=False),
        Step("m", "evidence line", ("f",), "o", favourable=True),
        Step("n", "support", ("z",), "elsewhere", favourable=True),
    ) == {"a": "for", "o": "against", "r": "for", "e": "against", "f": "against"}


def test_undercutting_a_support_is_against_and_undercutting_an_attack_is_for_the_thesis() -> None:
    assert sides(
        Step("s", "support", ("a",), "t", favourable=True),
        attack("x", "o", "s"),
        attack("y", "r", "x"),
    ) == {"a": "for", "o": "against", "r": "for"}


def test_what_is_used_on_both_sides_is_on_both_and_a_circle_of_two_attacks_on_one_each() -> None:
    assert sides(
        Step("s", "support", ("a",), "t", favourable=True),
        attack("x", "a", "t"),
        attack("y", "b", "t"),
        attack("v", "c", "b"),
        attack("w", "b", "c"),
    ) == {"a": "againstfor", "b": "against", "c": "for"}


def test_every_chain_to_a_thesis_of_the_shipped_debate_is_on_a_side_that_is_derived(root: Path) -> None:
    argument = Workspace.open(root / "graph").argument
    (thesis,) = argument.theses
    found: dict[str, set[bool]] = {}
    for name, favourable in derived.positions(argument, thesis.iri):
        found.setdefault(name, set()).add(favourable)
    for iri in argument.nodes:
        assert {chain.favourable for chain in chains(argument, iri, thesis.iri, limit=500)} == found.get(
            iri, set()
        )


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
    framework = Framework.of(argument, Scores.declared())
    hangs_on = dependence(argument, framework)
    state = derived.Derivation(argument, framework, hangs_on, frozenset({"x:file"}), digest="ab", version="1")
    store.extend(derived.statements(state))


def test_computing_again_changes_nothing(store: ox.Store) -> None:
    complete(store)
    once = set(store)
    complete(store)
    assert set(store) == once


def test_everything_computed_is_in_its_own_graph_and_none_of_it_is_what_a_file_may_assert(
    root: Path,
) -> None:
    workspace = Workspace.open(root / "graph")
    asserted = {(q.subject, q.predicate, q.object) for q in workspace.store.raw}
    files = {q.graph_name for q in workspace.store.raw}
    computed = set(workspace.complete().quads_for_pattern(None, None, None, derived.GRAPH))
    assert derived.GRAPH not in files
    assert not {(q.subject, q.predicate, q.object) for q in computed} & asserted
    about_nodes = {q.predicate.value for q in computed if vocab.DERIVED_GRAPH not in str(q.subject)}
    assert about_nodes == set(vocab.DERIVED)


def test_the_run_says_by_which_rules_which_program_and_from_what(store: ox.Store) -> None:
    complete(store)
    prefixes = {"prov": vocab.PROV, "dcterms": vocab.DCTERMS, "schema": vocab.SCHEMA, "arg": vocab.ARG}
    asked = """
        SELECT ?digest ?source ?program ?version ?semantics {
          GRAPH <https://w3id.org/argraph/derived> {
            <https://w3id.org/argraph/derived> a prov:Entity ; prov:wasGeneratedBy ?run .
            ?run a prov:Activity ; dcterms:source ?digest ; prov:used ?source ;
              dcterms:conformsTo ?semantics ; prov:wasAssociatedWith ?agent .
            ?agent a prov:SoftwareAgent ; schema:name ?program ; schema:softwareVersion ?version .
          }
        } ORDER BY ?semantics"""
    answer = store.query(asked, prefixes=prefixes)
    assert isinstance(answer, ox.QuerySolutions)
    assert [[term.value for term in row] for row in answer] == [
        ["urn:sha256:ab", "x:file", "argraph", "1", vocab.ARG + semantics]
        for semantics in ("QuadraticEnergy", "WellFounded")
    ]


def test_what_a_statement_hangs_on_and_its_strongest_chain_are_one_hop_away(store: ox.Store) -> None:
    complete(store)

    def objects(subject: str, predicate: str) -> list[str]:
        quads = store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(predicate), None, derived.GRAPH)
        return sorted(quad.object.value for quad in quads if not isinstance(quad.object, ox.Triple))

    assert objects("x:c", vocab.HANGS_ON) == ["x:a", "x:e", "x:l", "x:s"]
    assert objects("x:c", vocab.HANGS_ON_COUNT) == ["4"]
    assert objects("x:c", vocab.STRONGEST_GROUND) == ["x:s"]
    assert objects("x:s", vocab.STRONGEST_GROUND) == ["x:a"]


def test_status_reason_and_strength_are_in_the_derived_graph(store: ox.Store) -> None:
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
