"""Debates as the server sees them: the shipped one, and one that means harm."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from argraph.workspace import Workspace

from ...servers import served

HERE = Path(__file__).parent
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
RDF = {
    "turtle": ("text/turtle", ox.RdfFormat.TURTLE),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
    "ntriples": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "rdfxml": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
}


def kind(answer: httpx.Response) -> str:
    return answer.headers["content-type"].partition(";")[0]


def problem(answer: httpx.Response, status: int) -> dict[str, object]:
    assert (answer.status_code, kind(answer)) == (status, "application/problem+json")
    told: dict[str, object] = answer.json()
    assert told["status"] == status
    assert told["type"] == "about:blank"
    assert told["title"]
    assert "Traceback" not in answer.text
    return told


def triples(answer: httpx.Response, form: ox.RdfFormat) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(answer.content, format=form)}


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
