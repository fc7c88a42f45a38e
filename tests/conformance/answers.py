"""Whether two answers say the same: bags of rows, sequences of rows, graphs; numbers by their value."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

import pyoxigraph as ox

from argraph import vocab
from argraph.query.engine import Result, Solutions, Term

ROWS: Final = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
    "srj": ox.QueryResultsFormat.JSON,
    "srx": ox.QueryResultsFormat.XML,
    "tsv": ox.QueryResultsFormat.TSV,
}
"""Formats of rows by media type and by ending of a file; others are taken for graphs."""

_RESULTS: Final = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
Row = tuple[Term | None, ...]
_INTEGERS: Final = frozenset(
    vocab.XSD + name
    for name in (
        *("integer", "nonPositiveInteger", "negativeInteger", "long", "int", "short", "byte"),
        *("nonNegativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
        *("positiveInteger", "decimal"),
    )
)
_BOOLEAN: Final = vocab.XSD + "boolean"
_FLOATS: Final = frozenset({vocab.XSD + "double", vocab.XSD + "float"})


def read(body: bytes, form: str, *, base: str = "http://example.org/") -> Result:
    """An answer from its media type or the ending of its file."""
    if form == "csv":
        header, *lines = csv.reader(io.StringIO(body.decode(), newline=""))
        return Solutions(tuple(header), tuple(tuple(map(ox.Literal, line)) for line in lines))
    if form in ROWS:
        found = ox.parse_query_results(body, format=ROWS[form])
        if isinstance(found, ox.QueryBoolean):
            return bool(found)
        columns = tuple(variable.value for variable in found.variables)
        return Solutions(columns, tuple(tuple(row) for row in found))
    kind = ox.RdfFormat.from_media_type(form) or ox.RdfFormat.from_extension(form)
    assert kind is not None, f"{form} is no form of an answer"
    triples = tuple(dict.fromkeys(quad.triple for quad in ox.parse(body, format=kind, base_iri=base)))
    return _solutions(triples) or triples


def _solutions(triples: Iterable[ox.Triple]) -> Solutions | None:
    """Rows that are written as a graph in the test suites' vocabulary of result sets."""
    found = dict[tuple[Term, str], list[Term]]()
    for triple in triples:
        key = (triple.subject, triple.predicate.value.removeprefix(_RESULTS))
        found.setdefault(key, []).append(triple.object)  # type: ignore[arg-type]
    for (node, name), columns in found.items():
        if name == "resultVariable":
            rows = []
            for solution in found.get((node, "solution"), []):
                cells = found.get((solution, "binding"), [])
                told = {found[cell, "variable"][0].value: found[cell, "value"][0] for cell in cells}
                rows.append(tuple(told.get(column.value) for column in columns))
            return Solutions(tuple(column.value for column in columns), tuple(rows))
    return None


def difference(got: Result, expected: Result, *, ordered: bool = False) -> str:
    """In what two answers differ; empty where they say the same.

    Args:
        got: An answer.
        expected: The one that it should be.
        ordered: The rows must stand in the same order.
    """
    if isinstance(expected, bool) or isinstance(got, bool):
        return "" if got is expected else f"{got}, expected {expected}"
    if isinstance(expected, Solutions) and isinstance(got, Solutions):
        if set(got.columns) != set(expected.columns):
            return f"the columns are {got.columns}, expected {expected.columns}"
        return _rows_differ(_in_order(got), _in_order(expected), ordered)
    if isinstance(expected, Solutions) or isinstance(got, Solutions):
        return f"{type(got).__name__}, expected {type(expected).__name__}"
    if _graph(got) == _graph(expected):
        return ""
    return f"{len(got)} triples, expected {len(expected)}, or others"


def _in_order(solutions: Solutions) -> list[Row]:
    """The rows with their columns in alphabetical order and numbers in canonical form."""
    places = sorted(range(len(solutions.columns)), key=solutions.columns.__getitem__)
    return [tuple(_canonical(row[place]) for place in places) for row in solutions.rows]


def _rows_differ(got: list[Row], expected: list[Row], ordered: bool) -> str:
    """Compare rows without blank nodes as they are, and the others as graphs."""
    numbered = enumerate if ordered else _unnumbered
    plain, linked = _split(numbered(got))
    expected_plain, expected_linked = _split(numbered(expected))
    if plain != expected_plain:
        more, less = list((plain - expected_plain).items()), list((expected_plain - plain).items())
        return f"rows too many: {_told(more)}; rows missing: {_told(less)}" + " (in order)" * ordered
    if _bag(linked) != _bag(expected_linked):
        return f"rows with blank nodes: {_told(list(linked.items()))}, {_told(list(expected_linked.items()))}"
    return ""


def _unnumbered(rows: Iterable[Row]) -> Iterable[tuple[int, Row]]:
    return ((0, row) for row in rows)


def _split(rows: Iterable[tuple[int, Row]]) -> tuple[Counter[tuple[int, Row]], Counter[tuple[int, Row]]]:
    plain: Counter[tuple[int, Row]] = Counter()
    linked: Counter[tuple[int, Row]] = Counter()
    for place, row in rows:
        (linked if any(isinstance(term, ox.BlankNode) for term in row) else plain)[place, row] += 1
    return plain, linked


def _told(rows: Sequence[tuple[tuple[int, Row], int]]) -> str:
    shown = [f"{count} × ({', '.join(map(str, row))})" for (_, row), count in rows[:4]]
    return "; ".join(shown) + " …" * (len(rows) > 4) or "none"


def _bag(rows: Counter[tuple[int, Row]]) -> set[ox.Quad]:
    """Rows as a graph in which each is a blank node: equal bags are isomorphic graphs."""
    triples = []
    for (place, row), count in rows.items():
        node = ox.BlankNode()
        cells = [(f"urn:column:{column}", term) for column, term in enumerate(row) if term is not None]
        for name, value in (("urn:place", ox.Literal(place)), ("urn:times", ox.Literal(count)), *cells):
            triples.append(ox.Triple(node, ox.NamedNode(name), value))
    return _graph(triples)


def _graph(triples: Iterable[ox.Triple]) -> set[ox.Quad]:
    """A graph with its blank nodes named so that isomorphic graphs are equal."""
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, _canonical(t.object)) for t in triples)  # type: ignore[arg-type]
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


def _canonical(term: Term | None) -> Term | None:
    """The same term, a number or truth value in one way of writing it; its datatype stays."""
    if not isinstance(term, ox.Literal):
        return term
    datatype = term.datatype.value
    if datatype == _BOOLEAN:
        return ox.Literal({"1": "true", "0": "false"}.get(term.value, term.value), datatype=term.datatype)
    try:
        if datatype in _INTEGERS:
            value = Decimal(term.value.strip())
            return ox.Literal(f"{value.normalize():f}" if value else "0", datatype=term.datatype)
        if datatype in _FLOATS:
            return ox.Literal(repr(float(term.value.replace("INF", "inf"))), datatype=term.datatype)
    except (ValueError, InvalidOperation):  # not a number after all, such as "x"^^xsd:integer
        return term
    return term
