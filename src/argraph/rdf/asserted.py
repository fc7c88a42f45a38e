"""What the files of a debate say, read from a published state on disk in place of a copy in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

if TYPE_CHECKING:
    from argraph.rdf.store import Node, Term


_SUBJECTS: Final = 4_096
"""Subjects that are remembered with what is said of them: a page asks for one thing after another of each."""
_MOST: Final = 64
"""Quads of a subject that are remembered; of one with more, none are."""


class Asserted:
    """The named graphs of the files within a published state; it can be asked like a store, from any thread.

    A state holds the union of all graphs as its default graph besides, and graphs that argraph adds: these
    are left out. What is remembered of it takes some tens of megabytes at most.

    Args:
        folder: The state. It must stay where it is, and as it is.
        graphs: IRIs of the named graphs of the files.
        size: How many quads they hold.

    Raises:
        OSError: The folder holds no state, or a damaged one.
    """

    def __init__(self, folder: Path, graphs: Collection[str], size: int) -> None:
        self._store = store = ox.Store.read_only(str(folder))
        self._graphs = known = frozenset(graphs)
        self._size = size

        @lru_cache(maxsize=_SUBJECTS)
        def about(subject: Node | ox.Triple) -> tuple[ox.Quad, ...] | None:
            found = store.quads_for_pattern(subject, None, None, None)
            quads = tuple(quad for quad in found if getattr(quad.graph_name, "value", "") in known)
            return quads if len(quads) <= _MOST else None

        self._about = about

    def quads_for_pattern(
        self,
        subject: Node | ox.Triple | None,
        predicate: ox.NamedNode | None,
        object: Term | ox.Triple | None,
        graph_name: Node | ox.DefaultGraph | None = None,
        /,
    ) -> Iterator[ox.Quad]:
        """The quads that match; None stands for anything."""
        graphs = self._graphs
        if graph_name is not None:
            if getattr(graph_name, "value", "") not in graphs:
                return iter(())
            return self._store.quads_for_pattern(subject, predicate, object, graph_name)
        if subject is not None and (about := self._about(subject)) is not None:
            return (
                quad
                for quad in about
                if (predicate is None or quad.predicate == predicate)
                and (object is None or quad.object == object)
            )
        if subject is None and predicate is None and object is None:
            return iter(self)
        found = self._store.quads_for_pattern(subject, predicate, object, None)
        return (quad for quad in found if getattr(quad.graph_name, "value", "") in graphs)

    def __iter__(self) -> Iterator[ox.Quad]:
        """All quads, one graph after the other."""
        for graph in sorted(self._graphs):
            yield from self._store.quads_for_pattern(None, None, None, ox.NamedNode(graph))

    def __len__(self) -> int:
        return self._size
