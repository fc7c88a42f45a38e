"""What is shown of a debate: cards, edges and counts of what is folded away; pure data, no RDF, no HTML.

A card is `WIDTH` px wide and as high as its lines: `PADDING` above and below, a line of `HEAD` px with kind
and status, `GAP` px, lines of `LINE` px (`LINE_LARGE` on the root), and where it has further links that are
not drawn a line of `CHIPS` px for them: all of `also` in a tree, those that are not `shown` in layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import hypot
from typing import Any, Final, TypeAlias

WIDTH: Final = 264
"""Of a card, in px."""
ROOM: Final = 230
"""Of a line of text on a card, in px: what is left beside the bar of 5 px and the padding."""
PADDING, HEAD, GAP, CHIPS = 11, 18, 6, 24
SIZE, LINE = 14, 19
SIZE_LARGE, LINE_LARGE = 15, 20
MOST_LINES: Final = 5
JOINT: Final = 26
"""Diameter of a joint, in px."""

SIDES: Final = {
    "supports": "for",
    "bears-on": "for",
    "attacks": "against",
    "weighs-against": "against",
    "undercuts": "undercut",
}
"""Which side a relation is on; its keys are all the relations there are."""

_BEND: Final = 10  # radius of a bend

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class More:
    """How many steps for or against a card are not shown.

    Attributes:
        favour: Supports.
        against: Attacks on the statement.
        undercuts: Attacks on those inferences from the card that are shown; counted at the first premise.
        evidence: Lines of evidence, for and against.
    """

    favour: int = 0
    against: int = 0
    undercuts: int = 0
    evidence: int = 0

    def as_data(self) -> dict[str, int]:
        """As in the JSON of a scene."""
        return {
            "for": self.favour,
            "against": self.against,
            "undercuts": self.undercuts,
            "evidence": self.evidence,
        }


@dataclass(frozen=True, slots=True)
class Also:
    """A further link of a card, beside the one that it is placed by.

    Attributes:
        step: Key of the step.
        relation: What it does, a key of `SIDES`.
        target: Key of the statement that it is for or against; of the first premise where it is against a
            step.
        label: What the target is called.
        shown: Whether the step is among the edges of the scene.
    """

    step: str
    relation: str
    target: str
    label: str
    shown: bool

    def as_data(self) -> dict[str, Any]:
        """As in the JSON of a scene."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Card:
    """A statement or evidence item as it is shown.

    Attributes:
        id: Its key.
        iri: Its IRI.
        kind: `thesis`, `claim`, `objection`, `rebuttal` or `evidence`.
        label: What it is called; for evidence without a label, the citation of its study.
        text: Its full wording; may be empty.
        words: What stands on the card: the label of a statement, the finding of an evidence item.
        wrapped: The same as the lines of the card.
        role: Local name of its editorial role, such as `Pillar`; may be empty.
        status: `accepted`, `rejected` or `undecided`.
        standing: The status in plain words.
        lower: Its strength is at least this, in [0, 1].
        upper: And at most this.
        parent: Key of the card it is placed under; None for the root.
        step: Key of the step that it is placed by; empty for the root.
        level: Number of parents above it.
        side: `for`, `against`, `undercut` or `root`.
        more: What is not shown of it.
        open: Whether what is for and against it was asked for.
        evidence_open: Whether its evidence was asked for.
        also: Its further links.
        x: Left edge in px, once there is a layout.
        y: Upper edge in px, likewise.
        w: Width in px.
        h: Height in px.
    """

    id: str
    iri: str
    kind: str
    label: str
    text: str
    words: str
    wrapped: tuple[str, ...]
    role: str
    status: str
    standing: str
    lower: float
    upper: float
    parent: str | None
    step: str
    level: int
    side: str
    more: More
    open: bool
    evidence_open: bool
    also: tuple[Also, ...]
    w: float
    h: float
    x: float = 0.0
    y: float = 0.0

    def as_data(self) -> dict[str, Any]:
        """As in the JSON of a scene."""
        return {
            "id": self.id,
            "iri": self.iri,
            "kind": self.kind,
            "label": self.label,
            "text": self.text,
            "words": self.words,
            "wrapped": list(self.wrapped),
            "lines": len(self.wrapped),
            "role": self.role,
            "status": self.status,
            "standing": self.standing,
            "strength": {"lower": round(self.lower, 4), "upper": round(self.upper, 4)},
            "parent": self.parent,
            "step": self.step,
            "level": self.level,
            "side": self.side,
            "x": _px(self.x),
            "y": _px(self.y),
            "w": _px(self.w),
            "h": _px(self.h),
            "more": self.more.as_data(),
            "open": self.open,
            "evidence_open": self.evidence_open,
            "also": [link.as_data() for link in self.also],
        }


