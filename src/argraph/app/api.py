"""The server: pages for people and the same as data, a SPARQL endpoint, saved questions."""

from __future__ import annotations

import errno
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import parse_qsl, urlencode

import pyoxigraph as ox
import uvicorn
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response

from argraph import __version__, resources, vocab
from argraph.app.cards import Link
from argraph.app.description import describe, whole
from argraph.app.docs import add_docs
from argraph.app.pages import Pages
from argraph.app.protocol import SECURITY, Bench, Envelope, Problem, read_body
from argraph.app.site import HTML, STATIC, Files, Site, wished
from argraph.app.tables import tabulate
from argraph.app.vocabulary import Vocabulary
from argraph.app.workbench import Workbench
from argraph.errors import QueryRefused, ServerFailed, UnknownNode, UnknownQuery
from argraph.query import formats
from argraph.query.engine import Result
from argraph.workspace import Workspace

QUERY_SECONDS: Final = 20.0
_NODE = {HTML: "html"} | {formats.GRAPHS[name]: name for name in ("turtle", "jsonld", "ntriples", "rdfxml")}
_LIST = {"application/json": "json", HTML: "html"}
_ROWS = {media: name for name, media in formats.ROWS.items()} | {"application/json": "json", HTML: "html"}
_GRAPHS = {media: name for name, media in formats.GRAPHS.items()} | {HTML: "html"}
_DUMPS = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
}
_CONTRIBUTE = (
    "Changes enter as contributions: write a Turtle file (“argraph new” begins one), run “argraph check” on "
    "it, and propose it to the debate."
)
_FIRST_QUERY = """\
# Objections, and how many replies each has had
SELECT ?objection ?label (COUNT(?reply) AS ?replies) {
  ?objection a arg:Objection ; skos:prefLabel ?label .
  OPTIONAL { ?reply arg:attacks ?objection }
}
GROUP BY ?objection ?label
ORDER BY ?replies ?label
"""


def create_app(workspace: Workspace) -> FastAPI:
    """The server's application on an opened workspace."""
    site = Site(Pages(workspace, Vocabulary(resources.ontology())))
    place = _Places(site)
    app = FastAPI(
        title="argraph",
        version=__version__,
        summary="A debate as linked data: nodes, SPARQL, saved questions.",
        docs_url=None,  # FastAPI's own pages load scripts from elsewhere
        redoc_url=None,
        exception_handlers={HTTPException: place.refused, Exception: place.failed},
    )
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "POST"],
        allow_headers=["*"],
        expose_headers=["Link"],
    )
    app.add_middleware(Envelope)
    for path, method, endpoint, summary in (
        ("/", "GET", place.start, "The debate at a glance"),
        ("/id/{name:path}", "GET", place.node, "A node, as page or as data"),
        ("/sparql", "GET", place.ask, "Answer a SPARQL query"),
        ("/sparql", "POST", place.ask_by_post, "Answer a SPARQL query"),
        ("/queries", "GET", place.questions, "The saved questions"),
        ("/queries/{name}", "GET", place.question, "Answer a saved question"),
        ("/graph", "GET", place.graph, "The whole debate as RDF"),
        ("/ontology", "GET", place.ontology, "The vocabulary"),
        ("/healthz", "GET", place.health, "Whether the server is well"),
    ):
        app.add_api_route(path, endpoint, methods=[method], summary=summary, response_class=Response)
    Workbench(site).add_to(app)
    add_docs(app, site)
    app.add_route("/robots.txt", _robots, include_in_schema=False)
    app.add_route("/favicon.svg", _icon, include_in_schema=False)
    app.add_route("/favicon.ico", _icon, include_in_schema=False)
    app.mount("/static", Files(directory=STATIC), name="static")
    return app


