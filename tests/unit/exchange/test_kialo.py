"""Text exports of Kialo: one claim a line, references as the same claim, several theses."""

from __future__ import annotations

import pytest

from argraph.errors import ArgraphError, FormatError
from argraph.exchange import registry
from argraph.exchange.model import Imported

FUEL = r"""Discussion Title: Should fuel be dearer?

1. Fuel should be dearer.
1.1. Pro: Roads wear out,
and somebody has to pay.

2. This is the second line of a list.
1.1.1. Con: Rain wears them, [studies \[two\]](https://example.org/rain_(1)) say.
1.2. Con: -> See 1.1.1.
1.2.1. Pro: Rain is free.
1.3. Pro: -> See 1.2.
1.4. Con: -> See 7.7.
1.6.1. Pro: Nobody asked.
"""


def read(text: str) -> Imported:
    return registry.load(text.encode(), "x.txt", "kialo")


def steps(imported: Imported) -> set[tuple[str, tuple[str, ...], str]]:
    return {(step.kind, step.premises, step.end) for step in imported.model.steps.values()}


def told(imported: Imported) -> list[tuple[str, str, str]]:
    return [(loss.place, loss.what, loss.kind) for loss in imported.losses.losses]


def test_claims_stand_for_or_against_what_they_are_under_and_references_are_the_same_claim() -> None:
    imported = read(FUEL)
    assert imported.model.title == "Should fuel be dearer?"
    assert steps(imported) == {
        ("support", ("1.1",), "1"),
        ("attack", ("1.1.1",), "1.1"),
        ("attack", ("1.1.1",), "1"),
        ("support", ("1.2.1",), "1.1.1"),
        ("support", ("1.1.1",), "1"),
    }
    assert {name: node.kind for name, node in imported.model.nodes.items()} == {
        "1": "thesis",
        "1.1": "",
        "1.1.1": "",
        "1.2.1": "",
        "1.6.1": "",
    }


def test_a_claim_of_several_lines_is_one_and_a_list_in_it_begins_no_claim() -> None:
    assert read(FUEL).model.nodes["1.1"].text == (
        "Roads wear out,\nand somebody has to pay.\n\n2. This is the second line of a list."
    )


def test_the_address_of_a_link_stands_in_a_note_and_its_words_in_the_text() -> None:
    node = read(FUEL).model.nodes["1.1.1"]
    assert node.text == "Rain wears them, studies [two] say."
    assert node.note == "Links: studies [two] (https://example.org/rain_(1))"


def test_what_leads_nowhere_is_told_with_its_line() -> None:
    assert told(read(FUEL)) == [
        ("line 8", "link", "kept"),
        ("line 12", "“-> See 7.7.”", "dropped"),
        ("line 13", "support", "dropped"),
    ]


def test_a_discussion_with_several_theses_has_its_question_as_title() -> None:
    imported = read(
        "1. Which fuel?\n1.1. Petrol.\n1.1.1. Con: It burns.\n1.2. Sun.\n1.2.1. Con: -> See 1.1.\n"
    )
    assert imported.model.title == "Which fuel?"
    assert {n: node.kind for n, node in imported.model.nodes.items()} == {
        "1.1": "thesis",
        "1.1.1": "",
        "1.2": "thesis",
    }
    assert steps(imported) == {("attack", ("1.1.1",), "1.1"), ("attack", ("1.1",), "1.2")}
    assert told(imported) == []


def test_references_in_a_circle_and_places_used_twice_are_told() -> None:
    imported = read("1. T\n1.1. Pro: -> See 1.2.\n1.2. Pro: -> See 1.1.\n1.3. Pro: a\n1.3. Con: b\n")
    assert [(place, kind) for place, _, kind in told(imported)] == [
        ("line 5", "changed"),
        ("line 2", "dropped"),
        ("line 3", "dropped"),
    ]
    assert steps(imported) == {("support", ("1.3",), "1"), ("attack", ("1.3 (2)",), "1")}


