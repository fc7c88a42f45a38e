"""Statistics that are brought up to date by a difference equal those that are counted anew."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argraph import vocab
from argraph.rdf.statistics import Statistics
from argraph.rdf.store import read_files
from argraph.workspace import Workspace

NODES: list[ox.NamedNode | ox.BlankNode] = [
    *(ox.NamedNode(f"urn:{name}") for name in "abcde"),
    ox.BlankNode("urn:a"),
    ox.BlankNode("x"),
]
CLASSES: list[ox.NamedNode | ox.BlankNode] = [
    *(ox.NamedNode(f"urn:{name}") for name in ("A", "B", "a")),
    ox.BlankNode("x"),
]
LITERALS = [
    ox.Literal("urn:a"),
    ox.Literal("x"),
    ox.Literal("x", language="en"),
    ox.Literal("x", language="de"),
    ox.Literal("1", datatype=ox.NamedNode(vocab.XSD + "integer")),
    ox.Literal("01", datatype=ox.NamedNode(vocab.XSD + "integer")),
    ox.Literal("1", datatype=ox.NamedNode(vocab.XSD + "decimal")),
]
GRAPHS = [ox.NamedNode(f"urn:graph:{number}") for number in range(3)]
TYPE = ox.NamedNode(vocab.TYPE)


PROPERTIES = [TYPE, ox.NamedNode("urn:p"), ox.NamedNode("urn:q")]


def quads() -> st.SearchStrategy[set[ox.Quad]]:
    nodes, graphs = st.sampled_from(NODES), st.sampled_from(GRAPHS)
    said = st.sampled_from(PROPERTIES[1:])
    values = st.sampled_from([*NODES, *LITERALS])
    typed = st.builds(ox.Quad, nodes, st.just(TYPE), st.sampled_from([*CLASSES, LITERALS[0]]), graphs)
    return st.sets(typed | st.builds(ox.Quad, nodes, said, values, graphs), max_size=24)


@given(st.lists(quads(), min_size=2, max_size=5))
def test_counts_after_any_edits_equal_those_that_are_counted_anew(states: list[set[ox.Quad]]) -> None:
    first, *others = states
    statistics, there = Statistics.of(first), first
    for state in others:
        earlier = statistics
        statistics = statistics.amended(there - state, state - there)
        anew = Statistics.of(state)
        assert statistics == anew
        assert list(statistics.statements()) == list(anew.statements())
        assert earlier == Statistics.of(there)
        there = state


@given(quads(), st.data())
def test_a_small_edit_of_much_counts_the_same_as_all_of_it(there: set[ox.Quad], data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.sampled_from(sorted(there, key=str)), max_size=3)) if there else set()
    new = data.draw(quads()) - there
    assert Statistics.of(there).amended(gone, new) == Statistics.of((there - gone) | new)


def test_a_node_that_changes_its_class_changes_what_is_said_of_all_that_leads_to_it() -> None:
    a, b, p = NODES[0], NODES[1], ox.NamedNode("urn:p")
    links = [ox.Quad(a, p, b, GRAPHS[0]), ox.Quad(a, TYPE, CLASSES[0], GRAPHS[0])]
    typed = ox.Quad(b, TYPE, CLASSES[0], GRAPHS[1])
    retyped = ox.Quad(b, TYPE, CLASSES[1], GRAPHS[2])
    statistics = Statistics.of([*links, typed]).amended([typed], [retyped])
    assert statistics.uses["urn:A", "urn:p"].classes == {"urn:B": 1}
    assert statistics.graphs == {"urn:graph:0": 2, "urn:graph:2": 1}


def test_what_was_never_counted_cannot_go() -> None:
    known = ox.Quad(NODES[0], TYPE, CLASSES[0], GRAPHS[0])
    other = ox.Quad(NODES[1], TYPE, CLASSES[0], GRAPHS[0])
    for there in ([], [known]):
        with pytest.raises(ValueError, match="not counted"):
            Statistics.of(there).amended([other], [])


def test_quads_that_are_numbered_in_parts_count_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [ox.Quad(NODES[i % 5], PROPERTIES[i % 3], ox.Literal(i % 7), GRAPHS[i % 2]) for i in range(200)]
    whole = Statistics.of(many)
    monkeypatch.setattr("argraph.rdf.columns._CHUNK", 7)
    assert Statistics.of(many) == whole
    assert Statistics.of([]).amended([], many) == whole


def test_an_edited_debate_counts_as_if_its_folder_were_opened_anew() -> None:
    workspace = Workspace.open()
    files = read_files(workspace.folder)
    (path,) = [path for path in files if path.endswith("misuse.ttl")]
    workspace.store.drop(path)
    without = Workspace(workspace.folder, workspace.store)
    there = set(without.argued())
    whole = Workspace.open()
    then = set(whole.argued())
    counted = Statistics.of(there).amended(there - then, then - there)
    assert counted == whole.statistics
    assert counted.amended(then - there, there - then) == without.statistics
