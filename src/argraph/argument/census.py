"""How much of everything a debate holds."""

from __future__ import annotations

from collections import Counter

from argraph.argument.graph import ArgumentGraph


def census(argument: ArgumentGraph) -> dict[str, int]:
    """Numbers of nodes, steps and studies by what they count, in reading order.

    What begins with `of these` is part of the number before it that does not. Undercuts are attacks on steps.
    """
    nodes, steps = argument.nodes.values(), argument.steps.values()
    kinds, sorts = Counter(node.kind for node in nodes), Counter(step.kind for step in steps)
    lines = [step for step in steps if step.kind == "evidence line"]
    return {
        "statements": len(argument.statements),
        "theses": kinds["thesis"],
        "claims": kinds["claim"],
        "objections": kinds["objection"],
        "rebuttals": kinds["rebuttal"],
        "supports": sorts["support"],
        "attacks": sorts["attack"],
        "of these undercuts": sum(step.kind == "attack" and step.end in argument.steps for step in steps),
        "evidence items": kinds["evidence"],
        "of these verified": sum(
            node.kind == "evidence" and node.verification == "Verified" for node in nodes
        ),
        "studies": len(argument.studies),
        "evidence lines": len(lines),
        "of these for": sum(line.favourable for line in lines),
        "of these against": sum(not line.favourable for line in lines),
    }
