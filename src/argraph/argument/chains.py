"""Chains of support and attack from one node to another, or to the theses."""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from argraph.argument.evaluation import Verdict
from argraph.argument.graph import ArgumentGraph
from argraph.argument.wording import STANDING, capital, counted, listed, name, relation
from argraph.errors import UnknownNode

_AGAINST: Final = {"attacks", "undercuts", "weighs against"}
EFFORT: Final = 50_000
"""Unfinished chains that are looked at; circles can make them exponentially many."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One step on the way.

    Attributes:
        start: IRI of a premise of the step; of the step itself where the chain has come to the step.
        step: IRI of the step.
        relation: `supports`, `attacks`, `undercuts`, `bears on`, `weighs against`; `is a premise of` where
            the chain ends at the step.
        end: IRI of what the step aims at: a node, or a step that is undercut.
    """

    start: str
    step: str
    relation: str
    end: str


@dataclass(frozen=True, slots=True)
class Chain:
    """Hops that follow on one another; nothing occurs twice."""

    hops: tuple[Hop, ...]

    @property
    def favourable(self) -> bool:
        """Whether the start speaks for the end: so it does where an even number of hops is against."""
        return sum(hop.relation in _AGAINST for hop in self.hops) % 2 == 0

    @property
    def items(self) -> tuple[str, ...]:
        """IRIs of what the chain passes, from start to end."""
        return (*(hop.start for hop in self.hops), self.hops[-1].end)


@dataclass(frozen=True, slots=True)
class Survey:
    """Chains that were found.

    Attributes:
        chains: Shortest first.
        cut: Why there may be more: the `limit`, the `longest` or the `effort`; empty where these are all.
    """

    chains: tuple[Chain, ...]
    cut: str


def survey(
    argument: ArgumentGraph,
    start: str,
    end: str | None = None,
    *,
    limit: int = 10,
    longest: int = 12,
    effort: int = EFFORT,
) -> Survey:
    """Chains in the direction of argument, shortest first, then by the IRIs of their steps.

    Best-first search over simple paths; a breadth-first search back from the end says how far each item is
    at least, so that nothing is tried which does not lead there. In a graph with very many circles the
    search gives up early, and what it found until then, the shortest, is returned.

    Args:
        argument: The debate.
        start: A node or step.
        end: A node or step; without one, every thesis. A chain ends at the first thesis that it comes to.
        limit: No more chains than this.
        longest: No more hops than this.
        effort: No more unfinished chains than this are looked at.

    Raises:
        UnknownNode: The graph holds no such start or end.
    """
    for iri in (start,) if end is None else (start, end):
        if iri not in argument.nodes and iri not in argument.steps:
            raise UnknownNode(iri)
    goals = {thesis.iri for thesis in argument.theses} if end is None else {end}
    if start in goals:
        return Survey((), "")
    found: list[Chain] = []
    for spent, (least, hops) in enumerate(_unfinished(argument, start, goals)):
        if len(found) >= limit or least > longest or spent >= effort:
            cut = "limit" if len(found) >= limit else "longest" if least > longest else "effort"
            return Survey(tuple(found), cut)
        if hops and hops[-1].end in goals:
            found.append(Chain(hops))
    return Survey(tuple(found), "")


def chains(
    argument: ArgumentGraph, start: str, end: str | None = None, *, limit: int = 10, longest: int = 12
) -> tuple[Chain, ...]:
    """The chains of `survey`."""
    return survey(argument, start, end, limit=limit, longest=longest).chains


def _unfinished(
    argument: ArgumentGraph, start: str, goals: set[str]
) -> Iterator[tuple[int, tuple[Hop, ...]]]:
    """Beginnings of chains and whole ones, by the least length that they can come to, which goes first."""
    distance = _distances(argument, start, goals)
    # Ordered by that length, then by the steps: an order without ties.
    waiting: list[tuple[int, tuple[str, ...], tuple[Hop, ...]]] = []
    if start in distance:
        waiting.append((distance[start], (), ()))
    while waiting:
        least, steps, hops = heapq.heappop(waiting)
        yield least, hops
        last = hops[-1].end if hops else start
        if last in goals:
            continue
        passed = {start, *(hop.end for hop in hops)}
        for hop in _hops(argument, last, goals):
            if hop.end in distance and hop.end not in passed:
                length = len(hops) + 1 + distance[hop.end]
                heapq.heappush(waiting, (length, (*steps, hop.step), (*hops, hop)))


