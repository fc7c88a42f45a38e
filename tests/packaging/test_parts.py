"""Bringing in the browser parts: with npm, without it, and when npm brings another file than pinned."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ..conftest import ROOT, absent

pytestmark = pytest.mark.packaging


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What `make parts` reads, in a folder of its own."""
    for name in ("hatch_build.py", "package.json"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def bring(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(
        [sys.executable, "hatch_build.py"],
        cwd=checkout,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def placed(checkout: Path) -> set[str]:
    return {path.name for path in checkout.glob("src/argraph/app/static/yasgui/*")}


def test_without_npm_the_editor_is_left_out_and_only_ci_fails(checkout: Path) -> None:
    done = bring(checkout, PATH="")
    assert done.returncode == 0
    assert done.stderr == (
        "The larger query editor is left out: npm is not installed. Everything works without it.\n"
    )
    assert bring(checkout, PATH="", CI="true").returncode == 1
    assert placed(checkout) == set()


def test_offline_the_editor_is_left_out_with_the_reason(checkout: Path) -> None:
    if not shutil.which("npm"):
        absent("npm is not installed.")
    nowhere = {"npm_config_registry": "http://127.0.0.1:9", "npm_config_cache": str(checkout / "cache")}
    done = bring(checkout, **nowhere)
    assert (done.returncode, placed(checkout)) == (0, set())
    assert "npm could not bring it (ECONNREFUSED)" in done.stderr
    assert done.stderr.count("\n") == 1
    assert bring(checkout, **nowhere, CI="true").returncode == 1


def test_npm_brings_the_pinned_files_and_nothing_that_git_would_take(checkout: Path) -> None:
    if not shutil.which("npm"):
        absent("npm is not installed.")
    done = bring(checkout)
    assert done.returncode == 0, done.stderr
    if done.stderr:
        absent(done.stderr)
    assert placed(checkout) == {"yasgui.min.js", "yasgui.min.css", "manifest.json", "LICENSES.txt"}
    assert list(checkout.glob("*lock*")) == []
    again = bring(checkout, PATH="")
    assert (again.returncode, again.stderr) == (0, "")


def test_a_file_that_is_not_the_pinned_one_is_refused(checkout: Path) -> None:
    if not shutil.which("npm"):
        absent("npm is not installed.")
    described = json.loads((checkout / "package.json").read_text())
    pins = described["argraph"]["static/yasgui"]
    pins["@zazuko/yasgui/build/yasgui.min.js"] = "0" * 64
    (checkout / "package.json").write_text(json.dumps(described))
    done = bring(checkout)
    if "npm could not bring it" in done.stderr:
        absent(done.stderr)
    assert done.returncode == 1
    assert "is not what package.json pins" in done.stderr
    assert placed(checkout) == set()
