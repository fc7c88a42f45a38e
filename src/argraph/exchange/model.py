"""What formats carry, in one form: statements, evidence, studies, steps, and what else must not get lost.

A model has names where a debate has IRIs; otherwise its parts are those of the argument graph. What a format
says beyond them (its dialogue layer, positions on a canvas, keys that nobody knows) is kept as data, by
format, and written back where the same format is written.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, Literal, TypeAlias

from argraph.argument.graph import Node, Step, Study

JSON: TypeAlias = Any
"""What `json` reads: objects, lists, texts, numbers, true, false, null."""

LossKind: TypeAlias = Literal["dropped", "changed", "kept", "added"]

KINDS: Final[Mapping[LossKind, str]] = {
    "dropped": "not in the result",
    "changed": "in the result, but not as it was",
    "kept": "kept as data, no part of the argument",
    "added": "not said by the source",
}
"""What each kind of loss means. Only the first two are losses proper; the others are told for honesty."""


@dataclass(frozen=True, slots=True, order=True)
class Loss:
    """One thing that a conversion does not carry over as it is.

    Attributes:
        place: Where, in the terms of the source: a node, an edge, a line, a key.
        what: What is concerned.
        reason: Why, and what became of it.
        kind: See `KINDS`.
        count: How many such things this stands for; `place` is then the first of them.
    """

    place: str
    what: str
    reason: str
    kind: LossKind = "dropped"
    count: int = 1


@dataclass(frozen=True, slots=True)
class LossReport:
    """Everything that a conversion does not carry over as it is."""

    losses: tuple[Loss, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing was dropped or changed."""
        return not any(loss.kind in {"dropped", "changed"} for loss in self.losses)

    def count(self, kind: LossKind) -> int:
        """How many things have this fate."""
        return sum(loss.count for loss in self.losses if loss.kind == kind)

    def text(self) -> str:
        """One line for each loss, for people, with a summary at the end."""
        lines = []
        for loss in self.losses:
            times = f" ({loss.count} of them)" if loss.count > 1 else ""
            lines.append(f"{loss.place}: {loss.kind}: {loss.what}{times}: {loss.reason}")
        counted = Counter({kind: self.count(kind) for kind in KINDS})
        told = ", ".join(f"{counted[kind]} {kind}" for kind in KINDS if counted[kind])
        return "\n".join([*lines, told or "Nothing is lost."])

    def json(self) -> str:
        """The same for programs: an object with `summary` and `losses`."""
        summary = {kind: self.count(kind) for kind in KINDS}
        losses = [{f.name: getattr(loss, f.name) for f in fields(Loss)} for loss in self.losses]
        return json.dumps({"summary": summary, "losses": losses}, indent=2)


