"""The JSON interface over HTTP: refusals, answers kept by clients, description, odd debates."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import jsonschema
import pytest
from pydantic import BaseModel, TypeAdapter

from argraph import resources
from argraph.app import reasoning
from argraph.app.answers import fields, nodes, reasons, scenes, search
from argraph.app.explorer import Explorer
from argraph.app.pages import Pages
from argraph.app.protocol import Problem
from argraph.app.vocabulary import Vocabulary
from argraph.workspace import Workspace

from ...servers import served
from .conftest import BROWSER, JSON, WHOLE, get, kind, listed, name, problem

OSAI = "https://w3id.org/argraph/open-source-ai/"
THESIS = "th-open-must-win"


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/neighbourhood", "/outline", "/why"])
def test_an_unknown_node_is_refused_with_the_nearest(client: httpx.Client, path: str) -> None:
    refused = problem(client.get(f"/api/nodes/pil-safty{path}", headers=JSON), 404)
    assert refused["detail"] == "There is no node “pil-safty” in this debate."
    assert refused["nearest"] == [
        {"id": "pil-safety", "href": "/id/pil-safety", "label": "Transparency makes AI safer"}
    ]


@pytest.mark.parametrize(
    ("address", "detail"),
    [
        ("/api/nodes/pil-safety/neighbourhood?depth=many", "“depth” is a whole number, and not “many”."),
        ("/api/nodes/pil-safety/neighbourhood?depth=1.5", "“depth” is a whole number, and not “1.5”."),
        ("/api/nodes/pil-safety/neighbourhood?depth=-1", "“depth” is at least 0, and not “-1”."),
        ("/api/nodes/pil-safety/outline?limit=0", "“limit” is at least 1, and not “0”."),
        ("/api/nodes/pil-safety/outline?limit=99999", "“limit” is at most 2,000, and not “99999”."),
        ("/api/nodes/pil-safety/neighbourhood?layout=round", "“layout” is tree or layered, and not “round”."),
        (f"/api/search?q={'x' * 501}", "“q” has at most 500 characters."),
        (
            "/api/search?kind=claim,person",
            "“kind” is of thesis, claim, objection, rebuttal, evidence and study, and not “person”.",
        ),
        ("/api/search?status=true", "“status” is of accepted, rejected and undecided, and not “true”."),
        ("/api/chain", "“from” is missing."),
        ("/api/cruxes", "“node” is missing."),
        ("/api/cruxes?node=pil-safety&largest=9", "“largest” is at most 3, and not “9”."),
        ("/api/whatif", "“without” is missing."),
        ("/api/whatif?without=,", "“without” names 1 to 20 nodes or steps, with commas between."),
        (
            f"/api/whatif?without={','.join(['pil-safety'] * 21)}",
            "“without” names 1 to 20 nodes or steps, with commas between.",
        ),
    ],
)
def test_a_wrong_parameter_is_refused_in_plain_words(client: httpx.Client, address: str, detail: str) -> None:
    refused = problem(client.get(address, headers=JSON), 400)
    assert refused["detail"] == detail


@pytest.mark.parametrize(
    ("address", "detail"),
    [
        ("/api/search?theme=theme-nothing", "There is no node “theme-nothing” in this debate."),
        ("/api/chain?from=pil-safety&to=nobody", "There is no node “nobody” in this debate."),
        ("/api/cruxes?node=nobody", "There is no node “nobody” in this debate."),
        ("/api/whatif?without=pil-safety,nobody", "There is no node “nobody” in this debate."),
        (
            "/api/nodes/su-many-eyes-safety/neighbourhood",
            "“su-many-eyes-safety” is neither a statement nor a finding, so it has no surroundings.",
        ),
        (
            "/api/cruxes?node=contribution-safety",
            "“contribution-safety” is no statement, finding or step, so it has no status.",
        ),
    ],
)
def test_what_is_not_there_is_refused_in_plain_words(client: httpx.Client, address: str, detail: str) -> None:
    assert problem(client.get(address, headers=JSON), 404)["detail"] == detail


def test_who_prefers_html_gets_a_refusal_as_a_page(client: httpx.Client) -> None:
    answer = client.get("/api/nodes/pil-safty", headers=BROWSER)
    assert (answer.status_code, kind(answer)) == (404, "text/html")


def test_when_too_many_ask_for_what_takes_long_others_are_sent_away(
    shipped: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reasoning, "PATIENCE", 0.01)
    busy = reasoning.Reasoning(Pages(shipped, Vocabulary(resources.ontology())))
    for _ in range(reasoning.AT_ONCE):
        busy._places.acquire()
    with pytest.raises(Problem) as refused:
        busy.whatif([OSAI + "pil-safety"], limit=1)
    assert (refused.value.status_code, refused.value.headers) == (503, {"retry-after": "5"})
    busy._places.release()
    assert busy.whatif([OSAI + "pil-safety"], limit=1).moved > 0
    assert busy.whatif([OSAI + "pil-safety"], limit=1).moved > 0  # the place was given back


# --- HTTP ----------------------------------------------------------------------------------------

EVERY = [
    "/api/theses",
    "/api/themes",
    "/api/search?q=open",
    "/api/nodes/pil-safety",
    "/api/nodes/pil-safety/neighbourhood",
    "/api/nodes/pil-safety/outline",
    "/api/nodes/pil-safety/why",
    "/api/chain?from=cl-many-eyes",
    "/api/cruxes?node=cl-many-eyes",
    "/api/whatif?without=cl-many-eyes",
]


@pytest.mark.parametrize("address", EVERY)
def test_an_answer_is_not_sent_again_to_who_has_it(client: httpx.Client, address: str) -> None:
    first = client.get(address, headers=JSON)
    tag = first.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
    assert first.headers["cache-control"] == "no-cache"
    for given in (tag, f'"other", W/{tag}'):
        again = client.get(address, headers=JSON | {"if-none-match": given})
        assert (again.status_code, again.content) == (304, b"")
        assert (again.headers["etag"], again.headers["cache-control"]) == (tag, "no-cache")
    assert client.get(address, headers=JSON | {"if-none-match": '"other"'}).content == first.content


@pytest.mark.parametrize("address", EVERY)
def test_places_answer_head_and_options_and_nothing_that_changes(client: httpx.Client, address: str) -> None:
    head = client.head(address, headers=JSON)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == client.get(address, headers=JSON).headers["etag"]
    options = client.options(address)
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert client.request(method, address, headers=JSON).status_code == 405


def test_other_parameters_have_other_tags_and_refusals_have_none(client: httpx.Client) -> None:
    tags = {client.get(address, headers=JSON).headers["etag"] for address in EVERY}
    assert len(tags) == len(EVERY)
    one = client.get("/api/search?q=open&limit=5", headers=JSON).headers["etag"]
    assert one != client.get("/api/search?q=open&limit=6", headers=JSON).headers["etag"]
    assert "etag" not in client.get("/api/nodes/nobody", headers=JSON).headers
    unknown = client.get("/api/nodes/nobody", headers=JSON | {"if-none-match": "*"})
    assert unknown.status_code == 404


def test_another_debate_has_other_tags(client: httpx.Client, hostile_client: httpx.Client) -> None:
    mine, other = (c.get("/api/theses", headers=JSON).headers["etag"] for c in (client, hostile_client))
    assert mine != other


def test_no_place_runs_in_the_event_loop() -> None:
    places = [Explorer.theses, Explorer.themes, Explorer.search, Explorer.node, Explorer.neighbourhood]
    places += [Explorer.outline, Explorer.why, Explorer.chain, Explorer.cruxes, Explorer.whatif]
    assert not any(inspect.iscoroutinefunction(place) for place in places)


def test_other_sites_may_read(client: httpx.Client) -> None:
    answer = client.get("/api/theses", headers={"origin": "https://elsewhere.example"})
    assert answer.headers["access-control-allow-origin"] == "*"


# --- description ---------------------------------------------------------------------------------


def models() -> list[type[BaseModel]]:
    return [
        model
        for module in (fields, nodes, reasons, scenes, search)
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == module.__name__
    ]


def test_every_field_is_described_and_every_plain_one_has_an_example_that_fits() -> None:
    for model in models():
        assert model.__doc__, model
        for field, info in model.model_fields.items():
            annotation: Any = info.annotation
            schema = TypeAdapter(annotation).json_schema()
            nested = bool({"$defs", "properties"} & schema.keys()) or "$ref" in json.dumps(schema)
            assert info.description or nested, f"{model.__name__}.{field} is not described"
            assert (
                info.examples or nested or "enum" in json.dumps(schema) or "number" in json.dumps(schema)
            ), f"{model.__name__}.{field} has no example"
            for example in info.examples or []:
                model.__pydantic_validator__.validate_assignment(model.model_construct(), field, example)


@pytest.mark.parametrize("address", EVERY)
def test_answers_are_as_the_description_says(client: httpx.Client, address: str) -> None:
    description = client.get("/openapi.json").json()
    path = re.sub(r"/nodes/[^/?]+", "/nodes/{id}", address.partition("?")[0])
    operation = description["paths"][path]["get"]
    assert operation["description"]
    answered = operation["responses"]["200"]["content"]["application/json"]["schema"]
    schema = answered | {"components": description["components"]}
    jsonschema.validate(get(client, address), schema)
    for parameter in operation.get("parameters", ()):
        assert parameter["description"] or parameter["schema"].get("description"), parameter["name"]
    assert {"400", "404"} <= operation["responses"].keys()


# --- odd debates ---------------------------------------------------------------------------------


def test_every_node_of_a_hostile_debate_has_answers_under_its_own_address(
    hostile: Workspace, hostile_client: httpx.Client
) -> None:
    argument = hostile.argument
    for iri in (*argument.nodes, *argument.steps, *argument.studies):
        for given in {hostile.key(iri), iri} - {".", ".."}:
            told = get(hostile_client, f"/api/nodes/{name(given)}")
            assert told["iri"] == iri
            assert get(hostile_client, f"/api/nodes/{name(told['id'])}")["iri"] == iri
        for link in told["links"].values():
            if link:
                assert hostile_client.get(link, headers={"accept": "*/*"}).status_code == 200, link
    for iri in argument.nodes:
        scene = get(hostile_client, f"/api/nodes/{name(iri)}/neighbourhood", **WHOLE)
        assert scene["nodes"][0]["iri"] == iri
        get(hostile_client, f"/api/nodes/{name(iri)}/neighbourhood", layout="layered", **WHOLE)
        get(hostile_client, f"/api/nodes/{name(iri)}/outline", open=listed(*argument.nodes), depth=0)
        get(hostile_client, f"/api/nodes/{name(iri)}/why")


def test_a_hostile_debate_is_searched_and_reasoned_about(
    hostile: Workspace, hostile_client: httpx.Client
) -> None:
    assert get(hostile_client, "/api/search", q="script alert")["total"] > 3
    (hit,) = get(hostile_client, "/api/search", q="thesis alert raw", kind="thesis")["results"]
    label = hostile.argument.nodes["https://hostile.example/d/thesis"].label
    assert "".join(part["text"] for part in hit["parts"]) == label
    assert "<script>" in label
    for iri in (*hostile.argument.nodes, *hostile.argument.steps):
        get(hostile_client, "/api/cruxes", node=iri)
        get(hostile_client, "/api/whatif", without=name(iri))
        get(hostile_client, "/api/chain", **{"from": iri})


def test_several_theses_are_each_told_also_outside_every_debate(hostile_client: httpx.Client) -> None:
    theses = get(hostile_client, "/api/theses")
    assert [(thesis["id"], thesis["debate"][:8]) for thesis in theses] == [
        ("https://elsewhere.example/thesis", ""),
        ("thesis", "</title>"),
    ]


def test_a_name_with_a_slash_is_not_taken_for_a_place(tmp_path: Path) -> None:
    (tmp_path / "debate.ttl").write_text(
        """@prefix arg: <https://w3id.org/argraph/ns#> .
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <https://example.org/d/> a <http://rdfs.org/ns/void#Dataset> ;
            <http://rdfs.org/ns/void#uriSpace> "https://example.org/d/" .
        <https://example.org/d/a> a arg:Thesis ; skos:prefLabel "A"@en .
        <https://example.org/d/a/why> a arg:Claim ; skos:prefLabel "A why"@en .
        <https://example.org/d/a,b> a arg:Claim ; skos:prefLabel "A and B"@en .
        <https://example.org/d/s> a arg:Support ; arg:conclusion <https://example.org/d/a> ;
            arg:premise <https://example.org/d/a,b> .
        """,
        encoding="utf-8",
    )
    with served(Workspace.open(tmp_path)) as client:
        assert get(client, "/api/nodes/a/why")["tree"]["sentence"].startswith("“A” does not stand")
        assert get(client, "/api/nodes/a%2Fwhy")["label"] == "A why"
        assert get(client, "/api/nodes/a%2Fwhy/why")["id"] == "a/why"
        opened = get(client, "/api/nodes/a/neighbourhood", depth=0, open="a", evidence="a%2Cb")
        assert opened["nodes"][1]["evidence_open"]
        assert get(client, "/api/whatif", without="a%2Cb")["withdrawn"][0]["label"] == "A and B"


@pytest.mark.parametrize("odd", ["%00", "%ff%fe", "a b", "<script>", "..%2f..%2fetc", "x" * 5000, "http://["])
def test_a_name_that_cannot_be_one_is_unknown(client: httpx.Client, odd: str) -> None:
    for path in ("", "/neighbourhood", "/why"):
        problem(client.get(f"/api/nodes/{odd}{path}", headers=JSON), 404)
    get(client, f"/api/nodes/{THESIS}/neighbourhood?{urlencode({'open': odd})}")
