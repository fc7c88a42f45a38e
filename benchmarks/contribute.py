"""What it takes to check a file of ten nodes, and to say what it would change, in a process that is warm.

    python benchmarks/contribute.py [--statements N,N…] [--folder DIR] [--peer SECONDS]

The process has the debate loaded and has called `Workspace.warm`, as the server's gate has; then the same
contribution comes again and again under new names, so that nothing but what is prepared can be kept. It has
a claim with a support, an objection with an attack on a statement near the thesis, a rebuttal, a study, a
finding and its line. "misspelt" is the same with two links that lead nowhere and resemble thousands of names.
Debates are the shipped one and those of `generate.py`. Times are milliseconds of
processor time, which is what the clock shows where nothing else runs; the table is Markdown.

The peer is pySHACL, which argraph's gate runs on a neighbourhood: here it validates the whole debate with the
contribution in it against the same shapes, in a process of its own, as a pipeline without a gate would. It
neither reads with positions nor compares wordings nor says what would change. Its time counts from when data
and shapes are loaded; sizes at which it does not end in time are said so.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
from explorer import resident
from generate import generate

from argraph import resources
from argraph.workspace import Workspace

RUNS = 50
HEAD = """@prefix arg: <https://w3id.org/argraph/ns#> . @prefix : <{base}> .
@prefix bibo: <http://purl.org/ontology/bibo/> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix schema: <https://schema.org/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
TEN = """:contribution-zebra{i} a arg:Contribution ; dcterms:isPartOf <{base}> ;
    dcterms:title "Zebras {i}"@en ; dcterms:created "2026-01-31"^^xsd:date ;
    dcterms:creator <https://example.org/ada> ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> .
:cl-zebra{i} a arg:Claim ; skos:prefLabel "Zebras graze in herd {i}"@en ;
    schema:text "The zebras of herd {i} graze on open plains and nowhere else."@en .
:su-zebra{i} a arg:Support ; arg:premise :cl-zebra{i} ; arg:conclusion :{first} .
:ob-zebra{i} a arg:Objection ; skos:prefLabel "Herd {i} cannot read"@en ;
    schema:text "No zebra of herd {i} was ever seen with a book between its hooves."@en .
:at-zebra{i} a arg:Attack ; arg:premise :ob-zebra{i} ; arg:target :{second} .
:rb-zebra{i} a arg:Rebuttal ; skos:prefLabel "Herd {i} listens"@en ;
    schema:text "What its keepers read aloud, herd {i} has always listened to."@en .
:at-zebra-reply{i} a arg:Attack ; arg:premise :rb-zebra{i} ; arg:target :at-zebra{i} .
:study-zebra{i} a arg:Study ; schema:name "On herd {i}"@en ; bibo:authorList ( "Byron, Ada" ) ;
    arg:venue "Journal of Zebras" ; schema:datePublished "2024"^^xsd:gYear ; arg:studyType arg:Preprint ;
    arg:method arg:Survey ; bibo:doi "10.1000/zebra.{i}" ; arg:verification arg:Unverified .
:ev-zebra{i} a arg:Evidence ; schema:text "Of forty zebras of herd {i} all grazed on plains."@en ;
    arg:reportedIn :study-zebra{i} ; arg:grade arg:Low ; arg:verification arg:Unverified .
:el-zebra{i} a arg:EvidenceLine ; arg:evidence :ev-zebra{i} ; arg:bearsOn :cl-zebra{i} ;
    arg:direction arg:For ; arg:directness arg:Direct ; arg:grade arg:Low .
"""
ENDS = {"https://w3id.org/argraph/open-source-ai/": ("pil-safety", "pil-innovation")}
OF_GENERATED = ("s5", "s8")


def contribution(base: str, i: int, *, misspelt: bool = False) -> bytes:
    first, second = ENDS.get(base, OF_GENERATED)
    if misspelt:
        first, second = f"{first}x", f"{second[:-1]}xq"
    return (HEAD + TEN).format(base=base, i=i, first=first, second=second).encode()


