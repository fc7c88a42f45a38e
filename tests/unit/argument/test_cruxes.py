"""Cruxes: what would change a status, how it is ranked, bounded and told."""

from __future__ import annotations

import json

import pytest

from argraph.argument.cruxes import Answer, cruxes, to_json, to_text
from argraph.argument.evaluation import Framework
from argraph.argument.graph import ArgumentGraph, Node, Step
from argraph.argument.scores import Scores
from argraph.errors import UnknownNode

SCORES = Scores({"High": 0.9, "Low": 0.3}, {})


def graph(*steps: str) -> ArgumentGraph:
    """Steps as `name: p,q > c` (support), `!` (attack), `~` (evidence line).

    `t` is the thesis; names that begin with e are strong evidence, those with f weak.
    """
    made, names = [], set()
    for text in steps:
        iri, _, rest = text.partition(":")
        sign = next(sign for sign in ">!~" if sign in rest)
        premises, _, end = (part.strip() for part in rest.partition(sign))
        kind = {">": "support", "!": "attack"}.get(sign, "evidence line")
        made.append(Step(iri, kind, tuple(premises.split(",")), end, favourable=sign != "!"))
        names |= {*premises.split(","), end}
    nodes = [
        Node(n, "evidence", f"finding {n}", "", grade="High" if n[0] == "e" else "Low")
        if n[0] in "ef"
        else Node(n, "thesis" if n == "t" else "claim", n.upper(), "")
        for n in names - {step.iri for step in made}
    ]
    return ArgumentGraph(nodes, made)


def sets(answer: Answer) -> list[tuple[str, ...]]:
    return [crux.items for crux in answer.sets]


def test_what_comes_to_the_same_is_one_crux_named_by_its_evidence() -> None:
    result = cruxes(graph("1: e ~ a", "2: a > t"), SCORES, "t")
    assert sets(result.flips) == [("e",)]
    assert result.flips.sets[0].instead == (("a", "1", "2"),)
    assert (result.flips.sets[0].status, result.flips.complete) == ("rejected", True)


def test_independent_supports_have_to_fall_together() -> None:
    result = cruxes(graph("1: e ~ t", "2: e1 ~ t"), SCORES, "t")
    assert sets(result.flips) == [("e", "e1")]


def test_shared_evidence_is_a_crux_by_itself_and_its_lines_only_together() -> None:
    result = cruxes(graph("1: e ~ a", "2: e ~ b", "3: a > t", "4: b > t"), SCORES, "t")
    assert sets(result.flips) == [("e",), ("a", "b")]


def test_the_defence_of_a_statement_is_a_crux() -> None:
    argument = graph("1: e ~ t", "2: e1 ~ o", "3: o ! t", "4: e2 ~ r", "5: r ! o")
    result = cruxes(argument, SCORES, "t")
    assert sets(result.flips) == [("e",), ("e2",)]
    assert result.restores.sets == ()


def test_sets_of_one_size_are_ranked_by_change_of_strength() -> None:
    argument = graph("1: f,e > t", "2: e ~ t2", "3: e1 ~ o", "4: o ! 1", "5: f2 ~ r", "6: r ! o")
    flips = cruxes(argument, SCORES, "t").flips.sets
    assert len({crux.change for crux in flips}) > 1
    changes = [abs(crux.change) for crux in flips if len(crux.items) == 1]
    assert changes == sorted(changes, reverse=True)


def test_strength_and_its_change_are_those_without_the_crux() -> None:
    (crux,) = cruxes(graph("1: e ~ t"), SCORES, "t").flips.sets
    assert (crux.lower, crux.upper) == (0.0, 0.0)
    assert crux.change == pytest.approx(-(0.81 / 1.81))


def test_objections_to_answer_are_statements_where_one_attack_is_theirs() -> None:
    argument = graph("1: e ~ t", "2: e1 ~ o", "3: o ! t", "4: e2 ~ p", "5: p ! t", "6: p ! a")
    result = cruxes(argument, SCORES, "t")
    assert result.status == "rejected"
    assert sets(result.restores) == [("o", "p")]


def test_what_lacks_support_is_restored_by_no_answer() -> None:
    result = cruxes(graph("1: a > t", "2: e ~ o", "3: o ! t"), SCORES, "t")
    assert result.restores == Answer((), 2, complete=True)


