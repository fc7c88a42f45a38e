"""A new debate: what is made, that it passes its own gate, and what is refused."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from argraph import __version__, resources
from argraph.app.cli import main
from argraph.contribution import check, founding
from argraph.contribution.shapes import ShapeSet
from argraph.errors import FoundingRefused
from argraph.rdf.store import Store
from argraph.workspace import Workspace

THESIS = "Schools should allow naps at noon."
BASE = "https://example.org/naps/"


def run(*arguments: str | Path) -> Result:
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert "Traceback" not in done.output
    return done


@pytest.fixture
def debate(tmp_path: Path) -> Path:
    done = run("init", tmp_path / "naps", "--base", BASE, "--thesis", THESIS)
    assert done.exit_code == 0, done.output
    return tmp_path / "naps"


def workflow(debate: Path, name: str) -> dict[str, Any]:
    text = (debate / ".github/workflows" / name).read_text(encoding="utf-8")
    told: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)  # `on` stays a word
    return told


# -- what is made -------------------------------------------------------------------------------------------


def test_a_new_debate_has_a_thesis_with_label_and_text_under_its_base(debate: Path) -> None:
    workspace = Workspace.open(debate / "graph")
    (described,) = workspace.debates
    assert (described.base, described.prefix, described.title) == (BASE, "naps", THESIS[:-1])
    assert described.licence == founding.LICENCE
    (thesis,) = workspace.argument.theses
    assert (thesis.label, thesis.text) == (THESIS[:-1], THESIS)
    assert thesis.iri == BASE + "th-schools-should-allow-naps-at"
    assert sorted(str(path.relative_to(debate)) for path in debate.rglob("*") if path.is_file()) == [
        ".github/workflows/argraph-comment.yml",
        ".github/workflows/argraph.yml",
        ".gitignore",
        "README.md",
        "graph/debate.ttl",
        "queries/contributions-by-day.rq",
    ]


def test_a_new_debate_passes_the_gate_without_being_told_what_it_stands_against(debate: Path) -> None:
    for more in ([], ["--whole"], ["--against", debate / "graph"]):
        done = run("check", debate / "graph", *more)
        assert (done.exit_code, done.output) == (0, "Nothing to report.\n")


def test_a_copy_passes_the_gate_and_a_file_that_others_need_is_missed(tmp_path: Path) -> None:
    assert run("init", tmp_path / "mine", "--copy").exit_code == 0
    graph = tmp_path / "mine" / "graph"
    (graph / "open-source-ai" / "safety.ttl").unlink()
    done = run("check", graph, "--whole", "--format", "json")
    assert done.exit_code == 1
    assert "missing-node" in done.output
    done = run("check", graph, "--whole", "--against", graph)
    assert (done.exit_code, "leave out --against" in done.output) == (2, True)


def test_its_queries_are_taken_and_answer(debate: Path) -> None:
    workspace = Workspace.open(debate / "graph", queries=debate / "queries")
    assert list(workspace.tried()) == []
    rows = run(
        "query", "contributions-by-day", "--graph", debate / "graph", "--queries", debate / "queries",
        "--format", "csv",
    )  # fmt: skip
    day, count = rows.stdout.splitlines()[1].split(",")
    assert (len(day), count) == (10, "1")


def test_the_next_steps_that_are_printed_work_as_they_stand(tmp_path: Path) -> None:
    done = run("init", tmp_path / "my naps", "--thesis", THESIS)
    assert "https://example.org/my-naps/, an example" in done.stdout
    commands = [line.strip() for line in done.stdout.splitlines() if line.startswith("  argraph ")]
    assert [command.split()[1] for command in commands] == ["check", "serve", "new"]
    for command in (commands[0], commands[2]):
        told = run(*shlex.split(command)[1:])
        assert told.exit_code == 0, told.output
    assert (tmp_path / "my naps" / "graph" / "my-claim.ttl").is_file()


def test_a_copy_holds_the_shipped_debate_byte_for_byte(tmp_path: Path) -> None:
    done = run("init", tmp_path / "mine", "--copy")
    assert done.exit_code == 0, done.output
    shipped = {p.relative_to(resources.graph()): p.read_bytes() for p in resources.graph().rglob("*.ttl")}
    graph = tmp_path / "mine" / "graph"
    assert {p.relative_to(graph): p.read_bytes() for p in graph.rglob("*") if p.is_file()} == shipped
    assert Workspace.open(graph).digest == Workspace.open().digest
    assert "th-open-must-win" in done.stdout


def test_the_readme_shows_a_title_as_text_and_not_as_markup(tmp_path: Path) -> None:
    done = run(
        "init", tmp_path / "x", "--base", BASE, "--thesis", THESIS, "--title", "<img src=x> [a](b) «node» @me"
    )
    assert done.exit_code == 0
    head = (tmp_path / "x" / "README.md").read_text(encoding="utf-8").splitlines()[0]
    assert head == "# &lt;img src=x&gt; \\[a\\]\\(b\\) «node» @\u2060me"


@pytest.mark.parametrize(
    "base",
    [
        "https://example.org/",
        "https://example.org#",
        "http://example.org:8080/a/b.c/",
        "https://example.org/naps#",
        "https://example.org/2026/",
        "https://例え.jp/昼寝/",
        "https://example.org/skos/",
        BASE,
    ],
)
def test_any_address_is_a_base_that_the_gate_accepts(shapes: ShapeSet, base: str) -> None:
    planned = founding.plan(base=base, thesis="昼寝は学校で許されるべきである。", language="ja")
    files = founding.begun(planned)
    report = check.check({"debate.ttl": files["graph/debate.ttl"]}, against=Store(), shapes=shapes)
    assert list(report) == []
    assert planned.thesis == "th-main"


# -- the workflows ------------------------------------------------------------------------------------------


def test_the_workflow_that_reads_pull_requests_can_only_read(debate: Path) -> None:
    told = workflow(debate, "argraph.yml")
    assert set(told["on"]) == {"pull_request", "push"}
    assert told["permissions"] == {"contents": "read"}
    (job,) = told["jobs"].values()
    assert "permissions" not in job
    checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) == 2
    assert all(step["with"]["persist-credentials"] == "false" for step in checkouts)


def test_the_workflow_that_comments_never_sees_the_files_of_a_pull_request(debate: Path) -> None:
    told = workflow(debate, "argraph-comment.yml")
    assert list(told["on"]) == ["workflow_run"]
    assert told["on"]["workflow_run"]["workflows"] == [workflow(debate, "argraph.yml")["name"]]
    assert told["permissions"] == {}
    (job,) = told["jobs"].values()
    assert job["permissions"] == {"actions": "read", "pull-requests": "write"}
    uses = [step["uses"] for step in job["steps"] if "uses" in step]
    assert uses == ["actions/download-artifact@v4"]


@pytest.mark.parametrize("name", ["argraph.yml", "argraph-comment.yml"])
def test_workflows_pin_actions_and_put_nothing_foreign_into_scripts(debate: Path, name: str) -> None:
    (job,) = workflow(debate, name)["jobs"].values()
    assert int(job["timeout-minutes"]) <= 15
    for step in job["steps"]:
        assert ("run" in step) != ("uses" in step)
        if "uses" in step:
            action, _, tag = step["uses"].partition("@")
            assert (action.partition("/")[0], tag[0]) == ("actions", "v")
        else:
            assert "${{" not in step["run"]
            done = subprocess.run(
                ["bash", "-n"], input=step["run"], text=True, capture_output=True, check=False
            )
            assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """The surroundings of a step: argraph on the path, and the runner's own places."""
    program = tmp_path / "bin" / "argraph"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m argraph "$@"\n')
    program.chmod(0o755)
    return os.environ | {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "RUNNER_TEMP": str(tmp_path / "runner"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }


def step(debate: Path, name: str, shell: dict[str, str]) -> subprocess.CompletedProcess[str]:
    (job,) = workflow(debate, "argraph.yml")["jobs"].values()
    (script,) = (step["run"] for step in job["steps"] if step["name"] == name)
    command = ["bash", "-e", "-c", script]
    return subprocess.run(command, cwd=debate, env=shell, capture_output=True, text=True, check=False)


def test_the_steps_of_the_workflow_check_and_say_what_changes(
    debate: Path, shell: dict[str, str], tmp_path: Path
) -> None:
    (debate / "before" / "graph").mkdir(parents=True)
    first = (debate / "graph" / "debate.ttl").read_bytes()
    (debate / "before" / "graph" / "debate.ttl").write_bytes(first)
    (debate / "before" / "graph" / "old.ttl").write_text(
        f"@prefix arg: <https://w3id.org/argraph/ns#> .\n<{BASE}cl-old> a arg:Claim ;\n"
        '<http://www.w3.org/2004/02/skos/core#prefLabel> "An old claim"@en .\n'
    )
    done = step(debate, "Check every file", shell)
    assert (done.returncode, done.stderr) == (0, "")
    done = step(debate, "Say what it would change", shell)
    assert (done.returncode, done.stderr) == (0, "")
    report = (tmp_path / "runner" / "report" / "impact.md").read_text(encoding="utf-8")
    assert "#### Gone" in report
    assert "The claim “An old claim”." in report
    assert (tmp_path / "summary.md").read_text(encoding="utf-8") == report

    (debate / "graph" / "debate.ttl").write_bytes(first.replace(b"arg:Thesis", b"arg:Thesiss"))
    done = step(debate, "Check every file", shell)
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=graph/debate.ttl,line=28,")

    (debate / "graph" / "debate.ttl").write_bytes(first.replace(b"a arg:Thesis ;", b"a ;"))
    done = step(debate, "Check every file", shell)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("::error file=graph/debate.ttl,line=28,")
    done = step(debate, "Say what it would change", shell)
    assert done.returncode == 0
    report = (tmp_path / "runner" / "report" / "impact.md").read_text(encoding="utf-8")
    assert report == "What this would change cannot be said: see the annotations of the check.\n"


@pytest.mark.parametrize(
    ("recorded", "requirement"),
    [
        (None, f"argraph=={__version__}"),
        ({"url": "https://example.org/a.git", "vcs_info": {"vcs": "git", "commit_id": "4f" * 20}},
         f"git+https://example.org/a.git@{'4f' * 20}"),
        ({"url": "https://example.org/a.whl", "archive_info": {"hash": "sha256=ab"}},
         "https://example.org/a.whl#sha256=ab"),
        ({"url": "https://example.org/a.whl", "archive_info": {}}, "https://example.org/a.whl"),
        ({"url": "file:///home/me/argraph", "dir_info": {"editable": True}}, ""),
    ],
)  # fmt: skip
def test_the_workflow_installs_what_this_argraph_was_installed_from_and_guesses_no_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, recorded: dict[str, Any] | None, requirement: str
) -> None:
    place = tmp_path / "site" / f"argraph-{__version__}.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text(f"Metadata-Version: 2.1\nName: argraph\nVersion: {__version__}\n")
    if recorded is not None:
        (place / "direct_url.json").write_text(json.dumps(recorded))
    monkeypatch.syspath_prepend(str(place.parent))
    done = run("init", tmp_path / "naps", "--base", BASE, "--thesis", THESIS)
    assert done.exit_code == 0, done.output
    assert workflow(tmp_path / "naps", "argraph.yml")["env"]["ARGRAPH"] == requirement
    assert ("write it into ARGRAPH" in done.output) == (not requirement)


