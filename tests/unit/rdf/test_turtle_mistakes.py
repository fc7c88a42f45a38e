"""What the reader says of broken Turtle: one diagnostic for one mistake, and the rest of the file is read."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from argraph.diagnostics import Severity
from argraph.rdf.document import Document, Span
from argraph.rdf.turtle import read

HEAD = """@prefix : <http://example.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
GOOD = '\n:good a :Claim ;\n    skos:prefLabel "Good"@en .\n'


def parse(text: str) -> Document:
    return read(text.encode(), name="f.ttl")


def broken(body: str) -> Document:
    """A body between declarations and a good statement, which must survive."""
    document = parse(HEAD + body + GOOD)
    assert [str(triple.object) for triple in document.triples[-2:]] == [
        "<http://example.org/Claim>",
        '"Good"@en',
    ]
    return document


def unmarked(body: str) -> tuple[str, Span]:
    """A body without its ⟦ ⟧, and the span that they enclose, within the whole file."""
    start, end = body.index("⟦"), body.index("⟧") - 1
    return body.replace("⟦", "").replace("⟧", ""), (len(HEAD) + start, len(HEAD) + end)


MISTAKES = {
    # name: (a body with ⟦ ⟧ around what the diagnostic points at, its code, part of its message or hint)
    "missing dot": (':a a :B ;\n  :p "x"@en⟦⟧', "turtle-missing-dot", 'After "x"@en a “.”'),
    "missing dot before a directive": (":a a :B⟦⟧\n@prefix q: <http://q/> .", "turtle-missing-dot", "“.”"),
    "missing semicolon": (":a a :B⟦⟧\n  :p 1 .", "turtle-missing-semicolon", "“;”"),
    "missing comma": (":a :p :b⟦⟧ :c ; :q 1 .", "turtle-missing-comma", "“,”"),
    "semicolon for a dot": (":a a :B ⟦;⟧\n:b a :C .", "turtle-missing-dot", "“.” in its place"),
    "semicolon for a dot, other property": (":a :p 1 ⟦;⟧\n:b :p 2 .", "turtle-missing-dot", "“.”"),
    "dot for a semicolon": (
        ":a a :B .\n  ⟦:p⟧ 1 ;\n  :q 2 .",
        "turtle-missing-subject",
        "“;” in place of “.”",
    ),
    "dot for a semicolon before a": (
        ":a :p 1 .\n  ⟦a⟧ :B .",
        "turtle-missing-subject",
        "“;” in place of “.”",
    ),
    "dot and semicolon": (":a :p 1 . ⟦;⟧ :q 2 .", "turtle-missing-subject", "Remove one of the two"),
    "two dots": (":a :p 1 . ⟦.⟧", "turtle-stray-dot", "remove it"),
    "comma behind the last value": (":a :p 1 ⟦,⟧ .", "turtle-missing-object", "“.” in place of the comma"),
    "no value": (":a ⟦:p⟧ ;\n :q 1 .", "turtle-missing-object", "a value is missing"),
    "no property": (":a ⟦.⟧", "turtle-missing-predicate", "needs a property"),
    "no property before a text": (':a ⟦"x"⟧@en .', "turtle-missing-predicate", "a property is missing"),
    "subject alone on its line": ("⟦:a⟧\n:b a :C .", "turtle-missing-predicate", "before the next statement"),
    "text as subject": ('⟦"x"⟧ :p 1 .', "turtle-literal-subject", "cannot be a subject"),
    "blank node as property": (":a ⟦_:b⟧ 1 .", "turtle-bad-predicate", "cannot be a property"),
    "capital A": (":a ⟦A⟧ :B .", "turtle-bad-predicate", "lower-case “a”"),
    "a as a value": (":a :p ⟦a⟧ .", "turtle-bad-object", "rdf:type"),
    "True": (":a :p ⟦True⟧ .", "turtle-bad-object", "Write true"),
    "text not closed": (':a :p ⟦"x⟧@en ;\n  :q 1 .', "turtle-unterminated-string", 'write " at its end'),
    "text over lines": (':a :p ⟦"x\ny."⟧@en ; :q 1 .', "turtle-unterminated-string", '""" at both ends'),
    "long text not closed": (':a :p ⟦"""⟧x\n  :q 1 .', "turtle-unterminated-string", 'write """'),
    "long text closed by the next": (
        ':a :p ⟦"""⟧x ;\n :q 1 .\n:b :p """y""" .',
        "turtle-unterminated-string",
        "runs on to line 5",
    ),
    "marks within a text": (':a :p "He said ⟦"⟧no" twice"@en .', "turtle-quotation-marks", 'write \\"'),
    "one mark too many": (':a :p "x"⟦"⟧ ; :q 1 .', "turtle-quotation-marks", "one quotation mark too many"),
    "no mark at the start": (':a :p ⟦Some text"⟧@en ; :q 1 .', "turtle-quotation-marks", "at its start"),
    "typographic marks": (":a :p ⟦“Good”⟧@en ; :q 1 .", "turtle-quotation-marks", 'Write "Good"'),
    "typographic mark at the end": (':a :p ⟦"Good”⟧@en .', "turtle-quotation-marks", "typographic mark ”"),
    "text without marks": (":a :p ⟦Some more text⟧ ; :q 1 .", "turtle-bare-text", 'Write "Some more text"'),
    "word without marks": (":a :p ⟦Word⟧ ; :q 1 .", "turtle-bare-word", 'Write :Word, or "Word"'),
    "remark without a hash": ("⟦Here begins⟧, my part. Good luck.", "turtle-bare-text", "begins with #"),
    "slashes for a remark": ("⟦// My part. Good luck⟧", "turtle-comment", "Write # in place of //"),
    "hash in a name": (":a a :B⟦⟧#c ;\n  :p 1 .", "turtle-missing-semicolon", "begins a comment"),
    "bad escape": (':a :p "C:⟦\\p⟧ath\\more" .', "turtle-bad-escape", "Write \\\\p"),
    "surrogate": (':a :p "⟦\\uD800⟧" .', "turtle-bad-escape", "stands for no character"),
    "date": (":a :p ⟦2026-11-23⟧ ; :q 1 .", "turtle-bad-number", 'Write "2026-11-23"^^xsd:date'),
    "version": (":a :p ⟦1.2b⟧ ; :q 1 .", "turtle-bad-number", 'Write "1.2b"'),
    "sign alone": (":a :p ⟦+⟧ ; :q 1 .", "turtle-bad-number", "none follows"),
    "space in an IRI": (":a :p <http://e/x⟦ ⟧y> ; :q 1 .", "turtle-bad-iri", "write %20"),
    "IRI not closed": (":a :p ⟦<http://e/x⟧ ; :q 1 .", "turtle-bad-iri", "Write <http://e/x>"),
    "padded IRI": (":a :p ⟦< http://e/x >⟧ ; :q 1 .", "turtle-bad-iri", "spaces between"),
    "bad host": (":a :p ⟦<http://[::g]/>⟧ .", "turtle-bad-iri", "not a valid IRI"),
    "relative IRI": (":a :p ⟦<x>⟧ ; :q 1 .", "turtle-relative-iri", "such as :x"),
    "bare IRI": (":a :p ⟦https://e/x?y#z⟧ ; :q 1 .", "turtle-bare-iri", "Write <https://e/x?y#z>"),
    "IRI without its opening mark": (":a :p ⟦http://e/x>⟧ ; :q 1 .", "turtle-bare-iri", "Write <http://e/x>"),
    "slash in a name": ("⟦:a/b⟧ :p 1 .", "turtle-bad-name", "Write :a\\/b"),
    "percent sign in a name": (":a :p ⟦:50%⟧ .", "turtle-bad-name", "two hexadecimal digits"),
    "long dash": (":a :p :b⟦–⟧c ; :q 1 .", "turtle-character", "hyphen"),
    "no-break space": (":a⟦\u00a0⟧:p 1 .", "turtle-invisible-character", "plain space"),
    "byte order mark within": ("⟦\ufeff:⟧a :p 1 .", "turtle-invisible-character", "cannot be seen"),
    "language with underscore": (':a :p "x"⟦@en_US⟧ ; :q 1 .', "turtle-bad-language", "Write @en-US"),
    "language too long": (':a :p "x"⟦@toolonglanguage⟧ .', "turtle-bad-language", "no language tag"),
    "language of a node": (":a :p :b⟦@en⟧ ; :q 1 .", "turtle-bad-object", "belongs to a text"),
    "language and datatype": (':a :p "x"@en⟦^^⟧:t .', "turtle-bad-object", "only one"),
    "datatype in marks": (':a :p "x"^^⟦"xsd:date"⟧ .', "turtle-bad-datatype", "such as xsd:date"),
    "datatype without prefix": (':a :p "x"^^⟦date⟧ .', "turtle-bad-datatype", "Write xsd:date"),
    "bracket not closed": (":a :p ⟦[⟧ :q 1 .", "turtle-unclosed-bracket", "write “]” before “.” on line 3"),
    "brackets not closed": (":a :p [ :q ⟦(⟧ 1 .", "turtle-unclosed-bracket", "write “)]” before"),
    "list not closed": (":a :p ⟦(⟧ 1 2 ;\n :q 1 .", "turtle-unclosed-bracket", "write “)”"),
    "wrong bracket": (":a :p ⟦(⟧ 1 ] ; :q 1 .", "turtle-unclosed-bracket", "“)”"),
    "stray bracket": (":a :p 1 ⟦]⟧ ; :q 1 .", "turtle-stray-bracket", "closes nothing"),
    "dot in brackets": (":a :p [ :q 1 ⟦.⟧ ] ; :q 1 .", "turtle-stray-dot", "remove it"),
    "commas in a list": (":a :p ( 1⟦,⟧ 2, 3 ) .", "turtle-list-comma", "separated by spaces"),
    "PREFIX with a dot": ("PREFIX q: <http://q/> ⟦.⟧\nq:a q:b q:c .", "turtle-sparql-dot", "no dot"),
    "@prefix without a dot": ("@prefix q: <http://q/>⟦⟧\nq:a q:b q:c .", "turtle-missing-dot", "“.”"),
    "@prefix without a colon": (
        "@prefix ⟦q⟧ <http://q/> .\nq:a q:b q:c .",
        "turtle-bad-directive",
        "Write q:",
    ),
    "@prefix with a bare IRI": (
        "@prefix q: ⟦http://q/⟧ .\nq:a q:b q:c .",
        "turtle-bare-iri",
        "Write <http://q/>",
    ),
    "@prefix with a text": (
        '@prefix q: ⟦"http://q/"⟧ .\nq:a q:b q:c .',
        "turtle-bad-directive",
        "angle brackets",
    ),
    "@PREFIX": ("⟦@PREFIX⟧ q: <http://q/> .\nq:a q:b q:c .", "turtle-bad-directive", "lower case"),
    "@perfix": ("⟦@perfix⟧ q: <http://q/> .\nq:a q:b q:c .", "turtle-bad-directive", "Only @prefix"),
    "prefix with a dot": (
        "@prefix ⟦.q:⟧ <http://q/> .\nq:a q:b q:c .",
        "turtle-bad-directive",
        "is no prefix",
    ),
    "variable": ("⟦?x⟧ :p 1 .", "turtle-variable", "variable of SPARQL"),
    "query": ("⟦SELECT⟧ * WHERE { ?s ?p ?o } .", "turtle-sparql", "is SPARQL"),
    "quoted triple": ("⟦<<⟧ :a :b :c >> :p 1 .", "turtle-rdf12", "RDF 1.2"),
    "annotation": (":a :b :c ⟦{|⟧ :p 1 |} .", "turtle-rdf12", "RDF 1.2"),
    "reifier": (":a :b :c ⟦~⟧ :d .", "turtle-rdf12", "RDF 1.2"),
    "version directive": ('⟦@version⟧ "1.2" .', "turtle-rdf12", "RDF 1.2"),
    "VERSION": ('⟦VERSION⟧ "1.2"', "turtle-rdf12", "RDF 1.2"),
    "direction": (':a :p "x"⟦@en--ltr⟧ ; :q 1 .', "turtle-rdf12", "Write @en"),
    "implication": (":a ⟦=>⟧ :b .", "turtle-n3", "N3"),
    "equals": (":a ⟦=⟧ :b .", "turtle-n3", "owl:sameAs"),
    "is of": (":a ⟦is⟧ :b of :c .", "turtle-n3", "N3"),
    "braces": ("⟦{⟧ :a :b :c . } .", "turtle-n3", "Remove them"),
    "path": (":a⟦^⟧:b :p 1 .", "turtle-n3", "“^^”"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_once_at_its_place_with_a_remedy(name: str) -> None:
    marked, code, remedy = MISTAKES[name]
    body, span = unmarked(marked)
    document = broken(body)
    (fault,) = document.diagnostics
    assert fault.code == code
    assert fault.location == document.location(span)
    assert remedy in f"{fault.message} {fault.hint}"
    assert fault.source == document.line(fault.location.line)
    assert fault.severity is Severity.VIOLATION


@pytest.mark.parametrize("name", MISTAKES)
def test_a_message_is_a_short_sentence_in_plain_words(name: str) -> None:
    for fault in broken(unmarked(MISTAKES[name][0])[0]).diagnostics:
        assert fault.message.endswith(".")
        assert len(fault.message) <= 130
        assert "\n" not in fault.message + fault.hint
        assert not {"token", "literal", "lexer", "parser", "EOF"} & set(fault.message.split())


@pytest.mark.parametrize("name", [name for name in MISTAKES if MISTAKES[name][1] != "turtle-rdf12"])
def test_pyoxigraph_takes_it_for_a_mistake_too(name: str) -> None:
    body, _ = unmarked(MISTAKES[name][0])
    with pytest.raises(SyntaxError):
        list(ox.parse((HEAD + body + GOOD).encode(), format=ox.RdfFormat.TURTLE))


def test_three_broken_statements_of_ten_leave_seven() -> None:
    statements = [f":s{n} :p {n} ;\n    :q :o{n} .\n" for n in range(10)]
    statements[2] = ":s2 :p 2 ;\n    :q .\n"
    statements[5] = ':s5 :p "5 ;\n    :q :o5 .\n'
    statements[8] = ":s8 :p [ :q :o8 .\n"
    document = parse(HEAD + "\n".join(statements))
    assert [fault.code for fault in document.diagnostics] == [
        "turtle-missing-object",
        "turtle-unterminated-string",
        "turtle-unclosed-bracket",
    ]
    assert len(document.triples) == 14
    subjects = {str(triple.subject)[-2] for triple in document.triples}
    assert subjects == set("0134679")


def test_statements_on_one_line_are_told_apart() -> None:
    document = parse("<a:a> <a:b> . <a:c> <a:d> 1 . <a:e> ^ 1 . <a:f> <a:g> 2 .")
    assert [fault.location.column for fault in document.diagnostics] == [7, 37]
    assert [str(triple.subject) for triple in document.triples] == ["<a:c>", "<a:f>"]


def test_a_second_fault_on_the_same_line_of_a_statement_waits() -> None:
    assert [fault.code for fault in broken(":a :b 1 1 :c 1 1 .\n").diagnostics] == ["turtle-missing-comma"]


def test_faults_of_names_and_texts_are_all_told() -> None:
    body = ':a x:b "\\q" ; <y> "z"@toolonglanguage .\n'
    assert [fault.code for fault in broken(body).diagnostics] == [
        "turtle-unknown-prefix",
        "turtle-bad-escape",
        "turtle-relative-iri",
        "turtle-bad-language",
    ]


@pytest.mark.parametrize(
    ("tail", "code"),
    [
        (":a :b :c", "turtle-missing-dot"),
        (":a :b :c ;", "turtle-missing-dot"),
        (":a :b", "turtle-missing-object"),
        (":a", "turtle-missing-predicate"),
        (":a :b [ :c ( 1", "turtle-unclosed-bracket"),
        (':a :b "x', "turtle-unterminated-string"),
        (':a :b """x', "turtle-unterminated-string"),
        ("@prefix", "turtle-bad-directive"),
        ("@prefix q: <http://q/>", "turtle-missing-dot"),
    ],
)
def test_a_file_that_breaks_off_has_one_fault(tail: str, code: str) -> None:
    document = parse(HEAD + GOOD + tail)
    assert [fault.code for fault in document.diagnostics] == [code]
    assert len(document.triples) == 2


# -- undeclared prefixes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        (":a dcterms:title 1 .\n", "Add the line: @prefix dcterms: <http://purl.org/dc/terms/> ."),
        (":a scos:note 1 .\n", "Did you mean skos:note?"),
        (
            ":a dcterm:title 1 .\n",
            "Did you mean dcterms:title? Then add: @prefix dcterms: <http://purl.org/dc/terms/> .",
        ),
        (":a quux:b 1 .\n", "Add a line such as: @prefix quux: <https://…> . Declared here: :, skos:"),
        (":a :b urn:isbn:1 .\n", "If this is an IRI, put all of it in angle brackets: <…>"),
    ],
)
def test_an_undeclared_prefix_is_told_with_the_line_to_add(body: str, hint: str) -> None:
    document = broken(body)
    (fault,) = document.diagnostics
    assert (fault.code, fault.hint) == ("turtle-unknown-prefix", hint)
    assert fault.message == f"The prefix “{fault.value}” is not declared."
    assert fault.source.split(fault.value)[0] == fault.source[: fault.location.column - 1]


def test_an_undeclared_prefix_is_told_at_each_use_but_not_without_end() -> None:
    found = broken("".join(f"x:a :p {n} .\n" for n in range(30))).diagnostics
    assert [fault.location.line for fault in found] == [3, 4, 5, 6, 7]
    assert {fault.code for fault in found} == {"turtle-unknown-prefix"}
