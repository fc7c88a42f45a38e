"""The page of a thesis: its whole outline for everyone, and what the explorer in the browser begins with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final
from urllib.parse import quote, unquote

import pyoxigraph as ox
from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse, Response

from argraph.app.cards import Link, Relation
from argraph.app.description import describe
from argraph.app.details import Details
from argraph.app.exchanging import OF_NODES, shown
from argraph.app.markup import described
from argraph.app.pages import About
from argraph.app.protocol import Problem
from argraph.app.site import HTML, Site, wished
from argraph.argument.graph import Node
from argraph.errors import UnknownNode
from argraph.query import formats
from argraph.view.drawing import Scheme
from argraph.view.scene import Row, Scene
from argraph.view.stage import Extent

SVG: Final = "image/svg+xml"
_FORMS: Final = {HTML: "html", SVG: "svg", "text/turtle": "turtle", "application/json": "json"}
_WHOLE: Final = Extent(depth=None, limit=1_000, opening=1_000, evidence=True)  # what a page can hold
_ALONE: Final = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; frame-ancestors 'none'"
)
"""Content-Security-Policy of a page with everything in it: it is of no origin, and asks nothing of any."""
_MOST: Final = 240  # cards in one map
_GLANCE: Final = 14  # cards that the map opens with, where that is more than the root's own


@dataclass(frozen=True, slots=True)
class View:
    """What the address of a view asks for.

    Attributes:
        chosen: Name of what is selected; may be empty.
        focus: Name of the card that the map begins at; empty for the thesis.
        open: Names of cards that are opened; None where the address leaves that to the page.
        evidence: Names of cards whose findings are shown.
    """

    chosen: str = ""
    focus: str = ""
    open: tuple[str, ...] | None = None
    evidence: tuple[str, ...] = ()

    @classmethod
    def of(cls, query: str) -> View:
        """Read the query of an address, in which names are percent-encoded and separated by dots.

        >>> View.of("c=pil-safety&open=a.b%2Ec&view=map")
        View(chosen='pil-safety', focus='', open=('a', 'b.c'), evidence=())
        """
        parts = dict(pair.partition("=")[::2] for pair in query.split("&"))

        def names(key: str) -> tuple[str, ...]:
            return tuple(unquote(name) for name in parts.get(key, "").split(".") if name)

        return cls(
            chosen=unquote(parts.get("c", "")),
            focus=unquote(parts.get("focus", "")),
            open=names("open") if "open" in parts else None,
            evidence=names("evidence"),
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the outline with what the template needs beside it.

    Attributes:
        href: Page of the statement or finding.
        word: Its role or kind.
        cited: The studies of a finding.
        sign: What its step does, in sign and word; None for the root.
        themes: Names of its themes, separated by spaces.
        place: Number of the line where the same stands in full.
        left_out: How much of what speaks about it is not on this page.
    """

    row: Row
    href: str
    word: str
    cited: str
    sign: Relation | None
    themes: str
    place: int
    left_out: int


@dataclass(frozen=True, slots=True)
class ThesisPage:
    """A thesis with all that leads to it.

    Attributes:
        debate: Title of its debate; may be empty.
        themes: Those of the statements on the page; the address of each is its name.
        left_out: Whether the page does not hold all of it.
    """

    about: About
    text: str
    debate: str
    lines: tuple[Line, ...]
    themes: tuple[Link, ...]
    left_out: bool


