"""Queries give plain, correct answers; what is wrong with one is said with its place."""

from __future__ import annotations

import contextlib
import threading

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argraph import vocab
from argraph.errors import AnswerTooLarge, QueryRefused
from argraph.query import engine
from argraph.query.engine import Dataset, Solutions, run
from argraph.rdf.snapshots import in_memory


def iri(name: str) -> ox.NamedNode:
    return ox.NamedNode(f"http://example.org/{name}")


def number(value: int) -> ox.Literal:
    return ox.Literal(value)


@pytest.fixture
def store() -> ox.Store:
    """Two graphs: a says a–likes–b, b says b–likes–c and that c is a text."""
    return in_memory(
        [
            ox.Quad(iri("a"), iri("likes"), iri("b"), iri("graph-a")),
            ox.Quad(iri("b"), iri("likes"), iri("c"), iri("graph-b")),
            ox.Quad(iri("c"), ox.NamedNode(vocab.LABEL), ox.Literal("see", language="en"), iri("graph-b")),
        ]
    )


def rows(store: ox.Store, text: str, **bindings: engine.Term) -> tuple[tuple[engine.Term | None, ...], ...]:
    answer = run(store, text, bindings=bindings)
    assert isinstance(answer, Solutions)
    return answer.rows


def fault(store: ox.Store, text: str) -> QueryRefused:
    with pytest.raises(QueryRefused) as caught:
        run(store, text)
    return caught.value


def test_select_gives_columns_and_rows_with_none_where_unbound(store: ox.Store) -> None:
    answer = run(store, "SELECT ?s ?label { ?s ?p ?o OPTIONAL { ?s skos:prefLabel ?label } } ORDER BY ?s")
    assert answer == Solutions(
        ("s", "label"), ((iri("a"), None), (iri("b"), None), (iri("c"), ox.Literal("see", language="en")))
    )


def test_columns_of_select_star_come_in_the_order_of_the_query(store: ox.Store) -> None:
    assert run(ox.Store(), "SELECT * { ?z ?a·b $ḿ }") == Solutions(("z", "a·b", "ḿ"), ())
    for text in (
        "SELECT * { ?z ?a ?m }",
        "SELECT DISTINCT * { ?z ?a ?m }",
        "prefix x: <urn:x:> select * {?z ?a ?m}",
    ):
        answer = run(store, text)
        assert isinstance(answer, Solutions)
        assert answer.columns == ("z", "a", "m")
        assert (iri("a"), iri("likes"), iri("b")) in answer.rows


def test_ask_gives_a_bool(store: ox.Store) -> None:
    assert run(store, "ASK { <http://example.org/a> ?p ?o }") is True
    assert run(store, "ASK { <http://example.org/z> ?p ?o }") is False


def test_construct_and_describe_give_each_triple_once() -> None:
    triple = ox.Triple(iri("a"), iri("likes"), iri("b"))
    graphs = ["graph-a", "graph-b"]
    store = in_memory(ox.Quad(triple.subject, triple.predicate, triple.object, iri(g)) for g in graphs)
    assert run(store, "DESCRIBE <http://example.org/a>") == (triple,)
    assert run(store, "CONSTRUCT WHERE { <http://example.org/a> ?p ?o }") == (triple,)


def test_a_triple_of_two_graphs_is_one_of_their_union() -> None:
    twice = in_memory(ox.Quad(iri("a"), iri("b"), iri("c"), iri(graph)) for graph in ("graph-a", "graph-b"))
    assert rows(twice, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == ((number(1),),)
    assert rows(twice, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }") == ((number(2),),)


def test_a_dataset_goes_before_the_graphs_that_the_query_names(store: ox.Store) -> None:
    text = "SELECT ?s FROM <http://example.org/graph-a> { ?s ?p ?o } ORDER BY ?s"
    inside = "SELECT ?s { GRAPH ?g { ?s ?p ?o } } ORDER BY ?s"
    a, b = "http://example.org/graph-a", "http://example.org/graph-b"

    def asked(query: str, dataset: Dataset) -> list[engine.Term | None]:
        answer = run(store, query, dataset=dataset)
        assert isinstance(answer, Solutions)
        return [row[0] for row in answer.rows]

    assert asked(text, Dataset(default=(b,))) == [iri("b"), iri("c")]
    assert asked(text, Dataset(default=(a, b))) == [iri("a"), iri("b"), iri("c")]
    assert asked(text, Dataset(named=(a,))) == []
    assert asked(inside, Dataset(named=(a,))) == [iri("a")]
    assert asked(inside, Dataset(default=(a,))) == []
    assert asked(text, Dataset(default=("http://example.org/none",))) == []
    with pytest.raises(QueryRefused, match="“graph-a” is not the full IRI of a graph"):
        asked(text, Dataset(default=("graph-a",)))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p ?o }",
        "CONSTRUCT WHERE { ?s ?p ?o }",
    ],
)
def test_an_answer_with_too_many_rows_is_refused_and_not_cut(store: ox.Store, text: str) -> None:
    whole = run(store, text, rows=3)
    assert not isinstance(whole, bool)
    assert len(whole.rows if isinstance(whole, Solutions) else whole) == 3
    with pytest.raises(AnswerTooLarge, match="more than the 2 rows allowed") as caught:
        run(store, text, rows=2)
    assert (caught.value.limit, caught.value.allowed) == ("rows", 2)


