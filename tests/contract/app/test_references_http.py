"""Bibliographies and nanopublications of a debate, over HTTP."""

from __future__ import annotations

import httpx
import pytest

from argraph.exchange import registry


@pytest.mark.parametrize(
    ("form", "media", "ending"),
    [
        ("nanopub", "application/trig", ".trig"),
        ("bibtex", "application/x-bibtex", ".bib"),
        ("csljson", "application/vnd.citationstyles.csl+json", ".json"),
    ],
)
def test_what_is_behind_a_statement_is_had_as_a_file(
    client: httpx.Client, form: str, media: str, ending: str
) -> None:
    answer = client.get("/api/export", params={"format": form, "focus": "pil-safety"})
    assert answer.headers["content-type"] == media
    assert answer.headers["content-disposition"] == f'attachment; filename="pil-safety{ending}"'
    model = registry.load(answer.content, f"x{ending}", form).model
    assert "study-kapoor2024-societal" in model.studies


def test_a_bibliography_of_what_cites_nothing_is_refused_with_the_reason(client: httpx.Client) -> None:
    asked = {"format": "bibtex", "focus": "ob-hidden-backdoors", "depth": "0"}
    answer = client.get("/api/export", params=asked)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("No study is in what is to be written")
