"""What follows from a debate: one-hop links, statuses and strengths, as a named graph of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyoxigraph as ox

from argraph import vocab
from argraph.argument.dependence import Dependence
from argraph.argument.evaluation import REASONS, STATUSES, Framework, among, renumbered
from argraph.argument.graph import ArgumentGraph, Step
from argraph.argument.labelling import ALL, Ints, Reason
from argraph.argument.moves import Moves
from argraph.argument.strength import POINT, Floats

GRAPH = ox.NamedNode(vocab.DERIVED_GRAPH)
"""The named graph of everything that argraph computes."""

RUN = GRAPH.value + "#run"
AGENT = GRAPH.value + "#argraph"
_METHOD = (
    "Status under the well-founded semantics; strength by quadratic energy with the weakest premise of a "
    "step, as an interval; what statements that stand hang on, by withdrawing each item in turn."
)
_ABOUT = (
    *(vocab.STATUS, vocab.REASON, vocab.STRENGTH_LOWER, vocab.STRENGTH_UPPER, vocab.STRENGTH),
    *(vocab.STRONGEST_GROUND, vocab.HANGS_ON, vocab.HANGS_ON_COUNT),
)
_BLOCK = 4096  # items that are dealt with together


def links(argument: ArgumentGraph) -> Iterator[tuple[str, str, str]]:
    """Derived links as (from, property, to), all IRIs, each once and in a stable order.

    `supports` leads from a premise of a Support, or from evidence by a favourable line, to what it speaks
    for; `attacks` from a premise of an Attack to its target; `undercuts` likewise where the target is a
    step, `rebuts` where it is a statement; `undermines` to each step that the target is a premise of;
    `defends` from an attacker of an attack (of its premise or of the step itself) to what is attacked. Of
    these a contrary line derives none: evidence weighs, arguments defeat. `speaksFor` and `speaksAgainst`
    lead to a thesis, by `positions`.
    """
    mentioned = {iri for step in argument.steps.values() for iri in (*step.premises, step.end)}
    for iri in sorted({*argument.nodes, *argument.steps, *mentioned}):
        yield from ((start, link, iri) for start, link in sorted(_links_to(argument, iri)))
    for thesis in argument.theses:
        for iri, favourable in sorted(positions(argument, thesis.iri)):
            yield iri, vocab.SPEAKS_FOR if favourable else vocab.SPEAKS_AGAINST, thesis.iri


def _links_to(argument: ArgumentGraph, iri: str) -> set[tuple[str, str]]:
    """The links that end at one item, without those that lead to a thesis by whole chains."""
    found: set[tuple[str, str]] = set()
    node, use = argument.nodes.get(iri), argument.steps.get(iri)
    for step in argument.incoming(iri):
        if step.kind == "attack":
            found.update((premise, vocab.ATTACKS) for premise in step.premises)
            if use is not None:
                found.update((premise, vocab.UNDERCUTS) for premise in step.premises)
            elif node is None or node.kind != "evidence":
                found.update((premise, vocab.REBUTS) for premise in step.premises)
            found.update((defender, vocab.DEFENDS) for defender in _attackers(argument, step))
        elif step.favourable:
            found.update((premise, vocab.SUPPORTS) for premise in step.premises)
    for premise in use.premises if use is not None else ():
        for step in argument.incoming(premise):
            if step.kind == "attack":
                found.update((attacker, vocab.UNDERMINES) for attacker in step.premises)
    return found


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


@dataclass(frozen=True, eq=False)
class Derivation:
    """A state of a debate with all that is computed of it.

    There is no time in it: the same files and the same version give the same.

    Attributes:
        argument: The graph that it is computed from.
        framework: The same as `Framework.of` numbers it, with what is computed of it.
        dependence: What statements hang on.
        sources: IRIs of the named graphs that it was read from.
        digest: Fingerprint of what it is computed from, so that a reader can tell whether this still holds.
        version: Of argraph.
    """

    argument: ArgumentGraph
    framework: Framework
    dependence: Dependence
    sources: frozenset[str]
    digest: str
    version: str

    @cached_property
    def columns(self) -> Columns:
        """What is said of each item, by number."""
        framework, labelling, bounds = self.framework, self.framework.labelling, self.framework.strengths
        steps = np.asarray(framework.needs) == ALL
        goals = np.zeros(len(framework.names), np.bool_)
        goals[self.dependence.goals] = True
        lower, upper = np.asarray(bounds.lower), np.asarray(bounds.upper)
        points = upper - lower < POINT
        return Columns(
            status=np.asarray(labelling.status, np.int8),
            reason=np.asarray(labelling.reason, np.int8) + np.int8(len(Reason)) * steps.astype(np.int8),
            lower=ticks(lower)[0],
            upper=ticks(upper)[1],
            strength=np.where(points, ticks(lower)[2], np.int16(-1)),
            ground=Moves(framework).strongest(lower),
            goal=goals,
        )

    @cached_property
    def sides(self) -> npt.NDArray[np.int64]:
        """The nodes that speak for and against each thesis, as `Moves.sides` gives them."""
        theses = [self.framework.index[thesis.iri] for thesis in self.argument.theses]
        return Moves(self.framework).sides(np.array(theses, dtype=np.int32))

    def about(self, items: Ints) -> Iterator[ox.Quad]:
        """What is said of some items: status, strength, the strongest chain and what they hang on."""
        names = self.framework.names
        has_status, has_reason, from_, to, strong, rests, hangs, count = map(_named, _ABOUT)
        for start in range(0, len(items), _BLOCK):
            block = items[start : start + _BLOCK]
            hung = self.dependence.of_each(block)
            rows = zip(
                block.tolist(), *(column[block].tolist() for column in self.columns), hung, strict=True
            )
            for item, status, reason, lower, upper, strength, ground, goal, found in rows:
                subject = ox.NamedNode(names[item])
                yield ox.Quad(subject, has_status, _STATUSES[status], GRAPH)
                yield ox.Quad(subject, has_reason, _REASONS[reason], GRAPH)
                yield ox.Quad(subject, from_, _decimal(lower), GRAPH)
                yield ox.Quad(subject, to, _decimal(upper), GRAPH)
                if strength >= 0:
                    yield ox.Quad(subject, strong, _decimal(strength), GRAPH)
                if ground >= 0:
                    yield ox.Quad(subject, rests, ox.NamedNode(names[ground]), GRAPH)
                if goal:
                    yield ox.Quad(subject, count, ox.Literal(len(found)), GRAPH)
                    for other in found:
                        yield ox.Quad(subject, hangs, ox.NamedNode(names[other]), GRAPH)

    def speaking(self, sides: npt.NDArray[np.int64]) -> Iterator[ox.Quad]:
        """Which nodes speak for and against theses."""
        names = self.framework.names
        links = ox.NamedNode(vocab.SPEAKS_FOR), ox.NamedNode(vocab.SPEAKS_AGAINST)
        for start in range(0, len(sides), _BLOCK):
            for key in sides[start : start + _BLOCK].tolist():
                thesis, node = ox.NamedNode(names[key >> 32]), ox.NamedNode(names[(key & 0xFFFFFFFF) >> 1])
                yield ox.Quad(node, links[key & 1], thesis, GRAPH)

    def links_to(self, items: Iterable[str]) -> Iterator[ox.Quad]:
        """The other links, those that end at some items."""
        for iri in items:
            if found := sorted(_links_to(self.argument, iri)):
                end = ox.NamedNode(iri)
                for start, link in found:
                    yield ox.Quad(ox.NamedNode(start), _named(link), end, GRAPH)

    def provenance(self) -> Iterator[ox.Quad]:
        """The graph, the run that gave it and the program that ran, as PROV describes them."""
        for subject, predicate, value in _provenance(self.sources, self.digest, self.version):
            term = value if isinstance(value, ox.Literal) else ox.NamedNode(value)
            yield ox.Quad(ox.NamedNode(subject), _named(predicate), term, GRAPH)


class Columns(NamedTuple):
    """What the derived graph says of each item, as numbers; equal rows are equal words.

    Attributes:
        status: A `Status`.
        reason: A `Reason`; those of steps follow behind those of nodes.
        lower: In ten thousandths, rounded down.
        upper: In ten thousandths, rounded up.
        strength: In ten thousandths, or -1 where it is not known as a point.
        ground: Where the strongest chain comes from, by number; -1 for nowhere.
        goal: Whether it is told what the item hangs on.
    """

    status: npt.NDArray[np.int8]
    reason: npt.NDArray[np.int8]
    lower: npt.NDArray[np.int16]
    upper: npt.NDArray[np.int16]
    strength: npt.NDArray[np.int16]
    ground: Ints
    goal: npt.NDArray[np.bool_]


def statements(state: Derivation) -> Iterator[ox.Quad]:
    """Everything that is computed, with where it comes from, as quads of `GRAPH`."""
    yield from state.links_to(state.framework.names)
    yield from state.speaking(state.sides)
    yield from state.about(np.arange(len(state.framework.names), dtype=np.int32))
    yield from state.provenance()


def difference(before: Derivation, after: Derivation) -> tuple[list[ox.Quad], list[ox.Quad]]:
    """The quads of `statements` that go and those that come between two states, in a stable order.

    Costs what differs and a few looks at arrays of all items; quads are made only of what may differ. Of
    links that is what is around items of which `ArgumentGraph.differences` tells.
    """
    number = renumbered(before.framework.names, after.framework.names)
    was, now = _differing(before, after, number)
    ends = sorted(_ends(before.argument, after.argument))
    sides_gone, sides_new = _speaking(before, after, number)
    gone = [
        *before.links_to(ends),
        *before.speaking(sides_gone),
        *before.about(was),
        *before.provenance(),
    ]
    new = [*after.links_to(ends), *after.speaking(sides_new), *after.about(now), *after.provenance()]
    kept = {*gone}.intersection(new)
    return [quad for quad in gone if quad not in kept], [quad for quad in new if quad not in kept]


def _differing(before: Derivation, after: Derivation, number: Ints) -> tuple[Ints, Ints]:
    """The items of which something else is said, by their numbers before and after."""
    old = np.flatnonzero(number >= 0).astype(np.int32)
    new = number[old]
    differs = np.zeros(len(after.framework.names), np.bool_)
    for name in Columns._fields:
        was, now = (getattr(state.columns, name) for state in (before, after))
        told = was[old]
        if name == "ground":  # where one is that goes, it is none that comes
            told = np.where(told >= 0, np.where(number[told] < 0, np.int32(-2), number[told]), np.int32(-1))
        differs[new] |= told != now[new]
    goals, items = (number[part].astype(np.int64) for part in before.dependence.pairs)
    differs[goals[(goals >= 0) & (items < 0)]] = True
    hung = np.sort((goals << 32 | items)[(goals >= 0) & (items >= 0)])
    goals, items = (part.astype(np.int64) for part in after.dependence.pairs)
    differs[np.setxor1d(hung, goals << 32 | items, assume_unique=True) >> 32] = True
    comes = np.ones(len(differs), np.bool_)
    comes[new] = False
    return (
        np.sort(np.concatenate([old[differs[new]], np.flatnonzero(number < 0).astype(np.int32)])),
        np.flatnonzero(differs | comes).astype(np.int32),
    )


def _speaking(
    before: Derivation, after: Derivation, number: Ints
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The `sides` that go and those that come."""
    sides = before.sides
    theses, nodes = (number[part].astype(np.int64) for part in (sides >> 32, (sides & 0xFFFFFFFF) >> 1))
    stays = (theses >= 0) & (nodes >= 0)
    moved = np.where(stays, theses << 32 | nodes << 1 | sides & 1, np.int64(-1))
    return (
        sides[~among(moved, after.sides)],
        after.sides[~among(after.sides, moved[stays])],
    )


