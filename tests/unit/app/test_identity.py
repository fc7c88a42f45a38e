"""Who asks: tokens, sessions, and requests that another site has a browser send."""

from __future__ import annotations

import asyncio
import gc
import re
from collections.abc import Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, TypeVar

import pytest
from starlette.requests import Request
from starlette.responses import Response

from argraph.app.identity import ANONYMOUS, Identity, Session, clear_cookie, local, set_cookie
from argraph.app.protocol import Problem
from argraph.contribution.ledger import Actor, Ledger
from argraph.contribution.tokens import Tokens

T = TypeVar("T")
ADA, RUTH = Actor("ada", "contributor"), Actor("ruth", "reviewer")


class Times:
    """Both clocks: of the tokens, and of the sessions."""

    def __init__(self) -> None:
        self.passed = 0.0

    def date(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.passed)

    def seconds(self) -> float:
        return self.passed


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def tokens(tmp_path: Path, times: Times) -> Iterator[Tokens]:
    with Ledger.open(tmp_path / "data", clock=times.date) as ledger:
        yield ledger.tokens


@pytest.fixture
def identity(tokens: Tokens, times: Times) -> Identity:
    return Identity(tokens, clock=times.seconds)


def request(*, cookie: str = "", scheme: str = "http", client: str = "192.0.2.7", **headers: str) -> Request:
    told = {"host": "debates.example", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if cookie:
        told["cookie"] = f"{'__Host-' if scheme == 'https' else ''}argraph-session={cookie}"
    return Request(
        {
            "type": "http",
            "method": "POST",
            "scheme": scheme,
            "path": "/",
            "query_string": b"",
            "server": ("debates.example", 80),
            "client": (client, 5000),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in told.items()],
        }
    )


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def signed_in(identity: Identity, secret: str, **options: str) -> tuple[Session, str]:
    return run(identity.sign_in(request(**options), secret))


def refusal(work: Coroutine[Any, Any, object]) -> Problem:
    with pytest.raises(Problem) as caught:
        run(work)
    return caught.value


# -- tokens -------------------------------------------------------------------------------------------------


def test_a_token_in_the_head_tells_who_asks(identity: Identity, tokens: Tokens) -> None:
    secret = tokens.create("ada", "contributor")
    for scheme in "Bearer", "bearer", "BEARER":
        assert run(identity.caller(request(authorization=f"{scheme} {secret}"))).actor == ADA


def test_whoever_brings_nothing_is_anonymous(identity: Identity) -> None:
    assert run(identity.caller(request())).actor == ANONYMOUS
    assert run(identity.acting(request())).actor == ANONYMOUS


@pytest.mark.parametrize(
    "told",
    [
        "Bearer",
        "Bearer ",
        "Bearer argraph_" + "x" * 43,
        "Bearer \u00e4",
        "Bearer " + "x" * 100_000,
        "Basic YWRhOng=",
        "{secret}",
        "Basic {secret}",
    ],
)
def test_what_is_not_a_good_token_is_refused_and_never_taken_for_nobody(
    identity: Identity, tokens: Tokens, told: str
) -> None:
    secret = tokens.create("ada", "contributor")
    problem = refusal(identity.caller(request(authorization=told.format(secret=secret))))
    assert problem.status_code == 401
    assert problem.headers == {"www-authenticate": 'Bearer realm="argraph", error="invalid_token"'}
    assert secret not in problem.detail


def test_two_tokens_in_one_request_are_refused(identity: Identity, tokens: Tokens) -> None:
    secret = tokens.create("ada", "contributor")
    twice = request(authorization=f"Bearer {secret}")
    twice.scope["headers"].append((b"authorization", f"Bearer {secret}".encode()))
    assert refusal(identity.caller(twice)).status_code == 401


def test_an_expired_token_is_refused_at_once(identity: Identity, tokens: Tokens, times: Times) -> None:
    asking = request(authorization=f"Bearer {tokens.create('ada', 'contributor', timedelta(hours=1))}")
    times.passed = 3599
    assert run(identity.caller(asking)).actor == ADA
    times.passed = 3600
    assert refusal(identity.caller(asking)).status_code == 401


