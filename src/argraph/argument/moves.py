"""Where steps lead, on numbers: the sides that nodes are on towards a thesis, and the strongest chains."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from argraph.argument.evaluation import NOWHERE, UNDESCRIBED, Framework
from argraph.argument.labelling import ALL, BASE, Arcs, Ints, Status, compiled_for
from argraph.argument.strength import Floats


class Moves:
    """The steps of a framework by what they lead from and to.

    Attributes:
        towards: As in the framework.
    """

    def __init__(self, framework: Framework) -> None:
        self._framework = framework
        self.towards = framework.towards

    @cached_property
    def _uses(self) -> Arcs:
        """From premises to the steps that use them."""
        supports, towards = self._framework.supports, self.towards
        starts, ends = supports.starts, supports.ends
        own = towards[starts] == ends  # from a step to what it is for
        own[1:] &= ~(own[:-1] & (starts[1:] == starts[:-1]) & (ends[1:] == ends[:-1]))
        premises = (towards[ends] > UNDESCRIBED) & ~own
        return Arcs.of(len(towards), starts[premises], ends[premises])

    @cached_property
    def _behind(self) -> tuple[Arcs, Arcs]:
        """From steps to their premises, and from what steps aim at to them."""
        n, uses = len(self.towards), self._uses
        steps = np.flatnonzero(self.towards > UNDESCRIBED)
        aims = self.towards[steps]
        return Arcs.of(n, uses.ends, uses.starts), Arcs.of(n, np.where(aims < 0, ~aims, aims), steps)

    def sides(self, theses: Ints) -> npt.NDArray[np.int64]:
        """The nodes that chains lead from to each thesis, as `positions` has them, in order.

        Each is thesis << 32 | node << 1, plus 1 where it is against the thesis.
        """
        n = len(self.towards)
        premises, steps = self._behind
        given = [self.towards, premises.offsets, premises.ends, steps.offsets, steps.ends]
        run = _prepared(_side, n, given, [np.zeros(n, np.int8), np.zeros(2 * n, np.int32)])
        nodes = self.towards == NOWHERE
        found = [np.zeros(0, np.int64)]
        for thesis in theses.tolist():
            count, queue = run(thesis)
            reached = np.asarray(queue[:count], np.int64)
            reached = reached[nodes[reached >> 1] & (reached >> 1 != thesis)]
            reached.sort()
            found.append(np.int64(thesis) << 32 | reached)
        return np.concatenate(found)

    def strongest(self, lower: Floats) -> Ints:
        """Where the strongest chain to each item comes from: to a node from a step, to a step from a premise.

        A chain is as strong as its weakest member, and the strongest of all is meant that begin at a finding
        or an assumption and lead over supports, lines and statements that stand. Premises of one step are
        needed together, so there it is the weakest that counts. It is -1 for what no such chain leads to, and
        for findings and assumptions, where chains begin.

        Best-first search over sets of premises (Knuth 1977, doi:10.1016/0020-0190(77)90002-3), so that
        circles never hold themselves up; of equally strong ways the one with the least number.

        Args:
            lower: What the strength of each item is proven to be at least.
        """
        n, uses = len(self.towards), self._uses
        accepted = np.asarray(self._framework.labelling.status) == Status.ACCEPTED
        needs = np.asarray(self._framework.needs)
        missing = np.bincount(uses.ends, minlength=n).astype(np.int32)
        missing[~accepted | (needs != ALL)] = 0
        starts = np.flatnonzero(accepted & (needs == BASE))
        starts = starts[np.argsort(-np.asarray(lower)[starts], kind="stable")]  # in order, as a heap is too
        count = len(starts)
        # Each step is come to once from its premises, and leads on once.
        size = count + int(np.count_nonzero(missing) + np.count_nonzero(self.towards > UNDESCRIBED))
        keys = [np.zeros(size), np.full(size, -1.0), np.zeros(size, np.int32), np.full(size, -1, np.int32)]
        keys[0][:count], keys[2][:count] = -np.asarray(lower)[starts], starts
        given: list[npt.NDArray[Any]] = [self.towards, np.asarray(lower, np.float64)]
        given += [uses.offsets, uses.ends]
        heap, found = np.arange(size, dtype=np.int32), np.full(n, -2, np.int32)
        run = _prepared(_ground, n, given, [missing, found, heap, *keys])
        return np.maximum(np.asarray(run(count)[1], np.int32), -1)


def _prepared(
    kernel: Callable[..., Any], n: int, given: list[npt.NDArray[Any]], kept: list[npt.NDArray[Any]]
) -> Callable[..., tuple[Any, Any]]:
    """Call a kernel, compiled where that is faster: gives its answer, and the second of what it fills."""
    ready = compiled_for(kernel, n)
    if ready is not None:
        return lambda *told: (ready(*told, *given, *kept), kept[1])
    lists, filled = [array.tolist() for array in given], [array.tolist() for array in kept]
    return lambda *told: (kernel(*told, *lists, *filled), filled[1])


def _side(
    thesis: Any,
    towards: Any,
    premise_at: Any,
    premises: Any,
    step_at: Any,
    steps: Any,
    met: Any,
    queue: Any,
) -> int:
    """Put all that chains lead from into `queue`, as item << 1 | side, and tell how many that are.

    `met` is left as it was: nothing is marked.
    """
    queue[0], met[thesis] = 2 * thesis, 1
    head, tail = 0, 1
    while head < tail:
        item, side = queue[head] >> 1, queue[head] & 1
        head += 1
        for e in range(step_at[item], step_at[item + 1]):
            step = steps[e]
            of = side if towards[step] >= 0 else 1 - side
            if met[step] & (1 + of) == 0:
                met[step] |= 1 + of
                queue[tail] = 2 * step + of
                tail += 1
            for f in range(premise_at[step], premise_at[step + 1]):
                premise = premises[f]
                if met[premise] & (1 + of) == 0:
                    met[premise] |= 1 + of
                    queue[tail] = 2 * premise + of
                    tail += 1
    for head in range(tail):
        met[queue[head] >> 1] = 0
    return tail


def _ground(  # noqa: C901 - one nest of loops, so that it compiles as it stands
    waiting: Any,
    towards: Any,
    lower: Any,
    use_at: Any,
    uses: Any,
    missing: Any,
    found: Any,
    heap: Any,
    weakest: Any,
    before: Any,
    items: Any,
    grounds: Any,
) -> None:
    """Fill `found` with where chains come from, -1 where they begin.

    `heap` holds the ways that wait by their numbers, so many at the start. A way has a weakest member, the
    same without its last item, that item, and where it comes from, and they go in this order; strengths are
    negative, so that the strongest comes first.
    """
    count = waiting
    while waiting > 0:
        way = heap[0]
        waiting -= 1
        moved, place = heap[waiting], 0
        key = weakest[moved], before[moved], items[moved], grounds[moved]
        while 2 * place + 1 < waiting:
            child = 2 * place + 1
            a = heap[child]
            if child + 1 < waiting:
                b = heap[child + 1]
                if (weakest[b], before[b], items[b], grounds[b]) < (
                    weakest[a],
                    before[a],
                    items[a],
                    grounds[a],
                ):
                    child, a = child + 1, b
            if key <= (weakest[a], before[a], items[a], grounds[a]):
                break
            heap[place] = a
            place = child
        heap[place] = moved
        v, least = items[way], weakest[way]
        if found[v] != -2:
            continue
        found[v] = grounds[way]
        aim = towards[v]
        step = aim > -2147483647  # UNDESCRIBED
        e, last = use_at[v], use_at[v + 1]
        if step:
            e, last = 0, 1 if aim >= 0 else 0
        while e < last:
            w = aim if step else uses[e]
            e += 1
            if not step:
                if missing[w] == 0:
                    continue
                missing[w] -= 1
                if missing[w] > 0:  # premises come strongest first: the last is the weakest
                    continue
            key = max(least, -lower[w]), least, w, v
            weakest[count], before[count], items[count], grounds[count] = key
            place = waiting
            waiting += 1
            while place > 0:
                a = heap[(place - 1) // 2]
                if (weakest[a], before[a], items[a], grounds[a]) <= key:
                    break
                heap[place] = a
                place = (place - 1) // 2
            heap[place] = count
            count += 1
