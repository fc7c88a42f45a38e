"""A contributed file as numbered lines in which what was found is marked."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from argraph.diagnostics import Diagnostic, Severity

SIGNS: Final = {Severity.VIOLATION: "✕", Severity.WARNING: "!", Severity.INFO: "i"}
WORDS: Final = {
    Severity.VIOLATION: "must be mended",
    Severity.WARNING: "should be looked at",
    Severity.INFO: "a remark",
}
_WHOLE: Final = 1_500  # lines of a file up to which all are shown
_AROUND: Final = 2  # lines shown before and after a finding in a longer one
_LONGEST: Final = 2_000  # characters of a line that are shown
_RANK: Final = (Severity.INFO, Severity.WARNING, Severity.VIOLATION)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line; severity is empty where nothing was found."""

    text: str
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file.

    Attributes:
        number: From 1.
        pieces: Its text.
        severity: The gravest of what was found in it; may be empty.
        sign: The same as a character.
        word: The same as a word.
        found: What begins in it.
        skipped: Whether lines before it are left out.
    """

    number: int
    pieces: tuple[Piece, ...]
    severity: str
    sign: str
    word: str
    found: tuple[Diagnostic, ...]
    skipped: bool


def marked(text: str, report: Iterable[Diagnostic]) -> tuple[Line, ...]:
    """The lines of a text; of a long one, only those around what was found.

    Args:
        text: The file. A carriage return before a line feed belongs to the line end.
        report: What was found in it; places outside the text are passed over.
    """
    lines = text.split("\n")
    spans: defaultdict[int, list[tuple[int, int, Severity]]] = defaultdict(list)
    found: defaultdict[int, list[Diagnostic]] = defaultdict(list)
    for one in report:
        place = one.location
        found[place.line].append(one)
        for number in range(place.line, min(place.end_line, place.line + 20, len(lines)) + 1):
            start = place.column - 1 if number == place.line else 0
            end = place.end_column - 1 if number == place.end_line else len(lines[number - 1])
            spans[number].append((start, max(start + 1, end), one.severity))
    shown = range(1, len(lines) + 1)
    if len(lines) > _WHOLE:
        near = {n for line in found for n in range(line - _AROUND, line + _AROUND + 1)} or set(range(1, 41))
        chosen = [number for number in shown if number in near][:_WHOLE]
    else:
        chosen = list(shown)
    told, last = [], 0
    for number in chosen:
        grave = max((severity for _, _, severity in spans[number]), key=_RANK.index, default=None)
        told.append(
            Line(
                number,
                _pieces(lines[number - 1].removesuffix("\r")[:_LONGEST], spans[number]),
                grave or "",
                SIGNS[grave] if grave else "",
                WORDS[grave] if grave else "",
                tuple(found[number]),
                number > last + 1,
            )
        )
        last = number
    return tuple(told)


def _pieces(text: str, spans: list[tuple[int, int, Severity]]) -> tuple[Piece, ...]:
    cuts = sorted({0, len(text), *(min(at, len(text)) for start, end, _ in spans for at in (start, end))})
    pieces = []
    for start, end in itertools.pairwise(cuts):
        over = [severity for left, right, severity in spans if left <= start and end <= right]
        pieces.append(Piece(text[start:end], max(over, key=_RANK.index) if over else ""))
    beyond = [severity for left, _, severity in spans if left >= len(text)]
    if beyond:  # what is missing at the end of a line
        pieces.append(Piece(" ", max(beyond, key=_RANK.index)))
    return tuple(pieces)
