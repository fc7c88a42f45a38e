"""What files would change: by what they touch, and by reading and computing everything anew."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from argraph.argument.cruxes import compare, cruxes
from argraph.argument.evaluation import Framework
from argraph.argument.graph import ArgumentGraph, Node
from argraph.argument.scores import Scores
from argraph.argument.withdrawal import Search
from argraph.contribution.impact import Impact
from argraph.contribution.impact_report import render
from argraph.workspace import Workspace

from .test_cruxes import graphs, status_without

HEAD = """
@prefix arg: <https://w3id.org/argraph/ns#> . @prefix : <https://example.org/d/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix void: <http://rdfs.org/ns/void#> .
@prefix schema: <https://schema.org/> . @prefix bibo: <http://purl.org/ontology/bibo/> .
<https://example.org/d/> a void:Dataset ; void:uriSpace "https://example.org/d/" .
"""
# Names that resemble each other so little that none is taken for a misspelt other one.
NODES = ["alder", "birch", "cedar", "dogwood", "elm", "fir", "ginkgo"]
STEPS = ["quartz", "ruby", "sapphire", "topaz", "umber", "vermilion", "woad", "xanthic"]
STUDIES = ["Hypatia", "Khayyam"]
FILES = ["one.ttl", "two.ttl", "three.ttl"]
Files: TypeAlias = Mapping[str, str]


@st.composite
def node(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(NODES))
    kind = draw(st.sampled_from(["Thesis", "Claim", "Objection", "Evidence", "Evidence"]))
    text = f':{name} a arg:{kind} ; skos:prefLabel "{draw(st.sampled_from(["this", "that"]))}"@en'
    if kind == "Evidence":
        text += f" ; arg:grade arg:{draw(st.sampled_from(['High', 'Low']))}"
        text += f" ; arg:verification arg:{draw(st.sampled_from(['Verified', 'Unverified', 'Retracted']))}"
        text += f" ; arg:reportedIn :{draw(st.sampled_from(STUDIES))}"
    elif draw(st.integers(0, 3)) == 0:
        text += " ; arg:assumed true"
    elif draw(st.booleans()):
        text += " ; arg:role arg:Pillar"
    return f"{text} ."


@st.composite
def step(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(STEPS))
    kind = draw(st.sampled_from(["Support", "Attack", "EvidenceLine"]))
    premises = draw(st.lists(st.sampled_from(NODES), min_size=1, max_size=2, unique=True))
    end = draw(st.sampled_from([*NODES, *NODES, *STEPS]))
    if kind == "EvidenceLine":
        direction = draw(st.sampled_from(["For", "Against"]))
        return (
            f":{name} a arg:EvidenceLine ; arg:evidence :{premises[0]} ; arg:bearsOn :{end} ; "
            f"arg:direction arg:{direction} ; arg:grade arg:Low ."
        )
    towards = "conclusion" if kind == "Support" else "target"
    return (
        f":{name} a arg:{kind} ; arg:premise {', '.join(':' + p for p in premises)} ; arg:{towards} :{end} ."
    )


@st.composite
def study(draw: st.DrawFn) -> str:
    name, state = draw(st.sampled_from(STUDIES)), draw(st.sampled_from(["Verified", "Retracted"]))
    authors = draw(st.lists(st.sampled_from(['"Noether, Emmy"', '"Turing, Alan"']), max_size=2))
    return (
        f':{name} a arg:Study ; schema:name "{name}" ; arg:verification arg:{state} ; '
        f"bibo:authorList ( {' '.join(authors)} ) ."
    )


def files(least: int) -> st.SearchStrategy[Files]:
    """Up to three files with anything in them, also what another file describes too."""
    text = st.lists(st.one_of(node(), step(), step(), study()), max_size=9, unique_by=lambda s: s.split()[0])
    return st.dictionaries(st.sampled_from(FILES), text.map("\n".join), min_size=least, max_size=3)


def written(folder: Path, contents: Files) -> list[Path]:
    for name, text in contents.items():
        (folder / name).write_text(HEAD + text, encoding="utf-8")
    return [folder / name for name in sorted(contents)]


@given(files(1), files(1))
def test_impact_is_that_of_reading_and_computing_everything_anew(before: Files, change: Files) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written(folder, before)
        now = Workspace.open(folder)
        changed = written(folder, change)  # some in place of files that were there, some new
        impact, faults = now.impact(*changed)
        whole = Workspace.open(folder)
    assert impact is not None, list(faults)
    assert impact.after.nodes == whole.argument.nodes
    assert impact.after.steps == whole.argument.steps
    assert impact.after.studies == whole.argument.studies
    assert list(impact.after.nodes) == list(whole.argument.nodes)
    assert impact.becomes == whole.verdicts
    full = Impact(now.argument, whole.argument, now=now.framework, then=whole.framework)
    assert impact.as_data() == full.as_data()
    assert render(impact, "markdown") == render(full, "markdown")


@given(files(1), files(1))
def test_what_is_not_told_keeps_status_and_strength_and_all_that_moves_has_a_path(
    before: Files, change: Files
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written(folder, before)
        impact, _ = Workspace.open(folder).impact(*written(folder, change))
    assert impact is not None
    changed = {change.iri for change in impact.changes}
    described = {*impact.before.nodes, *impact.before.steps} & {*impact.after.nodes, *impact.after.steps}
    for iri in described - changed:
        old, new = impact.was[iri], impact.becomes[iri]
        assert old.status == new.status
        assert abs(old.lower - new.lower) < 0.005
    for moved in (*impact.flips, *impact.moves):
        assert moved.path, f"nothing leads to {moved.iri}"


SCORES = Scores({"High": 0.9}, {})


@settings(max_examples=settings.default.max_examples * 3)  # type: ignore[union-attr]
@given(graphs(), graphs(), st.data())
def test_changed_cruxes_are_those_that_do_not_do_in_the_other_state(
    before: ArgumentGraph, after: ArgumentGraph, data: st.DataObject
) -> None:
    iri = data.draw(st.sampled_from(sorted({*before.nodes} & {*after.nodes})))
    searches = [Search(graph, Framework.of(graph, SCORES), iri) for graph in (before, after)]
    change = compare(*searches, limit=9)
    was, becomes = cruxes(before, SCORES, iri), cruxes(after, SCORES, iri)
    assert (change.before, change.after) == (was.status, becomes.status)
    stands = becomes.status == "accepted"
    comparable = stands == (was.status == "accepted")

    def does(graph: ArgumentGraph, items: tuple[str, ...]) -> bool:
        return (status_without(with_bare(graph, items), items, iri) == "accepted") != stands

    for items in change.new:
        assert does(after, items)
        assert not (comparable and does(before, items))
    for items in change.gone:
        assert does(before, items)
        assert not does(after, items)
    then, now = ((c.flips if stands else c.restores).sets for c in (becomes, was))
    assert {*change.new} == {c.items for c in then if not (comparable and does(before, c.items))}
    assert {*change.gone} == {c.items for c in now if comparable and not does(after, c.items)}


def with_bare(graph: ArgumentGraph, items: tuple[str, ...]) -> ArgumentGraph:
    """The graph with a bare claim for each item that it does not have: to withdraw that is to do nothing."""
    known = {*graph.nodes, *graph.steps}
    nodes = [Node(item, "claim", "", "") for item in items if item not in known]
    return ArgumentGraph([*graph.nodes.values(), *nodes], graph.steps.values())


@given(graphs(), graphs(), st.integers(0, 5), st.data())
def test_with_little_effort_what_is_said_of_cruxes_is_still_true(
    before: ArgumentGraph, after: ArgumentGraph, effort: int, data: st.DataObject
) -> None:
    iri = data.draw(st.sampled_from(sorted({*before.nodes} & {*after.nodes})))

    def compared(
        effort: int, limit: int
    ) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...], int]:
        searches = [Search(graph, Framework.of(graph, SCORES), iri) for graph in (before, after)]
        change = compare(*searches, effort=effort, limit=limit)
        return change.new, change.gone, change.exact_up_to

    new, gone, exact = compared(effort, 2)
    every_new, every_gone, _ = compared(1000, 9)
    assert {*new} <= {*every_new}
    assert {*gone} <= {*every_gone}
    for size in range(1, exact + 1):
        for some, every in ((new, every_new), (gone, every_gone)):
            assert {s for s in some if len(s) == size} == {s for s in every if len(s) == size}
