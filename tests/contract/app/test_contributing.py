"""The pages of contributing and reviewing: every step is a form that works without script."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from argraph.app.reception import Quota
from argraph.workspace import Workspace

from ...servers import served
from .receiving import House, house

MUCH = Quota(seconds=3_000, anonymous_seconds=3_000, files=1_000, anonymous_files=1_000)
PAGE = {"accept": "text/html"}
ANSWERS = {
    "do": "write",
    "kind": "objection",
    "against": "pil-innovation",
    "title": "Few can run what all may download",
    "sentence": "Running a large open model takes hardware that few people own.",
    "because": "ev-arora2010-patch",
    "by": "Jane Doe",
}


@pytest.fixture(scope="module")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("house"), anonymous=True, quota=MUCH) as opened:
        yield opened


@pytest.fixture(scope="module")
def closed() -> Iterator[httpx.Client]:
    """A client of a server that takes nothing."""
    with served(Workspace.open(), quota=MUCH) as client:
        yield client


def shown(answer: httpx.Response) -> str:
    """The words of a page."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.text, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def turtle(answer: httpx.Response) -> str:
    """What stands in the field for the file; a browser leaves out the first line end."""
    found = re.search(r'<textarea id="text"[^>]*>\n?(.*?)</textarea>', answer.text, re.S)
    assert found, shown(answer)
    return html.unescape(found[1])


def post(client: httpx.Client, path: str, told: dict[str, Any]) -> httpx.Response:
    return client.post(path, data=told, headers=PAGE)


def test_a_page_of_a_statement_leads_to_a_file_that_objects_to_it(open_house: House) -> None:
    client = open_house.client
    page = client.get("/id/pil-innovation", headers=PAGE)
    assert 'href="/contribute?kind=objection&amp;against=pil-innovation"' in page.text
    answer = client.get("/contribute", params={"kind": "objection", "against": "pil-innovation"})
    assert answer.status_code == 200
    assert "Object to “Collaboration accelerates AI innovation”" in shown(answer)
    assert "arg:target osai:pil-innovation ." in turtle(answer)


@pytest.mark.parametrize("kind", ["claim", "objection", "rebuttal", "evidence", "study"])
def test_there_is_a_scaffold_for_every_kind(closed: httpx.Client, kind: str) -> None:
    text = turtle(closed.get("/contribute", params={"kind": kind}))
    assert "«fill in" in text
    assert f"arg:{kind.capitalize()} ;" in text


@pytest.mark.parametrize(
    ("against", "says"),
    [
        ("pil-inovation", "Did you mean pil-innovation?"),
        ("study-arora2010-patch", "neither a statement nor a finding"),
        ("http://[", "There is no node"),
        ("\x00", "There is no node"),
    ],
)
def test_an_unknown_target_is_told_where_it_is_asked(closed: httpx.Client, against: str, says: str) -> None:
    answer = closed.get("/contribute", params={"kind": "objection", "against": against})
    assert answer.status_code == 200
    assert says in shown(answer)


def test_the_address_of_a_page_names_its_node(closed: httpx.Client) -> None:
    answer = post(
        closed, "/contribute", ANSWERS | {"against": f"{closed.base_url}/id/pil-safety?format=turtle"}
    )
    assert "arg:target osai:pil-safety ." in turtle(answer)


def test_answers_become_a_file_with_its_impact(closed: httpx.Client) -> None:
    answer = post(closed, "/contribute", ANSWERS)
    assert answer.status_code == 200
    assert 'skos:prefLabel "Few can run what all may download"@en' in turtle(answer)
    assert "No faults." in shown(answer)
    assert "1 statement would change status" in shown(answer)
    assert 'value="few-can-run-what-all-may.ttl"' in answer.text


def test_faults_are_told_with_their_lines_and_marked_in_the_file(
    closed: httpx.Client, open_house: House
) -> None:
    text = turtle(post(closed, "/contribute", ANSWERS)).replace("a arg:Objection", "a arg:Objektion")
    wrong = "osai:ob-few-can-run-what-all-may a arg:Objektion ;"
    line, column = text.split("\n").index(wrong) + 1, wrong.index("arg:") + 1
    answer = post(closed, "/contribute", ANSWERS | {"do": "check", "text": text.replace("\n", "\r\n")})
    assert answer.status_code == 200
    refused = post(open_house.client, "/contribute", ANSWERS | {"do": "submit", "text": text})
    assert refused.status_code == 422
    assert "There is no class arg:Objektion." in shown(refused)
    assert f"Line {line}, column {column}" in shown(answer)
    assert "There is no class arg:Objektion." in shown(answer)
    assert '<span class="squiggle violation">arg:Objektion</span>' in answer.text
    assert f'id="L{line}"' in answer.text
    assert turtle(answer) == text


