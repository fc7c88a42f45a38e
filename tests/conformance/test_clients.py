"""Clients that people use, at argraph's endpoint and at `oxigraph serve`: what they hand back is the same."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import rdflib
from rdflib import RDF, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import (
    CSV,
    GET,
    JSON,
    JSONLD,
    N3,
    POST,
    POSTDIRECTLY,
    RDFXML,
    TSV,
    TURTLE,
    URLENCODED,
    XML,
    SPARQLWrapper,
)
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from argraph.query.engine import Result

from ..conftest import absent
from .answers import difference, read
from .conftest import Pair

CLIENTS = Path(__file__).with_name("clients")
ARG = rdflib.Namespace("https://w3id.org/argraph/ns#")
OSAI = rdflib.Namespace("https://w3id.org/argraph/open-source-ai/")
PREFIXES = f"PREFIX arg: <{ARG}> PREFIX osai: <{OSAI}> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
SELECT = PREFIXES + (
    "SELECT ?s ?l ?r { ?s a arg:Objection ; skos:prefLabel ?l OPTIONAL { ?r arg:attacks ?s } }"
)
COUNT = PREFIXES + ("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s a arg:Claim } } GROUP BY ?g ORDER BY ?n ?g")
ASK = PREFIXES + "ASK { osai:pil-safety arg:status ?status }"
CONSTRUCT = PREFIXES + "CONSTRUCT { ?a arg:speaksTo ?b } { ?a arg:supports|arg:attacks ?b }"
DESCRIBE = PREFIXES + "DESCRIBE osai:study-eiras2024-risks"
Endpoints: TypeAlias = tuple[str, str]


@pytest.fixture(scope="session")
def endpoints(pair: Pair) -> Endpoints:
    return pair.endpoints


# --- SPARQLWrapper -------------------------------------------------------------------------------

HOWS = [(GET, URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY)]


def wrapped(endpoint: str, query: str, form: str | None, how: tuple[str, str]) -> Result:
    """An answer as SPARQLWrapper gets it, which names the format by three parameters and by Accept."""
    client = SPARQLWrapper(endpoint)
    client.setMethod(how[0])
    client.setRequestMethod(how[1])
    client.setQuery(query)
    if form:
        client.setReturnFormat(form)
    answer = client.query()
    media = answer.info()["content-type"].partition(";")[0]
    body = answer.response.read()
    return read(body, media) if media != "text/csv" else read(body.replace(b"\r\n", b"\n"), "csv")


@pytest.mark.parametrize("how", HOWS, ids="-".join)
@pytest.mark.parametrize(
    ("query", "form"),
    [
        *((query, form) for query in (SELECT, COUNT, ASK) for form in (None, JSON, XML, TSV, CSV)),
        *((query, form) for query in (CONSTRUCT, DESCRIBE) for form in (None, XML, RDFXML, TURTLE)),
        *((query, form) for query in (CONSTRUCT, DESCRIBE) for form in (N3, JSONLD)),
    ],
    ids=lambda value: value.removeprefix(PREFIXES).split()[0] if value else "default",
)
def test_sparqlwrapper(endpoints: Endpoints, query: str, form: str | None, how: tuple[str, str]) -> None:
    ours, theirs = (wrapped(endpoint, query, form, how) for endpoint in endpoints)
    assert not difference(ours, theirs)
    assert ours is True or ours


@pytest.mark.parametrize(("query", "form", "kind"), [(SELECT, JSON, dict), (CONSTRUCT, TURTLE, bytes)])
def test_sparqlwrapper_converts(endpoints: Endpoints, query: str, form: str, kind: type) -> None:
    client = SPARQLWrapper(endpoints[0], returnFormat=form)
    client.setQuery(query)
    assert isinstance(client.queryAndConvert(), kind)


def test_sparqlwrapper_tells_of_a_malformed_query(endpoints: Endpoints) -> None:
    client = SPARQLWrapper(endpoints[0], returnFormat=JSON)
    client.setQuery("SELECT ?x { ?x")
    with pytest.raises(QueryBadFormed, match="line 1, column"):
        client.query()


# --- rdflib's SPARQLStore ------------------------------------------------------------------------


def graph(endpoint: str, method: str, form: str, **given: Any) -> rdflib.Graph:
    """A graph that is somewhere else."""
    return rdflib.Graph(SPARQLStore(endpoint, method=method, returnFormat=form, **given))


def _of_graph(endpoint: str, method: str, form: str) -> set[Any]:
    store = SPARQLStore(endpoint, method=method, returnFormat=form, context_aware=True)
    return set(rdflib.Graph(store, identifier=OSAI["contribution-debate"]).triples((None, RDF.type, None)))


USES: dict[str, Callable[[str, str, str], Any]] = {
    "query": lambda *where: sorted(graph(*where).query(SELECT), key=str),
    "ordered": lambda *where: list(graph(*where).query(COUNT)),
    "ask": lambda *where: graph(*where).query(ASK).askAnswer,
    "bindings": lambda *where: sorted(
        graph(*where).query(SELECT, initBindings={"s": OSAI["ob-malicious-use"]}), key=str
    ),
    "triples": lambda *where: set(graph(*where).triples((None, RDF.type, ARG.Claim))),
    "text": lambda *where: set(graph(*where).triples((OSAI["pil-safety"], None, None))),
    "length": lambda *where: len(graph(*where)),
    "value": lambda *where: graph(*where).value(None, RDF.type, ARG.Thesis),
    "contains": lambda *where: (OSAI["pil-safety"], RDF.type, ARG.Claim) in graph(*where),
    "contexts": lambda *where: {str(name) for name in SPARQLStore(where[0]).contexts()},
    "one context": _of_graph,
}


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("use", USES)
def test_rdflib(endpoints: Endpoints, use: str, method: str, form: str) -> None:
    ours, theirs = (USES[use](endpoint, method, form) for endpoint in endpoints)
    assert ours == theirs
    assert ours


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_constructs(endpoints: Endpoints, method: str) -> None:
    ours, theirs = (graph(endpoint, method, "xml").query(CONSTRUCT).graph for endpoint in endpoints)
    assert ours is not None
    assert theirs is not None
    assert set(ours) == set(theirs)
    assert len(ours) > 100


def test_rdflib_reads_where_a_graph_is_had(pair: Pair) -> None:
    read_by_rdflib = rdflib.Graph().parse(
        f"{pair.argraph.base_url}/graph?graph={OSAI['contribution-debate']}"
    )
    assert (URIRef(OSAI["th-open-must-win"]), RDF.type, ARG.Thesis) in read_by_rdflib


# --- curl ----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def curl() -> Callable[..., tuple[int, dict[str, str], bytes]]:
    """Runs curl with arguments; gives status, headers in lower case, and body."""
    program = shutil.which("curl")
    if program is None:
        absent("curl is not installed")

    def run(*arguments: str) -> tuple[int, dict[str, str], bytes]:
        command = [str(program), "--silent", "--show-error", "--include", "--max-time", "30", *arguments]
        done = subprocess.run(command, capture_output=True, check=True)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        return int(status.split()[1]), headers, body

    return run


Curl: TypeAlias = Callable[..., tuple[int, dict[str, str], bytes]]


@pytest.mark.parametrize(
    "how",
    [
        ("--get", "--data-urlencode", f"query={SELECT}"),
        ("--data-urlencode", f"query={SELECT}"),
        ("--header", "content-type: application/sparql-query", "--data-binary", SELECT),
        ("--http1.0", "--get", "--data-urlencode", f"query={SELECT}"),
    ],
    ids=["get", "form", "direct", "old"],
)
@pytest.mark.parametrize("media", ["application/sparql-results+json", "application/sparql-results+xml"])
def test_curl(endpoints: Endpoints, curl: Curl, how: tuple[str, ...], media: str) -> None:
    answers = []
    for endpoint in endpoints:
        status, headers, body = curl(*how, "--header", f"accept: {media}", endpoint)
        assert (status, headers["content-type"]) == (200, media)
        answers.append(read(body, media))
    assert not difference(*answers)


def test_curl_without_wishes_gets_json_and_turtle(endpoints: Endpoints, curl: Curl) -> None:
    _, headers, _ = curl("--get", "--data-urlencode", f"query={SELECT}", endpoints[0])
    assert headers["content-type"] == "application/sparql-results+json"
    _, headers, _ = curl("--get", "--data-urlencode", f"query={CONSTRUCT}", endpoints[0])
    assert headers["content-type"] == "text/turtle; charset=utf-8"


def test_curl_head_has_the_headers_of_get_and_no_body(endpoints: Endpoints, curl: Curl) -> None:
    query = ("--get", "--data-urlencode", f"query={SELECT}")
    got, headers, body = curl(*query, endpoints[0])
    head, head_headers, nothing = curl(*query, "--head", endpoints[0])
    assert (got, head, nothing) == (200, 200, b"")
    assert headers.pop("date")
    assert head_headers.pop("date")
    assert head_headers == headers
    assert int(headers["content-length"]) == len(body)


def test_curl_is_told_that_it_has_the_answer_already(endpoints: Endpoints, curl: Curl) -> None:
    query = ("--get", "--data-urlencode", f"query={SELECT}", endpoints[0])
    _, headers, body = curl(*query)
    status, again, nothing = curl(*query, "--header", f"if-none-match: {headers['etag']}")
    assert (status, nothing) == (304, b"")
    assert again["etag"] == headers["etag"]
    for other in ("--header", "accept: text/csv"), ("--data-urlencode", "default-graph-uri=urn:x"):
        status, _, fresh = curl(*query, *other, "--header", f"if-none-match: {headers['etag']}")
        assert status == 200
        assert fresh != body


def test_curl_is_refused_what_changes_data(endpoints: Endpoints, curl: Curl) -> None:
    for arguments in (
        ("--data-urlencode", "update=DROP ALL"),
        ("--header", "content-type: application/sparql-update", "--data-binary", "DROP ALL"),
    ):
        status, headers, body = curl(*arguments, endpoints[0])
        assert (status, headers["content-type"]) == (403, "application/problem+json")
        assert "argraph check" in json.loads(body)["detail"]


# --- Comunica ------------------------------------------------------------------------------------

LABELS = PREFIXES + "SELECT ?s ?l { ?s arg:role arg:Pillar ; skos:prefLabel ?l }"
ROWS, TRIPLES = "application/sparql-results+json", "text/turtle"
COMUNICA = {
    "select": (SELECT, ROWS),
    "ordered": (COUNT, ROWS),
    "labels": (LABELS, ROWS),
    "ask": (ASK, ROWS),
    "construct": (CONSTRUCT, TRIPLES),
    "describe": (DESCRIBE, TRIPLES),
}


@pytest.fixture(scope="session")
def comunica(endpoints: Endpoints) -> dict[tuple[str, bool, int], Result]:
    """What Comunica makes of each question: told that it asks an endpoint, and left to find out."""
    node = shutil.which("node")
    if node is None or not (CLIENTS / "node_modules" / "@comunica").is_dir():
        absent(
            "Comunica is not installed: npm install --ignore-scripts --no-package-lock, in its folder clients"
        )
    asked = [
        (name, told, place) for name in COMUNICA for told in (True, False) for place in range(len(endpoints))
    ]
    questions = [
        {
            "query": COMUNICA[name][0],
            "form": COMUNICA[name][1],
            "source": {"type": "sparql", "value": endpoints[place]} if told else endpoints[place],
        }
        for name, told, place in asked
    ]
    done = subprocess.run(
        [str(node), str(CLIENTS / "comunica.js")],
        input=json.dumps(questions).encode(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    answers = {}
    for key, answer in zip(asked, json.loads(done.stdout), strict=True):
        assert isinstance(answer, str), (key, answer)
        form = COMUNICA[key[0]][1]
        if form == ROWS:  # Comunica adds statistics, which the format does not know
            answer = json.dumps(
                {name: told for name, told in json.loads(answer).items() if name != "metadata"}
            )
        answers[key] = read(answer.encode(), form)
    return answers


@pytest.mark.parametrize("told", [True, False], ids=["told", "finds-out"])
@pytest.mark.parametrize("name", COMUNICA)
def test_comunica(comunica: dict[tuple[str, bool, int], Result], name: str, told: bool) -> None:
    ours, theirs = comunica[name, told, 0], comunica[name, told, 1]
    assert not difference(ours, theirs, ordered=name == "ordered")
    assert ours is True or ours
