"""What each page shows, as plain data for the templates."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import PurePath
from typing import ClassVar, TypeAlias
from urllib.parse import quote

import pyoxigraph as ox

from argraph import vocab
from argraph.app.cards import Argument, Card, Cards, Citation, Finding, Link, Strength, web_link
from argraph.app.crumbs import Crumb, crumbs
from argraph.app.records import Record, Records
from argraph.app.vocabulary import Vocabulary
from argraph.argument import explanation
from argraph.argument.debates import Debate
from argraph.argument.graph import Node, Step, Study, local_name
from argraph.argument.wording import STANDING, spoken
from argraph.workspace import Workspace

_UNANSWERED_SHOWN = 12
_HANGS_ON_SHOWN = 12
_QUESTIONS = ("support", "attack", "evidence-for", "strongest-chain", "hangs-on")
_STUDY_VERIFIED = {
    "Verified": "Its identifier was confirmed to lead to it",
    "Unverified": "Its identifier is yet to be confirmed in full",
    "Retracted": "It has been retracted",
}


@dataclass(frozen=True, slots=True)
class Contribution:
    """What something was entered with: a contribution, else a file; by whom and when, where that is told."""

    link: Link
    by: tuple[Link, ...]
    date: str


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
class Origin:
    """The places in a work that something is taken from; `work` is empty where they are works themselves."""

    work: str
    parts: tuple[Link, ...]


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


@dataclass(frozen=True, slots=True)
class Reason:
    """A main reason for a thesis, with the branches below it."""

    argument: Argument
    branches: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class ThesisView:
    """A thesis at a glance.

    Attributes:
        pillars: Its main reasons: those marked as pillars, or all where none is.
        reasons: The other reasons.
        attacks: What is put forward against the thesis itself.
        why: Whether it stands and what decides that, in a sentence.
    """

    card: Card
    pillars: tuple[Reason, ...]
    reasons: tuple[Argument, ...]
    attacks: tuple[Argument, ...]
    findings_for: int
    findings_against: int
    why: str


@dataclass(frozen=True, slots=True)
class DebateView:
    """A debate with its theses; a thesis outside every debate stands in one without a title."""

    title: str
    description: str
    theses: tuple[ThesisView, ...]


@dataclass(frozen=True, slots=True)
class StartPage:
    """The way in.

    Attributes:
        debates: Those that have a thesis.
        unanswered: Objections that nobody has answered, those with most findings behind them first.
        unanswered_left_out: How many more there are.
        figures: Numbers with what they count.
    """

    debates: tuple[DebateView, ...]
    unanswered: tuple[tuple[Card, tuple[Argument, ...]], ...]
    unanswered_left_out: int
    figures: tuple[tuple[str, str], ...]

    @property
    def only(self) -> ThesisView | None:
        """The thesis, where there is just one."""
        theses = [thesis for debate in self.debates for thesis in debate.theses]
        return theses[0] if len(theses) == 1 else None


NodePage: TypeAlias = StatementPage | StepPage | StudyPage | RecordPage


class Pages:
    """Builds pages from a workspace; safe to call from several threads.

    Attributes:
        title: What the server is about.
    """

    def __init__(self, workspace: Workspace, words: Vocabulary) -> None:
        self.workspace = workspace
        self.words = words
        self.cards = Cards(workspace, words)
        self.argument = workspace.argument
        self.title = " · ".join(debate.title for debate in workspace.debates) or "A debate without a title"
        self._paths = {graph: path for path, graph in workspace.store.graphs.items()}

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

    def mentions(self, iri: str) -> bool:
        """Whether the graph points at an IRI, even if it says nothing about it."""
        try:
            node = ox.NamedNode(iri)
        except ValueError:
            return False
        return any(True for _ in self.workspace.store.raw.quads_for_pattern(None, None, node))

    def start(self) -> StartPage:
        """The start page."""
        homes = {thesis.iri: self.debate(thesis.iri) for thesis in self.argument.theses}
        objections = [
            node
            for node in self.argument.nodes.values()
            if node.kind == "objection" and not self.cards.answered(node)
        ]
        objections.sort(key=lambda node: (-self.cards.backing(node), node.label.casefold(), node.iri))
        shown = objections[:_UNANSWERED_SHOWN]
        return StartPage(
            debates=tuple(
                DebateView(
                    debate.title if debate else "",
                    debate.description if debate else "",
                    tuple(map(self._thesis, own)),
                )
                for debate in (*self.workspace.debates, None)
                if (own := [thesis for thesis in self.argument.theses if homes[thesis.iri] == debate])
            ),
            unanswered=tuple((self.cards.card(node), self._leads(node)) for node in shown),
            unanswered_left_out=len(objections) - len(shown),
            figures=self._figures(),
        )

    def debate(self, iri: str) -> Debate | None:
        """The debate that a node belongs to; None outside every debate."""
        fitting = [debate for debate in self.workspace.debates if iri.startswith(debate.base)]
        return max(fitting, key=lambda debate: len(debate.base)) if fitting else None

    def _thesis(self, node: Node) -> ThesisView:
        supports = self.cards.steps(node.iri, "support")
        pillars = [step for step in supports if self._premises(step, "Pillar")] or supports
        return ThesisView(
            card=self.cards.card(node),
            pillars=tuple(Reason(self.cards.argue(step), self._branches(step)) for step in pillars),
            reasons=tuple(self.cards.argue(step) for step in supports if step not in pillars),
            attacks=self.cards.attacks(node.iri),
            findings_for=len(self.cards.findings(node.iri, favourable=True)),
            findings_against=len(self.cards.findings(node.iri, favourable=False)),
            why=self.why(node.iri),
        )

    def _premises(self, step: Step, role: str) -> list[Node]:
        nodes = (self.argument.nodes.get(premise) for premise in step.premises)
        return [node for node in nodes if node and node.role == role]

    def _branches(self, step: Step) -> tuple[Card, ...]:
        return tuple(
            self.cards.card(branch)
            for premise in step.premises
            for below in self.cards.steps(premise, "support")
            for branch in self._premises(below, "Branch")
        )

    def _figures(self) -> tuple[tuple[str, str], ...]:
        numbers = self.workspace.stats()
        return (
            (f"{numbers['statements']:,}", "statements"),
            (f"{numbers['objections']:,}", "of them objections"),
            (f"{numbers['rebuttals']:,}", "of them rebuttals"),
            (f"{numbers['studies']:,}", "studies"),
            (f"{numbers['of these for']:,}", "times a finding speaks for a statement"),
            (f"{numbers['of these against']:,}", "times a finding speaks against one"),
            (
                f"{numbers['of these verified']:,} of {numbers['evidence items']:,}",
                "findings checked against their source",
            ),
        )

    def _about(self, iri: str, kind: str, word: str, summary: str) -> About:
        graphs = {
            quad.graph_name.value
            for quad in self.workspace.store.raw.quads_for_pattern(ox.NamedNode(iri), None, None)
            if isinstance(quad.graph_name, ox.NamedNode)
        }
        return About(
            id=self.cards.key(iri),
            iri=iri,
            href=self.cards.page(iri),
            title=self.cards.label(iri),
            word=word,
            kind=kind,
            summary=summary,
            crumbs=crumbs(self.cards, iri),
            entered=tuple(self._entered(graph) for graph in sorted(graphs) if graph != iri),
            status=(status := self.cards.status(iri)),
            standing=STANDING.get(status, ""),
            strength=self.cards.strength(iri) if status else None,
            why=self.why(iri),
        )

    def why(self, iri: str) -> str:
        """The status of a statement or step and what decides it, in a sentence; empty for what has none."""
        if not self.cards.status(iri):
            return ""
        return explanation.summary(self.workspace.argument, self.workspace.verdicts, iri)

    def _entered(self, graph: str) -> Contribution:
        if not self.workspace.knows(graph):
            return Contribution(Link("", PurePath(self._paths.get(graph, graph)).name), (), "")
        who = self._objects(graph, vocab.DCTERMS + "creator")
        when = self._objects(graph, vocab.DCTERMS + "created")
        return Contribution(
            self.cards.link(graph),
            tuple(self._agent(term.value) for term in who if isinstance(term, ox.NamedNode | ox.Literal)),
            next((term.value for term in when if isinstance(term, ox.Literal)), ""),
        )

    def _agent(self, name: str) -> Link:
        """Whoever contributed something: a page here where it is described, else on the web, else a name."""
        if self.mentions(name) and self.workspace.knows(name):
            return self.cards.link(name)
        return web_link(name, local_name(name)) or Link("", name)

    def _leads(self, node: Node) -> tuple[Argument, ...]:
        steps = [step for step in self.argument.outgoing(node.iri) if step.kind != "evidence line"]
        return tuple(self.cards.argue(step, lead=True) for step in steps)

    def _statement(self, node: Node) -> StatementPage:
        evidence = node.kind == "evidence"
        lines = [step for step in self.argument.outgoing(node.iri) if step.kind == "evidence line"]
        hangs_on = self.workspace.dependence.get(node.iri)
        return StatementPage(
            about=self._about(node.iri, node.kind, self.cards.word(node), node.text),
            text=node.text,
            sources=self._origins(node),
            themes=tuple(map(self.cards.link, node.themes)),
            remarks=tuple(self._remarks(node)),
            name="" if evidence else self._name(node.iri),
            unanswered=node.kind in {"objection", "rebuttal"} and not self.cards.answered(node),
            supports=tuple(self.cards.argue(step) for step in self.cards.steps(node.iri, "support")),
            attacks=self.cards.attacks(node.iri),
            disputes=tuple(self.cards.argue(step) for step in self.cards.disputes(node)),
            findings_for=self.cards.findings(node.iri, favourable=True),
            findings_against=self.cards.findings(node.iri, favourable=False),
            leads=self._leads(node),
            finding=self.cards.finding(node) if evidence else None,
            bears_on=self.cards.on_lines(lines, lead=True),
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
        found = self._objects(node.iri, vocab.ARG + "undefeated")
        if any(isinstance(term, ox.Literal) and term.value in {"true", "1"} for term in found):
            yield "Those who entered it found no reply in the literature collected that defeats it."
        if node.note:
            yield node.note

    def _origins(self, node: Node) -> tuple[Origin, ...]:
        """Where a statement was taken from: the places in each work, and works as a whole."""
        places: defaultdict[str, list[tuple[int, Link]]] = defaultdict(list)
        for iri in node.sources:
            works = self._objects(iri, vocab.DCTERMS + "isPartOf")
            work = next((self.cards.label(w.value) for w in works if isinstance(w, ox.NamedNode)), "")
            position = next(iter(self._objects(iri, vocab.SCHEMA + "position")), None)
            number = position.value if isinstance(position, ox.Literal) else ""
            text = f"paragraph {number}" if number else self.cards.label(iri)
            link = Link(self.cards.href(iri), text, id=self.cards.key(iri))
            places[work].append((int(number) if number.isdecimal() else 0, link))
        return tuple(
            Origin(work, tuple(link for _, link in sorted(links, key=itemgetter(0))))
            for work, links in sorted(places.items())
        )

    def _objects(
        self, iri: str, predicate: str
    ) -> list[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]:
        quads = self.workspace.store.raw.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(predicate), None)
        return sorted((quad.object for quad in quads), key=str)

    def _step(self, step: Step) -> StepPage:
        nodes = [self.argument.nodes[premise] for premise in step.premises if premise in self.argument.nodes]
        line = step.kind == "evidence line"
        return StepPage(
            about=self._about(
                step.iri, "step", self.words.word(step.kind.title().replace(" ", "")), step.text
            ),
            argument=self.cards.argue(step, lead=True),
            findings=tuple(self.cards.finding(node, step) for node in nodes) if line else (),
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
            citation=self.cards.citation(study.iri),
            type=self.cards.concept(study.type),
            method=self.cards.concept(study.method),
            verification=_STUDY_VERIFIED.get(study.verification, ""),
            themes=tuple(map(self.cards.link, study.themes)),
            findings=tuple(
                (
                    self.cards.finding(node),
                    self.cards.on_lines(self.argument.outgoing(node.iri), lead=True),
                )
                for node in self.argument.reported(study.iri)
            ),
        )