def test_a_file_is_given_back_as_it_was_typed(closed: httpx.Client) -> None:
    text = "# one\n\ttwo <&> \"x\" 'y' ü 😀 </textarea>\n\n"
    told = {"do": "download", "text": text.replace("\n", "\r\n"), "file": "../../etc/my file\r\nx: y.ttl"}
    answer = closed.post("/contribute", data=told)
    assert answer.text == text
    assert answer.headers["content-disposition"] == 'attachment; filename="my-file-x-y.ttl"'
    assert turtle(post(closed, "/contribute", told | {"do": "check"})) == text


def test_where_nothing_is_taken_the_page_says_what_to_do_with_the_file(closed: httpx.Client) -> None:
    answer = closed.get("/contribute")
    assert "This server takes no contributions" in shown(answer)
    assert "argraph check" in shown(answer)
    assert 'value="submit"' not in answer.text
    text = turtle(post(closed, "/contribute", ANSWERS))
    assert post(closed, "/contribute", {"do": "submit", "text": text}).status_code == 403
    assert "takes no contributions" in shown(closed.get("/sign-in"))


def assert_accepted(client: httpx.Client, place: str) -> None:
    page = client.get(place, headers=PAGE)
    assert "It was accepted, and is part of the debate." in shown(page)
    assert "Welcome." in shown(page)
    assert "What it changed" in shown(page)
    statement = shown(client.get("/id/pil-innovation", headers=PAGE))
    assert "Few can run what all may download" in statement
    assert "“Collaboration accelerates AI innovation” does not stand" in statement


def test_the_whole_way_without_script(open_house: House) -> None:
    client = open_house.client
    text = turtle(post(client, "/contribute", ANSWERS))
    answer = post(client, "/contribute", {"do": "submit", "text": text, "file": "mine.ttl"})
    assert answer.status_code == 303
    place = answer.headers["location"].partition("?")[0]
    page = client.get(place, headers=PAGE)
    assert "It waits for a reviewer." in shown(page)
    assert page.headers["x-robots-tag"] == "noindex"
    assert "Few can run" not in page.text.replace("Objection: Few can run", "").replace("“Few can run", "")

    again = post(client, "/contribute", {"do": "submit", "text": text, "file": "mine.ttl"})
    assert again.status_code == 409
    assert f'href="{place}"' in again.text, shown(again)

    id = place.rpartition("/")[2]
    with httpx.Client(base_url=client.base_url, timeout=60) as reviewer:
        queue = reviewer.get("/review")
        assert queue.headers["location"] == "/sign-in?next=%2Freview"
        wrong = reviewer.post("/sign-in", data={"token": "argraph_no", "next": "/review"}, headers=PAGE)
        assert wrong.status_code == 401
        assert "The token is not one of this server" in shown(wrong)
        signed = reviewer.post("/sign-in", data={"token": open_house.secret("ruth"), "next": f"/review/{id}"})
        assert signed.headers["location"] == f"/review/{id}"
        assert "Objection: Few can run what all may download" in shown(reviewer.get("/review"))
        page = reviewer.get(f"/review/{id}")
        assert "Checked just now against the debate of now: no faults." in shown(page)
        assert "1 statement would change status" in shown(page)
        assert "new objection Few can run what all may download" in shown(page)
        csrf = html.unescape(re.findall(r'name="csrf" value="([^"]+)"', page.text)[0])

        forged = reviewer.post(f"/review/{id}", data={"do": "accept"}, headers=PAGE)
        assert forged.status_code == 403
        silent = reviewer.post(f"/review/{id}", data={"do": "reject", "csrf": csrf}, headers=PAGE)
        assert 400 <= silent.status_code < 500
        assert reviewer.get("/id/ob-few-can-run-what-all-may").status_code == 404

        told = {"do": "comment", "csrf": csrf, "comment": "Well put.", "marks": ["duplicate", "unclear"]}
        assert reviewer.post(f"/review/{id}", data=told).status_code == 303
        page = reviewer.get(f"/review/{id}")
        assert "the debate says this already" in shown(page)
        done = reviewer.post(f"/review/{id}", data={"do": "accept", "csrf": csrf, "comment": "Welcome."})
        assert done.status_code == 303
        page = reviewer.get(f"/review/{id}")
        assert 'href="/id/ob-few-can-run-what-all-may"' in page.text
        twice = reviewer.post(f"/review/{id}", data={"do": "accept", "csrf": csrf}, headers=PAGE)
        assert twice.status_code == 409
        assert reviewer.post("/sign-out", data={"csrf": csrf}).status_code == 303
        assert reviewer.get("/review").status_code == 303

    assert_accepted(client, place)


