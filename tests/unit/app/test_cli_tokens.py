"""`argraph token`: made, listed, revoked; the secret is shown once."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from argraph.app.cli import main
from argraph.contribution.ledger import Actor
from argraph.contribution.tokens import Tokens


def token(*arguments: str, data: Path) -> Result:
    return CliRunner().invoke(main, ["token", *arguments, "--data", str(data)])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_a_token_is_made_in_a_folder_of_its_own_and_opens_the_door(data: Path) -> None:
    done = token("create", "ada", data=data)
    assert done.exit_code == 0, done.output
    assert re.fullmatch(r"argraph_[A-Za-z0-9_-]{43}\n", done.stdout)
    assert done.stderr == "The token of ada, a contributor, until it is revoked. It is not shown again:\n"
    with Tokens.open(data) as tokens:
        assert tokens.check(done.stdout.strip()) == Actor("ada", "contributor")


def test_a_token_for_programs_comes_as_json_with_its_end(data: Path) -> None:
    done = token("create", "grace", "--role", "reviewer", "--expires", "90d", "--format", "json", data=data)
    told = json.loads(done.stdout)
    assert (told["name"], told["role"], told["valid"], told["used"]) == ("grace", "reviewer", True, None)
    assert told["token"].startswith("argraph_")
    assert told["expires"] > told["created"]


def test_a_list_tells_everything_but_the_secret(data: Path) -> None:
    secrets = [token("create", name, data=data).stdout.strip() for name in ("ada", "ben")]
    assert token("revoke", "ben", data=data).stdout == "The token of ben is refused from now on.\n"
    listed = token("list", data=data).stdout
    assert [line.split()[:3] for line in sorted(listed.splitlines())] == [
        ["ada", "contributor", "without"],
        ["ben", "contributor", "revoked"],
    ]
    told = json.loads(token("list", "--format", "json", data=data).stdout)
    assert {one["name"]: one["valid"] for one in told} == {"ada": True, "ben": False}
    assert not any(secret in listed + json.dumps(told) for secret in secrets)


@pytest.mark.parametrize("span", ["", "90", "0d", "-1d", "90 days", "d", "9999999d"])
def test_a_time_that_is_none_is_a_wrong_use(data: Path, span: str) -> None:
    done = token("create", "ada", "--expires", span, data=data)
    assert done.exit_code == 2
    assert "is not a time such as 12h, 90d, 8w or 1y" in done.stderr
    assert not data.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("create", "ada"), "A token with the name “ada” is in use already"),
        (("create", "anonymous"), "cannot be the name of a token"),
        (("create", "a\nb"), "cannot be the name of a token"),
        (("create", "ada2", "--expires", "999999y"), "A token cannot be valid for so long"),
        (("revoke", "adda"), "There is no token in use with the name “adda”"),
    ],
)
def test_what_cannot_be_is_one_clear_line_and_exit_code_3(
    data: Path, arguments: tuple[str, ...], said: str
) -> None:
    token("create", "ada", data=data)
    done = token(*arguments, data=data)
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.startswith("argraph: ")
    assert said in done.stderr


@pytest.mark.parametrize("what", [("list",), ("revoke", "ada")])
def test_only_making_a_token_makes_a_folder(data: Path, what: tuple[str, ...]) -> None:
    done = token(*what, data=data)
    assert done.exit_code == 3
    assert (
        done.stderr
        == f"argraph: There is no folder {data}: “argraph token create” makes it, or the server.\n"
    )
    assert not data.exists()


def test_a_damaged_folder_is_one_clear_line(data: Path) -> None:
    data.mkdir()
    (data / "ledger.sqlite").write_bytes(os.urandom(8192))
    done = token("list", data=data)
    assert done.exit_code == 3
    assert done.stderr.startswith("argraph: ")
    assert str(data) in done.stderr
    assert done.stderr.count("\n") == 1