def test_a_revoked_token_is_refused_at_once(identity: Identity, tokens: Tokens) -> None:
    asking = request(authorization=f"Bearer {tokens.create('ada', 'contributor')}")
    assert run(identity.caller(asking)).actor == ADA
    tokens.revoke("ada")
    assert refusal(identity.caller(asking)).status_code == 401


def test_wrong_tokens_are_throttled_and_right_ones_from_the_same_address_are_not(
    identity: Identity, tokens: Tokens, times: Times
) -> None:
    good = request(authorization=f"Bearer {tokens.create('ada', 'contributor')}")
    bad = request(authorization="Bearer wrong")
    assert [refusal(identity.caller(bad)).status_code for _ in range(21)] == [401] * 20 + [429]
    assert (refusal(identity.caller(bad)).headers or {})["retry-after"] == "180"
    assert run(identity.caller(good)).actor == ADA
    elsewhere = request(client="192.0.2.8", authorization="Bearer wrong")
    assert refusal(identity.caller(elsewhere)).status_code == 401


def test_a_server_without_tokens_knows_nobody(tokens: Tokens) -> None:
    identity, secret = Identity(None), tokens.create("ada", "contributor")
    assert refusal(identity.caller(request(authorization=f"Bearer {secret}"))).status_code == 401
    assert refusal(identity.sign_in(request(), secret)).status_code == 401
    assert run(identity.caller(request(cookie="x"))).actor == ANONYMOUS


@pytest.mark.parametrize(
    ("role", "needed", "status"),
    [
        ("anonymous", "contributor", 401),
        ("anonymous", "reviewer", 401),
        ("contributor", "contributor", None),
        ("contributor", "reviewer", 403),
        ("reviewer", "contributor", None),
        ("reviewer", "reviewer", None),
    ],
)
def test_a_role_includes_those_below_it(
    identity: Identity, tokens: Tokens, role: Any, needed: str, status: int | None
) -> None:
    headers = {} if role == "anonymous" else {"authorization": f"Bearer {tokens.create('ada', role)}"}
    caller = run(identity.caller(request(**headers)))
    if status is None:
        caller.need(needed)
        return
    with pytest.raises(Problem) as caught:
        caller.need(needed)
    assert caught.value.status_code == status
    assert caught.value.headers is not None
    assert caught.value.headers["www-authenticate"].startswith('Bearer realm="argraph"')


# -- sessions -----------------------------------------------------------------------------------------------


def test_a_session_reads_with_its_cookie_and_acts_with_its_csrf_token_besides(
    identity: Identity, tokens: Tokens
) -> None:
    session, cookie = signed_in(identity, tokens.create("ruth", "reviewer"))
    assert run(identity.caller(request(cookie=cookie))).actor == RUTH
    assert run(identity.acting(request(cookie=cookie, x_csrf_token=session.csrf))).session == session
    assert run(identity.acting(request(cookie=cookie), csrf=session.csrf)).actor == RUTH


@pytest.mark.parametrize("given", [None, "", "x", "\u00e4", "{cookie}", "{other}"])
def test_without_the_csrf_token_of_this_very_session_nothing_is_done(
    identity: Identity, tokens: Tokens, given: str | None
) -> None:
    secret = tokens.create("ruth", "reviewer")
    _, cookie = signed_in(identity, secret)
    other, _ = signed_in(identity, secret)
    told = None if given is None else given.format(cookie=cookie, other=other.csrf)
    by_header = {} if told is None else {"x_csrf_token": told}
    assert refusal(identity.acting(request(cookie=cookie, **by_header))).status_code == 403
    assert refusal(identity.acting(request(cookie=cookie), csrf=told)).status_code == 403


def test_only_digests_of_cookies_and_tokens_are_in_memory(identity: Identity, tokens: Tokens) -> None:
    secret = tokens.create("ruth", "reviewer")
    _, cookie = signed_in(identity, secret)
    found = _strings_within(identity)
    assert len(found) > 3
    assert not any(secret in text or cookie in text for text in found)


