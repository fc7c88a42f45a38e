"""Requests to a SPARQL 1.1 engine over HTTP: complete answers, or an error that says what went wrong.

Written on the standard library: what is needed is small, and most of it (which request may be repeated, what
counts as a complete answer, what no error may say) is what an HTTP library leaves to its caller anyway.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from typing import Final, TypeAlias
from urllib.parse import SplitResult, urlsplit
from urllib.request import parse_http_list, parse_keqv_list

from argraph.errors import AnswerTooLarge, BudgetExceeded, EndpointFailed
from argraph.rdf.addresses import PASSWORD, TOKEN, USER

Place: TypeAlias = tuple[str, str, int | None]

_TRIES: Final = 4
_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0
_PIECE: Final = 64 * 1024
_LONG: Final = 32 * 1024  # bytes of a body
_MOST: Final = 512 * 2**20
_BUSY: Final = frozenset({429, 503})
_PASSING: Final = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who argraph is to the engine; not shown when printed."""

    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Credentials:
        """What `USER`, `PASSWORD` and `TOKEN` hold."""
        return cls(*(environment.get(name, "") for name in (USER, PASSWORD, TOKEN)))


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer.

    Attributes:
        status: HTTP status.
        headers: By name in small letters.
        body: Without any transfer coding.
        bounded: Whether the end of the body could be told from a connection that broke.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    bounded: bool = True

    @property
    def media(self) -> str:
        """Media type without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Transport:
    """Connections that are kept, one for each place; for one thread.

    Args:
        credentials: Sent when a server asks for them, a token always; never to another place than the one
            that the request names, since no redirect is followed.
    """

    def __init__(self, credentials: Credentials | None = None) -> None:
        self._credentials = credentials or Credentials()
        self._open: dict[Place, HTTPConnection] = {}
        self._challenges: dict[Place, _Challenge] = {}
        self._met: set[tuple[Place, str]] = set()

    def close(self) -> None:
        """Hang up everywhere."""
        while self._open:
            self._open.popitem()[1].close()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        seconds: float,
        repeatable: bool,
        most: int = _MOST,
    ) -> Reply:
        """One request; repeated with growing pauses where that is safe.

        That is: always when the connection was refused or the server said when to come again (429 and 503
        with Retry-After), so that it cannot have been carried out; otherwise only where it is repeatable.

        Args:
            method: HTTP method.
            url: Address.
            headers: Beside those for credentials.
            body: What is sent.
            seconds: Time for everything, pauses included.
            repeatable: Whether the request changes nothing.
            most: Bytes of an answer.

        Raises:
            EndpointFailed: The server cannot be reached, does not let argraph in, sends an incomplete or
                endless answer, or points elsewhere.
            BudgetExceeded: The time ran out.
            AnswerTooLarge: It has more bytes.
        """
        request = _Request(method, urlsplit(url), headers, body, time.monotonic() + seconds, repeatable, most)
        try:
            return _checked(self._patiently(request), request.host)
        except _Refused as error:
            raise error.told from None
        except TimeoutError:
            raise BudgetExceeded(f"The engine at {request.host}", seconds) from None

    def _patiently(self, request: _Request) -> Reply:
        pause = _FIRST_PAUSE
        for left in reversed(range(_TRIES)):
            reply: Reply | None = None
            failed: _Refused | None = None
            wait = pause
            try:
                reply = self._authorised(request)
                after = reply.headers.get("retry-after", "")
                safe = request.repeatable or (reply.status in _BUSY and after != "")
                if reply.status not in _PASSING or not safe:
                    return reply
                wait = max(pause, float(after)) if after.isdecimal() else pause
            except _Broken as error:
                if not request.repeatable:
                    raise
                failed = error
            except _Refused as error:
                failed = error
            if not left or wait > _LONGEST_PAUSE or time.monotonic() + wait > request.end:
                if failed is not None:
                    raise failed
                break
            time.sleep(wait)
            pause *= 3
        assert reply is not None  # noqa: S101 - else `failed` was raised
        return reply

    def _authorised(self, request: _Request) -> Reply:
        """The answer, after answering one challenge."""
        given = self._credentials
        spot = request.place, request.parts.path
        if given.user and not given.token and spot not in self._met and len(request.body or b"") > _LONG:
            # A server that refuses a long body hangs up while it is being sent, and its challenge is lost.
            reply = self._authorised(replace(request, method="GET", parts=_bare(request.parts), body=None))
            if reply.status in {401, 403}:
                return reply
        for again in (False, True):
            headers = {"user-agent": "argraph", **request.headers}
            challenge = self._challenges.get(request.place)
            if given.token:
                headers["authorization"] = f"Bearer {given.token}"
            elif challenge is not None:
                headers["authorization"] = challenge.answer(given, request.method, request.target)
            reply = self._exchange(request, headers)
            asked = _Challenge.of(reply.headers.get("www-authenticate", "")) if reply.status == 401 else None
            if again or asked is None or given.token or not given.user:
                break
            if challenge is not None and challenge.scheme == "basic":
                break  # the same again would be refused again
            self._challenges[request.place] = asked
        if reply.status not in {401, 403}:
            self._met.add(spot)
        return reply

    def _exchange(self, request: _Request, headers: Mapping[str, str]) -> Reply:
        """One request and its answer. A kept connection that the server has closed meanwhile is replaced."""
        while True:
            connection = self._open.pop(request.place, None)
            kept = connection is not None
            connection = connection or request.connection()
            try:
                connection.timeout = request.left()
                if connection.sock is None:
                    connection.connect()
                connection.sock.settimeout(request.left())
            except OSError as error:
                connection.close()
                raise _Refused(request.unreachable(error)) from None
            try:
                connection.request(request.method, request.target, request.body, dict(headers))
                answer = connection.getresponse()
            except TimeoutError:
                connection.close()
                raise
            except (HTTPException, OSError) as error:
                connection.close()
                if kept and request.repeatable:
                    continue
                raise _Broken(request.unreachable(error)) from None
            reply = self._read(connection, answer, request)
            if answer.will_close or not reply.bounded:
                connection.close()
            else:
                self._open[request.place] = connection
            return reply

    def _read(self, connection: HTTPConnection, answer: HTTPResponse, request: _Request) -> Reply:
        bounded = answer.chunked or answer.length is not None
        pieces: list[bytes] = []
        size = 0
        try:
            while True:
                if connection.sock is not None:
                    connection.sock.settimeout(request.left())
                piece = answer.read1(_PIECE) if bounded else answer.read(_PIECE)
                if not piece:
                    break
                pieces.append(piece)
                size += len(piece)
                if size > request.most:
                    raise AnswerTooLarge("bytes", request.most)
            if answer.length:
                raise IncompleteRead(b"", answer.length)
        except (HTTPException, OSError, ValueError, AnswerTooLarge) as error:
            connection.close()
            if isinstance(error, TimeoutError | AnswerTooLarge):
                raise
            raise _Broken(
                EndpointFailed(
                    f"The engine at {request.host} broke off in the middle of its answer, so there is none.",
                    status=answer.status,
                )
            ) from error
        answer.close()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, headers, b"".join(pieces), bounded)


@dataclass(frozen=True, slots=True)
class _Request:
    """What `Transport.send` was given; `end` is when the time has run out."""

    method: str
    parts: SplitResult
    headers: Mapping[str, str]
    body: bytes | None
    end: float
    repeatable: bool
    most: int

    @property
    def host(self) -> str:
        return self.parts.netloc.rpartition("@")[2]

    @property
    def place(self) -> Place:
        return self.parts.scheme, self.parts.hostname or "", self.parts.port

    @property
    def target(self) -> str:
        return (self.parts.path or "/") + (f"?{self.parts.query}" if self.parts.query else "")

    def left(self) -> float:
        """Seconds that are left; a TimeoutError when there are none."""
        if (left := self.end - time.monotonic()) <= 0:
            raise TimeoutError
        return left

    def connection(self) -> HTTPConnection:
        kind = HTTPSConnection if self.parts.scheme == "https" else HTTPConnection
        return kind(self.parts.hostname or "", self.parts.port)

    def unreachable(self, error: Exception) -> EndpointFailed:
        reason = str(error) or type(error).__name__
        if isinstance(error, TimeoutError):
            reason = "it does not answer"
        elif isinstance(error, socket.gaierror):
            reason = "there is no such host"
        elif isinstance(error, ssl.SSLCertVerificationError):
            reason = f"its certificate is not trusted ({error.verify_message})"
        elif isinstance(error, ConnectionRefusedError):
            reason = "nothing listens there"
        return EndpointFailed(f"The engine at {self.host} cannot be reached: {reason}.")


class _Refused(Exception):
    """The request did not reach the server."""

    def __init__(self, told: EndpointFailed) -> None:
        super().__init__(str(told))
        self.told = told


class _Broken(_Refused):
    """The request may have reached the server, and its answer did not come back whole."""


@dataclass(slots=True)
class _Challenge:
    """How a server wants to be told who asks: basic or digest access authentication.

    Source:
        RFC 7617 and RFC 7616 (MD5 and SHA-256, `qop=auth`, or none as in RFC 2069).
    """

    scheme: str
    given: Mapping[str, str]
    count: int = 0

    @classmethod
    def of(cls, header: str) -> _Challenge | None:
        scheme, _, rest = header.partition(" ")
        if scheme.lower() == "basic":
            return cls("basic", {})
        if scheme.lower() != "digest":
            return None
        given = parse_keqv_list([item for item in parse_http_list(rest) if "=" in item])
        given = {name.lower(): value for name, value in given.items()}
        known = given.get("algorithm", "MD5").upper() in {"MD5", "SHA-256"}
        return cls("digest", given) if known and "nonce" in given else None

    def answer(self, who: Credentials, method: str, target: str) -> str:
        if self.scheme == "basic":
            return "Basic " + base64.b64encode(f"{who.user}:{who.password}".encode()).decode()
        given = self.given
        algorithm = given.get("algorithm", "MD5")

        def digest(text: str) -> str:
            made = hashlib.sha256 if algorithm.upper() == "SHA-256" else hashlib.md5
            return made(text.encode()).hexdigest()

        self.count += 1
        count, own = f"{self.count:08x}", secrets.token_hex(8)
        secret = digest(f"{who.user}:{given.get('realm', '')}:{who.password}")
        asked = digest(f"{method}:{target}")
        parts = {
            "username": who.user,
            "realm": given.get("realm", ""),
            "nonce": given["nonce"],
            "uri": target,
        }
        bare = {"algorithm": algorithm}
        if "auth" in given.get("qop", "").replace(" ", "").split(","):
            parts["response"] = digest(f"{secret}:{given['nonce']}:{count}:{own}:auth:{asked}")
            parts["cnonce"] = own
            bare |= {"qop": "auth", "nc": count}
        else:
            parts["response"] = digest(f"{secret}:{given['nonce']}:{asked}")
        if "opaque" in given:
            parts["opaque"] = given["opaque"]
        quoted = [
            f'{name}="{value.replace(chr(92), chr(92) * 2).replace(chr(34), chr(92) + chr(34))}"'
            for name, value in parts.items()
        ]
        return "Digest " + ", ".join([*quoted, *(f"{name}={value}" for name, value in bare.items())])


def _bare(parts: SplitResult) -> SplitResult:
    return parts._replace(query="")


def _checked(reply: Reply, host: str) -> Reply:
    if 300 <= reply.status < 400:
        elsewhere = urlsplit(reply.headers.get("location", ""))
        where = f": {elsewhere.scheme}://{elsewhere.hostname}{elsewhere.path}" if elsewhere.hostname else ""
        raise EndpointFailed(
            f"The engine at {host} points to another address{where}. Redirects are not followed, since "
            "credentials go with the request: name that address instead.",
            status=reply.status,
        )
    if reply.status in {401, 403, 407}:
        raise EndpointFailed(
            f"The engine at {host} does not let argraph do this (HTTP {reply.status}): set {USER} and "
            f"{PASSWORD}, or {TOKEN}, in the environment to those of somebody who may.",
            status=reply.status,
        )
    return reply
