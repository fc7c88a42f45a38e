"""What SECURITY.md promises about contributions, each promise under the name of a test."""

from __future__ import annotations

import logging
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from argraph import resources
from argraph.app.protocol import SECURITY

from ...hostile import listening
from .conftest import kind, problem
from .receiving import QUEUE, TURTLE, House, house, identifier

LOG = "argraph.contributions"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("house")) as place:
        yield place


@pytest.fixture(scope="module")
def open_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Takes files from anybody."""
    with house(tmp_path_factory.mktemp("open"), anonymous=True) as place:
        yield place


# -- secrets ------------------------------------------------------------------------------------------------


def test_only_a_hash_of_a_token_is_stored(place: House) -> None:
    secret = place.records.tokens.create("stored", "contributor")
    assert place.client.get("/api/session", headers={"authorization": f"Bearer {secret}"}).status_code == 200
    found = b""
    for file in place.data.iterdir():
        if file.is_file():
            found += file.read_bytes()
    assert b"stored" in found
    assert secret.encode() not in found
    assert secret.removeprefix("argraph_").encode() not in found


def test_a_token_is_shown_once(place: House) -> None:
    secret = place.records.tokens.create("once", "contributor")
    assert secret not in repr(place.records.tokens.list())
    assert secret not in place.client.get("/api/session", headers={"authorization": f"Bearer {secret}"}).text
    with sqlite3.connect(f"file:{place.data}/ledger.sqlite?mode=ro", uri=True) as db:
        assert secret not in "\n".join(db.iterdump())


def test_secrets_are_never_in_the_log_in_an_error_or_in_an_address(
    place: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret, wrong = place.secret("ada"), "argraph_" + "w" * 43
    data, said = place.objection("secret-words"), "the words of a comment"
    here = f"{QUEUE}/{identifier(data)}/accept"
    with place.browser("ruth") as (browser, csrf):
        cookie = browser.cookies["argraph-session"]
        answers = [
            place.client.get(QUEUE, headers={"authorization": f"Bearer {wrong}"}),
            place.client.get(QUEUE, headers={"authorization": f"Basic {secret}"}),
            place.sign_in(wrong),
            place.sign_in(secret, f"//evil.example/{secret}"),
            place.do("accept", identifier(data), "ada", comment=said),
            browser.post(here, json={"comment": said}, headers={"x-csrf-token": "x"}),
            browser.post(here, json={"comment": said}, headers={"x-csrf-token": csrf}),
            place.hand_in(data, None),
            place.hand_in(data + b"\n<secret-words>", "ada"),
        ]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 303, 403, 403, 404, 401, 422]
    ours = [record for record in caplog.records if not record.name.startswith("http")]  # not the client's own
    told = "".join(record.getMessage() for record in ours)
    for answer in answers[:-1]:  # the last one tells the contributor about the file
        cookies = {"set-cookie"} if answer is answers[3] else set()
        heads = {name: value for name, value in answer.headers.items() if name not in cookies}
        told += f"{answer.url} {answer.text} {heads}"
    for hidden in (secret, wrong, cookie, csrf, said, "secret words", "secret-words"):
        assert hidden not in told, hidden
    refused = [
        record for record in caplog.records if record.name == LOG and record.levelno == logging.WARNING
    ]
    assert len(refused) == 8


def test_every_refusal_is_logged_with_who_and_what(place: House, caplog: pytest.LogCaptureFixture) -> None:
    id = place.pending("logged")
    caplog.set_level(logging.WARNING, LOG)
    place.do("accept", id, "ada")
    place.do("accept", id, None)
    place.do("withdraw", id, "ben")
    place.hand_in(place.objection("logged"))
    place.hand_in(b"nonsense")
    assert [record.getMessage() for record in caplog.records if record.name == LOG] == [
        f"refused: accept of contribution {id} with 403 (client 127.0.0.1, contributor ada)",
        f"refused: accept of contribution {id} with 401 (client 127.0.0.1, anonymous)",
        f"refused: withdraw of contribution {id} with 403 NotAllowed (client 127.0.0.1, contributor ben)",
        "refused: hand in with 409 AlreadySubmitted (client 127.0.0.1, contributor ada)",
        "refused: hand in with 422 violations (client 127.0.0.1, contributor ada)",
    ]


def test_a_server_writes_its_log_with_times_to_standard_error(tmp_path: Path) -> None:
    graph = shutil.copytree(resources.graph(), tmp_path / "debate")
    command = [sys.executable, "-m", "argraph", "serve", "--port", "0"]
    command += ["--graph", str(graph), "--data", str(tmp_path / "data")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+:\d+", process.stdout.readline())
        assert found is not None
        answer = httpx.get(found[0] + QUEUE, timeout=60)
        process.terminate()
        _, log = process.communicate(timeout=60)
    assert answer.status_code == 401
    told = r"WARNING argraph\.contributions: refused: list with 401 \(client \S+, anonymous\)"
    line = rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ {told}"
    assert len(re.findall(f"(?m)^{line}$", log)) == 1


def test_nothing_that_is_sent_can_forge_a_line_of_the_log(
    place: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, LOG)
    forged = quote("x\nrefused: nothing", safe="")
    place.client.get(f"{QUEUE}/{forged}", headers={"user-agent": "x refused: nothing"})
    place.client.get(f"{QUEUE}?state={forged}", headers=place.bearing("ruth"))
    place.hand_in(b"x", "ada", name="a\nrefused: nothing", format="a\nrefused: nothing")
    told = [record.getMessage() for record in caplog.records if record.name == LOG]
    assert len(told) == 3
    assert not any("\n" in line or "nothing" in line for line in told)


# -- who may do what ----------------------------------------------------------------------------------------


def test_an_expired_or_revoked_token_is_refused_at_once(place: House) -> None:
    head = {"authorization": f"Bearer {place.records.tokens.create('short', 'reviewer')}"}
    assert place.client.get(QUEUE, headers=head).status_code == 200
    place.records.tokens.revoke("short")
    answer = place.client.get(QUEUE, headers=head)
    problem(answer, 401)
    assert answer.headers["www-authenticate"] == 'Bearer realm="argraph", error="invalid_token"'


def test_revoking_a_token_ends_its_sessions_at_once(place: House) -> None:
    place.records.tokens.create("leaving", "reviewer")
    place.records.tokens.revoke("leaving")
    secret = place.records.tokens.create("leaving", "reviewer")
    with place.fresh() as browser:
        assert browser.post("/sign-in", data={"token": secret}).status_code == 303
        assert browser.get(QUEUE).status_code == 200
        place.records.tokens.revoke("leaving")
        assert browser.get(QUEUE).status_code == 401


@pytest.mark.parametrize("by", ["ada", "ben", None])
def test_only_a_reviewer_decides(place: House, by: str | None) -> None:
    id = place.pending(f"decided-by-{by}")
    for what in "accept", "reject":
        answer = place.do(what, id, by, comment="I say so.")
        problem(answer, 401 if by is None else 403)
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert place.see(id, "check", by).status_code in {401, 403}
    assert place.see(id).json()["state"] == "pending"


@pytest.mark.parametrize("by", ["ben", "ruth", None])
def test_nobody_withdraws_what_another_has_handed_in(place: House, by: str | None) -> None:
    id = place.pending(f"withdrawn-by-{by}")
    problem(place.do("withdraw", id, by), 401 if by is None else 403)
    assert place.see(id).json()["state"] == "pending"


def test_nobody_replaces_or_retracts_what_another_has_handed_in(place: House) -> None:
    id = place.pending("replaced")
    changed = place.objection("replaced") + b"# changed\n"
    problem(place.hand_in(changed, "ben", supersedes=id), 403)
    assert place.do("accept", id, "ruth").status_code == 200
    problem(place.do("retract", id, "ben", comment="Away."), 403)
    problem(place.do("retract", id, None, comment="Away."), 401)
    assert place.see(id).json()["state"] == "accepted"


def test_without_a_token_one_reads_and_checks_and_hands_in_nothing(place: House) -> None:
    data = place.objection("nobody")
    assert place.hand_in(data, None, dry_run=1).status_code == 200
    assert place.client.get("/").status_code == 200
    answer = place.hand_in(data, None)
    problem(answer, 401)
    assert answer.headers["www-authenticate"] == 'Bearer realm="argraph"'
    assert place.see(identifier(data)).status_code == 404
    problem(place.client.get(QUEUE), 401)


def test_where_anybody_may_hand_in_it_is_little_and_nothing_else_is_open(open_place: House) -> None:
    place = open_place
    met = [place.hand_in(place.objection(f"anybody-{number}"), None) for number in range(6)]
    assert [answer.status_code for answer in met] == [201] * 5 + [429]
    assert 600 < int(met[-1].headers["retry-after"]) <= 720
    id = met[0].json()["id"]
    assert met[0].json()["submitter"] == {"name": "anonymous", "role": "anonymous"}
    assert met[0].json()["may"] == []
    for what in "withdraw", "comment", "accept", "reject", "retract":
        problem(place.do(what, id, None, comment="x"), 401)
    problem(place.hand_in(place.objection("anybody-more"), None, supersedes=id), 401)
    assert place.hand_in(place.objection("known-by-name"), "ada").status_code == 201  # has its own share


def test_a_refused_file_costs_nothing_of_what_one_may_hand_in(tmp_path: Path) -> None:
    with house(tmp_path, anonymous=True) as place:
        assert [place.hand_in(b"x", None).status_code for _ in range(7)] == [422] * 7
        assert place.hand_in(place.objection("after-all"), None).status_code == 201


def test_a_contributor_lists_only_what_is_theirs(place: House) -> None:
    mine, other = place.pending("mine-listed", "ada"), place.pending("other-listed", "ben")
    told = place.client.get(QUEUE, params={"limit": 1000}, headers=place.bearing("ben")).json()
    ids = {entry["id"] for entry in told["contributions"]}
    assert (other in ids, mine in ids, told["counts"]) == (True, False, {})
    assert {entry["submitter"]["name"] for entry in told["contributions"]} == {"ben"}


def test_the_bytes_are_for_submitter_and_reviewers_until_they_are_accepted(place: House) -> None:
    data = place.objection("bytes")
    assert place.hand_in(data, name="bytes & more.ttl").status_code == 201
    id = identifier(data)

    def readers() -> list[int]:
        return [place.see(id, "content", by).status_code for by in ("ada", "ruth", "ben", None)]

    assert readers() == [200, 200, 403, 401]
    answer = place.see(id, "content", "ada")
    assert (answer.content, kind(answer)) == (data, "text/turtle")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''bytes%20%26%20more.ttl"
    assert place.do("accept", id, "ruth").status_code == 200
    assert readers() == [200] * 4
    wish = place.do("retract", id, "ada", comment="It was wrong.").json()["id"]
    assert place.do("accept", wish, "ruth").status_code == 200
    assert readers() == [200, 200, 403, 401]


# -- browsers -----------------------------------------------------------------------------------------------


def test_with_a_session_nothing_is_done_without_its_csrf_token(place: House) -> None:
    id = place.pending("csrf")
    with place.browser("ruth") as (_, others), place.browser("ruth") as (browser, csrf):
        assert browser.get(QUEUE).status_code == 200
        for head in {}, {"x-csrf-token": "wrong"}, {"x-csrf-token": others}:
            for what in "accept", "reject", "comment", "retract":
                answer = browser.post(f"{QUEUE}/{id}/{what}", json={"comment": "x"}, headers=head)
                problem(answer, 403)
            problem(browser.post(QUEUE, content=place.objection("csrf-2"), headers=TURTLE | head), 403)
        assert browser.post("/sign-out", data={"csrf": others}).status_code == 403
        assert place.see(id).json()["state"] == "pending"
        told = browser.post(f"{QUEUE}/{id}/reject", json={"comment": "No."}, headers={"x-csrf-token": csrf})
        assert told.json()["reviewer"] == "ruth"
        assert browser.post("/sign-out", data={"csrf": csrf}).status_code == 303
        assert browser.get(QUEUE).status_code == 401


def test_no_other_site_acts_for_somebody_who_is_signed_in(place: House) -> None:
    """Cookies that are not sent, answers that cannot be read, tokens that are not known: each is enough."""
    id = place.pending("cross-site")
    with place.browser("ruth") as (browser, csrf):
        head = {"origin": "https://evil.example", "sec-fetch-site": "cross-site", "x-csrf-token": csrf}
        problem(browser.post(f"{QUEUE}/{id}/accept", json={}, headers=head), 403)
        # Even with its cookie, another site's script could not read an answer.
        answer = browser.get("/api/session", headers={"origin": "https://evil.example"})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
        preflight = browser.options(
            f"{QUEUE}/{id}/accept",
            headers={
                "origin": "https://evil.example",
                "access-control-request-method": "POST",
                "access-control-request-headers": "x-csrf-token",
            },
        )
        assert "access-control-allow-credentials" not in preflight.headers
        set_cookie = browser.post("/sign-in", data={"token": place.secret("ruth")}).headers["set-cookie"]
        assert "SameSite=strict" in set_cookie
        assert "HttpOnly" in set_cookie
    assert place.see(id).json()["state"] == "pending"


def test_no_other_site_signs_a_browser_in_or_hands_in_from_its_address(open_place: House) -> None:
    heads = ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"})
    for head in heads:
        answer = open_place.sign_in(open_place.secret("ada"), **head)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        data = open_place.objection("from-elsewhere")
        problem(open_place.client.post(QUEUE, content=data, headers=TURTLE | head), 403)
        assert open_place.see(identifier(data)).status_code == 404


def test_a_session_is_never_one_that_somebody_else_has_chosen(place: House) -> None:
    with place.fresh(cookies={"argraph-session": "chosen"}) as browser:
        answer = browser.post("/sign-in", data={"token": place.secret("ruth")})
        assert answer.cookies["argraph-session"] != "chosen"
    chosen = place.client.get("/api/session", headers={"cookie": "argraph-session=chosen"}).json()
    assert chosen["actor"]["role"] == "anonymous"


def test_failed_sign_ins_are_throttled(tmp_path: Path) -> None:
    with house(tmp_path) as place:
        met = [place.sign_in(f"argraph_{number}") for number in range(21)]
        assert [answer.status_code for answer in met] == [401] * 20 + [429]
        assert int(met[-1].headers["retry-after"]) > 0
        good = place.sign_in(place.secret("ada"))
        assert good.status_code == 429
        assert place.client.get("/api/session", headers=place.bearing("ada")).status_code == 200


def test_signing_in_leads_to_no_other_site(place: House) -> None:
    for given, there in (("/review", "/review"), ("//evil.example/", "/"), ("https://evil.example", "/")):
        answer = place.sign_in(place.secret("ada"), given)
        assert (answer.status_code, answer.headers["location"]) == (303, there)


# -- answers ------------------------------------------------------------------------------------------------


def test_every_answer_has_the_security_headers_and_is_kept_by_nobody(place: House) -> None:
    id = place.pending("headers")
    answers = [
        place.client.get(QUEUE),
        place.client.get(QUEUE, headers=place.bearing("ruth")),
        place.see(id),
        place.see(id, "content", "ada"),
        place.see(id, "history"),
        place.hand_in(place.objection("headers-2"), None, dry_run=1),
        place.hand_in(b"x", None, dry_run=1),
        place.sign_in(place.secret("ada")),
        place.client.get("/api/session"),
        place.client.delete(QUEUE),
    ]
    for answer in answers:
        for name, value in SECURITY.items():
            assert answer.headers[name] == value, answer.url
        if answer.status_code < 400 or answer.status_code == 422:
            assert answer.headers["cache-control"] == "no-store"
            assert {"Authorization", "Cookie"} <= {v.strip() for v in answer.headers["vary"].split(",")}
            assert answer.headers["x-robots-tag"] == "noindex"


def test_nothing_in_a_file_makes_the_server_open_a_file_or_call_anybody(place: House) -> None:
    with listening() as (address, called):
        data = (
            place.objection("calling").decode()
            + f"\n<{address}> <http://www.w3.org/2002/07/owl#imports> <{address}>, <file:///etc/passwd> .\n"
            + f"@base <{address}> . <x> <http://www.w3.org/2000/01/rdf-schema#seeAlso> <y> .\n"
        )
        answer = place.hand_in(data.encode(), None, dry_run=1)
        assert answer.status_code in {200, 422}
        assert "root:" not in answer.text
        assert called == []
