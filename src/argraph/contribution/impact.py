"""What files would change before anyone merges them, or a withdrawal: statuses, strengths, cruxes, paths."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from argraph.argument.cruxes import CruxChange, compare
from argraph.argument.evaluation import Framework, Verdict
from argraph.argument.graph import ArgumentGraph
from argraph.argument.withdrawal import Search

NOTABLE = 0.005
"""Strength that moves by less is not worth a line."""

EFFORT = 100
"""Labellings that the search for the cruxes of one statement may take, in either state."""
WORK = 600_000
"""Items labelled in all such searches together, about half a second."""
_LEAST = 30  # with fewer labellings a search finds little, and setting it up costs more than they do


@dataclass(frozen=True, slots=True)
class Change:
    """One node or step that the files would add, remove, or see judged otherwise.

    Attributes:
        iri: Its IRI.
        kind: What it is, as `ArgumentGraph` says.
        before: The verdict on it now; nothing for what is new.
        after: The verdict on it with the files; nothing for what goes.
        path: IRIs by which the change comes, from something that the files add or change to this node; empty
            for what is new or goes.
    """

    iri: str
    kind: str
    before: Verdict | None
    after: Verdict | None
    path: tuple[str, ...] = ()

    @property
    def flips(self) -> bool:
        """Whether its status differs."""
        return (self.before and self.before.status) != (self.after and self.after.status)

    @property
    def moved(self) -> float:
        """By how much its strength changes at most, in [-1, 1]."""
        if self.before is None or self.after is None:
            return 0.0
        low, high = self.after.lower - self.before.lower, self.after.upper - self.before.upper
        return low if abs(low) > abs(high) else high


class Impact:
    """Two states of a graph, side by side, each with its evaluation.

    Attributes:
        before: The argument graph as it is.
        after: The argument graph with the files.
        was: Verdicts before.
        becomes: Verdicts after.
        withdrawn: IRIs of what is withdrawn, where that is what happens; files change nothing then.
    """

    def __init__(
        self,
        before: ArgumentGraph,
        after: ArgumentGraph,
        *,
        now: Framework,
        then: Framework,
        withdrawn: Collection[str] = (),
    ) -> None:
        self.before, self.after, self.withdrawn = before, after, frozenset(withdrawn)
        self.was: Mapping[str, Verdict] = now.verdicts
        self.becomes: Mapping[str, Verdict] = then.verdicts
        self._now, self._then = now, then

    @classmethod
    def of_withdrawal(cls, argument: ArgumentGraph, now: Framework, items: Collection[str]) -> Impact:
        """What it would change if items were rejected whatever speaks for them, as in `argument.cruxes`.

        Args:
            argument: The debate.
            now: The same as numbered items.
            items: IRIs of nodes and steps.
        """
        return cls(argument, argument, now=now, then=now.without(items), withdrawn=items)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """Everything that differs, statements first, then flips, then by how far strength moves.

        Status and strength follow from what bears on an item, so nothing differs that the files do not reach.
        """
        found = []
        for iri in self._reached:
            old, new = self.was.get(iri), self.becomes.get(iri)
            kind = _kind(self.after, iri) or _kind(self.before, iri)
            if not kind:
                continue  # something that is mentioned and not described
            path = self._paths.get(iri, ()) if old and new else ()
            change = Change(iri, kind, old, new, path)
            if change.flips or abs(change.moved) >= NOTABLE:
                found.append(change)
        return tuple(sorted(found, key=_order))

    @property
    def flips(self) -> tuple[Change, ...]:
        """What is there before and after, with another status."""
        return tuple(c for c in self.changes if c.before and c.after and c.flips)

    @property
    def moves(self) -> tuple[Change, ...]:
        """What keeps its status, with another strength."""
        return tuple(c for c in self.changes if not c.flips)

    @property
    def added(self) -> tuple[Change, ...]:
        """What is new."""
        return tuple(c for c in self.changes if c.before is None)

    @property
    def removed(self) -> tuple[Change, ...]:
        """What goes."""
        return tuple(c for c in self.changes if c.after is None)

    @cached_property
    def unanswered(self) -> tuple[str, ...]:
        """IRIs of objections that stand with the files and did not before."""
        return tuple(
            iri
            for iri in sorted(self._reached & self.after.nodes.keys())
            if self.after.nodes[iri].kind == "objection"
            and self._stands(self.becomes, iri)
            and not self._stands(self.was, iri)
        )

    @property
    def cruxes(self) -> tuple[CruxChange, ...]:
        """How what theses and statements with a role hang on compares, for those that the files bear on.

        Theses come first. New and removed ones are not among them, nor what `not_compared` lists. Of a
        withdrawal there are none: it is not how the debate would go on.
        """
        return self._compared[0]

    @property
    def not_compared(self) -> tuple[str, ...]:
        """IRIs of theses and statements with a role for which that would take too long."""
        return self._compared[1]

    @cached_property
    def _compared(self) -> tuple[tuple[CruxChange, ...], tuple[str, ...]]:
        if self.withdrawn:
            return (), ()
        kept = [
            node
            for iri in self._reached
            if (node := self.after.nodes.get(iri)) and iri in self.before.nodes
            if node.kind == "thesis" or node.role
        ]
        found, left_out, left = [], [], WORK
        for node in sorted(kept, key=lambda node: (node.kind != "thesis", node.iri)):
            fixed = len(self._now.names) + len(self._then.names)
            if left < _LEAST * fixed:
                left_out.append(node.iri)
                continue
            before = Search(self.before, self._now, node.iri)
            after = Search(self.after, self._then, node.iri)
            effort = min(EFFORT, left // (before.size + after.size))
            found.append(compare(before, after, effort=effort))
            left -= fixed + before.effort * before.size + after.effort * after.size
        return tuple(found), tuple(left_out)

    @staticmethod
    def _stands(verdicts: Mapping[str, Verdict], iri: str) -> bool:
        return iri in verdicts and verdicts[iri].status == "accepted"

    @staticmethod
    def _judged(verdicts: Mapping[str, Verdict], iri: str) -> tuple[str, float, float] | None:
        verdict = verdicts.get(iri)
        return (verdict.status, verdict.lower, verdict.upper) if verdict else None

    @cached_property
    def _touched(self) -> list[str]:
        """What the files add, remove or describe otherwise; a finding also where one of its studies is."""
        if self.withdrawn:
            return sorted(self.withdrawn)
        items, studies = self.after.differences(self.before)
        reported = (node.iri for study in studies for node in self.before.reported(study))
        return sorted(items.union(iri for iri in reported if iri in self.after.nodes))

    def _influenced(self, iri: str) -> list[str]:
        return _influenced(self.after, iri) + _influenced(self.before, iri)

    @cached_property
    def _reached(self) -> set[str]:
        """Everything that the files can have an effect on."""
        reached = set(self._touched)
        queue = [*reached]
        while queue:
            for there in self._influenced(queue.pop()):
                if there not in reached:
                    reached.add(there)
                    queue.append(there)
        return reached

    @cached_property
    def _paths(self) -> dict[str, tuple[str, ...]]:
        """Shortest ways of influence from what the files touch, over what they change."""
        paths: dict[str, tuple[str, ...]] = {iri: (iri,) for iri in self._touched}
        queue = deque(self._touched)
        while queue:
            here = queue.popleft()
            for there in self._influenced(here):
                if there not in paths and self._judged(self.was, there) != self._judged(self.becomes, there):
                    paths[there] = (*paths[here], there)
                    queue.append(there)
        return paths

    def as_data(self) -> dict[str, Any]:
        """Plain data, every change with its verdicts and path."""
        return {
            "flips": [asdict(c) for c in self.flips],
            "moves": [asdict(c) for c in self.moves],
            "added": [asdict(c) for c in self.added],
            "removed": [asdict(c) for c in self.removed],
            "unanswered": list(self.unanswered),
            "cruxes": [asdict(c) for c in self.cruxes],
            "not_compared": list(self.not_compared),
        }


STEPS = frozenset({"support", "attack", "evidence line"})
"""The kinds of change that concern a step."""


def _influenced(argument: ArgumentGraph, iri: str) -> list[str]:
    """What a node or step bears on directly."""
    ends = [step.iri for step in argument.outgoing(iri)]
    step = argument.steps.get(iri)
    return [*ends, step.end] if step else ends


def _kind(argument: ArgumentGraph, iri: str) -> str:
    found = argument.nodes.get(iri) or argument.steps.get(iri)
    return found.kind if found else ""


def _order(change: Change) -> tuple[bool, bool, float, str]:
    return (change.kind in STEPS, not change.flips, -abs(change.moved), change.iri)
