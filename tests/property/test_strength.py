"""Strength against its recursive definition, against solutions found by search, and its principles."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from argraph.argument import labelling, strength
from argraph.argument.labelling import ALL, ANY, BASE, Arcs
from argraph.argument.strength import Strengths, strengths

from ..conftest import absent

MANY = settings.default.max_examples * 5  # type: ignore[union-attr]
EXACT, CLOSE = 1e-12, 1e-10

Pairs = list[tuple[int, int]]


class Items(NamedTuple):
    """A framework as plain lists."""

    needs: list[int]
    base: list[float]
    supports: Pairs
    attacks: Pairs

    def solve(self) -> Strengths:
        n = len(self.needs)
        arcs = [
            Arcs.of(n, [a for a, _ in pairs], [b for _, b in pairs])
            for pairs in (self.supports, self.attacks)
        ]
        return strengths(self.needs, self.base, *arcs)

    def sources(self, pairs: Pairs, end: int) -> list[int]:
        return [a for a, b in pairs if b == end]

    def equation(self, item: int, value: Callable[[int], float]) -> float:
        """The strength of an item by the definition, given those of the others."""
        harm = sum(value(u) for u in self.sources(self.attacks, item))
        helpers = [value(u) for u in self.sources(self.supports, item)]
        if self.needs[item] == BASE:
            return iota(self.base[item], -harm)
        if self.needs[item] == ALL:
            return iota(self.base[item] * min(helpers, default=1.0), -harm)
        return iota(self.base[item], sum(helpers) - harm)


def h(x: float) -> float:
    return max(x, 0.0) ** 2 / (1.0 + max(x, 0.0) ** 2)


def iota(weight: float, energy: float) -> float:
    return weight + (1.0 - weight) * h(energy) - weight * h(-energy)


@pytest.fixture(scope="module", autouse=True)
def uncompiled() -> Iterator[None]:
    """What is not asked to be compiled is not, whatever has been loaded before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strength, "compiled_for", lambda kernel, n: None)
        yield


@st.composite
def items(draw: st.DrawFn, *, acyclic: bool = False, most: int = 9, least: int = 1) -> Items:
    n = draw(st.integers(least, most))
    number = st.integers(0, n - 1)
    pairs = st.lists(st.tuples(number, number), max_size=2 * n)
    if acyclic:
        pairs = pairs.map(lambda drawn: [(min(p), max(p)) for p in drawn if p[0] != p[1]])
    score = st.one_of(st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0]), st.floats(0.0, 1.0))
    return Items(
        draw(st.lists(st.sampled_from([BASE, ALL, ANY]), min_size=n, max_size=n)),
        draw(st.lists(score, min_size=n, max_size=n)),
        draw(pairs),
        draw(pairs),
    )


def point(framework: Items) -> list[float]:
    result = framework.solve()
    assert result.upper == pytest.approx(result.lower, abs=EXACT)
    return [float(value) for value in result.lower]


@settings(max_examples=MANY)
@given(items(acyclic=True, most=14))
def test_without_cycles_it_is_the_recursive_definition(framework: Items) -> None:
    @cache
    def value(item: int) -> float:
        return framework.equation(item, value)

    assert point(framework) == pytest.approx([value(v) for v in range(len(framework.needs))], abs=EXACT)


@given(items())
def test_bounds_lie_in_the_unit_interval_and_in_order(framework: Items) -> None:
    result = framework.solve()
    assert (result.lower >= 0.0).all()
    assert (result.lower <= result.upper).all()
    assert (result.upper <= 1.0).all()


@settings(max_examples=MANY)
@given(items(), st.integers(0, 2**32))
def test_every_solution_lies_within_the_bounds(framework: Items, seed: int) -> None:
    result = framework.solve()
    rng = random.Random(seed)
    n = len(framework.needs)
    for _ in range(3):
        values = [rng.random() for _ in range(n)]
        for _ in range(2_000):
            after = [framework.equation(v, values.__getitem__) for v in range(n)]
            moved = max(abs(a - b) for a, b in zip(values, after, strict=True))
            values = [0.5 * a + 0.5 * b for a, b in zip(values, after, strict=True)]
            if moved < 1e-12:
                break
        else:
            continue  # this start did not settle: no solution to compare
        assert (result.lower <= np.array(values) + 1e-8).all()
        assert (np.array(values) <= result.upper + 1e-8).all()


@given(st.integers(2, 7), st.floats(0.5, 1.0), st.integers(0, 2**32))
def test_bounds_hold_the_several_solutions_of_two_camps_at_odds(size: int, base: float, seed: int) -> None:
    camps = [(a, b) for a in range(size) for b in range(size, 2 * size)]
    framework = Items([BASE] * 2 * size, [base] * 2 * size, [], camps + [(b, a) for a, b in camps])
    result = framework.solve()
    values = [random.Random(seed).random() for _ in range(2 * size)]
    values[0] = 1.0
    for _ in range(300):
        after = [framework.equation(v, values.__getitem__) for v in range(2 * size)]
        moved = max(abs(a - b) for a, b in zip(values, after, strict=True))
        values = [0.7 * a + 0.3 * b for a, b in zip(values, after, strict=True)]
        if moved < 1e-11:
            break
    assume(moved < 1e-10)
    assert (result.lower <= np.array(values) + 1e-8).all()
    assert (np.array(values) <= result.upper + 1e-8).all()