def test_a_workflow_that_does_not_know_what_to_install_says_so(debate: Path, shell: dict[str, str]) -> None:
    done = step(debate, "Install argraph", shell | {"ARGRAPH": ""})
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=.github/workflows/argraph.yml::Say in ARGRAPH what pip")


# -- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ("naps", "begins with https://"),
        ("", "begins with https://"),
        ("ftp://example.org/naps/", "begins with https://"),
        ("https://example.org/naps", "end it with / (write https://example.org/naps/)"),
        ("https://example.org/my naps/", "use no spaces"),
        ("https://example.org/?naps/", "use no spaces"),
        ("https://example.org/%20/", "use no spaces"),
        ('https://example.org/"/', "use no spaces"),
        ("https:///", "is not an address"),
        ("https://w3id.org/argraph/ns#", "mingle"),
        ("https://w3id.org/argraph/", "mingle"),
        ("https://w3id.org/argraph/derived/", "mingle"),
        ("https://example.org/\ud800/", "is not an address"),
        ("https://example.org/a\x1b[31m/", "is not an address"),
    ],
)
def test_a_base_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, base: str, told: str) -> None:
    done = run("init", tmp_path / "x", "--base", base, "--thesis", THESIS)
    assert done.exit_code == 3
    assert told in done.output
    assert done.output.count("\n") == 1
    assert "\x1b" not in done.output
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--thesis", "No.", "too short"),
        ("--thesis", "no\x00thing at all", "U+0000"),
        ("--thesis", "half \udcff a letter", "U+DCFF"),
        ("--thesis", "turned \u202e around", "U+202E"),
        ("--thesis", "x" * 1501, "1,501 characters"),
        ("--label", "x" * 121, "at most 120"),
        ("--prefix", "Naps", "small letters"),
        ("--prefix", "skos", "choose another"),
        ("--language", "not a language", "code of a language"),
        ("--creator", "Ada", "begins with https://"),
        ("--creator", BASE + "ada", "would be a node of the debate"),
        ("--licence", "CC BY", "begins with https://"),
        ("--install", "-r evil.txt", "pip can install"),
        ("--install", 'x" && curl y', "pip can install"),
        ("--install", "x\nrun: y", "pip can install"),
    ],
)
def test_an_odd_value_is_refused_in_one_line(tmp_path: Path, option: str, value: str, told: str) -> None:
    given = {"--base": BASE, "--thesis": THESIS} | {option: value}
    done = run("init", tmp_path / "x", *(part for pair in given.items() for part in pair))
    assert done.exit_code == 3
    assert told in done.output
    assert done.output.count("\n") == 1
    assert not (tmp_path / "x").exists()


