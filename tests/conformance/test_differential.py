"""The same questions to argraph and to `oxigraph serve`, both over HTTP, have the same answers.

Both are the same engine: what is compared is all that argraph puts around it. Blank nodes bind the default
graph and the named ones together within one server, so Oxigraph's, loaded graph by graph, are other nodes in
each; questions that would tell them apart are left out.
"""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from argraph import resources, vocab
from argraph.query import catalogue
from argraph.query.catalogue import StoredQuery
from argraph.query.engine import Result, Solutions

from .answers import difference, read
from .conftest import Pair

QUESTIONS = dict(
    re.findall(
        r"^## (\S+)\n(.*?)(?=^## |\Z)",
        Path(__file__).with_name("questions.rq").read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )
)
SAVED = list(catalogue.load(resources.queries()).values())
VALUES = {
    "node": ("pil-safety", "cl-many-eyes", "th-open-must-win", "ob-malicious-use"),
    "thesis": ("th-open-must-win",),
    "word": ("open", "weights", "WEIGHTS"),
}


def told(answer: httpx.Response) -> Result:
    answer.raise_for_status()
    return read(answer.content, answer.headers["content-type"].partition(";")[0])


def both(pair: Pair, text: str, accept: str | None = None) -> tuple[Result, Result]:
    """argraph's answer and Oxigraph's."""
    headers = {"accept": accept or "application/sparql-results+json, application/n-triples;q=0.9"}
    ours = pair.argraph.get("/sparql", params={"query": text}, headers=headers)
    theirs = pair.oxigraph.post("/query", data={"query": pair.prologue + text}, headers=headers)
    return told(ours), told(theirs)


def size(result: Result) -> int:
    if isinstance(result, bool):
        return 1
    return len(result.rows) if isinstance(result, Solutions) else len(result)


def test_there_are_questions_of_every_kind() -> None:
    assert len(QUESTIONS) >= 60
    text = " ".join(QUESTIONS.values())
    for word in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "MINUS", "VALUES", "FROM NAMED", "OFFSET"):
        assert word in text


