"""What users install: the wheel carries the data files of the repository, and finds them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from ..conftest import absent

FOLDERS = ("ontology", "shapes", "queries", "graph")
pytestmark = pytest.mark.packaging


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built as for a release: from the source distribution."""
    out = tmp_path_factory.mktemp("dist")
    done = build(root, out)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    return built


def build(root: Path, out: Path, *what: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "build", "--no-isolation", *what, "--outdir", str(out), str(root)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def source(wheel: Path, tmp_path: Path) -> Path:
    """The source distribution, unpacked where it may be changed."""
    (packed,) = wheel.parent.glob("*.tar.gz")
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (folder,) = (tmp_path / "source").iterdir()
    return folder


def parts(folder: Path) -> Path:
    """The editor from npm in a checkout or source distribution."""
    found = folder / "src/argraph/app/static/yasgui"
    if not found.is_dir():
        absent("The query editor from npm was not brought in (make parts).")
    return found


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


def run_installed(wheel: Path, target: Path, code: str) -> str:
    """What code prints that has only the wheel's own files, away from the checkout."""
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
    environment = os.environ | {"PYTHONPATH": str(target)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=target.parent, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


WORKBENCH = """
from starlette.testclient import TestClient
from argraph.app.api import create_app
from argraph.workspace import Workspace
client = TestClient(create_app(Workspace.open()))
page = client.get("/workbench", headers={"accept": "text/html"})
script = client.get("/static/yasgui/yasgui.min.js")
print(page.status_code, '"editor": "yasgui"' in page.text, script.status_code)
"""


def test_the_wheel_holds_what_a_new_debate_begins_with(root: Path, wheel: Path) -> None:
    here = root / "src" / "argraph" / "contribution" / "founded"
    own = {path.name: path.read_bytes() for path in here.iterdir()}
    with zipfile.ZipFile(wheel) as archive:
        folder = "argraph/contribution/founded/"
        packed = {
            name.removeprefix(folder): archive.read(name)
            for name in archive.namelist()
            if name.startswith(folder)
        }
    assert packed == own
    assert len(own) == 5


def test_the_editor_from_npm_is_in_the_wheel_as_it_was_pinned_and_with_its_licences(
    root: Path, wheel: Path, tmp_path: Path
) -> None:
    parts(root)
    pins = json.loads((root / "package.json").read_text())["argraph"]["static/yasgui"]
    with zipfile.ZipFile(wheel) as archive:
        packed = {
            name.removeprefix("argraph/app/static/yasgui/"): archive.read(name)
            for name in archive.namelist()
            if name.startswith("argraph/app/static/yasgui/")
        }
    assert set(packed) == {"yasgui.min.js", "yasgui.min.css", "manifest.json", "LICENSES.txt"}
    for name, digest in pins.items():
        assert hashlib.sha256(packed[Path(name).name]).hexdigest() == digest
    manifest = json.loads(packed["manifest.json"])
    assert {part["from"]: part["sha256"] for part in manifest["files"]} == pins
    told = {package["name"]: package for package in manifest["packages"]}
    assert (told["@zazuko/yasgui"]["version"], told["@zazuko/yasgui"]["license"]) == ("4.6.2", "MIT")
    assert told["@zazuko/yasgui"]["integrity"].startswith("sha512-")
    texts = packed["LICENSES.txt"].decode()
    for name in ("codemirror", "jquery", "dompurify", "@zazuko/yasgui"):
        assert f"\n{name} {told[name]['version']}: " in texts
    assert b"://registry" not in packed["manifest.json"]
    assert run_installed(wheel, tmp_path / "site", WORKBENCH).split() == ["200", "True", "200"]


def test_without_the_editor_from_npm_the_wheel_builds_and_its_workbench_works(
    source: Path, tmp_path: Path
) -> None:
    shutil.rmtree(source / "src/argraph/app/static/yasgui", ignore_errors=True)
    done = build(source, tmp_path, "--wheel")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "this wheel will do without it" in done.stdout + done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    assert run_installed(wheel, tmp_path / "site", WORKBENCH).split() == ["200", "False", "404"]


def test_no_wheel_is_built_with_another_editor_than_the_pinned_one(source: Path, tmp_path: Path) -> None:
    with (parts(source) / "yasgui.min.js").open("a") as script:
        script.write("//")
    done = build(source, tmp_path, "--wheel")
    assert done.returncode != 0
    assert "is not what package.json pins" in done.stdout + done.stderr
    assert list(tmp_path.glob("*.whl")) == []


def test_installed_wheel_finds_its_own_data_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    probe = (
        "import argraph, argraph.resources as r, argraph.workspace as w\n"
        "print(argraph.__file__); print(r.root()); print(w.Workspace.open().stats()['statements'])"
    )
    module, data, statements = run_installed(wheel, target, probe).split()
    assert module.startswith(str(target))
    assert data == str(target / "argraph" / "_data")
    assert int(statements) >= 173


def test_checkout_finds_its_own_data(root: Path) -> None:
    from argraph import resources

    assert resources.root() == root
    assert not (root / "src" / "argraph" / "_data").exists()
