"""How cost grows with a debate: the same questions of generated ones, each ten times as large as the last.

    python benchmarks/growth.py [--sizes 1000,10000,100000] [--times 200] [--json FILE] [--work DIR]

Each debate is one of `generate.py`, served by `argraph serve --graph --data --store` in processes of its
own. One client asks over HTTP on a kept connection: each question so many times, of nodes and words that a
seed chooses, none of them twice where the debate has that many, since answers to queries are kept. The first
answer to each question is not counted: what is worked out on first use is not what is measured. A question
that takes longer than `--seconds` in all is asked less often, and the report says so. Beside the client's
times stands the processor time of all processes of the server, which a busy machine stretches less. `in
process` is the library call in a process that holds the debate, as `contribute.py` times it; there, times
are processor time. Then the server is stopped and started again on the same store.

The output is Markdown; `--json` keeps the numbers, from which `plot.py` draws.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from contribute import asked as calls
from contribute import contribution, opened
from generate import BASE, Language, generate

from servers import Reply, Server, argraph

PATIENCE = 900.0  # seconds until the process that checks is ready
LEAST = 10  # times that a question is asked, however long it takes
TICK = os.sysconf("SC_CLK_TCK")
CHECK, IMPACT = "check, in process", "impact, in process"
DRY = "check and impact"
KINDS = {"examiner": "checks files", "worker": "answers queries"}


class Failed(Exception):
    """Something else came than the answer."""


class Question(NamedTuple):
    """A column of the table: how it is asked for the n-th time, and what an answer must hold."""

    name: str
    ask: Callable[[Server, int], Reply]
    holds: bytes = b""


def questions(count: int) -> Iterator[Question]:
    """What is asked over HTTP of a debate with so many statements."""
    rng, language = random.Random(7), Language(random.Random(20))
    nodes = [f"s{i}" for i in rng.sample(range(count), min(count, 1000))]
    hubs = [f"s{rng.randrange(min(count, 200))}" for _ in range(1000)]

    def got(path: Callable[[int], str]) -> Callable[[Server, int], Reply]:
        return lambda server, i: server.get(path(i), timeout=300, accept="*/*")

    def search(words: list[str]) -> Callable[[Server, int], Reply]:
        return got(lambda i: "/api/search?" + urlencode({"q": words[i % len(words)]}))

    def dry(server: Server, i: int) -> Reply:
        path = "/api/contributions?dry_run=1&name=zebra.ttl"
        return server.post(path, contribution(BASE, i), "text/turtle", timeout=300)

    words, rare = [language.word() for _ in range(1000)], rng.sample(language.words, 1000)
    yield Question(DRY, dry, b'"ok":true')
    yield Question(
        "neighbourhood", got(lambda i: f"/api/nodes/{nodes[i % len(nodes)]}/neighbourhood"), b'"nodes"'
    )
    yield Question(
        "outline of a hub", got(lambda i: f"/api/nodes/{hubs[i % 1000]}/outline?depth=4"), b'"level"'
    )
    yield Question("search: two words", search([f"{a} {b}" for a, b in pairwise(words)]))
    yield Question("search: prefix", search([word[: rng.randint(2, 6)] for word in words]))
    yield Question("search: sentence", search([language.text(12) for _ in range(1000)]))
    yield Question("status of a node", got(lambda i: f"/api/nodes/{nodes[i % len(nodes)]}"), b'"status"')
    yield Question(
        "page of a node", got(lambda i: f"/id/{nodes[i % len(nodes)]}?format=html"), b"<!doctype html>"
    )
    saved = "/queries/{}?format=json&{}"
    of_node = got(lambda i: saved.format("evidence-for", f"node={nodes[i % len(nodes)]}"))
    yield Question("saved query, one node", of_node, b'"bindings"')
    of_all = got(lambda i: saved.format("mentions", f"word={quote(rare[i % 1000])}"))
    yield Question("saved query, all texts", of_all, b'"bindings"')


def patiently(question: Question, server: Server, i: int) -> Reply:
    """Ask, and come again when told to: neither shares of a client nor a start are what is measured."""
    end = time.monotonic() + PATIENCE
    while (reply := question.ask(server, i)).status in {429, 503} and time.monotonic() < end:
        time.sleep(0.5)
    if reply.status != 200 or question.holds not in reply.body.lower():
        raise Failed(f"{reply.status}" if reply.status > 0 else "no answer")
    return reply


def told(times: list[float], cpu: float) -> dict[str, float]:
    """Milliseconds of seconds: median, 95th percentile, most, mean of processor time, and how often."""
    ordered = sorted(times)
    high = ordered[math.ceil(0.95 * len(ordered)) - 1]
    numbers = {"p50": ordered[len(ordered) // 2], "p95": high, "most": ordered[-1], "cpu": cpu / len(ordered)}
    return {name: round(seconds * 1e3, 3) for name, seconds in numbers.items()} | {"times": len(ordered)}


def over_http(server: Server, question: Question, times: int, seconds: float) -> dict[str, float]:
    patiently(question, server, 0)
    spent, taken, end = spending(server.process.pid), [], time.monotonic() + seconds
    for i in range(1, times + 1):
        taken.append(patiently(question, server, i).seconds)
        if time.monotonic() > end and i >= min(LEAST, times):
            break
    return told(taken, spending(server.process.pid) - spent)


# -- what processes take ------------------------------------------------------------------------------------


def family(pid: int) -> Iterator[int]:
    """A process and those that it has started, and theirs, as far as they live."""
    yield pid
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from family(int(child))
    except (FileNotFoundError, ProcessLookupError):
        return


def spending(pid: int) -> float:
    """Seconds of processor time of a family, with what has ended in it."""
    total = 0
    for one in family(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(map(int, fields[11:15]))  # own and of waited-for children, in user mode and the kernel's
    return total / TICK


def memory(pid: int) -> dict[str, float]:
    """MB of each process of a family by what it does; memory that several share counts in parts (PSS)."""
    found: dict[str, float] = {}
    for one in family(pid):
        try:
            command = Path(f"/proc/{one}/cmdline").read_text()
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        does = next((says for part, says in KINDS.items() if part in command), "serves")
        kilobytes = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        found[does] = round(found.get(does, 0) + kilobytes / 1024, 1)
    return found


# -- one size -----------------------------------------------------------------------------------------------


@contextmanager
def started(folder: Path, kept: Path) -> Iterator[tuple[Server, tuple[float, float]]]:
    """A server that answers, and how long that took: by the clock and in processor time."""
    began = time.perf_counter()
    places = ("--graph", str(folder), "--data", str(kept / "data"), "--store", str(kept / "store"))
    with argraph(*places, "--seconds", "300", "--rows", "10000000", "--megabytes", "1024") as server:
        yield server, (round(time.perf_counter() - began, 2), round(spending(server.process.pid), 2))


def measure(count: int, folder: Path, times: int, seconds: float) -> dict[str, Any]:
    """All numbers of one size, as data."""
    asked: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        with started(folder, Path(name)) as (server, ready):
            health = json.loads(server.get("/healthz", accept="*/*").body)
            first, *_ = questions(count)
            began = time.perf_counter()
            patiently(first, server, 1000)
            checks = round(ready[0] + time.perf_counter() - began, 2)
            for question in questions(count):
                with suppress(Failed):
                    asked[question.name] = over_http(server, question, times, seconds)
                print(f"{count:,}: {question.name}: {asked.get(question.name)}", file=sys.stderr, flush=True)
            held = memory(server.process.pid)
        with started(folder, Path(name)) as (server, restart):
            patiently(first, server, 1001)
    command = [sys.executable, __file__, "--in-process", str(folder), "--times", str(times)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    asked |= json.loads(done.stdout)
    return {
        "statements": count,
        "triples": health["triples"],
        "ready": ready,
        "checks": checks,
        "restart": restart,
        "memory": held,
        "asked": asked,
    }


def in_process(folder: Path, times: int) -> dict[str, dict[str, float]]:
    workspace, _ = opened(folder)
    found = {}
    for number, (name, run) in enumerate({**calls(workspace)}.items()):
        if name not in {"check", "impact"}:
            continue
        taken = []
        run(1000 * number)
        for i in range(1, times + 1):
            began = time.process_time()
            run(1000 * number + i)
            taken.append(time.process_time() - began)
        found[f"{name}, in process"] = told(taken, sum(taken))
    return found


# -- the table ----------------------------------------------------------------------------------------------


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---:"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def cell(asked: dict[str, float] | None, which: str) -> str:
    """Median and 95th percentile, or processor time; nothing where there was no answer."""
    if asked is None:
        return "no answer"
    return number(asked["cpu"]) if which == "cpu" else f"{number(asked['p50'])} / {number(asked['p95'])}"


def factor(few: dict[str, float], many: dict[str, float] | None, which: str) -> str:
    """By how much a number grew; nothing where it is too small for the clock."""
    if many is None:
        return "–"
    least = 1e3 / TICK / few["times"] if which == "cpu" else 1e-3
    return f"{number(many[which] / few[which])} ×" if few[which] > least else "–"


def latency(sizes: list[dict[str, Any]]) -> str:
    """A row for each size and one for the growth, by the client's clock and in processor time."""
    least, most = sizes[0], sizes[-1]
    names = [*least["asked"]]
    begins = [[f"{size[of]:,}" for of in ("statements", "triples")] for size in sizes]
    grown = [f"**{number(most[of] / least[of])} ×**" for of in ("statements", "triples")]
    tables = []
    for which in ("p50", "cpu"):
        rows = []
        for begin, size in zip(begins, sizes, strict=True):
            rows.append(begin + [cell(size["asked"].get(name), which) for name in names])
        if most is not least:
            growth = [factor(least["asked"][name], most["asked"].get(name), which) for name in names]
            rows.append(grown + growth)
        tables.append(table(["statements", "triples", *names], rows))
    often = sorted({one["times"] for size in sizes for one in size["asked"].values()})
    times = f"{often[0]} times" if len(often) == 1 else f"{often[0]} to {often[-1]} times"
    return f"""\
Milliseconds until the whole answer is there, median / 95th percentile, of a running server that one client
asks over HTTP; “in process” is the library call in a warm process, in processor time. The last row is the
growth of the median. Each question was asked {times} of each debate; the first answer is not counted.

{tables[0]}
The same in processor time of all processes of the server, mean of each question:

{tables[1]}"""


