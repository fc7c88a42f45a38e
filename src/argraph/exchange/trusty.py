"""Trusty URIs of module RA: addresses of RDF that hold a hash of it, made and verified.

Written after the definition of the module (https://trustyuri.net/): the quads in a set order, one part a
line, with a blank where the hash stands in their addresses; SHA-256 of that, in base64 for addresses.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Final

import pyoxigraph as ox

CODE: Final = re.compile(r"(?<![A-Za-z0-9_-])RA[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")
PLACEHOLDER: Final = "RA" + "~" * 43
"""Stands where the hash will stand until it is known; no hash has this form."""
_TEMPORARY: Final = re.compile(r"http://purl\.org/nanopub/temp/([^/#]*[/#])?")
_PERMANENT: Final = "https://w3id.org/np/"


def code_of(iri: str) -> str:
    """The artifact code in an address, or nothing.

    >>> code_of("http://purl.org/np/RAdf9taM_Gyq2-WavUq3CxaVIvsHockMXzonj3W_igNhM#Head")
    'RAdf9taM_Gyq2-WavUq3CxaVIvsHockMXzonj3W_igNhM'
    """
    found = CODE.findall(iri)
    return found[-1] if found else ""


def canonical(quads: Iterable[ox.Quad], code: str) -> str:
    """What the hash is taken of, and signatures are made of.

    Args:
        quads: All with a named graph, and none with a blank node.
        code: The artifact code, or what stands for it.
    """
    lines: dict[tuple[str, ...], str] = {}
    for quad in quads:
        graph, subject, predicate = (
            str(getattr(term, "value", "")).replace(code, " ")
            for term in (quad.graph_name, quad.subject, quad.predicate)
        )
        value = quad.object
        if isinstance(value, ox.Literal):
            text = value.value.replace("\\", "\\\\").replace("\n", "\\n")
            if value.language:
                sort: tuple[str, ...] = ("1", value.value, "", value.language)
                shown = f"@{value.language} {text}"
            else:
                datatype = value.datatype.value.replace(code, " ")
                sort = ("1", value.value, datatype, "")
                shown = f"^{datatype} {text}"
        else:
            shown = str(getattr(value, "value", "")).replace(code, " ")
            sort = ("0", shown, "", "")
        lines[graph, subject, predicate, *sort] = f"{graph}\n{subject}\n{predicate}\n{shown}\n"
    return "".join(lines[key] for key in sorted(lines))


def hashed(quads: Iterable[ox.Quad], code: str) -> str:
    """The artifact code that quads ought to have, given the one that stands in them."""
    digest = hashlib.sha256(canonical(quads, code).encode()).digest()
    return "RA" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def prepared(quads: Iterable[ox.Quad], iri: str) -> tuple[list[ox.Quad], str]:
    """Quads with a placeholder for the artifact code in their addresses and without blank nodes.

    Args:
        quads: What is to get a Trusty URI.
        iri: The address that gets the code, with which others may begin.

    Returns:
        The quads, and the address with the placeholder in it.
    """
    stem = _TEMPORARY.sub(_PERMANENT, iri, count=1) if _TEMPORARY.match(iri) else iri
    stem = stem if stem.endswith(("/", "#")) else stem + "."
    whole = stem + PLACEHOLDER
    numbers: dict[str, str] = {}

    def address(value: str) -> str:
        value = value.replace("~~~ARTIFACTCODE~~~", PLACEHOLDER)
        if value == iri:
            return whole
        rest = value.removeprefix(iri)
        return value if rest == value or code_of(value) else f"{whole}/{rest.lstrip('/#')}"

    def term(value: object) -> ox.NamedNode | ox.Literal:
        if isinstance(value, ox.BlankNode):
            number = numbers.setdefault(value.value, f"_{len(numbers) + 1}")
            return ox.NamedNode(f"{whole}/{number}")
        return ox.NamedNode(address(value.value)) if isinstance(value, ox.NamedNode) else value  # type: ignore[return-value]

    made = [
        ox.Quad(term(q.subject), term(q.predicate), term(q.object), term(q.graph_name))  # type: ignore[arg-type]
        for q in quads
    ]
    return made, whole


def minted(quads: Iterable[ox.Quad]) -> tuple[list[ox.Quad], str]:
    """Prepared quads with their artifact code in the place of the placeholder, and the code."""
    found = list(quads)
    code = hashed(found, PLACEHOLDER)
    return [_replaced(quad, {PLACEHOLDER: code}) for quad in found], code


def _replaced(quad: ox.Quad, codes: Mapping[str, str]) -> ox.Quad:
    def term(value: object) -> object:
        if not isinstance(value, ox.NamedNode):
            return value
        address = value.value
        for old, new in codes.items():
            address = address.replace(old, new)
        return ox.NamedNode(address)

    return ox.Quad(*map(term, (quad.subject, quad.predicate, quad.object, quad.graph_name)))  # type: ignore[arg-type]
