"""How reading fares while files are handed in and accepted: latency of pages and queries, files in a second.

    python benchmarks/submitting.py [--seconds S] [--readers N] [--graph DIR]

One server on a copy of a debate, by default the one that ships, with nobody's share limited. Readers ask for
pages, search, interface and queries in turn, each on a kept connection. They do so alone first; then beside
one and two clients that hand in objections (full check and impact, then the ledger's flush to the disk), and
then beside one whose objections a reviewer accepts at once, so that all that is shown is built anew each
time. Medians and 95th percentiles are over all readers and kinds of requests. Who is told to come again does.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count, cycle
from pathlib import Path
from typing import Final

from argraph import resources

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from contributed import objection

READ: Final = (
    "/",
    "/t/th-open-must-win",
    "/id/pil-safety",
    "/search?q=safety",
    "/api/nodes/th-open-must-win",
    "/sparql?query=SELECT%20(COUNT(*)%20AS%20%3Fn)%20%7B%20%3Fs%20a%20arg%3AClaim%20%7D",
)
_numbers: Final = count()


def serve(graph: Path, data: Path) -> None:
    """The server, with shares that nobody uses up."""
    import uvicorn

    from argraph.app.api import create_app
    from argraph.app.connection import Connection
    from argraph.app.desk import Records
    from argraph.app.endpoint import Limits
    from argraph.app.reception import Quota
    from argraph.workspace import Workspace

    records = Records.open(data, graph)
    for name, role in (("ada", "contributor"), ("ruth", "reviewer")):
        print(name, records.tokens.create(name, role), flush=True)  # type: ignore[arg-type]
    much = Quota(*[1e9] * len(Quota.__dataclass_fields__))  # type: ignore[arg-type]
    limits = Limits(client_seconds=1e9, client_errors=1e9)
    app = create_app(Workspace.open(graph), records=records, limits=limits, quota=much, eager=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print("port", listener.getsockname()[1], flush=True)
        uvicorn.Server(uvicorn.Config(app, http=Connection, log_level="error")).run(sockets=[listener])


@contextmanager
def started(graph: Path, data: Path) -> Iterator[dict[str, str]]:
    command = [sys.executable, __file__, "--serve", str(graph), str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told: dict[str, str] = {}
        while "port" not in told:
            found = re.fullmatch(r"(\w+) (\S+)\n", process.stdout.readline())
            assert found, "the server does not come up"
            told[found[1]] = found[2]
        try:
            yield told
        finally:
            process.terminate()


class Client:
    """A kept connection."""

    def __init__(self, told: dict[str, str]) -> None:
        self._told = told
        self._connection = HTTPConnection("127.0.0.1", int(told["port"]), timeout=120)

    def ask(
        self, path: str, body: bytes | None = None, by: str = "", kind: str = ""
    ) -> tuple[int, bytes, float]:
        head = {"accept": "application/json, text/html;q=0.9"} | ({"content-type": kind} if kind else {})
        head |= {"authorization": f"Bearer {self._told[by]}"} if by else {}
        began = time.perf_counter()
        self._connection.request("GET" if body is None else "POST", path, body, head)
        answer = self._connection.getresponse()
        told = answer.read()
        return answer.status, told, time.perf_counter() - began


def read(client: Client, done: threading.Event, times: list[float]) -> None:
    for path in cycle(READ):
        if done.is_set():
            return
        status, body, seconds = client.ask(path)
        assert status == 200, (path, body[:200])
        times.append(seconds)


def hand_in(client: Client, done: threading.Event, times: list[float], *, accept: bool = False) -> None:
    while not done.is_set():
        data = objection(f"bench-{next(_numbers)}", "pil-safety")
        began = time.perf_counter()
        status, body, _ = client.ask("/api/contributions", data, "ada", "text/turtle")
        if status == 503:
            continue
        assert status == 201, body[:500]
        if accept:
            place = f"/api/contributions/{json.loads(body)['id']}/accept"
            status, body, _ = client.ask(place, b"{}", "ruth", "application/json")
            assert status == 200, body[:500]
        times.append(time.perf_counter() - began)


def phase(
    told: dict[str, str], seconds: float, readers: int, others: list[Callable[..., None]]
) -> list[list[float]]:
    """Times of readers, and of those who hand in."""
    done, times = threading.Event(), ([], [])  # type: tuple[list[float], list[float]]
    work = [(read, times[0])] * readers + [(other, times[1]) for other in others]
    with ThreadPoolExecutor(len(work)) as pool:
        tasks = [pool.submit(what, Client(told), done, into) for what, into in work]
        time.sleep(seconds)
        done.set()
        for task in tasks:
            task.result()
    return list(times)


def told_of(times: list[float]) -> str:
    if len(times) < 2:
        return f"{len(times)} only | –"
    cuts = statistics.quantiles(times, n=20)
    return f"{cuts[9] * 1000:,.1f} | {cuts[18] * 1000:,.1f}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", nargs=2, type=Path, metavar=("GRAPH", "DATA"), help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--readers", type=int, default=2)
    parser.add_argument("--graph", type=Path, default=resources.graph())
    given = parser.parse_args()
    if given.serve:
        serve(*given.serve)
        return

    def accepting(*rest: object) -> None:
        hand_in(*rest, accept=True)  # type: ignore[arg-type]

    phases: list[tuple[str, list[Callable[..., None]]]] = [
        ("readers alone", []),
        ("one hands in", [hand_in]),
        ("two hand in", [hand_in, hand_in]),
        ("one hands in, and it is accepted", [accepting]),
    ]
    with tempfile.TemporaryDirectory() as folder:
        graph = Path(folder) / "graph"
        shutil.copytree(given.graph, graph)
        with started(graph, Path(folder) / "data") as told:
            phase(told, 3.0, given.readers, [hand_in])  # everything has been loaded and done once
            heads = ("", "reading p50, ms", "p95", "growth", "files a second", "a file p50, ms", "p95")
            print(f"| {' | '.join(heads)} |\n|---{'|---:' * (len(heads) - 1)}|")
            alone = 0.0
            for name, others in phases:
                times, files = phase(told, given.seconds, given.readers, others)
                middle = statistics.median(times)
                alone = alone or middle
                rate = f"{len(files) / given.seconds:.1f} | {told_of(files)}" if others else "– | – | –"
                print(f"| {name} | {told_of(times)} | {middle / alone:.2f} × | {rate} |", flush=True)


if __name__ == "__main__":
    main()
