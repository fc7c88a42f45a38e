from __future__ import annotations

from collections.abc import Callable

import pyoxigraph as ox
import pytest

from argraph.contribution import policy
from argraph.contribution.case import Case, File
from argraph.contribution.ground import Ground
from argraph.contribution.vocabulary import Vocabulary
from argraph.diagnostics import Report, Severity
from argraph.rdf import turtle
from argraph.rdf.store import Edition, Store

Gate = Callable[..., Report]
Told = Callable[[Report], list[str]]

STATEMENT = (
    'osai:{0} a arg:{1} ; skos:prefLabel "Label of {0}"@en ; '
    'schema:text "A full sentence that {0} states."@en .\n'
)


def link(cls: str, start: str, end: str) -> str:
    to = {"Support": "conclusion", "Attack": "target"}[cls]
    return f"osai:{start}-to-{end} a arg:{cls} ; arg:premise osai:{start} ; arg:{to} osai:{end} .\n"


# -- files --------------------------------------------------------------------------------------------------


def test_a_file_says_whose_it_is(gate: Gate, valid: str) -> None:
    blocks = valid.split("\n\n")
    (finding,) = gate({"My file.ttl": "\n\n".join([blocks[0], *blocks[2:]])})
    assert finding.code == "no-contribution"
    assert (finding.location.line, finding.location.column) == (1, 1)
    assert "osai:contribution-my-file a arg:Contribution ;" in finding.hint


def test_a_file_is_one_contribution(gate: Gate, told: Told, valid: str) -> None:
    second = valid.split("\n\n")[1].replace("contribution-zebra", "contribution-yak")
    assert told(gate(f"{valid}\n{second}")) == ["63:1 several-contributions"]


def test_a_contribution_cannot_take_the_name_of_another(gate: Gate, told: Told, valid: str) -> None:
    report = gate(valid.replace("contribution-zebra", "contribution-misuse"))
    assert told(report) == ["9:1 already-defined"]
    assert "open-source-ai/misuse.ttl" in report.diagnostics[0].message


# -- nodes --------------------------------------------------------------------------------------------------


def test_a_node_is_defined_in_one_file(gate: Gate, told: Told, valid: str) -> None:
    report = gate(valid.replace("osai:ob-zebra-staff", "osai:ob-malicious-use"))
    assert told(report) == ["24:1 already-defined"]
    (finding,) = report
    assert finding.message == "osai:ob-malicious-use is already defined in open-source-ai/misuse.ttl."
    assert "Link to it from nodes of your own." in finding.hint


def test_two_checked_files_cannot_define_the_same_node(gate: Gate, valid: str) -> None:
    other = valid.split("osai:ob-zebra-staff a")[0].replace("contribution-zebra", "contribution-yak")
    report = gate({"a.ttl": valid, "b.ttl": other})
    assert {(d.location.path, d.code) for d in report} == {("b.ttl", "already-defined")}
    assert {d.message.split(" is ")[1] for d in report} == {"already defined in a.ttl."}


def test_what_is_said_of_a_node_of_others_is_pointed_out(gate: Gate, told: Told, valid: str) -> None:
    report = gate(f"{valid}\nosai:pil-safety arg:assumed true .\n")
    assert told(report) == ["63:1 foreign-node"]
    (finding,) = report
    assert finding.severity is Severity.VIOLATION  # it would make others' statement stand without support
    assert finding.message == "This changes what open-source-ai/debate.ttl says about osai:pil-safety."
    remark = gate(f'{valid}\nosai:pil-safety skos:altLabel "Offen ist sicherer"@de .\n')
    assert told(remark) == ["63:1 foreign-node"]
    assert remark.ok


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("arg:Low arg:baseScore 1.0 .", "63:1 vocabulary-changed"),
        ("arg:Survey arg:impliesGrade arg:High .", "63:1 vocabulary-changed"),
        ("arg:Claim a arg:Claim .", "63:1 vocabulary-changed"),
        (
            "<https://schema.org/Dataset> <http://www.w3.org/2000/01/rdf-schema#subClassOf> arg:Study .",
            "63:30 vocabulary-changed",
        ),
    ],
)
def test_the_vocabulary_is_not_for_contributions_to_change(
    gate: Gate, told: Told, valid: str, text: str, place: str
) -> None:
    report = gate(f"{valid}\n{text}\n")
    assert told(report) == [place]
    assert not report.ok