@pytest.mark.parametrize("text", ["", "Discussion Title: x\n\nnothing", "\n\n"])
def test_a_file_without_claims_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(
        FormatError, match=r"no claim in this file. An export of Kialo has lines such as: 1\.1\."
    ):
        read(text)


def test_kialo_is_not_written() -> None:
    with pytest.raises(ArgraphError, match="The format kialo is only read, not written: choose one of aif"):
        registry.dump(read(FUEL).model, "kialo")


NEWER = """Discussion Name:
Should fuel be dearer?

1. Thesis:
Fuel should be dearer [1].

  1.1. Pro:
  Roads wear out [2], (p. 7 [3]) and somebody
  has to pay [...]:
  1.1. in advance,
  1.2. Con: or never.
  Sources:
  many.

    1.1.1. Con:
    Rain wears them.

  1.2. Con:
  -> See 1.1.1.

Sources:
[1] https://example.org/fuel
"Fuel is cheap.

[7] So it is.
1.3. Pro:
It is."
[2] example.org/roads
[3] https://example.org/p
"""


def test_the_newer_form_has_claims_below_their_numbers_and_sources_at_the_end() -> None:
    imported = read(NEWER)
    model = imported.model
    assert model.title == "Should fuel be dearer?"
    assert {name: node.kind for name, node in model.nodes.items()} == {"1": "thesis", "1.1": "", "1.1.1": ""}
    assert steps(imported) == {
        ("support", ("1.1",), "1"),
        ("attack", ("1.1.1",), "1.1"),
        ("attack", ("1.1.1",), "1"),
    }
    assert model.nodes["1"].text == "Fuel should be dearer [1]."
    assert model.nodes["1.1"].text == (
        "Roads wear out [2], (p. 7 [3]) and somebody\nhas to pay [...]:\n"
        "1.1. in advance,\n1.2. Con: or never.\nSources:\nmany."
    )


def test_a_claim_names_the_sources_that_it_refers_to_and_what_is_quoted_is_kept() -> None:
    imported = read(NEWER)
    assert imported.model.nodes["1"].note == "Sources: [1] https://example.org/fuel"
    assert imported.model.nodes["1.1"].note == "Sources: [2] example.org/roads; [3] https://example.org/p"
    assert imported.model.nodes["1.1.1"].note == ""
    assert imported.model.kept == {
        "kialo": {
            "sources": [
                {
                    "number": "1",
                    "address": "https://example.org/fuel",
                    "quoted": '"Fuel is cheap.\n\n[7] So it is.\n1.3. Pro:\nIt is."',
                },
                {"number": "2", "address": "example.org/roads"},
                {"number": "3", "address": "https://example.org/p"},
            ]
        }
    }
    assert told(imported) == [
        ("line 22", "list of sources", "kept"),
        ("line 22", "quotation from a source", "kept"),
    ]


def test_a_label_has_no_numbers_of_sources() -> None:
    model = read(NEWER).model
    assert model.nodes["1"].label == "Fuel should be dearer"
    assert model.nodes["1.1"].label == "Roads wear out, (p. 7) and somebody has to pay [...]: 1.1.…"
    assert model.nodes["1.1.1"].label == ""


def test_the_newer_form_of_several_theses_names_its_question_and_its_theses() -> None:
    imported = read(
        "Discussion Name:\nWhich fuel?\n\n1. Question:\nWhich fuel?\n\n  1.1. Thesis:\n  Petrol.\n\n"
        "    1.1.1. Con:\n    It burns.\n\n  1.2. Thesis:\n  Sun.\n\n    1.2.1. Con:\n    -> See 1.1.\n"
    )
    assert imported.model.title == "Which fuel?"
    assert {n: node.kind for n, node in imported.model.nodes.items()} == {
        "1.1": "thesis",
        "1.1.1": "",
        "1.2": "thesis",
    }
    assert steps(imported) == {("attack", ("1.1.1",), "1.1"), ("attack", ("1.1",), "1.2")}
    assert told(imported) == []