def checking(sizes: list[dict[str, Any]]) -> str:
    """How the check of a small file grows, which it must not."""
    least = next((size for size in sizes if size["triples"] >= 10_000), sizes[0])
    most = sizes[-1]
    rows = []
    for name, aim in ((DRY, ""), (CHECK, "at most 2 ×"), (IMPACT, "")):
        few, many = least["asked"][name], most["asked"].get(name)
        if many is None:
            rows.append([name, *["no answer"] * 4, aim])
            continue
        cells = [f"{number(few[which])} → {number(many[which])} ms" for which in ("p50", "cpu")]
        growth = [f"{many[which] / few[which]:.2f} ×" for which in ("p50", "cpu")]
        rows.append(
            [name + (", over HTTP" if name == DRY else ""), cells[0], growth[0], cells[1], growth[1], aim]
        )
    heads = [f"{least['triples']:,} → {most['triples']:,} triples", "median", "growth"]
    return f"""\
### A file of ten nodes is checked

What this takes must not grow with the debate: at most twice as much from ten thousand to ten million triples.
The impact of a file may shrink at first: debates of less than 20,000 nodes and steps do without the compiled
kernels, which take a moment to load.

{table([*heads, "processor time", "growth", "aim"], rows)}"""


def starting(sizes: list[dict[str, Any]]) -> str:
    """How long it takes to start, and what processes hold."""
    kinds = sorted({kind for size in sizes for kind in size["memory"]}, reverse=True)
    rows = []
    for size in sizes:
        (ready, spent), (again, less) = size["ready"], size["restart"]
        seconds = [f"{ready:,.1f} ({spent:,.1f})", f"{size['checks']:,.1f}", f"{again:,.1f} ({less:,.1f})"]
        megabytes = [f"{size['memory'].get(kind, 0):,.0f}" for kind in kinds]
        rows.append([f"{size['statements']:,}", f"{size['triples']:,}", *seconds, *megabytes])
    heads = ["statements", "triples", "ready, s", "checks, s", "again, s", *(f"{kind}, MB" for kind in kinds)]
    return f"""\
### Start and memory

Seconds from the start of `argraph serve` until a query is answered (in brackets, processor time), until a
file is checked, and until a query is answered when it starts again on unchanged files; MB of each process
after all questions (memory that several processes share counts in parts).

{table(heads, rows)}"""


