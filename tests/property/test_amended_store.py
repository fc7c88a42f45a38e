"""A store whose files change is the store of the changed files, and shares what stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argraph import vocab
from argraph.errors import BrokenGraph
from argraph.rdf import layers
from argraph.rdf.layers import Layers
from argraph.rdf.store import FILE_GRAPHS, Store

HEAD = "@prefix arg: <https://w3id.org/argraph/ns#> . @prefix : <https://example.org/d/> .\n"
PATHS = ["debate/a-b/x.ttl", "debate/a.ttl", "debate/a/x.ttl", "debate/b.ttl", "debate/c d.ttl"]
SAID = [
    ":x :p 1 .",
    ":x :p 2 .",
    ":y :p :x .",
    ":y :q ( 1 [ :r :x ] ) .",
    ":contribution-x a arg:Contribution .",
    ":contribution-y a arg:Contribution .",
    f"<{vocab.DERIVED_GRAPH}> a arg:Contribution .",
    f"<{FILE_GRAPHS}debate/b.ttl> a arg:Contribution .",
    "[] a arg:Contribution .",
]
Changes: TypeAlias = Mapping[str, bytes | None]

CONTENTS = st.builds(
    lambda mark, said: mark + (HEAD + "\n".join(said)).encode(),
    st.sampled_from([b"", b"", b"\xef\xbb\xbf"]),
    st.lists(st.sampled_from(SAID), max_size=4, unique=True),
)
FILES = st.dictionaries(st.sampled_from(PATHS), CONTENTS, max_size=5)
CHANGES = st.dictionaries(st.sampled_from(PATHS), st.one_of(st.none(), CONTENTS), max_size=3)


def stored(files: Mapping[str, bytes]) -> Store:
    return Store.of({path: files[path] for path in sorted(files, key=Path)}, Path("debate"))


def canonical(quads: Iterable[ox.Quad]) -> set[ox.Quad]:
    """Quads whose blank nodes are called the same in every store that says the same."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


def changed(files: dict[str, bytes], changes: Changes) -> None:
    for path, data in changes.items():
        if data is None:
            files.pop(path, None)
        else:
            files[path] = data


@pytest.mark.parametrize(("steep", "room"), [(layers.STEEP, layers.ROOM), (0, layers.ROOM), (8, 3)])
@given(before=FILES, several=st.lists(CHANGES, max_size=5))
def test_an_amended_store_is_the_store_of_the_changed_files(
    steep: int, room: int, before: dict[str, bytes], several: list[Changes]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layers, "STEEP", steep)
        patch.setattr(layers, "ROOM", room)
        files, states = dict(before), [stored(before)]
        for changes in several:
            was = states[-1]
            told = was.amendment(changes)
            changed(files, changes)
            whole = stored(files)
            assert list(told.store.graphs.items()) == list(whole.graphs.items())
            assert told.store.paths == whole.paths
            assert list(told.store.files.items()) == list(whole.files.items())
            assert told.store.digest == whole.digest
            assert len(told.store.raw) == len(whole.raw) == len([*told.store.raw])
            assert canonical(told.store.raw) == canonical(whole.raw)
            for quad in told.store.raw:
                parts = (quad.subject, quad.predicate, quad.object, quad.graph_name)
                for mask in product([True, False], repeat=4):
                    pattern = [part if wanted else None for part, wanted in zip(parts, mask, strict=True)]
                    found = {*told.store.raw.quads_for_pattern(*pattern)}  # type: ignore[arg-type]
                    fits = [
                        other
                        for other in told.store.raw
                        if all(
                            part is None or part == theirs
                            for part, theirs in zip(
                                pattern,
                                (other.subject, other.predicate, other.object, other.graph_name),
                                strict=True,
                            )
                        )
                    ]
                    assert found == {*fits}
            differ = {quad.graph_name.value for quad in {*was.raw} ^ {*told.store.raw}}
            assert differ <= told.gone | told.new
            assert told.gone <= set(was.paths)
            assert told.new <= set(told.store.paths)
            states.append(told.store)
        for earlier, data in zip(states[:1], [before], strict=True):
            assert canonical(earlier.raw) == canonical(stored(data).raw)  # it has not been touched


@given(before=FILES, changes=CHANGES, put=st.lists(st.sampled_from(SAID), max_size=3))
def test_what_is_put_into_an_amended_store_touches_no_other(
    before: dict[str, bytes], changes: Changes, put: list[str]
) -> None:
    first = stored(before)
    second = first.amended(changes)
    kept, amended = canonical(first.raw), canonical(second.raw)
    third, copy = second.amended({}), second.copy()
    triples = [q.triple for q in ox.parse((HEAD + "\n".join(put)).encode(), format=ox.RdfFormat.TURTLE)]
    for path in (PATHS[1], "debate/new.ttl"):
        assert third.put(path, triples) == copy.put(path, triples)
    third.drop(PATHS[3])
    copy.drop(PATHS[3])
    assert set(third.raw) == set(copy.raw)
    assert third.graphs == copy.graphs
    assert third.digest == ""
    assert canonical(first.raw) == kept
    assert canonical(second.raw) == amended


def test_a_fault_in_a_changed_file_is_told_as_when_all_are_loaded() -> None:
    files = {"debate/a.ttl": b"<urn:a> <urn:b> 1 .", "debate/b.ttl": b"<urn:a> <urn:b> ; ."}
    with pytest.raises(BrokenGraph) as whole:
        Store.of(files, Path("debate"))
    store = Store.of({"debate/a.ttl": files["debate/a.ttl"]}, Path("debate"))
    with pytest.raises(BrokenGraph) as amended:
        store.amended({"debate/b.ttl": files["debate/b.ttl"]})
    assert str(amended.value) == str(whole.value)
    assert amended.value.report == whole.value.report
    assert len(store.raw) == 1


def test_layers_stay_few_and_share_the_lowest_until_that_is_small_beside_them() -> None:
    base = "\n".join(f"<urn:s{n}> <urn:p> {n} ." for n in range(6_000)).encode()
    store = Store.of({"debate/base.ttl": base}, Path("debate"))
    lowest, depths, flat = store.raw, [], 0
    for number in range(700):
        text = "".join(f"<urn:t{number}> <urn:p> {n} ." for n in range(10))
        store = store.amended({f"debate/file-{number}.ttl": text.encode()})
        assert isinstance(store.raw, Layers)
        depths.append(store.raw.depth)
        flat += store.raw.depth == 1
        if number < 290:
            assert store.raw._layers[0].store is lowest
    assert max(depths) <= 5
    assert flat == 1  # when they were more than half of 6,000
    assert len(store.raw) == 13_000
