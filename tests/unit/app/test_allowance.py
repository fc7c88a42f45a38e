"""A client may use so much of the server in a minute, and what it uses comes back."""

from __future__ import annotations

import pytest

from argraph.app.allowance import Allowances
from argraph.app.protocol import Problem


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def allowances(clock: Clock) -> Allowances:
    return Allowances(seconds=60, errors=3, clock=clock)


def refusal(allowances: Allowances, client: str = "a") -> Problem:
    with pytest.raises(Problem) as caught:
        allowances.check(client)
    return caught.value


def test_processing_is_used_up_and_comes_back_evenly(allowances: Allowances, clock: Clock) -> None:
    allowances.charge("a", seconds=70)
    problem = refusal(allowances)
    assert problem.status_code == 429
    assert problem.headers == {"retry-after": "11"}
    assert problem.detail == (
        "You have used up your share of this server: 60 seconds of processing in a minute. "
        "Ask again in 11 seconds."
    )
    clock.now = 10
    assert refusal(allowances).headers == {"retry-after": "1"}
    clock.now = 11
    allowances.check("a")


def test_failed_queries_are_counted_for_themselves(allowances: Allowances, clock: Clock) -> None:
    for _ in range(3):
        allowances.check("a")
        allowances.charge("a", errors=1)
    problem = refusal(allowances)
    assert "3 queries that fail in a minute" in problem.detail
    assert problem.headers == {"retry-after": "1"}
    clock.now = 19.9
    allowances.check("a")


def test_one_client_does_not_pay_for_another(allowances: Allowances) -> None:
    allowances.charge("a", seconds=1000)
    allowances.check("b")


def test_nobody_saves_up_more_than_a_minute(allowances: Allowances, clock: Clock) -> None:
    clock.now = 3600
    allowances.charge("a", seconds=-1000)
    allowances.charge("a", seconds=60.5)
    refusal(allowances)


def test_clients_beyond_number_are_forgotten_from_the_longest_silent_on(allowances: Allowances) -> None:
    allowances.charge("a", seconds=1000)
    allowances.charge("b", seconds=1000)
    for i in range(9_999):
        allowances.check(str(i))
    refusal(allowances, "b")
    allowances.check("a")
