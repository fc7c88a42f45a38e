"""How long `argraph check` takes on a small contribution, beside the pyshacl command line on the same union.

Both are whole processes, so start-up counts: that is what a contributor waits for. The contribution has ten
nodes and joins the packaged debate. pyshacl gets debate and contribution in one file, all shapes in another;
it only validates, while argraph also reads with positions and runs its policy. pyshacl exits with 1, since
without the ontology it takes the schemes of argument for unknown.

    python benchmarks/check.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyoxigraph as ox

from argraph import resources

RUNS = 5
CONTRIBUTION = Path(__file__).parents[1] / "tests" / "unit" / "contribution" / "valid.ttl"


def merged(files: list[Path], into: Path) -> int:
    store = ox.Store()
    for file in files:
        store.bulk_load(path=str(file), format=ox.RdfFormat.TURTLE, to_graph=ox.DefaultGraph())
    store.dump(str(into), format=ox.RdfFormat.TURTLE, from_graph=ox.DefaultGraph())
    return len(store)


def median(command: list[str], accepted: tuple[int, ...] = (0,)) -> float:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        times.append(time.perf_counter() - start)
        if done.returncode not in accepted:
            sys.exit(f"{command[:4]} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return statistics.median(times)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data, shapes = Path(folder) / "union.ttl", Path(folder) / "shapes.ttl"
        triples = merged([*sorted(resources.graph().rglob("*.ttl")), CONTRIBUTION], data)
        merged(sorted(resources.shapes().glob("*.ttl")), shapes)
        ours = median([sys.executable, "-m", "argraph", "check", str(CONTRIBUTION)])
        theirs = median([sys.executable, "-m", "pyshacl", "-s", str(shapes), str(data)], accepted=(0, 1))
    print(f"A union of {triples:,} triples; median of {RUNS} whole processes.\n")
    print("| argraph check | pyshacl | ratio |\n|---:|---:|---:|")
    print(f"| {ours:.2f} s | {theirs:.2f} s | {theirs / ours:.1f} × |")


if __name__ == "__main__":
    main()
