"""What wants a look: the answers to all audit queries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from argraph.query.catalogue import Catalogue
from argraph.query.engine import Result, Solutions
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


def findings(queries: Catalogue, ask: Callable[[str], Result], prefixes: Mapping[str, str]) -> list[Finding]:
    """The answers to those of some saved queries that audit, in the order of their names.

    Args:
        queries: The saved queries.
        ask: Answers one by its name.
        prefixes: What IRIs are shortened by.
    """
    found = []
    for name, stored in queries.items():
        if stored.kind == "audit":
            answer = ask(name)
            assert isinstance(answer, Solutions), f"{name} is not a SELECT query"  # noqa: S101
            rows = cells(answer, prefixes)
            found.append(Finding(name, stored.title, stored.summary, answer.columns, rows))
    return found
