"""The server's answers: forms, refusals, headers, and its start and stop."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from argraph import vocab
from argraph.app import serving
from argraph.app.overview import Overview
from argraph.app.protocol import SECURITY
from argraph.argument import derived
from argraph.errors import BrokenGraph, ResourceMissing, ServerFailed
from argraph.workspace import Workspace

from ...servers import served
from .conftest import BROWSER, RDF, kind, problem, triples

OSAI = "https://w3id.org/argraph/open-source-ai/"

# --- nodes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "text/html"),
        (BROWSER["accept"], "text/html"),
        ("text/turtle", "text/turtle"),
        ("text/html;q=0.4, application/ld+json;q=0.6, */*;q=0.1", "application/ld+json"),
        ("application/n-triples, text/turtle;q=0.9", "application/n-triples"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("text/html;q=0, */*", "text/turtle"),
    ],
)
def test_a_node_comes_in_the_form_that_the_accept_header_prefers(
    client: httpx.Client, accept: str, expected: str
) -> None:
    answer = client.get("/id/pil-safety", headers={"accept": accept})
    assert (answer.status_code, kind(answer)) == (200, expected)
    assert "accept" in answer.headers["vary"].lower()


def test_a_node_names_its_other_forms_in_a_link_header(client: httpx.Client) -> None:
    links = client.get("/id/pil-safety", headers=BROWSER).headers["link"]
    assert '</id/pil-safety?format=turtle>; rel="alternate"; type="text/turtle"' in links
    assert "format=html" not in links


def test_a_form_that_does_not_exist_is_refused_with_those_that_do(client: httpx.Client) -> None:
    told = problem(client.get("/id/pil-safety", headers={"accept": "image/png"}), 406)
    assert "text/turtle" in str(told["available"])
    told = problem(client.get("/id/pil-safety?format=docx"), 400)
    assert told["detail"] == (
        "There is no format “docx” here; there are html, turtle, jsonld, ntriples, rdfxml, graphml, nanopub, "
        "bibtex, csljson, dot, aif, xaif, aif-rdf, csv, iccma, argdown."
    )


def test_a_statement_as_data_holds_its_triples_its_steps_and_the_names_of_its_neighbours(
    client: httpx.Client, shipped: Workspace
) -> None:
    found = triples(client.get("/id/cl-many-eyes?format=ntriples"), ox.RdfFormat.N_TRIPLES)
    node = ox.NamedNode(OSAI + "cl-many-eyes")
    asserted = {
        quad.triple
        for quad in shipped.store.raw.quads_for_pattern(node, None, None)
        if quad.graph_name != derived.GRAPH
    }
    assert {triple for triple in found if triple.subject == node} == asserted
    step = ox.NamedNode(OSAI + "su-many-eyes-safety")
    assert ox.Triple(step, ox.NamedNode(vocab.CONCLUSION), ox.NamedNode(OSAI + "pil-safety")) in found
    name = ox.Literal("Transparency makes AI safer", language="en")
    assert ox.Triple(ox.NamedNode(OSAI + "pil-safety"), ox.NamedNode(vocab.LABEL), name) in found
    assert {triple.predicate.value for triple in found}.isdisjoint(vocab.DERIVED)


def test_a_study_as_data_holds_its_list_of_authors(client: httpx.Client) -> None:
    found = triples(client.get("/id/study-eiras2024-risks?format=turtle"), ox.RdfFormat.TURTLE)
    names = {str(triple.object) for triple in found if triple.predicate.value == vocab.RDF + "first"}
    assert names == {'"Eiras, Francisco"', '"Petrov, Aleksandar"', '"Vidgen, Bertie"'}


def test_every_form_of_a_node_says_the_same(client: httpx.Client) -> None:
    said = [triples(client.get(f"/id/pil-safety?format={form}"), parser) for form, (_, parser) in RDF.items()]
    assert len(said[0]) > 50
    assert all(other == said[0] for other in said)


@pytest.mark.parametrize(
    "name", ["pil-safety", "osai:pil-safety", OSAI + "pil-safety", "open-source-ai/pil-safety"]
)
def test_a_node_answers_to_its_name_its_prefixed_name_and_its_iri(client: httpx.Client, name: str) -> None:
    answer = client.get(f"/id/{name}", headers=BROWSER)
    assert answer.status_code == 200
    assert "<h1>Transparency makes AI safer</h1>" in answer.text


@pytest.mark.parametrize("name", ["arg:Moderate", vocab.ARG.replace("#", "%23") + "Moderate"])
def test_a_term_of_the_vocabulary_answers_too(client: httpx.Client, name: str) -> None:
    assert "<h1>moderate</h1>" in client.get(f"/id/{name}", headers=BROWSER).text
    found = triples(client.get(f"/id/{name}?format=turtle"), ox.RdfFormat.TURTLE)
    assert ox.NamedNode(vocab.ARG + "baseScore") in {triple.predicate for triple in found}


def test_an_unknown_node_is_refused_with_the_nearest_ones(client: httpx.Client) -> None:
    told = problem(client.get("/id/pil-safty", headers={"accept": "application/json"}), 404)
    assert told["nearest"] == [
        {"href": "/id/pil-safety", "label": "Transparency makes AI safer", "id": "pil-safety"}
    ]
    page = client.get("/id/pil-safty", headers=BROWSER)
    assert (page.status_code, kind(page)) == (404, "text/html")
    assert '<a href="/id/pil-safety">Transparency makes AI safer</a>' in page.text


@pytest.mark.parametrize(
    "name", ["%00", "%ff%fe", "a b", "<script>", "%22'", "..%2f..%2fetc", "x" * 5000, "http://["]
)
def test_a_name_that_cannot_be_one_is_unknown(client: httpx.Client, name: str) -> None:
    answer = client.get(f"/id/{name}", headers=BROWSER)
    assert answer.status_code == 404
    assert "<script>" not in answer.text


def test_as_data_a_hostile_node_is_still_valid(hostile: Workspace, hostile_client: httpx.Client) -> None:
    for form, (media, parser) in RDF.items():
        answer = hostile_client.get("/id/thesis", headers={"accept": media})
        assert (answer.status_code, kind(answer)) == (200, media), form
        assert triples(answer, parser)


# --- the rest ------------------------------------------------------------------------------------


def test_the_whole_debate_is_had_as_one_graph_or_by_file(client: httpx.Client, shipped: Workspace) -> None:
    asserted = [quad for quad in shipped.store.raw if quad.graph_name != derived.GRAPH]
    turtle = client.get("/graph")
    assert kind(turtle) == "text/turtle"
    assert 'filename="debate.ttl"' in turtle.headers["content-disposition"]
    found = list(ox.parse(turtle.content, format=ox.RdfFormat.TURTLE))
    assert len(found) == len({quad.triple for quad in asserted})
    trig = list(ox.parse(client.get("/graph?format=trig").content, format=ox.RdfFormat.TRIG))
    assert len(trig) == len(asserted)
    assert {quad.graph_name for quad in trig} == {quad.graph_name for quad in asserted}


def test_the_vocabulary_is_a_page_and_data(client: httpx.Client) -> None:
    page = client.get("/ontology", headers=BROWSER).text
    assert 'id="EvidenceLine"' in page
    assert "<code>arg:EvidenceLine</code>" in page
    found = triples(client.get("/ontology?format=turtle"), ox.RdfFormat.TURTLE)
    owl = ox.NamedNode(vocab.OWL + "Class")
    assert ox.Triple(ox.NamedNode(vocab.OBJECTION), ox.NamedNode(vocab.TYPE), owl) in found


def test_health_counts_what_is_there(client: httpx.Client, shipped: Workspace) -> None:
    stats = shipped.stats()
    assert client.get("/healthz").json() == {
        "status": "ok",
        "statements": stats["statements"],
        "triples": stats["triples"],
    }


@pytest.mark.parametrize(
    ("path", "media"),
    [
        ("/robots.txt", "text/plain"),
        ("/favicon.svg", "image/svg+xml"),
        ("/favicon.ico", "image/svg+xml"),
        ("/static/argraph.css", "text/css"),
        ("/openapi.json", "application/json"),
    ],
)
def test_what_browsers_and_programs_ask_for_by_themselves_is_there(
    client: httpx.Client, path: str, media: str
) -> None:
    answer = client.get(path)
    assert (answer.status_code, kind(answer)) == (200, media)


@pytest.mark.parametrize(
    "path", ["/redoc", "/nowhere", "/static/", "/static/../api.py", "/static/%2e%2e/api.py"]
)
def test_what_is_not_there_is_refused_kindly(client: httpx.Client, path: str) -> None:
    problem(client.get(path), 404)
    page = client.get(path, headers=BROWSER)
    assert (page.status_code, kind(page)) == (404, "text/html")
    assert "Nothing is here by that name" in page.text


def test_a_method_that_a_place_does_not_know_is_refused(client: httpx.Client) -> None:
    answer = client.put("/id/pil-safety", content=b"x")
    problem(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    "path", ["/", "/id/pil-safety", "/graph", "/healthz", "/static/argraph.css", "/nowhere"]
)
def test_head_answers_like_get_without_a_body(client: httpx.Client, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert head.status_code == got.status_code
    assert head.content == b""
    for name in ("content-type", "content-length"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize(
    "path", ["/", "/id/pil-safety?format=turtle", "/sparql", "/static/argraph.css", "/nowhere"]
)
def test_every_answer_carries_the_security_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert {name: headers.get(name) for name in SECURITY} == SECURITY
    assert (
        "script-src" not in headers["content-security-policy"]
    )  # nothing but default-src 'none' speaks of it


def test_a_mistake_of_the_server_shows_no_trace(shipped: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Overview) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(Overview, "start", broken)
    with served(shipped) as client:
        answer = client.get("/")
        told = problem(answer, 500)
        assert told["detail"] == "The server made a mistake; it has been logged."
        assert "secret" not in answer.text
        assert answer.headers["content-security-policy"] == SECURITY["content-security-policy"]
        assert "secret" not in client.get("/", headers=BROWSER).text
        assert client.get("/healthz").status_code == 200


# --- start and stop ------------------------------------------------------------------------------


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-u", "-m", "argraph", "serve", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_server_says_where_it_is_and_stops_cleanly(stop: signal.Signals) -> None:
    with process("--port", "0") as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        match = re.fullmatch(
            r"argraph serves “.+” on (http://127\.0\.0\.1:\d+/) \(stop with Ctrl\+C\)\n", line
        )
        assert match, line
        assert httpx.get(match[1] + "healthz", timeout=60).json()["status"] == "ok"
        server.send_signal(stop)
        out, err = server.communicate(timeout=60)
        assert (server.returncode, out, err) == (0, "", "")


def test_a_taken_port_is_told_in_one_line_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with process("--port", str(port)) as server:
            out, err = server.communicate(timeout=60)
    assert server.returncode == 3
    assert out == ""
    assert re.fullmatch(rf"argraph: Port {port} is taken by another program: use --port .*\n", err)


def nothing(message: str) -> None:
    raise AssertionError(f"announced: {message}")


def test_a_host_of_another_machine_is_refused() -> None:
    with pytest.raises(ServerFailed, match=r"cannot listen on 192\.0\.2\.1"):
        serving.serve(None, host="192.0.2.1", port=0, announce=nothing)
    with pytest.raises(ServerFailed, match="There is no host “no such host”"):
        serving.serve(None, host="no such host", port=0, announce=nothing)


def test_a_graph_that_does_not_open_is_told_before_anything_is_announced(tmp_path: Path) -> None:
    with pytest.raises(ResourceMissing):
        serving.serve(tmp_path / "missing", host="127.0.0.1", port=0, announce=nothing)
    (tmp_path / "broken.ttl").write_text("<a> <b>")
    with pytest.raises(BrokenGraph):
        serving.serve(tmp_path, host="127.0.0.1", port=0, announce=nothing)


def test_an_address_of_the_sixth_version_is_announced_in_brackets() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with process("--port", "0", "--host", "::1") as server:
        assert server.stdout is not None
        match = re.search(r"http://\[::1\]:\d+/", server.stdout.readline())
        assert match
        assert httpx.get(match[0] + "healthz", timeout=60).status_code == 200


def test_the_command_line_ends_with_3_where_the_graph_is_missing(tmp_path: Path) -> None:
    with process("--graph", str(tmp_path / "missing"), "--port", "0") as server:
        _, err = server.communicate(timeout=60)
    assert server.returncode == 3
    assert json.dumps(err).startswith('"argraph: ')
    assert "Traceback" not in err
    assert os.linesep not in err.rstrip()
