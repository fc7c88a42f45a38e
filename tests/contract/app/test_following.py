"""A change of one file costs what it changes: nothing else is read again, and no process starts anew."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from weakref import ref

import httpx
import pyoxigraph as ox
import pytest

from argraph.app import gate as gates
from argraph.app.api import create_app
from argraph.app.desk import Desk, Records, Refused
from argraph.app.gate import Care, Gate
from argraph.app.live import Live
from argraph.contribution.ledger import Entry
from argraph.errors import BrokenGraph, StoreFailed
from argraph.rdf import store as stores
from argraph.rdf.snapshots import Publisher, in_memory
from argraph.rdf.store import Store
from argraph.workspace import Workspace

from ... import contributed
from ...hostile_files import files
from ...ledgers import ADA, RUTH
from .test_gate import children, examiners

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")

SMALL = Path(__file__).parents[1] / "queries" / "debate.ttl"
SLOW = files()["steps in a ring"]
PATIENT = Care(seconds=60.0)
"""For a machine that runs other tests."""


def objection(name: str, end: str = "th-naps") -> bytes:
    return contributed.objection(name, end, "https://example.org/later/")


class House:
    """A server in this process."""

    def __init__(self, app: Live, graph: Path) -> None:
        self.app = app
        self.graph = graph
        assert app.lasting.desk is not None
        self.desk: Desk = app.lasting.desk

    @property
    def workspace(self) -> Workspace:
        return self.app.state.workspace

    async def accepted(self, name: str, **given: Any) -> Entry:
        entry = await self.desk.submit(f"{name}.ttl", given.pop("data", objection(name)), by=ADA, **given)
        return await self.desk.accept(entry.id, by=RUTH)

    async def page(self, path: str) -> int:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://debate.example") as client:
            return (await client.get(path, headers={"accept": "text/html"})).status_code

    def asked(self) -> set[ox.Quad]:
        """What queries are answered from."""
        shown = self.app.lasting.endpoint._shown
        assert shown is not None
        return set(ox.Store.read_only(shown.place["folder"]))

    def agrees(self) -> None:
        """All that is shown and asked is that of the folder, opened anew."""
        workspace, anew = self.workspace, self.workspace.reopened(self.workspace.archive.chronicle)
        assert workspace.version == anew.version
        assert dict(workspace.verdicts) == dict(anew.verdicts)
        assert workspace.store.graphs == anew.store.graphs
        assert {str(q) for q in self.asked()} == {str(q) for q in in_memory(workspace.quads())}
        assert {str(q) for q in workspace.quads()} == {str(q) for q in anew.quads()}  # no blank nodes here


@asynccontextmanager
async def housed(folder: Path, named: Path | None = None, **given: Any) -> AsyncIterator[House]:
    graph = folder / "debate"
    graph.mkdir(exist_ok=True)
    shutil.copy(SMALL, graph)
    records = Records.open(folder / "data", graph)
    app = create_app(Workspace.open(named or graph), records=records, eager=True, **given)
    async with app._life.router.lifespan_context(app._life):
        app.lasting.gate.care = PATIENT
        await app.lasting.gate.start()
        yield House(app, graph)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files of debates that are parsed in this process, as they are."""
    found: list[str] = []
    parse = stores._read

    def noted(contents: Any, folder: Path) -> Any:
        found.extend(Path(path).name for path in contents)
        return parse(contents, folder)

    monkeypatch.setattr(stores, "_read", noted)
    return found


def run(told: Callable[[], Any]) -> Any:
    return asyncio.run(told())


def test_what_is_accepted_is_read_alone_and_the_process_that_examines_stays(
    tmp_path: Path, read: list[str]
) -> None:
    async def visit() -> None:
        before = set(examiners())
        async with housed(tmp_path) as house:
            (examiner,) = set(examiners()) - before
            read.clear()
            for name in ("one", "two"):
                await house.accepted(name)
                assert await house.page(f"/id/ob-{name}") == 200
            told = await house.desk.dry_run("three.ttl", objection("three", "ob-two"))
            assert told.report.ok  # it knows the second one
            assert set(examiners()) - before == {examiner}
            assert read == ["one.ttl", "two.ttl"]
            house.agrees()

    run(visit)


