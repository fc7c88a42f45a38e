"""What a contribution would change, on a debate small enough to work out by hand."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from argraph.argument.cruxes import CruxChange
from argraph.contribution.impact import Impact
from argraph.contribution.impact_report import render, sentence, telling
from argraph.errors import UnknownNode
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
    assert render(impact, "text") == "This changes no status and no strength."


def test_every_form_tells_the_flip(debate: Workspace, tmp_path: Path) -> None:
    impact, _ = debate.impact(contributed(tmp_path, OBJECTION))
    assert impact is not None
    told = "The thesis “The thesis” stands now; then it does not stand"
    way = "“The objection” → “The claim” → “The thesis”"
    assert f"  {told}: nothing that speaks for it holds. By way of {way}.\n" in render(impact, "text")
    row = f"| The thesis “The thesis” | stands | does not stand | nothing that speaks for it holds | {way} |"
    assert row in render(impact, "markdown").splitlines()
    assert BASE + "t" in {change["iri"] for change in json.loads(render(impact, "json"))["flips"]}


def crux(impact: Impact) -> CruxChange:
    """What there is to say of the only thesis, in short names."""
    (change,) = impact.cruxes
    short = [
        tuple(tuple(i.removeprefix(BASE) for i in s) for s in sets) for sets in (change.new, change.gone)
    ]
    return replace(change, iri=change.iri.removeprefix(BASE), new=short[0], gone=short[1])


def test_what_is_told_for_a_page_reads_like_the_text_and_links_its_nodes(
    debate: Workspace, tmp_path: Path
) -> None:
    impact, _ = debate.impact(contributed(tmp_path, OBJECTION))
    assert impact is not None
    told = telling(impact)
    text = "\n\n".join(
        f"{section.title}:\n"
        + "\n".join("  " + "".join(part.text for part in line) for line in section.lines)
        for section in told.sections
    )
    assert text == render(impact, "text")
    assert f"### {told.headline}\n" in render(impact, "markdown")
    flips, *_ = told.sections
    linked = [(part.text, part.node) for line in flips.lines for part in line if part.node]
    assert ("“The claim”", BASE + "c") in linked
    assert ("“The objection”", BASE + "o") in linked
    assert all(
        part.text.strip("“”") not in {"The claim", "The thesis"} or part.node
        for line in flips.lines
        for part in line
    )


def test_a_label_cannot_pass_for_a_link_of_the_page(debate: Workspace, tmp_path: Path) -> None:
    label = "\ue000https://evil.example/\ue001click\ue002"
    impact, _ = debate.impact(contributed(tmp_path, OBJECTION.replace("The objection", label)))
    assert impact is not None
    parts = [part for section in telling(impact).sections for line in section.lines for part in line]
    assert all(part.node.startswith(BASE) for part in parts if part.node)
    assert ("“https://evil.example/click”", BASE + "o") in [(part.text, part.node) for part in parts]


def test_nothing_to_tell_is_a_headline_without_sections(debate: Workspace, tmp_path: Path) -> None:
    impact, _ = debate.impact(contributed(tmp_path, DEBATE, "debate.ttl"))
    assert impact is not None
    assert telling(impact).headline == "This changes no status and no strength"
    assert telling(impact).sections == ()


def test_thesis_that_falls_is_told_what_would_bring_it_back(debate: Workspace, tmp_path: Path) -> None:
    impact, _ = debate.impact(contributed(tmp_path, OBJECTION))
    assert impact is not None
    found = crux(impact)
    assert (found.before, found.after, found.new, found.gone) == ("accepted", "rejected", (("o",),), ())
    told = "With this, the thesis “The thesis” would stand again if “The objection” were answered."
    assert told in render(impact, "text")


SECOND_FINDING = """
:g a arg:Evidence ; skos:prefLabel "The second finding"@en ; arg:grade arg:Low .
:n a arg:EvidenceLine ; arg:evidence :g ; arg:bearsOn :c ; arg:direction arg:For .
"""


def test_second_finding_frees_the_thesis_from_the_first(debate: Workspace, tmp_path: Path) -> None:
    impact, _ = debate.impact(contributed(tmp_path, SECOND_FINDING))
    assert impact is not None
    found = crux(impact)
    assert (found.before, found.after, found.new, found.gone) == ("accepted", "accepted", (), (("e",),))
    assert found.complete
    told = "The thesis “The thesis” would no longer fall if “e” alone were withdrawn."
    assert told in render(impact, "text")
    assert f"- {told}" in render(impact, "markdown")
    assert json.loads(render(impact, "json"))["cruxes"][0]["gone"] == [[BASE + "e"]]


def test_answered_objection_is_one_more_thing_that_the_thesis_hangs_on(tmp_path: Path) -> None:
    folder = tmp_path / "debate"
    folder.mkdir()
    (folder / "debate.ttl").write_text(HEAD + DEBATE + OBJECTION, encoding="utf-8")
    rebuttal = """
    :h a arg:Evidence ; skos:prefLabel "The answer's finding"@en ; arg:grade arg:Low .
    :r a arg:Rebuttal ; skos:prefLabel "The rebuttal"@en .
    :p a arg:EvidenceLine ; arg:evidence :h ; arg:bearsOn :r ; arg:direction arg:For .
    :b a arg:Attack ; arg:premise :r ; arg:target :o .
    """
    impact, _ = Workspace.open(folder).impact(contributed(tmp_path, rebuttal))
    assert impact is not None
    found = crux(impact)
    assert (found.before, found.after) == ("rejected", "accepted")
    assert set(found.new) >= {("e",), ("h",)}
    text = render(impact, "text")
    assert "With this, the thesis “The thesis” would fall if “e” were withdrawn, or if" in text


def test_another_attack_makes_one_answer_too_few(tmp_path: Path) -> None:
    folder = tmp_path / "debate"
    folder.mkdir()
    (folder / "debate.ttl").write_text(HEAD + DEBATE + OBJECTION, encoding="utf-8")
    second = OBJECTION
    for name in "foma":
        second = second.replace(f":{name} ", f":{name}2 ")
    impact, _ = Workspace.open(folder).impact(contributed(tmp_path, second))
    assert impact is not None
    found = crux(impact)
    assert (found.before, found.after, found.new, found.gone) == ("rejected", "rejected", (), (("o",),))
    told = "The thesis “The thesis” would no longer stand if “The objection” alone were answered."
    assert told in render(impact, "text")


def test_statement_that_the_files_do_not_bear_on_is_not_compared(debate: Workspace, tmp_path: Path) -> None:
    impact, _ = debate.impact(contributed(tmp_path, ':x a arg:Claim ; skos:prefLabel "Aside"@en .'))
    assert impact is not None
    assert impact.cruxes == ()


def test_too_large_a_graph_is_told_not_to_be_compared(
    debate: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("argraph.contribution.impact.WORK", 10)
    impact, _ = debate.impact(contributed(tmp_path, SECOND_FINDING))
    assert impact is not None
    assert impact.not_compared == (BASE + "t",)
    assert "Not looked at, for lack of time: 1 more statement." in render(impact, "text")


def test_retraction_of_a_study_takes_its_finding_and_all_above_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "debate"
    folder.mkdir()
    study = ":e arg:reportedIn :study . :study a arg:Study ; arg:verification arg:Verified .\n"
    path = folder / "debate.ttl"
    path.write_text(HEAD + DEBATE + study, encoding="utf-8")
    workspace = Workspace.open(folder)
    path.write_text(HEAD + DEBATE + study.replace("Verified", "Retracted"), encoding="utf-8")
    impact, _ = workspace.impact(path)
    assert impact is not None
    flips = {change.iri.removeprefix(BASE): change for change in impact.flips}
    assert {*flips} == {"e", "l", "c", "s", "t"}
    assert [iri.removeprefix(BASE) for iri in flips["t"].path] == ["e", "l", "c", "s", "t"]
    assert "then it does not stand: its study was retracted." in render(impact, "text")


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)> & <b>bold</b>",
    "</summary></details><details open>",
    "![pixel](https://evil.example/pixel.png)",
    "[click](javascript:alert(1)) [ref]: https://evil.example",
    "<https://evil.example> https://evil.example www.evil.example mailto:a@evil.example",
    "@everyone and @org/team, a@b.example",
    "fixes #1, GH-2, org/repo#3, !4",
    "a | b || c \\| d",
    "`code` ``more`` *stars* _lines_ ~~gone~~ **bold** \\*",
    "# heading\n\n- list\n\n```\nfence",
    "two\r\nlines\u2028three \u202e turned \u200b around",
    "$x^2$ &lt;already&gt; &copy;",
    ":tada: :+1: <!-- hidden",
]
FORGE = re.compile(r"(?<!\w)@\w|#\d|\bGH-\d|!\d|://|\bwww\.|\bmailto:\w|:\w+:")
"""What a forge turns into a mention, a reference or an address in the text that is shown."""


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_label_shows_as_it_is_and_does_nothing(label: str, tmp_path: Path) -> None:
    folder = tmp_path / "debate"
    folder.mkdir()
    quoted = json.dumps(label)  # Turtle's escapes are those of JSON
    text = (HEAD + DEBATE).replace('"The claim"', quoted)
    (folder / "debate.ttl").write_text(text, encoding="utf-8")
    impact, _ = Workspace.open(folder).impact(
        contributed(tmp_path, OBJECTION.replace('"The objection"', quoted))
    )
    assert impact is not None
    shown: list[str] = []
    kinds: set[str] = set()
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = parser.parse(render(impact, "markdown"))
    for token in tokens:
        kinds.add(token.type)
        for child in token.children or ():
            assert child.type in {"text", "softbreak", "text_special"}, child
            shown.append(child.content)
    assert not kinds & {"html_block", "fence", "code_block", "blockquote_open", "hr"}
    assert kinds >= {"table_open", "bullet_list_open"}
    columns = [t for t in tokens if t.type in {"td_open", "th_open"}]
    assert len(columns) == 5 * (1 + sum(c.kind in {"claim", "thesis"} for c in impact.flips))
    whole = "".join(shown)
    assert not FORGE.search(whole)
    words = re.findall(r"\w+", label)
    plain = whole.replace("\u2060", "")
    assert all(word in plain for word in words)
    assert not re.search(r"[\u2028-\u202e\u200b]", whole)


def test_long_sections_are_folded_and_long_labels_cut(debate: Workspace, tmp_path: Path) -> None:
    claims = "\n".join(
        f':x{i} a arg:Claim ; skos:prefLabel "Aside {i} {"long " * 100}"@en .' for i in range(9)
    )
    impact, _ = debate.impact(contributed(tmp_path, claims))
    assert impact is not None
    lines = render(impact, "markdown").splitlines()
    assert lines[0] == "### No statement would change its status"
    fold = lines.index("<details>")
    assert lines[fold : fold + 3] == ["<details>", "<summary>New (9)</summary>", ""]
    assert lines[-2:] == ["", "</details>"]
    assert max(map(len, lines)) < 300


def test_file_that_is_not_turtle_gives_its_faults_and_no_impact(debate: Workspace, tmp_path: Path) -> None:
    impact, faults = debate.impact(contributed(tmp_path, ":x :y"))
    assert impact is None
    assert len(faults) == 1


def test_impact_leaves_the_graph_as_it_was(debate: Workspace, tmp_path: Path) -> None:
    before = set(debate.store.raw)
    debate.impact(contributed(tmp_path, OBJECTION))
    assert set(debate.store.raw) == before


def test_a_withdrawal_flips_what_rests_on_it_with_the_path(debate: Workspace) -> None:
    impact = debate.without(["e"])
    flips = {change.iri.removeprefix(BASE): change for change in impact.flips}
    assert {name: (c.before.status, c.after.status) for name, c in flips.items() if c.before and c.after} == (
        dict.fromkeys(("e", "l", "c", "s", "t"), ("accepted", "rejected"))
    )
    assert [iri.removeprefix(BASE) for iri in flips["t"].path] == ["e", "l", "c", "s", "t"]
    assert sentence(impact, flips["t"]) == (
        "The thesis “The thesis” stands now; then it does not stand: nothing that speaks for it holds. "
        "By way of “e” → “The claim” → “The thesis”."
    )
    assert sentence(impact, flips["e"]) == (
        "The evidence “e” stands now; then it does not stand: it is withdrawn."
    )
    assert "What statements would hang on" not in render(impact, "text")


def test_an_objection_withdrawn_lets_what_it_refuted_stand_again(debate: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "answered"
    folder.mkdir()
    (folder / "all.ttl").write_text(HEAD + DEBATE + OBJECTION, encoding="utf-8")
    workspace = Workspace.open(folder)
    assert workspace.verdicts[BASE + "t"].status == "rejected"
    for named in ("o", "a", "f"):
        impact = workspace.without([named])
        then = {change.iri: change.after.status for change in impact.flips if change.after}
        assert then[BASE + "t"] == then[BASE + "c"] == "accepted", named


def test_only_nodes_and_steps_can_be_withdrawn(debate: Workspace) -> None:
    with pytest.raises(UnknownNode):
        debate.without(["nothing"])
    with pytest.raises(UnknownNode):
        debate.without(["https://example.org/d/"])
