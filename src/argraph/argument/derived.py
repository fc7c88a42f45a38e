"""What follows from a debate: one-hop links, statuses and strengths, as a named graph of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

import pyoxigraph as ox

from argraph import vocab
from argraph.argument.chains import strongest
from argraph.argument.evaluation import Framework
from argraph.argument.graph import ArgumentGraph, Step
from argraph.argument.strength import POINT

GRAPH = ox.NamedNode(vocab.DERIVED_GRAPH)
"""The named graph of everything that argraph computes."""

RUN = GRAPH.value + "#run"
AGENT = GRAPH.value + "#argraph"
_METHOD = (
    "Status under the well-founded semantics; strength by quadratic energy with the weakest premise of a "
    "step, as an interval; what statements that stand hang on, by withdrawing each item in turn."
)


def links(argument: ArgumentGraph) -> Iterator[tuple[str, str, str]]:
    """Derived links as (from, property, to), all IRIs, each once and in a stable order.

    `supports` leads from a premise of a Support, or from evidence by a favourable line, to what it speaks
    for; `attacks` from a premise of an Attack to its target; `undercuts` likewise where the target is a
    step, `rebuts` where it is a statement; `undermines` to each step that the target is a premise of;
    `defends` from an attacker of an attack (of its premise or of the step itself) to what is attacked. Of
    these a contrary line derives none: evidence weighs, arguments defeat. `speaksFor` and `speaksAgainst`
    lead to a thesis, by `positions`.
    """
    found = {
        (iri, vocab.SPEAKS_FOR if favourable else vocab.SPEAKS_AGAINST, thesis.iri)
        for thesis in argument.theses
        for iri, favourable in positions(argument, thesis.iri)
    }
    for step in argument.steps.values():
        for premise in step.premises:
            if step.kind == "attack":
                found.add((premise, vocab.ATTACKS, step.end))
                if step.end in argument.steps:
                    found.add((premise, vocab.UNDERCUTS, step.end))
                elif step.end not in argument.nodes or argument.nodes[step.end].kind != "evidence":
                    found.add((premise, vocab.REBUTS, step.end))
                found.update((premise, vocab.UNDERMINES, use.iri) for use in argument.outgoing(step.end))
                found.update((defender, vocab.DEFENDS, step.end) for defender in _attackers(argument, step))
            elif step.favourable:
                found.add((premise, vocab.SUPPORTS, step.end))
    yield from sorted(found)


def positions(argument: ArgumentGraph, thesis: str) -> set[tuple[str, bool]]:
    """The nodes that chains lead from to a thesis, each with whether such a chain is in its favour.

    It is in favour where an even number of its steps is against: attacks, and contrary lines of evidence. A
    node from which chains of both kinds lead there is on both sides. Chains may go round a circle, so that
    this takes one look at each step for each side. The thesis itself is on none.
    """
    reached = {(thesis, True)}
    queue = [(thesis, True)]
    while queue:
        item, favourable = queue.pop()
        for step in argument.incoming(item):
            side = favourable == step.favourable
            for before in (step.iri, *step.premises):
                if (before, side) not in reached:
                    reached.add((before, side))
                    queue.append((before, side))
    return {(iri, side) for iri, side in reached if iri in argument.nodes and iri != thesis}


def _attackers(argument: ArgumentGraph, attack: Step) -> Iterator[str]:
    for hit in (attack.iri, *attack.premises):
        for reply in argument.incoming(hit):
            if reply.kind == "attack":
                yield from reply.premises


def statements(
    argument: ArgumentGraph,
    framework: Framework,
    *,
    hangs_on: Mapping[str, Iterable[str]],
    sources: Iterable[str],
    digest: str,
    version: str,
) -> Iterator[ox.Quad]:
    """Everything that is computed, with where it comes from, as quads of `GRAPH`.

    There is no time in it: the same files and the same version give the same quads.

    Args:
        argument: The graph that it is computed from.
        framework: The same, with what is computed of it.
        hangs_on: What statements hang on, as `dependence` finds it.
        sources: IRIs of the named graphs that it was read from.
        digest: Fingerprint of what it is computed from, so that a reader can tell whether this still holds.
        version: Of argraph.
    """

    def say(subject: str, predicate: str, value: str | ox.Literal) -> ox.Quad:
        term = value if isinstance(value, ox.Literal) else ox.NamedNode(value)
        return ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), term, GRAPH)

    def number(value: float, rounding: str) -> ox.Literal:
        digits = Decimal(value).quantize(Decimal("0.0001"), rounding=rounding)
        return ox.Literal(str(digits), datatype=ox.NamedNode(vocab.XSD + "decimal"))

    for start, link, end in links(argument):
        yield say(start, link, end)
    verdicts = framework.verdicts
    for iri, verdict in verdicts.items():
        yield say(iri, vocab.STATUS, ox.Literal(verdict.status))
        yield say(iri, vocab.REASON, ox.Literal(verdict.reason))
        yield say(iri, vocab.STRENGTH_LOWER, number(verdict.lower, ROUND_FLOOR))
        yield say(iri, vocab.STRENGTH_UPPER, number(verdict.upper, ROUND_CEILING))
        if verdict.upper - verdict.lower < POINT:
            yield say(iri, vocab.STRENGTH, number(verdict.lower, ROUND_HALF_EVEN))
    for iri, ground in strongest(argument, verdicts).items():
        yield say(iri, vocab.STRONGEST_GROUND, ground)
    for iri, items in hangs_on.items():
        found = list(items)
        yield say(iri, vocab.HANGS_ON_COUNT, ox.Literal(len(found)))
        for item in found:
            yield say(iri, vocab.HANGS_ON, item)
    yield from (say(*triple) for triple in _provenance(sources, digest, version))


def _provenance(
    sources: Iterable[str], digest: str, version: str
) -> Iterator[tuple[str, str, str | ox.Literal]]:
    """The graph, the run that gave it and the program that ran, as PROV describes them."""
    yield GRAPH.value, vocab.TYPE, vocab.PROV + "Entity"
    yield GRAPH.value, vocab.PROV + "wasGeneratedBy", RUN
    yield RUN, vocab.TYPE, vocab.PROV + "Activity"
    yield RUN, vocab.PROV + "wasAssociatedWith", AGENT
    for source in sorted(sources):
        yield RUN, vocab.PROV + "used", source
    yield RUN, vocab.DCTERMS + "source", "urn:sha256:" + digest
    yield RUN, vocab.DCTERMS + "conformsTo", vocab.WELL_FOUNDED
    yield RUN, vocab.DCTERMS + "conformsTo", vocab.QUADRATIC_ENERGY
    yield RUN, vocab.DCTERMS + "description", ox.Literal(_METHOD, language="en")
    yield AGENT, vocab.TYPE, vocab.PROV + "SoftwareAgent"
    yield AGENT, vocab.NAME, ox.Literal("argraph")
    yield AGENT, vocab.SCHEMA + "softwareVersion", ox.Literal(version)
