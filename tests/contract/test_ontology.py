"""The vocabulary: documented, complete, within OWL 2 DL, and consistent with a reasoner as witness."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

import owlready2
import pyoxigraph
import pytest
from rdflib import OWL, RDF, RDFS, SKOS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from argraph import vocab
from argraph.vocab import PREFIXES

ROOT = Path(__file__).resolve().parents[2]
FILES = [ROOT / "ontology" / name for name in ("argraph.ttl", "schemes.ttl", "alignments.ttl")]
DEBATES = sorted((ROOT / "graph").rglob("*.ttl"))
OWL_API = Path("/usr/share/java")  # where Debian's libowlapi-java puts itself and what it needs

NS = URIRef("https://w3id.org/argraph/ns")
ALIGNMENTS = URIRef("https://w3id.org/argraph/alignments")
IRIS = [NS, URIRef("https://w3id.org/argraph/schemes"), ALIGNMENTS]
ARG = Namespace(vocab.ARG)
DCTERMS = Namespace(vocab.DCTERMS)
SH = Namespace(vocab.SHACL)
EX = Namespace("https://example.org/")
HEADER = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in {**PREFIXES, "ex": str(EX)}.items())

CONCEPT_CLASSES = {
    "Grade": "High Moderate Low VeryLow",
    "Direction": "For Against",
    "Directness": "Direct Indirect",
    "Verification": "Verified Unverified Retracted",
    "Role": "Pillar Branch CounterRebuttal",
    "Semantics": "WellFounded QuadraticEnergy",
    "Method": "MetaAnalysis Experiment BenchmarkStudy ObservationalStudy Survey CaseStudy "
    "TheoreticalAnalysis ExpertOpinion",
    "StudyType": "ConferencePaper JournalArticle Preprint TechnicalReport DatasetOrBenchmark IncidentRecord "
    "GovernmentReport WebArticle WorkingPaper StandardOrDefinition Book",
    "Dimension": "TruthDimension RelevanceDimension StrengthDimension QualityDimension DirectnessDimension "
    "ConfidenceDimension",
}
SUPERCLASSES = {
    "Statement": set[Node](),
    "Evidence": set[Node](),
    "Step": set[Node](),
    "Study": {URIRef(vocab.SCHEMA + "CreativeWork")},
    "Passage": {URIRef(vocab.SCHEMA + "CreativeWork")},
    "Assessment": {URIRef(vocab.OA + "Annotation")},
    "Contribution": {URIRef(vocab.PROV + "Entity")},
    **{name: {ARG.Statement} for name in ("Thesis", "Claim", "Objection", "Rebuttal")},
    **{name: {ARG.Step} for name in ("Support", "Attack", "EvidenceLine")},
    **{name: {SKOS.Concept} for name in (*CONCEPT_CLASSES, "Scheme", "Theme")},
}
# property: the classes that it starts from, the classes that it leads to
OBJECT_PROPERTIES = {
    "premise": ("Support Attack", "Statement Evidence"),
    "conclusion": ("Support", "Statement"),
    "target": ("Attack", "Statement Evidence Step"),
    "evidence": ("EvidenceLine", "Evidence"),
    "bearsOn": ("EvidenceLine", "Statement"),
    "direction": ("EvidenceLine", "Direction"),
    "directness": ("EvidenceLine", "Directness"),
    "grade": ("Evidence EvidenceLine", "Grade"),
    "verification": ("Evidence Study", "Verification"),
    "reportedIn": ("Evidence", "Study"),
    "studyType": ("Study", "StudyType"),
    "method": ("Study", "Method"),
    "impliesGrade": ("Method", "Grade"),
    "scheme": ("Step", "Scheme"),
    "role": ("Statement", "Role"),
    "dimension": ("Assessment", "Dimension"),
    "supports": ("Statement Evidence", "Statement"),
    "attacks": ("Statement", "Statement Evidence Step"),
    "undercuts": ("Statement", "Step"),
    "rebuts": ("Statement", "Statement"),
    "undermines": ("Statement", "Step"),
    "defends": ("Statement", "Statement Evidence Step"),
    "speaksFor": ("Statement Evidence", "Thesis"),
    "speaksAgainst": ("Statement Evidence", "Thesis"),
    "strongestGround": ("Statement Step", "Statement Evidence Step"),
    "hangsOn": ("Statement", "Statement Evidence Step"),
}
# property: the classes that it starts from, its datatype, or the values that there are
DATA_PROPERTIES = {
    "assumed": ("Statement", {XSD.boolean}),
    "undefeated": ("Objection", {XSD.boolean}),
    "criticalQuestion": ("Scheme", {RDF.PlainLiteral}),
    "baseScore": ("Grade", {XSD.decimal}),
    "factor": ("Verification", {XSD.decimal}),
    "venue": ("Study", {XSD.string}),
    "moreAuthors": ("Study", {XSD.boolean}),
    "value": ("Assessment", {XSD.decimal}),
    "status": ("Statement Evidence Step", {Literal("accepted"), Literal("rejected"), Literal("undecided")}),
    "reason": (
        "Statement Evidence Step",
        {
            Literal(reason)
            for reason in (
                "supported",
                "assumed",
                "unsupported",
                "unfounded",
                "refuted",
                "undercut",
                "open-attack",
            )
        },
    ),
    "strength": ("Statement Evidence Step", {XSD.decimal}),
    "strengthLower": ("Statement Evidence Step", {XSD.decimal}),
    "strengthUpper": ("Statement Evidence Step", {XSD.decimal}),
    "hangsOnCount": ("Statement", {XSD.integer}),
}


def union(paths: Iterable[Path]) -> Graph:
    merged = Graph()
    for path in paths:
        merged.parse(path, format="turtle")
    return merged


def ours(graph: Graph, kind: Node) -> set[URIRef]:
    """Terms in argraph's namespace that have this type."""
    found = graph.subjects(RDF.type, kind)
    return {node for node in found if isinstance(node, URIRef) and node.startswith(ARG)}


