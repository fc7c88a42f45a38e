"""How long SPARQL queries take over HTTP, beside `oxigraph serve` and `rdflib-endpoint`.

    python benchmarks/sparql.py [--copies N] [--seconds S] [--rdflib-endpoint PROGRAM] [--only NAME …]

The queries are the shipped saved ones, without parameters, and with one node where they take one. Each is
sent as body on one kept connection and asks for JSON; the servers take turns, query by query, so that what
else the machine does hits all alike. argraph and `oxigraph serve` hold the same default graph of the same
store, and rdflib-endpoint the same triples. `in process` is the call that a worker of argraph makes, without
worker and without HTTP; `by pool` the same through a worker. `argraph` is asked with a text that it has not
seen before, so that it has no answer kept; `again` is the same text again. Ratios are of medians, and of
`argraph`. Only answers that are complete, with the rows that the call in process finds, are timed.

A second table is for copies of the debate (`debates.py`; 140 make two million triples), without
rdflib-endpoint, which takes minutes to load them. The last one is throughput: many clients, and 1, 2 and 4
workers.

Install the package `oxigraph`; rdflib-endpoint best has an environment of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyoxigraph as ox

from argraph.budget import MIB, Budget
from argraph.query import engine, formats
from argraph.query.pool import Pool, Question
from argraph.rdf.snapshots import Publisher, Snapshot
from argraph.workspace import Workspace
from debates import BASE, copies
from servers import Server, argraph, oxigraph, rdflib_endpoint

BUDGET = Budget(seconds=60, rows=10_000_000, bytes=1024 * MIB, memory=8192 * MIB)
LIMITS = ("--seconds", "60", "--rows", "10000000", "--megabytes", "1024", "--memory", "8192")
SMALL, MIDDLE = "theses", "unanswered-objections"


class Failed(Exception):
    """A server gave something else than a complete answer; its time is no time of an answer."""


class Clock:
    """Times of one way to have a query answered, in milliseconds; only complete answers are counted.

    Args:
        ask: Returns the answer as JSON and how many seconds it took, or raises `Failed`.
    """

    def __init__(self, ask: Callable[[str], tuple[bytes, float]]) -> None:
        self._ask = ask
        self.times: list[float] = []
        self.fault = ""

    def rows(self, text: str) -> int | None:
        """How many rows a query has, untimed and parsed; None where there is no answer."""
        self.times, self.fault = [], ""
        try:
            return len(json.loads(self._ask(text)[0])["results"]["bindings"])
        except (Failed, ValueError, KeyError) as error:
            self.fault = str(error) or type(error).__name__
            return None

    def once(self, text: str) -> float:
        """Take the time once; returns it in seconds."""
        _, seconds = self._ask(text)
        self.times.append(seconds * 1e3)
        return seconds

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def least(self) -> float:
        return min(self.times)

    def __str__(self) -> str:
        if self.fault:
            return self.fault
        times = sorted(self.times)
        return f"{self.median:.2f} ({times[min(len(times) - 1, int(len(times) * 0.95))]:.2f})"


_asked = itertools.count()


def over_http(server: Server, *, fresh: bool = False) -> Clock:
    def ask(text: str) -> tuple[bytes, float]:
        reply = server.ask(f"{text}# {next(_asked)}" if fresh else text)
        if reply.status != 200:
            raise Failed(f"HTTP {reply.status}" if reply.status > 0 else "no answer")
        return reply.body, reply.seconds

    return Clock(ask)


@contextmanager
def in_process(folder: Path) -> Iterator[tuple[Clock, Clock]]:
    """The call in this process, and the same by a pool of one worker."""
    store = ox.Store.read_only(str(folder))
    loop = asyncio.new_event_loop()
    pool = Pool(size=1, budget=BUDGET)
    loop.run_until_complete(pool.start(Snapshot(folder, "")))

    def direct(text: str) -> tuple[bytes, float]:
        began = time.perf_counter()
        told = formats.render(engine.run(store, text), "json").encode()
        return told, time.perf_counter() - began

    async def run(text: str) -> tuple[bytes, float]:
        began = time.perf_counter()
        told = (await pool.run(Question(text))).read()
        return told, time.perf_counter() - began

    try:
        yield Clock(direct), Clock(lambda text: loop.run_until_complete(run(text)))
    finally:
        loop.run_until_complete(pool.stop())
        loop.close()


def latency(queries: dict[str, str], clocks: dict[str, Clock], *, seconds: float) -> None:
    rdflib = "rdflib-endpoint" in clocks
    print(f"| query | rows | {' | '.join(f'{n} p50 (p95)' for n in clocks)} | argraph : oxigraph |", end="")
    print(" rdflib-endpoint : argraph |" if rdflib else "")
    print("|---|--:|" + "--:|" * (len(clocks) + 1 + rdflib))
    ratios: list[float] = []
    gains: list[float] = []
    overheads: list[float] = []
    leasts: list[tuple[float, float]] = []
    for query, text in queries.items():
        rows = {name: clock.rows(text) for name, clock in clocks.items()}
        right = rows["in process"]
        for name, clock in clocks.items():
            if rows[name] not in {None, right}:
                clock.fault = f"{rows[name]} rows"  # another answer: its time says nothing
        spent = {name: 0.0 for name, clock in clocks.items() if not clock.fault}
        for number in range(200):
            for name, so_far in spent.items():
                if so_far < seconds or number < 3:
                    spent[name] += clocks[name].once(text)
        overheads.append(clocks["by pool"].median - clocks["in process"].median)
        pooled, direct = clocks["by pool"].least, clocks["in process"].least
        if not (clocks["argraph"].fault or clocks["oxigraph"].fault):
            leasts.append((clocks["argraph"].least / clocks["oxigraph"].least, pooled - direct))
        ratio, gain = quotient(clocks["argraph"], clocks["oxigraph"]), ""
        ratios += [ratio] if ratio else []
        if rdflib:
            found = quotient(clocks["rdflib-endpoint"], clocks["argraph"])
            gains += [found] if found else []
            gain = f" {found:.1f} |" if found else " – |"
        told = " | ".join(map(str, clocks.values()))
        print(f"| {query} | {right} | {told} | {f'{ratio:.2f}' if ratio else '–'} |{gain}", flush=True)
    print(f"\nargraph : oxigraph, median {statistics.median(ratios):.2f}, worst {max(ratios):.2f}, ", end="")
    print(f"{sum(r <= 2 for r in ratios)} of {len(ratios)} at most 2.")
    if gains:
        print(
            f"rdflib-endpoint : argraph, median {statistics.median(gains):.1f}, least {min(gains):.1f}, ",
            end="",
        )
        print(f"{sum(g >= 10 for g in gains)} of {len(gains)} at least 10.")
    print(f"A worker adds {statistics.median(overheads):.2f} ms to the call (median of medians).")
    # What else the machine does makes times longer, never shorter: the least are the nearest to a quiet one.
    by_least = [ratio for ratio, _ in leasts]
    print(f"By least times: argraph : oxigraph, median {statistics.median(by_least):.2f}, ", end="")
    print(
        f"worst {max(by_least):.2f}, {sum(r <= 2 for r in by_least)} of {len(by_least)} at most 2; ", end=""
    )
    print(f"a worker adds {statistics.median(extra for _, extra in leasts):.2f} ms.\n")


def quotient(one: Clock, other: Clock) -> float | None:
    """How many times longer one takes, where both have answered."""
    return None if one.fault or other.fault else one.median / other.median


def throughput(queries: dict[str, str], *, seconds: float) -> None:
    print("| query | clients | 1 worker | 2 workers | 4 workers |\n|---|--:|--:|--:|--:|")
    counts: dict[tuple[str, int], list[float]] = {}
    for workers in (1, 2, 4):
        with argraph("--workers", str(workers), *LIMITS) as server:
            for name in (SMALL, MIDDLE):
                for clients in (1, 8):
                    counts.setdefault((name, clients), []).append(
                        answers(server, queries[name], clients, seconds)
                    )
    for (name, clients), rates in counts.items():
        print(f"| {name} | {clients} | " + " | ".join(f"{rate:.0f}/s" for rate in rates) + " |")
    print()


def answers(server: Server, text: str, clients: int, seconds: float) -> float:
    """Queries answered in a second."""
    done = [0] * clients
    over = threading.Event()

    def ask(number: int) -> None:
        own = server.other()
        while not over.is_set():
            done[number] += own.ask(f"{text}# {next(_asked)}").status == 200

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    over.set()
    counted = sum(done)
    for thread in threads:
        thread.join()
    return counted / seconds


def shipped(workspace: Workspace) -> dict[str, str]:
    """The saved queries, and those with a parameter for a node once more with one."""
    found = {}
    nodes = {"thesis": BASE + "th-open-must-win", "node": BASE + "pil-safety"}
    for name, stored in workspace.catalogue.items():
        found[name] = stored.text
        for parameter in stored.parameters:
            if node := nodes.get(parameter.name):
                values = f"WHERE {{ VALUES ?{parameter.name} {{ <{node}> }}"
                found[f"{name}, one {parameter.name}"] = stored.text.replace("WHERE {", values, 1)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="SPARQL over HTTP, argraph and others.")
    parser.add_argument("--copies", type=int, default=140, help="of the debate for the second table; 0: none")
    parser.add_argument("--seconds", type=float, default=1.0, help="for one query on one server")
    parser.add_argument("--oxigraph", type=Path, default=Path(sys.executable).with_name("oxigraph"))
    parser.add_argument("--rdflib-endpoint", type=Path, help="the program of that name")
    parser.add_argument("--only", nargs="*", help="names of saved queries")
    options = parser.parse_args()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the beginning.\n")
    workspace = Workspace.open()
    queries = shipped(workspace)
    if options.only:
        queries = {name: text for name, text in queries.items() if name in options.only}
    for number in (1, options.copies):
        if number:
            with tempfile.TemporaryDirectory(dir=_memory()) as folder:
                compare(workspace, number, queries, Path(folder), options)
    print("Throughput on the debate, with one and with eight clients at once:\n")
    throughput(shipped(workspace), seconds=5 * options.seconds)


def compare(
    workspace: Workspace, number: int, queries: dict[str, str], folder: Path, options: argparse.Namespace
) -> None:
    began = time.perf_counter()
    publisher = Publisher.open(folder / "argraph")
    # Under this name `argraph serve` takes the store for that of the shipped files, and serves it as it is.
    publisher.publish(copies(workspace, number), workspace.version)
    took = time.perf_counter() - began
    publisher.close()
    with ExitStack() as stack:
        served = stack.enter_context(argraph("--store", str(folder / "argraph"), *LIMITS))
        # Opening a store may rearrange its files, so that all get those that argraph reads now.
        (published,) = (folder / "argraph" / "snapshots").iterdir()
        for name in ("oxigraph", "mine"):
            shutil.copytree(published, folder / name)
        store = ox.Store.read_only(str(folder / "mine"))
        triples = sum(1 for _ in store.quads_for_pattern(None, None, None, ox.DefaultGraph()))
        clocks = dict(
            zip(("in process", "by pool"), stack.enter_context(in_process(folder / "mine")), strict=True)
        )
        clocks |= {"argraph": over_http(served, fresh=True), "again": over_http(served)}
        peer = oxigraph(options.oxigraph, folder / "oxigraph", "serve-read-only")
        clocks["oxigraph"] = over_http(stack.enter_context(peer))
        if options.rdflib_endpoint and number == 1:
            file = folder / "debate.nt"
            store.dump(str(file), format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
            peer = rdflib_endpoint(options.rdflib_endpoint, file)
            clocks["rdflib-endpoint"] = over_http(stack.enter_context(peer))
        print(f"The debate, {number} time{'' if number == 1 else 's'}: {triples:,} triples, ", end="")
        print(f"stored and published in {took:.0f} s. Times in milliseconds.\n", flush=True)
        latency(queries, clocks, seconds=options.seconds)


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


if __name__ == "__main__":
    main()