def test_an_open_circle_is_settled_from_either_side() -> None:
    argument = graph("1: e ~ a", "2: e1 ~ b", "3: a ! b", "4: b ! a")
    result = cruxes(argument, SCORES, "a")
    assert result.status == "undecided"
    assert {crux.items: crux.status for crux in result.flips.sets} == {
        ("e",): "rejected",
        ("e1",): "accepted",
        ("3",): "rejected",
    }
    assert sets(result.restores) == [("b",)]


def test_larger_sets_are_tried_until_one_is_found() -> None:
    result = cruxes(graph(*(f"{n}: e{n} ~ t" for n in range(5))), SCORES, "t", largest=1)
    assert sets(result.flips) == [("e0", "e1", "e2", "e3", "e4")]
    assert result.flips.exact_up_to >= 5


def test_effort_bounds_the_search_and_is_owned_up_to() -> None:
    result = cruxes(graph(*(f"{n}: e{n} ~ t" for n in range(5))), SCORES, "t", effort=3)
    assert (result.flips.sets, result.flips.exact_up_to, result.flips.complete) == ((), 2, False)
    assert to_text(graph(*(f"{n}: e{n} ~ t" for n in range(5))), result).endswith(
        "Nothing withdrawn would change that, up to 2 items at once."
    )


def test_only_what_can_influence_the_node_is_named() -> None:
    argument = graph("1: e ~ t", "2: t > z", "3: e1 ~ z", "4: e ~ z")
    assert sets(cruxes(argument, SCORES, "t").flips) == [("e",)]


def test_unknown_nodes_are_refused() -> None:
    with pytest.raises(UnknownNode, match="“x”"):
        cruxes(graph("1: e ~ t"), SCORES, "x")


def test_text_says_what_the_thesis_would_fall_by() -> None:
    argument = graph("1: e ~ a", "2: e ~ b", "3: a > t", "4: b > t")
    assert to_text(argument, cruxes(argument, SCORES, "t")).splitlines() == [
        "“T” stands.",
        "This thesis would fall if any of these 2 were withdrawn:",
        "  - “finding e”",
        "  - both “A” and “B”",
    ]


def test_text_says_what_to_answer_and_what_else_would_help() -> None:
    argument = graph("1: e ~ t", "2: e1 ~ o", "3: o ! t", "4: e1 ~ t")
    assert to_text(argument, cruxes(argument, SCORES, "t")).splitlines() == [
        "“T” does not stand.",
        "This thesis would stand if this were answered:",
        "  - “O”",
        "Its status would also change if this were withdrawn:",
        "  - “finding e1”",
    ]


def test_text_says_when_nothing_would_change_it() -> None:
    argument = graph("1: a > t")
    assert to_text(argument, cruxes(argument, SCORES, "t")).splitlines() == [
        "“T” does not stand.",
        "Nothing that is answered would change that.",
    ]


def test_json_is_plain_data() -> None:
    data = json.loads(json.dumps(to_json(cruxes(graph("1: e ~ t"), SCORES, "t"))))
    assert data["status"] == "accepted"
    assert data["flips"]["sets"][0]["items"] == ["e"]
    assert data["flips"]["exact_up_to"] == 2


def test_text_does_not_repeat_an_objection_as_its_evidence() -> None:
    argument = graph("1: e ~ t", "2: e1 ~ o", "3: o ! t")
    result = cruxes(argument, SCORES, "t")
    assert (sets(result.restores), sets(result.flips)) == ([("o",)], [("e1",)])
    assert "also" not in to_text(argument, result)


def test_work_bounds_the_search_but_leaves_ten_labellings() -> None:
    linked = graph(
        *(f"a{n}: e{n} ~ c" for n in range(20)), "0: c," + ",".join(f"e{n}" for n in range(20)) + " > t"
    )
    full = cruxes(linked, SCORES, "t").flips
    assert (len(full.sets), full.exact_up_to) == (21, 2)
    bounded = cruxes(linked, SCORES, "t", work=1).flips
    assert bounded == cruxes(linked, SCORES, "t", effort=10).flips
    assert (bounded.exact_up_to, bounded.complete) == (0, False)
    assert 0 < len(bounded.sets) < 10
    assert cruxes(linked, SCORES, "t", work=100_000).flips == full


def test_a_framework_that_is_there_already_gives_the_same() -> None:
    argument = graph("1: e ~ a", "2: a > t")
    framework = Framework.of(argument, SCORES)
    assert cruxes(argument, SCORES, "t", framework=framework) == cruxes(argument, SCORES, "t")
