"""How far something is that takes long: told by whoever works, drawn by whoever has a reader.

What works takes a `Report` and says nothing to anybody by default. The command line draws it on standard
error (`argraph.app.cli.progress`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeAlias, TypeVar

T = TypeVar("T")

Advance: TypeAlias = Callable[[int], None]
"""Is told how many more are done; costs an addition. From one thread at a time."""


class Report(Protocol):
    """Opens one stage of some work."""

    def __call__(
        self, what: str, /, *, total: int | None = None, unit: str = ""
    ) -> AbstractContextManager[Advance]:
        """A stage; it is over at the end of the `with` block.

        Args:
            what: What is done, as the beginning of a sentence: `Reading the files`.
            total: How many there are; None where that is not known.
            unit: What they are, in the plural: `files`. Empty where nothing is counted: then only the time is
                shown.
        """


@contextmanager
def silent(what: str, /, *, total: int | None = None, unit: str = "") -> Iterator[Advance]:
    """A `Report` to nobody."""
    yield _nothing


def counted(report: Report, what: str, items: Iterable[T], *, total: int | None, unit: str) -> Iterator[T]:
    """Items as they are, each reported as done when the next one is asked for."""
    with report(what, total=total, unit=unit) as advance:
        for item in items:
            yield item
            advance(1)


def _nothing(count: int) -> None:
    pass