def terms(names: str | Iterable[str]) -> set[URIRef]:
    return {ARG[name] for name in (names.split() if isinstance(names, str) else names)}


def only(graph: Graph, subject: Node, predicate: URIRef) -> Node:
    (value,) = graph.objects(subject, predicate)
    return value


def absent(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


WHOLE = union(FILES)
TERMS = sorted({node for node in WHOLE.subjects() if isinstance(node, URIRef) and node.startswith(ARG)})
MODELLED = sorted({*SUPERCLASSES, *OBJECT_PROPERTIES, *DATA_PROPERTIES})


# The files


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_strict_rdf_1_1_turtle_that_both_parsers_read_alike(path: Path) -> None:
    triples = {quad.triple for quad in pyoxigraph.parse(path=path, format=pyoxigraph.RdfFormat.TURTLE)}
    for triple in triples:
        assert not isinstance(triple.object, pyoxigraph.Triple)
        assert not (isinstance(triple.object, pyoxigraph.Literal) and triple.object.direction)
        assert triple.predicate.value != str(RDF) + "reifies"
    assert len(union([path])) == len(triples)


@pytest.mark.parametrize(
    ("path", "iri"), list(zip(FILES, IRIS, strict=True)), ids=[path.name for path in FILES]
)
def test_a_file_says_what_it_is(path: Path, iri: URIRef) -> None:
    graph = union([path])
    assert only(graph, iri, RDF.type) == OWL.Ontology
    assert only(graph, iri, OWL.versionIRI) == URIRef(f"{iri}/{only(graph, iri, OWL.versionInfo)}")
    assert only(graph, iri, DCTERMS.license) == URIRef("https://creativecommons.org/licenses/by/4.0/")
    for name in ("title", "description", "creator", "created"):
        assert only(graph, iri, DCTERMS[name])


def test_the_ontology_declares_the_prefixes_that_the_code_uses() -> None:
    declared = {
        str(only(WHOLE, node, SH.prefix)): only(WHOLE, node, SH.namespace)
        for node in WHOLE.objects(NS, SH.declare)
    }
    assert declared == {prefix: Literal(iri, datatype=XSD.anyURI) for prefix, iri in PREFIXES.items()}


# The terms


def test_the_classes_and_properties_are_those_of_the_design() -> None:
    assert ours(WHOLE, OWL.Class) == terms(SUPERCLASSES)
    assert ours(WHOLE, OWL.ObjectProperty) == terms(OBJECT_PROPERTIES)
    assert ours(WHOLE, OWL.DatatypeProperty) == terms(DATA_PROPERTIES)


@pytest.mark.parametrize("name", SUPERCLASSES)
def test_a_class_stands_below_what_the_design_says_and_below_nothing_else(name: str) -> None:
    above = set(WHOLE.objects(ARG[name], RDFS.subClassOf))
    assert {node for node in above if (node, RDF.type, OWL.Restriction) not in WHOLE} == SUPERCLASSES[name]


@pytest.mark.parametrize("name", [*OBJECT_PROPERTIES, *DATA_PROPERTIES])
def test_a_property_links_what_the_design_says(name: str) -> None:
    def alternatives(predicate: URIRef) -> set[Node]:
        described = only(WHOLE, ARG[name], predicate)
        for one_of in (OWL.unionOf, OWL.oneOf):
            for members in WHOLE.objects(described, one_of):
                return set(WHOLE.items(members))
        return {WHOLE.value(described, OWL.onDatatype) or described}

    starts, leads_to = (OBJECT_PROPERTIES | DATA_PROPERTIES)[name]
    assert alternatives(RDFS.domain) == terms(starts)
    assert alternatives(RDFS.range) == (terms(leads_to) if isinstance(leads_to, str) else leads_to)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: str(term).removeprefix(ARG))
