"""A store that was loaded beforehand, and a server that starts from it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.contract.app.serving import running

from argraph import keeping
from argraph.app.cli import main, serving
from argraph.keeping import Keeper
from argraph.rdf.snapshots import KEPT

DEBATE = Path(__file__).parents[1] / "queries" / "debate.ttl"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@pytest.fixture
def graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "graph").mkdir()
    shutil.copy(DEBATE, tmp_path / "graph")
    ours = str(Path(keeping.__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([ours, os.environ.get("PYTHONPATH", "")]))
    return tmp_path / "graph"


def test_load_fills_a_store_that_holds_all_that_serve_takes(graph: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["load", "--graph", str(graph), "--store", str(tmp_path / "store")])
    assert (done.exit_code, done.output) == (0, "")
    assert Keeper(tmp_path / "store").fits(graph)


def test_load_says_where_a_file_is_broken_and_keeps_nothing(graph: Path, tmp_path: Path) -> None:
    (graph / "broken.ttl").write_text("<urn:a> <urn:b> .\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["load", "--graph", str(graph), "--store", str(tmp_path / "store")])
    assert done.exit_code == 3
    assert "broken.ttl:1:" in done.output
    assert not (tmp_path / "store" / KEPT).exists()


def test_load_does_not_touch_a_folder_that_holds_something_else(graph: Path, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "letter.txt").write_text("Dear", encoding="utf-8")
    done = CliRunner().invoke(main, ["load", "--graph", str(graph), "--store", str(tmp_path / "store")])
    assert done.exit_code == 3
    assert "something that is not a store" in done.output
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["letter.txt"]


def test_a_server_shows_the_same_from_files_from_what_is_kept_and_after_damage(
    graph: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    answers = []
    for damage in (False, False, True):
        if damage:
            (store / KEPT / "argument.jsonl").write_bytes(b"{}")
        with running("--graph", str(graph), "--store", str(store)) as server:
            page = server.ask("/id/th-later", headers={"accept": "text/html"})
            data = server.ask("/id/th-later?format=ntriples")
            found = json.loads(server.ask(query=COUNT).body)
            search = server.ask("/api/search?q=sleep")
            answers.append((page.status, page.body, sorted(data.body.splitlines()), found, search.body))
        assert Keeper(store).fits(graph)
    assert answers[0][0] == 200
    assert answers[1] == answers[0]
    assert answers[2] == answers[0]


def test_a_server_shows_what_changed_while_it_was_off(graph: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    with running("--graph", str(graph), "--store", str(store)) as server:
        before = json.loads(server.ask(query=COUNT).body)["results"]["bindings"][0]["n"]["value"]
    (graph / "more.ttl").write_text("<urn:a> <urn:b> 1, 2 .", encoding="utf-8")
    with running("--graph", str(graph), "--store", str(store)) as server:
        after = json.loads(server.ask(query=COUNT).body)["results"]["bindings"][0]["n"]["value"]
        two = json.loads(server.ask(query="SELECT ?o { <urn:a> <urn:b> ?o }").body)["results"]["bindings"]
    assert int(after) > int(before)
    assert {row["o"]["value"] for row in two} == {"1", "2"}


def test_a_large_debate_is_read_by_a_process_of_its_own_before_it_is_served(
    graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "LARGE", 1)
    given: dict[str, Any] = {}
    monkeypatch.setattr("argraph.app.serving.serve", lambda graph, **options: given.update(options))
    options = ["serve", "--graph", str(graph), "--store", str(tmp_path / "store")]
    assert CliRunner().invoke(main, options).exit_code == 0
    load: Callable[[], None] = given["load"]
    load()
    assert Keeper(tmp_path / "store").fits(graph)
    with monkeypatch.context() as patch:
        patch.setattr("subprocess.run", None)  # what is there already is left alone
        load()
    (graph / "broken.ttl").write_text("<urn:a> <urn:b> .\n", encoding="utf-8")
    shutil.rmtree(tmp_path / "store")
    with pytest.raises(SystemExit) as ended:
        load()
    assert ended.value.code == 3


def test_a_small_debate_and_one_without_a_store_are_read_by_the_server(
    graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr("argraph.app.serving.serve", lambda graph, **options: given.update(options))
    monkeypatch.setattr("subprocess.run", None)
    for options in (["--store", str(tmp_path / "store")], []):
        assert CliRunner().invoke(main, ["serve", "--graph", str(graph), *options]).exit_code == 0
        given["load"]()
    monkeypatch.setattr(serving, "LARGE", 1)
    given["load"]()
