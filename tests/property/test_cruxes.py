"""Cruxes of random graphs against every set of withdrawals tried by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations, product

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from argraph.argument import dependence as hanging
from argraph.argument.cruxes import Answer, cruxes
from argraph.argument.dependence import dependence
from argraph.argument.evaluation import STATUSES, Framework
from argraph.argument.graph import ArgumentGraph, Node, Step
from argraph.argument.labelling import Status
from argraph.argument.scores import Scores
from argraph.argument.withdrawal import Search
from argraph.contribution.impact import NOTABLE, Impact

SCORES = Scores({"High": 0.9}, {})
MANY = settings.default.max_examples * 5  # type: ignore[union-attr]


@st.composite
def graphs(draw: st.DrawFn) -> ArgumentGraph:
    """Up to six nodes and nine steps, some of which attack steps, with circles of every kind."""
    kinds = draw(st.lists(st.sampled_from(["evidence", "assumed", "claim", "claim"]), min_size=1, max_size=6))
    nodes = [
        Node(f"n{i}", kind.replace("assumed", "claim"), "", "", grade="High", assumed=kind == "assumed")
        for i, kind in enumerate(kinds)
    ]
    names = st.sampled_from([node.iri for node in nodes])
    count = draw(st.integers(0, 9))
    steps = []
    for i in range(count):
        kind = draw(st.sampled_from(["support", "support", "attack", "attack", "evidence line"]))
        premises = draw(st.lists(names, min_size=1, max_size=1 if "line" in kind else 2, unique=True))
        into_step = kind == "attack" and draw(st.integers(0, 2)) == 0
        end = f"s{draw(st.integers(0, count - 1))}" if into_step else draw(names)
        favourable = kind == "support" or (kind == "evidence line" and draw(st.booleans()))
        steps.append(Step(f"s{i}", kind, tuple(sorted(premises)), end, favourable))
    return ArgumentGraph(nodes, steps)


def status_without(argument: ArgumentGraph, withdrawn: tuple[str, ...], iri: str) -> str:
    """The status when nodes are bare claims, what spoke for them leads nowhere, and steps are gone."""
    nodes = [Node(n.iri, "claim", "", "") if n.iri in withdrawn else n for n in argument.nodes.values()]
    steps = [
        replace(step, end="nowhere") if step.favourable and step.end in withdrawn else step
        for step in argument.steps.values()
        if step.iri not in withdrawn
    ]
    framework = Framework.of(ArgumentGraph(nodes, steps), SCORES)
    return STATUSES[Status(framework.labelling.status[framework.index[iri]])]


def tried(argument: ArgumentGraph, iri: str, candidates: list[str], wanted: set[str]) -> set[frozenset[str]]:
    """The minimal sets of up to two candidates without which an item has a wanted status."""
    found: set[frozenset[str]] = set()
    for some in chain(*(combinations(candidates, size) for size in (1, 2))):
        minimal = not any(smaller <= set(some) for smaller in found)
        if minimal and status_without(argument, some, iri) in wanted:
            found.add(frozenset(some))
    return found


def spelled_out(answer: Answer, candidates: list[str], largest: int = 2) -> set[frozenset[str]]:
    """The sets of an answer with everything put in for what comes to the same."""
    return {
        frozenset(some)
        for crux in answer.sets
        if len(crux.items) <= largest
        for some in product(*([item, *others] for item, others in zip(crux.items, crux.instead, strict=True)))
        if set(some) <= set(candidates)
    }


@settings(max_examples=MANY)
@given(graphs(), st.data())
def test_withdrawals_are_exactly_those_found_by_trying_everything(
    argument: ArgumentGraph, data: st.DataObject
) -> None:
    iri = data.draw(st.sampled_from([*argument.nodes, *argument.steps]))
    result = cruxes(argument, SCORES, iri)
    note(f"{argument.nodes.values()} {argument.steps.values()}")
    assert result.status == status_without(argument, (), iri)
    others = [item for item in (*argument.nodes, *argument.steps) if item != iri]
    wanted = set(STATUSES.values()) - {result.status}
    assert spelled_out(result.flips, others) == tried(argument, iri, others, wanted)
    assert result.flips.exact_up_to >= 2
    for crux in result.flips.sets:
        assert crux.status == status_without(argument, crux.items, iri)
        assert crux.status != result.status
        for part in combinations(crux.items, len(crux.items) - 1):
            assert status_without(argument, part, iri) == result.status


@settings(max_examples=MANY)
@given(graphs(), st.data())
def test_answers_that_restore_are_exactly_those_found_by_trying_everything(
    argument: ArgumentGraph, data: st.DataObject
) -> None:
    iri = data.draw(st.sampled_from([*argument.nodes, *argument.steps]))
    result = cruxes(argument, SCORES, iri)
    note(f"{argument.nodes.values()} {argument.steps.values()}")
    attacks = [step for step in argument.steps.values() if step.kind == "attack"]
    attackers = sorted({*(s.iri for s in attacks), *(p for s in attacks for p in s.premises)} - {iri})
    if result.status == "accepted":
        assert not result.restores.sets
    else:
        assert spelled_out(result.restores, attackers) == tried(argument, iri, attackers, {"accepted"})
    for crux in result.restores.sets:
        assert set(crux.items) <= set(attackers)
        assert status_without(argument, crux.items, iri) == "accepted"


@given(graphs(), st.data(), st.integers(0, 12))
def test_with_little_effort_what_is_claimed_to_be_exact_still_is(
    argument: ArgumentGraph, data: st.DataObject, effort: int
) -> None:
    iri = data.draw(st.sampled_from([*argument.nodes, *argument.steps]))
    short, full = cruxes(argument, SCORES, iri, effort=effort), cruxes(argument, SCORES, iri, largest=4)
    size = min(short.flips.exact_up_to, 4)
    assert [c for c in short.flips.sets if len(c.items) <= size] == [
        c for c in full.flips.sets if len(c.items) <= size
    ]


@settings(max_examples=MANY)
@given(graphs(), st.data())
def test_a_framework_without_items_agrees_with_trying_it_by_hand_and_with_the_search(
    argument: ArgumentGraph, data: st.DataObject
) -> None:
    note(f"{argument.nodes.values()} {argument.steps.values()}")
    items = [*argument.nodes, *argument.steps]
    withdrawn = tuple(data.draw(st.lists(st.sampled_from(items), max_size=3, unique=True)))
    now = Framework.of(argument, SCORES)
    verdicts = now.without(withdrawn).verdicts
    for iri in withdrawn:
        assert (verdicts[iri].status, verdicts[iri].reason) == ("rejected", "withdrawn")
        assert (verdicts[iri].lower, verdicts[iri].upper) == (0.0, 0.0)
    for iri in set(items) - set(withdrawn):
        assert verdicts[iri].status == status_without(argument, withdrawn, iri)
        bounds = Search(argument, now, iri).strength_without(withdrawn)
        assert (verdicts[iri].lower, verdicts[iri].upper) == pytest.approx(bounds)


@settings(max_examples=MANY)
@given(graphs(), st.data())
def test_the_impact_of_a_withdrawal_is_all_that_is_judged_otherwise(
    argument: ArgumentGraph, data: st.DataObject
) -> None:
    note(f"{argument.nodes.values()} {argument.steps.values()}")
    items = [*argument.nodes, *argument.steps]
    withdrawn = data.draw(st.lists(st.sampled_from(items), min_size=1, max_size=3, unique=True))
    now = Framework.of(argument, SCORES)
    impact = Impact.of_withdrawal(argument, now, withdrawn)
    then = now.without(withdrawn).verdicts
    flipped = {iri for iri in items if now.verdicts[iri].status != then[iri].status}
    assert {change.iri for change in impact.flips} == flipped
    for change in impact.flips:
        assert change.path[0] in withdrawn
        assert change.path[-1] == change.iri
    moved = {
        iri
        for iri in set(items) - flipped
        if max(abs(now.verdicts[iri].lower - then[iri].lower), abs(now.verdicts[iri].upper - then[iri].upper))
        >= NOTABLE
    }
    assert {change.iri for change in impact.moves} == moved
    assert impact.cruxes == ()


@settings(max_examples=MANY)
@given(graphs(), st.sampled_from([0, 3, hanging.SMALL]))
def test_what_each_statement_hangs_on_is_exactly_its_cruxes_of_one_item(
    argument: ArgumentGraph, small: int
) -> None:
    note(f"{argument.nodes.values()} {argument.steps.values()}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hanging, "SMALL", small)  # so that circles are settled in either way
        found = dependence(argument, Framework.of(argument, SCORES))
    items = [*argument.nodes, *argument.steps]
    assert set(found) == {
        node.iri
        for node in argument.nodes.values()
        if node.kind != "evidence" and status_without(argument, (), node.iri) == "accepted"
    }
    for iri, hangs_on in found.items():
        others = [item for item in items if item != iri]
        single = cruxes(argument, SCORES, iri, largest=1).flips
        assert {frozenset([item]) for item in hangs_on} == spelled_out(single, others, largest=1)
        assert list(hangs_on) == [
            item for item in sorted(others) if status_without(argument, (item,), iri) != "accepted"
        ]
