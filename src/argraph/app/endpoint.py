"""The door through which foreign queries come in: to the pool of workers, and out again as HTTP answers."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import IO, Any, Final, TypeVar
from weakref import WeakSet

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from argraph.app.allowance import Allowances, client_of
from argraph.app.protocol import Problem, unchanged
from argraph.budget import MIB, Budget
from argraph.errors import (
    AnswerTooLarge,
    ArgraphError,
    BudgetExceeded,
    EndpointFailed,
    EngineFailed,
    FormRefused,
    Overloaded,
    QueryRefused,
    StoreFailed,
)
from argraph.query import formats
from argraph.query.pool import Answer, Missing, Pool, Question, Task
from argraph.rdf.states import Publishing, State

T = TypeVar("T")

_LOG: Final = logging.getLogger("argraph.live")

MEDIA: Final = {**formats.ROWS, **formats.GRAPHS} | {
    name: form.media_type for name, form in formats.DUMPS.items()
}
"""Media type of each form of answer."""
_CHUNK: Final = 64 * 1024
_AT_ONCE: Final = 256 * 1024
_UPFRONT: Final = 1.0
_LONG: Final = 64
"""Answers longer than `_AT_ONCE` that are on their way at a time."""
_KEPT: Final = 32 * MIB
"""Bytes of answers that are kept for those who ask the same; each counts for some more than its body."""
_EACH: Final = 1024
_RETRY: Final = "10"
_CHANGING: Final = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID|BNODE)\s*\(", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the server spends on queries.

    Attributes:
        workers: Queries evaluated at the same time.
        waiting: Queries that may wait for a worker.
        budget: What one query may cost.
        client_seconds: Seconds of processing for one client in each minute.
        client_errors: Failed queries of one client in each minute.
    """

    workers: int = 2
    waiting: int = 64
    budget: Budget = field(default_factory=Budget)
    client_seconds: float = 60.0
    client_errors: float = 30.0


class Endpoint:
    """Foreign queries, within their limits.

    Attributes:
        limits: What the server spends.
        pool: The workers.
    """

    def __init__(self, publisher: Publishing, limits: Limits) -> None:
        self.limits = limits
        self.pool = Pool(size=limits.workers, waiting=limits.waiting, budget=limits.budget)
        self._publisher = publisher
        self._shown: State | None = None
        self._held = ""  # version that the store is known to hold
        self._allowances = Allowances(seconds=limits.client_seconds, errors=limits.client_errors)
        self._kept = _Kept()
        self._waiting: WeakSet[IO[bytes]] = WeakSet()

    @property
    def version(self) -> str:
        """Names the state that queries are answered from."""
        assert self._shown is not None  # noqa: S101 - published before the first request
        return self._shown.version

    def publish(self, quads: Iterable[ox.Quad], version: str) -> State:
        """Make a state ready for `switch`; takes its time, and may run in a thread. The first one is shown.

        Raises:
            StoreFailed: It cannot be written.
        """
        return self._keep(lambda: self._publisher.publish(quads, version))

    def advance(
        self,
        before: str,
        version: str,
        *,
        difference: Callable[[], tuple[Collection[ox.Quad], Collection[ox.Quad]]],
        whole: Callable[[], Iterable[ox.Quad]],
    ) -> State:
        """The same for a state that differs little from another one: what differs is written.

        Where the store does not hold the other one, or cannot be amended, all is written.

        Args:
            before: Version of the other one.
            version: Of this one.
            difference: Gives the quads that go, and those that come.
            whole: Gives all quads.

        Raises:
            StoreFailed: It cannot be written.
        """
        if self._held == before:
            gone, new = difference()
            try:
                return self._keep(lambda: self._publisher.amend(gone, new, version))
            except StoreFailed as error:  # such as an engine elsewhere, which cannot find blank nodes
                _LOG.info("The store is written anew, since it cannot be amended: %s", error)
        return self.publish(whole(), version)

    def _keep(self, write: Callable[[], State]) -> State:
        """Write a state, and know what the store holds then."""
        self._held = ""
        state = write()
        self._held = state.version
        self._shown = self._shown or state
        return state

    def switch(self, state: State) -> None:
        """Answer from another state from now on."""
        self._shown = state
        self.pool.switch(state)

    async def start(self) -> None:
        """Start the workers."""
        assert self._shown is not None  # noqa: S101 - likewise
        await self.pool.start(self._shown)

    async def stop(self) -> None:
        """End the workers, and leave the store."""
        await self.pool.stop()
        self._publisher.close()

    async def amend(self, gone: Collection[ox.Quad], new: Collection[ox.Quad], version: str) -> None:
        """Answer from a state with a few quads less and a few more from now on.

        Raises:
            StoreFailed: It cannot be written.
        """

        def write() -> State:
            return self._keep(lambda: self._publisher.amend(gone, new, version))

        self.switch(await asyncio.to_thread(write))

    async def run(self, request: Request, task: Task, *, seconds: float | None = None) -> Answer:
        """Have a query answered for a client; when the client goes, the query ends.

        Raises:
            Problem: It is refused, too costly, or the client has had its share.
        """
        client = client_of(request)
        self._allowances.check(client)
        began = time.monotonic()
        self._allowances.charge(client, seconds=_UPFRONT)
        failed = 1
        try:
            answer = await while_there(request, self.pool.run(task, seconds=seconds))
            failed = 0
            return answer
        except Overloaded as error:
            failed = 0  # not the fault of this client
            raise Problem(503, str(error), headers={"retry-after": str(error.seconds)}) from None
        except Missing:
            raise Problem(404, "There is no such graph in this dataset.") from None
        except EndpointFailed as error:
            failed = 0
            raise problem(error) from None
        except (QueryRefused, BudgetExceeded, AnswerTooLarge, EngineFailed) as error:
            raise problem(error) from None
        finally:
            self._allowances.charge(client, seconds=time.monotonic() - began - _UPFRONT, errors=failed)

    async def respond(self, request: Request, task: Task, *, seconds: float | None = None) -> Response:
        """The answer of a query as HTTP answer, or 304 where the client has it already.

        What was asked before of the same state is answered from memory.

        Raises:
            Problem: As `run`.
        """
        headers = {"vary": "Accept", "cache-control": "no-cache"}
        etag = None
        if not (isinstance(task, Question) and _CHANGING.search(task.text)):
            headers["etag"] = etag = self._etag(task)
            if unchanged(request, etag):
                return Response(status_code=304, headers=headers)
        self._allowances.check(client_of(request))
        kept = self._kept.get(etag)
        if kept is None:
            version = self.version
            answer = await self.run(request, task, seconds=seconds)
            if answer.size > _AT_ONCE:
                self._hold(answer.body)
                headers |= _disposition(answer.form) | {"content-length": str(answer.size)}
                return _Long(answer.body, headers=headers, media_type=MEDIA[answer.form])
            kept = answer.form, answer.read()
            if version == self.version:  # else it may be from either state
                self._kept.put(etag, kept)
        form, body = kept
        return Response(body, headers=headers | _disposition(form), media_type=MEDIA[form])

    def _hold(self, body: IO[bytes]) -> None:
        """Have a long answer wait on disk for its reader, but not too many of them."""
        if sum(not other.closed for other in self._waiting) >= _LONG:
            body.close()
            detail = "Too many long answers are being read: ask again, or for less at a time."
            raise Problem(503, detail, headers={"retry-after": "10"})
        self._waiting.add(body)

    def _etag(self, task: Task) -> str:
        """Weak, since an unordered answer may come in another order the next time."""
        if isinstance(task, Question):
            task = replace(task, bindings=dict(sorted(task.bindings.items())))
        return f'W/"{sha256(repr((self.version, task)).encode()).hexdigest()[:32]}"'


