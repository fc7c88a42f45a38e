"""What a writer meant where Turtle is broken, so that reading goes on and each mistake is told once.

Where the remedy is plain (a missing dot, comma or bracket) the text is read as if it were mended; otherwise
`Lost` passes over the rest of the statement. Either way the statement yields no triples.
"""

from __future__ import annotations

import re
from typing import Final

from argraph.rdf.cursor import ENDS, Lost
from argraph.rdf.document import Span
from argraph.rdf.grammar import Grammar
from argraph.rdf.mistakes import (
    begins_statement,
    end_of_line,
    excerpt,
    hidden_character,
    next_statement,
    quoted,
)
from argraph.rdf.tokens import token

_BOOLEANS: Final = ("true", "false")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_RUN = re.compile(r"[^\s;,\])]*+")
_TAIL = re.compile(r"[\"'](?:@[A-Za-z-]++|\^\^[^\s;,]++)?+[ \t]*+[;,.\])]")
_NAMES: Final = {",": "comma", ";": "semicolon", ".": "dot"}
_GO_ON: Final = "To go on with the statement above, end its last line with “;” in place of “.”"


class Repair(Grammar):
    """The grammar with its faults explained."""

    # -- where a statement should begin ---------------------------------------------------------------------

    def _no_subject(self) -> None:
        kind, span = self._kind, self._span
        written = excerpt(self._written(span))
        if kind == "broken":
            self._advance()
        elif kind == ".":
            self._fail("turtle-stray-dot", span, "Before this “.” there is no statement: remove it.")
            raise Lost
        elif kind == ";":
            message = "The dot before this “;” has ended the statement. Remove one of the two."
            self._fail("turtle-missing-subject", span, message)
            while self._kind == ";":
                self._advance()
        elif written == "a":
            message = "A statement begins with its subject, not with “a”."
            self._fail("turtle-missing-subject", span, message, _GO_ON)
        elif kind in ("]", ")"):
            self._stray_bracket()
            raise Lost
        elif kind in ("string", "number") or written in _BOOLEANS:
            message = (
                f"{quoted(written)} cannot be a subject: a statement is about a node, such as :a-claim ."
            )
            self._fail("turtle-literal-subject", span, message)
            self._value()
        elif kind == "word":
            self._bare_word(alone=True)
        else:
            if kind != "wrong":
                message = f"A statement cannot begin with “{written}”. Write its subject first."
                self._fail("turtle-missing-subject", span, message)
            raise Lost

    # -- where a property should stand ----------------------------------------------------------------------

    def _no_verb(self) -> None:
        kind, span = self._kind, self._span
        written = self._written(span)
        if kind == "broken":
            self._advance()
        elif kind == "wrong":
            raise Lost
        elif kind in ENDS:
            self._missing_verb()
        elif kind != "word" or written in _BOOLEANS:
            self._literal_verb()
        elif written == "A":
            self._fail(
                "turtle-bad-predicate", span, "The short form of rdf:type is a lower-case “a”.", "Write a"
            )
            self._advance()
        elif written in ("is", "has", "of"):
            message = f"“{written}” is N3, not Turtle. Write the statement with its subject first."
            self._fail("turtle-n3", span, message)
            raise Lost
        else:
            self._bare_word(alone=True)

    def _missing_verb(self) -> None:
        where = "the file ends" if self._kind == "end" else f"“{self._kind}” stands"
        subject = quoted(self._written(self._last))
        message = f"Here {where}, but {subject} still needs a property and a value."
        self._fail("turtle-missing-predicate", self._span, message)
        raise Lost

    def _literal_verb(self) -> None:
        kind, span = self._kind, self._span
        shown = quoted(self._written(span))
        after, _ = token(self._text, span[1])
        if kind not in ("[", "(", "lang", "^^") and after in (".", ";", ",", "lang", "^^"):
            subject = quoted(self._written(self._last))
            if self._seems_to_go_on():
                message = (
                    f"With {subject} and {shown} this statement has two parts only: its subject is missing."
                )
                self._fail("turtle-missing-subject", self._begin, message, _GO_ON)
                return
            message = f"Between {subject} and {shown} a property is missing, such as skos:prefLabel."
            self._fail("turtle-missing-predicate", span, message)
            return
        message = f"{shown} cannot be a property: a property is a name such as skos:prefLabel."
        self._fail("turtle-bad-predicate", span, message)
        self._value()

    # -- where a value should stand -------------------------------------------------------------------------

    def _no_value(self) -> None:
        kind, span = self._kind, self._span
        written = self._written(span)
        if kind == "wrong":
            raise Lost
        if kind == "broken":
            self._advance()
            self._skip_annotation()
        elif kind in ENDS or self._begins_directive():
            self._missing_value()
        elif written == "a":
            self._own_statement(self._last)
            message = "“a” stands for rdf:type only as a property. As a value write rdf:type."
            self._fail("turtle-bad-object", span, message, "Write rdf:type")
            self._advance()
        elif written.lower() in _BOOLEANS:
            message = f"“{written}” is written in lower case."
            self._fail("turtle-bad-object", span, message, f"Write {written.lower()}")
            self._advance()
        elif kind == "word" and self._last_kind == "string" and span[0] == self._last[1]:
            self._broken_text()
        elif kind == "word":
            self._bare_word()
        else:
            message = f"“{excerpt(written)}” cannot stand alone: it follows a text in quotation marks."
            self._fail("turtle-bad-object", span, message)
            self._skip_annotation()

    def _skip_annotation(self) -> None:
        """Pass over the language or datatype of a text that could not be read."""
        if self._kind == "lang" and not self._begins_directive():
            self._advance()
        elif self._kind == "^^":
            self._advance()
            self._datatype()

    def _missing_value(self) -> None:
        message = f"After {quoted(self._written(self._last))} a value is missing."
        hint = ""
        if self._last_kind == ",":
            message = "After this comma another value is missing: add it, or remove the comma."
            if self._kind in (".", ";"):
                hint = f"Write “{self._kind}” in place of the comma"
        elif self._seems_to_go_on():
            hint = _GO_ON
        # The place where the value belongs, not the mark that may stand lines below.
        self._fail("turtle-missing-object", self._last, message, hint)

    # -- behind a value -------------------------------------------------------------------------------------

    def _mark(self, verb: Span, *, first: bool) -> str:
        """The mark that stands, or should stand, behind a value; a comma or semicolon is passed.

        Args:
            verb: The property that the value belongs to.
            first: Whether it is the first value of that property.
        """
        while self._kind not in (".", "end"):
            if self._kind in (",", ";"):
                mark = self._kind
                self._advance()
                return mark
            if self._kind in ("]", ")"):
                if self._closes():
                    break
                self._stray_bracket()
            elif not self._pass_excess():
                return self._missing_mark(verb, first=first)
        return "."

    def _pass_excess(self) -> bool:
        """Pass what cannot follow a value; false when something can, if only there were a mark before it."""
        kind, span = self._kind, self._span
        adjacent = span[0] == self._last[1]
        if kind == "wrong":
            raise Lost
        if self._last_kind == "string" and adjacent and kind not in ("lang", "^^"):
            self._broken_text()
        elif self._last_kind == "number" and adjacent:
            self._broken_number()
        elif kind == "^^" or (kind == "lang" and not self._begins_directive()):
            what = "datatype" if kind == "^^" else "language"
            message = (
                f"A {what} belongs to a text in quotation marks, directly behind it; a text has only one."
            )
            self._fail("turtle-bad-object", span, message)
            self._skip_annotation()
        elif kind == "word" and self._written(span) not in ("a", *_BOOLEANS) and not self._begins_directive():
            self._bare_word()
        else:
            return False
        return True

    def _missing_mark(self, verb: Span, *, first: bool) -> str:
        kinds = self._kinds_ahead()
        if first and len(kinds) == 1:
            self._own_statement(verb)
        mark = self._meant(kinds)
        if mark == "." and self._open:
            return mark  # an open bracket is told of where it should close
        told = self._missing(f"turtle-missing-{_NAMES[mark]}", mark)
        if mark == "." and not told:
            raise Lost  # what follows is more likely a consequence than a statement
        return mark

    def _own_statement(self, verb: Span) -> None:
        """Where three terms stand at the very left, the property is a subject, and a “;” should be a dot.

        Raises:
            Lost: It is so; reading goes on with that subject.
        """
        if self._open or verb == self._begin or not self._leads_line(verb[0]):
            return
        if self._column(verb[0]) <= self._column(self._begin[0]):
            if self._clauses == 1:
                subject = quoted(self._written(self._begin))
                message = (
                    f"Behind {subject} stands no property and no value before the next statement begins."
                )
                self._fail("turtle-missing-predicate", self._begin, message)
                raise Lost(verb[0])
            message = "Behind this “;” a new statement begins: write “.” in its place."
            self._fail("turtle-missing-dot", self._semicolon, message)
            raise Lost(verb[0])

    def _seems_to_go_on(self) -> bool:
        """Whether the statement is indented deeper than the one above, as if it were a part of it."""
        return self._clauses == 1 and self._column(self._begin[0]) > self._column(self._before[0])

    def _meant(self, kinds: list[str]) -> str:
        """The mark that is missing before the terms that follow."""
        leads = self._leads_line(self._span[0])
        outside = self._column(self._span[0]) <= self._column(self._begin[0])
        if not kinds or "a" in kinds[1:2] or self._begins_directive():
            return "."
        if kinds[0] == "a":
            return ";"
        if kinds[0] in ("string", "number", *_BOOLEANS):
            return ","
        if len(kinds) == 1:
            return "." if leads and outside and kinds[0] in ("[", "(") else ","
        if len(kinds) == 2:
            return ";"
        return ";" if leads and not outside else "."

    def _broken_text(self) -> None:
        """A text with quotation marks in it, or one whose closing mark is that of another text."""
        start, end = self._last
        mark = self._text[start]
        if self._text.startswith(mark * 3, start):
            line = self._faults.lines.place(end - 1)[0]
            message = (
                f"This text runs on to line {line}, where the next one begins: write {mark * 3} at its end."
            )
            self._fail("turtle-unterminated-string", (start, start + 3), message)
            following = next_statement(self._text, start + 3, end)
            raise Lost(following if following < end else None)
        message = f"The text ends at this {mark}. Inside a text write \\{mark}, or put {mark * 3} around it."
        self._fail("turtle-quotation-marks", (end - 1, end), message)
        # The text most likely ends at the last quotation mark of the line that has a mark behind it.
        stop = end_of_line(self._text, end)
        tails = [tail.start() for tail in _TAIL.finditer(self._text, end, stop)]
        if not tails:
            raise Lost
        self._span = (start, tails[-1] + 1)
        self._advance()
        self._skip_annotation()

    def _broken_number(self) -> None:
        """A number that runs on: a date, a version or an identifier."""
        start = self._last[0]
        line_start = start - self._column(start) + 1
        while (
            start > line_start and not self._text[start - 1].isspace() and self._text[start - 1] not in ",;[("
        ):
            start -= 1
        run = _RUN.match(self._text, start)
        end = max(self._span[1], run.end() if run else 0)
        while self._text[end - 1] == ".":
            end -= 1
        shown = excerpt(self._text[start:end])
        message = f"“{shown}” is not a number: put it in quotation marks."
        hint = f'Write "{shown}"^^xsd:date' if _DATE.fullmatch(shown) else f'Write "{shown}"'
        self._fail("turtle-bad-number", (start, end), message, hint)
        self._span = (start, end)
        self._advance()

    def _bare_word(self, *, alone: bool = False) -> None:
        """A word that is neither name nor text; unless it is alone, with those behind it on its line."""
        first, last = self._span
        limit = end_of_line(self._text, first)
        closing = _closing_mark(self._text[last:limit])
        if closing >= 0 and not alone:
            message = (
                f"This text has no quotation mark at its start: write {self._text[last + closing]} there."
            )
            self._fail("turtle-quotation-marks", (first, last + closing + 1), message)
            self._span = (first, last + closing + 1)
            self._advance()
            self._skip_annotation()
            return
        kind, span = token(self._text, last)
        words = 1
        while not alone and kind in ("word", "number") and span[1] <= limit:
            words += 1
            last = span[1]
            kind, span = token(self._text, last)
        written = self._text[first:last]
        shown = excerpt(written)
        if alone and kind == "word" and span[1] <= limit:
            message = "This is no statement. A comment begins with # , a text stands in quotation marks."
            self._fail("turtle-bare-text", (first, span[1]), message)
            raise Lost
        if hidden := hidden_character(written):
            message = f"Here stands a {hidden}, which cannot be seen. Remove it."
            self._fail("turtle-invisible-character", (first, last), message)
        elif words > 1:
            hint = f'Write "{written}"' if shown == written else ""
            self._fail("turtle-bare-text", (first, last), "A text stands in quotation marks.", hint)
        else:
            message = f"“{shown}” is neither a name nor a text: a name has a prefix, a text quotation marks."
            hint = f"Write {self.scope.example(written)}" + ("" if alone else f', or "{written}" for a text')
            self._fail("turtle-bare-word", (first, last), message, hint if shown == written else "")
            if alone and self._leads_line(span[0]) and begins_statement(self._text, kind, span[1]):
                raise Lost(span[0])
        self._span = (first, last)
        self._advance()

    # -- brackets -------------------------------------------------------------------------------------------

    def _closes(self) -> bool:
        """Whether the closing bracket here has its opening one; one of the wrong form counts as the right."""
        opener = "[" if self._kind == "]" else "("
        if any(kind == opener for kind, _ in self._open):
            return True
        if not self._open:
            return False
        right = "]" if self._open[-1][0] == "[" else ")"
        line = self._faults.lines.place(self._open[-1][1][0])[0]
        message = f"The “{self._open[-1][0]}” of line {line} is closed by “{right}”, not by “{self._kind}”."
        self._fail("turtle-unclosed-bracket", self._span, message, f"Write {right}")
        self._kind = right
        return True

    def _stray_bracket(self) -> None:
        opener = "[" if self._kind == "]" else "("
        message = f"This “{self._kind}” closes nothing: there is no “{opener}” before it. Remove it."
        self._fail("turtle-stray-bracket", self._span, message)
        self._advance()


def _closing_mark(rest: str) -> int:
    """Where, in the rest of a line, a quotation mark closes a text that has none at its start; else -1."""
    for mark in ('"', "'"):
        at = rest.find(mark)
        if (
            at >= 0
            and rest.count(mark) % 2
            and rest[at + 1 : at + 2] in ("", " ", "@", "^", ",", ";", ".", ")", "]")
        ):
            return at
    return -1
