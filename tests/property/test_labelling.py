"""The labelling against an independent definition, against clingo, and against itself in other orders."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argraph.argument import labelling
from argraph.argument.evaluation import Framework
from argraph.argument.graph import ArgumentGraph, Node, Step
from argraph.argument.labelling import ALL, ANY, BASE, Arcs, Labelling, Reason, Status, label
from argraph.argument.scores import Scores

from ..conftest import absent

IN, OUT, OPEN = int(Status.ACCEPTED), int(Status.REJECTED), int(Status.UNDECIDED)
MANY = settings.default.max_examples * 10  # type: ignore[union-attr]
"""Examples are tiny and quick: thousands of them."""


class Items(NamedTuple):
    """A framework as plain lists."""

    needs: list[int]
    supports: list[tuple[int, int]]
    attacks: list[tuple[int, int]]

    def arcs(self) -> tuple[list[int], Arcs, Arcs]:
        n = len(self.needs)
        return self.needs, of(n, self.supports), of(n, self.attacks)


def of(n: int, pairs: list[tuple[int, int]]) -> Arcs:
    return Arcs.of(n, [start for start, _ in pairs], [end for _, end in pairs])


@st.composite
def items(draw: st.DrawFn, largest: int = 9) -> Items:
    n = draw(st.integers(0, largest))
    if not n:
        return Items([], [], [])
    pairs = st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=2 * n)
    needs = draw(st.lists(st.sampled_from([BASE, ALL, ANY]), min_size=n, max_size=n))
    return Items(needs, draw(pairs), draw(pairs))


@st.composite
def large(draw: st.DrawFn) -> Items:
    """Some hundred items, with few enough arcs that a good part of them is settled."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    n = rng.randint(50, 400)
    back = rng.choice([0.0, 0.05, 0.5])

    def pairs(count: int) -> list[tuple[int, int]]:
        drawn = ((rng.randrange(n), rng.randrange(n)) for _ in range(count))
        return [(a, b) if rng.random() < back else (min(a, b), max(a, b)) for a, b in drawn if a != b]

    needs = [rng.choice([BASE, BASE, ALL, ANY, ANY]) for _ in range(n)]
    return Items(needs, pairs(rng.randint(n, 3 * n)), pairs(rng.randint(n // 4, 2 * n)))


@st.composite
def loops(draw: st.DrawFn) -> Items:
    """Support loops that stand on each other, lose one foot after another and fall, or find a new one.

    Guard k attacks some feet, in its own loop or in another, and stands once loop k - 1 has fallen.
    """
    rng = random.Random(draw(st.integers(0, 2**32)))
    needs: list[int] = []
    supports: list[tuple[int, int]] = []
    attacks: list[tuple[int, int]] = []

    def item(need: int) -> int:
        needs.append(need)
        return len(needs) - 1

    rings = [
        [item(rng.choice([ANY, ANY, ANY, ALL])) for _ in range(rng.randint(1, 5))]
        for _ in range(rng.randint(1, 8))
    ]
    for k, ring in enumerate(rings):
        supports += zip(ring, ring[1:] + ring[:1], strict=True)
        guard = item(BASE)
        if k:
            attacks.append((rng.choice(rings[k - 1]), guard))
        for _ in range(rng.randint(1, 3)):
            foot = item(BASE)
            attacks.append((guard, foot))
            supports.append((foot, rng.choice(ring if rng.random() < 0.6 else rng.choice(rings))))
    n = len(needs)
    supports += [(rng.randrange(n), rng.randrange(n)) for _ in range(rng.choice([0, 0, 2, n // 3]))]
    attacks += [(rng.randrange(n), rng.randrange(n)) for _ in range(rng.choice([0, 0, 1, 3]))]
    new = rng.sample(range(n), n)
    return Items(
        [need for _, need in sorted(zip(new, needs, strict=True))],
        [(new[a], new[b]) for a, b in supports],
        [(new[a], new[b]) for a, b in attacks],
    )


def least_model(case: Items, hit: set[int]) -> set[int]:
    """What stands when exactly the items in `hit` are attacked with success: round by round."""
    supporters: list[list[int]] = [[] for _ in case.needs]
    for start, end in case.supports:
        supporters[end].append(start)
    standing: set[int] = set()
    while True:
        more = {
            v
            for v, need in enumerate(case.needs)
            if v not in hit
            and (
                need == BASE
                or (need == ALL and all(u in standing for u in supporters[v]))
                or (need == ANY and any(u in standing for u in supporters[v]))
            )
        }
        if more == standing:
            return standing
        standing = more


def alternating_fixpoint(case: Items) -> list[int]:
    """The well-founded model by Van Gelder's alternating fixpoint: two mutually narrowing sets."""
    surely: set[int] = set()
    while True:
        possibly = least_model(case, {end for start, end in case.attacks if start in surely})
        again = least_model(case, {end for start, end in case.attacks if start in possibly})
        if again == surely:
            return [IN if v in surely else OPEN if v in possibly else OUT for v in range(len(case.needs))]
        surely = again


def as_lists(result: Labelling) -> list[list[int]]:
    return [np.asarray(part).tolist() for part in (result.status, result.reason, result.decider, result.rank)]


@settings(max_examples=MANY)
@given(items())
def test_status_is_that_of_the_well_founded_model(case: Items) -> None:
    assert list(label(*case.arcs()).status) == alternating_fixpoint(case)


@settings(max_examples=MANY)
@given(loops())
def test_status_is_that_of_the_well_founded_model_where_loops_fall_one_by_one(case: Items) -> None:
    assert list(label(*case.arcs()).status) == alternating_fixpoint(case)


@given(large())
def test_status_is_that_of_the_well_founded_model_on_larger_graphs(case: Items) -> None:
    assert list(label(*case.arcs()).status) == alternating_fixpoint(case)


@pytest.fixture(scope="module", autouse=True)
def plain() -> Iterator[None]:
    """What is not asked to be compiled is not, whatever has been loaded before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(labelling, "compiled_for", lambda kernel, n: None)
        yield


@pytest.fixture(scope="module")
def compiled() -> Callable[[Items], Labelling]:
    if labelling.compiled(labelling._settle) is None:
        absent("The compiled kernel needs numba: pip install 'argraph[scale]'.")

    def run(case: Items) -> Labelling:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(labelling, "compiled_for", lambda kernel, _: labelling.compiled(kernel))
            result = label(*case.arcs())
        assert isinstance(result.status, np.ndarray)
        return result

    return run


@settings(max_examples=MANY)
@given(case=st.one_of(items(), large(), loops()))
def test_compiled_kernel_gives_exactly_what_the_plain_one_gives(
    compiled: Callable[[Items], Labelling], case: Items
) -> None:
    assert as_lists(compiled(case)) == as_lists(label(*case.arcs()))


@given(items())
def test_arcs_are_sorted_by_start_and_end(case: Items) -> None:
    arcs = of(len(case.needs), case.supports)
    in_order = sorted(case.supports)
    assert list(zip(arcs.starts.tolist(), arcs.ends.tolist(), strict=True)) == in_order
    assert arcs.offsets.tolist() == [
        sum(start < v for start, _ in in_order) for v in range(len(case.needs) + 1)
    ]


@given(items().map(lambda case: Items([BASE] * len(case.needs), [], case.attacks)))
def test_without_supports_it_is_the_grounded_extension_that_clingo_finds(case: Items) -> None:
    status = label(*case.arcs()).status
    assert {v for v in range(len(case.needs)) if status[v] == IN} == grounded_by_clingo(case)


def grounded_by_clingo(case: Items) -> set[int]:
    """The least complete extension, as the intersection of all of them."""
    try:
        import clingo
    except ImportError:
        absent("Dung's extensions by clingo need pip install 'argraph[extensions]'.")
    control: Any = clingo.Control(["0", "--enum-mode=cautious"])
    facts = [f"arg({v})." for v in range(len(case.needs))] + [f"att({a},{b})." for a, b in case.attacks]
    rules = """
        {in(X)} :- arg(X).
        beaten(X) :- att(Y,X), in(Y).
        defended(X) :- arg(X), beaten(Y) : att(Y,X).
        :- in(X), beaten(X).
        :- in(X), not defended(X).
        :- defended(X), not in(X).
    """
    control.add("base", [], "\n".join(facts) + rules)
    control.ground([("base", [])])
    found: set[int] = set()
    with control.solve(yield_=True) as answers:
        for model in answers:
            found = {atom.arguments[0].number for atom in model.symbols(atoms=True) if atom.name == "in"}
    return found


@settings(max_examples=MANY)
@given(st.one_of(items(), large(), loops()))
def test_deciders_explain_and_ranks_fall_along_them(case: Items) -> None:
    result = label(*case.arcs())
    status, reason, rank = result.status, result.reason, result.rank
    supporters = {(end, start) for start, end in case.supports}
    attackers = {(end, start) for start, end in case.attacks}
    for v, need in enumerate(case.needs):
        decider = result.decider[v]
        mine = [u for w, u in supporters if w == v]
        attacks_on_it = {u for w, u in attackers if w == v}
        match Reason(reason[v]):
            case Reason.ASSUMED:
                assert (status[v], need) == (IN, BASE)
                assert decider == -1 if not attacks_on_it else status[decider] == OUT
                assert decider == -1 or decider in attacks_on_it
            case Reason.SUPPORTED:
                assert status[v] == IN
                assert decider in mine if mine else (need == ALL and decider in {-1, *attacks_on_it})
                assert not mine or status[decider] == IN
            case Reason.UNSUPPORTED:
                assert status[v] == OUT
                assert decider in mine if mine else decider == -1
                assert not mine or status[decider] == OUT
            case Reason.DEFEATED:
                assert status[v] == OUT
                assert decider in attacks_on_it
                assert status[decider] == IN
            case Reason.UNFOUNDED:
                assert status[v] == OUT
                assert decider in mine
                assert (reason[decider], rank[decider]) == (Reason.UNFOUNDED, rank[v])
            case Reason.OPEN_ATTACK:
                assert status[v] == OPEN
                assert decider in attacks_on_it or decider in mine
                assert status[decider] == OPEN
                assert rank[v] == 0
        if decider >= 0 and reason[v] not in {Reason.UNFOUNDED, Reason.OPEN_ATTACK}:
            assert rank[decider] < rank[v]


@given(st.one_of(items(), large(), loops()), st.randoms(use_true_random=False))
def test_order_of_arcs_changes_nothing(case: Items, rng: random.Random) -> None:
    shuffled = Items(
        case.needs,
        rng.sample(case.supports, len(case.supports)),
        rng.sample(case.attacks, len(case.attacks)),
    )
    assert as_lists(label(*shuffled.arcs())) == as_lists(label(*case.arcs()))


@given(st.one_of(items(), large(), loops()), st.randoms(use_true_random=False))
def test_numbering_does_not_change_a_status_or_rank(case: Items, rng: random.Random) -> None:
    n = len(case.needs)
    new = rng.sample(range(n), n)
    needs = [0] * n
    for v, number in enumerate(new):
        needs[number] = case.needs[v]
    renumbered = Items(
        needs,
        [(new[a], new[b]) for a, b in case.supports],
        [(new[a], new[b]) for a, b in case.attacks],
    )
    before, after = label(*case.arcs()), label(*renumbered.arcs())
    assert list(before.status) == [after.status[number] for number in new]
    assert list(before.rank) == [after.rank[number] for number in new]


SCORES = Scores({"High": 0.9, "Low": 0.5}, {"Verified": 1.0, "Unverified": 0.8, "Retracted": 0.0})


@st.composite
def debates(draw: st.DrawFn) -> tuple[list[Node], list[Step]]:
    """Any nodes and steps, also such as point at each other in circles or at nothing that is described."""
    nodes = [
        Node(
            f"n{i}",
            draw(st.sampled_from(["claim", "objection", "evidence"])),
            "",
            "",
            grade=draw(st.sampled_from(["High", "Low", ""])),
            verification=draw(st.sampled_from(["Verified", "Unverified", "Retracted", ""])),
            assumed=draw(st.booleans()),
        )
        for i in range(draw(st.integers(1, 6)))
    ]
    ends = [node.iri for node in nodes] + [f"s{i}" for i in range(8)] + ["elsewhere"]
    steps = []
    for i in range(draw(st.integers(0, 8))):
        kind = draw(st.sampled_from(["support", "attack", "evidence line"]))
        steps.append(
            Step(
                f"s{i}",
                kind,
                tuple(draw(st.lists(st.sampled_from(ends), min_size=1, max_size=3))),
                draw(st.sampled_from(ends)),
                favourable=kind == "support" or (kind == "evidence line" and draw(st.booleans())),
                grade=draw(st.sampled_from(["High", "Low", ""])),
            )
        )
    return nodes, steps


@given(debates(), st.randoms(use_true_random=False))
def test_order_of_nodes_and_steps_never_changes_a_verdict(
    debate: tuple[list[Node], list[Step]], rng: random.Random
) -> None:
    nodes, steps = debate
    shuffled = ArgumentGraph(rng.sample(nodes, len(nodes)), rng.sample(steps, len(steps)))
    assert (
        Framework.of(shuffled, SCORES).verdicts == Framework.of(ArgumentGraph(nodes, steps), SCORES).verdicts
    )
