"""Workers answer foreign queries, and none of them can take the pool down."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from argraph.budget import MIB, Budget
from argraph.errors import AnswerTooLarge, BudgetExceeded, EngineFailed, Overloaded, QueryRefused
from argraph.query.engine import Dataset
from argraph.query.pool import Dump, Missing, Pool, Question
from argraph.rdf.snapshots import Publisher, Snapshot

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
BUDGET = Budget(seconds=3.0, rows=5_000, bytes=MIB, memory=256 * MIB)


def iri(name: str) -> ox.NamedNode:
    return ox.NamedNode(f"http://example.org/{name}")


def quads(*names: str) -> list[ox.Quad]:
    return [ox.Quad(iri(name), iri("p"), ox.Literal(name), iri("g")) for name in names]


@pytest.fixture(scope="module")
def publisher() -> Iterator[Publisher]:
    publisher = Publisher.open()
    publisher.publish(quads(*(f"n{i}" for i in range(1000))), "first")
    yield publisher
    publisher.close()


@pytest.fixture(scope="module")
def snapshot(publisher: Publisher) -> Snapshot:
    assert publisher.current is not None
    return publisher.current


@contextlib.asynccontextmanager
async def started(snapshot: Snapshot, **options: object) -> AsyncIterator[Pool]:
    pool = Pool(**({"size": 1, "budget": BUDGET} | options))  # type: ignore[arg-type]
    await pool.start(snapshot)
    try:
        yield pool
    finally:
        await pool.stop()


def with_pool(snapshot: Snapshot, scene: Callable[[Pool], Awaitable[None]], **options: object) -> None:
    async def play() -> None:
        async with started(snapshot, **options) as pool:
            await scene(pool)

    asyncio.run(play())


async def number_of(pool: Pool, text: str = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") -> str:
    for _ in range(20):  # until another worker has come for one that was killed
        try:
            answer = await pool.run(Question(text, rows="csv"))
            break
        except Overloaded:
            continue
    else:
        raise AssertionError("no worker comes")
    return answer.read().decode().splitlines()[-1]


def test_questions_are_answered_in_the_form_that_suits_the_answer(snapshot: Snapshot) -> None:
    async def scene(pool: Pool) -> None:
        rows = await pool.run(Question("SELECT ?o { <http://example.org/n7> ?p ?o }", rows="csv"))
        assert (rows.kind, rows.form, rows.total, rows.read()) == ("rows", "csv", 1, b"o\r\nn7\r\n")
        yes = await pool.run(Question("ASK { <http://example.org/n7> ?p ?o }", rows="json"))
        assert (yes.kind, yes.form, yes.read()) == ("boolean", "json", b'{"head": {}, "boolean": true}')
        graph = await pool.run(Question("DESCRIBE <http://example.org/n7>", rows="csv", graph="ntriples"))
        assert (graph.kind, graph.form, graph.total) == ("graph", "ntriples", 1)
        assert graph.read() == b'<http://example.org/n7> <http://example.org/p> "n7" .\n'

    with_pool(snapshot, scene)


def test_bindings_prefixes_and_dataset_reach_the_engine(snapshot: Snapshot) -> None:
    async def scene(pool: Pool) -> None:
        text = "SELECT ?s ?o { ?s e:p ?o }"
        found = Question(
            text, rows="csv", bindings={"o": ox.Literal("n7")}, prefixes={"e": "http://example.org/"}
        )
        assert (await pool.run(found)).read() == b"s,o\r\nhttp://example.org/n7,n7\r\n"
        empty = Question("ASK { ?s ?p ?o }", dataset=Dataset(default=("http://example.org/none",)))
        assert b"false" in (await pool.run(empty)).read()

    with_pool(snapshot, scene)


def test_only_the_first_rows_are_written_where_that_is_wished_and_all_are_counted(snapshot: Snapshot) -> None:
    async def scene(pool: Pool) -> None:
        few = await pool.run(Question("SELECT ?s { ?s ?p ?o }", rows="csv", shown=2))
        assert (few.total, len(few.read().splitlines())) == (1000, 3)
        triples = await pool.run(Question("CONSTRUCT WHERE { ?s ?p ?o }", graph="ntriples", shown=2))
        assert (triples.total, len(triples.read().splitlines())) == (1000, 2)

    with_pool(snapshot, scene)


def test_a_refused_query_tells_its_place_and_costs_no_worker(snapshot: Snapshot) -> None:
    async def scene(pool: Pool) -> None:
        before = await process(pool)
        with pytest.raises(QueryRefused, match="SERVICE is not permitted") as caught:
            await pool.run(Question("ASK {\n SERVICE <http://example.org/> {} }"))
        assert (caught.value.line, caught.value.column) == (2, 2)
        with pytest.raises(QueryRefused, match="no form of that is among those asked for"):
            await pool.run(Question("ASK {}", rows=None))
        assert await process(pool) == before

    with_pool(snapshot, scene)


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        (SLOW, BudgetExceeded, "longer than the 3 s allowed"),
        ("SELECT * { ?s ?p ?o . ?t ?p ?q }", AnswerTooLarge, "more than the 5,000 rows"),
        ("CONSTRUCT { ?s ?p ?q } { ?s ?p ?o . ?t ?p ?q }", AnswerTooLarge, "more than the 5,000 rows"),
        (
            "SELECT (CONCAT(?g, ?g, ?g, ?g, ?g, ?g, ?g, ?g) AS ?h) { SELECT (GROUP_CONCAT(STR(?s)) AS ?g) "
            "{ ?s ?p ?o . FILTER(?o < 'n5') . "
            "VALUES ?x { 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 } } }",
            AnswerTooLarge,
            "more than the 1 MiB allowed",
        ),
    ],
)
def test_a_query_beyond_the_budget_is_an_error_and_the_next_is_answered(
    snapshot: Snapshot, text: str, error: type[Exception], says: str
) -> None:
    async def scene(pool: Pool) -> None:
        with pytest.raises(error, match=says):
            await pool.run(Question(text))
        assert await number_of(pool) == "1000"

    with_pool(snapshot, scene)


def test_memory_is_limited(snapshot: Snapshot) -> None:
    text = "SELECT ?a ?b { ?a ?p ?o . ?b ?q ?r . ?c ?s ?t } ORDER BY ?r ?o ?t"

    async def scene(pool: Pool) -> None:
        with pytest.raises(AnswerTooLarge, match="more memory than the 64 MiB") as caught:
            await pool.run(Question(text))
        assert (caught.value.limit, caught.value.allowed) == ("memory", 64 * MIB)
        assert await number_of(pool) == "1000"

    with_pool(snapshot, scene, budget=Budget(seconds=20, memory=64 * MIB))


def test_the_time_allowed_can_only_be_lowered(snapshot: Snapshot) -> None:
    async def scene(pool: Pool) -> None:
        for asked, told in ((0.2, "0\\.2 s"), (50, "3 s")):
            with pytest.raises(BudgetExceeded, match=told):
                await pool.run(Question(SLOW), seconds=asked)

    with_pool(snapshot, scene)


async def process(pool: Pool) -> int:
    """The process that answers next, by asking it for its number."""
    (one,) = pool._idle
    return one.process.pid


async def at_work(pid: int) -> None:
    """Wait until a process works."""

    def used() -> int:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    before = used()
    while used() == before:
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGILL])
def test_a_worker_that_dies_fails_its_query_only(snapshot: Snapshot, number: signal.Signals) -> None:
    async def scene(pool: Pool) -> None:
        pid = await process(pool)
        asked = asyncio.create_task(pool.run(Question(SLOW)))
        await at_work(pid)
        os.kill(pid, number)
        with pytest.raises(EngineFailed, match="did not survive"):
            await asked
        assert await number_of(pool) == "1000"
        assert await process(pool) != pid

    with_pool(snapshot, scene)


def test_a_worker_that_died_idle_is_replaced(snapshot: Snapshot) -> None:
    async def scene(pool: Pool) -> None:
        (one,) = pool._idle
        os.kill(one.process.pid, signal.SIGKILL)
        await one.process.wait()
        assert await number_of(pool) == "1000"

    with_pool(snapshot, scene)


def test_a_query_whose_client_has_gone_is_killed(snapshot: Snapshot) -> None:
    async def scene(pool: Pool) -> None:
        pid = await process(pool)
        asked = asyncio.create_task(pool.run(Question(SLOW)))
        await at_work(pid)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert await number_of(pool) == "1000"
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

    with_pool(snapshot, scene, budget=Budget(seconds=30))


def test_a_full_queue_and_a_long_wait_are_told_with_the_time_to_come_again(snapshot: Snapshot) -> None:
    async def scene(pool: Pool) -> None:
        running = asyncio.create_task(pool.run(Question(SLOW)))
        await asyncio.sleep(0)
        waiting = asyncio.create_task(pool.run(Question("ASK {}")))
        await asyncio.sleep(0.05)
        with pytest.raises(Overloaded, match="Too many queries are waiting") as full:
            await pool.run(Question("ASK {}"))
        assert full.value.seconds == 5
        with pytest.raises(Overloaded, match="No worker has come free"):
            await waiting
        with pytest.raises(BudgetExceeded):
            await running
        assert await number_of(pool) == "1000"

    with_pool(snapshot, scene, waiting=1)


def test_whoever_waits_is_served_in_turn(snapshot: Snapshot) -> None:
    async def scene(pool: Pool) -> None:
        numbers = await asyncio.gather(*(number_of(pool, f"SELECT ({i} AS ?n) {{}}") for i in range(40)))
        assert numbers == [str(i) for i in range(40)]

    with_pool(snapshot, scene, size=2)


def test_another_state_is_answered_from_as_soon_as_it_is_published() -> None:
    publisher = Publisher.open()
    first = publisher.publish(quads("a"), "1")

    async def scene(pool: Pool) -> None:
        assert await number_of(pool) == "1"
        running = asyncio.create_task(
            number_of(pool, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . FILTER(RAND() < 2) }")
        )
        await asyncio.sleep(0)
        pool.switch(publisher.publish(quads("a", "b"), "2"))
        assert await running == "1", "what runs is answered from the state that it began with"
        assert await number_of(pool) == "2"
        for _ in range(3000):
            if not first.folder.exists():
                break
            await asyncio.sleep(0.02)
        assert not first.folder.exists(), "nobody reads the old state any more"

    try:
        with_pool(first, scene, size=2)
    finally:
        publisher.close()


def test_a_long_answer_is_read_piece_by_piece(snapshot: Snapshot) -> None:
    async def scene(pool: Pool) -> None:
        answer = await pool.run(Question("SELECT * { ?s ?p ?o } ORDER BY ?s", rows="xml"))
        with answer.body:
            text = b"".join(iter(lambda: answer.body.read(1000), b""))
        assert len(text) == answer.size > 100_000
        assert text.count(b"<result>") == 1000

    with_pool(snapshot, scene)


def test_whole_graphs_are_dumped(snapshot: Snapshot) -> None:
    async def scene(pool: Pool) -> None:
        named = (await pool.run(Dump("http://example.org/g", "ntriples"))).read()
        assert len(named.splitlines()) == 1000
        assert set((await pool.run(Dump("", "ntriples"))).read().splitlines()) == set(named.splitlines())
        quads = (await pool.run(Dump(None, "nquads"))).read().splitlines()
        assert len(quads) == 1000
        assert all(line.endswith(b"<http://example.org/g> .") for line in quads)
        assert (await pool.run(Dump(None, "nquads", without=("http://example.org/g",)))).read() == b""
        with pytest.raises(Missing):
            await pool.run(Dump("http://example.org/none", "ntriples"))

    with_pool(snapshot, scene)


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="seccomp is a part of Linux")
def test_a_worker_has_no_way_out(snapshot: Snapshot, tmp_path: Path) -> None:
    """Without admission in between: what the engine would do, if a call to another server got to it."""
    (tmp_path / "kept").write_text("kept")
    (tmp_path / "empty").mkdir()
    listener = socket.create_server(("127.0.0.1", 0))
    called = threading.Event()

    def listen() -> None:
        with contextlib.suppress(OSError):
            listener.accept()
            called.set()

    threading.Thread(target=listen, daemon=True).start()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    code = f"""
