"""The command view: forms, bounds, where it writes, what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from argraph.app.cli import main


def run(*arguments: str) -> tuple[int, bytes, str]:
    result = CliRunner().invoke(main, ["view", *arguments], catch_exceptions=False)
    return result.exit_code, result.stdout_bytes, result.stderr


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("page.html", b"<!doctype html>"),
        ("picture.svg", b"<svg "),
        ("picture.PNG", b"\x89PNG"),
        ("diagram.dot", b"digraph "),
        ("diagram.gv", b"digraph "),
        ("diagram.mmd", b"---\ntitle: "),
        ("page", b"<!doctype html>"),
    ],
)
def test_the_name_of_the_file_decides_what_is_drawn(tmp_path: Path, name: str, begins: bytes) -> None:
    code, out, told = run("-o", str(tmp_path / name), "--focus", "cl-many-eyes", "--depth", "1")
    assert (code, out) == (0, b"")
    assert told.startswith(f"{tmp_path / name}: ")
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_an_ending_that_names_no_format_is_refused_unless_the_format_is_named(tmp_path: Path) -> None:
    file = tmp_path / "map.pdf"
    code, out, told = run("-o", str(file))
    assert (code, out) == (2, b"")
    assert "No format is written to files ending in .pdf: take one of .html, " in told
    assert not file.exists()
    assert run("-o", str(file), "--format", "dot", "--focus", "cl-many-eyes")[0] == 0
    assert file.read_bytes().startswith(b"digraph ")


def test_without_a_file_the_drawing_goes_to_standard_output() -> None:
    code, out, told = run("--format", "mermaid", "--focus", "cl-many-eyes", "--depth", "1")
    assert (code, told) == (0, "")
    assert out.decode().count(":::") == 7


def test_a_picture_shows_two_levels_and_a_diagram_all_unless_told_otherwise() -> None:
    cards = {}
    for form, mark in (("svg", b"<title>"), ("dot", b"tooltip=")):
        for bounds in ((), ("--depth", "1"), ("--evidence",)):
            _, out, _ = run("--format", form, "--focus", "pil-innovation", *bounds)
            cards[form, *bounds] = out.count(mark)
    assert cards["svg", "--depth", "1"] < cards["svg",] < cards["dot",] < cards["dot", "--evidence"]
    assert cards["svg",] < cards["svg", "--evidence"]


def test_it_begins_at_the_first_thesis_unless_told_otherwise() -> None:
    title = b'title: "Open source AI should prevail over closed systems"'
    for arguments in ((), ("--thesis", "th-open-must-win")):
        assert run("--format", "mermaid", *arguments)[1].splitlines()[1] == title


def test_colours_are_chosen_by_name() -> None:
    assert b"prefers-color-scheme" in run("--format", "svg", "--focus", "cl-many-eyes")[1]
    assert (
        b"prefers-color-scheme"
        not in run("--format", "svg", "--focus", "cl-many-eyes", "--scheme", "dark")[1]
    )


def test_what_cannot_be_drawn_is_refused_with_a_reason(tmp_path: Path) -> None:
    code, _, told = run("--focus", "cl-many-eye")
    assert (code, told) == (3, "argraph: There is no node “cl-many-eye”. Did you mean cl-many-eyes?\n")
    code, _, told = run("--focus", "cl-many-eyes", "-o", str(tmp_path / "nowhere" / "x.svg"))
    assert (code, told) == (
        3,
        f"argraph: {tmp_path / 'nowhere' / 'x.svg'} cannot be written: No such file or directory.\n",
    )
    (tmp_path / "a.ttl").write_text("<urn:a> <urn:b> <urn:c> .", encoding="utf-8")
    code, _, told = run("--graph", str(tmp_path))
    assert (code, told) == (
        3,
        f"argraph: {tmp_path} has no thesis to begin at: name a statement with --focus.\n",
    )
