"""The shipped debate passes its own gate."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from argraph.app.cli import main


def test_shipped_debate_is_clean(root: Path) -> None:
    done = CliRunner().invoke(main, ["check", str(root / "graph")])
    assert (done.exit_code, done.output) == (0, "Nothing to report.\n")
