"""The JSON interface, the pages, the map, the outline and the derived graph say the same."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

from argraph import vocab
from argraph.argument import derived
from argraph.view.stage import Extent
from argraph.workspace import Workspace

from ...servers import served
from .conftest import BROWSER, WHOLE, get, name

OSAI = "https://w3id.org/argraph/open-source-ai/"
THESIS = "th-open-must-win"
LINKS = {
    "supports": vocab.SUPPORTS,
    "attacks": vocab.ATTACKS,
    "undercuts": vocab.UNDERCUTS,
    "bears-on": vocab.SUPPORTS,
}


class Shown(HTMLParser):
    """The links of a page within `main`, by the section they stand in, and the sentence of its verdict."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: dict[str, set[str]] = {}
        self.verdict = ""
        self.markup: list[str] = []
        self._section = ["page"]
        self._in = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of sections, links and the verdict."""
        given = {key: value or "" for key, value in attrs}
        if tag == "section":
            self._section.append(given.get("id", self._section[-1]))
        if tag == "a":
            self.links.setdefault(self._section[-1], set()).add(given.get("href", ""))
        if tag == "script" and given.get("type") == "application/ld+json":
            self._in = "markup"
        if given.get("class", "").startswith("verdict"):
            self._in = "verdict"
            self.verdict = given["class"].partition(" ")[2] + ":"

    def handle_endtag(self, tag: str) -> None:
        """Leave sections."""
        if tag == "section":
            self._section.pop()
        if tag in {"p", "script"}:
            self._in = ""

    def handle_data(self, data: str) -> None:
        """Collect the verdict and the markup."""
        if self._in == "verdict":
            self.verdict += data
        if self._in == "markup":
            self.markup.append(data)


@pytest.fixture(scope="module")
def told(client: httpx.Client, shipped: Workspace) -> dict[str, Any]:
    """All statements and findings as the interface tells them, by IRI."""
    return {iri: get(client, f"/api/nodes/{name(shipped.key(iri))}") for iri in shipped.argument.nodes}


def relations(told: dict[str, Any], shipped: Workspace) -> set[tuple[str, str, str]]:
    """From, relation, to: of all arguments and findings in what is told of every node."""
    found = set()
    for iri, node in told.items():
        for argument in (*node["for"], *node["against"]):
            for premise in argument["premises"]:
                found.add((shipped.resolve(premise["id"]), argument["relation"]["name"], iri))
            for doubt in argument["doubts"]:
                for premise in doubt["premises"]:
                    found.add(
                        (shipped.resolve(premise["id"]), "undercuts", shipped.resolve(argument["step"]))
                    )
        for finding in node["evidence"]:
            found.add((shipped.resolve(finding["id"]), finding["relation"]["name"], iri))
    return found


def test_statuses_and_relations_are_those_of_the_derived_graph(
    told: dict[str, Any], shipped: Workspace
) -> None:
    store = shipped.complete()
    graph = derived.GRAPH

    def of(predicate: str) -> set[tuple[str, str]]:
        quads = store.quads_for_pattern(None, ox.NamedNode(predicate), None, graph)
        return {(quad.subject.value, quad.object.value) for quad in quads}  # type: ignore[union-attr]

    statuses = dict(of(vocab.STATUS))
    assert {iri: node["status"] for iri, node in told.items()} == {iri: statuses[iri] for iri in told}
    mine = relations(told, shipped)
    nodes_only = {(s, name, o) for s, name, o in mine if name != "weighs-against"}
    expected = {(s, LINKS[n], o) for s, n, o in nodes_only}
    for predicate in (vocab.SUPPORTS, vocab.ATTACKS, vocab.UNDERCUTS):
        there = {(s, o) for s, o in of(predicate)}
        if predicate == vocab.ATTACKS:
            there -= of(vocab.UNDERCUTS)
        known = {(s, o) for s, p, o in expected if p == predicate}
        doubted = {o for _, o in there if o in shipped.argument.steps}
        lines = {step for step in doubted if shipped.argument.steps[step].kind == "evidence line"}
        assert known == {(s, o) for s, o in there if o not in lines}, predicate


def test_the_fully_opened_map_and_outline_hold_the_same_statements_relations_and_statuses(
    client: httpx.Client, told: dict[str, Any], shipped: Workspace
) -> None:
    for thesis in get(client, "/api/theses"):
        scene = get(client, f"/api/nodes/{thesis['id']}/neighbourhood", **WHOLE)
        assert scene["truncated"] is False
        shown = {card["id"] for card in scene["nodes"]}
        assert {(card["id"], card["status"]) for card in scene["nodes"]} == {
            (node["id"], node["status"]) for node in told.values() if node["id"] in shown
        }
        statements = {iri for iri, node in shipped.argument.nodes.items() if node.kind != "evidence"}
        assert {shipped.key(iri) for iri in statements} <= shown
        on_map = {
            (
                shipped.resolve(edge["source"]),
                edge["relation"],
                shipped.resolve(edge["target_step"] or edge["target"]),
            )
            for edge in scene["edges"]
        }
        assert on_map == {
            (start, relation, end)
            for start, relation, end in relations(told, shipped)
            if shipped.key(start) in shown
        }
        rows = get(client, f"/api/nodes/{thesis['id']}/outline", **WHOLE)
        assert {(row["id"], row["relation"], row["status"]) for row in rows if row["step"]} == {
            (edge["source"], edge["relation"], told[shipped.resolve(edge["source"])]["status"])
            for edge in scene["edges"]
        }


def test_arguments_and_findings_stand_in_one_order_everywhere(
    told: dict[str, Any], shipped: Workspace
) -> None:
    for iri, node in told.items():
        rows = shipped.outline(iri, Extent(depth=1, limit=None, opening=None, evidence=True))
        for relation, shown in (
            ("supports", node["for"]),
            ("attacks", node["against"]),
            ("bears-on", [each for each in node["evidence"] if each["relation"]["name"] == "bears-on"]),
            ("weighs-against", [e for e in node["evidence"] if e["relation"]["name"] == "weighs-against"]),
        ):
            drawn = [row.step for row in rows if row.relation == relation and row.level == 2]
            assert list(dict.fromkeys(drawn)) == [each["step"] for each in shown], (iri, relation)
    thesis = told[OSAI + THESIS]
    first = [premise["id"] for argument in thesis["for"][:3] for premise in argument["premises"]]
    assert sorted(first) == ["pil-economics", "pil-innovation", "pil-safety"]  # the main reasons
    strengths = [told[OSAI + name]["strength"]["lower"] for name in first]
    assert strengths == sorted(strengths, reverse=True)


def test_the_page_without_script_says_the_same_of_every_statement(
    client: httpx.Client, told: dict[str, Any]
) -> None:
    for node in told.values():
        page = Shown(client.get(node["href"], headers=BROWSER).text)
        assert page.verdict.startswith(node["status"] + ":"), node["id"]
        assert node["why"] in " ".join(page.verdict.split()).replace("\n", " "), node["id"]
        if node["kind"] == "evidence":
            assert {line["statement"]["href"] for line in node["bears_on"]} <= page.links["bears-on"]
            continue
        for side, arguments, direction in (
            ("for", node["for"], "bears-on"),
            ("against", (*node["against"], *node["undercuts"]), "weighs-against"),
        ):
            hrefs = {premise["href"] for argument in arguments for premise in argument["premises"]}
            hrefs |= {argument["href"] for argument in arguments}
            findings = [f for f in node["evidence"] if f["relation"]["name"] == direction]
            hrefs |= {href for finding in findings for href in (finding["href"], finding["step_href"])}
            assert hrefs <= page.links.get(side, set()), (node["id"], side)
        links = set().union(*page.links.values())
        assert {link["href"] for link in (*node["themes"], *node["questions"])} <= links
        assert {stop["id"] for stop in node["path"][1:]} <= {
            link.removeprefix("/id/") for link in page.links["page"]
        }
        assert {link["href"] for link in node["hangs_on"]["items"]} <= page.links.get("hangs-on", set())


# --- what pages tell machines --------------------------------------------------------------------


def markup(client: httpx.Client, address: str) -> Any:
    answer = client.get(address, headers=BROWSER)
    assert "script-src" not in answer.headers["content-security-policy"]
    found = Shown(answer.text).markup
    return json.loads("".join(found)) if found else None


def test_a_statement_is_marked_up_as_a_claim_and_not_as_a_checked_one(client: httpx.Client) -> None:
    claim = markup(client, "/id/pil-safety")
    assert (claim["@type"], claim["@id"], claim["url"]) == ("Claim", OSAI + "pil-safety", "/id/pil-safety")
    assert claim["name"] == "Transparency makes AI safer"
    assert claim["isPartOf"]["@id"] == OSAI
    assert claim["isPartOf"]["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert OSAI + "paragraph-00" in [work["@id"] for work in claim["appearance"]]
    assert OSAI + "study-kapoor2024-societal" in [work["@id"] for work in claim["citation"]]
    assert "reviewRating" not in json.dumps(claim)


def test_a_rating_of_truth_is_a_review_by_whoever_gave_it_and_no_other_rating_is(tmp_path: Path) -> None:
    def rating(name: str, dimension: str, value: str) -> str:
        return (
            f"<{name}> a arg:Assessment ; oa:hasTarget <th> ; arg:dimension arg:{dimension}Dimension ; "
            f"arg:value {value} ; dcterms:creator <https://example.org/ada> ."
        )

    (tmp_path / "one.ttl").write_text(
        f"@base <https://example.org/d/> . @prefix void: <{vocab.VOID}> . @prefix arg: <{vocab.ARG}> . "
        f"@prefix oa: <{vocab.OA}> . "
        f"@prefix schema: <{vocab.SCHEMA}> . @prefix dcterms: <{vocab.DCTERMS}> . "
        '<> a void:Dataset ; dcterms:title "Tea"@en ; void:uriSpace "https://example.org/d/" . '
        '<th> a arg:Thesis ; schema:text "Tea should be free."@en .'
        + rating("r1", "Truth", "0.7")
        + rating("r2", "Relevance", "0.2")
        + rating("r3", "Truth", '"very"')
        + rating("r4", "Truth", "7.0")
    )
    with served(Workspace.open(tmp_path)) as client:
        claim = markup(client, "/id/th")
    assert claim["@type"] == "Claim"
    assert claim["review"] == [
        {
            "@type": "ClaimReview",
            "@id": "https://example.org/d/r1",
            "claimReviewed": "Tea should be free.",
            "itemReviewed": {"@id": "https://example.org/d/th"},
            "author": {"@id": "https://example.org/ada"},
            "reviewRating": {"@type": "Rating", "ratingValue": 0.7, "worstRating": 0, "bestRating": 1},
        }
    ]


def test_a_study_is_marked_up_as_what_it_is(client: httpx.Client) -> None:
    study = markup(client, "/id/study-arora2010-patch")
    assert (study["@type"], study["datePublished"]) == ("ScholarlyArticle", "2010")
    assert study["author"][0] == {"@type": "Person", "name": "Ashish Arora"}
    assert study["sameAs"] == "https://doi.org/10.1287/isre.1080.0226"


def test_what_schema_org_has_no_term_for_is_not_marked_up(client: httpx.Client) -> None:
    assert markup(client, "/id/su-many-eyes-safety") is None
    assert markup(client, "/id/theme-transparency") is None


def test_markup_of_a_hostile_debate_stays_within_its_element(
    hostile: Workspace, hostile_client: httpx.Client
) -> None:
    claim = markup(hostile_client, "/id/thesis")
    assert claim["name"] == hostile.argument.nodes["https://hostile.example/d/thesis"].label
    assert "<script>alert" in claim["name"]
    for iri in (*hostile.argument.nodes, *hostile.argument.studies):
        page = hostile_client.get(f"/id/{name(iri)}", headers=BROWSER).text
        assert page.count("<script") == 1
        assert page.count("</script") == 1
        told = markup(hostile_client, f"/id/{name(iri)}")
        assert str(told.get("sameAs", "https://")).startswith("https://")
