"""How much of what a dataset holds, and the same as VoID, from which query editors learn what there is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias, TypeVar

import numpy as np
import pyoxigraph as ox

from argraph import vocab
from argraph.rdf.columns import LINK, OBJECT, OTHER, TYPED, Column, Columns, Ints, classes_of

GRAPH: Final = ox.NamedNode(vocab.STATISTICS_GRAPH)
"""The named graph of the statistics."""
DATASET: Final = vocab.STATISTICS_GRAPH + "#dataset"
"""What the statistics are about."""

_COUNTED: Final = (
    "What the files say and what argraph computes from them: the union of those named graphs, each triple "
    "counted once. The graphs of saved queries, of who accepted what and of these statistics are not counted."
)

Numbers: TypeAlias = Mapping[str, int]
_Name = TypeVar("_Name", str, tuple[str, str], tuple[str, str, str])


@dataclass(frozen=True, slots=True)
class Use:
    """How instances of a class use a property.

    Attributes:
        triples: With the property, and an instance of the class as subject.
        classes: How many of these have an instance of a class as object, by its IRI.
        datatypes: How many of these have a literal of a datatype as object, by its IRI.
    """

    triples: int
    classes: Numbers
    datatypes: Numbers


@dataclass(frozen=True, slots=True)
class Statistics:
    """Numbers of a dataset; all but `graphs` are of the union of its graphs, each triple counted once.

    Attributes:
        triples: How many.
        subjects: Different subjects.
        objects: Different objects.
        graphs: Triples in each named graph, by its IRI.
        classes: Instances of each class, by its IRI.
        properties: Triples with each property, by its IRI.
        uses: How instances of a class use a property, by the IRIs of both.
    """

    triples: int
    subjects: int
    objects: int
    graphs: Numbers
    classes: Numbers
    properties: Numbers
    uses: Mapping[tuple[str, str], Use]
    _columns: Columns = field(repr=False, compare=False)

    @classmethod
    def of(cls, quads: Iterable[ox.Quad]) -> Statistics:
        """Count quads of named graphs.

        What `Columns` holds of them is kept for `amended`.
        """
        columns, graphs = Columns.of(quads)
        typed = columns.triples(TYPED)
        counted = _Counts()
        for column in columns.keys:
            keys = columns.triples(column)
            counted.add(column, keys, columns.classes, 1)
            counted.use(column, keys, typed, columns.classes, 1)
        return counted.told(columns, graphs)

    def amended(self, gone: Iterable[ox.Quad], new: Iterable[ox.Quad]) -> Statistics:
        """The same after some quads went and others came: equal to counting all of them anew.

        What is looked at is the difference, and what was said of nodes whose classes differ. Besides, the
        columns of the properties that the difference has are copied, 8 bytes for a triple, and where nodes
        that something led to have other classes, all links are searched for them.

        Args:
            gone: Quads that were counted, each once; blank nodes named as they were then.
            new: Quads that were not.

        Raises:
            ValueError: One of the first was not counted.
        """
        before = self._columns
        after, concerned, grown = before.edited(gone, new)
        was, now = before.triples(TYPED), after.triples(TYPED)
        nothing = was[:0]
        counted = _Counts(self)
        lost: dict[Column, Ints] = {}
        came: dict[Column, Ints] = {}
        for column, keys in concerned.items():
            old, young = before.has(column, keys), after.has(column, keys)
            lost[column], came[column] = keys[old & ~young], keys[young & ~old]
            counted.add(column, lost[column], before.classes, -1)
            counted.add(column, came[column], after.classes, 1)
        retyped = np.unique(np.concatenate((lost.get(TYPED, nothing), came.get(TYPED, nothing))) >> 32)
        retyped = retyped[retyped < len(before.terms)]  # of the others nothing was said
        linked = np.zeros(len(before.terms), dtype=np.bool_)
        linked[retyped] = before.as_object[retyped] > 0
        searched = bool(linked.any())
        for column in before.keys.keys() | after.keys.keys():
            out, into = lost.get(column, nothing), came.get(column, nothing)
            parts = [before.about(column, retyped)]
            if searched and column.sort in {LINK, OTHER}:
                parts.append(before.leading_to(column, linked))
            stayed = np.setdiff1d(np.concatenate(parts), out)
            counted.use(column, np.concatenate((out, stayed)), was, before.classes, -1)
            counted.use(column, np.concatenate((into, stayed)), now, after.classes, 1)
        graphs = Counter(self.graphs)
        graphs.update(grown)
        return counted.told(after, graphs)

    def statements(self) -> Iterator[ox.Quad]:
        """The numbers as VoID, as quads of `GRAPH`.

        A class has a partition, that one for each property which its instances use, and that one for each
        class and datatype of the values: this is where editors find what may follow a class or a property.

        Source:
            Describing Linked Datasets with the VoID Vocabulary (2011), section 4.6; datatype partitions:
            http://ldf.fi/void-ext#.
        """
        yield _say(DATASET, vocab.TYPE, ox.NamedNode(vocab.DATASET))
        yield _say(DATASET, vocab.DCTERMS + "description", ox.Literal(_COUNTED, language="en"))
        yield _say(DATASET, vocab.VOID + "vocabulary", ox.NamedNode(vocab.ARG))
        for name, number in (
            ("triples", self.triples),
            ("distinctSubjects", self.subjects),
            ("distinctObjects", self.objects),
            ("classes", len(self.classes)),
            ("properties", len(self.properties)),
        ):
            yield _say(DATASET, vocab.VOID + name, ox.Literal(number))
        numbers = {iri: number for number, iri in enumerate((*self.classes, *self.properties), start=1)}
        for iri, count in self.properties.items():
            yield from _part(DATASET, "property", f"{GRAPH.value}#property-{numbers[iri]}", iri, count)
        for iri, count in self.classes.items():
            yield from _part(DATASET, "class", f"{GRAPH.value}#class-{numbers[iri]}", iri, count)
        for (kind, name), use in self.uses.items():
            whole = f"{GRAPH.value}#class-{numbers[kind]}"
            part = f"{whole}-property-{numbers[name]}"
            yield from _part(whole, "property", part, name, use.triples)
            for place, (iri, count) in enumerate(use.classes.items(), start=1):
                yield from _part(part, "class", f"{part}-class-{place}", iri, count, "triples")
            for place, (iri, count) in enumerate(use.datatypes.items(), start=1):
                yield from _part(part, "datatype", f"{part}-datatype-{place}", iri, count)


class _Counts:
    """What is counted of triples, before it is told."""

    def __init__(self, known: Statistics | None = None) -> None:
        self._triples = known.triples if known else 0
        self._entities = Counter(known.classes if known else {})
        self._properties = Counter(known.properties if known else {})
        self._uses: Counter[tuple[str, str]] = Counter()
        self._classes: Counter[tuple[str, str, str]] = Counter()
        self._datatypes: Counter[tuple[str, str, str]] = Counter()
        for (kind, name), use in (known.uses if known else {}).items():
            self._uses[kind, name] = use.triples
            self._classes.update({(kind, name, to): count for to, count in use.classes.items()})
            self._datatypes.update({(kind, name, of): count for of, count in use.datatypes.items()})

    def add(self, column: Column, keys: Ints, classes: Mapping[int, str], sign: int) -> None:
        """Count triples of a column, or take them off.

        Args:
            column: The column.
            keys: The triples, each once.
            classes: IRIs of classes, by number.
            sign: 1, or -1 to take them off.
        """
        self._triples += sign * len(keys)
        self._properties[column.property] += sign * len(keys)
        if column == TYPED:
            for (kind,), count in _counted(classes, keys & OBJECT):
                self._entities[kind] += sign * count

    def use(self, column: Column, keys: Ints, typed: Ints, classes: Mapping[int, str], sign: int) -> None:
        """Count what they say of instances of classes, or take it off.

        Args:
            column: The column.
            keys: The triples, each once.
            typed: What is an instance of which class, each once and in order.
            classes: IRIs of classes, by number.
            sign: 1, or -1 to take them off.
        """
        if not len(keys):
            return
        name, sort = column
        row, kinds = classes_of(keys >> 32, typed)
        for (kind,), count in _counted(classes, kinds):
            self._uses[kind, name] += sign * count
            if sort not in {LINK, OTHER}:
                self._datatypes[kind, name, sort] += sign * count
        if sort in {LINK, OTHER}:
            inner, within = classes_of((keys & OBJECT)[row], typed)
            for (kind, to), count in _counted(classes, kinds[inner], within):
                self._classes[kind, name, to] += sign * count

    def told(self, columns: Columns, graphs: Mapping[str, int]) -> Statistics:
        """All of it, in the order of the IRIs."""
        parts: dict[tuple[str, str], tuple[dict[str, int], dict[str, int]]] = defaultdict(lambda: ({}, {}))
        for place, counts in enumerate((self._classes, self._datatypes)):
            for (kind, name, last), count in _sorted(counts).items():
                parts[kind, name][place][last] = count
        return Statistics(
            triples=self._triples,
            subjects=int(np.count_nonzero(columns.as_subject)),
            objects=int(np.count_nonzero(columns.as_object)),
            graphs=_sorted(graphs),
            classes=_sorted(self._entities),
            properties=_sorted(self._properties),
            uses={key: Use(count, *parts[key]) for key, count in _sorted(self._uses).items()},
            _columns=columns,
        )


def _counted(classes: Mapping[int, str], *columns: Ints) -> Iterator[tuple[tuple[str, ...], int]]:
    """How often each row of classes is there.

    Args:
        classes: IRI of each class, by its number.
        columns: Numbers of classes.
    """
    known = np.sort(np.fromiter(classes, np.int64, len(classes)))
    key = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        key = key * len(known) + np.searchsorted(known, column)
    size = len(known) ** len(columns)
    if size <= 4 * len(key):
        counts = np.bincount(key, minlength=size)
        found = np.flatnonzero(counts)
        counts = counts[found]
    else:
        found, counts = np.unique(key, return_counts=True)
    for place, count in zip(found.tolist(), counts.tolist(), strict=True):
        row = []
        for _ in columns:
            place, number = divmod(place, len(known))
            row.append(classes[int(known[number])])
        yield tuple(reversed(row)), count


def _sorted(counts: Mapping[_Name, int]) -> dict[_Name, int]:
    """What is there, in the order of its names."""
    return {name: count for name, count in sorted(counts.items()) if count}


def _part(whole: str, by: str, part: str, iri: str, count: int, counted: str = "") -> Iterator[ox.Quad]:
    """A partition of a dataset: the triples that have to do with a class, a property or a datatype."""
    base = vocab.VOID_EXT if by == "datatype" else vocab.VOID
    yield _say(whole, f"{base}{by}Partition", ox.NamedNode(part))
    yield _say(part, base + by, ox.NamedNode(iri))
    what = counted or ("entities" if by == "class" else "triples")
    yield _say(part, vocab.VOID + what, ox.Literal(count))


def _say(subject: str, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Quad:
    return ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), value, GRAPH)
