"""The page of a thesis, the same view in other forms, and what the explorer begins with."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

from argraph.workspace import Workspace

from .conftest import BROWSER, kind, problem

THESIS = "/t/th-open-must-win"
LINES = re.compile(r'<li data-id="([^"]*)" data-step="([^"]*)" data-relation="([^"]*)" data-status="([^"]*)"')


def begun(answer: httpx.Response) -> dict[str, Any]:
    """What the explorer begins with."""
    found = re.search(r'<script type="application/json" id="start">(.*?)</script>', answer.text)
    assert found
    told: dict[str, Any] = json.loads(found[1])
    return told


def test_the_page_has_every_line_of_the_outline_with_its_status(
    client: httpx.Client, shipped: Workspace
) -> None:
    answer = client.get(THESIS, headers=BROWSER)
    assert (answer.status_code, kind(answer)) == (200, "text/html")
    assert answer.headers["content-encoding"] == "gzip"
    told = [(row.id, row.step, row.relation, row.status) for row in shipped.outline("th-open-must-win")]
    assert LINES.findall(answer.text) == told
    assert len(told) > 700


def test_a_page_begins_with_the_cards_that_the_interface_gives(client: httpx.Client) -> None:
    start = begun(client.get(f"{THESIS}?c=rb-marginal-risk&evidence=pil-safety", headers=BROWSER))
    used = start["used"]
    assert used["open"][:2] == ["pil-safety", "ob-malicious-use"]
    assert used["evidence"] == ["pil-safety"]
    query: dict[str, str | int] = {
        "depth": 1,
        "limit": 240,
        "open": ",".join(used["open"]),
        "evidence": "pil-safety",
    }
    cards = client.get("/api/nodes/th-open-must-win/neighbourhood", params=query).json()
    assert start["scene"] == cards
    assert start["details"] == client.get("/api/nodes/rb-marginal-risk").json()


def test_a_small_debate_is_opened_as_far_as_can_be_seen_at_a_glance(client: httpx.Client) -> None:
    scene = begun(client.get(THESIS, headers=BROWSER))["scene"]
    assert 10 < len(scene["nodes"]) <= 14


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("ob-malicious-use", f"{THESIS}?c=ob-malicious-use"),
        ("at-malicious-use-safety", f"{THESIS}?c=at-malicious-use-safety"),
        ("theme-transparency", "/id/theme-transparency"),
    ],
)
def test_what_is_no_thesis_is_shown_where_it_belongs(client: httpx.Client, name: str, target: str) -> None:
    answer = client.get(f"/t/{name}", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (307, target)


def test_the_view_is_had_as_picture_and_as_data(client: httpx.Client) -> None:
    picture = client.get(f"{THESIS}?open=pil-safety&format=svg")
    assert kind(picture) == "image/svg+xml"
    assert picture.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert "Releasing weights enables" in picture.text
    assert "prefers-color-scheme" in picture.text
    assert "prefers-color-scheme" not in client.get(f"{THESIS}?format=svg&scheme=dark").text
    scene = client.get(f"{THESIS}?open=pil-safety", headers={"accept": "application/json"}).json()
    names = {node["iri"] for node in scene["nodes"]}
    assert len(names) == 10 + 17 + 1  # the thesis with its reasons, the pillar's reasons, an undercut
    turtle = client.get(f"{THESIS}?open=pil-safety&format=turtle")
    subjects = {
        getattr(quad.subject, "value", "") for quad in ox.parse(turtle.content, format=ox.RdfFormat.TURTLE)
    }
    assert names <= subjects
    assert {edge["id"] for edge in scene["edges"]} <= {iri.rpartition("/")[2] for iri in subjects}


def test_the_page_for_the_disk_has_no_origin(client: httpx.Client) -> None:
    answer = client.get(f"{THESIS}/network")
    assert (answer.status_code, kind(answer)) == (200, "text/html")
    rules = answer.headers["content-security-policy"]
    assert rules.startswith("sandbox allow-scripts; default-src 'none'")
    assert "connect-src" not in rules
    problem(client.get("/t/theme-transparency/network"), 404)


def test_an_unknown_thesis_or_selection_is_refused_with_what_is_near(client: httpx.Client) -> None:
    told = problem(client.get("/t/th-open-must-wn", headers={"accept": "application/json"}), 404)
    assert told["nearest"][0]["href"] == "/id/th-open-must-win"  # type: ignore[index]
    answer = client.get(f"{THESIS}?c=pil-safty", headers=BROWSER)
    assert answer.status_code == 404
    assert 'href="/id/pil-safety"' in answer.text


def test_names_in_an_old_link_that_stand_for_nothing_are_passed_over(client: httpx.Client) -> None:
    answer = client.get(f"{THESIS}?open=gone.pil-innovation&evidence=gone&focus=gone", headers=BROWSER)
    scene = begun(answer)["scene"]
    assert scene["root"] == "th-open-must-win"
    assert any(node["parent"] == "pil-innovation" for node in scene["nodes"])


def test_the_start_page_tells_what_the_thesis_hangs_on_and_leads_into_the_map(client: httpx.Client) -> None:
    text = client.get("/", headers=BROWSER).text
    assert f'href="{THESIS}?view=map"' in text
    assert "This thesis would fall if these 5 were withdrawn together:" in text
    assert re.search(r"Transparency makes AI safer</a> would stand if both <a", text)
    assert re.search(r"Collaboration accelerates AI innovation</a> would fall if <a[^>]*>“Open source", text)


def test_what_is_searched_for_without_scripts_is_found(client: httpx.Client) -> None:
    text = client.get("/search", params={"q": "malicous use"}, headers=BROWSER).text
    assert "Shown for “malicious use”" in text
    assert '<a href="/id/ob-malicious-use">Releasing weights enables <mark>malicious</mark>' in text
    nothing = client.get("/search", params={"q": "<script>alert(1)</script>"}, headers=BROWSER).text
    assert "<script>alert" not in nothing
