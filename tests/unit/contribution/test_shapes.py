"""What a set of shapes reports, and how."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from argraph.contribution.shapes import ShapeResult, ShapeSet
from argraph.diagnostics import Severity
from argraph.errors import ResourceMissing
from argraph.vocab import ARG, ASH, BIBO, LABEL, PREFIXES, SHACL

ROOT = Path(__file__).resolve().parents[3]
BASE = ROOT / "tests" / "contract" / "shapes" / "base.ttl"
EX = "https://example.org/debate/"
HEAD = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in (PREFIXES | {"ex": EX}).items())


@pytest.fixture(scope="module")
def shapes() -> ShapeSet:
    return ShapeSet.load(ROOT / "shapes", ROOT / "ontology")


def debate(turtle: str = "") -> ox.Store:
    """The small debate of the contract tests, with something added."""
    store = ox.Store()
    store.load(path=BASE, format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("urn:base"))
    store.load((HEAD + turtle).encode(), format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("urn:added"))
    return store


def only(shapes: ShapeSet, turtle: str) -> ShapeResult:
    (result,) = shapes.validate(debate(turtle))
    return result


def own(text: str) -> ShapeSet:
    """Shapes of a test's own."""
    store = ox.Store()
    store.load((HEAD + text).encode(), format=ox.RdfFormat.TURTLE)
    return ShapeSet(store, ox.Store())


CLAIM = 'ex:x a arg:Claim ; skos:prefLabel "A claim"@en ; schema:text "A claim that is true."@en'


# -- results ------------------------------------------------------------------------------------------------


def test_a_debate_in_order_has_no_results(shapes: ShapeSet) -> None:
    assert shapes.validate(debate()) == []


def test_a_result_names_node_property_value_and_rule(shapes: ShapeSet) -> None:
    result = only(shapes, 'ex:x a arg:Theme ; skos:prefLabel "Safety" .')
    assert result.shape == ASH + "Node-label-language"
    assert result.severity is Severity.VIOLATION
    assert result.message == 'The label does not say its language: write skos:prefLabel "…"@en.'
    assert (result.focus, result.path, result.inverse) == (ox.NamedNode(EX + "x"), LABEL, False)
    assert result.value == ox.Literal("Safety")
    assert result.component == SHACL + "DatatypeConstraintComponent"


def test_what_is_missing_has_no_value(shapes: ShapeSet) -> None:
    result = only(shapes, "ex:x a arg:Theme .")
    assert (result.shape, result.path, result.value) == (ASH + "Theme-has-label", LABEL, None)


def test_severities_are_those_of_the_shapes(shapes: ShapeSet) -> None:
    results = shapes.validate(debate('ex:x a arg:Study ; schema:name "A study"@en .'))
    severity = {r.shape.removeprefix(ASH): r.severity for r in results}
    assert severity["Study-has-year"] is Severity.VIOLATION
    assert severity["Study-has-method"] is Severity.WARNING
    assert severity["Study-has-venue"] is Severity.INFO


def test_of_a_longer_path_the_first_link_is_named(shapes: ShapeSet) -> None:
    attackless = only(shapes, CLAIM.replace("Claim", "Objection") + " .")
    assert (attackless.path, attackless.inverse) == (ARG + "premise", True)
    (no_text,) = [
        r for r in shapes.validate(debate('ex:study-audit bibo:authorList ( "A" "B"@en ) .')) if r.value
    ]
    assert (no_text.path, no_text.inverse) == (BIBO + "authorList", False)
    assert no_text.value == ox.Literal("B", language="en")


def test_a_choice_of_properties_names_none(shapes: ShapeSet) -> None:
    results = shapes.validate(debate("ex:x a arg:Study ."))
    (result,) = [r for r in results if r.shape == ASH + "Study-has-identifier"]
    assert result.path is None


def test_a_message_names_the_address_of_the_debate(shapes: ShapeSet) -> None:
    result = only(shapes, '<https://elsewhere.org/t> a arg:Theme ; skos:prefLabel "Safety"@en .')
    assert result.shape == ASH + "Node-under-debate-base"
    assert f"<{EX}>" in result.message


def test_without_a_debate_no_name_lies_outside_it(shapes: ShapeSet) -> None:
    store = ox.Store()
    store.load(
        (HEAD + 'ex:x a arg:Theme ; skos:prefLabel "Safety"@en .').encode(), format=ox.RdfFormat.TURTLE
    )
    assert shapes.validate(store) == []


