"""What studies found: each finding with its source, how far it can be relied on, and what it bears on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from argraph.app.cards import Argument, Card, Cards, Link, Relation, web_link
from argraph.argument.graph import Node, Step, Study, local_name
from argraph.argument.wording import STANDING
from argraph.exchange.reference import bibtex, reference

_VERIFIED = {
    "Verified": "The finding was checked against its source",
    "Unverified": "Not yet checked against its source",
    "Retracted": "Its source has been retracted",
}
_LEVELS = ("VeryLow", "Low", "Moderate", "High")


@dataclass(frozen=True, slots=True)
class Citation:
    """A study in brief: `Eiras et al. 2024`, its title, and where it is found outside.

    Attributes:
        reference: The study as one cites it in a text; empty where it is not described.
        bibtex: The same as BibTeX.
    """

    id: str
    href: str
    text: str
    title: str
    source: Link | None
    reference: str = ""
    bibtex: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """How far evidence can be relied on: a word, and a level from 1 (very low) to 4 (high), 0 if unknown."""

    word: str
    level: int


@dataclass(frozen=True, slots=True)
class Finding:
    """An evidence item, with the line that leads from it to a statement where there is one.

    Attributes:
        id: The evidence's name.
        href: The evidence's page.
        text: The finding in words.
        status: Of the evidence: `accepted`, `rejected` or `undecided`.
        standing: The status in plain words.
        citations: The studies that report it.
        checked: Whether it was read in its source.
        verification: The same in words; may be empty.
        grade: The grade of the line, else of the evidence; may be None.
        relation: How it bears on the statement; None without a line.
        step: The line's name; empty without a line.
        step_href: The line's page; empty without a line.
        directness: `direct` or `indirect`; may be empty.
        statement: What it bears on; only where the page is not that statement's own.
        doubts: Attacks on the line or on the evidence.
    """

    id: str
    href: str
    text: str
    status: str
    standing: str
    citations: tuple[Citation, ...]
    checked: bool
    verification: str
    grade: Grade | None = None
    relation: Relation | None = None
    step: str = ""
    step_href: str = ""
    directness: str = ""
    statement: Card | None = None
    doubts: tuple[Argument, ...] = ()


class Findings:
    """Tells the evidence of a debate as findings."""

    def __init__(self, cards: Cards) -> None:
        self._cards = cards
        self._argument = cards.argument
        self._words = cards.words

    def of(self, node: Node, line: Step | None = None, *, lead: bool = False) -> Finding:
        """An evidence item, by itself or on a line; with `lead` it names what the line bears on."""
        hit = (node.iri, line.iri) if line else (node.iri,)
        statement = self._argument.nodes.get(line.end) if line and lead else None
        state = self._argument.verification(node)
        status = self._cards.status(node.iri)
        return Finding(
            id=self._cards.key(node.iri),
            status=status,
            standing=STANDING[status],
            href=self._cards.href(node.iri),
            text=node.text or self._cards.label(node.iri),
            citations=tuple(cite(self._cards, study) for study in node.studies),
            checked=state == "Verified",
            verification=self._verification(state),
            grade=self._grade((line.grade if line else "") or node.grade),
            relation=self._cards.relation(line) if line else None,
            step=self._cards.key(line.iri) if line else "",
            step_href=self._cards.href(line.iri) if line else "",
            directness=self._words.word(line.directness) if line and line.directness else "",
            statement=self._cards.card(statement) if statement else None,
            doubts=tuple(doubt for iri in hit for doubt in self._cards.attacks(iri, depth=0)),
        )

    def on(self, iri: str, *, favourable: bool) -> tuple[Finding, ...]:
        """What studies found for or against a statement, in reading order."""
        return self.on_lines(s for s in self._argument.incoming(iri) if s.favourable is favourable)

    def on_lines(self, steps: Iterable[Step], *, lead: bool = False) -> tuple[Finding, ...]:
        """The findings on those steps that are evidence lines, in reading order."""
        lines = self._cards.workspace.stage.ordered(step for step in steps if step.kind == "evidence line")
        return tuple(
            self.of(self._argument.nodes[p], step, lead=lead)
            for step in lines
            for p in step.premises
            if p in self._argument.nodes
        )

    def backing(self, node: Node) -> int:
        """How many findings speak for a node."""
        steps = self._argument.incoming(node.iri)
        return sum(step.kind == "evidence line" and step.favourable for step in steps)

    def _grade(self, name: str) -> Grade | None:
        """A grade by its local name; None for no name."""
        level = _LEVELS.index(name) + 1 if name in _LEVELS else 0
        return Grade(self._words.word(name), level) if name else None

    def _verification(self, name: str) -> str:
        """A verification state in a sentence."""
        return _VERIFIED.get(name, self._words.word(name).capitalize() if name else "")


def cite(cards: Cards, iri: str) -> Citation:
    """A study in brief, also one that the graph names but does not describe."""
    study, key = cards.argument.studies.get(iri), cards.key(iri)
    if study is None:
        return Citation(key, cards.href(iri), cards.cited(iri), "", None)
    link = _source(study)
    address = link.href if link else ""
    return Citation(
        id=key,
        href=cards.href(iri),
        text=study.citation,
        title=study.title,
        source=link,
        reference=reference(study, address),
        bibtex=bibtex(study, key=local_name(iri).removeprefix("study-"), link=address),
    )


def _source(study: Study) -> Link | None:
    """Where a study is found outside; None where it says nothing usable."""
    if study.doi:
        return web_link(f"https://doi.org/{quote(study.doi, safe='/:;()._-')}", f"doi:{study.doi}")
    if study.arxiv:
        return web_link(f"https://arxiv.org/abs/{quote(study.arxiv, safe='/.')}", f"arXiv:{study.arxiv}")
    return web_link(study.url)
