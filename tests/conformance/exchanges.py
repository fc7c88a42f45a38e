"""HTTP as the W3C's manifests write it down: requests in RDF, and what is expected of the replies.

The runner speaks plain HTTP with nothing added: no Accept header, no Content-Type that the manifest lacks.
"""

from __future__ import annotations

import csv
import http.client
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote, urlsplit

import pyoxigraph as ox
import rdflib
from rdflib.collection import Collection

from .answers import ROWS, difference, read

MF: Final = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
UT: Final = rdflib.Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
HT: Final = rdflib.Namespace("http://www.w3.org/2011/http#")
CNT: Final = rdflib.Namespace("http://www.w3.org/2011/content#")

STATUSES: Final = {
    "StatusCode2xx": range(200, 300),
    "StatusCode3xx": range(300, 400),
    "StatusCode4xx": range(400, 500),
    "OK": range(200, 201),
    "Created": range(201, 202),
    "NoContent": range(204, 205),
    "NotFound": range(404, 405),
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What a reply must be like.

    Attributes:
        statuses: Names of the permitted ones, as in `STATUSES`.
        format: `boolean`, `tabular` or `RDF`.
        boolean: The answer to an ASK query.
        media: Of the body.
        graph: Turtle that the body must be isomorphic to.
        location: Name that the Location header is kept under for later requests.
    """

    statuses: tuple[str, ...]
    format: str | None = None
    boolean: bool | None = None
    media: str | None = None
    graph: str | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One request; its target is the path with all that follows “?”."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    expected: Expected

    @property
    def media(self) -> str:
        """Content-Type of the body, with its parameters."""
        return next((value for name, value in self.headers if name.lower() == "content-type"), "")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def media(self) -> str:
        """Content-Type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Case:
    """A test: requests in their order, to a server that holds named graphs from files."""

    name: str
    graphs: tuple[tuple[str, Path], ...]
    requests: tuple[Request, ...]


class Door(Protocol):
    """Where requests are sent."""

    def send(self, request: Request) -> Reply:
        """The reply to a request."""


def cases(manifest: Path) -> list[Case]:
    """The tests of a manifest in its order."""
    graph = rdflib.Graph().parse(manifest, format="turtle")
    found = []
    for entries in graph.objects(None, MF.entries):
        for test in Collection(graph, entries):
            data = [
                (str(graph.value(node, rdflib.RDFS.label)), _path(graph.value(node, UT.graph)))
                for node in graph.objects(test, UT.graphData)
            ]
            listed = graph.value(graph.value(test, MF.action), HT.requests)
            requests = tuple(_request(graph, node) for node in Collection(graph, listed))  # type: ignore[arg-type]
            found.append(Case(str(test).rpartition("#")[2], tuple(sorted(data)), requests))
    return found


def _path(iri: rdflib.term.Node | None) -> Path:
    return Path(urlsplit(str(iri)).path)


def _request(graph: rdflib.Graph, node: rdflib.term.Node) -> Request:
    body = graph.value(node, HT.body)
    encoding = str(graph.value(body, CNT.characterEncoding)) if body is not None else ""
    reply = graph.value(node, HT.resp)
    boolean = graph.value(reply, MF.expectedBoolean)
    told = graph.value(graph.value(reply, HT.body), CNT.chars)
    return Request(
        method=str(graph.value(node, HT.methodName)),
        target=str(graph.value(node, HT.absolutePath)),
        headers=_headers(graph, node),
        body=str(graph.value(body, CNT.chars)).encode(encoding) if body is not None else None,
        expected=Expected(
            statuses=tuple(
                sorted(str(s).rpartition("#")[2] for s in graph.objects(reply, MF.expectedStatus))
            ),
            format=_text(graph.value(reply, MF.expectedFormat)),
            boolean=None if boolean is None else str(boolean) == "true",
            media=dict(_headers(graph, reply)).get("content-type"),
            graph=_text(told),
            location=_text(graph.value(reply, MF.expectedLocation)),
        ),
    )


def _headers(graph: rdflib.Graph, node: rdflib.term.Node | None) -> tuple[tuple[str, str], ...]:
    listed = graph.value(node, HT.headers)
    if listed is None:
        return ()
    return tuple(
        (str(graph.value(header, HT.fieldName)).lower(), str(graph.value(header, HT.fieldValue)))
        for header in Collection(graph, listed)
    )


def _text(value: rdflib.term.Node | None) -> str | None:
    return None if value is None else str(value)


def send(address: str, request: Request) -> Reply:
    """The reply of a server, on a connection of its own.

    Args:
        address: Such as `http://127.0.0.1:7878`.
        request: With a target that this server knows.
    """
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    try:
        connection.putrequest(request.method, request.target, skip_accept_encoding=True)
        for name, value in request.headers:
            connection.putheader(name, value)
        if request.body is not None or request.method in {"POST", "PUT"}:
            connection.putheader("content-length", str(len(request.body or b"")))
        connection.endheaders(request.body)
        answer = connection.getresponse()
        return Reply(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def play(case: Case, door: Door) -> Iterator[tuple[Request, Reply, list[str]]]:
    """Send the requests of a test one after the other; gives each with its reply and what is wrong there."""
    kept: dict[str, str] = {}
    for told in case.requests:
        target = told.target
        for variable, location in kept.items():
            target = target.replace(variable, location)
        request = replace(told, target=target)
        reply = door.send(request)
        if (name := request.expected.location) and "location" in reply.headers:
            kept[name] = quote(reply.headers["location"], safe="")
        yield request, reply, list(faults(request, reply))


def faults(request: Request, reply: Reply) -> Iterator[str]:
    """In what a reply differs from what is expected."""
    expected = request.expected
    if not any(reply.status in STATUSES[name] for name in expected.statuses):
        yield f"{request.method} {request.target}: {reply.status}, expected {' or '.join(expected.statuses)}"
        return
    if expected.format and (fault := _format_fault(expected.format, reply)):
        yield f"the body is not {expected.format}: {fault}"
        return
    if expected.boolean is not None and _boolean(reply) is not expected.boolean:
        yield f"the answer is {_boolean(reply)}"
    if expected.media:
        media, _, rest = (part.strip().lower() for part in expected.media.partition(";"))
        charset = reply.headers.get_content_charset(rest.removeprefix("charset="))
        if (reply.media, f"charset={charset}") != (media, rest):
            yield f"the body is {reply.headers.get('content-type')}, expected {expected.media}"
    if expected.location and not reply.headers.get("location"):
        yield "there is no Location"
    if expected.graph is not None and not _same_graph(reply, expected.graph):
        yield "the graph is another one"
    if request.method == "HEAD" and reply.body:
        yield "there is a body after HEAD"


def _format_fault(wanted: str, reply: Reply) -> str:
    try:
        if wanted == "RDF":
            form = ox.RdfFormat.from_media_type(reply.media)
            if form is None:
                return f"it is {reply.media}"
            list(ox.parse(reply.body, format=form, base_iri="http://example.org/"))
            return ""
        if wanted == "tabular" and reply.media == "text/csv":
            header, *rows = csv.reader(io.StringIO(reply.body.decode(), newline=""))
            return "" if all(len(row) == len(header) for row in rows) else "the rows differ in length"
        if reply.media not in ROWS:
            return f"it is {reply.media}"
        found = read(reply.body, reply.media)
        return "" if isinstance(found, bool) is (wanted == "boolean") else f"it holds {found}"
    except (SyntaxError, ValueError) as error:
        return f"{reply.media}: {error}"


def _boolean(reply: Reply) -> bool | None:
    found = read(reply.body, reply.media) if reply.media in ROWS else None
    return found if isinstance(found, bool) else None


def _same_graph(reply: Reply, expected: str) -> bool:
    try:
        return not difference(read(reply.body, reply.media), read(expected.encode(), "text/turtle"))
    except (AssertionError, SyntaxError):
        return False