def test_the_default_graph_is_the_union_of_all_graphs(store: ox.Store) -> None:
    likes = "<http://example.org/likes>"
    assert rows(store, f"SELECT ?z {{ ?x {likes} ?y . ?y {likes} ?z }}") == ((iri("c"),),)
    assert rows(store, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g") == (
        (iri("graph-a"),),
        (iri("graph-b"),),
    )


def test_from_selects_graphs_of_the_dataset(store: ox.Store) -> None:
    count = "SELECT (COUNT(*) AS ?n)"
    assert rows(store, f"{count} FROM <http://example.org/graph-a> {{ ?s ?p ?o }}") == ((number(1),),)
    both = "FROM <http://example.org/graph-a> FROM <http://example.org/graph-b>"
    assert rows(store, f"{count} {both} {{ ?s ?p ?o }}") == ((number(3),),)
    assert rows(store, f"PREFIX e: <http://example.org/> {count} FROM e:graph-b {{ ?s ?p ?o }}") == (
        (number(2),),
    )
    assert rows(store, f"BASE <http://example.org/> {count} FROM <graph-b> {{ ?s ?p ?o }}") == ((number(2),),)
    named = "FROM NAMED <http://example.org/graph-b>"
    assert rows(store, f"{count} {named} {{ GRAPH ?g {{ ?s ?p ?o }} }}") == ((number(2),),)
    assert rows(store, f"{count} {named} {{ ?s ?p ?o }}") == ((number(0),),)


@pytest.mark.parametrize("clause", ["FROM", "FROM NAMED", "from named"])
def test_graph_that_is_not_there_is_refused_with_its_place(store: ox.Store, clause: str) -> None:
    error = fault(store, f"SELECT *\n{clause} <http://example.org/none>\n{{ ?s ?p ?o }}")
    assert "There is no graph <http://example.org/none>" in str(error)
    assert (error.line, error.column) == (2, len(clause) + 2)


def test_prefixes_need_no_declaration_and_may_be_declared_otherwise(store: ox.Store) -> None:
    assert len(rows(store, "SELECT ?s { ?s skos:prefLabel ?o }")) == 1
    assert len(rows(store, "PREFIX skos: <http://example.org/> SELECT ?s { ?s skos:likes ?o }")) == 2
    answer = run(store, "SELECT ?o { e:a e:likes ?o }", prefixes={"e": "http://example.org/"})
    assert answer == Solutions(("o",), ((iri("b"),),))


def test_binding_is_the_value_of_its_variable_everywhere(store: ox.Store) -> None:
    text = "SELECT ?s ?o { ?s <http://example.org/likes> ?o }"
    assert rows(store, text, s=iri("b")) == ((iri("b"), iri("c")),)
    optional = (
        "SELECT ?s ?n { ?s <http://example.org/likes> ?o OPTIONAL { ?n ?p ?q FILTER(?n = ?o) } } ORDER BY ?s"
    )
    assert rows(store, optional, n=iri("b")) == ((iri("a"), iri("b")), (iri("b"), iri("b")))


def test_binding_of_a_variable_that_is_not_projected_is_refused(store: ox.Store) -> None:
    with pytest.raises(QueryRefused, match="s in its SELECT projection"):
        run(store, "SELECT ?o { ?s ?p ?o }", bindings={"s": iri("a")})
    with pytest.raises(QueryRefused):
        run(store, "SELECT ?o { ?s ?p ?o }", bindings={"no name": iri("a")})


@given(st.text())
def test_bound_text_is_only_ever_a_value(text: str) -> None:
    store = ox.Store()
    store.add(ox.Quad(iri("a"), iri("p"), ox.Literal("x")))
    try:
        value = ox.Literal(text)
    except ValueError:
        return  # a surrogate is no text
    found = rows(store, "SELECT ?word ?o { ?s ?p ?o FILTER(CONTAINS(?o, ?word)) }", word=value)
    assert found == (((value, ox.Literal("x")),) if text in "x" else ())


