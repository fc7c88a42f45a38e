"""What the hostile queries of `tests/hostile.py` do to argraph and to `oxigraph serve --timeout-s`.

    python benchmarks/hostile.py [--seconds S] [--oxigraph PROGRAM] [--verbose]

Both serve the debate with a time limit for a query; argraph has 512 MB of memory and 10,000 rows besides,
for which the other has no setting. Two clients send the set, and two hundred come at once in the end. A
process of its own checks meanwhile whether the server still answers: argraph at /healthz, the other with
`ASK {}`, since it has no health check. A server that is silent for four times its limit is killed and started
anew, and the query counted as never answered; one that ends by itself is counted as crashed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from xml.etree import ElementTree

import pyoxigraph as ox

from argraph.rdf.snapshots import with_union
from argraph.workspace import Workspace
from servers import Reply, Server, argraph, oxigraph

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from hostile import CALLED, Hostile, listening, queries

Start = Callable[[], AbstractContextManager[Server]]
GRACE = 0.25


def verdict(reply: Reply) -> str:
    """What an answer is worth."""
    if reply.status == 0:
        return "never"
    if reply.status == -1:
        return "crashed"
    if reply.status != 200:
        return "clear error"
    try:
        if "json" in reply.type:
            json.loads(reply.body)
        elif "xml" in reply.type:
            ElementTree.fromstring(reply.body)
        elif "triples" in reply.type or "turtle" in reply.type:
            ox.Store().load(reply.body, format=ox.RdfFormat.TURTLE)
    except (ValueError, SyntaxError):
        return "broken 200"
    return "200"


def probe(port: int, path: str, results: Connection) -> None:
    """Check a server until told to stop; sends how long each check took."""
    server = Server("probe", None, port, path)  # type: ignore[arg-type]
    times = []
    while not results.poll(0.02):
        reply = server.get("/healthz", timeout=60) if path == "/sparql" else server.ask("ASK {}", timeout=60)
        if reply.status != -1:  # else it has been stopped
            times.append(reply.seconds if reply.status == 200 else float("inf"))
    results.send(times)


@contextmanager
def watched(server: Server, times: list[float]) -> Iterator[None]:
    here, there = multiprocessing.get_context("spawn").Pipe()
    watcher = multiprocessing.get_context("spawn").Process(
        target=probe, args=(server.port, server.path, there)
    )
    watcher.start()
    time.sleep(1)
    try:
        yield
    finally:
        here.send(None)
        with suppress(EOFError):
            times += here.recv() if here.poll(70) else []
        watcher.terminate()
        watcher.join()


def siege(name: str, start: Start, seconds: float, *, verbose: bool) -> None:
    waiting = list(queries())[::-1]
    outcomes: list[tuple[Hostile, Reply]] = []
    health: list[float] = []
    memory: list[int] = []
    restarts = 0
    with listening() as (address, called):
        while waiting:
            with start() as server:
                restarts += 1
                over = threading.Event()

                def client(server: Server = server, over: threading.Event = over) -> None:
                    while waiting and not over.is_set():
                        one = waiting.pop()
                        with suppress(OSError):
                            memory.append(server.memory())
                        own = server.other()
                        reply = own.ask(one.text.replace(CALLED, address), timeout=4 * seconds)
                        if reply.status == -1 and over.is_set():
                            waiting.append(one)  # it was stopped because of the other client's query
                            return
                        outcomes.append((one, reply))
                        if verbose:
                            what = verdict(reply)
                            print(
                                f"| {one.name} | {what} | {reply.status} | {reply.seconds:.2f} s |",
                                flush=True,
                            )
                        if reply.status <= 0:
                            over.set()
                            server.process.kill()

                with watched(server, health), ThreadPoolExecutor(2) as clients:
                    for _ in range(2):
                        clients.submit(client)
    counts = Counter(verdict(reply) for _, reply in outcomes)
    late = sorted(reply.seconds - seconds for _, reply in outcomes)
    in_time = sum(extra <= GRACE for extra in late)
    print(f"\n{name}: {len(outcomes)} hostile queries, limit {seconds:g} s")
    print(f"- outcomes: {', '.join(f'{count} {what}' for what, count in counts.most_common())}")
    print(f"- answered within the limit and {GRACE} s: {in_time}; latest {late[-1]:+.2f} s, ", end="")
    timed = sorted(r.seconds - seconds for _, r in outcomes if abs(r.seconds - seconds) < 3 * seconds / 4)
    if timed:
        middle = timed[len(timed) // 2]
        print(f"near the limit {middle * 1e3:+.0f} ms median, {timed[-1] * 1e3:+.0f} ms at most")
    print(f"- starts of the server: {restarts}; calls to another server: {len(called)}; ", end="")
    print(f"memory at most {max(memory) >> 20} MB")
    print(f"- health checks: {spread(health)}", flush=True)


def crowd(name: str, start: Start, seconds: float) -> None:
    """Two hundred clients at once, a quarter of them with a query that has no end."""
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    honest = "SELECT (COUNT(?t) AS ?n) { ?t a <https://w3id.org/argraph/ns#Thesis> }"
    health: list[float] = []
    with start() as server:
        barrier = threading.Barrier(200)

        def client(number: int) -> Reply:
            barrier.wait()
            text = honest if number % 4 else slow
            return server.other().ask(f"{text} # {number}", timeout=8 * seconds)

        with watched(server, health), ThreadPoolExecutor(200) as clients:
            replies = list(clients.map(client, range(200)))
        server.process.kill()
    counts = Counter(reply.status for reply in replies)
    told = ", ".join(f"{count} × {status or 'never'}" for status, count in sorted(counts.items()))
    print(f"- two hundred at once: {told}; latest after {max(r.seconds for r in replies):.2f} s; ", end="")
    print(f"health checks {spread(health)}", flush=True)


def spread(times: list[float]) -> str:
    told = sorted(times) or [float("nan")]
    return (
        f"{told[len(told) // 2] * 1e3:.1f} ms median, {told[int(len(told) * 0.95)] * 1e3:.1f} ms p95, "
        f"{told[-1] * 1e3:.1f} ms at most, of {len(times)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Hostile queries, argraph and oxigraph serve.")
    parser.add_argument("--seconds", type=int, default=2, help="limit for one query")
    parser.add_argument("--oxigraph", type=Path, default=Path(sys.executable).with_name("oxigraph"))
    parser.add_argument("--only", choices=("argraph", "oxigraph"), help="besiege only one of them")
    parser.add_argument("--verbose", action="store_true", help="print what came of each query")
    options = parser.parse_args()
    limits = ("--seconds", str(options.seconds), "--rows", "10000", "--megabytes", "8", "--memory", "512")
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        store = ox.Store(folder)
        store.bulk_extend(with_union(Workspace.open().quads()))
        store.flush()
        del store
        starts: dict[str, Start] = {
            "argraph": lambda: argraph("--workers", "3", *limits),
            "oxigraph": lambda: oxigraph(
                options.oxigraph, Path(folder), "serve", "--timeout-s", str(options.seconds)
            ),
        }
        for name, start in starts.items():
            if options.only not in {None, name}:
                continue
            siege(name, start, options.seconds, verbose=options.verbose)
            crowd(name, start, options.seconds)


if __name__ == "__main__":
    main()
