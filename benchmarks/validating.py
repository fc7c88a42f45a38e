"""Full validation of a whole graph, as a pipeline does it: `argraph check DIR --whole` beside pySHACL.

    python benchmarks/validating.py [--triples N,N…] [--folder DIR] [--peer SECONDS] [--jobs N,N…]

Graphs are those of `generate.py` with faults strewn over them (one in two hundred of each sort of line that
can be spoilt), so that what is found can be compared. Each command is a process of its own, from its start to
its end. argraph reads with positions, puts misspelt names right, runs its rules, compares wordings, validates
against the shapes and writes a report with the place of each fault. pySHACL loads the same graph with the
same shapes and ontology, merged into one file beforehand, and validates. "pySHACL, tuned" is pySHACL as the
gate calls it, but for all nodes: the graph comes from the store, and the query of a SPARQL constraint is
parsed once instead of for every node. Equal means: the same results, by shape, node, constraint and value, as
from what `argraph check` asks of the shapes.

Time is what the clock shows, and that of the processors, which tells more where other work runs too; memory
is the highest sum over all processes, shared pages counted once (PSS). Where pySHACL does not end in time,
that is said. How fast a file of ten nodes is checked by a process that is warm stands in `contribute.py`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox
from generate import TRIPLES, generate

from argraph import resources

FAULTS = (
    (r'skos:prefLabel "[^"]+"@en', 'skos:prefLabel "Ab"@en'),
    (r'(schema:text "[^"]+")@en', r"\1"),
    (r" *arg:direction arg:\w+ ;\n", ""),
    (r'("20\d\d")\^\^xsd:gYear', r"\1"),
    (r'bibo:doi "10', 'bibo:doi "doi:10'),
    (r"arg:conclusion :s\d+", "arg:conclusion :study-0"),
    (r"(arg:reportedIn :study-\d+ ; arg:grade) arg:\w+", r"\1 arg:High, arg:Low"),
)
ONE_IN = 200

OURS = """
import json, sys
from argraph import resources
from argraph.contribution.shapes import ShapeSet
from argraph.rdf.store import Store
from pathlib import Path
store = Store.load(Path(sys.argv[1])).raw
shapes = ShapeSet.load(resources.shapes(), resources.ontology())
if sys.argv[3] == "tuned":
    shapes = ShapeSet.load(resources.shapes(), resources.ontology(), screened=False)
    results = shapes.validate(store)
else:
    results = shapes.results(store, shapes.targets(store))
found = {(r.shape, r.focus.value, r.component, getattr(r.value, "value", "")) for r in results}
json.dump(sorted(found), open(sys.argv[2], "w"))
"""

THEIRS = """
import json, sys, rdflib
from rdflib import SH
from pyshacl import validate
data, shapes = (rdflib.Graph().parse(path, format="turtle") for path in sys.argv[1:3])
_, report, _ = validate(data, shacl_graph=shapes, inplace=True)
found = set()
for result in report.subjects(rdflib.RDF.type, SH.ValidationResult):
    if not any(report.subjects(SH.detail, result)):
        one = lambda name: str(report.value(result, name) or "")
        found.add((one(SH.sourceShape), one(SH.focusNode), one(SH.sourceConstraintComponent), one(SH.value)))
