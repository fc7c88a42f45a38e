"""The audit: what the shipped audit queries find in a graph, as one report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from argraph.query import engine
from argraph.query.catalogue import StoredQuery
from argraph.query.formats import cells


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one audit query.

    Attributes:
        name: Of the query.
        title: Its question.
        summary: What a row is.
        columns: Their names.
        rows: Cells as text, IRIs shortened.
    """

    name: str
    title: str
    summary: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def findings(
    queries: Iterable[StoredQuery], store: ox.Store, *, prefixes: Mapping[str, str]
) -> list[Finding]:
    """The answers to those queries that are audits, in their order.

    Args:
        queries: Saved queries; an audit is a SELECT query and needs no parameter.
        store: What is asked.
        prefixes: Those that a query need not declare, and by which IRIs are shortened.
    """
    found = []
    for stored in queries:
        if stored.kind == "audit":
            answer = engine.run(store, stored.text, prefixes=prefixes)
            assert isinstance(answer, engine.Solutions), f"{stored.name} is not a SELECT query"  # noqa: S101
            rows = cells(answer, prefixes)
            found.append(Finding(stored.name, stored.title, stored.summary, answer.columns, rows))
    return found
