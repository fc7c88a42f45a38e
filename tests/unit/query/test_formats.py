"""Answers come back the same from every format, and tables fit the terminal."""

from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argraph import vocab
from argraph.errors import QueryRefused
from argraph.query import engine, formats
from argraph.query.engine import Solutions, Term
from argraph.query.formats import choose, render, shorten

PARSERS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "tsv": ox.QueryResultsFormat.TSV,
}
RDF = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
SAMPLE = Solutions(
    ("node", "text", "n"),
    (
        (ox.NamedNode(vocab.CLAIM), ox.Literal('a "b", c\r\n<d> & é\t', language="en"), ox.Literal(3)),
        (ox.BlankNode("b0"), None, ox.Literal("x", datatype=ox.NamedNode("http://example.org/type"))),
    ),
)

texts = st.text(st.characters(codec="utf-8"))
xml_texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
)
iris = st.sampled_from(
    ["http://example.org/a", "urn:x:b", vocab.ARG + "Claim", "http://example.org/é?q=1&r='2'"]
)


def terms(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Term | None]:
    return st.one_of(
        st.none(),
        iris.map(ox.NamedNode),
        texts.map(ox.Literal),
        texts.map(lambda text: ox.Literal(text, language="en-gb")),
        texts.map(lambda text: ox.Literal(text, datatype=ox.NamedNode("http://example.org/type"))),
        st.integers().map(ox.Literal),
        st.booleans().map(ox.Literal),
    )


def solutions(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Solutions]:
    row = st.tuples(terms(texts), terms(texts))
    return st.lists(row, max_size=5).map(lambda rows: Solutions(("a", "b2"), tuple(rows)))


def parse(text: str, form: str) -> Solutions:
    found = ox.parse_query_results(text, PARSERS[form])
    assert isinstance(found, ox.QuerySolutions)
    columns = tuple(variable.value for variable in found.variables)
    return Solutions(columns, tuple(tuple(row) for row in found))


@pytest.mark.parametrize("form", PARSERS)
def test_sample_comes_back_from_every_format(form: str) -> None:
    assert parse(render(SAMPLE, form), form) == SAMPLE


@pytest.mark.parametrize("form", ["json", "tsv"])
@given(answer=solutions(texts))
def test_any_answer_comes_back_from_json_and_tsv(form: str, answer: Solutions) -> None:
    assert parse(render(answer, form), form) == answer


@given(solutions(xml_texts))
def test_any_answer_comes_back_from_xml(answer: Solutions) -> None:
    assert parse(render(answer, "xml"), "xml") == answer


@pytest.mark.parametrize("text", [" a ", " \r\n ", "a\rb\n\nc", "\n", "\r\n", "\t", "]]>", "&lt;", ""])
def test_blanks_and_marks_come_back_from_xml(text: str) -> None:
    answer = Solutions(("a",), ((ox.Literal(text),),))
    assert parse(render(answer, "xml"), "xml") == answer


def test_character_that_xml_cannot_hold_is_refused() -> None:
    with pytest.raises(QueryRefused, match=r"U\+0001.*JSON"):
        render(Solutions(("a",), ((ox.Literal("a\x01"),),)), "xml")


@given(solutions(texts))
def test_csv_has_the_values_that_the_engine_writes(answer: Solutions) -> None:
    header, *rows = csv.reader(io.StringIO(render(answer, "csv"), newline=""))
    assert tuple(header) == answer.columns
    assert rows == [["" if value is None else value.value for value in row] for row in answer.rows]


def test_csv_is_written_as_the_standard_says() -> None:
    assert render(SAMPLE, "csv") == (
        "node,text,n\r\n"
        f'{vocab.CLAIM},"a ""b"", c\r\n<d> & é\t",3\r\n'
        "_:b0,,x\r\n"
    )  # fmt: skip