def _hops(argument: ArgumentGraph, iri: str, goals: set[str]) -> Iterator[Hop]:
    """The ways on from a node, or from a step that the chain has come to."""
    step = argument.steps.get(iri)
    if step is not None:
        yield Hop(iri, iri, relation(argument, step), step.end)
    for step in argument.outgoing(iri):
        if step.iri in goals:
            yield Hop(iri, step.iri, "is a premise of", step.iri)
        else:
            yield Hop(iri, step.iri, relation(argument, step), step.end)


def _distances(argument: ArgumentGraph, start: str, goals: set[str]) -> dict[str, int]:
    """How many hops every item is from the nearest goal, of those that hops lead to from the start.

    Items that lead to no goal are left out. Few items lie ahead of a start, however large the debate is.
    """
    before: defaultdict[str, list[str]] = defaultdict(list)
    ahead, waiting = {start}, [start]
    while waiting:
        item = waiting.pop()
        for hop in _hops(argument, item, goals) if item not in goals else ():
            before[hop.end].append(item)
            if hop.end not in ahead:
                ahead.add(hop.end)
                waiting.append(hop.end)
    distance = dict.fromkeys(sorted(goals & ahead), 0)
    queue = deque(distance)
    while queue:
        item = queue.popleft()
        for earlier in before[item]:
            if earlier not in distance:
                distance[earlier] = distance[item] + 1
                queue.append(earlier)
    return distance


def to_text(
    argument: ArgumentGraph,
    verdicts: Mapping[str, Verdict],
    found: Sequence[Chain],
    *,
    start: str,
    end: str | None = None,
) -> str:
    """Chains in words, one item a line, with what stands and what does not."""
    if not found:
        goal = name(argument, end) if end else "a thesis"
        return f"No chain leads from {name(argument, start)} to {goal}."
    blocks = []
    for number, chain in enumerate(found, 1):
        side = "for" if chain.favourable else "against"
        first, last = name(argument, chain.hops[0].start), name(argument, chain.hops[-1].end)
        lines = [f"{number}. In {counted(len(chain.hops), 'step')}, {side} {last}:"]
        lines.append(f"   {capital(first)}, which {STANDING[verdicts[chain.hops[0].start].status]},")
        for hop in chain.hops:
            lines.append(f"   - {_told(argument, verdicts, hop)}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _told(argument: ArgumentGraph, verdicts: Mapping[str, Verdict], hop: Hop) -> str:
    step, status = argument.steps[hop.step], STANDING[verdicts[hop.end].status]
    others = [name(argument, premise) for premise in step.premises if premise != hop.start]
    verb = "which " + hop.relation if hop.start == hop.step else hop.relation
    together = f", together with {listed(others)}," if others and hop.start != hop.step else ""
    text = f"{verb}{together} {name(argument, hop.end)}, which {status}"
    # Worth saying only where the step fails on its own account: with its premise it fails anyway.
    undercut = hop.start != hop.step and verdicts[hop.step].reason == "undercut"
    return text + (" (this step is undercut)" if undercut else "")


def to_json(verdicts: Mapping[str, Verdict], found: Sequence[Chain]) -> list[dict[str, Any]]:
    """Chains as plain data: whether they speak for their end, and their hops with statuses."""
    return [
        {
            "favourable": chain.favourable,
            "start": chain.items[0],
            "end": chain.items[-1],
            "status": verdicts[chain.items[0]].status,
            "hops": [
                {
                    "relation": hop.relation,
                    "step": hop.step,
                    "stepStatus": verdicts[hop.step].status,
                    "to": hop.end,
                    "status": verdicts[hop.end].status,
                }
                for hop in chain.hops
            ],
        }
        for chain in found
    ]
