"""A saved query is run once before it is taken: with its own values, within the budget of any query."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Final, cast

import pyoxigraph as ox

from argraph.budget import Budget
from argraph.diagnostics import Diagnostic, Report
from argraph.errors import AnswerTooLarge, ArgraphError, BudgetExceeded
from argraph.query.catalogue import Found, StoredQuery, diagnostic
from argraph.query.engine import Term
from argraph.query.header import Header, fault
from argraph.query.pool import Pool, Question
from argraph.rdf.snapshots import Publisher

_READ: Final = 100  # rows whose values are held against the header
_NARROWER: Final = (
    " It was run without a value for {name}: give it one to be run with, as “param {name}: {type}, required, "
    "example VALUE”."
)


async def run(
    pool: Pool,
    stored: StoredQuery,
    *,
    prefixes: Mapping[str, str],
    resolve: Callable[[str], str],
    seconds: float | None = None,
) -> dict[str, Term]:
    """Run a saved query with its defaults and examples; returns the first row without its empty cells.

    Args:
        pool: Where.
        stored: The query.
        prefixes: Those that it need not declare.
        resolve: Turns a name for a node into an IRI, or raises UnknownNode.
        seconds: Time allowed where that is less than the budget's.

    Raises:
        QueryRefused: It cannot be evaluated, or gives other values than its header says.
        BudgetExceeded: It took too long.
        AnswerTooLarge: It needs more rows, bytes or memory than allowed.
        EngineFailed: The engine did not survive it.
        Overloaded: Too many queries wait.
        EndpointFailed: The engine elsewhere that is asked cannot answer.
    """
    question = Question(
        stored.text,
        rows="json",
        graph=None,
        bindings=stored.samples(resolve=resolve),
        prefixes=prefixes,
        shown=_READ,
        truths=stored.truths,
    )
    answer = await pool.run(question, seconds=seconds)
    found = ox.parse_query_results(answer.read(), format=ox.QueryResultsFormat.JSON)
    rows = [tuple(row) for row in cast(ox.QuerySolutions, found)]
    for number, row in enumerate(rows, start=1):
        for column, value in zip(stored.columns, row, strict=True):
            if not column.holds(value):
                raise fault(
                    Header.read(stored.text).lines[f"column {column.name}"],
                    f"The column {column.name} is declared as {column.type}, and row {number} of the answer "
                    f"has {value} there: declare another type, or convert the value.",
                )
    first = rows[0] if rows else ()
    return {c.name: v for c, v in zip(stored.columns, first, strict=False) if v is not None}


def verdict(path: str, stored: StoredQuery, error: ArgraphError) -> Diagnostic:
    """What keeps a query from being taken that was run and failed."""
    free = [p for p in stored.parameters if p.sample is None and (p.required or p.type == "iri")]
    message = str(error).partition("\n")[0]
    if isinstance(error, BudgetExceeded | AnswerTooLarge) and free:
        message += _NARROWER.format(name=free[0].name, type=free[0].type)
        return diagnostic(path, ArgraphError(message), stored.text)
    return diagnostic(path, error, stored.text)


def faults(
    found: Found,
    quads: Iterable[ox.Quad],
    *,
    prefixes: Mapping[str, str],
    resolve: Callable[[str], str],
    budget: Budget | None = None,
) -> Report:
    """What keeps files of a folder from being taken, after each that can be read was run on a dataset.

    Args:
        found: The folder.
        quads: The dataset.
        prefixes: As for `run`.
        resolve: As for `run`.
        budget: What one query may cost.
    """
    return asyncio.run(_faults(found, quads, prefixes, resolve, budget or Budget()))


async def _faults(
    found: Found,
    quads: Iterable[ox.Quad],
    prefixes: Mapping[str, str],
    resolve: Callable[[str], str],
    budget: Budget,
) -> Report:
    publisher, pool = Publisher.open(), Pool(size=1, budget=budget)
    failed = list(found.faults)
    try:
        await pool.start(publisher.publish(quads, "trial"))
        for path, stored in found.queries.items():
            try:
                await run(pool, stored, prefixes=prefixes, resolve=resolve)
            except ArgraphError as error:
                failed.append(verdict(path, stored, error))
    finally:
        await pool.stop()
        publisher.close()
    return Report.of(failed)
