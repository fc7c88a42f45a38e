"""What the query engine is not asked is refused, however it is dressed up."""

from __future__ import annotations

import contextlib

import hypothesis
import pyoxigraph as ox
import pytest
from hypothesis import strategies as st

from argraph.errors import QueryRefused
from argraph.query import admission, engine
from argraph.query.admission import MAX_BRANCHES, MAX_BYTES, MAX_NESTING, admit

from ...hostile import CHAINS

CALL = "SERVICE <http://127.0.0.1:1/> { ?s ?p ?o }"


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT * {{ {CALL} }}",
        "select * { service silent <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { SERVICE ?where { ?s ?p ?o } }",
        "SELECT * {SERVICESILENT<http://127.0.0.1:1/>{?s ?p ?o}}",
        "SELECT * { ?s ?p trueSERVICE<http://127.0.0.1:1/>{?s ?p ?o} }",
        "SELECT * { ?s ?p 1SERVICE<http://127.0.0.1:1/>{?s ?p ?o} }",
        "SELECT * { ?s ?p 1.SERVICE<http://127.0.0.1:1/>{?s ?p ?o} }",
        "SELECT * { ?s ?p 'x'@en.SERVICE<http://127.0.0.1:1/>{?s ?p ?o} }",
        "PREFIX : <http://127.0.0.1:1/> SELECT * {SERVICE:x {?s ?p ?o}}",
        "PREFIX : <http://127.0.0.1:1/> PREFIX service: <urn:x:> SELECT * {SERVICE:x {?s ?p ?o}}",
        "PREFIX ex: <urn:x:> SELECT * { ?s ?p ex:.SERVICE<http://127.0.0.1:1/>{?s ?p ?o} }",
        "SELECT * { ?s ?p ?o #\nSERVICE<http://127.0.0.1:1/>{?s ?p ?o} }",
        "SELECT * { ?s ?p ?o #\rSERVICE<http://127.0.0.1:1/>{?s ?p ?o} }",
        "ASK { FILTER EXISTS { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } } }",
        "DESCRIBE ?s { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { { SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } } } }",
    ],
)
def test_call_to_another_server_is_refused(query: str) -> None:
    with pytest.raises(QueryRefused, match="SERVICE is not permitted"):
        admit(query)


@pytest.mark.parametrize(
    "query",
    [
        # “<1)SERVICE?w#>” is an IRI by the standard, and “less than 1)” to the engine
        "SELECT * { VALUES ?w { <http://127.0.0.1:1/> } FILTER(?a<1)SERVICE?w#>\n{?s ?p ?o} }",
        # “<1#>” opens a comment to the engine, and what follows is no string
        'SELECT * { FILTER(?a<1#>"""\n)SERVICE<http://127.0.0.1:1/>{?s ?p ?o}#"""\n}',
        # the escape is invalid, so three quotes are an empty string and the start of another to the engine
        'SELECT * { VALUES ?x {"""a"}SERVICE<http://127.0.0.1:1/>{?s ?p ?o}#\\q"""\n}',
        'SELECT * { VALUES ?x {"""a"}SERVICE<http://127.0.0.1:1/>{?s ?p ?o}#\\uD800"""\n}',
        "SELECT * { VALUES ?x {'''a'}SERVICE<http://127.0.0.1:1/>{?s ?p ?o}#\\q'''\n}",
    ],
)
def test_call_that_only_the_engine_would_see_is_refused(query: str) -> None:
    with pytest.raises(QueryRefused, match="SERVICE is not permitted"):
        admit(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?service { ?service ?p ?o }",
        "SELECT $SERVICE { $SERVICE ?p ?o }",
        'SELECT * { ?s ?p "SERVICE <http://example.org/> { ?s ?p ?o }" }',
        "SELECT * { ?s ?p '''SERVICE <http://example.org/>\n{ ?s ?p ?o }''' }",
        "SELECT * { ?s ?p 'it\\'s SERVICE' }",
        "SELECT * { ?s ?p ?o } # SERVICE <http://example.org/> { }",
        "SELECT * { ?s <http://example.org/SERVICE> ?o }",
        "SELECT * { ?s <urn:example:service> ?o }",
        "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> SELECT * { ?s sd:feature ?o }",
        "SELECT * { ?s <http://www.w3.org/ns/sparql-service-description#feature> ?o }",
        "PREFIX ex: <urn:x:> SELECT * { ?s ex:SERVICE ex:o.service }",
        "SELECT * { ?s ?p 'dienst'@service }",
    ],
)
def test_the_word_service_elsewhere_is_no_call(query: str) -> None:
    assert isinstance(engine.run(ox.Store(), query), engine.Solutions)


START = st.sampled_from(
    ["", "BIND(0 AS ?a) FILTER(?a ", "BIND(0 AS ?a) FILTER(ABS(?a ", "VALUES ?x {", "?s ?p "]
)
HIDING = st.sampled_from(
    [
        *(
            "",
            "<",
            "<1",
            "1",
            '"',
            "'",
            '"""',
            "'''",
            '""',
            "a",
            "\\q",
            "#",
            "<a:b>",
            "<a",
            "p:",
            "p:x",
            ".",
            "@en",
        ),
        *("?", "true", "_:b", ":", "-", ",", "\\u0041", "%41", "$", "\\'", '\\"'),
    ]
)
MIDDLE = st.sampled_from([")", "))", "}", ""])
END = st.sampled_from(
    ["", "#>\n", '#"""\n', "#'''\n", '#\\q"""\n', "#\\q'''\n", '#\\uD800"""\n', '#"\n', "#'\n", '#>"""\n']
)


