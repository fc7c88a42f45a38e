"""Misspelt names: each is reported once, and put right for the checks that follow.

Without that a single wrong letter would make everything that depends on the name look wrong as well. Where
no existing name is near, the node is marked as doubtful instead.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import pyoxigraph as ox
from rapidfuzz.distance import OSA

from argraph import vocab
from argraph.argument.graph import local_name
from argraph.contribution.case import TYPE, File, is_node
from argraph.contribution.ground import Existing
from argraph.contribution.suggest import nearest
from argraph.contribution.vocabulary import Vocabulary
from argraph.diagnostics import Diagnostic, Severity
from argraph.rdf.store import Node, Term
from argraph.rdf.turtle import Document, PositionedTriple, Span

_MOST = 100  # names looked up in one pool; a file with more mistakes is not a slip of the pen
_SYNONYMS = {
    "label": vocab.LABEL,
    "comment": vocab.SKOS + "note",
    "headline": vocab.NAME,
    "title": vocab.NAME,
    "author": vocab.BIBO + "authorList",
    "authors": vocab.BIBO + "authorList",
    "year": vocab.SCHEMA + "datePublished",
    "because": vocab.PREMISE,
    "against": vocab.TARGET,
}


@dataclass
class Reading:
    """A document on its way to be a file: its triples as put right so far, and what was found."""

    document: Document
    triples: list[PositionedTriple]
    findings: list[Diagnostic] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)

    _file: File | None = None
    _of: list[PositionedTriple] | None = None

    @property
    def file(self) -> File:
        """The file as it stands; what is known of it is kept until other triples take the place of these."""
        if self._file is None or self._of is not self.triples:
            self._file, self._of = File(self.document, tuple(self.triples)), self.triples
        return self._file

    def replace(self, names: Mapping[str, str], *, subjects: bool = False) -> None:
        """Put other IRIs in the place of misspelt ones; as subjects only where asked."""
        if names:
            self.triples = [
                triple._replace(
                    subject=_swap(triple.subject, names) if subjects else triple.subject,
                    predicate=_swap(triple.predicate, names),
                    object=_swap(triple.object, names),
                )
                for triple in self.triples
            ]


_T = TypeVar("_T", bound=Term)


def _swap(term: _T, names: Mapping[str, str]) -> _T | ox.NamedNode:
    other = names.get(term.value) if isinstance(term, ox.NamedNode) else None
    return term if other is None else ox.NamedNode(other)


def _valid(iri: str) -> bool:
    try:
        ox.NamedNode(iri)
    except ValueError:
        return False
    return True


def did_you_mean(shown: Iterable[str]) -> str:
    """The hint that offers names; empty without any.

    >>> did_you_mean(["arg:Claim", "arg:Claims"])
    'Did you mean arg:Claim or arg:Claims?'
    """
    names = list(shown)
    return f"Did you mean {' or '.join(names)}?" if names else ""


class _Pool:
    """IRIs that may be meant, by local name; looks up no more than so many names.

    Args:
        iris: These few.
        existing: And these many.
    """

    def __init__(self, iris: Iterable[str], existing: Existing | None = None) -> None:
        self._iris = frozenset(iris)
        self._existing = existing
        self._found: dict[str, tuple[str, ...]] = {}

    @cached_property
    def _by_local(self) -> Mapping[str, list[str]]:
        """Filled only when a name is looked up: mostly none is, and there may be many."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for iri in self._iris:
            found[local_name(iri)].append(iri)
        return found

    def near(self, iri: str) -> tuple[str, ...]:
        """Up to two IRIs with the same local name, or with a similar one; those of its namespace first."""
        if iri not in self._found:
            self._found[iri] = self._near(iri) if len(self._found) < _MOST else ()
        return self._found[iri]

    def _near(self, iri: str) -> tuple[str, ...]:
        local = local_name(iri)
        namespace = iri.removesuffix(local)
        alike = self._existing.alike(local) if self._existing else ()
        names = (local,) if self.same(local) else nearest(local, {*self._by_local, *alike})
        found = [other for name in names for other in self.same(name) if other != iri]
        found.sort(key=lambda other: (names.index(local_name(other)), not other.startswith(namespace)))
        return tuple(found[:2])

    def same(self, local: str) -> tuple[str, ...]:
        """IRIs with exactly this local name."""
        existing = self._existing.same(local) if self._existing else ()
        return tuple(sorted({*self._by_local.get(local, ()), *existing}))


