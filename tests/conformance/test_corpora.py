"""Files that the community's own tools wrote: nothing of them is lost, and they make debates that pass the
gate.

The corpora are not part of this repository. Name the folder that holds them in ARGRAPH_CORPORA: its `*.json`
are read as AIF of AIFdb or xAIF, its `*.rdf` and `*.owl` as AIF in RDF, its `*.graphml` as maps drawn in yEd,
its `*.txt` that begin with “Discussion” as exports of Kialo. `docs/formats.md` says which were tried.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from argraph.errors import FormatError
from argraph.exchange import aif, aif_json, registry, turtle
from argraph.exchange.model import Imported
from argraph.workspace import Workspace

FOLDER = os.environ.get("ARGRAPH_CORPORA")
CHECKED = 20
"""So many files of each form are put through the gate, by a fixed draw: half a second for each."""

pytestmark = pytest.mark.skipif(
    not FOLDER,
    reason="No corpora: name a folder with files of AIF in ARGRAPH_CORPORA; none is committed.",
)


def files(*endings: str) -> list[Path]:
    return sorted(path for path in Path(FOLDER or ".").rglob("*") if path.suffix in endings)


def documents() -> Iterator[tuple[Path, aif.Document]]:
    for path in files(".json"):
        try:
            document, _ = aif_json.read(path.read_bytes(), path.name)
        except FormatError:
            continue  # another program's settings, in a folder of many things
        yield path, document


def canonical(document: aif.Document) -> tuple[object, ...]:
    nodes = sorted(json.dumps(node, sort_keys=True) for node in document.nodes)
    edges = sorted(json.dumps(edge, sort_keys=True) for edge in document.edges)
    return nodes, edges, document.rest, document.outer


def test_every_file_of_aif_comes_back_with_all_that_it_holds() -> None:
    read = 0
    for path, document in documents():
        imported = registry.load(path.read_bytes(), path.name, "aif")
        again, _ = aif_json.read(registry.dump(imported.model, "aif").data, path.name)
        if document.outer is None:
            document.rest.setdefault("locutions", [])
        assert canonical(again) == canonical(document), path
        read += 1
    assert read


def test_files_of_aif_make_debates_that_pass_the_gate_and_come_back_from_them() -> None:
    drawn = random.Random(8)
    found = list(documents())
    for path, document in drawn.sample(found, min(CHECKED, len(found))):
        exported = through_a_debate(path, "aif")
        if document.outer is None:
            document.rest.setdefault("locutions", [])
        assert canonical(aif_json.read(exported, path.name)[0]) == canonical(document), path


def test_files_of_rdf_make_debates_that_pass_the_gate() -> None:
    found = files(".rdf", ".owl")
    if not found:
        pytest.skip("There is no *.rdf or *.owl in ARGRAPH_CORPORA.")
    for path in found[:CHECKED]:
        assert through_a_debate(path, "aif-rdf")


def through_a_debate(path: Path, form: str) -> bytes:
    return gated(registry.load(path.read_bytes(), path.name, form)).exported(form).data


def gated(*imports: Imported) -> Workspace:
    """A debate of files, after the gate has found nothing to refuse in it."""
    written, _ = turtle.contributions(imports, turtle.Place("https://example.org/x/"))
    with tempfile.TemporaryDirectory() as folder:
        for name, data in written.items():
            (Path(folder) / name).write_bytes(data)
        workspace = Workspace.open(Path(folder))
        faults = [d for d in workspace.check(Path(folder)) if d.severity == "violation"]
        assert faults == [], imports[0].name
        assert workspace.argument.nodes
        return workspace


def test_text_exports_of_kialo_lose_nothing_and_pass_the_gate() -> None:
    found = [path for path in files(".txt") if path.read_bytes()[:11] == b"Discussion "]
    if not found:
        pytest.skip("There is no export of Kialo in ARGRAPH_CORPORA.")
    for path in found:
        imported = registry.load(path.read_bytes(), path.name, "kialo")
        assert imported.losses.ok, path
        gated(imported)


def test_maps_drawn_in_yed_pass_the_gate() -> None:
    found = files(".graphml")
    if not found:
        pytest.skip("There is no *.graphml in ARGRAPH_CORPORA.")
    for path in found:
        gated(registry.load(path.read_bytes(), path.name, "graphml"))


def test_nodesets_of_one_corpus_come_back_as_one_with_each_node_and_edge_once() -> None:
    found = [(path, document) for path, document in documents() if document.outer is None]
    seen = {str(node.get("nodeID")) for _, document in found[:1] for node in document.nodes}
    drawn = [found[0]]
    for path, document in found[1:]:  # those that share nodes with what is drawn already
        names = {str(node.get("nodeID")) for node in document.nodes}
        if names & seen and len(drawn) < CHECKED:
            seen |= names
            drawn.append((path, document))
    workspace = gated(*(registry.load(path.read_bytes(), path.name, "aif") for path, _ in drawn))
    again, _ = aif_json.read(workspace.exported("aif").data, "again.json")
    for part in ("nodes", "edges"):
        once = {json.dumps(item, sort_keys=True) for _, document in drawn for item in getattr(document, part)}
        assert sorted(json.dumps(item, sort_keys=True) for item in getattr(again, part)) == sorted(once)