def test_a_term_has_one_label_one_definition_and_a_home(term: URIRef) -> None:
    labels = [*WHOLE.objects(term, RDFS.label), *WHOLE.objects(term, SKOS.prefLabel)]
    for (text,) in (labels, list(WHOLE.objects(term, SKOS.definition))):
        assert isinstance(text, Literal)
        assert text.language == "en"
        assert text.strip() == str(text) != ""
    assert only(WHOLE, term, RDFS.isDefinedBy) in {NS, ALIGNMENTS}


@pytest.mark.parametrize("name", MODELLED)
def test_the_example_of_a_term_is_turtle_that_uses_it_and_only_defined_terms(name: str) -> None:
    example = str(only(WHOLE, ARG[name], SKOS.example))
    assert re.search(rf"\barg:{name}\b", example)
    debate = "@prefix osai: <https://w3id.org/argraph/open-source-ai/> .\n"
    triples = Graph().parse(data=HEADER + debate + example, format="turtle")
    mentioned = {node for triple in triples for node in triple if str(node).startswith(ARG)}
    assert mentioned
    assert mentioned <= set(TERMS)


def test_every_term_that_the_code_names_is_defined() -> None:
    named = {
        URIRef(iri)
        for value in vars(vocab).values()
        for iri in (value if isinstance(value, tuple) else (value,))
        if isinstance(iri, str) and iri.startswith(vocab.ARG) and iri != vocab.ARG
    }
    assert named  # or the test has lost its subject
    assert named <= set(TERMS)


def test_every_term_that_the_shipped_debates_use_is_defined() -> None:
    used = {node for triple in union(DEBATES) for node in triple if str(node).startswith(ARG)}
    assert used - set(TERMS) == set()


