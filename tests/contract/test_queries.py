"""The saved queries give what they promise, on a small debate worked out by hand and on the shipped one."""

from __future__ import annotations

import csv
import random
import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from argraph import __version__, vocab
from argraph.argument import derived
from argraph.argument.dependence import dependence
from argraph.argument.evaluation import Framework
from argraph.argument.graph import ArgumentGraph
from argraph.argument.scores import Scores
from argraph.query import catalogue, engine
from argraph.query.engine import Solutions
from argraph.rdf.snapshots import in_memory
from argraph.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = Path(__file__).parent / "queries"
EXPECTED = sorted(FIXTURES.glob("*.csv"))
CATALOGUE = catalogue.load(ROOT / "queries")
BASE = "https://example.org/later/"
TYPES = {
    "string": {vocab.XSD + "string", vocab.RDF + "langString"},
    "integer": {vocab.XSD + "integer"},
    "decimal": {vocab.XSD + "decimal"},
    "boolean": {vocab.XSD + "boolean"},
}


def _store(quads: list[ox.Quad], digest: str) -> ox.Store:
    store = ox.Store()
    for quad in quads:
        store.add(quad)
    argument = ArgumentGraph.of(store)
    framework = Framework.of(argument, Scores.declared())
    sources = frozenset(q.graph_name.value for q in quads if isinstance(q.graph_name, ox.NamedNode))
    hangs_on = dependence(argument, framework)
    state = derived.Derivation(argument, framework, hangs_on, sources, digest, __version__)
    return in_memory([*quads, *derived.statements(state)])


@pytest.fixture(scope="module")
def small() -> ox.Store:
    quads = list(ox.parse(path=FIXTURES / "debate.ttl"))
    graphs = [ox.NamedNode(BASE + "contribution"), ox.NamedNode("urn:example:copy")]
    return _store([ox.Quad(q.subject, q.predicate, q.object, graph) for graph in graphs for q in quads], "00")


@pytest.fixture(scope="module")
def shipped() -> Workspace:
    return Workspace.open(ROOT / "graph")


def ask(store: ox.Store, name: str, arguments: dict[str, str]) -> Solutions:
    query = CATALOGUE.get(name)
    bindings = query.bind(arguments, resolve=lambda local: BASE + local)
    answer = engine.run(store, query.text, bindings=bindings)
    assert isinstance(answer, Solutions)
    return answer


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.stem)
def test_query_gives_the_expected_rows_in_the_expected_order(path: Path, small: ox.Store) -> None:
    # A file is named NAME.csv, or NAME@PARAMETER=VALUE.csv for the answer to that value.
    name, *arguments = path.stem.split("@")
    with path.open(newline="", encoding="utf-8") as file:
        columns, *rows = csv.reader(file)
    answer = ask(small, name, dict(argument.split("=") for argument in arguments))
    assert list(answer.columns) == columns
    found = [["" if value is None else value.value for value in row] for row in answer.rows]
    assert [[cell.replace(BASE, "ex:").replace(vocab.ARG, "arg:") for cell in row] for row in found] == rows
    assert rows, "an expectation without rows shows nothing"


def test_every_query_and_every_parameter_has_an_expectation() -> None:
    names = {path.stem.split("@")[0] for path in EXPECTED}
    tried = {part.partition("=")[0] for path in EXPECTED for part in path.stem.split("@")[1:]}
    assert names == set(CATALOGUE)
    assert tried == {parameter.name for query in CATALOGUE.values() for parameter in query.parameters}


def test_there_are_enough_questions_of_both_kinds() -> None:
    kinds = [query.kind for query in CATALOGUE.values()]
    assert kinds.count("explore") >= 14
    assert kinds.count("audit") >= 7


@pytest.mark.parametrize("name", CATALOGUE)
def test_header_asks_a_question_and_says_what_a_row_is(name: str) -> None:
    query = CATALOGUE[name]
    assert query.title.endswith("?")
    assert query.title[0].isupper()
    assert query.summary.startswith("A row is ")
    assert query.summary.endswith(".")
    assert all(len(line) <= 110 for line in query.text.splitlines())


@pytest.mark.parametrize("name", CATALOGUE)
def test_query_stands_on_its_own_and_declares_just_the_prefixes_it_uses(name: str) -> None:
    lines = [line for line in CATALOGUE[name].text.splitlines() if not line.startswith("#")]
    declared = {line.split()[1].rstrip(":") for line in lines if line.startswith("PREFIX")}
    body = "\n".join(line for line in lines if not line.startswith("PREFIX"))
    assert declared == set(re.findall(r"\b([a-z]+):[A-Za-z]", body))


@pytest.mark.parametrize("name", CATALOGUE)
def test_query_avoids_the_slow_form_of_negation(name: str) -> None:
    assert "NOT EXISTS" not in CATALOGUE[name].text.upper()


@pytest.mark.parametrize("name", CATALOGUE)
def test_query_answers_on_the_shipped_debate_with_the_declared_types(name: str, shipped: Workspace) -> None:
    query = CATALOGUE[name]
    answer = shipped.ask(name, {})
    assert isinstance(answer, Solutions)
    if query.kind == "explore":
        assert answer.rows
    for row in answer.rows:
        for column, value in zip(query.columns, row, strict=True):
            if column.type == "iri":
                assert value is None or isinstance(value, ox.NamedNode)
            elif value is not None:
                assert isinstance(value, ox.Literal)
                assert value.datatype.value in TYPES[column.type]


@pytest.fixture(scope="module")
def reordered(shipped: Workspace) -> ox.Store:
    quads = list(shipped.store.raw)
    random.Random(1).shuffle(quads)
    return _store(quads, shipped.digest)


@pytest.mark.parametrize("name", CATALOGUE)
def test_order_of_rows_does_not_depend_on_the_order_of_triples(
    name: str, shipped: Workspace, reordered: ox.Store
) -> None:
    query = CATALOGUE[name]
    bindings = query.bind({}, resolve=shipped.resolve)
    here = engine.run(shipped.complete(), query.text, bindings=bindings)
    assert engine.run(reordered, query.text, bindings=bindings) == here


@pytest.mark.parametrize("name", [name for name in CATALOGUE if CATALOGUE[name].columns[0].name == "node"])
def test_a_node_narrows_the_answer_to_its_own_rows(name: str, small: ox.Store) -> None:
    every = ask(small, name, {}).rows
    for node in {row[0] for row in every}:
        assert isinstance(node, ox.NamedNode)
        alone = ask(small, name, {"node": node.value.removeprefix(BASE)}).rows
        assert alone == tuple(row for row in every if row[0] == node)
