"""Which cards and rows are shown, under which, in what order, and what is counted instead."""

from __future__ import annotations

import pytest

from argraph.errors import UnknownNode
from argraph.view.scene import More, Scene
from argraph.view.stage import WHOLE, Extent, Stage
from argraph.workspace import Workspace

from .graphs import stage

ALL = Extent(depth=None, limit=None, opening=None)


def shown(scene: Scene) -> str:
    """The cards, each indented by its level."""
    return " ".join(f"{'.' * card.level}{card.id}" for card in scene.cards)


def test_supports_come_before_attacks_and_pillars_then_the_strongest_first() -> None:
    found = stage(
        "1: a ! t", "2: b > t", "3: P > t", "4: c > t", "5: e ~ c", "6: f ! t", "7: e ~ f", "8: e ~ t"
    )
    assert shown(found.scene("t", Extent(evidence=("t",)))) == "t .P .c .b .f .a .e"


def test_what_undercuts_a_step_is_placed_under_its_first_premise_and_aims_at_the_step() -> None:
    found = stage("1: b,a > t", "2: c ! 1", "3: d ! 2", "4: x > a")
    assert shown(found.scene("t", ALL)) == "t .a ..x .b ..c ...d".replace(
        ".a ..x .b ..c ...d", ".b ..c ...d .a ..x"
    )
    edges = {edge.source: edge for edge in found.scene("t", ALL).edges}
    assert (edges["c"].relation, edges["c"].target, edges["c"].target_step) == ("undercuts", "b", "1")
    assert (edges["d"].relation, edges["d"].target, edges["d"].target_step) == ("undercuts", "c", "2")
    assert [edges[source].joined for source in "abcdx"] == [True, True, True, False, False]


def test_a_statement_is_placed_where_it_is_reached_first_and_named_elsewhere() -> None:
    found = stage("1: a > t", "2: b > t", "3: c > a", "4: c ! b", "5: t > c")
    scene = found.scene("t", ALL)
    assert shown(scene) == "t .a ..c .b"
    cards = {card.id: card for card in scene.cards}
    ((_, also),) = [(card, also) for card in scene.cards if card.id == "c" for also in card.also]
    assert (also.step, also.relation, also.target, also.label, also.shown) == ("4", "attacks", "b", "B", True)
    assert [(link.relation, link.target) for link in cards["t"].also] == [("supports", "c")]
    assert {edge.id for edge in scene.edges if edge.further} == {"4", "5"}


def test_a_limit_never_shows_half_of_a_step_and_says_what_it_left_out() -> None:
    found = stage("1: a > t", "2: b,c > t", "3: d ! t")
    for limit, cards, more in (
        (1, "t", More(favour=2, against=1)),
        (2, "t .a", More(favour=1, against=1)),
        (3, "t .a .d", More(favour=1)),
        (4, "t .a .b .c", More(against=1)),
        (5, "t .a .b .c .d", More()),
    ):
        scene = found.scene("t", Extent(limit=limit))
        assert shown(scene) == cards
        assert scene.cards[0].more == more
        assert scene.truncated == (limit < 5)


def test_what_is_opened_finds_room_beyond_the_opening() -> None:
    found = stage("1: a > t", "2: b > t", "3: c > a", "4: d > c", "5: x > b")
    assert shown(found.scene("t", Extent(opening=3))) == "t .a .b"
    assert shown(found.scene("t", Extent(opening=3, open=("c", "a")))) == "t .a ..c ...d .b"
    assert shown(found.scene("t", Extent(opening=3, limit=4, open=("b", "a")))) == "t .a .b ..x"
    undercut = stage("1: a > t", "2: b > t", "3: c ! 1")
    assert shown(undercut.scene("t", Extent(opening=3))) == "t .a .b"
    assert shown(undercut.scene("t", Extent(opening=3, open=("a",)))) == "t .a ..c .b"


def test_a_later_opened_card_takes_nothing_from_an_earlier_one() -> None:
    found = stage("1: a > t", "2: b > t", "3: c > a", "4: c > b")
    for opened, parent in ((("a", "b"), "a"), (("b", "a"), "b")):
        cards = {card.id: card for card in found.scene("t", Extent(depth=1, open=opened)).cards}
        assert cards["c"].parent == parent


