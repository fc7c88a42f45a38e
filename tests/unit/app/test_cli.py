"""The command line: what each command prints, and its exit code."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import rdflib
from click.testing import CliRunner, Result

from argraph.app.cli import main


def run(*arguments: str | Path, text: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=text)


@pytest.fixture(scope="module")
def scaffold() -> str:
    done = run("new", "objection", "--against", "pil-safety", "--name", "power-of-few")
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def filled(scaffold: str, tmp_path: Path) -> Path:
    """The scaffold of an objection, filled in by hand."""
    text = scaffold
    for blank, value in {
        "«fill in: what this file adds, in a few words»": "An objection about power",
        "«fill in: a page about you, such as orcid.org/0000-0002-1825-0097»": "example.org/me",
        "«fill in: the objection in a few words»": "Open weights serve the few who can run them",
        "«fill in: the objection in one full sentence»": "Only owners of large machines gain from weights.",
    }.items():
        assert blank in text
        text = text.replace(blank, value)
    path = tmp_path / "mine.ttl"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    done = run(command, "--help")
    assert done.exit_code == 0
    assert f"argraph {command}" in done.stdout.split("Example", 1)[1]


def test_clean_file_gives_exit_code_0(filled: Path) -> None:
    done = run("check", filled)
    assert (done.exit_code, done.output) == (0, "Nothing to report.\n")


def test_what_is_found_does_not_depend_on_the_number_of_processes(filled: Path) -> None:
    text = filled.read_text(encoding="utf-8")
    for number in range(3):
        faulty = text.replace("osai:pil-safety", "osai:pil-safty").replace("power-of-few", f"power-{number}")
        filled.with_name(f"faulty-{number}.ttl").write_text(faulty, encoding="utf-8")
    one, two = (run("check", "--format", "json", "--jobs", jobs, filled.parent) for jobs in ("1", "2"))
    assert (one.exit_code, two.exit_code) == (1, 1)
    assert one.stdout == two.stdout
    assert json.loads(one.stdout)["counts"]["violation"] >= 3
    assert run("check", "--jobs", "0", filled).exit_code == 2


def test_misspelt_node_gives_its_place_and_the_nearest_name_and_exit_code_1(filled: Path) -> None:
    text = filled.read_text(encoding="utf-8").replace("osai:pil-safety", "osai:pil-safty")
    filled.write_text(text, encoding="utf-8")
    line = next(i for i, row in enumerate(text.splitlines(), 1) if "pil-safty" in row)
    done = run("check", filled)
    assert done.exit_code == 1
    assert f"{filled}:{line}:" in done.output
    assert "Did you mean osai:pil-safety (" in done.output


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_machine_formats_are_one_json_document(filled: Path, form: str) -> None:
    done = run("check", filled, "--format", form)
    assert done.exit_code == 0
    assert isinstance(json.loads(done.stdout), dict)


def test_check_writes_a_shacl_validation_report(filled: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttl"
    broken.write_bytes(filled.read_bytes().replace(b"arg:premise", b"arg:premiss"))
    for path, code in ((filled, 0), (broken, 1)):
        done = run("check", path, "--format", "turtle")
        assert done.exit_code == code
        report = rdflib.Graph().parse(data=done.stdout, format="turtle")
        assert bool(list(report.objects(None, rdflib.SH.resultMessage))) == bool(code)


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02\xff", "é".encode("utf-16"), b"\xff\xfe", b"\x1b[31m<"]
)
def test_any_bytes_give_an_answer_without_a_traceback(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.ttl"
    path.write_bytes(content)
    done = run("check", path)
    assert done.exit_code == 1
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert f"{path}:1:" in done.output
    assert "\x1b" not in done.output


@pytest.mark.parametrize("command", [["check", "{}"], ["stats", "--graph", "{}"], ["serve", "--graph", "{}"]])
def test_missing_place_is_one_clear_line_and_exit_code_3(tmp_path: Path, command: list[str]) -> None:
    missing = tmp_path / "nowhere"
    done = run(*(part.format(missing) for part in command))
    assert done.exit_code == 3
    assert done.stderr == f"argraph: There is no file or folder {missing}.\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_unreadable_file_is_exit_code_3(filled: Path) -> None:
    filled.chmod(0)
    assert run("check", filled).exit_code == 3


def test_broken_graph_names_the_place_and_gives_exit_code_3(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<x:s> <x:p> <x:o>\n", encoding="utf-8")
    done = run("stats", "--graph", tmp_path)
    assert done.exit_code == 3
    assert f"{tmp_path / 'a.ttl'}:1:" in done.stderr
    assert "Traceback" not in done.stderr


def test_port_in_use_is_one_clear_line_and_exit_code_3() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port))
    assert done.exit_code == 3
    assert str(port) in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_query_without_name_or_expression_is_a_usage_error() -> None:
    assert run("query").exit_code == 2
    assert run("query", "theses", "-e", "ASK {}").exit_code == 2


def test_saved_query_takes_parameters_by_local_name() -> None:
    done = run("query", "attack", "node=pil-economics", "--format", "csv")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0].split(",")[:2] == ["node", "attacker"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["unanswered-objection"], "unanswered-objections"),
        (["attack", "node=pil-sfety"], "pil-safety"),
        (["attack", "nod=pil-safety"], "node"),
        (["-e", "SELECT * WHERE { ?s ?p }"], "line 1, column 25"),
        (["-e", "DROP ALL"], "argraph check"),
        (["-e", "SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }"], "SERVICE"),
        (["theses", "--format", "xlsx"], "csv"),
    ],
)
def test_wrong_question_is_answered_with_what_would_work(arguments: list[str], words: str) -> None:
    done = run("query", *arguments)
    assert done.exit_code == 3
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_expression_is_read_from_standard_input() -> None:
    done = run("query", "-e", "-", "--format", "csv", text="SELECT ?t { ?t a arg:Thesis }")
    assert done.stdout.splitlines() == ["t", "https://w3id.org/argraph/open-source-ai/th-open-must-win"]


def test_stats_count_the_shipped_debate() -> None:
    numbers = json.loads(run("stats", "--format", "json").stdout)
    assert numbers["statements"] >= 173
    assert numbers["supports"] + numbers["attacks"] >= 221
    assert numbers["evidence lines"] >= 514


def test_queries_lists_at_least_twelve_questions_and_six_audits() -> None:
    listed = json.loads(run("queries", "--format", "json").stdout)
    kinds = [stored["kind"] for stored in listed]
    assert kinds.count("explore") >= 12
    assert kinds.count("audit") >= 6


def test_scaffold_is_never_written_over_a_file(tmp_path: Path) -> None:
    path = tmp_path / "new.ttl"
    assert run("new", "claim", "-o", path).exit_code == 0
    before = path.read_bytes()
    assert run("new", "study", "-o", path).exit_code == 3
    assert path.read_bytes() == before