def _strings_within(start: object) -> set[str]:
    """All texts that can be reached from an object, without modules, classes and functions."""
    seen: set[int] = set()
    queue: list[object] = [start]
    texts: set[str] = set()
    while queue:
        here = queue.pop()
        if id(here) in seen or isinstance(here, type | type(re) | type(_strings_within)):
            continue
        seen.add(id(here))
        if isinstance(here, str | bytes):
            texts.add(here if isinstance(here, str) else here.decode("latin-1"))
        queue.extend(gc.get_referents(here))
    return texts


def test_the_cookie_is_out_of_reach_for_scripts_and_for_other_sites() -> None:
    for scheme, name in (("http", "argraph-session"), ("https", "__Host-argraph-session")):
        answer = Response()
        set_cookie(answer, request(scheme=scheme), "value")
        (morsel,) = SimpleCookie(answer.headers["set-cookie"]).values()
        assert (morsel.key, morsel.value) == (name, "value")
        assert morsel["httponly"] is True
        assert morsel["samesite"] == "strict"
        assert morsel["path"] == "/"
        assert not morsel["domain"]
        assert bool(morsel["secure"]) == (scheme == "https")
        assert not morsel["max-age"]
        clear_cookie(answer, request(scheme=scheme))
        assert f'{name}=""' in answer.headers.getlist("set-cookie")[1]


def test_over_https_a_cookie_without_the_prefix_counts_for_nothing(
    identity: Identity, tokens: Tokens
) -> None:
    _, cookie = signed_in(identity, tokens.create("ruth", "reviewer"), scheme="https")
    assert run(identity.caller(request(scheme="https", cookie=cookie))).actor == RUTH
    planted = request(scheme="https")
    planted.scope["headers"].append((b"cookie", f"argraph-session={cookie}".encode()))
    assert run(identity.caller(planted)).actor == ANONYMOUS


def test_a_session_has_a_new_name_that_nobody_else_can_have_chosen(
    identity: Identity, tokens: Tokens
) -> None:
    """Session fixation: whatever cookie the browser had is not the session's, and is worth nothing after."""
    secret = tokens.create("ruth", "reviewer")
    _, planted = signed_in(identity, tokens.create("mallory", "contributor"))
    for chosen in planted, "chosen-by-somebody-else":
        _, cookie = signed_in(identity, secret, cookie=chosen)
        assert cookie != chosen
        assert len(cookie) >= 43
        assert run(identity.caller(request(cookie=chosen))).actor == ANONYMOUS
        assert run(identity.caller(request(cookie=cookie))).actor == RUTH


def test_a_session_ends_with_its_token(identity: Identity, tokens: Tokens, times: Times) -> None:
    session, cookie = signed_in(identity, tokens.create("ruth", "reviewer"))
    tokens.revoke("ruth")
    acting = request(cookie=cookie, x_csrf_token=session.csrf)
    assert run(identity.caller(request(cookie=cookie))).actor == ANONYMOUS
    assert refusal(identity.acting(acting)).status_code == 401
    tokens.create("ruth", "reviewer")  # another token of the same name does not bring it back
    assert refusal(identity.acting(acting)).status_code == 401
    session, cookie = signed_in(identity, tokens.create("saul", "reviewer", timedelta(minutes=30)))
    times.passed += 1800
    assert run(identity.caller(request(cookie=cookie))).actor == ANONYMOUS


def test_a_session_that_is_revoked_does_not_come_back_under_another_role(
    identity: Identity, tokens: Tokens
) -> None:
    _, cookie = signed_in(identity, tokens.create("ruth", "contributor"))
    tokens.revoke("ruth")
    tokens.create("ruth", "reviewer")
    assert run(identity.caller(request(cookie=cookie))).actor == ANONYMOUS


@pytest.mark.parametrize(("step", "alive"), [(7200.0, 0), (7199.0, 6), (3600.0, 11)])
def test_a_session_ends_when_it_is_not_used_for_two_hours_and_after_half_a_day(
    identity: Identity, tokens: Tokens, times: Times, step: float, alive: int
) -> None:
    _, cookie = signed_in(identity, tokens.create("ruth", "reviewer"))
    met = []
    for _ in range(alive + 1):
        times.passed += step
        met.append(run(identity.caller(request(cookie=cookie))).actor)
    assert met == [RUTH] * alive + [ANONYMOUS]