class Theses:
    """The pages of theses, and what the explorer shows there in other forms."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pages = site.pages
        self._workspace = site.pages.workspace
        self._details = Details(site.pages)
        self._outlines: dict[str, tuple[Row, ...]] = {}

    def _iri(self, name: str) -> str:
        """The IRI of a name that a row or card has."""
        return self._found(name) or self._iris[name]

    def _found(self, name: str) -> str:
        """The IRI of a name; empty where it is not that simple, as with odd IRIs."""
        iri = self._workspace.find(name)
        return iri if iri and self._workspace.stage.key(iri) == name else ""

    @cached_property
    def _iris(self) -> dict[str, str]:
        """The IRI of every name that a row or card can have."""
        argument = self._pages.argument
        return {self._workspace.stage.key(iri): iri for iri in (*argument.steps, *argument.nodes)}

    def add_to(self, app: FastAPI) -> None:
        """Add the place to the server."""
        missing: dict[int | str, dict[str, str]] = {404: {"description": "There is no such thesis"}}
        app.add_api_route(
            "/t/{name:path}/network",
            self.network,
            methods=["GET"],
            summary="A thesis with all that leads to it, as a page that opens from disk",
            response_class=Response,
            responses=missing,
            tags=["debate"],
        )
        app.add_api_route(
            "/t/{name:path}",
            self.thesis,
            methods=["GET"],
            summary="A thesis with all that leads to it, as page, picture or data",
            response_class=Response,
            responses=missing,
            tags=["debate"],
        )

    def thesis(self, request: Request, name: str, format: str | None = None) -> Response:
        """A thesis with all that leads to it.

        Formats: html, and of what the map shows at the same address: svg, turtle, json. Anything else is
        shown in the map of the thesis that it leads to.
        """
        iri = self._site.find(name)
        node = self._pages.argument.nodes.get(iri)
        if node is None or node.kind != "thesis":
            return RedirectResponse(self.address(iri) or self._pages.cards.page(iri), 307)
        view = View.of(request.url.query)
        form = wished(request, _FORMS)
        if form == "html":
            return self._page(node, view)
        root, extent = self._extent(iri, view)
        if form == "json":
            scene = self._workspace.scene(root, extent)
            answer = Response(json.dumps(scene.as_data(), ensure_ascii=False), media_type="application/json")
        elif form == "svg":
            scheme = request.query_params.get("scheme")
            known: Scheme = "dark" if scheme == "dark" else "light" if scheme == "light" else "auto"
            answer = Response(self._workspace.drawing(root, "svg", extent, scheme=known), media_type=SVG)
            # An image of its own, with its styles in it: it can neither load nor run anything.
            answer.headers["content-security-policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        else:
            scene = self._workspace.scene(root, extent)
            text = formats.render(self._triples(scene), "turtle", prefixes=self._workspace.prefixes)
            answer = Response(text, media_type="text/turtle")
        answer.headers["vary"] = "Accept"
        return answer

    def network(self, name: str) -> Response:
        """The page that `argraph view` writes: one file that asks for nothing and opens from disk."""
        iri = self._site.find(name)
        if iri not in self._pages.argument.nodes:
            raise Problem(404, f"“{name}” is neither a statement nor a finding, so there is no map of it.")
        answer = Response(self._workspace.drawing(iri, "html", _WHOLE), media_type=HTML)
        answer.headers["content-security-policy"] = _ALONE
        return answer

    def address(self, iri: str) -> str:
        """Where something is shown in the map of the thesis it leads to; empty for what leads to none."""
        argument, cards = self._pages.argument, self._pages.cards
        step = argument.steps.get(iri)
        start = step.premises[0] if step and step.premises else iri
        if start not in argument.nodes:
            return ""
        goal = self._iri(self._workspace.stage.path(start)[-1].id)
        if argument.nodes[goal].kind != "thesis":
            return ""
        name = quote(cards.key(iri), safe="").replace(".", "%2E")
        return f"/t/{quote(cards.key(goal), safe='')}" + (f"?c={name}" if iri != goal else "")

    def _page(self, node: Node, view: View) -> Response:
        chosen = self._pages.of(self._site.find(view.chosen)).about if view.chosen else None
        own = self._pages.of(node.iri)
        opened = self._opened(node.iri)
        used = self._revealed(node.iri, replace(view, open=opened if view.open is None else view.open))
        scene = self._workspace.scene(*self._extent(node.iri, used))
        told = chosen.iri if chosen else node.iri
        return self._site.scripted(
            "thesis.html",
            page=self._told(node, own.about),
            chosen=chosen,
            here_address=self.address(node.iri),
            markup=described(self._pages, own),
            exports=shown(OF_NODES, self._workspace.argument),
            start={
                "thesis": self._workspace.stage.key(node.iri),
                "open": opened,
                "used": {"focus": used.focus, "open": used.open, "evidence": used.evidence},
                "scene": scene.as_data(),
                "details": self._details.node(told).model_dump(mode="json", by_alias=True),
            },
        )

    def _revealed(self, thesis: str, view: View) -> View:
        """The view with what is selected in sight: what is above it is opened, as in the browser."""
        rows = self._rows(thesis)
        places = {row.id: row for row in reversed(rows) if not row.seen_above}
        row = places.get(view.chosen) or next((row for row in rows if row.step == view.chosen), None)
        if row is None or view.focus:
            return view
        lists = {"open": list(view.open or ()), "evidence": list(view.evidence)}
        while row.parent:
            wanted = lists["evidence" if row.relation in {"bears-on", "weighs-against"} else "open"]
            if row.parent not in wanted:
                wanted.insert(0, row.parent)
            row = places[row.parent]
        opened = tuple(name for name in lists["open"] if name != row.id)
        return replace(view, open=opened, evidence=tuple(lists["evidence"]))

    def _rows(self, thesis: str) -> tuple[Row, ...]:
        if thesis not in self._outlines:
            self._outlines[thesis] = self._workspace.stage.outline(thesis, _WHOLE)
        return self._outlines[thesis]

    def _told(self, node: Node, about: About) -> ThesisPage:
        rows = self._rows(node.iri)
        places = {row.id: number for number, row in enumerate(rows) if not row.seen_above}
        themes = {theme for row in rows for theme in self._themes(self._iri(row.id))}
        return ThesisPage(
            about=about,
            text=node.text,
            debate=home.title if (home := self._pages.workspace.debate_of(node.iri)) else "",
            lines=tuple(self._line(row, places[row.id]) for row in rows),
            themes=tuple(
                sorted(map(self._theme, themes), key=lambda link: (link.text.casefold(), link.href))
            ),
            left_out=any(_left_out(row) for row in rows),
        )

    def _theme(self, iri: str) -> Link:
        return Link(self._pages.cards.key(iri), self._pages.cards.label(iri))

    def _themes(self, iri: str) -> tuple[str, ...]:
        """Themes of a statement, or of the studies that report a finding."""
        node = self._pages.argument.nodes[iri]
        studies = (self._pages.argument.studies.get(study) for study in node.studies)
        return tuple(
            dict.fromkeys((*node.themes, *(theme for study in studies if study for theme in study.themes)))
        )

    def _line(self, row: Row, place: int) -> Line:
        iri = self._iri(row.id)
        node = self._pages.argument.nodes[iri]
        step = self._pages.argument.steps[self._iri(row.step)] if row.step else None
        cards = self._pages.cards
        return Line(
            row=row,
            href=cards.page(iri),
            word="finding" if row.kind == "evidence" else cards.word(node),
            cited=row.label if row.kind == "evidence" and row.label != row.words else "",
            sign=cards.relation(step) if step else None,
            themes=" ".join(quote(cards.key(theme), safe="") for theme in self._themes(iri)),
            place=place,
            left_out=0 if row.seen_above else _left_out(row),
        )

    def _extent(self, thesis: str, view: View) -> tuple[str, Extent]:
        """What the map shows, and where it begins.

        Names in the address that stand for nothing are passed over, so that old links still open.
        """
        focus = next(self._known([view.focus]), thesis)
        opened = self._opened(focus) if view.open is None else view.open
        extent = Extent(
            depth=1, limit=_MOST, open=tuple(self._known(opened)), evidence=tuple(self._known(view.evidence))
        )
        return focus, extent

    def _known(self, names: Iterable[str]) -> Iterator[str]:
        for name in filter(None, names):
            try:
                iri = self._found(name) or self._iris.get(name) or self._workspace.resolve(name)
            except UnknownNode:
                continue
            if iri in self._pages.argument.nodes:
                yield iri

    def _opened(self, root: str) -> tuple[str, ...]:
        """Names of the cards that a map opens with, beside its root: as many as can be seen at a glance."""
        opened: list[str] = []
        scene = self._workspace.stage.scene(root, Extent(depth=1))
        for card in scene.cards:
            wider = [*opened, card.iri]
            more = self._workspace.stage.scene(root, Extent(depth=1, open=tuple(wider)))
            if card.level == 1 and len(scene.cards) < len(more.cards) <= _GLANCE:
                opened, scene = wider, more
        return tuple(map(self._workspace.stage.key, opened))

    def _triples(self, scene: Scene) -> tuple[ox.Triple, ...]:
        """All that is said of the cards and steps of a scene."""
        steps = (self._iri(edge.id) for edge in scene.edges)
        iris = dict.fromkeys((*(card.iri for card in scene.cards), *steps))
        store = self._workspace.store.raw
        return tuple(dict.fromkeys(triple for iri in iris for triple in describe(store, iri)))


def _left_out(row: Row) -> int:
    more = row.more
    return more.favour + more.against + more.undercuts + more.evidence
