"""What the reader makes of valid Turtle, of other bytes, and where its bounds are."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pyoxigraph as ox
import pytest

from argraph.diagnostics import Location
from argraph.rdf import iris, tokens
from argraph.rdf.document import Document, Lines
from argraph.rdf.faults import MOST
from argraph.rdf.grammar import NESTING
from argraph.rdf.turtle import read

HEAD = """@prefix : <http://example.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
GOOD = ':good a :Claim ;\n    skos:prefLabel "Good"@en .\n'
XSD = "http://www.w3.org/2001/XMLSchema#"


def parse(text: str, base: str | None = None) -> Document:
    return read(text.encode(), name="f.ttl", base=base)


def objects(text: str) -> list[ox.NamedNode | ox.BlankNode | ox.Literal]:
    document = parse(text)
    assert document.diagnostics == ()
    return [triple.object for triple in document.triples]


# -- valid files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b" \r\n\t", b"# nothing but a remark"])
def test_a_file_without_statements_is_valid(data: bytes) -> None:
    document = read(data, name="f.ttl")
    assert (document.triples, document.diagnostics) == ((), ())


def test_each_term_has_its_span() -> None:
    text = HEAD + ':a skos:prefLabel "x"@en , 5 ; a [ :p <http://e/> ] .\n'
    document = parse(text)
    written = [
        tuple(text[slice(*span)] for span in (t.subject_span, t.predicate_span, t.object_span))
        for t in document.triples
    ]
    assert written == [
        (":a", "skos:prefLabel", '"x"@en'),
        (":a", "skos:prefLabel", "5"),
        ("[", ":p", "<http://e/>"),
        (":a", "a", "[ :p <http://e/> ]"),
    ]


def test_the_spans_of_a_list_are_those_of_its_items() -> None:
    text = "<a:s> <a:p> ( 1 2 ) ."
    document = parse(text)
    written = [
        (text[slice(*t.subject_span)], t.predicate.value[43:], text[slice(*t.object_span)])
        for t in document.triples
    ]
    assert written == [
        ("(", "first", "1"),
        ("(", "rest", "2"),
        ("2", "first", "2"),
        ("2", "rest", ")"),
        ("<a:s>", "", "( 1 2 )"),
    ]


def test_columns_count_code_points_and_any_line_end() -> None:
    document = parse("\ufeff<a:s>\r<a:p>\r\n'😀é' , <a:o>\n.")
    span = document.triples[1].object_span
    assert document.location(span) == Location("f.ttl", 3, 8, 3, 13)
    assert [document.line(number) for number in range(6)] == ["", "<a:s>", "<a:p>", "'😀é' , <a:o>", ".", ""]
    assert document.text.startswith("<a:s>")


def test_the_end_of_a_file_is_a_place() -> None:
    lines = Lines("a\n")
    assert lines.location("f", (2, 2)) == Location("f", 2, 1, 2, 1)


def test_literals_are_those_of_pyoxigraph() -> None:
    text = "<a:s> <a:p> 'x'@EN-us, 01, -.5, 1e3, true, 'x', '''a\r\n'b''', \"\\u00e9\\n\\\"\", 'd'^^<a:t> ."
    assert objects(text) == [
        ox.Literal("x", language="en-us"),
        ox.Literal("01", datatype=ox.NamedNode(XSD + "integer")),
        ox.Literal("-.5", datatype=ox.NamedNode(XSD + "decimal")),
        ox.Literal("1e3", datatype=ox.NamedNode(XSD + "double")),
        ox.Literal("true", datatype=ox.NamedNode(XSD + "boolean")),
        ox.Literal("x"),
        ox.Literal("a\r\n'b"),
        ox.Literal('é\n"'),
        ox.Literal("d", datatype=ox.NamedNode("a:t")),
    ]


def test_a_label_is_one_node_in_its_file_and_another_in_the_next() -> None:
    first, second, _ = parse("_:a <a:p> _:a . _:a <a:p> _:b . _:b <a:q> 1 .").triples
    assert first.subject == first.object == second.subject != second.object
    assert parse("_:a <a:p> 1 .").triples[0].subject != first.subject


