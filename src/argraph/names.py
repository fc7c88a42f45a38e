"""What things are called in an opened graph: names for people and programs, and the IRIs that they mean."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import pyoxigraph as ox

from argraph import vocab
from argraph.argument.debates import Debate, described, literal
from argraph.argument.graph import ArgumentGraph, Node, Step
from argraph.errors import UnknownNode
from argraph.rdf.store import Store


class Names:
    """A graph whose nodes answer to their names.

    Attributes:
        store: The files' triples.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    @cached_property
    def argument(self) -> ArgumentGraph:
        """The debate as an argument graph."""
        return ArgumentGraph.of(self.store.raw)

    @cached_property
    def debates(self) -> tuple[Debate, ...]:
        """The debates that the graph describes, by IRI."""
        return described(self.store.raw)

    @cached_property
    def prefixes(self) -> Mapping[str, str]:
        """Prefixes for queries and output: the vocabulary's, the usual ones, and each debate's own."""
        return {debate.prefix: debate.base for debate in self.debates if debate.prefix} | vocab.PREFIXES

    def knows(self, iri: str) -> bool:
        """Whether anything is said about an IRI."""
        return any(True for _ in self.store.raw.quads_for_pattern(ox.NamedNode(iri), None, None))

    def mentions(self, iri: str) -> bool:
        """Whether the graph points at an IRI, even if it says nothing about it; never at what is no IRI."""
        try:
            node = ox.NamedNode(iri)
        except ValueError:
            return False
        return any(True for _ in self.store.raw.quads_for_pattern(None, None, node))

    def debate_of(self, iri: str) -> Debate | None:
        """The debate that a node belongs to, the one with the longest base; None outside every debate."""
        fitting = (debate for debate in self.debates if iri.startswith(debate.base))
        return max(fitting, key=lambda debate: len(debate.base), default=None)

    def resolve(self, name: str) -> str:
        """The IRI meant by a full IRI, a prefixed name, or a node's local name.

        Raises:
            UnknownNode: Nothing of that name is in the graph; carries the nearest names.
        """
        iri = self.find(name)
        if not iri:
            from argraph.contribution.suggest import nearest

            raise UnknownNode(name, tuple(nearest(name, self._keys)))
        return iri

    def item(self, name: str) -> Node | Step:
        """The node or step meant by a name that `resolve` takes.

        Raises:
            UnknownNode: As `resolve`, or the name means something else, such as a study.
        """
        iri = self.resolve(name)
        if found := self.argument.nodes.get(iri) or self.argument.steps.get(iri):
            return found
        raise UnknownNode(self.key(iri))

    def find(self, name: str) -> str:
        """`resolve` without a complaint: empty where nothing of that name is in the graph."""
        for candidate in self.candidates(name):
            try:
                if self.knows(candidate):
                    return candidate
            except ValueError:
                continue  # not an IRI: it cannot be in the graph
        return ""

    def candidates(self, name: str) -> list[str]:
        """The IRIs that a name may stand for, best first, whether or not the graph has them."""
        name = name.strip().removeprefix("<").removesuffix(">")
        candidates = self._iris(name)
        candidates += [debate.base + name for debate in self.debates]
        candidates += [debate.base.rstrip("/#").rpartition("/")[0] + "/" + name for debate in self.debates]
        return candidates if name else []

    @cached_property
    def _keys(self) -> list[str]:
        return [self.key(iri) for iri in (*self.argument.nodes, *self.argument.steps, *self.argument.studies)]

    def term(self, name: str) -> str:
        """The IRI meant by a name that `resolve` takes, or of anything else that the graph mentions.

        Raises:
            UnknownNode: As `resolve`.
        """
        try:
            return self.resolve(name)
        except UnknownNode:
            for iri in self._iris(name.strip().removeprefix("<").removesuffix(">")):
                if self.mentions(iri):
                    return iri
            raise

    def _iris(self, name: str) -> list[str]:
        """What a full IRI or a prefixed name may stand for."""
        prefix, colon, local = name.partition(":")
        found = [name] if "://" in name else []
        if colon and prefix in self.prefixes:
            found.append(self.prefixes[prefix] + local)
        return [*found, name] if colon else found

    def key(self, iri: str) -> str:
        """The shortest name that `resolve` takes back to an IRI: local to its debate, else the IRI itself.

        `.` and `..` are no names: in an address they stand for a folder, and browsers take them out.
        """
        for debate in self.debates:
            local = iri.removeprefix(debate.base)
            if local != iri and local not in {"", ".", ".."}:
                others = (d.base + local for d in self.debates if d is not debate)
                if not any(self.knows(other) for other in others):
                    return local
                return debate.base.rstrip("/#").rpartition("/")[2] + "/" + local
        return iri

    def label(self, iri: str) -> str:
        """A short name for any IRI, fit for a person."""
        subject = ox.NamedNode(iri)
        return (
            literal(self.store.raw, subject, vocab.LABEL)
            or literal(self.store.raw, subject, vocab.NAME)
            or literal(self.store.raw, subject, vocab.DCTERMS + "title")
            or self.key(iri)
        )
