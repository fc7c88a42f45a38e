"""What files would change, before anyone merges them: which statuses and strengths, and by which path."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

from argraph.argument.evaluation import Verdict, evaluate
from argraph.argument.graph import ArgumentGraph
from argraph.argument.scores import Scores
from argraph.argument.wording import STANDING, capital, name

Form = Literal["text", "json", "markdown"]

NOTABLE = 0.005
"""Strength that moves by less is not worth a line."""

REASONS = {
    "supported": "something that speaks for it holds",
    "assumed": "nothing speaks against it",
    "unsupported": "nothing that speaks for it holds",
    "unfounded": "it is held up only by itself",
    "refuted": "an objection to it stands",
    "undercut": "an objection to this inference stands",
    "open-attack": "an objection to it is open itself",
}


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
    """Two states of a graph, side by side.

    Attributes:
        before: The argument graph as it is.
        after: The argument graph with the files.
        was: Verdicts before.
        becomes: Verdicts after.
    """

    def __init__(self, before: ArgumentGraph, after: ArgumentGraph, scores: Scores) -> None:
        self.before, self.after = before, after
        self.was: Mapping[str, Verdict] = evaluate(before, scores)
        self.becomes: Mapping[str, Verdict] = evaluate(after, scores)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """Everything that differs, statements first, then flips, then by how far strength moves."""
        found = []
        for iri in sorted({*self._items(self.before), *self._items(self.after)}):
            old, new = self.was.get(iri), self.becomes.get(iri)
            kind = _kind(self.after, iri) or _kind(self.before, iri)
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
            node.iri
            for node in self.after.nodes.values()
            if node.kind == "objection"
            and self._stands(self.becomes, node.iri)
            and not self._stands(self.was, node.iri)
        )

    @staticmethod
    def _stands(verdicts: Mapping[str, Verdict], iri: str) -> bool:
        return iri in verdicts and verdicts[iri].status == "accepted"

    @staticmethod
    def _items(argument: ArgumentGraph) -> set[str]:
        return {*argument.nodes, *argument.steps}

    @cached_property
    def _paths(self) -> dict[str, tuple[str, ...]]:
        """Shortest ways of influence from what the files touch, over what they change."""
        touched = sorted(
            iri
            for iri in self._items(self.after) | self._items(self.before)
            if self.before.nodes.get(iri) != self.after.nodes.get(iri)
            or self.before.steps.get(iri) != self.after.steps.get(iri)
        )
        paths: dict[str, tuple[str, ...]] = {iri: (iri,) for iri in touched}
        queue = deque(touched)
        while queue:
            here = queue.popleft()
            for there in _influenced(self.after, here) + _influenced(self.before, here):
                if there not in paths and self.was.get(there) != self.becomes.get(there):
                    paths[there] = (*paths[here], there)
                    queue.append(there)
        return paths

    def render(self, form: Form) -> str:
        """The report: `text` for a terminal, `markdown` for a pull request, `json` for programs."""
        if form == "json":
            return json.dumps(self.as_data(), indent=2, ensure_ascii=False)
        heading, item = ("### {}\n", "- ") if form == "markdown" else ("{}:", "  ")
        if not self.changes:
            return "This changes no status and no strength."
        sections = [
            (f"{heading.format(title)}\n" + "\n".join(item + line for line in lines))
            for title, lines in self._sections()
            if lines
        ]
        if not any(change.kind not in _STEPS for change in self.flips):
            sections.insert(0, "No statement changes its status.")
        return "\n\n".join(sections)

    def as_data(self) -> dict[str, Any]:
        """Plain data, every change with its verdicts and path."""
        return {
            "flips": [asdict(c) for c in self.flips],
            "moves": [asdict(c) for c in self.moves],
            "added": [asdict(c) for c in self.added],
            "removed": [asdict(c) for c in self.removed],
            "unanswered": list(self.unanswered),
        }

    def _sections(self) -> Iterator[tuple[str, list[str]]]:
        """Headings with their lines; steps are left to the machine-readable form."""

        def told(changes: Iterable[Change], line: Callable[[Change], str], most: int = 50) -> list[str]:
            lines = [line(change) for change in changes if change.kind not in _STEPS]
            rest = len(lines) - most
            return [*lines[:most], f"and {rest} more."] if rest > 0 else lines

        yield "What would change", told(self.flips, self._flip)
        yield "New", told(self.added, self._added)
        yield "Gone", told(self.removed, lambda change: f"{self._named(change)}.")
        yield (
            "Objections that would stand and do not now",
            [f"{self._called(iri)}." for iri in self.unanswered],
        )
        yield "Strength that would move", told(self.moves, self._moved, most=10)

    def _flip(self, change: Change) -> str:
        via = [self._called(iri) for iri in change.path if iri not in self.after.steps]
        way = f" By way of {' → '.join(via)}." if len(via) > 1 else ""
        return (
            f"{self._named(change)} {_standing(change.before)} now; "
            f"then it {_standing(change.after)}: {_why(change.after)}.{way}"
        )

    def _added(self, change: Change) -> str:
        return f"{self._named(change)}. It {_standing(change.after)}: {_why(change.after)}."

    def _moved(self, change: Change) -> str:
        return f"{self._named(change)}: {strength(change.before)} now, then {strength(change.after)}."

    def _named(self, change: Change) -> str:
        called = self._called(change.iri)
        return capital(called) if called.startswith("the ") else f"The {change.kind} {called}"

    def _called(self, iri: str) -> str:
        return name(self.after if iri in self.becomes else self.before, iri)


_STEPS = {"support", "attack", "evidence line"}


def _standing(verdict: Verdict | None) -> str:
    return STANDING[verdict.status] if verdict else "is not there"


def _why(verdict: Verdict | None) -> str:
    return REASONS[verdict.reason] if verdict else "it is removed"


def strength(verdict: Verdict | None) -> str:
    """A strength in words: a number where it is unique, else the interval.

    >>> strength(Verdict("accepted", "supported", "", 0, 0.5, 0.50001))
    '0.50'
    >>> strength(Verdict("undecided", "open-attack", "", 0, 0.1, 0.9))
    'between 0.10 and 0.90'
    """
    if verdict is None:
        return "none"
    if verdict.upper - verdict.lower < NOTABLE:
        return f"{verdict.lower:.2f}"
    return f"between {verdict.lower:.2f} and {verdict.upper:.2f}"


def _influenced(argument: ArgumentGraph, iri: str) -> list[str]:
    """What a node or step bears on directly."""
    ends = [step.iri for step in argument.outgoing(iri)]
    step = argument.steps.get(iri)
    return [*ends, step.end] if step else ends


def _kind(argument: ArgumentGraph, iri: str) -> str:
    found = argument.nodes.get(iri) or argument.steps.get(iri)
    return found.kind if found else ""


def _order(change: Change) -> tuple[bool, bool, float, str]:
    return (change.kind in _STEPS, not change.flips, -abs(change.moved), change.iri)
