"""A debate that was taken over from a file of another format opens as any other, whatever the file held."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from argraph.exchange import registry, turtle
from argraph.workspace import Workspace

from ...servers import served
from .conftest import BROWSER

SOURCE = {
    "nodes": [
        {"nodeID": "1", "text": "Fuel should be <b>dearer</b>.", "type": "I"},
        {"nodeID": "<2>", "text": "", "type": "I"},
        {"nodeID": "3", "text": "Default Inference", "type": "RA", "scheme": "<script>alert(1)</script>"},
        {"nodeID": "4", "text": "x" * 3000, "type": "I"},
        {"nodeID": "5", "text": "Default Conflict", "type": "CA"},
        {"nodeID": "6", "text": "</script><script>alert(1)</script>", "type": "L"},
    ],
    "edges": [
        {"edgeID": str(number), "fromID": start, "toID": end}
        for number, (start, end) in enumerate([("<2>", "3"), ("3", "1"), ("4", "5"), ("5", "3")])
    ],
    "locutions": [{"nodeID": "6", "source": "y" * 1000}],
}


@pytest.fixture
def taken_over(tmp_path: Path) -> Workspace:
    imported = registry.load(json.dumps(SOURCE).encode(), "<i>map.json", "aif")
    written, _ = turtle.contributions([imported], turtle.Place("https://example.org/x/"))
    for name, data in written.items():
        (tmp_path / name).write_bytes(data)
    return Workspace.open(tmp_path)


def test_every_page_of_it_opens_and_runs_nothing_of_it(taken_over: Workspace) -> None:
    names = [taken_over.key(iri) for iri in (*taken_over.argument.nodes, *taken_over.argument.steps)]
    names += ["source-i-map", "contribution-i-map", "scheme-script-alert-1-script"]
    with served(taken_over) as client:
        assert "Fuel should be &lt;b&gt;dearer&lt;/b&gt;" in client.get("/", headers=BROWSER).text
        for name in names:
            answer = client.get(f"/id/{name}", headers=BROWSER, follow_redirects=True)
            assert answer.status_code == 200, name
            assert "<script>alert" not in answer.text
        source = client.get("/id/source-i-map", headers=BROWSER).text
        assert "kB kept for programs" in source
        assert "yyyy" not in source
        back = client.get("/api/export", params={"format": "aif"}).json()
    assert {json.dumps(n, sort_keys=True) for n in back["nodes"]} == {
        json.dumps(n, sort_keys=True) for n in SOURCE["nodes"]
    }
    assert back["locutions"] == SOURCE["locutions"]