def test_derived_terms_say_that_a_contribution_never_asserts_them() -> None:
    note = "argraph computes it; a contribution never asserts it."
    derived = {subject for subject, text in WHOLE.subject_objects(SKOS.scopeNote) if note in str(text)}
    assert derived == {URIRef(iri) for iri in vocab.DERIVED}
    for term in derived:
        assert str(only(WHOLE, term, SKOS.definition)).startswith("Derived: ")


# The concepts


@pytest.mark.parametrize("kind", CONCEPT_CLASSES)
def test_the_concepts_of_a_kind_are_those_of_the_design(kind: str) -> None:
    assert ours(WHOLE, ARG[kind]) == terms(CONCEPT_CLASSES[kind])


def test_every_kind_of_concept_has_a_scheme_of_its_own_and_distinct_labels_in_it() -> None:
    schemes = []
    for kind in (*CONCEPT_CLASSES, "Scheme"):
        concepts = ours(WHOLE, ARG[kind])
        (scheme,) = {only(WHOLE, concept, SKOS.inScheme) for concept in concepts}
        assert len({only(WHOLE, concept, SKOS.prefLabel) for concept in concepts}) == len(concepts)
        schemes.append(scheme)
    assert set(schemes) == ours(WHOLE, SKOS.ConceptScheme)
    assert len(set(schemes)) == len(schemes)


def test_base_scores_fall_with_the_grade() -> None:
    scores = [only(WHOLE, ARG[grade], ARG.baseScore) for grade in CONCEPT_CLASSES["Grade"].split()]
    assert scores == [Literal(Decimal(number)) for number in ("0.9", "0.7", "0.5", "0.3")]


def test_unverified_findings_count_less_and_retracted_ones_not_at_all() -> None:
    factors = [only(WHOLE, ARG[state], ARG.factor) for state in CONCEPT_CLASSES["Verification"].split()]
    assert factors == [Literal(Decimal(number)) for number in ("1.0", "0.8", "0.0")]


def test_an_assumption_counts_halfway() -> None:
    assert list(WHOLE.subject_objects(ARG.assumptionScore)) == [(ARG.assumed, Literal(Decimal("0.5")))]


def test_every_method_implies_one_grade_and_only_a_synthesis_is_high() -> None:
    implied = {method: only(WHOLE, method, ARG.impliesGrade) for method in ours(WHOLE, ARG.Method)}
    assert implied == {
        ARG.MetaAnalysis: ARG.High,
        ARG.Experiment: ARG.Moderate,
        ARG.BenchmarkStudy: ARG.Moderate,
        ARG.ObservationalStudy: ARG.Moderate,
        ARG.Survey: ARG.Low,
        ARG.CaseStudy: ARG.Low,
        ARG.TheoreticalAnalysis: ARG.VeryLow,
        ARG.ExpertOpinion: ARG.VeryLow,
    }


def test_an_argument_scheme_has_its_name_in_the_literature_and_three_to_five_questions() -> None:
    schemes = ours(WHOLE, ARG.Scheme)
    assert len(schemes) >= 14
    for scheme in schemes:
        assert scheme.startswith(ARG.Scheme)
        assert re.match(r"Argument from [A-Z]|Practical Reasoning$", str(only(WHOLE, scheme, SKOS.notation)))
        questions = list(WHOLE.objects(scheme, ARG.criticalQuestion))
        assert 3 <= len(questions) <= 5
        for question in questions:
            assert isinstance(question, Literal)
            assert question.language == "en"
            assert question.endswith("?")


# The alignments


def test_every_alignment_starts_from_a_known_term_and_gives_its_reason() -> None:
    graph = union(FILES[2:])
    kinds = ours(graph, OWL.AnnotationProperty)
    mappings = {triple for triple in graph if triple[1] in kinds}
    reasons = [
        tuple(only(graph, node, OWL[f"annotated{part}"]) for part in ("Source", "Property", "Target"))
        for node in graph.subjects(RDF.type, OWL.Axiom)
        if only(graph, node, RDFS.comment)
    ]
    assert len(reasons) == len(mappings)
    assert set(reasons) == mappings
    assert {subject for subject, _, _ in mappings} - set(TERMS) == {URIRef(vocab.TEXT)}
    for namespace in (
        "http://www.arg.dundee.ac.uk/aif#",
        "http://www.arg.tech/aif#",
        "http://purl.obolibrary.org/obo/SEPIO_",
        "http://purl.org/spar/cito/",
        "http://www.nanopub.org/nschema#",
        vocab.SCHEMA,
    ):
        assert any(str(target).startswith(namespace) for _, _, target in mappings), namespace


