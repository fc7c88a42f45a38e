"""The history of a node: as page, as JSON, and in SPARQL; also of what is gone, and of what means harm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pyoxigraph as ox
import pytest

from argraph import vocab
from argraph.app import history
from argraph.workspace import Workspace

from ...debates import BASE, Debate, debate
from ...ledgers import ANYBODY, BEN, SAUL
from ...servers import served
from .conftest import BROWSER, JSON, get, kind, name, problem
from .test_pages import Page

EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
HEAD = """@prefix arg: <https://w3id.org/argraph/ns#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""


@pytest.fixture(scope="module")
def changed() -> Iterator[Debate]:
    with debate() as made:
        described = (
            f'<{BASE}> a <http://rdfs.org/ns/void#Dataset> ; <http://rdfs.org/ns/void#uriSpace> "{BASE}" .\n'
        )
        with made.graph.joinpath("debate.ttl").open("a") as file:
            file.write(described)
        made.submit(1, title=EVIL, by=BEN)
        made.submit(1, title="Second version", by=BEN)
        made.submit(2, by=ANYBODY)
        made.retract(2, by=SAUL)
        odd = f"<{BASE}contribution-3> a arg:Contribution .\n<{BASE}cl/history> a arg:Claim ;\n"
        odd += f"    skos:prefLabel {ox.Literal(EVIL, language='en')} ; schema:url <javascript:alert(1)> .\n"
        odd += f'<{BASE}cl> a arg:Claim ; skos:prefLabel "Beside"@en .\n'
        made.submit(3, data=(HEAD + odd).encode(), title="Odd names")
        yield made


@pytest.fixture(scope="module")
def client_of(changed: Debate) -> Iterator[httpx.Client]:
    with served(Workspace.open(changed.graph, data=changed.data)) as client:
        yield client


def acts(told: Any) -> list[tuple[str, str, str]]:
    return [
        (one["act"], one["reviewer"], one["by"][0]["name"] if one["by"] else "") for one in told["happenings"]
    ]


def test_history_as_json_has_each_change_with_who_and_what(client_of: httpx.Client) -> None:
    told = get(client_of, "/id/cl-1/history")
    jsonschema.validate(told, history.SCHEMA)
    assert (told["id"], told["there"], told["href"]) == ("cl-1", True, "/id/cl-1")
    assert acts(told) == [("changed", "ruth", "ben"), ("added", "ruth", "ben")]
    (change,) = told["happenings"][0]["changes"]
    assert change["said"] == "text: was “Version 0.”, now “Version 1.”"
    assert told["happenings"][0]["contribution"]["title"] == "Second version"
    assert client_of.get("/id/cl-1/history", params={"format": "json"}).json() == told


def test_history_as_page_is_linked_from_the_page_of_the_node_and_leads_back(client_of: httpx.Client) -> None:
    page = client_of.get("/id/cl-1", headers=BROWSER)
    assert "/id/cl-1/history" in Page(page.text).links
    answer = client_of.get("/id/cl-1/history", headers=BROWSER)
    assert (answer.status_code, kind(answer)) == (200, "text/html")
    assert answer.headers["x-robots-tag"] == "noindex"
    read = Page(answer.text)
    assert read.faults == []
    assert "/id/cl-1" in read.links
    words = " ".join(" ".join(read.words).split())
    assert "was Version 0. , now Version 1." in words
    assert "accepted by ruth" in words
    assert EVIL in words  # as text


def test_what_was_taken_back_keeps_its_history_and_has_no_page(client_of: httpx.Client) -> None:
    told = get(client_of, "/id/cl-2/history")
    assert told["there"] is False
    assert acts(told) == [("removed", "ruth", "saul"), ("added", "ruth", "somebody without a token")]
    gone = problem(client_of.get("/id/cl-2", headers=JSON), 404)
    assert gone["detail"] == "“cl-2” is no longer part of this debate; its history tells why."
    assert gone["nearest"] == [{"href": "/id/cl-2/history", "label": "its history"}]
    page = client_of.get("/id/cl-2/history", headers=BROWSER)
    assert "It is no longer part of the debate." in page.text
    assert Page(page.text).faults == []


def test_a_node_whose_own_name_ends_in_history_is_still_a_node(client_of: httpx.Client) -> None:
    odd = name("cl/history")
    page = client_of.get(f"/id/{odd}", headers=BROWSER)
    assert (page.status_code, "What is said of it now" in page.text) == (200, False)
    assert get(client_of, f"/id/{odd}/history")["id"] == "cl/history"
    assert get(client_of, "/id/cl/history")["id"] == "cl"
    assert get(client_of, f"/id/{name(BASE + 'cl')}/history")["id"] == "cl"
    assert client_of.get(f"/id/{odd}", params={"format": "turtle"}).text.count("Beside") == 0


def test_markup_in_titles_labels_and_addresses_stays_text(client_of: httpx.Client) -> None:
    for path in (f"/id/{name('cl/history')}/history", "/id/cl-1/history", "/id/contribution-1/history"):
        read = Page(client_of.get(path, headers=BROWSER).text)
        assert read.faults == []
        assert not [link for link in read.links if link.startswith("javascript:")]


