"""Argument graphs in which a few items are other ones, made from those that they were before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING
from weakref import ref

from argraph.argument.patched import patched

if TYPE_CHECKING:
    from argraph.argument.graph import ArgumentGraph, Node, Step, Study


def with_others(
    graph: ArgumentGraph,
    names: frozenset[str],
    nodes: Sequence[Node],
    steps: Sequence[Step],
    studies: Sequence[Study],
) -> ArgumentGraph:
    """A graph with other items, and no others, under some names; costs what these do."""
    from argraph.argument.graph import ArgumentGraph

    other = ArgumentGraph((), ())
    other.nodes = patched(graph.nodes, without=names, put={node.iri: node for node in nodes})
    other.steps = patched(graph.steps, without=names, put={step.iri: step for step in steps})
    other.studies = patched(graph.studies, without=names, put={study.iri: study for study in studies})
    other._incoming = _relinked(graph._incoming, graph, names, steps, lambda step: (step.end,))
    other._outgoing = _relinked(graph._outgoing, graph, names, steps, lambda step: step.premises)
    known = vars(graph)
    if "theses" in known:
        stay = (thesis for thesis in graph.theses if thesis.iri not in names)
        new = (node for node in nodes if node.kind == "thesis")
        other.theses = tuple(sorted((*stay, *new), key=_iri))
    if "_reported" in known or studies or any(name in graph.studies for name in names):
        other._reported = _reported(graph, names, nodes)
    other._origin = ref(graph), names
    return other


def _relinked(
    known: Mapping[str, list[Step]],
    graph: ArgumentGraph,
    names: frozenset[str],
    steps: Sequence[Step],
    ends: Callable[[Step], Collection[str]],
) -> Mapping[str, list[Step]]:
    """The steps at each node or step, with other steps under some names; `ends` tells where a step is."""
    old = [graph.steps[name] for name in names if name in graph.steps]
    touched = {end for step in (*old, *steps) for end in ends(step)}
    found = {end: [step for step in known.get(end, ()) if step.iri not in names] for end in touched}
    for step in steps:
        for end in ends(step):
            found[end].append(step)
    return patched(known, without=(), put={end: sorted(there, key=_iri) for end, there in found.items()})


def _reported(
    graph: ArgumentGraph, names: frozenset[str], nodes: Sequence[Node]
) -> Mapping[str, Sequence[Node]]:
    """The evidence items that each study reports."""
    found: dict[str, list[Node]] = {}
    old = (graph.nodes[name] for name in names if name in graph.nodes)
    for study in {study for node in (*old, *nodes) for study in node.studies}:
        stay = [node for node in graph._reported.get(study, ()) if node.iri not in names]
        new = [node for node in nodes if study in node.studies]
        found[study] = sorted((*stay, *new), key=_iri)
    return patched(graph._reported, without=(), put=found)


def _iri(item: Node | Step | Study) -> str:
    return item.iri
