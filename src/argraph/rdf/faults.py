"""The faults of one file, collected while it is read."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from argraph.diagnostics import Diagnostic, Severity
from argraph.rdf.document import Lines, Span
from argraph.rdf.mistakes import excerpt

MOST: Final = 100
"""Faults that are told of one file; the bound on them also bounds the work on a hopeless file."""
_LONGEST_LINE: Final = 1_000


class Enough(Exception):
    """There are too many faults to go on."""


class Faults:
    """Diagnostics in the order in which they are found, and which of them the current statement has."""

    def __init__(self, name: str, text: str) -> None:
        self.found: list[Diagnostic] = []
        self._name = name
        self._text = text
        self._pending: list[int] = []

    @cached_property
    def lines(self) -> Lines:
        """Lines and columns; only a file with faults needs them."""
        return Lines(self._text)

    def report(self, code: str, span: Span, message: str, hint: str = "") -> None:
        """Tell of a fault.

        Raises:
            Enough: It was the last one that is told.
        """
        self._add(code, span, message, hint)
        if len(self.found) >= MOST:
            rest = f"Reading stopped here, after {MOST} faults. Mend those above and check the file again."
            self._add("turtle-too-many-faults", span, rest, "")
            raise Enough

    def mark(self, span: Span) -> None:
        """Note that the statement here is faulty without telling of it."""
        self._pending.append(span[0])

    def taken_before(self, offset: int) -> bool:
        """Whether a fault lies before an offset; what lies there is then forgotten."""
        if not self._pending:
            return False
        later = [start for start in self._pending if start >= offset]
        some = len(later) < len(self._pending)
        self._pending = later
        return some

    def _add(self, code: str, span: Span, message: str, hint: str) -> None:
        self.mark(span)
        location = self.lines.location(self._name, span)
        line = self.lines.line(location.line)
        fault = Diagnostic(
            code=code,
            severity=Severity.VIOLATION,
            message=message,
            location=location,
            hint=hint,
            value=excerpt(self._text[span[0] : span[1]], 80),
            source=line if len(line) <= _LONGEST_LINE else "",
        )
        if fault not in self.found:  # a line that is read once more, as a statement of its own
            self.found.append(fault)
