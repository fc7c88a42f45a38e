"""What is being checked: files in which every term has its place, and the graph that they would join."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pyoxigraph as ox

from argraph import vocab
from argraph.argument.graph import ArgumentGraph
from argraph.contribution.ground import Ground
from argraph.contribution.vocabulary import Vocabulary
from argraph.contribution.workers import Files, Workers, undisturbed
from argraph.diagnostics import Diagnostic, Severity
from argraph.rdf.store import Edition, Node, Term
from argraph.rdf.turtle import Document, PositionedTriple, Span

TYPE = ox.NamedNode(vocab.TYPE)
_PART = 4000  # triples
_LIST = {vocab.RDF + "first", vocab.RDF + "rest"}
_LOCAL = re.compile(r"[^\W\d_][\w.-]*(?<![.])|\d[\w-]*", re.ASCII)


class File:
    """One checked file.

    Attributes:
        document: The file as it was written.
        triples: Its triples as they were meant: misspelt names are put right, places are those of the file.
    """

    def __init__(self, document: Document, triples: tuple[PositionedTriple, ...]) -> None:
        self.document = document
        self.triples = triples

    @property
    def path(self) -> str:
        """The file's path as it was given."""
        return self.document.name

    @cached_property
    def by_subject(self) -> Mapping[Node, list[PositionedTriple]]:
        """Triples by subject, in the order of the file; list cells are among the subjects."""
        found: defaultdict[Node, list[PositionedTriple]] = defaultdict(list)
        for triple in self.triples:
            found[triple.subject].append(triple)
        return dict(found)

    @cached_property
    def by_object(self) -> Mapping[Term, list[PositionedTriple]]:
        """Triples by object, in the order of the file."""
        found: defaultdict[Term, list[PositionedTriple]] = defaultdict(list)
        for triple in self.triples:
            found[triple.object].append(triple)
        return dict(found)

    @cached_property
    def types(self) -> Mapping[Node, list[PositionedTriple]]:
        """The triples of this file that say what a node is, by node."""
        found: defaultdict[Node, list[PositionedTriple]] = defaultdict(list)
        for triple in self.triples:
            if triple.predicate == TYPE:
                found[triple.subject].append(triple)
        return dict(found)

    def of_class(self, *classes: str) -> Iterator[PositionedTriple]:
        """The type statement of each node that this file says is of one of these classes, once per node."""
        for triples in self.types.values():
            for triple in triples:
                if isinstance(triple.object, ox.NamedNode) and triple.object.value in classes:
                    yield triple
                    break

    def objects(self, subject: Node, predicate: str) -> list[PositionedTriple]:
        """What this file says of a node by one property."""
        return [t for t in self.by_subject.get(subject, ()) if t.predicate.value == predicate]

    def shown(self, term: Term | str) -> str:
        """A term as this file would write it."""
        if isinstance(term, ox.Literal):
            return f'"{term.value}"'
        if isinstance(term, ox.BlankNode):
            return "this node without a name"
        iri = term if isinstance(term, str) else term.value
        # The longest namespace first, so that a debate's prefix wins over that of its host.
        known = {**vocab.PREFIXES, **self.document.prefixes}
        for prefix, namespace in sorted(known.items(), key=lambda item: -len(item[1])):
            local = iri.removeprefix(namespace)
            if namespace and local != iri and _LOCAL.fullmatch(local):
                return f"{prefix}:{local}"
        return f"<{iri}>"

    def written(self, span: Span) -> str:
        """The file's own text at a place, shortened."""
        text = " ".join(self.document.text[slice(*span)].split())
        return text if len(text) <= 80 else f"{text[:79]}…"

    def finding(
        self,
        code: str,
        severity: Severity,
        message: str,
        span: Span = (0, 0),
        *,
        hint: str = "",
        focus: Term | None = None,
        rule: str = "",
    ) -> Diagnostic:
        """A finding at a place of this file."""
        location = self.document.location(span)
        return Diagnostic(
            code=code,
            severity=severity,
            message=message,
            location=location,
            hint=hint,
            focus=focus.value if isinstance(focus, ox.NamedNode) else "",
            value=self.written(span),
            rule=rule,
            source=self.document.line(location.line),
        )


