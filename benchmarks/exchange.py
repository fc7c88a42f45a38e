"""How fast AIF is read, made a debate of, and written, in how much memory, and beside arguebuf.

    python benchmarks/exchange.py [--megabytes 100] [--corpora FOLDER] [--peer PYTHON]

Prints a section in Markdown. Files are made in the shape of AIFdb's transcripts (a dialogue layer around the
argument), or are those of a folder. `--peer` is a Python that has arguebuf (pip install arguebuf): it reads
the same files, and its steps on steps are counted, since what a reader drops it need not spend time on.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from argraph.exchange import aif_json, registry, turtle

PEER = """
import sys, time, json, arguebuf
loaded = failed = on_steps = 0
start = time.process_time()
for path in sys.stdin.read().splitlines():
    try:
        with open(path, encoding="utf-8") as file:
            graph = arguebuf.load.aif(json.load(file))
        loaded += 1
        on_steps += sum(
            isinstance(e.source, arguebuf.SchemeNode) and isinstance(e.target, arguebuf.SchemeNode)
            for e in graph.edges.values()
        )
    except Exception as fault:
        failed += 1
        last = repr(fault)
print(json.dumps([time.process_time() - start, loaded, failed, on_steps, arguebuf.__package__]))
if failed:
    print("last refusal:", last, file=sys.stderr)
