"""The commands import, export and formats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from argraph.app.cli import main

MAP = {
    "nodes": [
        {"nodeID": "1", "text": "Fuel should be dearer.", "type": "I"},
        {"nodeID": "2", "text": "Roads are worn down by traffic.", "type": "I"},
        {"nodeID": "3", "text": "Default Inference", "type": "RA"},
        {"nodeID": "4", "text": "Rain wears them down, too.", "type": "I"},
        {"nodeID": "5", "text": "Default Conflict", "type": "CA"},
    ],
    "edges": [
        {"edgeID": "1", "fromID": "2", "toID": "3"},
        {"edgeID": "2", "fromID": "3", "toID": "1"},
        {"edgeID": "3", "fromID": "4", "toID": "5"},
        {"edgeID": "4", "fromID": "5", "toID": "3"},
    ],
    "locutions": [],
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "Fuel Tax.json"
    path.write_text(json.dumps(MAP))
    return path


def test_a_file_becomes_a_debate_that_passes_the_gate_and_comes_back(source: Path, tmp_path: Path) -> None:
    debate = tmp_path / "debate"
    made = run("import", "aif", source, "-o", debate, "--base", "https://example.org/fuel/")
    assert made.exit_code == 0
    assert (
        made.stdout == f"Wrote 2 files to {debate}. Check them: argraph check {debate} --against {debate}\n"
    )
    assert sorted(path.name for path in debate.iterdir()) == ["debate.ttl", "fuel-tax.ttl"]
    assert run("check", debate, "--against", debate).exit_code == 0
    assert "does not stand" in run("explain", "n-1", "--graph", debate).stdout
    back = run("export", "aif", "--graph", debate, "--strict")
    assert back.exit_code == 0
    written = json.loads(back.stdout)
    for key in ("nodes", "edges"):
        assert len(written[key]) == len(MAP[key])
        assert all(item in written[key] for item in MAP[key])


def test_without_a_folder_the_debate_goes_to_standard_output_and_a_base_is_asked_for(source: Path) -> None:
    made = run("import", "aif", source)
    assert made.exit_code == 0
    assert "d:n-4 a arg:Objection" in made.stdout
    assert "https://example.org/fuel-tax/: choose an address with --base" in made.stderr


def test_several_files_become_contributions_of_one_debate(source: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps(MAP).replace('"text": "', '"text": "Ann says: '))
    assert run("import", "aif", source, other).exit_code == 2
    debate = tmp_path / "debate"
    made = run("import", "aif", source, other, "-o", debate, "--report", "text")
    assert made.exit_code == 0
    assert "other.json: 1: added: thesis" in made.stderr
    assert sorted(path.name for path in debate.iterdir()) == ["debate.ttl", "fuel-tax.ttl", "other.ttl"]
    checked = run("check", debate, "--against", debate)
    assert checked.exit_code == 0
    assert "violation" not in checked.stdout


def test_strict_writes_nothing_when_something_would_be_lost(source: Path, tmp_path: Path) -> None:
    source.write_text(json.dumps({**MAP, "edges": [*MAP["edges"], {"fromID": "1", "toID": "99"}]}))
    report = tmp_path / "losses.json"
    made = run("import", "aif", source, "-o", tmp_path / "debate", "--strict", "--report", report)
    assert made.exit_code == 1
    assert not (tmp_path / "debate").exists()
    told = json.loads(report.read_text())
    assert told["summary"]["dropped"] == 1
    assert told["losses"][0]["place"] == "edges[4]"
    assert told["losses"][0]["reason"] == "there is no node “99”; the edge is kept as data"
    assert run("import", "aif", source, "-o", tmp_path / "debate").exit_code == 0


def test_a_report_goes_to_standard_error_as_text_or_json(source: Path) -> None:
    assert "2: added: assumption (2 of them)" in run("import", "aif", source, "--report", "text").stderr
    assert '"summary"' in run("import", "aif", source, "--report", "json").stderr


def test_two_tables_are_one_debate(tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_text("id,text\na,Roads are worn down.\nb,Fuel should be dearer.\n")
    (tmp_path / "l.csv").write_text("source,kind,target\na,support,b\n")
    made = run("import", "csv", tmp_path / "n.csv", tmp_path / "l.csv", "--base", "https://example.org/x/")
    assert made.exit_code == 0
    assert 'schema:text "Fuel should be dearer."@en' in made.stdout


def test_a_part_of_the_shipped_debate_is_written_with_its_focus() -> None:
    made = run("export", "csv", "--focus", "pil-safety", "--depth", "1", "--report", "text")
    assert made.exit_code == 0
    whole = run("export", "aif", "--focus", "pil-safety", "--depth", "1")
    texts = [node["nodeID"] for node in json.loads(whole.stdout)["nodes"]]
    assert "pil-safety" in texts
    assert "th-open-must-win" not in texts


def test_the_shipped_debate_goes_through_tables_and_comes_back_with_equal_statuses(tmp_path: Path) -> None:
    assert run("export", "csv", "-o", tmp_path / "all.zip").exit_code == 0
    base = "https://w3id.org/argraph/open-source-ai/"
    assert run("import", "csv", tmp_path / "all.zip", "-o", tmp_path / "again", "--base", base).exit_code == 0
    assert run("status", "--graph", tmp_path / "again").stdout == run("status").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("export", "aiff"), 3, "There is no format “aiff”. Did you mean aif"),
        (("import", "aif", "missing.json"), 3, "missing.json cannot be read"),
        (("export", "aif", "--focus", "nobody"), 3, "There is no node “nobody”"),
        (("export", "aif", "--depth", "2"), 2, "A depth is counted from somewhere"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...], code: int, words: str) -> None:
    made = run(*arguments)
    assert made.exit_code == code
    assert words in made.stderr


@pytest.mark.parametrize(
    "option", [("--base", "nowhere"), ("--language", "?"), ("--creator", "me"), ("--licence", "< >")]
)
def test_an_option_that_makes_no_debate_is_refused(source: Path, option: tuple[str, str]) -> None:
    made = run("import", "aif", source, *option)
    assert made.exit_code == 3
    assert option[1] in made.stderr


def test_every_format_is_listed_with_its_endings() -> None:
    listed = json.loads(run("formats", "--format", "json").stdout)
    assert [one["name"] for one in listed if one["written"]] == [
        "aif",
        "xaif",
        "aif-rdf",
        "csv",
        "graphml",
        "jsonld",
        "iccma",
        "nanopub",
        "bibtex",
        "csljson",
        "argdown",
    ]
    assert [one["name"] for one in listed if not one["written"]] == ["kialo"]
    assert "graphml   a graph for Gephi, yEd and Cytoscape (.graphml)" in run("formats").stdout


ARGDOWN = """# Fuel

