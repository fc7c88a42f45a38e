"""SECURITY.md promises nothing without a test."""

from __future__ import annotations

import re
from pathlib import Path

from argraph.app import identity, reception


def promises(root: Path) -> list[list[str]]:
    """The rows of the tables of promises."""
    text = (root / "SECURITY.md").read_text(encoding="utf-8")
    promised = text.split("## What we promise")[1].split("## What we do not promise")[0]
    rows = [line.strip("|").split("|") for line in promised.splitlines() if line.startswith("|")]
    return [row for row in rows if row[0].strip() not in {"promise", "---"}]


def test_each_promise_names_tests_that_there_are(root: Path) -> None:
    there = set()
    for file in (root / "tests").rglob("test_*.py"):
        there.update(
            re.findall(r"^(?:async )?def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
        )
    rows = promises(root)
    assert len(rows) > 30
    for promise, tests in rows:
        named = re.findall(r"`(test_\w+)`", tests)
        assert named, promise
        assert set(named) <= there, promise


def test_each_test_of_the_promises_about_contributions_is_named(root: Path) -> None:
    file = root / "tests" / "contract" / "app" / "test_promises.py"
    there = set(re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE))
    text = (root / "SECURITY.md").read_text(encoding="utf-8")
    assert not {name for name in there if f"`{name}`" not in text}


def test_the_numbers_are_those_of_the_program(root: Path) -> None:
    text = (root / "SECURITY.md").read_text(encoding="utf-8")
    hours = (identity._LIFE / 3600, identity._IDLE / 3600)
    assert "at most {:g} hours, {:g} without use".format(*hours) in " ".join(text.split())
    assert f"at most {reception.LARGEST // 2**20} MiB" in text