class _Places:
    """The endpoints. Those that are not `async` run in threads, so that none waits for another."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pages = site.pages
        self._workspace = site.pages.workspace
        self._bench = Bench(places=4, waiting=32, seconds=QUERY_SECONDS)
        numbers = self._workspace.stats()
        self._health = {"status": "ok", "statements": numbers["statements"], "triples": numbers["triples"]}

    async def refused(self, request: Request, error: Exception) -> Response:
        return self._site.refuse(request, cast(HTTPException, error))

    async def failed(self, request: Request, error: Exception) -> Response:
        """The last resort; the trace goes to the server's log and not to the client."""
        answer = self._site.refuse(request, Problem(500, "The server made a mistake; it has been logged."))
        answer.headers.update({**SECURITY, "connection": "close"})  # uvicorn hangs up after a mistake
        return answer

    def start(self) -> Response:
        return self._site.html("start.html", page=self._pages.start())

    def node(self, request: Request, name: str, format: str | None = None) -> Response:
        """A statement, evidence item, step, study, theme …, by local name, prefixed name or IRI.

        Formats: html, turtle, jsonld, ntriples, rdfxml. As data: the node's own triples, those of the
        steps that lead to it or start from it, and kind and name of what these mention.
        """
        iri = self._find(name)
        form = wished(request, _NODE)
        if form == "html":
            page = self._pages.of(iri)
            answer = self._site.html(page.template, page=page)
        else:
            words = self._pages.words
            store = words.store if words.defines(iri) else self._workspace.store.raw
            answer = self._written(describe(store, iri), form)
        href = self._pages.cards.page(iri)
        answer.headers["link"] = ", ".join(
            f'<{href}?format={other}>; rel="alternate"; type="{media}"'
            for media, other in _NODE.items()
            if other != form
        )
        return answer

    def _find(self, name: str) -> str:
        try:
            return self._workspace.resolve(name)
        except UnknownNode as error:
            iri = vocab.ARG + name.removeprefix("arg:") if name.startswith("arg:") else name
            if self._pages.words.defines(iri) or self._pages.mentions(iri):
                return iri
            detail = f"There is no node “{error.name}” in this debate."
            raise Problem(404, detail, nearest=self._nodes(error)) from None

    def _written(self, result: Result, form: str) -> Response:
        media = {**formats.ROWS, **formats.GRAPHS}[form]
        text = formats.render(result, form, prefixes=self._workspace.prefixes)
        return Response(text, headers={"vary": "Accept"}, media_type=media)

    def _nodes(self, error: UnknownNode) -> tuple[Link, ...]:
        iris = map(self._workspace.resolve, error.nearest)
        return tuple(Link(self._pages.cards.page(iri), self._pages.cards.label(iri)) for iri in iris)

    async def ask(self, request: Request, query: str | None = None, format: str | None = None) -> Response:
        """SPARQL 1.1 Protocol, `query` operation.

        SELECT and ASK: json, xml, csv, tsv, table, html. CONSTRUCT and DESCRIBE: turtle, ntriples, jsonld,
        rdfxml, table, html. The vocabulary's prefixes and the debate's own need not be declared. Without a
        query, a browser gets a page to write one.
        """
        return await self._answer(request, request.query_params.multi_items())

    async def ask_by_post(self, request: Request) -> Response:
        """SPARQL 1.1 Protocol, `query` operation, as a form or with the query itself as body."""
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media == "application/sparql-update":
            raise Problem(403, f"Nothing is changed here. {_CONTRIBUTE}")
        if media not in {"application/x-www-form-urlencoded", "application/sparql-query"}:
            raise Problem(
                415,
                f"The body is of the type “{media or 'none given'}”: send application/sparql-query, or a "
                "form (application/x-www-form-urlencoded) with a field named query.",
            )
        try:
            text = (await read_body(request)).decode()
        except UnicodeDecodeError:
            raise Problem(400, "The body is not valid UTF-8.") from None
        given = request.query_params.multi_items()
        if media == "application/sparql-query":
            return await self._answer(request, [*given, ("query", text)])
        return await self._answer(request, [*given, *parse_qsl(text, keep_blank_values=True)])

    async def _answer(self, request: Request, given: list[tuple[str, str]]) -> Response:
        names = {name for name, _ in given}
        if names & {"update", "using-graph-uri", "using-named-graph-uri"}:
            raise Problem(403, f"Nothing is changed here. {_CONTRIBUTE}")
        if names & {"default-graph-uri", "named-graph-uri"}:
            raise Problem(400, "Name the graphs by FROM and FROM NAMED in the query, not by parameters.")
        queries = [value for name, value in given if name == "query"]
        if len(queries) > 1:
            raise Problem(400, "There is more than one query: send one at a time.")
        named = dict(given).get("format")
        page = wished(request, _ROWS | _GRAPHS, named=named) == "html"
        if not queries or not queries[0].strip():
            if page and request.method == "GET":
                return self._site.html("sparql.html", query=_FIRST_QUERY, table=None, fault="", link="")
            raise Problem(400, "There is no query: send one as the parameter “query”.")
        text = queries[0]
        try:
            return await self._bench.run(partial(self._evaluate, request, text, named))
        except QueryRefused as error:
            if page:
                return self._site.html(
                    "sparql.html", status=400, query=text, table=None, fault=str(error), link=""
                )
            place = {"line": error.line, "column": error.column} if error.line else {}
            raise Problem(400, str(error), extra=place) from None

    def _evaluate(self, request: Request, text: str, named: str | None) -> Response:
        result = self._workspace.query(text)
        form = wished(request, _GRAPHS if isinstance(result, tuple) else _ROWS, named=named)
        if form != "html":
            return self._written(result, form)
        return self._site.html(
            "sparql.html",
            query=text,
            table=tabulate(result, self._pages.cards),
            fault="",
            link="/sparql?" + urlencode({"query": text}),
            graph=isinstance(result, tuple),
        )

    def questions(self, request: Request, format: str | None = None) -> Response:
        """The saved questions with their parameters and columns. Formats: json, html."""
        catalogue = self._workspace.catalogue
        if wished(request, _LIST) == "html":
            return self._site.html("queries.html", queries=list(catalogue.values()))
        return JSONResponse(
            [stored.as_data() | {"href": f"/queries/{stored.name}"} for stored in catalogue.values()],
            headers={"vary": "Accept"},
        )

    async def question(self, request: Request, name: str, format: str | None = None) -> Response:
        """A saved question; its parameters are query parameters. Formats: json, xml, csv, tsv, html."""
        try:
            stored = self._workspace.catalogue.get(name)
        except UnknownQuery as error:
            near = tuple(Link(f"/queries/{n}", self._workspace.catalogue[n].title) for n in error.nearest)
            raise Problem(404, f"There is no saved question “{name}”.", nearest=near) from None
        form = wished(request, _ROWS)
        given = {
            key: value for key, value in request.query_params.items() if key != "format" and value.strip()
        }
        page = partial(self._site.html, "query.html", stored=stored, given=given)
        link = f"/queries/{name}?" + "".join(f"{urlencode({key: value})}&" for key, value in given.items())
        if form == "html" and any(p.required and p.name not in given for p in stored.parameters):
            return page(table=None, fault="", link=link)

        def work() -> Response:
            result = self._workspace.ask(name, given)
            if form != "html":
                return self._written(result, form)
            return page(table=tabulate(result, self._pages.cards), fault="", link=link)

        try:
            return await self._bench.run(work)
        except (QueryRefused, UnknownNode) as error:
            if form == "html":
                return page(status=400, table=None, fault=str(error), link=link)
            near = self._nodes(error) if isinstance(error, UnknownNode) else ()
            raise Problem(400, str(error), nearest=near) from None

    def graph(self, request: Request, format: str | None = None) -> Response:
        """Everything that is asserted.

        Formats: turtle and ntriples, in one graph; trig and nquads, with one graph for each file.
        """
        form = wished(request, {rdf.media_type: name for name, rdf in _DUMPS.items()})
        rdf = _DUMPS[form]
        quads = whole(self._workspace.store.raw)
        told: Any = quads if rdf.supports_datasets else dict.fromkeys(quad.triple for quad in quads)
        body = cast(bytes, ox.serialize(told, format=rdf, prefixes=dict(self._workspace.prefixes)))
        name = f"debate.{rdf.file_extension}"
        headers = {"vary": "Accept", "content-disposition": f'inline; filename="{name}"'}
        return Response(body, headers=headers, media_type=rdf.media_type)

    def ontology(self, request: Request, format: str | None = None) -> Response:
        """The vocabulary with its concepts. Formats: html, turtle, jsonld, ntriples, rdfxml."""
        form = wished(request, _NODE)
        words = self._pages.words
        if form == "html":
            return self._site.html("ontology.html", words=words)
        return self._written(tuple(quad.triple for quad in words.store), form)

    async def health(self) -> Response:
        """Whether the server is well, and how much it holds."""
        return JSONResponse(self._health)


