"""How answers are made: templates filled for people, the same as data for programs, refusals for both."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import jinja2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from argraph import __version__, vocab
from argraph.app.cards import Link
from argraph.app.pages import Pages
from argraph.app.protocol import Problem, problem_document
from argraph.errors import UnknownNode
from argraph.query import formats

HTML: Final = "text/html"
STATIC: Final = Path(__file__).parent / "static"
SCRIPTS: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of a page with scripts: files of this server only, and nothing inline."""

_TITLES = {
    400: "This cannot be answered",
    401: "This needs a token",
    403: "Nothing is changed here",
    404: "Nothing is here by that name",
    405: "This place is only for reading",
    406: "Not in this form",
    409: "This cannot be done now",
    413: "This is too long",
    415: "This is of another kind",
    500: "Something went wrong",
    422: "The answer is too large",
    429: "You have used up your share",
    503: "Too much at once",
    504: "This takes too long",
    507: "The disk is full",
}


class Files(StaticFiles):
    """Files that a browser keeps but asks about each time: modules that import each other are of one age."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """See Starlette."""
        answer = await super().get_response(path, scope)
        answer.headers["cache-control"] = "no-cache"
        return answer


class Site:
    """Everything that turns a page or a refusal into an HTTP answer.

    Attributes:
        pages: What the pages show.
    """

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("argraph.app"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        style = hashlib.sha256((STATIC / "argraph.css").read_bytes()).hexdigest()
        self._templates.globals["site"] = {
            "title": pages.title,
            "release": __version__,
            "as_of": f"{then:%Y-%m-%d %H:%M} UTC" if (then := pages.workspace.archive.moment) else "",
            "style": style[:12],  # a changed sheet has another address, so that no old one is shown
        }

    def nodes(self, error: UnknownNode) -> tuple[Link, ...]:
        """Links to the nodes that may have been meant."""
        cards = self.pages.cards
        iris = map(self.pages.workspace.resolve, error.nearest)
        return tuple(Link(cards.page(iri), cards.label(iri), id=cards.key(iri)) for iri in iris)

    def find(self, name: str) -> str:
        """The IRI that a name in an address stands for: of the debate, of the vocabulary, or just mentioned.

        Raises:
            Problem: 404 with the nearest nodes.
        """
        try:
            return self.pages.workspace.resolve(name)
        except UnknownNode as error:
            iri = vocab.ARG + name.removeprefix("arg:") if name.startswith("arg:") else name
            if self.pages.words.defines(iri) or self.pages.workspace.mentions(iri):
                return iri
            if gone := self.pages.workspace.archive.gone(self.pages.workspace.candidates(name)):
                address = f"/id/{quote(self.pages.workspace.key(gone), safe='')}/history"
                detail = f"“{error.name}” is no longer part of this debate; its history tells why."
                raise Problem(404, detail, nearest=(Link(address, "its history"),)) from None
            detail = f"There is no node “{error.name}” in this debate."
            raise Problem(404, detail, nearest=self.nodes(error)) from None

    def html(self, template: str, *, status: int = 200, **data: Any) -> Response:
        """A page."""
        text = self._templates.get_template(template).render(here="", **data)
        return Response(text, status, {"vary": "Accept"}, media_type=HTML)

    def scripted(self, template: str, **data: Any) -> Response:
        """A page with scripts; all others have none."""
        answer = self.html(template, **data)
        answer.headers["content-security-policy"] = SCRIPTS
        return answer

    def refuse(self, request: Request, error: HTTPException) -> Response:
        """A refusal as a page where HTML is what the client prefers, else as problem document."""
        machine = ("application/problem+json", "application/json")
        if formats.choose(request.headers.get("accept"), [*machine, HTML]) != HTML:
            return problem_document(error)
        status = error.status_code
        title = _TITLES.get(status, HTTPStatus(status).phrase)
        nearest = error.nearest if isinstance(error, Problem) else ()
        problem = {"status": status, "title": title, "detail": error.detail}
        page = self.html("problem.html", status=status, problem=problem, nearest=nearest)
        page.headers.update(error.headers or {})
        return page


_ALSO: Final = {  # what clients of other servers call the forms
    "n3": "turtle",
    "nt": "ntriples",
    "n-triples": "ntriples",
    "json-ld": "jsonld",
    "rdf": "rdfxml",
    "xml-rdf": "rdfxml",
    "rdf+xml": "rdfxml",
    "sparql-results+json": "json",
    "sparql-results+xml": "xml",
}


def form_named(told: str, offered: Mapping[str, str]) -> str | None:
    """The form that a client means by a name, or by a media type in place of one; None for an empty name.

    A name that stands for none of the forms offered is returned as it is.
    """
    told = told.strip().lower().replace(" ", "+")  # a plus sign that nobody has encoded
    form = offered.get(told, told)
    return (form if form in offered.values() else _ALSO.get(form, form)) or None


def wished(
    request: Request, offered: Mapping[str, str], *, named: str | None = None, also: Collection[str] = ()
) -> str:
    """The form of answer that a client wants.

    Args:
        request: `?format=NAME` goes before its Accept header.
        offered: Media types with the name of the form each stands for; the first is the default.
        named: A name given elsewhere in the request, in place of `?format=NAME`.
        also: Forms that only their names stand for, since no media type is theirs alone.

    Raises:
        Problem: 406 when the client accepts none of them, 400 when it names one that is not offered.
    """
    names = list(dict.fromkeys([*offered.values(), *also]))
    told = request.query_params.get("format", "") if named is None else named
    if name := form_named(told, offered):
        if name not in names:
            raise Problem(400, f"There is no format “{name}” here; there are {', '.join(names)}.")
        return name
    media = formats.choose(request.headers.get("accept"), list(offered))
    if media is None:
        raise Problem(
            406,
            f"This is to be had as {', '.join(offered)}; the Accept header permits none of these.",
            extra={"available": list(offered)},
        )
    return offered[media]
