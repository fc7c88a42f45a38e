"""What a withdrawal changes, on numbers: which items can matter, and how each is carried forward.

Plain indexing over flat sequences: the same source runs on lists and, compiled, on arrays.
"""

from __future__ import annotations

from typing import Any


def prove(  # noqa: C901 - one nest of loops, so that it compiles as it stands
    needs: Any,
    reason: Any,
    decider: Any,
    help_at: Any,
    help_by: Any,
    harm_at: Any,
    harm_by: Any,
    goals: Any,
    met: Any,
    queue: Any,
) -> None:
    """Mark with 1 what stands in the proofs of accepted goals, with 2 what does not; the rest is room."""
    tail = 0
    for i in range(len(goals)):
        met[goals[i]] = 1
        queue[tail] = goals[i]
        tail += 1
    while tail > 0:
        tail -= 1
        v = queue[tail]
        first = last = 0
        one, mark, other = -1, 1, 1
        if v >= 0:
            for e in range(harm_at[v], harm_at[v + 1]):
                u = harm_by[e]
                if met[u] & 2 == 0:
                    met[u] |= 2
                    queue[tail] = ~u
                    tail += 1
            if needs[v] == 1:
                first, last = help_at[v], help_at[v + 1]
            elif needs[v] == 2:
                one = decider[v]
        else:
            v = ~v
            if reason[v] == 5:
                one = decider[v]
            elif needs[v] == 1:
                one, mark = decider[v], 2
            else:
                first, last, other = help_at[v], help_at[v + 1], 2
        if one >= 0 and met[one] & mark == 0:
            met[one] |= mark
            queue[tail] = one if mark == 1 else ~one
            tail += 1
        for e in range(first, last):
            u = help_by[e]
            if met[u] & other == 0:
                met[u] |= other
                queue[tail] = u if other == 1 else ~u
                tail += 1


DONE, SPENT, FULL = -1, -2, -3
"""What `carry` answers when it does not ask for a part to be settled."""


