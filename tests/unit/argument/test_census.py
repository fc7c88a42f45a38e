"""The census: how much of everything a debate holds."""

from __future__ import annotations

from argraph.argument.census import census
from argraph.argument.graph import ArgumentGraph, Node, Step, Study


def test_each_sort_is_counted_and_an_attack_on_a_step_is_an_undercut() -> None:
    nodes = [
        Node("t", "thesis", "", ""),
        Node("c", "claim", "", ""),
        Node("o", "objection", "", ""),
        Node("r", "rebuttal", "", ""),
        Node("e", "evidence", "", "", verification="Verified"),
        Node("f", "evidence", "", "", verification="Unverified"),
    ]
    steps = [
        Step("1", "support", ("c",), "t", True),
        Step("2", "attack", ("o",), "c", False),
        Step("3", "attack", ("r",), "2", False),
        Step("4", "evidence line", ("e",), "c", True),
        Step("5", "evidence line", ("f",), "t", False),
    ]
    study = Study("s", "S", (), False, "", "", "", "", "", "", "", "", (), "")
    assert census(ArgumentGraph(nodes, steps, [study])) == {
        "statements": 4,
        "theses": 1,
        "claims": 1,
        "objections": 1,
        "rebuttals": 1,
        "supports": 1,
        "attacks": 2,
        "of these undercuts": 1,
        "evidence items": 2,
        "of these verified": 1,
        "studies": 1,
        "evidence lines": 2,
        "of these for": 1,
        "of these against": 1,
    }
