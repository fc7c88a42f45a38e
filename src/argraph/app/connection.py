"""HTTP connections that have to make progress, and of which there are not too many.

uvicorn waits without end for the head of a request, and for a client that does not read its answer. Whoever
opens connections and does nothing would so keep memory and file handles until none is left for the others.
"""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from argraph.app.protocol import MAX_BODY

MOST: Final = 512
"""Connections open at a time: with what workers need, less than the usual 1,024 open files of a process."""
MAX_HEAD: Final = MAX_BODY
"""Bytes of the head of a request, so that what may be sent as a form may stand in an address."""
PATIENCE: Final = 10.0
"""Seconds in which a request has to come in, and something of an answer has to be read; up to twice that."""
_LOOKS: Final = 30  # so many times that long for one answer, however slowly it is read


class Connection(H11Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See `asyncio.Protocol`."""
        super().connection_made(transport)
        self._seen: tuple[Any, int] = (self.cycle, 0)
        self._looks = 0
        self._watch = self.loop.call_later(PATIENCE, self._look)
        if len(self.connections) > MOST:
            transport.write(_refusal(503, "Too many connections are open.", "retry-after: 5\r\n"))
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._watch.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP."""
        long = f"longer than {MAX_HEAD:,} bytes: send a long query as body"
        self.transport.write(_refusal(400, f"The head of the request is not valid HTTP, or {long}."))
        self.transport.close()

    def _look(self) -> None:
        """Hang up if nothing has happened since the last look."""
        unread = self.transport.get_write_buffer_size()
        answering = self.cycle is not None and not self.cycle.response_complete
        cycle, before = self._seen
        self._looks = self._looks + 1 if cycle is self.cycle else 0
        stuck = unread == before if unread else not answering
        if cycle is self.cycle and (stuck or self._looks > _LOOKS):
            self.transport.abort()
            return
        self._seen = (self.cycle, unread)
        self._watch = self.loop.call_later(PATIENCE, self._look)


def _refusal(status: int, detail: str, headers: str = "") -> bytes:
    title = HTTPStatus(status).phrase
    body = json.dumps({"type": "about:blank", "title": title, "status": status, "detail": detail})
    return (
        f"HTTP/1.1 {status} {title}\r\ncontent-type: application/problem+json\r\n"
        f"content-length: {len(body)}\r\n{headers}connection: close\r\n\r\n{body}"
    ).encode()
