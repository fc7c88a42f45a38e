"""Quads of named graphs in a few stores, one over the other, of which none changes.

So a store with a few graphs changed shares all else with the one before it: making it costs what was changed,
and both can be asked from then on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from argraph.rdf.asserted import Asserted

if TYPE_CHECKING:
    from argraph.rdf.store import Node, Term

STEEP: Final = 8
"""A layer has more than so many times the quads of the next one: what has not is merged with it."""
ROOM: Final = 1_000
"""Quads over the lowest layer that never make it be written anew; else half as many as it has do."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """A store, the IRIs of those of its graphs that are not to be seen, and how many quads these have."""

    store: ox.Store | Asserted
    hidden: frozenset[str] = frozenset()
    unseen: int = 0

    def quads(
        self,
        subject: Node | ox.Triple | None,
        predicate: ox.NamedNode | None,
        object: Term | ox.Triple | None,
        graph: Node | ox.DefaultGraph | None,
    ) -> Iterator[ox.Quad]:
        found = self.store.quads_for_pattern(subject, predicate, object, graph)
        if not self.hidden:
            return found
        hidden = self.hidden
        if graph is not None:
            return iter(()) if getattr(graph, "value", "") in hidden else found
        return (quad for quad in found if getattr(quad.graph_name, "value", "") not in hidden)

    def without(self, graphs: Collection[str]) -> _Layer:
        sizes = {graph: sum(1 for _ in self.quads(None, None, None, ox.NamedNode(graph))) for graph in graphs}
        here = frozenset(graph for graph, size in sizes.items() if size)
        if not here:
            return self
        return _Layer(self.store, self.hidden | here, self.unseen + sum(sizes.values()))


class Layers:
    """Quads in layers; each graph is seen in one of them. There are few: see `STEEP`.

    The stores must not change once they are here.
    """

    def __init__(self, layers: tuple[_Layer, ...], *, lowest: int | None = None) -> None:
        self._layers = layers
        self._lowest = lowest  # quads of the lowest layer, once they were counted

    @classmethod
    def over(cls, store: ox.Store | Asserted | Layers) -> Layers:
        """A store as the only layer; layers are taken as they are."""
        return store if isinstance(store, Layers) else cls((_Layer(store),))

    def without(self, graphs: Collection[str]) -> Layers:
        """The same less some named graphs, by their IRIs; of one that is not there, nothing happens."""
        return Layers(tuple(layer.without(graphs) for layer in self._layers), lowest=self._lowest)

    def beneath(self, store: ox.Store) -> Layers:
        """The same with a further layer above, of graphs that no other layer shows.

        Layers that have become too flat are merged, all of them where they are large in sum.
        """
        if self._lowest is None:
            self._lowest = len(self._layers[0].store)
        lowest = self._lowest
        layers = [*self._layers, _Layer(store)]
        sizes = [lowest, *(len(layer.store) for layer in layers[1:])]
        if sum(sizes[1:]) > max(ROOM, lowest / 2):
            whole = _merged(layers)
            return Layers((whole,), lowest=len(whole.store))
        while len(layers) > 2 and sizes[-2] <= STEEP * sizes[-1]:
            layers[-2:] = [_merged(layers[-2:])]
            sizes[-2:] = [len(layers[-1].store)]
        return Layers(tuple(layers), lowest=lowest)

    def quads_for_pattern(
        self,
        subject: Node | ox.Triple | None,
        predicate: ox.NamedNode | None,
        object: Term | ox.Triple | None,
        graph_name: Node | ox.DefaultGraph | None = None,
        /,
    ) -> Iterator[ox.Quad]:
        """The quads that match; None stands for anything."""
        for layer in self._layers:
            yield from layer.quads(subject, predicate, object, graph_name)

    def __iter__(self) -> Iterator[ox.Quad]:
        return self.quads_for_pattern(None, None, None)

    def __len__(self) -> int:
        lowest, *others = self._layers
        if self._lowest is None:
            self._lowest = len(lowest.store)
        return self._lowest - lowest.unseen + sum(len(layer.store) - layer.unseen for layer in others)

    @property
    def depth(self) -> int:
        """How many layers there are."""
        return len(self._layers)


def _merged(layers: Iterable[_Layer]) -> _Layer:
    store = ox.Store()
    for layer in layers:
        store.extend(layer.quads(None, None, None, None))
    return _Layer(store)