def _ends(before: ArgumentGraph, after: ArgumentGraph) -> set[str]:
    """Items that links may end at in one of two states and not in the other."""
    changed, _ = after.differences(before)
    found = set(changed)
    for argument in (before, after):
        for iri in changed:
            if (step := argument.steps.get(iri)) is None:
                continue
            found.add(step.end)
            # What it attacks may be a premise, which it undermines, or part of an attack, which it answers.
            uses = argument.outgoing(step.end)
            found.update(use.iri for use in uses)
            found.update(use.end for use in uses)
            if step.end in argument.steps:
                found.add(argument.steps[step.end].end)
    return found


def ticks(values: Floats) -> tuple[npt.NDArray[np.int16], ...]:
    """Numbers in [0, 1] in ten thousandths: rounded down, up, and to the nearest, or even, one.

    Exact: a product that is rounded to a whole number or to a half is told from one that is just that.

    >>> [rounded.tolist() for rounded in ticks(np.array([0.9, 0.00015, 1.0]))]
    [[9000, 1, 10000], [9001, 2, 10000], [9000, 1, 10000]]
    """
    product = values * 10_000.0
    split = values * 134_217_729.0  # 2**27 + 1: the upper half of the digits, after Dekker
    upper = split - (split - values)
    error = (upper * 10_000.0 - product) + (values - upper) * 10_000.0
    down, up = np.floor(product), np.ceil(product)
    whole = down == up
    nearest = np.rint(product)
    half = product - down == 0.5
    nearest[half & (error > 0)] = up[half & (error > 0)]
    nearest[half & (error < 0)] = down[half & (error < 0)]
    down[whole & (error < 0)] -= 1
    up[whole & (error > 0)] += 1
    return tuple(rounded.astype(np.int16) for rounded in (down, up, nearest))


@cache
def _decimal(tick: int) -> ox.Literal:
    return ox.Literal(f"{tick // 10_000}.{tick % 10_000:04}", datatype=_named(vocab.XSD + "decimal"))


@cache
def _named(iri: str) -> ox.NamedNode:
    """The few names that are in many quads."""
    return ox.NamedNode(iri)


_STATUSES = {int(status): ox.Literal(word) for status, word in STATUSES.items()}
_REASONS = [ox.Literal(REASONS[step][reason]) for step in (False, True) for reason in Reason]


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
