"""Work that falls into parts, done side by side by processes that share what there was when they began.

Each worker is a fork: it sees the graph as it stood, without a copy, and gives back only what it found. So
the outcome is that of doing the parts one after the other; what is put together from it cannot differ.
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
from typing import Any, Final, TypeAlias, TypeVar, cast

from argraph.errors import ArgraphError, WorkerLost
from argraph.progress import Advance, Report, silent

_Part = TypeVar("_Part")
_Found = TypeVar("_Found")

Files: TypeAlias = tuple[str, ...]
"""Paths of the files that a part of the work is of."""

Line: TypeAlias = "Connection[Any, Any]"
Crew: TypeAlias = dict[Line, ForkProcess]

WORTH: Final = 20_000
"""Triples from which on more than one process is of use: two are as fast as one at about 16,000."""


def available() -> int:
    """How many processes can run side by side on this machine, as far as it is ours."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Keep Python from looking for garbage while much is built that stays."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Workers:
    """So many processes at most, and somebody who is told how far they are.

    Args:
        jobs: How many processes; None for as many as the machine has processors, and one where the work is
            small.
        report: Is told of each stage of the work.
    """

    def __init__(self, jobs: int | None = 1, report: Report = silent) -> None:
        self._jobs = jobs
        self.report = report

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
        parts: Sequence[tuple[Files, _Part]],
        *,
        weight: int,
    ) -> list[_Found]:
        """What a function finds for each part, in the order of the parts.

        Args:
            what: What is done, for whoever is told.
            function: Must not change anything that others see; what it finds is pickled.
            parts: Each with the files that it is of.
            weight: About how many triples they hold together.

        Raises:
            WorkerLost: A process ended before it had answered.
            ArgraphError: None can be started.
        """
        jobs = min(self.several(weight), len(parts))
        total = sum(len(files) for files, _ in parts)
        if jobs <= 1:
            found = []
            with self.report(what, total=total, unit="files") as advance:
                for files, part in parts:
                    found.append(function(part))
                    advance(len(files))
            return found
        # First the forks: whoever reports may do so in a thread.
        with _crew(jobs, function, parts) as crew, self.report(what, total=total, unit="files") as advance:
            return _shared_out(crew, [files for files, _ in parts], advance)


def _shared_out(crew: Crew, files: Sequence[Files], advance: Advance) -> list[Any]:
    """The answers of processes that are given one part after the other."""
    found: dict[int, Any] = {}
    waiting = iter(range(len(files)))
    busy: dict[Line, int] = {}

    def next_for(line: Line) -> None:
        if (number := next(waiting, None)) is not None:
            busy[line] = number
            with contextlib.suppress(OSError):  # one that is gone is noticed below
                line.send(number)

    for line in crew:
        next_for(line)
    while busy:
        for ready in wait(list(busy)):
            line = cast("Line", ready)
            number = busy.pop(line)
            try:
                answer = line.recv()
            except (EOFError, OSError):
                raise _lost(crew[line], files[number]) from None
            if isinstance(answer, _Raised):
                raise answer.error(files[number])
            found[number] = answer
            advance(len(files[number]))
            next_for(line)
    return [found[number] for number in range(len(files))]


def _named(files: Files) -> str:
    if len(files) > 1:
        return f"{files[0]} … {files[-1]} ({len(files)} files)"
    return files[0] if files else "what the files link to"


class _Raised:
    """What went wrong in a worker."""

    def __init__(self, error: BaseException) -> None:
        # As text, since not every error can be pickled.
        self._ours = isinstance(error, ArgraphError)
        self._memory = isinstance(error, MemoryError)
        self._text = str(error) if self._ours else f"{type(error).__name__}: {error}"

    def error(self, files: Files) -> ArgraphError:
        """The same for the process that waits."""
        if self._ours:
            return ArgraphError(self._text)
        return WorkerLost(_named(files), "ran out of memory" if self._memory else f"failed ({self._text})")


def _lost(process: ForkProcess, files: Files) -> WorkerLost:
    process.join(5)
    code = process.exitcode
    if code is not None and code < 0:
        why = f"died of signal {-code}"
        if -code == signal.SIGKILL:
            why = "was killed, perhaps for want of memory"
    else:
        why = f"ended with code {code}"
    return WorkerLost(_named(files), why)


@contextlib.contextmanager
def _crew(
    jobs: int, function: Callable[[_Part], _Found], parts: Sequence[tuple[Files, _Part]]
) -> Iterator[Crew]:
    """Processes that wait for numbers of parts, by the line to each; none is left when this ends."""
    fork = multiprocessing.get_context("fork")
    crew: Crew = {}
    gc.freeze()  # to look through what is shared would copy it
    try:
        for _ in range(jobs):
            ours, theirs = fork.Pipe()
            process = fork.Process(target=_work, args=(theirs, [*crew, ours], function, parts), daemon=True)
            try:
                process.start()
            except OSError as error:
                raise ArgraphError(
                    f"No process can be started to share the work ({error.strerror}): use --jobs 1."
                ) from error
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
    line: Line,
    others: list[Line],
    function: Callable[[_Part], _Found],
    parts: Sequence[tuple[Files, _Part]],
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
            answer: Any = function(parts[number][1])
        except Exception as error:
            answer = _Raised(error)
        try:
            line.send(answer)
        except OSError:
            return
