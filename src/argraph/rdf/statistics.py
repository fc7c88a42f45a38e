"""How much of what a dataset holds, and the same as VoID, from which query editors learn what there is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

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
        graphs: Counter[ox.NamedNode] = Counter()
        triples = set()
        for quad in quads:
            graphs[quad.graph_name] += 1  # type: ignore[index]
            triples.add((quad.subject, quad.predicate, quad.object))
        types: defaultdict[object, list[str]] = defaultdict(list)
        for subject, predicate, value in triples:
            if predicate == _TYPE and isinstance(value, ox.NamedNode):
                types[subject].append(value.value)
        properties: Counter[str] = Counter()
        used: Counter[tuple[str, str]] = Counter()
        classes: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        datatypes: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for subject, predicate, value in triples:
            name = predicate.value
            properties[name] += 1
            for kind in types.get(subject, ()):
                key = kind, name
                used[key] += 1
                if isinstance(value, ox.Literal):
                    datatypes[key][value.datatype.value] += 1
                else:
                    classes[key].update(types.get(value, ()))
        return cls(
            triples=len(triples),
            subjects=len({subject for subject, _, _ in triples}),
            objects=len({value for _, _, value in triples}),
            graphs=_sorted({graph.value: count for graph, count in graphs.items()}),
            classes=_sorted(Counter(kind for kinds in types.values() for kind in kinds)),
            properties=_sorted(properties),
            uses={
                key: Use(used[key], _sorted(classes[key]), _sorted(datatypes[key])) for key in sorted(used)
            },
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


def _sorted(numbers: Numbers) -> Numbers:
    return dict(sorted(numbers.items()))


def _part(whole: str, by: str, part: str, iri: str, count: int, counted: str = "") -> Iterator[ox.Quad]:
    """A partition of a dataset: the triples that have to do with a class, a property or a datatype."""
    base = vocab.VOID_EXT if by == "datatype" else vocab.VOID
    yield _say(whole, f"{base}{by}Partition", ox.NamedNode(part))
    yield _say(part, base + by, ox.NamedNode(iri))
    what = counted or ("entities" if by == "class" else "triples")
    yield _say(part, vocab.VOID + what, ox.Literal(count))


def _say(subject: str, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Quad:
    return ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), value, GRAPH)
