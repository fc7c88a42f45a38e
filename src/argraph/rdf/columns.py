"""The triples of a dataset as numbers, a column for each property: small, and counted by numpy.

A term is known by 64 bits that the engine computes of it (SipHash), so that no term is kept. Two of n terms
have the same with a probability of n²/2⁶⁵: three in a million for ten million terms. Then a count is short by
one, and nothing else happens.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyoxigraph as ox

from argraph import vocab

Ints: TypeAlias = npt.NDArray[np.int64]

_CHUNK: Final = 1 << 20  # quads that are taken before their terms are numbered
_BLANK: Final = 0x5BD1E995_2545F491  # the engine's numbers of a blank node and of a literal may be the same
_NONE: Final[Ints] = np.zeros(0, dtype=np.int64)

OBJECT: Final = (1 << 32) - 1
"""The bits of a key that are the number of the object; the others are the subject's."""
LINK: Final = ""
"""In place of a datatype where the objects are IRIs."""
OTHER: Final = "_"
"""In place of a datatype where they are blank nodes or triples."""


class Column(NamedTuple):
    """The triples with a property whose objects are of one sort.

    Attributes:
        property: Its IRI.
        sort: IRI of the datatype of the objects, or `LINK`, or `OTHER`.
    """

    property: str
    sort: str


_Sort: TypeAlias = ox.NamedNode | tuple[ox.NamedNode, ox.NamedNode | str]
_TYPE: Final = ox.NamedNode(vocab.TYPE)
_LANGUAGE: Final = ox.NamedNode(vocab.RDF + "langString")

TYPED: Final = Column(vocab.TYPE, LINK)
"""What is an instance of which class."""


@dataclass(frozen=True)
class Terms:
    """Terms by number. It does not change: more terms make another one.

    Attributes:
        hashes: What they are known by, in order.
        numbers: The number of each, from 0 on.
    """

    hashes: Ints = field(default_factory=lambda: _NONE)
    numbers: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))

    def __len__(self) -> int:
        return len(self.hashes)

    def numbered(self, hashes: Ints) -> tuple[Terms, Ints]:
        """The number of each of some terms, with those numbered that had none."""
        distinct, place = np.unique(hashes, return_inverse=True)
        at = np.searchsorted(self.hashes, distinct)
        known = at < len(self)
        known[known] = self.hashes[at[known]] == distinct[known]
        fresh = ~known
        numbers = np.empty(len(distinct), dtype=np.int32)
        numbers[known] = self.numbers[at[known]]
        numbers[fresh] = np.arange(len(self), len(self) + np.count_nonzero(fresh))
        found = numbers.astype(np.int64)[place.reshape(-1)]
        if known.all():
            return self, found
        more = np.insert(self.hashes, at[fresh], distinct[fresh])
        return Terms(more, np.insert(self.numbers, at[fresh], numbers[fresh])), found