@dataclass(frozen=True)
class Case:
    """Everything that rules look at.

    Attributes:
        files: The checked files.
        ground: The graph as it is, with the earlier versions of checked files.
        union: The graph as it would be.
        replaced: The paths of the ground whose place a checked file takes, with that file's path.
        bases: What the IRIs of the debates' nodes begin with.
        vocabulary: What names of the vocabulary there are.
        doubtful: Nodes of which a mistake that is reported already leaves open what they are.
        workers: Who does what is done for each file.
        complete: Whether every file could be read to its end. Where not, nothing that seems to be
            missing may be reported: it may stand in the part that was not understood.
    """

    files: tuple[File, ...]
    ground: Ground
    union: Edition
    replaced: Mapping[str, str]
    bases: tuple[str, ...]
    vocabulary: Vocabulary
    doubtful: frozenset[str]
    complete: bool
    workers: Workers = field(default_factory=Workers)

    @cached_property
    def weight(self) -> int:
        """How many triples the files have."""
        return sum(len(file.triples) for file in self.files)

    @cached_property
    def parts(self) -> list[tuple[Files, tuple[File, ...]]]:
        """The files in a few together, in order: parts of the work that are worth handing out."""
        found: list[tuple[Files, tuple[File, ...]]] = []
        part: list[File] = []
        for file in self.files:
            part.append(file)
            if sum(len(file.triples) for file in part) >= _PART or file is self.files[-1]:
                found.append((tuple(file.path for file in part), tuple(part)))
                part = []
        return found

    def is_node(self, term: Term) -> bool:
        """Whether a term is the IRI of a node of a debate."""
        return isinstance(term, ox.NamedNode) and is_node(term.value, self.bases)

    def says(self, subject: Node | None, predicate: str, value: Term | None) -> bool:
        """Whether the graph, as it would be, holds such a triple."""
        return any(True for _ in self.union.quads_for_pattern(subject, ox.NamedNode(predicate), value))

    @cached_property
    def argument(self) -> ArgumentGraph:
        """The argument graph as it would be."""
        if not self.ground.store.graphs:
            with undisturbed():
                return ArgumentGraph.of(self.union)
        triples = [t for file in self.files for t in dict.fromkeys(ox.Triple(*p[:3]) for p in file.triples)]
        without = {self.ground.store.graphs[old] for old in self.replaced}
        with undisturbed():
            return self.ground.argument.edited(self.ground.store.raw, without=without, triples=triples)

    @cached_property
    def same_spaces(self) -> bool:
        """Whether the debates declare the same beginnings of IRIs as before."""
        quads = self.union.quads_for_pattern(None, ox.NamedNode(vocab.URI_SPACE), None)
        return {(quad.subject, quad.object) for quad in quads} == self.ground.declared

    @cached_property
    def _checked(self) -> frozenset[str]:
        return frozenset(file.path for file in self.files)

    def foreign(self, graph: str) -> str | None:
        """The path of the file outside this check that a named graph of the union is of."""
        path = self.union.path(graph)
        return None if path in self._checked else path

    def home(self, node: Node) -> str:
        """The path of the file outside this check that says what a node is; empty when none does.

        Of several the first in order.
        """
        quads = self.union.quads_for_pattern(node, TYPE, None)
        paths = (self.foreign(getattr(quad.graph_name, "value", "")) for quad in quads)
        return min((path for path in paths if path is not None), default="")


def is_node(iri: str, bases: tuple[str, ...]) -> bool:
    """Whether an IRI lies under one of the bases, and is more than the base.

    >>> is_node("https://example.org/d/cl-x", ("https://example.org/d/",))
    True
    """
    return any(iri.startswith(base) and iri != base for base in bases)


def is_list_cell(file: File, node: Term) -> bool:
    """Whether a blank node is a cell of a list written ( … )."""
    return isinstance(node, ox.BlankNode) and any(
        triple.predicate.value in _LIST for triple in file.by_subject.get(node, ())
    )