def test_without_a_thesis_or_with_a_copy_and_a_thesis_the_usage_is_told(tmp_path: Path) -> None:
    for arguments in (("init", tmp_path / "x"), ("init", tmp_path / "x", "--copy", "--thesis", THESIS)):
        done = run(*arguments)
        assert done.exit_code == 2
        assert "--thesis" in done.output
    assert not (tmp_path / "x").exists()


def test_nothing_is_written_into_a_folder_that_holds_anything(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = run("init", tmp_path, "--base", BASE, "--thesis", THESIS)
    assert done.exit_code == 3
    assert "is not empty (it holds notes.txt)" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    done = run("init", tmp_path / "notes.txt", "--base", BASE, "--thesis", THESIS)
    assert (done.exit_code, "is a file" in done.output) == (3, True)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_second_time_is_refused_and_changes_nothing(debate: Path) -> None:
    before = {path: path.read_bytes() for path in debate.rglob("*") if path.is_file()}
    done = run("init", debate, "--base", BASE, "--thesis", "Something else entirely.")
    assert done.exit_code == 3
    assert {path: path.read_bytes() for path in debate.rglob("*") if path.is_file()} == before


def test_an_empty_repository_is_a_place_to_start_in(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert run("init", tmp_path, "--base", BASE, "--thesis", THESIS).exit_code == 0
    assert (tmp_path / "graph" / "debate.ttl").is_file()


def test_a_write_that_fails_half_way_leaves_nothing_behind(tmp_path: Path) -> None:
    files = {"graph/debate.ttl": b"first", "graph/debate.ttl/below": b"cannot be"}
    with pytest.raises(FoundingRefused, match="Nothing was left behind"):
        founding.write(tmp_path / "deep" / "er", files)
    assert list(tmp_path.iterdir()) == []


_TEXTS = st.text(min_size=1, max_size=200)


@given(thesis=_TEXTS, title=_TEXTS, label=_TEXTS)
def test_any_text_is_refused_or_makes_a_debate_that_says_it_and_passes_the_gate(
    thesis: str, title: str, label: str, shapes: ShapeSet
) -> None:
    try:
        planned = founding.plan(base=BASE, thesis=thesis, title=title, label=label, created=date(2026, 1, 2))
    except FoundingRefused:
        return
    files = founding.begun(planned)
    report = check.check({"debate.ttl": files["graph/debate.ttl"]}, against=Store(), shapes=shapes)
    assert report.ok, [str(one) for one in report]
