"""The server: pages for people and the same as data, a SPARQL endpoint, saved questions."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import cast

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Match, Route

from argraph import __version__, resources
from argraph.app import openapi
from argraph.app.connection import MAX_HEAD, Connection
from argraph.app.contributing import Contributing
from argraph.app.contributions import Contributions
from argraph.app.description import describe
from argraph.app.desk import Desk, Records
from argraph.app.docs import add_docs
from argraph.app.endpoint import Endpoint, Gone, Limits
from argraph.app.exchanging import Exchanging
from argraph.app.explorer import Explorer
from argraph.app.gate import Care, Gate
from argraph.app.history import Stories
from argraph.app.home import Home
from argraph.app.live import Lasting, Live, State
from argraph.app.markup import described
from argraph.app.memory import share_one_heap
from argraph.app.pages import Pages
from argraph.app.places import Place
from argraph.app.protocol import SECURITY, Envelope, Packed, Problem
from argraph.app.questions import Questions
from argraph.app.reception import Quota, Reception
from argraph.app.reviewing import Reviewing
from argraph.app.search import Search
from argraph.app.shelf import Shelf
from argraph.app.site import HTML, STATIC, Files, Site, wished
from argraph.app.sparql import Sparql
from argraph.app.thesis import Theses
from argraph.app.vocabulary import Vocabulary
from argraph.app.workbench import Workbench
from argraph.contribution.history import Chronicle
from argraph.errors import ServerFailed
from argraph.query import formats
from argraph.query.engine import Result
from argraph.rdf.snapshots import Publisher
from argraph.rdf.states import Publishing
from argraph.workspace import Workspace

_FIRST = 4  # theses whose pages are made ready before anybody asks
_NODE = {HTML: "html"} | {formats.GRAPHS[name]: name for name in ("turtle", "jsonld", "ntriples", "rdfxml")}


def create_app(
    workspace: Workspace,
    *,
    publisher: Publishing | None = None,
    limits: Limits | None = None,
    records: Records | None = None,
    anonymous: bool = False,
    quota: Quota | None = None,
    care: Care | None = None,
    eager: bool = False,
) -> Live:
    """The server's application on an opened workspace.

    Args:
        workspace: What is served first.
        publisher: Keeps the store that queries are answered from, here or on an engine elsewhere; without
            one, it is a temporary one. The application closes it when it ends.
        limits: What may be spent on queries.
        records: Where contributions are kept; without them, files are examined and none is taken. The
            application closes them when it ends.
        anonymous: Whether contributions are taken from people without a token.
        quota: How much of checking and handing in one client may do.
        care: What may be spent on checking files.
        eager: Have the gate start with the server, rather than with the first file.

    Raises:
        StoreFailed: The store cannot be written.
    """
    endpoint = Endpoint(publisher or Publisher.open(), limits or Limits())
    gate = Gate(workspace, care)
    desk = Desk(workspace, gate, records, anonymous=anonymous) if records else None
    build = partial(_build, reception=Reception(gate, desk, quota))
    return Live(workspace, Lasting(endpoint, gate, desk), build, eager=eager)


def _build(workspace: Workspace, lasting: Lasting, before: State | None, *, reception: Reception) -> State:
    """The application that shows one state of the debate."""
    endpoint = lasting.endpoint
    shelf = Shelf(workspace, endpoint, before.shelf if before else None)
    site = Site(Pages(workspace, Vocabulary(resources.ontology())))
    theses = Theses(site)
    home = Home(site, theses)
    place, sparql = _Places(site, theses), Sparql(site, endpoint, shelf.facts)
    questions = Questions(site, endpoint, shelf)

    app = FastAPI(
        title="argraph",
        version=__version__,
        summary="A debate as linked data and as an explorer: nodes, arguments, SPARQL, saved questions.",
        openapi_url=None,  # described by `openapi`, which knows the saved questions
        docs_url=None,  # FastAPI's own pages load scripts from elsewhere
        redoc_url=None,
        exception_handlers={
            HTTPException: place.refused,
            RequestValidationError: place.misunderstood,
            Gone: _nobody,
            ClientDisconnect: _nobody,
            Exception: place.failed,
        },
    )
    app.router.route_class = Place
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "POST"],
        allow_headers=["*"],
        expose_headers=["ETag", "Link", "Location", "Retry-After", "WWW-Authenticate"],
    )
    app.add_middleware(Packed)
    app.add_middleware(Envelope)
    Stories(site, place.node).add_to(app)
    for path, method, endpoint_, summary in (
        ("/", "GET", home.page, "The debate at a glance"),
        ("/id/{name:path}", "GET", place.node, "A node, as page or as data"),
        ("/sparql", "GET", sparql.ask, "Answer a SPARQL query, or describe the service"),
        ("/sparql", "POST", sparql.ask_by_post, "Answer a SPARQL query"),
        ("/queries", "GET", questions.listing, "The saved questions"),
        ("/queries/{name}", "GET", questions.answer, "Answer a saved question"),
        ("/graph", "GET", sparql.graph, "The whole debate, or one graph of it, as RDF"),
        ("/graph/{name:path}", "GET", sparql.graph_by_name, "One graph of the debate, as RDF"),
        ("/ontology", "GET", place.ontology, "The vocabulary"),
        ("/healthz", "GET", place.health, "Whether the server is well"),
    ):
        app.add_api_route(path, endpoint_, methods=[method], summary=summary, response_class=Response)
    app.add_api_route("/sparql", sparql.options, methods=["OPTIONS"], include_in_schema=False)
    for path, options, refuse in (
        ("/queries", questions.options, questions.refuse),
        ("/queries/{name}", questions.options, questions.refuse),
        ("/graph", sparql.options_of_graphs, sparql.refuse),
        ("/graph/{name:path}", sparql.options_of_graphs, sparql.refuse),
    ):
        app.add_api_route(path, options, methods=["OPTIONS"], include_in_schema=False)
        methods = ["DELETE", "PATCH", "POST", "PUT"]
        app.add_api_route(path, refuse, methods=methods, include_in_schema=False)
    Explorer(site).add_to(app)
    theses.add_to(app)
    Search(site).add_to(app)
    Exchanging(site).add_to(app)
    Workbench(site, shelf).add_to(app)
    contributing = Contributing(site, reception)
    contributing.add_to(app)
    Reviewing(site, reception, contributing).add_to(app)
    Contributions(site, reception).add_to(app)
    add_docs(app, site)
    app.add_route("/openapi.json", _described(app, shelf), include_in_schema=False)
    app.add_route("/robots.txt", _robots, include_in_schema=False)
    app.add_route("/favicon.svg", _icon, include_in_schema=False)
    app.add_route("/favicon.ico", _icon, include_in_schema=False)
    app.mount("/static", Files(directory=STATIC), name="static")
    shown = (theses.address(thesis.iri) for thesis in workspace.argument.theses[:_FIRST])
    return State(workspace, app, shelf, first=("/", *filter(None, shown)))


class _Places:
    """The endpoints. Those that are not `async` run in threads, so that none waits for another."""

    def __init__(self, site: Site, theses: Theses) -> None:
        self._site = site
        self._theses = theses
        self._pages = site.pages
        self._workspace = site.pages.workspace
        numbers = self._workspace.stats()
        self._health = {"status": "ok", "statements": numbers["statements"], "triples": numbers["triples"]}

    async def refused(self, request: Request, error: Exception) -> Response:
        problem = cast(HTTPException, error)
        if problem.status_code == 405 and not isinstance(problem, Problem):  # ours say it themselves
            problem = HTTPException(405, problem.detail, {"allow": _allowed(request)})
        return self._site.refuse(request, problem)

    async def misunderstood(self, request: Request, error: Exception) -> Response:
        """A parameter that the framework itself found missing or of the wrong type."""
        faults = [
            f"{fault['loc'][-1]}: {fault['msg']}." for fault in cast(RequestValidationError, error).errors()
        ]
        return self._site.refuse(request, Problem(400, " ".join(faults)))

    async def failed(self, request: Request, error: Exception) -> Response:
        """The last resort; the trace goes to the server's log and not to the client."""
        answer = self._site.refuse(request, Problem(500, "The server made a mistake; it has been logged."))
        answer.headers.update({**SECURITY, "connection": "close"})  # uvicorn hangs up after a mistake
        return answer

    def node(self, request: Request, name: str) -> Response:
        """A statement, evidence item, step, study, theme …, by local name, prefixed name or IRI.

        Formats: html, turtle, jsonld, ntriples, rdfxml. As data: the node's own triples, those of the
        steps that lead to it or start from it, and kind and name of what these mention.
        """
        iri = self._site.find(name)
        form = wished(request, _NODE)
        if form == "html":
            page = self._pages.of(iri)
            place = self._theses.address(iri)
            answer = self._site.html(
                page.template, page=page, markup=described(self._pages, page), in_map=place
            )
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

    def _written(self, result: Result, form: str) -> Response:
        media = {**formats.ROWS, **formats.GRAPHS}[form]
        text = formats.render(result, form, prefixes=self._workspace.prefixes)
        return Response(text, headers={"vary": "Accept"}, media_type=media)

    def ontology(self, request: Request) -> Response:
        """The vocabulary with its concepts. Formats: html, turtle, jsonld, ntriples, rdfxml."""
        form = wished(request, _NODE)
        words = self._pages.words
        if form == "html":
            return self._site.html("ontology.html", words=words)
        return self._written(tuple(quad.triple for quad in words.store), form)

    async def health(self) -> Response:
        """Whether the server is well, and how much it holds."""
        return JSONResponse(self._health)


