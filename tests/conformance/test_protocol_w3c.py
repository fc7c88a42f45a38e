"""The W3C's tests of the SPARQL 1.1 Protocol, the Graph Store Protocol and Service Description, over HTTP.

argraph answers what reads and refuses what writes; `refused.txt` names every test with a refused request.
Where a test writes first and then reads, the state that the write would have led to is published in argraph's
own way, and the read is answered from that.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pyoxigraph as ox
import pytest
import rdflib
from pyshacl import Validator
from pyshacl.graph_abstraction import DataGraph

from argraph.app.endpoint import Limits
from argraph.argument.debates import Debate
from argraph.rdf.store import Store
from argraph.rdf.terms import to_rdflib
from argraph.workspace import Workspace

from ..servers import oxigraph, served
from . import exchanges
from .exchanges import Case, Reply, Request, cases, play
from .pins import HERE, pins

SUITE = Path(__file__).resolve().parents[3] / "shared" / "w3c" / "sparql" / "sparql11"
REFUSED = pins("refused.txt")
SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
BASE = "http://www.example/gsp/"
DESCRIPTION = ("returns-rdf", "has-endpoint-triple", "conforms-to-schema")
PUBLISHED = "urn:argraph:test:default"
State = dict[str, frozenset[ox.Triple]]


def _cases(*manifests: str) -> list[Case]:
    return [case for name in manifests for case in cases(SUITE / name)] if SUITE.is_dir() else []


PROTOCOL = _cases("protocol/manifest.ttl")
GRAPHS = _cases(*(f"graph-store-protocol/manifest-{way}.ttl" for way in ("direct", "indirect")))


class Dataset(Workspace):
    """Graphs that are no debate: what is said in them, and nothing that is computed from it."""

    def __init__(self, graphs: Mapping[str, Iterable[ox.Triple]]) -> None:
        super().__init__(Path(), Store())
        quads = ox.Store()
        for name, triples in graphs.items():
            graph = ox.NamedNode(name)
            quads.extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples)
        self.store.raw = quads
        told = "".join(sorted(map(str, self.store.raw)))
        self.store.digest = sha256(told.encode()).hexdigest()

    def quads(self) -> Iterator[ox.Quad]:
        return iter(self.store.raw)

    @cached_property
    def debates(self) -> tuple[Debate, ...]:
        """One, so that graphs below `BASE` have addresses of their own."""
        return (Debate("urn:argraph:test:debate", "A test", "", BASE, ""),)


class Servers:
    """argraph, started for each dataset once."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._clients: dict[frozenset[tuple[str, frozenset[ox.Triple]]], httpx.Client] = {}

    def on(self, state: State) -> httpx.Client:
        key = frozenset(state.items())
        if key not in self._clients:
            limits = Limits(workers=1, client_errors=1000)
            self._clients[key] = self._stack.enter_context(served(Dataset(state), limits=limits))
        return self._clients[key]


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(stack)


@pytest.fixture(scope="module")
def peer() -> Iterator[httpx.Client]:
    """A server that can be written to."""
    with oxigraph() as client:
        yield client


class Argraph:
    """argraph as a test sees it: what writes is refused, and its outcome published instead.

    Attributes:
        refused: The replies to the writes.
    """

    def __init__(self, servers: Servers, graphs: Iterable[tuple[str, Path]]) -> None:
        self._servers = servers
        self._state: State = {name: _triples(path.read_bytes(), name) for name, path in graphs}
        self.refused: list[Reply] = []

    def send(self, request: Request) -> Reply:
        client = self._servers.on(self._state)
        target = re.sub(r"^/sparql/", "/sparql", request.target)
        told = replace(request, target=re.sub(r"^/gsp", "/graph", target))
        before = _content(client)
        reply = exchanges.send(str(client.base_url), told)
        if request.target.startswith("/gsp") and request.method in {"PUT", "POST", "DELETE"}:
            self._state = _written(self._state, request)
        if reply.status == 403:
            self.refused.append(reply)
        assert _content(client) == before, "something has changed"
        return reply


class Oxigraph:
    """oxigraph serve as a test sees it: emptied, and filled with the test's graphs."""

    def __init__(self, client: httpx.Client, graphs: Iterable[tuple[str, Path]]) -> None:
        self._client = client
        client.post("/update", data={"update": "DROP ALL"}).raise_for_status()
        for name, path in graphs:
            kind = {"content-type": "application/n-triples"}
            client.put("/store", params={"graph": name}, content=path.read_bytes(), headers=kind)

    def send(self, request: Request) -> Reply:
        target = re.sub(r"^/sparql/", "/sparql", re.sub(r"^/gsp", "/store", request.target))
        return exchanges.send(str(self._client.base_url), replace(request, target=target))


def _triples(data: bytes, base: str) -> frozenset[ox.Triple]:
    quads = ox.parse(data, format=ox.RdfFormat.TURTLE, base_iri=base, rename_blank_nodes=True)
    return frozenset(quad.triple for quad in quads)


def _content(client: httpx.Client) -> tuple[str, str]:
    """All that a server holds, with the name of its state."""
    answer = client.get("/graph", params={"format": "nquads"}).raise_for_status()
    return answer.headers["etag"], answer.text


def _written(state: State, request: Request) -> State:
    """The state that a write would lead to; the default graph's content under a name of its own."""
    parts = urlsplit(request.target)
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    name = given.get("graph", PUBLISHED if "default" in given else BASE + parts.path.removeprefix("/gsp/"))
    if request.method == "DELETE":
        return {other: triples for other, triples in state.items() if other != name}
    message = email.message_from_bytes(f"Content-Type: {request.media}\r\n\r\n".encode() + request.body)  # type: ignore[operator]
    bodies = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    fresh = frozenset[ox.Triple]().union(*(_triples(bytes(body), name) for body in bodies))
    return state | {name: fresh | state.get(name, frozenset()) if request.method == "POST" else fresh}


