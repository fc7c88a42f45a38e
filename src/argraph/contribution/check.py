"""The gate: everything that is wrong with contributed files, at its place, in one run."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Final

import pyoxigraph as ox

from argraph import resources, vocab
from argraph.argument import derived
from argraph.contribution import names, policy, scaffold
from argraph.contribution.case import TYPE, Case, File, is_list_cell
from argraph.contribution.names import Reading
from argraph.contribution.shapes import ShapeResult, ShapeSet
from argraph.contribution.vocabulary import Vocabulary
from argraph.diagnostics import Diagnostic, Location, Report, Severity
from argraph.rdf import turtle
from argraph.rdf.store import Store
from argraph.rdf.turtle import PositionedTriple, Span

_SH: Final = vocab.SHACL
_CLOSED: Final = _SH + "ClosedConstraintComponent"
_KIND: Final = {_SH + "DatatypeConstraintComponent", _SH + "NodeKindConstraintComponent"}
_LENGTH: Final = {_SH + "MinLengthConstraintComponent", _SH + "MaxLengthConstraintComponent"}
_OF_THE_VALUE: Final = (
    _KIND
    | _LENGTH
    | {
        _CLOSED,
        _SH + "InConstraintComponent",
        _SH + "LanguageInConstraintComponent",
        _SH + "PatternConstraintComponent",
        _SH + "MinInclusiveConstraintComponent",
        _SH + "MaxInclusiveConstraintComponent",
        _SH + "MinExclusiveConstraintComponent",
        _SH + "MaxExclusiveConstraintComponent",
    }
)
"""Components that look at nothing but the value itself, so that they hold of a file that is read in part."""


def check(files: Mapping[str, bytes], *, against: Store, shapes: ShapeSet) -> Report:
    """Find everything that is wrong with files that are to join a graph; total on any bytes.

    A file takes the place of the file of `against` that has the same contribution, or the same path. What is
    wrong elsewhere already is not reported; what these files would make wrong elsewhere is.

    Misspelt names are reported once and then read as what they most resemble, so that the checks after them
    see the file as it was meant. While any file has faults of syntax, only what is certain is reported.

    Args:
        files: Bytes by path as the user gave it.
        against: The graph that the files would join.
        shapes: What SHACL demands.
    """
    documents, findings = [], []
    for path, data in files.items():
        document, faults = _read(path, data)
        documents.append(document)
        findings.extend(faults)
    complete = not any(document.diagnostics for document in documents)
    case, misspelt = _case([Reading(d, list(d.triples)) for d in documents], against, complete=complete)
    findings += misspelt
    findings += policy.apply(case)
    findings += _shape_findings(case, shapes, {_place(finding) for finding in findings})
    findings = _without_blanks(findings, documents)
    if not complete:
        findings += _not_all_checked(case)
    return Report.of(findings)


# -- reading ------------------------------------------------------------------------------------------------


def _read(path: str, data: bytes) -> tuple[turtle.Document, list[Diagnostic]]:
    """A document and its faults of syntax; a scaffold's blanks are read as if they were names."""
    try:
        text = data.decode("utf-8-sig") if scaffold.BLANK_START in data else ""
    except UnicodeDecodeError:
        text = ""  # the reader says where
    if not text:
        document = turtle.read(data, name=path)
        return document, list(document.diagnostics)
    document = turtle.read(scaffold.fill(text).encode(), name=path)
    if len(document.text) == len(text):
        document = replace(document, text=text)
    faults = [replace(d, source=document.line(d.location.line)) for d in document.diagnostics]
    file = File(document, ())
    for start, end in _blanks(document):
        what = scaffold.BLANK.fullmatch(document.text, start, end)
        faults.append(
            file.finding(
                "blank-unfilled",
                Severity.VIOLATION,
                f"This blank is not filled yet: {what['what'].strip() if what else ''}.",
                (start, end),
                hint="Write it in place of everything from « to ».",
            )
        )
    return document, faults


def _blanks(document: turtle.Document) -> list[Span]:
    """Where a scaffold's blanks stand inside a term; one in a comment harms nobody."""
    spans = {span for triple in document.triples for span in triple[3:]}
    inside = {offset for start, end in spans for offset in range(start, end) if document.text[offset] == "«"}
    return [m.span() for m in scaffold.BLANK.finditer(document.text) if m.start() in inside]