@dataclass(slots=True)
class Model:
    """A debate or part of one, by names.

    Attributes:
        nodes: Statements and evidence. A `kind` or `label` may be empty: `settling.settle` fills it in.
        steps: Steps; a scheme is the local name of one of argraph's, or a name in `schemes`.
        studies: Studies.
        themes: Label of each theme, by name.
        sources: Title of each work that statements are taken from, by name.
        schemes: Name of each scheme that argraph does not have, as its community writes it.
        title: What the debate is called; may be empty.
        licence: IRI of the licence of the debate; may be empty.
        declared: Whether the source says itself what is a thesis and what is assumed, so that nothing is
        added. kept: What only one format knows, by the name of the format.
    """

    nodes: dict[str, Node] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)
    studies: dict[str, Study] = field(default_factory=dict)
    themes: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    schemes: dict[str, str] = field(default_factory=dict)
    title: str = ""
    licence: str = ""
    declared: bool = False
    kept: dict[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file holds.

    Attributes:
        model: What it says.
        losses: What of it the model does not hold as it was.
        name: Name of the file.
        format: Name of its format.
    """

    model: Model
    losses: LossReport
    name: str
    format: str


@dataclass(frozen=True, slots=True)
class Exported:
    """A file to be written, and what it does not say."""

    data: bytes
    losses: LossReport


class Ledger:
    """Collects losses; those of one sort count as one, after the first few."""

    _EACH = 50

    def __init__(self) -> None:
        self._losses: list[Loss] = []
        self._first: dict[tuple[str, str, LossKind], tuple[int, int]] = {}
        """Where the one stands that stands for others, and how many stand before it on their own."""
        self._counts: Counter[tuple[str, str, LossKind]] = Counter()

    def add(self, place: str, what: str, reason: str, kind: LossKind = "dropped") -> None:
        """Note a loss with its own place; from the 50th of a sort on, they are only counted."""
        sort = (what, reason, kind)
        self._counts[sort] += 1
        if self._counts[sort] < self._EACH:
            self._losses.append(Loss(place, what, reason, kind))
        elif self._counts[sort] == self._EACH:
            self._first[sort] = len(self._losses), self._EACH - 1
            self._losses.append(Loss(place, what, reason, kind))

    def tally(self, place: str, what: str, reason: str, kind: LossKind = "kept") -> None:
        """Count a loss; all of its sort become one, at the place of the first."""
        sort = (what, reason, kind)
        self._counts[sort] += 1
        if sort not in self._first:
            self._first[sort] = len(self._losses), 0
            self._losses.append(Loss(place, what, reason, kind))

    def extend(self, losses: Iterable[Loss]) -> None:
        """Take over losses that were noted elsewhere."""
        self._losses.extend(losses)

    def report(self) -> LossReport:
        """All that was noted, in order."""
        found = list(self._losses)
        for sort, (index, before) in self._first.items():
            found[index] = replace(found[index], count=self._counts[sort] - before)
        return LossReport(tuple(found))


def differences(before: Model, after: Model) -> Iterator[Loss]:
    """Everything that a model says and another, read from what was written of the first, does not."""
    for what, old, new in (
        ("node", before.nodes, after.nodes),
        ("step", before.steps, after.steps),
        ("study", before.studies, after.studies),
    ):
        yield from _missing(what, old, new)
    for what, known, kept in (
        ("label of the theme", before.themes, after.themes),
        ("title of the source", before.sources, after.sources),
        ("name of the scheme", before.schemes, after.schemes),
    ):
        for name, words in known.items():
            if name not in kept:
                yield Loss(name, f"{what} “{words}”", "the format has no place for it")
            elif kept[name] != words:
                yield Loss(name, f"{what} “{words}”", f"it reads “{kept[name]}” afterwards", "changed")
    for what, said, found in (
        ("title", before.title, after.title),
        ("licence", before.licence, after.licence),
    ):
        if said and said != found:
            yield Loss(what, f"{what} “{said}”", "the format has no place for it")


_NAMES: Final = {"iri"}


def _missing(
    what: str, old: Mapping[str, Node | Step | Study], new: Mapping[str, Node | Step | Study]
) -> Iterator[Loss]:
    for name, item in old.items():
        other = new.get(name)
        if other is None:
            kind = getattr(item, "kind", what)
            yield Loss(name, f"{kind}", "the format cannot express it")
            continue
        for part in fields(item):
            value, found = getattr(item, part.name), getattr(other, part.name)
            if part.name in _NAMES or value == found:
                continue
            if not value and value is not False:
                yield Loss(name, _named(part.name), f"empty before, {_shown(found)} afterwards", "added")
            elif not found and found is not False:
                yield Loss(name, f"{_named(part.name)} {_shown(value)}", "the format has no place for it")
            else:
                reason = f"it is {_shown(found)} afterwards"
                yield Loss(name, f"{_named(part.name)} {_shown(value)}", reason, "changed")
    for name, item in new.items():
        if name not in old:
            yield Loss(name, getattr(item, "kind", what), "it was not there before", "added")


def _named(part: str) -> str:
    return part.replace("_", " ")


def _shown(value: object) -> str:
    words = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f"“{words if len(words) <= 80 else words[:79] + '…'}”"
