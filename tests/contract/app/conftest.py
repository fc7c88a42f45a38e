"""Debates as the server sees them: the shipped one, and one that means harm."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pyoxigraph as ox
import pytest

from argraph.workspace import Workspace

from ...servers import served

HERE = Path(__file__).parent
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
JSON = {"accept": "application/json"}
WHOLE = {"depth": 1000, "limit": 2000, "opening": 2000, "evidence": "*"}
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


def get(client: httpx.Client, path: str, **parameters: Any) -> Any:
    """What is answered to who asks for JSON."""
    answer = client.get(path, params=parameters or None, headers=JSON)
    assert (answer.status_code, kind(answer)) == (200, "application/json"), answer.text
    return answer.json()


def name(iri: str) -> str:
    """A name as one segment of an address."""
    return quote(iri, safe="")


def listed(*names: str) -> str:
    """Names in a list within an address."""
    return ",".join(map(name, names))


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