def _without_blanks(findings: list[Diagnostic], documents: Iterable[turtle.Document]) -> list[Diagnostic]:
    """Leave out what is said of a term that holds a blank: it says no more than that."""
    blanks = defaultdict(list)
    for document in documents:
        if "«fill in" in document.text:
            blanks[document.name] = [document.location(span) for span in _blanks(document)]
    return [
        finding
        for finding in findings
        if finding.code == "blank-unfilled"
        or not any(_overlap(finding.location, blank) for blank in blanks[finding.location.path])
    ]


def _overlap(one: Location, other: Location) -> bool:
    starts_before = (one.line, one.column) < (other.end_line, other.end_column)
    return starts_before and (other.line, other.column) < (one.end_line, one.end_column)


# -- the graph as it would be -------------------------------------------------------------------------------


def _case(readings: list[Reading], against: Store, *, complete: bool) -> tuple[Case, list[Diagnostic]]:
    vocabulary = Vocabulary.load(resources.ontology(), resources.shapes())
    before = against.copy()
    before.raw.remove_graph(derived.GRAPH)  # computed from the graph as it is
    bases = _bases(before, readings)
    existing = _labels(before)
    for reading in readings:
        names.namespaces(reading, bases)
        names.terms(reading, vocabulary, existing)
    replaced = _replaced(before, readings)
    union = before.copy()
    for old in replaced:
        union.drop(old)
    names.nodes(readings, _labels(union), vocabulary, bases, complete=complete)
    for reading in readings:
        union.put(
            reading.document.name, [ox.Triple(t.subject, t.predicate, t.object) for t in reading.triples]
        )
    case = Case(
        files=tuple(reading.file for reading in readings),
        before=before,
        union=union,
        replaced=replaced,
        bases=bases,
        doubtful=frozenset().union(*(reading.doubtful for reading in readings)),
        complete=complete,
    )
    return case, [finding for reading in readings for finding in reading.findings]


def _bases(before: Store, readings: list[Reading]) -> tuple[str, ...]:
    """What nodes' IRIs begin with: what debates declare, else what the files say they are part of."""
    space = ox.NamedNode(vocab.URI_SPACE)
    found = {q.object.value for q in before.raw.quads_for_pattern(None, space, None)}  # type: ignore[union-attr]
    for reading in readings:
        found |= {t.object.value for t in reading.triples if t.predicate == space}
    if not found:
        part = vocab.DCTERMS + "isPartOf"
        found = {t.object.value for r in readings for t in r.triples if t.predicate.value == part}
    return tuple(sorted(base for base in found if "://" in base))


def _replaced(before: Store, readings: list[Reading]) -> dict[str, str]:
    """The paths whose place a checked file takes, with that file's path.

    A file that has the contribution of another one, but none of its nodes, is no new version of it: it only
    took a name that is in use.
    """
    by_graph = {graph: path for path, graph in before.graphs.items()}
    by_place = {os.path.abspath(path): path for path in before.graphs}
    by_name = {PurePath(path).name: path for path in before.graphs}
    replaced: dict[str, str] = {}
    for reading in readings:
        path = reading.document.name
        contributions = {t.subject.value for t in reading.file.of_class(vocab.CONTRIBUTION)}
        named = [by_graph[graph] for graph in contributions if graph in by_graph]
        others = [n for n in reading.file.types if n.value not in contributions]
        taken = [old for old in named if any(old in before.paths_of(node) for node in others)]
        taken += filter(None, [by_place.get(os.path.abspath(path))])
        if not contributions and not taken:
            # Its block may be the part that is broken; then the name is all there is to go by.
            taken += filter(None, [by_name.get(PurePath(path).name)])
        for old in taken:
            replaced.setdefault(old, path)
    return replaced


def _labels(store: Store) -> dict[str, str]:
    """The nodes of a graph that have a class, with their labels."""
    labels = {
        quad.subject.value: ""
        for quad in store.raw.quads_for_pattern(None, TYPE, None)
        if isinstance(quad.subject, ox.NamedNode)
    }
    for predicate in (vocab.NAME, vocab.LABEL):
        for quad in store.raw.quads_for_pattern(None, ox.NamedNode(predicate), None):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value in labels:
                labels[quad.subject.value] = quad.object.value  # type: ignore[union-attr]
    return labels


# -- what SHACL finds ---------------------------------------------------------------------------------------


def _place(finding: Diagnostic) -> tuple[str, int, int]:
    return (finding.location.path, finding.location.line, finding.location.column)


