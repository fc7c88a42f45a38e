"""Nodes that the screen lets pass are nodes on which pySHACL finds nothing."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argraph import resources
from argraph.contribution.neighbourhood import Graph, Triple
from argraph.contribution.screen import Screen
from argraph.contribution.shapes import ShapeSet
from argraph.rdf.store import Store
from argraph.vocab import ARG, LABEL, RDF, RDFS, SCHEMA, SUBCLASS, TEXT, TYPE, XSD

from .test_neighbourhood import CLASSES, FAR, LINKS, NEAR, Split, debates, splits, stored, triples

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def screened() -> ShapeSet:
    return ShapeSet.load(ROOT / "shapes", ROOT / "ontology")


@pytest.fixture(scope="module")
def plain() -> ShapeSet:
    return ShapeSet.load(ROOT / "shapes", ROOT / "ontology", screened=False)


@pytest.fixture(scope="module")
def screen() -> Screen:
    shapes, ontology = ox.Store(), ox.Store()
    for folder, store in ((ROOT / "shapes", shapes), (ROOT / "ontology", ontology)):
        for path in sorted(folder.glob("*.ttl")):
            store.load(path=path, format=ox.RdfFormat.TURTLE)
    return Screen(shapes, ontology)


# -- the shipped debate with one change ---------------------------------------------------------------------


def surroundings() -> list[Triple]:
    """Some nodes of each class of the shipped debate, with what they link to and what links to them."""
    quads = list(Store.load(resources.graph()).raw)
    types = [q for q in quads if q.predicate.value == TYPE]
    chosen: set[object] = set()
    for kind in sorted({q.object.value for q in types}):  # type: ignore[union-attr]
        nodes = sorted(q.subject.value for q in types if getattr(q.object, "value", "") == kind)  # type: ignore[union-attr]
        chosen |= {ox.NamedNode(node) for node in nodes[:2]}
    linked = {q.object for q in quads if q.subject in chosen} | {
        q.subject for q in quads if q.object in chosen
    }
    cells = {q.object for q in quads if isinstance(q.object, ox.BlankNode)} | {
        q.subject for q in quads if isinstance(q.subject, ox.BlankNode)
    }
    return sorted(
        {
            (q.subject, q.predicate, q.object)
            for q in quads
            if q.subject in chosen | {n for n in linked if isinstance(n, ox.NamedNode)} | cells
        },
        key=str,
    )  # type: ignore[return-value]


SHIPPED = surroundings()
VALUES: list[ox.NamedNode | ox.BlankNode | ox.Literal] = [
    *(ox.Literal(text, language="en") for text in ("", "no", "A text that is long enough.", "x" * 1600)),
    ox.Literal("A text that is long enough.", language="EN-gb"),
    ox.Literal("plain"),
    ox.Literal("Ada et al."),
    ox.Literal("One; Two"),
    *(
        ox.Literal(text, datatype=ox.NamedNode(XSD + kind))
        for text, kind in [
            ("2024", "gYear"),
            ("1024", "gYear"),
            ("soon", "gYear"),
            ("2024", "integer"),
            ("2024-01-31", "date"),
            ("2024-02-31", "date"),
            ("2024-01-31Z", "date"),
            ("maybe", "boolean"),
            ("1", "boolean"),
            ("0.5", "decimal"),
            ("1.5", "decimal"),
            ("x", "decimal"),
            ("NaN", "double"),
            ("doi:10.1000/182", "anyURI"),
        ]
    ),
    *(ox.Literal(text) for text in ("10.1000/182", "DOI:10.1000/182", "2310.10000", "arXiv:2310.10000")),
    *(
        ox.NamedNode(iri)
        for iri in ("https://example.org/x", "https://doi.org/10.1000/1", "urn:x", RDF + "nil")
    ),
    *(
        ox.NamedNode(ARG + name)
        for name in ("High", "Verified", "For", "Survey", "Preprint", "SchemeAnalogy")
    ),
    ox.NamedNode(RDFS + "Resource"),
    ox.BlankNode("n"),
]


@st.composite
def changed(draw: st.DrawFn) -> set[Triple]:
    """The shipped debate's surroundings with one or two changes: mostly one fault, or none."""
    said = set(SHIPPED)
    for _ in range(draw(st.integers(1, 2))):
        triple = draw(st.sampled_from(SHIPPED))
        subject, predicate, value = triple
        change = draw(st.sampled_from(["without", "other value", "further value", "other property", "class"]))
        if change in {"without", "other value", "other property"}:
            said.discard(triple)
        if change in {"other value", "further value"}:
            nodes = sorted({s for s, _, _ in SHIPPED if isinstance(s, ox.NamedNode)}, key=str)
            value = draw(st.one_of(st.sampled_from(VALUES), st.sampled_from(nodes)))
            said.add((subject, predicate, value))
        if change == "other property":
            names = [LABEL, TEXT, SCHEMA + "unheard", SUBCLASS, *LINKS]
            said.add((subject, ox.NamedNode(draw(st.sampled_from(names))), value))
        if change == "class":
            said.add((subject, ox.NamedNode(TYPE), ox.NamedNode(draw(st.sampled_from(CLASSES)))))
    return said


