"""What the server shows, one state of the debate after the other, without a moment in between.

Everything that is shown is built from one workspace that does not change. When the debate does, the next
state is built beside the current one, and takes its place between two requests. Requests that are being
answered are answered from the old one to the end.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol
from urllib.parse import unquote

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from argraph import keeping
from argraph.app.desk import Desk
from argraph.app.endpoint import Endpoint
from argraph.app.follow import Follower
from argraph.app.gate import Gate
from argraph.app.shelf import Shelf
from argraph.progress import Report, silent
from argraph.workspace import Workspace

_LOG: Final = logging.getLogger("argraph.live")


@dataclass(frozen=True, slots=True)
class Lasting:
    """What outlives a state of the debate.

    Attributes:
        endpoint: Answers foreign queries.
        gate: Examines contributed files.
        desk: Takes them, where they are taken.
        follower: Sees what others change, where they are followed.
    """

    endpoint: Endpoint
    gate: Gate
    desk: Desk | None = None
    follower: Follower | None = None


@dataclass(frozen=True, slots=True)
class State:
    """One state of the debate as it is shown.

    Attributes:
        workspace: What is shown.
        app: Shows it.
        shelf: The saved questions that are offered with it.
        first: Paths that the next visitors are most likely to ask for.
    """

    workspace: Workspace
    app: FastAPI
    shelf: Shelf
    first: tuple[str, ...] = ()


class Build(Protocol):
    """Builds a state; `before` is the one whose place it will take."""

    def __call__(self, workspace: Workspace, lasting: Lasting, before: State | None) -> State:
        """Build it."""


class Live:
    """The server's application: hands each request to the state that is shown when it comes in.

    Args:
        workspace: What is shown first.
        lasting: What serves every state.
        build: Builds the states.
        eager: Have the gate start with the server, rather than with the first file.
        report: Is told how far the first state is.
    """

    def __init__(
        self,
        workspace: Workspace,
        lasting: Lasting,
        build: Build,
        *,
        eager: bool = False,
        report: Report = silent,
    ) -> None:
        self.lasting = lasting
        self._build = build
        self._eager = eager
        keeping.publish(workspace, lasting.endpoint, report)
        self._state = build(workspace, lasting, None)
        self._changing = asyncio.Lock()
        self._errands: set[asyncio.Task[object]] = set()
        self._life = Starlette(lifespan=self._living)

    @property
    def state(self) -> State:
        """What is shown now."""
        return self._state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        app = self._life if scope["type"] == "lifespan" else self._state.app
        await app(scope, receive, send)

    async def show(self, workspace: Workspace) -> None:
        """Show another state from now on: pages, interfaces, search and answers to queries alike.

        It is made ready before anybody sees it, so that nobody waits for it.

        Raises:
            StoreFailed: What queries are answered from cannot be written; the old state is shown on.
        """
        async with self._changing:
            old = self._state
            await old.shelf.pause()
            try:
                fresh = await asyncio.to_thread(self._ready, workspace, old)
                for path in fresh.first:
                    await _visit(fresh.app, path)
                endpoint = self.lasting.endpoint
                shown = await asyncio.to_thread(
                    endpoint.advance,
                    old.shelf.version,
                    fresh.shelf.version,
                    difference=partial(fresh.shelf.difference, old.shelf),
                    whole=fresh.shelf.quads,
                )
            except BaseException:
                old.shelf.resume()
                raise
            endpoint.switch(shown)  # and in the same moment:
            self._state = fresh
        self._send(fresh.shelf.look())  # has saved questions that were dropped in tried on the new state

    async def _follow(self, workspace: Workspace) -> None:
        """Show a state that others have made, and examine files against it."""
        await self.show(workspace)
        await self.lasting.gate.follow(workspace)

    def _ready(self, workspace: Workspace, before: State) -> State:
        """A state with all that is computed once; takes its time, and so runs in a thread."""
        workspace.prepare()
        return self._build(workspace, self.lasting, before)

    def _send(self, errand: Awaitable[object]) -> None:
        task = asyncio.ensure_future(_logged(errand))
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    @asynccontextmanager
    async def _living(self, app: Starlette) -> AsyncIterator[None]:
        lasting = self.lasting
        async with AsyncExitStack() as stack:
            stack.push_async_callback(lasting.endpoint.stop)
            await lasting.endpoint.start()
            stack.push_async_callback(lasting.gate.stop)
            if lasting.desk is not None:
                stack.push_async_callback(lasting.desk.stop)
                lasting.desk.start(self.show)
            if lasting.follower is not None:
                stack.push_async_callback(lasting.follower.stop)
                lasting.follower.start(self._follow)
            if self._eager:
                self._send(lasting.gate.start())
            stack.push_async_callback(self._settle)
            await self._state.shelf.look()
            yield

    async def _settle(self) -> None:
        await self._state.shelf.stop()
        for errand in self._errands:
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)


async def _logged(errand: Awaitable[object]) -> None:
    try:
        await errand
    except Exception:
        _LOG.exception("Something that the server does beside its answers failed.")


async def _visit(app: FastAPI, path: str) -> None:
    """Ask for a page as a browser would, so that what it takes is there when somebody does."""
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"accept", b"text/html")],
        "client": None,
        "server": ("localhost", 80),
    }
    asked = asyncio.Event()

    async def receive() -> Message:
        if asked.is_set():
            await asyncio.Event().wait()  # a reader who stays
        asked.set()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= 500:
            _LOG.error("The page %s of the next state answers %d.", path, message["status"])

    await app(scope, receive, send)
