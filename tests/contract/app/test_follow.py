"""A server that follows shows what others change in the debate's folder, whole and without a restart."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from argraph.app.cli import main
from argraph.app.follow import Follower
from argraph.contribution.files import signature
from argraph.contribution.history import Chronicle
from argraph.workspace import Workspace

from .serving import Reply, come_again, running, within
from .test_live import BUSY, QUEUE, SMALL, TURTLE, House, housed, objection

STATUS = "SELECT ?status { <https://example.org/later/th-naps> arg:status ?status }"


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[House, House]]:
    """A server that takes contributions, and one that follows it."""
    with housed(tmp_path) as first:
        options = ("--graph", str(first.graph), "--data", str(first.data), "--follow", "0.2")
        with running(*options, "--workers", "1") as server:
            yield first, House(server, first.graph, first.data)


def test_what_one_server_accepts_another_shows_without_a_restart(pair: tuple[House, House]) -> None:
    first, second = pair
    assert second.rows(STATUS) == [{"status": "accepted"}]
    told = first.accepted(objection("follow-one"))
    within(lambda: second.page("/id/ob-follow-one").status == 200)
    assert b"Zebras object: follow-one" in second.page("/id/th-naps").body
    assert b"follow-one" in second.page("/search?q=zebras").body
    assert second.zebras("follow") == ["one"]
    assert second.rows(STATUS) == first.rows(STATUS) == [{"status": "rejected"}]
    # Who handed it in and who accepted it is part of what is asked, and comes from the record.
    accepted = "SELECT (COUNT(*) AS ?n) { ?s prov:wasAttributedTo|prov:wasAssociatedWith ?o }"
    assert second.rows(accepted) == first.rows(accepted) != [{"n": "0"}]
    assert b"Zebras object: follow-one" in second.page("/id/ob-follow-one/history").body

    asked = json.loads(first.do("retract", told["id"], "ada", comment="It was wrong.").body)["id"]
    assert first.do("accept", asked).status == 200
    within(lambda: second.page("/id/ob-follow-one").status == 404)
    assert second.zebras("follow") == []


def test_a_server_that_follows_checks_against_what_it_shows_and_takes_nothing(
    pair: tuple[House, House],
) -> None:
    first, second = pair
    rebuttal = objection("reply-one", end="ob-base-one").replace(b"Objection", b"Rebuttal")

    def checked() -> Reply:
        return come_again(
            lambda: second.server.ask(f"{QUEUE}?dry_run=1", body=rebuttal, headers=TURTLE), BUSY
        )

    before = checked()
    assert before.status == 422
    assert b"ob-base-one" in before.body
    first.accepted(objection("base-one"))
    within(lambda: second.page("/id/ob-base-one").status == 200)
    within(lambda: checked().status == 200)
    refused = second.server.ask(QUEUE, body=rebuttal, headers=TURTLE)
    assert refused.status == 403
    assert "takes no contributions" in refused.problem()["detail"]


def test_a_broken_file_leaves_the_state_before_and_is_followed_once_it_is_mended(tmp_path: Path) -> None:
    graph = tmp_path / "debate"
    graph.mkdir()
    shutil.copy(SMALL, graph)
    whole = objection("mended-one")
    with running("--graph", str(graph), "--follow", "0.2", "--workers", "1") as server:
        house = House(server, graph, tmp_path)
        (graph / "more.ttl").write_bytes(whole[: len(whole) // 2])  # as who writes in place leaves it
        (graph / "other.ttl").write_bytes(objection("other-one"))
        time.sleep(1)  # five times as long as it takes to look
        assert house.page("/id/ob-other-one").status == 404
        assert house.page("/id/th-naps").status == 200
        assert house.rows(STATUS) == [{"status": "accepted"}]
        (graph / "more.ttl").write_bytes(whole)
        within(lambda: house.page("/id/ob-mended-one").status == 200)
        assert house.page("/id/ob-other-one").status == 200
        assert house.rows(STATUS) == [{"status": "rejected"}]


class Changing(Workspace):
    """One whose folder is changed by somebody else while it is read for the first time."""

    def amended(self, changes: Mapping[str, bytes | None], chronicle: Chronicle | None = None) -> Workspace:
        read = super().amended(changes, chronicle)
        target = self.folder / "late.ttl"
        if not target.exists():
            staged = self.folder / ".late"
            staged.write_bytes(objection("late-one"))
            staged.rename(target)
        return read


def test_a_folder_that_changes_while_it_is_read_is_shown_as_it_is_afterwards(tmp_path: Path) -> None:
    shutil.copy(SMALL, tmp_path)
    seen, workspace = signature(tmp_path), Changing.open(tmp_path)
    (tmp_path / "early.ttl").write_bytes(objection("early-one"))
    shown: list[Workspace] = []

    async def play() -> None:
        done = asyncio.Event()

        async def publish(state: Workspace) -> None:
            shown.append(state)
            done.set()

        follower = Follower(workspace, seen, seconds=0.05)
        follower.start(publish)
        async with asyncio.timeout(20):
            await done.wait()
        await asyncio.sleep(0.2)  # nothing changes any more, so nothing more is shown
        await follower.stop()

    asyncio.run(play())
    assert [state.store.digest for state in shown] == [Workspace.open(tmp_path).store.digest]
    assert len(shown[0].store.graphs) == 3


def test_following_says_what_it_needs() -> None:
    for options, says in (
        (("--follow", "2"), "--follow needs --graph"),
        (("--follow", "2", "--graph", str(SMALL)), "name its folder"),
        (("--follow", "2", "--graph", "x", "--as-of", "2026-01-31"), "exclude each other"),
        (("--follow", "2", "--graph", "x", "--data", "y", "--anonymous"), "takes no contributions"),
        (("--follow", "0", "--graph", "x"), "0.1"),
    ):
        told = CliRunner().invoke(main, ["serve", "--port", "0", *options])
        assert told.exit_code == 2, told.output
        assert says in " ".join(told.output.split()), told.output