found = {each for each in found if not each[1].startswith("https://w3id.org/argraph/ns#")}
json.dump(sorted(found), open(sys.argv[3], "w"))
"""


class Cost(NamedTuple):
    """What a command took: seconds on the clock and of processors, and megabytes at most."""

    wall: float
    cpu: float
    memory: int

    def cells(self) -> str:
        return f"{self.wall:,.1f} s | {self.cpu:,.1f} s | {self.memory:,} MB"


def spoil(folder: Path, seed: int = 7) -> None:
    """Strew faults over a generated graph."""
    rng = random.Random(seed)
    for path in sorted(folder.glob("part-*.ttl")):
        text = path.read_text(encoding="utf-8")
        for pattern, other in FAULTS:
            compiled = re.compile(pattern)
            text = compiled.sub(
                lambda match, other=other: match.expand(other) if rng.randrange(ONE_IN) == 0 else match[0],
                text,
            )
        path.write_text(text, encoding="utf-8")


def cost(command: list[str], *, seconds: float, accepted: tuple[int, ...] = (0,)) -> Cost | None:
    """What a command takes; None where it does not end in time."""
    began, most = time.perf_counter(), 0
    before = os.times()
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(command, stdout=told, stderr=subprocess.STDOUT)
        while process.poll() is None:
            most = max(most, proportional(process.pid))
            if time.perf_counter() - began > seconds:
                process.kill()
                process.wait()
                return None
            time.sleep(0.2)
        told.seek(0)
        if process.returncode not in accepted:
            sys.exit(f"{command[:5]} ended with {process.returncode}: {told.read()[-2000:].decode()}")
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(time.perf_counter() - began, cpu, most)


def proportional(pid: int) -> int:
    """Megabytes of a process and those that it started, shared pages counted once."""
    kilobytes = 0
    with contextlib.suppress(OSError, ValueError):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        kilobytes = int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1])  # type: ignore[index]
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return kilobytes // 1024 + sum(proportional(int(child)) for child in children)
    return kilobytes // 1024


def merged(paths: list[Path], into: Path) -> int:
    store = ox.Store()
    for path in paths:
        store.load(path=path, format=ox.RdfFormat.TURTLE)
    store.dump(str(into), format=ox.RdfFormat.TURTLE, from_graph=ox.DefaultGraph())
    return len(store)


def rows(folder: Path, triples: int, jobs: list[int], peer: float) -> list[str]:
    scratch = folder.with_name(f"{folder.name}-peer")
    scratch.mkdir(exist_ok=True)
    data, shapes = scratch / "data.ttl", scratch / "shapes.ttl"
    ours, theirs = scratch / "ours.json", scratch / "theirs.json"
    merged([*sorted(folder.glob("*.ttl")), *sorted(resources.ontology().glob("*.ttl"))], data)
    merged(sorted(resources.shapes().glob("*.ttl")), shapes)
    python = sys.executable
    costs = {}
    for number in jobs:
        command = [python, "-m", "argraph", "check", str(folder), "--whole", "--format", "json"]
        costs[number] = cost([*command, "--jobs", str(number)], seconds=3600, accepted=(1,))
    cost([python, "-c", OURS, str(folder), str(ours), "screened"], seconds=3600)
    peers = {
        "pySHACL, tuned": [python, "-c", OURS, str(folder), str(theirs), "tuned"],
        "pySHACL": [python, "-c", THEIRS, str(data), str(shapes), str(theirs)],
    }
    fastest = costs[jobs[-1]]
    assert fastest is not None
    found = [
        f"| {triples:,} | argraph check, {number} at a time | {one.cells()} | | | |"
        for number, one in costs.items()
        if one is not None
    ]
    for name, command in peers.items():
        other = cost(command, seconds=peer) if peer else None
        if other is None:
            found.append(f"| {triples:,} | {name} | not in {peer:,.0f} s | – | – | – | – | |")
            continue
        one, two = (set(map(tuple, json.loads(path.read_text()))) for path in (ours, theirs))
        equal = f"{len(two):,}, the same"
        if one != two:
            equal = f"{len(one - two):,} only ours, {len(two - one):,} only theirs"
        ratios = f"{other.wall / fastest.wall:.1f} | {other.cpu / fastest.cpu:.1f}"
        found.append(f"| {triples:,} | {name} | {other.cells()} | {ratios} | {equal} |")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--triples", default="10000,100000,1000000", help="sizes of generated graphs")
    parser.add_argument("--folder", type=Path, help="where to write them (default: a folder that is removed)")
    parser.add_argument("--peer", type=float, default=900.0, help="seconds for pySHACL; 0 leaves it out")
    parser.add_argument("--jobs", default="1,2", help="numbers of processes")
    options = parser.parse_args()
    heads = (
        "triples",
        "command",
        "clock",
        "processors",
        "memory",
        "× clock",
        "× processors",
        "SHACL results",
    )
    print("## Validating a whole graph\n")
    jobs = [int(number) for number in options.jobs.split(",")]
    print(
        f"`argraph check DIR --whole` and pySHACL on the same faulty graph; “×” is how many times as long as "
        f"`argraph check --jobs {jobs[-1]}` it takes. {os.cpu_count()} processors, load "
        f"{os.getloadavg()[0]:.1f} at the start.\n"
    )
    print(f"| {' | '.join(heads)} |\n|---:|---|{'---:|' * 5}---|")
    with contextlib.ExitStack() as stack:
        top = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for size in map(int, options.triples.split(",")):
            folder = top / f"triples-{size}"
            if not folder.exists():
                generate(folder, max(1, round(size / TRIPLES)))
                spoil(folder)
            for row in rows(folder, size, jobs, options.peer):
                print(row, flush=True)


if __name__ == "__main__":
    main()