def test_a_contributor_withdraws_and_revises_what_is_their_own(open_house: House) -> None:
    client = open_house.client
    text = turtle(post(client, "/contribute", ANSWERS | {"title": "Costs fall on the few"}))
    told = {"do": "submit", "text": text, "file": "costs.ttl", "token": open_house.secret("ada")}
    place = post(client, "/contribute", told).headers["location"].partition("?")[0]
    id = place.rpartition("/")[2]
    assert "sign in as who handed it in" in shown(client.get(place))
    assert client.get("/contribute", params={"supersedes": id}, headers=PAGE).status_code == 401
    with open_house.browser("ada") as (browser, csrf):
        assert text in turtle(browser.get("/contribute", params={"supersedes": id}))
        revised = text.replace("hardware that few", "machines that few")
        told = {"do": "submit", "text": revised, "csrf": csrf, "supersedes": id, "file": "costs.ttl"}
        second = post(browser, "/contribute", told).headers["location"].partition("?")[0]
        assert "A revision has taken its place." in shown(browser.get(place))
        assert "Withdraw it" in shown(browser.get(second))
        assert (
            post(browser, second, {"do": "withdraw", "csrf": csrf, "comment": "Not yet."}).status_code == 303
        )
        page = shown(browser.get(second))
        assert "It was withdrawn before it was decided." in page
        assert "Not yet." in page
        assert "Costs fall on the few" in shown(browser.get("/review?state=withdrawn"))
        assert browser.get(f"/review/{id}", headers=PAGE).status_code == 403
    with open_house.browser("ben") as (other, csrf):
        refused = post(other, place, {"do": "withdraw", "csrf": csrf})
        assert refused.status_code in {403, 409}
        assert "Costs fall" not in shown(other.get("/review?state=superseded"))


def test_a_wrong_token_hands_nothing_in_and_keeps_the_text(open_house: House) -> None:
    client = open_house.client
    text = turtle(post(client, "/contribute", ANSWERS | {"title": "Somebody else's"}))
    answer = post(client, "/contribute", {"do": "submit", "text": text, "token": "argraph_wrong"})
    assert answer.status_code == 401
    assert "The token is not one of this server" in shown(answer)
    assert turtle(answer) == text
    assert "argraph_wrong" not in answer.text


@pytest.mark.parametrize(
    ("path", "told", "status"),
    [
        ("/contribute", {"do": "check", "text": ""}, 422),
        ("/contribute", {"do": "submit", "text": " \r\n"}, 422),
        ("/contribute", {"do": "check", "text": "x" * 1_100_000}, 413),
        ("/contribute", {"do": "write", "kind": "objection", "against": "\x00", "because": "zz"}, 422),
        ("/contribute", {"marks": "1"}, 422),
        ("/contributions/0123456789abcdef", {"do": "withdraw"}, 401),
        ("/review/0123456789abcdef", {"do": "accept"}, 401),
    ],
)
def test_odd_forms_are_refused_in_words(
    open_house: House, path: str, told: dict[str, str], status: int
) -> None:
    answer = post(open_house.client, path, told)
    assert answer.status_code == status, shown(answer)
    assert "Traceback" not in answer.text


def test_what_is_no_form_is_refused(open_house: House) -> None:
    answer = open_house.client.post(
        "/contribute", content=b"{}", headers={"content-type": "application/json"}
    )
    assert answer.status_code == 415
    from_elsewhere = {"origin": "https://evil.example", "accept": "text/html"}
    answer = open_house.client.post("/contribute", data={"do": "submit", "text": "x"}, headers=from_elsewhere)
    assert answer.status_code == 403


def test_no_page_for_one_reader_is_kept_or_found(open_house: House, tmp_path: Path) -> None:
    id = open_house.pending("kept-by-nobody")
    with open_house.browser("ruth") as (browser, _):
        for path in ("/contribute", f"/contributions/{id}", "/review", f"/review/{id}", "/sign-in"):
            answer = browser.get(path, headers={**PAGE, "accept-encoding": "gzip"})
            assert answer.status_code == 200, path
            assert answer.headers["cache-control"] == "no-store", path
            assert answer.headers["x-robots-tag"] == "noindex", path
            assert "content-encoding" not in answer.headers, path  # lengths would tell of the CSRF token
            policy = answer.headers["content-security-policy"]
            assert ("script-src" in policy) == (path == "/contribute"), path
            assert "unsafe" not in policy
