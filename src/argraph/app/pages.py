"""What each page shows, as plain data for the templates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, TypeAlias
from urllib.parse import quote

import pyoxigraph as ox

from argraph import vocab
from argraph.app.cards import Argument, Cards, Link, Strength
from argraph.app.crumbs import Crumb, crumbs
from argraph.app.findings import Citation, Finding, Findings, cite
from argraph.app.provenance import Contribution, Origin, Provenance
from argraph.app.records import Record, Records
from argraph.app.vocabulary import Vocabulary
from argraph.argument.graph import Node, Step, Study
from argraph.argument.wording import STANDING, spoken
from argraph.workspace import Workspace

_HANGS_ON_SHOWN = 12
_QUESTIONS = ("support", "attack", "evidence-for", "strongest-chain", "hangs-on")
_STUDY_VERIFIED = {
    "Verified": "Its identifier was confirmed to lead to it",
    "Unverified": "Its identifier is yet to be confirmed in full",
    "Retracted": "It has been retracted",
}


@dataclass(frozen=True, slots=True)
class About:
    """What the page of anything begins and ends with.

    Attributes:
        id: The thing's name.
        iri: The thing's own IRI.
        href: Its page.
        title: Its name.
        word: What kind of thing it is, in a word or two; may be empty.
        kind: Chooses icon and colour; see `Card.kind`, also `step`, `study` and `record`.
        summary: A sentence for search engines and previews.
        crumbs: The way from the thesis to the thing, which is the last.
        entered: The contributions that describe it.
        status: `accepted`, `rejected` or `undecided`; empty for what has none.
        standing: The status in plain words.
        strength: Its strength; None for what has none.
        why: The status and what decides it, in a sentence.
    """

    id: str
    iri: str
    href: str
    title: str
    word: str
    kind: str
    summary: str
    crumbs: tuple[Crumb, ...]
    entered: tuple[Contribution, ...]
    status: str
    standing: str
    strength: Strength | None
    why: str


@dataclass(frozen=True, slots=True)
class StatementPage:
    """A statement, or an evidence item (then `finding` is there).

    Attributes:
        sources: The passages or works it is taken from.
        remarks: What else the contributor recorded, in sentences.
        name: What the command line calls the statement; empty where that would need quoting.
        supports: Arguments for it.
        attacks: Arguments against it, each with its answers.
        disputes: Of an objection or rebuttal: attacks on the inference from it to what it is against.
        findings_for: What studies found in its favour.
        findings_against: What studies found against it.
        leads: What it is used for in turn.
        bears_on: What the evidence bears on.
        hangs_on: Of a statement that stands, some of what it would not stand without, each by itself.
        hangs_on_count: How many these are altogether; None where that was not worked out.
        questions: Saved questions that can be asked about it.
    """

    template: ClassVar = "statement.html"
    about: About
    text: str
    sources: tuple[Origin, ...]
    themes: tuple[Link, ...]
    remarks: tuple[str, ...]
    name: str
    unanswered: bool
    supports: tuple[Argument, ...]
    attacks: tuple[Argument, ...]
    disputes: tuple[Argument, ...]
    findings_for: tuple[Finding, ...]
    findings_against: tuple[Finding, ...]
    leads: tuple[Argument, ...]
    finding: Finding | None
    bears_on: tuple[Finding, ...]
    hangs_on: tuple[Link, ...]
    hangs_on_count: int | None
    questions: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class StepPage:
    """A step: from what, by which reasoning, to what, and what disputes it."""

    template: ClassVar = "step.html"
    about: About
    argument: Argument
    findings: tuple[Finding, ...]
    definition: str
    questions: tuple[str, ...]
    doubts: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class StudyPage:
    """A study with what it found and what that bears on.

    Attributes:
        authors: Their names as one says them.
        citation: How it is cited, and where it is found outside.
        verification: Whether its identifier was confirmed, in words; may be empty.
        findings: Each evidence item once, with the statements that it bears on.
    """

    template: ClassVar = "study.html"
    about: About
    study: Study
    authors: tuple[str, ...]
    citation: Citation
    type: Link | None
    method: Link | None
    verification: str
    themes: tuple[Link, ...]
    findings: tuple[tuple[Finding, tuple[Finding, ...]], ...]


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Anything else that is known."""

    template: ClassVar = "record.html"
    about: About
    record: Record


NodePage: TypeAlias = StatementPage | StepPage | StudyPage | RecordPage