def test_alignments_state_annotations_and_no_axioms() -> None:
    graph = union(FILES[2:])
    assert set(graph.objects(None, RDF.type)) == {OWL.Ontology, OWL.AnnotationProperty, OWL.Axiom}
    annotated = {OWL.annotatedSource, OWL.annotatedProperty, OWL.annotatedTarget}
    header = {OWL.imports, OWL.versionIRI, OWL.versionInfo}
    documentation = {RDF.type, RDFS.label, RDFS.comment, RDFS.isDefinedBy, SKOS.definition, SKOS.example}
    known = annotated | header | documentation | ours(graph, OWL.AnnotationProperty)
    assert {predicate for predicate in graph.predicates() if not str(predicate).startswith(DCTERMS)} == known


# The reasoner


@contextmanager
def reasoned(folder: Path, paths: Iterable[Path], more: str = "") -> Iterator[owlready2.World]:
    """What HermiT concludes from the union of some files and some more Turtle.

    Raises:
        owlready2.OwlReadyInconsistentOntologyError: The union contradicts itself.
    """
    if shutil.which("java") is None:
        absent("HermiT, the OWL reasoner, needs Java (on Debian: apt-get install default-jdk-headless).")
    graph = union(paths).parse(data=HEADER + more, format="turtle")
    graph.remove((None, OWL.imports, None))  # all that could be imported is in the union
    merged = folder / "union.nt"
    graph.serialize(merged, format="nt", encoding="utf-8")
    world = owlready2.World()
    try:
        with merged.open("rb") as file:
            world.get_ontology("https://example.org/union#").load(fileobj=file)
        owlready2.sync_reasoner_hermit(world, debug=0)
        yield world
    finally:
        world.close()


def test_the_vocabulary_is_consistent_and_every_class_can_have_members(tmp_path: Path) -> None:
    with reasoned(tmp_path, FILES) as world:
        assert list(world.inconsistent_classes()) == []


def test_the_debates_are_consistent_and_no_node_turns_out_to_be_of_another_kind(tmp_path: Path) -> None:
    stated = union([*FILES, *DEBATES])
    with reasoned(tmp_path, [*FILES, *DEBATES]) as world:
        for name in sorted(SUPERCLASSES.keys() - {"Statement", "Step"}):
            concluded = {individual.iri for individual in world[str(ARG[name])].instances()}
            assert concluded == {str(node) for node in stated.subjects(RDF.type, ARG[name])}, name


@pytest.mark.parametrize(
    "contradiction",
    [
        "ex:a a arg:Claim , arg:Evidence .",
        "ex:a a arg:Support , arg:Attack .",
        "ex:a a arg:Study ; arg:assumed true .",
        "ex:a a arg:Support ; arg:premise ex:b . ex:b a arg:Study .",
        "ex:a a arg:Attack ; arg:premise ex:b . ex:b a arg:Evidence .",
        "ex:a arg:direction arg:For , arg:Against .",
        "ex:a arg:grade arg:Verified .",
        "ex:a arg:value 1.5 .",
        'ex:a arg:status "maybe" .',
    ],
)
def test_the_reasoner_finds_a_contradiction(tmp_path: Path, contradiction: str) -> None:
    with (
        pytest.raises(owlready2.OwlReadyInconsistentOntologyError),
        reasoned(tmp_path, FILES[:2], contradiction),
    ):
        pass


