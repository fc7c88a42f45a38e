"""The debate in other formats, over HTTP."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import Annotated, Final

from fastapi import FastAPI, Query
from starlette.responses import Response

from argraph.app.answers.fields import Refusal
from argraph.app.protocol import Problem
from argraph.app.site import Site
from argraph.errors import ArgraphError, UnknownFormat, UnknownNode
from argraph.exchange.model import Exported
from argraph.exchange.registry import FORMATS

_KEPT: Final = 16
"""So many answers are kept: each is made once and the same for all, since the debate does not change."""

_DIAGRAM: Final = ("text/vnd.graphviz", ".dot")


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
        form: Annotated[str, Query(alias="format", description="A format, such as aif, csv or graphml.")],
        focus: Annotated[str, Query(description="Only what leads to this node or step.")] = "",
        depth: Annotated[
            int | None, Query(ge=0, le=1000, description="So many steps from the focus.")
        ] = None,
        report: Annotated[bool, Query(description="Say what the format cannot express, instead.")] = False,
    ) -> Response:
        """A file to be saved, or with `report` what is not in it, as JSON."""
        if depth is not None and not focus:
            raise Problem(400, "A depth is counted from somewhere: name a node with focus.")
        if form in FORMATS and FORMATS[form].dump is None:
            raise Problem(400, f"The format {form} is only read, not written.")
        try:
            iri = self._site.pages.workspace.resolve(focus) if focus else ""
            exported = self._made(form, iri, depth)
        except UnknownFormat as error:
            known = ", ".join([*(name for name, f in FORMATS.items() if f.dump), "dot"])
            raise Problem(400, f"There is no format “{error.name}” here; there are {known}.") from None
        except UnknownNode as error:
            detail = f"There is no node “{error.name}” in this debate."
            raise Problem(404, detail, nearest=self._site.nodes(error)) from None
        except ArgraphError as error:  # the format cannot hold this at all
            raise Problem(422, str(error)) from None
        if report:
            return Response(exported.losses.json(), media_type="application/json")
        media, ending = _DIAGRAM
        if form in FORMATS:
            media, ending = FORMATS[form].media, FORMATS[form].extensions[0]
        name = self._site.pages.workspace.key(iri).rpartition(":")[2] if iri else "debate"
        plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)
        disposition = f'attachment; filename="{plain}{ending}"'
        return Response(exported.data, media_type=media, headers={"content-disposition": disposition})

    def _make(self, form: str, focus: str, depth: int | None) -> Exported:
        with self._one:
            return self._site.pages.workspace.exported(form, focus=focus or None, depth=depth)