def judged(case: Case, played: Iterable[tuple[Request, Reply, list[str]]]) -> list[str]:
    """What is wrong with the replies to a test."""
    return [f"{case.name}: {fault}" for _, _, faults in played for fault in faults]


def test_the_suite_is_complete(shared: Path) -> None:
    assert shared.samefile(SUITE.parents[2])
    assert (len(PROTOCOL), len(GRAPHS)) == (34, 13)
    assert REFUSED.keys() <= {case.name for case in PROTOCOL + GRAPHS}


@pytest.mark.parametrize("case", PROTOCOL + GRAPHS, ids=lambda case: case.name)
def test_what_reads_is_answered_and_what_writes_is_refused(servers: Servers, case: Case) -> None:
    door = Argraph(servers, case.graphs)
    played = list(play(case, door))
    if case.name not in REFUSED:
        assert not judged(case, played)
        return
    assert judged(case, played), "this test passes: take it off refused.txt"
    assert door.refused
    for reply in door.refused:
        assert reply.media == "application/problem+json"
        assert b"argraph check" in reply.body  # the way to contribute
    for request, reply, faults in played:
        if reply.status == 403 or "$" in request.target:
            continue  # refused, or asks for what a refused request would have made
        if case in PROTOCOL:  # asks whether the update before it has had an effect
            assert (reply.status, reply.media) == (200, "application/sparql-results+json")
            assert faults == ["the answer is False"]
        else:
            assert not faults


def test_oxigraph_passes_all_protocol_tests_by_the_same_runner(shared: Path, peer: httpx.Client) -> None:
    assert [
        fault for case in PROTOCOL for fault in judged(case, play(case, Oxigraph(peer, case.graphs)))
    ] == []


def test_the_runner_tells_what_a_server_does_wrong(shared: Path, peer: httpx.Client) -> None:
    """Two ways: Oxigraph's own gaps, and a server that lacks the graphs of the tests."""
    failing = {case.name for case in GRAPHS if judged(case, play(case, Oxigraph(peer, ())))}
    assert failing == {  # it knows no multipart/form-data there, and answers HEAD without Content-Type
        *("post_get_post_get_direct", "head_existing_direct"),
        *("post_get_post_get_indirect", "head_existing_indirect"),
    }
    failing = {case.name for case in PROTOCOL if judged(case, play(case, Oxigraph(peer, ())))}
    assert failing == {case.name for case in PROTOCOL if case.graphs}
    assert len(failing) == 6


def description_faults(address: str, place: str = "/sparql") -> dict[str, str]:
    """What fails of the three tests of service descriptions, which the suite has in words only."""
    reply = exchanges.send(address, Request("GET", place, (), None, exchanges.Expected(())))
    form = ox.RdfFormat.from_media_type(reply.media)
    if reply.status != 200 or form is None:
        return dict.fromkeys(DESCRIPTION, f"{reply.status}, {reply.media}")
    graph = rdflib.Graph()
    try:
        for quad in ox.parse(reply.body, format=form, base_iri=address + place):
            graph.add(tuple(map(to_rdflib, quad.triple)))  # type: ignore[arg-type]
    except SyntaxError as error:
        return dict.fromkeys(DESCRIPTION, str(error))
    return _description_faults(graph, address + place)


def _description_faults(graph: rdflib.Graph, endpoint: str) -> dict[str, str]:
    faults: dict[str, str] = {}
    if not len(graph):
        faults["returns-rdf"] = "the description is empty"
    if rdflib.URIRef(endpoint) not in set(graph.objects(None, SD.endpoint)):
        faults["has-endpoint-triple"] = "it does not name the endpoint"
    shapes = rdflib.Graph().parse(HERE / "service-description.ttl")
    conforms, _, told = Validator(DataGraph.from_rdflib(graph), shacl_graph=shapes).run()  # type: ignore[no-untyped-call]
    if not conforms or (None, rdflib.RDF.type, SD.Service) not in graph:
        faults["conforms-to-schema"] = str(told)
    return faults


def test_the_service_describes_itself(shared: Path, servers: Servers) -> None:
    states: list[State] = [{}, {name: _triples(path.read_bytes(), name) for name, path in PROTOCOL[5].graphs}]
    for state in states:
        assert description_faults(str(servers.on(state).base_url)) == {}


def test_oxigraph_describes_itself_by_the_same_tests(peer: httpx.Client) -> None:
    assert description_faults(str(peer.base_url)) == {}


def test_what_is_no_description_fails(servers: Servers) -> None:
    address = str(servers.on({"urn:g": _triples(b"<urn:s> <urn:p> 1 .", "urn:g")}).base_url)
    assert tuple(description_faults(address, "/robots.txt")) == DESCRIPTION
    assert tuple(description_faults(address, "/graph")) == DESCRIPTION[1:]


@pytest.mark.parametrize(
    "wrong",
    [
        "[] a sd:Service .",
        "<> sd:endpoint 'here' .",
        "<> sd:endpoint <> ; sd:supportedLanguage sd:English .",
        "<> sd:endpoint <> ; sd:defaultDataset [ a sd:Dataset ] .",
        "<> sd:endpoint <> ; sd:defaultDataset [ sd:defaultGraph [] ; sd:namedGraph [] ] .",
    ],
)
def test_a_description_against_the_standard_does_not_conform(wrong: str) -> None:
    graph = rdflib.Graph().parse(data=f"@prefix sd: <{SD}> . {wrong} [] a sd:Service ; sd:endpoint <> .")
    assert "conforms-to-schema" in _description_faults(graph, "")
