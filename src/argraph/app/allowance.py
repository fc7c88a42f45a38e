"""How much of the server one client may have: seconds of processing, and failed queries, in each minute."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from argraph.app.protocol import Problem

_MINUTE = 60.0
_CLIENTS = 10_000  # remembered at most; those that have not asked for longest are forgotten first


@dataclass(slots=True)
class _Account:
    seconds: float
    errors: float
    at: float


class Allowances:
    """Accounts that fill up evenly: what is used comes back over a minute.

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
        self._most = _Account(seconds, errors, 0.0)
        self._clock = clock
        self._accounts: OrderedDict[str, _Account] = OrderedDict()

    def check(self, client: str) -> None:
        """Let a client ask.

        Raises:
            Problem: 429, with the time when it is worth asking again, where its account is overdrawn.
        """
        account = self._account(client)
        for left, most, what in (
            (account.seconds, self._most.seconds, f"{self._most.seconds:g} seconds of processing"),
            (account.errors, self._most.errors, f"{self._most.errors:g} queries that fail"),
        ):
            if left <= 0:
                wait = math.ceil((1e-3 - left) * _MINUTE / most) if most > 0 else int(_MINUTE)
                raise Problem(
                    429,
                    f"You have used up your share of this server: {what} in a minute. "
                    f"Ask again in {wait} second{'' if wait == 1 else 's'}.",
                    headers={"retry-after": str(max(1, wait))},
                )

    def charge(self, client: str, *, seconds: float = 0.0, errors: int = 0) -> None:
        """Book what a client has used; a negative number gives back."""
        account = self._account(client)
        account.seconds = min(self._most.seconds, account.seconds - seconds)
        account.errors -= errors

    def _account(self, client: str) -> _Account:
        now = self._clock()
        account = self._accounts.pop(client, None) or _Account(self._most.seconds, self._most.errors, now)
        passed = (now - account.at) / _MINUTE
        account.seconds = min(self._most.seconds, account.seconds + passed * self._most.seconds)
        account.errors = min(self._most.errors, account.errors + passed * self._most.errors)
        account.at = now
        self._accounts[client] = account
        if len(self._accounts) > _CLIENTS:
            self._accounts.popitem(last=False)
        return account
