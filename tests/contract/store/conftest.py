"""The same tests for every place that answers: this process's own workers, and engines elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import NamedTuple

import pyoxigraph as ox
import pytest

from argraph.budget import Budget
from argraph.query.pool import Pool, Task
from argraph.rdf.remote import Graphs
from argraph.rdf.replica import MARKS, Replica
from argraph.rdf.snapshots import Publisher
from argraph.rdf.states import Publishing, State

from . import engines
from .engines import Running

REMOTE = ("oxigraph", "virtuoso")
KINDS = ("embedded", *REMOTE)


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Running]]:
    """The engines that run so far; all are stopped at the end."""
    with ExitStack() as stack:
        stack.callback(lambda: None)
        yield _Started(stack, tmp_path_factory)


class _Started(dict[str, Running]):
    def __init__(self, stack: ExitStack, folders: pytest.TempPathFactory) -> None:
        super().__init__()
        self._stack = stack
        self._folders = folders

    def __missing__(self, name: str) -> Running:
        run = {"oxigraph": engines.oxigraph, "virtuoso": engines.virtuoso}[name]
        self[name] = running = self._stack.enter_context(run(self._folders.mktemp(name)))
        return running


@pytest.fixture(scope="session", params=REMOTE)
def running(request: pytest.FixtureRequest, started: dict[str, Running]) -> Running:
    """An engine elsewhere, with whatever earlier tests have left in it."""
    return started[request.param]


@pytest.fixture(scope="session", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Where the answers come from."""
    return str(request.param)


class Told(NamedTuple):
    """An answer: what it is, how many rows or triples, and as written."""

    kind: str
    total: int
    body: bytes


@dataclass
class Place:
    """A place that is written to and asked.

    Attributes:
        kind: One of `KINDS`.
        publisher: Writes.
        running: The engine elsewhere; None for the embedded one.
    """

    kind: str
    publisher: Publishing
    running: Running | None
    budget: Budget = field(default_factory=lambda: Budget(seconds=20))
    state: State | None = None

    def hold(self, quads: Iterable[ox.Quad], version: str) -> None:
        """Publish a state."""
        self.state = self.publisher.publish(quads, version)

    def answers(self, *tasks: Task, seconds: float | None = None) -> list[Told | Exception]:
        """What is answered, one after the other; errors among them."""
        return asyncio.run(self._answers(tasks, seconds))

    async def _answers(self, tasks: tuple[Task, ...], seconds: float | None) -> list[Told | Exception]:
        assert self.state is not None
        pool = Pool(size=1, budget=self.budget)
        found: list[Told | Exception] = []
        try:
            await pool.start(self.state)
            for task in tasks:
                try:
                    answer = await pool.run(task, seconds=seconds)
                    found.append(Told(answer.kind, answer.total, answer.read()))
                except Exception as error:
                    found.append(error)
        finally:
            await pool.stop()
        return found

    def answer(self, task: Task, *, seconds: float | None = None) -> bytes:
        """The answer as written; an error is raised."""
        (found,) = self.answers(task, seconds=seconds)
        if isinstance(found, Exception):
            raise found
        return found.body


DIRECT = tuple(f"http://example.org/{name}" for name in ("g", "g1", "g2", "g3", "a", "b", "c", "hidden"))
"""Graphs that tests write without argraph's marks."""


def emptied(running: Running) -> None:
    """Remove from an engine what argraph and the tests have written there."""
    engine = running.engine()
    found = engine.select("SELECT DISTINCT ?s { ?s ?p ?o }", Graphs((MARKS,)))
    marked = {term.value for (term,) in found.rows if isinstance(term, ox.NamedNode)}
    for graph in {*marked, *DIRECT}:
        engine.delete(graph)
    assert engine.count(MARKS) == 0
    engine.close()


@pytest.fixture
def place(kind: str, started: dict[str, Running], monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """An empty place."""
    running = started[kind] if kind in REMOTE else None
    publisher: Publishing
    if running is None:
        publisher = Publisher.open()
    else:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        emptied(running)
        publisher = Replica(running.engine())
    yield Place(kind, publisher, running)
    publisher.close()
