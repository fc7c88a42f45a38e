"""The workbench: a page to write queries on, and what its editor asks the server for."""

from __future__ import annotations

from functools import cached_property
from threading import Lock
from typing import Final

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from argraph import resources, vocab
from argraph.app.cards import Link
from argraph.app.protocol import Problem
from argraph.app.shelf import Shelf
from argraph.app.site import STATIC, Site
from argraph.app.terms import Kind, Terms, collect
from argraph.errors import QueryRefused, UnknownQuery
from argraph.query.catalogue import Catalogue, StoredQuery
from argraph.query.published import standalone

YASGUI: Final = STATIC / "yasgui"
"""Where `hatch_build.py` puts the editor that comes from npm; the page works without it."""

_FIRST_QUERY = """\
# Objections, and how many replies each has had
PREFIX arg: <https://w3id.org/argraph/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

SELECT ?objection ?label (COUNT(?reply) AS ?replies) {
  ?objection a arg:Objection ; skos:prefLabel ?label .
  OPTIONAL { ?reply arg:attacks ?objection }
}
GROUP BY ?objection ?label
ORDER BY ?replies ?label
"""


class Workbench:
    """The endpoints of the workbench."""

    def __init__(self, site: Site, shelf: Shelf) -> None:
        self._site = site
        self._shelf = shelf
        self._workspace = site.pages.workspace
        self._built_in = (YASGUI / "yasgui.min.js").is_file()
        self._lock = Lock()

    def add_to(self, app: FastAPI) -> None:
        """Add the workbench's places to the server."""
        for path, endpoint in (
            ("/workbench", self.page),
            ("/workbench/terms", self.terms),
            ("/workbench/saved/{name}", self.saved),
        ):
            app.add_api_route(
                path, endpoint, methods=["GET"], include_in_schema=False, response_class=Response
            )

    async def page(
        self, request: Request, query: str | None = None, saved: str | None = None, editor: str | None = None
    ) -> Response:
        """A query to begin with is given by `query`, or by the name of a saved question as `saved`.

        With `editor=plain` the page has a plain text field, which screen readers read best, even where the
        larger editor is built in.
        """
        catalogue = (await self._shelf.look()).catalogue
        stored = _find(catalogue, saved) if saved else None
        text = self._text(stored) if stored else query
        large = self._built_in and editor != "plain"
        return self._site.scripted(
            "workbench.html",
            text=text or _FIRST_QUERY,
            stored=stored,
            queries=list(catalogue.values()),
            large=large,
            built_in=self._built_in,
            settings={
                "editor": "yasgui" if large else "plain",
                "prefixes": dict(self._workspace.prefixes),
                "bases": [debate.base for debate in self._workspace.debates],
                "vocabulary": vocab.ARG,
                "first": _FIRST_QUERY,
                "given": {"title": stored.title if stored else "", "text": text} if text else None,
            },
        )

    def terms(self, q: str, kind: Kind = "any") -> Response:
        """Classes, properties and nodes with the words of `q` in name or label; at most 50, the best first.

        Those of a `kind` only, where any of that kind fits.
        """
        found = self._index.search(q[:200], kind) or self._index.search(q[:200])
        return JSONResponse(
            [{"iri": t.iri, "name": t.name, "label": t.label, "kind": t.kind} for t in found],
            headers={"cache-control": "max-age=60"},
        )

    @property
    def _index(self) -> Terms:
        with self._lock:  # built by the first who asks; the others wait for it
            return self._terms

    @cached_property
    def _terms(self) -> Terms:
        return collect(self._workspace, self._site.pages.words, resources.shapes())

    async def saved(self, name: str) -> Response:
        """Without the header of its file, and with its default values written into it."""
        catalogue = (await self._shelf.look()).catalogue
        return Response(self._text(_find(catalogue, name)), media_type="application/sparql-query")

    def _text(self, stored: StoredQuery) -> str:
        return standalone(stored, prefixes=self._workspace.prefixes, resolve=self._workspace.term)


def _find(catalogue: Catalogue, name: str) -> StoredQuery:
    try:
        return catalogue.get(name)
    except QueryRefused as error:
        raise Problem(404, str(error)) from None
    except UnknownQuery as error:
        near = tuple(Link(f"/workbench?saved={n}", catalogue[n].title) for n in error.nearest)
        raise Problem(404, f"There is no saved question “{name}”.", nearest=near) from None
