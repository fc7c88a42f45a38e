"""What a status hangs on: the smallest sets of withdrawals that change it, and of answers that restore it.

To withdraw an item is to reject it whatever speaks for it: a retracted finding, an abandoned statement, a
step that is given up. The search is exact. A status has a proof: what holds it up, and why what would change
it fails. A proof uses some items that stand or may stand, and holds as long as none of these is withdrawn. So
a set that changes the status meets every proof, and sets grow only by items of a proof that the set does not
touch yet: the hitting-set tree of Reiter (1987, doi:10.1016/0004-3702(87)90062-2), whose completeness does
not depend on larger sets changing more. Proofs are read off the labelling that they follow from.

Items whose withdrawal comes to the same are searched as one: evidence with a single line, an objection with a
single attack, the only step for a statement.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from argraph.argument.evaluation import STATUSES, Framework
from argraph.argument.graph import ArgumentGraph
from argraph.argument.labelling import ALL, ANY, BASE, Arcs, Labelling, Reason, Status, label
from argraph.argument.scores import Scores
from argraph.argument.strength import strengths
from argraph.argument.wording import STANDING, capital, counted, listed, name
from argraph.errors import UnknownNode

EFFORT = 1_000
"""Labellings that one search may compute before it says how far it came."""
_SETS = 200  # sets of one size kept for trying, for each labelling that may be spent


@dataclass(frozen=True, slots=True)
class Crux:
    """A set no part of which would do.

    Attributes:
        items: IRIs of what would have to be withdrawn, or answered, together.
        instead: For each item, IRIs of those whose withdrawal in its place would come to the same.
        status: The status that the node would have.
        lower: Its strength would be at least this.
        upper: Its strength would be at most this.
        change: How far the middle of its strength would move, in [-1, 1].
    """

    items: tuple[str, ...]
    instead: tuple[tuple[str, ...], ...]
    status: str
    lower: float
    upper: float
    change: float

    @property
    def classes(self) -> frozenset[frozenset[str]]:
        """Each item with those that come to the same: equal for equal sets under different names."""
        return frozenset(frozenset(same) for same in self.alternatives)

    @property
    def alternatives(self) -> tuple[tuple[str, ...], ...]:
        """Each item, followed by those that come to the same."""
        return tuple((item, *others) for item, others in zip(self.items, self.instead, strict=True))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found.

    Attributes:
        sets: Smallest first, then by change of strength.
        exact_up_to: Every set of up to this many items is here.
        complete: Whether there are none besides, of whatever size.
    """

    sets: tuple[Crux, ...]
    exact_up_to: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Cruxes:
    """What the status of a node hangs on.

    Attributes:
        iri: The node or step.
        status: Its status now.
        flips: Withdrawals that change its status, to whatever.
        restores: For what does not stand or is open: attacking statements and attacks to answer so that it
            stands; empty for what stands.
    """

    iri: str
    status: str
    flips: Answer
    restores: Answer


def cruxes(
    argument: ArgumentGraph, scores: Scores, iri: str, *, largest: int = 2, effort: int = EFFORT
) -> Cruxes:
    """The smallest sets that decide the status of a node or step, each without needless parts.

    Where no set of up to `largest` items is enough, larger ones are tried until the first size with a
    result, as far as the effort allows.

    Args:
        argument: The debate.
        scores: Base scores, by which sets of one size are ranked.
        iri: The node or step; its own withdrawal does not count.
        largest: All sets of up to this size are wanted.
        effort: Labellings to spend on either search at most.

    Raises:
        UnknownNode: The graph says nothing of it.
    """
    framework = Framework.of(argument, scores)
    if iri not in framework.index:
        raise UnknownNode(iri)
    cone = _Cone(framework, iri)
    now = cone.label(()).status[cone.goal]
    everything = set(cone.head)
    flips = _search(cone, lambda status: status != now, everything, now, largest, effort)
    restores: tuple[list[frozenset[int]], int, bool] = ([], largest, True)
    attackers = {
        i
        for i, item in enumerate(cone.names)
        if any(s.kind == "attack" for s in (argument.steps.get(item), *argument.outgoing(item)) if s)
    }
    if now != Status.ACCEPTED:
        candidates = {cone.head[i] for i in attackers}
        restores = _search(cone, lambda s: s == Status.ACCEPTED, candidates, None, largest, effort)

    def kind(i: int) -> int:
        node = argument.nodes.get(cone.names[i])
        return 2 if node is None else int(node.kind != "evidence")

    def answer(found: tuple[list[frozenset[int]], int, bool], order: Callable[[int], Any]) -> Answer:
        sets = [cone.crux(heads, order) for heads in found[0]]
        sets.sort(key=lambda crux: (len(crux.items), -abs(crux.change), crux.items))
        return Answer(tuple(sets), *found[1:])

    return Cruxes(
        iri=iri,
        status=STATUSES[Status(now)],
        flips=answer(flips, kind),
        restores=answer(restores, lambda i: (i not in attackers, kind(i))),
    )


