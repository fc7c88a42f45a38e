"""How edges run between placed cards: through the gaps between columns and the free rows between cards."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from argraph.view.scene import JOINT, Card, Edge, Point, towards

GAP: Final = 84
"""Between columns, in px."""
_RADIUS: Final = JOINT / 2
_TIP: Final = 2  # between an arrow's tip and a joint
_SEAT: Final = 26  # from a card's left edge to the centre of the joint before it
_LANES: Final = (12, 19, 26, 33, 40)  # from the left edge of a gap
_TRUNKS: Final = (20, 27, 34, 41)  # likewise: where steps of one sort run together
_CLEAR: Final = 8  # between a row and the cards above and below


def joined(edges: Iterable[Edge]) -> dict[str, list[Edge]]:
    """The edges of each step, by its key, in the order of their premises."""
    steps: dict[str, list[Edge]] = {}
    for edge in edges:
        steps.setdefault(edge.id, []).append(edge)
    return steps


def route(cards: Mapping[str, Card], columns: Mapping[str, int], edges: Sequence[Edge]) -> tuple[Edge, ...]:
    """Edges with their points, paths and joints, for cards that stand in columns from left to right.

    No edge runs through a card: between neighbouring columns it stays within the gap, where steps of one
    sort for one card share a trunk, else it takes a row that is free in all columns that it crosses. Further
    links without a joint are marked as quiet.

    Args:
        cards: Placed cards by key.
        columns: The column of each card, from 0.
        edges: All edges between them.
    """
    return _Router(cards, columns, edges).routed()


class _Router:
    """Works out all edges of a drawing, one after the other, so that lanes and rows are shared out."""

    def __init__(self, cards: Mapping[str, Card], columns: Mapping[str, int], edges: Sequence[Edge]) -> None:
        self.cards, self.columns, self.edges = cards, columns, edges
        self.steps = joined(edges)
        self.lefts = {columns[key]: card.x for key, card in cards.items()}
        self.width = next(iter(cards.values())).w
        self.busy: defaultdict[int, list[tuple[float, float]]] = defaultdict(list)
        for key, card in cards.items():
            self.busy[columns[key]].append((card.y - _CLEAR, card.y + card.h + _CLEAR))
        self.free: dict[tuple[int, int], list[tuple[float, float]]] = {}
        self.lanes: Counter[int] = Counter()
        self.rows: Counter[tuple[int, int, float]] = Counter()
        self.leaving = self._leaving()
        self.joints = self._joints()
        self.trunks: dict[str, float] = {}
        self.arriving = self._arriving()
        self.hits: Counter[str] = Counter()

    def routed(self) -> tuple[Edge, ...]:
        """All edges, in their order."""
        done: dict[tuple[str, str], Edge] = {}
        # What is near a joint hits it straight on, what is farther passes to its left.
        order = sorted(self.steps, key=lambda step: self._distance(self.steps[step][0]))
        for step in order:
            for i, edge in enumerate(self.steps[step]):
                joint = self.joints.get(step)
                if joint is None:
                    points = self._way(self.leaving[edge.source, step], self.columns[edge.source], edge)
                    done[step, edge.source] = replace(edge, points=points, quiet=edge.further)
                else:
                    points = self._branch(edge, joint)
                    trunk = () if i else self._trunk(edge, joint)
                    done[step, edge.source] = replace(edge, points=points, joint=joint, trunk=trunk)
        return tuple(done[edge.id, edge.source] for edge in self.edges)

    def _leaving(self) -> dict[tuple[str, str], Point]:
        """Where edges leave their premises: in the middle by the step that places them, else below it."""
        sources: defaultdict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            sources[edge.source].append(edge)
        ports = {}
        for source, edges in sources.items():
            card = self.cards[source]
            middle = card.y + card.h / 2
            others = [edge for edge in edges if edge.further]
            for edge in edges:
                if not edge.further:
                    ports[source, edge.id] = (card.x, middle)
            for i, edge in enumerate(others):
                ports[source, edge.id] = (card.x, middle + (i + 1) * (card.h / 2 - 8) / (len(others) + 1))
        return ports

    def _joints(self) -> dict[str, Point]:
        """Centres of joints, in the gap before the premise that the step places, else before the first."""
        joints: dict[str, Point] = {}
        taken: defaultdict[int, list[float]] = defaultdict(list)
        for step, edges in self.steps.items():
            if not edges[0].joined:
                continue
            seated = [edge for edge in edges if not edge.further] or edges[:1]
            column = self.columns[seated[0].source]
            ports = [self.leaving[e.source, step] for e in seated if self.columns[e.source] == column]
            x = ports[0][0] - _SEAT
            y = sum(port[1] for port in ports) / len(ports)
            while any(abs(y - other) < JOINT + 4 for other in taken[column]):
                y += JOINT + 4
            taken[column].append(y)
            joints[step] = (x, y)
        return joints

    def _arriving(self) -> dict[tuple[str, str], Point]:
        """Where steps arrive at the right edge of a card, in the order of where they come from.

        Steps of one sort from the next column arrive together, on a trunk of their own.
        """
        ends: defaultdict[str, defaultdict[str, list[tuple[float, str]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for step, edges in self.steps.items():
            edge = edges[0]
            if not edge.target_step:
                start = self.joints.get(step) or self.leaving[edge.source, step]
                beside = self.columns[edge.source] == self.columns[edge.target] + 1 and not edge.further
                ends[edge.target][edge.relation if beside else f"step {step}"].append((start[1], step))
        ports: dict[tuple[str, str], Point] = {}
        for target, groups in ends.items():
            card = self.cards[target]
            away = {}
            for i, (sort, steps) in enumerate(sorted(groups.items(), key=lambda group: _middle(group[1]))):
                y = card.y + card.h * (i + 1) / (len(groups) + 1)
                ports |= {(target, step): (card.x + card.w, y) for _, step in steps}
                if not sort.startswith("step "):
                    away[sort] = abs(_middle(steps) - y)
            # What comes from farther keeps to the left, so that it crosses nothing that comes from nearer.
            for lane, sort in zip(_TRUNKS, sorted(away, key=away.__getitem__, reverse=True), strict=False):
                self.trunks |= {step: card.x + card.w + lane for _, step in groups[sort]}
        return ports

    def _distance(self, edge: Edge) -> float:
        joint = self.joints.get(edge.target_step)
        return abs(self.leaving[edge.source, edge.id][1] - joint[1]) if joint else 0.0

    def _branch(self, edge: Edge, joint: Point) -> tuple[Point, ...]:
        """From a premise to the joint of its step."""
        start = self.leaving[edge.source, edge.id]
        if start[0] != joint[0] + _SEAT:
            return self._around(start, self.columns[edge.source], joint, to_joint=True)
        if abs(start[1] - joint[1]) < 1:
            return start, (joint[0] + _RADIUS, joint[1])
        turn = start[0] - 7
        near = (turn, joint[1] + (18 if start[1] > joint[1] else -18))
        return start, (turn, start[1]), near, towards(joint, near, _RADIUS)

    def _trunk(self, edge: Edge, joint: Point) -> tuple[Point, ...]:
        """From the joint of a step to its end."""
        seat = next(e for e in (*self.steps[edge.id], edge) if self.cards[e.source].x == joint[0] + _SEAT)
        start = (joint[0] - _RADIUS, joint[1])
        return self._way(start, self.columns[seat.source], edge, joint)

    def _way(self, start: Point, column: int, edge: Edge, joint: Point | None = None) -> tuple[Point, ...]:
        """From a point in the gap before a column to the end of a step."""
        if edge.target_step:
            return self._hit(start, column, edge, joint)
        end = self.arriving[edge.target, edge.id]
        target = self.columns[edge.target]
        if target == column - 1:
            trunk = self.trunks.get(edge.id)
            if trunk is None or abs(start[1] - end[1]) < 1:
                return start, end
            return start, (trunk, start[1]), (trunk, end[1]), end
        return self._around(start, column, end, to_joint=False)

    def _hit(self, start: Point, column: int, edge: Edge, own: Point | None) -> tuple[Point, ...]:
        """From a point in the gap before a column to the joint of the step that is undercut."""
        joint = self.joints[edge.target_step]
        number = self.hits[edge.target_step]
        self.hits[edge.target_step] += 1
        if self._gap(joint[0]) != column:
            return self._around(start, column, joint, to_joint=True)
        lane = joint[0] if number == 0 else max(joint[0] - 20 - 8 * (number - 1), self._left(column) + 8)
        side = 1 if start[1] > joint[1] else -1
        near = (lane, joint[1] + side * (_RADIUS + 20))
        end = towards(joint, near, _RADIUS + _TIP)
        if own and number == 0:
            return (joint[0], own[1] - side * _RADIUS), end
        return start, (lane, start[1]), near, end

    def _around(self, start: Point, column: int, end: Point, *, to_joint: bool) -> tuple[Point, ...]:
        """From the gap before a column to a joint or the right edge of a card, by a row free of cards."""
        goal = self._gap(end[0])
        out = self._lane(column)
        if goal == column:
            points = [start, (out, start[1]), (out, end[1] + 30)]
        else:
            row = self._row(min(column, goal), max(column, goal) - 1, start[1])
            inward = end[0] - 20 if to_joint else self._lane(goal)
            points = [start, (out, start[1]), (out, row), (inward, row)]
            if not to_joint:
                points.append((inward, end[1]))
        points.append(towards(end, points[-1], _RADIUS + _TIP) if to_joint else end)
        return tuple(point for point, _ in groupby(points))

    def _left(self, gap: int) -> float:
        """The left edge of the gap before a column."""
        return self.lefts.get(gap, max(self.lefts.values()) + self.width + GAP) - GAP

    def _gap(self, x: float) -> int:
        """The gap that a point lies in, its left edge included: its number is the column behind it."""
        return next((c for c in sorted(self.lefts) if x < self.lefts[c]), len(self.lefts))

    def _lane(self, gap: int) -> float:
        self.lanes[gap] += 1
        return self._left(gap) + _LANES[self.lanes[gap] % len(_LANES)]

    def _row(self, first: int, last: int, wanted: float) -> float:
        """The nearest height at which columns from first to last are free of cards."""
        if (first, last) not in self.free:
            self.free[first, last] = _gaps(box for c in range(first, last + 1) for box in self.busy[c])
        row = min(
            (min(max(wanted, low), high) for low, high in self.free[first, last]),
            key=lambda y: abs(y - wanted),
        )
        low, high = next((a, b) for a, b in self.free[first, last] if a <= row <= b)
        used = self.rows[first, last, low]
        self.rows[first, last, low] += 1
        room = max(min(high - low, 40.0), 1.0)
        return row + (used * 5) % room if row == low else max(low, row - (used * 5) % room)


def _middle(steps: Sequence[tuple[float, str]]) -> float:
    return sum(y for y, _ in steps) / len(steps)


def _gaps(boxes: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """What is free beside intervals, from far above to far below.

    >>> _gaps([(0, 10), (30, 40), (5, 20)])
    [(-inf, 0), (20, 30), (40, inf)]
    """
    free = []
    above = float("-inf")
    for low, high in sorted(boxes):
        if low > above:
            free.append((above, low))
        above = max(above, high)
    return [*free, (above, float("inf"))]
