"""Files that nothing keeps out of a debate."""

from __future__ import annotations

from typing import Final

OSAI: Final = "https://w3id.org/argraph/open-source-ai/"

_OBJECTION: Final = """\
@prefix arg: <https://w3id.org/argraph/ns#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix here: <{base}> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

here:contribution-{name} a arg:Contribution ;
    dcterms:isPartOf <{base}> ;
    dcterms:title "The objection {name}"@en ;
    dcterms:creator <https://orcid.org/0000-0002-1825-0097> ;
    dcterms:created "2026-11-25"^^xsd:date ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> .

here:ob-{name} a arg:Objection ;
    skos:prefLabel "Zebras object: {name}"@en ;
    schema:text "There is a zebra, called {name}, that does not agree."@en ;
    arg:assumed true .

here:at-{name} a arg:Attack ;
    arg:premise here:ob-{name} ;
    arg:target here:{end} .
"""


def objection(name: str, end: str = "th-open-must-win", base: str = OSAI) -> bytes:
    """An objection that stands, and so makes what it is against fall.

    Args:
        name: Local name of its nodes, behind `contribution-`, `ob-` and `at-`.
        end: Local name of what it is against.
        base: What IRIs of the debate begin with.
    """
    return _OBJECTION.format(name=name, end=end, base=base).encode()
