"""What the files say is the same, read from a published state and from memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pyoxigraph as ox
import pytest

from argraph import vocab
from argraph.rdf.asserted import Asserted
from argraph.rdf.snapshots import Publisher
from argraph.workspace import Workspace


@pytest.fixture(scope="module")
def shipped() -> Workspace:
    return Workspace.open()


@pytest.fixture(scope="module")
def asserted(shipped: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asserted]:
    publisher = Publisher.open(tmp_path_factory.mktemp("store"))
    published = publisher.publish(shipped.quads(), shipped.version)
    yield Asserted(published.folder, [*shipped.store.graphs.values()], len(shipped.store.raw))
    publisher.close()


def test_all_quads_are_those_of_the_files_and_no_others(asserted: Asserted, shipped: Workspace) -> None:
    quads = list(asserted)
    assert len(quads) == len(asserted) == len(shipped.store.raw)
    assert set(quads) == set(shipped.store.raw)


def test_every_pattern_finds_what_it_finds_in_memory(asserted: Asserted, shipped: Workspace) -> None:
    quads = list(shipped.store.raw)[::40]
    assert len(quads) > 100
    for quad in quads:
        parts = (quad.subject, quad.predicate, quad.object, quad.graph_name)
        for wanted in product((True, False), repeat=4):
            pattern = [part if used else None for part, used in zip(parts, wanted, strict=True)]
            found = list(asserted.quads_for_pattern(*pattern))
            expected = list(shipped.store.raw.quads_for_pattern(*pattern))
            assert len(found) == len(expected), pattern
            assert set(found) == set(expected), pattern


def test_what_argraph_adds_is_not_seen(asserted: Asserted) -> None:
    for graph in vocab.ADDED_GRAPHS:
        assert list(asserted.quads_for_pattern(None, None, None, ox.NamedNode(graph))) == []
    status = ox.NamedNode(vocab.STATUS)
    assert list(asserted.quads_for_pattern(None, status, None)) == []
    assert list(asserted.quads_for_pattern(None, None, None, ox.DefaultGraph())) == []


def test_a_subject_with_more_quads_than_are_remembered_is_answered_whole(tmp_path: Path) -> None:
    graph, subject = ox.NamedNode("urn:g"), ox.NamedNode("urn:s")
    quads = {ox.Quad(subject, ox.NamedNode(f"urn:p{i % 2}"), ox.Literal(i), graph) for i in range(500)}
    publisher = Publisher.open(tmp_path / "store")
    asserted = Asserted(publisher.publish(quads, "1").folder, ["urn:g"], 500)
    assert set(asserted.quads_for_pattern(subject, None, None)) == quads
    assert len(list(asserted.quads_for_pattern(subject, ox.NamedNode("urn:p1"), None))) == 250
    publisher.close()


def test_a_folder_that_holds_no_state_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"."):
        Asserted(tmp_path / "nothing", [], 0)
