"""Killed at any moment, a server finds after its start what was accepted, and the debate's folder as decided.

`ARGRAPH_KILLS` is how often it is killed at random moments; without it, a short run.
"""

from __future__ import annotations

import os
import random
import select
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from argraph.contribution.files import ENDING, Staged, sweep
from argraph.contribution.ledger import Actor, Entry, Hold, Ledger
from argraph.errors import AlreadySubmitted, WrongState

from ...ledgers import ADA, BEN, REPORT, RUTH, SAUL, submit

KILLS = int(os.environ.get("ARGRAPH_KILLS", "25"))


def carry_out(ledger: Ledger, graph: Path, id: str, path: str, by: Any = RUTH, comment: str = "") -> None:
    """Accept as a server does: staged, recorded, put in place, noted."""
    entry = ledger.entry(id)
    file = graph / path
    data = ledger.content(id) if entry.kind == "file" else None
    with Staged(graph, path, data) as staged:
        prior = file.read_bytes() if file.exists() else None
        ledger.accept(id, by, path=path, prior=prior, comment=comment, report=REPORT, impact=None)
        staged.commit()
        ledger.written(id)


def repair(data: Path, graph: Path) -> Ledger:
    """What a server does when it starts."""
    ledger = Ledger.open(data)
    sweep(graph)
    for entry in ledger.unwritten():
        assert entry.path is not None
        with Staged(graph, entry.path, ledger.content(entry.id) if entry.kind == "file" else None) as staged:
            staged.commit()
        ledger.written(entry.id)
    return ledger


def check(ledger: Ledger, graph: Path) -> dict[str, Entry]:
    """Ledger and folder agree: each accepted contribution stands there whole, once, and nothing else."""
    entries = {entry.id: entry for entry in ledger.entries(limit=10**6)}
    assert ledger.unwritten() == []
    standing = {
        e.path: ledger.content(e.id) for e in entries.values() if e.kind == "file" and e.state == "accepted"
    }
    assert {p.name: p.read_bytes() for p in graph.iterdir()} == standing
    assert len({e.digest for e in entries.values()}) == len(entries)
    events = list(ledger.events())
    assert [e.sequence for e in events] == list(range(1, len(events) + 1))
    decisions = [(e.contribution, e.kind) for e in events if e.kind in {"submitted", "accepted", "rejected"}]
    assert len(set(decisions)) == len(decisions), "nothing is handed in or decided twice"
    for entry in entries.values():
        kinds = [event.kind for event in ledger.history(entry.id)]
        assert ("accepted" in kinds) == (entry.state == "accepted" or entry.path is not None)
        assert kinds.count("written") == ("accepted" in kinds)
    return entries