def test_prefixes_and_base_are_those_at_the_end() -> None:
    document = parse(
        "PREFIX p: <http://a/>\n@prefix p: <b/> .\n@base <c/d> .\np:x <e> <> .", base="http://z/y"
    )
    assert document.prefixes == {"p": "http://z/b/"}
    assert document.base == "http://z/c/d"
    assert str(document.triples[0].subject) == "<http://z/b/x>"
    assert str(document.triples[0].predicate) == "<http://z/c/e>"


def test_names_may_hold_escapes_colons_dots_and_digits() -> None:
    text = "@prefix p.q: <http://e/> . p.q:1 p.q:a.b.c p.q:a:b , p.q:%41 , p.q:\\~\\/ , p.q: ."
    assert [str(node) for node in objects(text)] == [
        "<http://e/a:b>",
        "<http://e/%41>",
        "<http://e/~/>",
        "<http://e/>",
    ]


def test_a_keyword_before_a_dot_and_a_name_is_no_prefix() -> None:
    # pyoxigraph takes “true.:” for a prefix; section 6.5 lets no prefix end with a dot.
    assert len(objects("@prefix : <http://e/> . :a :b true.:c :d 1.:e :f 2 .")) == 3


@pytest.mark.parametrize(
    ("reference", "base", "resolved"),
    [
        ("g;x=1/../y", "http://a/b/c/d;p?q", "http://a/b/c/y"),
        ("../../../g", "http://a/b/c/d;p?q", "http://a/g"),
        ("?y", "http://a/b/c/d;p?q", "http://a/b/c/d;p?y"),
        ("", "http://a/b/c/d;p?q", "http://a/b/c/d;p?q"),
        ("#s", "http://a/b#x", "http://a/b#s"),
        ("//g", "http://a/b", "http://g"),
        ("g", "http://a", "http://a/g"),
        ("g:h", "http://a/b", "g:h"),
        ("http:g", "http://a/b", "http:g"),
        ("x", "urn:a:b", "urn:x"),
        # pyoxigraph keeps the dots of a base and those behind a new authority; RFC 3986 5.2.4 does not.
        ("x", "http://a/b/../c", "http://a/x"),
        ("//g/./h", "http://a/b", "http://g/h"),
        ("/..", "urn:a", "urn:/"),
    ],
)
def test_references_resolve_as_in_rfc_3986(reference: str, base: str, resolved: str) -> None:
    assert iris.resolve(reference, base).value == resolved


@pytest.mark.parametrize("reference", ["1a:x", ":x", "[/../x", "%zz/../x", "/.//x:y", "http://[::g]/"])
def test_an_invalid_reference_does_not_become_valid_by_resolving(reference: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        iris.resolve(reference, "urn:a")


# -- bytes and bounds --------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_utf16_is_told_once(encoding: str) -> None:
    document = read((HEAD + GOOD).encode(encoding), name="f.ttl")
    assert [(fault.code, fault.location) for fault in document.diagnostics] == [
        ("turtle-encoding", Location("f.ttl"))
    ]
    assert "Save it as UTF-8" in document.diagnostics[0].message


def test_a_byte_that_is_not_utf8_is_told_at_its_place() -> None:
    data = "\ufeff<a:b>\n <a:c> 'é".encode() + b"caf\xe9' ."
    (fault,) = read(data, name="f.ttl").diagnostics
    assert fault.location == Location("f.ttl", 2, 13, 2, 14)
    assert "The byte E9 here is not UTF-8." in fault.message
    assert "é" in fault.hint
    assert fault.source == " <a:c> 'écaf\ufffd' ."


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04\x14\0", b"\x1f\x8b\x08", b"%PDF-1.7\n", b"<a:b> <a:c> 1 .\n\0\0\0", bytes(range(256))],
)
def test_what_is_no_text_has_one_fault(data: bytes) -> None:
    assert [fault.code for fault in read(data, name="f.ttl").diagnostics] == ["turtle-encoding"]


@pytest.mark.parametrize(
    "text", ['<?xml version="1.0"?><rdf:RDF/>', "<!DOCTYPE html>", '{ "@context": {} }', '[{"a": 1}]']
)
def test_another_format_is_named(text: str) -> None:
    (fault,) = parse(text).diagnostics
    assert fault.code == "turtle-other-format"


