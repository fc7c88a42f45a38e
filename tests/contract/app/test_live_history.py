"""A debate that is started, contributed to and looked back at, on a real server from beginning to end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from argraph import vocab
from argraph.app.cli import main

from ...contributed import objection
from .serving import Server, come_again, running

BASE = "https://example.org/naps/"
THESIS = "th-schools-should-allow-naps-at"
HTML = {"accept": "text/html"}
TURTLE = "text/turtle"


def run(*arguments: str | Path) -> Result:
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return done


class Visit:
    """A debate on a server, with a contributor and a reviewer."""

    def __init__(self, folder: Path, server: Server, tokens: dict[str, str]) -> None:
        self.graph, self.data = folder / "graph", folder / "data"
        self.server = server
        self._tokens = tokens

    def ask(self, path: str, *, who: str = "", body: bytes | None = None, kind: str = TURTLE) -> Any:
        headers = {"accept": "application/json", "content-type": kind}
        if who:
            headers["authorization"] = f"Bearer {self._tokens[who]}"
        # The gate goes over to the new state beside the answers.
        reply = come_again(lambda: self.server.ask(path, body=body, headers=headers))
        assert reply.status < 300, reply.body
        return json.loads(reply.body)

    def contribute(self, data: bytes, *, supersedes: str = "") -> str:
        more = f"?supersedes={supersedes}" if supersedes else ""
        told: str = self.ask(f"/api/contributions{more}", who="ada", body=data)["id"]
        return told

    def accept(self, id: str) -> None:
        self.ask(f"/api/contributions/{id}/accept", who="ruth", body=b"{}", kind="application/json")

    def acts(self, node: str) -> list[tuple[str, str, list[str]]]:
        told = self.ask(f"/id/{node}/history")["happenings"]
        return [(one["act"], one["reviewer"], [who["name"] for who in one["by"]]) for one in told]


def token(folder: Path, name: str, role: str) -> str:
    done = run("token", "create", name, "--role", role, "--data", folder / "data", "--format", "json")
    return next(str(value) for value in json.loads(done.stdout).values() if str(value).startswith("argraph_"))


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    folder = tmp_path_factory.mktemp("started") / "naps"
    run("init", folder, "--base", BASE, "--thesis", "Schools should allow naps at noon.")
    tokens = {"ada": token(folder, "ada", "contributor"), "ruth": token(folder, "ruth", "reviewer")}
    with running("--graph", str(folder / "graph"), "--data", str(folder / "data")) as server:
        yield Visit(folder, server, tokens)


def test_what_is_accepted_shows_in_histories_in_sparql_and_in_the_log_and_can_be_left_out_again(
    visit: Visit,
) -> None:
    assert visit.server.ask("/", headers=HTML).status == 200
    began = datetime.now(UTC)
    time.sleep(0.01)
    first = objection("sleepless", THESIS, BASE)
    id = visit.contribute(first)
    assert visit.server.ask("/id/ob-sleepless/history").status == 404
    visit.accept(id)
    assert visit.acts("ob-sleepless") == [("added", "ruth", ["ada"])]
    between = datetime.now(UTC)
    time.sleep(0.01)

    again = visit.contribute(first.replace(b"does not agree", b"disagrees"), supersedes=id)
    visit.accept(again)
    assert visit.acts("ob-sleepless") == [("changed", "ruth", ["ada"]), ("added", "ruth", ["ada"])]
    assert visit.acts(THESIS) == [("added", "", ["editors"])]
    (change,) = visit.ask("/id/ob-sleepless/history")["happenings"][0]["changes"]
    assert change["said"].startswith("text: was “There is a zebra, called sleepless, that does not agree.”")

    query = (
        "SELECT ?title ?until WHERE { ?v a prov:Entity ; dcterms:title ?title ; prov:specializationOf ?c . "
    )
    query += "OPTIONAL { ?v prov:invalidatedAtTime ?until } } ORDER BY ?until"
    found = json.loads(visit.server.ask(query=query).body)["results"]["bindings"]
    assert ["until" in row for row in found] == [False, True]
    asked = json.loads(visit.server.ask("/queries/who-accepted-what?format=json").body)
    cells = [{name: cell["value"] for name, cell in row.items()} for row in asked["results"]["bindings"]]
    recorded = [row for row in cells if "version" in row]
    assert [(row["by"], row["accepted_by"], "until" in row) for row in recorded] == [
        ("ada", "ruth", True),
        ("ada", "ruth", False),
    ]
    assert {row["version"] for row in recorded} == {
        f"{vocab.LEDGER_GRAPH}#version-{one}" for one in (id, again)
    }

    place = ("--graph", visit.graph, "--data", visit.data)
    log = run("log", *place).stdout.splitlines()
    assert log[0].endswith("1 node changed with “The objection sleepless” by ada, accepted by ruth")
    assert log[1].endswith("3 nodes added with “The objection sleepless” by ada, accepted by ruth")

    def objections(*more: str) -> int:
        numbers: dict[str, int] = json.loads(run("stats", "--format", "json", *place, *more).stdout)
        return numbers["objections"]

    assert [objections(), objections("--as-of", began.isoformat())] == [1, 0]
    text = f"SELECT ?text {{ <{BASE}ob-sleepless> schema:text ?text }}"
    told = run("query", "-e", text, *place, "--as-of", between.isoformat(), "--format", "csv").stdout
    assert "that does not agree" in told

    options = ("--graph", str(visit.graph), "--data", str(visit.data), "--as-of", between.isoformat())
    with running(*options) as past:  # beside the server that takes contributions
        page = past.ask("/id/ob-sleepless", headers=HTML)
        assert page.status == 200
        assert "that does not agree" in page.body.decode()
        assert f"This is the debate as of {between:%Y-%m-%d %H:%M} UTC." in page.body.decode()
        happened = json.loads(
            past.ask("/id/ob-sleepless/history", headers={"accept": "application/json"}).body
        )
        assert [one["act"] for one in happened["happenings"]] == ["added"]
        refused = past.ask(
            "/api/contributions", body=objection("late", THESIS, BASE), headers={"content-type": TURTLE}
        )
        assert refused.status >= 400
    assert sorted(path.name for path in visit.graph.iterdir()) == ["contribution.ttl", "debate.ttl"]