def markdown(sizes: list[dict[str, Any]], faults: list[str]) -> str:
    """The section of the report, from data, and what could not be measured."""
    parts = [latency(sizes), checking(sizes), starting(sizes)] if sizes else []
    return "\n".join(["## How cost grows with the debate\n", *parts, *faults])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="1000,10000,100000", help="statements of the generated debates")
    parser.add_argument("--times", type=int, default=200, help="that each question is asked")
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="for one question, as soon as asked 10 times"
    )
    parser.add_argument("--json", type=Path, help="file for the numbers")
    parser.add_argument("--work", type=Path, help="where generated debates are kept, and found again")
    parser.add_argument("--in-process", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.in_process:
        print(json.dumps(in_process(options.in_process, options.times)))
        return
    sizes: list[dict[str, Any]] = []
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        for count in sorted(int(size) for size in options.sizes.split(",")):
            folder = (options.work or Path(name)) / str(count)
            if not folder.is_dir():
                generate(folder, count)
            try:
                sizes.append(measure(count, folder, options.times, options.seconds))
            except (Failed, AssertionError, OSError, subprocess.CalledProcessError) as error:
                faults.append(
                    f"**{count:,} statements were not measured:** {type(error).__name__} {error}.\n"
                )
                break  # what is larger will not do either
            if options.json:  # kept size by size: the largest may not end
                options.json.write_text(json.dumps({"sizes": sizes}, indent=1) + "\n", encoding="utf-8")
    print(markdown(sizes, faults))
    sys.exit(0 if sizes else 1)


if __name__ == "__main__":
    main()
