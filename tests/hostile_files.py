"""Contributed files that mean harm, for the tests of the gate and of the server.

Each asks for more time, memory or depth than one contribution is worth, or for something that no file may
have: other files, the network, the names of others. All are at most one mebibyte, which the server lets in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

MOST: Final = 1024 * 1024
HEAD: Final = """\
@prefix arg: <https://w3id.org/argraph/ns#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix osai: <https://w3id.org/argraph/open-source-ai/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
osai:contribution-bomb a arg:Contribution ;
    dcterms:isPartOf <https://w3id.org/argraph/open-source-ai/> ;
    dcterms:title "A file that means harm"@en ;
    dcterms:creator <https://orcid.org/0000-0002-1825-0097> ;
    dcterms:created "2026-11-25"^^xsd:date ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> .
"""
_CLAIM: Final = 'osai:cl-bomb a arg:Claim ; skos:prefLabel "Bomb"@en ; schema:text {} .\n'
_ENTITIES: Final = "".join(f"<!ENTITY e{n + 1} '{f'&e{n};' * 10}'>" for n in range(12))


def files() -> dict[str, bytes]:
    """All of them, by what they do."""
    found = {}
    for made in (_bytes, _depth, _numbers, _arguments, _values, _calls):
        for name, text in made():
            data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
            found[name] = data[:MOST]
    return found


def _many(line: str, start: str = HEAD) -> str:
    """As many lines as one file may have; each with its number for `#`."""
    lines, size, number = [start], len(start), 0
    while size < MOST - len(line) - 20:
        lines.append(line.replace("#", str(number)))
        size += len(lines[-1].encode())
        number += 1
    return "".join(lines)


def _bytes() -> Iterator[tuple[str, str | bytes]]:
    yield "nothing at all", b""
    yield "no text", bytes(range(256)) * 4096
    yield "zeros", b"\0" * MOST
    yield "UTF-16", HEAD.encode("utf-16")
    yield "broken UTF-8 in the middle", HEAD.encode() + b'osai:a arg:b "\xff\xfe' + b"\xc0" * 500_000
    yield "surrogates", HEAD + _CLAIM.format('"\ud800"')
    yield "escaped surrogates", HEAD + _CLAIM.format('"\\uD800\\uDFFF\\U00110000"')
    yield "a comment without end", "#" + "x" * (MOST - 1)
    yield "a text without end", HEAD + 'osai:a arg:b """' + "x" * MOST
    yield "one faulty line after the other", _many("osai:x# a a a .\n")
    yield "faults on one line", HEAD + 'osai:a "" . ' * 80_000


def _depth() -> Iterator[tuple[str, str]]:
    yield "nested lists", HEAD + "osai:a arg:b " + "(" * 900_000
    yield "nested nodes", HEAD + "osai:a arg:b " + "[ arg:b " * 120_000
    yield "nested as deep as is allowed", _many(f"osai:x# arg:b {'[ arg:b ' * 60}1{' ]' * 60} .\n")
    chain = "".join(f"_:b{n} arg:b _:b{n + 1}, _:c{n} . _:c{n} arg:b _:b{n + 1} .\n" for n in range(12_000))
    yield "nodes without a name that meet again and again", HEAD + "osai:a arg:b _:b0 .\n" + chain
    ring = "_:l rdf:first 1 ; rdf:rest _:l .\n"
    yield "a list that leads back into itself", HEAD + "osai:a arg:premise _:l .\n" + ring


def _numbers() -> Iterator[tuple[str, str]]:
    yield "one triple again and again", _many("osai:a arg:b osai:c .\n")
    yield "one object again and again", HEAD + "@prefix : <urn:> . :a :b :c" + ",:c" * 340_000 + " ."
    yield "one property with every number", HEAD + "osai:a arg:b " + ",".join(map(str, range(150_000))) + " ."
    yield "prefixes", _many("@prefix p#: <urn:p#> .\n")
    yield "bases", _many("@base <x#/> .\n", start="@base <http://example.org/> .\n")
    yield "one very long IRI", HEAD + f"<urn:{'x' * 1_000_000}> a arg:Claim ."
    yield "one very long name", HEAD + f"osai:{'x' * 1_000_000} a arg:Claim ."
    yield "one very long text", HEAD + _CLAIM.format(f'"{"word " * 200_000}"@en')
    yield "misspelt words", _many("osai:x# a arg:Clam# ; arg:suport# osai:cl-many-eyez# .\n")
    yield "contributions", _many('osai:contribution-# a arg:Contribution ; dcterms:title "#"@en .\n')