class _Cone:
    """All that can influence one item, numbered anew, with one more item that withdraws others."""

    def __init__(self, framework: Framework, iri: str) -> None:
        helpers, harmers = _reversed(framework.supports), _reversed(framework.contrary)
        goal = framework.index[iri]
        kept, queue = {goal}, [goal]
        while queue:
            item = queue.pop()
            for before in (*helpers.get(item, ()), *harmers.get(item, ())):
                if before not in kept:
                    kept.add(before)
                    queue.append(before)
        old = sorted(kept)
        new = {item: i for i, item in enumerate(old)}
        self.size = len(old)
        self.goal = new[goal]
        self.names = tuple(framework.names[item] for item in old)
        self.needs = [framework.needs[item] for item in old]
        self.base = [framework.base[item] for item in old]
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
        hit = sorted(withdrawn)
        last = self.attacks.offsets[-1]
        attacks = Arcs(
            np.append(self.attacks.offsets, last + len(hit)).astype(np.int32),
            np.append(self.attacks.ends, hit).astype(np.int32),
        )
        supports = Arcs(np.append(self.supports.offsets, self.supports.offsets[-1]), self.supports.ends)
        return label([*self.needs, BASE], supports, attacks)

    def strength(self, withdrawn: Iterable[int]) -> tuple[float, float]:
        """Bounds of the goal's strength when some items are withdrawn."""
        needs, base = list(self.needs), list(self.base)
        for item in withdrawn:
            needs[item], base[item] = BASE, 0.0
        bounds = strengths(needs, base, self.supports, self.contrary)
        return float(bounds.lower[self.goal]), float(bounds.upper[self.goal])

    @cached_property
    def middle(self) -> float:
        """The middle of the goal's strength as things are."""
        return sum(self.strength(())) / 2

    def crux(self, heads: frozenset[int], order: Callable[[int], Any]) -> Crux:
        """A found set with its best names, its status and its strength."""
        named = sorted(sorted(self.members[head], key=lambda i: (order(i), i)) for head in heads)
        lower, upper = self.strength(heads)
        return Crux(
            items=tuple(self.names[best] for best, *_ in named),
            instead=tuple(tuple(self.names[i] for i in others) for _, *others in named),
            status=STATUSES[Status(self.label(heads).status[self.goal])],
            lower=lower,
            upper=upper,
            change=(lower + upper) / 2 - self.middle,
        )

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
) -> tuple[list[frozenset[int]], int, bool]:
    """Minimal sets of candidates that reach a status; up to which size they are all there; whether all are.

    Sets are tried in order of size. One that a known proof applies to, and that leaves what it uses
    untouched, changes nothing and costs no labelling.
    """
    found: list[frozenset[int]] = []
    proofs: list[tuple[frozenset[int], frozenset[int]]] = []
    level = {frozenset[int]()}
    size = spent = 0
    cut = False
    while level and not (size > largest and found):
        following: set[frozenset[int]] = set()
        new: list[frozenset[int]] = []
        for tried in sorted(level, key=sorted):
            if any(smaller <= tried for smaller in found):
                continue
            used = next((used for used, given in proofs if given <= tried and used.isdisjoint(tried)), None)
            if used is None:
                if spent >= effort:
                    found += new
                    return found, size - 1, False
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
            return found, size, False
        level = following
        size += 1
    return found, max(size - 1, largest) if not level else size - 1, not level


