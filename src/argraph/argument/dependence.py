"""What statements hang on: every item whose withdrawal alone changes the status of one that stands.

To withdraw means the same as in `cruxes`: to reject an item whatever speaks for it. Where `cruxes` searches
the sets for one node, this finds all single items for all statements together. A status has a proof, and only
what the proof uses can matter, so nothing else is withdrawn. Each withdrawal is then carried forward: the
well-founded model can be computed one strongly connected part at a time, each from the statuses of those
before it (splitting: Lifschitz and Turner 1994; for argument graphs Baroni, Giacomin and Guida 2005,
doi:10.1016/j.artint.2005.05.006), and where a part comes out as it was, nothing behind it is looked at.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from argraph.argument.evaluation import Framework
from argraph.argument.graph import ArgumentGraph, connected_parts
from argraph.argument.labelling import ALL, ANY, BASE, Arcs, Reason, Status, label

EFFORT = 200_000
"""Items that may be looked at again before the search gives up: well under a second, whatever the graph."""


def dependence(
    argument: ArgumentGraph, framework: Framework, *, effort: int = EFFORT
) -> dict[str, tuple[str, ...]]:
    """For each statement that stands, the nodes and steps without any one of which it would not.

    A statement with nothing to its name stands whichever single item is withdrawn. One that is missing was
    not examined: where all statements together are too much, only theses and statements with a role are,
    and where these are too much, none.

    Args:
        argument: The debate.
        framework: The same, as numbered items.
        effort: Items to look at again at most; a larger graph asks for less.
    """
    parts = _Parts(framework)
    standing = [
        node
        for node in argument.nodes.values()
        if node.kind != "evidence" and parts.status[parts.index[node.iri]] == Status.ACCEPTED
    ]
    main = [node for node in standing if node.kind == "thesis" or node.role]
    for wanted in (standing, main):
        goals = [parts.index[node.iri] for node in wanted]
        found = parts.dependence(goals, effort)
        if found is not None:
            return {
                parts.names[goal]: tuple(parts.names[item] for item in found[goal]) for goal in sorted(goals)
            }
    return {}


class _Parts:
    """A labelled framework, cut into strongly connected parts, each behind those that it depends on."""

    def __init__(self, framework: Framework) -> None:
        labelling = framework.labelling
        size = len(framework.names)
        self.names, self.index = framework.names, framework.index
        self.needs: list[int] = np.asarray(framework.needs).tolist()
        self.status = [int(status) for status in labelling.status]
        self.reason = [int(reason) for reason in labelling.reason]
        self.decider = [int(decider) for decider in labelling.decider]
        self.helpers: list[list[int]] = [[] for _ in range(size)]
        self.attackers: list[list[int]] = [[] for _ in range(size)]
        self.after: list[list[int]] = [[] for _ in range(size)]
        for arcs, before in ((framework.supports, self.helpers), (framework.attacks, self.attackers)):
            for start, end in zip(arcs.starts.tolist(), arcs.ends.tolist(), strict=True):
                before[end].append(start)
                self.after[start].append(end)
        self.members = connected_parts(self.after)
        self.part = [0] * size
        for place, members in enumerate(self.members):
            for item in members:
                self.part[item] = place

    def dependence(self, goals: Iterable[int], effort: int) -> dict[int, list[int]] | None:
        """For each goal, which is accepted, what it hangs on, in order; nothing when the effort is spent."""
        found: dict[int, list[int]] = {goal: [] for goal in goals}
        for item in sorted(self._used(found)):
            for changed in self._without(item):
                effort -= 1
                if effort < 0:
                    return None
                if changed in found and changed != item:
                    found[changed].append(item)
        return found

    def _used(self, goals: Iterable[int]) -> set[int]:
        """What the proofs of accepted goals use: what stands in them. All that they meet is decided."""
        queue = [(goal, True) for goal in goals]
        done = set(queue)
        while queue:
            item, stands = queue.pop()
            decider = self.decider[item]
            if stands:
                why = [(attacker, False) for attacker in self.attackers[item]]
                if self.needs[item] == ALL:
                    why += [(helper, True) for helper in self.helpers[item]]
                elif self.needs[item] == ANY:
                    why.append((decider, True))
            elif self.reason[item] == Reason.DEFEATED:
                why = [(decider, True)]
            elif self.needs[item] == ALL:
                why = [(decider, False)]
            else:
                why = [(helper, False) for helper in self.helpers[item]]
            for goal in why:
                if goal not in done:
                    done.add(goal)
                    queue.append(goal)
        return {item for item, stands in done if stands}

    def _without(self, withdrawn: int) -> Iterator[int]:
        """Every item that is looked at when one is withdrawn, or -1 in place of one that stays as it is."""
        now = {withdrawn: int(Status.REJECTED)}
        queue = [self.part[withdrawn]]
        queued = set(queue)
        while queue:
            members = self.members[heapq.heappop(queue)]
            if len(members) > 1:
                came_out = self._settle(members, now, withdrawn)
            elif members[0] == withdrawn:
                came_out = [(withdrawn, int(Status.REJECTED))]
            else:
                came_out = [(members[0], self._follows(members[0], now))]
            for item, status in came_out:
                if status == self.status[item]:
                    yield -1
                    continue
                now[item] = status
                yield item
                for behind in self.after[item]:
                    part = self.part[behind]
                    if part not in queued and behind not in members:
                        queued.add(part)
                        heapq.heappush(queue, part)

    def _follows(self, item: int, now: Mapping[int, int]) -> int:
        """The status of an item that does not depend on itself, from those before it."""
        hits = {now.get(attacker, self.status[attacker]) for attacker in self.attackers[item]}
        held = {now.get(helper, self.status[helper]) for helper in self.helpers[item]}
        if Status.ACCEPTED in hits:
            return Status.REJECTED
        if self.needs[item] == ANY:
            if not held & {Status.ACCEPTED, Status.UNDECIDED}:
                return Status.REJECTED
            stands = Status.ACCEPTED in held
        else:
            if self.needs[item] == ALL and Status.REJECTED in held:
                return Status.REJECTED
            stands = self.needs[item] == BASE or held <= {Status.ACCEPTED}
        return Status.ACCEPTED if stands and Status.UNDECIDED not in hits else Status.UNDECIDED

    def _settle(self, members: list[int], now: Mapping[int, int], withdrawn: int) -> list[tuple[int, int]]:
        """The statuses of items that depend on each other, from those before them.

        What is before them is put in by three more items, one of each status; the withdrawn item is attacked
        by the one that stands.
        """
        size = len(members)
        place = {item: i for i, item in enumerate(members)}
        stand_in = {
            int(Status.ACCEPTED): size,
            int(Status.REJECTED): size + 1,
            int(Status.UNDECIDED): size + 2,
        }

        def where(item: int) -> int:
            inside = place.get(item)
            return stand_in[now.get(item, self.status[item])] if inside is None else inside

        supports = [(where(before), place[item]) for item in members for before in self.helpers[item]]
        attacks = [(where(before), place[item]) for item in members for before in self.attackers[item]]
        attacks.append((size + 2, size + 2))  # what attacks itself alone is open
        if withdrawn in place:
            attacks.append((size, place[withdrawn]))
        needs = [self.needs[item] for item in members] + [BASE, ANY, BASE]
        arcs = [
            Arcs.of(size + 3, [start for start, _ in pairs], [end for _, end in pairs])
            for pairs in (supports, attacks)
        ]
        status = label(needs, *arcs).status
        return [(item, int(status[i])) for i, item in enumerate(members)]
