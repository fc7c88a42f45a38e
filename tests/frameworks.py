"""Frameworks of numbered items, for tests that need no statements behind them."""

from __future__ import annotations

from types import MappingProxyType

from argraph.argument.evaluation import Framework
from argraph.argument.labelling import Arcs

Pairs = list[tuple[int, int]]


def framework(needs: list[int], supports: Pairs, attacks: Pairs) -> Framework:
    """A framework of items 0 … n-1, each with its number as name and the same base score."""
    n = len(needs)

    def arcs(pairs: Pairs) -> Arcs:
        return Arcs.of(n, [a for a, _ in pairs], [b for _, b in pairs])

    return Framework(
        names=tuple(str(v) for v in range(n)),
        needs=tuple(needs),
        supports=arcs(supports),
        attacks=arcs(attacks),
        contrary=arcs(attacks),
        base=(0.5,) * n,
        index=MappingProxyType({str(v): v for v in range(n)}),
    )
