"""A contribution gets into the debate's folder whole or not at all, under a name that is its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from argraph.contribution.files import ENDING, Staged, place, sweep
from argraph.errors import GraphNotWritable

MINE = "https://example.org/d/mine"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "graph"
    folder.mkdir()
    (folder / "debate.ttl").write_bytes(b"# the debate")
    return folder


def listing(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


# -- where it goes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("objection.ttl", "objection.ttl"),
        ("My Öbjection (2).TTL", "my-objection-2.ttl"),
        ("../../etc/passwd", "passwd.ttl"),
        ("C:\\x\\..\\evil.ttl", "evil.ttl"),
        ("/", "contribution.ttl"),
        ("", "contribution.ttl"),
        ("...", "contribution.ttl"),
        ("\x00\n\ud800", "contribution.ttl"),
        ("反对.ttl", "contribution.ttl"),
        (".hidden.ttl", "hidden.ttl"),
        ("--help", "help.ttl"),
        ("CON.ttl", "con-1.ttl"),
        ("x" * 300 + ".ttl", "x" * 60 + ".ttl"),
        ("debate.ttl", "debate-2.ttl"),
        ("DEBATE", "debate-2.ttl"),
    ],
)
def test_a_new_file_has_a_plain_name_inside_the_folder(folder: Path, name: str, path: str) -> None:
    assert place(folder, graph=MINE, name=name, taken={"debate.ttl": "https://example.org/d/c"}) == path


def test_a_contribution_that_has_a_file_keeps_it(folder: Path) -> None:
    taken = {"debate.ttl": "https://example.org/d/c", "old/Mine.ttl": MINE}
    assert place(folder, graph=MINE, name="other.ttl", taken=taken) == "old/Mine.ttl"
    told = {str(folder / path): graph for path, graph in taken.items()}
    assert place(folder, graph=MINE, name="other.ttl", taken=told) == "old/Mine.ttl"
    assert place(folder, graph=None, name="other.ttl", taken=told) == "other.ttl"


def test_a_new_file_stands_beside_the_others(tmp_path: Path) -> None:
    (tmp_path / "open-source-ai").mkdir()
    (tmp_path / "open-source-ai" / "notes-2.TTL").touch()
    taken = {
        "open-source-ai/a.ttl": "urn:a",
        "open-source-ai/deep/b.ttl": "urn:b",
        "open-source-ai/notes.ttl": "urn:n",
    }
    assert place(tmp_path, graph=MINE, name="notes", taken=taken) == "open-source-ai/notes-3.ttl"
    assert place(tmp_path, graph=MINE, name="x", taken={**taken, "top.ttl": "urn:t"}) == "x.ttl"
    assert place(tmp_path, graph=MINE, name="x", taken={"a/b.ttl": "urn:a", "ab/c.ttl": "urn:b"}) == "x.ttl"


def test_files_that_no_graph_was_read_from_keep_their_names_too(folder: Path) -> None:
    (folder / "Notes.TTL").touch()
    (folder / "link.ttl").symlink_to("nowhere")
    (folder / "deep.ttl").mkdir()
    for name, path in {"notes": "notes-2.ttl", "link": "link-2.ttl", "deep": "deep-2.ttl"}.items():
        assert place(folder, graph=MINE, name=name, taken={}) == path


@pytest.mark.parametrize("path", ["../outside.ttl", "/etc/outside.ttl", "link/outside.ttl", "a/../../x.ttl"])
def test_nothing_outside_the_folder_is_touched(folder: Path, tmp_path: Path, path: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    before = listing(tmp_path)
    with pytest.raises(GraphNotWritable, match="does not lie in the debate's folder"):
        place(folder, graph=MINE, name="x", taken={path: MINE})
    with pytest.raises(GraphNotWritable, match="does not lie in the debate's folder"):
        Staged(folder, path, b"x")
    assert listing(tmp_path) == before


# -- how it gets there --------------------------------------------------------------------------------------


def test_a_staged_file_is_no_file_of_the_debate_until_it_is_committed(folder: Path) -> None:
    staged = Staged(folder, "mine.ttl", b"mine")
    assert [p.name for p in folder.rglob("*.ttl")] == ["debate.ttl"]
    (temporary,) = folder.glob(f".*{ENDING}")
    assert temporary.read_bytes() == b"mine", "its bytes are there: a full disk would have shown"
    staged.commit()
    assert listing(folder) == {"debate.ttl": b"# the debate", "mine.ttl": b"mine"}


def test_a_discarded_change_leaves_nothing(folder: Path) -> None:
    for data in (b"mine", None):
        staged = Staged(folder, "debate.ttl", data)
        staged.discard()
        staged.discard()
        assert listing(folder) == {"debate.ttl": b"# the debate"}
        with pytest.raises(GraphNotWritable, match="was given up: stage it anew"):
            staged.commit()
    with pytest.raises(KeyError), Staged(folder, "mine.ttl", b"mine"):
        raise KeyError
    assert listing(folder) == {"debate.ttl": b"# the debate"}


def test_a_file_is_replaced_and_keeps_who_may_read_it(folder: Path) -> None:
    (folder / "debate.ttl").chmod(0o640)
    with Staged(folder, "debate.ttl", b"newer") as staged:
        staged.commit()
    assert listing(folder) == {"debate.ttl": b"newer"}
    assert (folder / "debate.ttl").stat().st_mode & 0o777 == 0o640


def test_a_new_file_is_readable_like_any_other(folder: Path) -> None:
    before = os.umask(0o027)
    try:
        with Staged(folder, "mine.ttl", b"mine") as staged:
            staged.commit()
    finally:
        os.umask(before)
    assert (folder / "mine.ttl").stat().st_mode & 0o777 == 0o640


def test_a_file_is_removed_and_that_it_is_gone_already_is_no_fault(folder: Path) -> None:
    for _ in range(2):
        with Staged(folder, "debate.ttl", None) as staged:
            staged.commit()
        assert listing(folder) == {}


def test_of_a_link_the_link_is_replaced_and_not_what_it_leads_to(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    (folder / "link.ttl").symlink_to(tmp_path / "precious")
    with Staged(folder, "link.ttl", b"mine") as staged:
        staged.commit()
    assert (tmp_path / "precious").read_bytes() == b"precious"
    assert not (folder / "link.ttl").is_symlink()


def test_a_missing_folder_is_said_before_anything_is_decided(folder: Path) -> None:
    with pytest.raises(
        GraphNotWritable, match=r"deep/mine.ttl in .*graph cannot be changed: No such file"
    ) as caught:
        Staged(folder, "deep/mine.ttl", b"mine")
    assert not caught.value.full


def test_a_folder_in_the_place_of_the_file_is_said_before_anything_is_decided(folder: Path) -> None:
    (folder / "deep.ttl").mkdir()
    for data in (b"x", None):
        with pytest.raises(GraphNotWritable, match=r"deep.ttl in .* cannot be changed: Is a directory"):
            Staged(folder, "deep.ttl", data)
    assert list(folder.glob(f".*{ENDING}")) == []


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_stages_is_not(folder: Path) -> None:
    (folder / "deep").mkdir()
    code = (
        "import os, sys, pathlib; from argraph.contribution.files import Staged\n"
        "kept = [Staged(pathlib.Path(sys.argv[1]), p, b'x') for p in ('a.ttl', 'deep/b.ttl')]\n"
        "os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], check=False)
    assert done.returncode == -9
    left = [p for p in folder.rglob("*") if p.name.endswith(ENDING)]
    assert len(left) == 2
    with Staged(folder, "mine.ttl", b"mine") as living:
        sweep(folder)
        assert not any(path.exists() for path in left)
        living.commit()
    assert listing(folder) == {"debate.ttl": b"# the debate", "mine.ttl": b"mine"}


def test_only_staged_files_are_swept(folder: Path) -> None:
    for name in (".mine.ttl.swp", "x.argraph-staged", ".git"):
        (folder / name).write_bytes(b"mine")
    (folder / f".folder{ENDING}").mkdir()
    (folder / f".link{ENDING}").symlink_to("debate.ttl")
    before = sorted(p.name for p in folder.iterdir())
    sweep(folder)
    assert sorted(p.name for p in folder.iterdir()) == before
