"""What a debate can take: kinds, theses, assumptions, and what the gate would refuse."""

from __future__ import annotations

import pytest

from argraph.argument.graph import Node, Step, Study
from argraph.exchange.model import Model
from argraph.exchange.settling import LONGEST, Settled, settle


def model(*steps: tuple[str, str, str, str], **kinds: str) -> Model:
    """Steps as (name, kind, premises, end); a statement for each name that is no step's."""
    names = {name for _, _, premises, end in steps for name in (*premises.split(), end)} | set(kinds)
    names -= {name for name, *_ in steps}
    return Model(
        nodes={n: Node(n, kinds.get(n, ""), "", f"The statement {n} is true.") for n in sorted(names)},
        steps={
            name: Step(name, kind, tuple(sorted(premises.split())), end, kind == "support")
            for name, kind, premises, end in steps
        },
    )


def kinds(settled: Settled) -> dict[str, str]:
    return {name: node.kind for name, node in settled.model.nodes.items()}


def test_what_all_leads_to_is_the_thesis_and_attackers_are_objections_and_rebuttals_in_turn() -> None:
    settled = settle(
        model(
            ("1", "support", "a b", "t"),
            ("2", "attack", "o", "a"),
            ("3", "attack", "r", "o"),
            ("4", "attack", "rr", "3"),
            ("5", "attack", "u", "1"),
            ("6", "attack", "v", "5"),
        )
    )
    assert kinds(settled) == {
        "t": "thesis",
        "a": "claim",
        "b": "claim",
        "o": "objection",
        "r": "rebuttal",
        "rr": "rebuttal",
        "u": "objection",
        "v": "rebuttal",
    }
    assert [n for n, node in settled.model.nodes.items() if not node.assumed] == ["t"]


def test_what_attacks_an_objection_and_a_claim_is_a_claim_and_that_is_said() -> None:
    settled = settle(
        model(
            ("1", "support", "a", "t"),
            ("2", "attack", "o", "t"),
            ("3", "attack", "x", "o"),
            ("4", "attack", "x", "t"),
        )
    )
    assert kinds(settled)["x"] == "objection"  # as near to the thesis as the objection: that attack counts
    settled = settle(
        model(
            ("0", "support", "s", "t"),
            ("1", "support", "a", "s"),
            ("2", "attack", "o", "s"),
            ("3", "attack", "x", "o"),
            ("4", "attack", "x", "a"),
        )
    )
    assert kinds(settled)["x"] == "claim"
    assert [loss.place for loss in settled.losses if loss.what == "kind"] == ["x"]


def test_two_statements_that_attack_each_other_are_told_apart_by_the_thesis() -> None:
    settled = settle(model(("1", "support", "a", "t"), ("2", "attack", "b", "a"), ("3", "attack", "a", "b")))
    assert kinds(settled) == {"t": "thesis", "a": "claim", "b": "objection"}


def test_a_circle_of_support_is_opened_and_the_step_kept() -> None:
    settled = settle(
        model(("1", "support", "a", "b"), ("2", "support", "b", "c"), ("3", "support", "c", "a"))
    )
    assert list(settled.removed) == ["3"]
    assert list(settled.model.steps) == ["1", "2"]
    assert [(loss.place, loss.kind) for loss in settled.losses if "circle" in loss.reason] == [
        ("3", "dropped")
    ]


def test_what_attacks_a_step_that_is_left_out_is_left_out_too() -> None:
    settled = settle(model(("1", "support", "a", "a"), ("2", "attack", "b", "1"), ("3", "attack", "c", "2")))
    assert sorted(settled.removed) == ["1", "2", "3"]
    assert kinds(settled)["c"] == "claim"


