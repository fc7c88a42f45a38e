"""The saved questions over HTTP: their list, their answers, and the same by the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from argraph import vocab
from argraph.app.cli import main
from argraph.query import catalogue, engine, formats
from argraph.rdf.snapshots import in_memory
from argraph.workspace import Workspace

from ...servers import served
from .conftest import BROWSER, RDF, kind, problem, triples

OSAI = "https://w3id.org/argraph/open-source-ai/"
SHIPPED = catalogue.load(Path(__file__).resolve().parents[3] / "queries")
TYPED = """\
#+ title: What do the parameters say?
#+ summary: A row is what was given, as the engine sees it.
#+ param node: iri, required, example pil-safety
#+ param number: integer, default 3
#+ param share: decimal, optional
#+ param sure: boolean, default true
#+ param word: string, default a "b" \\ c
#+ column node: iri
#+ column number: integer
#+ column share: decimal
#+ column sure: boolean
#+ column word: string
SELECT ?node ?number ?share ?sure ?word { OPTIONAL { ?node a arg:Nothing } }
"""


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("queries")
    (folder / "typed.rq").write_text(TYPED, encoding="utf-8")
    with served(Workspace.open(queries=folder)) as client:
        yield client


# --- the list ------------------------------------------------------------------------------------


def test_the_saved_questions_are_listed_with_all_that_can_be_told_of_them(client: httpx.Client) -> None:
    answer = client.get("/queries")
    assert kind(answer) == "application/json"
    told = answer.json()
    assert (told["faults"], told["trying"]) == ([], [])
    assert [entry["name"] for entry in told["queries"]] == list(SHIPPED)
    (pillars,) = (entry for entry in told["queries"] if entry["name"] == "pillars")
    assert pillars["title"] == "What does a thesis rest on?"
    assert pillars["parameters"][0] == {
        "name": "thesis",
        "type": "iri",
        "required": False,
        "default": None,
        "example": None,
    }
    assert pillars["columns"][0] == {"name": "thesis", "type": "iri"}
    assert pillars["href"] == "/queries/pillars"
    assert (
        client.get("/sparql", params={"query": pillars["query"]}).json()
        == client.get("/queries/pillars").json()
    )


def test_the_list_is_a_page_for_people(client: httpx.Client) -> None:
    page = client.get("/queries", headers=BROWSER)
    assert kind(page) == "text/html"
    for name, stored in SHIPPED.items():
        assert f'<a href="/queries/{name}">{stored.title}</a>' in page.text
    assert "Not taken" not in page.text


@pytest.mark.parametrize("form", RDF)
def test_the_list_is_rdf_for_who_asks_for_that(client: httpx.Client, form: str) -> None:
    media, parser = RDF[form]
    by_accept = client.get("/queries", headers={"accept": media})
    assert kind(by_accept) == media
    assert triples(client.get(f"/queries?format={form}"), parser) == triples(by_accept, parser)
    store = ox.Store()
    store.extend(ox.Quad(*triple) for triple in triples(by_accept, parser))
    here = str(client.base_url).rstrip("/")
    found = store.query(
        f"""PREFIX sh: <{vocab.SHACL}> PREFIX schema: <{vocab.SCHEMA}> PREFIX rdfs: <{vocab.RDFS}>
        SELECT ?query ?page {{
          ?query a sh:SPARQLExecutable ; schema:target <{here}/sparql> ; rdfs:seeAlso ?page ;
            sh:select ?text ; rdfs:label ?label ; rdfs:comment ?comment
        }}"""
    )
    assert isinstance(found, ox.QuerySolutions)
    assert {tuple(term.value for term in row if term) for row in found} == {
        (f"{vocab.QUERIES_GRAPH}/{name}", f"{here}/queries/{name}") for name in SHIPPED
    }


def test_the_list_is_not_sent_again_to_who_has_it(client: httpx.Client) -> None:
    first = client.get("/queries")
    tag = {"if-none-match": first.headers["etag"]}
    again = client.get("/queries", headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/queries?format=turtle", headers=tag).status_code == 200
    head = client.head("/queries")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == first.headers["content-length"]


def test_a_form_that_the_list_has_not_is_refused(client: httpx.Client) -> None:
    assert "text/turtle" in str(problem(client.get("/queries", headers={"accept": "image/png"}), 406))
    assert "There is no format “csv” here" in str(problem(client.get("/queries?format=csv"), 400)["detail"])


@pytest.mark.parametrize("path", ["/queries", "/queries/pillars"])
def test_a_saved_question_is_only_read(client: httpx.Client, path: str) -> None:
    assert client.options(path).headers["allow"] == "GET, HEAD, OPTIONS"
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = client.request(method, path, data={"thesis": "x"} if method == "POST" else None)
        assert "put its parameters into the address" in str(problem(answer, 405)["detail"])
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


# --- answers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_a_question_is_answered_on_a_page_and_as_data(client: httpx.Client, name: str) -> None:
    page = client.get(f"/queries/{name}", headers=BROWSER)
    assert (page.status_code, kind(page)) == (200, "text/html")
    answer = client.get(f"/queries/{name}")
    assert kind(answer) == "application/sparql-results+json"
    assert answer.json()["head"]["vars"] == [column.name for column in SHIPPED[name].columns]
    rows = len(answer.json()["results"]["bindings"])
    assert f"<h2>{rows:,} row" in page.text


@pytest.mark.parametrize("name", SHIPPED)
def test_the_command_line_gives_the_same(
    client: httpx.Client, shipped: Workspace, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    # Opened once and not for each command: opening is all that is left out.
    monkeypatch.setattr(Workspace, "open", lambda *_, **__: shipped)
    described = client.get("/openapi.json").json()["paths"][f"/queries/{name}"]["get"]["parameters"]
    arguments = {p["name"]: p["example"] for p in described if "example" in p}
    assert arguments.keys() == {parameter.name for parameter in SHIPPED[name].parameters}
    for given in {}, arguments:
        for form in ("json", "csv", "tsv", "xml"):
            command = ["query", name, *(f"{k}={v}" for k, v in given.items()), "--format", form]
            told = CliRunner().invoke(main, command, catch_exceptions=False)
            assert told.exit_code == 0, told.output
            answer = client.get(f"/queries/{name}", params={**given, "format": form})
            assert answer.content.rstrip(b"\r\n") == told.stdout_bytes.rstrip(b"\r\n")
    if arguments and SHIPPED[name].kind == "explore":
        assert len(answer.text.splitlines()) > 1, "an example has an answer"


def test_the_command_line_lists_the_same(client: httpx.Client) -> None:
    told = CliRunner().invoke(main, ["queries", "--format", "json"], catch_exceptions=False)
    listed = client.get("/queries").json()["queries"]
    assert json.loads(told.stdout) == [
        {key: value for key, value in entry.items() if key not in {"href", "query"}} for entry in listed
    ]


def test_the_graphs_that_argraph_adds_change_no_answer(shipped: Workspace) -> None:
    without = in_memory(shipped.argued())
    for name, stored in SHIPPED.items():
        bindings = stored.bind({}, resolve=shipped.term)
        answer = engine.run(without, stored.text, bindings=bindings, prefixes=shipped.prefixes)
        assert shipped.ask(name, {}) == answer, name


def test_a_table_links_to_the_pages_of_nodes(client: httpx.Client) -> None:
    page = client.get("/queries/evidence-for", params={"node": "pil-safety"}, headers=BROWSER).text
    assert '<a href="/id/pil-safety">osai:pil-safety</a>' in page
    assert 'name="node" value="pil-safety"' in page
    assert "name of a node, such as osai:pil-safety; empty for all" in page
    here = str(client.base_url).rstrip("/")
    assert f"{here}/queries/evidence-for?node=pil-safety&amp;format=csv" in page
    assert client.get("/queries/evidence-for?node=pil-safety&format=csv").text.count("\r\n") > 1


@pytest.mark.parametrize("form", formats.ROWS)
def test_an_answer_comes_in_every_form_by_name_and_by_accept(client: httpx.Client, form: str) -> None:
    by_name = client.get(f"/queries/pillars?format={form}")
    by_accept = client.get("/queries/pillars", headers={"accept": formats.ROWS[form]})
    assert kind(by_name) == kind(by_accept) == formats.ROWS[form]
    assert by_name.text == by_accept.text
    assert "supporters" in by_name.text
    assert "accept" in by_name.headers["vary"].lower()


def test_a_table_for_spreadsheets_has_a_name_of_its_own(client: httpx.Client) -> None:
    for form, how in (("csv", "attachment"), ("tsv", "inline")):
        answer = client.get(f"/queries/pillars?format={form}")
        assert answer.headers["content-disposition"] == f'{how}; filename="pillars.{form}"'


def test_an_answer_is_not_sent_again_to_who_has_it(client: httpx.Client) -> None:
    first = client.get("/queries/pillars")
    tag = {"if-none-match": first.headers["etag"]}
    for same in ("/queries/pillars", "/queries/pillars?thesis=", "/queries/pillars?timeout=5"):
        again = client.get(same, headers=tag)
        assert (again.status_code, again.content) == (304, b""), same
    for other in (
        "/queries/pillars?thesis=th-open-must-win",
        "/queries/pillars?format=csv",
        "/queries/theses",
    ):
        assert client.get(other, headers=tag).status_code == 200, other
    head = client.head("/queries/pillars")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])
    assert head.headers["content-length"] == first.headers["content-length"]


# --- parameters ----------------------------------------------------------------------------------


def test_parameters_reach_the_engine_as_terms_of_their_type(typed: httpx.Client) -> None:
    given = {"node": "osai:pil-safety", "number": " -7 ", "share": ".50", "sure": "false"}
    given["word"] = "'} \" \\ # ?x <script> \u202e 😀"
    (row,) = typed.get("/queries/typed", params=given).json()["results"]["bindings"]
    assert row["node"] == {"type": "uri", "value": OSAI + "pil-safety"}
    for name, type_, value in (
        ("number", "integer", "-7"),
        ("share", "decimal", "0.5"),
        ("sure", "boolean", "false"),
    ):
        assert row[name] == {"type": "literal", "value": value, "datatype": vocab.XSD + type_}
    assert row["word"] == {"type": "literal", "value": given["word"]}


def test_defaults_stand_in_for_what_is_missing_or_empty(typed: httpx.Client) -> None:
    for empty in ("", "&number=&share=&sure=+&word="):
        (row,) = typed.get("/queries/typed?node=pil-safety" + empty).json()["results"]["bindings"]
        values = {name: cell["value"] for name, cell in row.items()}
        assert values == {
            "node": OSAI + "pil-safety",
            "number": "3",
            "sure": "true",
            "word": 'a "b" \\ c',
        }


@pytest.mark.parametrize(
    ("address", "detail"),
    [
        ("typed", "The saved query typed needs a value: node=IRI."),
        ("typed?node=", "needs a value: node=IRI"),
        ("typed?node=pil-safety&number=3.5", "number must be a whole number, such as 3; “3.5” is not"),
        ("typed?node=pil-safety&number=%D9%A3", "must be a whole number"),
        ("typed?node=pil-safety&share=1e3", "share must be a number, such as 0.5; “1e3” is not"),
        ("typed?node=pil-safety&sure=yes", "sure must be true or false; “yes” is not"),
        ("typed?node=pil-safty", "There is no node “pil-safty”. Did you mean pil-safety?"),
        ("typed?node=%3E%20%3Fp%20%3Fo%20%7D", "There is no node “> ?p ?o }”."),
        ("typed?node=http://elsewhere.example/", "There is no node “http://elsewhere.example/”."),
        ("typed?node=pil-safety&node=pil-safety", "The parameter node is given more than once"),
        ("typed?node=pil-safety&nod=x", "has no parameter “nod”. It takes node, number, share, sure, word."),
        ("theses?x=1", "It takes none."),
        ("typed?node=pil-safety&timeout=soon", "The timeout is a number of seconds"),
        ("typed?node=pil-safety&timeout=0", "The timeout is a number of seconds"),
        ("typed?node=pil-safety&format=docx", "There is no format “docx” here; there are json, xml"),
        ("typed?node=pil-safety&format=turtle", "There is no format “turtle” here"),
        ("typed?node=%FF", "The parameters are not percent-encoded UTF-8."),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused_with_the_reason(
    typed: httpx.Client, address: str, detail: str
) -> None:
    assert detail in str(problem(typed.get(f"/queries/{address}"), 400)["detail"])


def test_a_page_says_what_is_wrong_and_keeps_what_was_given(typed: httpx.Client) -> None:
    page = typed.get("/queries/typed?node=pil-safty&word=%3Cb%3E&number=3", headers=BROWSER)
    assert page.status_code == 400
    assert "There is no node “pil-safty”" in page.text
    again = "/queries/typed?node=pil-safety&amp;word=%3Cb%3E&amp;number=3"
    assert f'Ask instead for <a href="{again}">Transparency makes AI safer</a>.' in page.text
    assert typed.get(again.replace("&amp;", "&"), headers=BROWSER).status_code == 200
    assert 'value="&lt;b&gt;"' in page.text
    assert "<b>" not in page.text
    blank = typed.get("/queries/typed", headers=BROWSER)
    assert blank.status_code == 200
    assert "could not be answered" not in blank.text
    assert 'name="number" value="3"' in blank.text
    assert "name of a node, such as pil-safety" in blank.text


def test_a_node_that_is_unknown_comes_with_the_nearest(client: httpx.Client) -> None:
    told = problem(client.get("/queries/evidence-for?node=pil-safty"), 400)
    assert told["nearest"] == [
        {"href": "/id/pil-safety", "label": "Transparency makes AI safer", "id": "pil-safety"}
    ]


@pytest.mark.parametrize("name", ["arg:Moderate", vocab.ARG + "Moderate", f"<{vocab.ARG}Moderate>"])
def test_a_term_of_the_vocabulary_that_the_debate_mentions_can_be_given(
    typed: httpx.Client, name: str
) -> None:
    (row,) = typed.get("/queries/typed", params={"node": name}).json()["results"]["bindings"]
    assert row["node"]["value"] == vocab.ARG + "Moderate"


@pytest.mark.parametrize("headers", [{}, BROWSER])
def test_the_time_allowed_can_be_lowered(client: httpx.Client, headers: dict[str, str]) -> None:
    # Not what was asked before, which is answered at once.
    word = f"w{len(headers)}"
    answer = client.get(f"/queries/mentions?word={word}&timeout=0.000001", headers=headers)
    assert answer.status_code == 504
    assert "allowed" in answer.text


def test_an_unknown_question_is_refused_with_the_nearest_ones(client: httpx.Client) -> None:
    told = problem(client.get("/queries/pilars"), 404)
    assert told["nearest"] == [{"href": "/queries/pillars", "label": "What does a thesis rest on?"}]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_hostile_debate_harms_no_answer(hostile_client: httpx.Client, name: str) -> None:
    page = hostile_client.get(f"/queries/{name}", headers=BROWSER)
    assert page.status_code == 200
    assert "<script" not in page.text
    assert 'href="javascript:' not in page.text
    found = ox.parse_query_results(
        hostile_client.get(f"/queries/{name}").content, format=ox.QueryResultsFormat.JSON
    )
    assert isinstance(found, ox.QuerySolutions)
    assert len(list(found)) == int(page.text.partition("<h2>")[2].partition(" row")[0].replace(",", ""))
