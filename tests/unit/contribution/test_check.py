from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from argraph import resources
from argraph.contribution import policy
from argraph.contribution.vocabulary import Vocabulary
from argraph.diagnostics import Report, Severity
from argraph.rdf import turtle
from argraph.rdf.store import Store

Gate = Callable[..., Report]
Told = Callable[[Report], list[str]]


def broken(valid: str, old: str, new: str) -> str:
    assert valid.count(old) == 1, f"{old!r} must be in the valid file once"
    return valid.replace(old, new)


def test_a_valid_contribution_has_nothing_to_report(gate: Gate, valid: str) -> None:
    assert list(gate(valid)) == []


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        (
            "a arg:Objection ;",
            "a arg:Objektion ;",
            "24:23 unknown-class",
            ["There is no class arg:Objektion.", "Did you mean arg:Objection?"],
        ),
        (
            "arg:premise osai:ob-zebra-staff ;",
            "arg:premiss osai:ob-zebra-staff ;",
            "29:5 unknown-property",
            ["There is no property arg:premiss.", "Did you mean arg:premise?"],
        ),
        (
            'skos:prefLabel "Hospitals lack',
            'skos:label "Hospitals lack',
            "25:5 unknown-property",
            ["skos:label does not belong here", "Did you mean skos:prefLabel?"],
        ),
        (
            "arg:conclusion osai:pil-safety .",
            "arg:conclusion osai:pil-saftey .",
            "22:20 missing-node",
            ["There is no node osai:pil-saftey.", "osai:pil-safety (“Transparency makes AI safer”)?"],
        ),
        (
            "arg:direction arg:For ;",
            "arg:direction osai:For ;",
            "59:19 missing-node",
            ["There is no node osai:For.", "Did you mean arg:For?"],
        ),
        (
            "@prefix schema: <https://schema.org/> .",
            "@prefix schema: <http://schema.org/> .",
            "5:17 prefix-namespace",
            ["The prefix schema: stands for <http://schema.org/>", "Write <https://schema.org/>."],
        ),
        (
            "arg:target osai:ob-zebra-staff .",
            "arg:target osai:ob-zebra-staff, osai:pil-safety .",
            "38:37 Attack-one-target",
            ["two targets", "one attack for each"],
        ),
        (
            "arg:target osai:cl-zebra-local .",
            'arg:target "cl-zebra-local" .',
            "30:16 Attack-target-is-a-node",
            ["without quotation marks", "Did you mean osai:cl-zebra-local?"],
        ),
        (
            '( "Byron, Ada" "Turing, Alan" )',
            '( "Byron, Ada" "et al." )',
            "42:36 Study-author-no-et-al",
            ["list the authors you know", "arg:moreAuthors true"],
        ),
        (
            "arg:grade arg:Low ;",
            'arg:grade "low" ;',
            "53:15 Node-grade-known",
            ["write arg:High, arg:Moderate, arg:Low or arg:VeryLow", "Did you mean arg:Low?"],
        ),
        (
            'skos:prefLabel "Hospitals lack',
            'arg:grade arg:Low ; skos:prefLabel "Hospitals lack',
            "25:5 Statement-known-properties",
            [
                "A statement has no such property",
                "arg:grade is a property of arg:Evidence and arg:EvidenceLine.",
            ],
        ),
        (
            "arg:evidence osai:ev-zebra2024 ;",
            "arg:evidence osai:study-zebra2024 ;",
            "57:18 EvidenceLine-evidence-kind",
            ["name an arg:Evidence, not its study", "study-zebra2024 is arg:Study."],
        ),
        (
            "osai:cl-zebra-local a arg:Claim ;",
            "osai:cl-zebra-local a arg:Statement ;",
            "16:23 Node-has-kind",
            ["write “a arg:Claim”"],
        ),
        (
            "osai:at-zebra-staff-local a arg:Attack ;",
            "osai:at-zebra-staff-local a arg:target ;",
            "28:29 unknown-class",
            ["arg:target is not a class.", "Did you mean arg:Attack?"],
        ),
    ],
)
def test_one_mistake_gets_one_answer_at_its_place(
    gate: Gate, told: Told, valid: str, old: str, new: str, place: str, words: list[str]
) -> None:
    report = gate(broken(valid, old, new))
    assert told(report) == [place]
    (finding,) = report
    assert finding.severity is Severity.VIOLATION
    for word in words:
        assert word in f"{finding.message} {finding.hint}"
    assert finding.source.strip()
    reasons = {**policy.RULES, **Vocabulary.load(resources.ontology(), resources.shapes()).reasons}
    assert finding.code in reasons


