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

from collections.abc import Callable, Iterable, Sequence
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
"""From this many items on, compiled kernels are loaded, where numba is installed.

Loading takes a process a quarter of a second, once. That is what both plain kernels take for 50,000 items,
and a graph is rarely evaluated only once. What is loaded is then used for graphs of any size.
"""

_SIZES = (np.int8, np.int8, *[np.int32] * 5, np.int8, *[np.int32] * 5, np.int64, *[np.int32] * 3)
"""Size of the numbers in what the kernel fills, in the order of its parameters from `status` on."""

_GAP = 1 << 20
"""Room between the turns of items, so that later ones fit in between."""


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
        offsets = np.zeros(n + 1, dtype=np.int32)
        np.cumsum(np.bincount(first, minlength=n), out=offsets[1:])
        pairs = first.astype(np.int64) << 32 | last
        pairs.sort()
        return cls(offsets, (pairs & 0xFFFFFFFF).astype(np.int32))

    def extended(self, ends: npt.ArrayLike) -> Arcs:
        """The same arcs with one more item, whose own arcs lead to `ends`, given in order."""
        last = np.asarray(ends, dtype=np.int32)
        return Arcs(
            np.append(self.offsets, self.offsets[-1] + np.int32(len(last))), np.append(self.ends, last)
        )

    def edited(self, n: int, numbers: Ints, *, without: Iterable[int], put: Iterable[int]) -> Arcs:
        """The arcs with some taken away and others put in, between items with other numbers.

        Args:
            n: How many items there are then.
            numbers: The new number of each item, -1 for one that goes; what stays keeps its order.
            without: Arcs to take away, each as start << 32 | end, by their old numbers; all of them are
                there, and no arc of an item that goes is left.
            put: Arcs to put in, by their new numbers.
        """
        starts, ends = self.starts, self.ends
        if taken := sorted(without):
            keys = starts.astype(np.int64) << 32 | ends
            # Of several equal arcs as many go as are given.
            again = [taken.index(key) for key in taken]
            gone = np.searchsorted(keys, taken) + np.arange(len(taken)) - again
            starts, ends = np.delete(starts, gone), np.delete(ends, gone)
        starts, ends = numbers[starts], numbers[ends]
        if given := sorted(put):
            keys = starts.astype(np.int64) << 32 | ends
            keys = np.insert(keys, np.searchsorted(keys, given), given)
            starts, ends = (keys >> 32).astype(np.int32), (keys & 0xFFFFFFFF).astype(np.int32)
        offsets = np.zeros(n + 1, dtype=np.int32)
        np.cumsum(np.bincount(starts, minlength=n), out=offsets[1:])
        return Arcs(offsets, ends)

    @property
    def starts(self) -> Ints:
        """The start of each arc, in the order of `ends`."""
        counts = np.diff(self.offsets)
        return np.repeat(np.arange(len(counts), dtype=np.int32), counts)


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
    """Well-founded labelling.

    Linear in items and arcs, also where support loops fall one after another, unless what large parts of the
    graph rest on shifts again and again: no algorithm that is linear on every graph is known (Lonc and
    Truszczyński 2000, doi:10.1007/3-540-44957-4_45).

    Args:
        needs: `BASE`, `ALL` or `ANY` for each item.
        supports: Arcs from an item to those it is a premise of, or a step for.
        attacks: Arcs from an attacking item to what it attacks.
    """
    kinds = np.asarray(needs, dtype=np.int8)
    n = len(kinds)
    both = supports.offsets + attacks.offsets
    given: list[npt.NDArray[Any]] = [
        kinds,
        supports.offsets,
        supports.ends,
        attacks.offsets,
        attacks.ends,
        both,
    ]
    lengths = [n] * 14 + [n + 1, len(supports.ends), len(supports.ends) + len(attacks.ends)]
    kernel = compiled_for(_settle, n)
    if kernel is not None:
        # Single bytes where they suffice: random access to them stays in the nearest caches.
        kept = [np.zeros(length, size) for length, size in zip(lengths, _SIZES, strict=True)]
        kernel(n, *given, *kept)
        return Labelling(*kept[:4])
    lists = [[0] * length for length in lengths]
    _settle(n, *(array.tolist() for array in given), *lists)
    return Labelling(*lists[:4])


def compiled_for(kernel: Callable[..., Any], n: int) -> Callable[..., Any] | None:
    """A kernel compiled, where that is the faster way to deal with n items; else nothing."""
    return compiled(kernel) if n >= LARGE or compiled.cache_info().currsize else None


def compile_kernels() -> None:
    """Load the compiled kernels now, where numba is installed: a quarter of a second, once in a process."""
    nothing = Arcs.of(0, [], [])
    if compiled(_settle) is not None:
        label([], nothing, nothing)