def _reversed(arcs: Arcs) -> defaultdict[int, list[int]]:
    """The starts of the arcs to each item."""
    before: defaultdict[int, list[int]] = defaultdict(list)
    for start, end in zip(arcs.starts.tolist(), arcs.ends.tolist(), strict=True):
        before[end].append(start)
    return before


def _within(arcs: Arcs, new: dict[int, int], size: int) -> Arcs:
    pairs = [
        (new[start], new[end])
        for start, end in zip(arcs.starts.tolist(), arcs.ends.tolist(), strict=True)
        if start in new and end in new
    ]
    return Arcs.of(size, [start for start, _ in pairs], [end for _, end in pairs])


def to_text(argument: ArgumentGraph, result: Cruxes, *, limit: int = 5) -> str:
    """What a status hangs on, in words: `This thesis would fall if …`.

    A set with a step in it is not told where the same set with a premise of that step is.

    Args:
        argument: The debate.
        result: What `cruxes` found in it.
        limit: No more sets than this are told for either question.
    """
    node = argument.nodes.get(result.iri)
    this = f"This {node.kind}" if node and node.kind != "evidence" else "It"
    lines = [f"{capital(name(argument, result.iri))} {STANDING[result.status]}."]
    if result.status == "accepted":
        lines += _told(argument, result.flips, f"{this} would fall", "withdrawn", limit)
    else:
        lines += _told(argument, result.restores, f"{this} would stand", "answered", limit)
        # What is answered is withdrawn in effect: only what goes beyond that is news.
        known = {crux.classes for crux in result.restores.sets}
        others = tuple(crux for crux in result.flips.sets if crux.classes not in known)
        if others:
            rest = Answer(others, result.flips.exact_up_to, result.flips.complete)
            lines += _told(argument, rest, "Its status would also change", "withdrawn", limit)
    return "\n".join(lines)


def _told(argument: ArgumentGraph, answer: Answer, would: str, done: str, limit: int) -> list[str]:
    size = answer.exact_up_to
    if not answer.sets:
        if answer.complete:
            return [f"Nothing that is {done} would change that."]
        return [f"Nothing {done} would change that, up to {counted(size, 'item')} at once."]
    known = {frozenset(crux.items) for crux in answer.sets}
    told = [crux for crux in answer.sets if not _finer(argument, crux, known)]
    one = "this were" if len(told[0].items) == 1 else "these were"
    lines = [f"{would} if {one if len(told) == 1 else f'any of these {len(told)} were'} {done}:"]
    for crux in told[:limit]:
        names = listed(name(argument, item) for item in crux.items)
        many = {1: "", 2: "both "}.get(len(crux.items), f"all {len(crux.items)}: ")
        open_then = " (it would then be open)" if crux.status == "undecided" else ""
        lines.append(f"  - {many}{names}{open_then}")
    if len(told) > limit:
        lines.append(f"  - and {len(told) - limit} more")
    least = len(answer.sets[0].items)
    if least > 1:
        lines.append(f"Fewer than {least} together would not do.")
    if not answer.complete:
        lines.append(f"Up to {size} at once, there are no others; larger sets were not tried.")
    if len(told) < len(answer.sets):
        lines.append("Left out: the same with only a step given up instead of what it starts from.")
    return lines


def _finer(argument: ArgumentGraph, crux: Crux, known: set[frozenset[str]]) -> bool:
    """Whether a set with a premise in place of one of its steps is known too."""
    whole = set(crux.items)
    return any(
        frozenset(whole - {item} | {premise}) in known
        for item in crux.items
        if item in argument.steps
        for premise in argument.steps[item].premises
    )


def to_json(result: Cruxes) -> dict[str, Any]:
    """The result as plain data, with the attributes of `Cruxes`, `Answer` and `Crux` as keys."""
    return asdict(result)
