"""The debate in other formats, over HTTP: whole, or as far as it leads to a node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from threading import Lock
from types import MappingProxyType
from typing import Annotated, Any, Final, NamedTuple
from urllib.parse import urlencode

from fastapi import FastAPI, Query, Request
from starlette.responses import Response

from argraph.app.answers.fields import Refusal
from argraph.app.asked import only
from argraph.app.protocol import Problem
from argraph.app.site import Site
from argraph.argument.graph import ArgumentGraph
from argraph.errors import ArgraphError, UnknownFormat, UnknownNode
from argraph.exchange.model import Exported
from argraph.exchange.registry import FORMATS

_KEPT: Final = 16
"""So many answers are kept: each is made once and the same for all, since the debate does not change."""

_DEEPEST: Final = 1000


class Written(NamedTuple):
    """A format that the server writes.

    Attributes:
        name: What it is called in addresses.
        title: What it is called among people.
        media: Its media type.
        ending: Of its files.
        studies: Whether it holds studies alone.
    """

    name: str
    title: str
    media: str
    ending: str
    studies: bool = False


WRITTEN: Final[Mapping[str, Written]] = MappingProxyType(
    {
        name: Written(name, form.title, form.media, form.extensions[0], form.studies)
        for name, form in FORMATS.items()
        if form.dump is not None
    }
    | {"dot": Written("dot", "DOT", "text/vnd.graphviz", ".dot")}
)
"""Every format that `/api/export` writes, by name."""

OF_NODES: Final = {form.name: form.media for form in WRITTEN.values() if form.name != "jsonld"}
"""The media type of each that the address of a node gives, too; there, `jsonld` is its description."""

PARAMETERS: Final[list[dict[str, Any]]] = [
    {
        "name": "depth",
        "in": "query",
        "description": "So many steps from the node, in the formats of `/api/export`.",
        "schema": {"type": "integer", "minimum": 0, "maximum": _DEEPEST},
    },
    {
        "name": "report",
        "in": "query",
        "description": "Say what the format cannot express, instead, as JSON.",
        "schema": {"type": "boolean"},
    },
]
"""What more the address of a node takes for these formats, in OpenAPI's words."""

_TOO_COMMON: Final = frozenset({"application/json", "application/zip", "text/plain", "text/turtle"})
"""Media types that stand for many things, so that asking for them is asking for no format of these."""


def offered(*, step_or_statement: bool, study: bool) -> dict[str, str]:
    """The forms that the address of a node gives beside its description, by media type or name.

    A form stands under its name where its media type stands for others, too.
    """
    return {
        name if media in _TOO_COMMON else media: name
        for name, media in OF_NODES.items()
        if step_or_statement or (study and WRITTEN[name].studies)
    }


def shown(names: Iterable[str], argument: ArgumentGraph) -> list[Written]:
    """The formats that a page leads to: bibliographies only where there are studies."""
    return [WRITTEN[name] for name in names if argument.studies or not WRITTEN[name].studies]


class Exchanging:
    """The place where a debate is had in another format."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._one = Lock()  # a whole debate takes seconds of a core: they are made one after the other
        self._made = lru_cache(maxsize=_KEPT)(self._make)

    def add_to(self, app: FastAPI) -> None:
        """Add the place to the server."""
        app.add_api_route(
            "/api/export",
            self.export,
            methods=["GET"],
            summary="The debate, or the part around a node, in another format",
            response_class=Response,
            responses={
                400: {"description": "A parameter is wrong", "model": Refusal},
                404: {"description": "There is no such node", "model": Refusal},
                422: {"description": "The format cannot hold this at all", "model": Refusal},
            },
        )

    def export(
        self,
        request: Request,
        form: Annotated[str, Query(alias="format", description="A format, such as aif, csv or graphml.")],
        focus: Annotated[
            str, Query(description="Only what leads to this node or step; of a study, the study.")
        ] = "",
        depth: Annotated[
            int | None, Query(ge=0, le=_DEEPEST, description="So many steps from the focus.")
        ] = None,
        report: Annotated[bool, Query(description="Say what the format cannot express, instead.")] = False,
    ) -> Response:
        """A file to be saved, or with `report` what is not in it, as JSON."""
        only(request, "format", "focus", "depth", "report")
        if depth is not None and not focus:
            raise Problem(400, "A depth is counted from somewhere: name a node with focus.")
        if form in FORMATS and form not in WRITTEN:
            raise Problem(400, f"The format {form} is only read, not written.")
        return self._answer(form, focus, depth, report=report)

    def of_node(self, request: Request, iri: str, form: str) -> Response:
        """What leads to a node, at the node's own address.

        Raises:
            Problem: 400 for a parameter that is unknown or wrong, 422 where the format cannot hold this.
        """
        given = only(request, "format", "depth", "report")
        depth = given.get("depth") or None
        if depth is not None and not (depth.isascii() and depth.isdigit() and int(depth[:6]) <= _DEEPEST):
            raise Problem(400, f"“depth” is a whole number from 0 to {_DEEPEST}, and not “{depth[:40]}”.")
        report = given.get("report", "false")
        if report not in {"true", "false"}:
            raise Problem(400, f"“report” is true or false, and not “{report[:40]}”.")
        key = self._site.pages.workspace.key(iri)
        answer = self._answer(form, iri, int(depth) if depth else None, report=report == "true")
        also = {"depth": depth} if depth else {}
        also |= {"report": report} if report == "true" else {}
        same = urlencode({"format": form, "focus": key} | also)
        answer.headers.update({"vary": "Accept", "content-location": f"/api/export?{same}"})
        return answer

    def _answer(self, form: str, focus: str, depth: int | None, *, report: bool) -> Response:
        workspace = self._site.pages.workspace
        try:
            iri = workspace.resolve(focus) if focus else ""
            exported = self._made(form, iri, depth)
        except UnknownFormat as error:
            raise Problem(
                400, f"There is no format “{error.name}” here; there are {', '.join(WRITTEN)}."
            ) from None
        except UnknownNode as error:
            detail = f"There is no node “{error.name}” in this debate."
            raise Problem(404, detail, nearest=self._site.nodes(error)) from None
        except ArgraphError as error:  # the format cannot hold this at all
            raise Problem(422, str(error)) from None
        if report:
            return Response(exported.losses.json(), media_type="application/json")
        name = workspace.key(iri).rpartition(":")[2] if iri else "debate"
        plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)
        disposition = f'attachment; filename="{plain}{WRITTEN[form].ending}"'
        return Response(
            exported.data, media_type=WRITTEN[form].media, headers={"content-disposition": disposition}
        )

    def _make(self, form: str, focus: str, depth: int | None) -> Exported:
        with self._one:
            return self._site.pages.workspace.exported(form, focus=focus or None, depth=depth)
