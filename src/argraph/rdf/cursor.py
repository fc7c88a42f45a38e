"""A place in the tokens of a Turtle file, and how to find firm ground again after a fault."""

from __future__ import annotations

import re
from typing import Final

from argraph.rdf.document import Span
from argraph.rdf.faults import Enough, Faults
from argraph.rdf.mistakes import begins_statement, explain, quoted
from argraph.rdf.tokens import KINDS, match, token

_INDENT = re.compile(r"[ \t]*+")
_SILENT: Final = 10  # consequences of a fault that are passed over before its statement is given up
ENDS: Final = frozenset([".", ";", ",", "]", ")", "end"])
"""Tokens before which a clause is complete."""


class Lost(Exception):
    """The statement cannot be read on.

    Attributes:
        at: Where a new statement certainly begins, if that is known.
    """

    def __init__(self, at: int | None = None) -> None:
        super().__init__()
        self.at = at


class Cursor:
    """The current token, the one before it, and the statement that they are part of.

    Besides the kinds of `tokens`, a token may be `broken`, a stretch that is no token and stands for a term,
    or `wrong`, one that stands for nothing. Both have their diagnostic already.
    """

    def __init__(self, text: str, faults: Faults) -> None:
        self._text = text
        self._faults = faults
        self._kind = ""
        self._span: Span = (0, 0)
        self._last_kind = ""
        self._last: Span = (0, 0)
        self._begin: Span = (0, 0)  # the first token of the statement
        self._before: Span = (0, 0)  # and that of the statement before it
        self._failed = -1  # where the last fault in the form of a statement is
        self._answered = -1  # the token that revealed it
        self._silent = 0  # how many were not told since then

    def _advance(self) -> None:
        """Go to the next token; what is none is reported here, and becomes `broken` or `wrong`."""
        self._last_kind, self._last = self._kind, self._span
        offset = self._span[1]
        while True:
            found = match(self._text, offset)
            assert found is not None  # noqa: S101 - the pattern matches anything
            group = found.lastindex or 0
            self._kind, self._span = KINDS[group], found.span(group)
            if self._kind != "wrong":
                return
            start = self._span[0]
            mistake = explain(self._text, start)
            offset = mistake.end
            span = mistake.at or (start, mistake.end)
            self._faults.report(mistake.code, span, mistake.message, mistake.hint)
            self._failed = self._answered = start
            if mistake.code == "turtle-encoding":
                raise Enough
            if mistake.reading != "space":
                self._kind = "broken" if mistake.reading == "term" else "wrong"
                self._span = (start, mistake.end)
                return

    def _written(self, span: Span) -> str:
        return self._text[span[0] : span[1]]

    def _fail(self, code: str, span: Span, message: str, hint: str = "") -> bool:
        """Tell of a fault in the form of the statement that the current token reveals; whether it was told.

        A second one on the same line of the same statement is most likely a consequence, and is not told.

        Raises:
            Lost: There are too many of these.
        """
        lines = self._faults.lines
        here = self._span[0]
        same_line = self._failed >= self._begin[0] and lines.place(self._failed)[0] == lines.place(here)[0]
        if same_line or self._answered == here:
            self._faults.mark(span)
            self._silent += 1
            if self._silent > _SILENT:
                raise Lost
            return False
        self._silent = 0
        self._failed, self._answered = span[0], here
        self._faults.report(code, span, message, hint)
        return True

    def _column(self, offset: int) -> int:
        return self._faults.lines.place(offset)[1]

    def _leads_line(self, offset: int) -> bool:
        """Whether only white space stands before an offset on its line."""
        indent = _INDENT.match(self._text, offset - self._column(offset) + 1)
        return indent is not None and indent.end() == offset

    def _missing(self, code: str, mark: str, hint: str = "") -> bool:
        """Report a mark that is missing behind the last token."""
        end = self._last[1]
        if self._last_kind == ";" and mark == ".":
            hint = "Write “.” in place of “;”"
        message = f"After {quoted(self._written(self._last))} a “{mark}” is missing."
        if end < len(self._text) and self._text[end] == "#" and self._last_kind in ("name", "word"):
            hint = "“#” begins a comment, so the rest of that line is not read. Within a name write \\#"
        return self._fail(code, (end, end), message, hint)

    def _kinds_ahead(self) -> list[str]:
        """The kinds of the current and the following terms, up to three or to the next mark.

        A keyword stands for itself, a bracket ends the list.
        """
        kinds: list[str] = []
        kind, span = self._kind, self._span
        while len(kinds) < 3 and kind not in ENDS:
            if kind == "^^":
                kind, span = token(self._text, span[1])
            elif kind != "lang":
                kinds.append(self._written(span) if kind == "word" else kind)
            elif self._written(span) in ("@prefix", "@base"):
                break
            if kind in ("[", "(", "end"):
                break
            kind, span = token(self._text, span[1])
        return kinds

    def _resume(self, at: int | None) -> None:
        """Pass over the rest of a broken statement, up to the first token of the next.

        That is behind a dot which ends a line or has a statement behind it, or where a statement begins at
        the start of a line, as far left as the broken one, though no dot ended that.
        """
        if at is not None and at > self._begin[0]:
            self._span = (at, at)
            self._advance()
            return
        previous, kind, span = self._last_kind, self._kind, self._span
        while kind != "end":
            following = token(self._text, span[1])
            if kind == "." and (self._ends_line(span, following[1]) or self._begins(*following)):
                break
            if span[0] > self._begin[0] and previous not in (";", ",", "[", "(", "^^"):
                outside = self._column(span[0]) <= self._column(self._begin[0])
                if outside and self._leads_line(span[0]) and self._begins(kind, span):
                    span = (span[0], span[0])
                    break
            previous = kind
            start = following[1][0]
            if following[0] == "wrong" and self._text[start] in "\"'":
                # What is in an unclosed text is no place to find a statement in.
                following = ("wrong", (start, explain(self._text, start).end))
            kind, span = following
        self._kind, self._span = kind, span
        if kind != "end":
            self._advance()

    def _ends_line(self, span: Span, following: Span) -> bool:
        between = self._text[span[1] : following[0]]
        return "\n" in between or "\r" in between or following[0] == len(self._text)

    def _begins(self, kind: str, span: Span) -> bool:
        if kind == "word":
            return self._written(span).lower() in ("prefix", "base")
        return begins_statement(self._text, kind, span[1])