def test_a_misspelt_name_does_not_hide_what_else_is_wrong_with_its_node(
    gate: Gate, told: Told, valid: str
) -> None:
    text = broken(valid, "osai:ob-zebra-staff a arg:Objection ;", "osai:ob-zebra-staff a arg:Objektion ;")
    text = broken(text, '"Hospitals lack the staff to run models"@en', '"Hospitals lack the staff"')
    assert told(gate(text)) == ["24:23 unknown-class", "25:20 Node-label-language"]


def test_columns_count_code_points_and_lines_end_as_they_may(gate: Gate, told: Told, valid: str) -> None:
    text = broken(valid, "arg:target osai:ob-zebra-staff .", "arg:target osai:ob-zebra-stuff .")
    for ends in ("\r\n", "\r"):
        assert told(gate("\ufeff" + text.replace("\n", ends))) == ["38:16 missing-node"]
    text = broken(valid, "    arg:grade arg:Low ;", '    skos:note "🦓é"@en ; arg:grade arg:Lou ;')
    assert told(gate(text)) == ["53:35 unknown-term"]


# -- files that cannot be read to their end -----------------------------------------------------------------


def test_a_fault_of_syntax_brings_no_complaint_about_what_it_swallowed(
    gate: Gate, told: Told, valid: str
) -> None:
    text = broken(valid, "arg:target osai:cl-zebra-local .", "arg:target osai:cl-zebra-local osai:x .")
    report = gate(text)
    assert [d.code for d in report if d.severity is not Severity.INFO] == [
        d.code for d in report if d.code.startswith("turtle-")
    ]
    assert told(report)[-1].endswith("not-all-checked")


def test_what_is_certain_is_reported_beside_a_fault_of_syntax(gate: Gate, valid: str) -> None:
    text = broken(valid, "arg:target osai:cl-zebra-local .", "arg:target osai:cl-zebra-local osai:x .")
    text = broken(text, "arg:reportedIn osai", "arg:reportdIn osai")
    text = broken(text, '"2024"^^xsd:gYear', "2024")
    text = broken(text, "a arg:Rebuttal", "a arg:Rebutal")
    codes = {d.code for d in gate(text) if not d.code.startswith("turtle-")}
    assert codes == {"unknown-property", "Study-year-is-a-year", "unknown-class", "not-all-checked"}


def test_a_fault_in_one_file_spares_those_that_link_to_it(gate: Gate, valid: str) -> None:
    head, body = valid.split("osai:cl-zebra-local a arg:Claim", 1)
    one = head.replace("zebra", "zebra-one") + "osai:cl-zebra-local a arg:Claim ;;; oh dear .\n"
    two = head + "osai:su-zebra" + body.split("osai:su-zebra", 1)[1]
    report = gate({"one.ttl": one, "two.ttl": two})
    assert {d.location.path for d in report} == {"one.ttl"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "no-contribution"),
        (b"\x00\x01", "turtle-encoding"),
        ("osai:a a osai:b .".encode("utf-16"), "turtle-encoding"),
        (b"\xff" * 100, "turtle-encoding"),
        (b" " * (10 * 1024 * 1024 + 1), "turtle-too-large"),
        (b"PK\x03\x04 zipped", "turtle-encoding"),
    ],
)
def test_what_is_no_turtle_gets_one_answer(gate: Gate, data: bytes, code: str) -> None:
    report = gate(data)
    assert [d.code for d in report] == [code]
    assert not report.ok


# -- the rest of the graph ----------------------------------------------------------------------------------


def test_files_may_link_to_each_other(gate: Gate, told: Told, valid: str) -> None:
    head, body = valid.split("osai:ob-zebra-staff a", 1)
    two = head.split("osai:cl-zebra-local a")[0].replace("contribution-zebra", "contribution-yak")
    files = {"one.ttl": head, "two.ttl": f"{two}osai:ob-zebra-staff a{body}"}
    assert told(gate(files)) == []
    assert {d.code for d in gate(files["two.ttl"])} == {"missing-node"}


