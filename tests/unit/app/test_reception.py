"""What goes wrong where contributions are received becomes a refusal that says enough, and not more."""

from __future__ import annotations

import asyncio
import logging

import pytest
from starlette.requests import Request

from argraph.app.gate import Gate
from argraph.app.identity import ANONYMOUS, Caller
from argraph.app.protocol import Problem
from argraph.app.reception import Quota, Reception
from argraph.contribution.ledger import Actor
from argraph.diagnostics import Report
from argraph.errors import (
    ArgraphError,
    BrokenGraph,
    BudgetExceeded,
    EngineFailed,
    GraphNotWritable,
    LedgerFailed,
    NotAllowed,
    Overloaded,
    UnknownContribution,
)
from argraph.workspace import Workspace

PLACE = "/srv/secret-place"
ADA = Caller(Actor("ada", "contributor"), "token ada")
NOBODY = Caller(ANONYMOUS, "192.0.2.1")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate(Workspace.open())


def refused(reception: Reception, error: Exception) -> Problem:
    request = Request(
        {"type": "http", "method": "POST", "path": "/", "headers": [], "client": ("192.0.2.1", 1)}
    )

    async def enter() -> None:
        async with reception.door(request, "hand in"):
            raise error

    with pytest.raises(Problem) as caught:
        asyncio.run(enter())
    return caught.value


@pytest.mark.parametrize(
    ("error", "status", "later"),
    [
        (LedgerFailed(f"{PLACE}: the disk is full.", full=True), 507, "60"),
        (GraphNotWritable(f"{PLACE}: the disk is full.", full=True), 507, "60"),
        (LedgerFailed(f"{PLACE}/ledger.sqlite is damaged."), 503, "60"),
        (GraphNotWritable(f"{PLACE} cannot be written."), 503, "60"),
        (BrokenGraph(f"{PLACE}/x.ttl is not Turtle.", Report()), 503, "60"),
        (EngineFailed("It needs too much memory."), 503, "60"),
        (Overloaded("Too many wait.", 5), 503, "5"),
        (BudgetExceeded("Checking", 10.0), 504, None),
        (NotAllowed("It is not yours."), 403, None),
        (UnknownContribution("0123456789abcdef"), 404, None),
    ],
)
def test_a_failure_is_a_refusal_that_says_what_to_do_and_names_no_place_of_the_server(
    gate: Gate, error: ArgraphError, status: int, later: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    problem = refused(Reception(gate, None), error)
    assert problem.status_code == status
    assert (problem.headers or {}).get("retry-after") == later
    assert PLACE not in problem.detail
    *rest, line = [record.getMessage() for record in caplog.records]
    assert line == f"refused: hand in with {status} {type(error).__name__} (client 192.0.2.1, unknown)"
    assert rest == ([f"hand in failed: {error}"] if later == "60" else [])  # for whoever keeps the server


def test_a_mistake_of_the_program_is_not_taken_for_a_refusal(gate: Gate) -> None:
    async def enter() -> None:
        async with Reception(gate, None).door(Request({"type": "http", "headers": []}), "hand in"):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(enter())


def test_seconds_of_checking_are_used_up_and_come_back(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    reception = Reception(gate, None, Quota(seconds=20, anonymous_seconds=10), clock=clock)

    async def long() -> str:
        clock.now += 12
        return "checked"

    async def check(caller: Caller) -> str:
        return await reception._booked(caller, long())

    assert asyncio.run(check(NOBODY)) == "checked"
    with pytest.raises(Problem) as caught:
        asyncio.run(check(NOBODY))
    assert caught.value.status_code == 429
    assert caught.value.detail.startswith(
        "You have used up your share of this server: 10 seconds of checking"
    )
    assert asyncio.run(check(ADA)) == "checked"  # another account, and a larger one
    assert asyncio.run(check(ADA)) == "checked"
    clock.now += 60
    assert asyncio.run(check(NOBODY)) == "checked"


def test_a_server_without_a_folder_for_contributions_says_so(gate: Gate) -> None:
    reception = Reception(gate, None)
    for work in (
        reception.submit(ADA, "x.ttl", b""),
        reception.entries(ADA),
        reception.entry("0123456789abcdef"),
        reception.accept(ADA, "0123456789abcdef"),
    ):
        with pytest.raises(Problem) as caught:
            asyncio.run(work)
        assert caught.value.status_code == 403
        assert "takes no contributions" in caught.value.detail


def test_refusals_are_logged_as_warnings_so_that_they_are_seen_without_any_setting(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    refused(Reception(gate, None), Problem(429, "Too much."))
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("argraph.contributions", logging.WARNING)
