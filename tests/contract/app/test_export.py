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
