"""A server in a process of its own, and what can be seen of it from outside."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any, NamedTuple

JSON = {"accept": "application/sparql-results+json"}
QUERY = {"content-type": "application/sparql-query"}


PATIENCE = 60.0
"""Seconds that a busy machine may take for anything; no test is to depend on how fast this one is."""


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    def problem(self) -> dict[str, Any]:
        assert self.headers["content-type"] == "application/problem+json", self.body[:200]
        told: dict[str, Any] = json.loads(self.body)
        assert told["status"] == self.status
        assert len(told["detail"]) > 20
        assert "Traceback" not in told["detail"]
        return told


class Server:
    """A server in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        told = process.stdout.readline()
        found = re.search(r":(\d+)/", told)
        assert found, told
        self.port = int(found[1])

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    @contextmanager
    def connections(self, number: int) -> Iterator[list[socket.socket]]:
        """Many at a time."""
        with ExitStack() as stack:
            yield [stack.enter_context(self.connect()) for _ in range(number)]

    def ask(
        self,
        path: str = "/sparql",
        *,
        query: str | None = None,
        body: bytes | None = None,
        method: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """One request on a connection of its own."""
        sent = JSON | (QUERY if query is not None else {}) | (headers or {})
        body = query.encode() if query is not None else body
        began = time.monotonic()
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            connection.request(method or ("GET" if body is None else "POST"), path, body, sent)
            return read(connection.getresponse(), began)

    def patiently(self, query: str) -> Reply:
        """The reply to a client that comes again when the server is busy."""
        return come_again(lambda: self.ask(query=query))

    def workers(self) -> set[int]:
        """The processes that this one has started and that are alive."""
        found: set[int] = set()
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            with suppress(FileNotFoundError):
                found.update(map(int, (task / "children").read_text().split()))
        return {pid for pid in found if state(pid) not in {"Z", ""}}

    def memory(self) -> int:
        """Bytes of memory that the server's own process has."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def sockets(self) -> int:
        """How many connections the server holds."""
        found = 0
        for link in Path(f"/proc/{self.process.pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                found += os.readlink(link).startswith("socket:")
        return found

    def healthy(self) -> float:
        """Seconds that a health check takes."""
        reply = self.ask("/healthz")
        assert reply.status == 200
        return reply.seconds

    def stop(self) -> None:
        """Stop it, and be sure that nothing of it is left."""
        workers = self.workers()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0
        within(lambda: all(state(pid) in {"Z", ""} for pid in workers))


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def read(response: HTTPResponse, began: float) -> Reply:
    body = response.read()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Reply(response.status, headers, body, time.monotonic() - began)


def within(condition: Callable[[], bool]) -> None:
    """Wait for a condition."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"not within {PATIENCE} s"
        time.sleep(0.02)


def come_again(ask: Callable[[], Reply], busy: bytes = b"") -> Reply:
    """The reply to who asks again as long as the server is busy, and says so in these words."""
    end = time.monotonic() + PATIENCE
    while (reply := ask()).status == 503 and busy in reply.body and time.monotonic() < end:
        time.sleep(0.2)
    return reply


def processor(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(*options: str) -> Iterator[Server]:
    command = [sys.executable, "-m", "argraph", "serve", "--port", "0", *options]
    with (
        tempfile.TemporaryFile("w+") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            server = Server(process)
            yield server
            server.stop()
        finally:
            process.kill()
            log.seek(0)
            logged = log.read()
    assert "Traceback" not in logged, logged


def everything(client: socket.socket) -> bytes:
    told = b""
    with suppress(ConnectionError):
        while data := client.recv(65536):
            told += data
    return told
