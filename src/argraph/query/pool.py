"""Foreign queries, each in a process that can be killed.

The engine cannot be told to stop, and a query can exhaust the memory or the stack of the process that runs
it. So the server's own process never evaluates one: it hands it to a worker, waits no longer than the time
allowed, and kills the worker otherwise. A worker answers one query at a time and goes on to the next when all
went well.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final, TypeAlias

import pyoxigraph as ox

import argraph
from argraph import vocab
from argraph.budget import Budget
from argraph.errors import (
    AnswerTooLarge,
    BudgetExceeded,
    EndpointFailed,
    EngineFailed,
    FormRefused,
    Overloaded,
    QueryRefused,
)
from argraph.query import formats, worker
from argraph.query.engine import Dataset, Term
from argraph.rdf.states import State

_PATHS: Final = tuple(str(Path(str(module.__file__)).parents[1]) for module in (argraph, ox))
_IN_MEMORY: Final = 256 * 1024  # a longer answer waits for its reader in a file
_BOOT: Final = 30.0
_RETRY: Final = 5


@dataclass(frozen=True, slots=True)
class Question:
    """A query and the form that its answer is to have.

    Attributes:
        text: SPARQL 1.1.
        rows: Format of `formats.ROWS` for rows and for yes or no; None where these are not wanted.
        graph: Format of `formats.GRAPHS` for a graph; likewise.
        bindings: As `engine.run` takes them.
        prefixes: As `engine.run` takes them.
        dataset: As `engine.run` takes it.
        base: As `engine.run` takes it.
        shown: Only so many rows or triples are written; all are counted.
        truths: Columns that hold yes or no. Of use to engines elsewhere that have numbers for these.
    """

    text: str
    rows: str | None = "json"
    graph: str | None = "turtle"
    bindings: Mapping[str, Term] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=lambda: vocab.PREFIXES)
    dataset: Dataset | None = None
    base: str | None = None
    shown: int | None = None
    truths: tuple[str, ...] = ()

    def request(self, budget: Budget) -> dict[str, Any]:
        """What the worker is sent."""
        return {
            "text": self.text,
            "forms": {"rows": self.rows, "graph": self.graph},
            "bindings": {name: formats.told_of(term) for name, term in self.bindings.items()},
            "prefixes": dict(self.prefixes),
            "dataset": self.dataset and [self.dataset.default, self.dataset.named],
            "base": self.base,
            "shown": self.shown,
            "truths": self.truths,
            "rows": budget.rows,
            "bytes": budget.bytes,
        }


@dataclass(frozen=True, slots=True)
class Dump:
    """A whole graph.

    Attributes:
        graph: Its IRI; empty for the default graph; None for all named graphs but those left out, as such
            where the format can hold several, else merged.
        form: A format of `formats.DUMPS`.
        prefixes: For formats that shorten IRIs.
        without: IRIs of named graphs to leave out.
    """

    graph: str | None
    form: str
    prefixes: Mapping[str, str] = field(default_factory=lambda: vocab.PREFIXES)
    without: tuple[str, ...] = ()

    def request(self, budget: Budget) -> dict[str, Any]:
        """What the worker is sent."""
        return {
            "dump": self.graph,
            "form": self.form,
            "prefixes": dict(self.prefixes),
            "without": self.without,
        }


Task: TypeAlias = Question | Dump


@dataclass(slots=True)
class Answer:
    """A complete answer.

    Attributes:
        kind: `rows`, `boolean` or `graph`.
        form: Its format.
        total: How many rows or triples there are; 0 for a dump.
        body: The answer as written, at its beginning; to be closed by whoever reads it.
        size: Of the body in bytes.
    """

    kind: str
    form: str
    total: int
    body: IO[bytes]
    size: int

    def read(self) -> bytes:
        """The whole body at once; closes it."""
        with self.body:
            return self.body.read()


class Missing(Exception):
    """There is no such graph to dump."""


class _Died(Exception):
    pass


class _Late(Exception):
    """An engine elsewhere gave up in time."""


class Pool:
    """Workers on the current state.

    All methods belong to the event loop that `start` ran in.

    Attributes:
        budget: What one query may cost.
        enforced: What the system enforces on workers: some of `memory`, `files`, `sockets`.
    """

    def __init__(self, *, size: int = 2, waiting: int = 64, budget: Budget | None = None) -> None:
        self.budget = budget or Budget()
        self.enforced: tuple[str, ...] = ()
        self._size = size
        self._waiting = waiting
        self._state: State | None = None
        self._idle: list[_Worker] = []
        self._wanting: deque[asyncio.Future[_Worker]] = deque()
        self._errands: set[asyncio.Task[None]] = set()
        self._all: set[_Worker] = set()
        self._closed = False

    async def start(self, state: State) -> None:
        """Start the workers.

        Raises:
            EngineFailed: They do not come up.
        """
        self._state = state
        workers = await asyncio.gather(*(_Worker.hire(state, self.budget.memory) for _ in range(self._size)))
        self._all.update(workers)
        self._idle.extend(workers)
        self.enforced = workers[0].enforced

    def switch(self, state: State) -> None:
        """Answer from another state from now on; queries that run are answered from the old one."""
        self._state = state
        leaving, self._idle = self._idle, []
        for one in leaving:
            self._replace(one)

    async def stop(self) -> None:
        """End all workers at once."""
        self._closed = True
        for wanting in self._wanting:
            wanting.cancel()
        for errand in self._errands:
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)
        for one in list(self._all):
            self._all.discard(one)
            await one.dismiss()

    async def run(self, task: Task, *, seconds: float | None = None) -> Answer:
        """Have a task done; when the caller is cancelled, its worker is killed.

        Args:
            task: What to do.
            seconds: Time allowed where that is less than the budget's; waiting for a free worker counts.

        Raises:
            QueryRefused: The query is malformed or not permitted.
            BudgetExceeded: It took too long.
            AnswerTooLarge: It needs more rows, bytes or memory than allowed.
            EngineFailed: The engine did not survive it.
            Overloaded: Too many wait, no worker came free in half the time, or what is asked is just being
                replaced.
            EndpointFailed: The engine elsewhere that is asked cannot answer.
            Missing: There is no such graph to dump.
        """
        allowed = min(self.budget.seconds, seconds or self.budget.seconds)
        end = asyncio.get_running_loop().time() + allowed
        one = await self._take(allowed / 2)
        well = False
        try:
            async with asyncio.timeout_at(end):
                answer = await one.do({**task.request(self.budget), "seconds": allowed}, self.budget)
                well = True
                return answer
        except TimeoutError:
            raise BudgetExceeded("The query", allowed) from None
        except _Died:
            raise _post_mortem(await one.dismiss(), self.budget) from None
        except _Late:
            well = True
            raise BudgetExceeded("The query", allowed) from None
        except (QueryRefused, AnswerTooLarge, EndpointFailed, Overloaded, Missing):
            well = True
            raise
        finally:
            if well:
                self._give(one)
            else:
                self._replace(one)

    async def _take(self, patience: float) -> _Worker:
        while self._idle:
            one = self._idle.pop()
            if one.process.returncode is None:
                return one
            self._replace(one)  # it died while it had nothing to do
        if len(self._wanting) >= self._waiting:
            raise Overloaded("Too many queries are waiting for an answer.", _RETRY)
        wanted: asyncio.Future[_Worker] = asyncio.get_running_loop().create_future()
        self._wanting.append(wanted)
        try:
            async with asyncio.timeout(patience):
                return await wanted
        except TimeoutError:
            raise Overloaded("No worker has come free for this query.", _RETRY) from None
        except asyncio.CancelledError:
            if wanted.done() and not wanted.cancelled():
                self._give(wanted.result())  # it came too late
            raise
        finally:
            if wanted in self._wanting:
                self._wanting.remove(wanted)

    def _give(self, one: _Worker) -> None:
        """A worker is free."""
        if one.state is not self._state or self._closed:
            self._replace(one)
            return
        while self._wanting:
            wanted = self._wanting.popleft()
            if not wanted.done():
                wanted.set_result(one)
                return
        self._idle.append(one)

    def _replace(self, one: _Worker) -> None:
        """Kill a worker and have another one come in its place."""
        one.kill()

        async def bury() -> None:
            await one.dismiss()  # the system may need a while to take its memory back
            self._all.discard(one)

        async def hire() -> None:
            while not self._closed:
                assert self._state is not None  # noqa: S101 - `start` has set it
                try:
                    fresh = await _Worker.hire(self._state, self.budget.memory)
                except EngineFailed:
                    await asyncio.sleep(1.0)  # the machine may be short of something for a while
                    continue
                self._all.add(fresh)
                self._give(fresh)
                return

        for task in (asyncio.create_task(bury()), asyncio.create_task(hire())):
            self._errands.add(task)
            task.add_done_callback(self._errands.discard)


@dataclass(eq=False, slots=True)
class _Worker:
    """One process; see `worker`."""

    process: Process
    state: State
    enforced: tuple[str, ...] = ()
    gone: bool = field(default=False, repr=False)

    @classmethod
    async def hire(cls, state: State, memory: int) -> _Worker:
        command = (
            sys.executable,
            "-S",
            "-I",
            str(worker.__file__),
            str(memory),
            *_PATHS,
        )
        state.enter()
        one = None
        ready = False
        try:
            process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
            one = cls(process, state)
            async with asyncio.timeout(_BOOT):
                await one._send(dict(state.place))
                _, told = await one._receive()
            one.enforced = tuple(json.loads(told)["enforced"])
            ready = True
            return one
        except (_Died, OSError, TimeoutError) as error:
            raise EngineFailed("The query engine does not start.") from error
        finally:
            if one is None:
                state.leave()
            elif not ready:
                await one.dismiss()

    async def do(self, request: dict[str, Any], budget: Budget) -> Answer:
        await self._send(request)
        _, told = await self._receive()
        head = json.loads(told)
        body = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - its reader closes it
        try:
            while (frame := await self._receive())[0] == worker.BODY:
                body.write(frame[1])
            if fault := head.get("fault"):
                raise _fault(fault, head, budget)
        except BaseException:
            body.close()
            raise
        size = body.tell()
        body.seek(0)
        return Answer(head["kind"], head["form"], head["total"], body, size)

    async def _send(self, request: Mapping[str, Any]) -> None:
        payload = json.dumps(request).encode()
        assert self.process.stdin is not None  # noqa: S101 - it was asked for
        self.process.stdin.write(worker.FRAME.pack(len(payload), worker.REQUEST) + payload)
        try:
            await self.process.stdin.drain()
        except ConnectionError:
            raise _Died from None

    async def _receive(self) -> tuple[int, bytes]:
        assert self.process.stdout is not None  # noqa: S101 - it was asked for
        try:
            size, kind = worker.FRAME.unpack(await self.process.stdout.readexactly(worker.FRAME.size))
            return kind, await self.process.stdout.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise _Died from None

    def kill(self) -> None:
        if self.process.returncode is None:
            # Not `process.kill()`: that asks for the exit code, and then nobody else gets it.
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)

    async def dismiss(self) -> int:
        """Kill it, wait for its end, and leave the state; returns the exit code."""
        self.kill()
        code = await self.process.wait()
        if not self.gone:
            self.gone = True
            self.state.leave()
        return code


def _fault(fault: str, head: Mapping[str, Any], budget: Budget) -> Exception:
    if fault == "refused":
        return QueryRefused(head["message"], line=head["line"], column=head["column"])
    if fault == "form":
        return FormRefused(head["message"])
    if fault == "missing":
        return Missing()
    if fault == "late":
        return _Late()
    if fault == "busy":
        return Overloaded(head["message"], head["seconds"])
    if fault == "elsewhere":
        return EndpointFailed(head["message"], status=head["status"])
    return AnswerTooLarge(fault, head.get("allowed", budget.memory))


def _post_mortem(code: int, budget: Budget) -> AnswerTooLarge | EngineFailed:
    """What the end of a worker means: an allocation that fails aborts the engine."""
    if code in {-6, -9}:
        return AnswerTooLarge("memory", budget.memory)
    return EngineFailed(
        "The query engine did not survive this query. A simpler one may: fewer nested groups and paths."
    )
