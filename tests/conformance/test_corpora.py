"""Files that the community's own tools wrote: nothing of them is lost, and they make debates that pass the
gate.

The corpora are not part of this repository. Name the folder that holds them in ARGRAPH_CORPORA: its `*.json`
are read as AIF of AIFdb or xAIF, its `*.rdf` and `*.owl` as AIF in RDF. `docs/formats.md` says which were
tried.
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
    imported = registry.load(path.read_bytes(), path.name, form)
    written, _ = turtle.contributions([imported], turtle.Place("https://example.org/x/"))
    with tempfile.TemporaryDirectory() as folder:
        for name, data in written.items():
            (Path(folder) / name).write_bytes(data)
        workspace = Workspace.open(Path(folder))
        faults = [d for d in workspace.check(Path(folder)) if d.severity == "violation"]
        assert faults == [], path
        return workspace.exported(form).data