def test_a_warning_hides_no_violation_at_the_same_place(gate: Gate, told: Told, valid: str) -> None:
    lonely = '\nosai:cl-yak a arg:Claim ; schema:text "Yaks are seen in May and in June."@en .\n'
    assert told(gate(valid + lonely)) == ["63:1 Statement-has-label", "63:1 unattached"]
    nameless = "<https://w3id.org/argraph/open-source-ai/cl-yak> a <https://w3id.org/argraph/ns#Claim> ."
    assert {"1:1 no-contribution", "1:1 Statement-has-label"} <= set(told(gate(nameless)))


def test_two_descriptions_of_a_node_that_differ(gate: Gate, told: Told, valid: str) -> None:
    again = '\nosai:cl-zebra-local a arg:Claim ; skos:prefLabel "{}"@{} .\n'
    report = gate(valid + again.format("Something else", "en"))
    assert told(report) == ["63:50 defined-twice"]
    assert report.diagnostics[0].message == "osai:cl-zebra-local has another label in line 17."
    assert told(gate(valid + again.format("Hospitals can keep records in house", "en"))) == []
    assert told(gate(valid + again.format("Etwas in einer anderen Sprache", "de"))) == []


def test_a_node_without_a_class(gate: Gate, told: Told, valid: str) -> None:
    report = gate(f'{valid}\nosai:cl-yak skos:prefLabel "Yaks"@en .\n')
    assert told(report) == ["63:1 node-without-class"]
    assert "“osai:cl-yak a arg:Claim ;”" in report.diagnostics[0].hint
    report = gate(f"{valid}\nosai:yak arg:premise osai:cl-zebra-local ; arg:conclusion osai:pil-safety .\n")
    assert "“osai:yak a arg:Support ;”" in report.diagnostics[0].hint


def test_a_node_without_a_name(gate: Gate, told: Told, valid: str) -> None:
    assert told(gate(valid.replace("osai:su-zebra-local-safety a", "[] a"))) == ["20:1 Node-has-iri"]


@pytest.mark.parametrize(
    ("node", "word"),
    [
        (STATEMENT.format("cl-yak", "Claim"), "arg:Support"),
        (
            'osai:ev-yak a arg:Evidence ; schema:text "Forty yaks were seen in May."@en ; '
            "arg:reportedIn osai:study-zebra2024 ; arg:grade arg:Low ; arg:verification arg:Unverified .\n",
            "arg:EvidenceLine",
        ),
    ],
)
def test_what_no_step_uses_is_pointed_out(gate: Gate, told: Told, valid: str, node: str, word: str) -> None:
    report = gate(f"{valid}\n{node}")
    assert told(report) == ["63:1 unattached"]
    assert report.ok
    assert word in report.diagnostics[0].hint


# -- chains -------------------------------------------------------------------------------------------------


def test_a_circle_of_support_is_printed(gate: Gate, told: Told, valid: str) -> None:
    text = valid + "\n" + STATEMENT.format("cl-yak", "Claim")
    text += link("Support", "pil-safety", "cl-yak") + link("Support", "cl-yak", "cl-zebra-local")
    (finding,) = gate(text)
    assert finding.code == "circular-support"
    assert finding.message == (
        "These statements hold each other up in a circle: "
        "osai:cl-yak → osai:cl-zebra-local → osai:pil-safety → osai:cl-yak."
    )
    assert finding.severity is Severity.VIOLATION
    assert told(gate(valid + "\n" + link("Support", "pil-safety", "pil-safety"))) == [
        "63:92 circular-support"
    ]