def test_the_reasoner_finds_a_class_that_cannot_have_members(tmp_path: Path) -> None:
    impossible = "ex:Both a owl:Class ; rdfs:subClassOf arg:Evidence , arg:Study ."
    with reasoned(tmp_path, FILES[:2], impossible) as world:
        assert str(EX.Both) in {found.iri for found in world.inconsistent_classes()}


def test_the_reasoner_accepts_what_the_design_allows(tmp_path: Path) -> None:
    allowed = """
        ex:both a arg:Claim , arg:Rebuttal .
        ex:linked a arg:Support ; arg:premise ex:both , ex:finding ; arg:conclusion ex:both .
        ex:finding a arg:Evidence .
        ex:undercut a arg:Attack ; arg:premise ex:both ; arg:target ex:linked .
        ex:on-attack a arg:Attack ; arg:premise ex:both ; arg:target ex:undercut .
        ex:rating a arg:Assessment ; oa:hasTarget ex:undercut ; arg:dimension arg:TruthDimension ;
            arg:value 0.7 .
        ex:own a arg:Scheme ; arg:criticalQuestion "Ist das so?"@de .
    """
    with reasoned(tmp_path, FILES[:2], allowed) as world:
        assert list(world.inconsistent_classes()) == []


# OWL 2 DL


def profile_report(files: Iterable[Path]) -> tuple[int, list[str]]:
    """How many axioms OWL API reads in the last file and its imports, and which are outside OWL 2 DL."""
    if not shutil.which("javac") or not (OWL_API / "owlapi-distribution.jar").exists():
        absent("OWL API checks the profile (on Debian: apt-get install default-jdk-headless libowlapi-java).")
    names = (
        "owlapi-apibinding owlapi-distribution rdf4j-model-api rdf4j-model rdf4j-rio-api rdf4j-util "
        "commons-io commons-rdf-api atinject-jsr330-api caffeine guava hppcrt jsr305 slf4j-api slf4j-nop xz"
    )
    jars = os.pathsep.join(str(OWL_API / f"{name}.jar") for name in names.split())
    program = Path(__file__).with_name("OwlProfile.java")
    done = subprocess.run(
        ["java", "-cp", jars, str(program), *map(str, files)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    count, *violations = done.stdout.splitlines()
    return int(count.removesuffix(" axioms")), violations


def test_the_vocabulary_is_within_owl_2_dl() -> None:
    axioms, violations = profile_report(FILES)
    assert violations == []
    assert axioms > 900  # or not all files were read


def test_the_debates_are_within_owl_2_dl(tmp_path: Path) -> None:
    debates = union(DEBATES).parse(
        data=HEADER + f"ex:debates a owl:Ontology ; owl:imports <{IRIS[1]}> .", format="turtle"
    )
    debates.serialize(tmp_path / "debates.ttl", format="turtle")
    _, violations = profile_report([*FILES[:2], tmp_path / "debates.ttl"])
    assert violations == []


def test_the_profile_check_finds_what_is_outside_owl_2_dl(tmp_path: Path) -> None:
    outside = tmp_path / "outside.ttl"
    outside.write_text(
        HEADER + f"ex:ontology a owl:Ontology ; owl:imports <{NS}> ."
        "ex:day a owl:DatatypeProperty ; rdfs:range xsd:date ."
        "ex:both a owl:ObjectProperty , owl:DatatypeProperty ; rdfs:domain arg:Claim ."
        "ex:Child a owl:Class ; rdfs:subClassOf ex:NeverDeclared ."
        "arg:attacks a owl:TransitiveProperty , owl:AsymmetricProperty .",
        "utf-8",
    )
    _, violations = profile_report([FILES[0], outside])
    for fault in (
        "datatype.*xsd:date",
        "pun between properties.*both",
        "undeclared.*NeverDeclared",
        "non-simple.*attacks",
    ):
        assert any(re.search(fault, violation) for violation in violations), (fault, violations)
