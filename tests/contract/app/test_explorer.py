"""The JSON interface of the explorer: what it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from argraph.workspace import Workspace

from .conftest import JSON, WHOLE, get, listed, name

OSAI = "https://w3id.org/argraph/open-source-ai/"
THESIS = "th-open-must-win"


def test_theses_are_told_with_status_reason_and_size(client: httpx.Client, shipped: Workspace) -> None:
    (thesis,) = get(client, "/api/theses")
    assert thesis["id"] == THESIS
    assert thesis["iri"] == OSAI + THESIS
    assert thesis["label"] == "Open source AI should prevail over closed systems"
    assert (thesis["status"], thesis["standing"], thesis["href"]) == ("accepted", "stands", f"/id/{THESIS}")
    assert thesis["why"].startswith(f"“{thesis['label']}” stands: ")
    assert thesis["statements"] == shipped.stats()["statements"]
    assert thesis["debate"] == "Should open source AI prevail over closed systems?"
    assert 0.9 < thesis["strength"]["lower"] <= thesis["strength"]["upper"] < 1


def test_search_finds_while_one_types_and_marks_what_it_found(client: httpx.Client) -> None:
    found = get(client, "/api/search", q="transpar saf")
    assert (found["total"], found["more"], found["instead"], found["loose"]) == (
        len(found["results"]),
        False,
        "",
        False,
    )
    first = found["results"][0]
    assert (first["id"], first["kind"], first["status"], first["standing"], first["href"]) == (
        "pil-safety",
        "claim",
        "rejected",
        "does not stand",
        "/id/pil-safety",
    )
    assert first["label"] == "Transparency makes AI safer"
    assert first["parts"] == [
        {"text": "Transparency", "hit": True},
        {"text": " makes AI ", "hit": False},
        {"text": "safer", "hit": True},
    ]


def test_search_forgives_slips_and_says_what_it_searched_for(client: httpx.Client) -> None:
    found = get(client, "/api/search", q="malicous use")
    assert found["instead"] == "malicious use"
    assert found["results"][0]["id"] == "ob-malicious-use"


def test_search_filters_by_kind_status_and_theme(client: httpx.Client) -> None:
    kinds = {
        hit["kind"]
        for hit in get(client, "/api/search", q="open", kind="objection, study", limit=100)["results"]
    }
    assert kinds == {"objection", "study"}
    rejected = get(client, "/api/search", q="open", status="rejected", limit=100)["results"]
    assert {hit["status"] for hit in rejected} == {"rejected"}
    themed = get(client, "/api/search", theme="theme-transparency", kind="study", limit=100)
    assert themed["total"] > 10
    by_iri = get(client, "/api/search", theme=OSAI + "theme-transparency", kind="study", limit=100)
    assert by_iri["results"] == themed["results"]


def test_search_for_a_study_by_its_author_gives_its_findings_too(client: httpx.Client) -> None:
    found = get(client, "/api/search", q="eiras")["results"]
    assert {hit["kind"] for hit in found} == {"evidence", "study"}
    study = next(hit for hit in found if hit["kind"] == "study")
    assert (study["status"], study["standing"]) == ("", "")
    assert study["excerpt"][0] == {"text": "Eiras", "hit": True}


def test_without_words_and_filters_nothing_is_found(client: httpx.Client) -> None:
    assert get(client, "/api/search") == {
        "total": 0,
        "more": False,
        "instead": "",
        "loose": False,
        "results": [],
    }


def test_themes_are_told_with_how_much_is_on_them(client: httpx.Client) -> None:
    themes = {theme["id"]: theme for theme in get(client, "/api/themes")}
    safety = themes["theme-transparency"]
    assert safety["label"] == "Transparency"
    assert safety["count"] == get(client, "/api/search", theme="theme-transparency")["total"]
    labels = [theme["label"].casefold() for theme in themes.values()]
    assert labels == sorted(labels)


def test_a_statement_is_told_with_everything_about_it(client: httpx.Client) -> None:
    told = get(client, "/api/nodes/pil-safety")
    assert (told["type"], told["kind"], told["word"]) == ("statement", "claim", "pillar")
    assert (told["status"], told["standing"]) == ("rejected", "does not stand")
    assert told["why"].startswith("“Transparency makes AI safer” does not stand: ")
    assert told["strength"]["lower"] == told["strength"]["upper"] == pytest.approx(0.5612, abs=0.05)
    supports = {argument["step"]: argument for argument in told["for"]}
    many_eyes = supports["su-many-eyes-safety"]
    assert many_eyes["relation"] == {"name": "supports", "kind": "support", "sign": "+", "word": "supports"}
    assert (many_eyes["status"], many_eyes["standing"]) == ("rejected", "does not stand")
    assert [premise["id"] for premise in many_eyes["premises"]] == ["cl-many-eyes"]
    assert [doubt["step"] for doubt in many_eyes["doubts"]] == ["at-hidden-backdoors-on-many-eyes-safety"]
    attack = next(a for a in told["against"] if a["step"] == "at-safeguards-removable-safety")
    assert (attack["relation"]["name"], attack["status"]) == ("attacks", "accepted")
    assert told["undercuts"] == []
    assert [stop["id"] for stop in told["path"]] == ["pil-safety", THESIS]
    assert [stop["relation"] for stop in told["path"]] == ["supports", ""]
    (entered,) = told["provenance"]["entered"]
    assert (entered["link"]["id"], entered["by"][0]["text"], entered["date"]) == (
        "contribution-debate",
        "editors",
        "2026-11-23",
    )
    (origin,) = told["provenance"]["sources"]
    assert [part["id"] for part in origin["parts"]] == [f"paragraph-0{n}" for n in (0, 2, 3, 4)]
    assert told["hangs_on"] == {"count": None, "items": []}
    for link in told["links"].values():
        assert client.get(link, headers=JSON | {"accept": "*/*"}).status_code == 200, link
    for link in told["questions"]:
        assert client.get(link["href"], headers=JSON).status_code == 200, link


def test_evidence_comes_with_grade_direction_verification_and_references(client: httpx.Client) -> None:
    evidence = {finding["id"]: finding for finding in get(client, "/api/nodes/pil-safety")["evidence"]}
    finding = evidence["ev-kapoor2024-societal"]
    assert finding["grade"] == {"word": "very low", "level": 1}
    assert (finding["relation"]["name"], finding["directness"]) == ("bears-on", "indirect")
    assert (finding["checked"], finding["verification"]) == (
        True,
        "The finding was checked against its source",
    )
    assert finding["step"] == "el-kapoor2024-societal-safety"
    (citation,) = finding["citations"]
    assert citation["text"] == "Kapoor et al. 2024"
    assert citation["source"]["href"] == "https://arxiv.org/abs/2403.07918"
    assert citation["reference"].endswith("https://arxiv.org/abs/2403.07918")
    assert citation["bibtex"].startswith("@inproceedings{kapoor2024-societal,\n")


def test_what_a_standing_statement_hangs_on_is_what_its_cruxes_say(
    client: httpx.Client, shipped: Workspace
) -> None:
    iri, items = next((iri, items) for iri, items in shipped.dependence.items() if len(items) > 1)
    told = get(client, f"/api/nodes/{name(shipped.key(iri))}")["hangs_on"]
    assert told["count"] == len(items)
    assert {link["id"] for link in told["items"]} <= {shipped.key(item) for item in items}
    cruxes = get(client, "/api/cruxes", node=shipped.key(iri))
    singles = {
        ref["id"]
        for crux in cruxes["flips"]["sets"]
        if len(crux["items"]) == 1
        for ref in (*crux["items"], *crux["instead"][0])
    }
    assert singles == {shipped.key(item) for item in items}


def test_a_step_is_told_with_its_pattern_and_what_disputes_it(client: httpx.Client) -> None:
    told = get(client, "/api/nodes/su-many-eyes-safety")
    assert (told["type"], told["kind"], told["word"]) == ("step", "step", "support")
    assert [premise["id"] for premise in told["inference"]["premises"]] == ["cl-many-eyes"]
    assert told["inference"]["end"]["id"] == "pil-safety"
    assert [argument["step"] for argument in told["undercuts"]] == ["at-hidden-backdoors-on-many-eyes-safety"]
    assert told["undercuts"][0]["relation"]["name"] == "undercuts"
    assert told["pattern"]["scheme"]["text"] == "cause to effect"
    assert len(told["pattern"]["questions"]) == 3
    assert [stop["id"] for stop in told["path"]] == ["su-many-eyes-safety", "pil-safety", THESIS]


def test_an_objection_shows_what_disputes_the_inference_from_it(client: httpx.Client) -> None:
    told = get(client, "/api/nodes/ob-safeguards-removable")
    assert "at-closed-broken-too-on-safeguards-removable-safety" in [a["step"] for a in told["undercuts"]]
    assert {argument["relation"]["name"] for argument in told["undercuts"]} == {"undercuts"}


def test_a_finding_is_told_with_its_studies_and_what_it_bears_on(client: httpx.Client) -> None:
    told = get(client, "/api/nodes/ev-arora2010-patch")
    assert (told["type"], told["kind"], told["label"]) == ("statement", "evidence", "Arora et al. 2010")
    assert told["finding"]["citations"][0]["source"]["text"] == "doi:10.1287/isre.1080.0226"
    assert "cl-oss-fast-fixes" in [line["statement"]["id"] for line in told["bears_on"]]


def test_a_study_is_told_with_what_it_found(client: httpx.Client) -> None:
    told = get(client, "/api/nodes/study-arora2010-patch")
    study = told["study"]
    assert (told["type"], told["status"], told["strength"]) == ("study", "", None)
    assert study["authors"] == ["Ashish Arora", "Ramayya Krishnan", "Rahul Telang", "Yubao Yang"]
    assert (study["year"], study["doi"], study["more_authors"]) == ("2010", "10.1287/isre.1080.0226", False)
    assert study["type"]["text"] == "journal article"
    (found,) = study["findings"]
    assert found["finding"]["id"] == "ev-arora2010-patch"
    assert "cl-oss-fast-fixes" in [line["statement"]["id"] for line in found["bears_on"]]


def test_anything_else_is_told_as_a_record(client: httpx.Client) -> None:
    told = get(client, "/api/nodes/contribution-safety")
    assert (told["type"], told["word"]) == ("record", "contribution")
    assert [group["title"] for group in told["groups"]] == ["Statements", "Studies"]
    assert "cl-many-eyes" in [entry["id"] for entry in told["groups"][0]["entries"]]
    assert {"name": "created", "values": ["2026-11-23"]} in told["facts"]
    assert get(client, "/api/nodes/arg:Moderate")["type"] == "record"


def test_why_is_told_as_tree_and_as_text(client: httpx.Client, shipped: Workspace) -> None:
    told = get(client, "/api/nodes/pil-safety/why")
    assert (told["status"], told["tree"]["reason"]) == ("rejected", "refuted")
    assert told["tree"]["sentence"] == get(client, "/api/nodes/pil-safety")["why"]
    assert told["text"].startswith(told["tree"]["sentence"])

    def walk(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield part
        for child in part["children"]:
            yield from walk(child)

    for part in walk(told["tree"]):
        assert part["status"] == shipped.verdicts[shipped.resolve(part["id"])].status
        assert part["sentence"] in told["text"]
    shallow = get(client, "/api/nodes/pil-safety/why", depth=0)
    assert (shallow["tree"]["children"], shallow["tree"]["cut"]) == ([], "depth")


def test_the_neighbourhood_is_what_the_workspace_shows(client: httpx.Client, shipped: Workspace) -> None:
    told = get(client, "/api/nodes/pil-safety/neighbourhood")
    assert told == shipped.scene("pil-safety").as_data()
    assert len(told["nodes"]) == len({card["id"] for card in told["nodes"]}) <= 60
    layered = get(client, "/api/nodes/pil-safety/neighbourhood", layout="layered", depth=1)
    assert layered["layout"] == "layered"
    assert {card["level"] for card in layered["nodes"]} == {0, 1}


def test_opening_a_card_keeps_what_was_shown_and_the_limit_holds(client: httpx.Client) -> None:
    before = get(client, f"/api/nodes/{THESIS}/neighbourhood", depth=1)
    opened = get(
        client,
        f"/api/nodes/{THESIS}/neighbourhood",
        depth=1,
        open="pil-safety",
        evidence="pil-safety",
        limit=400,
    )
    shown = {card["id"]: card for card in opened["nodes"]}
    assert {card["id"] for card in before["nodes"]} < shown.keys()
    assert shown["pil-safety"]["open"]
    assert shown["pil-safety"]["evidence_open"]
    assert shown["ob-malicious-use"]["parent"] == "pil-safety"
    closed = get(client, f"/api/nodes/{THESIS}/neighbourhood", closed="pil-safety")
    assert "ob-malicious-use" not in {card["id"] for card in closed["nodes"]}
    small = get(client, f"/api/nodes/{THESIS}/neighbourhood", limit=5)
    assert (len(small["nodes"]), small["truncated"]) == (5, True)


def test_outline_and_neighbourhood_show_the_same(client: httpx.Client) -> None:
    for parameters in ({}, {"depth": 1, "open": "pil-safety"}, {"limit": 7}, WHOLE):
        rows = get(client, f"/api/nodes/{THESIS}/outline", **parameters)
        scene = get(client, f"/api/nodes/{THESIS}/neighbourhood", **parameters)
        assert {(row["id"], row["status"]) for row in rows} == {
            (card["id"], card["status"]) for card in scene["nodes"]
        }
        assert {(row["id"], row["relation"], row["step"]) for row in rows if row["step"]} == {
            (edge["source"], edge["relation"], edge["id"]) for edge in scene["edges"]
        }


def test_a_list_names_cards_percent_encoded_and_passes_over_what_is_unknown(client: httpx.Client) -> None:
    told = get(client, f"/api/nodes/{THESIS}/neighbourhood", depth=0, open=f"nobody,,{listed(OSAI + THESIS)}")
    assert told == get(client, f"/api/nodes/{THESIS}/neighbourhood", depth=0, open=THESIS)
    assert len(told["nodes"]) > 1


def test_chains_lead_from_one_node_to_another_and_say_where_the_search_ended(client: httpx.Client) -> None:
    told = get(client, "/api/chain", **{"from": "rb-marginal-risk", "to": "pil-safety"})
    assert (told["start"]["id"], told["end"]["id"], told["cut"]) == ("rb-marginal-risk", "pil-safety", "")
    first = told["chains"][0]
    assert first["favourable"] is True
    assert [hop["relation"] for hop in first["hops"]] == ["attacks", "attacks"]
    assert first["hops"][0]["start"]["id"] == "rb-marginal-risk"
    assert first["hops"][-1]["end"]["id"] == "pil-safety"
    assert told["text"].startswith("1. In 2 steps, for “Transparency makes AI safer”:")
    to_thesis = get(client, "/api/chain", **{"from": "cl-many-eyes"})
    assert to_thesis["end"] is None
    assert to_thesis["chains"][0]["hops"][-1]["end"]["id"] == THESIS
    cut = get(client, "/api/chain", **{"from": "rb-marginal-risk", "limit": 1})
    assert (len(cut["chains"]), cut["cut"]) == (1, "limit")
    none = get(client, "/api/chain", **{"from": THESIS, "to": "cl-many-eyes"})
    assert (none["chains"], none["text"]) == (
        [],
        "No chain leads from “Open source AI should prevail over closed systems” to “More eyes on code and "
        "architecture improve safety”.",
    )


def test_what_would_restore_a_status_does_so_when_it_is_tried(client: httpx.Client) -> None:
    cruxes = get(client, "/api/cruxes", node="pil-safety")
    assert (cruxes["node"]["id"], cruxes["node"]["status"]) == ("pil-safety", "rejected")
    assert cruxes["restores"]["exact_up_to"] >= 2
    assert cruxes["text"].startswith("“Transparency makes AI safer” does not stand.\n")
    sets = cruxes["restores"]["sets"]
    assert sets
    for crux in sets:
        tried = get(client, "/api/whatif", without=listed(*(item["id"] for item in crux["items"])))
        flip = next(change for change in tried["flips"] if change["id"] == "pil-safety")
        assert (flip["before"]["status"], flip["after"]["status"]) == ("rejected", "accepted")
        assert flip["after"]["strength"] == crux["strength"]


def test_a_withdrawal_is_told_with_flips_moves_paths_and_words(client: httpx.Client) -> None:
    told = get(client, "/api/whatif", without="cr-closed-can-fix,cr-filter-limits")
    assert [(ref["id"], ref["status"]) for ref in told["withdrawn"]] == [
        ("cr-closed-can-fix", "accepted"),
        ("cr-filter-limits", "accepted"),
    ]
    flips = {change["id"]: change for change in told["flips"]}
    assert told["flipped"] == len(flips)
    assert {"cr-closed-can-fix", "cr-filter-limits"}.isdisjoint(flips)
    safety = flips["pil-safety"]
    assert safety["path"][0]["id"] in {"cr-closed-can-fix", "cr-filter-limits"}
    assert safety["path"][0]["status"] == "rejected"
    assert safety["path"][-1]["id"] == "pil-safety"
    assert safety["sentence"] in told["text"]
    assert safety["sentence"].startswith(
        "The claim “Transparency makes AI safer” does not stand now; then it stands: "
    )
    for change in told["moves"]:
        assert change["before"]["status"] == change["after"]["status"]
        assert change["before"]["strength"] != change["after"]["strength"]
    short = get(client, "/api/whatif", without="cr-closed-can-fix,cr-filter-limits", limit=1)
    assert (len(short["flips"]), short["flipped"]) == (1, told["flipped"])


def test_withdrawing_what_stands_for_nothing_changes_nothing(client: httpx.Client) -> None:
    told = get(client, "/api/whatif", without="cl-many-eyes,cl-many-eyes")
    assert len(told["withdrawn"]) == 1
    assert "pil-safety" not in {change["id"] for change in told["flips"]}
