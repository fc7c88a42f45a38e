"""Progress on standard error: one line that is rewritten on a terminal, a line now and then in a log.

Own code, since click's bar knows no rate, cannot wait before it shows, and says nothing in a log.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, RLock, Thread
from typing import Final, TextIO

from argraph.progress import Advance

DELAY: Final = 2.0
"""Seconds before anything is shown: what is over sooner is not worth a line."""
_TERMINAL, _LOG = 0.2, 5.0  # seconds between two lines


class Lines:
    """A `progress.Report` that writes.

    Stages within stages are shown one at a time, the innermost one.

    Args:
        file: Where to; standard error by default.
        delay: Seconds before a stage is shown.
        pause: Seconds between two lines; by default few on a terminal and more elsewhere.
    """

    def __init__(
        self, file: TextIO | None = None, *, delay: float = DELAY, pause: float | None = None
    ) -> None:
        self._file = file or sys.stderr
        self._terminal = self._file.isatty()
        self._delay = delay
        self._pause = pause or (_TERMINAL if self._terminal else _LOG)
        self._stages: list[_Stage] = []
        self._lock = RLock()

    @contextmanager
    def __call__(self, what: str, /, *, total: int | None = None, unit: str = "") -> Iterator[Advance]:
        """See `progress.Report`."""
        stage = _Stage(what, total, unit)
        over = Event()
        with self._lock:
            self._stages.append(stage)
        thread = Thread(target=self._show, args=(stage, over), daemon=True, name="progress")
        thread.start()
        try:
            yield stage.advance
        except BaseException:
            self._end(stage, over, thread)
            raise
        self._end(stage, over, thread, told=stage.outcome())

    def _show(self, stage: _Stage, over: Event) -> None:
        """Write lines until the stage is over."""
        if over.wait(self._delay):
            return
        while True:
            with self._lock:
                if over.is_set():
                    return
                stage.shown = True
                if self._stages[-1] is stage:
                    self._write(stage.line(), passing=True)
            if over.wait(self._pause):
                return

    def _end(self, stage: _Stage, over: Event, thread: Thread, told: str = "") -> None:
        over.set()
        thread.join()
        with self._lock:
            self._stages.remove(stage)
            if stage.shown:
                self._write(told, passing=False)

    def _write(self, line: str, *, passing: bool) -> None:
        try:
            if self._terminal:
                width = max(20, shutil.get_terminal_size().columns - 1)
                self._file.write(f"\r\x1b[K{line[:width]}" + "\n" * bool(line and not passing))
            elif line:
                self._file.write(f"{line}\n")
            self._file.flush()
        except (OSError, ValueError):  # whoever read it has gone; the work goes on
            pass


class _Stage:
    def __init__(self, what: str, total: int | None, unit: str) -> None:
        self.shown = False
        self._what, self._total, self._unit = what, total, unit
        self._done = 0
        self._began = time.monotonic()

    def advance(self, count: int) -> None:
        self._done += count

    def line(self) -> str:
        """How far it is now."""
        seconds = time.monotonic() - self._began
        if not self._unit:
            return f"{self._what}: {_time(seconds)} so far"
        of = f" of {self._total:,}" if self._total is not None else ""
        told = f"{self._what}: {self._done:,}{of} {self._unit}"
        if not self._done or not seconds:
            return told
        told += f", {_rate(self._done / seconds)} a second"
        if self._total is None or self._done > self._total:
            return told
        return f"{told}, about {_time((self._total - self._done) * seconds / self._done)} left"

    def outcome(self) -> str:
        """What came of it."""
        seconds = time.monotonic() - self._began
        if not self._unit or not seconds:
            return f"{self._what}: done in {_time(seconds)}"
        rate = _rate(self._done / seconds)
        return f"{self._what}: {self._done:,} {self._unit} in {_time(seconds)}, {rate} a second"


def _rate(number: float) -> str:
    """How many a second, in few digits.

    >>> _rate(1234.5), _rate(3.21)
    ('1,234', '3.2')
    """
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}"


def _time(seconds: float) -> str:
    """A time as people say it.

    >>> _time(3.4), _time(75), _time(7260)
    ('3 s', '1 min 15 s', '2 h 01 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