class _Kept:
    """Answers that were given before, by entity tag; the one not asked for longest goes first."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, tuple[str, bytes]] = OrderedDict()
        self._size = 0

    def get(self, etag: str | None) -> tuple[str, bytes] | None:
        """The form and the body of an answer."""
        if etag is None or etag not in self._answers:
            return None
        self._answers.move_to_end(etag)
        return self._answers[etag]

    def put(self, etag: str | None, answer: tuple[str, bytes]) -> None:
        """Keep an answer; without a tag, it is one that changes."""
        if etag is None or etag in self._answers:
            return
        self._answers[etag] = answer
        self._size += len(answer[1]) + _EACH
        while self._size > _KEPT:
            _, (_, body) = self._answers.popitem(last=False)
            self._size -= len(body) + _EACH


def _disposition(form: str) -> dict[str, str]:
    """A spreadsheet may take a cell for a formula, so a browser must not open one by itself."""
    return {"content-disposition": 'attachment; filename="answer.csv"'} if form == "csv" else {}


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def problem(error: ArgraphError) -> Problem:
    """A query that was not answered, as RFC 9457 problem."""
    if isinstance(error, BudgetExceeded):
        return Problem(504, str(error), extra={"limit": "seconds", "allowed": error.seconds})
    if isinstance(error, AnswerTooLarge):
        return Problem(422, str(error), extra={"limit": error.limit, "allowed": error.allowed})
    if isinstance(error, FormRefused):
        return Problem(406, str(error))
    if isinstance(error, EndpointFailed):
        if error.status in {None, 429, 503}:
            return Problem(503, str(error), headers={"retry-after": _RETRY})
        return Problem(502, str(error))
    if isinstance(error, QueryRefused):
        place = {"line": error.line, "column": error.column} if error.line else {}
        return Problem(400, str(error), extra=place)
    return Problem(500, str(error))


class Gone(Exception):
    """The client left before its answer was there."""


async def while_there(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Work for a client as long as it waits for the answer.

    Raises:
        Gone: It left.
    """
    task = asyncio.create_task(work)
    gone = asyncio.create_task(_departure(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Gone
        return await task
    finally:
        gone.cancel()
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError, ArgraphError):
                await task


async def _departure(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


class _Long(StreamingResponse):
    """An answer from a file, which is closed when it is read or its reader has gone."""

    def __init__(self, body: IO[bytes], *, headers: dict[str, str], media_type: str) -> None:
        super().__init__(iter(lambda: body.read(_CHUNK), b""), headers=headers, media_type=media_type)
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        with self._body:
            await super().__call__(scope, receive, send)