@dataclass(frozen=True)
class Columns:
    """Quads without their graphs. It does not change, and shares with an edited one what is the same.

    It holds 8 bytes for a quad and 20 for a term.

    Attributes:
        keys: For each column its triples, in order, as `subject << 32 | object` in numbers of terms; one that
            several graphs state is there several times.
        terms: The numbers.
        classes: IRI of each term that was met as a class, by its number.
        as_subject: How many quads have a term as subject, by number.
        as_object: The same of objects.
    """

    keys: Mapping[Column, Ints]
    terms: Terms
    classes: Mapping[int, str]
    as_subject: npt.NDArray[np.int32]
    as_object: npt.NDArray[np.int32]

    @classmethod
    def of(cls, quads: Iterable[ox.Quad]) -> tuple[Columns, Counter[str]]:
        """Quads as columns, and how many are in each graph, by its IRI."""
        parts: dict[Column, list[Ints]] = {}
        terms, classes, graphs = Terms(), dict[int, str](), Counter[str]()
        for chunk in _chunks(quads):
            terms, keys, named = chunk.keys(terms)
            classes |= named
            graphs += chunk.graphs
            for column, part in keys.items():
                parts.setdefault(column, []).append(part)
        whole = {}
        for column in list(parts):
            whole[column] = np.concatenate(parts.pop(column))
            whole[column].sort()
        as_subject, as_object = (np.zeros(len(terms), dtype=np.int32) for _ in range(2))
        for keys_of in whole.values():
            _add(as_subject, keys_of >> 32, 1)
            _add(as_object, keys_of & OBJECT, 1)
        return cls(whole, terms, classes, as_subject, as_object), graphs

    def edited(
        self, gone: Iterable[ox.Quad], new: Iterable[ox.Quad]
    ) -> tuple[Columns, Mapping[Column, Ints], Counter[str]]:
        """The same with other quads in place of some, their keys by column, and how the graphs grew.

        Columns that have such keys are copied; all others are shared.

        Raises:
            ValueError: A quad that would go is not there.
        """
        terms, classes = self.terms, dict(self.classes)
        taken, put = dict[Column, Ints](), dict[Column, Ints]()
        graphs = Counter[str]()
        for quads, keys, sign in ((gone, taken, -1), (new, put, 1)):
            for chunk in _chunks(quads):
                terms, found, named = chunk.keys(terms)
                classes |= named
                for graph, count in chunk.graphs.items():
                    graphs[graph] += sign * count
                for column, part in found.items():
                    keys[column] = np.sort(np.concatenate((keys.get(column, _NONE), part)))
        whole = dict(self.keys)
        more = len(terms) - len(self.terms)
        as_subject, as_object = (
            np.concatenate((counts, np.zeros(more, dtype=np.int32)))
            for counts in (self.as_subject, self.as_object)
        )
        concerned = {}
        for column in taken.keys() | put.keys():
            out, in_ = taken.get(column, _NONE), put.get(column, _NONE)
            left = _without(self.keys.get(column, _NONE), out)
            whole[column] = np.insert(left, np.searchsorted(left, in_), in_)
            concerned[column] = np.unique(np.concatenate((out, in_)))
            if not len(whole[column]):
                del whole[column]
            for part, sign in ((out, -1), (in_, 1)):
                _add(as_subject, part >> 32, sign)
                _add(as_object, part & OBJECT, sign)
        other = Columns(whole, terms, classes, as_subject, as_object)
        return other, concerned, graphs

    def triples(self, column: Column) -> Ints:
        """The keys of a column, each once."""
        return once(self.keys.get(column, _NONE))

    def has(self, column: Column, keys: Ints) -> npt.NDArray[np.bool_]:
        """Whether each of some keys is in a column."""
        there = self.keys.get(column, _NONE)
        first, last = (np.searchsorted(there, keys, side) for side in ("left", "right"))
        return first < last

    def about(self, column: Column, subjects: Ints) -> Ints:
        """The keys of a column that have one of some subjects, each once and in order.

        Args:
            column: The column.
            subjects: Numbers of terms, in order and each once.
        """
        keys = self.keys.get(column, _NONE)
        first, last = (np.searchsorted(keys, (subjects + more) << 32) for more in (0, 1))
        return once(keys[_ranges(first, last - first)])

    def leading_to(self, column: Column, objects: npt.NDArray[np.bool_]) -> Ints:
        """The keys of a column whose object is one of some terms, each once and in order.

        Args:
            column: The column; every key is looked at.
            objects: Whether it is one of them, for each term.
        """
        keys = self.keys.get(column, _NONE)
        return once(keys[objects[keys & OBJECT]])


@dataclass(frozen=True)
class _Chunk:
    """Some quads, as what their terms are known by."""

    subjects: array[int]
    objects: array[int]
    places: array[int]
    columns: Sequence[Column]
    classes: Mapping[int, str]
    graphs: Counter[str]

    def keys(self, terms: Terms) -> tuple[Terms, dict[Column, Ints], dict[int, str]]:
        """Their keys by column, with the terms numbered, and the IRIs of classes by number."""
        count = len(self.subjects)
        hashes = np.concatenate(
            [np.array(part, dtype=np.int64) for part in (self.subjects, self.objects, list(self.classes))]
        )
        terms, numbers = terms.numbered(hashes)
        keys = numbers[:count] << 32 | numbers[count : 2 * count]
        places = np.array(self.places, dtype=np.int64)
        order = np.argsort(places, kind="stable")
        found, start = np.unique(places[order], return_index=True)
        parts = np.split(keys[order], start[1:])
        named = dict(zip(numbers[2 * count :].tolist(), self.classes.values(), strict=True))
        return (
            terms,
            {self.columns[place]: part for place, part in zip(found.tolist(), parts, strict=True)},
            named,
        )


