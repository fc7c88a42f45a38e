"""Pages of what is not part of the argument itself: themes, passages, contributions, anything named."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import pyoxigraph as ox

from argraph import vocab
from argraph.app.cards import Card, Cards, Link, web_link
from argraph.app.findings import Citation, cite
from argraph.argument.graph import local_name
from argraph.argument.wording import spoken
from argraph.rdf.store import Quads, Term

Entry: TypeAlias = Card | Citation | Link

_FIRST, _REST, _NIL = vocab.RDF + "first", vocab.RDF + "rest", ox.NamedNode(vocab.RDF + "nil")
_LABELS = {vocab.TYPE, vocab.LABEL, vocab.NAME, vocab.DCTERMS + "title", vocab.RDFS + "label"}
_LEADS = (vocab.DCTERMS + "description", vocab.TEXT, vocab.SKOS + "definition", vocab.RDFS + "comment")
_AUTHORS = vocab.BIBO + "authorList"
_FACTS = {_AUTHORS: "authors", vocab.DCTERMS + "isPartOf": "part of"}
_GROUPS = {
    vocab.DCTERMS + "isPartOf": "Its parts",
    vocab.DCTERMS + "subject": "On this theme",
    vocab.PROV + "hadPrimarySource": "Taken from here",
    vocab.REPORTED_IN: "Findings",
}
_JSON = vocab.RDF + "JSON"
_SHOWN = 300
"""Entries of one group on a page, or signs of data; a larger group is better asked for by a query."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A property in words, and its values as text or links."""

    name: str
    values: tuple[Link | str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """What belongs to a record in one way; `left_out` counts what is not shown."""

    title: str
    entries: tuple[Entry, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a thing, and what points at it.

    Attributes:
        word: What kind of thing it is; may be empty.
        lead: Its description; may be empty.
    """

    word: str
    lead: str
    facts: tuple[Fact, ...]
    groups: tuple[Group, ...]


class Records:
    """Builds records from a store: a debate's, or the vocabulary's own."""

    def __init__(self, cards: Cards, store: Quads) -> None:
        self._cards = cards
        self._argument = cards.argument
        self._store = store

    def of(self, iri: str) -> Record:
        """What the store says about an IRI."""
        node = ox.NamedNode(iri)
        said = self._said(node)
        types = [term.value for term in said.get(vocab.TYPE, ()) if isinstance(term, ox.NamedNode)]
        leads = [name for name in _LEADS if any(isinstance(term, ox.Literal) for term in said.get(name, ()))]
        lead = next((t.value for t in said[leads[0]] if isinstance(t, ox.Literal)), "") if leads else ""
        facts = [
            Fact(_FACTS.get(name) or self._property(name), self._values(terms, people=name == _AUTHORS))
            for name, terms in sorted(said.items())
            if name not in _LABELS and name not in leads[:1]
        ]
        contribution = vocab.CONTRIBUTION in types
        return Record(
            word=", ".join(self._class(name) for name in sorted(types)),
            lead=lead,
            facts=tuple(fact for fact in facts if fact.values),
            groups=tuple(self._contents(node) if contribution else self._pointers(node)),
        )

    def _said(self, node: ox.NamedNode | ox.BlankNode) -> dict[str, list[Term]]:
        """What is asserted of a node, each value once, whatever files it stands in."""
        said: defaultdict[str, dict[Term, None]] = defaultdict(dict)
        for quad in self._store.quads_for_pattern(node, None, None):
            if not isinstance(quad.object, ox.Triple):
                said[quad.predicate.value][quad.object] = None
        return {name: sorted(terms, key=str) for name, terms in said.items()}

    def _class(self, iri: str) -> str:
        return self._cards.words.text(iri, vocab.RDFS + "label") or spelt(local_name(iri))

    _property = _class

    def _values(self, terms: Iterable[Term], *, people: bool) -> tuple[Link | str, ...]:
        values = (value for term in terms for value in self._value(term, frozenset()))
        return tuple(spoken(value) if people and isinstance(value, str) else value for value in values)

    def _value(self, term: Term, above: frozenset[Term]) -> list[Link | str]:
        """A term as text or link; a list as its members; another blank node as one text."""
        if isinstance(term, ox.Literal):
            if term.datatype.value == _JSON and len(term.value) > _SHOWN:
                return [f"{len(term.value) / 1000:,.0f} kB kept for programs, in the Turtle file"]
            return [term.value]
        if isinstance(term, ox.NamedNode):
            if self._cards.workspace.knows(term.value) or self._cards.words.defines(term.value):
                return [self._cards.link(term.value)]
            return [web_link(term.value, term.value) or term.value]
        if term in above:
            return []  # runs in a circle
        above |= {term}
        inner = self._said(term)
        if _FIRST in inner:
            members = [t for name in (_FIRST, _REST) for t in inner.get(name, ()) if t != _NIL]
            return [value for member in members for value in self._value(member, above)]
        parts = [
            f"{self._property(name)}: {value.text if isinstance(value, Link) else value}"
            for name, terms in sorted(inner.items())
            for member in terms
            for value in self._value(member, above)
        ]
        return ["; ".join(parts)] if parts else []

    def _contents(self, contribution: ox.NamedNode) -> list[Group]:
        """What a contribution brought in: the nodes that its own graph types."""
        graph = self._store.quads_for_pattern(None, ox.NamedNode(vocab.TYPE), None, contribution)
        iris = {quad.subject.value for quad in graph if isinstance(quad.subject, ox.NamedNode)}
        said = {iri for iri in iris if iri in self._argument.nodes}
        evidence = {iri for iri in said if self._argument.nodes[iri].kind == "evidence"}
        studies = iris & self._argument.studies.keys()
        rest = iris - said - studies - self._argument.steps.keys() - {contribution.value}
        groups = (("Statements", said - evidence), ("Studies", studies), ("Also described here", rest))
        return [self._group(title, members) for title, members in groups if members]

    def _pointers(self, node: ox.NamedNode) -> list[Group]:
        """What points at a node, by property."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for quad in self._store.quads_for_pattern(None, None, node):
            if isinstance(quad.subject, ox.NamedNode):
                found[quad.predicate.value].add(quad.subject.value)
        return [
            self._group(_GROUPS.get(name) or self._property(name).capitalize(), iris)
            for name, iris in sorted(found.items())
        ]

    def _group(self, title: str, iris: set[str]) -> Group:
        entries = sorted(map(self._entry, iris), key=_order)
        return Group(title, tuple(entries[:_SHOWN]), max(0, len(entries) - _SHOWN))

    def _entry(self, iri: str) -> Entry:
        if node := self._argument.nodes.get(iri):
            return self._cards.card(node)
        if iri in self._argument.studies:
            return cite(self._cards, iri)
        return self._cards.link(iri)


def spelt(name: str) -> str:
    """A local name as words.

    >>> spelt("datePublished")
    'date published'
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[-_]", " ", name).lower()


def _order(entry: Entry) -> tuple[str, str]:
    """Statements by wording, studies by author, anything else by address, which keeps paragraphs in order."""
    text = entry.label if isinstance(entry, Card) else entry.text if isinstance(entry, Citation) else ""
    return text.casefold(), entry.href
