"""What users install: the wheel carries the data files of the repository, and finds them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

FOLDERS = ("ontology", "shapes", "queries", "graph")
pytestmark = pytest.mark.packaging


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built as for a release: from the source distribution."""
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(root)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    return built


def tracked(root: Path) -> dict[str, str]:
    """Digest of every data file that the repository tracks."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", *FOLDERS], cwd=root, capture_output=True, text=True, check=False
    )
    if listing.returncode != 0:
        pytest.skip("This is not a git checkout, so there is no list of tracked files to compare with.")
    names = [name for name in listing.stdout.split("\0") if name]
    return {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in names}


def test_wheel_holds_exactly_the_tracked_data_files(root: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {
            name.removeprefix("argraph/_data/"): hashlib.sha256(archive.read(name)).hexdigest()
            for name in archive.namelist()
            if name.startswith("argraph/_data/")
        }
    expected = tracked(root)
    assert {name.partition("/")[0] for name in expected} == set(FOLDERS)
    assert packed == expected


def test_installed_wheel_finds_its_own_data_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    install = [
        "pip",
        "--disable-pip-version-check",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(target),
    ]
    subprocess.run([sys.executable, "-m", *install, str(wheel)], check=True, capture_output=True)
    probe = (
        "import argraph, argraph.resources as r, argraph.workspace as w\n"
        "print(argraph.__file__); print(r.root()); print(w.Workspace.open().stats()['statements'])"
    )
    environment = os.environ | {"PYTHONPATH": str(target)}
    done = subprocess.run(
        [sys.executable, "-c", probe],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    module, data, statements = done.stdout.split()
    assert module.startswith(str(target))
    assert data == str(target / "argraph" / "_data")
    assert int(statements) >= 173


def test_checkout_finds_its_own_data(root: Path) -> None:
    from argraph import resources

    assert resources.root() == root
    assert not (root / "src" / "argraph" / "_data").exists()
