"""How much of the server one client may have: shares that are used up, and come back evenly with time."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from starlette.requests import Request

from argraph.app.protocol import Problem

_CLIENTS = 10_000  # remembered at most; those that have not asked for longest are forgotten first
_MINUTE = 60.0
_PERIODS = {60.0: "a minute", 3600.0: "an hour", 86400.0: "a day"}


def client_of(request: Request) -> str:
    """Whom a request is counted for: its address, or the network of it where one client has a whole network.

    A client with IPv6 is given 2^64 addresses as a rule, so that an address says little.
    """
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"


@dataclass(slots=True)
class _Account:
    left: float
    at: float


class Share:
    """Accounts of one thing that fill up evenly: what is used comes back over a period.

    Args:
        most: How much of it a client may use in a period.
        what: What it is, in the plural.
        one: The same in the singular, where that is another.
        period: Seconds.
        clock: Seconds that never run backwards.
    """

    def __init__(
        self,
        most: float,
        what: str,
        *,
        one: str = "",
        period: float = _MINUTE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._what = one if one and most == 1 else what
        self._period = period
        self._clock = clock
        self._accounts: OrderedDict[str, _Account] = OrderedDict()

    def check(self, client: str) -> None:
        """Let a client go on.

        Raises:
            Problem: 429, with the time when it is worth asking again, where its account is overdrawn.
        """
        left = self._account(client).left
        if left <= 0:
            raise self._refusal(1e-3 - left)

    def charge(self, client: str, amount: float) -> None:
        """Book what a client has used; a negative number gives back."""
        account = self._account(client)
        account.left = min(self._most, account.left - amount)

    def take(self, client: str, amount: float = 1.0) -> None:
        """Let a client go on, and book it, where its account holds all of it.

        Raises:
            Problem: As `check`.
        """
        account = self._account(client)
        if account.left < amount:
            raise self._refusal(amount - account.left)
        account.left -= amount

    def _refusal(self, missing: float) -> Problem:
        wait = max(1, math.ceil(missing * self._period / self._most if self._most > 0 else self._period))
        return Problem(
            429,
            f"You have used up your share of this server: {self._most:g} {self._what} in "
            f"{_PERIODS[self._period]}. Ask again in {_duration(wait)}.",
            headers={"retry-after": str(wait)},
        )

    def _account(self, client: str) -> _Account:
        now = self._clock()
        account = self._accounts.pop(client, None) or _Account(self._most, now)
        passed = (now - account.at) / self._period
        account.left = min(self._most, account.left + passed * self._most)
        account.at = now
        self._accounts[client] = account
        if len(self._accounts) > _CLIENTS:
            self._accounts.popitem(last=False)
        return account


class Allowances:
    """Seconds of processing, and failed queries, in each minute.

    As with public endpoints that are asked by everybody, it is processing that is counted and not requests: a
    thousand cheap queries are welcome, and one that is sent again and again though it fails is not.

    Args:
        seconds: Of processing that a client may use in a minute.
        errors: Queries of a client that may fail in a minute.
        clock: Seconds that never run backwards.
    """

    def __init__(
        self, *, seconds: float = 60.0, errors: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = Share(seconds, "seconds of processing", clock=clock)
        self._errors = Share(errors, "queries that fail", clock=clock)

    def check(self, client: str) -> None:
        """Let a client ask.

        Raises:
            Problem: 429, with the time when it is worth asking again, where its account is overdrawn.
        """
        self._seconds.check(client)
        self._errors.check(client)

    def charge(self, client: str, *, seconds: float = 0.0, errors: int = 0) -> None:
        """Book what a client has used; a negative number gives back."""
        self._seconds.charge(client, seconds)
        self._errors.charge(client, errors)


def _duration(seconds: int) -> str:
    if seconds < 2 * _MINUTE:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    return f"{math.ceil(seconds / _MINUTE)} minutes"