@cache
def compiled(kernel: Callable[..., Any]) -> Callable[..., Any] | None:
    """A kernel compiled by numba, or nothing where the extra `argraph[scale]` is not installed."""
    try:
        import numba
    except ImportError:
        return None
    ready: Callable[..., Any]
    try:
        ready = numba.njit(cache=True, nogil=True)(kernel)  # others may work meanwhile
    except RuntimeError:  # no folder to keep the machine code in: compile anew in each process
        ready = numba.njit(nogil=True)(kernel)
    return ready


def _settle(  # noqa: C901, PLR0915 - one nest of loops, so that it compiles as it stands
    n: int,
    needs: Any,
    sup_at: Any,
    sup_to: Any,
    att_at: Any,
    att_to: Any,
    at: Any,
    status: Any,
    reason: Any,
    decider: Any,
    rank: Any,
    lacking: Any,
    hits: Any,
    missing: Any,
    held: Any,
    queue: Any,
    first: Any,
    last: Any,
    doubted: Any,
    following: Any,
    turn: Any,
    by_at: Any,
    by: Any,
    to: Any,
) -> None:
    """Fill status, reason, decider and rank in place; everything after them is room to work in.

    Counters and a queue: an item is settled once and then tells its neighbours. When the queue runs dry,
    items that could not stand even if every open attack failed are unfounded: they are rejected, and the
    queue goes on.

    What could stand is derived once, item by item in turns. From then on each open statement keeps as its
    source one supporter with an earlier turn, as solvers for stable models do (Simons, Niemelä and Soininen,
    Artificial Intelligence 138, 2002), and only what loses its source is looked at again.

    Plain indexing over flat sequences: the same source runs on lists and, compiled, on arrays.
    """
    k = 0
    for u in range(n):
        for e in range(sup_at[u], sup_at[u + 1]):
            v = sup_to[e]
            lacking[v] += 1  # ALL: supporters not accepted; ANY: supporters not rejected
            to[k] = v
            k += 1
        for e in range(att_at[u], att_at[u + 1]):
            v = att_to[e]
            hits[v] += 1  # attackers not rejected
            to[k] = ~v  # so that one walk over an item's arcs meets both kinds
            k += 1
    tail = 0
    for v in range(n):
        decider[v] = -1
        if needs[v] == 2:
            if lacking[v] == 0:
                status[v], reason[v] = 2, 3
        elif needs[v] == 0 or lacking[v] == 0:
            held[v] = 1  # only an attack could reject it
            if hits[v] == 0:
                status[v], reason[v] = 1, 2 if needs[v] == 0 else 1
        if status[v] != 0:
            queue[tail], first[tail], last[tail] = v, at[v], at[v + 1]
            tail += 1
    head = level = 0
    ahead = tail  # where the next rank begins
    told = -1  # up to where items that rely on those in the queue know of it
    reversible = False
    turns = 0
    while True:
        while head < tail:
            if head == ahead:
                ahead = tail
                level += 1
            u = queue[head]
            accepted = status[u] == 1
            for e in range(first[head], last[head]):  # kept in the queue: far arrays are slow to reach
                v = to[e]
                if v >= 0:
                    if status[v] != 0 or needs[v] == 0:
                        continue
                    if accepted:
                        if held[v] != 0:
                            continue
                        if needs[v] == 1:
                            lacking[v] -= 1
                            if lacking[v] != 0:
                                continue
                        held[v], decider[v] = 1, u
                        if hits[v] != 0:
                            continue
                        status[v], reason[v] = 1, 1
                    else:
                        if needs[v] == 2:
                            lacking[v] -= 1
                            if lacking[v] != 0:
                                continue
                        status[v], reason[v], decider[v] = 2, 3, u
                else:
                    v = ~v
                    if status[v] != 0:
                        continue
                    if accepted:
                        status[v], reason[v], decider[v] = 2, 5, u
                    else:
                        hits[v] -= 1
                        if hits[v] != 0 or held[v] == 0:
                            continue
                        status[v], reason[v] = 1, 1
                        if needs[v] == 0:
                            reason[v], decider[v] = 2, u
                rank[v] = level + 1
                queue[tail], first[tail], last[tail] = v, at[v], at[v + 1]
                tail += 1
            head += 1
        if tail == n:
            break
        # Nothing more follows. Which open items could stand if every open attack failed? `missing` is 0 for
        # those; else it counts the supporters that a step waits for, and is 1 for a statement.
        count = 0
        ready = tail  # the free end of the queue serves as stack and as queue in turn
        if told < 0:
            for v in range(n):
                if status[v] == 0:
                    if held[v] != 0:
                        queue[ready] = v
                        ready += 1
                    else:
                        missing[v] = lacking[v] if needs[v] == 1 else 1
                        doubted[count] = v
                        count += 1
        else:
            top = tail
            for i in range(told, tail):
                u = queue[i]
                if status[u] == 2:
                    for e in range(sup_at[u], sup_at[u + 1]):
                        v = sup_to[e]
                        if status[v] == 0 and held[v] == 0 and decider[v] == u and missing[v] == 0:
                            missing[v] = 1
                            queue[top] = v
                            top += 1
            if top > tail and not reversible:
                reversible = True
                for u in range(n):
                    if status[u] == 0:
                        for e in range(sup_at[u], sup_at[u + 1]):
                            by_at[sup_to[e]] += 1
                k = 0
                for v in range(n):
                    k += by_at[v]
                    by_at[v] = k
                by_at[n] = k
                for u in range(n - 1, -1, -1):
                    if status[u] == 0:
                        for e in range(sup_at[u + 1] - 1, sup_at[u] - 1, -1):
                            by_at[sup_to[e]] -= 1
                            by[by_at[sup_to[e]]] = u
                for v in range(n):
                    following[v] = by_at[v]
            while top > tail:
                top -= 1
                v = queue[top]
                if needs[v] == 2:
                    # Another supporter with an earlier turn will do. Failing that, one with a later turn, if
                    # the turns of the item and of the steps from it can be put off until then: nothing that
                    # relies on them may come before.
                    e = following[v]
                    while e < by_at[v + 1] and (
                        status[by[e]] != 0 or missing[by[e]] != 0 or turn[by[e]] >= turn[v]
                    ):
                        e += 1
                    following[v] = e
                    if e == by_at[v + 1]:
                        limit = turns + _GAP
                        for f in range(sup_at[v], sup_at[v + 1]):
                            w = sup_to[f]
                            if status[w] != 0 or held[w] != 0 or missing[w] != 0:
                                continue
                            if needs[w] == 1:
                                until = turns + _GAP
                                for g in range(sup_at[w], sup_at[w + 1]):
                                    x = sup_to[g]
                                    relies = status[x] == 0 and held[x] == 0 and missing[x] == 0
                                    if relies and (needs[x] == 1 or decider[x] == w):
                                        until = min(until, turn[x])
                                turn[w] = until - 1
                            elif decider[w] != v:
                                continue
                            limit = min(limit, turn[w])
                        limit -= 1
                        e = by_at[v]
                        while e < by_at[v + 1] and (
                            status[by[e]] != 0 or missing[by[e]] != 0 or turn[by[e]] >= limit
                        ):
                            e += 1
                        if e < by_at[v + 1]:
                            turn[v], following[v] = limit, by_at[v]
                            turns = max(turns, limit)
                    if e < by_at[v + 1]:
                        decider[v], missing[v] = by[e], 0
                        continue
                doubted[count] = v
                count += 1
                for e in range(sup_at[v], sup_at[v + 1]):
                    w = sup_to[e]
                    if status[w] != 0 or held[w] != 0:
                        continue
                    if needs[w] == 1:
                        missing[w] += 1
                        if missing[w] == 1:
                            queue[top] = w
                            top += 1
                    elif decider[w] == v and missing[w] == 0:
                        missing[w] = 1
                        queue[top] = w
                        top += 1
            for i in range(count):
                v = doubted[i]
                if needs[v] == 2:
                    for e in range(by_at[v], by_at[v + 1]):
                        if status[by[e]] == 0 and missing[by[e]] == 0:
                            decider[v], missing[v] = by[e], 0
                            queue[ready] = v
                            ready += 1
                            break
        i = tail
        while i < ready:
            u = queue[i]
            i += 1
            turns += _GAP
            turn[u], following[u] = turns, by_at[u]
            for e in range(sup_at[u], sup_at[u + 1]):
                v = sup_to[e]
                if status[v] == 0 and missing[v] != 0:
                    missing[v] -= 1
                    if missing[v] == 0:
                        decider[v] = u
                        queue[ready] = v
                        ready += 1
        settled = tail
        for i in range(count):
            v = doubted[i]
            if missing[v] != 0:
                status[v], reason[v], decider[v], rank[v] = 2, 4, -1, level + 1
                queue[tail], first[tail], last[tail] = v, at[v], at[v + 1]
                tail += 1
        if tail == settled:
            break
        told = tail
        for i in range(settled, tail):  # name another member of the group as the reason
            u = queue[i]
            for e in range(sup_at[u], sup_at[u + 1]):
                if reason[sup_to[e]] == 4 and decider[sup_to[e]] < 0:
                    decider[sup_to[e]] = u
    for u in range(n):
        if status[u] == 0:
            decider[u] = -1
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