def test_a_revision_and_a_retraction_are_followed_too(tmp_path: Path, read: list[str]) -> None:
    async def visit() -> None:
        before = set(examiners())
        async with housed(tmp_path) as house:
            process = set(examiners()) - before
            first = await house.accepted("one")
            revised = await house.accepted(
                "one", data=objection("one").replace(b"a zebra", b"one zebra"), supersedes=first.id
            )
            house.agrees()
            asked = await house.desk.retract(revised.id, by=ADA, comment="It was wrong.")
            read.clear()
            await house.desk.accept(asked.id, by=RUTH)
            assert read == []
            assert await house.page("/id/ob-one") == 404
            house.agrees()
            assert set(examiners()) - before == process

    run(visit)


def test_files_changed_by_hand_are_read_alone_at_the_next_decision(tmp_path: Path, read: list[str]) -> None:
    async def visit() -> None:
        before = set(examiners())
        async with housed(tmp_path) as house:
            process = set(examiners()) - before
            for name in ("one", "two", "three"):
                await house.accepted(name)
            (house.graph / "one.ttl").write_bytes(objection("uno"))
            (house.graph / "two.ttl").unlink()
            (house.graph / "below").mkdir()
            (house.graph / "below" / "four.ttl").write_bytes(objection("four"))
            os.utime(house.graph / "three.ttl")  # touched, and nothing in it changed
            read.clear()
            await house.accepted("five")
            assert sorted(read) == ["five.ttl", "four.ttl", "one.ttl"]
            assert await house.page("/id/ob-uno") == 200
            assert await house.page("/id/ob-two") == 404
            house.agrees()
            assert set(examiners()) - before == process

    run(visit)


def test_a_file_broken_by_hand_stops_decisions_and_leaves_what_is_shown(tmp_path: Path) -> None:
    async def visit() -> None:
        async with housed(tmp_path) as house:
            await house.accepted("one")
            version = house.workspace.version
            entry = await house.desk.submit("two.ttl", objection("two"), by=ADA)
            (house.graph / "broken.ttl").write_bytes(b"broken")
            with pytest.raises(BrokenGraph, match=r"broken\.ttl:1:1"):
                await house.desk.accept(entry.id, by=RUTH)
            assert house.workspace.version == version
            assert house.desk.ledger.entry(entry.id).state == "pending"
            (house.graph / "broken.ttl").unlink()
            await house.desk.accept(entry.id, by=RUTH)
            house.agrees()

    run(visit)


