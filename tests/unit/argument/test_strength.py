"""How strongly items stand: values worked out by hand, and what evidence counts for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from argraph.argument.evaluation import Framework, Verdict
from argraph.argument.graph import ArgumentGraph, Node, Step, Study
from argraph.argument.labelling import ALL, ANY, BASE, Arcs
from argraph.argument.scores import Scores
from argraph.argument.strength import Strengths, strengths


def solve(
    items: list[tuple[int, float]], supports: list[tuple[int, int]], attacks: list[tuple[int, int]]
) -> Strengths:
    """Strengths of items given as need and base score."""
    n = len(items)

    def arcs(pairs: list[tuple[int, int]]) -> Arcs:
        return Arcs.of(n, [start for start, _ in pairs], [end for _, end in pairs])

    return strengths([need for need, _ in items], [base for _, base in items], arcs(supports), arcs(attacks))


def points(*args: Any) -> list[float]:
    result = solve(*args)
    assert result.lower == pytest.approx(result.upper, abs=1e-12)
    return [float(value) for value in result.lower]


def test_nothing_at_all_has_no_strengths() -> None:
    assert points([], [], []) == []


def test_without_neighbours_the_base_score_counts() -> None:
    assert points([(BASE, 0.9), (ANY, 0.0), (ANY, 0.25)], [], []) == [0.9, 0.0, 0.25]


def test_an_attack_of_full_strength_halves() -> None:
    # h(1) = 1/2
    assert points([(BASE, 1.0), (BASE, 0.8)], [], [(0, 1)]) == pytest.approx([1.0, 0.4])


def test_a_step_is_as_strong_as_its_weakest_premise() -> None:
    assert points([(BASE, 0.9), (BASE, 0.3), (ALL, 0.5)], [(0, 2), (1, 2)], [])[2] == pytest.approx(0.15)


def test_a_step_without_premises_lacks_none() -> None:
    assert points([(ALL, 0.7)], [], []) == [0.7]


def test_steps_for_a_statement_add_up() -> None:
    # S = 1.5, h = 2.25 / 3.25, from 0.2 upwards
    found = points([(BASE, 1.0), (BASE, 0.5), (ANY, 0.2)], [(0, 2), (1, 2)], [])[2]
    assert found == pytest.approx(0.2 + 0.8 * 2.25 / 3.25)


def test_support_and_attack_of_the_same_strength_cancel_out() -> None:
    found = points([(BASE, 0.6), (BASE, 0.6), (ANY, 0.35)], [(0, 2)], [(1, 2)])
    assert found[2] == pytest.approx(0.35)


def test_undercut_weakens_the_step_and_so_the_statement() -> None:
    found = points([(BASE, 1.0), (ALL, 1.0), (ANY, 0.0), (BASE, 1.0)], [(0, 1), (1, 2)], [(3, 1)])
    assert found[1] == pytest.approx(0.5)
    assert found[2] == pytest.approx(0.2)  # h(1/2) = 1/4 : 5/4


def test_mutual_attack_has_one_solution() -> None:
    # x = .9 / (1 + x²) : x³ + x = .9
    found = points([(BASE, 0.9)] * 2, [], [(0, 1), (1, 0)])[0]
    assert found**3 + found == pytest.approx(0.9)


def test_two_camps_at_odds_have_several_solutions_and_so_an_interval() -> None:
    camps = [(a, b) for a in range(10) for b in range(10, 20)]
    result = solve([(BASE, 0.9)] * 20, [], camps + [(b, a) for a, b in camps])
    assert not result.is_point(0)
    assert result.lower[0] == pytest.approx(0.011, abs=5e-4)
    assert result.upper[0] == pytest.approx(0.889, abs=5e-4)


def test_statements_that_only_hold_each_other_up_have_no_strength() -> None:
    assert points([(ANY, 0.0)] * 2, [(0, 1), (1, 0)], []) == pytest.approx([0.0, 0.0], abs=1e-6)


SCORES = Scores(
    {"High": 0.9, "Moderate": 0.7, "Low": 0.5}, {"Verified": 1.0, "Unverified": 0.8, "Retracted": 0.0}, 0.5
)


def evidence(name: str = "e", grade: str = "High", verification: str = "Verified") -> Node:
    return Node(name, "evidence", "", "", grade=grade, verification=verification)


def study(iri: str, verification: str) -> Study:
    blank = dict.fromkeys(Study.__slots__, "")
    return Study(**blank | {"iri": iri, "verification": verification, "authors": (), "themes": ()})  # type: ignore[arg-type]


def line(start: str = "e", end: str = "c", *, grade: str = "", favourable: bool = True) -> Step:
    return Step(f"line-{start}-{end}", "evidence line", (start,), end, favourable=favourable, grade=grade)


def verdicts(nodes: list[Node], steps: list[Step]) -> Mapping[str, Verdict]:
    return Framework.of(ArgumentGraph([*nodes, Node("c", "claim", "", "")], steps), SCORES).verdicts


@pytest.mark.parametrize(
    ("verification", "strength"), [("Verified", 0.9), ("Unverified", 0.72), ("Retracted", 0.0), ("", 0.9)]
)
def test_evidence_counts_by_grade_and_verification(verification: str, strength: float) -> None:
    verdict = verdicts([evidence(verification=verification)], [])["e"]
    assert verdict.lower == verdict.upper == pytest.approx(strength)


def test_evidence_without_a_grade_counts_for_nothing() -> None:
    assert verdicts([evidence(grade="")], [])["e"].upper == 0.0


def test_retracted_evidence_lends_no_strength_and_holds_nothing_up() -> None:
    found = verdicts([evidence(verification="Retracted")], [line()])
    assert found["c"].upper == 0.0
    assert [(found[iri].status, found[iri].reason) for iri in ("e", "line-e-c", "c")] == [
        ("rejected", "unsupported")
    ] * 3


def test_unverified_evidence_holds_a_claim_up_with_less_strength() -> None:
    found = verdicts([evidence(verification="Unverified")], [line()])
    assert (found["e"].status, found["c"].status) == ("accepted", "accepted")
    assert found["line-e-c"].lower == pytest.approx(0.9 * 0.8)


def test_sound_evidence_carries_a_claim_beside_what_was_retracted() -> None:
    found = verdicts([evidence(verification="Retracted"), evidence("f")], [line(), line("f")])
    assert found["c"].status == "accepted"
    assert found["c"].lower == pytest.approx(0.81 / 1.81)


def test_support_for_a_retracted_finding_does_not_bring_it_back() -> None:
    support = Step("s", "support", ("f",), "e", favourable=True)
    found = verdicts([evidence(verification="Retracted"), evidence("f")], [support, line()])
    assert (found["e"].status, found["e"].upper) == ("rejected", 0.0)


@pytest.mark.parametrize(
    ("states", "status"),
    [(["Retracted"], "rejected"), (["Retracted", "Verified"], "accepted"), (["Unverified"], "accepted")],
)
def test_finding_falls_when_every_study_that_reports_it_was_retracted(states: list[str], status: str) -> None:
    studies = [study(f"s{i}", state) for i, state in enumerate(states)]
    finding = replace(evidence(), studies=tuple(s.iri for s in studies))
    verdict = Framework.of(ArgumentGraph([finding], [], studies), SCORES).verdicts["e"]
    assert verdict.status == status


def test_what_a_retraction_counts_for_is_data() -> None:
    scores = Scores(SCORES.grades, {"Retracted": 0.5, "Unverified": 0.0})
    graph = ArgumentGraph([evidence(verification="Retracted"), evidence("f", "High", "Unverified")], [])
    found = Framework.of(graph, scores).verdicts
    assert (found["e"].status, found["f"].status) == ("accepted", "rejected")
    assert found["e"].lower == pytest.approx(0.45)


def test_a_line_passes_on_the_share_that_its_own_grade_leaves() -> None:
    found = verdicts([evidence()], [line(grade="Low")])
    assert found["line-e-c"].lower == pytest.approx(0.5)
    assert found["c"].lower == pytest.approx(0.2)


def test_the_share_of_a_line_leaves_the_verification_to_count_once() -> None:
    found = verdicts([evidence(verification="Unverified")], [line(grade="Low")])
    assert found["line-e-c"].lower == pytest.approx(0.5 * 0.8)


def test_a_line_never_passes_on_more_than_its_evidence_has() -> None:
    found = verdicts([evidence(grade="Low")], [line(grade="High")])
    assert found["line-e-c"].lower == pytest.approx(0.5)


def test_a_line_without_a_grade_passes_on_everything() -> None:
    assert verdicts([evidence()], [line()])["line-e-c"].lower == pytest.approx(0.9)


def test_contrary_evidence_weakens_but_does_not_defeat() -> None:
    before = verdicts([evidence()], [line()])["c"]
    after = verdicts([evidence(), evidence("f", "Moderate")], [line(), line("f", favourable=False)])["c"]
    assert (before.status, after.status) == ("accepted", "accepted")
    assert after.upper < before.lower
    assert after.lower == pytest.approx(0.2**2 / (1 + 0.2**2))


def test_an_assumption_starts_from_the_middle() -> None:
    node = Node("a", "claim", "", "", assumed=True)
    verdict = Framework.of(ArgumentGraph([node], []), SCORES).verdicts["a"]
    assert (verdict.status, verdict.reason, verdict.lower) == ("accepted", "assumed", 0.5)


def test_a_premise_that_nobody_describes_is_a_statement_without_support() -> None:
    found = verdicts([evidence()], [Step("s", "support", ("e", "nowhere"), "c", favourable=True)])
    assert (found["nowhere"].reason, found["s"].decider, found["c"].upper) == ("unsupported", "nowhere", 0.0)


def test_attacks_on_steps_are_called_undercut_and_others_refuted() -> None:
    objections = [Node(name, "objection", "", "", assumed=True) for name in ("o", "p")]
    steps = [
        line(),
        Step("un", "attack", ("o",), "line-e-c", favourable=False),
        Step("re", "attack", ("p",), "e", favourable=False),
    ]
    found = verdicts([evidence(), *objections], steps)
    assert {name: found[name].reason for name in ("e", "line-e-c", "c", "un")} == {
        "e": "refuted",
        "line-e-c": "undercut",
        "c": "unsupported",
        "un": "supported",
    }


def test_items_are_numbered_in_the_order_of_their_names() -> None:
    framework = Framework.of(ArgumentGraph([evidence("b"), evidence("a")], [line("b", "a")]), SCORES)
    assert framework.names == ("a", "b", "line-b-a")
    assert framework.index["b"] == 1