def test_signing_out_ends_the_session_on_the_server(identity: Identity, tokens: Tokens) -> None:
    session, cookie = signed_in(identity, tokens.create("ruth", "reviewer"))
    assert refusal(identity.sign_out(request(cookie=cookie))).status_code == 403
    assert run(identity.caller(request(cookie=cookie))).actor == RUTH
    run(identity.sign_out(request(cookie=cookie), csrf=session.csrf))
    assert run(identity.caller(request(cookie=cookie))).actor == ANONYMOUS
    run(identity.sign_out(request(cookie=cookie)))  # a second time does nothing


def test_one_token_has_so_many_sessions_and_the_oldest_end(identity: Identity, tokens: Tokens) -> None:
    secret = tokens.create("ruth", "reviewer")
    cookies = [signed_in(identity, secret)[1] for _ in range(21)]
    met = [run(identity.caller(request(cookie=cookie))).actor for cookie in cookies]
    assert met == [ANONYMOUS] + [RUTH] * 20


def test_failed_sign_ins_are_throttled_also_for_the_right_token(
    identity: Identity, tokens: Tokens, times: Times
) -> None:
    secret = tokens.create("ruth", "reviewer")
    met = [refusal(identity.sign_in(request(), "argraph_wrong")).status_code for _ in range(21)]
    assert met == [401] * 20 + [429]
    assert refusal(identity.sign_in(request(), secret)).status_code == 429
    assert signed_in(identity, secret, client="192.0.2.8")[0].actor == RUTH
    times.passed += 180
    assert signed_in(identity, secret)[0].actor == RUTH


def test_whoever_has_a_whole_network_is_throttled_as_one(identity: Identity) -> None:
    met = [
        refusal(identity.sign_in(request(client=f"2001:db8::{number:x}"), "wrong")).status_code
        for number in range(1, 22)
    ]
    assert met == [401] * 20 + [429]


# -- other sites --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "cross-site", "origin": "http://debates.example"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://debates.example.evil.example"},
        {"origin": "http://debates.example:8000"},
        {"origin": "http://["},
    ],
)
def test_what_another_site_has_a_browser_send_changes_nothing(
    identity: Identity, tokens: Tokens, headers: dict[str, str]
) -> None:
    secret = tokens.create("ruth", "reviewer")
    session, cookie = signed_in(identity, secret)
    forged = request(cookie=cookie, x_csrf_token=session.csrf, **headers)
    assert refusal(identity.acting(forged)).status_code == 403
    assert refusal(identity.acting(request(**headers))).status_code == 403  # nor as nobody, from its address
    assert (
        refusal(identity.sign_in(request(**headers), secret)).status_code == 403
    )  # nor into another account


@pytest.mark.parametrize(
    "headers",
    [{}, {"sec_fetch_site": "same-origin"}, {"sec_fetch_site": "none"}, {"origin": "http://debates.example"}],
)
def test_what_comes_from_our_own_pages_or_from_a_program_is_taken(
    identity: Identity, tokens: Tokens, headers: dict[str, str]
) -> None:
    session, cookie = signed_in(identity, tokens.create("ruth", "reviewer"), **headers)
    acting = request(cookie=cookie, x_csrf_token=session.csrf, **headers)
    assert run(identity.acting(acting)).actor == RUTH


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\r\nset-cookie: a=b",
        "/\t/evil.example",
        "",
        "review",
        "/" + "x" * 3000,
    ],
)
def test_signing_in_leads_on_to_this_server_only(place: str) -> None:
    assert local(place) == "/"


def test_signing_in_leads_on_to_where_one_wanted_to_go() -> None:
    assert local("/review?state=pending") == "/review?state=pending"


def test_no_secret_is_in_what_is_printed_of_a_session(identity: Identity, tokens: Tokens) -> None:
    secret = tokens.create("ruth", "reviewer")
    session, cookie = signed_in(identity, secret)
    caller = run(identity.caller(request(cookie=cookie)))
    shown = repr(caller) + repr(session)
    assert "ruth" in shown
    assert not any(part in shown for part in (secret, cookie, session.csrf))