def killed(work: Callable[[int], None], when: Callable[[int], None] | None = None) -> bytes:
    """What a forked process had told when it was killed: when `when` returns, or by itself.

    `when` is given the end of the pipe that it tells through.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if not child:  # no cleaning up of the parent's things here, whatever happens
        try:
            os.close(reader)
            work(writer)
        except BaseException as error:
            os.write(writer, f"failed: {error!r}\n".encode())
        finally:
            os._exit(0)
    os.close(writer)
    if when is not None:
        when(reader)
        os.kill(child, signal.SIGKILL)
    told = b""
    while more := os.read(reader, 65536):
        told += more
    os.close(reader)
    os.waitpid(child, 0)
    return told


# -- between any two steps ----------------------------------------------------------------------------------


def journey(data: Path, graph: Path) -> None:
    """Everything that can happen to contributions."""
    with Hold(data), repair(data, graph) as ledger:
        first = submit(ledger, b"first")
        carry_out(ledger, graph, first.id, "first.ttl")
        other = submit(ledger, b"other", BEN)
        carry_out(ledger, graph, other.id, "other.ttl", SAUL)
        newer = submit(ledger, b"newer", supersedes=first.id)
        ledger.comment(newer.id, RUTH, "Better")
        carry_out(ledger, graph, newer.id, "first.ttl")
        gone = ledger.request_retraction(other.id, submitter=BEN, comment="")
        carry_out(ledger, graph, gone.id, "other.ttl")
        ledger.reject(submit(ledger, b"no").id, RUTH, comment="no")
        ledger.withdraw(submit(ledger, b"never mind").id, ADA)


def at_line(number: int, act: Callable[[], None]) -> Callable[[FrameType, str, Any], Any]:
    """A trace function that acts before so many lines of the modules that record and write have run."""
    count = 0
    watched = tuple(f"contribution/{name}.py" for name in ("ledger", "record", "database", "files"))

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.endswith(watched):
            return None
        if event == "line":
            count += 1
            if count == number:
                act()
        return trace

    return trace


def lines(folder: Path) -> int:
    total = 0

    def count() -> None:
        nonlocal total
        total += 1

    watched = at_line(-1, count)

    def every(frame: FrameType, event: str, argument: Any) -> Any:
        local = watched(frame, event, argument)
        if local is None:
            return None
        if event == "line":
            count()
        return every

    (folder / "graph").mkdir(parents=True)
    before = sys.gettrace()
    sys.settrace(every)
    try:
        journey(folder / "data", folder / "graph")
    finally:
        sys.settrace(before)
    return total


def test_killed_between_any_two_steps_nothing_is_lost_half_done_or_done_twice(tmp_path: Path) -> None:
    total = lines(tmp_path / "whole")
    assert total > 500
    step = max(1, total // (4 * KILLS))  # in a long run each line
    for number in range(1 + random.randrange(step), total + 1, step):
        data, graph = tmp_path / str(number) / "data", tmp_path / str(number) / "graph"
        graph.mkdir(parents=True)

        def work(_: int, number: int = number, data: Path = data, graph: Path = graph) -> None:
            sys.settrace(at_line(number, lambda: os.kill(os.getpid(), signal.SIGKILL)))
            journey(data, graph)

        assert killed(work) == b""
        with Hold(data), repair(data, graph) as ledger:
            entries = check(ledger, graph)
            # Whatever was begun can be brought to its end.
            for entry in reversed(entries.values()):
                if entry.state == "pending":
                    carry_out(ledger, graph, entry.id, ledger.destination(entry.id) or f"{entry.id}.ttl")
            check(ledger, graph)


# -- at random moments, with many at work -------------------------------------------------------------------


class People:
    """Hands in, decides, revises and retracts in threads until it is killed; tells what was promised."""

    def __init__(self, ledger: Ledger, graph: Path, number: int, tell: int) -> None:
        self.ledger, self.graph, self.tell = ledger, graph, tell
        self.desk = threading.Lock()  # as in the server: one decision at a time, while people hand in
        self.chance = random.Random(number)
        self.number = number

    def say(self, what: str, entry: Entry) -> None:
        os.write(self.tell, f"{what} {entry.id}\n".encode())

    def contribute(self, by: Actor) -> None:
        mine: list[str] = []
        for n in range(10**6):
            data = f"{self.number} {by.name} {n} ".encode() * self.chance.randrange(1, 2000)
            older = self.chance.choice(mine) if mine and self.chance.random() < 0.3 else None
            try:
                entry = submit(self.ledger, data, by, supersedes=older)
                mine.append(entry.id)
                self.say("submitted", entry)
                if self.chance.random() < 0.1:
                    self.say("withdrawn", self.ledger.withdraw(self.chance.choice(mine), by))
                if self.chance.random() < 0.2:
                    aim = self.chance.choice(mine)
                    self.say("submitted", self.ledger.request_retraction(aim, submitter=by, comment=""))
            except (WrongState, AlreadySubmitted):
                pass
            time.sleep(0.001)  # the lock is not fair: whoever decides is to come in between

    def review(self, by: Actor) -> None:
        while True:
            for entry in self.ledger.entries(state="pending", limit=5):
                try:
                    if self.chance.random() < 0.2:
                        self.say("rejected", self.ledger.reject(entry.id, by, comment="no"))
                        continue
                    with self.desk:
                        path = self.ledger.destination(entry.id) or f"{entry.id}.ttl"
                        carry_out(self.ledger, self.graph, entry.id, path, by)
                    self.say("accepted", entry)
                except WrongState:
                    continue

    def work(self, do: Callable[[Actor], None], by: Actor) -> None:
        try:
            do(by)
        except BaseException as error:
            os.write(self.tell, f"failed {error!r}\n".encode())

    def run(self) -> None:
        who = [(self.contribute, ADA), (self.contribute, BEN), (self.review, RUTH), (self.review, SAUL)]
        threads = [threading.Thread(target=self.work, args=what) for what in who]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def some_time(teller: int) -> None:
    """Any moment: while the ledger is opened, or after some more of the work; how much that is, is luck."""
    if random.random() < 0.9:
        select.select([teller], [], [], 60)  # something was promised
    time.sleep(random.uniform(0.005, 0.25))


def test_killed_at_random_moments_with_many_at_work_every_promise_is_kept(tmp_path: Path) -> None:
    data, graph = tmp_path / "data", tmp_path / "graph"
    graph.mkdir()
    promised: dict[str, set[str]] = {
        "submitted": set(),
        "accepted": set(),
        "rejected": set(),
        "withdrawn": set(),
    }
    round_ = 0
    # On a busy machine little is done before the end, so that it takes more of them.
    while round_ < KILLS or (not enough(promised, data) and round_ < 20 * KILLS):
        round_ += 1
        told = killed(
            lambda tell, n=round_: People(repair(data, graph), graph, n, tell).run(),  # type: ignore[misc]
            some_time,
        )
        # The last line may have been cut off with the process.
        for line in told.decode().splitlines()[: -1 if not told.endswith(b"\n") else None]:
            what, _, id = line.partition(" ")
            assert what != "failed", line
            promised[what].add(id)
        with repair(data, graph) as ledger:
            check(ledger, graph)
            for what, ids in promised.items():
                happened = {e.contribution for e in ledger.events() if e.kind == what}
                assert ids <= happened, f"{what} was promised, and is gone"
        assert list(graph.glob(f".*{ENDING}")) == []
    assert enough(promised, data)


def enough(promised: dict[str, set[str]], data: Path) -> bool:
    """Whether so much has happened that the test tells something."""
    with Ledger.open(data) as ledger:
        states = {state for state, number in ledger.counts().items() if number}
    return (
        len(promised["submitted"]) > KILLS
        and len(promised["accepted"]) > KILLS / 2
        and states >= {"accepted", "rejected", "superseded", "withdrawn"}
    )


@pytest.mark.parametrize("data", [b"newer", None])
def test_a_change_that_was_made_already_can_be_made_again(tmp_path: Path, data: bytes | None) -> None:
    (tmp_path / "mine.ttl").write_bytes(b"older")
    for _ in range(2):
        with Staged(tmp_path, "mine.ttl", data) as staged:
            staged.commit()
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == ({"mine.ttl": data} if data else {})


# -- power cuts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"mine", None])
def test_bytes_are_on_the_disk_before_their_name_and_the_name_before_anybody_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes | None
) -> None:
    calls: list[str] = []

    def told(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            what = ""
            if name == "fsync":
                what = " folder" if stat.S_ISDIR(os.fstat(arguments[0]).st_mode) else " file"
                if what == " file":
                    assert os.fstat(arguments[0]).st_size == len(data or b""), "all of it is written"
            calls.append(name + what)
            return real(*arguments, **named)

        return call

    for name in ("fsync", "rename", "unlink"):
        monkeypatch.setattr(os, name, told(name, getattr(os, name)))
    (tmp_path / "mine.ttl").write_bytes(b"older")
    with Staged(tmp_path, "mine.ttl", data) as staged:
        assert calls == ["fsync file"]
        staged.commit()
        assert calls[1:3] == ["rename" if data else "unlink", "fsync folder"]


def test_each_transaction_is_flushed(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        db = ledger._database._writer.connection
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA synchronous").fetchone() == (2,), "FULL"
