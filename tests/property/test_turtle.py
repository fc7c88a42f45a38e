"""The reader against pyoxigraph, a reader of its own making, and against what must hold of any input.

Where the two differ, and why argraph stays with the specification (Turtle 1.1, RFC 3986):

* pyoxigraph reads RDF 1.2: `~`, `{| |}`, `<<( )>>`, `@version`, `@en--ltr`. argraph refuses these.
* pyoxigraph refuses a byte order mark; argraph passes over one at the start, as files from Windows have it.
* pyoxigraph lets NUL bytes begin a file and bytes in remarks be no UTF-8; argraph calls neither Turtle.
* pyoxigraph reads `true.:a` as one name and `1.e:a` as a broken number; no prefix may end with a dot, and
  section 6.5 makes them `true` `.` `:a` and `1` `.` `e:a`.
* pyoxigraph keeps dot segments of the base and those behind `//host`, and drops the slash of `/..` where
  there is no host; RFC 3986 section 5.2.4 says otherwise.
* pyoxigraph nests without end; argraph to the depth of `grammar.NESTING`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from argraph.rdf.document import Document, PositionedTriple
from argraph.rdf.turtle import read

BASE = "http://base.example/folder/file"
CONTRIBUTION = """@prefix arg: <https://w3id.org/argraph/ns#> .
@prefix osai: <https://w3id.org/argraph/open-source-ai/> .
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

# An objection, and the step that puts it forward.
osai:ob-misuse a arg:Objection ;
    skos:prefLabel "Releasing weights enables misuse"@en , 'Missbrauch'@de-CH ;
    arg:undefeated true ;
    skos:note \"\"\"Once weights are "public",
  anyone can adapt them.\"\"\"@en .

osai:at-misuse a arg:Attack ; arg:premise osai:ob-misuse ; arg:target osai:pil-safety .

osai:study-x2024 a arg:Study ;
    arg:authors ( "Ada Example" "Ben O'Hara" [ arg:name "C" ] ) ;
    arg:year "2024"^^<http://www.w3.org/2001/XMLSchema#gYear> ; arg:score 0.75 , -1 , 1.5e-3 ;
    arg:url <https://example.org/a?b=c#d> ; .
"""
SYNTAX = """@base <http://z.example/a/b> .
@prefix : <#> . @prefix p.q: <x/> .
<> :p <../c> , <//h/i> ; a p.q:a\\~b%41:c.d .
_:a.b :p _:a.b;; :q [] , [ :r () ] .
[ :s "\\u00e9\\n\\"" ] :t '''a''b''' .
( 1 2.0 ) :u "".:v :w true .
"""
SUITE = Path(__file__).resolve().parents[3] / "shared" / "w3c" / "rdf" / "rdf11" / "rdf-turtle"
VALID = [CONTRIBUTION, SYNTAX]
for path in sorted(SUITE.glob("*.ttl")):
    if "bad" not in path.name and path.stat().st_size < 1500:
        VALID.append(path.read_bytes().decode())
VALID = [text for text in VALID if "\\ud801" not in text]  # a file of the suite that is no test of it
PIECES = [
    *"\"'<>.;,[]()@^#\\:_-+ \n\t\r01aeEAué%~?{}|=/$!*&`“”\u00a0\ufeff\x00😀",
    *[
        '"""',
        "'''",
        "true",
        "@prefix ",
        "PREFIX ",
        "@base ",
        " a ",
        "[]",
        "()",
        "^^",
        "@en",
        "<<",
        "{|",
        "=>",
    ],
    *["\\u0041", "\\U0010FFFF", "\\uD800", "://", "1.", ".5", "e1", "_:b", "<x>", "p:q", ". ", ";\n", "\r\n"],
]


def parse(text: str) -> Document:
    return read(text.encode(), name="f.ttl", base=BASE)


