"""What is prepared for the gate changes nothing of what it finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argraph import resources, vocab
from argraph.argument.evaluation import Framework
from argraph.argument.graph import ArgumentGraph, local_name
from argraph.argument.scores import Scores
from argraph.contribution import check as gate
from argraph.contribution.case import Case
from argraph.contribution.ground import Existing, Ground, Named
from argraph.contribution.likeness import Wordings
from argraph.contribution.shapes import ShapeSet
from argraph.contribution.suggest import nearest
from argraph.diagnostics import Report
from argraph.rdf.store import Edition, Store
from argraph.workspace import Workspace

from .test_impact import FILES, HEAD, NODES, STEPS, Files, files, node, step

SHAPES = ShapeSet.load(resources.shapes(), resources.ontology())


DEBATE = HEAD + ':alder a arg:Thesis ; skos:prefLabel "this"@en .'
START = "".join(line + "\n" for line in HEAD.splitlines() if line.startswith("@prefix"))


def read(text: str) -> list[ox.Triple]:
    quads = ox.parse((START + text).encode(), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
    return [ox.Triple(q.subject, q.predicate, q.object) for q in quads]


def stored(contents: Mapping[str, str]) -> Store:
    store = Store()
    for path, text in sorted(contents.items()):
        store.put(path, read(text))
    return store


# -- a store edited without a copy --------------------------------------------------------------------------


@given(files(1), files(0), st.sets(st.sampled_from(FILES)))
def test_an_edition_answers_like_a_copy_that_was_changed(
    before: Files, put: Files, dropped: set[str]
) -> None:
    store = stored(before)
    digest = set(store.raw)
    edition, copy = Edition(store), store.copy()
    for path in sorted(dropped):
        edition.drop(path)
        copy.drop(path)
    for path, text in put.items():
        triples = read(text)
        assert edition.put(path, triples) == copy.put(path, triples)
    nothing = (None, None, None, None)
    assert set(edition.quads_for_pattern(*nothing)) == set(copy.raw)
    for quad in copy.raw:
        parts = (quad.subject, quad.predicate, quad.object, quad.graph_name)
        for mask in product([True, False], repeat=4):
            pattern = [part if wanted else None for part, wanted in zip(parts, mask, strict=True)]
            found, expected = (kept.quads_for_pattern(*pattern) for kept in (edition, copy.raw))  # type: ignore[arg-type]
            assert set(found) == set(expected)
    for graph in {*store.paths, *copy.paths, "urn:none"}:
        assert edition.path(graph) == copy.paths.get(graph)
        assert (graph in edition) == (graph in copy.paths)
    assert set(store.raw) == digest


# -- names --------------------------------------------------------------------------------------------------

LETTERS = st.text("abcz0189-_XYÅß鿿", max_size=9)
ROLES = st.sampled_from(["", "", "cl-", "ob-", "study_", "contribution-", "Ev-"])
NAMES = st.tuples(ROLES, LETTERS).map("".join)


@settings(max_examples=400)
@given(st.lists(NAMES, max_size=25), NAMES)
def test_the_names_that_are_looked_at_hold_whatever_would_be_chosen_from_all(
    names: list[str], word: str
) -> None:
    iris = ["https://example.org/d/" + name for name in names]
    named = Named(iris)
    locals_ = {local_name(iri) for iri in iris}
    assert set(named.alike(word)) <= locals_
    assert nearest(word, named.alike(word)) == nearest(word, locals_)
    for local in {*locals_, word}:
        assert named.same(local) == sorted({iri for iri in iris if local_name(iri) == local})


@given(files(1), st.sets(st.sampled_from(FILES)))
def test_existing_nodes_are_those_with_a_class_in_a_file_that_stays(before: Files, gone: set[str]) -> None:
    store = stored(before)
    without = {store.graphs[path] for path in gone if path in store.graphs}
    existing = Existing(Ground(store), without=without)
    rest = store.copy()
    for path in gone:
        rest.drop(path)
    typed = {q.subject.value for q in rest.raw.quads_for_pattern(None, ox.NamedNode(vocab.TYPE), None)}  # type: ignore[union-attr]
    for name in [*NODES, *STEPS, "Hypatia", ""]:
        iri = "https://example.org/d/" + name
        assert (iri in existing) == (iri in typed)
        assert existing.same(name) == [iri] * (iri in typed and bool(name))
        labels = rest.raw.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(vocab.LABEL), None)
        if found := sorted(q.object.value for q in labels):  # type: ignore[union-attr]
            assert existing.label(iri) == found[0]
        assert nearest(name + "x", existing.alike(name + "x")) == nearest(name + "x", map(local_name, typed))


# -- statements, steps and verdicts -------------------------------------------------------------------------

WORDS = ["open", "model", "weights", "are", "not", "safer", "in", "every", "school", "1999", "2024"]


@st.composite
def worded(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(NODES))
    kind = draw(st.sampled_from(["Claim", "Objection", "Evidence"]))
    words = draw(st.lists(st.sampled_from(WORDS), min_size=6, max_size=9))
    return f':{name} a arg:{kind} ; schema:text "{" ".join(words)}"@en .'


def filed(text: st.SearchStrategy[str], least: int) -> st.SearchStrategy[Files]:
    several = st.lists(text, max_size=8, unique_by=lambda s: s.split()[0]).map("\n".join)
    return st.dictionaries(st.sampled_from(FILES), several, min_size=least, max_size=3)


def changed(before: Files, change: Files) -> tuple[Ground, ArgumentGraph, ArgumentGraph]:
    """The ground, and what it would be: as edited, and read anew."""
    store = stored(before)
    ground = Ground(store)
    edition = Edition(store)
    triples = []
    for path, text in change.items():
        file = read(text)
        edition.put(path, file)
        triples += file
    without = {store.graphs[path] for path in change if path in store.graphs}
    after = ground.argument.edited(store.raw, without=without, triples=triples)
    return ground, after, ArgumentGraph.of(edition)


@settings(max_examples=200)
@given(filed(worded(), 1), filed(worded(), 1), st.lists(st.sampled_from(WORDS), min_size=6, max_size=9))
def test_edited_wordings_find_what_wordings_made_anew_find(
    before: Files, change: Files, words: list[str]
) -> None:
    ground, after, whole = changed(before, change)
    items, _ = after.differences(ground.argument)
    edited, anew = ground.wordings.edited(after, items), Wordings.of(whole)
    for iri in [*whole.nodes, "urn:other"]:
        for text in [" ".join(words), *(statement.text for statement in whole.nodes.values())]:
            assert edited.nearest(iri, text) == anew.nearest(iri, text)


@settings(max_examples=200)
@given(files(1), files(1), st.sets(st.sampled_from(NODES)))
def test_an_edited_graph_is_the_graph_read_anew_and_so_is_what_follows(
    before: Files, change: Files, names: set[str]
) -> None:
    ground, after, whole = changed(before, change)
    assert list(after.nodes.items()) == list(whole.nodes.items())
    assert list(after.steps.items()) == list(whole.steps.items())
    assert list(after.studies.items()) == list(whole.studies.items())
    assert len(after.nodes) == len(whole.nodes)
    was = ground.argument
    for iri in {*whole.nodes, *whole.steps, *was.nodes, *was.steps, "urn:none"}:
        assert after.incoming(iri) == whole.incoming(iri)
        assert after.outgoing(iri) == whole.outgoing(iri)
        assert after.mentions(iri) == whole.mentions(iri)
    assert after.differences(was) == whole.differences(was)
    starts = {"https://example.org/d/" + name for name in names}
    led_to = {*starts}
    while further := {s.end for iri in led_to for s in whole.outgoing(iri) if s.kind == "support"} - led_to:
        led_to |= further
    reached = [cycle for cycle in whole.support_cycles() if led_to & {*cycle}]
    assert [cycle for cycle in after.support_cycles(starts) if led_to & {*cycle}] == reached
    scores = Scores.declared()
    then, anew = Framework.of(was, scores).edited(was, after, scores), Framework.of(whole, scores)
    assert then.names == anew.names
    assert dict(then.index) == dict(anew.index)
    for name in ("needs", "base"):
        assert list(getattr(then, name)) == list(getattr(anew, name))
    for name in ("supports", "attacks", "contrary"):
        one, other = getattr(then, name), getattr(anew, name)
        assert (one.offsets.tolist(), one.ends.tolist()) == (other.offsets.tolist(), other.ends.tolist())
    assert dict(then.verdicts) == dict(anew.verdicts)


# -- the gate -----------------------------------------------------------------------------------------------

FAULTS = {
    "arg:Claim": "arg:Klaim",
    "arg:premise": "arg:premiss",
    ":birch": ":brich",
    ":cedar ": ":ceder ",
    "arg:High": "arg:Hihg",
    ":topaz a": ":topas a",
    "skos:prefLabel": "schema:text",
    " .": " ",
}


@st.composite
def contributions(draw: st.DrawFn) -> Files:
    contents = draw(filed(st.one_of(node(), step(), step(), worded()), 1))
    for fault in draw(st.sets(st.sampled_from(sorted(FAULTS)), max_size=2)):
        contents = {path: text.replace(fault, FAULTS[fault]) for path, text in contents.items()}
    return contents


class Copied(Edition):
    """A store as it would be, as a copy that is changed."""

    def __init__(self, store: Store) -> None:
        self._copy = store.copy()

    def drop(self, path: str) -> None:
        self._copy.drop(path)

    def put(self, path: str, triples: Iterable[ox.Triple]) -> str:
        return self._copy.put(path, triples)

    def path(self, graph: str) -> str | None:
        return self._copy.paths.get(graph)

    def quads_for_pattern(self, *pattern: object) -> Iterator[ox.Quad]:
        return self._copy.raw.quads_for_pattern(*pattern)  # type: ignore[arg-type]


def unprepared(contents: Mapping[str, bytes], store: Store) -> Report:
    """What the gate finds when nothing is prepared, shared, or left aside as out of reach."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "Edition", Copied)
        patch.setattr(Case, "argument", property(lambda case: ArgumentGraph.of(case.union)))
        patch.setattr(Named, "alike", lambda named, _: sorted({local_name(iri) for iri in named._iris}))
        patch.setattr(Wordings, "edited", lambda _, after, changed: Wordings.of(after))
        cycles = ArgumentGraph.support_cycles
        patch.setattr(ArgumentGraph, "support_cycles", lambda graph, through=None: cycles(graph))
        validate = ShapeSet.validate

        def whole(shapes: ShapeSet, graph: Edition, focus: set[ox.NamedNode], *, everywhere: bool) -> object:
            affected = shapes.affected(graph, focus)
            return [r for r in validate(shapes, graph) if affected is None or r.focus in affected]

        patch.setattr(ShapeSet, "validate", whole)
        return gate.check(contents, against=store, shapes=SHAPES)


@settings(max_examples=60)
@given(
    filed(st.one_of(node(), step(), worded()), 1),
    st.lists(contributions(), min_size=1, max_size=2),
    st.integers(0, 3),
)
def test_the_gate_finds_on_used_ground_what_it_finds_unprepared(
    before: Files, several: list[Files], declares: int
) -> None:
    store = stored({**before, "debate.ttl": DEBATE})
    ground = Ground(store)
    quads = set(store.raw)
    for contents in several:
        # Some say again what the debate says of itself, or something else.
        space = {0: DEBATE, 1: DEBATE.replace('/d/" .', '/e/" .')}.get(declares, START)
        data = {path: (space + text).encode() for path, text in contents.items()}
        report = gate.check(data, against=ground, shapes=SHAPES)
        assert report == unprepared(data, store)
        assert set(store.raw) == quads


def test_a_warm_workspace_has_found_out_what_check_and_impact_need() -> None:
    workspace = Workspace.open()
    workspace.warm()
    assert {"argument", "spaces", "by_place", "by_name", "wordings", "nodes"} <= vars(workspace.ground).keys()
    assert {"argument", "framework", "ground"} <= vars(workspace).keys()
