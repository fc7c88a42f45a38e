"""SPARQL over HTTP: queries, whole graphs, and the description of the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

import pyoxigraph as ox
from fastapi import Request
from starlette.responses import Response

from argraph import vocab
from argraph.app import service
from argraph.app.endpoint import Endpoint
from argraph.app.protocol import Problem, address, parameters, read_body, time_allowed
from argraph.app.site import HTML, Site, form_named, wished
from argraph.app.tables import asked
from argraph.query import formats
from argraph.query.engine import Dataset
from argraph.query.pool import Dump, Question

CONTRIBUTE: Final = (
    "Changes enter as contributions: write a Turtle file (“argraph new” begins one), run “argraph check” on "
    "it, and propose it to the debate."
)
_QUERIES: Final = {"allow": "GET, HEAD, POST, OPTIONS"}
_READS: Final = {"allow": "GET, HEAD, OPTIONS"}
ROWS: Final = {media: name for name, media in formats.ROWS.items()} | {"application/json": "json"}
GRAPHS: Final = {media: name for name, media in formats.GRAPHS.items()}
_DUMPS: Final = {form.media_type: name for name, form in formats.DUMPS.items()}
_WHOLE: Final = {
    media: name for media, name in _DUMPS.items() if name in {"turtle", "trig", "ntriples", "nquads"}
}
_SIDES: Final = {  # clients say “xml” or “json” before they know whether rows or a graph will come
    name: pair for pair in (("xml", "rdfxml"), ("json", "jsonld")) for name in pair
}
FIRST_QUERY: Final = """\
# Objections, and how many replies each has had
SELECT ?objection ?label (COUNT(?reply) AS ?replies) {
  ?objection a arg:Objection ; skos:prefLabel ?label .
  OPTIONAL { ?reply arg:attacks ?objection }
}
GROUP BY ?objection ?label
ORDER BY ?replies ?label
"""


class Sparql:
    """The places where SPARQL is spoken."""

    def __init__(self, site: Site, endpoint: Endpoint, facts: Callable[[], service.Facts]) -> None:
        self._site = site
        self._workspace = site.pages.workspace
        self._endpoint = endpoint
        self._facts = facts

    async def ask(self, request: Request) -> Response:
        """SPARQL 1.1 Protocol, `query` operation; without a query, the description of the service.

        SELECT and ASK: json, xml, csv, tsv, table, html. CONSTRUCT and DESCRIBE: turtle, ntriples, jsonld,
        rdfxml, table, html. The vocabulary's prefixes and the debate's own need not be declared. `timeout`
        in seconds can only lower the time allowed. `default-graph-uri` and `named-graph-uri` name the graphs
        that the query is asked of, in place of those that it names itself.
        """
        given = parameters(request.scope["query_string"])
        if "query" not in {name for name, _ in given}:
            return self._describe(request, given)
        return await self._answer(request, given)

    async def ask_by_post(self, request: Request) -> Response:
        """SPARQL 1.1 Protocol, `query` operation, as a form or with the query itself as body."""
        media, _, rest = request.headers.get("content-type", "").partition(";")
        media = media.strip().lower()
        if media == "application/sparql-update":
            raise Problem(403, f"Nothing is changed here. {CONTRIBUTE}")
        if media not in {"application/x-www-form-urlencoded", "application/sparql-query"}:
            raise Problem(
                415,
                f"The body is of the type “{media or 'none given'}”: send application/sparql-query, or a "
                "form (application/x-www-form-urlencoded) with a field named query.",
            )
        body = await read_body(request)
        given = parameters(request.scope["query_string"])
        if media == "application/x-www-form-urlencoded":
            return await self._answer(request, [*given, *parameters(body)])
        charset = rest.replace(" ", "").lower().partition("charset=")[2].strip("\"'")
        if charset not in {"", "utf-8", "utf8", "us-ascii"}:
            raise Problem(415, f"The body is encoded as “{charset}”: send it as UTF-8.")
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise Problem(400, "The body is not valid UTF-8.") from None
        return await self._answer(request, [*given, ("query", text)])

    def options(self) -> Response:
        """What may be done with queries."""
        return Response(status_code=204, headers=_QUERIES)

    def options_of_graphs(self) -> Response:
        """What may be done with graphs."""
        return Response(status_code=204, headers=_READS)

    def refuse(self) -> Response:
        """Nothing is changed by HTTP."""
        raise Problem(403, f"Nothing is changed here. {CONTRIBUTE}", headers=_READS)

    async def _answer(self, request: Request, given: list[tuple[str, str]]) -> Response:
        _check_no_update(given)
        queries = [value for name, value in given if name == "query"]
        if len(queries) > 1:
            raise Problem(400, "There is more than one query: send one at a time.")
        if not queries or not queries[0].strip():
            raise Problem(400, "There is no query: send one as the parameter “query”.")
        text, seconds = queries[0], time_allowed(given)
        question = Question(
            text,
            prefixes=self._workspace.prefixes,
            dataset=_dataset(given),
            base=f"{address(request)}/sparql",
        )
        page = _form(request, given, ROWS | GRAPHS | {HTML: "html"})
        if page == "html":
            return await self._page(request, question, seconds)
        told = _asked_for(request, given, question)
        try:
            return await self._endpoint.respond(request, told, seconds=seconds)
        except Problem as problem:
            if problem.status_code == 406 and _told(given):  # as `wished` has it
                raise Problem(400, problem.detail) from None
            raise

    async def _page(self, request: Request, question: Question, seconds: float | None) -> Response:
        link = "/sparql?" + urlencode({"query": question.text})
        try:
            answer, table = await asked(
                self._endpoint, request, question, self._site.pages.cards, seconds=seconds
            )
        except Problem as problem:
            if problem.status_code == 404:
                raise
            return self._form_page(request, problem.status_code, query=question.text, fault=problem.detail)
        return self._form_page(
            request, 200, query=question.text, table=table, link=link, graph=answer.kind == "graph"
        )

    def _form_page(self, request: Request, status: int, **data: Any) -> Response:
        shown = {"query": FIRST_QUERY, "table": None, "fault": "", "link": "", "graph": False} | data
        facts = {"facts": self._facts(), "limits": self._endpoint.limits, "address": address(request)}
        return self._site.html("sparql.html", status=status, **shown, **facts)

    def _describe(self, request: Request, given: list[tuple[str, str]]) -> Response:
        _check_no_update(given)
        form = _form(request, given, GRAPHS | {HTML: "html"})
        if form == "html":
            return self._form_page(request, 200)
        here = address(request)
        told = service.description(
            self._workspace, self._facts(), endpoint=f"{here}/sparql", dumps=f"{here}/graph"
        )
        text = formats.render(told, form, prefixes={**self._workspace.prefixes, **service.PREFIXES})
        return Response(text, headers={"vary": "Accept"}, media_type=formats.GRAPHS[form])

    async def graph(self, request: Request) -> Response:
        """SPARQL 1.1 Graph Store Protocol, reading: `?default` or `?graph=IRI`; else all that is asserted.

        Formats: turtle, ntriples, jsonld, rdfxml, trig, nquads for one graph; turtle, ntriples for all of
        them in one; trig, nquads for all of them with one graph for each file.
        """
        given = parameters(request.scope["query_string"])
        names = [value for name, value in given if name == "graph"]
        default = any(name == "default" for name, _ in given)
        if len(names) + default > 1:
            raise Problem(400, "Name one graph: either ?default or one ?graph=IRI.")
        if not names and not default:
            task = self._dump(None, _form(request, given, _WHOLE))
            answer = await self._endpoint.respond(request, task)
            if answer.status_code == 200:
                file = f"debate.{formats.DUMPS[task.form].file_extension}"
                answer.headers["content-disposition"] = f'inline; filename="{file}"'
            return answer
        if names:
            try:
                if not ox.NamedNode(names[0]):
                    raise ValueError
            except ValueError:
                raise Problem(400, f"“{names[0]}” is not the full IRI of a graph.") from None
        task = self._dump(names[0] if names else "", _form(request, given, _DUMPS))
        return await self._endpoint.respond(request, task)

    async def graph_by_name(self, request: Request, name: str) -> Response:
        """One named graph under an address of its own (Graph Store Protocol, direct identification)."""
        found = [iri for iri in self._facts().graphs if name in {iri, self._workspace.key(iri)}]
        if not found:
            raise Problem(404, f"There is no graph “{name}”; /sparql lists those that there are.")
        form = _form(request, parameters(request.scope["query_string"]), _DUMPS)
        return await self._endpoint.respond(request, self._dump(found[0], form))

    def _dump(self, graph: str | None, form: str) -> Dump:
        return Dump(graph, form, self._workspace.prefixes, without=vocab.ADDED_GRAPHS)


def _check_no_update(given: list[tuple[str, str]]) -> None:
    if {name for name, _ in given} & {"update", "using-graph-uri", "using-named-graph-uri"}:
        raise Problem(403, f"Nothing is changed here. {CONTRIBUTE}")


def _dataset(given: list[tuple[str, str]]) -> Dataset | None:
    default = tuple(value for name, value in given if name == "default-graph-uri")
    named = tuple(value for name, value in given if name == "named-graph-uri")
    return Dataset(default, named) if default or named else None


def _form(request: Request, given: list[tuple[str, str]], offered: Mapping[str, str]) -> str:
    """The form of an answer by the parameter `format`, which a body may hold too, or by the Accept header."""
    return wished(request, offered, named=_told(given))


def _told(given: list[tuple[str, str]]) -> str:
    return next((value for name, value in given if name == "format"), "")


def _asked_for(request: Request, given: list[tuple[str, str]], question: Question) -> Question:
    """A question with the forms that fit the request; which of them is used depends on the answer."""
    named = form_named(_told(given), ROWS | GRAPHS)
    if named:
        rows, graph = _SIDES.get(named) or (
            named if named in formats.ROWS else None,
            named if named in formats.GRAPHS else None,
        )
    else:
        accept = request.headers.get("accept")
        rows = ROWS.get(formats.choose(accept, list(ROWS)) or "")
        graph = GRAPHS.get(formats.choose(accept, list(GRAPHS)) or "")
    return replace(question, rows=rows, graph=graph)