def _shape_findings(case: Case, shapes: ShapeSet, taken: set[tuple[str, int, int]]) -> Iterator[Diagnostic]:
    """Results of the shapes at their places, less what another finding at the same place says already."""
    focus = {triple.subject for file in case.files for triple in file.triples}
    for old in case.replaced:
        # What the earlier version described or linked to may now lack something.
        graph = ox.NamedNode(case.before.graphs[old])
        for quad in case.before.raw.quads_for_pattern(None, None, None, graph):
            focus |= {t for t in (quad.subject, quad.object) if isinstance(t, ox.NamedNode)}
    results = [r for r in shapes.validate(case.union.raw, focus) if _certain(r, case)]
    own = {n for f in case.files for n in f.by_subject if n in f.types or not case.home(n)}
    foreign = {r.focus for r in results if r.focus not in own}
    known = set(map(_identity, shapes.validate(case.before.raw, foreign))) if foreign else set()
    placed: dict[tuple[File, Span], list[ShapeResult]] = {}
    for result in results:
        if result.focus in own or _identity(result) not in known:
            placed.setdefault(_locate(result, case), []).append(result)
    for (file, span), there in placed.items():
        found = [_finding(result, file, span) for result in _telling(there)]
        yield from (finding for finding in found if span == (0, 0) or _place(finding) not in taken)


def _certain(result: ShapeResult, case: Case) -> bool:
    """Whether a result holds whatever becomes of the mistakes that are reported already."""
    if result.component in _OF_THE_VALUE:
        return True
    doubtful = {term.value for term in (result.focus, result.value) if isinstance(term, ox.NamedNode)}
    return case.complete and not doubtful & case.doubtful


def _identity(result: ShapeResult) -> tuple[object, ...]:
    return (result.shape, result.focus, result.path, result.value)


def _telling(results: list[ShapeResult]) -> list[ShapeResult]:
    """Of several results at one place those that are not mere consequences of another."""
    if any(r.component in _KIND for r in results):
        # A literal for a link, or the wrong datatype: whatever else its value is asked to be, it is not.
        results = [r for r in results if r.component in _KIND | _LENGTH]
    elif any(r.component != _CLOSED for r in results):
        results = [r for r in results if r.component != _CLOSED]
    seen: dict[str, ShapeResult] = {}
    for result in results:
        seen.setdefault(result.message, result)
    return list(seen.values())


def _locate(result: ShapeResult, case: Case) -> tuple[File, Span]:
    """The file and the place that a result is about.

    The value where there is one, else the property, else the first mention of the node as a subject. A
    property that does not belong there is itself the fault. Of a node that no checked file describes: the
    link to it; failing that, the head of the first file.
    """
    for file in case.files:
        said = file.by_subject.get(result.focus, [])
        if not said:
            continue
        if is_list_cell(file, result.focus) and result.value is None:
            break
        matching = [t for t in said if not result.inverse and t.predicate.value == result.path]
        valued = [t for t in matching if t.object == result.value]
        if result.component == _CLOSED and matching:
            return file, (valued or matching)[0].predicate_span
        if valued:
            return file, valued[0].object_span
        if matching:
            return file, _extra(result, matching)
        return file, said[0].subject_span
    for file in case.files:
        uses = file.by_object.get(result.focus, [])
        if uses:
            return file, uses[0].object_span
    return case.files[0], (0, 0)


def _extra(result: ShapeResult, matching: list[PositionedTriple]) -> Span:
    """Where to point when a property is at fault as a whole: at the first value too many, else its name."""
    too_many = result.component == _SH + "MaxCountConstraintComponent" and len(matching) > 1
    return matching[1].object_span if too_many else matching[0].predicate_span


def _finding(result: ShapeResult, file: File, span: Span) -> Diagnostic:
    message = result.message
    if result.focus not in file.by_subject and isinstance(result.focus, ox.NamedNode):
        message = f"This affects {file.shown(result.focus)}: {message}"
    return file.finding(
        result.shape.removeprefix(vocab.ASH),
        result.severity,
        message,
        span,
        hint=" ".join(result.details),
        focus=result.focus,
        rule=result.shape,
    )


def _not_all_checked(case: Case) -> Iterator[Diagnostic]:
    for file in case.files:
        if file.document.diagnostics:
            last = max(d.location for d in file.document.diagnostics)
            yield Diagnostic(
                "not-all-checked",
                Severity.INFO,
                "Statements with faults were left out. What is missing is told once they are mended.",
                last,
            )
