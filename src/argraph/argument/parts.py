"""Strongly connected parts of a graph of numbered items, each behind all parts that lead to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from argraph.argument.labelling import Arcs, Ints, compiled_for


@dataclass(frozen=True, slots=True)
class Parts:
    """Items 0 … n-1 in parts 0 … m-1; what leads from one part to another leads to a higher number.

    Attributes:
        part: The number of each item's part.
        offsets: m + 1 positions; the members of part p are `members[offsets[p]:offsets[p + 1]]`.
        members: Items by part, then by number.
    """

    part: Ints
    offsets: Ints
    members: Ints

    @classmethod
    def of(cls, arcs: Arcs) -> Parts:
        """Find the parts (Tarjan 1972, doi:10.1137/0201010), in time linear in items and arcs.

        >>> found = Parts.of(Arcs.of(4, [0, 1, 2, 3], [1, 2, 1, 0]))
        >>> found.part.tolist(), found.members.tolist()
        ([1, 2, 2, 0], [3, 0, 1, 2])
        """
        n = len(arcs.offsets) - 1
        kernel = compiled_for(_connect, n)
        if kernel is not None:
            room = [np.zeros(n, np.int32) for _ in range(6)]
            count = kernel(n, arcs.offsets, arcs.ends, *room)
            part = room[0]
        else:
            lists = [[0] * n for _ in range(6)]
            count = _connect(n, arcs.offsets.tolist(), arcs.ends.tolist(), *lists)
            part = np.array(lists[0], dtype=np.int32)
        part = (count - 1 - part).astype(np.int32)  # what is found first leads to nothing that comes later
        offsets = np.zeros(count + 1, dtype=np.int32)
        np.cumsum(np.bincount(part, minlength=count), out=offsets[1:])
        return cls(part, offsets, np.argsort(part, kind="stable").astype(np.int32))


def _connect(
    n: int, at: Any, to: Any, part: Any, low: Any, seen: Any, way: Any, edge: Any, open_: Any
) -> int:
    """Number each item's part in the order in which parts are completed, and tell how many there are.

    Everything after `part` is room to work in: `way` is where the walk is, `open_` what it has met whose part
    is not complete; `seen` counts from 1 and is n + 1 where the part is.
    """
    count = met = waiting = 0
    for root in range(n):
        if seen[root] != 0:
            continue
        met += 1
        seen[root] = low[root] = met
        way[0], edge[root] = root, at[root]
        open_[waiting] = root
        waiting += 1
        depth = 1
        while depth > 0:
            u = way[depth - 1]
            if edge[u] < at[u + 1]:
                v = to[edge[u]]
                edge[u] += 1
                if seen[v] == 0:
                    met += 1
                    seen[v] = low[v] = met
                    edge[v] = at[v]
                    open_[waiting] = v
                    waiting += 1
                    way[depth] = v
                    depth += 1
                elif seen[v] < low[u]:
                    low[u] = seen[v]
                continue
            depth -= 1
            if depth > 0 and low[u] < low[way[depth - 1]]:
                low[way[depth - 1]] = low[u]
            if low[u] == seen[u]:
                v = -1
                while v != u:
                    waiting -= 1
                    v = open_[waiting]
                    part[v], seen[v] = count, n + 1
                count += 1
    return count
