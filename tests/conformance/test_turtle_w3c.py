"""The W3C's 313 tests of RDF 1.1 Turtle, all of them through `argraph.rdf.turtle.read`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox
import pytest

from argraph.rdf import turtle
from argraph.rdf.document import PositionedTriple

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
RDFT = "http://www.w3.org/ns/rdftest#"
BASE = "https://w3c.github.io/rdf-tests/rdf/rdf11/rdf-turtle/"
SUITE = Path(__file__).resolve().parents[3] / "shared" / "w3c" / "rdf" / "rdf11" / "rdf-turtle"
KINDS = {
    "TestTurtleEval": 145,
    "TestTurtlePositiveSyntax": 74,
    "TestTurtleNegativeSyntax": 94,
}


class Case(NamedTuple):
    name: str
    kind: str
    data: bytes
    base: str
    expected: bytes


def cases() -> list[Case]:
    """The entries of the manifest; none where the suite is absent."""
    manifest = SUITE / "manifest.ttl"
    if not manifest.is_file():
        return []
    store = ox.Store()
    store.load(path=manifest, format=ox.RdfFormat.TURTLE, base_iri=BASE + "manifest.ttl")
    answer = store.query(
        f"""PREFIX mf: <{MF}>
        SELECT ?name ?kind ?action ?result WHERE {{
            ?case a ?kind ; mf:name ?name ; mf:action ?action
            OPTIONAL {{ ?case mf:result ?result }}
            FILTER(STRSTARTS(STR(?kind), "{RDFT}TestTurtle"))
        }} ORDER BY ?name"""
    )
    assert isinstance(answer, ox.QuerySolutions)
    found = []
    for solution in answer:
        name, kind, action, result = (solution[column] for column in ("name", "kind", "action", "result"))
        assert isinstance(name, ox.Literal)
        assert isinstance(kind, ox.NamedNode)
        assert isinstance(action, ox.NamedNode)
        expected = _bytes(result) if isinstance(result, ox.NamedNode) else b""
        found.append(Case(name.value, kind.value.removeprefix(RDFT), _bytes(action), action.value, expected))
    return found


def _bytes(iri: ox.NamedNode) -> bytes:
    return (SUITE / iri.value.removeprefix(BASE)).read_bytes()


CASES = cases()


def canonical(triples: Iterable[PositionedTriple | ox.Quad]) -> set[ox.Quad]:
    """A graph by which isomorphic graphs are equal."""
    dataset = ox.Dataset(ox.Quad(triple[0], triple[1], triple[2]) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


def test_the_suite_is_complete(shared: Path) -> None:
    assert shared.samefile(SUITE.parents[3])
    assert Counter(case.kind for case in CASES) == KINDS


@pytest.mark.parametrize("case", [c for c in CASES if "Negative" not in c.kind], ids=lambda case: case.name)
def test_valid_turtle_is_read_without_a_fault(case: Case) -> None:
    document = turtle.read(case.data, name=case.name, base=case.base)
    assert document.diagnostics == ()
    if case.kind == "TestTurtleEval":
        expected = ox.parse(case.expected, format=ox.RdfFormat.N_TRIPLES)
        assert canonical(document.triples) == canonical(expected)


@pytest.mark.parametrize("case", [c for c in CASES if "Negative" in c.kind], ids=lambda case: case.name)
def test_invalid_turtle_has_a_fault_within_the_file(case: Case) -> None:
    document = turtle.read(case.data, name=case.name, base=case.base)
    assert document.diagnostics
    last = case.data.decode().count("\n") + 1
    assert all(1 <= fault.location.line <= last for fault in document.diagnostics)