@dataclass(frozen=True, slots=True)
class Edge:
    """One premise of a step and the way to the step's end; a step with several premises has as many edges.

    Attributes:
        id: Key of the step.
        relation: What the step does, a key of `SIDES`.
        source: Key of the premise.
        target: Key of the statement or evidence item at its end; of the first premise of the step that it
            is against.
        status: Of the step.
        standing: The status in plain words.
        target_step: Key of the step that it is against; empty where it is not.
        joined: Whether its step has a joint: it has several premises, or something shown is against it.
        further: Whether the source is placed by another step.
        quiet: Whether it is drawn only while one of its ends is selected.
        points: The way in px, from the source to the joint where the step has one, else to the target.
        joint: Centre of the step's joint.
        trunk: The way from the joint to the target; only on the first edge of a step that has a joint.
    """

    id: str
    relation: str
    source: str
    target: str
    status: str
    standing: str
    target_step: str
    joined: bool
    further: bool
    quiet: bool = False
    points: tuple[Point, ...] = ()
    joint: Point | None = None
    trunk: tuple[Point, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """As in the JSON of a scene."""
        return {
            "id": self.id,
            "relation": self.relation,
            "source": self.source,
            "target": self.target,
            "status": self.status,
            "standing": self.standing,
            "target_step": self.target_step or None,
            "further": self.further,
            "quiet": self.quiet,
            "points": [[_px(x), _px(y)] for x, y in self.points],
            "path": path(self.points),
            "joint": [_px(self.joint[0]), _px(self.joint[1])] if self.joint else None,
            "trunk": [[_px(x), _px(y)] for x, y in self.trunk],
            "trunk_path": path(self.trunk),
        }


@dataclass(frozen=True, slots=True)
class Stop:
    """A card on the way to the thesis, and what it does to the next one; nothing at the end of the way."""

    id: str
    label: str
    relation: str

    def as_data(self) -> dict[str, str]:
        """As in the JSON of a scene."""
        return {"id": self.id, "label": self.label, "relation": self.relation}


@dataclass(frozen=True, slots=True)
class Scene:
    """The cards around a root, and how they hang together.

    Attributes:
        root: Key of the thesis, or of whatever else is looked at.
        cards: In reading order: each before what is placed under it.
        edges: In the order of their sources' first premises.
        path: The shortest way from the root to a thesis, both included; the root alone without one.
        truncated: Whether the limit left out something that was asked for.
        digest: Of the files that the debate was read from.
        layout: `tree` or `layered`; empty while nothing is placed.
        width: Of the drawing, in px.
        height: Likewise.
    """

    root: str
    cards: tuple[Card, ...]
    edges: tuple[Edge, ...]
    path: tuple[Stop, ...]
    truncated: bool
    digest: str = field(default="", compare=False)
    layout: str = ""
    width: float = 0.0
    height: float = 0.0

    def as_data(self) -> dict[str, Any]:
        """As JSON, as `/api/nodes/{id}/neighbourhood` gives it."""
        return {
            "root": self.root,
            "layout": self.layout,
            "digest": self.digest,
            "truncated": self.truncated,
            "width": _px(self.width),
            "height": _px(self.height),
            "nodes": [card.as_data() for card in self.cards],
            "edges": [edge.as_data() for edge in self.edges],
            "path": [stop.as_data() for stop in self.path],
        }


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the outline: a premise of a step, under what the step is for or against.

    Attributes:
        id: Key of the statement or evidence item.
        step: Key of the step; empty for the root.
        relation: What the step does, a key of `SIDES`; empty for the root.
        target_step: Key of the step that it is against; empty where it is not.
        level: From 1, for `aria-level`.
        posinset: From 1, among the rows under the same row.
        setsize: How many these are.
        status: Of the statement.
        standing: The status in plain words.
        label: What it is called.
        words: What stands in the row: the label of a statement, the finding of an evidence item.
        kind: As in `Card`.
        parent: Key of the row that it is under; empty for the root.
        expandable: Whether anything is under it, shown or not.
        open: Whether what is under it is shown.
        more: What is not shown of it.
        seen_above: Whether it stands in full at another place.
        elsewhere: `above` or `below` where it does; else empty.
    """

    id: str
    step: str
    relation: str
    target_step: str
    level: int
    posinset: int
    setsize: int
    status: str
    standing: str
    label: str
    words: str
    kind: str
    parent: str
    expandable: bool
    open: bool
    more: More
    seen_above: bool
    elsewhere: str

    def as_data(self) -> dict[str, Any]:
        """As JSON, as `/api/nodes/{id}/outline` gives it."""
        data = {name: getattr(self, name) for name in self.__slots__}
        return data | {"target_step": self.target_step or None, "more": self.more.as_data()}


def path(points: Sequence[Point]) -> str:
    """SVG path data along points: a curve between two, else lines whose bends are rounded.

    A curve runs level at both ends, never leaves the box that they span, and turns near its end.

    >>> path([(100, 0), (0, 50)])
    'M100 0C28 0 38 50 0 50'
    >>> path([(0, 0), (30, 0), (30, 30)])
    'M0 0L20 0Q30 0 30 10L30 30'
    """
    if not points:
        return ""
    start, end = points[0], points[-1]
    if len(points) == 2:
        across = start[0] - end[0]
        first, second = (start[0] - 0.72 * across, start[1]), (end[0] + 0.38 * across, end[1])
        return f"M{_pair(start)}C{_pair(first)} {_pair(second)} {_pair(end)}"
    data = f"M{_pair(start)}"
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        enter, leave = towards(here, before, _BEND), towards(here, after, _BEND)
        data += f"L{_pair(enter)}Q{_pair(here)} {_pair(leave)}"
    return data + f"L{_pair(end)}"


def _pair(point: Point) -> str:
    return " ".join(f"{round(value, 1):g}" for value in point)


def towards(start: Point, goal: Point, most: float) -> Point:
    """The point at a distance on the way to another one, at most half-way."""
    away = hypot(goal[0] - start[0], goal[1] - start[1])
    part = min(most, away / 2) / away if away else 0.0
    return start[0] + (goal[0] - start[0]) * part, start[1] + (goal[1] - start[1]) * part


def _px(value: float) -> float:
    """A length with at most one decimal, as a whole number where it is one."""
    rounded = round(value, 1)
    return int(rounded) if rounded == int(rounded) else rounded
