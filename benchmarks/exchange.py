"""How fast AIF is read, made a debate of, and written, in how much memory, and beside arguebuf.

    python benchmarks/exchange.py [--megabytes 20] [--corpora FOLDER] [--peer PYTHON]

Files are made in the shape of AIFdb's transcripts (a dialogue layer around the argument), or are those of a
folder. `--peer` is a Python that has arguebuf (pip install arguebuf): it reads the same files, and its steps
on steps are counted, since what a reader drops it need not spend time on.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from argraph.exchange import registry, turtle
from argraph.exchange.settling import settle

PEER = """
import sys, time, json, arguebuf
loaded = failed = on_steps = 0
start = time.perf_counter()
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
print(json.dumps([time.perf_counter() - start, loaded, failed, on_steps, arguebuf.__package__]))
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


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=int, default=20)
    parser.add_argument("--corpora", type=Path)
    parser.add_argument("--peer", metavar="PYTHON")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        return one(options.one)
    with tempfile.TemporaryDirectory() as folder:
        paths = sorted(options.corpora.rglob("*.json")) if options.corpora else []
        draw = random.Random(8)
        total = 0
        while not options.corpora and total < options.megabytes * 10**6:
            path = Path(folder) / f"nodeset{len(paths)}.json"
            path.write_bytes(nodeset(draw, 100))
            total += path.stat().st_size
            paths.append(path)
        contents = [(path, path.read_bytes()) for path in paths]
        measure(contents)
        if options.peer:
            beside(paths, options.peer)
        large = Path(folder) / "large.json"
        large.write_bytes(nodeset(draw, options.megabytes * 10**6 // 1000))
        ran = subprocess.run(
            [sys.executable, __file__, "--one", str(large)], capture_output=True, text=True, check=True
        )
        print(ran.stdout, end="")


def measure(contents: list[tuple[Path, bytes]]) -> None:
    size = sum(len(data) for _, data in contents) / 10**6
    print(f"{len(contents)} files, {size:.1f} MB")
    place = turtle.Place("https://example.org/x/")
    seconds = dict.fromkeys(("read", "settled", "debate in Turtle", "written as AIF"), 0.0)
    undercuts = 0
    for path, data in contents:
        begun = time.perf_counter()
        imported = registry.load(data, path.name, "aif")
        seconds["read"] += (done := time.perf_counter()) - begun
        settle(imported.model)
        seconds["settled"] += (now := time.perf_counter()) - done
        turtle.contributions([imported], place)
        seconds["debate in Turtle"] += (done := time.perf_counter()) - now
        registry.get("aif").dump(imported.model, "")
        seconds["written as AIF"] += time.perf_counter() - done
        undercuts += sum(step.end in imported.model.steps for step in imported.model.steps.values())
    for what, spent in seconds.items():
        print(f"  {what:<18} {spent:6.2f} s   {size / spent * 60:8,.0f} MB a minute")
    print(f"  {undercuts} steps against steps")


def beside(paths: list[Path], python: str) -> None:
    size = sum(path.stat().st_size for path in paths) / 10**6
    ran = subprocess.run(
        [python, "-c", PEER], input="\n".join(map(str, paths)), capture_output=True, text=True, check=True
    )
    seconds, loaded, failed, on_steps, _ = json.loads(ran.stdout.splitlines()[-1])
    print(f"arguebuf: {loaded} files read, {failed} refused, {on_steps} steps against steps")
    print(f"  {'read':<18} {seconds:6.2f} s   {size / seconds * 60:8,.0f} MB a minute {ran.stderr[-200:]}")


def one(path: Path) -> None:
    """Peak of memory of a process that makes a debate of one file."""
    data = path.read_bytes()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    imported = registry.load(data, path.name, "aif")
    read = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    turtle.contributions([imported], turtle.Place("https://example.org/x/"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"one file of {len(data) / 10**6:.1f} MB: {before:,.0f} MiB, {read:,.0f} read, {peak:,.0f} at most")


if __name__ == "__main__":
    main()
