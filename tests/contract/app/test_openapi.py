"""The description of the interface is valid, complete, and true of what the server answers."""

from __future__ import annotations

from typing import Any

import httpx
import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from argraph.app import openapi
from argraph.workspace import Workspace

from .conftest import kind


@pytest.fixture(scope="module")
def described(client: httpx.Client) -> dict[str, Any]:
    answer = client.get("/openapi.json")
    assert kind(answer) == "application/json"
    told: dict[str, Any] = answer.json()
    return told


def holds(described: dict[str, Any], schema: dict[str, Any], value: object) -> None:
    """Check a value against a schema that may refer to the components."""
    jsonschema.validate(value, {**schema, "components": described["components"]})


def test_the_description_is_valid(described: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(described).validate()
    assert described["openapi"].startswith("3.1")


def test_every_place_is_described(described: dict[str, Any], shipped: Workspace) -> None:
    own = {path for path, _ in openapi.OPERATIONS}
    explorer = {path for path, found in described["paths"].items() if path.startswith(("/api/", "/t/"))}
    assert set(described["paths"]) == own | explorer | {f"/queries/{name}" for name in shipped.shipped}
    assert {"/api/theses", "/api/search", "/api/nodes/{id}", "/api/whatif", "/t/{name}"} <= explorer
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation["tags"], (path, method)
            assert operation["summary"], (path, method)
            answers = [told for status, told in operation["responses"].items() if status < "300"]
            assert answers, (path, method)
            assert all(told["content"] for told in answers), (path, method)
            assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}
            assert "HTTPValidationError" not in str(operation)
    names = [o["operationId"] for p in described["paths"].values() for o in p.values()]
    assert len(names) == len(set(names))


def test_each_saved_question_has_a_path_with_its_parameters_and_columns(
    described: dict[str, Any], shipped: Workspace
) -> None:
    for name, stored in shipped.shipped.items():
        operation = described["paths"][f"/queries/{name}"]["get"]
        assert operation["summary"] == stored.title
        assert operation["description"].startswith(stored.summary)
        assert operation["tags"] == [stored.kind]
        own = [p for p in operation["parameters"] if p.get("name") not in {None, "format"}]
        assert [(p["name"], p["required"]) for p in own] == [(p.name, p.required) for p in stored.parameters]
        content = operation["responses"]["200"]["content"]
        assert {"application/sparql-results+json", "text/csv", "text/html"} <= set(content)
        assert content["text/csv"]["example"] == ",".join(c.name for c in stored.columns) + "\r\n"
    (thesis,) = (
        p for p in described["paths"]["/queries/pillars"]["get"]["parameters"] if p.get("name") == "thesis"
    )
    assert thesis["example"] == "th-open-must-win"
    (word,) = (
        p for p in described["paths"]["/queries/mentions"]["get"]["parameters"] if p.get("name") == "word"
    )
    assert (word["schema"], word["example"]) == ({"type": "string", "default": "licence"}, "licence")


def test_every_answer_is_as_described(
    client: httpx.Client, described: dict[str, Any], shipped: Workspace
) -> None:
    for name in shipped.shipped:
        operation = described["paths"][f"/queries/{name}"]["get"]
        content = operation["responses"]["200"]["content"]
        examples = {p["name"]: p["example"] for p in operation["parameters"] if "example" in p}
        for given in {}, examples:
            answer = client.get(f"/queries/{name}", params=given)
            holds(described, content[kind(answer)]["schema"], answer.json())
    jsonschema.Draft202012Validator.check_schema(content["application/json"]["schema"])


@pytest.mark.parametrize("path", ["/queries", "/healthz"])
def test_other_data_is_as_described(client: httpx.Client, described: dict[str, Any], path: str) -> None:
    answer = client.get(path)
    content = described["paths"][path]["get"]["responses"]["200"]["content"]
    holds(described, content[kind(answer)]["schema"], answer.json())


@pytest.mark.parametrize("query", ["ASK {}", "SELECT * { ?s a arg:Thesis }"])
def test_answers_to_queries_are_as_described(
    client: httpx.Client, described: dict[str, Any], query: str
) -> None:
    content = described["paths"]["/sparql"]["get"]["responses"]["200"]["content"]
    answer = client.get("/sparql", params={"query": query})
    holds(described, content[kind(answer)]["schema"], answer.json())


@pytest.mark.parametrize(
    "address",
    [
        "/queries/pillars?thesis=th-opn-must-win",
        "/queries/mentions?word=not-asked-before&timeout=0.000001",
        "/queries/pilars",
        "/sparql?query=SELECT",
        "/sparql?query=ASK%7B%7D&timeout=x",
        "/id/nothing?format=turtle",
        "/graph?graph=urn:nothing",
        "/ontology?format=csv",
    ],
)
def test_refusals_are_as_described(client: httpx.Client, described: dict[str, Any], address: str) -> None:
    answer = client.get(address)
    path = address.partition("?")[0]
    template = {"/id/nothing": "/id/{name}", "/queries/pilars": "/queries/{name}"}.get(path, path)
    status = str(answer.status_code)
    assert int(status) >= 400
    response = described["paths"][template]["get"]["responses"][status]
    response = described["components"]["responses"][response["$ref"].rpartition("/")[2]]
    holds(described, response["content"][kind(answer)]["schema"], answer.json())


def test_examples_of_the_description_are_answered(client: httpx.Client, described: dict[str, Any]) -> None:
    (query,) = (p for p in described["paths"]["/sparql"]["get"]["parameters"] if p.get("name") == "query")
    assert client.get("/sparql", params={"query": query["example"]}).status_code == 200
    body = described["paths"]["/sparql"]["post"]["requestBody"]["content"]
    form = body["application/x-www-form-urlencoded"]["example"]
    assert client.post("/sparql", data=form).status_code == 200
    (name,) = (p for p in described["paths"]["/id/{name}"]["get"]["parameters"] if p["in"] == "path")
    assert client.get(f"/id/{name['example']}").status_code == 200