def test_a_debate_that_is_all_circle_is_about_what_is_argued_about_most() -> None:
    settled = settle(model(("1", "attack", "a", "b"), ("2", "attack", "b", "a"), ("3", "attack", "c b", "a")))
    assert kinds(settled)["a"] == "thesis"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("no", "The source says: “no”"),
        ("", "The source gives no text for “a”."),
        ("nul \x00 and \ud800 are no signs", "nul � and � are no signs"),
        ("x" * 2000, "x" * (LONGEST - 1) + "…"),
    ],
)  # fmt: skip
def test_a_text_that_no_statement_can_have_is_worded_otherwise_and_kept(text: str, written: str) -> None:
    settled = settle(Model(nodes={"a": Node("a", "", "", text)}))
    assert settled.model.nodes["a"].text == written
    assert settled.texts == {"a": text}
    assert [loss.kind for loss in settled.losses if loss.what.startswith("text")] == ["changed"]


def test_a_label_is_the_first_words_of_the_text() -> None:
    text = "When it rains in the mountains, the roads there are worn down sooner than those on the plain are."
    node = settle(Model(nodes={"a": Node("a", "", "", text)})).model.nodes["a"]
    assert node.label == "When it rains in the mountains, the roads there are worn…"


def test_evidence_without_a_study_that_can_be_found_is_a_claim_and_its_line_a_step() -> None:
    given = model(("1", "evidence line", "e", "t"), e="evidence", t="thesis")
    settled = settle(given)
    assert kinds(settled) == {"e": "claim", "t": "thesis"}
    assert settled.model.steps["1"].kind == "attack"  # the line was written as unfavourable


def study(**parts: str) -> Study:
    empty = dict.fromkeys(Study.__slots__, "")
    known = {"title": "On roads", "year": "2020", "type": "Book", "url": "https://example.org/roads"} | parts
    return Study(**{**empty, "themes": (), "more_authors": False, "authors": ("Other, Ann",), **known})  # type: ignore[arg-type]


def test_evidence_with_its_study_stays_and_does_not_attack() -> None:
    given = model(("1", "attack", "e", "t"), ("2", "support", "e", "t"), e="evidence", t="thesis")
    given.studies = {"s": study()}
    given.nodes["e"] = Node("e", "evidence", "", "The roads were worn.", studies=("s",), grade="Low")
    settled = settle(given)
    assert [(s.kind, s.favourable) for s in settled.model.steps.values()] == [
        ("evidence line", False),
        ("evidence line", True),
    ]
    assert settled.model.nodes["e"].verification == "Unverified"


@pytest.mark.parametrize(
    ("parts", "lacks"),
    [
        ({"year": "soon"}, "year"),
        ({"type": "Rumour"}, "type"),
        ({"url": ""}, "no DOI"),
        ({"title": ""}, "title"),
    ],
)
def test_a_study_that_the_gate_would_refuse_is_not_taken_over(parts: dict[str, str], lacks: str) -> None:
    settled = settle(Model(nodes={}, studies={"s": study(**parts)}))
    assert settled.model.studies == {}
    assert lacks in settled.losses[0].reason


def test_a_long_chain_of_attacks_on_a_step_that_is_left_out_falls_in_one_go() -> None:
    chain = [("0", "support", "a", "a"), *((str(i), "attack", f"b{i}", str(i - 1)) for i in range(1, 20_000))]
    settled = settle(model(*chain))
    assert len(settled.removed) == 20_000
    assert settled.model.steps == {}
    assert sum(loss.count for loss in settled.losses if loss.kind == "dropped") == 20_000
    assert len([loss for loss in settled.losses if loss.kind == "dropped"]) == 51


@pytest.mark.parametrize("doi", ["10.1000/182", ""])
def test_an_address_with_signs_that_none_may_have_is_left_out_and_told(doi: str) -> None:
    url = "https://example.org/re\x80ort"
    study = Study(
        "s", "A report", ("Doe, Ann",), False, "2020", "", "WebArticle", "", doi, "", url, "", (), ""
    )
    settled = settle(Model(studies={"s": study}))
    assert [(name, found.url) for name, found in settled.model.studies.items()] == (
        [("s", "")] if doi else []
    )
    told = "address “https://example.org/re\x80ort”" if doi else "study “A report”"
    assert [loss.what for loss in settled.losses] == [told]
