"""Argdown beside its own tools: `@argdown/cli` accepts what is written, and its authors' files are read.

Name the program `argdown` in ARGRAPH_ARGDOWN, or have it on the path (`npm install @argdown/cli`), and a
folder with `*.argdown` of others in ARGRAPH_CORPORA. Neither is part of this repository.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from argraph.argument.graph import Node, Step
from argraph.errors import FormatError
from argraph.exchange import registry, turtle
from argraph.exchange.model import Model
from argraph.workspace import Workspace

PROGRAM = os.environ.get("ARGRAPH_ARGDOWN") or shutil.which("argdown")
FOLDER = os.environ.get("ARGRAPH_CORPORA")

argdown = pytest.mark.skipif(
    not PROGRAM, reason="No @argdown/cli: install it with npm, outside this folder, and set ARGRAPH_ARGDOWN."
)

SIGNS = (
    "[5] <b> {x} } \\ @[A] @<B> #tag *bold* __bold __ === x === // /* */ <!-- --> https://example.org/a_b "
    ".~. :p: U.S.A. -- - + (1) 1. * >< _> \N{GRINNING FACE} ü 漢"
)


def understood(data: bytes, folder: Path) -> Any:
    """What Argdown's own parser makes of a file; it exits with 1 where it finds a fault."""
    (folder / "x.argdown").write_bytes(data)
    program = [str(PROGRAM), "json", "x.argdown", "."]
    done = subprocess.run(program, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((folder / "x.json").read_bytes())


@argdown
def test_argdown_accepts_the_debate_and_finds_every_attack_and_undercut_in_it(tmp_path: Path) -> None:
    debate = Workspace.open(None)
    found = understood(debate.exported("argdown").data, tmp_path)
    steps = debate.argument.steps.values()
    against = [step for step in steps if not step.favourable]
    undercuts = sum(step.end in debate.argument.steps for step in against)
    kinds = Counter(relation["relationType"] for relation in found["relations"])
    assert kinds == {"attack": len(against) - undercuts, "undercut": undercuts}
    titles = [title for title in found["statements"] if not title.startswith("Untitled ")]
    assert len(titles) == len(debate.argument.nodes)
    assert len(found["arguments"]) == len(steps)


@argdown
def test_argdown_reads_every_sign_and_an_attack_on_an_attack_as_meant(tmp_path: Path) -> None:
    model = Model(title=f"T {SIGNS}")
    for name in ("a", "b", "c"):
        model.nodes[name] = Node(name, "", f"{name} {SIGNS}", f"{name} says {SIGNS}", note=SIGNS)
    model.steps["s"] = Step("s", "support", ("a", "b"), "c", True, SIGNS, "SchemeAnalogy")
    model.steps["u"] = Step("u", "attack", ("a",), "s", False, SIGNS)
    model.steps[f"w {SIGNS}"] = Step(f"w {SIGNS}", "attack", ("b",), "u", False)
    found = understood(registry.dump(model, "argdown").data, tmp_path)
    statements = [s for s in found["statements"].values() if not s["title"].startswith("Untitled ")]
    texts = [member["text"] for s in statements for member in s["members"] if "text" in member]
    assert [text.strip() for text in texts if text] == [f"{name} says {SIGNS}" for name in "abc"]
    undercuts = [(r["relationType"], r["to"]) for r in found["relations"]]
    assert undercuts == [("undercut", "s"), ("undercut", "u")]
    assert [s["members"][0]["data"]["note"] for s in statements] == [SIGNS] * 3


@pytest.mark.skipif(not FOLDER, reason="No corpora: name a folder with *.argdown in ARGRAPH_CORPORA.")
def test_files_of_others_are_read_and_come_back_as_they_were() -> None:
    paths = sorted(path for path in Path(FOLDER or ".").rglob("*") if path.suffix in {".argdown", ".ad"})
    read = 0
    for path in paths:
        try:
            imported = registry.load(path.read_bytes(), path.name, "argdown")
        except FormatError:
            continue  # a test of its parser that holds no statement
        exported = registry.dump(imported.model, "argdown")
        again = registry.load(exported.data, path.name, "argdown").model
        assert (again.nodes, again.steps) == (imported.model.nodes, imported.model.steps), path
        turtle.contributions([imported], turtle.Place("https://example.org/x/"))
        read += 1
    assert read or not paths
