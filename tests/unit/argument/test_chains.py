"""Chains: ways between nodes, their order and bounds, circles, words."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argraph.argument.chains import Chain, chains, survey, to_json, to_text
from argraph.argument.evaluation import Framework
from argraph.argument.graph import ArgumentGraph, Node, Step
from argraph.argument.moves import Moves
from argraph.argument.scores import Scores
from argraph.errors import UnknownNode


def graph(*steps: str) -> ArgumentGraph:
    """Steps as `name: p,q > c` (support), `!` (attack), `~` and `-` (evidence for and against).

    `t` and `u` are theses; names that begin with e are evidence; everything of one letter or digit exists.
    """
    made, names = [], set()
    for text in steps:
        iri, _, rest = text.partition(":")
        sign = next(sign for sign in ">!~-" if sign in rest)
        premises, _, end = (part.strip() for part in rest.partition(sign))
        kind = {">": "support", "!": "attack"}.get(sign, "evidence line")
        made.append(Step(iri, kind, tuple(premises.split(",")), end, favourable=sign in ">~"))
        names |= {*premises.split(","), end}
    nodes = [
        Node(n, "thesis" if n in "tu" else "evidence" if n[0] == "e" else "claim", n.upper(), "")
        for n in names - {step.iri for step in made}
    ]
    return ArgumentGraph(nodes, made)


def ways(found: tuple[Chain, ...]) -> list[str]:
    return [" ".join(hop.step for hop in chain.hops) for chain in found]


DIAMOND = graph("1: a > b", "2: b > t", "3: a > t", "4: a > c", "5: c ! t", "6: b ! c")


def test_shortest_come_first_then_by_the_names_of_steps() -> None:
    assert ways(chains(DIAMOND, "a", "t")) == ["3", "1 2", "4 5", "1 6 5"]


def test_limit_and_length_bound_the_answer() -> None:
    assert ways(chains(DIAMOND, "a", "t", limit=2)) == ["3", "1 2"]
    assert ways(chains(DIAMOND, "a", "t", longest=1)) == ["3"]


def test_a_survey_says_what_ended_it() -> None:
    assert survey(DIAMOND, "a", "t").cut == ""
    assert survey(DIAMOND, "a", "t", limit=2).cut == "limit"
    assert survey(DIAMOND, "a", "t", longest=1).cut == "longest"
    assert survey(DIAMOND, "a", "t", effort=3).cut == "effort"
    assert survey(DIAMOND, "t", "a").cut == ""


def test_an_even_number_of_attacks_speaks_for_the_end() -> None:
    assert [chain.favourable for chain in chains(DIAMOND, "a", "t")] == [True, True, False, True]


def test_without_end_chains_lead_to_the_first_thesis() -> None:
    argument = graph("1: a > t", "2: t > u", "3: a > u")
    assert ways(chains(argument, "a")) == ["1", "3"]
    assert ways(chains(argument, "a", "u")) == ["3", "1 2"]


def test_chains_follow_the_direction_of_argument() -> None:
    assert chains(DIAMOND, "t", "a") == ()
    assert chains(DIAMOND, "t") == ()


def test_an_undercut_leads_on_through_the_step_it_hits() -> None:
    argument = graph("1: a > t", "2: o ! 1")
    (chain,) = chains(argument, "o")
    assert chain.items == ("o", "1", "t")
    assert [hop.relation for hop in chain.hops] == ["undercuts", "supports"]
    assert not chain.favourable


def test_a_chain_may_start_and_end_at_a_step() -> None:
    argument = graph("1: a > t", "2: o ! 1")
    assert ways(chains(argument, "2")) == ["2 1"]
    assert [hop.relation for hop in chains(argument, "a", "1")[0].hops] == ["is a premise of"]


def test_evidence_bears_on_or_weighs_against() -> None:
    argument = graph("1: e ~ t", "2: f - t", "3: e ~ f")
    assert [(c.hops[-1].relation, c.favourable) for c in chains(argument, "e")] == [
        ("bears on", True),
        ("weighs against", False),
    ]


def test_circles_are_passed_once() -> None:
    assert ways(chains(graph("1: a > b", "2: b > a", "3: b ! b", "4: b > t"), "a")) == ["1 4"]


def test_a_dense_graph_of_circles_is_answered_in_bounded_time() -> None:
    names = [f"n{i:02}" for i in range(40)]
    steps = [Step(f"{a}{b}", "support", (a,), b, True) for a, b in itertools.permutations(names, 2)]
    argument = ArgumentGraph([Node(n, "claim", n, "") for n in names], steps)
    began = time.process_time()
    assert len(chains(argument, "n00", "n39", limit=1000)) == 1000
    assert time.process_time() - began < 20


def test_unknown_ends_are_refused() -> None:
    with pytest.raises(UnknownNode, match="“x”"):
        chains(DIAMOND, "x", "t")
    with pytest.raises(UnknownNode, match="“y”"):
        chains(DIAMOND, "a", "y")


def test_text_tells_each_hop_with_what_stands() -> None:
    argument = graph("1: e ~ a", "2: a,b > t", "3: e ~ o", "4: o ! 1", "5: e ~ b")
    verdicts = Framework.of(argument, Scores({}, {})).verdicts
    assert to_text(argument, verdicts, chains(argument, "e"), start="e").split("\n\n")[0].splitlines() == [
        "1. In 2 steps, for “T”:",
        "   “E”, which stands,",
        "   - bears on “A”, which does not stand (this step is undercut)",
        "   - supports, together with “B”, “T”, which does not stand",
    ]
    assert to_text(argument, verdicts, chains(argument, "o"), start="o").splitlines()[2:4] == [
        "   - undercuts the step from “E” to “A”, which does not stand",
        "   - which bears on “A”, which does not stand",
    ]


def test_text_says_that_there_is_no_chain() -> None:
    verdicts = Framework.of(DIAMOND, Scores({}, {})).verdicts
    assert to_text(DIAMOND, verdicts, (), start="t", end="a") == "No chain leads from “T” to “A”."
    assert to_text(DIAMOND, verdicts, (), start="a") == "No chain leads from “A” to a thesis."


def test_json_carries_relations_and_statuses() -> None:
    argument = graph("1: e ~ a", "2: o ! a")
    verdicts = Framework.of(argument, Scores({}, {})).verdicts
    assert to_json(verdicts, chains(argument, "e", "a")) == [
        {
            "favourable": True,
            "start": "e",
            "end": "a",
            "status": "accepted",
            "hops": [
                {
                    "relation": "bears on",
                    "step": "1",
                    "stepStatus": "accepted",
                    "to": "a",
                    "status": "accepted",
                }
            ],
        }
    ]


@given(st.lists(st.tuples(*[st.sampled_from("abcdt")] * 2, st.sampled_from(">!")), max_size=10))
def test_every_simple_chain_is_found_in_order(arcs: list[tuple[str, str, str]]) -> None:
    argument = graph("0: a > t", *(f"{n}: {a} {sign} {b}" for n, (a, b, sign) in enumerate(arcs, 1)))
    expected: list[tuple[int, list[str]]] = []

    def visit(item: str, passed: tuple[str, ...], steps: list[str]) -> None:
        if item == "t":
            expected.append((len(steps), steps))
            return
        for step in argument.outgoing(item):
            if step.end not in passed:
                visit(step.end, (*passed, step.end), [*steps, step.iri])

    visit("a", ("a",), [])
    found = chains(argument, "a", "t", limit=10_000)
    assert [[hop.step for hop in chain.hops] for chain in found] == [steps for _, steps in sorted(expected)]


def strongest(argument: ArgumentGraph, strengths: Mapping[str, float]) -> dict[str, str]:
    """Where strongest chains come from, by name, with strengths made up for the test."""
    framework = Framework.of(argument, Scores({}, {}))
    lower = np.array([strengths.get(iri, 1.0) for iri in framework.names])
    found = Moves(framework).strongest(lower).tolist()
    names = framework.names
    return {name: names[ground] for name, ground in zip(names, found, strict=True) if ground >= 0}


def test_of_two_chains_the_one_with_the_stronger_weakest_member_is_taken() -> None:
    argument = graph("1: e ~ a", "2: a > t", "3: ee ~ b", "4: b > t")
    found = strongest(argument, {"e": 0.9, "a": 0.3, "ee": 0.5, "b": 0.4, "t": 0.1})
    assert (found["t"], found["4"], found["b"], found["3"]) == ("4", "b", "3", "ee")
    assert "ee" not in found


def test_of_premises_that_need_each_other_the_weakest_counts() -> None:
    argument = graph("1: e ~ a", "2: ee ~ b", "3: a,b > t", "4: eee ~ t")
    strengths = {"e": 0.9, "ee": 0.2, "eee": 0.3}
    assert strongest(argument, strengths)["3"] == "b"
    assert strongest(argument, strengths)["t"] == "4"
    assert strongest(argument, strengths | {"ee": 0.4})["t"] == "3"


def test_a_chain_leads_over_what_stands_only_and_through_no_circle() -> None:
    argument = graph("1: e ~ a", "2: a > t", "3: ee ~ b", "4: b ! 2", "5: t > c", "6: c > t", "7: eee ~ t")
    found = strongest(argument, {"eee": 0.1})
    assert found["t"] == "7"
    assert found["c"] == "5"
    assert "2" not in found


def test_a_statement_that_does_not_stand_still_has_its_strongest_chain() -> None:
    argument = graph("1: e ~ t", "2: ee ~ b", "3: b ! t")
    assert strongest(argument, {})["t"] == "1"


arcs_of_all_kinds = st.lists(
    st.tuples(
        st.lists(st.sampled_from("abcd"), min_size=1, max_size=2, unique=True), st.sampled_from("abcdt")
    ),
    max_size=8,
)


@given(arcs_of_all_kinds, st.lists(st.sampled_from("abcd"), max_size=3), st.data())
def test_no_chain_has_a_stronger_weakest_member(
    arcs: list[tuple[list[str], str]], evidenced: list[str], data: st.DataObject
) -> None:
    lines = [f"l{i}: e{i} ~ {end}" for i, end in enumerate(evidenced)]
    argument = graph(
        "z: e ~ d", *lines, *(f"{i}: {','.join(ps)} > {end}" for i, (ps, end) in enumerate(arcs))
    )
    items = [*argument.nodes, *argument.steps]
    strengths = {item: data.draw(st.sampled_from([0.1, 0.2, 0.3, 0.4, 0.5])) for item in items}
    # From below: what a chain of at most so many steps is worth; zero where there is none.
    worth = {iri: strengths[iri] if node.kind == "evidence" else 0.0 for iri, node in argument.nodes.items()}
    for _ in items:
        step_worth = {
            s.iri: min(strengths[s.iri], *(worth[premise] for premise in s.premises))
            for s in argument.steps.values()
        }
        best = {
            n: max((step_worth[s.iri] for s in argument.incoming(n)), default=0.0) for n in argument.nodes
        }
        worth |= {
            n: min(strengths[n], best[n]) for n, node in argument.nodes.items() if node.kind != "evidence"
        }
    found = strongest(argument, strengths)
    for iri, node in argument.nodes.items():
        assert (iri in found) == (node.kind != "evidence" and best[iri] > 0)
        chain = [iri]
        while chain[-1] in found:
            chain.append(found[chain[-1]])
            assert len(chain) <= len(items)
        if len(chain) > 1:
            assert min(strengths[member] for member in chain[1:]) == best[iri]
            assert argument.nodes[chain[-1]].kind == "evidence"
