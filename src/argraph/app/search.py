"""The page of what was searched for; with scripts, the explorer shows the same while one types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI
from starlette.responses import Response

from argraph.app.cards import Link
from argraph.app.site import Site
from argraph.argument.wording import STANDING
from argraph.query.search import Part

_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found; see `argraph.query.search.Hit`."""

    href: str
    kind: str
    label: tuple[Part, ...]
    excerpt: tuple[Part, ...]
    status: str
    standing: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What was found.

    Attributes:
        text: What was asked for.
        hits: The best first.
        total: How much was found, shown or not.
        more: Whether there is more than that.
        instead: The words that were searched for in its place; may be empty.
        loose: Whether nothing has all words, so that these have some.
        theses: What one may look at instead.
    """

    text: str
    hits: tuple[Hit, ...]
    total: int
    more: bool
    instead: str
    loose: bool
    theses: tuple[Link, ...]


class Search:
    """The place of the search page."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pages = site.pages

    def add_to(self, app: FastAPI) -> None:
        """Add the place to the server."""
        app.add_api_route(
            "/search", self.page, methods=["GET"], include_in_schema=False, response_class=Response
        )

    def page(self, q: str = "") -> Response:
        """Statements, findings and studies with the words of `q`."""
        text, cards = q.strip()[:500], self._pages.cards
        found = self._pages.workspace.index.search(text, limit=_SHOWN)
        hits = []
        for hit in found.hits:
            status = cards.status(hit.iri) if hit.kind != "study" else ""
            standing = STANDING.get(status, "")
            hits.append(Hit(cards.href(hit.iri), hit.kind, hit.label, hit.excerpt, status, standing))
        theses = tuple(cards.link(thesis.iri) for thesis in self._pages.argument.theses)
        page = SearchPage(text, tuple(hits), found.total, found.more, found.instead, found.loose, theses)
        return self._site.html("search.html", page=page)
