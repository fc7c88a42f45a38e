"""The one-hop links that follow from the steps, so that a query need not walk through them."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from argraph import vocab
from argraph.argument.graph import ArgumentGraph, Step

GRAPH = ox.NamedNode("https://w3id.org/argraph/derived")
"""The named graph of everything that argraph computes."""


def links(argument: ArgumentGraph) -> Iterator[tuple[str, str, str]]:
    """Derived links as (from, property, to), all IRIs, each once and in a stable order.

    `supports` leads from a premise of a Support, or from evidence by a favourable line, to what it speaks
    for; `attacks` from a premise of an Attack to its target; `undercuts` likewise where the target is a
    step; `defends` from an attacker of an attack (of its premise or of the step itself) to what is attacked.
    A contrary line derives nothing: evidence weighs, arguments defeat.
    """
    found = set()
    for step in argument.steps.values():
        for premise in step.premises:
            if step.kind == "attack":
                found.add((premise, vocab.ATTACKS, step.end))
                if step.end in argument.steps:
                    found.add((premise, vocab.UNDERCUTS, step.end))
                found.update((defender, vocab.DEFENDS, step.end) for defender in _attackers(argument, step))
            elif step.favourable:
                found.add((premise, vocab.SUPPORTS, step.end))
    yield from sorted(found)


def _attackers(argument: ArgumentGraph, attack: Step) -> Iterator[str]:
    for hit in (attack.iri, *attack.premises):
        for reply in argument.incoming(hit):
            if reply.kind == "attack":
                yield from reply.premises


def materialise(store: ox.Store) -> ArgumentGraph:
    """Rebuild the derived graph of a store in one go; returns the argument graph it was computed from."""
    store.remove_graph(GRAPH)
    argument = ArgumentGraph.of(store)
    store.extend(
        ox.Quad(ox.NamedNode(start), ox.NamedNode(link), ox.NamedNode(end), GRAPH)
        for start, link, end in links(argument)
    )
    return argument
