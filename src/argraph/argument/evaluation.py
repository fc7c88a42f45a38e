"""What stands in a debate, why, and how strongly: labelling and strength applied to an argument graph."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from argraph.argument.graph import ArgumentGraph, Step
from argraph.argument.labelling import ALL, ANY, BASE, Arcs, Ints, Labelling, Reason, Status, Values, label
from argraph.argument.scores import Scores
from argraph.argument.strength import Floats, Strengths, strengths

STATUSES: Final = {Status.ACCEPTED: "accepted", Status.REJECTED: "rejected", Status.UNDECIDED: "undecided"}
"""Word for each status."""


WITHDRAWAL: Final = ""
"""Stands for what withdraws other items, among the names of a framework."""
NOWHERE: Final = int(np.iinfo(np.int32).min)
"""Stands, among the numbers of what steps aim at, for an item that is a node."""
UNDESCRIBED: Final = NOWHERE + 1
"""The same for an item that is only mentioned: greater numbers are those of steps."""


_BLOCK: Final = 4096  # names that are compared together


def _words(defeated: str) -> dict[Reason, str]:
    return {r: r.name.lower().replace("_", "-") for r in Reason} | {Reason.DEFEATED: defeated}


REASONS: Final = {True: _words("undercut"), False: _words("refuted")}
"""Words for the reasons, of steps and of nodes."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the graph says of one statement, evidence item or step.

    Attributes:
        status: `accepted`, `rejected` or `undecided`.
        reason: `supported`, `assumed`, `unsupported`, `unfounded`, `refuted`, `undercut` or `open-attack`;
            `withdrawn` for what `Framework.without` leaves out.
        decider: IRI of the neighbour that settled it; empty when none did.
        rank: How many settlements lie between the evidence and this one.
        lower: The strength is at least this, in [0, 1].
        upper: The strength is at most this; equal to `lower` to four digits where the strength is unique.
    """

    status: str
    reason: str
    decider: str
    rank: int
    lower: float
    upper: float


@dataclass(frozen=True)
class Framework:
    """An argument graph as numbered items, in the order of their IRIs.

    Attributes:
        names: IRI of each item.
        needs: What each item needs: `BASE`, `ALL` or `ANY`.
        supports: Premise to step, and step to the statement it is for.
        attacks: Attacking step to what it attacks.
        contrary: The attacks, and contrary lines of evidence to their statement: what lowers strength.
        base: Base score of each item.
        index: Number of each item.
        towards: For each step the number of what it aims at, or the complement of that where it speaks
            against it; for what is no step, `NOWHERE` or `UNDESCRIBED`.
        withdrawn: Numbers of withdrawn items; then the last item is `WITHDRAWAL`, which has no index.
    """

    names: tuple[str, ...]
    needs: Values
    supports: Arcs
    attacks: Arcs
    contrary: Arcs
    base: Sequence[float] | Floats
    index: Mapping[str, int] = field(repr=False)
    towards: Ints = field(default_factory=lambda: np.zeros(0, np.int32), repr=False)
    withdrawn: frozenset[int] = frozenset()

    @classmethod
    def of(cls, argument: ArgumentGraph, scores: Scores) -> Framework:
        """Number the nodes and steps of a graph.

        A premise or end that the graph does not describe becomes a statement that nothing supports, and so
        does a finding that counts for nothing whatever its grade, because it was retracted.
        """
        nodes, steps = argument.nodes, argument.steps
        mentioned = {
            iri
            for step in steps.values()
            for iri in (*step.premises, step.end)
            if iri not in nodes and iri not in steps
        }
        known = [*nodes, *(iri for iri in steps if iri not in nodes)]  # two runs, which sorting merges
        names = tuple(sorted([*known, *mentioned]))
        numbers = dict(zip(names, range(len(names)), strict=True))
        needs, base = np.full(len(names), ANY, np.int8), np.zeros(len(names))
        arcs, towards = _Arcs.empty(), np.full(len(names), NOWHERE, np.int32)
        towards[[numbers[iri] for iri in mentioned]] = UNDESCRIBED
        for iri, node in nodes.items():
            if node.kind == "evidence" or node.assumed:
                needs[numbers[iri]], base[numbers[iri]] = _given(argument, scores, iri)
        for iri, step in steps.items():
            number = numbers[iri]
            needs[number], base[number] = _given(argument, scores, iri)
            towards[number] = arcs.add(argument, scores, step, numbers)
        return cls(
            names=names,
            needs=needs,
            supports=_arcs(len(names), arcs.supports),
            attacks=_arcs(len(names), arcs.attacks),
            contrary=_arcs(len(names), arcs.contrary),
            base=base,
            index=Numbers(names),
            towards=towards,
        )

    def edited(self, before: ArgumentGraph, after: ArgumentGraph, scores: Scores) -> Framework:
        """The same as `of` a graph that was edited, made from the arrays of the graph that it was before.

        Args:
            before: The graph that this framework is of.
            after: The edited one.
            scores: The base scores that this framework was made with.
        """
        items, studies = after.differences(before)
        changed = items.union(finding.iri for study in studies for finding in before.reported(study))
        steps = {
            step.iri
            for graph in (before, after)
            for name in changed
            for step in (graph.steps.get(name), *graph.incoming(name), *graph.outgoing(name))
            if step
        }
        ends = (
            iri
            for graph in (before, after)
            for step in map(graph.steps.get, steps)
            if step
            for iri in (*step.premises, step.end)
        )
        concerned = {*changed, *steps, *ends}
        there = sorted(iri for iri in concerned if after.mentions(iri))
        new = [iri for iri in there if iri not in self.index]
        gone = sorted(self.index[iri] for iri in concerned.difference(there) if iri in self.index)
        names, numbers = _renumbered(self.names, gone, new)
        size = len(names)
        index = Numbers(names)
        kept = numbers >= 0
        needs, base = np.zeros(size, np.int8), np.zeros(size)
        needs[numbers[kept]], base[numbers[kept]] = np.asarray(self.needs)[kept], np.asarray(self.base)[kept]
        towards = self._moved(size, numbers)
        for iri in there:
            number = index[iri]
            needs[number], base[number] = _given(after, scores, iri)
            if iri not in after.steps:
                towards[number] = NOWHERE if iri in after.nodes else UNDESCRIBED
        taken, put = _Arcs.empty(), _Arcs.empty()
        for iri in steps:
            if iri in before.steps:
                taken.add(before, scores, before.steps[iri], self.index)
            if iri in after.steps:
                towards[index[iri]] = put.add(after, scores, after.steps[iri], index)
        return Framework(
            names=names,
            needs=needs,
            supports=self.supports.edited(size, numbers, without=taken.supports, put=put.supports),
            attacks=self.attacks.edited(size, numbers, without=taken.attacks, put=put.attacks),
            contrary=self.contrary.edited(size, numbers, without=taken.contrary, put=put.contrary),
            base=base,
            index=index,
            towards=towards,
        )

    def _moved(self, size: int, numbers: Ints) -> Ints:
        """`towards` between items with other numbers, -1 for one that goes."""
        aims = self.towards.copy()
        steps = np.flatnonzero(aims > UNDESCRIBED)
        ends = aims[steps]
        aims[steps] = np.where(ends < 0, ~numbers[np.maximum(ends, ~ends)], numbers[np.maximum(ends, ~ends)])
        towards = np.full(size, NOWHERE, np.int32)
        towards[numbers[numbers >= 0]] = aims[numbers >= 0]
        return towards

    def without(self, items: Iterable[str]) -> Framework:
        """The framework as it would be if items were withdrawn: rejected, whatever speaks for them.

        It is as if an attack hit them that always stands, which is one more item, `WITHDRAWAL`.

        Args:
            items: IRIs of nodes and steps of the framework.
        """
        hit = sorted({self.index[item] for item in items})
        needs = np.append(np.asarray(self.needs, np.int8), np.int8(BASE))
        base = np.append(np.asarray(self.base, np.float64), 1.0)
        needs[hit], base[hit] = BASE, 0.0
        return replace(
            self,
            names=(*self.names, WITHDRAWAL),
            needs=needs,
            supports=self.supports.extended([]),
            attacks=self.attacks.extended(hit),
            contrary=self.contrary.extended(hit),
            base=base,
            towards=np.append(self.towards, NOWHERE),
            withdrawn=frozenset(hit),
        )

    @cached_property
    def inputs(self) -> list[list[int]]:
        """For each item the items that help or harm it."""
        found: list[list[int]] = [[] for _ in self.names]
        for arcs in (self.supports, self.contrary):  # every attack is contrary
            for start, end in zip(arcs.starts.tolist(), arcs.ends.tolist(), strict=True):
                found[end].append(start)
        return found

    @cached_property
    def labelling(self) -> Labelling:
        """The well-founded labelling."""
        return label(self.needs, self.supports, self.attacks)

    @cached_property
    def strengths(self) -> Strengths:
        """The strength intervals."""
        return strengths(self.needs, self.base, self.supports, self.contrary)

    @cached_property
    def verdicts(self) -> Mapping[str, Verdict]:
        """The verdict on every item, by IRI, each made when it is asked for."""
        return _Verdicts(self)


class _Verdicts(Mapping[str, Verdict]):
    """The verdicts of a framework, each made when it is asked for: nothing is kept but the arrays."""

    def __init__(self, framework: Framework) -> None:
        # Not the framework itself, which keeps these verdicts: so both go when nobody needs them.
        self._index, self._names, self._withdrawn = framework.index, framework.names, framework.withdrawn
        labelling, bounds = framework.labelling, framework.strengths
        self._needs = np.asarray(framework.needs)
        self._settled = tuple(
            np.asarray(column)
            for column in (labelling.status, labelling.reason, labelling.decider, labelling.rank)
        )
        self._bounds = np.asarray(bounds.lower), np.asarray(bounds.upper)

    def __getitem__(self, name: str) -> Verdict:
        at = self._index[name]
        status, reason, decider, rank = (column.item(at) for column in self._settled)
        lower, upper = self._bounds
        words = REASONS[self._needs.item(at) == ALL]
        return Verdict(
            status=STATUSES[status],
            reason="withdrawn" if at in self._withdrawn else words[reason],
            decider=self._names[decider] if decider >= 0 else "",
            rank=rank,
            lower=lower.item(at),
            upper=upper.item(at),
        )

    def __contains__(self, name: object) -> bool:
        return name in self._index

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)


class Numbers(Mapping[str, int]):
    """The numbers of sorted names, which take no room beside the names."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def __getitem__(self, name: str) -> int:
        number = bisect_left(self._names, name)
        if number == len(self._names) or self._names[number] != name:
            raise KeyError(name)
        return number

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _renumbered(names: tuple[str, ...], gone: list[int], new: list[str]) -> tuple[tuple[str, ...], Ints]:
    """Sorted names less those of some numbers and with new ones, and the new number of each, -1 for none."""
    places = [bisect_left(names, name) for name in new]
    stays = np.ones(len(names), dtype=np.int32)
    stays[gone] = 0
    before = np.searchsorted(np.asarray(places, np.int32), np.arange(len(names), dtype=np.int32), "right")
    numbers = (np.cumsum(stays) - 1 + before).astype(np.int32)
    numbers[gone] = -1
    others = list(names)
    # From the end; what goes at a place goes before anything is put there.
    edits = [
        *((place, 1, "") for place in gone),
        *((place, 0, name) for place, name in zip(places, new, strict=True)),
    ]
    for place, goes, name in sorted(edits, reverse=True):
        if goes:
            del others[place]
        else:
            others.insert(place, name)
    return tuple(others), numbers


