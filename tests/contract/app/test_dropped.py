"""A query dropped into a folder is served at once when it is sound, and harms nothing when it is not."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from argraph import vocab
from argraph.app.cli import main
from argraph.app.endpoint import Limits
from argraph.budget import Budget
from argraph.query import catalogue
from argraph.workspace import Workspace

from ...servers import served
from .conftest import BROWSER, kind, problem
from .serving import PATIENCE

SHIPPED = catalogue.load(Path(__file__).resolve().parents[3] / "queries")
CLAIMS = """\
#+ title: Which claims are there?
#+ summary: A row is a claim.
#+ param claim: iri, optional
#+ column claim: iri
#+ column label: string
SELECT ?claim ?label { ?claim a arg:Claim ; skos:prefLabel ?label } ORDER BY ?claim
"""
SLOW = """\
#+ title: How long does it take?
#+ summary: A row is a number.
#+ param n: integer, required
#+ column n: integer
SELECT ?n { { SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } } }
"""
LARGE = """\
#+ title: How much is there?
#+ summary: A row is a pair of things.
#+ column a: iri
#+ column d: iri
SELECT ?a ?d { ?a a ?b . ?d a ?e FILTER(ISIRI(?a) && ISIRI(?d)) }
"""
MISTYPED = CLAIMS.replace("column label: string", "column label: integer")
EXAMPLES = f"""PREFIX sh: <{vocab.SHACL}> PREFIX dcterms: <{vocab.DCTERMS}>
SELECT ?name {{ ?query a sh:SPARQLExecutable ; dcterms:identifier ?name }}"""
LIMITS = Limits(budget=Budget(seconds=5, rows=2000))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def client(folder: Path) -> Iterator[httpx.Client]:
    with served(Workspace.open(queries=folder), limits=LIMITS) as client:
        yield client


def ask(client: httpx.Client, path: str, **parameters: str) -> httpx.Response:
    """An answer; workers may be starting anew on what has come, which takes time on a busy machine."""
    end = time.monotonic() + PATIENCE
    while True:
        answer = client.get(path, params=parameters or None)
        if answer.status_code != 503 or time.monotonic() > end:
            return answer
        time.sleep(0.2)


def names(client: httpx.Client) -> set[str]:
    """What is offered beyond the shipped queries, in the list and in the dataset alike."""
    listed = {entry["name"] for entry in client.get("/queries").json()["queries"]}
    found = ask(client, "/sparql", query=EXAMPLES, format="csv").text.split()[1:]
    assert set(found) == listed
    assert set(SHIPPED) <= listed
    return listed - set(SHIPPED)


def test_a_query_comes_changes_and_goes_with_its_file(client: httpx.Client, folder: Path) -> None:
    before = ask(client, "/queries/theses")
    assert names(client) == set()
    assert problem(client.get("/queries/claims"), 404)
    (folder / "claims.rq").write_text(CLAIMS, encoding="utf-8")
    rows = ask(client, "/queries/claims").json()["results"]["bindings"]
    assert len(rows) > 20
    assert names(client) == {"claims"}
    node = rows[3]["claim"]["value"]
    one = ask(client, "/queries/claims", claim=node).json()["results"]["bindings"]
    assert one == [rows[3]]
    assert "Which claims are there?" in client.get("/queries", headers=BROWSER).text
    assert ask(client, "/queries/claims", format="html").status_code == 200

    (folder / "claims.rq").write_text(CLAIMS.replace("ORDER BY ?claim", "LIMIT 1"), encoding="utf-8")
    assert len(ask(client, "/queries/claims").json()["results"]["bindings"]) == 1
    (folder / "claims.rq").rename(folder / "others.rq")
    assert names(client) == {"others"}
    (folder / "others.rq").unlink()
    assert names(client) == set()
    assert problem(client.get("/queries/others"), 404)
    after = ask(client, "/queries/theses")
    assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])


def test_a_query_that_was_there_before_the_server_is_published_with_it(folder: Path) -> None:
    (folder / "audit").mkdir()
    (folder / "audit" / "claims.rq").write_text(CLAIMS, encoding="utf-8")
    with served(Workspace.open(queries=folder), limits=LIMITS) as client:
        found = ask(client, "/sparql", query=EXAMPLES, format="csv").text.split()[1:]
        assert set(found) == {*SHIPPED, "claims"}
        (entry,) = (e for e in client.get("/queries").json()["queries"] if e["name"] == "claims")
        assert entry["kind"] == "audit"


@pytest.mark.parametrize(
    ("name", "text", "line", "message"),
    [
        ("broken", CLAIMS.replace("skos:", "skoz:"), 6, "The prefix “skoz:” is not declared"),
        ("mistyped", MISTYPED, 5, "The column label is declared as integer, and row 1 of the answer has"),
        (
            "slow",
            SLOW,
            1,
            "longer than the 5 s allowed, so there is no complete answer. Allow more time, or ask about a "
            "smaller part. It was run without a value for n: give it one to be run with, as “param n: "
            "integer, required, example VALUE”.",
        ),
        ("large", LARGE, 1, "The answer has more than the 2,000 rows allowed"),
        ("pillars", CLAIMS, 1, "argraph has a saved query named pillars already"),
        ("lost", CLAIMS.replace("optional", "default cl-nowhere"), 3, "There is no node “cl-nowhere”"),
    ],
)
def test_a_query_that_fails_is_named_with_its_fault_and_the_others_stay(
    client: httpx.Client,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    name: str,
    text: str,
    line: int,
    message: str,
) -> None:
    (folder / "claims.rq").write_text(CLAIMS, encoding="utf-8")
    (folder / f"{name}.rq").write_text(text, encoding="utf-8")
    while (told := client.get("/queries").json())["trying"]:
        assert set(told["trying"]) <= {name, "claims"}
        time.sleep(0.1)
    assert names(client) == {"claims"}
    (fault,) = told["faults"]
    assert (fault["file"], fault["line"]) == (f"{name}.rq", line)
    assert message in fault["message"]
    page = client.get("/queries", headers=BROWSER).text
    assert f"<code>{name}.rq:{line}</code>" in page
    if name not in SHIPPED:
        detail = str(problem(client.get(f"/queries/{name}"), 404)["detail"])
        assert message in detail
        assert detail.startswith(f"The file {name}.rq:{line} is not taken as a saved query: ")
    logged = [record.getMessage() for record in caplog.records if record.name == "argraph.queries"]
    assert [text for text in logged if message in text] == [
        f"{folder}/{name}.rq:{line}: not taken as a saved query: {fault['message']}"
    ]
    assert f"/queries/{name}" not in client.get("/openapi.json").json()["paths"] or name in SHIPPED

    (folder / f"{name}.rq").unlink()
    assert client.get("/queries").json()["faults"] == []


def test_markup_in_a_file_is_shown_and_not_obeyed(client: httpx.Client, folder: Path) -> None:
    (folder / "<script>alert(1)<script>.rq").write_text(CLAIMS)
    (folder / "markup.rq").write_text(CLAIMS.replace("Which", "<script>alert(2)</script>"))
    (folder / "worse.rq").write_text(CLAIMS.replace("title:", "<script>alert(3)</script>:"))
    for path in ("/queries", "/queries/markup"):
        page = ask(client, path, format="html")
        assert page.status_code == 200
        assert "&lt;script&gt;alert(2)" in page.text
        assert "<script" not in page.text
    assert "&lt;script&gt;alert(1)" in client.get("/queries", headers=BROWSER).text
    assert "&lt;script&gt;alert(3)" in client.get("/queries", headers=BROWSER).text
    assert ask(client, "/openapi.json").status_code == 200


def test_nobody_waits_long_for_a_query_that_is_being_tried(folder: Path) -> None:
    with served(Workspace.open(queries=folder), limits=Limits(budget=Budget(seconds=60))) as client:
        assert client.get("/healthz").status_code == 200
        (folder / "slow.rq").write_text(SLOW, encoding="utf-8")
        assert client.get("/queries").json()["trying"] == ["slow"], "nobody has waited for its end"
        busy = client.get("/queries/slow")
        assert "being tried: ask again in a moment" in str(problem(busy, 503)["detail"])
        assert busy.headers["retry-after"] == "5"
        assert "being tried: slow" in client.get("/queries", headers=BROWSER).text
        assert client.get("/queries/theses").status_code == 200
        (folder / "slow.rq").unlink()
        assert client.get("/queries").json()["trying"] == []


def test_a_folder_that_is_not_there_is_told_at_the_start(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["serve", "--queries", str(tmp_path / "none"), "--port", "0"])
    assert told.exit_code == 3
    assert "There is no folder" in told.stderr


# --- the command line ----------------------------------------------------------------------------


def test_the_command_line_asks_and_lists_them_too(folder: Path) -> None:
    (folder / "claims.rq").write_text(CLAIMS, encoding="utf-8")
    asked = CliRunner().invoke(
        main, ["query", "claims", "claim=cl-many-eyes", "--queries", str(folder), "--format", "csv"]
    )
    assert asked.exit_code == 0
    assert len(asked.stdout.split("\n")) == 3
    told = CliRunner().invoke(main, ["queries", "--queries", str(folder)])
    assert told.exit_code == 0
    assert "  claims [claim=IRI]\n      Which claims are there?" in told.stdout


def test_the_command_line_tells_every_fault_and_ends_with_1(folder: Path) -> None:
    (folder / "claims.rq").write_text(CLAIMS, encoding="utf-8")
    (folder / "mistyped.rq").write_text(MISTYPED, encoding="utf-8")
    (folder / "broken.rq").write_text(CLAIMS.replace("skos:", "skoz:"), encoding="utf-8")
    told = CliRunner().invoke(main, ["queries", "--queries", str(folder), "--format", "json"])
    assert told.exit_code == 1
    listed = {entry["name"] for entry in json.loads(told.stdout)}
    assert listed == {*SHIPPED, "claims"}
    assert (
        f"{folder}/mistyped.rq:5:1: violation saved-query The column label is declared as integer"
        in told.stderr
    )
    assert "broken.rq:6:45: violation saved-query The prefix “skoz:” is not declared" in told.stderr
    assert "SELECT ?claim ?label { ?claim a arg:Claim ; skoz:prefLabel" in told.stderr
    asked = CliRunner().invoke(main, ["query", "broken", "--queries", str(folder)])
    assert asked.exit_code == 3
    assert "broken.rq:6 is not taken as a saved query: The prefix “skoz:”" in asked.stderr


def test_the_kinds_of_answer_are_those_of_every_question(client: httpx.Client, folder: Path) -> None:
    (folder / "claims.rq").write_text(CLAIMS, encoding="utf-8")
    for form, media in (
        ("csv", "text/csv"),
        ("xml", "application/sparql-results+xml"),
        ("html", "text/html"),
    ):
        assert kind(ask(client, "/queries/claims", format=form)) == media
    found = client.get("/queries?format=turtle")
    store = ox.Store()
    store.load(found.content, format=ox.RdfFormat.TURTLE)
    assert store.query(f"ASK {{ <{vocab.QUERIES_GRAPH}/claims> <{vocab.SHACL}select> ?text }}")