def test_both_servers_hold_the_same(pair: Pair) -> None:
    ours, theirs = both(pair, "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    assert not difference(ours, theirs)
    assert size(ours) == len(pair.workspace.store.graphs) + len(vocab.ADDED_GRAPHS)
    ours, theirs = both(pair, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert not difference(ours, theirs)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_has_the_same_answer(pair: Pair, name: str) -> None:
    text = QUESTIONS[name]
    ours, theirs = both(pair, text)
    assert not difference(ours, theirs, ordered=re.search(r"\bORDER BY\b[^}]*$", text) is not None)
    nothing = ("nothing", "not-there", "zero", "no-triple", "without-shared")
    assert (size(ours) > 0) or any(word in name for word in nothing), "the question asks for nothing"


@pytest.mark.parametrize("media", ["application/sparql-results+xml", "text/tab-separated-values", "text/csv"])
@pytest.mark.parametrize("name", ["select-literal-with-language", "optional", "sum-avg-min-max", "ask-yes"])
def test_rows_are_the_same_in_every_format(pair: Pair, name: str, media: str) -> None:
    if media == "text/csv":
        headers = {"accept": media}
        ours = pair.argraph.get("/sparql", params={"query": QUESTIONS[name]}, headers=headers)
        text = pair.prologue + QUESTIONS[name]
        theirs = pair.oxigraph.post("/query", data={"query": text}, headers=headers)
        assert sorted(ours.text.split("\r\n")) == sorted(theirs.text.split("\r\n"))
    else:
        assert not difference(*both(pair, QUESTIONS[name], media))


@pytest.mark.parametrize("media", ["text/turtle", "application/rdf+xml", "application/ld+json"])
@pytest.mark.parametrize("name", ["construct-where", "construct-with-blank-nodes", "describe-a-node"])
def test_graphs_are_the_same_in_every_format(pair: Pair, name: str, media: str) -> None:
    assert not difference(*both(pair, QUESTIONS[name], media))


@pytest.mark.parametrize(("skipped", "most"), [(0, 50), (10, 30), (300, 1_000_000)])
@pytest.mark.parametrize("order", ["", "ORDER BY ?status"])
def test_of_rows_in_no_certain_order_a_limit_takes_as_many(
    pair: Pair, order: str, skipped: int, most: int
) -> None:
    text = "SELECT ?s ?status { ?s arg:status ?status }"
    everything = both(pair, text)[0]
    assert isinstance(everything, Solutions)
    for answer in both(pair, f"{text} {order} LIMIT {most} OFFSET {skipped}"):
        assert isinstance(answer, Solutions)
        assert len(answer.rows) == min(most, len(everything.rows) - skipped)
        assert set(answer.rows) <= set(everything.rows)


def arguments(stored: StoredQuery) -> list[tuple[str, str]]:
    """One value for each run; an empty name stands for a run without any."""
    given = [(p.name, value) for p in stored.parameters for value in VALUES.get(p.name, ())]
    return [("", ""), *given]


@pytest.mark.parametrize(
    ("stored", "name", "value"),
    [
        pytest.param(stored, *given, id="-".join([stored.name, *filter(None, given)]))
        for stored in SAVED
        for given in arguments(stored)
    ],
)
def test_a_saved_question_has_the_same_answer(pair: Pair, stored: StoredQuery, name: str, value: str) -> None:
    """argraph is given a value as a parameter, Oxigraph in a VALUES clause: after the query, or before all
    patterns where the query needs a word to work with.
    """
    given = {name: value} if name else {}
    ours = pair.argraph.get(f"/queries/{stored.name}", params=given | {"format": "json"})
    bound = stored.bind(given, resolve=pair.workspace.resolve)
    clause = "".join(f"VALUES ?{name} {{ {term} }}" for name, term in bound.items())
    text = f"{stored.text}\n{clause}"
    if "word" in bound:
        assert stored.text.count("WHERE {\n") == 1
        text = stored.text.replace("WHERE {\n", f"WHERE {{ {clause}\n")
    headers = {"accept": "application/sparql-results+json"}
    theirs = pair.oxigraph.post("/query", data={"query": text}, headers=headers)
    assert not difference(told(ours), told(theirs), ordered=True)


def test_graphs_named_by_the_request_go_before_those_of_the_query(pair: Pair) -> None:
    claims = "{ ?s a arg:Claim } UNION { GRAPH ?g { ?s a arg:Claim } }"
    text = f"SELECT ?s ?g FROM <https://example.org/none> {{ {claims} }}"
    graphs = {
        "default-graph-uri": [
            f"https://w3id.org/argraph/open-source-ai/contribution-{n}" for n in ("debate", "safety")
        ],
        "named-graph-uri": "https://w3id.org/argraph/open-source-ai/contribution-misuse",
    }
    headers = {"accept": "application/sparql-results+json"}
    ours = told(pair.argraph.get("/sparql", params={"query": text, **graphs}, headers=headers))
    theirs = told(
        pair.oxigraph.get("/query", params={"query": pair.prologue + text, **graphs}, headers=headers)
    )
    assert not difference(ours, theirs)
    assert size(ours) > 10


@pytest.mark.parametrize("media", ["text/turtle", "application/n-triples", "application/rdf+xml"])
def test_a_named_graph_is_the_same_by_the_graph_store_protocol(pair: Pair, media: str) -> None:
    graph = {"graph": "https://w3id.org/argraph/open-source-ai/contribution-education"}
    headers = {"accept": media}
    ours = told(pair.argraph.get("/graph", params=graph, headers=headers))
    assert not difference(ours, told(pair.oxigraph.get("/store", params=graph, headers=headers)))
    assert size(ours) > 100


@pytest.mark.parametrize(
    "text",
    [
        "SELECT",
        "SELECT ?x {",
        "SELECT ?x { ?x nix:y ?z }",
        "FOO {}",
        "SELECT ?x { ?x a arg:Claim } GROUP BY ?y",
    ],
)
def test_what_is_no_query_is_refused_by_both(pair: Pair, text: str) -> None:
    for client, path in ((pair.argraph, "/sparql"), (pair.oxigraph, "/query")):
        assert client.get(path, params={"query": text}).status_code == 400


@pytest.mark.parametrize(
    ("name", "accept"),
    [
        ("select-class", "text/turtle"),
        ("ask-yes", "application/n-triples"),
        ("construct", "application/sparql-results+json"),
        ("describe-a-node", "text/csv"),
    ],
)
def test_an_answer_in_none_of_the_accepted_formats_is_refused_by_both(
    pair: Pair, name: str, accept: str
) -> None:
    text, headers = pair.prologue + QUESTIONS[name], {"accept": accept}
    for client, path in ((pair.argraph, "/sparql"), (pair.oxigraph, "/query")):
        assert client.get(path, params={"query": text}, headers=headers).status_code == 406


def test_a_relative_iri_is_resolved_against_the_endpoint_or_the_base_that_the_query_declares(
    pair: Pair,
) -> None:
    base = "BASE <https://w3id.org/argraph/open-source-ai/>"
    asked = f"{base} SELECT ?s FROM <contribution-debate> {{ ?s a arg:Thesis }}"
    assert not difference(*both(pair, asked))
    found = both(pair, "SELECT (<x> AS ?x) {}")
    for result, endpoint in zip(found, pair.endpoints, strict=True):
        assert isinstance(result, Solutions)
        assert str(result.rows[0][0]) == f"<{endpoint.rpartition('/')[0]}/x>"
