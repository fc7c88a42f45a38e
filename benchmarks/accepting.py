"""What it costs to accept one small file, from 1,000 to 100,000 statements; and what readers notice.

    python benchmarks/accepting.py [--largest N] [--files N] [--seconds S]

For each size, one server on a generated debate. A contributor hands in objections of ten triples, and a
reviewer accepts each: that is timed from the request until the answer, when the file is on the disk and
everything shows it. First the server works as it does, by what changed; then, in the same run, as it did
before ("anew"): it opens the folder, writes the store and starts the process that examines anew each time.
CPU is that of the server and its processes for one acceptance, without readers. Then two readers ask for
pages, search, interface and queries while one file after the other is accepted.

The second table tells the parts of it in one process, as CPU time. Medians; the tables are Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count, cycle
from pathlib import Path
from typing import Any, Final

from generate import BASE, Debate

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from contributed import objection

READ: Final = (
    "/t/s0",
    "/id/s1",
    "/search?q=est",
    "/api/nodes/s2",
    "/sparql?query=SELECT%20(COUNT(*)%20AS%20%3Fn)%20%7B%20%3Fs%20arg%3Aattacks%20%3Chttps%3A%2F%2Fexample.org%2Fd%2Fs1%3E%20%7D",
)
_numbers: Final = count()
_TICK: Final = os.sysconf("SC_CLK_TCK")


def serve(graph: Path, data: Path, way: str) -> None:
    """The server, with shares that nobody uses up."""
    import uvicorn

    from argraph.app import gate
    from argraph.app.api import create_app
    from argraph.app.connection import Connection
    from argraph.app.desk import Desk, Records
    from argraph.app.endpoint import Endpoint, Limits
    from argraph.app.gate import Care, Gate
    from argraph.app.reception import Quota
    from argraph.contribution.history import Chronicle
    from argraph.workspace import Workspace

    gate._BOOT = 3600.0  # type: ignore[misc]
    if way == "anew":

        def reopened(desk: Desk, *_: object) -> Workspace:
            before = desk._workspace
            return before.reopened(Chronicle.of(desk.ledger, after=before.archive.chronicle))

        def published(endpoint: Endpoint, _: str, version: str, **given: Callable[[], Any]) -> object:
            return endpoint.publish(given["whole"](), version)

        Desk._followed = reopened  # type: ignore[method-assign]
        Gate.follow = Gate.reload  # type: ignore[method-assign]
        Endpoint.advance = published  # type: ignore[method-assign, assignment]
    records = Records.open(data, graph)
    for name, role in (("ada", "contributor"), ("ruth", "reviewer")):
        print(name, records.tokens.create(name, role), flush=True)  # type: ignore[arg-type]
    much = Quota(*[1e9] * len(Quota.__dataclass_fields__))  # type: ignore[arg-type]
    limits = Limits(client_seconds=1e9, client_errors=1e9)
    app = create_app(Workspace.open(graph), records=records, limits=limits, quota=much, eager=True)
    app.lasting.gate.care = Care(seconds=600.0)  # who waits for a process to start waits
    with _listening() as listener:
        print("port", listener.getsockname()[1], flush=True)
        uvicorn.Server(uvicorn.Config(app, http=Connection, log_level="error")).run(sockets=[listener])


def _listening() -> Any:
    import socket

    return socket.create_server(("127.0.0.1", 0))


class House:
    """A server that runs."""

    def __init__(self, told: dict[str, str], pid: int) -> None:
        self.told, self.pid = told, pid

    def ask(
        self, path: str, body: bytes | None = None, by: str = "", kind: str = ""
    ) -> tuple[int, bytes, float]:
        """Status, body and seconds of an answer, on a connection of its own."""
        head = {"accept": "application/json, text/html;q=0.9"} | ({"content-type": kind} if kind else {})
        head |= {"authorization": f"Bearer {self.told[by]}"} if by else {}
        connection = HTTPConnection("127.0.0.1", int(self.told["port"]), timeout=3600)
        began = time.perf_counter()
        connection.request("GET" if body is None else "POST", path, body, head)
        answer = connection.getresponse()
        told = answer.read()
        connection.close()
        return answer.status, told, time.perf_counter() - began

    def accept(self) -> float:
        """Hand in and accept one file; seconds of the acceptance."""
        data = objection(f"bench-{next(_numbers)}", "s1", BASE)
        status, body, _ = self.ask("/api/contributions", data, "ada", "text/turtle")
        assert status == 201, body[:500]
        place = f"/api/contributions/{json.loads(body)['id']}/accept"
        status, body, seconds = self.ask(place, b"{}", "ruth", "application/json")
        assert status == 200, body[:500]
        return seconds

    def cpu(self) -> float:
        """Seconds of processor time of the server and all that it has started, also what has ended."""
        found = 0.0
        family = [self.pid]
        for pid in family:
            try:
                for task in Path(f"/proc/{pid}/task").iterdir():
                    family += map(int, (task / "children").read_text().split())
                times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
            except (FileNotFoundError, ProcessLookupError):
                continue
            found += sum(map(int, times)) / _TICK
        return found

    def settled(self) -> float:
        """`cpu` once nothing is being done any more."""
        before = -1.0
        while (now := self.cpu()) - before > 0.02:
            before = now
            time.sleep(0.5)
        return now


@contextmanager
def started(graph: Path, data: Path, way: str) -> Iterator[House]:
    command = [sys.executable, __file__, "--serve", str(graph), str(data), way]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told: dict[str, str] = {}
        try:
            while "port" not in told:
                name, _, value = process.stdout.readline().partition(" ")
                assert value, "the server does not come up"
                told[name] = value.strip()
            yield House(told, process.pid)
        finally:
            process.terminate()


def read(house: House, done: threading.Event, times: list[float]) -> None:
    for path in cycle(READ):
        if done.is_set():
            return
        status, body, seconds = house.ask(path)
        assert status == 200, (path, body[:200])
        times.append(seconds)


def reading(house: House, seconds: float, files: int) -> list[float]:
    """Seconds that answers take while so many files are accepted, or for a time."""
    done, times = threading.Event(), list[float]()
    readers = [threading.Thread(target=read, args=(house, done, times)) for _ in range(2)]
    for reader in readers:
        reader.start()
    if files:
        for _ in range(files):
            house.accept()
    else:
        time.sleep(seconds)
    done.set()
    for reader in readers:
        reader.join()
    return times


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[18] if len(times) > 1 else times[0]


def served(folder: Path, way: str, files: int, seconds: float) -> dict[str, float]:
    """Seconds of one acceptance, of processor time for it, and of readers alone and meanwhile."""
    with tempfile.TemporaryDirectory() as data, started(folder, Path(data), way) as house:
        house.accept()  # everything has been done once
        alone = reading(house, seconds, 0)
        spent, walls = [], []
        for _ in range(files):
            before = house.settled()
            walls.append(house.accept())
            spent.append(house.settled() - before)
        meanwhile = reading(house, seconds, files)
        return {
            "wall": statistics.median(walls),
            "cpu": statistics.median(spent),
            "alone": p95(alone),
            "meanwhile": p95(meanwhile),
        }


def parts(folder: Path, files: int) -> tuple[dict[str, float], dict[str, float], int]:
    """Processor seconds of each part by what changed, and anew; and the number of triples."""
    from argraph.rdf.snapshots import Publisher
    from argraph.workspace import Workspace

    found: dict[str, list[float]] = {}
    anew: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        began = time.process_time()
        result = work()
        found.setdefault(name, []).append(time.process_time() - began)
        return result

    def whole(name: str, work: Callable[[], Any]) -> Any:
        began = time.process_time()
        result = work()
        anew[name] = time.process_time() - began
        return result

    def computed(workspace: Workspace) -> object:
        return workspace.argument, workspace.framework.labelling, workspace.framework.strengths

    one = whole("files", lambda: Workspace.open(folder))
    triples = len(one.store.raw)
    whole("argument, statuses, strengths", lambda: computed(one))
    whole("dependence", lambda: one.dependence)
    whole("statistics", lambda: one.statistics)
    whole("index", lambda: one.index)
    with tempfile.TemporaryDirectory() as place:
        publisher = Publisher.open(Path(place))
        publisher.publish(one.quads(), one.version)
        one.ground.warm()
        for _ in range(files):
            was, name = one, f"parts-{next(_numbers)}"
            changes: dict[str, bytes | None] = {str(folder / f"{name}.ttl"): objection(name, "s1", BASE)}
            one = timed("files", lambda: was.amended(changes))  # noqa: B023
            timed("argument, statuses, strengths", lambda: computed(one))  # noqa: B023
            timed("dependence", lambda: one.dependence)  # noqa: B023
            timed("statistics", lambda: one.statistics)  # noqa: B023
            timed("index", lambda: one.index)  # noqa: B023
            gone, new = timed("difference", lambda: one.difference(was))  # noqa: B023
            timed("store", lambda: publisher.amend(gone, new, one.version))  # noqa: B023
        whole("store", lambda: publisher._replace(_with_union(was.quads())))
        publisher.close()
    return {name: statistics.median(times) for name, times in found.items()}, anew, triples


def _with_union(quads: Any) -> Any:
    from argraph.rdf.snapshots import with_union

    return with_union(quads)


def shown(seconds: float) -> str:
    return f"{seconds * 1e3:,.0f} ms" if seconds >= 0.01 else f"{seconds * 1e3:.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--serve", nargs=3, metavar=("GRAPH", "DATA", "WAY"), help=argparse.SUPPRESS)
    parser.add_argument("--largest", type=int, default=10_000, help="statements; leave out larger debates")
    parser.add_argument("--files", type=int, default=5, help="files that are accepted in each phase")
    parser.add_argument("--seconds", type=float, default=5.0, help="for which readers read alone")
    given = parser.parse_args()
    if given.serve:
        serve(Path(given.serve[0]), Path(given.serve[1]), given.serve[2])
        return
    print("## Accepting a file\n")
    print(
        "Time from the request to accept a file of ten triples until everything shows it, with a server that"
    )
    print(
        "goes by what changed and, in the same run, one that opens all anew; processor time of the server and"
    )
    print("its processes; and what two readers notice meanwhile (95th percentile).\n")
    heads = ("statements", "triples", "accepted in", "anew", "ratio", "CPU", "anew", "ratio")
    heads += ("p95 alone", "while accepting", "while anew")
    print(f"| {' | '.join(heads)} |\n{'|--:' * len(heads)}|")
    rows: list[tuple[int, dict[str, float], dict[str, float]]] = []
    for size in (1_000, 10_000, 100_000):
        if size > given.largest:
            continue
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "debate"
            folder.mkdir()
            for name, text in Debate().files(size):
                (folder / name).write_text(text, encoding="utf-8")
            amended, anew, triples = parts(folder, given.files)
            rows.append((size, amended, anew))
            now, before = (served(folder, way, given.files, given.seconds) for way in ("amended", "anew"))
        cells = [f"{size:,}", f"{triples:,}"]
        for kind in ("wall", "cpu"):
            cells += [shown(now[kind]), shown(before[kind]), f"{before[kind] / now[kind]:.1f}x"]
        cells += [shown(now["alone"]), shown(now["meanwhile"]), shown(before["meanwhile"])]
        print(f"| {' | '.join(cells)} |", flush=True)
    names = list(dict.fromkeys(name for _, amended, anew in rows for name in (*amended, *anew)))
    print("\nProcessor time of the parts, by what changed / anew:\n")
    print(
        f"| part |{' | '.join(f' {size:,} statements ' for size, _, _ in rows)}|\n|---{'|--:' * len(rows)}|"
    )
    for name in names:
        cells = [
            " / ".join(shown(told[name]) if name in told else "–" for told in (amended, anew))
            for _, amended, anew in rows
        ]
        print(f"| {name} | {' | '.join(cells)} |")
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"\nLargest process: {memory:,.0f} MiB. Load of the machine at the end: {os.getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    main()