def test_a_file_beyond_the_limit_is_not_read() -> None:
    data = b"<a:b> <a:c> 1 ."
    assert len(read(data, name="f.ttl", limit=len(data)).triples) == 1
    document = read(data, name="f.ttl", limit=len(data) - 1)
    assert document.triples == ()
    (fault,) = document.diagnostics
    assert fault.code == "turtle-too-large"
    assert "15 bytes; at most 14" in fault.message


@pytest.mark.parametrize(("opener", "closer"), [("[ <a:p> ", "]"), ("( ", ")")])
def test_nesting_is_bounded(opener: str, closer: str) -> None:
    def nested(depth: int) -> Document:
        return parse(f"<a:s> <a:p> {opener * depth} 1 {closer * depth} . <a:x> <a:y> 2 .")

    assert nested(NESTING).diagnostics == ()
    (fault,) = nested(NESTING + 1).diagnostics
    assert fault.code == "turtle-nesting"
    assert [str(triple.subject) for triple in nested(NESTING + 1).triples] == ["<a:x>"]


def test_the_deepest_nesting_needs_a_third_of_the_stack() -> None:
    def deep(frames: int, act: Callable[[], Document]) -> Document:
        return act() if frames == 0 else deep(frames - 1, act)

    used = 0
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        used += 1
    text = "<a:s> <a:p> " + "[ <a:p> " * NESTING + "1" + "]" * NESTING + " ."
    free = sys.getrecursionlimit() - used
    document = deep(free - 300, lambda: parse(text))
    assert document.diagnostics == ()


def test_reading_stops_after_many_faults() -> None:
    document = parse(HEAD + ":a ^ 1 .\n" * 1000)
    assert len(document.diagnostics) == MOST + 1
    assert document.diagnostics[-1].code == "turtle-too-many-faults"


def test_an_endless_line_is_not_repeated_in_diagnostics() -> None:
    (fault,) = parse("<a:s> <a:p> " + "1, " * 10_000 + "^ .").diagnostics
    assert (fault.source, fault.location.column) == ("", 30_013)


PATHOLOGICAL = {
    "dots": "a." * 60_000,
    "open brackets": "[" * 120_000,
    "clauses in brackets": "[ :p " * 30_000,
    "closing brackets": "]" * 120_000,
    "long texts that never close": ':a :b """ \\""" .\n' * 8_000,
    "escaped marks": '\\"""' * 30_000,
    "less-than signs": "<a<" * 40_000,
    "backslashes in IRIs": "<\\" * 60_000,
    "typographic marks": '"' + "”^^" * 40_000,
    "marks between words": ":a :b " + 'w" ' * 40_000,
    "adjacent texts": ":a :b " + '"a"b' * 30_000,
    "spaces in an open text": '"' + " " * 120_000 + "x",
    "tags in an open text": '"' + "@a-" * 40_000,
    "languages": ':a :b "x"' + "@en" * 40_000,
    "datatypes": ':a :b "x"' + "^^:t" * 30_000,
    "dots and hashes in an open text": '"""' + ".#" * 60_000,
    "numbers in one": ":a :b " + "1-" * 60_000,
    "bad escapes": ':a :b "' + "\\q" * 60_000 + '" .',
    "words": ":a :b " + "word " * 24_000,
    "statements in clauses": ":a :b :c ;\n" * 10_000,
    "undeclared prefixes": "x:a x:b x:c . " * 8_000,
    "braces": "{" * 120_000,
}


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_hostile_input_is_read_in_no_more_than_linear_time(name: str) -> None:
    # Each takes well under a second; work that grew with the square of the length would take many minutes.
    document = parse("@prefix : <http://e/> .\n" + PATHOLOGICAL[name])
    assert 0 < len(document.diagnostics) <= MOST + 1


def test_every_offset_has_a_token_up_to_the_end() -> None:
    text = " a b:c 'd' # e\n. \u00a0"
    offset = 0
    kinds: list[str] = []
    while not kinds or kinds[-1] != "end":
        kind, (_, offset) = tokens.token(text, offset)
        kinds.append(kind)
    assert kinds == ["word", "name", "string", ".", "wrong", "end"]
