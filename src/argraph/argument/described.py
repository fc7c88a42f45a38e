"""Reads statements, evidence, steps and studies out of triples, one property at a time.

A store is asked for the properties that count and for no others, and what is read goes into the items
themselves: reading takes little room beside what it gives, however many triples there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

import pyoxigraph as ox

from argraph import vocab
from argraph.argument.graph import KINDS, Node, Step, Study, local_name
from argraph.rdf.store import Quads

_Pairs: TypeAlias = Iterable[tuple[object, object]]
_Item: TypeAlias = Node | Step | Study
_Lists: TypeAlias = tuple[Mapping[str, tuple[str, ...]], Mapping[str, str]]

_WORDS: Final[dict[str, tuple[str, str]]] = {
    vocab.LABEL: ("label", "n"),
    vocab.TEXT: ("text", "ns"),
    vocab.ASSUMED: ("assumed", "n"),
    vocab.SKOS + "note": ("note", "nS"),
    vocab.NAME: ("title", "S"),
    vocab.ARG + "moreAuthors": ("more_authors", "S"),
    vocab.SCHEMA + "datePublished": ("year", "S"),
    vocab.ARG + "venue": ("venue", "S"),
    vocab.BIBO + "doi": ("doi", "S"),
    vocab.FABIO + "hasArXivId": ("arxiv", "S"),
}
"""Properties with words: what they are called here, and of whom: nodes, steps, Studies."""
_CHOICES: Final[dict[str, tuple[str, str]]] = {
    vocab.ARG + "role": ("role", "n"),
    vocab.ARG + "grade": ("grade", "ns"),
    vocab.ARG + "verification": ("verification", "nS"),
    vocab.ARG + "scheme": ("scheme", "s"),
    vocab.ARG + "directness": ("directness", "s"),
    vocab.ARG + "studyType": ("type", "S"),
    vocab.ARG + "method": ("method", "S"),
    vocab.SCHEMA + "url": ("url", "S"),
}
"""Properties with one concept or address, of several the least IRI."""
_LINKS: Final[dict[str, tuple[str, str]]] = {
    vocab.DCTERMS + "subject": ("themes", "nS"),
    vocab.PROV + "hadPrimarySource": ("sources", "n"),
    vocab.REPORTED_IN: ("studies", "n"),
}
"""Properties with any number of IRIs."""
_MOVES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    vocab.PREMISE: ("premises", ("support", "attack")),
    vocab.EVIDENCE_OF: ("premises", ("evidence line",)),
    vocab.CONCLUSION: ("end", ("support",)),
    vocab.TARGET: ("end", ("attack",)),
    vocab.BEARS_ON: ("end", ("evidence line",)),
}
"""Properties of steps that lead to what they connect, with the kinds of steps that have them."""
_CONVERTED: Final[dict[str, Callable[[str], object]]] = {
    "assumed": {"true", "1"}.__contains__,
    "more_authors": {"true", "1"}.__contains__,
    "year": lambda text: text[:4],
}
_STEPS: Final = {"support", "attack", "evidence line"}
_PLACES: Final = {
    (kind, field): (kind.__dict__[field].__get__, kind.__dict__[field].__set__)
    for kind in (Node, Step, Study)
    for field in kind.__slots__
}
"""How a field of an item is read and written while the item is made; afterwards nobody writes it."""


class Described:
    """What a store says, and triples that are taken one by one.

    Args:
        store: Its union of all graphs is read.
    """

    def __init__(self, store: Quads | None = None) -> None:
        self._store = store
        self._taken: defaultdict[str, list[tuple[object, object]]] = defaultdict(list)

    def take(self, subject: object, predicate: ox.NamedNode, value: object) -> None:
        """Take a triple besides."""
        self._taken[predicate.value].append((subject, value))

    def items(self) -> tuple[list[Node], list[Step], list[Study]]:
        """The nodes, steps and studies that are described in full."""
        items, studies = self._made()
        for predicate, (field, of) in _WORDS.items():
            for known in _concerned(of, items, studies):
                _words(self._pairs(predicate), known, of, field)
        local = _Local()
        for predicate, (field, of) in _CHOICES.items():
            for known in _concerned(of, items, studies):
                _choices(self._pairs(predicate), known, of, field, {} if field == "url" else local)
        for predicate, (field, of) in _LINKS.items():
            for known in _concerned(of, items, studies):
                _links(self._pairs(predicate), known, of, field)
        nodes = [item for item in items.values() if isinstance(item, Node)]
        for node in nodes:
            if not node.label:
                _PLACES[Node, "label"][1](node, local_name(node.iri))
        if studies:
            self._credit(studies)
        return nodes, self._steps(items), list(studies.values())

    def _pairs(self, predicate: str) -> _Pairs:
        """Subjects and objects of a property."""
        if self._store is not None:
            for quad in self._store.quads_for_pattern(None, ox.NamedNode(predicate), None):
                yield quad.subject, quad.object
        yield from self._taken.get(predicate, ())

    def _made(self) -> tuple[dict[str, Node | Step], dict[str, Study]]:
        """All that has a class that counts, with nothing else known of it."""
        ranks = {name: rank for rank, name in enumerate(KINDS)}
        found: dict[str, int] = {}
        studies: dict[str, Study] = {}
        for subject, value in self._pairs(vocab.TYPE):
            if not isinstance(value, ox.NamedNode) or not isinstance(subject, ox.NamedNode):
                continue
            rank = ranks.get(name := value.value)
            if rank is not None:
                iri = subject.value
                if found.setdefault(iri, rank) > rank:
                    found[iri] = rank
            elif name == vocab.STUDY:
                iri = subject.value
                studies[iri] = Study(iri, "", (), False, "", "", "", "", "", "", "", "", (), "")
        kinds = tuple(KINDS.values())
        return {
            iri: Step(iri, kind, (), "", kind != "attack") if kind in _STEPS else Node(iri, kind, "", "")
            for iri, rank in found.items()
            for kind in (kinds[rank],)
        }, studies

    def _steps(self, items: Mapping[str, Node | Step]) -> list[Step]:
        """The steps, with what they connect; those that lack a premise or an end are left out."""
        get_premises, put_premises = _PLACES[Step, "premises"]
        get_end, put_end = _PLACES[Step, "end"]
        for predicate, (field, kinds) in _MOVES.items():
            for step, name in self._moves(predicate, items):
                if step.kind not in kinds:
                    continue
                if name in items:
                    name = items[name].iri
                if field == "end":
                    put_end(step, min(get_end(step) or name, name))
                else:
                    put_premises(step, (*get_premises(step), name))
        for step, direction in self._moves(vocab.DIRECTION, items):
            if direction == vocab.AGAINST:
                _PLACES[Step, "favourable"][1](step, False)
        steps = [step for step in items.values() if isinstance(step, Step) and step.end and step.premises]
        for step in steps:
            if len(step.premises) > 1:
                put_premises(step, tuple(sorted({*step.premises})))
        return steps

    def _moves(self, predicate: str, items: Mapping[str, Node | Step]) -> Iterator[tuple[Step, str]]:
        """Steps and the IRIs that a property of theirs leads to."""
        for subject, value in self._pairs(predicate):
            if isinstance(value, ox.NamedNode) and isinstance(subject, ox.NamedNode):
                step = items.get(subject.value)
                if isinstance(step, Step):
                    yield step, value.value

    def _credit(self, studies: Mapping[str, Study]) -> None:
        """Name the authors of studies, and give a title to those without."""
        firsts: dict[str, tuple[str, ...]] = {}
        rests: dict[str, str] = {}
        for cell, value in self._pairs(vocab.RDF + "first"):
            if isinstance(cell, ox.BlankNode) and isinstance(value, ox.Literal):
                firsts[cell.value] = (*firsts.get(cell.value, ()), value.value)
        for cell, value in self._pairs(vocab.RDF + "rest"):
            if isinstance(cell, ox.BlankNode) and isinstance(value, ox.BlankNode):
                rests.setdefault(cell.value, value.value)
        get, put = _PLACES[Study, "authors"]
        for subject, value in self._pairs(vocab.BIBO + "authorList"):
            study = studies.get(subject.value) if isinstance(subject, ox.NamedNode) else None
            if study is not None and isinstance(value, ox.BlankNode):
                # Of several lists the longest, so that the order of triples does not matter.
                listed = _listed(value.value, firsts, rests)
                put(study, max(get(study), listed, key=lambda names: (len(names), names)))
        for study in studies.values():
            if not study.title:
                _PLACES[Study, "title"][1](study, local_name(study.iri))


class _Local(dict[str, str]):
    """Local names of concepts, each made once."""

    def __missing__(self, iri: str) -> str:
        self[iri] = name = local_name(iri)
        return name


def _concerned(
    of: str, items: Mapping[str, Node | Step], studies: Mapping[str, Study]
) -> Iterator[Mapping[str, Any]]:
    """The items that a property is of: studies are kept apart, for a study may be something else too."""
    if {"n", "s"} & {*of}:
        yield items
    if "S" in of and studies:
        yield studies


def _places(of: str, field: str) -> dict[type[_Item], tuple[Callable[..., Any], Callable[..., None]]]:
    kinds: dict[str, type[_Item]] = {"n": Node, "s": Step, "S": Study}
    return {kinds[letter]: _PLACES[kinds[letter], field] for letter in of}


def _words(pairs: _Pairs, items: Mapping[str, _Item], of: str, field: str) -> None:
    """The English wording of a property, else the first in order of language and text."""
    places = _places(of, field)
    ranks: dict[str | None, tuple[bool, str]] = {}
    best: dict[str, tuple[bool, str]] = {}
    for subject, value in pairs:
        if not isinstance(value, ox.Literal) or not isinstance(subject, ox.NamedNode):
            continue
        item = items.get(subject.value)
        place = places.get(type(item))  # type: ignore[arg-type]
        if item is None or place is None:
            continue
        language = value.language
        if (rank := ranks.get(language)) is None:
            rank = ranks[language] = (not (language or "").startswith("en"), language or "~")
        before, text = best.get(item.iri), value.value
        if before is None or (rank, text) < (before, place[0](item)):
            best[item.iri] = rank
            place[1](item, text)
    if field in _CONVERTED:
        for iri in best:
            get, put = places[type(items[iri])]
            put(items[iri], _CONVERTED[field](get(items[iri])))


def _choices(pairs: _Pairs, items: Mapping[str, _Item], of: str, field: str, local: dict[str, str]) -> None:
    """The least IRI, or its local name where these are given."""
    places = _places(of, field)
    best: dict[str, str] = {}
    for iri, name in _named(pairs, items, places):
        if name < best.get(iri, name) or iri not in best:
            best[iri] = name
    for iri, name in best.items():
        places[type(items[iri])][1](items[iri], local[name] if isinstance(local, _Local) else name)


def _links(pairs: _Pairs, items: Mapping[str, _Item], of: str, field: str) -> None:
    """All IRIs, in order."""
    places = _places(of, field)
    sets: dict[tuple[str, ...], tuple[str, ...]] = {}  # many have the same themes
    for iri, name in _named(pairs, items, places):
        get, put = places[type(items[iri])]
        known = get(items[iri])
        found = tuple(sorted({*known, name})) if known else (name,)
        put(items[iri], sets.setdefault(found, found))


def _named(pairs: _Pairs, items: Mapping[str, _Item], places: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    """IRIs of items, and of what a property leads to, each as the same string every time."""
    names: dict[str, str] = {}
    for subject, value in pairs:
        if isinstance(value, ox.NamedNode) and isinstance(subject, ox.NamedNode):
            item = items.get(subject.value)
            if type(item) in places:
                name = value.value
                yield item.iri, names.setdefault(name, name)  # type: ignore[union-attr]


def _listed(cell: str, firsts: Mapping[str, tuple[str, ...]], rests: Mapping[str, str]) -> tuple[str, ...]:
    """What an RDF list names; one that runs in a circle is malformed but must not hang us."""
    found: list[str] = []
    seen: set[str] = set()
    way: str | None = cell
    while way is not None and way not in seen:
        seen.add(way)
        found += firsts.get(way, ())
        way = rests.get(way)
    return tuple(found)