def test_a_circle_that_others_closed_is_theirs(gate: Gate, debate: Store, valid: str) -> None:
    document = turtle.read(
        (valid.split("\n\n")[0] + "\n" + link("Support", "pil-safety", "pil-safety")).encode(), name="old.ttl"
    )
    against = debate.copy()
    against.put("old.ttl", [ox.Triple(t.subject, t.predicate, t.object) for t in document.triples])
    assert list(gate(valid, against)) == []


def test_a_statement_does_not_attack_itself(gate: Gate, told: Told, valid: str) -> None:
    attack = "\nosai:at-yak a arg:Attack ; arg:premise {} ; arg:target {} .\n"
    report = gate(valid + attack.format("osai:cl-zebra-local", "osai:cl-zebra-local"))
    assert told(report) == ["63:73 self-attack"]
    assert not report.ok
    assert told(gate(valid + attack.format("osai:cl-zebra-local", "osai:at-yak"))) == ["63:73 self-attack"]
    own_step = gate(valid + attack.format("osai:cl-zebra-local", "osai:su-zebra-local-safety"))
    assert told(own_step) == ["63:73 self-attack"]
    assert own_step.ok


# -- wording ------------------------------------------------------------------------------------------------


TEXT = "Few hospitals employ people who can operate, patch and monitor a language model around the clock."


@pytest.mark.parametrize(
    ("text", "alike"),
    [
        (
            TEXT.replace("patch and", "patch or"),
            True,
        ),
        (
            "Around the clock " + TEXT.replace("Few", "few").replace(" around the clock", ""),
            True,
        ),
        ("Few hospitals employ people who cannot operate, patch and monitor a language model by day.", False),
        (TEXT.replace("Few hospitals", "Not few hospitals"), False),
        (TEXT.replace("around the clock", "in 2024"), False),
        ("Many schools teach children how to plant trees and to water them in the evening.", False),
    ],
)
def test_a_statement_that_exists_already_is_pointed_out(
    gate: Gate, valid: str, text: str, alike: bool
) -> None:
    twin = STATEMENT.format("cl-yak", "Claim").replace("A full sentence that cl-yak states.", text)
    report = gate(f"{valid}\n{twin}{link('Support', 'cl-yak', 'pil-safety')}")
    assert [d.code for d in report] == ["near-duplicate"] * alike
    if alike:
        assert "osai:cl-yak" in report.diagnostics[0].message  # once for the pair, at the first of the two
        assert report.diagnostics[0].location.line == 26


def test_a_twin_is_found_among_many_statements() -> None:
    prefixes = (
        "@prefix arg: <https://w3id.org/argraph/ns#> . @prefix schema: <https://schema.org/> .\n"
        "@prefix d: <https://example.org/d/> .\n"
    )
    words = ["model", "open", "weight", "safety", "market", "school", "law", "chip", "water", "trust", "cost"]
    lines = [
        f'd:s{i} a arg:Claim ; schema:text "The {words[i % 11]} of {words[i % 7]} called {i * 31 % 5003:x} '
        f'changes {words[i % 5]} in place {i * 7 % 9973:x} for {words[i % 3]}."@en .'
        for i in range(3_000)
    ]
    lines.append(lines[17].replace("d:s17 ", "d:twin ").replace(" changes ", " might change "))
    document = turtle.read((prefixes + "\n".join(lines)).encode(), name="many.ttl")
    store = Store()
    union = Edition(store)
    union.put("many.ttl", [ox.Triple(t.subject, t.predicate, t.object) for t in document.triples])
    empty = Vocabulary(frozenset(), frozenset(), {}, {}, {}, {}, {})
    file = File(document, document.triples)
    case = Case((file,), Ground(store), union, {}, (), empty, frozenset(), complete=True)
    found = list(policy.said_once(case))
    assert [d.location.line for d in found if "d:twin" in d.message] == [3 + 17]
    assert len(found) < 10  # made-up sentences resemble each other by chance, but few of them
