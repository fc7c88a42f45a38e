"""Terms keep their identity on the way between the two libraries."""

from __future__ import annotations

import logging

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib import RDF, XSD

from argraph.rdf.store import Term
from argraph.rdf.terms import from_rdflib, to_rdflib

_NAMES = """
    string integer decimal double float boolean date dateTime time gYear duration base64Binary hexBinary
    anyURI normalizedString byte
"""
DATATYPES = [
    *(XSD[name] for name in _NAMES.split()),
    *(RDF.HTML, RDF.XMLLiteral),
    rdflib.URIRef("https://example.org/own-datatype"),
]
LEXICAL = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.sampled_from(
        ["1", "01", "+1", "1.0", "true", "TRUE", "2024", "2024-02-30", "INF", "NaN", "P1Y", " 1", "<p>"]
    ),
)
TERMS: st.SearchStrategy[Term] = st.one_of(
    st.sampled_from(["a", "b/c?d=é#f", "%20"]).map(
        lambda local: ox.NamedNode(f"https://example.org/{local}")
    ),
    st.sampled_from(["b0", "x1"]).map(ox.BlankNode),
    st.builds(
        lambda text, name: ox.Literal(text, datatype=ox.NamedNode(name)), LEXICAL, st.sampled_from(DATATYPES)
    ),
    st.builds(
        lambda text, tag: ox.Literal(text, language=tag), LEXICAL, st.sampled_from(["en", "de-CH", "zh-hant"])
    ),
)


@given(TERMS)
def test_a_term_survives_the_way_there_and_back(term: Term) -> None:
    assert from_rdflib(to_rdflib(term)) == term


@given(TERMS, TERMS)
def test_terms_are_equal_in_one_library_exactly_when_they_are_in_the_other(one: Term, other: Term) -> None:
    assert (to_rdflib(one) == to_rdflib(other)) == (one == other)
    assert (hash(to_rdflib(one)) == hash(to_rdflib(other))) or one != other


def test_plain_and_typed_strings_are_one_literal() -> None:
    plain, typed = rdflib.Literal("open"), rdflib.Literal("open", datatype=XSD.string)
    assert plain != typed, "rdflib has come to agree with RDF 1.1; the converter may be simplified"
    assert from_rdflib(plain) == from_rdflib(typed) == ox.Literal("open")
    typed_there = ox.Literal("open", datatype=ox.NamedNode(str(XSD.string)))
    assert to_rdflib(ox.Literal("open")) == to_rdflib(typed_there) == plain


@pytest.mark.parametrize(
    ("lexical", "datatype"),
    [("01", XSD.integer), ("1", XSD.boolean), ("1.10", XSD.decimal), ("soon", XSD.date), ("23", XSD.gYear)],
)
def test_no_literal_is_rewritten(lexical: str, datatype: rdflib.URIRef) -> None:
    converted = to_rdflib(ox.Literal(lexical, datatype=ox.NamedNode(datatype)))
    assert isinstance(converted, rdflib.Literal)
    assert (str(converted), converted.datatype) == (lexical, datatype)


def test_an_ill_typed_literal_is_known_as_such_without_a_word_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        converted = to_rdflib(ox.Literal("soon", datatype=ox.NamedNode(XSD.date)))
    assert isinstance(converted, rdflib.Literal)
    assert converted.ill_typed
    assert caplog.records == []


def test_what_is_not_rdf_is_refused() -> None:
    with pytest.raises(ValueError, match="IRI"):
        from_rdflib(rdflib.URIRef("no scheme"))
