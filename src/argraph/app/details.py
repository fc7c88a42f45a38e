"""What the details panel shows: the pages of `argraph.app.pages`, told as data."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from argraph.app.answers.fields import Answer
from argraph.app.answers.nodes import Node, Study
from argraph.app.answers.search import Thesis
from argraph.app.cards import Card, Link
from argraph.app.findings import Citation
from argraph.app.pages import NodePage, Pages, RecordPage, StatementPage, StepPage, StudyPage
from argraph.app.records import Entry
from argraph.argument import graph
from argraph.argument.derived import positions


class Details:
    """Tells as data what the pages show; safe to call from several threads."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._workspace = pages.workspace
        self._sizes = lru_cache(maxsize=None)(self._size)

    def thesis(self, node: graph.Node) -> Thesis:
        """A thesis at a glance."""
        debate = self._workspace.debate_of(node.iri)
        told = _attributes(self._pages.cards.card(node)) | {
            "iri": node.iri,
            "why": self._pages.cards.why(node.iri),
            "statements": self._sizes(node.iri),
            "debate": debate.title if debate else "",
        }
        return Thesis.model_validate(_fitting(Thesis, told))

    def _size(self, thesis: str) -> int:
        nodes = self._pages.argument.nodes
        reached = {iri for iri, _ in positions(self._pages.argument, thesis)} | {thesis}
        return sum(nodes[iri].kind != "evidence" for iri in reached)

    def node(self, iri: str) -> Node:
        """All that is known of anything that the graph names or the vocabulary defines."""
        page = self._pages.of(iri)
        about = _attributes(page.about)
        about["label"] = about.pop("title")
        told = about | {
            "path": _path(page),
            "provenance": {"entered": page.about.entered, "sources": ()},
            "links": self._links(page),
            "hangs_on": {"count": None, "items": ()},
        }
        return Node.model_validate(_fitting(Node, _EMPTY | told | _own(page)))

    def _links(self, page: NodePage) -> dict[str, str | None]:
        href, name = page.about.href, quote(page.about.id, safe="")
        node, judged = page.about.iri in self._pages.argument.nodes, bool(page.about.status)
        return {
            "page": href,
            "turtle": f"{href}?format=turtle",
            "jsonld": f"{href}?format=jsonld",
            "neighbourhood": f"/api/nodes/{name}/neighbourhood" if node else None,
            "outline": f"/api/nodes/{name}/outline" if node else None,
            "why": f"/api/nodes/{name}/why" if judged else None,
            "cruxes": f"/api/cruxes?node={name}" if judged else None,
            "whatif": f"/api/whatif?without={quote(name, safe='')}" if judged else None,
        }


_LISTS = "for against undercuts evidence leads bears_on remarks themes facts groups questions"
_EMPTY: Final[dict[str, Any]] = {
    **dict.fromkeys(_LISTS.split(), ()),
    **dict.fromkeys(("finding", "inference", "pattern", "study")),
    "text": "",
    "unanswered": False,
}


def _fitting(model: type[Answer], told: dict[str, Any]) -> dict[str, Any]:
    """What a model has fields for."""
    names = (field.alias or name for name, field in model.model_fields.items())
    return {name: told[name] for name in names}


def _attributes(part: Any) -> dict[str, Any]:
    """The attributes of a part of a page."""
    return {name: getattr(part, name) for name in part.__dataclass_fields__}


def _path(page: NodePage) -> list[dict[str, str]]:
    """The way to the thesis: the crumbs of the page, from the other end."""
    return [
        {
            "id": crumb.link.id,
            "label": crumb.link.text,
            "relation": crumb.relation.name if crumb.relation else "",
        }
        for crumb in reversed(page.about.crumbs)
    ]


def _own(page: NodePage) -> dict[str, Any]:
    """What a page has that those of other sorts have not."""
    if isinstance(page, StatementPage):
        return _attributes(page) | {
            "type": "statement",
            "for": page.supports,
            "against": page.attacks,
            "undercuts": page.disputes,
            "evidence": (*page.findings_for, *page.findings_against),
            "hangs_on": {"count": page.hangs_on_count, "items": page.hangs_on},
            "provenance": {"entered": page.about.entered, "sources": page.sources},
        }
    if isinstance(page, StepPage):
        pattern = {"scheme": page.argument.scheme, "definition": page.definition, "questions": page.questions}
        return {
            "type": "step",
            "text": page.argument.text,
            "inference": page.argument,
            "undercuts": page.doubts,
            "evidence": page.findings,
            "pattern": pattern if page.argument.scheme else None,
        }
    if isinstance(page, StudyPage):
        findings = [{"finding": finding, "bears_on": lines} for finding, lines in page.findings]
        remarks = (page.study.note,) if page.study.note else ()
        told = _attributes(page.study) | _attributes(page) | {"findings": findings}
        return {"type": "study", "study": _fitting(Study, told), "themes": page.themes, "remarks": remarks}
    assert isinstance(page, RecordPage)  # noqa: S101
    groups = [
        {
            "title": group.title,
            "entries": tuple(map(_entry, group.entries)),
            "left_out": group.left_out,
        }
        for group in page.record.groups
    ]
    return {"type": "record", "text": page.record.lead, "facts": page.record.facts, "groups": groups}


def _entry(entry: Entry) -> Link:
    if isinstance(entry, Card):
        return Link(entry.href, entry.label, entry.kind, entry.id)
    if isinstance(entry, Citation):
        return Link(entry.href, entry.title or entry.text, "study", entry.id)
    return entry
