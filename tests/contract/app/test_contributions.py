"""Contributions over HTTP: every answer that handing in, following and reviewing may have."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pyoxigraph as ox
import pytest

from argraph.diagnostics import Report

from .conftest import BROWSER, kind, problem
from .receiving import QUEUE, TURTLE, House, house, identifier

UNKNOWN = "0123456789abcdef"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("house")) as place:
        yield place


@pytest.fixture(scope="module")
def described(place: House) -> dict[str, Any]:
    told: dict[str, Any] = place.client.get("/openapi.json").json()
    return told


def faulty(place: House, name: str) -> bytes:
    return place.objection(name).replace(b"arg:target osai:pil-safety", b"arg:target osai:pil-safty")


# -- checking -----------------------------------------------------------------------------------------------


def test_a_check_tells_findings_impact_and_difference_and_keeps_nothing(place: House) -> None:
    data = place.objection("only-checked")
    answer = place.hand_in(data, None, dry_run=1, name="mine.ttl")
    assert (answer.status_code, kind(answer)) == (200, "application/json")
    told = answer.json()
    assert told["ok"] is True
    assert told["label"] == "On only checked"
    assert told["graph"] == "https://w3id.org/argraph/open-source-ai/contribution-only-checked"
    assert Report.from_data(told["report"]).ok
    assert [one["what"] for one in told["difference"]] == ["added"] * 3
    assert told["impact"]["told"]["headline"]
    assert place.see(identifier(data)).status_code == 404


def test_a_file_with_violations_is_a_problem_with_every_finding_in_it(place: House) -> None:
    data = faulty(place, "with-violations")
    for given in {"dry_run": "1"}, {}:
        answer = place.hand_in(data, name="mine.ttl", **given)
        told = problem(answer, 422)
        assert str(told["detail"]).endswith(" in 1 file: each is told in “report”, with its place.")
        report = Report.from_data(told["report"])  # type: ignore[arg-type]
        (finding,) = (finding for finding in report if finding.severity == "violation")
        line = data.decode().splitlines()[finding.location.line - 1]
        assert finding.location.path == "mine.ttl"
        assert line[finding.location.column - 1 :].startswith("osai:pil-safty")
        assert "Did you mean osai:pil-safety" in finding.hint
    assert place.see(identifier(data)).status_code == 404


@pytest.mark.parametrize(
    ("accept", "form", "media"),
    [
        ("*/*", None, "application/problem+json"),
        ("application/sarif+json", None, "application/sarif+json"),
        ("text/turtle", None, "text/turtle"),
        (BROWSER["accept"], None, "text/html"),
        ("*/*", "sarif", "application/sarif+json"),
        ("*/*", "turtle", "text/turtle"),
        ("application/json", "html", "text/html"),
    ],
)
def test_findings_come_in_the_form_that_is_asked_for(
    place: House, accept: str, form: str | None, media: str
) -> None:
    given = {} if form is None else {"format": form}
    answer = place.hand_in(faulty(place, "in-forms"), None, accept=accept, dry_run="1", **given)
    assert (answer.status_code, kind(answer)) == (422, media)
    assert "pil-safty" in answer.text
    if media == "application/sarif+json":
        (run,) = answer.json()["runs"]
        assert [result["ruleId"] for result in run["results"] if result["level"] == "error"] == [
            "missing-node"
        ]
    if media == "text/turtle":
        conforms = ox.NamedNode("http://www.w3.org/ns/shacl#conforms")
        (found,) = (
            t for t in ox.parse(answer.content, format=ox.RdfFormat.TURTLE) if t.predicate == conforms
        )
        assert found.object == ox.Literal(False)
    assert answer.headers["cache-control"] == "no-store"


def test_a_page_of_findings_shows_what_is_in_a_file_as_text(place: House) -> None:
    data = faulty(place, "as-text").replace(
        b"skos:prefLabel", b'skos:prefLabel "<script>x</script>"@de ;\n skos:prefLabel'
    )
    data = data.replace(b"osai:pil-safty", b"<http://x/<script>alert(1)</script>>")
    answer = place.hand_in(data, None, accept=BROWSER["accept"], dry_run=1, name="<script>.ttl")
    assert answer.status_code == 422
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_a_form_that_nobody_offers_is_refused(place: House) -> None:
    data = place.objection("no-form")
    problem(place.hand_in(data, None, accept="image/png", dry_run=1), 406)
    problem(place.hand_in(data, None, dry_run=1, format="pdf"), 400)


# -- handing in ---------------------------------------------------------------------------------------------


def test_a_good_file_goes_into_the_queue_under_its_digest(place: House) -> None:
    data = place.objection("good")
    answer = place.hand_in(data, name="../my objection.ttl")
    assert answer.status_code == 201
    told = answer.json()
    assert told["id"] == identifier(data)
    assert answer.headers["location"] == told["href"] == f"{QUEUE}/{identifier(data)}"
    assert (told["state"], told["submitter"]) == ("pending", {"name": "ada", "role": "contributor"})
    assert (told["name"], told["size"], told["title"]) == ("my objection.ttl", len(data), "On good")
    assert told["may"] == ["withdraw", "comment", "supersede"]
    seen = place.see(told["id"]).json()
    assert seen == {**told, "may": []}
    assert seen["impact"]["told"]["headline"]
    assert place.records.ledger.content(told["id"]) == data


@pytest.mark.parametrize(
    ("form", "media"), [("html", "text/html"), ("turtle", "text/turtle"), ("sarif", "application/sarif+json")]
)
def test_a_good_file_is_answered_in_other_forms_too(place: House, form: str, media: str) -> None:
    data = place.objection(f"good-as-{form}")
    answer = place.hand_in(data, format=form)
    assert (answer.status_code, kind(answer)) == (201, media)
    assert answer.headers["location"] == f"{QUEUE}/{identifier(data)}"
    assert place.see(identifier(data)).json()["state"] == "pending"


def test_the_same_bytes_again_are_told_where_the_first_are_and_what_became_of_them(place: House) -> None:
    data, id = place.objection("again"), identifier(place.objection("again"))
    assert place.hand_in(data).status_code == 201
    for by, state in (("ada", "pending"), ("ben", "pending"), ("ben", "rejected")):
        if state == "rejected":
            assert place.do("reject", id, "ruth", comment="No.").status_code == 200
        answer = place.hand_in(data, by)
        told = problem(answer, 409)
        assert told["contribution"] == {"id": id, "state": state, "href": f"{QUEUE}/{id}"}
        assert answer.headers["location"] == f"{QUEUE}/{id}"


def test_the_same_file_from_many_at_once_is_taken_once(place: House) -> None:
    data, met = place.objection("at-once"), []
    secret = place.bearing("ben")

    def send() -> None:
        with httpx.Client(base_url=place.client.base_url, timeout=60) as client:
            met.append(client.post(QUEUE, content=data, headers=TURTLE | secret).status_code)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(met) == {201: 1, 409: 7}


def test_a_newer_version_takes_the_place_of_the_older_in_the_queue(place: House) -> None:
    id = place.pending("version")
    newer = place.objection("version").replace(b"known about version", b"known about versions")
    problem(place.hand_in(newer, "ben", supersedes=id), 403)
    answer = place.hand_in(newer, supersedes=id)
    assert answer.status_code == 201
    assert answer.json()["supersedes"] == id
    assert place.see(id).json()["state"] == "superseded"
    problem(place.hand_in(newer + b"# more", supersedes=UNKNOWN), 404)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-type": "multipart/form-data; boundary=x"}, 415),
        ({"content-type": ""}, 415),
        ({"content-type": "text/turtle; charset=latin-1"}, 415),
        ({"content-type": "text/turtle", "content-encoding": "gzip"}, 415),
        ({"content-type": 'TEXT/Turtle;charset="UTF-8"'}, 200),
        ({"content-type": "text/turtle; charset=utf-8; x=y"}, 200),
    ],
)
def test_a_file_comes_as_turtle(place: House, headers: dict[str, str], status: int) -> None:
    data = place.objection("typed")
    answer = place.client.post(QUEUE, params={"dry_run": 1}, content=data, headers=headers)
    assert answer.status_code == status


def test_a_file_has_at_most_a_mebibyte(place: House) -> None:
    data = place.objection("large")
    largest = data + b"#" * (1024 * 1024 - len(data))
    assert place.hand_in(largest, None, dry_run=1).status_code == 200
    told = problem(place.hand_in(largest + b"#", None, dry_run=1), 413)
    assert told["detail"] == "The body is longer than 1,048,576 bytes: send less at a time."


def test_other_bodies_stay_as_small_as_they_were(place: House) -> None:
    answer = place.client.post(
        "/sparql", content=b"#" * 300_000, headers={"content-type": "application/sparql-query"}
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "query",
    [
        "dryrun=1",
        "dry_run=yes",
        "dry_run=1&dry_run=0",
        "dry_run=1&supersedes=0123456789abcdef",
        "name=a&name=b",
        "token=x",
        "dry_run=%ff",
    ],
)
def test_a_slip_in_a_parameter_never_hands_anything_in(place: House, query: str) -> None:
    data = place.objection("slip")
    headers = TURTLE | place.bearing("ada")
    problem(place.client.post(f"{QUEUE}?{query}", content=data, headers=headers), 400)
    assert place.see(identifier(data)).status_code == 404


# -- following ----------------------------------------------------------------------------------------------


def test_whoever_knows_the_identifier_sees_state_report_and_history(place: House) -> None:
    id = place.pending("followed")
    place.do("comment", id, "ruth", comment="Which study?", marks=["unsupported"])
    told = place.see(id).json()
    assert (told["comment"], told["marks"], told["may"]) == ("Which study?", ["unsupported"], [])
    events = place.see(id, "history").json()["events"]
    assert [(e["kind"], e["actor"]["name"], e["comment"]) for e in events] == [
        ("submitted", "ada", ""),
        ("commented", "ruth", "Which study?"),
    ]
    assert events[0]["at"].endswith("Z")


def test_what_is_told_of_an_event_names_no_stored_bytes(place: House) -> None:
    id = place.pending("plain-events")
    assert place.do("accept", id, "ruth").status_code == 200
    details = [event["detail"] for event in place.see(id, "history").json()["events"]]
    assert details == [{}, {"path": place.see(id).json()["path"]}, {}]


@pytest.mark.parametrize("id", [UNKNOWN, "x", "..", "0123456789ABCDEF", "%00", "a" * 200])
@pytest.mark.parametrize("part", ["", "content", "history"])
def test_there_is_no_contribution_of_another_name(place: House, id: str, part: str) -> None:
    problem(place.see(id, part), 404)


def test_reviewers_list_everything_newest_first_and_page_by_page(place: House) -> None:
    ids = [place.pending(f"listed-{number}") for number in range(3)]
    first = place.client.get(
        QUEUE, params={"limit": 2, "state": "pending"}, headers=place.bearing("ruth")
    ).json()
    assert [entry["id"] for entry in first["contributions"]] == [ids[2], ids[1]]
    assert first["counts"]["pending"] >= 3
    second = place.client.get(first["next"], headers=place.bearing("ruth")).json()
    assert second["contributions"][0]["id"] == ids[0]
    assert second["contributions"][0]["may"] == ["accept", "reject", "comment"]


@pytest.mark.parametrize(
    "query",
    [
        "state=open",
        "limit=0",
        "limit=1001",
        "limit=x",
        "limit=²",
        "offset=-1",
        "page=2",
        "state=pending&state=pending",
    ],
)
def test_a_list_takes_only_what_it_knows(place: House, query: str) -> None:
    problem(place.client.get(f"{QUEUE}?{query}", headers=place.bearing("ruth")), 400)


# -- deciding -----------------------------------------------------------------------------------------------


def test_what_is_accepted_is_shown_at_once(place: House) -> None:
    data = place.objection("shown-at-once")
    assert place.client.get("/id/ob-shown-at-once").status_code == 404
    assert place.hand_in(data, name="shown.ttl").status_code == 201
    answer = place.do("accept", identifier(data), "ruth", comment="Good.")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["state"], told["written"], told["reviewer"]) == ("accepted", True, "ruth")
    assert told["path"].endswith("shown.ttl")
    assert (place.graph / told["path"]).read_bytes() == data
    assert place.client.get("/id/ob-shown-at-once").status_code == 200
    problem(place.do("accept", identifier(data), "saul"), 409)


def test_a_contribution_that_does_not_pass_any_more_is_not_accepted(place: House) -> None:
    first = place.objection("two-of-one")
    second = first.replace(b"osai:contribution-two-of-one", b"osai:contribution-another")
    for data in first, second:
        assert place.hand_in(data).status_code == 201
    assert place.do("accept", identifier(first), "ruth").status_code == 200
    told = problem(place.do("accept", identifier(second), "ruth"), 422)
    assert not Report.from_data(told["report"]).ok  # type: ignore[arg-type]
    assert place.see(identifier(second)).json()["state"] == "pending"
    checked = place.see(identifier(second), "check", "ruth")
    assert (checked.status_code, checked.json()["ok"]) == (200, False)


def test_a_submitter_takes_back_and_a_reviewer_keeps_out(place: House) -> None:
    id = place.pending("taken-back")
    assert place.do("withdraw", id, "ada", comment="A slip.").json()["state"] == "withdrawn"
    problem(place.do("accept", id, "ruth"), 409)
    id = place.pending("kept-out")
    told = place.do("reject", id, "ruth", comment="Unclear.", marks=["unclear", "unsupported"]).json()
    assert (told["state"], told["comment"], told["marks"]) == (
        "rejected",
        "Unclear.",
        ["unsupported", "unclear"],
    )
    problem(place.do("withdraw", id, "ada"), 409)


def test_a_retraction_goes_through_the_queue_and_takes_the_file_out(place: House) -> None:
    data = place.objection("retracted")
    assert place.hand_in(data, name="retracted.ttl").status_code == 201
    problem(place.do("retract", identifier(data), "ada", comment="Wrong."), 409)  # not accepted yet
    path = place.do("accept", identifier(data), "ruth").json()["path"]
    assert (place.graph / path).read_bytes() == data
    problem(place.do("retract", identifier(data), "ben", comment="Not mine."), 403)
    answer = place.do("retract", identifier(data), "ada", comment="It was wrong.")
    assert answer.status_code == 201
    wish = answer.json()
    assert (wish["kind"], wish["retracts"], wish["report"]) == ("retraction", identifier(data), None)
    assert answer.headers["location"] == wish["href"]
    problem(place.do("retract", identifier(data), "ada", comment="Again."), 409)
    assert place.see(wish["id"], "check", "ruth").json()["ok"] is True
    assert place.do("accept", wish["id"], "ruth").json()["state"] == "accepted"
    assert place.see(identifier(data)).json()["state"] == "withdrawn"
    assert not (place.graph / path).exists()
    assert place.client.get("/id/ob-retracted").status_code == 404


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (b'{"comment": "x"}', "text/plain", 415),
        (b"{", "application/json", 400),
        (b"[" * 100_000, "application/json", 413),
        (b"[" * 60_000, "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"comment": 1}', "application/json", 400),
        (b'{"marks": "unclear"}', "application/json", 400),
        (b'{"marks": ["nice"]}', "application/json", 400),
        (b'{"marks": [1]}', "application/json", 400),
        (b'{"coment": "x"}', "application/json", 400),
        (b'{"comment": "\xff"}', "application/json", 400),
        (json.dumps({"comment": "x" * 10_001}).encode(), "application/json", 400),
    ],
)
def test_what_is_said_has_to_be_as_described(place: House, body: bytes, media: str, status: int) -> None:
    id = identifier(place.objection("said"))
    place.hand_in(place.objection("said"))
    headers = {"content-type": media} | place.bearing("ruth")
    for what in "reject", "comment", "accept", "retract":
        problem(place.client.post(f"{QUEUE}/{id}/{what}", content=body, headers=headers), status)
    assert place.see(id).json()["state"] == "pending"


# -- the description ----------------------------------------------------------------------------------------


def holds(described: dict[str, Any], schema: dict[str, Any], value: object) -> None:
    jsonschema.validate(value, {**schema, "components": described["components"]})


def test_answers_are_as_described(place: House, described: dict[str, Any]) -> None:
    data = place.objection("described")
    reviewer = place.bearing("ruth")
    one = f"{QUEUE}/{identifier(data)}"
    met: list[tuple[str, str, httpx.Response]] = [
        (QUEUE, "post", place.hand_in(data, None, dry_run=1)),
        (QUEUE, "post", place.hand_in(faulty(place, "described"), None, dry_run=1)),
        (QUEUE, "post", place.hand_in(data, None)),
        (QUEUE, "post", place.hand_in(data)),
        (QUEUE, "post", place.hand_in(data)),
        (QUEUE, "get", place.client.get(QUEUE, headers=reviewer)),
        ("/api/contributions/{id}", "get", place.client.get(one)),
        ("/api/contributions/{id}/history", "get", place.client.get(f"{one}/history")),
        ("/api/contributions/{id}/check", "get", place.client.get(f"{one}/check", headers=reviewer)),
        (
            "/api/contributions/{id}/comment",
            "post",
            place.do("comment", identifier(data), "ada", comment="x"),
        ),
        ("/api/contributions/{id}/accept", "post", place.do("accept", identifier(data), "ada")),
        ("/api/contributions/{id}/accept", "post", place.do("accept", identifier(data), "ruth")),
        ("/api/contributions/{id}/reject", "post", place.do("reject", identifier(data), "ruth", comment="x")),
        (
            "/api/contributions/{id}/retract",
            "post",
            place.do("retract", identifier(data), "ada", comment="x"),
        ),
        ("/api/session", "get", place.client.get("/api/session", headers=reviewer)),
    ]
    for path, method, answer in met:
        response = described["paths"][path][method]["responses"][str(answer.status_code)]
        holds(described, response["content"][kind(answer)]["schema"], answer.json())
    assert {answer.status_code for *_, answer in met} == {200, 201, 401, 403, 409, 422}


def test_the_example_of_a_file_is_answered(place: House, described: dict[str, Any]) -> None:
    content = described["paths"][QUEUE]["post"]["requestBody"]["content"]["text/turtle"]
    answer = place.hand_in(content["example"].encode(), None, dry_run=1)
    assert answer.status_code == 200, answer.text
