"""A contribution without faults, and the packaged debate that it joins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from argraph import resources
from argraph.contribution.check import check
from argraph.contribution.shapes import ShapeSet
from argraph.diagnostics import Diagnostic, Report
from argraph.rdf.store import Store

Gate: TypeAlias = Callable[..., Report]


@pytest.fixture(scope="session")
def debate() -> Store:
    return Store.load(resources.graph())


@pytest.fixture(scope="session")
def shapes() -> ShapeSet:
    return ShapeSet.load(resources.shapes(), resources.ontology())


@pytest.fixture(scope="session")
def valid() -> str:
    return (Path(__file__).parent / "valid.ttl").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def gate(debate: Store, shapes: ShapeSet) -> Gate:
    """Check one text as `my.ttl`, or several by path, against the packaged debate or another store."""

    def run(text: str | bytes | dict[str, str], against: Store = debate) -> Report:
        files = text if isinstance(text, dict) else {"my.ttl": text}
        data = {path: t.encode() if isinstance(t, str) else t for path, t in files.items()}
        return check(data, against=against, shapes=shapes)

    return run


@pytest.fixture(scope="session")
def told() -> Callable[[Report], list[str]]:
    """A report in short: `line:column code`."""

    def short(finding: Diagnostic) -> str:
        return f"{finding.location.line}:{finding.location.column} {finding.code}"

    return lambda report: [short(finding) for finding in report]
