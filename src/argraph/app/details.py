"""What the details panel shows: a page of a node, as data."""

from __future__ import annotations

from typing import Any

from argraph.app import answers
from argraph.app.pages import NodePage, Pages, RecordPage, StatementPage, StepPage, StudyPage
from argraph.argument.derived import positions
from argraph.argument.graph import Node
from argraph.argument.wording import STANDING


class Details:
    """Tells what the pages show as data."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._workspace = pages.workspace

    def thesis(self, node: Node) -> answers.Thesis:
        """A thesis at a glance."""
        reached = {iri for iri, _ in positions(self._pages.argument, node.iri)} | {node.iri}
        kinds = (self._pages.argument.nodes[iri].kind for iri in reached)
        card = self._pages.cards.card(node)
        told = {
            "id": card.id,
            "iri": node.iri,
            "label": card.label,
            "text": card.text,
            "status": card.status,
            "standing": card.standing,
            "strength": card.strength,
            "why": self._pages.why(node.iri),
            "statements": sum(kind != "evidence" for kind in kinds),
            "debate": "",
            "href": card.href,
        }
        return answers.Thesis.model_validate(told)

    def of(self, iri: str) -> answers.Node:
        """All that is known of a node."""
        page = self._pages.of(iri)
        about = page.about
        verdict = self._workspace.verdicts.get(iri)
        own: dict[str, Any] = _own(page)
        path = self._workspace.stage.path(iri) if iri in self._pages.argument.nodes else ()
        told = {
            "id": self._workspace.key(iri) if self._workspace.knows(iri) else iri,
            "iri": iri,
            "href": about.href,
            "kind": about.kind,
            "word": about.word,
            "label": about.title,
            "status": verdict.status if verdict else "",
            "standing": STANDING[verdict.status] if verdict else "",
            "strength": self._pages.cards.strength(iri),
            "why": about.why,
            "path": [stop.as_data() for stop in path],
        }
        return answers.Node.model_validate(_EMPTY | told | own)


_EMPTY: dict[str, Any] = {"text": "", "finding": None} | {
    name: [] for name in ("for", "against", "undercuts", "evidence", "leads", "bears_on")
}


def _own(page: NodePage) -> dict[str, Any]:
    if isinstance(page, StatementPage):
        return {
            "type": "statement",
            "text": page.text,
            "for": page.supports,
            "against": page.attacks,
            "undercuts": page.disputes,
            "evidence": [*page.findings_for, *page.findings_against],
            "leads": page.leads,
            "bears_on": page.bears_on,
            "finding": page.finding,
        }
    if isinstance(page, StepPage):
        return {
            "type": "step",
            "text": page.argument.text,
            "undercuts": page.doubts,
            "evidence": page.findings,
            "leads": [page.argument],
        }
    if isinstance(page, StudyPage):
        return {"type": "study"}
    assert isinstance(page, RecordPage)  # noqa: S101
    return {"type": "record", "text": page.record.lead}
