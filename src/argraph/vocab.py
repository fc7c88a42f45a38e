"""Namespaces and the terms of the argraph vocabulary that the code itself refers to.

The ontology is the authority; a contract test holds that every name here is defined there.
"""

from __future__ import annotations

from typing import Final

ARG: Final = "https://w3id.org/argraph/ns#"
ASH: Final = "https://w3id.org/argraph/shapes#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
SCHEMA: Final = "https://schema.org/"
DCTERMS: Final = "http://purl.org/dc/terms/"
PROV: Final = "http://www.w3.org/ns/prov#"
VANN: Final = "http://purl.org/vocab/vann/"
VOID: Final = "http://rdfs.org/ns/void#"
VOID_EXT: Final = "http://ldf.fi/void-ext#"
BIBO: Final = "http://purl.org/ontology/bibo/"
FABIO: Final = "http://purl.org/spar/fabio/"
OA: Final = "http://www.w3.org/ns/oa#"
SHACL: Final = "http://www.w3.org/ns/shacl#"
OWL: Final = "http://www.w3.org/2002/07/owl#"

PREFIXES: Final[dict[str, str]] = {
    "arg": ARG,
    "bibo": BIBO,
    "dcterms": DCTERMS,
    "fabio": FABIO,
    "oa": OA,
    "owl": OWL,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": SCHEMA,
    "sh": SHACL,
    "skos": SKOS,
    "vann": VANN,
    "void": VOID,
    "xsd": XSD,
}
"""Prefixes that queries, scaffolds and serialisations declare; a debate adds its own."""

TYPE: Final = RDF + "type"
SUBCLASS: Final = RDFS + "subClassOf"
LABEL: Final = SKOS + "prefLabel"
TEXT: Final = SCHEMA + "text"
NAME: Final = SCHEMA + "name"
URI_SPACE: Final = VOID + "uriSpace"
DATASET: Final = VOID + "Dataset"

THESIS: Final = ARG + "Thesis"
CLAIM: Final = ARG + "Claim"
OBJECTION: Final = ARG + "Objection"
REBUTTAL: Final = ARG + "Rebuttal"
EVIDENCE: Final = ARG + "Evidence"
STUDY: Final = ARG + "Study"
SUPPORT: Final = ARG + "Support"
ATTACK: Final = ARG + "Attack"
EVIDENCE_LINE: Final = ARG + "EvidenceLine"
CONTRIBUTION: Final = ARG + "Contribution"
STATEMENTS: Final = (THESIS, CLAIM, OBJECTION, REBUTTAL)
STEPS: Final = (SUPPORT, ATTACK, EVIDENCE_LINE)

PREMISE: Final = ARG + "premise"
CONCLUSION: Final = ARG + "conclusion"
TARGET: Final = ARG + "target"
EVIDENCE_OF: Final = ARG + "evidence"
BEARS_ON: Final = ARG + "bearsOn"
DIRECTION: Final = ARG + "direction"
FOR: Final = ARG + "For"
AGAINST: Final = ARG + "Against"
REPORTED_IN: Final = ARG + "reportedIn"
DIMENSION: Final = ARG + "dimension"
VALUE: Final = ARG + "value"
TRUTH: Final = ARG + "TruthDimension"
ASSUMED: Final = ARG + "assumed"

BASE_SCORE: Final = ARG + "baseScore"
FACTOR: Final = ARG + "factor"
ASSUMPTION_SCORE: Final = ARG + "assumptionScore"

SUPPORTS: Final = ARG + "supports"
ATTACKS: Final = ARG + "attacks"
UNDERCUTS: Final = ARG + "undercuts"
REBUTS: Final = ARG + "rebuts"
UNDERMINES: Final = ARG + "undermines"
DEFENDS: Final = ARG + "defends"
SPEAKS_FOR: Final = ARG + "speaksFor"
SPEAKS_AGAINST: Final = ARG + "speaksAgainst"
STATUS: Final = ARG + "status"
REASON: Final = ARG + "reason"
STRENGTH: Final = ARG + "strength"
STRENGTH_LOWER: Final = ARG + "strengthLower"
STRENGTH_UPPER: Final = ARG + "strengthUpper"
STRONGEST_GROUND: Final = ARG + "strongestGround"
HANGS_ON: Final = ARG + "hangsOn"
HANGS_ON_COUNT: Final = ARG + "hangsOnCount"
DERIVED: Final = (
    SUPPORTS,
    ATTACKS,
    UNDERCUTS,
    REBUTS,
    UNDERMINES,
    DEFENDS,
    SPEAKS_FOR,
    SPEAKS_AGAINST,
    STATUS,
    REASON,
    STRENGTH,
    STRENGTH_LOWER,
    STRENGTH_UPPER,
    STRONGEST_GROUND,
    HANGS_ON,
    HANGS_ON_COUNT,
)
"""Terms that argraph computes; a contribution never asserts them."""

WELL_FOUNDED: Final = ARG + "WellFounded"
QUADRATIC_ENERGY: Final = ARG + "QuadraticEnergy"

DERIVED_GRAPH: Final = "https://w3id.org/argraph/derived"
"""IRI of the named graph of everything that argraph computes."""

QUERIES_GRAPH: Final = "https://w3id.org/argraph/queries"
"""IRI of the named graph of the saved queries; theirs begin with it and a slash."""

STATISTICS_GRAPH: Final = "https://w3id.org/argraph/statistics"
"""IRI of the named graph that says how much of what the dataset holds."""

LEDGER_GRAPH: Final = "https://w3id.org/argraph/ledger"
"""IRI of the named graph that says who handed in and who accepted which contribution, and when."""

ADDED_GRAPHS: Final = (DERIVED_GRAPH, QUERIES_GRAPH, STATISTICS_GRAPH, LEDGER_GRAPH)
"""Named graphs that argraph adds to those of the files; nobody asserts what they hold."""
