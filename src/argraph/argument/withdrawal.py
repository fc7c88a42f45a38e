"""Searches which withdrawals change a status: exact, in order of size, on what can influence it.

To withdraw an item is to reject it whatever speaks for it: a retracted finding, an abandoned statement, a
step that is given up. A status has a proof: what holds it up, and why what would change it fails. A proof
uses some items that stand or may stand, and holds as long as none of these is withdrawn. So a set that
changes the status meets every proof, and sets grow only by items of a proof that the set does not touch yet:
the hitting-set tree of Reiter (1987, doi:10.1016/0004-3702(87)90062-2), whose completeness does not depend on
larger sets changing more. Proofs are read off the labelling that they follow from.

Items whose withdrawal comes to the same are searched as one: evidence with a single line, an objection with a
single attack, the only step for a statement.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from argraph.argument.evaluation import STATUSES, Framework
from argraph.argument.graph import ArgumentGraph
from argraph.argument.labelling import ALL, ANY, BASE, Arcs, Ints, Labelling, Reason, Status, label
from argraph.argument.strength import strengths
from argraph.errors import UnknownNode

_SETS = 200  # sets of one size kept for trying, for each labelling that may be spent


class Found(NamedTuple):
    """What was found in one search, as sets of interchangeable items by number.

    Attributes:
        sets: No part of any of them would do.
        exact_up_to: Every set of up to this many items is here.
        complete: Whether there are none besides, of whatever size.
    """

    sets: list[frozenset[int]]
    exact_up_to: int
    complete: bool


class Search:
    """Searches what the status of one item of a framework hangs on.

    Attributes:
        iri: The item.
        status: Its status now.
        size: How many items can influence it, itself included.
    """

    def __init__(self, argument: ArgumentGraph, framework: Framework, iri: str) -> None:
        if iri not in framework.index:
            raise UnknownNode(iri)
        self.iri = iri
        self._argument = argument
        self._cone = _Cone(framework, iri)
        self._now = self._cone.label(()).status[self._cone.goal]
        self.status = STATUSES[Status(self._now)]
        self.size = self._cone.size

    @property
    def effort(self) -> int:
        """How many labellings it took so far."""
        return self._cone.labellings

    def flips(self, largest: int, effort: int, *, limit: int | None = None) -> Found:
        """Withdrawals that change the status; none of more than `limit` items is tried."""
        cone, now = self._cone, self._now
        return _search(cone, lambda status: status != now, set(cone.head), now, largest, effort, limit)

    def restores(self, largest: int, effort: int, *, limit: int | None = None) -> Found:
        """Attacking statements and attacks whose withdrawal makes the item stand."""
        candidates = {self._cone.head[i] for i in self._attackers}
        return _search(self._cone, lambda s: s == Status.ACCEPTED, candidates, None, largest, effort, limit)

    def status_without(self, items: Iterable[str]) -> str:
        """The status if items were withdrawn; those that cannot influence it are passed over."""
        return STATUSES[Status(self._cone.label(self._numbers(items)).status[self._cone.goal])]

    def _numbers(self, items: Iterable[str]) -> list[int]:
        return [self._cone.index[item] for item in items if item in self._cone.index]

    def named(self, heads: frozenset[int], order: Callable[[int], Any]) -> list[tuple[str, ...]]:
        """Each item of a set, followed by those that come to the same; the first in order leads."""
        members, names = self._cone.members, self._cone.names
        ranked = sorted(sorted(members[head], key=lambda i: (order(i), i)) for head in heads)
        return [tuple(names[i] for i in same) for same in ranked]

    def strength_without(self, items: Iterable[str]) -> tuple[float, float]:
        """Bounds of the strength if items were withdrawn."""
        return self._cone.strength(self._numbers(items))

    def kind(self, i: int) -> int:
        """Evidence goes before statements, and these before steps."""
        node = self._argument.nodes.get(self._cone.names[i])
        return 2 if node is None else int(node.kind != "evidence")

    def attackers_first(self, i: int) -> tuple[bool, int]:
        """Attacking statements and attacks go before all else."""
        return i not in self._attackers, self.kind(i)

    @cached_property
    def _attackers(self) -> set[int]:
        argument = self._argument
        return {
            i
            for i, item in enumerate(self._cone.names)
            if any(s.kind == "attack" for s in (argument.steps.get(item), *argument.outgoing(item)) if s)
        }


class _Cone:
    """All that can influence one item, numbered anew, with one more item that withdraws others."""

    def __init__(self, framework: Framework, iri: str) -> None:
        goal = framework.index[iri]
        kept, queue = {goal}, [goal]
        while queue:
            item = queue.pop()
            for before in framework.inputs[item]:
                if before not in kept:
                    kept.add(before)
                    queue.append(before)
        old = sorted(kept)
        self.size = len(old)
        new = np.full(len(framework.names), -1, dtype=np.int32)
        new[old] = np.arange(self.size)
        self.goal = int(new[goal])
        self.labellings = 0
        self.names = tuple(framework.names[item] for item in old)
        self.index = {name: i for i, name in enumerate(self.names)}
        self.needs: list[int] = np.asarray(framework.needs)[old].tolist()
        self.base: list[float] = np.asarray(framework.base)[old].tolist()
        self.supports = _within(framework.supports, new, self.size)
        self.attacks = _within(framework.attacks, new, self.size)
        self.contrary = _within(framework.contrary, new, self.size)
        self.helpers, self.attackers = _reversed(self.supports), _reversed(self.attacks)
        self.head = [self._head(i) for i in range(self.size)]
        self.members: defaultdict[int, list[int]] = defaultdict(list)
        for i, head in enumerate(self.head):
            self.members[head].append(i)

    @cached_property
    def _onward(self) -> list[int]:
        """For each item the one through which alone it has an effect, and which falls with it; else -1."""
        uses: list[set[tuple[int, bool]]] = [set() for _ in range(self.size)]
        for arcs, attack in ((self.supports, False), (self.attacks, True)):
            for start, end in zip(arcs.starts.tolist(), arcs.ends.tolist(), strict=True):
                uses[start].add((end, attack))
        onward = [-1] * self.size
        for item, ways in enumerate(uses):
            if len(ways) != 1:
                continue
            ((end, attack),) = ways
            falls = self.needs[end] == ALL or (self.needs[end] == ANY and set(self.helpers[end]) == {item})
            if not attack and falls and end not in {item, self.goal} and item != self.goal:
                onward[item] = end
        return onward

    def _head(self, item: int) -> int:
        """What stands for all items whose withdrawal comes to the same; of a circle, its least member."""
        way = [item]
        while (after := self._onward[way[-1]]) >= 0:
            if after in way:
                return min(way[way.index(after) :])
            way.append(after)
        return way[-1]

    def label(self, withdrawn: Iterable[int]) -> Labelling:
        """The labelling when some items are withdrawn: as if an attack hit them that always stands."""
        self.labellings += 1
        attacks = self.attacks.extended(sorted(withdrawn))
        return label([*self.needs, BASE], self.supports.extended([]), attacks)

    def strength(self, withdrawn: Iterable[int]) -> tuple[float, float]:
        """Bounds of the goal's strength when some items are withdrawn."""
        needs, base = list(self.needs), list(self.base)
        for item in withdrawn:
            needs[item], base[item] = BASE, 0.0
        bounds = strengths(needs, base, self.supports, self.contrary)
        return float(bounds.lower[self.goal]), float(bounds.upper[self.goal])

    def proof(
        self, labelling: Labelling, withdrawn: frozenset[int], keep_open: bool
    ) -> tuple[frozenset[int], frozenset[int]]:
        """Why the goal keeps its status: what that uses, and which withdrawals it relies on.

        The status stays as long as nothing that is used is withdrawn as well and what is relied on stays so.

        Args:
            labelling: That of the cone without the withdrawn items.
            withdrawn: Heads that are withdrawn already.
            keep_open: For an open goal, whether it is to stay open; else, only whether it is not to stand.
        """
        status = labelling.status
        # (item, True): it stands or at least may; (item, False): it does not stand, or at least need not.
        goals = [(self.goal, status[self.goal] == Status.ACCEPTED)]
        if keep_open and status[self.goal] == Status.UNDECIDED:
            goals.append((self.goal, True))
        done: set[tuple[int, bool]] = set()
        while goals:
            goal = goals.pop()
            if goal in done:
                continue
            done.add(goal)
            item, stands = goal
            if item not in withdrawn:
                goals += self._may_stand(item, labelling) if stands else self._may_fail(item, labelling)
        used = frozenset(self.head[item] for item, stands in done if stands and item != self.goal)
        return used, withdrawn & {item for item, _ in done}

    def _may_stand(self, item: int, labelling: Labelling) -> list[tuple[int, bool]]:
        """What must be so that an item that is not rejected stays so."""
        needed = [(attacker, False) for attacker in self.attackers[item]]
        if self.needs[item] == ALL:
            needed += [(helper, True) for helper in self.helpers[item]]
        elif self.needs[item] == ANY:
            held = labelling.status[item] == Status.ACCEPTED
            holder = labelling.decider[item] if held else self._nearest(self.helpers[item], labelling)
            needed.append((int(holder), True))
        return needed

    def _may_fail(self, item: int, labelling: Labelling) -> list[tuple[int, bool]]:
        """What must be so that an item that is not accepted stays so."""
        status, helpers = labelling.status, self.helpers[item]
        decider = int(labelling.decider[item])
        if status[item] == Status.REJECTED:
            if labelling.reason[item] == Reason.DEFEATED:
                return [(decider, True)]
            return [(decider, False)] if self.needs[item] == ALL else [(helper, False) for helper in helpers]
        hits = [attacker for attacker in self.attackers[item] if status[attacker] == Status.UNDECIDED]
        if hits:
            return [(hits[0], True)]
        if self.needs[item] == ALL:
            return [(next(helper for helper in helpers if status[helper] == Status.UNDECIDED), False)]
        return [(helper, False) for helper in helpers]

    def _nearest(self, helpers: list[int], labelling: Labelling) -> int:
        """Of what may hold an open statement up, what does so in the fewest turns: never the statement."""
        order = self._turns(labelling)
        return min((h for h in helpers if h in order), key=lambda h: (order[h], h))

    def _turns(self, labelling: Labelling) -> dict[int, int]:
        """In which turn each item that is not rejected could be derived if every open attack failed."""
        status = labelling.status
        live = [i for i in range(self.size) if status[i] != Status.REJECTED]
        missing = {i: len(self.helpers[i]) if self.needs[i] == ALL else 1 for i in live}
        order: dict[int, int] = {}
        queue = deque(i for i in live if self.needs[i] == BASE or not missing[i])
        queued = set(queue)
        while queue:
            item = queue.popleft()
            order[item] = len(order)
            first, last = self.supports.offsets[item], self.supports.offsets[item + 1]
            for after in self.supports.ends[first:last].tolist():
                if after in missing and after not in queued:
                    missing[after] -= 1
                    if missing[after] == 0:
                        queued.add(after)
                        queue.append(after)
        return order


