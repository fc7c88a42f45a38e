"""A finding that is asked for in plain words is a file that passes the gate."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from argraph.contribution.reported import Finding, written_finding
from argraph.contribution.scaffold import fill
from argraph.workspace import Workspace

BASE = "https://w3id.org/argraph/open-source-ai/"
WHOLE = Finding(
    finding='Of 40 teams asked, 31 had found a fault by reading "open" code.',
    study="How teams find faults",
    authors="Byron, Ada\nTuring, Alan; et al.",
    year="2024",
    venue="Journal of Looking",
    doi="https://doi.org/10.1000/look.2024.7",
    type="JournalArticle",
    method="Survey",
    direction="For",
    directness="Indirect",
    by="0000-0002-1825-0097",
)


@pytest.fixture(scope="module")
def debate() -> Workspace:
    return Workspace.open()


def file(debate: Workspace, answers: Finding, against: str = "cl-many-eyes") -> str:
    return written_finding(
        answers,
        argument=debate.argument,
        base=BASE,
        prefix="osai",
        against=f"{BASE}{against}" if against else "",
        taken=debate.knows,
    )


def test_all_that_is_asked_makes_a_file_without_a_fault(debate: Workspace) -> None:
    text = file(debate, WHOLE)
    report = debate.check_files({"mine.ttl": text.encode()})
    assert [found.message for found in report] == []
    assert "osai:ev-byron2024-how-teams-find-faults a arg:Evidence" in text
    assert '"Byron, Ada" "Turing, Alan"' in text
    assert "arg:moreAuthors true" in text
    assert 'bibo:doi "10.1000/look.2024.7"' in text
    assert "fabio:hasArXivId" not in text
    assert "arg:grade arg:Low ;" in text
    assert "arg:grade arg:VeryLow ." in text, "an indirect line is one step lower"
    edit, _ = debate.edit({"mine.ttl": text.encode()})
    assert debate.impact_of(edit).as_data()["flips"] is not None


def test_a_study_that_the_debate_has_is_not_described_again(debate: Workspace) -> None:
    known = next(study for study in debate.argument.studies.values() if study.doi)
    text = file(
        debate,
        Finding(
            finding="It found something else, too.",
            doi=f"doi:{known.doi.upper()}",
            direction="Against",
            directness="Direct",
            by="Jane Doe",
        ),
    )
    assert "a arg:Study" not in text
    assert f"arg:reportedIn osai:{known.iri.removeprefix(BASE)} ;" in text
    assert [found.message for found in debate.check_files({"mine.ttl": text.encode()})] == []


def test_what_was_not_answered_stays_a_blank_that_the_gate_tells_of(debate: Workspace) -> None:
    text = file(debate, Finding(study="One"), "")
    assert 'bibo:doi "«fill in: DOI' in text
    assert "arg:bearsOn osai:«fill in: name of the statement" in text
    assert not debate.check_files({"mine.ttl": text.encode()}).ok


@pytest.mark.parametrize(
    ("field", "given", "told"),
    [
        ("doi", "10.1/x", "That is no DOI"),
        ("doi", "see there", "That is no DOI"),
        ("arxiv", "2313.12941", "no number of arXiv"),
        ("url", "https://nowhere", "That is no address"),
        ("url", "javascript:alert(1)", "That is no address"),
        ("year", "24", "Write the year alone"),
    ],
)
def test_an_answer_with_a_fault_is_told_of_and_not_written(
    debate: Workspace, field: str, given: str, told: str
) -> None:
    answers = Finding(**{field: given})
    (fault,) = answers.faults().items()
    assert fault[0] == field
    assert told in fault[1]
    assert given not in file(debate, answers)


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        ("doi", "https://doi.org/10.1145/3442188.3445922", "10.1145/3442188.3445922"),
        ("doi", "DOI: 10.1145/3442188.3445922", "10.1145/3442188.3445922"),
        ("arxiv", "https://arxiv.org/pdf/2310.12941v2.pdf", "2310.12941v2"),
        ("arxiv", "arXiv:2310.12941", "2310.12941"),
        ("url", "example.org/report", "https://example.org/report"),
        ("method", "Magic", ""),
    ],
)
def test_identifiers_are_taken_as_people_copy_them(field: str, given: str, kept: str) -> None:
    assert getattr(Finding(**{field: given}).tidied(), field) == kept


def test_nothing_that_is_answered_gets_out_of_its_place(debate: Workspace) -> None:
    evil = '"@en . <urn:a> <urn:b> "\\" . «fill in: year»\n<urn:c> <urn:d> <urn:e> .'
    text = file(
        debate,
        Finding(
            **dict.fromkeys(
                ("finding", "study", "authors", "venue", "by", "doi", "url", "arxiv", "year"), evil
            )
        ),
    )
    quads = list(ox.parse(fill(text), format=ox.RdfFormat.TURTLE))
    assert len(quads) > 10
    assert not [quad for quad in quads if "urn:" in f"{quad.subject} {quad.predicate}"]