def test_blank_nodes_keep_their_identity(shapes: ShapeSet) -> None:
    store = debate('[] a arg:Theme ; skos:prefLabel "Safety"@en .')
    (subject,) = {q.subject for q in store.quads_for_pattern(None, None, None, ox.NamedNode("urn:added"))}
    (result,) = shapes.validate(store)
    assert (result.shape, result.focus) == (ASH + "Node-has-iri", subject)
    assert shapes.validate(store, {subject}) == [result]  # type: ignore[arg-type]


def test_results_come_in_the_same_order_every_time(shapes: ShapeSet) -> None:
    store = debate("ex:x a arg:Study , arg:Claim , arg:Support . ex:y a arg:Evidence , arg:Attack .")
    assert len(shapes.validate(store)) > 15
    assert shapes.validate(store) == shapes.validate(store)


# -- reasons ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("turtle", "reason"),
    [
        (
            "ex:x a arg:Attack ; arg:premise ex:ob-misuse ; arg:target ex:study-audit .",
            "study-audit is arg:Study.",
        ),
        (
            "ex:x a arg:Attack ; arg:premise ex:ob-misuse ; arg:target ex:nowhere .",
            "Nothing says what nowhere is.",
        ),
        (
            "ex:x a arg:Attack ; arg:premise ex:ev-audit ; arg:target ex:th-open .",
            "ev-audit is arg:Evidence.",
        ),
        (CLAIM + " ; dcterms:subject ex:article .", "article is schema:Article."),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_with_its_kind(shapes: ShapeSet, turtle: str, reason: str) -> None:
    assert only(shapes, turtle).details == (reason,)


def test_text_for_a_node_needs_no_further_reason(shapes: ShapeSet) -> None:
    assert only(shapes, CLAIM + ' ; dcterms:subject "Safety" .').details == ()


def test_each_way_to_conform_says_why_it_failed(shapes: ShapeSet) -> None:
    result = only(shapes, "ex:x a arg:Support ; arg:premise ex:ev-audit ; arg:conclusion ex:th-open .")
    assert result.component == SHACL + "OrConstraintComponent"
    assert result.details == ("There is one premise.", "It is evidence.")


def test_a_closed_shape_says_what_is_possible(shapes: ShapeSet) -> None:
    result = only(shapes, "ex:su-inspection arg:target ex:th-open .")
    assert (result.shape, result.path) == (ASH + "Support-known-properties", ARG + "target")
    (reason,) = result.details
    assert reason.startswith("Possible here are arg:premise, arg:conclusion, arg:scheme, schema:text, ")
    assert reason.endswith(" more.")
    assert "arg:supports" not in reason


def test_a_list_of_values_is_given_where_the_message_has_no_room(shapes: ShapeSet) -> None:
    results = shapes.validate(debate('ex:study-audit arg:studyType "blog" . ex:ev-audit arg:grade "good" .'))
    details = {r.shape.removeprefix(ASH): r.details for r in results}
    (types,) = details["Study-type-known"]
    assert types.startswith("Known are arg:ConferencePaper, arg:JournalArticle, ")
    assert details["Node-grade-known"] == ()


def test_the_reasons_of_a_nested_shape_are_passed_on() -> None:
    shapes = own("""
        ex:S sh:targetClass ex:A ; sh:path ex:p ; sh:message "Outer." ; sh:node ex:T .
        ex:T sh:property [ sh:path ex:q ; sh:minCount 1 ; sh:message "There is no q." ] ,
                         [ sh:path ex:r ; sh:maxCount 0 ; sh:message "There is an r." ] .
    """)
    store = ox.Store()
    store.load((HEAD + "ex:a a ex:A ; ex:p ex:b . ex:b ex:r 1 .").encode(), format=ox.RdfFormat.TURTLE)
    (result,) = shapes.validate(store)
    assert (result.message, result.details) == ("Outer.", ("There is an r.", "There is no q."))


# -- what is validated --------------------------------------------------------------------------------------


@pytest.mark.parametrize("asserted", ['"open"', '"open"^^xsd:string'])
@pytest.mark.parametrize("demanded", ['"open"', '"open"^^xsd:string'])
def test_strings_are_the_same_with_and_without_their_datatype(asserted: str, demanded: str) -> None:
    shapes = own(f"ex:S sh:targetClass ex:A ; sh:path ex:p ; sh:in ( {demanded} ) .")
    store = ox.Store()
    store.load((HEAD + f"ex:a a ex:A ; ex:p {asserted} .").encode(), format=ox.RdfFormat.TURTLE)
    assert shapes.validate(store) == []
    store.load((HEAD + 'ex:a ex:p "opne" .').encode(), format=ox.RdfFormat.TURTLE)
    assert [r.value for r in shapes.validate(store)] == [ox.Literal("opne")]


def test_concepts_of_the_vocabulary_are_known_but_not_checked(shapes: ShapeSet) -> None:
    assert shapes.validate(debate("ex:su-inspection arg:scheme arg:SchemeAnalogy .")) == []


def test_a_debate_can_have_schemes_of_its_own(shapes: ShapeSet) -> None:
    result = only(shapes, 'ex:s a arg:Scheme ; skos:prefLabel "Own"@en . ex:su-inspection arg:scheme ex:s .')
    assert (result.shape, result.severity) == (ASH + "Scheme-has-question", Severity.WARNING)


def test_what_the_ontology_puts_under_a_class_is_checked_like_it() -> None:
    shapes, ontology = ox.Store(), ox.Store()
    shapes.load(
        (HEAD + "ex:S sh:targetClass ex:A ; sh:path ex:p ; sh:class ex:A .").encode(),
        format=ox.RdfFormat.TURTLE,
    )
    ontology.load(
        (HEAD + "ex:B rdfs:subClassOf ex:A . ex:C rdfs:subClassOf ex:B .").encode(),
        format=ox.RdfFormat.TURTLE,
    )
    store = ox.Store()
    store.load((HEAD + "ex:a a ex:C ; ex:p ex:a , ex:b .").encode(), format=ox.RdfFormat.TURTLE)
    assert [r.value for r in ShapeSet(shapes, ontology).validate(store)] == [ox.NamedNode(EX + "b")]


def test_a_file_cannot_change_what_a_class_is(shapes: ShapeSet) -> None:
    turtle = "ex:x a arg:Support ; arg:premise ex:study-audit ; arg:conclusion ex:th-open ."
    store = debate(turtle + " arg:Study rdfs:subClassOf arg:Claim . arg:Claim rdfs:subClassOf arg:Study .")
    assert [r.shape for r in shapes.validate(store)] == [ASH + "Support-premise-kind"]


# -- neighbourhoods -----------------------------------------------------------------------------------------


def iris(*names: str) -> set[ox.NamedNode]:
    return {ox.NamedNode(EX + name) for name in names}


def test_only_what_a_contribution_affects_is_reported(shapes: ShapeSet) -> None:
    store = debate("ex:mine a arg:Theme . ex:theirs a arg:Theme .")
    assert [r.focus for r in shapes.validate(store, iris("mine"))] == list(iris("mine"))
    assert len(shapes.validate(store)) == 2


def test_nodes_beside_a_contribution_are_known_in_full(shapes: ShapeSet) -> None:
    assert shapes.validate(debate(), iris("at-misuse-open", "el-audit-inspection", "su-inspection")) == []


def test_a_new_attack_affects_the_objection_that_it_starts_from(shapes: ShapeSet) -> None:
    store = debate("ex:at-new a arg:Attack ; arg:premise ex:ob-misuse ; arg:target ex:cl-inspection .")
    affected = shapes.affected(store, iris("at-new"))
    assert affected is not None
    assert iris("at-new", "ob-misuse") <= affected
    assert not affected & iris("th-open", "study-audit", "ev-audit", "rb-closed-too")


def test_a_node_affects_what_links_to_it(shapes: ShapeSet) -> None:
    affected = shapes.affected(debate(), iris("study-audit"))
    assert affected == iris("study-audit", "ev-audit")


def test_taking_away_the_only_attack_is_seen(shapes: ShapeSet) -> None:
    store = debate()
    for quad in list(store.quads_for_pattern(ox.NamedNode(EX + "at-misuse-open"), None, None)):
        store.remove(quad)
    results = shapes.validate(store, iris("at-misuse-open", "ob-misuse", "th-open"))
    assert [(r.shape, r.focus) for r in results] == [
        (ASH + "Objection-attacks-something", ox.NamedNode(EX + "ob-misuse"))
    ]


def test_a_change_of_the_debates_address_affects_all_nodes(shapes: ShapeSet) -> None:
    assert shapes.affected(debate(), {ox.NamedNode(EX)}) is None


# -- the library behind the door ----------------------------------------------------------------------------


def test_validations_in_several_threads_agree(shapes: ShapeSet) -> None:
    stores = [debate(f"ex:x{n} a arg:Claim ; arg:role arg:Nothing{n} .") for n in range(8)]
    alone = [shapes.validate(store) for store in stores]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(shapes.validate, stores)) == alone