def test_the_graph_is_left_as_it_was(gate: Gate, debate: Store, valid: str) -> None:
    before = len(debate.raw), dict(debate.graphs)
    gate(valid)
    assert (len(debate.raw), dict(debate.graphs)) == before


def version(debate: Store, name: str) -> tuple[str, str]:
    """The path and the text of a file of the packaged debate."""
    path = next(path for path in debate.graphs if path.endswith(name))
    return path, Path(path).read_text(encoding="utf-8")


def put(store: Store, path: str, text: str) -> None:
    document = turtle.read(text.encode(), name=path)
    assert not document.diagnostics
    store.put(path, [ox.Triple(t.subject, t.predicate, t.object) for t in document.triples])


@pytest.mark.parametrize("where", ["{path}", "elsewhere/open-source-ai/misuse.ttl"])
def test_a_new_version_takes_the_place_of_the_old_one(gate: Gate, debate: Store, where: str) -> None:
    path, text = version(debate, "misuse.ttl")
    assert list(gate({where.format(path=path): text})) == []


def test_a_new_version_under_another_name_says_what_it_replaces(gate: Gate, debate: Store) -> None:
    _, text = version(debate, "misuse.ttl")
    (finding,) = gate({"draft.ttl": text})
    assert finding.code == "replaces-file"
    assert finding.severity is Severity.INFO
    assert "open-source-ai/misuse.ttl" in finding.message


def test_faults_that_stand_elsewhere_already_are_not_reported_again(
    gate: Gate, debate: Store, valid: str
) -> None:
    against = debate.copy()
    path, text = version(debate, "debate.ttl")
    label = 'skos:prefLabel "Transparency makes AI safer"@en ;'
    assert label in text
    put(against, path, text.replace(label, 'skos:prefLabel "Transparency makes AI safer" ;'))
    assert list(gate(valid, against)) == []


def test_what_a_file_makes_wrong_elsewhere_is_reported_in_it(gate: Gate, debate: Store, valid: str) -> None:
    against = Store()  # a debate is what all its nodes link to: here only some of them
    put(against, *version(debate, "debate.ttl"))
    second = (
        "<https://example.org/tea/> a <http://rdfs.org/ns/void#Dataset> ; "
        '<http://rdfs.org/ns/void#uriSpace> "https://example.org/tea/" ; dcterms:title "Tea"@en ; '
        "dcterms:license <https://creativecommons.org/licenses/by/4.0/> .\n"
    )
    report = gate(valid + second, against)
    assert {d.code for d in report} == {"Debate-is-the-only-one"}
    assert any(
        d.message.startswith("This affects <https://w3id.org/argraph/open-source-ai/>:") for d in report
    )


def test_what_a_new_version_takes_away_is_missed_elsewhere(gate: Gate, debate: Store, valid: str) -> None:
    """Two files: the objection in one, its attack, and the claim that it attacks, in the other."""
    blocks = valid.split("\n\n")
    objection = next(block for block in blocks if block.startswith("osai:ob-"))
    attack = next(block for block in blocks if block.startswith("osai:at-zebra-staff"))
    claim = next(block for block in blocks if block.startswith("osai:cl-"))
    named = blocks[1].replace("contribution-zebra", "contribution-yak")
    one, two = valid.replace(objection, ""), "\n\n".join([blocks[0], named, objection])
    against = debate.copy()
    put(against, "one.ttl", one)
    put(against, "two.ttl", two)
    assert list(gate({"one.ttl": one}, against)) == []

    (unused,) = gate({"one.ttl": one.replace(attack, "")}, against)
    assert unused.code == "Objection-attacks-something"
    assert unused.message.startswith("This affects osai:ob-zebra-staff: This objection attacks nothing")

    put(against, "one.ttl", one.replace(attack, ""))
    put(against, "two.ttl", f"{two}\n\n{attack}")
    report = gate({"one.ttl": one.replace(attack, "").replace(claim, "")}, against)
    assert {d.code for d in report} == {"missing-node", "removed-node"}
    (lost,) = [d for d in report if d.code == "removed-node"]
    assert lost.message == (
        "osai:cl-zebra-local is gone from this file, but is linked to by "
        "osai:at-zebra-staff-local in two.ttl."
    )