import sys
import pyoxigraph as ox
from argraph.query import worker
store = ox.Store.read_only({str(snapshot.folder)!r})
print(worker.confine({256 * MIB}), flush=True)
def attempt(name, what):
    try:
        what()
        print(name, "done", flush=True)
    except BaseException as error:
        print(name, type(error).__name__, flush=True)
attempt("service", lambda: list(store.query("SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}")))
import os, signal, socket
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
attempt("socket", lambda: socket.create_connection(("127.0.0.1", {listener.getsockname()[1]})))
attempt("program", lambda: os.execv("/bin/true", ["true"]))
attempt("file", lambda: os.write(os.open({str(tmp_path / "written")!r}, os.O_CREAT | os.O_WRONLY), b"x"))
attempt("memory", lambda: len(bytearray({512 * MIB})))
kept, folder = {str(tmp_path / "kept")!r}, {str(tmp_path)!r}
attempt("read", lambda: open(kept).read())
for name, what in {{
    "empty file": lambda: os.open(folder + "/new", os.O_CREAT | os.O_RDONLY),
    "cut off": lambda: os.open(kept, os.O_WRONLY | os.O_TRUNC),
    "truncate": lambda: os.truncate(kept, 0),
    "unlink": lambda: os.unlink(kept),
    "rename": lambda: os.rename(kept, folder + "/other"),
    "replace": lambda: os.replace(kept, folder + "/other"),
    "folder": lambda: os.mkdir(folder + "/made"),
    "no folder": lambda: os.rmdir(folder + "/empty"),
    "link": lambda: os.link(kept, folder + "/link"),
    "symlink": lambda: os.symlink(kept, folder + "/symlink"),
    "mode": lambda: os.chmod(kept, 0),
    "times": lambda: os.utime(kept, (0, 0)),
    "pipe": lambda: os.mkfifo(folder + "/pipe"),
    "attribute": lambda: os.setxattr(kept, "user.x", b"x"),
    "signal": lambda: os.kill(os.getppid(), 0),
}}.items():
    attempt(name, what)
"""
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    said = done.stdout.splitlines()
    assert said[0] == "['memory', 'files', 'sockets']"
    assert said[1] == "service PermissionError"
    assert said[2] == "socket PermissionError"
    assert said[3] == "program PermissionError"
    assert said[4] == "file PermissionError"
    assert said[5] == "memory MemoryError"
    assert said[6] == "read done"
    assert len(said) == 7 + 15
    assert [line for line in said[7:] if not line.endswith(" PermissionError")] == []
    assert {path.name for path in tmp_path.iterdir()} == {"kept", "empty"}
    assert (tmp_path / "kept").read_text() == "kept"
    assert not called.is_set()
    listener.close()