# -- namespaces ---------------------------------------------------------------------------------------------


def namespaces(reading: Reading, bases: tuple[str, ...]) -> None:
    """A prefix that stands for almost, but not quite, a known namespace."""
    known = {*vocab.PREFIXES.values(), *bases}
    wrong = {}
    for prefix, namespace in reading.document.prefixes.items():
        if namespace in known:
            continue
        usual = vocab.PREFIXES.get(prefix, "")
        meant = next((other for other in sorted(known) if _alike(namespace, other)), "")
        if not meant and usual and _used(reading.triples, namespace):
            meant = usual
        if not meant:
            continue
        wrong[namespace] = meant
        found = re.search(rf"prefix\s+{re.escape(prefix)}:\s*(<[^>\n]*>)", reading.document.text, re.I)
        reading.findings.append(
            reading.file.finding(
                "prefix-namespace",
                Severity.VIOLATION,
                f"The prefix {prefix}: stands for <{namespace}>, a namespace that argraph does not know.",
                found.span(1) if found else (0, 0),
                hint=f"Write <{meant}>.",
            )
        )
    used = {t.value for triple in reading.triples for t in triple[:3] if isinstance(t, ox.NamedNode)}
    moved = {
        iri: meant + iri.removeprefix(namespace)
        for iri in used
        for namespace, meant in wrong.items()
        if iri.startswith(namespace) and _valid(meant + iri.removeprefix(namespace))
    }
    reading.replace(moved, subjects=True)


def _alike(namespace: str, known: str) -> bool:
    plain, other = (re.sub(r"^https?://(www\.)?|[/#]+$", "", iri) for iri in (namespace, known))
    return bool(plain) and (plain == other or OSA.normalized_similarity(plain, other) >= 0.9)


def _used(triples: Iterable[PositionedTriple], namespace: str) -> bool:
    """Whether a property or a class is taken from a namespace."""
    return any(
        t.predicate.value.startswith(namespace)
        or (
            t.predicate == TYPE
            and isinstance(t.object, ox.NamedNode)
            and t.object.value.startswith(namespace)
        )
        for t in triples
    )


# -- terms of the vocabulary --------------------------------------------------------------------------------


def terms(reading: Reading, vocabulary: Vocabulary, existing: Existing) -> None:
    """Classes, properties and concepts that nobody has defined; `existing` are the nodes of the graph."""
    _classes(reading, vocabulary)
    _properties(reading, vocabulary)
    _concepts(reading, vocabulary, existing)


def _classes(reading: Reading, vocabulary: Vocabulary) -> None:
    file = reading.file
    own = _Pool(name for name in vocabulary.classes if name.startswith(vocab.ARG))
    meant: dict[Span, str] = {}
    for node, statements in file.types.items():
        known = any(t.object.value in vocabulary.classes for t in statements)
        for triple in statements:
            name = triple.object.value
            if name in vocabulary.classes or (known and not name.startswith(vocab.ARG)):
                continue  # a further class of another vocabulary is the contributor's own affair
            near = own.near(name) or _kinds(node, file, vocabulary)
            if near:
                meant[triple.object_span] = near[0]
            elif not known:
                reading.doubtful.add(node.value)
            reading.findings.append(
                file.finding(
                    "unknown-class",
                    Severity.VIOLATION,
                    f"{file.shown(triple.object)} is not a class."
                    if vocabulary.knows(name) or isinstance(triple.object, ox.BlankNode)
                    else f"There is no class {file.shown(triple.object)}.",
                    triple.object_span,
                    hint=did_you_mean(map(file.shown, near))
                    or "Nodes are of the classes arg:Claim, arg:Objection, arg:Rebuttal, arg:Evidence, "
                    "arg:Study, arg:Support, arg:Attack or arg:EvidenceLine.",
                    focus=node,
                )
            )
    if meant:
        reading.triples = [
            t._replace(object=ox.NamedNode(meant[t.object_span]))
            if t.predicate == TYPE and t.object_span in meant
            else t
            for t in reading.triples
        ]


