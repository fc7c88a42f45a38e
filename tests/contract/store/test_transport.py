"""What goes over the wire: what is repeated, what is a complete answer, and who is told the credentials."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pyoxigraph as ox
import pytest

from argraph.errors import AnswerTooLarge, BudgetExceeded, EndpointFailed
from argraph.rdf.addresses import Address
from argraph.rdf.remote import Engine, Graphs
from argraph.rdf.transport import Credentials

YES = b'{"head": {}, "boolean": true}'
ROWS = json.dumps(
    {
        "head": {"vars": ["a", "b", "c", "d"]},
        "results": {
            "bindings": [
                {
                    "a": {
                        "type": "typed-literal",
                        "value": "1",
                        "datatype": "http://www.w3.org/2001/XMLSchema#int",
                    },
                    "b": {"type": "bnode", "value": "nodeID://b10001"},
                    "c": {"type": "literal", "value": "ü", "xml:lang": "de"},
                }
            ]
        },
    }
).encode()
TRIPLE = b"<urn:a> <urn:b> <urn:c> .\n"


def http(
    body: bytes = YES, status: int = 200, media: str = "application/sparql-results+json", **headers: str
) -> bytes:
    """An answer as written to the wire."""
    told = {"content-type": media, "content-length": str(len(body))}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
    return f"HTTP/1.1 {status} It\r\n{head}\r\n".encode() + body


def cut(answer: bytes) -> bytes:
    """An answer without its end, after which the script hangs up."""
    return answer[:-3].replace(b"content-length", b"Content-Length")


class Script:
    """A server that gives one prepared answer after the other, and keeps what it was sent.

    An empty answer hangs up, and so does one that is cut; None lets the client wait.
    """

    def __init__(self, answers: list[bytes | None]) -> None:
        self.answers = answers
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._stop.is_set():
            with suppress(OSError):
                connection, _ = self._listener.accept()
                with connection:
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        while self.answers and (request := _request(connection)):
            self.requests.append(request)
            answer = self.answers.pop(0)
            if answer is None:
                self._stop.wait(10)
                return
            connection.sendall(answer)
            if not answer or b"content-length" not in answer:
                return

    def close(self) -> None:
        self._stop.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    @property
    def heads(self) -> list[str]:
        """What the requests say before their bodies."""
        return [request.partition(b"\r\n\r\n")[0].decode() for request in self.requests]


def _request(connection: socket.socket) -> bytes:
    told = b""
    while b"\r\n\r\n" not in told:
        if not (piece := connection.recv(65536)):
            return b""
        told += piece
    head, _, body = told.partition(b"\r\n\r\n")
    length = next(
        (int(x.split(b":")[1]) for x in head.lower().split(b"\r\n") if x.startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def scripted(
    *answers: bytes | None, credentials: Credentials | None = None, kind: str = "other"
) -> Iterator[tuple[Engine, Script]]:
    script = Script([*answers])
    place = f"http://127.0.0.1:{script.port}"
    engine = Engine(Address(f"{place}/q", f"{place}/u", f"{place}/g", kind), credentials or Credentials())
    try:
        yield engine, script
    finally:
        engine.close()
        script.close()


def test_a_connection_is_kept_and_one_that_was_closed_meanwhile_is_replaced() -> None:
    with scripted(http(), http(), b"", http()) as (engine, script):
        assert engine.ask("ASK {}")
        assert engine.ask("ASK {}")
        assert engine.ask("ASK {}")
        assert len(script.requests) == 4


def test_reads_are_repeated_when_the_engine_is_busy_or_hangs_up() -> None:
    for answers in (
        [http(b"", 503), http()],
        [http(b"", 429, retry_after="0"), http(b"", 502), http()],
        [b"", http()],
        [cut(http()), http()],
    ):
        with scripted(*answers) as (engine, script):
            assert engine.ask("ASK {}")
            assert len(script.requests) == len(answers)


def test_a_read_is_given_up_after_some_attempts() -> None:
    with scripted(*[http(b"overloaded", 503)] * 9) as (engine, script):
        with pytest.raises(EndpointFailed, match="HTTP 503: overloaded") as raised:
            engine.ask("ASK {}")
        assert raised.value.status == 503
        assert len(script.requests) == 4


def test_a_wait_that_would_be_too_long_is_not_waited() -> None:
    with scripted(http(b"later", 503, retry_after="3600"), http()) as (engine, script):
        with pytest.raises(EndpointFailed, match="HTTP 503"):
            engine.ask("ASK {}")
        assert len(script.requests) == 1


@pytest.mark.parametrize(
    "answer", [b"", http(b"", 502), http(b"", 503), http(b"", 504), cut(http())], ids=range(5)
)
def test_an_update_that_may_have_been_carried_out_is_never_repeated(answer: bytes) -> None:
    with scripted(answer, http()) as (engine, script):
        with pytest.raises(EndpointFailed):
            engine.update("INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> <urn:c> } }", seconds=3)
        assert len(script.requests) == 1


def test_an_update_is_repeated_where_the_engine_says_when_to_come_again() -> None:
    with scripted(http(b"", 503, retry_after="0"), http(b"", 204)) as (engine, script):
        engine.update("CLEAR GRAPH <urn:g>")
        assert len(script.requests) == 2
        assert script.requests[0].partition(b"\r\n\r\n")[2] == script.requests[1].partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize(
    "answer",
    [
        http(b"<html><h1>It works</h1></html>", media="text/html"),
        http(b'{"head": {"vars": []}, "results": {"bindings": [The query was cancelled'),
        http(b'{"head": {}}'),
        http(b"[]"),
        http(b'{"boolean": "yes"}'),
        http(b""),
        http(YES.replace(b"true", b"\xff")),
    ],
)
def test_a_success_that_is_none_is_an_error(answer: bytes) -> None:
    with scripted(answer) as (engine, _), pytest.raises(EndpointFailed, match="no complete answer"):
        engine.ask("ASK {}")


def test_a_body_that_breaks_off_is_no_answer() -> None:
    chunked = http(b"", content_length="", transfer_encoding="chunked") + b"1f\r\n{\r\n"
    for answer in (cut(http(ROWS)), chunked):
        with scripted(*[answer] * 4) as (engine, _), pytest.raises(EndpointFailed, match="broke off"):
            engine.select("SELECT * {}", seconds=9)


def test_triples_without_a_known_end_are_no_answer() -> None:
    told = http(TRIPLE, media="application/n-triples")
    endless = http(TRIPLE, media="application/n-triples", content_length="")
    with scripted(told, endless) as (engine, _):
        assert len(engine.construct("CONSTRUCT WHERE { ?s ?p ?o }")) == 1
        with pytest.raises(EndpointFailed, match="may be cut off"):
            engine.construct("CONSTRUCT WHERE { ?s ?p ?o }")


def test_virtuosos_signs_of_an_incomplete_answer_are_read() -> None:
    with scripted(http(X_SQL_State="S1TAT"), http(X_SPARQL_MaxRows="10000")) as (engine, _):
        with pytest.raises(BudgetExceeded):
            engine.ask("ASK {}")
        with pytest.raises(AnswerTooLarge, match="10,000 rows"):
            engine.ask("ASK {}")


def test_virtuosos_results_are_read() -> None:
    with scripted(http(ROWS)) as (engine, _):
        ((one, two, three, four),) = engine.select("SELECT * {}").rows
    assert one == ox.Literal("1", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#int"))
    assert isinstance(two, ox.BlankNode)
    assert three == ox.Literal("ü", language="de")
    assert four is None


def test_time_limits_are_passed_on_in_the_units_of_each_engine() -> None:
    for kind, told in (("virtuoso", b"timeout=2500"), ("graphdb", b"timeout=2"), ("other", None)):
        with scripted(http(), kind=kind) as (engine, script):
            engine.ask("ASK {}", Graphs(("urn:g",)), seconds=2.5)
            body = script.requests[0].partition(b"\r\n\r\n")[2]
            assert (told in body.split(b"&")) if told else (b"timeout" not in body)
            assert b"default-graph-uri=urn%3Ag" in body


def test_an_engine_that_does_not_answer_in_time_is_given_up() -> None:
    with scripted(None, kind="other") as (engine, script):
        with pytest.raises(BudgetExceeded, match=r"0\.2 s"):
            engine.update("CLEAR GRAPH <urn:g>", seconds=0.2)
        assert len(script.requests) == 1


WHO = Credentials("the-user", "a-secret-word")
BASIC = "Basic " + base64.b64encode(b"the-user:a-secret-word").decode()
DIGEST = 'Digest realm="SPARQL", nonce="abc", opaque="xyz", qop="auth", algorithm="MD5"'


def test_a_password_is_sent_only_when_it_is_asked_for_and_then_at_once() -> None:
    asked = http(b"", 401, www_authenticate='Basic realm="x"')
    with scripted(asked, http(), http(), credentials=WHO) as (engine, script):
        assert engine.ask("ASK {}")
        assert engine.ask("ASK {}")
        assert [BASIC in head for head in script.heads] == [False, True, True]


def test_a_digest_is_counted_and_renewed() -> None:
    asked, stale = (
        http(b"", 401, www_authenticate=DIGEST),
        http(b"", 401, www_authenticate=DIGEST.replace("abc", "new")),
    )
    with scripted(asked, http(), stale, http(), credentials=WHO) as (engine, script):
        assert engine.ask("ASK {}")
        assert engine.ask("ASK {}")
        heads = script.heads
    assert "authorization" not in heads[0].lower()
    assert ["nc=00000001" in head for head in heads] == [False, True, False, True]
    assert 'nonce="new"' in heads[3]
    assert not any("a-secret-word" in head for head in heads)


def test_a_token_goes_with_every_request() -> None:
    with scripted(http(), credentials=Credentials(token="a-secret-token")) as (engine, script):
        assert engine.ask("ASK {}")
        assert "Authorization: Bearer a-secret-token" in script.heads[0].replace(
            "authorization", "Authorization"
        )


def test_credentials_are_in_no_error_and_in_no_text() -> None:
    refused = http(b"", 401, www_authenticate='Basic realm="x"')
    with scripted(refused, refused, credentials=WHO) as (engine, _):
        with pytest.raises(EndpointFailed, match="does not let argraph do this") as raised:
            engine.ask("ASK {}")
        assert "a-secret-word" not in str(raised.value) + repr(raised.value) + repr(WHO)


def test_no_redirect_is_followed() -> None:
    away = http(b"", 307, location="http://elsewhere.example/sparql?x=1")
    with scripted(away, http()) as (engine, script):
        with pytest.raises(EndpointFailed, match=r"http://elsewhere\.example/sparql\."):
            engine.ask("ASK {}")
        assert len(script.requests) == 1


def test_credentials_come_from_the_environment() -> None:
    told = {"ARGRAPH_STORE_USER": "u", "ARGRAPH_STORE_PASSWORD": "p", "ARGRAPH_STORE_TOKEN": "t"}
    assert Credentials.from_environment(told) == Credentials("u", "p", "t")
    assert Credentials.from_environment({}) == Credentials()
