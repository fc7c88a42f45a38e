"""Starting argraph must not cost what a command does not use."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"fastapi", "pyvis", "pyshacl", "rdflib", "IPython", "networkx", "uvicorn"}


def loaded_by(code: str) -> set[str]:
    """Top-level modules in a fresh interpreter after running code."""
    listing = f"{code}\nimport sys; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "code",
    [
        "import argraph",
        "from argraph.app import cli\ntry: cli.main(['--help'])\nexcept SystemExit: pass",
    ],
    ids=["import argraph", "argraph --help"],
)
def test_no_heavy_library_is_loaded(code: str) -> None:
    assert loaded_by(code) & HEAVY == set()


def test_the_probe_sees_what_is_loaded() -> None:
    assert "networkx" in loaded_by("import networkx")


def test_pyshacl_is_loaded_when_something_is_validated_and_not_before() -> None:
    assert "pyshacl" not in loaded_by("import argraph.contribution.shapes")


def test_a_debate_is_read_where_no_record_of_contributions_can_be_kept() -> None:
    code = (
        "import sys; sys.modules['fcntl'] = None\n"
        "from argraph.workspace import Workspace\n"
        "print(len(list(Workspace.open().provenance())) > 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True\n", "")