def percentiles(run: Callable[[int], object], first: int) -> tuple[float, float]:
    times = []
    for i in range(first, first + RUNS):
        began = time.process_time()
        run(i)
        times.append((time.process_time() - began) * 1e3)
    times.sort()
    return times[RUNS // 2], times[round(RUNS * 0.95) - 1]


def opened(folder: Path | None) -> tuple[Workspace, float]:
    """A workspace as a warm process has it, and the seconds of processor time that this took."""
    began = time.process_time()
    workspace = Workspace.open(folder)
    workspace.warm()
    ready = time.process_time() - began
    gc.collect()
    gc.freeze()  # what stays is not looked through again
    return workspace, ready


def asked(workspace: Workspace) -> dict[str, Callable[[int], None]]:
    """What is done with the contribution of a number."""
    base = workspace.debates[0].base

    def check(i: int) -> None:
        report = workspace.check_files({"zebra.ttl": contribution(base, i)})
        assert report.ok, next(iter(report))

    def misspelt(i: int) -> None:
        report = workspace.check_files({"zebra.ttl": contribution(base, i, misspelt=True)})
        assert [finding.code for finding in report if finding.code == "missing-node"]

    def impact(i: int) -> None:
        found = workspace.impact_of(workspace.edit({"zebra.ttl": contribution(base, i)})[0])
        assert found is not None
        assert len(found.as_data()["added"]) == 8

    def both(i: int) -> None:
        check(i)
        impact(i)

    return {"check": check, "impact": impact, "both": both, "misspelt": misspelt}


def row(folder: Path | None, peer: float) -> str:
    workspace, ready = opened(folder)
    base = workspace.debates[0].base
    cells = [f"{len(workspace.argument.nodes):,}", f"{len(workspace.store.raw):,}", f"{ready:.1f} s"]
    for number, run in enumerate(asked(workspace).values()):
        cells.append(" / ".join(f"{ms:.0f}" for ms in percentiles(run, 1000 * number)))
    cells.append(f"{resident(os.getpid()):,} MB")
    cells.append(whole(workspace, base, peer))
    gc.unfreeze()
    return f"| {' | '.join(cells)} |"


PEER = """
import sys, time, rdflib
from pyshacl import validate
data, shapes = (rdflib.Graph().parse(path, format="turtle") for path in sys.argv[1:])
began = time.process_time()
validate(data, shacl_graph=shapes, inplace=True)
print(time.process_time() - began)
"""


def whole(workspace: Workspace, base: str, seconds: float) -> str:
    """Milliseconds that pySHACL takes for the debate with the contribution, or that it did not end."""
    if not seconds:
        return "–"
    with tempfile.TemporaryDirectory() as folder:
        data, shapes = Path(folder) / "data.ttl", Path(folder) / "shapes.ttl"
        store = ox.Store()
        for quad in workspace.store.raw:
            store.add(ox.Quad(quad.subject, quad.predicate, quad.object))
        store.load(contribution(base, 0), format=ox.RdfFormat.TURTLE)
        for path in resources.ontology().glob("*.ttl"):
            store.load(path=path, format=ox.RdfFormat.TURTLE)
        store.dump(str(data), format=ox.RdfFormat.TURTLE, from_graph=ox.DefaultGraph())
        asked = ox.Store()
        for path in resources.shapes().glob("*.ttl"):
            asked.load(path=path, format=ox.RdfFormat.TURTLE)
        asked.dump(str(shapes), format=ox.RdfFormat.TURTLE, from_graph=ox.DefaultGraph())
        command = [sys.executable, "-c", PEER, str(data), str(shapes)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            return f"not in {seconds:.0f} s"
    if done.returncode:
        return "failed: " + done.stderr.strip().splitlines()[-1][:60]
    return f"{float(done.stdout) * 1e3:,.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--statements", default="1000,10000,100000", help="sizes of generated debates")
    parser.add_argument("--folder", type=Path, help="a generated debate to use as the last")
    parser.add_argument("--peer", type=float, default=120.0, help="seconds for pySHACL; 0 leaves it out")
    options = parser.parse_args()
    heads = (
        "nodes",
        "triples",
        "ready after",
        "check p50 / p95",
        "impact",
        "both",
        "misspelt",
        "memory",
        "pySHACL",
    )
    print(f"| {' | '.join(heads)} |\n{'|---:' * len(heads)}|")
    print(row(None, options.peer), flush=True)
    for count in (int(size) for size in options.statements.split(",") if size):
        with tempfile.TemporaryDirectory() as folder:
            generate(Path(folder), count)
            print(row(Path(folder), options.peer), flush=True)
    if options.folder:
        print(row(options.folder, options.peer), flush=True)


if __name__ == "__main__":
    main()