def _kinds(node: Node, file: File, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The one class whose nodes may have all properties that a node has; nothing where there are several."""
    used = {t.predicate.value for t in file.by_subject.get(node, ())} - {vocab.TYPE}
    fitting = [kind for kind, allowed in vocabulary.allowed.items() if used <= allowed]
    return tuple(fitting) if len(fitting) == 1 else ()


def _properties(reading: Reading, vocabulary: Vocabulary) -> None:
    file = reading.file
    put_right = []
    pools: dict[frozenset[str], _Pool] = {}
    reported: set[Span] = set()
    for triple in reading.triples:
        name = triple.predicate.value
        own = name.startswith(vocab.ARG)
        classes = {t.object.value for t in file.types.get(triple.subject, ())}
        if (
            name in vocabulary.properties
            or name.startswith(vocab.RDF)
            or not (own or classes & _closed(vocabulary))
        ):
            put_right.append(triple)
            continue
        allowed = frozenset[str]().union(*(vocabulary.allowed.get(c, ()) for c in classes))
        allowed = allowed or vocabulary.properties - set(vocab.DERIVED)
        if allowed not in pools:
            pools[allowed] = _Pool(allowed)
        pool = pools[allowed]
        near = _synonym(name, allowed, pool) or pool.near(name)
        put_right.append(triple._replace(predicate=ox.NamedNode(near[0])) if near else triple)
        if triple.predicate_span in reported or (not near and classes & _closed(vocabulary)):
            continue  # of a property that resembles none, a closed shape says what is possible instead
        reported.add(triple.predicate_span)
        what = f"There is no property {file.shown(triple.predicate)}."
        if vocabulary.knows(name):
            what = f"{file.shown(triple.predicate)} is not a property."
        elif not own:
            what = f"The property {file.shown(triple.predicate)} does not belong here."
        reading.findings.append(
            file.finding(
                "unknown-property",
                Severity.VIOLATION,
                what,
                triple.predicate_span,
                hint=did_you_mean(map(file.shown, near)),
                focus=triple.subject,
            )
        )
    reading.triples = put_right


def _closed(vocabulary: Vocabulary) -> set[str]:
    return set(vocabulary.allowed) or {c for c in vocabulary.classes if c.startswith(vocab.ARG)}


def _synonym(name: str, allowed: frozenset[str], pool: _Pool) -> tuple[str, ...]:
    """The property of this vocabulary for what others call by another name."""
    local = local_name(name)
    synonym = _SYNONYMS.get(local, "")
    return (synonym,) if synonym in allowed and not pool.same(local) else ()


def _concepts(reading: Reading, vocabulary: Vocabulary, existing: Existing) -> None:
    file = reading.file
    known = _Pool((node.value for node in file.types), existing)
    pools: dict[str, _Pool] = {}
    meant: dict[str, str] = {}
    for triple in reading.triples:
        name = triple.object.value
        if (
            triple.predicate == TYPE
            or not isinstance(triple.object, ox.NamedNode)
            or not name.startswith(vocab.ARG)
            or vocabulary.knows(name)
            or name == vocab.ARG
        ):
            continue
        wanted = vocabulary.ranges.get(triple.predicate.value, "")
        fitting = [c for c, kind in vocabulary.concepts.items() if kind == wanted] or vocabulary.concepts
        if wanted not in pools:
            pools[wanted] = _Pool(fitting)
        near = known.same(local_name(name)) or pools[wanted].near(name)
        if near:
            meant[name] = near[0]
        reading.doubtful.add(name)
        choice = " or ".join(file.shown(c) for c in sorted(fitting)) if len(fitting) <= 6 else ""
        reading.findings.append(
            file.finding(
                "unknown-term",
                Severity.VIOLATION,
                f"There is no {file.shown(triple.object)}.",
                triple.object_span,
                hint=did_you_mean(map(file.shown, near)) or (f"Write {choice}." if choice else ""),
                focus=triple.subject,
            )
        )
    reading.replace(meant)


# -- nodes of the debate ------------------------------------------------------------------------------------


def nodes(
    readings: list[Reading],
    existing: Existing,
    vocabulary: Vocabulary,
    bases: tuple[str, ...],
    *,
    complete: bool,
) -> None:
    """Names of nodes that nothing is known of: as a subject without a class, and as the end of a link.

    Args:
        readings: The checked files, changed in place.
        existing: The nodes of the rest of the graph that have a class.
        vocabulary: What may have been meant instead of a node.
        bases: What nodes' IRIs begin with.
        complete: Whether all files could be read to their ends; where not, links are left alone.
    """
    meant: dict[str, str] = {}
    typed = {n.value for r in readings for n in r.file.types if isinstance(n, ox.NamedNode)}
    labels: dict[str, str] = {}
    for reading in readings:
        labels |= {
            t.subject.value: t.object.value
            for t in reading.triples
            if t.predicate.value in (vocab.LABEL, vocab.NAME) and t.subject.value in typed
        }
    if not complete:
        return
    for reading in readings:
        _subjects(reading, existing, typed, vocabulary, bases)
    defined = typed | {t.subject.value for r in readings for t in r.triples}
    candidates, concepts = _Pool(typed, existing), _Pool(vocabulary.concepts)
    for reading in readings:
        missing = [
            t
            for t in reading.triples
            if isinstance(t.object, ox.NamedNode)
            and t.object.value not in defined
            and is_node(t.object.value, bases)
            and t.predicate != TYPE  # which is reported as a class that does not exist
            and t.object.value not in existing
        ]
        for triple in missing:
            iri = triple.object.value
            near = concepts.same(local_name(iri)) or candidates.near(iri)
            offered = {other: labels.get(other) or existing.label(other) for other in near}
            _missing(reading, triple, offered)
            if near:
                meant[iri] = near[0]
        reading.replace(meant)


def _subjects(
    reading: Reading, existing: Existing, typed: set[str], vocabulary: Vocabulary, bases: tuple[str, ...]
) -> None:
    file = reading.file
    here = _Pool(node.value for node in file.types)
    meant = {}
    for subject, triples in file.by_subject.items():
        if not isinstance(subject, ox.NamedNode) or subject.value in typed or subject.value in existing:
            continue
        near = here.near(subject.value)
        if near:
            meant[subject.value] = near[0]
        elif not is_node(subject.value, bases):
            continue  # the shapes say where nodes live; this rule knows only those that live there
        kind = next(iter(_kinds(subject, file, vocabulary)), vocab.CLAIM)
        reading.doubtful.add(subject.value)
        reading.findings.append(
            file.finding(
                "node-without-class",
                Severity.VIOLATION,
                f"{file.shown(subject)} is described, but nothing says what it is.",
                triples[0].subject_span,
                hint=did_you_mean(map(file.shown, near))
                or f"Say what it is, as in “{file.shown(subject)} a {file.shown(kind)} ;”.",
                focus=subject,
            )
        )
    reading.replace(meant, subjects=True)


def _missing(reading: Reading, triple: PositionedTriple, near: Mapping[str, str]) -> None:
    """Report a missing node; `near` are those that may be meant, with their labels."""
    file = reading.file
    offered = [file.shown(iri) + (f" (“{label}”)" if label else "") for iri, label in near.items()]
    reading.doubtful.add(triple.object.value)
    reading.findings.append(
        file.finding(
            "missing-node",
            Severity.VIOLATION,
            f"There is no node {file.shown(triple.object)}.",
            triple.object_span,
            hint=did_you_mean(offered)
            or "Link to a node that exists, or describe this one in the same file.",
            focus=triple.subject,
        )
    )