def test_rdflib_reads_literals_as_before_while_shapes_are_at_work(
    shapes: ShapeSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed: list[str] = []
    # pyshacl.validate() would call these two around its loading of shapes.
    for name in ("rdflib_bool_patch", "rdflib_bool_unpatch"):
        monkeypatch.setattr(f"pyshacl.entrypoints.{name}", lambda name=name: changed.append(name))
    shapes.validate(debate("ex:x a arg:Claim ."))
    assert changed == []
    assert rdflib.NORMALIZE_LITERALS
    assert rdflib.Literal("01", datatype=rdflib.XSD.integer) == rdflib.Literal(1)


def test_ill_typed_values_are_results_and_nothing_else(
    shapes: ShapeSet, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    values = '"NaN"^^xsd:double , "soon"^^xsd:decimal , "1e999"^^xsd:double , ex:y'
    turtle = f"ex:x a arg:Assessment ; arg:value {values} ."
    named = {r.shape.removeprefix(ASH) for r in shapes.validate(debate(turtle))}
    assert {"Assessment-value-is-a-number", "Assessment-one-value"} <= named
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_data_cannot_pass_for_a_result(shapes: ShapeSet) -> None:
    faked = """
        ex:x a arg:Support ; arg:conclusion ex:th-open ; arg:premise [ a sh:ValidationReport ;
            sh:conforms false ; sh:result [ a sh:ValidationResult ; sh:resultMessage "Everything is fine." ;
            sh:focusNode ex:th-open ; sh:sourceShape ash:Faked ; sh:resultSeverity sh:Info ] ] .
    """
    results = shapes.validate(debate("@prefix ash: <https://w3id.org/argraph/shapes#> ." + faked))
    assert [r.shape for r in results] == [ASH + "Support-premise-kind"]


def test_nodes_without_names_may_be_nested_deeply_and_in_circles(shapes: ShapeSet) -> None:
    nested = "ex:x arg:premise " + "[ arg:premise " * 400 + "[]" + "]" * 400 + " ."
    circle = "_:a a arg:Claim ; arg:premise _:b . _:b a arg:Claim ; arg:premise _:a ."
    endless = "ex:s a arg:Study ; bibo:authorList _:l . _:l rdf:first 'A' ; rdf:rest _:l ."
    for turtle in (nested, circle, endless):
        assert shapes.validate(debate(turtle))


# -- loading ------------------------------------------------------------------------------------------------


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResourceMissing, match=r"no Turtle file"):
        ShapeSet.load(tmp_path, ROOT / "ontology")


@pytest.mark.parametrize(
    ("shape", "why"),
    [
        ("ex:S sh:targetClass ex:A ; sh:path ex:p ; sh:minInclusive 0 .", "minInclusive"),
        ("ex:S sh:targetClass ex:A ; sh:path ex:p ; sh:lessThan ex:q .", "lessThan"),
        ("ex:S sh:targetClass ex:A ; sh:path [ sh:inversePath ( ex:p ex:q ) ] ; sh:minCount 1 .", "inverse"),
        (
            "ex:S sh:targetClass ex:A ; sh:path [ sh:zeroOrMorePath ( ex:p ex:q ) ] ; sh:minCount 1 .",
            "repeats",
        ),
        ("ex:S sh:targetClass ex:A ; sh:property [ sh:path ex:p ; sh:node [ sh:closed true ] ] .", "closed"),
        ("ex:S sh:targetClass ex:A ; sh:path [ ex:unheardOf ex:p ] ; sh:minCount 1 .", "unheardOf"),
    ],
)
def test_shapes_whose_reach_is_unknown_are_refused(shape: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        own(shape)
