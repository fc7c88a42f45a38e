"""Mappings that share most of their content with another one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from heapq import merge
from typing import TypeVar

_V = TypeVar("_V")


class Patched(Mapping[str, _V]):
    """A mapping in the order of its keys, as it would be with a few of them gone and others put in.

    Making one costs what the few cost; the other mapping, in the order of its keys too, must not change.
    """

    def __init__(self, base: Mapping[str, _V], *, without: Collection[str], put: Mapping[str, _V]) -> None:
        self._base = base
        self._put = dict(sorted(put.items()))
        self._gone = {key for key in (*without, *put) if key in base}

    def __getitem__(self, key: str) -> _V:
        if key in self._put:
            return self._put[key]
        if key in self._gone:
            raise KeyError(key)
        return self._base[key]

    def __contains__(self, key: object) -> bool:
        return key in self._put or (key not in self._gone and key in self._base)

    def __iter__(self) -> Iterator[str]:
        return merge((key for key in self._base if key not in self._gone), self._put)

    def __len__(self) -> int:
        return len(self._base) - len(self._gone) + len(self._put)
