"""The gate: everything that is wrong with contributed files, at its place, in one run."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Final, NamedTuple

import pyoxigraph as ox

from argraph import progress, resources, vocab
from argraph.contribution import findings, names, policy, scaffold
from argraph.contribution.case import Case, File
from argraph.contribution.ground import Existing, Ground
from argraph.contribution.names import Reading
from argraph.contribution.shapes import ShapeSet
from argraph.contribution.vocabulary import Vocabulary
from argraph.contribution.workers import Workers, undisturbed
from argraph.diagnostics import Diagnostic, Location, Report, Severity
from argraph.rdf import turtle
from argraph.rdf.store import Edition, Store
from argraph.rdf.turtle import Span

_BASE: Final = re.compile(r"[a-z]+://[^\s<>\"{}|^`\\%#?]+[/#?]?", re.ASCII)
"""What may stand for the start of a debate's IRIs; what is not, the shapes report."""


def check(
    files: Mapping[str, bytes], *, against: Store | Ground, shapes: ShapeSet, workers: Workers | None = None
) -> Report:
    """Find everything that is wrong with files that are to join a graph; total on any bytes.

    A file takes the place of the file of `against` that has the same contribution, or the same path. What is
    wrong elsewhere already is not reported; what these files would make wrong elsewhere is.

    Misspelt names are reported once and then read as what they most resemble, so that the checks after them
    see the file as it was meant. While any file has faults of syntax, only what is certain is reported.

    On a ground that is warm, that costs what the files cost, and little of what the graph does.

    Args:
        files: Bytes by path as the user gave it.
        against: The graph that the files would join; a ground, to have it ready for the next check.
        shapes: What SHACL demands.
        workers: Who does what is done for each file; without any, this process. It makes no difference to
            what is found.

    Raises:
        WorkerLost: A process of theirs ended before it had answered.
    """
    workers = workers or Workers()
    with undisturbed():
        documents, found = _read_all(files, workers.report)
        complete = not any(document.diagnostics for document in documents)
        with workers.report("Joining the files"):
            case, misspelt = _case(
                [Reading(d, list(d.triples)) for d in documents],
                Ground.of(against),
                complete=complete,
                workers=workers,
            )
        found += misspelt
    found += policy.apply(case)
    found += findings.of(case, shapes, found)
    found = policy.without_consequences(_without_blanks(found, documents), case)
    if not complete:
        found += _not_all_checked(case)
    return Report.of(found)


def debates(files: Mapping[str, bytes]) -> frozenset[str]:
    """The bases of the debates that files describe, as far as the files can be read."""
    documents = (turtle.read(data, name=path) for path, data in files.items() if b"uriSpace" in data)
    return frozenset(
        triple.object.value
        for document in documents
        for triple in document.triples
        if triple.predicate.value == vocab.URI_SPACE and isinstance(triple.object, ox.Literal)
    )


class Edit(NamedTuple):
    """What files would do to a graph.

    Attributes:
        without: IRIs of the named graphs whose place they take.
        triples: What they say, each file's once, with misspelt names counting as what they most resemble.
    """

    without: frozenset[str]
    triples: tuple[ox.Triple, ...]


def edit(files: Mapping[str, bytes], *, against: Store | Ground) -> tuple[Edit, Report]:
    """What files would do to a graph, and the faults of syntax that keep them from being read.

    Nothing is copied, so that this costs little even where the graph is large.
    """
    documents, found = _read_all(files)
    readings = [Reading(document, list(document.triples)) for document in documents]
    ground = Ground.of(against)
    _, _, replaced = _put_right(readings, ground, complete=not found)
    triples = [t for r in readings for t in dict.fromkeys(map(_triple, r.triples))]
    return Edit(frozenset(ground.store.graphs[old] for old in replaced), tuple(triples)), Report.of(found)


# -- reading ------------------------------------------------------------------------------------------------


def _read_all(
    files: Mapping[str, bytes], report: progress.Report = progress.silent
) -> tuple[list[turtle.Document], list[Diagnostic]]:
    documents, found = [], []
    for path, data in progress.counted(report, "Reading", files.items(), total=len(files), unit="files"):
        document, faults = _read(path, data)
        documents.append(document)
        found.extend(faults)
    return documents, found


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


