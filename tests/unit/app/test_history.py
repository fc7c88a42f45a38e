"""The story of a node, in words: what happened, by whom, and what was different."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from argraph import resources
from argraph.app.cards import Cards
from argraph.app.cli import main
from argraph.app.history import Histories, Story
from argraph.app.vocabulary import Vocabulary
from argraph.workspace import Workspace

from ...debates import BASE, Debate, debate
from ...ledgers import ANYBODY, BEN, SAUL

PREFIXES = """@prefix arg: <https://w3id.org/argraph/ns#> .
@prefix bibo: <http://purl.org/ontology/bibo/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix ex: <https://example.org/d/> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:contribution-1 a arg:Contribution ; dcterms:created "2026-01-31"^^xsd:date .
"""
FIRST = """
ex:cl-sleep a arg:Claim ; skos:prefLabel "Pupils \\"sleep\\" too little"@en ; schema:text "Most do."@en .
ex:su-sleep a arg:Support ; arg:premise ex:cl-sleep ; arg:conclusion ex:th-d .
ex:study-a a arg:Study ; bibo:authorList ( "Byron, Ada" ) .
"""
SECOND = """
ex:cl-sleep a arg:Claim ; skos:prefLabel "Pupils \\"sleep\\" too little"@en ; schema:text "Many do."@en ;
    dcterms:subject <javascript:alert(1)> .
