"""Extensions found by clingo against those found by trying every way to take sides."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argraph.argument import extensions
from argraph.argument.evaluation import Framework
from argraph.argument.extensions import Extension, Semantics
from argraph.argument.labelling import ALL, ANY, BASE, Status

from ..frameworks import Pairs, framework

SEMANTICS: tuple[Semantics, ...] = ("grounded", "complete", "preferred", "stable")
MANY = settings.default.max_examples * 4  # type: ignore[union-attr]
Sides = frozenset[tuple[tuple[int, ...], tuple[int, ...]]]


pytestmark = pytest.mark.usefixtures("clingo")


def pairs(n: int, most: int) -> st.SearchStrategy[Pairs]:
    return st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=most)


@st.composite
def dung(draw: st.DrawFn) -> tuple[int, Pairs]:
    n = draw(st.integers(1, 7))
    return n, draw(pairs(n, 3 * n))


@st.composite
def mixed(draw: st.DrawFn) -> tuple[list[int], Pairs, Pairs]:
    n = draw(st.integers(1, 6))
    needs = draw(st.lists(st.sampled_from([BASE, BASE, ALL, ANY]), min_size=n, max_size=n))
    return needs, draw(pairs(n, n)), draw(pairs(n, 2 * n))


def greatest(sets: Sides) -> Sides:
    return frozenset(
        (accepted, undecided)
        for accepted, undecided in sets
        if not any(set(accepted) < set(other) for other, _ in sets)
    )


def dung_by_definition(n: int, attacks: Pairs) -> dict[Semantics, Sides]:
    """Every set of arguments is tried: Dung's definitions word by word."""

    def beaten(by: set[int]) -> set[int]:
        return {b for a, b in attacks if a in by}

    complete = set()
    for size in range(n + 1):
        for chosen in itertools.combinations(range(n), size):
            out = beaten(set(chosen))
            defended = {v for v in range(n) if all(a in out for a, b in attacks if b == v)}
            if not out & set(chosen) and defended == set(chosen):
                complete.add((chosen, tuple(v for v in range(n) if v not in out and v not in chosen)))
    return {
        "complete": frozenset(complete),
        "preferred": greatest(frozenset(complete)),
        "stable": frozenset(sides for sides in complete if not sides[1]),
        "grounded": frozenset([min(complete, key=lambda sides: len(sides[0]))]),
    }


def partial_stable(needs: list[int], supports: Pairs, attacks: Pairs) -> dict[Semantics, Sides]:
    """Every way to give three values is tried: it must be what follows, least, from its own attacks."""
    n = len(needs)

    def least(hit: set[int]) -> set[int]:
        standing: set[int] = set()
        while True:
            more = set()
            for v in set(range(n)) - hit:
                helped = [a in standing for a, b in supports if b == v]
                if needs[v] == BASE or (needs[v] == ALL and all(helped)) or (needs[v] == ANY and any(helped)):
                    more.add(v)
            if more == standing:
                return standing
            standing = more

    complete = set()
    for values in itertools.product(Status, repeat=n):
        accepted = {v for v in range(n) if values[v] == Status.ACCEPTED}
        possible = {v for v in range(n) if values[v] != Status.REJECTED}
        if accepted == least({b for a, b in attacks if a in possible}) and possible == least(
            {b for a, b in attacks if a in accepted}
        ):
            complete.add((tuple(sorted(accepted)), tuple(sorted(possible - accepted))))
    return {
        "complete": frozenset(complete),
        "preferred": greatest(frozenset(complete)),
        "stable": frozenset(sides for sides in complete if not sides[1]),
        "grounded": frozenset([min(complete, key=lambda sides: len(sides[0]))]),
    }


def found(case: Framework, semantics: Semantics) -> list[Extension]:
    result = extensions.extensions(case, semantics)
    assert not result.more
    assert list(result.found) == sorted(set(result.found))
    return list(result.found)


@settings(max_examples=MANY)
@given(dung())
def test_without_supports_they_are_dungs(case: tuple[int, Pairs]) -> None:
    n, attacks = case
    expected = dung_by_definition(n, attacks)
    for semantics in SEMANTICS:
        assert frozenset(found(framework([BASE] * n, [], attacks), semantics)) == expected[semantics], (
            semantics
        )


@settings(max_examples=MANY)
@given(mixed())
def test_with_supports_they_are_partial_stable_models(case: tuple[list[int], Pairs, Pairs]) -> None:
    expected = partial_stable(*case)
    for semantics in SEMANTICS:
        assert frozenset(found(framework(*case), semantics)) == expected[semantics], semantics


@settings(max_examples=MANY)
@given(mixed())
def test_acceptance_and_witnesses_agree_with_all_extensions(case: tuple[list[int], Pairs, Pairs]) -> None:
    given_framework = framework(*case)
    for semantics, sides in partial_stable(*case).items():
        sets = [set(accepted) for accepted, _ in sides]
        everything = set(range(len(case[0])))
        result = extensions.acceptance(given_framework, semantics)
        assert result.exists == bool(sets)
        assert result.credulous == set().union(*sets)
        assert result.sceptical == everything.intersection(*sets)
        assert (extensions.witness(given_framework, semantics) is None) == (not sets)
        for item in everything:
            with_it = extensions.witness(given_framework, semantics, item)
            without = extensions.witness(given_framework, semantics, item, accepts=False)
            assert (
                (with_it in sides and item in with_it.accepted) if with_it else item not in result.credulous
            )
            assert (
                (without in sides and item not in without.accepted) if without else item in result.sceptical
            )


@settings(max_examples=MANY)
@given(mixed(), st.integers(1, 4))
def test_a_limit_is_never_silent(case: tuple[list[int], Pairs, Pairs], limit: int) -> None:
    for semantics, sides in partial_stable(*case).items():
        result = extensions.extensions(framework(*case), semantics, limit=limit)
        assert len(result.found) == min(limit, len(sides))
        assert result.more == (len(sides) > limit)
        assert set(result.found) <= sides
