"""How much of everything a debate holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from argraph.argument.graph import ArgumentGraph, Node, Step


def census(argument: ArgumentGraph, counts: Counter[str] | None = None) -> dict[str, int]:
    """Numbers of nodes, steps and studies by what they count, in reading order.

    What begins with `of these` is part of the number before it that does not. Undercuts are attacks on steps.

    Args:
        argument: The debate.
        counts: What `counted` gives of it, where that is known.
    """
    found = counted(argument) if counts is None else counts
    return {
        "statements": found["node"] - found["evidence"],
        "theses": found["thesis"],
        "claims": found["claim"],
        "objections": found["objection"],
        "rebuttals": found["rebuttal"],
        "supports": found["support"],
        "attacks": found["attack"],
        "of these undercuts": found["undercut"],
        "evidence items": found["evidence"],
        "of these verified": found["verified"],
        "studies": found["study"],
        "evidence lines": found["evidence line"],
        "of these for": found["line for"],
        "of these against": found["evidence line"] - found["line for"],
    }


def counted(argument: ArgumentGraph, names: Iterable[str] | None = None) -> Counter[str]:
    """How many nodes, steps and studies there are of each sort, of all or of those with some IRIs."""
    nodes, steps, studies = argument.nodes, argument.steps, argument.studies
    if names is None:
        found = Counter(sort for node in nodes.values() for sort in _of_node(node))
        found.update(sort for step in steps.values() for sort in _of_step(argument, step))
        return found + Counter(study=len(studies))
    found = Counter()
    for name in names:
        if name in nodes:
            found.update(_of_node(nodes[name]))
        if name in steps:
            found.update(_of_step(argument, steps[name]))
        found["study"] += name in studies
    return found


def recounted(counts: Counter[str], before: ArgumentGraph, after: ArgumentGraph) -> Counter[str]:
    """The numbers of an edited graph, from those of the one before; costs what the edit does."""
    items, studies = after.differences(before)
    ends = {step.iri for graph in (before, after) for name in items for step in graph.incoming(name)}
    names = {*items, *studies, *ends}
    return counts - counted(before, names) + counted(after, names)


def _of_node(node: Node) -> Iterator[str]:
    yield "node"
    yield node.kind
    if node.kind == "evidence" and node.verification == "Verified":
        yield "verified"


def _of_step(argument: ArgumentGraph, step: Step) -> Iterator[str]:
    yield step.kind
    if step.kind == "attack" and step.end in argument.steps:
        yield "undercut"
    if step.kind == "evidence line" and step.favourable:
        yield "line for"
