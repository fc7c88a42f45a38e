"""Validating the surroundings of a contribution finds exactly what validating everything finds."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argraph.contribution.neighbourhood import Triple
from argraph.contribution.shapes import ShapeResult, ShapeSet
from argraph.vocab import (
    ARG,
    BIBO,
    DCTERMS,
    LABEL,
    PREFIXES,
    PROV,
    RDF,
    SCHEMA,
    TEXT,
    TYPE,
    VOID,
    XSD,
)

ROOT = Path(__file__).resolve().parents[2]
EX = "https://example.org/debate/"

Results: TypeAlias = dict[str, list[ShapeResult]]
Split: TypeAlias = tuple[set[Triple], set[Triple]]

NAMED = [ox.NamedNode(EX + name) for name in "abcdefghijkl"]
NODES: list[ox.NamedNode | ox.BlankNode] = [*NAMED, ox.BlankNode("n1"), ox.BlankNode("n2")]
OUTSIDE = ox.NamedNode("https://elsewhere.org/x")
LITERALS = [
    ox.Literal("A statement that is long enough.", language="en"),
    ox.Literal("no", language="de"),
    ox.Literal("plain"),
    ox.Literal("2024", datatype=ox.NamedNode(XSD + "gYear")),
    ox.Literal("7", datatype=ox.NamedNode(XSD + "integer")),
    ox.Literal("NaN", datatype=ox.NamedNode(XSD + "double")),
    ox.Literal("soon", datatype=ox.NamedNode(XSD + "date")),
    ox.Literal("true", datatype=ox.NamedNode(XSD + "boolean")),
    ox.Literal("https://doi.org/10.1000/182"),
]
CLASSES = [
    *(ARG + name for name in ("Thesis", "Claim", "Objection", "Rebuttal", "Evidence", "Study", "Passage")),
    *(
        ARG + name
        for name in ("Support", "Attack", "EvidenceLine", "Assessment", "Theme", "Statement", "Nonsense")
    ),
    *(SCHEMA + "Article", VOID + "Dataset", ARG + "Contribution"),
]
LINKS = [
    *(
        ARG + name
        for name in ("premise", "conclusion", "target", "evidence", "bearsOn", "reportedIn", "scheme")
    ),
    *(ARG + name for name in ("supports", "undefeated", "grade", "verification", "value", "mistyped")),
    *(DCTERMS + "subject", DCTERMS + "isPartOf", PROV + "hadPrimarySource", SCHEMA + "datePublished"),
    *(
        LABEL,
        TEXT,
        BIBO + "doi",
        BIBO + "authorList",
        RDF + "first",
        RDF + "rest",
        PREFIXES["oa"] + "hasTarget",
    ),
]


def triples(*, links: list[str], classes: list[str]) -> st.SearchStrategy[Triple]:
    """Random statements; most are faults, since nothing makes them fit together."""
    nodes = st.sampled_from([*NODES, OUTSIDE])
    values = st.sampled_from(
        [*NODES, *LITERALS, OUTSIDE, ox.NamedNode(ARG + "Moderate"), ox.NamedNode(RDF + "nil")]
    )
    typing = st.tuples(nodes, st.just(ox.NamedNode(TYPE)), st.sampled_from(list(map(ox.NamedNode, classes))))
    linking = st.tuples(nodes, st.sampled_from(list(map(ox.NamedNode, links))), values)
    return st.one_of(typing, linking, linking)


@st.composite
def splits(draw: st.DrawFn, statements: st.SearchStrategy[Triple]) -> Split:
    """A graph in two parts: what was there, and the little that a contribution adds."""
    added = draw(st.sets(statements, max_size=4))
    return draw(st.sets(statements, min_size=15, max_size=40)) - added, added


def sound_nodes() -> list[set[Triple]]:
    """Nodes that are in order, so that faults also stand beside what is right."""
    text = (
        "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
        + f"@prefix ex: <{EX}> .\n"
        + """
        <https://example.org/debate/> a void:Dataset ; dcterms:title "A debate"@en ;
            dcterms:license <https://example.org/l> ; void:uriSpace "https://example.org/debate/" . #
        ex:a a arg:Claim ; skos:prefLabel "A claim"@en ; schema:text "A claim that is true."@en . #
        ex:b a arg:Objection ; skos:prefLabel "No claim"@en ; schema:text "A claim that is false."@en . #
        ex:c a arg:Attack ; arg:premise ex:b ; arg:target ex:a . #
        ex:d a arg:Rebuttal ; skos:prefLabel "A reply"@en ; schema:text "A reply that is true."@en . #
        ex:e a arg:Attack ; arg:premise ex:d ; arg:target ex:c . #
        ex:f a arg:Study ; schema:name "A study"@en ; bibo:authorList ( "One" "Two" ) ; arg:venue "Here" ;
            schema:datePublished "2024"^^xsd:gYear ; arg:studyType arg:Preprint ; arg:method arg:Survey ;
            bibo:doi "10.1000/182" ; arg:verification arg:Verified . #
        ex:g a arg:Evidence ; schema:text "A finding that was made."@en ; arg:reportedIn ex:f ;
            arg:grade arg:Low ; arg:verification arg:Verified . #
        ex:h a arg:Support ; arg:premise ex:a , ex:g ; arg:conclusion ex:d ; arg:scheme arg:SchemeAnalogy . #
        <https://elsewhere.org/x> a arg:Theme ; skos:prefLabel "A theme"@en .
        """
    )
    prefixes = "\n".join(line for line in text.splitlines() if line.startswith("@prefix"))
    body = text.removeprefix(prefixes)
    found = []
    for block in body.split("#\n"):
        quads = ox.parse((prefixes + block).encode(), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
        found.append({(q.subject, q.predicate, q.object) for q in quads})
    return found


SOUND = sound_nodes()


@st.composite
def debates(draw: st.DrawFn) -> Split:
    """A small sound debate, cut in two anywhere, with faults strewn over it and parts left out."""
    base, added = draw(splits(triples(links=LINKS, classes=CLASSES)))
    for block in SOUND:
        place = draw(st.sampled_from(["base", "base", "added", "nowhere"]))
        if place != "nowhere":
            (base if place == "base" else added).update(block)
    return base - added, added


def stored(base: set[Triple], added: set[Triple] = frozenset()) -> ox.Store:  # type: ignore[assignment]
    store = ox.Store()
    for name, part in (("urn:base", base), ("urn:added", added)):
        store.extend(ox.Quad(*triple, ox.NamedNode(name)) for triple in part)
    return store


def by_focus(results: list[ShapeResult]) -> Results:
    grouped: Results = {}
    for result in results:
        grouped.setdefault(str(result.focus), []).append(result)
    return grouped


def check(shapes: ShapeSet, split: Split) -> None:
    """The three promises of `validate` and `affected`."""
    base, added = split
    after, before = stored(base, added), stored(base)
    full = shapes.validate(after)
    subjects = {subject for subject, _, _ in added}
    affected = shapes.affected(after, subjects)
    assert shapes.validate(after, subjects) == [r for r in full if affected is None or r.focus in affected]
    if affected is None:
        return
    were, are = by_focus(shapes.validate(before)), by_focus(full)
    changed = {focus for focus in were.keys() | are.keys() if were.get(focus) != are.get(focus)}
    assert changed <= set(map(str, affected))
    # The same the other way round: taking the contribution away.
    ends = {value for _, _, value in added}
    assert changed <= set(map(str, shapes.affected(before, subjects | ends) or changed))


@pytest.fixture(scope="module")
def argraph_shapes() -> ShapeSet:
    return ShapeSet.load(ROOT / "shapes", ROOT / "ontology", screened=False)


@settings(max_examples=40)
@given(split=debates())
def test_argraphs_shapes_on_debates_with_faults(argraph_shapes: ShapeSet, split: Split) -> None:
    check(argraph_shapes, split)


# -- shapes made to reach far -------------------------------------------------------------------------------

FAR = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://example.org/debate/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .

ex:Nested sh:targetClass ex:A ; sh:message "…" ; sh:path ex:p ;
    sh:node [ sh:property [ sh:message "…" ; sh:path ex:q ;
        sh:node [ sh:property [ sh:message "…" ; sh:path ex:p ; sh:minCount 1 ] ] ] ] .

ex:Either sh:targetSubjectsOf ex:p ; sh:message "…" ;
    sh:or ( [ sh:class ex:A ] [ sh:property [ sh:path ( ex:q ex:q ) ; sh:minCount 1 ] ] ) .

ex:Neither sh:targetObjectsOf ex:q ; sh:message "…" ;
    sh:not [ sh:property [ sh:path ( [ sh:inversePath ex:q ] [ sh:inversePath ex:p ] ) ; sh:minCount 1 ] ] .

ex:Kind sh:targetObjectsOf ex:r ; sh:message "…" ; sh:nodeKind sh:IRI .

ex:Far sh:targetClass ex:B ; sh:message "…" ;
    sh:path ( [ sh:inversePath ex:q ] [ sh:zeroOrMorePath ex:p ] [ sh:zeroOrOnePath ex:r ] ) ; sh:class ex:A .

ex:Used sh:targetClass ex:A , ex:B , ex:C ; sh:message "…" ; sh:path [ sh:inversePath ex:s ] ; sh:minCount 1 .

ex:Round sh:targetClass ex:A ; sh:message "…" ;
    sh:path [ sh:inversePath [ sh:oneOrMorePath ex:r ] ] ; sh:maxCount 1 .

ex:Apart sh:targetClass ex:A , ex:B ; sh:message "…" ;
    sh:path [ sh:alternativePath ( ex:p [ sh:inversePath ex:r ] ) ] ; sh:disjoint ex:q .

ex:Few sh:targetClass ex:B ; sh:message "…" ;
    sh:path ex:r ; sh:qualifiedValueShape [ sh:class ex:B ] ; sh:qualifiedMaxCount 0 .

ex:Closed sh:targetClass ex:C ; sh:message "…" ; sh:closed true ; sh:ignoredProperties ( rdf:type ex:p ) .

ex:List sh:targetSubjectsOf ex:r ; sh:message "…" ;
    sh:path ( ex:r [ sh:zeroOrMorePath rdf:rest ] rdf:first ) ; sh:class ex:A .
"""


@pytest.fixture(scope="module")
def far_shapes() -> ShapeSet:
    shapes = ox.Store()
    shapes.load(FAR.encode(), format=ox.RdfFormat.TURTLE)
    return ShapeSet(shapes, ox.Store(), screened=False)


NEAR = triples(
    links=[EX + "p", EX + "q", EX + "r", EX + "s", RDF + "first", RDF + "rest"],
    classes=[EX + "A", EX + "B", EX + "C"],
)


@settings(max_examples=300)
@given(split=splits(NEAR))
def test_far_reaching_shapes_on_random_graphs(far_shapes: ShapeSet, split: Split) -> None:
    check(far_shapes, split)