class Pages:
    """Builds pages from a workspace; safe to call from several threads.

    Attributes:
        title: What the server is about.
        cards: Statements, arguments and links as parts of pages.
        findings: Evidence as parts of pages.
    """

    def __init__(self, workspace: Workspace, words: Vocabulary) -> None:
        self.workspace = workspace
        self.words = words
        self.cards = Cards(workspace, words)
        self.argument = workspace.argument
        self.title = " · ".join(debate.title for debate in workspace.debates) or "A debate without a title"
        self.findings = Findings(self.cards)
        self._provenance = Provenance(self.cards)

    def of(self, iri: str) -> NodePage:
        """The page of anything that the graph names or the vocabulary defines."""
        if node := self.argument.nodes.get(iri):
            return self._statement(node)
        if step := self.argument.steps.get(iri):
            return self._step(step)
        if study := self.argument.studies.get(iri):
            return self._study(study)
        store = self.words.store if self.words.defines(iri) else self.workspace.store.raw
        record = Records(self.cards, store).of(iri)
        return RecordPage(self._about(iri, "record", record.word, record.lead), record)

    def _about(self, iri: str, kind: str, word: str, summary: str) -> About:
        return About(
            id=self.cards.key(iri),
            iri=iri,
            href=self.cards.page(iri),
            title=self.cards.label(iri),
            word=word,
            kind=kind,
            summary=summary,
            crumbs=crumbs(self.cards, iri),
            entered=self._provenance.entered(iri),
            status=(status := self.cards.status(iri)),
            standing=STANDING.get(status, ""),
            strength=self.cards.strength(iri) if status else None,
            why=self.cards.why(iri),
        )

    def _statement(self, node: Node) -> StatementPage:
        evidence = node.kind == "evidence"
        lines = [step for step in self.argument.outgoing(node.iri) if step.kind == "evidence line"]
        hangs_on = self.workspace.dependence.get(node.iri)
        return StatementPage(
            about=self._about(node.iri, node.kind, self.cards.word(node), node.text),
            text=node.text,
            sources=self._provenance.origins(node),
            themes=tuple(map(self.cards.link, node.themes)),
            remarks=tuple(self._remarks(node)),
            name="" if evidence else self._name(node.iri),
            unanswered=node.kind in {"objection", "rebuttal"} and not self.cards.answered(node),
            supports=tuple(self.cards.argue(step) for step in self.cards.steps(node.iri, "support")),
            attacks=self.cards.attacks(node.iri),
            disputes=tuple(self.cards.argue(step) for step in self.cards.disputes(node)),
            findings_for=self.findings.on(node.iri, favourable=True),
            findings_against=self.findings.on(node.iri, favourable=False),
            leads=self.cards.leads(node),
            finding=self.findings.of(node) if evidence else None,
            bears_on=self.findings.on_lines(lines, lead=True),
            hangs_on=tuple(map(self.cards.link, sorted(hangs_on or (), key=self._telling)[:_HANGS_ON_SHOWN])),
            hangs_on_count=None if hangs_on is None else len(hangs_on),
            questions=self._questions(node.iri),
        )

    def _telling(self, iri: str) -> tuple[int, float, str]:
        """What says most comes first: statements, then findings, then steps."""
        node = self.argument.nodes.get(iri)
        sort = 2 if node is None else int(node.kind == "evidence")
        return sort, -self.workspace.verdicts[iri].lower, iri

    def _questions(self, iri: str) -> tuple[Link, ...]:
        name, catalogue = quote(self.cards.key(iri), safe=""), self.workspace.catalogue
        return tuple(
            Link(f"/queries/{each}?node={name}", catalogue[each].title)
            for each in _QUESTIONS
            if each in catalogue
        )

    def _name(self, iri: str) -> str:
        key = self.workspace.key(iri)
        return key if re.fullmatch(r"[\w./-]+", key, re.ASCII) and not key.startswith("-") else ""

    def _remarks(self, node: Node) -> Iterator[str]:
        if node.assumed:
            yield "Taken as given: it stands without evidence unless something attacks it."
        undefeated = ox.NamedNode(vocab.ARG + "undefeated")
        found = self.workspace.store.raw.quads_for_pattern(ox.NamedNode(node.iri), undefeated, None)
        if any(isinstance(quad.object, ox.Literal) and quad.object.value in {"true", "1"} for quad in found):
            yield "Those who entered it found no reply in the literature collected that defeats it."
        if node.note:
            yield node.note

    def _step(self, step: Step) -> StepPage:
        nodes = [self.argument.nodes[premise] for premise in step.premises if premise in self.argument.nodes]
        line = step.kind == "evidence line"
        return StepPage(
            about=self._about(
                step.iri, "step", self.words.word(step.kind.title().replace(" ", "")), step.text
            ),
            argument=self.cards.argue(step, lead=True),
            findings=tuple(self.findings.of(node, step) for node in nodes) if line else (),
            definition=self.words.definition(step.scheme) if step.scheme else "",
            questions=self.words.questions(step.scheme) if step.scheme else (),
            doubts=self.cards.attacks(step.iri),
        )

    def _study(self, study: Study) -> StudyPage:
        return StudyPage(
            about=self._about(
                study.iri, "study", self.words.word(study.type) if study.type else "study", study.title
            ),
            study=study,
            authors=tuple(spoken(author) for author in study.authors),
            citation=cite(self.cards, study.iri),
            type=self.cards.concept(study.type),
            method=self.cards.concept(study.method),
            verification=_STUDY_VERIFIED.get(study.verification, ""),
            themes=tuple(map(self.cards.link, study.themes)),
            findings=tuple(
                (
                    self.findings.of(node),
                    self.findings.on_lines(self.argument.outgoing(node.iri), lead=True),
                )
                for node in self.argument.reported(study.iri)
            ),
        )