def carry(  # noqa: C901, PLR0915 - one nest of loops, so that it compiles as it stands
    small: int,
    items: Any,
    needs: Any,
    status: Any,
    at: Any,
    to: Any,
    part: Any,
    part_at: Any,
    members: Any,
    circular: Any,
    help_at: Any,
    help_by: Any,
    harm_at: Any,
    harm_by: Any,
    now: Any,
    fresh: Any,
    counts: Any,
    seen: Any,
    heap: Any,
    changed: Any,
    by: Any,
    looks: Any,
    state: Any,
) -> Any:
    """Withdraw one item after the other and write down what changes, until help is needed.

    Answers the number of a part of more than `small` items that depends on itself: then its members' new
    statuses are to be put into `fresh`, and it goes on when called again. `counts` says how many of those
    that help or harm an item have which status at the moment, so that looking at an item again costs the
    same however many these are. `heap` holds parts that are to be looked at, first things first; `looks` says
    how many items were looked at for each that was withdrawn.
    """
    i, waiting, count, began, settled, effort = state[0], state[1], state[2], state[3], state[4], state[5]
    while i < len(items):
        withdrawn = items[i]
        if waiting == 0 and settled < 0:
            waiting, heap[0], seen[part[withdrawn]] = 1, part[withdrawn], i + 1
        while waiting > 0 or settled >= 0:
            if settled >= 0:
                p, settled = settled, -1
            else:
                if count + part_at[heap[0] + 1] - part_at[heap[0]] > len(changed):
                    state[0], state[1], state[2], state[3], state[4], state[5] = (
                        i,
                        waiting,
                        count,
                        began,
                        -1,
                        effort,
                    )
                    return -3
                p = heap[0]
                waiting -= 1
                last, place = heap[waiting], 0
                while 2 * place + 1 < waiting:
                    child = 2 * place + 1
                    if child + 1 < waiting and heap[child + 1] < heap[child]:
                        child += 1
                    if heap[child] >= last:
                        break
                    heap[place] = heap[child]
                    place = child
                heap[place] = last
                effort -= part_at[p + 1] - part_at[p]
                looks[i] += part_at[p + 1] - part_at[p]
                if effort < 0:
                    return -2
                if circular[p] != 0 and part_at[p + 1] - part_at[p] > small:
                    state[0], state[1], state[2], state[3], state[4], state[5] = (
                        i,
                        waiting,
                        count,
                        began,
                        p,
                        effort,
                    )
                    return p
                if circular[p] == 0:
                    v = members[part_at[p]]
                    c = 6 * v
                    lacking = needs[v] == 2 and counts[c] + counts[c + 1] == 0
                    lacking = lacking or (needs[v] == 1 and counts[c + 2] > 0)
                    if v == withdrawn or counts[c + 4] > 0 or lacking:
                        fresh[v] = 2
                    else:
                        stands = needs[v] == 0 or (needs[v] == 1 and counts[c] == 0)
                        stands = stands or (needs[v] == 2 and counts[c + 1] > 0)
                        fresh[v] = 1 if stands and counts[c + 3] == 0 else 0
                else:
                    # What surely stands (1) and what may stand (2) in turn bound each other, until neither
                    # changes (Van Gelder 1989, doi:10.1145/73721.73722); 4 marks what is derived by now.
                    for m in range(part_at[p], part_at[p + 1]):
                        fresh[members[m]] = 2
                    bound, again = 1, True
                    while again or bound == 2:
                        if bound == 1:
                            again = False
                        more = True
                        while more:
                            more = False
                            for m in range(part_at[p], part_at[p + 1]):
                                v = members[m]
                                if v == withdrawn or fresh[v] & 4 != 0:
                                    continue
                                derived = True
                                for e in range(harm_at[v], harm_at[v + 1]):
                                    u = harm_by[e]
                                    if part[u] == p:
                                        hit = fresh[u] & (3 - bound) != 0
                                    else:
                                        hit = now[u] == 1 or (bound == 1 and now[u] == 0)
                                    derived = derived and not hit
                                held = lacks = False
                                for e in range(help_at[v], help_at[v + 1]):
                                    u = help_by[e]
                                    if part[u] == p:
                                        helps = fresh[u] & 4 != 0
                                    else:
                                        helps = now[u] == 1 or (bound == 2 and now[u] == 0)
                                    held, lacks = held or helps, lacks or not helps
                                if (needs[v] == 2 and not held) or (needs[v] == 1 and lacks):
                                    derived = False
                                if derived:
                                    fresh[v] |= 4
                                    more = True
                        for m in range(part_at[p], part_at[p + 1]):
                            v = members[m]
                            if (fresh[v] & 4 != 0) != (fresh[v] & bound != 0):
                                again = True
                            kept = fresh[v] & (3 - bound)
                            fresh[v] = kept | bound if fresh[v] & 4 != 0 else kept
                        bound = 3 - bound
                    for m in range(part_at[p], part_at[p + 1]):
                        v = members[m]
                        fresh[v] = 1 if fresh[v] & 1 != 0 else 0 if fresh[v] & 2 != 0 else 2
            for m in range(part_at[p], part_at[p + 1]):
                v = members[m]
                if fresh[v] == now[v]:
                    continue
                was, now[v] = now[v], fresh[v]
                changed[count], by[count] = v, withdrawn
                count += 1
                for e in range(at[v], at[v + 1]):
                    w, first = to[e], 0
                    if w < 0:
                        w, first = ~w, 3
                    counts[6 * w + first + was] -= 1
                    counts[6 * w + first + now[v]] += 1
                    q = part[w]
                    if q == p or seen[q] == i + 1:
                        continue
                    seen[q] = i + 1
                    place = waiting
                    waiting += 1
                    while place > 0 and heap[(place - 1) // 2] > q:
                        heap[place] = heap[(place - 1) // 2]
                        place = (place - 1) // 2
                    heap[place] = q
        for k in range(began, count):
            v = changed[k]
            for e in range(at[v], at[v + 1]):
                w, first = to[e], 0
                if w < 0:
                    w, first = ~w, 3
                counts[6 * w + first + now[v]] -= 1
                counts[6 * w + first + status[v]] += 1
            now[v] = status[v]
        began = count
        i += 1
    state[0], state[1], state[2], state[3], state[4], state[5] = i, 0, count, began, -1, effort
    return -1
