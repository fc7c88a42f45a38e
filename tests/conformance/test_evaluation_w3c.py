"""The W3C's SPARQL 1.1 tests of query evaluation, through the pool of workers on a published snapshot.

Every data file of the suite is a named graph of one snapshot. The dataset that a test asks is given with its
question, as a client gives it by default-graph-uri and named-graph-uri. `evaluation.txt` names the tests that
do not pass, with the reason.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.collection import Collection

from argraph.query.engine import Dataset, Result
from argraph.query.pool import Answer, Pool, Question
from argraph.rdf.snapshots import Publisher

from .answers import difference, read
from .exchanges import MF
from .pins import pins

SUITE = Path(__file__).resolve().parents[3] / "shared" / "w3c" / "sparql" / "sparql11"
BASE = "http://suite.example/"
QT = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
EXPECTED = pins("evaluation.txt")
ENDINGS = {"rows": "srj", "boolean": "srj", "graph": "nt"}


@dataclass(frozen=True, slots=True)
class Case:
    """A test; files by their path below the suite.

    Attributes:
        name: Folder and name.
        query: File of the query.
        default: Files whose union is the default graph.
        named: Files that are named graphs.
        result: File of the expected answer.
    """

    name: str
    query: str
    default: tuple[str, ...]
    named: tuple[str, ...]
    result: str

    @property
    def text(self) -> str:
        return (SUITE / self.query).read_text(encoding="utf-8")

    @property
    def expected(self) -> Result:
        ending = self.result.rpartition(".")[2]
        return read((SUITE / self.result).read_bytes(), ending, base=BASE + self.result)

    @property
    def dataset(self) -> Dataset | None:
        """What is asked, as IRIs; None where the query says so itself."""
        if re.search(r"\bFROM\b", self.text):
            return None
        return Dataset(*(tuple(BASE + file for file in files) for files in (self.default, self.named)))

    @property
    def ordered(self) -> bool:
        """Whether the query itself, and not only one within it, says in what order its rows come."""
        return re.search(r"\bORDER\s+BY\b[^}]*$", self.text, re.IGNORECASE) is not None


def _cases() -> Iterator[Case]:
    for manifest in sorted(SUITE.glob("*/manifest.ttl")):
        base = f"{BASE}{manifest.parent.name}/manifest.ttl"
        graph = rdflib.Graph().parse(manifest, publicID=base)
        for entries in graph.objects(None, MF.entries):
            for test in Collection(graph, entries):
                if (test, rdflib.RDF.type, MF.QueryEvaluationTest) in graph:
                    yield _case(graph, manifest.parent.name, test)


def _case(graph: rdflib.Graph, folder: str, test: rdflib.term.Node) -> Case:
    action = graph.value(test, MF.action)

    def files(predicate: rdflib.URIRef) -> tuple[str, ...]:
        return tuple(sorted(str(file).removeprefix(BASE) for file in graph.objects(action, predicate)))

    return Case(
        name=f"{folder}/{str(test).rpartition('#')[2]}",
        query=files(QT.query)[0],
        default=files(QT.data),
        named=files(QT.graphData),
        result=str(graph.value(test, MF.result)).removeprefix(BASE),
    )


CASES = list(_cases())


def quads(cases: list[Case]) -> Iterator[ox.Quad]:
    """The data of tests, each file as a named graph of its own."""
    for file in sorted({file for case in cases for file in case.default + case.named}):
        form = ox.RdfFormat.from_extension(file.rpartition(".")[2])
        data = (SUITE / file).read_bytes()
        for quad in ox.parse(data, format=form, base_iri=BASE + file, rename_blank_nodes=True):
            yield ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(BASE + file))


async def ask(cases: list[Case]) -> dict[str, Result | Exception]:
    """The answers of workers to all tests by name, or why there is none."""
    found: dict[str, Result | Exception] = {}
    publisher = Publisher.open()
    snapshot = publisher.publish(quads(cases), "suite")
    pool = Pool(size=2)
    await pool.start(snapshot)
    waiting = list(cases)

    async def work() -> None:
        while waiting:
            case = waiting.pop()
            base = BASE + case.query
            question = Question(case.text, graph="ntriples", prefixes={}, dataset=case.dataset, base=base)
            try:
                found[case.name] = _read(await pool.run(question))
            except Exception as error:
                found[case.name] = error

    try:
        await asyncio.gather(work(), work())
    finally:
        await pool.stop()
        publisher.close()
    return found


def _read(answer: Answer) -> Result:
    return read(answer.read(), ENDINGS[answer.kind])


@pytest.fixture(scope="module")
def answers() -> dict[str, Result | Exception]:
    return asyncio.run(ask(CASES))


def test_the_suite_is_complete(shared: Path) -> None:
    assert shared.samefile(SUITE.parents[2])
    folders = Counter(case.name.partition("/")[0] for case in CASES)
    assert (len(folders), folders.total()) == (16, 309)
    assert EXPECTED.keys() <= {case.name for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_query_has_the_answer_that_the_suite_says(
    case: Case, answers: dict[str, Result | Exception]
) -> None:
    got = answers[case.name]
    if isinstance(got, Exception):
        told = f"{type(got).__name__}: {got}"
    else:
        told = difference(got, case.expected, ordered=case.ordered)
    if case.name in EXPECTED:
        assert told, "this test passes: take it off evaluation.txt"
    else:
        assert not told, told
