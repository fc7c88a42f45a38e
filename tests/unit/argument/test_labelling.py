"""Which items stand, and why: cases with a known answer."""

from __future__ import annotations

import builtins
import random
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from argraph.argument import labelling
from argraph.argument.labelling import ALL, ANY, BASE, Arcs, Labelling, Reason, Status, label

from ...conftest import absent

IN, OUT, OPEN = Status.ACCEPTED, Status.REJECTED, Status.UNDECIDED
UNFOUNDED = Reason.UNFOUNDED
Array = npt.NDArray[Any]


class Case:
    """A small framework by name: `base`, `all` and `any` items, arcs as `a>b` separated by blanks."""

    def __init__(
        self, *, base: str = "", all: str = "", any: str = "", supports: str = "", attacks: str = ""
    ) -> None:
        self.names = [*base.split(), *all.split(), *any.split()]
        needs = [BASE] * len(base.split()) + [ALL] * len(all.split()) + [ANY] * len(any.split())
        self.result: Labelling = label(needs, self._arcs(supports), self._arcs(attacks))

    def _arcs(self, text: str) -> Arcs:
        pairs = [arc.split(">") for arc in text.split()]
        return Arcs.of(
            len(self.names),
            [self.names.index(start) for start, _ in pairs],
            [self.names.index(end) for _, end in pairs],
        )

    def __getitem__(self, name: str) -> tuple[Status, Reason, str]:
        """Status, reason and the decider's name."""
        i = self.names.index(name)
        decider = self.result.decider[i]
        return (
            Status(self.result.status[i]),
            Reason(self.result.reason[i]),
            self.names[decider] if decider >= 0 else "",
        )

    def rank(self, name: str) -> int:
        return int(self.result.rank[self.names.index(name)])


def numba_or_skip() -> Any:
    try:
        import numba
    except ImportError:
        absent("The compiled kernel needs numba: pip install 'argraph[scale]'.")
    return numba


def by_kernel(monkeypatch: pytest.MonkeyPatch, *, compiled: bool) -> None:
    """Have graphs of any size labelled by one kernel."""
    if compiled:
        numba_or_skip()
    chosen = labelling.compiled if compiled else lambda _: None
    monkeypatch.setattr(labelling, "compiled_for", lambda kernel, _: chosen(kernel))


def test_nothing_at_all_is_labelled() -> None:
    assert list(label([], Arcs.of(0, [], []), Arcs.of(0, [], [])).status) == []


def test_evidence_stands_and_a_bare_statement_does_not() -> None:
    case = Case(base="e", any="c")
    assert case["e"] == (IN, Reason.ASSUMED, "")
    assert case["c"] == (OUT, Reason.UNSUPPORTED, "")


def test_evidence_carries_a_statement_through_a_step() -> None:
    case = Case(base="e", all="s", any="c", supports="e>s s>c")
    assert case["s"] == (IN, Reason.SUPPORTED, "e")
    assert case["c"] == (IN, Reason.SUPPORTED, "s")
    assert [case.rank(name) for name in "esc"] == [0, 1, 2]


def test_linked_premises_fall_with_the_weakest() -> None:
    case = Case(base="e", all="s", any="c missing", supports="e>s missing>s s>c")
    assert case["s"] == (OUT, Reason.UNSUPPORTED, "missing")
    assert case["c"] == (OUT, Reason.UNSUPPORTED, "s")


def test_one_of_two_convergent_steps_is_enough() -> None:
    case = Case(base="e", all="good bad", any="c missing", supports="e>good missing>bad good>c bad>c")
    assert case["c"] == (IN, Reason.SUPPORTED, "good")


def test_unanswered_attack_refutes_a_supported_statement() -> None:
    case = Case(base="e o", all="s at", any="c", supports="e>s s>c o>at", attacks="at>c")
    assert case["c"] == (OUT, Reason.DEFEATED, "at")


