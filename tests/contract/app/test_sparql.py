"""SPARQL over HTTP: what clients of the protocol may rely on."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

import httpx
import pyoxigraph as ox
import pytest

from argraph.app.protocol import MAX_BODY
from argraph.app.sparql import FIRST_QUERY
from argraph.argument import derived
from argraph.workspace import Workspace

from .conftest import BROWSER, RDF, kind, problem, triples

OSAI = "https://w3id.org/argraph/open-source-ai/"
PILLARS = "SELECT ?p ?label { ?p arg:role arg:Pillar ; skos:prefLabel ?label } ORDER BY ?p"


def test_rows_come_as_json_by_default(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": PILLARS})
    assert kind(answer) == "application/sparql-results+json"
    rows = answer.json()["results"]["bindings"]
    assert [row["p"]["value"].removeprefix(OSAI) for row in rows] == [
        "pil-economics",
        "pil-innovation",
        "pil-safety",
    ]


@pytest.mark.parametrize(
    ("form", "media", "first"),
    [
        ("csv", "text/csv", "p,label\r\n"),
        ("tsv", "text/tab-separated-values", "?p\t?label\n"),
        ("xml", "application/sparql-results+xml", '<?xml version="1.0" encoding="UTF-8"?>\n'),
        ("json", "application/sparql-results+json", '{"head": {"vars": ["p", "label"]}'),
    ],
)
def test_rows_come_in_each_form_by_name_and_by_accept(
    client: httpx.Client, form: str, media: str, first: str
) -> None:
    by_name = client.get("/sparql", params={"query": PILLARS, "format": form})
    by_accept = client.get("/sparql", params={"query": PILLARS}, headers={"accept": media})
    assert kind(by_name) == kind(by_accept) == media
    assert by_name.text == by_accept.text
    assert by_name.text.startswith(first)
    assert "Transparency makes AI safer" in by_name.text
    if form == "xml":
        ElementTree.fromstring(by_name.content)


def test_json_is_also_had_under_its_plain_name(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": PILLARS}, headers={"accept": "application/json"})
    assert answer.json()["head"] == {"vars": ["p", "label"]}


@pytest.mark.parametrize("form", RDF)
def test_a_graph_comes_in_each_form(client: httpx.Client, form: str) -> None:
    media, parser = RDF[form]
    text = "CONSTRUCT { ?p skos:prefLabel ?l } { ?p arg:role arg:Pillar ; skos:prefLabel ?l }"
    answer = client.get("/sparql", params={"query": text}, headers={"accept": media})
    assert kind(answer) == media
    assert len(triples(answer, parser)) == 3


def test_yes_or_no_is_answered(client: httpx.Client) -> None:
    assert client.get("/sparql", params={"query": "ASK { ?x a arg:Thesis }"}).json()["boolean"] is True


def test_a_query_may_be_posted_as_a_form_or_by_itself(client: httpx.Client) -> None:
    got = client.get("/sparql", params={"query": PILLARS}).json()
    assert client.post("/sparql", data={"query": PILLARS}).json() == got
    direct = {"content-type": "application/sparql-query; charset=utf-8"}
    assert client.post("/sparql", content=PILLARS, headers=direct).json() == got
    assert kind(client.post("/sparql", data={"query": PILLARS, "format": "csv"})) == "text/csv"


def test_a_malformed_query_is_refused_with_its_place(client: httpx.Client) -> None:
    told = problem(client.get("/sparql", params={"query": "SELECT ?x {\n ?x a }"}), 400)
    assert told["line"] == 2
    assert isinstance(told["column"], int)


@pytest.mark.parametrize(
    ("parameters", "status", "detail"),
    [
        ({"query": "  "}, 400, "There is no query: send one as the parameter “query”."),
        ({"query": ["ASK {}", "ASK {}"]}, 400, "There is more than one query: send one at a time."),
        ({"query": "ASK {}", "default-graph-uri": "x"}, 400, "“x” is not the full IRI of a graph"),
        ({"query": "ASK {}", "timeout": "soon"}, 400, "a number of seconds, such as 2.5, and not “soon”"),
        ({"query": "ASK {}", "timeout": "-1"}, 400, "a number of seconds"),
        ({"query": "ASK {}", "timeout": "nan"}, 400, "a number of seconds"),
        ({"query": "ASK {}", "format": "word"}, 400, "There is no format “word” here"),
        ({"query": "ASK {}", "format": "turtle"}, 400, "yes or no, and no form of that"),
        ({"query": "CONSTRUCT WHERE {?s ?p ?o} LIMIT 1", "format": "csv"}, 400, "a graph of triples, and no"),
        ({"update": "DROP ALL"}, 403, "argraph check"),
        ({"query": "DROP ALL"}, 400, "Changes enter as contributions"),
        ({"query": "SELECT * { SERVICE <http://example.org/> {} }"}, 400, "SERVICE is not permitted"),
    ],
)
def test_what_is_not_one_read_query_is_refused(
    client: httpx.Client, parameters: dict[str, str | list[str]], status: int, detail: str
) -> None:
    assert detail in str(problem(client.get("/sparql", params=parameters), status)["detail"])
    assert detail in str(problem(client.post("/sparql", data=parameters), status)["detail"])


@pytest.mark.parametrize(
    ("headers", "body", "status", "detail"),
    [
        ({"content-type": "application/sparql-update"}, b"DROP ALL", 403, "Nothing is changed here"),
        ({"content-type": "text/plain"}, b"ASK {}", 415, "send application/sparql-query"),
        ({}, b"ASK {}", 415, "none given"),
        ({"content-type": "application/sparql-query", "content-encoding": "gzip"}, b"x", 415, "uncompressed"),
        ({"content-type": "application/sparql-query"}, b"\xff", 400, "not valid UTF-8"),
        (
            {"content-type": "application/sparql-query"},
            b"#" * (MAX_BODY + 1),
            413,
            "longer than 262,144 bytes",
        ),
    ],
)
def test_a_body_that_is_not_one_query_is_refused(
    client: httpx.Client, headers: dict[str, str], body: bytes, status: int, detail: str
) -> None:
    assert detail in str(problem(client.post("/sparql", content=body, headers=headers), status)["detail"])


def test_a_body_is_counted_while_it_comes_in(client: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(1000):
            yield b"# more\n" * 1000

    headers = {"content-type": "application/sparql-query"}
    try:
        answer = client.post("/sparql", content=endless(), headers=headers)
    except httpx.WriteError:
        return  # the server had answered and hung up before all was sent
    problem(answer, 413)


def test_a_browser_gets_a_form_a_table_with_links_and_errors_in_place(client: httpx.Client) -> None:
    form = client.get("/sparql", headers=BROWSER)
    assert (form.status_code, kind(form)) == (200, "text/html")
    assert '<textarea id="query"' in form.text
    table = client.get("/sparql", params={"query": PILLARS}, headers=BROWSER)
    assert '<a href="/id/pil-safety">osai:pil-safety</a>' in table.text
    assert "3 rows" in table.text
    fault = client.get("/sparql", params={"query": "SELECT </script><b>"}, headers=BROWSER)
    assert fault.status_code == 400
    assert "This could not be answered" in fault.text
    assert "&lt;/script&gt;&lt;b&gt;" in fault.text


def test_the_first_query_of_the_form_has_an_answer(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": FIRST_QUERY})
    assert len(answer.json()["results"]["bindings"]) == 40


def test_a_table_on_a_page_is_cut_and_says_so(client: httpx.Client) -> None:
    page = client.get("/sparql", params={"query": "SELECT * { ?s ?p ?o } LIMIT 600"}, headers=BROWSER)
    assert "600 rows" in page.text
    assert "The first 500 are shown" in page.text
    assert page.text.count("<tr>") == 501


def test_pages_of_other_origins_may_read(client: httpx.Client) -> None:
    asked = {"origin": "https://elsewhere.example", "access-control-request-method": "POST"}
    asked |= {"access-control-request-headers": "content-type"}
    preflight = client.options("/sparql", headers=asked)
    assert preflight.status_code == 200
    answer = client.get(
        "/sparql", params={"query": "ASK {}"}, headers={"origin": "https://elsewhere.example"}
    )
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


# --- protocol ------------------------------------------------------------------------------------


def test_a_post_without_a_query_is_refused(client: httpx.Client) -> None:
    assert "There is no query" in str(problem(client.post("/sparql", data={"x": ""}), 400)["detail"])


@pytest.mark.parametrize("text", [b"query=%FF", b"query=ASK%20%7B%7D&x=\xc3\xa4"])
def test_parameters_that_are_no_percent_encoded_text_are_refused(client: httpx.Client, text: bytes) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert "percent-encoded UTF-8" in str(
        problem(client.post("/sparql", content=text, headers=form), 400)["detail"]
    )


def test_a_body_in_another_encoding_is_refused(client: httpx.Client) -> None:
    headers = {"content-type": "application/sparql-query; charset=UTF-16"}
    answer = client.post("/sparql", content="ASK {}".encode("utf-16"), headers=headers)
    assert "encoded as “utf-16”" in str(problem(answer, 415)["detail"])


def test_a_dataset_may_be_given_beside_the_query(client: httpx.Client, shipped: Workspace) -> None:
    graphs = sorted(shipped.store.graphs.values())
    text = "SELECT (COUNT(*) AS ?n) FROM <urn:not:there> { ?s ?p ?o }"

    def count(**given: str | list[str]) -> int:
        answer = client.post("/sparql", data={"query": text, "format": "csv", **given})
        return int(answer.text.splitlines()[-1])

    first, second = (count(**{"default-graph-uri": graph}) for graph in graphs[:2])
    assert first > 0
    assert count(**{"default-graph-uri": graphs[:2]}) == first + second
    assert count(**{"named-graph-uri": graphs[0]}) == 0
    inside = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    answer = client.get("/sparql", params={"query": inside, "named-graph-uri": graphs[0], "format": "csv"})
    assert answer.text.split() == ["g", graphs[0]]


def test_the_time_allowed_can_be_lowered(client: httpx.Client) -> None:
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    told = problem(client.get("/sparql", params={"query": slow, "timeout": "0.3"}), 504)
    assert told["limit"] == "seconds"
    assert told["allowed"] == 0.3
    page = client.get("/sparql", params={"query": slow, "timeout": "0.3"}, headers=BROWSER)
    assert page.status_code == 504
    assert "longer than the 0.3 s allowed" in page.text


def test_an_answer_that_is_too_large_is_refused_as_such(client: httpx.Client) -> None:
    text = "SELECT * { ?a a ?b . ?c a ?d }"
    told = problem(client.get("/sparql", params={"query": text}), 422)
    assert (told["limit"], told["allowed"]) == ("rows", 100_000)


def test_what_a_client_has_already_is_not_sent_again(client: httpx.Client) -> None:
    first = client.get("/sparql", params={"query": PILLARS})
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "no-cache"
    assert "Accept" in first.headers["vary"]
    again = client.get("/sparql", params={"query": PILLARS}, headers={"if-none-match": f'"x", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    for other in (
        {"params": {"query": PILLARS, "format": "csv"}},
        {"params": {"query": PILLARS + " "}},
        {"params": {"query": PILLARS, "default-graph-uri": "urn:x"}},
        {"params": {"query": PILLARS}, "headers": {"accept": "text/csv"}},
    ):
        assert client.get("/sparql", **other).headers["etag"] != tag  # type: ignore[arg-type]
    post = client.post("/sparql", data={"query": PILLARS}, headers={"if-none-match": tag})
    assert post.status_code == 200, "a POST is not conditional"


@pytest.mark.parametrize("function", ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()"])
def test_an_answer_that_changes_by_itself_has_no_tag(client: httpx.Client, function: str) -> None:
    answer = client.get("/sparql", params={"query": f"SELECT ({function} AS ?x) {{}}"})
    assert answer.status_code == 200
    assert "etag" not in answer.headers


@pytest.mark.parametrize("path", ["/sparql", "/graph", "/queries", "/queries/pillars"])
def test_a_place_says_what_may_be_done_there(client: httpx.Client, path: str) -> None:
    answer = client.options(path)
    assert answer.status_code == 204
    assert answer.headers["allow"].startswith("GET, HEAD, ")


# --- description ---------------------------------------------------------------------------------

SD = "http://www.w3.org/ns/sparql-service-description#"


@pytest.mark.parametrize("form", RDF)
def test_the_service_describes_itself_in_every_form(client: httpx.Client, form: str) -> None:
    media, parser = RDF[form]
    answer = client.get("/sparql", headers={"accept": media})
    assert kind(answer) == media
    store = ox.Store()
    store.extend(ox.Quad(*triple) for triple in triples(answer, parser))
    here = f"{client.base_url}".rstrip("/") + "/sparql"
    assert store.query(f"ASK {{ <{here}> a <{SD}Service> ; <{SD}endpoint> <{here}> }}")
    found = store.query(
        f"SELECT ?n {{ ?s <{SD}defaultDataset> ?d . ?d <http://rdfs.org/ns/void#triples> ?n }}"
    )
    (row,) = found  # type: ignore[misc]
    counted = client.get("/sparql", params={"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "format": "csv"})
    assert row[0].value == counted.text.split()[-1]


def test_the_description_names_each_graph_with_its_size(client: httpx.Client) -> None:
    store = ox.Store()
    store.load(client.get("/sparql").content, format=ox.RdfFormat.TURTLE)
    told = store.query(
        f"SELECT ?g ?n {{ ?d <{SD}namedGraph> ?b . ?b <{SD}name> ?g ; "
        f"<{SD}graph>/<http://rdfs.org/ns/void#triples> ?n }}"
    )
    sizes = {row[0].value: row[1].value for row in told}  # type: ignore[union-attr]
    query = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    rows = client.get("/sparql", params={"query": query}).json()["results"]["bindings"]
    assert sizes == {row["g"]["value"]: row["n"]["value"] for row in rows}
    assert derived.GRAPH.value in sizes


# --- graph store ---------------------------------------------------------------------------------


def test_one_graph_is_had_by_its_name_and_under_its_own_address(
    client: httpx.Client, shipped: Workspace
) -> None:
    graph = next(iri for path, iri in shipped.store.graphs.items() if path.endswith("safety.ttl"))
    expected = {q.triple for q in shipped.store.raw.quads_for_pattern(None, None, None, ox.NamedNode(graph))}
    by_name = client.get("/graph", params={"graph": graph}, headers={"accept": "application/n-triples"})
    direct = client.get(f"/graph/{shipped.key(graph)}", headers={"accept": "application/n-triples"})
    for answer in (by_name, direct):
        assert triples(answer, ox.RdfFormat.N_TRIPLES) == expected
    head = client.head("/graph", params={"graph": graph}, headers={"accept": "application/n-triples"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == by_name.headers["content-length"]


def test_the_default_graph_holds_all_that_can_be_asked(client: httpx.Client, shipped: Workspace) -> None:
    found = client.get("/graph?default", headers={"accept": "application/n-triples"})
    default = shipped.complete().quads_for_pattern(None, None, None, ox.DefaultGraph())
    assert len(triples(found, ox.RdfFormat.N_TRIPLES)) == len(list(default))


@pytest.mark.parametrize(
    ("address", "status", "detail"),
    [
        ("/graph?graph=urn:x", 404, "no such graph"),
        ("/graph?graph=here", 400, "“here” is not the full IRI of a graph"),
        ("/graph?graph=", 400, "“” is not the full IRI of a graph"),
        ("/graph?graph=urn:x&default", 400, "Name one graph"),
        ("/graph/nothing", 404, "There is no graph “nothing”"),
    ],
)
def test_a_graph_that_is_not_there_is_refused(
    client: httpx.Client, address: str, status: int, detail: str
) -> None:
    assert detail in str(problem(client.get(address), status)["detail"])


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_graphs_are_not_written_by_http(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/graph?default", content=b"", headers={"content-type": "text/turtle"})
    assert "argraph check" in str(problem(answer, 403)["detail"])
