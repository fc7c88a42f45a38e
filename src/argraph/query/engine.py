"""The door to SPARQL: a query in, plain data out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias, cast

import pyoxigraph as ox

from argraph import vocab
from argraph.errors import QueryRefused
from argraph.query.admission import Admitted, admit, refused

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal


@dataclass(frozen=True, slots=True)
class Solutions:
    """The answer to a SELECT query.

    Attributes:
        columns: Names of the projected variables, in their order.
        rows: One value for each column; None where the variable is unbound.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]


Triples: TypeAlias = tuple[ox.Triple, ...]
Result: TypeAlias = Solutions | bool | Triples
"""SELECT gives Solutions, ASK a bool, CONSTRUCT and DESCRIBE triples, each once."""


def run(
    store: ox.Store,
    text: str,
    *,
    bindings: Mapping[str, Term] = MappingProxyType({}),
    prefixes: Mapping[str, str] = MappingProxyType(vocab.PREFIXES),
) -> Result:
    """Evaluate a query.

    The default graph is the union of all graphs; a query that names its own by FROM or FROM NAMED gets those.
    The engine finds a triple that several graphs repeat once for each of them: count with DISTINCT.
    Evaluation ends before this returns and the answer is plain data: the engine's own results are bound to
    the thread that made them, and end the process when another one touches them.

    Args:
        store: What is asked.
        text: SPARQL 1.1.
        bindings: Values of variables, by name without “?”. They are handed over as terms, never as text. In a
            SELECT query each of these variables must be projected.
        prefixes: Prefixes that the query may use without declaring them.

    Raises:
        QueryRefused: The query is malformed or not permitted; carries line and column where that has a place.
    """
    query = admit(text)
    try:
        found = store.query(
            query.text,
            prefixes=dict(prefixes),
            use_default_graph_as_union=not query.graphs,  # it would override FROM
            substitutions={ox.Variable(name): value for name, value in bindings.items()},
        )
        _check_dataset(store, query, prefixes)
        return _plain(found, query)
    except SyntaxError as error:
        raise _malformed(query, str(error)) from error
    except (RuntimeError, OSError, ValueError) as error:
        raise QueryRefused(f"The query cannot be evaluated: {error}") from error


def _plain(found: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples, query: Admitted) -> Result:
    if isinstance(found, ox.QuerySolutions):
        names = [variable.value for variable in found.variables]
        order = {name: place for place, name in reversed(list(enumerate(query.variables)))}
        columns = tuple(sorted(names, key=lambda name: order.get(name, 0)) if query.selects_all else names)
        places = [names.index(name) for name in columns]
        return Solutions(columns, tuple(tuple(_term(row[place]) for place in places) for row in found))
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    triples = dict.fromkeys(found)
    for triple in triples:
        _term(triple.object)
    return tuple(triples)


def _term(value: Term | ox.Triple | None) -> Term | None:
    if isinstance(value, ox.Triple) or (isinstance(value, ox.Literal) and value.direction is not None):
        raise QueryRefused(
            "The answer holds a triple term or a text with a base direction. "
            "Those are RDF 1.2; argraph speaks RDF 1.1."
        )
    return value


def _check_dataset(store: ox.Store, query: Admitted, prefixes: Mapping[str, str]) -> None:
    """Refuse FROM clauses with graphs that are not there: they would silently be empty."""
    if not query.graphs:
        return
    # The engine itself resolves the names, by the query's own PREFIX and BASE lines.
    names = " ".join(f"({graph.text} AS ?g{number})" for number, graph in enumerate(query.graphs))
    text = f"{query.text[: query.prologue]} SELECT {names} {{}}"
    resolved = cast(ox.QuerySolutions, store.query(text, prefixes=dict(prefixes)))
    for written, graph in zip(query.graphs, next(resolved), strict=True):
        if not (isinstance(graph, ox.NamedNode) and store.contains_named_graph(graph)):
            raise refused(
                query.text,
                written.start,
                f"There is no graph {graph}. To see which there are, ask "
                "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }",
            )


_POSITION = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_SENTENCE = re.compile(r"(?:^|, )((?:The|Duplicated|Found|Not|Invalid|Unexpected) [^\[\]\"]+?)(?:, |$)")
_QUOTED = re.compile(r'"([(){}\[\].,;:])"')


def _malformed(query: Admitted, message: str) -> QueryRefused:
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
    if "Prefix not found" in expected and last is not None and last.kind == "name":
        prefix = last.text.partition(":")[0]
        return refused(text, last.start, f"The prefix “{prefix}:” is not declared: add PREFIX {prefix}: <…>.")
    if "IRI parsing failed" in expected and last is not None and last.kind == "iri":
        return refused(
            text, last.start, f"{last.text} is not a full IRI: write all of it, or declare a BASE."
        )
    if bracket := query.unpaired:
        if bracket.text not in "([{":
            return refused(text, bracket.start, f"The “{bracket.text}” here closes nothing that is open.")
        if not text[offset:].strip():
            return refused(text, bracket.start, f"The “{bracket.text}” that begins here is never closed.")
    if sentence := _SENTENCE.search(expected):
        reason = sentence[1][0].lower() + sentence[1][1:]
        return refused(text, offset, f"The query is not valid SPARQL: {reason}.")
    marks = " ".join(dict.fromkeys(_QUOTED.findall(expected)))
    hint = f"; expected: {marks}" if marks else "."
    return refused(text, offset, f"The query is not valid SPARQL here{hint}")
