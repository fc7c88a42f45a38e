from __future__ import annotations

import re
from datetime import date

import pytest

from argraph.argument.graph import ArgumentGraph, Node
from argraph.contribution.check import check
from argraph.contribution.scaffold import BLANK, KINDS, Kind, scaffold
from argraph.contribution.shapes import ShapeSet
from argraph.rdf.store import Store

BASE = "https://w3id.org/argraph/open-source-ai/"
ANSWERS = {
    "name": "unheard-of-reason",
    "what this file adds": "A reason nobody gave",
    "a page about you": "example.org/me",
    "name of the statement": "pil-safety",
    "name of what it is against": "pil-safety",
    "name of what it answers": "ob-malicious-use",
    "in a few words": "Zebras graze beside quiet rivers",
    "in one full sentence": "Herds of zebras graze beside quiet rivers after generous rains.",
    "title of the study": "Grazing habits of zebras",
    "first author": "Byron, Ada",
    "year": "2021",
    "journal, conference": "Journal of Zebras",
    "type of study": "JournalArticle",
    "method": "Survey",
    "DOI": "10.1145/3442188.3445922",
    "arXiv number": "2310.12941",
    "address of the study": "example.org/zebras",
    "the finding in one sentence": "Of 400 herds observed, 312 grazed within a kilometre of a river.",
    "grade of the evidence": "Low",
    "For or Against": "For",
    "Direct or Indirect": "Indirect",
    "grade of the line": "VeryLow",
}


def filled(text: str) -> str:
    def answer(blank: re.Match[str]) -> str:
        what = blank["what"].strip()
        return ANSWERS[max((k for k in ANSWERS if what.startswith(k) or what.endswith(k)), key=len)]

    return BLANK.sub(answer, text)


def codes(text: str, debate: Store, shapes: ShapeSet) -> list[str]:
    report = check({"new.ttl": text.encode()}, against=debate, shapes=shapes)
    return [f"{d.location.line} {d.code} {d.message}" for d in report]


@pytest.mark.parametrize("kind", KINDS)
def test_a_scaffold_is_clean_once_its_blanks_are_filled(kind: Kind, debate: Store, shapes: ShapeSet) -> None:
    assert codes(filled(scaffold(kind, base=BASE)), debate, shapes) == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_unfilled_scaffold_is_told_its_blanks_and_nothing_else(
    kind: Kind, debate: Store, shapes: ShapeSet
) -> None:
    text = scaffold(kind, base=BASE)
    report = check({"new.ttl": text.encode()}, against=debate, shapes=shapes)
    assert {d.code for d in report} == {"blank-unfilled"}
    assert len(report) == len(BLANK.findall(text))
    assert not report.ok


def test_the_message_says_what_the_blank_wants(debate: Store, shapes: ShapeSet) -> None:
    text = filled(scaffold("claim", base=BASE)).replace('"Zebras graze', '"«fill in: the claim» graze')
    (found,) = check({"new.ttl": text.encode()}, against=debate, shapes=shapes)
    assert found.message == "This blank is not filled yet: the claim."
    assert found.source[found.location.column - 1 : found.location.end_column - 1] == "«fill in: the claim»"


def test_a_blank_in_a_comment_and_quotation_marks_in_a_text_are_no_blanks(
    debate: Store, shapes: ShapeSet
) -> None:
    text = filled(scaffold("claim", base=BASE))
    assert codes(text + "# «fill in: later»\n", debate, shapes) == []
    assert codes(text.replace("Herds of zebras", "Herds of «zebras»"), debate, shapes) == []


def test_against_names_the_target_with_its_label(debate: Store, shapes: ShapeSet) -> None:
    target = ArgumentGraph.of(debate.raw).nodes[BASE + "ob-malicious-use"]
    text = scaffold("rebuttal", base=BASE, name="zebra", against=target, created=date(2026, 1, 31))
    assert "osai:at-zebra-malicious-use a arg:Attack ;" in text
    assert f"arg:target osai:ob-malicious-use .   # the objection “{target.label}”" in text
    assert '"2026-01-31"^^xsd:date' in text
    assert codes(filled(text), debate, shapes) == []


def test_a_label_cannot_break_out_of_its_comment() -> None:
    evil = Node(BASE + "cl-x", "claim", "one\n<a> <b> <c> .\x1b[2J", "")
    text = scaffold("objection", base=BASE, against=evil)
    line = next(line for line in text.splitlines() if "arg:target" in line)
    assert line.endswith("# the claim “one <a> <b> <c> .[2J”")
    assert "\x1b" not in text


def test_another_debate_has_its_own_base_and_prefix() -> None:
    text = scaffold("claim", base="https://example.org/water/", prefix="water", name="wells")
    assert "@prefix water: <https://example.org/water/> ." in text
    assert "water:cl-wells a arg:Claim" in text
    assert "osai" not in text