def test_json_is_written_as_the_standard_says() -> None:
    document = json.loads(render(SAMPLE, "json"))
    assert document["head"] == {"vars": ["node", "text", "n"]}
    first, second = document["results"]["bindings"]
    assert first["node"] == {"type": "uri", "value": vocab.CLAIM}
    assert first["text"] == {"type": "literal", "value": 'a "b", c\r\n<d> & é\t', "xml:lang": "en"}
    assert first["n"] == {"type": "literal", "value": "3", "datatype": vocab.XSD + "integer"}
    assert set(second) == {"node", "n"}
    assert second["node"]["type"] == "bnode"


def test_plain_strings_carry_no_datatype() -> None:
    answer = Solutions(("a",), ((ox.Literal("x"),),))
    assert json.loads(render(answer, "json"))["results"]["bindings"] == [
        {"a": {"type": "literal", "value": "x"}}
    ]
    assert "<literal>x</literal>" in render(answer, "xml")
    assert render(answer, "tsv") == '?a\n"x"\n'


@pytest.mark.parametrize("answer", [True, False])
def test_yes_and_no_come_back_from_every_format(answer: bool) -> None:
    assert json.loads(render(answer, "json")) == {"head": {}, "boolean": answer}
    assert ElementTree.fromstring(render(answer, "xml"))[1].text == str(answer).lower()
    for form in PARSERS:
        assert bool(ox.parse_query_results(render(answer, form), PARSERS[form])) is answer
    assert render(answer, "csv") == str(answer).lower()
    assert render(answer, "table") == ("yes" if answer else "no")


TRIPLES = (
    ox.Triple(ox.NamedNode(vocab.ARG + "x"), ox.NamedNode(vocab.LABEL), ox.Literal("é\n", language="en")),
    ox.Triple(ox.NamedNode(vocab.ARG + "x"), ox.NamedNode(vocab.TYPE), ox.NamedNode(vocab.CLAIM)),
    ox.Triple(ox.BlankNode("b0"), ox.NamedNode(vocab.PREMISE), ox.NamedNode(vocab.ARG + "x")),
)


@pytest.mark.parametrize("form", RDF)
def test_graph_comes_back_from_every_format(form: str) -> None:
    written = render(TRIPLES, form)
    found = ox.Dataset(ox.parse(written, format=RDF[form]))
    expected = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in TRIPLES)
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    expected.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert found == expected


def test_turtle_declares_the_prefixes_it_uses_in_order() -> None:
    lines = render(TRIPLES, "turtle").splitlines()
    assert [line.split()[1] for line in lines if line.startswith("@prefix")] == ["arg:", "rdf:", "skos:"]
    assert "arg:x a arg:Claim ;" in lines


def test_graph_as_table_has_three_columns() -> None:
    table = render(TRIPLES, "table")
    assert "│ arg:x   │ rdf:type       │ arg:Claim │" in table
    assert table.endswith("3 rows")


@pytest.mark.parametrize(
    ("answer", "form", "message"),
    [
        (
            SAMPLE,
            "turtle",
            "The answer is rows, which cannot be written as “turtle”. It can as json, xml, csv",
        ),
        (True, "turtle", "The answer is yes or no"),
        (TRIPLES, "csv", "The answer is a graph of triples.*It can as turtle, ntriples, jsonld"),
        (SAMPLE, "pdf", "“pdf”"),
    ],
)
def test_format_that_does_not_suit_is_refused_with_those_that_do(
    answer: engine.Result, form: str, message: str
) -> None:
    with pytest.raises(QueryRefused, match=message):
        render(answer, form)


def test_predicate_that_rdf_xml_cannot_write_is_refused() -> None:
    triple = ox.Triple(ox.NamedNode("urn:x:a"), ox.NamedNode("http://example.org/1"), ox.Literal("a"))
    try:
        written = render((triple,), "rdfxml")
    except QueryRefused:
        return
    assert {quad.predicate for quad in ox.parse(written, format=RDF["rdfxml"])} == {triple.predicate}


def table_lines(width: int, *rows: tuple[Term | None, ...]) -> list[str]:
    names = tuple(f"column{place}" for place in range(len(rows[0])))
    return render(Solutions(names, rows), "table", width=width).splitlines()


