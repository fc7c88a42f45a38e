"""States of a store are published whole, outlive newer ones while they are read, and survive any crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from argraph.errors import StoreFailed
from argraph.rdf.snapshots import Publisher, Snapshot, in_memory


def iri(name: str) -> ox.NamedNode:
    return ox.NamedNode(f"http://example.org/{name}")


def quads(*names: str, graph: str = "g") -> list[ox.Quad]:
    return [ox.Quad(iri(name), iri("p"), iri("o"), iri(graph)) for name in names]


def content(snapshot: Snapshot) -> set[tuple[str, str]]:
    """Subjects and graphs, by their local names."""
    store = ox.Store.read_only(str(snapshot.folder))
    return {
        (q.subject.value[-1:], "" if isinstance(q.graph_name, ox.DefaultGraph) else q.graph_name.value[-1:])
        for q in store
    }


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[Publisher]:
    publisher = Publisher.open(tmp_path / "store")
    yield publisher
    publisher.close()


def test_a_state_holds_its_graphs_and_their_union(publisher: Publisher) -> None:
    snapshot = publisher.publish([*quads("a"), *quads("a", "b", graph="h")], "1")
    assert content(snapshot) == {("a", "g"), ("a", "h"), ("b", "h"), ("a", ""), ("b", "")}
    assert content(snapshot) == {
        (q.subject.value[-1:], "" if isinstance(q.graph_name, ox.DefaultGraph) else q.graph_name.value[-1:])
        for q in in_memory([*quads("a"), *quads("a", "b", graph="h")])
    }


def test_a_newer_state_takes_the_place_of_the_older_and_leaves_it_as_it_was(publisher: Publisher) -> None:
    older = publisher.publish(quads("a", "b"), "1")
    older.enter()
    newer = publisher.publish(quads("b", "c"), "2")
    assert publisher.current is newer
    assert content(older) == {("a", "g"), ("b", "g"), ("a", ""), ("b", "")}
    assert content(newer) == {("b", "g"), ("c", "g"), ("b", ""), ("c", "")}


def test_an_old_state_is_deleted_when_its_last_reader_leaves(publisher: Publisher) -> None:
    older = publisher.publish(quads("a"), "1")
    older.enter()
    older.enter()
    newer = publisher.publish(quads("b"), "2")
    older.leave()
    assert older.folder.exists()
    older.leave()
    assert not older.folder.exists()
    newer.enter()
    newer.leave()
    assert newer.folder.exists(), "the current state stays though nobody reads it"


def test_a_store_is_opened_again_as_it_was_left(tmp_path: Path) -> None:
    first = Publisher.open(tmp_path)
    first.publish(quads("a"), "1")
    first.close()
    again = Publisher.open(tmp_path)
    # Where it holds that version already it does not look at the quads at all.
    assert content(again.publish(iter(()), "1")) == {("a", "g"), ("a", "")}
    again.close()


def test_a_store_of_another_version_is_brought_up_to_date(tmp_path: Path) -> None:
    first = Publisher.open(tmp_path)
    first.publish(quads("a", "b"), "1")
    first.close()
    again = Publisher.open(tmp_path)
    assert content(again.publish(quads("b", "c"), "2")) == {("b", "g"), ("c", "g"), ("b", ""), ("c", "")}
    again.close()


def test_a_temporary_store_goes_with_its_publisher() -> None:
    publisher = Publisher.open()
    folder = publisher.publish(quads("a"), "1").folder
    assert folder.exists()
    publisher.close()
    assert not folder.parents[1].exists()


def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("mine")
    with pytest.raises(StoreFailed, match=r"holds something that is not a store of argraph.*--rebuild"):
        Publisher.open(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]
    rebuilt = Publisher.open(tmp_path, rebuild=True)
    assert content(rebuilt.publish(quads("a"), "1")) == {("a", "g"), ("a", "")}
    rebuilt.close()
    assert (tmp_path / "thesis.doc").read_text() == "mine"


def _cut(store: Path) -> None:
    for path in (store / "store").glob("*.sst"):
        path.write_bytes(b"")


def _forget(store: Path) -> None:
    (store / "store" / "CURRENT").unlink()


def _garble(store: Path) -> None:
    (store / "argraph-store.json").write_bytes(b"\xff{")


def _older(store: Path) -> None:
    (store / "argraph-store.json").write_text(json.dumps({"layout": 0, "version": "1"}))


@pytest.mark.parametrize("damage", [_cut, _forget, _garble, _older])
def test_a_damaged_store_is_refused_with_the_way_out_and_rebuilt(tmp_path: Path, damage: object) -> None:
    first = Publisher.open(tmp_path)
    first.publish(quads("a"), "1")
    first.close()
    del first
    damage(tmp_path)  # type: ignore[operator]
    with pytest.raises(StoreFailed, match=r"(is damaged|another release)(.|\n)*--rebuild"):
        Publisher.open(tmp_path)
    rebuilt = Publisher.open(tmp_path, rebuild=True)
    assert content(rebuilt.publish(quads("a"), "1")) == {("a", "g"), ("a", "")}
    rebuilt.close()


def test_a_store_in_use_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    with pytest.raises(StoreFailed, match="in use by another process"):
        Publisher.open(tmp_path / "store")


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreFailed, match="cannot be used"):
        Publisher.open(tmp_path / "file" / "below")


def test_a_few_quads_are_changed_in_place(tmp_path: Path) -> None:
    publisher = Publisher.open(tmp_path)
    first = publisher.publish([*quads("a", "b"), *quads("b", graph="h")], "one")
    second = publisher.amend([*quads("a"), *quads("b", graph="h")], quads("c", graph="i"), "two")
    assert publisher.current is second
    assert second.version == "two"
    assert not first.folder.exists()
    left = [*quads("b"), *quads("c", graph="i")]  # of b, its first graph still says the same
    assert set(ox.Store.read_only(str(second.folder))) == set(in_memory(left))
    publisher.close()
    again = Publisher.open(tmp_path)
    assert len(content(again.publish([], "two"))) > 0  # that version is there already: nothing is written
    again.close()
