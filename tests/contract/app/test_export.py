"""A debate in other formats, over HTTP."""

from __future__ import annotations

import httpx
import pytest

from argraph.exchange import registry

from .conftest import kind, problem


@pytest.mark.parametrize("form", [*(name for name, form in registry.FORMATS.items() if form.dump), "dot"])
def test_every_format_is_given_as_a_file(client: httpx.Client, form: str) -> None:
    answer = client.get("/api/export", params={"format": form, "focus": "pil-safety", "depth": 1})
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith('attachment; filename="pil-safety.')
    if form == "dot":
        assert answer.text.startswith("digraph")
        return
    assert kind(answer) == registry.get(form).media
    model = registry.load(answer.content, f"x{registry.get(form).extensions[0]}", form).model
    if registry.get(form).studies:
        assert 1 < len(model.studies) < 160  # of the whole debate
        return
    assert "pil-safety" in model.nodes
    assert "th-open-must-win" not in model.nodes


def test_a_report_says_what_the_file_does_not(client: httpx.Client) -> None:
    told = client.get("/api/export", params={"format": "aif", "focus": "pil-safety", "report": True}).json()
    assert told["summary"]["dropped"] > 0
    assert {"place", "what", "reason", "kind", "count"} == set(told["losses"][0])


@pytest.mark.parametrize(
    ("parameters", "status", "words"),
    [
        ({"format": "aiff"}, 400, "There is no format “aiff” here; there are aif, xaif"),
        ({"format": "kialo"}, 400, "The format kialo is only read, not written"),
        ({"format": "aif", "focus": "pil-safty"}, 404, "There is no node “pil-safty”"),
        ({"format": "aif", "focus": "arg:Claim"}, 404, "There is no node"),
        ({"format": "aif", "depth": 1}, 400, "name a node with focus"),
        ({"format": "aif", "focus": "pil-safety", "depth": -1}, 400, "“depth” is at least 0"),
        ({}, 400, "“format” is missing"),
    ],
)
def test_what_cannot_be_given_is_said(
    client: httpx.Client, parameters: dict[str, str], status: int, words: str
) -> None:
    answer = client.get("/api/export", params=parameters, headers={"accept": "application/json"})
    assert words in str(problem(answer, status)["detail"])


@pytest.mark.parametrize(
    ("media", "form"),
    [
        ("application/graphml+xml", "graphml"),
        ("application/trig", "nanopub"),
        ("application/x-bibtex", "bibtex"),
        ("application/vnd.citationstyles.csl+json", "csljson"),
        ("text/vnd.graphviz", "dot"),
    ],
)
def test_the_address_of_a_node_gives_what_leads_to_it_by_media_type(
    client: httpx.Client, media: str, form: str
) -> None:
    answer = client.get("/id/pil-safety", headers={"accept": media})
    whole = client.get("/api/export", params={"format": form, "focus": "pil-safety"})
    assert kind(answer) == media
    assert answer.content == whole.content
    assert answer.headers["content-location"] == f"/api/export?format={form}&focus=pil-safety"
    assert answer.headers["content-disposition"] == whole.headers["content-disposition"]


@pytest.mark.parametrize("form", ["aif", "xaif", "aif-rdf", "argdown", "csv", "iccma", "graphml"])
def test_the_address_of_a_node_gives_what_leads_to_it_by_name_with_depth_and_report(
    client: httpx.Client, form: str
) -> None:
    asked: dict[str, str] = {"format": form, "depth": "1"}
    answer = client.get("/id/pil-safety", params=asked)
    assert answer.status_code == 200
    assert answer.content == client.get("/api/export", params={**asked, "focus": "pil-safety"}).content
    told = client.get("/id/pil-safety", params={**asked, "report": "true"}).json()
    assert set(told["summary"]) == {"dropped", "changed", "kept", "added"}


def test_a_study_is_had_as_its_entry_in_a_bibliography(client: httpx.Client) -> None:
    answer = client.get("/id/study-eiras2024-risks", headers={"accept": "application/x-bibtex"})
    model = registry.load(answer.content, "x.bib", "bibtex").model
    assert list(model.studies) == ["study-eiras2024-risks"]
    assert answer.headers["content-disposition"] == 'attachment; filename="study-eiras2024-risks.bib"'


@pytest.mark.parametrize(
    ("path", "parameters", "accept", "status", "words"),
    [
        (
            "pil-safety",
            {"format": "kialo"},
            "*/*",
            400,
            "There is no format “kialo” here; there are html, turtle",
        ),
        (
            "pil-safety",
            {"format": "aif", "depth": "x"},
            "*/*",
            400,
            "“depth” is a whole number from 0 to 1000",
        ),
        ("pil-safety", {"format": "aif", "depth": "1001"}, "*/*", 400, "“depth” is a whole number from 0 to"),
        ("pil-safety", {"format": "aif", "report": "yes"}, "*/*", 400, "“report” is true or false"),
        (
            "pil-safety",
            {"format": "aif", "deep": "1"},
            "*/*",
            400,
            "no parameter “deep” here; there are format",
        ),
        ("pil-safety", {"depth": "1"}, "*/*", 400, "“depth” is for the formats aif, xaif, aif-rdf"),
        ("pil-safety", {"format": "turtle", "report": "1"}, "*/*", 400, "“report” is for the formats"),
        ("pil-safety", {"format": "turtle", "deep": "1"}, "*/*", 400, "no parameter “deep” here"),
        ("study-eiras2024-risks", {"format": "aif"}, "*/*", 400, "There is no format “aif” here"),
        ("study-eiras2024-risks", {}, "application/trig", 406, "application/x-bibtex"),
        ("arg:Claim", {}, "application/x-bibtex", 406, "text/html"),
        ("ob-hidden-backdoors", {"format": "bibtex", "depth": "0"}, "*/*", 422, "No study is in what is"),
    ],
)
def test_what_the_address_of_a_node_cannot_give_is_said(
    client: httpx.Client, path: str, parameters: dict[str, str], accept: str, status: int, words: str
) -> None:
    answer = client.get(f"/id/{path}", params=parameters, headers={"accept": accept})
    assert words in str(problem(answer, status)["detail"])


def test_a_parameter_that_the_export_does_not_know_is_refused(client: httpx.Client) -> None:
    asked = {"format": "aif", "focuss": "pil-safety"}
    answer = client.get("/api/export", params=asked, headers={"accept": "application/json"})
    assert problem(answer, 400)["detail"] == (
        "There is no parameter “focuss” here; there are format, focus, depth, report."
    )


def test_a_page_puts_up_with_what_others_append_to_its_address(client: httpx.Client) -> None:
    answer = client.get("/id/pil-safety", params={"fbclid": "x"}, headers={"accept": "text/html"})
    assert answer.status_code == 200


def test_pages_lead_to_the_other_formats(client: httpx.Client) -> None:
    page = client.get("/id/pil-safety", headers={"accept": "text/html"}).text
    for form in ("aif", "argdown", "csv", "graphml", "nanopub", "dot", "bibtex"):
        assert f'href="/id/pil-safety?format={form}"' in page
        assert f'href="/id/pil-safety?format={form}&amp;report=true"' in page
    assert 'href="/id/study-eiras2024-risks?format=csljson"' in client.get("/id/study-eiras2024-risks").text
    assert 'href="/api/export?format=argdown"' in client.get("/").text
    links = client.get("/id/pil-safety").headers["link"]
    assert '</id/pil-safety?format=graphml>; rel="alternate"; type="application/graphml+xml"' in links