def test_table_wraps_long_texts_to_the_width_and_keeps_narrow_columns_whole() -> None:
    long = ox.Literal("many words " * 30)
    lines = table_lines(80, (ox.NamedNode(vocab.CLAIM), long, ox.Literal(12345678)))
    assert max(map(len, lines)) == 80
    assert sum("arg:Claim" in line for line in lines) == 1
    assert sum("12345678" in line for line in lines) == 1


def test_table_aligns_numbers_to_the_right_and_shortens_iris() -> None:
    lines = table_lines(
        80, (ox.NamedNode(vocab.CLAIM), ox.Literal(5)), (ox.NamedNode("urn:x:a"), ox.Literal(10))
    )
    assert lines[3:5] == ["│ arg:Claim │       5 │", "│ urn:x:a   │      10 │"]
    assert lines[-1] == "2 rows"


def test_table_without_rows_shows_its_columns() -> None:
    lines = render(Solutions(("a", "b"), ()), "table").splitlines()
    assert lines[1] == "│ a │ b │"
    assert lines[-1] == "0 rows"


def test_answer_without_columns_is_written_all_the_same() -> None:
    answer = engine.run(ox.Store(), "SELECT * { }")
    assert answer == Solutions((), ((),))
    for form in formats.ROWS:
        assert render(answer, form)


def test_table_keeps_control_characters_from_the_terminal() -> None:
    (row,) = (
        line for line in table_lines(80, (ox.Literal("a\x1b[31m\x07b"),)) if "a" in line and "b" in line
    )
    assert row.strip("│ ") == "a [31m b"


def test_shorten_takes_the_longest_prefix_that_leaves_a_plain_name() -> None:
    prefixes = {"a": "http://example.org/", "b": "http://example.org/b/"}
    assert shorten("http://example.org/b/c", prefixes) == "b:c"
    assert shorten("http://example.org/x", prefixes) == "a:x"
    assert shorten("http://example.org/b/", prefixes) == "http://example.org/b/"
    assert shorten("http://example.org/x/y", prefixes) == "http://example.org/x/y"
    assert shorten("http://example.org/x.", prefixes) == "http://example.org/x."


OFFERED = ["application/sparql-results+json", "text/csv", "text/turtle", "text/html"]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/sparql-results+json"),
        ("", "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("*", "application/sparql-results+json"),
        ("text/turtle", "text/turtle"),
        ("TEXT/Turtle ; Q=0.5", "text/turtle"),
        ("text/*", "text/csv"),
        ("text/*;q=0.9, text/turtle", "text/turtle"),
        ("text/csv;q=0.1, text/turtle;q=0.2", "text/turtle"),
        ("*/*;q=0.8, text/html", "text/html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/sparql-results+json;q=0, */*;q=0.1", "text/csv"),
        ("text/*;q=0, */*", "application/sparql-results+json"),
        ("text/turtle;q=0.5;x=1, text/csv;q=0.4", "text/turtle"),
        ('text/turtle;profile="a,b;q=0"', "text/turtle"),
        ("text/turtle;q=much", "text/turtle"),
        ("text/csv;q=-1, text/turtle;q=7", "text/turtle"),
        ("nonsense", "application/sparql-results+json"),
        ("nonsense, text/csv", "text/csv"),
        (",,;q=1,", "application/sparql-results+json"),
        ("image/png", None),
        ("image/*, text/csv;q=0", None),
        ("*/*;q=0", None),
    ],
)
def test_accept_header_chooses(accept: str | None, chosen: str | None) -> None:
    assert choose(accept, OFFERED) == chosen


def test_nothing_offered_is_nothing_chosen() -> None:
    assert choose("*/*", []) is None
    assert choose(None, []) is None


@given(st.text())
def test_any_accept_header_chooses_something_offered_or_nothing(accept: str) -> None:
    assert choose(accept, OFFERED) in {None, *OFFERED}