def test_attack_on_the_attack_restores_the_statement() -> None:
    case = Case(base="e o r", all="s at re", any="c", supports="e>s s>c o>at r>re", attacks="at>c re>at")
    assert case["at"] == (OUT, Reason.DEFEATED, "re")
    assert case["c"] == (IN, Reason.SUPPORTED, "s")
    assert case.rank("c") > case.rank("at") > case.rank("re")


def test_attack_on_the_objection_restores_the_statement() -> None:
    case = Case(base="e o r", all="s at re", any="c", supports="e>s s>c o>at r>re", attacks="at>c re>o")
    assert case["o"] == (OUT, Reason.DEFEATED, "re")
    assert case["at"] == (OUT, Reason.UNSUPPORTED, "o")
    assert case["c"][0] == IN


def test_undercut_removes_one_inference_but_not_the_statement() -> None:
    case = Case(base="e f o", all="s t un", any="c", supports="e>s f>t s>c t>c o>un", attacks="un>s")
    assert case["s"] == (OUT, Reason.DEFEATED, "un")
    assert case["c"] == (IN, Reason.SUPPORTED, "t")


def test_undercut_of_the_only_inference_leaves_the_statement_unsupported() -> None:
    case = Case(base="e o", all="s un", any="c", supports="e>s s>c o>un", attacks="un>s")
    assert case["c"] == (OUT, Reason.UNSUPPORTED, "s")


def test_undercut_of_an_undercut_restores_the_inference() -> None:
    case = Case(base="e o r", all="s un re", any="c", supports="e>s s>c o>un r>re", attacks="un>s re>un")
    assert case["un"] == (OUT, Reason.DEFEATED, "re")
    assert case["s"] == (IN, Reason.SUPPORTED, "e")
    assert case["c"][0] == IN


def test_statements_that_only_hold_each_other_up_are_unfounded() -> None:
    case = Case(all="s t", any="a b", supports="a>s s>b b>t t>a")
    for name, decider in {"a": "t", "s": "a", "b": "s", "t": "b"}.items():
        assert case[name] == (OUT, Reason.UNFOUNDED, decider)


def test_a_support_loop_with_a_foot_on_the_ground_stands() -> None:
    case = Case(base="e", all="s t u", any="a b", supports="a>s s>b b>t t>a e>u u>a")
    assert case["a"] == (IN, Reason.SUPPORTED, "u")
    assert case["b"][0] == IN


def test_the_attack_of_an_unfounded_loop_fails() -> None:
    case = Case(
        base="e", all="s t at ground", any="a b c",
        supports="a>s s>b b>t t>a a>at e>ground ground>c", attacks="at>c",
    )  # fmt: skip
    assert case["at"] == (OUT, Reason.UNFOUNDED, "a")
    assert case["c"] == (IN, Reason.SUPPORTED, "ground")
    assert case.rank("c") > case.rank("at")


def test_a_loop_kept_open_by_an_undecided_attack_is_open_and_not_unfounded() -> None:
    case = Case(base="x y", all="s t u", any="a b", supports="a>s s>b b>t t>a x>u u>a", attacks="x>y y>x")
    assert [case[name][0] for name in "xyabu"] == [OPEN] * 5
    assert case["b"] == (OPEN, Reason.OPEN_ATTACK, "s")


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5])
def test_attack_cycles_of_any_length_stay_open(length: int) -> None:
    names = [f"n{i}" for i in range(length)]
    arcs = " ".join(f"{a}>{b}" for a, b in zip(names, [*names[1:], names[0]], strict=True))
    case = Case(base=" ".join(names), attacks=arcs)
    assert [case[name][:2] for name in names] == [(OPEN, Reason.OPEN_ATTACK)] * length


def test_an_accepted_attack_from_outside_breaks_an_even_cycle() -> None:
    case = Case(base="a b o", attacks="a>b b>a o>a")
    assert case["a"] == (OUT, Reason.DEFEATED, "o")
    assert case["b"] == (IN, Reason.ASSUMED, "a")


def test_self_attack_stays_open_and_opens_what_it_attacks() -> None:
    case = Case(base="a b", attacks="a>a a>b")
    assert case["a"] == (OPEN, Reason.OPEN_ATTACK, "a")
    assert case["b"] == (OPEN, Reason.OPEN_ATTACK, "a")


