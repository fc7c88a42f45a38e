"""What may reach the query engine: one read query of bounded size and depth that calls no other server.

The engine has no tokeniser: it reads `FILTER(?a<1)SERVICE…` and `trueSERVICE…` as a call to another
server, and a `<` as the start of an IRI or as “less than”, whichever leads further. So a text is not read
once here but in every way that it can be cut into lexemes, and refused when any of them holds something
forbidden.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from argraph.errors import QueryRefused

MAX_BYTES = 64 * 1024
MAX_NESTING = 100
MAX_BRANCHES = 500
"""What may deepen the tree that the engine makes of a query and walks recursively: a tree too deep for its
stack ends the process, not just the query. Measured to hold, up to both limits, on half of the usual 8 MB."""

_LEXEME = re.compile(
    r"""
    (?P<blank>[ \t\r\n]+|\#[^\r\n]*)
  | (?P<iri><[^<>"{}|^`\x00-\x20]*>)
  | (?P<string>\"{3}(?:"{0,2}(?:[^"\\]|\\.))*+\"{3} | '{3}(?:'{0,2}(?:[^'\\]|\\.))*+'{3}
      | "(?:[^"\\\r\n]|\\.)*+" | '(?:[^'\\\r\n]|\\.)*+')
  | (?P<variable>[?$][\w\u00b7\u0300-\u036f]+)
  | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<name>(?:[^\W\d][\w.\-\u00b7]{0,255})?:
      (?:(?:[\w:]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])
         (?:[\w:.\-\u00b7\u0300-\u036f]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*+)?)
  | (?P<word>\w+)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*://")
_DOUBTFUL_ESCAPE = re.compile(r"""\\(?![tbnrf"'\\])""")
_SIGN = re.compile(r"!|[+-](?![0-9.])")
_CLAUSES = frozenset(
    {"as", "bind", "exists", "filter", "graph", "lateral", "minus", "optional", "union", "values"}
)
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_CLOSING = frozenset(_PAIRS.values())
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"})


class Lexeme(NamedTuple):
    """A piece of a query: its kind (a group of the pattern above), its wording, and where it begins."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset of what follows."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A query that may be evaluated.

    Attributes:
        text: The query, without a byte order mark.
        lexemes: The query as the standard cuts it, without blanks and comments.
        prologue: Offset where its PREFIX and BASE lines end.
        graphs: The IRIs or prefixed names of its FROM clauses, as written.
    """

    text: str
    lexemes: tuple[Lexeme, ...]
    prologue: int
    graphs: tuple[Lexeme, ...]

    @property
    def variables(self) -> list[str]:
        """Names of the variables in order of appearance, with repetitions."""
        return [lexeme.text[1:] for lexeme in self.lexemes if lexeme.kind == "variable"]

    @property
    def prefixes(self) -> dict[str, Lexeme]:
        """Prefixes that it uses without declaring them, each with the first name that has it."""
        declared = {
            name.text.rstrip(":") for word, name in pairwise(self.lexemes) if word.text.upper() == "PREFIX"
        }
        used: dict[str, Lexeme] = {}
        for lexeme in self.lexemes:
            if lexeme.kind == "name" and (prefix := lexeme.text.partition(":")[0]) not in {"_", *declared}:
                used.setdefault(prefix, lexeme)
        return used

    @property
    def opening(self) -> int:
        """Offset behind the brace that opens the WHERE clause."""
        after_word = (b for a, b in pairwise(self.lexemes) if a.text.upper() == "WHERE" and b.text == "{")
        return next(after_word, next(x for x in self.lexemes if x.text == "{")).end

    @property
    def selects_all(self) -> bool:
        """Whether the query is a `SELECT *`."""
        words = (x.text.upper() for x in self.lexemes if x.start >= self.prologue)
        return next(words, "") == "SELECT" and (
            next((word for word in words if word not in {"DISTINCT", "REDUCED"}), "") == "*"
        )

    @property
    def unpaired(self) -> Lexeme | None:
        """The first bracket that closes nothing, else the innermost one that is never closed."""
        open_: list[Lexeme] = []
        for lexeme in self.lexemes:
            if lexeme.text in _PAIRS:
                open_.append(lexeme)
            elif lexeme.text in _CLOSING and (not open_ or lexeme.text != _PAIRS[open_.pop().text]):
                return lexeme
        return open_[-1] if open_ else None

    @property
    def open_string(self) -> Lexeme | None:
        """The first quotation mark that begins no complete string."""
        return next((x for x in self.lexemes if x.kind == "mark" and x.text in {'"', "'"}), None)


def admit(text: str) -> Admitted:
    """Let a query pass, or say why it may not.

    Whether it is valid SPARQL is for the engine to say; here only what it must not be asked is refused.

    Raises:
        QueryRefused: It is too long or too deeply nested, changes data, or calls another server.
    """
    text = text.removeprefix("\ufeff")  # a byte order mark that an editor left
    _check_size(text)
    lexemes = _check_readings(text)
    first = _after_prologue(lexemes)
    if first is None:
        raise QueryRefused("The query is empty: begin with SELECT, ASK, CONSTRUCT or DESCRIBE.")
    word = first.text.upper()
    if word in _UPDATES:
        raise refused(
            text,
            first.start,
            f"{word} changes data, and this is a read-only place. Changes enter as contributions: Turtle "
            "files that pass “argraph check”.",
        )
    if not word.startswith(_FORMS):
        raise refused(
            text,
            first.start,
            f"A query begins with SELECT, ASK, CONSTRUCT or DESCRIBE, not with “{first.text}”.",
        )
    return Admitted(text, lexemes, first.start, _dataset(lexemes))


def refused(text: str, offset: int, reason: str) -> QueryRefused:
    """The refusal of a query for a reason at an offset of its text, with the line and a caret below it."""
    before = text[:offset]
    line = before.count("\n") + 1
    column = offset - (before.rfind("\n") + 1) + 1
    start = max(0, column - 80)
    source = text.split("\n")[line - 1][start : start + 100].rstrip("\r")
    excerpt = "".join(character if character.isprintable() else " " for character in source)
    caret = " " * (column - 1 - start) + "^"
    message = f"{reason}\nline {line}, column {column}:\n    {excerpt}\n    {caret}"
    return QueryRefused(message, line=line, column=column)


def _check_size(text: str) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise QueryRefused(
            f"Character {error.start + 1} of the query is half of a pair (a surrogate), which is no text."
        ) from None
    if size > MAX_BYTES:
        raise QueryRefused(
            f"The query has {size:,} bytes; at most {MAX_BYTES:,} are read. Ask for less at a time."
        )


class _Load(NamedTuple):
    """What a stretch of text, in one reading, asks of the engine's stack.

    Attributes:
        brackets: How many are open.
        signs: `!`, and `+` and `-` before anything but a number: any may be a prefix that nests what follows.
        branches: Brackets, operators, separators and clauses; and terms after a third one in a row, which
            are items of a list, each of them two triple patterns. Rows of VALUES do not count: the engine
            keeps them flat.
        row: How many terms have come without anything between them.
        values: 2 within the braces of VALUES, 1 on the way to them, else 0.
    """

    brackets: int = 0
    signs: int = 0
    branches: int = 0
    row: int = 0
    values: int = 0

    def after(self, lexeme: Lexeme, text: str) -> _Load:
        if lexeme.kind == "blank":
            return self
        mark = lexeme.text if lexeme.kind == "mark" else ""
        row = 0 if mark else self.row + 1
        values = self._values_after(lexeme, mark)
        branch = values < 2 and (
            (mark and mark not in _CLOSING) or row > 3 or lexeme.text.lower() in _CLAUSES
        )
        return _Load(
            brackets=max(0, self.brackets + (mark in _PAIRS) - (mark in _CLOSING)),
            signs=self.signs + (bool(mark) and _SIGN.match(text, lexeme.start) is not None),
            branches=self.branches + bool(branch),
            row=row,
            values=values,
        )

    def _values_after(self, lexeme: Lexeme, mark: str) -> int:
        if self.values == 2:
            return 0 if mark in {"{", "}"} else 2
        if self.values == 1 and (lexeme.kind == "variable" or mark in {"(", ")", "{"}):
            return 2 if mark == "{" else 1
        return lexeme.text.lower() == "values"

    def or_worse(self, other: _Load) -> _Load:
        """The heavier of both in every respect."""
        return _Load(*map(max, self, other))._replace(values=min(self.values, other.values))


def _check_readings(text: str) -> tuple[Lexeme, ...]:
    """Walk all ways of cutting the text into lexemes: each offset once, with the worst load leading there.

    Returns:
        The lexemes as the standard cuts them, without blanks and comments.
    """
    standard = {}
    loads = {0: _Load()}
    waiting = [0]
    while (at := heapq.heappop(waiting)) < len(text):
        before = loads.pop(at)
        readings = _readings(text, at)
        standard[at] = readings[0]
        for lexeme in readings:
            if _may_call_a_server(lexeme):
                plain = lexeme.text.upper() == "SERVICE"
                raise refused(text, at, _SERVICE if plain else _AMID.format(lexeme.text))
            load = before.after(lexeme, text)
            if load.brackets + load.signs > MAX_NESTING:
                raise refused(text, at, f"The query is nested more than {MAX_NESTING} levels deep here.")
            if load.branches > MAX_BRANCHES:
                raise refused(text, at, _TOO_BRANCHED)
            if lexeme.end in loads:
                load = load.or_worse(loads[lexeme.end])
            else:
                heapq.heappush(waiting, lexeme.end)
            loads[lexeme.end] = load
    return tuple(_in_order(standard))


_TOO_BRANCHED = (
    f"The query has more than {MAX_BRANCHES} patterns, brackets, operators and list items up to here. Ask "
    "for less at a time; a long list of values is best given as VALUES ?x { … }, which may be of any length."
)
_SERVICE = "SERVICE is not permitted: queries are answered from this graph alone and call no other server."
_AMID = (
    "The engine may read SERVICE in “{}”, and SERVICE is not permitted: choose another name, or add blanks."
)


def _may_call_a_server(lexeme: Lexeme) -> bool:
    """Whether the engine may find the keyword SERVICE in a lexeme; it does so amid other letters as well."""
    if lexeme.kind == "name":
        return "service" in lexeme.text.partition(":")[0].lower()
    return lexeme.kind == "word" and "service" in lexeme.text.lower()


def _readings(text: str, at: int) -> list[Lexeme]:
    """The lexemes that may begin at an offset, the standard's (the longest) first."""
    match = next(_LEXEME.finditer(text, at))  # always here: the last alternative takes any character
    first = Lexeme(str(match.lastgroup), match[0], at)
    if first.kind == "iri" and not _ABSOLUTE.match(first.text):
        return [first, Lexeme("mark", "<", at)]
    if first.text.startswith(('"""', "'''")) and _DOUBTFUL_ESCAPE.search(first.text):
        return [first, Lexeme("string", first.text[:2], at)]  # the engine falls back to an empty string
    return [first]


def _in_order(lexemes: dict[int, Lexeme]) -> Iterator[Lexeme]:
    """One lexeme after the other, by where each begins."""
    at = 0
    while lexeme := lexemes.get(at):
        at = lexeme.end
        if lexeme.kind != "blank":
            yield lexeme


def _after_prologue(lexemes: tuple[Lexeme, ...]) -> Lexeme | None:
    """The lexeme that follows the PREFIX, BASE and VERSION lines."""
    rest = iter(lexemes)
    for lexeme in rest:
        arguments = {"PREFIX": 2, "BASE": 1, "VERSION": 1}.get(lexeme.text.upper(), 0)
        if not arguments:
            return lexeme
        for _ in range(arguments):
            next(rest, None)
    return None


def _dataset(lexemes: tuple[Lexeme, ...]) -> tuple[Lexeme, ...]:
    """What FROM and FROM NAMED name: only there does FROM stand outside of all brackets."""
    graphs = []
    depth = 0
    for lexeme, following in pairwise(lexemes):
        depth += (lexeme.text in _PAIRS) - (lexeme.text in _CLOSING)
        clause = lexeme.kind == "word" and lexeme.text.upper() in {"FROM", "NAMED", "FROMNAMED"}
        if depth == 0 and clause and following.kind in {"iri", "name"}:
            graphs.append(following)
    return tuple(graphs)
