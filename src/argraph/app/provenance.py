"""Where things come from: the contributions that entered them, and the passages they are taken from."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from operator import itemgetter
from pathlib import PurePath

import pyoxigraph as ox

from argraph import vocab
from argraph.app.cards import Cards, Link, web_link
from argraph.argument.graph import Node, local_name


@dataclass(frozen=True, slots=True)
class Contribution:
    """What something was entered with: a contribution, else a file; by whom and when, where that is told."""

    link: Link
    by: tuple[Link, ...]
    date: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The places in a work that something is taken from; `work` is empty where they are works themselves."""

    work: str
    parts: tuple[Link, ...]


class Provenance:
    """Tells who entered what, and from where."""

    def __init__(self, cards: Cards) -> None:
        self._cards = cards
        self._workspace = cards.workspace
        self._store = cards.workspace.store.raw
        self._paths = {graph: path for path, graph in cards.workspace.store.graphs.items()}

    def entered(self, iri: str) -> tuple[Contribution, ...]:
        """The contributions that describe a thing, by IRI."""
        graphs = {
            quad.graph_name.value
            for quad in self._store.quads_for_pattern(ox.NamedNode(iri), None, None)
            if isinstance(quad.graph_name, ox.NamedNode)
        }
        return tuple(self._entered(graph) for graph in sorted(graphs) if graph != iri)

    def origins(self, node: Node) -> tuple[Origin, ...]:
        """Where a statement was taken from: the places in each work, and works as a whole."""
        places: defaultdict[str, list[tuple[int, Link]]] = defaultdict(list)
        for iri in node.sources:
            works = self._objects(iri, vocab.DCTERMS + "isPartOf")
            work = next((self._cards.label(w.value) for w in works if isinstance(w, ox.NamedNode)), "")
            position = next(iter(self._objects(iri, vocab.SCHEMA + "position")), None)
            number = position.value if isinstance(position, ox.Literal) else ""
            text = f"paragraph {number}" if number else self._cards.label(iri)
            link = Link(self._cards.href(iri), text, id=self._cards.key(iri))
            places[work].append((int(number) if number.isdecimal() else 0, link))
        return tuple(
            Origin(work, tuple(link for _, link in sorted(links, key=itemgetter(0))))
            for work, links in sorted(places.items())
        )

    def _entered(self, graph: str) -> Contribution:
        if not self._workspace.knows(graph):
            return Contribution(Link("", PurePath(self._paths.get(graph, graph)).name), (), "")
        who = self._objects(graph, vocab.DCTERMS + "creator")
        when = self._objects(graph, vocab.DCTERMS + "created")
        return Contribution(
            self._cards.link(graph),
            tuple(self._agent(term.value) for term in who if isinstance(term, ox.NamedNode | ox.Literal)),
            next((term.value for term in when if isinstance(term, ox.Literal)), ""),
        )

    def _agent(self, name: str) -> Link:
        """Whoever contributed something: a page here where it is described, else on the web, else a name."""
        if self._workspace.mentions(name) and self._workspace.knows(name):
            return self._cards.link(name)
        return web_link(name, local_name(name)) or Link("", name)

    def _objects(
        self, iri: str, predicate: str
    ) -> list[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]:
        quads = self._store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(predicate), None)
        return sorted((quad.object for quad in quads), key=str)