ex:su-sleep a arg:Attack ; arg:premise ex:cl-sleep , ex:cl-old ; arg:target ex:th-d .
ex:study-a a arg:Study ; bibo:authorList ( "Byron, Ada" "Turing, Alan" ) .
"""


@pytest.fixture(scope="module")
def changed() -> Iterator[Debate]:
    with debate() as made:
        made.graph.joinpath("debate.ttl").write_text(
            "@prefix arg: <https://w3id.org/argraph/ns#> .\n@prefix dcterms: <http://purl.org/dc/terms/> .\n"
            f'<{BASE}> a <http://rdfs.org/ns/void#Dataset> ; <http://rdfs.org/ns/void#uriSpace> "{BASE}" .\n'
            f'<{BASE}contribution-debate> a arg:Contribution ; dcterms:title "The debate"@en ;\n'
            f"    dcterms:creator <https://example.org/grace> ;\n"
            '    dcterms:created "2026-01-01"^^<http://www.w3.org/2001/XMLSchema#date> .\n'
            f"<{BASE}th-d> a arg:Thesis .\n"
        )
        made.submit(1, data=(PREFIXES + FIRST).encode(), title="On sleep", by=BEN)
        made.submit(1, data=(PREFIXES + SECOND).encode(), title="On sleep, again", by=BEN)
        made.remember()
        made.submit(2, by=ANYBODY)
        assert made.retract(2, by=SAUL)
        yield made


def story(made: Debate, name: str) -> Story:
    workspace = Workspace.open(made.graph, data=made.data)
    histories = Histories(Cards(workspace, Vocabulary(resources.ontology())))
    return histories.story(histories.find(name))


def run(*arguments: str | Path) -> Result:
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_a_change_is_told_property_by_property_with_who_and_when(changed: Debate) -> None:
    revised, added = story(changed, "cl-sleep").passages
    assert added.text == "2026-01-31 12:01 UTC: added with “On sleep” by ben, accepted by ruth"
    assert [line.text for line in added.changes] == [
        "kind: “claim”",
        'label: “Pupils "sleep" too little”',
        "text: “Most do.”",
    ]
    assert revised.text == "2026-01-31 12:01 UTC: changed with “On sleep, again” by ben, accepted by ruth"
    assert [line.text for line in revised.changes] == [
        "text: was “Most do.”, now “Many do.”",
        "themes: “javascript:alert(1)”",
    ]


def test_what_a_step_and_a_list_of_authors_were_is_told_by_names(changed: Debate) -> None:
    revised, _ = story(changed, "su-sleep").passages
    assert [line.text for line in revised.changes] == [
        "kind: was “support”, now “attack”",
        "conclusion: no longer “th-d”",
        "premise: “cl-old”",
        "target: “th-d”",
    ]
    revised, _ = story(changed, "study-a").passages
    assert [line.text for line in revised.changes] == [
        "authors: was “Byron, Ada”, now “Byron, Ada; Turing, Alan”"
    ]


def test_what_is_gone_keeps_its_story_and_whoever_was_anonymous_stays_so(changed: Debate) -> None:
    told = story(changed, "cl-2")
    assert not told.there
    removed, added = told.passages
    assert added.text.endswith("added with “On 2” by somebody without a token, accepted by ruth")
    assert removed.text.endswith("removed with “Retraction of “On 2”” by saul, accepted by ruth")
    assert removed.changes[-1].text == "text: no longer “Version 0.”"


def test_what_no_record_speaks_of_is_dated_by_its_file(changed: Debate) -> None:
    (begun,) = story(changed, "th-d").passages
    assert begun.text == "2026-01-01: added with “The debate” by grace"
    assert (begun.at, begun.recorded, begun.by[0].href) == ("2026-01-01", False, "https://example.org/grace")


def test_an_edit_past_the_record_is_told_as_one(tmp_path: Path) -> None:
    with debate() as made:
        made.submit(1, data=(PREFIXES + FIRST).encode(), title="On sleep")
        path = made.graph / "mine-1.ttl"
        path.write_bytes(path.read_bytes().replace(b"Most do.", b"All do."))
        by_hand, _ = story(made, BASE + "cl-sleep").passages
        assert by_hand.text == (
            "At some time: changed in mine-1.ttl, not through a contribution, so when and by whom is not "
            "recorded"
        )
        assert [line.text for line in by_hand.changes] == ["text: was “Most do.”, now “All do.”"]
        made.submit(1, data=(PREFIXES + SECOND).encode(), title="On sleep, again")
        acts = [(one.act, one.recorded) for one in story(made, BASE + "cl-sleep").passages]
        assert acts == [("changed", True), ("changed", False), ("added", True)]


# -- the command --------------------------------------------------------------------------------------------


def test_the_log_of_the_debate_lists_the_latest_first(changed: Debate) -> None:
    done = run("log", "--graph", changed.graph, "--data", changed.data)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert [line.partition(": ")[2] for line in lines] == [
        "2 nodes removed with “Retraction of “On 2”” by saul, accepted by ruth",
        "2 nodes added with “On 2” by somebody without a token, accepted by ruth",
        "3 nodes changed with “On sleep, again” by ben, accepted by ruth",
        "4 nodes added with “On sleep” by ben, accepted by ruth",
        "3 nodes added with “The debate” by grace",
        "1 node added",
    ]
    assert lines[-1].startswith("At some time: ")
    acts = json.loads(run("log", "--graph", changed.graph, "--data", changed.data, "--format", "json").stdout)
    assert [one["act"] for one in acts] == [
        "retracted", "accepted", "revised", "accepted", "added", "added",
    ]  # fmt: skip
    assert acts[0]["contribution"]["entry"] == changed.ledger.entries()[0].id
    two = run("log", "--graph", changed.graph, "--data", changed.data, "--limit", "2")
    assert two.stdout.splitlines() == lines[:2]


def test_the_log_of_a_node_works_with_and_without_a_record_and_for_what_is_gone(changed: Debate) -> None:
    done = run("log", "cl-2", "--graph", changed.graph, "--data", changed.data)
    assert (done.exit_code, done.stdout.count("\n")) == (0, 6)
    done = run("log", "th-open-must-win")
    assert done.stdout.startswith("2026-11-23: added with “The debate, its thesis, pillars and branches” by")
    done = run("log", "cl-2", "--graph", changed.graph)
    assert done.exit_code == 3
    assert "There is no node “cl-2”." in done.output


def test_a_data_folder_without_a_record_is_told_in_one_line_and_stays_as_it_is(tmp_path: Path) -> None:
    done = run("log", "--data", tmp_path)
    assert done.exit_code == 3
    assert done.output.startswith(f"argraph: There is no record of contributions in {tmp_path}: ")
    assert list(tmp_path.iterdir()) == []


# -- as of --------------------------------------------------------------------------------------------------


def test_reading_commands_show_the_graph_as_it_was(changed: Debate) -> None:
    place = ("--graph", changed.graph, "--data", changed.data)
    then = changed.moments[0][0].isoformat()
    texts = "SELECT ?text { ex:cl-sleep schema:text ?text }".replace("ex:cl-sleep", f"<{BASE}cl-sleep>")
    assert run("query", "-e", texts, *place, "--format", "csv").stdout.split() == ["text", "Many", "do."]
    assert run("query", "-e", texts, *place, "--as-of", then, "--format", "csv").stdout.split() == ["text"]
    for command in (["status"], ["stats"], ["audit"], ["explain", "th-d"], ["cruxes", "th-d"]):
        done = run(*command, *place, "--as-of", then)
        assert done.exit_code == 0, done.output
        assert "sleep" not in done.stdout
    done = run("explain", "cl-sleep", *place, "--as-of", then)
    assert (done.exit_code, "There is no node “cl-sleep”" in done.output) == (3, True)
    done = run("view", *place, "--as-of", then, "--format", "mermaid", "--focus", "th-d")
    assert done.exit_code == 0
    assert "sleep" not in done.stdout


def test_a_date_before_anything_is_told_with_the_first_date(changed: Debate) -> None:
    done = run("status", "--graph", changed.graph, "--data", changed.data, "--as-of", "1999-12-31")
    # The file that is not dated at all may have been there always.
    assert done.exit_code == 0
    (changed.graph / "below" / "old.ttl").rename(changed.data / "old.ttl")
    try:
        done = run("status", "--graph", changed.graph, "--data", changed.data, "--as-of", "1999-12-31")
    finally:
        (changed.data / "old.ttl").rename(changed.graph / "below" / "old.ttl")
    assert done.exit_code == 3
    assert done.output == (
        f"argraph: There was nothing in {changed.graph} as of 1999-12-31 23:59 UTC: its first contribution "
        "is dated 2026-01-01.\n"
    )


@pytest.mark.parametrize(
    "given", ["yesterday", "2026-13-01", "2026-02-30", "", "2026-01-01T25:00", "٢٠٢٦-01-01"]
)
def test_what_is_no_date_is_told_with_the_form_to_write(given: str) -> None:
    done = run("status", "--as-of", given)
    assert done.exit_code == 2
    assert "is no day or time: write 2026-01-31, or 2026-01-31T12:00 (UTC)." in done.output
