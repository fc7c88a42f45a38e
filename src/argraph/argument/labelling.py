"""Which nodes stand: the well-founded status of every node of an argument graph, with its reason.

Evidence and assumptions stand unless attacked. A step holds when all its premises are accepted and no
accepted attack hits it; a statement is accepted when at least one step for it holds and no attack on it
does. Statements that only hold each other up are unfounded; what an unsettled attack keeps open is
undecided.

This is the well-founded model (Van Gelder, Ross and Schlipf 1991, doi:10.1145/116825.116838) of the logic
program that has one rule for each way in; without supports it is Dung's grounded labelling (1995,
doi:10.1016/0004-3702(94)00041-X). The kernel knows neither RDF nor statements: it sees numbered items that
need all, any or none of their supporters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Values: TypeAlias = Sequence[int] | npt.NDArray[np.signedinteger[Any]]

BASE, ALL, ANY = 0, 1, 2
"""What an item needs to stand when nothing attacks it: nothing, all its supporters, or any one of them."""

LARGE = 20_000
"""From this many items on, the kernel runs compiled where numba is installed; below, compiling costs more."""

_SIZES = (np.int8, np.int8, *[np.int32] * 7, np.int8)
"""Size of the numbers that the kernel keeps for an item: status and reason first, `founded` last."""


class Status(IntEnum):
    """What the graph says of an item."""

    UNDECIDED = 0
    ACCEPTED = 1
    REJECTED = 2


class Reason(IntEnum):
    """Why an item has its status.

    Undecided is always `OPEN_ATTACK`. Accepted is `SUPPORTED`, or `ASSUMED` for the base. Rejected is
    `UNSUPPORTED` when nothing that speaks for it holds, `UNFOUNDED` when only itself does, and `DEFEATED`
    when an accepted attack hits it: refuted for a statement or finding, undercut for a step.
    """

    OPEN_ATTACK = 0
    SUPPORTED = 1
    ASSUMED = 2
    UNSUPPORTED = 3
    UNFOUNDED = 4
    DEFEATED = 5


@dataclass(frozen=True, slots=True)
class Arcs:
    """Arcs between items 0 … n-1, stored by their start.

    Attributes:
        offsets: n + 1 positions; the arcs of item i lead to `ends[offsets[i]:offsets[i + 1]]`.
        ends: Where the arcs lead.
    """

    offsets: Ints
    ends: Ints

    @classmethod
    def of(cls, n: int, starts: npt.ArrayLike, ends: npt.ArrayLike) -> Arcs:
        """Sort arcs by start and end: the order in which they are given never matters."""
        first, last = np.asarray(starts, dtype=np.int32), np.asarray(ends, dtype=np.int32)
        offsets = _offsets(n, first)
        place = _compiled_place() if n >= LARGE else None
        if place is not None:
            by_end, by_both = np.empty((2, len(first)), np.int32), np.empty((2, len(first)), np.int32)
            place(last, first, _offsets(n, last), *by_end)
            place(by_end[1], by_end[0], offsets.copy(), *by_both)
            return cls(offsets, by_both[1])
        pairs = np.sort(first.astype(np.int64) << 32 | last)
        return cls(offsets, (pairs & 0xFFFFFFFF).astype(np.int32))

    def extended(self, ends: npt.ArrayLike) -> Arcs:
        """The same arcs with one more item, whose own arcs lead to `ends`, given in order."""
        last = np.asarray(ends, dtype=np.int32)
        return Arcs(
            np.append(self.offsets, self.offsets[-1] + np.int32(len(last))), np.append(self.ends, last)
        )

    @property
    def starts(self) -> Ints:
        """The start of each arc, in the order of `ends`."""
        counts = np.diff(self.offsets)
        return np.repeat(np.arange(len(counts), dtype=np.int32), counts)


def _offsets(n: int, keys: Ints) -> Ints:
    offsets = np.zeros(n + 1, dtype=np.int32)
    np.cumsum(np.bincount(keys, minlength=n), out=offsets[1:])
    return offsets


def _place(keys: Any, values: Any, at: Any, keys_placed: Any, values_placed: Any) -> None:
    """Counting sort: `at` tells where the first of each key goes, and is moved on."""
    for e in range(len(keys)):
        key = keys[e]
        keys_placed[at[key]], values_placed[at[key]] = key, values[e]
        at[key] += 1


@dataclass(frozen=True, slots=True)
class Labelling:
    """The status of items 0 … n-1.

    Attributes:
        status: A `Status` each.
        reason: A `Reason` each.
        decider: The item that settled it: what holds it up, what it lacks, or what attacks it; -1 for none.
        rank: How many settlements lie between the base and this one; undecided items have 0.
    """

    status: Values
    reason: Values
    decider: Values
    rank: Values


def label(needs: npt.ArrayLike, supports: Arcs, attacks: Arcs) -> Labelling:
    """Well-founded labelling; each round is linear in items and arcs, and rounds are few.

    Args:
        needs: `BASE`, `ALL` or `ANY` for each item.
        supports: Arcs from an item to those it is a premise of, or a step for.
        attacks: Arcs from an attacking item to what it attacks.
    """
    kinds = np.asarray(needs, dtype=np.int8)
    n = len(kinds)
    flat = (kinds, supports.offsets, supports.ends, attacks.offsets, attacks.ends)
    kernel = _compiled() if n >= LARGE else None
    if kernel is not None:
        # Single bytes where they suffice: random access to them stays in the nearest caches.
        arrays = [np.zeros(n, dtype=size) for size in _SIZES]
        kernel(n, *flat, *arrays)
        return Labelling(*arrays[:4])
    kernel = _settle
    lists = [[0] * n for _ in _SIZES]
    kernel(n, *(array.tolist() for array in flat), *lists)
    return Labelling(*lists[:4])


def compiled(kernel: Callable[..., Any]) -> Callable[..., Any] | None:
    """A kernel compiled by numba, or nothing where the extra `argraph[scale]` is not installed."""
    try:
        import numba
    except ImportError:
        return None
    ready: Callable[..., Any]
    try:
        ready = numba.njit(cache=True)(kernel)
    except RuntimeError:  # no folder to keep the machine code in: compile anew in each process
        ready = numba.njit(kernel)
    return ready


@cache
def _compiled_place() -> Callable[..., None] | None:
    return compiled(_place)


@cache
def _compiled() -> Callable[..., None] | None:
    return compiled(_settle)


def _settle(  # noqa: C901, PLR0915 - one nest of loops, so that it compiles as it stands
    n: int,
    needs: Any,
    sup_at: Any,
    sup_to: Any,
    att_at: Any,
    att_to: Any,
    status: Any,
    reason: Any,
    decider: Any,
    rank: Any,
    lacking: Any,
    hits: Any,
    queue: Any,
    holder: Any,
    missing: Any,
    founded: Any,
) -> None:
    """Fill status, reason, decider and rank in place.

    Counters and a queue: an item is settled once and then tells its neighbours. When the queue runs dry,
    items that could not stand even if every open attack failed are rejected as unfounded, and the queue
    goes on. Plain indexing over flat sequences: the same source runs on lists and, compiled, on arrays.
    """
    for e in range(sup_at[n]):
        lacking[sup_to[e]] += 1  # ALL: supporters not accepted; ANY: supporters not rejected
    for e in range(att_at[n]):
        hits[att_to[e]] += 1  # attackers not rejected
    tail = 0
    for v in range(n):
        decider[v] = -1
        holder[v] = -1  # ANY: the first supporter that was accepted; ALL and BASE: unused
        if needs[v] == 2 and lacking[v] == 0:
            status[v], reason[v] = 2, 3
        elif hits[v] == 0 and (needs[v] == 0 or (needs[v] == 1 and lacking[v] == 0)):
            status[v], reason[v] = 1, 2 if needs[v] == 0 else 1
        if status[v] != 0:
            queue[tail] = v
            tail += 1
    head = 0
    while True:
        while head < tail:
            u = queue[head]
            head += 1
            accepted = status[u] == 1
            for e in range(sup_at[u], sup_at[u + 1]):
                v = sup_to[e]
                if status[v] != 0:
                    continue
                if needs[v] == 1:
                    if not accepted:
                        status[v], reason[v], decider[v] = 2, 3, u
                    else:
                        lacking[v] -= 1
                        if lacking[v] == 0:
                            holder[v] = u
                            if hits[v] == 0:
                                status[v], reason[v], decider[v] = 1, 1, u
                elif needs[v] == 2:
                    if accepted:
                        if holder[v] < 0:
                            holder[v] = u
                        if hits[v] == 0:
                            status[v], reason[v], decider[v] = 1, 1, holder[v]
                    else:
                        lacking[v] -= 1
                        if lacking[v] == 0:
                            status[v], reason[v], decider[v] = 2, 3, u
                if status[v] != 0:
                    rank[v] = rank[u] + 1
                    queue[tail] = v
                    tail += 1
            for e in range(att_at[u], att_at[u + 1]):
                v = att_to[e]
                if status[v] != 0:
                    continue
                if accepted:
                    status[v], reason[v], decider[v] = 2, 5, u
                else:
                    hits[v] -= 1
                    if hits[v] == 0 and (
                        needs[v] == 0 or holder[v] >= 0 or (needs[v] == 1 and lacking[v] == 0)
                    ):
                        status[v], reason[v] = 1, 2 if needs[v] == 0 else 1
                        decider[v] = u if needs[v] == 0 else holder[v]
                if status[v] != 0:
                    rank[v] = rank[u] + 1
                    queue[tail] = v
                    tail += 1
        last = rank[queue[tail - 1]] if tail else 0
        # Nothing more follows. Could an open item stand if every open attack failed? If not, only itself
        # holds it up.
        settled = tail
        head = tail
        for v in range(n):
            founded[v] = 0
            missing[v] = lacking[v] if needs[v] == 1 else 1
            if status[v] == 0 and (needs[v] == 0 or holder[v] >= 0 or (needs[v] == 1 and missing[v] == 0)):
                founded[v] = 1
                queue[tail] = v
                tail += 1
        while head < tail:
            u = queue[head]
            head += 1
            for e in range(sup_at[u], sup_at[u + 1]):
                v = sup_to[e]
                if status[v] != 0 or founded[v] != 0:
                    continue
                missing[v] -= 1
                if missing[v] == 0:
                    founded[v] = 1
                    queue[tail] = v
                    tail += 1
        tail = settled
        for v in range(n):
            if status[v] == 0 and founded[v] == 0:
                status[v], reason[v], rank[v] = 2, 4, last + 1
                queue[tail] = v
                tail += 1
        if tail == settled:
            break
        head = settled
        for i in range(settled, tail):  # name another member of the group as the reason
            u = queue[i]
            for e in range(sup_at[u], sup_at[u + 1]):
                if reason[sup_to[e]] == 4 and decider[sup_to[e]] < 0:
                    decider[sup_to[e]] = u
    for u in range(n):
        if status[u] == 0:
            for e in range(att_at[u], att_at[u + 1]):
                if status[att_to[e]] == 0 and decider[att_to[e]] < 0:
                    decider[att_to[e]] = u
    for u in range(n):
        if status[u] == 0:
            for e in range(sup_at[u], sup_at[u + 1]):
                if status[sup_to[e]] == 0 and decider[sup_to[e]] < 0:
                    decider[sup_to[e]] = u
