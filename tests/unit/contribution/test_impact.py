"""What a contribution would change, on a debate small enough to work out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from argraph.workspace import Workspace

HEAD = """
@prefix arg: <https://w3id.org/argraph/ns#> . @prefix : <https://example.org/d/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix void: <http://rdfs.org/ns/void#> .
"""
DEBATE = """
<https://example.org/d/> a void:Dataset ; void:uriSpace "https://example.org/d/" .
:e a arg:Evidence ; arg:grade arg:High ; arg:verification arg:Verified .
:c a arg:Claim ; skos:prefLabel "The claim"@en .
:t a arg:Thesis ; skos:prefLabel "The thesis"@en .
:l a arg:EvidenceLine ; arg:evidence :e ; arg:bearsOn :c ; arg:direction arg:For .
:s a arg:Support ; arg:premise :c ; arg:conclusion :t .
"""
OBJECTION = """
:f a arg:Evidence ; arg:grade arg:Low ; arg:verification arg:Verified .
:o a arg:Objection ; skos:prefLabel "The objection"@en .
:m a arg:EvidenceLine ; arg:evidence :f ; arg:bearsOn :o ; arg:direction arg:For .
:a a arg:Attack ; arg:premise :o ; arg:target :c .
"""
BASE = "https://example.org/d/"


@pytest.fixture
def debate(tmp_path: Path) -> Workspace:
    folder = tmp_path / "debate"
    folder.mkdir()
    (folder / "debate.ttl").write_text(HEAD + DEBATE, encoding="utf-8")
    return Workspace.open(folder)


def contributed(tmp_path: Path, text: str, name: str = "new.ttl") -> Path:
    path = tmp_path / name
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def test_objection_flips_the_claim_and_what_rests_on_it_with_the_path(
    debate: Workspace, tmp_path: Path
) -> None:
    impact, faults = debate.impact(contributed(tmp_path, OBJECTION))
    assert impact is not None
    assert len(faults) == 0
    flips = {change.iri.removeprefix(BASE): change for change in impact.flips}
    assert {name: (c.before.status, c.after.status) for name, c in flips.items() if c.before and c.after} == {
        "c": ("accepted", "rejected"),
        "t": ("accepted", "rejected"),
        "s": ("accepted", "rejected"),
    }
    assert [iri.removeprefix(BASE) for iri in flips["t"].path] == ["a", "c", "s", "t"]
    assert impact.unanswered == (BASE + "o",)
    assert {change.iri.removeprefix(BASE) for change in impact.added} == {"a", "f", "m", "o"}


def test_claim_loses_strength_as_defined(debate: Workspace, tmp_path: Path) -> None:
    impact, _ = debate.impact(contributed(tmp_path, OBJECTION))
    assert impact is not None

    def h(x: float) -> float:
        return max(x, 0) ** 2 / (1 + max(x, 0) ** 2)

    assert impact.was[BASE + "c"].lower == pytest.approx(h(0.9))
    assert impact.becomes[BASE + "c"].lower == pytest.approx(h(0.9 - h(0.5)))


def test_withdrawal_shows_what_goes_and_what_falls(debate: Workspace, tmp_path: Path) -> None:
    without = "\n".join(line for line in DEBATE.splitlines() if not line.startswith(":l "))
    impact, _ = debate.impact(contributed(tmp_path, without, "debate.ttl"))
    assert impact is not None
    assert [change.iri for change in impact.removed] == [BASE + "l"]
    assert {c.iri.removeprefix(BASE) for c in impact.flips} >= {"c", "t"}


def test_file_that_says_nothing_new_changes_nothing(debate: Workspace, tmp_path: Path) -> None:
    impact, _ = debate.impact(contributed(tmp_path, ""))
    assert impact is not None
    assert impact.changes == ()
    assert impact.render("text") == "This changes no status and no strength."


def test_every_form_tells_the_flip(debate: Workspace, tmp_path: Path) -> None:
    impact, _ = debate.impact(contributed(tmp_path, OBJECTION))
    assert impact is not None
    told = "The thesis “The thesis” stands now; then it does not stand"
    assert f"  {told}" in impact.render("text")
    assert f"- {told}" in impact.render("markdown")
    assert BASE + "t" in {change["iri"] for change in json.loads(impact.render("json"))["flips"]}


def test_file_that_is_not_turtle_gives_its_faults_and_no_impact(debate: Workspace, tmp_path: Path) -> None:
    impact, faults = debate.impact(contributed(tmp_path, ":x :y"))
    assert impact is None
    assert len(faults) == 1


def test_impact_leaves_the_graph_as_it_was(debate: Workspace, tmp_path: Path) -> None:
    before = set(debate.store.raw)
    debate.impact(contributed(tmp_path, OBJECTION))
    assert set(debate.store.raw) == before
