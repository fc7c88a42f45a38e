"""AIF as RDF, in the dialects that are in use: three namespaces, two sets of names, properties on either end.

AIFdb writes `Premise` and `Conclusion` on both nodes, in `http://www.arg.tech/aif#`; the ontology of Bex has
`hasPremise`, `hasConflictedElement` and others on the step, in `http://www.arg.dundee.ac.uk/aif#`; files
written by hand mix them. So the direction of an edge follows from the types of its two nodes, and from the
property only where both are steps.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import PurePath
from typing import Final
from urllib.parse import quote, unquote

import pyoxigraph as ox

from argraph import vocab
from argraph.argument.graph import local_name
from argraph.errors import FormatError
from argraph.exchange.aif import Document, expressed, understood
from argraph.exchange.model import JSON, Ledger, LossReport, Model

BEX: Final = "http://www.arg.dundee.ac.uk/aif#"
AIFDB: Final = "http://www.arg.tech/aif#"
NAMESPACES: Final = (BEX, AIFDB, "http://arg.dundee.ac.uk/aif#", "http://arg.tech/aif#")

_NODES: Final = "http://www.aifdb.org/nodes/"
_TYPES: Final = {
    "statement": "I",
    "scheme_application": "",
    "inference": "RA",
    "conflict": "CA",
    "preference": "PA",
    "illocution": "YA",
    "transition": "TA",
    "locution": "L",
    "rephrase": "MA",
}
_INTO_STEP: Final = frozenset(
    {"premise", "haspremise", "hasconflictingelement", "conflictingelement", "haspreferredelement"}
    | {"startlocution", "locution", "anchor"}
)
_OUT_OF_STEP: Final = frozenset(
    {"conclusion", "hasconclusion", "hasconflictedelement", "conflictedelement", "hasdispreferredelement"}
    | {"endlocution", "illocutionarycontent"}
)
_RANK: Final = {"I": 0, "L": 0, "TA": 1, "RA": 1, "CA": 1, "MA": 1, "PA": 1, "YA": 2}
"""Where a node stands between statements (0), steps (1) and illocutions (2)."""


def load(data: bytes, name: str) -> tuple[Model, LossReport]:
    """Read Turtle, RDF/XML or N-Triples; the file's ending tells which, else its first sign does.

    Raises:
        FormatError: It is no RDF, or says nothing in AIF.
    """
    reader = _Reader(name)
    document = reader.document(_triples(data, name))
    if not document.nodes:
        spaces = " or ".join(f"<{space}>" for space in NAMESPACES[:2])
        raise FormatError(f"No node here is of a class of AIF: their names begin with {spaces}.", name=name)
    model, found = understood(document)
    reader.ledger.extend(found.report().losses)
    return model, reader.ledger.report()


def _triples(data: bytes, name: str) -> list[ox.Triple]:
    form = _FORMS.get(PurePath(name).suffix.lower())
    if form is None:
        form = ox.RdfFormat.RDF_XML if _looks_like_xml(data) else ox.RdfFormat.TURTLE
    elif form is ox.RdfFormat.TURTLE and _looks_like_xml(data):
        form = ox.RdfFormat.RDF_XML
    try:
        found = ox.parse(data, format=form, base_iri="https://example.org/file/")
        return [ox.Triple(q.subject, q.predicate, q.object) for q in found]
    except (SyntaxError, ValueError) as fault:
        line = getattr(fault, "lineno", 0) or 0
        raise FormatError(f"This cannot be read as RDF: {fault}", name=name, line=line) from None


def _looks_like_xml(data: bytes) -> bool:
    head = data[:400].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith((b"<?xml", b"<rdf:", b"<!DOCTYPE", b"<!--"))


_FORMS: Final = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
}


class _Reader:
    """Nodes and edges of AIF from triples."""

    def __init__(self, name: str) -> None:
        self.ledger = Ledger()
        self._file = name
        self._kinds: dict[str, str] = {}
        self._blank: dict[str, str] = {}

    def document(self, triples: list[ox.Triple]) -> Document:
        nodes: dict[str, dict[str, JSON]] = {}
        for triple in triples:
            if triple.predicate.value == vocab.TYPE and isinstance(triple.object, ox.NamedNode):
                self._type(nodes, triple.subject, triple.object.value)
        self._common = _common(nodes)
        forward: dict[tuple[str, str], str] = {}
        both: defaultdict[frozenset[str], set[tuple[str, str]]] = defaultdict(set)
        for triple in triples:
            start = self._name(triple.subject)
            term = _aif(triple.predicate.value)
            if start not in nodes or triple.predicate.value == vocab.TYPE:
                if start not in nodes:
                    what = local_name(triple.predicate.value)
                    self.ledger.tally(
                        start, f"{what} of something that is no node of AIF", "it is left out", "dropped"
                    )
                continue
            end = "" if isinstance(triple.object, ox.Literal) else self._name(triple.object)
            lower = term.casefold()
            if end in nodes and lower in _INTO_STEP | _OUT_OF_STEP:
                way = self._direction(start, end, lower)
                forward[way] = term
                both[frozenset(way)].add(way)
            else:
                self._say(nodes[start], triple)
        edges = []
        for way in forward:
            certain = forward[way].casefold().startswith("has")  # stands on the step alone
            if not certain and len(both[frozenset(way)]) > 1 and self._against(way, both[frozenset(way)]):
                continue
            edges.append({"fromID": self._short(way[0]), "toID": self._short(way[1])})
        for iri, node in nodes.items():
            node["nodeID"] = self._short(iri)
        kept: dict[str, JSON] = {"base": self._common} if self._common != _NODES else {}
        return Document(list(nodes.values()), edges, {"rdf": kept} if kept else {})

    def _type(self, nodes: dict[str, dict[str, JSON]], subject: object, iri: str) -> None:
        term = _aif(iri)
        name = self._name(subject)
        if not term:
            if name in nodes:
                nodes[name].setdefault("rdf:type", []).append(iri)
            return
        plain = re.sub(r"[-_]?node$", "", term, flags=re.IGNORECASE)
        lower = plain.casefold()
        kind = _TYPES.get(lower) or plain.upper() if len(plain) <= 2 or lower in _TYPES else ""
        scheme = ""
        for ending, step in (("_inference", "RA"), ("_conflict", "CA")):
            if lower.endswith(ending):
                kind, scheme = step, plain[: -len(ending)].replace("_", " ")
        if not kind or (kind not in _RANK and not term.endswith("-node")):
            self.ledger.tally(
                name, f"class {term}", "it is no class of nodes; what it says is left out", "dropped"
            )
            return
        node = nodes.setdefault(name, {"text": "", "type": kind})
        if self._kinds.get(name, kind) != kind and kind != "I":
            node["type"] = kind
        self._kinds[name] = node["type"]
        if scheme and lower not in {"presumptive_inference", "deductive_inference", "inductive_inference"}:
            node["scheme"] = scheme

    def _direction(self, subject: str, value: str, term: str) -> tuple[str, str]:
        one, other = self._kinds.get(subject, ""), self._kinds.get(value, "")
        into = term in _INTO_STEP
        if term == "illocutionarycontent":
            return (subject, value) if one == "YA" else (value, subject)
        if term in {"locution", "anchor"}:
            return (value, subject) if one == "YA" else (subject, value)
        subject_is_step = _RANK.get(one, 1) >= 1 and not (_RANK.get(one, 1) == 1 and _RANK.get(other, 1) == 2)
        if _RANK.get(one, 1) == 0 and _RANK.get(other, 1) >= 1:
            subject_is_step = False
        # on the step, a premise comes in and a conclusion goes out; on the statement, the other way round
        if subject_is_step:
            return (value, subject) if into else (subject, value)
        return (subject, value) if into else (value, subject)

    def _against(self, way: tuple[str, str], ways: set[tuple[str, str]]) -> bool:
        """Whether this one of two opposite readings of a link is not taken: a conflict attacks."""
        start, end = way
        kept = min(ways, key=lambda w: (self._kinds.get(w[0]) != "CA", w))
        if way == kept:
            return False
        reason = "both ends say so, and which is meant follows from neither: the conflict is taken to attack"
        self.ledger.add(self._short(start), f"link to {self._short(end)}", reason, "changed")
        return True

    def _say(self, node: dict[str, JSON], triple: ox.Triple) -> None:
        term = _aif(triple.predicate.value)
        value = triple.object
        if term == "claimText" and isinstance(value, ox.Literal):
            if node["text"]:
                node.setdefault("rdf:text", []).append(str(value))
                self.ledger.add(
                    self._name(triple.subject), "further text", "a node has one text; kept as data", "kept"
                )
            else:
                node["text"] = value.value
        elif term in {"creationDate", "timestamp"} and isinstance(value, ox.Literal):
            node["timestamp"] = value.value
        elif term == "schemeName" and isinstance(value, ox.Literal):
            node["scheme"] = value.value
        elif term == "fulfils" and isinstance(value, ox.NamedNode):
            node.setdefault("scheme", local_name(value.value).replace("_", " ").removesuffix(" Scheme"))
            node.setdefault("rdf:fulfils", []).append(value.value)
        else:
            node.setdefault(triple.predicate.value, []).append(str(value))
            what = local_name(triple.predicate.value)
            self.ledger.tally(self._name(triple.subject), f"{what} of nodes", "kept as data")

    def _name(self, term: object) -> str:
        if isinstance(term, ox.NamedNode):
            return term.value
        if isinstance(term, ox.BlankNode):  # numbered by first use, so that equal files give equal names
            return self._blank.setdefault(term.value, f"_:b{len(self._blank) + 1}")
        return ""

    def _short(self, name: str) -> str:
        return unquote(name.removeprefix(self._common)) if name.startswith(self._common) else name


def _aif(iri: str) -> str:
    """The name of a term of AIF, or nothing."""
    for space in NAMESPACES:
        if iri.startswith(space):
            return iri.removeprefix(space)
    return ""


def _common(names: object) -> str:
    """What all named nodes begin with, up to a slash or a hash; else AIFdb's base."""
    named = [name for name in names if not name.startswith("_:")]  # type: ignore[attr-defined]
    if not named:
        return _NODES
    stems = {name[: max(name.rfind("/"), name.rfind("#")) + 1] for name in named}
    return str(stems.pop()) if len(stems) == 1 else _NODES