@settings(max_examples=60)
@given(said=changed())
def test_a_single_fault_in_the_shipped_debate_is_not_missed(
    screened: ShapeSet, plain: ShapeSet, said: set[Triple]
) -> None:
    store = stored(said)
    assert screened.validate(store) == plain.validate(store)


@settings(max_examples=40)
@given(split=debates())
def test_debates_full_of_faults_have_the_same_results(
    screened: ShapeSet, plain: ShapeSet, split: Split
) -> None:
    base, added = split
    store, subjects = stored(base, added), {subject for subject, _, _ in added}
    assert screened.validate(store) == plain.validate(store)
    assert screened.validate(store, subjects) == plain.validate(store, subjects)


@settings(max_examples=40)
@given(said=st.sets(triples(links=LINKS, classes=CLASSES), max_size=6))
def test_few_statements_have_the_same_results(screened: ShapeSet, plain: ShapeSet, said: set[Triple]) -> None:
    store = stored(said)
    assert screened.validate(store) == plain.validate(store)


def both(shapes: str) -> tuple[ShapeSet, ShapeSet]:
    store = ox.Store()
    store.load(shapes.encode(), format=ox.RdfFormat.TURTLE)
    return ShapeSet(store, ox.Store()), ShapeSet(store, ox.Store(), screened=False)


FAR_SCREENED, FAR_PLAIN = both(FAR)


@settings(max_examples=200)
@given(split=splits(NEAR))
def test_far_reaching_shapes_have_the_same_results(split: Split) -> None:
    store = stored(*split)
    assert FAR_SCREENED.validate(store) == FAR_PLAIN.validate(store)


# -- what the screen decides, and what it does not ----------------------------------------------------------


def test_of_the_shipped_debate_nothing_but_the_debate_itself_is_left_to_pyshacl(
    screen: Screen, plain: ShapeSet
) -> None:
    store = Store.load(resources.graph()).raw
    graph = Graph(store)
    faulty = {result.focus for result in plain.validate(store)}
    left = set(screen.open(graph, screen.targets(graph)))
    assert faulty <= left
    assert {node.value for node in left - faulty} == {"https://w3id.org/argraph/open-source-ai/"}


@pytest.mark.parametrize(
    "constraint",
    [
        "sh:languageIn ( 'en' )",
        "sh:deactivated true",
        "sh:datatype rdfs:Literal",
        "sh:pattern 'a', 'b' ; sh:flags 'i', 'm'",
        "sh:node ex:S",
        "sh:property [ sh:path ex:q ; sh:maxCount 0 ; sh:message '…' ]",
    ],
)
def test_what_the_screen_does_not_understand_is_left_to_pyshacl(constraint: str) -> None:
    prefixes = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <https://example.org/> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."""
    text = f"{prefixes} ex:S sh:targetSubjectsOf ex:p ; sh:path ex:p ; {constraint} ; sh:message '…' ."
    shapes, data = ox.Store(), ox.Store()
    shapes.load(text.encode(), format=ox.RdfFormat.TURTLE)
    data.load(b"@prefix ex: <https://example.org/> . ex:a ex:p 'b' .", format=ox.RdfFormat.TURTLE)
    screen = Screen(shapes, ox.Store())
    assert screen.open(Graph(data), [ox.NamedNode("https://example.org/a")])


def test_a_query_that_is_not_known_is_left_to_pyshacl(screen: Screen) -> None:
    text = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <https://example.org/> .
        ex:S sh:targetSubjectsOf ex:p ; sh:message '…' ;
            sh:sparql [ sh:select 'SELECT $this WHERE { FILTER (false) }' ] ."""
    shapes, data = ox.Store(), ox.Store()
    shapes.load(text.encode(), format=ox.RdfFormat.TURTLE)
    data.load(b"@prefix ex: <https://example.org/> . ex:a ex:p 'b' .", format=ox.RdfFormat.TURTLE)
    assert Screen(shapes, ox.Store()).open(Graph(data), [ox.NamedNode("https://example.org/a")])
