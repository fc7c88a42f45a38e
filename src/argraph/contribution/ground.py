"""What the gate needs of the graph that files are to join: found out once, and kept for every check."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import copy
from functools import cached_property
from pathlib import PurePath
from typing import Final

import numpy as np
import numpy.typing as npt
import pyoxigraph as ox

from argraph import vocab
from argraph.argument.graph import ArgumentGraph, local_name
from argraph.contribution.likeness import Wordings
from argraph.contribution.suggest import LEAST, folded, tail
from argraph.rdf.store import Amendment, Quads, Store

_TYPE: Final = ox.NamedNode(vocab.TYPE)
_AMENDED: Final = 500  # names that may come and go until all are put in order anew; of many, one in 32 more


class Ground:
    """A store with what is known of it; nothing here may be asked once the store has changed.

    Attributes:
        store: The store.
    """

    def __init__(self, store: Store, argument: Callable[[], ArgumentGraph] | None = None) -> None:
        """Take a store as ground.

        Args:
            store: The graph as it is.
            argument: Gives its argument graph, where somebody has it already.
        """
        self.store = store
        self._argument: Callable[[], ArgumentGraph] | None = argument

    @classmethod
    def of(cls, store: Store | Ground) -> Ground:
        """A store as ground; one that is ground already stays so."""
        return cls(store) if isinstance(store, Store) else store

    def amended(self, told: Amendment, argument: ArgumentGraph) -> Ground:
        """The ground of the store after an amendment; what is known of this one is amended with it.

        Args:
            told: What became of the store.
            argument: The argument graph afterwards, as this ground's was edited.
        """
        other = Ground(told.store)
        other.argument = argument
        if "wordings" in vars(self):
            other.wordings = self.wordings.edited(argument, argument.differences(self.argument)[0])
        if "nodes" in vars(self):
            was, now = self.store.raw, told.store.raw
            touched = {*_typed(was, told.gone), *_typed(now, told.new)}
            there = {
                iri
                for iri in touched
                if next(now.quads_for_pattern(ox.NamedNode(iri), _TYPE, None), None) is not None
            }
            other.nodes = self.nodes.amended(touched, there)
        return other

    @cached_property
    def argument(self) -> ArgumentGraph:
        """The store's argument graph."""
        give, self._argument = self._argument, None  # what gives it may hold this ground in turn
        return give() if give else ArgumentGraph.of(self.store.raw)

    @cached_property
    def declared(self) -> frozenset[tuple[object, object]]:
        """What each debate declares that its nodes' IRIs begin with."""
        quads = self.store.raw.quads_for_pattern(None, ox.NamedNode(vocab.URI_SPACE), None)
        return frozenset((quad.subject, quad.object) for quad in quads)

    @cached_property
    def spaces(self) -> frozenset[str]:
        """The beginnings of IRIs that debates declare."""
        return frozenset(space.value for _, space in self.declared)  # type: ignore[attr-defined]

    @cached_property
    def by_place(self) -> Mapping[str, str]:
        """The path of each file by its absolute path."""
        return {os.path.abspath(path): path for path in self.store.graphs}

    @cached_property
    def by_name(self) -> Mapping[str, str]:
        """A path for each file name."""
        return {PurePath(path).name: path for path in self.store.graphs}

    @cached_property
    def wordings(self) -> Wordings:
        """The texts of its statements."""
        return Wordings.of(self.argument)

    @cached_property
    def nodes(self) -> Named:
        """Its nodes that have a class, by their local names."""
        found = {
            quad.subject.value
            for quad in self.store.raw.quads_for_pattern(None, _TYPE, None)
            if isinstance(quad.subject, ox.NamedNode)
        }
        return Named(found)

    def warm(self) -> None:
        """Find everything out now."""
        for known in (self.spaces, self.by_place, self.by_name, self.wordings, self.nodes):
            assert known is not None  # noqa: S101 - each is found out as it is named here


class Existing:
    """The nodes of a ground that have a class, less those that only some of its files describe.

    Args:
        ground: The ground.
        without: IRIs of those files' graphs.
    """

    def __init__(self, ground: Ground, *, without: Collection[str] = ()) -> None:
        self._ground = ground
        self._raw: Quads = ground.store.raw
        self._without = frozenset(without)

    def __contains__(self, iri: str) -> bool:
        """Whether a node is among them."""
        return any(True for _ in self._said(iri, vocab.TYPE))

    def label(self, iri: str) -> str:
        """A node's label, else its title; of several the first in order. Empty where it has none."""
        for predicate in (vocab.LABEL, vocab.NAME):
            if found := sorted(self._said(iri, predicate)):
                return found[0]
        return ""

    def same(self, local: str) -> list[str]:
        """Nodes with exactly this local name, in order."""
        return [iri for iri in self._ground.nodes.same(local) if not self._without or iri in self]

    def alike(self, local: str) -> Iterator[str]:
        """Local names of nodes, among them all that may be meant by another one."""
        return (name for name in self._ground.nodes.alike(local) if not self._without or self.same(name))

    def _said(self, iri: str, predicate: str) -> Iterator[str]:
        for quad in self._raw.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(predicate), None):
            if getattr(quad.graph_name, "value", "") not in self._without:
                yield quad.object.value  # type: ignore[union-attr]


