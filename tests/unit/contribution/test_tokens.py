"""Who has a secret is known by it; the secret itself is kept nowhere."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from argraph.contribution.ledger import Actor, Ledger
from argraph.contribution.tokens import Token, Tokens
from argraph.errors import LedgerFailed, NotAllowed, UnknownToken

from ...ledgers import START, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(tmp_path: Path, clock: Clock) -> Iterator[Tokens]:
    with Tokens.open(tmp_path, clock=clock) as tokens:
        yield tokens


def test_a_secret_tells_who_somebody_is(tokens: Tokens) -> None:
    ada, ruth = tokens.create("ada", "contributor"), tokens.create("ruth", "reviewer")
    assert re.fullmatch(r"argraph_[A-Za-z0-9_-]{43}", ada)
    assert ada != ruth
    assert tokens.check(ada) == Actor("ada", "contributor")
    assert tokens.check(ruth) == Actor("ruth", "reviewer")
    for wrong in (
        "",
        "argraph_",
        ada[:-1],
        ada + "A",
        ada.swapcase(),
        "ä" * 51,
        "\ud800",
        ada + "\n",
        "x" * 10**6,
    ):
        assert tokens.check(wrong) is None


def test_no_secret_is_on_the_disk(tokens: Tokens, tmp_path: Path) -> None:
    secret = tokens.create("ada", "contributor")
    tokens.check(secret)
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"ada" in written
    assert secret.encode() not in written
    assert secret.removeprefix("argraph_").encode() not in written


def test_an_expired_token_is_refused(tokens: Tokens, clock: Clock) -> None:
    secret = tokens.create("ada", "contributor", timedelta(days=1))
    clock.now = START + timedelta(hours=23)
    assert tokens.check(secret) == Actor("ada", "contributor")
    clock.now = START + timedelta(hours=25)
    assert tokens.check(secret) is None
    (token,) = tokens.list()
    assert not token.valid
    assert token.expires == START + timedelta(days=1, seconds=1)


def test_a_revoked_token_is_refused_and_stays_in_the_list(tokens: Tokens) -> None:
    secret, kept = tokens.create("ada", "contributor"), tokens.create("ben", "contributor")
    tokens.revoke("ADA")
    assert tokens.check(secret) is None
    assert tokens.check(kept) == Actor("ben", "contributor")
    assert [(t.name, t.valid) for t in tokens.list()] == [("ben", True), ("ada", False)]
    with pytest.raises(UnknownToken, match=r"no token in use with the name “ada”. Did you mean ben"):
        tokens.revoke("ada")


def test_a_name_is_used_by_one_token_at_a_time(tokens: Tokens, clock: Clock) -> None:
    old = tokens.create("ada", "contributor", timedelta(hours=1))
    with pytest.raises(NotAllowed, match="the name “ada” is in use already: revoke it first"):
        tokens.create("Ada", "reviewer")
    tokens.revoke("ada")
    new = tokens.create("ada", "reviewer", timedelta(hours=1))
    assert tokens.check(old) is None
    assert tokens.check(new) == Actor("ada", "reviewer")
    clock.now += timedelta(hours=2)
    newest = tokens.create("ada", "contributor")
    assert tokens.check(new) is None
    assert tokens.check(newest) == Actor("ada", "contributor")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "anonymous",
        "Anonymous",
        "system",
        "argraph",
        " ada",
        "ada\n",
        "a/b",
        "é",
        "a" * 65,
        "-a",
        "\ud800",
    ],
)
def test_names_are_plain_and_not_those_of_others(tokens: Tokens, name: str) -> None:
    with pytest.raises(NotAllowed, match="cannot be the name of a token: use 1 to 64 letters"):
        tokens.create(name, "contributor")
    assert tokens.list() == []


@pytest.mark.parametrize("name", ["ada", "Ada.Lovelace+x@example.org", "7", "a" * 64])
def test_names_may_be_addresses(tokens: Tokens, name: str) -> None:
    assert tokens.check(tokens.create(name, "contributor")) == Actor(name, "contributor")


@pytest.mark.parametrize("time", [timedelta(0), timedelta(days=-1), timedelta.max])
def test_a_token_is_valid_for_a_time_that_there_is(tokens: Tokens, time: timedelta) -> None:
    with pytest.raises(NotAllowed, match="valid for"):
        tokens.create("ada", "contributor", time)
    assert tokens.list() == []


def test_only_roles_that_can_be_given_are_given(tokens: Tokens) -> None:
    with pytest.raises(NotAllowed, match="There is no role “system”: use contributor or reviewer"):
        tokens.create("ada", "system")  # type: ignore[arg-type]


def test_the_last_day_of_use_is_noted(tokens: Tokens, clock: Clock) -> None:
    secret = tokens.create("ada", "contributor")
    assert tokens.list() == [
        Token("ada", "contributor", START + timedelta(seconds=1), None, None, None, valid=True)
    ]
    tokens.check(secret)
    assert [t.used for t in tokens.list()] == [date(2026, 1, 31)]
    clock.now = START + timedelta(days=9)
    tokens.check(secret)
    clock.now = START
    tokens.check(secret)
    assert [t.used for t in tokens.list()] == [date(2026, 2, 9)]


def test_the_ledger_s_own_tokens_and_those_of_another_connection_are_the_same(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger, Tokens.open(tmp_path) as beside:
        secret = beside.create("ada", "contributor")
        assert ledger.tokens.check(secret) == Actor("ada", "contributor")
        beside.revoke("ada")
        assert ledger.tokens.check(secret) is None


@pytest.mark.parametrize("change", ["role = 'reviewer'", "name = 'ruth'", "expires = NULL", "revoked = NULL"])
def test_a_token_that_was_tampered_with_is_not_honoured(tmp_path: Path, clock: Clock, change: str) -> None:
    with Tokens.open(tmp_path, clock=clock) as tokens:
        secret = tokens.create("ada", "contributor", timedelta(days=1))
        if change.startswith("revoked"):
            tokens.revoke("ada")
        with sqlite3.connect(tmp_path / "ledger.sqlite") as db:
            db.execute(f"UPDATE token SET {change}")
        db.close()
        with pytest.raises(LedgerFailed, match="is not as it was recorded"):
            tokens.check(secret)
        with pytest.raises(LedgerFailed, match="is not as it was recorded"):
            tokens.list()
