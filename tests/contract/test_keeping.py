"""What is kept beside a store: equal to what it was made of, and never taken for anything else."""

from __future__ import annotations

import io
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyoxigraph as ox
import pytest

from argraph import keeping, resources, vocab
from argraph.argument import recorded
from argraph.argument.explanation import explain
from argraph.argument.graph import ArgumentGraph
from argraph.argument.scores import Scores
from argraph.keeping import Keeper
from argraph.rdf.asserted import Asserted
from argraph.rdf.layers import Layers
from argraph.rdf.snapshots import KEPT, Publisher, in_memory
from argraph.workspace import Workspace

FILES = ("kept.json", "argument.jsonl", "computed.npz", "statistics.npz", "index.sqlite")
SMALL = Path(__file__).parent / "queries" / "debate.ttl"
BLANK = """@prefix schema: <https://schema.org/> . @prefix d: <https://example.org/more/> .
d:x schema:name [ schema:name "no name", ( 1 2 ) ] ."""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the debate in `graph` and the store with what is kept in `store`."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(resources.graph(), home / "graph")
    (home / "graph" / "blank.ttl").write_text(BLANK, encoding="utf-8")
    keeping.load(home / "graph", home / "store")
    return home


@pytest.fixture(params=[False, True], ids=["in memory", "on disk"])
def on_disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    if request.param:
        monkeypatch.setattr(keeping, "ON_DISK", 1)
    return bool(request.param)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same of a small debate, to be changed."""
    (tmp_path / "home" / "graph").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "home")
    shutil.copy(SMALL, "graph")
    Path("graph", "blank.ttl").write_text(BLANK, encoding="utf-8")
    keeping.load(Path("graph"), Path("store"))
    return tmp_path / "home"


def canonical(quads: Iterable[ox.Quad]) -> set[ox.Quad]:
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


def restored() -> Workspace | None:
    return Keeper(Path("store")).restored(Path("graph"))


def sealed(**changes: object) -> None:
    """Change the manifest as somebody would who knows how it is sealed."""
    place = Path("store", KEPT, "kept.json")
    told = json.loads(place.read_bytes()) | changes
    del told["sealed"]
    place.write_text(json.dumps({**told, "sealed": keeping._seal(told)}), encoding="utf-8")


def test_what_is_restored_is_what_was_computed(original: Path, on_disk: bool) -> None:
    anew = Workspace.open(original / "graph")
    kept = Keeper(original / "store").restored(original / "graph")
    assert kept is not None
    assert isinstance(kept.store.raw, Layers) is on_disk
    assert kept.version == anew.version
    assert kept.digest == anew.digest
    assert kept.store.filed == anew.store.filed
    for name in ("nodes", "steps", "studies"):
        was, now = getattr(anew.argument, name), getattr(kept.argument, name)
        assert list(now.items()) == list(was.items())
    for iri in (*anew.argument.nodes, *anew.argument.steps):
        assert kept.argument.incoming(iri) == anew.argument.incoming(iri)
        assert kept.argument.outgoing(iri) == anew.argument.outgoing(iri)
    assert dict(kept.verdicts) == dict(anew.verdicts)
    assert dict(kept.dependence) == dict(anew.dependence)
    assert kept.statistics == anew.statistics
    new = [
        ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode(vocab.TYPE), ox.NamedNode("urn:c"), ox.NamedNode("urn:g"))
    ]
    assert kept.statistics.amended([], new) == anew.statistics.amended([], new)
    assert kept.framework.names == anew.framework.names
    assert kept.framework.inputs == anew.framework.inputs
    assert canonical(kept.quads()) == canonical(anew.quads())
    assert kept.stats() == anew.stats()
    for words in ("open", "model licence", "transparncy"):
        assert kept.index.search(words) == anew.index.search(words)


def test_a_restored_debate_explains_checks_and_previews_as_one_that_was_read(
    original: Path, on_disk: bool
) -> None:
    anew = Workspace.open(original / "graph")
    kept = Keeper(original / "store").restored(original / "graph")
    assert kept is not None
    for node in anew.argument.statements:
        assert explain(kept.argument, kept.verdicts, node.iri) == explain(
            anew.argument, anew.verdicts, node.iri
        )
    thesis = anew.argument.theses[0].iri
    files = {"x.ttl": anew.scaffold("objection", name="new", end=thesis).encode()}
    assert [*kept.check_files(files)] == [*anew.check_files(files)]
    without = next(iter(anew.argument.steps))
    assert kept.without([without]).flips == anew.without([without]).flips


def test_a_second_load_does_nothing(original: Path) -> None:
    place = original / "store" / KEPT / "kept.json"
    before = place.stat().st_mtime_ns, place.stat().st_ino
    keeping.load(original / "graph", original / "store")
    assert (place.stat().st_mtime_ns, place.stat().st_ino) == before


def test_it_is_not_read_from_turtle_again(original: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError

    for where, name in ((Workspace, "open"), (ArgumentGraph, "of"), (ox, "parse")):
        monkeypatch.setattr(where, name, never)
    keeping.load(original / "graph", original / "store")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", ["flipped", "cut", "gone", "empty"])
def test_a_damaged_file_is_told_and_all_is_made_anew(
    home: Path, name: str, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    place = Path("store", KEPT, name)
    data = bytearray(place.read_bytes())
    middle = len(data) // 2
    data[middle] ^= 1
    place.unlink()
    if how != "gone":
        place.write_bytes(bytes({"flipped": data, "cut": data[:middle], "empty": b""}[how]))
    with caplog.at_level(logging.INFO, "argraph"):
        assert restored() is None
    lines = [record.getMessage() for record in caplog.records]
    if (name, how) == ("kept.json", "gone"):
        assert lines == []
    else:
        assert len(lines) == 1
        assert "is made anew" in lines[0]
        assert "\n" not in lines[0]
    keeping.load(Path("graph"), Path("store"))
    assert restored() is not None


def test_a_missing_state_is_told_and_all_is_made_anew(home: Path) -> None:
    shutil.rmtree(Path("store", KEPT, "state"))
    assert restored() is None
    keeping.load(Path("graph"), Path("store"))
    assert restored() is not None


@pytest.mark.parametrize("many", [False, True], ids=["few", "many"])
def test_files_that_were_changed_added_removed_or_renamed_are_followed(
    home: Path, many: bool, on_disk: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where they are few, what follows is found by the difference; else nothing kept is used."""
    if many:
        monkeypatch.setattr(keeping, "FEW", 0)
    blank, other = Path("graph", "blank.ttl"), Path("graph", "other.ttl")
    for change in (
        partial(blank.write_text, f"{BLANK}\n<urn:a> <urn:b> 1 .", encoding="utf-8"),
        partial(other.write_text, BLANK, encoding="utf-8"),
        partial(blank.rename, "graph/blank-too.ttl"),
        other.unlink,
    ):
        change()
        now = restored()
        if many:
            assert now is None
            continue
        assert now is not None
        anew = Workspace.open(Path("graph"))
        assert now.version == anew.version
        assert now.store.filed == anew.store.filed
        assert canonical(now.quads()) == canonical(anew.quads())
        assert dict(now.verdicts) == dict(anew.verdicts)


