"""What is accepted is shown: pages, search, interface, answers to queries and statuses, without a restart."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import re
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote
from weakref import ref

import httpx
import pytest
from click.testing import CliRunner

from argraph.app.api import create_app
from argraph.app.cli import main
from argraph.app.live import Live
from argraph.contribution.tokens import Tokens
from argraph.workspace import Workspace

from ... import contributed
from ...hostile_files import files
from .serving import Reply, Server, come_again, running, within

TURTLE = {"content-type": "text/turtle", "accept": "application/json"}
HTML = {"accept": "text/html"}
QUEUE = "/api/contributions"
LABEL = "Zebras object"
BUSY = b"in a moment"
"""What a server says whose gate is busy, or goes over to a new state."""
SMALL = Path(__file__).parents[1] / "queries" / "debate.ttl"
"""A debate in which the thesis `th-naps` stands."""


def objection(name: str, end: str = "th-naps") -> bytes:
    return contributed.objection(name, end, "https://example.org/later/")


class House:
    """A server that takes contributions, and those who know it: `ada` hands in, `ruth` and `saul` review."""

    def __init__(self, server: Server, graph: Path, data: Path) -> None:
        self.server, self.graph, self.data = server, graph, data
        self._secrets: dict[str, str] = {}

    def bearing(self, name: str) -> dict[str, str]:
        if name not in self._secrets:
            role: Literal["contributor", "reviewer"] = "contributor" if name == "ada" else "reviewer"
            with Tokens.open(self.data) as tokens:
                self._secrets[name] = tokens.create(name, role)
        return {"authorization": f"Bearer {self._secrets[name]}"}

    def hand_in(self, data: bytes, **given: str) -> Reply:
        query = "&".join(f"{key}={quote(value)}" for key, value in given.items())
        headers = TURTLE | self.bearing("ada")
        return come_again(lambda: self.server.ask(f"{QUEUE}?{query}", body=data, headers=headers), BUSY)

    def pending(self, data: bytes, **given: str) -> str:
        reply = self.hand_in(data, **given)
        assert reply.status == 201, reply.body
        return str(json.loads(reply.body)["id"])

    def do(self, what: str, id: str, by: str = "ruth", **said: Any) -> Reply:
        headers = {"content-type": "application/json", "accept": "application/json"} | self.bearing(by)
        body = json.dumps(said).encode()
        return come_again(lambda: self.server.ask(f"{QUEUE}/{id}/{what}", body=body, headers=headers), BUSY)

    def accepted(self, data: bytes, **given: str) -> dict[str, Any]:
        reply = self.do("accept", self.pending(data, **given))
        assert reply.status == 200, reply.body
        told: dict[str, Any] = json.loads(reply.body)
        assert told["state"] == "accepted"
        return told

    def page(self, path: str) -> Reply:
        return self.server.ask(path, headers=HTML)

    def rows(self, query: str) -> list[dict[str, str]]:
        reply = self.server.patiently(query)
        assert reply.status == 200, reply.body
        bindings = json.loads(reply.body)["results"]["bindings"]
        return [{name: term["value"] for name, term in row.items()} for row in bindings]

    def zebras(self, test: str) -> list[str]:
        """The objections of a test that can be asked for, each as often as it stands there."""
        found = self.rows(
            f'SELECT ?s {{ GRAPH ?g {{ ?s skos:prefLabel ?l FILTER CONTAINS(?l, "{LABEL}: {test}-") }} }} '
            "ORDER BY ?s"
        )
        return [row["s"].rpartition("-")[2] for row in found]


@contextmanager
def housed(folder: Path, *options: str) -> Iterator[House]:
    graph, data = folder / "debate", folder / "data"
    graph.mkdir(exist_ok=True)
    shutil.copy(SMALL, graph)
    with running("--graph", str(graph), "--data", str(data), *options) as server:
        yield House(server, graph, data)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with housed(tmp_path_factory.mktemp("house")) as house:
        yield house


def test_what_is_accepted_is_shown_everywhere_without_a_restart(house: House) -> None:
    thesis = "/id/th-naps"
    before = house.page(thesis)
    tag = house.server.ask("/api/nodes/th-naps", headers={"accept": "application/json"}).headers["etag"]
    status = "SELECT ?status { <https://example.org/later/th-naps> arg:status ?status }"
    assert house.rows(status) == [{"status": "accepted"}]
    id = house.pending(objection("what0-one"), name="my objection.ttl")
    assert house.page("/id/ob-what0-one").status == 404
    assert house.zebras("what0") == []

    told = json.loads(house.do("accept", id).body)

    assert told["path"] == "my-objection.ttl"
    assert (house.graph / told["path"]).read_bytes() == objection("what0-one")
    assert b"Zebras object: what0-one" in house.page("/id/ob-what0-one").body
    after = house.page(thesis)
    assert b"Zebras object: what0-one" in after.body
    assert b"Zebras object: what0" not in before.body
    assert b"Zebras object: what0-one" in re.sub(rb"</?mark>", b"", house.page("/search?q=zebras").body)
    assert house.zebras("what0") == ["one"]
    assert house.rows(status) == [{"status": "rejected"}]
    again = house.server.ask(
        "/api/nodes/th-naps", headers={"accept": "application/json", "if-none-match": tag}
    )
    assert again.status == 200
    assert json.loads(again.body)["status"] == "rejected"
    assert b"Zebras object: what0-one" in house.page("/t/th-naps").body
    graph = house.server.ask("/graph", headers={"accept": "application/n-triples"})
    assert b"ob-what0-one" in graph.body


def test_what_is_retracted_is_shown_no_more(house: House) -> None:
    told = house.accepted(objection("what1-one"))
    asked = house.do("retract", told["id"], "ada", comment="It was wrong.")
    assert asked.status == 201, asked.body
    assert house.zebras("what1") == ["one"]
    assert house.do("accept", json.loads(asked.body)["id"]).status == 200
    assert house.zebras("what1") == []
    assert house.page("/id/ob-what1-one").status == 404
    assert not (house.graph / told["path"]).exists()
    state = json.loads(house.server.ask(f"{QUEUE}/{told['id']}", headers=TURTLE).body)["state"]
    assert state == "withdrawn"


def test_a_revision_takes_the_place_of_what_it_revises(house: House) -> None:
    first = house.accepted(objection("a2-one"), name="first.ttl")
    second = house.accepted(objection("a2-two"), name="second.ttl", supersedes=first["id"])
    assert second["path"] == first["path"]
    assert house.zebras("a2") == ["two"]
    assert house.page("/id/ob-a2-one").status == 404
    state = json.loads(house.server.ask(f"{QUEUE}/{first['id']}", headers=TURTLE).body)["state"]
    assert state == "superseded"


def test_a_revision_of_what_somebody_deleted_by_hand_can_be_accepted(house: House) -> None:
    first = house.accepted(objection("byhand0-one"), name="by-hand.ttl")
    (house.graph / first["path"]).unlink()
    revised = objection("byhand0-one").replace(b"Zebras object", b"Zebras still object")

    told = house.accepted(revised, name="other.ttl", supersedes=first["id"])

    assert told["path"] == first["path"]
    assert (house.graph / first["path"]).read_bytes() == revised
    assert b"Zebras still object: byhand0-one" in house.page("/id/ob-byhand0-one").body


def test_what_no_longer_fits_is_not_accepted_and_stays_in_the_queue(house: House) -> None:
    base = house.accepted(objection("what3-one"))
    id = house.pending(objection("what3-two", end="ob-what3-one").replace(b"Objection", b"Rebuttal"))
    asked = json.loads(house.do("retract", base["id"], "ada", comment="Not so.").body)["id"]
    assert house.do("accept", asked).status == 200
    reply = house.do("accept", id)
    assert reply.status == 422, reply.body
    assert b"ob-what3-one" in reply.body
    state = json.loads(house.server.ask(f"{QUEUE}/{id}", headers=TURTLE).body)["state"]
    assert state == "pending"
    assert house.zebras("what3") == []


def test_two_files_accepted_at_once_are_both_shown(house: House) -> None:
    ids = [house.pending(objection(f"two4-{name}"), name="same-name.ttl") for name in ("one", "two")]
    with ThreadPoolExecutor(2) as pool:
        replies = list(
            pool.map(lambda pair: house.do("accept", *pair), zip(ids, ["ruth", "saul"], strict=True))
        )
    assert [reply.status for reply in replies] == [200, 200]
    assert len({json.loads(reply.body)["path"] for reply in replies}) == 2
    assert house.zebras("two4") == ["one", "two"]


def test_two_reviewers_of_one_file_come_to_one_outcome(house: House) -> None:
    id = house.pending(objection("two5-one"))
    house.bearing("ruth"), house.bearing("saul")

    def decide(by: str) -> tuple[str, int]:
        what = "accept" if by == "ruth" else "reject"
        return what, house.do(what, id, by, comment="So be it.").status

    with ThreadPoolExecutor(2) as pool:
        told = dict(pool.map(decide, ["ruth", "saul"]))
    assert sorted(told.values()) == [200, 409]
    state = json.loads(house.server.ask(f"{QUEUE}/{id}", headers=TURTLE).body)["state"]
    assert state == ("accepted" if told["accept"] == 200 else "rejected")
    assert house.zebras("two5") == (["one"] if state == "accepted" else [])


def test_one_file_from_many_at_once_is_one_contribution(house: House) -> None:
    house.bearing("ada")
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(house.hand_in, [objection("one6-one")] * 20))
    assert sorted(reply.status for reply in replies) == [201] + [409] * 19
    assert len({reply.headers["location"] for reply in replies}) == 1


def test_what_somebody_else_changes_in_the_folder_counts_for_the_next_decision(house: House) -> None:
    id = house.pending(objection("what7-one"))
    (house.graph / "by-hand.ttl").write_bytes(objection("what7-two", end="ob-what7-one"))
    reply = house.do("accept", id)
    assert reply.status == 200, reply.body
    assert house.zebras("what7") == ["one", "two"]
    (house.graph / "by-hand.ttl").write_bytes(b"broken")
    id = house.pending(objection("what7-three"))
    assert house.do("accept", id).status == 503
    (house.graph / "by-hand.ttl").unlink()
    assert house.do("accept", id).status == 200
    assert house.zebras("what7") == ["one", "three"]


def test_nothing_is_decided_while_the_folder_cannot_be_written(house: House) -> None:
    id = house.pending(objection("noth8-one"))
    elsewhere = house.graph.with_name("elsewhere")
    house.graph.rename(elsewhere)
    reply = house.do("accept", id)
    assert reply.status == 503
    reply.problem()
    elsewhere.rename(house.graph)
    state = json.loads(house.server.ask(f"{QUEUE}/{id}", headers=TURTLE).body)["state"]
    assert state == "pending"
    assert house.do("accept", id).status == 200
    assert house.zebras("noth8") == ["one"]


def test_readers_notice_nothing_but_the_new_state(house: House) -> None:
    ids = [house.pending(objection(f"read9-n{number}")) for number in range(3)]
    done = threading.Event()
    seen: list[tuple[str, int]] = []

    def read(path: str) -> None:
        while not done.is_set():
            seen.append((path, house.page(path).status))

    paths = ["/", "/t/th-naps", "/id/cl-sleep", "/search?q=sleep", "/queries/theses"]
    with ThreadPoolExecutor(len(paths)) as pool:
        for path in paths:
            pool.submit(read, path)
        try:
            replies = [house.do("accept", id).status for id in ids]
        finally:
            done.set()
    assert replies == [200, 200, 200]
    assert {status for _, status in seen} == {200}
    assert {path for path, _ in seen} == set(paths)


def test_a_state_that_is_shown_no_more_leaves_nothing_open(house: House) -> None:
    def handles() -> int:
        """Open files but for those of the store, which come and go."""
        found = 0
        for file in Path(f"/proc/{house.server.process.pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                found += "argraph-store" not in os.readlink(file)
        return found

    for number in range(2):
        house.accepted(objection(f"a10-a{number}"))
    before = handles()
    for number in range(4):
        house.accepted(objection(f"a10-b{number}"))
    within(lambda: handles() <= before + 2)  # workers that leave take a while
    stores = [entry for entry in os.listdir("/dev/shm") if f"-{house.server.process.pid}-" in entry]
    if stores:
        assert len(os.listdir(f"/dev/shm/{stores[0]}/snapshots")) <= 2


def test_a_state_that_is_shown_no_more_is_forgotten(tmp_path: Path) -> None:
    shutil.copy(SMALL, tmp_path)

    async def change() -> tuple[Live, list[ref[Workspace]]]:
        app, old = create_app(Workspace.open(tmp_path)), []
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://debate.example") as client:
            for _ in range(3):
                for path in ("/", "/t/th-naps", "/id/th-later", "/search?q=sleep", "/ontology"):
                    assert (await client.get(path, headers=HTML)).status_code == 200
                old.append(ref(app.state.workspace))
                await app.show(app.state.workspace.reopened())
        await app.lasting.endpoint.stop()
        return app, old

    app, (_, *later) = asyncio.run(change())  # the gate has the first one until it has to follow
    gc.collect()  # and no task is left
    assert app.state.workspace is not None
    assert [workspace() for workspace in later] == [None, None]


def test_saved_questions_that_were_dropped_in_stay_on_offer(tmp_path: Path) -> None:
    queries = tmp_path / "queries"
    queries.mkdir()
    (queries / "zebras.rq").write_text(
        "#+ title: Which zebras are there?\n#+ summary: One row for each.\n"
        "#+ column s: iri\n#+ column l: string\n"
        f'SELECT ?s ?l {{ ?s skos:prefLabel ?l FILTER CONTAINS(?l, "{LABEL}") }}\n',
        encoding="utf-8",
    )
    with housed(tmp_path, "--queries", str(queries)) as house:
        first = come_again(lambda: house.server.ask("/queries/zebras"))
        assert first.status == 200, first.body
        assert json.loads(first.body)["results"]["bindings"] == []
        house.accepted(objection("save11-one"))
        reply = come_again(lambda: house.server.ask("/queries/zebras"))
        assert reply.status == 200, reply.body
        assert len(json.loads(reply.body)["results"]["bindings"]) == 1
        published = "GRAPH <https://w3id.org/argraph/queries> { ?q ?p ?o }"
        told = house.rows(f"SELECT DISTINCT ?q {{ {published} FILTER CONTAINS(STR(?q), 'zebras') }}")
        assert len(told) == 1


def test_files_that_mean_harm_do_the_server_none(house: House) -> None:
    hostile = files()
    chosen = [
        name
        for name in hostile
        if name
        in {
            "no text",
            "nested lists",
            "nodes without a name that meet again and again",
            "XML that expands",
            "one object again and again",
            "steps in a ring",
            "misspelt words",
            "a number of a million digits",
        }
    ]
    assert len(chosen) == 8
    headers = TURTLE | house.bearing("ruth")
    for name in chosen:
        reply = house.server.ask(f"{QUEUE}?dry_run=1", body=hostile[name], headers=headers)
        assert reply.status in {200, 422, 429, 503, 504}, name
        assert b"Traceback" not in reply.body
        house.server.healthy()
    assert house.page("/t/th-naps").status == 200


def test_without_a_folder_for_contributions_none_is_taken() -> None:
    with running() as server:
        checked = server.ask(f"{QUEUE}?dry_run=1", body=contributed.objection("one"), headers=TURTLE)
        assert checked.status == 200, checked.body
        refused = server.ask(QUEUE, body=contributed.objection("one"), headers=TURTLE)
        assert refused.status == 403
        refused.problem()


def test_contributions_are_never_written_into_the_shipped_debate(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["serve", "--data", str(tmp_path), "--port", "0"])
    assert told.exit_code == 2
    assert "--graph" in told.output
    told = CliRunner().invoke(main, ["serve", "--anonymous", "--port", "0"])
    assert told.exit_code == 2
    assert "--data" in told.output


def test_one_data_folder_has_one_server(house: House) -> None:
    command = ["serve", "--port", "0", "--graph", str(house.graph), "--data", str(house.data)]
    told = CliRunner().invoke(main, command)
    assert told.exit_code == 3
    assert "already" in told.stderr
    assert str(house.data) in told.stderr
    assert house.page("/").status == 200


def test_a_debate_that_is_no_folder_takes_no_contributions(tmp_path: Path) -> None:
    graph = tmp_path / "debate.ttl"
    graph.write_bytes(objection("a16-one"))
    command = ["serve", "--port", "0", "--graph", str(graph), "--data", str(tmp_path / "data")]
    told = CliRunner().invoke(main, command)
    assert told.exit_code == 3
    assert "folder" in told.stderr
