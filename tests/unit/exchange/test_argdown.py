"""Argdown as people write it: relations both ways, structures, undercuts, titles, data, and its faults."""

from __future__ import annotations

import pytest

from argraph.errors import FormatError
from argraph.exchange import registry
from argraph.exchange.model import Imported


def read(text: str) -> Imported:
    return registry.load(text.encode(), "x.argdown", "argdown")


def steps(imported: Imported) -> set[tuple[str, tuple[str, ...], str]]:
    return {(step.kind, step.premises, step.end) for step in imported.model.steps.values()}


def told(imported: Imported) -> list[tuple[str, str]]:
    return [(loss.place, loss.kind) for loss in imported.losses.losses if loss.kind in {"dropped", "changed"}]


@pytest.mark.parametrize(
    ("sign", "found"),
    [
        ("+", {("support", ("B",), "A")}),
        ("<+", {("support", ("B",), "A")}),
        ("+>", {("support", ("A",), "B")}),
        ("-", {("attack", ("B",), "A")}),
        ("<-", {("attack", ("B",), "A")}),
        ("->", {("attack", ("A",), "B")}),
        ("><", {("attack", ("A",), "B"), ("attack", ("B",), "A")}),
    ],
)
def test_relations_between_statements(sign: str, found: set[tuple[str, tuple[str, ...], str]]) -> None:
    assert steps(read(f"[A]: It is so.\n    {sign} [B]: It is not.\n")) == found


@pytest.mark.parametrize(
    ("sign", "found"),
    [
        ("_", ("attack", ("B",), "support-A-T")),
        ("<_", ("attack", ("B",), "support-A-T")),
        ("_>", ("attack", ("A",), "support-B-T")),
    ],
)
def test_undercuts_hit_the_steps_of_an_argument(sign: str, found: tuple[str, tuple[str, ...], str]) -> None:
    text = f"[T]\n    + <A>: a\n    + <B>: b\n\n<A>\n    {sign} <B>\n"
    assert steps(read(text)) == {("support", ("A",), "T"), ("support", ("B",), "T"), found}


def test_an_undercut_of_an_undercut_is_an_attack_on_an_attack() -> None:
    found = steps(read("[T]\n  - <A>: a\n    _ <B>: b\n      _ <C>: c\n"))
    assert found == {
        ("attack", ("A",), "T"),
        ("attack", ("B",), "attack-A-T"),
        ("attack", ("C",), "attack-B-A"),
    }


def test_indentation_says_what_a_relation_belongs_to_and_lines_go_on() -> None:
    found = read("[T]: One line\n  and another.\n   + [A]: a\n      - [B]: b\n      goes on\n   - [C]\n")
    assert steps(found) == {("support", ("A",), "T"), ("attack", ("B",), "A"), ("attack", ("C",), "T")}
    assert found.model.nodes["T"].text == "One line and another."
    assert found.model.nodes["B"].text == "b goes on"


STRUCTURE = """<Tax>: Roads cost money. {author: Ada}

(1) [Wear]: Roads wear out.
(2) [Pay]: Somebody pays.
-- Modus Ponens --
(3) [Cost]: Roads cost.
    <- [Free]: Roads are free.
(4) Drivers use them.
--
Practical Reasoning
{uses: [3, 4], strength: high}
--
    <_ [Habit]: Use is no reason.
(5) [T]: Fuel should be dearer.
    +> [More]: Trains should be cheaper.
"""


def test_inferences_are_steps_with_their_premises_rules_and_undercuts() -> None:
    found = read(STRUCTURE)
    assert steps(found) == {
        ("support", ("Pay", "Wear"), "Cost"),
        ("support", ("Cost", "untitled-8"), "T"),
        ("attack", ("Free",), "Cost"),
        ("attack", ("Habit",), "Tax"),
        ("support", ("T",), "More"),
    }
    assert found.model.steps["Tax"].scheme == "SchemePracticalReasoning"
    assert found.model.steps["Tax"].text == "Roads cost money."
    assert found.model.steps["Tax (3)"].scheme == "scheme-modus-ponens"
    assert found.model.schemes == {"scheme-modus-ponens": "Modus Ponens"}
    assert found.model.kept["argdown"]["data"] == {
        "Tax": {"author": "Ada"},
        "Tax ----": {"strength": "high"},
    }
    assert told(found) == []


def test_an_undercut_under_a_conclusion_hits_the_inference_above_it() -> None:
    found = read("<A>\n\n(1) [P]\n----\n(2) [C]\n    <_ [U]\n    - [N]\n")
    assert steps(found) == {
        ("support", ("P",), "C"),
        ("attack", ("U",), "A"),
        ("attack", ("N",), "C"),
    }


def test_relations_of_an_argument_with_a_structure_are_those_of_its_conclusion() -> None:
    found = read(
        "<A>\n  +> [C]\n  -> [D]\n  <- [E]\n  <+ [P]\n  <+ [F]\n\n<A>\n\n(1) [P]\n(2) [Q]\n----\n(3) [C]\n"
    )
    assert steps(found) == {
        ("support", ("P", "Q"), "C"),
        ("attack", ("C",), "D"),
        ("attack", ("E",), "A"),
    }
    assert told(found) == [("line 4", "changed"), ("line 6", "dropped")]


