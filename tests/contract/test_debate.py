"""Facts about the shipped debate that stay true whatever is added to it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

import pyoxigraph
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from argraph.vocab import ARG, BIBO, DCTERMS, FABIO, NAME, PREFIXES, RDF, SCHEMA, TEXT, TYPE, URI_SPACE

FOLDER = Path(__file__).resolve().parents[2] / "graph" / "open-source-ai"
FILES = sorted(FOLDER.glob("**/*.ttl"))
BASE = "https://w3id.org/argraph/open-source-ai/"

STATEMENTS = frozenset({"Thesis", "Claim", "Objection", "Rebuttal"})
GRADES = ("VeryLow", "Low", "Moderate", "High")
GRADE_OF_METHOD = {
    "MetaAnalysis": "High",
    "Experiment": "Moderate",
    "BenchmarkStudy": "Moderate",
    "ObservationalStudy": "Moderate",
    "Survey": "Low",
    "CaseStudy": "Low",
    "TheoreticalAnalysis": "VeryLow",
    "ExpertOpinion": "VeryLow",
}
IDENTIFIERS = {
    BIBO + "doi": re.compile(r"10\.\d{4,9}/\S+"),
    FABIO + "hasArXivId": re.compile(r"\d{4}\.\d{4,5}"),
    SCHEMA + "url": re.compile(r"https://[^\s/]+\.[^\s/]+(/\S*)?"),
}

# What may hold a digit and is no figure: a product with its version, a year, a name with a digit inside.
NAMES = re.compile(
    r"\b(?:GPT|Llama|Gemma|DeepSeek|Gemini|Claude|Qwen|OLMo)[- ]?[\d.]*\d\w?\b"
    r"|\b(?:19|20)\d{2}\b"
    r"|\b[A-Za-z]+\d+[A-Za-z]+\b"
)


class Debate(NamedTuple):
    """The union of all files, indexed by subject; blank nodes are kept apart by their own labels."""

    objects: dict[str, dict[str, list[NamedNode | BlankNode | Literal | Triple]]]
    files: dict[str, set[str]]

    def values(self, subject: str, predicate: str) -> list[str]:
        found = self.objects.get(subject, {}).get(predicate, [])
        return [term.value for term in found if not isinstance(term, Triple)]

    def one(self, subject: str, predicate: str) -> str:
        (value,) = self.values(subject, predicate)
        return value

    def term(self, subject: str, name: str) -> str:
        """The local name of the one term of the vocabulary that `arg:name` links to."""
        return self.one(subject, ARG + name).removeprefix(ARG)

    def kind(self, subject: str) -> str:
        return self.one(subject, TYPE).removeprefix(ARG)

    def all(self, *kinds: str) -> list[str]:
        wanted = {ARG + kind for kind in kinds}
        return [node for node in self.objects if wanted & set(self.values(node, TYPE))]


@pytest.fixture(scope="module")
def debate() -> Debate:
    objects: dict[str, dict[str, list[NamedNode | BlankNode | Literal | Triple]]] = defaultdict(
        lambda: defaultdict(list)
    )
    files: dict[str, set[str]] = defaultdict(set)
    for path in FILES:
        for triple in pyoxigraph.parse(path.read_bytes(), format=pyoxigraph.RdfFormat.TURTLE):
            assert not isinstance(triple.subject, Triple)
            objects[triple.subject.value][triple.predicate.value].append(triple.object)
            if isinstance(triple.subject, NamedNode):
                files[triple.subject.value].add(path.name)
    return Debate(objects, files)


def name(iri: str) -> str:
    return iri.removeprefix(BASE)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_strict_turtle_with_exactly_one_contribution_under_the_base(path: Path) -> None:
    triples = pyoxigraph.parse(path.read_bytes(), format=pyoxigraph.RdfFormat.TURTLE, lenient=False)
    contribution = NamedNode(ARG + "Contribution")
    found = [
        triple.subject
        for triple in triples
        if triple.predicate.value == TYPE and triple.object == contribution
    ]
    assert len(found) == 1
    assert str(found[0]).startswith(f"<{BASE}")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_formatted_for_reading_and_diffing_by_hand(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    lines = text.split("\n")
    assert text.endswith(".\n")
    assert not re.search(r"[\t\r\ufeff]|[ ]\n|\n\n\n", text), (
        "tab, carriage return, trailing space or blank lines"
    )
    assert len(lines) <= 1500, "split the file: nobody finds an argument in it"

    prefixes = [line for line in lines if line.startswith("@prefix")]
    assert prefixes == sorted(set(prefixes))
    known = PREFIXES | {"osai": BASE}
    for line in prefixes:
        prefix = line.split()[1].removesuffix(":")
        assert line == f"@prefix {prefix}: <{known[prefix]}> ."
        assert re.search(rf"(?<![\w/:\"]){prefix}:", text.replace(line, "")), (
            f"{prefix} is declared, never used"
        )
    assert lines[0].startswith("# "), "the file opens by saying in plain words what is in it"


def test_the_debate_says_what_it_is_and_every_contribution_where_it_belongs(debate: Debate) -> None:
    assert debate.values(BASE, URI_SPACE) == [BASE]
    for contribution in debate.all("Contribution"):
        assert debate.one(contribution, DCTERMS + "isPartOf") == BASE
        for predicate in ("title", "description", "creator", "created", "license"):
            assert debate.one(contribution, DCTERMS + predicate)


def test_the_thesis_and_its_three_pillars_are_there(debate: Debate) -> None:
    assert debate.all("Thesis") == [BASE + "th-open-must-win"]
    pillars = {BASE + pillar for pillar in ("pil-safety", "pil-innovation", "pil-economics")}
    assert pillars <= {node for node in debate.objects if ARG + "Pillar" in debate.values(node, ARG + "role")}
    supporting = {
        debate.one(step, ARG + "premise")
        for step in debate.all("Support")
        if debate.one(step, ARG + "conclusion") == BASE + "th-open-must-win"
    }
    assert pillars <= supporting


def test_nothing_of_what_was_first_collected_is_lost(debate: Debate) -> None:
    count = Counter(debate.kind(node) for node in debate.objects if TYPE in debate.objects[node])
    assert sum(count[kind] for kind in STATEMENTS) >= 173
    assert count["Support"] >= 103
    assert count["Attack"] >= 118
    assert count["Study"] >= 160
    assert count["Evidence"] >= 160
    assert count["EvidenceLine"] >= 514
    assert count["Theme"] >= 20
    assert count["Passage"] >= 21


def test_every_node_is_defined_once_in_one_file(debate: Debate) -> None:
    assert {node: sorted(files) for node, files in debate.files.items() if len(files) > 1} == {}
    assert [node for node in debate.files if len(debate.values(node, TYPE)) != 1] == []


def test_every_link_leads_to_a_node_that_is_there(debate: Debate) -> None:
    targets = {
        term.value
        for links in debate.objects.values()
        for terms in links.values()
        for term in terms
        if isinstance(term, NamedNode) and term.value.startswith(BASE)
    }
    assert sorted(targets - set(debate.objects)) == []


def test_every_term_of_the_vocabulary_that_the_debate_uses_is_defined_there(debate: Debate) -> None:
    defined = {
        triple.subject.value
        for path in sorted((FOLDER.parents[1] / "ontology").glob("*.ttl"))
        for triple in pyoxigraph.parse(path.read_bytes(), format=pyoxigraph.RdfFormat.TURTLE)
        if isinstance(triple.subject, NamedNode)
    }
    used = {predicate for links in debate.objects.values() for predicate in links} | {
        term.value
        for links in debate.objects.values()
        for terms in links.values()
        for term in terms
        if isinstance(term, NamedNode)
    }
    assert sorted(term for term in used if term.startswith(ARG) and term not in defined) == []


def test_steps_link_the_kinds_of_nodes_that_they_may_link(debate: Debate) -> None:
    for step in debate.all("Support"):
        assert {debate.kind(node) for node in debate.values(step, ARG + "premise")} <= STATEMENTS | {
            "Evidence"
        }, step
        assert debate.kind(debate.one(step, ARG + "conclusion")) in STATEMENTS, step
    for step in debate.all("Attack"):
        assert {debate.kind(node) for node in debate.values(step, ARG + "premise")} <= STATEMENTS, step
        target = debate.kind(debate.one(step, ARG + "target"))
        assert target in STATEMENTS | {"Evidence", "Support", "Attack", "EvidenceLine"}, step
    for line in debate.all("EvidenceLine"):
        assert debate.kind(debate.one(line, ARG + "bearsOn")) in STATEMENTS, line
        assert debate.term(line, "direction") in {"For", "Against"}, line


def test_every_objection_attacks_and_every_rebuttal_answers(debate: Debate) -> None:
    answered: dict[str, set[str]] = defaultdict(set)
    for attack in debate.all("Attack"):
        target = debate.one(attack, ARG + "target")
        # An undercut answers whoever put forward the step that it hits.
        authors = debate.values(target, ARG + "premise") or [target]
        for premise in debate.values(attack, ARG + "premise"):
            answered[premise].update(debate.kind(author) for author in authors)
    assert [name(node) for node in debate.all("Objection") if not answered[node]] == []
    assert [
        name(node) for node in debate.all("Rebuttal") if not answered[node] & {"Objection", "Rebuttal"}
    ] == []


def test_every_finding_has_its_study_and_every_study_an_identifier_of_the_right_form(debate: Debate) -> None:
    for evidence in debate.all("Evidence"):
        assert debate.kind(debate.one(evidence, ARG + "reportedIn")) == "Study", evidence
    for study in debate.all("Study"):
        identifiers = [
            (pattern, value)
            for property_, pattern in IDENTIFIERS.items()
            for value in debate.values(study, property_)
        ]
        assert identifiers, study
        assert [value for pattern, value in identifiers if not pattern.fullmatch(value)] == [], study
        assert debate.one(study, NAME)
        assert debate.term(study, "verification") in {"Verified", "Unverified", "Retracted"}


def test_author_lists_hold_names_only(debate: Debate) -> None:
    for study in debate.all("Study"):
        rest, authors = debate.one(study, BIBO + "authorList"), []
        while rest != RDF + "nil":
            authors.append(debate.one(rest, RDF + "first"))
            rest = debate.one(rest, RDF + "rest")
        assert authors, study
        assert [author for author in authors if re.search(r"\bet al\b|^\s|\s$|^$", author)] == [], study


def test_an_unverified_finding_gives_no_figure(debate: Debate) -> None:
    texts = {
        evidence: debate.one(evidence, TEXT)
        for evidence in debate.all("Evidence")
        if debate.term(evidence, "verification") == "Unverified"
    }
    assert texts
    assert {
        name(evidence): text for evidence, text in texts.items() if re.search(r"\d", NAMES.sub("", text))
    } == {}


def test_an_unverified_study_says_what_is_not_confirmed(debate: Debate) -> None:
    note = PREFIXES["skos"] + "note"
    silent = [
        name(study)
        for study in debate.all("Study")
        if debate.term(study, "verification") == "Unverified" and not debate.values(study, note)
    ]
    assert silent == []


def test_a_finding_is_graded_by_the_method_of_its_study(debate: Debate) -> None:
    for evidence in debate.all("Evidence"):
        method = debate.term(debate.one(evidence, ARG + "reportedIn"), "method")
        assert debate.term(evidence, "grade") == GRADE_OF_METHOD[method], evidence


def test_an_indirect_line_is_graded_one_step_below_its_finding(debate: Debate) -> None:
    for line in debate.all("EvidenceLine"):
        grade = GRADES.index(debate.term(debate.one(line, ARG + "evidence"), "grade"))
        directness = debate.term(line, "directness")
        assert directness in {"Direct", "Indirect"}, line
        expected = grade if directness == "Direct" else max(grade - 1, 0)
        assert debate.term(line, "grade") == GRADES[expected], line


def test_no_statement_stands_twice(debate: Debate) -> None:
    texts = Counter(debate.one(node, TEXT).casefold() for node in debate.all(*STATEMENTS))
    assert [text for text, times in texts.items() if times > 1] == []
