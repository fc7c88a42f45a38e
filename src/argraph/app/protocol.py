"""What every HTTP answer has in common: headers, refusals, bounded bodies, and work that may take long."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from argraph.app.cards import Link

T = TypeVar("T")

MAX_BODY: Final = 256 * 1024
"""Bytes of a request body: enough for the longest query (`argraph.query.admission`) as field of a form."""
BODY_SECONDS: Final = 10.0
"""Time for a request body to come in."""

SECURITY: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with “no-referrer”, our own forms would not say where they come from
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class Problem(HTTPException):
    """A request that cannot be answered as asked; becomes a page for people and RFC 9457 for machines.

    Attributes:
        nearest: What may have been meant instead.
        extra: Further members of the problem document.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        nearest: tuple[Link, ...] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.nearest = nearest
        self.extra = dict(extra or {})


def problem_document(problem: HTTPException) -> Response:
    """A refusal as `application/problem+json` (RFC 9457)."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status_code).phrase,
        "status": problem.status_code,
        "detail": problem.detail,
    }
    if isinstance(problem, Problem):
        body |= (
            {"nearest": [_near(link) for link in problem.nearest]} if problem.nearest else {}
        ) | problem.extra
    return JSONResponse(body, problem.status_code, problem.headers, "application/problem+json")


def _near(link: Link) -> dict[str, str]:
    return {"href": link.href, "label": link.text} | ({"id": link.id} if link.id else {})


class Envelope:
    """Adds the headers that every answer carries, and answers HEAD as GET without its body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"

        async def enveloped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
            elif head:
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"} if head else scope, receive, enveloped)


def unchanged(request: Request, etag: str) -> bool:
    """Whether a request to read says that it has the answer with an entity tag already.

    By weak comparison (RFC 9110, section 13.1.2).
    """
    given = request.headers.get("if-none-match")
    if given is None or request.method != "GET":
        return False
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags


class Packed:
    """Compresses what a browser reads; answers to queries go out as they are made, and unpacked."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._packed = GZipMiddleware(app, minimum_size=1_024, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        path = scope.get("path", "")
        read = path == "/" or path.startswith(("/t/", "/id/", "/api/", "/static/"))
        await (self._packed if read else self._plain)(scope, receive, send)


async def read_body(request: Request, limit: int = MAX_BODY) -> bytes:
    """The body of a request, counted while it comes in.

    Raises:
        Problem: 413 when it is longer than `limit` bytes, 415 when it is compressed, 408 when it is slow.
    """
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise Problem(415, f"The body comes with Content-Encoding “{encoding}”: send it uncompressed.")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise Problem(413, f"The body is longer than {limit:,} bytes: send less at a time.")
    except TimeoutError:
        raise Problem(
            408, f"The body did not come in within {BODY_SECONDS:g} seconds.", headers={"connection": "close"}
        ) from None
    return bytes(body)


def parameters(text: bytes) -> list[tuple[str, str]]:
    """Fields of a form or of the part of an address after its “?”, in their order.

    Raises:
        Problem: They are not percent-encoded, or too many.
    """
    try:
        return parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=200)
    except UnicodeDecodeError:
        raise Problem(400, "The parameters are not percent-encoded UTF-8.") from None
    except ValueError:
        raise Problem(400, "There are more than 200 parameters.") from None


def time_allowed(given: list[tuple[str, str]]) -> float | None:
    """The time that a client allows, by its parameter `timeout`.

    Raises:
        Problem: It is no positive number.
    """
    told = next((value for name, value in given if name == "timeout" and value.strip()), None)
    if told is None:
        return None
    try:
        number = float(told)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise Problem(400, f"The timeout is a number of seconds, such as 2.5, and not “{told}”.")
    return number


def address(request: Request) -> str:
    """The address of this server as the client knows it, without a slash at the end."""
    return str(request.base_url).rstrip("/")
