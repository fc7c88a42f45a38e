"""A workspace whose files change is the changed folder opened anew, whatever it has computed before."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from weakref import ref

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argraph.argument import patched
from argraph.argument.graph import ArgumentGraph
from argraph.argument.patched import Patched
from argraph.contribution import ground, likeness
from argraph.errors import ResourceMissing
from argraph.rdf import layers
from argraph.rdf.snapshots import Publisher, in_memory
from argraph.workspace import Workspace

from .test_amended_store import Changes, canonical, changed
from .test_explanation import graphs
from .test_ground import DEBATE, worded
from .test_impact import FILES, HEAD, NODES, STEPS, STUDIES, node, step, study

BASE = "https://example.org/d/"
NAMED = "".join(f"<{BASE}contribution-{name}> a arg:Contribution .\n" for name in ("one", "two"))
PROBE = f"""{HEAD}
:hazel a arg:Objection ; skos:prefLabel "a probe"@en ;
    schema:text "open model weights are not safer in every school"@en .
:ash a arg:Attack ; arg:premise :hazel, :brich ; arg:target :alder .
""".encode()


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    said = st.one_of(node(), step(), step(), study(), worded())
    lines = draw(st.lists(said, max_size=7, unique_by=lambda s: s.split()[0]))
    lines += draw(st.lists(st.sampled_from(NAMED.splitlines()), max_size=1))
    return (HEAD + "\n".join(lines)).encode()


CHANGES = st.dictionaries(st.sampled_from(FILES), st.one_of(st.none(), texts(), texts()), max_size=2)


def opened(folder: Path, files: Mapping[str, bytes]) -> Workspace:
    for path in folder.iterdir():
        path.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return Workspace.open(folder)


def at(folder: Path, changes: Changes) -> Changes:
    return {str(folder / path): data for path, data in changes.items()}


def argument_agrees(one: ArgumentGraph, whole: ArgumentGraph) -> None:
    for kind in ("nodes", "steps", "studies"):
        assert [*getattr(one, kind).items()] == [*getattr(whole, kind).items()]
        assert len(getattr(one, kind)) == len(getattr(whole, kind))
    assert one.theses == whole.theses
    assert one.statements == whole.statements
    everything = [BASE + name for name in (*NODES, *STEPS, *STUDIES, "none")]
    for iri in everything:
        assert one.incoming(iri) == whole.incoming(iri)
        assert one.outgoing(iri) == whole.outgoing(iri)
        assert one.reported(iri) == whole.reported(iri)
        assert one.mentions(iri) == whole.mentions(iri)
        for there in everything:
            assert one.depend_on_each_other(iri, there) == whole.depend_on_each_other(iri, there)


def agrees(one: Workspace, whole: Workspace) -> None:
    """Hold a workspace against another one that is to be equal."""
    assert one.store.graphs == whole.store.graphs
    argument_agrees(one.argument, whole.argument)
    assert one.framework.names == whole.framework.names
    assert dict(one.framework.index) == dict(whole.framework.index)
    assert dict(one.verdicts) == dict(whole.verdicts)
    assert one.dependence == whole.dependence
    assert one.digest == whole.digest
    assert one.debates == whole.debates
    assert one.stats() == whole.stats()
    assert one.statuses() == whole.statuses()
    for iri in whole.argument.nodes:
        assert one.key(iri) == whole.key(iri)
        assert one.resolve(one.key(iri)) == iri
        assert one.label(iri) == whole.label(iri)
        assert one.outline(iri) == whole.outline(iri)
        assert one.scene(iri) == whole.scene(iri)
    for text in ("this", "that", "open school", "brich", "hypatia"):
        assert one.index.search(text) == whole.index.search(text)
    assert canonical(one.quads()) == canonical(whole.quads())
    assert one.version == whole.version
    assert gate(one) == gate(whole)


def gate(workspace: Workspace) -> tuple[object, object]:
    edit, _ = workspace.edit({"probe.ttl": PROBE})
    return workspace.check_files({"probe.ttl": PROBE}), workspace.impact_of(edit).as_data()


def prepared(workspace: Workspace, how: str) -> None:
    if how in {"shown", "both"}:
        workspace.stats()
        workspace.prepare()
    if how in {"examined", "both"}:
        workspace.warm()


@pytest.mark.parametrize("flat", [False, True])
@settings(max_examples=12)
@given(
    before=st.dictionaries(st.sampled_from(FILES), texts(), max_size=3),
    several=st.lists(
        st.tuples(CHANGES, st.sampled_from(["", "", "shown", "examined"])), min_size=1, max_size=4
    ),
    first=st.sampled_from(["", "shown", "examined", "both"]),
)
def test_an_amended_workspace_is_the_changed_folder_opened_anew(
    flat: bool, before: dict[str, bytes], several: list[tuple[Changes, str]], first: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if flat:  # what is amended is put together with what is beneath at once
            for module, name in (
                (patched, "FEW"),
                (layers, "ROOM"),
                (likeness, "_EDITED"),
                (ground, "_AMENDED"),
            ):
                patch.setattr(module, name, 0)
        files = {**before, "debate.ttl": DEBATE.encode()}
        with tempfile.TemporaryDirectory() as name:
            one = opened(Path(name), files)
            prepared(one, first)
            for changes, how in several:
                was, all_was = one, set(one.quads())
                one = was.amended(at(was.folder, changes))
                changed(files, changes)
                gone, new = one.difference(was)
                assert gone == all_was - set(one.quads())
                assert new == set(one.quads()) - all_was
                prepared(one, how)
                assert set(was.quads()) == all_was
            agrees(one, opened(Path(name), files))
        again = one.amended({})
        assert again.version == one.version
        assert again.difference(one) == (set(), set())


def test_the_version_tells_whether_the_content_is_the_same(tmp_path: Path) -> None:
    one = opened(tmp_path, {"debate.ttl": DEBATE.encode()})
    path = str(one.folder / "debate.ttl")
    other = one.amended({path: DEBATE.encode() + b"\n:birch a arg:Claim .", str(one.folder / "x.ttl"): b""})
    assert other.version != one.version
    back = other.amended({path: DEBATE.encode(), str(one.folder / "x.ttl"): None})
    assert back.version == one.version
    assert back.difference(one) == (set(), set())  # although they are two steps apart


def test_published_states_follow_by_the_difference(tmp_path: Path) -> None:
    (tmp_path / "debate").mkdir()
    one = opened(tmp_path / "debate", {"debate.ttl": DEBATE.encode()})
    publisher = Publisher.open(tmp_path / "store")
    try:
        publisher.publish(one.quads(), one.version)
        said = (
            b":birch a arg:Claim . :quartz a arg:Support ; arg:premise :birch ; arg:conclusion :alder . "
            b':Hypatia a arg:Study ; bibo:authorList ( "Noether, Emmy" ) .'
        )
        for changes in ({"one.ttl": HEAD.encode() + said}, {"two.ttl": HEAD.encode()}, {"one.ttl": None}):
            other = one.amended(at(one.folder, changes))
            shown = publisher.amend(*other.difference(one), other.version)
            assert set(ox.Store.read_only(str(shown.folder))) == set(in_memory(other.quads()))
            one = other
    finally:
        publisher.close()


def test_the_last_file_cannot_go(tmp_path: Path) -> None:
    one = opened(tmp_path, {"debate.ttl": DEBATE.encode()})
    with pytest.raises(ResourceMissing, match=r"no Turtle file"):
        one.amended({str(one.folder / "debate.ttl"): None})


# -- many amendments ----------------------------------------------------------------------------------------


def claim(number: int) -> bytes:
    return f"""{HEAD}