def test_the_store_follows_a_changed_file_by_the_difference(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("graph", "blank.ttl").write_text("<urn:a> <urn:b> 1 .", encoding="utf-8")
    keeper = Keeper(Path("store"))
    workspace = keeper.restored(Path("graph"))
    assert workspace is not None
    assert keeper.before is not None
    publisher = Publisher.open(Path("store"))
    monkeypatch.setattr(publisher, "_replace", None)
    keeping.follow(workspace, keeper.before, publisher)
    state = keeping.publish(workspace, publisher)
    found = ox.Store.read_only(str(state.place["folder"]))
    assert canonical(found) == canonical(in_memory(workspace.quads()))
    assert len(list(found.quads_for_pattern(ox.NamedNode("urn:a"), None, None, ox.DefaultGraph()))) == 1
    publisher.close()


def test_it_is_not_taken_for_other_scores(home: Path) -> None:
    scores = Scores.declared()
    other = Scores({**scores.grades, "High": 0.5}, scores.factors, scores.assumed)
    keeper = Keeper(Path("store"))
    assert keeper.fits(Path("graph"), scores)
    assert not keeper.fits(Path("graph"), other)
    assert keeper.restored(Path("graph"), other) is None


def test_it_is_not_taken_from_another_release_or_layout(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    sealed(release="0.0.0")
    with caplog.at_level(logging.INFO, "argraph"):
        assert restored() is None
    assert "of another release" in caplog.text
    sealed(release=keeping._RELEASE)
    assert restored() is not None
    sealed(layout=0)
    assert restored() is None


def test_pickles_are_refused_even_with_the_right_digest(home: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (Path("executed"),)

    place = Path("store", KEPT, recorded.ARRAYS)
    with np.load(place) as arrays:
        held = dict(arrays)
    held["needs"] = np.array([Evil()] * len(held["needs"]), dtype=object)
    written = io.BytesIO()
    np.savez(written, allow_pickle=True, **held)
    place.write_bytes(written.getvalue())
    told = json.loads(Path("store", KEPT, "kept.json").read_bytes())
    parts = {**told["parts"], recorded.ARRAYS: sha256(written.getvalue()).hexdigest()}
    sealed(parts=parts)
    assert restored() is None
    assert not Path("executed").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("needs", np.zeros(3, np.int8)),
        ("needs", np.zeros((3, 3), np.int8)),
        ("base", np.zeros(3, np.float32)),
        ("supports-ends", np.array([10**6], np.int32)),
        ("attacks-offsets", np.array([5, 4, 3], np.int32)),
        ("decider", np.full(3, -7, np.int32)),
        ("goals", np.array([-3], np.int32)),
    ],
)
def test_arrays_that_make_no_sense_are_refused_even_with_the_right_digest(
    home: Path, name: str, value: np.ndarray[tuple[int, ...], np.dtype[np.generic]]
) -> None:
    place = Path("store", KEPT, recorded.ARRAYS)
    with np.load(place) as arrays:
        held = dict(arrays)
    written = io.BytesIO()
    np.savez(written, **(held | {name: value}))
    place.write_bytes(written.getvalue())
    told = json.loads(Path("store", KEPT, "kept.json").read_bytes())
    sealed(parts={**told["parts"], recorded.ARRAYS: sha256(written.getvalue()).hexdigest()})
    assert restored() is None


def test_manifests_of_another_form_are_refused(home: Path) -> None:
    cases: list[dict[str, object]] = [
        {"files": 3},
        {"files": [["a"]]},
        {"parts": []},
        {"statistics": {}},
        {"triples": "x"},
    ]
    for changes in cases:
        before = Path("store", KEPT, "kept.json").read_bytes()
        sealed(**changes)
        assert restored() is None, changes
        Path("store", KEPT, "kept.json").write_bytes(before)
    for data in (b"[]", b"3", b"\xff", b"{}", b'{"sealed": 1}'):
        Path("store", KEPT, "kept.json").write_bytes(data)
        assert restored() is None, data


def test_what_a_crash_left_half_written_is_neither_taken_nor_left(home: Path) -> None:
    shutil.move(Path("store", KEPT), Path("store", f"{KEPT}.new"))
    assert restored() is None
    keeping.load(Path("graph"), Path("store"))
    assert restored() is not None
    assert sorted(path.name for path in Path("store").glob(f"{KEPT}*")) == [KEPT]


def test_rebuilding_the_store_takes_what_is_kept_with_it(home: Path) -> None:
    Publisher.open(Path("store"), rebuild=True).close()
    assert not Path("store", KEPT).exists()


def test_a_debate_in_which_a_file_changed_while_it_was_read_is_not_kept_as_another(home: Path) -> None:
    workspace = Workspace.open(Path("graph"))
    Path("graph", "blank.ttl").write_text("<urn:a> <urn:b> 1 .", encoding="utf-8")
    publisher = Publisher.open(Path("store"))
    publisher.outdate()
    publisher.publish(workspace.quads(), workspace.version)
    Keeper(Path("store")).keep(workspace, publisher)
    publisher.close()
    now = restored()
    assert now is not None
    assert now.version == Workspace.open(Path("graph")).version != workspace.version


def test_a_store_that_is_loaded_again_takes_the_names_of_its_blank_nodes_from_what_is_kept(
    home: Path,
) -> None:
    shutil.rmtree(Path("store", KEPT))
    keeping.load(Path("graph"), Path("store"))
    Path("graph", "blank.ttl").write_text("<urn:a> <urn:b> 1 .", encoding="utf-8")
    keeper = Keeper(Path("store"))
    now = keeper.restored(Path("graph"))
    assert now is not None
    assert keeper.before is not None
    publisher = Publisher.open(Path("store"))
    keeping.follow(now, keeper.before, publisher)
    state = keeping.publish(now, publisher)
    found = ox.Store.read_only(str(state.place["folder"]))
    assert canonical(found) == canonical(in_memory(now.quads()))
    publisher.close()


def test_a_debate_without_steps_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "graph").mkdir()
    (tmp_path / "graph" / "one.ttl").write_text("<urn:a> <urn:b> <urn:c> .", encoding="utf-8")
    keeping.load(tmp_path / "graph", tmp_path / "store")
    kept = Keeper(tmp_path / "store").restored(tmp_path / "graph")
    assert kept is not None
    assert dict(kept.verdicts) == {}
    assert len(kept.store.raw) == 1


