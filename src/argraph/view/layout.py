"""Where the cards of a scene stand: a tidy tree to explore, layers to print."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal, TypeAlias

from argraph.view.routes import GAP, joined, route
from argraph.view.scene import CHIPS, JOINT, WIDTH, Card, Point, Scene

try:
    import graphlay
except ImportError:  # no wheel for this platform
    graphlay = None  # type: ignore[assignment]

Kind: TypeAlias = Literal["tree", "layered"]

MARGIN: Final = 32
"""Around the drawing, in px."""
_BETWEEN: Final = 20  # cards under the same card, in px; room for the count that hangs over the lower edge
_APART: Final = 34  # cards further right


def place(scene: Scene, kind: Kind = "tree") -> Scene:
    """A scene with positions: thesis at the left, what bears on it to the right.

    `tree` keeps the order of cards when more is opened and draws further links only on demand.
    `layered` draws every edge, with few crossings. Where graphlay is not installed, it is the tree with all
    its edges, and `Scene.layout` says so. Neither lets cards overlap or an edge run through a card.
    """
    if kind == "layered" and graphlay is not None:
        return _framed(_layered(scene))
    if kind == "tree":
        return tree(scene)
    placed = tree(_with_links_drawn(scene))
    return replace(placed, edges=tuple(replace(edge, quiet=False) for edge in placed.edges))


def tree(scene: Scene) -> Scene:
    """The tidy tree: each card beside the middle of what stands under it, columns by distance.

    What undercuts an inference stands under its premise in the scene, but beside it in the drawing: the
    edge goes to the joint between the premise and the next column.
    """
    children = _beside(scene)
    columns = {scene.root: 0}
    order = [scene.root]
    for key in order:
        for child in children[key]:
            columns[child] = columns[key] + 1
            order.append(child)
    tops = _tops({card.id: card.h for card in scene.cards}, children, order)
    highest = min(tops.values())
    cards = tuple(
        replace(card, x=float(MARGIN + columns[card.id] * (WIDTH + GAP)), y=MARGIN + tops[card.id] - highest)
        for card in scene.cards
    )
    edges = route({card.id: card for card in cards}, columns, scene.edges)
    return _framed(replace(scene, cards=cards, edges=edges, layout="tree"))


def _with_links_drawn(scene: Scene) -> Scene:
    """The scene for a drawing with all its edges: no card needs a line for links that are among them."""
    return replace(
        scene,
        cards=tuple(
            replace(card, h=card.h - CHIPS) if card.also and all(link.shown for link in card.also) else card
            for card in scene.cards
        ),
    )


def _beside(scene: Scene) -> dict[str, list[str]]:
    """What stands in the next column for each card, in order from above."""
    undercutting = {edge.source for edge in scene.edges if edge.target_step and not edge.further}
    under: defaultdict[str, list[Card]] = defaultdict(list)
    followers: defaultdict[str, list[str]] = defaultdict(list)
    for card in scene.cards:
        if card.parent is not None and card.id in undercutting:
            followers[card.parent].append(card.id)
        elif card.parent is not None:
            under[card.parent].append(card)

    def behind(key: str) -> Iterator[str]:
        stack = followers[key][::-1]
        while stack:
            follower = stack.pop()
            yield follower
            stack.extend(followers[follower][::-1])

    children: dict[str, list[str]] = {card.id: [] for card in scene.cards}
    for key, cards in under.items():
        group: list[Card] = []
        for card, following in zip(cards, [*cards[1:], None], strict=True):
            group.append(card)
            if following is None or following.step != card.step:
                children[key] += [member.id for member in group]
                children[key] += [follower for member in group for follower in behind(member.id)]
                group = []
    children[scene.root] += behind(scene.root)
    return children


def _tops(
    heights: Mapping[str, float], children: Mapping[str, Sequence[str]], order: Sequence[str]
) -> dict[str, float]:
    """Upper edges, so that no two cards meet, each beside the middle of its children.

    Subtrees are moved together as far as their outlines allow (Reingold and Tilford 1981,
    doi:10.1109/TSE.1981.234519), without changing their order.
    """
    shifts: dict[str, float] = {}  # against the card it stands beside
    outlines: dict[str, list[tuple[float, float]]] = {}  # of a subtree, by column, against its own card
    for key in reversed(order):
        height = heights[key]
        outline: list[tuple[float, float]] = []
        for child in children[key]:
            own = outlines.pop(child)
            down = max(
                (
                    bottom + (_APART if depth else _BETWEEN) - own[depth][0]
                    for depth, (_, bottom) in enumerate(outline[: len(own)])
                ),
                default=0.0,
            )
            shifts[child] = down
            moved = [(top + down, bottom + down) for top, bottom in own]
            outline = [
                (
                    outline[i][0] if i < len(outline) else moved[i][0],
                    moved[i][1] if i < len(moved) else outline[i][1],
                )
                for i in range(max(len(outline), len(moved)))
            ]
        if children[key]:
            first, last = children[key][0], children[key][-1]
            middle = (shifts[first] + shifts[last] + heights[last]) / 2
            lift = float(round(middle - height / 2))
            for child in children[key]:
                shifts[child] -= lift
            outline = [(top - lift, bottom - lift) for top, bottom in outline]
        outlines[key] = [(0.0, height), *outline]
    tops = {order[0]: 0.0}
    for key in order:
        for child in children[key]:
            tops[child] = tops[key] + shifts[child]
    return tops


def _layered(scene: Scene) -> Scene:
    """Layers by graphlay. Edges are given to it from end to premise, for it draws from left to right."""
    steps = joined(scene.edges)
    graph = graphlay.Graph()
    scene = _with_links_drawn(scene)
    for card in scene.cards:
        graph.node(("card", card.id), width=card.w, height=card.h)
    for step, edges in steps.items():
        if edges[0].joined:
            graph.node(("joint", step), width=JOINT, height=JOINT, shape="ellipse")
    ways: list[tuple[str, str]] = []  # step, and the premise or nothing for the trunk

    def connect(end: tuple[str, str], start: tuple[str, str], step: str, premise: str) -> None:
        graph.edge(end, start)
        ways.append((step, premise))

    for step, edges in steps.items():
        first = edges[0]
        end = ("joint", first.target_step) if first.target_step else ("card", first.target)
        if first.joined:
            connect(end, ("joint", step), step, "")
            end = ("joint", step)
        for edge in edges:
            connect(end, ("card", edge.source), step, edge.source)
    drawn = graphlay.layout(graph, preset="layered", options=_OPTIONS)
    centres = drawn.positions()
    lines = {
        way: tuple((point["x"], point["y"]) for point in reversed(edge["points"]))
        for way, edge in zip(ways, drawn.edges, strict=True)
    }
    cards = []
    for card in scene.cards:
        x, y = centres["card", card.id]
        cards.append(replace(card, x=x - card.w / 2, y=y - card.h / 2))
    edges_drawn = []
    begun = set()
    for edge in scene.edges:
        points = lines[edge.id, edge.source]
        first_of_step = edge.id not in begun
        begun.add(edge.id)
        edges_drawn.append(
            replace(
                edge,
                points=points,
                joint=centres["joint", edge.id] if edge.joined else None,
                trunk=lines[edge.id, ""] if edge.joined and first_of_step else (),
            )
        )
    return replace(scene, cards=tuple(cards), edges=tuple(edges_drawn), layout="layered")


_OPTIONS: Final[dict[str, Any]] = {
    "direction": "leftright",
    "effort": "fast",
    "routing": {"style": "orthogonal", "port_sides": "facing_only"},
    "spacing": {"layer_gap": float(GAP), "node_gap": float(_BETWEEN)},
}


def _framed(scene: Scene) -> Scene:
    """The scene moved so that it begins at the margin, with its size."""
    points = [p for edge in scene.edges for p in (*edge.points, *edge.trunk)]
    left = min(*(card.x for card in scene.cards), *(x for x, _ in points), scene.cards[0].x) - MARGIN
    above = min(*(card.y for card in scene.cards), *(y for _, y in points), scene.cards[0].y) - MARGIN
    right = max(*(card.x + card.w for card in scene.cards), *(x for x, _ in points), 0.0) + MARGIN
    below = max(*(card.y + card.h for card in scene.cards), *(y for _, y in points), 0.0) + MARGIN

    framed = replace(scene, width=right - left, height=below - above)
    if left == above == 0:
        return framed

    def moved(points: Sequence[Point]) -> tuple[Point, ...]:
        return tuple((x - left, y - above) for x, y in points)

    return replace(
        framed,
        cards=tuple(replace(card, x=card.x - left, y=card.y - above) for card in scene.cards),
        edges=tuple(
            replace(
                edge,
                points=moved(edge.points),
                trunk=moved(edge.trunk),
                joint=moved([edge.joint])[0] if edge.joint else None,
            )
            for edge in scene.edges
        ),
    )
