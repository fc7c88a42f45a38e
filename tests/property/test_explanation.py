"""Explanations of random graphs: sound, complete, finite, in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from argraph.argument.evaluation import Framework, Verdict
from argraph.argument.explanation import Explanation, explain, summary, to_text
from argraph.argument.graph import ArgumentGraph, Node, Step
from argraph.argument.scores import Scores

SCORES = Scores({"High": 0.9, "Low": 0.5}, {"Retracted": 0.0}, 0.5)

BOTTOM = "nothing is (put|said)|taken as given|nothing attacks|was retracted"
"""Why a tree may end there."""
CIRCLE = "each other|itself|and .* (attacks|undercuts|supports|bears on)|circle closes"
"""A circle is named by what its members do to one another."""


@st.composite
def graphs(draw: st.DrawFn) -> ArgumentGraph:
    """Up to seven nodes and a dozen steps, some of which attack steps, with circles of every kind."""
    kinds = draw(st.lists(st.sampled_from(["evidence", "assumed", "claim", "claim"]), min_size=1, max_size=7))
    nodes = [
        Node(
            f"n{i}",
            "evidence" if kind == "evidence" else "claim",
            f"N{i}",
            "",
            grade=draw(st.sampled_from(["High", "Low"])),
            verification=draw(st.sampled_from(["", "", "Retracted"])),
            assumed=kind == "assumed",
        )
        for i, kind in enumerate(kinds)
    ]
    names = st.sampled_from([node.iri for node in nodes])
    count = draw(st.integers(0, 12))
    steps = []
    for i in range(count):
        kind = draw(st.sampled_from(["support", "support", "attack", "attack", "evidence line"]))
        premises = draw(st.lists(names, min_size=1, max_size=1 if "line" in kind else 2, unique=True))
        into_step = kind == "attack" and draw(st.integers(0, 2)) == 0
        end = f"s{draw(st.integers(0, count - 1)):02}" if into_step else draw(names)
        favourable = kind == "support" or (kind == "evidence line" and draw(st.booleans()))
        steps.append(Step(f"s{i:02}", kind, tuple(sorted(premises)), end, favourable))
    return ArgumentGraph(nodes, steps)


def retracted(argument: ArgumentGraph, iri: str) -> bool:
    node = argument.nodes.get(iri)
    return node is not None and node.kind == "evidence" and node.verification == "Retracted"


def check(
    part: Explanation, argument: ArgumentGraph, verdicts: Mapping[str, Verdict], above: tuple[str, ...]
) -> None:
    """Everything that one part of a tree claims follows from the verdicts of its children."""
    verdict, children = verdicts[part.iri], part.children
    assert (part.status, part.reason) == (verdict.status, verdict.reason)
    if part.cut:
        assert not children
        if part.cut == "cycle":
            assert part.iri in above or verdict.status == "undecided"
            assert verdict.status == "undecided" or verdict.reason == "unfounded"
        return
    incoming = argument.incoming(part.iri)
    attacks = {step.iri for step in incoming if step.kind == "attack"}
    supports = {step.iri for step in incoming if step.favourable and not retracted(argument, part.iri)}
    through = {child.step for child in children}
    stands = {child.step for child in children if child.status == "accepted"}
    is_step = part.iri in argument.steps
    if verdict.status == "accepted":
        assert len(through & attacks) + part.omitted == len(attacks)
        assert all(child.status == "rejected" for child in children if child.step in attacks)
        if is_step:
            assert {c.iri for c in children if c.step == part.iri} == set(argument.steps[part.iri].premises)
        assert len(stands & supports) == (verdict.reason == "supported" and not is_step)
    elif verdict.reason in {"refuted", "undercut"}:
        assert through <= attacks
        assert [child.status for child in children] == ["accepted"]
    elif verdict.status == "rejected":
        assert all(child.status == "rejected" for child in children)
        if is_step:
            assert next(c.iri for c in children) in argument.steps[part.iri].premises
        else:
            assert len(through & supports) + part.omitted == len(supports)
    else:
        assert [child.status for child in children] == ["undecided"]
    if not children:
        base = verdict.status == "accepted" and not attacks
        assert base or (verdict.reason == "unsupported" and not supports)
    for child in children:
        check(child, argument, verdicts, (*above, part.iri))


@given(graphs())
def test_every_claim_of_a_tree_follows_from_the_verdicts(argument: ArgumentGraph) -> None:
    verdicts = Framework.of(argument, SCORES).verdicts
    for iri in verdicts:
        check(explain(argument, verdicts, iri, depth=100), argument, verdicts, ())


@given(graphs())
def test_what_stands_is_traced_through_the_strongest_support_that_does_not_rest_on_it(
    argument: ArgumentGraph,
) -> None:
    verdicts = Framework.of(argument, SCORES).verdicts
    for iri, verdict in verdicts.items():
        if iri in argument.steps or verdict.reason != "supported":
            continue
        could = [
            verdicts[step.iri].lower
            for step in argument.incoming(iri)
            if step.favourable
            and verdicts[step.iri].status == "accepted"
            and (verdicts[step.iri].rank < verdict.rank or not argument.depend_on_each_other(step.iri, iri))
        ]
        through = explain(argument, verdicts, iri).children[0].step
        assert verdicts[through].lower >= max(could) - 0.01


@given(graphs(), st.integers(0, 4), st.integers(1, 3))
def test_within_bounds_the_tree_stays_sound(argument: ArgumentGraph, depth: int, breadth: int) -> None:
    verdicts = Framework.of(argument, SCORES).verdicts
    for iri in verdicts:
        tree = explain(argument, verdicts, iri, depth=depth, breadth=breadth)
        check(tree, argument, verdicts, ())
        assert height(tree) <= depth


def height(part: Explanation) -> int:
    return max((1 + height(child) for child in part.children), default=0)


@given(graphs())
def test_each_node_is_explained_once_and_referred_to_only_afterwards(argument: ArgumentGraph) -> None:
    verdicts = Framework.of(argument, SCORES).verdicts
    for iri in verdicts:
        seen: set[str] = set()
        for part in explain(argument, verdicts, iri, depth=100).walk():
            if part.cut == "seen above":
                assert part.iri in seen
            elif not (part.cut == "cycle" and part.sentence.endswith("here the circle closes.")):
                assert part.iri not in seen
                seen.add(part.iri)


@given(graphs())
def test_words_are_plain_and_the_summary_is_the_first_sentence(argument: ArgumentGraph) -> None:
    verdicts = Framework.of(argument, SCORES).verdicts
    plain = {"accepted": " stands", "rejected": " does not stand", "undecided": " is open"}
    for iri in verdicts:
        tree = explain(argument, verdicts, iri)
        assert tree.sentence == summary(argument, verdicts, iri)
        assert not re.search(r"accepted|rejected|undecided|\bIN\b|\bOUT\b|unfounded", to_text(tree))
        for part in tree.walk():
            assert plain[part.status] in part.sentence
            assert part.children or part.cut or re.search(BOTTOM, part.sentence)
            assert part.cut != "cycle" or re.search(CIRCLE, part.sentence)


@given(graphs())
def test_the_order_of_the_graph_never_changes_an_explanation(argument: ArgumentGraph) -> None:
    turned = ArgumentGraph(reversed(list(argument.nodes.values())), reversed(list(argument.steps.values())))
    verdicts, others = Framework.of(argument, SCORES).verdicts, Framework.of(turned, SCORES).verdicts
    for iri in verdicts:
        assert explain(argument, verdicts, iri) == explain(turned, others, iri)
