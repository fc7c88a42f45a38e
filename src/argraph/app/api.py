"""The server: pages for people and the same as data, a SPARQL endpoint, saved questions."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Match, Route

from argraph import __version__, resources
from argraph.app import openapi
from argraph.app.asked import only
from argraph.app.contributing import Contributing
from argraph.app.contributions import Contributions
from argraph.app.description import describe
from argraph.app.desk import Desk, Records
from argraph.app.docs import add_docs
from argraph.app.endpoint import Endpoint, Gone, Limits
from argraph.app.exchanging import Exchanging, offered, shown
from argraph.app.explorer import Explorer
from argraph.app.follow import Follower
from argraph.app.gate import Care, Gate
from argraph.app.history import Stories
from argraph.app.home import Home
from argraph.app.live import Lasting, Live, State
from argraph.app.markup import described
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
from argraph.progress import Report, silent
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
    follower: Follower | None = None,
    report: Report = silent,
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
        follower: Sees what others change in the folder of the workspace.
        report: Is told how far the first state is.

    Raises:
        StoreFailed: The store cannot be written.
    """
    endpoint = Endpoint(publisher or Publisher.open(), limits or Limits())
    kept = publisher.lasting if isinstance(publisher, Publisher) else None
    gate = Gate(workspace, care, kept=kept)
    desk = Desk(workspace, gate, records, anonymous=anonymous) if records else None
    build = partial(_build, reception=Reception(gate, desk, quota))
    lasting = Lasting(endpoint, gate, desk, follower)
    return Live(workspace, lasting, build, eager=eager, report=report)


def _build(workspace: Workspace, lasting: Lasting, before: State | None, *, reception: Reception) -> State:
    """The application that shows one state of the debate."""
    endpoint = lasting.endpoint
    shelf = Shelf(workspace, endpoint, before.shelf if before else None)
    site = Site(Pages(workspace, Vocabulary(resources.ontology())))
    theses = Theses(site)
    home = Home(site, theses)
    exchanging = Exchanging(site)
    place, sparql = _Places(site, theses, exchanging), Sparql(site, endpoint, shelf.facts)
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
    exchanging.add_to(app)
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

    def __init__(self, site: Site, theses: Theses, exchanging: Exchanging) -> None:
        self._site = site
        self._theses = theses
        self._exchanging = exchanging
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
        steps that lead to it or start from it, and kind and name of what these mention. In the formats of
        `/api/export` (aif, argdown, csv, graphml, …), with `depth` and `report`: what leads to the node.
        """
        iri = self._site.find(name)
        argument = self._workspace.argument
        exports = offered(
            step_or_statement=iri in argument.nodes or iri in argument.steps, study=iri in argument.studies
        )
        media = {told: other for told, other in exports.items() if told != other}
        form = wished(request, _NODE | media, also=exports.values())
        if form in exports.values():
            return self._exchanging.of_node(request, iri, form)
        if beside := {"depth", "report"} & request.query_params.keys():
            reason = f"“{min(beside)}” is for the formats {', '.join(exports.values())}."
            raise Problem(400, reason if exports else f"“{min(beside)}” is for nodes that are argued about.")
        if form == "html":
            page = self._pages.of(iri)
            place = self._theses.address(iri)
            answer = self._site.html(
                page.template,
                page=page,
                markup=described(self._pages, page),
                in_map=place,
                exports=shown(exports.values(), argument),
            )
        else:
            only(request, "format")  # a page puts up with what other sites append to its address
            words = self._pages.words
            store = words.store if words.defines(iri) else self._workspace.store.raw
            answer = self._written(describe(store, iri), form)
        href = self._pages.cards.page(iri)
        answer.headers["link"] = ", ".join(
            f'<{href}?format={other}>; rel="alternate"; type="{media}"'
            for media, other in (_NODE | media).items()
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