@hypothesis.settings(max_examples=1500)
@hypothesis.given(START, HIDING, HIDING, MIDDLE, END)
def test_no_admitted_query_makes_the_engine_call_a_server(
    start: str, one: str, two: str, middle: str, end: str
) -> None:
    call = "SERVICE<http://127.0.0.1:1/>{?s ?p ?o}"
    text = f"PREFIX p: <urn:p:> SELECT * {{{start}{one}{two}{middle}{call}{end}}}"
    try:
        admit(text)
    except QueryRefused:
        return
    try:
        list(ox.Store().query(text))  # type: ignore[arg-type]
    except (SyntaxError, RuntimeError, ValueError):
        return
    except OSError:  # port 1 is refused before anything is sent: the engine did try
        pytest.fail(f"the engine reads a call to another server in {text!r}")


@pytest.mark.parametrize(
    "form", ["INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"]
)
def test_update_is_refused_with_the_way_to_contribute(form: str) -> None:
    with pytest.raises(QueryRefused, match=f"{form} changes data.*argraph check") as caught:
        admit(f"# a comment\nPREFIX ex: <urn:x:>\nBASE <http://example.org/>\n  {form.lower()} <urn:x:y>")
    assert (caught.value.line, caught.value.column) == (4, 3)


def test_query_that_begins_otherwise_is_shown_where() -> None:
    with pytest.raises(QueryRefused, match="not with “SELEC”") as caught:
        admit("PREFIX ex: <urn:x:>\nSELEC ?x { }")
    assert (caught.value.line, caught.value.column) == (2, 1)


@pytest.mark.parametrize("text", ["", "   \n", "# nothing", "PREFIX ex: <urn:x:>", "\ufeff"])
def test_query_without_a_form_is_empty(text: str) -> None:
    with pytest.raises(QueryRefused, match="The query is empty"):
        admit(text)


def test_size_is_counted_in_bytes_up_to_the_limit() -> None:
    frame = "ASK { } #"
    admit(frame + "a" * (MAX_BYTES - len(frame)))
    with pytest.raises(QueryRefused, match="65,537 bytes; at most 65,536"):
        admit(frame + "a" * (MAX_BYTES - len(frame) + 1))
    with pytest.raises(QueryRefused, match="bytes"):
        admit(frame + "é" * (MAX_BYTES // 2))


def test_surrogate_is_refused() -> None:
    with pytest.raises(QueryRefused, match="Character 8"):
        admit("ASK { '\ud800' }")


DEEP = [
    ("ASK { FILTER" + "(" * n + "1" + ")" * n + " }" for n in (MAX_NESTING - 1, MAX_NESTING)),
    ("ASK {" + "{" * n + "}" * n + "}" for n in (MAX_NESTING - 1, MAX_NESTING)),
    ("ASK { ?s ?p " + "[?p " * n + "1" + "]" * n + "}" for n in (MAX_NESTING - 1, MAX_NESTING)),
    ("ASK { FILTER(" + "!" * n + "true) }" for n in (MAX_NESTING - 2, MAX_NESTING - 1)),
]


@pytest.mark.parametrize("pair", [tuple(pair) for pair in DEEP], ids=["round", "curly", "square", "not"])
def test_nesting_is_refused_beyond_the_limit_and_evaluated_up_to_it(pair: tuple[str, str]) -> None:
    inside, beyond = pair
    with pytest.raises(QueryRefused, match="nested more than 100 levels deep"):
        admit(beyond)
    engine.run(ox.Store(), inside)


@pytest.mark.parametrize("kind", [*CHAINS, "list", "patterns"])
def test_long_chains_are_refused(kind: str) -> None:
    shapes = CHAINS | {
        "list": lambda n: "ASK { ?s ?p (" + "1 " * (n + 3) + ") }",
        "patterns": lambda n: "ASK { " + "?s ?p ?o . " * n + "}",
    }
    with pytest.raises(QueryRefused, match="more than 500"):
        admit(shapes[kind](MAX_BRANCHES + 2 * (kind in {"or", "union"}) + 1))


def test_values_may_be_long() -> None:
    rows = "(<urn:x:y> 'b')" * 3000
    answer = engine.run(ox.Store(), f"SELECT * {{ VALUES (?a ?b) {{ {rows} }} }}")
    assert isinstance(answer, engine.Solutions)
    assert len(answer.rows) == 3000


def test_brackets_hidden_in_another_reading_are_counted() -> None:
    # To the engine each “<f(1>0” may open a bracket, to the standard it begins with an IRI.
    with pytest.raises(QueryRefused, match="nested"):
        admit("ASK { FILTER(" + "1<f(1>" * MAX_NESTING + "1) }")


@pytest.mark.parametrize(
    "piece",
    ["<#>", "<'>", "a.", '"', "'''", "<a:", "@", "#\n", "<a'#>", '"""\\q', "\\", "é", "?", "{", "a:b "],
)
def test_reading_takes_linear_time(piece: str) -> None:
    text = ("ASK { VALUES ?x {" + piece * MAX_BYTES)[: MAX_BYTES // 4]
    loops = 0

    def counting(*arguments: object) -> list[admission.Lexeme]:
        nonlocal loops
        loops += 1
        return original(*arguments)  # type: ignore[arg-type]

    original = admission._readings
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(admission, "_readings", counting)
        with contextlib.suppress(QueryRefused):
            admit(text)
    assert loops <= 2 * len(text) + 2


def test_graphs_of_the_dataset_are_found_only_in_from_clauses() -> None:
    query = admit(
        "PREFIX ex: <urn:x:> SELECT (1 AS ?from) FROM <urn:x:a> from named ex:b\n"
        "WHERE { GRAPH <urn:x:c> { ?from ex:from 'FROM <urn:x:d>' } } # FROM <urn:x:e>"
    )
    assert [graph.text for graph in query.graphs] == ["<urn:x:a>", "ex:b"]