def test_closing_a_card_hides_what_is_under_it() -> None:
    found = stage("1: a > t", "2: b > a", "3: c ! 1")
    scene = found.scene("t", Extent(closed=frozenset({"a"}), open=("a",)))
    assert shown(scene) == "t .a"
    assert scene.cards[1].more == More(favour=1, undercuts=1)
    assert not scene.cards[1].open


def test_evidence_is_counted_until_it_is_asked_for() -> None:
    found = stage("1: a > t", "2: e1 ~ a", "3: e2 - a", "4: b ! e2", "5: c ! 2")
    scene = found.scene("t")
    assert shown(scene) == "t .a"
    assert scene.cards[1].more == More(evidence=2)
    scene = found.scene("t", Extent(evidence=("a",)))
    assert shown(scene) == "t .a ..e1 ..e2"
    assert [card.more for card in scene.cards[1:]] == [More(), More(undercuts=1), More(against=1)]
    assert shown(found.scene("t", Extent(evidence=("a",), open=("e1", "e2")))) == "t .a ..e1 ...c ..e2 ...b"
    assert shown(found.scene("t", WHOLE)) == "t .a ..e1 ...c ..e2 ...b"


def test_a_step_between_cards_that_are_shown_anyway_is_shown_with_what_undercuts_it() -> None:
    found = stage("1: a > t", "2: b > t", "3: a ! b", "4: c ! 3")
    scene = found.scene("t", Extent(depth=1))
    assert {edge.id for edge in scene.edges} == {"1", "2", "3"}
    assert {card.id: card.more.undercuts for card in scene.cards} == {"t": 0, "a": 1, "b": 0}
    assert shown(found.scene("t", Extent(depth=1, open=("a",)))) == "t .a ..c .b"


def test_what_undercuts_the_last_steps_is_shown_on_demand() -> None:
    found = stage("1: a > t", "2: b ! 1", "3: c > b", "4: d ! 2")
    assert shown(found.scene("t", Extent(depth=1))) == "t .a"
    assert shown(found.scene("t", Extent(depth=1, beside=True))) == "t .a ..b"


def test_a_step_that_lacks_a_part_is_neither_shown_nor_counted() -> None:
    complete = stage("1: a > t")
    nodes, steps = complete.argument.nodes.values(), complete.argument.steps.values()
    broken = stage("1: a > t", "2: gone ! t", "3: a ! 3", "4: a ! 5", "5: a ! 4").argument.steps.values()
    argument = type(complete.argument)(nodes, broken)
    scene = Stage(argument, dict(complete.verdicts) | dict.fromkeys("2345", complete.verdicts["1"])).scene(
        "t"
    )
    assert len(steps) == 1
    assert [edge.id for edge in scene.edges] == ["1"]
    assert [card.more for card in scene.cards] == [More(), More()]
    assert [card.also for card in scene.cards] == [(), ()]


def test_a_premise_that_two_files_name_counts_once() -> None:
    scene = stage("1: a,a > t", "2: b,b ! 1").scene("t", Extent(depth=1))
    assert [(edge.source, edge.joined) for edge in scene.edges] == [("a", False)]
    assert scene.cards[1].more == More(undercuts=1)


def test_circles_and_attacks_on_oneself_end() -> None:
    found = stage("1: a > t", "2: t > a", "3: a ! a", "4: a ! 4", "5: b ! 1", "6: a ! 5")
    assert shown(found.scene("t", WHOLE)) == "t .a ..b"
    assert {edge.id for edge in found.scene("t", WHOLE).edges} == {"1", "2", "3", "5", "6"}


def test_the_outline_tells_each_statement_once_and_points_to_it_elsewhere() -> None:
    rows = stage("1: a > t", "2: b > t", "3: c > b", "4: x > a", "5: x > b", "6: e ~ x").outline("t")
    assert [(r.level, r.id, r.posinset, r.setsize, r.elsewhere) for r in rows] == [
        (1, "t", 1, 1, ""),
        (2, "a", 1, 2, ""),
        (3, "x", 1, 1, ""),
        (4, "e", 1, 1, ""),
        (2, "b", 2, 2, ""),
        (3, "x", 1, 2, "above"),
        (3, "c", 2, 2, ""),
    ]
    assert [row.relation for row in rows] == [
        "",
        "supports",
        "supports",
        "bears-on",
        "supports",
        "supports",
        "supports",
    ]
    assert [row.expandable for row in rows] == [True, True, True, False, True, False, False]
    assert [row.parent for row in rows] == ["", "t", "a", "x", "t", "b", "b"]