@pytest.mark.parametrize(
    "hostile",
    [
        '") } UNION { ?s ?p ?o } #',
        "'''",
        "\\",
        '"""',
        "} ; DROP ALL",
        "?o",
        "<http://example.org/likes>",
        "\n#",
        "\x00",
    ],
)
def test_hostile_value_cannot_change_the_query(store: ox.Store, hostile: str) -> None:
    value = ox.Literal(hostile)
    assert rows(store, "SELECT ?word ?o { ?s skos:prefLabel ?o FILTER(STR(?o) = ?word) }", word=value) == ()
    echoed = rows(store, "SELECT ?word ?o { ?s skos:prefLabel ?o FILTER(?word = ?word) }", word=value)
    assert echoed == ((value, ox.Literal("see", language="en")),)
    assert len(store) == 6  # each triple once in its graph and once in the union


def test_answers_may_be_used_in_another_thread_than_the_one_that_asked(store: ox.Store) -> None:
    answers: list[engine.Result] = []
    queries = ("SELECT * { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }", "ASK { ?s ?p ?o }")
    asking = threading.Thread(target=lambda: answers.extend(run(store, query) for query in queries))
    asking.start()
    asking.join()
    solutions, triples, yes = answers
    assert isinstance(solutions, Solutions)
    assert isinstance(triples, tuple)
    assert {str(value) for row in solutions.rows for value in row} >= {'"see"@en', str(iri("a"))}
    assert {str(triple.subject) for triple in triples} == {str(iri("a")), str(iri("b")), str(iri("c"))}
    assert yes is True


@pytest.mark.parametrize(
    ("text", "reason", "line", "column"),
    [
        ("SELECT *\n{ ?s ?p ?o . \n", "“{” that begins here is never closed", 2, 1),
        ("SELECT * { ?s ?p ?o ) }", "“)” here closes nothing", 1, 21),
        ("SELECT * { ?s ?p ?o\n  FILTER(?o = 'abc) }", "string that begins here is never closed", 2, 15),
        ("SELECT * {\n  ?s nope:thing ?o }", "prefix “nope:” is not declared", 2, 6),
        ("SELECT * { ?s no:p ?o }", "prefix “no:” is not declared: add PREFIX no: <…>.", 1, 15),
        ("SELECT * { ?s arg:p ?o ;\n no:q [] }", "prefix “no:” is not declared", 2, 2),
        ("SELECT * { ?s ?p ?o FILTER(?o = no:x) }", "prefix “no:” is not declared", 1, 33),
        ("SELECT * { :x ?p ?o }", "prefix “:” is not declared", 1, 12),
        ("SELECT * { ?s ?p _:b . ] no:x ?p ?o }", "“]” here closes nothing", 1, 24),
        ("SELECT * { ?s <likes> ?o }", "<likes> is not a full IRI", 1, 15),
        ("SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o }", "SELECT contains a variable that is unbound", 1, 40),
        ("SELECT ?s ?s { ?s ?p ?o }", "duplicated variable name", 1, 26),
        ("SELECT * { ?s ?p }", "not valid SPARQL here", 1, 19),
        ("SELECT * { ?s ?p 'é😀' ?q }", "not valid SPARQL here", 1, 27),
    ],
)
def test_syntax_error_is_explained_with_line_and_column(
    store: ox.Store, text: str, reason: str, line: int, column: int
) -> None:
    error = fault(store, text)
    assert reason in str(error)
    assert (error.line, error.column) == (line, column)
    message = str(error).splitlines()
    assert message[1] == f"line {line}, column {column}:"
    assert message[2] == "    " + text.splitlines()[line - 1]
    assert message[3] == " " * (4 + column - 1) + "^"


def test_caret_stays_below_its_place_in_a_long_line_with_tabs(store: ox.Store) -> None:
    error = fault(store, "SELECT * {\t" + " " * 500 + "?s nope:p ?o }")
    excerpt, caret = str(error).splitlines()[2:]
    assert len(excerpt) < 120
    assert excerpt[caret.index("^") :].startswith("nope:p")


def test_evaluation_that_fails_is_refused(store: ox.Store) -> None:
    assert "custom function" in str(fault(store, "SELECT (<urn:x:f>(1) AS ?x) { }"))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (TRIPLE(<urn:x:a>, <urn:x:b>, 1) AS ?t) { }",
        'SELECT (STRLANGDIR("a", "en", "ltr") AS ?t) { }',
        "CONSTRUCT { <urn:x:a> <urn:x:b> ?t } { BIND(TRIPLE(<urn:x:a>, <urn:x:b>, 1) AS ?t) }",
    ],
)
def test_terms_of_rdf_1_2_are_refused(store: ox.Store, text: str) -> None:
    assert "RDF 1.2" in str(fault(store, text))


@given(
    st.one_of(
        st.text(), st.text(alphabet="SELCT*?x{}()<>\"'#.:; \n", max_size=30).map("SELECT * {{{}".format)
    )
)
def test_any_text_is_answered_or_refused(text: str) -> None:
    with contextlib.suppress(QueryRefused):
        run(ox.Store(), text)


def test_byte_order_mark_is_passed_over(store: ox.Store) -> None:
    assert run(store, "\ufeffASK { ?s ?p ?o }") is True
