"""How strongly a node stands: a number between 0 and 1, or the interval that provably holds it.

Quadratic energy (Potyka, KR 2018, doi:10.5555/3393515.3393530) with the weakest premise for steps (Pollock
2001, doi:10.1016/S0004-3702(01)00145-X). With h(x) = max(x, 0)² / (1 + max(x, 0)²) and ι(w, e) = w + (1 −
w)·h(e) − w·h(−e), the strength of an item is

- base item:  ι(τ, −A)
- step:       ι(τ · weakest premise, −A)
- statement:  ι(τ, S − A)

where A and S add up the strengths of its attackers and of the steps for it, and τ is its base score.

On graphs with cycles such equations may have several solutions. So the strength is computed as an interval:
the lower bound takes the lower bounds of what helps and the upper bounds of what harms, the upper bound the
reverse. Lower bounds only rise and upper bounds only fall, so the sweeps always converge; every solution
lies within; and where the bounds meet the solution is unique. Nearest published relatives are the bilateral
gradual semantics of Wang and Shen (AAAI 2024).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from argraph.argument.labelling import ALL, ANY, BASE, Arcs, compiled_for

Floats = npt.NDArray[np.float64]
_Bounds: TypeAlias = tuple[Floats, Floats, int]

POINT = 1e-4
"""An interval narrower than this is reported as a point."""
_TOLERANCE = 1e-13
"""Sweeps end when no bound moves further than this, well below what is shown."""

_SWEEPS = 5_000
"""A bound on sweeps; bounds are sound wherever the sweeps end."""


_ONE = np.uint32(1)


@dataclass(frozen=True, slots=True)
class Strengths:
    """Bounds of the strengths of items 0 … n-1, in [0, 1].

    Attributes:
        lower: No solution is below.
        upper: No solution is above.
        sweeps: How many sweeps it took.
    """

    lower: Floats
    upper: Floats
    sweeps: int

    def is_point(self, item: int) -> bool:
        """Whether the bounds have met, which proves that the solution is unique there."""
        return bool(self.upper[item] - self.lower[item] < POINT)


def influence(base: Floats, energy: Floats) -> Floats:
    """Base scores moved towards 1 by positive and towards 0 by negative energy.

    >>> influence(np.array([0.5, 0.5]), np.array([1.0, -1.0])).tolist()
    [0.75, 0.25]
    """
    square = np.square(energy)
    return base + ((energy > 0) - base) * (square / (1.0 + square))


def strengths(needs: npt.ArrayLike, base: npt.ArrayLike, supports: Arcs, attacks: Arcs) -> Strengths:
    """Strength intervals of all items; each sweep is linear in items and arcs.

    Args:
        needs: `labelling.BASE`, `ALL` or `ANY` for each item.
        base: Base scores in [0, 1].
        supports: Arcs from premises to steps, and from steps to the statements that they are for.
        attacks: Arcs from steps to what they attack; contrary lines of evidence weigh in here too.
    """
    kinds = np.asarray(needs, dtype=np.int8)
    tau = np.asarray(base, dtype=np.float64)
    n = len(kinds)
    kernel = compiled_for(_sweep_items, n)
    if kernel is not None:
        bounds = np.tile([0.0, 1.0], n)
        # Arrays from numpy lie in large pages of memory, which random access is faster in.
        room = np.zeros((5, n + 1), np.uint32)
        by = np.empty(len(supports.ends) + len(attacks.ends), np.uint32)
        arcs = (supports.offsets, supports.ends, attacks.offsets, attacks.ends)
        bounds, sweeps = kernel(kinds, tau, *arcs, bounds, np.empty_like(bounds), *room, by)
        lower, upper = np.ascontiguousarray(bounds.reshape(n, 2).T)
    else:
        lower, upper, sweeps = _sweep_arrays(kinds, tau, supports, attacks)
    # Rounding may carry bounds that have met past each other by one unit in the last place.
    return Strengths(lower, np.maximum(lower, upper), sweeps)


def _sweep_arrays(kinds: npt.NDArray[np.int8], tau: Floats, supports: Arcs, attacks: Arcs) -> _Bounds:
    """Sweep with array operations until no bound moves."""
    n = len(kinds)
    source, end = supports.starts, supports.ends
    premises = Arcs.of(n, end[kinds[end] == ALL], source[kinds[end] == ALL])
    steps, firsts = np.unique(premises.starts, return_index=True)
    helper, helped = source[kinds[end] == ANY], end[kinds[end] == ANY]
    attacker, ends = attacks.starts, np.append(helped, attacks.ends)

    def sweep(helping: Floats, harming: Floats) -> Floats:
        weakest = tau.copy()
        if len(steps):
            weakest[steps] *= np.minimum.reduceat(helping[premises.ends], firsts)
        energy = np.bincount(ends, np.append(helping[helper], -harming[attacker]), n)
        return influence(weakest, energy.astype(np.float64, copy=False))

    lower, upper = np.zeros(n), np.ones(n)
    for count in range(1, _SWEEPS + 1):
        raised = np.maximum(lower, sweep(lower, upper))
        lowered = np.minimum(upper, sweep(upper, lower))
        moved = max(np.max(raised - lower, initial=0.0), np.max(upper - lowered, initial=0.0))
        lower, upper = raised, lowered
        if moved <= _TOLERANCE:
            return lower, upper, count
    return lower, upper, _SWEEPS


def _sweep_items(  # noqa: C901, PLR0915 - one nest of loops, so that it compiles as it stands
    kinds: Any,
    tau: Any,
    support_at: Any,
    support_to: Any,
    attack_at: Any,
    attack_to: Any,
    bounds: Any,
    fresh: Any,
    at: Any,
    sums: Any,
    due: Any,
    moved: Any,
    seen: Any,
    by: Any,
) -> tuple[Any, int]:
    """Sweep item by item: the same sums in the same order as `_sweep_arrays`, to be compiled.

    As long as many items move, all are swept; then only those that a neighbour that moved has influence on,
    for others cannot move. `bounds` and `fresh` hold the lower bound of item v at 2v and the upper one at
    2v + 1; what follows them is room to work in. Numbers are unsigned, so that no index is taken to count
    from the end: the fewer instructions between accesses to far memory, the more of these are under way.
    """
    n = len(kinds)
    # Sources of each item v: `by[at[v]:sums[v]]` are premises, the rest adds up. A source is given as the
    # place of what counts for the lower bound of v, which is the lower bound of what helps and the upper
    # bound of what harms; the other bound is the one beside it.
    for e in range(support_at[n]):
        if kinds[support_to[e]] != BASE:
            at[support_to[e] + 1] += 1
    for e in range(attack_at[n]):
        at[attack_to[e] + 1] += 1
    for v in range(n):
        at[v + 1] += at[v]
        sums[v] = at[v]
    for u in range(n):
        for e in range(support_at[u], support_at[u + 1]):
            v = support_to[e]
            if kinds[v] != BASE:
                by[sums[v]] = 2 * u
                sums[v] += 1
    for v in range(n):
        due[v] = sums[v]
        if kinds[v] != ALL:
            sums[v] = at[v]
    for u in range(n):
        for e in range(attack_at[u], attack_at[u + 1]):
            v = attack_to[e]
            by[due[v]] = 2 * u + 1
            due[v] += 1
    for v in range(n):
        due[v] = v
    count, all_due = n, True
    for sweep in range(1, _SWEEPS + 1):
        several = 0
        furthest = 0.0
        for i in range(count):
            v = due[i]
            weakest_lower = weakest_upper = 1.0
            energy_lower = energy_upper = 0.0
            for e in range(at[v], sums[v]):
                weakest_lower = min(weakest_lower, bounds[by[e]])
                weakest_upper = min(weakest_upper, bounds[by[e] ^ _ONE])
            for e in range(sums[v], at[v + 1]):
                sign = 1.0 if by[e] & _ONE == 0 else -1.0
                energy_lower += sign * bounds[by[e]]
                energy_upper += sign * bounds[by[e] ^ _ONE]
            score, square = tau[v] * weakest_lower, energy_lower * energy_lower
            lower = score + ((1.0 if energy_lower > 0.0 else 0.0) - score) * (square / (1.0 + square))
            score, square = tau[v] * weakest_upper, energy_upper * energy_upper
            upper = score + ((1.0 if energy_upper > 0.0 else 0.0) - score) * (square / (1.0 + square))
            fresh[2 * i], fresh[2 * i + 1] = max(bounds[2 * v], lower), min(bounds[2 * v + 1], upper)
            step = max(fresh[2 * i] - bounds[2 * v], bounds[2 * v + 1] - fresh[2 * i + 1])
            moved[several] = v
            several += step > 0.0
            furthest = max(furthest, step)
        if all_due:
            bounds, fresh = fresh, bounds
        else:
            for i in range(count):
                bounds[2 * due[i]], bounds[2 * due[i] + 1] = fresh[2 * i], fresh[2 * i + 1]
        if furthest <= _TOLERANCE:
            return bounds, sweep
        if several > n // 8:
            if not all_due:
                for v in range(n):
                    due[v] = v
            count, all_due = n, True
            continue
        count, all_due = 0, False
        for i in range(several):
            u = moved[i]
            for e in range(support_at[u], support_at[u + 1]):
                v = support_to[e]
                if seen[v] != sweep:
                    seen[v], due[count] = sweep, v
                    count += 1
            for e in range(attack_at[u], attack_at[u + 1]):
                v = attack_to[e]
                if seen[v] != sweep:
                    seen[v], due[count] = sweep, v
                    count += 1
    return bounds, _SWEEPS
