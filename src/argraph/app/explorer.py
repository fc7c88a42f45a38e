"""The interface that the explorer and other programs call: JSON, answered from memory.

Addresses name nodes as `/id/` does: the name of a node as one percent-encoded segment. Every answer carries
an entity tag that changes only with the debate, the release and the address.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, NamedTuple
from urllib.parse import unquote

from fastapi import Depends, FastAPI, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from argraph.app.answers import fields, nodes, reasons, scenes, search
from argraph.app.asked import Kept, explained, listed
from argraph.app.details import Details
from argraph.app.protocol import Problem
from argraph.app.reasoning import Reasoning
from argraph.app.site import Site
from argraph.argument.wording import STANDING
from argraph.query.search import KINDS, Part
from argraph.view.layout import place
from argraph.view.stage import OPENING, Extent

_READS: Final = {"allow": "GET, HEAD, OPTIONS"}
_MOST: Final = 2_000

Name = Annotated[
    str,
    Path(
        description="Name of a node: local to its debate, prefixed, or its IRI; percent-encoded.",
        examples=["pil-safety"],
    ),
]
Depth = Annotated[int, Query(ge=0, le=1000, description="Levels of arguments to open with.")]
Limit = Annotated[
    int, Query(ge=1, le=_MOST, description="Cards at most; those nearest to the root are kept.")
]
Opening = Annotated[
    int,
    Query(ge=1, le=_MOST, description="Cards at most before anything is opened; never more than `limit`."),
]
Names = Annotated[
    str,
    Query(
        max_length=20_000,
        description="Names of cards, percent-encoded, with commas between; unknown ones are passed over.",
        examples=["pil-safety,cl-many-eyes"],
    ),
]
Evidence = Annotated[
    str,
    Query(
        max_length=20_000,
        description="Names of cards whose evidence is shown, likewise; `*` for all.",
        examples=["pil-safety"],
    ),
]
Layout = Annotated[
    Literal["tree", "layered"],
    Query(description="`tree` keeps cards in order when more is opened, `layered` draws every edge."),
]
Shown = Annotated[int, Query(ge=1, le=100, description="Results at most.")]
Start = Annotated[
    str, Query(alias="from", max_length=4000, description="Name of a node.", examples=["rb-marginal-risk"])
]
End = Annotated[
    str,
    Query(
        alias="to",
        max_length=4000,
        description="Name of a node; without one, any thesis.",
        examples=["pil-safety"],
    ),
]


class Asked(NamedTuple):
    """How much is to be shown around a node, in the words of an address."""

    depth: int
    limit: int
    opening: int
    open: str
    closed: str
    evidence: str


async def _asked(
    depth: Depth = 2,
    limit: Limit = OPENING,
    opening: Opening = OPENING,
    open: Names = "",
    closed: Names = "",
    evidence: Evidence = "",
) -> Asked:
    return Asked(depth, limit, opening, open, closed, evidence)  # so little that a thread would cost more


Amount = Annotated[Asked, Depends(_asked)]


class Explorer:
    """The endpoints under `/api/`. None is `async`: each runs in a thread and keeps nobody waiting."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pages = site.pages
        self._workspace = site.pages.workspace
        self._details = Details(site.pages)
        self._reasoning = Reasoning(site.pages)
        self._index = self._workspace.index

    def add_to(self, app: FastAPI) -> None:
        """Add the places to the server."""
        app.add_exception_handler(RequestValidationError, self._malformed)
        app.state.version = self._workspace.version
        node = "/api/nodes/{id:path}"
        for path, endpoint, model, summary in (
            ("/api/theses", self.theses, list[search.Thesis], "What the debate is about"),
            ("/api/themes", self.themes, list[search.Theme], "The themes of the debate"),
            ("/api/search", self.search, search.Found, "Find statements, findings and studies"),
            (f"{node}/neighbourhood", self.neighbourhood, scenes.Scene, "The cards around a node, placed"),
            (f"{node}/outline", self.outline, list[scenes.Row], "The same, line by line"),
            (f"{node}/why", self.why, reasons.Why, "Why a node has its status"),
            (node, self.node, nodes.Node, "All that is known of a node"),
            ("/api/chain", self.chain, reasons.Chains, "How one node bears on another"),
            ("/api/cruxes", self.cruxes, reasons.Cruxes, "What the status of a node hangs on"),
            ("/api/whatif", self.whatif, reasons.Whatif, "What a withdrawal would change"),
        ):
            app.router.add_api_route(
                path,
                endpoint,
                methods=["GET"],
                summary=summary,
                response_model=model,
                responses=_REFUSALS,
                tags=["explorer"],
                route_class_override=Kept,
            )
            app.add_api_route(path, self.options, methods=["OPTIONS"], include_in_schema=False)

    def options(self) -> Response:
        """What may be done here."""
        return Response(status_code=204, headers=_READS)

    async def _malformed(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return self._site.refuse(request, explained(error))

    def theses(self) -> Response:
        """Every thesis with its status and what decides it."""
        return _written([self._details.thesis(node) for node in self._pages.argument.theses])

    def themes(self) -> Response:
        """Every theme that something is on, by name."""
        cards = self._pages.cards
        found = [
            {"id": cards.key(iri), "href": cards.href(iri), "label": cards.label(iri), "count": count}
            for iri, count in self._index.on_themes.items()
        ]
        found.sort(key=lambda theme: (str(theme["label"]).casefold(), theme["id"]))
        return _written([search.Theme.model_validate(theme) for theme in found])

    def search(
        self,
        q: Annotated[
            str, Query(max_length=500, description="Words; the last may be unfinished.", examples=["transp"])
        ] = "",
        kind: Annotated[
            str,
            Query(
                max_length=200,
                description=f"Of {', '.join(KINDS)}, with commas between.",
                examples=["claim,study"],
            ),
        ] = "",
        status: Annotated[
            str,
            Query(max_length=200, description=f"Of {', '.join(STANDING)}, likewise.", examples=["rejected"]),
        ] = "",
        theme: Annotated[
            str, Query(max_length=4000, description="Name of a theme.", examples=["theme-transparency"])
        ] = "",
        limit: Shown = 20,
    ) -> Response:
        """By label, text, titles and authors of studies: as one types, and with slips of the pen.

        What has all words in its label comes first; statements before findings before studies. Signs of
        query languages are only text. Without words, everything that passes the filters.
        """
        found = self._index.search(
            q,
            kinds=listed("kind", kind, KINDS),
            statuses=listed("status", status, STANDING),
            theme=self._site.find(theme) if theme else "",
            limit=limit,
        )
        return _written(
            search.Found.model_validate(
                {
                    "total": found.total,
                    "more": found.more,
                    "instead": found.instead,
                    "loose": found.loose,
                    "results": [self._hit(hit.iri, hit.kind, hit.label, hit.excerpt) for hit in found.hits],
                }
            )
        )

    def _hit(self, iri: str, kind: str, label: tuple[Part, ...], excerpt: tuple[Part, ...]) -> dict[str, Any]:
        cards = self._pages.cards
        status = cards.status(iri) if kind != "study" else ""
        return {
            "id": cards.key(iri),
            "kind": kind,
            "label": cards.label(iri),
            "status": status,
            "standing": STANDING.get(status, ""),
            "href": cards.href(iri),
            "parts": label,
            "excerpt": excerpt,
        }

    def node(self, id: Name) -> Response:
        """What the details panel shows: the same as the page `/id/{id}`."""
        return _written(self._details.node(self._site.find(id)))

    def neighbourhood(
        self,
        id: Name,
        amount: Amount,
        layout: Layout = "tree",
    ) -> Response:
        """The cards around a statement or evidence item, breadth-first, with their places and edges.

        `open` names cards whose arguments are shown although they lie deeper, in the order in which they were
        opened, and `closed` those whose arguments are not shown. To open more than 60 cards, raise `limit`
        and leave `opening`: then what was shown stays where it was.
        """
        extent = self._extent(amount)
        scene = place(self._workspace.stage.scene(self._placed(id), extent), layout)
        return _written(scenes.Scene.model_validate(scene.as_data()))

    def outline(self, id: Name, amount: Amount) -> Response:
        """The lines of an ARIA tree: for the same parameters, the same statements as the neighbourhood."""
        extent = self._extent(amount)
        rows = self._workspace.stage.outline(self._placed(id), extent)
        return _written([scenes.Row.model_validate(row.as_data()) for row in rows])

    def why(
        self,
        id: Name,
        depth: Annotated[int, Query(ge=0, le=100, description="Levels that are explained.")] = 8,
        breadth: Annotated[int, Query(ge=1, le=50, description="Attacks or supports that are told.")] = 4,
    ) -> Response:
        """The deciding tree of a status, as data and as text."""
        return _written(self._reasoning.why(self._judged(id), depth=depth, breadth=breadth))

    def chain(
        self,
        start: Start,
        end: End = "",
        limit: Annotated[int, Query(ge=1, le=100, description="Chains at most.")] = 10,
        longest: Annotated[int, Query(ge=1, le=50, description="Steps of a chain at most.")] = 12,
    ) -> Response:
        """Chains of support and attack, shortest first; `cut` says what ended the search."""
        goal = self._judged(end) if end else None
        return _written(self._reasoning.chain(self._judged(start), goal, limit=limit, longest=longest))

    def cruxes(
        self,
        node: Annotated[str, Query(max_length=4000, description="Name of a node.", examples=["pil-safety"])],
        largest: Annotated[int, Query(ge=1, le=3, description="Size of sets to be complete for.")] = 2,
    ) -> Response:
        """The smallest withdrawals that would change a status, and answers that would restore it.

        The search has a bound: `exact_up_to` and `complete` say how far it came.
        """
        return _written(self._reasoning.cruxes(self._judged(node), largest=largest))

    def whatif(
        self,
        without: Annotated[
            str,
            Query(
                max_length=20_000,
                description="Names of nodes and steps, percent-encoded, with commas between; at most 20.",
                examples=["ob-safeguards-removable"],
            ),
        ],
        limit: Annotated[int, Query(ge=0, le=1000, description="Flips and moves at most.")] = 100,
    ) -> Response:
        """What would change if nodes or steps were rejected, whatever speaks for them."""
        names = [unquote(name) for name in without.split(",") if name]
        if not 0 < len(names) <= 20:
            raise Problem(400, "“without” names 1 to 20 nodes or steps, with commas between.")
        return _written(self._reasoning.whatif([self._judged(name) for name in names], limit=limit))

    def _extent(self, asked: Asked) -> Extent:
        return Extent(
            depth=asked.depth,
            limit=asked.limit,
            opening=asked.opening,
            open=self._named(asked.open),
            closed=frozenset(self._named(asked.closed)),
            evidence=True if asked.evidence == "*" else self._named(asked.evidence),
        )

    def _named(self, names: str) -> tuple[str, ...]:
        """The IRIs of names in a list; what is unknown is passed over, so that old links still open."""
        found = (self._workspace.find(unquote(name)) for name in names.split(",") if name)
        return tuple(iri for iri in found if iri)

    def _placed(self, name: str) -> str:
        """The IRI of a statement or evidence item."""
        iri = self._site.find(name)
        if iri not in self._pages.argument.nodes:
            raise Problem(404, f"“{name}” is neither a statement nor a finding, so it has no surroundings.")
        return iri

    def _judged(self, name: str) -> str:
        """The IRI of what has a status."""
        iri = self._site.find(name)
        if iri not in self._pages.argument.nodes and iri not in self._pages.argument.steps:
            raise Problem(404, f"“{name}” is no statement, finding or step, so it has no status.")
        return iri


def _written(told: fields.Answer | list[Any]) -> Response:
    """An answer as JSON, written here so that it is written in the thread of its endpoint."""
    return Response(fields.write(told), media_type="application/json")


_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "The answer is the one that If-None-Match names"},
    400: {"description": "A parameter is wrong", "model": fields.Refusal},
    404: {"description": "There is no such node", "model": fields.Refusal},
    503: {"description": "Too many ask for what takes long", "model": fields.Refusal},
}
