"""The saved questions over HTTP: their list, each one's answer, as pages and as data."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode

import pyoxigraph as ox
from fastapi import Request
from starlette.responses import JSONResponse, Response

from argraph import vocab
from argraph.app.cards import Link
from argraph.app.endpoint import Endpoint
from argraph.app.protocol import Problem, address, parameters, time_allowed, unchanged
from argraph.app.shelf import Offer, Shelf
from argraph.app.site import HTML, Site, wished
from argraph.app.tables import Table, asked
from argraph.errors import QueryRefused, UnknownNode, UnknownQuery
from argraph.query import formats, published
from argraph.query.catalogue import StoredQuery
from argraph.query.engine import Term, Triples
from argraph.query.header import RESERVED
from argraph.query.pool import Question

_RDF: Final = {formats.GRAPHS[form]: form for form in ("turtle", "jsonld", "ntriples", "rdfxml")}
LIST: Final = {"application/json": "json", HTML: "html"} | _RDF
ROWS: Final = {media: name for name, media in formats.ROWS.items()} | {
    "application/json": "json",
    HTML: "html",
}
_READS: Final = {"allow": "GET, HEAD, OPTIONS"}


class Questions:
    """The places of the saved questions."""

    def __init__(self, site: Site, endpoint: Endpoint, shelf: Shelf) -> None:
        self._site = site
        self._workspace = site.pages.workspace
        self._endpoint = endpoint
        self._shelf = shelf

    async def listing(self, request: Request) -> Response:
        """The saved questions with their parameters, columns and text, and files that are not taken."""
        offer = await self._shelf.look()
        form = wished(request, LIST)
        here = address(request)
        told = repr((self._endpoint.version, offer.catalogue.faults, offer.trying, form, here))
        headers = {"vary": "Accept", "cache-control": "no-cache"}
        headers["etag"] = f'W/"{sha256(told.encode()).hexdigest()[:32]}"'
        if form == "html":
            catalogue, queries = offer.catalogue, [*offer.catalogue.values()]
            return self._site.html(
                "queries.html", queries=queries, faults=catalogue.faults, trying=offer.trying
            )
        if unchanged(request, headers["etag"]):
            return Response(status_code=304, headers=headers)
        if form == "json":
            return JSONResponse(self._as_data(offer), headers=headers)
        text = formats.render(self._as_triples(offer, here), form, prefixes=self._workspace.prefixes)
        return Response(text, headers=headers, media_type=formats.GRAPHS[form])

    def _as_data(self, offer: Offer) -> dict[str, Any]:
        queries = [
            stored.as_data() | {"href": f"/queries/{stored.name}", "query": self._text(stored)}
            for stored in offer.catalogue.values()
        ]
        faults = [
            {"file": f.location.path, "line": f.location.line, "column": f.location.column}
            | {"message": f.message}
            for f in offer.catalogue.faults
        ]
        return {"queries": queries, "faults": faults, "trying": offer.trying}

    def _as_triples(self, offer: Offer, here: str) -> Triples:
        """What the dataset says of them, and where they are to be asked."""
        told = [quad.triple for quad in self._workspace.published(offer.catalogue.values())]
        target, page = (ox.NamedNode(iri) for iri in (vocab.SCHEMA + "target", vocab.RDFS + "seeAlso"))
        for name in offer.catalogue:
            iri = ox.NamedNode(published.address(name))
            told.append(ox.Triple(iri, target, ox.NamedNode(f"{here}/sparql")))
            told.append(ox.Triple(iri, page, ox.NamedNode(f"{here}/queries/{name}")))
        return tuple(told)

    def _text(self, stored: StoredQuery) -> str:
        return published.standalone(stored, prefixes=self._workspace.prefixes, resolve=self._workspace.term)

    async def answer(self, request: Request, name: str) -> Response:
        """The answer to a saved question, with its parameters."""
        stored = await self._find(name)
        form = wished(request, ROWS)
        given = parameters(request.scope["query_string"])
        if form == "html":
            return await self._page(request, stored, given)
        try:
            bindings = self._bound(stored, given)
        except UnknownNode as error:
            raise Problem(400, str(error), nearest=self._site.nodes(error)) from None
        except QueryRefused as error:
            raise Problem(400, str(error)) from None
        prefixes, truths = self._workspace.prefixes, stored.truths
        question = Question(stored.text, rows=form, bindings=bindings, prefixes=prefixes, truths=truths)
        answer = await self._endpoint.respond(request, question, seconds=time_allowed(given))
        if form in {"csv", "tsv"} and answer.status_code == 200:
            how = "attachment" if form == "csv" else "inline"
            answer.headers["content-disposition"] = f'{how}; filename="{name}.{form}"'
        return answer

    async def _find(self, name: str) -> StoredQuery:
        offer = await self._shelf.look()
        try:
            return offer.catalogue.get(name)
        except QueryRefused as error:
            raise Problem(404, str(error)) from None
        except UnknownQuery as error:
            if name in offer.trying:
                detail = (
                    f"The saved question “{name}” has just come and is being tried: ask again in a moment."
                )
                raise Problem(503, detail, headers={"retry-after": "5"}) from None
            near = tuple(Link(f"/queries/{n}", offer.catalogue[n].title) for n in error.nearest)
            raise Problem(404, f"There is no saved question “{name}”.", nearest=near) from None

    def _bound(self, stored: StoredQuery, given: list[tuple[str, str]]) -> dict[str, Term]:
        """The values of an address; an empty one is what a form sends for a field that was left alone."""
        arguments: dict[str, str] = {}
        for name, value in given:
            if name in RESERVED or not value.strip():
                continue
            if name in arguments:
                raise QueryRefused(f"The parameter {name} is given more than once: give one value.")
            arguments[name] = value
        return stored.bind(arguments, resolve=self._workspace.term)

    async def _page(self, request: Request, stored: StoredQuery, given: list[tuple[str, str]]) -> Response:
        told = {name: value for name, value in given if name not in RESERVED and value.strip()}

        def page(
            status: int = 200, table: Table | None = None, fault: str = "", nearest: tuple[Link, ...] = ()
        ) -> Response:
            shown = {"stored": stored, "given": told, "link": _place(stored, told) + ("&" if told else "")}
            result = {
                "table": table,
                "fault": fault,
                "nearest": nearest,
                "examples": _examples(stored, table),
            }
            about = {"text": self._text(stored), "address": address(request)}
            return self._site.html("query.html", status=status, **shown, **result, **about)

        if any(p.required and p.name not in told for p in stored.parameters):
            return page()
        try:
            question = Question(
                stored.text,
                bindings=self._bound(stored, given),
                prefixes=self._workspace.prefixes,
                truths=stored.truths,
            )
            cards, seconds = self._site.pages.cards, time_allowed(given)
            _, table = await asked(self._endpoint, request, question, cards, seconds=seconds)
            return page(table=table)
        except UnknownNode as error:
            wrong = next(name for name, value in given if error.name in value)
            labels = zip(error.nearest, self._site.nodes(error), strict=True)
            near = (Link(_place(stored, {**told, wrong: key}), link.text) for key, link in labels)
            return page(400, fault=str(error), nearest=tuple(near))
        except QueryRefused as error:
            return page(400, fault=str(error))
        except Problem as problem:
            answer = page(problem.status_code, fault=str(problem.detail))
            answer.headers.update(problem.headers or {})
            return answer

    def options(self) -> Response:
        """What may be done here."""
        return Response(status_code=204, headers=_READS)

    def refuse(self) -> Response:
        """A saved question is asked by its address and not by a body."""
        raise Problem(
            405, "A saved question is only read: put its parameters into the address.", headers=_READS
        )


def _place(stored: StoredQuery, told: Mapping[str, str]) -> str:
    """The address of an answer."""
    return f"/queries/{stored.name}?{urlencode(told)}"


def _examples(stored: StoredQuery, table: Table | None) -> dict[str, str]:
    """A value for each parameter that an answer, or else the header, has one of."""
    found = {p.name: value for p in stored.parameters if (value := p.example or p.default)}
    if table is not None and table.rows:
        for parameter in stored.parameters:
            shown = table.rows[0][table.columns.index(parameter.name)].value
            found[parameter.name] = shown if isinstance(shown, str) else shown.text
    return found
