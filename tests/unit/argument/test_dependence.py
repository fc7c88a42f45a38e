"""Dependence: single withdrawals that count, and what is left out when the graph asks for too much."""

from __future__ import annotations

from argraph.argument.dependence import EFFORT, dependence
from argraph.argument.evaluation import Framework
from argraph.argument.graph import ArgumentGraph, Node, Step
from argraph.argument.scores import Scores


def graph(*steps: str) -> ArgumentGraph:
    """Steps as `name: p,q > c` (support), `!` (attack), `~` (evidence for); t is a thesis, p a pillar."""
    made, names = [], set()
    for text in steps:
        iri, _, rest = text.partition(": ")
        premises, sign, end = rest.split()
        kind = {">": "support", "!": "attack", "~": "evidence line"}[sign]
        made.append(Step(iri, kind, tuple(premises.split(",")), end, favourable=sign != "!"))
        names |= {*premises.split(","), end}
    kinds = {"t": "thesis", "e": "evidence"}
    nodes = [
        Node(name, kinds.get(name[0], "claim"), "", "", role="Pillar" if name == "p" else "")
        for name in names - {step.iri for step in made}
    ]
    return ArgumentGraph(nodes, made)


def hangs_on(argument: ArgumentGraph, effort: int = EFFORT) -> dict[str, tuple[str, ...]]:
    return dict(dependence(argument, Framework.of(argument, Scores({}, {})), effort=effort))


def test_a_statement_hangs_on_its_only_reason_and_all_below_it() -> None:
    assert hangs_on(graph("1: e ~ a", "2: a > t")) == {"a": ("1", "e"), "t": ("1", "2", "a", "e")}


def test_a_second_reason_takes_the_weight_off_the_first() -> None:
    assert hangs_on(graph("1: e ~ a", "2: a > t", "3: f ~ t", "4: e ~ f"))["t"] == ("e",)


def test_a_statement_hangs_on_the_answer_to_an_objection_and_on_nothing_that_failed() -> None:
    found = hangs_on(graph("1: e1 ~ t", "2: e2 ~ o", "3: o ! t", "4: e3 ~ r", "5: r ! o", "6: e4 ~ t"))
    assert found["t"] == ("4", "5", "e3", "r")


def test_two_answers_to_an_objection_share_the_weight() -> None:
    found = hangs_on(
        graph("1: e1 ~ t", "2: e2 ~ o", "3: o ! t", "4: e1 ~ r", "5: r ! o", "6: e1 ~ s", "7: s ! 3")
    )
    assert found["t"] == ("1", "e1")


def test_what_falls_into_a_circle_of_attacks_counts_although_it_only_becomes_open() -> None:
    steps = ["1: e1 ~ a", "2: e2 ~ b", "3: a ! b", "4: b ! a", "5: e3 ~ c", "6: c ! b", "7: a > t"]
    assert hangs_on(graph(*steps))["t"] == ("1", "5", "6", "7", "a", "c", "e1", "e3")


def test_statements_that_do_not_stand_and_findings_are_left_out() -> None:
    assert hangs_on(graph("1: e ~ a", "2: a ! b", "3: e ~ b")) == {"a": ("1", "e")}


def test_where_all_is_too_much_theses_and_pillars_are_told_and_the_rest_is_missing() -> None:
    # A hundred statements beside the debate, each of which would have to be looked at.
    beside = [step for i in range(100) for step in (f"x{i}: e{i} ~ a{i}", f"y{i}: e{i} ~ b{i}")]
    argument = graph("1: e ~ p", "2: p > t", *beside)
    full = hangs_on(argument)
    assert len(full) == 202
    assert hangs_on(argument, effort=50) == {"p": ("1", "e"), "t": ("1", "2", "e", "p")}
    assert hangs_on(argument, effort=3) == {}


def test_effort_bounds_the_work_in_one_large_circle() -> None:
    ring = [f"s{i}: a{i} > a{(i + 1) % 3000}" for i in range(3000)]
    argument = graph("1: e ~ a0", "2: e ~ t", *ring)
    assert hangs_on(argument, effort=20_000) == {"t": ("2", "e")}
