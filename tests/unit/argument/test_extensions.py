"""Extensions of known frameworks, the limits of a search, and what is said when it cannot run."""

from __future__ import annotations

import builtins
import time
from typing import Any

import pytest

from argraph.argument.evaluation import Framework
from argraph.argument.extensions import Extension, acceptance, extensions, witness
from argraph.argument.labelling import ALL, ANY, BASE
from argraph.errors import ArgraphError, BudgetExceeded, MissingExtra

from ...frameworks import framework


def even_cycles(count: int) -> Framework:
    """So many mutual attacks, none of them settled: two to the power of `count` stable extensions."""
    attacks = [(2 * k + i, 2 * k + 1 - i) for k in range(count) for i in range(2)]
    return framework([BASE] * 2 * count, [], attacks)


MUTUAL = even_cycles(1)
ODD = framework([BASE] * 3, [], [(0, 1), (1, 2), (2, 0)])


@pytest.mark.usefixtures("clingo")
def test_a_mutual_attack_can_be_settled_either_way_or_left_open() -> None:
    assert extensions(MUTUAL, "complete").found == (
        Extension((), (0, 1)),
        Extension((0,), ()),
        Extension((1,), ()),
    )
    assert extensions(MUTUAL, "preferred").found == (Extension((0,), ()), Extension((1,), ()))
    assert extensions(MUTUAL, "stable").found == (Extension((0,), ()), Extension((1,), ()))
    assert extensions(MUTUAL, "grounded").found == (Extension((), (0, 1)),)


@pytest.mark.usefixtures("clingo")
def test_an_odd_cycle_has_no_stable_extension_so_everything_holds_in_all_of_them() -> None:
    assert extensions(ODD, "stable").found == ()
    assert extensions(ODD, "preferred").found == (Extension((), (0, 1, 2)),)
    result = acceptance(ODD, "stable")
    assert (result.exists, result.credulous, result.sceptical) == (False, frozenset(), frozenset({0, 1, 2}))


@pytest.mark.usefixtures("clingo")
def test_what_both_sides_of_a_mutual_attack_lead_to_is_accepted_sceptically() -> None:
    # Either 0 or 1 stands, either step holds, so 4 stands however the matter is settled.
    case = framework([BASE, BASE, ALL, ALL, ANY], [(0, 2), (1, 3), (2, 4), (3, 4)], [(0, 1), (1, 0)])
    assert [case.labelling.status[v] for v in range(5)] == [0] * 5
    assert acceptance(case, "preferred").sceptical == {4}
    assert acceptance(case, "complete").sceptical == frozenset()
    assert witness(case, "preferred", 4, accepts=False) is None


@pytest.mark.usefixtures("clingo")
def test_a_support_loop_behind_an_open_attack_does_not_hold_itself_up() -> None:
    # 2 and 3 hold each other up; their only foot is 4, which 1 supports.
    case = framework([BASE, BASE, ANY, ANY, ALL], [(2, 3), (3, 2), (1, 4), (4, 2)], [(0, 1), (1, 0)])
    assert extensions(case, "stable").found == (Extension((0,), ()), Extension((1, 2, 3, 4), ()))


@pytest.mark.usefixtures("clingo")
def test_more_extensions_than_asked_for_are_announced() -> None:
    result = extensions(even_cycles(10), "stable", limit=5)
    assert (len(result.found), result.more) == (5, True)
    assert not extensions(even_cycles(3), "stable", limit=8).more


@pytest.mark.usefixtures("clingo")
def test_a_search_that_takes_too_long_ends_in_time_and_gives_no_part() -> None:
    started = time.monotonic()
    with pytest.raises(BudgetExceeded, match=r"longer than the 0\.3 s allowed"):
        extensions(even_cycles(40), "stable", limit=10**9, seconds=0.3)
    assert time.monotonic() - started < 60, "it would take for ever"


@pytest.mark.usefixtures("clingo")
def test_a_hard_search_between_two_answers_ends_in_time() -> None:
    # More pigeons than holes: there is no stable extension, and to prove it takes for ever.
    pigeons, holes = 13, 12
    place = {(p, h): p * holes + h for p in range(pigeons) for h in range(holes)}
    n = len(place)
    attacks = [(a, b) for (p, h), a in place.items() for (q, g), b in place.items() if (p == q) != (h == g)]
    for p in range(pigeons):  # without a hole, a pigeon's odd loop has no stable labelling
        attacks += [(n + p, n + p), *((place[p, h], n + p) for h in range(holes))]
    started = time.monotonic()
    with pytest.raises(BudgetExceeded):
        witness(framework([BASE] * (n + pigeons), [], attacks), "stable", seconds=1)
    assert time.monotonic() - started < 60


def without_clingo(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def guarded(name: str, *rest: Any, **named: Any) -> Any:
        if name.split(".")[0] == "clingo":
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", guarded)


def test_without_clingo_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    without_clingo(monkeypatch)
    with pytest.raises(MissingExtra, match=r"pip install 'argraph\[extensions\]'") as caught:
        extensions(MUTUAL, "preferred")
    assert isinstance(caught.value, ArgraphError)
    assert caught.value.extra == "extensions"


def test_where_nothing_is_open_all_semantics_agree_and_need_no_clingo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without_clingo(monkeypatch)
    settled = framework([BASE] * 3, [], [(0, 1), (1, 2)])
    for semantics in ("grounded", "complete", "preferred", "stable"):
        assert extensions(settled, semantics).found == (Extension((0, 2), ()),)
        assert witness(settled, semantics, 1) is None
        assert witness(settled, semantics, 2) == Extension((0, 2), ())
    assert acceptance(settled, "stable").sceptical == {0, 2}