def test_a_bounded_outline_says_where_more_can_be_opened() -> None:
    rows = stage("1: a > t", "2: b > a", "3: e ~ a").outline("t", Extent(depth=1))
    assert [(row.id, row.expandable, row.open, row.more) for row in rows] == [
        ("t", True, True, More()),
        ("a", True, False, More(favour=1, evidence=1)),
    ]


def test_the_path_leads_over_premises_to_the_nearest_thesis() -> None:
    found = stage("1: a > t", "2: b ! 1", "3: c > b", "4: d > d")
    assert [(stop.id, stop.relation) for stop in found.path("c")] == [
        ("c", "supports"),
        ("b", "undercuts"),
        ("a", "supports"),
        ("t", ""),
    ]
    assert [stop.id for stop in found.path("t")] == ["t"]
    assert [stop.id for stop in found.path("d")] == ["d"]


def test_a_root_that_is_not_there_or_is_a_step_is_refused() -> None:
    for root in ("nobody", "1"):
        with pytest.raises(UnknownNode):
            stage("1: a > t").scene(root)


def test_deep_chains_do_not_exhaust_the_stack() -> None:
    found = stage("s0: n0 > t", *(f"s{i}: n{i} > n{i - 1}" for i in range(1, 3000)))
    assert len(found.scene("t", WHOLE).cards) == len(found.outline("t")) == 3001


def test_json_of_a_scene_has_the_names_that_the_explorer_reads() -> None:
    data = Workspace.open().scene("pil-safety", Extent(depth=1, beside=True)).as_data()
    assert set(data) == {"root", "layout", "digest", "truncated", "width", "height", "nodes", "edges", "path"}
    root, *others = data["nodes"]
    for name in (
        "id",
        "iri",
        "kind",
        "label",
        "text",
        "role",
        "status",
        "standing",
        "strength",
        "parent",
        "level",
    ):
        assert name in root
    for name in ("side", "x", "y", "w", "h", "lines", "more", "open", "also", "words", "wrapped", "step"):
        assert name in root
    assert root["parent"] is None
    assert (root["role"], root["standing"], root["side"]) == ("Pillar", "does not stand", "root")
    assert {node["side"] for node in others} == {"for", "against", "undercut"}
    assert set(root["more"]) == {"for", "against", "undercuts", "evidence"}
    assert data["digest"] == Workspace.open().store.digest
    assert data["path"][-1] == {
        "id": "th-open-must-win",
        "label": "Open source AI should prevail over closed systems",
        "relation": "",
    }
    undercut = next(edge for edge in data["edges"] if edge["relation"] == "undercuts")
    attacked = [edge for edge in data["edges"] if edge["id"] == undercut["target_step"]]
    assert attacked[0]["joint"] is not None
    assert attacked[0]["trunk_path"].startswith("M")
    assert undercut["path"].startswith("M")


def test_a_finding_shows_its_words_under_its_citation() -> None:
    scene = Workspace.open().scene(
        "cl-many-eyes", Extent(depth=0, evidence=(Workspace.open().resolve("cl-many-eyes"),))
    )
    finding = next(card for card in scene.cards if card.kind == "evidence" and card.label == "Raymond 1999")
    assert finding.words == finding.text
    assert finding.wrapped[0] == "Source of the many-eyes maxim"


def test_opened_findings_are_not_opened_arguments() -> None:
    found = stage("1: a > t", "2: b > a", "3: e ~ a")
    scene = found.scene("t", Extent(depth=1, evidence=("a",)))
    (card,) = (card for card in scene.cards if card.id == "a")
    assert (card.open, card.evidence_open, card.more) == (False, True, More(favour=1))
    assert not scene.truncated