def _allowed(request: Request) -> str:
    """The methods that a place knows; the framework tells those of the first of its routes only."""
    routes = (route for route in request.app.routes if isinstance(route, Route))
    found = [route.methods for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    methods = {method for known in found for method in known or ()}
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set()) | {"OPTIONS"}))


def _described(app: FastAPI, shelf: Shelf) -> Callable[[Request], Awaitable[Response]]:
    last: tuple[object, str] = None, ""

    async def description(request: Request) -> Response:
        nonlocal last
        catalogue = (await shelf.look()).catalogue
        examples = await shelf.examples(catalogue)
        key = [*catalogue.values()], examples
        if key != last[0]:
            last = key, json.dumps(openapi.describe(app, catalogue.values(), examples), ensure_ascii=False)
        return Response(last[1], media_type="application/json")

    return description


async def _nobody(request: Request, error: Exception) -> Response:
    return Response(status_code=499)  # the client has left; this is for the log only


async def _robots(request: Request) -> Response:
    closed = (
        "/sparql",
        "/queries/",
        "/workbench",
        "/api/",
        "/contribute",
        "/contributions/",
        "/review",
        "/sign-in",
    )
    return PlainTextResponse("User-agent: *\n" + "".join(f"Disallow: {place}\n" for place in closed))