def test_one_title_is_one_statement_and_its_other_wordings_are_kept() -> None:
    found = read("[A]: first\n\n[B]: b\n  + [A]: second #tag\n\n[A]\n")
    assert [(n, node.text, node.themes) for n, node in found.model.nodes.items()] == [
        ("A", "first", ("tag",)),
        ("B", "b", ()),
    ]
    assert found.model.kept["argdown"]["wordings"] == {"A": ["second"]}


def test_front_matter_headings_tags_data_and_comments() -> None:
    text = (
        "===\ntitle: Fuel\nmodel:\n    mode: strict\n===\n\n# Roads {isGroup: true}\n\n"
        "[A]: a #tag is part of it #last #(two words) // no part\n<!-- one\n\ntwo -->\n"
        "  - [B]: see https://example.org/x /* inside */ too \\#5 @[A] {note: n, colour: red}\n\n"
        "## Rain\nand @[B]\n[C]: c\n"
    )
    found = read(text)
    nodes = found.model.nodes
    assert found.model.title == "Fuel"
    assert nodes["A"].text == "a #tag is part of it"
    assert nodes["A"].themes == ("tag", "last", "two words")
    assert (nodes["B"].text, nodes["B"].note) == ("see https://example.org/x too #5 @[A]", "n")
    assert (nodes["B"].themes, nodes["C"].themes) == (("Roads",), ("Rain and @[B]",))
    assert steps(found) == {("attack", ("B",), "A"), ("attack", ("A",), "B")}, "contrary, in strict mode"
    assert found.model.kept["argdown"] == {
        "front": {"model": {"mode": "strict"}},
        "data": {"# Roads": {"isGroup": "true"}, "B": {"colour": "red"}},
        "comments": ["no part", "one\n\ntwo", "inside"],
    }


@pytest.mark.parametrize(
    ("text", "place", "kind", "reason"),
    [
        ("[A]: a\n\n  + [B]: b\n", "line 3", "dropped", "no blank line between"),
        ("[A]: a\n\n[B] b\n", "line 3", "dropped", "without a colon"),
        ("[A]: a {b: [}\n", "line 1", "changed", "it is no YAML"),
        ("[A]: a\n\n\n/* b\n", "line 4", "dropped", "no end"),
        ("<A>\n\n(1) [P]\n----\n", "line 4", "dropped", "no conclusion"),
        ("<A>\n\n(1) [P]\n-- {uses: [7]} --\n(2) [C]\n", "line 4", "dropped", "it uses (7)"),
        ("(1) [P]\n\n----\n(2) [C]\n", "line 3", "changed", "a blank line divides it"),
        ("===\n[\n===\n\n[A]: a\n", "line 1", "dropped", "it is no YAML"),
        ("[A]: a\n\n@include(b.argdown)\n", "line 3", "dropped", "not read"),
        ("[A]: a\n  + <B>: b\n\n[C]: c\n  _ <B>\n", "line 5", "changed", "no inference of it is stated"),
    ],
)
def test_a_fault_is_told_with_its_line_and_the_rest_is_read(
    text: str, place: str, kind: str, reason: str
) -> None:
    found = read(text)
    assert found.model.nodes
    assert [(at, how) for at, how in told(found)] == [(place, kind)]
    assert [loss for loss in found.losses.losses if reason in loss.reason]


@pytest.mark.parametrize("text", ["", "// only a comment\n", "\n \n"])
def test_a_file_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match="no statement in this file"):
        read(text)


def test_what_is_written_is_a_map_to_read() -> None:
    text = (
        "[T]: Fuel should be dearer. {note: x}\n    + [A]: a\n    - [B]: b\n\n"
        "<S>\n\n(1) [A]\n(2) [B]\n-----\n(3) [T]\n\n[U]: u\n    _> <S>\n"
    )
    assert registry.dump(read(text).model, "argdown").data.decode() == (
        "[T]: Fuel should be dearer. {note: x}\n    + [A]\n    - [B]\n\n[A]: a\n\n[B]: b\n\n[U]: u\n\n"
        "<S>\n\n(1) [A]\n(2) [B]\n-----\n(3) [T]\n\n"
        "<attack-U-S> {kind: attack}\n\n(1) [U]\n-----\n(2) This does not follow.\n    _> <S>\n"
    )


def test_tags_that_have_no_place_are_told() -> None:
    structure = "<R>: reason #lost\n\n(1) [A]: a\n-----\n(2) [B]: b\n\n"
    assert ("line 1", "dropped") in told(read(structure))
    assert ("line 1", "dropped") in told(read("[A]: a #lost {themes: [kept]}\n"))
    assert told(read("[A]: a #kept\n")) == []


def test_tags_of_a_heading_are_the_sections_and_told() -> None:
    imported = read(
        "# Fuel #cars #(more of it) {isGroup: true}\n\n## Roads #worn\n\n[A]: Roads are worn. #seen\n"
    )
    assert imported.model.kept["argdown"]["data"] == {
        "# Fuel": {"isGroup": "true", "tags": ["cars", "more of it"]},
        "# Roads": {"tags": ["worn"]},
    }
    assert imported.model.nodes["A"].themes == ("seen",)
    assert [(loss.place, loss.what, loss.kind) for loss in imported.losses.losses if "tags" in loss.what] == [
        ("line 1", "tags cars, more of it of a heading", "kept"),
        ("line 3", "tags worn of a heading", "kept"),
    ]
