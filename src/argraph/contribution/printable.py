"""Text of strangers on a terminal: what could steer it or hide text becomes visible."""

from __future__ import annotations

import unicodedata
from typing import Final

_TAB: Final = 4


def visible(text: str) -> str:
    r"""Text that is safe on one line of a terminal: control characters become visible stand-ins.

    >>> visible("a\x1b[31m\u202eb")
    'a␛[31m\\u202eb'
    """
    return "".join(shown(char, tab="␉") for char in text)


def shown(char: str, tab: str = " " * _TAB) -> str:
    """A character, or its stand-in: several characters where it has to be told by its number."""
    if char == "\t":
        return tab
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    category = unicodedata.category(char)
    # Format characters reorder or hide text; the joiners that scripts and emoji need stay.
    hidden = category == "Cf" and char not in "\u200c\u200d\u00ad"
    if hidden or category in {"Cc", "Cs", "Zl", "Zp"}:
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return char


def columns(char: str) -> int:
    """How many columns of a terminal a character takes, as it is shown."""
    text = shown(char)
    if len(text) > 1:
        return len(text)
    if unicodedata.combining(text) or unicodedata.category(text) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(text) in "WF" else 1
