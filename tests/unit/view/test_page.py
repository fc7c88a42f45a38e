"""The page in one file: what is in it, and that it asks for nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import argraph.view
from argraph.argument.evaluation import Framework
from argraph.argument.graph import ArgumentGraph, Node, Step, Study
from argraph.argument.scores import Scores
from argraph.view.layout import place
from argraph.view.page import html, to_pyvis
from argraph.view.stage import WHOLE, Stage
from argraph.workspace import Workspace

from .graphs import stage

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Outline(HTMLParser):
    """Checks that elements are closed as they were opened; collects ids, links and scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.addresses: list[str] = []
        self.scripts: list[str] = []
        self.feed(text)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert not any(name.startswith("on") for name in given)
        if tag not in VOID:
            self.stack.append(tag)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a":
            self.links.append(str(given["href"]))
        elif "src" in given or "href" in given:
            self.addresses.append(str(given.get("src") or given.get("href")))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1] == "script":
            self.scripts.append(data)


def study(link: str) -> Study:
    return Study("st", "A <title>", ("Byron, Ada",), False, "1843", "", "", "", "", "", link, "", (), "")


def test_the_page_is_one_well_formed_file_that_refers_to_nothing_outside_but_its_sources() -> None:
    workspace = Workspace.open()
    page = Outline(html(workspace.stage, workspace.resolve("th-open-must-win"), credit="CC BY 4.0"))
    assert page.addresses == []
    outside = {link for link in page.links if not link.startswith("#")}
    assert outside
    assert all(link.startswith(("https://", "http://")) for link in outside)
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_every_statement_stands_once_in_full_in_the_outline() -> None:
    workspace = Workspace.open()
    page = Outline(html(workspace.stage, workspace.resolve("th-open-must-win")))
    assert sum(name.startswith("row-") for name in page.ids) == len(workspace.argument.nodes)


def test_only_the_two_scripts_of_the_page_may_run() -> None:
    text = html(stage("1: a > t"), "t")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy
    content = policy[1].replace("&#39;", "'")
    assert "default-src 'none'" in content
    assert "unsafe-inline" not in content.split("script-src")[1]
    data, *scripts = Outline(text).scripts
    assert json.loads(data)["root"] == "t"
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert content.split("script-src ")[1].split() == [f"'sha256-{digest}'" for digest in hashes]


def test_a_source_is_linked_only_if_it_is_on_the_web() -> None:
    nodes = [Node("t", "thesis", "T", ""), Node("e", "evidence", "e", "Seen.", studies=("st",), grade="High")]
    steps = [Step("l", "evidence line", ("e",), "t", True)]
    for link, expected in (("https://example.org/p", ["https://example.org/p"]), ("javascript:alert(1)", [])):
        argument = ArgumentGraph(nodes, steps, [study(link)])
        text = html(Stage(argument, Framework.of(argument, Scores({"High": 0.9}, {})).verdicts), "t")
        assert [found for found in Outline(text).links if found != "#outline"] == expected
        assert "Byron 1843: A &lt;title&gt;" in text


def test_a_network_for_notebooks_has_fixed_places_and_no_physics() -> None:
    scene = place(stage("1: a,b > t", "2: c ! 1", "3: b > a").scene("t", WHOLE))
    network = argraph.view.to_pyvis(scene)
    assert network.num_nodes() == 4 + 2 - 1
    assert set(network.get_nodes()) == {"t", "a", "b", "c", "step 1"}
    assert all({"x", "y"} <= set(node) for node in network.nodes)
    assert network.options["physics"] == {"enabled": False}
    ways = {(edge["from"], edge["to"], edge["arrows"], edge["hidden"]) for edge in network.edges}
    assert ways == {
        ("a", "step 1", "", False),
        ("b", "step 1", "", False),
        ("step 1", "t", "to", False),
        ("c", "step 1", "to", False),
        ("b", "a", "to", True),
    }
    Outline(network.generate_html())


def test_the_map_has_a_view_around_every_card_that_leads_on() -> None:
    text = html(stage("1: a > t", "2: b > a", "3: e ~ b", "4: c ! 1"), "t")
    data = json.loads(Outline(text).scripts[0])
    shown = {key: (view["up"], sorted(view["places"])) for key, view in data["views"].items()}
    assert shown == {
        "t": (None, ["a", "c", "step 1", "t"]),
        "a": ("t", ["a", "b", "t"]),
        "b": ("a", ["a", "b", "e"]),
        "": (None, ["a", "b", "c", "e", "step 1", "t"]),
    }
    assert data["cards"]["a"]["label"].endswith("▸ 1 for")
    assert [(line["from"], line["to"]) for line in data["views"]["b"]["lines"]] == [("e", "b"), ("b", "a")]


def test_a_pyvis_network_of_a_hostile_debate_is_data_only() -> None:
    bad = "</script><script>alert(1)</script> href"
    text = to_pyvis(place(stage("1: a > t", t=bad, a=bad).scene("t"))).generate_html()
    assert "<script>alert" not in text