[Dearer]: Fuel should be dearer. #tax
    + <Wear>: Roads are worn down by traffic. {year: 1999}
        <_ [Rain]: Rain wears them down, too.
    - [Poor]: The poor drive as well.
        - [Back]: The tax can be handed back to them.
"""


def test_a_text_of_argdown_becomes_a_debate_that_passes_the_gate_and_comes_back(tmp_path: Path) -> None:
    source, debate = tmp_path / "fuel.argdown", tmp_path / "debate"
    source.write_text(ARGDOWN)
    made = run("import", "argdown", source, "-o", debate, "--base", "https://example.org/fuel/", "--strict")
    assert made.exit_code == 0, made.stderr
    assert run("check", debate, "--against", debate).exit_code == 0
    assert "stands" in run("explain", "n-dearer", "--graph", debate).stdout
    back = run("export", "argdown", "--graph", debate, "--strict").stdout
    assert "title: Fuel\n" in back
    assert "    + [Wear]\n" not in back, "an undercut needs the support to have a name"
    assert "    - [Poor]\n" in back
    assert "    _> <support-Wear-Dearer>\n" in back
    assert "{kind: claim" in back
    assert "year: 1999" in back


def test_an_export_of_kialo_becomes_a_debate_and_none_is_written(tmp_path: Path) -> None:
    source, debate = tmp_path / "fuel.txt", tmp_path / "debate"
    source.write_text(
        "Discussion Title: Fuel\n\n1. Fuel should be dearer.\n1.1. Con: The poor drive as well.\n"
    )
    assert run("import", "kialo", source, "-o", debate, "--strict").exit_code == 0
    assert run("check", debate, "--against", debate).exit_code == 0
    refused = run("export", "kialo", "--graph", debate)
    assert refused.exit_code == 3
    assert "The format kialo is only read, not written" in refused.stderr


def test_a_diagram_is_written_and_says_that_it_cannot_be_read_back() -> None:
    made = run("export", "dot", "--focus", "pil-safety", "--depth", "1", "--report", "text")
    assert made.stdout.startswith("digraph argraph {")
    assert "cannot be read back" in made.stderr


def test_files_that_number_their_nodes_through_come_back_as_one_and_others_are_told(
    source: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.json"
    dialogue = [{"nodeID": "60", "text": "Ann: rain", "type": "L"}]
    numbered = json.loads(json.dumps(MAP).replace('ID": "', 'ID": "5'))
    other.write_text(
        json.dumps({**numbered, "nodes": numbered["nodes"] + dialogue, "locutions": [{"nodeID": "60"}]})
    )
    assert run("import", "aif", source, other, "-o", tmp_path / "both", "--title", "Roads").exit_code == 0
    written = run("export", "aif", "--graph", tmp_path / "both", "--report", "text")
    told = json.loads(written.stdout)
    assert sorted(n["nodeID"] for n in told["nodes"]) == [
        "1",
        "2",
        "3",
        "4",
        "5",
        "51",
        "52",
        "53",
        "54",
        "55",
        "60",
    ]
    assert [edge["edgeID"] for edge in told["edges"]] == ["1", "2", "3", "4", "51", "52", "53", "54"]
    assert told["locutions"] == [{"nodeID": "60"}]
    assert written.stderr.startswith("title: dropped: title “Roads”")
    other.write_text(json.dumps(MAP).replace('"text": "', '"text": "Ann says: '))
    assert run("import", "aif", source, other, "-o", tmp_path / "clash").exit_code == 0
    written = run("export", "aif", "--graph", tmp_path / "clash", "--report", "text")
    assert len(json.loads(written.stdout)["nodes"]) == 10
    assert "names and data of the source (2 of them): several files use the same names" in written.stderr


def test_a_study_is_written_as_its_entry_in_a_bibliography_and_as_nothing_else() -> None:
    written = run("export", "bibtex", "--focus", "study-eiras2024-risks")
    assert written.exit_code == 0
    assert written.stdout.count("@") == 1
    assert written.stdout.startswith("@misc{study-eiras2024-risks,")
    for form in ("aif", "dot"):
        refused = run("export", form, "--focus", "study-eiras2024-risks")
        assert refused.exit_code == 3
        assert "is a study, and nothing leads to a study: take it as bibtex or csljson" in refused.stderr
    assert "There is no format" in run("export", "aiff", "--focus", "study-eiras2024-risks").stderr
