"""The gate holds whatever it is given: nothing raises, every finding has its place, order does not matter."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from argraph import resources
from argraph.contribution.check import check
from argraph.contribution.report import render
from argraph.contribution.shapes import ShapeSet
from argraph.diagnostics import Report
from argraph.rdf.store import Store

VALID = (Path(__file__).parents[1] / "unit" / "contribution" / "valid.ttl").read_text(encoding="utf-8")
STATEMENTS = VALID.split("\n\n")
PREFIXES, BLOCKS = STATEMENTS[0], STATEMENTS[1:]
SPLINTERS = [
    *'"<>[](){};,.@^#«»\\\n\t\0',
    "arg:",
    "osai:",
    "a ",
    '"""',
    "@en",
    "^^xsd:date",
    "arg:premise",
    "osai:cl-zebra-local",
    "[]",
    "( )",
    " . ",
    "<https://w3id.org/argraph/open-source-ai/>",
    "«fill in: x»",
    "void:uriSpace",
    "\U0001f993",
    "\ud7ff",
]


@pytest.fixture(scope="module")
def debate() -> Store:
    return Store.load(resources.graph())


@pytest.fixture(scope="module")
def shapes() -> ShapeSet:
    return ShapeSet.load(resources.shapes(), resources.ontology())


def places_are_inside(report: Report, files: dict[str, bytes]) -> None:
    for finding in report:
        place = finding.location
        assert place.path in files
        text = (
            files[place.path].decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
        )
        lines = text.split("\n")
        assert 1 <= place.line <= place.end_line <= len(lines)
        assert 1 <= place.column <= len(lines[place.line - 1]) + 1
        assert 1 <= place.end_column <= len(lines[place.end_line - 1]) + 1
        assert (place.line, place.column) <= (place.end_line, place.end_column)
        assert finding.message
    assert render(report, "text")
    assert render(report, "sarif")


@given(data=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda t: t.encode("utf-16"))))
@example(data=b"")
@example(data=b"\x00")
@example(data=b"\xff\xfe\x00")
@example(data=b"\xef\xbb\xbf")
@example(data="«fill in: x»".encode())
@example(data=b"<urn:a> a <urn:b> .")
@example(data=b'<urn:a> <http://rdfs.org/ns/void#uriSpace> "http://a b/" ; a "x" ; <urn:p> "y", <http://a> .')
@example(data=b"@prefix arg: <https://w3id.org/argraph/ns/> . arg:a\\#b a arg:Claim .")
@example(data=b'<> <http://rdfs.org/ns/void#uriSpace> "" .')
def test_any_bytes_give_a_report(debate: Store, shapes: ShapeSet, data: bytes) -> None:
    files = {"any.ttl": data}
    report = check(files, against=debate, shapes=shapes)
    places_are_inside(report, files)
    assert not report.ok  # whatever these bytes are, they say nothing of a contribution


@st.composite
def mutations(draw: st.DrawFn) -> str:
    text = VALID
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 2, 5, 30, 200])))
        text = text[:start] + draw(st.sampled_from(["", *SPLINTERS])) + text[end:]
    return text


@given(text=mutations())
@settings(max_examples=40)
def test_a_damaged_contribution_gives_a_report(debate: Store, shapes: ShapeSet, text: str) -> None:
    files = {"any.ttl": text.encode()}
    places_are_inside(check(files, against=debate, shapes=shapes), files)


def test_the_undamaged_contribution_is_clean(debate: Store, shapes: ShapeSet) -> None:
    assert list(check({"valid.ttl": VALID.encode()}, against=debate, shapes=shapes)) == []


FAULTS = {
    "a arg:Objection": "a arg:Objektion",
    "arg:premise osai:ob-zebra-staff": "arg:premiss osai:ob-zebra-staff",
    "arg:conclusion osai:pil-safety": "arg:conclusion osai:pil-saftey",
    '"2024"^^xsd:gYear': "2024",
    "arg:direction arg:For": "arg:direction arg:Sideways",
    "arg:bearsOn osai:cl-zebra-local": "arg:bearsOn osai:study-zebra2024",
    "    arg:reportedIn osai:study-zebra2024 ;\n": "",
    "arg:target osai:ob-zebra-staff": "arg:target osai:rb-zebra-shared",
}


@given(
    order=st.permutations(range(len(BLOCKS))),
    faults=st.sets(st.sampled_from(sorted(FAULTS)), min_size=1),
)
@settings(max_examples=25)
def test_the_order_of_statements_does_not_change_what_is_found(
    debate: Store, shapes: ShapeSet, order: list[int], faults: set[str]
) -> None:
    blocks = "\n\n".join(BLOCKS)
    for fault in faults:
        assert fault in blocks
        blocks = blocks.replace(fault, FAULTS[fault])
    parts = blocks.split("\n\n")

    def found(parts: list[str]) -> set[tuple[str, str, str]]:
        text = "\n\n".join([PREFIXES, *parts])
        report = check({"x.ttl": text.encode()}, against=debate, shapes=shapes)
        return {(finding.code, finding.focus, finding.source) for finding in report}

    assert found(parts) == found([parts[i] for i in order]) != set()
