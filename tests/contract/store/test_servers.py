"""Servers of argraph that have no store of their own: several of them over one engine."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from unittest import mock

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from argraph.app.cli import main
from argraph.app.endpoint import Endpoint, Limits
from argraph.query.pool import Question
from argraph.rdf.remote import Engine, Graphs
from argraph.rdf.replica import MARKS, Overtaken, Replica
from argraph.workspace import Workspace

from ..app.serving import Server, within
from ..app.serving import running as started_server
from ..app.test_live import SMALL, House, objection
from .conftest import REMOTE, emptied
from .engines import Running

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
NAMED = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { <https://example.org/later/ob-engine-one> a ?kind } }"


@pytest.fixture
def virtuoso(started: dict[str, Running]) -> Running:
    engine = started["virtuoso"]
    emptied(engine)
    return engine


@contextmanager
def serving(engine: Running, *options: str) -> Iterator[Server]:
    with (
        mock.patch.dict(os.environ, engine.environment()),
        started_server("--store", engine.url, "--workers", "1", *options) as server,
    ):
        yield server


@pytest.fixture
def engine(virtuoso: Running) -> Iterator[Engine]:
    engine = virtuoso.engine()
    yield engine
    engine.close()


def marks(engine: Engine) -> set[tuple[str, ...]]:
    rows = engine.select("SELECT ?s ?p ?o { ?s ?p ?o }", Graphs((MARKS,))).rows
    return {tuple(str(value) for value in row) for row in rows}


def count(server: Server, query: str = COUNT) -> int:
    reply = server.ask(query=query)
    assert reply.status == 200, reply.body
    return int(json.loads(reply.body)["results"]["bindings"][0]["n"]["value"])


def test_two_servers_share_one_engine_and_the_second_writes_nothing(
    virtuoso: Running, engine: Engine
) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(serving(virtuoso))
        written = marks(engine)
        total = count(first)
        second = stack.enter_context(serving(virtuoso))
        assert marks(engine) == written
        assert count(second) == total > 10_000
        for server in (first, second):
            reply = server.ask("/queries/most-objected?format=csv")
            assert reply.status == 200
            assert reply.body == first.ask("/queries/most-objected?format=csv").body
            assert server.ask("/").status == 200
        assert first.ask(query="SELECT ?s { ?s ?p ?o }").problem()["limit"] == "rows"
        assert first.ask(query="SELECT ?g { GRAPH ?g { ?x a arg:Contribution } }").status == 200


def test_two_servers_that_start_at_once_on_an_empty_engine_write_one_state(
    virtuoso: Running, engine: Engine
) -> None:
    with (
        ExitStack() as stack,
        ThreadPoolExecutor(2) as threads,
        mock.patch.dict(os.environ, virtuoso.environment()),
    ):
        command = ("--store", virtuoso.url, "--workers", "1")
        starts = [threads.submit(lambda: stack.enter_context(started_server(*command))) for _ in range(2)]
        servers = [start.result() for start in starts]
        merged = [mark for mark in marks(engine) if mark[1].endswith("#number>")]
        assert len(merged) == 1
        assert not [mark for mark in marks(engine) if mark[1].endswith("#writer>")]
        assert count(servers[0]) == count(servers[1]) > 10_000


def test_a_changed_file_costs_its_graph_and_servers_of_the_old_files_say_so(
    virtuoso: Running, engine: Engine, tmp_path: Path, root: Path
) -> None:
    graph = tmp_path / "graph"
    shutil.copytree(root / "tests/contract/queries", graph, ignore=shutil.ignore_patterns("*.csv"))
    (graph / "more.ttl").write_text('<https://example.org/x> <https://example.org/y> "1" .', encoding="utf-8")
    ask = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { <https://example.org/x> ?p ?o } }"
    with serving(virtuoso, "--graph", str(graph)) as old:
        assert count(old, ask) == 1
        before = {mark for mark in marks(engine) if mark[1].endswith("#digest>")}
        (graph / "more.ttl").write_text('<https://example.org/x> <https://example.org/y> "1", "2" .')
        with serving(virtuoso, "--graph", str(graph)) as new:
            assert count(new, ask) == 2
            after = {mark for mark in marks(engine) if mark[1].endswith("#digest>")}
            changed = {mark[0].rpartition("/")[2].strip("<>") for mark in after - before}
            assert changed == {"more.ttl", "derived", "statistics"}
            assert count(old, ask) == 1  # an answer kept from before, so of the state that its pages show
            told = old.ask(query=f"{ask} LIMIT 1")
            assert told.status == 503
            assert "restart this one" in told.problem()["detail"]
            assert old.ask("/").status == 200


SAVED = """\
#+ title: Which statements are assumed?
#+ summary: A row is a statement, and whether it is a thesis.
#+ column statement: iri
#+ column thesis: boolean
SELECT ?statement (BOUND(?kind) AS ?thesis) {
  ?statement arg:status ?status
  OPTIONAL { ?statement a ?kind FILTER(?kind = arg:Thesis) }
}
ORDER BY ?statement LIMIT 3
"""


def test_a_saved_query_dropped_into_a_folder_is_published_once_for_all_servers(
    virtuoso: Running, engine: Engine, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(virtuoso, "--queries", str(tmp_path))) for _ in range(2)]
        (tmp_path / "dropped.rq").write_text(SAVED, encoding="utf-8")
        told = [server.ask("/queries/dropped?format=json") for server in servers]
        assert [reply.status for reply in told] == [200, 200], [reply.body for reply in told]
        rows = [json.loads(reply.body)["results"]["bindings"] for reply in told]
        assert rows[0] == rows[1]
        assert {row["thesis"]["value"] for row in rows[0]} == {"false"}
        ask = (
            "SELECT (COUNT(DISTINCT ?q) AS ?n) "
            '{ GRAPH ?g { ?q rdfs:label|rdfs:comment ?t FILTER(CONTAINS(?t, "assumed?")) } }'
        )
        assert [count(server, ask) for server in servers] == [1, 1]
        merged = [mark for mark in marks(engine) if mark[1].endswith("#number>")]
        assert len(merged) == 2  # without the query, and with it


@pytest.mark.parametrize("name", REMOTE)
def test_what_one_server_accepts_another_shows_from_the_state_that_the_engine_holds_already(
    name: str, started: dict[str, Running], tmp_path: Path
) -> None:
    running_engine = started[name]
    emptied(running_engine)
    graph, data = tmp_path / "debate", tmp_path / "data"
    graph.mkdir()
    shutil.copy(SMALL, graph)
    folders = ("--graph", str(graph), "--data", str(data))
    with ExitStack() as stack, closing(running_engine.engine()) as engine:
        first = House(stack.enter_context(serving(running_engine, *folders)), graph, data)
        server = stack.enter_context(serving(running_engine, *folders, "--follow", "0.2"))
        second = House(server, graph, data)
        assert second.zebras("engine") == []
        first.accepted(objection("engine-one"))
        within(lambda: second.page("/id/ob-engine-one").status == 200)
        within(lambda: second.server.ask(query=f"{NAMED} # 1").status == 200)
        # Both answer what asks graphs by name, so both are of the version that the engine's graphs are of.
        for house in (first, second):
            assert house.zebras("engine") == ["one"]
            assert count(house.server, NAMED) == 1
        told = marks(engine)
        assert len([mark for mark in told if mark[1].endswith("#number>")]) == 2  # before and after
        assert not [mark for mark in told if mark[1].endswith("#writer>")]


def test_a_server_that_follows_never_brings_an_older_state_back(running: Running) -> None:
    emptied(running)

    def quads(number: str) -> list[ox.Quad]:
        name = ox.NamedNode("http://example.org/g1")
        return [ox.Quad(name, ox.NamedNode("http://example.org/is"), ox.Literal(number), name)]

    def held(engine: Engine) -> str:
        (mark,) = (mark[2] for mark in marks(engine) if mark[1].endswith("#graphs>"))
        return mark.strip('"')

    with closing(running.engine()) as engine:
        first, second = Replica(running.engine()), Replica(running.engine(), yields=True)
        for version in ("1", "2"):
            first.publish(quads(version), version)
        second.publish(quads("1"), "1")  # read before the first went on: it is there still, and shown
        assert held(engine) == "2"
        first.publish(quads("3"), "3")
        second.publish(quads("2"), "2")
        first.publish(quads("4"), "4")
        with pytest.raises(Overtaken):
            second.publish(quads("2"), "2")  # no longer there
        assert held(engine) == "4"
        assert second.written == []
        second.publish(quads("5"), "5")  # its files were read after it had seen the fourth, so they are newer
        assert held(engine) == "5"
        first.publish(quads("5"), "5")
        assert first.written == ["http://example.org/g1"] * 4
        first.close()
        second.close()


def test_an_engine_that_is_gone_is_told_and_pages_go_on(virtuoso: Running, tmp_path: Path) -> None:
    with serving(virtuoso, "--queries", str(tmp_path)) as server:
        assert count(server) > 10_000
        virtuoso.stop()
        try:
            told = server.ask(query="SELECT ?other { ?other ?p ?o } LIMIT 1")
            assert told.status == 503
            assert told.headers["retry-after"] == "10"
            assert "cannot be reached" in told.problem()["detail"]
            assert "dba" not in told.problem()["detail"]
            assert server.ask("/").status == 200
            assert server.ask("/healthz").status == 200
            (tmp_path / "dropped.rq").write_text(SAVED, encoding="utf-8")
            assert server.ask("/queries?format=json").status == 200
            assert server.ask("/queries/dropped?format=json").status in {404, 503}
        finally:
            virtuoso.start()
        assert server.ask("/queries/dropped?format=json").status == 200
        assert count(server, COUNT + " LIMIT 1") > 10_000


def test_an_engine_that_cannot_be_used_stops_the_start_with_the_reason() -> None:
    for options, says, code in (
        (("--store", "http://127.0.0.1:1/sparql"), "cannot be reached: nothing listens there", 3),
        (("--store", "http://me:secret@127.0.0.1:1/sparql"), "Credentials do not belong", 3),
        (("--engine", "virtuoso"), "are about an engine", 2),
        (("--store", "somewhere", "--store-update", "http://127.0.0.1:1/"), "are about an engine", 2),
    ):
        told = CliRunner().invoke(main, ["serve", "--port", "0", *options])
        assert told.exit_code == code, told.output
        assert says in told.output
        assert "secret" not in told.output


def test_a_state_that_is_shown_later_is_asked_from_then_on(
    virtuoso: Running, engine: Engine, tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in virtuoso.environment().items():
        monkeypatch.setenv(name, value)
    graph = tmp_path / "graph"
    shutil.copytree(root / "tests/contract/queries", graph, ignore=shutil.ignore_patterns("*.csv"))
    workspace = Workspace.open(graph)
    question = Question("ASK { GRAPH ?g { <https://example.org/x> ?p ?o } <https://example.org/x> ?p ?o }")
    bare = Question("ASK { <https://example.org/x> ?p ?o }")

    async def play() -> None:
        endpoint = Endpoint(Replica(engine), Limits(workers=1))
        endpoint.publish(workspace.quads(), workspace.version)
        await endpoint.start()
        try:
            assert b"false" in (await endpoint.pool.run(question)).read()
            (graph / "more.ttl").write_text('<https://example.org/x> <https://example.org/y> "1" .')
            later = workspace.reopened()
            shown = await asyncio.to_thread(endpoint.publish, later.quads(), later.version)
            assert b"false" in (await endpoint.pool.run(bare)).read()  # still the state that is shown
            endpoint.switch(shown)
            assert b"true" in (await endpoint.pool.run(question)).read()
        finally:
            await endpoint.stop()

    asyncio.run(play())