def _typed(quads: Quads, graphs: Iterable[str]) -> Iterator[str]:
    """IRIs of the nodes that have a class in some graphs."""
    for graph in graphs:
        for quad in quads.quads_for_pattern(None, _TYPE, None, ox.NamedNode(graph)):
            if isinstance(quad.subject, ox.NamedNode):
                yield quad.subject.value


class Named:
    """Many IRIs, by local name.

    To compare a name with each of hundreds of thousands costs a tenth of a second. Two sets of characters
    tell in much less time that most of them are too far away: each character that only one of two words has
    takes a mistake of its own.
    """

    def __init__(self, iris: Iterable[str]) -> None:
        pairs = sorted((local_name(iri), iri) for iri in set(iris))
        self._iris = [iri for _, iri in pairs]
        self._locals = [local for local, _ in pairs]
        self._names = list(dict.fromkeys(self._locals))
        words = [folded(name) for name in self._names]
        self._lengths = np.array([len(word) for word in words], dtype=np.int32)
        self._letters = np.array([_letters(word) for word in words], dtype=np.uint64)
        self._tails = np.array([hash(tail(name)) for name in self._names], dtype=np.int64)
        self._gone: frozenset[str] = frozenset()
        self._new: Named | None = None

    def amended(self, without: Collection[str], put: Collection[str]) -> Named:
        """The same less some IRIs and with others; costs what these do, and those of earlier amendments."""
        gone = self._gone.union(without)
        new = {*put, *(iri for iri in (self._new._iris if self._new else ()) if iri not in without)}
        if len(gone) + len(new) > _AMENDED + len(self._iris) // 32:
            return Named([*(iri for iri in self._iris if iri not in gone), *new])
        other = copy(self)
        other._gone, other._new = gone, Named(new)
        return other

    def same(self, local: str) -> list[str]:
        """Those with exactly this local name, in order."""
        found = self._same(local)
        if self._new is not None:
            found = sorted([*(iri for iri in found if iri not in self._gone), *self._new.same(local)])
        return found

    def _same(self, local: str) -> list[str]:
        first = bisect_left(self._locals, local)
        found = []
        while first < len(self._locals) and self._locals[first] == local:
            found.append(self._iris[first])
            first += 1
        return found

    def alike(self, local: str) -> list[str]:
        """Local names, in order: all that `suggest.nearest` might choose from all, and few others."""
        found = self._alike(local)
        if self._new is not None:
            found = sorted({*(name for name in found if self.same(name)), *self._new.alike(local)})
        return found

    def _alike(self, local: str) -> list[str]:
        word, end = folded(local), tail(local)
        letters = np.uint64(_letters(word))
        longest = np.maximum(self._lengths, len(word))
        mistakes = np.maximum(1, (longest * (1 - LEAST) + 1e-9).astype(np.int32))
        near = np.abs(self._lengths - len(word)) <= mistakes
        (at,) = np.nonzero(near)
        theirs, mistakes = self._letters[at], mistakes[at]
        apart = np.maximum(_count(theirs & ~letters), _count(letters & ~theirs))
        found = set(at[apart <= mistakes].tolist())
        if end:
            found.update(np.nonzero(self._tails == hash(end))[0].tolist())
        return [self._names[i] for i in sorted(found)]


_USUAL: Final = "abcdefghijklmnopqrstuvwxyz0123456789"  # with bits of their own


def _letters(word: str) -> int:
    """The set of a word's characters as bits; some bits stand for several characters."""
    bits = 0
    for char in word:
        place = _USUAL.find(char)
        bits |= 1 << (place if place >= 0 else len(_USUAL) + ord(char) % (64 - len(_USUAL)))
    return bits


_ONES: Final = np.array([value.bit_count() for value in range(1 << 16)], dtype=np.uint8)


def _count(bits: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """How many bits are set in each number."""
    return _ONES[bits.view(np.uint16)].reshape(-1, 4).sum(axis=1, dtype=np.int64)  # type: ignore[no-any-return]
