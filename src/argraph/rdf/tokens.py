"""The terminals of Turtle 1.1 (section 6.5), found one at a time and in linear time.

Every repetition in the patterns is possessive: what was matched is never given back, so no input can make
the reader try again and again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from argraph.rdf.document import Span

Token: TypeAlias = tuple[str, Span]
"""A kind and a place. Punctuation is its own kind: `.` `;` `,` `[` `]` `(` `)` `^^`."""

_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_FIRST = _BASE + "_"
_CHARS = _FIRST + "0-9\u00b7\u0300-\u036f\u203f-\u2040\\-"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_PREFIX = rf"[{_BASE}][{_CHARS}]*+(?:\.++[{_CHARS}]++)*+"
_LOCAL = (
    rf"(?:[{_FIRST}0-9:]|{_ESCAPED})(?:[{_CHARS}:]++|{_ESCAPED})*+(?:\.++(?:[{_CHARS}:]++|{_ESCAPED})++)*+"
)
_EXPONENT = "[eE][+-]?[0-9]++"

_KINDS: Final[dict[str, str]] = {
    # What follows a name directly and can follow no name shows that the writer meant it to be part of it.
    "name": rf"(?:{_PREFIX})?+:(?:{_LOCAL})?+(?![/?=&!$*%\\]|[+-][^0-9.])",
    ";": ";",
    ".": r"\.(?![0-9])",
    ",": ",",
    "string": (
        r'"(?!"")(?:[^"\\\r\n]++|\\[^\r\n])*+"'
        r'|"""(?:[^"\\]++|\\(?s:.)|"{1,2}(?!"))*+"""'
        r"|'(?!'')(?:[^'\\\r\n]++|\\[^\r\n])*+'"
        r"|'''(?:[^'\\]++|\\(?s:.)|'{1,2}(?!'))*+'''"
    ),
    "word": rf"{_PREFIX}(?!:)",
    "lang": r"@[A-Za-z]++(?:-[A-Za-z0-9]++)*+(?![-_])",
    "iri": r'<(?:[^\x00-\x20<>"{}|^`\\]++|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>',
    "[": r"\[",
    "]": r"\]",
    "(": r"\(",
    ")": r"\)",
    "number": (rf"[+-]?(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++){_EXPONENT}|[+-]?[0-9]*+\.[0-9]++|[+-]?[0-9]++"),
    "blank": rf"_:[{_FIRST}0-9][{_CHARS}]*+(?:\.++[{_CHARS}]++)*+",
    "^^": r"\^\^",
    "end": r"\Z",
    "wrong": "(?s:.)",
}

KINDS: Final = ("", *_KINDS)
"""The kind of a token by the number of the group that `match` found it with."""

match: Final[Callable[[str, int], re.Match[str] | None]] = re.compile(
    r"(?:[ \t\r\n]++|#[^\r\n]*+)*+(?:" + "|".join(f"({pattern})" for pattern in _KINDS.values()) + ")"
).match
"""White space, comments and one token from an offset on; never None up to the end of the text."""


def token(text: str, offset: int) -> Token:
    """The first token at or after an offset; `wrong` with one character where no token begins, at last `end`.

    >>> token(" 'x'@en", 0)
    ('string', (1, 4))
    """
    found = match(text, offset)
    assert found is not None  # noqa: S101 - the last two patterns match anything
    group = found.lastindex or 0
    return KINDS[group], found.span(group)
