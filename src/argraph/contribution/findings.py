"""What SHACL finds, each result at its place in a file, and one for each mistake."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Final

import pyoxigraph as ox

from argraph import vocab
from argraph.argument.graph import local_name
from argraph.contribution.case import TYPE, Case, File
from argraph.contribution.shapes import ShapeResult, ShapeSet, in_order
from argraph.contribution.suggest import nearest
from argraph.contribution.workers import Files
from argraph.diagnostics import Diagnostic, Severity
from argraph.rdf.store import Node, Term
from argraph.rdf.turtle import PositionedTriple, Span


def _component(*names: str) -> frozenset[str]:
    return frozenset(f"{vocab.SHACL}{name}ConstraintComponent" for name in names)


_CLOSED: Final = _component("Closed")
_IN: Final = _component("In")
_TOO_MANY: Final = _component("MaxCount", "UniqueLang")
_KIND: Final = _component("Datatype", "NodeKind")
_LENGTH: Final = _component("MinLength", "MaxLength")
_RANGE: Final = _component("MinInclusive", "MaxInclusive", "MinExclusive", "MaxExclusive")
_OF_THE_VALUE: Final = _KIND | _LENGTH | _RANGE | _CLOSED | _IN | _component("LanguageIn", "Pattern")
"""Components that look at nothing but the value itself, so that they hold of a file that is read in part."""

_NAME: Final = re.compile(r"[\w.-]+", re.ASCII)
_ABSTRACT: Final = {vocab.ARG + "Statement", vocab.ARG + "Step"}
_ABOUT_A_NAME: Final = {
    "blank-unfilled",
    "missing-node",
    "node-without-class",
    "unknown-class",
    "unknown-property",
    "unknown-term",
}
"""Rules that explain whatever the shapes find at the same place."""

_TOGETHER: Final = 2000  # nodes of files that are not checked, in one part of the work

_OF_OTHERS: Final = {"already-defined", "defined-twice"}
"""Rules that find two hands in one node."""


def of(case: Case, shapes: ShapeSet, others: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Results of the shapes on the checked files, and on other nodes as far as the files change them.

    Left out is what follows from the `other` findings: what is said at the same place, what a misspelt name
    leaves open, what comes of two descriptions of one node, and what others lack when a node is gone.
    """
    others = list(others)
    taken = {_place(finding) for finding in others if finding.code in _ABOUT_A_NAME}
    mixed = {d.focus for d in others if d.code in _OF_OTHERS and d.severity is Severity.VIOLATION}
    terms = {d.focus for d in others if d.code == "vocabulary-changed"}
    lost = any(finding.code == "removed-node" for finding in others)
    results = [
        result
        for result in _results(case, shapes, elsewhere=not lost)
        if result.focus.value not in terms and _certain(result, case, mixed)
    ]
    misshapen = {(r.focus, r.path) for r in results if r.value is None and r.component not in _TOO_MANY}
    placed: defaultdict[tuple[File, Span], list[ShapeResult]] = defaultdict(list)
    for result in results:
        # What is not written as it should be, such as a list, cannot be counted.
        if result.component not in _TOO_MANY or (result.focus, result.path) not in misshapen:
            placed[_locate(result, case)].append(result)
    for (file, span), there in placed.items():
        for result in _telling(there):
            finding = _finding(result, file, span, case)
            if _place(finding) not in taken:
                yield finding


def _results(case: Case, shapes: ShapeSet, *, elsewhere: bool) -> list[ShapeResult]:
    """Results on nodes of the checked files, and `elsewhere` those that were not there before."""
    focus: set[Node] = {triple.subject for file in case.files for triple in file.triples}
    for old in case.replaced:
        # What the earlier version described or linked to may now lack something.
        graph = ox.NamedNode(case.ground.store.graphs[old])
        for quad in case.ground.store.raw.quads_for_pattern(None, None, None, graph):
            focus |= {t for t in (quad.subject, quad.object) if case.is_node(t)}  # type: ignore[arg-type, misc]
    # A file that repeats what the debate says of itself is no reason to look at everything.
    affected = shapes.affected(case.union, focus, everywhere=not case.same_spaces)

    def validated(nodes: list[Term]) -> list[ShapeResult]:
        return shapes.results(case.union, nodes)

    parts = list(_parts(case, shapes, affected))
    found = case.workers.each("Checking the shapes", validated, parts, weight=case.weight)
    results = in_order(chain.from_iterable(found))
    own = {n for f in case.files for n in f.by_subject if n in f.types or not case.home(n)}
    others = {result.focus for result in results if result.focus not in own}
    if not others or not elsewhere:
        return [result for result in results if result.focus in own]
    known = set(
        map(_identity, shapes.validate(case.ground.store.raw, others, everywhere=not case.same_spaces))
    )
    return [result for result in results if result.focus in own or _identity(result) not in known]


def _parts(case: Case, shapes: ShapeSet, affected: set[Term] | None) -> Iterator[tuple[Files, list[Term]]]:
    """The nodes that are looked at, by the files that say something of them; each once."""
    seen: set[Term] = set()
    for paths, files in case.parts:
        there = dict.fromkeys(node for file in files for node in file.by_subject if node not in seen)
        seen.update(there)
        yield paths, [node for node in there if affected is None or node in affected]
    if affected is None:
        affected = set(shapes.targets(case.union if shapes.follows_links else case.ground.store.raw))
    rest = sorted(affected - seen, key=str)
    for first in range(0, len(rest), _TOGETHER):
        yield (), rest[first : first + _TOGETHER]