async def _robots(request: Request) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /sparql\nDisallow: /queries/\nDisallow: /workbench\n")


async def _icon(request: Request) -> Response:
    return Response((STATIC / "favicon.svg").read_bytes(), media_type="image/svg+xml")


def serve(graph: Path | None, *, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve a debate until the process is told to stop (Ctrl+C or SIGTERM).

    Args:
        graph: Folder of Turtle files; None for the shipped debate.
        host: Name or address to listen on, IPv4 or IPv6.
        port: Port to listen on; 0 takes a free one.
        announce: Is told the address as soon as connections are accepted.

    Raises:
        ResourceMissing: The folder is not there or holds no Turtle file.
        BrokenGraph: A file in it is not valid Turtle.
        ServerFailed: The port is taken, or the host is not an address of this machine.
    """
    listener = _listen(host, port)
    with listener:
        workspace = Workspace.open(graph)
        app = create_app(workspace)
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3, server_header=False)
        shown = f"[{host}]" if ":" in host else host
        titles = ", ".join(f"“{debate.title}”" for debate in workspace.debates) or "a debate"
        announce(f"argraph serves {titles} on http://{shown}:{listener.getsockname()[1]}/ (stop with Ctrl+C)")
        with _stopping_quietly():
            uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    """A socket that accepts connections already: who reads the announcement may connect.

    It names its protocol (TCP), since asyncio turns off Nagle's algorithm only on sockets that do; with it,
    each answer on a kept connection would wait 40 ms.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError):
        raise ServerFailed(
            f"There is no host “{host}”: use --host with a name or address of this machine."
        ) from None
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise ServerFailed(
                f"Port {port} is taken by another program: use --port with another number, such as "
                f"--port {port + 1 if port < 65535 else 8000}, or --port 0 for any free one."
            ) from None
        if error.errno == errno.EACCES:
            raise ServerFailed(f"Port {port} is reserved: use --port with a number from 1024.") from None
        raise ServerFailed(f"argraph cannot listen on {host}, port {port}: {error.strerror}.") from None
    return listener


@contextmanager
def _stopping_quietly() -> Iterator[None]:
    """Let the signals that stop the server end it like a return.

    uvicorn raises a signal that it has caught once more when it is done; here nothing more is to happen then.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals arrive in the main thread only
        return
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