def dump(model: Model) -> bytes:
    """Write Turtle in the terms of the AIF ontology, and in AIFdb's where that has none; every edge once."""
    document = expressed(model)
    rdf = document.rest.get("rdf")
    base = rdf.get("base", _NODES) if isinstance(rdf, dict) else _NODES
    prefixes = {"aif": BEX, "aifdb": AIFDB}
    return ox.serialize(_written(document, str(base)), format=ox.RdfFormat.TURTLE, prefixes=prefixes) or b""


def _written(document: Document, base: str) -> Iterator[ox.Triple]:
    kinds: dict[str, str] = {}
    for node in document.nodes:
        if not isinstance(node, dict) or not isinstance(node.get("nodeID"), str | int):
            continue
        name = str(node["nodeID"])
        kind = str(node.get("type") or "I")
        kinds[name] = kind
        subject = _term(name, base)
        space = AIFDB if kind == "MA" else BEX
        safe = re.sub(r"[^A-Za-z]", "", kind) or "I"
        yield ox.Triple(subject, ox.NamedNode(vocab.TYPE), ox.NamedNode(f"{space}{safe}-node"))
        for key, predicate in (
            ("text", BEX + "claimText"),
            ("timestamp", BEX + "creationDate"),
            ("scheme", BEX + "schemeName"),
        ):
            value = node.get(key)
            if isinstance(value, str) and value:
                yield ox.Triple(subject, ox.NamedNode(predicate), ox.Literal(_plain(value)))
        yield from _others(subject, node)
    for edge in document.edges:
        if not isinstance(edge, dict):
            continue
        start, end = str(edge.get("fromID")), str(edge.get("toID"))
        if start in kinds and end in kinds:
            yield _edge(start, end, kinds, base)


