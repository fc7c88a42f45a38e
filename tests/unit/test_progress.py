"""What a long operation tells of itself, and when it says nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from threading import Event

import pytest

from argraph.app.cli.progress import Lines
from argraph.progress import Advance, Report, counted, silent


class _Screen(StringIO):
    """Tells when something was written."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal
        self.written = Event()

    def isatty(self) -> bool:
        return self._terminal

    def write(self, text: str) -> int:
        count = super().write(text)
        if text.strip():
            self.written.set()
        return count


class _Gone(StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_what_is_over_soon_says_nothing() -> None:
    screen = _Screen(terminal=False)
    with Lines(screen)("Reading the files", total=3, unit="files") as advance:
        advance(3)
    assert screen.getvalue() == ""


def test_a_log_gets_whole_lines_with_count_rate_and_what_is_left() -> None:
    screen = _Screen(terminal=False)
    with Lines(screen, delay=0.01, pause=60)("Reading the files", total=2_000, unit="files") as advance:
        advance(1_000)
        assert screen.written.wait(10)
        advance(1_000)
    first, last = screen.getvalue().splitlines()
    assert re.fullmatch(r"Reading the files: 1,000 of 2,000 files, [\d,.]+ a second, about \d+ s left", first)
    assert re.fullmatch(r"Reading the files: 2,000 files in \d+ s, [\d,.]+ a second", last)


def test_a_terminal_gets_one_line_that_is_rewritten_and_ends() -> None:
    screen = _Screen(terminal=True)
    with Lines(screen, delay=0.01, pause=60)("Computing statuses"):
        assert screen.written.wait(10)
    told = screen.getvalue()
    assert told.count("\r\x1b[K") == 2
    assert told.count("\n") == 1
    assert re.search(r"Computing statuses: done in \d+ s\n$", told)


def test_a_stage_within_a_stage_is_shown_alone() -> None:
    screen = _Screen(terminal=False)
    lines = Lines(screen, delay=0.01, pause=0.01)
    with lines("Loading", total=2, unit="parts"):
        with lines("Reading", total=9, unit="files") as advance:
            advance(4)
            assert screen.written.wait(10)
            inner = screen.getvalue()
        screen.written.clear()
        assert screen.written.wait(10)
    assert "Reading: 4 of 9 files" in inner
    assert "Loading: 0 of 2 parts" in screen.getvalue().replace(inner, "", 1)


def test_what_fails_is_not_told_as_done() -> None:
    screen = _Screen(terminal=False)

    def work() -> None:
        with Lines(screen, delay=0.01, pause=60)("Reading"):
            assert screen.written.wait(10)
            raise KeyError

    with pytest.raises(KeyError):
        work()
    assert "done" not in screen.getvalue()


def test_the_work_goes_on_when_nobody_reads_its_progress() -> None:
    with Lines(_Gone(), delay=0.001, pause=0.001)("Reading", unit="files") as advance:
        Event().wait(0.05)
        advance(1)


def test_items_are_counted_as_they_are_taken() -> None:
    told: list[int] = []
    items = counted(_noting(told), "Reading", "abc", total=3, unit="letters")
    assert next(items) == "a"
    assert told == []
    assert [*items] == ["b", "c"]
    assert told == [1, 1, 1]
    assert [*counted(silent, "Reading", "abc", total=3, unit="letters")] == ["a", "b", "c"]


def _noting(told: list[int]) -> Report:
    @contextmanager
    def report(what: str, /, *, total: int | None = None, unit: str = "") -> Iterator[Advance]:
        yield told.append

    return report
