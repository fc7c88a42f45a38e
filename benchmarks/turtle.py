"""How fast three readers take the same Turtle: argraph's with places, rdflib's and pyoxigraph's without.

    python benchmarks/turtle.py [FILE …] [--rounds N]

Without files it makes contributions like those of a debate. The readers take turns within each round, so that
a busy machine slows all of them; the best round of each counts.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import rdflib

from argraph.rdf.turtle import read

HEAD = """@prefix arg: <https://w3id.org/argraph/ns#> .
@prefix bibo: <http://purl.org/ontology/bibo/> .
@prefix osai: <https://w3id.org/argraph/open-source-ai/> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""
ITEM = """# Item {n}
osai:ob-{n} a arg:Objection ;
    skos:prefLabel "Releasing weights enables misuse, case {n}"@en ;
    schema:text "Once weights are public, anyone can adapt them to harmful ends and nobody can stop it."@en .

osai:at-{n} a arg:Attack ;
    arg:premise osai:ob-{n} ;
    arg:target osai:cl-{m} .

osai:study-{n} a arg:Study ;
    schema:name \"\"\"A study of \\u201copen\\u201d weights,
        volume {n}\"\"\"@en ;
    bibo:authorList ( "Ada Example" "Ben Example" ) ;
    schema:datePublished "2023"^^xsd:gYear ;
    arg:moreAuthors true ;
    schema:url <https://example.org/studies/{n}> .

osai:as-{n} a arg:Assessment ; arg:value 0.75 ; arg:about [ a arg:Thing ; arg:rank {n} ] .

"""


def contributions(count: int) -> bytes:
    return (HEAD + "".join(ITEM.format(n=n, m=n // 3) for n in range(count))).encode()


def with_argraph(data: bytes) -> int:
    document = read(data, name="benchmark.ttl", base="https://example.org/", limit=len(data))
    assert not document.diagnostics, document.diagnostics[0]
    return len(document.triples)


def with_rdflib(data: bytes) -> int:
    return len(rdflib.Graph().parse(data=data, format="turtle", publicID="https://example.org/"))


def with_pyoxigraph(data: bytes) -> int:
    return sum(1 for _ in ox.parse(data, format=ox.RdfFormat.TURTLE, base_iri="https://example.org/"))


READERS: dict[str, Callable[[bytes], int]] = {
    "argraph": with_argraph,
    "rdflib": with_rdflib,
    "pyoxigraph": with_pyoxigraph,
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("files", nargs="*", type=Path)
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    sources = {path.name: path.read_bytes() for path in options.files}
    sources = sources or {f"{count} items": contributions(count) for count in (10, 100, 1000)}
    print("| read | bytes | triples | reader | ms | triples a second | beside argraph |")
    print("|---|---:|---:|---|---:|---:|---:|")
    for title, data in sources.items():
        best = dict.fromkeys(READERS, float("inf"))
        counts = dict.fromkeys(READERS, 0)
        for _ in range(options.rounds):
            for name, reader in READERS.items():
                begin = time.perf_counter()
                counts[name] = reader(data)
                best[name] = min(best[name], time.perf_counter() - begin)
        for name, seconds in best.items():
            cells = (title, f"{len(data):,}", f"{counts[name]:,}", name, f"{seconds * 1e3:,.2f}")
            rate, ratio = f"{counts[name] / seconds:,.0f}", f"{best['argraph'] / seconds:.2f} ×"
            print(f"| {' | '.join((*cells, rate, ratio))} |")


if __name__ == "__main__":
    main()
