"""Files of AIF that are taken over together: what they share is one, and what only looks shared is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from argraph.exchange import registry, turtle
from argraph.exchange.model import Loss
from argraph.workspace import Workspace

PLACE = turtle.Place("https://example.org/x/")
RA = {"type": "RA", "text": "Default Inference", "scheme": "Default Inference", "schemeID": "72"}
CA = {"type": "CA", "text": "Default Conflict", "scheme": "Default Conflict", "schemeID": "71"}


def node(name: str, text: str = "", **others: str) -> dict[str, str]:
    return {"nodeID": name, "text": text, "type": "I", "timestamp": "2020-01-31 10:00:00", **others}


def nodeset(nodes: list[dict[str, str]], *edges: tuple[str, str]) -> dict[str, Any]:
    joined = [
        {"edgeID": f"{start}-{end}", "fromID": start, "toID": end, "formEdgeID": None} for start, end in edges
    ]
    return {"nodes": nodes, "edges": joined, "locutions": []}


FUEL = node("1", "Fuel should be dearer.")
ROADS = node("2", "Roads are worn down by traffic.")
SPOKEN = node("8", "Ann: Roads are worn down by traffic", type="L")
SAID = {"nodeID": "9", "text": "Asserting", "type": "YA", "timestamp": ""}
DIALOGUE = (("8", "9"), ("9", "2"))
FIRST = nodeset([FUEL, ROADS, {**node("3"), **RA}, SPOKEN, SAID], ("2", "3"), ("3", "1"), *DIALOGUE)
SECOND = nodeset(
    [ROADS, node("4", "Rain wears them down, too."), {**node("5"), **CA}, SPOKEN, SAID],
    ("4", "5"),
    ("5", "2"),
    *DIALOGUE,
)


def taken(tmp_path: Path, *files: dict[str, Any]) -> tuple[Workspace, dict[str, tuple[Loss, ...]]]:
    imports = [
        registry.load(json.dumps(file).encode(), f"set{number}.json", "aif")
        for number, file in enumerate(files, start=1)
    ]
    written, losses = turtle.contributions(imports, PLACE)
    for name, data in written.items():
        (tmp_path / name).write_bytes(data)
    workspace = Workspace.open(tmp_path)
    report = workspace.check(tmp_path)
    assert report.ok, report
    return workspace, losses


def local(workspace: Workspace) -> dict[str, str]:
    return {iri.removeprefix(PLACE.base): node.kind for iri, node in workspace.argument.nodes.items()}


def test_a_node_that_two_files_have_is_one_with_the_provenance_of_both(tmp_path: Path) -> None:
    workspace, losses = taken(tmp_path, FIRST, SECOND)
    assert local(workspace) == {"set1-n-1": "thesis", "set1-n-2": "claim", "set2-n-4": "objection"}
    assert {
        (step.kind, *(iri.removeprefix(PLACE.base) for iri in (*step.premises, step.end)))
        for step in workspace.argument.steps.values()
    } == {("support", "set1-n-2", "set1-n-1"), ("attack", "set2-n-4", "set1-n-2")}
    shared = workspace.argument.nodes[PLACE.base + "set1-n-2"]
    assert set(shared.sources) == {PLACE.base + "source-set1", PLACE.base + "source-set2"}
    assert (
        Loss(
            "2",
            "node that set1.json has, too",
            "what has the same name and says the same is one, taken from both files",
            "added",
        )
        in losses["set2.json"]
    )


def test_files_that_share_nodes_are_written_as_one_with_each_node_and_edge_once(tmp_path: Path) -> None:
    workspace, _ = taken(tmp_path, FIRST, SECOND)
    written = json.loads(workspace.exported("aif").data)
    for key in ("nodes", "edges"):
        once = {json.dumps(item, sort_keys=True) for file in (FIRST, SECOND) for item in file[key]}
        assert sorted(json.dumps(item, sort_keys=True) for item in written[key]) == sorted(once)


def test_what_is_a_thesis_is_decided_for_files_that_share_nodes_together(tmp_path: Path) -> None:
    below = nodeset([node("4", "Lorries are heavy."), ROADS, {**node("5"), **RA}], ("4", "5"), ("5", "2"))
    workspace, _ = taken(tmp_path, below, FIRST)
    assert local(workspace) == {"set2-n-1": "thesis", "set1-n-2": "claim", "set1-n-4": "claim"}


def test_a_circle_of_supports_through_two_files_is_opened_and_told(tmp_path: Path) -> None:
    back = nodeset([FUEL, ROADS, {**node("5"), **RA}], ("1", "5"), ("5", "2"))
    workspace, losses = taken(tmp_path, FIRST, back)
    assert len(workspace.argument.steps) == 1
    told = [loss for found in losses.values() for loss in found if loss.kind == "dropped"]
    assert [(loss.what, loss.reason.partition(";")[0]) for loss in told] == [
        ("support", "it closes a circle of statements that hold each other up")
    ]


def test_a_step_that_two_files_have_is_one(tmp_path: Path) -> None:
    workspace, losses = taken(tmp_path, FIRST, FIRST)
    assert len(workspace.argument.steps) == 1
    assert len(workspace.argument.nodes) == 2
    assert ("3", "step that set1.json has, too", "added") in [
        (loss.place, loss.what, loss.kind) for loss in losses["set2.json"]
    ]


def test_the_same_name_for_another_text_is_another_node_and_told(tmp_path: Path) -> None:
    clash = nodeset(
        [ROADS, node("1", "Fuel should be cheaper."), {**node("3"), **CA}], ("1", "3"), ("3", "2")
    )
    workspace, losses = taken(tmp_path, FIRST, clash)
    assert len(workspace.argument.nodes) == 3
    assert len(workspace.argument.steps) == 2
    assert [(loss.place, loss.reason) for loss in losses["set2.json"] if loss.kind == "changed"] == [
        ("1", "set1.json has the same name for something else: they are two"),
        ("3", "set1.json has the same name for something else: they are two"),
    ]


def test_files_that_only_number_their_nodes_alike_stay_apart_and_lose_nothing(tmp_path: Path) -> None:
    other = nodeset(
        [node("1", "Tea is hot."), node("2", "Water boils."), {**node("3"), **RA}], ("2", "3"), ("3", "1")
    )
    workspace, losses = taken(tmp_path, FIRST, other)
    assert len(workspace.argument.nodes) == 4
    assert not [loss for loss in losses["set2.json"] if loss.kind in {"dropped", "changed"}]
    assert ("1", "name that set1.json has for something else", 2) in [
        (loss.place, loss.what, loss.count) for loss in losses["set2.json"]
    ]


@pytest.mark.parametrize("form", ["csv", "kialo"])
def test_names_of_other_formats_mean_nothing_beyond_their_file(form: str) -> None:
    text = {
        "csv": b"source,target,kind\nRoads are worn.,Fuel should be dearer.,support\n",
        "kialo": b"1. Fuel should be dearer.\n1.1. Pro: Roads are worn.\n",
    }[form]
    imports = [registry.load(text, name, form) for name in ("a.txt", "b.txt")]
    written, _ = turtle.contributions(imports, PLACE)
    both = [ox.parse(written[name], format=ox.RdfFormat.TURTLE) for name in ("a.ttl", "b.ttl")]
    first, second = ({quad.subject for quad in triples} for triples in both)
    assert not {s for s in first if isinstance(s, ox.NamedNode)} & second


def test_a_locution_that_is_a_statement_of_another_file_is_written_once(tmp_path: Path) -> None:
    used = nodeset([FUEL, SPOKEN, {**node("6"), **CA}], ("8", "6"), ("6", "1"))
    workspace, _ = taken(tmp_path, FIRST, used)
    written = json.loads(workspace.exported("aif").data)
    once = {json.dumps(item, sort_keys=True) for file in (FIRST, used) for item in file["nodes"]}
    assert sorted(json.dumps(item, sort_keys=True) for item in written["nodes"]) == sorted(once)
