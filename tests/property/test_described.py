"""Statements, steps and studies read property by property, against reading them subject by subject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import pyoxigraph as ox
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from argraph import vocab
from argraph.argument.described import Described
from argraph.argument.graph import KINDS, ArgumentGraph, Node, Step, Study, local_name

MANY = settings.default.max_examples * 5  # type: ignore[union-attr]
Values: TypeAlias = Mapping[str, list[ox.NamedNode | ox.BlankNode | ox.Literal]]
Triples: TypeAlias = list[
    tuple[ox.NamedNode | ox.BlankNode, ox.NamedNode, ox.NamedNode | ox.BlankNode | ox.Literal]
]

CLASSES = [*KINDS, vocab.STUDY, vocab.ARG + "Theme"]
WORDED = [vocab.LABEL, vocab.TEXT, vocab.ASSUMED, vocab.SKOS + "note", vocab.NAME, vocab.ARG + "moreAuthors"]
WORDED += [
    vocab.SCHEMA + "datePublished",
    vocab.ARG + "venue",
    vocab.BIBO + "doi",
    vocab.FABIO + "hasArXivId",
]
LINKED = [vocab.ARG + name for name in ("role", "grade", "verification", "scheme", "directness", "studyType")]
LINKED += [vocab.ARG + "method", vocab.SCHEMA + "url", vocab.DCTERMS + "subject", vocab.REPORTED_IN]
LINKED += [vocab.PROV + "hadPrimarySource", vocab.DIRECTION]
MOVES = [vocab.PREMISE, vocab.EVIDENCE_OF, vocab.CONCLUSION, vocab.TARGET, vocab.BEARS_ON]
LISTS = [vocab.BIBO + "authorList", vocab.RDF + "first", vocab.RDF + "rest"]

iris = st.sampled_from([ox.NamedNode(f"https://example.org/{name}") for name in "abcde"])
blanks = st.sampled_from([ox.BlankNode(name) for name in "xyz"])
texts = st.sampled_from(["", "true", "1", "2023-05", "Ada, B.", "words", "Wörter"])
literals = st.builds(
    lambda text, language: ox.Literal(text, language=language) if language else ox.Literal(text),
    texts,
    st.sampled_from(["", "en", "en-GB", "de", "ar"]),
)
concepts = st.sampled_from(
    [ox.NamedNode(vocab.ARG + name) for name in ("High", "Low", "Against", "For", "Retracted")]
)


def said(
    subjects: st.SearchStrategy[ox.NamedNode] | st.SearchStrategy[ox.BlankNode],
    predicates: list[str],
    values: st.SearchStrategy[ox.NamedNode | ox.BlankNode | ox.Literal],
) -> st.SearchStrategy[tuple[object, ox.NamedNode, object]]:
    return st.tuples(subjects, st.sampled_from(predicates).map(ox.NamedNode), values)


classes = st.sampled_from(CLASSES).map(ox.NamedNode)
triples = st.lists(
    st.one_of(
        said(iris, [vocab.TYPE], classes),
        said(iris, [vocab.TYPE], classes),
        said(iris, WORDED, st.one_of(literals, iris)),
        said(iris, LINKED, st.one_of(concepts, concepts, iris, literals)),
        said(iris, MOVES, st.one_of(iris, iris, literals, blanks)),
        said(iris, LISTS[:1], blanks),
        said(blanks, LISTS[1:2], literals),
        said(blanks, LISTS[2:], blanks),
        said(blanks, [vocab.TYPE, *WORDED, *MOVES], st.one_of(classes, iris)),
    ),
    max_size=30,
)


def words(values: Values, predicate: str) -> str:
    found = [term for term in values.get(predicate, ()) if isinstance(term, ox.Literal)]
    key = {t: (not (t.language or "").startswith("en"), t.language or "~", t.value) for t in found}
    return min(found, key=key.__getitem__).value if found else ""


def linked(values: Values, predicate: str) -> tuple[str, ...]:
    return tuple(sorted({t.value for t in values.get(predicate, ()) if isinstance(t, ox.NamedNode)}))


def choice(values: Values, predicate: str) -> str:
    return local_name(next(iter(linked(values, predicate)), ""))


def authors(values: Values, lists: Mapping[str, Values]) -> tuple[str, ...]:
    def read(cell: ox.BlankNode | None) -> Iterator[str]:
        seen = set()
        while cell is not None and cell not in seen:
            seen.add(cell)
            known = lists.get(cell.value, {})
            yield from (t.value for t in known.get(LISTS[1], ()) if isinstance(t, ox.Literal))
            cell = next((t for t in known.get(LISTS[2], ()) if isinstance(t, ox.BlankNode)), None)

    heads = (t for t in values.get(LISTS[0], ()) if isinstance(t, ox.BlankNode))
    return max((tuple(read(head)) for head in heads), key=lambda found: (len(found), found), default=())


def plainly(given: Triples) -> tuple[dict[str, Node], dict[str, Step], dict[str, Study]]:
    """What is described, as it is defined: subject by subject."""
    subjects: defaultdict[str, defaultdict[str, list[object]]] = defaultdict(lambda: defaultdict(list))
    lists: defaultdict[str, defaultdict[str, list[object]]] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, value in given:
        (subjects if isinstance(subject, ox.NamedNode) else lists)[subject.value][predicate.value].append(
            value
        )
    nodes, steps, studies = {}, {}, {}
    for iri, values in subjects.items():
        names = linked(values, vocab.TYPE)  # type: ignore[arg-type]
        if vocab.STUDY in names:
            studies[iri] = study(iri, values, lists)  # type: ignore[arg-type]
        kind = next((word for name, word in KINDS.items() if name in names), "")
        if kind in {"support", "attack", "evidence line"}:
            made = step(iri, kind, values)  # type: ignore[arg-type]
            if made.end and made.premises:
                steps[iri] = made
        elif kind:
            nodes[iri] = node(iri, kind, values)  # type: ignore[arg-type]
    return nodes, steps, studies


def node(iri: str, kind: str, values: Values) -> Node:
    return Node(
        iri,
        kind,
        words(values, vocab.LABEL) or local_name(iri),
        words(values, vocab.TEXT),
        choice(values, vocab.ARG + "role"),
        linked(values, vocab.DCTERMS + "subject"),
        linked(values, vocab.PROV + "hadPrimarySource"),
        linked(values, vocab.REPORTED_IN),
        choice(values, vocab.ARG + "grade"),
        choice(values, vocab.ARG + "verification"),
        words(values, vocab.ASSUMED) in {"true", "1"},
        words(values, vocab.SKOS + "note"),
    )


def step(iri: str, kind: str, values: Values) -> Step:
    line = kind == "evidence line"
    end = vocab.BEARS_ON if line else vocab.CONCLUSION if kind == "support" else vocab.TARGET
    return Step(
        iri,
        kind,
        linked(values, vocab.EVIDENCE_OF if line else vocab.PREMISE),
        next(iter(linked(values, end)), ""),
        not (kind == "attack" or vocab.AGAINST in linked(values, vocab.DIRECTION)),
        words(values, vocab.TEXT),
        choice(values, vocab.ARG + "scheme"),
        choice(values, vocab.ARG + "directness"),
        choice(values, vocab.ARG + "grade"),
    )


def study(iri: str, values: Values, lists: Mapping[str, Values]) -> Study:
    return Study(
        iri=iri,
        title=words(values, vocab.NAME) or local_name(iri),
        authors=authors(values, lists),
        more_authors=words(values, vocab.ARG + "moreAuthors") in {"true", "1"},
        year=words(values, vocab.SCHEMA + "datePublished")[:4],
        venue=words(values, vocab.ARG + "venue"),
        type=choice(values, vocab.ARG + "studyType"),
        method=choice(values, vocab.ARG + "method"),
        doi=words(values, vocab.BIBO + "doi"),
        arxiv=words(values, vocab.FABIO + "hasArXivId"),
        url=next(iter(linked(values, vocab.SCHEMA + "url")), ""),
        verification=choice(values, vocab.ARG + "verification"),
        themes=linked(values, vocab.DCTERMS + "subject"),
        note=words(values, vocab.SKOS + "note"),
    )


@settings(max_examples=MANY)
@given(triples)
def test_what_is_read_property_by_property_is_what_each_subject_says(given: Triples) -> None:
    nodes, steps, studies = plainly(given)
    taken = Described()
    for triple in given:
        taken.take(*triple)
    found = taken.items()
    assert {item.iri: item for item in found[0]} == nodes
    assert {item.iri: item for item in found[1]} == steps
    assert {item.iri: item for item in found[2]} == studies


@settings(max_examples=MANY)
@given(triples)
def test_a_store_is_read_as_its_triples_are_whichever_graph_they_are_in(given: Triples) -> None:
    store = ox.Store()
    for number, triple in enumerate(given):
        store.add(ox.Quad(*triple, ox.NamedNode(f"x:{number % 3}")))
    stored = [
        (quad.subject, quad.predicate, quad.object) for quad in store.quads_for_pattern(None, None, None)
    ]
    cells = [(subject, predicate) for subject, predicate, _ in stored if predicate.value in LISTS[1:]]
    assume(len(cells) == len(set(cells)))  # of two contents or ends of a cell the store's order decides
    read = ArgumentGraph.of(store)
    assert (dict(read.nodes), dict(read.steps), dict(read.studies)) == plainly(stored)  # type: ignore[arg-type]