@given(items(acyclic=True, least=2), st.data())
def test_one_more_arc_moves_its_end_in_its_own_direction(framework: Items, data: st.DataObject) -> None:
    end = data.draw(st.integers(1, len(framework.needs) - 1))
    start = data.draw(st.integers(0, end - 1))
    before = point(framework)[end]
    attacked = point(framework._replace(attacks=[*framework.attacks, (start, end)]))[end]
    assert attacked <= before + EXACT
    supported = point(framework._replace(supports=[*framework.supports, (start, end)]))[end]
    if framework.needs[end] == ANY:
        assert supported >= before - EXACT
    elif framework.needs[end] == ALL:
        assert supported <= before + EXACT  # one more premise can only be weaker
    else:
        assert supported == before


@given(items(acyclic=True), st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.data())
def test_a_stronger_start_of_an_arc_moves_its_end_in_the_arcs_direction(
    framework: Items, some: float, other: float, data: st.DataObject
) -> None:
    """Each arc in turn starts from a new item instead, once weak and once strong."""
    assume(framework.supports or framework.attacks)
    fresh = len(framework.needs)
    weak, strong = sorted((some, other))

    def with_start(score: float) -> Items:
        lists = {"supports": list(framework.supports), "attacks": list(framework.attacks)}
        lists[kind][place] = (fresh, lists[kind][place][1])
        return Items([*framework.needs, BASE], [*framework.base, score], lists["supports"], lists["attacks"])

    arcs = [("supports", i) for i in range(len(framework.supports))]
    arcs += [("attacks", i) for i in range(len(framework.attacks))]
    kind, place = data.draw(st.sampled_from(arcs))
    end = getattr(framework, kind)[place][1]
    low, high = point(with_start(weak))[end], point(with_start(strong))[end]
    assert low <= high + EXACT if kind == "supports" else high <= low + EXACT


@given(items(), st.randoms(use_true_random=False))
def test_numbering_does_not_matter(framework: Items, rng: random.Random) -> None:
    n = len(framework.needs)
    new = rng.sample(range(n), n)
    needs, base = [0] * n, [0.0] * n
    for v, number in enumerate(new):
        needs[number], base[number] = framework.needs[v], framework.base[v]
    moved = Items(
        needs,
        base,
        [(new[a], new[b]) for a, b in framework.supports],
        [(new[a], new[b]) for a, b in framework.attacks],
    )
    before, after = framework.solve(), moved.solve()
    assert after.lower[new] == pytest.approx(before.lower, abs=CLOSE)
    assert after.upper[new] == pytest.approx(before.upper, abs=CLOSE)


@given(items(most=5), items(most=5))
def test_parts_that_are_not_connected_do_not_influence_each_other(one: Items, other: Items) -> None:
    by = len(one.needs)
    both = Items(
        one.needs + other.needs,
        one.base + other.base,
        one.supports + [(a + by, b + by) for a, b in other.supports],
        one.attacks + [(a + by, b + by) for a, b in other.attacks],
    ).solve()
    assert both.lower == pytest.approx([*one.solve().lower, *other.solve().lower], abs=CLOSE)
    assert both.upper == pytest.approx([*one.solve().upper, *other.solve().upper], abs=CLOSE)


@given(st.floats(0.0, 1.0), st.lists(st.floats(0.0, 1.0), max_size=5))
def test_what_speaks_for_and_against_in_equal_measure_leaves_the_base_score(
    base: float, scores: list[float]
) -> None:
    k = len(scores)
    framework = Items(
        [BASE] * 2 * k + [ANY],
        [*scores, *scores, base],
        [(i, 2 * k) for i in range(k)],
        [(k + i, 2 * k) for i in range(k)],
    )
    assert point(framework)[-1] == pytest.approx(base, abs=EXACT)


@given(items(acyclic=True, least=2), st.data())
def test_arcs_from_what_has_no_strength_change_nothing(framework: Items, data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(framework.needs) - 1))
    assume(framework.needs[end] != ALL)  # a premise without strength takes the step's away
    fresh = len(framework.needs)
    idle = framework._replace(needs=[*framework.needs, BASE], base=[*framework.base, 0.0])
    more = idle._replace(supports=[*idle.supports, (fresh, end)], attacks=[*idle.attacks, (fresh, end)])
    assert point(more) == pytest.approx(point(idle), abs=EXACT)


@st.composite
def larger(draw: st.DrawFn) -> Items:
    """Some hundred items, mostly in short cycles, so that few move in the end and some for long."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    n, reach = rng.randint(30, 300), rng.choice([2, 5, 300])

    def pairs(count: int) -> Pairs:
        starts = [rng.randrange(n) for _ in range(count)]
        return [(start, min(n - 1, max(0, start + rng.randint(-reach, reach)))) for start in starts]

    needs = [rng.choice([BASE, ALL, ANY]) for _ in range(n)]
    return Items(needs, [rng.random() for _ in range(n)], pairs(rng.randint(0, 2 * n)), pairs(n))


@settings(max_examples=MANY)
@given(st.one_of(items(), larger()))
def test_compiled_sweeps_give_what_array_sweeps_give(framework: Items) -> None:
    if labelling.compiled(strength._sweep_items) is None:
        absent("The compiled kernel needs numba: pip install 'argraph[scale]'.")
    plain = framework.solve()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strength, "compiled_for", lambda kernel, _: labelling.compiled(kernel))
        compiled = framework.solve()
    assert compiled.lower == pytest.approx(plain.lower, abs=EXACT)
    assert compiled.upper == pytest.approx(plain.upper, abs=EXACT)
    assert compiled.sweeps == plain.sweeps
