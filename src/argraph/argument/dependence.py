"""What statements hang on: every item whose withdrawal alone changes the status of one that stands.

To withdraw means the same as in `cruxes`: to reject an item whatever speaks for it. Where `cruxes` searches
the sets for one node, this finds all single items for all statements together. A status has a proof, and only
what the proof uses can matter, so nothing else is withdrawn. Each withdrawal is then carried forward: the
well-founded model can be computed one strongly connected part at a time, each from the statuses of those
before it (splitting: Lifschitz and Turner 1994; for argument graphs Baroni, Giacomin and Guida 2005,
doi:10.1016/j.artint.2005.05.006), and where a part comes out as it was, nothing behind it is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from argraph.argument.evaluation import Framework
from argraph.argument.graph import ArgumentGraph
from argraph.argument.labelling import ALL, ANY, BASE, Arcs, Ints, Status, compiled_for, label
from argraph.argument.parts import Parts
from argraph.argument.propagation import DONE, FULL, SPENT, carry, prove

EFFORT: Final = 200_000
"""Items that may be looked at again before the search gives up, in a small debate."""
EACH: Final = 10
"""The same for each item of a large one. A debate as people write them takes two or three."""

SMALL: Final = 16
"""Parts of so many items that depend on each other are settled by trying, larger ones as a whole graph is."""


class Dependence(Mapping[str, tuple[str, ...]]):
    """For statements that stand, by IRI, the nodes and steps without any one of which they would not.

    Attributes:
        goals: The numbers of those statements, in order.
        changed: What comes out otherwise when one item is withdrawn: numbers, in order; whatever it is.
        withdrawn: For each of `changed` what is withdrawn then, in order among equal ones.
    """

    def __init__(self, names: tuple[str, ...], goals: Ints, changed: Ints, withdrawn: Ints) -> None:
        self._names = names
        self.goals, self.changed, self.withdrawn = goals, changed, withdrawn

    def of_each(self, items: Ints) -> Iterator[list[int]]:
        """What each of some items hangs on, by number; what is no goal may hang on something, too."""
        first, last = (np.searchsorted(self.changed, items, side).tolist() for side in ("left", "right"))
        for item, i, k in zip(items.tolist(), first, last, strict=True):
            found = self.withdrawn[i:k].tolist() if i < k else []
            yield [other for other in found if other != item]

    @property
    def pairs(self) -> tuple[Ints, Ints]:
        """Goals and what they hang on, by number: in order of these, then of those."""
        told = self.changed != self.withdrawn
        if len(self.goals):
            place = np.searchsorted(self.goals, self.changed)
            told &= self.goals[np.minimum(place, len(self.goals) - 1)] == self.changed
        return self.changed[told], self.withdrawn[told]

    def __getitem__(self, name: str) -> tuple[str, ...]:
        (items,) = self.of_each(np.array([self._numbers[name]], dtype=np.int32))
        return tuple(self._names[item] for item in items)

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self.goals)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {self._names[goal]: goal for goal in self.goals.tolist()}


def dependence(argument: ArgumentGraph, framework: Framework, *, effort: int | None = None) -> Dependence:
    """For each statement that stands, the nodes and steps without any one of which it would not.

    A statement with nothing to its name stands whichever single item is withdrawn. One that is missing was
    not examined: where all statements together are too much, only theses and statements with a role are,
    and where these are too much, none.

    Args:
        argument: The debate.
        framework: The same, as numbered items.
        effort: Items to look at again at most; a larger graph asks for less.
    """
    names = framework.names
    if effort is None:
        effort = max(EFFORT, EACH * len(names))
    accepted = np.asarray(framework.labelling.status) == Status.ACCEPTED
    standing, main = [], []
    for number in np.flatnonzero(accepted & (np.asarray(framework.needs) != ALL)).tolist():
        node = argument.nodes.get(names[number])
        if node is not None and node.kind != "evidence":
            standing.append(number)
            if node.kind == "thesis" or node.role:
                main.append(number)
    search = _Withdrawals(framework)
    for wanted in (standing, main):
        goals = np.array(wanted, dtype=np.int32)
        pairs = search.carried(search.used(goals), effort)
        if pairs is not None:
            return Dependence(names, goals, *pairs)
    nothing = np.zeros(0, np.int32)
    return Dependence(names, nothing, nothing, nothing)


@dataclass(frozen=True)
class _Withdrawals:
    """A labelled framework, cut into parts that depend on each other."""

    framework: Framework

    @cached_property
    def _onward(self) -> Arcs:
        """All arcs by their start; those of attacks lead to the complement of their end."""
        supports, attacks = self.framework.supports, self.framework.attacks
        ends = np.empty(len(supports.ends) + len(attacks.ends), np.int32)
        ends[np.arange(len(supports.ends)) + attacks.offsets[supports.starts]] = supports.ends
        ends[np.arange(len(attacks.ends)) + supports.offsets[attacks.starts + 1]] = ~attacks.ends
        return Arcs(supports.offsets + attacks.offsets, ends)

    @cached_property
    def parts(self) -> Parts:
        """Its strongly connected parts."""
        ends = self._onward.ends
        return Parts.of(Arcs(self._onward.offsets, np.maximum(ends, ~ends)))

    @cached_property
    def _backward(self) -> tuple[Arcs, Arcs]:
        """Supports and attacks, by their end."""
        n = len(self.framework.names)
        both = (self.framework.supports, self.framework.attacks)
        helping, harming = (Arcs.of(n, arcs.ends, arcs.starts) for arcs in both)
        return helping, harming

    @cached_property
    def _circular(self) -> npt.NDArray[np.int8]:
        """For each part whether it depends on itself."""
        onward = self._onward
        circular = np.diff(self.parts.offsets) > 1
        ends = np.maximum(onward.ends, ~onward.ends)
        circular[self.parts.part[ends[ends == onward.starts]]] = True
        return circular.astype(np.int8)

    def used(self, goals: Ints) -> Ints:
        """What the proofs of accepted goals use: what stands in them. All that they meet is decided."""
        framework, labelling = self.framework, self.framework.labelling
        helping, harming = self._backward
        n = len(framework.names)
        given: list[Any] = [
            np.asarray(framework.needs, np.int8),
            np.asarray(labelling.reason, np.int8),
            np.asarray(labelling.decider, np.int32),
            *(helping.offsets, helping.ends, harming.offsets, harming.ends),
            np.asarray(goals, np.int32),
        ]
        met: Any = np.zeros(n, np.int8)
        queue: Any = np.zeros(2 * n, np.int32)
        if (kernel := compiled_for(prove, n)) is not None:
            kernel(*given, met, queue)
        else:
            met, queue = met.tolist(), queue.tolist()
            plain: Callable[..., None] = prove
            plain(*(array.tolist() for array in given), met, queue)
        return np.flatnonzero(np.asarray(met, np.int8) & 1).astype(np.int32)

    def carried(self, items: Ints, effort: int) -> tuple[Ints, Ints] | None:
        """What changes when each of some items is withdrawn, and by which; nothing when the effort is spent.

        Both in order of what changes, then of what is withdrawn.
        """
        framework, parts = self.framework, self.parts
        n = len(framework.names)
        status = np.asarray(framework.labelling.status, np.int8)
        given: list[Any] = [
            np.asarray(items, np.int32),
            np.asarray(framework.needs, np.int8),
            status,
            *(self._onward.offsets, self._onward.ends),
            *(parts.part, parts.offsets, parts.members, self._circular),
            *(array for arcs in self._backward for array in (arcs.offsets, arcs.ends)),
        ]
        room: list[Any] = [
            *(status.copy(), status.copy(), self._counts(status)),
            *(np.zeros(n, np.int32), np.zeros(n, np.int32)),
        ]
        changed: Any = np.zeros(n, np.int32)
        by: Any = np.zeros(n, np.int32)
        state: Any = np.array([0, 0, 0, 0, -1, effort], np.int64)
        kernel: Callable[..., Any] = carry
        if (ready := compiled_for(carry, n)) is not None:
            kernel = ready
        else:
            given, room = ([array.tolist() for array in arrays] for arrays in (given, room))
            changed, by, state = changed.tolist(), by.tolist(), state.tolist()
        while (asked := kernel(SMALL, *given, *room, changed, by, state)) != DONE:
            if asked == SPENT:
                return None
            if asked == FULL:
                more = np.zeros(len(changed), np.int32)
                grown = (np.append(kept, more) for kept in (changed, by))
                changed, by = grown if ready is not None else (kept.tolist() for kept in grown)
                continue
            members = parts.members[parts.offsets[asked] : parts.offsets[asked + 1]]
            now, fresh = room[:2]
            for item, came_out in zip(members, self._settle(members, now, items[state[0]]), strict=True):
                fresh[item] = came_out
        found = np.asarray(changed[: state[2]], np.int64) << 32 | np.asarray(by[: state[2]], np.int64)
        found.sort()
        return (found >> 32).astype(np.int32), (found & 0xFFFFFFFF).astype(np.int32)

    def _counts(self, status: npt.NDArray[np.int8]) -> Ints:
        """For each item how many of those that help are open, accepted, rejected; then of those that harm."""
        n = len(status)
        counts = np.zeros(6 * n, np.int32)
        for first, arcs in ((0, self.framework.supports), (3, self.framework.attacks)):
            counts += np.bincount(6 * arcs.ends + first + status[arcs.starts], minlength=6 * n).astype(
                np.int32
            )
        return counts

    def _settle(self, members: Ints, now: Any, withdrawn: int) -> Any:
        """The statuses of items that depend on each other, from those before them.

        What is before them is put in by three more items, one of each status; the withdrawn item is attacked
        by the one that stands.
        """
        size = len(members)
        inside = np.full(len(self.framework.names), -1, np.int32)
        inside[members] = np.arange(size, dtype=np.int32)
        stand_in = np.array([size + 2, size, size + 1], np.int32)  # by status
        # What attacks itself alone is open.
        more = [size + 2, *([size] if inside[withdrawn] >= 0 else [])]
        hit = [size + 2, *([int(inside[withdrawn])] if inside[withdrawn] >= 0 else [])]
        arcs = []
        for before, starts, ends in zip(self._backward, ([], more), ([], hit), strict=True):
            counts = before.offsets[members + 1] - before.offsets[members]
            first = np.repeat(before.offsets[members] - np.cumsum(counts) + counts, counts)
            sources = before.ends[first + np.arange(len(first))]
            outside = np.array([now[source] for source in sources[inside[sources] < 0].tolist()], np.int32)
            places = inside[sources]
            places[places < 0] = stand_in[outside]
            ends = [*np.repeat(np.arange(size), counts).tolist(), *ends]
            arcs.append(Arcs.of(size + 3, [*places.tolist(), *starts], ends))
        needs = np.append(
            np.asarray(self.framework.needs, np.int8)[members], np.array([BASE, ANY, BASE], np.int8)
        )
        return np.asarray(label(needs, *arcs).status)[:size].tolist()
