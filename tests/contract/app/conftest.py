"""Debates as the server sees them: the shipped one, and one that means harm."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from argraph.workspace import Workspace

from ...servers import served

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def shipped() -> Workspace:
    """The debate that ships with argraph, with all that is computed from it."""
    workspace = Workspace.open()
    workspace.complete()
    return workspace


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """See `hostile.ttl`; a second file there belongs to no contribution and has markup in its name."""
    folder = tmp_path_factory.mktemp("graph")
    shutil.copy(HERE / "hostile.ttl", folder)
    more = folder / "<b>more & more'.ttl"
    more.write_text("<https://hostile.example/d/thesis> <urn:p> '<script>' .", encoding="utf-8")
    return Workspace.open(folder)


@pytest.fixture(scope="session")
def client(shipped: Workspace) -> Iterator[httpx.Client]:
    """A client of a server on the shipped debate."""
    with served(shipped) as client:
        yield client


@pytest.fixture(scope="session")
def hostile_client(hostile: Workspace) -> Iterator[httpx.Client]:
    """A client of a server on the hostile debate."""
    with served(hostile) as client:
        yield client