class _Places(dict[_Sort, int]):
    """The place of each column among all, by what its triples have in common."""

    def __init__(self, columns: list[Column]) -> None:
        self._columns = columns

    def __missing__(self, sort: _Sort) -> int:
        predicate, of = sort if isinstance(sort, tuple) else (sort, LINK)
        place = self[sort] = len(self._columns)
        self._columns.append(Column(predicate.value, of if isinstance(of, str) else of.value))
        return place


def _chunks(quads: Iterable[ox.Quad]) -> Iterator[_Chunk]:
    """Quads in parts of bounded size."""
    columns = [TYPED]
    place_of = _Places(columns)
    place_of[_TYPE] = 0
    rest = iter(quads)
    while True:
        subjects, objects, places = array("q"), array("q"), array("q")
        classes: dict[int, str] = {}
        graphs: Counter[ox.NamedNode] = Counter()
        for subject, predicate, value, graph in islice(rest, _CHUNK):
            graphs[graph] += 1
            known = hash(value)
            if type(value) is ox.NamedNode:
                place = place_of[predicate]
                if not place:
                    classes[known] = value.value
            elif type(value) is ox.Literal:
                place = place_of[
                    predicate, _LANGUAGE if value.language and not value.direction else value.datatype
                ]
            else:
                known ^= _BLANK
                place = place_of[predicate, OTHER]
            subjects.append(hash(subject) if type(subject) is ox.NamedNode else hash(subject) ^ _BLANK)
            objects.append(known)
            places.append(place)
        if not subjects:
            return
        counts = Counter({name.value: count for name, count in graphs.items()})
        yield _Chunk(subjects, objects, places, columns, classes, counts)


def once(keys: Ints) -> Ints:
    """Numbers that are in order, each once.

    >>> once(np.array([1, 1, 2])).tolist()
    [1, 2]
    """
    if len(keys) < 2:
        return keys
    first = np.empty(len(keys), dtype=np.bool_)
    first[0] = True
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    return keys if first.all() else np.compress(first, keys)


def classes_of(nodes: Ints, typed: Ints) -> tuple[Ints, Ints]:
    """The classes of nodes: for each the place of its node, and its number.

    Args:
        nodes: Numbers of nodes, some perhaps several times.
        typed: The keys of the triples that tell the class of a node, each once and in order.
    """
    first, last = (np.searchsorted(typed, (nodes + more) << 32) for more in (0, 1))
    count = last - first
    row = np.repeat(np.arange(len(nodes)), count)
    classes: Ints = typed[_ranges(first, count)] & OBJECT
    return row, classes


def _ranges(first: Ints, count: Ints) -> Ints:
    """Ranges of numbers, one after the other."""
    before = np.cumsum(count) - count
    found: Ints = np.arange(int(count.sum())) + np.repeat(first - before, count)
    return found


def _add(counts: npt.NDArray[np.int32], numbers: Ints, sign: int) -> None:
    """Count numbers, or take them off."""
    if len(numbers) * 8 > len(counts):
        found = np.bincount(numbers, minlength=len(counts))
        np.add(counts, sign * found, out=counts, casting="unsafe")
    else:
        np.add.at(counts, numbers, sign)


def _without(keys: Ints, gone: Ints) -> Ints:
    """Keys in order without some, each as often as it is among these."""
    if not len(gone):
        return keys
    place = np.arange(len(gone)) - np.searchsorted(gone, gone)  # equal ones are one behind the other
    at = np.searchsorted(keys, gone) + place
    if len(keys) <= at.max() or not np.array_equal(keys[at], gone):
        raise ValueError("A quad that would go was not counted.")
    return np.delete(keys, at)
