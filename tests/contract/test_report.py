"""The report that `benchmarks/run.py` writes: its form, what it tells of failures, and what not."""

from __future__ import annotations

import importlib.util
import json
import re
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pytest

from ..conftest import absent
from .app.serving import state, within

SVG = "{http://www.w3.org/2000/svg}"
SIZES = (20, 40)


@pytest.fixture(scope="module")
def drawing() -> None:
    """What draws the curve."""
    if importlib.util.find_spec("matplotlib") is None:
        absent("The report's curve needs matplotlib: pip install 'argraph[benchmarks]'.")


@pytest.fixture(scope="module")
def written(drawing: None, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the smallest of debates."""
    out = tmp_path_factory.mktemp("report") / "scale.md"
    command = [sys.executable, str(root / "benchmarks/run.py"), "--quick", "--only", "growth", "turtle"]
    command += ["--sizes", ",".join(map(str, SIZES)), "--times", "3", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def tables(text: str) -> list[list[dict[str, str]]]:
    """The rows of each table, by heading."""
    found = []
    for block in re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE):
        lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
        found.append([dict(zip(lines[0], line, strict=True)) for line in lines[2:]])
    return found


def numbers(written: Path) -> list[dict[str, Any]]:
    kept = json.loads(written.with_suffix(".json").read_text(encoding="utf-8"))
    sizes: list[dict[str, Any]] = kept["found"]["growth"]["data"]["sizes"]
    return sizes


def test_every_size_has_a_row_and_every_question_a_median_and_a_95th_percentile(written: Path) -> None:
    sizes = numbers(written)
    assert [size["statements"] for size in sizes] == [*SIZES]
    clock = next(t for t in tables(written.read_text(encoding="utf-8")) if "neighbourhood" in t[0])
    assert [row["statements"] for row in clock[:2]] == ["20", "40"]
    for row, size in zip(clock, sizes, strict=False):
        assert set(row) == {"statements", "triples", *size["asked"]}
        for name, asked in size["asked"].items():
            assert re.fullmatch(r"[\d.,]+ / [\d.,]+", row[name]), (name, row[name])
            assert 0 < asked["p50"] <= asked["p95"] <= asked["most"]
            assert asked["times"] == 3


def test_growth_is_the_ratio_of_the_largest_to_the_smallest(written: Path) -> None:
    least, most = numbers(written)
    clock = next(t for t in tables(written.read_text(encoding="utf-8")) if "neighbourhood" in t[0])
    assert clock[-1]["statements"] == "**2.0 ×**"
    for name, cell in list(clock[-1].items())[2:]:
        ratio = most["asked"][name]["p50"] / least["asked"][name]["p50"]
        assert float(cell.removesuffix(" ×").replace(",", "")) == pytest.approx(ratio, rel=0.06, abs=0.006)


def test_the_check_of_a_small_file_is_told_with_its_growth_and_its_aim(written: Path) -> None:
    least, most = numbers(written)
    (checking,) = (t for t in tables(written.read_text(encoding="utf-8")) if "aim" in t[0])
    row = next(row for row in checking if "check, in process" in row.values())
    assert row["aim"] == "at most 2 ×"
    ratio = most["asked"]["check, in process"]["cpu"] / least["asked"]["check, in process"]["cpu"]
    assert row["growth"] == f"{ratio:.2f} ×"


def test_the_report_says_when_of_what_and_on_what_it_was_made(written: Path) -> None:
    text = written.read_text(encoding="utf-8")
    assert re.search(r"^Measured on 20\d\d-\d\d-\d\d\. Quick: the figures are rough\.", text, re.MULTILINE)
    told = dict(re.findall(r"^\| ([\w ]+) \| (.+) \|$", text, re.MULTILINE))
    assert told["Python"] == sys.version.split()[0]
    assert re.fullmatch(r"[\d.]+ GiB", told["memory"])
    assert "pyoxigraph 0." in told["argraph runs on"]
    assert re.match(r"\d+\.\d+", told["argraph"])
    assert len(re.findall(r"load [\d.]+ before, [\d.]+ after", text)) == 2  # a growth and a reading part


def test_nothing_tells_where_or_on_which_host_it_was_made(written: Path, root: Path) -> None:
    for file in (written, written.with_suffix(".json"), written.parent / "images/growth.svg"):
        text = file.read_text(encoding="utf-8")
        for place in (str(root), str(written.parent), str(Path.home()) + "/", sys.prefix, "/tmp/"):
            assert place not in text, (file.name, place)
        assert not re.search(rf"\b{re.escape(socket.gethostname())}\b", text)


def test_the_curve_is_told_in_words_follows_the_scheme_and_is_the_same_again(
    written: Path, benchmark: ModuleType
) -> None:
    image = written.parent / "images/growth.svg"
    assert "(images/growth.svg)" in written.read_text(encoding="utf-8")
    text = image.read_text(encoding="utf-8")
    assert text == benchmark.draw(numbers(written))
    drawn = ElementTree.fromstring(text)
    assert drawn.get("role") == "img"
    assert drawn.findtext(f"{SVG}title") == "How cost grows with a debate"
    assert "neighbourhood: " in (drawn.findtext(f"{SVG}desc") or "")
    assert "prefers-color-scheme:dark" in (drawn.findtext(f"{SVG}style") or "")
    assert {"neighbourhood", "check, in process"} <= {node.text for node in drawn.iter(f"{SVG}text")}


@pytest.fixture
def benchmark(root: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module."""
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    spec = importlib.util.spec_from_file_location("benchmarks_run", root / "benchmarks/run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "benchmarks_run", module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def parts(benchmark: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three parts: one that works, one that fails, and one that is not there."""
    (tmp_path / "good.py").write_text("print('# Its own\\n\\n| a |\\n|---|\\n| 1 |')")
    (tmp_path / "bad.py").write_text(
        f"print('| b |\\n|---|\\n| 2 |')\nraise SystemExit('no peer in {tmp_path}/bin/peer')"
    )
    made = [benchmark.Part(name, f"The {name} part", f"{name}.py") for name in ("bad", "good", "gone")]
    monkeypatch.setattr(benchmark, "HERE", tmp_path)
    monkeypatch.setattr(benchmark, "PARTS", tuple(made))
    return tmp_path / "scale.md"


def ran(benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch, out: Path, *options: str) -> int:
    monkeypatch.setattr(sys, "argv", ["run.py", "--out", str(out), *options])
    with pytest.raises(SystemExit) as ended:
        benchmark.main()
    return int(ended.value.code or 0)


def test_a_part_that_fails_is_told_with_its_reason_and_the_others_go_on(
    benchmark: ModuleType, parts: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(benchmark, monkeypatch, parts) == 1
    text = parts.read_text(encoding="utf-8")
    assert (
        "## The bad part\n\n**`benchmarks/bad.py` failed:** no peer in …/peer\n\n| b |\n|---|\n| 2 |\n"
        in text
    )
    assert "## The good part\n\n| a |\n|---|\n| 1 |\n" in text
    assert "gone: left out, there is no gone.py yet" in capsys.readouterr().out
    assert [path.name for path in parts.parent.glob(".scale*")] == []


def test_what_a_part_has_started_ends_with_it(
    benchmark: ModuleType, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = parts.parent / "pid"
    (parts.parent / "bad.py").write_text(
        "import pathlib, subprocess\n"
        f"pathlib.Path({str(started)!r}).write_text(str(subprocess.Popen(['sleep', '900']).pid))\n"
        "raise SystemExit('it gave up')"
    )
    assert ran(benchmark, monkeypatch, parts, "--only", "bad") == 1
    within(lambda: state(int(started.read_text())) in {"Z", ""})


def test_one_part_again_leaves_the_others_as_they_were_found_unless_the_machine_is_another(
    benchmark: ModuleType, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran(benchmark, monkeypatch, parts)
    (parts.parent / "bad.py").write_text("print('ten words and no table')")
    assert ran(benchmark, monkeypatch, parts, "--only", "bad") == 0
    text = parts.read_text(encoding="utf-8")
    assert "```\nten words and no table\n```" in text
    assert "| 1 |" in text
    monkeypatch.setattr(benchmark, "machine", lambda: {"processor": "another"})
    ran(benchmark, monkeypatch, parts, "--only", "bad")
    text = parts.read_text(encoding="utf-8")
    assert "| processor | another |" in text
    assert "The good part" not in text


def test_addresses_media_types_and_ratios_are_not_taken_for_places(benchmark: ModuleType) -> None:
    told = "3 / 4 ms of https://example.org/a/b as text/turtle, `benchmarks/check.py`, </sub>"
    assert benchmark.without_places(told) == told
    assert benchmark.without_places("not in /opt/x/y.ttl, nor '/var/lib/z'") == "not in …/y.ttl, nor '…/z'"


def test_what_a_large_debate_does_not_answer_is_told_in_its_place(
    written: Path, benchmark: ModuleType
) -> None:
    growth = importlib.import_module("growth")  # beside the script, whose folder is on the path
    least, most = numbers(written)
    del most["asked"]["neighbourhood"]
    text = growth.markdown([least, most], ["**1,000 statements were not measured:** no room.\n"])
    clock = next(t for t in tables(text) if "neighbourhood" in t[0])
    assert clock[1]["neighbourhood"] == "no answer"
    assert clock[-1]["neighbourhood"] == "–"
    assert re.fullmatch(r"[\d.,]+ ×", clock[-1]["page of a node"])
    assert text.endswith("**1,000 statements were not measured:** no room.\n")
    assert "neighbourhood" not in (
        ElementTree.fromstring(benchmark.draw([least, most])).findtext(f"{SVG}desc") or ""
    )
