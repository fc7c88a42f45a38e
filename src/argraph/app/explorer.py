"""The interface that the explorer and other programs call: JSON, answered from memory.

Addresses name nodes as `/id/` does: the name of a node as one percent-encoded segment. Every answer carries
an entity tag that changes only with the debate, the release and the address.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from hashlib import sha256
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote, unquote

from fastapi import FastAPI, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from argraph.app import answers
from argraph.app.details import Details
from argraph.app.protocol import Problem, unchanged
from argraph.app.site import Site
from argraph.argument import explanation
from argraph.argument.wording import STANDING
from argraph.errors import UnknownNode
from argraph.view.layout import place
from argraph.view.stage import Extent

LIMIT: Final = 60
"""Cards that a view has unless more are asked for."""

_READS = {"allow": "GET, HEAD, OPTIONS"}

Name = Annotated[
    str,
    Path(
        description="Name of a node: local to its debate, prefixed, or its IRI; percent-encoded.",
        examples=["pil-safety"],
        max_length=4000,
    ),
]
Depth = Annotated[int, Query(ge=0, le=100, description="Levels of arguments to open with.")]
Limit = Annotated[int, Query(ge=1, le=5000, description="Cards at most; the nearest to the root are kept.")]
Opening = Annotated[
    int,
    Query(ge=1, le=5000, description="Cards at most before anything is opened; never more than `limit`."),
]
Open = Annotated[
    str,
    Query(
        max_length=20_000,
        description="Names of cards to open, separated by commas, in the order in which they were opened.",
        examples=["pil-safety,cl-many-eyes"],
    ),
]
Closed = Annotated[str, Query(max_length=20_000, description="Names of cards to close, likewise.")]
Evidence = Annotated[
    str,
    Query(
        max_length=20_000,
        description="Names of cards whose evidence is shown, likewise; `*` for all.",
        examples=["pil-safety", "*"],
    ),
]
Layout = Annotated[
    Literal["tree", "layered"],
    Query(description="`tree` keeps cards in order when more is opened, `layered` draws every edge."),
]


class Explorer:
    """The endpoints under `/api/`. None is `async`: each runs in a thread and keeps nobody waiting."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pages = site.pages
        self._workspace = site.pages.workspace
        self._details = Details(site.pages)

    def add_to(self, app: FastAPI) -> None:
        """Add the places to the server."""
        app.add_exception_handler(RequestValidationError, self._malformed)
        app.state.version = self._workspace.version
        node = "/api/nodes/{id:path}"
        for path, endpoint, model, summary in (
            ("/api/theses", self.theses, list[answers.Thesis], "What the debate is about"),
            ("/api/search", self.search, answers.Found, "Find statements, findings and studies"),
            (f"{node}/neighbourhood", self.neighbourhood, answers.Scene, "The cards around a node, placed"),
            (f"{node}/outline", self.outline, list[answers.Row], "The same, line by line"),
            (f"{node}/why", self.why, answers.Why, "Why a node has its status"),
            (node, self.node, answers.Node, "All that is known of a node"),
        ):
            app.router.add_api_route(
                path,
                endpoint,
                methods=["GET"],
                summary=summary,
                response_model=model,
                responses=_REFUSALS,
                tags=["explorer"],
                route_class_override=_Route,
            )
            app.router.add_api_route(
                path,
                self.options,
                methods=["OPTIONS"],
                include_in_schema=False,
                response_class=Response,
            )

    def options(self) -> Response:
        """What may be done here."""
        return Response(status_code=204, headers=_READS)

    async def _malformed(self, request: Request, error: Exception) -> Response:
        return self._site.refuse(request, _explained(error))  # type: ignore[arg-type]

    def theses(self) -> Response:
        """Every thesis with its status and what decides it."""
        return _written([self._details.thesis(node) for node in self._pages.argument.theses])

    def search(self, q: Annotated[str, Query(max_length=500)] = "") -> Response:
        """Statements, findings and studies."""
        hits = []
        for node in self._pages.argument.nodes.values():
            if q.strip() and q.casefold() in node.label.casefold():
                card = self._pages.cards.card(node)
                hits.append(
                    answers.Hit(
                        id=card.id,
                        kind=card.kind,
                        label=card.label,
                        status=card.status,
                        standing=card.standing,
                        href=card.href,
                        parts=[answers.Part(text=card.label, hit=False)],
                    )
                )
        return _written(answers.Found(total=len(hits), results=hits[:20]))

    def node(self, id: Name) -> Response:
        """What the details panel shows: the same as the page `/id/{id}`."""
        return _written(self._details.of(self._find(id)))

    def neighbourhood(
        self,
        id: Name,
        depth: Depth = 2,
        limit: Limit = LIMIT,
        opening: Opening = LIMIT,
        open: Open = "",
        closed: Closed = "",
        evidence: Evidence = "",
        layout: Layout = "tree",
    ) -> Response:
        """The cards around a statement or evidence item, breadth-first, with their places and edges."""
        extent = self._extent(depth, limit, opening, open, closed, evidence)
        scene = place(self._workspace.stage.scene(self._placed(id), extent), layout)
        return _written(answers.Scene.model_validate(scene.as_data()))

    def outline(
        self,
        id: Name,
        depth: Depth = 2,
        limit: Limit = LIMIT,
        opening: Opening = LIMIT,
        open: Open = "",
        closed: Closed = "",
        evidence: Evidence = "",
    ) -> Response:
        """The lines of an ARIA tree: for the same parameters, the same statements as the neighbourhood."""
        extent = self._extent(depth, limit, opening, open, closed, evidence)
        rows = self._workspace.stage.outline(self._placed(id), extent)
        return _written([answers.Row.model_validate(row.as_data()) for row in rows])

    def why(
        self,
        id: Name,
        depth: Annotated[int, Query(ge=0, le=100, description="Levels that are explained.")] = 8,
        breadth: Annotated[int, Query(ge=1, le=50, description="Attacks or supports that are told.")] = 4,
    ) -> Response:
        """The deciding tree of a status, as data and as text."""
        iri = self._judged(id)
        tree = explanation.explain(
            self._pages.argument, self._workspace.verdicts, iri, depth=depth, breadth=breadth
        )
        return _written(
            answers.Why.model_validate(
                {
                    "id": self._workspace.key(iri),
                    "status": tree.status,
                    "standing": STANDING[tree.status],
                    "text": explanation.to_text(tree),
                    "tree": self._reason(tree),
                }
            )
        )

    def _reason(self, part: explanation.Explanation) -> dict[str, Any]:
        return {
            "id": self._workspace.key(part.iri),
            "href": self._pages.cards.href(part.iri),
            "status": part.status,
            "standing": STANDING[part.status],
            "reason": part.reason,
            "sentence": part.sentence,
            "relation": part.relation.replace(" ", "-"),
            "step": self._workspace.key(part.step) if part.step else "",
            "cut": part.cut,
            "omitted": part.omitted,
            "children": [self._reason(child) for child in part.children],
        }

    def _extent(self, depth: int, limit: int, opening: int, open: str, closed: str, evidence: str) -> Extent:
        return Extent(
            depth=depth,
            limit=limit,
            opening=opening,
            open=self._named(open),
            closed=frozenset(self._named(closed)),
            evidence=True if evidence == "*" else self._named(evidence),
        )

    def _named(self, names: str) -> tuple[str, ...]:
        """The IRIs of names in a list; what is unknown is passed over, so that old links still open."""
        found = []
        for name in filter(None, names.split(",")):
            try:
                found.append(self._workspace.resolve(unquote(name)))
            except UnknownNode:
                continue
        return tuple(found)

    def _find(self, name: str) -> str:
        return self._site.find(name)

    def _placed(self, name: str) -> str:
        """The IRI of a statement or evidence item."""
        iri = self._find(name)
        if iri not in self._pages.argument.nodes:
            raise Problem(404, f"“{name}” is neither a statement nor a finding, so it has no surroundings.")
        return iri

    def _judged(self, name: str) -> str:
        """The IRI of what has a status."""
        iri = self._find(name)
        if iri not in self._workspace.verdicts:
            raise Problem(404, f"“{name}” is no statement, finding or step, so it has no status.")
        return iri


