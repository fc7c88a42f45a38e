"""Killed at any moment, the server loses nothing that was decided, and does nothing by halves or twice.

Each round starts a server on what the one before has left behind, looks whether record, folder and what is
shown agree, and kills it in its turn while two clients hand in, revise, retract and accept. ARGRAPH_LONG=1
plays 300 rounds.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Final

import pytest

from argraph.contribution.files import ENDING
from argraph.contribution.ledger import Ledger
from argraph.contribution.tokens import Tokens
from argraph.workspace import Workspace

from ...contributed import objection
from .serving import JSON, PATIENCE, Reply, Server, state, within

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")

ROUNDS: Final = 300 if os.environ.get("ARGRAPH_LONG") else 20
SMALL: Final = Path(__file__).parents[1] / "queries" / "debate.ttl"
BASE: Final = "https://example.org/later/"
QUEUE: Final = "/api/contributions"
LONGEST: Final = 2.5
"""Seconds that a server lives on after the first acceptance has begun, where nothing else is waited for."""


@dataclass
class Told:
    """What the server has told its clients so far."""

    handed_in: dict[str, bytes] = field(default_factory=dict)
    accepted: set[str] = field(default_factory=set)
    retracting: dict[str, str] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    refused: list[bytes] = field(default_factory=list)


class Round:
    """Clients of one server until it is killed."""

    def __init__(self, server: Server, secrets: dict[str, str], told: Told, number: int) -> None:
        self._server = server
        self._secrets = secrets
        self._told = told
        self._number = number
        self._lock = threading.Lock()
        self.accepting = threading.Event()

    def play(self, graph: Path, moment: random.Random) -> None:
        """Hand in and accept, and kill: at any moment, or right after a change of the folder is staged."""
        clients = [threading.Thread(target=self._contribute, args=(client,)) for client in range(2)]
        for client in clients:
            client.start()
        self.accepting.wait(PATIENCE)
        watching, most = moment.random() < 0.7, moment.choice([1, 1, 2, 3, 4])
        end = time.monotonic() + (PATIENCE if watching else moment.uniform(0, LONGEST))
        staged: set[str] = set()
        while time.monotonic() < end and any(client.is_alive() for client in clients):
            staged.update(name for name in os.listdir(graph) if name.endswith(ENDING))
            if watching and len(staged) >= most:
                time.sleep(moment.choice([0, 0.001, 0.002, 0.005, 0.01, 0.02]) * moment.random())
                break
            time.sleep(0.0005 if watching else 0.01)
        children = self._server.workers()
        self._server.process.kill()
        self._server.process.wait()
        for client in clients:
            client.join()
        within(lambda: all(state(pid) in {"Z", ""} for pid in children))

    def _contribute(self, client: int) -> None:
        with suppress(OSError, HTTPException):  # that is how a client sees the end
            if client:
                self._change_something_old()
            for turn in range(1000):
                id = self._hand_in(f"r{self._number}-{client}-{turn}")
                match (turn + self._number) % 4 if id else 3:
                    case 0:
                        self._accept(id)
                    case 1:
                        self._told.changed.add(id)  # not to be revised once more later
                        self._accept(id)
                        self._accept(
                            self._hand_in(f"r{self._number}-{client}-{turn}-new", f"?supersedes={id}")
                        )
                    case 2:
                        self._told.changed.add(id)
                        self._accept(id)
                        self._retract(id)
                    case _:
                        pass  # it stays in the queue

    def _change_something_old(self) -> None:
        """Revise or retract what was accepted in an earlier round."""
        old = sorted(self._told.accepted - self._told.retracting.keys() - self._told.changed)
        if old:
            self._told.changed.add(old[0])
            if self._number % 2:
                self._accept(self._hand_in(f"r{self._number}-revision", f"?supersedes={old[0]}"))
            else:
                self._retract(old[0])

    def _hand_in(self, name: str, query: str = "") -> str:
        data = objection(name, "th-naps", BASE)
        reply = self._post(QUEUE + query, data, "ada", "text/turtle")
        if reply.status != 201:
            self._wrong(reply)
            return ""
        id = str(json.loads(reply.body)["id"])
        with self._lock:
            self._told.handed_in[id] = data
        return id

    def _accept(self, id: str) -> None:
        if not id:
            return
        self.accepting.set()
        reply = self._post(f"{QUEUE}/{id}/accept", b"{}", "ruth", "application/json")
        if reply.status == 200:
            with self._lock:
                self._told.accepted.add(id)
        else:
            self._wrong(reply)

    def _retract(self, id: str) -> None:
        reply = self._post(f"{QUEUE}/{id}/retract", b'{"comment": "Not so."}', "ada", "application/json")
        if reply.status == 201:
            wish = json.loads(reply.body)["id"]
            with self._lock:
                self._told.retracting[wish] = id
            self._accept(wish)

    def _wrong(self, reply: Reply) -> None:
        if reply.status not in {429, 503, 504}:  # too much at once is no mistake
            self._told.refused.append(reply.body)

    def _post(self, path: str, body: bytes, by: str, kind: str) -> Reply:
        head = {"authorization": f"Bearer {self._secrets[by]}", "content-type": kind} | JSON
        return self._server.ask(path, body=body, headers=head | {"accept": "application/json"})


@contextmanager
def started(graph: Path, data: Path) -> Iterator[Server]:
    """A server that somebody else ends."""
    options = ("--graph", str(graph), "--data", str(data), "--workers", "1", "--client-check-seconds", "1e6")
    command = [sys.executable, "-m", "argraph", "serve", "--port", "0", *options]
    with (
        tempfile.TemporaryFile("w+") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            yield Server(process)
        finally:
            process.kill()
            log.seek(0)
            logged = log.read()
    assert "Traceback" not in logged, logged


def compare(server: Server, graph: Path, data: Path, told: Told) -> Counter[str]:
    """Whether record, folder and what is shown agree with each other and with what clients were told."""
    assert not told.refused, told.refused
    with Ledger.open(data) as ledger:
        entries = {entry.id: entry for entry in ledger.entries(limit=100_000)}
        assert ledger.unwritten() == []
        content = {id: ledger.content(id) for id in entries}
    assert {id: content.get(id) for id in told.handed_in} == told.handed_in  # nothing is lost
    standing = {id for id in told.accepted if entries[id].state == "accepted"}
    # What took its place may have been replaced in its turn; whatever was accepted once has a path.
    replaced = {e.supersedes or e.retracts for e in entries.values() if e.path is not None}
    assert told.accepted - standing <= replaced
    for wish in told.accepted & told.retracting.keys():
        assert entries[told.retracting[wish]].state == "withdrawn"
    holds = {e.path: e for e in entries.values() if e.state == "accepted" and e.kind == "file"}
    files = {str(path.relative_to(graph)): path.read_bytes() for path in graph.iterdir()}
    assert files.pop("debate.ttl") == SMALL.read_bytes()
    assert {path: content[entry.id] for path, entry in holds.items()} == files  # whole, once, and no other
    names = sorted(
        f"ob-{content[e.id].split(b'contribution-')[1].split()[0].decode()}" for e in holds.values()
    )
    reply = server.patiently(
        'SELECT ?s { GRAPH ?g { ?s skos:prefLabel ?l FILTER STRSTARTS(?l, "Zebras object") } }'
    )
    assert reply.status == 200, reply.body
    rows = json.loads(reply.body)["results"]["bindings"]
    assert sorted(row["s"]["value"].removeprefix(BASE) for row in rows) == names
    for name in names[-2:]:
        assert server.ask(f"/id/{name}", headers={"accept": "text/html"}).status == 200
    return Counter(entry.state for entry in entries.values())


def test_a_server_that_is_killed_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    graph, data = tmp_path / "graph", tmp_path / "data"
    graph.mkdir()
    shutil.copy(SMALL, graph)
    with Tokens.open(data) as tokens:
        secrets = {"ada": tokens.create("ada", "contributor"), "ruth": tokens.create("ruth", "reviewer")}
    moment, told = random.Random(7), Told()
    repaired = 0
    for number in range(ROUNDS):
        with Ledger.open(data) as ledger:
            repaired += bool(ledger.unwritten())
        Workspace.open(graph)  # at no moment is there half a file
        with started(graph, data) as server:
            compare(server, graph, data, told)
            Round(server, secrets, told, number).play(graph, moment)
    with started(graph, data) as server:
        states = compare(server, graph, data, told)
    sys.stdout.write(f"{ROUNDS} rounds: {dict(states)}, {repaired} times repaired\n")  # seen with pytest -rP
    assert states["accepted"] >= ROUNDS / 4
    assert len(told.handed_in) >= ROUNDS
