"""Commands that say what stands, on the shipped debate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from argraph.app.cli import main


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize(
    ("node", "standing"),
    [
        ("th-open-must-win", "stands"),
        ("pil-innovation", "stands"),
        ("pil-economics", "stands"),
        ("pil-safety", "does not stand"),
        ("cl-open-env-disclosure", "is open"),
    ],
)
def test_status_is_said_in_plain_words(node: str, standing: str) -> None:
    done = run("status", node)
    assert done.exit_code == 0
    assert done.stdout.startswith(f"{standing} ")
    assert done.stdout.count("\n") == 1


def test_status_without_a_node_tells_every_statement() -> None:
    rows = json.loads(run("status", "--format", "json").stdout)
    assert len(rows) >= 173
    assert {row["status"] for row in rows} == {"accepted", "rejected", "undecided"}


@pytest.mark.usefixtures("clingo")
@pytest.mark.parametrize("semantics", ["preferred", "stable", "complete"])
def test_other_semantics_tell_whether_some_and_all_extensions_accept(semantics: str) -> None:
    done = run("status", "cl-open-env-disclosure", "--semantics", semantics)
    assert done.stdout.startswith("in some extension ")
    assert run("status", "pil-safety", "--semantics", semantics).stdout.startswith("in no extension ")


def test_explanation_names_the_objection_that_decides() -> None:
    done = run("explain", "pil-safety")
    assert "does not stand" in done.stdout.splitlines()[0]
    assert "Safety training on open weights is cheaply removed" in done.stdout.replace("\n", " ")
    tree = json.loads(run("explain", "pil-safety", "--format", "json").stdout)
    assert tree["status"] == "rejected"
    assert tree["children"]
    assert run("explain", "pil-safety", "--format", "turtle").stdout.startswith("@prefix arg:")


def test_chain_leads_to_the_thesis_shortest_first() -> None:
    found = json.loads(run("chain", "cl-many-eyes", "--to-thesis", "--format", "json").stdout)
    lengths = [len(chain["hops"]) for chain in found]
    assert lengths == sorted(lengths)
    assert lengths[0] == 2


def test_cruxes_say_what_would_restore_a_statement() -> None:
    done = run("cruxes", "pil-safety")
    assert "would stand if" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["status", "pil-sfety"], 3),
        (["explain", "nothing-of-the-kind"], 3),
        (["chain", "pil-safety"], 2),
        (["chain", "pil-safety", "th-open-must-win", "--to-thesis"], 2),
        (["solve", "missing.af"], 3),
        (["impact", "missing.ttl"], 3),
    ],
)
def test_wrong_use_is_a_clear_error(arguments: list[str], code: int) -> None:
    done = run(*arguments)
    assert done.exit_code == code
    assert "Traceback" not in done.output


def test_solve_answers_in_the_form_of_the_competition(tmp_path: Path) -> None:
    path = tmp_path / "three.af"
    path.write_text("p af 3\n1 2\n2 3\n", encoding="utf-8")
    assert run("solve", path).stdout == "w 1 3\n"
    assert run("solve", path, "--task", "DC", "--arg", "2").stdout.startswith("NO")


def test_audit_asks_every_audit_query() -> None:
    found = json.loads(run("audit", "--format", "json").stdout)
    assert len(found) >= 6
    assert any(finding["query"] == "answered-undefeated" and finding["rows"] for finding in found)
    assert "found" in run("audit").stdout


def test_scores_of_a_file_count_in_place_of_the_shipped_ones(tmp_path: Path) -> None:
    mine = tmp_path / "mine.ttl"
    mine.write_text(
        "@prefix arg: <https://w3id.org/argraph/ns#> . arg:VeryLow arg:baseScore 0.0 .\n", encoding="utf-8"
    )

    def strength(*options: str | Path) -> str:
        (row,) = json.loads(run("status", "ev-eiras2024-risks", "--format", "json", *options).stdout)
        return str(row["strength"])

    assert (strength(), strength("--scores", mine)) == ("0.30", "0.00")
    question = "SELECT ?s { osai:ev-eiras2024-risks arg:strength ?s }"
    asked = run("query", "-e", question, "--scores", mine, "--format", "csv")
    assert float(asked.stdout.split()[1]) == 0.0


@pytest.mark.parametrize("command", [["status"], ["explain", "pil-safety"], ["cruxes", "pil-safety"]])
def test_fault_in_a_file_of_scores_is_told_with_its_place(command: list[str], tmp_path: Path) -> None:
    mine = tmp_path / "mine.ttl"
    mine.write_text(
        "@prefix arg: <https://w3id.org/argraph/ns#> .\narg:High arg:baseScore 9 .\n", encoding="utf-8"
    )
    done = run(*command, "--scores", mine)
    assert done.exit_code == 3
    assert f"{mine}:2:24" in done.stderr
    assert "A score is a number from 0 to 1." in done.stderr
