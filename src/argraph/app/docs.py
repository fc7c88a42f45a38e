"""The description of the programming interface as a page, from files on this server."""

from __future__ import annotations

from functools import partial
from importlib import resources

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from argraph.app.site import Files, Site


def add_docs(app: FastAPI, site: Site) -> None:
    """Add `/docs`, with Swagger UI from the package `fastapi-offline`, of which only the files are used."""
    files = resources.files("fastapi_offline") / "static"
    app.mount("/static/swagger", Files(directory=str(files)), name="swagger")
    app.add_route("/docs", partial(_page, site), include_in_schema=False)


async def _page(site: Site, request: Request) -> Response:
    return site.scripted("docs.html")