def _arguments() -> Iterator[tuple[str, str]]:
    claim = 'osai:c# a arg:Claim ; skos:prefLabel "c#"@en ; schema:text "A sentence with number #."@en .\n'
    steps = _many(claim + "osai:s# a arg:Support ; arg:premise osai:c# ; arg:conclusion osai:c@ .\n")
    yield "steps in a ring", _next(steps)
    attack = _many(claim + "osai:s# a arg:Attack ; arg:premise osai:c# ; arg:target osai:c@ .\n")
    yield "attacks in a ring", _next(attack)
    few = "".join(claim.replace("#", str(n)) for n in range(100))
    yield (
        "everything against everything",
        HEAD
        + few
        + "".join(
            f"osai:s{a}-{b} a arg:Attack ; arg:premise osai:c{a} ; arg:target osai:c{b} .\n"
            for a in range(100)
            for b in range(100)
        ),
    )
    same = 'skos:prefLabel "Open models are safer"@en ; schema:text "Open models are safer."@en .\n'
    yield "one claim again and again", _many(f"osai:c# a arg:Claim ; {same}")
    premises = ", ".join(f"osai:c{n}" for n in range(100))
    linked = f"osai:s# a arg:Support ; arg:premise {premises} ; arg:conclusion osai:th-open-must-win .\n"
    yield "steps with a hundred premises", HEAD + few + _many(linked, start="")
    undercuts = "osai:s# a arg:Attack ; arg:premise osai:c0 ; arg:target osai:s@ .\n"
    yield "attacks on attacks on attacks", _next(_many(undercuts, start=HEAD + claim.replace("#", "0")))


def _next(text: str) -> str:
    """Turn `@` into the number that follows the last one; the last of all leads back to the first."""
    lines, number = [], 0
    for line in text.split("\n"):
        if "c@" in line or "s@" in line:
            number += 1
        lines.append(line.replace("c@", f"c{number}").replace("s@", f"s{number}"))
    return "\n".join(lines)


def _values() -> Iterator[tuple[str, str]]:
    yield "a number of a million digits", HEAD + f"osai:a arg:b {'9' * 1_000_000} ."
    yield "a decimal of a million digits", HEAD + f"osai:a arg:b 0.{'9' * 1_000_000} ."
    yield "a number beyond all numbers", HEAD + 'osai:a arg:b "1e999999999"^^xsd:double , 1e999999999 .'
    yield "a year of many digits", HEAD + f'osai:a arg:b "{"9" * 100_000}-01-01"^^xsd:date .'
    yield "a duration without end", HEAD + f'osai:a arg:b "P{"9" * 100_000}Y"^^xsd:duration .'
    yield "a language of many parts", HEAD + f'osai:a arg:b "x"@en{"-abcdefgh" * 100_000} .'
    bomb = f"<!DOCTYPE x [<!ENTITY e0 'boom'>{_ENTITIES}]><x>&e12;</x>"
    yield "XML that expands", HEAD + f'osai:a arg:b """{bomb}"""^^rdf:XMLLiteral .'
    yield "HTML nested", HEAD + f'osai:a arg:b """{"<div>" * 150_000}"""^^rdf:HTML .'
    marks = "\ue000osai:x\ue001x\ue002\u202e\u0007\x1b[31m<script>alert(1)</script>{{7*7}}"
    yield "marks that mean something elsewhere", HEAD + _CLAIM.format(f'"{marks}"@en')


def _calls() -> Iterator[tuple[str, str]]:
    yield (
        "what others are to load",
        HEAD
        + "osai:a owl:imports <http://127.0.0.1:9/x.ttl>, <file:///etc/passwd> ; "
        + "prov:hadPrimarySource <file:///etc/shadow> .\n"
        + "<file:///etc/passwd> a arg:Study ; schema:url <ftp://127.0.0.1/> .",
    )
    yield (
        "a vocabulary turned over",
        HEAD
        + "arg:Claim rdfs:subClassOf arg:Thesis . arg:Thesis rdfs:subClassOf arg:Claim .\n"
        + "arg:premise a owl:Class . arg:status rdfs:subPropertyOf arg:premise .\n"
        + "osai:th-open-must-win arg:status arg:Rejected ; a arg:Claim .",
    )
    shapes = "<http://www.w3.org/ns/shacl#"
    yield (
        "shapes of its own",
        HEAD
        + f"osai:s a {shapes}NodeShape> ; {shapes}targetClass> arg:Claim ; {shapes}sparql> [ {shapes}select> "
        + '"SELECT $this WHERE { ?a ?b ?c . ?d ?e ?f . SERVICE <http://127.0.0.1:9/> { ?x ?y ?z } }" ] .',
    )