"""


def nodeset(draw: random.Random, size: int) -> bytes:
    """One file: `size` moves of a dialogue, each a locution with its proposition, most argued with."""
    nodes: list[dict[str, object]] = []
    edges: list[dict[str, object]] = []

    def node(kind: str, text: str, **others: str) -> str:
        name = str(draw.randrange(10**6) * 10**4 + len(nodes))
        stamp = {"timestamp": "2020-05-28 19:24:34"}
        nodes.append({"nodeID": name, "text": text, "type": kind, **stamp, **others})
        return name

    def edge(start: str, end: str) -> None:
        edges.append({"edgeID": str(len(edges)), "fromID": start, "toID": end, "formEdgeID": None})

    steps: list[str] = []
    claims: list[str] = []
    for number in range(size):
        words = " ".join(draw.choice(WORDS) for _ in range(draw.randint(8, 20)))
        claim = node("I", words)
        locution = node("L", f"Speaker{number % 5}: {words}")
        illocution = node("YA", "Asserting", scheme="Asserting", schemeID="74")
        edge(locution, illocution)
        edge(illocution, claim)
        if claims and number % 4:
            attack = number % 3 == 0
            kind, scheme = ("CA", "Default Conflict") if attack else ("RA", "Default Inference")
            step = node(kind, scheme, scheme=scheme, schemeID="71")
            edge(claim, step)
            edge(step, draw.choice(steps if attack and steps and number % 2 else claims))
            steps.append(step)
        claims.append(claim)
    return json.dumps({"nodes": nodes, "edges": edges, "locutions": []}).encode()


WORDS = [
    "the",
    "roads",
    "wear",
    "down",
    "under",
    "traffic",
    "and",
    "rain",
    "so",
    "those",
    "who",
    "use",
    "them",
    "pay",
]


STEPS = ("read", "made a debate in Turtle", "written as AIF")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=int, default=100, help="of all files, and of the largest one")
    parser.add_argument("--corpora", type=Path, help="read the *.json of this folder instead")
    parser.add_argument("--peer", metavar="PYTHON", help="a Python that has arguebuf")
    parser.add_argument("--child", type=Path, nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measured(options.child)))
        return
    with tempfile.TemporaryDirectory() as folder:
        draw = random.Random(8)
        paths = sorted(options.corpora.rglob("*.json")) if options.corpora else []
        if not options.corpora:
            paths = list(made(Path(folder), draw, options.megabytes * 10**6))
        large = Path(folder) / "large.json"
        large.write_bytes(nodeset(draw, options.megabytes * 10**6 // 1000))
        print(section(paths, large, options.peer))


def made(folder: Path, draw: random.Random, size: int) -> Iterable[Path]:
    """Files of 100 moves each, until they are so large together."""
    number = total = 0
    while total < size:
        path = folder / f"nodeset{number}.json"
        path.write_bytes(nodeset(draw, 100))
        total += path.stat().st_size
        number += 1
        yield path


def section(paths: Sequence[Path], large: Path, peer: str | None) -> str:
    many, one = child(paths), child([large])
    lines = [
        "## Interchange: AIF in JSON",
        "",
        f"{many['files']:,} files of {many['megabytes']:.1f} MB together, the largest of "
        f"{many['largest']:.2f} MB, read one after the other on one core; {many['on steps']:,} steps in them "
        f"lead to steps. Then one file of {one['megabytes']:.1f} MB. Times are of the processor; "
        f"elapsed were {many['elapsed']:.0f} s and {one['elapsed']:.0f} s.",
        "",
        "| | MB a minute, many files | ms for a file, median | p95 | MB a minute, one large file |",
        "|---|---|---|---|---|",
    ]
    for step in STEPS:
        times = sorted(many[step])
        p95 = times[int(len(times) * 0.95)] * 1000
        lines.append(
            f"| {step} | {many['megabytes'] / sum(times) * 60:,.0f} | {statistics.median(times) * 1000:.1f} "
            f"| {p95:.1f} | {one['megabytes'] / sum(one[step]) * 60:,.0f} |"
        )
    if peer:
        lines.append(beside(paths, peer))
    lines += [
        "",
        "| memory at most | MiB | of it before the first file |",
        "|---|---|---|",
        f"| the many files | {many['peak']:,.0f} | {many['before']:,.0f} |",
        f"| the large file | {one['peak']:,.0f} | {one['before']:,.0f} |",
    ]
    return "\n".join(lines)


def child(paths: Sequence[Path]) -> dict[str, Any]:
    ran = subprocess.run(
        [sys.executable, __file__, "--child", *map(str, paths)], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def measured(paths: Sequence[Path]) -> dict[str, Any]:
    """What a process of its own needs for files, one after the other."""
    found: dict[str, Any] = {step: [] for step in STEPS}
    place = turtle.Place("https://example.org/x/")
    before, begun = _peak(), time.perf_counter()
    size = largest = on_steps = 0
    for path in paths:
        data = path.read_bytes()
        size, largest = size + len(data), max(largest, len(data))
        start = time.process_time()
        imported = registry.load(data, path.name, "aif")
        found["read"].append(-start + (start := time.process_time()))
        turtle.contributions([imported], place)
        found["made a debate in Turtle"].append(-start + (start := time.process_time()))
        aif_json.dump(imported.model)
        found["written as AIF"].append(time.process_time() - start)
        on_steps += sum(step.end in imported.model.steps for step in imported.model.steps.values())
        del imported, data
    return found | {
        "files": len(paths),
        "megabytes": size / 10**6,
        "largest": largest / 10**6,
        "on steps": on_steps,
        "elapsed": time.perf_counter() - begun,
        "before": before,
        "peak": _peak(),
    }


def _peak() -> float:
    """The most memory that this process has had so far, in MiB; Linux tells it of the program alone."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def beside(paths: Sequence[Path], python: str) -> str:
    """A row for arguebuf."""
    size = sum(path.stat().st_size for path in paths) / 10**6
    ran = subprocess.run(
        [python, "-c", PEER], input="\n".join(map(str, paths)), capture_output=True, text=True, check=True
    )
    seconds, loaded, failed, on_steps, _ = json.loads(ran.stdout.splitlines()[-1])
    what = f"arguebuf: read ({loaded:,} files, {failed} refused, {on_steps:,} steps on steps)"
    return f"| {what} | {size / seconds * 60:,.0f} | | | |"


if __name__ == "__main__":
    main()
