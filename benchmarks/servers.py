"""SPARQL servers on this machine for the benchmarks: started, asked, and stopped."""

from __future__ import annotations

import os
import re
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, ImproperConnectionState
from pathlib import Path
from typing import NamedTuple

JSON = "application/sparql-results+json"
OPEN = ("--client-seconds", "1e9", "--client-errors", "1000000000")  # one client asks for all
_LONGEST = 1 << 30  # bytes of an answer
# Bytes of address space, so that no peer takes the whole machine down.
_MOST = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


class Reply(NamedTuple):
    """What came back; status 0 where not all did in time, -1 where the connection broke."""

    status: int
    body: bytes
    seconds: float
    type: str = ""


class Server:
    """A server that has been started, and one kept connection to it."""

    def __init__(self, name: str, process: subprocess.Popen[str], port: int, path: str) -> None:
        self.name = name
        self.process = process
        self.port = port
        self.path = path
        self.reconnected = 0
        self._connection: HTTPConnection | None = None

    def ask(self, query: str, *, timeout: float = 60.0, accept: str = JSON) -> Reply:
        """Send a query as body, on the kept connection."""
        headers = {"content-type": "application/sparql-query", "accept": accept}
        return self._send("POST", self.path, query.encode(), headers, timeout)

    def get(self, path: str, *, timeout: float = 60.0, accept: str = JSON) -> Reply:
        """Ask for something else."""
        return self._send("GET", path, None, {"accept": accept}, timeout)

    def post(self, path: str, body: bytes, kind: str, *, timeout: float = 60.0) -> Reply:
        """Send a body of some media type."""
        return self._send("POST", path, body, {"accept": "application/json", "content-type": kind}, timeout)

    def _send(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], timeout: float
    ) -> Reply:
        kept, self._connection = self._connection, None
        if kept is not None:
            reply = self._once(kept, method, path, body, headers, timeout)
            if reply.status != -1:
                return reply
            self.reconnected += 1  # the server has hung up on an idle connection, as it may
        fresh = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        return self._once(fresh, method, path, body, headers, timeout)

    def _once(
        self,
        connection: HTTPConnection,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        timeout: float,
    ) -> Reply:
        if connection.sock is not None:
            connection.sock.settimeout(timeout)
        began = time.perf_counter()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            told = bytearray()
            while chunk := response.read1(1 << 20):
                told += chunk
                if len(told) > _LONGEST or time.perf_counter() - began > timeout:
                    raise TimeoutError
            response.close()  # read1 does not, and the connection could not be used again
        except ImproperConnectionState:
            raise  # a mistake of this client, and none of the server
        except TimeoutError:
            connection.close()
            return Reply(0, b"", time.perf_counter() - began)
        except (OSError, HTTPException):
            connection.close()
            return Reply(-1, b"", time.perf_counter() - began)
        seconds = time.perf_counter() - began
        if response.will_close:
            connection.close()
        else:
            self._connection = connection
        return Reply(response.status, bytes(told), seconds, response.getheader("content-type", ""))

    def other(self) -> Server:
        """The same server by another connection."""
        return Server(self.name, self.process, self.port, self.path)

    def memory(self) -> int:
        """Bytes of memory of the process and those that it started."""
        pids = [self.process.pid]
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            pids += map(int, (task / "children").read_text().split())
        found = 0
        for pid in pids:
            try:
                found += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
        return found * resource.getpagesize()


@contextmanager
def argraph(*options: str) -> Iterator[Server]:
    """`argraph serve`."""
    command = [sys.executable, "-m", "argraph", "serve", "--port", "0", *OPEN, *options]
    with _process(command, subprocess.PIPE) as process:
        assert process.stdout is not None
        found = re.search(r":(\d+)/", process.stdout.readline())
        assert found
        yield _ready(Server("argraph", process, int(found[1]), "/sparql"))


@contextmanager
def oxigraph(binary: Path, store: Path, *options: str) -> Iterator[Server]:
    """`oxigraph serve` on a store of its own, or `serve-read-only`."""
    port = _free()
    command = [str(binary), *options, "--location", str(store), "--bind", f"127.0.0.1:{port}"]
    with _process(command) as process:
        yield _ready(Server("oxigraph", process, port, "/query"))


@contextmanager
def rdflib_endpoint(binary: Path, file: Path) -> Iterator[Server]:
    """`rdflib-endpoint serve` on a file."""
    port = _free()
    command = [str(binary), "serve", "--host", "127.0.0.1", "--port", str(port), str(file)]
    with _process(command) as process:
        yield _ready(Server("rdflib-endpoint", process, port, "/"))


@contextmanager
def _process(command: list[str], output: int = subprocess.DEVNULL) -> Iterator[subprocess.Popen[str]]:
    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (_MOST, _MOST))

    with subprocess.Popen(
        command,
        stdout=output,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=bounded,  # there are no threads yet
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _ready(server: Server) -> Server:
    end = time.monotonic() + 300
    while server.ask("ASK {}").status != 200:
        assert time.monotonic() < end, f"{server.name} does not come up"
        assert server.process.poll() is None, f"{server.name} has ended"
        time.sleep(0.05)
    return server


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