def test_the_state_that_is_kept_stays_when_the_store_changes(home: Path) -> None:
    graph = [filed.graph for filed in Workspace.open(Path("graph")).store.filed]
    state = Path("store", KEPT, "state")
    before = len(list(Asserted(state, graph, 0)))
    publisher = Publisher.open(Path("store"))
    publisher.publish(
        [ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), ox.Literal(1), ox.NamedNode("urn:g"))], "x"
    )
    publisher.close()
    assert len(list(Asserted(state, graph, 0))) == before > 100


FORKED = """
import os, sys
from pathlib import Path
from argraph import keeping
from argraph.query.worker import confine
keeping.ON_DISK = 1
workspace = keeping.Keeper(Path("store")).restored(Path("graph"), absolute=True)
workspace.ground.warm()
for _ in range(20):
    pid = os.fork()
    if pid == 0:
        confine(512 * 2**20)
        thesis = workspace.argument.theses[0].iri
        text = workspace.scaffold("objection", name="new", end=thesis)
        report = workspace.check_files({"x.ttl": text.encode()})
        os._exit(0 if len(list(workspace.store.raw)) == len(workspace.store.raw) and len(report) else 1)
    _, status = os.waitpid(pid, 0)
    assert status == 0, status
print(workspace.folder, *workspace.store.graphs)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="files are examined in forked processes on Linux")
def test_a_confined_copy_of_a_process_reads_from_disk_what_is_kept(home: Path) -> None:
    ours = os.environ | {"PYTHONPATH": str(Path(keeping.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", FORKED], capture_output=True, text=True, check=False, timeout=120, env=ours
    )
    assert done.stderr == ""
    assert done.stdout.split() == [str(home / "graph"), *map(str, sorted((home / "graph").iterdir()))]


def test_the_gate_starts_from_what_is_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from argraph.app.examiner import _warm

    monkeypatch.setattr(Workspace, "open", None)
    kept = _warm(Path("graph"), None, "store")
    assert kept.folder == home / "graph"
    Path("graph", "other.ttl").write_text(BLANK, encoding="utf-8")
    assert len(_warm(Path("graph"), None, "store").store.files) == 3