def test_a_refuted_attacker_of_itself_is_refuted() -> None:
    case = Case(base="a o", attacks="a>a o>a")
    assert case["a"] == (OUT, Reason.DEFEATED, "o")


def test_repeated_arcs_change_nothing() -> None:
    case = Case(base="e f o", all="s", any="c", supports="e>s e>s f>s s>c s>c", attacks="o>e o>e")
    assert case["e"] == (OUT, Reason.DEFEATED, "o")
    assert case["s"] == (OUT, Reason.UNSUPPORTED, "e")
    assert case["c"] == (OUT, Reason.UNSUPPORTED, "s")


def test_support_of_a_base_item_changes_nothing() -> None:
    case = Case(base="e f o", all="s", supports="e>s s>f", attacks="o>f")
    assert case["f"] == (OUT, Reason.DEFEATED, "o")


@pytest.mark.parametrize("compiled", [False, True])
def test_a_chain_of_very_many_attacks_finishes(compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    by_kernel(monkeypatch, compiled=compiled)
    n = 200_000  # far beyond any recursion, and what is quadratic would never end
    result = label([BASE] * n, Arcs.of(n, [], []), Arcs.of(n, range(n - 1), range(1, n)))
    status = np.asarray(result.status)
    assert (status[::2] == IN).all()
    assert (status[1::2] == OUT).all()
    assert int(result.rank[n - 1]) == n - 1


class Fuse:
    """A line of support loops that fall one after another, and feet that give way one by one with them.

    Loop k is the two statements `4k` and `4k + 1`; guard `4k + 2` attacks its foot `4k + 3` and stands once
    loop k - 1 has fallen. At 200,000 items no kernel finishes that looks at everything for every loop.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.needs = [ANY, ANY, BASE, BASE] * count
        self.supports: list[tuple[int, int]] = []
        self.attacks: list[tuple[int, int]] = []
        for k in range(count):
            a, b, guard, foot = range(4 * k, 4 * k + 4)
            self.supports += [(a, b), (b, a), (foot, a)]
            self.attacks.append((guard, foot))
            if k:
                self.attacks.append((a - 4, guard))

    def hang(self, arcs: list[tuple[int, int]], order: str) -> int:
        """Add a statement for each loop, steps between them, and a foot each; the first of what was added.

        The feet give way from the first to the last statement, from the last to the first, or in any order.
        """
        first = len(self.needs)
        self.needs += [ANY] * self.count + [ALL] * len(arcs)
        for step, (start, end) in enumerate(arcs, first + self.count):
            self.supports += [(first + start, step), (step, first + end)]
        turns = list(range(self.count))
        if order == "random":
            random.Random(20).shuffle(turns)
        elif order == "last":
            turns.reverse()
        for k, statement in enumerate(turns):
            self.supports.append((len(self.needs), first + statement))
            self.attacks.append((4 * k + 2, len(self.needs)))
            self.needs.append(BASE)
        return first

    def label(self) -> tuple[Array, Array, Array]:
        n = len(self.needs)
        arcs = [Arcs.of(n, *np.array(pairs).T) for pairs in (self.supports, self.attacks)]
        result = label(self.needs, *arcs)
        return np.asarray(result.status), np.asarray(result.reason), np.asarray(result.rank)


@pytest.fixture(params=[False, True], ids=["plain", "compiled"])
def many(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many items to label, by either kernel."""
    by_kernel(monkeypatch, compiled=request.param)
    return 200_000 if request.param else 30_000


def test_a_long_line_of_loops_falls_one_after_another(many: int) -> None:
    fuse = Fuse(many // 4)
    status, reason, rank = fuse.label()
    assert (status.reshape(-1, 4) == [OUT, OUT, IN, OUT]).all()
    assert (reason.reshape(-1, 4) == [UNFOUNDED, UNFOUNDED, Reason.ASSUMED, Reason.DEFEATED]).all()
    assert (rank[::4] == 2 + 3 * np.arange(fuse.count)).all()


@pytest.mark.parametrize("order", ["first", "last", "random"])
@pytest.mark.parametrize("shape", ["ring", "nested", "ladder"])
def test_a_large_loop_stands_until_the_last_of_its_feet_gives_way(many: int, shape: str, order: str) -> None:
    fuse = Fuse(many // 8)
    count = fuse.count
    onward = [(i, i + 1) for i in range(count - 1)]
    back = {"ring": [(count - 1, 0)], "nested": [(i, 0) for i in range(1, count)]}
    first = fuse.hang(onward + back.get(shape, [(b, a) for a, b in onward]), order)
    status, reason, rank = fuse.label()
    loop = slice(first, -count)  # statements and steps; the feet come last
    assert (status[loop] == OUT).all()
    assert (reason[loop] == UNFOUNDED).all()
    assert (rank[loop] == rank[4 * (count - 1)]).all()


def test_a_loop_stands_on_the_one_foot_that_never_gives_way(many: int) -> None:
    fuse = Fuse(many // 8)
    first = fuse.hang([(i, (i + 1) % fuse.count) for i in range(fuse.count)], "random")
    fuse.needs.append(BASE)
    fuse.supports.append((len(fuse.needs) - 1, first + fuse.count // 2))
    status, reason, _ = fuse.label()
    assert (status[first : first + 2 * fuse.count] == IN).all()
    assert (reason[first : first + 2 * fuse.count] == Reason.SUPPORTED).all()


def test_what_hangs_on_one_statement_keeps_standing_while_its_feet_give_way(many: int) -> None:
    # One statement has all the feet, and everything else rests on it.
    fuse = Fuse(many // 6)
    first = len(fuse.needs)
    feet = first + fuse.count
    fuse.needs += [ANY] * fuse.count + [BASE] * fuse.count
    fuse.supports += [(first + i, first + i + 1) for i in range(fuse.count - 1)]
    fuse.supports += [(feet + k, first) for k in range(fuse.count)]
    fuse.attacks += [(4 * k + 2, feet + k) for k in range(fuse.count)]
    status, reason, rank = fuse.label()
    assert (status[first:] == OUT).all()
    assert (reason[first:feet] == Reason.UNSUPPORTED).all()
    assert (rank[first:feet] == rank[feet + fuse.count - 1] + 1 + np.arange(fuse.count)).all()


def test_without_numba_large_graphs_are_labelled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_numba(name: str, *rest: Any, **named: Any) -> Any:
        if name == "numba":
            raise ImportError(name)
        return real(name, *rest, **named)

    labelling.compiled.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without_numba)
    try:
        n = labelling.LARGE
        result = label([BASE] * n, Arcs.of(n, [], []), Arcs.of(n, [0], [1]))
        assert isinstance(result.status, list)
        assert result.status[:3] == [IN, OUT, IN]
    finally:
        labelling.compiled.cache_clear()


def test_compiled_kernels_are_loaded_for_a_large_graph_and_then_serve_small_ones_too() -> None:
    numba_or_skip()

    def kernel_of(n: int) -> type:
        return type(label([BASE] * n, Arcs.of(n, [], []), Arcs.of(n, [0], [1])).status)

    labelling.compiled.cache_clear()
    assert kernel_of(labelling.LARGE - 1) is list
    assert kernel_of(labelling.LARGE) is np.ndarray
    assert kernel_of(2) is np.ndarray


def test_where_no_folder_takes_the_compiled_code_it_is_compiled_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    numba = numba_or_skip()
    real = numba.njit

    def nowhere_to_write(*functions: Any, cache: bool = False, nogil: bool = False) -> Any:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return real(*functions, nogil=nogil)

    labelling.compiled.cache_clear()
    monkeypatch.setattr(numba, "njit", nowhere_to_write)
    try:
        ready: Any = labelling.compiled(twice)
        assert ready(4) == 8
        assert len(ready.signatures) == 1
    finally:
        labelling.compiled.cache_clear()


def twice(number: Any) -> Any:
    """A kernel."""
    return 2 * number
