"""Who asks: tokens of programs, sessions of browsers, and what keeps other sites from acting for them.

A program sends `Authorization: Bearer TOKEN`. A browser exchanges a token once, at `/sign-in`, for a session:
a cookie that scripts cannot read and that no other site's request carries. What changes something needs the
session's own CSRF token besides. Whoever brings neither is anonymous.

No secret is kept: of tokens and cookies there are only SHA-256 digests, here in memory and in the ledger on
disk. A token that is revoked or expires ends its sessions at once.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Protocol
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from argraph.app.allowance import Share, client_of
from argraph.app.protocol import Problem
from argraph.contribution.ledger import Actor

ANONYMOUS: Final = Actor("anonymous", "anonymous")
COOKIE: Final = "argraph-session"
"""Name of the cookie; over https with the prefix `__Host-`, so that no neighbouring host can set it."""
CSRF_HEADER: Final = "x-csrf-token"
CSRF_FIELD: Final = "csrf"

_LIFE: Final = 12 * 3600.0  # seconds of a session
_IDLE: Final = 2 * 3600.0  # seconds in which it has to be used
_SESSIONS: Final = 1_000  # at a time; those not used for longest end first
_EACH: Final = 20  # sessions with one token at a time
_FAILURES: Final = 20  # wrong tokens of one client in an hour
_LONGEST: Final = 200  # characters of what may be a token or a cookie
_RANK: Final = {"anonymous": 0, "contributor": 1, "reviewer": 2}
_CHALLENGE: Final = 'Bearer realm="argraph"'
_WRONG: Final = (
    "The token is not one of this server, was revoked, or has expired: ask its maintainer for another."
)


class Register(Protocol):
    """What knows the tokens (`contribution.tokens`)."""

    def check(self, secret: str) -> Actor | None:
        """Whose token it is, if it is good."""

    def check_digest(self, digest: bytes) -> Actor | None:
        """The same by the SHA-256 of a token that was good before."""


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that has signed in.

    Attributes:
        actor: Who.
        csrf: What its forms (field `csrf`) and scripts (header `X-CSRF-Token`) have to send along.
    """

    actor: Actor
    csrf: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request.

    Attributes:
        actor: As whom.
        client: Whom what it costs is booked for.
        session: Its session; None for programs and for the anonymous.
    """

    actor: Actor
    client: str
    session: Session | None = None

    def may(self, role: str) -> bool:
        """Whether this one has a role, or one that includes it."""
        return _RANK.get(self.actor.role, -1) >= _RANK[role]

    def need(self, role: str) -> None:
        """Let only those with a role go on.

        Raises:
            Problem: 401 for the anonymous, 403 for others.
        """
        if self.may(role):
            return
        if not self.may("contributor"):
            raise Problem(
                401,
                f"This is for those with the token of a {role}: send it as “Authorization: Bearer TOKEN”, "
                "or sign in at /sign-in. The maintainer makes tokens with “argraph token create”.",
                headers={"www-authenticate": _CHALLENGE},
            )
        raise Problem(
            403,
            f"This needs the token of a {role}; yours is one of a {self.actor.role}.",
            headers={"www-authenticate": f'{_CHALLENGE}, error="insufficient_scope"'},
        )


@dataclass(slots=True)
class _Kept:
    session: Session
    token: bytes
    begun: float
    used: float


class Identity:
    """Says who asks, signs browsers in and out.

    Args:
        register: The tokens; None where the server takes no contributions, so that everybody is anonymous.
        clock: Seconds that never run backwards.
    """

    def __init__(self, register: Register | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._register = register
        self._clock = clock
        self._sessions: OrderedDict[bytes, _Kept] = OrderedDict()
        self._failures = Share(_FAILURES, "wrong tokens", period=3600.0, clock=clock)

    async def caller(self, request: Request) -> Caller:
        """Who wants to read. A session that is over counts as none.

        Raises:
            Problem: 401 for a token that is not good, 429 for many of them.
        """
        told = request.headers.getlist("authorization")
        kept = None if told else await self._kept(request)
        if told:
            caller = await self._by_token(request, told)
        elif kept is None:
            caller = Caller(ANONYMOUS, client_of(request))
        else:
            caller = Caller(kept.session.actor, _account(kept.session.actor), kept.session)
        request.state.caller = caller  # for the log
        return caller

    async def acting(self, request: Request, *, csrf: str | None = None) -> Caller:
        """Who wants to change something.

        Without a token in the head, the request has to come from a page of this server; with a session, it
        has to bring the session's CSRF token, too.

        Args:
            request: The request.
            csrf: The field `csrf` of a form; by default the header `X-CSRF-Token` counts.

        Raises:
            Problem: 401 as `caller`, and where the session is over; 403 where the request comes from another
                site or without the session's CSRF token.
        """
        caller = await self.caller(request)
        if request.headers.get("authorization") is not None:
            return caller
        _from_here(request)
        if caller.session is None:
            if _cookie(request) is not None:
                raise Problem(
                    401,
                    "Your session is over: sign in again at /sign-in.",
                    headers={"www-authenticate": _CHALLENGE},
                )
            return caller
        given = csrf if csrf is not None else request.headers.get(CSRF_HEADER, "")
        if not _same(given, caller.session.csrf):
            raise Problem(
                403,
                "The request does not show that it was meant: what changes something sends the session's "
                "CSRF token as field “csrf” or header X-CSRF-Token. Load the page again, and send it anew.",
            )
        return caller

    async def sign_in(self, request: Request, secret: str) -> tuple[Session, str]:
        """Begin a session; whatever session the browser had is over.

        Returns:
            The session and the value of its cookie, to be set by `set_cookie`.

        Raises:
            Problem: 401 for a token that is not good, 403 for another site's form, 429 after many failures.
        """
        _from_here(request)
        client = client_of(request)
        self._failures.check(client)
        secret = secret.strip()
        actor = await self._check(secret)
        if actor is None or self._register is None:
            self._failures.charge(client, 1)
            raise Problem(401, _WRONG, headers={"www-authenticate": _CHALLENGE})
        self._forget(request)
        value, now = secrets.token_urlsafe(32), self._clock()
        session, token = Session(actor, secrets.token_urlsafe(32)), sha256(secret.encode()).digest()
        theirs = [key for key, kept in self._sessions.items() if kept.token == token]
        for key in theirs[: max(0, len(theirs) - _EACH + 1)]:
            del self._sessions[key]
        self._sessions[_digest(value)] = _Kept(session, token, now, now)
        while len(self._sessions) > _SESSIONS:
            self._sessions.popitem(last=False)
        return session, value

    async def sign_out(self, request: Request, *, csrf: str | None = None) -> None:
        """End the session of a browser.

        Raises:
            Problem: As `acting`; a session that is over already is no fault.
        """
        if await self._kept(request) is not None:
            await self.acting(request, csrf=csrf)
        self._forget(request)

    async def _by_token(self, request: Request, told: list[str]) -> Caller:
        scheme, _, secret = told[0].partition(" ")
        actor = None
        if len(told) == 1 and scheme.lower() == "bearer":
            actor = await self._check(secret.strip())
        if actor is not None:  # a good token is never kept out by those who guess at the same address
            return Caller(actor, _account(actor))
        client = client_of(request)
        self._failures.check(client)
        self._failures.charge(client, 1)
        raise Problem(401, _WRONG, headers={"www-authenticate": f'{_CHALLENGE}, error="invalid_token"'})

    async def _check(self, secret: str) -> Actor | None:
        if self._register is None or not secret or len(secret) > _LONGEST or not secret.isascii():
            return None
        return await asyncio.to_thread(self._register.check, secret)

    async def _kept(self, request: Request) -> _Kept | None:
        """The session that a request belongs to, if it is not over."""
        value = _cookie(request)
        key = _digest(value) if value else b""
        kept = self._sessions.get(key)
        if kept is None or self._register is None:
            return None
        now = self._clock()
        if now - kept.begun < _LIFE and now - kept.used < _IDLE:
            actor = await asyncio.to_thread(self._register.check_digest, kept.token)
            if actor == kept.session.actor and key in self._sessions:
                kept.used = now
                self._sessions.move_to_end(key)
                return kept
        self._sessions.pop(key, None)
        return None

    def _forget(self, request: Request) -> None:
        value = _cookie(request)
        if value:
            self._sessions.pop(_digest(value), None)


def set_cookie(answer: Response, request: Request, value: str) -> None:
    """Give a browser the cookie of its session; it forgets it when it is closed."""
    secure = request.url.scheme == "https"
    answer.set_cookie(_name(request), value, path="/", httponly=True, samesite="strict", secure=secure)


def clear_cookie(answer: Response, request: Request) -> None:
    """Take the cookie away again."""
    secure = request.url.scheme == "https"
    answer.delete_cookie(_name(request), path="/", httponly=True, samesite="strict", secure=secure)


def local(place: str, default: str = "/") -> str:
    r"""A place on this server to go on at; the default for what leads elsewhere.

    >>> local("/review?state=pending"), local("//elsewhere.example/"), local("/\\elsewhere.example/")
    ('/review?state=pending', '/', '/')
    """
    plain = place.isascii() and place.isprintable() and len(place) <= 2_000 and "\\" not in place
    return place if plain and place.startswith("/") and not place.startswith("//") else default


def _name(request: Request) -> str:
    return f"__Host-{COOKIE}" if request.url.scheme == "https" else COOKIE


def _cookie(request: Request) -> str | None:
    value = request.cookies.get(_name(request))
    return value[:_LONGEST] if value else None


def _digest(value: str) -> bytes:
    return sha256(value.encode("utf-8", "surrogatepass")).digest()


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), right.encode())


def _account(actor: Actor) -> str:
    return f"token {actor.name}"


def _from_here(request: Request) -> None:
    """Let only requests go on that no other site has made a browser send.

    Browsers say where a request comes from: in `Sec-Fetch-Site`, which needs https or this machine, and in
    `Origin`. Other clients send neither, and nobody can make them send anything.

    Raises:
        Problem: 403.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        here = site in {"same-origin", "none"}
    else:
        here = origin is None or _host(origin) == request.headers.get("host", "").lower()
    if not here:
        raise Problem(403, "This comes from another site, and only pages of this server may ask for it.")


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