class _Route(APIRoute):
    """A place whose address names a node, and whose answers are kept until the debate changes.

    Addresses are matched before they are decoded, so that the name of a node may have a slash in it.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """See Starlette."""
        raw = scope.get("raw_path") or quote(scope["path"]).encode()
        match, found = super().matches({**scope, "path": raw.decode("ascii", "replace")})
        if match is not Match.NONE:
            given = found["path_params"]
            found["path_params"] = {name: unquote(value) for name, value in given.items()}
        return match, found

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See FastAPI."""
        answer = super().get_route_handler()

        async def kept(request: Request) -> Response:
            told = (request.app.state.version, request.url.path, request.scope["query_string"])
            headers = {
                "etag": f'"{sha256(repr(told).encode()).hexdigest()[:32]}"',
                "cache-control": "no-cache",
            }
            if unchanged(request, headers["etag"]):
                return Response(status_code=304, headers=headers)
            response = await answer(request)
            response.headers.update(headers)
            return response

        return kept


def _written(told: BaseModel | list[Any]) -> Response:
    """An answer as JSON, written here so that it is written in the thread of its endpoint."""
    return Response(answers.write(told), media_type="application/json")


_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "The answer is the one that If-None-Match names"},
    400: {"description": "A parameter is wrong", "model": answers.Refusal},
    404: {"description": "There is no such node", "model": answers.Refusal},
}


def _explained(error: RequestValidationError) -> Problem:
    faults = []
    for fault in error.errors():
        name = str(fault["loc"][-1])
        faults.append(f"“{name}”: {fault['msg']}")
    return Problem(400, "; ".join(faults))
