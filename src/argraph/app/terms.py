"""Names for someone who writes a query: classes, properties and nodes, found by name or label."""

from __future__ import annotations

import heapq
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

import pyoxigraph as ox

from argraph import vocab
from argraph.app.vocabulary import Vocabulary
from argraph.argument.graph import local_name
from argraph.query.formats import shorten
from argraph.workspace import Workspace

Kind: TypeAlias = Literal["class", "property", "any"]

LIMIT: Final = 50
"""Terms in an answer."""

_RANKED = 1000
"""Hits that are put in order; a text that fits more is too short to be put in a good one."""

_LABELS = (vocab.LABEL, vocab.NAME, vocab.DCTERMS + "title")
_FOREIGN = (("property", vocab.SHACL + "path"), ("class", vocab.SHACL + "targetClass"))
_KINDS = {"classes": "class", "links": "property", "values": "property"}


@dataclass(frozen=True, slots=True)
class Term:
    """Something that a query may name.

    Attributes:
        iri: Its IRI.
        name: How a query writes it: a prefixed name, or the IRI in angle brackets.
        label: What people call it.
        kind: `class`, `property`, `value` of the vocabulary, or what a node is, such as `objection`.
    """

    iri: str
    name: str
    label: str
    kind: str


class Terms:
    """An index of terms, held in memory; safe to search from several threads.

    All names and labels stand in one text, a line for each, so that a search is one pass of `str.find`:
    8 MB and mostly under 10 ms for 100,000 labels of nine words. An index of words would need ten times the
    memory to be faster than a person can notice.

    >>> terms = Terms([Term("urn:a", "osai:ob-harm", "Open weights do harm", "objection")])
    >>> [term.name for term in terms.search("weights do")]
    ['osai:ob-harm']
    >>> terms.search("eights")
    []
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self._terms = list(terms)
        lines = [f" {_plain(term.name)} {_plain(term.label)} \n" for term in self._terms]
        self._text = "".join(lines)
        self._starts = []
        start = 0
        for line in lines:
            self._starts.append(start)
            start += len(line)

    def __len__(self) -> int:
        return len(self._terms)

    def search(self, text: str, kind: Kind = "any") -> list[Term]:
        """The terms that have every word of a text as the beginning of a word in their name or label.

        At most `LIMIT`, those first whose name or label begins with the text; none for a text without words.
        """
        words = [" " + word for word in _plain(text).split()]
        if not words:
            return []
        phrase = " " + _plain(text)
        return heapq.nsmallest(LIMIT, self._hits(words, kind), key=lambda term: _rank(term, phrase))

    def _hits(self, words: list[str], kind: Kind) -> Iterator[Term]:
        rarest = max(words, key=len)
        left, at = _RANKED, self._text.find(rarest)
        while at >= 0 and left:
            place = bisect_right(self._starts, at) - 1
            end = self._text.find("\n", at)
            term = self._terms[place]
            if kind in ("any", term.kind) and all(
                self._text.find(word, self._starts[place], end) >= 0 for word in words
            ):
                left -= 1
                yield term
            at = self._text.find(rarest, end)


def _plain(text: str) -> str:
    """Words in small letters with single blanks between: what stands between them does not matter."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def _rank(term: Term, phrase: str) -> tuple[bool, bool, bool, int, str]:
    written = (term.name.partition(":")[2], term.name, term.label)
    starts = any((" " + _plain(words)).startswith(phrase) for words in written)
    foreign = term.kind not in ("class", "property")
    return (not starts, foreign, not term.label, len(term.label), term.name)


def collect(workspace: Workspace, words: Vocabulary, shapes: Path) -> Terms:
    """Everything that a query about a debate is likely to name.

    That is: the vocabulary; classes and properties of other vocabularies that the shapes in a folder speak
    of; and all nodes, steps, studies and other things that have a name.
    """
    named: dict[str, tuple[str, str]] = {}
    for section in words.sections:
        kind = _KINDS.get(section.name, "value")
        named |= {term.iri: (term.label, kind) for term in section.terms}
    for iri, kind in _foreign(shapes):
        named.setdefault(iri, (re.sub(r"(?<=[a-z])(?=[A-Z])", " ", local_name(iri)).lower(), kind))
    for node in workspace.argument.nodes.values():
        named[node.iri] = (node.text if node.label == local_name(node.iri) else node.label, node.kind)
    for study in workspace.argument.studies.values():
        named[study.iri] = (f"{study.citation}: {study.title}", "study")
    for step in workspace.argument.steps.values():
        named.setdefault(step.iri, (step.text, step.kind))
    for predicate in _LABELS:
        for quad in workspace.store.raw.quads_for_pattern(None, ox.NamedNode(predicate), None):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                named.setdefault(quad.subject.value, (quad.object.value, "node"))
    return Terms(
        Term(iri, _written(iri, workspace), _brief(label), kind) for iri, (label, kind) in named.items()
    )


def _foreign(shapes: Path) -> list[tuple[str, str]]:
    store = ox.Store()
    for path in sorted(shapes.glob("*.ttl")):
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
    return [
        (quad.object.value, kind)
        for kind, predicate in _FOREIGN
        for quad in store.quads_for_pattern(None, ox.NamedNode(predicate), None)
        if isinstance(quad.object, ox.NamedNode)
    ]


def _written(iri: str, workspace: Workspace) -> str:
    short = shorten(iri, workspace.prefixes)
    return f"<{iri}>" if short == iri else short


def _brief(label: str, most: int = 120) -> str:
    label = " ".join(label.split())
    return label if len(label) <= most else label[: most - 1].rstrip() + "…"
