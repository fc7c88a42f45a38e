"""The server against its own description, by Schemathesis: no answer that the description does not know."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from argraph.app.reception import Quota

from ...conftest import absent
from .receiving import House, house

_MANY = 10**9
_UNLIMITED = Quota(seconds=_MANY, anonymous_seconds=_MANY, files=_MANY, anonymous_files=_MANY)
_MINE = r"^/api/(contributions|session)"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    if importlib.util.find_spec("schemathesis") is None:
        absent("Schemathesis is not installed: pip install schemathesis")
    with house(tmp_path_factory.mktemp("house"), anonymous=True, quota=_UNLIMITED) as place:
        for number in range(3):
            place.pending(f"waiting-{number}")
        yield place


@pytest.fixture(scope="module")
def described(place: House) -> dict[str, Any]:
    """The description without the answer that stands for any that it does not name."""
    told: dict[str, Any] = place.client.get("/openapi.json").json()
    for operations in told["paths"].values():
        for operation in operations.values():
            del operation["responses"]["default"]
    # Schemathesis cannot write this type; `test_hostile_queries` sends enough of it.
    del told["paths"]["/sparql"]["post"]["requestBody"]["content"]["application/sparql-query"]
    return told


def run(place: House, described: dict[str, Any], folder: Path, *options: str) -> None:
    """Have Schemathesis ask in a process of its own, as a reviewer."""
    document = folder / "openapi.json"
    document.write_text(json.dumps(described), encoding="utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(document), *options]
    command += ["--url", str(place.client.base_url), "--seed", "1", "--request-timeout", "60"]
    command += ["--header", f"Authorization: Bearer {place.secret('ruth')}"]
    done = subprocess.run(
        command, cwd=folder, env=dict(os.environ), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
    assert place.client.get("/healthz").status_code == 200


def test_every_answer_about_contributions_is_one_that_is_described(
    place: House, described: dict[str, Any], tmp_path: Path
) -> None:
    """Also of chains of requests, each with what the one before it has answered."""
    # That a file is Turtle does not mean that nothing is wrong with it, so “valid” requests are refused.
    checks = ("--checks", "all", "--exclude-checks", "positive_data_acceptance")
    phases = ("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "3")
    run(place, described, tmp_path, "--include-path-regex", _MINE, *checks, *phases)


def test_no_place_fails_or_answers_with_a_status_that_is_not_described(
    place: House, described: dict[str, Any], tmp_path: Path
) -> None:
    checks = ("--checks", "not_a_server_error,status_code_conformance,response_schema_conformance")
    phases = ("--phases", "examples,coverage", "--max-examples", "1")
    others = rf"{_MINE}|^/queries/[b-z]"  # saved questions are answered alike
    run(place, described, tmp_path, "--exclude-path-regex", others, *checks, *phases)
