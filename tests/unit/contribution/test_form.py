from __future__ import annotations

import pytest

from argraph.contribution.form import ASKED, Answers, agent, written
from argraph.contribution.scaffold import BLANK, Kind
from argraph.workspace import Workspace

BASE = "https://w3id.org/argraph/open-source-ai/"
ANSWERS = Answers(
    title='Few can run what "anyone" may download \\ so far',
    text="Running a large open model takes hardware\nthat few people own.",
    by="0000-0002-1825-0097",
    because=BASE + "ev-arora2010-patch",
)


@pytest.fixture(scope="module")
def shipped() -> Workspace:
    return Workspace.open()


def write(shipped: Workspace, kind: Kind, answers: Answers, against: str, name: str = "") -> str:
    return written(
        kind,
        answers,
        argument=shipped.argument,
        base=BASE,
        prefix="osai",
        against=BASE + against if against else "",
        name=name,
        taken=shipped.knows,
    )


@pytest.mark.parametrize(
    ("kind", "against"),
    [
        ("objection", "pil-innovation"),
        ("objection", "su-many-eyes-safety"),
        ("objection", "ev-arora2010-patch"),
        ("claim", "pil-safety"),
        ("rebuttal", "ob-malicious-use"),
    ],
)
@pytest.mark.parametrize("because", ["ev-arora2010-patch", "cl-closed-understated", ""])
def test_what_was_answered_passes_the_gate(
    shipped: Workspace, kind: Kind, against: str, because: str
) -> None:
    answers = Answers(ANSWERS.title, ANSWERS.text, ANSWERS.by, BASE + because if because else "")
    text = write(shipped, kind, answers, against)
    report = shipped.check_files({"mine.ttl": text.encode()})
    assert [(one.code, one.location.line) for one in report if one.severity == "violation"] == []
    assert [match[0] for match in BLANK.finditer(text)] == []
    assert '"Few can run what \\"anyone\\" may download \\\\ so far"@en' in text
    assert '"Running a large open model takes hardware that few people own."@en' in text


def test_an_objection_that_something_bears_out_turns_what_it_is_against(shipped: Workspace) -> None:
    text = write(shipped, "objection", ANSWERS, "pil-innovation")
    edit, faults = shipped.edit({"mine.ttl": text.encode()})
    flips = {change.iri: change.after and change.after.status for change in shipped.impact_of(edit).flips}
    assert not len(faults)
    assert flips[BASE + "pil-innovation"] == "rejected"
    alone = write(shipped, "objection", Answers(ANSWERS.title, ANSWERS.text, ANSWERS.by), "pil-innovation")
    assert shipped.impact_of(shipped.edit({"mine.ttl": alone.encode()})[0]).flips == ()


@pytest.mark.parametrize("kind", ASKED)
def test_what_was_not_answered_stays_a_blank(shipped: Workspace, kind: Kind) -> None:
    text = write(shipped, kind, Answers(title="One thing"), "")
    left = {match["what"].strip() for match in BLANK.finditer(text) if match["what"]}
    assert any(what.startswith("a page about you") for what in left)
    assert f"the {kind} in one full sentence" in left
    assert f"the {kind} in a few words" not in left
    assert "name" not in left
    assert text.count("one-thing") >= 4


@pytest.mark.parametrize(
    "hostile",
    [
        '" . <urn:x> a <urn:y> . "',
        "\\",
        'x"@en ; arg:assumed true ; skos:note "',
        "«fill in: name»",
        "a\x00b\u2028c",
    ],
)
def test_no_answer_becomes_turtle_of_its_own(shipped: Workspace, hostile: str) -> None:
    answers = Answers(title=hostile, text=f"{hostile} and more", by=hostile, language=hostile)
    text = write(shipped, "objection", answers, "pil-safety", name=hostile)
    plain = write(shipped, "objection", Answers("t", "a t", "0000-0002-1825-0097"), "pil-safety", name="n")
    report = shipped.check_files({"mine.ttl": text.encode()})
    too_little = {"blank-unfilled", "Statement-label-long-enough"}
    assert {one.code for one in report if one.severity == "violation"} <= too_little
    triples = shipped.edit({"mine.ttl": text.encode()})[0].triples
    assert len(triples) <= len(shipped.edit({"mine.ttl": plain.encode()})[0].triples)


def test_a_new_name_is_one_that_is_free(shipped: Workspace) -> None:
    taken = {BASE + "ob-one-thing", BASE + "contribution-one-thing-2"}
    text = written(
        "objection",
        Answers(title="One thing"),
        argument=shipped.argument,
        base=BASE,
        prefix="osai",
        taken=taken.__contains__,
    )
    assert "osai:ob-one-thing-3 a arg:Objection" in text


def test_title_and_text_are_in_the_language_told(shipped: Workspace) -> None:
    text = write(shipped, "claim", Answers("Offene Modelle", "Sie helfen.", language="de-AT"), "pil-safety")
    assert '"Offene Modelle"@de-AT' in text
    assert '"Sie helfen."@de-AT' in text


@pytest.mark.parametrize(
    ("told", "iri"),
    [
        ("https://orcid.org/0000-0002-1825-009x", "https://orcid.org/0000-0002-1825-009X"),
        ("example.org/~jane?x=1", "https://example.org/~jane?x=1"),
        ("http://example.org/a b", "https://example.org/#http_example.org_a_b"),
        ("javascript:alert(1)", "https://example.org/#javascript_alert_1"),
        ("José Álvarez", "https://example.org/#José_Álvarez"),
        ("example.org/<x>", "https://example.org/%3Cx%3E"),
    ],
)
def test_whoever_contributes_has_an_address(told: str, iri: str) -> None:
    assert agent(told, "https://example.org/debate/") == iri
