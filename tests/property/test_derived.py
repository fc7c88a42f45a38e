"""What is derived from random debates against the plain definition, and by difference against the whole."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from pathlib import Path

import numpy as np
import pyoxigraph as ox
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from argraph import vocab
from argraph.argument import dependence as hanging
from argraph.argument import derived, labelling, moves, parts
from argraph.argument.dependence import dependence
from argraph.argument.derived import Derivation, ticks
from argraph.argument.evaluation import Framework, Verdict, renumbered
from argraph.argument.graph import ArgumentGraph, Node
from argraph.argument.scores import Scores
from argraph.argument.strength import POINT
from argraph.workspace import Workspace

from ..conftest import absent
from .test_cruxes import graphs
from .test_impact import Files, files, written

SCORES = Scores({"High": 0.9}, {})
MANY = settings.default.max_examples * 5  # type: ignore[union-attr]


def state(
    argument: ArgumentGraph, framework: Framework | None = None, told: str = "", effort: int | None = None
) -> Derivation:
    framework = framework or Framework.of(argument, SCORES)
    hangs_on = dependence(argument, framework, effort=effort)
    return Derivation(argument, framework, hangs_on, frozenset({"x:file", "x:" + told}), told, "1")


def plain(of: Derivation) -> Iterator[tuple[str, str, str | ox.Literal]]:
    """All but provenance, item by item, as it is defined."""
    argument, verdicts = of.argument, of.framework.verdicts
    yield from plain_links(argument)
    for iri, verdict in verdicts.items():
        yield iri, vocab.STATUS, ox.Literal(verdict.status)
        yield iri, vocab.REASON, ox.Literal(verdict.reason)
        yield iri, vocab.STRENGTH_LOWER, number(verdict.lower, ROUND_FLOOR)
        yield iri, vocab.STRENGTH_UPPER, number(verdict.upper, ROUND_CEILING)
        if verdict.upper - verdict.lower < POINT:
            yield iri, vocab.STRENGTH, number(verdict.lower, ROUND_HALF_EVEN)
    for iri, ground in plain_strongest(argument, verdicts).items():
        yield iri, vocab.STRONGEST_GROUND, ground
    for iri, items in of.dependence.items():
        yield iri, vocab.HANGS_ON_COUNT, ox.Literal(len(items))
        for item in items:
            yield iri, vocab.HANGS_ON, item


def number(value: float, rounding: str) -> ox.Literal:
    digits = Decimal(value).quantize(Decimal("0.0001"), rounding=rounding)
    return ox.Literal(str(digits), datatype=ox.NamedNode(vocab.XSD + "decimal"))


def plain_links(  # noqa: C901 - the definition, in one piece
    argument: ArgumentGraph,
) -> Iterator[tuple[str, str, str]]:
    for thesis in argument.theses:
        for iri, favourable in derived.positions(argument, thesis.iri):
            yield iri, vocab.SPEAKS_FOR if favourable else vocab.SPEAKS_AGAINST, thesis.iri
    for step in argument.steps.values():
        for premise in step.premises:
            if step.kind != "attack":
                if step.favourable:
                    yield premise, vocab.SUPPORTS, step.end
                continue
            yield premise, vocab.ATTACKS, step.end
            if step.end in argument.steps:
                yield premise, vocab.UNDERCUTS, step.end
            elif step.end not in argument.nodes or argument.nodes[step.end].kind != "evidence":
                yield premise, vocab.REBUTS, step.end
            for use in argument.outgoing(step.end):
                yield premise, vocab.UNDERMINES, use.iri
            for hit in (step.iri, *step.premises):
                for reply in argument.incoming(hit):
                    for defender in reply.premises if reply.kind == "attack" else ():
                        yield defender, vocab.DEFENDS, step.end


def plain_strongest(argument: ArgumentGraph, verdicts: Mapping[str, Verdict]) -> dict[str, str]:
    missing = {
        step.iri: len(step.premises)
        for step in argument.steps.values()
        if verdicts[step.iri].status == "accepted"
    }
    waiting = [
        (-verdicts[node.iri].lower, -1.0, node.iri, "")
        for node in argument.nodes.values()
        if (node.kind == "evidence" or node.assumed) and verdicts[node.iri].status == "accepted"
    ]
    heapq.heapify(waiting)
    found: dict[str, str] = {}
    while waiting:
        weakest, _, item, ground = heapq.heappop(waiting)
        if item in found:
            continue
        found[item] = ground
        step = argument.steps.get(item)
        if step is not None:
            if step.favourable:
                heapq.heappush(waiting, (max(weakest, -verdicts[step.end].lower), weakest, step.end, item))
            continue
        for step in argument.outgoing(item):
            if step.iri in missing:
                missing[step.iri] -= 1
                if missing[step.iri] == 0:
                    heapq.heappush(
                        waiting, (max(weakest, -verdicts[step.iri].lower), weakest, step.iri, item)
                    )
    return {item: ground for item, ground in found.items() if ground}


def as_quads(triples: Iterator[tuple[str, str, str | ox.Literal]]) -> set[ox.Quad]:
    return {
        ox.Quad(
            ox.NamedNode(subject),
            ox.NamedNode(predicate),
            value if isinstance(value, ox.Literal) else ox.NamedNode(value),
            derived.GRAPH,
        )
        for subject, predicate, value in triples
    }


def with_theses(argument: ArgumentGraph, which: set[str]) -> ArgumentGraph:
    """The graph under names that are IRIs, with some of its claims as theses."""
    nodes = [
        Node("x:" + n.iri, "thesis" if n.iri in which and n.kind == "claim" else n.kind, "", "", "", (), (),
             (), n.grade, "", n.assumed)
        for n in argument.nodes.values()
    ]  # fmt: skip
    steps = [
        type(s)("x:" + s.iri, s.kind, tuple("x:" + p for p in s.premises), "x:" + s.end, s.favourable)
        for s in argument.steps.values()
    ]
    return ArgumentGraph(nodes, steps)


THESES = st.sets(st.sampled_from([f"n{i}" for i in range(6)]), max_size=3)


@settings(max_examples=MANY)
@given(graphs(), THESES)
def test_what_is_derived_over_arrays_is_what_is_defined(argument: ArgumentGraph, which: set[str]) -> None:
    argument = with_theses(argument, which)
    note(f"{argument.nodes.values()} {argument.steps.values()}")
    told = state(argument)
    found = list(derived.statements(told))
    assert len(found) == len(set(found))
    assert set(found) - set(told.provenance()) == as_quads(plain(told))
    assert {*derived.links(argument)} == {*plain_links(argument)}


def whole(before: Derivation, after: Derivation) -> tuple[set[ox.Quad], set[ox.Quad]]:
    was, now = {*derived.statements(before)}, {*derived.statements(after)}
    return was - now, now - was


def assert_difference(before: Derivation, after: Derivation) -> None:
    gone, new = derived.difference(before, after)
    assert len(gone) == len(set(gone))
    assert len(new) == len(set(new))
    assert (set(gone), set(new)) == whole(before, after)


@settings(max_examples=MANY)
@given(files(1), files(1))
def test_the_difference_of_an_edited_debate_is_that_of_both_as_a_whole(before: Files, change: Files) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written(folder, before)
        now = Workspace.open(folder)
        impact, faults = now.impact(*written(folder, change))
        assert impact is not None, list(faults)
        framework = now.framework.edited(now.argument, impact.after, now.scores)
        anew = Workspace.open(folder)
    was, becomes = state(now.argument, now.framework, "a"), state(impact.after, framework, "b")
    assert framework.towards.tolist() == anew.framework.towards.tolist()
    assert {*derived.statements(becomes)} == {*derived.statements(state(anew.argument, anew.framework, "b"))}
    assert_difference(was, becomes)
    assert_difference(becomes, was)
    assert derived.difference(was, was) == ([], [])
    assert_edited(was, becomes)
    assert_edited(becomes, was)


def assert_edited(before: Derivation, after: Derivation, effort: int | None = None) -> None:
    """What is known of one state and made to fit another is what is found there anew."""
    found = hanging.edited(
        before.dependence, before.argument, after.argument, before.framework, after.framework, effort=effort
    )
    anew = dependence(after.argument, after.framework, effort=effort)
    assert dict(found) == dict(anew)
    assert found.complete == anew.complete
    if found.complete:
        for name in ("goals", "tried", "looks", "changed", "withdrawn"):
            assert getattr(found, name).tolist() == getattr(anew, name).tolist(), name


@st.composite
def edits(draw: st.DrawFn) -> tuple[ArgumentGraph, ArgumentGraph]:
    """A graph, and the same with some steps in place of some of its own."""
    before, other = draw(graphs()), draw(graphs())
    names = sorted({*before.steps, *other.steps})
    taken = draw(st.sets(st.sampled_from(names), max_size=2)) if names else set()
    steps = [step for step in before.steps.values() if step.iri not in taken]
    steps += [step for step in other.steps.values() if step.iri in taken]
    nodes = [node for node in before.nodes.values() if draw(st.integers(0, 9))]
    return before, ArgumentGraph(nodes, steps)


@settings(max_examples=MANY)
@given(edits(), st.sampled_from([None, None, 5, 20]), st.sampled_from([0, hanging.SMALL]))
def test_what_statements_hang_on_after_an_edit_is_what_is_found_anew(
    edit: tuple[ArgumentGraph, ArgumentGraph], effort: int | None, small: int
) -> None:
    note(f"{[(graph.nodes.values(), graph.steps.values()) for graph in edit]}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hanging, "SMALL", small)
        was, now = map(state, edit)
        assert_edited(was, now, effort)
        assert_edited(now, was, effort)


@given(graphs(), graphs(), THESES, st.integers(0, 20))
def test_the_difference_of_any_two_debates_is_that_of_both_as_a_whole(
    one: ArgumentGraph, other: ArgumentGraph, which: set[str], effort: int
) -> None:
    assert_difference(
        state(with_theses(one, which)), state(with_theses(other, which), told="other", effort=effort)
    )


@given(st.sets(st.text("abc", max_size=3)), st.sets(st.text("abc", max_size=3)), st.booleans())
def test_names_are_found_again_where_they_are(one: set[str], other: set[str], many: bool) -> None:
    common = {f"d{i:05}" for i in range(9000 if many else 0)}
    before, after = sorted(one | common), sorted(other | common)
    places = {name: place for place, name in enumerate(after)}
    assert renumbered(tuple(before), tuple(after)).tolist() == [places.get(name, -1) for name in before]


@given(st.lists(st.one_of(st.floats(0, 1), st.integers(0, 20_000).map(lambda i: i / 20_000)), min_size=1))
def test_strengths_are_rounded_exactly(values: list[float]) -> None:
    found = ticks(np.array(values))
    for rounded, way in zip(found, (ROUND_FLOOR, ROUND_CEILING, ROUND_HALF_EVEN), strict=True):
        assert rounded.tolist() == [
            int(Decimal(value).quantize(Decimal("0.0001"), rounding=way) * 10_000) for value in values
        ]


@given(graphs(), THESES)
def test_compiled_kernels_derive_exactly_what_the_plain_ones_do(
    argument: ArgumentGraph, which: set[str]
) -> None:
    if labelling.compiled(labelling._settle) is None:
        absent("The compiled kernels need numba: pip install 'argraph[scale]'.")
    argument = with_theses(argument, which)
    found = []
    for chosen in (labelling.compiled, lambda _: None):
        with pytest.MonkeyPatch.context() as patch:
            for module in (hanging, moves, parts):
                patch.setattr(module, "compiled_for", lambda kernel, _, chosen=chosen: chosen(kernel))
            told = state(argument)
            found.append((dict(told.dependence), list(derived.statements(told))))
    assert found[0] == found[1]
