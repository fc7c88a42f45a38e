"""Work that falls into parts, done side by side by processes that share what there was when they began.

Each worker is a fork: it sees the graph as it stood, without a copy, and gives back only what it found. So the
outcome is that of doing the parts one after the other; what is put together from it cannot differ.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import Any, Final, TypeVar

from argraph.errors import ArgraphError, WorkerLost

_Part = TypeVar("_Part")
_Found = TypeVar("_Found")

WORTH: Final = 20_000
"""Triples from which on more than one process is of use."""


def available() -> int:
    """How many processes can run side by side on this machine, as far as it is ours."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


class Workers:
    """So many processes at most, and somebody who is told how far they are.

    Args:
        jobs: How many processes; None for as many as the machine has processors, and one where the work is
            small.
        told: Is called with what is being done, how many parts are done, and how many there are.
    """

    def __init__(self, jobs: int | None = 1, told: Callable[[str, int, int], None] | None = None) -> None:
        self._jobs = jobs
        self._told = told or (lambda _what, _done, _all: None)

    def several(self, weight: int) -> int:
        """How many processes work of so many triples is shared among.

        One where this process has other threads, which a fork would leave behind with their locks held.
        """
        if not hasattr(os, "fork") or sys.platform == "darwin" or threading.active_count() > 1:
            return 1
        if self._jobs is not None:
            return self._jobs
        return available() if weight >= WORTH else 1

    def each(
        self,
        what: str,
        function: Callable[[_Part], _Found],
        parts: Sequence[_Part],
        *,
        weight: int,
        name: Callable[[_Part], str],
    ) -> list[_Found]:
        """What a function finds for each part, in the order of the parts.

        Args:
            what: What is done, for whoever is told.
            function: Must not change anything that others see; what it finds is pickled.
            parts: Are told to workers by number.
            weight: About how many triples they hold together.
            name: Says which files a part is of.

        Raises:
            WorkerLost: A process ended before it had answered.
        """
        jobs = min(self.several(weight), len(parts))
        if jobs <= 1:
            found = []
            for number, part in enumerate(parts):
                self._told(what, number, len(parts))
                found.append(function(part))
            self._told(what, len(parts), len(parts))
            return found
        with _crew(jobs, function, parts) as crew:
            return self._shared_out(what, crew, parts, name)

    def _shared_out(
        self,
        what: str,
        crew: dict[Connection[Any, Any], ForkProcess],
        parts: Sequence[_Part],
        name: Callable[[_Part], str],
    ) -> list[Any]:
        found: dict[int, Any] = {}
        waiting = iter(range(len(parts)))
        busy: dict[Connection[Any, Any], int] = {}

        def next_for(line: Connection[Any, Any]) -> None:
            if (number := next(waiting, None)) is not None:
                busy[line] = number
                with contextlib.suppress(OSError):  # one that is gone is noticed below
                    line.send(number)

        for line in crew:
            next_for(line)
        while busy:
            self._told(what, len(found), len(parts))
            for line in wait(list(busy)):
                assert isinstance(line, Connection)  # noqa: S101 - for the type checker
                number = busy.pop(line)
                try:
                    answer = line.recv()
                except (EOFError, OSError):
                    raise _lost(crew[line], name(parts[number])) from None
                if isinstance(answer, _Raised):
                    raise answer.error(name(parts[number]))
                found[number] = answer
                next_for(line)
        self._told(what, len(parts), len(parts))
        return [found[number] for number in range(len(parts))]


class _Raised:
    """What went wrong in a worker."""

    def __init__(self, error: BaseException) -> None:
        self._error = error if isinstance(error, ArgraphError) else None
        self._memory = isinstance(error, MemoryError)
        self._text = f"{type(error).__name__}: {error}"

    def error(self, files: str) -> ArgraphError:
        """The same for the process that waits."""
        if self._error is not None:
            return self._error
        return WorkerLost(files, "ran out of memory" if self._memory else f"failed ({self._text})")


def _lost(process: ForkProcess, files: str) -> WorkerLost:
    process.join(5)
    code = process.exitcode
    if code is not None and code < 0:
        why = (
            "was killed, perhaps for want of memory" if -code == signal.SIGKILL else f"died of signal {-code}"
        )
    else:
        why = f"ended with code {code}"
    return WorkerLost(files, why)


@contextlib.contextmanager
def _crew(
    jobs: int, function: Callable[[_Part], _Found], parts: Sequence[_Part]
) -> Iterator[dict[Connection[Any, Any], ForkProcess]]:
    """Processes that wait for numbers of parts, by the line to each; none is left when this ends."""
    fork = multiprocessing.get_context("fork")
    crew: dict[Connection[Any, Any], ForkProcess] = {}
    gc.collect()
    gc.freeze()  # to look through what is shared would copy it
    try:
        for _ in range(jobs):
            ours, theirs = fork.Pipe()
            process = fork.Process(target=_work, args=(theirs, [*crew, ours], function, parts), daemon=True)
            process.start()
            theirs.close()
            crew[ours] = process
        yield crew
        for line in crew:
            line.close()  # which ends them
    except BaseException:
        for process in crew.values():
            process.kill()
        raise
    finally:
        gc.unfreeze()
        for process in crew.values():
            process.join()


def _work(
    line: Connection[Any, Any],
    others: list[Connection[Any, Any]],
    function: Callable[[_Part], _Found],
    parts: Sequence[_Part],
) -> None:
    for other in others:
        other.close()  # or nobody would see the end of those lines
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # dies without a word; the process that waits says it
    while True:
        try:
            number = line.recv()
        except (EOFError, OSError):
            return
        try:
            answer: Any = function(parts[number])
        except Exception as error:
            answer = _Raised(error)
        try:
            line.send(answer)
        except OSError:
            return
