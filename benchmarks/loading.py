"""First load and restart of debates from 100,000 triples on, beside `oxigraph load` of the same data.

    python benchmarks/loading.py [--triples N …] [--quick] [--keep DIR]

For each size a debate is generated (`generate.py`). Each line is a process of its own, one after the other:

* `oxigraph load`, files: the Turtle files as they are, into the default graph of a new store;
* argraph, files: the same files into named graphs, and their union as default graph, as `argraph load` does
  it: more than the line before, since each triple stands in the store twice, in nine indexes;
* `oxigraph load`, same quads: exactly these quads, from one file of N-Quads, so that both do the same work;
* `argraph load`: that and all the rest: statuses, strengths, what statements hang on, derived triples,
  statistics and their union, the search index, and what is kept for a restart;
* `oxigraph load`, all quads: exactly the quads of the store that it leaves;
* restart: `argraph serve` on that store with unchanged files, from its start to the first page.

CPU is the processor time of a process and its children, which a busy machine changes less than the seconds
that pass. Memory is the most that the process had resident (VmHWM); of a server, that of each of its
processes. The store counts files once, however often they are linked.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple
from urllib.request import urlopen

import pyoxigraph as ox
from generate import TRIPLES, generate

SOURCE: Final = Path(__file__).resolve().parents[1] / "src"
OXIGRAPH: Final = Path(sysconfig.get_path("scripts")) / "oxigraph"
_TICK: Final = os.sysconf("SC_CLK_TCK")
_ROLES: Final = {"examiner.py": "gate", "worker.py": "worker"}


class Cost(NamedTuple):
    """What a process took: seconds, seconds of processor time, and the most memory, in MB."""

    seconds: float
    cpu: float
    memory: float


def run(*command: object, log: Path) -> Cost:
    """Run a command to its end; it must succeed."""
    began = time.perf_counter()
    with log.open("wb") as file:
        process = subprocess.Popen(
            [str(word) for word in command], stdout=file, stderr=file, env=_environment()
        )
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} failed:\n{log.read_text()[-2000:]}")
    return Cost(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(SOURCE)}


def size_of(folder: Path) -> float:
    """MB of the files below a folder, each once however often it is linked."""
    found = {(s := path.stat()).st_ino: s.st_blocks * 512 for path in folder.rglob("*") if path.is_file()}
    return sum(found.values()) / 1e6


def bulk(graph: str, folder: str) -> None:
    """The triples of files into a store, with their union; runs as a process of its own."""
    sys.path.insert(0, str(SOURCE))
    from argraph.rdf.snapshots import fill

    def quads() -> Iterator[ox.Quad]:
        for path in sorted(Path(graph).glob("*.ttl")):
            name = ox.NamedNode(f"urn:file:{path.name}")
            for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True):
                yield ox.Quad(quad.subject, quad.predicate, quad.object, name)

    store = ox.Store(folder)
    fill(store, quads())
    store.flush()


class Server:
    """`argraph serve`, and what is seen of it from outside."""

    def __init__(self, *options: object) -> None:
        self._began = time.perf_counter()
        command = [sys.executable, "-m", "argraph", "serve", "--port", "0", *map(str, options)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=_environment()
        )
        assert self.process.stdout is not None
        told = self.process.stdout.readline()
        found = re.search(r"http://\S+/", told)
        if found is None:
            raise SystemExit(f"argraph serve does not start: {told}")
        self.address = found[0]

    def get(self, path: str) -> float:
        """Seconds for a page."""
        began = time.perf_counter()
        with urlopen(self.address + path, timeout=120) as answer:
            answer.read()
        return time.perf_counter() - began

    def since(self) -> float:
        """Seconds since it was started."""
        return time.perf_counter() - self._began

    def processes(self) -> Iterator[tuple[str, int]]:
        """What its processes are for, with their numbers."""

        def below(process: int) -> Iterator[int]:
            yield process
            for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
                yield from below(int(child))

        for process in below(self.process.pid):
            command = Path(f"/proc/{process}/cmdline").read_text().split("\0")
            role = next((role for name, role in _ROLES.items() if any(name in word for word in command)), "")
            yield role or "server", process

    def cpu(self, role: str) -> float:
        """Seconds of processor time of the processes of a role."""
        return sum(_cpu(process) for found, process in self.processes() if found == role)

    def memory(self) -> dict[str, float]:
        """The most memory that a process of each role had, in MB."""
        found: dict[str, float] = {}
        for role, process in self.processes():
            told = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
            found[role] = max(found.get(role, 0.0), int(told[1]) / 1024 if told else 0.0)
        return found

    def wait_for_gate(self) -> float:
        """Seconds until the gate has nothing more to read: its processor time does not grow any more."""
        last, still = -1.0, 0
        while still < 8:
            time.sleep(0.25)
            used = self.cpu("gate")
            still = still + 1 if used == last and used > 0 else 0
            last = used
        return self.since() - 2.0


def _cpu(process: int) -> float:
    words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / _TICK


@contextmanager
def serving(*options: object) -> Iterator[Server]:
    """A server that is stopped afterwards."""
    server = Server(*options)
    try:
        yield server
    finally:
        server.process.send_signal(signal.SIGINT)
        server.process.wait(60)


def measure(triples: int, home: Path) -> list[str]:
    """The rows of one size."""
    graph, log = home / "graph", home / "log"
    generate(graph, max(1, round(triples / TRIPLES)))
    files = sorted(graph.glob("*.ttl"))
    rows: list[str] = []
    costs: dict[str, Cost] = {}

    def row(name: str, cost: Cost, disk: float | None, beside: str, note: str = "") -> None:
        costs[name] = cost
        ratio = f"{cost.cpu / costs[beside].cpu:.2f}" if beside else ""
        stored = f"{disk:,.0f}" if disk is not None else ""
        cells = (
            f"{triples:,}",
            name,
            f"{cost.seconds:.1f}",
            f"{cost.cpu:.1f}",
            ratio,
            f"{cost.memory:,.0f}",
            stored,
            note,
        )
        rows.append(f"| {' | '.join(cells)} |")
        print(rows[-1], file=sys.stderr, flush=True)

    def peer(name: str, *given: object, beside: str = "", note: str = "") -> None:
        place = home / "peer"
        row(name, run(OXIGRAPH, "load", "-l", place, "-f", *given, log=log), size_of(place), beside, note)
        shutil.rmtree(place)

    def dumped(store: Path) -> Path:
        place = home / "quads.nq"
        ox.Store.read_only(str(store)).dump(str(place), ox.RdfFormat.N_QUADS)
        return place

    peer("`oxigraph load`, files", *files)
    ours = home / "bulk"
    filled = run(sys.executable, __file__, "--bulk", graph, ours, log=log)
    quads = dumped(ours)
    peer("`oxigraph load`, same quads", quads)
    row("argraph, files", filled, size_of(ours), "`oxigraph load`, same quads")
    shutil.rmtree(ours)
    quads.unlink()
    store = home / "store"
    whole = run(sys.executable, "-m", "argraph", "load", "--graph", graph, "--store", store, log=log)
    quads = dumped(store / "kept" / "state")
    with quads.open("rb") as file:
        count = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    peer("`oxigraph load`, all quads", quads, note=f"{count:,} quads")
    row(
        "`argraph load`", whole, size_of(store), "`oxigraph load`, all quads", "and what is computed and kept"
    )
    quads.unlink()
    data = home / "data"
    with serving("--graph", graph, "--store", store, "--data", data) as server:
        announced = server.since()
        page = server.get("")
        shown = server.since()
        used = server.cpu("server")
        gate = server.wait_for_gate()
        nodes = sorted(server.get(f"id/s{number}") for number in range(1, 400, 4))
        memory = server.memory()
        note = (
            f"address after {announced:.1f} s, first page {page * 1000:.0f} ms, node page p50 "
            f"{nodes[len(nodes) // 2] * 1000:.1f} ms; gate ready after {gate:.0f} s, "
            f"its CPU {server.cpu('gate'):.1f} s"
        )
        row("restart", Cost(shown, used, memory["server"]), None, "", note)
    told = ", ".join(f"{role} {megabytes:,.0f} MB" for role, megabytes in sorted(memory.items()))
    rows.append(f"| {triples:,} | memory after a restart | | | | | | {told} |")
    shutil.rmtree(store)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--triples", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--quick", action="store_true", help="one small size")
    parser.add_argument("--keep", type=Path, help="folder to work in (default: a temporary one)")
    parser.add_argument("--bulk", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bulk:
        bulk(*options.bulk)
        return
    rows: list[str] = []
    for triples in [20_000] if options.quick else options.triples:
        with _place(options.keep) as home:
            rows += measure(triples, home)
    print("## Loading and restarting\n")
    print(
        "Debates of `generate.py`; each line is a process of its own. Ratio: processor time beside `oxigraph "
        "load` of exactly the same quads.\n"
    )
    print("| triples of files | | seconds | CPU s | ratio | memory MB | disk MB | |")
    print("|---:|---|---:|---:|---:|---:|---:|---|")
    print("\n".join(rows))


@contextmanager
def _place(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="argraph-loading-") as folder:
        yield Path(folder)


if __name__ == "__main__":
    main()
