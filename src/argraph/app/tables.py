"""Answers of queries as tables with links to the pages of what they name."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pyoxigraph as ox
from starlette.requests import Request

from argraph import vocab
from argraph.app.cards import Cards, Link, web_link
from argraph.app.endpoint import Endpoint
from argraph.query.engine import Result, Solutions, Term
from argraph.query.formats import shorten
from argraph.query.pool import Answer, Question

SHOWN = 500
"""Rows on a page; the downloads hold all."""

_NUMBERS = {vocab.XSD + name for name in ("integer", "decimal", "double", "float")}


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as text, or as a link."""

    value: Link | str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """An answer; `total` counts all rows, also those that are not shown."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int


async def asked(
    endpoint: Endpoint, request: Request, question: Question, cards: Cards, *, seconds: float | None = None
) -> tuple[Answer, Table]:
    """Have a query answered for a page: its first rows as a table, and how many there are.

    Raises:
        Problem: As `Endpoint.run`.
    """
    told = replace(question, rows="json", graph="ntriples", shown=SHOWN)
    answer = await endpoint.run(request, told, seconds=seconds)
    return answer, tabulate(_read(answer), cards, total=answer.total)


def _read(answer: Answer) -> Result:
    """An answer in JSON or N-Triples as plain data."""
    body = answer.read()
    if answer.kind == "graph":
        return tuple(quad.triple for quad in ox.parse(body, format=ox.RdfFormat.N_TRIPLES))
    found = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    columns = tuple(variable.value for variable in found.variables)
    return Solutions(columns, tuple(tuple(row) for row in found))


def tabulate(result: Result, cards: Cards, *, total: int | None = None) -> Table:
    """An answer as a table: yes or no as one cell, a graph as its triples.

    Args:
        result: The answer, or the first rows of it.
        cards: For links to the pages of what it names.
        total: How many rows there are, where that is more.
    """
    if isinstance(result, bool):
        return Table(("answer",), ((Cell("yes" if result else "no"),),), 1)
    if not isinstance(result, Solutions):
        rows = tuple((t.subject, t.predicate, t.object) for t in result)
        result = Solutions(("subject", "predicate", "object"), rows)  # type: ignore[arg-type]
    shown = result.rows[:SHOWN]
    return Table(
        result.columns, tuple(tuple(_cell(v, cards) for v in row) for row in shown), total or len(result.rows)
    )


def _cell(value: Term | None, cards: Cards) -> Cell:
    if value is None:
        return Cell("")
    if isinstance(value, ox.Literal):
        return Cell(value.value, value.datatype.value in _NUMBERS)
    if isinstance(value, ox.BlankNode):
        return Cell(str(value))
    text = shorten(value.value, cards.workspace.prefixes)
    if cards.workspace.knows(value.value) or cards.words.defines(value.value):
        return Cell(Link(cards.href(value.value), text))
    return Cell(web_link(value.value, text) or text)
