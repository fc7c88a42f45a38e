"""A debate at a glance: its theses with their main reasons, the objections left unanswered, and figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from argraph.app.cards import Argument, Card, Cards
from argraph.app.findings import Findings
from argraph.argument.graph import Node, Step

_UNANSWERED_SHOWN: Final = 12


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


class Overview:
    """Builds the start page."""

    def __init__(self, cards: Cards, findings: Findings) -> None:
        self._cards = cards
        self._findings = findings
        self._workspace = cards.workspace
        self._argument = cards.argument

    def start(self) -> StartPage:
        """All of it, worked out anew each time."""
        homes = {thesis.iri: self._workspace.debate_of(thesis.iri) for thesis in self._argument.theses}
        objections = [
            node
            for node in self._argument.nodes.values()
            if node.kind == "objection" and not self._cards.answered(node)
        ]
        objections.sort(key=lambda node: (-self._findings.backing(node), node.label.casefold(), node.iri))
        shown = objections[:_UNANSWERED_SHOWN]
        return StartPage(
            debates=tuple(
                DebateView(
                    debate.title if debate else "",
                    debate.description if debate else "",
                    tuple(map(self._thesis, own)),
                )
                for debate in (*self._workspace.debates, None)
                if (own := [thesis for thesis in self._argument.theses if homes[thesis.iri] == debate])
            ),
            unanswered=tuple((self._cards.card(node), self._cards.leads(node)) for node in shown),
            unanswered_left_out=len(objections) - len(shown),
            figures=self._figures(),
        )

    def _thesis(self, node: Node) -> ThesisView:
        supports = self._cards.steps(node.iri, "support")
        pillars = [step for step in supports if self._premises(step, "Pillar")] or supports
        return ThesisView(
            card=self._cards.card(node),
            pillars=tuple(Reason(self._cards.argue(step), self._branches(step)) for step in pillars),
            reasons=tuple(self._cards.argue(step) for step in supports if step not in pillars),
            attacks=self._cards.attacks(node.iri),
            findings_for=len(self._findings.on(node.iri, favourable=True)),
            findings_against=len(self._findings.on(node.iri, favourable=False)),
            why=self._cards.why(node.iri),
        )

    def _premises(self, step: Step, role: str) -> list[Node]:
        nodes = (self._argument.nodes.get(premise) for premise in step.premises)
        return [node for node in nodes if node and node.role == role]

    def _branches(self, step: Step) -> tuple[Card, ...]:
        return tuple(
            self._cards.card(branch)
            for premise in step.premises
            for below in self._cards.steps(premise, "support")
            for branch in self._premises(below, "Branch")
        )

    def _figures(self) -> tuple[tuple[str, str], ...]:
        numbers = self._workspace.stats()
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
