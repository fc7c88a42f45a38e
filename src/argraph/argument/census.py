"""How much of everything a debate holds."""

from __future__ import annotations

from collections import Counter

from argraph.argument.graph import ArgumentGraph


def census(argument: ArgumentGraph) -> dict[str, int]:
    """Numbers of statements, steps, findings and studies, in reading order."""
    kinds = Counter(node.kind for node in argument.nodes.values())
    steps = Counter(step.kind for step in argument.steps.values())
    lines = [s for s in argument.steps.values() if s.kind == "evidence line"]
    undercuts = sum(s.kind == "attack" and s.end in argument.steps for s in argument.steps.values())
    evidence = [n for n in argument.nodes.values() if n.kind == "evidence"]
    return {
        "statements": sum(kinds.values()) - kinds["evidence"],
        "theses": kinds["thesis"],
        "claims": kinds["claim"],
        "objections": kinds["objection"],
        "rebuttals": kinds["rebuttal"],
        "supports": steps["support"],
        "attacks": steps["attack"],
        "of these undercuts": undercuts,
        "evidence items": kinds["evidence"],
        "of these verified": sum(node.verification == "Verified" for node in evidence),
        "studies": len(argument.studies),
        "evidence lines": len(lines),
        "of these for": sum(line.favourable for line in lines),
        "of these against": sum(not line.favourable for line in lines),
    }
