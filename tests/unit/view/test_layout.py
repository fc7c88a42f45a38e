"""Where cards stand and edges run, by numbers."""

from __future__ import annotations

from itertools import pairwise

import pytest

from argraph.view import layout
from argraph.view.scene import JOINT, WIDTH, Scene, path
from argraph.view.stage import WHOLE, Extent
from argraph.workspace import Workspace

from .graphs import stage


def columns(scene: Scene) -> list[str]:
    """The cards of each column from left to right, in each from above."""
    lefts = sorted({card.x for card in scene.cards})
    return [
        " ".join(card.id for card in sorted(scene.cards, key=lambda c: c.y) if card.x == left)
        for left in lefts
    ]


def test_arguments_stand_to_the_right_in_order_and_undercuts_beside_what_they_undercut() -> None:
    found = stage("1: a > t", "2: b ! t", "3: c > a", "4: u1 ! 1", "5: u2 ! 4", "6: d > u1")
    placed = layout.place(found.scene("t", WHOLE))
    assert columns(placed) == ["t", "a u1 u2 b", "c d"]
    lefts = sorted({card.x for card in placed.cards})
    assert [right - left for left, right in pairwise(lefts)] == [WIDTH + 84, WIDTH + 84]


def test_premises_of_one_step_stand_together_and_meet_in_a_joint_between_the_columns() -> None:
    placed = layout.place(stage("1: a,b > t", "2: u ! 1", "3: c > t").scene("t", WHOLE))
    assert columns(placed) == ["t", "a b u c"]
    cards = {card.id: card for card in placed.cards}
    joint = next(edge.joint for edge in placed.edges if edge.id == "1")
    assert joint is not None
    assert cards["t"].x + WIDTH + JOINT / 2 < joint[0] < cards["a"].x - JOINT / 2
    assert cards["a"].y < joint[1] < cards["b"].y + cards["b"].h
    trunk = next(edge.trunk for edge in placed.edges if edge.trunk and edge.id == "1")
    assert trunk[0][0] == joint[0] - JOINT / 2
    assert trunk[-1][0] == cards["t"].x + WIDTH
    undercut = next(edge for edge in placed.edges if edge.id == "2")
    end = undercut.points[-1]
    assert abs(end[0] - joint[0]) + abs(end[1] - joint[1]) == pytest.approx(JOINT / 2 + 2)


def test_a_card_stands_beside_the_middle_of_what_is_under_it() -> None:
    placed = layout.place(stage("1: a > t", "2: b > t", "3: c > t").scene("t", WHOLE))
    cards = {card.id: card for card in placed.cards}
    assert cards["t"].y + cards["t"].h / 2 == pytest.approx(cards["b"].y + cards["b"].h / 2, abs=1)


def test_steps_of_one_sort_arrive_together_and_sorts_in_the_order_of_their_cards() -> None:
    placed = layout.place(stage("1: a > t", "2: b > t", "3: c ! t", "4: d ! t").scene("t", WHOLE))
    points = {edge.source: edge.points for edge in placed.edges}
    assert points["a"][-1] == points["b"][-1]
    assert points["c"][-1] == points["d"][-1]
    assert points["b"][-1][1] < points["c"][-1][1]
    trunks = {key: {x for x, _ in way[1:-1]} for key, way in points.items()}
    assert trunks["a"] == trunks["b"] != trunks["c"] == trunks["d"]
    assert all(len(xs) == 1 for xs in trunks.values())


def test_the_trunk_of_what_comes_from_farther_keeps_to_the_left() -> None:
    many = [f"{i}: n{i} ! t" for i in range(2, 9)]
    placed = layout.place(stage("1: a > t", *many).scene("t", WHOLE))
    points = {edge.source: edge.points for edge in placed.edges}
    (_, top), (trunk, _), *_ = points["a"]
    others = {points[f"n{i}"][1][0] for i in range(2, 9) if len(points[f"n{i}"]) > 2}
    assert len(others) == 1
    assert top < min(points[f"n{i}"][0][1] for i in range(2, 9))
    assert trunk < others.pop()


def test_further_links_are_quiet_in_a_tree_unless_something_shown_undercuts_them() -> None:
    found = stage("1: a > t", "2: b > t", "3: a ! b", "4: b ! a", "5: c ! 4")
    scene = found.scene("t", WHOLE)
    assert {edge.id for edge in layout.place(scene).edges if edge.quiet} == {"3"}
    assert {edge.id for edge in layout.place(scene, "layered").edges if edge.quiet} == set()


def test_layers_need_no_line_for_links_that_they_draw() -> None:
    scene = stage("1: a > t", "2: b > t", "3: a ! b").scene("t", WHOLE)
    heights = {kind: {c.id: c.h for c in layout.place(scene, kind).cards} for kind in ("tree", "layered")}
    assert heights["tree"]["a"] - heights["layered"]["a"] == 24
    assert heights["tree"]["b"] == heights["layered"]["b"]


def test_without_graphlay_layers_are_a_tree_with_all_its_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "graphlay", None)
    placed = layout.place(stage("1: a > t", "2: b > t", "3: a ! b").scene("t", WHOLE), "layered")
    assert placed.layout == "tree"
    assert not any(edge.quiet for edge in placed.edges)
    assert all(edge.points for edge in placed.edges)


def test_a_root_alone_has_a_drawing() -> None:
    for kind in ("tree", "layered"):
        placed = layout.place(stage(t="Alone").scene("t"), kind)
        assert (placed.cards[0].x, placed.cards[0].y) == (layout.MARGIN, layout.MARGIN)
        assert placed.width == WIDTH + 2 * layout.MARGIN


def test_path_data_is_a_curve_between_two_points_and_rounds_the_bends_of_more() -> None:
    assert path([]) == ""
    assert path([(10, 5), (0, 5)]) == "M10 5C2.8 5 3.8 5 0 5"
    assert path([(0, 0), (6, 0), (6, 30)]) == "M0 0L3 0Q6 0 6 10L6 30"


def test_the_shipped_thesis_opens_on_sixty_cards_at_most() -> None:
    placed = Workspace.open().scene("th-open-must-win")
    assert len(placed.cards) == 60
    assert placed.truncated
    assert len(Workspace.open().scene("th-open-must-win", Extent(limit=300, opening=300)).cards) == 67
