"""Every shape says one thing, in words for a contributor, and is shown to do so by a pair of examples."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import OWL, RDF, RDFS, SH, XSD

from argraph.contribution.shapes import ShapeSet
from argraph.rdf.terms import to_rdflib
from argraph.vocab import ARG, ASH, DERIVED, PREFIXES, VOID

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = Path(__file__).parent / "shapes"

# Parameters that go together count as one constraint.
COMPANIONS = {SH.flags: SH.pattern, SH.ignoredProperties: SH.closed, SH.qualifiedValueShape: None}
NO_CONSTRAINTS = {
    *(RDF.type, RDFS.comment, SH.message, SH.severity, SH.path),
    *(SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.targetNode),
}
JARGON = re.compile(
    r"\b(?:SHACL|shapes?|focus|literals?|datatypes?|IRIs?|URIs?|triples?|predicates?|constraints?|violat\w+|nodeKind"
    r"|cardinality|blank nodes?|namespaces?|langString|instances?|sh:\w+)\b",
    re.I,
)


def parsed(folder: Path) -> rdflib.Graph:
    graph = rdflib.Graph()
    for path in sorted(folder.glob("*.ttl")):
        for quad in ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True):
            terms = (quad.subject, quad.predicate, quad.object)
            graph.add(tuple(map(to_rdflib, terms)))  # type: ignore[arg-type]
    return graph


SHAPES = parsed(ROOT / "shapes")
NAMES = sorted(
    {
        str(subject).removeprefix(ASH)
        for kind in (SH.NodeShape, SH.PropertyShape)
        for subject in SHAPES.subjects(RDF.type, kind)
    }
)


@pytest.fixture(scope="module")
def shapes() -> ShapeSet:
    return ShapeSet.load(ROOT / "shapes", ROOT / "ontology")


def found(shapes: ShapeSet, fixture: Path) -> list[str]:
    """Names of the shapes that find something in a fixture."""
    store = ox.Store()
    store.load(path=fixture, format=ox.RdfFormat.TURTLE)
    if not any(store.quads_for_pattern(None, None, ox.NamedNode(VOID + "Dataset"))):
        store.load(path=FIXTURES / "base.ttl", format=ox.RdfFormat.TURTLE)
    return [result.shape.removeprefix(ASH) for result in shapes.validate(store)]


# -- examples -----------------------------------------------------------------------------------------------


def test_each_shape_has_a_pair_of_examples_and_no_example_is_left_over() -> None:
    files = {str(path.relative_to(FIXTURES)) for path in FIXTURES.rglob("*") if path.is_file()}
    assert files == {"base.ttl"} | {
        f"{name}/{kind}.ttl" for name in NAMES for kind in ("conforms", "violates")
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_good_example_passes_all_shapes(name: str, shapes: ShapeSet) -> None:
    assert found(shapes, FIXTURES / name / "conforms.ttl") == []


@pytest.mark.parametrize("name", NAMES)
def test_the_bad_example_fails_this_shape_and_no_other(name: str, shapes: ShapeSet) -> None:
    assert set(found(shapes, FIXTURES / name / "violates.ttl")) == {name}


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_show_the_kind_of_node_that_the_shape_is_about(name: str) -> None:
    """An example that the shape does not even look at would conform for nothing."""
    targets = {
        str(t) for how in (SH.targetClass, SH.targetSubjectsOf) for t in SHAPES.objects(ash(name), how)
    }
    for kind in ("conforms", "violates"):
        data = (FIXTURES / name / f"{kind}.ttl").read_bytes()
        terms = {t.value for q in ox.parse(data, format=ox.RdfFormat.TURTLE) for t in (q.predicate, q.object)}
        # A computed property may not be asserted at all, so its good examples do without.
        assert terms & targets or (name.startswith("Derived-") and kind == "conforms")


# -- form ---------------------------------------------------------------------------------------------------


def ash(name: str) -> rdflib.URIRef:
    return rdflib.URIRef(ASH + name)


def test_the_shapes_validate_against_the_shapes_of_shacl() -> None:
    from pyshacl.entrypoints import meta_validate

    conforms, _, text = meta_validate(SHAPES, inference="none")
    assert conforms, text


@pytest.mark.parametrize("name", NAMES)
def test_a_shape_has_one_constraint(name: str) -> None:
    parameters = {p for p in SHAPES.predicates(ash(name)) if p not in NO_CONSTRAINTS}
    constraints = [p for p in SHAPES.predicates(ash(name)) if p in parameters - set(COMPANIONS)]
    assert len(constraints) == 1, constraints
    assert all(COMPANIONS[p] in (None, constraints[0]) for p in parameters & set(COMPANIONS))  # type: ignore[index]
    assert list(SHAPES.objects(ash(name), SH.property)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_shape_says_what_it_is_for(name: str) -> None:
    (reason,) = SHAPES.objects(ash(name), RDFS.comment)
    assert isinstance(reason, rdflib.Literal)
    assert reason.language == "en"
    assert str(reason).endswith(".")
    assert set(SHAPES.objects(ash(name), SH.severity)) <= {
        SH.Warning,
        SH.Info,
    }  # a violation unless it says so
    assert any((ash(name), how, None) in SHAPES for how in (SH.targetClass, SH.targetSubjectsOf))


@pytest.mark.parametrize("name", NAMES)
def test_a_message_is_one_short_line_in_plain_words(name: str) -> None:
    (message,) = SHAPES.objects(ash(name), SH.message)
    assert isinstance(message, rdflib.Literal)
    assert message.language == "en"
    assert len(message) < 140
    assert "\n" not in message
    assert not JARGON.findall(re.sub(r"<[^>]*>", "", message))
    prefixes = {*PREFIXES, "osai", "https", "http", "doi", "arXiv", "_"}
    assert set(re.findall(r"\b([\w]+):(?=[\w/])", message)) <= prefixes


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_class_and_a_rule(name: str) -> None:
    assert re.fullmatch(r"[A-Z][A-Za-z]+(-[a-z0-9]+)+", name)


def test_all_shapes_have_names() -> None:
    kinds = (SH.NodeShape, SH.PropertyShape)
    assert all(isinstance(s, rdflib.URIRef) for kind in kinds for s in SHAPES.subjects(RDF.type, kind))
    assert all(isinstance(s, rdflib.URIRef) for s in SHAPES.subjects(SH.targetClass))


# -- agreement with the vocabulary --------------------------------------------------------------------------


ONTOLOGY = parsed(ROOT / "ontology")


def test_the_shapes_use_only_names_that_the_ontology_defines() -> None:
    used = {
        str(t) for triple in SHAPES for t in triple if isinstance(t, rdflib.URIRef) and str(t).startswith(ARG)
    }
    assert used <= {str(subject) for subject in ONTOLOGY.subjects()}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Node-grade-known", "Grade"),
        ("Node-verification-known", "Verification"),
        ("Statement-role-known", "Role"),
        ("Study-type-known", "StudyType"),
        ("Study-method-known", "Method"),
        ("EvidenceLine-direction-known", "Direction"),
        ("EvidenceLine-directness-known", "Directness"),
        ("Assessment-dimension-known", "Dimension"),
    ],
)
def test_the_values_that_a_shape_admits_are_those_of_the_ontology(name: str, kind: str) -> None:
    (values,) = SHAPES.objects(ash(name), SH["in"])
    assert set(SHAPES.items(values)) == set(ONTOLOGY.subjects(RDF.type, rdflib.URIRef(ARG + kind)))


def closed() -> dict[rdflib.term.Node, set[rdflib.term.Node]]:
    allowed: dict[rdflib.term.Node, set[rdflib.term.Node]] = {}
    for shape in SHAPES.subjects(SH.closed, rdflib.Literal("true", datatype=XSD.boolean)):
        (head,) = SHAPES.objects(shape, SH.ignoredProperties)
        for kind in SHAPES.objects(shape, SH.targetClass):
            assert kind not in allowed
            allowed[kind] = set(SHAPES.items(head))
    return allowed


def test_every_kind_of_node_is_closed() -> None:
    targets = set(SHAPES.objects(None, SH.targetClass))
    abstract = {rdflib.URIRef(ARG + "Statement"), rdflib.URIRef(ARG + "Step")}
    assert set(closed()) == targets - abstract


def test_a_closed_kind_admits_every_property_that_a_shape_asks_of_it() -> None:
    asked: defaultdict[rdflib.term.Node, set[rdflib.term.Node]] = defaultdict(set)
    for shape in map(ash, NAMES):
        for path in SHAPES.objects(shape, SH.path):
            members = SHAPES.items(next(SHAPES.objects(path, SH.alternativePath), RDF.nil))
            plain = {p for p in (path, *members) if isinstance(p, rdflib.URIRef)}
            for kind in SHAPES.objects(shape, SH.targetClass):
                asked[kind] |= plain
    assert {kind: asked[kind] - allowed for kind, allowed in closed().items() if asked[kind] - allowed} == {}


def test_of_a_computed_property_only_its_own_shape_speaks() -> None:
    for name in DERIVED:
        assert (None, SH.targetSubjectsOf, rdflib.URIRef(name)) in SHAPES
    assert all(set(map(rdflib.URIRef, DERIVED)) <= allowed for allowed in closed().values())


def test_properties_that_the_ontology_gives_to_a_kind_are_admitted_by_it() -> None:
    domains = {
        (str(prop), domain)
        for prop, domain in ONTOLOGY.subject_objects(RDFS.domain)
        if isinstance(domain, rdflib.URIRef) and str(prop) not in DERIVED
    }
    allowed = closed()
    missing = [(p, str(d)) for p, d in domains if d in allowed and rdflib.URIRef(p) not in allowed[d]]
    assert missing == []
    assert (None, RDF.type, OWL.Class) in ONTOLOGY
    assert domains


# -- patterns -----------------------------------------------------------------------------------------------


def pattern(name: str) -> re.Pattern[str]:
    (text,) = SHAPES.objects(ash(name), SH.pattern)
    return re.compile(str(text), re.I if (ash(name), SH.flags, None) in SHAPES else 0)


@pytest.mark.parametrize(
    ("doi", "good"),
    [
        ("10.1000/182", True),
        ("10.18653/v1/p19-1355", True),
        ("10.1000.10/123456", True),
        ("10.1002/(SICI)1096-8644(199601)99:1<1::AID-AJPA1>3.0.CO;2-1", True),
        ("10.1/182", False),
        ("10.1000", False),
        ("10.1000/", False),
        ("10.1000/18 2", False),
        ("11.1000/182", False),
        ("", False),
    ],
)
def test_dois(doi: str, good: bool) -> None:
    assert bool(pattern("Study-doi-form").search(doi)) is good


@pytest.mark.parametrize(
    ("number", "good"),
    [
        ("2310.12941", True),
        ("0704.0001", True),
        ("1501.00001v12", True),
        ("math/0309136", True),
        ("math.GT/0309136v2", True),
        ("hep-th/9901001", True),
        ("2313.12941", False),
        ("2310.129411", False),
        ("2310.129", False),
        ("231012941", False),
        ("math/030913", False),
        ("2310.12941 ", False),
    ],
)
def test_arxiv_numbers(number: str, good: bool) -> None:
    assert bool(pattern("Study-arxiv-form").search(number)) is good


@pytest.mark.parametrize(
    "written",
    ["https://doi.org/10.1000/182", "http://dx.doi.org/10.1000/182", "doi:10.1000/182", "DOI: 10.1000/182"],
)
def test_a_doi_with_something_before_it_is_told_just_that(
    written: str, shapes: ShapeSet, tmp_path: Path
) -> None:
    example = (FIXTURES / "Study-doi-bare" / "violates.ttl").read_text()
    file = tmp_path / "study.ttl"
    file.write_text(example.replace("https://doi.org/10.1000/182", written))
    assert found(shapes, file) == ["Study-doi-bare"]


@pytest.mark.parametrize(
    "written", ["https://arxiv.org/abs/2310.12941", "arXiv:2310.12941", "arxiv.org/abs/2310.12941"]
)
def test_an_arxiv_number_with_something_before_it_is_told_just_that(
    written: str, shapes: ShapeSet, tmp_path: Path
) -> None:
    example = (FIXTURES / "Study-arxiv-bare" / "violates.ttl").read_text()
    file = tmp_path / "study.ttl"
    file.write_text(example.replace("arXiv:2310.12941", written))
    assert found(shapes, file) == ["Study-arxiv-bare"]


@pytest.mark.parametrize(
    ("value", "good"),
    [
        *(
            ("0", True),
            ("0.0", True),
            ("1", True),
            ("1.0", True),
            ("0.85", True),
            (".5", True),
            ("+0.5", True),
        ),
        *(
            ("1.01", False),
            ("-0.1", False),
            ("2", False),
            ("10", False),
            ("NaN", False),
            (".", False),
            ("", False),
        ),
    ],
)
def test_ratings(value: str, good: bool) -> None:
    assert bool(pattern("Assessment-value-from-0-to-1").search(value)) is good


@pytest.mark.parametrize("shape", sorted(p for p in NAMES if (ash(p), SH.pattern, None) in SHAPES))
def test_patterns_keep_to_what_every_engine_understands(shape: str) -> None:
    """SHACL's patterns are those of XPath: no look-around, no word boundary, no non-capturing groups."""
    assert not re.search(r"\(\?|\\[bBAZ]", pattern(shape).pattern)
