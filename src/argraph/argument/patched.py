"""Mappings that share most of their content with another one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from heapq import merge
from types import MappingProxyType
from typing import Any, Final, TypeVar

_V = TypeVar("_V")

FEW: Final = 500
"""Keys that may always differ from the mapping beneath; of a large one, an eighth of its keys besides."""


def patched(base: Mapping[str, _V], *, without: Collection[str], put: Mapping[str, _V]) -> Mapping[str, _V]:
    """A mapping as it would be with a few keys gone and others put in; costs what the few cost.

    However many follow on each other, a look-up takes two steps: there is one mapping beneath, and once many
    keys differ from it, all is copied into a new one.

    Args:
        base: The mapping, which must not change any more; in the order of its keys, so is the other one.
        without: What goes.
        put: What is put in.
    """
    if isinstance(base, Patched):
        kept = {key: value for key, value in base._put.items() if key not in without}
        without, put, base = {*without, *base._gone}, {**kept, **put}, base._base
    made = Patched(base, without=without, put=put)
    if made.differing <= FEW + len(base) // 8:
        return made
    return MappingProxyType(dict(made.items()))


class Patched(Mapping[str, _V]):
    """A mapping in the order of its keys, as it would be with a few of them gone and others put in.

    See `patched`, which makes them.
    """

    def __init__(self, base: Mapping[str, _V], *, without: Collection[str], put: Mapping[str, _V]) -> None:
        self._base = base
        self._put = dict(sorted(put.items()))
        self._gone = {key for key in (*without, *put) if key in base}

    @property
    def differing(self) -> int:
        """How many keys are gone or put in."""
        return len(self._gone) + len(self._put)

    def __getitem__(self, key: str) -> _V:
        if key in self._put:
            return self._put[key]
        if key in self._gone:
            raise KeyError(key)
        return self._base[key]

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, else the default."""
        if key in self._put:
            return self._put[key]
        return default if key in self._gone else self._base.get(key, default)

    def __contains__(self, key: object) -> bool:
        return key in self._put or (key not in self._gone and key in self._base)

    def __iter__(self) -> Iterator[str]:
        return merge((key for key in self._base if key not in self._gone), self._put)

    def __len__(self) -> int:
        return len(self._base) - len(self._gone) + len(self._put)
