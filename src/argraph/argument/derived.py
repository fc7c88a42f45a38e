"""What follows from a debate: one-hop links, statuses and strengths, as a named graph of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

import pyoxigraph as ox

from argraph import vocab
from argraph.argument.evaluation import Verdict
from argraph.argument.graph import ArgumentGraph, Step
from argraph.argument.strength import POINT

GRAPH = ox.NamedNode(vocab.DERIVED_GRAPH)
"""The named graph of everything that argraph computes."""

_METHOD = (
    "argraph {version}: well-founded status; strength by quadratic energy, weakest premise, as interval."
)


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


def statements(
    argument: ArgumentGraph, verdicts: Mapping[str, Verdict], *, digest: str, version: str
) -> Iterator[ox.Quad]:
    """Everything that is computed, with where it comes from, as quads of `GRAPH`.

    Args:
        argument: The graph that it is computed from.
        verdicts: What `evaluation.evaluate` says of it.
        digest: Fingerprint of the files, so that a reader can tell whether this is still true of them.
        version: Of argraph.
    """

    def say(subject: str, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Quad:
        return ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), value, GRAPH)

    def number(value: float, rounding: str) -> ox.Literal:
        digits = Decimal(value).quantize(Decimal("0.0001"), rounding=rounding)
        return ox.Literal(str(digits), datatype=ox.NamedNode(vocab.XSD + "decimal"))

    for start, link, end in links(argument):
        yield say(start, link, ox.NamedNode(end))
    for iri, verdict in verdicts.items():
        yield say(iri, vocab.STATUS, ox.Literal(verdict.status))
        yield say(iri, vocab.REASON, ox.Literal(verdict.reason))
        yield say(iri, vocab.STRENGTH_LOWER, number(verdict.lower, ROUND_FLOOR))
        yield say(iri, vocab.STRENGTH_UPPER, number(verdict.upper, ROUND_CEILING))
        if verdict.upper - verdict.lower < POINT:
            yield say(iri, vocab.STRENGTH, number(verdict.lower, ROUND_HALF_EVEN))
    run = GRAPH.value + "#run"
    yield say(GRAPH.value, vocab.TYPE, ox.NamedNode(vocab.PROV + "Entity"))
    yield say(GRAPH.value, vocab.PROV + "wasGeneratedBy", ox.NamedNode(run))
    yield say(run, vocab.TYPE, ox.NamedNode(vocab.PROV + "Activity"))
    yield say(run, vocab.DCTERMS + "description", ox.Literal(_METHOD.format(version=version), language="en"))
    yield say(run, vocab.DCTERMS + "source", ox.NamedNode("urn:sha256:" + digest))


def materialise(store: ox.Store, quads: Iterable[ox.Quad]) -> None:
    """Put computed quads into a store, in place of all that was computed before."""
    store.remove_graph(GRAPH)
    store.extend(quads)
