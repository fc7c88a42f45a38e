"""What a server spends on contributions, and how much of it one client may have, is for its keeper to say."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from argraph.app.cli import main
from argraph.app.gate import Care
from argraph.app.reception import Quota
from argraph.budget import MIB

from ... import contributed
from ...hostile_files import files
from .serving import come_again, running

TURTLE = {"content-type": "text/turtle", "accept": "application/json"}
QUEUE = "/api/contributions"
SMALL = Path(__file__).parents[1] / "queries" / "debate.ttl"


def test_what_the_options_say_by_default_is_what_a_server_does_without_them() -> None:
    defaults = {option.name: option.default for option in main.commands["serve"].params}
    assert isinstance(main.commands["serve"], click.Command)
    quota, care = Quota(), Care()
    assert {
        "client_check_seconds": quota.seconds,
        "anonymous_check_seconds": quota.anonymous_seconds,
        "client_files": quota.files,
        "anonymous_files": quota.anonymous_files,
        "checks": care.at_once,
        "check_seconds": care.seconds,
        "check_memory": care.memory // MIB,
    }.items() <= defaults.items()


def test_a_server_that_is_told_to_takes_fewer_files_and_checks_for_a_shorter_time(tmp_path: Path) -> None:
    graph = tmp_path / "debate"
    graph.mkdir()
    shutil.copy(SMALL, graph)
    options = ("--graph", str(graph), "--data", str(tmp_path / "data"), "--anonymous")
    shares = ("--anonymous-files", "1", "--anonymous-check-seconds", "1000", "--check-seconds", "5")
    with running(*options, *shares) as server:
        statuses = []
        for name in ("one", "two"):
            data = contributed.objection(name, "th-naps", "https://example.org/later/")
            reply = come_again(lambda data=data: server.ask(QUEUE, body=data, headers=TURTLE))  # type: ignore[misc]
            statuses.append(reply.status)
        assert statuses == [201, 429]
        assert "1 file handed in without a token in an hour" in reply.problem()["detail"]
        assert int(reply.headers["retry-after"]) > 1800
        long = files()["steps in a ring"]
        told = come_again(lambda: server.ask(f"{QUEUE}?dry_run=1", body=long, headers=TURTLE))
        assert (told.status, told.problem()["allowed"]) == (504, 5)
