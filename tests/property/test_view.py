"""What holds of every scene, whatever the debate: circles, undercuts of undercuts, linked premises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations, pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argraph.argument.evaluation import Framework
from argraph.argument.graph import ArgumentGraph, Node, Step
from argraph.argument.scores import Scores
from argraph.view import layout
from argraph.view.scene import Card, Edge, Point, Scene
from argraph.view.stage import WHOLE, Extent, Stage

MANY = settings(max_examples=settings.default.max_examples * 5)  # type: ignore[union-attr]
"""For what is quick to look at."""
SCORES = Scores({"High": 0.9}, {})
KINDS = ("thesis", "claim", "claim", "claim", "objection", "rebuttal", "evidence", "evidence")
RELATIONS = {
    "support": ("supports", "supports"),
    "attack": ("attacks", "attacks"),
    "evidence line": ("bears-on", "weighs-against"),
}


@st.composite
def debates(draw: st.DrawFn) -> tuple[list[Node], list[Step]]:
    """Nodes n0 (a thesis), n1 … and steps s0, s1 ….

    Most nodes bear on one before them, or on a step before; further steps lead from anywhere to anywhere,
    also from and to what is not there, and may name a premise twice.
    """
    size = draw(st.integers(1, 14))
    labels = st.sampled_from(
        ["Short", "A label of several words that wraps", "Word" * 60, "日本語の主張" * 9, ""]
    )
    nodes = []
    for i in range(size):
        kind = "thesis" if i == 0 else draw(st.sampled_from(KINDS))
        role = draw(st.sampled_from(["", "", "Pillar"]))
        nodes.append(
            Node(f"n{i}", kind, draw(labels), "", role=role, grade="High", assumed=draw(st.booleans()))
        )
    names = [node.iri for node in nodes]
    steps: list[Step] = []

    def add(premises: list[str], ends: list[str]) -> None:
        kind = draw(st.sampled_from(["support", "attack", "attack", "evidence line"]))
        favourable = kind == "support" or (kind == "evidence line" and draw(st.booleans()))
        end = draw(st.sampled_from(ends))
        steps.append(Step(f"s{len(steps)}", kind, tuple(sorted(premises)), end, favourable))

    for i in range(1, size):
        linked = draw(st.lists(st.sampled_from(names), max_size=1)) if draw(st.integers(0, 3)) == 3 else []
        add([names[i], *linked], [*names[:i], *(step.iri for step in steps)])
    for _ in range(draw(st.integers(0, size))):
        premises = draw(st.lists(st.sampled_from([*names * 3, "unknown"]), min_size=1, max_size=3))
        add(premises, [*names * 2, "unknown", *(f"s{i}" for i in range(2 * size))])
    return nodes, steps


def staged(nodes: list[Node], steps: list[Step]) -> Stage:
    argument = ArgumentGraph(nodes, steps)
    return Stage(argument, Framework.of(argument, SCORES).verdicts)


@st.composite
def extents(draw: st.DrawFn) -> Extent:
    names = [f"n{i}" for i in range(14)]
    some = st.lists(st.sampled_from(names), max_size=5).map(tuple)
    return Extent(
        depth=draw(st.one_of(st.none(), st.integers(0, 3))),
        limit=draw(st.one_of(st.none(), st.integers(1, 12))),
        opening=draw(st.one_of(st.none(), st.integers(1, 6))),
        open=draw(some),
        closed=frozenset(draw(st.lists(st.sampled_from(names), max_size=1))),
        evidence=draw(st.one_of(st.booleans(), some)),
        beside=draw(st.booleans()),
    )


def known(nodes: list[Node], steps: list[Step]) -> dict[str, Step]:
    """Steps whose parts are all there, and that lead to a node: by attacks on steps, if at all."""
    names = {node.iri for node in nodes}
    by_name = {step.iri: step for step in steps}

    def whole(step: Step | None, passed: frozenset[str]) -> bool:
        if step is None or step.iri in passed or not set(step.premises) <= names:
            return False
        return step.end in names or (
            step.kind == "attack" and whole(by_name.get(step.end), passed | {step.iri})
        )

    return {step.iri: step for step in steps if whole(step, frozenset())}


def relation(step: Step, steps: dict[str, Step]) -> str:
    return "undercuts" if step.end in steps else RELATIONS[step.kind][not step.favourable]


@MANY
@given(debates(), extents())
def test_a_scene_is_whole_within_its_limit_and_counts_what_it_leaves_out(
    debate: tuple[list[Node], list[Step]], extent: Extent
) -> None:
    scene = staged(*debate).scene("n0", extent)
    cards = {card.id: card for card in scene.cards}
    assert len(cards) == len(scene.cards) <= (extent.limit or len(debate[0]))
    shown = {edge.id for edge in scene.edges}
    steps = known(*debate)
    for edge in scene.edges:
        assert edge.source in cards
        assert edge.target in cards
        assert not edge.target_step or edge.target_step in shown
        assert edge.relation == relation(steps[edge.id], steps)
    for name in shown:  # a step is shown with all its premises
        assert {e.source for e in scene.edges if e.id == name} == set(steps[name].premises)
    for card in scene.cards:
        every = Counter(
            relation(step, steps)
            for step in steps.values()
            if step.end == card.id or (step.end in shown and steps[step.end].premises[0] == card.id)
        )
        here = Counter({e.id: e.relation for e in scene.edges if e.target == card.id}.values())
        more = card.more
        assert every["supports"] == here["supports"] + more.favour
        assert every["attacks"] == here["attacks"] + more.against
        assert every["undercuts"] == here["undercuts"] + more.undercuts
        assert every["bears-on"] + every["weighs-against"] == (
            here["bears-on"] + here["weighs-against"] + more.evidence
        )
        assert {also.step for also in card.also} | {card.step} - {""} == {
            step.iri for step in steps.values() if card.id in step.premises
        }
    for before, card in pairwise(scene.cards):
        assert card.parent in {None, before.id} or before.level >= card.level
    for card in scene.cards[1:]:
        assert card.parent is not None
        assert card.level == cards[card.parent].level + 1


@MANY
@given(debates(), extents())
def test_the_outline_says_the_same_as_the_scene(
    debate: tuple[list[Node], list[Step]], extent: Extent
) -> None:
    stage = staged(*debate)
    for wanted in (extent, WHOLE):
        scene, rows = stage.scene("n0", wanted), stage.outline("n0", wanted)
        status = {card.id: card.status for card in scene.cards}
        assert Counter(
            (row.id, row.step, row.relation, row.target_step, row.status) for row in rows[1:]
        ) == Counter((e.source, e.id, e.relation, e.target_step, status[e.source]) for e in scene.edges)
        full = [row for row in rows if not row.seen_above]
        assert [row.id for row in full] == [card.id for card in scene.cards]
        assert [row.level for row in full] == [card.level + 1 for card in scene.cards]
        assert [row.more for row in full] == [card.more for card in scene.cards]
        places = {row.id: i for i, row in enumerate(rows) if not row.seen_above}
        for i, row in enumerate(rows):
            assert row.elsewhere == (("above" if places[row.id] < i else "below") if row.seen_above else "")
        siblings: dict[int, list[int]] = {}
        for row in rows:
            siblings = {level: seen for level, seen in siblings.items() if level <= row.level}
            siblings.setdefault(row.level, []).append(row.posinset)
            assert siblings[row.level] == list(range(1, row.posinset + 1)) or row.level == 1
            assert row.posinset <= row.setsize


@given(debates(), st.lists(st.integers(0, 13), max_size=5), st.integers(0, 2), st.integers(1, 9))
def test_opening_one_more_card_moves_nothing_out_of_order(
    debate: tuple[list[Node], list[Step]], opened: list[int], depth: int, opening: int
) -> None:
    stage = staged(*debate)
    for last in range(len(opened)):
        before, after = (
            layout.place(
                stage.scene(
                    "n0",
                    Extent(depth=depth, limit=None, opening=opening, open=tuple(f"n{i}" for i in opened[:n])),
                )
            )
            for n in (last, last + 1)
        )
        later = {card.id: card for card in after.cards}
        kept = [card.id for card in after.cards if card.id in {c.id for c in before.cards}]
        assert kept == [card.id for card in before.cards]
        for card in before.cards:
            assert (card.parent, card.step, card.x) == (
                later[card.id].parent,
                later[card.id].step,
                later[card.id].x,
            ) or later[card.id].x - card.x == later["n0"].x - before.cards[0].x
        for one, other in combinations(before.cards, 2):
            if one.x == other.x:
                assert (one.y < other.y) == (later[one.id].y < later[other.id].y)


@given(debates(), extents(), st.randoms(use_true_random=False))
def test_the_order_in_which_a_debate_is_read_changes_nothing(
    debate: tuple[list[Node], list[Step]], extent: Extent, random: Random
) -> None:
    nodes, steps = debate
    mixed = list(nodes), list(steps)
    for part in mixed:
        random.shuffle(part)
    for kind in ("tree", "layered"):
        one, other = (layout.place(staged(*given).scene("n0", extent), kind) for given in (debate, mixed))
        assert one.as_data() == other.as_data()


def overlap(one: Card, other: Card) -> bool:
    return (
        one.x < other.x + other.w
        and other.x < one.x + one.w
        and one.y < other.y + other.h
        and other.y < one.y + one.h
    )


def through(card: Card, start: Point, end: Point) -> bool:
    """Whether a straight line runs through the inside of a card (Liang and Barsky 1984)."""
    inset = 1.5
    low, high = 0.0, 1.0
    for along, begin, finish, size in (
        (0, card.x + inset, card.x + card.w - inset, end[0] - start[0]),
        (1, card.y + inset, card.y + card.h - inset, end[1] - start[1]),
    ):
        if size == 0:
            if not begin < start[along] < finish:
                return False
            continue
        near, far = sorted(((begin - start[along]) / size, (finish - start[along]) / size))
        low, high = max(low, near), min(high, far)
    return low < high


def drawn(edge: Edge) -> Iterator[tuple[Point, Point]]:
    """The straight parts of an edge; a curve stays in the box between its ends, and is taken as its sides."""
    for points in (edge.points, edge.trunk):
        if len(points) == 2:
            start, end = points
            corner = (start[0], end[1]), (end[0], start[1])
            yield from ((start, corner[0]), (corner[0], end), (start, corner[1]), (corner[1], end))
        else:
            yield from pairwise(points)


def faults(scene: Scene) -> list[str]:
    found = [f"{a.id} overlaps {b.id}" for a, b in combinations(scene.cards, 2) if overlap(a, b)]
    found += [
        f"{edge.id} from {edge.source} runs through {card.id}"
        for edge in scene.edges
        for start, end in drawn(edge)
        for card in scene.cards
        if through(card, start, end)
    ]
    for edge in scene.edges:
        assert edge.points
        assert bool(edge.joint) == edge.joined
        for x, y in (*edge.points, *edge.trunk):
            assert 0 <= x <= scene.width
            assert 0 <= y <= scene.height
    for step in {edge.id for edge in scene.edges if edge.joined}:
        assert sum(bool(edge.trunk) for edge in scene.edges if edge.id == step) == 1
    return found


@pytest.mark.parametrize("kind", ["tree", "layered", "layered without graphlay"])
@given(debate=debates(), extent=extents())
def test_cards_never_overlap_and_no_edge_runs_through_one(
    kind: str, debate: tuple[list[Node], list[Step]], extent: Extent
) -> None:
    stage = staged(*debate)
    for wanted in (extent, WHOLE):
        with pytest.MonkeyPatch.context() as patch:
            if kind.endswith("graphlay"):
                patch.setattr(layout, "graphlay", None)
            placed = layout.place(stage.scene("n0", wanted), "tree" if kind == "tree" else "layered")
        assert placed.layout == ("layered" if kind == "layered" else "tree")
        assert kind == "tree" or not any(edge.quiet for edge in placed.edges)
        assert faults(placed) == []