:cl-{number} a arg:Claim ; skos:prefLabel "claim {number}"@en ;
    schema:text "Word{number} and another word stand for claim {number} here."@en .
:su-{number} a arg:Support ; arg:premise :cl-{number} ; arg:conclusion :alder .
""".encode()


def test_look_ups_stay_two_steps_deep_however_many_files_were_changed(tmp_path: Path) -> None:
    one = opened(tmp_path, {"debate.ttl": DEBATE.encode()})
    one.warm()
    for number in range(300):
        one = one.amended({str(one.folder / f"claim-{number}.ttl"): claim(number)})
    argument = one.argument
    for layered in (
        argument.nodes,
        argument.steps,
        argument._incoming,
        argument._outgoing,
        argument._reported,
    ):
        if isinstance(layered, Patched):
            assert not isinstance(layered._base, Patched)
    assert isinstance(argument.nodes, Patched)
    assert one.ground.nodes._new is not None
    assert one.ground.nodes._new._new is None
    assert len(argument.nodes) == 301
    assert len(argument.incoming(BASE + "alder")) == 300
    assert one.framework.index[BASE + "cl-7"] == one.framework.names.index(BASE + "cl-7")


def test_a_state_goes_as_soon_as_nobody_has_it_also_where_nothing_is_collected(
    tmp_path: Path,
) -> None:
    one = opened(tmp_path, {"debate.ttl": DEBATE.encode()})
    one.warm()
    gate(one)
    gc.collect()
    gc.disable()  # as the process that examines, in which what was there at its start is never collected
    try:
        gone: list[ref[Any]] = []
        for number in range(4):
            parts: list[Any] = [one, one.argument, one.framework, one.ground, one.store]
            gone += map(ref, parts)
            del parts
            one = one.amended({str(one.folder / f"claim-{number}.ttl"): claim(number)})
            one.ground.warm()
            gate(one)
        assert [it() for it in gone if it() is not None] == []
    finally:
        gc.enable()


@settings(max_examples=100)
@given(graphs())
def test_a_short_look_tells_the_same_of_circles_as_looking_at_everything(argument: ArgumentGraph) -> None:
    items = [*argument.nodes, *argument.steps]
    looked = {(a, b): argument.depend_on_each_other(a, b) for a in items for b in items}
    assert "_circles" not in vars(argument)
    circles = argument._circles
    assert looked == {(a, b): circles[a] == circles[b] for a in items for b in items}
    assert {argument._leads(a, b, most=1) for a in items for b in items} <= {None, True, False}
    assert looked == {(a, b): argument.depend_on_each_other(a, b) for a in items for b in items}