def _others(subject: ox.NamedNode, node: dict[str, JSON]) -> Iterator[ox.Triple]:
    """What else the source said of a node: the keys that are addresses, as `_say` keeps them."""
    for key, values in node.items():
        if key == "rdf:fulfils":
            key, values = BEX + "fulfils", [f"<{value}>" for value in values if isinstance(value, str)]
        if "://" not in key or not isinstance(values, list):
            continue
        for value in values:
            if not isinstance(value, str) or value.startswith("_:"):
                continue  # a node without a name is another one in every file
            line = f"{subject} <{key}> {value} ."
            with suppress(SyntaxError, ValueError):  # from JSON anything may stand there
                found = ox.parse(line, format=ox.RdfFormat.N_TRIPLES)
                yield from [quad.triple for quad in found if quad.subject == subject]


def _edge(start: str, end: str, kinds: dict[str, str], base: str) -> ox.Triple:
    one, other = kinds[start], kinds[end]
    for kind, subject, predicate, value in (
        (other == "YA", end, AIFDB + "Locution", start),
        (one == "YA", start, AIFDB + "IllocutionaryContent", end),
        (one == "TA", start, AIFDB + "EndLocution", end),
        (other == "TA", end, AIFDB + "StartLocution", start),
        (one in _ENDS, start, BEX + _ENDS.get(one, ""), end),
        (other in _STARTS, end, BEX + _STARTS.get(other, ""), start),
        (one == "MA" or _RANK.get(other, 0) == 0, start, AIFDB + "Conclusion", end),
    ):
        if kind:
            return _link(subject, predicate, value, base)
    return _link(end, AIFDB + "Premise", start, base)


_ENDS: Final = {"RA": "hasConclusion", "CA": "hasConflictedElement", "PA": "hasDispreferredElement"}
_STARTS: Final = {"RA": "hasPremise", "CA": "hasConflictingElement", "PA": "hasPreferredElement"}


def _link(subject: str, predicate: str, value: str, base: str) -> ox.Triple:
    return ox.Triple(_term(subject, base), ox.NamedNode(predicate), _term(value, base))


def _term(name: str, base: str) -> ox.NamedNode:
    if "://" in name or name.startswith("urn:"):
        try:
            return ox.NamedNode(name)
        except ValueError:
            pass
    return ox.NamedNode(base + quote(_plain(name), safe="-._~"))


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