def test_a_folder_that_is_called_by_two_names_is_opened_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then what changed in it cannot be told by the names of its files."""
    loads: list[Path] = []
    load = Store.load

    def loaded(folder: Path) -> Store:
        loads.append(folder)
        return load(folder)

    async def visit() -> None:
        (tmp_path / "beside").mkdir()
        named = tmp_path / "beside" / ".." / "debate"
        async with housed(tmp_path, named=named) as house:
            monkeypatch.setattr(Store, "load", loaded)
            await house.accepted("one")
            assert loads == [named]
            assert await house.page("/id/ob-one") == 200
            house.agrees()

    run(visit)


def test_where_it_is_not_known_what_was_read_all_is_read(tmp_path: Path, read: list[str]) -> None:
    async def visit() -> None:
        async with housed(tmp_path) as house:
            house.desk._signature = frozenset()
            house.workspace.store._files.clear()
            read.clear()
            await house.accepted("one")
            assert sorted(read) == ["debate.ttl", "one.ttl"]
            house.agrees()

    run(visit)


def fails(*_: object) -> None:
    """Stands for a disk that takes nothing just now."""
    raise StoreFailed("not now")


def test_where_the_store_cannot_be_amended_it_is_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def visit() -> None:
        async with housed(tmp_path) as house:
            with monkeypatch.context() as patch:
                patch.setattr(Publisher, "amend", fails)
                await house.accepted("one")
            house.agrees()
            await house.accepted("two")
            house.agrees()

    run(visit)


def test_a_state_that_could_not_be_shown_is_caught_up_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def visit() -> None:
        async with housed(tmp_path) as house:
            with monkeypatch.context() as patch:
                patch.setattr(Publisher, "amend", fails)
                patch.setattr(Publisher, "publish", fails)
                entry = await house.accepted("one")
            assert entry.state == "accepted"
            assert await house.page("/id/ob-one") == 404
            await house.accepted("two", data=objection("two", "ob-one"))
            assert await house.page("/id/ob-one") == 200
            house.agrees()

    run(visit)


def test_saved_questions_stay_on_offer_when_the_store_is_amended(tmp_path: Path) -> None:
    queries = tmp_path / "queries"
    queries.mkdir()
    (queries / "zebras.rq").write_text(
        "#+ title: Which zebras are there?\n#+ summary: One row for each.\n#+ column s: iri\n"
        'SELECT ?s { ?s skos:prefLabel ?l FILTER CONTAINS(?l, "Zebras object") }\n',
        encoding="utf-8",
    )

    async def visit() -> None:
        graph = tmp_path / "debate"
        graph.mkdir()
        shutil.copy(SMALL, graph)
        records = Records.open(tmp_path / "data", graph)
        app = create_app(Workspace.open(graph, queries=queries), records=records, eager=True)
        async with app._life.router.lifespan_context(app._life):
            app.lasting.gate.care = PATIENT
            await app.lasting.gate.start()
            house = House(app, graph)
            await app.state.shelf.look()
            for name in ("one", "two"):
                await house.accepted(name)
                expected = in_memory(app.state.shelf.quads())
                assert {str(q) for q in house.asked()} == {str(q) for q in expected}
                assert any("/zebras>" in str(q) for q in house.asked())

    run(visit)


# -- the process that examines ------------------------------------------------------------------------------


def changed(space: Workspace, **contents: bytes | None) -> Workspace:
    changes: dict[str, bytes | None] = {}
    for name, data in contents.items():
        path = space.folder / f"{name}.ttl"
        changes[str(path)] = data
        if data is None:
            path.unlink()
        else:
            path.write_bytes(data)
    return space.amended(changes)


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    (tmp_path / "debate").mkdir()
    shutil.copy(SMALL, tmp_path / "debate")
    return Workspace.open(tmp_path / "debate")


def follow(space: Workspace, visit: Callable[[Gate], Any]) -> Any:
    async def inside() -> Any:
        gate = Gate(space, PATIENT)
        await gate.start()
        try:
            return await visit(gate)
        finally:
            await gate.stop()

    return asyncio.run(inside())


async def knows(gate: Gate, name: str) -> bool:
    """Whether what is examined against has an objection."""
    told = await gate.examine("probe.ttl", objection("probe", f"ob-{name}"))
    return told.report.ok


def test_the_process_follows_and_says_what_a_new_one_says(space: Workspace) -> None:
    async def visit(gate: Gate) -> None:
        process = gate._process
        one = changed(space, one=objection("one"))
        await gate.follow(one)
        assert await knows(gate, "one")
        two = changed(one, one=None, two=objection("two"))
        await gate.follow(two)
        assert await knows(gate, "two")
        assert not await knows(gate, "one")
        assert gate._process is process
        here = [await gate.examine("p.ttl", objection("p", "ob-two")), await gate.removal("two.ttl")]
        anew = Gate(two, PATIENT)
        try:
            there = [await anew.examine("p.ttl", objection("p", "ob-two")), await anew.removal("two.ttl")]
        finally:
            await anew.stop()
        assert here == there

    follow(space, visit)


def test_what_is_being_examined_is_examined_to_the_end(space: Workspace) -> None:
    async def visit(gate: Gate) -> None:
        before = gate._process
        assert before is not None
        slow = asyncio.create_task(gate.examine("slow.ttl", SLOW))
        while not children(before.process.pid):
            await asyncio.sleep(0.01)
        (child,) = children(before.process.pid)
        await gate.follow(changed(space, one=objection("one")))
        assert gate._process is before
        assert children(before.process.pid) == [child]
        assert await knows(gate, "one")
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)

    follow(space, visit)


def test_a_process_that_cannot_follow_in_time_is_replaced(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gates, "_PATIENCE", 0.3)

    async def visit(gate: Gate) -> None:
        before = gate._process
        assert before is not None
        os.kill(before.process.pid, signal.SIGSTOP)
        try:
            await gate.follow(changed(space, one=objection("one")))
        finally:
            os.kill(before.process.pid, signal.SIGCONT)
        assert gate._process is not before
        assert await knows(gate, "one")

    follow(space, visit)


def test_a_process_that_has_ended_is_replaced(space: Workspace) -> None:
    async def visit(gate: Gate) -> None:
        before = gate._process
        assert before is not None
        os.kill(before.process.pid, signal.SIGKILL)
        await before.process.wait()
        await gate.follow(changed(space, one=objection("one")))
        assert gate._process is not before
        assert await knows(gate, "one")

    follow(space, visit)


def test_a_folder_that_has_gone_further_is_read_anew(space: Workspace) -> None:
    """The bytes that the change speaks of are not there any more: what is there now is examined against."""

    async def visit(gate: Gate) -> None:
        before = gate._process
        one = changed(space, one=objection("one"))
        changed(one, one=objection("uno"))
        await gate.follow(one)
        assert gate._process is not before
        assert await knows(gate, "uno")
        # And from what that one has read, which nobody knows, none follows.
        between = gate._process
        await gate.follow(changed(one, two=objection("two"), one=objection("uno")))
        assert gate._process is not between
        assert await knows(gate, "two")

    follow(space, visit)


def test_a_gate_that_was_not_started_starts_with_the_newest_state(space: Workspace) -> None:
    async def inside() -> None:
        gate = Gate(space, PATIENT)
        try:
            await gate.follow(changed(space, one=objection("one")))
            assert gate._process is None
            assert await knows(gate, "one")
        finally:
            await gate.stop()

    asyncio.run(inside())


# -- what is left behind ------------------------------------------------------------------------------------


def test_states_that_are_shown_no_more_are_forgotten(tmp_path: Path) -> None:
    async def visit() -> list[ref[Any]]:
        async with housed(tmp_path) as house:
            gone: list[ref[Any]] = []
            for number in range(4):
                for path in ("/", "/t/th-naps", "/id/th-later", "/search?q=sleep", "/ontology"):
                    assert await house.page(path) == 200
                one = house.workspace
                gone += [ref(one), ref(one.argument), ref(one.framework), ref(one.index), ref(one.store)]
                del one
                await house.accepted(f"o{number}")
            await house.desk.dry_run("wait.ttl", objection("wait"))  # until the gate follows, it has the last
            gc.collect()
            return [it for it in gone if it() is not None]

    assert run(visit) == []


def test_violations_are_still_refused_when_the_debate_has_moved_on(tmp_path: Path) -> None:
    async def visit() -> None:
        async with housed(tmp_path) as house:
            first = await house.accepted("one")
            entry = await house.desk.submit("two.ttl", objection("two", "ob-one"), by=ADA)
            asked = await house.desk.retract(first.id, by=ADA, comment="It was wrong.")
            await house.desk.accept(asked.id, by=RUTH)
            with pytest.raises(Refused):
                await house.desk.accept(entry.id, by=RUTH)

    run(visit)