async def _icon(request: Request) -> Response:
    return Response((STATIC / "favicon.svg").read_bytes(), media_type="image/svg+xml")


def serve(
    graph: Path | None,
    *,
    host: str,
    port: int,
    announce: Callable[[str], None],
    queries: Path | None = None,
    store: Callable[[], Publishing] = Publisher.open,
    limits: Limits | None = None,
    scores: Path | None = None,
    data: Path | None = None,
    anonymous: bool = False,
    quota: Quota | None = None,
    care: Care | None = None,
    as_of: datetime | None = None,
) -> None:
    """Serve a debate until the process is told to stop (Ctrl+C or SIGTERM).

    Args:
        graph: Folder of Turtle files; None for the shipped debate.
        host: Name or address to listen on, IPv4 or IPv6.
        port: Port to listen on; 0 takes a free one.
        announce: Is told the address as soon as connections are accepted.
        queries: Folder of saved queries beside the shipped ones, which may change meanwhile.
        store: Opens the store that queries are answered from; by default a temporary one.
        limits: What may be spent on queries.
        scores: Turtle file with base scores to use instead of the shipped ones.
        data: Folder where contributions are kept; without one, none are taken. Needs `graph`, which those
            that are accepted are written into.
        anonymous: Whether contributions are taken from people without a token.
        quota: How much of checking and handing in one client may do.
        care: What may be spent on checking files.
        as_of: Show the debate as it was then, and take no contributions.

    Raises:
        ResourceMissing: The folder is not there or holds no Turtle file, or there is no file of scores.
        BrokenGraph: A file in it is not valid Turtle, or the file of scores cannot be used.
        StoreFailed: The store cannot be used.
        LedgerFailed: The folder of contributions cannot be used.
        GraphNotWritable: The folder of the debate cannot be written, and contributions are to be taken.
        ServerFailed: The port is taken, the host is not an address of this machine, or another server has the
            folder of contributions.
    """
    if data is not None and graph is None:
        raise ServerFailed(
            "The debate that ships with argraph is never written into: name a folder with --graph as well."
        )
    share_one_heap()
    with _listen(host, port) as listener, ExitStack() as stack:
        records = None
        if (
            data is not None and graph is not None and as_of is None
        ):  # before the debate is read, since it may be repaired
            records = Records.open(data, graph)
            stack.callback(records.close)
        chronicle = Chronicle.of(records.ledger) if records else None
        workspace = Workspace.open(
            graph,
            scores=scores,
            queries=queries,
            chronicle=chronicle,
            data=data,
            as_of=as_of,
        )
        app = create_app(
            workspace,
            publisher=store(),
            limits=limits,
            records=records,
            anonymous=anonymous,
            quota=quota,
            care=care,
            eager=records is not None,
        )
        config = uvicorn.Config(
            app,
            http=Connection,
            h11_max_incomplete_event_size=MAX_HEAD,
            log_level="warning",
            timeout_graceful_shutdown=3,
            server_header=False,
        )
        shown = f"[{host}]" if ":" in host else host
        titles = ", ".join(f"“{debate.title}”" for debate in workspace.debates) or "a debate"
        titles += f" as of {as_of:%Y-%m-%d %H:%M} UTC" if as_of else ""
        del workspace  # goes when another state is shown
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
