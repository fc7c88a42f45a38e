"""How long `argraph check` takes on a small contribution, beside the pyshacl command line on the same union.

Both are whole processes, so start-up counts: that is what a contributor waits for. The contribution has ten
nodes and joins the packaged debate. pyshacl gets debate and contribution in one file, all shapes in another;
it only validates, while argraph also reads with positions and runs its policy. pyshacl exits with 1, since
without the ontology it takes the schemes of argument for unknown.

    python benchmarks/check.py [--runs N]
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyoxigraph as ox

from argraph import resources

CONTRIBUTION = Path(__file__).parents[1] / "tests" / "unit" / "contribution" / "valid.ttl"


def merged(files: list[Path], into: Path) -> int:
    store = ox.Store()
    for file in files:
        store.bulk_load(path=str(file), format=ox.RdfFormat.TURTLE, to_graph=ox.DefaultGraph())
    store.dump(str(into), format=ox.RdfFormat.TURTLE, from_graph=ox.DefaultGraph())
    return len(store)


def median(command: list[str], runs: int, accepted: tuple[int, ...] = (0,)) -> tuple[float, float]:
    """Seconds of a whole process by the clock, and of processor time."""
    times = []
    for _ in range(runs):
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        times.append((time.perf_counter() - start, spent))
        if done.returncode not in accepted:
            sys.exit(f"{command[:4]} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    clock, processor = (statistics.median(one) for one in zip(*times, strict=True))
    return clock, processor


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        data, shapes = Path(folder) / "union.ttl", Path(folder) / "shapes.ttl"
        triples = merged([*sorted(resources.graph().rglob("*.ttl")), CONTRIBUTION], data)
        merged(sorted(resources.shapes().glob("*.ttl")), shapes)
        ours = median([sys.executable, "-m", "argraph", "check", str(CONTRIBUTION)], runs)
        theirs = median(
            [sys.executable, "-m", "pyshacl", "-s", str(shapes), str(data)], runs, accepted=(0, 1)
        )
    print(f"A union of {triples:,} triples; {runs} whole processes, median.\n")
    print("| seconds | argraph check | pyshacl | ratio |\n|---|---:|---:|---:|")
    for name, our, their in zip(("by the clock", "of processor time"), ours, theirs, strict=True):
        print(f"| {name} | {our:.2f} | {their:.2f} | {their / our:.1f} × |")


if __name__ == "__main__":
    main()