def _without_blanks(found: list[Diagnostic], documents: Iterable[turtle.Document]) -> list[Diagnostic]:
    """Leave out what is said of a term that holds a blank: it says no more than that."""
    blanks = defaultdict(list)
    for document in documents:
        if "«fill in" in document.text:
            blanks[document.name] = [document.location(span) for span in _blanks(document)]
    return [
        finding
        for finding in found
        if finding.code == "blank-unfilled"
        or not any(_overlap(finding.location, blank) for blank in blanks[finding.location.path])
    ]


def _overlap(one: Location, other: Location) -> bool:
    starts_before = (one.line, one.column) < (other.end_line, other.end_column)
    return starts_before and (other.line, other.column) < (one.end_line, one.end_column)


# -- the graph as it would be -------------------------------------------------------------------------------


def _case(
    readings: list[Reading], against: Ground, *, complete: bool, workers: Workers
) -> tuple[Case, list[Diagnostic]]:
    vocabulary, bases, replaced = _put_right(readings, against, complete=complete)
    union = Edition(against.store)
    for old in replaced:
        union.drop(old)
    for reading in readings:
        union.put(reading.document.name, map(_triple, reading.triples))
    case = Case(
        files=tuple(reading.file for reading in readings),
        ground=against,
        union=union,
        replaced=replaced,
        bases=bases,
        vocabulary=vocabulary,
        doubtful=frozenset().union(*(reading.doubtful for reading in readings)),
        complete=complete,
        workers=workers,
    )
    return case, [finding for reading in readings for finding in reading.findings]


def _put_right(
    readings: list[Reading], against: Ground, *, complete: bool
) -> tuple[Vocabulary, tuple[str, ...], dict[str, str]]:
    """Put misspelt names right; returns the vocabulary, the bases of nodes, and what the files replace."""
    vocabulary = Vocabulary.load(resources.ontology(), resources.shapes())
    bases = _bases(against, readings)
    existing = Existing(against)
    for reading in readings:
        names.namespaces(reading, bases)
        names.terms(reading, vocabulary, existing)
    replaced = _replaced(against, readings)
    if replaced:
        existing = Existing(against, without={against.store.graphs[old] for old in replaced})
    names.nodes(readings, existing, vocabulary, bases, complete=complete)
    return vocabulary, bases, replaced


def _triple(positioned: turtle.PositionedTriple) -> ox.Triple:
    return ox.Triple(positioned.subject, positioned.predicate, positioned.object)


def _bases(ground: Ground, readings: list[Reading]) -> tuple[str, ...]:
    """What nodes' IRIs begin with: what debates declare, else what the files say they are part of."""
    space = ox.NamedNode(vocab.URI_SPACE)
    found = set(ground.spaces)
    for reading in readings:
        found |= {t.object.value for t in reading.triples if t.predicate == space}
    if not found:
        part = vocab.DCTERMS + "isPartOf"
        found = {t.object.value for r in readings for t in r.triples if t.predicate.value == part}
    return tuple(sorted(base for base in found if _BASE.fullmatch(base)))


def _replaced(ground: Ground, readings: list[Reading]) -> dict[str, str]:
    """The paths whose place a checked file takes, with that file's path.

    A file that has the contribution of another one, but none of its nodes, is no new version of it: it only
    took a name that is in use.
    """
    by_graph = ground.store.paths
    replaced: dict[str, str] = {}
    for reading in readings:
        path = reading.document.name
        contributions = {t.subject.value for t in reading.file.of_class(vocab.CONTRIBUTION)}
        named = [by_graph[graph] for graph in contributions if graph in by_graph]
        others = [n for n in reading.file.types if n.value not in contributions]
        taken = [old for old in named if any(old in ground.store.paths_of(node) for node in others)]
        taken += filter(None, [ground.by_place.get(os.path.abspath(path))])
        if not contributions and not taken:
            # Its block may be the part that is broken; then the name is all there is to go by.
            taken += filter(None, [ground.by_name.get(PurePath(path).name)])
        for old in taken:
            replaced.setdefault(old, path)
    return replaced


def _not_all_checked(case: Case) -> Iterator[Diagnostic]:
    for file in case.files:
        if file.document.diagnostics and file.document.triples:
            last = max(d.location for d in file.document.diagnostics)
            yield Diagnostic(
                "not-all-checked",
                Severity.INFO,
                "Statements with faults are skipped. What may be missing is checked once they are mended.",
                last,
            )