def renumbered(before: tuple[str, ...], after: tuple[str, ...]) -> Ints:
    """The places of sorted names among other sorted names, -1 for those that are not among them.

    >>> renumbered(("a", "b", "d"), ("b", "c", "d", "e")).tolist()
    [-1, 0, 2]
    """
    found = np.full(len(before), -1, np.int32)
    i = k = 0
    while i < len(before) and k < len(after):
        size = min(_BLOCK, len(before) - i, len(after) - k)
        if before[i : i + size] == after[k : k + size]:  # mostly the same objects
            found[i : i + size] = np.arange(k, k + size, dtype=np.int32)
            i, k = i + size, k + size
            continue
        last = i + size
        while i < last and k < len(after):
            if before[i] == after[k]:
                found[i] = k
                i, k = i + 1, k + 1
            elif before[i] < after[k]:
                i += 1
            else:
                k += 1
    return found


def among(some: npt.NDArray[Any], others: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Which of some numbers are among others, which are given in order.

    >>> among(np.array([3, 1, 4]), np.array([1, 2, 3])).tolist()
    [True, True, False]
    """
    if not len(others):
        return np.zeros(len(some), np.bool_)
    places = np.minimum(np.searchsorted(others, some), len(others) - 1)
    found: npt.NDArray[np.bool_] = others[places] == some
    return found


def _given(argument: ArgumentGraph, scores: Scores, iri: str) -> tuple[int, float]:
    """What an item needs to stand, and its base score."""
    if (step := argument.steps.get(iri)) is not None:
        line = step.kind == "evidence line"
        return ALL, scores.line(step, argument.nodes.get(step.premises[0])) if line else 1.0
    node = argument.nodes.get(iri)
    if node is None or (node.kind != "evidence" and not node.assumed) or _is_void(argument, scores, iri):
        return ANY, 0.0
    if node.kind != "evidence":
        return BASE, scores.assumed
    return BASE, scores.evidence(node.grade, argument.verification(node))


def _is_void(argument: ArgumentGraph, scores: Scores, iri: str) -> bool:
    """Whether something is a finding that counts for nothing, whatever its grade."""
    node = argument.nodes.get(iri)
    evidence = node is not None and node.kind == "evidence"
    return evidence and scores.factors.get(argument.verification(node)) == 0.0  # type: ignore[arg-type]


class _Arcs(NamedTuple):
    """Arcs by the numbers of their ends, as `Framework` has them; the start is in the upper half."""

    supports: array[int]
    attacks: array[int]
    contrary: array[int]

    @classmethod
    def empty(cls) -> _Arcs:
        return cls(array("q"), array("q"), array("q"))

    def add(self, argument: ArgumentGraph, scores: Scores, step: Step, index: Mapping[str, int]) -> int:
        """Add the arcs of one step, and tell what it is towards."""
        i, end = index[step.iri], index[step.end]
        for premise in step.premises:
            self.supports.append(index[premise] << 32 | i)
        if not step.favourable:
            self.contrary.append(i << 32 | end)
            if step.kind == "attack":
                self.attacks.append(i << 32 | end)
            return ~end
        if not _is_void(argument, scores, step.end):
            self.supports.append(i << 32 | end)
        return end


def _arcs(size: int, arcs: array[int]) -> Arcs:
    keys = np.frombuffer(arcs, dtype=np.int64) if arcs else np.zeros(0, np.int64)
    return Arcs.of(size, keys >> 32, keys & 0xFFFFFFFF)