def _identity(result: ShapeResult) -> tuple[object, ...]:
    return (result.shape, result.focus, result.path, result.value)


def _place(finding: Diagnostic) -> tuple[str, int, int]:
    return (finding.location.path, finding.location.line, finding.location.column)


# -- which results ------------------------------------------------------------------------------------------


def _certain(result: ShapeResult, case: Case, mixed: set[str]) -> bool:
    """Whether a result holds whatever becomes of the mistakes that are reported already."""
    if result.component in _OF_THE_VALUE:
        return True
    if not case.complete or result.focus.value in case.doubtful | mixed:
        return False
    if not isinstance(result.value, ox.NamedNode):
        return True
    kinds = {q.object.value for q in case.union.quads_for_pattern(result.value, TYPE, None)}  # type: ignore[union-attr]
    too_general = bool(kinds) and kinds <= _ABSTRACT  # which is reported where the kind is stated
    return result.value.value not in case.doubtful and not too_general


def _telling(results: list[ShapeResult]) -> list[ShapeResult]:
    """Of several results at one place those that are not mere consequences of another."""
    if any(r.component in _KIND for r in results):
        # A literal for a link, or the wrong datatype: whatever else its value is asked to be, it is not.
        results = [r for r in results if r.component in _KIND | _LENGTH]
    elif any(r.component not in _CLOSED for r in results):
        results = [r for r in results if r.component not in _CLOSED]
    return list({result.message: result for result in reversed(results)}.values())[::-1]


# -- where --------------------------------------------------------------------------------------------------


def _locate(result: ShapeResult, case: Case) -> tuple[File, Span]:
    """The file and the place that a result is about.

    The value where there is one, else the property, else the first mention of the node as a subject. Of a
    node that no checked file describes the link to it; failing that, the head of the first file.
    """
    for file in case.files:
        said = file.by_subject.get(result.focus)
        if said:
            matching = [t for t in said if not result.inverse and t.predicate.value == result.path]
            return file, _at(result, matching, file) if matching else said[0].subject_span
    for file in case.files:
        uses = file.by_object.get(result.focus)
        if uses:
            return file, uses[0].object_span
    return case.files[0], (0, 0)


def _at(result: ShapeResult, matching: list[PositionedTriple], file: File) -> Span:
    valued = [t for t in matching if t.object == result.value]
    if result.component in _CLOSED:
        return (valued or matching)[0].predicate_span  # the property itself does not belong there
    if valued:
        return valued[0].object_span
    if result.value is not None:
        for triple in matching:
            for item in _items(triple.object, file):
                if item.object == result.value:
                    return item.object_span
    if result.component in _TOO_MANY and (further := _further(matching)) is not None:
        return further.object_span
    if matching[0].predicate == TYPE:
        return matching[0].object_span  # “a” is too small to point at
    return matching[0].predicate_span


def _items(head: Term, file: File) -> Iterator[PositionedTriple]:
    """The entries of a list written ( … )."""
    seen = set()
    while isinstance(head, ox.BlankNode) and head not in seen:
        seen.add(head)
        yield from file.objects(head, vocab.RDF + "first")
        head = next((t.object for t in file.objects(head, vocab.RDF + "rest")), head)


def _further(matching: list[PositionedTriple]) -> PositionedTriple | None:
    """The first value that is one too many: of texts the second in a language."""
    languages = set()
    for triple in matching:
        language = triple.object.language if isinstance(triple.object, ox.Literal) else None
        if language in languages:
            return triple
        languages.add(language)
    return None


# -- in which words -----------------------------------------------------------------------------------------


def _finding(result: ShapeResult, file: File, span: Span, case: Case) -> Diagnostic:
    message = result.message
    if result.focus not in file.by_subject and isinstance(result.focus, ox.NamedNode):
        message = f"This affects {file.shown(result.focus)}: {message}"
    finding = file.finding(
        local_name(result.shape),
        result.severity,
        message,
        span,
        hint=" ".join([*_advice(result, file, case), *result.details]),
        focus=result.focus,
        rule=result.shape,
    )
    return replace(
        finding,
        predicate=result.path or "",
        term="" if result.value is None else str(result.value),
        component=result.component,
    )


def _advice(result: ShapeResult, file: File, case: Case) -> Iterator[str]:
    """What the contributor may have meant, as far as the vocabulary tells."""
    vocabulary = case.vocabulary
    if result.component in _CLOSED and result.path:
        bearers = [file.shown(kind) for kind in vocabulary.bearers(result.path)]
        if 0 < len(bearers) <= 4:
            yield f"{file.shown(result.path)} is a property of {' and '.join(bearers)}."
    if result.component in _KIND and isinstance(result.value, ox.Literal):
        local = result.value.value.rpartition(":")[2]
        nodes = [ox.NamedNode(base + local) for base in case.bases if _NAME.fullmatch(local)]
        yield from (f"Did you mean {file.shown(n)}?" for n in nodes if case.says(n, vocab.TYPE, None))
    if result.component in _IN and result.path and result.value is not None:
        wanted = vocabulary.ranges.get(result.path)
        names = {local_name(iri): iri for iri, kind in vocabulary.concepts.items() if kind == wanted}
        written = local_name(result.value.value)
        meant = [written] if written in names else nearest(written.replace(" ", ""), names, 1)
        yield from (f"Did you mean {file.shown(names[name])}?" for name in meant)
