"""The workbench as the server gives it: its page, the texts of saved questions, names for queries."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argraph import resources, vocab
from argraph.app import workbench
from argraph.app.terms import LIMIT, Term, Terms
from argraph.query import catalogue
from argraph.query.engine import Solutions
from argraph.workspace import Workspace

from ...servers import served

BROWSER = {"accept": "text/html"}
NAMES = list(catalogue.load(resources.queries()))


def directives(answer: httpx.Response) -> dict[str, str]:
    parts = answer.headers["content-security-policy"].split(";")
    return {name: value for name, _, value in (part.strip().partition(" ") for part in parts)}


def settings(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="settings">(.*?)</script>', page, re.DOTALL)
    assert found
    data: dict[str, object] = json.loads(found[1])
    return data


def search(client: httpx.Client, text: str, **more: str) -> list[dict[str, str]]:
    answer = client.get("/workbench/terms", params={"q": text, **more})
    assert answer.status_code == 200
    found: list[dict[str, str]] = answer.json()
    return found


@pytest.mark.parametrize("path", ["/workbench", "/workbench?editor=plain", "/docs"])
def test_a_page_with_scripts_runs_only_files_of_this_server(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers=BROWSER)
    rules = directives(answer)
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["img-src"] == "'self' data:"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    named = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert [name for name in named if not name.startswith(("/", "#"))] == []
    for name in named:
        if name.startswith("/static/"):
            assert client.get(name).status_code == 200, name
            assert client.get(name).headers["cache-control"] == "no-cache"


def test_without_scripts_the_page_is_a_form_that_asks_the_endpoint(client: httpx.Client) -> None:
    page = client.get("/workbench?saved=theses", headers=BROWSER).text
    assert '<form class="form ask" id="ask" action="/sparql" method="get">' in page
    found = re.search(r"<textarea[^>]*name=\"query\"[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert found
    assert found[1].startswith("# What is being debated?\nPREFIX arg:")
    assert 'action="/workbench" method="get"' in page
    assert page.count("<option ") == len(NAMES)


def test_the_page_falls_back_to_its_own_editor_where_the_one_from_npm_is_not_built_in(
    shipped: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbench, "YASGUI", tmp_path)
    with served(shipped) as client:
        page = client.get("/workbench", headers=BROWSER).text
        assert settings(page)["editor"] == "plain"
        assert "yasgui" not in page
    (tmp_path / "yasgui.min.js").touch()
    with served(shipped) as client:
        page = client.get("/workbench", headers=BROWSER).text
        assert settings(page)["editor"] == "yasgui"
        assert "/static/yasgui/yasgui.min.js" in page
        page = client.get("/workbench?editor=plain", headers=BROWSER).text
        assert settings(page)["editor"] == "plain"
        assert "yasgui.min" not in page


def test_the_page_is_told_prefixes_and_where_nodes_live(client: httpx.Client, shipped: Workspace) -> None:
    told = settings(client.get("/workbench", headers=BROWSER).text)
    assert told["prefixes"] == dict(shipped.prefixes)
    assert told["bases"] == ["https://w3id.org/argraph/open-source-ai/"]
    assert told["vocabulary"] == vocab.ARG
    assert told["given"] is None


def test_a_query_in_the_address_is_shown_as_text(client: httpx.Client) -> None:
    text = "SELECT * { ?s ?p '</textarea><script>alert(1)</script>' }"
    page = client.get("/workbench", params={"query": text}, headers=BROWSER).text
    assert "<script>alert" not in page
    assert settings(page)["given"] == {"title": "", "text": text}


@pytest.mark.parametrize("name", NAMES)
def test_the_text_of_a_saved_question_gives_the_same_answer_as_the_question(
    client: httpx.Client, shipped: Workspace, name: str
) -> None:
    answer = client.get(f"/workbench/saved/{name}")
    assert answer.headers["content-type"] == "application/sparql-query"
    assert answer.text.startswith(f"# {shipped.catalogue[name].title}\n")
    assert "#+" not in answer.text
    opened, asked = shipped.query(answer.text), shipped.ask(name, {})
    assert isinstance(opened, Solutions)
    assert isinstance(asked, Solutions)
    assert opened.columns == asked.columns
    assert Counter(opened.rows) == Counter(asked.rows)


def test_default_values_are_written_into_the_text(client: httpx.Client) -> None:
    text = client.get("/workbench/saved/mentions").text
    assert '\nWHERE {\n  VALUES ?word { "licence" }\n  ?node schema:text ?text ;' in text


@pytest.mark.parametrize(
    "path", ["/workbench/saved/objections-and-rebutals", "/workbench?saved=objections-and-rebutals"]
)
def test_a_misspelt_question_is_refused_with_the_nearest(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers={"accept": "application/json"})
    assert answer.status_code == 404
    assert answer.json()["nearest"][0]["href"] == "/workbench?saved=objections-and-rebuttals"


def test_classes_properties_and_nodes_are_found_by_name_and_by_label(client: httpx.Client) -> None:
    classes = search(client, "arg:Ob", kind="class")
    assert classes == [
        {"iri": vocab.OBJECTION, "name": "arg:Objection", "label": "objection", "kind": "class"}
    ]
    assert search(client, "skos:pref", kind="property")[0]["name"] == "skos:prefLabel"
    node = "osai:ob-malicious-use"
    assert search(client, "osai:ob-mal")[0] == {
        "iri": "https://w3id.org/argraph/open-source-ai/ob-malicious-use",
        "name": node,
        "label": "Releasing weights enables malicious use",
        "kind": "objection",
    }
    assert node in [term["name"] for term in search(client, "malicious enables")]
    assert search(client, "malicious", kind="class") == search(client, "malicious")


def test_an_answer_with_terms_is_short_and_names_each_once(client: httpx.Client) -> None:
    found = search(client, "osai:")
    assert len(found) == LIMIT
    assert len({term["iri"] for term in found}) == LIMIT


@pytest.mark.parametrize("text", ["", " ", ":", "<>", "%", "\x00", "\n", "🦀", "zzzzzz", "(", "." * 5000])
def test_a_text_that_fits_nothing_finds_nothing(client: httpx.Client, text: str) -> None:
    assert search(client, text) == []


def test_names_of_a_hostile_debate_arrive_as_data(hostile_client: httpx.Client) -> None:
    page = hostile_client.get("/workbench", headers=BROWSER).text
    assert settings(page)["bases"]
    assert "<script>alert" not in page
    for term in search(hostile_client, "a"):
        assert term["name"].startswith("<") or ":" in term["name"]
        assert "\n" not in term["label"]


words = st.text(alphabet="abÅß-_: ", max_size=6)


@given(st.lists(st.tuples(words, words), max_size=12), words)
def test_a_search_finds_what_looking_at_each_term_finds(named: list[tuple[str, str]], text: str) -> None:
    terms = [Term(str(n), name, label, "claim") for n, (name, label) in enumerate(named)]

    def split(written: str) -> list[str]:
        return re.findall(r"[^\W_]+", written.casefold())

    expected = {
        term.iri
        for term in terms
        if split(text)
        and all(
            any(have.startswith(want) for have in split(term.name) + split(term.label))
            for want in split(text)
        )
    }
    assert {term.iri for term in Terms(terms).search(text)} == expected


def test_what_begins_with_the_text_comes_first() -> None:
    terms = [
        Term("urn:1", "d:later", "Words about a step", "claim"),
        Term("urn:2", "d:step-one", "", "support"),
        Term("urn:3", "arg:Step", "step", "class"),
        Term("urn:4", "d:x", "Step by step", "claim"),
    ]
    assert [term.iri for term in Terms(terms).search("step")] == ["urn:3", "urn:4", "urn:2", "urn:1"]