def canonical(triples: Iterable[PositionedTriple | ox.Quad]) -> set[ox.Quad]:
    """A graph by which isomorphic graphs are equal."""
    dataset = ox.Dataset(ox.Quad(triple[0], triple[1], triple[2]) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


def other_reader(text: str) -> set[ox.Quad] | None:
    """What pyoxigraph makes of it; None when it refuses it."""
    data = text.removeprefix("\ufeff").encode()
    try:
        return canonical(ox.parse(data, format=ox.RdfFormat.TURTLE, base_iri=BASE))
    except SyntaxError:
        return None


@st.composite
def edited(draw: st.DrawFn) -> str:
    """A valid file with one to three small edits."""
    text = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        gone = draw(st.integers(0, 2))
        text = text[:at] + draw(st.sampled_from(["", *PIECES])) + text[at + gone :]
    return text


def stretched() -> st.SearchStrategy[str]:
    """An edited file in which one character has become many."""
    return st.builds(
        lambda text, at: text[:at] + text[at : at + 1] * 3000 + text[at:], edited(), st.integers(0, 300)
    )


def soup() -> st.SearchStrategy[str]:
    """Pieces of Turtle in any order."""
    return st.lists(st.sampled_from([*PIECES, "<a> <b> <c> .\n", ":p ", "word ", '"x"', "?v "])).map("".join)


@pytest.mark.parametrize("text", VALID)
def test_both_readers_agree_on_valid_files(text: str) -> None:
    document = parse(text)
    assert document.diagnostics == ()
    assert canonical(document.triples) == other_reader(text)


@settings(max_examples=300)
@given(edited() | soup())
@example("<a> <b> true.:c <d> 1 .")
@example("<a> <b> ( 'x'@prefix : ) .")
@example("<a> <b> <c> ; ; .\ufeff")
def test_both_readers_agree_on_edited_files(text: str) -> None:
    document = parse(text)
    expected = other_reader(text)
    codes = {fault.code for fault in document.diagnostics}
    if expected is None:
        ahead = re.search(r"(?:true|false)\.[\w.-]*:|[0-9]\.[eE]", text)
        assert codes or ahead
    elif codes:
        assert codes & {"turtle-rdf12", "turtle-encoding", "turtle-nesting"}
    elif canonical(document.triples) != expected:
        assert re.search(r"\.\.?[/>?#]|<//", text), "only references with dot segments may differ"


@given(st.binary() | (st.text() | edited() | soup() | stretched()).map(str.encode))
@example(b"( @prefix p: <x> .")
@example(b"a <p> <o> .")
@example(b"\n<a>\n<b> a <c> .")
def test_any_bytes_can_be_read(data: bytes) -> None:
    document = read(data, name="f.ttl")
    for fault in document.diagnostics:
        place = fault.location
        assert (1, 1) <= (place.line, place.column) <= (place.end_line, place.end_column)
        line = document.line(place.line)
        assert fault.source == (line if len(line) <= 1000 else "")
        assert place.column <= len(line) + 1
        assert fault.message.endswith(".")
        assert len(fault.message) < 250
        assert len(fault.hint) < 450
        assert fault.code.startswith("turtle-")
    for triple in document.triples:
        for start, end in triple[3:]:
            assert 0 <= start < end <= len(document.text)


@given(edited() | st.sampled_from(VALID))
def test_a_span_holds_the_term_as_it_is_written(text: str) -> None:
    document = parse(text)
    directives = [found.start() for found in re.finditer("(?i)prefix|base", text)]
    first = min((triple.subject_span[0] for triple in document.triples), default=0)
    bases = len(re.findall("(?i)base", text))
    if bases > 1 or len(directives) != len(document.prefixes) + bases or any(at > first for at in directives):
        return  # names must mean the same at each place
    head = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in document.prefixes.items())
    for triple in document.triples:
        written = document.text[slice(*triple.object_span)]
        if isinstance(triple.object, ox.BlankNode) or triple.object.value.startswith(
            "http://www.w3.org/1999"
        ):
            continue  # a new node each time, or the end of a list, which nobody writes
        again = read(f"{head}<x:s> <x:p> {written} .".encode(), name="g.ttl", base=document.base)
        assert [t.object for t in again.triples] == [triple.object]


@given(st.sampled_from(VALID), st.sampled_from(["\r\n", "\r"]))
def test_the_form_of_line_ends_moves_no_line_and_no_column(text: str, line_end: str) -> None:
    text = text.replace("\r", "").replace("'''", "").replace('"""', "")
    one, other = parse(text), parse(text.replace("\n", line_end))
    places = [
        [document.location(triple.object_span) for triple in document.triples] for document in (one, other)
    ]
    assert places[0] == places[1]
    assert [fault.location for fault in one.diagnostics] == [fault.location for fault in other.diagnostics]


GOOD = [
    ":{n} a :Claim ; :label 'x'@en .",
    ":{n} :p [ :q 1 ; :r ( 'a' 'b' ) ] .",
    ':{n}\n  :p 1 , 2 ;\n  :q """two\nlines.""" .',
    "<http://e/{n}> :p true .",
]
BROKEN = [
    ":{n} a :Claim\n:end :p 1 .",
    ":{n} a :Claim\n  :p 1 .",
    ":{n} :p 1 ;\n  :q .",
    ":{n} :p .",
    ":{n} .",
    ':{n} :p "open ;\n  :q 1 .',
    ":{n} :p 'open .",
    ":{n} :p [ :q 1 .",
    ":{n} :p ( 1 2 ;\n  :q 3 .",
    ":{n} :p 1 ] .",
    ":{n} undeclared-{n}:p 1 .",
    ":{n} :p <http://e/a b> ; :q 2 .",
    ":{n} :p http://e/x ; :q 2 .",
    ":{n} :p “x” ; :q 2 .",
    ":{n} :p plain words here ; :q 2 .",
    ":{n} :p 'x'@en--ltr ; :q 2 .",
    ":{n} :p ?v ; :q 2 .",
    ":{n} => :b .",
    ":{n} A :Claim .",
    ":{n} :p '\\q' ; :q 2 .",
    ":{n} :p 2026-01-01 ; :q 2 .",
]


@settings(max_examples=200)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 99)), min_size=1, max_size=10))
def test_each_broken_statement_has_one_fault_and_costs_no_other_statement(
    plan: list[tuple[bool, int]],
) -> None:
    statements = []
    expected: set[str] = set()
    broken = 0
    for number, (fine, choice) in enumerate(plan):
        source = GOOD if fine else BROKEN
        statements.append(source[choice % len(source)].format(n=f"s{number}"))
        broken += not fine
        if fine:
            expected.add(f"<http://e/s{number}>")
    text = "@prefix : <http://e/> .\n" + "\n".join([*statements, ":end :p 1 ."])
    document = read(text.encode(), name="f.ttl")
    assert len(document.diagnostics) == broken
    subjects = {
        str(triple.subject) for triple in document.triples if isinstance(triple.subject, ox.NamedNode)
    }
    assert subjects == expected | {"<http://e/end>"}
