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

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from argraph.argument.labelling import ALL, ANY, LARGE, Arcs, compiled

Floats = npt.NDArray[np.float64]
_Bounds: TypeAlias = tuple[Floats, Floats, int]

POINT = 1e-4
"""An interval narrower than this is reported as a point."""
_TOLERANCE = 1e-13
"""Sweeps end when no bound moves further than this, well below what is shown."""

_SWEEPS = 5_000
"""A bound on sweeps; bounds are sound wherever the sweeps end."""


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
    pull = square / (1.0 + square)
    return np.where(energy > 0, base + (1.0 - base) * pull, base - base * pull)


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
    helpers = Arcs.of(n, supports.ends, supports.starts)
    harmers = Arcs.of(n, attacks.ends, attacks.starts)
    kernel = _compiled() if n >= LARGE else None
    if kernel is not None:
        bounds = np.tile([0.0, 1.0], (n, 1))
        arcs = (
            array for part in (helpers, harmers, supports, attacks) for array in (part.offsets, part.ends)
        )
        sweeps = kernel(kinds, tau, *arcs, bounds)
        lower, upper = np.ascontiguousarray(bounds.T)
    else:
        lower, upper, sweeps = _sweep_arrays(kinds, tau, helpers, harmers)
    # Rounding may carry bounds that have met past each other by one unit in the last place.
    return Strengths(lower, np.maximum(lower, upper), sweeps)


def _sweep_arrays(kinds: npt.NDArray[np.int8], tau: Floats, helpers: Arcs, harmers: Arcs) -> _Bounds:
    """Sweep with array operations until no bound moves; arcs lead from an item to its helpers or harmers."""
    n = len(kinds)
    at, source = helpers.starts, helpers.ends
    premise, step = source[kinds[at] == ALL], at[kinds[at] == ALL]
    helper, helped = source[kinds[at] == ANY], at[kinds[at] == ANY]
    steps, firsts = np.unique(step, return_index=True)
    attacker, attacked = harmers.ends, harmers.starts

    def sweep(helping: Floats, harming: Floats) -> Floats:
        weakest = tau.copy()
        if len(steps):
            weakest[steps] *= np.minimum.reduceat(helping[premise], firsts)
        energy = np.asarray(np.bincount(helped, helping[helper], n), dtype=np.float64)
        energy -= np.bincount(attacked, harming[attacker], n)
        return influence(weakest, energy)

    lower, upper = np.zeros(n), np.ones(n)
    for count in range(1, _SWEEPS + 1):
        raised = np.maximum(lower, sweep(lower, upper))
        lowered = np.minimum(upper, sweep(upper, lower))
        moved = max(np.max(raised - lower, initial=0.0), np.max(upper - lowered, initial=0.0))
        lower, upper = raised, lowered
        if moved <= _TOLERANCE:
            return lower, upper, count
    return lower, upper, _SWEEPS


def _sweep_items(  # noqa: C901 - one nest of loops, so that it compiles as it stands
    kinds: Any,
    tau: Any,
    help_at: Any,
    help_by: Any,
    harm_at: Any,
    harm_by: Any,
    support_at: Any,
    support_to: Any,
    attack_at: Any,
    attack_to: Any,
    bounds: Any,
) -> int:
    """Sweep item by item, in place: the same sums in the same order as `_sweep_arrays`, to be compiled.

    An item is taken up only when a neighbour that it depends on has moved: otherwise it cannot move either.
    `bounds` has a row of lower and upper bound for each item, so that both come with one memory access.
    """
    n = len(kinds)
    due = np.ones(n, np.bool_)
    items, fresh = np.empty(n, np.int32), np.empty_like(bounds)
    for count in range(1, _SWEEPS + 1):
        changed = 0
        moved = 0.0
        for v in range(n):
            if not due[v]:
                continue
            due[v] = False
            weakest_lower = weakest_upper = 1.0
            lower = upper = less_lower = less_upper = 0.0
            if kinds[v] == ALL:
                for e in range(help_at[v], help_at[v + 1]):
                    weakest_lower = min(weakest_lower, bounds[help_by[e], 0])
                    weakest_upper = min(weakest_upper, bounds[help_by[e], 1])
            elif kinds[v] == ANY:
                for e in range(help_at[v], help_at[v + 1]):
                    lower += bounds[help_by[e], 0]
                    upper += bounds[help_by[e], 1]
            for e in range(harm_at[v], harm_at[v + 1]):
                less_lower += bounds[harm_by[e], 1]
                less_upper += bounds[harm_by[e], 0]
            score, energy = tau[v] * weakest_lower, lower - less_lower
            pull = energy * energy / (1.0 + energy * energy)
            lower = max(bounds[v, 0], score + (1.0 - score) * pull if energy > 0 else score - score * pull)
            score, energy = tau[v] * weakest_upper, upper - less_upper
            pull = energy * energy / (1.0 + energy * energy)
            upper = min(bounds[v, 1], score + (1.0 - score) * pull if energy > 0 else score - score * pull)
            step = max(lower - bounds[v, 0], bounds[v, 1] - upper)
            if step > 0.0:
                items[changed], fresh[changed, 0], fresh[changed, 1] = v, lower, upper
                changed += 1
                moved = max(moved, step)
        for i in range(changed):  # only now, so that the order of the items does not matter
            v = items[i]
            bounds[v, 0], bounds[v, 1] = fresh[i, 0], fresh[i, 1]
            for e in range(support_at[v], support_at[v + 1]):
                due[support_to[e]] = True
            for e in range(attack_at[v], attack_at[v + 1]):
                due[attack_to[e]] = True
        if moved <= _TOLERANCE:
            return count
    return _SWEEPS


@cache
def _compiled() -> Callable[..., int] | None:
    return compiled(_sweep_items)
