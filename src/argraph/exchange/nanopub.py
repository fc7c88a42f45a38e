"""Nanopublications: their structure, which is checked whole, their Trusty URIs and their signatures.

A file may hold several. Every fault is named; a file with one is refused, since what is signed is all or
nothing. Signatures need the extra `argraph[nanopub]`; without it they are left unchecked, and that is told.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pyoxigraph as ox

from argraph import vocab
from argraph.errors import ArgraphError, FormatError, ResourceMissing
from argraph.exchange import trusty

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

NP: Final = "http://www.nanopub.org/nschema#"
NPX: Final = "http://purl.org/nanopub/x/"
PARTS: Final = {
    "assertion": NP + "hasAssertion",
    "provenance": NP + "hasProvenance",
    "publication info": NP + "hasPublicationInfo",
}
_NANOPUBLICATION: Final = ox.NamedNode(NP + "Nanopublication")
PrivateKey: TypeAlias = "RSAPrivateKey"
_SIGNATURE: Final = ox.NamedNode(NPX + "hasSignature")
_SUFFIXES: Final = {"nq": ox.RdfFormat.N_QUADS, "jsonld": ox.RdfFormat.JSON_LD}


@dataclass(frozen=True, slots=True)
class Nanopublication:
    """One nanopublication whose structure is in order.

    Attributes:
        iri: Its address.
        head: Address of the graph that says what its parts are.
        parts: Address of the graph of each of its three parts, by its name in `PARTS`.
        quads: All of it.
    """

    iri: str
    head: str
    parts: dict[str, str]
    quads: tuple[ox.Quad, ...]

    def part(self, name: str) -> Iterator[ox.Quad]:
        """The statements of one part."""
        return (quad for quad in self.quads if quad.graph_name.value == self.parts[name])  # type: ignore[union-attr]

    @property
    def code(self) -> str:
        """The artifact code in its address; empty if it is not trusty."""
        return trusty.code_of(self.iri)


def read(data: bytes, name: str) -> tuple[Nanopublication, ...]:
    """The nanopublications of a file in TriG, N-Quads or JSON-LD.

    Raises:
        FormatError: It is none of these, holds no nanopublication, or one with a fault; names the first.
    """
    form = _SUFFIXES.get(name.rpartition(".")[2].casefold(), ox.RdfFormat.TRIG)
    try:
        quads = list(dict.fromkeys(ox.parse(data, format=form)))
    except SyntaxError as fault:
        raise FormatError(f"This is no RDF: {fault.msg}", name=name, line=fault.lineno or 0) from None
    except ValueError as fault:
        raise FormatError(f"This is no RDF: {fault}", name=name) from None
    graphs: defaultdict[str, list[ox.Quad]] = defaultdict(list)
    for quad in quads:
        if isinstance(quad.graph_name, ox.NamedNode):
            graphs[quad.graph_name.value].append(quad)
        else:
            raise FormatError(f"{_shown(quad)} stands in no graph that has an address.", name=name)
    heads = [q for q in quads if q.predicate.value == vocab.TYPE and q.object == _NANOPUBLICATION]
    if not heads:
        raise FormatError("Nothing in this file is an np:Nanopublication.", name=name)
    found = []
    speaking = Counter(quad.graph_name for quad in heads)
    for quad in heads:
        if speaking[quad.graph_name] > 1:
            raise FormatError(f"The head {quad.graph_name} speaks of several nanopublications.", name=name)
        try:
            found.append(_checked(quad, graphs))
        except ValueError as fault:
            raise FormatError(f"{getattr(quad.subject, 'value', '_')}: {fault}", name=name) from None
    known = {graph for np in found for graph in (np.head, *np.parts.values())}
    if strays := sorted(set(graphs) - known):
        raise FormatError(f"The graph <{strays[0]}> is no part of a nanopublication.", name=name)
    return tuple(found)


def _checked(said: ox.Quad, graphs: dict[str, list[ox.Quad]]) -> Nanopublication:
    """The nanopublication that a statement of a head declares; ValueError says what is wrong with it."""
    if not isinstance(said.subject, ox.NamedNode):
        raise ValueError("a nanopublication needs an address.")
    iri, head = said.subject.value, str(getattr(said.graph_name, "value", ""))
    parts = {}
    for part, predicate in PARTS.items():
        named = [
            q.object for q in graphs[head] if q.subject == said.subject and q.predicate.value == predicate
        ]
        if len(named) != 1 or not isinstance(named[0], ox.NamedNode):
            raise ValueError(f"its head names {len(named)} graphs as {part}, and it has to be one.")
        parts[part] = named[0].value
        if not graphs.get(parts[part]):
            raise ValueError(f"the graph of its {part}, <{parts[part]}>, is empty or missing.")
    found = Nanopublication(
        iri, head, parts, tuple(q for graph in dict.fromkeys((head, *parts.values())) for q in graphs[graph])
    )
    _check_addresses(found)
    _check_links(found)
    for quad in found.part("assertion"):
        if isinstance(quad.object, ox.Literal) and _ill_typed(quad.object):
            raise ValueError(f"{_shown(quad)}: the value is none of its datatype.")
    if found.code:
        _verify_code(found)
    return found


def _check_addresses(np: Nanopublication) -> None:
    addresses = (np.head, *np.parts.values())
    if len({*addresses, np.iri}) != 5:
        raise ValueError("its head and parts have to be four graphs, none with its own address.")
    for address in addresses:
        if not address.startswith(np.iri):
            raise ValueError(f"its graph <{address}> does not begin with its own address.")


def _check_links(np: Nanopublication) -> None:
    for part, about, what in (
        ("provenance", np.parts["assertion"], "its assertion"),
        ("publication info", np.iri, "the nanopublication"),
    ):
        if not any(ox.NamedNode(about) in (q.subject, q.object) for q in np.part(part)):
            raise ValueError(f"its {part} says nothing about {what}.")


def _verify_code(np: Nanopublication) -> None:
    for quad in np.quads:
        if any(isinstance(term, ox.BlankNode) for term in (quad.subject, quad.object)):
            raise ValueError("its address is a Trusty URI, which no blank node may go with.")
    if (made := trusty.hashed(np.quads, np.code)) != np.code:
        raise ValueError(f"its content is not what its Trusty URI says: the hash is {made}.")


def _ill_typed(value: ox.Literal) -> bool:
    datatype = value.datatype.value
    if value.language or not datatype.startswith(vocab.XSD) or datatype == vocab.XSD + "string":
        return False
    return _no_value(value.value, datatype)


@cache
def _cast() -> ox.Store:
    return ox.Store()


def _no_value(text: str, datatype: str) -> bool:
    """Whether a text is no value of a datatype, as far as the engine knows that datatype."""
    try:
        rows = _cast().query(f"SELECT (<{datatype}>({ox.Literal(text)}) AS ?value) {{}}")
        return next(iter(rows))[0] is None  # type: ignore[arg-type]
    except RuntimeError:
        return False


def _shown(quad: ox.Quad) -> str:
    return f"{quad.subject} {quad.predicate} {quad.object}"[:200]


def public_key(np: Nanopublication) -> str:
    """The key that a nanopublication is signed with, as it stands there; empty if it is not signed."""
    keys = (q.object for q in np.part("publication info") if q.predicate.value == NPX + "hasPublicKey")
    return str(getattr(next(keys, None), "value", ""))


# -- signatures ---------------------------------------------------------------------------------------------


def check_signature(np: Nanopublication) -> bool:
    """Whether a nanopublication is signed, and rightly.

    Raises:
        ArgraphError: The signature is not of this content or not of this key.
        ResourceMissing: The library for signatures is not installed.
    """
    signed = [q for q in np.quads if q.predicate == _SIGNATURE]
    if not signed:
        return False
    element = signed[0].subject
    said = {q.predicate.value: getattr(q.object, "value", "") for q in np.quads if q.subject == element}
    if len(signed) > 1 or said.get(NPX + "hasSignatureTarget") != np.iri:
        raise ArgraphError(f"{np.iri}: its signature is not for it, or there are several.")
    crypto = _cryptography()
    try:
        key = crypto.load_der_public_key(base64.b64decode(said.get(NPX + "hasPublicKey", ""), validate=True))
        signature = base64.b64decode(said[NPX + "hasSignature"], validate=True)
    except (ValueError, binascii.Error, crypto.unsupported):
        raise ArgraphError(f"{np.iri}: its key or signature cannot be read.") from None
    content = trusty.canonical((q for q in np.quads if q.predicate != _SIGNATURE), np.code or np.iri).encode()
    try:
        if said.get(NPX + "hasAlgorithm") == "RSA":
            key.verify(signature, content, crypto.padding.PKCS1v15(), crypto.hashes.SHA256())
        elif said.get(NPX + "hasAlgorithm") == "DSA":
            key.verify(signature, content, crypto.hashes.SHA256())
        else:
            raise ArgraphError(f"{np.iri}: its signature is of a kind that is not known.")
    except (crypto.invalid, TypeError, AttributeError):
        raise ArgraphError(f"{np.iri}: its signature is not of this content with this key.") from None
    return True


def published(
    quads: Sequence[ox.Quad], iri: str, *, key: PrivateKey | None = None, signer: str = ""
) -> Nanopublication:
    """A nanopublication with its Trusty URI, signed if there is a key.

    Args:
        quads: Its four graphs, whose addresses begin with its own.
        iri: Its address before it gets the code.
        key: The key of whoever signs, as `private_key` reads it.
        signer: Address of whoever signs, such as an ORCID.

    Raises:
        ArgraphError: It is no nanopublication; says why.
    """
    made, whole = trusty.prepared(quads, iri)
    if key is not None:
        made = _signed(made, whole, key, signer)
    final, _ = trusty.minted(made)
    return read(written(final), iri)[0]


def _signed(quads: list[ox.Quad], whole: str, key: PrivateKey, signer: str) -> list[ox.Quad]:
    info = next((q.object for q in quads if q.predicate.value == PARTS["publication info"]), None)
    if not isinstance(info, ox.NamedNode):
        raise ArgraphError(f"{whole.replace(trusty.PLACEHOLDER, '')} has no publication info to sign in.")
    crypto = _cryptography()
    public = key.public_key().public_bytes(crypto.encoding.DER, crypto.form.SubjectPublicKeyInfo)
    element = ox.NamedNode(f"{whole}/sig")
    said: list[tuple[str, ox.NamedNode | ox.Literal]] = [
        ("hasAlgorithm", ox.Literal("RSA")),
        ("hasPublicKey", ox.Literal(base64.b64encode(public).decode())),
        ("hasSignatureTarget", ox.NamedNode(whole)),
        *([("signedBy", ox.NamedNode(signer))] if signer else []),
    ]
    quads = [*quads, *(ox.Quad(element, ox.NamedNode(NPX + p), o, info) for p, o in said)]
    content = trusty.canonical(quads, trusty.PLACEHOLDER).encode()
    signature = key.sign(content, crypto.padding.PKCS1v15(), crypto.hashes.SHA256())
    value = ox.Literal(base64.b64encode(signature).decode())
    return [*quads, ox.Quad(element, _SIGNATURE, value, info)]


def private_key(data: bytes, name: str) -> PrivateKey:
    """An RSA key in PEM, or in base64 without head as the tools for nanopublications keep it.

    Raises:
        FormatError: It is none.
        ResourceMissing: The library for signatures is not installed.
    """
    crypto = _cryptography()
    try:
        if b"-----BEGIN" in data:
            key = crypto.load_pem_private_key(data, None)
        else:
            key = crypto.load_der_private_key(base64.b64decode(b"".join(data.split()), validate=True), None)
    except (ValueError, TypeError, binascii.Error, crypto.unsupported):
        raise FormatError("This is no private key without password, in PEM or base64.", name=name) from None
    if not isinstance(key, crypto.rsa.RSAPrivateKey):
        raise FormatError("This is a key of another kind: nanopublications want RSA.", name=name)
    return key  # type: ignore[no-any-return]


class _Crypto:
    """The parts of `cryptography` that are used, loaded when they are needed."""

    def __init__(self) -> None:
        from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import padding, rsa

        self.invalid, self.unsupported = InvalidSignature, UnsupportedAlgorithm
        self.hashes: Any = hashes
        self.padding, self.rsa = padding, rsa
        self.encoding, self.form = serialization.Encoding, serialization.PublicFormat
        self.load_der_public_key: Any = serialization.load_der_public_key
        self.load_der_private_key: Any = serialization.load_der_private_key
        self.load_pem_private_key: Any = serialization.load_pem_private_key


def _cryptography() -> _Crypto:
    try:
        return _Crypto()
    except ImportError:
        raise ResourceMissing(
            "Signatures need a library that is not installed: pip install 'argraph[nanopub]'."
        ) from None


def written(quads: Sequence[ox.Quad]) -> bytes:
    """Quads as TriG, equal for equal quads."""
    quads = sorted(quads, key=str)
    prefixes = {"np": NP, "npx": NPX, "cito": "http://purl.org/spar/cito/", **vocab.PREFIXES}
    used = {name: iri for name, iri in prefixes.items() if any(iri in str(quad) for quad in quads)}
    return ox.serialize(quads, format=ox.RdfFormat.TRIG, prefixes=used) or b""
