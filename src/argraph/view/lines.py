"""How text breaks into the lines of a card; its height is settled before any browser sees it."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

_ADVANCES: Final = {
    275: "'",
    278: "ijl",
    295: "IJ",
    318: " ,.",
    337: "/:;\\|",
    352: "f",
    361: "-",
    390: "()[]",
    392: "t",
    401: "!",
    411: "r",
    460: '"',
    500: "*_`",
    525: "sz",
    531: "?",
    550: "c",
    557: "L",
    579: "Fk",
    592: "vxy",
    603: "P",
    615: "TYoae",
    636: "EhnuSbdgpq$0123456789{}",
    656: "K",
    686: "AVXZB",
    698: "RC",
    732: "U",
    752: "NH",
    787: "DG&OQ",
    838: "w#+<=>^~",
    863: "M",
    950: "%",
    1000: "mW@",
}
"""Widths in thousandths of the font size: DejaVu Sans, the widest of the fonts that browsers fall back on."""
_WIDTHS: Final = {character: width for width, characters in _ADVANCES.items() for character in characters}
_BOLD: Final = 1.15
_AFTER: Final = frozenset("-/‐–—…|")
"""A line may end behind one of these even without a space."""
_DIRECTIONS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    r"""Text fit to be drawn: one line, without control characters and marks that turn its direction.

    >>> clean("one\n two\x00 \u202ethree")
    'one two three'
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = (
        " " if c.isspace() else "" if c in _DIRECTIONS or unicodedata.category(c) in _UNPRINTABLE else c
        for c in text
    )
    return " ".join("".join(kept).split())


_UNPRINTABLE: Final = frozenset({"Cc", "Cs", "Cn", "Co"})


@lru_cache(maxsize=4096)
def _advance(character: str) -> int:
    width = _WIDTHS.get(character)
    if width is not None:
        return width
    category = unicodedata.category(character)
    if category in {"Mn", "Me", "Cf"}:
        return 0
    if unicodedata.east_asian_width(character) in "WF" or category in {"So", "Lo"}:
        return 1050
    return 1000 if category == "Lu" else 800


def width(text: str, size: float, *, bold: bool = False) -> float:
    """What a text takes at most, in px at a font size in px.

    >>> width("mm", 10)
    20.0
    """
    return sum(map(_advance, text)) * size / 1000 * (_BOLD if bold else 1.0)


def wrap(text: str, room: float, size: float, *, most: int, bold: bool = False) -> tuple[str, ...]:
    """A text as lines that fit; where there are more than `most`, the last ends with an ellipsis.

    Lines break at spaces, behind hyphens and dashes, between wide characters, and within words that are
    wider than a line.

    >>> wrap("Openness lets outsiders look", 100, 14, most=2)
    ('Openness lets', 'outsiders look')
    >>> wrap("Openness lets outsiders look", 120, 14, most=1)
    ('Openness lets…',)

    Args:
        text: What is to be shown; it is cleaned first.
        room: Width of a line in px.
        size: Font size in px.
        most: Lines at most, at least 1.
        bold: Whether it is set in bold.
    """
    scale = size / 1000 * (_BOLD if bold else 1.0)
    limit = room / scale
    lines: list[str] = []
    line, used = "", 0
    for piece, blank in _pieces(clean(text)[: 200 * most], limit):
        taken = sum(map(_advance, piece))
        gap = _advance(" ") if blank and line else 0
        if line and used + gap + taken > limit:
            lines.append(line)
            if len(lines) > most:
                break
            line, used, gap = "", 0, 0
        line, used = line + (" " if gap else "") + piece, used + gap + taken
    lines.append(line)
    if len(lines) <= most:
        return tuple(lines)
    whole = last = lines[most - 1]
    while last and sum(map(_advance, last)) + _advance("…") > limit:
        last = last[:-1]
    if last != whole and len(kept := last.rpartition(" ")[0]) > len(last) / 2:
        last = kept  # rather end with a whole word
    return (*lines[: most - 1], last.rstrip(" ,;:.") + "…")


def _pieces(text: str, limit: float) -> list[tuple[str, bool]]:
    """Parts that stay together, each with whether a space stands before it."""
    found: list[tuple[str, bool]] = []
    for word in text.split(" "):
        piece, used, blank = "", 0, True
        for before, character in zip(" " + word, word, strict=False):
            taken = _advance(character)
            wide = unicodedata.east_asian_width(character) in "WF"
            if piece and (before in _AFTER or wide or used + taken > limit):
                found.append((piece, blank))
                piece, used, blank = "", 0, False
            piece, used = piece + character, used + taken
        found.append((piece, blank))
    return found
