"""The W3C's SPARQL 1.1 tests of result formats and of queries, through argraph's own doors.

It is not the engine that is tested, but that nothing valid is refused on the way in and nothing lost on the
way out.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from argraph.errors import QueryRefused
from argraph.query import engine, formats
from argraph.query.engine import Solutions

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
BASE = "http://example.org/suite/"
PARSERS = {"srj": ox.QueryResultsFormat.JSON, "tsv": ox.QueryResultsFormat.TSV}
FORMATS = {"srj": "json", "tsv": "tsv", "csv": "csv"}


@pytest.fixture(scope="module")
def suite(shared: Path) -> Path:
    return shared / "w3c" / "sparql" / "sparql11"


def entries(folder: Path, query: str) -> Iterator[tuple[str, ...]]:
    """Rows of a query over a suite's manifest; files are given by name."""
    store = ox.Store()
    store.load(path=folder / "manifest.ttl", format=ox.RdfFormat.TURTLE, base_iri=BASE)
    answer = engine.run(store, query, prefixes={"mf": MF, "qt": QT})
    assert isinstance(answer, Solutions)
    for row in answer.rows:
        yield tuple(value.value.removeprefix(BASE) if value is not None else "" for value in row)


def comparable(rows: list[list[str]]) -> Counter[tuple[str | float, ...]]:
    """Rows as a bag, blank nodes without their names and numbers by their value."""
    return Counter(tuple(map(_value, row)) for row in rows)


def _value(cell: str) -> str | float:
    if cell.startswith("_:"):
        return "_:"
    try:
        return float(cell)
    except ValueError:
        return cell


def rows_of(text: str, ending: str) -> tuple[list[str] | None, list[list[str]]]:
    """Columns and rows of a result file; without columns, the one cell of a yes or no."""
    if ending == "csv":
        header, *rows = csv.reader(io.StringIO(text, newline=""))
        return header, rows
    found = ox.parse_query_results(text, PARSERS[ending])
    if isinstance(found, ox.QueryBoolean):
        return None, [[str(bool(found))]]
    columns = [variable.value for variable in found.variables]
    return columns, [["" if value is None else str(value) for value in row] for row in found]


@pytest.mark.parametrize(("folder", "tests"), [("csv-tsv-res", 6), ("json-res", 4)])
def test_results_are_written_as_the_suite_expects(suite: Path, folder: str, tests: int) -> None:
    action = "mf:action [ qt:query ?query ; qt:data ?data ]"
    manifest = f"SELECT ?query ?data ?result {{ ?test {action} ; mf:result ?result }}"
    differing = []
    done = 0
    for query, data, result in entries(suite / folder, manifest):
        store = ox.Store()
        store.load(path=suite / folder / data, format=ox.RdfFormat.TURTLE, base_iri=BASE)
        answer = engine.run(store, (suite / folder / query).read_text(encoding="utf-8"))
        ending = result.rpartition(".")[2]
        columns, rows = rows_of(formats.render(answer, FORMATS[ending]), ending)
        expected_columns, expected_rows = rows_of(
            (suite / folder / result).read_text(encoding="utf-8"), ending
        )
        assert columns == expected_columns, result
        if comparable(rows) != comparable(expected_rows):
            differing.append(result)
        done += 1
    assert done == tests
    # The engine keeps numbers by their value: -3 of type negativeInteger comes back as an integer.
    assert differing == [name for name in ("csvtsv03.tsv",) if folder == "csv-tsv-res"]


def queries(suite: Path, kind: str, action: str) -> Iterator[tuple[str, str]]:
    """Name and text of the queries of all tests of a kind."""
    for manifest in sorted(suite.glob("*/manifest.ttl")):
        for (name,) in entries(
            manifest.parent, f"SELECT ?query {{ ?test a mf:{kind} ; mf:action {action} }}"
        ):
            text = (manifest.parent / name).read_text(encoding="utf-8")
            yield f"{manifest.parent.name}/{name}", f"BASE <{BASE}> {text}"


@pytest.mark.parametrize(
    ("kind", "action", "admitted", "refused"),
    [
        (
            "PositiveSyntaxTest11",
            "?query",
            61,
            {
                "syntax-fed/syntax-service-01.rq": "SERVICE is not permitted",
                "syntax-fed/syntax-service-02.rq": "SERVICE is not permitted",
                "syntax-fed/syntax-service-03.rq": "SERVICE is not permitted",
                "syntax-query/syntax-construct-where-02.rq": "There is no graph",
                "syntax-query/syntax-select-expr-04.rq": "The custom function",
            },
        ),
        (
            "QueryEvaluationTest",
            "[ qt:query ?query ]",
            301,
            {
                "construct/constructwhere04.rq": "There is no graph",
                "service/service01.rq": "SERVICE is not permitted",
                "service/service02.rq": "SERVICE is not permitted",
                "service/service03.rq": "SERVICE is not permitted",
                "service/service04a.rq": "SERVICE is not permitted",
                "service/service05.rq": "SERVICE is not permitted",
                "service/service06.rq": "SERVICE is not permitted",
                "service/service07.rq": "SERVICE is not permitted",
            },
        ),
    ],
)
def test_valid_queries_are_refused_only_for_what_is_not_permitted(
    suite: Path, kind: str, action: str, admitted: int, refused: dict[str, str]
) -> None:
    found = {}
    passed = 0
    for name, text in queries(suite, kind, action):
        try:
            engine.run(ox.Store(), text)
            passed += 1
        except QueryRefused as error:
            found[name] = str(error)
    assert found.keys() == refused.keys()
    assert all(refused[name] in found[name] for name in refused)
    assert passed == admitted


def test_invalid_queries_are_refused_with_their_place(suite: Path) -> None:
    lines = []
    for _, text in queries(suite, "NegativeSyntaxTest11", "?query"):
        with pytest.raises(QueryRefused) as caught:
            engine.run(ox.Store(), text)
        lines.append(caught.value.line)
    assert len(lines) == 48
    assert None not in lines


def test_updates_are_refused(suite: Path) -> None:
    folder = suite / "syntax-update-1"
    for (update,) in entries(folder, "SELECT ?q { ?test a mf:PositiveUpdateSyntaxTest11 ; mf:action ?q }"):
        with pytest.raises(QueryRefused, match=r"changes data|The query is empty"):
            engine.run(ox.Store(), (folder / update).read_text(encoding="utf-8"))
