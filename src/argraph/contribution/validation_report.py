"""Reports as SHACL validation reports in Turtle, which SHACL tools read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast
from urllib.parse import quote

import pyoxigraph as ox

from argraph import vocab
from argraph.contribution.printable import shown
from argraph.diagnostics import Diagnostic, Location, Report, Severity
from argraph.rdf.store import FILE_GRAPHS, Term

_POINTERS: Final = "http://www.w3.org/2009/pointers#"  # Pointers in RDF, W3C
_EARL: Final = "http://www.w3.org/ns/earl#"
_TYPE: Final = ox.NamedNode(vocab.TYPE)
_SEVERITY: Final = {Severity.VIOLATION: "Violation", Severity.WARNING: "Warning", Severity.INFO: "Info"}
_PREFIXES: Final = {
    "ash": vocab.ASH,
    "earl": _EARL,
    "ptr": _POINTERS,
    "rdfs": vocab.RDFS,
    "sh": vocab.SHACL,
    "xsd": vocab.XSD,
}


def turtle(report: Report) -> str:
    """A `sh:ValidationReport` with a `sh:ValidationResult` for each finding, in the same order.

    As SHACL has it, a report conforms only without any result, be it a warning. A finding of the gate's own
    rules has the rule's name, in the namespace of the shapes, as its constraint component; one about no node
    has the file as its focus. Places are pointers as in the W3C's “Pointers in RDF”, from `earl:pointer`.
    """
    head = ox.BlankNode("report")
    conforms = ox.Literal("false" if len(report) else "true", datatype=ox.NamedNode(vocab.XSD + "boolean"))
    triples = [
        ox.Triple(head, _TYPE, _sh("ValidationReport")),
        ox.Triple(head, _sh("conforms"), conforms),
    ]
    numbered = [(ox.BlankNode(f"result{n}"), n, finding) for n, finding in enumerate(report, 1)]
    triples += [ox.Triple(head, _sh("result"), result) for result, _, _ in numbered]
    for result, number, finding in numbered:
        place = ox.BlankNode(f"place{number}")
        triples += _result(result, finding)
        triples.append(ox.Triple(result, ox.NamedNode(_EARL + "pointer"), place))
        triples += _place(place, number, finding.location)
    data = cast("bytes", ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=_PREFIXES))
    text = data.decode().rstrip("\n").replace("\n\t", "\n    ")
    return "".join(map(_escaped, text))


def _result(result: ox.BlankNode, finding: Diagnostic) -> Iterator[ox.Triple]:
    told: list[tuple[ox.NamedNode, Term]] = [
        (_TYPE, _sh("ValidationResult")),
        (_sh("resultSeverity"), _sh(_SEVERITY[finding.severity])),
        (_sh("focusNode"), _iri(finding.focus) or _file(finding.location.path)),
        (_sh("resultMessage"), _text(finding.message, "en")),
        (
            _sh("sourceConstraintComponent"),
            _iri(finding.component) or ox.NamedNode(vocab.ASH + quote(finding.code, errors="surrogatepass")),
        ),
    ]
    optional = {"resultPath": finding.predicate, "sourceShape": finding.rule}
    told += [(_sh(name), iri) for name, text in optional.items() if (iri := _iri(text))]
    if (value := _term(finding)) is not None:
        told.append((_sh("value"), value))
    if finding.hint:
        told.append((ox.NamedNode(vocab.RDFS + "comment"), _text(finding.hint, "en")))
    return (ox.Triple(result, predicate, value) for predicate, value in told)


def _place(whole: ox.BlankNode, number: int, location: Location) -> Iterator[ox.Triple]:
    start, end = ox.BlankNode(f"start{number}"), ox.BlankNode(f"end{number}")
    file = _file(location.path)
    yield ox.Triple(whole, _TYPE, _ptr("StartEndPointer"))
    yield ox.Triple(whole, _ptr("reference"), file)
    yield ox.Triple(whole, _ptr("startPointer"), start)
    yield ox.Triple(whole, _ptr("endPointer"), end)
    ends = ((start, location.line, location.column), (end, location.end_line, location.end_column))
    for point, line, column in ends:
        yield ox.Triple(point, _TYPE, _ptr("LineCharPointer"))
        yield ox.Triple(point, _ptr("reference"), file)
        yield ox.Triple(point, _ptr("lineNumber"), ox.Literal(line))
        yield ox.Triple(point, _ptr("charNumber"), ox.Literal(column))


def _text(text: str, language: str | None = None) -> ox.Literal:
    return ox.Literal(text.encode(errors="replace").decode(), language=language)


def _escaped(char: str) -> str:
    return char if char == "\n" or shown(char) == char else f"\\U{ord(char):08X}"


def _sh(name: str) -> ox.NamedNode:
    return ox.NamedNode(vocab.SHACL + name)


def _ptr(name: str) -> ox.NamedNode:
    return ox.NamedNode(_POINTERS + name)


def _file(path: str) -> ox.NamedNode:
    return ox.NamedNode(FILE_GRAPHS + quote(path, safe="/", errors="surrogatepass"))


def _iri(text: str) -> ox.NamedNode | None:
    try:
        return ox.NamedNode(text)
    except ValueError:
        return None


def _term(finding: Diagnostic) -> Term | None:
    """The term that is at fault, or what was written where no shape found it; never a node without a name."""
    if not finding.term:
        return _text(finding.value) if finding.value else None
    if finding.term.startswith("_:"):
        return None  # its label would be that of another node in another file
    quads = ox.parse(f"<urn:x> <urn:x> {finding.term} .".encode(), format=ox.RdfFormat.N_TRIPLES)
    return cast("Term", next(quads).object)
