"""Saved queries are read with their headers, and their parameters become terms."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from argraph import vocab
from argraph.errors import QueryRefused, ResourceMissing, UnknownNode, UnknownQuery
from argraph.query import catalogue, engine
from argraph.query.catalogue import StoredQuery
from argraph.query.header import Column, Parameter, Type

HEADER = """\
#+ title: What speaks for a statement?
#+ summary: A row is something
#+    that speaks for it.
#+ param node: iri, optional
#+ param word: string, default good news
#+ column node: iri
#+ column word: string
#+ column n: integer
"""
QUERY = "SELECT ?node ?word ?n { ?node arg:supports ?n . ?n skos:prefLabel ?word }\n"


def parse(text: str) -> StoredQuery:
    return catalogue.parse(text, name="sample", kind="explore")


def resolve(name: str) -> str:
    if name == "nobody":
        raise UnknownNode(name, ("somebody",))
    return "http://example.org/" + name


def test_header_is_read() -> None:
    query = parse(HEADER + QUERY)
    assert query.name == "sample"
    assert query.kind == "explore"
    assert query.title == "What speaks for a statement?"
    assert query.summary == "A row is something that speaks for it."
    assert query.parameters == (
        Parameter("node", "iri", required=False, default=None),
        Parameter("word", "string", required=False, default="good news"),
    )
    assert query.columns == (Column("node", "iri"), Column("word", "string"), Column("n", "integer"))
    assert query.text == HEADER + QUERY


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("#+ title: What speaks for a statement?\n", "", 1, "lacks its title"),
        ("#+ title: What speaks for a statement?", "#+ title:", 1, "no header entry"),
        (
            "#+ param node: iri, optional",
            "#+ parameter node: iri",
            4,
            "“parameter node: iri” is no header entry",
        ),
        ("node: iri, optional", "node: iri", 4, "param node must read"),
        ("node: iri, optional", "node: iri, default", 4, "param node must read"),
        ("node: iri, optional", "node: uri, optional", 4, "“uri” is no type; the types are iri, string"),
        ("node: iri, optional", "node: string, optional", 4, "must be a column of type string as well"),
        ("param word", "param node", 5, "param node is given twice"),
        ("column word", "column node", 7, "column node is given twice"),
        ("column n: integer", "column m: integer", 6, "columns node, word, m; the query gives node, word, n"),
        (
            "string, default good news",
            "integer, default x",
            5,
            "must be a whole number, such as 3; “x” is not",
        ),
        ("#+ column n: integer\n", "", 6, "columns node, word; the query gives node, word, n"),
        ("?n {", "?n ", 9, "not valid SPARQL|closes nothing"),
        ("{ ?node", "{ ?node nope:p 1 . ?node", 9, "prefix “nope:” is not declared"),
        ("SELECT ?node ?word ?n {", "ASK {", 1, "must be a SELECT query"),
        ("node: iri, optional", "node: iri, required, example", 4, "param node must read"),
        ("node: iri, optional", "node: iri, optional, default x", 4, "param node must read"),
        ("string, default good news", "boolean, required, example maybe", 5, "must be true or false"),
        ("param word", "param format", 5, "cannot be named format"),
        ("param word", "param timeout", 5, "cannot be named timeout"),
        ("SELECT ?node ?word ?n {", "DELETE {", 9, "DELETE changes data"),
    ],
)
def test_faulty_header_is_refused_with_its_line(old: str, new: str, line: int, message: str) -> None:
    assert old in HEADER + QUERY
    with pytest.raises(QueryRefused, match=message) as caught:
        parse((HEADER + QUERY).replace(old, new))
    assert caught.value.line == line


def test_comment_that_is_no_header_is_left_alone() -> None:
    assert parse(HEADER + "# + note\n" + QUERY).columns[0].name == "node"


def test_arguments_become_terms() -> None:
    query = parse(HEADER + QUERY)
    assert query.bind({}, resolve=resolve) == {"word": ox.Literal("good news")}
    assert query.bind({"node": "a", "word": ""}, resolve=resolve) == {
        "node": ox.NamedNode("http://example.org/a"),
        "word": ox.Literal(""),
    }


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("integer", "-3", "integer"),
        ("integer", " 12 ", "integer"),
        ("decimal", ".5", "decimal"),
        ("decimal", "3", "decimal"),
        ("boolean", "true", "boolean"),
    ],
)
def test_words_become_typed_literals(type_: Type, value: str, expected: str) -> None:
    term = Parameter("p", type_).term(value, resolve)
    assert term == ox.Literal(value.strip(), datatype=ox.NamedNode(vocab.XSD + expected))


@pytest.mark.parametrize(
    ("type_", "value", "message"),
    [
        ("integer", "3.5", "whole number"),
        ("integer", "", "whole number"),
        ("integer", "٣", "whole number"),
        ("integer", "1 } #", "whole number"),
        ("decimal", "1e3", "a number"),
        ("decimal", ".", "a number"),
        ("boolean", "yes", "true or false"),
        ("iri", "a> ?p ?o } #", "must be the name of a node"),
        ("iri", "a b", "must be the name of a node"),
    ],
)
def test_value_of_the_wrong_type_is_refused(type_: Type, value: str, message: str) -> None:
    with pytest.raises(QueryRefused, match=message):
        Parameter("p", type_).term(value, resolve)


def test_unknown_node_is_passed_on() -> None:
    with pytest.raises(UnknownNode, match="somebody"):
        parse(HEADER + QUERY).bind({"node": "nobody"}, resolve=resolve)


def test_unknown_and_missing_arguments_are_refused() -> None:
    with pytest.raises(QueryRefused, match=r"has no parameter “nod”\. It takes node, word"):
        parse(HEADER + QUERY).bind({"nod": "a"}, resolve=resolve)
    required = parse((HEADER + QUERY).replace("iri, optional", "iri, required"))
    assert required.parameters[0].required
    with pytest.raises(QueryRefused, match="needs a value: node=IRI"):
        required.bind({}, resolve=resolve)
    bare = parse("#+ title: What?\n#+ summary: A row.\n#+ column s: iri\nSELECT ?s { ?s ?p ?o }")
    with pytest.raises(QueryRefused, match="It takes none"):
        bare.bind({"node": "a"}, resolve=resolve)


def test_bound_query_answers_for_the_value_only() -> None:
    store = ox.Store()
    for name in ("a", "b"):
        node, other = ox.NamedNode(f"http://example.org/{name}"), ox.NamedNode("http://example.org/c")
        store.add(ox.Quad(node, ox.NamedNode(vocab.SUPPORTS), other))
        store.add(ox.Quad(other, ox.NamedNode(vocab.LABEL), ox.Literal("good news")))
    query = parse(HEADER + QUERY)
    answer = engine.run(store, query.text, bindings=query.bind({"node": "a"}, resolve=resolve))
    assert isinstance(answer, engine.Solutions)
    assert [row[0] for row in answer.rows] == [ox.NamedNode("http://example.org/a")]


@pytest.mark.parametrize(
    ("described", "expected", "sample"),
    [
        ("iri, required, example a", Parameter("node", "iri", required=True, example="a"), "a"),
        ("iri, required", Parameter("node", "iri", required=True), None),
        ("iri, optional, example a", Parameter("node", "iri", example="a"), None),
        ("iri, default a", Parameter("node", "iri", default="a"), "a"),
    ],
)
def test_a_parameter_may_have_an_example_and_needs_one_only_where_it_is_required(
    described: str, expected: Parameter, sample: str | None
) -> None:
    query = parse((HEADER + QUERY).replace("iri, optional", described))
    assert query.parameters[0] == expected
    assert query.parameters[0].sample == sample
    values = {"node": ox.NamedNode("http://example.org/a")} if sample else {}
    assert query.samples(resolve=resolve) == {"word": ox.Literal("good news"), **values}


def test_a_value_of_the_header_that_names_no_node_is_a_fault_of_its_line() -> None:
    query = parse((HEADER + QUERY).replace("iri, optional", "iri, default nobody"))
    with pytest.raises(QueryRefused, match=r"value of node cannot be used here: .*somebody") as caught:
        query.samples(resolve=resolve)
    assert caught.value.line == 4


def test_a_query_may_name_the_graphs_that_it_asks() -> None:
    text = QUERY.replace("{ ?node", "FROM <urn:x> { ?node", 1)
    assert parse(HEADER + text).columns[0].name == "node"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for kind, name in (("explore", "what-supports"), ("explore", "what-attacks"), ("audit", "orphans")):
        (tmp_path / kind).mkdir(exist_ok=True)
        (tmp_path / kind / f"{name}.rq").write_text(HEADER + QUERY, encoding="utf-8")
    return tmp_path


def test_folder_is_read_in_order_of_kind_and_name(folder: Path) -> None:
    found = catalogue.load(folder)
    assert list(found) == ["what-attacks", "what-supports", "orphans"]
    assert [query.kind for query in found.values()] == ["explore", "explore", "audit"]
    assert len(found) == 3
    assert "orphans" in found
    assert "nothing" not in found


def test_unknown_name_comes_with_the_nearest_ones(folder: Path) -> None:
    found = catalogue.load(folder)
    assert found.get("orphans").name == "orphans"
    with pytest.raises(UnknownQuery, match="what-attacks") as caught:
        found.get("what-attack")
    assert caught.value.nearest[0] == "what-attacks"
    with pytest.raises(UnknownQuery) as caught:
        found.get("zzz")
    assert caught.value.nearest == ()


def test_name_used_twice_is_refused(folder: Path) -> None:
    (folder / "audit" / "what-attacks.rq").write_text(HEADER + QUERY, encoding="utf-8")
    with pytest.raises(QueryRefused, match="another saved query named what-attacks"):
        catalogue.load(folder)


def test_file_that_is_no_text_is_refused(folder: Path) -> None:
    (folder / "audit" / "bytes.rq").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(QueryRefused, match=r"bytes\.rq"):
        catalogue.load(folder)


def test_folder_without_queries_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ResourceMissing, match="no saved query"):
        catalogue.load(tmp_path / "nowhere")