def _search(
    cone: _Cone,
    reached: Callable[[int], bool],
    candidates: set[int],
    now: int | None,
    largest: int,
    effort: int,
    limit: int | None,
) -> Found:
    """Minimal sets of candidates that reach a status.

    Sets are tried in order of size. One that a known proof applies to, and that leaves what it uses
    untouched, changes nothing and costs no labelling.
    """
    found: list[frozenset[int]] = []
    proofs: list[tuple[frozenset[int], frozenset[int]]] = []
    level = {frozenset[int]()}
    size = spent = 0
    cut = False
    while level and not (size > largest and found) and (limit is None or size <= limit):
        following: set[frozenset[int]] = set()
        new: list[frozenset[int]] = []
        for tried in sorted(level, key=sorted):
            if any(smaller <= tried for smaller in found):
                continue
            used = next((used for used, given in proofs if given <= tried and used.isdisjoint(tried)), None)
            if used is None:
                if spent >= effort:
                    found += new
                    return Found(found, size - 1, complete=False)
                labelling = cone.label(tried)
                spent += 1
                if reached(labelling.status[cone.goal]):
                    new.append(tried)
                    continue
                used, given = cone.proof(labelling, tried, keep_open=now is not None)
                used &= candidates
                proofs.append((used, given))
                proofs.sort(key=lambda known: len(known[0]))
            if len(following) < _SETS * effort:
                following.update(tried | {item} for item in used)
            else:
                cut = True
        found += new
        if cut and not (size >= largest and found):
            return Found(found, size, complete=False)
        level = following
        size += 1
    return Found(found, max(size - 1, largest) if not level else size - 1, complete=not level)


def _reversed(arcs: Arcs) -> defaultdict[int, list[int]]:
    """The starts of the arcs to each item."""
    before: defaultdict[int, list[int]] = defaultdict(list)
    for start, end in zip(arcs.starts.tolist(), arcs.ends.tolist(), strict=True):
        before[end].append(start)
    return before


def _within(arcs: Arcs, new: Ints, size: int) -> Arcs:
    """The arcs between items that have a new number, under their new numbers."""
    starts, ends = new[arcs.starts], new[arcs.ends]
    inside = (starts >= 0) & (ends >= 0)
    return Arcs.of(size, starts[inside], ends[inside])