@pytest.mark.parametrize(
    "path",
    [
        "/id/nothing/history",
        "/id/history",
        "/id//history",
        "/id/%00/history",
        "/id/%FF%FE/history",
        "/id/%3Cb%3E/history",
        "/id/http%3A%2F%2F%5B/history",
        "/id/_%3Ax/history",
        f"/id/{'a' * 5000}/history",
        "/id/cl-1/history/history",
        "/id/cl-1/histor%79",
        "/id/%2e%2e%2fhistory",
    ],
)
def test_unknown_names_are_refused_as_elsewhere(client_of: httpx.Client, path: str) -> None:
    problem(client_of.get(path, headers=JSON), 404)


def test_forms_that_are_not_offered_are_refused(client_of: httpx.Client) -> None:
    problem(client_of.get("/id/cl-1/history", headers=JSON, params={"format": "turtle"}), 400)
    problem(client_of.get("/id/cl-1/history", headers={"accept": "image/png"}), 406)


def test_every_node_of_the_shipped_debate_has_a_history_without_any_record(
    client: httpx.Client, shipped: Workspace
) -> None:
    for iri in list(shipped.argument.nodes)[:5] + list(shipped.argument.steps)[:5]:
        told = get(client, f"/id/{name(shipped.key(iri))}/history")
        assert acts(told) == [("added", "", "editors")]
    problem(client.get("/id/arg:Claim/history", headers=JSON), 404)


# -- in SPARQL ----------------------------------------------------------------------------------------------


def rows(client: httpx.Client, query: str) -> list[dict[str, str]]:
    answer = client.get("/sparql", params={"query": query, "format": "json"})
    assert answer.status_code == 200, answer.text
    found = answer.json()["results"]["bindings"]
    return [{name: cell["value"] for name, cell in row.items()} for row in found]


def test_provenance_is_asked_in_sparql(client_of: httpx.Client, changed: Debate) -> None:
    found = rows(
        client_of,
        f"""SELECT ?title ?by ?reviewer ?began ?ended ?gone {{
          GRAPH <{vocab.LEDGER_GRAPH}> {{
            ?version prov:specializationOf ?contribution ; dcterms:title ?title ;
              prov:wasGeneratedBy ?acceptance ; prov:wasAttributedTo/schema:name ?by .
            ?acceptance prov:startedAtTime ?began ; prov:endedAtTime ?ended ;
              prov:qualifiedAssociation ?part .
            ?part prov:hadRole <{vocab.LEDGER_GRAPH}#reviewer> ; prov:agent/schema:name ?reviewer .
            OPTIONAL {{ ?version prov:invalidatedAtTime ?gone }}
          }} }} ORDER BY ?ended""",
    )
    assert [(row["title"], row["by"], row["reviewer"], "gone" in row) for row in found] == [
        (EVIL, "ben", "ruth", True),
        ("Second version", "ben", "ruth", False),
        ("On 2", "anonymous", "ruth", True),
        ("Odd names", "ada", "ruth", False),
    ]
    assert all(row["began"] < row["ended"] for row in found)
    (first,) = (change for change in changed.ledger.entries() if change.title == EVIL)
    (revised,) = rows(
        client_of,
        "SELECT ?new ?digest { ?new prov:wasRevisionOf ?old ; dcterms:source ?digest . "
        f'?old dcterms:identifier "{first.id}" }}',
    )
    (second,) = (change for change in changed.ledger.entries() if change.title == "Second version")
    assert revised["digest"] == f"urn:sha256:{second.digest}"
    assert revised["new"] == f"{vocab.LEDGER_GRAPH}#version-{second.id}"
    (now,) = rows(client_of, f"SELECT ?at {{ <{BASE}contribution-1> prov:generatedAtTime ?at }}")
    assert now["at"] == second.decided.isoformat().replace("+00:00", "Z") if second.decided else False


def test_what_waits_or_was_rejected_is_not_told(changed: Debate) -> None:
    with debate() as made:
        secret = made.ledger.submit(
            b"# secret", name="x.ttl", title="SECRET", submitter=BEN, report={}, impact=None, graph=None
        )
        waiting = made.ledger.submit(
            b"# other", name="x.ttl", title="SECRET TOO", submitter=BEN, report={}, impact=None, graph=None
        )
        made.ledger.reject(secret.id, SAUL, comment="SECRET")
        workspace = Workspace.open(made.graph, data=made.data)
        told = "".join(map(str, workspace.quads()))
        graph = vocab.LEDGER_GRAPH
        shown = {str(quad.subject) for quad in workspace.provenance()}
        assert shown == {f"<{graph}>", f"<{graph}#submitter>", f"<{graph}#reviewer>"}
        assert not any(word in told for word in ("SECRET", secret.id, waiting.id))


def test_where_nothing_was_accepted_the_graph_says_what_it_is(client: httpx.Client) -> None:
    (row,) = rows(client, f"SELECT ?about FROM <{vocab.LEDGER_GRAPH}> {{ ?s dcterms:description ?about }}")
    assert "Where no version is described, none was accepted" in row["about"]


def test_the_interface_describes_it(client_of: httpx.Client) -> None:
    described = client_of.get("/openapi.json").json()
    content = described["paths"]["/id/{name}/history"]["get"]["responses"]["200"]["content"]
    schema = content["application/json"]["schema"] | {"components": described["components"]}
    jsonschema.validate(get(client_of, "/id/cl-1/history"), schema)
