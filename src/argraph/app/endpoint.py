"""The door through which foreign queries come in: to the pool of workers, and out again as HTTP answers."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import IO, Any, Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from argraph.app.allowance import Allowances
from argraph.app.protocol import Problem, unchanged
from argraph.budget import Budget
from argraph.errors import (
    AnswerTooLarge,
    ArgraphError,
    BudgetExceeded,
    EngineFailed,
    Overloaded,
    QueryRefused,
)
from argraph.query import formats
from argraph.query.pool import Answer, Missing, Pool, Question, Task
from argraph.rdf.snapshots import Publisher

MEDIA: Final = {**formats.ROWS, **formats.GRAPHS} | {
    name: form.media_type for name, form in formats.DUMPS.items()
}
"""Media type of each form of answer."""
_CHUNK: Final = 64 * 1024
_AT_ONCE: Final = 256 * 1024
_UPFRONT: Final = 1.0
_CHANGING: Final = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID|BNODE)\s*\(", re.IGNORECASE)
_WHERE: Final = {
    "csv": "attachment"
}  # a spreadsheet may take a cell for a formula; a browser must not open it


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

    def __init__(self, publisher: Publisher, limits: Limits) -> None:
        self.limits = limits
        self.pool = Pool(size=limits.workers, waiting=limits.waiting, budget=limits.budget)
        self._publisher = publisher
        self._allowances = Allowances(seconds=limits.client_seconds, errors=limits.client_errors)

    @property
    def version(self) -> str:
        """Names the state that queries are answered from."""
        assert self._publisher.current is not None  # noqa: S101 - published before the first request
        return self._publisher.current.version

    async def start(self) -> None:
        """Start the workers."""
        assert self._publisher.current is not None  # noqa: S101 - likewise
        await self.pool.start(self._publisher.current)

    async def stop(self) -> None:
        """End the workers, and leave the store."""
        await self.pool.stop()
        self._publisher.close()

    async def run(self, request: Request, task: Task, *, seconds: float | None = None) -> Answer:
        """Have a query answered for a client; when the client goes, the query ends.

        Raises:
            Problem: It is refused, too costly, or the client has had its share.
        """
        client = request.client.host if request.client else ""
        self._allowances.check(client)
        began = time.monotonic()
        self._allowances.charge(client, seconds=_UPFRONT)
        failed = 1
        try:
            answer = await _while_there(request, self.pool.run(task, seconds=seconds))
            failed = 0
            return answer
        except Overloaded as error:
            failed = 0  # not the fault of this client
            raise Problem(503, str(error), headers={"retry-after": str(error.seconds)}) from None
        except Missing:
            raise Problem(404, "There is no such graph in this dataset.") from None
        except (QueryRefused, BudgetExceeded, AnswerTooLarge, EngineFailed) as error:
            raise problem(error) from None
        finally:
            self._allowances.charge(client, seconds=time.monotonic() - began - _UPFRONT, errors=failed)

    async def respond(self, request: Request, task: Task, *, seconds: float | None = None) -> Response:
        """The answer of a query as HTTP answer, or 304 where the client has it already.

        Raises:
            Problem: As `run`.
        """
        headers = {"vary": "Accept", "cache-control": "no-cache"}
        if not (isinstance(task, Question) and _CHANGING.search(task.text)):
            headers["etag"] = self._etag(task)
            if unchanged(request, headers["etag"]):
                return Response(status_code=304, headers=headers)
        answer = await self.run(request, task, seconds=seconds)
        media = MEDIA[answer.form]
        if answer.form in _WHERE:
            headers["content-disposition"] = f'{_WHERE[answer.form]}; filename="answer.{answer.form}"'
        if answer.size <= _AT_ONCE:
            return Response(answer.read(), headers=headers, media_type=media)
        headers["content-length"] = str(answer.size)
        return StreamingResponse(_chunks(answer.body), headers=headers, media_type=media)

    def _etag(self, task: Task) -> str:
        """Weak, since an unordered answer may come in another order the next time."""
        if isinstance(task, Question):
            task = replace(task, bindings=dict(sorted(task.bindings.items())))
        return f'W/"{sha256(repr((self.version, task)).encode()).hexdigest()[:32]}"'


def problem(error: ArgraphError) -> Problem:
    """A query that was not answered, as RFC 9457 problem."""
    if isinstance(error, BudgetExceeded):
        return Problem(504, str(error), extra={"limit": "seconds", "allowed": error.seconds})
    if isinstance(error, AnswerTooLarge):
        return Problem(422, str(error), extra={"limit": error.limit, "allowed": error.allowed})
    if isinstance(error, QueryRefused):
        place = {"line": error.line, "column": error.column} if error.line else {}
        return Problem(400, str(error), extra=place)
    return Problem(500, str(error))


class Gone(Exception):
    """The client left before its answer was there."""


async def _while_there(request: Request, work: Coroutine[Any, Any, Answer]) -> Answer:
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


def _chunks(body: IO[bytes]) -> Iterator[bytes]:
    with body:
        while chunk := body.read(_CHUNK):
            yield chunk
