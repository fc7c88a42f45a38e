"""What is asked: one published state of a graph after the other, wherever it is kept.

Two things publish: `snapshots.Publisher` into folders on this machine, `replica.Replica` to an engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import pyoxigraph as ox


class State(Protocol):
    """One published state; does not change as long as it has readers."""

    @property
    def version(self) -> str:
        """Names the content: equal for equal states."""

    @property
    def place(self) -> Mapping[str, Any]:
        """Where the process that answers queries finds it, as JSON."""

    def enter(self) -> None:
        """One more reader."""

    def leave(self) -> None:
        """One reader less."""


class Publishing(Protocol):
    """The writer of the states."""

    def publish(self, quads: Iterable[ox.Quad], version: str) -> State:
        """Make quads of named graphs, and their union as default graph, the newest state.

        Nothing is written where that version is there already.

        Raises:
            StoreFailed: It cannot be written.
        """

    def amend(self, gone: Iterable[ox.Quad], new: Iterable[ox.Quad], version: str) -> State:
        """Make the newest state one that differs from the last in a few quads.

        Raises:
            StoreFailed: It cannot be written.
        """

    def close(self) -> None:
        """Leave what was published to others."""
