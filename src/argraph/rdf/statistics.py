"""How much of what a dataset holds, and the same as VoID, from which query editors learn what there is."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyoxigraph as ox

from argraph import vocab

GRAPH: Final = ox.NamedNode(vocab.STATISTICS_GRAPH)
"""The named graph of the statistics."""
DATASET: Final = vocab.STATISTICS_GRAPH + "#dataset"
"""What the statistics are about."""

_COUNTED: Final = (
    "What the files say and what argraph computes from them: the union of those named graphs, each triple "
    "counted once. The graphs of saved queries, of who accepted what and of these statistics are not counted."
)
_TYPE: Final = ox.NamedNode(vocab.TYPE)

Numbers: TypeAlias = Mapping[str, int]
Ints: TypeAlias = npt.NDArray[np.int64]


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

    @classmethod
    def of(cls, quads: Iterable[ox.Quad]) -> Statistics:
        """Count quads of named graphs."""
        terms = _Terms()
        graphs: Counter[str] = Counter()
        numbers = array("q")
        for quad in quads:
            graphs[quad.graph_name.value] += 1  # type: ignore[union-attr]
            numbers.extend(map(terms.number, (quad.subject, quad.predicate, quad.object)))
        kind_of = terms.number(_TYPE)
        triples = _distinct(np.array(numbers, dtype=np.int64).reshape(-1, 3), len(terms))
        subject, predicate, value = triples.T
        typed = triples[(predicate == kind_of) & np.isin(value, terms.iris())]  # sorted by subject
        row, kind = _classes_of(subject, typed)
        used = np.column_stack((kind, predicate[row]))
        inner, within = _classes_of(value[row], typed)
        datatype = terms.datatypes()[value[row]]
        literal = datatype >= 0
        classes = terms.grouped(np.column_stack((used[inner], within)))
        datatypes = terms.grouped(np.column_stack((used[literal], datatype[literal])))
        uses = {
            (kind, name): Use(count, classes.get((kind, name), {}), datatypes.get((kind, name), {}))
            for (kind, name), count in terms.counted(used).items()
        }
        return cls(
            triples=len(triples),
            subjects=len(np.unique(subject)),
            objects=len(np.unique(value)),
            graphs=dict(sorted(graphs.items())),
            classes={iri: count for (iri,), count in terms.counted(typed[:, 2:]).items()},
            properties={iri: count for (iri,), count in terms.counted(triples[:, 1:2]).items()},
            uses=uses,
        )

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


class _Terms:
    """Terms by number: once they are numbers, numpy counts them."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}
        self._iris: dict[int, str] = {}
        self._datatypes = array("q")

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, term: object) -> int:
        """The number of a term: a new one where it was not met before."""
        known = self._numbers.get(term)
        if known is not None:
            return known
        datatype = self.number(term.datatype) if isinstance(term, ox.Literal) else -1
        number = self._numbers[term] = len(self._numbers)
        self._datatypes.append(datatype)
        if isinstance(term, ox.NamedNode):
            self._iris[number] = term.value
        return number

    def iris(self) -> Ints:
        """The numbers of all IRIs."""
        return np.fromiter(self._iris, dtype=np.int64)

    def datatypes(self) -> Ints:
        """The number of the datatype of each term; negative for what is no literal."""
        return np.array(self._datatypes, dtype=np.int64)

    def counted(self, rows: Ints) -> dict[tuple[str, ...], int]:
        """How often each row of IRIs is there, in the order of the IRIs."""
        key = np.zeros(len(rows), dtype=np.int64)
        for column in rows.T:
            values, place = np.unique(column, return_inverse=True)
            key = key * len(values) + place
        _, first, counts = np.unique(key, return_index=True, return_counts=True)
        found = zip(rows[first].tolist(), counts.tolist(), strict=True)
        return dict(sorted((tuple(self._iris[number] for number in row), count) for row, count in found))

    def grouped(self, rows: Ints) -> dict[tuple[str, str], dict[str, int]]:
        """The same for rows of three, by the first two."""
        found: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        for (kind, name, last), count in self.counted(rows).items():
            found[kind, name][last] = count
        return found


def _distinct(triples: Ints, terms: int) -> Ints:
    """Triples of numbers of so many terms, each once, sorted by subject."""
    predicates, place = np.unique(triples[:, 1], return_inverse=True)
    key = (triples[:, 0] * max(1, len(predicates)) + place) * terms + triples[:, 2]
    return triples[np.unique(key, return_index=True)[1]]


def _classes_of(nodes: Ints, typed: Ints) -> tuple[Ints, Ints]:
    """The classes of nodes: for each the place of its node, and its number.

    Args:
        nodes: Numbers of nodes, some perhaps several times.
        typed: Triples that tell the class of a node, sorted by node.
    """
    first, last = (np.searchsorted(typed[:, 0], nodes, side) for side in ("left", "right"))
    count = last - first
    row = np.repeat(np.arange(len(nodes)), count)
    within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return row, typed[first[row] + within, 2]


def _part(whole: str, by: str, part: str, iri: str, count: int, counted: str = "") -> Iterator[ox.Quad]:
    """A partition of a dataset: the triples that have to do with a class, a property or a datatype."""
    base = vocab.VOID_EXT if by == "datatype" else vocab.VOID
    yield _say(whole, f"{base}{by}Partition", ox.NamedNode(part))
    yield _say(part, base + by, ox.NamedNode(iri))
    what = counted or ("entities" if by == "class" else "triples")
    yield _say(part, vocab.VOID + what, ox.Literal(count))


def _say(subject: str, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Quad:
    return ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), value, GRAPH)
