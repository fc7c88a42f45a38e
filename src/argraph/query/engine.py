"""The door to SPARQL: a query in, plain data out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final, TypeAlias, TypeVar, cast

import pyoxigraph as ox

from argraph import vocab
from argraph.errors import AnswerTooLarge, QueryRefused
from argraph.query.admission import Admitted, admit, refused

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Solutions:
    """The answer to a SELECT query.

    Attributes:
        columns: Names of the projected variables, in their order.
        rows: One value for each column; None where the variable is unbound.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs that a query is asked of, in place of the whole store; it goes before FROM and FROM NAMED.

    Attributes:
        default: IRIs of the graphs whose union is the default graph.
        named: IRIs of the named graphs. A graph that is not there is empty.

    Source:
        SPARQL 1.1 Protocol, section 2.1.4.
    """

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


Triples: TypeAlias = tuple[ox.Triple, ...]
Result: TypeAlias = Solutions | bool | Triples
"""SELECT gives Solutions, ASK a bool, CONSTRUCT and DESCRIBE triples, each once."""


def run(
    store: ox.Store,
    text: str,
    *,
    bindings: Mapping[str, Term] = MappingProxyType({}),
    prefixes: Mapping[str, str] = MappingProxyType(vocab.PREFIXES),
    dataset: Dataset | None = None,
    base: str | None = None,
    rows: int | None = None,
) -> Result:
    """Evaluate a query.

    It is asked of the store's default graph, and of its named graphs by GRAPH, unless it names others by FROM
    and FROM NAMED. Evaluation ends before this returns and the answer is plain data: the engine's own results
    are bound to the thread that made them, and end the process when another one touches them.

    Args:
        store: What is asked.
        text: SPARQL 1.1.
        bindings: Values of variables, by name without “?”. They are handed over as terms, never as text. In a
            SELECT query each of these variables must be projected.
        prefixes: Prefixes that the query may use without declaring them.
        dataset: Graphs to ask instead of those that the query names.
        base: IRI that relative IRIs are resolved against where the query declares no BASE; without one, they
            are refused.
        rows: The answer may have no more rows, or triples, than this.

    Raises:
        QueryRefused: The query is malformed or not permitted; carries line and column where that has a place.
        AnswerTooLarge: It has more rows.
    """
    query = admitted(text)
    found, _ = begun(store, query, bindings=bindings, prefixes=prefixes, dataset=dataset, base=base)
    try:
        return _plain(found, query, rows)
    except (RuntimeError, OSError, ValueError) as error:
        raise _not_evaluated(error) from error


Begun: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
"""What the engine gives before the first row; bound to the thread that asked."""


def begun(
    store: ox.Store,
    query: Admitted,
    *,
    bindings: Mapping[str, Term] = MappingProxyType({}),
    prefixes: Mapping[str, str] = MappingProxyType(vocab.PREFIXES),
    dataset: Dataset | None = None,
    base: str | None = None,
) -> tuple[Begun, tuple[str, ...]]:
    """A query that has been read, and the IRIs of the graphs that its FROM clauses name, in their order.

    Args:
        store: What is asked.
        query: What was let pass.
        bindings: As for `run`.
        prefixes: Likewise.
        dataset: Likewise; FROM clauses are not looked at then.
        base: Likewise.

    Raises:
        QueryRefused: It is malformed, or names a graph in a FROM clause that is not there.
    """
    try:
        found = store.query(
            query.text,
            base_iri=base,
            prefixes=dict(prefixes),
            default_graph=[*_graphs(dataset.default)] if dataset else None,
            named_graphs=_graphs(dataset.named) if dataset else None,
            substitutions={ox.Variable(name): value for name, value in bindings.items()},
        )
        return found, _dataset(store, query, prefixes, base) if dataset is None else ()
    except SyntaxError as error:
        raise _malformed(query, str(error), prefixes) from error
    except (RuntimeError, OSError, ValueError) as error:
        raise _not_evaluated(error) from error


def _not_evaluated(error: Exception) -> QueryRefused:
    return QueryRefused(f"The query cannot be evaluated: {error}")


def admitted(text: str) -> Admitted:
    """A query that may be evaluated; those asked again and again are not looked through again.

    Raises:
        QueryRefused: As `admission.admit`.
    """
    return _known(text) if len(text) <= _SHORT else admit(text)


_SHORT: Final = 8 * 1024
"""Characters of a query that is worth remembering."""
_known = lru_cache(maxsize=128)(admit)


def _graphs(iris: tuple[str, ...]) -> list[ox.NamedNode | ox.BlankNode]:
    graphs: list[ox.NamedNode | ox.BlankNode] = []
    for iri in iris:
        try:
            graphs.append(ox.NamedNode(iri))
        except ValueError:
            raise QueryRefused(f"“{iri}” is not the full IRI of a graph.") from None
    return graphs


def _plain(found: Begun, query: Admitted, most: int | None) -> Result:
    if isinstance(found, ox.QuerySolutions):
        names = [variable.value for variable in found.variables]
        columns = columns_of(found, query)
        places = [names.index(name) for name in columns]
        rows = tuple(_checked(tuple(row)) for row in _up_to(most, found))
        if places != sorted(places):
            rows = tuple(tuple(row[place] for place in places) for row in rows)
        return Solutions(columns, rows)
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    triples: dict[ox.Triple, None] = {}
    for triple in found:
        triples[triple] = None
        if most is not None and len(triples) > most:
            raise AnswerTooLarge("rows", most)
    for triple in triples:
        _term(triple.object)
    return tuple(triples)


def columns_of(found: ox.QuerySolutions, query: Admitted) -> tuple[str, ...]:
    """Names of the projected variables; for `SELECT *`, in the order in which the query names them."""
    names = [variable.value for variable in found.variables]
    if query.selects_all:
        order = {name: place for place, name in reversed(list(enumerate(query.variables)))}
        names.sort(key=lambda name: order.get(name, 0))
    return tuple(names)


def _checked(row: tuple[Term | ox.Triple | None, ...]) -> tuple[Term | None, ...]:
    for value in row:
        if type(value) is not ox.NamedNode:  # most are, and need no look
            _term(value)
    return cast("tuple[Term | None, ...]", row)


def _up_to(most: int | None, rows: Iterable[T]) -> Iterator[T]:
    for number, row in enumerate(rows):
        if number == most:
            raise AnswerTooLarge("rows", most)
        yield row


def _term(value: Term | ox.Triple | None) -> Term | None:
    if isinstance(value, ox.Triple) or (isinstance(value, ox.Literal) and value.direction is not None):
        raise QueryRefused(
            "The answer holds a triple term or a text with a base direction. "
            "Those are RDF 1.2; argraph speaks RDF 1.1."
        )
    return value


def _dataset(
    store: ox.Store, query: Admitted, prefixes: Mapping[str, str], base: str | None
) -> tuple[str, ...]:
    """The graphs of FROM clauses; refused where one is not there: it would silently be empty."""
    if not query.graphs:
        return ()
    # The engine itself resolves the names, by the query's own PREFIX and BASE lines.
    names = " ".join(f"({graph.text} AS ?g{number})" for number, graph in enumerate(query.graphs))
    text = f"{query.text[: query.prologue]} SELECT {names} {{}}"
    resolved = cast(ox.QuerySolutions, store.query(text, base_iri=base, prefixes=dict(prefixes)))
    graphs = []
    for written, graph in zip(query.graphs, next(resolved), strict=True):
        if not (isinstance(graph, ox.NamedNode) and store.contains_named_graph(graph)):
            raise refused(
                query.text,
                written.start,
                f"There is no graph {graph}. To see which there are, ask "
                "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }",
            )
        graphs.append(graph.value)
    return tuple(graphs)


_POSITION = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_SENTENCE = re.compile(r"(?:^|, )((?:The|Duplicated|Found|Not|Invalid|Unexpected) [^\[\]\"]+?)(?:, |$)")
_QUOTED = re.compile(r'"([(){}\[\].,;:])"')


def _malformed(query: Admitted, message: str, prefixes: Mapping[str, str]) -> QueryRefused:
    """The engine's syntax error in the words of a person who writes queries."""
    text = query.text
    match = _POSITION.match(message)
    if match is None:
        return QueryRefused(f"The query is not valid SPARQL: {message}")
    line, column, expected = int(match[1]), int(match[2]), match[3]
    offset = min(len(text), sum(len(x) + 1 for x in text.split("\n")[: line - 1]) + column - 1)
    last = next((x for x in reversed(query.lexemes) if x.end <= offset), None)
    if string := query.open_string:
        return refused(text, string.start, "The string that begins here is never closed, or not on its line.")
    if "IRI parsing failed" in expected and last is not None and last.kind == "iri":
        return refused(
            text, last.start, f"{last.text} is not a full IRI: write all of it, or declare a BASE."
        )
    if bracket := query.unpaired:
        if bracket.text not in "([{":
            return refused(text, bracket.start, f"The “{bracket.text}” here closes nothing that is open.")
        if not text[offset:].strip():
            return refused(text, bracket.start, f"The “{bracket.text}” that begins here is never closed.")
    prefix, name = next((item for item in query.prefixes.items() if item[0] not in prefixes), ("", None))
    if name is not None and name.start <= offset:
        return refused(text, name.start, f"The prefix “{prefix}:” is not declared: add PREFIX {prefix}: <…>.")
    if sentence := _SENTENCE.search(expected):
        reason = sentence[1][0].lower() + sentence[1][1:]
        return refused(text, offset, f"The query is not valid SPARQL: {reason}.")
    marks = " ".join(dict.fromkeys(_QUOTED.findall(expected)))
    hint = f"; expected: {marks}" if marks else "."
    return refused(text, offset, f"The query is not valid SPARQL here{hint}")
