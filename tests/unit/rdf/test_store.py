"""Store: one named graph for each file."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from argraph import vocab
from argraph.errors import BrokenGraph, ResourceMissing
from argraph.rdf.store import FILE_GRAPHS, Store, read_files

CONTRIBUTION = "@prefix arg: <https://w3id.org/argraph/ns#> . <x:c> a arg:Contribution . <x:n> a arg:Claim ."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "theme").mkdir()
    (tmp_path / "theme" / "a.ttl").write_text(CONTRIBUTION, encoding="utf-8")
    (tmp_path / "b b.ttl").write_text('<x:s> <x:p> "é" .', encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not Turtle", encoding="utf-8")
    return tmp_path


def test_graph_is_named_by_its_contribution_and_otherwise_by_the_path(folder: Path) -> None:
    graphs = Store.load(folder).graphs
    assert graphs[str(folder / "theme" / "a.ttl")] == "x:c"
    assert graphs[str(folder / "b b.ttl")].startswith(FILE_GRAPHS)
    assert graphs[str(folder / "b b.ttl")].endswith("b%20b.ttl")


def test_second_file_with_the_same_contribution_does_not_merge_into_the_first(folder: Path) -> None:
    (folder / "z.ttl").write_text(CONTRIBUTION, encoding="utf-8")
    store = Store.load(folder)
    assert len(set(store.graphs.values())) == 3
    assert len(store.paths_of(ox.NamedNode("x:c"))) == 2


@pytest.mark.parametrize("name", vocab.ADDED_GRAPHS)
def test_a_contribution_does_not_take_the_name_of_a_graph_that_argraph_adds(
    tmp_path: Path, name: str
) -> None:
    text = f"@prefix arg: <{vocab.ARG}> . <{name}> a arg:Contribution ."
    (tmp_path / "a.ttl").write_text(text, encoding="utf-8")
    (graph,) = Store.load(tmp_path).graphs.values()
    assert graph.startswith(FILE_GRAPHS)


def test_putting_again_replaces_and_dropping_forgets(folder: Path) -> None:
    store = Store.load(folder)
    path = str(folder / "theme" / "a.ttl")
    store.put(path, [ox.Triple(ox.NamedNode("x:s"), ox.NamedNode("x:p"), ox.NamedNode("x:o"))])
    assert store.paths_of(ox.NamedNode("x:n")) == []
    store.drop(path)
    store.drop(path)
    assert path not in store.graphs
    assert len(store.raw) == 1


def test_copy_is_independent(folder: Path) -> None:
    store = Store.load(folder)
    copy = store.copy()
    copy.drop(str(folder / "theme" / "a.ttl"))
    assert len(store.graphs) == 2
    assert len(store.raw) == 3


def test_blank_nodes_of_two_files_stay_apart(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.ttl").write_text("_:x <x:p> <x:o> .", encoding="utf-8")
    assert len({quad.subject for quad in Store.load(tmp_path).raw}) == 2


def test_broken_file_is_named_with_its_place(folder: Path) -> None:
    (folder / "c.ttl").write_text("<x:s> <x:p> <x:o>\n<x:t> <x:p> .", encoding="utf-8")
    with pytest.raises(BrokenGraph) as caught:
        Store.load(folder)
    assert f"{folder / 'c.ttl'}:" in str(caught.value)
    assert len(caught.value.report) >= 1


def test_file_with_a_byte_order_mark_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_bytes(b"\xef\xbb\xbf<x:s> <x:p> <x:o> .")
    assert len(Store.load(tmp_path).raw) == 1


@pytest.mark.parametrize("name", ["missing", "missing.ttl", "empty"])
def test_missing_place_or_folder_without_turtle_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ResourceMissing, match=name):
        read_files(tmp_path / name)
