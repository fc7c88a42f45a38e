"""The vocabulary in words: what the pages call a grade, a scheme or a role, and the vocabulary's own page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from argraph import vocab
from argraph.argument.graph import local_name

_LABELS = (vocab.LABEL, vocab.RDFS + "label", vocab.DCTERMS + "title")
_DEFINITION = vocab.SKOS + "definition"
_GROUPS = (
    ("Classes", vocab.OWL + "Class"),
    ("Links", vocab.OWL + "ObjectProperty"),
    ("Values", vocab.OWL + "DatatypeProperty"),
)


@dataclass(frozen=True, slots=True)
class Term:
    """One term of the vocabulary.

    Attributes:
        iri: Its IRI.
        name: Its local name, unique on the page.
        label: Its word.
        definition: What it means; may be empty.
        notes: How it is to be used.
        questions: Critical questions, of a scheme of argument.
        example: Turtle that uses it; may be empty.
    """

    iri: str
    name: str
    label: str
    definition: str
    notes: tuple[str, ...]
    questions: tuple[str, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Section:
    """A group of terms with what the group is for."""

    name: str
    title: str
    summary: str
    terms: tuple[Term, ...]


class Vocabulary:
    """The ontology folder, read once.

    Attributes:
        store: Its triples, in the default graph.
    """

    def __init__(self, folder: Path) -> None:
        self.store = ox.Store()
        for path in sorted(folder.glob("*.ttl")):
            self.store.load(path=str(path), format=ox.RdfFormat.TURTLE)

    def word(self, name: str) -> str:
        """The word for a term given by its local name; a term that is not defined is spelt out.

        >>> Vocabulary(Path("no-such-folder")).word("VeryLow")
        'very low'
        """
        return self.text(vocab.ARG + name, *_LABELS) or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()

    def definition(self, name: str) -> str:
        """What a term given by its local name means; may be empty."""
        return self.text(vocab.ARG + name, _DEFINITION)

    def questions(self, name: str) -> tuple[str, ...]:
        """The critical questions of a scheme given by its local name."""
        return self._texts(vocab.ARG + name, vocab.ARG + "criticalQuestion")

    def defines(self, iri: str) -> bool:
        """Whether an IRI is a term of the vocabulary, and so has a place on its page."""
        return iri in self._defined

    @cached_property
    def _defined(self) -> frozenset[str]:
        return frozenset(term.iri for section in self.sections for term in section.terms)

    def text(self, iri: str, *predicates: str) -> str:
        """The first wording that one of the properties gives an IRI; may be empty."""
        return next((text for predicate in predicates for text in self._texts(iri, predicate)), "")

    @cached_property
    def title(self) -> str:
        """Name of the vocabulary."""
        return self.text(vocab.ARG.rstrip("#"), vocab.DCTERMS + "title") or "The vocabulary"

    @cached_property
    def summary(self) -> str:
        """What the vocabulary is for."""
        return self.text(vocab.ARG.rstrip("#"), vocab.DCTERMS + "description")

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Classes and properties first, then the lists of concepts, by title."""
        found = [Section(title.lower(), title, "", self._terms(vocab.TYPE, kind)) for title, kind in _GROUPS]
        for scheme in self._subjects(vocab.TYPE, vocab.SKOS + "ConceptScheme"):
            title = self.text(scheme, *_LABELS) or local_name(scheme)
            summary = " ".join(
                [*self._texts(scheme, _DEFINITION), *self._texts(scheme, vocab.SKOS + "scopeNote")]
            )
            terms = self._terms(vocab.SKOS + "inScheme", scheme)
            found.append(Section(local_name(scheme), title, summary, terms))
        return tuple(section for section in found if section.terms)

    def _terms(self, predicate: str, value: str) -> tuple[Term, ...]:
        return tuple(
            Term(
                iri=iri,
                name=local_name(iri),
                label=self.text(iri, *_LABELS) or local_name(iri),
                definition=self.text(iri, _DEFINITION),
                notes=self._texts(iri, vocab.SKOS + "scopeNote"),
                questions=self._texts(iri, vocab.ARG + "criticalQuestion"),
                example=self.text(iri, vocab.SKOS + "example"),
            )
            for iri in self._subjects(predicate, value)
            if iri.startswith(vocab.ARG)
        )

    def _subjects(self, predicate: str, value: str) -> list[str]:
        quads = self.store.quads_for_pattern(None, ox.NamedNode(predicate), ox.NamedNode(value))
        return sorted({q.subject.value for q in quads if isinstance(q.subject, ox.NamedNode)})

    def _texts(self, iri: str, predicate: str) -> tuple[str, ...]:
        quads = self.store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(predicate), None)
        return tuple(sorted(q.object.value for q in quads if isinstance(q.object, ox.Literal)))
